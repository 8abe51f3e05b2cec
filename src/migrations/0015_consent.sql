-- why:    what people agree to is a topic, each agreeing and taking back a row with its evidence, and addresses that get nothing
--         are kept with the reason.
-- step:   expand. What contacts had agreed to before becomes rows when the new release starts (bridge/consent.c).
-- engine: both, one text.
CREATE TABLE topic (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    slug TEXT NOT NULL DEFAULT '',
    slug_fold TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    basis TEXT NOT NULL DEFAULT '',
    double_opt_in INTEGER NOT NULL DEFAULT 0,
    shown INTEGER NOT NULL DEFAULT 0,
    position BIGINT
);
CREATE INDEX topic_by_created_at ON topic ("created_at", id, deleted_at);
CREATE INDEX topic_trash ON topic (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX topic_unique_slug_fold ON topic ("slug_fold") WHERE deleted_at IS NULL AND "slug_fold" <> '';
CREATE INDEX topic_by_position ON topic ("position", id, deleted_at);
CREATE TABLE consent (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    contact_id BIGINT,
    topic_id BIGINT,
    state TEXT NOT NULL DEFAULT '',
    latest INTEGER NOT NULL DEFAULT 0,
    at BIGINT,
    source TEXT NOT NULL DEFAULT '',
    wording TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    email_fold TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    address_fold TEXT NOT NULL DEFAULT '',
    record TEXT NOT NULL DEFAULT '',
    record_fold TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    user_id BIGINT
);
CREATE INDEX consent_by_created_at ON consent ("created_at", id, deleted_at);
CREATE INDEX consent_trash ON consent (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX consent_by_contact_id ON consent ("contact_id", id, deleted_at);
CREATE INDEX consent_by_topic_id ON consent ("topic_id", id, deleted_at);
CREATE INDEX consent_by_at ON consent ("at", id, deleted_at);
CREATE INDEX consent_by_user_id ON consent ("user_id", id, deleted_at);
CREATE TABLE suppression (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    address TEXT NOT NULL DEFAULT '',
    address_fold TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    until_at BIGINT,
    evidence TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 0,
    since BIGINT,
    lifted_at BIGINT,
    lifted_why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX suppression_by_created_at ON suppression ("created_at", id, deleted_at);
CREATE INDEX suppression_trash ON suppression (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX suppression_unique_address_fold ON suppression ("address_fold") WHERE deleted_at IS NULL AND "address_fold" <> '';
CREATE INDEX suppression_by_reason ON suppression ("reason", id, deleted_at);
