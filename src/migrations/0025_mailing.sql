-- why:    what the mails of one broadcast or flow have in common (the parameters of their links); and a recipient of a
--         broadcast keeps how its mail ended, also where the mail itself is no longer kept.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE broadcast_recipient ADD COLUMN mail_state INTEGER NOT NULL DEFAULT -1;
CREATE TABLE mailing (
    id BIGINT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    variant BIGINT NOT NULL,
    links INTEGER NOT NULL,
    utm_source TEXT NOT NULL,
    utm_medium TEXT NOT NULL,
    utm_campaign TEXT NOT NULL,
    utm_content TEXT NOT NULL
);
CREATE UNIQUE INDEX mailing_once ON mailing (source, source_id, variant);
