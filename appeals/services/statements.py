"""What a patient paid and is to get, told by marks; and the statement of it, given out after its read event."""

from __future__ import annotations

import json
from datetime import date

from appeals import statement
from appeals.record import Run
from appeals.services import looking
from appeals.services.store import Store
from appeals.statement import Statement, Told

PAID, EXPECTED, POSTED = "patient-paid", "reimbursement-expected", "payment-posted"


def told(store: Store, case_id: str, day: date) -> Told:
    """What the marks of a case say up to the end of `day`; of several expectations the newest."""
    entries = [json.loads(stored.text) for stored in store.events(case_id=case_id)]
    known = [e for e in entries if e["kind"] == "mark" and e["on"] <= day.isoformat()]
    expected = [e["facts"]["amount"] for e in known if e["name"] == EXPECTED]
    return Told(
        payments=tuple((date.fromisoformat(e["facts"]["dated"]), e["facts"]["amount"]) for e in known if e["name"] == PAID),
        expected_cents=expected[-1] if expected else 0,
        to_patient_cents=sum(e["facts"]["amount"] for e in known if e["name"] == POSTED and e["facts"].get("to_patient")),
    )


def make(store: Store, ref: str, run: Run, *, day: date) -> Statement:
    """The statement of a case as of the end of `day`, after the read event is on disk.

    Raises:
        StepRefused: nothing is on the patient.
    """
    situation = looking.case_on(store, ref, day)
    made = statement.of(situation, told(store, situation.case.id, day))
    looking.record_reads(store, [(looking.known_as(situation.patient), situation.case.id)], "statement", run)
    return made
