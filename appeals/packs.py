"""Rule packs together: law, contracts, house targets and plan facts by id, and the version of a rule in force. It never counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from appeals.contractrows import Address, Contract, Term
from appeals.errors import NoRule
from appeals.packrows import (
    Amount,
    Channel,
    KindReminding,
    LevelRow,
    RegimeRow,
    Reminding,
    Right,
    Rule,
    Statement,
    StateRow,
    Target,
    Version,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One file, as read: `hash` is the SHA-256 of its bytes. A pack with a `contract` belongs to one payer."""

    id: str
    version: str
    title: str
    hash: str
    rule: tuple[Rule, ...] = ()
    level: tuple[LevelRow, ...] = ()
    regime: tuple[RegimeRow, ...] = ()
    state: tuple[StateRow, ...] = ()
    amount: tuple[Amount, ...] = ()
    target: tuple[Target, ...] = ()
    channel: tuple[Channel, ...] = ()
    reminding: tuple[KindReminding, ...] = ()
    right: tuple[Right, ...] = ()
    statement: tuple[Statement, ...] = ()
    term: tuple[Term, ...] = ()
    address: tuple[Address, ...] = ()
    reminders: Reminding | None = None
    contract: Contract | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packs:
    """Every pack together; `origin` tells which a rule or target came from. Equal to itself alone, so that what follows may be kept."""

    packs: tuple[Pack, ...]
    rules: Mapping[str, Rule]
    levels: Mapping[str, LevelRow]
    regimes: tuple[RegimeRow, ...]
    states: tuple[StateRow, ...]
    amounts: tuple[Amount, ...]
    targets: Mapping[str, Target]
    channels: Mapping[str, Channel]
    reminders: Reminding
    reminding: Mapping[str, KindReminding]
    rights: tuple[Right, ...]
    statements: Mapping[str, Statement]
    contracts: tuple[Pack, ...]
    origin: Mapping[str, Pack] = field(repr=False)

    @property
    def soon_days(self) -> int:
        """How near a date is when it is soon."""
        return self.reminders.soon_days

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id.

        Raises:
            NoRule: no pack has it.
        """
        if rule_id in self.statements:
            raise NoRule(f"{rule_id} is no clock: {self.statements[rule_id].no_clock}.", f"`appeals rules show {rule_id}` says what it is.")
        if rule_id not in self.rules:
            raise NoRule(f"No rule pack has a rule {rule_id}.", "`appeals rules list` names them.")
        return self.rules[rule_id]

    def lead(self, channel: str = "") -> Channel:
        """The channel with this id, or the one assumed while nobody has chosen.

        Raises:
            NoRule: there is no such channel.
        """
        for found in self.channels.values():
            if found.id == channel or (not channel and found.default):
                return found
        raise NoRule(f"No lead time is known for the channel {channel!r}.", f"Channels: {', '.join(self.channels)}.")


def in_force(rule: Rule, on: date) -> Version:
    """The version of `rule` in force on `on`.

    Raises:
        NoRule: none was.
    """
    for version in rule.version:
        if (version.effective_from or date.min) <= on <= (version.effective_to or date.max):
            return version
    raise NoRule(f"{rule.id} has no version in force on {on}.", "Check the date; an older or newer version must be added to its rule pack.")
