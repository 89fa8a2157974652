"""What a payment in full says of each line a claim was sent with. Decides nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from appeals.codes import Codes
from appeals.intake.remittance import Claim
from appeals.model import ServiceLine
from appeals.services import claim_facts
from appeals.services.told_lines import placed

# What a remittance says of a line, by the facts of `pay` and the fields of `LineFacts`.
_BUCKETS = {
    "paid": "paid_cents", "contractual": "contractual_cents", "patient_share": "patient_cents", "other_payer_paid": "other_payer_cents",
}  # fmt: skip


def by_line(claim: Claim, known: Sequence[ServiceLine], codes: Codes, totals: Mapping[str, int]) -> tuple[dict[str, int], ...]:
    """What a payment in full pays and takes off of each line sent, by its position; () where the lines do not fit those sent.

    `totals` are what it comes to for the claim, by the same names; what the lines leave of it lies at the level of the claim.
    """
    told = placed(claim_facts.line_facts(claim, codes), known)
    sent = {line.position: line.charge_cents for line in known if not line.voided and not line.outcome}
    found = tuple({"position": line.position} | {name: getattr(line, column) for name, column in _BUCKETS.items()} for line in told)
    fit = all(line["position"] in sent and sum(line[name] for name in _BUCKETS) <= sent[line["position"]] for line in found)
    never_below = all(line[name] >= 0 for line in found for name in _BUCKETS)
    within = all(sum(line[name] for line in found) <= totals.get(name, 0) for name in _BUCKETS)
    return found if fit and never_below and within else ()
