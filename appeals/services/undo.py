"""Taking back the last step: a compensating event that names the one it undoes. Nothing is erased."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from appeals import fold, money, rules
from appeals.errors import StepRefused
from appeals.model import RUNNING, Case, Clock, ClockStatus, State
from appeals.record import Change, Run, Situation
from appeals.services import redating, steps, writing
from appeals.services.clockwork import RE_DATED
from appeals.services.governing import packs_of
from appeals.services.steps import Done
from appeals.services.store import Store
from appeals.services.writing import Replaced

HANGS_ON_CASE = ("denials", "filings", "peer_reviews", "marks", "lines", "approvals")
LINES = "service_line"
WITH_A_STEP = ("recoupment-notice",)  # the mark that taking a proposal makes beside its step
MONEY = frozenset((*money.COLUMNS, money.POSTED))
OF_ITS_OWN = frozenset(("version", "number", *MONEY))


def undo(store: Store, ref: str, reason: str, run: Run) -> Done:
    """Put the case back where it stood before its last step not yet undone, clocks included.

    Undoing `open` ends in resolved · void: an opened case is never erased.

    Raises:
        StepRefused: there is nothing left to undo.
    """
    situation = store.situation(ref)
    if (before := writing.already(store, run, "undo", situation.case.id)) is not None:
        return Done(case=situation.case, step="undo", was="", already=before["on"])
    writing.unmoved(store, situation.case, run)
    log = [json.loads(stored.text) for stored in store.events(case_id=situation.case.id)]
    step = last_step(log)
    if step is None:
        raise StepRefused(f"Case {situation.case.number}: no step is left to undo.", f"`appeals show {situation.case.number}` lists them.")
    undone = (step, *_corrections_of(step, log))
    after = _void(situation.case, run.on) if step["name"] == "open" else _put_back(situation.case, undone)
    rows = _rows(situation, after, undone)
    clocks = _settled(situation, after, rows, _clocks(situation, step, log, after, run), run)
    asked = _asked_again(situation, step, log)
    change = writing.case_change(
        run,
        "step",
        "undo",
        before=situation.case,
        after=after,
        facts={"undone": step["name"]},
        clocks=clocks,
        replaces=(*rows, *asked),
        reason=reason,
        undoes=step["seq"],
    )
    also = _linked(store, situation, step, run) if step["name"] == "bill-other-payer" else ()
    writing.commit(store, run, [change, *also])
    was, back, told = str(situation.case.state), money.moved(situation.case, after), _told(step, voided=bool(also), asked=bool(asked))
    return Done(case=after, step="undo", was=was, clocks=clocks, told=told, dry_run=run.dry_run, money_moved=back)


def _told(step: dict[str, Any], *, voided: bool, asked: bool) -> str:
    """What was taken back, and what of it stays."""
    told = f"takes back {step['name']} of {step['on']} by {step['actor']}; marks made since stay"
    if step["name"] == "bill-other-payer":
        told += "; the case opened with the other payer is void" if voided else "; the case with the other payer has moved on and stays"
    return told + ("; what an import proposed waits again (`appeals intake resolve --list`)" if asked else "")


def _linked(store: Store, situation: Situation, step: dict[str, Any], run: Run) -> tuple[Change, ...]:
    """What voids the case the step opened with the other payer, as long as nobody has worked on it."""
    opened = (store.case_by_id(link.other_case_id) for link in situation.links if link.kind == "other_payer")
    fresh = [case for case in opened if case.version == 1 and case.opened_on.isoformat() == step["on"]]
    reason = {"reason": f"bill-other-payer of case {situation.case.number} was taken back"}
    return tuple(change for case in fresh[-1:] for change in steps.step_changes(store.situation(case.number), "void", reason, run))


def last_step(log: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The newest step no later entry undoes; an undo itself is never undone."""
    undone = {entry["undoes"] for entry in log if entry["undoes"] is not None}
    steps = [e for e in log if e["kind"] == "step" and e["name"] != "undo" and e["seq"] not in undone]
    return steps[-1] if steps else None


def _asked_again(situation: Situation, step: dict[str, Any], log: Sequence[dict[str, Any]]) -> tuple[Replaced, ...]:
    """The proposals that were taken by the step, open again; one that was taken as a mark stays taken, as the mark stays."""
    since = [entry for entry in log if entry["seq"] >= step["seq"]]
    answers = [(before, entry) for before, entry in pairwise(since) if entry["name"] == "proposal-taken"]
    by_it = {entry["facts"]["proposal"] for before, entry in answers if before["kind"] != "mark" or before["name"] in WITH_A_STEP}
    mine = (one for one in situation.proposals if one.id in by_it)
    return tuple(Replaced(before=one, after=replace(one, status="open", decided_by="", decided_on=None)) for one in mine)


def _corrections_of(step: dict[str, Any], log: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Corrections of what the step made: a notice or payment that is taken back takes with it what was put right about it."""
    made = {row["id"] for row in step["facts"].get("made", ())} | ({step["case"]} if step["name"] == "pay" else set())
    return tuple(
        entry
        for entry in log
        if entry["kind"] == "correction"
        and entry["seq"] > step["seq"]
        and made & {entry["facts"].get("about"), *(row["id"] for row in entry["facts"].get("replaced", ()))}
    )


def _put_back(case: Case, undone: Sequence[dict[str, Any]]) -> Case:
    """The case with each field the step changed as it was, where nothing later has changed it again, and its money moved back."""
    now = fold.case_changes(None, case)
    back = {
        name: before
        for name, (before, after) in undone[0]["changes"].items()
        if name not in OF_ITS_OWN and now.get(name, [None, None])[1] == after
    }
    values = {name: pair[1] for name, pair in now.items()} | back
    moves = [{name: after - before for name, (before, after) in entry["changes"].items() if name in MONEY} for entry in undone]
    return replace(money.taken_back(fold.case_of(values), moves), version=case.version + 1)


def _void(case: Case, today: date) -> Case:
    return writing.touched(case, state=State.RESOLVED, outcome="void", entered_on=today)


def _clocks(situation: Situation, step: dict[str, Any], log: Sequence[dict[str, Any]], after: Case, run: Run) -> tuple[Clock, ...]:
    """Clocks the step started are cancelled, those it changed are as they were, and the house's clock runs again."""
    if not step["clocks"] and after.state is situation.case.state:
        return ()
    touched = {raw["id"] for raw in step["clocks"]}
    earlier = {raw["id"]: raw for entry in log if entry["seq"] < step["seq"] for raw in entry["clocks"] if raw["id"] in touched}
    taken_back = {made["id"] for made in step["facts"].get("made", ())}
    changed = []
    for clock in situation.clocks:
        if clock.id in earlier:
            # Dates learned since stay learned; a clock the plan facts have ruled out stays out.
            before = fold.clock_of(earlier[clock.id])
            if clock.met_by != RE_DATED:
                changed.append(replace(clock, status=before.status, ended_on=before.ended_on, met_by=before.met_by))
        elif (
            clock.id in touched
            or (clock.trigger_id in taken_back and clock.status in RUNNING)
            or (not clock.hard and clock.trigger == "state" and clock.status is ClockStatus.OPEN)
        ):
            changed.append(replace(clock, status=ClockStatus.CANCELLED, ended_on=run.on, met_by="undo", next_remind_on=None))
    if after.state is State.RESOLVED:
        return _none_owed(situation, changed, run)
    now = {c.id: c for c in (*situation.clocks, *changed)}
    # Where the house was answered before the step, it has stopped asking; only a case without any date is given one.
    if not any(c.status in RUNNING for c in now.values()):
        house = rules.house(packs_of(situation), case=after, since=run.on, new_id=run.new_id)
        changed += [house] if house else []
    return tuple(changed)


def _settled(situation: Situation, after: Case, rows: Sequence[Replaced], clocks: tuple[Clock, ...], run: Run) -> tuple[Clock, ...]:
    """The changed clocks, those of the rung the case came back to counted by the plan that is known now."""
    if after.state is State.RESOLVED:
        return clocks
    known = {clock.id: clock for clock in situation.clocks} | {clock.id: clock for clock in clocks}
    new = {row.after.id: row.after for row in rows}
    seen = replace(
        situation,
        case=after,
        denials=tuple(new.get(d.id, d) for d in situation.denials),
        filings=tuple(new.get(f.id, f) for f in situation.filings),
        marks=tuple(new.get(m.id, m) for m in situation.marks),
        clocks=tuple(known.values()),
    )
    return tuple(({clock.id: clock for clock in clocks} | {clock.id: clock for clock in redating.settled(run, seen)}).values())


def _none_owed(situation: Situation, changed: Sequence[Clock], run: Run) -> tuple[Clock, ...]:
    """The changed clocks, and every other we owe: none of them runs on in a resolved case."""
    clocks = {c.id: c for c in changed}
    for clock in (clocks.get(c.id, c) for c in situation.clocks):
        if clock.status in RUNNING and clock.owed_by in ("us", "patient"):
            clocks[clock.id] = replace(clock, status=ClockStatus.CANCELLED, ended_on=run.on, met_by="undo", next_remind_on=None)
    return tuple(clocks.values())


def _rows(situation: Situation, after: Case, undone: Sequence[dict[str, Any]]) -> tuple[Replaced, ...]:
    """Rows the step made are voided; rows it replaced are as they were, but for what money has moved on since."""
    values = {value.id: value for name in HANGS_ON_CASE for value in getattr(situation, name)}
    made = [row["id"] for row in undone[0]["facts"].get("made", ()) if row["id"] in values]
    replaced = [Replaced(before=values[each], after=replace(values[each], voided=True)) for each in made]
    for row in undone[0]["facts"].get("replaced", ()):
        if row["id"] in values and row["table"] != LINES:
            value = values[row["id"]]
            back = {name: fold.field_of(type(value), name, pair[0]) for name, pair in row["fields"].items()}
            replaced.append(Replaced(before=value, after=replace(value, **back)))
    return (*replaced, *_lines(situation, after, undone, set(made)))


def _lines(situation: Situation, after: Case, undone: Sequence[dict[str, Any]], gone: set[str]) -> tuple[Replaced, ...]:
    """Lines with the money that was moved in them moved back; what else a notice said of them is as it was."""
    found = []
    for line in (each for each in situation.lines if each.id not in gone and not each.voided):
        rows = [row["fields"] for entry in undone for row in entry["facts"].get("replaced", ()) if row["id"] == line.id]
        said = {name: fold.field_of(type(line), name, pair[0]) for row in reversed(rows) for name, pair in row.items() if name not in MONEY}
        moves = [{name: after - before for name, (before, after) in row.items() if name in MONEY} for row in rows]
        found.append(replace(money.taken_back(line, moves), **said))
    before = {line.id: line for line in situation.lines}
    kept = money.reconciled(money.Purse(after, tuple(found))).lines
    return tuple(Replaced(before=before[line.id], after=line) for line in kept if line != before[line.id])
