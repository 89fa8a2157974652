"""Billing another payer: a linked case in `submitted`, opened in the transaction that resolves the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from appeals.model import CaseLink
from appeals.record import Change, Run, Situation
from appeals.services import opening, writing
from appeals.services.parties import Known, parties_of
from appeals.services.store import Store


def linked_case(store: Store, situation: Situation, facts: Mapping[str, Any], run: Run) -> tuple[Change, ...]:
    """The change that opens the other payer's case, for the same patient, service and claim number."""
    case = situation.case
    told = {
        "patient": situation.patient.name,
        "payer": facts["payer"],
        "member_id": facts.get("member_id"),
        "claim": case.claim_number,
        "kind": case.kind,
        "network": facts.get("network"),
        "assignment": case.assignment,
        "billed": case.disputed_cents or case.billed_cents,
        "service_from": case.service_from,
        "service_to": case.service_to,
        "submitted": run.on,
    }
    parties = replace(parties_of(store, told, run, Known(patient=situation.patient)), provider=situation.provider)
    change = opening.opening(parties, told, run, owner=case.owner, rule_packs=situation.rule_packs)
    if change.after is None:
        raise RuntimeError("an opening always has a case")
    link = CaseLink(id=run.new_id(), practice_id=case.practice_id, case_id=case.id, other_case_id=change.after.id, kind="other_payer")
    return (writing.also_making(change, link),)
