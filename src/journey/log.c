/* log.c -- the way in: appends queue up in groups, one thread makes each group durable with one row
 * and one fsync, and what queued up during that fsync is the next group. There is no timer: a lone
 * event is committed at once. */
#include "base/log.h"
#include "journey/whole_int.h"
#include <stdlib.h>
#include <string.h>

enum { LEFTOVERS_MS = 20, EVENTS_KEPT = 4096, SPARE_GROUPS = 2, TEXTS_BYTES = 16 * 1024 };

void *array_room(void *p, u32 *room, u32 need, size_t bytes_each)
{
    if (need <= *room)
        return p;
    u32 more = *room == 0 ? 16 : *room * 2;
    *room = more < need ? need : more;
    p = reallocarray(p, *room, bytes_each);
    if (p == NULL)
        log_fatal("journey.out_of_memory", "count=%u", *room);
    return p;
}

/* ---- groups ---- */

static struct group *group_new(void)
{
    struct group *g = calloc(1, sizeof *g);

    if (g == NULL)
        log_fatal("journey.out_of_memory", "bytes=%zu", sizeof *g);
    g->texts = arena_new(TEXTS_BYTES);
    return g;
}

static void group_free(struct group *g)
{
    free(g->events);
    free(g->waiters);
    free(g->links);
    arena_free(g->texts);
    free(g);
}

/* Makes a group ready to be used again, without the memory of an exceptional one. */
static void group_clear(struct group *g)
{
    if (g->room > EVENTS_KEPT) {
        free(g->events);
        g->events = NULL;
        g->room = 0;
    }
    arena_reset(g->texts);
    g->count = g->waiter_count = g->link_count = 0;
    g->text_bytes = 0;
    g->outbox_seq = 0;
    g->flush = g->merge = false;
    g->next = NULL;
}

/* The group at the end of the queue with room for `count` events; NULL: the queue has `most`
 * groups. Called locked. */
static struct group *group_for(struct journey *j, size_t count, size_t text_bytes, unsigned most)
{
    struct group *g = j->last;

    if (g != NULL && g->count + count <= LIMIT_EVENT_BATCH && !g->flush &&
        (g->text_bytes == 0 || g->text_bytes + text_bytes <= GROUP_PROPS_BYTES))
        return g;
    if (j->queued >= most)
        return NULL;
    g = j->spare;
    if (g != NULL) {
        j->spare = g->next;
        j->spares--;
        g->next = NULL;
    } else {
        g = group_new();
    }
    if (j->last != NULL)
        j->last->next = g;
    else
        j->first = g;
    j->last = g;
    j->queued++;
    return g;
}

static void group_give(struct journey *j, struct group *g)
{
    group_clear(g);
    pthread_mutex_lock(&j->queue_lock);
    bool keep = j->spares < SPARE_GROUPS;
    if (keep) {
        g->next = j->spare;
        j->spare = g;
        j->spares++;
    }
    pthread_mutex_unlock(&j->queue_lock);
    if (!keep)
        group_free(g);
}

/* ---- the way in ---- */

struct request {
    const struct event *events;
    size_t count;
    const struct journey_link *links;
    size_t link_count;
    u64 outbox_seq;
    bool flush, merge; /* and waits for it */
    bool flush_behind; /* does not: it is done already */
    journey_done *done;
    void *arg;
};

static enum status check_events(struct journey *j, const struct event *events, size_t count,
                                size_t *text_bytes)
{
    u32 people = people_count(&j->people);

    *text_bytes = 0;
    if (count > LIMIT_EVENT_BATCH)
        return E_LIMIT;
    for (size_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        if (e->at_ms < 0 || e->at_ms > AT_MS_MAX || e->kind == 0 || e->person == 0 ||
            e->person > people)
            return E_INVALID;
        if (e->props != NULL) {
            size_t len = strnlen(e->props, LIMIT_EVENT_PROPS_BYTES + 1);
            if (len > LIMIT_EVENT_PROPS_BYTES)
                return E_TOO_LARGE;
            *text_bytes += len + 1;
        }
    }
    return *text_bytes <= 4ull * GROUP_PROPS_BYTES ? OK : E_TOO_LARGE;
}

static void group_add(struct group *g, const struct request *q, size_t text_bytes)
{
    u32 count = (u32)q->count, links = (u32)q->link_count;

    g->events = array_room(g->events, &g->room, g->count + count, sizeof *g->events);
    if (count > 0)
        memcpy(g->events + g->count, q->events, count * sizeof *g->events);
    for (u32 i = g->count; text_bytes > 0 && i < g->count + count; i++)
        if (g->events[i].props != NULL)
            g->events[i].props = arena_text(g->texts, g->events[i].props);
    g->links = array_room(g->links, &g->link_room, g->link_count + links, sizeof *g->links);
    for (u32 i = 0; i < links; i++)
        g->links[g->link_count + i] =
            (struct link_request){ .link = q->links[i], .waiter = g->waiter_count };
    g->waiters = array_room(g->waiters, &g->waiter_room, g->waiter_count + 1, sizeof *g->waiters);
    g->waiters[g->waiter_count++] = (struct waiter){ q->done, q->arg, OK, q->flush || q->merge };
    g->count += count;
    g->link_count += links;
    g->text_bytes += text_bytes;
    if (q->outbox_seq > g->outbox_seq)
        g->outbox_seq = q->outbox_seq;
    g->flush |= q->flush || q->merge || q->flush_behind;
    g->merge |= q->merge;
}

/* wait: with a full queue, waits for room instead of E_BUSY. Such callers have two groups of their
 * own, so that a flood of page views does not keep a form or the outbox out. */
static enum status enqueue(struct journey *j, const struct request *q, bool wait)
{
    unsigned most = QUEUE_GROUPS + (wait ? QUEUE_RESERVE : 0);
    struct group *g = NULL;
    size_t text_bytes;

    TRY(check_events(j, q->events, q->count, &text_bytes));
    pthread_mutex_lock(&j->queue_lock);
    while (!j->closing && (g = group_for(j, q->count, text_bytes, most)) == NULL && wait)
        pthread_cond_wait(&j->queue_room, &j->queue_lock);
    if (g != NULL) {
        group_add(g, q, text_bytes);
        if (j->committer_waits) {
            j->committer_waits = false;
            pthread_cond_signal(&j->queue_filled);
        }
    }
    pthread_mutex_unlock(&j->queue_lock);
    return g == NULL ? E_BUSY : OK;
}

enum status journey_append(struct journey *j, const struct event *events, size_t count,
                           journey_done *done, void *arg)
{
    return enqueue(
        j, &(struct request){ .events = events, .count = count, .done = done, .arg = arg }, false);
}

struct wait {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool over;
    enum status status;
};

static void wait_over(void *arg, enum status s)
{
    struct wait *w = arg;

    pthread_mutex_lock(&w->lock);
    w->over = true;
    w->status = s;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

static enum status enqueue_wait(struct ctx *cx, struct journey *j, struct request q)
{
    struct wait w = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };

    q.done = wait_over;
    q.arg = &w;
    enum status s = enqueue(j, &q, true);
    if (s == OK) {
        pthread_mutex_lock(&w.lock);
        while (!w.over)
            pthread_cond_wait(&w.done, &w.lock);
        s = w.status;
        pthread_mutex_unlock(&w.lock);
    }
    pthread_cond_destroy(&w.done);
    pthread_mutex_destroy(&w.lock);
    switch (s) {
    case OK:
        return OK;
    case E_BUSY:
        return ctx_fail(cx, s, "the event store is closing");
    case E_LIMIT:
        return ctx_fail(cx, s, "a batch has at most %d events", LIMIT_EVENT_BATCH);
    case E_TOO_LARGE:
        return ctx_fail(cx, s, "an event's properties are over %d bytes", LIMIT_EVENT_PROPS_BYTES);
    case E_FULL:
        return ctx_fail(cx, s, "the disk is full: events cannot be stored now");
    case E_INVALID:
        return ctx_fail(cx, s, "an event or alias names a time, kind or person that cannot be");
    case E_CONFLICT:
        return ctx_fail(cx, s, "the visitor belongs to another contact already");
    case E_NOT_FOUND:
        return ctx_fail(cx, s, "the visitor belongs to no contact");
    default:
        return ctx_fail(cx, s, "events could not be stored; the log says why");
    }
}

enum status journey_append_wait(struct ctx *cx, struct journey *j, const struct event *events,
                                size_t count)
{
    return enqueue_wait(cx, j, (struct request){ .events = events, .count = count });
}

enum status journey_append_outbox(struct ctx *cx, struct journey *j, const struct event *events,
                                  size_t count, u64 outbox_seq)
{
    return enqueue_wait(
        cx, j, (struct request){ .events = events, .count = count, .outbox_seq = outbox_seq });
}

enum status journey_alias_many(struct ctx *cx, struct journey *j, const struct journey_link *links,
                               size_t count)
{
    enum status first = OK;

    for (size_t i = 0; i < count; i++)
        if (links[i].contact == 0)
            return ctx_fail(cx, E_INVALID, "an alias names no contact");
    for (size_t at = 0; at < count; at += LIMIT_EVENT_BATCH) {
        size_t n = count - at < LIMIT_EVENT_BATCH ? count - at : LIMIT_EVENT_BATCH;
        enum status s =
            enqueue_wait(cx, j, (struct request){ .links = links + at, .link_count = n });
        if (s != OK && s != E_CONFLICT && s != E_INVALID)
            return s;
        first = first == OK ? s : first;
    }
    return first;
}

enum status journey_alias(struct ctx *cx, struct journey *j, u32 visitor, u32 contact, i64 at_ms)
{
    return journey_alias_many(cx, j, &(struct journey_link){ visitor, contact, at_ms }, 1);
}

enum status journey_unalias(struct ctx *cx, struct journey *j, u32 visitor)
{
    struct journey_link undo = { .visitor = visitor };

    return enqueue_wait(cx, j, (struct request){ .links = &undo, .link_count = 1 });
}

enum status journey_erase(struct ctx *cx, struct journey *j, u32 person)
{
    struct journey_link gone = { .visitor = person, .contact = (u32)LINK_ERASED };

    return enqueue_wait(cx, j,
                        (struct request){ .links = &gone, .link_count = 1, .flush_behind = true });
}

enum status journey_flush(struct ctx *cx, struct journey *j)
{
    return enqueue_wait(cx, j, (struct request){ .flush = true });
}

enum status journey_merge(struct ctx *cx, struct journey *j)
{
    return enqueue_wait(cx, j, (struct request){ .merge = true });
}

/* ---- flushing beside it ---- */

/* A flush in the background that is prepared, or with `wait` any: commits it. */
static void finish_flush(struct journey *j, bool wait)
{
    pthread_mutex_lock(&j->queue_lock);
    while (wait && j->flush != NULL && !j->flush->ready)
        pthread_cond_wait(&j->queue_filled, &j->queue_lock);
    struct flush *f = j->flush != NULL && j->flush->ready ? j->flush : NULL;
    if (f != NULL)
        j->flush = NULL;
    pthread_mutex_unlock(&j->queue_lock);
    if (f == NULL)
        return;
    enum status s = flush_commit(j, f);
    j->merge_due |= s == OK;
    /* After a failure not at once again: the tail stays readable, and the next try comes with the
     * next events. */
    j->flush_at = s == OK ? j->flush_events : j->tail_events + j->flush_events / 2;
}

static void begin_flush(struct journey *j)
{
    if (!j->background || j->tail_events < j->flush_at)
        return;
    pthread_mutex_lock(&j->queue_lock);
    bool busy = j->flush != NULL, closing = j->closing;
    pthread_mutex_unlock(&j->queue_lock);
    if (closing)
        return;
    if (busy) {
        if (j->tail_events >= 4 * j->flush_events) /* appends are faster than sorting: wait */
            finish_flush(j, true);
        return;
    }
    struct flush *f = flush_begin(j);
    pthread_mutex_lock(&j->queue_lock);
    if (!j->closing) { /* the flusher is still there to take it */
        j->flush = f;
        f = NULL;
        pthread_cond_signal(&j->flush_wanted);
    }
    pthread_mutex_unlock(&j->queue_lock);
    flush_free(f);
}

static enum status flush_now(struct journey *j)
{
    finish_flush(j, true);
    struct flush *f = flush_begin(j);
    if (f == NULL)
        return OK;
    flush_prepare(j, f);
    j->merge_due = true;
    return flush_commit(j, f);
}

/* ---- merging, beside all that ---- */

static struct merge *merge_ready(struct journey *j)
{
    return j->merge != NULL && j->merge->ready ? j->merge : NULL;
}

/* Takes a ready merge a part further, or begins the next. */
static void go_on_merging(struct journey *j)
{
    merge_tidy(j);
    pthread_mutex_lock(&j->queue_lock);
    struct merge *m = merge_ready(j);
    bool idle = j->merge == NULL && !j->closing;
    pthread_mutex_unlock(&j->queue_lock);
    if (m != NULL) {
        enum status s;
        if (!merge_step(j, m, &s))
            return;
        if (s != OK) /* not at once again: the next flush tries */
            j->merge_due = false;
        pthread_mutex_lock(&j->queue_lock);
        j->merge = NULL;
        pthread_mutex_unlock(&j->queue_lock);
        return;
    }
    if (!idle || !j->background || !j->merge_due)
        return;
    j->merge_due = !j->erasing || j->backend->look(j) == OK;
    if (!j->merge_due) /* what cannot be read or written is not tried at once again */
        return;
    m = j->backend->merge_begin(j, MERGE_RUNS);
    j->merge_due = m != NULL; /* another month may be due too */
    if (j->erasing && m == NULL)
        j->merge_due = j->backend->erased(j, false) == OK && j->erasing;
    pthread_mutex_lock(&j->queue_lock);
    j->merge = m;
    pthread_cond_signal(&j->merge_wanted);
    pthread_mutex_unlock(&j->queue_lock);
}

static enum status merge_now(struct journey *j)
{
    struct merge *m;
    enum status s = OK;

    pthread_mutex_lock(&j->queue_lock);
    while (j->merge != NULL && !j->merge->ready)
        pthread_cond_wait(&j->queue_filled, &j->queue_lock);
    m = j->merge;
    j->merge = NULL;
    pthread_mutex_unlock(&j->queue_lock);
    while (m != NULL && !merge_step(j, m, &s))
        continue;
    s = j->backend->look(j);
    while (s == OK && (m = j->backend->merge_begin(j, 2)) != NULL) {
        merge_prepare(m);
        while (!merge_step(j, m, &s))
            continue;
    }
    merge_tidy(j);
    for (bool more = s == OK; more && j->erasing;) { /* as far as no reader is in the way */
        bool before = j->blanked;
        s = j->backend->erased(j, true);
        more = s == OK && j->dead_count == 0 && j->new_erased_count == 0 && !before;
    }
    return s;
}

static void *merger_main(void *arg)
{
    struct journey *j = arg;
    struct timespec until;

    pthread_mutex_lock(&j->queue_lock);
    while (!j->closing) {
        struct merge *m = j->merge;
        if (m == NULL || m->ready) {
            clock_gettime(CLOCK_REALTIME, &until);
            until.tv_sec += WHOLES_REST_S;
            pthread_cond_timedwait(&j->merge_wanted, &j->queue_lock, &until);
            pthread_mutex_unlock(&j->queue_lock);
            wholes_rest(j); /* a walk wakes nobody: what it left is looked at every so often */
            pthread_mutex_lock(&j->queue_lock);
            continue;
        }
        pthread_mutex_unlock(&j->queue_lock);
        merge_prepare(m);
        pthread_mutex_lock(&j->queue_lock);
        m->ready = true;
        j->committer_waits = false;
        pthread_cond_signal(&j->queue_filled);
    }
    pthread_mutex_unlock(&j->queue_lock);
    return NULL;
}

static void *flusher_main(void *arg)
{
    struct journey *j = arg;

    people_index(&j->people); /* there is nothing to flush yet */
    pthread_mutex_lock(&j->queue_lock);
    for (;;) {
        while ((j->flush == NULL || j->flush->ready) && !j->closing)
            pthread_cond_wait(&j->flush_wanted, &j->queue_lock);
        struct flush *f = j->flush;
        if (f == NULL || f->ready)
            break;
        pthread_mutex_unlock(&j->queue_lock);
        flush_prepare(j, f);
        pthread_mutex_lock(&j->queue_lock);
        f->ready = true;
        j->committer_waits = false;
        pthread_cond_signal(&j->queue_filled);
    }
    pthread_mutex_unlock(&j->queue_lock);
    return NULL;
}

/* ---- the committer ---- */

static void tell(struct journey *j, struct group *g, enum status s, enum status flushed)
{
    for (u32 i = 0; i < g->waiter_count; i++) {
        struct waiter *w = &g->waiters[i];
        enum status own = s != OK ? s : w->status != OK ? w->status : w->flush ? flushed : OK;
        if (w->done != NULL)
            w->done(w->arg, own);
    }
    if (s != OK || g->count == 0)
        return;
    pthread_mutex_lock(&j->listen_lock);
    for (unsigned i = 0; i < j->listener_count; i++)
        j->listeners[i].fn(j->listeners[i].arg, g->events, g->count);
    pthread_mutex_unlock(&j->listen_lock);
}

/* Something that no event will tell of: runs that readers still have, a merge to begin. */
static bool has_leftovers(const struct journey *j)
{
    return j->background && (j->dead_count > 0 || (j->merge == NULL && j->merge_due));
}

/* Waits for something to do, but no longer than this; true: nothing came. */
static bool wait_ms(struct journey *j, int ms)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += ms * 1000000l;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return pthread_cond_timedwait(&j->queue_filled, &j->queue_lock, &until) != 0;
}

/* The next group; NULL: closing, a flush or a merge is ready, or something is left to be done. */
static struct group *next_group(struct journey *j, bool *stop)
{
    pthread_mutex_lock(&j->queue_lock);
    while (j->first == NULL && !j->closing && (j->flush == NULL || !j->flush->ready) &&
           merge_ready(j) == NULL) {
        j->committer_waits = true;
        if (!has_leftovers(j)) {
            pthread_cond_wait(&j->queue_filled, &j->queue_lock);
        } else if (wait_ms(j, LEFTOVERS_MS)) {
            break;
        }
    }
    j->committer_waits = false;
    struct group *g = j->first;
    if (g != NULL) {
        j->first = g->next;
        if (j->first == NULL)
            j->last = NULL;
        j->queued--;
        pthread_cond_broadcast(&j->queue_room);
    }
    *stop = g == NULL && j->closing;
    pthread_mutex_unlock(&j->queue_lock);
    return g;
}

static void *committer_main(void *arg)
{
    struct journey *j = arg;
    bool stop = false;

    while (!stop) {
        struct group *g = next_group(j, &stop);
        if (g != NULL) {
            enum status s = commit_group(j, g), flushed = OK;
            if (s == OK && g->flush)
                flushed = flush_now(j);
            if (flushed == OK && g->merge)
                flushed = merge_now(j);
            tell(j, g, s, flushed);
            group_give(j, g);
        }
        finish_flush(j, stop);
        if (!stop)
            begin_flush(j);
        if (!stop)
            go_on_merging(j);
    }
    return NULL;
}

enum status log_start(struct ctx *cx, struct journey *j)
{
    if (pthread_create(&j->committer, NULL, committer_main, j) != 0)
        return ctx_fail(cx, E_IO, "cannot start the thread that stores events");
    if (pthread_create(&j->flusher, NULL, flusher_main, j) != 0 ||
        pthread_create(&j->merger, NULL, merger_main, j) != 0)
        log_fatal("journey.no_thread", "for=flusher or merger");
    j->started = true;
    return OK;
}

void log_stop(struct journey *j)
{
    if (j->started) {
        pthread_mutex_lock(&j->queue_lock);
        j->closing = true;
        pthread_cond_broadcast(&j->queue_filled);
        pthread_cond_broadcast(&j->queue_room);
        pthread_cond_broadcast(&j->flush_wanted);
        pthread_cond_broadcast(&j->merge_wanted);
        pthread_mutex_unlock(&j->queue_lock);
        pthread_join(j->merger, NULL);
        pthread_join(j->flusher, NULL);
        pthread_join(j->committer, NULL);
        merge_free(j->merge); /* what it had written is deleted at the next start */
        merge_tidy(j);
    }
    while (j->spare != NULL) {
        struct group *g = j->spare;
        j->spare = g->next;
        group_free(g);
    }
}
