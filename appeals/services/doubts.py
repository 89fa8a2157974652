"""What a case's dates rest on that nobody chose, and what the payer did or left undone: said wherever the dates are shown."""

from __future__ import annotations

from datetime import date

from appeals import findings
from appeals.findings import Finding
from appeals.model import RUNNING, UNKNOWN, State
from appeals.record import Situation
from appeals.services import governing

NO_CONTRACT = "provider dispute: no contract term entered with this payer, so no date is counted (`appeals rules sample template`)"
CANDIDATES = "plan not identified: nobody chose the candidate dates (`appeals coverage CASE` sets the plan's facts)"
DEFAULTS = "plan facts are the payer's defaults: nobody confirmed them for this patient"


def of(situation: Situation) -> tuple[str, ...]:
    """What the dates of a case rest on that somebody should settle."""
    said = []
    if any(clock.candidate for clock in situation.clocks if clock.status in RUNNING):
        said.append(CANDIDATES)
    plan = situation.coverage
    if plan.facts_from == "payer_default" and plan.programme != UNKNOWN:
        said.append(DEFAULTS)
    contracts = [pack for pack in governing.of_payer(situation.rule_packs, situation.payer) if pack.contract]
    if not contracts and situation.case.state is not State.RESOLVED:
        said.append(NO_CONTRACT)
    return tuple(said)


def found(situation: Situation, day: date) -> tuple[Finding, ...]:
    """What the payer did that the law does not allow, or left undone by `day`."""
    return (*findings.of_silence(situation.clocks, day), *findings.of_marks(situation.marks))
