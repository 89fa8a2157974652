"""The rows of a payer's contract as frozen values; `contract` makes rules of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Whose terms a pack holds. A payer is known by its number where that is given, else by its name."""

    payer: str
    payer_number: str
    closed_by_member_appeal: bool
    closing_cite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One time limit of a contract. `level` is the dispute's own level, or the member appeal's.

    Of `care`, `network` and `programmes` (lines of business) an empty one means any.
    """

    id: str
    what: str
    level: int
    care: tuple[str, ...]
    urgency: tuple[str, ...]
    network: tuple[str, ...]
    programmes: tuple[str, ...]
    length: int
    unit: str
    business_calendar: str
    counts_from: str
    filed_when: str
    effective_from: date | None
    effective_to: date | None
    notes: tuple[str, ...]
    cite: str
    source: str
    checked_on: date
    verified: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where something is sent for one line of business, and when somebody last made sure."""

    purpose: str
    line_of_business: str
    address: str
    fax: str
    portal: str
    telephone: str
    verified_on: date
