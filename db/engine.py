"""The one factory of connections: settings that are set and read back, transactions we begin ourselves, all of them retried when busy.

It decides nothing about what is stored. Left to its defaults the driver lost 705 of 800 concurrent updates without an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from appeals.errors import BadConfiguration, StorageError
from db.failures import is_busy, told

T = TypeVar("T")

# SQLite 3.7.0 to 3.51.2 can damage a write-ahead log that two processes write at once (sqlite.org/wal.html#walresetbug).
SAFE_WAL = (3, 51, 3)
BUSY_SECONDS = 30.0
PAUSE_SECONDS = 0.01
SETTINGS = {
    "busy_timeout": int(BUSY_SECONDS * 1000),
    "recursive_triggers": 1,  # REPLACE must fire the triggers that refuse a DELETE
    "trusted_schema": 0,
    "secure_delete": 1,  # with 0 a purged name stays in the file
    "temp_store": 2,  # sorting in memory: with files, names went to /var/tmp
}
SYNCHRONOUS = {"wal": 2, "delete": 3}  # FULL and EXTRA: the least that lost no acknowledged commit at power loss


def best_driver() -> ModuleType:
    """`sqlcipher3`, which brings its own recent SQLite (no key, no encryption: an ordinary file), else the standard module."""
    try:
        import sqlcipher3.dbapi2 as driver  # noqa: PLC0415 - not there on every platform
    except ImportError:
        import sqlite3  # noqa: PLC0415 - a second SQLite is a MiB that nobody needs beside the first

        return sqlite3
    found: ModuleType = driver
    return found


def best_mode(driver: ModuleType) -> str:
    """The journal mode a new file gets from this driver."""
    return "wal" if driver.sqlite_version_info >= SAFE_WAL else "delete"


def set_and_read(connection: Any, setting: str, value: int) -> None:
    """Set one PRAGMA and make sure it holds. Raises BadConfiguration when SQLite kept another value."""
    connection.execute(f"PRAGMA {setting} = {value}")
    (found,) = connection.execute(f"PRAGMA {setting}").fetchone()
    if found != value:
        raise BadConfiguration(
            f"SQLite did not take the setting {setting} = {value}; it stays at {found}.",
            "Install the driver this program is tested with: pip install 'sqlcipher3>=0.6.2'",
        )


class _Rehearsed(Exception):
    """Ends a transaction of which nothing stays; `found` is what it came to."""

    def __init__(self, found: Any) -> None:
        self.found = found


class Database:
    """One file, one connection, whole transactions. `close` it: SQLite then folds its log back into the file."""

    def __init__(self, path: Path, driver: ModuleType, mode: str) -> None:
        self.path = path
        self.driver = driver
        self.mode = mode
        self.foreign_keys = True
        self._open: Connection | None = None  # the transaction that `together` holds
        self._reader = create_engine(
            "sqlite://",
            module=driver,
            creator=self._connect,
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            pool_timeout=0,  # a second transaction inside the first is a mistake of ours, not something to wait for
            hide_parameters=True,  # no patient data in a traceback
        )
        event.listen(self._reader, "begin", _begin)
        self._writer = self._reader.execution_options(begin="BEGIN IMMEDIATE")

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, from one consistent reading that is over when this returns."""
        return self._run(self._reader, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, after all it wrote is on the disk; on any error nothing of it is.

        Raises:
            StaleCase, StorageError, CannotWrite: see `db.failures`.
        """
        return self._run(self._writer, work)

    def together(self, work: Callable[[], T], *, kept: bool = True) -> T:
        """What `work` returns, with all it reads and writes in one transaction; nothing of it stays on an error, or unless `kept`.

        Raises:
            StaleCase, StorageError, CannotWrite: see `db.failures`.
        """

        def held(connection: Connection) -> T:
            self._open = connection
            try:
                found = work()
            finally:
                self._open = None
            if not kept:
                raise _Rehearsed(found)
            return found

        try:
            return self.write(held)
        except _Rehearsed as done:
            found: T = done.found
            return found

    def alone(self, statement: str) -> None:
        """Run a statement that must not stand in a transaction (VACUUM, a journal mode)."""
        with self._translated():
            connection = self._reader.raw_connection()
            try:
                connection.cursor().execute(statement)
            finally:
                connection.close()

    def close(self) -> None:
        """Let go of the file."""
        self._reader.dispose()

    def _connect(self) -> Any:
        # mode=rw: SQLite makes no file where none is; ours are made private first.
        connection = self.driver.connect(f"{self.path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
        try:
            settings = SETTINGS | {"synchronous": SYNCHRONOUS[self.mode], "foreign_keys": int(self.foreign_keys)}
            for setting, value in settings.items():
                set_and_read(connection, setting, value)
        except BaseException:
            connection.close()
            raise
        return connection

    def _run(self, engine: Any, work: Callable[[Connection], T]) -> T:
        if self._open is not None:
            return self._inside(self._open, work)
        give_up = time.monotonic() + BUSY_SECONDS
        with self._translated():
            while True:
                try:
                    with engine.begin() as connection:
                        return work(connection)
                except DBAPIError as error:
                    if not is_busy(error) or time.monotonic() > give_up:
                        raise
                time.sleep(PAUSE_SECONDS)

    def _inside(self, connection: Connection, work: Callable[[Connection], T]) -> T:
        """A part of what is done together. SQLite ends a transaction by itself when the disk fails: what came after would stay alone."""
        if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]  # it is there: the transaction was begun on it
            raise StorageError("The transaction was ended by an error; nothing was written.", "Run the same command again.")
        with self._translated():
            return work(connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, self.driver.Error) as error:
            ours = told(error, self.path)
            if ours is None:
                raise
            raise ours from error


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
