-- why:    the health of customers by rules, plays that begin when it falls, answers to how likely people recommend us (S7).
-- step:   expand.
-- engine: both, one text.
ALTER TABLE company ADD COLUMN health TEXT NOT NULL DEFAULT '';
ALTER TABLE company ADD COLUMN health_score BIGINT;
CREATE INDEX company_by_health ON company ("health", id, deleted_at);
CREATE INDEX company_by_health_score ON company ("health_score", id, deleted_at);
CREATE TABLE health_rule (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    area TEXT NOT NULL DEFAULT '',
    filter TEXT NOT NULL DEFAULT '',
    filter_fold TEXT NOT NULL DEFAULT '',
    points BIGINT,
    weight BIGINT,
    active INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX health_rule_by_created_at ON health_rule ("created_at", id, deleted_at);
CREATE INDEX health_rule_trash ON health_rule (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX health_rule_by_area ON health_rule ("area", id, deleted_at);
CREATE TABLE customer_health (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    company_id BIGINT,
    band TEXT NOT NULL DEFAULT '',
    score BIGINT,
    change BIGINT,
    arr_minor BIGINT,
    arr_currency TEXT NOT NULL DEFAULT '',
    arr_base_minor BIGINT,
    renews_on BIGINT,
    why TEXT NOT NULL DEFAULT '',
    why_fold TEXT NOT NULL DEFAULT '',
    band_since BIGINT,
    owner_id BIGINT
);
CREATE INDEX customer_health_by_created_at ON customer_health ("created_at", id, deleted_at);
CREATE INDEX customer_health_trash ON customer_health (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX customer_health_by_company_id ON customer_health ("company_id", id, deleted_at);
CREATE INDEX customer_health_by_band ON customer_health ("band", id, deleted_at);
CREATE INDEX customer_health_by_score ON customer_health ("score", id, deleted_at);
CREATE INDEX customer_health_by_arr_base_minor ON customer_health ("arr_base_minor", id, deleted_at);
CREATE INDEX customer_health_by_renews_on ON customer_health ("renews_on", id, deleted_at);
CREATE INDEX customer_health_by_owner_id ON customer_health ("owner_id", id, deleted_at);
CREATE TABLE play (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    band TEXT NOT NULL DEFAULT '',
    filter TEXT NOT NULL DEFAULT '',
    filter_fold TEXT NOT NULL DEFAULT '',
    tasks TEXT NOT NULL DEFAULT '',
    notify INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX play_by_created_at ON play ("created_at", id, deleted_at);
CREATE INDEX play_trash ON play (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX play_by_name_fold ON play ("name_fold", id, deleted_at);
CREATE INDEX play_by_band ON play ("band", id, deleted_at);
CREATE INDEX play_by_active ON play ("active", id, deleted_at);
CREATE TABLE play_run (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    play_id BIGINT,
    company_id BIGINT,
    status TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    began_on BIGINT,
    from_band TEXT NOT NULL DEFAULT '',
    to_band TEXT NOT NULL DEFAULT '',
    score BIGINT,
    arr_minor BIGINT,
    arr_currency TEXT NOT NULL DEFAULT '',
    arr_base_minor BIGINT,
    why TEXT NOT NULL DEFAULT '',
    why_fold TEXT NOT NULL DEFAULT '',
    ended_on BIGINT,
    outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX play_run_by_created_at ON play_run ("created_at", id, deleted_at);
CREATE INDEX play_run_trash ON play_run (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX play_run_by_play_id ON play_run ("play_id", id, deleted_at);
CREATE INDEX play_run_by_company_id ON play_run ("company_id", id, deleted_at);
CREATE INDEX play_run_by_status ON play_run ("status", id, deleted_at);
CREATE INDEX play_run_by_owner_id ON play_run ("owner_id", id, deleted_at);
CREATE INDEX play_run_by_began_on ON play_run ("began_on", id, deleted_at);
CREATE INDEX play_run_by_ended_on ON play_run ("ended_on", id, deleted_at);
CREATE TABLE nps_answer (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    contact_id BIGINT,
    company_id BIGINT,
    score BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    answered_on BIGINT,
    comment TEXT NOT NULL DEFAULT '',
    owner_id BIGINT
);
CREATE INDEX nps_answer_by_created_at ON nps_answer ("created_at", id, deleted_at);
CREATE INDEX nps_answer_trash ON nps_answer (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX nps_answer_by_contact_id ON nps_answer ("contact_id", id, deleted_at);
CREATE INDEX nps_answer_by_company_id ON nps_answer ("company_id", id, deleted_at);
CREATE INDEX nps_answer_by_score ON nps_answer ("score", id, deleted_at);
CREATE INDEX nps_answer_by_kind ON nps_answer ("kind", id, deleted_at);
CREATE INDEX nps_answer_by_answered_on ON nps_answer ("answered_on", id, deleted_at);
CREATE INDEX nps_answer_by_owner_id ON nps_answer ("owner_id", id, deleted_at);
