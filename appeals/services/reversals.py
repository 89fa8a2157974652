"""Which claims of a payment are taken back in it and decided anew: known before the first of them is decided, holding numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from appeals.codes import Codes
from appeals.intake.remittance import Claim, ClaimProblem, Item, Transaction
from appeals.intake.status_report import StatusReport
from appeals.intake.submission import Submission
from appeals.services import matching

Told = Claim | ClaimProblem | Submission | StatusReport
Items = Iterable[Item | Submission | StatusReport]


class TakenBack(NamedTuple):
    """Of one payment: `anew`, the claim numbers that are taken back and decided anew; `early`, what is decided anew further up."""

    anew: frozenset[str] = frozenset()
    early: frozenset[str] = frozenset()

    def waits(self, item: Told, codes: Codes) -> bool:
        """Whether the claim is decided only after those of its payment that take its earlier decision back."""
        return bool(self.early) and not _reverses(item, codes) and not self.early.isdisjoint(_keys(claim_of(item)))


NOTHING = TakenBack()


def claim_of(item: Told) -> Claim:
    """The claim that any kind of file tells of."""
    return item if isinstance(item, Claim) else item.claim


def taken_back(read: Callable[[], Items], codes: Codes, check: Callable[[object], None]) -> Mapping[int, TakenBack]:
    """By the place of a payment in the file (0: claims before any), what it takes back. Every item goes through `check` once.

    `read` gives the items from the beginning: twice, where a payment takes anything back. Raises what the reader raises.
    """
    reversed_: dict[int, set[str]] = {}
    place = 0
    for item in read():
        check(item)
        place += isinstance(item, Transaction)
        if isinstance(item, Told) and _reverses(item, codes):
            reversed_.setdefault(place, set()).update(_keys(claim_of(item)))
    return _decided_anew(read(), reversed_, codes) if reversed_ else {}


def _decided_anew(items: Items, reversed_: Mapping[int, set[str]], codes: Codes) -> Mapping[int, TakenBack]:
    anew: dict[int, set[str]] = {}
    early: dict[int, set[str]] = {}
    above: set[str] = set()  # numbers of this payment that are decided anew above the place where they are taken back
    place = 0
    for item in items:
        if isinstance(item, Transaction):
            place, above = place + 1, set()
        if not isinstance(item, Told) or place not in reversed_:
            continue
        keys = reversed_[place] & _keys(claim_of(item))
        if _reverses(item, codes):
            early.setdefault(place, set()).update(keys & above)
        else:
            above |= keys
            if not isinstance(item, ClaimProblem):
                anew.setdefault(place, set()).update((keys & {matching.own_number(claim_of(item))}) - {""})
    return {at: TakenBack(frozenset(anew.get(at, ())), frozenset(early.get(at, ()))) for at in reversed_}


def _reverses(item: Told, codes: Codes) -> bool:
    claim = claim_of(item)
    return codes.status(claim.status).role == "reversal" or (claim.paid_cents or 0) < 0


def _keys(claim: Claim) -> set[str]:
    """The numbers a claim may be found by; those that have none are told apart by their person later."""
    return {number for number in matching.numbers(claim) if number} or {""}
