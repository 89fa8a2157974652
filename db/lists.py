"""Reading for the lists of every day: what must be worked by a day, how much is open, what was decided. It never writes.

Each statement runs along an index that holds nothing closed, so that a list takes as long as it is, not as the file is old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, func, select, text, tuple_

from appeals.model import Filing
from appeals.services.store import CaseRow
from appeals.weighing import Tally
from db import cases
from db.columns import DECIDED, STILL_OPEN, STILL_RUNNING
from db.rows import columns, value_of
from db.schema_case import case, clock, filing

T = TypeVar("T")
Place = tuple[date, str]
START: Place = (date.min, "")


def due(read: Callable[..., Any], until: date, size: int = cases.LARGEST_PAGE) -> Iterator[CaseRow]:
    """Cases on which a clock runs that must be worked by `until`, each once; no transaction is open while they are consumed."""
    seen: set[str] = set()
    place = START
    while pairs := read(_due_page, until=until, place=place, size=size):
        place = pairs[-1]
        fresh = list(dict.fromkeys(case_id for _, case_id in pairs if case_id not in seen))
        seen.update(fresh)
        yield from read(_rows, ids=fresh) if fresh else ()


def _due_page(connection: Connection, practice: str, *, until: date, place: Place, size: int) -> list[Place]:
    given = {"practice": practice, "until": until, "on": place[0], "case": place[1], "size": min(size, cases.LARGEST_PAGE)}
    return [(row.work_by, row.case_id) for row in connection.execute(_due(), given)]


def _rows(connection: Connection, practice: str, *, ids: list[str]) -> list[CaseRow]:
    return cases.rows_of(connection, practice, _by_id(), {"practice": practice, "ids": ids})


@cache
def _due() -> Select[Any]:
    place = tuple_(bindparam("on", type_=clock.c.work_by.type), bindparam("case", type_=clock.c.case_id.type))
    return (
        select(clock.c.work_by, clock.c.case_id)
        .where(
            clock.c.practice_id == bindparam("practice"),
            text(f"clock.{STILL_RUNNING}"),
            clock.c.work_by <= bindparam("until"),
            tuple_(clock.c.work_by, clock.c.case_id) > place,
        )
        .order_by(clock.c.work_by, clock.c.case_id)
        .limit(bindparam("size"))
    )


@cache
def _by_id() -> Select[Any]:
    return cases.listed().where(case.c.id.in_(bindparam("ids", expanding=True))).order_by(case.c.number)


def open_count(connection: Connection, practice: str, owners: tuple[str, ...] = ()) -> int:
    """How many cases are open; with `owners`, theirs alone."""
    statement = select(func.count()).select_from(case).where(case.c.practice_id == practice, text(f'"case".{STILL_OPEN}'))
    return connection.execute(statement.where(case.c.owner.in_(owners)) if owners else statement).scalar_one()


def filings(connection: Connection, practice: str, *, after: str) -> list[tuple[Filing, str]]:
    """The next appeals behind the id `after`, each with the category of its case."""
    statement = (
        select(*columns(Filing), case.c.category)
        .join_from(filing, case, (case.c.practice_id == filing.c.practice_id) & (case.c.id == filing.c.case_id))
        .where(filing.c.practice_id == practice, filing.c.id > after)
        .order_by(filing.c.id)
        .limit(cases.LARGEST_PAGE)
    )
    return [(value_of(Filing, row), row[-1]) for row in connection.execute(statement)]


def tallies(connection: Connection, practice: str, newest: int) -> tuple[Tally, ...]:
    """How the `newest` decisions on appeals fell, by category of the case and level of the appeal."""
    last = (
        select(filing.c.case_id, filing.c.level, filing.c.outcome)
        .where(filing.c.practice_id == practice, text(f"filing.{DECIDED.replace('voided', 'filing.voided')}"))
        .order_by(*(column.desc() for column in (filing.c.decided_date, filing.c.case_id, filing.c.level, filing.c.outcome)))
        .limit(newest)
        .subquery("newest")
    )
    statement = (
        select(case.c.category, last.c.level, last.c.outcome, func.count())
        .join_from(last, case, (case.c.practice_id == practice) & (case.c.id == last.c.case_id))
        .group_by(case.c.category, last.c.level, last.c.outcome)
    )
    return tuple(Tally(category=row[0], level=row[1], outcome=row[2], decisions=row[3]) for row in connection.execute(statement))
