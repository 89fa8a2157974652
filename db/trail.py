"""Reading the audit log and the ledgers beside it. It never writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from appeals.record import Head, StoredEvent
from db.log import in_parts
from db.schema_people import practice as practices
from db.schema_work import event, event_text, reminder

PAGE = 1000

_stored = select(event.c.seq, event.c.leaf, event.c.root, event_text.c.text).join_from(
    event, event_text, (event_text.c.practice_id == event.c.practice_id) & (event_text.c.seq == event.c.seq)
)

_ledger = select(reminder.c.clock_id, reminder.c.stage, reminder.c.recipient, reminder.c.channel).where(
    reminder.c.practice_id == bindparam("practice"), reminder.c.clock_id.in_(bindparam("clocks", expanding=True))
)


def by_request(connection: Connection, practice: str, request_id: str) -> StoredEvent | None:
    """The first event of the command with this request id."""
    found = connection.execute(_stored.where(event.c.practice_id == practice, event.c.request_id == request_id)).one_or_none()
    return None if found is None else _entry(found)


def page(connection: Connection, practice: str, *, patient_id: str, case_id: str, after: int, place: int) -> tuple[list[StoredEvent], int]:
    """The next entries whose sequence number is above `after`, and the place to go on from (start with 0)."""
    # One patient's entries are read along their own count: by sequence number every entry of the log would be looked at.
    along = event.c.patient_seq if patient_id and not case_id else event.c.seq
    statement = _stored.add_columns(along.label("place")).where(event.c.practice_id == practice, event.c.seq > after, along > place)
    if patient_id:
        statement = statement.where(event.c.patient_id == patient_id)
    if case_id:
        statement = statement.where(event.c.case_id == case_id)
    rows = connection.execute(statement.order_by(along).limit(PAGE)).all()
    return [_entry(row) for row in rows], rows[-1].place if rows else place


def _entry(row: Any) -> StoredEvent:
    return StoredEvent(seq=row.seq, leaf=row.leaf, root=row.root, text=row.text)


def head(connection: Connection, practice: str) -> Head:
    """The log's size and root after its last entry."""
    found = connection.execute(
        select(practices.c.log_id, practices.c.log_size, practices.c.log_root).where(practices.c.id == practice)
    ).one()
    return Head(log=found.log_id, size=found.log_size, root=found.log_root)


def last_on(connection: Connection, practice: str) -> date | None:
    """The latest day any event ran as."""
    latest: date | None = connection.execute(select(func.max(event.c.on)).where(event.c.practice_id == practice)).scalar_one()
    return latest


def reminded(connection: Connection, practice: str, clock_ids: Sequence[str]) -> frozenset[tuple[str, str, str, str]]:
    """The ledger's keys of these clocks."""
    found: set[tuple[str, str, str, str]] = set()
    for some in in_parts(clock_ids):
        rows = connection.execute(_ledger, {"practice": practice, "clocks": some})
        found.update((row.clock_id, row.stage, row.recipient, row.channel) for row in rows)
    return frozenset(found)
