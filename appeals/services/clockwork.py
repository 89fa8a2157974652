"""Which clocks a step starts and ends. Dates come from `rules`; this only says which fact starts or ends what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from appeals import guards, rules
from appeals.model import RUNNING, Case, Clock, ClockStatus, Coverage, Denial, Filing, State
from appeals.record import Run, Situation
from appeals.rules import Trigger

WON = ("overturned", "partial")
DISMISSAL = "dismissal"
BY_CASE = {"open": "submitted", "deemed": "on"}  # triggers that are facts of the case itself, and the name of their date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A clock that stops on a day: how, and by what."""

    clock: Clock
    status: ClockStatus
    on: date
    by: str


def denial_trigger(denial: Denial) -> Trigger:
    """What a notice says about dates: its own, when it was received, and the deadline printed on it."""
    facts = {"notice": denial.notice_date, "received": denial.received_date, "printed": denial.printed_due}
    return Trigger(name=denial.source if denial.source in (DISMISSAL, "provider_dispute") else "denial", id=denial.id, facts=facts)


def filing_trigger(filing: Filing) -> Trigger:
    """What a filing says about dates: when it was sent, and when the addressee proved to have it."""
    if filing.appellant == "payer":
        return Trigger(name="forward", id=filing.id, facts={"received": filing.received_date})
    return Trigger(name="filing", id=filing.id, facts={"sent": filing.sent_date, "received": filing.received_date, "track": filing.track})


def after_move(
    run: Run,
    situation: Situation,
    after: Case,
    *,
    step: str,
    triggers: Sequence[Trigger] = (),
    endings: Iterable[Ending] = (),
    reopened: Sequence[Clock] = (),
    coverage: Coverage | None = None,
    won_on: date | None = None,
) -> tuple[Clock, ...]:
    """Every clock the step changes, as it stands afterwards: ended ones, reopened ones, new ones, the house's."""
    packs, plan = rules.load(), coverage or situation.coverage
    ended = {e.clock.id: _end(e) for e in endings}
    for clock in situation.clocks:
        if clock.status in RUNNING and clock.id not in ended and not clock.hard and clock.trigger == "state":
            ended[clock.id] = _end(Ending(clock=clock, status=ClockStatus.MET, on=run.on, by=step))
    if after.state is State.RESOLVED:
        for clock in situation.clocks:
            if clock.status in RUNNING and clock.id not in ended and clock.kind != "payment":
                ended[clock.id] = _end(Ending(clock=clock, status=ClockStatus.CANCELLED, on=run.on, by=step))
    revived = {c.id: replace(c, status=ClockStatus.OPEN, ended_on=None, met_by="") for c in reopened}
    started = [
        c
        for trigger in triggers
        for c in rules.started(packs, case=after, coverage=plan, practice=run.practice, trigger=trigger, new_id=run.new_id)
    ]
    if after.state is State.RESOLVED:
        started = [c for c in started if c.kind == "payment"]
    if after.outcome in WON or step == "partially-overturn":
        started.append(rules.payment(packs, case=after, practice=run.practice, since=won_on or run.on, new_id=run.new_id))
    if after.state is not State.RESOLVED:
        house = rules.house(packs, case=after, practice=run.practice, since=run.on, new_id=run.new_id)
        started += [house] if house else []
    return (*(ended | revived).values(), *started)


def _end(ending: Ending) -> Clock:
    return replace(ending.clock, status=ending.status, ended_on=ending.on, met_by=ending.by, next_remind_on=None)


def met_or_missed(clocks: Iterable[Clock], on: date, by: str) -> tuple[Ending, ...]:
    """Each clock ended on the day its event happened: met if that was in time, missed if not."""
    return tuple(Ending(clock=c, status=ClockStatus.MISSED if rules.is_overdue(c, on) else ClockStatus.MET, on=on, by=by) for c in clocks)


def filed(situation: Situation, filing: Filing) -> tuple[Ending, ...]:
    """What a filing does to the clocks by which it had to be filed.

    Where the addressee must receive it, the clock is only `sent` until proof of receipt; candidates go with it.
    """
    endings = []
    for clock in guards.filing_clocks(situation):
        if clock.level != filing.level or (clock.track and clock.track != filing.track):
            continue
        day = filing.received_date or filing.sent_date
        waits = clock.filed_when == "received" and filing.received_date is None
        status = ClockStatus.SENT if waits else ClockStatus.MISSED if rules.is_overdue(clock, day) else ClockStatus.MET
        endings.append(Ending(clock=clock, status=status, on=day, by="file-appeal"))
    return tuple(endings)


def decided(situation: Situation, filing: Filing, on: date, step: str) -> tuple[Ending, ...]:
    """What a decision ends: its own decision clocks, and filing clocks that waited for proof of receipt."""
    waiting = [c for c in situation.clocks if c.status is ClockStatus.SENT and c.level == filing.level]
    deciding = [c for c in guards.decision_clocks(situation) if c.trigger_id == filing.id]
    proven = tuple(Ending(clock=c, status=ClockStatus.MET, on=filing.sent_date, by=step) for c in waiting)
    return (*met_or_missed(deciding, on, step), *proven)


def filing_clocks_to_reopen(situation: Situation, filing: Filing) -> tuple[Clock, ...]:
    """Clocks the filing had stopped: a withdrawn or dismissed appeal gives the time back, not more of it."""
    stopped = (ClockStatus.MET, ClockStatus.SENT)
    return tuple(
        c
        for c in situation.clocks
        if c.kind.startswith("file_") and c.level == filing.level and c.met_by in ("file-appeal", "received") and c.status in stopped
    )


def of_the_case(situation: Situation) -> tuple[Trigger, ...]:
    """The triggers of running clocks that hang on the case itself: its submission, and an exhaustion by silence."""
    found = {c.trigger: c.start_date for c in situation.clocks if c.trigger in BY_CASE and c.status in RUNNING}
    return tuple(Trigger(name=name, id=situation.case.id, facts={BY_CASE[name]: day}) for name, day in found.items())


def redated(
    run: Run,
    situation: Situation,
    coverage: Coverage,
    denials: Sequence[Denial],
    filings: Sequence[Filing],
    also: Sequence[Trigger] = (),
) -> tuple[Clock, ...]:
    """The running clocks of these denials and filings counted anew; a clock keeps its id where its rule still applies.

    Candidates of regimes the plan facts have ruled out are cancelled; those the facts call for are started.
    """
    packs, changed = rules.load(), []
    counted = [(denial_trigger(d), d.level) for d in denials] + [(filing_trigger(f), f.level) for f in filings]
    for trigger, level in (*counted, *((trigger, situation.case.level) for trigger in also)):
        running = [c for c in situation.clocks if (c.trigger, c.trigger_id) == (trigger.name, trigger.id) and c.status in RUNNING]
        if not running and not _still_matters(situation, trigger):
            continue
        fresh = rules.started(
            packs, case=replace(situation.case, level=level), coverage=coverage, practice=run.practice, trigger=trigger, new_id=run.new_id
        )
        for clock in fresh:
            old = next((c for c in running if c.rule_id == clock.rule_id and c.level == clock.level), None)
            ended = any(c.rule_id == clock.rule_id for c in situation.clocks if c.trigger_id == trigger.id and c.status not in RUNNING)
            if old is not None:
                running.remove(old)
                changed.append(replace(clock, id=old.id, status=old.status, ended_on=old.ended_on, met_by=old.met_by))
            elif not ended:
                changed.append(clock)
        changed += [_end(Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by="re-dated")) for c in running]
    return tuple(changed)


def _still_matters(situation: Situation, trigger: Trigger) -> bool:
    """A notice or filing of the present rung that started nothing yet, because its regime was not known."""
    case = situation.case
    if trigger.name in ("denial", DISMISSAL):
        return case.state in (State.DENIED, State.EOB_REVIEWED) and any(
            d.id == trigger.id and d.level == case.level for d in situation.denials
        )
    return any(f.id == trigger.id for f in guards.pending_filings(situation))
