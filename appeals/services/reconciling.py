"""The sums of one file, kept twice: as they were read, and by what became of each claim. A claim without a fate would show."""

from __future__ import annotations

from dataclasses import dataclass, field

from appeals import show
from appeals.intake.remittance import Claim, Transaction
from appeals.services.importing import Fate


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

    @property
    def accounted(self) -> int:
        """How many claims have a fate so far."""
        return sum(sums[0] for sums in self.fates.values())

    def says(self) -> str:
        """One line that a person can check against the payer's own total.

        Raises:
            RuntimeError: a claim of the file has no fate: a bug, and nothing is written.
        """
        counted = [sum(sums[at] for sums in self.fates.values()) for at in range(3)]
        if counted != [self.claims, self.charged, self.paid]:
            raise RuntimeError("the claims accounted for are not the claims of the file")
        if self.payments is None:
            return f"reconciled: {show.count(self.claims, 'claim')} read and accounted for; charged {show.money(self.charged)}"
        balance = self.paid - self.provider_adjustments == self.payments
        told = "as the payer paid" if balance else f"the payer says {show.money(self.payments)}"
        less = f", less provider adjustments {show.money(self.provider_adjustments)}" if self.provider_adjustments else ""
        return f"reconciled: {show.count(self.claims, 'claim')} read and accounted for; paid {show.money(self.paid)}{less}: {told}"
