-- why:    rules give points for events of the workspace's own kinds too.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE score_rule ADD COLUMN kind_id BIGINT;
CREATE INDEX score_rule_by_kind_id ON score_rule ("kind_id", id, deleted_at);
