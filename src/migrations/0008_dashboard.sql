-- why:    dashboards and their tiles; which one a user opens first (drafted by `furrow schema diff`).
-- step:   expand. The ready-made ones are made when the program starts.
-- engine: both, one text.
CREATE TABLE dashboard_first (
    user_id BIGINT PRIMARY KEY NOT NULL,
    dashboard_id BIGINT NOT NULL
);
CREATE TABLE dashboard (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    description_fold TEXT NOT NULL DEFAULT '',
    shared TEXT NOT NULL DEFAULT '',
    team_id BIGINT,
    owner_id BIGINT,
    period TEXT NOT NULL DEFAULT '',
    compare TEXT NOT NULL DEFAULT '',
    filters TEXT NOT NULL DEFAULT '',
    filters_fold TEXT NOT NULL DEFAULT '',
    ready TEXT NOT NULL DEFAULT '',
    ready_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX dashboard_by_created_at ON dashboard ("created_at", id, deleted_at);
CREATE INDEX dashboard_trash ON dashboard (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX dashboard_by_name_fold ON dashboard ("name_fold", id, deleted_at);
CREATE INDEX dashboard_by_team_id ON dashboard ("team_id", id, deleted_at);
CREATE INDEX dashboard_by_owner_id ON dashboard ("owner_id", id, deleted_at);
CREATE TABLE dashboard_tile (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    dashboard_id BIGINT,
    title TEXT NOT NULL DEFAULT '',
    title_fold TEXT NOT NULL DEFAULT '',
    chart TEXT NOT NULL DEFAULT '',
    question TEXT NOT NULL DEFAULT '',
    position BIGINT,
    width BIGINT,
    height BIGINT
);
CREATE INDEX dashboard_tile_by_created_at ON dashboard_tile ("created_at", id, deleted_at);
CREATE INDEX dashboard_tile_trash ON dashboard_tile (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX dashboard_tile_by_dashboard_id ON dashboard_tile ("dashboard_id", id, deleted_at);
CREATE INDEX dashboard_tile_by_position ON dashboard_tile ("position", id, deleted_at);
