-- why:    forecasts by category, overrides, weekly snapshots and what was learned; how deals do, and what must hold before they leave a stage.
--         Open deals get the category of their stage's chance, as new ones do.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE stage ADD COLUMN forecast_category TEXT NOT NULL DEFAULT '';
ALTER TABLE stage ADD COLUMN quiet_days BIGINT;
ALTER TABLE stage ADD COLUMN most_days BIGINT;
ALTER TABLE stage ADD COLUMN usual_days BIGINT;
ALTER TABLE stage ADD COLUMN people_least BIGINT;
ALTER TABLE stage ADD COLUMN exit_filter TEXT NOT NULL DEFAULT '';
ALTER TABLE stage ADD COLUMN exit_message TEXT NOT NULL DEFAULT '';
ALTER TABLE stage ADD COLUMN exit_message_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE deal ADD COLUMN forecast_category TEXT NOT NULL DEFAULT '';
ALTER TABLE deal ADD COLUMN health TEXT NOT NULL DEFAULT '';
ALTER TABLE deal ADD COLUMN health_score BIGINT;
ALTER TABLE deal ADD COLUMN health_why TEXT NOT NULL DEFAULT '';
ALTER TABLE deal ADD COLUMN health_why_fold TEXT NOT NULL DEFAULT '';
CREATE INDEX deal_by_forecast_category ON deal ("forecast_category", id, deleted_at);
CREATE INDEX deal_by_health ON deal ("health", id, deleted_at);
CREATE TABLE forecast_model (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    made_at BIGINT,
    status TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    reason_fold TEXT NOT NULL DEFAULT '',
    deals BIGINT,
    won BIGINT,
    lost BIGINT,
    trials BIGINT,
    inside BIGINT,
    wape BIGINT,
    wape_weighted BIGINT,
    body TEXT NOT NULL DEFAULT ''
);
CREATE INDEX forecast_model_by_created_at ON forecast_model ("created_at", id, deleted_at);
CREATE INDEX forecast_model_trash ON forecast_model (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX forecast_model_by_made_at ON forecast_model ("made_at", id, deleted_at);
CREATE TABLE forecast_override (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    period TEXT NOT NULL DEFAULT '',
    from_date BIGINT,
    person_id BIGINT,
    team_id BIGINT,
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    amount_base_minor BIGINT,
    note TEXT NOT NULL DEFAULT '',
    level TEXT NOT NULL DEFAULT '',
    owner_id BIGINT
);
CREATE INDEX forecast_override_by_created_at ON forecast_override ("created_at", id, deleted_at);
CREATE INDEX forecast_override_trash ON forecast_override (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX forecast_override_by_from_date ON forecast_override ("from_date", id, deleted_at);
CREATE INDEX forecast_override_by_person_id ON forecast_override ("person_id", id, deleted_at);
CREATE INDEX forecast_override_by_team_id ON forecast_override ("team_id", id, deleted_at);
CREATE INDEX forecast_override_by_owner_id ON forecast_override ("owner_id", id, deleted_at);
CREATE TABLE forecast_snapshot (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    taken_at BIGINT,
    week BIGINT,
    period TEXT NOT NULL DEFAULT '',
    from_date BIGINT,
    person_id BIGINT,
    team_id BIGINT,
    quota_minor BIGINT,
    quota_currency TEXT NOT NULL DEFAULT '',
    quota_base_minor BIGINT,
    closed_minor BIGINT,
    closed_currency TEXT NOT NULL DEFAULT '',
    closed_base_minor BIGINT,
    commit_amount_minor BIGINT,
    commit_amount_currency TEXT NOT NULL DEFAULT '',
    commit_amount_base_minor BIGINT,
    best_case_minor BIGINT,
    best_case_currency TEXT NOT NULL DEFAULT '',
    best_case_base_minor BIGINT,
    pipeline_minor BIGINT,
    pipeline_currency TEXT NOT NULL DEFAULT '',
    pipeline_base_minor BIGINT,
    weighted_minor BIGINT,
    weighted_currency TEXT NOT NULL DEFAULT '',
    weighted_base_minor BIGINT,
    learned_low_minor BIGINT,
    learned_low_currency TEXT NOT NULL DEFAULT '',
    learned_low_base_minor BIGINT,
    learned_median_minor BIGINT,
    learned_median_currency TEXT NOT NULL DEFAULT '',
    learned_median_base_minor BIGINT,
    learned_high_minor BIGINT,
    learned_high_currency TEXT NOT NULL DEFAULT '',
    learned_high_base_minor BIGINT,
    override_minor BIGINT,
    override_currency TEXT NOT NULL DEFAULT '',
    override_base_minor BIGINT
);
CREATE INDEX forecast_snapshot_by_created_at ON forecast_snapshot ("created_at", id, deleted_at);
CREATE INDEX forecast_snapshot_trash ON forecast_snapshot (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX forecast_snapshot_by_week ON forecast_snapshot ("week", id, deleted_at);
CREATE INDEX forecast_snapshot_by_from_date ON forecast_snapshot ("from_date", id, deleted_at);
CREATE INDEX forecast_snapshot_by_person_id ON forecast_snapshot ("person_id", id, deleted_at);
CREATE INDEX forecast_snapshot_by_team_id ON forecast_snapshot ("team_id", id, deleted_at);
UPDATE stage SET quiet_days = 14, people_least = 0;
UPDATE deal SET forecast_category = CASE
    WHEN status = 'won' THEN 'closed'
    WHEN status = 'lost' THEN 'omitted'
    WHEN (SELECT s.probability FROM stage s WHERE s.id = deal.stage_id) >= 70 THEN 'commit'
    WHEN (SELECT s.probability FROM stage s WHERE s.id = deal.stage_id) >= 40 THEN 'best_case'
    ELSE 'pipeline' END;
