-- why:    pairs of contacts and of companies that may be the same, found as records change, decided one by one (S2).
-- step:   expand. All that is there is looked at once by the job.
-- engine: both, one text.
CREATE TABLE duplicate_key (
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    record_id BIGINT NOT NULL,
    PRIMARY KEY (type, key, record_id)
);
CREATE INDEX duplicate_key_by_record ON duplicate_key (type, record_id);
CREATE TABLE duplicate_look (
    type TEXT NOT NULL,
    record_id BIGINT NOT NULL,
    PRIMARY KEY (type, record_id)
);
CREATE TABLE duplicate_pair (
    type TEXT NOT NULL,
    one_id BIGINT NOT NULL,
    other_id BIGINT NOT NULL,
    score BIGINT NOT NULL,
    why TEXT NOT NULL,
    state TEXT NOT NULL,
    decided_by BIGINT,
    decided_at BIGINT,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (type, one_id, other_id)
);
CREATE INDEX duplicate_pair_open ON duplicate_pair (type, state, score);
CREATE INDEX duplicate_pair_by_other ON duplicate_pair (type, other_id);
INSERT INTO duplicate_look (type, record_id) SELECT 'contact', id FROM contact WHERE deleted_at IS NULL;
INSERT INTO duplicate_look (type, record_id) SELECT 'company', id FROM company WHERE deleted_at IS NULL;
