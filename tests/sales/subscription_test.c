/* subscription_test.c -- subscriptions, their phases and the MRR: a table worked by hand, and a
 * random company's years against plain SQL over the subscriptions and phases alone. */
#include "base/testing.h"
#include "kit/question.h"
#include "sales/subscription.h"
#include "support/house.h"
#include <math.h>
#include <stdlib.h>

static i64 day_of(const char *iso)
{
    i64 day;

    assert_true(date_parse(str_from(iso), &day));
    return day;
}

static void at(struct house *h, const char *iso)
{
    h->clock->fixed_ms = day_of(iso) * MS_DAY + 10 * MS_HOUR;
}

static i64 company(struct house *h, const char *name)
{
    struct row *r = row_new(h->cx, type_find(h->cx, "company"));

    row_set_text(r, 0, name);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static struct money euro(i64 minor) { return (struct money){ minor, "EUR" }; }

static struct row *subscribe(struct house *h, i64 of, const char *from, i64 minor, i64 months)
{
    struct row *r = row_new(h->cx, &subscription_type);

    row_set_text(r, SUBSCRIPTION_NAME, "Plan");
    row_set_i64(r, SUBSCRIPTION_COMPANY, of);
    row_set_i64(r, SUBSCRIPTION_STARTED, day_of(from));
    row_set_money(r, SUBSCRIPTION_AMOUNT, euro(minor));
    row_set_i64(r, SUBSCRIPTION_MONTHS, months);
    assert_ok(h->cx, record_save(h->cx, r));
    return r;
}

static struct row *again(struct house *h, const struct row *r)
{
    struct row *now;

    assert_ok(h->cx, record_get(h->cx, row_type(r), row_id(r), &now));
    return now;
}

static void change(struct house *h, const struct row *r, i64 minor)
{
    struct row *now = again(h, r);

    row_set_money(now, SUBSCRIPTION_AMOUNT, euro(minor));
    assert_ok(h->cx, record_save(h->cx, now));
}

static void end(struct house *h, const struct row *r, const char *day)
{
    struct row *now = again(h, r);

    row_set_i64(now, SUBSCRIPTION_ENDS, day_of(day));
    row_set_text(now, SUBSCRIPTION_REASON, "price");
    assert_ok(h->cx, record_save(h->cx, now));
}

static void add_phase(struct house *h, const struct row *r, i64 day, i64 minor, i64 months)
{
    struct row *p = row_new(h->cx, &subscription_phase_type);

    row_set_i64(p, PHASE_SUBSCRIPTION, row_id(r));
    row_set_i64(p, PHASE_FROM, day);
    row_set_money(p, PHASE_AMOUNT, euro(minor));
    row_set_i64(p, PHASE_MONTHS, months);
    assert_ok(h->cx, record_save(h->cx, p));
}

static void run_day(struct house *h)
{
    struct job_run run = { .cx = h->cx };

    assert_ok(h->cx, kit_job(h->kit, "subscription.day")->run(&run));
}

/* The answer in minor units, or as a share. NAN: null. */
static double ask(struct house *h, const char *metric, i64 from_day, i64 to_day)
{
    const struct zone *zone = kit_zone(h->cx);
    struct question q = { .metric = metric,
                          .from_ms = zone_instant(zone, from_day, 0),
                          .to_ms = zone_instant(zone, to_day, 0) };
    struct val *answer;

    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    return val_is_null(val_get(answer, "value")) ? NAN
                                                 : val_as_double(val_get(answer, "value"), -1e18);
}

/* ---- by hand ---- */
static void tell_year(struct house *h)
{
    i64 a = company(h, "Acker"), b = company(h, "Bauer"), c = company(h, "Cole"),
        d = company(h, "Dorn");
    struct row *one, *two, *three, *old;

    at(h, "2026-01-10");
    one = subscribe(h, a, "2026-01-10", 120000, 12); /* 100.00 a month */
    two = subscribe(h, b, "2026-01-15", 5000, 1);    /* 50.00 */
    three = subscribe(h, c, "2026-02-01", 30000, 3); /* from February on: 100.00 */
    assert_string_equal(row_text(three, SUBSCRIPTION_STATUS), "upcoming");
    at(h, "2026-02-01");
    run_day(h);
    assert_string_equal(row_text(again(h, three), SUBSCRIPTION_STATUS), "active");
    at(h, "2026-03-05");
    change(h, one, 180000); /* 150.00 */
    old = subscribe(h, d, "2026-03-10", 4000, 1);
    at(h, "2026-03-20");
    end(h, two, "2026-04-15"); /* in the period that it has paid for */
    assert_string_equal(row_text(again(h, two), SUBSCRIPTION_STATUS), "cancelled");
    at(h, "2026-04-15");
    run_day(h);
    assert_string_equal(row_text(again(h, two), SUBSCRIPTION_STATUS), "ended");
    change(h, three, 24000); /* 80.00 */
    at(h, "2026-05-01");
    end(h, old, "2026-05-01");
    subscribe(h, d, "2026-05-01", 6500, 1); /* another plan instead, on the same day */
    at(h, "2026-06-10");
    subscribe(h, b, "2026-06-10", 7000, 1);             /* back again */
    add_phase(h, one, day_of("2026-09-01"), 60000, 12); /* 50.00 from September on */
    at(h, "2026-06-30");
}

static const struct {
    const char *metric, *from, *to;
    double value;
} by_hand[] = {
    { "mrr", "2026-01-01", "2026-02-01", 15000 },
    { "mrr", "2026-02-01", "2026-03-01", 25000 },
    { "mrr", "2026-03-01", "2026-04-01", 34000 },
    { "new_mrr", "2026-03-01", "2026-04-01", 4000 },
    { "expansion_mrr", "2026-03-01", "2026-04-01", 5000 },
    { "mrr_at_start", "2026-04-01", "2026-05-01", 34000 },
    { "churned_mrr", "2026-04-01", "2026-05-01", -5000 },
    { "contraction_mrr", "2026-04-01", "2026-05-01", -2000 },
    { "nrr", "2026-04-01", "2026-05-01", 27000 / 34000.0 },
    { "grr", "2026-04-01", "2026-05-01", 27000 / 34000.0 },
    { "nrr", "2026-03-01", "2026-04-01", 30000 / 25000.0 },
    { "grr", "2026-03-01", "2026-04-01", 1 },
    { "subscribers", "2026-04-01", "2026-05-01", 3 },
    { "subscriber_churn", "2026-04-01", "2026-05-01", 0.25 },
    { "mrr_churn", "2026-04-01", "2026-05-01", 5000 / 34000.0 },
    /* a plan instead of another is an expansion by the difference, and nobody left */
    { "expansion_mrr", "2026-05-01", "2026-06-01", 2500 },
    { "churned_mrr", "2026-05-01", "2026-06-01", 0 },
    { "subscribers_lost", "2026-05-01", "2026-06-01", 0 },
    { "reactivation_mrr", "2026-06-01", "2026-07-01", 7000 },
    { "new_mrr", "2026-06-01", "2026-07-01", 0 },
    { "mrr", "2026-06-01", "2026-07-01", 36500 },
    { "arr", "2026-06-01", "2026-07-01", 438000 },
    { "quick_ratio", "2026-04-01", "2026-07-01", 9500 / 7000.0 },
    /* what is still to come has not happened */
    { "mrr", "2026-01-01", "2027-01-01", 36500 },
    { "contraction_mrr", "2026-01-01", "2027-01-01", -2000 },
    { "leaving_mrr", "2026-01-01", "2027-01-01", -10000 },
    { "nrr", "2025-01-01", "2026-01-01", NAN },
};

static void a_half_year_worked_out_by_hand(void **state)
{
    struct house *h = *state;

    tell_year(h);
    for (size_t i = 0; i < countof(by_hand); i++) {
        double got = ask(h, by_hand[i].metric, day_of(by_hand[i].from), day_of(by_hand[i].to));
        if (isnan(got) != isnan(by_hand[i].value) || fabs(got - by_hand[i].value) > 1e-9)
            fail_msg("%s from %s to %s: says %f, by hand %f", by_hand[i].metric, by_hand[i].from,
                     by_hand[i].to, got, by_hand[i].value);
    }
}

/* ---- cohorts ---- */
static const struct {
    const char *what, *cohort;
    double left[6]; /* in the same month and each later one; below 0: it has not begun */
} cohorts[] = {
    { "customers", "Jan 2026", { 1, 1, 1, 0.5, 0.5, 1 } },
    { "customers", "Feb 2026", { 1, 1, 1, 1, 1, -1 } },
    { "net", "Jan 2026", { 1, 1, 20 / 15.0, 1, 1, 22 / 15.0 } },
    { "net", "Feb 2026", { 1, 1, 0.8, 0.8, 0.8, -1 } },
    { "net", "Mar 2026", { 1, 1, 1.625, 1.625, -1, -1 } },
    { "gross", "Jan 2026", { 1, 1, 1, 10 / 15.0, 10 / 15.0, 1 } },
    { "gross", "Mar 2026", { 1, 1, 1, 1, -1, -1 } },
    { "net", "All", { 1, 1, (20 + 8 + 6.5) / 29, 23 / 25.0, 1, -1 } }, /* of what is over */
};

static const struct val *row_named(const struct val *table, const char *name)
{
    const struct val *rows = val_get(table, "rows");

    for (size_t i = 0; i < val_count(rows); i++)
        if (text_is(val_get_text(val_at(rows, i), "text"), name))
            return val_at(rows, i);
    fail_msg("there is no cohort '%s'", name);
    return NULL;
}

static void cohorts_are_what_is_left_of_them(void **state)
{
    struct house *h = *state;
    const struct person *ada = house_user(h, "Ada", "");

    tell_year(h);
    for (size_t i = 0; i < countof(cohorts); i++) {
        struct web_response r = house_json(
            h, ada, HTTP_GET,
            arena_printf(h->arena, "/api/v1/journeys/cohorts?what=%s&period=2026-01-01..2026-06-30",
                         cohorts[i].what),
            NULL);
        house_expect(h, &r, 200);
        const struct val *cells =
            val_get(row_named(val_get(house_val(h, &r), "table"), cohorts[i].cohort), "cells");
        for (size_t k = 0; k < countof(cohorts[i].left) && cohorts[i].left[k] >= 0; k++) {
            double got = strtod(val_get_text(val_at(cells, 2 + k), "plain"), NULL);
            if (fabs(got - cohorts[i].left[k]) > 0.00006)
                fail_msg("%s of %s after %zu months: says %f, by hand %f", cohorts[i].what,
                         cohorts[i].cohort, k, got, cohorts[i].left[k]);
        }
    }
}

/* ---- against plain SQL ---- */
enum { COMPANIES = 8, STEPS = 160, FIRST_DAY = 20454 /* 2026-01-01 */, DAYS = 300 };

static u32 dice(u64 *seed, u32 sides)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (u32)(*seed >> 33) % sides;
}

static struct row *some(struct house *h, u64 *seed, struct row *const *all, size_t count)
{
    struct row *r;

    assert_ok(h->cx,
              record_get_any(h->cx, &subscription_type, row_id(all[dice(seed, (u32)count)]), &r));
    return row_is_deleted(r) ? NULL : r;
}

static void some_change(struct house *h, u64 *seed, struct row *r, const i64 *companies)
{
    i64 started = row_i64(r, SUBSCRIPTION_STARTED);

    switch (dice(seed, 8)) {
    case 0:
        row_set_i64(r, SUBSCRIPTION_ENDS, started + dice(seed, 200));
        break;
    case 1:
        row_clear(r, SUBSCRIPTION_ENDS);
        break;
    case 2:
        row_set_i64(r, SUBSCRIPTION_COMPANY, companies[dice(seed, COMPANIES)]);
        break;
    case 3:
        row_set_i64(r, SUBSCRIPTION_STARTED, FIRST_DAY + dice(seed, DAYS));
        row_clear(r, SUBSCRIPTION_ENDS);
        break;
    case 4:
        if (dice(seed, 3) == 0) {
            assert_ok(h->cx, record_delete(h->cx, r));
            return;
        }
        break;
    case 5:
        add_phase(h, r, started - 20 + dice(seed, 250), (i64)dice(seed, 5) * 2500,
                  1 + dice(seed, 12));
        return;
    default:
        row_set_money(r, SUBSCRIPTION_AMOUNT, euro((i64)dice(seed, 6) * 3333));
    }
    assert_ok(h->cx, record_save(h->cx, r));
}

static void live(struct house *h, u64 *seed, const i64 *companies)
{
    static struct row *all[STEPS];
    size_t count = 0;

    for (int i = 0; i < STEPS; i++) {
        h->clock->fixed_ms += dice(seed, 4 * MS_DAY) + 1;
        struct row *r = count ? some(h, seed, all, count) : NULL;
        if (r && dice(seed, 3) > 0) {
            some_change(h, seed, r, companies);
            continue;
        }
        r = row_new(h->cx, &subscription_type);
        row_set_text(r, SUBSCRIPTION_NAME, "Plan");
        row_set_i64(r, SUBSCRIPTION_COMPANY, companies[dice(seed, COMPANIES)]);
        row_set_i64(r, SUBSCRIPTION_STARTED, FIRST_DAY + dice(seed, DAYS));
        row_set_money(r, SUBSCRIPTION_AMOUNT, euro((i64)dice(seed, 40) * 1111));
        row_set_i64(r, SUBSCRIPTION_MONTHS, 1 + dice(seed, 12));
        assert_ok(h->cx, record_save(h->cx, r));
        all[count++] = r;
    }
}

/* By company and day: what its subscriptions come to, each at the phase of that day. Then the days
 * on which that moved. */
#define WORLD                                                                                      \
    "WITH RECURSIVE days(d) AS (SELECT CAST(20400 AS BIGINT) UNION ALL SELECT d + 1 FROM days "    \
    "  WHERE d < 21100), "                                                                         \
    "price(s, since, mrr) AS (SELECT p.subscription_id, p.from_date, p.mrr_base_minor "            \
    "  FROM subscription_phase p WHERE p.deleted_at IS NULL AND NOT EXISTS "                       \
    "  (SELECT 1 FROM subscription_phase o WHERE o.subscription_id = p.subscription_id "           \
    "   AND o.from_date = p.from_date AND o.id > p.id AND o.deleted_at IS NULL)), "                \
    "held(company, day, mrr) AS (SELECT s.company_id, d.d, (SELECT p.mrr FROM price p "            \
    "  WHERE p.s = s.id AND p.since = coalesce((SELECT max(x.since) FROM price x WHERE x.s = "     \
    "s.id "                                                                                        \
    "  AND x.since <= d.d), (SELECT min(x.since) FROM price x WHERE x.s = s.id))) "                \
    "  FROM subscription s JOIN days d ON s.started_on <= d.d "                                    \
    "  AND (s.ends_on IS NULL OR s.ends_on > d.d) WHERE s.deleted_at IS NULL), "                   \
    "sums(company, day, mrr) AS (SELECT company, day, sum(mrr) FROM held GROUP BY company, day), " \
    "paid(company, day, mrr) AS (SELECT c.id, d.d, coalesce(h.mrr, 0) FROM company c "             \
    "  CROSS JOIN days d LEFT JOIN sums h ON h.company = c.id AND h.day = d.d), "                  \
    "moved(company, day, mrr, before, had) AS (SELECT * FROM (SELECT company, day, mrr, "          \
    "  lag(mrr) OVER (PARTITION BY company ORDER BY day) AS before, "                              \
    "  sum(mrr) OVER (PARTITION BY company ORDER BY day) - mrr AS had FROM paid) AS w "            \
    "  WHERE mrr <> before) "

/* :from, :to and :today stand in the text as numbers. */
static double by_sql(struct house *h, const char *what, i64 from, i64 to, i64 today)
{
    struct sql q = sql_new(h->cx);
    i64 until = to <= today ? to : today + 1, start = from <= today ? from : today + 1;

    sql_add(&q, WORLD);
    if (text_is(what, "mrr") || text_is(what, "subscribers"))
        sql_addf(&q, "SELECT CAST(%s AS BIGINT) FROM paid WHERE day = %lld%s",
                 text_is(what, "mrr") ? "sum(mrr)" : "count(*)", (long long)until - 1,
                 text_is(what, "mrr") ? "" : " AND mrr > 0");
    else if (text_is(what, "mrr_at_start") || text_is(what, "subscribers_at_start"))
        sql_addf(&q, "SELECT CAST(%s AS BIGINT) FROM paid WHERE day = %lld%s",
                 text_is(what, "mrr_at_start") ? "sum(mrr)" : "count(*)", (long long)start - 1,
                 text_is(what, "mrr_at_start") ? "" : " AND mrr > 0");
    else
        sql_addf(&q,
                 "SELECT CAST(coalesce(sum(mrr - before), 0) AS BIGINT), count(*) FROM moved "
                 "WHERE day >= %lld AND day < %lld AND %s",
                 (long long)from, (long long)until,
                 text_is(what, "new_mrr")            ? "before = 0 AND had = 0"
                 : text_is(what, "reactivation_mrr") ? "before = 0 AND had > 0"
                 : text_is(what, "expansion_mrr")    ? "before > 0 AND mrr > before"
                 : text_is(what, "contraction_mrr")  ? "mrr > 0 AND mrr < before"
                                                     : "mrr = 0");
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    if (!stmt_next(&s))
        fail_msg("%s: %s", what, h->cx->error_text);
    double value = (double)col_i64(&s, text_is(what, "subscribers_lost"));
    while (stmt_next(&s))
        ;
    assert_ok(h->cx, stmt_status(&s));
    return value;
}

static void check_period(struct house *h, i64 from, i64 to)
{
    static const char *const plain[] = {
        "mrr",         "mrr_at_start",     "new_mrr",     "expansion_mrr",        "contraction_mrr",
        "churned_mrr", "reactivation_mrr", "subscribers", "subscribers_at_start", "subscribers_lost"
    };
    double v[countof(plain)];
    i64 today = subscription_today(h->cx);

    for (size_t i = 0; i < countof(plain); i++) {
        v[i] = by_sql(h, plain[i], from, to, today);
        double got = ask(h, plain[i], from, to);
        if (got != v[i])
            fail_msg("%s in [%lld, %lld) on %lld: says %f, SQL %f", plain[i], (long long)from,
                     (long long)to, (long long)today, got, v[i]);
    }
    double nrr = ask(h, "nrr", from, to), grr = ask(h, "grr", from, to);
    double lost = ask(h, "subscriber_churn", from, to);
    if (v[1] == 0) {
        assert_true(isnan(nrr) && isnan(grr));
        return;
    }
    assert_true(fabs(nrr - (v[1] + v[3] + v[4] + v[5]) / v[1]) < 1e-9);
    assert_true(fabs(grr - (v[1] + v[4] + v[5]) / v[1]) < 1e-9);
    assert_true(fabs(lost - v[9] / v[8]) < 1e-9);
}

/* ---- cohorts, the same way ---- */
enum { PARTS = 24 };
struct cohort_cell {
    i64 customers, first, left[3]; /* customers, net, gross */
};

/* First day of the so-many-th month of 2026, or of the quarter. */
static i64 part_start(int months, int part)
{
    int month = part * months;

    return date_from_ymd(2026 + month / 12, month % 12 + 1, 1);
}

/* Who first paid in part a, and what is left of that at the end of part z, or today. */
static void cohorts_by_sql(struct house *h, int months, int parts,
                           struct cohort_cell (*cells)[PARTS])
{
    i64 today = subscription_today(h->cx);
    struct sql q = sql_new(h->cx);

    memset(cells, 0, PARTS * sizeof *cells);
    sql_add(&q, WORLD ", part(n, since, until) AS (VALUES ");
    for (int i = 0; i < parts; i++)
        sql_addf(&q, "%s(CAST(%d AS BIGINT), CAST(%lld AS BIGINT), CAST(%lld AS BIGINT))",
                 i ? ", " : "", i, (long long)part_start(months, i),
                 (long long)part_start(months, i + 1));
    sql_addf(&q,
             "), began(company, day) AS (SELECT company, min(day) FROM paid WHERE mrr > 0 AND day "
             "<= %lld GROUP BY company) "
             "SELECT a.n, z.n, count(*), CAST(sum(f.mrr) AS BIGINT), "
             "sum(CASE WHEN p.mrr > 0 THEN 1 ELSE 0 END), CAST(sum(p.mrr) AS BIGINT), "
             "CAST(sum(CASE WHEN p.mrr > f.mrr THEN f.mrr ELSE p.mrr END) AS BIGINT) "
             "FROM began b JOIN paid f ON f.company = b.company AND f.day = b.day "
             "JOIN part a ON b.day >= a.since AND b.day < a.until JOIN part z ON z.n >= a.n "
             "JOIN paid p ON p.company = b.company AND p.day = CASE WHEN z.until - 1 < %lld THEN "
             "z.until - 1 ELSE %lld END GROUP BY a.n, z.n",
             (long long)today, (long long)today, (long long)today);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    while (stmt_next(&s)) {
        struct cohort_cell *c = &cells[col_i64(&s, 0)][col_i64(&s, 1) - col_i64(&s, 0)];
        c->customers = col_i64(&s, 2);
        c->first = col_i64(&s, 3);
        for (int i = 0; i < 3; i++)
            c->left[i] = col_i64(&s, 4 + i);
    }
    assert_ok(h->cx, stmt_status(&s));
}

static void check_cohort(const struct val *row, const struct cohort_cell *cells, int which,
                         int parts, const char *what)
{
    const struct val *list = val_get(row, "cells");
    const char *first = val_get_text(val_at(list, 1), "plain");

    if (strtod(val_get_text(val_at(list, 0), "plain"), NULL) != (double)cells[0].customers ||
        fabs(strtod(first, NULL) * 100 - (double)cells[0].first) > 0.01)
        fail_msg("%s: %s customers with %s, SQL says %lld with %lld", what,
                 val_get_text(val_at(list, 0), "plain"), first, (long long)cells[0].customers,
                 (long long)cells[0].first);
    for (int k = 0; cells[0].customers && k < parts; k++) {
        i64 whole = which == 0 ? cells[k].customers : cells[k].first;
        double want = (double)cells[k].left[which] / (double)whole,
               got = strtod(val_get_text(val_at(list, (size_t)k + 2), "plain"), NULL);
        if (fabs(got - want) > 0.00006)
            fail_msg("%s after %d: %f, SQL says %f", what, k, got, want);
    }
}

/* Returns how many customers there were in all. */
static i64 check_cohorts(struct house *h, const struct person *who, int months)
{
    static const char *const what[] = { "customers", "net", "gross" };
    static struct cohort_cell cells[PARTS][PARTS];
    i64 today = subscription_today(h->cx), all = 0;
    int parts = 0;

    while (parts < PARTS - 1 && part_start(months, parts) <= today)
        parts++;
    cohorts_by_sql(h, months, parts, cells);
    for (int w = 0; w < 3; w++) {
        struct web_response r = house_json(
            h, who, HTTP_GET,
            arena_printf(h->arena, "/api/v1/journeys/cohorts?what=%s&unit=%s&period=2026-01-01..%s",
                         what[w], months == 1 ? "month" : "quarter", date_iso(h->arena, today)),
            NULL);
        house_expect(h, &r, 200);
        const struct val *rows = val_get(val_get(house_val(h, &r), "table"), "rows");
        assert_int_equal(val_count(rows), parts + 1); /* the first is all of them */
        for (int i = 0; i < parts; i++)
            check_cohort(val_at(rows, (size_t)i + 1), cells[i], w, parts - i,
                         arena_printf(h->arena, "%s of part %d of %d months", what[w], i, months));
    }
    for (int i = 0; i < parts; i++)
        all += cells[i][0].customers;
    return all;
}

static void every_figure_is_the_one_of_plain_sql(void **state)
{
    struct house *h = *state;
    i64 companies[COMPANIES];
    u64 seed = 5;

    at(h, "2026-01-05");
    for (int i = 0; i < COMPANIES; i++)
        companies[i] = company(h, arena_printf(h->arena, "Company %d", i));
    live(h, &seed, companies);
    for (int i = 0; i < 5; i++) {
        i64 from = FIRST_DAY + dice(&seed, DAYS);
        check_period(h, from, from + 1 + dice(&seed, 90));
    }
    check_period(h, subscription_today(h->cx) - 10, subscription_today(h->cx) + 100);
    assert_true(check_cohorts(h, house_user(h, "Ada", ""), 1) > 3);
    assert_true(check_cohorts(h, house_user(h, "Ada", ""), 3) > 3);
}

/* ---- terms ---- */
static const struct {
    const char *day;
    int months;
    const char *then;
} months_later[] = {
    { "2026-01-31", 1, "2026-02-28" },   { "2024-01-31", 1, "2024-02-29" },
    { "2024-02-29", 12, "2025-02-28" },  { "2024-02-29", 48, "2028-02-29" },
    { "2026-12-15", 1, "2027-01-15" },   { "2026-11-30", 3, "2027-02-28" },
    { "2026-05-31", 120, "2036-05-31" }, { "2026-03-31", -1, "2026-02-28" },
    { "2026-01-15", -1, "2025-12-15" },  { "2026-01-15", -13, "2024-12-15" },
    { "2026-08-31", 0, "2026-08-31" },
};

static void months_are_added_as_calendars_have_them(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(months_later); i++)
        assert_string_equal(date_iso(h->arena, date_add_months(day_of(months_later[i].day),
                                                               months_later[i].months)),
                            months_later[i].then);
}

static void a_term_renews_or_runs_out(void **state)
{
    struct house *h = *state;
    struct row *goes_on, *runs_out;

    at(h, "2026-01-31");
    goes_on = subscribe(h, company(h, "Acker"), "2026-01-31", 10000, 1);
    assert_int_equal(row_i64(goes_on, SUBSCRIPTION_RENEWS), day_of("2027-01-31"));
    runs_out = subscribe(h, company(h, "Bauer"), "2026-01-31", 10000, 1);
    row_set_i64(runs_out, SUBSCRIPTION_AUTO_RENEW, 0);
    assert_ok(h->cx, record_save(h->cx, runs_out));
    at(h, "2027-01-30");
    run_day(h);
    assert_int_equal(row_i64(again(h, goes_on), SUBSCRIPTION_RENEWS), day_of("2027-01-31"));
    at(h, "2027-01-31");
    run_day(h);
    run_day(h);
    assert_int_equal(row_i64(again(h, goes_on), SUBSCRIPTION_RENEWS), day_of("2028-01-31"));
    assert_string_equal(row_text(again(h, runs_out), SUBSCRIPTION_STATUS), "ended");
    assert_true(ask(h, "mrr", day_of("2027-01-01"), day_of("2027-02-01")) == 10000);
    assert_true(ask(h, "subscribers_lost", day_of("2027-01-01"), day_of("2027-02-01")) == 1);
    assert_status(h->cx, subscription_renew(h->cx, again(h, runs_out), euro(1)), E_CONFLICT);
}

static void a_renewal_may_cost_something_else(void **state)
{
    struct house *h = *state;
    struct row *r;

    at(h, "2026-01-01");
    r = subscribe(h, company(h, "Acker"), "2026-01-01", 120000, 12);
    at(h, "2026-12-10");
    assert_ok(h->cx, subscription_renew(h->cx, again(h, r), euro(132000)));
    assert_int_equal(row_i64(again(h, r), SUBSCRIPTION_RENEWS), day_of("2028-01-01"));
    assert_int_equal(row_money(again(h, r), SUBSCRIPTION_AMOUNT).minor, 120000); /* until then */
    at(h, "2027-01-02");
    run_day(h);
    assert_int_equal(row_money(again(h, r), SUBSCRIPTION_AMOUNT).minor, 132000);
    assert_true(ask(h, "expansion_mrr", day_of("2027-01-01"), day_of("2027-01-02")) == 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(months_are_added_as_calendars_have_them, NULL),
        IN_BOTH_HOUSES(a_half_year_worked_out_by_hand, NULL),
        IN_BOTH_HOUSES(cohorts_are_what_is_left_of_them, NULL),
        IN_BOTH_HOUSES(every_figure_is_the_one_of_plain_sql, NULL),
        IN_BOTH_HOUSES(a_term_renews_or_runs_out, NULL),
        IN_BOTH_HOUSES(a_renewal_may_cost_something_else, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
