-- why:    goals say what counts as success on the web sites, annotations what happened on a day, exclusions what is
--         not counted, share links who else may look; and how much was not counted is known by day and reason.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE goal (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    event_name TEXT NOT NULL DEFAULT '',
    event_name_fold TEXT NOT NULL DEFAULT '',
    page TEXT NOT NULL DEFAULT '',
    page_fold TEXT NOT NULL DEFAULT '',
    depth BIGINT,
    seconds BIGINT,
    worth_minor BIGINT,
    worth_currency TEXT NOT NULL DEFAULT '',
    worth_base_minor BIGINT
);
CREATE INDEX goal_by_created_at ON goal ("created_at", id, deleted_at);
CREATE INDEX goal_trash ON goal (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX goal_by_name_fold ON goal ("name_fold", id, deleted_at);
CREATE TABLE exclusion (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    value_fold TEXT NOT NULL DEFAULT '',
    site_id BIGINT,
    note TEXT NOT NULL DEFAULT '',
    note_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX exclusion_by_created_at ON exclusion ("created_at", id, deleted_at);
CREATE INDEX exclusion_trash ON exclusion (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX exclusion_by_kind ON exclusion ("kind", id, deleted_at);
CREATE INDEX exclusion_by_site_id ON exclusion ("site_id", id, deleted_at);
CREATE TABLE annotation (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    day BIGINT,
    text TEXT NOT NULL DEFAULT '',
    text_fold TEXT NOT NULL DEFAULT '',
    site_id BIGINT,
    team TEXT NOT NULL DEFAULT ''
);
CREATE INDEX annotation_by_created_at ON annotation ("created_at", id, deleted_at);
CREATE INDEX annotation_trash ON annotation (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX annotation_by_day ON annotation ("day", id, deleted_at);
CREATE INDEX annotation_by_site_id ON annotation ("site_id", id, deleted_at);
CREATE TABLE traffic_share (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    site_id BIGINT,
    until BIGINT,
    token TEXT NOT NULL DEFAULT '',
    token_fold TEXT NOT NULL DEFAULT '',
    password_hash TEXT NOT NULL DEFAULT ''
);
CREATE INDEX traffic_share_by_created_at ON traffic_share ("created_at", id, deleted_at);
CREATE INDEX traffic_share_trash ON traffic_share (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX traffic_share_by_name_fold ON traffic_share ("name_fold", id, deleted_at);
CREATE INDEX traffic_share_by_site_id ON traffic_share ("site_id", id, deleted_at);
CREATE UNIQUE INDEX traffic_share_unique_token_fold ON traffic_share ("token_fold") WHERE deleted_at IS NULL AND "token_fold" <> '';

-- What trackers reported and was not counted.
CREATE TABLE site_dropped (
    day BIGINT NOT NULL,
    site TEXT NOT NULL,
    reason TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, site, reason)
);
