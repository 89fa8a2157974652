"""What each step does besides moving the state: case fields, rows, clocks started and ended. Decides; never writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from appeals import guards, money, rules
from appeals.appointments import STATEMENT
from appeals.errors import ImpossibleValue
from appeals.guards import Attempt
from appeals.model import RUNNING, ClockStatus, Filing, PeerReview, ServiceLine, State
from appeals.record import Run, Situation
from appeals.rules import Trigger
from appeals.services import clockwork as cw
from appeals.services import receipts, reopening, restating, sums
from appeals.services.decisions import Effect, decision, deem_exhausted, forward, withdraw
from appeals.services.denials import denial_rows
from appeals.services.writing import Replaced


def deny(attempt: Attempt, run: Run) -> Effect:
    case, facts = attempt.situation.case, attempt.facts
    rows = denial_rows(case, facts, run, level=case.level, already=attempt.situation.lines)
    fields = restating.told_by(case, facts, rows, anew=True)
    rows = rows.in_step(replace(case, **fields)) if facts.get("source") else rows
    # A corrected claim was sent and denied anew: the old notice's time to appeal gives way to the new one's.
    old = [c for c in attempt.situation.clocks if c.trigger in ("denial", "dismissal", "deemed") and c.status in RUNNING]
    given_up = tuple(cw.Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by="deny") for c in old)
    return Effect(
        fields=fields,
        makes=rows.new,
        replaces=rows.replaced,
        triggers=(cw.denial_trigger(rows.denial, case),),
        endings=(*cw.answered(attempt.situation, rows.denial.notice_date, "deny"), *given_up),
    )


def approve(attempt: Attempt, run: Run) -> Effect:
    return Effect(endings=cw.answered(attempt.situation, attempt.facts.get("decided") or run.on, "approve"))


def pay(attempt: Attempt, run: Run) -> Effect:
    fields, lines = sums.parts(attempt.situation, sums.paid(attempt.situation, attempt.facts))
    on = attempt.facts.get("decided") or run.on
    case, waiting = attempt.situation.case, [c for c in attempt.situation.clocks if c.kind in cw.AFTER_A_WIN and c.status in RUNNING]
    here = fields.get("posted_cents", case.posted_cents) >= fields.get("recovered_cents", case.recovered_cents)
    came = tuple(cw.Ending(clock=c, status=ClockStatus.MET, on=on, by="pay") for c in waiting) if here else ()
    return Effect(fields=fields, replaces=lines, endings=(*cw.answered(attempt.situation, on, "pay"), *came))


def bill_patient(attempt: Attempt, run: Run) -> Effect:
    fields, lines = sums.parts(attempt.situation, sums.billed_to_patient(attempt.situation, attempt.facts))
    waiting = [c for c in attempt.situation.clocks if c.kind == STATEMENT and c.status in RUNNING]
    over = [c for c in waiting if rules.is_overdue(c, run.on)]  # in time, it is of no use any more and cancelled
    return Effect(fields=fields, replaces=lines, endings=cw.met_or_missed(over, run.on, "bill-patient"))


def settle_line(attempt: Attempt, run: Run) -> Effect:
    fields, lines = sums.parts(attempt.situation, sums.settled(attempt))
    return Effect(fields=fields, replaces=lines)


def review(attempt: Attempt, run: Run) -> Effect:
    facts = attempt.facts
    return Effect(fields={"category": facts["category"], "path": facts["path"], "appealable": facts.get("appealable") or "yes"})


def request_peer_review(attempt: Attempt, run: Run) -> Effect:
    case, facts = attempt.situation.case, attempt.facts
    call = PeerReview(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        came_from=case.state,
        requested_date=facts.get("requested") or run.on,
        clinician=facts["clinician"],
        callback=facts.get("callback") or "",
        payer_line=facts.get("payer_line") or "",
        reference=facts.get("reference") or "",
        times_offered=facts.get("times_offered") or "",
    )
    windows = [c for c in attempt.situation.clocks if c.kind == "peer_to_peer" and c.status in RUNNING]
    return Effect(
        fields={"came_from": str(case.state)},
        makes=(call,),
        triggers=(Trigger(name="peer_review", id=call.id, facts={"requested": call.requested_date}),),
        endings=cw.met_or_missed(windows, call.requested_date, "request-peer-review"),
    )


def end_peer_review(outcome: str) -> Callable[[Attempt, Run], Effect]:
    """The call is over: what came of it, and back to where the case came from."""

    def effect(attempt: Attempt, run: Run) -> Effect:
        case, facts = attempt.situation.case, attempt.facts
        open_calls = [p for p in attempt.situation.peer_reviews if not p.outcome and not p.voided]
        done = tuple(
            Replaced(
                before=call,
                after=replace(
                    call,
                    outcome=outcome,
                    reviewer=facts.get("reviewer") or "",
                    said=facts.get("said") or facts.get("why") or "",
                    reference=facts.get("reference") or call.reference,
                    decided_date=facts.get("decided") or run.on,
                ),
            )
            for call in open_calls
        )
        fields: dict[str, Any] = {"came_from": ""}
        lines: tuple[Replaced, ...] = ()
        if outcome in ("overturned", "partial"):
            amount = facts["amount"] if facts.get("amount") is not None else case.disputed_cents
            moved, lines = sums.parts(attempt.situation, sums.won(attempt, amount))
            fields |= moved
        endings = _hung_up(attempt, outcome, facts.get("decided") or run.on)
        return Effect(fields=fields, replaces=(*done, *lines), endings=endings)

    return effect


def _hung_up(attempt: Attempt, outcome: str, on: date) -> tuple[cw.Ending, ...]:
    """What the call's outcome makes of the hour we were to be at the telephone."""
    called_off = attempt.facts.get("why") == "cancelled_by_us"
    status = ClockStatus.CANCELLED if called_off else ClockStatus.MISSED if outcome == "missed" else ClockStatus.MET
    return cw.call_over(attempt.situation, on, BY_CALL[outcome], status)


def file_appeal(attempt: Attempt, run: Run) -> Effect:
    case, facts = attempt.situation.case, attempt.facts
    if facts.get("received") and facts["received"] < facts["sent"]:
        raise ImpossibleValue(
            f"Received on {facts['received']}, before it was sent on {facts['sent']}.", "Check `--received` and `--sent`."
        )
    notices = [d.notice_date for d in attempt.situation.denials if not d.voided]
    if notices and facts["sent"] < min(notices):
        raise ImpossibleValue(f"Sent on {facts['sent']}, before the denial was written on {min(notices)}.", "Check `--sent`.")
    level = _rung_of(attempt)
    filing = Filing(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        level=level,
        sent_date=facts["sent"],
        received_date=facts.get("received"),
        received_at=facts.get("received_at"),
        expedited=bool(facts.get("expedited")),
        override_reason=facts.get("override") or facts.get("good_cause") or "",
        track=facts["track"],
        appellant=facts["appellant"],
        authority=facts.get("authority") or "",
        declared_by=facts.get("declared_by") or "",
        channel=facts.get("channel") or "",
        destination=facts.get("destination") or "",
    )
    filing = receipts.as_sent(attempt.situation, filing, facts)
    beside = case.state is State.APPEAL_FILED
    fields = {} if beside else {"level": level, "urgency": "expedited" if filing.expedited else case.urgency}
    situation = attempt.situation
    trigger = cw.filing_trigger(filing, dispute_level=cw.dispute_level(situation), before=situation.filings)
    closed, given_up = _closed_dispute(attempt, run) if facts.get("closes_dispute") else ((), ())
    endings = (*cw.filed(attempt.situation, filing), *given_up)
    return Effect(fields=fields, makes=(filing,), replaces=closed, triggers=(trigger,), endings=endings)


def _rung_of(attempt: Attempt) -> int:
    """The rung an appeal on this track is filed on: the case's, or the next above it that has the track."""
    here, packs = attempt.situation.case.level, attempt.packs
    if attempt.facts["track"] == guards.DISPUTE or packs is None:
        return here
    order = here
    while rung := rules.ladder_level(packs, attempt.situation.coverage, order):
        if rung.track == attempt.facts["track"]:
            return order
        order += 1
    return here


def _closed_dispute(attempt: Attempt, run: Run) -> tuple[tuple[Replaced, ...], tuple[cw.Ending, ...]]:
    """The provider's dispute a member appeal closes under the payer's contract: its filings, and its clocks."""
    situation = attempt.situation
    pending = [f for f in guards.pending_filings(situation) if f.track == guards.DISPUTE]
    clocks = [c for c in situation.clocks if c.track == guards.DISPUTE and c.status in RUNNING]
    return (
        tuple(Replaced(before=f, after=replace(f, outcome="closed by the member appeal", decided_date=run.on)) for f in pending),
        tuple(cw.Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by="file-appeal") for c in clocks),
    )


def resubmit(attempt: Attempt, run: Run) -> Effect:
    windows = [c for c in attempt.situation.clocks if c.kind == "corrected_claim" and c.status in RUNNING]
    return Effect(endings=cw.met_or_missed(windows, run.on, "resubmit"))


def partially_overturn(attempt: Attempt, run: Run) -> Effect:
    by_call = attempt.situation.case.state is State.PEER_REVIEW
    return end_peer_review("partial")(attempt, run) if by_call else decision("partial")(attempt, run)


def resolved(situation: Situation, effect: Effect, step: str, facts: Mapping[str, Any], run: Run) -> Effect:
    """The effect of a step that resolves its case: nothing stays in dispute, and nobody is waited for any more."""
    rows = {r.after.id: r.after for r in effect.replaces}
    lines = tuple(rows.get(line.id, line) for line in situation.lines if not line.voided)
    columns = {name: value for name, value in effect.fields.items() if name in (*money.COLUMNS, money.POSTED)}
    purse = sums.closed(money.Purse(replace(situation.case, **columns), lines), step, facts, situation.case.state)
    fields, changed = sums.parts(situation, purse)
    others = tuple(r for r in effect.replaces if not isinstance(r.after, ServiceLine))
    answered = {r.after.id for r in effect.replaces}
    return replace(effect, fields={**effect.fields, **fields}, replaces=(*others, *changed, *_unanswered(situation, answered, step, run)))


def _unanswered(situation: Situation, answered: set[str], step: str, run: Run) -> tuple[Replaced, ...]:
    """Filings and calls nobody will answer any more, with the step that ended them."""
    filings = [f for f in guards.pending_filings(situation) if f.id not in answered]
    calls = [p for p in situation.peer_reviews if not p.outcome and not p.voided and p.id not in answered]
    outcome = f"ended by {step}"
    return (
        *(Replaced(before=f, after=replace(f, outcome=outcome, decided_date=run.on)) for f in filings),
        *(Replaced(before=p, after=replace(p, outcome=outcome, decided_date=run.on)) for p in calls),
    )


def resolve() -> Callable[[Attempt, Run], Effect]:
    """A step that does nothing beside moving the state."""
    return lambda _attempt, _run: Effect()


def expire(attempt: Attempt, run: Run) -> Effect:
    lost = [c for c in attempt.situation.clocks if c.hard and c.owed_by in ("us", "patient") and c.status in RUNNING]
    # What was sent and never proved to have arrived was not missed for certain; the trail says which it was.
    sent = ClockStatus.SENT
    ends = {c.id: ClockStatus.CANCELLED if c.status is sent else ClockStatus.MISSED for c in lost}
    return Effect(endings=tuple(cw.Ending(clock=c, status=ends[c.id], on=run.on, by="expire") for c in lost))


BY_CALL = {"overturned": "peer-overturn", "partial": "partially-overturn", "upheld": "peer-uphold", "missed": "peer-missed"}
EFFECTS: Mapping[str, Callable[[Attempt, Run], Effect]] = {
    "deny": deny,
    "approve": approve,
    "pay": pay,
    "void": resolve(),
    "review-eob": review,
    "request-peer-review": request_peer_review,
    "peer-overturn": end_peer_review("overturned"),
    "peer-uphold": end_peer_review("upheld"),
    "peer-missed": end_peer_review("missed"),
    "file-appeal": file_appeal,
    "overturn": decision("overturned"),
    "partially-overturn": partially_overturn,
    "uphold": decision("upheld"),
    "dismiss": decision("dismissed"),
    "deem-exhausted": deem_exhausted,
    "forward": forward,
    "withdraw": withdraw,
    "resubmit": resubmit,
    "bill-other-payer": resolve(),
    "bill-patient": bill_patient,
    "write-off": resolve(),
    "settle-line": settle_line,
    "expire": expire,
    "reopen": reopening.reopen,
}
