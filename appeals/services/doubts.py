"""What a case's dates rest on that nobody chose, and what the payer did or left undone: said wherever the dates are shown."""

from __future__ import annotations

from datetime import date

from appeals import findings, guards, rules
from appeals.clockmaking import by_care
from appeals.findings import Finding
from appeals.model import RUNNING, UNKNOWN, State
from appeals.record import Situation
from appeals.rules import Trigger
from appeals.services import clockwork, governing

NO_CONTRACT = "provider dispute: no contract term entered with this payer, so no date is counted (`appeals rules sample template`)"
UNCOUNTED = "the payer's answer to a provider dispute has no clock without the contract's term, and its silence exhausts no appeal"
CARE = "where the care is given is not recorded: times that differ by it are candidates (`appeals coverage CASE --care`)"
CANDIDATES = "plan not identified: nobody chose the candidate dates (`appeals coverage CASE` sets the plan's facts)"
DEFAULTS = "plan facts are the payer's defaults: nobody confirmed them for this patient"


def of(situation: Situation) -> tuple[str, ...]:
    """What the dates of a case rest on that somebody should settle."""
    said = [*situation.untold]
    candidates = [clock for clock in situation.clocks if clock.candidate and clock.status in RUNNING]
    if any(not by_care(clock) for clock in candidates):
        said.append(CANDIDATES)
    if any(by_care(clock) for clock in candidates):
        said.append(CARE)
    plan = situation.coverage
    if plan.facts_from == "payer_default" and plan.programme != UNKNOWN:
        said.append(DEFAULTS)
    contracts = [pack for pack in governing.of_payer(situation.rule_packs, situation.payer) if pack.contract]
    if not contracts and situation.case.state is not State.RESOLVED:
        said.append(NO_CONTRACT)
    return (*said, *without_a_date(situation))


def without_a_date(situation: Situation) -> tuple[str, ...]:
    """Why what the case waits for now has no date by law: the level has none that is known, or a fact is missing."""
    case = situation.case
    triggers: list[Trigger] = []
    if case.state in (State.DENIED, State.EOB_REVIEWED):
        notices = [d for d in situation.denials if not d.voided and d.level == case.level]
        triggers = [clockwork.denial_trigger(notices[-1], case)] if notices else []
    elif case.state is State.SUBMITTED:
        triggers = list(clockwork.of_the_case(situation))
    packs = governing.packs_of(situation)
    said = [why for t in triggers for why in rules.untold(packs, case=case, coverage=situation.coverage, trigger=t)]
    if case.state is State.APPEAL_FILED and not packs.contracts:
        disputes = [f for f in guards.pending_filings(situation) if f.track == guards.DISPUTE]
        said += [UNCOUNTED] if disputes else []
    if case.state in (State.DENIED, State.EOB_REVIEWED):
        said += rules.gaps(packs, situation.coverage, case.level)
    return tuple(dict.fromkeys(said))


def found(situation: Situation, day: date) -> tuple[Finding, ...]:
    """What the payer did that the law does not allow, or left undone by `day`."""
    return (*findings.of_silence(situation.clocks, day), *findings.of_marks(situation.marks))
