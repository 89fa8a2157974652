"""Clocks as values: counted ones, ones only a notice's print dates, and the house's. It decides no rule and counts no law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from appeals import counting, holidays
from appeals.counting import day_name, in_words
from appeals.deadlines import Count
from appeals.derivation import Step, stored
from appeals.model import Case, Clock, ClockStatus
from appeals.packrows import Target, Version
from appeals.packs import Pack, Packs
from appeals.reckoning import Facts, Tally, day_of
from appeals.record import Contact
from appeals.regimes import Level, Regime

OURS = ("us", "patient")
PRINTED = "PRINTED"
PROMISE = "PROMISE"
BY_CALL = ("peer_to_peer",)  # made by telephone: nothing has to travel
BEGUN = ("notice", "received", "decided", "sent", "submitted")
WARNINGS = " | "
CONTRACT = "contract:"  # how the regime of a contract's clock begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A fact that starts clocks: a denial, a filing ..., the id of its record, and its dates.

    A filing may also give `track`: the rung it was filed on is then the one with that track. `dispute_level` is the level
    of a contract's own dispute, `rung` the one on the ladder it is about where that is not the case's own (0). `besides` names
    what else the fact is: a rule for that takes the place of the plain one of its kind.
    """

    name: str
    id: str
    facts: Facts
    dispute_level: int = 1
    rung: int = 0
    besides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where on which ladder a clock stands; the regime is a law's, or the contract of a payer."""

    level: int
    track: str
    regime: str


def counted_clock(packs: Packs, case: Case, trigger: Trigger, counted: Count, place: Place, clock_id: str) -> Clock:
    """The clock of a counted deadline, with the day it is worked to."""
    rule, version = counted.rule, counted.version
    # The date a notice prints is the next appeal's, not that of a corrected claim or a contract's dispute.
    printed_due = printed(trigger) if rule.kind.startswith("file_") and place.track not in ("", "provider_dispute") else None
    tally = counted.tally.onward()
    _worked(packs, trigger, counted, printed_due, tally)
    return Clock(
        id=clock_id,
        practice_id=case.practice_id,
        case_id=case.id,
        kind=rule.kind,
        level=place.level,
        track=place.track,
        regime=place.regime,
        owed_by=rule.owed_by,
        status=ClockStatus.TOLLED if counted.tolled else ClockStatus.OPEN,
        trigger=trigger.name,
        trigger_id=trigger.id,
        start_date=counted.start.day,
        start_kind=counted.start.kind,
        start_at=counted.start.at,
        raw_due=counted.raw_due,
        legal_due=counted.legal_due,
        safe_due=counted.safe_due,
        printed_due=printed_due,
        work_by=tally.day,
        due_at=counted.due_at,
        arithmetic="\n".join((f"{rule.title} ({version.cite})", *counted.lines, *tally.lines)),
        warning=joined(*counted.warnings),
        filer=",".join(rule.filed_by),
        derivation=stored(tally.zone, tally.steps),
        **_provenance(rule.id, version, packs.origin[rule.id]),
    )


def _worked(packs: Packs, trigger: Trigger, counted: Count, printed_due: date | None, tally: Tally) -> None:
    """Take the count on to the day the clock is worked to, with the lines that say why it is another than the last day."""
    rule = counted.rule
    tally.lines += _disagreement(printed_due, counted.legal_due)
    if printed_due:
        tally.take(do="start", on=printed_due.isoformat())
        tally.give("printed_due")
    if rule.owed_by not in OURS or not counted.safe_due:
        tally.take(do="start", of="legal_due")
        tally.give("work_by")
        return
    # Every date there could be is kept to: the notice's own, and that of a stricter reading of the same words.
    tally.take(do="start", of="safe_due")
    for name in ("printed_due", "shorter"):
        if name in tally.given:
            tally.take(do="earlier", of=name)
    if tally.day == counted.shorter_safe and tally.day < counted.safe_due:
        tally.lines.append(f"the shorter reading is kept to as well: its last business day is {day_name(tally.day)}")
    begun = [counted.start.day, *(day for name in BEGUN if isinstance(day := trigger.facts.get(name), date))]
    same_day = not counted.version.length  # on the very day of an event: nobody does that by mail
    filed_when = "sent" if same_day or rule.kind in BY_CALL else counted.version.filed_when
    _lead(packs, filed_when, tally, begun=begun)


def _provenance(rule_id: str, version: Version, pack: Pack) -> dict[str, Any]:
    """Where a clock's numbers stand, and what the rule says beside them."""
    return {
        "rule_id": rule_id,
        "pack_id": pack.id,
        "pack_version": pack.version,
        "pack_hash": pack.hash,
        "verified": version.verified,
        "filed_when": version.filed_when,
        "cite": version.cite,
        "source": version.source,
        "checked_on": version.checked_on,
        "consequence": version.if_missed,
        "next_step": version.next_step,
    }


def printed_clock(packs: Packs, case: Case, trigger: Trigger, due: date, regime: Regime, rung: Level, clock_id: str) -> Clock:
    """Where no rule gives a date to file by, the one the notice prints is the only one there is."""
    pack = next(pack for pack in packs.packs if pack.regime)
    tally = Tally(zone="", lines=[f"{rung.name}: the notice prints {day_name(due)}; nothing was counted"])
    tally.take(do="start", on=due.isoformat())
    tally.give("start_date", "printed_due")
    _lead(packs, "received", tally)
    return Clock(
        id=clock_id,
        practice_id=case.practice_id,
        case_id=case.id,
        kind=rung.clock_kind,
        level=rung.order,
        track=rung.track,
        regime=regime.id,
        verified=False,
        rule_id=PRINTED,
        pack_id=pack.id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        filed_when="received",
        trigger=trigger.name,
        trigger_id=trigger.id,
        start_date=due,
        start_kind="printed",
        printed_due=due,
        work_by=tally.day,
        arithmetic="\n".join(tally.lines),
        derivation=stored("", tally.steps),
    )


def house_clock(packs: Packs, target: Target, case: Case, since: date, trigger: str, clock_id: str) -> Clock:
    """The clock of a house target, counted from `since`."""
    pack = packs.origin[target.id]
    tally = house_tally(target, since)
    due = tally.day
    lines = (
        f"house rule: {target.why}",
        f"since {day_name(since)}",
        f"+ {in_words(target.length, target.unit)}, that day not counted = {day_name(due)}",
        f"next: {target.next_step}",
    )
    return Clock(
        id=clock_id,
        practice_id=case.practice_id,
        case_id=case.id,
        kind=target.kind,
        level=case.level,
        owed_by=target.owed_by,
        hard=False,
        rule_id=target.id,
        pack_id=pack.id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        trigger=trigger,
        trigger_id=case.id,
        start_date=since,
        start_kind="state",
        target_due=due,
        work_by=due,
        arithmetic="\n".join(lines),
        cite="house rule",
        derivation=stored("", tally.steps),
        next_step=target.next_step,
    )


def house_tally(target: Target, since: date) -> Tally:
    """The count of a house target."""
    tally = Tally(zone="")
    tally.take(do="start", on=since.isoformat())
    tally.give("start_date")
    tally.add(target.length, target.unit)
    tally.give("target_due", "work_by")
    return tally


def promised_clock(packs: Packs, case: Case, contact: Contact, clock_id: str, *, owed_by: str) -> Clock | None:
    """The clock of the day that was agreed in a call; None where none was."""
    if contact.next_date is None:
        return None
    pack = packs.origin[packs.targets["payment"].id]
    lines = (
        f"called on {day_name(contact.dated)}; what was said stands with the case",
        f"to be followed up on {day_name(contact.next_date)}",
    )
    return Clock(
        id=clock_id,
        practice_id=case.practice_id,
        case_id=case.id,
        kind="follow_up",
        level=case.level,
        owed_by=owed_by,
        hard=False,
        rule_id=PROMISE,
        pack_id=pack.id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        trigger="contact",
        trigger_id=contact.id,
        start_date=contact.dated,
        start_kind="contact",
        target_due=contact.next_date,
        work_by=contact.next_date,
        arithmetic="\n".join(("as agreed in a call", *lines)),
        cite="as agreed in a call",
        derivation=stored("", told(contact.dated, contact.next_date)),
        next_step="call again; `appeals call` keeps what was said",
    )


def told(since: date, until: date) -> tuple[Step, ...]:
    """The steps of a day that was told, not counted."""
    begun = {"do": "start", "on": since.isoformat(), "gives": ["start_date"]}
    return begun, {"do": "start", "on": until.isoformat(), "gives": ["target_due", "work_by"]}


def by_care(clock: Clock) -> bool:
    """Whether a candidate is one for want of the care, not of the plan: a contract's own terms are of no regime."""
    return clock.candidate and clock.regime.startswith(CONTRACT)


def printed(trigger: Trigger) -> date | None:
    """The deadline the notice prints, if it was entered."""
    due = trigger.facts.get("printed")
    return due if isinstance(due, date) else None


def joined(*warnings: str) -> str:
    """Warnings as one text, each once."""
    return WARNINGS.join(dict.fromkeys(warning for warning in warnings if warning))


def _disagreement(printed_due: date | None, legal_due: date) -> list[str]:
    if printed_due is None or printed_due == legal_due:
        return []
    return [f"the notice prints {day_name(printed_due)}: work to the earlier, nothing is lost before the later"]


def _lead(packs: Packs, filed_when: str, tally: Tally, *, begun: Sequence[date] = ()) -> None:
    """Take the count on to the day our work must leave the house; adds the line that says why that is earlier than the date itself.

    `begun` are the days the time began with: where mail would have to leave before them, another channel must do.
    """
    channel, earliest = packs.lead(), tally.day
    if filed_when != "sent" and channel.lead_business_days:
        # A printed Saturday is reached by Friday's post: the lead is counted back from the last business day inside the date.
        day = counting.add_business_days(counting.last_business_day(earliest), -channel.lead_business_days)
        lead = in_words(channel.lead_business_days, "business_days")
        if any(day <= day_of(known, "UTC") <= earliest for known in begun):
            tally.lines.append(f"too short for {channel.id}, which takes {lead}: by fax, portal or telephone")
        else:
            tally.take(do="back", calendar=holidays.FEDERAL)
            tally.add(-channel.lead_business_days, "business_days")
            why = "it must be received by then" if filed_when == "received" else "the postmark counts, and receipt by then is safer"
            tally.lines.append(f"{why}: {lead} earlier by {channel.id}, so work by {day_name(day)}")
    tally.give("work_by")
