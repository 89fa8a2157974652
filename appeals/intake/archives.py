"""Unwraps gzip and ZIP: what lies inside as files of their own, within limits that no archive can talk its way past.

A member's name is printed and never a path. Every member is unpacked to its end, its checksum compared, before anybody reads it.
"""

from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO

from appeals.errors import CannotWrite, FileRefused
from appeals.intake.turns import LAST, Turn, turn_of

CHUNK = 1 << 16  # also what is looked at to tell whose turn it is
LARGEST_FILE = 256 << 20  # bytes: some 800,000 claims; however it comes, one transaction takes it
LARGEST_ARCHIVE = 1 << 30  # bytes unpacked, over everything an archive holds
MOST_MEMBERS = 1_000
LARGEST_DIRECTORY = 1 << 20  # bytes of a ZIP's list of members, which is read at once
DEEPEST = 2  # a gzip in a ZIP; no remittance comes wrapped more often
MOST_RATIO, RATIO_FROM = 200, 1 << 20  # an 835 shrinks to a tenth; small files may be all blanks
GZIP, ZIPS = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
END_OF_ZIP, END_BYTES, LOCAL_BYTES = b"PK\x05\x06", 22, 30
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
AGAIN = "Download it again; a resend is safe."
UNPACK = "Unpack it, and take in the files you know."
MUCH = f"The archive unpacks to more than {LARGEST_ARCHIVE >> 20} MB"
BROKEN = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file to take in, readable until the next is asked for; or why it is none. `passed_over`: nobody would miss it."""

    name: str
    stream: BinaryIO | None = None
    refused: FileRefused | None = None
    passed_over: str = ""


@dataclass(slots=True)
class _Room:
    """What may still be unpacked of one archive, and where to: `scratch` makes a private file that vanishes when closed."""

    scratch: Callable[[], BinaryIO]
    left: int = field(default_factory=lambda: LARGEST_ARCHIVE)
    depth: int = 0


def unwrapped(name: str, stream: BinaryIO, scratch: Callable[[], BinaryIO]) -> Iterator[Found]:
    """The files of `stream`: itself, what a gzip holds, or each member of a ZIP, in their turn. Raises nothing for what they hold."""
    yield from _unwrapped(name, stream, _Room(scratch))


def turn(stream: BinaryIO) -> Turn:
    """The turn of the file in `stream`, or of the first in an archive; the stream is left at its beginning."""
    try:
        head = stream.read(CHUNK)
        if head.startswith(GZIP):
            stream.seek(0)
            with gzip.GzipFile(fileobj=stream) as packed:
                return turn_of(packed.read(CHUNK))
        if head[:4] in ZIPS:
            with zipfile.ZipFile(_Sparing(stream)) as archive:
                return min(_turns(archive, archive.infolist()[:MOST_MEMBERS]), default=LAST)
        return turn_of(head)
    except (FileRefused, OSError, *BROKEN):
        return LAST  # who opens it says what is wrong with it
    finally:
        stream.seek(0)


def _turns(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> list[Turn]:
    found = []
    for member in members:
        try:
            with archive.open(member) as packed:
                found.append(turn(BytesIO(packed.read(CHUNK))))
        except (OSError, *BROKEN):
            found.append(LAST)  # who unpacks it says what is wrong with it
    return found


def spooled(stream: BinaryIO, scratch: Callable[[], BinaryIO]) -> BinaryIO:
    """A stream that can only be read once as one that can be read again. Raises FileRefused: larger than a file may be."""
    return _copied(stream, _Room(scratch, left=LARGEST_FILE), lambda: 0)


def _unwrapped(name: str, stream: BinaryIO, room: _Room) -> Iterator[Found]:
    head = stream.read(4)
    size = stream.seek(0, 2)
    stream.seek(0)
    packed = head.startswith(GZIP) or head in ZIPS
    if packed and room.depth == DEEPEST:
        yield Found(name=name, refused=FileRefused(f"It is an archive in an archive, more than {DEEPEST} deep.", UNPACK))
    elif not packed and size > LARGEST_FILE:
        yield Found(name=name, refused=_too_large())
    elif not packed:
        yield Found(name=name, stream=stream)
    else:
        room.depth += 1
        yield from _gunzipped(name, stream, room) if head.startswith(GZIP) else _unzipped(name, stream, room)
        room.depth -= 1


def _gunzipped(name: str, stream: BinaryIO, room: _Room) -> Iterator[Found]:
    """What a gzip holds: all of its parts one behind the other, as the format says."""
    try:
        with gzip.GzipFile(fileobj=stream) as packed:
            content = _copied(packed, room, stream.tell)  # type: ignore[arg-type]  # it reads as one
    except FileRefused as error:
        yield Found(name=name, refused=error)
        return
    except BROKEN as error:
        what = "cut short" if isinstance(error, EOFError) else "damaged, or followed by something else"
        yield Found(name=name, refused=FileRefused(f"This gzip archive is {what}.", AGAIN))
        return
    except OSError as error:
        yield Found(name=name, refused=_unreadable(error))
        return
    with closing(content):
        yield from _unwrapped(name, content, room)


def _unzipped(name: str, stream: BinaryIO, room: _Room) -> Iterator[Found]:
    """Each member of a ZIP, one at a time; of an archive that contradicts itself, none."""
    try:
        archive = zipfile.ZipFile(_Sparing(stream))
        members = archive.infolist()
        _sound(archive, stream, members)
    except FileRefused as error:
        yield Found(name=name, refused=error)
        return
    except BROKEN:
        yield Found(name=name, refused=FileRefused("This ZIP archive is damaged or cut short.", AGAIN))
        return
    except OSError as error:
        yield Found(name=name, refused=_unreadable(error))
        return
    with archive:
        turns = dict(zip((member.header_offset for member in members), _turns(archive, members), strict=True))
        for member in sorted(members, key=lambda each: turns[each.header_offset]):
            if not member.is_dir():
                yield from _member(f"{name} > {member.filename}", archive, member, room)


def _sound(archive: zipfile.ZipFile, stream: BinaryIO, members: list[zipfile.ZipInfo]) -> None:
    """Refuse a list of members that hides something or promises too much. Raises FileRefused."""
    if not members:
        raise FileRefused("This ZIP archive is empty.", AGAIN)
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise FileRefused("This is an Office document, not an archive of files.", "Save it as CSV, or ask for the file it was made from.")
    if len(members) > MOST_MEMBERS:
        raise FileRefused(f"This ZIP archive has more than {MOST_MEMBERS} members.", UNPACK)
    if sum(member.file_size for member in members) > LARGEST_ARCHIVE:
        raise FileRefused(f"{MUCH}.", UNPACK)
    stream.seek(-END_BYTES - len(archive.comment), 2)
    if stream.read(4) != END_OF_ZIP or min(member.header_offset for member in members):
        raise FileRefused("This ZIP archive has something before or behind it: another archive may be hidden there.", AGAIN)
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            raise FileRefused("Members of this ZIP archive lie over each other: that is a trap, and no mail.", "Ask who sent it.")
        end = member.header_offset + LOCAL_BYTES + member.compress_size


def _member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: _Room) -> Iterator[Found]:
    base = member.filename.rpartition("/")[2]
    if member.filename.startswith("__MACOSX/") or base.startswith("."):
        yield Found(name=name, passed_over="a hidden file")
        return
    try:
        _may_be_unpacked(member)
        with archive.open(member) as packed:
            content = _copied(packed, room, lambda: member.compress_size)  # type: ignore[arg-type]  # it reads as one
    except FileRefused as error:
        yield Found(name=name, refused=error)
        return
    except BROKEN:
        yield Found(name=name, refused=FileRefused("This member of the archive is damaged: its checksum does not fit.", AGAIN))
        return
    except OSError as error:
        yield Found(name=name, refused=_unreadable(error))
        return
    with closing(content):
        yield from _unwrapped(name, content, room)


def _may_be_unpacked(member: zipfile.ZipInfo) -> None:
    """Refuse what is no ordinary file. Raises FileRefused."""
    if member.flag_bits & 0x41:
        raise FileRefused("This member of the archive is encrypted.", "Unpack it with its password, and take in the file.")
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise FileRefused("This member of the archive is a link or a device, not a file.", UNPACK)
    if member.compress_type not in PLAIN:
        raise FileRefused("This member of the archive is packed in an unusual way.", UNPACK)
    if member.file_size > LARGEST_FILE:
        raise _too_large()


def _copied(packed: BinaryIO, room: _Room, consumed: Callable[[], int]) -> BinaryIO:
    """All of `packed` in a file of its own, at its beginning; nothing stays of it where a limit stops it. Raises FileRefused."""
    content, size = room.scratch(), 0
    try:
        while chunk := packed.read(CHUNK):
            size += len(chunk)
            room.left -= len(chunk)
            if size > LARGEST_FILE or room.left < 0:
                raise _too_large() if size > LARGEST_FILE else FileRefused(f"{MUCH}; this file is beyond that.", UNPACK)
            if (taken := consumed()) and size > RATIO_FROM and size > taken * MOST_RATIO:
                raise FileRefused(f"It unpacks to more than {MOST_RATIO} times its size: a trap, and no remittance.", "Ask who sent it.")
            _written(content, chunk)
        content.seek(0)
    except BaseException:
        content.close()
        raise
    return content


def _written(content: BinaryIO, chunk: bytes) -> None:
    try:
        content.write(chunk)
        content.flush()
    except OSError as error:
        raise CannotWrite(f"There is no room to unpack it: {error.strerror}.", "Make room beside the database, then try again.") from error


def _unreadable(error: OSError) -> FileRefused:
    return FileRefused(f"It cannot be read to its end: {error.strerror}.", "Copy it to a local disk first.")


def _too_large() -> FileRefused:
    return FileRefused(f"The file is larger than {LARGEST_FILE >> 20} MB.", "Ask for it in parts.")


class _Sparing:
    """A stream whose reader may not ask for much at once: `zipfile` reads a list of members whole, however long it says it is."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if size > LARGEST_DIRECTORY:
            raise FileRefused("This ZIP archive has too long a list of members.", UNPACK)
        found = self._stream.read(size if size >= 0 else LARGEST_DIRECTORY + 1)
        if len(found) > LARGEST_DIRECTORY:
            raise FileRefused("This ZIP archive has too long a list of members.", UNPACK)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
