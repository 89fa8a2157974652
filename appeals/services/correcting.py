"""A fact that was typed wrong: both values stay in the trail, and every date that hangs on it is counted anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from appeals import identity, money, money_guards, plausible, rules, show
from appeals.errors import ImpossibleValue, MissingFact, StepRefused
from appeals.model import Case, Clock, Denial, Filing, State
from appeals.money import Purse
from appeals.record import Run, Situation
from appeals.rules import Trigger
from appeals.services import clockwork as cw
from appeals.services import redating, steps, sums, writing
from appeals.services.denials import possible_dates
from appeals.services.steps import Done
from appeals.services.store import Store
from appeals.services.writing import Replaced

OF_THE_NOTICE = ("notice", "received", "receipt_unreadable", "printed_due", "amount")
OF_THE_FILING = ("sent", "filing_received")
OF_THE_CASE = ("submitted", "billed", "claim", "service_from", "service_to", "network", "assignment")
OF_THE_EOB = ("paid", "contractual", "patient_share")  # what the newest notice says of what it does not deny
COLUMN = {"notice": "notice_date", "amount": "denied_cents", "sent": "sent_date", "billed": "billed_cents", "submitted": "submitted_on"}


def correct(store: Store, ref: str, facts: Mapping[str, Any], reason: str, run: Run) -> Done:
    """Put right what was typed wrong about a case, its newest notice or its newest filing (`level` names an older one).

    Raises:
        MissingFact: nothing was given, or there is no such notice or filing. ImpossibleValue: the facts contradict each other.
    """
    situation = store.situation(ref)
    if (before := writing.already(store, run, "correct", situation.case.id)) is not None:
        return Done(case=situation.case, step="correct", was="", already=before["on"])
    writing.unmoved(store, situation.case, run)
    steps.not_in_the_future(facts, run.on)
    if not any(name in facts for name in (*OF_THE_NOTICE, *OF_THE_FILING, *OF_THE_CASE, *OF_THE_EOB)):
        raise MissingFact(
            "Nothing was given to correct.", "`appeals correct --help` lists what can be, for example `--received 2026-11-09`."
        )
    replaced = _with_decisions(situation, (*_notice(situation, facts), *_filing(situation, facts)))
    purse = _money(situation, facts, replaced)
    _no_gift(situation, purse, facts, run)
    after = _case(purse.case, facts)
    _fields, lines = sums.parts(situation, purse)
    _plausible(situation, after, facts, replaced)
    _answers_what_was_denied(situation, replaced)
    clocks = _counted_anew(replace(situation, case=after), replaced, run, submitted="submitted" in facts)
    change = writing.case_change(
        run,
        "correction",
        "correct",
        before=situation.case,
        after=writing.touched(after),
        facts={name: value for name, value in facts.items() if name != "reason"} | _about(situation, facts),
        clocks=clocks,
        replaces=(*replaced, *lines),
        reason=reason,
    )
    writing.commit(store, run, [change])
    case = change.after or after
    warned = (*redating.too_early(clocks), *steps.warnings_of(clocks), *steps.unexplained(situation.case, case))
    told = money.moved(situation.case, case)
    return Done(case=case, step="correct", was=str(case.state), clocks=clocks, warnings=warned, dry_run=run.dry_run, money_moved=told)


def _plausible(situation: Situation, after: Case, facts: Mapping[str, Any], replaced: Sequence[Replaced]) -> None:
    if any(name in facts for name in plausible.DATES):
        new = {pair.after.id: pair.after for pair in replaced}
        notices = [new.get(d.id, d).notice_date for d in situation.denials if not d.voided]
        plausible.dates(service_from=after.service_from, service_to=after.service_to, submitted=after.submitted_on, notices=notices)


def _newest(rows: Sequence[Any], level: int | None, what: str, number: str) -> Any:
    found = [row for row in rows if not row.voided and level in (None, row.level)]
    if not found:
        raise MissingFact(f"Case {number} has no {what}{f' at level {level}' if level else ''} to correct.", f"`appeals show {number}`.")
    return found[-1]


def _notice(situation: Situation, facts: Mapping[str, Any]) -> tuple[Replaced, ...]:
    if not any(name in facts for name in OF_THE_NOTICE):
        return ()
    old: Denial = _newest(situation.denials, facts.get("level"), "notice", situation.case.number)
    told = {COLUMN.get(name, name): facts[name] for name in ("notice", "printed_due", "amount") if name in facts}
    if "received" in facts or facts.get("receipt_unreadable"):
        received = facts.get("received")
        told |= {"received_date": received, "received_how": "evidence" if received else "unreadable"}
    new = replace(old, **told)
    possible_dates(new.notice_date, new.received_date, new.printed_due)
    return (Replaced(before=old, after=new),)


def _filing(situation: Situation, facts: Mapping[str, Any]) -> tuple[Replaced, ...]:
    if not any(name in facts for name in OF_THE_FILING):
        return ()
    old: Filing = _newest(situation.filings, facts.get("level"), "filing", situation.case.number)
    new = replace(old, sent_date=facts.get("sent") or old.sent_date)
    if "filing_received" in facts:
        new = replace(new, received_date=facts["filing_received"], received_at=facts.get("filing_received_at"))
    if new.received_date and new.received_date < new.sent_date:
        raise ImpossibleValue(f"Received on {new.received_date}, before it was sent on {new.sent_date}.", "Check both dates.")
    if new.decided_date and new.decided_date < new.sent_date:
        raise ImpossibleValue(f"Sent on {new.sent_date}, after it was decided on {new.decided_date}.", "Check `--sent`.")
    return (Replaced(before=old, after=new),)


def _answers_what_was_denied(situation: Situation, replaced: Sequence[Replaced]) -> None:
    """Refuse dates by which an appeal was sent before the first notice of its level. Raises ImpossibleValue."""
    new = {pair.after.id: pair.after for pair in replaced}
    for filing in (new.get(row.id, row) for row in situation.filings):
        # An external review asked for beside the internal appeal is older than the decision it then stands against.
        if filing.voided or (filing.expedited and filing.track == "external_review"):
            continue
        notices = [new.get(d.id, d).notice_date for d in situation.denials if not d.voided and d.level == filing.level]
        if notices and filing.sent_date < min(notices):
            raise ImpossibleValue(
                f"The appeal of level {filing.level} would be sent on {filing.sent_date}, before the notice of {min(notices)} it answers.",
                "Correct both in one go, or name the right one with `--level`.",
            )


def _money(situation: Situation, facts: Mapping[str, Any], replaced: Sequence[Replaced]) -> Purse:
    """The money by what the newest notice really denies and says; an older one no longer says what is in dispute.

    Raises:
        StepRefused: the case is resolved, and its money settled. ImpossibleValue: the case does not have that much.
    """
    purse, moves = sums.of(situation), []
    newest = next((d for d in reversed(situation.denials) if not d.voided), None)
    for pair in replaced:
        if isinstance(pair.after, Denial) and newest and pair.after.id == newest.id:
            moves.append((money.DISPUTED, pair.after.denied_cents - pair.before.denied_cents))
    for name in OF_THE_EOB:
        if name in facts:
            bucket = sums.TOLD[name]
            _not_onto_medicaid(situation, bucket, facts[name])
            moves.append((bucket, facts[name] - money.cents(purse.case, bucket)))
    if any(amount for bucket, amount in moves if bucket == money.DISPUTED) and situation.case.state is State.RESOLVED:
        raise StepRefused(
            f"Case {situation.case.number} is resolved: what was in dispute has been settled.",
            f"`appeals reopen {situation.case.number}` opens it again, `appeals undo` takes the last step back.",
        )
    if facts.get("billed"):
        purse = replace(purse, case=replace(purse.case, billed_cents=facts["billed"]))
    for bucket, amount in sorted(moves, key=lambda move: move[1]):  # what gives money back goes first
        ends = (bucket, money.UNANSWERED) if amount < 0 else (money.UNANSWERED, bucket)
        purse = purse.moved(*ends, abs(amount))
    return purse


def _not_onto_medicaid(situation: Situation, bucket: str, amount: int) -> None:
    """A share is put on a Medicaid patient by the payer's own adjustment (group PR) alone. Raises StepRefused."""
    said = max(sum(a.amount_cents for a in situation.adjustments if a.group_code == "PR"), situation.case.patient_cents)
    if bucket == money.PATIENT and situation.coverage.programme.startswith("medicaid") and amount > said:
        raise StepRefused("A service covered by Medicaid is never billed to the patient.", "Check `--patient-share`.")


def _no_gift(situation: Situation, purse: Purse, facts: Mapping[str, Any], run: Run) -> None:
    """Out of network no contract takes anything off: what is called so above the limit asks a second person. Raises NotAllowed."""
    more = purse.case.contractual_cents - situation.case.contractual_cents
    if situation.case.network != "in" and more > 0:
        money_guards.approved(steps.attempt_of(situation, facts, run), more)


def _about(situation: Situation, facts: Mapping[str, Any]) -> dict[str, str]:
    """The notice whose money was corrected, or the case where it was paid without one: what is taken back takes it along."""
    if not any(name in facts for name in OF_THE_EOB):
        return {}
    notices = [d.id for d in situation.denials if not d.voided]
    return {"about": notices[-1] if notices else situation.case.id}


def _case(case: Case, facts: Mapping[str, Any]) -> Case:
    told = {COLUMN.get(name, name): facts[name] for name in OF_THE_CASE if name in facts and name != "claim"}
    if "claim" in facts:
        told["claim_number"] = identity.number_key(facts["claim"])
    if "submitted" in facts:
        told["submitted_at"] = facts.get("submitted_at")
    new = replace(case, **told)
    if "billed" in facts and money.held(new) > new.billed_cents:
        raise ImpossibleValue(
            f"{show.money(new.billed_cents)} billed is less than the {show.money(money.held(new))} the case accounts for.",
            "Check `--billed`; `appeals show CASE` prints the money.",
        )
    return new


def _counted_anew(situation: Situation, replaced: Sequence[Replaced], run: Run, *, submitted: bool) -> tuple[Clock, ...]:
    """Every clock that changes; one that an appeal or a decision has ended is asked again whether that was in time."""
    new = {pair.after.id: pair.after for pair in replaced}
    denials = tuple(new.get(row.id, row) for row in situation.denials)
    filings = tuple(new.get(row.id, row) for row in situation.filings)
    seen = replace(situation, denials=denials, filings=filings)
    clocks = {clock.id: clock for clock in (*situation.clocks, *_decided_then(situation, replaced))}
    # Each notice is counted on its own rung, where an appeal that has been decided since is asked again whether it was in time.
    for notice in denials:
        if notice.id in new or any(isinstance(row, Filing) and row.level == notice.level for row in new.values()):
            at = replace(seen, case=replace(seen.case, level=notice.level), clocks=tuple(clocks.values()))
            clocks |= {c.id: c for c in redating.redated(run, at, seen.coverage, [notice], [])}
    changed = [f for f in filings if f.id in new]
    asked = [*redating.answers_to(seen, changed), *([(cw.submission(seen), 1)] if submitted else [])]
    at = replace(seen, clocks=tuple(clocks.values()))
    clocks |= {c.id: c for c in redating.asked_again(run, at, asked)}
    also = (*(cw.of_the_case(seen) if submitted else ()), *_hanging_on(replace(at, clocks=tuple(clocks.values())), changed))
    at = replace(seen, clocks=tuple(clocks.values()))
    clocks |= {c.id: c for c in redating.redated(run, at, seen.coverage, [], changed, also)}
    before = {clock.id: clock for clock in situation.clocks}
    return tuple(clock for clock in clocks.values() if before.get(clock.id) != clock)


def _decided_then(situation: Situation, replaced: Sequence[Replaced]) -> Iterator[Clock]:
    """A payer's clocks that ended on the date of a notice that is another one now: the decision was made on that day."""
    for old, new in _moved(replaced):
        yield from (redating.judged(c, new.notice_date) for c in situation.clocks if redating.ended_by(c, old))


def _moved(replaced: Sequence[Replaced]) -> Iterator[tuple[Denial, Denial]]:
    pairs = ((pair.before, pair.after) for pair in replaced if isinstance(pair.after, Denial))
    return ((old, new) for old, new in pairs if old.notice_date != new.notice_date)


def _with_decisions(situation: Situation, replaced: tuple[Replaced, ...]) -> tuple[Replaced, ...]:
    """The same with the filings whose decision is dated by a corrected notice. Raises ImpossibleValue."""
    rows = {pair.after.id: pair for pair in replaced}
    for old, new in _moved(replaced):
        for filing in situation.filings:
            if filing.voided or filing.decided_date != old.notice_date or filing.level != redating.level_answered(old):
                continue
            now = rows[filing.id].after if filing.id in rows else filing
            if new.notice_date < now.sent_date:
                raise ImpossibleValue(
                    f"The decision would be dated {new.notice_date}, before the filing was sent on {now.sent_date}.", "Check `--notice`."
                )
            rows[filing.id] = Replaced(before=filing, after=replace(now, decided_date=new.notice_date))
    return tuple(rows.values())


def _hanging_on(situation: Situation, filings: Sequence[Filing]) -> tuple[Trigger, ...]:
    """What a filing started besides its answer: the carrying out of a win, and the level that a silence opened."""
    found = [cw.favourable(f, f.decided_date) for f in filings if f.outcome in cw.WON and f.decided_date]
    for filing in (f for f in filings if f.outcome == cw.EXHAUSTED):
        silent = [c for c in situation.clocks if c.trigger_id == filing.id and c.met_by == redating.EXHAUSTED_BY]
        if held := [rules.latest(c) for c in silent if c.verified] or [rules.latest(c) for c in silent]:
            facts = {"on": min(held), "sent": filing.sent_date}
            found.append(Trigger(name="deemed", id=situation.case.id, facts=facts))
    return tuple(found)
