-- why:    what is known once and asked often: articles, their sections, what readers say and look for, which article went into which answer.
-- step:   expand.
-- engine: both, one text.
CREATE TABLE article (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    title TEXT NOT NULL DEFAULT '',
    title_fold TEXT NOT NULL DEFAULT '',
    slug TEXT NOT NULL DEFAULT '',
    slug_fold TEXT NOT NULL DEFAULT '',
    section_id BIGINT,
    language TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    visibility TEXT NOT NULL DEFAULT '',
    summary TEXT NOT NULL DEFAULT '',
    summary_fold TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    keywords TEXT NOT NULL DEFAULT '',
    keywords_fold TEXT NOT NULL DEFAULT '',
    translates_id BIGINT,
    position BIGINT,
    owner_id BIGINT,
    author_id BIGINT,
    review_on BIGINT,
    published_at BIGINT
);
CREATE INDEX article_by_created_at ON article ("created_at", id, deleted_at);
CREATE INDEX article_trash ON article (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX article_by_title_fold ON article ("title_fold", id, deleted_at);
CREATE UNIQUE INDEX article_unique_slug_fold ON article ("slug_fold") WHERE deleted_at IS NULL AND "slug_fold" <> '';
CREATE INDEX article_by_section_id ON article ("section_id", id, deleted_at);
CREATE INDEX article_by_status ON article ("status", id, deleted_at);
CREATE INDEX article_by_translates_id ON article ("translates_id", id, deleted_at);
CREATE INDEX article_by_owner_id ON article ("owner_id", id, deleted_at);
CREATE INDEX article_by_author_id ON article ("author_id", id, deleted_at);
CREATE INDEX article_by_review_on ON article ("review_on", id, deleted_at);
CREATE TABLE article_section (
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
    parent_id BIGINT,
    summary TEXT NOT NULL DEFAULT '',
    summary_fold TEXT NOT NULL DEFAULT '',
    position BIGINT
);
CREATE INDEX article_section_by_created_at ON article_section ("created_at", id, deleted_at);
CREATE INDEX article_section_trash ON article_section (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX article_section_unique_slug_fold ON article_section ("slug_fold") WHERE deleted_at IS NULL AND "slug_fold" <> '';
CREATE INDEX article_section_by_parent_id ON article_section ("parent_id", id, deleted_at);
CREATE INDEX article_section_by_position ON article_section ("position", id, deleted_at);
CREATE TABLE article_vote (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    article_id BIGINT,
    helpful INTEGER NOT NULL DEFAULT 0,
    comment TEXT NOT NULL DEFAULT '',
    contact_id BIGINT,
    visitor TEXT NOT NULL DEFAULT '',
    visitor_fold TEXT NOT NULL DEFAULT ''
);
CREATE INDEX article_vote_by_created_at ON article_vote ("created_at", id, deleted_at);
CREATE INDEX article_vote_trash ON article_vote (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX article_vote_by_article_id ON article_vote ("article_id", id, deleted_at);
CREATE INDEX article_vote_by_helpful ON article_vote ("helpful", id, deleted_at);
CREATE INDEX article_vote_by_contact_id ON article_vote ("contact_id", id, deleted_at);
CREATE TABLE help_search (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    text TEXT NOT NULL DEFAULT '',
    text_fold TEXT NOT NULL DEFAULT '',
    found BIGINT,
    times BIGINT,
    place TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT ''
);
CREATE INDEX help_search_by_created_at ON help_search ("created_at", id, deleted_at);
CREATE INDEX help_search_trash ON help_search (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX help_search_by_text_fold ON help_search ("text_fold", id, deleted_at);
CREATE TABLE ticket_article (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    updated_by BIGINT,
    deleted_at BIGINT,
    ticket_id BIGINT,
    article_id BIGINT,
    user_id BIGINT,
    solved_at BIGINT
);
CREATE INDEX ticket_article_by_created_at ON ticket_article ("created_at", id, deleted_at);
CREATE INDEX ticket_article_trash ON ticket_article (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX ticket_article_by_ticket_id ON ticket_article ("ticket_id", id, deleted_at);
CREATE INDEX ticket_article_by_article_id ON ticket_article ("article_id", id, deleted_at);
CREATE INDEX ticket_article_by_user_id ON ticket_article ("user_id", id, deleted_at);
CREATE INDEX ticket_article_by_solved_at ON ticket_article ("solved_at", id, deleted_at);
-- Counts up with each change of an article or section: what is kept of them in memory is of one edition.
CREATE TABLE article_edition (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL
);
INSERT INTO article_edition (id, number) VALUES (1, 1);
CREATE TABLE article_read_count (
    article_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    reads BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (article_id, day)
);
CREATE INDEX article_read_count_by_day ON article_read_count (day, article_id, reads);
