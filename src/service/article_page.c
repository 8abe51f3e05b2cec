/* article_page.c -- articles as colleagues see them: the text as it will be read, what became of
 * it, publishing; and the page that says what customers look for and do not find. */
#include "base/id.h"
#include "base/utf8.h"
#include "kit/markdown.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "service/article.h"

enum { DAYS = 90, ARTICLES_SHOWN = 200, WORDS_SHOWN = 40, SAID_SHOWN = 12 };

static const char *share_text(struct ctx *cx, i64 part, i64 whole)
{
    return whole > 0
               ? arena_printf(cx->arena, "%lld%%", (long long)((100 * part + whole / 2) / whole))
               : "–";
}

static void put_number(struct ctx *cx, struct val *list, const char *label, const char *text,
                       const char *more)
{
    struct val *one = val_add_map(list);

    (void)cx;
    val_put_text(one, "label", label);
    val_put_text(one, "text", text);
    val_put_text(one, "more", more);
}

static enum status put_numbers(struct ctx *cx, const struct row *r, struct val *page)
{
    i64 from = zone_day(kit_zone(cx), ctx_now(cx)) - DAYS + 1, reads, solved, helpful, votes;
    struct val *list = val_put_list(page, "numbers");

    TRY(db_get_i64(cx, &reads, "article.reads", I64("article", row_id(r)), I64("from_day", from)));
    TRY(db_get_i64(cx, &solved, "article.solved", I64("article", row_id(r))));
    {
        scoped(stmt_close) struct stmt q = db_query(cx, "article.votes", I64("article", row_id(r)));
        helpful = votes = 0;
        if (stmt_next(&q)) {
            helpful = col_i64(&q, 0);
            votes = col_i64(&q, 1);
        }
        TRY(stmt_status(&q));
    }
    put_number(cx, list, "Read", show_number(cx->arena, reads),
               arena_printf(cx->arena, "times in %d days", DAYS));
    put_number(cx, list, "Found helpful", share_text(cx, helpful, votes),
               arena_printf(cx->arena, "of %s %s", show_number(cx->arena, votes),
                            votes == 1 ? "vote" : "votes"));
    put_number(cx, list, "Solved", show_number(cx->arena, solved),
               solved == 1 ? "ticket that it was sent with" : "tickets that it was sent with");
    return OK;
}

enum status article_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct markdown m;
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));
    bool published = text_is(row_text(r, ARTICLE_STATUS), "published");

    if (markdown_read(cx->arena, row_text(r, ARTICLE_TEXT), &m) != OK)
        m = (struct markdown){ .html = "" };
    val_put_html(page, "article_text", m.html);
    val_put_bool(page, "is_written", !text_empty(m.html));
    val_put_text(page, "public_path",
                 article_is_open(r) ? article_public_path(cx, row_text(r, ARTICLE_SLUG)) : "");
    val_put_bool(page, "is_internal",
                 published && text_is(row_text(r, ARTICLE_VISIBILITY), "internal"));
    val_put_bool(page, "is_draft", text_is(row_text(r, ARTICLE_STATUS), "draft"));
    val_put_bool(page, "is_due",
                 published && row_has(r, ARTICLE_REVIEW) && row_i64(r, ARTICLE_REVIEW) <= today);
    return put_numbers(cx, r, page);
}

/* ---- publishing ---- */
static enum status move_to(struct req *rq, const char *status, const char *done)
{
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &article_type, id, &r));
    row_set_text(r, ARTICLE_STATUS, status);
    TRY(record_save(rq->cx, r));
    return reply_done(rq, row_path(rq->cx, r), "%s", done);
}

/* POST /articles/:id/publish */
static enum status publish_post(struct req *rq) { return move_to(rq, "published", "Published."); }

/* POST /articles/:id/archive */
static enum status archive_post(struct req *rq)
{
    return move_to(rq, "archived", "Archived: it is no longer in the help centre.");
}

/* ---- what customers look for ---- */
static enum status put_words(struct ctx *cx, struct val *page, const char *name, const char *query,
                             i64 from_ms, bool missing)
{
    struct val *list = val_put_list(page, name);
    scoped(stmt_close) struct stmt q =
        db_query(cx, query, I64("from_ms", from_ms), I64("limit", WORDS_SHOWN));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        const char *text = arena_text(cx->arena, col_text(&q, 0));
        val_put_text(one, "text", text);
        val_put_text(one, "times", show_number(cx->arena, col_i64(&q, 1)));
        val_put_text(one, "more",
                     missing ? show_time(cx, col_i64(&q, 2))
                             : arena_printf(cx->arena, "%lld found", (long long)col_i64(&q, 2)));
        val_put_bool(one, "missing", missing);
    }
    val_put_bool(page, arena_printf(cx->arena, "has_%s", name), val_count(list) > 0);
    return stmt_status(&q);
}

static enum status put_articles(struct ctx *cx, struct val *page, i64 from_ms, i64 from_day)
{
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));
    struct val *list = val_put_list(page, "articles");
    scoped(stmt_close) struct stmt q =
        db_query(cx, "article.report", I64("from_day", from_day), I64("from_ms", from_ms),
                 I64("limit", ARTICLES_SHOWN));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        i64 review = col_null(&q, 3) ? 0 : col_i64(&q, 3), helpful = col_i64(&q, 5),
            votes = col_i64(&q, 6);
        val_put_text(one, "title", arena_text(cx->arena, col_text(&q, 1)));
        val_put_printf(one, "url", "/articles/%s", id_text(cx->arena, col_i64(&q, 0)));
        val_put_bool(one, "internal", !text_is(col_text(&q, 2), "public"));
        val_put_text(one, "review", review ? show_date(cx, review) : "");
        val_put_bool(one, "due", review != 0 && review <= today);
        val_put_text(one, "reads", show_number(cx->arena, col_i64(&q, 4)));
        val_put_text(one, "helpful", share_text(cx, helpful, votes));
        val_put_text(one, "votes", show_number(cx->arena, votes));
        val_put_text(one, "solved", show_number(cx->arena, col_i64(&q, 7)));
    }
    val_put_bool(page, "has_articles", val_count(list) > 0);
    return stmt_status(&q);
}

static enum status put_said(struct ctx *cx, struct val *page, i64 from_ms)
{
    struct val *list = val_put_list(page, "said");
    scoped(stmt_close) struct stmt q =
        db_query(cx, "help.said", I64("from_ms", from_ms), I64("limit", SAID_SHOWN));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_printf(one, "url", "/articles/%s", id_text(cx->arena, col_i64(&q, 0)));
        val_put_text(one, "title", arena_text(cx->arena, col_text(&q, 1)));
        val_put_bool(one, "helpful", col_i64(&q, 2) != 0);
        val_put_text(one, "text", arena_text(cx->arena, col_text(&q, 3)));
        val_put_text(one, "when", show_time(cx, col_i64(&q, 4)));
    }
    val_put_bool(page, "has_said", val_count(list) > 0);
    return stmt_status(&q);
}

/* GET /knowledge -- how the articles do, what is looked for, what is not found. */
static enum status knowledge_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    i64 from_day = zone_day(kit_zone(cx), ctx_now(cx)) - DAYS + 1,
        from_ms = zone_start(kit_zone(cx), PERIOD_DAY, ctx_now(cx), 1 - DAYS);

    val_put_text(page, "title", "Help centre");
    val_put_text(page, "period", arena_printf(cx->arena, "last %d days", DAYS));
    val_put_bool(page, "on", setting_bool(cx, "help.on"));
    val_put_text(page, "live", "article,article_vote,help_search");
    val_put_bool(page, "may_create",
                 access_scope(cx->access, "article", VERB_CREATE) != SCOPE_NONE);
    TRY(put_articles(cx, page, from_ms, from_day));
    TRY(put_words(cx, page, "missing", "help.not_found", from_ms, true));
    TRY(put_words(cx, page, "searched", "help.searched", from_ms, false));
    TRY(put_said(cx, page, from_ms));
    return reply(rq, "article/knowledge", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/knowledge", knowledge_get, NEEDS("article", VERB_READ) },
    { HTTP_POST, "/articles/:id/publish", publish_post, NEEDS("article", VERB_UPDATE) },
    { HTTP_POST, "/articles/:id/archive", archive_post, NEEDS("article", VERB_UPDATE) },
};
static const struct menu_item menu[] = {
    { "service", "Help centre", "/knowledge", "book", "article", 3 },
};
const struct feature feature_article_page = { .name = "article_page", ROUTES(routes), MENU(menu) };
