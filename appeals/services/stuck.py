"""Mail that has not left for longer than the reminders pack allows: a run that told nobody is no good run. It sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from appeals.counting import ONE_DAY, on_the_wall
from appeals.mailterms import FAILED, SENDING, WAITING
from appeals.outbox import Outbox
from appeals.record import Run
from appeals.services import governing
from appeals.services.store import Store


def stuck(store: Store, run: Run) -> tuple[Outbox, ...]:
    """What waits, is being sent or was refused for more than `stale_hours`, the oldest first.

    A message keeps its day and not its hour, so it is counted from the beginning of that day: the alarm is early, never late.
    """
    unsent = store.outbox(WAITING, SENDING, FAILED)
    if not unsent:
        return ()
    latest = moment(run) - timedelta(hours=governing.office(store).reminders.stale_hours)
    zone = ZoneInfo(run.practice.zone)
    return tuple(one for one in unsent if datetime.combine(one.created_on, datetime.min.time(), tzinfo=zone) < latest)


def accounts(messages: Sequence[Outbox], *statuses: str) -> tuple[str, ...]:
    """Whom the messages of these statuses are for; without statuses all of them."""
    return tuple(sorted({one.account for one in messages if not statuses or one.status in statuses}))


def moment(run: Run) -> datetime:
    """The instant hours are counted to: now, and for another day than the practice's own the end of it."""
    zone = run.practice.zone
    if on_the_wall(run.recorded_at, zone).date() == run.on:
        return run.recorded_at
    return datetime.combine(run.on + ONE_DAY, datetime.min.time(), tzinfo=ZoneInfo(zone))
