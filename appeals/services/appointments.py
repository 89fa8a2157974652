"""Marks that start or end a clock of our own: a call was scheduled, money is to be taken back, a patient needs a statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from appeals import appointments as own
from appeals.counting import ONE_DAY
from appeals.errors import ImpossibleValue, MissingFact, StepRefused
from appeals.model import RUNNING, ClockStatus, State
from appeals.reckoning import clock_time
from appeals.record import Run, Situation
from appeals.reminders import horizon, told_on
from appeals.services import clockwork as cw
from appeals.services.delays import MarkEffect
from appeals.services.governing import packs_of
from appeals.standing import OURS
from appeals.wording import spoken

AHEAD = ("peer-scheduled",)  # marks about a day to come


def peer_scheduled(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The payer gave the hour of the call: somebody must be at the telephone. A newer hour takes the place of an older."""
    case, at = situation.case, facts.get("dated_at")
    calls = [p for p in situation.peer_reviews if not p.outcome and not p.voided]
    if not calls or case.state is not State.PEER_REVIEW:
        raise StepRefused(f"Case {case.number}: no call was asked for.", f"`appeals request-peer-review {case.number}` asks for one.")
    if at is None:
        raise MissingFact("peer-scheduled needs the hour.", "Give day and time of the call: `--date 2026-11-12T15:00`.")
    if dated < calls[-1].requested_date:
        raise ImpossibleValue(f"The call would be on {dated}, before it was asked for on {calls[-1].requested_date}.", "Check `--date`.")
    clock = own.telephone_clock(packs_of(situation), case, calls[-1], at, run.practice.zone, run.new_id())
    given_up = tuple(cw.ended(end) for end in cw.call_over(situation, run.on, "peer-scheduled", ClockStatus.CANCELLED))
    return MarkEffect(clocks=(*given_up, clock), about=calls[-1].id, text=clock_time(at, run.practice.zone))


def recoupment_notice(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The payer will take money back: no rule that ships says until when to answer, so the house does, and what the notice prints."""
    case, printed_due = situation.case, facts.get("printed_due")
    if case.state is State.RESOLVED:
        raise StepRefused(
            f"Case {case.number} is resolved; a takeback must be worked.",
            f"`appeals reopen {case.number} --notice DAY --amount AMOUNT --reason takeback`, then this mark.",
            ("reopen",),
        )
    if printed_due and printed_due < dated:
        raise ImpossibleValue(f"The notice of {dated} prints {printed_due}, an earlier day.", "Check `--date` and `--printed-due`.")
    clock = own.takeback_clock(packs_of(situation), case, dated, printed_due, run.new_id())
    before = [c for c in situation.clocks if c.kind == own.TAKEBACK and c.status in RUNNING]
    given_up = tuple(cw.ended(cw.Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by="recoupment-notice")) for c in before)
    return MarkEffect(clocks=(*given_up, clock))


def recoupment_answered(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """We answered the takeback: rebutted it, appealed it or paid it back."""
    waiting = [c for c in situation.clocks if c.kind == own.TAKEBACK and c.status in RUNNING]
    if not waiting:
        raise StepRefused(f"Case {situation.case.number}: no takeback waits for an answer.", "`mark CASE recoupment-notice` records one.")
    if dated < waiting[-1].start_date:
        raise ImpossibleValue(f"Answered on {dated}, before the notice of {waiting[-1].start_date}.", "Check `--date`.")
    met = cw.met_or_missed([replace(c, next_remind_on=None) for c in waiting], dated, "recoupment-answered")
    return MarkEffect(clocks=tuple(cw.ended(end) for end in met))


def fsa_run_out(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The patient's plan papers say until when an FSA can be claimed from: our statement must be in the patient's hands by then."""
    case, until = situation.case, facts.get("until")
    if until is None:
        raise MissingFact("fsa-run-out needs --until.", "The last day the patient's FSA takes claims, from its own papers.")
    if case.state is State.RESOLVED:
        raise StepRefused(
            f"Case {case.number} is resolved; a resolved case owes nothing more.",
            f"`appeals undo {case.number} --reason fsa` opens it again, then this mark; or hand the statement over now: "
            f"`appeals statement {case.number} --out FILE`.",
        )
    if until < dated:
        raise ImpossibleValue(f"The run-out {until} lies before {dated}, the day it was learned.", "Check `--until` and `--date`.")
    before = [c for c in situation.clocks if c.kind == own.STATEMENT and c.status in RUNNING]
    given_up = tuple(cw.ended(cw.Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by="fsa-run-out")) for c in before)
    clock = own.statement_clock(packs_of(situation), case, dated, until, run.new_id())
    return MarkEffect(clocks=(*given_up, clock), text=f"until {until}")


def statement_given(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The patient has the itemised statement."""
    waiting = [c for c in situation.clocks if c.kind == own.STATEMENT and c.status in RUNNING]
    met = cw.met_or_missed(waiting, dated, "statement-given")
    return MarkEffect(clocks=tuple(cw.ended(end) for end in met))


def reminder_snoozed(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """Be silent about a case's clocks, or one of them, until a day: with a reason, and never past the last business day to work one."""
    case, until, named = situation.case, facts.get("until"), facts.get("clock")
    if until is None or not facts.get("text"):
        raise MissingFact("reminder-snoozed needs --until and --text.", "The day it is put off to, and why.")
    if until <= horizon(run.on):
        again = horizon(run.on) + ONE_DAY
        closed = "" if until <= run.on else " and the closed days behind it"
        raise ImpossibleValue(f"Put off to {until}, which is not after {run.on}{closed}.", f"Check `--until`: the first is {again}.")
    wanted = str(named or "").casefold().replace("-", "_").replace(" ", "_")
    ours = [c for c in situation.clocks if c.status in RUNNING and c.status is not ClockStatus.TOLLED and c.owed_by in OURS]
    chosen = [c for c in ours if wanted in c.kind or wanted in spoken(c).casefold().replace(" ", "_")]
    if not chosen:
        has = ", ".join(dict.fromkeys(spoken(c) for c in ours)) or "none"
        raise StepRefused(f"Case {case.number} has no clock of ours{f' called {named!r}' if named else ''} to put off.", f"It has: {has}.")
    first = min(chosen, key=lambda clock: clock.work_by)
    if until > (last := told_on(first.work_by)):
        closed = "" if last == first.work_by else f", and the last business day before it is {last}"
        raise StepRefused(
            f"Case {case.number}: `{spoken(first)}` must be worked by {first.work_by}{closed}; nothing is put off past that day.",
            "Give an earlier `--until`, or `--clock NAME` for one of the others.",
        )
    return MarkEffect(
        clocks=tuple(replace(clock, next_remind_on=until) for clock in chosen),
        about=chosen[0].id if len(chosen) == 1 else case.id,
        first=f"until {until}",
    )
