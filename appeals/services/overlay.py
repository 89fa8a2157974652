"""What one import has decided so far, laid over the store: the second claim of a new patient finds the first's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, TypeVar

from appeals.model import ClaimNumber, Clock, Coverage, Denial, Patient, PatientIdentifier, Payer, Provider, ServiceLine
from appeals.record import Change, Proposal, Situation
from appeals.services.store import Store

T = TypeVar("T")
AGAIN, BEFORE = "already in this file", "taken in before"
CHANGED = "taken in before, with another charge or payment: correct the case if this one is right"


class Entry(NamedTuple):
    """What one entry of a remittance is known by, in whatever bytes it comes: payer, numbers, trace, place in its payment."""

    payer_id: str
    claim_number: str
    payer_control: str
    trace: str
    position: int
    status: str


class Overlay:
    """A `Directory`, and the cases this import has touched, as they will stand once written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: dict[str, Any] = {}
        self._cases: dict[str, Situation] = {}
        self._numbered: dict[tuple[str, str], set[str]] = {}
        self._opened: set[str] = set()
        self._opened_as: dict[str, list[str]] = {}
        self._seen: set[Entry] = set()

    def payer(self, *, name_key: str, payer_number: str = "") -> Payer | None:
        for payer in self._of(Payer):
            if payer.name_key == name_key and payer_number in (payer.payer_number, ""):
                return payer
        return self._store.payer(name_key=name_key, payer_number=payer_number)

    def patient(self, *, mrn: str, payer_id: str, member_id: str, name_key: str, birth_date: date | None) -> Patient | None:
        wanted = {("mrn", mrn)} if mrn else {(f"member:{payer_id}", member_id)}
        for identifier in self._of(PatientIdentifier):
            patient = self._made.get(identifier.patient_id)
            if (identifier.system, identifier.value) in wanted and patient is not None and (mrn or patient.name_key == name_key):
                return patient if isinstance(patient, Patient) else None
        return self._store.patient(mrn=mrn, payer_id=payer_id, member_id=member_id, name_key=name_key, birth_date=birth_date)

    def coverages(self, patient_id: str) -> tuple[Coverage, ...]:
        made = tuple(c for c in self._of(Coverage) if c.patient_id == patient_id)
        return made or self._store.coverages(patient_id)

    def provider(self, npi: str) -> Provider | None:
        return next((p for p in self._of(Provider) if p.npi == npi), None) or self._store.provider(npi)

    def cases(self, payer: Payer, numbers: Iterable[str]) -> tuple[Situation, ...]:
        """Every case of the payer that has one of these numbers, by number, as this import leaves it so far; no void one."""
        wanted = {number for number in numbers if number}
        stored = () if payer.id in self._made else self._store.cases_by_numbers(payer.id, sorted(wanted))
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

    def opened(self, case_id: str) -> bool:
        """Whether this import opens the case."""
        return case_id in self._opened

    def opened_as(self, claim_number: str) -> tuple[Situation, ...]:
        """The cases this import opens, with any payer, that have this claim number."""
        return tuple(self._cases[each] for each in self._opened_as.get(claim_number, ())) if claim_number else ()

    def _standing(self, ids: Mapping[str, str]) -> tuple[Situation, ...]:
        ordered = sorted(ids, key=lambda each: (ids[each], each))
        found = (self._cases.get(each) or self._store.situation(ids[each]) for each in ordered)
        return tuple(one for one in found if one.case.outcome != "void")

    def take(self, situation: Situation, changes: Iterable[Change]) -> None:
        """Lay the changes over: rows made, and the case as it stands after them."""
        for change in changes:
            self._made |= {
                value.id: value for value in change.puts if type(value) in (Payer, Patient, PatientIdentifier, Coverage, Provider)
            }
            if change.after is None:
                continue
            if change.before is None:
                self._opened.add(change.after.id)
                self._opened_as.setdefault(change.after.claim_number, []).append(change.after.id)
            clocks: dict[str, Clock] = {clock.id: clock for clock in situation.clocks} | {clock.id: clock for clock in change.clocks}
            situation = replace(
                situation,
                case=change.after,
                clocks=tuple(clocks.values()),
                denials=_with(situation.denials, change, Denial),
                lines=_with(situation.lines, change, ServiceLine),
                claim_numbers=_with(situation.claim_numbers, change, ClaimNumber),
                proposals=_with(situation.proposals, change, Proposal),
            )
        case = situation.case
        self._cases[case.id] = situation
        for number in (case.claim_number, *(row.value for row in situation.claim_numbers)):
            self._numbered.setdefault((case.payer_id, number), set()).add(case.id)

    def seen(self, entry: Entry, money: tuple[int, int] | None = None) -> str:
        """AGAIN or BEFORE where this very entry stood in this file already, or in one taken in with other bytes; else "".

        CHANGED where it was taken in before and its `money`, charge and payment in cents if any, was another.
        """
        again = entry in self._seen
        self._seen.add(entry)
        if again:
            return AGAIN
        taken = self._before(entry)
        if taken and money and money not in taken:
            return CHANGED
        return BEFORE if taken else ""

    def _before(self, entry: Entry) -> list[tuple[int, int]]:
        """Charge and payment of the entry in each earlier file. What was left for a person, or was not ours then, is asked again."""
        known = self._store.remittance_entries(
            payer_id=entry.payer_id,
            claim_number=entry.claim_number,
            payer_control=entry.payer_control,
            trace=entry.trace,
            position=entry.position,
        )
        taken = (one for one in known if one.status_code == entry.status and one.fate not in ("person", "elsewhere"))
        return [(one.charge_cents, one.paid_cents) for one in taken]

    def know(self, values: Iterable[Any]) -> None:
        """Rows made outside a case's own change."""
        self._made |= {value.id: value for value in values}

    def _of(self, kind: type[T]) -> list[T]:
        return [value for value in self._made.values() if isinstance(value, kind)]


def _with(known: tuple[T, ...], change: Change, kind: type[T]) -> tuple[T, ...]:
    """The rows of one kind with those of the change among them, by id."""
    rows = {value.id: value for value in (*known, *change.puts) if isinstance(value, kind)}  # type: ignore[attr-defined]  # every row has an id
    return tuple(rows.values())
