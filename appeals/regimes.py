"""Which law a coverage falls under, and its ladder. A table in the packs decides; an unknown fact gives candidates, never a guess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from appeals.errors import NoRule
from appeals.model import UNKNOWN, Coverage
from appeals.packrows import Amount, LevelRow, RegimeRow, StateRow
from appeals.packs import Packs

OTHER = "other"
KEPT = 256  # plans in memory at once: an import meets the same few over and over
PLACES = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD "  # noqa: SIM905 - one a line would be a page
    "TN TX UT VT VA WA WV WI WY PR GU VI AS MP".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One rung: who decides, on which track, and whether it must be climbed.

    `silence` is as in the packs; `obligation` is mandatory, voluntary or automatic (the payer sends the file on, nobody
    files). `amount` is the forum whose amount in controversy applies (`hearing`, `court` ...) or `none`; `gap` why it has no
    filing time here.
    """

    order: int
    name: str
    track: str
    decided_by: str
    obligation: str
    silence: str
    regime: str
    cite: str
    id: str = ""
    clock_kind: str = ""
    amount: str = "none"
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One body of law a coverage falls, or may fall, under. `gap` says for what no time is known; `state` whose law adds to it."""

    id: str
    label: str
    why: str
    ladder: tuple[Level, ...]
    gap: str = ""
    state: str = ""


class Plan(NamedTuple):
    """The plan facts that decide, without whose plan it is."""

    programme: str
    funding: str
    grandfathered: str
    issue_state: str
    internal_levels: str


def plan_of(coverage: Coverage) -> Plan:
    """The facts of a coverage that decide."""
    return Plan(coverage.programme, coverage.funding, coverage.grandfathered, coverage.issue_state, coverage.internal_levels)


def regimes(packs: Packs, coverage: Coverage | Plan) -> tuple[Regime, ...]:
    """The regime the plan facts decide; the candidates, in the table's order, where a fact is unknown."""
    return _regimes(packs, coverage if isinstance(coverage, Plan) else plan_of(coverage))


@lru_cache(maxsize=KEPT)
def _regimes(packs: Packs, plan: Plan) -> tuple[Regime, ...]:
    return tuple(regime for row in packs.regimes if _applies(row, plan) for regime in _regimes_of(packs, row, plan))


def packs_needed(packs: Packs, coverage: Coverage) -> tuple[str, ...]:
    """The ids of the packs that hold the law of every regime these plan facts could mean, each once."""
    return _packs_needed(packs, plan_of(coverage))


@lru_cache(maxsize=KEPT)
def _packs_needed(packs: Packs, plan: Plan) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for row in packs.regimes:
        if not _applies(row, plan):
            continue
        found |= dict.fromkeys(row.packs)
        for state in _states(packs, plan) if row.by_state != "none" else ():
            found |= dict.fromkeys(state.external_packs if row.by_state == "external" else state.medicaid_packs)
    return tuple(found)


def ladder_level(packs: Packs, coverage: Coverage, order: int) -> Level | None:
    """Rung `order` (from 1) of the first regime whose ladder has it; None at every candidate ladder's end."""
    for regime in regimes(packs, coverage):
        if 1 <= order <= len(regime.ladder):
            return regime.ladder[order - 1]
    return None


def amount_in_controversy(packs: Packs, coverage: Coverage, level: Level, filed: date) -> tuple[int, Amount] | None:
    """Cents that must be in dispute at this level for a filing made on `filed`, and the row that says so.

    42 CFR 405.1006: the day of filing picks the year, not the notice. None where the level has no threshold or no
    figure is known for that day.
    """
    for row in packs.amounts:
        in_force = (row.effective_from or date.min) <= filed <= (row.effective_to or date.max)
        if coverage.programme in row.programmes and in_force and level.amount in row.cents:
            return row.cents[level.amount], row
    return None


def has_amounts(packs: Packs, coverage: Coverage) -> bool:
    """Whether some level of this programme takes only what is worth a certain amount."""
    return any(coverage.programme in row.programmes for row in packs.amounts)


def _applies(row: RegimeRow, plan: Plan) -> bool:
    facts = ((plan.programme, row.programme), (plan.funding, row.funding), (plan.grandfathered, row.grandfathered))
    return all(fact in (UNKNOWN, "") or fact in allowed for fact, allowed in facts)


def _regimes_of(packs: Packs, row: RegimeRow, plan: Plan) -> Iterator[Regime]:
    states = _states(packs, plan) if row.by_state != "none" else (None,)
    unknown = _unknown(row, plan)
    why = f"{row.why}; not known: {', '.join(unknown)}" if unknown else row.why
    for state in states:
        for internal, suffix in _internal(row, plan):
            regime_id = row.id + (f"_{state.code.lower()}" if state else "") + suffix
            rungs = (*internal, *row.external, *_of_state(row, state))
            known = [packs.levels[rung] for rung in rungs if rung in packs.levels]
            ladder = tuple(_level(level, order, regime_id, state) for order, level in enumerate(known, start=1))
            gaps = dict.fromkeys(gap for gap in (row.gap, *(level.gap for level in ladder)) if gap)
            yield Regime(
                id=regime_id,
                label=row.label + (f", {state.name}" if state else "") + (", two internal levels" if suffix else ""),
                why=why,
                ladder=ladder,
                gap="; ".join(gaps),
                state=state.code if state else "",
            )


def _of_state(row: RegimeRow, state: StateRow | None) -> tuple[str, ...]:
    """The rungs the state adds: its external review, or the ladder of its Medicaid programme."""
    if state is None:
        return ()
    return {"external": state.external, "medicaid_managed_care": state.medicaid_managed_care, "medicaid_ffs": state.medicaid_ffs}[
        row.by_state
    ]


def _internal(row: RegimeRow, plan: Plan) -> tuple[tuple[tuple[str, ...], str], ...]:
    if not row.two_levels:
        return ((row.one_level, ""),)
    one, two = (row.one_level, ""), (row.two_levels, "_two_levels")
    return {"1": (one,), "2": (two,)}.get(plan.internal_levels, (one, two))


def refuse_no_state(code: str) -> None:
    """Refuse what is no state's two letters. Raises NoRule."""
    if code.upper() not in PLACES:
        raise NoRule(f"There is no state {code.upper()}.", "Two letters, for example NC (`appeals coverage CASE --issue-state NC`).")


def _states(packs: Packs, plan: Plan) -> tuple[StateRow, ...]:
    code = plan.issue_state.upper()
    if code in ("", UNKNOWN.upper()):
        return packs.states
    refuse_no_state(code)
    known = tuple(state for state in packs.states if state.code == code)
    return known or tuple(replace(state, name=code) for state in packs.states if state.code == OTHER)


def _level(row: LevelRow, order: int, regime: str, state: StateRow | None) -> Level:
    return Level(
        order=order,
        name=row.name,
        track=row.track,
        decided_by=row.decided_by,
        obligation=row.obligation,
        silence=row.silence,
        regime=regime,
        cite=row.cite,
        id=row.id,
        clock_kind=row.clock_kind,
        amount=row.amount,
        gap=row.gap.replace("{state}", state.name if state else ""),
    )


def _unknown(row: RegimeRow, plan: Plan) -> list[str]:
    """The facts that would decide, named; a fact the row takes any value of decides nothing."""
    asked = {
        "programme": plan.programme,
        "funding": plan.funding if len(row.funding) == 1 else "any",
        "grandfathered": plan.grandfathered if len(row.grandfathered) == 1 else "any",
        "issue_state": plan.issue_state if row.by_state != "none" else "any",
        "internal_levels": plan.internal_levels if row.two_levels else "any",
    }
    return [name for name, value in asked.items() if value in (UNKNOWN, "")]
