/* web_int.h -- the web's inside, for src/kit/web*.c, session*.c, rate.c and assets.c only.
 *
 * The way of a request: web_handle (network loop) finds the route and answers assets, inline routes
 * and mistakes at once. Everything else goes to a reader (web_pool.c), which identifies, checks,
 * parses, and either runs the handler or hands it to the writer. req_finish answers, counts and
 * logs, once. */
#pragma once
#include "base/limits.h"
#include "kit/web.h"
#include "store/writer.h"
#include <pthread.h>
#include <stdatomic.h>

/* ---- assets.c ---- */
struct asset {
    const char *name, *path, *type, *etag; /* path with its slash: "/assets/app.1a2b.css" */
    const u8 *plain, *gzip, *brotli;       /* gzip and brotli NULL where they gain nothing */
    size_t plain_bytes, gzip_bytes, brotli_bytes;
    bool hashed;                           /* the path changes with the content */
};
struct assets;
/* dev_dir as in web_options. E_IO: no manifest there. In arena. */
MUST_CHECK enum status assets_open(struct ctx *cx, struct arena *a, const char *dev_dir,
                                   struct assets **out);
const struct asset *assets_by_path(const struct assets *as, const char *path); /* NULL: none */
const struct asset *assets_by_name(const struct assets *as, const char *name);
size_t assets_list(const struct assets *as, const struct asset **out);
/* Fills in the answer: body in the best encoding the client takes, caching, 304. */
enum status assets_reply(struct req *rq, const struct assets *as, const struct asset *asset);
/* A file as it is, uncompressed; a NULL p: not there. */
struct str assets_text(const struct assets *as, struct arena *a, const char *logical_name);

/* ---- rate.c ---- */
struct rate;
struct rate *rate_new(void); /* owned: rate_free */
void rate_free(struct rate *r);
bool rate_over(struct rate *r, const char *what, const char *key, int per_minute, i64 now_ms);

/* ---- web.c ---- */
/* Asks the settings now and then for what the command line left open: public address, proxy. */
void web_listen_to_settings(struct web *w, struct ctx *cx);
/* The proxy whose word on addresses counts, copied; "" none. */
void web_proxy(struct web *w, char out[64]);

/* ---- web_routes.c ---- */
struct web_node;
enum { SLOT_NONE = -1, SLOT_OTHER_METHOD = -2 };
MUST_CHECK enum status routes_open(struct ctx *cx, struct web *w);
/* Index into web->counts, with the path's parameters in rq (may be NULL). SLOT_OTHER_METHOD: the
 * address is known and *allow (may be NULL) says for what; in arena `a`. */
int route_find(const struct web *w, enum http_method m, const char *path, struct req *rq,
               struct arena *a, const char **allow);
/* Any route at this address, whatever the method; for OPTIONS. NULL: none. */
const struct route *route_any(const struct web *w, const char *path);
const char *method_word(enum http_method m); /* static: "GET" */
extern const struct route web_own_routes[];  /* web_own.c: health, metrics, live */
extern const size_t web_own_route_count;

struct fixed_reply {
    struct http_answer answer; /* its parts are static */
    struct http_fixed *http;
};

/* ---- one request ---- */
struct call {
    struct req rq;
    struct ctx cx;
    struct web *web;
    struct http_exchange *ex;     /* NULL without a socket */
    const struct web_request *in; /* without a socket */
    struct arena *life;           /* until answered: the exchange's, or web_perform's */
    struct arena *work;           /* of a run on the writer; NULL elsewhere */
    const struct access *who;     /* as identified */
    const struct http_pair *sent; /* the answer's headers */
    const char *allow;            /* of a 405, or NULL */
    bool *taken;                  /* of the thread that runs the handler; NULL on the writer */
    int slot;                     /* of web->counts, or SLOT_NONE */
    int http_status;              /* an error's own, 0: as the status says */
    enum status ran;              /* what the handler returned; OK: what follows is the commit's */
    bool refused;                 /* the handler answered an error itself: its writes are undone */
    bool finished;                /* web_perform waits for it */
    bool quiet;                   /* logged only when it fails */
    int resubmits;                /* after conflicts */
    struct writer_item item;
    struct call *next;            /* in the pool's queue */
    i64 began_ns;
    char id[16];                  /* of the request, as text */
};
static inline struct call *call_of(struct req *rq) { return rq->user; }

/* ---- web_dispatch.c ---- */
/* Runs on a reader: everything up to the handler, the handler or the way to the writer. */
void call_read(struct call *c, struct db *db, struct arena *work);

/* A call for a request without a socket; see web_perform.c. */
struct call *call_new(struct web *w, struct arena *life);
bool call_start(struct call *c); /* true: the rest is call_read's */

/* ---- web_request.c ---- */
MUST_CHECK enum status request_parse_query(struct req *rq);
/* By content type into form, files, body. Sets call->http_status where 422 would be wrong. */
MUST_CHECK enum status request_parse_body(struct req *rq);
void request_accept(struct req *rq); /* wants_json, is_htmx */

/* ---- web_security.c ---- */
MUST_CHECK enum status security_check_csrf(struct req *rq);
/* Headers that every answer carries, appended to `out` (room for SECURITY_HEADERS_MAX). */
enum { SECURITY_HEADERS_MAX = 12 };
int security_headers(const struct req *rq, struct arena *a, struct http_pair *out); /* in a */
const char *security_client(struct web *w, struct arena *a, const char *socket_address,
                            const char *forwarded_for);
bool security_equal(const char *a, const char *b); /* constant time for equal lengths */

/* ---- web_error.c ---- */
/* Builds the answer for an error: problem document or page. */
void error_reply(struct call *c, enum status s);

/* ---- web_reply.c ---- */
struct val *flash_take(struct req *rq); /* list for the shell; clears the cookie */
const char *theme_of(const struct req *rq);

/* ---- web_shell.c ---- */
struct shell_menu; /* made once: sections and entries of types and features; in arena */
MUST_CHECK enum status shell_menu_open(struct ctx *cx, struct arena *a, struct shell_menu **out);

/* ---- session.c ---- */
struct roles; /* compiled rules of roles, by id and version */
struct roles *roles_new(void);
void roles_free(struct roles *r);

/* ---- web_pool.c ---- */
struct pool;
MUST_CHECK enum status pool_open(struct ctx *cx, struct web *w, unsigned readers,
                                 struct pool **out);
void pool_close(struct pool *p); /* finishes what waits; NULL is fine */
MUST_CHECK enum status pool_submit(struct pool *p, struct call *c, bool slow);
unsigned pool_waiting(struct pool *p);

/* ---- counted, for /metrics ---- */
enum { STATS_BUCKETS = 12 };
extern const i64 stats_bucket_us[STATS_BUCKETS]; /* upper bounds */
struct stats {
    _Atomic(u64) by_class[6];             /* [2]: 200 to 299 */
    _Atomic(u64) buckets[STATS_BUCKETS + 1];
    _Atomic(u64) total_us, out_bytes;
    _Atomic(u64) busy, rate_limited;
};

struct web {
    struct web_options o;
    struct arena *arena;          /* routes, menu, asset tree: as long as the web; made at open */
    struct route_count *counts;   /* one a route */
    size_t count;
    struct web_node *root;
    struct assets *assets;
    struct icons *icons; /* NULL: there is no such file */
    struct val *asset_tree;       /* logical name -> address, for templates */
    struct shell_menu *menu;
    struct id_source *request_ids; /* the loop has no database to ask for one */
    struct rate *rate;
    struct roles *roles;
    struct pool *pool;
    struct stats stats;
    _Atomic(bool) https;          /* browsers reach it by https */
    pthread_mutex_t told_lock;    /* what the settings say, for the loop, which reads no database */
    char told_proxy[64], told_url[200];
    _Atomic(i64) told_ns;         /* when they were last asked */
    i64 opened_ms;
    pthread_mutex_t setup_lock;
    char setup_code[64];
    pthread_mutex_t perform_gate; /* one web_perform at a time */
    pthread_mutex_t perform_lock; /* its answer may come from another thread */
    pthread_cond_t perform_done;
    struct db *perform_db;        /* opened at the first web_perform */
};
