"""What becomes of one claim of a remittance. Decides by the case it belongs to; takes only what an import may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from appeals import identity, show
from appeals.errors import AppealsError, CannotWrite, StaleCase, StorageError
from appeals.intake.findings import DenialFinding, denied
from appeals.intake.remittance import Claim, ClaimProblem
from appeals.model import CaseLink, State
from appeals.record import Situation
from appeals.services import answers, earlier, early, matching, opening, other_names, parts, steps, takebacks, writing
from appeals.services.claim_facts import denial_facts, full_name, given_names
from appeals.services.importing import Fate, Importing, Source, problem_said, said_of, trace_of
from appeals.services.overlay import BEFORE, CHANGED, Entry
from appeals.services.parties import parties_of


def decide(at: Importing, item: Claim | ClaimProblem, source: Source) -> Fate:
    """The fate of one claim; a claim that cannot be taken is left for a person with the reason, never dropped."""
    if isinstance(item, ClaimProblem):
        return _unread(at, item, source)
    finding = denied(item, at.codes)
    cents = finding.denied_cents if finding.is_denied else 0
    if source.elsewhere:
        told = "paid to a number that is none of this practice's"
        return Fate(name="elsewhere", reason=told, segment=item.segment, denied_cents=cents)
    fate = asked_once(at, item, source, lambda: _fate(at, item, finding, source), said_of(item, source))
    fate = replace(fate, denied_cents=cents) if fate.name in ("person", "known") else fate
    return fate if fate.name == "known" else replace(fate, notes=(*fate.notes, *_notes(item, finding)))


def _unread(at: Importing, item: ClaimProblem, source: Source) -> Fate:
    """A claim nobody can read is a person's, unless one has dealt with it: what was read of it and what was not must be the same."""
    claim, said = item.claim, problem_said(item, source)
    if at.overlay.dealt_with(_entry(claim, source), _money(claim), said):
        return Fate(name="known", reason=BEFORE, segment=item.segment, said=said)
    return Fate(name="person", reason=item.message, segment=item.segment, raw=item.raw, said=said)


def asked_once(at: Importing, claim: Claim, source: Source, fate: Callable[[], Fate], said: str = "") -> Fate:
    """What `fate` decides on a claim that was not taken in before; what it refuses is left for a person.

    `said` is what the claim says, where another who has its number may say something else.
    """
    entry, money = _entry(claim, source), _money(claim)
    # Of whom we do not know, several may number their files alike: then the mark that is kept says whether it came before.
    seen = at.overlay.seen(entry, money, said) if source.payer.id else ""
    if seen and not (seen == BEFORE and early.waits(at, entry, claim, source)):
        return Fate(name="person" if seen in CHANGED else "known", reason=seen, segment=claim.segment, said=said)
    try:
        found = fate()
    except (StorageError, CannotWrite, StaleCase):
        raise  # it is no fault of the claim's
    except AppealsError as error:
        found = Fate(name="person", reason=error.message)
    if found.name == "person" and not found.changes and at.overlay.dealt_with(entry, money, said):
        found = Fate(name="known", reason=BEFORE)
    if found.name == "person" and source.payer.id:
        at.overlay.left(entry)
    return replace(found, segment=claim.segment, said=said)


def _entry(claim: Claim, source: Source) -> Entry:
    return Entry(source.payer.id, claim.claim_number, claim.payer_control, trace_of(claim, source), claim.position, claim.status)


def _money(claim: Claim) -> tuple[int, int]:
    return claim.charge_cents or 0, claim.paid_cents or 0


def _fate(at: Importing, claim: Claim, finding: DenialFinding, source: Source) -> Fate:
    if source.unsure and (finding.is_denied or at.overlay.cases_of_any_payer(matching.own_number(claim))):
        return Fate(name="person", reason=source.unsure)
    found = matching.match(at.overlay, source.payer, claim)
    # Whose turn it is to pay is said: what a further payer answers is no case of the first one's.
    if found == matching.Match() and not finding.other_payer:
        return _by_another_name(at, claim, finding, source)
    if found.doubt:
        return Fate(name="person", reason=found.doubt)
    situation = found.situation
    fate = _decided(at, situation, claim, finding, source)
    if situation is None or fate.name == "person":
        return fate
    return replace(fate, matched=found.by, case_id=situation.case.id, number=situation.case.number)


def _by_another_name(at: Importing, claim: Claim, finding: DenialFinding, source: Source) -> Fate:
    """The fate of a claim whose payer has no such case, where the payer of one may be the same by another name."""
    found = other_names.match(at.overlay, claim)
    if found.doubt:
        return Fate(name="person", reason=found.doubt)
    if found.situation is None:
        return _decided(at, None, claim, finding, source)
    case = found.situation.case
    if case.state is not State.SUBMITTED:
        # It was answered already, so this may be a second payer's answer: nothing is moved by likeness alone.
        fate = _decided(at, None, claim, finding, source)
        told = f"{other_names.called(found.situation)} of another payer has this claim number: are they one?"
        fate = fate if fate.case_id else replace(fate, case_id=case.id, number=case.number)
        return replace(fate, reason="; ".join(filter(None, (fate.reason, told))))
    known, number = other_names.known_by(found.situation, source.payer, claim, at.run)
    fate = _decided(at, known, claim, finding, source)
    if fate.name == "person":
        return fate
    changes = (writing.also_making(fate.changes[0], number), *fate.changes[1:]) if fate.changes else ()
    return replace(fate, changes=changes, matched=found.by, case_id=case.id, number=case.number)


def _decided(at: Importing, situation: Situation | None, claim: Claim, finding: DenialFinding, source: Source) -> Fate:
    if finding.pending:
        return Fate(name="ignored", reason="held back by the payer, neither paid nor refused: no clock starts")
    # In the file that opens the case its number's other claims are parts of the same one: payers split claims by day too.
    if situation is not None and parts.another_claim(situation, claim) and not at.overlay.opened(situation.case.id):
        return Fate(name="person", reason=parts.OTHER_CLAIM, denied_cents=finding.denied_cents)
    if finding.reversal or (claim.paid_cents or 0) < 0:
        return takebacks.reversed_claim(at, situation, claim, source)
    if finding.unexplained_cents:
        why = "nothing was paid, and nothing the payer says of the claim tells why: ask the payer; a denial is entered with `appeals open`"
        return Fate(name="person", reason=why)
    if not finding.is_denied:
        return answers.paid(at, situation, claim, source)
    notice = source.transaction.notice_date
    if notice is None:
        return Fate(name="person", reason="denied, without a date of payment or production: nobody knows when the notice is of")
    if doubt := earlier.notice_in_doubt(at, situation, claim, source, notice):
        return Fate(name="person", reason=doubt, denied_cents=finding.denied_cents)
    facts = denial_facts(claim, finding, source.sha256, notice, at.received, at.codes)
    if situation is None:
        return _opened(at, claim, finding, facts, source)
    return answers.denied_again(at, situation, claim, finding, facts, source)


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
    parties = parties_of(at.overlay, told, at.run, given=given_names(claim))
    change = opening.opening(parties, told, at.run, owner=at.owner, source=facts["trace_source"], rule_packs=at.rule_packs)
    bare = opening.situation_of(change, parties, at.rule_packs)
    denial = steps.step_changes(bare, "deny", facts, at.run)
    changes = (writing.also_making(change, *links(at, bare)), *denial)
    at.overlay.take(bare, changes)
    return Fate(name="opened", reason=finding.words, changes=changes, case_id=bare.case.id, denied_cents=finding.denied_cents)


def links(at: Importing, situation: Situation) -> tuple[CaseLink, ...]:
    """Links to the cases of the same claim number and person with other payers: the primary's and the secondary's belong together."""
    case, patient = situation.case, situation.patient
    others = [one.case.id for one in at.overlay.of_claim(case.claim_number) if one.patient.name_key == patient.name_key]
    return tuple(
        CaseLink(id=at.run.new_id(), practice_id=case.practice_id, case_id=case.id, other_case_id=other, kind="other_payer")
        for other in others
    )


def _notes(claim: Claim, finding: DenialFinding) -> tuple[str, ...]:
    """What a person should know of a claim whatever became of it."""
    told = []
    if finding.to_patient_cents > 0:
        told.append(f"{show.money(finding.to_patient_cents)} was paid to the patient (reason 100), and not to the practice")
    if finding.forwarded and finding.is_denied:
        told.append(f"the payer sent the claim on to the next one (status {show.text(claim.status)})")
    return tuple(told)
