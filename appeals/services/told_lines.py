"""The lines a notice tells of, and which lines of the case they are. Decides nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from appeals import money
from appeals.model import ServiceLine


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What a remittance or a person says of one line; `adjustments` are (group, CARC, RARC, cents)."""

    position: int
    procedure: str = ""
    service_date: date | None = None
    charge_cents: int = 0
    paid_cents: int = 0
    denied_cents: int = 0
    adjustments: tuple[tuple[str, str, str, int], ...] = ()
    contractual_cents: int = 0
    patient_cents: int = 0
    other_payer_cents: int = 0


def answered(line: ServiceLine) -> bool:
    """Whether a payer has spoken of the line: until then it is one that was sent."""
    return not line.voided and bool(line.outcome or money.held(line))


def placed(told: Sequence[LineFacts], known: Sequence[ServiceLine], *, part: bool = False) -> tuple[LineFacts, ...]:
    """Lines of a notice under the positions of the case's lines they are; those it does not have come behind them.

    A payer may leave lines out or bring them in another order: a line is the one of the same procedure, day and charge, then of
    the same procedure and charge. `part`: it is another part of a split claim, so that its lines are none that were answered.
    """
    standing = [line for line in known if not line.voided]
    if not standing:
        return tuple(told)
    left = {line.position: line for line in standing if not (part and answered(line))}
    beyond, found = max(line.position for line in known), dict[int, int]()
    for alike in (_alike, _nearly):
        for at, line in enumerate(told):
            position = next((n for n, other in left.items() if at not in found and alike(line, other)), None)
            if position is not None:
                found[at] = position
                del left[position]
    places = [found.get(at, 0) for at in range(len(told))]
    for at, place in enumerate(places):
        if not place:
            beyond += 1
            places[at] = beyond
    return tuple(replace(line, position=place) for line, place in zip(told, places, strict=True))


def _alike(told: LineFacts, known: ServiceLine) -> bool:
    return _nearly(told, known) and told.service_date == known.service_date


def _nearly(told: LineFacts, known: ServiceLine) -> bool:
    """Where a payer has spoken of a line, one of another day is another: nothing that was said of it is overwritten."""
    days = {told.service_date, known.service_date} - {None}
    same_day = len(days) < 2 or not answered(known)
    return same_day and (told.procedure, told.charge_cents) == (known.procedure, known.charge_cents)
