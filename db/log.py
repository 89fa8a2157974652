"""The end of the audit log: gives each entry its place, hashes it and stores it. It never changes one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, insert, select, update

from appeals import audit
from appeals.errors import StorageError
from appeals.record import Event, Head
from db.schema_people import patient, practice
from db.schema_work import event, event_text

T = TypeVar("T")
AT_ONCE = 500  # values in one IN list

# The row is locked: on a server, writers of one practice queue here; on SQLite BEGIN IMMEDIATE has done it.
_end = (
    select(practice.c.log_id, practice.c.log_size, practice.c.log_frontier, practice.c.next_case_number)
    .where(practice.c.id == bindparam("practice"))
    .with_for_update()
)
_move_end = update(practice).where(practice.c.id == bindparam("practice"))
_counts = select(patient.c.id, patient.c.event_count).where(
    patient.c.practice_id == bindparam("practice"), patient.c.id.in_(bindparam("patients", expanding=True))
)
_set_count = update(patient).where(patient.c.practice_id == bindparam("practice"), patient.c.id == bindparam("patient"))
# Events whose transaction may have made a patient, payer, coverage, person or case known, or two patients one.
MAKES_KNOWN = ("open", "intake", "payer", "coverage", "patient-merged", "person")
_made_known = (
    select(event.c.actor)
    .where(event.c.practice_id == bindparam("practice"), event.c.seq > bindparam("since"), event.c.name.in_(MAKES_KNOWN))
    .limit(1)
)
_entry = insert(event)
_entry_text = insert(event_text)


@dataclass(slots=True)
class End:
    """Where a practice's log ends: what the next entry needs. Made under the lock, gone with the transaction."""

    practice: str
    log: str
    tree: audit.Tree
    next_case_number: int


def end_of(connection: Connection, practice_id: str) -> End:
    """The end of the log, locked until the transaction is over. Raises StorageError where the row contradicts itself."""
    found = connection.execute(_end, {"practice": practice_id}).one()
    try:
        tree = audit.Tree.from_hex(found.log_size, json.loads(found.log_frontier))
    except ValueError as error:
        raise StorageError("The stored end of the audit log contradicts itself.", "Run `appeals audit verify`.") from error
    return End(practice=practice_id, log=found.log_id, tree=tree, next_case_number=found.next_case_number)


def overtaken(connection: Connection, end: End, since: int) -> str | None:
    """Who has made somebody or something known since the log had this size, if anybody has."""
    if since >= end.tree.size:
        return None
    return connection.execute(_made_known, {"practice": end.practice, "since": since}).scalar()


def append(connection: Connection, end: End, entries: Sequence[tuple[Event, int | None]], request_id: str) -> Head:
    """Store events after the last one; the number beside each is the version its case was moved to, if it was.

    `request_id` goes on the first of them only, where a unique constraint finds a command that already ran.
    """
    counts = _patient_counts(connection, end.practice, {entry.patient for entry, _ in entries if entry.patient})
    rows, texts = [], []
    for entry, moved_to in entries:
        if entry.patient:
            counts[entry.patient] += 1
        place = audit.Place(end.log, end.tree.size + 1, counts[entry.patient] if entry.patient else None)
        text = audit.canonical(entry, place)
        leaf = audit.leaf(text)
        end.tree = end.tree.append(leaf)
        rows.append(_row(entry, place, moved_to, leaf))
        texts.append({"practice_id": end.practice, "seq": place.seq, "text": text})
    rows[0]["request_id"], rows[-1]["root"] = request_id or None, end.tree.root().hex()
    connection.execute(_entry, rows)
    connection.execute(_entry_text, texts)
    if counts:
        connection.execute(_set_count, [{"practice": end.practice, "patient": id_, "event_count": n} for id_, n in counts.items()])
    return _store_end(connection, end, entries[-1][0].recorded_at)


def _row(entry: Event, place: audit.Place, moved_to: int | None, leaf: bytes) -> dict[str, Any]:
    """The entry's place beside its text. Only the last of one write has a root: a root costs as many hashes as the log is deep."""
    return {
        "practice_id": entry.practice,
        "seq": place.seq,
        "log_id": place.log,
        "kind": entry.kind,
        "name": entry.name,
        "on": entry.on,
        "recorded_at": entry.recorded_at,
        "actor": entry.actor,
        "patient_id": entry.patient,
        "patient_seq": place.patient_seq,
        "case_id": entry.case,
        "case_version": moved_to,
        "request_id": None,
        "leaf": leaf.hex(),
        "root": "",
    }


def _store_end(connection: Connection, end: End, at: datetime) -> Head:
    root = end.tree.root().hex()
    connection.execute(
        _move_end,
        {
            "practice": end.practice,
            "log_size": end.tree.size,
            "log_frontier": json.dumps(end.tree.to_hex()),
            "log_root": root,
            "next_case_number": end.next_case_number,
        },
    )
    return Head(log=end.log, size=end.tree.size, root=root, at=at)


def _patient_counts(connection: Connection, practice_id: str, patients: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for some in in_parts(sorted(patients)):
        counts.update((row.id, row.event_count) for row in connection.execute(_counts, {"practice": practice_id, "patients": some}))
    return counts


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """`values` in lists short enough for one statement."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
