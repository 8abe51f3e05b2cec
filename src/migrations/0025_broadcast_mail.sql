-- why:    a recipient of a broadcast keeps how its mail ended, also where the mail itself is no longer kept.
-- step:   expand. -1: the mail says it.
-- engine: both, one text.
ALTER TABLE broadcast_recipient ADD COLUMN mail_state INTEGER NOT NULL DEFAULT -1;
