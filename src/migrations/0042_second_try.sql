-- why:    a lost deal is tried once more some months later: the day, the task that reminds of it, and the deal that begins anew (S4).
-- step:   expand. The last release ignores all of it.
-- engine: both, one text.
ALTER TABLE deal ADD COLUMN retry TEXT NOT NULL DEFAULT '';
ALTER TABLE deal ADD COLUMN retry_on BIGINT;
ALTER TABLE deal ADD COLUMN retry_task_id BIGINT;
ALTER TABLE deal ADD COLUMN after_deal_id BIGINT;
CREATE INDEX deal_by_retry_on ON deal ("retry_on", id, deleted_at);
CREATE INDEX deal_by_retry_task_id ON deal ("retry_task_id", id, deleted_at);
CREATE INDEX deal_by_after_deal_id ON deal ("after_deal_id", id, deleted_at);
