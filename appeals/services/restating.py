"""What a notice makes of the money of a case beside the lines it does not speak of. Decides; never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from appeals import money
from appeals.model import Case, ServiceLine
from appeals.record import Run, Situation
from appeals.services import sums
from appeals.services.denials import DenialRows, NoticeRows, line_rows

# What gives way first where a notice leaves less room than the lines it does not speak of take: what is in dispute goes last.
GIVES_WAY = (*(f"{bucket}_cents" for bucket in (money.WRITTEN_OFF, money.LOST)), *(c for c in money.COLUMNS if c != "disputed_cents"))


def told_by(case: Case, facts: Mapping[str, Any], rows: DenialRows, *, anew: bool = False) -> dict[str, Any]:
    """The buckets after a notice. Lines it does not name stay as they were, as far as the claim has room for them.

    `split`: it is about another part of the claim, so that it adds. `anew`, `replaces`: it decides anew on the claim it is about.
    """
    denied, by_hand = rows.denial.denied_cents, not facts.get("source")
    if facts.get("split"):
        return sums.another(case, facts, disputed=denied)
    named = {line.id for line in rows.lines}
    beside = [line for line in rows.known if line.id not in named]
    kept = {column: min(sum(getattr(line, column) for line in beside), getattr(case, column)) for column in money.COLUMNS}
    if by_hand or not named or not any(kept.values()):
        return sums.told_by(case, facts, disputed=denied, by_hand=by_hand)
    billed = max(case.billed_cents - sum(kept.values()), 0)
    apart = replace(case, billed_cents=billed, **{column: getattr(case, column) - kept[column] for column in money.COLUMNS})
    after = replace(apart, **sums.told_by(apart, facts, disputed=denied, by_hand=False))
    more = not (anew or facts.get("replaces") or _restates(case, rows))
    if not more:
        taken = max(money.held(after), sum(line.charge_cents for line in rows.lines))
        kept = _within(kept, max(case.billed_cents - taken, 0))
    fields = {column: getattr(after, column) + kept[column] for column in money.COLUMNS}
    fields[money.POSTED] = min(case.posted_cents, fields["recovered_cents"])
    return fields | ({"billed_cents": max(case.billed_cents, sum(fields[c] for c in money.COLUMNS))} if more else {})


def part_paid(situation: Situation, facts: Mapping[str, Any], run: Run) -> tuple[dict[str, Any], NoticeRows]:
    """The buckets and lines after another part of the claim was paid: it adds, and touches nothing that is in dispute or was won."""
    case = situation.case
    standing = tuple(line for line in situation.lines if not line.voided)
    lines = line_rows(case, facts.get("lines") or (), situation.lines, run, part=True)
    fields = sums.another(case, {**facts, "paid": facts["amount"]}, disputed=0)
    return fields, NoticeRows(lines=lines, known=standing).in_step(replace(case, **fields))


def _restates(case: Case, rows: DenialRows) -> bool:
    """Whether the notice is about the claim the case has so far: it names a line of it, or the same total with a service of it."""
    before = {line.id for line in rows.known}
    if any(line.id in before for line in rows.lines):
        return True
    same_total = _charge(rows.lines) in (case.billed_cents, _charge(rows.known))
    return same_total and not {line.procedure for line in rows.lines}.isdisjoint(line.procedure for line in rows.known)


def _charge(lines: Sequence[ServiceLine]) -> int:
    return sum(line.charge_cents for line in lines)


def _within(kept: Mapping[str, int], room: int) -> dict[str, int]:
    """What is kept, so much less that it fits."""
    left, excess = dict(kept), max(sum(kept.values()) - room, 0)
    for column in dict.fromkeys((*GIVES_WAY, *money.COLUMNS)):
        less = min(excess, left[column])
        left[column], excess = left[column] - less, excess - less
    return left
