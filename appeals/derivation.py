"""A deadline as steps that anybody can replay from the recorded data alone: no rule pack, no facts, no trust in the program.

Each step is a JSON object. `docs/clocks.md` lists them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from appeals import counting, holidays
from appeals.errors import StorageError

Step = Mapping[str, Any]
ROLLED = "roll"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """What the steps give: `raw` before the rule's own roll, `legal` after it; an instant, where hours or a time of day count."""

    raw: date
    legal: date
    safe: date | None
    due_at: datetime | None


def stored(zone: str, steps: Iterable[Step]) -> str:
    """Steps as the text a clock keeps."""
    return json.dumps({"zone": zone, "steps": [dict(step) for step in steps]}, separators=(",", ":"), sort_keys=True)


def zone_of(text: str) -> str:
    """The zone whose wall clock a clock's kept steps are counted on; "" where none matters."""
    return str(json.loads(text)["zone"]) if text else ""


def replayed(text: str) -> Dates:
    """The dates a clock's kept steps give.

    Raises:
        StorageError: the text holds no such steps.
    """
    try:
        found = json.loads(text)
        return replay(found["steps"], found["zone"])
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError("A clock's kept steps cannot be replayed.", "`appeals doctor` says which clock.") from error


def replay(steps: Iterable[Step], zone: str) -> Dates:
    """The dates these steps give, one after the other. Dates are dates in `zone`."""
    at: date | datetime = date.min
    raw: date | None = None
    for step in steps:
        if step["do"] == ROLLED:
            raw = _day(at, zone)
        at = taken(at, step, zone)
    legal = _day(at, zone)
    due_at = at if isinstance(at, datetime) else None
    first = raw or legal
    return Dates(raw=first, legal=legal, safe=None if due_at else counting.last_business_day(first), due_at=due_at)


def taken(at: date | datetime, step: Step, zone: str) -> date | datetime:
    """Where one step leads from `at`."""
    what = step["do"]
    if what == "start":
        return datetime.fromisoformat(step["at"]) if "at" in step else date.fromisoformat(step["on"])
    if what == "add":
        return _added(at, step, zone)
    if what == ROLLED:
        return counting.roll(_day(at, zone), lambda day: holidays.closed_literally(day, step["calendar"]))
    if what == "time":
        return counting.at_time(_day(at, zone), time.fromisoformat(step["at"]), zone)
    other = date.fromisoformat(step["on"])
    later = other >= _day(at, zone) if what == "later" else other < _day(at, zone)
    return other if later else at


def _added(at: date | datetime, step: Step, zone: str) -> date | datetime:
    if step["unit"] == "hours":
        return counting.elapsed(at if isinstance(at, datetime) else counting.midnight(at, zone), step["length"])
    if isinstance(at, datetime) and step.get("keep_time"):
        return counting.later_on_the_wall(at, step["length"], zone)
    return counting.add(
        _day(at, zone), step["length"], step["unit"], calendar=step["calendar"], first=step["first"], missing=step["missing"]
    )


def _day(at: date | datetime, zone: str) -> date:
    return at.astimezone(counting.zone_of(zone)).date() if isinstance(at, datetime) else at
