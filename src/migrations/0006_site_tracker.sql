-- why:    Umami's trackers name their site by a UUID; each site gets one of its own, or keeps the one its pages carry.
-- step:   expand. Sites that were there before get theirs when the program starts: databases make no UUIDs alike.
-- engine: both, one text.
ALTER TABLE site ADD COLUMN tracker_id TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN tracker_id_fold TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX site_unique_tracker_id_fold ON site ("tracker_id_fold") WHERE deleted_at IS NULL AND "tracker_id_fold" <> '';
