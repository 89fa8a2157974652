"""Opening a case by hand: a claim sent, an authorisation asked for, or a paper EOB that already denies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from appeals import identity, plausible
from appeals.errors import ImpossibleValue, MissingFact
from appeals.model import Case
from appeals.record import Change, Run
from appeals.services import likewise, opening, parts, steps, sums, writing
from appeals.services.kept import SHORT, WAITING
from appeals.services.parties import Known, parties_of
from appeals.services.store import Store

USUAL_KIND = "post_service"


def open_case(store: Store, facts: Mapping[str, Any], run: Run, *, denied: bool = False) -> steps.Done:
    """Open a case, and record its denial in the same transaction when the paper at hand is one.

    `same_as` names a case that all that is not told comes from.

    Raises:
        NotFound, Ambiguous, MissingFact, ImpossibleValue: nothing was written.
    """
    if (before := writing.already(store, run, "open")) is not None and before["case"]:
        return steps.Done(case=store.case_by_id(before["case"]), step="open", was="", already=before["on"])
    steps.not_in_the_future(facts, run.on)
    changes: list[Change] = []

    def decide() -> list[Change]:
        told, known = likewise.completed(store, facts)
        told = {"kind": USUAL_KIND, **told}
        _possible(told, denied=denied)
        changes[:] = _changes(store, told, known, run, denied=denied)
        return changes

    applied = writing.commit_afresh(store, run, decide)
    case = applied.cases[-1] if applied else changes[-1].after
    if case is None:
        raise RuntimeError("an opened case is always written")
    started = changes[-1].clocks
    told = (*steps.warnings_of(started), *filter(None, (sums.unexplained(case),)), *_reports(store, facts["claim"]))
    return steps.Done(case=case, step="open", was="", clocks=started, warnings=told, dry_run=run.dry_run, money_moved=denied)


def _reports(store: Store, claim_number: str) -> Iterator[str]:
    """Which files hold a report that waits for a case of this claim number: it may be the proof of timely filing."""
    waiting = {entry.file_id for entry in store.entries_of_claims([claim_number]) if entry.fate == WAITING}
    for file in (file for file_id in sorted(waiting) for file in store.intake_files(id=file_id)):
        short = file.sha256[:SHORT]
        how = f"`appeals intake original {short} --out FILE`, then `appeals intake files FILE --again` keeps it on the case"
        yield f"a report of a file taken in on {file.taken_on} ({short}) speaks of this claim number: {how}"


def _possible(facts: Mapping[str, Any], *, denied: bool) -> None:
    """Refuse what no case can be opened with. Raises MissingFact, ImpossibleValue."""
    for name in ("patient", "payer", "claim"):
        if not facts.get(name):
            raise MissingFact(f"open needs --{name}.", "`appeals open --help` shows an example.")
    if facts["kind"] != "pre_service" and not facts.get("billed"):
        raise MissingFact("open needs --billed.", "Only a request made before the service has no billed amount (`--kind pre_service`).")
    plausible.dates(
        service_from=facts.get("service_from"),
        service_to=facts.get("service_to"),
        submitted=facts.get("submitted"),
        notices=[facts["notice"]] if denied and facts.get("notice") else (),
    )


def _twin(store: Store, payer_id: str, facts: Mapping[str, Any]) -> Case | None:
    """The payer's case of this claim number, unless the service is of other days: then the number was used again."""
    number = identity.number_key(facts["claim"])
    known = [one for one in store.cases_by_numbers(payer_id, [number] if number.strip() else []) if one.outcome != "void"]
    return next((one for one in known if not parts.other_days(one, facts.get("service_from"), facts.get("service_to"))), None)


def _changes(store: Store, facts: Mapping[str, Any], known: Known, run: Run, *, denied: bool) -> list[Change]:
    """The change that opens the case, and the one that records its denial."""
    parties = parties_of(store, facts, run, known)
    twin = _twin(store, parties.payer.id, facts)
    if twin is not None:
        raise ImpossibleValue(f"Case {twin.number} already has this claim number with this payer.", f"`appeals show {twin.number}`.")
    packs = store.rule_packs()
    change = opening.opening(parties, facts, run, owner=opening.sole_owner(store.people()), rule_packs=packs)
    if not denied:
        return [change]
    told = {name: facts[name] for name in opening.DENY_FACTS if facts.get(name) is not None}
    return [change, *steps.step_changes(opening.situation_of(change, parties, packs), "deny", told, run)]
