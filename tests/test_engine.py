"""The file and the connection: private, settings that really hold, and refusals that say what to do next."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from appeals.errors import AppealsError, BadConfiguration, CannotWrite, NewerDatabase, NoDatabase, StaleCase, StorageError
from db import engine, schema
from db.engine import SAFE_WAL, best_driver, best_mode, set_and_read
from db.opening import copy_database, create_database, open_database
from db.place import make_private

DRIVERS = [sqlite3] if best_driver() is sqlite3 else [sqlite3, best_driver()]
NO_SQLCIPHER = "the sqlcipher3 driver is not installed"


@pytest.fixture(params=DRIVERS, ids=lambda driver: driver.__name__)
def driver(request):
    return request.param


@pytest.fixture
def path(tmp_path, driver):
    path = tmp_path / "appeals.db"
    create_database(path, driver=driver)
    return path


@pytest.fixture
def database(path, driver):
    database = open_database(path, driver=driver)
    yield database
    database.close()


def asked(database, pragma):
    return database.read(lambda connection: connection.execute(text(f"PRAGMA {pragma}")).scalar_one())


def execute(database, sql):
    database.write(lambda connection: connection.execute(text(sql)))


def refusal(kind, ask):
    """What the refusal says, after a look at its manners: one line, and a way out."""
    with pytest.raises(kind) as told:
        ask()
    assert "\n" not in told.value.message
    assert told.value.hint
    return told.value.message


# Settings.


def test_the_settings_hold_on_every_connection(database):
    expected = {
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "secure_delete": 1,
        "temp_store": 2,
        "busy_timeout": 30_000,
    }
    assert {setting: asked(database, setting) for setting in expected} == expected


def test_the_journal_is_wal_and_full_where_the_sqlite_is_sound_and_delete_and_extra_elsewhere(database, driver):
    sound = driver.sqlite_version_info >= (3, 51, 3)
    assert (asked(database, "journal_mode"), asked(database, "synchronous")) == (("wal", 2) if sound else ("delete", 3))


@pytest.mark.parametrize(("version", "mode"), [((3, 40, 1), "delete"), ((3, 51, 2), "delete"), ((3, 51, 3), "wal"), ((3, 53, 4), "wal")])
def test_sqlite_before_3_51_3_gets_no_write_ahead_log(version, mode):
    assert best_mode(SimpleNamespace(sqlite_version_info=version)) == mode


def test_a_setting_that_does_not_hold_is_refused(driver):
    connection = driver.connect(":memory:", isolation_level=None)
    connection.execute("BEGIN")  # SQLite ignores foreign_keys inside a transaction, without a word
    said = refusal(BadConfiguration, lambda: set_and_read(connection, "foreign_keys", 1))
    connection.close()
    assert said == "SQLite did not take the setting foreign_keys = 1; it stays at 0."


def test_foreign_keys_are_enforced(database):
    with pytest.raises(Exception, match="FOREIGN KEY constraint failed"):
        execute(database, "INSERT INTO provider VALUES ('no-such-practice', 'i', 'Dr. Nobody', '')")


def test_the_mode_is_recorded_and_another_programs_change_of_it_is_refused(path, driver):
    plain = driver.connect(path)
    (recorded,) = plain.execute("SELECT value FROM meta WHERE name = 'journal_mode'").fetchone()
    assert recorded == best_mode(driver)
    plain.execute("UPDATE meta SET value = 'truncate'")
    plain.commit()
    plain.close()
    assert "was made with journal mode truncate" in refusal(BadConfiguration, lambda: open_database(path, driver=driver))


def test_opening_never_changes_the_mode(tmp_path):
    if len(DRIVERS) == 1:
        pytest.skip(NO_SQLCIPHER)
    create_database(tmp_path / "appeals.db", driver=sqlite3)
    database = open_database(tmp_path / "appeals.db", driver=best_driver())
    assert (database.mode, asked(database, "journal_mode"), asked(database, "synchronous")) == ("delete", "delete", 3)
    database.close()


def test_a_wal_file_is_refused_by_an_sqlite_that_could_damage_it(tmp_path):
    if len(DRIVERS) == 1:
        pytest.skip(NO_SQLCIPHER)
    if sqlite3.sqlite_version_info >= SAFE_WAL:
        pytest.skip(f"the SQLite {sqlite3.sqlite_version} of this Python is sound")
    create_database(tmp_path / "appeals.db", driver=best_driver())
    assert "is in WAL mode" in refusal(BadConfiguration, lambda: open_database(tmp_path / "appeals.db", driver=sqlite3))


def test_a_transaction_inside_a_transaction_is_a_mistake_that_shows(database):
    with pytest.raises(Exception, match="QueuePool limit"):
        database.write(lambda connection: database.read(lambda inner: None))


# The file.


def test_only_its_owner_can_read_the_file_and_its_journals_whatever_the_umask(tmp_path, driver):
    before = os.umask(0)
    try:
        create_database(tmp_path / "appeals.db", driver=driver)
        database = open_database(tmp_path / "appeals.db", driver=driver)
        modes = database.write(lambda connection: connection.execute(text("DELETE FROM meta WHERE name = 'x'")) and modes_in(tmp_path))
        database.close()
    finally:
        os.umask(before)
    assert len(modes) == (3 if database.mode == "wal" else 1)
    assert set(modes.values()) == {0o600}


def modes_in(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_a_file_that_others_can_read_is_refused(path, driver, mode):
    path.chmod(mode)
    said = refusal(BadConfiguration, lambda: open_database(path, driver=driver))
    assert said == f"{path} can be read or written by other accounts."
    path.chmod(0o600)
    open_database(path, driver=driver).close()


def test_nothing_there_is_refused_and_not_made(tmp_path, driver):
    for missing in (tmp_path / "appeals.db", tmp_path / "no-folder" / "appeals.db"):
        assert "There is no database at" in refusal(NoDatabase, lambda path=missing: open_database(path, driver=driver))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_a_link_and_a_pipe_are_refused(path, driver, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(path)
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is a folder" in refusal(BadConfiguration, lambda: open_database(tmp_path, driver=driver))
    assert "is a symbolic link" in refusal(BadConfiguration, lambda: open_database(link, driver=driver))
    assert "is not an ordinary file" in refusal(BadConfiguration, lambda: open_database(tmp_path / "pipe", driver=driver))


def test_making_a_database_follows_no_link(tmp_path, driver):
    target = tmp_path / "elsewhere"
    (tmp_path / "appeals.db").symlink_to(target)
    refusal(BadConfiguration, lambda: create_database(tmp_path / "appeals.db", driver=driver))
    assert not target.exists()


@pytest.mark.parametrize("content", [b"%PDF-1.7 " * 50, b"SQLite format 3\0", b"x"])
def test_a_file_that_is_no_database_is_refused(tmp_path, driver, content):
    make_private(tmp_path / "letter.pdf")
    (tmp_path / "letter.pdf").write_bytes(content)
    assert "is not an appeals database" in refusal(NoDatabase, lambda: open_database(tmp_path / "letter.pdf", driver=driver))
    refusal(NoDatabase, lambda: create_database(tmp_path / "letter.pdf", driver=driver))
    assert (tmp_path / "letter.pdf").read_bytes() == content


def test_another_programs_database_is_refused(tmp_path, driver):
    make_private(tmp_path / "places.db")
    with sqlite3.connect(tmp_path / "places.db") as other:
        other.execute("CREATE TABLE moz_places (id INTEGER)")
        other.execute("PRAGMA user_version = 1")
    other.close()
    for ask in (open_database, create_database):
        assert "belongs to another program" in refusal(NoDatabase, lambda ask=ask: ask(tmp_path / "places.db", driver=driver))


@pytest.mark.parametrize(
    ("number", "kind", "way_out"),
    [(schema.NUMBER + 1, NewerDatabase, "install that one"), (0, NoDatabase, "appeals init")],
)
def test_a_file_of_another_schema_is_refused_with_the_command_that_helps(path, driver, number, kind, way_out):
    plain = driver.connect(path)
    plain.execute(f"PRAGMA user_version = {number}")
    plain.close()
    with pytest.raises(kind) as told:
        open_database(path, driver=driver)
    assert way_out in told.value.hint


def test_an_older_file_is_told_to_upgrade(path, driver, monkeypatch):
    monkeypatch.setattr(schema, "NUMBER", schema.NUMBER + 1)  # a later release of this program
    with pytest.raises(NoDatabase) as told:
        open_database(path, driver=driver)
    assert "appeals upgrade" in told.value.hint


def test_a_place_that_cannot_hold_a_database_is_refused(tmp_path, driver):
    (tmp_path / "file").write_bytes(b"")
    said = refusal(CannotWrite, lambda: create_database(tmp_path / "file" / "appeals.db", driver=driver))
    assert said.startswith(f"The folder {tmp_path / 'file'} cannot be made")


def test_a_folder_that_is_missing_is_made_for_this_account_alone(tmp_path, driver):
    create_database(tmp_path / "new" / "appeals.db", driver=driver)
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_file_without_leave_to_write_is_refused(tmp_path, driver):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    refusal(CannotWrite, lambda: create_database(tmp_path / "appeals.db", driver=driver))
    tmp_path.chmod(0o700)


def test_a_database_sqlite_may_only_read_is_told_so(path, driver):
    database = open_database(path, driver=driver)
    database.alone("PRAGMA query_only = ON")  # what a read-only disk does to every write
    assert "cannot be written" in refusal(CannotWrite, lambda: execute(database, "DELETE FROM meta"))
    database.close()


def test_a_full_disk_is_told_and_loses_nothing(database):
    pages = asked(database, "page_count")
    database.alone(f"PRAGMA max_page_count = {pages}")
    big = f"INSERT INTO meta VALUES ('big', hex(zeroblob({1 << 20})))"
    assert "is full" in refusal(StorageError, lambda: execute(database, big))
    assert database.read(lambda connection: connection.execute(text("SELECT count(*) FROM meta")).scalar_one()) == 1


def test_a_damaged_file_is_told_as_damage(path, driver):
    content = bytearray(path.read_bytes())
    content[100:4096] = bytes([0xAA]) * 3996  # the first page of the table of tables
    path.write_bytes(content)
    assert "is damaged" in refusal(StorageError, lambda: open_database(path, driver=driver))


def test_a_server_is_refused_for_now(driver):
    refusal(BadConfiguration, lambda: create_database("postgresql://localhost/appeals", driver=driver))


def test_an_interrupted_making_is_finished_by_the_next_one_and_a_finished_one_is_not_touched(tmp_path, driver):
    path = tmp_path / "appeals.db"
    make_private(path)  # killed after the file was made
    assert "did not finish" in refusal(NoDatabase, lambda: open_database(path, driver=driver))
    create_database(path, driver=driver)
    create_database(path, driver=driver)  # killed before its first practice was added
    database = open_database(path, driver=driver)
    execute(database, "INSERT INTO practice VALUES ('p', 'Made-up', 'UTC', 'NC', 0, 0, '2026-01-01', 'l', 0, '[]', '', 1)")
    database.close()
    assert "already a database" in refusal(CannotWrite, lambda: create_database(path, driver=driver))


# Busy.


def test_a_writer_waits_for_another_and_then_writes(database, path, driver):
    other = driver.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    code = f"import sqlite3,sys\nfrom db.opening import open_database\nfrom sqlalchemy import text\nimport {driver.__name__} as d\n" + (
        f"x = open_database({str(path)!r}, driver=d)\nx.write(lambda c: c.execute(text(\"INSERT INTO meta VALUES ('w', '')\")))\nx.close()"
    )
    waiting = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1])
    time.sleep(1.5)
    assert waiting.poll() is None
    other.execute("COMMIT")
    other.close()
    assert waiting.wait(30) == 0
    assert time.monotonic() - started < 30


def test_who_waits_too_long_is_told_to_try_again(database, path, driver, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.3)
    monkeypatch.setitem(engine.SETTINGS, "busy_timeout", 100)
    impatient = open_database(path, driver=driver)
    other = driver.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = []
    said = refusal(StaleCase, lambda: impatient.write(lambda connection: begun.append("read something that may change")))
    other.close()
    assert begun == [], "a writer has its turn before it reads"
    impatient.close()
    assert said == f"{path} stayed busy; nothing was written."
    assert StaleCase.exit_code == 75


def test_a_whole_transaction_is_tried_again(database, path, driver, monkeypatch):
    monkeypatch.setitem(engine.SETTINGS, "busy_timeout", 1)
    impatient = open_database(path, driver=driver)
    other = driver.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tries = []

    def pause(seconds):
        tries.append(seconds)
        if len(tries) == 3:
            other.execute("COMMIT")

    monkeypatch.setattr(engine.time, "sleep", pause)
    execute(impatient, "INSERT INTO meta VALUES ('w', '')")
    other.close()
    impatient.close()
    assert len(tries) == 3


# Copies.


def test_a_copy_is_one_private_file_that_opens_anywhere(database, driver, tmp_path):
    target = tmp_path / "it's a copy.db"
    execute(database, "INSERT INTO meta VALUES ('kept', 'yes')")
    copy_database(database, target)
    assert modes_in(tmp_path)[target.name] == 0o600
    assert target.read_bytes()[18] == 1, "not in WAL mode"
    copy = open_database(target, driver=sqlite3)
    assert copy.read(lambda connection: connection.execute(text("SELECT value FROM meta WHERE name = 'kept'")).scalar_one()) == "yes"
    copy.close()


def test_a_copy_replaces_nothing(database, tmp_path):
    (tmp_path / "there").write_bytes(b"mine")
    refusal(CannotWrite, lambda: copy_database(database, tmp_path / "there"))
    assert (tmp_path / "there").read_bytes() == b"mine"


def test_a_damaged_original_gives_no_copy(database, tmp_path):
    database.alone("PRAGMA foreign_keys = OFF")
    execute(database, "INSERT INTO provider VALUES ('no-such-practice', 'i', 'Dr. Nobody', '')")
    refusal(StorageError, lambda: copy_database(database, tmp_path / "copy.db"))
    assert not (tmp_path / "copy.db").exists()


def test_every_refusal_has_an_exit_code_of_its_own_kind():
    codes = {kind: kind.exit_code for kind in (NoDatabase, NewerDatabase, CannotWrite, StorageError, StaleCase, BadConfiguration)}
    assert list(codes.values()) == [60, 61, 73, 74, 75, 78]
    assert all(issubclass(kind, AppealsError) for kind in codes)
