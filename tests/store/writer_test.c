/* writer_test.c -- what was acknowledged is there, what failed is not, and neither harms its
 * neighbour: with many threads, a full disk, failing steps and a database server that goes away. */
#include "base/limits.h"
#include "support/store.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct sql_file files[] = {
    { "test/writer.sql", "-- name: item.add\nINSERT INTO item (id, worker) VALUES (:id, :worker)\n"
                         "-- name: item.count\nSELECT count(*) FROM item\n"
                         "-- name: item.fill\nINSERT INTO filler (data) VALUES (:data)\n"
                         "-- name: item.there\nSELECT count(*) FROM item WHERE id = :id\n"
                         "-- name: counter.read\nSELECT value FROM counter WHERE id = 1\n"
                         "-- name: counter.write\nUPDATE counter SET value = :value WHERE id = 1\n"
                         "-- name: full.limit @sqlite\nPRAGMA max_page_count = 200\n"
                         "-- name: full.limit @postgres\nSELECT 1\n"
                         "-- name: full.unlimit @sqlite\nPRAGMA max_page_count = 1000000\n"
                         "-- name: full.unlimit @postgres\nSELECT 1\n"
                         "-- name: others.kill @sqlite\nSELECT 1\n"
                         "-- name: others.kill @postgres\n"
                         "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity\n"
                         " WHERE datname = current_database() AND pid <> pg_backend_pid()\n" }
};
static const struct test_sql sql = { files, countof(files) };

enum { THREADS = 8, ROUNDS = 100 };

static struct writer *open_writer(struct test_db *t)
{
    struct writer *w;

    test_db_script(t, "CREATE TABLE item (id BIGINT PRIMARY KEY, worker BIGINT NOT NULL);"
                      "CREATE TABLE filler (data TEXT);"
                      "CREATE TABLE counter (id BIGINT PRIMARY KEY, value BIGINT NOT NULL);"
                      "INSERT INTO counter (id, value) VALUES (1, 0);");
    assert_ok(&t->cx, writer_open(&t->cx, t->store, 4, &w));
    return w;
}

static i64 rows(struct ctx *cx)
{
    i64 n = -1;

    assert_ok(cx, db_get_i64(cx, &n, "item.count"));
    return n;
}

/* One row; an odd `bad` fails after it was written. */
struct one_row {
    i64 id, worker;
    bool bad;
};
static enum status add_row(struct ctx *cx, void *arg)
{
    const struct one_row *r = arg;

    TRY(db_run(cx, "item.add", I64("id", r->id), I64("worker", r->worker)));
    return r->bad ? ctx_fail(cx, E_PRECONDITION, "this one is to fail") : OK;
}

/* ---- many at once ---- */
struct submitter {
    struct test_db *t;
    struct writer *w;
    struct ctx cx;
    pthread_t thread;
    i64 number;
    int wrong;
};

static void *submit_rows(void *arg)
{
    struct submitter *s = arg;
    i64 there;

    for (i64 i = 0; i < ROUNDS; i++) {
        struct one_row row = { s->number * ROUNDS + i, s->number, i % 10 == 3 };
        enum status got = writer_run(s->w, &s->cx, add_row, &row);
        if (got != (row.bad ? E_PRECONDITION : OK))
            s->wrong++;
        ctx_clear_error(&s->cx);
        /* what is acknowledged can be read by everybody, what failed is gone */
        if (db_get_i64(&s->cx, &there, "item.there", I64("id", row.id)) != OK || there == row.bad)
            s->wrong++;
    }
    return NULL;
}

static void acknowledged_rows_are_there_and_failed_ones_are_not(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    struct submitter all[THREADS];

    for (int i = 0; i < THREADS; i++) {
        all[i] = (struct submitter){ .t = t, .w = w, .number = i };
        test_ctx_open(t, &all[i].cx, DB_READ);
        pthread_create(&all[i].thread, NULL, submit_rows, &all[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(all[i].thread, NULL);
        assert_int_equal(all[i].wrong, 0);
        test_ctx_close(&all[i].cx);
    }
    assert_int_equal(rows(&t->cx), THREADS * ROUNDS * 9 / 10);
    assert_true(writer_commits(w) > 0);
    if (t->engine == DB_POSTGRES)
        assert_int_equal(writer_commits(w), THREADS * ROUNDS * 9 / 10);
    writer_close(w);
}

/* ---- one commit for what queued up ---- */
struct piece {
    struct writer_item item;
    struct test_db *t;
    struct one_row row;
    sem_t *gate, *entered; /* the first waits here until the others are queued */
    enum status status;
    int done, order;
};
static int order;

static enum status piece_work(void *arg, struct db *db)
{
    struct piece *p = arg;
    struct ctx cx;

    if (p->gate) {
        sem_post(p->entered);
        sem_wait(p->gate);
    }
    ctx_init(&cx, arena_new(1024), &p->t->clock);
    cx.db = db;
    enum status s = add_row(&cx, &p->row);
    arena_free(cx.arena);
    return s;
}

static void piece_done(void *arg, enum status s)
{
    struct piece *p = arg;

    p->status = s;
    p->done++;
    p->order = order++;
}

static void what_queued_up_goes_into_one_commit(void **state)
{
    enum { PIECES = 50 };
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    struct piece pieces[PIECES];
    sem_t gate, entered;

    order = 0;
    sem_init(&gate, 0, 0);
    sem_init(&entered, 0, 0);
    for (int i = 0; i < PIECES; i++) {
        pieces[i] = (struct piece){ .t = t, .row = { i % 7 == 6 ? 0 : i, 1, false } };
        pieces[i].item = (struct writer_item){ piece_work, piece_done, &pieces[i] };
        if (i == 0) {
            pieces[i].gate = &gate;
            pieces[i].entered = &entered;
        }
        assert_ok(&t->cx, writer_submit(w, &pieces[i].item));
        if (i == 0)
            sem_wait(&entered);
    }
    sem_post(&gate);
    assert_ok(&t->cx, writer_run(w, &t->cx, add_row, &(struct one_row){ 1000, 1, false }));
    assert_in_range(writer_commits(w), 1, 2); /* the last may have come too late for the first */
    writer_close(w);
    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(pieces[i].done, 1);
        assert_int_equal(pieces[i].order, i);
        assert_int_equal(pieces[i].status, i % 7 == 6 ? E_CONFLICT : OK); /* id 0 is taken */
    }
    assert_int_equal(rows(&t->cx), PIECES - PIECES / 7 + 1);
    sem_destroy(&gate);
    sem_destroy(&entered);
}

static void a_full_queue_says_busy(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    struct piece *pieces = calloc(LIMIT_WORKER_QUEUE + 2, sizeof(*pieces));
    sem_t gate, entered;
    int taken = 0;

    sem_init(&gate, 0, 0);
    sem_init(&entered, 0, 0);
    for (int i = 0; i < LIMIT_WORKER_QUEUE + 2; i++) {
        pieces[i] = (struct piece){ .t = t, .row = { i, 1, false } };
        pieces[i].item = (struct writer_item){ piece_work, piece_done, &pieces[i] };
    }
    pieces[0].gate = &gate;
    pieces[0].entered = &entered;
    assert_ok(&t->cx, writer_submit(w, &pieces[0].item));
    sem_wait(&entered);
    for (int i = 1; i < LIMIT_WORKER_QUEUE + 2; i++)
        taken += writer_submit(w, &pieces[i].item) == OK;
    assert_int_equal(taken, LIMIT_WORKER_QUEUE);
    sem_post(&gate);
    writer_close(w);
    assert_int_equal(pieces[LIMIT_WORKER_QUEUE + 1].done, 0);
    assert_int_equal(rows(&t->cx), LIMIT_WORKER_QUEUE + 1);
    sem_destroy(&gate);
    sem_destroy(&entered);
    free(pieces);
}

/* ---- transactions that meet ---- */
static enum status count_up(struct ctx *cx, void *arg)
{
    i64 value;

    (void)arg;
    TRY(db_get_i64(cx, &value, "counter.read"));
    return db_run(cx, "counter.write", I64("value", value + 1));
}

struct counting {
    struct writer *w;
    struct ctx cx;
    pthread_t thread;
    int counted, refused;
};

static void *count_often(void *arg)
{
    struct counting *c = arg;

    for (int i = 0; i < 30; i++) {
        if (writer_run(c->w, &c->cx, count_up, NULL) == OK)
            c->counted++;
        else if (c->cx.error == E_RETRY)
            c->refused++;
        ctx_clear_error(&c->cx);
    }
    return NULL;
}

static void no_update_is_lost(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    struct counting all[4];
    i64 counted = 0, refused = 0, value;

    for (size_t i = 0; i < countof(all); i++) {
        all[i] = (struct counting){ .w = w };
        test_ctx_open(t, &all[i].cx, DB_READ);
        pthread_create(&all[i].thread, NULL, count_often, &all[i]);
    }
    for (size_t i = 0; i < countof(all); i++) {
        pthread_join(all[i].thread, NULL);
        test_ctx_close(&all[i].cx);
        counted += all[i].counted;
        refused += all[i].refused;
    }
    assert_ok(&t->cx, db_get_i64(&t->cx, &value, "counter.read"));
    assert_int_equal(value, counted);
    assert_int_equal(counted + refused, 120);
    assert_true(refused < 12);
    writer_close(w);
}

/* ---- failures ---- */
static enum status swallow(struct ctx *cx, void *arg)
{
    struct one_row row = { 1, 1, false };

    (void)arg;
    TRY(add_row(cx, &row));
    if (add_row(cx, &row) == OK)
        return E_CORRUPT;
    ctx_clear_error(cx);
    return OK; /* as if nothing had happened */
}

static void a_swallowed_failure_is_a_failure(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);

    assert_status(&t->cx, writer_run(w, &t->cx, swallow, NULL), E_CONFLICT);
    assert_int_equal(rows(&t->cx), 0);
    writer_close(w);
}

static int called, dropped;
static void on_call(void *arg) { called += arg != NULL; }
static void on_drop(void *arg) { dropped += arg != NULL; }

static enum status add_and_tell(struct ctx *cx, void *arg)
{
    assert(called == 0);
    db_after_commit(cx, on_call, on_drop, cx);
    return add_row(cx, arg);
}

static void after_commit_calls_follow_the_fate_of_their_piece(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    struct one_row bad = { 1, 1, true }, good = { 2, 1, false };

    called = dropped = 0;
    assert_status(&t->cx, writer_run(w, &t->cx, add_and_tell, &bad), E_PRECONDITION);
    assert_int_equal(dropped, 1);
    assert_ok(&t->cx, writer_run(w, &t->cx, add_and_tell, &good));
    assert_int_equal(called, 1); /* before writer_run returns */
    assert_int_equal(dropped, 1);
    writer_close(w);
}

static enum status set_limit(struct ctx *cx, void *block)
{
    i64 pages;

    return db_get_i64(cx, &pages, block);
}

static enum status fill(struct ctx *cx, void *data)
{
    return db_run(cx, "item.fill", TEXT("data", data));
}

static void a_full_disk_refuses_writes_and_reads_go_on(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    struct one_row row = { 1, 1, false };
    char *data = calloc(1, 20001);
    enum status s = OK;

    memset(data, 'x', 20000);
    assert_ok(&t->cx, writer_run(w, &t->cx, add_row, &row));
    assert_ok(&t->cx, writer_run(w, &t->cx, set_limit, "full.limit"));
    for (int i = 0; s == OK && i < 200; i++)
        s = writer_run(w, &t->cx, fill, data);
    assert_non_null(strstr(t->cx.error_text, "full"));
    assert_status(&t->cx, s, E_FULL);
    assert_status(&t->cx, writer_run(w, &t->cx, fill, data), E_FULL);
    assert_int_equal(rows(&t->cx), 1);
    assert_ok(&t->cx, writer_run(w, &t->cx, set_limit, "full.unlimit"));
    assert_ok(&t->cx, writer_run(w, &t->cx, fill, data));
    writer_close(w);
    free(data);
}

static enum status add_two(struct ctx *cx, void *arg)
{
    i64 *first = arg;
    struct one_row a = { *first, 1, false }, b = { *first + 1, 1, false };
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(add_row(cx, &a));
    TRY(add_row(cx, &b));
    return tx_commit(&tx);
}

/* Fails the 1st, 2nd, 3rd ... step until none fails: never half a change; the writer lives on. */
static void a_failing_step_leaves_nothing_behind(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    i64 id = 10, expected = 0;
    int failed = 0;

    for (u64 nth = 1; nth < 50; nth++) {
        db_store_fail_at(t->store, nth);
        enum status s = writer_run(w, &t->cx, add_two, &id);
        bool fired = db_store_has_failed(t->store);
        db_store_fail_at(t->store, 0);
        assert_status(&t->cx, s, fired ? E_IO : OK);
        expected += fired ? 0 : 2;
        failed += fired;
        id += 2;
        assert_int_equal(rows(&t->cx), expected);
        if (!fired)
            break;
    }
    assert_true(failed >= 5);
    assert_int_equal(expected, 2);
    writer_close(w);
}

static void a_lost_server_connection_is_made_again(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    struct one_row row = { 1, 1, false };
    struct ctx reader;
    i64 n;

    test_ctx_open(t, &reader, DB_READ);
    for (; row.id <= 8; row.id++) {
        assert_ok(&t->cx, writer_run(w, &t->cx, add_row, &row));
        assert_int_equal(rows(&reader), row.id);
        assert_ok(&reader, db_read_begin(&reader));
        db_read_end(&reader);
        assert_ok(&t->cx, db_get_i64(&t->cx, &n, "others.kill"));
        if (row.id % 2 == 0) {
            assert_ok(&reader, db_read_begin(&reader));
            assert_int_equal(rows(&reader), row.id);
            db_read_end(&reader);
        }
    }
    test_ctx_close(&reader);
    writer_close(w);
}

/* ---- another process holds the file ---- */
static void *release_later(void *arg)
{
    struct timespec t = { 0, 200 * 1000000 };

    nanosleep(&t, NULL);
    (void)!tx_commit(arg);
    return NULL;
}

static void a_lock_of_another_process_is_waited_for(void **state)
{
    struct test_db *t = *state;
    struct writer *w = open_writer(t);
    struct one_row mine = { 1, 1, false }, other = { 2, 1, false };
    struct ctx cx;
    pthread_t thread;

    test_ctx_open(t, &cx, DB_READ);
    struct tx tx = tx_begin(&t->cx);
    assert_ok(&t->cx, add_row(&t->cx, &mine));
    pthread_create(&thread, NULL, release_later, &tx);
    assert_ok(&cx, writer_run(w, &cx, add_row, &other));
    pthread_join(thread, NULL);
    assert_int_equal(rows(&cx), 2);
    test_ctx_close(&cx);
    writer_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(acknowledged_rows_are_there_and_failed_ones_are_not, &sql),
        ON_SQLITE(what_queued_up_goes_into_one_commit, &sql),
        ON_SQLITE(a_full_queue_says_busy, &sql),
        ON_BOTH(no_update_is_lost, &sql),
        ON_BOTH(a_swallowed_failure_is_a_failure, &sql),
        ON_BOTH(after_commit_calls_follow_the_fate_of_their_piece, &sql),
        ON_SQLITE(a_full_disk_refuses_writes_and_reads_go_on, &sql),
        ON_BOTH(a_failing_step_leaves_nothing_behind, &sql),
        ON_POSTGRES(a_lost_server_connection_is_made_again, &sql),
        ON_SQLITE(a_lock_of_another_process_is_waited_for, &sql),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
