"""The nouns of an appeal: frozen values, no I/O, no clock.

Field names equal column names in `db.schema`; a test holds the two equal. Money is integer cents of US dollars,
`*_on` and `*_date` are dates in the practice's time zone, `*_at` are aware UTC instants. An empty string means
"not given"; None means "not known" for dates and numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from appeals.people import PROGRAMMES, UNKNOWN, Coverage, Patient, PatientIdentifier, Payer, Person, Practice, Provider

__all__ = [
    "CARE", "DECISIONS", "KINDS", "PROGRAMMES", "RUNNING", "UNKNOWN", "Adjustment", "Case", "CaseLink", "ClaimNumber", "Clock",
    "ClockStatus", "Coverage", "Denial", "Filing", "Patient", "PatientIdentifier", "Payer", "PeerReview", "Person", "Practice", "Provider",
    "ServiceLine", "State",
]  # fmt: skip


class State(StrEnum):
    """Where a case stands. A level, an outcome or an owner is a field of the case, never a state."""

    SUBMITTED = "submitted"
    DENIED = "denied"
    EOB_REVIEWED = "eob_reviewed"
    APPEAL_FILED = "appeal_filed"
    PEER_REVIEW = "peer_review"
    RESOLVED = "resolved"


class ClockStatus(StrEnum):
    """Where a clock stands; only open, sent and tolled clocks still run."""

    OPEN = "open"
    SENT = "sent"
    MET = "met"
    MISSED = "missed"
    TOLLED = "tolled"
    CANCELLED = "cancelled"


RUNNING = (ClockStatus.OPEN, ClockStatus.SENT, ClockStatus.TOLLED)
DECISIONS = ("overturned", "partial", "upheld")  # outcomes of an appeal that somebody judged
KINDS = ("pre_service", "concurrent", "post_service", "recoupment")
CARE = ("inpatient", "outpatient", "part_b_drug")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One claim, or one authorisation request, being worked.

    `level` is the rung of the plan's ladder the case stands on: the appeal to file next, or the one that is pending.
    Its money lies in eight buckets, see `money`; `posted_cents` is what of the recovered money has come. `came_from` is the
    state before a peer review; `care` is inpatient, outpatient, part_b_drug or unknown, for the times that differ by it.
    `submitted_on` is the day the payer had the claim or request, `submitted_at` the minute where hours count.
    """

    id: str
    practice_id: str
    number: str
    kind: str
    state: State
    outcome: str = ""
    level: int = 1
    patient_id: str
    payer_id: str
    coverage_id: str
    provider_id: str | None = None
    claim_number: str = ""
    owner: str = ""
    urgency: str = "standard"
    network: str = UNKNOWN
    assignment: str = UNKNOWN
    category: str = ""
    appealable: str = ""
    path: str = ""
    came_from: str = ""
    billed_cents: int = 0
    paid_cents: int = 0
    disputed_cents: int = 0
    recovered_cents: int = 0
    service_from: date | None = None
    service_to: date | None = None
    opened_on: date
    entered_on: date
    version: int = 1
    care: str = UNKNOWN
    submitted_on: date | None = None
    submitted_at: datetime | None = None
    contractual_cents: int = 0
    patient_cents: int = 0
    other_payer_cents: int = 0
    written_off_cents: int = 0
    lost_cents: int = 0
    posted_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLink:
    """Two cases that belong together: `corrected_claim`, `other_payer`, `authorisation_of`, `split_claim`."""

    id: str
    practice_id: str
    case_id: str
    other_case_id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNumber:
    """A number a case is known by: system `ours`, `payer` (control number) or `authorisation`."""

    id: str
    practice_id: str
    case_id: str
    payer_id: str
    system: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One line of the claim: what its notice said (`paid_cents`, `denied_cents`, `outcome`), and where its money is now."""

    id: str
    practice_id: str
    case_id: str
    position: int
    procedure: str = ""
    service_date: date | None = None
    charge_cents: int = 0
    paid_cents: int = 0
    denied_cents: int = 0
    outcome: str = ""
    contractual_cents: int = 0
    disputed_cents: int = 0
    recovered_cents: int = 0
    patient_cents: int = 0
    other_payer_cents: int = 0
    written_off_cents: int = 0
    lost_cents: int = 0
    voided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One CAS triplet: group code, CARC and amount; `line_id` is None where it stands at claim level."""

    id: str
    practice_id: str
    case_id: str
    denial_id: str | None
    line_id: str | None
    group_code: str
    carc: str
    rarc: str = ""
    amount_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """One notice that refuses money. `received_how` is `evidence`, `not_recorded` or `unreadable`; `level` is what it denies."""

    id: str
    practice_id: str
    case_id: str
    level: int
    notice_date: date
    received_date: date | None = None
    received_how: str = "not_recorded"
    denied_cents: int = 0
    reasons: str = ""
    letter_words: str = ""
    printed_due: date | None = None
    source: str = ""
    voided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One appeal sent: which track, who asks and by what right, how it went out and what came of it.

    `proof_kind` says how good `proof` is (see `proofs`), `result` what the fax or portal answered.
    """

    id: str
    practice_id: str
    case_id: str
    level: int
    track: str
    appellant: str
    authority: str = ""
    expedited: bool = False
    declared_by: str = ""
    channel: str = ""
    destination: str = ""
    proof: str = ""
    override_reason: str = ""
    sent_date: date
    received_date: date | None = None
    outcome: str = ""
    decided_date: date | None = None
    won_cents: int = 0
    voided: bool = False
    received_at: datetime | None = None
    proof_kind: str = ""
    tracking: str = ""
    pages: int = 0
    result: str = ""
    prepared_date: date | None = None
    acknowledged_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerReview:
    """One peer-to-peer: the call between our clinician and the payer's."""

    id: str
    practice_id: str
    case_id: str
    came_from: State
    clinician: str
    callback: str = ""
    payer_line: str = ""
    reference: str = ""
    times_offered: str = ""
    requested_date: date
    outcome: str = ""
    reviewer: str = ""
    said: str = ""
    decided_date: date | None = None
    voided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One deadline that runs, with the arithmetic that made it. See `docs/clocks.md`.

    `trigger_id` is the id of the denial, filing, peer review or case whose fact started it, so that a fact learned
    later re-dates it. Day clocks have dates and no `due_at`; hour clocks have `due_at` and `raw_due`, `legal_due`
    as its date in the practice's zone, and no `safe_due`. House clocks (`hard` False) have `target_due` only. `filer` are the
    parties whose time it is, with commas ("" any), `derivation` the steps that give its dates again, `consequence` what follows
    if it runs out.
    """

    id: str
    practice_id: str
    case_id: str
    kind: str
    level: int = 1
    track: str = ""
    regime: str = ""
    owed_by: str = "us"
    status: ClockStatus = ClockStatus.OPEN
    candidate: bool = False
    hard: bool = True
    verified: bool = True
    rule_id: str
    pack_id: str
    pack_version: str
    pack_hash: str
    filed_when: str = "sent"
    trigger: str
    trigger_id: str
    start_date: date
    start_kind: str
    start_at: datetime | None = None
    raw_due: date | None = None
    legal_due: date | None = None
    safe_due: date | None = None
    printed_due: date | None = None
    target_due: date | None = None
    work_by: date
    due_at: datetime | None = None
    arithmetic: str
    cite: str = ""
    source: str = ""
    checked_on: date | None = None
    warning: str = ""
    ended_on: date | None = None
    met_by: str = ""
    next_remind_on: date | None = None
    filer: str = ""
    derivation: str = ""
    consequence: str = ""
    next_step: str = ""
