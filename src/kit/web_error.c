/* web_error.c -- an error as an answer: a problem document (RFC 9457) for programs and parts of
 * pages, a page for people. What the program itself got wrong is logged, not shown. */
#include "kit/web_int.h"

/* What people read where the cause gave no text of its own, and what they can do. */
static const struct {
    const char *detail, *todo;
} words[STATUS_COUNT] = {
    [E_INVALID] = { "What was sent cannot be used as it is.", NULL },
    [E_UNAUTHORIZED] = { "Nobody is signed in here.", "Sign in, then do it again." },
    [E_FORBIDDEN] = { "Your role does not allow this.",
                      "Ask an administrator for the right if you need it." },
    [E_NOT_FOUND] = { "There is nothing at this address, or nothing that you may see.",
                      "Look for it with the search, or go back." },
    [E_CONFLICT] = { "Somebody else changed it first.", "Load it again, then repeat the change." },
    [E_LIMIT] = { "This is over a limit.", "Ask for less at once." },
    [E_TOO_LARGE] = { "What was sent is too large.", "Send less at once." },
    [E_RATE] = { "Too many tries in a short time.", "Wait a minute, then try again." },
    [E_UNSUPPORTED] = { "This is not spoken here.", NULL },
    [E_PRECONDITION] = { "It has changed since it was read.",
                         "Read it again, then repeat the change." },
    [E_BUSY] = { "Furrow has more to do than it can. Nothing was changed.",
                 "Try again in a moment." },
    [E_FULL] = { "The disk is full. Nothing was changed; reading still works.",
                 "Tell your administrator." },
    [E_IO] = { "Something failed on our side. Nothing was changed.",
               "Try again. If it stays, tell your administrator the number below." },
    [E_CORRUPT] = { "Stored data is damaged. Nothing was changed.",
                    "Tell your administrator the number below." },
    [E_RETRY] = { "Others changed the same thing at the same moment. Nothing was changed.",
                  "Try again." },
    [E_SCHEMA] = { "The database needs an upgrade.", "Tell your administrator." },
};

/* Causes that name files, tables or hosts are for the log. */
static bool is_ours(enum status s)
{
    return s == E_IO || s == E_CORRUPT || s == E_SCHEMA || s == E_RETRY || s == E_FULL;
}

static const char *detail_of(const struct ctx *cx, enum status s)
{
    if (is_ours(s) || cx->error != s || cx->error_text[0] == '\0')
        return words[s].detail != NULL ? words[s].detail : status_title(s);
    return cx->error_text;
}

static const char *code_of(const struct ctx *cx, enum status s)
{
    return cx->error == s && cx->error_code[0] != '\0' ? cx->error_code : status_word(s);
}

static void problem_reply(struct call *c, enum status s, int http)
{
    struct ctx *cx = &c->cx;
    struct val *v = val_map(cx->arena), *list, *item;

    val_put_printf(v, "type", "urn:furrow:problem:%s", code_of(cx, s));
    val_put_text(v, "title", status_title(s));
    val_put_i64(v, "status", http);
    val_put_text(v, "detail", detail_of(cx, s));
    val_put_text(v, "code", code_of(cx, s));
    val_put_text(v, "request_id", c->id);
    if (cx->field_errors != NULL && (s == E_INVALID || s == E_CONFLICT)) {
        list = val_put_list(v, "errors");
        for (const struct field_error *fe = cx->field_errors; fe != NULL; fe = fe->next) {
            item = val_add_map(list);
            val_put_text(item, "field", fe->field);
            val_put_text(item, "code", fe->code);
            val_put_text(item, "message", fe->message);
        }
    }
    (void)reply_json(&c->rq, http, v); /* small: cannot meet the ceiling */
    c->rq.type = "application/problem+json";
}

static void add_action(struct val *list, const char *text, const char *url, bool primary)
{
    struct val *action = val_add_map(list);

    val_put_text(action, "text", text);
    val_put_text(action, "url", url);
    val_put_bool(action, "post", false);
    val_put_bool(action, "primary", primary);
    val_put_bool(action, "danger", false);
}

static enum status page_reply(struct call *c, enum status s, int http)
{
    struct ctx *cx = &c->cx;
    struct val *v = val_map(cx->arena), *actions;
    const char *detail = detail_of(cx, s), *code = code_of(cx, s);
    bool stranger = c->who == NULL || c->who->user_id == 0;

    val_put_text(v, "title", status_title(s));
    val_put_i64(v, "status", http);
    val_put_text(v, "code", code);
    val_put_text(v, "detail", detail);
    if (words[s].todo != NULL)
        val_put_text(v, "todo", words[s].todo);
    val_put_text(v, "request", c->id);
    actions = val_put_list(v, "actions");
    if (stranger && (s == E_UNAUTHORIZED || s == E_FORBIDDEN))
        add_action(actions, "Sign in", "/sign-in", true);
    add_action(actions, "Go to the home page", "/", !stranger);
    reply_status(&c->rq, http);
    ctx_clear_error(cx); /* the page is an answer of its own */
    return reply_fragment(&c->rq, "kit/error", v);
}

/* A page that needs a sign-in leads there and back. */
static bool sign_in_first(struct call *c)
{
    struct req *rq = &c->rq;
    struct arena *a = c->cx.arena;
    const char *path = rq->path;

    if (rq->route == NULL || (rq->route->flags & ROUTE_API) != 0 || rq->wants_json)
        return false;
    if (rq->header(rq, "Authorization") != NULL)
        return false;
    if (rq->method != HTTP_GET && rq->method != HTTP_HEAD && !rq->is_htmx)
        return false;
    if (rq->query_string[0] != '\0')
        path = arena_printf(a, "%s?%s", path, rq->query_string);
    if (rq->is_htmx || text_is(rq->path, "/"))
        return reply_redirect(rq, "/sign-in") == OK;
    return reply_redirect(rq, arena_printf(a, "/sign-in?next=%s", http_url_encode(a, path))) == OK;
}

void error_reply(struct call *c, enum status s)
{
    struct req *rq = &c->rq;
    int http = c->http_status != 0 ? c->http_status : status_http(s);

    /* What the handler had begun to answer is dropped. */
    rq->status = 0;
    rq->type = NULL;
    rq->out = (struct str){ "", 0 };
    rq->fixed = NULL;
    rq->header_count = 0;
    if (s == E_UNAUTHORIZED && sign_in_first(c))
        return;
    if (c->allow != NULL)
        reply_header(rq, "Allow", c->allow);
    if (s == E_UNAUTHORIZED)
        reply_header(rq, "WWW-Authenticate", "Bearer realm=\"furrow\"");
    if (s == E_RATE || http == 503)
        reply_header(rq, "Retry-After", s == E_RATE ? "60" : "2");
    if (!rq->wants_json && !rq->is_htmx && page_reply(c, s, http) == OK)
        return;
    rq->status = 0;
    problem_reply(c, s, http);
}
