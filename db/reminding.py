"""The ledger of reminders is filled along indexes of the running clocks; what is due it is told. `db.reminded` reads it.

The statement says of all clocks what `appeals.reminders` says of one: `stage`, `rank` and `level`; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, TextClause, text

from appeals.record import Change, Head
from appeals.reminders import OURS, UNKNOWN, Ladder, Plan
from appeals.services.ledger import Ledger
from appeals.standing import AUTHORISED
from db.columns import STILL_RUNNING, listed
from db.reminded import BESIDE, LEDGER, LITTLE, Rows
from db.writing import write

# What is near, and what no offset has reached that was put off to a day which has come: each along an index of its own.
NEAR = ("ix_clock_work_by", "c.work_by <= :until")
PUT_OFF = ("ix_clock_next_remind_on", "c.next_remind_on <= :horizon AND c.work_by > :until")
WRITTEN = 250  # entries at once: each has its text, its hashes and its row
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
    days = {"today": asked.on.isoformat(), "horizon": asked.horizon.isoformat(), "until": asked.until.isoformat()}
    for along in (NEAR, PUT_OFF):
        statement, given = _pick(asked, into, along)
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


def _pick(asked: Plan, into: str, along: tuple[str, str]) -> tuple[TextClause, dict[str, Any]]:
    """The statement, and what its ladders are given."""
    index, such = along
    given: dict[str, Any] = {}
    *own, every = [_reached(number, ladder, given) for number, ladder in enumerate(asked.ladders)]
    kinds = [
        f"WHEN {_of_kind(number, ladder, given)} THEN {reached}"
        for number, (ladder, reached) in enumerate(zip(asked.ladders, own, strict=False))
    ]
    reached = f"CASE {' '.join(kinds)} ELSE {every} END" if kinds else every
    to_come = f"CASE WHEN NOT {_OURS} OR (c.next_remind_on > :horizon AND c.next_remind_on <= c.work_by) THEN NULL ELSE {reached} END"
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
                FROM clock AS c INDEXED BY {index}
                JOIN "case" AS k ON k.practice_id = c.practice_id AND k.id = c.case_id
                WHERE c.practice_id = :practice AND c.{STILL_RUNNING} AND {such} AND c.status <> 'tolled'
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
    """The tightest offset of a ladder a clock has reached, else the day it was put off to, or NULL."""
    found = []
    for hours, instant in ladder.hours:
        given[f"h{number}_{hours}"] = _instant(instant)
        found.append(f"WHEN c.due_at <= :h{number}_{hours} THEN '{hours}h:' || c.due_at")
    for days, day in ladder.days:
        given[f"d{number}_{days}"] = day.isoformat()
        put_off = f"c.next_remind_on <= :horizon AND c.next_remind_on > date(c.work_by, '-{days} days')"
        stage = f"CASE WHEN {put_off} THEN 'snooze:' || c.next_remind_on ELSE '{days}:' || c.work_by END"
        found.append(f"WHEN c.work_by <= :d{number}_{days} THEN {stage}")
    found.append("WHEN c.next_remind_on <= :horizon THEN 'snooze:' || c.next_remind_on")
    return f"CASE {' '.join(found)} END"


def _instant(at: datetime) -> str:
    """An instant as the file has it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
