-- why:    the desk's list of tickets that are nobody's, by what is due: PostgreSQL takes no order from behind an empty column.
-- step:   expand.
-- engine: both, one text.
CREATE INDEX ticket_nobodys ON ticket (due_at, id) WHERE active = 1 AND assignee_id IS NULL AND deleted_at IS NULL;
