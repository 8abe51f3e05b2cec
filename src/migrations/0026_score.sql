-- why:    a grade for the fit, points that fade, scores of single products, and the chance that is learned from won and lost leads.
-- step:   expand.
-- engine: both, one text.

ALTER TABLE contact ADD COLUMN fit TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN win_chance BIGINT;
CREATE INDEX contact_by_fit ON contact ("fit", id, deleted_at);
CREATE INDEX contact_by_win_chance ON contact ("win_chance", id, deleted_at);
ALTER TABLE score_rule ADD COLUMN half_life_days BIGINT;
ALTER TABLE score_rule ADD COLUMN product_id BIGINT;
CREATE INDEX score_rule_by_product_id ON score_rule ("product_id", id, deleted_at);
CREATE TABLE score_model (
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
    leads BIGINT,
    won BIGINT,
    auc BIGINT,
    rules_auc BIGINT,
    brier BIGINT,
    calibration_error BIGINT,
    body TEXT NOT NULL DEFAULT ''
);
CREATE INDEX score_model_by_created_at ON score_model ("created_at", id, deleted_at);
CREATE INDEX score_model_trash ON score_model (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX score_model_by_made_at ON score_model ("made_at", id, deleted_at);
CREATE TABLE scored_product (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    line BIGINT
);
CREATE INDEX scored_product_by_created_at ON scored_product ("created_at", id, deleted_at);
CREATE INDEX scored_product_trash ON scored_product (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX scored_product_unique_name_fold ON scored_product ("name_fold") WHERE deleted_at IS NULL AND "name_fold" <> '';
CREATE INDEX scored_product_by_name_fold ON scored_product ("name_fold", id, deleted_at);
CREATE TABLE product_score (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    contact_id BIGINT,
    product_id BIGINT,
    points BIGINT,
    warm INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX product_score_by_created_at ON product_score ("created_at", id, deleted_at);
CREATE INDEX product_score_trash ON product_score (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX product_score_by_contact_id ON product_score ("contact_id", id, deleted_at);
CREATE INDEX product_score_by_product_id ON product_score ("product_id", id, deleted_at);
CREATE INDEX product_score_by_points ON product_score ("points", id, deleted_at);
