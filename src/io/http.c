/* http.c -- connections, exchanges, and the way of an answer back to its loop thread. libmicrohttpd
 * does the sockets; its callbacks here turn into exchanges for `handle`. Only a loop thread queues
 * responses: an answer from elsewhere is stored and the loop woken, which looks at what it holds.
 * What is held for longer is suspended until its answer is there. */
#include "base/log.h"
#include "io/http_int.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum { PROBLEM_BYTES = 512 };

/* ---- exchanges ---- */

static struct exchange *exchange_new(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    struct exchange *ex = s->free_exchanges;
    if (ex != NULL) {
        s->free_exchanges = ex->next_free;
        s->free_count--;
    }
    s->open_exchanges++;
    pthread_mutex_unlock(&s->lock);
    if (ex != NULL)
        return ex;
    ex = calloc(1, sizeof *ex);
    if (ex == NULL)
        log_fatal("http.out_of_memory", "bytes=%zu", sizeof *ex);
    ex->server = s;
    ex->pub.arena = arena_new(EXCHANGE_ARENA_BYTES);
    pthread_mutex_init(&ex->stream_lock, NULL);
    return ex;
}

void http_exchange_destroy(struct exchange *ex)
{
    pthread_mutex_destroy(&ex->stream_lock);
    arena_free(ex->pub.arena);
    free(ex);
}

void http_exchange_free(struct exchange *ex)
{
    struct http_server *s = ex->server;
    struct arena *arena = ex->pub.arena;

    buf_free(&ex->body);
    free(ex->stream.p);
    arena_reset(arena);
    memset(ex, 0, offsetof(struct exchange, server));
    ex->pub.arena = arena;
    pthread_mutex_lock(&s->lock);
    bool keep = s->free_count < EXCHANGES_KEPT;
    if (keep) {
        ex->next_free = s->free_exchanges;
        s->free_exchanges = ex;
        s->free_count++;
    }
    pthread_mutex_unlock(&s->lock);
    if (!keep)
        http_exchange_destroy(ex);
}

const char *http_header(const struct http_exchange *pub, const char *name)
{
    const struct exchange *ex = exchange_of(pub);

    for (size_t i = 0; i < ex->field_count; i++)
        if ((ex->fields[i].name[0] | 0x20) == (name[0] | 0x20) &&
            strcasecmp(ex->fields[i].name, name) == 0)
            return ex->fields[i].value;
    return NULL;
}

const char *http_cookie(const struct http_exchange *pub, const char *name)
{
    const struct exchange *ex = exchange_of(pub);

    for (size_t i = 0; i < ex->field_count; i++) {
        if (strcasecmp(ex->fields[i].name, "cookie") != 0)
            continue;
        struct str rest = str_from(ex->fields[i].value), pair, key;
        while (str_split(&rest, ';', &pair)) {
            pair = str_trim(pair);
            if (memchr(pair.p, '=', pair.len) == NULL || !str_split(&pair, '=', &key))
                continue;
            if (str_is(key, name))
                return str_dup(pub->arena, pair);
        }
    }
    return NULL;
}

/* ---- answers ---- */

static bool plain(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if ((*p < ' ' && *p != '\t') || *p == 127)
            return false;
    return true;
}

bool http_pairs_ok(const struct http_pair *headers)
{
    for (; headers != NULL && headers->name != NULL; headers++)
        if (!http_is_token(headers->name) || !plain(headers->value))
            return false;
    return true;
}

void http_answer(struct http_exchange *pub, const struct http_answer *answer)
{
    struct exchange *ex = exchange_of(pub);

    ex->answer = *answer;
    http_hand_back(ex);
}

/* Neither libmicrohttpd nor a holder needs it any more; of a stream its owner may. */
static void exchange_done(struct exchange *ex)
{
    struct http_server *s = ex->server;

    if (ex->streams)
        http_stream_sender_done(ex);
    else
        http_exchange_free(ex);
    pthread_mutex_lock(&s->lock);
    if (--s->open_exchanges == 0)
        pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->lock);
}

/* Once a turn is enough, however many want it. */
static void wake(struct loop *l)
{
    atomic_store(&l->answered, true);
    if (atomic_exchange(&l->asleep, false))
        (void)!eventfd_write(l->wake_fd, 1);
}

/* On the loop's thread, once a turn. */
void http_resume_ready(struct loop *l)
{
    struct exchange *ex = atomic_exchange(&l->ready, NULL);

    while (ex != NULL) {
        struct exchange *next = ex->next_ready; /* a resumed one may be gone */
        MHD_resume_connection(ex->mhd);
        ex = next;
    }
}

void http_resume_soon(struct exchange *ex)
{
    struct loop *l = ex->loop;
    struct exchange *first = atomic_load(&l->ready);

    do
        ex->next_ready = first;
    while (!atomic_compare_exchange_weak(&l->ready, &first, ex));
    wake(l);
}

/* The exchange may be gone as soon as the loop thread can see EX_ANSWERED, unless it is
 * asleep: then it stays until resumed. `calling` keeps the server for us. */
void http_hand_back(struct exchange *ex)
{
    struct http_server *s = ex->server;
    struct loop *loop = ex->loop;

    atomic_fetch_add(&s->calling, 1);
    int was = atomic_exchange(&ex->state, EX_ANSWERED);
    assert(was == EX_HANDLING || was == EX_HELD || was == EX_ASLEEP || was == EX_GONE);
    if (was == EX_HELD)
        wake(loop);
    else if (was == EX_ASLEEP)
        http_resume_soon(ex);
    else if (was == EX_GONE)
        exchange_done(ex);
    atomic_fetch_sub(&s->calling, 1);
}

static void add_header(struct MHD_Response *r, const char *name, const char *value)
{
    if (MHD_add_response_header(r, name, value) != MHD_YES)
        log_line(LOG_ERROR, "http.header_refused", "name=%s", name);
}

/* libmicrohttpd sends straight from the answer's body: it is in the exchange's arena or static, and
 * the exchange outlives the sending. */
static struct MHD_Response *answer_response(struct http_answer *a, enum MHD_ResponseMemoryMode mode)
{
    if (!http_pairs_ok(a->headers) || (a->type != NULL && !plain(a->type))) {
        log_line(LOG_ERROR, "http.bad_answer_header", "status=%d", a->status);
        *a = (struct http_answer){ .status = 500 };
    }
    struct MHD_Response *r = MHD_create_response_from_buffer(
        a->body_bytes, a->body_bytes == 0 ? "" : (void *)(uintptr_t)a->body, mode);
    if (r == NULL)
        log_fatal("http.out_of_memory", "bytes=%zu", a->body_bytes);
    if (a->type != NULL)
        add_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
    for (const struct http_pair *h = a->headers; h != NULL && h->name != NULL; h++)
        add_header(r, h->name, h->value);
    return r;
}

static enum MHD_Result send_response(struct exchange *ex, int status, struct MHD_Response *r,
                                     i64 now_ns)
{
    i64 sending_ms = ex->server->o.idle_ms +
                     (i64)(ex->answer.body_bytes / LIMIT_BYTES_PER_SECOND_MIN * MS_SECOND);

    atomic_store(&ex->state, EX_QUEUED);
    atomic_store(&ex->conn->deadline_ns, ex->streams ? 0 : now_ns + sending_ms * NS_PER_MS);
    return MHD_queue_response(ex->mhd, (unsigned)status, r);
}

/* ---- answers made once ---- */

struct http_fixed {
    struct http_answer answer; /* its parts in `arena` */
    struct arena *arena;
    struct MHD_Response *response;
};

struct http_fixed *http_fixed_new(const struct http_answer *a)
{
    struct http_pair *headers;
    struct arena *arena = arena_new(1024);
    struct http_fixed *f = NEW(arena, struct http_fixed);
    size_t n = 0;

    while (a->headers != NULL && a->headers[n].name != NULL)
        n++;
    headers = NEW_N(arena, struct http_pair, n + 1);
    for (size_t i = 0; i < n; i++)
        headers[i] = (struct http_pair){ arena_text(arena, a->headers[i].name),
                                         arena_text(arena, a->headers[i].value) };
    f->arena = arena;
    f->answer = (struct http_answer){ .status = a->status,
                                      .type = a->type ? arena_text(arena, a->type) : NULL,
                                      .body = arena_dup(arena, a->body, a->body_bytes),
                                      .body_bytes = a->body_bytes,
                                      .headers = headers };
    f->response = answer_response(&f->answer, MHD_RESPMEM_MUST_COPY);
    return f;
}

void http_fixed_free(struct http_fixed *f)
{
    if (f == NULL)
        return;
    MHD_destroy_response(f->response); /* counted: those being sent keep it */
    arena_free(f->arena);
}

static void let_go(struct exchange *ex)
{
    ex->loop->held -= ex->held;
    ex->held = false;
}

/* On the loop thread. A connection that carried a chunked body is not used again: libmicrohttpd
 * reads chunk framing leniently, and what nobody reads cannot be smuggled. */
static enum MHD_Result queue_answer(struct exchange *ex)
{
    let_go(ex);
    const struct http_fixed *fixed = ex->answer.fixed;
    bool close = ex->answer.close || ex->chunked || atomic_load(&ex->server->stopping);
    i64 now = ex->conn->loop->now_ns;

    if (fixed != NULL && close)
        ex->answer = fixed->answer;
    else if (fixed != NULL)
        return send_response(ex, fixed->answer.status, fixed->response, now);
    struct MHD_Response *r = ex->streams ? http_stream_response(ex)
                                         : answer_response(&ex->answer, MHD_RESPMEM_PERSISTENT);
    if (close)
        add_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result queued = send_response(ex, ex->answer.status, r, now);
    MHD_destroy_response(r);
    return queued;
}

static int problem(char out[PROBLEM_BYTES], int status, const char *text)
{
    return snprintf(out, PROBLEM_BYTES,
                    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}\n",
                    http_status_text(status), status, text);
}

/* Answers a request that never reaches `handle`, and closes. */
static enum MHD_Result refuse(struct exchange *ex, struct refusal why)
{
    char text[PROBLEM_BYTES];
    int bytes = problem(text, why.status, why.text);

    ex->answer = (struct http_answer){
        .status = why.status,
        .type = "application/problem+json",
        .body = arena_dup(ex->pub.arena, text, (size_t)bytes),
        .body_bytes = (size_t)bytes,
        .close = true,
    };
    ex->conn->linger = true;
    return queue_answer(ex);
}

/* A chunked body has outgrown its limit. libmicrohttpd takes no response in mid-body, so this one
 * is written to the socket by hand (nothing else is being sent) and the connection closed. */
static enum MHD_Result refuse_in_body(struct exchange *ex)
{
    char body[PROBLEM_BYTES], whole[2 * PROBLEM_BYTES];
    int bytes = problem(body, 413, "the body is larger than this address takes");
    int len = snprintf(whole, sizeof whole,
                       "HTTP/1.1 413 %s\r\nContent-Type: application/problem+json\r\n"
                       "Content-Length: %d\r\nConnection: close\r\n\r\n%s",
                       http_status_text(413), bytes, body);

    ex->conn->linger = true;
    if (send(ex->conn->fd, whole, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        log_line(LOG_DEBUG, "http.refusal_unsent", "errno=%d", errno);
    return MHD_NO;
}

/* ---- libmicrohttpd's callbacks, all on a loop thread ---- */

static struct conn *conn_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The request line is there. Keeps the raw target; ends the query in libmicrohttpd's own memory, so
 * that it does not parse (and count) what http_form_parse will. */
static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    struct http_server *s = cls;
    struct conn *c = conn_of(mhd);
    struct exchange *ex = exchange_new(s);
    size_t len = uri == NULL ? 0 : strlen(uri);

    ex->conn = c;
    ex->loop = c->loop;
    ex->mhd = mhd;
    ex->raw_target = uri;
    ex->target = (struct str){ arena_dup(ex->pub.arena, len == 0 ? "" : uri, len), len };
    ex->pub.address = arena_text(ex->pub.arena, c->address); /* a holder may outlive `c` */
    atomic_store(&c->busy, true);
    http_conn_times(c, c->loop->now_ns, true);
    char *query = len == 0 ? NULL : memchr((char *)(uintptr_t)uri, '?', len);
    if (query != NULL)
        query[1] = '\0';
    return ex;
}

static enum MHD_Result begin(struct exchange *ex, const char *method, const char *version)
{
    struct http_server *s = ex->server;
    size_t bytes =
        MHD_get_connection_info(ex->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
    int fields = MHD_get_connection_values(ex->mhd, MHD_HEADER_KIND, NULL, NULL);
    struct refusal no = http_head_read(ex, method, version, bytes, (size_t)fields);

    if (no.text != NULL)
        return refuse(ex, no);
    if (atomic_load(&s->stopping))
        return refuse(ex, (struct refusal){ 503, "the server is stopping" });
    atomic_store(&ex->state, EX_BODY);
    if (!ex->has_body)
        return MHD_YES;
    size_t limit =
        s->o.body_limit == NULL ? (size_t)LIMIT_BODY_BYTES : s->o.body_limit(s->o.arg, &ex->pub);
    if (ex->announced > limit)
        return refuse(ex, (struct refusal){ 413, "the body is larger than this address takes" });
    if (!ex->chunked && ex->announced <= SMALL_BODY_BYTES) {
        ex->body = buf_in(ex->pub.arena, ex->announced);
        (void)buf_reserve(&ex->body, ex->announced);
    } else {
        ex->body = buf_new(limit);
    }
    return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *ex, const char *bytes, size_t *len)
{
    buf_add(&ex->body, bytes, *len);
    if (buf_status(&ex->body) != OK)
        return refuse_in_body(ex);
    http_conn_received(ex->conn, *len);
    *len = 0;
    return MHD_YES;
}

static enum MHD_Result hand_out(struct exchange *ex)
{
    struct http_server *s = ex->server;
    int handling = EX_HANDLING;

    if (ex->has_body)
        ex->pub.body = (struct str){ buf_end(&ex->body), ex->body.len };
    ex->pub.arrived_ns = (i64)clock_mono_ns();
    atomic_store(&ex->conn->deadline_ns, 0);
    atomic_store(&ex->state, EX_HANDLING);
    s->o.handle(s->o.arg, &ex->pub);
    if (atomic_load(&ex->state) == EX_ANSWERED)
        return queue_answer(ex);
    if (!atomic_compare_exchange_strong(&ex->state, &handling, EX_HELD))
        return queue_answer(ex); /* answered since we looked */
    ex->held = true;
    ex->loop->held++;
    return MHD_YES;
}

/* Looked at again in each turn. Most answers come within a commit; who waits longer sleeps, so that
 * the loop can. */
static enum MHD_Result hold_on(struct exchange *ex)
{
    struct loop *l = ex->loop;
    int held = EX_HELD;

    if (l->now_ns - ex->pub.arrived_ns < HOLD_NS)
        return MHD_YES;
    if (!atomic_compare_exchange_strong(&ex->state, &held, EX_ASLEEP))
        return queue_answer(ex);
    let_go(ex);
    MHD_suspend_connection(ex->mhd);
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **context)
{
    struct exchange *ex = *context;

    (void)cls;
    (void)mhd;
    (void)url;
    if (ex == NULL)
        return MHD_NO;
    switch (atomic_load(&ex->state)) {
    case EX_LINE:
        return begin(ex, method, version);
    case EX_BODY:
        return *upload_len > 0 ? take_body(ex, upload, upload_len) : hand_out(ex);
    case EX_HELD:
        return hold_on(ex);
    case EX_ANSWERED:
        return queue_answer(ex);
    default:
        return MHD_YES;
    }
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode how)
{
    struct http_server *s = cls;
    struct exchange *ex = *context;

    (void)mhd;
    (void)how;
    if (ex == NULL)
        return;
    *context = NULL;
    struct conn *c = ex->conn;
    atomic_store(&c->busy, false);
    atomic_fetch_add(&c->done_count, 1);
    http_conn_times(c, c->loop->now_ns, false);
    int held = EX_HELD;
    let_go(ex);
    bool gone = atomic_compare_exchange_strong(&ex->state, &held, EX_GONE); /* then not ours */
    pthread_mutex_lock(&s->lock);
    if (atomic_load(&s->stopping))
        http_close_idle(c);
    pthread_mutex_unlock(&s->lock);
    if (!gone)
        exchange_done(ex);
}

static void address_text(const struct sockaddr *addr, char out[ADDRESS_BYTES])
{
    if (addr->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)addr)->sin_addr, out, ADDRESS_BYTES);
        return;
    }
    const struct in6_addr *six = &((const struct sockaddr_in6 *)addr)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(six))
        inet_ntop(AF_INET, &six->s6_addr[12], out, ADDRESS_BYTES);
    else
        inet_ntop(AF_INET6, six, out, ADDRESS_BYTES);
}

static void conn_begin(struct loop *l, struct MHD_Connection *mhd, void **context)
{
    struct http_server *s = l->server;
    struct conn *c = calloc(1, sizeof *c);

    if (c == NULL)
        log_fatal("http.out_of_memory", "bytes=%zu", sizeof *c);
    c->server = s;
    c->loop = l;
    c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    struct epoll_event end = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.fd = c->fd };
    epoll_ctl(l->ends_fd, EPOLL_CTL_ADD, c->fd, &end);
    address_text(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
                 c->address);
    http_conn_times(c, l->now_ns, true);
    atomic_fetch_add(&s->conn_count, 1);
    pthread_mutex_lock(&s->lock);
    c->next = s->conns;
    if (c->next != NULL)
        c->next->prev = c;
    s->conns = c;
    if (atomic_load(&s->stopping))
        http_close_idle(c);
    pthread_mutex_unlock(&s->lock);
    *context = c;
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct loop *l = cls;
    struct http_server *s = l->server;
    struct conn *c = *context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        conn_begin(l, mhd, context);
        return;
    }
    pthread_mutex_lock(&s->lock);
    if (c->next != NULL)
        c->next->prev = c->prev;
    *(c->prev != NULL ? &c->prev->next : &s->conns) = c->next;
    if (c->linger && !atomic_load(&s->stopping)) {
        epoll_ctl(l->ends_fd, EPOLL_CTL_DEL, c->fd, NULL); /* a copy would keep it there */
        http_guard_linger(s, c->fd);
    }
    if (s->conns == NULL)
        pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_sub(&s->conn_count, 1);
    free(c);
}

static enum MHD_Result on_accept(void *cls, const struct sockaddr *addr, socklen_t bytes)
{
    struct http_server *s = cls;

    (void)bytes;
    if (addr->sa_family != AF_INET && addr->sa_family != AF_INET6)
        return MHD_NO;
    return atomic_load(&s->conn_count) < s->o.connections ? MHD_YES : MHD_NO;
}

/* Raw: the target is decoded strictly by http_head_read, from our own copy. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

static void on_panic(void *cls, const char *file, unsigned line, const char *reason)
{
    (void)cls;
    log_fatal("http.panic", "file=%s line=%u reason=%s", file, line, reason == NULL ? "" : reason);
}

struct MHD_Daemon *http_daemon_start(struct loop *l)
{
    struct http_server *s = l->server;

    MHD_set_panic_func(on_panic, NULL);
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, on_accept, s, on_request, s,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)s->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
        s->o.connections + 1, /* on_accept's to say */
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, s->o.connections_per_ip, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)LIMIT_IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONN_POOL_BYTES,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, s, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, l, MHD_OPTION_END);
}
