"""What opens a resolved case again: a person, a takeback, or a denial that came after. Decides; never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from appeals.guards import Attempt
from appeals.model import Case, ClockStatus
from appeals.record import Run
from appeals.services import clockwork as cw
from appeals.services import restating, sums
from appeals.services.decisions import Effect
from appeals.services.denials import DenialRows, denial_rows

RESOLVING = (
    "pay",
    "void",
    "approve",
    "overturn",
    "partially-overturn",
    "peer-overturn",
    "uphold",
    "bill-other-payer",
    "bill-patient",
    "write-off",
)


def reopen(attempt: Attempt, run: Run) -> Effect:
    case, facts, situation = attempt.situation.case, attempt.facts, attempt.situation
    # What another part of the claim was denied takes nothing back: what was ended for the others stays so.
    ended = [
        c for c in situation.clocks if c.hard and c.level >= case.level and c.status is ClockStatus.CANCELLED and not facts.get("split")
    ]
    stopped = tuple(c for c in ended if c.owed_by in ("us", "patient") and c.met_by in RESOLVING)
    again = {"outcome": "", "path": "", "appealable": ""}
    if facts.get("split") or says_all(case, facts):
        rows = denial_rows(case, facts, run, level=case.level, already=situation.lines)
        fields = restating.told_by(case, facts, rows, anew=not facts.get("split"))
        return _denied(case, facts, rows, {**fields, **again}, Effect(reopened=stopped))
    moved, lines = sums.parts(situation, sums.reopened(situation, facts))
    fields = {**moved, **again}
    if not facts.get("notice"):
        return Effect(fields=fields, replaces=lines, reopened=stopped)
    # A new denial or a takeback notice opens it: its own time to act runs from its own date.
    disputed = moved.get("disputed_cents", case.disputed_cents)
    rows = denial_rows(case, {**facts, "amount": disputed}, run, level=case.level, already=situation.lines)
    return _denied(case, facts, rows, fields, Effect(replaces=lines, reopened=stopped))


def says_all(case: Case, facts: Mapping[str, Any]) -> bool:
    """Whether a remittance says anew, line by line, all that is paid, taken off and denied of the claim."""
    charged = sum(line.charge_cents for line in facts.get("lines") or ())
    return bool(facts.get("notice") and facts.get("source")) and charged > 0 and charged == case.billed_cents


def _denied(case: Case, facts: Mapping[str, Any], rows: DenialRows, fields: Mapping[str, Any], so_far: Effect) -> Effect:
    """The effect with the notice, what it says of each line, and the time it gives."""
    effect = replace(so_far, fields=fields, triggers=(cw.denial_trigger(rows.denial, case),))
    if not facts.get("lines"):
        return replace(effect, makes=rows.new)
    rows = rows.in_step(replace(case, **fields))
    return replace(effect, makes=rows.new, replaces=rows.replaced)
