"""Reading who there is: patients, payers, providers, coverages. It never guesses that two are one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from appeals.errors import Ambiguous
from appeals.identity import number_key
from appeals.model import Patient, Payer, Provider
from appeals.services.parties import SEVERAL_PATIENTS
from db.finding import has_name, survivor
from db.log import in_parts
from db.rows import columns, fetch, value_of
from db.schema_people import coverage, patient, patient_identifier


def payer(connection: Connection, practice: str, name_key: str, payer_number: str) -> Payer | None:
    """The payer with this number, else the one of this name whose number is not known to be another. Raises Ambiguous."""
    found = fetch(connection, Payer, practice, payer_number=payer_number) if payer_number else ()
    if not found:
        named = fetch(connection, Payer, practice, name_key=name_key)
        found = tuple(one for one in named if not payer_number or not one.payer_number)
    if len(found) > 1:
        raise Ambiguous("Several payers have this name.", "Give the payer's number.", [one.payer_number or one.id for one in found])
    return found[0] if found else None


def provider(connection: Connection, practice: str, npi: str) -> Provider | None:
    """The provider with this NPI; none has an empty one."""
    found = fetch(connection, Provider, practice, npi=npi) if npi else ()
    return found[0] if found else None


def patient_known_by(
    connection: Connection, practice: str, *, mrn: str, payer_id: str, member_id: str, name_key: str, birth_date: date | None
) -> Patient | None:
    """One person, by record number if given, else by payer, member id, name and birth date where both are known.

    Raises Ambiguous where several people fit. Without a record number and a member id nobody does.
    """
    if mrn:
        return _with_record_number(connection, practice, mrn)
    if not member_id:
        return None
    fits = _insured_as(connection, practice, payer_id, member_id, name_key, birth_date)
    exact = [one for one, certain in fits if certain]
    found = {one.id: one for one in exact or [one for one, _ in fits]}
    if len(found) > 1:
        raise Ambiguous(*SEVERAL_PATIENTS, sorted(found))
    return next(iter(found.values()), None)


def _with_record_number(connection: Connection, practice: str, mrn: str) -> Patient | None:
    known = select(patient_identifier.c.patient_id).where(
        patient_identifier.c.practice_id == practice, patient_identifier.c.system == "mrn", patient_identifier.c.value == mrn
    )
    row = connection.execute(select(*columns(Patient)).where(patient.c.practice_id == practice, patient.c.id.in_(known))).one_or_none()
    return None if row is None else value_of(Patient, row)


def _insured_as(
    connection: Connection, practice: str, payer_id: str, member_id: str, name_key: str, birth_date: date | None
) -> list[tuple[Patient, bool]]:
    """People of this name with this member id at this payer whose birth date is not another; True where it is known to be this one.

    Whoever was merged into another lends that one their name and birth date.
    """
    named = select(survivor).where(patient.c.practice_id == practice, patient.c.name_key == name_key)
    statement = select(*columns(Patient)).where(
        patient.c.practice_id == practice, survivor.in_(named), _has_member_id(practice, payer_id, member_id)
    )
    known: dict[str, list[Patient]] = {}
    for row in connection.execute(statement.order_by(patient.c.id)):
        one = value_of(Patient, row)
        known.setdefault(one.merged_into or one.id, []).append(one)
    found = []
    for person_id, rows in known.items():
        dates = {row.birth_date for row in rows} - {None}
        if not dates or birth_date is None or birth_date in dates:
            found.append((next(row for row in rows if row.id == person_id), birth_date in dates))
    return found


def numbers_known(connection: Connection, practice: str, numbers: Sequence[str]) -> frozenset[str]:
    """Which of these numbers, spelled so, are a member id or a number that anybody is known by."""
    found: set[str] = set()
    for some in in_parts(numbers):
        insured = select(coverage.c.member_id).where(coverage.c.practice_id == practice, coverage.c.member_id.in_(some))
        identified = select(patient_identifier.c.value).where(
            patient_identifier.c.practice_id == practice, patient_identifier.c.value.in_(some)
        )
        found.update(connection.execute(insured.union(identified)).scalars())
    return frozenset(found)


def insured(connection: Connection, practice: str, payer_id: str, member_id: str) -> tuple[Patient, ...]:
    """Everybody with this member id at this payer who was not merged into another."""
    wanted = patient.c.merged_into == "", _has_member_id(practice, payer_id, member_id)
    statement = select(*columns(Patient)).where(patient.c.practice_id == practice, *wanted).order_by(patient.c.id)
    return tuple(value_of(Patient, row) for row in connection.execute(statement))


def _has_member_id(practice: str, payer_id: str, member_id: str) -> ColumnElement[bool]:
    """That a person's coverage by this payer, or a number they are known by, is this member id."""
    covered = select(coverage.c.patient_id).where(
        coverage.c.practice_id == practice, coverage.c.payer_id == payer_id, coverage.c.member_id == member_id
    )
    identified = select(patient_identifier.c.patient_id).where(
        patient_identifier.c.practice_id == practice,
        patient_identifier.c.system == f"member:{payer_id}",
        patient_identifier.c.value == member_id,
    )
    return or_(survivor.in_(covered), survivor.in_(identified))


def patients(connection: Connection, practice: str, words: str) -> tuple[Patient, ...]:
    """Patients with exactly this id, record number or member id, or in whose name every word occurs; merged ones too."""
    spellings = {words.strip(), number_key(words)}
    identified = select(patient_identifier.c.patient_id).where(
        patient_identifier.c.practice_id == practice, patient_identifier.c.value.in_(spellings)
    )
    insured = select(coverage.c.patient_id).where(coverage.c.practice_id == practice, coverage.c.member_id.in_(spellings))
    named = [has_name(word) for word in words.split()]
    if not named:
        return ()
    exactly = or_(patient.c.id == words.strip(), patient.c.id.in_(identified), patient.c.id.in_(insured))
    statement = select(*columns(Patient)).where(patient.c.practice_id == practice, or_(exactly, and_(*named)))
    return tuple(value_of(Patient, row) for row in connection.execute(statement.order_by(patient.c.name_key, patient.c.id)))
