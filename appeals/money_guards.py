"""Guards about money: what is won, given up, or put on the patient. They write nothing."""

from __future__ import annotations

from collections.abc import Iterable

from appeals import money
from appeals.errors import NotAllowed
from appeals.guards import Attempt, Guard
from appeals.record import Situation

PATIENT, PAID, WRITTEN_OFF = "patient", "paid", "written_off"


def nothing_left_in_dispute(attempt: Attempt) -> str | None:
    facts = attempt.facts
    told = sum(facts.get(name) or 0 for name in ("amount", "contractual", "patient_share", "other_payer_paid"))
    if told >= attempt.situation.case.disputed_cents or facts.get("override"):
        return None
    return (
        "that is less than what is in dispute, and `pay` closes the case; `--contractual` and `--patient-share` say what the remittance "
        "says of the rest, `mark CASE payment-posted --amount` keeps the case open, `--override REASON` gives the rest up"
    )


def part_won(attempt: Attempt) -> str | None:
    amount, disputed = attempt.facts["amount"], attempt.situation.case.disputed_cents
    if 0 < amount < disputed:
        return None
    return "a partial win is more than nothing and less than what is in dispute; use `overturn` or `uphold`"


def all_won(attempt: Attempt) -> str | None:
    amount = attempt.facts.get("amount")
    if amount is None or amount >= attempt.situation.case.disputed_cents:
        return None
    return "that is less than what is in dispute; `partially-overturn` keeps the rest alive"


def lines_in_dispute(attempt: Attempt) -> str | None:
    situation = attempt.situation
    in_dispute = [line.disputed_cents for line in situation.lines if line.disputed_cents and not line.voided]
    if in_dispute and min(in_dispute) < situation.case.disputed_cents:
        return None
    return "no single line is in dispute beside others (`deny --line` records the lines of a notice)"


def some_lines_only(attempt: Attempt) -> str | None:
    """A line is settled while the rest goes on; what settles all of it closes the case, and has a step of its own."""
    if attempt.facts["amount"] < attempt.situation.case.disputed_cents:
        return None
    closing = {PATIENT: "bill-patient", PAID: "pay", WRITTEN_OFF: "write-off"}[attempt.facts["to"]]
    return f"that is all that is in dispute; `{closing}` settles it and closes the case"


def line_may_be_billed(attempt: Attempt) -> str | None:
    return patient_may_be_billed(attempt) if attempt.facts["to"] == PATIENT else None


def patient_may_be_billed(attempt: Attempt) -> str | None:
    situation, facts = attempt.situation, attempt.facts
    amount = facts["amount"] if facts.get("amount") is not None else situation.case.disputed_cents
    if situation.coverage.programme.startswith("medicaid"):
        return "a service covered by Medicaid is never billed to the patient"
    if facts.get("surprise_billing"):
        return "a service the No Surprises Act protects is never billed to the patient beyond the cost share"
    if facts.get("waiver") or patient_cents(situation, facts.get("shares") or {}) >= amount:
        return None
    return (
        "not all of it was put on the patient by the payer (group PR); for the rest a signed waiver on file is needed (`--waiver DOCUMENT`)"
    )


def patient_cents(situation: Situation, positions: Iterable[str] = ()) -> int:
    """What the payer put on the patient (group PR) and nobody has billed yet, by the notice that put most there.

    `positions` (text) names the lines it must lie on; empty means anywhere on the claim.
    """
    standing = {d.id for d in situation.denials if not d.voided}
    named = set(positions)
    lines = {line.id: line for line in situation.lines if str(line.position) in named and not line.voided}
    sums: dict[str, int] = {}
    for a in situation.adjustments:
        if a.group_code == "PR" and a.denial_id in standing and (not named or a.line_id in lines):
            sums[str(a.denial_id)] = sums.get(str(a.denial_id), 0) + a.amount_cents
    billed = sum(line.patient_cents for line in lines.values()) if named else situation.case.patient_cents
    return max(sums.values(), default=0) - billed


def given_up(attempt: Attempt, step: str) -> int:
    """The cents a step would give up of our own accord."""
    case, facts = attempt.situation.case, attempt.facts
    amount = facts.get("amount") or 0
    if step == "write-off":
        return money.at_stake(case)
    if step == "settle-line":
        return amount if facts["to"] == WRITTEN_OFF else 0
    if step == "bill-patient" and facts.get("amount") is None:
        return 0
    if step == "partially-overturn" and not facts.get("rest_given_up"):
        return 0
    explained = sum(facts.get(name) or 0 for name in ("contractual", "patient_share", "other_payer_paid"))
    return max(case.disputed_cents - amount - explained, 0)


def second_person(step: str) -> Guard:
    """Above the practice's limit nobody gives money up alone; what was given up before on the case counts with it."""

    def guard(attempt: Attempt) -> str | None:
        case, amount = attempt.situation.case, given_up(attempt, step)
        if not amount or amount + case.written_off_cents <= attempt.practice.write_off_limit_cents:
            return None
        others = [a for a in attempt.situation.approvals if a.step == "write-off" and a.approved_by not in ("", attempt.actor)]
        if any(a.amount_cents >= amount for a in others):
            return None
        raise NotAllowed(
            f"Case {case.number}: {money.in_words(amount)} would be given up, and with what was given up before that is above the "
            "practice's write-off limit; a second person must approve it.",
            f"Another account runs `appeals approve-write-off {case.number}`, then take this step again.",
        )

    return guard
