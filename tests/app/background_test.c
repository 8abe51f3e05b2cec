/* background_test.c -- jobs and the outbox while the server runs: soon after a commit, once, again
 * when they fail, and on time. */
#include "app/background.h"
#include "base/json.h"
#include "journey/journey.h"
#include "store/queue.h"
#include "support/house.h"
#include <stdatomic.h>
#include <unistd.h>

enum { WAIT_MS = 10000 };

static struct {
    _Atomic(int) quick, flaky, writing, recurring, slow;
    _Atomic(bool) slow_may_end;
} ran;

/* ---- jobs ---- */
static enum status run_quick(struct job_run *job)
{
    assert_int_equal(val_get_i64(job->payload, "n", 0), 7);
    assert_true(job->cx->access->system);
    atomic_fetch_add(&ran.quick, 1);
    return OK;
}

static enum status run_flaky(struct job_run *job)
{
    if (atomic_fetch_add(&ran.flaky, 1) == 0)
        return ctx_fail(job->cx, E_IO, "not today");
    return OK;
}

/* Puts a job of its own: in the same transaction as its end. */
static enum status run_writing(struct job_run *job)
{
    atomic_fetch_add(&ran.writing, 1);
    return queue_add(job->cx, "t.quick", NULL, "{\"n\":7}", ctx_now(job->cx), NULL);
}

static enum status run_recurring(struct job_run *job)
{
    (void)job;
    atomic_fetch_add(&ran.recurring, 1);
    return OK;
}

static enum status run_slow(struct job_run *job)
{
    (void)job;
    atomic_fetch_add(&ran.slow, 1);
    while (!atomic_load(&ran.slow_may_end))
        usleep(1000);
    return OK;
}

static const struct job_type jobs[] = {
    { "t.quick", "Quick", run_quick },
    { "t.flaky", "Flaky", run_flaky },
    { "t.writing", "Writing", run_writing, .writes = true },
    { "t.recurring", "Recurring", run_recurring, .every_ms = MS_HOUR },
    { "t.slow", "Slow", run_slow },
};
static const struct event_kind kinds[] = { { "t_event", "Event", "bolt", 0, NULL } };
static const struct feature feature_t = { .name = "t", JOBS(jobs), EVENT_KINDS(kinds) };

extern const struct feature feature_team, feature_role, feature_user;
static const struct feature *const used[] = { &feature_team, &feature_role, &feature_user,
                                              &feature_t };
static const struct house_options options = { .features = used, .feature_count = countof(used) };

/* ---- the program around it ---- */
struct work {
    struct house *h;
    struct program p;
    struct background *b;
};

static struct work start(struct house *h)
{
    struct work w = { .h = h };

    ran.quick = ran.flaky = ran.writing = ran.recurring = ran.slow = 0;
    ran.slow_may_end = false;
    w.p = (struct program){ .arena = h->arena,
                            .store = h->t->store,
                            .writer = h->writer,
                            .journey = h->journey,
                            .kit = h->kit,
                            .clock = *h->clock };
    return w;
}

/* After `w` has its last address: the threads keep it. */
static void run(struct work *w)
{
    ctx_init(&w->p.cx, w->p.arena, &w->p.clock);
    w->p.cx.kit = w->h->kit;
    w->p.cx.access = access_system();
    assert_ok(&w->p.cx, background_start(&w->p, 2, &w->b));
}

static void end(struct work *w) { assert_true(background_stop(w->b, WAIT_MS)); }

static void add(struct house *h, const char *name, const char *payload)
{
    scoped(tx_end) struct tx tx = tx_begin(h->cx);

    assert_ok(h->cx, queue_add(h->cx, name, NULL, payload, ctx_now(h->cx), NULL));
    assert_ok(h->cx, tx_commit(&tx));
}

struct addition {
    const char *name, *payload;
};

static enum status add_work(struct ctx *cx, void *arg)
{
    const struct addition *a = arg;
    return queue_add(cx, a->name, NULL, a->payload, ctx_now(cx), NULL);
}

/* Through the writer, as requests do: the watcher sees its commits. */
static void add_by_writer(struct work *w, const char *name, const char *payload)
{
    struct addition a = { name, payload };
    struct ctx cx;

    ctx_init(&cx, w->h->arena, &w->p.clock);
    cx.kit = w->h->kit;
    cx.access = access_system();
    assert_ok(&cx, writer_run(w->h->writer, &cx, add_work, &a));
}

static void wait_until(_Atomic(int) *counter, int count)
{
    for (int i = 0; i < WAIT_MS && atomic_load(counter) < count; i++)
        usleep(1000);
    assert_int_equal(atomic_load(counter), count);
}

static i64 count_jobs(struct house *h, enum job_state state)
{
    i64 count;

    assert_ok(h->cx, queue_count(h->cx, state, &count));
    return count;
}

static void wait_jobs(struct house *h, enum job_state state, i64 count)
{
    for (int i = 0; i < WAIT_MS && count_jobs(h, state) != count; i++)
        usleep(1000);
    assert_int_equal(count_jobs(h, state), count);
}

/* ---- cases ---- */
static void what_waited_at_the_start_is_run(void **state)
{
    struct work w = start(*state);

    add(w.h, "t.quick", "{\"n\":7}");
    add(w.h, "t.quick", "{\"n\":7}");
    run(&w);
    wait_until(&ran.quick, 2);
    wait_jobs(w.h, JOB_DONE, 2);
    end(&w);
    assert_int_equal(ran.quick, 2);
}

static void a_job_runs_soon_after_its_commit(void **state)
{
    struct work w = start(*state);
    u64 began;

    run(&w);
    usleep(200 * 1000); /* everybody sleeps by now */
    began = clock_mono_ns();
    add_by_writer(&w, "t.quick", "{\"n\":7}");
    wait_until(&ran.quick, 1);
    if (clock_mono_ns() - began > 2000000000ULL)
        fail_msg("it took %d ms", (int)((clock_mono_ns() - began) / 1000000));
    end(&w);
}

static void a_failed_job_comes_again_later(void **state)
{
    struct work w = start(*state);

    run(&w);
    add_by_writer(&w, "t.flaky", "{}");
    wait_until(&ran.flaky, 1);
    wait_jobs(w.h, JOB_WAITING, 2); /* it, and the recurring one */
    assert_int_equal(ran.flaky, 1);
    end(&w);
    w.p.clock.fixed_ms += 20 * 1000;
    run(&w);
    wait_until(&ran.flaky, 2);
    wait_jobs(w.h, JOB_DONE, 1);
    end(&w);
}

static void a_writing_job_and_its_end_are_one(void **state)
{
    struct work w = start(*state);

    run(&w);
    add_by_writer(&w, "t.writing", "{}");
    wait_until(&ran.quick, 1);
    wait_jobs(w.h, JOB_DONE, 2);
    assert_int_equal(ran.writing, 1);
    end(&w);
}

static void a_recurring_job_runs_on_time_and_once(void **state)
{
    struct work w = start(*state);

    run(&w);
    end(&w);
    run(&w); /* a second start adds no second one */
    assert_int_equal(count_jobs(w.h, JOB_WAITING), 1);
    end(&w);
    assert_int_equal(ran.recurring, 0);
    for (int i = 1; i <= 3; i++) {
        w.p.clock.fixed_ms += MS_HOUR;
        run(&w);
        wait_until(&ran.recurring, i);
        wait_jobs(w.h, JOB_DONE, i);
        assert_int_equal(count_jobs(w.h, JOB_WAITING), 1);
        end(&w);
    }
}

static void a_job_that_nobody_knows_says_so(void **state)
{
    struct work w = start(*state);
    struct val *list = val_list(w.h->arena);
    const char *error = "";

    run(&w);
    add_by_writer(&w, "t.unheard", "{}");
    for (int i = 0; i < WAIT_MS && error[0] == '\0'; i++) {
        usleep(1000);
        list = val_list(w.h->arena);
        assert_ok(w.h->cx, queue_list(w.h->cx, "waiting", 10, list));
        for (size_t k = 0; k < val_count(list); k++)
            if (strcmp(val_get_text(val_at(list, k), "name"), "t.unheard") == 0)
                error = val_get_text(val_at(list, k), "error");
    }
    assert_non_null(strstr(error, "knows no job 't.unheard'"));
    end(&w);
}

static void a_stop_waits_for_what_runs_but_not_for_ever(void **state)
{
    struct work w = start(*state);

    run(&w);
    add_by_writer(&w, "t.slow", "{}");
    wait_until(&ran.slow, 1);
    assert_false(background_stop(w.b, 50));
    atomic_store(&ran.slow_may_end, true);
    assert_true(background_stop(w.b, WAIT_MS));
    assert_int_equal(count_jobs(w.h, JOB_DONE), 1);
}

static enum status note_work(struct ctx *cx, void *arg)
{
    (void)arg;
    return journey_note(cx, &(struct journey_note){ .kind = "t_event", .contact_id = 77 });
}

static void events_reach_the_journey_soon(void **state)
{
    struct work w = start(*state);
    struct ctx cx;

    run(&w);
    ctx_init(&cx, w.h->arena, &w.p.clock);
    cx.kit = w.h->kit;
    cx.journey = w.h->journey;
    cx.access = access_system();
    assert_ok(&cx, writer_run(w.h->writer, &cx, note_work, NULL));
    for (int i = 0; i < WAIT_MS && journey_last_seq(w.h->journey) == 0; i++)
        usleep(1000);
    assert_true(journey_last_seq(w.h->journey) > 0);
    assert_ok(&cx, writer_run(w.h->writer, &cx, note_work, NULL));
    end(&w); /* the last look moves what the last request left */
    assert_true(journey_outbox_seq(w.h->journey) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(what_waited_at_the_start_is_run, &options),
        IN_BOTH_HOUSES(a_job_runs_soon_after_its_commit, &options),
        IN_BOTH_HOUSES(a_failed_job_comes_again_later, &options),
        IN_BOTH_HOUSES(a_writing_job_and_its_end_are_one, &options),
        IN_BOTH_HOUSES(a_recurring_job_runs_on_time_and_once, &options),
        IN_SQLITE_HOUSE(a_job_that_nobody_knows_says_so, &options),
        IN_SQLITE_HOUSE(a_stop_waits_for_what_runs_but_not_for_ever, &options),
        IN_BOTH_HOUSES(events_reach_the_journey_soon, &options),
    };
    return cmocka_run_group_tests_name("app/background", tests, NULL, NULL);
}
