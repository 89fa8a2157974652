"""Which clocks a step starts and ends. Dates come from `rules`; this only says which fact starts or ends what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from appeals import guards, rules
from appeals.appointments import TELEPHONE
from appeals.model import RUNNING, Case, Clock, ClockStatus, Coverage, Denial, Filing, State
from appeals.reckoning import Fact
from appeals.record import Mark, Run, Situation
from appeals.rules import Trigger
from appeals.services.governing import packs_of
from appeals.standing import AUTHORISED

WON = ("overturned", "partial")
DISMISSAL = "dismissal"
DISPUTE = guards.DISPUTE
FILED = "file-appeal"
EXHAUSTED = "deemed_exhausted"
RE_DATED = "re-dated"  # what ended a clock that the plan facts ruled out; other facts may bring it back
BY_CASE = {"open": "submitted", "deemed": "on"}  # triggers that are facts of the case itself, and the name of their date
AFTER_A_WIN = ("payment", "effectuate")  # what the payer still owes when a case is resolved
KEPT = (*AFTER_A_WIN, AUTHORISED)


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
    besides = ("wrong_party",) if name == DISMISSAL and denial.letter_words == "wrong_party" else ()
    return Trigger(name=name, id=denial.id, facts=facts, dispute_level=dispute_level, besides=besides)


def filing_trigger(filing: Filing, marks: Sequence[Mark] = (), *, dispute_level: int = 1, before: Sequence[Filing] = ()) -> Trigger:
    """What a filing says about dates: when it was sent, when the addressee had it, and what stopped or extended the answer.

    `before` are the case's earlier filings: one that silence ended makes this one an escalation.
    """
    received = filing.received_at or filing.received_date
    if urgent := _begun_anew(marks, filing.id, received or filing.sent_date):
        received = urgent if received or urgent != filing.sent_date else None
    stopped = delays(marks, filing.id)
    silent = any(f.outcome == EXHAUSTED and f.level == filing.level - 1 and not f.voided for f in before)
    if filing.appellant == "payer":
        return Trigger(name="forward", id=filing.id, facts={"received": received, **stopped})
    facts: dict[str, Fact] = {"sent": filing.sent_date, "received": received, "track": filing.track, **stopped}
    besides = ("escalation",) if silent else ()
    return Trigger(name="filing", id=filing.id, facts=facts, dispute_level=dispute_level, besides=besides)


def _begun_anew(marks: Sequence[Mark], about: str, begun: date | None) -> date | None:
    """When the addressee had it, or it was first declared urgent if that came later: the shorter time runs from the asking for it."""
    urgent = min((m.dated for m in marks if m.about == about and m.name == "urgency-declared" and not m.voided), default=None)
    known = begun.date() if isinstance(begun, datetime) else begun
    return urgent if urgent and (known is None or urgent > known) else begun


def delays(marks: Sequence[Mark], about: str) -> dict[str, Fact]:
    """What lawfully stopped or extended the answer to a filing or claim: its marks that are no finding. It stops only once."""
    lawful = [m for m in marks if m.about == about and not m.voided and not m.finding]
    asked = min((m.dated for m in lawful if m.name == "info-requested"), default=None)
    answered = min((m.dated for m in lawful if m.name == "info-supplied" and asked and m.dated >= asked), default=None)
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
    since: date | None = None,
) -> tuple[Clock, ...]:
    """Every clock the step changes, as it stands afterwards: ended ones, reopened ones, new ones, the house's."""
    plan = coverage or situation.coverage
    packs = packs_of(situation, plan)
    stopped = {e.clock.id: ended(e) for e in endings}
    for clock in situation.clocks:
        if clock.status in RUNNING and clock.id not in stopped and not clock.hard and clock.trigger == "state":
            stopped[clock.id] = ended(Ending(clock=clock, status=ClockStatus.MET, on=run.on, by=step))
    if after.state is State.RESOLVED:
        for clock in situation.clocks:
            if clock.status in RUNNING and clock.id not in stopped and clock.kind not in KEPT:
                stopped[clock.id] = ended(Ending(clock=clock, status=ClockStatus.CANCELLED, on=run.on, by=step))
    revived = {c.id: replace(c, status=ClockStatus.OPEN, ended_on=None, met_by="") for c in reopened}
    started = [
        c
        for trigger in triggers
        for c in rules.started(packs, case=after, coverage=plan, practice=run.practice, trigger=trigger, new_id=run.new_id)
    ]
    if after.state is State.RESOLVED:
        started = [c for c in started if c.kind in AFTER_A_WIN]
    owed = after.recovered_cents > after.posted_cents
    if owed and (after.outcome in WON or step == "partially-overturn"):
        started.append(rules.payment(packs, case=after, since=won_on or run.on, new_id=run.new_id))
    if after.state is not State.RESOLVED and not _back_to_waiting(situation, after, stopped):
        house = rules.house(packs, case=after, since=since or run.on, new_id=run.new_id)
        started += [house] if house else []
    return (*(stopped | revived).values(), *started)


def _back_to_waiting(situation: Situation, after: Case, stopped: Mapping[str, Clock]) -> bool:
    """Whether a call leads back to appeals that were all acknowledged: nothing is chased where another date is waited for."""
    if situation.case.state is not State.PEER_REVIEW or after.state is not State.APPEAL_FILED:
        return False
    waits = any(c.hard and c.status in RUNNING and c.id not in stopped for c in situation.clocks)
    return waits and not any(nobody_answered(f) for f in guards.pending_filings(situation))


def ended(ending: Ending) -> Clock:
    """The clock as it stands once ended."""
    return replace(ending.clock, status=ending.status, ended_on=ending.on, met_by=ending.by, next_remind_on=None)


def answered(situation: Situation, on: date, by: str) -> tuple[Ending, ...]:
    """What an answer to the claim itself ends: every clock of the payer that its submission started."""
    running = [c for c in situation.clocks if c.status in RUNNING]
    theirs = [c for c in running if c.trigger == "open" and c.owed_by not in ("us", "patient")]
    asked = [c for c in running if c.trigger == "info_request"]  # what was asked about the claim is of no use any more
    moot = tuple(Ending(clock=c, status=ClockStatus.CANCELLED, on=on, by=by) for c in asked)
    return (*met_or_missed(theirs, on, by), *moot)


def met_or_missed(clocks: Iterable[Clock], on: date, by: str) -> tuple[Ending, ...]:
    """Each clock ended on the day its event happened: met if that was in time, missed if not."""
    return tuple(Ending(clock=c, status=ClockStatus.MISSED if rules.is_overdue(c, on) else ClockStatus.MET, on=on, by=by) for c in clocks)


def filed(situation: Situation, filing: Filing) -> tuple[Ending, ...]:
    """What a filing does to the clocks by which it had to be filed.

    Where the addressee must receive it, the clock is only `sent` until proof of receipt; candidates go with it. The time of
    another party for the same appeal is of no use any more.
    """
    endings = []
    for clock in guards.filing_clocks(situation):
        if not same_rung(clock, filing):
            continue
        if not guards.its_time(clock, filing.appellant):
            endings.append(Ending(clock=clock, status=ClockStatus.CANCELLED, on=filing.sent_date, by=FILED))
            continue
        day = filing.received_date or filing.sent_date
        waits = clock.filed_when == "received" and filing.received_date is None
        status = ClockStatus.SENT if waits else ClockStatus.MISSED if rules.is_overdue(clock, day) else ClockStatus.MET
        endings.append(Ending(clock=clock, status=status, on=day, by=FILED))
    return tuple(endings)


def same_rung(clock: Clock, filing: Filing) -> bool:
    """Whether a filing is on the rung a clock is about. A contract's dispute has levels of its own, told apart by its clocks."""
    if filing.track == DISPUTE or clock.track == DISPUTE:
        return filing.track == clock.track
    return clock.level == filing.level and clock.track in ("", filing.track)


def decided(situation: Situation, filing: Filing, on: date, step: str) -> tuple[Ending, ...]:
    """What a decision ends: its own decision clocks, what else hung on the filing, and clocks that waited for proof of receipt."""
    waiting = [c for c in situation.clocks if c.status is ClockStatus.SENT and same_rung(c, filing)]
    deciding = [c for c in guards.decision_clocks(situation) if c.trigger_id == filing.id]
    others = [c for c in situation.clocks if c.trigger_id == filing.id and c.status in RUNNING and c not in deciding]
    moot = tuple(Ending(clock=c, status=ClockStatus.CANCELLED, on=on, by=step) for c in others if c.kind not in AFTER_A_WIN)
    proven = tuple(Ending(clock=c, status=ClockStatus.MET, on=filing.sent_date, by=step) for c in waiting)
    return (*met_or_missed(deciding, on, step), *moot, *proven)


def call_over(situation: Situation, on: date, by: str, status: ClockStatus = ClockStatus.MET) -> tuple[Ending, ...]:
    """The hour somebody was to be at the telephone is of no use any more."""
    waiting = [c for c in situation.clocks if c.kind == TELEPHONE and c.status in RUNNING]
    return tuple(Ending(clock=c, status=status, on=on, by=by) for c in waiting)


def nobody_answered(filing: Filing) -> bool:
    """Whether nobody has said or shown that the addressee has it."""
    return filing.acknowledged_date is None and filing.received_date is None


def filing_clocks_to_reopen(situation: Situation, filing: Filing) -> tuple[Clock, ...]:
    """Clocks the filing had stopped: a withdrawn or dismissed appeal gives the time back, not more of it."""
    stopped = (ClockStatus.MET, ClockStatus.SENT, ClockStatus.CANCELLED)
    days = (filing.sent_date, filing.received_date)  # a dispute's earlier level keeps what met it
    return tuple(
        c
        for c in situation.clocks
        if c.kind.startswith("file_")
        and same_rung(c, filing)
        and c.met_by in (FILED, "received")
        and c.status in stopped
        and (filing.track != DISPUTE or c.ended_on in days)
    )


def of_the_case(situation: Situation) -> tuple[Trigger, ...]:
    """The triggers that hang on the case itself: its submission while nobody answered it, and an exhaustion by silence."""
    case, stopped = situation.case, delays(situation.marks, situation.case.id)
    begun = {c.trigger: begun_on(c) for c in situation.clocks if c.trigger in BY_CASE and c.status in RUNNING}
    if State.SUBMITTED in (case.state, case.came_from) and (submitted := case.submitted_at or case.submitted_on):
        begun["open"] = _begun_anew(situation.marks, case.id, submitted) or submitted
    return tuple(
        Trigger(name=name, id=case.id, facts={BY_CASE[name]: day, "rating_period_start": situation.coverage.rating_period_start, **stopped})
        for name, day in begun.items()
    )


def submission(situation: Situation) -> Trigger:
    """What the submission of the case says about dates, answered or not."""
    case, stopped = situation.case, delays(situation.marks, situation.case.id)
    begun = _begun_anew(situation.marks, case.id, case.submitted_at or case.submitted_on)
    facts = {BY_CASE["open"]: begun, "rating_period_start": situation.coverage.rating_period_start, **stopped}
    return Trigger(name="open", id=case.id, facts=facts)


def favourable(filing: Filing, decided: date) -> Trigger:
    """A win starts the payer's time to carry it out: from the decision, its receipt by the plan, or the request it answers."""
    request = filing.received_at or filing.received_date or filing.sent_date
    return Trigger(name="favourable", id=filing.id, facts={"decided": decided, "received": decided, "request": request}, rung=filing.level)


def begun_on(clock: Clock) -> date:
    """The day, or of an hour clock the instant, that its count began with before anything stopped it."""
    return clock.start_at or clock.start_date
