"""Cases by the numbers on papers, and entries of files taken in before, as an import asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from appeals.model import Case, Practice
from appeals.record import RemittanceEntry
from db import cases
from db.engine import Database
from db.rows import fetch


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
        return self.database.read(lambda cx: fetch(cx, RemittanceEntry, self.practice.id, **keys))
