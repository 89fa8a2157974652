"""Tables of the work done: papers, calls, marks, imports, reminders, and the audit trail."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, String, Table, UniqueConstraint

from appeals.record import LARGEST_DOCUMENT
from db.columns import (
    LEFT,
    added,
    belongs,
    cents,
    check,
    count,
    day,
    flag,
    index,
    instant,
    key,
    metadata,
    partial,
    refers,
    unique,
    words,
)

document = Table(
    "document",
    metadata,
    *key(),
    words("case_id", null=True),
    words("kind"),
    words("direction"),
    day("dated"),
    words("sha256"),
    count("size"),
    words("name"),
    Column("content", LargeBinary, nullable=False),
    belongs(),
    refers("case_id", "case"),
    check("content", f"length(content) <= {LARGEST_DOCUMENT}"),
    index("document", "case", "case_id"),
    index("document", "sha256", "sha256"),
)

contact = Table(
    "contact",
    metadata,
    *key(),
    words("case_id"),
    day("dated"),
    *(words(name) for name in ("number_called", "person", "reference", "promised")),
    day("next_date", null=True),
    refers("case_id", "case"),
    index("contact", "case", "case_id"),
    index("contact", "reference", "reference"),
)

mark = Table(
    "mark",
    metadata,
    *key(),
    words("case_id"),
    words("name"),
    day("dated"),
    words("text"),
    flag("voided"),
    *(added(name) for name in ("about", "finding")),
    refers("case_id", "case"),
    index("mark", "case", "case_id"),
)

rule_pack = Table(
    "rule_pack",
    metadata,
    *key(),
    *(words(name) for name in ("pack_id", "version", "sha256", "text")),
    flag("active"),
    day("loaded_on"),
    words("loaded_by"),
    belongs(),
    # Two versions of one contract cannot both hold.
    partial("rule_pack", "active", "pack_id", where="active", unique=True),
)

proposal = Table(
    "proposal",
    metadata,
    *key(),
    *(words(name) for name in ("case_id", "step", "facts", "reason", "source", "status")),
    day("made_on"),
    words("decided_by"),
    day("decided_on", null=True),
    refers("case_id", "case"),
    index("proposal", "case", "case_id"),
    index("proposal", "status", "status"),
)

approval = Table(
    "approval",
    metadata,
    *key(),
    *(words(name) for name in ("case_id", "step", "asked_by", "approved_by")),
    cents("amount_cents"),
    day("asked_on"),
    day("approved_on", null=True),
    refers("case_id", "case"),
    index("approval", "case", "case_id"),
)

intake_file = Table(
    "intake_file",
    metadata,
    *key(),
    words("sha256"),
    words("kind"),
    count("size"),
    words("state"),
    day("taken_on"),
    words("taken_by"),
    words("summary"),
    belongs(),
    index("intake_file", "sha256", "sha256"),
    # The same bytes are taken once; a refused file may be tried again.
    partial("intake_file", "taken", "sha256", where="state = 'taken'", unique=True),
)

# The bytes a file came as, in pieces that are packed one by one; `intake_file.sha256` is of all of them.
original = Table(
    "original",
    metadata,
    *(Column(name, String, primary_key=True) for name in ("practice_id", "file_id")),
    Column("position", count("position").type, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    refers("file_id", "intake_file"),
)

remittance_entry = Table(
    "remittance_entry",
    metadata,
    *key(),
    words("file_id"),
    words("payer_id", null=True),
    *(words(name) for name in ("claim_number", "payer_control", "trace")),
    count("position"),
    words("status_code"),
    *(cents(name) for name in ("charge_cents", "paid_cents", "denied_cents")),
    words("fate"),
    words("reason"),
    words("case_id", null=True),
    count("segment"),
    words("raw"),
    added("said"),
    refers("file_id", "intake_file"),
    refers("payer_id", "payer"),
    refers("case_id", "case"),
    index("remittance_entry", "file", "file_id"),
    index("remittance_entry", "case", "case_id"),
    index("remittance_entry", "claim", "claim_number", "payer_control", "trace"),
    index("remittance_entry", "payer_control", "payer_control"),
    index("remittance_entry", "trace", "trace"),
    partial("remittance_entry", "left", "file_id", where=LEFT),
)

reminder = Table(
    "reminder",
    metadata,
    *key(),
    *(words(name) for name in ("clock_id", "case_id", "stage", "recipient", "channel")),
    day("sent_on"),
    refers("clock_id", "clock"),
    refers("case_id", "case"),
    unique("clock_id", "stage", "recipient", "channel"),
)

outbox = Table(
    "outbox",
    metadata,
    *key(),
    *(words(name) for name in ("channel", "recipient", "message_id", "body", "status")),
    count("attempts"),
    day("created_on"),
    *(added(name) for name in ("account", "last_answer")),
    *(instant(name, null=True) for name in ("next_attempt_at", "tried_at", "sent_at")),
    belongs(),
    unique("message_id"),
    index("outbox", "status", "status"),
)

event = Table(
    "event",
    metadata,
    Column("practice_id", String, primary_key=True),
    Column("seq", count("seq").type, primary_key=True, autoincrement=False),
    *(words(name) for name in ("log_id", "kind", "name")),
    day("on"),
    instant("recorded_at"),
    words("actor"),
    words("patient_id", null=True),
    count("patient_seq", null=True),
    words("case_id", null=True),
    count("case_version", null=True),
    words("request_id", null=True),
    words("leaf"),
    words("root"),
    belongs(),
    refers("patient_id", "patient"),
    refers("case_id", "case"),
    unique("request_id"),
    unique("case_id", "case_version"),
    unique("patient_id", "patient_seq"),
    check("patient_seq", "(patient_id IS NULL) = (patient_seq IS NULL)"),
    index("event", "case", "case_id", "seq"),
    index("event", "on", "on"),
)

# The text lies apart from its place in the log, so that one can be purged and the other stays provable.
event_text = Table(
    "event_text",
    metadata,
    Column("practice_id", String, primary_key=True),
    Column("seq", count("seq").type, primary_key=True, autoincrement=False),
    words("text"),
    ForeignKeyConstraint(["practice_id", "seq"], ["event.practice_id", "event.seq"]),
)

log_head = Table(
    "log_head",
    metadata,
    *key(),
    words("log_id"),
    count("size"),
    words("root"),
    day("noted_on"),
    words("source"),
    belongs(),
    UniqueConstraint("practice_id", "log_id", "size", "source"),
)
