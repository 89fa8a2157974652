"""One rule and the facts of a case -> its dates, with the arithmetic written out step by step. It never picks the rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from appeals import counting, holidays
from appeals.counting import ONE_DAY, day_name, in_words
from appeals.errors import ImpossibleValue, MissingFact, NoRule
from appeals.packrows import Rule, Version
from appeals.packs import in_force
from appeals.reckoning import Facts, Start, Tally, day_of, instant_of, missing, start_of

ROLLED_BY = holidays.LITERAL  # a claimant's roll goes past a holiday's own date: the earlier reading where the two differ
DAY_FACTS = frozenset({"notice", "received", "sent", "submitted", "mailed", "event", "on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The dates of one deadline. `fallback_due` is only shown; an hour clock has `due_at` and no `safe_due`.

    `shorter_safe` is the last business day within a stricter reading of the same words, where there is one.

    `tolled`: the count has stopped, and the dates are those it would have if it had not. `tally` is the count itself, with its steps.
    """

    rule: Rule
    version: Version
    start: Start
    raw_due: date
    legal_due: date
    safe_due: date | None
    fallback_due: date | None = None
    shorter_safe: date | None = None
    due_at: datetime | None = None
    tolled: bool = False
    tally: Tally
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
    start = start_of(rule, version, facts, zone)
    if extended and version.extension is None:
        raise NoRule(f"{rule.id} has no extension.", "Count it without one; a payer that extends all the same is late.")
    tally = Tally.begun(start, zone)
    tolled = _counted(version, facts, tally, extended)
    _bounded(version, facts, tally)
    _by_the_time_of_day(version, tally)
    raw = tally.give("raw_due")
    if version.roll != "none":
        _rolled(version, tally)
    legal, due_at = tally.day, tally.at.astimezone(UTC) if isinstance(tally.at, datetime) else None
    tally.give("legal_due", *(["due_at"] if due_at else []))
    fallback = None if due_at else _fallback(version, legal)
    safe = None if due_at else _safe(version, tally)
    shorter, shorter_safe = (None, None) if due_at else _shorter_reading(version, facts, tally)
    return Count(
        rule=rule,
        version=version,
        start=start,
        raw_due=raw,
        legal_due=legal,
        safe_due=safe,
        fallback_due=fallback,
        shorter_safe=shorter_safe,
        due_at=due_at,
        tolled=tolled,
        tally=tally,
        lines=(*start.lines, *tally.lines, *_beside(version, due_at, raw, safe, fallback, shorter, extended)),
        warnings=(*start.warnings, *tally.warnings, *_doubts(version)),
    )


def _version(rule: Rule, facts: Facts, zone: str) -> Version:
    """The version in force on the day the rule names; where that fact is not given, on the day counted from."""
    asked = facts.get(rule.versioned_by)
    if not isinstance(asked, date) and rule.versioned_by not in (*DAY_FACTS, *rule.counts_from):
        words = rule.versioned_by.replace("_", " ")
        raise MissingFact(f"{rule.id} cannot be counted: {words} is not known, and it decides which law holds.", f"Give {words}.")
    named = (rule.versioned_by, *rule.counts_from, *rule.else_from, *_presumed_from(rule))
    given = next((value for name in named if isinstance(value := facts.get(name), date)), None)
    if given is None:
        raise missing(rule)
    return in_force(rule, day_of(given, zone))


def _presumed_from(rule: Rule) -> tuple[str, ...]:
    return tuple(version.presumption.counted_from for version in rule.version if version.presumption)


def _counted(version: Version, facts: Facts, tally: Tally, extended: bool) -> bool:
    """Take the rule's own count; whether it has stopped for information that was asked for."""
    if version.waits:
        tally.add(version.waits.length, version.waits.unit, calendar=version.waits.calendar, first=version.start_day_counts)
        wait = in_words(version.waits.length, version.waits.unit)
        tally.lines.append(f"+ {wait} that must pass first ({version.waits.cite}) = {tally.standing()}; it may be done from the day after")
    stopped, answered = _tolling(version, facts, tally.zone)
    if stopped is not None and answered is not None:
        return _resumed(version, tally, stopped, answered)
    if version.unit == "event":
        _by_the_event(version, tally)
    else:
        _by_length(version, tally)
    if extended and version.extension:
        more = version.extension
        tally.add(more.length, more.unit, calendar=version.business_calendar)
        tally.lines.append(f"+ {in_words(more.length, more.unit)} extension = {tally.standing()}")
    if stopped is not None:
        tally.lines.append(f"stopped on {day_name(stopped)}: information was asked for; it goes on when that is supplied")
    return stopped is not None


def _by_the_event(version: Version, tally: Tally) -> None:
    if version.direction == "before":
        tally.add(-1, "calendar_days")
        tally.lines.append(f"before that day, so at the latest on {tally.standing()}")
    else:
        tally.lines.append("the day itself: no time is given beyond it")


def _by_length(version: Version, tally: Tally) -> None:
    begun = tally.day
    back, first = version.direction == "before", version.start_day_counts and not version.waits
    length = -version.length if back else version.length
    tally.add(length, version.unit, calendar=version.business_calendar, first=first, missing=version.if_no_such_day)
    if version.unit == "hours":
        utc = f"{instant_of(tally.at, tally.zone):%Y-%m-%d %H:%M} UTC"
        tally.lines.append(f"+ {version.length} elapsed hours = {tally.standing()} ({utc}); weekends and holidays count")
        return
    if version.unit == "year_ends":
        tally.lines.append(f"the end of the year {in_words(version.length, 'years')} later = {tally.standing()}")
        return
    counted = "that day counts as day 1" if first else "that day not counted"
    sign = "-" if back else "+"
    tally.lines.append(f"{sign} {in_words(version.length, version.unit)}, {counted} = {tally.standing()}")
    if version.unit in ("calendar_months", "years") and not first and tally.day.day != begun.day:
        what = "its last day" if version.if_no_such_day == "clamp" else "the first day of the month after"
        tally.lines.append(f"that month has no day {begun.day}: {what} ({version.cite})")
    if version.unit == "business_days":
        tally.lines += _skipped(min(begun, tally.day), max(begun, tally.day), version.business_calendar)
    if version.direction == "wait":
        tally.lines.append(f"not before the day after: {day_name(tally.day + ONE_DAY)}")


def _tolling(version: Version, facts: Facts, zone: str) -> tuple[date | None, date | None]:
    if version.tolling is None:
        return None, None
    stopped, answered = (facts.get(name) for name in (version.tolling.stops, version.tolling.restarts))
    return tuple(day_of(day, zone) if isinstance(day, date) else None for day in (stopped, answered))  # type: ignore[return-value]  # two of them


def _resumed(version: Version, tally: Tally, stopped: date, answered: date) -> bool:
    """The days that were left when the count stopped, counted on from the answer. Always False: it runs again."""
    used = (stopped - tally.day).days
    if answered < stopped:
        raise ImpossibleValue(f"Answered on {answered}, before it was asked for on {stopped}.", "Check both dates.")
    tolling, extension = version.tolling, version.extension
    extra = extension.length if tolling and tolling.with_extension and extension else 0
    left = version.length + extra - used
    if version.unit != "calendar_days" or left < 0:
        raise ImpossibleValue(f"Stopped on {stopped}, after the time had run out.", "A notice sent that late stops nothing.")
    strict = max(version.length - used, 0)
    tally.add(version.length, "calendar_days")
    if extra:
        tally.add(extra, "calendar_days")
    tally.take(**{"do": "pause", "from": stopped.isoformat(), "to": answered.isoformat()})
    total = f"{version.length} + {extra}" if extra else str(version.length)
    tally.lines.append(f"stopped on {day_name(stopped)} after {used} of {total} days ({tolling.cite if tolling else ''})")
    tally.lines.append(f"goes on from the answer, {day_name(answered)}: + {in_words(left, 'calendar_days')} = {tally.standing()}")
    if extra:
        tally.lines.append(f"a stricter reading gives no extension besides: {day_name(counting.add_days(answered, strict))}")
    return False


def _bounded(version: Version, facts: Facts, tally: Tally) -> None:
    if version.also is None or not isinstance(value := facts.get(version.also.counted_from), date):
        return
    bound = version.also
    before = tally.standing()
    tally.give("count")
    tally.take(do="start", on=day_of(value, tally.zone).isoformat())
    if bound.length:
        tally.add(bound.length, bound.unit)
    tally.give("bound")
    other = tally.day
    tally.take(do="start", of="count")
    tally.take(do=bound.pick, of="bound")
    words = in_words(bound.length, bound.unit) + " from " if bound.length else ""
    tally.lines.append(
        f"the {bound.pick} of that and {words}{bound.counted_from.replace('_', ' ')}, {day_name(other)} ({bound.cite}): "
        + (tally.standing() if tally.standing() != before else "the first stands")
    )


def _by_the_time_of_day(version: Version, tally: Tally) -> None:
    if version.by_time is not None:
        tally.time(version.by_time)
        tally.lines.append(f"by {tally.standing()}")


def _rolled(version: Version, tally: Tally) -> None:
    raw = tally.day
    tally.take(do="roll", calendar=ROLLED_BY if version.roll == holidays.FEDERAL else version.roll)
    if tally.day != raw:
        tally.lines.append(f"rolled past {holidays.literal(raw) or day_name(raw)} to {tally.standing()} ({version.cite})")
    if name := holidays.observed(tally.day):
        later = counting.roll(tally.day, holidays.closed)
        tally.lines.append(
            f"{tally.standing()} is {name} only as observed; counting observed days gives {day_name(later)}: the earlier is kept"
        )


def _fallback(version: Version, legal: date) -> date | None:
    if version.fallback is None:
        return None
    calendar = version.fallback.calendar
    rolled = counting.roll(legal, lambda day: holidays.closed(day, calendar))
    return rolled if rolled != legal else None


def _safe(version: Version, tally: Tally) -> date:
    """The last business day on or before the count; what may not be done yet is safe on any day after, and no earlier day is the safer."""
    tally.take(do="start", of="raw_due")
    if version.direction != "wait":
        tally.take(do="back", calendar=holidays.FEDERAL)
    return tally.give("safe_due")


def _beside(
    version: Version, due_at: datetime | None, raw: date, safe: date | None, fallback: date | None, shorter: date | None, extended: bool
) -> Iterator[str]:
    """What is said beside the count: other dates that change nothing, what may change it, what follows."""
    if due_at is None and version.roll == "none" and holidays.closed(raw):
        yield "not rolled: the rule has no weekend or holiday roll of its own"
    if safe is not None and safe != raw:
        yield f"safe date: {day_name(safe)}, the last business day on or before it"
    if fallback and version.fallback:
        yield f"fallback, not the due date: {version.fallback.cite} may carry it to {day_name(fallback)}; do not plan on it"
    if shorter and version.shorter:
        yield f"a shorter reading gives {day_name(shorter)}: {version.shorter.why}; being inside both is safe"
    if version.alternative:
        yield f"{in_words(version.alternative.length, version.alternative.unit)} where {version.alternative.when}"
    if version.extension and not extended:
        yield f"may change: + {in_words(version.extension.length, version.extension.unit)}: {version.extension.terms}"
    if version.tolling:
        yield f"may change: {version.tolling.terms} ({version.tolling.cite})"
    if version.if_missed:
        yield f"if missed: {version.if_missed}"
    yield from (f"note: {note}" for note in version.notes)


def _shorter_reading(version: Version, facts: Facts, tally: Tally) -> tuple[date | None, date | None]:
    """The day a stricter reading gives where it comes before the count's own, and the last business day within it."""
    if version.shorter is None or not isinstance(value := facts.get(version.shorter.counted_from), date):
        return None, None
    reading, stricter = version.shorter, tally.onward()
    stricter.take(do="start", on=day_of(value, tally.zone).isoformat())
    stricter.add(
        reading.length, reading.unit, calendar=version.business_calendar, first=version.start_day_counts, missing=version.if_no_such_day
    )
    due = stricter.day
    if due >= day_of(tally.given["raw_due"], tally.zone):
        return None, None
    stricter.take(do="back", calendar=holidays.FEDERAL)
    safe = stricter.give("shorter")
    tally.steps, tally.given = stricter.steps, stricter.given
    return due, safe


def _doubts(version: Version) -> Iterator[str]:
    if not version.verified:
        yield f"unverified ({version.basis.replace('_', ' ')}): read {version.cite} before relying on this date"
    if version.business_calendar in holidays.UNVERIFIED:
        yield f"unverified: nobody compared the days {version.business_calendar} offices are closed with the published list"


def _skipped(start: date, end: date, calendar: str) -> list[str]:
    of_years = (holidays.closed_days(year, calendar) for year in range(start.year, end.year + 1))
    closed = sorted(day for days in of_years for day in days if start < day <= end and day.weekday() < counting.SATURDAY)
    found = [f"{holidays.literal(day, calendar) or holidays.observed(day, calendar)} {day_name(day)}" for day in closed]
    return [f"skipping weekends and {', '.join(found)}"] if found else []
