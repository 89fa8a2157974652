"""Files a command reads or writes: every way one can be wrong is one line with the next thing to do."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from appeals.errors import CannotWrite, FileRefused


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
    if target.exists() or target.is_symlink():
        raise CannotWrite(f"{target} exists already.", "Name another file; an export never overwrites.")
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK | os.X_OK):
        raise CannotWrite(f"{target.parent} is no folder this account may write to.", "Choose one that is.")


def written(out: str, lines: Iterable[str]) -> None:
    """Write a new private file whole or not at all; `-` is standard output.

    Raises:
        CannotWrite: it exists, or the place cannot be written.
    """
    if out == "-":
        for line in lines:
            click.echo(line, nl=False)
        return
    target = Path(out)
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".appeals-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.writelines(lines)
                stream.flush()
                os.fsync(stream.fileno())
            os.link(temporary, target)  # unlike a rename, refuses to take another file's place
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{target} cannot be written: {error.strerror}.", "Choose a folder you may write to.") from error
