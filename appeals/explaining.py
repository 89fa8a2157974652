"""`why`: a clock explains itself from what it holds, with no rule pack and no database at hand."""

from __future__ import annotations

from datetime import date

from appeals.clockmaking import WARNINGS
from appeals.counting import day_name
from appeals.model import Clock
from appeals.standing import is_late, is_overdue, latest

OWES = {"us": "we do", "patient": "the patient does", "payer": "the payer does", "reviewer": "the reviewer does"}
HASH_SHOWN = 12


def explain(clock: Clock, *, today: date) -> tuple[str, ...]:
    """The lines that say when, why, from which rule, what would change it, and what to be careful about."""
    lines = [f"work by {day_name(clock.work_by)}: {_standing(clock, today)}"]
    lines.append(f"what: {clock.kind.replace('_', ' ')}, level {clock.level}; who owes it: {OWES[clock.owed_by]}")
    if clock.candidate:
        lines.append("plan not identified: nobody chose this date; it is one of several that could apply")
    lines += _dates(clock)
    lines.append("how it was counted:")
    lines += [f"  {line}" for line in clock.arithmetic.splitlines()]
    lines += [f"warning: {warning}" for warning in clock.warning.split(WARNINGS) if warning]
    if clock.checked_on:
        lines.append(f"source: {clock.source} (checked {clock.checked_on})")
    lines.append(f"rule {clock.rule_id}, pack {clock.pack_id} {clock.pack_version}, SHA-256 {clock.pack_hash[:HASH_SHOWN]}")
    return tuple(lines)


def _standing(clock: Clock, today: date) -> str:
    days = abs((clock.work_by - today).days)
    away = "1 day" if days == 1 else f"{days} days"
    if is_overdue(clock, today):
        return f"OVERDUE, the latest date {day_name(latest(clock))} has passed"
    if is_late(clock, today):
        return f"late by {away}, not lost before the end of {day_name(latest(clock))}"
    return "today" if today == clock.work_by else f"{away} from {day_name(today)}"


def _dates(clock: Clock) -> list[str]:
    cite = f" ({clock.cite})" if clock.cite else ""
    named = (
        ("counted to", clock.raw_due if clock.raw_due != clock.legal_due else None, ""),
        ("legal date", clock.legal_due, cite),
        ("safe date", clock.safe_due, ""),
        ("printed on the notice", clock.printed_due, ""),
        ("house target", clock.target_due, ""),
    )
    lines = [f"{name}: {day_name(day)}{said}" for name, day, said in named if day]
    if clock.due_at:
        lines.append(f"instant: {clock.due_at:%Y-%m-%d %H:%M} UTC")
    return lines
