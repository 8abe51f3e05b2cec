-- why:    each person chooses the view that a list opens with.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE saved_view_first (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL DEFAULT 0,
    type TEXT NOT NULL DEFAULT '',
    view_id BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX saved_view_first_of_user ON saved_view_first (user_id, type);
CREATE INDEX saved_view_first_of_view ON saved_view_first (view_id);
