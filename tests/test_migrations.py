"""Migrations: the baseline is the schema, old files open or are told what to run, and an upgrade keeps a copy."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from appeals import logcheck
from appeals.errors import NewerDatabase, NoDatabase, StorageError
from db import schema
from db.engine import Database, best_driver
from db.opening import create_database
from db.place import make_private
from db.store import SqlStore
from db.upgrade import SCRIPTS, newest_number, run, upgrade

STORED = Path(__file__).parent / "databases"
COPY = f"appeals.schema-{schema.NUMBER}.db"
DRIVERS = [sqlite3] if best_driver() is sqlite3 else [sqlite3, best_driver()]


def unpacked(folder, number):
    """The stored file of a schema number, as it would lie on somebody's disk."""
    path = folder / "appeals.db"
    make_private(path)
    path.write_bytes(gzip.decompress((STORED / f"schema-{number:04d}.db.gz").read_bytes()))
    return path


def shape(path):
    """Every table, index, constraint and trigger of a file, without regard to white space and order."""
    with sqlite3.connect(path) as connection:
        # Some SQLites keep a second table of statistics (sqlite_stat4); what we say stands in the first and is compared by rows.
        rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'").fetchall()
        rows += [("statistic", idx, tbl, stat) for tbl, idx, stat in connection.execute("SELECT tbl, idx, stat FROM sqlite_stat1")]
        numbers = [connection.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id")]
    connection.close()
    return sorted((kind, name, table, defined(kind, sql or "")) for kind, name, table, sql in rows), numbers


def defined(kind, sql):
    """A statement in one line; of a table its definitions sorted, since a column that was added stands behind the constraints."""
    words = " ".join(sql.split())
    if kind != "table":
        return words
    head, _, body = words.partition("(")
    parts, depth, part = [], 0, ""
    for letter in body.removesuffix(")"):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return f"{head.strip()} ({', '.join(sorted([*parts, part.strip()]))})"


def with_next_migration(folder, statements):
    """A copy of the migrations with one more, as a later release would have."""
    scripts = folder / "migrations"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    body = "\n".join(f"    op.execute({statement!r})" for statement in statements)
    number = schema.NUMBER + 1
    (scripts / "versions" / f"{number:04d}_next.py").write_text(
        f'from alembic import op\nrevision = "{number:04d}"\ndown_revision = "{schema.NUMBER:04d}"\ndef upgrade() -> None:\n{body}\n'
    )
    return scripts


def test_the_baseline_and_a_new_file_have_the_same_tables_indexes_constraints_and_triggers(tmp_path):
    create_database(tmp_path / "new.db", driver=sqlite3)
    make_private(tmp_path / "migrated.db")
    migrated = Database(tmp_path / "migrated.db", sqlite3, "delete")
    migrated.write(run)
    migrated.close()
    assert shape(tmp_path / "migrated.db") == shape(tmp_path / "new.db")


def test_the_newest_migration_leads_to_the_schema_this_program_works_with():
    assert newest_number() == schema.NUMBER


def test_the_baseline_says_nothing_that_would_change_when_the_schema_moves_on():
    for migration in (SCRIPTS / "versions").glob("*.py"):
        source = migration.read_text("utf-8")
        assert "from db" not in source and "import db" not in source, migration.name


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.__name__)
@pytest.mark.parametrize("number", range(1, schema.NUMBER + 1))
def test_a_stored_file_of_every_schema_opens_after_an_upgrade_with_all_it_held(tmp_path, driver, number):
    path = unpacked(tmp_path, number)
    assert upgrade(path, driver=driver)[:2] == (number, schema.NUMBER)
    with SqlStore(path, driver=driver) as store:
        assert store.integrity() == ()
        assert logcheck.first_break(store.events(), own=store.head()) is None
        situation = store.situation("A-000001")
        assert (situation.case.state, situation.patient.name) == ("denied", "Jane Doe")
        assert len(situation.denials) == len(situation.clocks) == 1
    create_database(tmp_path / "new.db", driver=driver)
    assert shape(path) == shape(tmp_path / "new.db")


def test_a_file_that_is_up_to_date_is_left_alone(tmp_path):
    path = unpacked(tmp_path, schema.NUMBER)
    before = path.read_bytes()
    assert upgrade(path) == (schema.NUMBER, schema.NUMBER, None)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.__name__)
def test_an_upgrade_copies_the_file_aside_first_and_the_copy_opens(tmp_path, driver):
    path = unpacked(tmp_path, schema.NUMBER)
    scripts = with_next_migration(tmp_path, ["ALTER TABLE person ADD COLUMN telephone VARCHAR NOT NULL DEFAULT ''"])
    before, after, copy = upgrade(path, driver=driver, scripts=scripts)
    assert (before, after, copy) == (schema.NUMBER, schema.NUMBER + 1, tmp_path / COPY)
    with SqlStore(copy, driver=driver) as store:
        assert store.head().size == 3
    with pytest.raises(NewerDatabase):
        SqlStore(path, driver=driver)
    path.unlink()
    copy.rename(path)
    assert upgrade(path, driver=driver, scripts=scripts)[2] == tmp_path / COPY


def test_a_second_copy_does_not_replace_the_first(tmp_path):
    path = unpacked(tmp_path, schema.NUMBER)
    (tmp_path / COPY).write_bytes(b"mine")
    copy = upgrade(path, scripts=with_next_migration(tmp_path, ["SELECT 1"]))[2]
    assert copy == tmp_path / COPY.replace(".db", "-2.db")
    assert (tmp_path / COPY).read_bytes() == b"mine"


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["ALTER TABLE person ADD COLUMN telephone VARCHAR", "SELECT * FROM no_such_table"], id="that stops halfway"),
        pytest.param(["DROP TRIGGER event_no_update"], id="that loses a trigger"),
        pytest.param(["DELETE FROM patient"], id="that leaves a case without its patient"),
    ],
)
def test_a_migration_is_taken_back_whole(tmp_path, statements):
    path = unpacked(tmp_path, schema.NUMBER)
    before = shape(path)
    with pytest.raises((StorageError, OperationalError)):
        upgrade(path, scripts=with_next_migration(tmp_path, statements))
    assert shape(path) == before
    with SqlStore(path) as store:
        assert store.situation("1").patient.name == "Jane Doe"


def test_a_table_can_be_rebuilt_without_its_children_being_lost(tmp_path):
    path = unpacked(tmp_path, schema.NUMBER)
    with closing(sqlite3.connect(path)) as connection:
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'patient'").fetchone()
    upgrade(
        path,
        scripts=with_next_migration(
            tmp_path,
            [
                sql.replace("CREATE TABLE patient", "CREATE TABLE patient_new"),
                "INSERT INTO patient_new SELECT * FROM patient",
                "DROP TABLE patient",
                "ALTER TABLE patient_new RENAME TO patient",
                "CREATE INDEX ix_patient_name_key ON patient (practice_id, name_key)",
            ],
        ),
    )
    with sqlite3.connect(path) as connection:
        assert connection.execute('SELECT count(*) FROM "case" JOIN patient ON patient.id = "case".patient_id').fetchone() == (1,)
    connection.close()


def test_a_newer_and_an_unfinished_file_are_not_upgraded(tmp_path):
    path = unpacked(tmp_path, schema.NUMBER)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(NewerDatabase):
        upgrade(path)
    make_private(tmp_path / "empty.db")
    with pytest.raises(NoDatabase):
        upgrade(tmp_path / "empty.db")
