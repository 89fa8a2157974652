"""What one import has decided so far, laid over the store: the second claim of a new patient finds the first's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, TypeVar

from appeals.errors import Ambiguous
from appeals.model import ClaimNumber, Clock, Coverage, Denial, Patient, PatientIdentifier, Payer, Provider, ServiceLine
from appeals.record import Change, Mark, Proposal, RemittanceEntry, Situation
from appeals.services.kept import SETTLED, WAITING
from appeals.services.parties import SEVERAL_PATIENTS
from appeals.services.store import Store

T = TypeVar("T")
KNOWN = (Payer, Patient, PatientIdentifier, Coverage, Provider)
NOT_TAKEN = ("person", "elsewhere", WAITING)  # what became of entries that are asked again
AGAIN, BEFORE = "already in this file", "taken in before"
OTHER_MONEY = "already read with another charge or payment: correct the case if this one is right"
OTHERWISE = "already read with other dates, reasons or lines: correct the case if this one is right"
CHANGED = (OTHER_MONEY, OTHERWISE)


class Entry(NamedTuple):
    """What one entry of a remittance is known by, in whatever bytes it comes: payer, numbers, trace, place in its payment."""

    payer_id: str
    claim_number: str
    payer_control: str
    trace: str
    position: int
    status: str


class Overlay:
    """A `Directory`, and the cases this import has touched, as they will stand once written. `file_id` is the file it reads."""

    def __init__(self, store: Store, file_id: str) -> None:
        self._store = store
        self._file_id = file_id
        self._opened: set[str] = set()
        self._providers: dict[str, Provider] = {}
        self._payers: dict[tuple[str, str], Payer] = {}  # a file names few, again and again
        self._left: dict[Entry, tuple[tuple[int, int], str]] = {}
        self.forget()

    def forget(self) -> None:
        """What was decided so far is written: the store knows it now."""
        self._made: dict[str, dict[str, Any]] = {}
        # A file may make tens of thousands of patients known: who has a number, and whose coverage it is, is looked up, not searched.
        self._identified: dict[tuple[str, str], dict[str, None]] = {}  # by system and number, as the store tells who has a member id
        self._people: dict[str, Patient] = {}
        self._covered: dict[str, dict[str, Coverage]] = {}
        self._cases: dict[str, Situation] = {}
        self._numbered: dict[tuple[str | None, str], set[str]] = {}  # by payer and number; None is whatever payer
        self._seen = {**self._left}
        # Looked up together for the claims that are decided next: asking for each takes longer than all else.
        self._nobodys: frozenset[str] = frozenset()
        self._strangers: frozenset[str] = frozenset()
        self._told: dict[str, list[RemittanceEntry]] = {}

    def payer(self, *, name_key: str, payer_number: str = "") -> Payer | None:
        for payer in self._of(Payer):
            if payer.name_key == name_key and payer_number in (payer.payer_number, ""):
                return payer
        found = self._payers.get((name_key, payer_number)) or self._store.payer(name_key=name_key, payer_number=payer_number)
        if found is not None:
            self._payers[name_key, payer_number] = found
        return found

    def patient(self, *, mrn: str, payer_id: str, member_id: str, name_key: str, birth_date: date | None) -> Patient | None:
        if not (mrn or member_id):
            return None
        wanted = ("mrn", mrn) if mrn else (f"member:{payer_id}", member_id)
        numbered = [self._people[each] for each in self._identified.get(wanted, ()) if each in self._people]
        fits = [one for one in numbered if mrn or (one.name_key == name_key and not _born_otherwise(one, birth_date))]
        if (mrn or member_id) not in self._strangers and not (mrn and fits):
            known = self._store.patient(mrn=mrn, payer_id=payer_id, member_id=member_id, name_key=name_key, birth_date=birth_date)
            fits += [known] if known else []
        return _only(fits, birth_date)

    def merged_into(self, patient_id: str) -> tuple[Patient, ...]:
        return () if patient_id in self._made.get(Patient.__name__, ()) else self._store.merged_into(patient_id)

    def coverages(self, patient_id: str) -> tuple[Coverage, ...]:
        stored = () if patient_id in self._made.get(Patient.__name__, ()) else self._store.coverages(patient_id)
        return tuple(({one.id: one for one in stored} | self._covered.get(patient_id, {})).values())

    def provider(self, npi: str) -> Provider | None:
        found = self._providers.get(npi) or self._store.provider(npi)
        if found is not None:
            self._providers[npi] = found
        return found

    def cases(self, payer: Payer, numbers: Iterable[str]) -> tuple[Situation, ...]:
        """Every case of the payer that has one of these numbers, by number, as this import leaves it so far; no void one."""
        wanted = {number for number in numbers if number}
        asked = () if payer.id in self._made.get(Payer.__name__, ()) else sorted(wanted - self._nobodys)
        stored = self._store.cases_by_numbers(payer.id, asked) if asked else ()
        ids = {case.id: case.number for case in stored}
        ids |= {each: self._cases[each].case.number for number in wanted for each in self._numbered.get((payer.id, number), ())}
        return self._standing(ids)

    def cases_of_member(self, payer: Payer, member_id: str, name_key: str) -> tuple[Situation, ...]:
        """The cases a patient has with the payer, as this import leaves them so far; no void one."""
        patient = self.patient(mrn="", payer_id=payer.id, member_id=member_id, name_key=name_key, birth_date=None)
        if patient is None:
            return ()
        stored = self._store.cases_of_patient(patient.id)
        ids = {case.id: case.number for case in stored if case.payer_id == payer.id}
        mine = (one.case for one in self._cases.values())
        return self._standing(ids | {case.id: case.number for case in mine if (case.patient_id, case.payer_id) == (patient.id, payer.id)})

    def cases_of_any_payer(self, number: str) -> tuple[Situation, ...]:
        """Every case that has this number at whatever payer, as this import leaves it so far; no void one."""
        stored = () if number in self._nobodys else self._store.cases_by_claim(number)
        ids = {case.id: case.number for case in stored}
        return self._standing(ids | {each: self._cases[each].case.number for each in self._numbered.get((None, number), ())})

    def of_case(self, case_id: str) -> Situation:
        """The case with this id, as this import leaves it so far."""
        return self._cases.get(case_id) or self._store.situation(self._store.case_by_id(case_id).number)

    def opened(self, case_id: str) -> bool:
        """Whether this import opens the case."""
        return case_id in self._opened

    def of_claim(self, claim_number: str) -> tuple[Situation, ...]:
        """The cases of whatever payer that have this claim number of ours, as this import leaves them so far."""
        stored = self._store.cases_of_claim(claim_number) if claim_number and claim_number not in self._nobodys else ()
        ids = {case.id: case.number for case in stored}
        made = (one.case for one in self._cases.values() if claim_number and one.case.claim_number == claim_number)
        ids |= {case.id: case.number for case in made if case.id in self._opened}
        return tuple(self._cases.get(each) or self._store.situation(number) for each, number in ids.items())

    def _standing(self, ids: Mapping[str, str]) -> tuple[Situation, ...]:
        ordered = sorted(ids, key=lambda each: (ids[each], each))
        found = (self._cases.get(each) or self._store.situation(ids[each]) for each in ordered)
        return tuple(one for one in found if one.case.outcome != "void")

    def expect(self, *, numbers: Iterable[str], people: Iterable[str], told: Iterable[str]) -> None:
        """Look up together what claims are known by, people's numbers, and claim numbers as entries have them: most are nobody's."""
        wanted = {number for number in numbers if number}
        self._nobodys = frozenset(wanted - self._store.numbers_known(sorted(wanted)))
        persons = {number for number in people if number}
        self._strangers = frozenset(persons - self._store.people_known(sorted(persons)))
        self._told = {number: [] for number in told}
        for one in self._store.entries_of_claims(sorted(self._told)):
            self._told[one.claim_number].append(one)

    def take(self, situation: Situation, changes: Iterable[Change]) -> None:
        """Lay the changes over: rows made, and the case as it stands after them."""
        for change in changes:
            self.know(value for value in change.puts if type(value) in KNOWN)
            if change.after is None:
                continue
            if change.before is None:
                self._opened.add(change.after.id)
            clocks: dict[str, Clock] = {clock.id: clock for clock in situation.clocks} | {clock.id: clock for clock in change.clocks}
            situation = replace(
                situation,
                case=change.after,
                clocks=tuple(clocks.values()),
                denials=_with(situation.denials, change, Denial),
                lines=_with(situation.lines, change, ServiceLine),
                claim_numbers=_with(situation.claim_numbers, change, ClaimNumber),
                marks=_with(situation.marks, change, Mark),
                proposals=_with(situation.proposals, change, Proposal),
            )
        case = situation.case
        self._cases[case.id] = situation
        self._people[case.patient_id] = situation.patient
        for payer_id in {None, case.payer_id, *(row.payer_id for row in situation.claim_numbers)}:
            for number in (case.claim_number, *(row.value for row in situation.claim_numbers)):
                self._numbered.setdefault((payer_id, number), set()).add(case.id)

    def seen(self, entry: Entry, money: tuple[int, int], said: str = "") -> str:
        """AGAIN or BEFORE where this very entry stood in this file already, or in one taken in with other bytes; else "".

        One of CHANGED where it stood there with other `money` (charge and payment in cents), or `said` something else.
        """
        if entry in self._seen:
            return AGAIN if self._seen[entry] == (money, said) else OTHER_MONEY if self._seen[entry][0] != money else OTHERWISE
        self._seen[entry] = money, said
        # What was left for a person, or was not ours then, is asked again.
        taken = [one for one in self._entries(entry) if one.fate not in NOT_TAKEN]
        alike = [one for one in taken if (one.charge_cents, one.paid_cents) == money]
        # The entries of older databases do not keep what was said.
        if taken and not any(one.said in (said, "") for one in alike):
            return OTHERWISE if alike else OTHER_MONEY
        return "" if not taken else AGAIN if any(one.file_id == self._file_id for one in taken) else BEFORE

    def taken(self, claim_number: str) -> tuple[RemittanceEntry, ...]:
        """What files told of the claim number before, without what was left for a person or was not ours."""
        known = self._told.get(claim_number)
        found = self._store.entries_of_claims([claim_number]) if known is None else known
        return tuple(one for one in found if one.fate not in NOT_TAKEN)

    def of_no_case(self, entry: Entry) -> bool:
        """Whether nothing ever came of the entry because no case was known for it."""
        return all(one.fate == "ignored" and not one.case_id for one in self._entries(entry))

    def waiting(self, claim_number: str) -> tuple[RemittanceEntry, ...]:
        """What files told of the claim number of one of the claims decided next while it had no case."""
        return tuple(one for one in self._told.get(claim_number, ()) if one.fate in ("person", WAITING) and one.case_id is None)

    def in_payment(self, claim_number: str, trace: str) -> frozenset[str]:
        """The payer's numbers that this payment of the file has given to claims of this number so far, the one at hand among them."""
        now = {each.payer_control for each in self._seen if (each.claim_number, each.trace) == (claim_number, trace)}
        of_file = (one for one in self.taken(claim_number) if (one.file_id, one.trace) == (self._file_id, trace))
        return frozenset(now | {one.payer_control for one in of_file})

    def dealt_with(self, entry: Entry, money: tuple[int, int], said: str) -> bool:
        """Whether a person has dealt with this very entry, which was left before and said the same."""
        done = (one for one in self._entries(entry) if one.fate == SETTLED)
        return any((one.charge_cents, one.paid_cents, one.said) == (*money, said) for one in done)

    def left(self, entry: Entry) -> None:
        """The entry is left for a person: from another file it is asked again, from this one it is told once."""
        self._left[entry] = self._seen[entry]

    def _entries(self, entry: Entry) -> Sequence[RemittanceEntry]:
        """The entries this one repeats."""
        keys = entry._asdict()
        status = keys.pop("status")
        known = self._told.get(entry.claim_number)
        if known is None and not entry.payer_id:
            known = list(self._store.entries_of_claims([entry.claim_number]))
        if known is None:
            return [one for one in self._store.remittance_entries(**keys) if one.status_code == status]
        return [one for one in known if entry == Entry(one.payer_id or "", *_of(one))]

    def know(self, values: Iterable[Any]) -> None:
        """Rows made outside a case's own change."""
        for value in values:
            self._made.setdefault(type(value).__name__, {})[value.id] = value
            if isinstance(value, PatientIdentifier):
                self._identified.setdefault((value.system, value.value), {})[value.patient_id] = None
            elif isinstance(value, Patient):
                self._people[value.id] = value
            elif isinstance(value, Coverage):
                self._covered.setdefault(value.patient_id, {})[value.id] = value
                self._identified.setdefault((f"member:{value.payer_id}", value.member_id), {})[value.patient_id] = None
            elif isinstance(value, Provider) and value.npi:
                self._providers[value.npi] = value
            elif isinstance(value, Payer):
                self._payers.clear()  # another of a name may make what was found ambiguous

    def _of(self, kind: type[T]) -> list[T]:
        return [*self._made.get(kind.__name__, {}).values()]


def _born_otherwise(patient: Patient, birth_date: date | None) -> bool:
    return bool(birth_date and patient.birth_date and patient.birth_date != birth_date)


def _only(found: Sequence[Patient], birth_date: date | None) -> Patient | None:
    """The one person of those who fit, the one of this very day of birth first, as the store tells them. Raises Ambiguous."""
    exact = [one for one in found if birth_date and one.birth_date == birth_date]
    people = {one.id: one for one in exact or found}
    if len(people) > 1:
        raise Ambiguous(*SEVERAL_PATIENTS, sorted(people))
    return next(iter(people.values()), None)


def _with(known: tuple[T, ...], change: Change, kind: type[T]) -> tuple[T, ...]:
    """The rows of one kind with those of the change among them, by id."""
    rows = {value.id: value for value in (*known, *change.puts) if isinstance(value, kind)}  # type: ignore[attr-defined]  # every row has an id
    return tuple(rows.values())


def _of(one: RemittanceEntry) -> tuple[str, str, str, int, str]:
    """What a stored entry is known by, beside its payer."""
    return one.claim_number, one.payer_control, one.trace, one.position, one.status_code
