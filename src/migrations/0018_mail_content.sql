-- why:    what mails say, in blocks, and the brand they wear.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE brand (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    is_default INTEGER NOT NULL DEFAULT 0,
    logo_url TEXT NOT NULL DEFAULT '',
    logo_url_fold TEXT NOT NULL DEFAULT '',
    logo_width BIGINT,
    website TEXT NOT NULL DEFAULT '',
    website_fold TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    legal_url TEXT NOT NULL DEFAULT '',
    legal_url_fold TEXT NOT NULL DEFAULT '',
    privacy_url TEXT NOT NULL DEFAULT '',
    privacy_url_fold TEXT NOT NULL DEFAULT '',
    accent TEXT NOT NULL DEFAULT '',
    accent_fold TEXT NOT NULL DEFAULT '',
    ground TEXT NOT NULL DEFAULT '',
    ground_fold TEXT NOT NULL DEFAULT '',
    ink TEXT NOT NULL DEFAULT '',
    ink_fold TEXT NOT NULL DEFAULT '',
    font TEXT NOT NULL DEFAULT '',
    heading_font TEXT NOT NULL DEFAULT '',
    corners TEXT NOT NULL DEFAULT '',
    linkedin_url TEXT NOT NULL DEFAULT '',
    linkedin_url_fold TEXT NOT NULL DEFAULT '',
    mastodon_url TEXT NOT NULL DEFAULT '',
    mastodon_url_fold TEXT NOT NULL DEFAULT '',
    bluesky_url TEXT NOT NULL DEFAULT '',
    bluesky_url_fold TEXT NOT NULL DEFAULT '',
    x_url TEXT NOT NULL DEFAULT '',
    x_url_fold TEXT NOT NULL DEFAULT '',
    facebook_url TEXT NOT NULL DEFAULT '',
    facebook_url_fold TEXT NOT NULL DEFAULT '',
    instagram_url TEXT NOT NULL DEFAULT '',
    instagram_url_fold TEXT NOT NULL DEFAULT '',
    youtube_url TEXT NOT NULL DEFAULT '',
    youtube_url_fold TEXT NOT NULL DEFAULT '',
    about TEXT NOT NULL DEFAULT '',
    voice TEXT NOT NULL DEFAULT ''
);
CREATE INDEX brand_by_created_at ON brand ("created_at", id, deleted_at);
CREATE INDEX brand_trash ON brand (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX brand_by_name_fold ON brand ("name_fold", id, deleted_at);
CREATE TABLE mail_content (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    name TEXT NOT NULL DEFAULT '',
    name_fold TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    subject_fold TEXT NOT NULL DEFAULT '',
    preview TEXT NOT NULL DEFAULT '',
    preview_fold TEXT NOT NULL DEFAULT '',
    purpose TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    blocks TEXT NOT NULL DEFAULT '',
    is_template INTEGER NOT NULL DEFAULT 0,
    brand_id BIGINT,
    sender_id BIGINT,
    owner_id BIGINT,
    published_at BIGINT,
    draft TEXT NOT NULL DEFAULT ''
);
CREATE INDEX mail_content_by_created_at ON mail_content ("created_at", id, deleted_at);
CREATE INDEX mail_content_trash ON mail_content (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX mail_content_by_purpose ON mail_content ("purpose", id, deleted_at);
CREATE INDEX mail_content_by_status ON mail_content ("status", id, deleted_at);
CREATE INDEX mail_content_by_brand_id ON mail_content ("brand_id", id, deleted_at);
CREATE INDEX mail_content_by_sender_id ON mail_content ("sender_id", id, deleted_at);
CREATE INDEX mail_content_by_owner_id ON mail_content ("owner_id", id, deleted_at);
