/* question_test.c -- numbers: every one is the count or sum of the rows that its path lists;
 * visits, people and events of journeys. */
#include "base/id.h"
#include "journey/journey.h"
#include "kit/filter_types.h"
#include "kit/question.h"
#include "kit/record_int.h"
#include <math.h>
#include <stdlib.h>

#define SPLIT .channel_path = "box_id.color", .campaign_path = "code", .owner_path = "owner_id"
static const struct metric metrics[] = {
    { .name = "things",
      .label = "Things",
      .definition = "Things seen.",
      .source = METRIC_RECORDS,
      .type = "thing",
      .aggregate = AGG_COUNT,
      .date = "seen_at",
      SPLIT },
    { .name = "things_done",
      .label = "Done",
      .definition = "Things done.",
      .source = METRIC_RECORDS,
      .type = "thing",
      .filter = "done is true or state = 'gone'",
      .aggregate = AGG_COUNT,
      .date = "seen_at",
      SPLIT },
    { .name = "things_due",
      .label = "Due",
      .definition = "Things due.",
      .source = METRIC_RECORDS,
      .type = "thing",
      .aggregate = AGG_COUNT,
      .date = "due",
      SPLIT },
    { .name = "things_new",
      .label = "New",
      .definition = "New things.",
      .source = METRIC_RECORDS,
      .type = "thing",
      .filter = "state = 'new'",
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      SPLIT },
    { .name = "price_sum",
      .label = "Price",
      .definition = "Sum.",
      .unit = UNIT_MONEY,
      .source = METRIC_RECORDS,
      .type = "thing",
      .aggregate = AGG_SUM,
      .field = "price",
      .date = "seen_at",
      SPLIT },
    { .name = "price_avg",
      .label = "Mean",
      .definition = "Mean.",
      .unit = UNIT_MONEY,
      .source = METRIC_RECORDS,
      .type = "thing",
      .aggregate = AGG_AVG,
      .field = "price",
      .date = "seen_at",
      SPLIT },
    { .name = "price_median",
      .label = "Median",
      .definition = "Median.",
      .unit = UNIT_MONEY,
      .source = METRIC_RECORDS,
      .type = "thing",
      .aggregate = AGG_MEDIAN,
      .field = "price",
      .date = "seen_at",
      SPLIT },
    { .name = "weight_avg",
      .label = "Weight",
      .definition = "Mean.",
      .unit = UNIT_DAYS,
      .source = METRIC_RECORDS,
      .type = "thing",
      .aggregate = AGG_AVG,
      .field = "weight",
      .date = "due",
      SPLIT },
    { .name = "weight_median",
      .label = "Weight",
      .definition = "Median.",
      .unit = UNIT_DAYS,
      .source = METRIC_RECORDS,
      .type = "thing",
      .aggregate = AGG_MEDIAN,
      .field = "weight",
      .date = "due",
      SPLIT },
    { .name = "codes",
      .label = "Codes",
      .definition = "Codes.",
      .source = METRIC_RECORDS,
      .type = "thing",
      .aggregate = AGG_COUNT_DISTINCT,
      .field = "code",
      .date = "seen_at",
      SPLIT },
    { .name = "share_done",
      .label = "Share",
      .definition = "Share.",
      .unit = UNIT_RATIO,
      .source = METRIC_DIVIDED,
      .numerator = "things_done",
      .denominator = "things" },
    { .name = "visits",
      .label = "Visits",
      .definition = "Visits.",
      .source = METRIC_JOURNEY,
      .counts = COUNT_VISITS },
    { .name = "visitors",
      .label = "Visitors",
      .definition = "People.",
      .source = METRIC_JOURNEY,
      .counts = COUNT_PEOPLE },
    { .name = "views",
      .label = "Views",
      .definition = "Views.",
      .source = METRIC_JOURNEY,
      .event_kind = "view",
      .counts = COUNT_EVENTS },
    { .name = "calls",
      .label = "Calls",
      .definition = "Calls.",
      .source = METRIC_JOURNEY,
      .event_kind = "call",
      .counts = COUNT_EVENTS },
    { .name = "view_time",
      .label = "Time",
      .definition = "Time.",
      .unit = UNIT_SECONDS,
      .source = METRIC_JOURNEY,
      .counts = SUM_VISIT_TIME },
    { .name = "things_per_visitor",
      .label = "Per visitor",
      .definition = "Ratio.",
      .unit = UNIT_RATIO,
      .source = METRIC_DIVIDED,
      .numerator = "things",
      .denominator = "visitors" },
};

static u32 channel_key(const struct event *e) { return e->channel; }
static const char *channel_text(struct ctx *cx, u32 key)
{
    (void)cx;
    return key == 1 ? "red" : key == 2 ? "blue" : "";
}
static u32 page_key(const struct event *e) { return e->page; }
static const char *page_text(struct ctx *cx, u32 key)
{
    return journey_name(cx->journey, DICT_PAGE, key);
}
static const char *as_it_is(struct ctx *cx, const char *value)
{
    (void)cx;
    return value;
}
static const struct dimension dimensions[] = {
    { "channel", "Channel", READ_CHANNEL, OF_VISIT, channel_key, channel_text, as_it_is },
    { "page", "Page", READ_PAGE, OF_EVENT, page_key, page_text, as_it_is },
};
static const struct event_kind kinds[] = {
    { "view", "View", "x", KIND_VISIT, NULL },
    { "click", "Click", "x", KIND_VISIT, NULL },
    { "call", "Call", "x", 0, NULL },
};
static const struct feature feature_numbers = {
    .name = "numbers", METRICS(metrics), DIMENSIONS(dimensions), EVENT_KINDS(kinds)
};
static const struct feature *const features[] = { &feature_things, &feature_numbers };
static const struct fixture_options options = { FEATURES(features) };

/* ---- records ---- */
static const char *filter_of(struct ctx *cx, const char *path)
{
    struct val *query;
    const char *mark = strchr(path, '?');

    assert_true(str_starts(str_from(path), "/things"));
    if (mark == NULL)
        return "";
    assert_ok(cx, http_form_parse(cx, str_from(mark + 1), &query));
    return val_get_text(query, "filter");
}

static int ascending(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;

    return (a > b) - (a < b);
}

/* The metric's number from the rows themselves; NAN where undefined. */
static double from_rows(struct ctx *cx, const struct metric *m, struct row **rows, size_t count)
{
    int field = m->field ? type_field(&thing_type, m->field) : -1;
    double values[200], sum = 0, unit = m->field && text_is(m->field, "weight") ? 1000 : 1;
    const char *texts[200];
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        const struct value *v = field < 0 ? NULL : &rows[i]->values[field];
        bool seen = false;
        if (v && !v->set)
            continue;
        if (m->aggregate == AGG_COUNT_DISTINCT) {
            const char *text = field_fold(cx->arena, &thing_fields[field], v->text);
            for (size_t j = 0; j < n; j++)
                seen |= text_is(texts[j], text);
            texts[n] = text;
        } else if (v) {
            values[n] = (double)(m->unit == UNIT_MONEY ? v->base_minor : v->i) / unit;
            sum += values[n];
        }
        n += !seen;
    }
    switch (m->aggregate) {
    case AGG_SUM:
        return sum;
    case AGG_AVG:
        return n ? sum / (double)n : NAN;
    case AGG_MEDIAN:
        qsort(values, n, sizeof *values, ascending);
        return n ? (n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2) : NAN;
    default:
        return (double)n;
    }
}

static void check_number(struct ctx *cx, const struct metric *m, const struct val *answer,
                         const char *what)
{
    struct list_query lq = { .filter = filter_of(cx, val_get_text(answer, "rows_path")),
                             .limit = 200 };
    struct list_page page;
    i64 count;

    assert_ok(cx, list_run(cx, &thing_type, &lq, &page));
    assert_ok(cx, list_count(cx, &thing_type, lq.filter, "", 0, &count));
    assert_int_equal(count, page.count);
    double want = from_rows(cx, m, page.rows, page.count);
    const struct val *value = val_get(answer, "value");
    if (isnan(want) != val_is_null(value) ||
        (!isnan(want) &&
         fabs(val_as_double(value, -1e9) - want) > (m->unit == UNIT_MONEY ? 0.51 : 1e-9)))
        fail_msg("%s %s: says %s, the %d rows of %s make %f", m->name, what,
                 val_print(cx->arena, value), (int)count, lq.filter, want);
}

static void every_number_is_that_of_its_rows(void **state)
{
    static const char *const dims[] = { "",
                                        "channel",
                                        "campaign",
                                        "owner",
                                        "state",
                                        "done",
                                        "amount_in",
                                        "box_id",
                                        "box_id.into_id.color",
                                        "box_id.open",
                                        "email",
                                        "day",
                                        "week",
                                        "month" };
    static const char *const filters[] = { "", "price > 5 or tags has 'hot'" };
    struct fixture *f = *state;
    struct world w;
    i64 periods[][2] = { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } };

    assert_ok(f->cx,
              setting_save(f->cx, "currency.rates", "{\"USD\": \"0.92\", \"JPY\": \"0.006\"}"));
    world_make(f, &w, 120);
    assert_ok(f->cx, period_read(f->cx, "this_month", &periods[0][0], &periods[0][1]));
    assert_ok(f->cx, period_read(f->cx, "last_12_months", &periods[1][0], &periods[1][1]));
    assert_ok(f->cx, period_read(f->cx, "2026-10-20..2026-11-23", &periods[2][0], &periods[2][1]));
    periods[3][0] = FIXTURE_NOW - 30 * (i64)MS_DAY + 1234567;
    periods[3][1] = FIXTURE_NOW;
    for (int who = -1; who < 2; who++) {
        const struct access *access = who < 0 ? access_system() : world_seller(f, &w, who);
        for (size_t i = 0; i < countof(metrics); i++) {
            const struct metric *m = &metrics[i];
            for (size_t d = 0; m->source == METRIC_RECORDS && d < countof(dims); d++) {
                for (size_t p = 0; p < countof(periods); p++) {
                    struct ctx *cx = fixture_ctx(f, access);
                    struct arena *a = cx->arena = arena_new(256 * 1024);
                    struct question q = { .metric = m->name,
                                          .dimension = dims[d],
                                          .filter = filters[p % 2],
                                          .from_ms = periods[p][0],
                                          .to_ms = periods[p][1],
                                          .limit = 200 };
                    struct val *answer;
                    if (m->time == AT_NOW && (d >= countof(dims) - 3 || q.to_ms < FIXTURE_NOW)) {
                        arena_free(a); /* no list shows a past state */
                        continue;
                    }
                    assert_ok(cx, question_ask(cx, &q, &answer));
                    check_number(cx, m, answer, "in all");
                    const struct val *groups = val_get(answer, "groups");
                    double sum = 0;
                    for (size_t g = 0; g < val_count(groups); g++) {
                        check_number(cx, m, val_at(groups, g), arena_printf(a, "by %s", dims[d]));
                        sum += val_as_double(val_get(val_at(groups, g), "value"), 0);
                    }
                    if (dims[d][0] && (m->aggregate == AGG_COUNT || m->aggregate == AGG_SUM))
                        assert_true(sum == val_as_double(val_get(answer, "value"), -1));
                    arena_free(a);
                }
            }
        }
    }
}

static const struct val *group_of(const struct val *answer, const char *key)
{
    const struct val *groups = val_get(answer, "groups");

    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *k = val_get(val_at(groups, i), "key");
        if (key ? text_is(val_as_text(k, "?"), key) : val_is_null(k))
            return val_at(groups, i);
    }
    return NULL;
}

static i64 value_of(const struct val *v) { return val_get_i64(v, "value", -1); }

static void periods_and_comparisons(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct val *from = val_map(cx->arena), *answer;
    struct question q;

    for (int i = 0; i < 6; i++)
        fixture_record(f, "thing", "name", "x", "seen_at",
                       i < 4 ? "2026-11-10T12:00:00Z" : "2026-10-10T12:00:00Z", "state",
                       i % 2 ? "new" : "gone", "done", i == 0 || i == 5 ? "true" : "", NULL);
    fixture_record(f, "thing", "name", "late", "seen_at", "2026-10-30T12:00:00Z",
                   NULL); /* after as much of October */
    val_put_text(from, "metric", "things");
    val_put_text(from, "period", "this_month");
    val_put_text(from, "dimension", "state");
    assert_ok(cx, question_read(cx, from, &q));
    assert_ok(cx, question_ask(cx, &q, &answer));
    assert_int_equal(value_of(answer), 4);
    assert_int_equal(val_get_i64(answer, "before", -1), 2);
    assert_true(val_as_double(val_get(answer, "change"), 0) == 1);
    assert_int_equal(value_of(group_of(answer, "new")), 2);
    assert_int_equal(val_get_i64(group_of(answer, "new"), "before", -1), 1);
    assert_string_equal(val_get_text(group_of(answer, "new"), "label"), "New");
    q.dimension = "";
    q.metric = "share_done";
    assert_ok(cx, question_ask(cx, &q, &answer));
    assert_true(val_as_double(val_get(answer, "value"), 0) == 0.5); /* done or gone */
    assert_string_equal(val_get_text(answer, "text"), "50.0 %");
    assert_true(val_as_double(val_get(answer, "before"), 0) == 1);
    q.from_ms = q.compare_to_ms = q.compare_from_ms = 0;
    q.to_ms = MS_DAY;
    assert_ok(cx, question_ask(cx, &q, &answer));
    assert_true(val_is_null(val_get(answer, "value")) && val_is_null(val_get(answer, "change")));
    /* the greatest stand first, the rest together */
    assert_ok(cx, period_read(cx, "this_year", &q.from_ms, &q.to_ms));
    q.metric = "things";
    q.dimension = "state";
    q.limit = 1;
    assert_ok(cx, question_ask(cx, &q, &answer));
    assert_int_equal(val_count(val_get(answer, "groups")), 2);
    assert_int_equal(value_of(group_of(answer, "(other)")), 4);
}

static void periods_have_names(void **state)
{
    static const struct {
        const char *name, *from, *to;
    } cases[] = {
        { "today", "2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z" },
        { "yesterday", "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z" },
        { "last_7_days", "2026-11-16T23:00:00Z", "2026-11-23T23:00:00Z" },
        { "last_30_days", "2026-10-24T22:00:00Z", "2026-11-23T23:00:00Z" },
        { "this_week", "2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z" },
        { "last_month", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z" },
        { "this_quarter", "2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z" },
        { "last_year", "2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z" },
        { "last_12_months", "2025-11-30T23:00:00Z", "2026-11-30T23:00:00Z" },
        { "2026-03-29..2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z" },
    };
    static const char *const wrong[] = { "", "soon", "2026-01-02..2026-01-01", "2026-01-01..",
                                         "2026-01-01..x" };
    struct fixture *f = *state;
    i64 from_ms, to_ms;

    for (size_t i = 0; i < countof(cases); i++) {
        assert_ok(f->cx, period_read(f->cx, cases[i].name, &from_ms, &to_ms));
        assert_string_equal(time_iso(f->cx->arena, from_ms), cases[i].from);
        assert_string_equal(time_iso(f->cx->arena, to_ms), cases[i].to);
    }
    for (size_t i = 0; i < countof(wrong); i++)
        assert_status(f->cx, period_read(f->cx, wrong[i], &from_ms, &to_ms), E_INVALID);
}

static void comparisons_are_fair(void **state)
{
    static const struct {
        const char *period, *compare, *from, *to;
    } cases[] = {
        { "last_month", "previous", "2026-08-31T22:00:00Z", "2026-09-30T22:00:00Z" },
        { "this_month", "previous", "2026-09-30T22:00:00Z",
          "2026-10-23T09:00:00.001Z" }, /* as much of it */
        { "last_7_days", "previous", "2026-11-09T23:00:00Z", "2026-11-16T10:00:00.001Z" },
        { "2026-03-01..2026-03-31", "previous", "2026-01-28T23:00:00Z", "2026-02-28T23:00:00Z" },
        { "last_month", "year", "2025-09-30T22:00:00Z", "2025-10-31T23:00:00Z" },
        { "last_month", "none", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
    };
    struct fixture *f = *state;
    struct question q;

    for (size_t i = 0; i < countof(cases); i++) {
        struct val *from = val_map(f->cx->arena);
        val_put_text(from, "metric", "things");
        val_put_text(from, "period", cases[i].period);
        val_put_text(from, "compare", cases[i].compare);
        assert_ok(f->cx, question_read(f->cx, from, &q));
        assert_string_equal(time_iso(f->cx->arena, q.compare_from_ms), cases[i].from);
        assert_string_equal(time_iso(f->cx->arena, q.compare_to_ms), cases[i].to);
    }
}

static void what_cannot_be_asked_is_refused(void **state)
{
    static const struct {
        const char *metric, *dimension, *filter, *code;
        enum status status;
    } cases[] = {
        { "nothing", "", "", "question.metric", E_INVALID },
        { "things", "nothing", "", "question.dimension", E_INVALID },
        { "things", "tags", "", "question.dimension", E_INVALID },
        { "things", "secret", "", "question.dimension", E_INVALID },
        { "things", "seen_at", "", "question.dimension", E_INVALID },
        { "things", "page", "", "question.dimension", E_INVALID },
        { "things", "", "x = ", "filter.unknown_field", E_INVALID },
        { "visits", "", "name = 'x'", "question.filter", E_INVALID },
        { "visits", "owner", "", "question.dimension", E_INVALID },
    };
    struct fixture *f = *state;
    struct val *answer;

    for (size_t i = 0; i < countof(cases); i++) {
        struct ctx *cx = fixture_ctx(f, access_system());
        struct question q = { .metric = cases[i].metric,
                              .dimension = cases[i].dimension,
                              .filter = cases[i].filter,
                              .from_ms = FIXTURE_NOW - MS_DAY,
                              .to_ms = FIXTURE_NOW };
        assert_int_equal(question_ask(cx, &q, &answer), cases[i].status);
        assert_string_equal(cx->error_code, cases[i].code);
    }
    struct question days = {
        .metric = "things", .dimension = "day", .from_ms = 0, .to_ms = FIXTURE_NOW
    };
    assert_status(f->cx, question_ask(f->cx, &days, &answer), E_LIMIT);
    struct question empty = { .metric = "things", .from_ms = 5, .to_ms = 5 };
    assert_status(f->cx, question_ask(f->cx, &empty, &answer), E_INVALID);
    struct ctx *cx = fixture_ctx(f, fixture_user(f, "Anna", 0, "{\"box\": {\"read\": \"all\"}}"));
    struct question q = { .metric = "things", .from_ms = 0, .to_ms = 5 };
    assert_int_equal(question_ask(cx, &q, &answer), E_FORBIDDEN);
    cx = fixture_ctx(f, cx->access);
    q.metric = "visits";
    assert_int_equal(question_ask(cx, &q, &answer), E_FORBIDDEN);
}

/* ---- journeys ---- */
static struct event event_at(struct fixture *f, const char *person, const char *iso,
                             const char *kind, u8 channel, const char *page)
{
    struct event e = { .kind = kit_event_code(f->kit, kind), .channel = channel };

    assert_true(time_parse(str_from(iso), &e.at_ms));
    e.person = journey_person(f->journey, PERSON_VISITOR, str_hash(str_from(person)));
    e.page = journey_intern(f->journey, DICT_PAGE, str_from(page));
    return e;
}

/* Follows a path to its end, a page of two at a time: how many rows there are. */
static i64 rows_behind(struct ctx *cx, const char *path)
{
    static const char start[] = "/insight/metrics/";
    struct question_rows asked;
    struct question_list list = { .next = "" };
    const struct metric *m;
    struct val *query;
    const char *name = path + sizeof start - 1, *mark = strchr(path, '?');
    i64 seen = 0, amount = 0, last_ms = INT64_MAX;

    assert_true(str_starts(str_from(path), start) && mark);
    assert_ok(cx, http_form_parse(cx, str_from(mark + 1), &query));
    name = arena_dup(cx->arena, name, (size_t)(strchr(name, '/') - name));
    m = metric_find(cx, name);
    val_put_text(query, "metric", name);
    assert_ok(cx, question_read_rows(cx, query, &asked));
    asked.view_kind = "view";
    asked.limit = 2;
    do {
        asked.cursor = list.next;
        assert_ok(cx, question_list_rows(cx, &asked, &list));
        assert_true(list.count <= 2);
        for (size_t i = 0; i < list.count; i++) {
            const struct question_row *r = &list.rows[i];
            i64 place = m->counts == COUNT_PEOPLE ? r->last_ms : r->at_ms;
            assert_true(place <= last_ms && r->last_ms >= r->at_ms && r->person);
            last_ms = place;
            amount += r->amount;
        }
        seen += (i64)list.count;
    } while (list.next[0]);
    assert_int_equal(seen, list.total);
    assert_int_equal(amount, list.amount);
    return m->counts == SUM_VISIT_TIME ? amount / MS_SECOND : amount;
}

/* A number and each of its groups say as much as their rows. */
static void rows_tell(struct ctx *cx, const struct val *answer)
{
    const struct val *groups = val_get(answer, "groups");

    assert_int_equal(rows_behind(cx, val_get_text(answer, "rows_path")), value_of(answer));
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        if (val_is_null(val_get(g, "value")))
            assert_string_equal(val_get_text(g, "rows_path"), "");
        else
            assert_int_equal(rows_behind(cx, val_get_text(g, "rows_path")), value_of(g));
    }
}

static void journeys_are_counted(void **state)
{
    static const struct {
        const char *person, *at, *kind, *page;
        u8 channel, device;
    } events[] = {
        { "a", "2026-11-20T10:00:00Z", "view", "/", 1, 1 },
        { "a", "2026-11-20T10:20:00Z", "view", "/price", 0, 1 },
        { "a", "2026-11-20T10:50:00Z", "click", "/price", 0,
          1 }, /* half an hour is still the same visit */
        { "a", "2026-11-20T11:20:01Z", "view", "/", 2, 1 },    /* more is not */
        { "a", "2026-11-20T11:21:00Z", "call", "", 0, 0 },     /* of that visit */
        { "a", "2026-11-20T22:59:00Z", "view", "/", 1, 1 },    /* 23:59 in Berlin */
        { "a", "2026-11-20T23:10:00Z", "view", "/", 0, 1 },    /* the next day, the same visit */
        { "b", "2026-11-21T10:00:00Z", "view", "/", 0, 1 },    /* nobody knows from where */
        { "c", "2026-11-21T10:00:00Z", "view", "/", 1, 0x80 }, /* a bot */
        { "d", "2026-11-21T10:00:00Z", "call", "", 0, 0 },     /* never on the site */
        { "b", "2026-10-21T10:00:00Z", "view", "/", 2, 1 },    /* before */
    };
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct val *answers[7];

    for (size_t i = 0; i < countof(events); i++) {
        struct event e = event_at(f, events[i].person, events[i].at, events[i].kind,
                                  events[i].channel, events[i].page);
        e.device = events[i].device;
        assert_ok(cx, journey_append_wait(cx, f->journey, &e, 1));
    }
    struct question q = { .compare_from_ms = 1, .compare_to_ms = 2 };
    assert_ok(cx, period_read(cx, "this_month", &q.from_ms, &q.to_ms));
    assert_ok(cx, period_read(cx, "last_month", &q.compare_from_ms, &q.compare_to_ms));
    struct question qs[7];
    static const char *const asked[][2] = { { "visits", "channel" },     { "visitors", "channel" },
                                            { "views", "page" },         { "visits", "day" },
                                            { "views", "day" },          { "calls", "channel" },
                                            { "things_per_visitor", "" } };
    for (size_t i = 0; i < countof(qs); i++) {
        qs[i] = q;
        qs[i].metric = asked[i][0];
        qs[i].dimension = asked[i][1];
    }
    fixture_record(f, "thing", "name", "x", "seen_at", "2026-11-20T10:00:00Z", NULL);
    assert_ok(cx, question_ask_many(cx, qs, countof(qs), answers));
    assert_int_equal(value_of(answers[0]), 4);
    assert_int_equal(val_get_i64(answers[0], "before", -1), 1);
    assert_int_equal(value_of(group_of(answers[0], "red")), 2);
    assert_int_equal(value_of(group_of(answers[0], "blue")), 1);
    assert_int_equal(val_get_i64(group_of(answers[0], "blue"), "before", -1), 1);
    assert_int_equal(value_of(group_of(answers[0], NULL)), 1);
    for (size_t i = 0; i < 6; i++)
        rows_tell(cx, answers[i]);
    for (size_t i = 0; i < 6; i++) { /* and when most groups are one */
        qs[i].limit = 1;
        assert_ok(cx, question_ask(cx, &qs[i], &answers[6]));
        rows_tell(cx, answers[6]);
    }
    assert_ok(cx, question_ask(cx, &qs[6], &answers[6]));
    assert_int_equal(value_of(answers[1]), 2);
    assert_int_equal(value_of(group_of(answers[1], "red")), 1);
    assert_int_equal(value_of(answers[2]), 6);
    assert_int_equal(value_of(group_of(answers[2], "/price")), 1);
    assert_int_equal(value_of(group_of(answers[2], "/")), 5);
    assert_int_equal(val_count(val_get(answers[3], "groups")), 30);
    assert_int_equal(value_of(group_of(answers[3], "2026-11-20")), 3);
    assert_int_equal(value_of(group_of(answers[3], "2026-11-21")), 1);
    assert_int_equal(value_of(group_of(answers[4], "2026-11-20")), 4);
    assert_int_equal(value_of(group_of(answers[4], "2026-11-21")), 2);
    assert_int_equal(value_of(answers[5]), 2);
    assert_int_equal(value_of(group_of(answers[5], "blue")), 1);
    assert_int_equal(value_of(group_of(answers[5], NULL)), 1);
    assert_true(val_as_double(val_get(answers[6], "value"), 0) == 0.5);
    const struct val *parts = val_get(answers[6], "parts");
    assert_int_equal(val_count(parts), 2);
    assert_int_equal(value_of(val_at(parts, 0)), 1);
    assert_true(
        str_starts(str_from(val_get_text(val_at(parts, 0), "rows_path")), "/things?filter="));
    assert_int_equal(rows_behind(cx, val_get_text(val_at(parts, 1), "rows_path")), 2);
}

/* Answers ordered by one metric have the same groups, those without a number too. */
static void groups_stand_in_the_order_that_is_asked(void **state)
{
    static const struct {
        const char *metric, *order, *keys;
    } cases[] = {
        { "views", NULL, "/a /b /A /c" }, /* an address in another case is another one */
        { "visits", "views", "/a /b /A /c" },
        { "calls", "views", "/a /b /A /c" },
        { "visits", NULL, "/b /A /a /c" },
    };
    static const struct {
        const char *person, *page;
    } seen[] = { { "1", "/a" }, { "1", "/a" }, { "1", "/a" }, { "2", "/b" },
                 { "3", "/b" }, { "4", "/c" }, { "5", "/A" } };
    struct fixture *f = *state;
    struct ctx *cx = f->cx;

    for (size_t i = 0; i < countof(seen); i++) {
        struct event e =
            event_at(f, seen[i].person, "2026-11-20T10:00:00Z", "view", 1, seen[i].page);
        assert_ok(cx, journey_append_wait(cx, f->journey, &e, 1));
    }
    for (size_t i = 0; i < countof(cases); i++) {
        struct question q = { .metric = cases[i].metric,
                              .dimension = "page",
                              .order = cases[i].order };
        struct buf keys = buf_in(cx->arena, 200);
        struct val *answer;
        assert_ok(cx, period_read(cx, "this_month", &q.from_ms, &q.to_ms));
        assert_ok(cx, question_ask(cx, &q, &answer));
        for (size_t g = 0; g < val_count(val_get(answer, "groups")); g++)
            buf_printf(&keys, "%s%s", g ? " " : "",
                       val_get_text(val_at(val_get(answer, "groups"), g), "key"));
        assert_string_equal(buf_end(&keys), cases[i].keys);
    }
    struct question q = {
        .metric = "visits", .dimension = "page", .order = "share_done", .from_ms = 1, .to_ms = 2
    };
    struct val *answer;
    assert_status(cx, question_ask(cx, &q, &answer), E_INVALID);
}

static void numbers_are_shown(void **state)
{
    static const struct {
        const char *metric;
        double value;
        const char *text;
    } cases[] = { { "things", 12345, "12,345" },       { "share_done", 0.2341, "23.4 %" },
                  { "share_done", 1, "100 %" },        { "weight_avg", 12.34, "12.3 days" },
                  { "weight_avg", -0.04, "0.0 days" }, { "weight_avg", -0.06, "-0.1 days" },
                  { "view_time", 59.6, "1m 00s" },     { "view_time", 7384, "2h 03m" },
                  { "price_sum", 120000000, "€1.2M" } };
    struct fixture *f = *state;

    for (size_t i = 0; i < countof(cases); i++)
        assert_string_equal(metric_show(f->cx, metric_find(f->cx, cases[i].metric), cases[i].value),
                            cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE_ENGINE(periods_have_names, &options),
        ON_SQLITE_ENGINE(comparisons_are_fair, &options),
        ON_SQLITE_ENGINE(numbers_are_shown, &options),
        ON_BOTH_ENGINES(periods_and_comparisons, &options),
        ON_SQLITE_ENGINE(what_cannot_be_asked_is_refused, &options),
        ON_SQLITE_ENGINE(journeys_are_counted, &options),
        ON_SQLITE_ENGINE(groups_stand_in_the_order_that_is_asked, &options),
        ON_BOTH_ENGINES(every_number_is_that_of_its_rows, &options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
