"""Clocks counted anew, because a fact was learned late: receipt, the plan, what stopped an answer, another set of rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from appeals import guards, rules
from appeals.clockmaking import joined
from appeals.model import RUNNING, Clock, ClockStatus, Coverage, Denial, Filing, State
from appeals.record import Run, Situation
from appeals.rules import Trigger
from appeals.services.clockwork import (
    DISMISSAL,
    DISPUTE,
    FILED,
    RE_DATED,
    Ending,
    denial_trigger,
    dispute_level,
    ended,
    filed,
    filing_trigger,
    of_the_case,
    same_rung,
)
from appeals.services.governing import packs_of

# What ended a payer's clock by answering it. A silence was no answer: that it was called one is kept, and said where it was too early.
ANSWERED = ("deny", "approve", "pay", "overturn", "partially-overturn", "uphold", "dismiss", "forward", "info-requested")
BY_NOTICE = ("deny", "uphold", "partially-overturn", "dismiss")
EXHAUSTED_BY = "deem-exhausted"
URGENCIES = ("standard", "expedited")
WITHOUT_EFFECT = ("withdrawn", "dismissed")  # filings that answer no notice any more


def redated(
    run: Run,
    situation: Situation,
    coverage: Coverage,
    denials: Sequence[Denial],
    filings: Sequence[Filing],
    also: Sequence[Trigger] = (),
) -> tuple[Clock, ...]:
    """The running clocks of these denials and filings counted anew; a clock keeps its id where its rule still applies.

    Candidates of regimes the plan facts have ruled out are cancelled; those the facts call for are started, or brought back.
    """
    packs, case, number = packs_of(situation, coverage), situation.case, dispute_level(situation)
    counted = [(denial_trigger(d, case, dispute_level=number), d.level) for d in denials]
    counted += [(filing_trigger(f, situation.marks, dispute_level=number, before=situation.filings), f.level) for f in filings]
    changed: list[Clock] = []
    for trigger, level in (*counted, *((trigger, case.level) for trigger in also)):
        of_it = [c for c in situation.clocks if (c.trigger, c.trigger_id) == (trigger.name, trigger.id)]
        running = [c for c in of_it if c.status in RUNNING or (level == case.level and stopped_by_filing(c))]
        if not running and not _still_matters(situation, trigger):
            continue
        at = replace(case, level=level)
        fresh = rules.started(packs, case=at, coverage=coverage, practice=run.practice, trigger=trigger, new_id=run.new_id)
        changed += _compared(situation, trigger, running, fresh, run)
    before = {clock.id: clock for clock in situation.clocks}
    return tuple(clock for clock in changed if before.get(clock.id) != clock)


def asked_again(run: Run, situation: Situation, triggers: Sequence[tuple[Trigger, int]]) -> tuple[Clock, ...]:
    """The payer's clocks of these triggers (each with its level) that have ended: counted by the dates known now, and judged anew.

    What ended them, and when, stays. A silence that was called one too early by these dates carries a warning.
    """
    packs, changed = packs_of(situation), []
    for trigger, level in triggers:
        over = [c for c in situation.clocks if (c.trigger, c.trigger_id) == (trigger.name, trigger.id) and _payer_ended(c)]
        if not over:
            continue
        counted: dict[tuple[str, int], Clock] = {}
        for urgency in URGENCIES:  # the case is urgent no more once it is decided; which rule counted then, the clock says
            at = replace(situation.case, level=level, urgency=urgency)
            given = rules.started(packs, case=at, coverage=situation.coverage, practice=run.practice, trigger=trigger, new_id=run.new_id)
            counted = {(c.rule_id, c.level): c for c in given} | counted
        changed += [_recounted(old, counted[old.rule_id, old.level]) for old in over if (old.rule_id, old.level) in counted]
    before = {clock.id: clock for clock in situation.clocks}
    return tuple(clock for clock in changed if before[clock.id] != clock)


def answers_to(situation: Situation, filings: Sequence[Filing]) -> list[tuple[Trigger, int]]:
    """What starts the answer to each of these filings, pending or decided, with its level."""
    found = []
    for filing in filings:
        earlier = tuple(f for f in situation.filings if f.id < filing.id)  # ids are in the order of making
        number = dispute_level(replace(situation, filings=earlier))
        found.append((filing_trigger(filing, situation.marks, dispute_level=number, before=situation.filings), filing.level))
    return found


def too_early(clocks: Sequence[Clock]) -> tuple[str, ...]:
    """What to say where a payer's silence was called one while, by the dates known now, it still had time."""
    return tuple(
        f"called exhausted on {c.ended_on}, though by the dates known now the payer had until {rules.latest(c)}: what was filed on "
        "the strength of it may be sent back; `undo` takes the step back where nothing followed"
        for c in clocks
        if c.met_by == EXHAUSTED_BY and c.ended_on and not rules.is_overdue(c, c.ended_on)
    )


def ended_by(clock: Clock, notice: Denial) -> bool:
    """Whether it is the payer's clock that this notice ended: of the claim, or of the filing it answers."""
    level = notice.level if clock.met_by == "deny" else level_answered(notice)
    return _payer_ended(clock) and clock.met_by in BY_NOTICE and clock.ended_on == notice.notice_date and clock.level == level


def level_answered(notice: Denial) -> int:
    """The level of the filing a notice decides: the one below the level it opens, where it opens one."""
    return notice.level if notice.source in (DISMISSAL, DISPUTE) else notice.level - 1


def judged(clock: Clock, on: date) -> Clock:
    """An ended clock of the payer: met or missed by what was done on that day."""
    return replace(clock, status=ClockStatus.MISSED if rules.is_overdue(clock, on) else ClockStatus.MET, ended_on=on)


def _payer_ended(clock: Clock) -> bool:
    ended_so = clock.status in (ClockStatus.MET, ClockStatus.MISSED) and clock.met_by in (*ANSWERED, EXHAUSTED_BY)
    return ended_so and clock.hard and clock.owed_by not in ("us", "patient")


def _recounted(old: Clock, counted: Clock) -> Clock:
    """An ended clock with new dates: met or missed by them, on the day and by what ended it."""
    new = replace(counted, id=old.id, status=old.status, ended_on=old.ended_on, met_by=old.met_by)
    if old.met_by == EXHAUSTED_BY:
        return replace(new, warning=joined(new.warning, *too_early([new])))
    return judged(new, old.ended_on or rules.latest(new))


def settled(run: Run, situation: Situation) -> tuple[Clock, ...]:
    """What changes in the clocks of the rung a case has come back to: they are counted by the plan that is known now.

    Clocks that were given back by a withdrawal, a dismissal, an undo or a reopening may be another plan's, or stand as filed by
    a filing that is no more.
    """
    case = situation.case
    notices = [d for d in situation.denials if not d.voided and d.level == case.level]
    return redated(run, situation, situation.coverage, notices, guards.pending_filings(situation), of_the_case(situation))


def _compared(situation: Situation, trigger: Trigger, running: list[Clock], fresh: Sequence[Clock], run: Run) -> list[Clock]:
    """What a trigger's clocks become: dated anew, begun, brought back, or ruled out."""
    changed: list[Clock] = []
    for clock in fresh:
        old = next((c for c in running if c.rule_id == clock.rule_id and c.level == clock.level), None)
        spent = [c for c in situation.clocks if c.trigger_id == trigger.id and c.rule_id == clock.rule_id and c.status not in RUNNING]
        if old is not None:
            running.remove(old)
            changed.append(_as_filed(situation, trigger, _again(old, clock)))
        elif not spent:
            changed.append(_as_filed(situation, trigger, clock))
        elif spent[-1].met_by == RE_DATED:
            changed.append(_as_filed(situation, trigger, replace(clock, id=spent[-1].id)))
    return [*changed, *(ended(Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by=RE_DATED)) for c in running)]


def stopped_by_filing(clock: Clock) -> bool:
    """Whether it is the time to file of an appeal that was filed: whether that was in time depends on its dates."""
    by_filing = clock.status is ClockStatus.MISSED and clock.met_by in (FILED, "received")
    return clock.kind.startswith("file_") and (clock.status in (ClockStatus.SENT, ClockStatus.MET) or by_filing)


def _as_filed(situation: Situation, trigger: Trigger, clock: Clock) -> Clock:
    """The clock as the appeals that were filed leave it: met, missed or sent, if one of them answers the notice it counts from."""
    if not clock.kind.startswith("file_"):
        return clock
    bare = replace(clock, status=ClockStatus.OPEN, ended_on=None, met_by="")
    notice = trigger.facts.get("notice")
    for filing in situation.filings:
        if filing.voided or filing.outcome in WITHOUT_EFFECT or not same_rung(bare, filing):
            continue
        # An external review asked for beside the internal appeal is older than the decision it then stands against.
        beside = filing.expedited and filing.track == "external_review"
        if isinstance(notice, date) and filing.sent_date < notice and not beside:
            continue
        at = replace(situation, case=replace(situation.case, level=min(clock.level, situation.case.level)), clocks=(bare,))
        for end in filed(at, filing):
            return ended(replace(end, status=ClockStatus.MET) if end.status is ClockStatus.SENT and filing.outcome else end)
    return bare


def _again(old: Clock, counted: Clock) -> Clock:
    """A clock with new dates, under the id it had; what it was reminded of last is kept."""
    return replace(counted, id=old.id, next_remind_on=old.next_remind_on)


def _still_matters(situation: Situation, trigger: Trigger) -> bool:
    """A notice or filing of the present rung that started nothing yet, because its regime was not known."""
    case = situation.case
    state = State(case.came_from) if case.state is State.PEER_REVIEW and case.came_from else case.state
    if trigger.name == "open":
        return state is State.SUBMITTED
    if trigger.name in ("denial", DISMISSAL):
        return state in (State.DENIED, State.EOB_REVIEWED, State.APPEAL_FILED) and any(
            d.id == trigger.id and d.level == case.level for d in situation.denials
        )
    return any(f.id == trigger.id for f in guards.pending_filings(situation))
