"""Whether a claim of a file is the claim of a case, another part of it, or another claim that has its number. Decides nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from appeals import identity
from appeals.intake.remittance import Claim
from appeals.model import Case, ServiceLine
from appeals.record import Situation
from appeals.services import matching
from appeals.services.told_lines import answered

REPLACES = ("6", "7", "8")  # CLP09: a correction, a replacement, a claim taken back
OTHER_CLAIM = "this number is a claim's of other days of service: open the case by hand if it is another claim"
AFTER_THE_SERVICE = "post_service"
Service = tuple[str, date | None, int]  # procedure, day, charge: a claim may have several that are alike


def payers_numbers(situation: Situation) -> set[str]:
    """The numbers the payer has given the claim of the case so far."""
    return {row.value for row in situation.claim_numbers if row.system == "payer"}


def numbered_anew(situation: Situation, claim: Claim) -> bool:
    """Whether the payer gave the case's claim other numbers before."""
    control, known = identity.number_key(claim.payer_control), payers_numbers(situation)
    return bool(control and known) and control not in known


def new_part(situation: Situation, claim: Claim, *, beside: bool = False) -> bool:
    """Whether it is another part of a split claim: a number of its own, replacing nothing, about services nobody has answered yet.

    `beside`: all that was answered was answered in the same payment, which decides no service twice.
    """
    if not numbered_anew(situation, claim) or replaces(situation, claim):
        return False
    return (beside and not _sent(situation)) or not _answers_anew(situation, claim)


def another_claim(situation: Situation, claim: Claim) -> bool:
    """Whether it is no answer to the case: none of its days is a day of the case's, and none of its services is."""
    if same_services(situation, claim) or replaces(situation, claim):
        return False
    return other_days(situation.case, claim.service_from, claim.service_to)


def other_days(case: Case, first: date | None, last: date | None) -> bool:
    """Whether a service of these days is none of the case's: no day is in both, or the case's claim was sent before it was given."""
    if first is None:
        return False
    if case.kind == AFTER_THE_SERVICE and case.submitted_on and first > case.submitted_on:
        return True
    begun, ended = case.service_from, case.service_to or case.service_from
    return begun is not None and ended is not None and ((last or first) < begun or first > ended)


def replaces(situation: Situation, claim: Claim) -> bool:
    """Whether the claim takes the place of one that was sent before, by frequency, reference or the number it was sent anew under."""
    ours = identity.number_key(claim.claim_number)
    anew = ours != situation.case.claim_number and any(row.system == "ours" and row.value == ours for row in situation.claim_numbers)
    original = identity.number_key(claim.reference(matching.ORIGINAL))
    return anew or claim.frequency in REPLACES or original in payers_numbers(situation)


def same_services(situation: Situation, claim: Claim) -> bool:
    """Whether the claim is about services the case has already: then it answers anew, under a number of its own.

    A part of a split claim brings lines of its own. Where nobody gives lines, the same charge says that it is the same claim.
    """
    ours, theirs = _services(situation.lines), _told(claim)
    return bool(ours & theirs) if ours and theirs else claim.charge_cents == situation.case.billed_cents


def of_other_lines(situation: Situation, claim: Claim) -> bool:
    """Whether a claim that gives lines is about none of those in dispute: it answers another part."""
    disputed = [line for line in situation.lines if line.disputed_cents and not line.voided]
    codes = {line.procedure for line in disputed}
    return bool(disputed and claim.lines) and codes.isdisjoint(line.code for line in claim.lines)


def _answers_anew(situation: Situation, claim: Claim) -> bool:
    """The same, of the services somebody has answered: a claim that was sent has all its lines before its first part is decided.

    Of services that are alike, those that wait for an answer are answered first.
    """
    spoken, theirs = [line for line in situation.lines if answered(line)], _told(claim)
    ours = _services(spoken)
    if not ours or not theirs:
        return same_services(situation, claim)
    waiting = _services(line for line in situation.lines if line not in spoken)
    return bool((theirs - waiting) & ours)


def _sent(situation: Situation) -> bool:
    """Whether the case has the lines of the claim as it was sent: then those say how often a service was given."""
    return any(mark.name == "claim-sent" and not mark.voided for mark in situation.marks)


def _services(lines: Iterable[ServiceLine]) -> Counter[Service]:
    return Counter((line.procedure, line.service_date, line.charge_cents) for line in lines if not line.voided)


def _told(claim: Claim) -> Counter[Service]:
    return Counter((line.code, line.service_date, line.charge_cents or 0) for line in claim.lines)
