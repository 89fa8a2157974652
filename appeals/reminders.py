"""Which running clock wants somebody's attention on a day, and as what; it knows no number of days and sends nothing.

Offsets (days before `work_by`) and the length of "soon" are data of the rule packs and come as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from appeals.model import RUNNING, Clock, ClockStatus
from appeals.rules import is_late, is_overdue, latest

OURS = ("us", "patient")
BUCKETS = ("overdue", "late", "today", "soon", "later")
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One reminder to send today; `key` is its place in the ledger: clock id, stage, recipient, channel."""

    clock: Clock
    stage: str
    recipient: str
    channel: str

    @property
    def key(self) -> Key:
        """What the ledger knows it by once it is sent."""
        return (self.clock.id, self.stage, self.recipient, self.channel)


def stage(clock: Clock, today: date, offsets: Iterable[int]) -> str | None:
    """The stage a clock stands at: the tightest offset reached (`30` ... `0`), `late:DAY`, `overdue:DAY`, or None.

    A clock owed by the payer or a reviewer wants nothing of us until it has run out; a tolled one is at rest, and its
    dates are of the past.
    """
    if clock.status not in RUNNING or clock.status is ClockStatus.TOLLED:
        return None
    if is_overdue(clock, today):
        return f"overdue:{today.isoformat()}"
    if clock.owed_by not in OURS:
        return None
    if is_late(clock, today):
        return f"late:{today.isoformat()}"
    days_left = (clock.work_by - today).days
    reached = [offset for offset in offsets if offset >= days_left]
    return str(min(reached)) if reached else None


def bucket(clock: Clock, today: date, soon_days: int) -> str:
    """The one list of `BUCKETS` a running clock stands in. Due today is neither late nor overdue; a tolled clock waits in `later`."""
    if clock.status is ClockStatus.TOLLED:
        return "later"
    if is_overdue(clock, today):
        return "overdue"
    if is_late(clock, today):
        return "late"
    if clock.work_by <= today:
        return "today"
    return "soon" if clock.work_by <= today + timedelta(days=soon_days) else "later"


def due(
    clocks: Iterable[Clock],
    today: date,
    offsets: Sequence[int],
    sent: AbstractSet[Key],
    recipient_of: Callable[[Clock], str],
    channel: str,
) -> tuple[Due, ...]:
    """The reminders of today that the ledger does not have, the tightest date first.

    Days on which nothing ran are caught up once: a clock has one stage a day, the tightest. A snoozed clock is left
    out by the caller, who knows of it.
    """
    found = []
    for clock in clocks:
        reached = stage(clock, today, offsets)
        if reached is None:
            continue
        reminder = Due(clock=clock, stage=reached, recipient=recipient_of(clock), channel=channel)
        if reminder.key not in sent:
            found.append(reminder)
    return tuple(sorted(found, key=lambda each: (each.clock.work_by, each.clock.id)))


def next_remind_on(clock: Clock, today: date, offsets: Iterable[int], sent: str = "") -> date | None:
    """The first day from `today` on with a stage other than `sent`, the one already sent; None where there is none."""
    steps = tuple(offsets)
    turns = [clock.work_by - timedelta(days=offset) for offset in steps]
    turns += [turn + timedelta(days=1) for turn in (clock.work_by, latest(clock), today)]
    for turn in sorted({today, *(turn for turn in turns if turn > today)}):
        if stage(clock, turn, steps) not in (None, sent):
            return turn
    return None
