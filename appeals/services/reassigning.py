"""Work handed over: every open case of one account to another, each with its own entry, all or none."""

from __future__ import annotations

from dataclasses import dataclass

from appeals.errors import MissingFact
from appeals.model import Case, State
from appeals.record import Change, Mark, Run
from appeals.services import writing
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
    """Give every open case of `giver` ("" for those nobody owns) to `taker`. No date moves.

    Raises:
        MissingFact: no taker, or giver and taker are one.
    """
    if not taker.strip() or giver == taker:
        raise MissingFact("Nobody to give the work to.", "`--to ACCOUNT`, another than `--from`.")
    if writing.already(store, run, "owner-changed") is not None:
        return Reassigned(cases=(), giver=giver, taker=taker, already=True)

    changes: list[Change] = []

    def decide() -> list[Change]:
        cases = [row.case for row in store.case_rows(states=OPEN) if row.case.owner == giver]
        changes[:] = [_handed_over(case, taker, reason, run) for case in cases]
        return changes

    writing.commit_afresh(store, run, decide)
    handed = tuple(change.after for change in changes if change.after is not None)
    return Reassigned(cases=handed, giver=giver, taker=taker, dry_run=run.dry_run)


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
