"""Bringing an older file up to this program's schema, after a copy is put aside. Imports Alembic, so only `appeals upgrade` imports it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from appeals.errors import NewerDatabase, NoDatabase, StaleCase, StorageError
from db.engine import Database, best_driver
from db.failures import AGAIN
from db.opening import connect, copy_database, findings, number

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(path: str | Path, *, driver: ModuleType | None = None, scripts: Path = SCRIPTS) -> tuple[int, int, Path | None]:
    """Migrate the file at `path`: its schema before and after, and where the copy lies (None: it was up to date).

    Raises:
        NoDatabase: there is nothing to upgrade.
        NewerDatabase: a newer release wrote it.
        StaleCase: somebody wrote between the copy and the migration; nothing was changed.
        StorageError: the migrated file did not pass its checks; nothing was changed.
    """
    database = connect(Path(path), driver or best_driver())
    # SQLite ignores this setting inside a transaction, and a table that is rebuilt must not cascade into its children.
    database.foreign_keys = False
    try:
        found, newest = database.read(number), newest_number(scripts)
        if found == 0:
            raise NoDatabase(f"{database.path} has no tables yet: its `init` did not finish.", "Run `appeals init` again.")
        if found > newest:
            raise NewerDatabase(f"{database.path} is of schema {found}; this program knows {newest}.", "Install the release that wrote it.")
        if found == newest:
            return found, newest, None
        seen = database.read(_version_of_data)
        copy = _copy_aside(database, found)
        database.write(lambda connection: _migrate(connection, scripts, seen))
        return found, newest, copy
    finally:
        database.close()


def newest_number(scripts: Path = SCRIPTS) -> int:
    """The schema number the newest migration leads to."""
    return int(ScriptDirectory.from_config(_config(scripts)).get_current_head() or 0)


def run(connection: Connection, scripts: Path = SCRIPTS) -> None:
    """Run every migration the file lacks, inside the caller's transaction, and note the new number where `open` looks."""
    config = _config(scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(text(f"PRAGMA user_version = {newest_number(scripts)}"))


def _migrate(connection: Connection, scripts: Path, seen: int) -> None:
    if _version_of_data(connection) != seen:
        raise StaleCase("Somebody wrote while the copy was made; nothing was changed.", AGAIN)
    run(connection, scripts)
    wrong = findings(connection)
    if wrong:
        raise StorageError(f"The migration was taken back: {wrong[0]}.", "Keep working with the release you had, and report this.")


def _version_of_data(connection: Connection) -> int:
    """Changes when another connection commits (sqlite.org/pragma.html#pragma_data_version)."""
    found: int = connection.execute(text("PRAGMA data_version")).scalar_one()
    return found


def _copy_aside(database: Database, found: int) -> Path:
    """A copy beside the file under a name nothing has yet."""
    path = database.path
    names = (f"{path.stem}.schema-{found}{again}{path.suffix}" for again in ("", *(f"-{count}" for count in range(2, 1000))))
    copy = next(target for name in names if not (target := path.with_name(name)).exists())
    copy_database(database, copy)
    return copy


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return config
