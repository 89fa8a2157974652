"""What a payer authorised: number, days and units, kept as a mark, and a clock that says until when it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from appeals.appointments import authorised_clock
from appeals.errors import ImpossibleValue, MissingFact
from appeals.model import RUNNING, Clock, ClockStatus
from appeals.record import Mark, Run, Situation
from appeals.services import clockwork as cw
from appeals.services.delays import MarkEffect
from appeals.services.governing import packs_of
from appeals.services.opening import learned_numbers
from appeals.standing import AUTHORISED

OBTAINED = "authorisation-obtained"
WINDOW = ("valid_from", "valid_to", "units")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a step or mark that names an authorisation brings: its words, the clocks, and for a step the mark."""

    words: str = ""
    clocks: tuple[Clock, ...] = ()
    marks: tuple[Mark, ...] = ()


def brought(situation: Situation, facts: Mapping[str, Any], run: Run, *, dated: date) -> Brought:
    """The authorisation among the facts; a newer one takes the place of an older.

    Raises:
        MissingFact: days or units of an authorisation without its number. ImpossibleValue: it ends before it begins.
    """
    number, begins, ends, units = (facts.get(name) for name in ("authorisation", *WINDOW))
    if not number:
        if any(facts.get(name) is not None for name in WINDOW):
            raise MissingFact("--valid-from, --valid-to and --units are of an authorisation.", "Give its number: `--authorisation`.")
        return Brought()
    if begins and ends and ends < begins:
        raise ImpossibleValue(f"Valid to {ends}, before it begins on {begins}.", "Check `--valid-from` and `--valid-to`.")
    words = _words(number, begins, ends, units)
    kept = Mark(
        id=run.new_id(),
        practice_id=run.practice.id,
        case_id=situation.case.id,
        name=OBTAINED,
        dated=dated,
        text=words,
        about=situation.case.id,
    )
    if ends is None:
        return Brought(words=words, marks=(kept,))
    older = tuple(cw.ended(cw.Ending(clock=c, status=ClockStatus.CANCELLED, on=run.on, by=OBTAINED)) for c in _running(situation))
    clock = authorised_clock(packs_of(situation), situation.case, begins or dated, ends, run.new_id())
    return Brought(words=words, clocks=(*older, clock), marks=(kept,))


def obtained(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """The payer gave a number by telephone or letter."""
    found = brought(situation, facts, run, dated=dated)
    return MarkEffect(makes=learned_numbers(situation, facts, run), clocks=found.clocks, first=found.words, about=situation.case.id)


def closed(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """It was used up, renewed, or is needed no more: nobody has to watch its end."""
    over = tuple(cw.Ending(clock=c, status=ClockStatus.MET, on=dated, by="authorisation-closed") for c in _running(situation))
    return MarkEffect(clocks=tuple(cw.ended(end) for end in over), about=situation.case.id)


def _running(situation: Situation) -> list[Clock]:
    return [c for c in situation.clocks if c.kind == AUTHORISED and c.status in RUNNING]


def _words(number: str, begins: date | None, ends: date | None, units: int | None) -> str:
    """`PA-1, 2026-12-01 to 2027-02-28, 6 units`."""
    days = f"{begins} to {ends}" if begins and ends else f"from {begins}" if begins else f"to {ends}" if ends else ""
    return ", ".join(filter(None, (number, days, f"{units} units" if units else "")))
