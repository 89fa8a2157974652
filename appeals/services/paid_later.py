"""What a payment suggests on a case that is further on than `submitted`: the step, its facts and the reason. Decides; never writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from appeals import money
from appeals.model import Case, State
from appeals.money import DISPUTED, PAID, RECOVERED
from appeals.record import Situation
from appeals.services import during_appeal, sums
from appeals.services.spoken_of import SpokenOf

PAID_ANEW = "paid another sum than the case was: take it once the payer has taken the first payment back, else refuse it"
COMES_BACK = "paid anew after its payment was taken back: take that first"
NOTHING_LEFT = "paid, nothing in dispute any more"
A_PART = "a part of what is in dispute was paid"
NO_ANSWER = "by a notice from before the appeal was sent, which it does not answer"
GIVES_UP = "the remittance leaves nothing in dispute"


class Told(NamedTuple):
    """What a remittance says of a payment: how much, what is taken off beside it, by which notice and under which number."""

    amount: int
    explained: Mapping[str, int]
    notice: date
    trace: str


def suggested(situation: Situation, about: SpokenOf, told: Told, *, comes_back: bool) -> tuple[str, dict[str, Any], str]:
    """The step, its facts and the reason. `comes_back`: it is proposed already that the case be opened again."""
    case = situation.case
    facts: dict[str, Any] = {"remittance": told.trace, **_explained_anew(about, told)}
    facts |= {"by_line": lines} if (lines := _by_line(about)) else {}
    if case.state is State.RESOLVED:
        return "pay", {**facts, "amount": told.amount, "override": GIVES_UP}, COMES_BACK if comes_back else PAID_ANEW
    too_early = case.state is State.APPEAL_FILED and during_appeal.before_it(situation, told.notice)
    answers = case.state is State.APPEAL_FILED and not too_early
    if about.cents(DISPUTED) < case.disputed_cents:
        step, more, why = _of_a_part(about, told, answers=answers)
    elif answers:
        won = min(increment(case, told.amount), case.disputed_cents)
        step, more, why = "overturn", {"decided": told.notice, "amount": won}, NOTHING_LEFT
    else:
        step, more, why = "pay", {"amount": increment(case, told.amount), "override": GIVES_UP}, NOTHING_LEFT
    return step, facts | more, f"{why}, {NO_ANSWER}" if too_early else why


def _of_a_part(about: SpokenOf, told: Told, *, answers: bool) -> tuple[str, dict[str, Any], str]:
    """Other parts stay in dispute: what was won of this one leaves it, and nothing is given up."""
    amount = min(max(told.amount - about.cents(PAID, RECOVERED), 0), about.cents(DISPUTED))
    facts: dict[str, Any] = {"amount": amount, "by_line": _by_line(about)}
    if not answers or not amount:
        return "payment-posted", facts, A_PART
    won = about.won(amount)
    return "partially-overturn", facts | {"decided": told.notice} | ({"won_line": won} if won else {}), A_PART


def _explained_anew(about: SpokenOf, told: Told) -> dict[str, int]:
    """What the remittance takes off beyond what was taken off before: it says all of it anew."""
    found = {name: cents - about.cents(sums.TOLD[name]) for name, cents in told.explained.items()}
    return {name: cents for name, cents in found.items() if cents > 0}


def _by_line(about: SpokenOf) -> tuple[dict[str, int], ...]:
    """What is paid and taken off of each line beyond what was before."""
    found = []
    for line in about.lines:
        new = about.told[line.position]
        paid = new.paid_cents - line.paid_cents - line.recovered_cents
        off = {name: getattr(new, f"{bucket}_cents") - money.cents(line, bucket) for name, bucket in sums.TOLD.items() if name != "paid"}
        found.append({"position": line.position, **{name: max(cents, 0) for name, cents in (off | {"paid": paid}).items()}})
    return tuple(found)


def corrects(case: Case, amount: int) -> bool:
    """Whether a payment is neither the one the case has nor money it could still be paid: then it takes the place of that one."""
    to_come = case.recovered_cents - case.posted_cents
    return amount != case.paid_cents + case.recovered_cents and amount > money.total(case) - money.held(case) + to_come


def increment(case: Case, amount: int) -> int:
    """What a remittance pays anew: one that pays more than the case could still be paid counts the earlier payments in."""
    still = money.total(case) - case.paid_cents - case.posted_cents - case.contractual_cents - case.patient_cents - case.other_payer_cents
    return amount if amount <= still else max(amount - case.paid_cents - case.posted_cents, 0)
