/* past_test.c -- every metric over records that the program has, on 50 past days of a made-up
 * company, against a judge who replays the change log from its first row into plain rows in memory
 * and counts by hand. kit/past_test.c does the same for every kind of metric, dimension and scope
 * that there can be. */
#include "base/id.h"
#include "base/json.h"
#include "demo/demo.h"
#include "kit/question.h"
#include "support/house.h"
#include <math.h>
#include <stdlib.h>

enum { PAST_DAYS = 50, FIELDS = 64, AFTER_DAYS = 60, AFTER_STEPS = 300 };

/* ---- the log, parsed once ---- */
struct change {
    const char *type, *verb;
    i64 id, at;
    const struct val *fields;
};
struct log {
    struct change *list;
    size_t count;
};

static void read_log(struct house *h, struct log *log)
{
    struct sql q = sql_new(h->cx);
    size_t cap = 0;

    *log = (struct log){ 0 };
    sql_add(&q, "SELECT type, verb, record_id, at, fields FROM change ORDER BY id");
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    while (stmt_next(&s)) {
        struct val *fields;
        if (log->count == cap) {
            struct change *more = NEW_N(h->arena, struct change, cap ? cap * 2 : 1024);
            if (cap)
                memcpy(more, log->list, cap * sizeof *more);
            log->list = more;
            cap = cap ? cap * 2 : 1024;
        }
        assert_ok(h->cx, json_read(h->arena, str_from(col_text(&s, 4)), &fields, NULL));
        log->list[log->count++] = (struct change){ arena_text(h->arena, col_text(&s, 0)),
                                                   arena_text(h->arena, col_text(&s, 1)),
                                                   col_i64(&s, 2), col_i64(&s, 3), fields };
    }
    assert_ok(h->cx, stmt_status(&s));
}

/* ---- records in memory ---- */
struct record {
    const struct record_type *type;
    i64 id, made;
    bool there;
    const struct val *values[FIELDS];
};
struct world {
    struct house *h;
    struct record *records;
    size_t count, *places, place_count; /* by hash of the id: 1 + index */
};

static size_t *place_of(struct world *w, i64 id)
{
    size_t at = (size_t)((u64)id * UINT64_C(0x9e3779b97f4a7c15) >> 20) % w->place_count;

    while (w->places[at] && w->records[w->places[at] - 1].id != id)
        at = (at + 1) % w->place_count;
    return &w->places[at];
}

static void apply(struct world *w, const struct change *c)
{
    size_t *place = place_of(w, c->id);
    const struct record_type *t = type_find(w->h->cx, c->type);
    struct record *r;

    if (t == NULL)
        return;
    if (*place == 0) {
        w->records[w->count] = (struct record){ .type = t, .id = c->id, .made = c->at };
        *place = ++w->count;
    }
    r = &w->records[*place - 1];
    r->there = !text_is(c->verb, "delete");
    if (text_is(c->verb, "delete") || text_is(c->verb, "restore"))
        return;
    for (size_t i = 0; i < val_count(c->fields); i++) {
        int field = type_field(t, val_key_at(c->fields, i));
        const struct val *pair = val_value_at(c->fields, i);
        assert_true(field < FIELDS);
        if (field >= 0 && val_kind_of(pair) == VAL_LIST)
            r->values[field] = val_at(pair, 1);
    }
}

static void replay(struct house *h, const struct log *log, i64 until_ms, struct world *w)
{
    *w = (struct world){ .h = h,
                         .records = calloc(log->count + 1, sizeof *w->records),
                         .place_count = log->count * 2 + 7 };
    w->places = calloc(w->place_count, sizeof *w->places);
    for (size_t i = 0; i < log->count; i++)
        if (log->list[i].at < until_ms)
            apply(w, &log->list[i]);
}

static void forget(struct world *w)
{
    free(w->records);
    free(w->places);
}

/* The value at the end of a path; NULL where it is not set, or the way breaks off. */
static const struct val *value_at(struct world *w, const struct record *r, const char *path)
{
    const char *dot = strchr(path, '.');
    int field =
        type_field(r->type, dot ? arena_dup(w->h->arena, path, (size_t)(dot - path)) : path);
    const struct val *v;

    assert_true(field >= 0);
    v = r->values[field];
    if (v == NULL || val_is_null(v))
        return NULL;
    if (dot == NULL)
        return v;
    size_t place = *place_of(w, val_as_i64(v, 0));
    return place && w->records[place - 1].there ? value_at(w, &w->records[place - 1], dot + 1)
                                                : NULL;
}

/* ---- the few forms that filters of metrics have ---- */
static bool test_holds(struct world *w, const struct record *r, const char *test)
{
    struct str rest = str_from(test), path = { 0 }, op = { 0 };
    const struct val *v;

    assert_true(str_split(&rest, ' ', &path) && str_split(&rest, ' ', &op));
    v = value_at(w, r, str_dup(w->h->arena, path));
    if (str_is(op, "is") && str_is(rest, "not empty"))
        return v != NULL;
    if (str_is(op, "is") && str_is(rest, "empty"))
        return v == NULL;
    if (str_is(op, "is") && str_is(rest, "true"))
        return v && val_as_bool(v, false);
    const char *quoted = v ? arena_printf(w->h->arena, "'%s'", val_as_text(v, "")) : "?";
    if (str_is(op, "="))
        return str_is(rest, quoted);
    if (str_is(op, "!="))
        return v && !str_is(rest, quoted);
    if (str_is(op, "in"))
        return strstr(str_dup(w->h->arena, rest), quoted) != NULL;
    fail_msg("the judge cannot read '%s'", test);
    return false;
}

static bool passes(struct world *w, const struct record *r, const char *filter)
{
    const char *and = filter ? strstr(filter, " and ") : NULL;

    if (filter == NULL)
        return true;
    assert_null(strstr(filter, " or "));
    if (and == NULL)
        return test_holds(w, r, filter);
    return test_holds(w, r, arena_dup(w->h->arena, filter, (size_t)(and-filter))) &&
           passes(w, r, and+strlen(" and "));
}

static bool in_period(struct world *w, const struct record *r, const char *date, i64 from, i64 to)
{
    const struct zone *zone = kit_zone(w->h->cx);
    const struct val *v;
    i64 at = r->made;

    if (date == NULL)
        return true;
    if (!text_is(date, "created_at")) {
        v = value_at(w, r, date);
        if (v == NULL)
            return false;
        at = val_as_i64(v, 0);
        if (r->type->fields[type_field(r->type, date)].kind == FIELD_DATE)
            at = zone_instant(zone, at, 0);
    }
    return at >= from && at < to;
}

/* What is counted of a record; false: nothing. */
static bool amount_of(struct world *w, const struct record *r, const struct metric *m, double *out)
{
    const struct val *v = m->field ? value_at(w, r, m->field) : NULL, *since, *weight;

    *out = 1;
    if (m->field == NULL)
        return true;
    if (v == NULL)
        return false;
    if (m->aggregate == AGG_COUNT_DISTINCT) { /* an id is more than a double holds */
        *out = (double)*place_of(w, val_as_i64(v, 0));
        return true;
    }
    *out = val_kind_of(v) == VAL_MAP ? (double)val_get_i64(v, "base", 0) : (double)val_as_i64(v, 0);
    if (m->since) {
        since = text_is(m->since, "created_at") ? NULL : value_at(w, r, m->since);
        if (since == NULL && !text_is(m->since, "created_at"))
            return false;
        *out -= since ? (double)val_as_i64(since, 0) : (double)r->made;
        *out /= m->unit == UNIT_DAYS ? MS_DAY : MS_HOUR;
    }
    if (m->weight) {
        weight = value_at(w, r, m->weight);
        *out = *out * (weight ? (double)val_as_i64(weight, 0) : 0) / 100;
    }
    return true;
}

static int ascending(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;

    return (a > b) - (a < b);
}

/* NAN: not defined. */
static double judged(struct world *w, const struct metric *m, i64 from, i64 to)
{
    double *values = calloc(w->count + 1, sizeof *values), sum = 0, out;
    size_t n = 0, repeated = 0, run = 0;

    for (size_t i = 0; i < w->count; i++) {
        const struct record *r = &w->records[i];
        if (!text_is(r->type->name, m->type) || !r->there || !passes(w, r, m->filter) ||
            !in_period(w, r, m->date, from, to) || !amount_of(w, r, m, &values[n]))
            continue;
        sum += values[n++];
    }
    qsort(values, n, sizeof *values, ascending);
    for (size_t i = 0; i < n; i++) {
        run = i && values[i] == values[i - 1] ? run + 1 : 1;
        repeated += run == (size_t)(m->at_least > 1 ? m->at_least : 1);
    }
    out = m->aggregate == AGG_COUNT            ? (double)n
          : m->aggregate == AGG_SUM            ? sum
          : m->aggregate == AGG_COUNT_DISTINCT ? (double)repeated
          : n == 0                             ? NAN
          : m->aggregate == AGG_AVG            ? sum / (double)n
          : n % 2                              ? values[n / 2]
                                               : (values[n / 2 - 1] + values[n / 2]) / 2;
    free(values);
    return out;
}

/* ---- the company's life goes on: deletions, restorations, corrections ---- */
static u32 dice(u64 *seed, u32 sides)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (u32)(*seed >> 33) % sides;
}

static void go_on(struct house *h, const struct log *log, u64 *seed)
{
    static const char *const touched[] = { "deal", "contact", "handoff", "campaign", "activity" };
    i64 step = AFTER_DAYS * (i64)MS_DAY / AFTER_STEPS;

    for (int i = 0; i < AFTER_STEPS;) {
        const struct change *c = &log->list[dice(seed, (u32)log->count)];
        const struct record_type *t = type_find(h->cx, c->type);
        bool wanted = false;
        struct row *r;
        for (size_t k = 0; k < countof(touched); k++)
            wanted |= text_is(c->type, touched[k]);
        if (!wanted)
            continue;
        i++;
        h->clock->fixed_ms = h->clock->fixed_ms + step;
        assert_ok(h->cx, record_get_any(h->cx, t, c->id, &r));
        if (row_is_deleted(r)) {
            assert_ok(h->cx, record_restore(h->cx, r));
        } else if (dice(seed, 2) == 0 && !(t->flags & TYPE_NO_DELETE)) {
            assert_ok(h->cx, record_delete(h->cx, r));
        } else if (text_is(t->name, "deal")) {
            struct money m = row_money(r, type_field(t, "amount"));
            m.minor += 12300;
            if (m.currency[0])
                row_set_money(r, type_field(t, "amount"), m);
            assert_ok(h->cx, record_save(h->cx, r));
        }
    }
}

/* ---- the test ---- */
static size_t check_day(struct house *h, const struct log *log, i64 as_of, i64 from, i64 to)
{
    struct ctx *cx = h->cx;
    size_t count, n = 0;
    const struct metric *const *all = metric_all(cx, &count);
    struct question qs[QUESTIONS_MAX];
    struct val *answers[QUESTIONS_MAX];
    struct world now, start, end;
    size_t checked = 0;

    replay(h, log, as_of, &now);
    replay(h, log, from < as_of ? from : as_of, &start);
    replay(h, log, to < as_of ? to : as_of, &end);
    for (size_t i = 0; i < count; i++) {
        if (all[i]->source == METRIC_RECORDS)
            qs[n++] = (struct question){
                .metric = all[i]->name, .from_ms = from, .to_ms = to, .as_of_ms = as_of
            };
        if (n < QUESTIONS_MAX && (i + 1 < count || n == 0))
            continue;
        assert_ok(cx, question_ask_many(cx, qs, n, answers));
        for (size_t k = 0; k < n; k++) {
            const struct metric *m = metric_find(cx, qs[k].metric);
            bool total = m->time == TO_END || m->time == TO_START;
            struct world *w = m->time == AT_START ? &start : m->time == AT_NOW ? &end : &now;
            i64 until = m->time == TO_START ? from : to;
            const struct val *value = val_get(answers[k], "value");
            double want =
                total ? judged(w, m, 0, until < as_of ? until : as_of) : judged(w, m, from, to);
            if (isnan(want) != val_is_null(value) ||
                (!isnan(want) &&
                 fabs(val_as_double(value, -1e18) - want) > (m->unit == UNIT_MONEY ? 0.51 : 1e-6)))
                fail_msg("%s, %s to %s, as of %s: says %s, the log says %f", m->name,
                         time_iso(h->arena, from), time_iso(h->arena, to),
                         time_iso(h->arena, as_of), val_print(h->arena, value), want);
            checked++;
        }
        n = 0;
    }
    forget(&now);
    forget(&start);
    forget(&end);
    return checked;
}

static size_t record_metrics(struct ctx *cx)
{
    size_t count, n = 0;
    const struct metric *const *all = metric_all(cx, &count);

    for (size_t i = 0; i < count; i++)
        n += all[i]->source == METRIC_RECORDS;
    assert_true(n > 40);
    return n;
}

static void each_metric_of_a_past_day_is_what_the_log_tells(void **state)
{
    static const struct demo_options small = { 3, 300, 50, 8000, 90 };
    struct house *h = *state;
    struct demo_numbers n;
    struct log log;
    u64 seed = 11;
    size_t checked = 0;

    assert_ok(h->cx, demo_fill(h->cx, &small, &n));
    read_log(h, &log);
    go_on(h, &log, &seed);
    read_log(h, &log);
    i64 begun = demo_begins_ms(HOUSE_NOW), ended = ctx_now(h->cx);
    for (int i = 0; i < PAST_DAYS; i++) {
        scoped(arena_close) struct arena *a = arena_new(1024 * 1024);
        struct arena *outer = h->arena, *cx_arena = h->cx->arena;
        /* one in three of the last weeks, in which things went to the trash and back */
        i64 first = i % 3 ? begun : HOUSE_NOW, day;
        day = zone_day(kit_zone(h->cx), first) + dice(&seed, (u32)((ended - first) / MS_DAY) - 1);
        i64 as_of = zone_instant(kit_zone(h->cx), day + 1, 0);
        i64 from = as_of - (1 + dice(&seed, 100)) * (i64)MS_DAY;
        h->arena = h->cx->arena = a;
        checked += check_day(h, &log, as_of, from, from + 60 * (i64)MS_DAY);
        h->arena = outer;
        h->cx->arena = cx_arena;
    }
    assert_int_equal(checked, PAST_DAYS * record_metrics(h->cx));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(each_metric_of_a_past_day_is_what_the_log_tells, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
