/* notify_test.c -- what processes that share a database tell each other: after the commit, never to
 * themselves, and again after the connection was lost. */
#include "store/notify.h"
#include "support/store.h"
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { WAIT_MS = 10000, QUIET_MS = 200, TEXTS = 8 };

static const struct sql_file files[] = {
    { "test/notify.sql", "-- name: listeners.end @sqlite\nSELECT 0\n"
                         "-- name: listeners.end @postgres\n"
                         "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity\n"
                         " WHERE datname = current_database() AND query LIKE 'LISTEN%'\n" }
};
static const struct test_sql sql = { files, countof(files) };

struct ear {
    pthread_mutex_t lock;
    char texts[TEXTS][NOTIFY_BYTES + 1];
    unsigned count;
};

static void hear(void *arg, const char *text)
{
    struct ear *e = arg;

    pthread_mutex_lock(&e->lock);
    if (e->count < TEXTS)
        snprintf(e->texts[e->count++], sizeof e->texts[0], "%s", text);
    pthread_mutex_unlock(&e->lock);
}

static unsigned heard(struct ear *e)
{
    pthread_mutex_lock(&e->lock);
    unsigned count = e->count;
    pthread_mutex_unlock(&e->lock);
    return count;
}

static void wait_heard(struct ear *e, unsigned count)
{
    for (int i = 0; i < WAIT_MS && heard(e) < count; i++)
        usleep(1000);
    assert_int_equal(heard(e), count);
}

static void say(struct ctx *cx, const char *text, bool commit)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);

    notify_say(cx, text);
    if (commit)
        assert_ok(cx, tx_commit(&tx));
}

/* Another process on the same database. */
struct other {
    struct db_store *store;
    struct notify *notify;
    struct ear ear;
};

static void other_open(struct test_db *t, struct other *o)
{
    static const struct test_sql none = { NULL, 0 };

    pthread_mutex_init(&o->ear.lock, NULL);
    assert_ok(&t->cx, db_store_open(&t->cx, t->url, none.files, none.count, &o->store));
    assert_ok(&t->cx, notify_open(&t->cx, o->store, hear, &o->ear, &o->notify));
}

static void other_close(struct other *o)
{
    notify_close(o->notify);
    db_store_close(o->store);
    pthread_mutex_destroy(&o->ear.lock);
}

static void others_hear_what_was_committed(void **state)
{
    static struct other o;
    static char longest[NOTIFY_BYTES + 2];
    struct test_db *t = *state;
    struct ear own = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct notify *n;

    memset(&o, 0, sizeof o);
    other_open(t, &o);
    assert_ok(&t->cx, notify_open(&t->cx, t->store, hear, &own, &n));
    say(&t->cx, "taken back", false);
    say(&t->cx, "deal\n0\n{\"a\":1}", true);
    memset(longest, 'x', NOTIFY_BYTES);
    say(&t->cx, longest, true);
    longest[NOTIFY_BYTES] = 'x';
    say(&t->cx, longest, true); /* too long */
    say(&t->cx, "", true);
    wait_heard(&o.ear, 3);
    usleep(QUIET_MS * 1000);
    assert_int_equal(heard(&o.ear), 3);
    assert_string_equal(o.ear.texts[0], "deal\n0\n{\"a\":1}");
    assert_int_equal(strlen(o.ear.texts[1]), NOTIFY_BYTES);
    assert_string_equal(o.ear.texts[2], "");
    assert_int_equal(heard(&own), 0);
    notify_close(n);
    other_close(&o);
}

static void a_lost_connection_is_made_again(void **state)
{
    static struct other o;
    struct test_db *t = *state;
    i64 ended = 0;

    memset(&o, 0, sizeof o);
    other_open(t, &o);
    assert_ok(&t->cx, db_get_i64(&t->cx, &ended, "listeners.end"));
    assert_int_equal(ended, 1);
    for (int i = 0; i < WAIT_MS / 100 && heard(&o.ear) == 0; i++) {
        say(&t->cx, "still there", true);
        usleep(100 * 1000);
    }
    assert_true(heard(&o.ear) > 0);
    other_close(&o);
}

static void one_process_has_nobody_to_tell(void **state)
{
    struct test_db *t = *state;
    struct ear own = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct notify *n = (void *)&own;

    assert_ok(&t->cx, notify_open(&t->cx, t->store, hear, &own, &n));
    assert_null(n);
    say(&t->cx, "anybody", true);
    notify_close(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_POSTGRES(others_hear_what_was_committed, &sql),
        ON_POSTGRES(a_lost_connection_is_made_again, &sql),
        ON_SQLITE(one_process_has_nobody_to_tell, &sql),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
