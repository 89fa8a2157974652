"""Where a count begins, and the steps of one: each is taken, kept for replay, and said in words. It never picks the rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from appeals import counting, holidays
from appeals.counting import day_name, in_words
from appeals.derivation import taken
from appeals.errors import ImpossibleValue, MissingFact
from appeals.packrows import Presumption, Rule, Version
from appeals.wording import NOT_BY_RECEIPT, RECORDED, STANDS_IN, UNREADABLE

Fact = date | datetime | str | bool | None
Facts = Mapping[str, Fact]
ONLY_THE_DAY = "only the day is known: 00:00 in {zone} is assumed, the earliest it can be"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a count begins: the day, the instant for an hour clock, how it is known, the steps to it and the lines that say so."""

    day: date
    kind: str
    at: datetime | None = None
    steps: tuple[Mapping[str, Any], ...]
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Tally:
    """A count under way: where it stands, the steps that led there and the lines that say them."""

    zone: str
    at: date | datetime = date.min
    steps: list[Mapping[str, Any]] = field(default_factory=list)
    given: dict[str, date | datetime] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def begun(cls, start: Start, zone: str) -> Tally:
        """A count that stands at its start."""
        tally = cls(zone=zone)
        for step in start.steps:
            tally.take(**step)
        tally.give("start_date", *(["start_at"] if start.at else []))
        return tally

    def onward(self) -> Tally:
        """The same count, to be taken further without moving this one; its lines begin anew."""
        return Tally(zone=self.zone, at=self.at, steps=[*self.steps], given={**self.given})

    @property
    def day(self) -> date:
        """The day it stands at."""
        return day_of(self.at, self.zone)

    def take(self, **step: Any) -> None:
        """One step further."""
        self.at = taken(self.at, step, self.given, holidays.closed_days)
        self.steps.append(step)

    def give(self, *names: str) -> date:
        """Where it stands now is what these names mean; the day of it."""
        self.steps[-1] = {**self.steps[-1], "gives": [*self.steps[-1].get("gives", ()), *names]}
        self.given |= dict.fromkeys(names, self.at)
        return self.day

    def time(self, moment: time) -> None:
        """That time of day on the wall clock."""
        at = counting.at_time(self.day, moment, self.zone)
        self.take(do="time", at=moment.isoformat(timespec="minutes"), offset=f"{at:%z}")

    def add(self, length: int, unit: str, *, calendar: str = "none", first: bool = False, missing: str = "none") -> None:
        """Count a length on (back, where negative)."""
        step: dict[str, Any] = {"do": "add", "length": length, "unit": unit}
        if unit == "hours":
            if not isinstance(self.at, datetime):
                self.time(time.min)
            step["offset"] = f"{counting.on_the_wall(counting.elapsed(instant_of(self.at, self.zone), length), self.zone):%z}"
        elif isinstance(self.at, datetime) and unit == "calendar_days":
            step["offset"] = f"{counting.at_time(counting.add_days(self.at.date(), length), self.at.time(), self.zone):%z}"
        elif unit == "business_days":
            step |= {"calendar": counting.business(calendar), "first": first}
        elif unit in ("calendar_months", "years"):
            step |= {"missing": missing, "first": first}
        elif unit == "calendar_days":
            step["first"] = first
        self.take(**step)

    def standing(self) -> str:
        """Where it stands, in words."""
        return clock_time(self.at, self.zone) if isinstance(self.at, datetime) else day_name(self.at)


def start_of(rule: Rule, version: Version, facts: Facts, zone: str) -> Start:
    """Where the count begins, by evidence, by a presumption, or by the fact that stands in.

    Raises:
        MissingFact: none of the facts the rule counts from was given. ImpossibleValue: received before the notice was written.
    """
    _received_after_written(facts, zone)
    presumed = _presumed(version, facts, zone)
    if facts.get("receipt") == "unreadable" and (presumed or "received" in rule.counts_from):
        return _unreadable(rule, version, facts, zone)
    proved = [(name, value) for name in rule.counts_from if isinstance(value := facts.get(name), date)]
    if proved and (rule.pick != "latest" or len(proved) == len(rule.counts_from)):
        choose: Callable[..., tuple[str, date]] = max if rule.pick == "latest" else min
        name, value = proved[0] if len(proved) == 1 else choose(proved, key=lambda pair: instant_of(pair[1], zone))
        begun = _begin(name, value, version, zone, f"{rule.event}: ")
        if presumed is None or _rebuts(version.presumption, begun, presumed):
            return begun
    if presumed is not None:
        return presumed
    for name in rule.else_from:
        if isinstance(value := facts.get(name), date):
            by_receipt = "received" in rule.counts_from
            said = STANDS_IN[name] if by_receipt else NOT_BY_RECEIPT.get(name, STANDS_IN[name])
            return _standing_in(name, value, version, zone, said.replace("{event}", rule.event))
    raise missing(rule)


def missing(rule: Rule) -> MissingFact:
    """The refusal that names the facts of which one must be given."""
    names = ", ".join((*rule.counts_from, *rule.else_from))
    return MissingFact(f"{rule.id} cannot be counted: when {rule.event} is not known.", f"Give one of: {names}.")


def _presumed(version: Version, facts: Facts, zone: str) -> Start | None:
    presumption = version.presumption
    if presumption is None or not isinstance(value := facts.get(presumption.counted_from), date):
        return None
    given = _begin(presumption.counted_from, value, version, zone, f"{RECORDED[presumption.counted_from]} ")
    tally = Tally.begun(given, zone)
    tally.add(presumption.length, presumption.unit)
    added = f"+ {in_words(presumption.length, presumption.unit)} presumed receipt ({presumption.cite}) = {tally.standing()}"
    return Start(
        day=tally.day,
        at=tally.at.astimezone(UTC) if isinstance(tally.at, datetime) else None,
        kind="presumed_receipt",
        steps=tuple(tally.steps),
        lines=(*given.lines, added, _REBUTTED[presumption.rebuttable]),
        warnings=given.warnings,
    )


_REBUTTED = {
    "both": "proof of another day of receipt rebuts it, both ways",
    "earlier": "proof of an earlier day rebuts it; a later one does not",
    "later": "proof of a later day rebuts it; an earlier one does not",
}


def _rebuts(presumption: Presumption | None, proved: Start, presumed: Start) -> bool:
    if presumption is None or presumption.rebuttable == "both":
        return True
    earlier = (proved.at or proved.day) < (presumed.at or presumed.day)
    return earlier == (presumption.rebuttable == "earlier")


def _unreadable(rule: Rule, version: Version, facts: Facts, zone: str) -> Start:
    if not isinstance(notice := facts.get("notice"), date):
        raise missing(rule)
    return _standing_in("notice", notice, version, zone, UNREADABLE)


def _standing_in(name: str, value: date, version: Version, zone: str, said: str) -> Start:
    found = _begin(name, value, version, zone, f"{RECORDED[name]} ")
    return Start(
        day=found.day,
        at=found.at,
        kind=f"assumed_{name}",
        steps=found.steps,
        lines=(*found.lines, said),
        warnings=(*found.warnings, said),
    )


def _received_after_written(facts: Facts, zone: str) -> None:
    notice, received = facts.get("notice"), facts.get("received")
    if isinstance(notice, date) and isinstance(received, date) and day_of(received, zone) < day_of(notice, zone):
        raise ImpossibleValue(f"Received on {received}, before the notice was written on {notice}.", "Check both dates.")


def _begin(name: str, value: date, version: Version, zone: str, words: str) -> Start:
    day = day_of(value, zone)
    if version.unit != "hours":
        return Start(day=day, kind=name, steps=({"do": "start", "on": day.isoformat()},), lines=(f"{words}{day_name(day)}",))
    at = instant_of(value, zone)
    steps = ({"do": "start", "at": counting.on_the_wall(at, zone).isoformat()},)
    if isinstance(value, datetime):
        return Start(day=day, at=at, kind=name, steps=steps, lines=(f"{words}{clock_time(at, zone)}",))
    said = ONLY_THE_DAY.format(zone=zone)
    return Start(day=day, at=at, kind=name, steps=steps, lines=(f"{words}{day_name(day)}", said), warnings=(said,))


def clock_time(at: datetime, zone: str) -> str:
    """`Mon 2026-03-09 16:00 EDT`: an instant on the wall clock of `zone`."""
    local = at.astimezone(counting.zone_of(zone))
    return f"{day_name(local.date())} {local:%H:%M %Z}"


def day_of(value: date, zone: str) -> date:
    """The day of a date, or of an instant in `zone`."""
    return counting.elapsed(value, 0).astimezone(counting.zone_of(zone)).date() if isinstance(value, datetime) else value


def instant_of(value: date, zone: str) -> datetime:
    """An instant as UTC; of a date, the moment it begins in `zone`."""
    return counting.elapsed(value, 0) if isinstance(value, datetime) else counting.midnight(value, zone)
