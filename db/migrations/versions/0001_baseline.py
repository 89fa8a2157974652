"""The first release. Spelled in its own SQL: it must mean the same when `db.schema` has moved on."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = """
CREATE TABLE meta (
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    CONSTRAINT pk_meta PRIMARY KEY (name)
)

CREATE TABLE practice (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    zone VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    sandbox BOOLEAN NOT NULL,
    write_off_limit_cents BIGINT NOT NULL,
    created_on DATE NOT NULL,
    log_id VARCHAR NOT NULL,
    log_size BIGINT NOT NULL,
    log_frontier VARCHAR NOT NULL,
    log_root VARCHAR NOT NULL,
    next_case_number BIGINT NOT NULL,
    CONSTRAINT pk_practice PRIMARY KEY (id),
    CONSTRAINT uq_practice_name UNIQUE (name),
    CONSTRAINT ck_practice_sandbox CHECK (sandbox IN (0, 1))
)

CREATE TABLE person (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    email VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    backup VARCHAR NOT NULL,
    manager VARCHAR NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_person_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id),
    CONSTRAINT uq_person_account UNIQUE (practice_id, account)
)

CREATE TABLE provider (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    npi VARCHAR NOT NULL,
    CONSTRAINT pk_provider PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_provider_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id)
)

CREATE INDEX ix_provider_npi ON provider (practice_id, npi)

CREATE TABLE patient (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    birth_date DATE,
    event_count BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_patient PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_patient_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id)
)

CREATE INDEX ix_patient_name_key ON patient (practice_id, name_key)

CREATE TABLE payer (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    payer_number VARCHAR NOT NULL,
    programme VARCHAR NOT NULL,
    funding VARCHAR NOT NULL,
    grandfathered VARCHAR NOT NULL,
    issue_state VARCHAR NOT NULL,
    internal_levels VARCHAR NOT NULL,
    CONSTRAINT pk_payer PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_payer_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id)
)

CREATE INDEX ix_payer_name_key ON payer (practice_id, name_key)

CREATE INDEX ix_payer_payer_number ON payer (practice_id, payer_number)

CREATE TABLE intake_file (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    state VARCHAR NOT NULL,
    taken_on DATE NOT NULL,
    taken_by VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    CONSTRAINT pk_intake_file PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_intake_file_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id)
)

CREATE INDEX ix_intake_file_sha256 ON intake_file (practice_id, sha256)

CREATE UNIQUE INDEX uq_intake_file_taken ON intake_file (practice_id, sha256) WHERE state = 'taken'

CREATE TABLE outbox (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    recipient VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    attempts BIGINT NOT NULL,
    created_on DATE NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_outbox_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id),
    CONSTRAINT uq_outbox_message_id UNIQUE (practice_id, message_id)
)

CREATE INDEX ix_outbox_status ON outbox (practice_id, status)

CREATE TABLE log_head (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    log_id VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    root VARCHAR NOT NULL,
    noted_on DATE NOT NULL,
    source VARCHAR NOT NULL,
    CONSTRAINT pk_log_head PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_log_head_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id),
    CONSTRAINT uq_log_head_log_id_size_source UNIQUE (practice_id, log_id, size, source)
)

CREATE TABLE patient_identifier (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    patient_id VARCHAR NOT NULL,
    system VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    CONSTRAINT pk_patient_identifier PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_patient_identifier_patient_id FOREIGN KEY(practice_id, patient_id) REFERENCES patient (practice_id, id),
    CONSTRAINT uq_patient_identifier_patient_id_system_value UNIQUE (practice_id, patient_id, system, value)
)

CREATE INDEX ix_patient_identifier_value ON patient_identifier (practice_id, system, value)

CREATE UNIQUE INDEX uq_patient_identifier_mrn ON patient_identifier (practice_id, value) WHERE system = 'mrn'

CREATE TABLE coverage (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    patient_id VARCHAR NOT NULL,
    payer_id VARCHAR NOT NULL,
    member_id VARCHAR NOT NULL,
    group_number VARCHAR NOT NULL,
    rank VARCHAR NOT NULL,
    starts_on DATE,
    ends_on DATE,
    programme VARCHAR NOT NULL,
    funding VARCHAR NOT NULL,
    grandfathered VARCHAR NOT NULL,
    issue_state VARCHAR NOT NULL,
    internal_levels VARCHAR NOT NULL,
    rating_period_start DATE,
    facts_from VARCHAR NOT NULL,
    CONSTRAINT pk_coverage PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_coverage_patient_id FOREIGN KEY(practice_id, patient_id) REFERENCES patient (practice_id, id),
    CONSTRAINT fk_coverage_payer_id FOREIGN KEY(practice_id, payer_id) REFERENCES payer (practice_id, id)
)

CREATE INDEX ix_coverage_member_id ON coverage (practice_id, member_id)

CREATE INDEX ix_coverage_patient ON coverage (practice_id, patient_id)

CREATE TABLE "case" (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    number VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    state VARCHAR(20) NOT NULL,
    outcome VARCHAR NOT NULL,
    level BIGINT NOT NULL,
    patient_id VARCHAR NOT NULL,
    payer_id VARCHAR NOT NULL,
    coverage_id VARCHAR NOT NULL,
    provider_id VARCHAR,
    claim_number VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    urgency VARCHAR NOT NULL,
    network VARCHAR NOT NULL,
    assignment VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    appealable VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    came_from VARCHAR NOT NULL,
    billed_cents BIGINT NOT NULL,
    paid_cents BIGINT NOT NULL,
    disputed_cents BIGINT NOT NULL,
    recovered_cents BIGINT NOT NULL,
    service_from DATE,
    service_to DATE,
    opened_on DATE NOT NULL,
    entered_on DATE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_case PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_case_patient_id FOREIGN KEY(practice_id, patient_id) REFERENCES patient (practice_id, id),
    CONSTRAINT fk_case_payer_id FOREIGN KEY(practice_id, payer_id) REFERENCES payer (practice_id, id),
    CONSTRAINT fk_case_coverage_id FOREIGN KEY(practice_id, coverage_id) REFERENCES coverage (practice_id, id),
    CONSTRAINT fk_case_provider_id FOREIGN KEY(practice_id, provider_id) REFERENCES provider (practice_id, id),
    CONSTRAINT uq_case_number UNIQUE (practice_id, number),
    CONSTRAINT ck_case_version CHECK (version >= 1),
    CONSTRAINT ck_case_state CHECK (state IN ('submitted', 'denied', 'eob_reviewed', 'appeal_filed', 'peer_review', 'resolved'))
)

CREATE INDEX ix_case_coverage ON "case" (practice_id, coverage_id)

CREATE INDEX ix_case_patient ON "case" (practice_id, patient_id)

CREATE INDEX ix_case_claim_number ON "case" (practice_id, claim_number)

CREATE INDEX ix_case_state ON "case" (practice_id, state, number)

CREATE TABLE case_link (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    other_case_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    CONSTRAINT pk_case_link PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_case_link_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT fk_case_link_other_case_id FOREIGN KEY(practice_id, other_case_id) REFERENCES "case" (practice_id, id)
)

CREATE INDEX ix_case_link_case ON case_link (practice_id, case_id)

CREATE INDEX ix_case_link_other_case ON case_link (practice_id, other_case_id)

CREATE TABLE claim_number (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    payer_id VARCHAR NOT NULL,
    system VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    CONSTRAINT pk_claim_number PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_claim_number_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT fk_claim_number_payer_id FOREIGN KEY(practice_id, payer_id) REFERENCES payer (practice_id, id)
)

CREATE INDEX ix_claim_number_value ON claim_number (practice_id, value)

CREATE INDEX ix_claim_number_case ON claim_number (practice_id, case_id)

CREATE TABLE service_line (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    procedure VARCHAR NOT NULL,
    service_date DATE,
    charge_cents BIGINT NOT NULL,
    paid_cents BIGINT NOT NULL,
    denied_cents BIGINT NOT NULL,
    outcome VARCHAR NOT NULL,
    CONSTRAINT pk_service_line PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_service_line_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id)
)

CREATE INDEX ix_service_line_case ON service_line (practice_id, case_id)

CREATE TABLE denial (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    level BIGINT NOT NULL,
    notice_date DATE NOT NULL,
    received_date DATE,
    received_how VARCHAR NOT NULL,
    denied_cents BIGINT NOT NULL,
    reasons VARCHAR NOT NULL,
    letter_words VARCHAR NOT NULL,
    printed_due DATE,
    source VARCHAR NOT NULL,
    voided BOOLEAN NOT NULL,
    CONSTRAINT pk_denial PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_denial_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT ck_denial_voided CHECK (voided IN (0, 1))
)

CREATE INDEX ix_denial_case ON denial (practice_id, case_id)

CREATE TABLE filing (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    level BIGINT NOT NULL,
    track VARCHAR NOT NULL,
    appellant VARCHAR NOT NULL,
    authority VARCHAR NOT NULL,
    expedited BOOLEAN NOT NULL,
    declared_by VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    destination VARCHAR NOT NULL,
    proof VARCHAR NOT NULL,
    override_reason VARCHAR NOT NULL,
    sent_date DATE NOT NULL,
    received_date DATE,
    outcome VARCHAR NOT NULL,
    decided_date DATE,
    won_cents BIGINT NOT NULL,
    voided BOOLEAN NOT NULL,
    CONSTRAINT pk_filing PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_filing_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT ck_filing_expedited CHECK (expedited IN (0, 1)),
    CONSTRAINT ck_filing_voided CHECK (voided IN (0, 1))
)

CREATE INDEX ix_filing_case ON filing (practice_id, case_id)

CREATE TABLE peer_review (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    came_from VARCHAR(20) NOT NULL,
    clinician VARCHAR NOT NULL,
    callback VARCHAR NOT NULL,
    payer_line VARCHAR NOT NULL,
    reference VARCHAR NOT NULL,
    times_offered VARCHAR NOT NULL,
    requested_date DATE NOT NULL,
    outcome VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL,
    said VARCHAR NOT NULL,
    decided_date DATE,
    voided BOOLEAN NOT NULL,
    CONSTRAINT pk_peer_review PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_peer_review_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT ck_peer_review_came_from
        CHECK (came_from IN ('submitted', 'denied', 'eob_reviewed', 'appeal_filed', 'peer_review', 'resolved')),
    CONSTRAINT ck_peer_review_voided CHECK (voided IN (0, 1))
)

CREATE INDEX ix_peer_review_case ON peer_review (practice_id, case_id)

CREATE TABLE clock (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    level BIGINT NOT NULL,
    track VARCHAR NOT NULL,
    regime VARCHAR NOT NULL,
    owed_by VARCHAR NOT NULL,
    status VARCHAR(20) NOT NULL,
    candidate BOOLEAN NOT NULL,
    hard BOOLEAN NOT NULL,
    verified BOOLEAN NOT NULL,
    rule_id VARCHAR NOT NULL,
    pack_id VARCHAR NOT NULL,
    pack_version VARCHAR NOT NULL,
    pack_hash VARCHAR NOT NULL,
    filed_when VARCHAR NOT NULL,
    "trigger" VARCHAR NOT NULL,
    trigger_id VARCHAR NOT NULL,
    start_date DATE NOT NULL,
    start_kind VARCHAR NOT NULL,
    start_at DATETIME,
    raw_due DATE,
    legal_due DATE,
    safe_due DATE,
    printed_due DATE,
    target_due DATE,
    work_by DATE NOT NULL,
    due_at DATETIME,
    arithmetic VARCHAR NOT NULL,
    cite VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    checked_on DATE,
    warning VARCHAR NOT NULL,
    ended_on DATE,
    met_by VARCHAR NOT NULL,
    next_remind_on DATE,
    CONSTRAINT pk_clock PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_clock_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT ck_clock_status CHECK (status IN ('open', 'sent', 'met', 'missed', 'tolled', 'cancelled')),
    CONSTRAINT ck_clock_candidate CHECK (candidate IN (0, 1)),
    CONSTRAINT ck_clock_hard CHECK (hard IN (0, 1)),
    CONSTRAINT ck_clock_verified CHECK (verified IN (0, 1))
)

CREATE INDEX ix_clock_work_by ON clock (practice_id, work_by) WHERE status IN ('open', 'sent', 'tolled')

CREATE INDEX ix_clock_next_remind_on ON clock (practice_id, next_remind_on) WHERE status IN ('open', 'sent', 'tolled')

CREATE INDEX ix_clock_case ON clock (practice_id, case_id)

CREATE TABLE document (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR,
    kind VARCHAR NOT NULL,
    direction VARCHAR NOT NULL,
    dated DATE NOT NULL,
    sha256 VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    content BLOB NOT NULL,
    CONSTRAINT pk_document PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_document_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id),
    CONSTRAINT fk_document_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT ck_document_content CHECK (length(content) <= 52428800)
)

CREATE INDEX ix_document_sha256 ON document (practice_id, sha256)

CREATE INDEX ix_document_case ON document (practice_id, case_id)

CREATE TABLE contact (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    dated DATE NOT NULL,
    number_called VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    reference VARCHAR NOT NULL,
    promised VARCHAR NOT NULL,
    next_date DATE,
    CONSTRAINT pk_contact PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_contact_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id)
)

CREATE INDEX ix_contact_case ON contact (practice_id, case_id)

CREATE TABLE mark (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    dated DATE NOT NULL,
    text VARCHAR NOT NULL,
    voided BOOLEAN NOT NULL,
    CONSTRAINT pk_mark PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_mark_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT ck_mark_voided CHECK (voided IN (0, 1))
)

CREATE INDEX ix_mark_case ON mark (practice_id, case_id)

CREATE TABLE proposal (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    step VARCHAR NOT NULL,
    facts VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    made_on DATE NOT NULL,
    decided_by VARCHAR NOT NULL,
    decided_on DATE,
    CONSTRAINT pk_proposal PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_proposal_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id)
)

CREATE INDEX ix_proposal_case ON proposal (practice_id, case_id)

CREATE INDEX ix_proposal_status ON proposal (practice_id, status)

CREATE TABLE approval (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    step VARCHAR NOT NULL,
    asked_by VARCHAR NOT NULL,
    approved_by VARCHAR NOT NULL,
    amount_cents BIGINT NOT NULL,
    asked_on DATE NOT NULL,
    approved_on DATE,
    CONSTRAINT pk_approval PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_approval_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id)
)

CREATE INDEX ix_approval_case ON approval (practice_id, case_id)

CREATE TABLE remittance_entry (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    file_id VARCHAR NOT NULL,
    payer_id VARCHAR,
    claim_number VARCHAR NOT NULL,
    payer_control VARCHAR NOT NULL,
    trace VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    status_code VARCHAR NOT NULL,
    charge_cents BIGINT NOT NULL,
    paid_cents BIGINT NOT NULL,
    denied_cents BIGINT NOT NULL,
    fate VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    case_id VARCHAR,
    segment BIGINT NOT NULL,
    raw VARCHAR NOT NULL,
    CONSTRAINT pk_remittance_entry PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_remittance_entry_file_id FOREIGN KEY(practice_id, file_id) REFERENCES intake_file (practice_id, id),
    CONSTRAINT fk_remittance_entry_payer_id FOREIGN KEY(practice_id, payer_id) REFERENCES payer (practice_id, id),
    CONSTRAINT fk_remittance_entry_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id)
)

CREATE INDEX ix_remittance_entry_file ON remittance_entry (practice_id, file_id)

CREATE INDEX ix_remittance_entry_claim ON remittance_entry (practice_id, claim_number, payer_control, trace)

CREATE TABLE event (
    practice_id VARCHAR NOT NULL,
    seq BIGINT NOT NULL,
    log_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    "on" DATE NOT NULL,
    recorded_at DATETIME NOT NULL,
    actor VARCHAR NOT NULL,
    patient_id VARCHAR,
    patient_seq BIGINT,
    case_id VARCHAR,
    case_version BIGINT,
    request_id VARCHAR,
    leaf VARCHAR NOT NULL,
    root VARCHAR NOT NULL,
    CONSTRAINT pk_event PRIMARY KEY (practice_id, seq),
    CONSTRAINT fk_event_practice_id FOREIGN KEY(practice_id) REFERENCES practice (id),
    CONSTRAINT fk_event_patient_id FOREIGN KEY(practice_id, patient_id) REFERENCES patient (practice_id, id),
    CONSTRAINT fk_event_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT uq_event_request_id UNIQUE (practice_id, request_id),
    CONSTRAINT uq_event_case_id_case_version UNIQUE (practice_id, case_id, case_version),
    CONSTRAINT uq_event_patient_id_patient_seq UNIQUE (practice_id, patient_id, patient_seq),
    CONSTRAINT ck_event_patient_seq CHECK ((patient_id IS NULL) = (patient_seq IS NULL))
)

CREATE INDEX ix_event_case ON event (practice_id, case_id, seq)

CREATE TABLE adjustment (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    denial_id VARCHAR,
    line_id VARCHAR,
    group_code VARCHAR NOT NULL,
    carc VARCHAR NOT NULL,
    rarc VARCHAR NOT NULL,
    amount_cents BIGINT NOT NULL,
    CONSTRAINT pk_adjustment PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_adjustment_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT fk_adjustment_denial_id FOREIGN KEY(practice_id, denial_id) REFERENCES denial (practice_id, id),
    CONSTRAINT fk_adjustment_line_id FOREIGN KEY(practice_id, line_id) REFERENCES service_line (practice_id, id)
)

CREATE INDEX ix_adjustment_case ON adjustment (practice_id, case_id)

CREATE TABLE reminder (
    practice_id VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    clock_id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    recipient VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    sent_on DATE NOT NULL,
    CONSTRAINT pk_reminder PRIMARY KEY (practice_id, id),
    CONSTRAINT fk_reminder_clock_id FOREIGN KEY(practice_id, clock_id) REFERENCES clock (practice_id, id),
    CONSTRAINT fk_reminder_case_id FOREIGN KEY(practice_id, case_id) REFERENCES "case" (practice_id, id),
    CONSTRAINT uq_reminder_clock_id_stage_recipient_channel UNIQUE (practice_id, clock_id, stage, recipient, channel)
)

CREATE TABLE event_text (
    practice_id VARCHAR NOT NULL,
    seq BIGINT NOT NULL,
    text VARCHAR NOT NULL,
    CONSTRAINT pk_event_text PRIMARY KEY (practice_id, seq),
    CONSTRAINT fk_event_text_seq FOREIGN KEY(practice_id, seq) REFERENCES event (practice_id, seq)
)

CREATE TRIGGER event_no_update BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END

CREATE TRIGGER event_no_delete BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END

CREATE TRIGGER event_text_no_update BEFORE UPDATE ON event_text
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END

CREATE TRIGGER event_text_no_delete BEFORE DELETE ON event_text
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END

CREATE TRIGGER event_next_only BEFORE INSERT ON event
    WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event WHERE practice_id = NEW.practice_id)
    BEGIN SELECT RAISE(ABORT, 'the audit trail takes only its next entry'); END

CREATE TRIGGER event_text_once BEFORE INSERT ON event_text
    WHEN EXISTS (SELECT 1 FROM event_text WHERE practice_id = NEW.practice_id AND seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END

PRAGMA application_id = 1095782476
"""


def upgrade() -> None:
    for statement in STATEMENTS.strip().split("\n\n"):
        op.execute(statement)
