"""Setting up: the first event of a practice's log, and the person who made it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appeals.errors import BadConfiguration
from appeals.model import Person, Practice
from appeals.record import Change, Run
from appeals.services import writing


def founding(run: Run, *, name: str) -> Change:
    """The change a new practice's log begins with: its `init` event, and the account that ran it as first person."""
    practice = run.practice
    told = {"name": practice.name, "zone": practice.zone, "state": practice.state, "write_off_limit_cents": practice.write_off_limit_cents}
    person = Person(id=run.new_id(), practice_id=practice.id, account=run.actor, name=name or run.actor, role="manager")
    entry = writing.event(run, "setup", "init", facts=writing.plain({**told, "person": run.actor}))
    return Change(event=entry, puts=(person,))


def new_practice(practice_id: str, name: str, state: str, zone: str, *, sandbox: bool, now: datetime, on: date | None) -> Practice:
    """A practice whose dates are dates in `zone`; made on the zone's own day at `now`, in a sandbox on the day asked for.

    Raises:
        BadConfiguration: no such state or time zone; every date of the practice hangs on them.
    """
    if len(state) != 2 or not state.isalpha():
        raise BadConfiguration(f"{state!r} is not a state.", "Two letters, for example NC.")
    try:
        today = now.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadConfiguration(
            f"There is no time zone {zone!r}.", "For example America/New_York, America/Chicago, Pacific/Honolulu."
        ) from error
    created = on if sandbox and on else today
    return Practice(id=practice_id, name=name, zone=zone, state=state.upper(), sandbox=sandbox, created_on=created)
