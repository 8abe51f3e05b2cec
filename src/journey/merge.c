/* merge.c -- many small runs of a month become a large one, so that a walk opens few. Reading,
 * sorting and packing happen on a thread of their own. The committer writes the columns one by one,
 * each in a small transaction between two commits of events; nobody sees them until the last one
 * puts the new run in the place of the old ones. Columns of replaced runs are deleted once no
 * reader has the runs any more; what a crash leaves behind is deleted at the next start. */
#include "base/log.h"
#include "journey/side_int.h"
#include <stdlib.h>

enum { LOOSE_ONE_IN = 50, BLANK_BYTES = 16 * 1024 * 1024 };

static void *need(void *p)
{
    if (p == NULL)
        log_fatal("journey.out_of_memory", "in=merge");
    return p;
}

/* ---- which runs ---- */

static int by_month_and_time(const void *a, const void *b)
{
    const struct run *x = *(struct run *const *)a, *y = *(struct run *const *)b;

    if (x->month != y->month)
        return x->month < y->month ? -1 : 1;
    if (x->min_ms != y->min_ms)
        return x->min_ms < y->min_ms ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* How many of a month's runs from here on belong together. They follow one another in time, so that
 * what is made of them does not overlap the others, and none is so large that the rest would only
 * rewrite it: an event is rewritten about once each time its month doubles. */
static size_t balanced(struct run *const *runs, size_t count)
{
    u64 sum = 0, largest = 0;
    size_t best = 0;

    for (size_t n = 0; n < count && n < MERGE_RUNS_MAX; n++) {
        sum += runs[n]->events;
        largest = runs[n]->events > largest ? runs[n]->events : largest;
        if (sum > MERGE_EVENTS_MAX)
            break;
        if (largest <= 2 * (sum - largest))
            best = n + 1;
    }
    return best;
}

/* So many entries lie under somebody whom they do not belong to (as the last walk saw it), or any
 * under somebody who is erased, that the run is worth sorting again by itself. */
static bool is_loose(struct journey *j, const struct run *r)
{
    pthread_mutex_lock(&j->side_lock);
    const struct side *s = r->side;
    bool loose = s != NULL && (s->erased > 0 || (u64)s->count * LOOSE_ONE_IN > r->entries);
    pthread_mutex_unlock(&j->side_lock);
    return loose;
}

static struct merge *merge_of(struct journey *j, struct run *const *runs, size_t count)
{
    struct merge *m = need(calloc(1, sizeof *m));

    m->from = need(calloc(count, sizeof *m->from));
    for (; m->count < count; m->count++)
        m->from[m->count] = run_keep(runs[m->count]);
    m->people = &j->people;
    m->file = j->file;
    return m;
}

struct merge *merge_begin(struct journey *j, size_t least)
{
    size_t count = 0, best = 0, best_count = 0;
    struct run **runs = need(calloc(j->state->count + 1, sizeof *runs));

    for (size_t i = 0; i < j->state->count; i++)
        if (j->state->runs[i]->id != 0)
            runs[count++] = j->state->runs[i];
    qsort(runs, count, sizeof *runs, by_month_and_time);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && runs[end]->month == runs[i]->month;)
            end++;
        for (size_t first = i; first < end; first++) {
            size_t n = balanced(runs + first, end - first);
            if (n >= least && n > best_count) {
                best = first;
                best_count = n;
            }
        }
    }
    for (size_t i = 0; i < count && best_count == 0; i++)
        if (is_loose(j, runs[i])) {
            best = i;
            best_count = 1;
        }
    struct merge *m = best_count > 0 ? merge_of(j, runs + best, best_count) : NULL;
    free(runs);
    return m;
}

enum status merge_look(struct journey *j)
{
    struct reader *reader;
    struct fault f;

    TRY(reader_take(j->file, &reader));
    struct moved *moved = people_moved(&j->people);
    enum status s = OK;
    for (size_t i = 0; i < j->state->count && s == OK; i++) {
        struct run *r = j->state->runs[i];
        struct side *side = r->id != 0 ? side_take(j, r, moved, reader, &f) : NULL;
        s = r->id == 0 || side != NULL ? OK : f.status;
        side_drop(side);
    }
    moved_drop(moved);
    reader_give(j->file, reader);
    if (s != OK)
        log_line(LOG_ERROR, "journey.look", "status=%s run=%lld column=%s cause=\"%s\"",
                 status_word(s), (long long)f.run, column_name(f.column), f.what);
    return s;
}

void merge_free(struct merge *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->count; i++)
        run_drop(m->from[i]);
    run_drop(m->made);
    free(m->from);
    free(m);
}

/* ---- the new run ---- */

void merge_prepare(struct merge *m)
{
    scoped(slab_free) struct slab slab = { 0 };
    struct reader *reader;
    u32 n;

    m->status = reader_take(m->file, &reader);
    if (m->status != OK)
        return;
    struct event *events =
        runs_gather(m->from, m->count, people_count(m->people), reader, &slab, &n, &m->fault);
    reader_give(m->file, reader);
    if (events == NULL) {
        m->status = m->fault.status;
        return;
    }
    u32 *order = SLAB_N(&slab, u32, n), level = 0;
    u32 *owners = people_owners(m->people, events, &n, &slab);
    if (n == 0)
        return;
    run_sort(events, owners, n, order);
    m->made = run_build(events, owners, order, n);
    m->made->month = m->from[0]->month;
    for (size_t i = 0; i < m->count; i++)
        level = m->from[i]->level > level ? m->from[i]->level : level;
    m->made->level = level + (m->count > 1);
}

/* ---- into the file ---- */

static enum status put_column(struct journey *j, struct merge *m, int c)
{
    sqlite3_stmt *put = file_stmt(j->file, SQL_COL_PUT);

    sqlite3_bind_int64(put, 1, m->id << 8 | c);
    sqlite3_bind_blob64(put, 2, m->made->blobs[c], m->made->blob_bytes[c], SQLITE_STATIC);
    return file_run(j->file, put);
}

static enum status run_one(struct journey *j, enum sql s, i64 id)
{
    sqlite3_stmt *stmt = file_stmt(j->file, s);

    sqlite3_bind_int64(stmt, 1, id);
    return file_run(j->file, stmt);
}

static enum status replace(struct journey *j, struct merge *m)
{
    size_t len;

    TRY(file_run(j->file, file_stmt(j->file, SQL_BEGIN)));
    arena_reset(j->scratch);
    if (m->made != NULL) {
        const void *head = run_head(m->made, j->scratch, &len);
        sqlite3_stmt *put = file_stmt(j->file, SQL_RUN_PUT);
        sqlite3_bind_int64(put, 1, m->id);
        sqlite3_bind_blob64(put, 2, head, len, SQLITE_STATIC);
        TRY(file_run(j->file, put));
    }
    for (size_t i = 0; i < m->count; i++)
        TRY(run_one(j, SQL_RUN_CUT, m->from[i]->id));
    return file_run(j->file, file_stmt(j->file, SQL_COMMIT));
}

/* The old runs leave the state and wait until their last reader is gone. */
static void bury(struct journey *j, struct merge *m)
{
    j->dead = array_room(j->dead, &j->dead_room, j->dead_count + (u32)m->count, sizeof *j->dead);
    for (size_t i = 0; i < m->count; i++) {
        j->dead[j->dead_count++] = run_keep(m->from[i]);
        pthread_mutex_lock(&j->side_lock);
        whole_drop(m->from[i]->whole); /* walks that hold it go on */
        m->from[i]->whole = NULL;
        pthread_mutex_unlock(&j->side_lock);
    }
    if (m->made != NULL)
        run_settle(m->made, m->id);
    state_swap(j, m->from, m->count, m->made);
    m->made = NULL; /* the state owns it */
}

static enum status write_some(struct journey *j, struct merge *m, bool *done)
{
    if (m->id == 0)
        m->id = ++j->run_id;
    if (m->made == NULL) /* of all of them nothing is left */
        m->column = COL_COUNT;
    while (m->column < COL_COUNT && m->made->blobs[m->column] == NULL)
        m->column++;
    if (m->column < COL_COUNT)
        return put_column(j, m, m->column++);
    enum status s = replace(j, m);
    if (s == OK)
        bury(j, m);
    else if (file_run(j->file, file_stmt(j->file, SQL_ROLLBACK)) != OK)
        log_line(LOG_WARN, "journey.rollback", "after=%s", status_word(s));
    *done = s == OK;
    return s;
}

bool merge_step(struct journey *j, struct merge *m, enum status *s)
{
    bool done = false;

    *s = m->status == OK ? write_some(j, m, &done) : m->status;
    if (*s == OK && !done)
        return false;
    if (*s == OK) {
        log_line(LOG_DEBUG, "journey.merge", "runs=%zu", m->count);
    } else {
        log_line(LOG_ERROR, "journey.merge", "status=%s run=%lld column=%s cause=\"%s\"",
                 status_word(*s), (long long)m->fault.run, column_name(m->fault.column),
                 m->fault.what == NULL ? "" : m->fault.what);
        if (m->id != 0 && run_one(j, SQL_COL_CUT, m->id) != OK)
            log_line(LOG_WARN, "journey.merge_left", "run=%lld", (long long)m->id);
    }
    merge_free(m);
    return true;
}

/* ---- the old runs ---- */

enum status merge_erased(struct journey *j)
{
    if (j->dead_count > 0 || j->new_erased_count > 0) /* their bytes are in the file still */
        return OK;
    if (!j->blanked)
        TRY(file_overwrite_free(j->file, BLANK_BYTES, &j->blanked));
    if (!j->blanked || !file_empty_log(j->file)) /* the next time goes on */
        return OK;
    TRY(put_meta(j, "erasing", 0));
    j->erasing = false;
    file_blank(j->file, false);
    log_line(LOG_INFO, "journey.erased", "people=%u", people_erased(&j->people));
    return OK;
}

void merge_tidy(struct journey *j)
{
    u32 kept = 0;

    for (u32 i = 0; i < j->dead_count; i++) {
        struct run *r = j->dead[i];
        bool ours = atomic_load_explicit(&r->refs, memory_order_acquire) == 1;
        if (ours && run_one(j, SQL_COL_CUT, r->id) == OK)
            run_drop(r);
        else
            j->dead[kept++] = r; /* readers are still at it, or the next try does it */
    }
    j->dead_count = kept;
}
