-- why:    people read their calendar here in other programs, and what stands in other calendars keeps them from being booked.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE calendar_feed (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    busy INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    read_at BIGINT,
    instances BIGINT,
    error TEXT NOT NULL DEFAULT '',
    error_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX calendar_feed_by_created_at ON calendar_feed ("created_at", id, deleted_at);
CREATE INDEX calendar_feed_trash ON calendar_feed (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX calendar_feed_by_name_fold ON calendar_feed ("name_fold", id, deleted_at);
CREATE INDEX calendar_feed_by_owner_id ON calendar_feed ("owner_id", id, deleted_at);

-- The address at which somebody's calendar can be read: only the hash of its secret.
CREATE TABLE calendar_token (
    user_id BIGINT PRIMARY KEY,
    hash TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX calendar_token_by_hash ON calendar_token (hash);
