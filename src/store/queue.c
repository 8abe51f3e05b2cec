/* queue.c -- jobs as rows: added with the change that causes them, so that neither is there without
 * the other. */
#include "store/queue.h"
#include "base/limits.h"

enum {
    BACK_OFF_FIRST_MS = 10 * MS_SECOND,
    BACK_OFF_MOST_MS = 6 * MS_HOUR,
    BEATEN_MS = 100,
    BEATEN_SPREAD_MS = 256, /* so that those who met do not meet again */
};

static const char *const words[JOB_STATES] = { "waiting", "running", "failed", "done" };

const char *job_state_word(enum job_state s) { return words[s]; }

enum status queue_add(struct ctx *cx, const char *name, const char *key, const char *payload,
                      i64 run_at_ms, i64 *id)
{
    i64 new_id = db_new_id(cx), added;

    if (strlen(payload) > LIMIT_JOB_PAYLOAD_BYTES)
        return ctx_fail(cx, E_LIMIT, "the job '%s' carries too much: split the work", name);
    TRY(db_run_count(cx, &added, "queue.add", I64("id", new_id), TEXT("name", name),
                     TEXT("key", key), TEXT("payload", payload), I64("run_at", run_at_ms),
                     I64("now", ctx_now(cx))));
    if (added == 0 && id)
        return db_get_i64(cx, id, "queue.waiting", TEXT("name", name), TEXT("key", key));
    if (id)
        *id = new_id;
    return OK;
}

enum status queue_add_by(struct ctx *cx, const char *name, const char *key, const char *payload,
                         i64 run_at_ms)
{
    TRY(queue_add(cx, name, key, payload, run_at_ms, NULL));
    return db_run(cx, "queue.hasten", TEXT("name", name), TEXT("key", key), I64("at", run_at_ms));
}

static enum status next_due(struct ctx *cx, i64 *next_ms)
{
    enum status s = db_get_i64(cx, next_ms, "queue.next_due");

    if (s == E_NOT_FOUND)
        *next_ms = TIME_NONE;
    return s == E_NOT_FOUND ? OK : s;
}

/* One job, whatever its attempts; E_NOT_FOUND without text. */
static enum status take_any(struct ctx *cx, i64 lease_ms, struct job *out)
{
    i64 now = ctx_now(cx);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "queue.take", I64("until", now + lease_ms), I64("now", now));

    if (!stmt_next(&q))
        return q.status == OK ? E_NOT_FOUND : q.status;
    *out = (struct job){ .id = col_i64(&q, 0),
                         .name = arena_text(cx->arena, col_text(&q, 1)),
                         .payload = arena_text(cx->arena, col_text(&q, 2)),
                         .attempts = (int)col_i64(&q, 3),
                         .run_at_ms = col_i64(&q, 4) };
    while (stmt_next(&q))
        ;
    return q.status;
}

enum status queue_take(struct ctx *cx, i64 lease_ms, struct job *out, i64 *next_ms)
{
    for (;;) {
        enum status s = take_any(cx, lease_ms, out);
        if (s == E_NOT_FOUND && next_ms)
            TRY(next_due(cx, next_ms));
        if (s != OK || out->attempts <= LIMIT_JOB_ATTEMPTS)
            return s;
        /* Its lease ran out every time: it takes the program down with it, or hangs. */
        TRY(db_run(
            cx, "queue.give_up", I64("id", out->id), I64("attempts", out->attempts),
            TEXT("error", "it never came to an end: the program stopped or the time ran out"),
            I64("now", ctx_now(cx))));
    }
}

enum status queue_extend(struct ctx *cx, const struct job *j, i64 lease_ms)
{
    i64 changed;

    TRY(db_run_count(cx, &changed, "queue.extend", I64("until", ctx_now(cx) + lease_ms),
                     I64("id", j->id), I64("attempts", j->attempts)));
    return changed ? OK : E_NOT_FOUND;
}

enum status queue_orphaned(struct ctx *cx)
{
    return db_run(cx, "queue.orphaned", I64("now", ctx_now(cx)));
}

enum status queue_done(struct ctx *cx, i64 id)
{
    return db_run(cx, "queue.done", I64("now", ctx_now(cx)), I64("id", id));
}

static i64 back_off_ms(int attempts)
{
    i64 ms = BACK_OFF_FIRST_MS;

    for (int i = 1; i < attempts && ms < BACK_OFF_MOST_MS; i++)
        ms *= 4;
    return ms < BACK_OFF_MOST_MS ? ms : BACK_OFF_MOST_MS;
}

/* It waits again, unless another of its key does. */
static enum status put_back(struct ctx *cx, const struct job *j, const char *error, i64 in_ms,
                            bool counts)
{
    i64 now = ctx_now(cx), changed;

    TRY(db_run_count(cx, &changed, "queue.superseded", TEXT("error", error), I64("now", now),
                     I64("id", j->id), I64("attempts", j->attempts)));
    if (changed)
        return OK;
    return db_run(cx, "queue.back_off", I64("at", now + in_ms), TEXT("error", error),
                  I64("uncounted", !counts), I64("id", j->id), I64("attempts", j->attempts));
}

enum status queue_failed(struct ctx *cx, const struct job *j, const char *error)
{
    if (j->attempts >= LIMIT_JOB_ATTEMPTS)
        return db_run(cx, "queue.give_up", TEXT("error", error), I64("now", ctx_now(cx)),
                      I64("id", j->id), I64("attempts", j->attempts));
    return put_back(cx, j, error, back_off_ms(j->attempts), true);
}

enum status queue_beaten(struct ctx *cx, const struct job *j, const char *error)
{
    i64 seed[] = { j->id, ctx_now(cx) };
    u64 hash = str_hash((struct str){ (const char *)seed, sizeof seed });

    return put_back(cx, j, error, BEATEN_MS + (i64)(hash % BEATEN_SPREAD_MS), false);
}

enum status queue_retry(struct ctx *cx, i64 id)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    i64 changed;
    enum status s =
        db_run_count(cx, &changed, "queue.retry", I64("now", ctx_now(cx)), I64("id", id));

    if (s == E_CONFLICT) {
        ctx_clear_error(cx);
        return ctx_fail(cx, s, "the same job waits already: this one need not run again");
    }
    TRY(s);
    if (changed == 0)
        return ctx_fail(cx, E_NOT_FOUND, "this job has not failed, or is gone");
    return tx_commit(&tx);
}

enum status queue_delete(struct ctx *cx, i64 id)
{
    i64 changed, state;

    TRY(db_run_count(cx, &changed, "queue.delete", I64("id", id)));
    if (changed)
        return OK;
    enum status s = db_get_i64(cx, &state, "queue.state", I64("id", id));
    if (s == E_NOT_FOUND)
        return ctx_fail(cx, s, "this job is gone already");
    TRY(s);
    return ctx_fail(cx, E_CONFLICT, "this job runs: delete it when it has ended");
}

enum status queue_purge(struct ctx *cx, i64 before_ms, int limit, i64 *deleted)
{
    return db_run_count(cx, deleted, "queue.purge", I64("before", before_ms), I64("limit", limit));
}

static enum status add_rows(struct stmt *q, struct val *list)
{
    while (stmt_next(q)) {
        i64 state = col_i64(q, 2);
        struct val *row = val_add(list, stmt_row(q));
        val_put(row, "state", val_text_static(q->cx->arena, words[state & 3]));
    }
    return stmt_status(q);
}

enum status queue_list(struct ctx *cx, const char *state, int limit, struct val *list)
{
    i64 number = 0;

    if (!state) {
        scoped(stmt_close) struct stmt all = db_query(cx, "queue.list_all", I64("limit", limit));
        return add_rows(&all, list);
    }
    while (number < JOB_STATES && !text_is(words[number], state))
        number++;
    if (number == JOB_STATES)
        return ctx_fail(cx, E_INVALID, "a job is waiting, running, failed or done, not '%s'",
                        state);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "queue.list", I64("state", number), I64("limit", limit));
    return add_rows(&q, list);
}

enum status queue_count(struct ctx *cx, enum job_state state, i64 *count)
{
    return db_get_i64(cx, count, "queue.count", I64("state", state));
}
