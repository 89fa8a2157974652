"""Reading the audit log and the ledgers beside it. It never writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, bindparam, func, select, type_coerce
from sqlalchemy.exc import DBAPIError

from appeals.audit import HASH
from appeals.record import Columns, Head, StoredEvent
from db.log import in_parts
from db.schema_people import patient as patients
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
    type_coerce(event.c.recorded_at, String),
).join_from(event, event_text, (event_text.c.practice_id == event.c.practice_id) & (event_text.c.seq == event.c.seq), isouter=True)
KINDS = frozenset((str, int, type(None)))  # of the values a column of ours has

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
    columns = Columns._make(beside if KINDS.issuperset(map(type, beside)) else map(_readable, beside))
    return StoredEvent(seq=seq, leaf=_words(leaf), root=_words(root), text=_words(text), columns=columns)


def _words(value: Any) -> str:
    """A text as it lies there; of bytes put in its place, something that no hash fits."""
    return value if type(value) is str else value.decode("utf-8", "replace") + "\ufffd" if isinstance(value, bytes) else str(value or "")


def _readable(value: Any) -> str | int | None:
    """A column's value; of another kind than a column of ours has, what it looks like."""
    return value if type(value) in KINDS else repr(value)


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
    """The log's size and root after its last entry, and when that was recorded, by its text: None where there is no such entry."""
    found = connection.execute(
        select(type_coerce(practices.c.log_id, String), practices.c.log_size, practices.c.log_root, type_coerce(event_text.c.text, String))
        .join_from(practices, event_text, _last_of_log, isouter=True)
        .where(practices.c.id == practice)
    ).one()
    log, size, root, text = found
    return Head(log=_words(log), size=size, root=_words(root), at=_recorded_at(_words(text)))


_last_of_log = (event_text.c.practice_id == practices.c.id) & (event_text.c.seq == practices.c.log_size)


def _recorded_at(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(text)["recorded_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None  # emptied, cut off or damaged: `audit verify` says where


def hashes(read: Callable[..., list[tuple[int, str]]]) -> Iterator[bytes]:
    """The leaves of the log from the first on, for as long as none is missing and each is a hash; `read` gives those after a number."""
    after = 0
    while found := read(after=after):
        for seq, leaf in found:
            if seq != after + 1 or not HASH.fullmatch(_words(leaf)):
                return
            after = seq
            yield bytes.fromhex(leaf)


def peaks(connection: Connection, practice: str) -> str:
    """The end of the log's tree as it is stored: JSON, a list of hashes in hex."""
    return _words(connection.execute(select(type_coerce(practices.c.log_frontier, String)).where(practices.c.id == practice)).scalar_one())


def amiss(connection: Connection, practice: str) -> tuple[str, ...]:
    """Whose entries are not as many as are on record for the patient."""
    rows = connection.execute(_miscounted, {"practice": practice})
    said = "patient {0.id}: {0.held} entries, numbered up to {0.newest}, and {0.event_count} are on record"
    return tuple(said.format(row) for row in rows)


_counted = (
    select(event.c.patient_id, func.count().label("held"), func.max(event.c.patient_seq).label("newest"))
    .where(event.c.practice_id == bindparam("practice"), event.c.patient_id.is_not(None))
    .group_by(event.c.patient_id)
    .subquery()
)
_held, _newest = func.coalesce(_counted.c.held, 0), func.coalesce(_counted.c.newest, 0)
_miscounted = (
    select(patients.c.id, patients.c.event_count, _held.label("held"), _newest.label("newest"))
    .join_from(patients, _counted, _counted.c.patient_id == patients.c.id, isouter=True)
    .where(patients.c.practice_id == bindparam("practice"), (_held != patients.c.event_count) | (_held != _newest))
    .order_by(patients.c.id)
)


def last_on(connection: Connection, practice: str) -> date | None:
    """The latest day any event ran as; None where no day can be read."""
    found = connection.execute(select(func.max(type_coerce(event.c.on, String))).where(event.c.practice_id == practice)).scalar_one()
    try:
        return date.fromisoformat(found)
    except (TypeError, ValueError):
        return None  # a damaged row: `audit verify` says which


def reminded(connection: Connection, practice: str, clock_ids: Sequence[str]) -> frozenset[tuple[str, str, str, str]]:
    """The ledger's keys of these clocks."""
    found: set[tuple[str, str, str, str]] = set()
    for some in in_parts(clock_ids):
        rows = connection.execute(_ledger, {"practice": practice, "clocks": some})
        found.update((row.clock_id, row.stage, row.recipient, row.channel) for row in rows)
    return frozenset(found)
