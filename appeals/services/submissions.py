"""What becomes of one claim of an 837: it opens a case in `submitted`, or is about one that is known. Never a second case of a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from appeals import identity, plausible, show
from appeals.intake.remittance import Claim
from appeals.intake.submission import Submission
from appeals.model import ServiceLine, State
from appeals.record import Change, Mark, Run, Situation
from appeals.services import early, fates, marks, matching, opening, other_names, parts, writing
from appeals.services.claim_facts import full_name, given_names, place
from appeals.services.importing import Fate, Importing, Source
from appeals.services.matching import Match
from appeals.services.parties import parties_of
from appeals.services.proposals import proposed

REPORTED_ONLY = "RP"  # BHT06: an encounter that asks for nothing
REPLACES, VOIDS = ("6", "7"), "8"  # CLM05-3: a correction or a replacement of a claim sent before; that it is taken back
FREQUENCIES = {"6": "a correction", "7": "a replacement", "8": "taken back"}
FIRST = ("P", "")  # SBR01: this payer is the first to be asked
YES_NO = {"Y": "yes", "N": "no"}
SENT, REJECTED = "claim-sent", "claim-rejected"


def decide(at: Importing, item: Submission, source: Source) -> Fate:
    """The fate of one claim sent; one that cannot be taken is left for a person with the reason, never dropped."""
    if source.elsewhere:
        return Fate(name="elsewhere", reason="sent under a number that is none of this practice's", segment=item.claim.segment)
    return fates.asked_once(at, item.claim, source, lambda: _fate(at, item, source))


def _fate(at: Importing, sent: Submission, source: Source) -> Fate:
    claim = sent.claim
    if sent.purpose == REPORTED_ONLY:
        return Fate(name="ignored", reason="an encounter that is only reported (BHT06 RP): nothing is asked of the payer")
    if not (source.transaction.payer or source.transaction.payer_id):
        return Fate(name="person", reason="the claim names no payer (NM1*PR)")
    about = _about(at, sent, source)
    if about.doubt:
        return Fate(name="person", reason=about.doubt)
    if about.situation is not None:
        case = about.situation.case
        return replace(_known(at, about.situation, sent, source), matched=about.by, case_id=case.id, number=case.number)
    other = other_names.match(at.overlay, claim) if sent.rank in FIRST else Match()
    if other.doubt or other.situation is not None:
        of = f"{other_names.called(other.situation)} has it, of {other.situation.payer.name}" if other.situation else other.doubt
        return Fate(name="person", reason=f"this payer has no case with this claim number: {of}; open one by hand if it is another claim")
    if not claim.charge_cents:
        return Fate(name="ignored", reason="it charges nothing: no payer is asked for money")
    return _opened(at, sent, source)


def _about(at: Importing, sent: Submission, source: Source) -> Match:
    """The case of this payer the claim is about: by its own number; one that replaces another also by the number of that one.

    A correction may bring other days of service, so that the number it replaces needs the same person only.
    """
    claim = sent.claim
    found = matching.match(at.overlay, source.payer, claim._replace(references=()))
    original = identity.number_key(sent.original)
    if found != Match() or claim.frequency not in (*REPLACES, VOIDS) or not original.strip("0"):
        return found
    known = at.overlay.cases(source.payer, (original,))
    fits = [one for one in known if matching.may_be_of(one, claim)]
    if len(fits) == 1:
        return Match(fits[0], "matched by the number of the claim it replaces")
    if not known:
        return found
    called = " and ".join(other_names.called(one) for one in fits or known)
    whose = "nobody can tell which is meant" if fits else "another patient's"
    return Match(doubt=f"the number of the claim it replaces belongs to {called}: {whose}")


def _known(at: Importing, situation: Situation, sent: Submission, source: Source) -> Fate:
    """A claim sent again changes nothing; one that replaces or takes back what was sent is kept on the case, and may propose."""
    claim, case, run = sent.claim, situation.case, at.run
    if claim.frequency not in (*REPLACES, VOIDS):
        return _again(at, situation, sent, source)
    kept = _sent_mark(situation, sent, source, run)
    number = identity.number_key(claim.claim_number)
    known = {row.value for row in situation.claim_numbers if row.system == "ours"} | {case.claim_number}
    if number not in known:  # the answer will come under this number
        kept = writing.also_making(kept, opening.number(case, run, "ours", number))
    changes: tuple[Change, ...] = (kept,)
    what = f"sent again as {FREQUENCIES[claim.frequency]} (frequency {claim.frequency})"
    step, facts = _step(situation, sent, what)
    if step:
        after = replace(situation, case=kept.after or case)
        changes += proposed(after, step, facts, what, place(source.sha256, sent.claim), run)
    at.overlay.take(situation, changes)
    reason = f"{what}: {step} proposed" if step else f"{what}: kept as a mark"
    return Fate(name="proposed" if step else "added", reason=reason, changes=changes)


def _again(at: Importing, situation: Situation, sent: Submission, source: Source) -> Fate:
    """A claim that is known changes nothing, unless it was rejected meanwhile: then it went out anew, and the day is kept.

    One that was sent before and now says something else is no repetition: the case has what was sent first.
    """
    claim = sent.claim
    if matching.other_days(situation, claim) and not parts.same_services(situation, claim):
        return Fate(name="person", reason=parts.OTHER_CLAIM)
    kept = _sent_mark(situation, sent, source, at.run)
    [mine] = [value for value in kept.puts if isinstance(value, Mark)]
    ours = [m for m in situation.marks if m.name == SENT and not m.voided]
    rejected = [m.dated for m in situation.marks if m.name == REJECTED and not m.voided]
    otherwise = _otherwise(situation, claim) if ours else ""
    if rejected and mine.dated >= max(rejected) and not any((m.dated, m.text) == (mine.dated, mine.text) for m in ours):
        at.overlay.take(situation, (kept,))
        reason = "sent again after it was rejected" + (f", with {otherwise}: correct the case" if otherwise else "")
        return Fate(name="added", reason=reason, changes=(kept,))
    if otherwise:
        told = f"frequency {claim.frequency}" if claim.frequency else "no frequency given"
        return Fate(name="person", reason=f"sent again with {otherwise}, and not as a correction ({told}): correct the case if it is right")
    return Fate(name="known")


def _otherwise(situation: Situation, claim: Claim) -> str:
    """What a claim says otherwise than the case that was opened with it, in words; "" where it says the same."""
    if claim.charge_cents != situation.case.billed_cents:
        return "another charge"
    ours = Counter((line.procedure, line.service_date, line.charge_cents) for line in situation.lines if not line.voided)
    theirs = Counter((line.code or line.revenue, line.service_date, line.charge_cents or 0) for line in claim.lines)
    if ours and theirs - ours:
        return "other lines"
    return "other days of service" if matching.other_days(situation, claim) else ""


def _step(situation: Situation, sent: Submission, what: str) -> tuple[str, dict[str, Any]]:
    """The step that sending it again may mean: by where the case stands. "" where no step says it."""
    state, frequency = situation.case.state, sent.claim.frequency
    if frequency == VOIDS:
        return ("void", {"reason": what}) if state is State.SUBMITTED else ("", {})
    if state in (State.DENIED, State.EOB_REVIEWED):
        return "resubmit", {"control_number": sent.original or sent.claim.claim_number, "what": what}
    if state is State.RESOLVED:
        return "reopen", {"to": "submitted", "reason": what}
    return "", {}


def _opened(at: Importing, sent: Submission, source: Source) -> Fate:
    told = _told(sent, source)
    if not identity.name_key(told["patient"]):
        return Fate(name="person", reason="the claim names no patient")
    plausible.dates(service_from=told["service_from"], service_to=told["service_to"], submitted=None)
    parties = parties_of(at.overlay, told, at.run, given=given_names(sent.claim))
    change = opening.opening(parties, told, at.run, owner=at.owner, source=place(source.sha256, sent.claim), rule_packs=at.rule_packs)
    bare = opening.situation_of(change, parties, at.rule_packs)
    rows = (*_lines(bare, sent, at.run), *opening.learned_numbers(bare, told, at.run))
    opened = writing.also_making(change, *rows, *fates.links(at, bare))
    changes = (opened, _sent_mark(bare, sent, source, at.run))
    at.overlay.take(bare, changes)
    before = early.notes(at, sent.claim)
    return Fate(name="opened", reason=_words(sent), changes=changes, case_id=bare.case.id, notes=before)


def _told(sent: Submission, source: Source) -> dict[str, Any]:
    """What the claim says, as the facts a case is opened with; what the case has no column for stays in its entry of the trail.

    The day it was sent is no day the payer had it: that is for a 277CA or the mark `received` to prove.
    """
    claim, head = sent.claim, source.transaction
    return {
        "patient": full_name(claim),
        "born": sent.born,
        "mrn": claim.reference("EA"),
        "payer": source.payer.name,
        "payer_number": source.payer.payer_number,
        "member_id": claim.member_id,
        "group": sent.group,
        "claim": matching.own_number(claim),
        "authorisation": claim.reference("G1"),
        "kind": "post_service",
        "billed": claim.charge_cents,
        "service_from": claim.service_from,
        "service_to": claim.service_to,
        "assignment": YES_NO.get(sent.assigned),
        "npi": head.payee_id,
        "provider": head.payee,
        "sent": head.notice_date,
        "batch": head.trace,
        "claim_type": sent.kind,
        "frequency": claim.frequency,
        "original": sent.original,
        "diagnoses": list(sent.diagnoses),
        "filing_indicator": claim.filing,
        "rendering": " ".join(part for part in (claim.rendering.first, claim.rendering.last, claim.rendering.id) if part),
    }


def _lines(situation: Situation, sent: Submission, run: Run) -> tuple[ServiceLine, ...]:
    case = situation.case
    return tuple(
        ServiceLine(
            id=run.new_id(),
            practice_id=case.practice_id,
            case_id=case.id,
            position=at,
            procedure=line.code or line.revenue,
            service_date=line.service_date,
            charge_cents=line.charge_cents or 0,
        )
        for at, line in enumerate(sent.claim.lines, 1)
    )


def _sent_mark(situation: Situation, sent: Submission, source: Source, run: Run) -> Change:
    """The dated fact that it was sent. A day that lies ahead is the sender's clock gone wrong: then today."""
    made = source.transaction.notice_date
    facts: Mapping[str, Any] = {
        "dated": made if made and made <= run.on else run.on,
        "text": _words(sent, source.transaction.trace),
        "trace_source": place(source.sha256, sent.claim),
    }
    kept: Change = marks.mark_change(situation, SENT, facts, run)
    return kept


def _words(sent: Submission, batch: str = "") -> str:
    """The claim in one line: no name, no number of a person. With its batch, also what only the case's own papers show."""
    claim = sent.claim
    said = [f"837{sent.kind}"]
    if claim.frequency in FREQUENCIES:
        said.append(
            f"frequency {claim.frequency}, {FREQUENCIES[claim.frequency]}" + (f" of {sent.original}" if sent.original and batch else "")
        )
    said.append(f"{show.count(len(claim.lines), 'line')}, {show.money(claim.charge_cents or 0)}")
    if batch:
        said += [f"batch {batch}", *([f"diagnoses {' '.join(sent.diagnoses)}"] if sent.diagnoses else [])]
    return ", ".join(said)
