-- why:    forms have a definition with steps, conditions and guards; submissions keep their language, source and each consent; what a
--         rule holds back waits for a look. Views, starts and posts are counted by day and source.
-- step:   expand. Definitions of before are read as the first version and become the second when they are saved.
-- engine: both, one text.
ALTER TABLE form ADD COLUMN pops_up INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submission ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE submission ADD COLUMN language_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE submission ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE submission ADD COLUMN source_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE submission ADD COLUMN consents TEXT NOT NULL DEFAULT '';
ALTER TABLE submission ADD COLUMN visitor TEXT NOT NULL DEFAULT '';
ALTER TABLE submission ADD COLUMN visitor_fold TEXT NOT NULL DEFAULT '';
CREATE TABLE form_key (
    id BIGINT PRIMARY KEY,
    key TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE TABLE form_used (
    token TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);
CREATE INDEX form_used_until ON form_used (until);
CREATE TABLE form_count (
    form_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    source TEXT NOT NULL,
    views BIGINT NOT NULL DEFAULT 0,
    starts BIGINT NOT NULL DEFAULT 0,
    submits BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (form_id, day, source)
);
