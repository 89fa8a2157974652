"""The calculator: plan facts, a step and dates in; dates, arithmetic and citation out. No case, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from appeals import identity, law, rules
from appeals.clockmaking import CONTRACT, Place, counted_clock
from appeals.contract import concerns
from appeals.errors import MissingFact, NoRule
from appeals.model import UNKNOWN, Case, Clock, Coverage, Payer, Practice, State
from appeals.packs import Pack, Packs
from appeals.reckoning import Fact
from appeals.regimes import Regime

DAY = date(2000, 1, 1)  # a case that does not exist was opened on no day in particular
CALENDAR = "in the calculator"
ASSUMED = {
    "post_service": "counted for a claim for a service already given; `--kind pre_service` is a request made before it",
    "pre_service": "counted for an urgent request made before the service; `--kind` says if it is another",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: one rule by its id, or what a `step` starts under these plan facts.

    Without a `level` it is the rung of the track that is named in `facts`, else the first. A case without a kind is a claim
    for a service already given; an urgent one is a request made before it.
    """

    rule: str = ""
    step: str = ""
    plan: Mapping[str, Any]
    case: Mapping[str, Any]
    level: int | None = None
    facts: Mapping[str, Fact]
    zone: str
    payer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The clocks, and what is missing or doubtful beside them."""

    clocks: tuple[Clock, ...]
    regimes: tuple[str, ...]
    warnings: tuple[str, ...]


def due(question: Question, own: tuple[Pack, ...]) -> Answer:
    """The dates that answer the question; `own` are the packs the practice loaded.

    Raises:
        NoRule: no such rule, or none for this step under these plan facts, or none in force then.
        MissingFact, ImpossibleValue: the dates cannot be counted from.
    """
    if question.rule:
        return _by_rule(question, own)
    if not question.step:
        raise MissingFact("What is asked?", "Name a rule (`appeals rules list`), or a step with `--step denial` and the plan's facts.")
    coverage = _coverage(question.plan)
    theirs = tuple(pack for pack in own if _concerns(pack, question.payer))
    packs = law.for_coverage(coverage, theirs)
    trigger = rules.Trigger(name=question.step, id=CALENDAR, facts=question.facts)
    found = rules.regimes(packs, coverage)
    case, coverage = _case(question), _coverage(question.plan)
    clocks: tuple[Clock, ...] = ()
    gaps: tuple[str, ...] = ()
    for level in _levels(question, found):
        at = replace(case, level=level)
        clocks += rules.started(packs, case=at, coverage=coverage, practice=_practice(question), trigger=trigger, new_id=_numbers())
        gaps += rules.gaps(packs, coverage, level)
    if question.step == "denial" and (track := question.facts.get("track")):
        clocks = tuple(clock for clock in clocks if clock.track == track)
    if not clocks and (missing := rules.untold(packs, case=case, coverage=coverage, trigger=trigger)) and "cannot be counted" in missing[0]:
        raise MissingFact(missing[0], "`appeals rules show RULE` names what it counts from; `--fact NAME=DAY` gives any of them.")
    if not clocks:
        labels = "; ".join(dict.fromkeys(regime.label for regime in found))
        where = question.facts.get("track") or f"level {question.level or 1}"
        raise NoRule(
            f"No rule gives a time for {question.step.replace('_', ' ')} at {str(where).replace('_', ' ')} under: {labels or 'no regime'}.",
            "; ".join(gaps) or "`appeals rules list` names the rules there are; the notice's own date can be entered with `--printed-due`.",
        )
    assumed = () if question.case.get("kind") else (ASSUMED[case.kind],)
    warned = dict.fromkeys((*(w for clock in clocks for w in clock.warning.split(" | ") if w), *gaps, *assumed))
    return Answer(clocks=clocks, regimes=tuple(regime.label for regime in found), warnings=tuple(warned))


def _by_rule(question: Question, own: tuple[Pack, ...]) -> Answer:
    packs, sample = _holder(question.rule, own)
    rule = packs.rule(question.rule)
    extended = question.facts.get("extended") is True
    counted = rules.count(rule, question.facts, zone=question.zone, extended=extended)
    trigger = rules.Trigger(name=rule.starts_on[0] if rule.starts_on else "asked", id=CALENDAR, facts=question.facts)
    contract = packs.origin[rule.id].contract
    place = Place(level=question.level or 1, track="", regime=f"{CONTRACT}{packs.origin[rule.id].id}" if contract else "")
    clock = counted_clock(packs, _case(question), trigger, counted, place, CALENDAR)
    told = ("a published sample, not your contract: `appeals rules load` takes in your own terms",) if sample else ()
    return Answer(clocks=(clock,), regimes=(), warnings=(*counted.warnings, *told))


def _holder(rule_id: str, own: tuple[Pack, ...]) -> tuple[Packs, bool]:
    """The packs that have the rule: the practice's own before the law before the samples; whether it is a sample."""
    mine = law.with_own(own)
    if rule_id in mine.rules:
        return mine, False
    in_samples = rule_id in law.samples().rules or rule_id in law.samples().statements
    return (law.with_channels(law.samples()), True) if in_samples else (mine, False)


def _concerns(pack: Pack, payer: str) -> bool:
    key = identity.name_key(payer)
    known = Payer(id="", practice_id="", name=payer, name_key=key, payer_number=identity.number_key(payer))
    return concerns(pack, known) if pack.contract is None or payer else False


def _coverage(plan: Mapping[str, Any]) -> Coverage:
    return Coverage(id=CALENDAR, practice_id="", patient_id="", payer_id="", **{name: value for name, value in plan.items() if value})


def _levels(question: Question, found: tuple[Regime, ...]) -> tuple[int, ...]:
    """The rungs that are asked about: where an appeal on this track is filed, by each regime it could be."""
    if question.level or question.step != "denial":
        return (question.level or 1,)
    track = question.facts.get("track")
    orders = {rung.order for regime in found for rung in regime.ladder if rung.track == track}
    return tuple(sorted(orders)) or (1,)


def _case(question: Question) -> Case:
    kind = "pre_service" if question.case.get("urgency") == "expedited" else "post_service"
    bare = Case(
        id=CALENDAR, practice_id="", number="", kind=kind, state=State.DENIED, patient_id="", payer_id="", coverage_id="", opened_on=DAY,
        entered_on=DAY, care=UNKNOWN,
    )  # fmt: skip
    return replace(bare, **{name: value for name, value in question.case.items() if value})


def _practice(question: Question) -> Practice:
    return Practice(id="", name="", zone=question.zone, state="", created_on=DAY)


def _numbers() -> Callable[[], str]:
    def endless() -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield f"{CALENDAR} {number}"

    return endless().__next__
