-- why:    a plan of a deal that both sides follow: its steps, and whether and how often the customer has read it (S4).
-- step:   expand. The last release ignores all of it.
-- engine: both, one text.
ALTER TABLE deal ADD COLUMN plan_shared_at BIGINT;
ALTER TABLE deal ADD COLUMN plan_opens BIGINT;
ALTER TABLE deal ADD COLUMN plan_seen_at BIGINT;
CREATE TABLE plan_step (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    deal_id BIGINT,
    text TEXT NOT NULL DEFAULT '',
    text_fold TEXT NOT NULL DEFAULT '',
    side TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    person TEXT NOT NULL DEFAULT '',
    person_fold TEXT NOT NULL DEFAULT '',
    due_on BIGINT,
    done INTEGER NOT NULL DEFAULT 0,
    done_at BIGINT,
    done_by TEXT NOT NULL DEFAULT '',
    done_by_fold TEXT NOT NULL DEFAULT '',
    position BIGINT
);
CREATE INDEX plan_step_by_created_at ON plan_step ("created_at", id, deleted_at);
CREATE INDEX plan_step_trash ON plan_step (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX plan_step_by_deal_id ON plan_step ("deal_id", id, deleted_at);
CREATE INDEX plan_step_by_owner_id ON plan_step ("owner_id", id, deleted_at);
CREATE INDEX plan_step_by_due_on ON plan_step ("due_on", id, deleted_at);
