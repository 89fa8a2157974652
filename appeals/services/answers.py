"""What a remittance says to a case there is: denied anew, or paid. Further on than `submitted` it only proposes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from appeals import identity, money
from appeals.intake.findings import DenialFinding
from appeals.intake.remittance import Claim
from appeals.model import Case, Denial, State
from appeals.record import Change, Situation
from appeals.services import during_appeal, earlier, marks, matching, opening, paid_later, parts, sent_lines, steps, sums, writing
from appeals.services.claim_facts import explained, line_facts, place
from appeals.services.importing import Fate, Importing, Source, trace_of
from appeals.services.proposals import proposed
from appeals.services.spoken_of import SpokenOf, spoken_of
from appeals.services.told_lines import LineFacts, answered

POSTED = ("opened", "moved", "added")  # fates of claims whose money is on the case
FIRST_DENIED = (
    "another part of the claim was denied for the first time, and the case has gone on to a further level: "
    "open a case of its own for it (`appeals open --same-as CASE --denied`)"
)
LESS_PAID = "it says less was paid than the case has, of another part of the claim: correct the case by hand"
OTHER_LINES = "it was paid for other lines than those in dispute: post it by hand (`appeals mark CASE payment-posted`)"
TAKES_ITS_PLACE = (
    "paid anew for a part whose payment the same file takes back: do not post it beside that, `appeals correct CASE` changes what was paid"
)


def denied_again(
    at: Importing, situation: Situation, claim: Claim, finding: DenialFinding, facts: Mapping[str, Any], source: Source
) -> Fate:
    """The fate of a denied claim that has a case: it is moved, another notice is added to it, or a step is proposed."""
    case, run, trace = situation.case, at.run, facts["trace_source"]
    facts = {**facts, **({"replaces": True} if parts.replaces(situation, claim) else {})}
    new_part, same = _new_part(at, situation, claim, source), parts.same_services(situation, claim)
    if not parts.numbered_anew(situation, claim) and same and (standing := _standing(situation, facts["notice"], finding)):
        return Fate(name="known", reason=f"the notice of {standing.notice_date} about the same services and money is on the case")
    if new_part and case.level > 1:
        return Fate(name="person", reason=FIRST_DENIED)
    about = _spoken_of(at, situation, claim, facts["lines"])
    changes: tuple[Change, ...]
    if case.state is State.RESOLVED and case.outcome == "paid" and new_part and _has_room(case, claim) and not _comes_back(situation):
        # Nothing is taken back of what was paid, and the part that is denied has its own time: that starts at once.
        name, reason = "moved", f"another part of the claim was denied: {finding.words}"
        changes = steps.step_changes(situation, "reopen", {**facts, "split": True, "reason": "another part of the claim was denied"}, run)
    elif case.state is State.RESOLVED:
        name, reason = "proposed", "denied again after it was resolved"
        changes = proposed(situation, "reopen", {**_notice(facts), "split": new_part, "reason": reason}, reason, trace, run)
    elif case.state is State.APPEAL_FILED and not new_part and not during_appeal.before_it(situation, facts["notice"]):
        step, told, reason = during_appeal.of_denial(about, finding, facts, at.codes)
        name, changes = "proposed", proposed(situation, step, told, reason, trace, run)
    elif case.state is State.SUBMITTED:
        name, reason, changes = "moved", finding.words, steps.step_changes(situation, "deny", facts, run)
    else:
        name, reason = "added", finding.words
        changes = (marks.mark_change(situation, "denial-added", {**facts, "split": new_part, "dated": run.on}, run),)
    taken_back = about.cents(money.PAID, money.RECOVERED) if matching.own_number(claim) in source.anew else 0
    if _takes_from_another_part(situation, changes[0], taken_back):
        return Fate(name="person", reason=LESS_PAID)
    changes = _learning(at, situation, claim, changes)
    return Fate(name=name, reason=reason, changes=changes, denied_cents=finding.denied_cents)


def _new_part(at: Importing, situation: Situation, claim: Claim, source: Source) -> bool:
    """Whether it is another part of a split claim: see `parts.new_part`."""
    return parts.numbered_anew(situation, claim) and parts.new_part(situation, claim, beside=_all_beside(at, situation, claim, source))


def _all_beside(at: Importing, situation: Situation, claim: Claim, source: Source) -> bool:
    """Whether all that was said of the case so far stands in the claim's own payment, under other numbers, and takes nothing back."""
    trace = trace_of(claim, source)
    elsewhere = any(one.case_id == situation.case.id and one.trace != trace for one in at.overlay.taken(claim.claim_number))
    by_hand = any(not notice.source.startswith(source.sha256) for notice in situation.denials if not notice.voided)
    here = at.overlay.in_payment(claim.claim_number, trace) - {claim.payer_control}
    return bool(here) and not elsewhere and not by_hand and matching.own_number(claim) not in source.anew


def _has_room(case: Case, claim: Claim) -> bool:
    """Whether the claim was billed for this part too: what is charged beyond it may be a duplicate."""
    return case.paid_cents + case.recovered_cents + (claim.charge_cents or 0) <= case.billed_cents


def _takes_from_another_part(situation: Situation, change: Change, taken_back: int) -> bool:
    """Whether a notice about one part of a split claim would leave less paid than the case has: that was another part's.

    `taken_back` is what this part was paid, where the payer takes it back in the same payment.
    """
    before, after = situation.case, change.after
    stays = before.paid_cents + before.recovered_cents - taken_back
    less = after is not None and after.paid_cents + after.recovered_cents < stays
    return less and len(parts.payers_numbers(situation)) > 1


def _spoken_of(at: Importing, situation: Situation, claim: Claim, told: Sequence[LineFacts]) -> SpokenOf:
    """What the claim speaks of, by its lines; where they are not the case's, by what files said of its other parts."""
    mine = {identity.number_key(number) for number in (claim.payer_control, claim.reference(matching.ORIGINAL))}
    said = (one for one in at.overlay.taken(claim.claim_number) if one.case_id == situation.case.id and one.fate in POSTED)
    return spoken_of(situation, told, claim.charge_cents or 0, [one for one in said if identity.number_key(one.payer_control) not in mine])


def _standing(situation: Situation, notice: date, finding: DenialFinding) -> Denial | None:
    """The notice of that day for the same money that the case has: the same denial comes by several ways."""
    codes = {reason.carc for reason in finding.reasons}
    alike = (d for d in situation.denials if not d.voided and (d.notice_date, d.denied_cents) == (notice, finding.denied_cents))
    return next((d for d in alike if {word.rpartition("-")[2] for word in d.reasons.split(", ")} == codes), None)


def _learning(at: Importing, situation: Situation, claim: Claim, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes with the payer's number of the claim, by which a takeback will name it; laid over what is decided so far."""
    control = identity.number_key(claim.payer_control)
    if control and control not in parts.payers_numbers(situation):
        number = opening.number(situation.case, at.run, "payer", control)
        changes = (writing.also_making(changes[0], number), *changes[1:])
    at.overlay.take(situation, changes)
    return changes


def _comes_back(situation: Situation) -> bool:
    """Whether it is proposed already that the case be opened again."""
    return any(one.step == "reopen" and one.status == "open" for one in situation.proposals)


def _notice(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a proposal keeps of a notice, so that its lines, its money and its clocks are there once a person takes it."""
    return {name: value for name, value in facts.items() if value and name != "trace_source"}


def paid(at: Importing, situation: Situation | None, claim: Claim, source: Source) -> Fate:
    """Nothing in dispute: an import pays a submitted case; on a case further on it proposes."""
    if situation is None:
        return Fate(name="ignored", reason=earlier.settled(source) if (claim.paid_cents or 0) > 0 else "")
    case, run, amount = situation.case, at.run, claim.paid_cents or 0
    trace = place(source.sha256, claim)
    facts: dict[str, Any] = {"amount": amount, "remittance": source.transaction.trace, **explained(claim, at.codes)}
    if case.state is State.SUBMITTED:
        facts["amount"] = paid_later.increment(case, amount)
        by_line = sent_lines.by_line(claim, situation.lines, at.codes, {**facts, "paid": facts["amount"]})
        facts |= {"trace_source": trace, **({"by_line": by_line} if by_line else {})}
        changes = steps.step_changes(situation, "pay", facts, run)
        changes = _learning(at, situation, claim, changes)
        left = sums.unexplained(changes[0].after or case)
        return Fate(name="moved", reason="; ".join(filter(None, (earlier.settled(source), left))), changes=changes)
    if _adds(at, situation, claim, source):
        return _part_paid(at, situation, claim, {**facts, "trace_source": trace}, source)
    comes_back = _comes_back(situation)
    if not amount or (case.state is State.RESOLVED and not comes_back and not paid_later.corrects(case, amount)):
        return Fate(name="ignored", reason="the case is resolved; `appeals mark CASE payment-posted` posts the money" if amount else "")
    about = _spoken_of(at, situation, claim, line_facts(claim, at.codes))
    if doubt := _in_doubt(situation, claim, about, source):
        return Fate(name="person", reason=doubt)
    told = paid_later.Told(amount, explained(claim, at.codes), source.transaction.notice_date or run.on, source.transaction.trace)
    step, facts, why = paid_later.suggested(situation, about, told, comes_back=comes_back)
    changes = _learning(at, situation, claim, proposed(situation, step, facts, why, trace, run))
    return Fate(name="proposed", reason=f"{why}: {step} proposed", changes=changes)


def _in_doubt(situation: Situation, claim: Claim, about: SpokenOf, source: Source) -> str:
    """Why only a person can say what a payment on a case further on is for; "" where nothing speaks against proposing it."""
    if about.is_settled or parts.of_other_lines(situation, claim):
        return TAKES_ITS_PLACE if matching.own_number(claim) in source.anew else OTHER_LINES
    notice, denied = source.transaction.notice_date, [denial.notice_date for denial in situation.denials if not denial.voided]
    if situation.case.state is State.RESOLVED or not notice or not denied or notice >= max(denied):
        return ""
    return (
        f"paid by a notice of {notice}, older than the denial of {max(denied)}, by which the payer decided otherwise: "
        "if that money has come and stayed, `appeals mark CASE payment-posted`"
    )


def _adds(at: Importing, situation: Situation, claim: Claim, source: Source) -> bool:
    """Whether another part of a split claim was paid. Where no lines say so, it must be money the claim has left."""
    case, told = situation.case, explained(claim, at.codes)
    if not claim.paid_cents or claim.paid_cents < 0 or not _new_part(at, situation, claim, source):
        return False
    by_lines = bool(claim.lines) and any(answered(line) for line in situation.lines)
    return by_lines or claim.paid_cents + sum(told.values()) <= money.cents(case, money.UNANSWERED)


def _part_paid(at: Importing, situation: Situation, claim: Claim, facts: Mapping[str, Any], source: Source) -> Fate:
    """The fate of another part that was paid: its money is added; nothing is decided on what is in dispute."""
    # The same payment may come by two ways, with a number of its own in each.
    of_case = (one for one in at.overlay.taken(claim.claim_number) if one.case_id == situation.case.id)
    if any(
        (one.charge_cents, one.paid_cents) == (claim.charge_cents, claim.paid_cents) for one in of_case if one.file_id != source.file_id
    ):
        return Fate(name="person", reason="as much was paid for the case before: is it another part of the claim, or the same payment?")
    told = {**facts, "split": True, "dated": at.run.on, "lines": line_facts(claim, at.codes)}
    changes = _learning(at, situation, claim, (marks.mark_change(situation, "payment-posted", told, at.run),))
    return Fate(name="added", reason="paid for another part of the claim: it adds to what was paid", changes=changes)
