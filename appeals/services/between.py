"""Between two daily runs: whether something is due that the next one would tell too late. It writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from appeals import reminders
from appeals.record import Run
from appeals.services import remind as reminding
from appeals.services.store import Store


def cannot_wait(store: Store, run: Run, channel_of: Callable[[str], str]) -> bool:
    """Whether an hour comes, or a day to work by that no other run of a working day comes before; and where the day had no run yet."""
    if not store.runs(run.on):
        return True
    found = reminding.remind(store, replace(run, dry_run=True), channel_of=channel_of)
    last = reminders.horizon(run.on)
    return any(item.hour or item.work_by <= last for each in found.people for item in each.items)
