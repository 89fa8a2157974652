"""Where a case's money is: eight buckets, and what nobody has answered for yet. Whatever moves leaves one and enters another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from appeals import show
from appeals.errors import ImpossibleValue
from appeals.model import Case, ServiceLine

Of = TypeVar("Of", Case, ServiceLine)
PAID, CONTRACTUAL, DISPUTED, RECOVERED = "paid", "contractual", "disputed", "recovered"
PATIENT, OTHER_PAYER, WRITTEN_OFF, LOST = "patient", "other_payer", "written_off", "lost"
BUCKETS = (PAID, CONTRACTUAL, DISPUTED, RECOVERED, PATIENT, OTHER_PAYER, WRITTEN_OFF, LOST)
UNANSWERED = "unanswered"  # billed, and no notice has said what becomes of it: no column, but what the buckets leave
COLUMNS = tuple(f"{bucket}_cents" for bucket in BUCKETS)
POSTED = "posted_cents"
WORDS = {
    PAID: "paid", CONTRACTUAL: "contractual", DISPUTED: "in dispute", RECOVERED: "recovered", PATIENT: "patient",
    OTHER_PAYER: "other payer", WRITTEN_OFF: "written off", LOST: "lost", UNANSWERED: "unanswered",
}  # fmt: skip


def cents(of: Case | ServiceLine, bucket: str) -> int:
    """What lies in a bucket of a case or of a line, `UNANSWERED` included."""
    if bucket == UNANSWERED:
        whole = of.billed_cents if isinstance(of, Case) else of.charge_cents
        return max(whole - held(of), 0)
    value: int = getattr(of, f"{bucket}_cents")
    return value


def held(of: Case | ServiceLine) -> int:
    """The sum of the eight buckets."""
    return sum(getattr(of, column) for column in COLUMNS)


def moved(before: Case, after: Case) -> bool:
    """Whether any of a case's money lies elsewhere than before."""
    return any(getattr(before, column) != getattr(after, column) for column in (*COLUMNS, POSTED, "billed_cents"))


def total(case: Case) -> int:
    """All the money of a case: what was billed, or where nothing was billed or a payer counted more, what its notices speak of."""
    return max(case.billed_cents, held(case))


def at_stake(case: Case) -> int:
    """What would be given up with the case: what is in dispute, and of a claim nobody answered all that is unanswered."""
    return case.disputed_cents + (cents(case, UNANSWERED) if "submitted" in (case.state, case.came_from) else 0)


@dataclass(frozen=True, slots=True)
class Purse:
    """A case with its lines while a step is decided. Money without a line lies at the level of the claim."""

    case: Case
    lines: tuple[ServiceLine, ...] = ()

    def moved(self, source: str, target: str, amount: int, shares: Mapping[int, int] | None = None) -> Purse:
        """`amount` cents from one bucket into another. `shares` says how much of it each line, by its position, gives.

        Without `shares` the claim's own part goes first, then the lines in their order.

        Raises:
            ImpossibleValue: the bucket, or the line's, does not hold that much.
        """
        if amount < 0:
            raise ValueError("money moves by what it moves, and back by a move back")
        self._holds(source, amount)
        given = dict(shares) if shares is not None else self._in_order(source, amount)
        return Purse(_moved(self.case, source, target, amount), tuple(self._line(line, source, target, given) for line in self.lines))

    def _holds(self, source: str, amount: int) -> None:
        there = cents(self.case, source)
        # A request made before the service bills nothing: its notice is the first to speak of money.
        if amount > there and not (source == UNANSWERED and not self.case.billed_cents):
            raise ImpossibleValue(
                f"{show.money(amount)} is more than the {show.money(there)} of the case that is {WORDS[source]}.",
                "Check the amount; `appeals show CASE` prints the money.",
            )

    def _in_order(self, source: str, amount: int) -> dict[int, int]:
        rest = amount - max(min(amount, cents(self.case, source) - sum(cents(line, source) for line in self.lines)), 0)
        given = {}
        for line in sorted(self.lines, key=lambda each: each.position):
            given[line.position] = min(rest, cents(line, source))
            rest -= given[line.position]
        return given

    @staticmethod
    def _line(line: ServiceLine, source: str, target: str, given: Mapping[int, int]) -> ServiceLine:
        amount = given.get(line.position, 0)
        _enough(line, source, amount)
        return _moved(line, source, target, amount) if amount else line


def _enough(line: ServiceLine, bucket: str, amount: int) -> None:
    if amount > cents(line, bucket):
        raise ImpossibleValue(
            f"Line {line.position} has {show.money(cents(line, bucket))} {WORDS[bucket]}, less than {show.money(amount)}.",
            "`appeals show CASE` prints the lines.",
        )


def _moved(of: Of, source: str, target: str, amount: int) -> Of:
    steps = [(bucket, sign * amount) for bucket, sign in ((source, -1), (target, 1)) if bucket != UNANSWERED]
    changed: dict[str, Any] = {f"{bucket}_cents": cents(of, bucket) + moved for bucket, moved in steps}
    return replace(of, **changed)


def reconciled(purse: Purse) -> Purse:
    """The purse with its lines brought back into step with the case, after each was put back by itself.

    A bucket of which the lines hold more than the case gives the surplus, line by line, to those of which they hold less;
    what has no room anywhere is said of no line.
    """
    lines = {line.position: line for line in purse.lines}
    for over in BUCKETS:
        if sum(cents(line, over) for line in purse.lines) <= cents(purse.case, over):
            continue  # nothing that is moved below makes more of what is not too much
        for position in sorted(lines):
            for under in (*BUCKETS, UNANSWERED):
                surplus = sum(cents(line, over) for line in lines.values()) - cents(purse.case, over)
                room = cents(purse.case, under) - sum(cents(line, under) for line in lines.values())
                amount = min(surplus, room, cents(lines[position], over))
                if amount > 0:
                    lines[position] = _moved(lines[position], over, under, amount)
    return given_way(Purse(purse.case, tuple(lines[line.position] for line in purse.lines)), set(lines))


def given_way(purse: Purse, positions: Collection[int]) -> Purse:
    """The purse in which these lines say less of each bucket of which the lines hold more than the case."""
    lines = {line.position: line for line in purse.lines}
    for over in BUCKETS:
        surplus = sum(cents(line, over) for line in lines.values()) - cents(purse.case, over)
        for position in sorted(positions, reverse=True):
            less = max(min(surplus, cents(lines[position], over)), 0)
            if less:
                lines[position], surplus = _moved(lines[position], over, UNANSWERED, less), surplus - less
    return Purse(purse.case, tuple(lines[line.position] for line in purse.lines))


def shares_of(lines: Sequence[ServiceLine], bucket: str, wanted: Sequence[tuple[int, int | None]]) -> dict[int, int]:
    """Position -> cents, for lines named with an amount or, without one, with all they have in the bucket.

    Raises:
        ImpossibleValue: the case has no such line, or it has nothing there.
    """
    known = {line.position: line for line in lines}
    found: dict[int, int] = {}
    for position, amount in wanted:
        if position not in known:
            said = ", ".join(map(str, sorted(known))) or "none"
            raise ImpossibleValue(f"The case has no line {position}; its lines: {said}.", "`appeals show CASE` prints the lines.")
        if not cents(known[position], bucket):
            raise ImpossibleValue(f"Line {position} has nothing {WORDS[bucket]}.", "`appeals show CASE` prints the lines.")
        found[position] = found.get(position, 0) + (cents(known[position], bucket) if amount is None else amount)
        _enough(known[position], bucket, found[position])
    return found


def taken_back(now: Of, moves: Sequence[Mapping[str, int]]) -> Of:
    """`now` without what these moves (column -> cents that came into it) did to its money.

    Money that has moved on since stays where it is: what is posted stays recovered, and what cannot be taken out of one
    bucket is not put into another.
    """
    deltas = {column: sum(move.get(column, 0) for move in moves) for column in (*COLUMNS, POSTED)}
    posted = max(now.posted_cents - deltas[POSTED], 0) if isinstance(now, Case) else 0
    floor = {f"{RECOVERED}_cents": posted}
    values = {column: max(getattr(now, column) - deltas[column], floor.get(column, 0)) for column in COLUMNS}
    surplus = sum(values.values()) - (held(now) - sum(deltas[column] for column in COLUMNS))
    for column in COLUMNS:
        if surplus > 0 and deltas[column] < 0:
            less = min(surplus, values[column])
            values[column], surplus = values[column] - less, surplus - less
    return replace(now, **(values | ({POSTED: posted} if isinstance(now, Case) else {})))
