"""Says whether a claim is denied, for how much and why; never opens, moves or writes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appeals.codes import Codes
from appeals.intake.remittance import Adjustment, Claim

PAID_TO_PATIENT = "100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why money is denied. `line` counts from 1; 0 is the claim itself. `carc` "" is a denial without a code."""

    line: int
    group: str
    carc: str
    rarcs: tuple[str, ...]
    denied_cents: int

    @property
    def words(self) -> str:
        """Group and code as people write them: CO-50."""
        return f"{self.group}-{self.carc}".strip("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialFinding:
    """What a claim comes to. `line_cents` is what is denied on each line, in the order of the lines.

    `claim_cents` is denied at claim level. `other_payer` is secondary, tertiary or "". `to_patient_cents` were paid to the
    patient: shown, and no denial. `pending` is neither paid nor refused: no clock starts. `unexplained_cents` of a claim that
    was paid nothing are explained by no adjustment: nobody knows whether they are denied.
    """

    is_denied: bool
    denied_cents: int
    line_cents: tuple[int, ...]
    claim_cents: int
    reasons: tuple[Reason, ...]
    category: str
    reversal: bool
    pending: bool
    other_payer: str
    forwarded: bool
    to_patient_cents: int
    unexplained_cents: int = 0

    @property
    def words(self) -> str:
        """The reasons, each once: "CO-50, CO-197"; "denied without a code" where the payer gave none."""
        return ", ".join(dict.fromkeys(reason.words or "denied without a code" for reason in self.reasons))


def denied(claim: Claim, codes: Codes) -> DenialFinding:
    """Decide whether a claim is denied: by line and at claim level, in the sum of what is not routine.

    A reversal (22) and a claim that is held back deny nothing, whatever adjustments they carry.
    """
    status = codes.status(claim.status)
    scopes = [(0, claim.adjustments, claim.remarks), *((n, line.adjustments, line.remarks) for n, line in enumerate(claim.lines, 1))]
    reasons: list[Reason] = []
    sums: list[int] = []
    if status.role not in ("reversal", "pending"):
        for line, adjustments, remarks in scopes:
            found = _reasons(line, adjustments, remarks, codes)
            total = sum(reason.denied_cents for reason in found)
            sums.append(max(total, 0))
            reasons += found if total > 0 else []
        if status.role == "denied" and not reasons:
            reasons, sums[0] = _unexplained(claim)
    sums += [0] * (len(scopes) - len(sums))
    everything = [adjustment for _, adjustments, _ in scopes for adjustment in adjustments]
    return DenialFinding(
        is_denied=bool(reasons),
        denied_cents=sum(sums),
        line_cents=tuple(sums[1:]),
        claim_cents=sums[0],
        reasons=tuple(reasons),
        category=codes.category((reason.carc, reason.denied_cents) for reason in reasons),
        reversal=status.role == "reversal",
        pending=status.role == "pending",
        other_payer="" if status.order == "primary" else status.order,
        forwarded=status.forwarded,
        to_patient_cents=sum(a.amount_cents or 0 for a in everything if a.carc == PAID_TO_PATIENT),
        unexplained_cents=0 if reasons or status.role != "processed" else _silent(claim, everything),
    )


def _silent(claim: Claim, everything: Sequence[Adjustment]) -> int:
    """What a claim that was paid nothing was charged for and no adjustment explains."""
    if claim.paid_cents:
        return 0
    return max((claim.charge_cents or 0) - sum(a.amount_cents or 0 for a in everything), 0)


def _reasons(line: int, adjustments: Sequence[Adjustment], remarks: tuple[str, ...], codes: Codes) -> list[Reason]:
    """The adjustments of one scope that are not routine and move money; takebacks among them count against it."""
    return [
        Reason(line=line, group=a.group, carc=a.carc, rarcs=remarks, denied_cents=a.amount_cents)
        for a in adjustments
        if a.amount_cents and not codes.is_routine(a.carc)
    ]


def _unexplained(claim: Claim) -> tuple[list[Reason], int]:
    """A claim with status 4 and only routine adjustments, or none: denied for what they do not explain."""
    adjustments = [*claim.adjustments, *(a for line in claim.lines for a in line.adjustments)]
    explained = sum(a.amount_cents or 0 for a in adjustments)
    rest = (claim.charge_cents or 0) - (claim.paid_cents or 0) - explained
    if rest <= 0 and adjustments:
        return [], 0
    return [Reason(line=0, group="", carc="", rarcs=claim.remarks, denied_cents=max(rest, 0))], max(rest, 0)
