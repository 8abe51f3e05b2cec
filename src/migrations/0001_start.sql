-- why:    what the program itself needs before any record: which migrations ran, and the queue of
-- jobs. step:   expand.
-- engine: both, one text.
CREATE TABLE migration (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);

-- state: 0 waiting, 1 running, 2 failed, 3 done. due_at: when a waiting job may run, when a running
-- one's lease ends.
CREATE TABLE job (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    key TEXT,
    payload TEXT NOT NULL DEFAULT '',
    state INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    run_at BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    finished_at BIGINT
);
CREATE UNIQUE INDEX job_waiting_key ON job (name, key) WHERE state = 0 AND key IS NOT NULL;
CREATE INDEX job_due ON job (due_at, id) WHERE state < 2;
CREATE INDEX job_by_state ON job (state, id);
-- expect 0: a new queue is empty
SELECT count(*) FROM job;
