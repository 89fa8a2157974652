"""What `intake` is pointed at: files, folders, archives and standard input, as one file after the other."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appeals.commands import files
from appeals.errors import AppealsError, CannotWrite, FileRefused
from appeals.intake.archives import Found, spooled, turn, unwrapped
from appeals.intake.turns import LAST, Turn

STANDARD_INPUT = "-"
CALLED = "standard input"


@dataclass(frozen=True, slots=True)
class Source:
    """Something to open by its path; or `found`, which is settled already."""

    name: str
    path: str = ""
    found: Found | None = None


def listed(paths: Sequence[str]) -> tuple[Source, ...]:
    """The files these words name, in their turn; a folder's own files, its folders and hidden files passed over.

    Raises:
        FileRefused: a folder cannot be read, or `-` was given twice.
    """
    if paths.count(STANDARD_INPUT) > 1:
        raise FileRefused("Standard input can be read once only.", "Give `-` once.")
    sources: list[Source] = []
    for path in paths:
        if path != STANDARD_INPUT and Path(path).is_dir():
            sources += _folder(Path(path))
        else:
            sources.append(Source(CALLED if path == STANDARD_INPUT else Path(path).name, path))
    return tuple(sorted(sources, key=_turn)) if len(sources) > 1 else tuple(sources)


def _turn(source: Source) -> Turn:
    """What can be read only once is not looked at."""
    if not source.path or not Path(source.path).is_file():
        return LAST
    try:
        with files.opened(Path(source.path)) as stream:
            return turn(stream)
    except AppealsError:
        return LAST  # it is told when its turn comes


def _folder(folder: Path) -> Iterator[Source]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        refused = FileRefused(f"The folder cannot be read: {error.strerror}.", "Check who may read it.")
        yield Source(folder.name, found=Found(name=folder.name, refused=refused))
        return
    if not entries:
        yield Source(folder.name, found=Found(name=folder.name, refused=FileRefused("The folder is empty.", "Name another.")))
    for entry in entries:
        over = "a hidden file" if entry.name.startswith(".") else "a folder in the folder" if entry.is_dir() else ""
        if not over and not entry.is_file() and not entry.is_symlink():
            over = "no ordinary file"
        yield Source(entry.name, "" if over else entry.path, Found(name=entry.name, passed_over=over) if over else None)


def opened(source: Source, beside: Path) -> Iterator[Found]:
    """The files in one source, one at a time, each readable until the next is asked for.

    What can be read only once, or must be unpacked, goes into a file without a name beside the database `beside`: it is as
    private as that, and gone when it is closed, whatever happens.
    """

    def scratch() -> BinaryIO:
        try:
            return tempfile.TemporaryFile(dir=beside.absolute().parent)
        except OSError as error:
            raise CannotWrite(f"No file can be made beside the database: {error.strerror}.", "Make room there.") from error

    if source.found is not None:
        yield source.found
        return
    try:
        with _stream(source.path) as stream:
            if stream.seekable() and stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                yield from unwrapped(source.name, stream, scratch)
                return
            with spooled(stream, scratch) as copy:
                yield from unwrapped(source.name, copy, scratch)
    except FileRefused as error:
        yield Found(name=source.name, refused=error)


def _stream(path: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if path == STANDARD_INPUT else files.opened(Path(path))
