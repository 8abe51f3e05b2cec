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
    i64 until_ms; /* what the log tells of from then on has not happened */
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
                         .until_ms = until_ms,
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

/* ---- filters, as the language says, read in the simplest way ---- */
struct reader {
    struct world *w;
    const struct record *r;
    const char *at; /* what is still to be read */
    i64 today;
};

static bool is_of_word(char c)
{
    return c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static bool take(struct reader *t, const char *what)
{
    size_t len = strlen(what);

    t->at += strspn(t->at, " ");
    if (strncmp(t->at, what, len) != 0 || (is_of_word(what[0]) && is_of_word(t->at[len])))
        return false;
    t->at += len;
    return true;
}

static const char *take_word(struct reader *t)
{
    const char *from = t->at += strspn(t->at, " ");

    while (is_of_word(*t->at))
        t->at++;
    assert_true(t->at > from);
    return arena_dup(t->w->h->arena, from, (size_t)(t->at - from));
}

/* -1, 0, 1: the record's value is less, the same, more than the one that is written next. */
static int compared(struct reader *t, const struct val *v)
{
    const char *end;
    i64 number;

    if (take(t, "'")) {
        end = strchr(t->at, '\'');
        assert_non_null(end);
        const char *text = arena_dup(t->w->h->arena, t->at, (size_t)(end - t->at));
        t->at = end + 1;
        return v ? strcmp(val_as_text(v, ""), text) : 0;
    }
    bool ago = take(t, "-"); /* "-90d": of dates, as many days before today */
    const char *word = take_word(t);
    if (ago)
        number = t->today - strtol(word, NULL, 10);
    else if (text_is(word, "today"))
        number = t->today;
    else if (!str_i64(str_from(word), &number))
        fail_msg("the judge cannot read '%s'", word);
    return v == NULL ? 0 : (val_as_i64(v, 0) > number) - (val_as_i64(v, 0) < number);
}

static bool is_test(struct reader *t, const struct val *v)
{
    bool not = take(t, "not"), holds = false;

    if (take(t, "empty"))
        holds = v == NULL;
    else if (take(t, "true"))
        holds = v && val_as_bool(v, false);
    else if (take(t, "false"))
        holds = v == NULL || !val_as_bool(v, false); /* never set is not set */
    else
        fail_msg("the judge cannot read '%s'", t->at);
    return holds != not ;
}

static bool in_test(struct reader *t, const struct val *v)
{
    bool among = false;

    assert_true(take(t, "("));
    do
        among |= compared(t, v) == 0 && v != NULL;
    while (take(t, ","));
    assert_true(take(t, ")"));
    return among;
}

static bool test_holds(struct reader *t)
{
    const struct val *v = value_at(t->w, t->r, take_word(t));

    if (take(t, "is"))
        return is_test(t, v);
    if (take(t, "in"))
        return in_test(t, v);
    if (take(t, "="))
        return compared(t, v) == 0 && v;
    if (take(t, "!="))
        return compared(t, v) != 0 && v;
    if (take(t, ">="))
        return compared(t, v) >= 0 && v;
    if (take(t, "<="))
        return compared(t, v) <= 0 && v;
    if (take(t, ">"))
        return compared(t, v) > 0 && v;
    if (take(t, "<"))
        return compared(t, v) < 0 && v;
    fail_msg("the judge cannot read '%s'", t->at);
    return false;
}

static bool any_holds(struct reader *t);

static bool one_holds(struct reader *t)
{
    bool not = take(t, "not"), holds = false;

    if (!take(t, "("))
        return test_holds(t) != not ;
    holds = any_holds(t);
    assert_true(take(t, ")"));
    return holds != not ;
}

static bool all_hold(struct reader *t)
{
    bool holds = one_holds(t);

    while (take(t, "and"))
        holds &= one_holds(t);
    return holds;
}

static bool any_holds(struct reader *t)
{
    bool holds = all_hold(t);

    while (take(t, "or"))
        holds |= all_hold(t);
    return holds;
}

static bool passes(struct world *w, const struct record *r, const char *filter)
{
    struct reader t = { w, r, filter, zone_day(kit_zone(w->h->cx), w->until_ms - 1) };
    bool holds = filter == NULL || any_holds(&t);

    assert_true(filter == NULL || *t.at == '\0');
    return holds;
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
    const struct field *f = &r->type->fields[type_field(r->type, m->field)];
    for (int i = f->kind == FIELD_DECIMAL ? (f->scale ? f->scale : 2) : 0; i > 0; i--)
        *out /= 10;
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
