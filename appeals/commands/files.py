"""Files a command reads or writes: every way one can be wrong is one line with the next thing to do."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from appeals.commands.output import said
from appeals.errors import CannotWrite, FileRefused

LONGEST_NAME = 255  # bytes, on every file system this program is likely to meet
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK)  # FAT and some shares know no second name of a file


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read, as bytes.

    Raises:
        FileRefused: it is missing, a directory, or may not be read.
    """
    try:
        stream = path.open("rb")
    except IsADirectoryError as error:
        raise FileRefused("It is a directory.", "Name the files in it.") from error
    except FileNotFoundError as error:
        raise FileRefused("It does not exist.", "Check the name.") from error
    except OSError as error:
        raise FileRefused(f"It cannot be read: {error.strerror}.", "Check who may read it.") from error
    with stream:
        yield stream


def may_be_written(out: str) -> None:
    """Refuse a place a new file cannot go, before anything is done for it. Raises CannotWrite."""
    if out == "-":
        return
    target = Path(out)
    if is_there(out):
        raise CannotWrite(f"{target} exists already.", "Name another file; an export never overwrites.")
    if len(os.fsencode(target.name)) > LONGEST_NAME:
        raise CannotWrite("The file's name is too long.", f"Name it with at most {LONGEST_NAME} characters.")
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK | os.X_OK):
        raise CannotWrite(f"{target.parent} is no folder this account may write to.", "Choose one that is.")


def is_there(name: str) -> bool:
    """Whether something has this name: a file, a folder, or a link to nowhere. What cannot be a name is nothing's."""
    return os.path.lexists(name)


def beside(out: str, name: str, text: str) -> str:
    """Where a file of this name and text goes beside `out`, or lies already. Raises CannotWrite where it cannot, or lies there changed."""
    if out == "-":
        raise CannotWrite("Nothing can be written beside standard output.", "Name a file with --out.")
    target = Path(out).with_name(name)
    if target.is_symlink() or (target.exists() and not (target.is_file() and target.read_bytes() == text.encode())):
        raise CannotWrite(f"{target} exists already, and is another.", "Choose another folder, or move it away.")
    return str(target)


def paper(path: Path, largest: int) -> bytes:
    """All bytes of a file that is to be kept, at most one more than `largest`.

    Raises:
        FileRefused: it is no ordinary file, cannot be read, or changed while it was read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileRefused("It is no ordinary file.", "Name a file, not a folder or a device.")
    except OSError as error:
        raise FileRefused(f"It cannot be read: {error.strerror}.", "Check the name.") from error
    with opened(path) as stream:
        try:
            content = stream.read(largest + 1)
            size = os.fstat(stream.fileno()).st_size
        except OSError as error:
            raise FileRefused(f"It cannot be read to its end: {error.strerror}.", "Copy it to a local disk first.") from error
    if len(content) != min(size, largest + 1):
        raise FileRefused("It changed while it was read.", "Wait until it is whole, then try again.")
    return content


def written(out: str, lines: Iterable[str]) -> None:
    """Write a new private file of text whole or not at all; `-` is standard output.

    Raises:
        CannotWrite: it exists, or the place cannot be written. StorageError: standard output took no more.
    """
    if out == "-":
        for line in lines:
            said(line, end=False)
        return
    kept(out, (line.encode() for line in lines))


def _named(temporary: str, target: Path) -> None:
    """Give a finished file its name, which must be nobody's: unlike a rename, a link refuses to take another file's place."""
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with Path(temporary).open("rb") as finished, os.fdopen(handle, "wb") as stream:
            shutil.copyfileobj(finished, stream)
            stream.flush()
            os.fsync(stream.fileno())


def kept(out: str, chunks: Iterable[bytes]) -> None:
    """Write a new private file whole or not at all; `-` is standard output.

    Raises:
        CannotWrite: it exists, or the place cannot be written. StorageError: standard output took no more.
    """
    if out == "-":
        for chunk in chunks:
            said(chunk, end=False)
        return
    target = Path(out)
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".appeals-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.writelines(chunks)
                stream.flush()
                os.fsync(stream.fileno())
            _named(temporary, target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{target} cannot be written: {error.strerror}.", "Choose a folder you may write to.") from error
