"""Calls: who was spoken to, what was promised, and the day that was agreed, which becomes a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from appeals.clockmaking import promised_clock
from appeals.errors import ImpossibleValue, MissingFact
from appeals.model import RUNNING, Case, Clock, ClockStatus, State
from appeals.record import Contact, Run
from appeals.services import steps, writing
from appeals.services.governing import packs_of
from appeals.services.steps import Done
from appeals.services.store import Store

SAID = ("number", "person", "reference", "promised")


def call(store: Store, ref: str, facts: Mapping[str, Any], run: Run) -> Done:
    """Keep a call. What an earlier call (by its day, not by when it was entered) had agreed is met by it.

    A `next` day starts a clock of its own.

    On a resolved case the day is the payer's to keep: nothing is owed by us any more.

    Raises:
        MissingFact: nothing of the call was given. ImpossibleValue: the next day is not after the call.
    """
    situation = store.situation(ref)
    case = situation.case
    if (before := writing.already(store, run, "contact", case.id)) is not None:
        return Done(case=case, step="call", was="", already=before["on"])
    writing.unmoved(store, case, run)
    steps.not_in_the_future(facts, run.on)
    contact = _contact(case, facts, run)
    kept = tuple(
        _met(c, contact.dated) for c in situation.clocks if c.trigger == "contact" and c.status in RUNNING and c.start_date <= contact.dated
    )
    owed_by = "payer" if case.state is State.RESOLVED else "us"
    begun = promised_clock(packs_of(situation), case, contact, run.new_id(), owed_by=owed_by)
    later = [each.dated for each in situation.contacts if each.dated > contact.dated]
    if begun and later:  # entered late: the call after it has met already what it agreed
        begun = _met(begun, min(later))
    clocks = (*kept, begun) if begun else kept
    told = {**facts, "dated": contact.dated}
    change = writing.case_change(
        run, "mark", "contact", before=case, after=writing.touched(case), facts=told, clocks=clocks, makes=(contact,)
    )
    writing.commit(store, run, [change])
    return Done(case=change.after or case, step="call", was=str(case.state), clocks=clocks, dry_run=run.dry_run)


def _met(clock: Clock, day: date) -> Clock:
    return replace(clock, status=ClockStatus.MET, ended_on=day, met_by="contact", next_remind_on=None)


def _contact(case: Case, facts: Mapping[str, Any], run: Run) -> Contact:
    dated: date = facts.get("dated") or run.on
    following: date | None = facts.get("next")
    if not any(facts.get(name) for name in SAID):
        raise MissingFact("Nothing of the call was given.", "Give `--person`, `--promised`, `--reference` or `--number`.")
    if following and following <= dated:
        raise ImpossibleValue(f"The next day, {following}, is not after the call of {dated}.", "Check `--next`.")
    return Contact(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        dated=dated,
        number_called=facts.get("number") or "",
        person=facts.get("person") or "",
        reference=facts.get("reference") or "",
        promised=facts.get("promised") or "",
        next_date=following,
    )
