"""Counting: days, business days, months, hours, rolling. Pure arithmetic; the numbers come from the rule packs, never from here."""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Callable, Container
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appeals import holidays
from appeals.errors import BadConfiguration, ImpossibleValue, MissingFact

UNITS = ("calendar_days", "business_days", "hours", "calendar_months", "years", "year_ends", "event")
IF_NO_SUCH_DAY = ("none", "clamp", "first_of_next_month")
MONTHS_A_YEAR = 12
ONE_DAY = timedelta(days=1)
SATURDAY = 5
Shut = Callable[[int, str], Container[date]]  # which days of a year a calendar closes besides weekends


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


def add_business_days(
    start: date, length: int, calendar: str = holidays.FEDERAL, *, start_day_counts: bool = False, closed: Shut = holidays.closed_days
) -> date:
    """The business day that is `length` business days after `start` (before it, where negative).

    `federal` closes a holiday's own date and its observed day, `federal_literal` only its own date. Length 0 is `start`
    itself, closed or not.
    """
    step = ONE_DAY if length > 0 else -ONE_DAY
    left, day = abs(length), start
    shut = closed(start.year, calendar)
    if left and start_day_counts and start.weekday() < SATURDAY and start not in shut:
        left -= 1
    while left:
        if day in (date.min, date.max):
            raise _outside(start)
        year = day.year
        day += step
        if day.year != year:
            shut = closed(day.year, calendar)
        left -= day.weekday() < SATURDAY and day not in shut
    return day


def add(
    start: date, length: int, unit: str, *, calendar: str = "none", first: bool = False, missing: str = "none",
    closed: Shut = holidays.closed_days,
) -> date:  # fmt: skip
    """`length` of a day unit after `start` (before it, where negative); `first`: the start is day 1; `missing`: `if_no_such_day`."""
    if unit == "calendar_days":
        return add_days(start, length, start_day_counts=first)
    if unit == "business_days":
        return add_business_days(start, length, business(calendar), start_day_counts=first, closed=closed)
    if unit == "year_ends":
        return year_end(start, length)
    if unit == "event":
        return start
    return add_months(start, length * MONTHS_A_YEAR if unit == "years" else length, missing, start_day_counts=first)


def business(calendar: str) -> str:
    """The calendar that business days are counted by where a rule names none."""
    return holidays.FEDERAL if calendar == "none" else calendar


def year_end(start: date, length: int) -> date:
    """31 December of the year that is `length` years after that of `start`."""
    if start.year + length > date.max.year:
        raise _outside(start)
    return date(start.year + length + 1, 1, 1) - ONE_DAY


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


def last_business_day(day: date, calendar: str = holidays.FEDERAL, closed: Shut = holidays.closed_days) -> date:
    """The last business day on or before `day`; neither literal nor observed federal holidays are business days."""
    while day.weekday() >= SATURDAY or day in closed(day.year, calendar):
        day -= ONE_DAY
    return day


def elapsed(at: datetime, hours: int) -> datetime:
    """The UTC instant `hours` elapsed hours after the aware instant `at`, across any change of the wall clock.

    Raises:
        ImpossibleValue: `at` names no time zone, or the instant lies outside the calendar.
    """
    if at.tzinfo is None:
        raise ImpossibleValue(f"{at.isoformat()} names no time zone.", "Read typed times with `instant(text, zone)`.")
    try:
        return at.astimezone(UTC) + timedelta(hours=hours)
    except OverflowError as error:
        raise _outside(at) from error


def at_time(day: date, moment: time, zone: str) -> datetime:
    """A time of day in `zone`, with the offset it has; a time the clocks skip is taken as the one before the change."""
    return _with_offset(datetime.combine(day, moment, tzinfo=zone_of(zone)))


def on_the_wall(at: datetime, zone: str) -> datetime:
    """The same instant on the wall clock of `zone`, with the offset it has: later changes of the zone's rules do not move it."""
    return _with_offset(at.astimezone(zone_of(zone)))


def _with_offset(at: datetime) -> datetime:
    return at.replace(tzinfo=timezone(at.utcoffset() or timedelta()), fold=0)


def zone_of(name: str) -> ZoneInfo:
    """The time zone with this IANA name.

    Raises:
        MissingFact: none was named. BadConfiguration: there is none of this name.
    """
    if not name:
        raise MissingFact("Hours are counted on a wall clock, and no time zone is known.", "Give --zone, for example America/New_York.")
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
