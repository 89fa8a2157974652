"""The files that were taken in, as they came: what services need of them. `db.originals` provides it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from appeals import record

PIECE = 1 << 18  # bytes of a file that are packed together: a big one is written and read without being held
WAITING = "waiting"  # the fate of a report about a claim that is no case yet
SHORT = 8  # letters of a file's hash by which it is called
SETTLED = "settled"  # the fate of an entry a person has dealt with: sent again, it is known
UNDONE = "undone"  # the fate of an entry whose step was taken back before its file was read again: it may come anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The bytes of a file that is being taken in. `pieces` gives them from the beginning each time it is called, PIECE at a time."""

    file_id: str
    pieces: Callable[[], Iterable[bytes]]


class _Bytes(io.RawIOBase):
    """Pieces as one stream that can be read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def as_stream(pieces: Iterator[bytes]) -> BinaryIO:
    """The pieces of a file as a stream that can be read once."""
    return io.BufferedReader(_Bytes(pieces))


class Originals(Protocol):
    """Files taken in, and their bytes."""

    def intake_files(self, *, id: str = "", sha256: str = "") -> tuple[record.IntakeFile, ...]:
        """The files that were taken in, oldest first: those whose hash begins so, else all; or the one with this id, read anew or not."""
        ...

    def original(self, file_id: str) -> Iterator[bytes]:
        """The bytes of a file as it came, a piece at a time and in no transaction; nothing where it was taken in before they were kept.

        Raises:
            StorageError: a piece is missing or damaged. Whoever needs to be sure compares the hash of all of them.
        """
        ...

    def entries_of_case(self, case_id: str) -> tuple[record.RemittanceEntry, ...]:
        """What files said of a case, in the order they came."""
        ...

    def entries_at(self, file_id: str, segment: int) -> tuple[record.RemittanceEntry, ...]:
        """What was said at one place of a file."""
        ...

    def entries_to_take(self, file_id: str) -> tuple[record.RemittanceEntry, ...]:
        """Entries of a file, however often it was read, that were taken and whose case may be as if nothing had come, or void."""
        ...

    def entries_of_trace(self, trace: str) -> tuple[record.RemittanceEntry, ...]:
        """What files said of the claims of one payment."""
        ...

    def patients_of_file(self, file_id: str) -> tuple[str, ...]:
        """The ids of everybody who has a case that a file, however often it was read, said something of."""
        ...
