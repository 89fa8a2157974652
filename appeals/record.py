"""What is kept about work done: marks, papers, imports, reminders, events, and the one value that is written.

Same conventions as `model`: field names equal column names, money in cents, dates in the practice's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from appeals import model
from appeals.outbox import Outbox as Outbox

LARGEST_DOCUMENT = 50 << 20  # bytes
Json = Any  # the canonical subset: str, int, bool, None, and lists and string-keyed dicts of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One command being run: who, when, as which day, and where ids and nonces come from. Made by `cli.py` only."""

    practice: model.Practice
    recorded_at: datetime
    on: date
    actor: str
    acting_for: str = ""
    purpose: str = ""
    request_id: str
    if_version: int | None = None
    dry_run: bool = False
    new_id: Callable[[], str]
    new_nonce: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A paper that belongs to a case; the bytes lie beside it, found by `sha256`."""

    id: str
    practice_id: str
    case_id: str | None
    kind: str
    direction: str
    dated: date
    sha256: str
    size: int
    name: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One call: who was spoken to, what was promised, when to call again."""

    id: str
    practice_id: str
    case_id: str
    dated: date
    number_called: str = ""
    person: str = ""
    reference: str = ""
    promised: str = ""
    next_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A dated fact that moves no state. `about` is the id of the filing or case it is about, `finding` what is wrong with it."""

    id: str
    practice_id: str
    case_id: str
    name: str
    dated: date
    text: str = ""
    voided: bool = False
    about: str = ""
    finding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """A rule pack the practice loaded: a payer's contract, or targets of its own. `text` is the file; only one of a `pack_id` is active."""

    id: str
    practice_id: str
    pack_id: str
    version: str
    sha256: str
    text: str
    active: bool = True
    loaded_on: date
    loaded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A step an import suggests; a person takes or refuses it. `facts` is JSON text of the step's options."""

    id: str
    practice_id: str
    case_id: str
    step: str
    facts: str
    reason: str
    source: str
    status: str = "open"
    made_on: date
    decided_by: str = ""
    decided_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A second person's yes to a step above the practice's limit."""

    id: str
    practice_id: str
    case_id: str
    step: str
    asked_by: str
    approved_by: str = ""
    amount_cents: int = 0
    asked_on: date
    approved_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeFile:
    """One file taken in, known by the SHA-256 of its bytes."""

    id: str
    practice_id: str
    sha256: str
    kind: str
    size: int
    state: str
    taken_on: date
    taken_by: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceEntry:
    """One claim of one remittance with its `fate`, or a provider adjustment (`payer_control` "PLB" and its code): docs/intake.md."""

    id: str
    practice_id: str
    file_id: str
    payer_id: str | None
    claim_number: str
    payer_control: str
    trace: str
    position: int
    status_code: str
    charge_cents: int
    paid_cents: int
    denied_cents: int
    fate: str
    reason: str = ""
    case_id: str | None = None
    segment: int = 0
    raw: str = ""
    said: str = ""  # a hash of what it says: what is sent again is told from what was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """The ledger: one clock, one stage (`30`, `14`, ... `0`, `late:DAY`, `overdue:DAY`), one recipient, one channel."""

    id: str
    practice_id: str
    clock_id: str
    case_id: str
    stage: str
    recipient: str
    channel: str
    sent_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of the audit trail. Names at most one patient.

    `log`, `seq`, `patient_seq` are given by the store when it appends. `facts` and `changes` hold JSON values only;
    `changes` maps a case field to [before, after]; `clocks` are complete clocks as they stand after the event.
    """

    recorded_at: datetime
    on: date
    actor: str
    acting_for: str = ""
    practice: str
    patient: str | None = None
    case: str | None = None
    case_version: int | None = None
    kind: str
    name: str
    reason: str = ""
    purpose: str = ""
    request: str = ""
    undoes: int | None = None
    source: Mapping[str, Json] | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    changes: Mapping[str, Json] = field(default_factory=dict)
    clocks: tuple[model.Clock, ...] = ()
    sandbox: bool = False
    nonce: str
    log: str = ""
    seq: int = 0
    patient_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one event writes, decided before anything is written.

    `before` and `after` are the case (None, case: it is opened; both None: no case is touched). A new case with `number` "" is given the
    next one by the store, in every change of the call. `clocks` and `puts` are written by primary key: inserted or replaced.
    """

    event: Event
    before: model.Case | None = None
    after: model.Case | None = None
    clocks: tuple[model.Clock, ...] = ()
    puts: tuple[Any, ...] = ()


class Columns(NamedTuple):
    """What an entry is searched by, beside its text: each as it lies there, days and instants as text."""

    actor: Json
    case_id: Json
    kind: Json
    log_id: Json
    name: Json
    on: Json
    patient_id: Json
    patient_seq: Json
    recorded_at: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One entry as it lies in the log: `text`, whose bytes were hashed into `leaf`, and the `columns` it is searched by if asked for."""

    seq: int
    leaf: str
    root: str
    text: str
    columns: Columns | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The log's size and root (hex) after its last entry, and when that was recorded (None where that is not known)."""

    log: str
    size: int
    root: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A row of a file that could not be read: where it lies and what is wrong. Collected, never raised."""

    segment: int
    message: str
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that hangs on one case, read at once; of a past day, what its log does not tell is `untold`."""

    case: model.Case
    patient: model.Patient
    payer: model.Payer
    coverage: model.Coverage
    provider: model.Provider | None = None
    denials: tuple[model.Denial, ...] = ()
    lines: tuple[model.ServiceLine, ...] = ()
    adjustments: tuple[model.Adjustment, ...] = ()
    filings: tuple[model.Filing, ...] = ()
    peer_reviews: tuple[model.PeerReview, ...] = ()
    clocks: tuple[model.Clock, ...] = ()
    marks: tuple[Mark, ...] = ()
    contacts: tuple[Contact, ...] = ()
    documents: tuple[Document, ...] = ()
    claim_numbers: tuple[model.ClaimNumber, ...] = ()
    links: tuple[model.CaseLink, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    approvals: tuple[Approval, ...] = ()
    rule_packs: tuple[RulePack, ...] = ()
    untold: tuple[str, ...] = ()
    also_called: tuple[str, ...] = ()  # the names of those who turned out to be its patient
