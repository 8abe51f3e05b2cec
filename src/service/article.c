/* article.c -- the records of the knowledge base: articles, their sections, what readers said and
 * looked for, which article went into which answer; and the numbers of all that. */
#include "service/article.h"
#include "base/id.h"
#include "base/utf8.h"
#include "kit/markdown.h"
#include "kit/question.h"

enum { SLUG_BYTES = 80, DEPTH_MOST = 3, TRIES = 50, REVIEW_DAYS = 180, SUMMARY_BYTES = 300 };

static const struct choice languages[] = {
    { "en", "English", "gray" }, { "de", "German", "gray" },     { "fr", "French", "gray" },
    { "it", "Italian", "gray" }, { "es", "Spanish", "gray" },    { "nl", "Dutch", "gray" },
    { "pl", "Polish", "gray" },  { "pt", "Portuguese", "gray" }, { "sv", "Swedish", "gray" },
    { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [ARTICLE_TITLE] = { "title", FIELD_TEXT, "Title", REQUIRED | LISTED | SEARCHED, .max_len = 160,
                        .help = "What a customer would ask, in their words." },
    [ARTICLE_SLUG] = { "slug", FIELD_TEXT, "Address", UNIQUE, .max_len = SLUG_BYTES,
                       .help = "Behind /help/. Made of the title when it is left empty." },
    [ARTICLE_SECTION] = { "section_id", FIELD_REF, "Section", LISTED, .ref = "article_section" },
    [ARTICLE_LANGUAGE] = { "language", FIELD_CHOICE, "Language", REQUIRED, .choices = languages,
                           .otherwise = "en" },
    [ARTICLE_STATUS] = { "status", FIELD_CHOICE, "Status", REQUIRED | LISTED | TRACKED | INDEXED,
                         .otherwise = "draft",
                         .choices = CHOICES({ "draft", "Draft", "amber" },
                                            { "published", "Published", "green" },
                                            { "archived", "Archived", "gray" }) },
    [ARTICLE_VISIBILITY] = { "visibility", FIELD_CHOICE, "Who reads it",
                             REQUIRED | LISTED | TRACKED, .otherwise = "public",
                             .choices =
                                 CHOICES({ "public", "Everybody, in the help centre", "blue" },
                                         { "internal", "Colleagues alone", "violet" }) },
    [ARTICLE_SUMMARY] = { "summary", FIELD_TEXT, "Summary", SEARCHED, .max_len = SUMMARY_BYTES,
                          .help = "One sentence: shown in lists and by search engines." },
    [ARTICLE_TEXT] = { "text", FIELD_LONG, "Text", SEARCHED, .max_len = 60 * 1000,
                       .help = "## makes a heading, **bold**, *emphasis*, - or 1. a list, "
                               "[words](address) a link, ![what it shows](address) a picture, "
                               "`code`." },
    [ARTICLE_KEYWORDS] = { "keywords", FIELD_TEXT, "Other words for it", SEARCHED, .max_len = 400,
                           .help = "What customers call it, which the text does not: so that the "
                                   "search finds it." },
    [ARTICLE_TRANSLATES] = { "translates_id", FIELD_REF, "Translation of", 0, .ref = "article",
                             .group = "More" },
    [ARTICLE_POSITION] = { "position", FIELD_INT, "Place in its section", 0, .otherwise = "100",
                           .max = 100000 },
    [ARTICLE_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER | TRACKED, .ref = "user",
                        .otherwise = "me", .help = "Who keeps it true." },
    [ARTICLE_AUTHOR] = { "author_id", FIELD_REF, "Author", 0, .ref = "user", .otherwise = "me" },
    [ARTICLE_REVIEW] = { "review_on", FIELD_DATE, "Look at it again", LISTED | INDEXED },
    [ARTICLE_PUBLISHED_AT] = { "published_at", FIELD_TIME, "First published", COMPUTED },
};
_Static_assert(countof(fields) == ARTICLE_FIELDS, "enum and table differ");

static const struct field section_fields[] = {
    [SECTION_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 80 },
    [SECTION_SLUG] = { "slug", FIELD_TEXT, "Address", UNIQUE, .max_len = SLUG_BYTES,
                       .help = "Behind /help/section/. Made of the name when it is left empty." },
    [SECTION_PARENT] = { "parent_id", FIELD_REF, "Within", LISTED, .ref = "article_section" },
    [SECTION_SUMMARY] = { "summary", FIELD_TEXT, "Summary", LISTED, .max_len = SUMMARY_BYTES },
    [SECTION_POSITION] = { "position", FIELD_INT, "Place", LISTED, .otherwise = "100",
                           .max = 100000 },
};
_Static_assert(countof(section_fields) == SECTION_FIELDS, "enum and table differ");

static const struct field vote_fields[] = {
    [VOTE_ARTICLE] = { "article_id", FIELD_REF, "Article", REQUIRED | LISTED, .ref = "article" },
    [VOTE_HELPFUL] = { "helpful", FIELD_BOOL, "Helpful", LISTED | INDEXED },
    [VOTE_COMMENT] = { "comment", FIELD_LONG, "What they said", LISTED, .max_len = 2000 },
    [VOTE_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [VOTE_VISITOR] = { "visitor", FIELD_TEXT, "Visitor", INTERNAL, .max_len = 40 },
};
_Static_assert(countof(vote_fields) == VOTE_FIELDS, "enum and table differ");

static const struct field search_fields[] = {
    [FIND_TEXT] = { "text", FIELD_TEXT, "Looked for", REQUIRED | LISTED | INDEXED, .max_len = 120 },
    [FIND_FOUND] = { "found", FIELD_INT, "Articles found", LISTED },
    [FIND_TIMES] = { "times", FIELD_INT, "Times", LISTED | SUMMED, .otherwise = "1" },
    [FIND_PLACE] = { "place", FIELD_CHOICE, "Where", LISTED, .otherwise = "help",
                     .choices = CHOICES({ "help", "Help centre", "blue" },
                                        { "contact", "Writing to support", "amber" },
                                        { "desk", "Desk", "gray" }) },
    [FIND_LANGUAGE] = { "language", FIELD_CHOICE, "Language", 0, .choices = languages },
};
_Static_assert(countof(search_fields) == FIND_FIELDS, "enum and table differ");

static const struct field sent_fields[] = {
    [SENT_TICKET] = { "ticket_id", FIELD_REF, "Ticket", REQUIRED | LISTED, .ref = "ticket" },
    [SENT_ARTICLE] = { "article_id", FIELD_REF, "Article", REQUIRED | LISTED, .ref = "article" },
    [SENT_USER] = { "user_id", FIELD_REF, "Sent by", LISTED | OWNER, .ref = "user",
                    .otherwise = "me" },
    [SENT_SOLVED_AT] = { "solved_at", FIELD_TIME, "Solved", COMPUTED | LISTED | INDEXED },
};
_Static_assert(countof(sent_fields) == SENT_FIELDS, "enum and table differ");

bool article_is_open(const struct row *r)
{
    return text_is(row_text(r, ARTICLE_STATUS), "published") &&
           text_is(row_text(r, ARTICLE_VISIBILITY), "public");
}

const char *article_public_path(struct ctx *cx, const char *slug)
{
    return arena_printf(cx->arena, "/help/%s", slug);
}

/* ---- addresses ---- */
/* Of the help centre's own pages. */
static bool is_taken_word(const char *slug)
{
    static const char *const words[] = { "search", "section", "suggest", "contact", "sitemap" };

    for (size_t i = 0; i < countof(words); i++)
        if (text_is(words[i], slug))
            return true;
    return false;
}

/* Another record has it, perhaps one in the trash that may come back. */
static enum status is_free(struct ctx *cx, const struct row *r, const char *slug, bool *out)
{
    struct row *other;
    enum status s = record_find(cx, row_type(r), "slug", slug, &other);

    *out = s == E_NOT_FOUND || (s == OK && row_id(other) == row_id(r));
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s == E_NOT_FOUND ? OK : s;
}

static enum status make_slug(struct ctx *cx, struct row *r, int title, int slug)
{
    const char *base = utf8_slug(cx->arena, row_text(r, title), SLUG_BYTES - 4), *one;
    bool unused = false;

    if (text_empty(base) || is_taken_word(base))
        base = text_empty(base) ? "article" : arena_printf(cx->arena, "%s-1", base);
    one = base;
    for (int n = 2; n < TRIES && !unused; n++) {
        TRY(is_free(cx, r, one, &unused));
        if (!unused)
            one = arena_printf(cx->arena, "%s-%d", base, n);
    }
    row_set_text(r, slug, one);
    return OK;
}

static enum status check_slug(struct ctx *cx, struct row *r, int title, int slug)
{
    const char *text = row_text(r, slug);

    if (!row_has(r, slug))
        return make_slug(cx, r, title, slug);
    if (text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
        return ctx_fail_field(cx, "slug", "article.slug",
                              "An address has small letters, digits and - only: not \"%s\".", text);
    if (is_taken_word(text))
        return ctx_fail_field(cx, "slug", "article.slug_taken",
                              "\"%s\" is a page of the help centre itself. Choose another.", text);
    return OK;
}

/* ---- saving ---- */
static enum status article_defaults(struct ctx *cx, struct row *r)
{
    if (!row_has(r, ARTICLE_REVIEW))
        row_set_i64(r, ARTICLE_REVIEW, zone_day(kit_zone(cx), ctx_now(cx)) + REVIEW_DAYS);
    return OK;
}

static enum status article_validate(struct ctx *cx, struct row *r)
{
    struct markdown m;

    TRY(check_slug(cx, r, ARTICLE_TITLE, ARTICLE_SLUG));
    if (row_i64(r, ARTICLE_TRANSLATES) == row_id(r) && row_has(r, ARTICLE_TRANSLATES))
        return ctx_fail_field(cx, "translates_id", "article.translates_itself",
                              "An article is no translation of itself.");
    if (markdown_read(cx->arena, row_text(r, ARTICLE_TEXT), &m) != OK)
        return ctx_fail_field(cx, "text", "article.too_long",
                              "This is too long for one article. Make two of it.");
    if (!text_is(row_text(r, ARTICLE_STATUS), "published"))
        return OK;
    if (str_trim(str_from(m.text)).len == 0)
        return ctx_fail_field(cx, "text", "required",
                              "Write the text before the article is published.");
    if (!row_has(r, ARTICLE_PUBLISHED_AT))
        row_set_i64(r, ARTICLE_PUBLISHED_AT, ctx_now(cx));
    return OK;
}

static enum status section_validate(struct ctx *cx, struct row *r)
{
    i64 above = row_has(r, SECTION_PARENT) ? row_i64(r, SECTION_PARENT) : 0;

    TRY(check_slug(cx, r, SECTION_NAME, SECTION_SLUG));
    for (int depth = 1; above != 0; depth++) {
        struct row *parent;
        if (above == row_id(r))
            return ctx_fail_field(cx, "parent_id", "section.circle",
                                  "A section cannot be within itself.");
        if (depth >= DEPTH_MOST)
            return ctx_fail_field(cx, "parent_id", "section.depth",
                                  "Sections go %d deep: choose one further up.", DEPTH_MOST);
        TRY(record_get_any(cx, &article_section_type, above, &parent));
        above = row_has(parent, SECTION_PARENT) ? row_i64(parent, SECTION_PARENT) : 0;
    }
    return OK;
}

/* What is kept of them in memory is out of date, on every node. */
static enum status on_changed(struct ctx *cx, const struct happening *h)
{
    (void)h;
    return db_run(cx, "article.edition_up");
}

/* ---- which article solved which ticket ---- */
enum status article_was_sent(struct ctx *cx, i64 ticket_id, i64 article_id)
{
    i64 user = cx->access->user_id, id;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    enum status s =
        db_get_i64(cx, &id, "article.sent", I64("ticket", ticket_id), I64("article", article_id));
    struct row *r;

    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    r = row_new(cx, &ticket_article_type);
    row_set_i64(r, SENT_TICKET, ticket_id);
    row_set_i64(r, SENT_ARTICLE, article_id);
    if (user != 0)
        row_set_i64(r, SENT_USER, user);
    return record_save(cx, r);
}

static enum status set_solved(struct ctx *cx, const struct row *ticket, bool solved)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 ids[100];
    size_t count = 0;

    {
        scoped(stmt_close) struct stmt q = db_query(
            cx, "article.sent_with", I64("ticket", row_id(ticket)), I64("limit", countof(ids)));
        while (stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        struct row *r;
        TRY(record_get(cx, &ticket_article_type, ids[i], &r));
        if (solved)
            row_set_i64(r, SENT_SOLVED_AT, ctx_now(cx));
        else
            row_clear(r, SENT_SOLVED_AT);
        TRY(record_save(cx, r));
    }
    return OK;
}

static enum status on_solved(struct ctx *cx, const struct happening *h)
{
    return set_solved(cx, h->row, true);
}

static enum status on_reopened(struct ctx *cx, const struct happening *h)
{
    return set_solved(cx, h->row, false);
}

static bool is_published(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, ARTICLE_STATUS), "published");
}

static bool is_not_published(struct ctx *cx, const struct row *r) { return !is_published(cx, r); }

const struct record_type article_type = {
    .name = "article",
    .label = "Article",
    .plural = "Articles",
    .path = "articles",
    .icon = "book",
    .section = "service",
    .menu_order = 4,
    .sort = "title",
    .title = ARTICLE_TITLE,
    .board = "status",
    .fields = fields,
    .field_count = ARTICLE_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "What you have answered twice belongs in an article: customers find it in the help "
             "centre, and you put it into an answer with one click.",
    RELATED({ "article_vote", "article_id", "Votes" },
            { "ticket_article", "article_id", "Sent with tickets" }),
    ACTIONS({ "publish", "Publish", NULL, true, is_not_published },
            { "archive", "Archive", NULL, false, is_published }),
    .defaults = article_defaults,
    .validate = article_validate,
    .detail = article_detail,
    .detail_template = "article/detail",
};
const struct record_type article_section_type = {
    .name = "article_section",
    .label = "Help section",
    .plural = "Help sections",
    .path = "article-sections",
    .icon = "stack-2",
    .section = "service",
    .menu_order = 12,
    .sort = "position",
    .title = SECTION_NAME,
    .fields = section_fields,
    .field_count = SECTION_FIELDS,
    RELATED({ "article", "section_id", "Articles" },
            { "article_section", "parent_id", "Sections within" }),
    .empty = "Sections put articles in order: setting up, devices, bills.",
    .validate = section_validate,
};
/* What was said; of who said nothing, how it was. */
static const char *vote_title(struct ctx *cx, const struct row *r)
{
    return row_has(r, VOTE_COMMENT)    ? row_show(cx, r, VOTE_COMMENT)
           : row_bool(r, VOTE_HELPFUL) ? "It helped"
                                       : "It did not help";
}

const struct record_type article_vote_type = {
    .name = "article_vote",
    .label = "Article vote",
    .plural = "Article votes",
    .path = "article-votes",
    .icon = "checkbox",
    .sort = "-created_at",
    .title = VOTE_COMMENT,
    .title_of = vote_title,
    .fields = vote_fields,
    .field_count = VOTE_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_SYSTEM,
    .empty = "What readers say of articles stands here.",
};
const struct record_type help_search_type = {
    .name = "help_search",
    .label = "Help search",
    .plural = "Help searches",
    .path = "help-searches",
    .icon = "search",
    .sort = "-created_at",
    .title = FIND_TEXT,
    .fields = search_fields,
    .field_count = FIND_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_SYSTEM,
    .empty = "What customers look for in the help centre stands here.",
};
const struct record_type ticket_article_type = {
    .name = "ticket_article",
    .label = "Article in an answer",
    .plural = "Articles in answers",
    .path = "ticket-articles",
    .icon = "link",
    .sort = "-created_at",
    .title = SENT_ARTICLE,
    .fields = sent_fields,
    .field_count = SENT_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_SYSTEM,
    .empty = "Articles that were put into answers stand here.",
};

static const struct event_kind kinds[] = {
    { "article_read", "Read a help article", "book", 0, "article" },
    { "article_voted", "Voted on a help article", "checkbox", 0, "article" },
};

#define RECORDS_OF(t) .team = "service", .source = METRIC_RECORDS, .type = t
#define SHARE_OF(a, b) .team = "service", .source = METRIC_DIVIDED, .numerator = a, .denominator = b
static const struct metric metrics[] = {
    { .name = "article_reads",
      .label = "Help articles read",
      .unit = UNIT_COUNT,
      .team = "service",
      .source = METRIC_JOURNEY,
      .event_kind = "article_read",
      .counts = COUNT_EVENTS,
      .definition = "Articles of the help centre that visitors opened in the period; one visitor "
                    "and article count once in half an hour, colleagues and programs not at all." },
    { .name = "article_readers",
      .label = "Readers of help articles",
      .unit = UNIT_COUNT,
      .team = "service",
      .source = METRIC_JOURNEY,
      .event_kind = "article_read",
      .counts = COUNT_PEOPLE,
      .definition = "People who opened at least one article of the help centre in the period." },
    { .name = "articles_published",
      .label = "Published articles",
      .unit = UNIT_COUNT,
      RECORDS_OF("article"),
      .definition = "Articles that are published, public and internal ones.",
      .filter = "status = 'published'",
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      .owner_path = "owner_id" },
    { .name = "article_votes",
      .label = "Votes on articles",
      .unit = UNIT_COUNT,
      RECORDS_OF("article_vote"),
      .definition = "Answers to \"Did this help?\" in the period.",
      .aggregate = AGG_COUNT,
      .date = "created_at" },
    { .name = "articles_helpful",
      .label = "Articles found helpful",
      .unit = UNIT_COUNT,
      RECORDS_OF("article_vote"),
      .definition = "Answers of yes to \"Did this help?\" in the period.",
      .filter = "helpful is true",
      .aggregate = AGG_COUNT,
      .date = "created_at" },
    { .name = "helpful_share",
      .label = "Helpful share",
      .unit = UNIT_RATIO,
      SHARE_OF("articles_helpful", "article_votes"),
      .definition = "Of the votes on articles in the period, the share that says it helped." },
    { .name = "help_searches",
      .label = "Help searches",
      .unit = UNIT_COUNT,
      RECORDS_OF("help_search"),
      .definition = "Searches in the help centre in the period.",
      .aggregate = AGG_SUM,
      .field = "times",
      .date = "created_at" },
    { .name = "help_searches_empty",
      .label = "Searches without a result",
      .unit = UNIT_COUNT,
      RECORDS_OF("help_search"),
      .less_is_better = true,
      .definition = "Searches in the help centre in the period that found no article.",
      .filter = "found = 0",
      .aggregate = AGG_SUM,
      .field = "times",
      .date = "created_at" },
    { .name = "help_unfound_share",
      .label = "Share of searches without a result",
      .unit = UNIT_RATIO,
      .less_is_better = true,
      SHARE_OF("help_searches_empty", "help_searches"),
      .definition = "Of the searches in the help centre in the period, the share that found no "
                    "article." },
    { .name = "tickets_solved_by_article",
      .label = "Tickets solved with an article",
      .unit = UNIT_COUNT,
      RECORDS_OF("ticket_article"),
      .definition = "Tickets solved in the period in whose answers an article was sent, and that "
                    "have not been reopened since.",
      .filter = "solved_at is not empty",
      .aggregate = AGG_COUNT_DISTINCT,
      .field = "ticket_id",
      .date = "solved_at",
      .owner_path = "user_id" },
    { .name = "deflection_rate",
      .label = "Deflection rate",
      .unit = UNIT_RATIO,
      .team = "service",
      .source = METRIC_FORMULA,
      .formula = "articles_helpful / (articles_helpful + tickets_created)",
      .definition = "Of those who needed help in the period (a vote that an article helped, or a "
                    "ticket), the share that an article helped." },
};

static const struct subscription subscriptions[] = {
    { "article.*", on_changed },
    { "article_section.*", on_changed },
    { "ticket.solved", on_solved },
    { "ticket.reopened", on_reopened },
};
const struct feature feature_article = {
    .name = "article",
    TYPES(&article_type, &article_section_type, &article_vote_type, &help_search_type,
          &ticket_article_type),
    METRICS(metrics),
    EVENT_KINDS(kinds),
    SUBSCRIPTIONS(subscriptions),
};
