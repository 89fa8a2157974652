"""A made-up copy of a patient's trail, the same on every day and machine: for the tests of what people are given."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from appeals import audit, heads, trail
from appeals.copies import Copy
from appeals.model import Case, Clock, ClockStatus, Practice, State
from appeals.record import Event, Head, StoredEvent
from appeals.services.writing import differences
from appeals.trail import Counts

DAY = date(2026, 11, 3)
LOG = "01234567-89ab-4cde-8f01-23456789abcd"
PRACTICE = Practice(id="practice-1", name="Żółć & Søn Clinic", zone="America/New_York", state="NC", sandbox=True, created_on=DAY)
NAME = "Wolfeschlegelsteinhausenbergerdorff-Żółkiewska, Ana-Sofía Ñandú"
NASTY = '<script>alert(\'x\')</script> "quoted" & \u202egnitirw\u202c =HYPERLINK("http://bad.example")'
CASE = Case(
    id="case-1", practice_id="practice-1", number="A-000001", kind="post_service", state=State.SUBMITTED, patient_id="patient-1",
    payer_id="payer-1", coverage_id="coverage-1", claim_number="C-77", owner="ana", billed_cents=120_000, opened_on=DAY, entered_on=DAY,
)  # fmt: skip
DENIED = replace(CASE, state=State.DENIED, disputed_cents=120_000, version=2)
OTHER = replace(CASE, id="case-2", number="A-000002", claim_number="C-78", billed_cents=8_050)
APPEAL = Clock(
    id="clock-1", practice_id="practice-1", case_id="case-1", kind="file_internal_appeal", track="member_appeal", regime="employer",
    rule_id="ERISA-A1-FILE", pack_id="erisa", pack_version="2026.2", pack_hash="ab" * 32, trigger="denial", trigger_id="denial-1",
    start_date=date(2026, 11, 4), start_kind="assumed_notice", raw_due=date(2027, 5, 3), legal_due=date(2027, 5, 3),
    safe_due=date(2027, 5, 3), work_by=date(2027, 4, 26), cite="29 CFR 2560.503-1(h)(3)(i)",
    source="https://www.ecfr.gov/current/title-29/section-2560.503-1", checked_on=date(2026, 11, 23),
    warning="receipt not recorded: counted from the notice date",
    arithmetic="file the internal appeal (29 CFR 2560.503-1(h)(3)(i))\nnotice dated Wed 2026-11-04\n"
    "receipt not recorded: counted from the notice date\n+ 180 calendar days, that day not counted = Mon 2027-05-03\n"
    "it must be received by then: 5 business days earlier by mail, so work by Mon 2027-04-26",
)  # fmt: skip
DOUBTED = replace(
    APPEAL, id="clock-2", kind="decide_appeal", owed_by="payer", candidate=True, verified=False, rule_id="NC-UR-APP-STD", warning="",
    cite="N.C.G.S. 58-50-61(k)-(l)", work_by=date(2026, 12, 11), legal_due=date(2026, 12, 11), raw_due=date(2026, 12, 11), safe_due=None,
    arithmetic="decide the appeal of a noncertification (N.C.G.S. 58-50-61(k)-(l))\nthe insurer received the appeal: Wed 2026-11-11\n"
    "+ 30 calendar days, that day not counted = Fri 2026-12-11",
)  # fmt: skip
MET = replace(APPEAL, status=ClockStatus.MET, ended_on=date(2026, 11, 9), met_by="file-appeal")
HOUR = replace(
    DOUBTED, id="clock-3", kind="peer_call", owed_by="us", candidate=False, verified=True, hard=False, rule_id="PEER-SCHEDULED",
    cite="as agreed with the payer", due_at=datetime(2026, 11, 12, 20, tzinfo=UTC), start_at=datetime(2026, 11, 12, 20, tzinfo=UTC),
    legal_due=None, raw_due=None, target_due=date(2026, 11, 12), work_by=date(2026, 11, 12), source="", checked_on=None,
    arithmetic="as agreed with the payer\nthe call is scheduled for Thu 2026-11-12 15:00 EST",
    derivation='{"steps":[{"at":"2026-11-12T20:00:00+00:00","do":"start"}],"zone":"America/New_York"}',
)  # fmt: skip


def opened(case):
    return {name: [None, audit.plain(getattr(case, name))] for name in Case.__dataclass_fields__}


def events():
    """What happened, in the order of the log."""
    line = {"position": 1, "procedure": "96365", "charge_cents": 120_000, "denied_cents": 120_000}
    lines = [line | {"adjustments": [["CO", "50", "", 120_000]]}]
    deny = {"notice": "2026-11-04", "amount": 120_000, "codes": [["CO", "50", "N115", 120_000]], "lines": lines, "words": NASTY}
    filing = {"table": "filing", "id": "filing-1", "fields": {"received_date": [None, "2026-11-11"], "won_cents": [0, 45_000]}}
    one = {"case": "case-1"}
    return (
        {**one, "kind": "step", "name": "open", "facts": {"patient": NAME, "claim": "C-77", "billed": 120_000}, "changes": opened(CASE)},
        {
            **one,
            "kind": "step",
            "name": "deny",
            "facts": deny,
            "changes": differences(CASE, DENIED),
            "clocks": (APPEAL, DOUBTED),
            "acting_for": "ben",
        },
        {**one, "kind": "mark", "name": "note", "facts": {"text": NASTY, "dated": "2026-11-05"}},
        {**one, "kind": "mark", "name": "document-added", "facts": {"kind": "eob", "direction": "in", "sha256": "cd" * 32, "size": 60}},
        {**one, "kind": "mark", "name": "received", "facts": {"dated": "2026-11-11", "replaced": [filing]}, "clocks": (MET, HOUR)},
        {**one, "kind": "step", "name": "undo", "reason": "wrong \u2067amount\u2069", "undoes": 2, "facts": {"undone": "deny"}},
        {
            "case": "case-2",
            "kind": "step",
            "name": "open",
            "facts": {"claim": "C-78"},
            "changes": opened(OTHER),
            "source": {"sha256": "ef" * 32, "segment": 7},
        },
        {"kind": "read", "name": "find"},
        {
            "kind": "export",
            "name": "audit export",
            "purpose": "asked for",
            "facts": {"format": "html", "recipient": NAME, "entries": 8, "upto": 8},
        },
    )


def a_copy(told=None, redact=None, **given):
    """The copy of these events (default: `events()`), proven as an export's is."""
    at = datetime(2026, 11, 3, 14, 30, tzinfo=UTC)
    texts = [
        audit.canonical(
            Event(
                **{"actor": "ana", **one}, recorded_at=at + timedelta(days=seq), on=DAY + timedelta(days=seq), practice="practice-1",
                patient="patient-1", patient_seq=seq, nonce=f"{seq:032x}", log=LOG, seq=seq, sandbox=True,
            )
        )
        for seq, one in enumerate(events() if told is None else told, 1)
    ]  # fmt: skip
    tree, stored = audit.Tree(), []
    for seq, text in enumerate(texts, 1):
        tree = tree.append(audit.leaf(text))
        stored.append(StoredEvent(seq=seq, leaf=audit.leaf(text).hex(), root=tree.root().hex(), text=text))
    head = Head(log=LOG, size=len(stored), root=stored[-1].root, at=datetime.fromisoformat(json.loads(texts[-1])["recorded_at"]))
    seqs = [each.seq for each in stored]
    proofs = trail.proven((bytes.fromhex(each.leaf) for each in stored), seqs, head)
    shown = [trail.shown(event, proof, redact) for event, proof in trail.entries(stored, seqs, proofs)]
    counts = Counts(entries=len(seqs), of=len(seqs), upto=len(seqs) - 1)
    made = Copy(
        practice=PRACTICE, patient="patient-1", patient_name="" if redact else NAME, exported_on=date(2026, 12, 24), exported_by="ana",
        purpose="the patient asked for it", recipient="Ana-Sofía, by post", statement=trail.statement(counts, head), head=heads.line(head),
        redacted=redact is not None, entries=shown,
    )  # fmt: skip
    return replace(made, **given)
