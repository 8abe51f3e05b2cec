-- why:    whom we meet in deals, and cards that help to win: competitors, playbooks, battlecards, what was ticked off (S3).
-- step:   expand.
-- engine: both, one text.
CREATE TABLE competitor (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    website TEXT NOT NULL DEFAULT '',
    website_fold TEXT NOT NULL DEFAULT '',
    strengths TEXT NOT NULL DEFAULT '',
    weaknesses TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX competitor_by_created_at ON competitor ("created_at", id, deleted_at);
CREATE INDEX competitor_trash ON competitor (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX competitor_unique_name_fold ON competitor ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX competitor_by_name_fold ON competitor ("name_fold", id, deleted_at);
CREATE TABLE deal_competitor (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    deal_id BIGINT,
    competitor_id BIGINT,
    note TEXT NOT NULL DEFAULT '',
    note_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX deal_competitor_by_created_at ON deal_competitor ("created_at", id, deleted_at);
CREATE INDEX deal_competitor_trash ON deal_competitor (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX deal_competitor_by_deal_id ON deal_competitor ("deal_id", id, deleted_at);
CREATE INDEX deal_competitor_by_competitor_id ON deal_competitor ("competitor_id", id, deleted_at);
CREATE TABLE sales_card (
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
    active INTEGER NOT NULL DEFAULT 0,
    position BIGINT,
    stage_id BIGINT,
    product_id BIGINT,
    competitor_id BIGINT,
    filter TEXT NOT NULL DEFAULT '',
    steps TEXT NOT NULL DEFAULT '',
    points TEXT NOT NULL DEFAULT '',
    objections TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sales_card_by_created_at ON sales_card ("created_at", id, deleted_at);
CREATE INDEX sales_card_trash ON sales_card (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX sales_card_unique_name_fold ON sales_card ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX sales_card_by_name_fold ON sales_card ("name_fold", id, deleted_at);
CREATE INDEX sales_card_by_position ON sales_card ("position", id, deleted_at);
CREATE INDEX sales_card_by_stage_id ON sales_card ("stage_id", id, deleted_at);
CREATE INDEX sales_card_by_product_id ON sales_card ("product_id", id, deleted_at);
CREATE INDEX sales_card_by_competitor_id ON sales_card ("competitor_id", id, deleted_at);
CREATE TABLE card_step (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    deal_id BIGINT,
    card_id BIGINT,
    text TEXT NOT NULL DEFAULT '',
    text_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX card_step_by_created_at ON card_step ("created_at", id, deleted_at);
CREATE INDEX card_step_trash ON card_step (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX card_step_by_deal_id ON card_step ("deal_id", id, deleted_at);
CREATE INDEX card_step_by_card_id ON card_step ("card_id", id, deleted_at);
