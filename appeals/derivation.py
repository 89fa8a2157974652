"""A deadline as steps that anybody can replay from the recorded data alone: no rule pack, no facts, no calendar, no trust in the program.

Each step is a JSON object; the days that a calendar closes among those that were counted are kept beside them. `docs/clocks.md` lists
the steps, and `verify_trail.py` replays them without this program.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from datetime import UTC, date, datetime, time
from typing import Any

from appeals import counting, holidays
from appeals.errors import AppealsError

Step = Mapping[str, Any]
Moment = date | datetime
DATES = ("start_date", "start_at", "raw_due", "legal_due", "safe_due", "printed_due", "target_due", "work_by", "due_at")
NO_STEPS = ("not recorded",)
NOT_REPLAYED = ("derivation",)
# Far beyond any deadline: a text that asks for more is no derivation, and nobody is kept waiting by one.
LONGEST_TEXT, MOST_STEPS, LONGEST_COUNT = 20_000, 50, 3_000
COUNTED = ("calendar_days", "business_days", "hours", "calendar_months", "years", "year_ends")


def stored(zone: str, steps: Iterable[Step]) -> str:
    """Steps as the text a clock keeps, with the closed days they meet on their way."""
    taking = tuple(steps)
    closed = {name: [day.isoformat() for day in sorted(days)] for name, days in _met(taking).items()}
    return json.dumps({"zone": zone, "steps": taking, "closed": closed}, separators=(",", ":"), sort_keys=True)


def zone_of(text: str) -> str:
    """The zone on whose wall clock a clock's kept steps were counted; "" where none matters."""
    return str(json.loads(text)["zone"]) if text else ""


def misfits(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The dates of a clock's row in the trail that do not follow from its steps; none: all of them do.

    `derivation` alone where the text cannot be replayed, NO_STEPS where it is "", since the clock is older than
    the steps. It takes whatever it is given, and raises nothing.
    """
    text = row.get("derivation")
    if text == "":
        return NO_STEPS
    try:
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            return NOT_REPLAYED
        found = _replayed(json.loads(text))
    except (AppealsError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return NOT_REPLAYED
    return tuple(name for name in DATES if row.get(name) != found.get(name))


def taken(at: Moment | None, step: Step, given: MutableMapping[str, Moment], closed: counting.Shut) -> Moment:
    """Where one step leads from `at`; what it `gives` is put among the `given`."""
    found = _taken(at, step, given, closed)
    given.update(dict.fromkeys(step.get("gives", ()), found))
    return found


def _taken(at: Moment | None, step: Step, given: Mapping[str, Moment], closed: counting.Shut) -> Moment:
    what = step["do"]
    if what == "start":
        return _named(step, given)
    if at is None:
        raise ValueError("nothing was begun")
    if what == "add":
        return _added(at, step, closed)
    if what == "pause":
        return _day(at) + (date.fromisoformat(step["to"]) - date.fromisoformat(step["from"]))
    if what == "roll":
        return counting.roll(_day(at), lambda day: day in closed(day.year, step["calendar"]) or day.weekday() >= counting.SATURDAY)
    if what == "back":
        return counting.last_business_day(_day(at), step["calendar"], closed)
    if what == "time":
        return datetime.combine(_day(at), time.fromisoformat(step["at"]), _offset(step))
    other = _named(step, given)
    if what not in ("later", "earlier"):
        raise ValueError(what)
    return other if (_day(other) >= _day(at) if what == "later" else _day(other) < _day(at)) else at


def _named(step: Step, given: Mapping[str, Moment]) -> Moment:
    """The day or instant that a step names: itself, or by what was given before."""
    if "of" in step:
        return given[step["of"]]
    if "at" not in step:
        return date.fromisoformat(step["on"])
    at = datetime.fromisoformat(step["at"])
    if at.tzinfo is None:
        raise ValueError("an instant has an offset")
    return at


def _added(at: Moment, step: Step, closed: counting.Shut) -> Moment:
    length, unit, first = step["length"], step["unit"], step.get("first", False)
    if type(length) is not int or type(first) is not bool or unit not in COUNTED:
        raise ValueError(f"{length} {unit}")
    if unit == "hours":
        return counting.elapsed(_instant(at), length).astimezone(_offset(step))
    if unit == "business_days":
        closed(_day(at).year, step["calendar"])  # a step names one of the calendars that are kept
        if abs(length) > LONGEST_COUNT:
            raise ValueError(f"{length} {unit}")
        return counting.add(_day(at), length, unit, calendar=step["calendar"], first=first, closed=closed)
    found = counting.add(_day(at), length, unit, first=first, missing=step.get("missing", "none"))
    return datetime.combine(found, _instant(at).time(), _offset(step)) if "offset" in step and unit == "calendar_days" else found


def _instant(at: Moment) -> datetime:
    if not isinstance(at, datetime):
        raise TypeError("only the day is known")
    return at


def _offset(step: Step) -> Any:
    return datetime.strptime(step["offset"], "%z").tzinfo


def _day(at: Moment) -> date:
    return at.date() if isinstance(at, datetime) else at


def _replayed(kept: Mapping[str, Any]) -> dict[str, str]:
    """What the kept steps give, as it is written in a row."""
    closed = {name: frozenset(map(date.fromisoformat, days)) for name, days in kept["closed"].items()}
    at, given = None, dict[str, Moment]()
    if len(kept["steps"]) > MOST_STEPS:
        raise ValueError("no deadline has that many steps")
    for step in kept["steps"]:
        at = taken(at, step, given, lambda _year, calendar: closed[calendar])
    return {name: _written(name, given[name]) for name in DATES if name in given or name == "work_by"}


def _written(name: str, at: Any) -> str:
    if name.endswith("_at"):
        return str(at.astimezone(UTC).isoformat(timespec="microseconds")).removesuffix("+00:00") + "Z"
    return _day(at).isoformat()


def _met(steps: Iterable[Step]) -> dict[str, set[date]]:
    """The days besides weekends that each calendar closes, from where its steps began to where they led."""
    at, given, met = None, dict[str, Moment](), dict[str, set[date]]()
    for step in steps:
        before, at = at, taken(at, step, given, holidays.closed_days)
        if before is not None and "calendar" in step:
            met.setdefault(step["calendar"], set()).update(_closed(step["calendar"], *sorted((_day(before), _day(at)))))
    return met


def _closed(calendar: str, first: date, last: date) -> Iterator[date]:
    for year in range(first.year, last.year + 1):
        yield from (day for day in holidays.closed_days(year, calendar) if first <= day <= last and day.weekday() < counting.SATURDAY)
