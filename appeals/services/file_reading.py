"""Reads one file of claims and decides what becomes of each, before anything is written; the sums must agree with the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from appeals import codes, show
from appeals.intake.formats import Format
from appeals.intake.remittance import Caution, Claim, ClaimProblem, ProviderAdjustment, Transaction
from appeals.model import Payer
from appeals.record import RemittanceEntry, Run
from appeals.services import fates
from appeals.services.fates import Fate, Importing, Source
from appeals.services.opening import sole_owner
from appeals.services.overlay import Overlay
from appeals.services.parties import payer_of
from appeals.services.store import Store


@dataclass(slots=True)
class Sums:
    """The sums of one file in cents, kept twice: as read, and by fate (claims, charged, paid, denied). They must agree.

    `payments` is None for a file that pays nothing, such as a claim sent to a payer.
    """

    claims: int = 0
    charged: int = 0
    paid: int = 0
    payments: int | None = None
    provider_adjustments: int = 0
    fates: dict[str, list[int]] = field(default_factory=dict)

    def read(self, claim: Claim) -> None:
        """Count one claim as the file has it."""
        self.claims += 1
        self.charged += claim.charge_cents or 0
        self.paid += claim.paid_cents or 0

    def pay(self, transaction: Transaction) -> None:
        """Count what a transaction says it pays."""
        if transaction.amount_cents is not None:
            self.payments = (self.payments or 0) + transaction.amount_cents

    def account(self, fate: Fate, claim: Claim) -> None:
        """Count one claim under what became of it."""
        sums = self.fates.setdefault(fate.name, [0, 0, 0, 0])
        for at, value in enumerate((1, claim.charge_cents or 0, claim.paid_cents or 0, fate.denied_cents)):
            sums[at] += value

    def says(self) -> str:
        """One line that a person can check against the payer's own total.

        Raises:
            RuntimeError: a claim of the file has no fate: a bug, and nothing is written.
        """
        counted = [sum(sums[at] for sums in self.fates.values()) for at in range(3)]
        if counted != [self.claims, self.charged, self.paid]:
            raise RuntimeError("the claims accounted for are not the claims of the file")
        if self.payments is None:
            return f"reconciled: {self.claims} claims read and accounted for; charged {show.money(self.charged)}"
        balance = self.paid - self.provider_adjustments == self.payments
        told = "as the payer paid" if balance else f"the payer says {show.money(self.payments)}"
        less = f", less provider adjustments {show.money(self.provider_adjustments)}" if self.provider_adjustments else ""
        return f"reconciled: {self.claims} claims read and accounted for; paid {show.money(self.paid)}{less}: {told}"


@dataclass(slots=True, kw_only=True)
class FileRead:
    """A file read and decided on, before anything is written. `payers` are those it named first."""

    file_id: str
    format: Format
    digest: str
    sums: Sums = field(default_factory=Sums)
    decided: list[tuple[Fate, Claim]] = field(default_factory=list)
    entries: list[RemittanceEntry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    reconciled: str = ""
    payers: dict[str, Payer] = field(default_factory=dict)


def read_file(store: Store, stream: BinaryIO, run: Run, *, format: Format, digest: str, received: date | None) -> FileRead:
    """Read the whole file and decide on every claim of it. Raises FileRefused: it is not what `format` reads."""
    found = FileRead(file_id=run.new_id(), format=format, digest=digest)
    overlay = Overlay(store)
    importing = Importing(
        store=store,
        overlay=overlay,
        codes=codes.load(),
        run=run,
        owner=sole_owner(store.people()),
        received=received,
        rule_packs=store.rule_packs(),
    )
    for item, source in _claims(overlay, stream, run, found):
        fate = fates.decide(importing, item, source)
        claim = item.claim if isinstance(item, ClaimProblem) else item
        found.sums.account(fate, claim)
        found.decided.append((fate, claim))
        found.entries.append(_entry(run, fate, claim, source))
    found.reconciled = found.sums.says()
    return found


def _claims(overlay: Overlay, stream: BinaryIO, run: Run, found: FileRead) -> Iterator[tuple[Claim | ClaimProblem, Source]]:
    """The claims of the file, each with the payment it came with. The whole file is read before the first is given out."""
    transaction, payer, place = Transaction(0, ""), None, found.format.place
    for item in tuple(found.format.read(stream)):
        if isinstance(item, Transaction):
            transaction, payer = item, _payer(overlay, item, run, found)
            found.sums.pay(item)
        elif isinstance(item, ProviderAdjustment):
            found.sums.provider_adjustments += item.amount_cents or 0
            what = f"provider adjustment {item.code} {show.money(item.amount_cents or 0)}: look for a takeback"
            found.warnings.append(f"{place} {item.segment}: {what}")
        elif isinstance(item, Caution):
            found.warnings.append(f"{place} {item.segment}: {item.message}")
        elif isinstance(item, Claim | ClaimProblem):
            found.sums.read(item.claim if isinstance(item, ClaimProblem) else item)
            payer = payer or _payer(overlay, transaction, run, found)
            yield item, Source(file_id=found.file_id, sha256=found.digest, transaction=transaction, payer=payer)


def _payer(overlay: Overlay, transaction: Transaction, run: Run, found: FileRead) -> Payer:
    new: list[Payer] = []
    name = transaction.payer or transaction.payer_id or "payer not named"
    payer = payer_of(overlay, {"payer": name, "payer_number": transaction.payer_id}, run, new)
    overlay.know(new)
    found.payers |= {one.id: one for one in new}
    return payer


def _entry(run: Run, fate: Fate, claim: Claim, source: Source) -> RemittanceEntry:
    return RemittanceEntry(
        id=run.new_id(),
        practice_id=run.practice.id,
        file_id=source.file_id,
        payer_id=source.payer.id,
        claim_number=claim.claim_number,
        payer_control=claim.payer_control,
        trace=source.transaction.trace,
        position=claim.position,
        status_code=claim.status,
        charge_cents=claim.charge_cents or 0,
        paid_cents=claim.paid_cents or 0,
        denied_cents=fate.denied_cents,
        fate=fate.name,
        reason=fate.reason,
        case_id=fate.case_id or None,
        segment=fate.segment or claim.segment,
        raw=fate.raw,
    )
