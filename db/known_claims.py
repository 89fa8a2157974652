"""Cases by the numbers on papers, and entries of files taken in before, as an import asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from appeals.model import Case, Practice
from appeals.record import RemittanceEntry
from appeals.services.kept import UNDONE
from db import cases, parties
from db.engine import Database
from db.log import in_parts
from db.rows import columns, fetch, value_of
from db.schema_work import remittance_entry

NOTHING = ("known", UNDONE)  # fates of entries that say nothing by themselves: another was taken, or it was taken back
_entries = select(*columns(RemittanceEntry)).where(
    remittance_entry.c.practice_id == bindparam("practice"),
    remittance_entry.c.claim_number.in_(bindparam("numbers", expanding=True)),
    remittance_entry.c.fate.not_in(NOTHING),
)


class KnownClaims:
    """What a store knows of the claims of a file."""

    database: Database
    practice: Practice

    def cases_by_numbers(self, payer_id: str, numbers: Sequence[str]) -> tuple[Case, ...]:
        """Every case of a payer that has one of these numbers, by number."""
        return self.database.read(lambda cx: cases.cases_by_numbers(cx, self.practice.id, payer_id, numbers))

    def cases_of_claim(self, claim_number: str) -> tuple[Case, ...]:
        """The cases of whatever payer that have this claim number of ours, by number."""
        return self.database.read(lambda cx: fetch(cx, Case, self.practice.id, order=("number",), claim_number=claim_number))

    def cases_by_claim(self, claim_number: str) -> tuple[Case, ...]:
        """The cases with this number at whatever payer, by number."""
        return self.database.read(lambda cx: cases.cases_by_claim(cx, self.practice.id, claim_number))

    def cases_numbered(self, numbers: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The cases that are not void, by number, of each of these many numbers."""
        return self.database.read(lambda cx: cases.numbered(cx, self.practice.id, numbers))

    def numbers_known(self, numbers: Sequence[str]) -> frozenset[str]:
        """Which of these few numbers are a number of any case."""
        return self.database.read(lambda cx: cases.numbers_known(cx, self.practice.id, numbers))

    def remittance_entries(
        self, *, payer_id: str, claim_number: str, payer_control: str, trace: str, position: int
    ) -> tuple[RemittanceEntry, ...]:
        """The entries a resent remittance repeats, oldest first."""
        keys: dict[str, Any] = {
            "payer_id": payer_id,
            "claim_number": claim_number,
            "payer_control": payer_control,
            "trace": trace,
            "position": position,
        }
        found = self.database.read(lambda cx: fetch(cx, RemittanceEntry, self.practice.id, **keys))
        return tuple(one for one in found if one.fate not in NOTHING)

    def entries_of_claims(self, claim_numbers: Sequence[str]) -> tuple[RemittanceEntry, ...]:
        """What files said of claims with these few numbers, in no order."""
        return self.database.read(lambda cx: _entries_of(cx, self.practice.id, claim_numbers))

    def people_known(self, numbers: Sequence[str]) -> frozenset[str]:
        """Which of these few are a member id or a record number of anybody."""
        return self.database.read(lambda cx: parties.numbers_known(cx, self.practice.id, numbers))


def _entries_of(connection: Connection, practice: str, claim_numbers: Sequence[str]) -> tuple[RemittanceEntry, ...]:
    rows = (row for some in in_parts(claim_numbers) for row in connection.execute(_entries, {"practice": practice, "numbers": some}))
    return tuple(value_of(RemittanceEntry, row) for row in rows)
