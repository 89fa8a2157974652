"""How a clock stands on a day: late, overdue, or neither. It decides nothing else."""

from __future__ import annotations

from datetime import date

from appeals.model import Clock


def latest(clock: Clock) -> date:
    """The last day that could still count: the later of the legal and the printed date; a house clock's target."""
    known = [day for day in (clock.legal_due, clock.printed_due) if day]
    return max(known) if known else clock.target_due or clock.work_by


def is_late(clock: Clock, today: date) -> bool:
    """Past the day we work to. Due today is not late."""
    return today > clock.work_by


def is_overdue(clock: Clock, today: date) -> bool:
    """Past the last day that could still count: work to the earliest date, call it lost only after the latest."""
    return today > latest(clock)
