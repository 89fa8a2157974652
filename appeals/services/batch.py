"""Many steps from one file: each row judged by itself, then all written together, or each as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from appeals.errors import AppealsError, MissingFact
from appeals.record import Change, Run
from appeals.services import steps, writing
from appeals.services.store import Store


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
    """
    outcomes: list[Outcome] = []
    changes: list[Change] = []
    seen: dict[str, int] = {}
    if writing.already(store, run, rows[0].step if rows else "") is not None:
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

    With the same request id a second run ends what a first one began.
    """
    outcomes = []
    for row in rows:
        own = replace(run, request_id=f"{run.request_id}:{row.line}")
        try:
            if row.wrong:
                raise row.wrong
            done = steps.advance(store, row.ref, row.step, row.facts, own)
            outcomes.append(
                Outcome(row=row, moved=f"already done on {done.already}" if done.already else f"{done.was} -> {done.case.state}")
            )
        except AppealsError as error:
            outcomes.append(Outcome(row=row, error=error))
    fine = [outcome for outcome in outcomes if outcome.error is None]
    return Batch(outcomes=tuple(outcomes), written=0 if run.dry_run else len(fine), each=True, dry_run=run.dry_run)


def _decided(store: Store, row: Row, run: Run) -> tuple[Change, ...]:
    if row.wrong:
        raise row.wrong
    return steps.step_changes(store.situation(row.ref), row.step, row.facts, run, store=store)


def _moved(change: Change) -> str:
    if change.before is None or change.after is None:
        raise RuntimeError("a step always moves a case")
    return f"{change.before.state} -> {change.after.state}"
