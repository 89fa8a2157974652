"""What the services need from persistence. `db.store.SqlStore` provides it; nothing here knows SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from appeals import model, record
from appeals.reminders import Plan
from appeals.services.kept import Original, Originals
from appeals.services.known_claims import KnownClaims
from appeals.services.ledger import Ledger
from appeals.services.waiting import Waiting
from appeals.weighing import Tally

T = TypeVar("T")

# What hangs on a case, by the fields of `Situation`, and what puts it in order.
ORDER: dict[str, tuple[str, ...]] = {
    "denials": ("notice_date", "id"),
    "lines": ("position", "id"),
    "adjustments": ("line_id", "group_code", "carc", "id"),
    "filings": ("sent_date", "id"),
    "peer_reviews": ("requested_date", "id"),
    "clocks": ("work_by", "kind", "id"),
    "marks": ("dated", "id"),
    "contacts": ("dated", "id"),
    "documents": ("dated", "id"),
    "claim_numbers": ("system", "value", "id"),
    "proposals": ("made_on", "id"),
    "approvals": ("asked_on", "id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of a list: a case, its running clocks, and the names a person knows it by.

    `facts_from` and `programme` are its coverage's. `by_number`: it was looked for and found by a number on its papers, and
    not by who its patient is.
    """

    case: model.Case
    clocks: tuple[model.Clock, ...]
    patient_name: str
    payer_name: str
    member_id: str
    facts_from: str = ""
    programme: str = model.UNKNOWN
    by_number: bool = False

    @property
    def on_defaults(self) -> bool:
        """Whether its plan facts are the payer's defaults, and nobody confirmed them for this patient."""
        return self.facts_from == "payer_default" and self.programme != model.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a write left behind: the log's new head, and the cases as stored (numbers allotted)."""

    head: record.Head
    cases: tuple[model.Case, ...]
    first_seq: int


class Directory(Protocol):
    """Who is known: patients, payers, coverages, providers."""

    def payer(self, *, name_key: str, payer_number: str = "") -> model.Payer | None: ...

    def patient(self, *, mrn: str, payer_id: str, member_id: str, name_key: str, birth_date: date | None) -> model.Patient | None:
        """By MRN if given, else payer + member id + normalised name (+ birth date where both are known)."""
        ...

    def merged_into(self, patient_id: str) -> tuple[model.Patient, ...]:
        """Everybody who turned out to be this patient."""
        ...

    def coverages(self, patient_id: str) -> tuple[model.Coverage, ...]: ...

    def provider(self, npi: str) -> model.Provider | None: ...


class Records(Waiting, Protocol):
    """What is known: now, or as it was at the end of a past day (`hindsight.Then`)."""

    def situation(self, ref: str) -> record.Situation:
        """The case with this number (`A-000123`, `123`), claim number or payer control number, with all that hangs on it.

        `Document.content` is left empty. Raises NotFound, Ambiguous (candidates in `possible`).
        """
        ...

    def case_rows(self, *, states: Sequence[str] = ()) -> Iterator[CaseRow]:
        """Cases by number, with their running clocks, in pages that hold no transaction while they are consumed."""
        ...

    def due_rows(self, until: date) -> Iterator[CaseRow]:
        """Cases, open or closed, on which a clock runs that must be worked by `until`, each once; in pages as above."""
        ...

    def open_count(self, owners: tuple[str, ...] = ()) -> int:
        """How many cases are open; with `owners`, theirs alone."""
        ...

    def tallies(self, newest: int) -> tuple[Tally, ...]:
        """How the `newest` decisions on appeals fell, by category and level."""
        ...

    def find(self, words: str) -> tuple[CaseRow, ...]:
        """Cases by any number exactly, or by patient name or member id (every word must occur)."""
        ...

    def people(self) -> tuple[model.Person, ...]: ...

    def rule_packs(self) -> tuple[record.RulePack, ...]:
        """The packs the practice loaded that hold, by pack id; lists of codes are none."""
        ...

    def code_lists(self) -> tuple[record.RulePack, ...]:
        """The office's own lists of descriptions that hold, by pack id."""
        ...


class Store(Directory, Records, Originals, KnownClaims, Protocol):
    """One practice's records. Every reader ends its transaction before it returns, or before each yielded page."""

    practice: model.Practice

    def apply(
        self, changes: Sequence[record.Change], *, request_id: str, since: int | None = None, original: Original | None = None
    ) -> Applied:
        """Write all of `changes` with their events and the bytes of `original` in one transaction, or nothing.

        `request_id` goes, unique per practice, on the first event. `since` is the log's size when who is known was
        looked up: two who meet one new payer at once must not make two of it.

        Raises:
            Overtaken: since then somebody opened a case or made a patient, payer or coverage known.
            StaleCase: a stored case is no longer its `before` (names who moved it where), or the database stayed busy.
        """
        ...

    def together(self, work: Callable[[], T], *, kept: bool = True) -> T:
        """What `work` returns, with all it reads and applies in one transaction: on an error, or unless `kept`, nothing of it stays.

        It sees what it applied, and nobody else writes meanwhile. It may be called again where the database was busy.
        """
        ...

    def request(self, request_id: str) -> record.StoredEvent | None:
        """The first event a command with this request id wrote, if it ever committed."""
        ...

    def content(self, document_id: str) -> bytes:
        """The bytes of a document, which no other reader fetches. Raises NotFound."""
        ...

    def insured(self, *, payer_id: str, member_id: str) -> tuple[model.Patient, ...]:
        """Everybody with this member id at this payer, whatever their name: a member shares it with dependants."""
        ...

    def npis(self) -> tuple[str, ...]: ...

    def payers(self) -> tuple[model.Payer, ...]: ...

    def patients(self, words: str) -> tuple[model.Patient, ...]:
        """Patients by id, MRN, member id or name (every word must occur), for exports; merged ones too."""
        ...

    def identifiers(self, patient_id: str) -> tuple[model.PatientIdentifier, ...]:
        """The numbers a patient is known by."""
        ...

    def case_by_claim(self, payer_id: str, claim_number: str) -> model.Case | None: ...

    def cases_of_patient(self, patient_id: str) -> tuple[model.Case, ...]: ...

    def cases_of_coverage(self, coverage_id: str) -> tuple[model.Case, ...]: ...

    def case_by_id(self, case_id: str) -> model.Case: ...

    def packs_ever(self) -> tuple[record.RulePack, ...]:
        """Every pack the practice loaded, whether it holds now or not, by pack id; lists of codes are none."""
        ...

    def code_lists_ever(self) -> tuple[record.RulePack, ...]:
        """Every list of descriptions the office loaded, whether it holds now or not, by pack id."""
        ...

    def filings(self) -> Iterator[tuple[model.Filing, str]]:
        """Every appeal with the category of its case, in pages as above."""
        ...

    def intake_file(self, sha256: str) -> record.IntakeFile | None: ...

    def left_for_a_person(self) -> tuple[record.RemittanceEntry, ...]:
        """Entries of files no import could take and nobody has answered yet, oldest first."""
        ...

    def left_ever(self) -> tuple[tuple[record.RemittanceEntry, record.IntakeFile], ...]: ...

    def outbox(self, *statuses: str) -> tuple[record.Outbox, ...]:
        """The messages of these statuses, the oldest first."""
        ...

    def message(self, message_id: str) -> record.Outbox | None:
        """The message with this Message-ID, whatever became of it."""
        ...

    def move(self, before: record.Outbox, after: record.Outbox, changes: Sequence[record.Change] = (), *, request_id: str = "") -> bool:
        """Put `after` in the place of `before` with the events that say so, in one transaction.

        False where its status or attempts are no longer as they were read: nothing was written then.
        """
        ...

    def proposals(self, status: str = "open") -> tuple[record.Proposal, ...]: ...

    def reminded(self, clock_ids: Sequence[str]) -> frozenset[tuple[str, str, str, str]]:
        """Ledger keys (clock id, stage, recipient, channel) already sent for these clocks."""
        ...

    def remind(self, asked: Plan, key: str, decide: Callable[[Ledger], Iterable[record.Change]], *, request_id: str) -> record.Head:
        """Fill the ledger with all that is due and not in it yet, as the run `key`, and write what `decide` makes of it; all or nothing.

        Who comes second waits, and then finds what the first one told. `decide` may be called again where the database was busy, and
        may read no store but the ledger it is given.
        """
        ...

    def ledger(self, key: str, rehearsing: Plan | None = None) -> Ledger:
        """The reminders of the run `key`; with `rehearsing`, those `remind` would make: then nothing is written to the file."""
        ...

    def runs(self, on: date | None = None) -> tuple[record.StoredEvent, ...]:
        """The entries of the good daily runs of the day `on`, oldest first; without a day that of the last one."""
        ...

    def events(
        self,
        *,
        patient_id: str = "",
        case_id: str = "",
        kind: str = "",
        first: date | None = None,
        last: date | None = None,
        until: int | None = None,
        after: int = 0,
    ) -> Iterator[record.StoredEvent]:
        """Stored entries by sequence, in pages that hold no transaction.

        Of one patient, one case or one kind, or all; of the days `first` to `last`; with a number above `after`, up to `until`.
        """
        ...

    def histories(self, case_ids: Sequence[str], last: date) -> Iterator[record.StoredEvent]:
        """The entries of these cases up to the day `last`, by sequence in each case; read at once, so name few."""
        ...

    def places(
        self, *, patient_id: str = "", case_id: str = "", first: date | None = None, last: date | None = None, until: int | None = None
    ) -> list[int]:
        """The sequence numbers of the entries `events` would give."""
        ...

    def leaves(self, until: int) -> Iterator[bytes]:
        """The leaves of the log's first `until` entries, in pages as above; it ends where one is missing."""
        ...

    def checked_events(self) -> Iterator[record.StoredEvent]:
        """Every stored entry with its `columns`, in pages as above; damaged text is given with marks in it, and never an error."""
        ...

    def head(self) -> record.Head: ...

    def log_peaks(self) -> str:
        """The end of the log's tree, to which the next entry is added, as it is stored."""
        ...

    def log_amiss(self) -> tuple[str, ...]:
        """What is kept beside the log and does not fit its entries: each patient's count. Empty when clean."""
        ...

    def last_on(self) -> date | None:
        """The latest `on` of any event: a sandbox may not go back before it."""
        ...

    def integrity(self) -> tuple[str, ...]:
        """What the database's own checks find: page integrity and foreign keys. Empty when clean."""
        ...

    def state_rows(self) -> Iterator[tuple[model.Case, tuple[model.Clock, ...]]]:
        """Every case with all its clocks, running or not, for `doctor` to compare with the fold of the log."""
        ...
