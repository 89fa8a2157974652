"""What a decision on a filing does: won, partly won, lost, dismissed, forwarded, withdrawn, or never made in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from appeals import guards, rules
from appeals.errors import ImpossibleValue
from appeals.guards import Attempt
from appeals.model import RUNNING, Case, Clock, ClockStatus, Denial, Filing, State
from appeals.record import Run
from appeals.rules import Trigger
from appeals.services import clockwork as cw
from appeals.services import sums
from appeals.services.denials import possible_dates
from appeals.services.writing import Replaced

DISPUTE = "provider_dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What follows from a step, decided before anything is written."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    makes: tuple[Any, ...] = ()
    replaces: tuple[Replaced, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    endings: tuple[cw.Ending, ...] = ()
    reopened: tuple[Clock, ...] = ()


def wanted(attempt: Attempt, step: str) -> State | None:
    """The target where facts decide it; None where the table has only one."""
    case = attempt.situation.case
    if case.state is State.PEER_REVIEW and step in ("peer-uphold", "peer-missed"):
        return State(case.came_from)
    if step == "settle-line":
        return case.state
    if step == "reopen":
        return State(attempt.facts.get("to") or State.DENIED)
    if step == "partially-overturn" and case.state is State.PEER_REVIEW:
        return State.RESOLVED if attempt.facts.get("rest_given_up") else State(case.came_from)
    return _after_an_answer(attempt, step)


def _after_an_answer(attempt: Attempt, step: str) -> State | None:
    """Where the answer to a filing leads, by what is pending beside it and what is left above it."""
    case, given_up = attempt.situation.case, attempt.facts.get("rest_given_up")
    if case.state is State.APPEAL_FILED and step in STAYS and waiting_beside(attempt):
        return State.APPEAL_FILED
    if step not in ("uphold", "partially-overturn"):
        return STAYS.get(step)
    filing = guards.chosen_filing(attempt)
    if case.state is State.APPEAL_FILED and filing is not None and filing.track == DISPUTE:
        return State.DENIED  # a provider's dispute is no rung of the member's ladder
    if step == "partially-overturn" and given_up:
        return State.RESOLVED
    return State.DENIED if asked_beside(attempt) or attempt.next_level else State.RESOLVED


# Steps that answer one filing: where they lead when it was the only one (None: other facts decide).
STAYS = {
    "uphold": None,
    "partially-overturn": None,
    "dismiss": State.DENIED,
    "deem-exhausted": State.DENIED,
    "withdraw": State.EOB_REVIEWED,
}


def waiting_beside(attempt: Attempt) -> Filing | None:
    """The filing that still waits when the chosen one is answered: an external review beside an internal appeal, or the other way."""
    chosen = guards.chosen_filing(attempt)
    return next((f for f in guards.pending_filings(attempt.situation) if f is not chosen and f.track != DISPUTE), None)


def asked_beside(attempt: Attempt) -> bool:
    """Whether the chosen filing is an external review asked for beside an internal appeal, and so on a rung above the case's."""
    chosen = guards.chosen_filing(attempt)
    return chosen is not None and chosen.track != DISPUTE and chosen.level > attempt.situation.case.level


def decision(outcome: str) -> Callable[[Attempt, Run], Effect]:
    """A filing was decided: overturned, partly, upheld or dismissed. A refusal is a new notice with new clocks."""

    def effect(attempt: Attempt, run: Run) -> Effect:
        case, facts, filing = attempt.situation.case, attempt.facts, _chosen(attempt)
        on: date = facts["decided"]
        if on < filing.sent_date:
            raise ImpossibleValue(f"The decision is dated {on}, before the filing was sent ({filing.sent_date}).", "Check `--decided`.")
        amount = 0
        if outcome in ("overturned", "partial"):
            amount = facts["amount"] if facts.get("amount") is not None else case.disputed_cents
        done = Replaced(before=filing, after=replace(filing, outcome=outcome, decided_date=on, won_cents=amount))
        moved, lines = sums.parts(attempt.situation, sums.won(attempt, amount))
        fields: dict[str, Any] = dict(moved)
        makes: tuple[Any, ...] = ()
        triggers: tuple[Trigger, ...] = (cw.favourable(filing, on),) if amount else ()
        leads_to, stays = wanted(attempt, _STEP_OF[outcome]), outcome == "dismissed" or filing.track == DISPUTE
        if not waiting_beside(attempt):
            fields |= {"urgency": "standard"}  # the next appeal is asked for as urgent, or is not
        if asked_beside(attempt):
            pass  # it stood on another rung than the case: the notices of this one still hold, and no rung was climbed
        elif outcome != "overturned" and leads_to is not State.RESOLVED:
            level = case.level if stays else case.level + 1
            notice = _refusal(case, facts, run, level=level, left=fields.get("disputed_cents", case.disputed_cents))
            source = cw.DISMISSAL if outcome == "dismissed" else DISPUTE if filing.track == DISPUTE else ""
            notice = replace(notice, source=source)
            fields, makes = fields | {"level": level}, (notice,)
            # A provider's dispute that was lost opens the contract's next level, and no rung of the member's ladder.
            triggers += (cw.denial_trigger(notice, case, dispute_level=cw.dispute_level(attempt.situation) + 1),)
        reopened = cw.filing_clocks_to_reopen(attempt.situation, filing) if outcome == "dismissed" else ()
        endings = [e for e in cw.decided(attempt.situation, filing, on, _STEP_OF[outcome]) if e.clock.id not in {c.id for c in reopened}]
        return Effect(fields=fields, makes=makes, replaces=(done, *lines), triggers=triggers, endings=tuple(endings), reopened=reopened)

    return effect


_STEP_OF = {"overturned": "overturn", "partial": "partially-overturn", "upheld": "uphold", "dismissed": "dismiss"}


def deem_exhausted(attempt: Attempt, run: Run) -> Effect:
    case = attempt.situation.case
    late = [c for c in guards.silent(attempt.situation) if rules.is_overdue(c, run.on)]
    ran_out = min(rules.latest(c) for c in guards.relied_on(attempt.situation))
    done = tuple(
        Replaced(before=f, after=replace(f, outcome=cw.EXHAUSTED, decided_date=run.on))
        for f in guards.pending_filings(attempt.situation)
        if f.id in {c.trigger_id for c in late}
    )
    sent = max((replaced.before.sent_date for replaced in done), default=None)
    calm = {} if waiting_beside(attempt) else {"urgency": "standard"}
    return Effect(
        fields={"level": _after_silence(attempt), **calm},
        replaces=done,
        triggers=(Trigger(name="deemed", id=case.id, facts={"on": ran_out, "sent": sent}),),
        endings=cw.met_or_missed(late, run.on, "deem-exhausted"),
    )


def _after_silence(attempt: Attempt) -> int:
    """The rung that opens. 29 CFR 2560.503-1(l)(1), 45 CFR 147.136(b)(2)(ii)(F): all internal levels count as exhausted together."""
    situation, order = attempt.situation, attempt.situation.case.level + 1
    if attempt.packs is None or attempt.level is None or attempt.level.track != "member_appeal":
        return order
    while (rung := rules.ladder_level(attempt.packs, situation.coverage, order)) and rung.track == "member_appeal":
        order += 1
    return order if rung else situation.case.level + 1


def forward(attempt: Attempt, run: Run) -> Effect:
    case, filing, on = attempt.situation.case, _chosen(attempt), attempt.facts["received"]
    sent_on = replace(filing, outcome="forwarded", decided_date=on)
    track = attempt.next_level.track if attempt.next_level else filing.track
    next_filing = replace(filing, id=run.new_id(), level=case.level + 1, track=track, appellant="payer", sent_date=on, received_date=on)
    return Effect(
        fields={"level": case.level + 1},
        makes=(next_filing,),
        replaces=(Replaced(before=filing, after=sent_on),),
        triggers=(Trigger(name="forward", id=next_filing.id, facts={"received": on}),),
        endings=cw.decided(attempt.situation, filing, on, "forward"),
    )


def withdraw(attempt: Attempt, run: Run) -> Effect:
    filing = _chosen(attempt)
    reopened = cw.filing_clocks_to_reopen(attempt.situation, filing)
    stopped = [c for c in attempt.situation.clocks if c.trigger_id == filing.id and c.status in RUNNING]
    return Effect(
        fields={} if waiting_beside(attempt) else {"urgency": "standard"},
        replaces=(Replaced(before=filing, after=replace(filing, outcome="withdrawn", decided_date=run.on)),),
        endings=tuple(cw.Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by="withdraw") for c in stopped),
        reopened=reopened,
    )


def _chosen(attempt: Attempt) -> Filing:
    filing = guards.chosen_filing(attempt)
    if filing is None:
        raise RuntimeError("a guard let a decision through without a pending filing")
    return filing


def _refusal(case: Case, facts: guards.Facts, run: Run, *, level: int, left: int) -> Denial:
    possible_dates(facts["decided"], facts.get("received"), facts.get("printed_due"))
    received = facts.get("received")
    return Denial(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        level=level,
        notice_date=facts["decided"],
        received_date=received,
        received_how="evidence" if received else "not_recorded",
        denied_cents=left,
        letter_words=facts.get("reason") or "",
        printed_due=facts.get("printed_due"),
    )
