/* background.c -- job runners and the watcher. The watcher looks at the writer's count of commits:
 * when it has moved, there may be jobs due or events in the outbox. A look costs one atomic read,
 * and only a commit makes it ask the database. */
#include "app/background.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "journey/journey.h"
#include "kit/live.h"
#include "store/notify.h"
#include "store/queue.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { RUNNER_ARENA_BYTES = 64 * 1024, IDLE_LOOK_MS = 5000, NS_PER_MS = 1000000 };

struct runner {
    struct background *b;
    pthread_t thread;
    bool started;
    struct db *db;
    struct arena *arena;
    /* under b->lock: the job that runs, so that the watcher can lengthen its lease */
    bool busy;
    struct job job;
    i64 extend_at_ns;
};

struct background {
    struct program *p;
    pthread_mutex_t lock;
    pthread_cond_t wake; /* runners: a job may be due; everybody: stopping */
    bool stopping;
    u64 generation;  /* counts the watcher's news */
    i64 next_due_ms; /* of the queue, as last seen; TIME_NONE: nothing waits */
    pthread_t watcher;
    bool watching;
    struct db *db; /* the watcher's */
    struct arena *arena;
    struct notify *notify;  /* what other nodes say; NULL over SQLite */
    struct arena *heard;    /* its thread's */
    _Atomic(bool) *changed; /* by feature: another node changed what it keeps in memory */
    unsigned runner_count;
    struct runner runners[];
};

static void fresh_ctx(struct program *p, struct ctx *cx, struct arena *a, struct db *db)
{
    arena_reset(a);
    ctx_init(cx, a, &p->clock);
    cx->db = db;
    cx->journey = p->journey;
    cx->kit = p->kit;
    cx->access = access_system();
}

/* ---- one job ---- */
struct taken {
    struct job job;
    i64 next_ms;
    bool none;
};

static enum status take_job(struct ctx *cx, void *arg)
{
    struct taken *t = arg;
    enum status s = queue_take(cx, BACKGROUND_LEASE_MS, &t->job, &t->next_ms);

    t->none = s == E_NOT_FOUND;
    return t->none ? OK : s;
}

struct running {
    const struct job_type *type;
    struct job *job;
    const char *error;
    bool beaten; /* others wrote the same rows again and again: nothing is wrong with it */
};

/* A recurring job makes its next run when it has run, in the same transaction. */
static enum status finish_job(struct ctx *cx, void *arg)
{
    struct running *r = arg;

    TRY(queue_done(cx, r->job->id));
    if (r->type->every_ms <= 0)
        return OK;
    return queue_add(cx, r->type->name, "every", "{}", ctx_now(cx) + r->type->every_ms, NULL);
}

static enum status fail_job(struct ctx *cx, void *arg)
{
    struct running *r = arg;
    return r->beaten ? queue_beaten(cx, r->job, r->error) : queue_failed(cx, r->job, r->error);
}

static enum status run_handler(struct ctx *cx, const struct running *r)
{
    struct job_run run = { .cx = cx, .job_id = r->job->id };
    struct val *payload;

    if (json_read(cx->arena, str_from(r->job->payload), &payload, NULL) != OK)
        return ctx_fail(cx, E_CORRUPT, "the job's payload is no JSON");
    run.payload = payload;
    return r->type->run(&run);
}

/* Short work and its end in one transaction: it happens exactly once. */
static enum status run_and_finish(struct ctx *cx, void *arg)
{
    struct running *r = arg;

    TRY(run_handler(cx, r));
    return finish_job(cx, r);
}

static void run_job(struct runner *rn, struct ctx *cx, struct job *job)
{
    struct writer *w = rn->b->p->writer;
    struct running r = { .type = kit_job(rn->b->p->kit, job->name), .job = job };
    i64 began = (i64)clock_mono_ns();
    enum status s;

    cx->request_id = job->id;
    if (r.type == NULL)
        s = ctx_fail(cx, E_NOT_FOUND, "this version knows no job '%s'", job->name);
    else if (r.type->writes)
        s = writer_run(w, cx, run_and_finish, &r);
    else if ((s = run_handler(cx, &r)) == OK)
        s = writer_run(w, cx, finish_job, &r);
    if (s != OK) {
        r.error = cx->error_text[0] != '\0' ? cx->error_text : status_title(s);
        r.beaten = s == E_RETRY;
        log_line(r.beaten ? LOG_DEBUG : LOG_WARN, "job.failed",
                 "job=%lld name=%s attempt=%d code=%s cause=%s", (long long)job->id, job->name,
                 job->attempts, status_word(s),
                 status_http(s) >= 500 ? r.error : ""); /* others may quote what a person typed */
        ctx_clear_error(cx);
        if (writer_run(w, cx, fail_job, &r) != OK)
            log_line(LOG_ERROR, "job.lost", "job=%lld cause=%s", (long long)job->id,
                     cx->error_text);
        return;
    }
    log_line(LOG_DEBUG, "job.done", "job=%lld name=%s ms=%lld", (long long)job->id, job->name,
             (long long)(((i64)clock_mono_ns() - began) / NS_PER_MS));
}

/* ---- runners ---- */
static void wait_ns(struct background *b, i64 until_ns)
{
    struct timespec until = { until_ns / 1000000000, until_ns % 1000000000 };
    (void)pthread_cond_timedwait(&b->wake, &b->lock, &until);
}

/* Waits for news or for the next job's time; false: the end. */
static bool wait_for_work(struct background *b, u64 *seen)
{
    i64 now_ms = clock_ms(&b->p->clock), wait_ms = IDLE_LOOK_MS;
    bool go_on;

    pthread_mutex_lock(&b->lock);
    if (b->next_due_ms != TIME_NONE && b->next_due_ms - now_ms < wait_ms)
        wait_ms = b->next_due_ms > now_ms ? b->next_due_ms - now_ms : 1;
    i64 until = (i64)clock_mono_ns() + wait_ms * NS_PER_MS;
    while (!b->stopping && *seen == b->generation && (i64)clock_mono_ns() < until)
        wait_ns(b, until);
    *seen = b->generation;
    go_on = !b->stopping;
    pthread_mutex_unlock(&b->lock);
    return go_on;
}

static bool is_stopping(struct background *b)
{
    bool is;

    pthread_mutex_lock(&b->lock);
    is = b->stopping;
    pthread_mutex_unlock(&b->lock);
    return is;
}

static void set_busy(struct runner *rn, const struct job *job)
{
    pthread_mutex_lock(&rn->b->lock);
    rn->busy = job != NULL;
    if (job != NULL) {
        rn->job = *job;
        rn->extend_at_ns = (i64)clock_mono_ns() + (i64)BACKGROUND_LEASE_MS / 2 * NS_PER_MS;
    }
    pthread_mutex_unlock(&rn->b->lock);
}

static void *runner_main(void *arg)
{
    struct runner *rn = arg;
    struct background *b = rn->b;
    u64 seen = 0;

    do {
        while (!is_stopping(b)) {
            struct taken t = { 0 };
            struct ctx cx;
            fresh_ctx(b->p, &cx, rn->arena, rn->db);
            enum status s = writer_run_relaxed(b->p->writer, &cx, take_job, &t);
            cx.db = rn->db;
            if (s != OK || t.none) {
                pthread_mutex_lock(&b->lock);
                b->next_due_ms = s == OK ? t.next_ms : clock_ms(&b->p->clock) + IDLE_LOOK_MS;
                pthread_mutex_unlock(&b->lock);
                if (s != OK && s != E_RETRY)
                    log_line(LOG_WARN, "job.take", "cause=%s", cx.error_text);
                break;
            }
            set_busy(rn, &t.job);
            run_job(rn, &cx, &t.job);
            set_busy(rn, NULL);
        }
        arena_reset(rn->arena);
        db_rest(rn->db);
    } while (wait_for_work(b, &seen));
    return NULL;
}

/* ---- the watcher ---- */
static enum status extend_lease(struct ctx *cx, void *arg)
{
    enum status s = queue_extend(cx, arg, BACKGROUND_LEASE_MS);
    return s == E_NOT_FOUND ? OK : s;
}

static void extend_leases(struct background *b)
{
    for (unsigned i = 0; i < b->runner_count; i++) {
        struct runner *rn = &b->runners[i];
        struct job job;
        bool due;
        pthread_mutex_lock(&b->lock);
        due = rn->busy && (i64)clock_mono_ns() >= rn->extend_at_ns;
        if (due) {
            job = rn->job;
            rn->extend_at_ns += (i64)BACKGROUND_LEASE_MS / 2 * NS_PER_MS;
        }
        pthread_mutex_unlock(&b->lock);
        if (due) {
            struct ctx cx;
            fresh_ctx(b->p, &cx, b->arena, b->db);
            if (writer_run(b->p->writer, &cx, extend_lease, &job) != OK)
                log_line(LOG_WARN, "job.extend", "job=%lld cause=%s", (long long)job.id,
                         cx.error_text);
        }
    }
}

/* Something was committed: events may wait, jobs may be due. */
static void look(struct background *b)
{
    struct ctx cx;
    i64 due_ms = TIME_NONE;
    bool due;

    if (b->p->journey != NULL) {
        fresh_ctx(b->p, &cx, b->arena, b->db);
        if (outbox_drain(&cx) != OK)
            log_line(LOG_WARN, "outbox.drain", "cause=%s", cx.error_text);
    }
    fresh_ctx(b->p, &cx, b->arena, b->db);
    enum status s = db_get_i64(&cx, &due_ms, "queue.next_due");
    if (s != OK && s != E_NOT_FOUND)
        log_line(LOG_WARN, "job.look", "cause=%s", cx.error_text);
    due = s == OK && due_ms <= clock_ms(&b->p->clock);
    pthread_mutex_lock(&b->lock);
    if (s == OK && (b->next_due_ms == TIME_NONE || due_ms < b->next_due_ms)) {
        b->next_due_ms = due_ms;
        due = true; /* runners sleep for an earlier time than they know */
    }
    if (due) {
        b->generation++;
        pthread_cond_broadcast(&b->wake);
    }
    pthread_mutex_unlock(&b->lock);
}

/* ---- other nodes ---- */
/* On the thread that listens. */
static void hear(void *arg, const char *text)
{
    struct background *b = arg;
    size_t count;
    const struct feature *const *list = kit_features(b->p->kit, &count);
    const char *type = live_hear(kit_live(b->p->kit), b->heard, text);

    for (size_t i = 0; type != NULL && i < count; i++)
        for (size_t t = 0; t < list[i]->type_count; t++)
            if (list[i]->changed_elsewhere != NULL && text_is(list[i]->types[t]->name, type))
                atomic_store(&b->changed[i], true);
    arena_reset(b->heard);
}

static void read_changed(struct background *b)
{
    size_t count;
    const struct feature *const *list = kit_features(b->p->kit, &count);

    for (size_t i = 0; i < count; i++) {
        struct ctx cx;
        if (!atomic_exchange(&b->changed[i], false))
            continue;
        fresh_ctx(b->p, &cx, b->arena, b->db);
        if (list[i]->changed_elsewhere(&cx) != OK)
            log_line(LOG_WARN, "feature.changed_elsewhere", "feature=%s cause=%s", list[i]->name,
                     cx.error_text);
    }
}

static enum status start_hearing(struct background *b)
{
    size_t count;

    (void)kit_features(b->p->kit, &count);
    b->heard = arena_new(4096);
    b->changed = calloc(count, sizeof *b->changed);
    assert(b->changed != NULL);
    return notify_open(&b->p->cx, b->p->store, hear, b, &b->notify);
}

static void *watcher_main(void *arg)
{
    struct background *b = arg;
    u64 seen = UINT64_MAX;
    i64 next_look_ns = 0;
    bool rests = false;

    for (;;) {
        u64 commits = writer_commits(b->p->writer);
        i64 now = (i64)clock_mono_ns();
        /* Now and then without a commit of ours: other nodes and commands write too. */
        if (commits != seen || now >= next_look_ns) {
            seen = commits;
            next_look_ns = now + (i64)IDLE_LOOK_MS * NS_PER_MS;
            look(b);
            rests = false;
        } else if (!rests) {
            arena_reset(b->arena);
            db_rest(b->db);
            rests = true;
        }
        read_changed(b);
        extend_leases(b);
        pthread_mutex_lock(&b->lock);
        if (!b->stopping)
            wait_ns(b, (i64)clock_mono_ns() + (i64)BACKGROUND_LOOK_MS * NS_PER_MS);
        bool stopping = b->stopping;
        pthread_mutex_unlock(&b->lock);
        if (stopping)
            break;
    }
    look(b); /* what the last requests left */
    return NULL;
}

/* ---- beginning and end ---- */
static enum status add_recurring(struct ctx *cx, void *arg)
{
    size_t count;
    const struct feature *const *list = kit_features(cx->kit, &count);

    (void)arg;
    /* SQLite has one program: what runs was left by one that was killed. Of several nodes over
     * PostgreSQL another may run it, so there the lease has to run out. */
    if (db_engine(cx->db) == DB_SQLITE)
        TRY(queue_orphaned(cx));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i]->job_count; k++) {
            const struct job_type *t = &list[i]->jobs[k];
            i64 first = ctx_now(cx) + (t->at_start ? 0 : t->every_ms);
            if (t->every_ms > 0)
                TRY(queue_add_by(cx, t->name, "every", "{}", first));
        }
    return OK;
}

static enum status start_threads(struct background *b)
{
    struct ctx *cx = &b->p->cx;

    TRY(db_open(cx, b->p->store, DB_READ, &b->db));
    b->arena = arena_new(RUNNER_ARENA_BYTES);
    TRY(start_hearing(b));
    if (pthread_create(&b->watcher, NULL, watcher_main, b) != 0)
        return ctx_fail(cx, E_IO, "no thread for the watcher");
    b->watching = true;
    for (unsigned i = 0; i < b->runner_count; i++) {
        struct runner *rn = &b->runners[i];
        rn->b = b;
        rn->arena = arena_new(RUNNER_ARENA_BYTES);
        TRY(db_open(cx, b->p->store, DB_READ, &rn->db));
        if (pthread_create(&rn->thread, NULL, runner_main, rn) != 0)
            return ctx_fail(cx, E_IO, "no thread for jobs");
        rn->started = true;
    }
    return OK;
}

enum status background_start(struct program *p, unsigned runners, struct background **out)
{
    struct background *b = calloc(1, sizeof *b + runners * sizeof b->runners[0]);
    pthread_condattr_t attr;
    enum status s;

    assert(b != NULL);
    b->p = p;
    b->runner_count = runners;
    b->next_due_ms = TIME_NONE;
    pthread_mutex_init(&b->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&b->wake, &attr);
    pthread_condattr_destroy(&attr);
    s = writer_run(p->writer, &p->cx, add_recurring, NULL);
    p->cx.db = p->db;
    if (s == OK)
        s = start_threads(b);
    if (s != OK) {
        (void)background_stop(b, 0);
        return s;
    }
    *out = b;
    return OK;
}

static bool join_until(pthread_t thread, i64 until_ns)
{
    i64 left = until_ns - (i64)clock_mono_ns();
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    left = left > 0 ? left : 0;
    until.tv_sec += left / 1000000000;
    until.tv_nsec += left % 1000000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return pthread_timedjoin_np(thread, NULL, &until) == 0;
}

bool background_stop(struct background *b, int grace_ms)
{
    i64 until = (i64)clock_mono_ns() + (i64)grace_ms * NS_PER_MS;
    bool done = true;

    if (b == NULL)
        return true;
    pthread_mutex_lock(&b->lock);
    b->stopping = true;
    pthread_cond_broadcast(&b->wake);
    pthread_mutex_unlock(&b->lock);
    for (unsigned i = 0; i < b->runner_count; i++)
        if (b->runners[i].started) {
            b->runners[i].started = !join_until(b->runners[i].thread, until);
            done = done && !b->runners[i].started;
        }
    notify_close(b->notify);
    b->notify = NULL;
    if (b->watching)
        pthread_join(b->watcher, NULL);
    b->watching = false;
    if (!done)
        return false; /* its memory is in use */
    for (unsigned i = 0; i < b->runner_count; i++) {
        db_close(b->runners[i].db);
        if (b->runners[i].arena != NULL)
            arena_free(b->runners[i].arena);
    }
    db_close(b->db);
    if (b->arena != NULL)
        arena_free(b->arena);
    if (b->heard != NULL)
        arena_free(b->heard);
    free(b->changed);
    pthread_cond_destroy(&b->wake);
    pthread_mutex_destroy(&b->lock);
    free(b);
    return true;
}
