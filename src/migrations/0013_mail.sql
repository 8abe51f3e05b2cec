-- why:    mail goes out: senders with their relays and keys, how fast domains are written to, and the mails themselves.
-- step:   expand.
-- engine: both, one text.

-- A mail handed over. Rows, not records: there are many, and the program alone changes them.
CREATE TABLE mail_message (
    id BIGINT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    state INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    sender_id BIGINT NOT NULL,
    contact_id BIGINT,
    user_id BIGINT,
    address TEXT NOT NULL,
    to_name TEXT NOT NULL DEFAULT '',
    domain TEXT NOT NULL,
    topic_id BIGINT,
    content_id BIGINT,
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL DEFAULT 0,
    variant BIGINT NOT NULL DEFAULT 0,
    key TEXT NOT NULL DEFAULT '',
    in_reply_to TEXT NOT NULL DEFAULT '',
    thread_refs TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    first_try_at BIGINT,
    node INTEGER NOT NULL DEFAULT 0,
    claimed_at BIGINT,
    sent_at BIGINT,
    finished_at BIGINT,
    reason TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    reply TEXT NOT NULL DEFAULT ''
);
CREATE INDEX mail_message_due ON mail_message (sender_id, lane, due_at, id) WHERE state IN (0, 3);
CREATE INDEX mail_message_by_state ON mail_message (state, id);
CREATE INDEX mail_message_of_source ON mail_message (source, source_id, state, variant);
CREATE INDEX mail_message_of_contact ON mail_message (contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX mail_message_sent ON mail_message (sender_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE UNIQUE INDEX mail_message_by_key ON mail_message (key) WHERE key <> '';

-- What a mail says that is not made from content: given by a person or a program.
CREATE TABLE mail_body (
    id BIGINT PRIMARY KEY,
    subject TEXT NOT NULL DEFAULT '',
    html TEXT NOT NULL DEFAULT '',
    plain TEXT NOT NULL DEFAULT '',
    data TEXT NOT NULL DEFAULT ''
);
CREATE TABLE mail_file (
    id BIGINT PRIMARY KEY,
    message_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    bytes BLOB NOT NULL
);
CREATE INDEX mail_file_of_message ON mail_file (message_id, id);

-- What happened on the way, where it was more than one try that went well.
CREATE TABLE mail_try (
    id BIGINT PRIMARY KEY,
    message_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state INTEGER NOT NULL,
    code TEXT NOT NULL,
    reply TEXT NOT NULL,
    host TEXT NOT NULL
);
CREATE INDEX mail_try_of_message ON mail_try (message_id, id);

CREATE TABLE sender (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    from_name TEXT NOT NULL DEFAULT '',
    from_name_fold TEXT NOT NULL DEFAULT '',
    from_address TEXT NOT NULL DEFAULT '',
    from_address_fold TEXT NOT NULL DEFAULT '',
    reply_to TEXT NOT NULL DEFAULT '',
    reply_to_fold TEXT NOT NULL DEFAULT '',
    is_default INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    owner_id BIGINT,
    host TEXT NOT NULL DEFAULT '',
    host_fold TEXT NOT NULL DEFAULT '',
    port BIGINT,
    security TEXT NOT NULL DEFAULT '',
    username TEXT NOT NULL DEFAULT '',
    username_fold TEXT NOT NULL DEFAULT '',
    password TEXT NOT NULL DEFAULT '',
    return_path TEXT NOT NULL DEFAULT '',
    return_path_fold TEXT NOT NULL DEFAULT '',
    connections BIGINT,
    dkim_domain TEXT NOT NULL DEFAULT '',
    dkim_domain_fold TEXT NOT NULL DEFAULT '',
    dkim_selector TEXT NOT NULL DEFAULT '',
    dkim_selector_fold TEXT NOT NULL DEFAULT '',
    dkim_rsa TEXT NOT NULL DEFAULT '',
    dkim_rsa_public TEXT NOT NULL DEFAULT '',
    dkim_ed25519 TEXT NOT NULL DEFAULT '',
    dkim_ed25519_public TEXT NOT NULL DEFAULT '',
    per_hour BIGINT,
    per_day BIGINT,
    warm_up_from BIGINT,
    warm_up_first BIGINT,
    warm_up_growth BIGINT
);
CREATE INDEX sender_by_created_at ON sender ("created_at", id, deleted_at);
CREATE INDEX sender_trash ON sender (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX sender_unique_name_fold ON sender ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX sender_by_name_fold ON sender ("name_fold", id, deleted_at);
CREATE INDEX sender_by_owner_id ON sender ("owner_id", id, deleted_at);
CREATE TABLE mail_pace (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    domain TEXT NOT NULL DEFAULT '',
    domain_fold TEXT NOT NULL DEFAULT '',
    per_minute BIGINT,
    connections BIGINT,
    note TEXT NOT NULL DEFAULT '',
    note_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX mail_pace_by_created_at ON mail_pace ("created_at", id, deleted_at);
CREATE INDEX mail_pace_trash ON mail_pace (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX mail_pace_unique_domain_fold ON mail_pace ("domain_fold") WHERE deleted_at IS NULL AND "domain_fold" <> '';
CREATE INDEX mail_pace_by_domain_fold ON mail_pace ("domain_fold", id, deleted_at);
