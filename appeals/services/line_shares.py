"""What the facts of a step say of each line's share in money that moves. Decides nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appeals import money
from appeals.money import UNANSWERED, Purse


def named_shares(facts: Mapping[str, Any]) -> dict[int, int] | None:
    """What `sums.completed` found each line to give; None where no line was named."""
    told = facts.get("shares")
    return {int(position): share for position, share in told.items()} if told else None


def of_each_line(purse: Purse, source: str, facts: Mapping[str, Any], name: str, amount: int) -> dict[int, int] | None:
    """What a remittance says of each line (`by_line`); None where the lines do not have it there, or do not say where all of it goes.

    What nobody has answered may lie at the level of the claim, what is in dispute or won lies on the lines.
    """
    told = {line["position"]: line[name] for line in facts.get("by_line") or ()}
    lines = {line.position: line for line in purse.lines}
    if not told or any(position not in lines or cents > money.cents(lines[position], source) for position, cents in told.items()):
        return None
    total = sum(told.values())
    return told if total == amount or (source == UNANSWERED and total < amount) else None
