-- why:    whose lead it is: assignment rules with their members, who is away, and why a lead went to whom (S1).
-- step:   expand.
-- engine: both, one text.
CREATE TABLE assignment_rule (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    position BIGINT,
    active INTEGER NOT NULL DEFAULT 0,
    filter TEXT NOT NULL DEFAULT '',
    method TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX assignment_rule_by_created_at ON assignment_rule ("created_at", id, deleted_at);
CREATE INDEX assignment_rule_trash ON assignment_rule (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX assignment_rule_by_position ON assignment_rule ("position", id, deleted_at);
CREATE TABLE assignment_member (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    rule_id BIGINT,
    user_id BIGINT,
    weight BIGINT,
    capacity BIGINT
);
CREATE INDEX assignment_member_by_created_at ON assignment_member ("created_at", id, deleted_at);
CREATE INDEX assignment_member_trash ON assignment_member (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX assignment_member_by_rule_id ON assignment_member ("rule_id", id, deleted_at);
CREATE INDEX assignment_member_by_user_id ON assignment_member ("user_id", id, deleted_at);
CREATE TABLE absence (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    user_id BIGINT,
    from_date BIGINT,
    until_date BIGINT,
    note TEXT NOT NULL DEFAULT '',
    note_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX absence_by_created_at ON absence ("created_at", id, deleted_at);
CREATE INDEX absence_trash ON absence (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX absence_by_user_id ON absence ("user_id", id, deleted_at);
CREATE INDEX absence_by_from_date ON absence ("from_date", id, deleted_at);
CREATE INDEX absence_by_until_date ON absence ("until_date", id, deleted_at);
ALTER TABLE handoff ADD COLUMN rule_id BIGINT;
ALTER TABLE handoff ADD COLUMN assigned_because TEXT NOT NULL DEFAULT '';
ALTER TABLE handoff ADD COLUMN assigned_because_fold TEXT NOT NULL DEFAULT '';
CREATE INDEX handoff_by_rule_id ON handoff ("rule_id", id, deleted_at);
