"""The queue: open cases by what they weigh, what has a last day at hand before all others, what is already lost apart. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from appeals import rules, standing, weighing, workflow
from appeals.model import ClockStatus
from appeals.services import lists
from appeals.services.store import CaseRow, Records
from appeals.weighing import Record, Tally, Weight

SECTIONS = ("first", "weighed", "unchosen", "lost")
PAST = ("unchosen", "lost")  # no day is left to work by: they stand at the end
WON = ("overturned", "partial")
LOST_FROM = frozenset(state for step in workflow.STEPS if step.name == "expire" for state in step.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """One case of the queue: where it stands and what it weighs. The first clock of its row is the one that presses most."""

    section: str
    row: CaseRow
    weight: Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases somebody wants to see; "" stands for all."""

    owner: str = ""
    payer: str = ""
    state: str = ""
    category: str = ""
    clock: str = ""

    def takes(self, row: CaseRow) -> bool:
        """Whether the row is one of them."""
        named = self.clock.strip().casefold().replace("-", "_").replace(" ", "_")
        return (
            (not self.owner or row.case.owner == self.owner)
            and (not self.payer or self.payer.casefold() in row.payer_name.casefold())
            and (not self.category or row.case.category == self.category)
            and (not named or any(named in clock.kind for clock in row.clocks))
        )

    @property
    def anything(self) -> bool:
        """Whether nothing was asked for in particular."""
        return self == Wanted()


def queue(records: Records, day: date, wanted: Wanted, *, by_date: bool = False) -> tuple[Queued, ...]:
    """Open cases, the heaviest first. One whose last day to work by has come stands before all others, whatever it weighs.

    With `by_date` by the day they must be worked by. What is already lost stands at the end either way.
    """
    known = records.case_rows(states=(wanted.state,) if wanted.state else lists.OPEN)
    rows = [row for row in map(lists.masked, known) if wanted.takes(row)]
    own = own_record(records.tallies(weighing.newest())) if rows else {}
    found = [_queued(row, own, day) for row in rows]
    return tuple(sorted(found, key=_by_date if by_date else _by_weight))


def own_record(tallies: Iterable[Tally]) -> dict[tuple[str, int], Record]:
    """The office's decisions by category and level, and by category alone (level 0)."""
    sums: dict[tuple[str, int], list[int]] = {}
    for tally in tallies:
        for level in (tally.level, 0):
            known = sums.setdefault((tally.category, level), [0, 0])
            known[0] += tally.decisions * (tally.outcome in WON)
            known[1] += tally.decisions
    return {key: Record(won=won, decided=decided) for key, (won, decided) in sums.items()}


def _queued(row: CaseRow, own: dict[tuple[str, int], Record], day: date) -> Queued:
    row = replace(row, clocks=tuple(sorted(row.clocks, key=lists.pressing)))
    return Queued(section=_section(row, day), row=row, weight=weighing.weigh(row.case, row.clocks, row.programme, own, day))


def _section(row: CaseRow, day: date) -> str:
    if row.case.state in LOST_FROM and standing.is_lost(row.clocks, day):
        # Dates nobody chose are no reason to give money up: the plan's own may still run.
        return "unchosen" if any(c.candidate for c in standing.routes(row.clocks)) else "lost"
    routes = [c for c in standing.routes(row.clocks) if c.status is not ClockStatus.TOLLED]
    return "first" if any(c.work_by <= day and not rules.is_overdue(c, day) for c in routes) else "weighed"


def _by_weight(one: Queued) -> tuple[int, int, date, str]:
    return (SECTIONS.index(one.section), -one.weight.cents, _work_by(one), one.row.case.number)


def _by_date(one: Queued) -> tuple[int, date, str]:
    return (PAST.index(one.section) + 1 if one.section in PAST else 0, _work_by(one), one.row.case.number)


def _work_by(one: Queued) -> date:
    return min((clock.work_by for clock in lists.ours(one.row.clocks)), default=date.max)
