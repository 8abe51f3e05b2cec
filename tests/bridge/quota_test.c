/* quota_test.c -- quotas and attainment of a random half year, held against plain SQL over deals
 * and targets as they lie in their tables. */
#include "base/id.h"
#include "base/testing.h"
#include "kit/filter.h"
#include "kit/question.h"
#include "support/house.h"
#include <math.h>
#include <stdlib.h>

enum { SELLERS = 4, DEALS = 60, FIRST_MONTH = 5 /* June */, MONTHS = 6, DAYS = 183 };

static u64 seed;
static u32 dice(u32 sides)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (u32)(seed >> 33) % sides;
}

static i64 month_start(int month) { return date_from_ymd(2026 + month / 12, month % 12 + 1, 1); }

static void set(struct house *h, struct row *r, const char *field, const char *text)
{
    assert_ok(h->cx, row_parse(h->cx, r, type_field(row_type(r), field), text));
}

static const char *id(struct house *h, i64 n) { return id_text(h->arena, n); }

static const char *stage(struct house *h, const char *name)
{
    struct list_page page;

    assert_ok(h->cx,
              list_run(h->cx, type_find(h->cx, "stage"),
                       &(struct list_query){
                           .filter = arena_printf(
                               h->arena, "name = '%s' and pipeline_id.is_default is true", name) },
                       &page));
    assert_int_equal(page.count, 1);
    return id(h, row_id(page.rows[0]));
}

/* ---- what happened ---- */
static void sell(struct house *h, const i64 *sellers, int n)
{
    struct row *r = row_new(h->cx, type_find(h->cx, "deal"));
    i64 opened = month_start(FIRST_MONTH) * MS_DAY + (i64)dice(DAYS * 24) * MS_HOUR;
    u32 fate = dice(10);

    h->clock->fixed_ms = opened;
    set(h, r, "name", arena_printf(h->arena, "Deal %d", n));
    set(h, r, "amount", arena_printf(h->arena, "%u.%02u EUR", dice(20000), n));
    set(h, r, "owner_id", id(h, sellers[dice(SELLERS)]));
    assert_ok(h->cx, record_save(h->cx, r));
    if (fate == 0)
        return; /* stays open */
    h->clock->fixed_ms = opened + (i64)dice(40 * 24) * MS_HOUR;
    set(h, r, "stage_id", stage(h, fate < 3 ? "Lost" : "Won"));
    if (fate < 3)
        set(h, r, "lost_reason", "price");
    assert_ok(h->cx, record_save(h->cx, r));
    h->clock->fixed_ms += (i64)dice(20 * 24) * MS_HOUR;
    if (fate == 3) { /* and a colleague's, later */
        set(h, r, "owner_id", id(h, sellers[dice(SELLERS)]));
        assert_ok(h->cx, record_save(h->cx, r));
    } else if (fate == 4) {
        assert_ok(h->cx, record_delete(h->cx, r));
    }
}

/* person_id 0: of the whole. */
static void aim(struct house *h, i64 person_id, const char *period, int month, int until)
{
    struct row *r = row_new(h->cx, type_find(h->cx, "target"));

    set(h, r, "metric", "revenue");
    set(h, r, "amount", arena_printf(h->arena, "%u", 500 * (1 + dice(60))));
    set(h, r, "period", period);
    set(h, r, "from_date", date_iso(h->arena, month_start(month)));
    if (until)
        set(h, r, "until_date", date_iso(h->arena, month_start(until) - 1));
    if (person_id)
        set(h, r, "person_id", id(h, person_id));
    assert_ok(h->cx, record_save(h->cx, r));
}

static void tell(struct house *h, i64 *sellers)
{
    seed = 11;
    assert_ok(h->cx, setting_save(h->cx, "workspace.zone", "UTC"));
    for (int i = 0; i < SELLERS; i++)
        sellers[i] = house_user(h, arena_printf(h->arena, "Seller %d", i), "Sales")->user_id;
    for (int i = 0; i < DEALS; i++)
        sell(h, sellers, i);
    aim(h, sellers[0], "month", FIRST_MONTH, 0);                   /* raised in the third month, */
    aim(h, sellers[0], "month", FIRST_MONTH + 2, FIRST_MONTH + 5); /* and none in the last */
    aim(h, sellers[1], "quarter", FIRST_MONTH + 1, 0);
    aim(h, sellers[2], "year", 0, 0);
    aim(h, 0, "month", FIRST_MONTH + 1, 0); /* of the whole: what persons have is not added up */
    h->clock->fixed_ms = month_start(FIRST_MONTH + MONTHS + 3) * MS_DAY;
}

/* ---- plain SQL ---- */
static double number(struct house *h, const char *text)
{
    struct sql q = sql_new(h->cx);
    double value = NAN;

    sql_add(&q, text);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    if (stmt_next(&s) && !col_null(&s, 0))
        value = col_double(&s, 0);
    assert_ok(h->cx, stmt_status(&s));
    return value;
}

static const char *whose(struct house *h, const char *column, i64 person, const char *whole)
{
    return person ? arena_printf(h->arena, "%s = %lld", column, (long long)person) : whole;
}

/* Minor units; NAN: nothing was won. */
static double won(struct house *h, i64 person, i64 from, i64 to)
{
    return number(h, arena_printf(h->arena,
                                  "SELECT CAST(sum(amount_base_minor) AS DOUBLE PRECISION) FROM "
                                  "deal WHERE status = 'won' AND deleted_at IS NULL AND closed_at "
                                  ">= %lld AND closed_at < %lld AND %s",
                                  (long long)(from * MS_DAY), (long long)(to * MS_DAY),
                                  whose(h, "owner_id", person, "1 = 1")));
}

/* The quota of a whole month, minor units; NAN: none. Of a quarter's and a year's amount the part
 * that the month's days are. */
static double quota(struct house *h, i64 person, int month)
{
    i64 from = month_start(month), to = month_start(month + 1),
        quarter = month_start(month / 3 * 3), quarter_to = month_start(month / 3 * 3 + 3);

    return number(
        h, arena_printf(
               h->arena,
               "SELECT amount * (CASE period WHEN 'month' THEN 1.0 WHEN 'quarter' THEN %lld.0 / "
               "%lld ELSE %lld.0 / 365 END) FROM target WHERE metric = 'revenue' AND %s AND "
               "from_date <= %lld AND (until_date IS NULL OR until_date >= %lld) AND from_date = "
               "(SELECT max(from_date) FROM target WHERE metric = 'revenue' AND %s AND from_date "
               "<= %lld)",
               (long long)(to - from), (long long)(quarter_to - quarter), (long long)(to - from),
               whose(h, "person_id", person, "person_id IS NULL"), (long long)from, (long long)from,
               whose(h, "person_id", person, "person_id IS NULL"), (long long)from));
}

/* ---- what the program says ---- */
static const struct val *ask(struct house *h, const struct person *who, const char *metric,
                             const char *more, int month)
{
    struct web_response r =
        house_json(h, who, HTTP_GET,
                   arena_printf(h->arena, "/api/v1/question?metric=%s%s&period=%s..%s", metric,
                                more, date_iso(h->arena, month_start(month)),
                                date_iso(h->arena, month_start(month + 1) - 1)),
                   NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

/* Money is whole minor units; of a quota that is a part of a longer one, too. */
static double within(const char *what, double want)
{
    return strncmp(what, "quota", 5) == 0 ? 0.5 : 0.000001 + want * 1e-5;
}

static void same(const char *what, int month, const struct val *got, double want)
{
    bool none = got == NULL || val_is_null(got);

    if (none ? !isnan(want) : !(fabs(val_as_double(got, NAN) - want) <= within(what, want)))
        fail_msg("%s of month %d: %f, SQL says %f", what, month + 1,
                 none ? NAN : val_as_double(got, NAN), want);
}

static const struct val *group(struct house *h, const struct val *answer, i64 person)
{
    const struct val *groups = val_get(answer, "groups");

    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_get_text(val_at(groups, i), "key"), id(h, person)))
            return val_at(groups, i);
    return NULL;
}

/* How many attainments there were. */
static int check_month(struct house *h, const struct person *who, const i64 *sellers, int month)
{
    i64 from = month_start(month), to = month_start(month + 1);
    const struct val *revenue = ask(h, who, "revenue", "&dimension=owner", month),
                     *attained = ask(h, who, "quota_attainment", "&dimension=owner", month),
                     *whole = ask(h, who, "revenue", "", month);
    double all = won(h, 0, from, to), aimed = quota(h, 0, month);
    int count = 0;

    all = isnan(all) ? 0 : all;
    same("revenue", month, val_get(whole, "value"), all);
    same("quota", month, val_get(whole, "target"), aimed);
    same("attainment", month, val_get(whole, "attainment"), all / aimed);
    same("attainment as a metric", month,
         val_get(ask(h, who, "quota_attainment", "", month), "value"), all / aimed);
    for (int i = 0; i < SELLERS; i++) {
        const struct val *sold = group(h, revenue, sellers[i]),
                         *part = group(h, attained, sellers[i]);
        double has = won(h, sellers[i], from, to), shall = quota(h, sellers[i], month);
        if (sold) {
            same("revenue of one", month, val_get(sold, "value"), isnan(has) ? 0 : has);
            same("quota of one", month, val_get(sold, "target"), shall);
        } else {
            assert_true(isnan(has)); /* whoever sold stands there */
        }
        if (isnan(shall))
            continue;
        has = isnan(has) ? 0 : has;
        same("attainment of one", month, part ? val_get(part, "value") : NULL, has / shall);
        count++;
    }
    return count;
}

static void quotas_are_those_of_plain_sql(void **state)
{
    struct house *h = *state;
    const struct person *boss;
    i64 sellers[SELLERS];
    int count = 0;

    tell(h, sellers);
    boss = house_user(h, "Bea", "");
    for (int m = 0; m < MONTHS; m++)
        count += check_month(h, boss, sellers, FIRST_MONTH + m);
    assert_int_equal(count, 5 + 5 + 6); /* of the three who have a quota */
}

int main(void)
{
    const struct CMUnitTest tests[] = { IN_BOTH_HOUSES(quotas_are_those_of_plain_sql, NULL) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
