"""The ledger of reminders: filled by one statement along the index of running clocks, read in pages. What is due it is told.

The statement says of all clocks what `appeals.reminders` says of one: `stage`, `rank` and `level`; a test holds the two equal.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, column, select, table, text

from appeals.model import Clock
from appeals.record import Change, Head, StoredEvent
from appeals.reminders import OURS, UNKNOWN, Ladder, Plan
from appeals.services.ledger import Count, Ledger, Sent, Told
from appeals.standing import AUTHORISED
from db import trail
from db.columns import STILL_RUNNING, listed
from db.rows import columns, value_of
from db.schema_case import case, clock
from db.schema_people import payer
from db.schema_work import event, event_text, reminder
from db.writing import write

_RUN = select(event.c.leaf, event.c.root).where(event.c.practice_id == bindparam("practice"), event.c.seq == bindparam("seq"))
_RUN_TEXT = select(event_text.c.text).where(event_text.c.practice_id == bindparam("practice"), event_text.c.seq == bindparam("seq"))
LEDGER, BESIDE = "reminder", "temp.rehearsed"
ROWS = 1000  # hashed at once
WRITTEN = 250  # entries at once: each has its text, its hashes and its row
# A run of any size writes page after page and reads none twice: what the driver would keep is half of what we may use.
LITTLE = "PRAGMA cache_size = -2500"  # KiB; before the first reading, since what was taken is not given back
_OURS = f"c.owed_by IN ({listed(OURS)})"
_LATEST = "coalesce(max(c.legal_due, c.printed_due), c.legal_due, c.printed_due, c.target_due, c.work_by)"
_LAST_DAY = "coalesce(min(c.legal_due, c.printed_due), c.legal_due, c.printed_due, c.target_due, c.work_by)"
_OVERDUE = f"({_LATEST} < :today AND c.kind <> '{AUTHORISED}')"
_ANOTHER = (  # nobody chose this date, and another the plan could have still runs
    "(c.candidate AND EXISTS (SELECT 1 FROM clock AS o WHERE o.practice_id = c.practice_id AND o.case_id = c.case_id "  # noqa: S608 - as above: our own words
    f"AND o.candidate AND o.hard AND o.{STILL_RUNNING} AND o.kind LIKE 'file\\_%' ESCAPE '\\' AND o.owed_by IN ({listed(OURS)}) "
    f"AND {_LATEST.replace('c.', 'o.')} >= :today))"
)
# A clock is worked to no later than its last day: what is still to come need not be asked for that.
_RANK = (
    "CASE WHEN c.work_by > :today THEN 4 WHEN c.work_by = :today THEN 3 "
    f"WHEN {_OVERDUE} THEN CASE WHEN NOT c.hard OR {_ANOTHER} THEN 2 WHEN {_OURS} THEN 0 ELSE 1 END ELSE 2 END"
)
_LEVEL = "CASE WHEN rank < 2 THEN 'o' WHEN last THEN 'l' ELSE 'n' END"
_WHO = "coalesce(w.recipient, u.recipient, d.owner)"
_WHOM = """CREATE TEMP TABLE IF NOT EXISTS whom
(owner TEXT, level TEXT, place INTEGER, recipient TEXT, channel TEXT, PRIMARY KEY (owner, level, place)) WITHOUT ROWID"""
_BESIDE = """CREATE TEMP TABLE IF NOT EXISTS rehearsed
(practice_id TEXT, id TEXT, clock_id TEXT, case_id TEXT, stage TEXT, recipient TEXT, channel TEXT, sent_on TEXT,
PRIMARY KEY (practice_id, id), UNIQUE (practice_id, clock_id, stage, recipient, channel))"""
_TOLD_BEFORE = """AND NOT EXISTS (SELECT 1 FROM reminder AS r WHERE r.practice_id = :practice AND r.clock_id = d.id AND r.stage = d.stage
AND r.recipient = coalesce(w.recipient, u.recipient, d.owner) AND r.channel = coalesce(w.channel, u.channel))"""


def filled(connection: Connection, practice: str, asked: Plan, key: str, *, into: str = LEDGER) -> Rows:
    """Put all that is due, and not in the ledger yet, into it (or beside the file) as the run `key`."""
    connection.exec_driver_sql(LITTLE)
    connection.exec_driver_sql(_WHOM)
    connection.exec_driver_sql("DELETE FROM temp.whom")
    rows = [(r.owner, r.level, place, r.recipient or None, r.channel) for place, r in enumerate(asked.routes)]
    connection.exec_driver_sql("INSERT INTO temp.whom VALUES (?, ?, ?, ?, ?)", rows)
    if into == BESIDE:
        connection.exec_driver_sql(_BESIDE)
        connection.exec_driver_sql("DELETE FROM temp.rehearsed")
    statement, given = _pick(asked, into)
    days = {"today": asked.on.isoformat(), "horizon": asked.horizon.isoformat(), "until": asked.until.isoformat()}
    connection.execute(statement, {"practice": practice, "key": key, "unknown": UNKNOWN, **days, **given})
    return Rows(lambda query, *args, **more: query(connection, practice, *args, **more), key, into)


def ran(
    connection: Connection, practice: str, asked: Plan, key: str, decide: Callable[[Ledger], Iterable[Change]], request_id: str
) -> Head:
    """Fill the ledger and write what `decide` makes of it, in the caller's transaction."""
    changes, head = iter(decide(filled(connection, practice, asked, key))), None
    while some := list(islice(changes, WRITTEN)):
        head = write(connection, practice, some, request_id if head is None else "").head
    if head is None:
        raise ValueError("a daily run without its own entry")
    return head


def ledger(read: Callable[..., Any], key: str, rehearsing: Plan | None) -> Rows:
    """The reminders of the run `key`, there or, with `rehearsing`, laid beside the file."""
    if rehearsing is None:
        return Rows(read, key)
    read(filled, rehearsing, key, into=BESIDE)
    return Rows(read, key, BESIDE)


def _pick(asked: Plan, into: str) -> tuple[TextClause, dict[str, Any]]:
    """The statement, and what its ladders are given."""
    given: dict[str, Any] = {}
    *own, every = [_reached(number, ladder, given) for number, ladder in enumerate(asked.ladders)]
    kinds = [
        f"WHEN {_of_kind(number, ladder, given)} THEN {reached}"
        for number, (ladder, reached) in enumerate(zip(asked.ladders, own, strict=False))
    ]
    reached = f"CASE {' '.join(kinds)} ELSE {every} END" if kinds else every
    to_come = f"CASE WHEN NOT {_OURS} OR (c.next_remind_on > :today AND c.next_remind_on <= c.work_by) THEN NULL ELSE {reached} END"
    stage = (
        f"CASE WHEN c.work_by >= :today THEN {to_come} WHEN {_OVERDUE} THEN 'overdue:' || :today WHEN {_OURS} THEN 'late:' || :today END"
    )
    return text(f"""
        INSERT INTO {into} (practice_id, id, clock_id, case_id, stage, recipient, channel, sent_on)
        SELECT :practice, :key || '/' || {_WHO} || '/' || d.rank || d.work_by || '.' || d.place || '.' || coalesce(w.place, u.place),
            d.id, d.case_id, d.stage, {_WHO}, coalesce(w.channel, u.channel), :today
        FROM (
            SELECT id, case_id, work_by, place, owner, stage, rank, {_LEVEL} AS level FROM (
                SELECT c.id, c.case_id, c.work_by, c.rowid AS place, k.owner,
                    c.work_by <= :horizon AND c.hard AND {_OURS} AND {_LAST_DAY} <= :horizon AS last,
                    {stage} AS stage, {_RANK} AS rank
                FROM clock AS c INDEXED BY ix_clock_work_by
                JOIN "case" AS k ON k.practice_id = c.practice_id AND k.id = c.case_id
                WHERE c.practice_id = :practice AND c.{STILL_RUNNING} AND c.work_by <= :until AND c.status <> 'tolled'
                    AND (k.state <> 'resolved' OR c.owed_by = 'payer')
                LIMIT -1 OFFSET 0 -- a subquery of its own: what a clock wants is asked once
            ) WHERE stage IS NOT NULL
        ) AS d
        LEFT JOIN temp.whom AS w ON w.owner = d.owner AND w.level = d.level
        LEFT JOIN temp.whom AS u ON w.owner IS NULL AND u.owner = :unknown AND u.level = d.level
        WHERE true {_TOLD_BEFORE if into == BESIDE else ""}
        ON CONFLICT (practice_id, clock_id, stage, recipient, channel) DO NOTHING
    """), given  # noqa: S608 - constants of ours and whole numbers; every value of a practice is a parameter


def _of_kind(number: int, ladder: Ladder, given: dict[str, Any]) -> str:
    names = {f"k{number}_{place}": kind for place, kind in enumerate(ladder.kinds)}
    given |= names
    return f"c.kind IN ({', '.join(f':{name}' for name in names)})"


def _reached(number: int, ladder: Ladder, given: dict[str, Any]) -> str:
    """The tightest offset of a ladder a clock has reached, or NULL."""
    found = []
    for hours, instant in ladder.hours:
        given[f"h{number}_{hours}"] = _instant(instant)
        found.append(f"WHEN c.due_at <= :h{number}_{hours} THEN '{hours}h:' || c.due_at")
    for days, day in ladder.days:
        given[f"d{number}_{days}"] = day.isoformat()
        put_off = f"c.next_remind_on <= :today AND c.next_remind_on > date(c.work_by, '-{days} days')"
        stage = f"CASE WHEN {put_off} THEN 'snooze:' || c.next_remind_on ELSE '{days}:' || c.work_by END"
        found.append(f"WHEN c.work_by <= :d{number}_{days} THEN {stage}")
    return f"CASE {' '.join(found)} END" if found else "NULL"


def _instant(at: datetime) -> str:
    """An instant as the file has it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


class Rows:
    """The reminders of one run, in the ledger or beside the file."""

    def __init__(self, read: Callable[..., Any], key: str, into: str = LEDGER) -> None:
        self._read, self._key, self._into = read, key, into

    @cached_property
    def _summed(self) -> tuple[tuple[Count, ...], dict[str, str]]:
        found: tuple[tuple[Count, ...], dict[str, str]] = self._read(_sums, self._key, self._into)
        return found

    def counts(self) -> tuple[Count, ...]:
        """How many there are, by recipient, worst first."""
        return self._summed[0]

    def page(self, recipient: str, after: str, size: int) -> list[Told]:
        """The next of a recipient behind the row id `after`, in the order they are to be worked."""
        found: list[Told] = self._read(_page, self._key, self._into, recipient, after, size)
        return found

    def sent(self) -> Iterator[Sent]:
        """Every reminder of the run, in the order they are told."""
        found: Iterator[Sent] = self._read(_sent, self._key, self._into)
        return found

    def hashed(self, recipient: str) -> str:
        """SHA-256 over a recipient's rows, a line each: clock and stage."""
        return self._summed[1][recipient]

    def runs(self, on: date) -> tuple[StoredEvent, ...]:
        """The entries of the good runs of a day; inside a run's transaction those that really came before it."""
        found: tuple[StoredEvent, ...] = self._read(runs, on)
        return found

    @property
    def head(self) -> Head:
        """The log's head."""
        found: Head = self._read(trail.head)
        return found


def _sums(connection: Connection, practice: str, key: str, into: str) -> tuple[tuple[Count, ...], dict[str, str]]:
    """How many reminders of each rank each recipient has, and the hash over each one's, in one reading that keeps no row."""
    counted: Counter[tuple[str, str, int]] = Counter()
    hashes: dict[str, Any] = {}
    statement = f"""
        SELECT recipient, channel, substr(id, ? + length(recipient), 1),
            clock_id || ' ' || stage || char(10)
        FROM {into} WHERE practice_id = ? AND id > ? AND id < ? ORDER BY id
    """  # noqa: S608 - one of two names of ours
    cursor = connection.connection.cursor()  # the driver's own: a row is a tuple, and there may be very many
    try:
        rows_of_it: Any = cursor
        cursor.execute(statement, (len(key) + len("//") + 1, practice, *_span(key)))
        for (recipient, channel, rank), rows in groupby(rows_of_it, key=itemgetter(0, 1, 2)):
            told = hashes.setdefault(recipient, hashlib.sha256())
            while some := [row[3] for row in islice(rows, ROWS)]:
                told.update("".join(some).encode())
                counted[recipient, channel, int(rank)] += len(some)
    finally:
        cursor.close()
    counts = (Count(recipient=who, channel=how, rank=rank, reminders=many) for (who, how, rank), many in sorted(counted.items()))
    return tuple(counts), {recipient: told.hexdigest() for recipient, told in hashes.items()}


def _sent(connection: Connection, practice: str, key: str, into: str) -> Iterator[Sent]:
    """One reminder after the other, only inside the transaction that filled them; by case they would have to be sorted, in memory."""
    statement = f"""
        SELECT r.case_id, k.patient_id, c.kind, r.stage, r.recipient, r.channel
        FROM {into} AS r
        JOIN clock AS c ON c.practice_id = r.practice_id AND c.id = r.clock_id
        JOIN "case" AS k ON k.practice_id = r.practice_id AND k.id = r.case_id
        WHERE r.practice_id = ? AND r.id > ? AND r.id < ? ORDER BY r.id
    """  # noqa: S608 - one of two names of ours
    cursor = connection.connection.cursor()
    try:
        rows: Any = cursor
        cursor.execute(statement, (practice, *_span(key)))
        yield from map(Sent._make, rows)
    finally:
        cursor.close()


def _span(key: str) -> tuple[str, str]:
    return f"{key}/", f"{key}0"  # "0" is what follows "/"


def _source(into: str) -> Any:
    names = ("practice_id", "id", "clock_id", "case_id", "stage", "recipient", "channel")
    return reminder if into == LEDGER else table("rehearsed", *(column(name) for name in names), schema="temp")


def _page(connection: Connection, practice: str, key: str, into: str, recipient: str, after: str, size: int) -> list[Told]:
    said = _source(into)
    statement = (
        select(said.c.id, said.c.stage, case.c.number, payer.c.name, case.c.owner, *columns(Clock))
        .join_from(said, clock, (clock.c.practice_id == said.c.practice_id) & (clock.c.id == said.c.clock_id))
        .join(case, (case.c.practice_id == said.c.practice_id) & (case.c.id == said.c.case_id))
        .join(payer, (payer.c.practice_id == case.c.practice_id) & (payer.c.id == case.c.payer_id))
        .where(
            said.c.practice_id == practice,
            said.c.id > bindparam("after"),
            said.c.id < bindparam("before"),
            said.c.recipient == recipient,
        )
        .order_by(said.c.id)
        .limit(size)
    )
    first = f"{key}/{recipient}/"
    rank_at = len(first)
    return [
        Told(
            id=row[0],
            stage=row[1],
            number=row[2],
            payer=row[3],
            owner=row[4],
            rank=int(row[0][rank_at]),
            clock_id=row.id_1,
            clock=value_of(Clock, row[5:]),
        )
        for row in connection.execute(statement, {"after": after or first, "before": f"{first[:-1]}0"})
    ]


def runs(connection: Connection, practice: str, on: date | None = None) -> tuple[StoredEvent, ...]:
    """The entries of the good daily runs of the day `on`, oldest first; without a day that of the last one."""
    connection.exec_driver_sql(LITTLE)
    # The places first, along an index of the log alone: beside its text the log would be read from its beginning.
    places = select(event.c.seq).where(event.c.practice_id == practice, event.c.kind == "reminder", event.c.name == "remind")
    places = places.where(event.c.case_id.is_(None))  # so the last is found without reading its reminders, which are of cases
    places = places.where(event.c.on == on) if on else places.order_by(event.c.seq.desc()).limit(1)
    found = []
    for seq in sorted(connection.execute(places).scalars()):
        which = {"practice": practice, "seq": seq}
        row = connection.execute(_RUN, which).one()
        found.append(StoredEvent(seq=seq, leaf=row.leaf, root=row.root, text=connection.execute(_RUN_TEXT, which).scalar_one()))
    return tuple(found)
