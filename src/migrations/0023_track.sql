-- why:    who opened and clicked is told from hits, judged a few seconds later; how mails and their links did is kept beside them.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE mail_hit (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    kind INTEGER NOT NULL,
    link INTEGER NOT NULL DEFAULT 0,
    url TEXT NOT NULL DEFAULT '',
    marks INTEGER NOT NULL DEFAULT 0,
    client TEXT NOT NULL DEFAULT '',
    network TEXT NOT NULL DEFAULT '',
    human INTEGER,
    reasons TEXT NOT NULL DEFAULT '',
    visitor BIGINT NOT NULL DEFAULT 0,
    day_visitor BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX mail_hit_waiting ON mail_hit (at) WHERE human IS NULL;
CREATE INDEX mail_hit_by_age ON mail_hit (at);
CREATE INDEX mail_hit_of_message ON mail_hit (message_id, at);
CREATE TABLE mail_seen (
    message_id BIGINT PRIMARY KEY,
    contact_id BIGINT,
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    variant BIGINT NOT NULL DEFAULT 0,
    opened_at BIGINT,
    opens BIGINT NOT NULL DEFAULT 0,
    clicked_at BIGINT,
    clicks BIGINT NOT NULL DEFAULT 0,
    unsubscribed_at BIGINT,
    machine_opens BIGINT NOT NULL DEFAULT 0,
    machine_clicks BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX mail_seen_of_source ON mail_seen (source, source_id, variant);
CREATE TABLE mail_link (
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    variant BIGINT NOT NULL DEFAULT 0,
    link INTEGER NOT NULL,
    url TEXT NOT NULL,
    clicks BIGINT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (source, source_id, variant, link)
);
