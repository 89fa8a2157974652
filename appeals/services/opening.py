"""The change that opens a case: its row, its numbers, its first clocks. Decides; never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from appeals import identity
from appeals.model import UNKNOWN, Case, ClaimNumber, Person, State
from appeals.record import Change, RulePack, Run, Situation
from appeals.rules import Trigger
from appeals.services import clockwork, sums, writing
from appeals.services.parties import Parties

DENY_FACTS = (
    "notice",
    "received",
    "receipt_unreadable",
    "amount",
    "codes",
    "words",
    "printed_due",
    "lines",
    "source",
    "reasons",
    *sums.TOLD,
)

BROUGHT = {"control_number": "payer", "authorisation": "authorisation"}


def sole_owner(people: Sequence[Person]) -> str:
    """The one person of a one-person office, who owns every case; "" where there are several."""
    return people[0].account if len(people) == 1 else ""


def opening(
    parties: Parties,
    facts: Mapping[str, Any],
    run: Run,
    *,
    owner: str = "",
    source: Mapping[str, Any] | None = None,
    rule_packs: tuple[RulePack, ...] = (),
) -> Change:
    """The change that opens a case for these parties, with the clocks its submission starts."""
    case = _case(parties, facts, run, owner)
    numbers = [number(case, run, "ours", case.claim_number)]
    if facts.get("control_number"):
        numbers.append(number(case, run, "payer", identity.number_key(facts["control_number"])))
    bare = Situation(case=case, patient=parties.patient, payer=parties.payer, coverage=parties.coverage, rule_packs=rule_packs)
    submitted = facts.get("submitted_at") or facts.get("submitted")
    begun = {"submitted": submitted, "rating_period_start": parties.coverage.rating_period_start}
    triggers = (Trigger(name="open", id=case.id, facts=begun),) if submitted else ()
    clocks = clockwork.after_move(run, bare, case, step="open", triggers=triggers)
    told = {name: value for name, value in facts.items() if name not in DENY_FACTS}
    return writing.case_change(
        run, "step", "open", before=None, after=case, facts=told, clocks=clocks, makes=(*parties.new, *numbers),
        replaces=parties.learned, source=source,
    )  # fmt: skip


def _case(parties: Parties, facts: Mapping[str, Any], run: Run, owner: str) -> Case:
    return Case(
        id=run.new_id(),
        practice_id=run.practice.id,
        number="",
        kind=facts["kind"],
        state=State.SUBMITTED,
        patient_id=parties.patient.id,
        payer_id=parties.payer.id,
        coverage_id=parties.coverage.id,
        provider_id=parties.provider.id if parties.provider else None,
        claim_number=identity.number_key(facts["claim"]),
        owner=facts.get("owner") or owner,
        urgency=facts.get("urgency") or "standard",
        network=facts.get("network") or UNKNOWN,
        assignment=facts.get("assignment") or UNKNOWN,
        billed_cents=facts.get("billed") or 0,
        service_from=facts.get("service_from"),
        service_to=facts.get("service_to") or facts.get("service_from"),
        opened_on=run.on,
        entered_on=run.on,
        care=facts.get("care") or UNKNOWN,
        submitted_on=facts.get("submitted"),
        submitted_at=facts.get("submitted_at"),
    )


def situation_of(change: Change, parties: Parties, rule_packs: tuple[RulePack, ...] = ()) -> Situation:
    """A case just decided on, as it will stand once written: for the step that follows in the same transaction."""
    if change.after is None:
        raise RuntimeError("an opening always has a case")
    return Situation(
        case=change.after,
        patient=parties.patient,
        payer=parties.payer,
        coverage=parties.coverage,
        provider=parties.provider,
        clocks=change.clocks,
        rule_packs=rule_packs,
        claim_numbers=tuple(value for value in change.puts if isinstance(value, ClaimNumber)),
    )


def learned_numbers(situation: Situation, facts: Mapping[str, Any], run: Run) -> tuple[ClaimNumber, ...]:
    """The numbers a step brings that a case is looked for by afterwards: of a corrected claim, of an authorisation."""
    known = {(row.system, row.value) for row in situation.claim_numbers}
    given = ((system, identity.number_key(facts.get(name) or "")) for name, system in BROUGHT.items())
    return tuple(number(situation.case, run, *pair) for pair in given if pair[1] and pair not in known)


def number(case: Case, run: Run, system: str, value: str) -> ClaimNumber:
    """A number the case is known by: `ours`, `payer` or `authorisation`."""
    return ClaimNumber(id=run.new_id(), practice_id=case.practice_id, case_id=case.id, payer_id=case.payer_id, system=system, value=value)
