/* backend.c -- where flushed events lie: the table of backends, reading through them, and the one
 * that keeps them as runs in the file itself. */
#include "journey/journey_int.h"
#include <string.h>

const struct backend *backend_of(const char *url)
{
    static const struct backend *const others[] = { &backend_clickhouse };

    if (url == NULL || *url == '\0')
        return &backend_file;
    for (size_t i = 0; i < countof(others); i++) {
        size_t len = strlen(others[i]->scheme);
        if (strncmp(url, others[i]->scheme, len) == 0 && strncmp(url + len, "://", 3) == 0)
            return others[i];
    }
    return NULL;
}

enum status journey_walk(struct ctx *cx, struct journey *j, const struct journey_plan *p,
                         void **accs, unsigned threads)
{
    return j->backend->walk(cx, j, p, accs, threads);
}

enum status journey_timeline(struct ctx *cx, struct journey *j, u32 person, i64 before_ms,
                             u64 before_seq, size_t limit, struct event **out, size_t *count)
{
    if (limit == 0 || limit > LIMIT_TIMELINE_EVENTS)
        limit = LIMIT_TIMELINE_EVENTS;
    return j->backend->timeline(cx, j, person, before_ms, before_seq, limit, out, count);
}

enum status journey_since(struct ctx *cx, struct journey *j, u64 after_seq, size_t limit,
                          struct event **out, size_t *count)
{
    *out = NULL;
    *count = 0;
    if (limit == 0 || limit > LIMIT_EVENT_BATCH)
        limit = LIMIT_EVENT_BATCH;
    return j->backend->since(cx, j, after_seq, limit, out, count);
}

/* ---- the file ---- */

static enum status file_backend_open(struct ctx *cx, struct journey *j, const char *url)
{
    (void)cx; /* its runs have been read with the rest */
    (void)j;
    (void)url;
    return OK;
}

static void file_backend_close(struct journey *j) { (void)j; }

static enum status erased_in_file(struct journey *j, bool wait)
{
    (void)wait;
    return merge_erased(j);
}

static enum status file_timeline(struct ctx *cx, struct journey *j, u32 person, i64 before_ms,
                                 u64 before_seq, size_t limit, struct event **out, size_t *count)
{
    struct lookup l;

    TRY(lookup_open(cx, j, &l));
    enum status s = lookup_newest(cx, &l, person, before_ms, before_seq, limit, out, count);
    lookup_close(&l);
    return s;
}

static enum status file_since(struct ctx *cx, struct journey *j, u64 after_seq, size_t limit,
                              struct event **out, size_t *count)
{
    struct lookup l;

    TRY(lookup_open(cx, j, &l));
    enum status s = lookup_since(cx, &l, after_seq, limit, NULL, NULL, out, count);
    lookup_close(&l);
    return s;
}

static void file_stats(struct journey *j, struct journey_stats *out)
{
    (void)j; /* runs in the file are counted with those in memory */
    (void)out;
}

static enum status file_verify(struct ctx *cx, struct journey *j)
{
    (void)cx; /* so they are verified */
    (void)j;
    return OK;
}

const struct backend backend_file = { .open = file_backend_open,
                                      .close = file_backend_close,
                                      .prepare = runs_prepare,
                                      .put = runs_put,
                                      .placed = runs_placed,
                                      .look = merge_look,
                                      .merge_begin = merge_begin,
                                      .erased = erased_in_file,
                                      .walk = runs_walk,
                                      .timeline = file_timeline,
                                      .since = file_since,
                                      .stats = file_stats,
                                      .verify = file_verify };
