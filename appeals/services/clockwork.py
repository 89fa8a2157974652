"""Which clocks a step starts and ends. Dates come from `rules`; this only says which fact starts or ends what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from appeals import guards, rules
from appeals.model import RUNNING, Case, Clock, ClockStatus, Coverage, Denial, Filing, State
from appeals.reckoning import Fact
from appeals.record import Mark, Run, Situation
from appeals.rules import Packs, Trigger
from appeals.services.governing import packs_of

WON = ("overturned", "partial")
DISMISSAL = "dismissal"
BY_CASE = {"open": "submitted", "deemed": "on"}  # triggers that are facts of the case itself, and the name of their date
AFTER_A_WIN = ("payment", "effectuate")  # what the payer still owes when a case is resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A clock that stops on a day: how, and by what."""

    clock: Clock
    status: ClockStatus
    on: date
    by: str


def denial_trigger(denial: Denial, case: Case, *, dispute_level: int = 1) -> Trigger:
    """What a notice says about dates: its own, when it was received, the deadline printed on it, and the service it is about."""
    facts: dict[str, Fact] = {
        "notice": denial.notice_date,
        "received": denial.received_date,
        "printed": denial.printed_due,
        "service_date": case.service_from,
    }
    if denial.received_how == "unreadable":
        facts["receipt"] = "unreadable"
    name = {DISMISSAL: DISMISSAL, "provider_dispute": "dispute_denial"}.get(denial.source, "denial")
    return Trigger(name=name, id=denial.id, facts=facts, dispute_level=dispute_level)


def filing_trigger(filing: Filing, marks: Sequence[Mark] = (), *, dispute_level: int = 1) -> Trigger:
    """What a filing says about dates: when it was sent, when the addressee had it, and what stopped or extended the answer."""
    received = filing.received_at or filing.received_date
    stopped = delays(marks, filing.id)
    if filing.appellant == "payer":
        return Trigger(name="forward", id=filing.id, facts={"received": received, **stopped})
    facts: dict[str, Fact] = {"sent": filing.sent_date, "received": received, "track": filing.track, **stopped}
    return Trigger(name="filing", id=filing.id, facts=facts, dispute_level=dispute_level)


def delays(marks: Sequence[Mark], about: str) -> dict[str, Fact]:
    """What lawfully stopped or extended the answer to a filing or claim: its marks that are no finding."""
    lawful = [m for m in marks if m.about == about and not m.voided and not m.finding]
    asked = max((m.dated for m in lawful if m.name == "info-requested"), default=None)
    answered = max((m.dated for m in lawful if m.name == "info-supplied" and asked and m.dated >= asked), default=None)
    extended = any(m.name == "extension-notice" for m in lawful)
    return {"extension_notice_sent": asked, "claimant_answered": answered, "extended": extended}


def dispute_level(situation: Situation) -> int:
    """The level of the provider's dispute that is to be filed next: one above those that were lost."""
    lost = [f for f in situation.filings if f.track == "provider_dispute" and not f.voided and f.outcome in ("upheld", "partial")]
    return len(lost) + 1


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
    plan = coverage or situation.coverage
    packs = packs_of(situation, plan)
    ended = {e.clock.id: _end(e) for e in endings}
    for clock in situation.clocks:
        if clock.status in RUNNING and clock.id not in ended and not clock.hard and clock.trigger == "state":
            ended[clock.id] = _end(Ending(clock=clock, status=ClockStatus.MET, on=run.on, by=step))
    if after.state is State.RESOLVED:
        for clock in situation.clocks:
            if clock.status in RUNNING and clock.id not in ended and clock.kind not in AFTER_A_WIN:
                ended[clock.id] = _end(Ending(clock=clock, status=ClockStatus.CANCELLED, on=run.on, by=step))
    revived = {c.id: replace(c, status=ClockStatus.OPEN, ended_on=None, met_by="") for c in reopened}
    started = [
        c
        for trigger in triggers
        for c in rules.started(packs, case=after, coverage=plan, practice=run.practice, trigger=trigger, new_id=run.new_id)
    ]
    if after.state is State.RESOLVED:
        started = [c for c in started if c.kind in AFTER_A_WIN]
    if after.outcome in WON or step == "partially-overturn":
        started.append(rules.payment(packs, case=after, since=won_on or run.on, new_id=run.new_id))
    if after.state is not State.RESOLVED:
        house = rules.house(packs, case=after, since=run.on, new_id=run.new_id)
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
        if clock.level != filing.level or (clock.track and clock.track != filing.track) or not guards.its_time(clock, filing.appellant):
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
    """The triggers that hang on the case itself: its submission while nobody answered it, and an exhaustion by silence."""
    case, stopped = situation.case, delays(situation.marks, situation.case.id)
    begun = {c.trigger: begun_on(c) for c in situation.clocks if c.trigger in BY_CASE and c.status in RUNNING}
    if case.state is State.SUBMITTED and (submitted := case.submitted_at or case.submitted_on):
        begun["open"] = submitted
    return tuple(
        Trigger(name=name, id=case.id, facts={BY_CASE[name]: day, "rating_period_start": situation.coverage.rating_period_start, **stopped})
        for name, day in begun.items()
    )


def begun_on(clock: Clock) -> date:
    """The day, or of an hour clock the instant, that its count began with before anything stopped it."""
    return clock.start_at or clock.start_date


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
    packs: Packs = packs_of(situation, coverage)
    changed: list[Clock] = []
    case = situation.case
    counted = [(denial_trigger(d, case, dispute_level=dispute_level(situation)), d.level) for d in denials]
    counted += [(filing_trigger(f, situation.marks, dispute_level=dispute_level(situation)), f.level) for f in filings]
    for trigger, level in (*counted, *((trigger, case.level) for trigger in also)):
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
                changed.append(_again(old, clock))
            elif not ended:
                changed.append(clock)
        # A candidate a filing had met is no more than one that runs, once the plan rules it out.
        given = {clock.rule_id for clock in fresh}
        met = [c for c in situation.clocks if c.trigger_id == trigger.id and c.candidate and c.status is ClockStatus.MET]
        out = (*running, *(c for c in met if c.rule_id not in given))
        changed += [_end(Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by="re-dated")) for c in out]
    return tuple(changed)


def _again(old: Clock, counted: Clock) -> Clock:
    """A running clock with new dates: as it stood, except that it stops and goes on with what the payer asked for."""
    status = old.status if old.status is ClockStatus.SENT else counted.status
    return replace(counted, id=old.id, status=status, ended_on=old.ended_on, met_by=old.met_by)


def _still_matters(situation: Situation, trigger: Trigger) -> bool:
    """A notice or filing of the present rung that started nothing yet, because its regime was not known."""
    case = situation.case
    if trigger.name == "open":
        return case.state is State.SUBMITTED
    if trigger.name in ("denial", DISMISSAL):
        return case.state in (State.DENIED, State.EOB_REVIEWED) and any(
            d.id == trigger.id and d.level == case.level for d in situation.denials
        )
    return any(f.id == trigger.id for f in guards.pending_filings(situation))
