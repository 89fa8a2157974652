"""Counting: days, business days, months, hours, rolling. Pure arithmetic; the numbers come from the rule packs, never from here."""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appeals import holidays
from appeals.errors import BadConfiguration, ImpossibleValue, MissingFact

UNITS = ("calendar_days", "business_days", "hours", "calendar_months", "years")
IF_NO_SUCH_DAY = ("none", "clamp", "first_of_next_month")
MONTHS_A_YEAR = 12
ONE_DAY = timedelta(days=1)


def day_name(day: date) -> str:
    """`Sun 2027-03-07`: the weekday is half of what a deadline means."""
    return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[day.weekday()]} {day.isoformat()}"


def in_words(length: int, unit: str) -> str:
    """`1 business day`, `120 calendar days`."""
    words = unit.replace("_", " ")
    return f"{length} {words[:-1] if length == 1 else words}"


def add_days(start: date, length: int, *, start_day_counts: bool = False) -> date:
    """Calendar days after `start`, which is day 0, or day 1 where the rule counts it."""
    try:
        return start + timedelta(days=length - start_day_counts)
    except OverflowError as error:
        raise _outside(start) from error


def add_business_days(start: date, length: int, calendar: str = "federal", *, start_day_counts: bool = False) -> date:
    """The business day that is `length` business days after `start` (before it, where negative).

    Neither a holiday's own date nor its observed day is a business day. Length 0 is `start` itself, closed or not.
    """
    step = ONE_DAY if length > 0 else -ONE_DAY
    left, day = abs(length), start
    if left and start_day_counts and not holidays.closed(start, calendar):
        left -= 1
    while left:
        if day in (date.min, date.max):
            raise _outside(start)
        day += step
        left -= not holidays.closed(day, calendar)
    return day


def add_months(start: date, length: int, if_no_such_day: str, *, start_day_counts: bool = False) -> date:
    """The same day number `length` months later; where that month has no such day, what the rule says.

    `clamp` is the month's last day; `first_of_next_month` the first of the month after it (45 CFR 147.136(d)(2)(i)).
    """
    months = start.year * MONTHS_A_YEAR + start.month - 1 + length
    year, month = months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1
    if not date.min.year <= year <= date.max.year:
        raise _outside(start)
    last = month_lengths.monthrange(year, month)[1]
    if start.day <= last:
        found = date(year, month, start.day)
    elif if_no_such_day == "first_of_next_month":
        found = date(year, month, last) + ONE_DAY
    elif if_no_such_day == "clamp":
        found = date(year, month, last)
    else:
        raise BadConfiguration(
            f"A rule counts {length} months from {start}, a day that month does not have, and does not say what then.",
            "The rule's `if_no_such_day` must be `clamp` or `first_of_next_month`.",
        )
    return found - ONE_DAY if start_day_counts else found


def roll(day: date, is_closed: Callable[[date], bool]) -> date:
    """`day`, or the first day after it that is not closed."""
    while is_closed(day):
        day += ONE_DAY
    return day


def last_business_day(day: date) -> date:
    """The last business day on or before `day`; neither literal nor observed federal holidays are business days."""
    while holidays.closed(day):
        day -= ONE_DAY
    return day


def elapsed(at: datetime, hours: int) -> datetime:
    """The UTC instant `hours` elapsed hours after the aware instant `at`, across any change of the wall clock.

    Raises:
        ImpossibleValue: `at` names no time zone.
    """
    if at.tzinfo is None:
        raise ImpossibleValue(f"{at.isoformat()} names no time zone.", "Read typed times with `instant(text, zone)`.")
    return at.astimezone(UTC) + timedelta(hours=hours)


def zone_of(name: str) -> ZoneInfo:
    """The time zone with this IANA name.

    Raises:
        BadConfiguration: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadConfiguration(f"There is no time zone {name!r}.", "Use an IANA name such as America/New_York.") from error


def midnight(day: date, zone: str) -> datetime:
    """The aware UTC instant at which `day` begins in `zone`: the earliest its first hour can have been."""
    return datetime(day.year, day.month, day.day, tzinfo=zone_of(zone)).astimezone(UTC)


def instant(local_text: str, zone: str) -> datetime:
    """The aware UTC instant of a wall-clock time typed in `zone`; text that carries its own offset keeps it.

    Raises:
        ImpossibleValue: not a date and time, or skipped when the clocks went forward.
        MissingFact: the time occurs twice; asks which.
    """
    try:
        typed = datetime.fromisoformat(local_text)
    except ValueError as error:
        raise ImpossibleValue(f"{local_text!r} is not a date and time.", "Write 2026-11-23T14:30.") from error
    if typed.tzinfo is not None:
        return typed.astimezone(UTC)
    first = typed.replace(tzinfo=zone_of(zone), fold=0)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(first.tzinfo).replace(tzinfo=None) != typed:
        raise ImpossibleValue(
            f"{local_text} does not exist in {zone}: the clocks went forward.",
            "Use a time before or after the hour skipped.",
        )
    raise MissingFact(
        f"{local_text} happens twice in {zone}: the clocks went back.",
        f"Say which: {first.isoformat(timespec='minutes')} or {second.isoformat(timespec='minutes')}.",
    )


def _outside(start: date) -> ImpossibleValue:
    return ImpossibleValue(f"A deadline counted from {start} falls outside the calendar.", "Check the year that was typed.")
