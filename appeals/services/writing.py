"""Making events and changes: every write of every service is put together here, and goes through `Store.apply`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from itertools import takewhile
from typing import Any

from appeals import fold
from appeals.errors import ImpossibleValue, Overtaken, StaleCase
from appeals.model import Case, Clock
from appeals.record import Change, Event, Run
from appeals.services.store import Applied, Store

AGAIN = 30  # tries, not days: each fails only because somebody else's succeeded
TABLES = {
    "Denial": "denial",
    "Filing": "filing",
    "PeerReview": "peer_review",
    "Mark": "mark",
    "ServiceLine": "service_line",
    "Adjustment": "adjustment",
    "ClaimNumber": "claim_number",
    "CaseLink": "case_link",
    "Contact": "contact",
    "Approval": "approval",
    "Proposal": "proposal",
    "Patient": "patient",
    "PatientIdentifier": "patient_identifier",
    "Payer": "payer",
    "Coverage": "coverage",
    "Provider": "provider",
    "RemittanceEntry": "remittance_entry",
    "IntakeFile": "intake_file",
    "Document": "document",
    "Reminder": "reminder",
    "Person": "person",
    "Practice": "practice",
    "RulePack": "rule_pack",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A value that takes another's place under the same id; the trail keeps both."""

    before: Any
    after: Any


def plain(value: Any) -> Any:
    """`value` as the trail keeps it: only str, int, bool, None, lists and dicts; dates as ISO text."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items() if inner not in (None, "", (), [])}
    if is_dataclass(value) and not isinstance(value, type):
        return plain({f.name: getattr(value, f.name) for f in fields(value)})
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def event(run: Run, kind: str, name: str, **given: Any) -> Event:
    """An event of this run; the store adds its place in the log."""
    return Event(
        recorded_at=run.recorded_at,
        on=run.on,
        actor=run.actor,
        acting_for=run.acting_for,
        practice=run.practice.id,
        kind=kind,
        name=name,
        purpose=given.pop("purpose", run.purpose),
        request=run.request_id,
        sandbox=run.practice.sandbox,
        nonce=run.new_nonce(),
        **given,
    )


def case_change(
    run: Run,
    kind: str,
    name: str,
    *,
    before: Case | None,
    after: Case,
    facts: Mapping[str, Any],
    clocks: Sequence[Clock] = (),
    makes: Sequence[Any] = (),
    replaces: Sequence[Replaced] = (),
    reason: str = "",
    source: Mapping[str, Any] | None = None,
    undoes: int | None = None,
) -> Change:
    """One case moved or touched: the case, its clocks and rows, and the event that says so."""
    told = plain(facts) | rows_told(makes, replaces)
    entry = event(
        run,
        kind,
        name,
        patient=after.patient_id,
        case=after.id,
        case_version=after.version,
        reason=reason,
        source=plain(source) if source else None,
        undoes=undoes,
        facts=told,
        changes=fold.case_changes(before, after),
        clocks=tuple(clocks),
    )
    return Change(event=entry, before=before, after=after, clocks=tuple(clocks), puts=(*makes, *(r.after for r in replaces)))


def rows_told(makes: Sequence[Any] = (), replaces: Sequence[Replaced] = ()) -> dict[str, Any]:
    """Which rows a change makes, and what stood in those it replaces: by this a past day is shown as it was."""
    made = [{"table": TABLES[type(value).__name__], "id": value.id} for value in makes]
    replaced = [{"table": TABLES[type(r.after).__name__], "id": r.after.id, "fields": differences(r.before, r.after)} for r in replaces]
    return ({"made": made} if made else {}) | ({"replaced": replaced} if replaced else {})


def also_making(change: Change, *rows: Any) -> Change:
    """The change with rows it makes besides, told in its event."""
    facts = dict(change.event.facts)
    made = [*facts.pop("made", ()), *rows_told(rows).get("made", ())]
    told = replace(change.event, facts=facts | ({"made": made} if made else {}))
    return replace(change, event=told, puts=(*change.puts, *rows))


def differences(before: Any, after: Any) -> dict[str, list[Any]]:
    """Field name -> [before, after] for each field in which two values of one type differ."""
    pairs = ((f.name, getattr(before, f.name), getattr(after, f.name)) for f in fields(after))
    return {name: [plain(old), plain(new)] for name, old, new in pairs if old != new}


def commit(store: Store, run: Run, changes: Iterable[Change]) -> Applied | None:
    """Write `changes`, unless this is a dry run; None then."""
    return None if run.dry_run else store.apply(tuple(changes), request_id=run.request_id)


def commit_afresh(store: Store, run: Run, decide: Callable[[], Sequence[Change]]) -> Applied | None:
    """Decide and write; decide again where somebody made a patient, payer or case known meanwhile.

    None in a dry run, and where there is nothing to write.

    Raises:
        Overtaken: others were faster every time.
    """
    for last in (*(False,) * AGAIN, True):
        since = store.head().size
        changes = decide()
        if run.dry_run or not changes:
            return None
        try:
            return store.apply(tuple(changes), request_id=run.request_id, since=since)
        except Overtaken:
            if last:
                raise
    raise AssertionError("the last try returns or raises")


def already(store: Store, run: Run, name: str, case_id: str | None = None) -> dict[str, Any] | None:
    """What an earlier command with the same request id wrote first, or None: then it is still to be done.

    Raises:
        ImpossibleValue: the id was another command's, or another case's; swallowing this one would lose it.
    """
    found = store.request(run.request_id)
    if found is None:
        return None
    entry: dict[str, Any] = json.loads(found.text)
    if entry["name"] != name or (case_id is not None and entry["case"] != case_id):
        raise ImpossibleValue(f"This request id was used before, for {entry['name']}.", "Give each command a request id of its own.")
    return entry


def entries_of(store: Store, run: Run) -> tuple[dict[str, Any], ...]:
    """Everything an earlier command with the same request id wrote; one transaction's entries stand together in the log."""
    found = store.request(run.request_id)
    if found is None:
        return ()
    told = (json.loads(stored.text) for stored in store.events(after=found.seq - 1))
    return tuple(takewhile(lambda entry: entry["request"] == run.request_id, told))


def of_many_cases(run: Run) -> None:
    """Refuse `--if-version` for a command that touches many cases: it could hold for one of them only. Raises ImpossibleValue."""
    if run.if_version is not None:
        raise ImpossibleValue("--if-version is about one case; this command may touch many.", "Leave it out, or take the cases one by one.")


def unmoved(store: Store, case: Case, run: Run) -> None:
    """Refuse to go on where the caller says which version it saw (`--if-version`) and the case has moved since.

    Raises:
        StaleCase: naming who moved it where.
    """
    if run.if_version is None or run.if_version == case.version:
        return
    moves = [entry for stored in store.events(case_id=case.id) if (entry := json.loads(stored.text))["changes"]]
    last = moves[-1]
    raise StaleCase(
        f"Case {case.number} was moved to {case.state} by {last['actor']} on {last['on']} ({last['name']}); nothing was written.",
        f"Look at it as it is now: appeals show {case.number}",
    )


def touched(case: Case, **changed: Any) -> Case:
    """`case` with fields changed and its version raised by one."""
    return replace(case, version=case.version + 1, **changed)
