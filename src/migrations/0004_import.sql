-- why:    an import is looked at before anything changes, runs as a job, and can be undone; its file and its findings are kept until then.
-- step:   start.
-- engine: both, one text.
CREATE TABLE import (
    id BIGINT PRIMARY KEY NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    type TEXT NOT NULL,
    file_name TEXT NOT NULL,
    content TEXT NOT NULL,
    mapping TEXT NOT NULL DEFAULT '',
    match_field TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'mapping',
    row_count BIGINT NOT NULL DEFAULT 0,
    done_count BIGINT NOT NULL DEFAULT 0,
    made BIGINT NOT NULL DEFAULT 0,
    changed BIGINT NOT NULL DEFAULT 0,
    same BIGINT NOT NULL DEFAULT 0,
    bad BIGINT NOT NULL DEFAULT 0,
    bad_lines TEXT NOT NULL DEFAULT '[]',
    batch_id BIGINT NOT NULL DEFAULT 0
);
