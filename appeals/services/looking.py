"""Looking at a case: whoever shows a patient's data first writes a read event, and shows nothing if it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from appeals import fold, rules
from appeals import show as showing
from appeals.errors import Ambiguous, NotFound
from appeals.model import RUNNING, Case, Clock, Patient
from appeals.record import Change, Run, Situation
from appeals.services import lists, writing
from appeals.services.store import CaseRow, Store
from appeals.services.undo import typed_field

Row = TypeVar("Row")
LAST_EVENTS = 8


def show(store: Store, ref: str, run: Run, *, day: date) -> tuple[Situation, tuple[dict[str, Any], ...]]:
    """One case with its newest events, after its read event is on disk."""
    situation = case_on(store, ref, day)
    record_reads(store, [(situation.patient.merged_into or situation.patient.id, situation.case.id)], "show", run)
    return situation, lists.last_events(store, situation.case.id, day, LAST_EVENTS)


def backup_of(store: Store, owner: str) -> str:
    """The account that works an owner's cases when the owner is away; "" where nobody is named."""
    return next((person.backup for person in store.people() if owner and person.account == owner), "")


def find(store: Store, words: str, run: Run, *, day: date) -> tuple[CaseRow, ...]:
    """Cases by number (names masked, no event), else by name or member id (one read event a patient).

    Raises:
        NotFound: nothing has this number, name or member id.
    """
    found = store.find(words)
    on_day = {row.case.id: row for row in lists.full_rows_on(store, day)} if lists.in_the_past(store, day) else None
    rows = found if on_day is None else tuple(on_day[row.case.id] for row in found if row.case.id in on_day)
    if not rows:
        raise NotFound("Nothing was found for these words.", "Try a part of the name, or another number of the case.")
    if all(row.by_number for row in found):
        return tuple(replace(row, patient_name=showing.mask(row.patient_name), member_id="") for row in rows)
    # Who was looked at is who they are known to be now, whatever the day asked for knew.
    now = {row.case.id: row.case.patient_id for row in found}
    record_reads(store, {(now[row.case.id], None) for row in rows}, "find", run)
    return rows


def why(store: Store, ref: str, name: str, day: date) -> tuple[Situation, tuple[tuple[Clock, tuple[str, ...]], ...]]:
    """The running clocks of a case whose name has `name` in it, each with the lines that explain it.

    Raises:
        NotFound: the case has no such clock; the hint names those it has.
    """
    situation = case_on(store, ref, day)
    wanted = name.casefold().replace("-", "_").replace(" ", "_")
    named = [c for c in situation.clocks if wanted in c.kind or wanted == c.rule_id.casefold().replace("-", "_")]
    chosen = [c for c in named if c.status in RUNNING] or named
    if not chosen:
        has = ", ".join(dict.fromkeys(c.kind for c in situation.clocks)) or "none"
        raise NotFound(f"Case {situation.case.number} has no clock called {name!r}.", f"It has: {has}.")
    return situation, tuple((c, rules.explain(c, today=day)) for c in sorted(chosen, key=lists.pressing))


def case_on(store: Store, ref: str, day: date) -> Situation:
    """The case with all that hangs on it; for a past day its state and clocks as the log had them then.

    Raises:
        NotFound: the case did not exist on that day.
    """
    situation = store.situation(ref)
    if not lists.in_the_past(store, day):
        return situation
    texts = [stored.text for stored in store.events(case_id=situation.case.id)]
    seen = fold.fold(texts, until=day)
    if situation.case.id not in seen.cases:
        raise NotFound(f"Case {situation.case.number} was not known on {day}.", f"It was opened on {situation.case.opened_on}.")
    entries = [json.loads(text) for text in texts]
    made = {row["id"] for e in entries if e["on"] <= day.isoformat() for row in e["facts"].get("made", ())}
    later = [row for e in reversed(entries) if e["on"] > day.isoformat() for row in e["facts"].get("replaced", ())]
    kept: dict[str, Any] = {
        name: tuple(_as_it_was(row, later) for row in getattr(situation, name) if row.id in made)
        for name in ("denials", "lines", "filings", "peer_reviews", "marks", "proposals", "contacts", "documents")
    }
    case = fold.case_of(seen.cases[situation.case.id])
    return replace(
        situation,
        case=case,
        patient=_patient_then(store, situation, case),
        clocks=tuple(fold.clock_of(raw) for raw in seen.clocks.values()),
        coverage=_as_it_was(situation.coverage, later),
        **kept,
    )


def _patient_then(store: Store, situation: Situation, case: Case) -> Patient:
    """Who the case's patient was on that day: two who turned out to be one since were still two."""
    if case.patient_id == situation.patient.id:
        return situation.patient
    return next(row for row in store.patients(case.patient_id) if row.id == case.patient_id)


def _as_it_was(row: Row, later: Iterable[Mapping[str, Any]]) -> Row:
    """The row with what later entries changed put back, newest first."""
    for change in later:
        if change["id"] == row.id:  # type: ignore[attr-defined]  # every row has an id
            row = replace(row, **{name: typed_field(row, name, pair[0]) for name, pair in change["fields"].items()})  # type: ignore[type-var]  # rows are dataclasses
    return row


def record_reads(store: Store, seen: Iterable[tuple[str, str | None]], name: str, run: Run, **facts: Any) -> None:
    """One read event a patient, in one transaction, before anything is shown. `seen`: (patient id, case id or None)."""
    told: Mapping[str, Any] = writing.plain(facts)
    pairs = sorted(seen, key=lambda pair: (pair[0], pair[1] or ""))
    changes = [Change(event=writing.event(run, "read", name, patient=patient, case=case, facts=told)) for patient, case in pairs]
    if changes:
        store.apply(changes, request_id=run.request_id)


def one_patient(store: Store, words: str, *, itself: bool = False) -> Patient:
    """The patient these words name: an id, an MRN, a member id or a name. One merged into another leads to that other.

    With `itself` an id names its own patient, merged or not: that trail is its own.

    Raises:
        NotFound, Ambiguous: without a name in the message.
    """
    rows = {row.id: row for row in store.patients(words)}
    if itself and words.strip() in rows:
        return rows[words.strip()]
    ids = sorted({row.merged_into or row.id for row in rows.values()})
    if not ids:
        raise NotFound(
            "No patient has this id, MRN, member id or name.",
            "`appeals find` searches cases; `appeals show CASE --json` has the patient's id.",
        )
    if len(ids) > 1:
        raise Ambiguous(f"{len(ids)} patients fit.", f"Name one by member id or MRN, or by id: {', '.join(ids)}.", ids)
    return rows.get(ids[0]) or next(row for row in store.patients(ids[0]) if row.id == ids[0])
