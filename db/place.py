"""The database as a file: made private before SQLite opens it, and looked at before it is trusted. Never opened as a database here."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from appeals.errors import BadConfiguration, CannotWrite, NoDatabase

PRIVATE = 0o600
OTHERS = 0o077
HEADER_BYTES = 100
MAGIC = b"SQLite format 3\0"
WRITE_VERSION_AT, WAL_VERSION = 18, 2  # sqlite.org/fileformat.html section 1.3


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of the file say; `empty` where nothing was written yet."""

    empty: bool
    wal: bool


def make_private(path: Path) -> None:
    """An empty file only this account can read; SQLite gives its journals the same mode.

    Raises:
        FileExistsError: there is something already, even a dangling link.
        CannotWrite: the folder is missing or may not be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
    except FileExistsError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CannotWrite(f"The folder {path.parent} does not exist.", f"Make it: mkdir -p -m 700 '{path.parent}'") from error
    except OSError as error:
        raise CannotWrite(f"{path} cannot be made: {error.strerror}.", "Give another place: --db FILE") from error
    try:
        os.fchmod(descriptor, PRIVATE)  # a umask may have taken more away than we want
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable: a file whose name is lost is lost."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def look(path: Path) -> Header:
    """The header of a private, regular SQLite file.

    Raises:
        NoDatabase: nothing is there, or something that is no database.
        BadConfiguration: a link, a folder, or a file that other accounts can read.
        CannotWrite: this account may not open it.
    """
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoDatabase(f"There is no database at {path}.", "Make one with `appeals init`, or name another with --db FILE.") from error
    except OSError as error:
        raise CannotWrite(f"{path} cannot be looked at: {error.strerror}.", "Ask who owns its folder for access.") from error
    if stat.S_ISLNK(found.st_mode):
        raise BadConfiguration(f"{path} is a symbolic link.", f"Name the file itself: --db '{path.resolve()}'")
    if stat.S_ISDIR(found.st_mode):
        raise BadConfiguration(f"{path} is a folder, not a database.", f"Name the file in it: --db '{path / 'appeals.db'}'")
    if not stat.S_ISREG(found.st_mode):
        raise BadConfiguration(f"{path} is not an ordinary file.", "Name the database file: --db FILE")
    header = _header(path)  # first: what is no database needs no closing
    if found.st_mode & OTHERS:
        raise BadConfiguration(f"{path} can be read or written by other accounts.", f"Close it: chmod 600 '{path}'")
    return header


def _header(path: Path) -> Header:
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be read: {error.strerror}.", "Ask its owner for access.") from error
    if not head:
        return Header(empty=True, wal=False)
    if len(head) < HEADER_BYTES or not head.startswith(MAGIC):
        raise NoDatabase(f"{path} is not an appeals database.", "Name the right file: --db FILE")
    return Header(empty=False, wal=head[WRITE_VERSION_AT] == WAL_VERSION)
