-- why:    the desk counts what is open, whose it is and what is due, of a hundred thousand tickets, on every page.
-- step:   expand.
-- engine: both, one text.
CREATE INDEX ticket_desk ON ticket (active, assignee_id, due_at) WHERE deleted_at IS NULL;
