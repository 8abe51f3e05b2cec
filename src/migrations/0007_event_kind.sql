-- why:    kinds of events of the workspace's own stand beside Furrow's.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE event_kind (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    label TEXT NOT NULL DEFAULT '',
    label_fold TEXT NOT NULL DEFAULT '',
    icon TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    chapter INTEGER NOT NULL DEFAULT 0,
    money INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX event_kind_by_created_at ON event_kind ("created_at", id, deleted_at);
CREATE INDEX event_kind_trash ON event_kind (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX event_kind_unique_name_fold ON event_kind ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX event_kind_by_label_fold ON event_kind ("label_fold", id, deleted_at);
