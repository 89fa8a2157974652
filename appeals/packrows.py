"""The rows of rule packs: law, contracts and house targets as frozen values. They are data; nothing here reads, checks or counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True, kw_only=True)
class Presumption:
    """When a notice counts as received although nobody proved it.

    Proof of another day rebuts it: `both` ways, or only for an `earlier` or a `later` day.
    """

    length: int
    unit: str
    counted_from: str
    rebuttable: str
    cite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What must pass before the count begins: the act is too early until then."""

    length: int
    unit: str
    calendar: str
    cite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A second date the deadline is compared with: the `later` or the `earlier` of the two counts. Length 0 is the fact's own day."""

    pick: str
    counted_from: str
    length: int
    unit: str
    cite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """The same act under another condition, or its second half. Only shown."""

    length: int
    unit: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolling:
    """The count stops on the day one fact happens and goes on from the day the other does."""

    stops: str
    restarts: str
    with_extension: bool
    cite: str
    terms: str


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
    """A stricter reading of the same words. It moves no legal date; the day to work by keeps inside it."""

    length: int
    unit: str
    counted_from: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a rule said between two dates (None: no date is stated), how it counts, and where it says so."""

    effective_from: date | None
    effective_to: date | None
    direction: str
    length: int
    unit: str
    business_calendar: str
    start_day_counts: bool
    if_no_such_day: str
    by_time: time | None
    waits: Wait | None
    presumption: Presumption | None
    also: Bound | None
    roll: str
    fallback: Fallback | None
    shorter: Shorter | None
    alternative: Alternative | None
    extension: Extension | None
    tolling: Tolling | None
    filed_when: str
    if_missed: str
    next_step: str
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
    when it is not recorded. `versioned_by` is the fact whose date picks the version. Of `levels`, `states`, `filed_by`
    and `care` an empty one restricts nothing.
    """

    id: str
    title: str
    event: str
    kind: str
    owed_by: str
    starts_on: tuple[str, ...]
    levels: tuple[str, ...]
    states: tuple[str, ...]
    filed_by: tuple[str, ...]
    case_kinds: tuple[str, ...]
    care: tuple[str, ...]
    urgency: tuple[str, ...]
    counts_from: tuple[str, ...]
    pick: str
    else_from: tuple[str, ...]
    versioned_by: str
    version: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """A rung that ladders are made of. `gap` says why it has no filing time of its own here; "" where it has.

    `silence` is what follows when whoever decides it lets its time run out: the claimant may go on as if it were `deemed`
    decided, the file is `forwarded` by law, or `none`.
    """

    id: str
    name: str
    track: str
    decided_by: str
    obligation: str
    silence: str
    clock_kind: str
    amount: str
    cite: str
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Whether a party may file at some levels: in its `own` right, `with` one of these documents, or `never`.

    `network` and `case_kinds` say for whom the row holds; empty: for everybody. `says` is what would give the right.
    """

    levels: tuple[str, ...]
    party: str
    network: tuple[str, ...]
    case_kinds: tuple[str, ...]
    standing: str
    documents: tuple[str, ...]
    says: str
    cite: str
    source: str
    checked_on: date
    verified: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A provision that matters and is no clock, and why it is none."""

    id: str
    says: str
    no_clock: str
    cite: str
    source: str
    checked_on: date
    verified: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeRow:
    """Plan facts, the packs they need, and the internal levels (for plans with one or two) and external levels they lead to.

    `by_state` says what the state adds: `external` levels, or the whole ladder of a Medicaid programme, or "none".
    """

    id: str
    label: str
    why: str
    programme: tuple[str, ...]
    funding: tuple[str, ...]
    grandfathered: tuple[str, ...]
    one_level: tuple[str, ...]
    two_levels: tuple[str, ...]
    external: tuple[str, ...]
    by_state: str
    packs: tuple[str, ...]
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """What the state whose law governs a plan adds; code `other` stands for every state without a row of its own."""

    code: str
    name: str
    external: tuple[str, ...]
    external_packs: tuple[str, ...]
    medicaid_managed_care: tuple[str, ...]
    medicaid_ffs: tuple[str, ...]
    medicaid_packs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What must be in dispute, in cents, in each forum for filings made between two dates (None: no date is stated)."""

    id: str
    programmes: tuple[str, ...]
    cents: Mapping[str, int]
    effective_from: date | None
    effective_to: date | None
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
    """How long before a day and an hour to remind, what `today` calls soon, and how old the last good run may be."""

    offsets: tuple[int, ...]
    hours: tuple[int, ...]
    soon_days: int
    stale_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KindReminding:
    """The same for clocks of some kinds, in place of what holds for all."""

    id: str
    kinds: tuple[str, ...]
    offsets: tuple[int, ...]
    hours: tuple[int, ...]
