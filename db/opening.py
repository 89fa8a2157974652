"""Opening a database, making one, and copying one aside: what is refused here is never opened. It reads no practice's records."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, func, insert, select, text, update

from appeals.errors import BadConfiguration, CannotWrite, NewerDatabase, NoDatabase, StorageError
from db import place, schema
from db.engine import SAFE_WAL, Database, best_driver, best_mode
from db.schema_people import meta, practice

JOURNAL = "journal_mode"
UPGRADE = "Run `appeals upgrade`: it keeps a copy of the file as it is."


def open_database(path: str | Path, *, driver: ModuleType | None = None) -> Database:
    """The database of this schema at `path`.

    Raises:
        NoDatabase: nothing there, not ours, not finished, or of an older release.
        NewerDatabase: a newer release wrote it.
        BadConfiguration: not private, or this SQLite may not write it safely.
    """
    database = connect(Path(path), driver or best_driver())
    try:
        check_number(database, database.read(number))
        database.read(lambda connection: _check_mode(connection, database))
    except BaseException:
        database.close()
        raise
    return database


def connect(path: Path, driver: ModuleType) -> Database:
    """The database at `path`, of whatever schema: for opening, making and upgrading only."""
    header = place.look(path)
    if header.wal and driver.sqlite_version_info < SAFE_WAL:
        raise BadConfiguration(
            f"{path} is in WAL mode, which SQLite {driver.sqlite_version} of this Python can damage.",
            "Install the driver that wrote it: pip install 'sqlcipher3>=0.6.2'",
        )
    return Database(path, driver, best_mode(driver) if header.empty else "wal" if header.wal else "delete")


def number(connection: Connection) -> int:
    """The schema number of the file; 0 where no table was ever made. Raises NoDatabase when another program made it."""
    application = connection.execute(text("PRAGMA application_id")).scalar_one()
    found: int = connection.execute(text("PRAGMA user_version")).scalar_one()
    if application != schema.APPLICATION and (found or _has_tables(connection)):
        raise NoDatabase("This SQLite file belongs to another program.", "Name the right file: --db FILE")
    return found


def check_number(database: Database, found: int) -> None:
    """Refuse a schema this program does not work with."""
    if found == 0:
        raise NoDatabase(f"{database.path} has no tables yet: its `init` did not finish.", "Run `appeals init` again.")
    if found < schema.NUMBER:
        raise NoDatabase(f"{database.path} is of schema {found}; this program works with {schema.NUMBER}.", UPGRADE)
    if found > schema.NUMBER:
        raise NewerDatabase(
            f"{database.path} is of schema {found}; this program knows {schema.NUMBER}.",
            "A newer release wrote it: install that one (pipx upgrade appeals).",
        )


def _has_tables(connection: Connection) -> bool:
    return connection.execute(text("SELECT 1 FROM sqlite_master LIMIT 1")).first() is not None


def _check_mode(connection: Connection, database: Database) -> None:
    recorded = connection.execute(select(meta.c.value).where(meta.c.name == JOURNAL)).scalar_one()
    found = connection.execute(text("PRAGMA journal_mode")).scalar_one()
    if found != recorded:
        raise BadConfiguration(
            f"{database.path} was made with journal mode {recorded} and is now in {found}: another program changed it.",
            f"Change it back while nobody works: sqlite3 '{database.path}' 'PRAGMA journal_mode = {recorded}'",
        )


def create_database(path: str | Path, *, driver: ModuleType | None = None) -> None:
    """Make a database without a practice, or finish one whose making was interrupted.

    Raises:
        CannotWrite: the place cannot be written, or a practice's records are already there.
        BadConfiguration: `path` is a server's URL, or a file that is not private.
    """
    if "://" in str(path):
        raise BadConfiguration("A database server cannot be used yet.", "Give the path of a file: --db FILE")
    where = Path(path)
    try:
        where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CannotWrite(f"The folder {where.parent} cannot be made: {error.strerror}.", "Name another place: --db FILE") from error
    try:
        place.make_private(where)
    except FileExistsError:
        place.look(where)  # an `init` that was killed left a file that may be finished; anything else is refused
    database = connect(where, driver or best_driver())
    try:
        found = database.read(number)
        if found == 0:
            _set_mode(database, database.mode)
            database.write(lambda connection: _create(connection, database.mode))
        elif database.read(lambda connection: connection.execute(select(func.count()).select_from(practice)).scalar_one()):
            raise CannotWrite(f"There is already a database at {where}.", "Work with it as it is, or name another place: --db FILE")
    finally:
        database.close()


def _create(connection: Connection, mode: str) -> None:
    if number(connection) == 0:  # another `init` may have been faster
        schema.create(connection)
        connection.execute(insert(meta), {"name": JOURNAL, "value": mode})


def _set_mode(database: Database, mode: str) -> None:
    database.alone(f"PRAGMA journal_mode = {mode}")


def copy_database(source: Database, target: Path) -> None:
    """A complete, private copy of a database others may be writing, in one file that can be moved and opened anywhere.

    The copy is in DELETE mode (a file in WAL mode cannot be opened on a read-only disk) and is checked before this returns.

    Raises:
        CannotWrite: something is at `target`, or it cannot be written.
        StorageError: the copy did not come out whole; it is removed.
    """
    try:
        place.make_private(target)
    except FileExistsError as error:
        raise CannotWrite(f"There is already something at {target}.", "Name another place for the copy.") from error
    try:
        source.alone("VACUUM INTO '" + str(target.absolute()).replace("'", "''") + "'")
        copy = Database(target, source.driver, "delete")
        try:
            copy.write(lambda connection: connection.execute(update(meta).where(meta.c.name == JOURNAL), {"value": "delete"}))
            found = copy.read(findings)
        finally:
            copy.close()
        if found:
            raise StorageError(f"The copy of {source.path} is damaged: {found[0]}", "Run `appeals doctor` on the original.")
        _sync(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    place.sync_folder(path.parent)


def findings(connection: Connection) -> tuple[str, ...]:
    """What SQLite's own checks and a look at the triggers find wrong; empty when clean."""
    pages = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    found = [] if pages == ["ok"] else list(pages)
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        found.append(f"a row of {row[0]} names a row of {row[2]} that is not there")
    there = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
    found += [f"the trigger {name} that keeps the audit trail append-only is gone" for name in schema.TRIGGERS if name not in there]
    return tuple(found)
