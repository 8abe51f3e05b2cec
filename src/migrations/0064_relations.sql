-- why:    who decides at a customer and who reports to whom; days that matter (S2).
-- step:   expand.
-- engine: both, one text.
ALTER TABLE contact ADD COLUMN reports_to_id BIGINT;
CREATE INDEX contact_by_reports_to_id ON contact ("reports_to_id", id, deleted_at);
CREATE TABLE buying_role (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    contact_id BIGINT,
    role TEXT NOT NULL DEFAULT '',
    stance TEXT NOT NULL DEFAULT '',
    deal_id BIGINT,
    company_id BIGINT,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX buying_role_by_created_at ON buying_role ("created_at", id, deleted_at);
CREATE INDEX buying_role_trash ON buying_role (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX buying_role_by_contact_id ON buying_role ("contact_id", id, deleted_at);
CREATE INDEX buying_role_by_role ON buying_role ("role", id, deleted_at);
CREATE INDEX buying_role_by_deal_id ON buying_role ("deal_id", id, deleted_at);
CREATE INDEX buying_role_by_company_id ON buying_role ("company_id", id, deleted_at);
CREATE TABLE key_date (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    kind TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    contact_id BIGINT,
    company_id BIGINT,
    deal_id BIGINT,
    on_date BIGINT,
    yearly INTEGER NOT NULL DEFAULT 0,
    next_on BIGINT,
    remind_days BIGINT,
    makes_task INTEGER NOT NULL DEFAULT 0,
    owner_id BIGINT,
    reminded_for BIGINT
);
CREATE INDEX key_date_by_created_at ON key_date ("created_at", id, deleted_at);
CREATE INDEX key_date_trash ON key_date (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX key_date_by_kind ON key_date ("kind", id, deleted_at);
CREATE INDEX key_date_by_contact_id ON key_date ("contact_id", id, deleted_at);
CREATE INDEX key_date_by_company_id ON key_date ("company_id", id, deleted_at);
CREATE INDEX key_date_by_deal_id ON key_date ("deal_id", id, deleted_at);
CREATE INDEX key_date_by_next_on ON key_date ("next_on", id, deleted_at);
CREATE INDEX key_date_by_owner_id ON key_date ("owner_id", id, deleted_at);
