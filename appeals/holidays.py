"""Public holidays as rules, on their literal and their observed day; never a guess for a year outside the table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, date, timedelta
from functools import cache
from types import MappingProxyType

from appeals.errors import NoRule

FIRST_YEAR, LAST_YEAR = 1971, 2100
CALENDARS = ("federal",)
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
LAST = -1

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


def literal(day: date, calendar: str = "federal") -> str:
    """The holiday whose own date `day` is, or "".

    Raises:
        NoRule: a year outside 1971-2100, or a calendar there is no table for.
    """
    _known(calendar, day.year)
    return _days(day.year).get(day, "")


def observed(day: date, calendar: str = "federal") -> str:
    """The holiday that is only observed on `day` because its own date falls on a weekend, or "".

    5 USC 6103(b)(1) and Executive Order 11582: Saturday moves to Friday, Sunday to Monday.
    """
    _known(calendar, day.year)
    beside = {4: day + timedelta(days=1), MONDAY: day - timedelta(days=1)}.get(day.weekday())
    return _days(beside.year).get(beside, "") if beside and weekend(beside) else ""


def weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() in (SATURDAY, SUNDAY)


def closed_literally(day: date, calendar: str = "federal") -> bool:
    """A weekend or a holiday's own date: the calendar for a claimant's roll."""
    # The holiday is asked first: it refuses a year that is not in the table, on a weekend too.
    return bool(literal(day, calendar)) or weekend(day)


def closed(day: date, calendar: str = "federal") -> bool:
    """A weekend, a holiday's own date, or the day it is observed on: the calendar for business days."""
    return closed_literally(day, calendar) or bool(observed(day, calendar))


def _known(calendar: str, year: int) -> None:
    if calendar not in CALENDARS:
        raise NoRule(
            f"There is no holiday table for {calendar}.",
            f"Tables exist for: {', '.join(CALENDARS)}. Enter the date the notice prints.",
        )
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


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    if which == LAST:
        last = date(year, month + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
