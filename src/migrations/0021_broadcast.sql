-- why:    broadcasts: one mail to the people of segments. Where sending stands, who gets it and what they did with it are
--         rows of their own, since there may be a million of them.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE broadcast (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    content_id BIGINT,
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    topic_id BIGINT,
    sender_id BIGINT,
    campaign_id BIGINT,
    owner_id BIGINT,
    segments TEXT NOT NULL DEFAULT '',
    segments_fold TEXT NOT NULL DEFAULT '',
    except_segments TEXT NOT NULL DEFAULT '',
    except_segments_fold TEXT NOT NULL DEFAULT '',
    schedule TEXT NOT NULL DEFAULT '',
    send_at BIGINT,
    per_hour BIGINT,
    ab_test TEXT NOT NULL DEFAULT '',
    subject_b TEXT NOT NULL DEFAULT '',
    subject_b_fold TEXT NOT NULL DEFAULT '',
    subject_c TEXT NOT NULL DEFAULT '',
    subject_c_fold TEXT NOT NULL DEFAULT '',
    subject_d TEXT NOT NULL DEFAULT '',
    subject_d_fold TEXT NOT NULL DEFAULT '',
    sender_b_id BIGINT,
    sender_c_id BIGINT,
    sender_d_id BIGINT,
    content_b_id BIGINT,
    content_c_id BIGINT,
    content_d_id BIGINT,
    test_percent BIGINT,
    winner_by TEXT NOT NULL DEFAULT '',
    winner_hours BIGINT,
    in_archive INTEGER NOT NULL DEFAULT 0,
    slug TEXT NOT NULL DEFAULT '',
    slug_fold TEXT NOT NULL DEFAULT '',
    resend_of_id BIGINT,
    started_at BIGINT,
    finished_at BIGINT,
    recipients BIGINT,
    skipped BIGINT,
    delivered BIGINT,
    opened BIGINT,
    clicked BIGINT,
    bounced BIGINT,
    unsubscribed BIGINT,
    open_percent BIGINT,
    click_percent BIGINT,
    winner TEXT NOT NULL DEFAULT '',
    winner_fold TEXT NOT NULL DEFAULT '',
    winner_why TEXT NOT NULL DEFAULT '',
    winner_why_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX broadcast_by_created_at ON broadcast ("created_at", id, deleted_at);
CREATE INDEX broadcast_trash ON broadcast (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX broadcast_by_status ON broadcast ("status", id, deleted_at);
CREATE INDEX broadcast_by_content_id ON broadcast ("content_id", id, deleted_at);
CREATE INDEX broadcast_by_topic_id ON broadcast ("topic_id", id, deleted_at);
CREATE INDEX broadcast_by_sender_id ON broadcast ("sender_id", id, deleted_at);
CREATE INDEX broadcast_by_campaign_id ON broadcast ("campaign_id", id, deleted_at);
CREATE INDEX broadcast_by_owner_id ON broadcast ("owner_id", id, deleted_at);
CREATE INDEX broadcast_by_send_at ON broadcast ("send_at", id, deleted_at);
CREATE INDEX broadcast_by_sender_b_id ON broadcast ("sender_b_id", id, deleted_at);
CREATE INDEX broadcast_by_sender_c_id ON broadcast ("sender_c_id", id, deleted_at);
CREATE INDEX broadcast_by_sender_d_id ON broadcast ("sender_d_id", id, deleted_at);
CREATE INDEX broadcast_by_content_b_id ON broadcast ("content_b_id", id, deleted_at);
CREATE INDEX broadcast_by_content_c_id ON broadcast ("content_c_id", id, deleted_at);
CREATE INDEX broadcast_by_content_d_id ON broadcast ("content_d_id", id, deleted_at);
CREATE UNIQUE INDEX broadcast_unique_slug_fold ON broadcast ("slug_fold") WHERE deleted_at IS NULL AND "slug_fold" <> '';
CREATE INDEX broadcast_by_resend_of_id ON broadcast ("resend_of_id", id, deleted_at);
CREATE INDEX broadcast_by_started_at ON broadcast ("started_at", id, deleted_at);

-- Where sending stands: moved with each step, in its transaction.
CREATE TABLE broadcast_run (
    broadcast_id BIGINT PRIMARY KEY NOT NULL,
    phase INTEGER NOT NULL,
    source_at BIGINT NOT NULL,
    after_id BIGINT NOT NULL,
    place BIGINT NOT NULL,
    test_size BIGINT NOT NULL,
    winner INTEGER NOT NULL,
    decide_at BIGINT NOT NULL,
    free_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    recipients BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    dirty INTEGER NOT NULL,
    results TEXT NOT NULL,
    results_at BIGINT NOT NULL
);
CREATE INDEX broadcast_run_dirty ON broadcast_run (broadcast_id) WHERE dirty = 1;

-- The last count of to whom it would go, for one version of the record.
CREATE TABLE broadcast_count (
    broadcast_id BIGINT PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    answer TEXT NOT NULL
);

-- Who gets it. state: 0 waits, 1 handed to delivery, 2 skipped, 3 cancelled, 4 waits for the winner. lot: the draw.
CREATE TABLE broadcast_recipient (
    id BIGINT PRIMARY KEY NOT NULL,
    broadcast_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    variant INTEGER NOT NULL,
    state INTEGER NOT NULL,
    lot BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    message_id BIGINT,
    opened_at BIGINT,
    auto_opened_at BIGINT,
    clicked_at BIGINT,
    last_click_at BIGINT,
    clicks BIGINT NOT NULL DEFAULT 0,
    left_at BIGINT,
    complained_at BIGINT,
    replied_at BIGINT,
    lead_at BIGINT,
    deals BIGINT NOT NULL DEFAULT 0,
    won BIGINT NOT NULL DEFAULT 0,
    revenue_minor BIGINT NOT NULL DEFAULT 0,
    device TEXT NOT NULL DEFAULT '',
    client TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX broadcast_recipient_once ON broadcast_recipient (broadcast_id, contact_id);
CREATE INDEX broadcast_recipient_due ON broadcast_recipient (broadcast_id, state, due_at, id);
CREATE INDEX broadcast_recipient_lots ON broadcast_recipient (broadcast_id, lot, id) WHERE state = 4;
CREATE INDEX broadcast_recipient_clicked ON broadcast_recipient (contact_id, last_click_at) WHERE last_click_at IS NOT NULL;

-- Which links they followed.
CREATE TABLE broadcast_click (
    broadcast_id BIGINT NOT NULL,
    link BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    variant INTEGER NOT NULL,
    first_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (broadcast_id, link, contact_id)
);
