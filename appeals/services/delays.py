"""What stops or extends a payer's answer: marks that re-date where the law lets them, and are a finding where it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from appeals import guards, rules
from appeals.counting import day_name
from appeals.errors import ImpossibleValue, NoRule
from appeals.model import RUNNING, Clock, ClockStatus, State
from appeals.packrows import Rule, Version
from appeals.packs import in_force
from appeals.record import Mark, Run, Situation
from appeals.rules import Packs, Trigger
from appeals.services import clockwork as cw
from appeals.services import redating
from appeals.services.governing import packs_of
from appeals.services.writing import Replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkEffect:
    """What a mark changes besides being kept.

    `about` is the filing or case it is about, `finding` what is not lawful in it, `text` its own words where none were given,
    `first` what stands before those that were.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    makes: tuple[Any, ...] = ()
    replaces: tuple[Any, ...] = ()
    clocks: tuple[Clock, ...] = ()
    about: str = ""
    finding: str = ""
    text: str = ""
    first: str = ""


def info_requested(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The payer asked for information: it stops the clock where the law lets it, and starts our time to answer."""
    about, deciding = _asked_of(situation)
    if not about:
        return MarkEffect()
    packs = packs_of(situation)
    # A claim and an appeal of it have different rules for what the payer asks meanwhile.
    name = "info_request" if about == situation.case.id else "appeal_info_request"
    trigger = Trigger(name=name, id=about, facts={"notice": dated, "received": facts.get("received")})
    answer = rules.started(
        packs, case=situation.case, coverage=situation.coverage, practice=run.practice, trigger=trigger, new_id=run.new_id
    )
    if any(clock.kind.startswith("file_") for clock in answer):
        # Where a next appeal counts from the asking, asking is one of the lawful answers: the time to answer is met.
        return MarkEffect(clocks=(*answer, *(cw.ended(end) for end in cw.met_or_missed(deciding, dated, "info-requested"))), about=about)
    again = cw.delays(situation.marks, about)["extension_notice_sent"] is not None
    refused = [said for clock in deciding if (said := _may_not_stop(packs, clock, dated, again=again))]
    lawful = [clock for clock in deciding if not _may_not_stop(packs, clock, dated, again=again)]
    clocks = _counted_again(situation, "info-requested", about, dated, run) if lawful else ()
    return MarkEffect(clocks=(*clocks, *answer), about=about, finding="; ".join(dict.fromkeys(refused)) if not lawful else "")


def info_supplied(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """We answered: our own time is met, and a clock that had stopped goes on."""
    asked = [m for m in situation.marks if m.name == "info-requested" and not m.voided]
    if not asked or not asked[-1].about:
        return MarkEffect()
    ours = [c for c in situation.clocks if c.kind == "supply_information" and c.status in RUNNING]
    met = tuple(
        replace(c, status=ClockStatus.MISSED if rules.is_overdue(c, dated) else ClockStatus.MET, ended_on=dated, met_by="info-supplied")
        for c in ours
    )
    about = asked[-1].about
    return MarkEffect(clocks=(*_counted_again(situation, "info-supplied", about, dated, run), *met), about=about)


def extension_notice(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The payer gave itself more time: lawful once, in time and where the rule says so; else a finding, and the clock runs on."""
    about, deciding = _asked_of(situation)
    if not about:
        return MarkEffect()
    packs = packs_of(situation)
    before = cw.delays(situation.marks, about)
    again = bool(before["extended"]) or before["extension_notice_sent"] is not None  # stopping the time took the extension
    refused = [said for clock in deciding if (said := _may_not_extend(packs, clock, dated, again=again))]
    lawful = [clock for clock in deciding if not _may_not_extend(packs, clock, dated, again=again)]
    clocks = _counted_again(situation, "extension-notice", about, dated, run) if lawful else ()
    return MarkEffect(clocks=clocks, about=about, finding="; ".join(dict.fromkeys(refused)) if not lawful else "")


def urgency_declared(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """Somebody declared it urgent: what is pending is counted as an urgent one, from the day that was said."""
    about, deciding = _asked_of(situation)
    urgent = replace(situation, case=replace(situation.case, urgency="expedited"))
    fields = {"urgency": "expedited"}
    filing = next((f for f in situation.filings if f.id == about), None)
    begun = filing.sent_date if filing else situation.case.submitted_on
    if begun and dated < begun:
        raise ImpossibleValue(f"Declared urgent on {dated}, before it was sent on {begun}.", "Check `--date`.")
    if not about:  # nothing is pending: the time to file may be another for an urgent appeal
        return MarkEffect(fields=fields, clocks=redating.settled(run, urgent))
    clocks = _counted_again(urgent, "urgency-declared", about, dated, run)
    another = {c.rule_id for c in clocks if c.status in RUNNING} - {c.rule_id for c in deciding}
    # Urgent already, or of a kind the law has no shorter time for: nothing begins anew.
    if not another or (filing and filing.expedited):
        return MarkEffect(fields=fields)
    asked = (Replaced(before=filing, after=replace(filing, expedited=True, declared_by=facts.get("text") or ""))) if filing else None
    return MarkEffect(fields=fields, clocks=clocks, about=about, replaces=(asked,) if asked else ())


def parity_requested(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """We asked for the plan's comparative analysis: its time to answer runs where a rule gives one."""
    trigger = Trigger(name="parity_request", id=situation.case.id, facts={"sent": dated})
    clocks = rules.started(
        packs_of(situation), case=situation.case, coverage=situation.coverage, practice=run.practice, trigger=trigger, new_id=run.new_id
    )
    return MarkEffect(clocks=clocks, about=situation.case.id)


def parity_received(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The plan answered: its time is met, or missed. An answer nobody waited for is kept all the same."""
    waiting = [c for c in situation.clocks if c.trigger == "parity_request" and c.status in RUNNING]
    if waiting and dated < min(c.start_date for c in waiting):
        raise ImpossibleValue(f"Answered on {dated}, before it was asked for on {waiting[-1].start_date}.", "Check `--date`.")
    met = cw.met_or_missed(waiting, dated, "parity-analysis-received")
    return MarkEffect(clocks=tuple(cw.ended(end) for end in met), about=situation.case.id)


def _asked_of(situation: Situation) -> tuple[str, tuple[Clock, ...]]:
    """What the payer's letter is about: the newest pending filing, else the claim itself; and the clocks of its answer.

    "" where nothing waits for an answer: the letter is kept, and moves no clock.
    """
    case = situation.case
    pending = guards.pending_filings(situation)
    about = pending[-1].id if pending else case.id if case.state is State.SUBMITTED else ""
    theirs = tuple(c for c in situation.clocks if c.trigger_id == about and c.owed_by not in ("us", "patient") and c.status in RUNNING)
    return about, tuple(c for c in theirs if c.hard and c.kind.startswith("decide_"))


def _version_of(packs: Packs, clock: Clock) -> tuple[Rule, Version] | None:
    rule = packs.rules.get(clock.rule_id)
    try:
        return (rule, in_force(rule, clock.start_date)) if rule else None
    except NoRule:
        return None


def _may_not_stop(packs: Packs, clock: Clock, dated: date, *, again: bool) -> str:
    found = _version_of(packs, clock)
    if found is None or found[1].tolling is None:
        return f"asking for information does not stop this clock ({clock.cite}): it still ends on {day_name(rules.latest(clock))}"
    if again:
        return f"the time was stopped once already ({found[1].tolling.cite}): it still ends on {day_name(rules.latest(clock))}"
    if dated > rules.latest(clock):
        return f"asked for after the time had run out on {day_name(rules.latest(clock))} ({clock.cite}): it stops nothing"
    return ""


def _may_not_extend(packs: Packs, clock: Clock, dated: date, *, again: bool) -> str:
    found = _version_of(packs, clock)
    if found is None or found[1].extension is None:
        consequence = f"; {clock.consequence}" if clock.consequence else ""
        return f"no extension is allowed here ({clock.cite}): the time still ends on {day_name(rules.latest(clock))}{consequence}"
    if again:
        return f"a second extension is not allowed ({clock.cite}): the time still ends on {day_name(rules.latest(clock))}"
    if dated > rules.latest(clock):
        return f"announced after the time had run out on {day_name(rules.latest(clock))} ({clock.cite}): it extends nothing"
    return ""


def _counted_again(situation: Situation, name: str, about: str, dated: date, run: Run) -> tuple[Clock, ...]:
    """The clocks of the payer's answer, counted with this mark beside those already kept."""
    kept = Mark(id=run.new_id(), practice_id=run.practice.id, case_id=situation.case.id, name=name, dated=dated, about=about)
    with_it = replace(situation, marks=(*situation.marks, kept))
    filings = [f for f in situation.filings if f.id == about]
    also: Sequence[Trigger] = () if filings else tuple(t for t in cw.of_the_case(with_it) if t.name == "open")
    return redating.redated(run, with_it, situation.coverage, [], filings, also)
