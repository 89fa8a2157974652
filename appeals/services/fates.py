"""What becomes of one claim of a remittance. Decides by the case it belongs to; takes only what an import may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from appeals import identity, show
from appeals.errors import AppealsError
from appeals.intake.findings import DenialFinding, denied
from appeals.intake.remittance import Claim, ClaimProblem
from appeals.model import CaseLink
from appeals.record import Situation
from appeals.services import answers, matching, opening, steps, takebacks, writing
from appeals.services.claim_facts import denial_facts, full_name
from appeals.services.importing import Fate, Importing, Source
from appeals.services.overlay import CHANGED, Entry
from appeals.services.parties import parties_of


def decide(at: Importing, item: Claim | ClaimProblem, source: Source) -> Fate:
    """The fate of one claim; a claim that cannot be taken is left for a person with the reason, never dropped."""
    if isinstance(item, ClaimProblem):
        return Fate(name="person", reason=item.message, segment=item.segment, raw=item.raw)
    entry = Entry(source.payer.id, item.claim_number, item.payer_control, source.transaction.trace, item.position, item.status)
    if at.own.elsewhere(source.transaction):
        return Fate(name="elsewhere", reason="paid to a number that is none of this practice's", segment=item.segment)
    if seen := at.overlay.seen(entry, (item.charge_cents or 0, item.paid_cents or 0)):
        return Fate(name="person" if seen == CHANGED else "known", reason=seen, segment=item.segment)
    finding = denied(item, at.codes)
    try:
        fate = _fate(at, item, finding, source)
    except AppealsError as error:
        fate = Fate(name="person", reason=error.message)
    return replace(fate, segment=item.segment, notes=(*fate.notes, *_notes(item, finding)))


def _fate(at: Importing, claim: Claim, finding: DenialFinding, source: Source) -> Fate:
    found = matching.match(at.overlay, source.payer, claim)
    if found.doubt:
        return Fate(name="person", reason=found.doubt)
    situation = found.situation
    fate = _decided(at, situation, claim, finding, source)
    if situation is None or fate.name == "person":
        return fate
    return replace(fate, matched=found.by, case_id=situation.case.id, number=situation.case.number)


def _decided(at: Importing, situation: Situation | None, claim: Claim, finding: DenialFinding, source: Source) -> Fate:
    if finding.reversal:
        return takebacks.reversed_claim(at, situation, claim, source)
    if finding.pending:
        return Fate(name="ignored", reason="held back by the payer, neither paid nor refused: no clock starts")
    if finding.unexplained_cents:
        return Fate(name="person", reason="nothing was paid, and nothing the payer says of the claim tells why")
    if not finding.is_denied:
        return answers.paid(at, situation, claim, source)
    notice = source.transaction.notice_date
    if notice is None:
        return Fate(name="person", reason="denied, without a date of payment or production: nobody knows when the notice is of")
    facts = denial_facts(claim, finding, source.sha256, notice, at.received, at.codes)
    if situation is None:
        return _opened(at, claim, finding, facts, source)
    return answers.denied_again(at, situation, claim, finding, facts)


def _opened(at: Importing, claim: Claim, finding: DenialFinding, facts: Mapping[str, Any], source: Source) -> Fate:
    told: dict[str, Any] = {
        "patient": full_name(claim),
        "mrn": claim.reference("EA"),
        "payer": source.payer.name,
        "payer_number": source.payer.payer_number,
        "member_id": claim.member_id,
        "group": claim.reference("1L"),
        "claim": matching.own_number(claim),
        "control_number": claim.payer_control,
        "kind": "post_service",
        "billed": claim.charge_cents,
        "service_from": claim.service_from,
        "service_to": claim.service_to,
        "npi": source.transaction.payee_id,
        "provider": source.transaction.payee,
    }
    if not identity.name_key(told["patient"]):
        return Fate(name="person", reason="denied, and the claim names no patient")
    parties = parties_of(at.overlay, told, at.run)
    change = opening.opening(parties, told, at.run, owner=at.owner, source=facts["trace_source"], rule_packs=at.rule_packs)
    bare = opening.situation_of(change, parties, at.rule_packs)
    denial = steps.step_changes(bare, "deny", facts, at.run)
    changes = (writing.also_making(change, *_links(at, bare)), *denial)
    at.overlay.take(bare, changes)
    return Fate(name="opened", reason=finding.words, changes=changes, case_id=bare.case.id, denied_cents=finding.denied_cents)


def _links(at: Importing, situation: Situation) -> tuple[CaseLink, ...]:
    """Links to the cases of the same claim number and person with other payers: the primary's and the secondary's belong together."""
    case, patient = situation.case, situation.patient
    known = at.store.cases_of_claim(case.claim_number) if case.claim_number else ()
    stored = [one.id for one in known if at.store.situation(one.number).patient.name_key == patient.name_key]
    fresh = [one.case.id for one in at.overlay.opened_as(case.claim_number) if one.patient.name_key == patient.name_key]
    return tuple(
        CaseLink(id=at.run.new_id(), practice_id=case.practice_id, case_id=case.id, other_case_id=other, kind="other_payer")
        for other in dict.fromkeys((*stored, *fresh))
    )


def _notes(claim: Claim, finding: DenialFinding) -> tuple[str, ...]:
    """What a person should know of a claim whatever became of it."""
    told = []
    if finding.to_patient_cents > 0:
        told.append(f"{show.money(finding.to_patient_cents)} was paid to the patient (reason 100), and not to the practice")
    if finding.forwarded and finding.is_denied:
        told.append(f"the payer sent the claim on to the next one (status {show.text(claim.status)})")
    return tuple(told)
