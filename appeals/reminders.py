"""Which running clock wants somebody's attention on a day, and as what; it knows no number of days and sends nothing.

Offsets and the length of "soon" are data of the rule packs. A `Plan` is what a day asks of every clock, so that the storage can pick
what is due in one pass; `stage`, `rank` and `level` say the same of one clock, and a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from appeals import holidays
from appeals.model import RUNNING, Clock, ClockStatus
from appeals.packs import Packs
from appeals.standing import is_late, is_overdue, latest

OURS = ("us", "patient")
BUCKETS = ("overdue", "late", "today", "soon", "later")
# Rank -> bucket. A clock the law set and nobody can meet any more stands before everything, until somebody records the cause.
RANKS = ("overdue", "overdue", "late", "today", "soon")
STANDING, OVERDUE, LATE, TODAY, SOON = range(5)
NORMAL, LAST_DAY, LOST = "n", "l", "o"
UNOWNED, UNKNOWN = "", " *"  # whose work it is where nobody owns it, and where the owner is no known person


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The offsets of some kinds of clock, tightest first, each with the last date (or instant) it has been reached by."""

    kinds: tuple[str, ...]
    days: tuple[tuple[int, date], ...]
    hours: tuple[tuple[int, datetime], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who is told of an owner's clocks at a level (normal, last day, lost), and over which channel; recipient "" is the owner."""

    owner: str
    level: str
    recipient: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run asks of every clock. `horizon` is the last of the days on which nobody works that follow `on`; the first of
    `ladders` that names a clock's kind is its own, the last holds for all."""

    on: date
    horizon: date
    until: date
    ladders: tuple[Ladder, ...]
    routes: tuple[Route, ...] = ()


def horizon(on: date) -> date:
    """The day before the next business day: what would be said on a closed day is said on the last business day before it."""
    day = on
    while holidays.closed(day + holidays.ONE_DAY):
        day += holidays.ONE_DAY
    return day


def told_on(day: date) -> date:
    """The last business day on or before `day`: when that is said which falls on it."""
    while holidays.closed(day):
        day -= holidays.ONE_DAY
    return day


def plan(packs: Packs, on: date, now: datetime, routes: tuple[Route, ...] = ()) -> Plan:
    """What is asked on `on`, at the instant `now`."""
    last = horizon(on)

    def ladder(kinds: tuple[str, ...], offsets: tuple[int, ...], hours: tuple[int, ...]) -> Ladder:
        return Ladder(
            kinds=kinds,
            days=tuple((offset, last + timedelta(days=offset)) for offset in sorted(set(offsets))),
            hours=tuple((hour, now + timedelta(hours=hour)) for hour in sorted(set(hours))),
        )

    ladders = (
        *(ladder(row.kinds, row.offsets, row.hours) for row in reversed(tuple(packs.reminding.values()))),  # the practice's own come last
        ladder((), packs.reminders.offsets, packs.reminders.hours),
    )
    reached = [day for each in ladders for _, day in each.days]
    # A date is a day of the practice, an instant one of UTC: a day more and no clock at the edge is left out.
    reached += [instant.date() + holidays.ONE_DAY for each in ladders for _, instant in each.hours]
    return Plan(on=on, horizon=last, until=max((on, *reached)), ladders=ladders, routes=routes)


def stage(clock: Clock, asked: Plan) -> str | None:
    """The stage a clock stands at: the tightest offset reached (`7:DATE`, `4h:INSTANT`), `late:DAY`, `overdue:DAY`, or None.

    A clock owed by the payer or a reviewer wants nothing of us until it has run out; a tolled one is at rest. What was put off
    (`next_remind_on`) is silent until that day and told again on it, or before where that day is closed; it is never silent on
    the last business day to work it.
    """
    if clock.status not in RUNNING or clock.status is ClockStatus.TOLLED:
        return None
    if is_overdue(clock, asked.on):
        return f"overdue:{asked.on}"
    if clock.owed_by not in OURS:
        return None
    if is_late(clock, asked.on):
        return f"late:{asked.on}"
    # A day it was put off to counts no longer where the clock was counted anew, and must be worked by an earlier one.
    put_off = clock.next_remind_on is not None and asked.horizon < clock.next_remind_on <= clock.work_by
    return None if put_off else _reached(clock, asked)


def _reached(clock: Clock, asked: Plan) -> str | None:
    until = clock.next_remind_on
    ladder = next(each for each in asked.ladders if not each.kinds or clock.kind in each.kinds)
    if clock.due_at is not None:
        for hours, instant in ladder.hours:
            if clock.due_at <= instant:
                return f"{hours}h:{clock.due_at:%Y-%m-%d %H:%M:%S.%f}"
    for days, day in ladder.days:
        if clock.work_by <= day:
            again = until and clock.work_by - timedelta(days=days) < until <= asked.horizon
            return f"snooze:{until}" if again else f"{days}:{clock.work_by}"
    return f"snooze:{until}" if until and until <= asked.horizon else None


def rank(clock: Clock, on: date, *, another: bool = False) -> int:
    """Where a clock that wants something stands in a digest. `another`: nobody chose this date, and another one still runs."""
    ours = clock.owed_by in OURS
    if is_overdue(clock, on):
        # What the house wanted by now is late; overdue is what the law or the payer no longer takes.
        return LATE if not clock.hard or another else STANDING if ours else OVERDUE
    if is_late(clock, on):
        return LATE
    return TODAY if clock.work_by <= on else SOON


def level(clock: Clock, asked: Plan, *, another: bool = False) -> str:
    """Who has to hear of it: on the last day the backup and the manager too, of what is lost the manager."""
    if rank(clock, asked.on, another=another) in (STANDING, OVERDUE):
        return LOST
    known = [day for day in (clock.legal_due, clock.printed_due) if day]
    last = min(known) if known else latest(clock)
    return LAST_DAY if clock.hard and clock.owed_by in OURS and last <= asked.horizon else NORMAL


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


def routes(
    people: dict[str, tuple[str, tuple[str, ...]]], managers: tuple[str, ...], everybody: tuple[str, ...], channel_of: Callable[[str], str]
) -> tuple[Route, ...]:
    """Who is told of whose work. `people`: account -> its backup and the managers above it; `everybody` is who hears of what is nobody's
    where there is no manager.
    """
    found: dict[tuple[str, str, str], Route] = {}

    def add(owner: str, level: str, recipient: str) -> None:
        found.setdefault((owner, level, recipient), Route(owner=owner, level=level, recipient=recipient, channel=channel_of(recipient)))

    for owner, (backup, above) in {**people, UNKNOWN: ("", managers)}.items():
        himself = "" if owner == UNKNOWN else owner
        for at in (NORMAL, LAST_DAY, LOST):
            add(owner, at, himself)
            for other in (*((backup,) if at == LAST_DAY and backup else ()), *(above if at != NORMAL else ())):
                add(owner, at, other)
    for at in (NORMAL, LAST_DAY, LOST):
        for other in managers or everybody:
            add(UNOWNED, at, other)
    return tuple(found.values())
