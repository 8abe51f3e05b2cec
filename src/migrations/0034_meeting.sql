-- why:    meetings get guests and invitations, and people book them on pages; other calendars say when somebody is busy.
-- step:   expand. The last release ignores all of it.
-- engine: both, one text.
ALTER TABLE activity ADD COLUMN location TEXT NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN location_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN link TEXT NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN link_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN timezone TEXT NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN timezone_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN invite INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN booking_page_id BIGINT;
ALTER TABLE activity ADD COLUMN cancelled_at BIGINT;
ALTER TABLE activity ADD COLUMN sequence BIGINT;
CREATE INDEX activity_by_booking_page_id ON activity ("booking_page_id", id, deleted_at);
CREATE TABLE meeting_guest (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    activity_id BIGINT,
    contact_id BIGINT,
    user_id BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    email_fold TEXT NOT NULL DEFAULT '',
    need TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    comment TEXT NOT NULL DEFAULT '',
    answered_at BIGINT,
    is_booker INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX meeting_guest_by_created_at ON meeting_guest ("created_at", id, deleted_at);
CREATE INDEX meeting_guest_trash ON meeting_guest (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX meeting_guest_by_activity_id ON meeting_guest ("activity_id", id, deleted_at);
CREATE INDEX meeting_guest_by_contact_id ON meeting_guest ("contact_id", id, deleted_at);
CREATE INDEX meeting_guest_by_user_id ON meeting_guest ("user_id", id, deleted_at);
CREATE TABLE booking_page (
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
    title TEXT NOT NULL DEFAULT '',
    title_fold TEXT NOT NULL DEFAULT '',
    intro TEXT NOT NULL DEFAULT '',
    active INTEGER NOT NULL DEFAULT 0,
    owner_id BIGINT,
    mode TEXT NOT NULL DEFAULT '',
    minutes TEXT NOT NULL DEFAULT '',
    minutes_fold TEXT NOT NULL DEFAULT '',
    location TEXT NOT NULL DEFAULT '',
    location_fold TEXT NOT NULL DEFAULT '',
    link TEXT NOT NULL DEFAULT '',
    link_fold TEXT NOT NULL DEFAULT '',
    hours TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL DEFAULT '',
    timezone_fold TEXT NOT NULL DEFAULT '',
    step BIGINT,
    buffer_before BIGINT,
    buffer_after BIGINT,
    notice_hours BIGINT,
    days_ahead BIGINT,
    most_a_day BIGINT,
    questions TEXT NOT NULL DEFAULT '',
    remind_hours TEXT NOT NULL DEFAULT '',
    remind_hours_fold TEXT NOT NULL DEFAULT '',
    brand_id BIGINT
);
CREATE INDEX booking_page_by_created_at ON booking_page ("created_at", id, deleted_at);
CREATE INDEX booking_page_trash ON booking_page (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX booking_page_by_name_fold ON booking_page ("name_fold", id, deleted_at);
CREATE UNIQUE INDEX booking_page_unique_slug_fold ON booking_page ("slug_fold") WHERE deleted_at IS NULL AND "slug_fold" <> '';
CREATE INDEX booking_page_by_owner_id ON booking_page ("owner_id", id, deleted_at);
CREATE INDEX booking_page_by_brand_id ON booking_page ("brand_id", id, deleted_at);
CREATE TABLE booking_host (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    booking_page_id BIGINT,
    user_id BIGINT
);
CREATE INDEX booking_host_by_created_at ON booking_host ("created_at", id, deleted_at);
CREATE INDEX booking_host_trash ON booking_host (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX booking_host_by_booking_page_id ON booking_host ("booking_page_id", id, deleted_at);
CREATE INDEX booking_host_by_user_id ON booking_host ("user_id", id, deleted_at);

-- What stands in people's other calendars, as far as it matters: rows, not records, written anew each time a feed is read.
CREATE TABLE calendar_instance (
    id BIGINT PRIMARY KEY,
    feed_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    all_day INTEGER NOT NULL DEFAULT 0,
    busy INTEGER NOT NULL DEFAULT 0,
    secret INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT ''
);
CREATE INDEX calendar_instance_of_user ON calendar_instance (user_id, start_at);
CREATE INDEX calendar_instance_of_feed ON calendar_instance (feed_id);
