/* web_dispatch.c -- the way of one request through the house: route, reader, writer, answer. The
 * same code serves a socket and web_perform. */
#include "base/id.h"
#include "base/log.h"
#include "kit/session.h"
#include "kit/web_int.h"

enum { WORK_ARENA_BYTES = 16 * 1024, RESUBMITS_MAX = 4 };

const i64 stats_bucket_us[STATS_BUCKETS] = { 250,   500,   1000,   2500,   5000,    10000,
                                             25000, 50000, 100000, 250000, 1000000, 5000000 };

/* ---- making a call ---- */
static const char *ex_header(const struct req *rq, const char *name)
{
    return http_header(rq->exchange, name);
}

static const char *ex_cookie(const struct req *rq, const char *name)
{
    return http_cookie(rq->exchange, name);
}

struct call *call_new(struct web *w, struct arena *life)
{
    struct call *c = NEW(life, struct call);

    c->web = w;
    c->life = life;
    c->slot = SLOT_NONE;
    ctx_init(&c->cx, life, w->o.clock);
    c->cx.journey = w->o.journey;
    c->cx.kit = w->o.kit;
    c->cx.access = access_public();
    c->cx.request_id = id_next(w->request_ids, ctx_now(&c->cx));
    id_write(c->id, c->cx.request_id);
    c->rq.cx = &c->cx;
    c->rq.web = w;
    c->rq.user = c;
    return c;
}

static bool is_read(const struct call *c)
{
    return c->rq.method == HTTP_GET || c->rq.method == HTTP_HEAD;
}

/* ---- the end of a call ---- */
static void count(struct call *c)
{
    struct stats *st = &c->web->stats;
    i64 us = ((i64)clock_mono_ns() - c->began_ns) / 1000;
    int i = 0, class = c->rq.status / 100;

    while (i < STATS_BUCKETS && us > stats_bucket_us[i])
        i++;
    atomic_fetch_add_explicit(&st->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&st->by_class[class < 6 ? class : 5], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&st->total_us, (u64)us, memory_order_relaxed);
    atomic_fetch_add_explicit(&st->out_bytes, c->rq.out.len, memory_order_relaxed);
}

static void log_call(const struct call *c, enum status s, const char *code, const char *cause)
{
    double ms = (double)((i64)clock_mono_ns() - c->began_ns) / 1e6;
    const char *route = c->rq.route != NULL ? c->rq.route->path : "-";
    char user[ID_CHARS + 1] = "-";

    if (c->who != NULL && c->who->user_id != 0)
        id_write(user, c->who->user_id);

    if (s == OK && !c->quiet)
        log_line(LOG_INFO, "http.request",
                 "id=%s user=%s method=%s route=%s status=%d ms=%.1f bytes=%zu", c->id, user,
                 method_word(c->rq.method), route, c->rq.status, ms, c->rq.out.len);
    else if (s != OK && status_http(s) >= 500)
        log_line(status_log_level(s), "http.request",
                 "id=%s user=%s method=%s route=%s status=%d ms=%.1f code=%s cause=%s", c->id, user,
                 method_word(c->rq.method), route, c->rq.status, ms, code, cause);
    else if (s != OK)
        log_line(LOG_INFO, "http.request",
                 "id=%s user=%s method=%s route=%s status=%d ms=%.1f code=%s", c->id, user,
                 method_word(c->rq.method), route, c->rq.status, ms, code);
}

/* The answer's parts that lie in memory of the run move to where the answer is sent from. */
static void keep(struct call *c)
{
    struct req *rq = &c->rq;

    if (c->cx.arena == c->life)
        return;
    if (rq->out.len > 0)
        rq->out.p = arena_dup(c->life, rq->out.p, rq->out.len);
    for (int i = 0; i < rq->header_count; i++) {
        rq->headers[i].name = arena_text(c->life, rq->headers[i].name);
        rq->headers[i].value = arena_text(c->life, rq->headers[i].value);
    }
    if (rq->type != NULL)
        rq->type = arena_text(c->life, rq->type);
    if (rq->form_target != NULL)
        rq->form_target = arena_text(c->life, rq->form_target);
    if (rq->images_from != NULL)
        rq->images_from = arena_text(c->life, rq->images_from);
}

static void send(struct call *c)
{
    struct req *rq = &c->rq;

    if (rq->fixed != NULL) {
        c->sent = rq->fixed->answer.headers;
        if (c->ex != NULL)
            http_answer(c->ex, &(struct http_answer){ .fixed = rq->fixed->http });
        return;
    }
    struct http_pair *all =
        NEW_N(c->life, struct http_pair, SECURITY_HEADERS_MAX + REQ_HEADERS_MAX + 2);
    int n = security_headers(rq, c->life, all);

    for (int i = 0; i < rq->header_count; i++)
        all[n++] = rq->headers[i];
    all[n++] = (struct http_pair){ "X-Request-Id", c->id };
    c->sent = all;
    if (c->ex != NULL)
        http_answer(c->ex, &(struct http_answer){ .status = rq->status,
                                                  .type = rq->type,
                                                  .body = rq->out.p,
                                                  .body_bytes = rq->out.len,
                                                  .headers = all });
}

static void finish(struct call *c, enum status s)
{
    const char *code = "", *cause = "";

    if (c->refused) /* the handler's own answer to what it refused */
        s = OK;
    if (s == OK && c->rq.status == 0)
        s = ctx_fail(&c->cx, E_IO, "the handler did not answer");
    if (s != OK) {
        code = c->cx.error == s && c->cx.error_code[0] != '\0' ? c->cx.error_code : status_word(s);
        cause = c->cx.error_text;
        error_reply(c, s);
    }
    keep(c);
    count(c);
    log_call(c, s, code, cause);
    send(c);
}

void req_finish(struct req *rq, enum status s)
{
    struct call *c = call_of(rq);
    struct web *w = c->web;
    bool waited_for = c->in != NULL;

    finish(c, s);
    if (!waited_for) /* the call is gone with its exchange */
        return;
    pthread_mutex_lock(&w->perform_lock);
    c->finished = true;
    pthread_cond_broadcast(&w->perform_done);
    pthread_mutex_unlock(&w->perform_lock);
}

void req_take(struct req *rq)
{
    struct call *c = call_of(rq);

    assert(c->taken != NULL); /* not on the writer */
    rq->cx->arena = c->life;
    rq->cx->db = NULL;
    *c->taken = true;
}

/* ---- before the handler ---- */
static void count_who(struct call *c)
{
    struct route_count *rc = &c->web->counts[c->slot];
    __atomic_fetch_add(c->who->user_id != 0 ? &rc->as_user : &rc->as_stranger, 1, __ATOMIC_RELAXED);
}

/* Who asks, may they, and what did they send. */
static enum status prepare(struct call *c)
{
    struct req *rq = &c->rq;
    const struct route *r = rq->route;
    enum status s = session_identify(rq);

    c->who = c->cx.access;
    count_who(c);
    TRY(s);
    if ((r->flags & ROUTE_SIGNED_IN) != 0 && c->who->user_id == 0)
        return ctx_fail(&c->cx, E_UNAUTHORIZED, "Nobody is signed in here.");
    if (r->resource != NULL)
        TRY(access_check(&c->cx, r->resource, r->verb));
    TRY(request_parse_query(rq));
    if (is_read(c))
        return OK;
    TRY(request_parse_body(rq));
    return security_check_csrf(rq);
}

/* Runs the handler once; what an earlier run had answered is forgotten. */
static enum status run(struct call *c)
{
    struct req *rq = &c->rq;

    ctx_clear_error(&c->cx);
    c->cx.access = c->who;
    c->cx.batch_id = 0;
    c->cx.depth = 0;
    rq->status = 0;
    rq->type = NULL;
    rq->out = (struct str){ "", 0 };
    rq->fixed = NULL;
    rq->header_count = 0;
    c->refused = false;
    c->ran = rq->route->handler(rq);
    return c->ran;
}

static enum status write_work(void *arg, struct db *db)
{
    struct call *c = arg;

    arena_reset(c->work);
    c->cx.db = db;
    TRY(run(c));
    if (c->rq.status < 400)
        return OK;
    c->refused = true; /* a form with its errors: shown, and nothing of it written */
    return E_INVALID;
}

static void write_done(void *arg, enum status s)
{
    struct call *c = arg;
    struct arena *work = c->work;

    /* Many want the same rows: behind those who wait now it has a better chance. */
    if (s == E_RETRY && c->resubmits++ < RESUBMITS_MAX &&
        writer_submit(c->web->o.writer, &c->item) == OK)
        return;
    c->cx.db = NULL;
    if (s != OK && c->ran == OK && !c->refused) { /* the work was good; storing it was not */
        ctx_clear_error(&c->cx);
        c->http_status = 503;
    }
    req_finish(&c->rq, s);
    if (work != NULL)
        arena_free(work);
}

static enum status to_writer(struct call *c)
{
    c->work = arena_new(WORK_ARENA_BYTES);
    c->cx.arena = c->work;
    c->cx.db = NULL;
    c->item = (struct writer_item){ .work = write_work, .done = write_done, .arg = c };
    if (writer_submit(c->web->o.writer, &c->item) == OK)
        return OK;
    c->cx.arena = c->life;
    arena_free(c->work);
    c->work = NULL;
    atomic_fetch_add_explicit(&c->web->stats.busy, 1, memory_order_relaxed);
    return E_BUSY;
}

void call_read(struct call *c, struct db *db, struct arena *work)
{
    struct ctx snapshot = c->cx; /* the call may be gone when the snapshot ends */
    bool read = is_read(c), slow = (c->rq.route->flags & ROUTE_SLOW) != 0, taken = false;
    enum status s = OK;

    c->cx.db = snapshot.db = db;
    if (read && (s = db_read_begin(&snapshot)) != OK) {
        c->cx.error_text = snapshot.error_text;
        req_finish(&c->rq, s);
        return;
    }
    web_listen_to_settings(c->web, &c->cx);
    s = prepare(c);
    if (s == OK && !read && !slow) {
        if ((s = to_writer(c)) == OK)
            return;
    } else if (s == OK) {
        c->taken = &taken;
        c->cx.arena = work;
        s = run(c);
    }
    if (read)
        db_read_end(&snapshot);
    if (!taken)
        req_finish(&c->rq, s);
}

/* ---- the beginning ---- */
static void finish_early(struct call *c, enum status s, int http)
{
    c->http_status = http;
    req_finish(&c->rq, s);
}

/* Programs of other sites ask first whether they may. */
static void answer_options(struct call *c)
{
    struct req *rq = &c->rq;
    const char *allow = "";
    const struct route *r = route_any(c->web, rq->path);

    if (r == NULL) {
        finish_early(c, E_NOT_FOUND, 0);
        return;
    }
    (void)route_find(c->web, HTTP_OPTIONS, rq->path, NULL, c->life, &allow);
    rq->route = r;
    (void)reply_empty(rq);
    reply_header(rq, "Allow", allow);
    if ((r->flags & ROUTE_CORS) != 0) {
        reply_header(rq, "Access-Control-Allow-Methods", allow);
        /* The last is what Umami's trackers send along. */
        reply_header(rq, "Access-Control-Allow-Headers",
                     "Authorization, Content-Type, If-Match, X-Request-Id, X-Umami-Cache");
        reply_header(rq, "Access-Control-Max-Age", "86400");
    }
    c->quiet = true;
    req_finish(rq, OK);
}

/* "/deals/" is meant as "/deals". */
static bool without_slash(struct call *c)
{
    struct req *rq = &c->rq;
    size_t len = strlen(rq->path);
    const char *path;

    if (!is_read(c) || len < 2 || rq->path[len - 1] != '/')
        return false;
    path = arena_dup(c->life, rq->path, len - 1);
    if (!path_is_local(path) || route_find(c->web, HTTP_GET, path, NULL, c->life, NULL) < 0)
        return false;
    if (rq->query_string[0] != '\0')
        path = arena_printf(c->life, "%s?%s", path, rq->query_string);
    if (reply_redirect(rq, path) != OK)
        return false;
    rq->status = 308;
    return true;
}

/* A form that was refused stands at the address it was posted to. Who enters that address again is
 * led to the page above it: "/contacts/1/compose" to "/contacts/1". */
static bool to_page_above(struct call *c)
{
    struct req *rq = &c->rq;
    const char *end = strrchr(rq->path, '/');
    size_t len = end == rq->path ? 1 : (size_t)(end - rq->path); /* "/" stays */
    const char *path = arena_dup(c->life, rq->path, len);
    const struct route *r = route_any(c->web, path);

    return is_read(c) && !rq->wants_json && !rq->is_htmx && path_is_local(path) && r != NULL &&
           (r->flags & ROUTE_API) == 0 &&
           route_find(c->web, HTTP_GET, path, NULL, c->life, NULL) >= 0 &&
           reply_redirect(rq, path) == OK;
}

static void no_route(struct call *c, int slot, const char *allow)
{
    struct req *rq = &c->rq;
    const struct asset *asset = is_read(c) ? assets_by_path(c->web->assets, rq->path) : NULL;

    if (asset != NULL) {
        c->quiet = true;
        req_finish(rq, assets_reply(rq, c->web->assets, asset));
        return;
    }
    if (slot == SLOT_OTHER_METHOD && to_page_above(c)) {
        req_finish(rq, OK);
        return;
    }
    if (slot == SLOT_OTHER_METHOD) {
        c->allow = allow;
        (void)ctx_fail_code(&c->cx, E_UNSUPPORTED, "method.not_allowed",
                            "%s is not understood at this address; it takes %s.",
                            method_word(rq->method), allow);
        finish_early(c, E_UNSUPPORTED, 405);
        return;
    }
    if (without_slash(c))
        req_finish(rq, OK);
    else
        finish_early(c, E_NOT_FOUND, 0);
}

static void run_inline(struct call *c)
{
    struct req *rq = &c->rq;
    bool taken = false,
         user = rq->header(rq, "Authorization") != NULL || rq->cookie(rq, SESSION_COOKIE) != NULL;
    struct route_count *rc = &c->web->counts[c->slot];
    enum status s;

    c->who = access_public();
    c->quiet = true;
    __atomic_fetch_add(user ? &rc->as_user : &rc->as_stranger, 1, __ATOMIC_RELAXED);
    c->taken = &taken;
    s = run(c);
    if (!taken)
        req_finish(rq, s);
}

/* Finds the route and does what needs no reader. True: the rest is for a reader. */
bool call_start(struct call *c)
{
    struct req *rq = &c->rq;
    const char *allow = "";

    if (rq->method == HTTP_OPTIONS) {
        answer_options(c);
        return false;
    }
    c->slot = route_find(c->web, rq->method, rq->path, rq, c->life, &allow);
    if (c->slot >= 0)
        rq->route = c->web->counts[c->slot].route;
    request_accept(rq);
    if (c->slot < 0) {
        no_route(c, c->slot, allow);
        return false;
    }
    if ((rq->route->flags & ROUTE_INLINE) != 0) {
        run_inline(c);
        return false;
    }
    return true;
}

void web_handle(void *web, struct http_exchange *ex)
{
    struct web *w = web;
    struct call *c = call_new(w, ex->arena);
    struct req *rq = &c->rq;

    c->ex = ex;
    c->began_ns = ex->arrived_ns;
    rq->exchange = ex;
    rq->method = ex->method;
    rq->path = ex->path;
    rq->query_string = ex->query;
    rq->body = ex->body;
    rq->header = ex_header;
    rq->cookie = ex_cookie;
    rq->address = security_client(w, ex->arena, ex->address, http_header(ex, "X-Forwarded-For"));
    if (!call_start(c))
        return;
    if (pool_submit(w->pool, c, (rq->route->flags & (ROUTE_SLOW | ROUTE_UPLOAD)) != 0) == OK)
        return;
    atomic_fetch_add_explicit(&w->stats.busy, 1, memory_order_relaxed);
    req_finish(rq, E_BUSY);
}

size_t web_body_limit(void *web, const struct http_exchange *head)
{
    struct web *w = web;
    int slot = route_find(w, head->method, head->path, NULL, head->arena, NULL);

    if (slot < 0 || (w->counts[slot].route->flags & ROUTE_UPLOAD) == 0)
        return LIMIT_BODY_BYTES;
    /* Memory for large bodies only where somebody at least claims to be signed in. */
    return http_header(head, "Cookie") != NULL || http_header(head, "Authorization") != NULL
               ? LIMIT_UPLOAD_BYTES
               : LIMIT_BODY_BYTES;
}
