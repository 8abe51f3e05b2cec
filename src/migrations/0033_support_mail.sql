-- why:    every mail that comes to support is a message on a ticket, or stands in a list with the reason why not; its files are kept.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE support_mail (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    from_address TEXT NOT NULL DEFAULT '',
    from_address_fold TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    reason_fold TEXT NOT NULL DEFAULT '',
    ticket_id BIGINT,
    mailbox_id BIGINT,
    message_id TEXT NOT NULL DEFAULT '',
    message_id_fold TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    digest_fold TEXT NOT NULL DEFAULT '',
    arrival_id BIGINT,
    message_record_id BIGINT,
    note TEXT NOT NULL DEFAULT '',
    note_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX support_mail_by_created_at ON support_mail ("created_at", id, deleted_at);
CREATE INDEX support_mail_trash ON support_mail (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX support_mail_by_from_address_fold ON support_mail ("from_address_fold", id, deleted_at);
CREATE INDEX support_mail_by_outcome ON support_mail ("outcome", id, deleted_at);
CREATE INDEX support_mail_by_ticket_id ON support_mail ("ticket_id", id, deleted_at);
CREATE INDEX support_mail_by_mailbox_id ON support_mail ("mailbox_id", id, deleted_at);
CREATE INDEX support_mail_by_message_id_fold ON support_mail ("message_id_fold", id, deleted_at);
CREATE INDEX support_mail_by_message_record_id ON support_mail ("message_record_id", id, deleted_at);
CREATE TABLE support_file (
    id BIGINT PRIMARY KEY,
    mail_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    bytes BLOB NOT NULL
);
CREATE INDEX support_file_of_mail ON support_file (mail_id, id);
