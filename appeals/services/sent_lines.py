"""The lines of an answer laid over the lines a claim was sent with, so that each keeps its place. Decides nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from appeals.codes import Codes
from appeals.intake.remittance import Claim
from appeals.model import ServiceLine
from appeals.services import claim_facts
from appeals.services.denials import LineFacts

# What a remittance says of a line, by the facts of `pay` and the fields of `LineFacts`.
_BUCKETS = {
    "paid": "paid_cents", "contractual": "contractual_cents", "patient_share": "patient_cents", "other_payer_paid": "other_payer_cents",
}  # fmt: skip


def placed(told: Sequence[LineFacts], known: Sequence[ServiceLine]) -> tuple[LineFacts, ...]:
    """Lines of a first notice under the positions of the lines the claim was sent with; what was not sent comes behind them.

    A payer may leave lines out or bring them in another order: a line is the one of the same procedure, day and charge, then
    of the same procedure and charge.
    """
    sent = [line for line in known if not line.voided]
    if not sent or any(line.outcome for line in sent):
        return tuple(told)  # nothing was sent, or a notice has spoken of its lines already
    left = {line.position: line for line in sent}
    beyond, found = max(left), dict[int, int]()
    for alike in (_alike, _nearly):
        for at, line in enumerate(told):
            position = next((n for n, other in left.items() if at not in found and alike(line, other)), None)
            if position is not None:
                found[at] = position
                del left[position]
    places = [found.get(at, 0) for at in range(len(told))]
    for at, place in enumerate(places):
        if not place:
            beyond += 1
            places[at] = beyond
    return tuple(replace(line, position=place) for line, place in zip(told, places, strict=True))


def _alike(told: LineFacts, sent: ServiceLine) -> bool:
    return (told.procedure, told.service_date, told.charge_cents) == (sent.procedure, sent.service_date, sent.charge_cents)


def _nearly(told: LineFacts, sent: ServiceLine) -> bool:
    return (told.procedure, told.charge_cents) == (sent.procedure, sent.charge_cents)


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
