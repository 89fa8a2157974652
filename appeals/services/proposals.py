"""Proposals: steps an import suggests on a case further on. A person takes or refuses each; nothing is taken by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from appeals.errors import MissingFact, NotFound
from appeals.model import Case, State
from appeals.record import Change, Proposal, Run, Situation
from appeals.services import left as left_
from appeals.services import marks, steps, writing
from appeals.services.left import Left
from appeals.services.reopening import says_all
from appeals.services.store import Store
from appeals.services.told_lines import LineFacts
from appeals.services.writing import Replaced

NOTICES = ("notice", "decided", "taken_back")  # the facts that say when the payer wrote
DATES = ("decided", "notice", "received", "sent", "dated", "taken_back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """A proposal as it stands, with what a person needs to decide: how much, by which notice and payment, for which codes, from where."""

    number: str
    step: str
    reason: str
    status: str
    amount_cents: int | None
    notice: date | None
    codes: str
    remittance: str
    sha256: str
    segment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Proposals as they stand; claims left for a person, and those that are off the list now."""

    rows: tuple[Suggested, ...] = ()
    left: tuple[Left, ...] = ()
    settled: tuple[Left, ...] = ()
    dry_run: bool = False


def proposed(
    situation: Situation, step: str, facts: Mapping[str, Any], reason: str, source: Mapping[str, Any], run: Run
) -> tuple[Change, ...]:
    """The change that keeps a suggestion; the case does not move."""
    case = situation.case
    told = json.dumps(writing.plain(facts), sort_keys=True)
    proposal = Proposal(
        id=run.new_id(),
        practice_id=case.practice_id,
        case_id=case.id,
        step=step,
        facts=told,
        reason=reason,
        source=f"{source['sha256']}:{source['segment']}",
        made_on=run.on,
    )
    after = writing.touched(case)
    return (
        writing.case_change(
            run,
            "import",
            "proposed",
            before=case,
            after=after,
            facts={"step": step, **facts},
            makes=(proposal,),
            reason=reason,
            source=source,
        ),
    )


def raised(
    situation: Situation, before: Proposal, facts: Mapping[str, Any], reason: str, source: Mapping[str, Any], run: Run
) -> tuple[Change, ...]:
    """The change that makes an open suggestion say more than it did."""
    after = replace(before, facts=json.dumps(writing.plain(facts), sort_keys=True), reason=reason)
    case = situation.case
    told = {"step": before.step, **facts}
    rows = (Replaced(before=before, after=after),)
    change = writing.case_change(
        run, "import", "proposed", before=case, after=writing.touched(case), facts=told, replaces=rows, reason=reason, source=source
    )
    return (change,)


def listed(store: Store, refs: tuple[str, ...] = ()) -> Resolved:
    """Every open proposal and every claim left for a person; with `refs`, of these cases alone."""
    cases = tuple(store.situation(ref).case for ref in refs)
    open_ = [p for p in store.proposals() if not cases or p.case_id in {case.id for case in cases}]
    of = dict.fromkeys(one for number in [case.number for case in cases] or [""] for one in left_.left(store, number))
    numbers = {one.id: one.number for one in store.asked()}
    rows = tuple(_suggested(numbers[p.id], p) for p in open_ if p.id in numbers)  # the others were answered meanwhile
    return Resolved(left=tuple(of), rows=rows)


def settled(store: Store, refs: tuple[str, ...], run: Run, *, done: bool, reason: str = "") -> Resolved:
    """Clear claims that were left and that a person has dealt with. Raises MissingFact, NotFound: see `left.settle`."""
    if not done:
        raise MissingFact("What of the claims that are left?", "`--done` says that somebody has dealt with them.")
    return Resolved(settled=left_.settle(store, refs, run, reason=reason), dry_run=run.dry_run)


def resolve(store: Store, refs: tuple[str, ...], run: Run, *, take: bool, step: str = "", reason: str = "") -> Resolved:
    """Take or refuse the open proposals of these cases, or all of one kind; each case in a transaction of its own.

    Raises:
        MissingFact: neither a case nor a kind was named. NotFound: no open proposal fits.
        StepRefused: the case has moved so that the step is no longer possible; those before it are done.
    """
    if not refs and not step:
        raise MissingFact("Which proposals?", "Name cases, or `--step STEP` for all of one kind.")
    wanted = {store.situation(ref).case.id for ref in refs}
    chosen = [p for p in store.proposals() if (not wanted or p.case_id in wanted) and (not step or p.step == step)]
    if not chosen:
        raise NotFound("No open proposal fits.", "`appeals intake resolve --list` shows those there are.")
    chosen.sort(key=_turns(store, chosen))
    rows = []
    used = store.request(run.request_id) is not None  # the same command before us was stopped half way
    for count, proposal in enumerate(chosen):
        mine = replace(run, request_id=run.new_id()) if count or used else run
        rows.append(_one(store, proposal, mine, take=take, reason=reason))
    return Resolved(rows=tuple(rows), dry_run=run.dry_run)


def _turns(store: Store, chosen: Sequence[Proposal]) -> Callable[[Proposal], tuple[int, date]]:
    """What a reversal opens comes before the denial or payment that follows it, in whatever order they were suggested.

    But where the same file decides the whole claim anew that it takes back, the one step that says both goes first, so that `undo`
    takes back both.
    """
    anew = {(p.case_id, _digest(p)) for p in chosen if _decides_all(store.case_by_id(p.case_id), p)}

    def turn(p: Proposal) -> tuple[int, date]:
        reversal = p.step == "reopen" and "notice" not in json.loads(p.facts)
        both = (p.case_id, _digest(p)) in anew
        return (2 if both else 0) if reversal else 1 if both and p.step == "reopen" else 3, p.made_on

    return turn


def _decides_all(case: Case, proposal: Proposal) -> bool:
    facts = _facts(proposal)
    return proposal.step == "reopen" and not facts.get("split") and says_all(case, facts)


def _digest(proposal: Proposal) -> str:
    return proposal.source.partition(":")[0]


def _one(store: Store, proposal: Proposal, run: Run, *, take: bool, reason: str) -> Suggested:
    situation = store.situation(store.case_by_id(proposal.case_id).number)
    status = "taken" if take else "refused"
    done = replace(proposal, status=status, decided_by=run.actor, decided_on=run.on)
    changes: tuple[Change, ...] = ()
    if take:
        changes = _taken(store, situation, proposal, run)
        case = (changes[-1].after if changes else None) or situation.case
        situation = replace(situation, case=case)
    facts = {"step": proposal.step, "proposal": proposal.id}
    answered = writing.case_change(
        run,
        "import",
        f"proposal-{status}",
        before=situation.case,
        after=writing.touched(situation.case),
        facts=facts,
        replaces=(Replaced(before=proposal, after=done),),
        reason=reason,
    )
    writing.commit(store, run, (*changes, answered))
    return _suggested(situation.case.number, done)


def _taken(store: Store, situation: Situation, proposal: Proposal, run: Run) -> tuple[Change, ...]:
    """What taking a proposal writes. A denial that would have opened the case again is recorded where another already has."""
    facts, state, step = _facts(proposal), situation.case.state, proposal.step
    if step == "reopen" and state is not State.RESOLVED and facts.get("notice"):
        if state is State.SUBMITTED:
            return steps.step_changes(situation, "deny", facts, run, store=store)
        return (marks.mark_change(situation, "denial-added", {**facts, "dated": run.on}, run),)
    if step == "reopen" and _decided_anew(situation, proposal):
        return _takeback(situation, None, facts, run) if facts.get("taken_back") else ()
    if step in marks.MARKS:
        return (marks.mark_change(situation, step, facts, run),)
    told = {name: value for name, value in facts.items() if name != "taken_back"}
    changes = steps.step_changes(situation, step, told, run, store=store)
    return (*changes, *_takeback(situation, changes[0], facts, run)) if facts.get("taken_back") else changes


def _decided_anew(situation: Situation, proposal: Proposal) -> bool:
    """Whether the file that takes a payment back has opened the case again by its new decision, which says what is paid now."""
    mine = (p for p in situation.proposals if p.status == "taken" and _digest(p) == _digest(proposal))
    return situation.case.state is not State.RESOLVED and any(_decides_all(situation.case, p) for p in mine)


def _takeback(before: Situation, reopened: Change | None, facts: Mapping[str, Any], run: Run) -> tuple[Change, ...]:
    """The mark that starts the time to answer a takeback, on the case that is open again."""
    after = before
    if reopened is not None:
        clocks = {clock.id: clock for clock in before.clocks} | {clock.id: clock for clock in reopened.clocks}
        after = replace(before, case=reopened.after or before.case, clocks=tuple(clocks.values()))
    noticed = {"dated": facts["taken_back"], "text": facts["reason"], "trace_source": facts["trace_source"]}
    return (marks.mark_change(after, "recoupment-notice", noticed, run),)


def _suggested(number: str, proposal: Proposal) -> Suggested:
    facts = _facts(proposal)
    return Suggested(
        number=number,
        step=proposal.step,
        reason=proposal.reason,
        status=proposal.status,
        amount_cents=facts.get("amount"),
        notice=next((facts[name] for name in NOTICES if facts.get(name)), None),
        codes=facts.get("reasons") or "",
        remittance=facts.get("remittance") or "",
        sha256=facts["trace_source"]["sha256"],
        segment=facts["trace_source"]["segment"],
    )


def _facts(proposal: Proposal) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(proposal.facts)
    digest, _, segment = proposal.source.partition(":")
    facts: dict[str, Any] = {name: date.fromisoformat(value) if name in DATES else value for name, value in told.items()}
    if "lines" in facts:
        facts["lines"] = tuple(_line(line) for line in facts["lines"])
    return {**facts, "trace_source": {"sha256": digest, "segment": int(segment or 0)}}


def _line(told: Mapping[str, Any]) -> LineFacts:
    day = told.get("service_date")
    rows = tuple((group, carc, rarc, cents) for group, carc, rarc, cents in told.get("adjustments", ()))
    return LineFacts(**{**told, "adjustments": rows, "service_date": date.fromisoformat(day) if day else None})
