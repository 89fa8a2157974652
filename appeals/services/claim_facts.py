"""What one claim of a file says, as the facts of the steps an import takes or proposes. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from appeals.codes import Codes
from appeals.intake.findings import DenialFinding
from appeals.intake.remittance import Adjustment, Claim
from appeals.services.denials import shares
from appeals.services.told_lines import LineFacts


def full_name(claim: Claim) -> str:
    """The patient's name as the file writes it, else the insured's; "" where it names nobody."""
    person = claim.patient if claim.patient.last else claim.insured
    return " ".join(part for part in (person.first, person.middle, person.last) if part)


def given_names(claim: Claim) -> str:
    """The patient's own names, without the family's; "" where the file gives none."""
    person = claim.patient if claim.patient.last else claim.insured
    return f"{person.first} {person.middle}".strip()


def place(sha256: str, claim: Claim) -> dict[str, Any]:
    """Where the claim stands: the file's SHA-256 and the segment."""
    return {"sha256": sha256, "segment": claim.segment}


def denial_facts(claim: Claim, finding: DenialFinding, sha256: str, notice: date, received: date | None, codes: Codes) -> dict[str, Any]:
    """What the remittance says, as the facts of `deny`: every code and amount by line."""
    facts: dict[str, Any] = {
        "notice": notice,
        "amount": finding.denied_cents,
        "paid": claim.paid_cents or 0,
        **explained(claim, codes),
        "codes": _codes(claim.adjustments, claim.remarks),
        "words": "" if finding.reasons and finding.reasons[0].carc else finding.words,
        "reasons": finding.words,
        "source": f"{sha256}:{claim.segment}",
        "trace_source": place(sha256, claim),
        "lines": line_facts(claim, codes, finding.line_cents),
    }
    return facts | ({"received": received} if received else {})


def line_facts(claim: Claim, codes: Codes, denied: Sequence[int] = ()) -> tuple[LineFacts, ...]:
    """What the remittance says of each line; `denied` is how much of each is, in cents."""
    return tuple(
        LineFacts(
            position=at,
            procedure=line.code,
            service_date=line.service_date,
            charge_cents=line.charge_cents or 0,
            paid_cents=line.paid_cents or 0,
            denied_cents=denied[at - 1] if denied else 0,
            adjustments=_codes(line.adjustments, line.remarks),
            **shares(_codes(line.adjustments, line.remarks), codes),
        )
        for at, line in enumerate(claim.lines, 1)
    )


def explained(claim: Claim, codes: Codes) -> dict[str, int]:
    """What the remittance takes off without denying it, by whose money it is, as the facts of `deny` and `pay`."""
    taken = _codes((*claim.adjustments, *(a for line in claim.lines for a in line.adjustments)), ())
    found = shares(taken, codes)
    told = {"contractual": "contractual_cents", "patient_share": "patient_cents", "other_payer_paid": "other_payer_cents"}
    return {fact: found[bucket] for fact, bucket in told.items() if found[bucket]}


def _codes(adjustments: Sequence[Adjustment], remarks: Sequence[str]) -> tuple[tuple[str, str, str, int], ...]:
    return tuple((a.group, a.carc, " ".join(remarks), a.amount_cents or 0) for a in adjustments)
