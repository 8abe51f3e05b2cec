-- why:    colleagues follow records, hear of changes and comments in the program and by mail, and keep files with a record.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE notification ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE notification ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE notification ADD COLUMN record_id BIGINT;
ALTER TABLE notification ADD COLUMN actor_id BIGINT;
ALTER TABLE notification ADD COLUMN batch_id BIGINT;
ALTER TABLE notification ADD COLUMN times BIGINT NOT NULL DEFAULT 1;
-- 0: nothing waits to be mailed, 1: soon, 2: with the day's digest.
ALTER TABLE notification ADD COLUMN mail BIGINT NOT NULL DEFAULT 0;
CREATE INDEX notification_to_mail ON notification (user_id, id) WHERE mail > 0;

-- Who follows a record beyond its owner and its maker, and who of all of them does not want to.
CREATE TABLE record_follow (
    id BIGINT PRIMARY KEY,
    type TEXT NOT NULL DEFAULT '',
    record_id BIGINT NOT NULL DEFAULT 0,
    user_id BIGINT NOT NULL DEFAULT 0,
    follows INTEGER NOT NULL DEFAULT 0,
    at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX record_follow_of ON record_follow (record_id, user_id);
CREATE INDEX record_follow_by ON record_follow (user_id, id);

-- What is in files, once for each content; who has which stands in file.
CREATE TABLE file_content (
    hash TEXT PRIMARY KEY,
    size BIGINT NOT NULL DEFAULT 0,
    bytes BLOB NOT NULL
);
CREATE TABLE file (
    id BIGINT PRIMARY KEY,
    type TEXT NOT NULL DEFAULT '',
    record_id BIGINT NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    media_type TEXT NOT NULL DEFAULT '',
    hash TEXT NOT NULL DEFAULT '',
    size BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL DEFAULT 0,
    user_id BIGINT
);
CREATE INDEX file_of_record ON file (record_id, id);
CREATE INDEX file_of_hash ON file (hash);
