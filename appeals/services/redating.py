"""Clocks counted anew, because a fact was learned late: receipt, the plan, what stopped an answer, another set of rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from appeals import guards, rules
from appeals.model import RUNNING, Clock, ClockStatus, Coverage, Denial, Filing, State
from appeals.record import Run, Situation
from appeals.rules import Trigger
from appeals.services.clockwork import DISMISSAL, RE_DATED, Ending, denial_trigger, dispute_level, ended, filed, filing_trigger
from appeals.services.governing import packs_of


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
        running = [c for c in situation.clocks if (c.trigger, c.trigger_id) == (trigger.name, trigger.id) and c.status in RUNNING]
        if not running and not _still_matters(situation, trigger):
            continue
        at = replace(case, level=level)
        fresh = rules.started(packs, case=at, coverage=coverage, practice=run.practice, trigger=trigger, new_id=run.new_id)
        changed += _compared(situation, trigger, running, fresh, run)
    return tuple(changed)


def _compared(situation: Situation, trigger: Trigger, running: list[Clock], fresh: Sequence[Clock], run: Run) -> list[Clock]:
    """What a trigger's clocks become: dated anew, begun, brought back, or ruled out."""
    changed: list[Clock] = []
    for clock in fresh:
        old = next((c for c in running if c.rule_id == clock.rule_id and c.level == clock.level), None)
        spent = [c for c in situation.clocks if c.trigger_id == trigger.id and c.rule_id == clock.rule_id and c.status not in RUNNING]
        if old is not None:
            running.remove(old)
            changed.append(_again(old, clock))
        elif not spent:
            changed.append(_as_filed(situation, clock))
        elif spent[-1].met_by == RE_DATED:
            changed.append(_as_filed(situation, replace(clock, id=spent[-1].id)))
    # A candidate a filing had met is no more than one that runs, once the plan rules it out.
    given = {clock.rule_id for clock in fresh}
    met = [c for c in situation.clocks if c.trigger_id == trigger.id and c.candidate and c.status is ClockStatus.MET]
    out = (*running, *(c for c in met if c.rule_id not in given))
    return [*changed, *(ended(Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by=RE_DATED)) for c in out)]


def _as_filed(situation: Situation, clock: Clock) -> Clock:
    """A clock that begins late, because the plan was known late: met or sent already where its appeal has been filed."""
    if not clock.kind.startswith("file_"):
        return clock
    with_it = replace(situation, clocks=(clock,))
    ends = [end for filing in guards.pending_filings(situation) for end in filed(with_it, filing)]
    return ended(ends[0]) if ends else clock


def _again(old: Clock, counted: Clock) -> Clock:
    """A running clock with new dates: as it stood, except that it stops and goes on with what the payer asked for."""
    status = old.status if old.status is ClockStatus.SENT else counted.status
    return replace(counted, id=old.id, status=status, ended_on=old.ended_on, met_by=old.met_by)


def _still_matters(situation: Situation, trigger: Trigger) -> bool:
    """A notice or filing of the present rung that started nothing yet, because its regime was not known."""
    case = situation.case
    state = State(case.came_from) if case.state is State.PEER_REVIEW and case.came_from else case.state
    if trigger.name == "open":
        return state is State.SUBMITTED
    if trigger.name in ("denial", DISMISSAL):
        return state in (State.DENIED, State.EOB_REVIEWED) and any(d.id == trigger.id and d.level == case.level for d in situation.denials)
    return any(f.id == trigger.id for f in guards.pending_filings(situation))
