"""Clocks of our own that no rule gives: the hour of a call, and the answer to a takeback. It counts no law."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from appeals.clockmaking import house_clock
from appeals.counting import day_name
from appeals.derivation import stored, zone_of
from appeals.model import Case, Clock, PeerReview
from appeals.packs import Packs
from appeals.reckoning import clock_time, day_of

TELEPHONE, TAKEBACK = "be_at_the_telephone", "answer_takeback"
SCHEDULED = "PEER-SCHEDULED"
RECOUPMENT = "recoupment"


def telephone_clock(packs: Packs, case: Case, call: PeerReview, at: datetime, zone: str, clock_id: str) -> Clock:
    """The hour at which the payer's clinician calls: our clinician must be there."""
    pack, day = packs.origin[packs.targets[case.state].id], day_of(at, zone)
    return Clock(
        id=clock_id,
        practice_id=case.practice_id,
        case_id=case.id,
        kind=TELEPHONE,
        level=case.level,
        hard=False,
        rule_id=SCHEDULED,
        pack_id=pack.id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        trigger="peer_scheduled",
        trigger_id=call.id,
        start_date=day,
        start_kind="scheduled",
        start_at=at,
        target_due=day,
        work_by=day,
        due_at=at,
        arithmetic=f"as agreed with the payer\nthe call is scheduled for {clock_time(at, zone)}",
        cite="as agreed with the payer",
        derivation=stored(zone, [{"do": "start", "at": at.isoformat()}]),
        next_step="be at the telephone, then `peer-overturn`, `partially-overturn`, `peer-uphold` or `peer-missed`",
    )


def takeback_clock(packs: Packs, case: Case, notice: date, printed_due: date | None, clock_id: str) -> Clock:
    """The house's time to answer a notice that money is taken back; the day the notice prints is kept to where it is earlier."""
    clock = house_clock(packs, packs.targets[RECOUPMENT], case, notice, RECOUPMENT, clock_id)
    if printed_due is None:
        return clock
    lines = f"{clock.arithmetic}\nthe notice prints {day_name(printed_due)}: work to the earlier, nothing is lost before the later"
    return replace(clock, printed_due=printed_due, work_by=min(clock.work_by, printed_due), arithmetic=lines)


def hour(clock: Clock) -> str:
    """The time of day of an appointment, on the practice's wall clock; "" for every other clock."""
    if clock.kind != TELEPHONE or clock.due_at is None:
        return ""
    return clock_time(clock.due_at, zone_of(clock.derivation)).split(" ", 2)[2]
