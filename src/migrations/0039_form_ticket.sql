-- why:    a form may be for support: what is sent with it is a ticket too.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE form ADD COLUMN opens_ticket INTEGER NOT NULL DEFAULT 0;
