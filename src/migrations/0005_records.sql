-- why:    the records of the first release, as their types declare them (drafted by `furrow schema diff`).
-- step:   start.
-- engine: both, one text.
CREATE TABLE team (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT ''
);
CREATE INDEX team_by_created_at ON team ("created_at", id, deleted_at);
CREATE INDEX team_trash ON team (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX team_unique_name_fold ON team ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX team_by_name_fold ON team ("name_fold", id, deleted_at);
CREATE TABLE role (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    admin INTEGER NOT NULL DEFAULT 0,
    rules TEXT NOT NULL DEFAULT ''
);
CREATE INDEX role_by_created_at ON role ("created_at", id, deleted_at);
CREATE INDEX role_trash ON role (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX role_unique_name_fold ON role ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX role_by_name_fold ON role ("name_fold", id, deleted_at);
CREATE TABLE "user" (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    email_fold TEXT NOT NULL DEFAULT '',
    team_id BIGINT,
    role_id BIGINT,
    title TEXT NOT NULL DEFAULT '',
    title_fold TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    phone_fold TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 0,
    avatar_color BIGINT,
    theme TEXT NOT NULL DEFAULT '',
    last_seen_at BIGINT,
    password_hash TEXT NOT NULL DEFAULT '',
    invite_hash TEXT NOT NULL DEFAULT '',
    invite_expires_at BIGINT
);
CREATE INDEX user_by_created_at ON "user" ("created_at", id, deleted_at);
CREATE INDEX user_trash ON "user" (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX user_by_name_fold ON "user" ("name_fold", id, deleted_at);
CREATE UNIQUE INDEX user_unique_email_fold ON "user" ("email_fold") WHERE deleted_at IS NULL AND "email_fold" <> '';
CREATE INDEX user_by_team_id ON "user" ("team_id", id, deleted_at);
CREATE INDEX user_by_role_id ON "user" ("role_id", id, deleted_at);
CREATE TABLE company (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    domain TEXT NOT NULL DEFAULT '',
    domain_fold TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    industry TEXT NOT NULL DEFAULT '',
    employees BIGINT,
    annual_revenue_minor BIGINT,
    annual_revenue_currency TEXT NOT NULL DEFAULT '',
    annual_revenue_base_minor BIGINT,
    country TEXT NOT NULL DEFAULT '',
    country_fold TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    city_fold TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    phone_fold TEXT NOT NULL DEFAULT '',
    website TEXT NOT NULL DEFAULT '',
    website_fold TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '',
    tags_fold TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '',
    customer_at BIGINT
);
CREATE INDEX company_by_created_at ON company ("created_at", id, deleted_at);
CREATE INDEX company_trash ON company (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX company_by_name_fold ON company ("name_fold", id, deleted_at);
CREATE UNIQUE INDEX company_unique_domain_fold ON company ("domain_fold") WHERE deleted_at IS NULL AND "domain_fold" <> '';
CREATE INDEX company_by_owner_id ON company ("owner_id", id, deleted_at);
CREATE INDEX company_by_industry ON company ("industry", id, deleted_at);
CREATE INDEX company_by_customer_at ON company ("customer_at", id, deleted_at);
CREATE TABLE contact (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    first_name TEXT NOT NULL DEFAULT '',
    first_name_fold TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    last_name_fold TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    email_fold TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    phone_fold TEXT NOT NULL DEFAULT '',
    job_title TEXT NOT NULL DEFAULT '',
    job_title_fold TEXT NOT NULL DEFAULT '',
    company_id BIGINT,
    owner_id BIGINT,
    lifecycle TEXT NOT NULL DEFAULT '',
    lead_status TEXT NOT NULL DEFAULT '',
    score BIGINT,
    country TEXT NOT NULL DEFAULT '',
    country_fold TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    city_fold TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    language_fold TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '',
    tags_fold TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '',
    first_channel TEXT NOT NULL DEFAULT '',
    first_source TEXT NOT NULL DEFAULT '',
    first_source_fold TEXT NOT NULL DEFAULT '',
    first_medium TEXT NOT NULL DEFAULT '',
    first_medium_fold TEXT NOT NULL DEFAULT '',
    first_campaign TEXT NOT NULL DEFAULT '',
    first_campaign_fold TEXT NOT NULL DEFAULT '',
    first_page TEXT NOT NULL DEFAULT '',
    first_page_fold TEXT NOT NULL DEFAULT '',
    first_seen_at BIGINT,
    last_seen_at BIGINT,
    lead_at BIGINT,
    mql_at BIGINT,
    accepted_at BIGINT,
    opportunity_at BIGINT,
    customer_at BIGINT,
    consent TEXT NOT NULL DEFAULT '',
    consent_fold TEXT NOT NULL DEFAULT '',
    consent_at BIGINT
);
CREATE INDEX contact_by_created_at ON contact ("created_at", id, deleted_at);
CREATE INDEX contact_trash ON contact (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX contact_by_last_name_fold ON contact ("last_name_fold", id, deleted_at);
CREATE UNIQUE INDEX contact_unique_email_fold ON contact ("email_fold") WHERE deleted_at IS NULL AND "email_fold" <> '';
CREATE INDEX contact_by_company_id ON contact ("company_id", id, deleted_at);
CREATE INDEX contact_by_owner_id ON contact ("owner_id", id, deleted_at);
CREATE INDEX contact_by_lifecycle ON contact ("lifecycle", id, deleted_at);
CREATE INDEX contact_by_score ON contact ("score", id, deleted_at);
CREATE INDEX contact_by_first_channel ON contact ("first_channel", id, deleted_at);
CREATE INDEX contact_by_first_campaign_fold ON contact ("first_campaign_fold", id, deleted_at);
CREATE INDEX contact_by_last_seen_at ON contact ("last_seen_at", id, deleted_at);
CREATE INDEX contact_by_lead_at ON contact ("lead_at", id, deleted_at);
CREATE INDEX contact_by_mql_at ON contact ("mql_at", id, deleted_at);
CREATE INDEX contact_by_accepted_at ON contact ("accepted_at", id, deleted_at);
CREATE INDEX contact_by_opportunity_at ON contact ("opportunity_at", id, deleted_at);
CREATE INDEX contact_by_customer_at ON contact ("customer_at", id, deleted_at);
CREATE TABLE pipeline (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    is_default INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX pipeline_by_created_at ON pipeline ("created_at", id, deleted_at);
CREATE INDEX pipeline_trash ON pipeline (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX pipeline_unique_name_fold ON pipeline ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX pipeline_by_name_fold ON pipeline ("name_fold", id, deleted_at);
CREATE TABLE stage (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    pipeline_id BIGINT,
    position BIGINT,
    probability BIGINT,
    kind TEXT NOT NULL DEFAULT ''
);
CREATE INDEX stage_by_created_at ON stage ("created_at", id, deleted_at);
CREATE INDEX stage_trash ON stage (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX stage_by_pipeline_id ON stage ("pipeline_id", id, deleted_at);
CREATE INDEX stage_by_position ON stage ("position", id, deleted_at);
CREATE TABLE deal (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    company_id BIGINT,
    contact_id BIGINT,
    pipeline_id BIGINT,
    stage_id BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    close_date BIGINT,
    owner_id BIGINT,
    next_step TEXT NOT NULL DEFAULT '',
    next_step_fold TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    closed_at BIGINT,
    stage_since BIGINT,
    cycle_days BIGINT,
    lost_reason TEXT NOT NULL DEFAULT '',
    competitor TEXT NOT NULL DEFAULT '',
    competitor_fold TEXT NOT NULL DEFAULT '',
    lost_note TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '',
    tags_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX deal_by_created_at ON deal ("created_at", id, deleted_at);
CREATE INDEX deal_trash ON deal (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX deal_by_company_id ON deal ("company_id", id, deleted_at);
CREATE INDEX deal_by_contact_id ON deal ("contact_id", id, deleted_at);
CREATE INDEX deal_by_pipeline_id ON deal ("pipeline_id", id, deleted_at);
CREATE INDEX deal_by_stage_id ON deal ("stage_id", id, deleted_at);
CREATE INDEX deal_by_amount_base_minor ON deal ("amount_base_minor", id, deleted_at);
CREATE INDEX deal_by_close_date ON deal ("close_date", id, deleted_at);
CREATE INDEX deal_by_owner_id ON deal ("owner_id", id, deleted_at);
CREATE INDEX deal_by_status ON deal ("status", id, deleted_at);
CREATE INDEX deal_by_closed_at ON deal ("closed_at", id, deleted_at);
CREATE TABLE activity (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '',
    contact_id BIGINT,
    company_id BIGINT,
    deal_id BIGINT,
    owner_id BIGINT,
    due_at BIGINT,
    done INTEGER NOT NULL DEFAULT 0,
    done_at BIGINT,
    outcome TEXT NOT NULL DEFAULT '',
    minutes BIGINT
);
CREATE INDEX activity_by_created_at ON activity ("created_at", id, deleted_at);
CREATE INDEX activity_trash ON activity (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX activity_by_kind ON activity ("kind", id, deleted_at);
CREATE INDEX activity_by_contact_id ON activity ("contact_id", id, deleted_at);
CREATE INDEX activity_by_company_id ON activity ("company_id", id, deleted_at);
CREATE INDEX activity_by_deal_id ON activity ("deal_id", id, deleted_at);
CREATE INDEX activity_by_owner_id ON activity ("owner_id", id, deleted_at);
CREATE INDEX activity_by_due_at ON activity ("due_at", id, deleted_at);
CREATE INDEX activity_by_done_at ON activity ("done_at", id, deleted_at);
CREATE TABLE handoff (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    contact_id BIGINT,
    company_id BIGINT,
    status TEXT NOT NULL DEFAULT '',
    from_user_id BIGINT,
    owner_id BIGINT,
    reason TEXT NOT NULL DEFAULT '',
    reason_fold TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    score BIGINT,
    due_at BIGINT,
    decided_at BIGINT,
    outcome TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    first_touch_at BIGINT,
    response_minutes BIGINT,
    on_time INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX handoff_by_created_at ON handoff ("created_at", id, deleted_at);
CREATE INDEX handoff_trash ON handoff (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX handoff_by_contact_id ON handoff ("contact_id", id, deleted_at);
CREATE INDEX handoff_by_company_id ON handoff ("company_id", id, deleted_at);
CREATE INDEX handoff_by_status ON handoff ("status", id, deleted_at);
CREATE INDEX handoff_by_from_user_id ON handoff ("from_user_id", id, deleted_at);
CREATE INDEX handoff_by_owner_id ON handoff ("owner_id", id, deleted_at);
CREATE INDEX handoff_by_due_at ON handoff ("due_at", id, deleted_at);
CREATE INDEX handoff_by_decided_at ON handoff ("decided_at", id, deleted_at);
CREATE TABLE site (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    domain TEXT NOT NULL DEFAULT '',
    domain_fold TEXT NOT NULL DEFAULT '',
    mode TEXT NOT NULL DEFAULT '',
    aliases TEXT NOT NULL DEFAULT '',
    aliases_fold TEXT NOT NULL DEFAULT '',
    excluded TEXT NOT NULL DEFAULT ''
);
CREATE INDEX site_by_created_at ON site ("created_at", id, deleted_at);
CREATE INDEX site_trash ON site (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX site_by_name_fold ON site ("name_fold", id, deleted_at);
CREATE UNIQUE INDEX site_unique_domain_fold ON site ("domain_fold") WHERE deleted_at IS NULL AND "domain_fold" <> '';
CREATE TABLE campaign (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '',
    code_fold TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    medium TEXT NOT NULL DEFAULT '',
    goal TEXT NOT NULL DEFAULT '',
    goal_fold TEXT NOT NULL DEFAULT '',
    start_date BIGINT,
    end_date BIGINT,
    budget_minor BIGINT,
    budget_currency TEXT NOT NULL DEFAULT '',
    budget_base_minor BIGINT,
    spent_minor BIGINT,
    spent_currency TEXT NOT NULL DEFAULT '',
    spent_base_minor BIGINT,
    owner_id BIGINT,
    landing_url TEXT NOT NULL DEFAULT '',
    landing_url_fold TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT ''
);
CREATE INDEX campaign_by_created_at ON campaign ("created_at", id, deleted_at);
CREATE INDEX campaign_trash ON campaign (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX campaign_unique_code_fold ON campaign ("code_fold") WHERE deleted_at IS NULL AND "code_fold" <> '';
CREATE INDEX campaign_by_status ON campaign ("status", id, deleted_at);
CREATE INDEX campaign_by_start_date ON campaign ("start_date", id, deleted_at);
CREATE INDEX campaign_by_owner_id ON campaign ("owner_id", id, deleted_at);
CREATE TABLE form (
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
    status TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    title_fold TEXT NOT NULL DEFAULT '',
    intro TEXT NOT NULL DEFAULT '',
    inputs TEXT NOT NULL DEFAULT '',
    consent_text TEXT NOT NULL DEFAULT '',
    consent_purpose TEXT NOT NULL DEFAULT '',
    button TEXT NOT NULL DEFAULT '',
    button_fold TEXT NOT NULL DEFAULT '',
    thanks TEXT NOT NULL DEFAULT '',
    redirect_url TEXT NOT NULL DEFAULT '',
    redirect_url_fold TEXT NOT NULL DEFAULT '',
    campaign_id BIGINT,
    owner_id BIGINT,
    makes TEXT NOT NULL DEFAULT ''
);
CREATE INDEX form_by_created_at ON form ("created_at", id, deleted_at);
CREATE INDEX form_trash ON form (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX form_unique_slug_fold ON form ("slug_fold") WHERE deleted_at IS NULL AND "slug_fold" <> '';
CREATE INDEX form_by_campaign_id ON form ("campaign_id", id, deleted_at);
CREATE INDEX form_by_owner_id ON form ("owner_id", id, deleted_at);
CREATE TABLE submission (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    form_id BIGINT,
    contact_id BIGINT,
    status TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    reason_fold TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    email_fold TEXT NOT NULL DEFAULT '',
    data TEXT NOT NULL DEFAULT '',
    page TEXT NOT NULL DEFAULT '',
    page_fold TEXT NOT NULL DEFAULT '',
    consent INTEGER NOT NULL DEFAULT 0,
    consent_text TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    address_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX submission_by_created_at ON submission ("created_at", id, deleted_at);
CREATE INDEX submission_trash ON submission (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX submission_by_form_id ON submission ("form_id", id, deleted_at);
CREATE INDEX submission_by_contact_id ON submission ("contact_id", id, deleted_at);
CREATE INDEX submission_by_status ON submission ("status", id, deleted_at);
CREATE TABLE score_rule (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    event TEXT NOT NULL DEFAULT '',
    page TEXT NOT NULL DEFAULT '',
    page_fold TEXT NOT NULL DEFAULT '',
    action TEXT NOT NULL DEFAULT '',
    action_fold TEXT NOT NULL DEFAULT '',
    filter TEXT NOT NULL DEFAULT '',
    filter_fold TEXT NOT NULL DEFAULT '',
    points BIGINT,
    max_times BIGINT,
    days BIGINT,
    active INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX score_rule_by_created_at ON score_rule ("created_at", id, deleted_at);
CREATE INDEX score_rule_trash ON score_rule (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX score_rule_by_points ON score_rule ("points", id, deleted_at);
