-- why:    automation: flows, what was published of them, who is in them, what each went through, and how many did.
-- step:   expand.
-- engine: both, one text.

CREATE TABLE flow (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    about TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    published_version BIGINT,
    published_at BIGINT,
    definition TEXT NOT NULL DEFAULT '',
    definition_before TEXT NOT NULL DEFAULT ''
);
CREATE INDEX flow_by_created_at ON flow ("created_at", id, deleted_at);
CREATE INDEX flow_trash ON flow (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX flow_by_status ON flow ("status", id, deleted_at);
CREATE INDEX flow_by_owner_id ON flow ("owner_id", id, deleted_at);

CREATE TABLE flow_version (
    id BIGINT PRIMARY KEY NOT NULL,
    flow_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    definition TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by BIGINT
);
CREATE UNIQUE INDEX flow_version_of_flow ON flow_version (flow_id, number);

-- state: 0 goes on, 1 held, 2 failed, 3 stuck, 4 done.
CREATE TABLE flow_run (
    id BIGINT PRIMARY KEY NOT NULL,
    flow_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    node TEXT NOT NULL,
    state INTEGER NOT NULL,
    visit BIGINT NOT NULL,
    due_at BIGINT,
    entered_at BIGINT NOT NULL,
    node_at BIGINT NOT NULL,
    day BIGINT NOT NULL,
    day_steps BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    signal TEXT NOT NULL,
    via TEXT NOT NULL,
    entry_key TEXT NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX flow_run_due ON flow_run (due_at, id) WHERE state = 0 AND due_at IS NOT NULL;
CREATE INDEX flow_run_of_contact ON flow_run (contact_id, flow_id, id);
CREATE UNIQUE INDEX flow_run_once ON flow_run (flow_id, contact_id) WHERE state < 4;
CREATE INDEX flow_run_at ON flow_run (flow_id, node, id) WHERE state < 4;
CREATE INDEX flow_run_trouble ON flow_run (flow_id, id) WHERE state = 2 OR state = 3;
CREATE INDEX flow_run_of_version ON flow_run (version_id) WHERE state < 4;
CREATE INDEX flow_run_of_flow ON flow_run (flow_id, id);

CREATE TABLE flow_step (
    id BIGINT PRIMARY KEY NOT NULL,
    run_id BIGINT NOT NULL,
    node TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    way TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX flow_step_of_run ON flow_step (run_id, id);

-- what: in, out, fail, goal, "way:ID" of a path, "tN" of a slot of times. node '' is the flow as a whole.
CREATE TABLE flow_count (
    flow_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    node TEXT NOT NULL,
    what TEXT NOT NULL,
    n BIGINT NOT NULL
);
CREATE UNIQUE INDEX flow_count_key ON flow_count (flow_id, version_id, node, what);
