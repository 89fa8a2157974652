"""The sums of one file, kept twice: as they were read, and by what became of each claim. A claim without a fate would show."""

from __future__ import annotations

from dataclasses import dataclass, field

from appeals import show
from appeals.intake.remittance import Claim, Transaction
from appeals.services.importing import Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What a claim did to a case: its number ("" where it would be new), in words, by what it was found; what is denied, else paid."""

    number: str
    what: str
    matched: str
    claim: str
    cents: int


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

    @property
    def balance(self) -> tuple[int, int] | None:
        """What the claims less what stands beside them come to, and what the payer says it paid; None where nothing is paid."""
        return None if self.payments is None else (self.paid - self.provider_adjustments, self.payments)

    def doubts(self) -> tuple[str, ...]:
        """A warning where the payer paid another sum than its claims come to."""
        told = "the claims do not come to what the payer says it paid: ask the payer before money is posted"
        return (told,) if self.balance and self.balance[0] != self.balance[1] else ()

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
        word, told = (
            ("reconciled", "as the payer paid") if not self.doubts() else ("NOT reconciled", f"the payer says {show.money(self.payments)}")
        )
        less = f", less provider adjustments {show.money(self.provider_adjustments)}" if self.provider_adjustments else ""
        return f"{word}: {show.count(self.claims, 'claim')} read and accounted for; paid {show.money(self.paid)}{less}: {told}"
