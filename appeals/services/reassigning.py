"""Work handed over: every open case of one account to another, each with its own entry, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appeals.errors import ImpossibleValue, MissingFact
from appeals.model import Case, State
from appeals.record import Change, Mark, Run
from appeals.services import staff, writing
from appeals.services.store import Store

OPEN = tuple(str(state) for state in State if state is not State.RESOLVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """The cases that were handed over; `giver` "" is nobody."""

    cases: tuple[Case, ...]
    giver: str
    taker: str
    dry_run: bool = False
    already: bool = False


def reassign(store: Store, giver: str, taker: str, reason: str, run: Run) -> Reassigned:
    """Give every open case of `giver` ("" for those nobody owns) to `taker`, else to who stands in for `giver`. No date moves.

    Raises:
        MissingFact: no taker and no backup, or giver and taker are one.
        ImpossibleValue: the request id was used for other work, or `--if-version` was given.
    """
    taker = taker or staff.backup_of(store, giver)
    if giver == taker:
        raise MissingFact("Nobody to give the work to.", "`--to ACCOUNT`, another than `--from`.")
    writing.of_many_cases(run)
    if before := writing.entries_of(store, run):
        _same_work(before, giver, taker)
        return Reassigned(cases=(), giver=giver, taker=taker, already=True)

    changes: list[Change] = []

    def decide() -> list[Change]:
        cases = [row.case for row in store.case_rows(states=OPEN) if row.case.owner == giver]
        changes[:] = [_handed_over(case, taker, reason, run) for case in cases]
        return changes

    writing.commit_afresh(store, run, decide)
    handed = tuple(change.after for change in changes if change.after is not None)
    return Reassigned(cases=handed, giver=giver, taker=taker, dry_run=run.dry_run)


def _same_work(before: Sequence[Mapping[str, Any]], giver: str, taker: str) -> None:
    """Refuse a request id that was used for anything but handing over from `giver` to `taker`. Raises ImpossibleValue."""
    for entry in before:
        facts = entry["facts"]
        # `assign` changes an owner too, on a day that is told.
        if entry["name"] != "owner-changed" or "dated" in facts or (facts.get("from", ""), facts["to"]) != (giver, taker):
            raise ImpossibleValue(f"This request id was used before, for {entry['name']}.", "Give each command a request id of its own.")


def _handed_over(case: Case, taker: str, reason: str, run: Run) -> Change:
    said = Mark(id=run.new_id(), practice_id=case.practice_id, case_id=case.id, name="owner-changed", dated=run.on, text=f"to {taker}")
    return writing.case_change(
        run,
        "mark",
        "owner-changed",
        before=case,
        after=writing.touched(case, owner=taker),
        facts={"to": taker, "from": case.owner},
        makes=(said,),
        reason=reason,
    )
