-- why:    numbers have targets, alerts and somebody who answers for them; a lost customer has a day, so that churn can be counted;
--         what went to the trash and back is found at once when a past day is read.
-- step:   expand. Contacts that were former customers before have no day: the log knows when they became one, nothing counts them.
-- engine: both, one text.
ALTER TABLE contact ADD COLUMN former_at BIGINT;
CREATE INDEX contact_by_former_at ON contact ("former_at", id, deleted_at);
CREATE TABLE target (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    metric TEXT NOT NULL DEFAULT '',
    amount BIGINT,
    period TEXT NOT NULL DEFAULT '',
    from_date BIGINT,
    until_date BIGINT,
    person_id BIGINT,
    channel TEXT NOT NULL DEFAULT '',
    campaign TEXT NOT NULL DEFAULT '',
    campaign_fold TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    note TEXT NOT NULL DEFAULT '',
    dimension TEXT NOT NULL DEFAULT '',
    dimension_fold TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    value_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX target_by_created_at ON target ("created_at", id, deleted_at);
CREATE INDEX target_trash ON target (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX target_by_metric ON target ("metric", id, deleted_at);
CREATE INDEX target_by_from_date ON target ("from_date", id, deleted_at);
CREATE INDEX target_by_person_id ON target ("person_id", id, deleted_at);
CREATE INDEX target_by_owner_id ON target ("owner_id", id, deleted_at);
CREATE TABLE metric_owner (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    metric TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX metric_owner_by_created_at ON metric_owner ("created_at", id, deleted_at);
CREATE INDEX metric_owner_trash ON metric_owner (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX metric_owner_by_metric ON metric_owner ("metric", id, deleted_at);
CREATE INDEX metric_owner_by_owner_id ON metric_owner ("owner_id", id, deleted_at);
CREATE TABLE alert (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    metric TEXT NOT NULL DEFAULT '',
    condition TEXT NOT NULL DEFAULT '',
    amount BIGINT,
    period TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    active INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    told_for BIGINT,
    told_at BIGINT,
    told TEXT NOT NULL DEFAULT '',
    told_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX alert_by_created_at ON alert ("created_at", id, deleted_at);
CREATE INDEX alert_trash ON alert (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX alert_by_metric ON alert ("metric", id, deleted_at);
CREATE INDEX alert_by_owner_id ON alert ("owner_id", id, deleted_at);
CREATE INDEX change_of_trash ON change (type, record_id, id) WHERE verb IN ('delete', 'restore');
