"""Whose payment it is: a remittance to another practice's number is listed, and never applied to this one's cases."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from appeals.intake.remittance import Transaction
from appeals.services.store import Store

NPI, TAX_ID = "npi", "tax_id"
DECLARED = "own-numbers"  # the entry of the trail that says them all
DIGITS = {NPI: 10, TAX_ID: 9}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNumbers:
    """The numbers a practice is paid under: those it declared, by kind, and the NPIs its cases have so far."""

    declared: dict[str, frozenset[str]]
    seen: frozenset[str] = frozenset()

    def elsewhere(self, transaction: Transaction) -> bool:
        """Whether the payee is known to be another: it gives a number of a kind this practice declared, and none that is its own."""
        theirs = numbers_of(transaction)
        known = [kind for kind in theirs if self.declared.get(kind)]
        return bool(known) and not any(theirs[kind] in self.declared[kind] for kind in known)

    def doubt(self, transaction: Transaction) -> str:
        """A warning where nobody can know whether the payee is this practice, "" otherwise. Holds no number."""
        theirs = numbers_of(transaction)
        if any(self.declared.values()):
            comparable = any(self.declared.get(kind) for kind in theirs)
            return "" if comparable else UNCHECKED
        strange = self.seen and NPI in theirs and theirs[NPI] not in self.seen
        return f"{UNSEEN}: if it is another practice, declare your own numbers with `appeals practice --npi`" if strange else ""


UNCHECKED = (
    "whom this pays could not be checked: it names the payee by another kind of number (NPI or tax id) than the practice declared; "
    "see that it is yours, then `appeals practice --npi` or `--tax-id` declares that kind too"
)
UNSEEN = "no case was ever paid to this payee's NPI"


def own_numbers(store: Store) -> OwnNumbers:
    """What the practice is paid under, as it is on file."""
    return OwnNumbers(declared=declared(store), seen=frozenset(store.npis()))


def declared(store: Store) -> dict[str, frozenset[str]]:
    """The numbers somebody said payers pay this practice under, by kind: what the newest entry of the trail about them says."""
    told: dict[str, list[str]] = {}
    for stored in store.events(kind="setup"):
        entry = json.loads(stored.text)
        if entry["name"] == DECLARED:
            told = entry["facts"]
    return {kind: frozenset(told.get(kind, ())) for kind in DIGITS}


def numbers_of(transaction: Transaction) -> dict[str, str]:
    """The payee's numbers by kind, told by how many digits they have: N104, and the tax id of REF*TJ."""
    found: dict[str, str] = {}
    for text in (transaction.payee_id, transaction.payee_tax_id):
        digits = plain(text)
        kind = next((kind for kind, length in DIGITS.items() if digits.isdigit() and len(digits) == length), "")
        if kind:
            found.setdefault(kind, digits)
    return found


def plain(text: str) -> str:
    """A number without the blanks and dashes people write in it."""
    return "".join(text.replace("-", " ").split())


def right_npi(digits: str) -> bool:
    """Whether ten digits are an NPI: the last one is the check digit over the others behind 80840."""
    if len(digits) != DIGITS[NPI] or not digits.isascii() or not digits.isdigit():
        return False
    return _luhn([int(digit) for digit in f"80840{digits}"]) == 0


def _luhn(digits: Collection[int]) -> int:
    doubled = (digit * 2 if at % 2 else digit for at, digit in enumerate(reversed(list(digits))))
    return sum(digit // 10 + digit % 10 for digit in doubled) % 10
