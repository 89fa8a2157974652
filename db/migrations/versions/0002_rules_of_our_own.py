"""Contracts a practice loads, and what makes a clock provable: the steps that give its dates, whose time it is, what follows."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = """
ALTER TABLE "case" ADD COLUMN care VARCHAR DEFAULT 'unknown' NOT NULL

ALTER TABLE "case" ADD COLUMN submitted_on DATE

ALTER TABLE "case" ADD COLUMN submitted_at DATETIME

ALTER TABLE filing ADD COLUMN received_at DATETIME

ALTER TABLE clock ADD COLUMN filer VARCHAR DEFAULT '' NOT NULL

ALTER TABLE clock ADD COLUMN derivation VARCHAR DEFAULT '' NOT NULL

ALTER TABLE clock ADD COLUMN consequence VARCHAR DEFAULT '' NOT NULL

ALTER TABLE clock ADD COLUMN next_step VARCHAR DEFAULT '' NOT NULL

ALTER TABLE mark ADD COLUMN about VARCHAR DEFAULT '' NOT NULL

ALTER TABLE mark ADD COLUMN finding VARCHAR DEFAULT '' NOT NULL

ALTER TABLE "case" ADD COLUMN contractual_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE "case" ADD COLUMN patient_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE "case" ADD COLUMN other_payer_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE "case" ADD COLUMN written_off_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE "case" ADD COLUMN lost_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE "case" ADD COLUMN posted_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE service_line ADD COLUMN contractual_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE service_line ADD COLUMN disputed_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE service_line ADD COLUMN recovered_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE service_line ADD COLUMN patient_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE service_line ADD COLUMN other_payer_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE service_line ADD COLUMN written_off_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE service_line ADD COLUMN lost_cents BIGINT DEFAULT '0' NOT NULL

ALTER TABLE service_line ADD COLUMN voided BOOLEAN DEFAULT 0 NOT NULL

ALTER TABLE filing ADD COLUMN proof_kind VARCHAR DEFAULT '' NOT NULL

ALTER TABLE filing ADD COLUMN tracking VARCHAR DEFAULT '' NOT NULL

ALTER TABLE filing ADD COLUMN result VARCHAR DEFAULT '' NOT NULL

ALTER TABLE filing ADD COLUMN pages BIGINT DEFAULT '0' NOT NULL

ALTER TABLE filing ADD COLUMN prepared_date DATE

ALTER TABLE filing ADD COLUMN acknowledged_date DATE

ALTER TABLE outbox ADD COLUMN account VARCHAR DEFAULT '' NOT NULL

ALTER TABLE outbox ADD COLUMN last_answer VARCHAR DEFAULT '' NOT NULL

ALTER TABLE outbox ADD COLUMN next_attempt_at DATETIME

ALTER TABLE outbox ADD COLUMN tried_at DATETIME

ALTER TABLE outbox ADD COLUMN sent_at DATETIME

ALTER TABLE remittance_entry ADD COLUMN said VARCHAR DEFAULT '' NOT NULL

ALTER TABLE patient ADD COLUMN merged_into VARCHAR DEFAULT '' NOT NULL

CREATE TABLE rule_pack (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    pack_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    active BOOLEAN NOT NULL,
    loaded_on DATE NOT NULL,
    loaded_by VARCHAR NOT NULL,
    CONSTRAINT pk_rule_pack PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_rule_pack_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id),
    CONSTRAINT ck_rule_pack_active CHECK (active IN (0, 1))
)

CREATE UNIQUE INDEX uq_rule_pack_active ON rule_pack (practice_id, pack_id) WHERE active

CREATE TABLE original (
    practice_id VARCHAR NOT NULL,
    file_id VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    content BLOB NOT NULL,
    CONSTRAINT pk_original PRIMARY KEY (practice_id, file_id, position),
    CONSTRAINT fk_original_file_id FOREIGN KEY(practice_id, file_id) REFERENCES intake_file (practice_id, id)
)

CREATE INDEX ix_remittance_entry_case ON remittance_entry (practice_id, case_id)

CREATE INDEX ix_case_open ON "case" (practice_id, number, owner, state) WHERE state <> 'resolved'

CREATE INDEX ix_filing_tracking ON filing (practice_id, tracking)

CREATE INDEX ix_filing_proof ON filing (practice_id, proof)

CREATE INDEX ix_filing_decided ON filing
(practice_id, decided_date, case_id, level, outcome) WHERE outcome IN ('overturned', 'partial', 'upheld') AND NOT voided

CREATE INDEX ix_peer_review_reference ON peer_review (practice_id, reference)

CREATE INDEX ix_contact_reference ON contact (practice_id, reference)

CREATE INDEX ix_remittance_entry_payer_control ON remittance_entry (practice_id, payer_control)

CREATE INDEX ix_remittance_entry_trace ON remittance_entry (practice_id, trace)

CREATE INDEX ix_patient_merged_into ON patient (practice_id, merged_into)

CREATE INDEX ix_remittance_entry_left ON remittance_entry (practice_id, file_id) WHERE fate = 'person'

CREATE INDEX ix_event_on ON event (practice_id, "on")

CREATE INDEX ix_patient_identifier_any ON patient_identifier (practice_id, value, patient_id)

DROP INDEX ix_clock_work_by

CREATE INDEX ix_clock_work_by ON clock (practice_id, work_by, case_id) WHERE status IN ('open', 'sent', 'tolled')

ANALYZE sqlite_master

DELETE FROM sqlite_stat1

INSERT INTO sqlite_stat1 (tbl, idx, stat)
SELECT i.tbl_name, i.name, (SELECT group_concat(n, ' ') FROM (
    SELECT -1 AS seqno, CASE WHEN l.partial THEN 50000 ELSE 1000000 END AS n UNION ALL
    SELECT c.seqno, CASE WHEN c.seqno = 0 AND l.partial THEN 50000 WHEN c.seqno = 0 THEN 1000000
        WHEN l."unique" AND c.seqno = (SELECT max(seqno) FROM pragma_index_info(i.name)) THEN 1 ELSE 10 END
    FROM pragma_index_info(i.name) AS c ORDER BY seqno))
FROM sqlite_master AS i JOIN pragma_index_list(i.tbl_name) AS l ON l.name = i.name
WHERE i.type = 'index' AND (SELECT count(*) FROM pragma_index_info(i.name)) > 1
"""


def upgrade() -> None:
    for statement in STATEMENTS.split("\n\n"):
        op.execute(statement)
