"""Reading the audit log and the ledgers beside it. It never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, bindparam, func, select, type_coerce
from sqlalchemy.exc import DBAPIError

from appeals.record import Head, StoredEvent
from db.log import in_parts
from db.schema_people import practice as practices
from db.schema_work import event, event_text, reminder

PAGE = 250  # a denial with all its clocks is a text of many kilobytes
LEAVES = 1000

_stored = select(event.c.seq, event.c.leaf, event.c.root, event_text.c.text).join_from(
    event, event_text, (event_text.c.practice_id == event.c.practice_id) & (event_text.c.seq == event.c.seq)
)

# A day that is none must be found, not be a reason to stop: it is read as the text it is.
_beside = select(
    *(event.c.seq, event.c.leaf, event.c.root, event_text.c.text, event.c.actor, event.c.case_id, event.c.kind, event.c.log_id),
    *(event.c.name, type_coerce(event.c.on, String).label("on"), event.c.patient_id, event.c.patient_seq),
).join_from(event, event_text, (event_text.c.practice_id == event.c.practice_id) & (event_text.c.seq == event.c.seq), isouter=True)
SEARCHED_BY = ("actor", "case_id", "kind", "log_id", "name", "on", "patient_id", "patient_seq")

_ledger = select(reminder.c.clock_id, reminder.c.stage, reminder.c.recipient, reminder.c.channel).where(
    reminder.c.practice_id == bindparam("practice"), reminder.c.clock_id.in_(bindparam("clocks", expanding=True))
)


def by_request(connection: Connection, practice: str, request_id: str) -> StoredEvent | None:
    """The first event of the command with this request id."""
    found = connection.execute(_stored.where(event.c.practice_id == practice, event.c.request_id == request_id)).one_or_none()
    return None if found is None else _entry(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which entries are read: of one patient, one case, one kind, of certain days, up to a number; "" and None stand for all."""

    patient_id: str = ""
    case_id: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    until: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What an entry must be."""
        equal = ((event.c.patient_id, self.patient_id), (event.c.case_id, self.case_id), (event.c.kind, self.kind))
        found = [column == value for column, value in equal if value]
        found += [event.c.on >= self.first] if self.first else []
        found += [event.c.on <= self.last] if self.last else []
        return found + ([event.c.seq <= self.until] if self.until is not None else [])

    @property
    def along(self) -> Any:
        """What the entries are read along: one patient's by their own count, or every entry of the log would be looked at."""
        return event.c.patient_seq if self.patient_id and not self.case_id else event.c.seq


def page(connection: Connection, practice: str, chosen: Chosen, *, after: int, place: int) -> tuple[list[StoredEvent], int]:
    """The next entries whose sequence number is above `after`, and the place to go on from (start with 0)."""
    along = chosen.along
    of_practice = (event.c.practice_id == practice, event.c.seq > after, along > place)
    rows = connection.execute(
        _stored.add_columns(along.label("place")).where(*of_practice, *chosen.conditions()).order_by(along).limit(PAGE)
    ).all()
    return [_entry(row) for row in rows], rows[-1].place if rows else place


def histories(connection: Connection, practice: str, *, cases: Sequence[str], last: date) -> list[StoredEvent]:
    """The entries of these cases up to the day `last`, by sequence in each case."""
    of_these = (event.c.practice_id == practice, event.c.case_id.in_(cases), event.c.on <= last)
    return [_entry(row) for row in connection.execute(_stored.where(*of_these).order_by(event.c.case_id, event.c.seq))]


def places(connection: Connection, practice: str, chosen: Chosen) -> list[int]:
    """The sequence numbers of the chosen entries, ascending."""
    statement = select(event.c.seq).where(event.c.practice_id == practice, *chosen.conditions()).order_by(chosen.along)
    return list(connection.execute(statement).scalars())


def leaves(connection: Connection, practice: str, *, after: int, until: int) -> list[tuple[int, str]]:
    """The next leaves (hex) after entry `after`, each with its sequence number."""
    statement = select(event.c.seq, event.c.leaf).where(event.c.practice_id == practice, event.c.seq > after, event.c.seq <= until)
    return [(row.seq, row.leaf) for row in connection.execute(statement.order_by(event.c.seq).limit(LEAVES))]


def checked_page(connection: Connection, practice: str, after: int) -> list[StoredEvent]:
    """The next entries with what stands beside them, as they lie there: nothing in them can stop the reading."""
    statement = _beside.where(event.c.practice_id == practice, event.c.seq > after).order_by(event.c.seq).limit(PAGE)
    try:
        rows = connection.execute(statement).all()
    except DBAPIError as error:
        if "could not decode" not in str(error.orig).lower():
            raise
        rows = _read_all_the_same(connection, statement)
    return [_with_columns(*row) for row in rows]


def _with_columns(seq: int, leaf: str, root: str, text: str | None, *beside: Any) -> StoredEvent:
    return StoredEvent(seq=seq, leaf=leaf, root=root, text=text or "", columns=dict(zip(SEARCHED_BY, beside, strict=True)))


def _read_all_the_same(connection: Connection, statement: Any) -> Sequence[Any]:
    """The rows, with a mark for each byte that is no text: what is hashed again then is not what was written."""
    driver = connection.connection.driver_connection
    driver.text_factory = lambda raw: str(raw, "utf-8", "replace")  # type: ignore[union-attr]  # it is there: a row was just read
    try:
        return connection.execute(statement).all()
    finally:
        driver.text_factory = str  # type: ignore[union-attr]


def _entry(row: Any) -> StoredEvent:
    return StoredEvent(seq=row.seq, leaf=row.leaf, root=row.root, text=row.text)


def head(connection: Connection, practice: str) -> Head:
    """The log's size and root after its last entry, and when that was recorded: None where there is no such entry."""
    found = connection.execute(
        select(practices.c.log_id, practices.c.log_size, practices.c.log_root, event.c.recorded_at)
        .join_from(practices, event, (event.c.practice_id == practices.c.id) & (event.c.seq == practices.c.log_size), isouter=True)
        .where(practices.c.id == practice)
    ).one()
    return Head(log=found.log_id, size=found.log_size, root=found.log_root, at=found.recorded_at)


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
