"""The end of the audit log: gives each entry its place, hashes it and stores it. It never changes one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table, bindparam, insert, select, update
from sqlalchemy.dialects import sqlite

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
_dialect = sqlite.dialect()


def _statement(table: Table) -> str:
    """The insert the driver takes tuples for, in the order of the columns: what is done to each value else costs more than its row."""
    return str(insert(table).compile(dialect=_dialect))


def _stored(column: Column[Any]) -> Callable[[Any], Any]:
    """What makes of a value of this column what lies in the file."""
    made = column.type.dialect_impl(_dialect).bind_processor(_dialect)
    assert made is not None, f"{column} is stored as it is"  # noqa: S101 - a mistake of ours, on import
    return lru_cache(maxsize=1)(made)  # the entries of one write are mostly of one day and instant


_entry, _entry_text = _statement(event), _statement(event_text)
_day, _instant = _stored(event.c.on), _stored(event.c.recorded_at)


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
    rows: list[tuple[Any, ...]] = []
    texts: list[tuple[str, int, str]] = []
    for entry, moved_to in entries:
        if entry.patient:
            counts[entry.patient] += 1
        place = audit.Place(end.log, end.tree.size + 1, counts[entry.patient] if entry.patient else None)
        text = audit.canonical(entry, place)
        leaf = audit.leaf(text)
        end.tree = end.tree.append(leaf)
        last = len(rows) + 1 == len(entries)
        rows.append(_row(entry, place, moved_to, None if rows else request_id or None, leaf.hex(), end.tree.root().hex() if last else ""))
        texts.append((end.practice, place.seq, text))
    connection.exec_driver_sql(_entry, rows)
    connection.exec_driver_sql(_entry_text, texts)
    if counts:
        connection.execute(_set_count, [{"practice": end.practice, "patient": id_, "event_count": n} for id_, n in counts.items()])
    return _store_end(connection, end, entries[-1][0].recorded_at)


def _row(entry: Event, place: audit.Place, moved_to: int | None, request_id: str | None, leaf: str, root: str) -> tuple[Any, ...]:
    """The entry's place beside its text. Only the last of one write has a root: a root costs as many hashes as the log is deep."""
    return (
        entry.practice,
        place.seq,
        place.log,
        entry.kind,
        entry.name,
        _day(entry.on),
        _instant(entry.recorded_at),
        entry.actor,
        entry.patient,
        place.patient_seq,
        entry.case,
        moved_to,
        request_id,
        leaf,
        root,
    )


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
