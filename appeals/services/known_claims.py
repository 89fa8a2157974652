"""What an import asks of persistence: which numbers and entries of a file are known. `db.known_claims` provides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from appeals import model, record


class KnownClaims(Protocol):
    """Cases by the numbers on papers, and entries of files taken in before."""

    def cases_by_numbers(self, payer_id: str, numbers: Sequence[str]) -> tuple[model.Case, ...]:
        """Every case of a payer that has one of these claim, payer control or authorisation numbers, by number."""
        ...

    def cases_of_claim(self, claim_number: str) -> tuple[model.Case, ...]: ...

    def cases_by_claim(self, claim_number: str) -> tuple[model.Case, ...]:
        """The cases with this claim, payer control or authorisation number at whatever payer, by number."""
        ...

    def cases_numbered(self, numbers: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The cases that are not void, by number, of each of these claim, payer control or authorisation numbers, spelled so."""
        ...

    def numbers_known(self, numbers: Sequence[str]) -> frozenset[str]:
        """Which of these few numbers, spelled so, are a number of any case; of the others `case_by_claim` would find nothing."""
        ...

    def remittance_entries(
        self, *, payer_id: str, claim_number: str, payer_control: str, trace: str, position: int
    ) -> tuple[record.RemittanceEntry, ...]:
        """The entries a resent remittance repeats, oldest first: one that was left for a person may have been taken later."""
        ...

    def entries_of_claims(self, claim_numbers: Sequence[str]) -> tuple[record.RemittanceEntry, ...]:
        """What files said of claims with these few numbers, spelled so, in no order; not what was only known or is undone."""
        ...

    def people_known(self, numbers: Sequence[str]) -> frozenset[str]:
        """Which of these few are a member id or a record number of anybody; with the others `Directory.patient` would find nobody."""
        ...
