"""One rule and the facts of a case -> its dates, with the arithmetic written out step by step. It never picks the rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from appeals import counting, holidays
from appeals.counting import day_name, in_words
from appeals.errors import ImpossibleValue, MissingFact, NoRule
from appeals.packs import Rule, Version, in_force

Fact = date | datetime | str | None
Facts = Mapping[str, Fact]

RECORDED = {
    "notice": "notice dated",
    "received": "received",
    "sent": "sent",
    "submitted": "submitted",
    "mailed": "mailed",
    "on": "the payer's clock ran out on",
}
STANDS_IN = {
    "notice": "receipt not recorded: counted from the notice date, the earliest it can be; proof of receipt re-dates it",
    "sent": "receipt not recorded: counted from the day it was sent, the earliest it can be; proof of receipt re-dates it",
    "submitted": "receipt not recorded: counted from the day it was submitted, the earliest it can be; proof of receipt re-dates it",
    "received": "that day is not recorded: counted from the day the filing was received, the earliest it can be",
    "on": "no notice came: counted from the day the payer's clock ran out; no section says how long the right lasts then, so file soon",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a count begins: the day, the instant for an hour clock, how it is known, and the lines that say so."""

    day: date
    kind: str
    at: datetime | None = None
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The dates of one deadline. `fallback_due` is only shown; an hour clock has `due_at` and no `safe_due`."""

    rule: Rule
    version: Version
    start: Start
    raw_due: date
    legal_due: date
    safe_due: date | None
    fallback_due: date | None = None
    due_at: datetime | None = None
    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def count(rule: Rule, facts: Facts, *, zone: str, extended: bool = False) -> Count:
    """The dates of `rule` for these facts; `extended` where the lawful extension was taken.

    Raises:
        MissingFact: none of the facts the rule counts from was given.
        NoRule: no version in force then, or a holiday year outside the table.
        ImpossibleValue: received before the notice was written.
    """
    version = _version(rule, facts, zone)
    start = _start(rule, version, facts, zone)
    if extended and version.extension is None:
        raise NoRule(f"{rule.id} has no extension.", "Count it without one; a payer that extends all the same is late.")
    warnings = list(start.warnings)
    if not version.verified:
        warnings.append(f"unverified ({version.basis.replace('_', ' ')}): read {version.cite} before relying on this date")
    found = _hours(version, start, zone, extended) if version.unit == "hours" else _days(version, start, extended)
    raw, legal, due_at, lines = found
    safe = None if due_at else counting.last_business_day(raw)
    if safe is not None and safe != raw:
        lines.append(f"safe date: {day_name(safe)}, the last business day on or before it")
    fallback = _fallback(version, legal, lines)
    _shorter_reading(version, start, facts, zone, lines)
    if version.extension and not extended:
        lines.append(f"may change: + {in_words(version.extension.length, version.extension.unit)}: {version.extension.terms}")
    lines += [f"may change: {version.tolling}"] if version.tolling else []
    lines += [f"if missed: {version.if_missed}"] if version.if_missed else []
    lines += [f"note: {note}" for note in version.notes]
    return Count(
        rule=rule,
        version=version,
        start=start,
        raw_due=raw,
        legal_due=legal,
        safe_due=safe,
        fallback_due=fallback,
        due_at=due_at,
        lines=(*start.lines, *lines),
        warnings=tuple(warnings),
    )


def _version(rule: Rule, facts: Facts, zone: str) -> Version:
    """The version in force on the day the rule names; where that fact is not given, on the day counted from."""
    named = [facts.get(name) for name in (rule.versioned_by, *rule.counts_from, *rule.else_from)]
    given = [_day(value, zone) for value in named if isinstance(value, date)]
    if not given:
        presumed = [version.presumption.counted_from for version in rule.version if version.presumption]
        given = [_day(value, zone) for value in map(facts.get, presumed) if isinstance(value, date)]
    if not given:
        raise _missing(rule)
    return in_force(rule, given[0])


def _missing(rule: Rule) -> MissingFact:
    names = ", ".join((*rule.counts_from, *rule.else_from))
    return MissingFact(f"{rule.id} cannot be counted: when {rule.event} is not known.", f"Give one of: {names}.")


def _start(rule: Rule, version: Version, facts: Facts, zone: str) -> Start:
    proved = [(name, value) for name in rule.counts_from if isinstance(value := facts.get(name), date)]
    _received_after_written(facts, zone)
    if proved and (rule.pick != "latest" or len(proved) == len(rule.counts_from)):
        choose: Callable[..., tuple[str, date]] = max if rule.pick == "latest" else min
        name, value = choose(proved, key=lambda pair: _instant(pair[1], zone))
        return _begin(name, value, version, zone, f"{rule.event}: ")
    presumption = version.presumption
    if presumption and isinstance(value := facts.get(presumption.counted_from), date):
        begun = _day(value, zone)
        day = _add(begun, presumption.length, presumption.unit)
        added = f"+ {in_words(presumption.length, presumption.unit)} presumed receipt ({presumption.cite}) = {day_name(day)}"
        lines = (f"{RECORDED[presumption.counted_from]} {day_name(begun)}", added, "proof of another day of receipt rebuts it, both ways")
        return Start(day=day, kind="presumed_receipt", lines=lines)
    for name in rule.else_from:
        if isinstance(value := facts.get(name), date):
            found = _begin(name, value, version, zone, f"{RECORDED[name]} ")
            said = STANDS_IN[name]
            return Start(day=found.day, at=found.at, kind=f"assumed_{name}", lines=(*found.lines, said), warnings=(*found.warnings, said))
    raise _missing(rule)


def _received_after_written(facts: Facts, zone: str) -> None:
    notice, received = facts.get("notice"), facts.get("received")
    if isinstance(notice, date) and isinstance(received, date) and _day(received, zone) < _day(notice, zone):
        raise ImpossibleValue(f"Received on {received}, before the notice was written on {notice}.", "Check both dates.")


def _begin(name: str, value: date, version: Version, zone: str, words: str) -> Start:
    day = _day(value, zone)
    if version.unit != "hours":
        return Start(day=day, kind=name, lines=(f"{words}{day_name(day)}",))
    at = _instant(value, zone)
    if isinstance(value, datetime):
        return Start(day=day, at=at, kind=name, lines=(f"{words}{_clock_time(at, zone)}",))
    said = f"only the day is known: 00:00 in {zone} is assumed, the earliest it can be"
    return Start(day=day, at=at, kind=name, lines=(f"{words}{day_name(day)}", said), warnings=(said,))


def _hours(version: Version, start: Start, zone: str, extended: bool) -> tuple[date, date, datetime, list[str]]:
    """Elapsed hours: added in UTC, shown on the practice's wall clock."""
    if start.at is None:
        raise ImpossibleValue("An hour clock was started without an instant.", "Give the date and time it began.")
    due_at = counting.elapsed(start.at, version.length)
    lines = [f"+ {version.length} elapsed hours = {_clock_time(due_at, zone)} ({due_at:%Y-%m-%d %H:%M} UTC); weekends and holidays count"]
    if extended and version.extension:
        extra = version.extension
        due_at = counting.elapsed(due_at, extra.length) if extra.unit == "hours" else due_at + timedelta(days=extra.length)
        lines.append(f"+ {in_words(extra.length, extra.unit)} extension = {_clock_time(due_at, zone)}")
    day = _day(due_at, zone)
    return day, day, due_at, lines


def _days(version: Version, start: Start, extended: bool) -> tuple[date, date, None, list[str]]:
    """Days, business days, months or years, then the rule's own roll and no other."""
    first = version.start_day_counts
    raw = _add(start.day, version.length, version.unit, version.if_no_such_day, version.business_calendar, first)
    counted = "that day counts as day 1" if first else "that day not counted"
    lines = [f"+ {in_words(version.length, version.unit)}, {counted} = {day_name(raw)}"]
    if version.unit in ("calendar_months", "years") and not first and raw.day != start.day.day:
        what = "its last day" if version.if_no_such_day == "clamp" else "the first day of the month after"
        lines.append(f"that month has no day {start.day.day}: {what} ({version.cite})")
    if version.unit == "business_days":
        lines += _skipped(start.day, raw, version.business_calendar)
    if extended and version.extension:
        raw = _add(raw, version.extension.length, version.extension.unit)
        lines.append(f"+ {in_words(version.extension.length, version.extension.unit)} extension = {day_name(raw)}")
    if version.roll == "none":
        lines += ["not rolled: the rule has no weekend or holiday roll of its own"] if holidays.closed(raw) else []
        return raw, raw, None, lines
    legal = counting.roll(raw, holidays.closed_literally)
    if legal != raw:
        lines.append(f"rolled past {_why_closed(raw)} to {day_name(legal)} ({version.cite})")
    if name := holidays.observed(legal):
        later = counting.roll(legal, holidays.closed)
        lines.append(f"{day_name(legal)} is {name} only as observed; counting observed days gives {day_name(later)}: the earlier is kept")
    return raw, legal, None, lines


def _fallback(version: Version, legal: date, lines: list[str]) -> date | None:
    if version.fallback is None:
        return None
    rolled = counting.roll(legal, holidays.closed)
    if rolled == legal:
        return None
    lines.append(f"fallback, not the due date: {version.fallback.cite} may carry it to {day_name(rolled)}; do not plan on it")
    return rolled


def _shorter_reading(version: Version, start: Start, facts: Facts, zone: str, lines: list[str]) -> None:
    if version.shorter is None or not isinstance(value := facts.get(version.shorter.counted_from), date):
        return
    begun = _day(value, zone)
    if begun < start.day:
        due = _add(begun, version.length, version.unit, version.if_no_such_day, version.business_calendar, version.start_day_counts)
        lines.append(f"a shorter reading gives {day_name(due)}: {version.shorter.why}; being inside both is safe")


def _add(start: date, length: int, unit: str, no_such_day: str = "none", calendar: str = "federal", first: bool = False) -> date:
    if unit == "calendar_days":
        return counting.add_days(start, length, start_day_counts=first)
    if unit == "business_days":
        return counting.add_business_days(start, length, calendar, start_day_counts=first)
    months = length * counting.MONTHS_A_YEAR if unit == "years" else length
    return counting.add_months(start, months, no_such_day, start_day_counts=first)


def _skipped(start: date, end: date, calendar: str) -> list[str]:
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    named = [(day, holidays.literal(day, calendar) or holidays.observed(day, calendar)) for day in days if not holidays.weekend(day)]
    found = [f"{name} {day_name(day)}" for day, name in named if name]
    return [f"skipping weekends and {', '.join(found)}"] if found else []


def _why_closed(day: date) -> str:
    return holidays.literal(day) or day_name(day)


def _clock_time(at: datetime, zone: str) -> str:
    local = at.astimezone(counting.zone_of(zone))
    return f"{day_name(local.date())} {local:%H:%M %Z}"


def _day(value: date, zone: str) -> date:
    return counting.elapsed(value, 0).astimezone(counting.zone_of(zone)).date() if isinstance(value, datetime) else value


def _instant(value: date, zone: str) -> datetime:
    return counting.elapsed(value, 0) if isinstance(value, datetime) else counting.midnight(value, zone)
