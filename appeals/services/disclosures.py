"""Who was given what about a patient: the accounting of disclosures, read from the patient's own trail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from appeals import trail
from appeals.people import Patient
from appeals.record import Run
from appeals.services import looking, trails
from appeals.services.store import Store

GIVEN_OUT = (trail.NAME, "statement", "document-get", "intake-original")  # these write a file that leaves the office


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One time a patient's data was given out, or only looked at: when, by whom and on whose behalf, what, why, and to whom."""

    entry: int
    on: str
    recorded_at: str
    account: str
    acting_for: str
    what: str
    given_out: bool
    purpose: str
    recipient: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """What was given out about one patient, oldest first."""

    patient: Patient
    disclosures: tuple[Disclosure, ...]


def disclosures(
    store: Store, words: str, run: Run, *, first: date | None = None, last: date | None = None, looks: bool = False
) -> Accounting:
    """What was given out about a patient, oldest first, after this look itself is on disk; with `looks` also who only looked.

    Of patients who turned out to be one, all their trails are read, and each gets an entry of this look.

    Raises:
        NotFound, Ambiguous: no one patient fits.
    """
    patient = looking.one_patient(store, words, itself=True)
    whose = (patient.id, *(earlier.id for earlier in store.merged_into(patient.id)))
    looking.record_reads(store, [(each, None) for each in whose], "audit disclosures", run)
    numbers = {case.id: case.number for case in store.cases_of_patient(patient.id)}
    stored = [event for each in whose for event in store.events(patient_id=each, first=first, last=last)]
    entries = [json.loads(event.text) for event in sorted(stored, key=attrgetter("seq"))]
    failed = {told["facts"]["entry"] for told in entries if told["name"] == trails.FAILED}
    found = (_disclosure(told, numbers) for told in entries if told["seq"] not in failed)
    return Accounting(patient=patient, disclosures=tuple(one for one in found if one is not None and (looks or one.given_out)))


def _disclosure(told: Mapping[str, Any], numbers: Mapping[str, str]) -> Disclosure | None:
    """The entry as a disclosure; None where it shows nobody anything."""
    if told["kind"] not in (trail.EXPORT, "read") or told["name"] == trails.FAILED:
        return None
    form = told["facts"].get("format", "")
    kind = f"{told['name']} ({form}{', redacted' if told['facts'].get('redacted') else ''})" if form else told["name"]
    return Disclosure(
        entry=told["seq"],
        on=told["on"],
        recorded_at=told["recorded_at"],
        account=told["actor"],
        acting_for=told["acting_for"],
        what=kind,
        given_out=told["name"] in GIVEN_OUT,
        purpose=told["purpose"],
        recipient=told["facts"].get("recipient", ""),
        case=numbers.get(told["case"] or "", ""),
    )
