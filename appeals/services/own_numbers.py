"""The numbers payers pay a practice under, as somebody declared them: by these an import knows whose money it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appeals.errors import ImpossibleValue, NotFound
from appeals.model import Practice
from appeals.record import Change, Run
from appeals.services import payees, writing
from appeals.services.payees import DECLARED, DIGITS, NPI, TAX_ID
from appeals.services.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A practice with its declared numbers, each kind in order; `written`: this command changed them."""

    practice: Practice
    npis: tuple[str, ...]
    tax_ids: tuple[str, ...]
    written: bool = False
    dry_run: bool = False
    already: bool = False


def declared(store: Store) -> Numbers:
    """What is on file now."""
    return _numbers(store, payees.declared(store))


def declare(store: Store, facts: Mapping[str, Any], run: Run) -> Numbers:
    """Add the numbers `npi` and `tax_id` to those declared, and take those of `drop` away.

    Raises:
        ImpossibleValue: a number that is none of its kind. NotFound: one to be dropped that was never declared.
    """
    writing.of_many_cases(run)
    if writing.already(store, run, DECLARED) is not None:
        return _numbers(store, payees.declared(store), already=True)
    before: dict[str, frozenset[str]] = {}
    after: dict[str, frozenset[str]] = {}

    def decide() -> list[Change]:
        before.update(payees.declared(store))
        after.update(_as_told(before, facts))
        if after == before:
            return []
        told = {kind: sorted(values) for kind, values in after.items()}
        return [Change(event=writing.event(run, "setup", DECLARED, facts=writing.plain(told)))]

    writing.commit_afresh(store, run, decide)
    return _numbers(store, after, written=after != before and not run.dry_run, dry_run=run.dry_run)


def _as_told(known: Mapping[str, frozenset[str]], facts: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    given = {kind: frozenset(_right(kind, text) for text in facts.get(kind) or ()) for kind in DIGITS}
    gone = frozenset(payees.plain(text) for text in facts.get("drop") or ())
    if unknown := gone - frozenset().union(*known.values()):
        raise NotFound(f"The practice has not declared {', '.join(sorted(unknown))}.", "`appeals practice` lists what it has.")
    return {kind: (known[kind] - gone) | given[kind] for kind in DIGITS}


def _right(kind: str, text: str) -> str:
    digits = payees.plain(text)
    if kind == NPI and not payees.right_npi(digits):
        raise ImpossibleValue(f"{text!r} is no NPI: ten digits, of which the last checks the others.", "Copy it from the NPI registry.")
    if kind == TAX_ID and not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS[TAX_ID]):
        raise ImpossibleValue(f"{text!r} is no tax id.", "Nine digits, for example 12-3456789.")
    return digits


def _numbers(store: Store, known: Mapping[str, Sequence[str] | frozenset[str]], **how: bool) -> Numbers:
    return Numbers(practice=store.practice, npis=tuple(sorted(known[NPI])), tax_ids=tuple(sorted(known[TAX_ID])), **how)
