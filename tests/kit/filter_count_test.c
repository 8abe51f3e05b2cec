/* filter_count_test.c -- filters that count: events of a thing's journey, records that point at it,
 * and sets that it is in. SQL, memory and text agree, and both agree with plain loops over
 * everything that there is. */
#include "base/id.h"
#include "journey/journey.h"
#include "kit/filter_int.h"
#include "kit/filter_types.h"
#include "kit/question.h"

/* ---- a mark is put on a thing ---- */
enum { MARK_NAME, MARK_WEIGHT, MARK_COLOR, MARK_THING, MARK_OTHER, MARK_OWNER, MARK_FIELDS };
static const struct field mark_fields[] = {
    [MARK_NAME] = { "name", FIELD_TEXT, "Name", 0 },
    [MARK_WEIGHT] = { "weight", FIELD_INT, "Weight", 0 },
    [MARK_COLOR] = { "color", FIELD_CHOICE, "Colour", 0,
                     .choices = CHOICES({ "red", "Red", "red" }, { "blue", "Blue", "blue" }) },
    [MARK_THING] = { "thing_id", FIELD_REF, "Thing", 0, .ref = "thing" },
    [MARK_OTHER] = { "other_id", FIELD_REF, "Other thing", 0, .ref = "thing" },
    [MARK_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user" },
};
static const struct record_type mark_type = {
    .name = "mark",
    .label = "Mark",
    .plural = "Marks",
    .path = "marks",
    .fields = mark_fields,
    .field_count = MARK_FIELDS,
};
static const struct event_kind kinds[] = {
    { "looked", "Looked at", "eye", KIND_VISIT, NULL },
    { "bought", "Bought", "coin", KIND_MONEY, "box" },
};
static u32 page_key(const struct event *e) { return e->page; }
static const char *page_name(struct ctx *cx, u32 key)
{
    return journey_name(cx->journey, DICT_PAGE, key);
}
static u32 source_key(const struct event *e) { return e->source; }
static const char *source_name(struct ctx *cx, u32 key)
{
    return journey_name(cx->journey, DICT_SOURCE, key);
}
static const char *as_it_is(struct ctx *cx, const char *value)
{
    (void)cx;
    return value;
}
static const struct dimension dimensions[] = {
    { "page", "Page", READ_PAGE, OF_EVENT, page_key, page_name, as_it_is },
    { "source", "Source", READ_SOURCE, OF_VISIT, source_key, source_name, as_it_is },
};
static const struct filter_set sets[] = {
    { "thing", "crates", "Crates", "box", "name", "crate_member", "crate_id", "thing_id" },
};
static const struct feature feature_marks = { .name = "marks",
                                              TYPES(&mark_type),
                                              EVENT_KINDS(kinds),
                                              DIMENSIONS(dimensions),
                                              FILTER_SETS(sets) };
static const struct feature *const features[] = { &feature_things, &feature_marks };
static const struct fixture_options options = { FEATURES(features) };

/* ---- what there is ---- */
enum { THINGS = 60, MARKS = 120, EVENTS = 400 };
static const char *const pages[] = { "/", "/pricing", "/pricing/teams", "/Docs", "/docs/a" };
static const char *const sources[] = { "", "google", "newsletter" };
struct told {
    struct event e;
    i64 thing;
    const char *page, *source;
};
struct shop {
    struct world w;
    struct row **things;
    size_t thing_count;
    i64 crates[3];
    struct told events[EVENTS];
};

static void make_events(struct fixture *f, struct shop *s, u64 *seed)
{
    static const i64 ago[] = { 0,
                               1,
                               MS_HOUR,
                               MS_DAY,
                               7 * MS_DAY,
                               30 * (i64)MS_DAY,
                               30 * (i64)MS_DAY + 1,
                               60 * (i64)MS_DAY,
                               400 * (i64)MS_DAY };

    for (size_t i = 0; i < EVENTS; i++) {
        struct told *t = &s->events[i];
        t->thing = row_id(s->things[dice(seed, 40)]); /* the last 20 never did anything */
        t->page = pages[dice(seed, countof(pages))];
        t->source = sources[dice(seed, countof(sources))];
        t->e = (struct event){
            .kind = kit_event_code(f->kit, dice(seed, 3) ? "looked" : "bought"),
            .at_ms = ctx_now(f->cx) - ago[dice(seed, countof(ago))] - (i64)dice(seed, 3),
            .person = journey_person(f->journey, PERSON_CONTACT, (u64)t->thing),
            .page = journey_intern(f->journey, DICT_PAGE, str_from(t->page)),
            .source = journey_intern(f->journey, DICT_SOURCE, str_from(t->source)),
            .device = dice(seed, 20) ? 1 : 0x81,
            .value = dice(seed, 3) * 1000,
            .record = dice(seed, 2) ? s->w.boxes[dice(seed, 12)] : 0,
        };
        assert_ok(f->cx, journey_append_wait(f->cx, f->journey, &t->e, 1));
    }
}

static void make_members(struct fixture *f, struct shop *s, u64 *seed)
{
    struct sql q = sql_new(f->cx);

    sql_add(&q, "CREATE TABLE crate_member (crate_id BIGINT, thing_id BIGINT)");
    assert_ok(f->cx, db_run_sql(f->cx, &q, NULL));
    for (size_t i = 0; i < countof(s->crates); i++) {
        s->crates[i] =
            fixture_record(f, "box", "name", arena_printf(f->cx->arena, "Crate %zu", i), NULL);
        for (size_t k = 0; k < s->thing_count; k++) {
            if (dice(seed, 3))
                continue;
            q = sql_new(f->cx);
            sql_add(&q, "INSERT INTO crate_member (crate_id, thing_id) VALUES (");
            sql_i64(&q, s->crates[i]);
            sql_add(&q, ", ");
            sql_i64(&q, row_id(s->things[k]));
            sql_add(&q, ")");
            assert_ok(f->cx, db_run_sql(f->cx, &q, NULL));
        }
    }
}

static struct shop *shop_make(struct fixture *f)
{
    struct shop *s = NEW(f->cx->arena, struct shop);
    struct list_query all = { .sort = "id", .limit = 100 };
    struct list_page page;
    struct ctx *cx = f->cx;
    u64 seed = 11;

    assert_ok(cx, setting_save(cx, "currency.rates", "{\"USD\": \"0.92\", \"JPY\": \"0.006\"}"));
    world_make(f, &s->w, THINGS);
    assert_ok(cx, list_run(cx, &thing_type, &all, &page));
    s->things = page.rows;
    s->thing_count = page.count;
    for (int i = 0; i < MARKS; i++) {
        static const i64 ago[] = { 0, MS_HOUR, 8 * MS_DAY, 31 * (i64)MS_DAY };
        i64 now = f->clock->fixed_ms, id;
        f->clock->fixed_ms = now - ago[dice(&seed, countof(ago))];
        id = fixture_record(
            f, "mark", "name", dice(&seed, 2) ? "Ångström" : "x", "weight",
            arena_printf(cx->arena, "%d", (int)dice(&seed, 4)), "color",
            dice(&seed, 2) ? "red" : "blue", "thing_id",
            dice(&seed, 8) ? id_text(cx->arena, row_id(s->things[dice(&seed, 30)])) : "",
            "other_id",
            dice(&seed, 2) ? id_text(cx->arena, row_id(s->things[dice(&seed, 60)])) : "",
            "owner_id", dice(&seed, 3) ? id_text(cx->arena, s->w.users[dice(&seed, 4)]) : "", NULL);
        f->clock->fixed_ms = now;
        if (dice(&seed, 10) == 0) {
            struct row *r;
            assert_ok(cx, record_get(cx, &mark_type, id, &r));
            assert_ok(cx, record_delete(cx, r));
        }
    }
    make_events(f, s, &seed);
    make_members(f, s, &seed);
    return s;
}

/* ---- random conditions ---- */
static const char *pick(u64 *seed, const char *const *list, size_t count)
{
    return list[dice(seed, (u32)count)];
}
#define PICK(seed, ...)                                \
    pick((seed), (const char *const[]){ __VA_ARGS__ }, \
         countof(((const char *const[]){ __VA_ARGS__ })))

static const char *random_call(u64 *seed, struct arena *a, const char **what)
{
    const char *fn = PICK(seed, "count", "count", "first", "last");
    const char *window = PICK(seed, "", "", ", -30d", ", -1w", ", -1h", ", this_month", ", today");
    const char *where = "";

    *what = PICK(seed, "looked", "bought", "mark", "mark.other_id");
    if (dice(seed, 3))
        where =
            (*what)[0] == 'm'
                ? PICK(seed, " where color = 'red'", " where weight > 1 and not (color = 'red')",
                       " where name = 'angstrom' or weight is empty", " where owner_id = me",
                       " where thing_id.box_id.size > 1", " where thing_id.count(looked) > 2")
                : PICK(seed, " where page starts '/pricing'", " where page = '/docs'",
                       " where not (source = 'google')", " where source is empty",
                       " where page in ('/', '/docs/a') and source != 'newsletter'",
                       " where value > 5", " where at < -1d", " where value is empty");
    return arena_printf(a, "%s(%s%s%s) %s", fn, *what, where, window,
                        fn[0] == 'c'
                            ? PICK(seed, "= 0", "> 0", ">= 1", ">= 2", "< 3", "!= 1", "!= 0",
                                   "in (1, 3)", "<= 0", "> 5")
                            : PICK(seed, "is empty", "is not empty", "> -7d", "<= -1d", "= today",
                                   "!= this_month", "< now", ">= -30d", "in (today, last_month)"));
}

static const char *random_test(u64 *seed, struct arena *a)
{
    const char *what;

    switch (dice(seed, 8)) {
    case 0:
        return PICK(seed, "crates has 'Crate 0'", "crates has 'CRATE 1'", "crates is empty",
                    "crates is not empty");
    case 1:
        return PICK(seed, "done is true", "box_id.size > 1", "owner_id = me", "seen_at > -30d");
    case 2:
        return PICK(seed, "box_id.count(thing where done is true) > 2", "box_id.count(thing) >= 5",
                    "owner_id.count(mark where weight > 1) > 3", "box_id.into_id.count(box) > 1",
                    "box_id.first(thing) is not empty",
                    "count(mark where thing_id.count(mark) > 1) > 0");
    default:
        return random_call(seed, a, &what);
    }
}

static const char *random_tree(u64 *seed, struct arena *a, int depth)
{
    switch (depth > 0 ? dice(seed, 5) : 0) {
    case 1:
        return arena_printf(a, "%s and %s", random_tree(seed, a, depth - 1),
                            random_tree(seed, a, depth - 1));
    case 2:
        return arena_printf(a, "(%s or %s)", random_tree(seed, a, depth - 1),
                            random_tree(seed, a, depth - 1));
    case 3:
        return arena_printf(a, "not (%s)", random_tree(seed, a, depth - 1));
    default:
        return random_test(seed, a);
    }
}

/* ---- agreement ---- */
static void ask_sql(struct ctx *cx, const struct filter *f, struct row **rows, size_t count,
                    bool *passes)
{
    struct sql q = sql_new(cx);

    sql_add(&q, "SELECT t.id, CASE WHEN ");
    assert_ok(cx, filter_sql(cx, f, "t", &q));
    sql_add(&q, " THEN 1 ELSE 0 END, CASE WHEN (");
    assert_ok(cx, filter_sql(cx, f, "t", &q));
    sql_add(&q, ") IS NULL THEN 1 ELSE 0 END FROM thing AS t ORDER BY t.id");
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    for (size_t i = 0; stmt_next(&s); i++) {
        assert_true(i < count && col_i64(&s, 0) == row_id(rows[i]));
        passes[i] = col_i64(&s, 1) != 0;
        if (col_i64(&s, 2))
            fail_msg("NULL from %s", buf_end(&q.text));
    }
    assert_ok(cx, stmt_status(&s));
}

static void sql_memory_and_text_agree(void **state)
{
    struct fixture *f = *state;
    struct shop *s = shop_make(f);
    size_t passed = 0, trees = 0;
    u64 seed = 2026;

    for (int who = -1; who < 4; who++) {
        const struct access *access = who < 0 ? access_system() : world_seller(f, &s->w, who);
        for (int i = 0; i < 80; i++, trees++) {
            struct ctx *cx = fixture_ctx(f, access);
            scoped(arena_close) struct arena *a = arena_new(64 * 1024);
            bool passes[THINGS] = { false }, match;
            struct filter *filter, *again;
            cx->arena = a;
            const char *text = random_tree(&seed, a, 3);
            assert_ok(cx, filter_parse(cx, &thing_type, text, &filter));
            assert_ok(cx, filter_parse(cx, &thing_type, filter_text(cx, filter), &again));
            assert_string_equal(filter_text(cx, filter), filter_text(cx, again));
            assert_string_equal(filter_words(cx, filter), filter_words(cx, again));
            ask_sql(cx, filter, s->things, s->thing_count, passes);
            for (size_t r = 0; r < s->thing_count; r++) {
                assert_ok(cx, filter_match(cx, again, s->things[r], &match));
                passed += match;
                if (match != passes[r])
                    fail_msg("%s: row %s: SQL says %d, memory says %d", text,
                             id_text(a, row_id(s->things[r])), passes[r], match);
            }
        }
    }
    assert_in_range(passed, trees * THINGS / 10, trees * THINGS * 9 / 10);
}

/* ---- plain loops ---- */
static bool compares(const char *op, i64 a, i64 b)
{
    return text_is(op, "=")    ? a == b
           : text_is(op, "!=") ? a != b
           : text_is(op, ">")  ? a > b
           : text_is(op, ">=") ? a >= b
           : text_is(op, "<")  ? a < b
                               : a <= b;
}

static void events_are_counted_as_a_loop_counts_them(void **state)
{
    struct fixture *f = *state;
    struct shop *s = shop_make(f);
    static const char *const ops[] = { "=", "!=", ">", ">=", "<", "<=" };
    static const i64 windows[] = { 0, 1, 7, 30 };

    for (size_t w = 0; w < countof(windows); w++)
        for (size_t o = 0; o < countof(ops); o++)
            for (int want = 0; want < 3; want++)
                for (int where = 0; where < 3; where++) {
                    struct ctx *cx = fixture_ctx(f, access_system());
                    bool passes[THINGS] = { false };
                    struct filter *filter;
                    static const char *const wheres[] = { "", " where page starts '/DOCS'",
                                                          " where source = 'Google'" };
                    const char *text = arena_printf(
                        cx->arena, "count(looked%s%s) %s %d", wheres[where],
                        windows[w] ? arena_printf(cx->arena, ", -%dd", (int)windows[w]) : "",
                        ops[o], want);
                    assert_ok(cx, filter_parse(cx, &thing_type, text, &filter));
                    ask_sql(cx, filter, s->things, s->thing_count, passes);
                    for (size_t r = 0; r < s->thing_count; r++) {
                        i64 n = 0;
                        for (size_t i = 0; i < EVENTS; i++) {
                            const struct told *t = &s->events[i];
                            n += t->thing == row_id(s->things[r]) && !(t->e.device & 0x80) &&
                                 t->e.kind == kit_event_code(f->kit, "looked") &&
                                 (!windows[w] ||
                                  t->e.at_ms >= ctx_now(cx) - windows[w] * (i64)MS_DAY) &&
                                 (where != 1 || strncasecmp(t->page, "/docs", 5) == 0) &&
                                 (where != 2 || text_is(t->source, "google"));
                        }
                        if (passes[r] != compares(ops[o], n, want))
                            fail_msg("%s: %lld counted, SQL says %d", text, (long long)n,
                                     passes[r]);
                    }
                }
}

static void records_are_counted_as_a_loop_counts_them(void **state)
{
    struct fixture *f = *state;
    struct shop *s = shop_make(f);
    static const char *const wheres[] = { "", "color = 'red'", "weight >= 2 or name = 'x'" };

    for (int who = -1; who < 3; who++) {
        struct ctx *cx = fixture_ctx(f, who < 0 ? access_system() : world_seller(f, &s->w, who));
        struct list_query all = { .limit = 200 };
        struct list_page marks;
        assert_ok(cx, list_run(cx, &mark_type, &all, &marks));
        for (size_t w = 0; w < countof(wheres); w++)
            for (int want = 0; want < 4; want++) {
                bool passes[THINGS] = { false }, match;
                struct filter *filter, *inner;
                const char *text = arena_printf(cx->arena, "count(mark%s%s, -7d) = %d",
                                                w ? " where " : "", wheres[w], want);
                assert_ok(cx, filter_parse(cx, &thing_type, text, &filter));
                assert_ok(cx, filter_parse(cx, &mark_type, wheres[w], &inner));
                ask_sql(cx, filter, s->things, s->thing_count, passes);
                for (size_t r = 0; r < s->thing_count; r++) {
                    int n = 0;
                    for (size_t i = 0; i < marks.count; i++) {
                        assert_ok(cx, filter_match(cx, inner, marks.rows[i], &match));
                        n += match && row_i64(marks.rows[i], MARK_THING) == row_id(s->things[r]) &&
                             row_created_at(marks.rows[i]) >= ctx_now(cx) - 7 * (i64)MS_DAY;
                    }
                    if (passes[r] != (n == want))
                        fail_msg("%s: %d counted, SQL says %d", text, n, passes[r]);
                }
            }
    }
}

/* ---- what is said ---- */
static void words_are_for_people(void **state)
{
    static const struct {
        const char *filter, *text, *words;
    } cases[] = {
        { "COUNT(looked) >= 2", "count(looked) >= 2", "Times Looked at is at least 2" },
        { "count( looked where page starts \"/pricing\" , -7d )>0",
          "count(looked where page starts '/pricing', -7d) > 0",
          "Times Looked at (Page starts with /pricing) in the last 7 days is over 0" },
        { "last(bought) > -1w", "last(bought) > -1w", "Last Bought is after 1 week ago" },
        { "first(bought, this_month) is empty", "first(bought, this_month) is empty",
          "First Bought in this month is empty" },
        { "count(mark.thing_id where color='red') = 0", "count(mark where color = 'red') = 0",
          "Number of marks (Colour is Red) is 0" },
        { "count(mark.other_id, -1d) = 1", "count(mark.other_id, -1d) = 1",
          "Number of marks in the last day is 1" },
        { "box_id.count(thing where done is true or due is empty) in (1, 2)",
          "box_id.count(thing where done is true or due is empty) in (1, 2)",
          "Box › Number of things (Done is yes or Due is empty) is 1 or 2" },
        { "not (crates has 'crate 1')", "not crates has 'Crate 1'", "not (Crates has Crate 1)" },
    };
    struct fixture *f = *state;
    struct filter *filter;

    (void)shop_make(f);
    for (size_t i = 0; i < countof(cases); i++) {
        assert_ok(f->cx, filter_parse(f->cx, &thing_type, cases[i].filter, &filter));
        assert_string_equal(filter_text(f->cx, filter), cases[i].text);
        assert_string_equal(filter_words(f->cx, filter), cases[i].words);
    }
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *filter, *code, *says;
    } cases[] = {
        { "count(nothing) > 1", "filter.unknown_count",
          "Of a thing one cannot count 'nothing'. There are: bought, looked, merged, unmerged, "
          "mark" },
        { "count(box) > 1", "filter.unknown_count", "cannot count 'box'" },
        { "count(mark.owner_id) > 1", "filter.unknown_count", "cannot count 'mark.owner_id'" },
        { "box_id.count(looked) > 1", "filter.unknown_count", "Of a box" },
        { "count(looked) is empty", "filter.operator", "It knows: =" },
        { "count(looked) contains 'x'", "filter.operator", "cannot be asked" },
        { "count(looked, 30d) > 1", "filter.window", "no window that reaches back" },
        { "count(looked, +30d) > 1", "filter.window", "no window" },
        { "count(looked, next_month) > 1", "filter.window", "no window" },
        { "count(looked, now) > 1", "filter.window", "no window" },
        { "count(looked, 'x') > 1", "filter.syntax", "a window such as -30d" },
        { "count() > 1", "filter.syntax", "what to count" },
        { "count(looked > 1", "filter.syntax", "closing parenthesis" },
        { "count(looked where) > 1", "filter.syntax", "a condition" },
        { "count(looked where name = 'x') > 1", "filter.unknown_field", "has no field 'name'" },
        { "count(looked where record = 'x') > 1", "filter.unknown_field", "no field 'record'" },
        { "count(bought where record.size = 1) > 1", "filter.not_a_reference", "no reference" },
        { "count(looked where count(looked) > 1) > 1", "filter.unknown_count", "cannot count" },
        { "count = 1", "filter.unknown_field", "no field 'count'" },
        { "crates has 'nothing'", "filter.value", "There is no box 'nothing'." },
        { "crates = 'Crate 1'", "filter.operator", "It knows: has" },
    };
    struct fixture *f = *state;
    struct filter *out;

    (void)shop_make(f);
    for (size_t i = 0; i < countof(cases); i++) {
        struct ctx *cx = fixture_ctx(f, access_system());
        enum status s = filter_parse(cx, &thing_type, cases[i].filter, &out);
        if (s != E_INVALID || !text_is(cx->error_code, cases[i].code) ||
            !strstr(cx->error_text, cases[i].says))
            fail_msg("%s: %s %s: %s", cases[i].filter, status_word(s), cx->error_code,
                     cx->error_text);
    }
}

static void who_may_not_see_cannot_count(void **state)
{
    struct fixture *f = *state;
    struct filter *out;
    struct ctx *cx = fixture_ctx(f, fixture_user(f, "Anna", 0, "{\"thing\": {\"read\": \"all\"}}"));

    (void)shop_make(f);
    assert_status(cx, filter_parse(cx, &thing_type, "count(looked) > 0", &out), E_INVALID);
    assert_status(cx, filter_parse(cx, &thing_type, "count(mark) > 0", &out), E_INVALID);
    assert_status(cx, filter_parse(cx, &thing_type, "crates has 'Crate 1'", &out), E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_ENGINES(sql_memory_and_text_agree, &options),
        ON_BOTH_ENGINES(events_are_counted_as_a_loop_counts_them, &options),
        ON_BOTH_ENGINES(records_are_counted_as_a_loop_counts_them, &options),
        ON_SQLITE_ENGINE(words_are_for_people, &options),
        ON_SQLITE_ENGINE(what_is_wrong_is_said, &options),
        ON_SQLITE_ENGINE(who_may_not_see_cannot_count, &options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
