-- why:    an event on its way to the journey carries what it belongs to (a mail's sender and topic), its flags, and whether a
--         machine caused it.
-- step:   expand. The last release writes rows without them.
-- engine: both, one text.
ALTER TABLE outbox ADD COLUMN touch TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN bot INTEGER NOT NULL DEFAULT 0;
