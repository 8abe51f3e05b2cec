-- why:    mail's way in: reports of what did not arrive, providers' webhooks, people's mailboxes and the mails that were read of them.
-- step:   expand.
-- engine: both, one text.

-- What came back for a mail: bounces, complaints, automatic answers, replies. Rows, not records: there are many.
CREATE TABLE mail_report (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind INTEGER NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    message_id BIGINT,
    contact_id BIGINT,
    address TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    words TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX mail_report_by_key ON mail_report (key);
CREATE INDEX mail_report_of_address ON mail_report (address, kind, at);
CREATE INDEX mail_report_of_message ON mail_report (message_id) WHERE message_id IS NOT NULL;

-- How reading a mailbox goes, and how far each of its folders is read.
CREATE TABLE mailbox_state (
    mailbox_id BIGINT PRIMARY KEY,
    due_at BIGINT NOT NULL,
    last_at BIGINT,
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    taken BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE mailbox_folder (
    mailbox_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    special TEXT NOT NULL DEFAULT '',
    chosen INTEGER NOT NULL DEFAULT 0,
    uid_validity BIGINT NOT NULL DEFAULT 0,
    uid_seen BIGINT NOT NULL DEFAULT 0,
    mod_seq BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (mailbox_id, name)
);
CREATE TABLE mailbox_seen (
    mailbox_id BIGINT NOT NULL,
    uid TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (mailbox_id, uid)
);

-- Who of the contacts takes part in a mail, and its files.
CREATE TABLE email_person (
    contact_id BIGINT NOT NULL,
    email_id BIGINT NOT NULL,
    PRIMARY KEY (contact_id, email_id)
);
CREATE TABLE email_file (
    id BIGINT PRIMARY KEY,
    email_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    bytes BLOB NOT NULL
);
CREATE INDEX email_file_of_email ON email_file (email_id, id);

ALTER TABLE sender ADD COLUMN trust TEXT NOT NULL DEFAULT '';
ALTER TABLE sender ADD COLUMN personal INTEGER NOT NULL DEFAULT 0;
CREATE TABLE mail_hook (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    provider TEXT NOT NULL DEFAULT '',
    username TEXT NOT NULL DEFAULT '',
    username_fold TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL DEFAULT '',
    public_key TEXT NOT NULL DEFAULT '',
    topic_arn TEXT NOT NULL DEFAULT '',
    topic_arn_fold TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 0,
    owner_id BIGINT,
    token TEXT NOT NULL DEFAULT '',
    token_fold TEXT NOT NULL DEFAULT '',
    last_at BIGINT,
    event_count BIGINT
);
CREATE INDEX mail_hook_by_created_at ON mail_hook ("created_at", id, deleted_at);
CREATE INDEX mail_hook_trash ON mail_hook (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX mail_hook_by_name_fold ON mail_hook ("name_fold", id, deleted_at);
CREATE INDEX mail_hook_by_owner_id ON mail_hook ("owner_id", id, deleted_at);
CREATE UNIQUE INDEX mail_hook_unique_token_fold ON mail_hook ("token_fold") WHERE deleted_at IS NULL AND "token_fold" <> '';
CREATE TABLE mailbox (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    address_fold TEXT NOT NULL DEFAULT '',
    purpose TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    active INTEGER NOT NULL DEFAULT 0,
    protocol TEXT NOT NULL DEFAULT '',
    host TEXT NOT NULL DEFAULT '',
    host_fold TEXT NOT NULL DEFAULT '',
    port BIGINT,
    security TEXT NOT NULL DEFAULT '',
    username TEXT NOT NULL DEFAULT '',
    username_fold TEXT NOT NULL DEFAULT '',
    password TEXT NOT NULL DEFAULT '',
    trust TEXT NOT NULL DEFAULT '',
    smtp_host TEXT NOT NULL DEFAULT '',
    smtp_host_fold TEXT NOT NULL DEFAULT '',
    smtp_port BIGINT,
    smtp_security TEXT NOT NULL DEFAULT '',
    sent_copy INTEGER NOT NULL DEFAULT 0,
    signature TEXT NOT NULL DEFAULT '',
    import TEXT NOT NULL DEFAULT '',
    shared TEXT NOT NULL DEFAULT '',
    since_days BIGINT,
    aliases TEXT NOT NULL DEFAULT '',
    aliases_fold TEXT NOT NULL DEFAULT '',
    after TEXT NOT NULL DEFAULT '',
    after_folder TEXT NOT NULL DEFAULT '',
    after_folder_fold TEXT NOT NULL DEFAULT '',
    sender_id BIGINT
);
CREATE INDEX mailbox_by_created_at ON mailbox ("created_at", id, deleted_at);
CREATE INDEX mailbox_trash ON mailbox (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX mailbox_by_name_fold ON mailbox ("name_fold", id, deleted_at);
CREATE INDEX mailbox_by_owner_id ON mailbox ("owner_id", id, deleted_at);
CREATE INDEX mailbox_by_sender_id ON mailbox ("sender_id", id, deleted_at);
CREATE TABLE email (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    direction TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    at BIGINT,
    contact_id BIGINT,
    company_id BIGINT,
    owner_id BIGINT,
    mailbox_id BIGINT,
    "from" TEXT NOT NULL DEFAULT '',
    from_fold TEXT NOT NULL DEFAULT '',
    "to" TEXT NOT NULL DEFAULT '',
    cc TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    files TEXT NOT NULL DEFAULT '',
    shared TEXT NOT NULL DEFAULT '',
    mail_key TEXT NOT NULL DEFAULT '',
    mail_key_fold TEXT NOT NULL DEFAULT '',
    message_id TEXT NOT NULL DEFAULT '',
    message_id_fold TEXT NOT NULL DEFAULT '',
    thread TEXT NOT NULL DEFAULT '',
    thread_fold TEXT NOT NULL DEFAULT '',
    reply_refs TEXT NOT NULL DEFAULT '',
    html TEXT NOT NULL DEFAULT '',
    mail_id BIGINT
);
CREATE INDEX email_by_created_at ON email ("created_at", id, deleted_at);
CREATE INDEX email_trash ON email (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX email_by_at ON email ("at", id, deleted_at);
CREATE INDEX email_by_contact_id ON email ("contact_id", id, deleted_at);
CREATE INDEX email_by_company_id ON email ("company_id", id, deleted_at);
CREATE INDEX email_by_owner_id ON email ("owner_id", id, deleted_at);
CREATE INDEX email_by_mailbox_id ON email ("mailbox_id", id, deleted_at);
CREATE UNIQUE INDEX email_unique_mail_key_fold ON email ("mail_key_fold") WHERE deleted_at IS NULL AND "mail_key_fold" <> '';
CREATE INDEX email_by_message_id_fold ON email ("message_id_fold", id, deleted_at);
CREATE INDEX email_by_thread_fold ON email ("thread_fold", id, deleted_at);
