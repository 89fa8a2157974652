"""What becomes of one claim of a remittance. Decides by the case it belongs to; takes only what an import may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from appeals import identity, money
from appeals.codes import Codes
from appeals.errors import AppealsError
from appeals.intake.findings import DenialFinding, denied
from appeals.intake.remittance import Adjustment, Claim, ClaimProblem, Transaction
from appeals.model import Case, CaseLink, Payer, State
from appeals.record import Change, RulePack, Run, Situation
from appeals.services import marks, opening, steps, writing
from appeals.services.denials import LineFacts, shares
from appeals.services.overlay import CHANGED, Overlay
from appeals.services.parties import parties_of
from appeals.services.proposals import proposed
from appeals.services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The payment a claim came with."""

    file_id: str
    sha256: str
    transaction: Transaction
    payer: Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one claim, and the changes that make it so. `reason` never holds patient data."""

    name: str
    reason: str = ""
    changes: tuple[Change, ...] = ()
    case_id: str = ""
    number: str = ""
    denied_cents: int = 0
    segment: int = 0
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """One import: the records, what it has decided so far, who runs it, and who owns what it opens."""

    store: Store
    overlay: Overlay
    codes: Codes
    run: Run
    owner: str
    received: date | None
    rule_packs: tuple[RulePack, ...]


def decide(at: Importing, item: Claim | ClaimProblem, source: Source) -> Fate:
    """The fate of one claim; a claim that cannot be taken is left for a person with the reason, never dropped."""
    if isinstance(item, ClaimProblem):
        return Fate(name="person", reason=item.message, segment=item.segment, raw=item.raw)
    if known := at.overlay.seen(source.payer.id, item, source.transaction.trace):
        if known == CHANGED:
            return Fate(
                name="person",
                reason="taken in before, with another charge or payment: correct the case if this one is right",
                segment=item.segment,
            )
        return Fate(name="known", segment=item.segment)
    try:
        return replace(_fate(at, item, source), segment=item.segment)
    except AppealsError as error:
        return Fate(name="person", reason=error.message, segment=item.segment)


def _fate(at: Importing, claim: Claim, source: Source) -> Fate:
    finding = denied(claim, at.codes)
    situation = at.overlay.situation(source.payer, identity.number_key(claim.claim_number))
    if situation is not None and not _same_person(situation, claim):
        return Fate(name="person", reason=f"this claim number belongs to {_called(situation)} of another patient")
    if finding.reversal:
        return _reversed(at, situation, claim, source)
    if finding.pending:
        return Fate(name="ignored", reason="held back by the payer, neither paid nor refused: no clock starts")
    if not finding.is_denied:
        return _paid(at, situation, claim, source)
    notice = source.transaction.notice_date
    if notice is None:
        return Fate(name="person", reason="denied, without a date of payment or production: nobody knows when the notice is of")
    facts = denial_facts(claim, finding, source, notice, at.received, at.codes)
    if situation is None:
        return _opened(at, claim, finding, facts, source)
    return _denied_again(at, situation, claim, finding, facts)


def _called(situation: Situation) -> str:
    return f"case {situation.case.number}" if situation.case.number else "an earlier claim of this file, and so to a case"


def _same_person(situation: Situation, claim: Claim) -> bool:
    """Whether the claim may be about the case's patient: one person's money never lands in another's trail."""
    ours, theirs = identity.number_key(situation.coverage.member_id), identity.number_key(claim.member_id)
    name = _full_name(claim)
    return not (ours and theirs and ours != theirs) and (not name or identity.may_be_one(name, situation.patient.name))


def _opened(at: Importing, claim: Claim, finding: DenialFinding, facts: Mapping[str, Any], source: Source) -> Fate:
    told: dict[str, Any] = {
        "patient": _full_name(claim),
        "mrn": claim.reference("EA"),
        "payer": source.payer.name,
        "payer_number": source.payer.payer_number,
        "member_id": claim.member_id,
        "group": claim.reference("1L"),
        "claim": claim.claim_number,
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
    changes = (writing.also_making(change, *_links(at, bare, finding)), *denial)
    at.overlay.take(bare, changes)
    return Fate(name="opened", reason=finding.words, changes=changes, case_id=bare.case.id, denied_cents=finding.denied_cents)


def _denied_again(at: Importing, situation: Situation, claim: Claim, finding: DenialFinding, facts: Mapping[str, Any]) -> Fate:
    case, run, trace = situation.case, at.run, facts["trace_source"]
    control = identity.number_key(claim.payer_control)
    known = {n.value for n in situation.claim_numbers if n.system == "payer"}
    new_part = bool(control and known) and control not in known and not _same_services(situation, claim)
    changes: tuple[Change, ...]
    if case.state is State.RESOLVED:
        name, reason = "proposed", "denied again after it was resolved"
        changes = proposed(situation, "reopen", {**_notice(facts), "reason": reason, "amount": finding.denied_cents}, reason, trace, run)
    elif case.state is State.APPEAL_FILED and not new_part:
        name, reason = "proposed", "denied again while an appeal is pending"
        changes = proposed(situation, "uphold", {"decided": facts["notice"], "reason": facts["reasons"]}, reason, trace, run)
    elif case.state is State.SUBMITTED:
        name, reason, changes = "moved", finding.words, steps.step_changes(situation, "deny", facts, run)
    else:
        name, reason = "added", finding.words
        changes = (marks.mark_change(situation, "denial-added", {**facts, "split": new_part, "dated": run.on}, run),)
    if control and control not in known:
        number = opening.number(case, run, "payer", control)
        changes = (writing.also_making(changes[0], number), *changes[1:])
    at.overlay.take(situation, changes)
    return Fate(name=name, reason=reason, changes=changes, case_id=case.id, number=case.number, denied_cents=finding.denied_cents)


def _same_services(situation: Situation, claim: Claim) -> bool:
    """Whether the claim is about services the case has already: then it answers anew, under a number of its own.

    A part of a split claim brings lines of its own. Where nobody gives lines, the same charge says that it is the same claim.
    """
    ours = {(line.procedure, line.service_date, line.charge_cents) for line in situation.lines if not line.voided}
    theirs = {(line.code, line.service_date, line.charge_cents) for line in claim.lines}
    return bool(ours & theirs) if ours and theirs else claim.charge_cents == situation.case.billed_cents


def _notice(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a proposal keeps of a notice, so that its clocks run once a person takes it."""
    return {name: facts[name] for name in ("notice", "received", "reasons", "source") if facts.get(name)}


def _paid(at: Importing, situation: Situation | None, claim: Claim, source: Source) -> Fate:
    """Nothing in dispute: an import pays a submitted case; on a case further on it proposes."""
    if situation is None:
        return Fate(name="ignored")
    case, run, paid = situation.case, at.run, claim.paid_cents or 0
    trace = {"sha256": source.sha256, "segment": claim.segment}
    facts: dict[str, Any] = {"amount": paid, "remittance": source.transaction.trace, **explained(claim, at.codes)}
    if case.state is State.SUBMITTED:
        anew = {**facts, "amount": _increment(case, paid)}
        changes = steps.step_changes(situation, "pay", {**anew, "trace_source": trace}, run)
        at.overlay.take(situation, changes)
        return Fate(name="moved", reason="paid, nothing in dispute", changes=changes, case_id=case.id, number=case.number)
    if not paid or case.state is State.RESOLVED:
        reason = "the case is resolved; `appeals mark CASE payment-posted` posts the money" if paid else ""
        return Fate(name="ignored", reason=reason, case_id=case.id, number=case.number)
    step, facts = "pay", {**facts, "amount": _increment(case, paid), "override": "the remittance leaves nothing in dispute"}
    if case.state is State.APPEAL_FILED:
        told = {"decided": source.transaction.notice_date or run.on, "amount": min(_increment(case, paid), case.disputed_cents)}
        step, facts = "overturn", {**told, **explained(claim, at.codes)}
    changes = proposed(situation, step, facts, "paid, nothing in dispute any more", trace, run)
    at.overlay.take(situation, changes)
    return Fate(name="proposed", reason=f"paid: {step} proposed", changes=changes, case_id=case.id, number=case.number)


def _increment(case: Case, paid: int) -> int:
    """What a remittance pays anew: one that pays more than the case could still be paid counts the earlier payments in."""
    still = money.total(case) - case.paid_cents - case.posted_cents - case.contractual_cents - case.patient_cents - case.other_payer_cents
    return paid if paid <= still else max(paid - case.paid_cents - case.posted_cents, 0)


def _reversed(at: Importing, situation: Situation | None, claim: Claim, source: Source) -> Fate:
    if situation is None or situation.case.state is not State.RESOLVED:
        return Fate(name="ignored")
    reason = "the payer reversed its earlier payment (status 22)"
    told = {"reason": reason, "amount": abs(claim.paid_cents or 0)}
    trace = {"sha256": source.sha256, "segment": claim.segment}
    changes = proposed(situation, "reopen", told, reason, trace, at.run)
    at.overlay.take(situation, changes)
    return Fate(name="proposed", reason=reason, changes=changes, case_id=situation.case.id, number=situation.case.number)


def denial_facts(claim: Claim, finding: DenialFinding, source: Source, notice: date, received: date | None, codes: Codes) -> dict[str, Any]:
    """What the remittance says, as the facts of `deny`: every code and amount by line."""
    facts: dict[str, Any] = {
        "notice": notice,
        "amount": finding.denied_cents,
        "paid": claim.paid_cents or 0,
        **explained(claim, codes),
        "codes": _codes(claim.adjustments, claim.remarks),
        "words": "" if finding.reasons and finding.reasons[0].carc else finding.words,
        "reasons": finding.words,
        "source": f"{source.sha256}:{claim.segment}",
        "trace_source": {"sha256": source.sha256, "segment": claim.segment},
        "lines": tuple(
            LineFacts(
                position=at,
                procedure=line.code,
                service_date=line.service_date,
                charge_cents=line.charge_cents or 0,
                paid_cents=line.paid_cents or 0,
                denied_cents=finding.line_cents[at - 1],
                adjustments=_codes(line.adjustments, line.remarks),
                **shares(_codes(line.adjustments, line.remarks), codes),
            )
            for at, line in enumerate(claim.lines, 1)
        ),
    }
    return facts | ({"received": received} if received else {})


def explained(claim: Claim, codes: Codes) -> dict[str, int]:
    """What the remittance takes off without denying it, by whose money it is, as the facts of `deny` and `pay`."""
    taken = _codes((*claim.adjustments, *(a for line in claim.lines for a in line.adjustments)), ())
    found = shares(taken, codes)
    told = {"contractual": "contractual_cents", "patient_share": "patient_cents", "other_payer_paid": "other_payer_cents"}
    return {fact: found[bucket] for fact, bucket in told.items() if found[bucket]}


def _codes(adjustments: Sequence[Adjustment], remarks: Sequence[str]) -> tuple[tuple[str, str, str, int], ...]:
    return tuple((a.group, a.carc, " ".join(remarks), a.amount_cents or 0) for a in adjustments)


def _links(at: Importing, situation: Situation, finding: DenialFinding) -> tuple[CaseLink, ...]:
    """A secondary payer's claim belongs to the primary's case of the same claim number and person."""
    if not finding.other_payer:
        return ()
    case = situation.case
    return tuple(
        CaseLink(id=at.run.new_id(), practice_id=case.practice_id, case_id=case.id, other_case_id=row.case.id, kind="other_payer")
        for row in at.store.find(case.claim_number)
        if row.case.claim_number == case.claim_number and identity.name_key(row.patient_name) == situation.patient.name_key
    )


def _full_name(claim: Claim) -> str:
    person = claim.patient if claim.patient.last else claim.insured
    return " ".join(part for part in (person.first, person.middle, person.last) if part)
