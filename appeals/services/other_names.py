"""The case a claim is about where its payer is written otherwise than the case has it. Never by a claim number alone.

The 837 a practice sends and the 835 and 277CA that answer it name the payer in different words and numbers.
"""

from __future__ import annotations

from dataclasses import replace

from appeals.intake.remittance import Claim
from appeals.model import ClaimNumber, Payer
from appeals.record import Run, Situation
from appeals.services import opening
from appeals.services.claim_facts import full_name
from appeals.services.matching import Match, may_be_of, own_number
from appeals.services.overlay import Overlay


def match(overlay: Overlay, claim: Claim, *, charge_known: bool = True) -> Match:
    """The case of this claim number at whatever payer: same person, same days of service and, where `charge_known`, same charge.

    To be asked where the claim's payer has no such case. A name must be given and the days must be: a claim number alone is
    no evidence.
    """
    number = own_number(claim)
    if not number or not full_name(claim) or claim.service_from is None:
        return Match()
    fit = [one for one in overlay.cases_of_any_payer(number) if _same_claim(one, claim, charge_known=charge_known)]
    if len(fit) > 1:
        told = ", ".join(called(one) for one in fit)
        return Match(doubt=f"{told} have this claim number, patient and days of service at other payers: nobody knows which is meant")
    if not fit:
        return Match()
    by = "claim number, patient, days of service and charge" if charge_known else "claim number, patient and days of service"
    return Match(fit[0], f"matched by {by}: its payer is on file as {fit[0].payer.name}")


def known_by(situation: Situation, payer: Payer, claim: Claim, run: Run) -> tuple[Situation, ClaimNumber]:
    """The case with a number that says it is this payer's too, and the number: what this payer sends next finds it without asking again."""
    number = replace(opening.number(situation.case, run, "ours", own_number(claim)), payer_id=payer.id)
    return replace(situation, claim_numbers=(*situation.claim_numbers, number)), number


def called(situation: Situation) -> str:
    """A case by its number, or by what it is while it has none."""
    return f"case {situation.case.number}" if situation.case.number else "a case this file opens"


def _same_claim(situation: Situation, claim: Claim, *, charge_known: bool) -> bool:
    case = situation.case
    days = (case.service_from, case.service_to) == (claim.service_from, claim.service_to)
    return days and may_be_of(situation, claim) and (not charge_known or case.billed_cents == claim.charge_cents)
