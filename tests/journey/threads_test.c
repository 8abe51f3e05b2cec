/* Many threads at once: appends, walks, timelines, aliases, new names and flushes in the
 * background. Each walk must see a whole beginning of what arrived: nothing missing in between,
 * nothing twice, and all that was acknowledged before it began. */
#include "model.h"
#include "support/events.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_at_once),
                                        cmocka_unit_test(closing_answers_everybody) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
