"""An office with many cases, made by inserting rows: most of them closed, some open, some won and not yet paid. Its people are made up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from appeals import model
from appeals.ids import Ids
from appeals.record import Run
from appeals.services.setup import founding
from db.founding import add_practice
from db.opening import create_database
from db.rows import TABLES, row_of
from db.schema_work import event, event_text
from db.store import SqlStore

DAY = date(2026, 11, 23)
CATEGORIES = ("medical_necessity", "prior_authorisation", "experimental", "documentation", "")
OWNERS = ("", "ana", "ben")
OUTCOMES = ("overturned", "upheld", "partial", "upheld", "written_off")
OVERDUE_PAYMENTS = 7  # of a hundred closed cases this many were won, and wait for the payer's money longer than it may take


def crowd(path: Path, cases: int, still_open: int) -> None:
    """A new file at `path` with so many cases, the last `still_open` of them open."""
    ids = Ids(clock=lambda: datetime.now(UTC))
    practice = model.Practice(id="p1", name="Crowd", zone="America/New_York", state="NC", created_on=DAY)
    create_database(path)
    run = Run(
        practice=practice, recorded_at=datetime(2026, 1, 2, tzinfo=UTC), on=date(2026, 1, 2), actor="ana", request_id="r",
        new_id=ids.new_id, new_nonce=ids.new_nonce,
    )  # fmt: skip
    add_practice(path, practice, log_id=ids.new_id(), first_change=founding(run, name="A. Clerk"))
    rows: dict[type, list[Any]] = {kind: [] for kind in (*people(), model.Case, model.Filing, model.Clock)}
    for kind, value in people().items():
        rows[kind].append(value)
    for at in range(cases):
        closed = at < cases - still_open
        one = a_case(at, closed)
        rows[model.Case].append(one)
        rows[model.Clock] += clocks(one, at, closed)
        if closed:
            rows[model.Filing].append(a_filing(one, at))
    with SqlStore(path) as store:
        store.database.write(lambda connection: [connection.execute(insert(TABLES[k]), [row_of(v) for v in vs]) for k, vs in rows.items()])
        store.database.write(lambda connection: log(connection, cases))


def people() -> dict[type, Any]:
    key = {"id": "x", "practice_id": "p1"}
    return {
        model.Patient: model.Patient(**key, name="Example, Erin", name_key="erin example"),
        model.Payer: model.Payer(**key, name="Invented Health", name_key="invented health"),
        model.Coverage: model.Coverage(**key, patient_id="x", payer_id="x", member_id="M-1"),
    }


def a_case(at: int, closed: bool) -> model.Case:
    return model.Case(
        id=f"c{at:07d}", practice_id="p1", number=f"A-{at + 1:06d}", kind="post_service", patient_id="x", payer_id="x", coverage_id="x",
        state=model.State.RESOLVED if closed else model.State.DENIED, outcome=OUTCOMES[at % len(OUTCOMES)] if closed else "",
        claim_number=f"C-{at}", owner=OWNERS[at % len(OWNERS)], category=CATEGORIES[at % len(CATEGORIES)],
        billed_cents=120_000, disputed_cents=0 if closed else 1_000 * (at % 500 + 1), opened_on=DAY, entered_on=DAY,
    )  # fmt: skip


def a_filing(one: model.Case, at: int) -> model.Filing:
    return model.Filing(
        id=f"f{at}", practice_id="p1", case_id=one.id, level=1, track="member_appeal", appellant="provider", tracking=f"TRK-{at}",
        proof=f"FAX-{at}", sent_date=DAY, outcome=OUTCOMES[at % len(OUTCOMES)], decided_date=DAY - timedelta(days=at % 400),
    )  # fmt: skip


def clocks(one: model.Case, at: int, closed: bool) -> list[model.Clock]:
    """Of a closed case two that ended, and sometimes the payer's to pay; of an open one a house target, an appeal and a candidate."""
    made = [a_clock(one, at, "house_denied", at % 40 - 10, hard=False), a_clock(one, at, "file_internal_appeal", at % 200 - 5)]
    if not closed:
        return [*made, replace(made[1], id=f"k{at}-3", candidate=True, work_by=made[1].work_by + timedelta(days=30))]
    ended = [replace(each, status=model.ClockStatus.MET) for each in made]
    unpaid = at % 100 < OVERDUE_PAYMENTS
    return [*ended, a_clock(one, at, "payment", -at % 60 - 1, hard=False, owed_by="payer")] if unpaid else ended


def a_clock(one: model.Case, at: int, kind: str, left: int, *, hard: bool = True, owed_by: str = "us") -> model.Clock:
    due = DAY + timedelta(days=left)
    dates: dict[str, Any] = {"raw_due": due, "legal_due": due, "safe_due": due} if hard else {"target_due": due}
    return model.Clock(
        id=f"k{at}-{kind}", practice_id="p1", case_id=one.id, kind=kind, hard=hard, owed_by=owed_by, rule_id="R", pack_id="p",
        pack_version="1", pack_hash="h", trigger="denial", trigger_id="d", start_date=DAY, start_kind="notice", work_by=due,
        arithmetic="some words about how this was counted, as long as they usually are; " * 4, **dates,
    )  # fmt: skip


def log(connection: Any, cases: int) -> None:
    """As many entries as a log has after so many cases; their text is none that could be verified."""
    entries = [
        {"practice_id": "p1", "seq": seq, "log_id": "l", "kind": "step", "name": "open", "on": date(2026, 1, 2), "leaf": "", "root": "",
         "recorded_at": datetime(2026, 1, 2, tzinfo=UTC), "actor": "ana"}
        for seq in range(2, 2 + cases)
    ]  # fmt: skip
    connection.execute(insert(event), entries)
    connection.execute(insert(event_text), [{"practice_id": "p1", "seq": e["seq"], "text": json.dumps({"seq": e["seq"]})} for e in entries])
