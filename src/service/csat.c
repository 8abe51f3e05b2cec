/* csat.c -- the page on which customers rate what was solved. The token in the address is the
 * authority. Looking never changes anything, since programs look at every address in a mail; rating
 * again changes the rating. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/brand_look.h"
#include "kit/notice.h"
#include "kit/pages.h"
#include "mail/token.h"
#include "service/ticket_int.h"

enum { BAD_TOKENS_PER_MINUTE = 60, POSTS_PER_MINUTE = 20, COMMENT_BYTES = 2000 };

static const char *const marks[] = { "", "Very bad", "Bad", "So so", "Good", "Very good" };

static enum status show(struct req *rq, const struct row *t, i64 score, const char *comment,
                        const char *notice, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "choices");

    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", "How did we do?");
    val_put_printf(page, "action", "/csat/%s", req_param(rq, "token"));
    val_put_text(page, "subject", row_text(t, TICKET_SUBJECT));
    val_put_text(page, "code", row_text(t, TICKET_CODE));
    val_put_text(page, "notice", notice);
    val_put_text(page, "error", error);
    val_put_text(page, "comment", comment);
    for (i64 i = (i64)countof(marks) - 1; i > 0; i--) {
        struct val *one = val_add_map(list);
        val_put_printf(one, "value", "%d", (int)i);
        val_put_printf(one, "text", "%d, %s", (int)i, marks[i]);
        val_put_bool(one, "on", i == score);
    }
    reply_header(rq, "Cache-Control", "no-store, private");
    reply_header(rq, "X-Robots-Tag", "noindex");
    reply_header(rq, "Referrer-Policy", "no-referrer");
    return reply_fragment(rq, "csat/rate", page);
}

/* A link that is not whole: said to customers in their words, not in those of users. */
static enum status refuse(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);

    ctx_clear_error(rq->cx);
    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", "This link does not work");
    reply_status(rq, 404);
    return reply_fragment(rq, "csat/gone", page);
}

/* E_NOT_FOUND: no token of ours, or the ticket is gone. */
static enum status ticket_of(struct req *rq, struct row **t)
{
    i64 id;

    if (!token_read(rq->cx, TOKEN_RATING, req_param(rq, "token"), "", &id, 1)) {
        if (web_rate_limited(rq->web, "csat_token", rq->address, BAD_TOKENS_PER_MINUTE))
            return ctx_fail(rq->cx, E_RATE, "Too many wrong addresses. Please wait a minute.");
        return E_NOT_FOUND;
    }
    return record_get(rq->cx, &ticket_type, id, t);
}

static i64 score_of(const char *text)
{
    i64 n;

    return str_i64(str_from(text), &n) && n >= 1 && n < (i64)countof(marks) ? n : 0;
}

/* GET /csat/:token?score=5 */
static enum status csat_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    i64 score = score_of(req_query(rq, "score"));
    enum status found;
    struct row *t;

    if ((found = ticket_of(rq, &t)) != OK)
        return found == E_NOT_FOUND ? refuse(rq) : found;
    if (score == 0 && row_has(t, TICKET_CSAT))
        score = row_i64(t, TICKET_CSAT);
    return show(rq, t, score, row_text(t, TICKET_CSAT_COMMENT), "", "");
}

static enum status tell(struct ctx *cx, const struct row *t)
{
    struct val *props = val_map(cx->arena);

    val_put_printf(props, "name", "%s: %d of 5", row_text(t, TICKET_CODE),
                   (int)row_i64(t, TICKET_CSAT));
    TRY(journey_note(cx, &(struct journey_note){ .kind = "ticket_rated",
                                                 .contact_id = row_i64(t, TICKET_CONTACT),
                                                 .record_id = row_id(t),
                                                 .props = props }));
    if (!row_has(t, TICKET_ASSIGNEE))
        return OK;
    return notify_as(cx, NOTICE_CUSTOMER, row_i64(t, TICKET_ASSIGNEE), "star",
                     arena_printf(cx->arena, "Rated %d of 5: %s", (int)row_i64(t, TICKET_CSAT),
                                  row_title(cx, t)),
                     row_path(cx, t));
}

/* POST /csat/:token {score, comment} */
static enum status csat_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *comment = utf8_cut(cx->arena, req_form(rq, "comment"), COMMENT_BYTES);
    i64 score = score_of(req_form(rq, "score"));
    enum status found;
    bool news;
    struct row *t;

    if ((found = ticket_of(rq, &t)) != OK)
        return found == E_NOT_FOUND ? refuse(rq) : found;
    if (web_rate_limited(rq->web, "csat", rq->address, POSTS_PER_MINUTE))
        return ctx_fail(cx, E_RATE, "That was often. Please wait a minute.");
    if (score == 0) {
        reply_status(rq, 422);
        return show(rq, t, 0, comment, "", "Please choose one of the five.");
    }
    news = row_i64(t, TICKET_CSAT) != score;
    row_set_i64(t, TICKET_CSAT, score);
    row_set_text(t, TICKET_CSAT_COMMENT, comment);
    row_set_i64(t, TICKET_CSAT_AT, ctx_now(cx));
    TRY(record_save(cx, t));
    if (news)
        TRY(tell(cx, t));
    return show(rq, t, score, comment, "Thank you. You can change it here whenever you like.", "");
}

static const struct route routes[] = {
    { HTTP_GET, "/csat/:token", csat_get, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/csat/:token", csat_post, .flags = ROUTE_PUBLIC },
};
const struct feature feature_csat = { .name = "csat", ROUTES(routes) };
