/* queue_test.c -- jobs: in order, once each, retried with back-off, never lost with the one who
 * took them. */
#include "base/limits.h"
#include "store/migrate.h"
#include "store/queue.h"
#include "support/store.h"
#include <pthread.h>
#include <stdlib.h>

enum { T0 = 1000000, LEASE = 30 * MS_SECOND };

static struct ctx *with_queue(void **state)
{
    struct test_db *t = *state;

    t->clock.fixed_ms = T0;
    assert_ok(&t->cx, schema_apply(&t->cx, store_tables, store_table_count));
    return &t->cx;
}

static i64 add(struct ctx *cx, const char *name, const char *key, i64 run_at)
{
    i64 id = 0;

    assert_ok(cx, queue_add(cx, name, key, "{\"a\":1}", run_at, &id));
    assert_true(id != 0);
    return id;
}

static i64 count(struct ctx *cx, enum job_state state)
{
    i64 n = -1;

    assert_ok(cx, queue_count(cx, state, &n));
    return n;
}

static struct job take(struct ctx *cx)
{
    struct job j = { 0 };

    assert_ok(cx, queue_take(cx, LEASE, &j, NULL));
    return j;
}

static void due_jobs_come_in_order_of_their_time(void **state)
{
    struct ctx *cx = with_queue(state);
    i64 later = add(cx, "later", NULL, T0 + 5000), second = add(cx, "second", NULL, T0),
        first = add(cx, "first", NULL, T0 - 10), next;
    struct job j = take(cx);

    assert_int_equal(j.id, first);
    assert_string_equal(j.name, "first");
    assert_string_equal(j.payload, "{\"a\":1}");
    assert_int_equal(j.attempts, 1);
    assert_int_equal(j.run_at_ms, T0 - 10);
    assert_int_equal(take(cx).id, second);
    assert_int_equal(queue_take(cx, LEASE, &j, &next), E_NOT_FOUND);
    assert_string_equal(cx->error_text, "");
    assert_int_equal(next, T0 + 5000);
    cx->clock->fixed_ms = T0 + 5000;
    assert_int_equal(take(cx).id, later);
    assert_ok(cx, queue_done(cx, first));
    assert_ok(cx, queue_done(cx, second));
    assert_ok(cx, queue_done(cx, later));
    assert_ok(cx, queue_done(cx, later));
    assert_int_equal(queue_take(cx, LEASE, &j, &next), E_NOT_FOUND);
    assert_true(next == TIME_NONE);
    assert_int_equal(count(cx, JOB_DONE), 3);
}

static void a_key_waits_once(void **state)
{
    struct ctx *cx = with_queue(state);
    i64 a = add(cx, "index", "7", T0);

    assert_int_equal(add(cx, "index", "7", T0 + 99), a);
    assert_true(add(cx, "index", "8", T0 + 1) != a);
    assert_true(add(cx, "other", "7", T0 + 1) != a);
    assert_true(add(cx, "index", NULL, T0 + 1) != add(cx, "index", NULL, T0 + 1));
    assert_int_equal(count(cx, JOB_WAITING), 5);
    assert_int_equal(take(cx).id, a);
    assert_true(add(cx, "index", "7", T0 + 1) != a); /* the running one may have read too early */
}

static void a_job_goes_with_the_transaction_that_added_it(void **state)
{
    struct ctx *cx = with_queue(state);
    struct tx tx = tx_begin(cx);

    add(cx, "a", NULL, T0);
    tx_end(&tx);
    assert_int_equal(count(cx, JOB_WAITING), 0);
}

static void a_lease_that_ran_out_is_taken_again(void **state)
{
    struct ctx *cx = with_queue(state);
    i64 id = add(cx, "a", NULL, T0), next;
    struct job first = take(cx), second;

    assert_int_equal(queue_take(cx, LEASE, &second, &next), E_NOT_FOUND);
    assert_int_equal(next, T0 + LEASE);
    assert_ok(cx, queue_extend(cx, &first, 2 * LEASE));
    cx->clock->fixed_ms = T0 + LEASE;
    assert_int_equal(queue_take(cx, LEASE, &second, NULL), E_NOT_FOUND);
    cx->clock->fixed_ms = T0 + 2 * LEASE;
    second = take(cx);
    assert_int_equal(second.id, id);
    assert_int_equal(second.attempts, 2);
    assert_int_equal(queue_extend(cx, &first, LEASE),
                     E_NOT_FOUND); /* it is no longer the first one's */
    assert_ok(cx, queue_failed(cx, &first, "too late"));
    assert_int_equal(count(cx, JOB_RUNNING), 1);
    assert_ok(cx, queue_done(cx, id));
    assert_int_equal(count(cx, JOB_DONE), 1);
}

static void what_a_killed_program_ran_is_due_at_the_next_start(void **state)
{
    struct ctx *cx = with_queue(state);
    i64 id = add(cx, "long", NULL, T0);
    struct job j = take(cx);

    assert_int_equal(queue_take(cx, LEASE, &j, NULL), E_NOT_FOUND);
    assert_ok(cx, queue_orphaned(cx));
    j = take(cx);
    assert_int_equal(j.id, id);
    assert_int_equal(j.attempts, 2);
    assert_ok(cx, queue_done(cx, id));
    assert_ok(cx, queue_orphaned(cx)); /* what is done stays so */
    assert_int_equal(queue_take(cx, LEASE, &j, NULL), E_NOT_FOUND);
}

static void a_failed_job_backs_off_and_then_stays(void **state)
{
    static const i64 pause_s[] = { 10, 40, 160, 640, 2560, 10240, 21600 };
    struct ctx *cx = with_queue(state);
    i64 id = add(cx, "a", NULL, T0), next;
    struct val *list = val_list(cx->arena);
    struct job j;

    for (int i = 0; i < LIMIT_JOB_ATTEMPTS; i++) {
        j = take(cx);
        assert_int_equal(j.attempts, i + 1);
        assert_ok(cx, queue_failed(cx, &j, "no answer from 'smtp'"));
        enum status s = queue_take(cx, LEASE, &j, &next);
        assert_int_equal(s, E_NOT_FOUND);
        if (i + 1 < LIMIT_JOB_ATTEMPTS) {
            assert_int_equal(next - ctx_now(cx), pause_s[i] * 1000);
            cx->clock->fixed_ms = next;
        } else {
            assert_true(next == TIME_NONE);
        }
    }
    assert_ok(cx, queue_list(cx, "failed", 10, list));
    assert_int_equal(val_count(list), 1);
    assert_string_equal(val_get_text(val_at(list, 0), "error"), "no answer from 'smtp'");
    assert_string_equal(val_get_text(val_at(list, 0), "state"), "failed");
    assert_int_equal(val_get_i64(val_at(list, 0), "attempts", 0), LIMIT_JOB_ATTEMPTS);
    assert_ok(cx, queue_retry(cx, id));
    j = take(cx);
    assert_int_equal(j.attempts, 1);
    assert_status(cx, queue_retry(cx, id), E_NOT_FOUND);
}

static void a_beaten_job_comes_again_soon_and_is_not_counted(void **state)
{
    struct ctx *cx = with_queue(state);
    i64 id = add(cx, "a", "key", T0), next;
    struct job j;

    for (int i = 0; i < 3 * LIMIT_JOB_ATTEMPTS; i++) {
        j = take(cx);
        assert_int_equal(j.id, id);
        assert_int_equal(j.attempts, 1);
        assert_ok(cx, queue_beaten(cx, &j, "others were first"));
        assert_int_equal(queue_take(cx, LEASE, &j, &next), E_NOT_FOUND);
        assert_in_range(next - ctx_now(cx), 100, 500);
        cx->clock->fixed_ms = next;
    }
    j = take(cx);
    add(cx, "a", "key", ctx_now(cx)); /* the younger one does its work */
    assert_ok(cx, queue_beaten(cx, &j, "others were first"));
    assert_int_equal(count(cx, JOB_DONE), 1);
    assert_int_equal(count(cx, JOB_WAITING), 1);
}

static void a_job_that_never_ends_is_given_up(void **state)
{
    struct ctx *cx = with_queue(state);

    add(cx, "crashes", NULL, T0);
    for (int i = 0; i < LIMIT_JOB_ATTEMPTS; i++) {
        assert_string_equal(take(cx).name, "crashes");
        cx->clock->fixed_ms += LEASE;
    }
    add(cx, "fine", NULL, ctx_now(cx));
    assert_string_equal(take(cx).name, "fine"); /* past the one that is given up */
    assert_int_equal(count(cx, JOB_FAILED), 1);
}

static void a_retry_gives_way_to_a_younger_job_of_its_key(void **state)
{
    struct ctx *cx = with_queue(state);
    i64 old = add(cx, "index", "7", T0);
    struct job j = take(cx);
    i64 young = add(cx, "index", "7", T0);

    assert_ok(cx, queue_failed(cx, &j, "locked"));
    assert_int_equal(count(cx, JOB_DONE), 1);
    assert_int_equal(take(cx).id, young);
    assert_true(old != young);
}

static void a_failed_job_is_not_run_again_beside_one_that_waits(void **state)
{
    struct ctx *cx = with_queue(state);
    i64 id = add(cx, "index", "7", T0);
    struct job j = take(cx);

    j.attempts = LIMIT_JOB_ATTEMPTS;
    assert_ok(cx, queue_failed(cx, &j, "stale")); /* not the attempt that runs: nothing happens */
    assert_int_equal(count(cx, JOB_RUNNING), 1);
    cx->clock->fixed_ms += LEASE;
    for (int i = 1; i < LIMIT_JOB_ATTEMPTS; i++) {
        j = take(cx);
        cx->clock->fixed_ms += LEASE;
    }
    assert_ok(cx, queue_failed(cx, &j, "broken"));
    add(cx, "index", "7", T0);
    assert_status(cx, queue_retry(cx, id), E_CONFLICT);
    assert_int_equal(count(cx, JOB_FAILED), 1);
}

static void jobs_are_listed_deleted_and_purged(void **state)
{
    struct ctx *cx = with_queue(state);
    i64 a = add(cx, "a", NULL, T0), b = add(cx, "b", NULL, T0 + 1), n;
    struct val *all = val_list(cx->arena), *waiting = val_list(cx->arena);

    assert_int_equal(take(cx).id, a);
    assert_ok(cx, queue_list(cx, NULL, 10, all));
    assert_int_equal(val_count(all), 2);
    assert_int_equal(val_get_i64(val_at(all, 0), "id", 0), b);
    assert_string_equal(val_get_text(val_at(all, 1), "state"), "running");
    assert_ok(cx, queue_list(cx, "waiting", 10, waiting));
    assert_int_equal(val_count(waiting), 1);
    assert_status(cx, queue_list(cx, "lost", 10, waiting), E_INVALID);
    assert_status(cx, queue_delete(cx, a), E_CONFLICT);
    assert_ok(cx, queue_delete(cx, b));
    assert_status(cx, queue_delete(cx, b), E_NOT_FOUND);
    assert_ok(cx, queue_done(cx, a));
    assert_ok(cx, queue_purge(cx, T0, 10, &n));
    assert_int_equal(n, 0);
    assert_ok(cx, queue_purge(cx, T0 + 1, 10, &n));
    assert_int_equal(n, 1);
    assert_int_equal(count(cx, JOB_DONE), 0);
}

static void a_payload_has_a_limit(void **state)
{
    struct ctx *cx = with_queue(state);
    char *big = arena_alloc(cx->arena, LIMIT_JOB_PAYLOAD_BYTES + 2, 1);

    memset(big, 'x', LIMIT_JOB_PAYLOAD_BYTES + 1);
    assert_status(cx, queue_add(cx, "a", NULL, big, T0, NULL), E_LIMIT);
    big[LIMIT_JOB_PAYLOAD_BYTES] = 0;
    assert_ok(cx, queue_add(cx, "a", NULL, big, T0, NULL));
}

/* ---- takers at once ---- */
enum { TAKERS = 6, JOBS = 300 };
struct taker {
    struct writer *w;
    struct ctx cx;
    pthread_t thread;
    i64 ids[JOBS];
    int count, wrong;
};

static enum status take_one(struct ctx *cx, void *arg) { return queue_take(cx, LEASE, arg, NULL); }

static enum status finish_one(struct ctx *cx, void *arg)
{
    return queue_done(cx, ((struct job *)arg)->id);
}

static void *take_all(void *arg)
{
    struct taker *k = arg;
    struct job j;

    for (;;) {
        enum status s = writer_run_relaxed(k->w, &k->cx, take_one, &j);
        if (s == E_NOT_FOUND)
            return NULL;
        if (s != OK || k->count == JOBS) {
            k->wrong++;
            return NULL;
        }
        k->ids[k->count++] = j.id;
        if (writer_run_relaxed(k->w, &k->cx, finish_one, &j) != OK)
            k->wrong++;
        arena_reset(k->cx.arena);
    }
}

static int compare_ids(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;

    return (x > y) - (x < y);
}

static void two_takers_never_get_the_same_job(void **state)
{
    struct test_db *t = *state;
    struct ctx *cx = with_queue(state);
    static struct taker takers[TAKERS];
    static i64 seen[TAKERS * JOBS];
    struct writer *w;
    size_t total = 0;

    for (int i = 0; i < JOBS; i++)
        add(cx, "a", NULL, T0);
    assert_ok(cx, writer_open(cx, t->store, 4, &w));
    for (int i = 0; i < TAKERS; i++) {
        takers[i] = (struct taker){ .w = w };
        test_ctx_open(t, &takers[i].cx, DB_READ);
        pthread_create(&takers[i].thread, NULL, take_all, &takers[i]);
    }
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(takers[i].thread, NULL);
        assert_int_equal(takers[i].wrong, 0);
        memcpy(&seen[total], takers[i].ids, (size_t)takers[i].count * sizeof(i64));
        total += (size_t)takers[i].count;
        test_ctx_close(&takers[i].cx);
    }
    writer_close(w);
    assert_int_equal(total, JOBS);
    qsort(seen, total, sizeof(i64), compare_ids);
    for (size_t i = 1; i < total; i++)
        assert_true(seen[i] != seen[i - 1]);
    assert_int_equal(count(cx, JOB_DONE), JOBS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(due_jobs_come_in_order_of_their_time, NULL),
        ON_BOTH(a_key_waits_once, NULL),
        ON_BOTH(a_job_goes_with_the_transaction_that_added_it, NULL),
        ON_BOTH(a_lease_that_ran_out_is_taken_again, NULL),
        ON_BOTH(what_a_killed_program_ran_is_due_at_the_next_start, NULL),
        ON_BOTH(a_failed_job_backs_off_and_then_stays, NULL),
        ON_BOTH(a_beaten_job_comes_again_soon_and_is_not_counted, NULL),
        ON_BOTH(a_job_that_never_ends_is_given_up, NULL),
        ON_BOTH(a_retry_gives_way_to_a_younger_job_of_its_key, NULL),
        ON_BOTH(a_failed_job_is_not_run_again_beside_one_that_waits, NULL),
        ON_BOTH(jobs_are_listed_deleted_and_purged, NULL),
        ON_BOTH(a_payload_has_a_limit, NULL),
        ON_BOTH(two_takers_never_get_the_same_job, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
