"""Marks about what was sent: put together, proved, received, acknowledged. Proof of receipt re-dates what counts from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from appeals import guards, proofs, rules
from appeals.errors import ImpossibleValue, MissingFact, StepRefused
from appeals.model import RUNNING, Clock, ClockStatus, Filing, State
from appeals.record import Run, Situation
from appeals.services import clockwork as cw
from appeals.services import redating
from appeals.services.delays import MarkEffect
from appeals.services.governing import packs_of
from appeals.services.rejections import SEND_AGAIN
from appeals.services.writing import Replaced

PROOF = ("proof_kind", "proof", "tracking", "pages", "result")
KINDS = "|".join(proofs.kinds())


def prepared(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The packet lies ready; `file-appeal` takes the day along. No clock asks for it."""
    return MarkEffect()


def received(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """Proof of receipt re-dates: of the pending filing by the payer, else of the latest denial by us."""
    pending = guards.pending_filings(situation) or _unproven(situation)
    proof = any(facts.get(name) for name in PROOF)
    of = facts.get("of") or ("filing" if pending and (proof or situation.case.state is State.APPEAL_FILED) else "denial")
    if of == "filing":
        if not pending:
            raise StepRefused(f"Case {situation.case.number}: no filing waits for proof of receipt.", "Use `--of denial`.")
        return _filing_received(situation, _which(situation, pending, facts.get("filing")), dated, run, facts)
    if proof:
        raise MissingFact(f"Case {situation.case.number}: proof is kept with a filing, and none waits for it.", "Leave the proof out.")
    notices = [d for d in situation.denials if not d.voided]
    if not notices and situation.case.state is State.SUBMITTED:
        return _claim_received(situation, dated, run, facts)
    if not notices:
        raise StepRefused(f"Case {situation.case.number}: no denial is on record.", "`appeals deny` records one.")
    notice = notices[-1]
    if dated < notice.notice_date:
        raise ImpossibleValue(f"Received on {dated}, before the notice was written on {notice.notice_date}.", "Check `--date`.")
    proven = replace(notice, received_date=dated, received_how="evidence")
    clocks = redating.redated(run, situation, situation.coverage, [proven], [])
    return MarkEffect(replaces=(Replaced(before=notice, after=proven),), clocks=clocks)


def proof_added(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """Proof that it was sent, found after the sending: it is kept with the filing and meets no clock that asks for receipt."""
    kind = facts.get("proof_kind") or ""
    if not kind:
        raise MissingFact("proof-added needs --proof-kind.", f"What it is: `--proof-kind {KINDS}`.")
    waiting = guards.pending_filings(situation) or tuple(f for f in situation.filings if not f.voided)[-1:]
    if not waiting:
        raise StepRefused(f"Case {situation.case.number}: no appeal was filed.", "`file-appeal` takes the proof along.")
    filing = _which(situation, waiting, facts.get("filing"))
    _not_before_it_was_sent(filing, dated, "Proof of")
    if proofs.proves_receipt(kind) and filing.received_date is None:
        raise StepRefused(
            f"Case {situation.case.number}: that shows when it arrived, and clocks hang on the day.",
            f"`appeals mark {situation.case.number} received --date DAY --proof-kind {kind}`.",
        )
    kept = proofs.with_proof(filing, dict(facts))
    return MarkEffect(replaces=_changed(filing, kept), about=filing.id, text=_told(filing, facts))


def acknowledged(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The payer says it has it: nobody need chase the receipt of that filing any more."""
    pending = guards.pending_filings(situation)
    if not pending:
        return MarkEffect(clocks=_chased(situation, situation.clocks, dated, run, "acknowledged", ""))
    filing = _which(situation, pending, facts.get("filing"))
    _not_before_it_was_sent(filing, dated, "Acknowledged on")
    clocks = _chased(situation, situation.clocks, dated, run, "acknowledged", filing.id)
    return MarkEffect(replaces=_changed(filing, replace(filing, acknowledged_date=dated)), clocks=clocks, about=filing.id)


def claim_accepted(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The payer took the claim in: proof of timely filing. With the day it had it, its time to answer runs from there.

    Once it has answered, what was counted from that day is over, and the mark is kept as proof alone.
    """
    had, case = facts.get("received"), situation.case
    if had is None or case.state is not State.SUBMITTED or any(not d.voided for d in situation.denials):
        return MarkEffect()
    if had > dated:
        raise ImpossibleValue(f"Accepted on {dated}, before the payer had it on {had}.", "Check `--date` and `--received`.")
    effect = _claim_received(situation, had, run, {}) if case.submitted_on != had else MarkEffect()
    known = {c.id: c for c in situation.clocks} | {c.id: c for c in effect.clocks}
    chased = _chased(situation, tuple(known.values()), dated, run, "claim-accepted", "")
    return replace(effect, clocks=(*effect.clocks, *chased), about=case.id)


def as_sent(situation: Situation, filing: Filing, facts: Mapping[str, Any]) -> Filing:
    """A new filing with what its sender holds: how it travelled, what proves it, and when it was put together."""
    kept = {name: facts[name] for name in PROOF if facts.get(name)}
    return replace(filing, **kept, prepared_date=prepared_on(situation, filing.sent_date))


def prepared_on(situation: Situation, sent: date) -> date | None:
    """The day the packet of an appeal sent on `sent` was put together: the newest mark since the notice it answers."""
    notices = [d.notice_date for d in situation.denials if not d.voided and d.level == situation.case.level]
    since = max((day for day in notices if day <= sent), default=date.min)
    days = (m.dated for m in situation.marks if m.name == "prepared" and not m.voided and since <= m.dated <= sent)
    return max(days, default=None)


def _which(situation: Situation, pending: Sequence[Filing], track: str | None) -> Filing:
    """The filing a mark is about: the only one, or the one on the named track."""
    named = [f for f in pending if not track or f.track == track]
    if len(named) == 1:
        return named[0]
    raise MissingFact(
        f"Case {situation.case.number}: {len(pending)} filings could be meant.",
        f"Say which: `--filing {'|'.join(f.track for f in pending)}`.",
    )


def _not_before_it_was_sent(filing: Filing, dated: date, what: str) -> None:
    if dated < filing.sent_date:
        raise ImpossibleValue(f"{what} {dated}, before it was sent on {filing.sent_date}.", "Check `--date`.")


def _changed(before: Filing, after: Filing) -> tuple[Replaced, ...]:
    return (Replaced(before=before, after=after),) if before != after else ()


def _told(filing: Filing, facts: Mapping[str, Any]) -> str:
    """Proof in the words of its own mark, which keeps it where the filing has a stronger one."""
    bare = replace(filing, proof_kind="", proof="", tracking="", pages=0, result="")
    return proofs.in_words(proofs.with_proof(bare, dict(facts)))


def _claim_received(situation: Situation, dated: date, run: Run, facts: Mapping[str, Any]) -> MarkEffect:
    """Proof of the day the payer had the claim: its time to answer runs from there."""
    fields: dict[str, Any] = {"submitted_on": dated, "submitted_at": facts.get("dated_at")}
    proven = replace(situation, case=replace(situation.case, **fields))
    return MarkEffect(fields=fields, clocks=redating.redated(run, proven, situation.coverage, [], [], cw.of_the_case(proven)))


def _unproven(situation: Situation) -> tuple[Filing, ...]:
    """Filings decided or given up on whose receipt nobody has proved yet: proof still meets the clock they were sent under."""
    levels = {c.level for c in situation.clocks if c.status is ClockStatus.SENT}
    return tuple(f for f in situation.filings if not f.voided and f.received_date is None and f.level in levels)


def _filing_received(situation: Situation, filing: Filing, dated: date, run: Run, facts: Mapping[str, Any]) -> MarkEffect:
    _not_before_it_was_sent(filing, dated, "Received on")
    proven = replace(_proved(filing, facts), received_date=dated, received_at=facts.get("dated_at"))
    waiting = [c for c in situation.clocks if c.status is ClockStatus.SENT and cw.same_rung(c, filing)]
    met = tuple(
        replace(c, status=ClockStatus.MISSED if rules.is_overdue(c, dated) else ClockStatus.MET, ended_on=dated, met_by="received")
        for c in waiting
    )
    clocks = redating.redated(run, situation, situation.coverage, [], [proven])
    clocks += redating.asked_again(run, situation, redating.answers_to(situation, [proven]))
    known = {c.id: c for c in situation.clocks} | {c.id: c for c in (*met, *clocks)}
    chased = _chased(situation, tuple(known.values()), dated, run, "received", filing.id)
    return MarkEffect(
        replaces=(Replaced(before=filing, after=proven),),
        clocks=(*met, *clocks, *chased),
        about=filing.id if facts.get("proof_kind") else "",
        text=_told(filing, facts),
    )


def _proved(filing: Filing, facts: Mapping[str, Any]) -> Filing:
    """The filing with the proof of its receipt, where one is given."""
    kind = proofs.known(facts.get("proof_kind") or "")
    if kind is None:
        if any(facts.get(name) for name in PROOF):
            raise MissingFact("Proof needs --proof-kind.", f"What it is: `--proof-kind {KINDS}`.")
        return filing
    if kind.proves != "receipt":
        raise StepRefused(f"A {kind.words} {kind.says}.", f"`mark CASE proof-added --proof-kind {kind.id}` keeps it with the filing.")
    return proofs.with_proof(filing, dict(facts))


def _chased(situation: Situation, clocks: Sequence[Clock], dated: date, run: Run, by: str, about: str) -> tuple[Clock, ...]:
    """The house's clock is met; it starts over only where no other date is left to wait for."""
    if situation.case.state not in (State.SUBMITTED, State.APPEAL_FILED):  # elsewhere the house waits for our own work
        return ()
    if any(f.id != about and cw.nobody_answered(f) for f in guards.pending_filings(situation)):
        return ()  # the other filing is still to be asked about
    running = [c for c in situation.clocks if not c.hard and c.trigger == "state" and c.status in RUNNING]
    stopped = [c for c in running if c.kind != SEND_AGAIN or c.start_date <= dated]  # what was rejected since is still to be sent again
    met = tuple(replace(c, status=ClockStatus.MET, ended_on=dated, met_by=by, next_remind_on=None) for c in stopped)
    waits = any(c.hard and c.status in RUNNING for c in clocks)
    house = rules.house(packs_of(situation), case=situation.case, since=dated, new_id=run.new_id)
    return (*met, house) if house and met and not waits else met
