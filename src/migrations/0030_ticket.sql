-- why:    tickets: what customers need, by when we promised it; their mails, macros, queues, promises and ratings.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE conversation_message ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation_message ADD COLUMN subject_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation_message ADD COLUMN from_address TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation_message ADD COLUMN from_address_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation_message ADD COLUMN message_id TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation_message ADD COLUMN message_id_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation_message ADD COLUMN files TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation_message ADD COLUMN sent_id BIGINT;
ALTER TABLE conversation_message ADD COLUMN raw_id BIGINT;
CREATE INDEX conversation_message_by_message_id_fold ON conversation_message ("message_id_fold", id, deleted_at);
CREATE TABLE ticket (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    code TEXT NOT NULL DEFAULT '',
    code_fold TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    priority TEXT NOT NULL DEFAULT '',
    contact_id BIGINT,
    company_id BIGINT,
    queue_id BIGINT,
    assignee_id BIGINT,
    channel TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '',
    tags_fold TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT,
    policy_id BIGINT,
    first_response_due BIGINT,
    first_response_at BIGINT,
    first_response_hours BIGINT,
    first_response_breached INTEGER NOT NULL DEFAULT 0,
    resolve_due BIGINT,
    solved_at BIGINT,
    resolution_hours BIGINT,
    resolution_breached INTEGER NOT NULL DEFAULT 0,
    paused_since BIGINT,
    paused_minutes BIGINT,
    closed_at BIGINT,
    reopened BIGINT,
    csat BIGINT,
    csat_comment TEXT NOT NULL DEFAULT '',
    csat_at BIGINT,
    merged_into_id BIGINT,
    follows_id BIGINT,
    conversation_id BIGINT,
    email TEXT NOT NULL DEFAULT '',
    email_fold TEXT NOT NULL DEFAULT '',
    mailbox_id BIGINT,
    next_at BIGINT,
    escalated TEXT NOT NULL DEFAULT '',
    escalated_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX ticket_by_created_at ON ticket ("created_at", id, deleted_at);
CREATE INDEX ticket_trash ON ticket (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX ticket_unique_code_fold ON ticket ("code_fold") WHERE deleted_at IS NULL AND "code_fold" <> '';
CREATE INDEX ticket_by_status ON ticket ("status", id, deleted_at);
CREATE INDEX ticket_by_contact_id ON ticket ("contact_id", id, deleted_at);
CREATE INDEX ticket_by_company_id ON ticket ("company_id", id, deleted_at);
CREATE INDEX ticket_by_queue_id ON ticket ("queue_id", id, deleted_at);
CREATE INDEX ticket_by_assignee_id ON ticket ("assignee_id", id, deleted_at);
CREATE INDEX ticket_by_active ON ticket ("active", id, deleted_at);
CREATE INDEX ticket_by_due_at ON ticket ("due_at", id, deleted_at);
CREATE INDEX ticket_by_policy_id ON ticket ("policy_id", id, deleted_at);
CREATE INDEX ticket_by_first_response_at ON ticket ("first_response_at", id, deleted_at);
CREATE INDEX ticket_by_solved_at ON ticket ("solved_at", id, deleted_at);
CREATE INDEX ticket_by_csat_at ON ticket ("csat_at", id, deleted_at);
CREATE INDEX ticket_by_merged_into_id ON ticket ("merged_into_id", id, deleted_at);
CREATE INDEX ticket_by_follows_id ON ticket ("follows_id", id, deleted_at);
CREATE INDEX ticket_by_conversation_id ON ticket ("conversation_id", id, deleted_at);
CREATE INDEX ticket_by_mailbox_id ON ticket ("mailbox_id", id, deleted_at);
CREATE INDEX ticket_by_next_at ON ticket ("next_at", id, deleted_at);
CREATE TABLE ticket_queue (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    mail_tag TEXT NOT NULL DEFAULT '',
    mail_tag_fold TEXT NOT NULL DEFAULT '',
    priority TEXT NOT NULL DEFAULT '',
    assign TEXT NOT NULL DEFAULT '',
    user_id BIGINT,
    team_id BIGINT
);
CREATE INDEX ticket_queue_by_created_at ON ticket_queue ("created_at", id, deleted_at);
CREATE INDEX ticket_queue_trash ON ticket_queue (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX ticket_queue_by_name_fold ON ticket_queue ("name_fold", id, deleted_at);
CREATE INDEX ticket_queue_by_user_id ON ticket_queue ("user_id", id, deleted_at);
CREATE INDEX ticket_queue_by_team_id ON ticket_queue ("team_id", id, deleted_at);
CREATE TABLE macro (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    priority TEXT NOT NULL DEFAULT '',
    queue_id BIGINT,
    assign_me INTEGER NOT NULL DEFAULT 0,
    tags TEXT NOT NULL DEFAULT '',
    tags_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX macro_by_created_at ON macro ("created_at", id, deleted_at);
CREATE INDEX macro_trash ON macro (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX macro_by_name_fold ON macro ("name_fold", id, deleted_at);
CREATE INDEX macro_by_queue_id ON macro ("queue_id", id, deleted_at);
CREATE TABLE sla_policy (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    position BIGINT,
    active INTEGER NOT NULL DEFAULT 0,
    filter TEXT NOT NULL DEFAULT '',
    filter_fold TEXT NOT NULL DEFAULT '',
    hours TEXT NOT NULL DEFAULT '',
    pause_pending INTEGER NOT NULL DEFAULT 0,
    pause_on_hold INTEGER NOT NULL DEFAULT 0,
    first_urgent BIGINT,
    first_high BIGINT,
    first_normal BIGINT,
    first_low BIGINT,
    solve_urgent BIGINT,
    solve_high BIGINT,
    solve_normal BIGINT,
    solve_low BIGINT
);
CREATE INDEX sla_policy_by_created_at ON sla_policy ("created_at", id, deleted_at);
CREATE INDEX sla_policy_trash ON sla_policy (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX sla_policy_by_position ON sla_policy ("position", id, deleted_at);
CREATE TABLE sla_escalation (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    policy_id BIGINT,
    about TEXT NOT NULL DEFAULT '',
    minutes BIGINT,
    does TEXT NOT NULL DEFAULT '',
    user_id BIGINT
);
CREATE INDEX sla_escalation_by_created_at ON sla_escalation ("created_at", id, deleted_at);
CREATE INDEX sla_escalation_trash ON sla_escalation (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX sla_escalation_by_name_fold ON sla_escalation ("name_fold", id, deleted_at);
CREATE INDEX sla_escalation_by_policy_id ON sla_escalation ("policy_id", id, deleted_at);
CREATE INDEX sla_escalation_by_user_id ON sla_escalation ("user_id", id, deleted_at);
ALTER TABLE mail_body ADD COLUMN reply_to TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_body ADD COLUMN from_name TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_body ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0;
-- The number of the newest ticket.
CREATE TABLE ticket_counter (
    id INTEGER PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO ticket_counter (id, last) VALUES (1, 1000);
-- Who has a ticket open on their screen; what is older than a minute says nothing.
CREATE TABLE ticket_here (
    ticket_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    doing TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, user_id)
);
-- Mails as they came into a mailbox for support.
CREATE TABLE mail_arrival (
    id BIGINT PRIMARY KEY,
    mailbox_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    at BIGINT NOT NULL,
    bytes BLOB NOT NULL
);
CREATE UNIQUE INDEX mail_arrival_by_key ON mail_arrival (key);
