/* Random work on a store and on the naive model: both must give the same answers, whatever was
 * flushed, reopened, merged or undone in between. */
#include "model.h"
#include "support/events.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VISITORS = 160, CONTACTS = 60, KINDS = 90, PAGES = 40 };
static const i64 BEGIN_MS = 1748736000000; /* June 2025 */

struct work {
    u64 seed;
    u32 flush_events;
    bool background, windows; /* windows: nothing is kept between walks */
    u32 steps;
    char path[64];
    char events[1024]; /* where flushed events lie; "": in the file */
    struct clock clock;
    struct ctx cx;
    struct journey *j;
    struct model m;
    u32 visitors[VISITORS], contacts[CONTACTS];
};

static void open_store(struct work *w)
{
    struct journey_options o = { .path = w->path,
                                 .events_url = w->events,
                                 .clock = &w->clock,
                                 .flush_events = w->flush_events,
                                 .walk_bytes = w->windows,
                                 .no_background = !w->background };

    if (journey_open(&w->cx, &o, &w->j) != OK)
        fail_msg("%s", w->cx.error_text);
}

static u32 below(struct work *w, u32 n) { return random_below(&w->seed, n); }

static u32 anybody(struct work *w)
{
    return below(w, 4) == 0 ? w->contacts[below(w, CONTACTS)] : w->visitors[below(w, VISITORS)];
}

static void random_event(struct work *w, struct event *e, char *props, size_t room)
{
    u32 what = below(w, 100);

    *e = (struct event){ .person = anybody(w),
                         .kind = (u16)(1 + below(w, below(w, 3) ? 5 : KINDS)) };
    /* Coarse times make ties; some are far away, some at the edges of months. */
    e->at_ms = BEGIN_MS + below(w, 400) * 600000ll + below(w, 3);
    if (what < 10)
        e->at_ms += (i64)below(w, 400) * MS_DAY;
    else if (what == 11)
        e->at_ms = (i64)below(w, 3) * UINT32_MAX * 500;
    if (what < 70) {
        e->channel = (u8)below(w, 12);
        e->device = (u8)below(w, 4);
        e->country = (u16)below(w, 65536);
        e->flags = (u16)below(w, 3);
        e->site = 1;
        e->page = below(w, PAGES);
        e->source = below(w, 300);
        e->campaign = below(w, 5) ? 0 : below(w, 70000);
        e->client = below(w, 1u << 20);
        e->touch = below(w, 9);
    }
    if (below(w, 20) == 0)
        e->value = (i64)random_next(&w->seed) >> below(w, 64);
    if (below(w, 3) == 0)
        e->record = (i64)(random_next(&w->seed) >> 1);
    if (below(w, 30) == 0)
        e->id = (1 + below(w, 63)) | 64ull << below(w, 50);
    if (e->id != 0 && w->m.ids[e->id % 64] == 0)
        w->m.ids[e->id % 64] = e->id;
    if (e->id != 0)
        e->id = w->m.ids[e->id % 64]; /* one id a residue: the model keeps flags by it */
    if (below(w, 6) == 0) {
        snprintf(props, room, "{\"n\":%u,\"text\":\"%.*s\"}", below(w, 1000), (int)below(w, 60),
                 "ein längerer Text, den ein Besucher ins Formular geschrieben hat");
        e->props = props;
    }
}

static void append(struct work *w)
{
    enum { MOST = 400 };
    static struct event events[MOST];
    static char props[MOST][160];
    u32 n = 1 + below(w, below(w, 3) ? 8 : MOST);

    for (u32 i = 0; i < n; i++)
        random_event(w, &events[i], props[i], sizeof props[i]);
    assert_int_equal(journey_append_wait(&w->cx, w->j, events, n), OK);
    model_append(&w->m, events, n);
}

static void relate(struct work *w)
{
    for (u32 i = 0; i < 5; i++) {
        u32 who =
            below(w, 5) == 0 ? w->contacts[below(w, CONTACTS)] : w->visitors[below(w, VISITORS)];
        u32 to = w->contacts[below(w, CONTACTS)];
        if (below(w, 4) == 0)
            assert_int_equal(journey_unalias(&w->cx, w->j, who), model_unalias(&w->m, who));
        else
            assert_int_equal(journey_alias(&w->cx, w->j, who, to, BEGIN_MS + i),
                             model_alias(&w->m, who, to, BEGIN_MS + i));
        ctx_clear_error(&w->cx);
        assert_int_equal(journey_root(w->j, who), model_root(&w->m, who));
    }
}

/* Somebody is erased, and comes again under new numbers. */
static void erase(struct work *w)
{
    u32 who = anybody(w);

    assert_int_equal(journey_erase(&w->cx, w->j, who), OK);
    model_erase(&w->m, who);
    assert_int_equal(journey_root(w->j, who), 0);
    assert_int_equal(journey_erase(&w->cx, w->j, who), E_NOT_FOUND);
    ctx_clear_error(&w->cx);
    for (u32 i = 0; i < VISITORS; i++)
        if (w->m.gone[w->visitors[i]])
            model_person(&w->m, w->visitors[i] = journey_person(w->j, PERSON_VISITOR, 1000 + i));
    for (u32 i = 0; i < CONTACTS; i++)
        if (w->m.gone[w->contacts[i]])
            model_person(&w->m, w->contacts[i] = journey_person(w->j, PERSON_CONTACT, 1000 + i));
    append(w); /* the numbers are durable with it */
}

/* ---- the questions ---- */

static int ascending(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return x < y ? -1 : x > y;
}

static void ask_walk(struct work *w)
{
    u16 kinds[2] = { (u16)(1 + below(w, 5)), (u16)(1 + below(w, KINDS)) };
    u32 people[130], n = below(w, 2) ? below(w, 20) : 70 + below(w, 60);
    struct journey_plan p = { .visit = seen_visit, .props = below(w, 2) };
    struct seen_people got[4] = { 0 }, want = { 0 };
    void *accs[4] = { &got[0], &got[1], &got[2], &got[3] };
    unsigned threads = 1 + below(w, 4);

    if (below(w, 2)) {
        p.from_ms = BEGIN_MS + below(w, 500) * 600000ll;
        p.to_ms = p.from_ms + (below(w, 2) ? 60 * (i64)MS_DAY : (i64)below(w, 400) * 600000);
    }
    if (below(w, 2)) {
        p.kinds = kinds;
        p.kind_count = 1 + below(w, 2);
    }
    struct journey_row row = { .kind = (u16)(below(w, 2) ? 1 + below(w, 5) : 0),
                               .channel = (u8)(below(w, 2) ? below(w, 12) : 0),
                               .page = below(w, 4) ? 0 : below(w, PAGES) };
    if (below(w, 3) == 0)
        p.row = &row;
    if (below(w, 3) == 0) {
        for (u32 i = 0; i < n; i++)
            people[i] = anybody(w);
        qsort(people, n, sizeof *people, ascending);
        u32 kept = 0;
        for (u32 i = 0; i < n; i++)
            if (kept == 0 || people[kept - 1] != people[i])
                people[kept++] = people[i];
        p.people = people;
        p.people_count = kept;
    }
    if (below(w, 2))
        p.columns =
            ((u32)random_next(&w->seed) & ~7u) | (p.row != NULL ? READ_CHANNEL | READ_PAGE : 0);
    assert_int_equal(journey_walk(&w->cx, w->j, &p, accs, threads), OK);
    for (unsigned t = 1; t < 4; t++)
        seen_add_up(&got[0], &got[t]);
    model_walk(&w->m, &p, &want);
    assert_people(&got[0], &want, p.columns, p.props);
    seen_free(&got[0]);

    /* Where rows lie tells the same. */
    p.visit = NULL;
    p.fold = &seen_fold;
    p.props = false;
    for (unsigned t = 0; t < 4; t++)
        got[t] = (struct seen_people){ 0 };
    assert_int_equal(journey_walk(&w->cx, w->j, &p, accs, threads), OK);
    for (unsigned t = 1; t < 4; t++)
        seen_add_up(&got[0], &got[t]);
    for (u32 i = 0; i < want.count; i++)
        for (u32 k = 0; k < want.list[i].count; k++) {
            want.list[i].events[k].seq = 0;
            want.list[i].events[k].person = 0;
        }
    assert_people(&got[0], &want, p.columns, false);
    seen_free(&got[0]);
    seen_free(&want);
}

/* Pages through one person's timeline and compares it with the model's, backwards. */
static void ask_timeline(struct work *w)
{
    u32 person = anybody(w), root = model_root(&w->m, person), left;
    struct journey_plan p = { .people = &root, .people_count = 1 };
    struct seen_people want = { 0 };
    struct event *got;
    size_t n, limit = 1 + below(w, 40);
    i64 before_ms = 0;
    u64 before_seq = 0;

    model_walk(&w->m, &p, &want);
    for (left = want.count == 0 ? 0 : want.list[0].count; left > 0; left -= (u32)n) {
        assert_int_equal(
            journey_timeline(&w->cx, w->j, person, before_ms, before_seq, limit, &got, &n), OK);
        assert_int_equal(n, left < limit ? left : limit);
        for (size_t i = 0; i < n; i++)
            assert_event(&got[i], &want.list[0].events[left - 1 - i], 0, true);
        before_ms = got[n - 1].at_ms;
        before_seq = got[n - 1].seq;
    }
    assert_int_equal(journey_timeline(&w->cx, w->j, person, before_ms, before_seq, limit, &got, &n),
                     OK);
    if (before_ms != 0 || before_seq != 0 || want.count == 0)
        assert_int_equal(n, 0);
    seen_free(&want);
}

static void ask_since(struct work *w)
{
    u64 after = below(w, w->m.count + 1);
    struct event *got;
    size_t n, limit = 1 + below(w, 2000);

    assert_int_equal(journey_last_seq(w->j), w->m.count);
    assert_int_equal(journey_since(&w->cx, w->j, after, limit, &got, &n), OK);
    size_t room = w->m.count - after < limit ? w->m.count - after : limit, want = 0;
    for (size_t i = 0; i < room; i++) {
        if (w->m.gone[w->m.events[after + i].person])
            continue;
        assert_true(want < n);
        assert_event(&got[want++], &w->m.events[after + i], 0, true);
    }
    assert_int_equal(n, want);
}

static void ask_members(struct work *w)
{
    u32 contact = w->contacts[below(w, CONTACTS)], *got, want = 0;
    size_t n;

    for (u32 p = 1; p <= w->m.people; p++)
        if (p != contact) {
            u32 at = p;
            while (at != 0 && at != contact)
                at = w->m.owner[at];
            want += at == contact;
        }
    assert_int_equal(journey_aliases(&w->cx, w->j, contact, &got, &n), OK);
    assert_int_equal(n, want);
}

static void ask_figures(struct work *w)
{
    struct journey_stats s;
    u64 aliases = 0;

    for (u32 p = 1; p <= w->m.people; p++)
        aliases += w->m.owner[p] != 0;
    journey_stats(w->j, &s);
    if (w->m.gone_count == 0)
        assert_int_equal(s.events, w->m.count);
    else /* less, as runs are sorted again */
        assert_true(s.events <= w->m.count);
    assert_int_equal(s.people, w->m.people);
    assert_int_equal(s.aliases, aliases);
    if (journey_verify(&w->cx, w->j) != OK)
        fail_msg("%s", w->cx.error_text);
}

static void step(struct work *w)
{
    u32 what = below(w, 100);

    if (what < 50) {
        append(w);
    } else if (what < 60) {
        relate(w);
    } else if (what < 64) {
        assert_int_equal(journey_flush(&w->cx, w->j), OK);
    } else if (what < 65) {
        assert_int_equal(journey_merge(&w->cx, w->j), OK);
    } else if (what < 66) {
        erase(w);
    } else if (what < 68) {
        journey_close(w->j);
        open_store(w);
    } else if (what < 80) {
        ask_walk(w);
    } else if (what < 90) {
        ask_timeline(w);
    } else if (what < 96) {
        ask_since(w);
    } else if (what < 98) {
        ask_members(w);
    } else {
        ask_figures(w);
    }
}

static void remove_store(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    char name[96];

    for (size_t i = 0; i < countof(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void run(struct work *w)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);

    ctx_init(&w->cx, a, &w->clock);
    w->clock.fixed_ms = BEGIN_MS;
    snprintf(w->path, sizeof w->path, "/tmp/furrow-random-%d.db", (int)getpid());
    const char *events = test_events_url();
    snprintf(w->events, sizeof w->events, "%s", events == NULL ? "" : events);
    model_init(&w->m);
    open_store(w);
    for (u32 i = 0; i < VISITORS; i++)
        w->visitors[i] = journey_person(w->j, PERSON_VISITOR, 1000 + i);
    for (u32 i = 0; i < CONTACTS; i++)
        w->contacts[i] = journey_person(w->j, PERSON_CONTACT, 1000 + i);
    model_person(&w->m, VISITORS + CONTACTS);
    /* Numbers become durable with the first batch: a store reopened before that forgets them. */
    append(w);
    for (u32 i = 0; i < w->steps; i++) {
        step(w);
        arena_reset(a);
    }
    ask_figures(w);
    journey_close(w->j);
    model_free(&w->m);
    remove_store(w->path);
}

static void it_agrees_with_the_model(void **state)
{
    struct work cases[] = {
        { .seed = 1, .flush_events = 0, .steps = 250 },
        { .seed = 2, .flush_events = 700, .background = true, .windows = true, .steps = 250 },
        { .seed = 3, .flush_events = 3000, .background = true, .steps = 250 },
        { .seed = 4, .flush_events = 50, .background = true, .steps = 150 },
        { .seed = 5, .flush_events = 400, .windows = true, .steps = 250 },
    };
    const char *seed = getenv("FURROW_SEED"); /* to look further: any number */

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        if (test_events_url() != NULL) /* a server answers in milliseconds */
            cases[i].steps /= 3;
        if (seed != NULL)
            cases[i].seed += strtoull(seed, NULL, 10) * 16;
        run(&cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(it_agrees_with_the_model) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
