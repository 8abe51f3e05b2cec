-- why:    pictures of mails are uploaded in the editor instead of being looked for elsewhere.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE picture (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    size BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    at BIGINT NOT NULL,
    by_user BIGINT
);
