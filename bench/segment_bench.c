/* segment_bench.c -- live segments at scale: segment_bench CONTACTS SECONDS. Fills contacts, deals
 * and events, makes 50 live segments, times a full evaluation of one with five conditions, then
 * changes records and journeys as fast as one core goes, following included, and at the end holds
 * every segment against a full evaluation. SQLite. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "bridge/segment_int.h"
#include "journey/journey.h"
#include "kit/follow.h"
#include "store/queue.h"
#include "support/house.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LOT = 500, SEGMENTS = 50, BURST = 200, EVENTS_EACH = 4, COMPANY_SIZE = 20 };

struct bench {
    struct house *h;
    i64 *contacts, *companies, *deals, segments[SEGMENTS];
    size_t contact_count, company_count, deal_count;
    u64 random;
    u32 page[4];
    u16 pageview;
};

static const char *const countries[] = { "Germany", "France", "Spain", "Italy", "Austria" };
static const char *const industries[] = { "software", "retail", "finance", "energy" };

static u32 draw(struct bench *b, u32 below)
{
    b->random = b->random * 6364136223846793005u + 1442695040888963407u;
    return (u32)((b->random >> 33) % below);
}

static double cpu_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void set(struct bench *b, struct row *r, const char *field, const char *text)
{
    assert_ok(b->h->cx, row_parse(b->h->cx, r, type_field(row_type(r), field), text));
}

/* ---- filling ---- */
static enum status fill_companies(struct ctx *cx, void *arg)
{
    struct bench *b = arg;
    struct row *rows[LOT];
    size_t count = LOT;

    for (size_t i = 0; i < count; i++) {
        rows[i] = row_new(cx, &company_type);
        row_set_text(rows[i], COMPANY_NAME,
                     arena_printf(cx->arena, "Firm %zu", b->company_count + i));
        set(b, rows[i], "industry", industries[draw(b, 4)]);
        set(b, rows[i], "employees", arena_printf(cx->arena, "%u", draw(b, 1000)));
    }
    TRY(record_save_many(cx, rows, count));
    for (size_t i = 0; i < count; i++)
        b->companies[b->company_count + i] = row_id(rows[i]);
    b->company_count += count;
    return OK;
}

static enum status fill_contacts(struct ctx *cx, void *arg)
{
    struct bench *b = arg;
    struct row *rows[LOT];

    for (size_t i = 0; i < LOT; i++) {
        struct row *r = rows[i] = row_new(cx, &contact_type);
        size_t n = b->deal_count + i; /* of all so far */
        row_set_text(r, CONTACT_FIRST, "Anna");
        row_set_text(r, CONTACT_LAST, arena_printf(cx->arena, "Berg%zu", n % 997));
        row_set_text(r, CONTACT_EMAIL, arena_printf(cx->arena, "p%zu@firm.example", n));
        row_set_text(r, CONTACT_COUNTRY, countries[draw(b, 5)]);
        row_set_i64(r, CONTACT_SCORE, draw(b, 100));
        row_set_i64(r, CONTACT_COMPANY, b->companies[draw(b, (u32)b->company_count)]);
        set(b, r, "tags", draw(b, 10) ? "" : "vip");
    }
    TRY(record_save_many(cx, rows, LOT));
    for (size_t i = 0; i < LOT; i++)
        b->contacts[b->deal_count + i] = row_id(rows[i]);
    b->deal_count += LOT;
    return OK;
}

static enum status fill_deals(struct ctx *cx, void *arg)
{
    struct bench *b = arg;
    const struct record_type *t = type_find(cx, "deal");
    struct row *rows[LOT];

    for (size_t i = 0; i < LOT; i++) {
        rows[i] = row_new(cx, t);
        set(b, rows[i], "name", "Renewal");
        set(b, rows[i], "amount", draw(b, 2) ? "500 EUR" : "5000 EUR");
        row_set_i64(rows[i], type_field(t, "contact_id"),
                    b->contacts[draw(b, (u32)b->contact_count)]);
    }
    TRY(record_save_many(cx, rows, LOT));
    for (size_t i = 0; i < LOT; i++)
        b->deals[b->deal_count + i] = row_id(rows[i]);
    b->deal_count += LOT;
    return OK;
}

static void add_events(struct bench *b, size_t count, i64 back_ms)
{
    struct ctx *cx = b->h->cx;
    struct event *events = NEW_N(cx->arena, struct event, count);

    for (size_t i = 0; i < count; i++)
        events[i] = (struct event){
            .kind = b->pageview,
            .at_ms = ctx_now(cx) - (back_ms ? (i64)draw(b, (u32)(back_ms / 1000)) * 1000 : 0),
            .person = journey_person(b->h->journey, PERSON_CONTACT,
                                     (u64)b->contacts[draw(b, (u32)b->contact_count)]),
            .page = b->page[draw(b, 4)],
        };
    assert_ok(cx, journey_append_wait(cx, b->h->journey, events, count));
}

static void in_lots(struct bench *b, enum status (*fn)(struct ctx *cx, void *arg), size_t lots)
{
    struct arena *kept = b->h->cx->arena;

    for (size_t i = 0; i < lots; i++) {
        scoped(arena_close) struct arena *a = arena_new(8 * 1024 * 1024);
        b->h->cx->arena = a;
        assert_ok(b->h->cx, kit_write(b->h->cx, fn, b));
        b->h->cx->arena = kept;
    }
}

static void fill(struct bench *b)
{
    struct journey *j = b->h->journey;
    struct arena *kept = b->h->cx->arena;
    static const char *const pages[] = { "/", "/pricing", "/docs", "/blog/a" };

    for (int i = 0; i < 4; i++)
        b->page[i] = journey_intern(j, DICT_PAGE, str_from(pages[i]));
    b->pageview = kit_event_code(b->h->kit, "pageview");
    in_lots(b, fill_companies, 1 + b->contact_count / COMPANY_SIZE / LOT);
    in_lots(b, fill_contacts, b->contact_count / LOT);
    b->deal_count = 0;
    in_lots(b, fill_deals, b->contact_count / 5 / LOT);
    for (size_t i = 0; i < b->contact_count * EVENTS_EACH / LOT; i++) {
        scoped(arena_close) struct arena *a = arena_new(1024 * 1024);
        b->h->cx->arena = a;
        add_events(b, LOT, 60 * (i64)MS_DAY);
        b->h->cx->arena = kept;
    }
    assert_ok(b->h->cx, outbox_drain(b->h->cx));
    assert_ok(b->h->cx, journey_merge(b->h->cx, j)); /* as it lies once it is a minute old */
    assert_ok(b->h->cx, follow_skip(b->h->cx, "segment", journey_last_seq(j)));
}

/* ---- segments ---- */
static const char *filter_of(struct bench *b, int i)
{
    struct arena *a = b->h->cx->arena;

    switch (i % 10) {
    case 0:
        return arena_printf(a, "country = '%s' and score >= %d", countries[i / 10], 20 + i);
    case 1:
        return arena_printf(a, "company_id.industry = '%s'", industries[i / 10 % 4]);
    case 2:
        return arena_printf(a, "count(pageview where page starts '/pricing', -%dd) >= 2", 7 + i);
    case 3:
        return arena_printf(a, "count(deal where stage_id.kind = 'open') > %d", i / 10);
    case 4:
        return arena_printf(a, "last(pageview) > -%dd and tags has 'vip'", 3 + i);
    case 5:
        return arena_printf(a, "company_id.employees > %d and country != 'Spain'", 100 + 10 * i);
    case 6:
        return arena_printf(a, "score > %d and count(deal) = 0", 40 + i);
    case 7:
        return arena_printf(a, "count(deal where amount > 1000, -%dd) >= 1", 10 + i);
    case 8:
        return arena_printf(a, "created_at > -%dd and country = '%s'", 1 + i, countries[i / 10]);
    default:
        return arena_printf(a, "segments has 's%d' and score < %d", i - 9, 50 + i);
    }
}

static const char five[] =
    "count(pageview, -30d) >= 2 and count(pageview where page starts '/pricing') > 0 and "
    "count(deal "
    "where stage_id.kind = 'open') = 0 and country = 'Germany' and score >= 50";

static void time_full(struct bench *b, const char *what, const char *filter)
{
    double least = 1e9, least_cpu = 1e9;
    size_t found = 0;

    for (int i = 0; i < 3; i++) {
        scoped(arena_close) struct arena *a = arena_new(8 * 1024 * 1024);
        struct ctx cx = *b->h->cx;
        struct ids in = { 0 };
        cx.arena = a;
        double begun = (double)clock_mono_ns() / 1e9, cpu = cpu_now();
        assert_ok(&cx, segment_find(&cx, filter, &in));
        double took = (double)clock_mono_ns() / 1e9 - begun;
        cpu = cpu_now() - cpu;
        least = took < least ? took : least;
        least_cpu = cpu < least_cpu ? cpu : least_cpu;
        found = in.count;
    }
    printf("full evaluation, %s: %.3f s, %.3f s of processor time (%zu contacts)\n", what, least,
           least_cpu, found);
    fflush(stdout);
}

static void make_segments(struct bench *b)
{
    struct ctx *cx = b->h->cx;
    double begun = cpu_now();
    i64 members = 0;

    for (int i = 0; i < SEGMENTS; i++) {
        struct row *r = row_new(cx, &segment_type);
        i64 size;
        row_set_text(r, SEGMENT_NAME, arena_printf(cx->arena, "s%d", i));
        row_set_text(r, SEGMENT_KIND, "live");
        row_set_text(r, SEGMENT_FILTER, filter_of(b, i));
        assert_ok(cx, record_save(cx, r));
        b->segments[i] = row_id(r);
        assert_ok(cx, segment_fill(cx, row_id(r), WHY_FILTER));
        assert_ok(cx, segment_size(cx, row_id(r), &size));
        members += size;
    }
    printf("50 segments filled in %.1f s of processor time, %lld memberships\n", cpu_now() - begun,
           (long long)members);
    fflush(stdout);
}

/* ---- changes ---- */
static enum status change_some(struct ctx *cx, void *arg)
{
    struct bench *b = arg;
    struct row *r;

    for (int i = 0; i < BURST; i++) {
        u32 what = draw(b, 100);
        if (what < 60) {
            TRY(record_get(cx, &contact_type, b->contacts[draw(b, (u32)b->contact_count)], &r));
            if (what < 30)
                row_set_i64(r, CONTACT_SCORE, draw(b, 100));
            else if (what < 45)
                row_set_text(r, CONTACT_COUNTRY, countries[draw(b, 5)]);
            else
                row_set_text(r, CONTACT_CITY, what % 2 ? "Bonn" : "Berlin");
        } else if (what < 62) {
            TRY(record_get(cx, &company_type, b->companies[draw(b, (u32)b->company_count)], &r));
            set(b, r, "industry", industries[draw(b, 4)]);
        } else {
            TRY(record_get(cx, type_find(cx, "deal"), b->deals[draw(b, (u32)b->deal_count)], &r));
            set(b, r, "amount", draw(b, 2) ? "500 EUR" : "5000 EUR");
        }
        TRY(record_save(cx, r));
    }
    return OK;
}

static void run_job(struct bench *b, const char *name)
{
    struct job_run run = { .cx = b->h->cx };

    assert_ok(b->h->cx, kit_job(b->h->kit, name)->run(&run));
}

static void change(struct bench *b, double seconds)
{
    struct arena *kept = b->h->cx->arena;
    double begun = cpu_now(), saving = 0, following = 0, events = 0;
    size_t changes = 0;

    while (cpu_now() - begun < seconds) {
        scoped(arena_close) struct arena *a = arena_new(4 * 1024 * 1024);
        double at = cpu_now(), next;
        b->h->cx->arena = a;
        assert_ok(b->h->cx, kit_write(b->h->cx, change_some, b));
        add_events(b, BURST, 0);
        next = cpu_now();
        saving += next - at;
        run_job(b, "segment.follow");
        at = cpu_now();
        following += at - next;
        for (bool more = true; more;) {
            i64 behind;
            assert_ok(b->h->cx, follow_one_named(b->h->cx, "segment"));
            assert_ok(b->h->cx, follow_behind(b->h->cx, "segment", &behind));
            more = behind > 0;
        }
        run_job(b, "segment.due");
        events += cpu_now() - at;
        changes += 2 * BURST;
        b->h->clock->fixed_ms += BURST; /* 2,000 changes a second */
        b->h->cx->arena = kept;
    }
    double took = cpu_now() - begun;
    printf("%zu changes in %.1f s of processor time: %.0f a second; of that making them %.1f s, "
           "following saves %.1f s, following events and time %.1f s\n",
           changes, took, (double)changes / took, saving, following, events);
    fflush(stdout);
}

static void compare(struct bench *b)
{
    size_t wrong = 0;
    i64 members = 0;

    for (int i = 0; i < SEGMENTS; i++) {
        scoped(arena_close) struct arena *a = arena_new(8 * 1024 * 1024);
        struct ctx cx = *b->h->cx;
        struct ids want = { 0 };
        i64 *ids = NEW_N(a, i64, b->contact_count + 1);
        size_t count;
        struct row *r;
        cx.arena = a;
        assert_ok(&cx, record_get(&cx, &segment_type, b->segments[i], &r));
        assert_ok(&cx, segment_find(&cx, row_text(r, SEGMENT_FILTER), &want));
        assert_ok(&cx, segment_each(&cx, row_id(r), 0, ids, b->contact_count, &count));
        wrong += want.count != count || memcmp(want.at, ids, count * sizeof *ids) != 0;
        members += (i64)count;
    }
    printf("memberships compared with a full evaluation: %lld, segments that differ: %zu\n",
           (long long)members, wrong);
    if (wrong)
        exit(1);
}

int main(int argc, char **argv)
{
    size_t contacts = argc > 1 ? (size_t)strtol(argv[1], NULL, 10) : 20000;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 5;
    struct bench b = { .random = 7, .contact_count = contacts / LOT * LOT };

    b.h = house_open(DB_SQLITE, NULL);
    b.contacts = calloc(b.contact_count + LOT, sizeof *b.contacts);
    b.companies = calloc(b.contact_count / COMPANY_SIZE + 2 * LOT, sizeof *b.companies);
    b.deals = calloc(b.contact_count + LOT, sizeof *b.deals);
    double begun = cpu_now();
    fill(&b);
    printf("%zu contacts, %zu deals, %zu events: %.1f s\n", b.contact_count, b.deal_count,
           b.contact_count * EVENTS_EACH, cpu_now() - begun);
    time_full(&b, "five conditions", five);
    time_full(&b, "one field", "score >= 50");
    time_full(&b, "events", "count(pageview where page starts '/pricing', -30d) >= 2");
    time_full(&b, "deals", "count(deal where stage_id.kind = 'open') = 0");
    if (seconds <= 0)
        return 0;
    make_segments(&b);
    change(&b, seconds);
    compare(&b);
    house_close(b.h);
    return 0;
}
