"""What a payer did that the law does not allow, or left undone: with the consequence, and the step it suggests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from appeals.counting import day_name
from appeals.model import RUNNING, Clock, ClockStatus
from appeals.record import Mark
from appeals.standing import is_overdue, latest
from appeals.wording import spoken

OURS = ("us", "patient")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One of them: what happened, what follows from it (""), and what to do (""). `verified` is that of the rule behind it."""

    says: str
    consequence: str
    next_step: str
    cite: str = ""
    verified: bool = True


def of_silence(clocks: Iterable[Clock], today: date) -> tuple[Finding, ...]:
    """Every clock of the payer or a reviewer that ran out and is still open."""
    theirs = [c for c in clocks if c.owed_by not in OURS and c.trigger != "contact"]  # what was agreed in a call is no law
    late = [c for c in theirs if c.status in RUNNING and c.status is not ClockStatus.TOLLED and is_overdue(c, today)]
    return tuple(
        Finding(
            says=f"the {c.owed_by} let its time run out on {day_name(latest(c))}: {title(c)}{_unproved(c)}",
            consequence=c.consequence,
            next_step=c.next_step,
            cite=c.cite,
            verified=c.verified,
        )
        for c in sorted(late, key=latest)
    )


def _unproved(clock: Clock) -> str:
    """For the one who must answer, the earliest day it can have been received is not the safe one."""
    known = clock.start_kind in ("assumed_sent", "assumed_submitted")
    return "; counted from the day it was sent: prove when it was received before relying on this" if known else ""


def of_marks(marks: Iterable[Mark]) -> tuple[Finding, ...]:
    """What marks recorded as not allowed, oldest first."""
    return tuple(
        Finding(says=f"{mark.name.replace('-', ' ')} of {day_name(mark.dated)}: {mark.finding}", consequence="", next_step="")
        for mark in marks
        if mark.finding and not mark.voided
    )


def title(clock: Clock) -> str:
    """What a clock is about, as its arithmetic says it."""
    first = clock.arithmetic.partition("\n")[0]
    return first.partition(" (")[0] if clock.hard else spoken(clock)
