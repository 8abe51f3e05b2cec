-- why:    a won deal is handed over to service in the same transaction: its ticket knows the deal and has a checklist; queues say whether
--         promises hold in them (S4).
-- step:   expand. The last release ignores all of it.
-- engine: both, one text.
ALTER TABLE ticket ADD COLUMN deal_id BIGINT;
CREATE INDEX ticket_by_deal_id ON ticket ("deal_id", id, deleted_at);
ALTER TABLE ticket_queue ADD COLUMN promises INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket_queue ADD COLUMN takes_handovers INTEGER NOT NULL DEFAULT 0;
CREATE TABLE ticket_step (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    ticket_id BIGINT,
    text TEXT NOT NULL DEFAULT '',
    text_fold TEXT NOT NULL DEFAULT '',
    part TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0,
    done_at BIGINT,
    done_by_id BIGINT,
    position BIGINT
);
CREATE INDEX ticket_step_by_created_at ON ticket_step ("created_at", id, deleted_at);
CREATE INDEX ticket_step_trash ON ticket_step (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX ticket_step_by_ticket_id ON ticket_step ("ticket_id", id, deleted_at);
CREATE INDEX ticket_step_by_done_by_id ON ticket_step ("done_by_id", id, deleted_at);
CREATE INDEX ticket_step_by_position ON ticket_step ("position", id, deleted_at);
UPDATE ticket_queue SET promises = 1;
-- expect 0: queues in which promises do not hold though nobody said so
SELECT count(*) FROM ticket_queue WHERE promises = 0;
