-- why:    what is known of leads and deals by qualification frameworks (BANT, MEDDIC): their criteria, answers, how much is known (S1).
-- step:   expand.
-- engine: both, one text.
CREATE TABLE framework (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    used_for TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 0,
    position BIGINT,
    about TEXT NOT NULL DEFAULT ''
);
CREATE INDEX framework_by_created_at ON framework ("created_at", id, deleted_at);
CREATE INDEX framework_trash ON framework (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX framework_unique_name_fold ON framework ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX framework_by_position ON framework ("position", id, deleted_at);
CREATE TABLE criterion (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    framework_id BIGINT,
    question TEXT NOT NULL DEFAULT '',
    question_fold TEXT NOT NULL DEFAULT '',
    hint TEXT NOT NULL DEFAULT '',
    hint_fold TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    choices TEXT NOT NULL DEFAULT '',
    weight BIGINT,
    position BIGINT
);
CREATE INDEX criterion_by_created_at ON criterion ("created_at", id, deleted_at);
CREATE INDEX criterion_trash ON criterion (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX criterion_by_framework_id ON criterion ("framework_id", id, deleted_at);
CREATE INDEX criterion_by_position ON criterion ("position", id, deleted_at);
CREATE TABLE qualification (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    framework_id BIGINT,
    contact_id BIGINT,
    deal_id BIGINT,
    completeness BIGINT,
    score BIGINT,
    answered BIGINT,
    criteria BIGINT,
    lacks TEXT NOT NULL DEFAULT '',
    lacks_fold TEXT NOT NULL DEFAULT '',
    owner_id BIGINT
);
CREATE INDEX qualification_by_created_at ON qualification ("created_at", id, deleted_at);
CREATE INDEX qualification_by_updated_at ON qualification ("updated_at", id, deleted_at);
CREATE INDEX qualification_trash ON qualification (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX qualification_by_framework_id ON qualification ("framework_id", id, deleted_at);
CREATE INDEX qualification_by_contact_id ON qualification ("contact_id", id, deleted_at);
CREATE INDEX qualification_by_deal_id ON qualification ("deal_id", id, deleted_at);
CREATE INDEX qualification_by_completeness ON qualification ("completeness", id, deleted_at);
CREATE INDEX qualification_by_score ON qualification ("score", id, deleted_at);
CREATE INDEX qualification_by_owner_id ON qualification ("owner_id", id, deleted_at);
CREATE TABLE qualification_answer (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    criterion_id BIGINT,
    contact_id BIGINT,
    deal_id BIGINT,
    value TEXT NOT NULL DEFAULT '',
    value_fold TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    framework_id BIGINT,
    answered INTEGER NOT NULL DEFAULT 0,
    share BIGINT,
    met INTEGER NOT NULL DEFAULT 0,
    amount BIGINT,
    day BIGINT,
    owner_id BIGINT
);
CREATE INDEX qualification_answer_by_created_at ON qualification_answer ("created_at", id, deleted_at);
CREATE INDEX qualification_answer_by_updated_at ON qualification_answer ("updated_at", id, deleted_at);
CREATE INDEX qualification_answer_trash ON qualification_answer (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX qualification_answer_by_criterion_id ON qualification_answer ("criterion_id", id, deleted_at);
CREATE INDEX qualification_answer_by_contact_id ON qualification_answer ("contact_id", id, deleted_at);
CREATE INDEX qualification_answer_by_deal_id ON qualification_answer ("deal_id", id, deleted_at);
CREATE INDEX qualification_answer_by_framework_id ON qualification_answer ("framework_id", id, deleted_at);
CREATE INDEX qualification_answer_by_owner_id ON qualification_answer ("owner_id", id, deleted_at);
