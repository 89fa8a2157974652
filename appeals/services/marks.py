"""Marks: dated facts that move no state but may start, end or re-date clocks. One event each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from appeals import money, money_guards, rules, show
from appeals.errors import MissingFact, StepRefused
from appeals.model import RUNNING, ClockStatus, State
from appeals.record import Approval, Mark, Run, Situation
from appeals.services import appointments, authorisations, delays, receipts, rejections, restating, steps, sums, writing
from appeals.services import clockwork as cw
from appeals.services.delays import MarkEffect
from appeals.services.denials import denial_rows
from appeals.services.governing import packs_of
from appeals.services.steps import Done
from appeals.services.store import Store

MARKS = (
    "received",
    "denial-added",
    "acknowledged",
    "claim-sent",
    "claim-accepted",
    "claim-rejected",
    "prepared",
    "proof-added",
    "info-requested",
    "info-supplied",
    "extension-notice",
    "urgency-declared",
    "representative-authorised",
    "criteria-requested",
    "parity-analysis-requested",
    "parity-analysis-received",
    "failed-treatment",
    "authorisation-obtained",
    "authorisation-closed",
    "reviewer-assigned",
    "peer-scheduled",
    "payment-posted",
    "patient-paid",
    "reimbursement-expected",
    "fsa-run-out",
    "statement-given",
    "recoupment-notice",
    "recoupment-answered",
    "contact",
    "document-added",
    "owner-changed",
    "reminder-snoozed",
    "note",
)


def mark(store: Store, ref: str, name: str, facts: Mapping[str, Any], run: Run) -> Done:
    """Keep a dated fact about a case. `facts`: dated, text, and what the mark needs (amount, notice, to, of ...).

    Raises:
        StepRefused, MissingFact, ImpossibleValue: nothing was written.
    """
    situation = store.situation(ref)
    if (before := writing.already(store, run, name, situation.case.id)) is not None:
        return Done(case=situation.case, step=before["name"], was="", already=before["on"])
    writing.unmoved(store, situation.case, run)
    change = mark_change(situation, name, facts, run)
    writing.commit(store, run, [change])
    case = change.after or situation.case
    found = tuple(value.finding for value in change.puts if isinstance(value, Mark) and value.finding)
    warned = (*(f"a finding against the payer: {finding}" for finding in found), *steps.warnings_of(change.clocks))
    was, told = str(situation.case.state), money.moved(situation.case, case)
    if told and not case.disputed_cents and situation.case.disputed_cents and case.state is not State.RESOLVED:
        warned = (
            *warned,
            f"nothing is left in dispute: `appeals pay {case.number} --amount 0` closes the case, or what decided its appeal",
        )
    return Done(case=case, step=name, was=was, clocks=change.clocks, warnings=warned, dry_run=run.dry_run, money_moved=told)


def mark_change(situation: Situation, name: str, facts: Mapping[str, Any], run: Run) -> Any:
    """The change a mark makes, decided and not written."""
    dated: date = facts.get("dated") or run.on
    ahead = name in appointments.AHEAD
    steps.not_in_the_future({key: fact for key, fact in facts.items() if not (ahead and key == "dated")}, run.on)
    effect = EFFECTS[name](situation, facts, dated, run) if name in EFFECTS else MarkEffect()
    kept = Mark(
        id=run.new_id(),
        practice_id=run.practice.id,
        case_id=situation.case.id,
        name=name,
        dated=dated,
        text=_words(facts, effect),
        about=effect.about,
        finding=effect.finding,
    )
    return writing.case_change(
        run,
        "mark",
        name,
        before=situation.case,
        after=writing.touched(situation.case, **effect.fields),
        facts={**facts, "dated": dated},
        clocks=effect.clocks,
        makes=(kept, *effect.makes),
        replaces=effect.replaces,
        source=facts.get("trace_source"),
    )


def _words(facts: Mapping[str, Any], effect: MarkEffect) -> str:
    """What a mark says: what must not be lost first, then what was typed, else its own words."""
    given = facts.get("text") or (f"to {facts['to']}" if facts.get("to") else effect.text)
    return "; ".join(filter(None, (effect.first, given)))


def approve_write_off(store: Store, ref: str, run: Run) -> Done:
    """Record one account's yes to writing a case off; the step itself is another account's."""
    situation = store.situation(ref)
    if (before := writing.already(store, run, "write-off-approved", situation.case.id)) is not None:
        return Done(case=situation.case, step=before["name"], was="", already=before["on"])
    writing.unmoved(store, situation.case, run)
    case = situation.case
    if case.state is State.RESOLVED:
        raise StepRefused(f"Case {case.number} is resolved; there is nothing to approve.", f"`appeals show {case.number}`.")
    yes = Approval(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        step="write-off",
        asked_by="",
        approved_by=run.actor,
        amount_cents=money.at_stake(case),
        asked_on=run.on,
        approved_on=run.on,
    )
    facts = {"amount": yes.amount_cents}
    change = writing.case_change(run, "mark", "write-off-approved", before=case, after=writing.touched(case), facts=facts, makes=(yes,))
    writing.commit(store, run, [change])
    said = f"{run.actor} agrees to giving up {show.money(yes.amount_cents)}; another account takes the step"
    return Done(case=change.after or case, step="approve-write-off", was=str(case.state), told=said, dry_run=run.dry_run)


def denial_added(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """Another notice on a case already past `submitted`: its own clocks, and the state stays."""
    case = situation.case
    if case.state in (State.SUBMITTED, State.RESOLVED):
        step = "deny" if case.state is State.SUBMITTED else "reopen"
        raise StepRefused(f"Case {case.number} is {case.state}; another notice cannot be added.", f"Possible instead: {step}.", (step,))
    if facts.get("notice") is None or facts.get("amount") is None:
        raise MissingFact("denial-added needs --notice and --amount.", "The date printed on the notice, and what it denies.")
    rows = denial_rows(case, facts, run, level=case.level, already=situation.lines)
    trigger = cw.denial_trigger(rows.denial, case)
    packs, plan = packs_of(situation), situation.coverage
    clocks = rules.started(packs, case=case, coverage=plan, practice=run.practice, trigger=trigger, new_id=run.new_id)
    fields = restating.told_by(case, facts, rows)
    rows = rows.in_step(replace(case, **fields)) if facts.get("source") else rows
    return MarkEffect(fields=fields, makes=rows.new, replaces=rows.replaced, clocks=clocks)


def payment_posted(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """Money is here. The payment clock is met once all that was won is: until then the payer still owes the rest."""
    if facts.get("amount") is None or not any(facts.get(name) for name in ("amount", *money_guards.EXPLAINED)):
        raise MissingFact("payment-posted needs --amount.", "What the payer paid, or what its remittance says of the rest.")
    if facts.get("split"):
        fields, rows = restating.part_paid(situation, facts, run)
        return MarkEffect(fields=fields, makes=rows.new, replaces=rows.replaced, first="another part of the claim")
    purse = sums.arrived(situation, facts)
    money_guards.approved(steps.attempt_of(situation, facts, run), sums.beyond_contract(situation, purse, facts))
    fields, lines = sums.parts(situation, purse)
    to_whom = f"{show.money(facts['amount'])} to the patient" if facts.get("to_patient") else ""
    if purse.case.posted_cents < purse.case.recovered_cents:
        return MarkEffect(fields=fields, replaces=lines, first=to_whom)
    waiting = [c for c in situation.clocks if c.kind in cw.AFTER_A_WIN and c.status in RUNNING]
    clocks = tuple(replace(c, status=ClockStatus.MET, ended_on=dated, met_by="payment-posted", next_remind_on=None) for c in waiting)
    return MarkEffect(fields=fields, replaces=lines, clocks=clocks, first=to_whom)


def told_amount(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    """An amount that is told and moves no money of the claim: what the patient paid up front, what the plan is to reimburse."""
    if not facts.get("amount"):
        raise MissingFact("This mark needs --amount.", "In dollars: what the patient paid, or what the plan is to reimburse.")
    return MarkEffect(first=show.money(facts["amount"]))


def failed_treatment(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    if not facts.get("text"):
        raise MissingFact(
            "failed-treatment needs --text.", "Drug, dose, weeks, scores: `--text 'sertraline 200 mg, 12 weeks, PHQ-9 21 to 19'`."
        )
    return MarkEffect()


def owner_changed(situation: Situation, facts: Mapping[str, Any], dated: date, run: Run) -> MarkEffect:
    if not facts.get("to"):
        raise MissingFact("owner-changed needs --to.", "The account that owns the case now.")
    return MarkEffect(fields={"owner": facts["to"]})


EFFECTS: Mapping[str, Callable[[Situation, Mapping[str, Any], date, Run], MarkEffect]] = {
    "received": receipts.received,
    "denial-added": denial_added,
    "acknowledged": receipts.acknowledged,
    "claim-accepted": receipts.claim_accepted,
    "claim-rejected": rejections.rejected,
    "claim-sent": rejections.sent,
    "prepared": receipts.prepared,
    "proof-added": receipts.proof_added,
    "peer-scheduled": appointments.peer_scheduled,
    "recoupment-notice": appointments.recoupment_notice,
    "recoupment-answered": appointments.recoupment_answered,
    "payment-posted": payment_posted,
    "patient-paid": told_amount,
    "reimbursement-expected": told_amount,
    "failed-treatment": failed_treatment,
    "fsa-run-out": appointments.fsa_run_out,
    "statement-given": appointments.statement_given,
    "authorisation-obtained": authorisations.obtained,
    "authorisation-closed": authorisations.closed,
    "owner-changed": owner_changed,
    "reminder-snoozed": appointments.reminder_snoozed,
    "urgency-declared": delays.urgency_declared,
    "info-requested": delays.info_requested,
    "info-supplied": delays.info_supplied,
    "extension-notice": delays.extension_notice,
    "parity-analysis-requested": delays.parity_requested,
    "parity-analysis-received": delays.parity_received,
}
