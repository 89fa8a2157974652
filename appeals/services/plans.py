"""Plan facts: what is learned later about a coverage or a payer, and the clocks it re-dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from appeals import identity, regimes
from appeals.errors import MissingFact
from appeals.model import UNKNOWN, Payer, State
from appeals.record import Change, Run
from appeals.services import clockwork, redating, steps, writing
from appeals.services.parties import OF_THE_COVERAGE, PLAN_FACTS
from appeals.services.steps import Done
from appeals.services.store import Store
from appeals.services.writing import Replaced


def set_coverage(store: Store, ref: str, facts: Mapping[str, Any], run: Run) -> Done:
    """Set plan facts of the coverage behind a case; every open case it covers is re-dated, one event each.

    Raises:
        MissingFact: no fact was given.
    """
    situation = store.situation(ref)
    if (before := writing.already(store, run, "coverage")) is not None:
        return Done(case=situation.case, step=before["name"], was="", already=before["on"])
    writing.unmoved(store, situation.case, run)
    told = {name: facts[name] for name in OF_THE_COVERAGE if facts.get(name)}
    if not told and not facts.get("care"):
        raise MissingFact("No plan fact was given.", "`appeals coverage --help` lists them, for example `--programme employer`.")
    after = replace(situation.coverage, **told, facts_from="entered") if told else situation.coverage
    changes = []
    for case in store.cases_of_coverage(situation.coverage.id):
        if case.id != situation.case.id and (case.state is State.RESOLVED or not told):
            continue
        care = facts.get("care") or "" if case.id == situation.case.id else ""
        changes.append(_redated(store, case.number, situation.coverage, after, told, run, care=care))
    changes.sort(key=lambda c: c.after is None or c.after.id != situation.case.id)
    writing.commit(store, run, changes)
    main = changes[0]
    undated = steps.undated(replace(situation, coverage=after), main) if situation.case.state is not State.RESOLVED else ()
    warned = tuple(dict.fromkeys((*steps.warnings_of(main.clocks), *undated)))
    case = main.after or situation.case
    return Done(case=case, step="coverage", was=str(case.state), clocks=main.clocks, warnings=warned, dry_run=run.dry_run)


def _redated(store: Store, ref: str, before: Any, after: Any, told: Mapping[str, Any], run: Run, *, care: str) -> Change:
    situation = store.situation(ref)
    was = situation.case
    learned: dict[str, Any] = {"care": care} if care else {}
    situation = replace(situation, case=replace(situation.case, **learned))
    notices = [d for d in situation.denials if not d.voided]
    filings = [f for f in situation.filings if not f.voided]
    open_case = situation.case.state is not State.RESOLVED
    of_case = clockwork.of_the_case(replace(situation, coverage=after))
    clocks = redating.redated(run, situation, after, notices, filings, of_case) if open_case else ()
    return writing.case_change(
        run,
        "correction",
        "coverage",
        before=was,
        after=writing.touched(situation.case),
        facts={**told, **learned},
        clocks=clocks,
        replaces=(Replaced(before=before, after=after),) if told else (),
    )


def set_payer(store: Store, name: str, facts: Mapping[str, Any], run: Run) -> Payer:
    """Set a payer's plan facts: defaults that coverages made from now on copy. Makes the payer if it is new.

    No case moves: facts of a coverage that exists already are set case by case, where somebody looks at them.

    Raises:
        MissingFact, NoRule: nothing was written.
    """
    told = {fact: facts[fact] for fact in PLAN_FACTS if facts.get(fact)}
    if not told:
        raise MissingFact("No plan fact was given.", "`appeals payer --help` lists them, for example `--programme employer`.")
    if told.get("issue_state", UNKNOWN) != UNKNOWN:
        regimes.refuse_no_state(told["issue_state"])
    if writing.already(store, run, "payer") is not None and (known := store.payer(name_key=identity.name_key(name))):
        return known
    made: list[Payer] = []

    def decide() -> list[Change]:
        key = identity.name_key(name)
        known = store.payer(name_key=key)
        payer = known or Payer(id=run.new_id(), practice_id=run.practice.id, name=name.strip(), name_key=key)
        made.append(replace(payer, **told))
        facts = writing.plain({"payer": payer.id, "name": payer.name, **told})
        rows = writing.rows_told(replaces=[Replaced(before=known, after=made[-1])]) if known else writing.rows_told(made[-1:])
        return [Change(event=writing.event(run, "setup", "payer", facts=facts | rows), puts=(made[-1],))]

    writing.commit_afresh(store, run, decide)
    return made[-1]
