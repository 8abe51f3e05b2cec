-- why:    everybody chooses for each kind of news whether it stands behind the bell; what goes by mail alone is quiet (B7).
-- step:   expand.
-- engine: both, one text.
ALTER TABLE notification ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notification_heard ON notification (user_id, id) WHERE read_at IS NULL AND quiet = 0;
