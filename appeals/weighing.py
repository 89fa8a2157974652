"""What a case weighs in the queue: money at stake x chance x urgency, each part kept. It moves no date and knows no number of its own.

Chances and urgency are data of `rulepacks/chances.toml`; an office's own record goes before them where it is long enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import tomli

from appeals import fields as f
from appeals import rules, standing
from appeals.errors import BadConfiguration
from appeals.model import PROGRAMMES, Case, Clock, ClockStatus, State

WHOLE = 1000  # thousandths
OWN = "own record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many appeals of a category and level were decided one way."""

    category: str
    level: int
    outcome: str
    decisions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The share of such appeals that are won, in thousandths; `basis` is `published`, `assumption` or `own record`."""

    permille: int
    basis: str
    source: str
    checked: str
    category: str = ""
    programme: str = ""
    level: int = 0

    def fits(self, case: Case, programme: str) -> bool:
        """Whether the row is about such a case."""
        return self.category in ("", case.category) and self.programme in ("", programme) and self.level in (0, case.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A case's weight in cents, and what it is made of; `clock` is the one that makes it urgent."""

    stake_cents: int
    chance: Chance
    urgency_permille: int
    clock: Clock | None

    @property
    def cents(self) -> int:
        """Money at stake x chance x urgency."""
        return self.stake_cents * self.chance.permille * self.urgency_permille // (WHOLE * WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How many decisions of one category and level the office has, and how many of them it won."""

    won: int
    decided: int


Own = Mapping[tuple[str, int], Record]


def weigh(case: Case, clocks: Sequence[Clock], programme: str, own: Own, day: date) -> Weight:
    """What an open case weighs on `day`."""
    urgency, clock = _urgency(clocks, day)
    return Weight(stake_cents=stake(case), chance=chance(case, programme, own), urgency_permille=urgency, clock=clock)


def stake(case: Case) -> int:
    """What may be lost: the sum in dispute; of a claim or request nobody has answered, all that was billed."""
    return case.disputed_cents or (case.billed_cents if _unanswered(case) else 0)


def chance(case: Case, programme: str, own: Own) -> Chance:
    """The office's own share where it has decisions enough, of this level or of all; else the row that says most."""
    if _unanswered(case):
        return _data().unanswered
    for level in (case.level, 0):
        record = own.get((case.category, level))
        if case.category and record and record.decided >= _data().at_least:
            source = f"{record.won} of {record.decided}" + (f" at level {level}" if level else "")
            return Chance(permille=record.won * WHOLE // record.decided, basis=OWN, source=source, checked="")
    fitting = [row for row in _data().chances if row.fits(case, programme)]
    return max(fitting, key=lambda row: (row.category != "", row.programme != "", row.level != 0))


def newest() -> int:
    """How many of the office's newest decisions are counted for its own record."""
    return _data().newest


def _unanswered(case: Case) -> bool:
    """Nobody has refused anything yet: a claim or request that waits, or is talked over before it is denied."""
    waits = case.state is State.SUBMITTED or (case.state is State.PEER_REVIEW and case.came_from == State.SUBMITTED)
    return waits and not case.disputed_cents and not case.category


def _urgency(clocks: Sequence[Clock], day: date) -> tuple[int, Clock | None]:
    """The most urgent of what still can be done. A route that is gone presses nobody; a tolled clock is at rest."""
    pressing = [(_of_clock(c, day), c) for c in clocks if c.status is not ClockStatus.TOLLED and not _gone(c, day)]
    if not pressing:
        return _data().later, None
    return max(pressing, key=lambda pair: (pair[0], pair[1].hard, -pair[1].work_by.toordinal()))


def _of_clock(clock: Clock, day: date) -> int:
    ours = clock.owed_by in standing.OURS
    if not ours and not rules.is_overdue(clock, day):
        return _data().later
    left = (clock.work_by - day).days
    reached = next((permille for days, permille in _data().steps if left <= days), _data().later)
    return reached if ours and clock.hard else min(reached, _data().not_ours_by_law)


def _gone(clock: Clock, day: date) -> bool:
    return bool(standing.routes((clock,))) and rules.is_overdue(clock, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    at_least: int
    newest: int
    unanswered: Chance
    chances: tuple[Chance, ...]
    steps: tuple[tuple[int, int], ...]
    later: int
    not_ours_by_law: int


def _permille(value: Any) -> int:
    if f.count(value) > WHOLE:
        raise f.Wrong("must be thousandths, at most 1000")
    return int(value)


def _step(value: Any) -> tuple[int, int]:
    days, permille = f.some(f.count)(value)
    return days, _permille(permille)


_HOW: dict[str, f.Convert] = {
    "permille": _permille,
    "basis": f.one_of("published", "assumption"),
    "source": f.text_or_empty,
    "checked": f.text_or_empty,
}
_ROW: dict[str, f.Convert] = {
    **_HOW,
    "category": f.text_or_empty,
    "programme": f.one_of("", *PROGRAMMES),
    "level": f.count,
}


def read(text: str) -> _Data:
    """The tables of a pack of chances. Raises BadConfiguration with all that is wrong in it."""
    raw = tomli.loads(text)
    try:
        rows = f.some(lambda row: f.read(Chance, _ROW, row))(raw.get("chance"))
        own: dict[str, int] = f.read(dict, {"at_least": f.positive, "newest": f.positive}, raw.get("own_record"))
        steps: dict[str, f.Convert] = {"steps": f.some(_step), "later": _permille, "not_ours_by_law": _permille}
        found: dict[str, Any] = f.read(dict, steps, raw.get("urgency"))
        unanswered = f.read(Chance, _HOW, raw.get("unanswered"))
        _whole(rows)
    except f.Wrong as error:
        raise BadConfiguration(f"The chances of the queue cannot be read: {error}.", "See appeals/rulepacks/chances.toml.") from error
    return _Data(unanswered=unanswered, chances=rows, at_least=own["at_least"], newest=own["newest"], **found)


def _whole(rows: Iterable[Chance]) -> None:
    known = [(row.category, row.programme, row.level) for row in rows]
    if ("", "", 0) not in known:
        raise f.Wrong("no row stands for any category, plan and level")
    if len(known) != len(set(known)):
        raise f.Wrong("two rows are about the same category, plan and level")
    if any(row.basis == "published" and not (row.source and row.checked) for row in rows):
        raise f.Wrong("a published number needs its source, and how it was checked")


@cache
def _data() -> _Data:
    return read(resources.files("appeals.rulepacks").joinpath("chances.toml").read_text("utf-8"))
