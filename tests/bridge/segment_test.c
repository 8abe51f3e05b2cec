/* segment_test.c -- segments: static lists, live segments, and that following changes comes to the
 * same as looking at everybody, whatever happens. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/segment_int.h"
#include "journey/journey.h"
#include "kit/follow.h"
#include "store/queue.h"
#include "support/house.h"
#include <stdlib.h>

static i64 make(struct house *h, const char *type, const char *const *pairs)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);

    for (; *pairs; pairs += 2)
        assert_ok(h->cx, row_parse(h->cx, r, type_field(t, pairs[0]), pairs[1]));
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}
#define MAKE(h, type, ...) make((h), (type), (const char *const[]){ __VA_ARGS__, NULL })

static i64 live(struct house *h, const char *name, const char *filter)
{
    return MAKE(h, "segment", "name", name, "kind", "live", "filter", filter);
}

/* All jobs of segments that are due by now, the journey's followers, until nothing is left. */
static void settle(struct house *h)
{
    for (int round = 0; round < 4; round++) {
        struct job job;
        assert_ok(h->cx, outbox_drain(h->cx));
        assert_ok(h->cx, follow_all(h->cx));
        while (queue_take(h->cx, MS_MINUTE, &job, NULL) == OK) {
            struct val *payload = val_map(h->cx->arena);
            struct job_run run = { .cx = h->cx, .job_id = job.id };
            if (strncmp(job.name, "segment.", 8) == 0) {
                assert_int_equal(json_read(h->cx->arena, str_from(job.payload), &payload, NULL),
                                 OK);
                run.payload = payload;
                assert_ok(h->cx, kit_job(h->kit, job.name)->run(&run));
            }
            assert_ok(h->cx, queue_done(h->cx, job.id));
        }
        ctx_clear_error(h->cx);
    }
}

static const char *slug_of(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &segment_type, id, &r));
    return row_text(r, SEGMENT_SLUG);
}

static i64 size_of(struct house *h, i64 segment)
{
    i64 size;

    assert_ok(h->cx, segment_size(h->cx, segment, &size));
    return size;
}

static bool has(struct house *h, i64 segment, i64 contact)
{
    bool in;

    assert_ok(h->cx, segment_has(h->cx, segment, contact, &in));
    return in;
}

/* ---- static lists ---- */
static void a_list_holds_whom_one_puts_there(void **state)
{
    struct house *h = *state;
    i64 anna = MAKE(h, "contact", "email", "anna@example.com"),
        ben = MAKE(h, "contact", "email", "ben@example.com"), ids[10];
    i64 fair = MAKE(h, "segment", "name", "Fair in Leipzig", "kind", "static");
    i64 rich = live(h, "Rich", "score > 5");
    size_t count;
    struct row *r;
    struct val *list = val_list(h->cx->arena);

    assert_string_equal(slug_of(h, fair), "fair-in-leipzig");
    assert_ok(h->cx, segment_add(h->cx, fair, anna));
    assert_ok(h->cx, segment_add(h->cx, fair, anna));
    assert_ok(h->cx, segment_add(h->cx, fair, ben));
    assert_int_equal(size_of(h, fair), 2);
    assert_true(has(h, fair, anna));
    assert_ok(h->cx, segment_each(h->cx, fair, 0, ids, 10, &count));
    assert_int_equal(count, 2);
    assert_true(ids[0] < ids[1]);
    assert_ok(h->cx, segment_each(h->cx, fair, ids[0], ids, 10, &count));
    assert_int_equal(count, 1);
    assert_ok(h->cx, segment_of(h->cx, anna, list));
    assert_int_equal(val_count(list), 1);
    assert_ok(h->cx, record_get(h->cx, &contact_type, anna, &r));
    assert_ok(h->cx, record_delete(h->cx, r));
    assert_false(has(h, fair, anna));
    assert_int_equal(size_of(h, fair), 1);
    assert_ok(h->cx, record_restore(h->cx, r));
    assert_true(has(h, fair, anna));
    assert_ok(h->cx, segment_remove(h->cx, fair, anna));
    assert_ok(h->cx, segment_remove(h->cx, fair, anna));
    assert_int_equal(size_of(h, fair), 1);
    assert_status(h->cx, segment_add(h->cx, rich, anna), E_INVALID);
    ctx_clear_error(h->cx);
    assert_status(h->cx, segment_add(h->cx, fair, 12345), E_NOT_FOUND);
    ctx_clear_error(h->cx);
}

/* ---- rules ---- */
static enum status try_filter(struct house *h, i64 segment, const char *filter, const char **code)
{
    struct row *r;
    enum status s;

    assert_ok(h->cx, record_get(h->cx, &segment_type, segment, &r));
    row_set_text(r, SEGMENT_FILTER, filter);
    s = record_save(h->cx, r);
    *code = h->cx->field_errors ? h->cx->field_errors->code : "";
    ctx_clear_error(h->cx);
    return s;
}

static void circles_and_what_cannot_be_followed_are_refused(void **state)
{
    struct house *h = *state;
    i64 a = live(h, "A", "country = 'Germany'"), b = live(h, "B", "segments has 'a'"),
        c = live(h, "C", "not segments has 'b'");
    struct row *r;
    const char *code;
    static const struct {
        const char *filter, *code;
    } cases[] = {
        { "segments has 'c'", "segment.circle" },
        { "segments has 'a'", "segment.circle" },
        { "segments is empty", "segment.circle" },
        { "owner_id = me", "segment.personal" },
        { "count(deal where owner_id = my_team) > 0", "segment.personal" },
        { "", "required" },
        { "nothing = 1", "filter.invalid" },
        { "created_by.name = 'Anna'", "filter.invalid" },
    };

    for (size_t i = 0; i < countof(cases); i++) {
        assert_status(h->cx, try_filter(h, a, cases[i].filter, &code), E_INVALID);
        assert_string_equal(code, cases[i].code);
    }
    assert_status(h->cx, try_filter(h, c, "segments has 'a' and segments has 'b'", &code), OK);
    assert_ok(h->cx, record_get(h->cx, &segment_type, b, &r));
    if (record_delete(h->cx, r) != E_CONFLICT || !strstr(h->cx->error_text, "\"C\""))
        fail_msg("%s", h->cx->error_text);
    ctx_clear_error(h->cx);
}

/* ---- happenings ---- */
static void who_comes_and_goes_is_kept(void **state)
{
    struct house *h = *state;
    i64 anna = MAKE(h, "contact", "email", "anna@example.com", "country", "Germany");
    i64 germans = live(h, "Germans", "country = 'germany'");
    struct val *past = val_list(h->cx->arena);
    struct row *r;

    settle(h);
    assert_true(has(h, germans, anna));
    assert_int_equal(size_of(h, germans), 1);
    assert_ok(h->cx, record_get(h->cx, &contact_type, anna, &r));
    row_set_text(r, CONTACT_COUNTRY, "France");
    assert_ok(h->cx, record_save(h->cx, r));
    settle(h);
    assert_false(has(h, germans, anna));
    row_set_text(r, CONTACT_COUNTRY, "Germany");
    assert_ok(h->cx, record_save(h->cx, r));
    settle(h);
    assert_ok(h->cx, segment_past(h->cx, germans, 0, 10, past));
    assert_int_equal(val_count(past), 2); /* the first members are no news */
    assert_true(val_get_bool(val_at(past, 0), "entered"));
    assert_false(val_get_bool(val_at(past, 1), "entered"));
}

/* ---- random work ---- */
enum { PEOPLE = 60, COMPANIES = 8, DEALS = 40, VISITORS = 20 };
struct town {
    struct house *h;
    u64 seed;
    i64 people[PEOPLE], companies[COMPANIES], deals[DEALS], segments[32];
    size_t people_count, deal_count, segment_count;
    u32 visitors;
    i64 fair;
};

static const char *const filters[] = {
    "country = 'Germany'",
    "not (tags has 'vip') and score >= 3",
    "company_id.industry = 'software'",
    "company_id.employees > 50 and country != 'France'",
    "count(deal where stage_id.kind = 'open') = 0",
    "count(deal where amount > 1000) >= 2 or company_id is empty",
    "company_id.count(deal) > 2",
    "count(deal, -10d) > 0",
    "last(deal) < -20d",
    "count(pageview, -7d) >= 2",
    "count(pageview where page starts '/pricing') > 0 and count(call) = 0",
    "last(pageview) > -3d",
    "first(pageview) is empty or count(form_submit, -1d) > 0",
    ("count(pageview, -30d) > 1 and count(deal where stage_id.kind = 'open') = 0 and country is "
     "not empty"),
    "created_at > -5d",
    "updated_at < -2d and country = 'Germany'",
    "created_at < this_week",
    "count(pageview, today) > 0",
    "segments has 'fair'",
    "segments has 's0' and not segments has 's9'",
    "segments has 's19' or segments has 'fair'",
    "company_id.count(contact where country = 'Germany') > 3",
    "count(deal where company_id.industry = 'software' and close_date < today) > 0",
    "company_id.owner_id is not empty and last_seen_at is empty",
};

static u32 dice(struct town *t, u32 sides)
{
    t->seed = t->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (u32)(t->seed >> 33) % sides;
}

static const char *pick(struct town *t, const char *const *list, size_t count)
{
    return list[dice(t, (u32)count)];
}
#define PICK(t, ...) \
    pick((t), (const char *const[]){ __VA_ARGS__ }, countof(((const char *const[]){ __VA_ARGS__ })))
#define ID(t, list, count) id_text((t)->h->cx->arena, (list)[dice((t), (u32)(count))])

static struct row *any(struct town *t, const char *type, i64 id)
{
    struct row *r;

    assert_ok(t->h->cx, record_get_any(t->h->cx, type_find(t->h->cx, type), id, &r));
    return r;
}

static void set(struct town *t, struct row *r, const char *field, const char *text)
{
    assert_ok(t->h->cx, row_parse(t->h->cx, r, type_field(row_type(r), field), text));
}

/* What may not be is no change: nobody points at what is in the trash. */
static void save(struct town *t, struct row *r)
{
    if (!row_is_deleted(r) && record_save(t->h->cx, r) != OK)
        ctx_clear_error(t->h->cx);
}

static void change_contact(struct town *t)
{
    struct row *r = any(t, "contact", t->people[dice(t, (u32)t->people_count)]);

    switch (dice(t, 5)) {
    case 0:
        set(t, r, "country", PICK(t, "Germany", "France", ""));
        break;
    case 1:
        set(t, r, "tags", PICK(t, "vip", "vip, new", ""));
        break;
    case 2:
        row_set_i64(r, CONTACT_SCORE, dice(t, 6));
        break;
    case 3:
        set(t, r, "company_id", dice(t, 4) ? ID(t, t->companies, COMPANIES) : "");
        break;
    default:
        set(t, r, "city", PICK(t, "Berlin", "Bonn", "Paris"));
    }
    save(t, r);
}

static void change_company(struct town *t)
{
    struct row *r = any(t, "company", t->companies[dice(t, COMPANIES)]);

    set(t, r, "industry", PICK(t, "software", "retail", "finance"));
    if (dice(t, 2))
        set(t, r, "employees", PICK(t, "10", "100", ""));
    save(t, r);
}

static void change_deal(struct town *t)
{
    struct row *r = any(t, "deal", t->deals[dice(t, (u32)t->deal_count)]);

    switch (dice(t, 4)) {
    case 0:
        set(t, r, "contact_id", dice(t, 5) ? ID(t, t->people, t->people_count) : "");
        break;
    case 1:
        set(t, r, "amount", PICK(t, "500 EUR", "5000 EUR", ""));
        break;
    case 2:
        set(t, r, "company_id", dice(t, 5) ? ID(t, t->companies, COMPANIES) : "");
        break;
    default:
        set(t, r, "close_date", PICK(t, "2026-11-20", "2026-11-25", "2026-12-20"));
    }
    save(t, r);
}

static void add_deal(struct town *t)
{
    struct row *r = row_new(t->h->cx, type_find(t->h->cx, "deal"));

    if (t->deal_count == DEALS)
        return;
    set(t, r, "name", "Renewal");
    set(t, r, "contact_id", ID(t, t->people, t->people_count));
    set(t, r, "company_id", dice(t, 2) ? ID(t, t->companies, COMPANIES) : "");
    if (record_save(t->h->cx, r) == OK)
        t->deals[t->deal_count++] = row_id(r);
    ctx_clear_error(t->h->cx);
}

static void throw_away(struct town *t)
{
    struct row *r = dice(t, 2) ? any(t, "contact", t->people[dice(t, (u32)t->people_count)])
                    : dice(t, 2) && t->deal_count
                        ? any(t, "deal", t->deals[dice(t, (u32)t->deal_count)])
                        : any(t, "company", t->companies[dice(t, COMPANIES)]);
    enum status s = row_is_deleted(r) ? record_restore(t->h->cx, r) : record_delete(t->h->cx, r);

    if (s != OK)
        ctx_clear_error(t->h->cx); /* not while others hang on it */
}

static void event(struct town *t, u32 person)
{
    struct journey *j = t->h->journey;
    static const char *const kinds[] = { "pageview", "pageview", "form_submit", "call", "action" };
    struct event e = { .kind = kit_event_code(t->h->kit, pick(t, kinds, countof(kinds))),
                       .at_ms = ctx_now(t->h->cx) - (i64)dice(t, 3) * dice(t, 10) * MS_DAY,
                       .person = person,
                       .page = journey_intern(j, DICT_PAGE,
                                              str_from(PICK(t, "/", "/pricing", "/pricing/a"))) };

    assert_ok(t->h->cx, journey_append_wait(t->h->cx, j, &e, 1));
}

/* A visitor with a past turns out to be a contact: what a form does. */
static void join(struct town *t)
{
    u64 visitor = 1000 + t->visitors++;
    u32 person = journey_person(t->h->journey, PERSON_VISITOR, visitor);

    for (int i = 0; i < 3; i++)
        event(t, person);
    assert_ok(t->h->cx,
              journey_note(t->h->cx, &(struct journey_note){
                                         .kind = "identified",
                                         .contact_id = t->people[dice(t, (u32)t->people_count)],
                                         .visitor = visitor }));
}

static void list_somebody(struct town *t)
{
    i64 who = t->people[dice(t, (u32)t->people_count)];
    enum status s =
        dice(t, 2) ? segment_add(t->h->cx, t->fair, who) : segment_remove(t->h->cx, t->fair, who);

    if (s != OK) /* in the trash */
        ctx_clear_error(t->h->cx);
}

static void redefine(struct town *t)
{
    size_t at = dice(t, 18); /* none that others name by what it says */
    struct row *r = any(t, "segment", t->segments[at]);

    set(t, r, "filter", filters[at == 0 || at == 9 ? at : dice(t, 18)]);
    save(t, r);
}

static void add_contact(struct town *t)
{
    struct row *r = row_new(t->h->cx, &contact_type);

    if (t->people_count == PEOPLE)
        return;
    set(t, r, "email", arena_printf(t->h->cx->arena, "p%zu@example.com", t->people_count));
    set(t, r, "company_id", ID(t, t->companies, COMPANIES));
    set(t, r, "country", PICK(t, "Germany", "France", ""));
    if (record_save(t->h->cx, r) == OK)
        t->people[t->people_count++] = row_id(r);
    ctx_clear_error(t->h->cx); /* a company in the trash cannot be pointed at */
}

static void something_happens(struct town *t)
{
    struct house *h = t->h;

    switch (dice(t, 14)) {
    case 0:
    case 1:
    case 2:
        change_contact(t);
        return;
    case 3:
        change_company(t);
        return;
    case 4:
        if (t->deal_count)
            change_deal(t);
        return;
    case 5:
        add_deal(t);
        return;
    case 6:
        throw_away(t);
        return;
    case 7:
    case 8:
        event(t, journey_person(h->journey, PERSON_CONTACT,
                                (u64)t->people[dice(t, (u32)t->people_count)]));
        return;
    case 9:
        join(t);
        return;
    case 10:
        list_somebody(t);
        return;
    case 11:
        h->clock->fixed_ms += (i64)(1 + dice(t, 30)) * MS_HOUR;
        return;
    case 12:
        if (dice(t, 4) == 0)
            redefine(t);
        return;
    default:
        add_contact(t);
    }
}

static const char *names_of(struct town *t, const struct ids *a, const i64 *b, size_t count)
{
    return arena_printf(t->h->cx->arena, "%zu by looking at all, %zu members (first %lld, %lld)",
                        a->count, count, (long long)(a->count ? a->at[0] : 0),
                        (long long)(count ? b[0] : 0));
}

static void compare(struct town *t, int step)
{
    struct ctx *cx = t->h->cx;

    for (size_t i = 0; i < t->segment_count; i++) {
        struct row *r = any(t, "segment", t->segments[i]);
        struct ids want = { 0 };
        i64 *ids = NEW_N(cx->arena, i64, PEOPLE + 1);
        size_t count;
        assert_ok(cx, segment_find(cx, row_text(r, SEGMENT_FILTER), &want));
        assert_ok(cx, segment_each(cx, row_id(r), 0, ids, PEOPLE, &count));
        if (want.count != count || (count > 0 && memcmp(want.at, ids, count * sizeof *ids) != 0))
            fail_msg("step %d: segment s%zu, %s: %s", step, i, row_text(r, SEGMENT_FILTER),
                     names_of(t, &want, ids, count));
        if (size_of(t->h, row_id(r)) != (i64)count)
            fail_msg("step %d: segment s%zu says it has %lld, and has %zu", step, i,
                     (long long)size_of(t->h, row_id(r)), count);
    }
}

static void following_is_the_same_as_looking_at_all(void **state)
{
    struct house *h = *state;
    struct town *t = NEW(h->cx->arena, struct town);
    int steps = getenv("FURROW_PROVE") ? 2000 : 120;
    struct arena *kept = h->cx->arena;

    *t = (struct town){ .h = h, .seed = 4 };
    for (size_t i = 0; i < COMPANIES; i++)
        t->companies[i] = MAKE(h, "company", "name", arena_printf(h->cx->arena, "Company %zu", i));
    for (; t->people_count < PEOPLE / 2; t->people_count++)
        t->people[t->people_count] =
            MAKE(h, "contact", "email",
                 arena_printf(h->cx->arena, "p%zu@example.com", t->people_count), "company_id",
                 ID(t, t->companies, COMPANIES), "country", PICK(t, "Germany", "France", ""));
    t->fair = MAKE(h, "segment", "name", "Fair", "kind", "static");
    for (size_t i = 0; i < countof(filters); i++)
        t->segments[t->segment_count++] =
            live(h, arena_printf(h->cx->arena, "s%zu", i), filters[i]);
    settle(h);
    compare(t, -1);
    for (int step = 0; step < steps; step++) {
        scoped(arena_close) struct arena *a = arena_new(256 * 1024);
        h->cx->arena = a;
        for (u32 n = 1 + dice(t, 6); n > 0; n--)
            something_happens(t);
        settle(h);
        compare(t, step);
        h->cx->arena = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_list_holds_whom_one_puts_there, NULL),
        IN_SQLITE_HOUSE(circles_and_what_cannot_be_followed_are_refused, NULL),
        IN_BOTH_HOUSES(who_comes_and_goes_is_kept, NULL),
        IN_BOTH_HOUSES(following_is_the_same_as_looking_at_all, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
