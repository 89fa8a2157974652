"""Which clocks a fact starts, and what a clock means today. The numbers are in the packs: where one is missing there is no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from appeals.clockmaking import CONTRACT, Place, Trigger, counted_clock, house_clock, joined, printed, printed_clock
from appeals.contract import terms_started
from appeals.counted import Counted, Noted
from appeals.deadlines import Count, count
from appeals.errors import MissingFact, NoRule
from appeals.explaining import explain
from appeals.law import everything, for_coverage, for_office
from appeals.model import UNKNOWN, Case, Clock, Coverage, Practice
from appeals.packrows import Rule
from appeals.packs import Packs
from appeals.regimes import KEPT, Level, Plan, Regime, amount_in_controversy, has_amounts, ladder_level, plan_of, regimes
from appeals.standing import is_late, is_overdue, latest

__all__ = [
    "Count", "Level", "Packs", "Regime", "Rule", "Trigger", "amount_in_controversy", "count", "everything", "explain", "for_coverage",
    "for_office", "gaps", "has_amounts", "house", "is_late", "is_overdue", "ladder_level", "latest", "payment", "regimes",
    "rejected", "started", "untold",
]  # fmt: skip
FOR_THE_NEXT_RUNG = ("denial", "deemed")
# Without these somebody would miss a date; without the others a case can be worked, with a warning.
MUST_BE_COUNTED = ("denial", "filing", "dismissal", "forward", "deemed")


def started(
    packs: Packs, *, case: Case, coverage: Coverage, practice: Practice, trigger: Trigger, new_id: Callable[[], str]
) -> tuple[Clock, ...]:
    """Every hard clock this trigger starts at `case.level`; each a `candidate` unless every regime that could apply gives it.

    A rule that several candidates share gives one clock. A regime whose time nobody knows gives one only where the
    notice prints a date; `gaps` says what is missing.

    Raises:
        NoRule: no regime takes the plan facts; or rules apply, but none was in force then, or a holiday year is unknown.
        MissingFact, ImpossibleValue: the trigger's dates cannot be counted from.
    """
    return _started(packs, case, coverage, practice.zone, trigger, new_id)[0]


def untold(packs: Packs, *, case: Case, coverage: Coverage, trigger: Trigger) -> tuple[str, ...]:
    """Why the trigger starts no clock where a rule applies and a fact or a version is missing, or where no time is known."""
    clocks, said = _started(packs, case, coverage, "UTC", replace(trigger, facts={**trigger.facts}), lambda: "")
    return said if not clocks else ()


def _started(
    packs: Packs, case: Case, coverage: Coverage, zone: str, trigger: Trigger, new_id: Callable[[], str]
) -> tuple[tuple[Clock, ...], tuple[str, ...]]:
    """The clocks, and what is to be said beside them: levels without a time, rules that could not be counted."""
    case = replace(case, level=trigger.rung) if trigger.rung else case
    asked, terms = _asked(case, trigger), tuple(_of_contract(packs, case, coverage, trigger))
    counted = _counted_before(packs, plan_of(coverage), asked, tuple((rule.id, place) for rule, place in terms), zone)
    found = counted.of(trigger.facts)
    if found is None:
        noted = Noted(trigger.facts)
        found = _counted(packs, case, coverage, zone, replace(trigger, facts=noted), terms)
        counted.keep(noted, found)
    clocks, said = found
    practice, of = case.practice_id, case.id
    return tuple(replace(c, id=new_id(), practice_id=practice, case_id=of, trigger_id=trigger.id) for c in clocks), said


@lru_cache(maxsize=KEPT)
def _counted_before(packs: Packs, plan: Plan, asked: _Asked, terms: tuple[tuple[str, Place], ...], zone: str) -> Counted:  # noqa: ARG001 - all decide
    """What was counted so far from facts of this kind. The claims of one remittance are denied on one day: they are counted once."""
    return Counted()


def _counted(
    packs: Packs, case: Case, coverage: Coverage, zone: str, trigger: Trigger, terms: tuple[tuple[Rule, Place], ...]
) -> tuple[tuple[Clock, ...], tuple[str, ...]]:
    """The clocks, each without an id yet, and what is to be said beside them."""
    candidates = regimes(packs, coverage)
    if not candidates:
        raise NoRule("No regime takes these plan facts together.", "Check programme, funding and grandfathered with `appeals coverage`.")
    found, under = _found(packs, plan_of(coverage), _asked(case, trigger))
    clocks: list[Clock] = []
    refusals: list[tuple[str, NoRule | MissingFact]] = []
    for rule, place in (*found, *terms):
        try:
            counted = count(rule, trigger.facts, zone=zone, extended=_extended(rule, trigger))
        except (NoRule, MissingFact) as error:
            refusals.append((rule.kind, error))
        else:
            clocks.append(counted_clock(packs, case, trigger, counted, place, ""))
    to_file = trigger.name == "denial" and not any(c.kind.startswith("file_") and c.track not in ("", "provider_dispute") for c in clocks)
    if to_file and (clock := _printed(packs, candidates, case, trigger)):
        clocks.append(clock)
    if refusals and not clocks and trigger.name in MUST_BE_COUNTED:
        dated = any(isinstance(fact, date) for fact in trigger.facts.values())
        if not dated or isinstance(refusals[0][1], NoRule):
            raise refusals[0][1]
    missing = gaps(packs, coverage, case.level) if trigger.name in FOR_THE_NEXT_RUNG else ()
    # A rule whose time had not come or has passed is no gap where another of its kind gave a clock.
    unknown = [error.message for kind, error in refusals if kind not in {clock.kind for clock in clocks}]
    warned = (*missing, *unknown)
    total = len(candidates)
    told = tuple(replace(c, candidate=_doubtful(c, under, total, case, packs), warning=joined(c.warning, *warned)) for c in clocks)
    return told, tuple(dict.fromkeys(warned))


def _doubtful(clock: Clock, under: Mapping[str, int], total: int, case: Case, packs: Packs) -> bool:
    """Whether nobody chose this date: not every regime that could apply gives it, or it hangs on care nobody recorded.

    A date every candidate regime gives is in no doubt, whichever of them it is; a printed one stands for one regime, a
    contract's term for none.
    """
    rule = packs.rules.get(clock.rule_id)
    if rule is not None and rule.care and case.care == UNKNOWN and clock.kind == "peer_to_peer":
        return True
    return not clock.regime.startswith(CONTRACT) and under.get(clock.rule_id, 1) < total


def _extended(rule: Rule, trigger: Trigger) -> bool:
    return trigger.facts.get("extended") is True and any(version.extension for version in rule.version)


class _Asked(NamedTuple):
    """What decides which rules a fact starts: of the case and of the fact, without its dates."""

    kind: str
    urgency: str
    care: str
    level: int
    trigger: str
    besides: tuple[str, ...]
    track: str


def _asked(case: Case, trigger: Trigger) -> _Asked:
    track = trigger.facts.get("track")
    return _Asked(case.kind, case.urgency, case.care, case.level, trigger.name, trigger.besides, str(track or ""))


@lru_cache(maxsize=KEPT)
def _found(packs: Packs, plan: Plan, asked: _Asked) -> tuple[tuple[tuple[Rule, Place], ...], Mapping[str, int]]:
    """The rules and where each stands, and under how many of the candidate regimes each applies, by its id."""
    found: dict[str, tuple[Rule, Place]] = {}
    under: dict[str, int] = {}
    for regime in regimes(packs, plan):
        applying = tuple(_applying(packs, regime, asked))
        instead = {(rule.kind, place.level) for rule, place in applying if asked.trigger not in rule.starts_on}
        for rule, place in applying:
            if asked.trigger in rule.starts_on and (rule.kind, place.level) in instead:
                continue
            found.setdefault(rule.id, (rule, place))
            under[rule.id] = under.get(rule.id, 0) + 1
    return tuple(found.values()), MappingProxyType(under)


def gaps(packs: Packs, coverage: Coverage, order: int) -> tuple[str, ...]:
    """For which candidate regimes rung `order` has no time to file by, and what to do; empty when each has one."""
    rungs = [regime.ladder[order - 1] for regime in regimes(packs, coverage) if 1 <= order <= len(regime.ladder)]
    return tuple(dict.fromkeys(rung.gap for rung in rungs if rung.gap))


def house(packs: Packs, *, case: Case, since: date, new_id: Callable[[], str]) -> Clock | None:
    """The house clock of the case's state, counted from `since`; None for a resolved case."""
    target = packs.targets.get(case.state)
    return house_clock(packs, target, case, since, "state", new_id()) if target else None


def rejected(packs: Packs, *, case: Case, since: date, new_id: Callable[[], str]) -> Clock:
    """The house clock of a claim that was not taken in; like that of a state it ends when the case moves."""
    return house_clock(packs, packs.targets["rejected"], case, since, "state", new_id())


def payment(packs: Packs, *, case: Case, since: date, new_id: Callable[[], str]) -> Clock:
    """The clock of money that was won and is not posted yet, owed by the payer."""
    return house_clock(packs, packs.targets["payment"], case, since, "favourable", new_id())


def _applying(packs: Packs, regime: Regime, asked: _Asked) -> Iterator[tuple[Rule, Place]]:
    rungs = _rungs(regime, asked)
    for rule in _starting(packs, frozenset((asked.trigger, *asked.besides))):
        if not fits(rule, asked) or (rule.states and regime.state not in rule.states):
            continue
        rung = next((rung for rung in rungs if rung.id in rule.levels), None)
        if rung:
            yield rule, Place(level=rung.order, track=rung.track, regime=regime.id)
        elif rule.states and not rule.levels:
            yield rule, Place(level=asked.level, track="", regime=regime.id)


@lru_cache(maxsize=KEPT)
def _starting(packs: Packs, names: frozenset[str]) -> tuple[Rule, ...]:
    """The rules that start on one of these facts, in their order."""
    return tuple(rule for rule in packs.rules.values() if names.intersection(rule.starts_on))


def fits(rule: Rule, case: Case | _Asked) -> bool:
    """Whether the rule holds for a case of this kind, urgency and care. Care nobody recorded is taken for no Part B drug."""
    urgency = "standard" if case.urgency == "standard" else "expedited"
    care = not rule.care or case.care in rule.care or (case.care == UNKNOWN and rule.care != ("part_b_drug",))
    return case.kind in rule.case_kinds and urgency in rule.urgency and care


def _of_contract(packs: Packs, case: Case, coverage: Coverage, trigger: Trigger) -> Iterator[tuple[Rule, Place]]:
    for pack in packs.contracts:
        for term, track in terms_started(pack, trigger.name, case, coverage, trigger.dispute_level, trigger.facts.get("track")):
            rule = packs.rules[term.id]
            if fits(rule, case):
                yield rule, Place(level=case.level, track=track, regime=f"{CONTRACT}{pack.id}")


def _rungs(regime: Regime, asked: _Asked) -> tuple[Level, ...]:
    """The rung the trigger is about; with the next one where a notice denies at a rung nobody has to climb."""
    ladder, level = regime.ladder, asked.level
    if asked.trigger == "open":
        return ladder[:1]
    here = ladder[level - 1 : level]
    if asked.trigger == "filing" and asked.track:
        return tuple(rung for rung in ladder[level - 1 :] if rung.track == asked.track)[:1]
    skippable = asked.trigger == "denial" and here and here[0].obligation == "voluntary"
    return ladder[level - 1 : level + 1] if skippable else here


def _printed(packs: Packs, candidates: tuple[Regime, ...], case: Case, trigger: Trigger) -> Clock | None:
    due = printed(trigger)
    rungs = [(regime, rung) for regime in candidates for rung in _rungs(regime, _asked(case, trigger)) if rung.gap]
    return printed_clock(packs, case, trigger, due, *rungs[0], "") if due and rungs else None
