/* quote_public.c -- a quote as the customer meets it, behind a link that nobody can guess: read,
 * options ticked, asked about, signed or declined. It works without scripts; posting twice does no
 * harm. What is ticked is counted here and nowhere else: a signature holds for the total that was
 * shown above it. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/brand_look.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/token.h"
#include "mail/track.h"
#include "sales/action_plan.h"
#include "sales/deal.h"
#include "sales/quote_int.h"

enum {
    BAD_TOKENS_PER_MINUTE = 60,
    POSTS_PER_MINUTE = 20, /* of one address */
    NAME_BYTES = 200,
    TEXT_BYTES = 4000,
    COMMENTS_SHOWN = 200,
};

struct visit {
    struct req *rq;
    struct ctx *cx;
    struct row *quote;
    struct quote_lines lines;
    struct quote_sum sum;
    i64 chosen[PRICE_LINES];
    size_t chosen_count;
    const char *error, *error_at; /* what is wrong with a post, and of which form: "" for none */
};

static enum status say(struct req *rq, int status, const char *title, const char *text)
{
    struct val *page = val_map(rq->cx->arena);

    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", title);
    val_put_text(page, "text", text);
    reply_status(rq, status);
    reply_header(rq, "Cache-Control", "no-store, private");
    reply_header(rq, "X-Robots-Tag", "noindex");
    return reply_fragment(rq, "quote/say", page);
}

/* ---- who comes, to what ---- */
static enum status refuse(struct req *rq)
{
    if (web_rate_limited(rq->web, "quote_token", rq->address, BAD_TOKENS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE,
                        "Too many wrong addresses were asked for. Please wait a minute.");
    return say(rq, 404, "This link does not work",
               "It is not whole, or the quote is not out yet. Please copy the whole address from "
               "the mail, or ask who sent it to you.");
}

/* E_NOT_FOUND: answered already. As the system. */
static enum status quote_asked(struct req *rq, struct row **quote)
{
    enum status s = E_NOT_FOUND;
    i64 id;

    if (token_read(rq->cx, TOKEN_QUOTE, req_param(rq, "token"), "", &id, 1))
        s = record_get(rq->cx, &quote_type, id, quote);
    if (s == OK && !quote_is_frozen(*quote))
        s = E_NOT_FOUND;
    if (s == E_NOT_FOUND)
        ctx_clear_error(rq->cx);
    return s;
}

static bool can_decide(struct ctx *cx, const struct row *q)
{
    return quote_is_open(q) && !quote_is_past(cx, q);
}

/* Optional lines that are ticked: as asked for, or as the offer has them. */
static void read_chosen(struct visit *v, const struct val *from)
{
    const struct val *given = val_get(from, "chosen");
    size_t count = val_kind_of(given) == VAL_LIST ? val_count(given) : given ? 1 : 0;
    i64 id;

    v->chosen_count = 0;
    for (size_t i = 0; i < count && v->chosen_count < PRICE_LINES; i++) {
        const struct val *one = val_kind_of(given) == VAL_LIST ? val_at(given, i) : given;
        if (id_parse(str_from(val_as_text(one, "")), &id))
            v->chosen[v->chosen_count++] = id;
    }
    for (size_t i = 0; i < v->lines.count; i++) {
        struct row *line = v->lines.rows[i];
        bool on = false;
        for (size_t k = 0; k < v->chosen_count; k++)
            on |= v->chosen[k] == row_id(line);
        if (row_bool(line, LINE_OPTIONAL))
            row_set_i64(line, LINE_CHOSEN, on); /* in memory: nothing is saved from here */
    }
}

/* Counts what is ticked. `typed`: a form or a query that ticks; NULL: as the offer has it. */
static enum status count_visit(struct visit *v, const struct val *typed)
{
    TRY(quote_lines_read(v->cx, row_id(v->quote), &v->lines));
    if (typed && can_decide(v->cx, v->quote))
        read_chosen(v, typed);
    TRY(quote_count(v->cx, v->quote, &v->lines, &v->sum));
    return OK;
}

/* ---- the page ---- */
static enum status put_comments(struct visit *v, struct val *page)
{
    struct ctx *cx = v->cx;
    struct val *list = val_put_list(page, "comments");
    struct row *rows[COMMENTS_SHOWN];
    i64 ids[COMMENTS_SHOWN];
    size_t n = 0;

    {
        scoped(stmt_close) struct stmt q = db_query(
            cx, "quote.comment_ids", I64("quote", row_id(v->quote)), I64("limit", COMMENTS_SHOWN));
        while (stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    if (n > 0)
        TRY(rows_by_id(cx, &quote_comment_type, ids, n, rows));
    for (size_t i = 0; i < n; i++) {
        struct val *one;
        if (rows[i] == NULL)
            continue;
        one = val_add_map(list);
        val_put_text(one, "name", row_text(rows[i], COMMENT_NAME));
        val_put_text(one, "text", row_text(rows[i], COMMENT_TEXT));
        val_put_text(one, "when", show_time_full(cx, row_created_at(rows[i])));
        val_put_bool(one, "ours", text_is(row_text(rows[i], COMMENT_KIND), "team"));
    }
    val_put_bool(page, "has_comments", val_count(list) > 0);
    return OK;
}

/* The newest version of it that was sent, when that is another one. */
static enum status put_newer(struct visit *v, struct val *page)
{
    struct quote_lines all;

    val_put_text(page, "newer_path", "");
    if (!quote_status_is(v->quote, "superseded"))
        return OK;
    TRY(quote_versions(v->cx, v->quote, &all));
    for (size_t i = 0; i < all.count; i++)
        if (quote_is_frozen(all.rows[i]) && !quote_status_is(all.rows[i], "superseded"))
            val_put_text(page, "newer_path", quote_public_path(v->cx, all.rows[i]));
    return OK;
}

static enum status put_plan(struct visit *v, struct val *page)
{
    struct ctx *cx = v->cx;
    const char *path = "";
    struct row *deal;
    enum status s;

    val_put_text(page, "plan_path", "");
    if (!row_has(v->quote, QUOTE_DEAL))
        return OK;
    s = record_get(cx, &deal_type, row_i64(v->quote, QUOTE_DEAL), &deal);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    TRY(plan_public_path(cx, deal, &path));
    val_put_text(page, "plan_path", path);
    return OK;
}

static void put_state(struct visit *v, struct val *page)
{
    struct ctx *cx = v->cx;
    const struct row *q = v->quote;
    struct val *is = val_put_map(page, "is");
    bool past = quote_status_is(q, "expired") || (quote_is_open(q) && quote_is_past(cx, q));

    val_put_bool(is, "open", can_decide(cx, q));
    val_put_bool(is, "past", past);
    val_put_bool(is, "accepted", quote_status_is(q, "accepted"));
    val_put_bool(is, "declined", quote_status_is(q, "declined"));
    val_put_bool(is, "superseded", quote_status_is(q, "superseded"));
    val_put_text(page, "by", row_text(q, QUOTE_SIGNED_BY));
    val_put_text(page, "decided",
                 row_has(q, QUOTE_DECIDED_AT) ? show_time_full(cx, row_i64(q, QUOTE_DECIDED_AT))
                                              : "");
    val_put_text(page, "valid",
                 row_has(q, QUOTE_VALID) ? show_date_full(cx, row_i64(q, QUOTE_VALID)) : "");
    val_put_text(page, "file_hash", row_text(q, QUOTE_FILE_HASH));
}

static void put_error(struct visit *v, struct val *page)
{
    static const char *const forms[] = { "sign", "decline", "comment" };
    struct val *errors = val_put_map(page, "errors");

    for (size_t i = 0; i < countof(forms); i++)
        val_put_text(errors, forms[i], text_is(v->error_at, forms[i]) ? v->error : "");
    val_put_text(page, "typed_name", v->rq->form ? req_form(v->rq, "name") : "");
    val_put_text(page, "typed_text", v->rq->form ? req_form(v->rq, "text") : "");
}

static enum status show(struct visit *v)
{
    struct ctx *cx = v->cx;
    struct val *page = val_map(cx->arena), *paper = val_put_map(page, "paper");
    bool open = can_decide(cx, v->quote);

    TRY(quote_paper(cx, v->quote, &v->lines, &v->sum, paper));
    TRY(brand_put_page(v->rq, 0, page));
    val_put_printf(page, "title", "Quote %s", row_text(v->quote, QUOTE_NUMBER));
    val_put_text(page, "path", quote_public_path(cx, v->quote));
    val_put_bool(page, "choosing", open && val_get_bool(paper, "has_optional"));
    val_put_i64(page, "due", v->sum.price.all.due);
    val_put_text(page, "total", val_get_text(paper, "total"));
    put_state(v, page);
    put_error(v, page);
    TRY(put_newer(v, page));
    TRY(put_plan(v, page));
    TRY(put_comments(v, page));
    reply_header(v->rq, "Cache-Control", "no-store, private");
    reply_header(v->rq, "X-Robots-Tag", "noindex");
    reply_header(v->rq, "Referrer-Policy", "no-referrer");
    return reply_fragment(v->rq, "quote/public", page);
}

static enum status note_opened(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *q;

    TRY(record_get(cx, &quote_type, *(const i64 *)arg, &q));
    return quote_opened(cx, q);
}

/* Colleagues and programs do not count. One that cannot be counted is shown all the same. */
static void count_opening(struct req *rq, const struct row *quote)
{
    const char *client = rq->header(rq, "User-Agent"), *purpose = rq->header(rq, "Sec-Purpose");
    i64 id = row_id(quote);

    if (rq->cx->access->user_id != 0 || !quote_is_open(quote) ||
        track_is_machine(rq->method == HTTP_HEAD, client, purpose))
        return;
    if (kit_write(rq->cx, note_opened, &id) != OK)
        ctx_clear_error(rq->cx);
}

/* GET /q/:token?chosen=ID&chosen=ID&count=1 */
static enum status public_get(struct req *rq)
{
    struct visit v = { .rq = rq, .cx = rq->cx, .error = "", .error_at = "" };
    const struct access *who = rq->cx->access;
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    bool ticks = !text_empty(req_query(rq, "count"));
    enum status s = quote_asked(rq, &v.quote);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    rq->cx->access = who;
    count_opening(rq, v.quote);
    rq->cx->access = access_system();
    TRY(count_visit(&v, ticks ? rq->query : NULL));
    return show(&v);
}

/* GET /q/:token/pdf */
static enum status public_pdf(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *q;
    enum status s = quote_asked(rq, &q);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    return quote_pdf_reply(rq, q);
}

/* ---- what the customer says ---- */
static enum status begin_post(struct req *rq, struct visit *v)
{
    *v = (struct visit){ .rq = rq, .cx = rq->cx, .error = "", .error_at = "" };
    if (web_rate_limited(rq->web, "quote_post", rq->address, POSTS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "That was a lot at once. Please wait a minute.");
    return quote_asked(rq, &v->quote);
}

static enum status wrong(struct visit *v, const char *form, const char *why)
{
    v->error_at = form;
    v->error = why;
    reply_status(v->rq, 422);
    return show(v);
}

static enum status back(struct req *rq, const struct row *q)
{
    return reply_redirect(rq, quote_public_path(rq->cx, q));
}

/* A name as it is signed with; "" for none. */
static const char *name_of(struct req *rq)
{
    struct str name = str_trim(str_from(req_form(rq, "name")));

    return utf8_cut(rq->cx->arena, str_dup(rq->cx->arena, name), NAME_BYTES);
}

/* POST /q/:token/accept {chosen, due, name, agree} */
static enum status accept_post(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct visit v;
    enum status s = begin_post(rq, &v);
    i64 due = 0;

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    if (!can_decide(v.cx, v.quote)) /* decided meanwhile, perhaps by the same click: it is said */
        return back(rq, v.quote);
    TRY(count_visit(&v, rq->form));
    if (!str_i64(str_from(req_form(rq, "due")), &due) || due != v.sum.price.all.due)
        return wrong(
            &v, "sign",
            arena_printf(v.cx->arena,
                         "With what you have ticked the total is %s. Please look at it "
                         "again, then sign.",
                         money_show(v.cx->arena, quote_money(v.quote, v.sum.price.all.due))));
    if (text_empty(name_of(rq)))
        return wrong(&v, "sign", "Please type your name: it is your signature.");
    if (text_empty(req_form(rq, "agree")))
        return wrong(&v, "sign", "Please tick that you accept the quote and its terms.");
    TRY(quote_accept(v.cx, v.quote, v.chosen, v.chosen_count, name_of(rq),
                     rq->address ? rq->address : ""));
    return back(rq, v.quote);
}

/* POST /q/:token/decline {name, text} */
static enum status decline_post(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct visit v;
    enum status s = begin_post(rq, &v);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    if (!can_decide(v.cx, v.quote))
        return back(rq, v.quote);
    TRY(count_visit(&v, NULL));
    if (text_empty(name_of(rq)))
        return wrong(&v, "decline", "Please type your name.");
    TRY(quote_decline(v.cx, v.quote, name_of(rq),
                      utf8_cut(v.cx->arena, req_form(rq, "text"), TEXT_BYTES)));
    return back(rq, v.quote);
}

/* The same words of the same person on it already: the button was pressed twice. */
static enum status said_before(struct visit *v, const char *name, const char *text, bool *yes)
{
    struct val *page = val_map(v->cx->arena);
    const struct val *list;

    TRY(put_comments(v, page));
    list = val_get(page, "comments");
    *yes = false;
    for (size_t i = 0; i < val_count(list); i++)
        *yes |= text_is(val_get_text(val_at(list, i), "name"), name) &&
                text_is(val_get_text(val_at(list, i), "text"), text);
    return OK;
}

/* POST /q/:token/comment {name, text} */
static enum status comment_post(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct visit v;
    enum status s = begin_post(rq, &v);
    const char *text;
    struct row *r;
    bool said;

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    TRY(count_visit(&v, NULL));
    text = utf8_cut(v.cx->arena, str_dup(v.cx->arena, str_trim(str_from(req_form(rq, "text")))),
                    TEXT_BYTES);
    if (text_empty(name_of(rq)) || text_empty(text))
        return wrong(&v, "comment", "Please type your name and what you want to say.");
    TRY(said_before(&v, name_of(rq), text, &said));
    if (said)
        return back(rq, v.quote);
    r = row_new(v.cx, &quote_comment_type);
    row_set_i64(r, COMMENT_QUOTE, row_id(v.quote));
    row_set_text(r, COMMENT_KIND, "customer");
    row_set_text(r, COMMENT_NAME, name_of(rq));
    row_set_text(r, COMMENT_TEXT, text);
    TRY(record_save(v.cx, r));
    return back(rq, v.quote);
}

static const struct route routes[] = {
    { HTTP_GET, "/q/:token", public_get, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/q/:token/pdf", public_pdf, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/q/:token/accept", accept_post, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/q/:token/decline", decline_post, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/q/:token/comment", comment_post, .flags = ROUTE_PUBLIC },
};
const struct feature feature_quote_public = { .name = "quote_public", ROUTES(routes) };
