"""Looking at a case: whoever shows a patient's data first writes a read event, and shows nothing if it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from appeals import rules
from appeals import show as showing
from appeals.errors import Ambiguous, NotFound
from appeals.model import RUNNING, Clock, Patient
from appeals.record import Change, Run, Situation
from appeals.services import hindsight, lists, writing
from appeals.services.store import CaseRow, Records, Store

LAST_EVENTS = 8


def show(store: Store, ref: str, run: Run, *, day: date) -> tuple[Situation, tuple[dict[str, Any], ...]]:
    """One case with its newest events, after its read event is on disk."""
    situation = case_on(store, ref, day)
    record_reads(store, [(known_as(situation.patient), situation.case.id)], "show", run)
    return situation, lists.last_events(store, situation.case.id, day, LAST_EVENTS)


def backup_of(records: Records, owner: str) -> str:
    """The account that works an owner's cases when the owner is away; "" where nobody is named."""
    return next((person.backup for person in records.people() if owner and person.account == owner), "")


def find(store: Store, words: str, run: Run, *, day: date) -> tuple[CaseRow, ...]:
    """Cases by number (names masked, no event), else by name or member id (one read event a patient).

    Raises:
        NotFound: nothing has this number, name or member id.
    """
    found = {row.case.id: row for row in store.find(words)}
    rows = hindsight.on(store, day).find(words)
    if not rows:
        raise NotFound("Nothing was found for these words.", "Try a part of the name, or another number of the case.")
    if all(row.by_number for row in found.values()):
        return tuple(replace(row, patient_name=showing.mask(row.patient_name), member_id="") for row in rows)
    # Who was looked at is who they are known to be now, whatever the day asked for knew.
    record_reads(store, {(found[row.case.id].case.patient_id, None) for row in rows}, "find", run)
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
    """The case with all that hangs on it; of a past day as it stood at its end. Raises NotFound where it was not known then."""
    return hindsight.on(store, day).situation(ref)


def known_as(patient: Patient) -> str:
    """The id of who the patient is known to be now, whatever the day asked for knew: whose trail a look at them goes into."""
    return patient.merged_into or patient.id


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
