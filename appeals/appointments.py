"""Clocks that no rule gives: the hour of a call, a takeback's answer, a patient's statement, an authorisation. It counts no law."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from appeals.clockmaking import house_clock, house_tally, told
from appeals.counting import day_name, on_the_wall
from appeals.derivation import stored, zone_of
from appeals.model import Case, Clock, PeerReview
from appeals.packs import Packs
from appeals.reckoning import clock_time, day_of
from appeals.standing import AUTHORISED

TELEPHONE, TAKEBACK = "be_at_the_telephone", "answer_takeback"
SCHEDULED = "PEER-SCHEDULED"
RECOUPMENT = "recoupment"
GIVEN_BY_THE_HOUR = ("start_date", "start_at", "target_due", "work_by", "due_at")
STATEMENT, RUN_OUT = "give_statement", "FSA-RUN-OUT"


def telephone_clock(packs: Packs, case: Case, call: PeerReview, at: datetime, zone: str, clock_id: str) -> Clock:
    """The hour at which the payer's clinician calls: our clinician must be there."""
    day = day_of(at, zone)
    return replace(
        _dated(packs, case, day, clock_id),
        kind=TELEPHONE,
        rule_id=SCHEDULED,
        trigger="peer_scheduled",
        trigger_id=call.id,
        start_kind="scheduled",
        start_at=at,
        due_at=at,
        arithmetic=f"as agreed with the payer\nthe call is scheduled for {clock_time(at, zone)}",
        cite="as agreed with the payer",
        derivation=stored(zone, [{"do": "start", "at": on_the_wall(at, zone).isoformat(), "gives": list(GIVEN_BY_THE_HOUR)}]),
        next_step="be at the telephone, then `peer-overturn`, `partially-overturn`, `peer-uphold` or `peer-missed`",
    )


def takeback_clock(packs: Packs, case: Case, notice: date, printed_due: date | None, clock_id: str) -> Clock:
    """The house's time to answer a notice that money is taken back; the day the notice prints is kept to where it is earlier."""
    target = packs.targets[RECOUPMENT]
    clock = house_clock(packs, target, case, notice, RECOUPMENT, clock_id)
    if printed_due is None:
        return clock
    tally = house_tally(target, notice)
    tally.take(do="start", on=printed_due.isoformat())
    tally.give("printed_due")
    tally.take(do="earlier", of="target_due")
    tally.give("work_by")
    lines = f"{clock.arithmetic}\nthe notice prints {day_name(printed_due)}: work to the earlier, nothing is lost before the later"
    return replace(clock, printed_due=printed_due, work_by=tally.day, arithmetic=lines, derivation=stored("", tally.steps))


def statement_clock(packs: Packs, case: Case, learned: date, until: date, clock_id: str) -> Clock:
    """Until when the patient's FSA takes claims, by its own papers: the itemised statement must be with the patient."""
    line = f"the patient's FSA takes claims until {day_name(until)}, by its own papers"
    return replace(
        _dated(packs, case, until, clock_id),
        kind=STATEMENT,
        rule_id=RUN_OUT,
        trigger="fsa_run_out",
        start_date=learned,
        derivation=stored("", told(learned, until)),
        arithmetic=line,
        cite="as the patient's plan papers say",
        consequence="what was not claimed by then the FSA does not pay back",
        next_step="`appeals statement CASE --out FILE`, then `mark CASE statement-given`",
    )


def authorised_clock(packs: Packs, case: Case, since: date, until: date, clock_id: str) -> Clock:
    """Until when an authorisation holds. The payer owes that, so a resolved case may keep it; it wants nothing of anybody by itself."""
    return replace(
        _dated(packs, case, until, clock_id),
        kind=AUTHORISED,
        owed_by="payer",
        rule_id="AUTHORISATION",
        trigger="authorisation",
        start_date=since,
        derivation=stored("", told(since, until)),
        arithmetic=f"as the payer authorised; for what stands with the case\nit holds until {day_name(until)}",
        cite="as the payer authorised",
        next_step="ask for another before it ends (`open --kind pre_service`), or `mark CASE authorisation-closed`",
    )


def _dated(packs: Packs, case: Case, until: date, clock_id: str) -> Clock:
    """A clock of a day that was told, not counted."""
    pack = packs.origin[packs.targets["payment"].id]
    return Clock(
        id=clock_id,
        practice_id=case.practice_id,
        case_id=case.id,
        kind="",
        level=case.level,
        hard=False,
        rule_id="",
        pack_id=pack.id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        trigger="",
        trigger_id=case.id,
        start_date=until,
        start_kind="told",
        target_due=until,
        work_by=until,
        arithmetic="",
    )


def hour(clock: Clock) -> str:
    """The time of day of an appointment, on the practice's wall clock; "" for every other clock."""
    if clock.kind != TELEPHONE or clock.due_at is None:
        return ""
    return clock_time(clock.due_at, zone_of(clock.derivation)).split(" ", 2)[2]
