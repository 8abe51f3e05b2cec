-- why:    kit's own tables: what was changed by whom, words to search, events on their way to the
--         journey, settings, notifications, comments, sign-ins, API tokens and saved views.
-- step:   start.
-- engine: both; the search index and the outbox's sequence are the engine's own.

CREATE TABLE change (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL DEFAULT 0,
    user_id BIGINT,
    request_id BIGINT,
    batch_id BIGINT,
    type TEXT NOT NULL DEFAULT '',
    record_id BIGINT NOT NULL DEFAULT 0,
    verb TEXT NOT NULL DEFAULT '',
    version BIGINT NOT NULL DEFAULT 0,
    fields TEXT NOT NULL DEFAULT ''
);
CREATE INDEX change_of_record ON change (type, record_id, id);
CREATE INDEX change_by_time ON change (at, id);
CREATE INDEX change_of_batch ON change (batch_id, id) WHERE batch_id IS NOT NULL;

CREATE TABLE setting (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT
);
CREATE UNIQUE INDEX setting_by_name ON setting (name);

CREATE TABLE notification (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL DEFAULT 0,
    icon TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    path TEXT NOT NULL DEFAULT '',
    read_at BIGINT
);
CREATE INDEX notification_of_user ON notification (user_id, id);
CREATE INDEX notification_unread ON notification (user_id, id) WHERE read_at IS NULL;

CREATE TABLE comment (
    id BIGINT PRIMARY KEY,
    type TEXT NOT NULL DEFAULT '',
    record_id BIGINT NOT NULL DEFAULT 0,
    user_id BIGINT,
    at BIGINT NOT NULL DEFAULT 0,
    text TEXT NOT NULL DEFAULT '',
    deleted_at BIGINT
);
CREATE INDEX comment_of_record ON comment (record_id, id);

CREATE TABLE session (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL DEFAULT 0,
    secret_hash TEXT NOT NULL DEFAULT '',
    csrf TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    seen_at BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL DEFAULT 0,
    address TEXT NOT NULL DEFAULT '',
    client TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX session_by_secret ON session (secret_hash);
CREATE INDEX session_of_user ON session (user_id);

CREATE TABLE token (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL DEFAULT 0,
    label TEXT NOT NULL DEFAULT '',
    secret_hash TEXT NOT NULL DEFAULT '',
    scopes TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL DEFAULT 0,
    used_at BIGINT,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX token_by_secret ON token (secret_hash);
CREATE INDEX token_of_user ON token (user_id);

CREATE TABLE saved_view (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL DEFAULT 0,
    type TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    query TEXT NOT NULL DEFAULT '',
    shared INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX saved_view_of_user ON saved_view (user_id, type);
CREATE INDEX saved_view_shared ON saved_view (type) WHERE shared = 1;

-- Events on their way to the journey. Numbers must rise in the order of commits and never be used
-- again, also when the table has been emptied: the journey keeps the last one that it has applied.
-- @sqlite
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    contact_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    value_minor BIGINT NOT NULL,
    visitor BIGINT NOT NULL,
    props TEXT NOT NULL
);
-- @postgres
CREATE SEQUENCE outbox_seq;
CREATE TABLE outbox (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    contact_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    value_minor BIGINT NOT NULL,
    visitor BIGINT NOT NULL,
    props TEXT NOT NULL
);
-- @both
CREATE INDEX outbox_of_contact ON outbox (contact_id, id);

-- Words of a record, made in C, folded and separated by single spaces, so that both engines find the
-- same: 'ascii' takes everything else for part of a word, and array_to_tsvector takes them as they are.
-- @sqlite
CREATE TABLE search_doc (
    id INTEGER PRIMARY KEY NOT NULL,
    type TEXT NOT NULL,
    words TEXT NOT NULL
);
-- The words stand in search_doc alone; who writes them there tells the index (kit/search.c). Prefixes up to
-- 7 bytes have doclists of their own: 'anna*' among 200,000 takes 0.2 ms with them and 10 without.
CREATE VIRTUAL TABLE search USING fts5 (
    words, content = 'search_doc', content_rowid = 'id', tokenize = 'ascii', prefix = '2 3 4 5 7',
    detail = 'none', columnsize = 0
);
-- @postgres
CREATE TABLE search_doc (
    id BIGINT PRIMARY KEY,
    type TEXT NOT NULL,
    words TEXT NOT NULL,
    lexemes TSVECTOR GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED
);
CREATE INDEX search_doc_lexemes ON search_doc USING gin (lexemes);
-- @both

-- expect 0: nothing is in the new tables
SELECT count(*) FROM change;
