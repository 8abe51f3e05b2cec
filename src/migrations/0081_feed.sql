-- why:    the team feed reads what people did, newest first, among the many changes that Furrow works out itself.
-- step:   expand.
-- engine: both, one text.
CREATE INDEX change_by_people ON change (at, id) WHERE user_id IS NOT NULL;
CREATE INDEX comment_by_time ON comment (at, id) WHERE deleted_at IS NULL;
