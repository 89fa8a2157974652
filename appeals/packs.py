"""Rule packs: law, house targets and plan facts as dated, cited data. It reads and checks; it never counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from appeals.errors import NoRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Presumption:
    """When a notice counts as received although nobody proved it; proof rebuts it both ways."""

    length: int
    unit: str
    counted_from: str
    cite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What the one who owes the act may lawfully add, and on what terms."""

    length: int
    unit: str
    terms: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """A general statute that may roll the last day. Only shown: the date that is not rolled stays due."""

    calendar: str
    cite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shorter:
    """Another reading that counts the same length from an earlier fact. Only shown."""

    counted_from: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a rule said between two dates (None: no date is stated), how it counts, and where it says so."""

    effective_from: date | None
    effective_to: date | None
    length: int
    unit: str
    business_calendar: str
    start_day_counts: bool
    if_no_such_day: str
    presumption: Presumption | None
    roll: str
    fallback: Fallback | None
    shorter: Shorter | None
    extension: Extension | None
    tolling: str
    filed_when: str
    if_missed: str
    notes: tuple[str, ...]
    cite: str
    source: str
    checked_on: date
    verified: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One deadline: which fact starts it, at which levels, for which cases, and its versions.

    `counts_from` names facts of which one (`pick`) starts the count; `else_from` the facts that stand in, in order,
    when it is not recorded. `versioned_by` is the fact whose date picks the version.
    """

    id: str
    title: str
    event: str
    kind: str
    owed_by: str
    starts_on: tuple[str, ...]
    levels: tuple[str, ...]
    case_kinds: tuple[str, ...]
    urgency: tuple[str, ...]
    counts_from: tuple[str, ...]
    pick: str
    else_from: tuple[str, ...]
    versioned_by: str
    version: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """A rung that ladders are made of. `gap` says why it has no filing time of its own here; "" where it has."""

    id: str
    name: str
    track: str
    decided_by: str
    filed_by: tuple[str, ...]
    obligation: str
    clock_kind: str
    amount: str
    cite: str
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeRow:
    """Plan facts, and the internal levels (for plans with one or two), external levels and other rules they lead to."""

    id: str
    label: str
    why: str
    programme: tuple[str, ...]
    funding: tuple[str, ...]
    grandfathered: tuple[str, ...]
    one_level: tuple[str, ...]
    two_levels: tuple[str, ...]
    external: tuple[str, ...]
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """What the state whose insurance law governs a policy adds; code `other` stands for every state without a row."""

    code: str
    name: str
    external: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """The amount in controversy of filings made between two dates, in cents."""

    id: str
    programmes: tuple[str, ...]
    hearing_cents: int
    court_cents: int
    effective_from: date
    effective_to: date
    cite: str
    source: str
    checked_on: date
    verified: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A house rule: how long a case may stand in a state before somebody looks at it again."""

    id: str
    state: str
    kind: str
    owed_by: str
    length: int
    unit: str
    why: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """How a filing travels, and the business days it needs before it is surely received."""

    id: str
    lead_business_days: int
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """How many days before `work_by` to remind, and what `today` calls soon."""

    offsets: tuple[int, ...]
    soon_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One file, as read: `hash` is the SHA-256 of its bytes."""

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
    reminders: Reminding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """Every pack together. `origin` tells which pack a rule or target came from."""

    packs: tuple[Pack, ...]
    rules: Mapping[str, Rule]
    levels: Mapping[str, LevelRow]
    regimes: tuple[RegimeRow, ...]
    states: tuple[StateRow, ...]
    amounts: tuple[Amount, ...]
    targets: Mapping[str, Target]
    channels: Mapping[str, Channel]
    offsets: tuple[int, ...]
    soon_days: int
    origin: Mapping[str, Pack] = field(repr=False)

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id.

        Raises:
            NoRule: no pack has it.
        """
        if rule_id not in self.rules:
            raise NoRule(f"No rule pack has a rule {rule_id}.", "`docs/clocks.md` says what a rule pack holds.")
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
