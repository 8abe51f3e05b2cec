/* http_stream.c -- answers without an end (server-sent events): a bounded buffer per stream, filled
 * from any thread, emptied by the connection's loop thread. While it is empty the connection is
 * suspended and costs nothing; libmicrohttpd then does not look at the socket, so the guard asks
 * once a tick whether the client has left.
 * Locks: server->lock before an exchange's stream_lock; libmicrohttpd's own are innermost. */
#include "base/log.h"
#include "io/http_int.h"
#include <poll.h>
#include <stdlib.h>

struct http_stream *http_stream_begin(struct http_exchange *pub, const char *type,
                                      const struct http_pair *headers)
{
    struct exchange *ex = exchange_of(pub);
    struct http_server *s = ex->server;
    struct http_stream *st = &ex->stream;

    pthread_mutex_lock(&s->lock);
    bool room = s->stream_count < LIMIT_LIVE_STREAMS && !atomic_load(&s->stopping);
    if (room) {
        *st = (struct http_stream){ .ex = ex, .type = type, .headers = headers };
        st->next = s->streams;
        if (st->next != NULL)
            st->next->prev = st;
        s->streams = st;
        s->stream_count++;
        s->refs++;
    }
    pthread_mutex_unlock(&s->lock);
    if (!room)
        return NULL;
    ex->streams = true;
    ex->answer = (struct http_answer){ .status = 200 };
    http_hand_back(ex);
    return st;
}

/* Wakes the loop thread if the connection sleeps; holding stream_lock, under which it fell asleep.
 */
static void wake(struct http_stream *st)
{
    if (!st->asleep)
        return;
    st->asleep = false;
    http_resume_soon(st->ex);
}

/* Room for `len` more bytes, at most LIMIT_STREAM_BYTES in all. */
static bool make_room(struct http_stream *st, size_t len)
{
    size_t unsent = st->len - st->at;

    if (len > LIMIT_STREAM_BYTES - unsent)
        return false;
    if (st->at > 0 && st->len + len > st->cap) {
        memmove(st->p, st->p + st->at, unsent);
        st->at = 0;
        st->len = unsent;
    }
    if (st->len + len <= st->cap)
        return true;
    size_t cap = st->cap == 0 ? STREAM_BLOCK_BYTES : st->cap;
    while (cap < st->len + len)
        cap *= 2;
    char *p = realloc(st->p, cap);
    if (p == NULL)
        log_fatal("http.out_of_memory", "bytes=%zu", cap);
    st->p = p;
    st->cap = cap;
    return true;
}

bool http_stream_send(struct http_stream *st, const void *bytes, size_t len)
{
    struct exchange *ex = st->ex;

    pthread_mutex_lock(&ex->stream_lock);
    bool ok = !st->sender_gone && !st->ended && !st->dead;
    if (ok && !make_room(st, len)) {
        ok = false;
        st->dead = true;
        shutdown(ex->conn->fd, SHUT_RDWR); /* it waits for the client to read, which does not */
        wake(st);
    }
    if (ok && len > 0) {
        memcpy(st->p + st->len, bytes, len);
        st->len += len;
        wake(st);
    }
    pthread_mutex_unlock(&ex->stream_lock);
    return ok;
}

void http_stream_end(struct http_stream *st)
{
    struct exchange *ex = st->ex;
    struct http_server *s = ex->server;

    pthread_mutex_lock(&ex->stream_lock);
    assert(!st->owner_gone);
    st->ended = true;
    st->owner_gone = true;
    bool last = st->sender_gone;
    if (!last)
        wake(st);
    pthread_mutex_unlock(&ex->stream_lock);
    if (last)
        http_exchange_free(ex);
    http_server_unref(s);
}

/* libmicrohttpd is done with the exchange: answered, or the client is gone. On a loop thread. */
void http_stream_sender_done(struct exchange *ex)
{
    struct http_server *s = ex->server;
    struct http_stream *st = &ex->stream;

    pthread_mutex_lock(&s->lock);
    if (st->next != NULL)
        st->next->prev = st->prev;
    *(st->prev != NULL ? &st->prev->next : &s->streams) = st->next;
    s->stream_count--;
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_lock(&ex->stream_lock);
    st->sender_gone = true;
    bool last = st->owner_gone;
    pthread_mutex_unlock(&ex->stream_lock);
    if (last)
        http_exchange_free(ex);
}

/* libmicrohttpd asks for up to `max` bytes to send. None: the connection sleeps until there are. */
static ssize_t on_read(void *cls, uint64_t position, char *out, size_t max)
{
    struct exchange *ex = cls;
    struct http_stream *st = &ex->stream;
    ssize_t given = 0;

    (void)position;
    pthread_mutex_lock(&ex->stream_lock);
    size_t unsent = st->len - st->at;
    if (st->dead) {
        given = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (unsent > 0) {
        given = (ssize_t)(unsent < max ? unsent : max);
        memcpy(out, st->p + st->at, (size_t)given);
        st->at += (size_t)given;
        if (st->at == st->len)
            st->at = st->len = 0;
    } else if (st->ended) {
        given = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        MHD_suspend_connection(ex->mhd);
        st->asleep = true;
    }
    pthread_mutex_unlock(&ex->stream_lock);
    return given;
}

struct MHD_Response *http_stream_response(struct exchange *ex)
{
    struct http_stream *st = &ex->stream;
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, on_read, ex, NULL);

    if (r == NULL)
        log_fatal("http.out_of_memory", "bytes=%d", STREAM_BLOCK_BYTES);
    if (!http_pairs_ok(st->headers))
        log_fatal("http.bad_answer_header", "status=%d", 200);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, st->type);
    for (const struct http_pair *h = st->headers; h != NULL && h->name != NULL; h++)
        MHD_add_response_header(r, h->name, h->value);
    return r;
}

/* The server stops: what was sent still goes out, nothing more is taken. */
void http_streams_end_all(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    for (struct http_stream *st = s->streams; st != NULL; st = st->next) {
        pthread_mutex_lock(&st->ex->stream_lock);
        st->ended = true;
        wake(st);
        pthread_mutex_unlock(&st->ex->stream_lock);
    }
    pthread_mutex_unlock(&s->lock);
}

/* Closes streams whose client has left. Called by the guard. One that libmicrohttpd sends is linked
 * for as long as its socket is open; one begun for a client that had left has no socket. */
void http_streams_find_gone(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    for (struct http_stream *st = s->streams; st != NULL; st = st->next) {
        if (atomic_load(&st->ex->state) != EX_QUEUED)
            continue;
        struct pollfd fd = { .fd = st->ex->conn->fd, .events = POLLRDHUP };
        if (poll(&fd, 1, 0) <= 0)
            continue;
        pthread_mutex_lock(&st->ex->stream_lock);
        st->dead = true;
        wake(st);
        pthread_mutex_unlock(&st->ex->stream_lock);
    }
    pthread_mutex_unlock(&s->lock);
}
