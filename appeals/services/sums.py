"""What each step does to the money of a case. Decides; never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from appeals import money, show
from appeals.errors import ImpossibleValue, MissingFact, StepRefused
from appeals.guards import Attempt
from appeals.model import Case, State
from appeals.money import CONTRACTUAL, DISPUTED, LOST, OTHER_PAYER, PAID, PATIENT, RECOVERED, UNANSWERED, WRITTEN_OFF, Purse
from appeals.record import Situation
from appeals.services.line_shares import named_shares, of_each_line
from appeals.services.writing import Replaced

# Where what is still in dispute goes when a step closes the case: nothing stays in dispute that nobody works on.
CLOSES_INTO = {
    "approve": RECOVERED,
    "pay": WRITTEN_OFF,
    "void": UNANSWERED,
    "uphold": LOST,
    "partially-overturn": LOST,
    "bill-other-payer": OTHER_PAYER,
    "bill-patient": WRITTEN_OFF,
    "write-off": WRITTEN_OFF,
    "expire": LOST,
}
BEFORE_THE_SERVICE = "pre_service"
GIVES_UP_ALL = ("write-off", "expire")  # of a claim nobody answered, what is unanswered goes with it
# What comes back into dispute when a case is opened again without an amount, by what it was called when it was resolved.
CAME_FROM = {
    "paid": (RECOVERED, PAID),
    "overturned": (RECOVERED,),
    "approved": (RECOVERED,),
    "partial": (LOST, WRITTEN_OFF),
    "upheld": (LOST,),
    "expired": (LOST,),
    "patient": (PATIENT, WRITTEN_OFF),
    "other_payer": (OTHER_PAYER,),
    "written_off": (WRITTEN_OFF,),
    "void": (UNANSWERED,),
}
TAKEN_FROM = (RECOVERED, PAID, LOST, WRITTEN_OFF, PATIENT, OTHER_PAYER, CONTRACTUAL, UNANSWERED)  # in this order, after those
NOT_PAID = (UNANSWERED, LOST, WRITTEN_OFF, PATIENT, OTHER_PAYER, CONTRACTUAL)  # a denial by itself takes no payment back before these
SETTLED_INTO = {"paid": RECOVERED, "patient": PATIENT, "written_off": WRITTEN_OFF}  # where a line's money goes by `settle-line --to`
TOLD = {"paid": PAID, "contractual": CONTRACTUAL, "patient_share": PATIENT, "other_payer_paid": OTHER_PAYER}


def of(situation: Situation) -> Purse:
    """The money of a case as it stands."""
    return Purse(situation.case, tuple(line for line in situation.lines if not line.voided))


def parts(situation: Situation, purse: Purse) -> tuple[dict[str, int], tuple[Replaced, ...]]:
    """What became of the money, as fields of the case and rows of its lines."""
    columns = (*money.COLUMNS, money.POSTED)
    fields = {c: getattr(purse.case, c) for c in columns if getattr(purse.case, c) != getattr(situation.case, c)}
    before = {line.id: line for line in situation.lines}
    return fields, tuple(Replaced(before=before[line.id], after=line) for line in purse.lines if before[line.id] != line)


def completed(situation: Situation, step: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts with the amount that lines named by `won_line` or `settled` come to, where none was given.

    Raises:
        ImpossibleValue: the lines come to another amount than the one given.
        MissingFact: a part was won, several lines are in dispute, and nobody said which of them won.
    """
    wanted = facts.get("won_line") or facts.get("settled")
    if not wanted:
        _one_line_at_most(situation, step, facts)
        return facts
    shares = money.shares_of(of(situation).lines, DISPUTED, wanted)
    amount = sum(shares.values())
    if facts.get("amount") not in (None, amount):
        raise ImpossibleValue(
            f"The lines come to {show.money(amount)}, the amount is {show.money(facts['amount'])}.",
            "Give the lines, or the amount, or both that agree.",
        )
    return {**facts, "amount": amount, "shares": {str(position): share for position, share in shares.items()}}


def _one_line_at_most(situation: Situation, step: str, facts: Mapping[str, Any]) -> None:
    """A part of several lines is some line's: guessing which would put the money on the wrong one."""
    open_lines = [line.position for line in of(situation).lines if line.disputed_cents]
    if step == "partially-overturn" and len(open_lines) > 1 and 0 < (facts.get("amount") or 0) < situation.case.disputed_cents:
        raise MissingFact(
            f"Which lines won? In dispute are lines {', '.join(map(str, open_lines))}.",
            "`--won-line 2` (all of it) or `--won-line 2:400`, as often as needed; `appeals show CASE` prints the lines.",
        )


def told_by(case: Case, facts: Mapping[str, Any], *, disputed: int, by_hand: bool) -> dict[str, Any]:
    """The buckets after a notice that decides the whole claim: what it denies, and what it says of the rest.

    What a person leaves out is as it was; a remittance says everything, so that what it pays anew is not added to what an
    earlier one paid. Money settled before that the new notice denies again is in dispute again.

    Raises:
        ImpossibleValue: a person typed more than the claim billed. A remittance out of balance is taken as it is.
    """
    if not by_hand:
        return _restated(case, facts, disputed)
    fields: dict[str, Any] = {"disputed_cents": disputed} | {f"{TOLD[name]}_cents": facts[name] for name in TOLD if facts.get(name)}
    after = replace(case, **fields)
    if case.billed_cents and money.held(after) > case.billed_cents:
        elsewhere = money.held(after) - disputed
        raise ImpossibleValue(
            f"{show.money(disputed)} denied and {show.money(elsewhere)} paid, taken off or settled is more than the "
            f"{show.money(case.billed_cents)} billed.",
            "Check the amounts against the EOB; `appeals show CASE` prints the money.",
        )
    return fields


def _restated(case: Case, facts: Mapping[str, Any], disputed: int) -> dict[str, Any]:
    """The buckets as a remittance leaves them. What it paid includes what was recovered; what it does not speak of gives way."""
    paid = facts.get("paid") or 0
    recovered = min(case.recovered_cents, paid)
    fields: dict[str, Any] = {"disputed_cents": disputed, "recovered_cents": recovered, "posted_cents": min(case.posted_cents, recovered)}
    fields |= {f"{TOLD[name]}_cents": facts.get(name) or 0 for name in TOLD} | {"paid_cents": paid - recovered}
    excess = money.held(replace(case, **fields)) - case.billed_cents
    for bucket in (WRITTEN_OFF, LOST):
        less = min(max(excess, 0), money.cents(case, bucket))
        fields[f"{bucket}_cents"], excess = money.cents(case, bucket) - less, excess - less
    return fields


def another(case: Case, facts: Mapping[str, Any], *, disputed: int) -> dict[str, Any]:
    """The buckets after a notice about another part of the claim: it adds to what the others said."""
    fields: dict[str, Any] = {f"{TOLD[name]}_cents": money.cents(case, TOLD[name]) + (facts.get(name) or 0) for name in TOLD}
    fields |= {"disputed_cents": case.disputed_cents + disputed}
    return fields | {"billed_cents": max(case.billed_cents, money.held(replace(case, **fields)))}


def paid(situation: Situation, facts: Mapping[str, Any]) -> Purse:
    """The payer paid: what is in dispute is recovered first, then what was won before has come, and the rest was never denied.

    `by_line` may say what each line is paid and what is taken off of it.

    Raises:
        ImpossibleValue: more than the claim has left.
    """
    case = situation.case
    recovered = min(facts["amount"], case.disputed_cents)
    owed = min(facts["amount"] - recovered, case.recovered_cents - case.posted_cents)
    purse = of(situation)
    purse = posted(purse.moved(DISPUTED, RECOVERED, recovered, of_each_line(purse, DISPUTED, facts, "paid", recovered)), recovered + owed)
    rest = facts["amount"] - recovered - owed
    purse = purse.moved(UNANSWERED, PAID, rest, of_each_line(purse, UNANSWERED, facts, "paid", rest))
    return _explained(situation, purse, facts, (DISPUTED,))


def _explained(situation: Situation, purse: Purse, facts: Mapping[str, Any], first: Sequence[str]) -> Purse:
    """What a remittance says is contractual, the patient's or another payer's: taken out of `first`, then of what is unanswered.

    Raises:
        StepRefused: by hand, out of a dispute, onto a patient whom Medicaid covers.
    """
    for name, bucket in TOLD.items():
        rest = facts.get(name) or 0 if name != "paid" else 0
        for source in first:
            there = money.cents(purse.case, source) - (purse.case.posted_cents if source == RECOVERED else 0)
            less = min(rest, there)
            if less and bucket == PATIENT and not facts.get("trace_source") and situation.coverage.programme.startswith("medicaid"):
                raise StepRefused("A service covered by Medicaid is never billed to the patient.", "Check `--patient-share`.")
            purse, rest = purse.moved(source, bucket, less, of_each_line(purse, source, facts, name, less)), rest - less
        purse = purse.moved(UNANSWERED, bucket, rest, of_each_line(purse, UNANSWERED, facts, name, rest))
    return purse


def beyond_contract(situation: Situation, purse: Purse, facts: Mapping[str, Any]) -> int:
    """What a payment calls contractual out of a dispute or a win, though out of network no contract says so: it is given up."""
    if situation.case.network == "in" or facts.get("trace_source"):
        return 0
    left = money.cents(situation.case, UNANSWERED) - money.cents(purse.case, UNANSWERED)
    return min(max((facts.get("contractual") or 0) - max(left, 0), 0), facts.get("contractual") or 0)


def posted(purse: Purse, amount: int) -> Purse:
    """The purse with so much more of what was recovered in the bank."""
    return replace(purse, case=replace(purse.case, posted_cents=purse.case.posted_cents + amount))


def arrived(situation: Situation, facts: Mapping[str, Any]) -> Purse:
    """Money came: first what was won and is not here yet, then what is in dispute, then what nobody has answered for.

    Raises:
        ImpossibleValue: more than the case could still be paid.
    """
    case, amount = situation.case, facts["amount"]
    owed = min(amount, case.recovered_cents - case.posted_cents)
    fresh = min(amount - owed, case.disputed_cents)
    purse = of(situation)
    purse = posted(purse.moved(DISPUTED, RECOVERED, fresh, of_each_line(purse, DISPUTED, facts, "paid", fresh)), owed + fresh)
    rest, left = amount - owed - fresh, money.cents(purse.case, UNANSWERED)
    if rest > left:
        raise ImpossibleValue(
            f"{show.money(amount)} is {show.money(rest - left)} more than the case could still be paid.",
            "Interest or a penalty goes to `--interest`; money for another claim is not this case's.",
        )
    return _explained(situation, purse.moved(UNANSWERED, PAID, rest), facts, (RECOVERED, DISPUTED))


def won(attempt: Attempt, amount: int) -> Purse:
    """A decision or a call won `amount` of what is in dispute, and may say of the rest that it is contractual or the patient's.

    What is won before the service is leave to give it, and no money yet: it is unanswered until a claim is sent.

    Raises:
        ImpossibleValue: that is more than what is in dispute.
    """
    situation = attempt.situation
    if amount > situation.case.disputed_cents:
        raise ImpossibleValue("The amount won is more than what is in dispute.", "Check `--amount`; `appeals show CASE` prints the money.")
    target = UNANSWERED if situation.case.kind == BEFORE_THE_SERVICE else RECOVERED
    purse = of(situation)
    shares = named_shares(attempt.facts) or of_each_line(purse, DISPUTED, attempt.facts, "paid", amount)
    purse = purse.moved(DISPUTED, target, amount, shares)
    return _explained(situation, purse, attempt.facts, (DISPUTED,))


def settled(attempt: Attempt) -> Purse:
    """Some lines leave the dispute while the rest of it goes on."""
    facts, bucket = attempt.facts, SETTLED_INTO[attempt.facts["to"]]
    purse = of(attempt.situation).moved(DISPUTED, bucket, facts["amount"], named_shares(facts))
    return posted(purse, facts["amount"]) if bucket == RECOVERED else purse


def billed_to_patient(situation: Situation, facts: Mapping[str, Any]) -> Purse:
    amount = facts["amount"] if facts.get("amount") is not None else situation.case.disputed_cents
    return of(situation).moved(DISPUTED, PATIENT, amount)


def reopened(situation: Situation, facts: Mapping[str, Any]) -> Purse:
    """What comes back: an amount taken back, or all that the resolution had settled; into dispute, or unanswered again.

    Raises:
        MissingFact: nothing says how much is in dispute again. ImpossibleValue: more than the case has.
    """
    case, purse = situation.case, of(situation)
    target = UNANSWERED if facts.get("to") == "submitted" else DISPUTED
    first = NOT_PAID if facts.get("source") else CAME_FROM.get(case.outcome, ())
    amount = facts.get("amount")
    if amount is None:
        amount = sum(money.cents(case, bucket) for bucket in first if bucket != target)
        if not amount and target == DISPUTED:
            raise MissingFact("reopen needs --amount.", "How much is in dispute again; `--to submitted` waits for a new answer.")
    rest = amount
    for bucket in dict.fromkeys((*first, *TAKEN_FROM)):
        if bucket != target:
            less = min(rest, money.cents(purse.case, bucket))
            purse, rest = purse.moved(bucket, target, less), rest - less
    if rest and (case.billed_cents or target == UNANSWERED):
        raise ImpossibleValue(
            f"{show.money(amount)} is more than the {show.money(amount - rest)} the case has.",
            "Check `--amount`; `appeals show CASE` prints the money.",
        )
    purse = purse.moved(UNANSWERED, target, rest) if rest else purse
    return replace(purse, case=replace(purse.case, posted_cents=min(purse.case.posted_cents, purse.case.recovered_cents)))


def closed(purse: Purse, step: str, facts: Mapping[str, Any], was: State) -> Purse:
    """The purse of a case that the step has resolved: nothing is left in dispute."""
    target = CLOSES_INTO.get(step, LOST)
    if target == RECOVERED and purse.case.kind == BEFORE_THE_SERVICE:
        target = UNANSWERED
    if step == "partially-overturn" and facts.get("rest_given_up"):
        target = WRITTEN_OFF
    purse = purse.moved(DISPUTED, target, purse.case.disputed_cents)
    if step in GIVES_UP_ALL and was is State.SUBMITTED:
        purse = purse.moved(UNANSWERED, target, money.cents(purse.case, UNANSWERED))
    return purse


def unexplained(case: Case) -> str:
    """A warning where a resolved or denied case was billed for more than anybody has accounted for."""
    rest = money.cents(case, UNANSWERED)
    if not rest or case.state is State.SUBMITTED or case.kind == BEFORE_THE_SERVICE or case.outcome in ("void", "approved"):
        return ""
    return (
        f"{show.money(rest)} of the {show.money(case.billed_cents)} billed is not accounted for: "
        "`appeals correct CASE --paid --contractual --patient-share` says what the EOB says of it"
    )
