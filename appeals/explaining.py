"""`why`: a clock explains itself from what it holds, with no rule pack and no database at hand."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date

from appeals.clockmaking import CONTRACT, WARNINGS, by_care
from appeals.counting import day_name
from appeals.derivation import zone_of
from appeals.findings import OURS, title
from appeals.model import Clock, ClockStatus
from appeals.reckoning import clock_time
from appeals.standing import is_late, is_overdue, latest

OWES = {"us": "we owe it", "patient": "the patient owes it", "payer": "the payer owes it", "reviewer": "the reviewer owes it"}
WIDTH = 80
# How a line of the arithmetic begins that says what may change the date, and which that follow from it.
CHANGES = ("may change: ", "proof of ", "receipt not recorded", "the receipt date cannot be read", "not recorded when ")
BESIDE = ("fallback, not the due date: ", "a shorter reading gives ", "a stricter reading gives ")
FOLLOWS = {"if missed: ": "If it passes", "note: ": "Good to know"}


def explain(clock: Clock, *, today: date) -> tuple[str, ...]:
    """When, why, the dates with their citations, what would change them: in that order, in lines of 80 columns."""
    head = "WORK BY" if clock.owed_by in OURS else "DUE BY"
    by = _by_the_hour(clock) or day_name(clock.work_by)
    lines = [f"{head} {by}: {_standing(clock, today)}", f"{title(clock)}; {OWES[clock.owed_by]}"]
    if clock.candidate:
        what = "CARE NOT RECORDED" if by_care(clock) else "PLAN NOT IDENTIFIED"
        lines.append(f"{what}: nobody chose this date; it is one of several that could apply")
    lines += [f"WARNING: {warning}" for warning in clock.warning.split(WARNINGS) if warning]
    counted = clock.arithmetic.splitlines()
    lines += ["", "Why", *(f"  {line}" for line in counted[1:] if not line.startswith((*CHANGES, *BESIDE, *FOLLOWS)))]
    lines += ["", "The dates", *(f"  {line}" for line in _dates(clock))]
    lines += [f"  {line}" for line in counted if line.startswith(BESIDE)]
    lines += ["", "What would change them", *(f"  {line}" for line in _changes(clock, counted))]
    for prefix, heading in FOLLOWS.items():
        found = [f"  {line.removeprefix(prefix)}" for line in counted if line.startswith(prefix)]
        lines += ["", heading, *found] if found else []
    if clock.checked_on:
        how = "Read at" if clock.verified else "NOBODY READ THE LAW ITSELF. Taken from"
        lines += ["", f"{how} {clock.source}, checked {clock.checked_on}"]
    return tuple(part for line in lines for part in wrapped(line))


def _standing(clock: Clock, today: date) -> str:
    days = abs((clock.work_by - today).days)
    away = "1 day" if days == 1 else f"{days} days"
    if clock.status is ClockStatus.TOLLED:
        return "stopped; it goes on when what was asked for is supplied"
    if is_overdue(clock, today):
        return f"OVERDUE: the last day, {day_name(latest(clock))}, has passed"
    if is_late(clock, today):
        return f"late by {away}; lost only after {day_name(latest(clock))}"
    return "today" if today == clock.work_by else f"{away} from {day_name(today)}"


def _dates(clock: Clock) -> Iterator[str]:
    if clock.due_at:
        yield f"{_by_the_hour(clock)}, that is {clock.due_at:%Y-%m-%d %H:%M} UTC ({clock.cite})"
    cite = f" ({clock.cite})" if clock.cite else ""
    named = (
        ("counted to", clock.raw_due if clock.raw_due != clock.legal_due else None, ""),
        (_last_day_by(clock), clock.legal_due, cite),
        ("safe day, the last business day on or before it", clock.safe_due if clock.safe_due != clock.legal_due else None, ""),
        ("printed on the notice", clock.printed_due, ""),
        ("house target", clock.target_due, ""),
    )
    yield from (f"{day_name(day)}  {name}{said}" for name, day, said in named if day)
    if clock.printed_due and clock.legal_due and clock.printed_due != clock.legal_due:
        yield f"they disagree: work to the earlier, nothing is lost before {day_name(latest(clock))}"


def _last_day_by(clock: Clock) -> str:
    whose = "by contract" if clock.regime.startswith(CONTRACT) else "by law"
    return f"last day {whose}" if clock.hard else "last day"


def _by_the_hour(clock: Clock) -> str:
    """An hour clock's moment on the wall clock it was counted on; "" for a day clock."""
    return clock_time(clock.due_at, zone_of(clock.derivation)) if clock.due_at else ""


def _changes(clock: Clock, counted: list[str]) -> Iterator[str]:
    found = [line.removeprefix("may change: ") for line in counted if line.startswith(CHANGES)]
    yield from found
    if clock.candidate:
        known = "where the care is given: its own date replaces the others (`appeals coverage CASE --care`)"
        yield known if by_care(clock) else "knowing the plan: its own date replaces every candidate (`appeals coverage`)"
    if clock.hard and not found and not clock.candidate:
        yield "nothing that is known of; a date that was typed wrong"
    if not clock.hard:
        yield "the case moving on"


def wrapped(line: str) -> list[str]:
    """A line of prose in lines of 80 columns, its own indent kept."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent + "  ", break_long_words=False, break_on_hyphens=False) or [""]
