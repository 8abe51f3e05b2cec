/* Many threads at once: appends, walks, timelines, aliases, new names and flushes in the
 * background. Each walk must see a whole beginning of what arrived: nothing missing in between,
 * nothing twice, and all that was acknowledged before it began. */
#include "model.h"
#include "support/events.h"
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 3, READERS = 2, PER_WRITER = 6000, PEOPLE = 300, ALIASES = 60 };

struct shared {
    struct journey *j;
    struct clock clock;
    atomic_ullong sent, acknowledged, refused;
    atomic_bool over;
    u32 visitors[PEOPLE], contacts[ALIASES];
};

static void acknowledged(void *arg, enum status s)
{
    struct shared *h = arg;

    atomic_fetch_add(s == OK ? &h->acknowledged : &h->refused, 1);
}

/* Each event carries the hash of its page's name, so that a mixed-up code shows. */
static void name_page(struct shared *h, u64 *seed, struct event *e)
{
    char name[64];

    snprintf(name, sizeof name, "/page/%u", random_below(seed, 3000));
    e->page = journey_intern(h->j, DICT_PAGE, str_from(name));
    e->value = (i64)(str_hash(str_from(name)) >> 8);
}

static void *write_events(void *arg)
{
    struct shared *h = arg;
    u64 seed = (u64)(uintptr_t)&seed;

    for (u32 i = 0; i < PER_WRITER; i++) {
        struct event e = { .at_ms = 1763890000000 + random_below(&seed, 1u << 31),
                           .person = h->visitors[random_below(&seed, PEOPLE)],
                           .kind = (u16)(1 + random_below(&seed, 70)) };
        name_page(h, &seed, &e);
        e.props = i % 50 == 0 ? "{\"x\":[1,2,3]}" : NULL;
        atomic_fetch_add(&h->sent, 1);
        while (journey_append(h->j, &e, 1, acknowledged, h) == E_BUSY)
            sched_yield();
    }
    return NULL;
}

struct sight {
    struct shared *shared;
    u64 events, seq_sum, last_seq, wrong;
    u32 people;
};

static void look(void *acc, const struct journey_view *v)
{
    struct sight *s = acc;

    s->people++;
    for (size_t i = 0; i < v->count; i++) {
        const struct event *e = &v->events[i];
        s->events++;
        s->seq_sum += e->seq;
        s->last_seq = e->seq > s->last_seq ? e->seq : s->last_seq;
        const char *name = journey_name(s->shared->j, DICT_PAGE, e->page);
        s->wrong += (i64)(str_hash(str_from(name)) >> 8) != e->value;
        s->wrong +=
            i > 0 && (e->at_ms < e[-1].at_ms || (e->at_ms == e[-1].at_ms && e->seq <= e[-1].seq));
    }
}

static void check_walk(struct shared *h, struct ctx *cx, unsigned threads)
{
    struct sight s[2] = { { .shared = h }, { .shared = h } };
    void *accs[2] = { &s[0], &s[1] };
    struct journey_plan p = { .visit = look, .columns = READ_PAGE | READ_VALUE };
    u64 before = atomic_load(&h->acknowledged);

    assert_int_equal(journey_walk(cx, h->j, &p, accs, threads), OK);
    u64 n = s[0].events + s[1].events, sum = s[0].seq_sum + s[1].seq_sum;
    assert_int_equal(s[0].wrong + s[1].wrong, 0);
    assert_true(n >= before && n <= atomic_load(&h->sent));
    assert_int_equal(s[0].last_seq > s[1].last_seq ? s[0].last_seq : s[1].last_seq, n);
    assert_int_equal(sum, n * (n + 1) / 2);
}

static void *read_events(void *arg)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    struct shared *h = arg;
    u64 seed = 5, cursor = 0;
    struct ctx cx;

    ctx_init(&cx, a, &h->clock);
    for (unsigned round = 0; !atomic_load(&h->over); round++) {
        struct event *e;
        size_t n;
        check_walk(h, &cx, 1 + round % 2);
        for (int i = 0; i < 5; i++) {
            u32 person = h->visitors[random_below(&seed, PEOPLE)];
            assert_int_equal(journey_timeline(&cx, h->j, person, 0, 0, 20, &e, &n), OK);
            for (size_t k = 1; k < n; k++)
                assert_true(e[k].at_ms <= e[k - 1].at_ms);
        }
        assert_int_equal(journey_since(&cx, h->j, cursor, 700, &e, &n), OK);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(e[k].seq, ++cursor);
        arena_reset(a);
    }
    return NULL;
}

static void *relate(void *arg)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    struct shared *h = arg;
    struct ctx cx;

    ctx_init(&cx, a, &h->clock);
    for (u32 round = 0; round < 4; round++)
        for (u32 i = 0; i < ALIASES; i++)
            if (round % 2 == 0)
                assert_int_equal(journey_alias(&cx, h->j, h->visitors[i], h->contacts[i], i), OK);
            else if (i % 3 > 0)
                assert_int_equal(journey_unalias(&cx, h->j, h->visitors[i]), OK);
    return NULL;
}

static void all_at_once(void **state)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    static struct shared h;
    struct journey_options o = { .events_url = test_events_url(),
                                 .clock = &h.clock,
                                 .flush_events = 2500 };
    pthread_t writers[WRITERS], readers[READERS], relater;
    struct ctx cx;
    struct journey_stats stats;

    (void)state;
    h.clock.fixed_ms = 1763890000000;
    ctx_init(&cx, a, &h.clock);
    assert_int_equal(journey_open(&cx, &o, &h.j), OK);
    for (u32 i = 0; i < PEOPLE; i++)
        h.visitors[i] = journey_person(h.j, PERSON_VISITOR, i);
    for (u32 i = 0; i < ALIASES; i++)
        h.contacts[i] = journey_person(h.j, PERSON_CONTACT, i);
    for (int i = 0; i < READERS; i++)
        pthread_create(&readers[i], NULL, read_events, &h);
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&writers[i], NULL, write_events, &h);
    pthread_create(&relater, NULL, relate, &h);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    pthread_join(relater, NULL);
    assert_int_equal(journey_flush(&cx, h.j), OK);
    atomic_store(&h.over, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    assert_int_equal(h.acknowledged, WRITERS * PER_WRITER);
    assert_int_equal(h.refused, 0);
    check_walk(&h, &cx, 2);
    journey_stats(h.j, &stats);
    assert_int_equal(stats.events, WRITERS * PER_WRITER);
    assert_int_equal(stats.log_events, 0);
    assert_int_equal(journey_verify(&cx, h.j), OK);
    journey_close(h.j);
}

/* Closing while the queue is full: whoever was taken in is answered. */
static void closing_answers_everybody(void **state)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    static struct shared h;

    (void)state;
    for (int round = 0; round < 8; round++) {
        struct journey_options o = { .events_url = test_events_url(), .flush_events = 500 };
        struct ctx cx;
        u64 taken = 0;
        h = (struct shared){ 0 };
        ctx_init(&cx, a, NULL);
        assert_int_equal(journey_open(&cx, &o, &h.j), OK);
        u32 person = journey_person(h.j, PERSON_VISITOR, 1);
        for (u32 i = 0; i < 3000; i++) {
            struct event e = { .at_ms = 1763890000000 + i, .person = person, .kind = 1 };
            taken += journey_append(h.j, &e, 1, acknowledged, &h) == OK;
        }
        journey_close(h.j);
        assert_int_equal(h.acknowledged, taken);
    }
}

/* ---- keys that are read beside the opening ---- */

/* MANY: more than one row of the table. Some are linked, one is erased; the last few came after the
 * flush. */
enum { MANY = 120 * 1000, LINKS = 500, GONE = 77, LATE = 100, ASKERS = 4 };

static void fill_many(struct ctx *cx, const struct journey_options *o)
{
    struct journey *j;
    struct event e = { .at_ms = 1763890000000, .person = 1, .kind = 1 };

    assert_int_equal(journey_open(cx, o, &j), OK);
    for (u32 i = 1; i <= MANY; i++)
        assert_int_equal(journey_person(j, i <= LINKS ? PERSON_CONTACT : PERSON_VISITOR, i), i);
    assert_int_equal(journey_append_wait(cx, j, &e, 1), OK);
    for (u32 i = 1; i <= LINKS; i++)
        assert_int_equal(journey_alias(cx, j, MANY - i, i, 1), OK);
    assert_int_equal(journey_unalias(cx, j, MANY - 2), OK);
    assert_int_equal(journey_flush(cx, j), OK);
    assert_int_equal(journey_erase(cx, j, GONE), OK);
    for (u32 i = 1; i <= LATE; i++)
        e.person = journey_person(j, PERSON_VISITOR, MANY + i);
    assert_int_equal(journey_append_wait(cx, j, &e, 1), OK);
    journey_close(j);
}

struct asker {
    struct journey *j;
    u32 first, wrong;
};

static void *ask_everybody(void *arg)
{
    struct asker *k = arg;

    for (u32 i = 0; i < MANY + LATE; i++) {
        u32 n = (k->first + i * 7919u) % (MANY + LATE) + 1;
        bool gone = n == GONE || n == MANY - GONE;
        bool linked = n < MANY && n >= MANY - LINKS && n != MANY - 2;
        u32 root = gone ? 0 : linked ? MANY - n : n;
        enum person_kind kind = n <= LINKS ? PERSON_CONTACT : PERSON_VISITOR, found;
        u64 key;
        k->wrong += journey_root(k->j, n) != root;
        k->wrong += journey_person_find(k->j, kind, n) != root;
        k->wrong += journey_person_key(k->j, n, &found, &key) == gone;
        k->wrong += !gone && (found != kind || key != n);
    }
    return NULL;
}

static void remove_store(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    char name[128];

    for (size_t i = 0; i < countof(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void keys_are_read_beside_opening(void **state)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    char path[64];
    struct journey_options o = { .path = path, .events_url = test_events_url() };
    struct journey_stats stats;
    struct ctx cx;

    (void)state;
    ctx_init(&cx, a, NULL);
    snprintf(path, sizeof path, "/tmp/furrow-threads-%d.db", (int)getpid());
    fill_many(&cx, &o);
    for (int round = 0; round < 4; round++) {
        struct asker askers[ASKERS];
        pthread_t threads[ASKERS];
        struct journey *j;
        assert_int_equal(journey_open(&cx, &o, &j), OK);
        for (u32 i = 0; i < ASKERS; i++) {
            askers[i] = (struct asker){ j, i * 31u, 0 };
            pthread_create(&threads[i], NULL, ask_everybody, &askers[i]);
        }
        journey_stats(j, &stats);
        assert_int_equal(stats.people, MANY + LATE);
        for (u32 i = 0; i < ASKERS; i++) {
            pthread_join(threads[i], NULL);
            assert_int_equal(askers[i].wrong, 0);
        }
        assert_int_equal(journey_verify(&cx, j), OK);
        journey_close(j); /* in the last rounds nobody has asked for anything before that */
        assert_int_equal(journey_open(&cx, &o, &j), OK);
        journey_close(j);
    }
    remove_store(path);
}

/* A damaged row of people is named all the same, whoever reads it. */
static void damaged_keys_are_named(void **state)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    char path[64], bit[128];
    struct journey_options o = { .path = path, .events_url = test_events_url() };
    struct journey *j;
    struct ctx cx;
    sqlite3 *db;

    (void)state;
    ctx_init(&cx, a, NULL);
    snprintf(path, sizeof path, "/tmp/furrow-threads-%d.db", (int)getpid());
    fill_many(&cx, &o);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    snprintf(bit, sizeof bit,
             "UPDATE person SET data = CAST(substr(data, 1, 4999) || x'%s' || "
             "substr(data, 5001) AS BLOB) WHERE id = 1",
             "ee");
    assert_int_equal(sqlite3_exec(db, bit, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    o.no_background = true;
    assert_int_equal(journey_open(&cx, &o, &j), E_CORRUPT);
    assert_non_null(strstr(cx.error_text, "person 1"));
    ctx_clear_error(&cx);
    o.no_background = false;
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit none = { 0, 0 };
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL);
        if (journey_open(&cx, &o, &j) == OK)
            (void)journey_root(j, 1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        fail_msg("the child ended with %x", (unsigned)status);
    remove_store(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_at_once),
                                        cmocka_unit_test(closing_answers_everybody),
                                        cmocka_unit_test(keys_are_read_beside_opening),
                                        cmocka_unit_test(damaged_keys_are_named) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
