-- why:    the desk reads and counts what is to be solved by when it is due; the board reads each column in its order,
--         what was won and lost by when, and sums all of them, of thousands of deals on every page. All that is asked
--         stands in the index; SQLite reads the table for the condition of a partial one.
-- step:   expand.
-- engine: both, one text.
DROP INDEX ticket_desk;
CREATE INDEX ticket_desk ON ticket (active, assignee_id, due_at, id, deleted_at);
CREATE INDEX ticket_due ON ticket (active, due_at, id, deleted_at);
CREATE INDEX deal_board ON deal (pipeline_id, stage_id, close_date, id, amount_base_minor, deleted_at);
CREATE INDEX deal_board_latest ON deal (pipeline_id, stage_id, stage_since, id, deleted_at);
