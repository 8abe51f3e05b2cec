/* writer.c -- who may write, and when it counts. On SQLite one thread takes whatever queued up
 * while it last committed, so that under load one fsync serves many requests and alone a request
 * waits for nobody: no timer. On PostgreSQL each thread runs one transaction at a time, and again
 * when the server asks for it. */
#include "store/writer.h"
#include "base/log.h"
#include "store/db_int.h"
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    /* Pages of 4 KB in SQLite's log. The checkpoint thread copies in runs, since hot pages are then
     * copied once for many changes; past RESET the writer itself copies the little that is left, so
     * that the log starts over from its beginning and does not grow for ever under steady load. */
    CHECKPOINT_PAGES = 4096,
    CHECKPOINT_RESET_PAGES = 16384,
    CHECKPOINT_IDLE_MS = 2000, /* or when nothing was written for this long */
    REST_MS = 1000,            /* without work, the writer gives back what a burst of it took */
    FOR_EVER = -1,
};

/* A thread that writes, with its connection. */
struct lane {
    struct writer *w;
    struct db *db;
    struct arena *arena;
    struct clock clock;
    pthread_t thread;
    bool running;
    unsigned seed; /* of the pauses between retries */
};

struct writer {
    struct db_store *store;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct writer_item *head, **tail; /* under lock, like the next two */
    unsigned waiting;
    bool stopping;
    struct lane *lanes;
    unsigned lane_count;
    atomic_uint_fast64_t commits, retries;

    struct lane copier; /* SQLite: the checkpoint thread */
    pthread_cond_t copier_wake;
    int pages, copied_pages; /* in the log; of them in the database: under lock */
    bool may_reset;          /* the copier has run since the writer last did its job */
};

/* ---- the queue ---- */
static struct timespec in_ms(int ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* The next item; NULL: none came within `wait_ms`, or the writer stops. */
static struct writer_item *take(struct writer *w, int wait_ms)
{
    struct timespec until = wait_ms > 0 ? in_ms(wait_ms) : (struct timespec){ 0 };
    bool late = wait_ms == 0;

    pthread_mutex_lock(&w->lock);
    while (!late && !w->head && !w->stopping)
        if (wait_ms == FOR_EVER)
            pthread_cond_wait(&w->wake, &w->lock);
        else
            late = pthread_cond_timedwait(&w->wake, &w->lock, &until) != 0;
    struct writer_item *item = w->head;
    if (item) {
        w->head = item->next;
        if (!w->head)
            w->tail = &w->head;
        w->waiting--;
        item->next = NULL;
    }
    pthread_mutex_unlock(&w->lock);
    return item;
}

/* `first` and all that wait behind it now, none with a status of its own. */
static struct writer_item *take_all(struct writer *w, struct writer_item *first)
{
    pthread_mutex_lock(&w->lock);
    first->next = w->head;
    w->head = NULL;
    w->tail = &w->head;
    w->waiting = 0;
    pthread_mutex_unlock(&w->lock);
    for (struct writer_item *i = first; i; i = i->next)
        i->status = OK;
    return first;
}

enum status writer_submit(struct writer *w, struct writer_item *item)
{
    pthread_mutex_lock(&w->lock);
    bool full = w->stopping || w->waiting >= LIMIT_WORKER_QUEUE;
    if (!full) {
        item->next = NULL;
        *w->tail = item;
        w->tail = &item->next;
        w->waiting++;
        pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    return full ? E_BUSY : OK;
}

static void begin_ctx(struct lane *l, struct ctx *cx)
{
    arena_reset(l->arena);
    ctx_init(cx, l->arena, &l->clock);
    cx->db = l->db;
}

/* ---- SQLite: many pieces, one commit ---- */
static void run_in_savepoint(struct ctx *cx, struct writer_item *item)
{
    struct tx tx = tx_begin(cx);
    enum status s = tx.status;

    if (s == OK)
        s = item->work(item->arg, cx->db);
    if (s == OK)
        s = tx_commit(&tx);
    tx_end(&tx);
    ctx_clear_error(cx);
    item->status = s;
}

/* Runs what is queued in the open transaction. Returns the items as a list, each with its status;
 * *lost is set when the engine gave the whole transaction up (no space left). */
static struct writer_item *run_batch(struct ctx *cx, struct lane *l, struct writer_item *item,
                                     enum status *lost)
{
    u64 until = clock_mono_ns() + (u64)WRITER_BATCH_MS * 1000000;
    struct writer_item *first = NULL, **end = &first;
    int count = 0;

    for (; item; item = take(l->w, 0)) {
        run_in_savepoint(cx, item);
        *end = item;
        end = &item->next;
        if (!l->db->driver->in_transaction(l->db)) {
            *lost = item->status != OK ? item->status : E_IO;
            break;
        }
        if (++count == WRITER_BATCH_ITEMS || clock_mono_ns() > until)
            break;
    }
    return first;
}

static bool any_ok(const struct writer_item *list)
{
    for (; list; list = list->next)
        if (list->status == OK)
            return true;
    return false;
}

static void finish_batch(struct writer_item *list, enum status committed)
{
    while (list) {
        struct writer_item *next = list->next; /* `done` may free it */
        enum status s = list->status == OK ? committed : list->status;
        list->done(list->arg, s);
        list = next;
    }
}

static void group_commit(struct lane *l, struct writer_item *item)
{
    enum status committed = OK, lost = OK;
    struct ctx cx;

    begin_ctx(l, &cx);
    committed = db_outer_begin(&cx, l->db, false);
    if (committed != OK) { /* the file is locked or gone: so it is for all who wait */
        log_line(LOG_ERROR, "writer.begin", "status=%s cause=\"%s\"", status_word(committed),
                 cx.error_text);
        finish_batch(take_all(l->w, item), committed);
        return;
    }
    struct writer_item *list = run_batch(&cx, l, item, &lost);
    if (lost == OK && any_ok(list)) {
        committed = db_outer_commit(&cx, l->db);
        if (committed == OK)
            atomic_fetch_add(&l->w->commits, 1);
        else
            log_line(LOG_ERROR, "writer.commit", "status=%s cause=\"%s\"", status_word(committed),
                     cx.error_text);
    } else {
        committed = lost;
        if (lost != OK)
            log_line(LOG_ERROR, "writer.lost", "status=%s", status_word(lost));
        db_outer_rollback(&cx, l->db);
    }
    finish_batch(list, committed);
}

/* The log is long and the copier has been through: copy the rest, so that the next write starts
 * over. */
static void reset_log(struct writer *w, struct db *db)
{
    pthread_mutex_lock(&w->lock);
    bool due = w->pages >= CHECKPOINT_RESET_PAGES && w->may_reset;
    if (due)
        w->may_reset = false;
    pthread_mutex_unlock(&w->lock);
    if (due)
        db_sqlite_checkpoint(db);
}

/* As take(FOR_EVER). A program with nothing to do is small, also after it had much to do: SQLite's
 * pages are in the system's cache still, and malloc keeps what was freed until it is asked. */
static struct writer_item *take_or_rest(struct lane *l)
{
    struct writer_item *item = take(l->w, REST_MS);

    if (item)
        return item;
    db_rest(l->db);
    malloc_trim(0);
    return take(l->w, FOR_EVER);
}

static void *group_thread(void *arg)
{
    struct lane *l = arg;

    for (struct writer_item *item; (item = take_or_rest(l));) {
        group_commit(l, item);
        reset_log(l->w, l->db);
    }
    return NULL;
}

/* ---- SQLite: the checkpoint thread ---- */
static void on_commit(void *arg, int pages)
{
    struct writer *w = arg;

    pthread_mutex_lock(&w->lock);
    if (pages < w->pages) /* the log started over */
        w->copied_pages = 0;
    w->pages = pages;
    pthread_cond_signal(&w->copier_wake);
    pthread_mutex_unlock(&w->lock);
}

/* Waits, with the lock held, until there is something to copy; false: the writer stops. */
static bool wait_for_pages(struct writer *w)
{
    for (;;) {
        int seen = w->pages;
        if (w->stopping)
            return false;
        if (w->pages - w->copied_pages >= CHECKPOINT_PAGES)
            return true;
        if (w->pages == w->copied_pages) {
            pthread_cond_wait(&w->copier_wake, &w->lock);
            continue;
        }
        struct timespec until = in_ms(CHECKPOINT_IDLE_MS);
        if (pthread_cond_timedwait(&w->copier_wake, &w->lock, &until) && seen == w->pages)
            return true;
    }
}

static void *copier_thread(void *arg)
{
    struct lane *l = arg;
    struct writer *w = l->w;

    pthread_mutex_lock(&w->lock);
    while (wait_for_pages(w)) {
        int pages = w->pages;
        pthread_mutex_unlock(&w->lock);
        db_sqlite_checkpoint(l->db);
        pthread_mutex_lock(&w->lock);
        w->copied_pages = pages <= w->pages ? pages : w->pages;
        w->may_reset = true;
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- PostgreSQL: a piece, a transaction ---- */
static enum status run_once(struct ctx *cx, struct lane *l, struct writer_item *item, bool *again)
{
    *again = false;
    TRY(db_outer_begin(cx, l->db, item->relaxed));
    enum status s = item->work(item->arg, l->db);
    if (s == OK && l->db->failed == OK) {
        s = db_outer_commit(cx, l->db);
        *again = s == E_RETRY;
        return s; /* a connection lost at this point may or may not have committed: not again */
    }
    if (l->db->failed != OK)
        s = l->db->failed;
    *again = s == E_RETRY || !l->db->driver->alive(l->db);
    db_outer_rollback(cx, l->db);
    return s;
}

static void pause_before_retry(struct lane *l, int attempt)
{
    long ms = 1 + rand_r(&l->seed) % (2L << attempt); /* apart from each other, not in step */
    struct timespec t = { 0, ms * 1000000 };

    nanosleep(&t, NULL);
}

static void run_transaction(struct lane *l, struct writer_item *item)
{
    enum status s;
    bool again;

    for (int attempt = 0;; attempt++) {
        struct ctx cx;
        begin_ctx(l, &cx);
        s = run_once(&cx, l, item, &again);
        if (!again || attempt == WRITER_RETRIES)
            break;
        atomic_fetch_add(&l->w->retries, 1);
        pause_before_retry(l, attempt);
    }
    if (s == OK)
        atomic_fetch_add(&l->w->commits, 1);
    item->done(item->arg, s);
}

static void *transaction_thread(void *arg)
{
    struct lane *l = arg;

    for (struct writer_item *item; (item = take(l->w, FOR_EVER));)
        run_transaction(l, item);
    return NULL;
}

/* ---- opening and closing ---- */
static enum status lane_open(struct ctx *cx, struct writer *w, struct lane *l)
{
    l->w = w;
    l->arena = arena_new(16 * 1024);
    l->seed = (unsigned)clock_mono_ns();
    return db_open(cx, w->store, DB_WRITE, &l->db);
}

static enum status lane_start(struct ctx *cx, struct lane *l, void *(*fn)(void *))
{
    if (pthread_create(&l->thread, NULL, fn, l) != 0)
        return ctx_fail(cx, E_IO, "a thread cannot be started: the system's limit is met");
    l->running = true;
    return OK;
}

static void lane_close(struct lane *l)
{
    if (l->running)
        pthread_join(l->thread, NULL);
    db_close(l->db);
    if (l->arena)
        arena_free(l->arena);
}

static void init_locks(struct writer *w)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, &monotonic);
    pthread_cond_init(&w->copier_wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static enum status open_lanes(struct ctx *cx, struct writer *w)
{
    bool sqlite = db_store_engine(w->store) == DB_SQLITE;

    for (unsigned i = 0; i < w->lane_count; i++)
        TRY(lane_open(cx, w, &w->lanes[i]));
    if (sqlite) {
        TRY(lane_open(cx, w, &w->copier));
        db_sqlite_on_commit(w->lanes[0].db, on_commit, w);
        TRY(lane_start(cx, &w->copier, copier_thread));
    }
    for (unsigned i = 0; i < w->lane_count; i++)
        TRY(lane_start(cx, &w->lanes[i], sqlite ? group_thread : transaction_thread));
    return OK;
}

enum status writer_open(struct ctx *cx, struct db_store *s, unsigned threads, struct writer **out)
{
    struct writer *w = calloc(1, sizeof(*w));

    assert(w);
    w->store = s;
    w->tail = &w->head;
    w->lane_count = db_store_engine(s) == DB_SQLITE || threads == 0 ? 1 : threads;
    w->lanes = calloc(w->lane_count, sizeof(*w->lanes));
    assert(w->lanes);
    init_locks(w);
    enum status st = open_lanes(cx, w);
    if (st != OK) {
        writer_close(w);
        return st;
    }
    *out = w;
    return OK;
}

void writer_close(struct writer *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->wake);
    pthread_cond_broadcast(&w->copier_wake);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->lane_count; i++)
        lane_close(&w->lanes[i]);
    lane_close(&w->copier);
    pthread_cond_destroy(&w->copier_wake);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w->lanes);
    free(w);
}

u64 writer_commits(const struct writer *w) { return atomic_load(&w->commits); }
u64 writer_retries(const struct writer *w) { return atomic_load(&w->retries); }

/* ---- waiting for it ---- */
struct waiting_run {
    struct ctx *cx;
    enum status (*work)(struct ctx *cx, void *arg);
    void *arg;
    enum status status;
    bool finished;
    pthread_mutex_t lock;
    pthread_cond_t wake;
};

static enum status waiting_work(void *arg, struct db *db)
{
    struct waiting_run *r = arg;
    struct db *before = r->cx->db;

    ctx_clear_error(r->cx); /* of an earlier attempt */
    r->cx->db = db;
    enum status s = r->work(r->cx, r->arg);
    r->cx->db = before;
    return s;
}

static void waiting_done(void *arg, enum status s)
{
    struct waiting_run *r = arg;

    pthread_mutex_lock(&r->lock);
    r->status = s;
    r->finished = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
}

static enum status tell(struct ctx *cx, enum status s)
{
    if (s == OK || s == E_NOT_FOUND || cx->error != OK)
        return s;
    if (s == E_FULL)
        return ctx_fail(cx, s, "the disk is full: nothing was saved. What is there can be read");
    if (s == E_BUSY)
        return ctx_fail(cx, s, "too much is being saved at once: try again in a moment");
    return ctx_fail(cx, s, "nothing was saved: try again");
}

static enum status run_waiting(struct writer *w, struct ctx *cx, bool relaxed,
                               enum status (*work)(struct ctx *cx, void *arg), void *arg)
{
    struct waiting_run r = { .cx = cx, .work = work, .arg = arg };
    struct writer_item item = { waiting_work, waiting_done, &r, .relaxed = relaxed };

    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.wake, NULL);
    enum status s = writer_submit(w, &item);
    if (s == OK) {
        pthread_mutex_lock(&r.lock);
        while (!r.finished)
            pthread_cond_wait(&r.wake, &r.lock);
        pthread_mutex_unlock(&r.lock);
        s = r.status;
    }
    pthread_cond_destroy(&r.wake);
    pthread_mutex_destroy(&r.lock);
    return tell(cx, s);
}

enum status writer_run(struct writer *w, struct ctx *cx,
                       enum status (*work)(struct ctx *cx, void *arg), void *arg)
{
    return run_waiting(w, cx, false, work, arg);
}

enum status writer_run_relaxed(struct writer *w, struct ctx *cx,
                               enum status (*work)(struct ctx *cx, void *arg), void *arg)
{
    return run_waiting(w, cx, true, work, arg);
}
