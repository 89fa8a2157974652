"""SqlStore: the records of one practice, behind `appeals.services.store.Store`. It reads values and writes only in `apply`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from appeals.model import Case, Clock, Coverage, Filing, Patient, PatientIdentifier, Payer, Person, Practice, Provider
from appeals.record import Change, Head, IntakeFile, RulePack, Situation, StoredEvent
from appeals.reminders import Plan
from appeals.services.kept import Original
from appeals.services.ledger import Ledger
from appeals.services.store import Applied, CaseRow
from appeals.weighing import Tally
from db import cases, finding, lists, parties, reminded, reminding, trail
from db.engine import Database
from db.known_claims import KnownClaims
from db.opening import findings, open_database
from db.originals import Originals
from db.outbox import Outboxes
from db.practices import all_practices, called
from db.rows import fetch
from db.waiting import Waitings
from db.writing import write

P = ParamSpec("P")
T = TypeVar("T")


class SqlStore(Outboxes, Originals, KnownClaims, Waitings):
    """One practice's records in the file at `path`; `practice` is its name or id, needed only where there are several.

    Raises:
        NoDatabase, NewerDatabase, BadConfiguration: see `db.opening.open_database`.
        NotFound, Ambiguous: no such practice, or none named where there are several.
    """

    def __init__(self, path: str | Path, practice: str = "", *, driver: ModuleType | None = None) -> None:
        self.database: Database = open_database(path, driver=driver)
        try:
            self.practice: Practice = called(self.database.read(all_practices), practice)
        except BaseException:
            self.database.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()

    def __enter__(self) -> SqlStore:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()

    def _read(self, query: Callable[Concatenate[Connection, str, P], T], *args: P.args, **given: P.kwargs) -> T:
        return self.database.read(lambda connection: query(connection, self.practice.id, *args, **given))

    def _all(self, kind: type[T], order: tuple[str, ...] = ("id",), **by: Any) -> tuple[T, ...]:
        return self.database.read(lambda connection: fetch(connection, kind, self.practice.id, order=order, **by))

    def apply(self, changes: Sequence[Change], *, request_id: str, since: int | None = None, original: Original | None = None) -> Applied:
        """Write all of `changes` with their events and the bytes of `original` in one transaction, or nothing.

        Raises:
            Overtaken: since the log had the size `since`, somebody was made known by another command.
            StaleCase: a stored case is no longer its `before`, a command with this request id was faster, or others kept writing.
            StorageError, CannotWrite: the disk.
        """
        applied = self.database.write(lambda connection: write(connection, self.practice.id, changes, request_id, since, original))
        if any(isinstance(value, Practice) for change in changes for value in change.puts):
            self.practice = called(self.database.read(all_practices), self.practice.id)
        return applied

    def together(self, work: Callable[[], T], *, kept: bool = True) -> T:
        """What `work` returns, with all it reads and applies in one transaction that holds others up; unless `kept` nothing of it stays."""
        return self.database.together(work, kept=kept)

    def request(self, request_id: str) -> StoredEvent | None:
        """The first event of the command with this request id, if it ever committed."""
        return self._read(trail.by_request, request_id)

    def situation(self, ref: str) -> Situation:
        """A case and all that hangs on it, by case, claim or payer control number. Raises NotFound, Ambiguous."""
        return self._read(cases.situation, ref)

    def case_rows(self, *, states: Sequence[str] = (), page: int = cases.LARGEST_PAGE) -> Iterator[CaseRow]:
        """Cases by number with their running clocks; no transaction is open while they are consumed."""
        after = cases.FIRST
        while rows := self._read(cases.page, after=after, size=page, states=states):
            yield from rows
            after = rows[-1].case.number

    def due_rows(self, until: date, *, page: int = cases.LARGEST_PAGE) -> Iterator[CaseRow]:
        """Cases on which a clock runs that must be worked by `until`, each once, open or closed."""
        return lists.due(self._read, until, page)

    def open_count(self, owners: tuple[str, ...] = ()) -> int:
        """How many cases are open; with `owners`, theirs alone."""
        return self._read(lists.open_count, owners)

    def tallies(self, newest: int) -> tuple[Tally, ...]:
        """How the `newest` decisions on appeals fell, by category and level."""
        return self._read(lists.tallies, newest)

    def find(self, words: str) -> tuple[CaseRow, ...]:
        """Cases by any number exactly; where none has it, by patient name or member id in which every word occurs."""
        return self._read(finding.found, words)

    def payers(self) -> tuple[Payer, ...]:
        """All payers, by name."""
        return self._all(Payer, ("name", "id"))

    def payer(self, *, name_key: str, payer_number: str = "") -> Payer | None:
        """The payer with this number, else of this name. Raises Ambiguous."""
        return self._read(parties.payer, name_key, payer_number)

    def patient(self, *, mrn: str, payer_id: str, member_id: str, name_key: str, birth_date: date | None) -> Patient | None:
        """One person; nobody is guessed. Raises Ambiguous."""
        return self._read(
            parties.patient_known_by, mrn=mrn, payer_id=payer_id, member_id=member_id, name_key=name_key, birth_date=birth_date
        )

    def insured(self, *, payer_id: str, member_id: str) -> tuple[Patient, ...]:
        """Everybody with this member id at this payer."""
        return self._read(parties.insured, payer_id, member_id)

    def patients(self, words: str) -> tuple[Patient, ...]:
        """Patients by id, record number, member id or name."""
        return self._read(parties.patients, words)

    def identifiers(self, patient_id: str) -> tuple[PatientIdentifier, ...]:
        """The numbers a patient is known by."""
        return self._all(PatientIdentifier, ("system", "value"), patient_id=patient_id)

    def merged_into(self, patient_id: str) -> tuple[Patient, ...]:
        """Everybody who turned out to be this patient."""
        return self._all(Patient, merged_into=patient_id)

    def coverages(self, patient_id: str) -> tuple[Coverage, ...]:
        """A patient's coverages."""
        return self._all(Coverage, patient_id=patient_id)

    def provider(self, npi: str) -> Provider | None:
        """The provider with this NPI."""
        return self._read(parties.provider, npi)

    def npis(self) -> tuple[str, ...]:
        """The NPIs of whoever gave the care of any case."""
        return tuple(provider.npi for provider in self._all(Provider) if provider.npi)

    def people(self) -> tuple[Person, ...]:
        """Everybody who works cases, by account."""
        return self._all(Person, ("account",))

    def case_by_claim(self, payer_id: str, claim_number: str) -> Case | None:
        """The case of a payer with this claim number: of several an open one, else the newest."""
        return self._read(cases.case_by_claim, payer_id, claim_number)

    def cases_of_patient(self, patient_id: str) -> tuple[Case, ...]:
        """A patient's cases, by number."""
        return self._all(Case, ("number",), patient_id=patient_id)

    def cases_of_coverage(self, coverage_id: str) -> tuple[Case, ...]:
        """A coverage's cases, by number."""
        return self._all(Case, ("number",), coverage_id=coverage_id)

    def case_by_id(self, case_id: str) -> Case:
        """The case with this id. Raises NotFound."""
        return self._read(cases.case_by_id, case_id)

    def rule_packs(self) -> tuple[RulePack, ...]:
        """The packs the practice loaded that hold now, by pack id."""
        return self._read(cases.rule_packs, active=True)

    def packs_ever(self) -> tuple[RulePack, ...]:
        """Every pack the practice loaded, by pack id."""
        return self._read(cases.rule_packs, active=None)

    def code_lists(self) -> tuple[RulePack, ...]:
        """The office's own lists of descriptions that hold now, by pack id."""
        return self._read(cases.rule_packs, active=True, codes=True)

    def code_lists_ever(self) -> tuple[RulePack, ...]:
        """Every list of descriptions the office loaded, by pack id."""
        return self._read(cases.rule_packs, active=None, codes=True)

    def filings(self) -> Iterator[tuple[Filing, str]]:
        """Every appeal with the category of its case, by id; no transaction is open while they are consumed."""
        after = cases.FIRST
        while found := self._read(lists.filings, after=after):
            yield from found
            after = found[-1][0].id

    def intake_file(self, sha256: str) -> IntakeFile | None:
        """The file with these bytes: the one that was taken, if it ever was."""
        found = self._all(IntakeFile, sha256=sha256)
        return next((file for file in found if file.state == "taken"), found[-1] if found else None)

    def reminded(self, clock_ids: Sequence[str]) -> frozenset[tuple[str, str, str, str]]:
        """Ledger keys (clock id, stage, recipient, channel) already sent for these clocks."""
        return self._read(trail.reminded, clock_ids)

    def remind(self, asked: Plan, key: str, decide: Callable[[Ledger], Iterable[Change]], *, request_id: str) -> Head:
        """Fill the ledger with what is due as the run `key`, and write what `decide` makes of it, in one transaction."""
        return self.database.write(lambda connection: reminding.ran(connection, self.practice.id, asked, key, decide, request_id))

    def ledger(self, key: str, rehearsing: Plan | None = None) -> Ledger:
        """The reminders of the run `key`; with `rehearsing`, those it would have."""
        return reminding.ledger(self._read, key, rehearsing)

    def runs(self, on: date | None = None) -> tuple[StoredEvent, ...]:
        """The entries of the good daily runs of the day `on`, oldest first; without a day that of the last one."""
        return self._read(reminded.runs, on)

    def events(self, *, after: int = 0, **chosen: Any) -> Iterator[StoredEvent]:
        """Entries by sequence, of those `Chosen` names or all; no transaction is open while they are consumed."""
        place, wanted = 0, trail.Chosen(**chosen)
        while True:
            entries, place = self._read(trail.page, wanted, after=after, place=place)
            if not entries:
                return
            yield from entries

    def histories(self, case_ids: Sequence[str], last: date) -> Iterator[StoredEvent]:
        """The entries of these cases up to the day `last`, by sequence in each case."""
        return iter(self._read(trail.histories, cases=case_ids, last=last))

    def places(self, **chosen: Any) -> list[int]:
        """The sequence numbers of the chosen entries."""
        return self._read(trail.places, trail.Chosen(**chosen))

    def leaves(self, until: int) -> Iterator[bytes]:
        """The leaves of the log's first `until` entries, for as long as none is missing and each is a hash."""
        return trail.hashes(lambda after: self._read(trail.leaves, after=after, until=until))

    def checked_events(self) -> Iterator[StoredEvent]:
        """Every entry with what stands beside it, however damaged; no transaction is open while they are consumed."""
        after = 0
        while entries := self._read(trail.checked_page, after):
            yield from entries
            after = entries[-1].seq

    def head(self) -> Head:
        """The log's size and root."""
        return self._read(trail.head)

    def log_peaks(self) -> str:
        """The end of the log's tree as it is stored."""
        return self._read(trail.peaks)

    def log_amiss(self) -> tuple[str, ...]:
        """What is kept beside the log and does not fit its entries; empty when clean."""
        return self._read(trail.amiss)

    def last_on(self) -> date | None:
        """The latest day any event ran as."""
        return self._read(trail.last_on)

    def integrity(self) -> tuple[str, ...]:
        """What the database's own checks find wrong; empty when clean."""
        return self.database.read(findings)

    def state_rows(self) -> Iterator[tuple[Case, tuple[Clock, ...]]]:
        """Every case with all its clocks, by number; no transaction is open while they are consumed."""
        after = cases.FIRST
        while rows := self._read(cases.states_page, after=after):
            yield from rows
            after = rows[-1][0].number

    def content(self, document_id: str) -> bytes:
        """The bytes of a document, which no other reader fetches. Raises NotFound."""
        return self._read(cases.content, document_id)
