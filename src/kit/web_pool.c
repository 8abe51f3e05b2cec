/* web_pool.c -- the readers: a fixed number of threads, each with its own connection and memory,
 * that take requests from one queue. Slow ones (password hashing, uploads) wait in a line of their
 * own and never hold all readers. */
#include "kit/web_int.h"
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>

struct line {
    struct call *first, *last;
    unsigned count;
};

struct reader {
    struct pool *pool;
    struct db *db;
    struct arena *arena;
    pthread_t thread;
    bool started;
    bool rests; /* has given back what the last requests took */
};

struct pool {
    struct web *web;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct line quick, slow;
    unsigned slow_running, slow_max;
    bool stopping;
    unsigned reader_count;
    struct reader readers[];
};

enum {
    READER_ARENA_BYTES = 64 * 1024,
    REST_MS = 1000, /* without requests, a reader gives back what they took */
    NS_PER_MS = 1000000,
};

static void line_add(struct line *l, struct call *c)
{
    c->next = NULL;
    if (l->last != NULL)
        l->last->next = c;
    else
        l->first = c;
    l->last = c;
    l->count++;
}

static struct call *line_take(struct line *l)
{
    struct call *c = l->first;

    if (c != NULL) {
        l->first = c->next;
        if (l->first == NULL)
            l->last = NULL;
        l->count--;
    }
    return c;
}

/* With the lock held: waits for news, the first time without any only so long; then the reader
 * rests. */
static void wait_or_rest(struct pool *p, struct reader *r)
{
    i64 until = (i64)clock_mono_ns() + REST_MS * (i64)NS_PER_MS;
    struct timespec t = { until / 1000000000, until % 1000000000 };

    if (r->rests) {
        pthread_cond_wait(&p->more, &p->lock);
        return;
    }
    if (pthread_cond_timedwait(&p->more, &p->lock, &t) != ETIMEDOUT)
        return;
    r->rests = true;
    pthread_mutex_unlock(&p->lock);
    db_rest(r->db);
    malloc_trim(0);
    pthread_mutex_lock(&p->lock);
}

/* Waits for a request; NULL: the pool ends and nothing waits. */
static struct call *take(struct pool *p, struct reader *r, bool *slow)
{
    struct call *c = NULL;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        /* One slow request always gets on; more of them only where nothing quick waits. */
        *slow = p->slow_running == 0 || (p->quick.count == 0 && p->slow_running < p->slow_max);
        c = *slow ? line_take(&p->slow) : NULL;
        if (c != NULL) {
            p->slow_running++;
            break;
        }
        *slow = false;
        if ((c = line_take(&p->quick)) != NULL)
            break;
        if (p->stopping && p->slow.count == 0)
            break;
        wait_or_rest(p, r);
    }
    r->rests = false;
    pthread_mutex_unlock(&p->lock);
    return c;
}

static void *reader_main(void *arg)
{
    struct reader *r = arg;
    struct pool *p = r->pool;
    struct call *c;
    bool slow;

    while ((c = take(p, r, &slow)) != NULL) {
        call_read(c, r->db, r->arena);
        arena_reset(r->arena);
        if (!slow)
            continue;
        pthread_mutex_lock(&p->lock);
        p->slow_running--;
        pthread_cond_broadcast(
            &p->more); /* a slow one may wait for this place, or the end for us */
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

enum status pool_open(struct ctx *cx, struct web *w, unsigned readers, struct pool **out)
{
    struct pool *p = calloc(1, sizeof *p + readers * sizeof p->readers[0]);
    pthread_condattr_t attr;
    enum status s = OK;

    assert(p != NULL);
    p->web = w;
    p->reader_count = readers;
    p->slow_max = readers > 1 ? readers - 1 : 1;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->more, &attr);
    pthread_condattr_destroy(&attr);
    for (unsigned i = 0; i < readers && s == OK; i++) {
        struct reader *r = &p->readers[i];
        r->pool = p;
        r->arena = arena_new(READER_ARENA_BYTES);
        s = db_open(cx, w->o.store, DB_READ, &r->db);
        if (s == OK && pthread_create(&r->thread, NULL, reader_main, r) != 0)
            s = ctx_fail(cx, E_IO, "no thread for reader %u", i);
        r->started = s == OK;
    }
    if (s != OK) {
        pool_close(p);
        return s;
    }
    *out = p;
    return OK;
}

void pool_close(struct pool *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->reader_count; i++) {
        struct reader *r = &p->readers[i];
        if (r->started)
            pthread_join(r->thread, NULL);
        db_close(r->db);
        if (r->arena != NULL)
            arena_free(r->arena);
    }
    pthread_cond_destroy(&p->more);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

enum status pool_submit(struct pool *p, struct call *c, bool slow)
{
    bool full;

    pthread_mutex_lock(&p->lock);
    full = p->stopping || p->quick.count + p->slow.count >= LIMIT_WORKER_QUEUE;
    if (!full) {
        line_add(slow ? &p->slow : &p->quick, c);
        pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);
    return full ? E_BUSY : OK;
}

unsigned pool_waiting(struct pool *p)
{
    unsigned n;

    if (p == NULL)
        return 0;
    pthread_mutex_lock(&p->lock);
    n = p->quick.count + p->slow.count;
    pthread_mutex_unlock(&p->lock);
    return n;
}
