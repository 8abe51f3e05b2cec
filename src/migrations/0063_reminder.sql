-- why:    who has something to do is reminded before it is due (S2).
-- step:   expand.
-- engine: both, one text.
ALTER TABLE activity ADD COLUMN remind_minutes BIGINT;
