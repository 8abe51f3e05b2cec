-- why:    conversations with people outside, whatever they come through (a chat on the web site first), and answers that are given often.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE conversation (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    contact_id BIGINT,
    channel TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    assignee_id BIGINT,
    unread BIGINT,
    last_at BIGINT,
    last_text TEXT NOT NULL DEFAULT '',
    last_text_fold TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    email_fold TEXT NOT NULL DEFAULT '',
    page TEXT NOT NULL DEFAULT '',
    page_fold TEXT NOT NULL DEFAULT '',
    site TEXT NOT NULL DEFAULT '',
    site_fold TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    language_fold TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    address_fold TEXT NOT NULL DEFAULT '',
    seen_at BIGINT,
    closed_at BIGINT,
    visitor TEXT NOT NULL DEFAULT '',
    visitor_fold TEXT NOT NULL DEFAULT '',
    key_hash TEXT NOT NULL DEFAULT '',
    key_hash_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX conversation_by_created_at ON conversation ("created_at", id, deleted_at);
CREATE INDEX conversation_trash ON conversation (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX conversation_by_contact_id ON conversation ("contact_id", id, deleted_at);
CREATE INDEX conversation_by_state ON conversation ("state", id, deleted_at);
CREATE INDEX conversation_by_assignee_id ON conversation ("assignee_id", id, deleted_at);
CREATE INDEX conversation_by_last_at ON conversation ("last_at", id, deleted_at);
CREATE TABLE conversation_message (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    conversation_id BIGINT,
    author TEXT NOT NULL DEFAULT '',
    user_id BIGINT,
    text TEXT NOT NULL DEFAULT ''
);
CREATE INDEX conversation_message_by_created_at ON conversation_message ("created_at", id, deleted_at);
CREATE INDEX conversation_message_trash ON conversation_message (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX conversation_message_by_conversation_id ON conversation_message ("conversation_id", id, deleted_at);
CREATE INDEX conversation_message_by_user_id ON conversation_message ("user_id", id, deleted_at);
CREATE TABLE snippet (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT ''
);
CREATE INDEX snippet_by_created_at ON snippet ("created_at", id, deleted_at);
CREATE INDEX snippet_trash ON snippet (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX snippet_by_name_fold ON snippet ("name_fold", id, deleted_at);
