-- why:    segments: named sets of contacts, what is noted of changes until they are worked off, and who came and went.
--         What follows events is one mechanism: the job of scoring became one for all followers.
-- step:   expand.
-- engine: both, one text.
DELETE FROM job WHERE name = 'score.follow' AND state <> 1;
CREATE TABLE segment (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    slug TEXT NOT NULL DEFAULT '',
    slug_fold TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    filter TEXT NOT NULL DEFAULT '',
    about TEXT NOT NULL DEFAULT '',
    owner_id BIGINT,
    size BIGINT,
    filled_at BIGINT
);
CREATE INDEX segment_by_created_at ON segment ("created_at", id, deleted_at);
CREATE INDEX segment_trash ON segment (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX segment_by_name_fold ON segment ("name_fold", id, deleted_at);
CREATE UNIQUE INDEX segment_unique_slug_fold ON segment ("slug_fold") WHERE deleted_at IS NULL AND "slug_fold" <> '';
CREATE INDEX segment_by_owner_id ON segment ("owner_id", id, deleted_at);

CREATE TABLE segment_member (
    segment_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (segment_id, contact_id)
);
CREATE INDEX segment_member_of_contact ON segment_member (contact_id, segment_id);

-- Who came and went. why: 0 what happened, 1 the contact went to the trash or came back, 2 the filter was changed, 3 by hand.
CREATE TABLE segment_past (
    id BIGINT PRIMARY KEY NOT NULL,
    segment_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    entered INTEGER NOT NULL,
    why INTEGER NOT NULL
);
CREATE INDEX segment_past_of_segment ON segment_past (segment_id, id);
CREATE INDEX segment_past_of_contact ON segment_past (contact_id, segment_id, id);

-- A day of the workspace in numbers: how many came and went, how many there were when it was last touched.
CREATE TABLE segment_day (
    segment_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    entered BIGINT NOT NULL,
    gone BIGINT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (segment_id, day)
);

-- What changed and has not been looked at: a record of a type, the fields that changed (names between bars, || all), and
-- whom else it concerned before (ids between bars).
CREATE TABLE segment_touch (
    id BIGINT PRIMARY KEY NOT NULL,
    type TEXT NOT NULL,
    record_id BIGINT NOT NULL,
    fields TEXT NOT NULL,
    before TEXT NOT NULL
);

-- When an answer may change by itself, because time goes on. contact_id 0: the whole segment.
CREATE TABLE segment_due (
    segment_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (segment_id, contact_id)
);
CREATE INDEX segment_due_at ON segment_due (at);
