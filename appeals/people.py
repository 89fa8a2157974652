"""Who a case is about and who works it: frozen values, no I/O. The same conventions as `model`, which gives them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PROGRAMMES = (
    "employer", "individual", "church_or_government", "medicare_ffs", "medicare_advantage", "part_d",
    "medicaid_managed_care", "medicaid_ffs", "tricare", "fehb",
)  # fmt: skip
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The tenant: its dates are dates in `zone`."""

    id: str
    name: str
    zone: str
    state: str
    sandbox: bool = False
    write_off_limit_cents: int = 50_000
    created_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works cases; `account` is the login the operating system vouches for."""

    id: str
    practice_id: str
    account: str
    name: str
    email: str = ""
    role: str = "biller"
    backup: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who gave the care."""

    id: str
    practice_id: str
    name: str
    npi: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Who got the care; never merged by guess. `name_key` is the normalised name identity goes by.

    `merged_into` is the id of the patient who turned out to be the same person.
    """

    id: str
    practice_id: str
    name: str
    name_key: str
    birth_date: date | None = None
    merged_into: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientIdentifier:
    """A number a patient is known by: system `mrn`, or `member:<payer id>`."""

    id: str
    practice_id: str
    patient_id: str
    system: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays or denies; the plan facts are defaults that a new coverage copies and marks as defaults."""

    id: str
    practice_id: str
    name: str
    name_key: str
    payer_number: str = ""
    programme: str = UNKNOWN
    funding: str = UNKNOWN
    grandfathered: str = UNKNOWN
    issue_state: str = UNKNOWN
    internal_levels: str = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One patient with one payer. Each plan fact may be `unknown`; `facts_from` is `payer_default` or `entered`."""

    id: str
    practice_id: str
    patient_id: str
    payer_id: str
    member_id: str = ""
    group_number: str = ""
    rank: str = "primary"
    starts_on: date | None = None
    ends_on: date | None = None
    programme: str = UNKNOWN
    funding: str = UNKNOWN
    grandfathered: str = UNKNOWN
    issue_state: str = UNKNOWN
    internal_levels: str = UNKNOWN
    rating_period_start: date | None = None
    facts_from: str = "payer_default"
