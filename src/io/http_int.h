/* http_int.h -- the server's inside, for src/io/http*.c only.
 *
 * Who may touch what:
 *   struct conn      made and ended by the loop thread that owns the socket. `deadline_ns` and
 *   `timing`
 *                    are also the guard's, hence atomic; the guard may shut the socket down while
 *                    it holds server->lock, under which a conn is unlinked before its socket is
 *                    closed.
 *   struct exchange  the loop thread's until `handle` is called; then its holder's until it
 *   answers;
 *                    then the loop thread's again. `state` passes it over.
 *   struct http_stream  everything in it under the exchange's stream_lock. */
#pragma once
#include "base/buf.h"
#include "base/limits.h"
#include "io/http.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    CONN_POOL_BYTES = 24 * 1024, /* libmicrohttpd's memory of one connection: a full head, the list
                                     * of its fields, and the head of the answer */
    EXCHANGE_ARENA_BYTES = 8 * 1024,
    EXCHANGES_KEPT = 256,        /* finished ones kept for reuse */
    SMALL_BODY_BYTES = 4 * 1024, /* announced bodies up to this go into the arena at once */
    ADDRESS_BYTES = 48,
    STREAM_BLOCK_BYTES = 1024,
    LOOPS_MAX = 64,
    TURN_MS_MAX = 60 * 1000,
    HELD_TURN_MS = 1,          /* at most, while exchanges are held */
    AWAKE_NS = 500 * 1000,     /* before the loop sleeps in such a turn */
    HOLD_NS = 4 * 1000 * 1000, /* then the exchanges sleep */
};
#define NS_PER_MS 1000000LL
#define NS_PER_SECOND 1000000000LL

enum exchange_state {
    EX_LINE,     /* the request line has been seen */
    EX_BODY,     /* the head is good; the body comes */
    EX_HANDLING, /* given to `handle`, which has not returned */
    EX_HELD,     /* `handle` has returned without an answer; the loop looks again in each turn */
    EX_ASLEEP,   /* likewise, but for longer: the connection is suspended */
    EX_GONE,     /* the client left while it was held: whoever answers frees it */
    EX_ANSWERED, /* an answer is stored; only the loop thread goes on from here */
    EX_QUEUED,   /* given to libmicrohttpd for sending */
};

struct conn {
    struct http_server *server;
    struct loop *loop; /* whose thread it lives on */
    struct conn *next, *prev;
    int fd;
    bool linger;              /* its sender may still be sending: read on before closing */
    _Atomic(i64) deadline_ns; /* the guard closes it after this; 0: no deadline */
    _Atomic(bool) timing;     /* the deadline is that of a request that has begun */
    _Atomic(bool) busy;       /* an exchange is open */
    _Atomic(u32) done_count;  /* exchanges finished */
    u32 idle_done_count; /* guard only: what done_count was, and what had been received, when */
    u64 idle_bytes;      /* it was last seen idle */
    char address[ADDRESS_BYTES];
};

struct http_stream {
    struct exchange *ex;
    struct http_stream *next, *prev; /* in server->streams, under server->lock */
    char *p;                         /* unsent: p[at .. len) */
    size_t at, len, cap;
    const char *type;
    const struct http_pair *headers;
    bool open;        /* begun and not both sides done */
    bool ended;       /* nothing more comes: send the rest and finish */
    bool dead;        /* finish at once */
    bool asleep;      /* the connection is suspended for want of bytes */
    bool sender_gone; /* libmicrohttpd's side is done */
    bool owner_gone;  /* http_stream_end was called */
};

struct exchange {
    struct http_exchange pub; /* first: the public pointer is this one's */
    struct conn *conn;
    struct loop *loop;
    struct MHD_Connection *mhd;
    _Atomic(int) state;
    const char *raw_target;   /* where libmicrohttpd holds it: compared, never read */
    struct str target;        /* our copy */
    struct http_pair *fields; /* header fields in order */
    size_t field_count;
    struct buf body;
    size_t announced; /* by Content-Length */
    bool has_body, chunked;
    bool held; /* counted in loop->held */
    struct http_answer answer;
    struct exchange *next_ready; /* in loop->ready */
    bool streams;                /* the answer is `stream`; answer.status is 200 */
    struct http_stream stream;
    /* Kept from one use to the next: */
    struct http_server *server;
    struct exchange *next_free;
    pthread_mutex_t stream_lock;
};

struct loop { /* a thread and its connections */
    struct http_server *server;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    int epoll_fd, wake_fd;            /* the daemon's; ours, an eventfd */
    int ends_fd;                      /* ours, an epoll: senders that will send no more */
    i64 now_ns;                       /* when the turn began: precise enough for deadlines */
    unsigned held;                    /* exchanges in EX_HELD */
    _Atomic(bool) asleep;             /* the eventfd must be written to be heard */
    _Atomic(bool) answered;           /* something, since the loop last looked */
    _Atomic(struct exchange *) ready; /* answered, to be resumed; newest first */
};

struct http_server {
    struct http_options o;
    struct loop loops[LOOPS_MAX];
    unsigned loop_count;
    _Atomic(bool) loops_quit;
    int listen_fd, port;
    _Atomic(unsigned) conn_count;
    _Atomic(bool) stopping;
    _Atomic(int) calling; /* threads inside http_answer and the like */
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t quiet; /* open_exchanges or conn_list fell to nothing */
    struct conn *conns;
    struct http_stream *streams;
    unsigned stream_count;
    struct exchange *free_exchanges;
    unsigned free_count;
    unsigned open_exchanges; /* on libmicrohttpd's side, or held for a client that left */
    unsigned refs;           /* the server's user and each stream's owner */
    /* the guard's */
    pthread_t guard;
    _Atomic(bool) guard_quit;
    int guard_wake; /* eventfd */
    int linger_fds[LIMIT_LINGERING];
    i64 linger_until_ns[LIMIT_LINGERING];
    unsigned linger_count;
};

static inline struct exchange *exchange_of(const struct http_exchange *ex)
{
    return (struct exchange *)ex;
}

/* http.c */
void http_exchange_free(struct exchange *ex); /* back to the pool; the caller was the last holder */
void http_exchange_destroy(struct exchange *ex);
struct MHD_Daemon *http_daemon_start(struct loop *l); /* NULL: no memory or files */
void http_resume_ready(struct loop *l);               /* on the loop's thread, once a turn */
void http_hand_back(struct exchange *ex);   /* an answer is stored: wakes the loop if need be */
void http_resume_soon(struct exchange *ex); /* any thread: its connection, in the next turn */
bool http_pairs_ok(const struct http_pair *headers);

/* http_server.c */
void http_server_unref(struct http_server *s);
void http_close_idle(struct conn *c); /* when no exchange is open on it; holding server->lock */

/* http_guard.c: time and framing */
bool http_guard_start(struct http_server *s);
void http_guard_stop(struct http_server *s);
void http_guard_linger(struct http_server *s, int fd); /* takes a copy of fd */
/* A request has begun on the connection (unless the guard saw it begin), or the last one is done.
 */
void http_conn_times(struct conn *c, i64 now_ns, bool request);
void http_conn_received(struct conn *c, size_t bytes); /* of a body: may move the deadline */
/* A refusal: a status and what was wrong, for the problem document. */
struct refusal {
    int status;
    const char *text; /* static; NULL: nothing is wrong */
};
/* Reads the head that stands at `method` in libmicrohttpd's memory, `bytes` long, strictly, and
 * fills the exchange from it. */
struct refusal http_head_read(struct exchange *ex, const char *method, const char *version,
                              size_t bytes, size_t counted_fields);

/* http_parse.c */
/* Percent-decodes in place. False: a bad escape, NUL, or not UTF-8. '+' is a space if
 * plus_is_space. */
bool http_percent_decode(char *text, size_t *len, bool plus_is_space);
bool http_is_token(const char *text);

/* http_stream.c */
struct MHD_Response *http_stream_response(struct exchange *ex);
void http_stream_sender_done(
    struct exchange *ex); /* frees the exchange when its owner is gone too */
void http_streams_end_all(struct http_server *s);
void http_streams_find_gone(struct http_server *s);
