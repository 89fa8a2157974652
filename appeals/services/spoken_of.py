"""Which part of a case's money a claim of a file speaks of: one part of a split claim says nothing of the others. Decides nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from appeals import money
from appeals.model import Case, ServiceLine
from appeals.record import RemittanceEntry, Situation
from appeals.services.told_lines import LineFacts, answered, placed


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenOf:
    """What a claim says of lines of the case (`told`, by position), and the `lines` it names.

    It is `whole` where it says nothing that is only of a part. `exact`: all its lines were answered before, and all that is in
    dispute lies on lines, so that they tell what the case has of it; else `others` has, by column, what is known to be of other parts.
    """

    case: Case
    told: Mapping[int, LineFacts] = field(default_factory=dict)
    lines: tuple[ServiceLine, ...] = ()
    whole: bool = False
    exact: bool = False
    others: Mapping[str, int] = field(default_factory=dict)

    def cents(self, *buckets: str) -> int:
        """What the case has in these buckets of what the claim is about."""
        if self.exact:
            return sum(money.cents(line, bucket) for line in self.lines for bucket in buckets)
        return sum(max(money.cents(self.case, bucket) - self.others.get(bucket, 0), 0) for bucket in buckets)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is in dispute of what the claim is about, and something is of the rest."""
        return self.exact and not self.cents(money.DISPUTED) and self.case.disputed_cents > 0

    def won(self, more: int) -> tuple[tuple[int, int], ...]:
        """What each line is paid more than before, by its position; () where the lines do not say where all of `more` goes."""
        gains = ((line, self.told[line.position].paid_cents - line.paid_cents - line.recovered_cents) for line in self.lines)
        found = tuple((line.position, gain) for line, gain in gains if 0 < gain <= line.disputed_cents)
        return found if sum(gain for _position, gain in found) == more else ()


def spoken_of(situation: Situation, told: Sequence[LineFacts], charge: int, others: Sequence[RemittanceEntry] = ()) -> SpokenOf:
    """What a claim charged so much speaks of: all of the case, unless it is charged less and has lines or `others` beside it.

    `others` are what files said of other parts, oldest first: of each number the last word holds.
    """
    case = situation.case
    standing = tuple(line for line in situation.lines if not line.voided)
    places = {line.position: line for line in placed(told, situation.lines)} if standing else {}
    named = tuple(line for line in standing if line.position in places)
    if charge == case.billed_cents:
        return SpokenOf(case=case, told=places, lines=named, whole=True)
    on_lines = case.disputed_cents == sum(line.disputed_cents for line in standing)
    if named and len(named) == len(told) and on_lines and all(answered(line) for line in named):
        return SpokenOf(case=case, told=places, lines=named, exact=True)
    beside = [line for line in standing if line not in named] if named else []
    apart = {bucket: sum(money.cents(line, bucket) for line in beside) for bucket in money.BUCKETS}
    last = {one.payer_control: one.paid_cents for one in others}
    apart[money.PAID] = max(apart[money.PAID], sum(last.values()))
    return SpokenOf(case=case, told=places, lines=named, whole=not any(apart.values()), others=apart)
