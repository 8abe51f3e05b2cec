-- why:    two records that are one are merged, and the merge can be undone: what was moved is remembered, and the journeys
--         of two people are joined and parted by rows of the outbox.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE record_merge (
    id BIGINT PRIMARY KEY,
    type TEXT NOT NULL DEFAULT '',
    keep_id BIGINT NOT NULL DEFAULT 0,
    lose_id BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL DEFAULT 0,
    user_id BIGINT,
    batch_id BIGINT NOT NULL DEFAULT 0,
    undone_at BIGINT,
    undone_by BIGINT,
    undo_batch BIGINT
);
CREATE UNIQUE INDEX record_merge_of_lose ON record_merge (lose_id) WHERE undone_at IS NULL;
CREATE INDEX record_merge_of_keep ON record_merge (keep_id, id);
CREATE UNIQUE INDEX record_merge_of_batch ON record_merge (batch_id);
CREATE UNIQUE INDEX record_merge_of_undo ON record_merge (undo_batch) WHERE undo_batch IS NOT NULL;

-- Which rows of tables beside the records were moved, by what tells them apart beside the record's id; aside: the whole
-- row, of one that was taken out because the kept record had the same.
CREATE TABLE record_merge_row (
    merge_id BIGINT NOT NULL,
    at_table TEXT NOT NULL,
    at_column TEXT NOT NULL,
    row_key TEXT NOT NULL,
    aside TEXT NOT NULL,
    PRIMARY KEY (merge_id, at_table, at_column, row_key)
);

-- Unique values of records that were merged away, in the form in which they are compared: who asks by them is led to
-- the kept record.
CREATE TABLE record_merge_value (
    id BIGINT PRIMARY KEY,
    merge_id BIGINT NOT NULL DEFAULT 0,
    type TEXT NOT NULL DEFAULT '',
    field TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    lose_id BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX record_merge_value_of ON record_merge_value (type, field, value);
CREATE INDEX record_merge_value_by ON record_merge_value (merge_id);

-- The stamps of moved rows stay as they are; this finds the few that were moved.
CREATE INDEX change_of_move ON change (type, record_id, id) WHERE verb = 'move';

ALTER TABLE outbox ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN other BIGINT NOT NULL DEFAULT 0;
