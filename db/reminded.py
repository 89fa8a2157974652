"""What a daily run told, read back in pages: the rows of the ledger of reminders, and the entries of the runs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, column, select, table

from appeals.model import Clock
from appeals.record import Head, StoredEvent
from appeals.services.ledger import Count, Sent, Told
from db import trail
from db.rows import columns, value_of
from db.schema_case import case, clock
from db.schema_people import payer
from db.schema_work import event, event_text, reminder

_RUN = select(event.c.leaf, event.c.root).where(event.c.practice_id == bindparam("practice"), event.c.seq == bindparam("seq"))
_RUN_TEXT = select(event_text.c.text).where(event_text.c.practice_id == bindparam("practice"), event_text.c.seq == bindparam("seq"))
LEDGER, BESIDE = "reminder", "temp.rehearsed"
ROWS = 1000  # hashed at once
# A run of any size writes page after page and reads none twice: what the driver would keep is half of what we may use.
LITTLE = "PRAGMA cache_size = -2500"  # KiB; before the first reading, since what was taken is not given back


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
