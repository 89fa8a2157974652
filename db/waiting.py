"""What waits for a person, along indexes that hold nothing else: open proposals, and entries of files that were left."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, text

from appeals.model import Practice
from appeals.record import IntakeFile, Proposal, RemittanceEntry
from appeals.services.kept import UNDONE, WAITING
from appeals.services.waiting import Asked
from db.columns import LEFT
from db.engine import Database
from db.rows import columns, fetch, value_of
from db.schema_case import case
from db.schema_work import intake_file, proposal, remittance_entry

NO_ANSWER = ("person", "known", "elsewhere", WAITING, UNDONE)  # an entry with such a fate was taken by nobody
SAME = ("practice_id", "claim_number", "payer_control", "trace", "position", "status_code", "charge_cents", "paid_cents", "said")
_asked = (
    select(case.c.number, case.c.owner, proposal.c.id, proposal.c.step, proposal.c.made_on)
    .join_from(proposal, case, (case.c.practice_id == proposal.c.practice_id) & (case.c.id == proposal.c.case_id))
    .where(proposal.c.practice_id == bindparam("practice"), proposal.c.status == "open")
    .order_by(proposal.c.made_on, case.c.number, proposal.c.id)
)


def _of_file(entry: Any, file: Any) -> ColumnElement[bool]:
    return and_(file.c.practice_id == entry.c.practice_id, file.c.id == entry.c.file_id)


def _answered() -> ColumnElement[bool]:
    """Whether the very entry came in another file too and was taken there, or stands there as left: then it is listed there."""
    other, file = remittance_entry.alias("other"), intake_file.alias("its_file")
    same = [other.c[name] == remittance_entry.c[name] for name in SAME]
    payer = func.coalesce(other.c.payer_id, "") == func.coalesce(remittance_entry.c.payer_id, "")
    later = and_(other.c.fate == "person", file.c.state == "taken", other.c.id > remittance_entry.c.id)
    taken = or_(other.c.fate.not_in(NO_ANSWER), later)
    return exists().where(*same, payer, other.c.file_id != remittance_entry.c.file_id, _of_file(other, file), taken)


def _left(*wanted: Any) -> Select[Any]:
    """Entries left for a person in files as they were last read; one without any number of ours is no other's repetition."""
    return (
        select(*wanted)
        .join_from(remittance_entry, intake_file, _of_file(remittance_entry, intake_file))
        .where(
            remittance_entry.c.practice_id == bindparam("practice"),
            text(f"remittance_entry.{LEFT}"),
            intake_file.c.state == "taken",
            or_(remittance_entry.c.claim_number == "", ~_answered()),
        )
    )


class Waitings:
    """What a store knows of what nobody has answered yet."""

    database: Database
    practice: Practice

    def asked(self) -> tuple[Asked, ...]:
        """Every open proposal, oldest first."""
        rows = self.database.read(lambda cx: cx.execute(_asked, {"practice": self.practice.id}).all())
        return tuple(Asked(id=row.id, number=row.number, owner=row.owner, step=row.step, made_on=row.made_on) for row in rows)

    def left_count(self) -> int:
        """How many claims of files are left for a person."""
        found: int = self.database.read(lambda cx: cx.execute(_left(func.count()), {"practice": self.practice.id}).scalar_one())
        return found

    def left_for_a_person(self) -> tuple[RemittanceEntry, ...]:
        """Entries of files no import could take and nobody has answered yet, oldest first."""
        statement = _left(*columns(RemittanceEntry)).order_by(intake_file.c.taken_on, intake_file.c.id, remittance_entry.c.segment)
        rows = self.database.read(lambda cx: cx.execute(statement, {"practice": self.practice.id}).all())
        return tuple(value_of(RemittanceEntry, row) for row in rows)

    def left_ever(self) -> tuple[tuple[RemittanceEntry, IntakeFile], ...]:
        """Entries that were ever left for a person, whatever became of them, each with its file."""
        statement = (
            select(*columns(RemittanceEntry), intake_file.c.id)
            .join_from(remittance_entry, intake_file, _of_file(remittance_entry, intake_file))
            .where(remittance_entry.c.practice_id == bindparam("practice"), remittance_entry.c.fate.in_(("person", "settled")))
        )
        rows = self.database.read(lambda cx: cx.execute(statement, {"practice": self.practice.id}).all())
        files = {file.id: file for file in self.database.read(lambda cx: fetch(cx, IntakeFile, self.practice.id))}
        return tuple((value_of(RemittanceEntry, row), files[row[-1]]) for row in rows)

    def proposals(self, status: str = "open") -> tuple[Proposal, ...]:
        """What imports suggest, oldest first."""
        return self.database.read(lambda cx: fetch(cx, Proposal, self.practice.id, order=("made_on", "id"), status=status))
