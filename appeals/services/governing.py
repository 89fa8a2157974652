"""Which rules govern a case: the law its plan facts lead to, its payer's contract, and targets of the practice's own."""

from __future__ import annotations

from collections.abc import Iterable

from appeals import law
from appeals.contract import concerns
from appeals.contractrows import Address
from appeals.model import Coverage, Payer
from appeals.packs import Pack, Packs
from appeals.record import RulePack, Situation
from appeals.services.store import Records


def packs_of(situation: Situation, coverage: Coverage | None = None) -> Packs:
    """The rules of a case, under `coverage` where its plan facts are about to change."""
    return law.for_coverage(coverage or situation.coverage, of_payer(situation.rule_packs, situation.payer))


def of_payer(loaded: Iterable[RulePack], payer: Payer) -> tuple[Pack, ...]:
    """The practice's own packs that count with this payer."""
    return tuple(pack for pack in own(loaded) if concerns(pack, payer))


def addresses(situation: Situation) -> tuple[Address, ...]:
    """Where things are sent to the payer of a case, as its contract says."""
    return tuple(row for pack in of_payer(situation.rule_packs, situation.payer) for row in pack.address)


def own(loaded: Iterable[RulePack]) -> tuple[Pack, ...]:
    """Every pack the practice loaded, read."""
    return law.loaded(tuple(pack.text for pack in loaded))


def office(records: Records) -> Packs:
    """What every case shares: house targets, channels and reminders, the practice's own before those that ship."""
    return law.for_office(tuple(pack for pack in own(records.rule_packs()) if pack.contract is None))
