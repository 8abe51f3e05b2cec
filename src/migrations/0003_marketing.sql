-- why:    marketing keeps what is no record: the salt that makes visitors forgettable, the reasons behind scores,
--         and how far the journey has been read.
-- step:   start.
-- engine: both, one text.
CREATE TABLE visitor_salt (
    day BIGINT PRIMARY KEY NOT NULL,
    salt TEXT NOT NULL
);

-- Every point of a contact's score with where it came from (JSON list of {rule, points, at, text, count}).
CREATE TABLE contact_score (
    contact_id BIGINT PRIMARY KEY NOT NULL,
    reasons TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- How far each consumer of the journey has read.
CREATE TABLE consumer (
    name TEXT PRIMARY KEY NOT NULL,
    seq BIGINT NOT NULL
);
