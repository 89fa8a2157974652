"""Guards about money: what is won, given up, or put on the patient. They write nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from appeals import money, show, standing
from appeals.appointments import STATEMENT
from appeals.counting import day_name
from appeals.errors import NotAllowed
from appeals.guards import Attempt, Guard
from appeals.model import RUNNING, Case
from appeals.money import PAID, PATIENT, WRITTEN_OFF
from appeals.record import Approval, Situation

GIVE_UP = ("write-off", "void", "pay", "partially-overturn", "settle-line", "bill-patient", "overturn", "peer-overturn")
EXPLAINED = ("contractual", "patient_share", "other_payer_paid")  # what a remittance says of what it does not pay


def nothing_left_in_dispute(attempt: Attempt) -> str | None:
    facts, case = attempt.facts, attempt.situation.case
    told = sum(facts.get(name) or 0 for name in ("amount", *EXPLAINED))
    # A remittance that is imported is taken as it is; what it leaves open is said.
    if facts.get("override") or told >= (case.disputed_cents if facts.get("trace_source") else money.at_stake(case)):
        return None
    what = "was billed" if case.state == "submitted" and not case.disputed_cents else "is in dispute"
    return (
        f"that is less than what {what}, and `pay` closes the case; `--contractual` and `--patient-share` say what the remittance "
        "says of the rest, `mark CASE payment-posted --amount` keeps the case open, `--override REASON` gives the rest up"
    )


def part_won(attempt: Attempt) -> str | None:
    amount, disputed = attempt.facts["amount"], attempt.situation.case.disputed_cents
    if 0 < amount < disputed:
        return None
    return "a partial win is more than nothing and less than what is in dispute; use `overturn` or `uphold`"


def all_won(attempt: Attempt) -> str | None:
    amount = attempt.facts.get("amount")
    if amount is not None:
        amount += sum(attempt.facts.get(name) or 0 for name in EXPLAINED)
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


def statement_in_hand(attempt: Attempt) -> str | None:
    """An FSA pays back only against an itemised statement, and only until its run-out: both are settled before the case is."""
    number = attempt.situation.case.number
    waiting = [c for c in attempt.situation.clocks if c.kind == STATEMENT and c.status in RUNNING]
    if attempt.facts["how_met"] != "fsa" or attempt.facts.get("override") or not waiting or standing.is_overdue(waiting[0], attempt.on):
        return None
    return (
        f"the patient's FSA takes claims until {day_name(standing.latest(waiting[0]))} and has no statement to claim with: "
        f"`appeals statement {number} --out FILE`, then `appeals mark {number} statement-given`; `--override REASON` goes without"
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


def accounted_for(attempt: Attempt) -> str | None:
    """What is given up is known before it is: a claim of which the EOB was not read to the end may hide more."""
    case = attempt.situation.case
    rest = money.cents(case, money.UNANSWERED)
    if not rest or case.state == "submitted":
        return None
    return (
        f"{show.money(rest)} of what was billed is not accounted for; `appeals correct {case.number} --paid --contractual "
        "--patient-share` first says what the EOB says of it"
    )


def given_up(attempt: Attempt, step: str) -> int:
    """The cents a step would give up of our own accord."""
    case, facts = attempt.situation.case, attempt.facts
    if step == "write-off":
        return money.at_stake(case)
    if step == "void":
        return case.disputed_cents
    if step in ("overturn", "peer-overturn"):
        return beyond_contract(attempt)
    if step == "settle-line":
        return int(facts["amount"]) if facts["to"] == WRITTEN_OFF else 0
    if step == "bill-patient":
        return max(case.disputed_cents - facts["amount"], 0) if facts.get("amount") is not None else 0
    if step == "partially-overturn":
        explained = sum(facts.get(name) or 0 for name in EXPLAINED)
        rest: int = max(case.disputed_cents - facts["amount"] - explained, 0)
        return (rest if facts.get("rest_given_up") else 0) + beyond_contract(attempt)
    left: int = money.at_stake(case) - facts["amount"] - sum(facts.get(name) or 0 for name in EXPLAINED)
    return (max(left, 0) if facts.get("override") else 0) + beyond_contract(attempt)


def beyond_contract(attempt: Attempt) -> int:
    """What is called contractual out of a dispute although there is no contract: out of network that is giving it up."""
    situation, facts = attempt.situation, attempt.facts
    if situation.case.network == "in" or facts.get("trace_source"):
        return 0
    disputed = max(situation.case.disputed_cents - (facts.get("amount") or 0), 0)
    return min(facts.get("contractual") or 0, disputed)


def second_person(step: str) -> Guard:
    """Above the practice's limit nobody gives money up alone; what was given up before on the case counts with it."""
    return lambda attempt: approved(attempt, given_up(attempt, step))


def approved(attempt: Attempt, amount: int) -> None:
    """Nothing, where so much may be given up. Raises NotAllowed: nobody else has said yes to as much."""
    case = attempt.situation.case
    if not amount or amount + before(case) <= attempt.practice.write_off_limit_cents or yes_to(attempt, amount):
        return
    raise NotAllowed(
        f"Case {case.number}: {show.money(amount)} would be given up, and with what was given up before that is above the "
        "practice's write-off limit; a second person must approve it.",
        f"Another account runs `appeals approve-write-off {case.number}`, then take this step again.",
    )


def before(case: Case) -> int:
    """What has been given up on a case; out of network also what was called contractual, for no contract says so."""
    return case.written_off_cents + (0 if case.network == "in" else case.contractual_cents)


def yes_to(attempt: Attempt, amount: int) -> Approval | None:
    """Another person's yes that covers the amount and is not used up."""
    others = [a for a in attempt.situation.approvals if a.step == "write-off" and a.approved_by not in ("", attempt.actor)]
    return next((a for a in others if a.amount_cents >= amount), None)


def used_up(attempt: Attempt, step: str) -> tuple[Approval, Approval] | None:
    """The yes that a step needs, before and after: what it gives up cannot be given up on the same word again."""
    amount = given_up(attempt, step) if step in GIVE_UP else 0
    if not amount or amount + before(attempt.situation.case) <= attempt.practice.write_off_limit_cents:
        return None
    yes = yes_to(attempt, amount)
    return (yes, replace(yes, amount_cents=yes.amount_cents - amount)) if yes else None
