-- why:    commission plans with rates and people, shares of deals, statements; who reports to whom (S6).
-- step:   expand.
-- engine: both, one text.
ALTER TABLE "user" ADD COLUMN manager_id BIGINT;
CREATE INDEX user_by_manager_id ON "user" ("manager_id", id, deleted_at);
CREATE TABLE commission_plan (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    basis TEXT NOT NULL DEFAULT '',
    unit TEXT NOT NULL DEFAULT '',
    from_date BIGINT,
    until_date BIGINT,
    whole INTEGER NOT NULL DEFAULT 0,
    cap_minor BIGINT,
    cap_currency TEXT NOT NULL DEFAULT '',
    cap_base_minor BIGINT,
    active INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX commission_plan_by_created_at ON commission_plan ("created_at", id, deleted_at);
CREATE INDEX commission_plan_trash ON commission_plan (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX commission_plan_by_name_fold ON commission_plan ("name_fold", id, deleted_at);
CREATE TABLE commission_tier (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    plan_id BIGINT,
    from_percent BIGINT,
    rate_percent BIGINT,
    product_id BIGINT
);
CREATE INDEX commission_tier_by_created_at ON commission_tier ("created_at", id, deleted_at);
CREATE INDEX commission_tier_trash ON commission_tier (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX commission_tier_by_plan_id ON commission_tier ("plan_id", id, deleted_at);
CREATE INDEX commission_tier_by_from_percent ON commission_tier ("from_percent", id, deleted_at);
CREATE INDEX commission_tier_by_product_id ON commission_tier ("product_id", id, deleted_at);
CREATE TABLE commission_member (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    plan_id BIGINT,
    user_id BIGINT,
    from_date BIGINT,
    until_date BIGINT
);
CREATE INDEX commission_member_by_created_at ON commission_member ("created_at", id, deleted_at);
CREATE INDEX commission_member_trash ON commission_member (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX commission_member_by_plan_id ON commission_member ("plan_id", id, deleted_at);
CREATE INDEX commission_member_by_user_id ON commission_member ("user_id", id, deleted_at);
CREATE TABLE commission_split (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    deal_id BIGINT,
    user_id BIGINT,
    percent BIGINT,
    note TEXT NOT NULL DEFAULT '',
    note_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX commission_split_by_created_at ON commission_split ("created_at", id, deleted_at);
CREATE INDEX commission_split_trash ON commission_split (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX commission_split_by_deal_id ON commission_split ("deal_id", id, deleted_at);
CREATE INDEX commission_split_by_user_id ON commission_split ("user_id", id, deleted_at);
CREATE TABLE commission_statement (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    plan_id BIGINT,
    owner_id BIGINT,
    from_date BIGINT,
    to_date BIGINT,
    status TEXT NOT NULL DEFAULT '',
    quota_minor BIGINT,
    quota_currency TEXT NOT NULL DEFAULT '',
    quota_base_minor BIGINT,
    credited_minor BIGINT,
    credited_currency TEXT NOT NULL DEFAULT '',
    credited_base_minor BIGINT,
    attainment BIGINT,
    earned_minor BIGINT,
    earned_currency TEXT NOT NULL DEFAULT '',
    earned_base_minor BIGINT,
    clawed_back_minor BIGINT,
    clawed_back_currency TEXT NOT NULL DEFAULT '',
    clawed_back_base_minor BIGINT,
    total_minor BIGINT,
    total_currency TEXT NOT NULL DEFAULT '',
    total_base_minor BIGINT,
    approved_by_id BIGINT,
    approved_at BIGINT
);
CREATE INDEX commission_statement_by_created_at ON commission_statement ("created_at", id, deleted_at);
CREATE INDEX commission_statement_trash ON commission_statement (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX commission_statement_by_plan_id ON commission_statement ("plan_id", id, deleted_at);
CREATE INDEX commission_statement_by_owner_id ON commission_statement ("owner_id", id, deleted_at);
CREATE INDEX commission_statement_by_from_date ON commission_statement ("from_date", id, deleted_at);
CREATE INDEX commission_statement_by_to_date ON commission_statement ("to_date", id, deleted_at);
CREATE INDEX commission_statement_by_status ON commission_statement ("status", id, deleted_at);
CREATE INDEX commission_statement_by_approved_by_id ON commission_statement ("approved_by_id", id, deleted_at);
CREATE TABLE commission_entry (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    statement_id BIGINT,
    position BIGINT,
    on_date BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    text_fold TEXT NOT NULL DEFAULT '',
    deal_id BIGINT,
    product_id BIGINT,
    credited_minor BIGINT,
    credited_currency TEXT NOT NULL DEFAULT '',
    credited_base_minor BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    claws_id BIGINT,
    owner_id BIGINT
);
CREATE INDEX commission_entry_by_created_at ON commission_entry ("created_at", id, deleted_at);
CREATE INDEX commission_entry_trash ON commission_entry (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX commission_entry_by_statement_id ON commission_entry ("statement_id", id, deleted_at);
CREATE INDEX commission_entry_by_position ON commission_entry ("position", id, deleted_at);
CREATE INDEX commission_entry_by_deal_id ON commission_entry ("deal_id", id, deleted_at);
CREATE INDEX commission_entry_by_product_id ON commission_entry ("product_id", id, deleted_at);
CREATE INDEX commission_entry_by_claws_id ON commission_entry ("claws_id", id, deleted_at);
CREATE INDEX commission_entry_by_owner_id ON commission_entry ("owner_id", id, deleted_at);
ALTER TABLE target ADD COLUMN team_id BIGINT;
ALTER TABLE target ADD COLUMN product_id BIGINT;
CREATE INDEX target_by_team_id ON target ("team_id", id, deleted_at);
CREATE INDEX target_by_product_id ON target ("product_id", id, deleted_at);
