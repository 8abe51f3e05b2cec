/* http_guard.c -- what libmicrohttpd does not refuse by itself: time and framing.
 * Time: its timeout knows only silence, so a sender of one byte a second lives for ever. A thread
 * here closes what misses its deadline, and reads on for a while from those who were refused in
 * mid-sending (closing with unread bytes would reset the connection and lose the refusal).
 * Framing: it parses leniently, but in place: the head still stands in its memory, with zeros where
 * line ends and colons were. http_head_read reads those bytes once more, strictly. Should another
 * version move or change them, requests are refused, not let through. */
#include "base/log.h"
#include "base/utf8.h"
#include "io/http_int.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TICK_MS_MAX = 1000,
    LINGER_MS = 5000,
    LINGER_READS = 64, /* a turn, each of LINGER_BYTES */
    LINGER_BYTES = 1024 * 1024,
};

/* ---- deadlines ---- */

void http_conn_times(struct conn *c, i64 now_ns, bool request)
{
    const struct http_options *o = &c->server->o;

    if (request && atomic_load(&c->timing))
        return;
    atomic_store(&c->deadline_ns, now_ns + (request ? o->request_ms : o->idle_ms) * NS_PER_MS);
    atomic_store(&c->timing, request);
}

/* Each second's worth of bytes moves the deadline by a second, but never further away than it was
 * at the beginning: what was sent fast buys no leave to stall later. */
void http_conn_received(struct conn *c, size_t bytes)
{
    i64 furthest = c->loop->now_ns + c->server->o.request_ms * NS_PER_MS;
    i64 moved =
        atomic_load(&c->deadline_ns) + (i64)bytes * (NS_PER_SECOND / LIMIT_BYTES_PER_SECOND_MIN);

    atomic_store(&c->deadline_ns, moved < furthest ? moved : furthest);
}

static u64 received_bytes(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t bytes = sizeof info;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &bytes) != 0)
        return 0;
    return info.tcpi_bytes_received;
}

/* libmicrohttpd says nothing before a request line is whole. Bytes on a connection that was idle a
 * tick ago are a request that has begun: its time runs from here. */
static void notice_first_bytes(struct conn *c, i64 now)
{
    u32 done = atomic_load(&c->done_count);
    u64 bytes = received_bytes(c->fd);

    if (c->idle_done_count != done || c->idle_bytes == 0) {
        c->idle_done_count = done;
        c->idle_bytes = bytes;
    } else if (c->idle_bytes != bytes) {
        http_conn_times(c, now, true);
        c->idle_bytes = 0;
    }
}

static void sweep(struct http_server *s)
{
    i64 now = (i64)clock_mono_ns();

    pthread_mutex_lock(&s->lock);
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        i64 deadline = atomic_load(&c->deadline_ns);
        if (deadline != 0 && deadline < now)
            shutdown(c->fd, SHUT_RDWR);
        else if (!atomic_load(&c->busy) && !atomic_load(&c->timing))
            notice_first_bytes(c, now);
    }
    pthread_mutex_unlock(&s->lock);
    http_streams_find_gone(s);
}

/* ---- lingering ---- */

void http_guard_linger(struct http_server *s, int fd)
{
    if (s->linger_count == LIMIT_LINGERING)
        return;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return;
    s->linger_fds[s->linger_count] = copy;
    s->linger_until_ns[s->linger_count++] = (i64)clock_mono_ns() + LINGER_MS * NS_PER_MS;
    eventfd_write(s->guard_wake, 1);
}

/* True when the sender has stopped. MSG_TRUNC drops the bytes without copying them. */
static bool drained(int fd)
{
    for (int i = 0; i < LINGER_READS; i++) {
        ssize_t n = recv(fd, NULL, LINGER_BYTES, MSG_TRUNC | MSG_DONTWAIT);
        if (n <= 0)
            return n == 0 || (errno != EAGAIN && errno != EINTR);
    }
    return false;
}

/* Entries are added by loop threads under the lock and removed only here. */
static void linger_turn(struct http_server *s, bool all)
{
    i64 now = (i64)clock_mono_ns();

    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < s->linger_count;) {
        if (!drained(s->linger_fds[i]) && s->linger_until_ns[i] > now && !all) {
            i++;
            continue;
        }
        close(s->linger_fds[i]);
        s->linger_count--;
        s->linger_fds[i] = s->linger_fds[s->linger_count];
        s->linger_until_ns[i] = s->linger_until_ns[s->linger_count];
    }
    pthread_mutex_unlock(&s->lock);
}

static void *guard_run(void *arg)
{
    struct http_server *s = arg;
    struct pollfd fds[1 + LIMIT_LINGERING];
    int quarter = (s->o.request_ms < s->o.idle_ms ? s->o.request_ms : s->o.idle_ms) / 4;
    int tick_ms = quarter < 1 ? 1 : quarter < TICK_MS_MAX ? quarter : TICK_MS_MAX;
    i64 next = (i64)clock_mono_ns() + tick_ms * NS_PER_MS;
    eventfd_t ignored;

    while (!atomic_load(&s->guard_quit)) {
        pthread_mutex_lock(&s->lock);
        unsigned count = s->linger_count;
        for (unsigned i = 0; i < count; i++)
            fds[1 + i] = (struct pollfd){ .fd = s->linger_fds[i], .events = POLLIN };
        pthread_mutex_unlock(&s->lock);
        fds[0] = (struct pollfd){ .fd = s->guard_wake, .events = POLLIN };
        i64 wait = (next - (i64)clock_mono_ns()) / NS_PER_MS;
        poll(fds, 1 + count, wait < 0 ? 0 : (int)wait + 1);
        if (fds[0].revents != 0)
            eventfd_read(s->guard_wake, &ignored);
        if (count > 0)
            linger_turn(s, false);
        if ((i64)clock_mono_ns() >= next) {
            sweep(s);
            next = (i64)clock_mono_ns() + tick_ms * NS_PER_MS;
        }
    }
    linger_turn(s, true);
    return NULL;
}

bool http_guard_start(struct http_server *s)
{
    s->guard_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->guard_wake < 0)
        return false;
    if (pthread_create(&s->guard, NULL, guard_run, s) == 0)
        return true;
    close(s->guard_wake);
    return false;
}

void http_guard_stop(struct http_server *s)
{
    atomic_store(&s->guard_quit, true);
    eventfd_write(s->guard_wake, 1);
    pthread_join(s->guard, NULL);
    close(s->guard_wake);
}

/* ---- framing ---- */

#define NO(code, why) ((struct refusal){ (code), (why) })

static const struct refusal fine = { 0, NULL };

/* RFC 9110 field values: visible, space, tab, and bytes above ASCII. */
static bool value_bytes_ok(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        if ((c < ' ' && c != '\t') || c == 127)
            return false;
    }
    return true;
}

/* The request line: METHOD SP target SP HTTP/1.x CR LF, seen as method 0 target 0 version 0 0.
 * Sets *at behind it. libmicrohttpd has split the query by then, so the target is compared by place
 * (one space on either side) and read from the copy made before. */
static bool line_read(const struct exchange *ex, const char *head, size_t bytes,
                      const char *version, size_t *at)
{
    size_t method = strnlen(head, bytes);
    size_t target = method + 1 + ex->target.len + 1; /* where the version must begin */

    if (ex->target.len == 0 || ex->raw_target != head + method + 1 || version != head + target)
        return false;
    *at = target + strlen("HTTP/1.1") + 2;
    return *at + 2 <= bytes && head[*at - 2] == '\0' && head[*at - 1] == '\0' &&
           memcmp(version, "HTTP/1.", strlen("HTTP/1.")) == 0;
}

/* The fields: name 0 blanks value 0 0, ..., 0 0. Values lose blanks at their end. False: anything
 * else, such as a zero that the sender wrote or fewer or more fields than libmicrohttpd counted. */
static bool fields_read(struct exchange *ex, char *head, size_t bytes, size_t at, size_t counted)
{
    while (at + 2 <= bytes && (head[at] != '\0' || head[at + 1] != '\0')) {
        size_t name = at, name_len = strnlen(head + at, bytes - at);
        size_t value = name + name_len + 1;
        while (value < bytes && (head[value] == ' ' || head[value] == '\t'))
            value++;
        if (value + 2 > bytes)
            return false;
        size_t len = strnlen(head + value, bytes - value);
        at = value + len + 2;
        if (at > bytes || head[at - 1] != '\0' || !http_is_token(head + name) ||
            !value_bytes_ok(head + value, len))
            return false;
        while (len > 0 && (head[value + len - 1] == ' ' || head[value + len - 1] == '\t'))
            head[value + --len] = '\0';
        if (ex->field_count == counted)
            return false;
        ex->fields[ex->field_count++] = (struct http_pair){ head + name, head + value };
    }
    return at + 2 == bytes && ex->field_count == counted;
}

/* The value of a field that may come once; *count says how often it does. */
static const char *single(const struct exchange *ex, const char *name, unsigned *count)
{
    const char *value = NULL;

    *count = 0;
    for (size_t i = 0; i < ex->field_count; i++)
        if (strcasecmp(ex->fields[i].name, name) == 0) {
            value = ex->fields[i].value;
            ++*count;
        }
    return value;
}

static bool host_ok(const char *host)
{
    return host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "-._~%!$&'()*+,;=:[]")] == '\0';
}

static struct refusal framing_read(struct exchange *ex, bool one_one)
{
    unsigned hosts, lengths, encodings, expects;
    const char *host = single(ex, "host", &hosts);
    const char *length = single(ex, "content-length", &lengths);
    const char *encoding = single(ex, "transfer-encoding", &encodings);
    const char *expect = single(ex, "expect", &expects);
    i64 announced = 0;

    if (hosts > 1 || (one_one && hosts == 0) || (host != NULL && !host_ok(host)))
        return NO(400, "a request names its host in one Host header");
    if (lengths > 1 || (lengths == 1 && encodings > 0))
        return NO(400, "a body has one Content-Length, or Transfer-Encoding, not both");
    if (encodings > 1 || (encodings == 1 && !one_one))
        return NO(400, "Transfer-Encoding comes once, and only with HTTP/1.1");
    if (encodings == 1 && strcasecmp(encoding, "chunked") != 0)
        return NO(501, "the only Transfer-Encoding spoken here is chunked");
    if (lengths == 1 && (length[0] == '\0' || length[strspn(length, "0123456789")] != '\0'))
        return NO(400, "Content-Length is not a number");
    if (lengths == 1 && !str_i64(str_from(length), &announced))
        return NO(413, "the body is larger than this address takes");
    if (expects > 1 || (expects == 1 && strcasecmp(expect, "100-continue") != 0))
        return NO(417, "the only expectation met here is 100-continue");
    ex->chunked = encodings == 1;
    ex->announced = (size_t)announced;
    ex->has_body = ex->chunked || announced > 0;
    if (ex->has_body && (ex->pub.method == HTTP_GET || ex->pub.method == HTTP_HEAD))
        return NO(400, "GET and HEAD carry no body");
    return fine;
}

/* "." and ".." segments, which routes and files must never see. */
static bool climbs(const char *path)
{
    for (const char *at = path; at != NULL; at = strchr(at + 1, '/')) {
        size_t len = strcspn(at + 1, "/");
        if ((len == 1 && at[1] == '.') || (len == 2 && at[1] == '.' && at[2] == '.'))
            return true;
    }
    return false;
}

/* Path and query from the raw target: origin form, or absolute form with the host of Host. */
static struct refusal target_read(struct exchange *ex)
{
    char *text = (char *)(uintptr_t)ex->target.p; /* our copy, in the arena */
    size_t len = ex->target.len;

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 127 || text[i] == '#')
            return NO(400, "the address holds a byte that must be percent-encoded");
    if (strncasecmp(text, "http://", strlen("http://")) == 0) {
        const char *host = http_header(&ex->pub, "host");
        char *authority = text + strlen("http://");
        size_t host_len = strcspn(authority, "/?");
        if (host == NULL || strlen(host) != host_len || strncasecmp(authority, host, host_len) != 0)
            return NO(400, "the address and the Host header name different hosts");
        text = authority + host_len;
        if (text[0] != '/')
            text = arena_printf(ex->pub.arena, "/%s", text);
        len = strlen(text);
    }
    if (text[0] != '/')
        return NO(400, "the address does not begin with a slash");
    char *query = strchr(text, '?');
    if (query != NULL) {
        len = (size_t)(query - text);
        *query++ = '\0';
    }
    if (!http_percent_decode(text, &len, false) || !value_bytes_ok(text, len) ||
        memchr(text, '\t', len) != NULL)
        return NO(400, "the address is not percent-encoded UTF-8 text");
    if (climbs(text))
        return NO(400, "the address holds a '.' or '..' segment");
    ex->pub.path = text;
    ex->pub.query = query == NULL ? "" : query;
    return fine;
}

static bool method_read(struct exchange *ex, const char *method)
{
    static const char *const names[HTTP_METHOD_COUNT] = { "GET",   "HEAD",   "POST",   "PUT",
                                                          "PATCH", "DELETE", "OPTIONS" };

    for (int i = 0; i < HTTP_METHOD_COUNT; i++)
        if (strcmp(names[i], method) == 0) {
            ex->pub.method = (enum http_method)i;
            return true;
        }
    return false;
}

struct refusal http_head_read(struct exchange *ex, const char *method, const char *version,
                              size_t bytes, size_t counted_fields)
{
    size_t at;

    if (bytes > LIMIT_HEADER_BYTES || counted_fields > LIMIT_HEADER_FIELDS)
        return NO(431, "the request's header is too long");
    if (!line_read(ex, method, bytes, version, &at))
        return NO(400, "the request line is malformed");
    char *head = arena_dup(ex->pub.arena, method, bytes);
    ex->fields = NEW_N(ex->pub.arena, struct http_pair, counted_fields + 1);
    if (!fields_read(ex, head, bytes, at, counted_fields))
        return NO(400, "the request's header is malformed");
    if (!http_is_token(method))
        return NO(400, "the request line is malformed");
    if (!method_read(ex, method))
        return NO(501, "this method is not spoken here");
    struct refusal no = framing_read(ex, head[at - 3] != '0');
    return no.text != NULL ? no : target_read(ex);
}
