"""Advancing a case: read once, decide, write once. `undo` is in `services.undo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from appeals import money, money_guards, rights, rules, workflow
from appeals.clockmaking import WARNINGS, by_care
from appeals.errors import ImpossibleValue
from appeals.guards import Attempt
from appeals.model import RUNNING, Case, Clock, Denial, Filing, State
from appeals.record import Change, Run, Situation
from appeals.services import authorisations, clockwork, decisions, doubts, effects, redating, sums, writing
from appeals.services.governing import packs_of
from appeals.services.opening import learned_numbers
from appeals.services.other_payer import linked_case
from appeals.services.store import Store
from appeals.services.writing import Replaced

COMES_BACK = ("withdraw", "dismiss", "reopen")
STAYS_PUT = ("settle-line",)  # moves money and nothing else: the house's date to work on the rest stands
EXTERNAL = "external_review"
OPTION = {"dated": "date"}
PAST_FACTS = ("dated", "notice", "received", "decided", "sent", "requested", "submitted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command did to a case, for a person to read. `already` is the day an equal request was done before."""

    case: Case
    step: str
    was: str
    clocks: tuple[Clock, ...] = ()
    warnings: tuple[str, ...] = ()
    linked: Case | None = None
    told: str = ""
    already: str = ""
    dry_run: bool = False
    money_moved: bool = False


def advance(store: Store, ref: str, step: str, facts: Mapping[str, Any], run: Run) -> Done:
    """Move a case one step; record who, when, why, and which clocks started and ended.

    Raises:
        NotFound, Ambiguous, StepRefused, MissingFact, ImpossibleValue, NotAllowed, StaleCase: nothing was written.
    """
    situation = store.situation(ref)
    if (before := writing.already(store, run, step, situation.case.id)) is not None:
        return Done(case=situation.case, step=before["name"], was="", already=before["on"])
    writing.unmoved(store, situation.case, run)
    changes = step_changes(situation, step, facts, run, store=store)
    applied = writing.commit(store, run, changes)
    cases = {case.id: case for case in applied.cases} if applied else {}
    main = changes[0]
    after = cases.get(situation.case.id) or _after(main)
    linked = next((cases.get(c.after.id, c.after) for c in changes[1:] if c.after and c.before is None), None)
    return Done(
        case=after,
        step=step,
        was=str(situation.case.state),
        clocks=main.clocks,
        warnings=tuple(dict.fromkeys((*warnings_of(main.clocks), *undated(situation, main), *unexplained(situation.case, after)))),
        linked=linked,
        dry_run=run.dry_run,
        money_moved=money.moved(situation.case, after),
    )


def step_changes(situation: Situation, step: str, facts: Mapping[str, Any], run: Run, store: Store | None = None) -> tuple[Change, ...]:
    """Everything the step writes: the case's own change first, then a linked case where it opens one."""
    not_in_the_future(facts, run.on)
    given = facts = _known(situation, step, facts, run)
    if workflow.rows(step, situation.case.state):
        facts = sums.completed(situation, step, given)
    attempt = attempt_of(situation, facts, run)
    row, state = workflow.move(attempt, step, decisions.wanted(attempt, step))
    effect = effects.EFFECTS[step](attempt, run)
    if state is State.RESOLVED:
        effect = effects.resolved(situation, effect, step, facts, run)
    replaces = (*effect.replaces, *_used(attempt, step))
    fields = {"state": state, "came_from": "", "entered_on": run.on, "outcome": row.outcome if state is State.RESOLVED else ""}
    if step in STAYS_PUT:
        fields = {}
    after = writing.touched(situation.case, **(fields | dict(effect.fields)))
    clocks = () if step in STAYS_PUT else _clocks(situation, after, step, effect, facts, run)
    if step in COMES_BACK or (step in decisions.STAYS and state is State.APPEAL_FILED):
        clocks = _settled(situation, after, effect.makes, replaces, clocks, run)
    authorised = authorisations.brought(situation, facts, run, dated=facts.get("decided") or run.on)
    change = writing.case_change(
        run,
        "step",
        step,
        before=situation.case,
        after=after,
        facts=told_in_the_trail(given),
        clocks=(*clocks, *authorised.clocks),
        makes=(*effect.makes, *learned_numbers(situation, facts, run), *authorised.marks),
        replaces=replaces,
        reason=facts.get("reason") or "",
        source=facts.get("trace_source"),
    )
    others = linked_case(store, situation, facts, run) if step == "bill-other-payer" and store is not None else ()
    return (change, *others)


def _clocks(
    situation: Situation, after: Case, step: str, effect: decisions.Effect, facts: Mapping[str, Any], run: Run
) -> tuple[Clock, ...]:
    return clockwork.after_move(
        run,
        situation,
        after,
        step=step,
        triggers=effect.triggers,
        endings=effect.endings,
        reopened=effect.reopened,
        won_on=facts.get("decided"),
        since=facts["sent"] if step == "file-appeal" else None,  # nobody waits the longer for having typed it late
    )


def _used(attempt: Attempt, step: str) -> tuple[Replaced, ...]:
    """The second person's yes the step used up, with what is left of it."""
    used = money_guards.used_up(attempt, step)
    return (Replaced(before=used[0], after=used[1]),) if used else ()


def _known(situation: Situation, step: str, facts: Mapping[str, Any], run: Run) -> Mapping[str, Any]:
    """The facts with what nobody need type: who reviews, the track of the level the case stands on, an assignment on file."""
    told = dict(facts)
    if step == "review-eob":
        told.setdefault("reviewer", run.actor)
    known = [number.value for number in situation.claim_numbers if number.system == "payer"]
    if step == "resubmit" and len(known) == 1:
        told.setdefault("control_number", known[0])
    if step == "file-appeal":
        packs, case = packs_of(situation), situation.case
        level = rules.ladder_level(packs, situation.coverage, case.level)
        told.setdefault("track", level.track if level else None)
        by_right = (told.get("appellant"), case.assignment, told.get("authority")) == ("provider", "yes", None)
        if by_right and not rights.refusals(packs, situation.coverage, case, told["track"] or "", "provider", "assignment"):
            told["authority"] = "assignment"
    return told


def told_in_the_trail(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a step that its entry keeps as such: the reason and the source have fields of their own."""
    return {name: value for name, value in facts.items() if name not in ("reason", "trace_source")}


def undated(before: Situation, change: Change) -> tuple[str, ...]:
    """Why what a change leaves the case waiting for has no date by law."""
    notices = tuple(put for put in change.puts if isinstance(put, Denial))
    filings = tuple(put for put in change.puts if isinstance(put, Filing))
    rows = replace(before, denials=(*before.denials, *notices), filings=(*before.filings, *filings))
    after = replace(rows, case=_after(change), clocks=change.clocks)
    return doubts.without_a_date(after)


def unexplained(before: Case, after: Case) -> tuple[str, ...]:
    """A warning, as soon as it is so, where nobody has said what became of part of what was billed."""
    said = sums.unexplained(after)
    return (said,) if said and (money.moved(before, after) or after.state is not before.state is State.RESOLVED) else ()


def _settled(
    before: Situation, after: Case, makes: Sequence[Any], replaces: Sequence[Replaced], clocks: tuple[Clock, ...], run: Run
) -> tuple[Clock, ...]:
    """The changed clocks, those of the rung the case is on counted by the plan that is known now."""
    known = {clock.id: clock for clock in before.clocks} | {clock.id: clock for clock in clocks}
    rows = {row.after.id: row.after for row in replaces}
    seen = replace(
        before,
        case=after,
        denials=(*(rows.get(d.id, d) for d in before.denials), *(put for put in makes if isinstance(put, Denial))),
        filings=tuple(rows.get(f.id, f) for f in before.filings),
        clocks=tuple(known.values()),
    )
    return tuple(({clock.id: clock for clock in clocks} | {clock.id: clock for clock in redating.settled(run, seen)}).values())


def attempt_of(situation: Situation, facts: Mapping[str, Any], run: Run) -> Attempt:
    """The step somebody wants to take, with the rungs of the ladder the guards ask about."""
    packs, case = packs_of(situation), situation.case
    after = case.level + 1
    rung = rules.ladder_level(packs, situation.coverage, after)
    # One external review of a decision: where one asked for beside the appeal has been decided, that rung is spent.
    spent = any(f.track == EXTERNAL and f.outcome in ("upheld", "partial") and not f.voided for f in situation.filings)
    if rung and rung.track == EXTERNAL and spent:
        rung = rules.ladder_level(packs, situation.coverage, after + 1)
    return Attempt(
        situation=situation,
        facts=facts,
        practice=run.practice,
        actor=run.actor,
        on=run.on,
        level=rules.ladder_level(packs, situation.coverage, case.level),
        next_level=rung,
        packs=packs,
    )


def not_in_the_future(facts: Mapping[str, Any], today: date) -> None:
    """A notice, a decision, a filing or a receipt has happened: its date is today or before.

    Raises:
        ImpossibleValue: the option and the date.
    """
    for name in PAST_FACTS:
        day = facts.get(name)
        if isinstance(day, date) and day > today:
            raise ImpossibleValue(f"--{OPTION.get(name, name)} {day} lies in the future; today is {today}.", "Give the date it happened.")


def warnings_of(clocks: tuple[Clock, ...]) -> tuple[str, ...]:
    """Warnings the running clocks carry, each once, and the one that nobody chose a candidate date."""
    running = [clock for clock in clocks if clock.status in RUNNING]
    said = list(dict.fromkeys(warning for clock in running for warning in clock.warning.split(WARNINGS) if warning))
    if any(clock.candidate and by_care(clock) for clock in running):
        said.insert(0, "where the care is given is not recorded: nobody chose this date (`appeals coverage CASE --care`)")
    if any(clock.candidate and not by_care(clock) for clock in running):
        said.insert(0, "plan not identified: nobody chose this date (`appeals coverage CASE` sets the plan's facts)")
    return tuple(said)


def _after(change: Change) -> Case:
    if change.after is None:
        raise RuntimeError("a step always changes its case")
    return change.after
