"""Which clocks a fact starts, and what a clock means today. The numbers are in the packs: where one is missing there is no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from appeals.clockmaking import Place, Trigger, counted_clock, house_clock, joined, printed, printed_clock
from appeals.deadlines import Count, count
from appeals.errors import NoRule
from appeals.explaining import explain
from appeals.model import Case, Clock, Coverage, Practice
from appeals.packfile import load
from appeals.packs import Packs, Rule
from appeals.regimes import Level, Regime, amount_in_controversy, ladder_level, regimes
from appeals.standing import is_late, is_overdue, latest

__all__ = [
    "Count", "Level", "Packs", "Regime", "Rule", "Trigger", "amount_in_controversy", "count", "explain", "gaps", "house", "is_late",
    "is_overdue", "ladder_level", "latest", "load", "payment", "regimes", "started",
]  # fmt: skip


def started(
    packs: Packs, *, case: Case, coverage: Coverage, practice: Practice, trigger: Trigger, new_id: Callable[[], str]
) -> tuple[Clock, ...]:
    """Every hard clock this trigger starts at `case.level`; each a `candidate` unless every regime that could apply gives it.

    A rule that several candidates share gives one clock. A regime without a rule pack gives one only where the notice
    prints a date; `gaps` says what is missing.

    Raises:
        NoRule: no regime takes the plan facts; or rules apply, but none was in force then, or a holiday year is unknown.
        MissingFact, ImpossibleValue: the trigger's dates cannot be counted from.
    """
    candidates = regimes(packs, coverage)
    if not candidates:
        raise NoRule("No regime takes these plan facts together.", "Check programme, funding and grandfathered with `appeals coverage`.")
    found, under = _found(packs, candidates, case, trigger)
    clocks, refusals = [], []
    for rule, place in found.values():
        try:
            counted = count(rule, trigger.facts, zone=practice.zone)
        except NoRule as error:
            refusals.append((rule.kind, error))
        else:
            clocks.append(counted_clock(packs, case, trigger, counted, place, new_id()))
    to_file = trigger.name == "denial" and not any(clock.kind.startswith("file_") for clock in clocks)
    if to_file and (clock := _printed(packs, candidates, case, trigger, new_id)):
        clocks.append(clock)
    if refusals and not clocks:
        raise refusals[0][1]
    missing = gaps(packs, coverage, case.level) if trigger.name in ("denial", "deemed") else ()
    # A rule whose time had not come or has passed is no gap where another of its kind gave a clock.
    unknown = [error.message for kind, error in refusals if kind not in {clock.kind for clock in clocks}]
    warned = (*missing, *unknown)
    # A date every candidate regime gives is in no doubt, whichever of them it is; a printed one stands for one regime.
    return tuple(replace(c, candidate=under.get(c.rule_id, 1) < len(candidates), warning=joined(c.warning, *warned)) for c in clocks)


def _found(
    packs: Packs, candidates: tuple[Regime, ...], case: Case, trigger: Trigger
) -> tuple[dict[str, tuple[Rule, Place]], dict[str, int]]:
    """Rule id -> the rule and where it stands, and under how many of the candidates it applies."""
    found: dict[str, tuple[Rule, Place]] = {}
    under: dict[str, int] = {}
    for regime in candidates:
        for rule, place in _applying(packs, regime, case, trigger):
            found.setdefault(rule.id, (rule, place))
            under[rule.id] = under.get(rule.id, 0) + 1
    return found, under


def gaps(packs: Packs, coverage: Coverage, order: int) -> tuple[str, ...]:
    """For which candidate regimes rung `order` has no time to file by, and what to do; empty when each has one."""
    rungs = [regime.ladder[order - 1] for regime in regimes(packs, coverage) if 1 <= order <= len(regime.ladder)]
    return tuple(dict.fromkeys(rung.gap for rung in rungs if rung.gap))


def house(packs: Packs, *, case: Case, practice: Practice, since: date, new_id: Callable[[], str]) -> Clock | None:  # noqa: ARG001 - the practice's own targets come from its database later
    """The house clock of the case's state, counted from `since`; None for a resolved case."""
    target = packs.targets.get(case.state)
    return house_clock(packs, target, case, since, "state", new_id()) if target else None


def payment(packs: Packs, *, case: Case, practice: Practice, since: date, new_id: Callable[[], str]) -> Clock:  # noqa: ARG001 - as `house`
    """The clock of money that was won and is not posted yet, owed by the payer."""
    return house_clock(packs, packs.targets["payment"], case, since, "favourable", new_id())


def _applying(packs: Packs, regime: Regime, case: Case, trigger: Trigger) -> Iterator[tuple[Rule, Place]]:
    rungs = _rungs(regime, case, trigger)
    urgency = "standard" if case.urgency == "standard" else "expedited"
    for rule in packs.rules.values():
        if trigger.name not in rule.starts_on or case.kind not in rule.case_kinds or urgency not in rule.urgency:
            continue
        rung = next((rung for rung in rungs if rung.id in rule.levels), None)
        if rung:
            yield rule, Place(level=rung.order, track=rung.track, regime=regime)
        elif rule.id in regime.also:
            yield rule, Place(level=case.level, track="", regime=regime)


def _rungs(regime: Regime, case: Case, trigger: Trigger) -> tuple[Level, ...]:
    """The rung the trigger is about; with the next one where a notice denies at a rung nobody has to climb."""
    ladder, track = regime.ladder, trigger.facts.get("track")
    if trigger.name == "open":
        return ladder[:1]
    here = ladder[case.level - 1 : case.level]
    if trigger.name == "filing" and track:
        return tuple(rung for rung in ladder[case.level - 1 :] if rung.track == track)[:1]
    skippable = trigger.name == "denial" and here and here[0].obligation == "voluntary"
    return ladder[case.level - 1 : case.level + 1] if skippable else here


def _printed(packs: Packs, candidates: tuple[Regime, ...], case: Case, trigger: Trigger, new_id: Callable[[], str]) -> Clock | None:
    due = printed(trigger)
    rungs = [(regime, rung) for regime in candidates for rung in _rungs(regime, case, trigger) if rung.gap]
    return printed_clock(packs, case, trigger, due, *rungs[0], new_id()) if due and rungs else None
