-- why:    sales sequences: their steps, who goes through them, what was done and what came of it (S2).
-- step:   expand.
-- engine: both, one text.
CREATE TABLE sequence (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    shared TEXT NOT NULL DEFAULT '',
    working_hours INTEGER NOT NULL DEFAULT 0,
    clock TEXT NOT NULL DEFAULT '',
    daily_limit BIGINT,
    opens INTEGER NOT NULL DEFAULT 0,
    stops_on_meeting INTEGER NOT NULL DEFAULT 0,
    stops_on_stage INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX sequence_by_created_at ON sequence ("created_at", id, deleted_at);
CREATE INDEX sequence_trash ON sequence (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX sequence_by_name_fold ON sequence ("name_fold", id, deleted_at);
CREATE INDEX sequence_by_owner_id ON sequence ("owner_id", id, deleted_at);
CREATE TABLE sequence_step (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    sequence_id BIGINT,
    position BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    wait_days BIGINT,
    wait_hours BIGINT,
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    subject_b TEXT NOT NULL DEFAULT '',
    subject_b_fold TEXT NOT NULL DEFAULT '',
    in_thread INTEGER NOT NULL DEFAULT 0,
    review INTEGER NOT NULL DEFAULT 0,
    waits INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX sequence_step_by_created_at ON sequence_step ("created_at", id, deleted_at);
CREATE INDEX sequence_step_trash ON sequence_step (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX sequence_step_by_sequence_id ON sequence_step ("sequence_id", id, deleted_at);
CREATE INDEX sequence_step_by_position ON sequence_step ("position", id, deleted_at);
CREATE TABLE enrolment (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    sequence_id BIGINT,
    contact_id BIGINT,
    deal_id BIGINT,
    owner_id BIGINT,
    status TEXT NOT NULL DEFAULT '',
    because TEXT NOT NULL DEFAULT '',
    step_id BIGINT,
    due_at BIGINT,
    problem TEXT NOT NULL DEFAULT '',
    problem_fold TEXT NOT NULL DEFAULT '',
    ended_at BIGINT,
    first_email_id BIGINT
);
CREATE INDEX enrolment_by_created_at ON enrolment ("created_at", id, deleted_at);
CREATE INDEX enrolment_trash ON enrolment (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX enrolment_by_sequence_id ON enrolment ("sequence_id", id, deleted_at);
CREATE INDEX enrolment_by_contact_id ON enrolment ("contact_id", id, deleted_at);
CREATE INDEX enrolment_by_deal_id ON enrolment ("deal_id", id, deleted_at);
CREATE INDEX enrolment_by_owner_id ON enrolment ("owner_id", id, deleted_at);
CREATE INDEX enrolment_by_status ON enrolment ("status", id, deleted_at);
CREATE INDEX enrolment_by_step_id ON enrolment ("step_id", id, deleted_at);
CREATE INDEX enrolment_by_due_at ON enrolment ("due_at", id, deleted_at);
CREATE INDEX enrolment_by_first_email_id ON enrolment ("first_email_id", id, deleted_at);
CREATE INDEX enrolment_due ON enrolment (status, due_at) WHERE deleted_at IS NULL;
CREATE INDEX enrolment_of_contact ON enrolment (contact_id, status) WHERE deleted_at IS NULL;
CREATE TABLE enrolment_step (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    enrolment_id BIGINT,
    step_id BIGINT,
    sequence_id BIGINT,
    contact_id BIGINT,
    owner_id BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    variant TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    at BIGINT,
    email_id BIGINT,
    activity_id BIGINT,
    opened_at BIGINT,
    replied_at BIGINT,
    booked_at BIGINT,
    opted_out_at BIGINT,
    bounced_at BIGINT,
    step_key TEXT NOT NULL DEFAULT '',
    step_key_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX enrolment_step_by_created_at ON enrolment_step ("created_at", id, deleted_at);
CREATE INDEX enrolment_step_trash ON enrolment_step (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX enrolment_step_by_enrolment_id ON enrolment_step ("enrolment_id", id, deleted_at);
CREATE INDEX enrolment_step_by_step_id ON enrolment_step ("step_id", id, deleted_at);
CREATE INDEX enrolment_step_by_sequence_id ON enrolment_step ("sequence_id", id, deleted_at);
CREATE INDEX enrolment_step_by_contact_id ON enrolment_step ("contact_id", id, deleted_at);
CREATE INDEX enrolment_step_by_owner_id ON enrolment_step ("owner_id", id, deleted_at);
CREATE INDEX enrolment_step_by_status ON enrolment_step ("status", id, deleted_at);
CREATE INDEX enrolment_step_by_at ON enrolment_step ("at", id, deleted_at);
CREATE INDEX enrolment_step_by_email_id ON enrolment_step ("email_id", id, deleted_at);
CREATE INDEX enrolment_step_by_activity_id ON enrolment_step ("activity_id", id, deleted_at);
CREATE INDEX enrolment_step_by_opened_at ON enrolment_step ("opened_at", id, deleted_at);
CREATE INDEX enrolment_step_by_replied_at ON enrolment_step ("replied_at", id, deleted_at);
CREATE INDEX enrolment_step_by_booked_at ON enrolment_step ("booked_at", id, deleted_at);
CREATE INDEX enrolment_step_by_opted_out_at ON enrolment_step ("opted_out_at", id, deleted_at);
CREATE INDEX enrolment_step_by_bounced_at ON enrolment_step ("bounced_at", id, deleted_at);
CREATE UNIQUE INDEX enrolment_step_unique_step_key_fold ON enrolment_step ("step_key_fold") WHERE deleted_at IS NULL AND "step_key_fold" <> '';
CREATE INDEX enrolment_step_sent ON enrolment_step (owner_id, at) WHERE status = 'sent' AND deleted_at IS NULL;
