"""What becomes of one report of a 277CA or 277: a mark on the case it is about. It moves no case and starts no time to appeal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from appeals import identity, show
from appeals.errors import ImpossibleValue
from appeals.intake import claimstatus, codelike
from appeals.intake.claimstatus import ACCEPTED, REFUSED, REJECTED
from appeals.intake.status_report import CLAIM, RECEIVER, StatusReport
from appeals.model import State
from appeals.record import Change, Situation
from appeals.services import fates, marks, matching, opening, other_names, sent_batches, writing
from appeals.services.claim_facts import place
from appeals.services.importing import Fate, Importing, Source
from appeals.services.kept import WAITING
from appeals.services.matching import Match

MARK = {ACCEPTED: "claim-accepted", REJECTED: "claim-rejected"}
TOLD = "note"  # what is neither, or not said by the payer itself: it is passed on, pending, paid, asked about
SENT = ("opened", "added", "proposed")  # fates of claims of an 837 that went out for a case


def decide(at: Importing, item: StatusReport, source: Source) -> Fate:
    """The fate of one report; a rejection that belongs to no case is left for a person, with the reason."""
    return fates.asked_once(at, item.claim, source, lambda: _fate(at, item, source))


def _fate(at: Importing, report: StatusReport, source: Source) -> Fate:
    said, words = claimstatus.verdict(report.statuses), claimstatus.in_words(report.statuses)
    if report.level != CLAIM:
        return _batch(at, report, source, said, words)
    about = _about(at, report, source)
    if about.doubt:
        return Fate(name="person", reason=about.doubt)
    if about.situation is None:
        return Fate(name="person" if said in (REJECTED, REFUSED) else WAITING, reason=f"no case is known for it: {words}")
    return _told(at, about.situation, report, source, about.by)


def on_its_case(at: Importing, report: StatusReport, source: Source) -> Fate | None:
    """What becomes of a report that had no case, now that one was opened; None where it still has none. Raises AppealsError."""
    about = _about(at, report, source) if report.level == CLAIM else Match()
    return None if about.situation is None else _told(at, about.situation, report, source, about.by)


def _told(at: Importing, situation: Situation, report: StatusReport, source: Source, by: str) -> Fate:
    said, words = claimstatus.verdict(report.statuses), claimstatus.in_words(report.statuses)
    kept = _kept(at, situation, report, source, said)
    return replace(kept, matched=by, notes=() if kept.name == "known" else _notes(situation, said, words))


def _notes(situation: Situation, said: str, words: str) -> tuple[str, ...]:
    """What a person must do about a claim that nobody works on, while its case waits for an answer."""
    case = situation.case
    if case.state is not State.SUBMITTED:
        return ()
    if said == REFUSED:  # the time to appeal has begun with a notice we do not have
        return (f"case {case.number}: {words}; ask the payer for its notice: nothing runs on the case until that is entered",)
    if said != REJECTED:
        return ()
    accepted = max((m.dated for m in situation.marks if m.name == MARK[ACCEPTED] and not m.voided), default=None)
    since = f"; it was accepted on {accepted}, and the payer's time to answer is counted on: ask whether it runs" if accepted else ""
    return (f"case {case.number}: {words}; nobody works on it: correct it and send it again while it is timely{since}",)


def _batch(at: Importing, report: StatusReport, source: Source, said: str, words: str) -> Fate:
    """What is said of all that a submitter or a provider sent. A refusal is kept on every case that the batch opened or was about."""
    what = f"the {report.level}'s whole batch {codelike.number(report.trace)}".rstrip()
    if said != REJECTED:
        return Fate(name="ignored", reason=f"{what}: {words}")
    whole = report.level == RECEIVER and report.trace
    sent, doubt = sent_batches.meant(at.store, report, _dated(report, source, at.run.on)) if whole else ((), "")
    changes: list[Change] = []
    cases = dict.fromkeys(entry.case_id for entry in sent if entry.case_id and entry.fate in SENT)
    for case_id in cases:
        changes += _kept(at, at.overlay.of_case(case_id), report, source, said).changes
    kept = f"; kept on {show.count(len(cases), 'case')}" if cases else f"; {doubt}" if doubt else ""
    reason = f"{what} was rejected, no claim of it was taken in: {words}{kept}; send it again"
    return Fate(name="person", reason=reason, changes=tuple(changes))


def _about(at: Importing, report: StatusReport, source: Source) -> Match:
    """The case a report is about: by its numbers at this payer, else by number, person and days. Who reports may be no payer we know."""
    found = matching.match(at.overlay, source.payer, report.claim) if source.payer.id else Match()
    return found if found != Match() else other_names.match(at.overlay, report.claim, charge_known=False)


def _kept(at: Importing, situation: Situation, report: StatusReport, source: Source, said: str) -> Fate:
    case, run, name = situation.case, at.run, MARK[said] if said == REJECTED or (said == ACCEPTED and report.by_payer) else TOLD
    text = _text(report, source)
    dated = _dated(report, source, run.on)
    if any((m.name, m.dated, m.text) == (name, dated, text) and not m.voided for m in situation.marks):
        return Fate(name="known", case_id=case.id, number=case.number)
    facts: dict[str, Any] = {
        "dated": dated,
        "text": text,
        "received": _proved(situation, report, said),
        "trace_source": place(source.sha256, report.claim),
    }
    changes: tuple[Change, ...] = (marks.mark_change(situation, name, facts, run),)
    control = identity.number_key(report.claim.payer_control)
    if control and control not in {row.value for row in situation.claim_numbers}:
        changes = (writing.also_making(changes[0], opening.number(case, run, "payer", control)),)
    at.overlay.take(situation, changes)
    kept = said if name != TOLD else "kept as a note"
    reason = f"{kept}: {claimstatus.in_words(report.statuses)}"
    return Fate(name="added", reason=reason, changes=changes, case_id=case.id, number=case.number)


def _proved(situation: Situation, report: StatusReport, said: str) -> date | None:
    """The day the payer is proved to have had the claim: by its own acceptance, and the earliest that any report gives."""
    first = report.received or min((s.on for s in report.statuses if s.on), default=None)
    if said != ACCEPTED or not report.by_payer or first is None:
        return None
    if situation.case.service_from and first < situation.case.service_from:
        raise ImpossibleValue("The report says the payer had the claim before its day of service.", "Ask whoever sent the report.")
    known = situation.case.submitted_on
    earlier = any(m.name == MARK[ACCEPTED] and m.about == situation.case.id and not m.voided for m in situation.marks)
    return None if earlier and known is not None and known <= first else first


def _dated(report: StatusReport, source: Source, today: date) -> date:
    """The day the report speaks of: of its status, else of the report."""
    days = (*(status.on for status in report.statuses), source.transaction.notice_date)
    return next((day for day in days if day), today)


def _text(report: StatusReport, source: Source) -> str:
    """The report as the mark keeps it: what proves it, who says it, what it says."""
    head = source.transaction
    kind = "277" if report.answer else "277CA"
    by = "" if report.by_payer else ", a clearing house: the payer has not said so yet"
    parts = [f"{kind} {head.trace} of {head.payer or head.payer_id}{by}", claimstatus.in_words(report.statuses)]
    if report.received:
        parts.append(f"had it on {report.received}")
    if report.claim.payer_control:
        parts.append(f"payer control number {report.claim.payer_control}")
    return "; ".join((*parts, *filter(None, (report.message,))))
