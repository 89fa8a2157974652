"""Many steps from one file: each row judged by itself, then all written together, or each as it comes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from appeals.errors import AppealsError, ImpossibleValue, MissingFact, NotFound
from appeals.record import Change, Run
from appeals.services import steps, writing
from appeals.services.store import Store

KEY = 24  # hex digits that tell one row's work from another's


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the file: where it stands, the case, the step, and its facts, or why they could not be read."""

    line: int
    ref: str
    step: str
    facts: Mapping[str, Any]
    wrong: AppealsError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a row: `moved` says from where to where, `error` why not."""

    row: Row
    moved: str = ""
    error: AppealsError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The rows of a file with what became of each; `written` is how many steps lie in the database now."""

    outcomes: tuple[Outcome, ...]
    written: int
    each: bool
    dry_run: bool

    @property
    def failed(self) -> int:
        return sum(outcome.error is not None for outcome in self.outcomes)


def all_or_none(store: Store, rows: Sequence[Row], run: Run) -> Batch:
    """Decide every row, and write all of them in one transaction if none is refused. A case may stand in one row only.

    Raises:
        StaleCase, Busy: somebody was faster; nothing was written.
        ImpossibleValue: the request id was used for other work, or `--if-version` was given.
    """
    writing.of_many_cases(run)
    outcomes: list[Outcome] = []
    changes: list[Change] = []
    seen: dict[str, int] = {}
    if before := writing.entries_of(store, run):
        _same_work(store, rows, before)
        return Batch(outcomes=tuple(Outcome(row=row, moved="already done") for row in rows), written=0, each=False, dry_run=run.dry_run)
    for row in rows:
        try:
            decided = _decided(store, row, run)
            first = seen.setdefault(decided[0].event.case or "", row.line)
            if first != row.line:
                raise MissingFact(f"This case stands in line {first} too.", "Take one step a case at a time, or `--each`.")
        except AppealsError as error:
            outcomes.append(Outcome(row=row, error=error))
        else:
            changes += decided
            outcomes.append(Outcome(row=row, moved=_moved(decided[0])))
    fine = all(outcome.error is None for outcome in outcomes)
    written = writing.commit(store, run, changes) if fine and changes else None
    return Batch(outcomes=tuple(outcomes), written=len(rows) if written else 0, each=False, dry_run=run.dry_run)


def each(store: Store, rows: Iterable[Row], run: Run) -> Batch:
    """Take each row as it comes, in a transaction of its own; a refused one stops none of the others.

    With the same request id a second run ends what a first one began: a row is known by its case, step and facts, so
    the sheet may be put in another order, mended or added to meanwhile.

    Raises:
        ImpossibleValue: `--if-version` was given.
    """
    writing.of_many_cases(run)
    outcomes = []
    twins: Counter[str] = Counter()
    moved: dict[str, int] = {}  # in a dry run: case id -> the line that would move it
    for row in rows:
        try:
            if row.wrong:
                raise row.wrong
            case = store.situation(row.ref).case
            if case.id in moved:
                outcomes.append(Outcome(row=row, moved=f"not judged: line {moved[case.id]} moves this case first"))
                continue
            key = _key(case.id, row)
            twins[key] += 1
            own = replace(run, request_id=f"{run.request_id}:{key}:{twins[key]}")
            done = steps.advance(store, row.ref, row.step, row.facts, own)
        except AppealsError as error:
            outcomes.append(Outcome(row=row, error=error))
        else:
            outcomes.append(
                Outcome(row=row, moved=f"already done on {done.already}" if done.already else f"{done.was} -> {done.case.state}")
            )
            if run.dry_run and not done.already:
                moved[case.id] = row.line
    fine = [outcome for outcome in outcomes if outcome.error is None]
    return Batch(outcomes=tuple(outcomes), written=0 if run.dry_run else len(fine), each=True, dry_run=run.dry_run)


def _work(case_id: str, step: str, facts: Mapping[str, Any], reason: str) -> str:
    """A step on a case as one text: equal where it is the same work."""
    return json.dumps([case_id, step, facts, reason], sort_keys=True)


def _work_of(case_id: str, row: Row) -> str:
    return _work(case_id, row.step, writing.plain(steps.told_in_the_trail(row.facts)), row.facts.get("reason") or "")


def _key(case_id: str, row: Row) -> str:
    return hashlib.sha256(_work_of(case_id, row).encode()).hexdigest()[:KEY]


def _same_work(store: Store, rows: Sequence[Row], before: Sequence[Mapping[str, Any]]) -> None:
    """Refuse rows that are not what the request id was used for: swallowing them would lose them. Raises ImpossibleValue."""
    done = []
    for entry in before:
        # A step of the sheet moves a case; what it opened besides (another payer's case) is no row.
        if entry["kind"] == "step" and entry["changes"].get("version", [None])[0] is not None:
            facts = {name: value for name, value in entry["facts"].items() if name not in ("made", "replaced")}
            done.append(_work(entry["case"], entry["name"], facts, entry["reason"]))
    try:
        asked = [_work_of(store.situation(row.ref).case.id, row) for row in rows if row.wrong is None]
    except NotFound:
        asked = []
    if any(row.wrong for row in rows) or sorted(asked) != sorted(done):
        raise ImpossibleValue(
            f"This request id was used before, for {before[0]['name']} and other rows or values.",
            "Give each sheet a request id of its own.",
        )


def _decided(store: Store, row: Row, run: Run) -> tuple[Change, ...]:
    if row.wrong:
        raise row.wrong
    return steps.step_changes(store.situation(row.ref), row.step, row.facts, run, store=store)


def _moved(change: Change) -> str:
    if change.before is None or change.after is None:
        raise RuntimeError("a step always moves a case")
    return f"{change.before.state} -> {change.after.state}"
