/* quota_test.c -- the grid of quotas: what is typed holds for each month, what went on before and
 * after stays as it was; the leaderboard against plain SQL. */
#include "base/id.h"
#include "base/testing.h"
#include "kit/filter.h"
#include "kit/question.h"
#include "support/house.h"
#include <math.h>
#include <stdio.h>

static i64 day_of(const char *iso)
{
    i64 day;

    assert_true(date_parse(str_from(iso), &day));
    return day;
}

static struct row *make(struct house *h, const char *type, const char *const *pairs)
{
    struct row *r = row_new(h->cx, type_find(h->cx, type));

    for (; *pairs; pairs += 2)
        assert_ok(h->cx, row_parse(h->cx, r, type_field(row_type(r), pairs[0]), pairs[1]));
    assert_ok(h->cx, record_save(h->cx, r));
    return r;
}
#define MAKE(type, ...) make(h, type, (const char *const[]){ __VA_ARGS__, NULL })

/* Minor units of one group; -1: nothing. */
static i64 aimed(struct house *h, const char *metric, const char *dimension, i64 id,
                 const char *from, const char *to)
{
    const struct zone *zone = kit_zone(h->cx);
    struct question q = { .metric = metric,
                          .dimension = dimension,
                          .filter = "",
                          .from_ms = zone_instant(zone, day_of(from), 0),
                          .to_ms = zone_instant(zone, day_of(to), 0) };
    struct val *answer;
    const struct val *groups;

    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    groups = val_get(answer, "groups");
    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_get_text(val_at(groups, i), "key"), id_text(h->arena, id)))
            return llround(val_as_double(val_get(val_at(groups, i), "value"), -1));
    return -1;
}

static i64 team_of(struct house *h, i64 user)
{
    struct row *u;

    assert_ok(h->cx, record_get_named(h->cx, "user", user, &u));
    return row_i64(u, type_field(row_type(u), "team_id"));
}

static i64 targets(struct house *h)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, type_find(h->cx, "target"), "", "", 0, &n));
    return n;
}

static void what_is_typed_holds(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue", "Sales");
    const char *id = id_text(h->arena, sue->user_id);
    i64 team = team_of(h, sue->user_id), before;
    struct row *product = MAKE("product", "name", "Gateway");
    struct web_response r;

    MAKE("target", "metric", "revenue", "amount", "9000", "period", "quarter", "from_date",
         "2025-01-01", "person_id", id);
    assert_int_equal(aimed(h, "revenue_target", "owner", sue->user_id, "2026-01-01", "2026-04-01"),
                     900000);
    before = targets(h);
    r = house_post(h, sue, "/quotas",
                   arena_printf(h->arena, "year=2026&p_%s_0=5%%2C000.50&p_%s_1=lots", id, id));
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "5,000.50")); /* nothing that was typed is lost */
    assert_int_equal(targets(h), before);
    r = house_post(h, sue, "/quotas",
                   arena_printf(h->arena,
                                "year=2026&p_%s_0=5%%2C000.50&p_%s_1=6000&p_%s_2=6000&p_%s_3=&t_%s_"
                                "0=20000",
                                id, id, id, id, id_text(h->arena, team)));
    house_expect(h, &r, 303);
    assert_int_equal(aimed(h, "revenue_target", "owner", sue->user_id, "2026-01-01", "2026-02-01"),
                     500050);
    assert_int_equal(aimed(h, "revenue_target", "owner", sue->user_id, "2026-02-01", "2026-04-01"),
                     1200000);
    assert_int_equal(aimed(h, "revenue_target", "owner", sue->user_id, "2026-04-01", "2026-05-01"),
                     -1);
    /* what was shown of the quarter holds for the month: 31 of its 91 days in May */
    assert_int_equal(aimed(h, "revenue_target", "owner", sue->user_id, "2026-05-01", "2026-06-01"),
                     llround(900000.0 * 31 / 91));
    /* before and after it goes on as it did */
    assert_int_equal(aimed(h, "revenue_target", "owner", sue->user_id, "2025-10-01", "2026-01-01"),
                     900000);
    assert_int_equal(aimed(h, "revenue_target", "owner", sue->user_id, "2027-01-01", "2027-04-01"),
                     900000);
    assert_int_equal(
        aimed(h, "revenue_target", "owner_id.team_id", team, "2026-01-01", "2026-02-01"), 2000000);
    before = targets(h);
    r = house_get(h, sue, "/quotas?year=2026");
    assert_true(house_has(&r, "value=\"5000.50\""));
    r = house_post(h, sue, "/quotas",
                   arena_printf(h->arena, "year=2026&p_%s_0=5000.50&p_%s_1=6000", id, id));
    house_expect(h, &r, 303);
    assert_int_equal(targets(h), before); /* the same again changes nothing */
    r = house_post(h, sue, "/quotas",
                   arena_printf(h->arena, "year=2026&of=products&x_%s_11=700",
                                id_text(h->arena, row_id(product))));
    house_expect(h, &r, 303);
    assert_int_equal(aimed(h, "product_revenue_target", "product_id", row_id(product), "2026-12-01",
                           "2027-01-01"),
                     70000);
}

static void the_leaderboard_is_that_of_plain_sql(void **state)
{
    struct house *h = *state;
    struct person *admin = house_user(h, "Admin", ""), *who[4];
    struct row *boss;
    struct web_response r;
    const struct val *page, *people, *managers;
    u32 seed = 5;

    for (int i = 0; i < 4; i++) {
        who[i] = house_user(h, arena_printf(h->arena, "Seller %d", i), "Sales");
        MAKE("target", "metric", "revenue", "amount", arena_printf(h->arena, "%d000", i + 3),
             "period", "month", "from_date", "2026-01-01", "person_id",
             id_text(h->arena, who[i]->user_id));
        if (i == 0)
            continue;
        assert_ok(h->cx, record_get_named(h->cx, "user", who[i]->user_id, &boss));
        row_set_i64(boss, type_field(row_type(boss), "manager_id"), who[i / 2]->user_id);
        assert_ok(h->cx, record_save(h->cx, boss));
    }
    for (int i = 0; i < 24; i++) {
        seed = seed * 1664525u + 1013904223u;
        struct row *d = MAKE("deal", "name", arena_printf(h->arena, "Deal %d", i), "owner_id",
                             id_text(h->arena, who[i % 4]->user_id), "amount",
                             arena_printf(h->arena, "%u", 100 + (seed >> 8) % 900));
        r = house_post(h, admin,
                       arena_printf(h->arena, "/deals/%s/won", id_text(h->arena, row_id(d))), "");
        house_expect(h, &r, 303);
    }
    r = house_json(h, admin, HTTP_GET, "/leaderboard?unit=month&day=2026-11-20", NULL);
    house_expect(h, &r, 200);
    page = house_val(h, &r);
    people = val_get(page, "people");
    managers = val_get(page, "managers");
    assert_int_equal(val_count(people), 4);
    assert_int_equal(val_count(managers), 2); /* 0 has 1, and by 1 also 2 and 3 */
    assert_non_null(strstr(val_get_text(val_at(managers, 0), "text"), "Seller 0 and 3 people"));
    for (int i = 0; i < 4; i++) {
        struct sql q = sql_new(h->cx);
        char want[32] = "";
        bool found = false;
        sql_add(&q, "SELECT CAST(SUM(amount_base_minor) AS BIGINT) FROM deal WHERE status = 'won' "
                    "AND owner_id = ");
        sql_i64(&q, who[i]->user_id);
        scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
        assert_true(stmt_next(&s));
        snprintf(want, sizeof want, "%.0f %%", round((double)col_i64(&s, 0) / ((i + 3) * 1000.0)));
        for (size_t k = 0; k < val_count(people); k++)
            if (text_is(val_get_text(val_at(people, k), "text"),
                        arena_printf(h->arena, "Seller %d", i))) {
                assert_string_equal(val_get_text(val_at(people, k), "reached"), want);
                found = true;
            }
        assert_true(found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(what_is_typed_holds, NULL),
        IN_BOTH_HOUSES(the_leaderboard_is_that_of_plain_sql, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
