"""Tables of who there is: practices, people, providers, patients, payers and coverages."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, UniqueConstraint

from db.columns import added, belongs, cents, count, day, flag, index, key, metadata, partial, refers, unique, words

PLAN_FACTS = ("programme", "funding", "grandfathered", "issue_state", "internal_levels")

meta = Table("meta", metadata, Column("name", String, primary_key=True), words("value"))

practice = Table(
    "practice",
    metadata,
    Column("id", String, primary_key=True),
    words("name"),
    words("zone"),
    words("state"),
    flag("sandbox"),
    cents("write_off_limit_cents"),
    day("created_on"),
    words("log_id"),
    count("log_size"),
    words("log_frontier"),
    words("log_root"),
    count("next_case_number"),
    UniqueConstraint("name"),
)

person = Table(
    "person",
    metadata,
    *key(),
    *(words(name) for name in ("account", "name", "email", "role", "backup", "manager")),
    belongs(),
    unique("account"),
)

provider = Table("provider", metadata, *key(), words("name"), words("npi"), belongs(), index("provider", "npi", "npi"))

patient = Table(
    "patient",
    metadata,
    *key(),
    words("name"),
    words("name_key"),
    day("birth_date", null=True),
    Column("event_count", count("event_count").type, nullable=False, server_default="0"),
    added("merged_into"),
    belongs(),
    index("patient", "name_key", "name_key"),
    index("patient", "merged_into", "merged_into"),
)

patient_identifier = Table(
    "patient_identifier",
    metadata,
    *key(),
    words("patient_id"),
    words("system"),
    words("value"),
    refers("patient_id", "patient"),
    unique("patient_id", "system", "value"),
    index("patient_identifier", "value", "system", "value"),
    index("patient_identifier", "any", "value", "patient_id"),
    # Members of one family share a member id; a record number is one person's.
    partial("patient_identifier", "mrn", "value", where="system = 'mrn'", unique=True),
)

payer = Table(
    "payer",
    metadata,
    *key(),
    *(words(name) for name in ("name", "name_key", "payer_number", *PLAN_FACTS)),
    belongs(),
    index("payer", "name_key", "name_key"),
    index("payer", "payer_number", "payer_number"),
)

coverage = Table(
    "coverage",
    metadata,
    *key(),
    *(words(name) for name in ("patient_id", "payer_id", "member_id", "group_number", "rank")),
    day("starts_on", null=True),
    day("ends_on", null=True),
    *(words(name) for name in PLAN_FACTS),
    day("rating_period_start", null=True),
    words("facts_from"),
    refers("patient_id", "patient"),
    refers("payer_id", "payer"),
    index("coverage", "patient", "patient_id"),
    index("coverage", "member_id", "member_id"),
)
