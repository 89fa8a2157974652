"""What one import has decided so far, laid over the store: the second claim of a new patient finds the first's rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from appeals.intake.remittance import Claim
from appeals.model import ClaimNumber, Clock, Coverage, Denial, Patient, PatientIdentifier, Payer, Provider, ServiceLine
from appeals.record import Change, Situation
from appeals.services.store import Store

SAME, CHANGED = "same", "changed"
T = TypeVar("T")


class Overlay:
    """A `Directory`, and the cases this import has touched, as they will stand once written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: dict[str, Any] = {}
        self._cases: dict[tuple[str, str], Situation] = {}
        self._seen: set[tuple[str, ...]] = set()

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

    def situation(self, payer: Payer, claim_number: str) -> Situation | None:
        """The case with this payer and claim number, as this import leaves it so far."""
        known = self._cases.get((payer.id, claim_number))
        if known is not None:
            return known
        case = self._store.case_by_claim(payer.id, claim_number)
        return None if case is None or case.outcome == "void" else self._store.situation(case.number)

    def take(self, situation: Situation, changes: Iterable[Change]) -> None:
        """Lay the changes over: rows made, and the case as it stands after them."""
        for change in changes:
            self._made |= {
                value.id: value for value in change.puts if type(value) in (Payer, Patient, PatientIdentifier, Coverage, Provider)
            }
            if change.after is None:
                continue
            clocks: dict[str, Clock] = {clock.id: clock for clock in situation.clocks} | {clock.id: clock for clock in change.clocks}
            situation = replace(
                situation,
                case=change.after,
                clocks=tuple(clocks.values()),
                denials=_with(situation.denials, change, Denial),
                lines=_with(situation.lines, change, ServiceLine),
                claim_numbers=_with(situation.claim_numbers, change, ClaimNumber),
            )
        self._cases[situation.case.payer_id, situation.case.claim_number] = situation

    def seen(self, payer_id: str, claim: Claim, trace: str) -> str:
        """SAME where this very entry stood in this file already, or in one taken in before; CHANGED where its money did not; else "".

        An entry is known by payer, claim number, control number, trace and its place in the transaction.
        """
        key = (payer_id, claim.claim_number, claim.payer_control, trace, str(claim.position), claim.status)
        again = key in self._seen
        self._seen.add(key)
        known = self._store.remittance_entries(
            payer_id=payer_id, claim_number=claim.claim_number, payer_control=claim.payer_control, trace=trace, position=claim.position
        )
        taken = [entry for entry in known if entry.status_code == claim.status and entry.fate != "person"]
        money = (claim.charge_cents or 0, claim.paid_cents or 0)
        if not again and taken and all((entry.charge_cents, entry.paid_cents) != money for entry in taken):
            return CHANGED
        return SAME if again or taken else ""

    def know(self, values: Iterable[Any]) -> None:
        """Rows made outside a case's own change."""
        self._made |= {value.id: value for value in values}

    def _of(self, kind: type[T]) -> list[T]:
        return [value for value in self._made.values() if isinstance(value, kind)]


def _with(known: tuple[T, ...], change: Change, kind: type[T]) -> tuple[T, ...]:
    """The rows of one kind with those of the change among them, by id."""
    rows = {value.id: value for value in (*known, *change.puts) if isinstance(value, kind)}  # type: ignore[attr-defined]  # every row has an id
    return tuple(rows.values())
