"""How a clock stands on a day: late, overdue, or neither. It decides nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from appeals.model import Clock

OURS = ("us", "patient")
AUTHORISED = "authorisation_valid"  # the clock of an authorisation: until when it holds


def latest(clock: Clock) -> date:
    """The last day that could still count: the later of the legal and the printed date; a house clock's target."""
    known = [day for day in (clock.legal_due, clock.printed_due) if day]
    return max(known) if known else clock.target_due or clock.work_by


def is_late(clock: Clock, today: date) -> bool:
    """Past the day we work to. Due today is not late."""
    return today > clock.work_by


def is_overdue(clock: Clock, today: date) -> bool:
    """Past the last day that could still count: work to the earliest date, call it lost only after the latest."""
    # That an authorisation has ended is nothing the payer let run out: nobody owed an act.
    return today > latest(clock) and clock.kind != AUTHORISED


def routes(clocks: Iterable[Clock]) -> tuple[Clock, ...]:
    """The times that law or the payer gives us to act in: with the last of them the case is lost."""
    return tuple(clock for clock in clocks if clock.hard and clock.owed_by in OURS)


def is_lost(clocks: Iterable[Clock], today: date) -> bool:
    """Whether there was a route, and each is past the last day that could still count."""
    known = routes(clocks)
    return bool(known) and all(is_overdue(clock, today) for clock in known)
