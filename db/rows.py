"""Values to rows and back: which type lies in which table. Column names equal field names, so there is no other mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Insert, Row, Select, Table, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from appeals import model, record
from db import schema_case, schema_people, schema_work
from db.columns import metadata

T = TypeVar("T")
Kind = Any  # a type of TABLES; mypy does not know that types are hashable

TABLES: dict[type[Any], Table] = {
    model.Practice: schema_people.practice,
    model.Person: schema_people.person,
    model.Provider: schema_people.provider,
    model.Patient: schema_people.patient,
    model.PatientIdentifier: schema_people.patient_identifier,
    model.Payer: schema_people.payer,
    model.Coverage: schema_people.coverage,
    model.Case: schema_case.case,
    model.CaseLink: schema_case.case_link,
    model.ClaimNumber: schema_case.claim_number,
    model.ServiceLine: schema_case.service_line,
    model.Denial: schema_case.denial,
    model.Adjustment: schema_case.adjustment,
    model.Filing: schema_case.filing,
    model.PeerReview: schema_case.peer_review,
    model.Clock: schema_case.clock,
    record.Document: schema_work.document,
    record.Contact: schema_work.contact,
    record.Mark: schema_work.mark,
    record.RulePack: schema_work.rule_pack,
    record.Proposal: schema_work.proposal,
    record.Approval: schema_work.approval,
    record.IntakeFile: schema_work.intake_file,
    record.RemittanceEntry: schema_work.remittance_entry,
    record.Reminder: schema_work.reminder,
    record.Outbox: schema_work.outbox,
}
# A document's bytes are read only when asked for, and never change once they are there.
APART = {"content"}

_position = {table: place for place, table in enumerate(metadata.sorted_tables)}
KINDS_IN_ORDER: tuple[Kind, ...] = tuple(sorted(TABLES, key=lambda kind: _position[TABLES[kind]]))  # parents before children


@cache
def names(kind: Kind) -> tuple[str, ...]:
    """The fields of `kind`, which are its columns."""
    return tuple(field.name for field in fields(kind))


@cache
def _getter(kind: Kind) -> Any:
    return attrgetter(*names(kind))


def row_of(value: Any) -> dict[str, Any]:
    """A value as the parameters of a statement."""
    kind: Kind = type(value)
    return dict(zip(names(kind), _getter(kind)(value), strict=True))


@cache
def read_names(kind: Kind) -> tuple[str, ...]:
    """The fields a reader fetches."""
    return tuple(name for name in names(kind) if name not in APART)


@cache
def columns(kind: Kind) -> tuple[Column[Any], ...]:
    """The columns a reader fetches, in the order `value_of` takes them."""
    return tuple(TABLES[kind].c[name] for name in read_names(kind))


def value_of(kind: type[T], row: Row[Any] | Sequence[Any]) -> T:
    """The value whose columns start this row."""
    known: Kind = kind
    return kind(**dict(zip(read_names(known), row, strict=False)))


@cache
def upsert(kind: Kind) -> Insert:
    """Insert a row, or replace the one with its primary key; columns only the store knows are left as they are."""
    statement = insert(TABLES[kind])
    changed = {name: statement.excluded[name] for name in read_names(kind) if name not in ("practice_id", "id")}
    keys = [column.name for column in TABLES[kind].primary_key]
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


@cache
def of_practice(kind: Kind, *by: str, order: tuple[str, ...] = ()) -> Select[Any]:
    """All of a practice (`:practice`) whose columns `by` equal the parameters of the same name."""
    table = TABLES[kind]
    statement = select(*columns(kind)).where(table.c.practice_id == bindparam("practice"))
    for name in by:
        statement = statement.where(table.c[name] == bindparam(name))
    return statement.order_by(*(table.c[name] for name in order))


def fetch(connection: Connection, kind: type[T], practice: str, *, order: tuple[str, ...] = ("id",), **by: Any) -> tuple[T, ...]:
    """The values of a practice whose fields equal `by`, in order."""
    known: Kind = kind
    found = connection.execute(of_practice(known, *by, order=order), {"practice": practice, **by})
    return tuple(value_of(kind, row) for row in found)
