"""Finding cases by what somebody holds in hand: any number exactly, else a part of a name or member id. It never writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Column, ColumnElement, CompoundSelect, Connection, Select, func, intersect, or_, select, union

from appeals.identity import name_key, number_key
from appeals.services.store import CaseRow
from db import cases
from db.schema_case import case, claim_number, filing, peer_review
from db.schema_people import coverage, patient, patient_identifier
from db.schema_work import contact, remittance_entry

# Who a row of the patients is: merged into another, that other. Merging keeps this one step long.
survivor = func.coalesce(func.nullif(patient.c.merged_into, ""), patient.c.id)
# Numbers on papers of a case, each with an index: calls, fax reports and receipts, remittances.
ON_PAPERS: tuple[Column[Any], ...] = (
    claim_number.c.value,
    contact.c.reference,
    peer_review.c.reference,
    filing.c.tracking,
    filing.c.proof,
    remittance_entry.c.trace,
    remittance_entry.c.payer_control,
)


def found(connection: Connection, practice: str, words: str) -> tuple[CaseRow, ...]:
    """Cases with exactly this number or member id; where there is none, those with every word in name or member id."""
    if not words.strip():
        return ()
    people = {row.case.id: row for row in _all(connection, practice, _of_a_person(practice, words))}
    papers = (row for row in _all(connection, practice, _numbered(practice, words)) if row.case.id not in people)
    found = (*people.values(), *(replace(row, by_number=True) for row in papers))
    return tuple(sorted(found, key=lambda row: row.case.number)) or _all(connection, practice, _worded(practice, words))


def _all(connection: Connection, practice: str, ids: CompoundSelect[Any]) -> tuple[CaseRow, ...]:
    rows: list[CaseRow] = []
    after = cases.FIRST
    while page := cases.page(connection, practice, after=after, size=cases.LARGEST_PAGE, ids=ids):
        rows += page
        after = page[-1].case.number
    return tuple(rows)


def _numbered(practice: str, words: str) -> CompoundSelect[Any]:
    """Ids of cases by a number on their papers: one indexed look a kind of number, so that no other case is read."""
    spellings = {words.strip(), number_key(words)}
    of_case = select(case.c.id).where(case.c.practice_id == practice)
    return union(
        of_case.where(case.c.number == cases.as_case_number(words)),
        of_case.where(case.c.claim_number.in_(spellings)),
        *(_on_paper(practice, number, spellings) for number in ON_PAPERS),
    )


def _of_a_person(practice: str, words: str) -> CompoundSelect[Any]:
    """Ids of cases by a number that names a person: a member id, a record number, a patient's id."""
    spellings = {words.strip(), number_key(words)}
    of_case = select(case.c.id).where(case.c.practice_id == practice)
    insured = select(coverage.c.id).where(coverage.c.practice_id == practice, coverage.c.member_id.in_(spellings))
    identified = select(patient_identifier.c.patient_id).where(
        patient_identifier.c.practice_id == practice, patient_identifier.c.value.in_(spellings)
    )
    meant = select(survivor).where(patient.c.practice_id == practice, patient.c.id == words.strip())
    return union(
        of_case.where(case.c.coverage_id.in_(insured)),
        of_case.where(case.c.patient_id.in_(identified)),
        of_case.where(case.c.patient_id.in_(meant)),
    )


def _on_paper(practice: str, number: Column[Any], spellings: set[str]) -> Select[Any]:
    table = number.table
    named = select(table.c.case_id).where(table.c.practice_id == practice, number.in_(spellings), table.c.case_id.is_not(None))
    return named.where(~table.c.voided) if "voided" in table.c else named


def _worded(practice: str, words: str) -> CompoundSelect[Any]:
    """Ids of cases in whose patient's name or member id every word occurs; the patients are looked through, not the cases."""
    return intersect(*(_has_word(practice, word) for word in words.split()))


def _has_word(practice: str, word: str) -> Select[Any]:
    named = select(survivor).where(patient.c.practice_id == practice, has_name(word))
    insured = select(coverage.c.id).where(coverage.c.practice_id == practice, coverage.c.member_id.contains(word, autoescape=True))
    return select(case.c.id).where(case.c.practice_id == practice, or_(case.c.patient_id.in_(named), case.c.coverage_id.in_(insured)))


def has_name(word: str) -> ColumnElement[bool]:
    """The condition for a patient in whose name, as written or as compared, `word` occurs."""
    as_compared = name_key(word)
    written = patient.c.name.contains(word, autoescape=True)
    return or_(written, patient.c.name_key.contains(as_compared, autoescape=True)) if as_compared else written
