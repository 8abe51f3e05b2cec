/* wire.h -- a client that says exactly the bytes it is given, and a server to say them to. */
#pragma once
#include "../base/testing.h"

#include "base/clock.h"
#include "io/http.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WIRE_PATIENCE_MS = 10000, WIRE_BYTES = 4 * 1024 * 1024 };

/* ---- client ---- */

static inline i64 now_ms(void) { return (i64)(clock_mono_ns() / 1000000); }

/* `from` may be NULL; 127.0.0.x gives the client an address of its own. */
static inline int wire_open_from(int port, const char *from)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((u16)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    if (from != NULL) {
        struct sockaddr_in local = { .sin_family = AF_INET };
        inet_pton(AF_INET, from, &local.sin_addr);
        assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof local), 0);
    }
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline int wire_open(int port)
{
    int fd = wire_open_from(port, NULL);
    assert_true(fd >= 0);
    return fd;
}

/* False when the server has closed. */
static inline bool wire_say(int fd, const void *bytes, size_t len)
{
    const char *p = bytes;

    while (len > 0) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool wire_text(int fd, const char *text) { return wire_say(fd, text, strlen(text)); }

/* One read: bytes, 0 at the end (or reset), -1 when nothing came in `ms`. */
static inline ssize_t wire_read(int fd, void *to, size_t room, int ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    if (poll(&p, 1, ms) <= 0)
        return -1;
    ssize_t n = recv(fd, to, room, 0);
    return n < 0 ? 0 : n;
}

struct reply {
    int status;  /* 0: closed without an answer; -1: nothing came */
    bool closed; /* the end came before the answer was whole */
    char *head;  /* owned by the reader below: good until its next use */
    char *body;
    size_t body_bytes;
};

/* Reads answers off one connection. */
struct reader {
    int fd;
    size_t at, len;
    char *p;
};

static inline struct reader reader_on(int fd)
{
    return (struct reader){ .fd = fd, .p = calloc(1, WIRE_BYTES) };
}

static inline void reader_free(struct reader *r)
{
    free(r->p);
    if (r->fd >= 0)
        close(r->fd);
}

static inline ssize_t reader_more(struct reader *r)
{
    assert_true(r->len < WIRE_BYTES - 1);
    ssize_t n = wire_read(r->fd, r->p + r->len, WIRE_BYTES - 1 - r->len, WIRE_PATIENCE_MS);
    if (n > 0)
        r->len += (size_t)n;
    r->p[r->len] = '\0';
    return n;
}

/* The next answer; `no_body` for HEAD. Chunked ones are not unpacked: their body is empty. */
static inline struct reply reader_next(struct reader *r, bool no_body)
{
    struct reply out = { 0 };
    char *end;
    ssize_t n = 1;

    while ((end = strstr(r->p + r->at, "\r\n\r\n")) == NULL && (n = reader_more(r)) > 0)
        ;
    if (end == NULL) {
        out.status = n == 0 ? 0 : -1;
        out.closed = n == 0;
        return out;
    }
    *end = '\0';
    out.head = r->p + r->at;
    out.body = end + 4;
    r->at = (size_t)(out.body - r->p);
    if (sscanf(out.head, "HTTP/1.1 %d", &out.status) != 1)
        fail_msg("not an answer: %s", out.head);
    const char *length = strcasestr(out.head, "\r\nContent-Length: ");
    if (length == NULL || no_body)
        return out;
    out.body_bytes = (size_t)atol(length + strlen("\r\nContent-Length: "));
    while (r->len - r->at < out.body_bytes && (n = reader_more(r)) > 0)
        ;
    out.closed = r->len - r->at < out.body_bytes;
    r->at += out.closed ? r->len - r->at : out.body_bytes;
    return out;
}

/* True when the server closes within the patience, having said nothing more. */
static inline bool reader_closed(struct reader *r)
{
    return r->at == r->len && reader_more(r) == 0;
}

static inline const char *head_field(const struct reply *a, const char *name, char out[200])
{
    char find[100];

    snprintf(find, sizeof find, "\r\n%s: ", name);
    const char *at = strcasestr(a->head, find);
    if (at == NULL)
        return NULL;
    at += strlen(find);
    snprintf(out, 200, "%.*s", (int)strcspn(at, "\r"), at);
    return out;
}

/* ---- server ---- */

static inline struct http_server *server_start(const struct http_options *o)
{
    struct arena *a = arena_new(1024);
    struct clock clock = { 0 };
    struct http_server *s = NULL;
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    if (http_start(&cx, o, &s) != OK)
        fail_msg("%s", cx.error_text);
    arena_free(a);
    return s;
}

static inline void sleep_ms(int ms) { usleep((unsigned)ms * 1000); }
