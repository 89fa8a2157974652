"""The files that were taken in, as they came: their bytes in packed pieces. It hashes nothing and decides nothing."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, insert, or_, select

from appeals.errors import StorageError
from appeals.model import Practice, State
from appeals.record import IntakeFile, RemittanceEntry
from appeals.services.kept import PIECE, Original
from db.engine import Database
from db.rows import columns, fetch, value_of
from db.schema_case import case
from db.schema_work import event, intake_file, original, remittance_entry

LEVEL = 3  # of 9: a tenth larger than the usual 6, in half the time
DAMAGED, MEND = "The kept bytes of a file are damaged.", "Restore the last backup, then `appeals doctor`."
_keep = insert(original)
_piece = select(original.c.content).where(
    original.c.practice_id == bindparam("practice"), original.c.file_id == bindparam("file"), original.c.position == bindparam("position")
)
_last = select(func.max(original.c.position)).where(
    original.c.practice_id == bindparam("practice"), original.c.file_id == bindparam("file")
)
_entries = (
    select(*columns(RemittanceEntry))
    .join(
        intake_file,
        (intake_file.c.practice_id == remittance_entry.c.practice_id) & (intake_file.c.id == remittance_entry.c.file_id),
    )
    .where(remittance_entry.c.practice_id == bindparam("practice"), remittance_entry.c.case_id == bindparam("case"))
    .order_by(intake_file.c.taken_on, intake_file.c.id, remittance_entry.c.segment)
)
_same = select(intake_file.c.sha256).where(intake_file.c.practice_id == bindparam("practice"), intake_file.c.id == bindparam("file"))
_readings = select(intake_file.c.id).where(
    intake_file.c.practice_id == bindparam("practice"), intake_file.c.sha256 == _same.scalar_subquery()
)
_undone = exists().where(event.c.practice_id == case.c.practice_id, event.c.case_id == case.c.id, event.c.name == "undo")
_to_take = (
    select(*columns(RemittanceEntry))
    .join(case, (remittance_entry.c.practice_id == case.c.practice_id) & (remittance_entry.c.case_id == case.c.id))
    .where(remittance_entry.c.practice_id == bindparam("practice"), remittance_entry.c.file_id.in_(_readings))
    .where(
        or_(
            and_(remittance_entry.c.fate.in_(("opened", "moved")), case.c.state == State.SUBMITTED),
            and_(remittance_entry.c.fate.in_(("moved", "proposed")), case.c.state == State.RESOLVED, _undone),
            and_(remittance_entry.c.fate.in_(("opened", "moved", "added", "proposed", "known")), case.c.outcome == "void"),
        )
    )
    .order_by(remittance_entry.c.segment)
)
_patients = (
    select(case.c.patient_id)
    .distinct()
    .join(remittance_entry, (remittance_entry.c.practice_id == case.c.practice_id) & (remittance_entry.c.case_id == case.c.id))
    .where(remittance_entry.c.practice_id == bindparam("practice"), remittance_entry.c.file_id.in_(_readings))
    .order_by(case.c.patient_id)
)


def keep(connection: Connection, practice: str, file: Original) -> None:
    """Store the pieces of a file one after the other, in the caller's transaction."""
    for position, piece in enumerate(file.pieces()):
        row = {"practice_id": practice, "file_id": file.file_id, "position": position, "content": zlib.compress(piece, LEVEL)}
        connection.execute(_keep, row)


def _unpacked(content: bytes) -> bytes:
    """One piece as it was; a damaged one may claim any size. Raises StorageError."""
    packed = zlib.decompressobj()
    try:
        piece = packed.decompress(content, PIECE)
    except zlib.error as error:
        raise StorageError(DAMAGED, MEND) from error
    if not packed.eof:
        raise StorageError(DAMAGED, MEND)
    return piece


class Originals:
    """What a store knows of the files that were taken in."""

    database: Database
    practice: Practice

    def intake_files(self, *, id: str = "", sha256: str = "") -> tuple[IntakeFile, ...]:
        """The files that were taken in, oldest first: those whose hash begins so, else all; or the one with this id, read anew or not."""
        by = {"id": id} if id else {"state": "taken"}
        found = self.database.read(lambda cx: fetch(cx, IntakeFile, self.practice.id, order=("taken_on", "id"), **by))
        return tuple(file for file in found if file.sha256.startswith(sha256))

    def original(self, file_id: str) -> Iterator[bytes]:
        """The bytes of a file as it came, a piece at a time; no transaction is open while they are consumed. Raises StorageError."""
        which = {"practice": self.practice.id, "file": file_id}
        last = self.database.read(lambda cx: cx.execute(_last, which).scalar())
        for position in range(0 if last is None else last + 1):
            yield self._piece(which | {"position": position})

    def _piece(self, which: dict[str, Any]) -> bytes:
        content = self.database.read(lambda cx: cx.execute(_piece, which).scalar())
        if content is None:
            raise StorageError(DAMAGED, MEND)
        return _unpacked(bytes(content))

    def entries_of_case(self, case_id: str) -> tuple[RemittanceEntry, ...]:
        """What files said of a case, in the order they came."""
        given = {"practice": self.practice.id, "case": case_id}
        return tuple(value_of(RemittanceEntry, row) for row in self.database.read(lambda cx: cx.execute(_entries, given).all()))

    def entries_at(self, file_id: str, segment: int) -> tuple[RemittanceEntry, ...]:
        """What was said at one place of a file."""
        return self.database.read(lambda cx: fetch(cx, RemittanceEntry, self.practice.id, file_id=file_id, segment=segment))

    def entries_to_take(self, file_id: str) -> tuple[RemittanceEntry, ...]:
        """Entries of a file, however often it was read, that were taken and whose case may be as if nothing had come, or void."""
        given = {"practice": self.practice.id, "file": file_id}
        return tuple(value_of(RemittanceEntry, row) for row in self.database.read(lambda cx: cx.execute(_to_take, given).all()))

    def entries_of_trace(self, trace: str) -> tuple[RemittanceEntry, ...]:
        """What files said of the claims of one payment, by id."""
        return self.database.read(lambda cx: fetch(cx, RemittanceEntry, self.practice.id, trace=trace))

    def patients_of_file(self, file_id: str) -> tuple[str, ...]:
        """The ids of everybody who has a case that a file, however often it was read, said something of."""
        given = {"practice": self.practice.id, "file": file_id}
        return tuple(self.database.read(lambda cx: cx.execute(_patients, given).scalars().all()))
