-- why:    who made a goal, a note on a day, a rule of what is not counted or a shared link may remove it.
-- step:   expand. Those that were there before have no owner: administrators remove them.
-- engine: both, one text.
ALTER TABLE goal ADD COLUMN owner_id BIGINT;
CREATE INDEX goal_by_owner_id ON goal ("owner_id", id, deleted_at);
ALTER TABLE exclusion ADD COLUMN owner_id BIGINT;
CREATE INDEX exclusion_by_owner_id ON exclusion ("owner_id", id, deleted_at);
ALTER TABLE annotation ADD COLUMN owner_id BIGINT;
CREATE INDEX annotation_by_owner_id ON annotation ("owner_id", id, deleted_at);
ALTER TABLE traffic_share ADD COLUMN owner_id BIGINT;
CREATE INDEX traffic_share_by_owner_id ON traffic_share ("owner_id", id, deleted_at);
