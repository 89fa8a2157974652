"""Public holidays, on their literal and their observed day: the federal ones as rules, a state's as the list it published.

It never guesses: a year outside a table is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, date, timedelta
from functools import cache
from types import MappingProxyType

from appeals.errors import NoRule

ONE_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1971, 2100
MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6
LAST = -1
FEDERAL, LITERAL = "federal", "federal_literal"

# 5 USC 6103(a). (month, day, first year, name)
FIXED = (
    (1, 1, FIRST_YEAR, "New Year's Day"),
    (6, 19, 2021, "Juneteenth"),
    (7, 4, FIRST_YEAR, "Independence Day"),
    (11, 11, 1978, "Veterans Day"),
    (12, 25, FIRST_YEAR, "Christmas Day"),
)
# 5 USC 6103(a). (month, weekday, which one of the month, first year, last year, name)
NTH = (
    (1, MONDAY, 3, 1986, MAXYEAR, "Martin Luther King Jr. Day"),
    (2, MONDAY, 3, FIRST_YEAR, MAXYEAR, "Washington's Birthday"),
    (5, MONDAY, LAST, FIRST_YEAR, MAXYEAR, "Memorial Day"),
    (9, MONDAY, 1, FIRST_YEAR, MAXYEAR, "Labor Day"),
    (10, MONDAY, 2, FIRST_YEAR, MAXYEAR, "Columbus Day"),
    # Public Law 94-97 moved Veterans Day back to 11 November from 1978 on.
    (10, MONDAY, 4, FIRST_YEAR, 1977, "Veterans Day"),
    (11, THURSDAY, 4, FIRST_YEAR, MAXYEAR, "Thanksgiving Day"),
)
# N.C.G.S. 126-4(5): the State Human Resources Commission sets the days state offices are closed, year by year.
NORTH_CAROLINA: Mapping[str, str] = MappingProxyType({
    "2026-01-01": "New Year's Day", "2026-01-19": "Martin Luther King Jr. Day", "2026-04-03": "Good Friday",
    "2026-05-25": "Memorial Day", "2026-07-03": "Independence Day", "2026-09-07": "Labor Day", "2026-11-11": "Veterans Day",
    "2026-11-26": "Thanksgiving", "2026-11-27": "Thanksgiving", "2026-12-24": "Christmas", "2026-12-25": "Christmas",
    "2026-12-28": "Christmas",
})  # fmt: skip
STATES: Mapping[str, Mapping[date, str]] = MappingProxyType(
    {"NC": MappingProxyType({date.fromisoformat(day): name for day, name in NORTH_CAROLINA.items()})}
)
CALENDARS = (FEDERAL, LITERAL, *STATES)
UNVERIFIED = frozenset(STATES)  # written from general knowledge; nobody compared them with the published lists


def literal(day: date, calendar: str = FEDERAL) -> str:
    """The holiday whose own date `day` is, or "".

    Raises:
        NoRule: a year outside the table, or a calendar there is no table for.
    """
    _known(calendar, day.year)
    return (STATES[calendar] if calendar in STATES else _days(day.year)).get(day, "")


def observed(day: date, calendar: str = FEDERAL) -> str:
    """The holiday that is only observed on `day` because its own date falls on a weekend, or "".

    5 USC 6103(b)(1) and Executive Order 11582: Saturday moves to Friday, Sunday to Monday. `federal_literal` knows no
    such day, and a state's list holds the days its offices are closed, moved ones too.
    """
    _known(calendar, day.year)
    return _observed(day.year).get(day, "") if calendar == FEDERAL else ""


def weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() in (SATURDAY, SUNDAY)


def closed_literally(day: date, calendar: str = FEDERAL) -> bool:
    """A weekend or a holiday's own date: the calendar for a claimant's roll."""
    # The holiday is asked first: it refuses a year that is not in the table, on a weekend too.
    return bool(literal(day, calendar)) or weekend(day)


def closed(day: date, calendar: str = FEDERAL) -> bool:
    """A weekend, a holiday's own date, or the day it is observed on: the calendar for business days."""
    return closed_literally(day, calendar) or bool(observed(day, calendar))


def closed_days(year: int, calendar: str = FEDERAL) -> frozenset[date]:
    """The days of a year that `calendar` closes besides weekends; the fast way to ask for many days.

    Raises:
        NoRule: as `literal`.
    """
    _known(calendar, year)
    return _closed_days(year, calendar)


@cache
def _closed_days(year: int, calendar: str) -> frozenset[date]:
    if calendar in STATES:
        return frozenset(day for day in STATES[calendar] if day.year == year)
    return frozenset((*_days(year), *(_observed(year) if calendar == FEDERAL else ())))


def _known(calendar: str, year: int) -> None:
    if calendar not in CALENDARS:
        raise NoRule(
            f"There is no holiday table for {calendar}.",
            f"Tables exist for: {', '.join(CALENDARS)}. Enter the date the notice prints.",
        )
    if calendar in STATES and not any(day.year == year for day in STATES[calendar]):
        known = sorted({str(day.year) for day in STATES[calendar]})
        raise NoRule(f"The days {calendar} offices are closed in {year} are not in the table.", f"It has {', '.join(known)}.")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NoRule(
            f"Holidays are known for {FIRST_YEAR} to {LAST_YEAR}; {year} is outside.",
            "Check the year that was typed.",
        )


@cache
def _days(year: int) -> Mapping[date, str]:
    days = {date(year, month, day): name for month, day, since, name in FIXED if year >= since}
    days |= {_nth(year, month, weekday, which): name for month, weekday, which, since, until, name in NTH if since <= year <= until}
    return MappingProxyType(days)


@cache
def _observed(year: int) -> Mapping[date, str]:
    """Days of `year` on which a holiday is only observed: New Year's of the next year may move into this one."""
    found = {}
    for own, name in ((day, name) for each in (year, year + 1) for day, name in _days(each).items()):
        moved = own + timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(own.weekday(), 0))
        if moved != own and moved.year == year:
            found[moved] = name
    return MappingProxyType(found)


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    if which == LAST:
        last = date(year, month + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
