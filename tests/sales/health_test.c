/* health_test.c -- the health of customers: each point by hand, as things happen and time passes;
 * what begins when it falls, and what ends. */
#include "base/id.h"
#include "base/testing.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/question.h"
#include "sales/health.h"
#include "sales/invoice.h"
#include "sales/subscription.h"
#include "support/house.h"
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

static struct row *make(struct house *h, const char *type, const char *const *pairs)
{
    struct row *r = row_new(h->cx, type_find(h->cx, type));

    for (; *pairs; pairs += 2)
        assert_ok(h->cx, row_parse(h->cx, r, type_field(row_type(r), pairs[0]), pairs[1]));
    assert_ok(h->cx, record_save(h->cx, r));
    return r;
}
#define MAKE(type, ...) make(h, type, (const char *const[]){ __VA_ARGS__, NULL })

static const char *id_of(struct house *h, const struct row *r)
{
    return id_text(h->arena, row_id(r));
}

static void count_all(struct house *h)
{
    struct job_run run = { .cx = h->cx };

    assert_ok(h->cx, kit_job(h->kit, "health.all")->run(&run));
}

/* The health record of a company; NULL: none. */
static struct row *health_of(struct house *h, const struct row *company)
{
    struct list_page page;
    struct list_query lq = { .filter =
                                 arena_printf(h->arena, "company_id = '%s'", id_of(h, company)) };

    assert_ok(h->cx, list_run(h->cx, &health_type, &lq, &page));
    assert_true(page.count <= 1);
    return page.count ? page.rows[0] : NULL;
}

static void stands(struct house *h, const struct row *company, i64 score, const char *band)
{
    struct row *r = health_of(h, company), *now;

    assert_non_null(r);
    if (row_i64(r, HEALTH_SCORE) != score)
        fail_msg("%lld of 100, by hand %lld: %s", (long long)row_i64(r, HEALTH_SCORE),
                 (long long)score, row_text(r, HEALTH_WHY));
    assert_string_equal(row_text(r, HEALTH_BAND), band);
    assert_ok(h->cx, record_get(h->cx, &company_type, row_id(company), &now));
    assert_string_equal(row_text(now, COMPANY_HEALTH), band);
    assert_int_equal(row_i64(now, COMPANY_HEALTH_SCORE), score);
}

static i64 count(struct house *h, const char *type, const char *filter)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, type_find(h->cx, type), filter, "", 0, &n));
    return n;
}

/* One who pays 1,200 a year since January, and is overdue since May. */
static struct row *customer(struct house *h, const char *name)
{
    struct row *c = MAKE("company", "name", name);

    MAKE("subscription", "company_id", id_of(h, c), "name", "Plan", "amount", "1200 EUR", "months",
         "12", "started_on", "2026-01-01");
    return c;
}

static void each_point_says_why(void **state)
{
    struct house *h = *state;
    struct person *who = house_user(h, "Sue", "Service");
    struct row *c, *contact, *invoice;
    struct web_response r;

    at(h, "2026-06-01");
    c = customer(h, "Acker");
    contact = MAKE("contact", "last_name", "Meier", "email", "m@acker.example", "company_id",
                   id_of(h, c));
    invoice = MAKE("invoice", "company_id", id_of(h, c), "net", "100 EUR", "issued_on",
                   "2026-04-01", "due_on", "2026-05-20");
    count_all(h);
    /* 65, nobody was here -15, overdue -10, nobody spoke to them -10 */
    stands(h, c, 30, "critical");
    assert_int_equal(row_money(health_of(h, c), HEALTH_ARR).minor, 120000);
    assert_int_equal(row_i64(health_of(h, c), HEALTH_RENEWS), day_of("2027-01-01"));
    assert_non_null(strstr(row_text(health_of(h, c), HEALTH_WHY), "Nobody was here in 90 days"));
    /* the same without an hour's job: what happens is heard */
    MAKE("activity", "kind", "note", "subject", "Hello", "company_id", id_of(h, c));
    MAKE("nps_answer", "contact_id", id_of(h, contact), "score", "10", "answered_on", "2026-06-01");
    MAKE("payment", "invoice_id", id_of(h, invoice), "amount", "100 EUR", "received_on",
         "2026-06-01");
    assert_int_equal(count(h, "customer_health", "score = 30"), 1);
    {
        struct val *payload = val_map(h->arena);
        struct job_run run = { .cx = h->cx, .payload = payload };
        i64 waiting;
        assert_ok(h->cx, db_get_i64(h->cx, &waiting, "health.known", I64("company", row_id(c))));
        assert_int_equal(waiting, 1);
        val_put_i64(payload, "company", row_id(c));
        assert_ok(h->cx, kit_job(h->kit, "health.company")->run(&run));
    }
    /* 65 - 15, a promoter +10, spoken to +5, pays on time +5 */
    stands(h, c, 70, "healthy");
    r = house_get(h, who, arena_printf(h->arena, "/customer-health/%s", id_of(h, health_of(h, c))));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "A promoter (NPS)"));
    assert_true(house_has(&r, "An invoice is overdue")); /* among what gave none */
    /* the same, a year on: nothing of it is news any more, and 30 days ago it was */
    assert_int_equal(row_i64(health_of(h, c), HEALTH_CHANGE), 40);
    at(h, "2026-06-25");
    count_all(h);
    stands(h, c, 70, "healthy");
    at(h, "2026-12-30");
    count_all(h);
    stands(h, c, 40, "at_risk"); /* 65 - 15 - 10 */
    assert_int_equal(row_i64(health_of(h, c), HEALTH_CHANGE), -30);
    assert_int_equal(count(h, "contact", "company_id.health = 'at_risk'"), 1);
    assert_int_equal(count(h, "company", "health_score < 50"), 1);
}

static void a_fall_begins_a_play(void **state)
{
    struct house *h = *state;
    struct person *who = house_user(h, "Sue", "Sales");
    struct row *c, *sub;
    struct web_response r;
    struct list_page page;
    const char *path;

    at(h, "2026-06-01");
    c = customer(h, "Acker");
    row_set_i64(c, COMPANY_OWNER, who->user_id);
    assert_ok(h->cx, record_save(h->cx, c));
    MAKE("contact", "last_name", "Meier", "email", "m@acker.example", "company_id", id_of(h, c));
    assert_ok(h->cx, list_run(h->cx, &contact_type, &(struct list_query){ 0 }, &page));
    MAKE("buying_role", "contact_id", id_of(h, page.rows[0]), "role", "decision_maker");
    MAKE("activity", "kind", "note", "subject", "Hello", "company_id", id_of(h, c));
    assert_ok(h->cx, setting_save(h->cx, "health.start", "85"));
    count_all(h);
    stands(h, c, 75, "healthy"); /* 85 - 15 + 5 */
    assert_int_equal(count(h, "play_run", ""), 0);
    MAKE("invoice", "company_id", id_of(h, c), "net", "100 EUR", "issued_on", "2026-04-01",
         "due_on", "2026-05-20");
    count_all(h);
    stands(h, c, 65, "at_risk");
    assert_int_equal(count(h, "play_run", "status = 'running' and to_band = 'at_risk'"), 1);
    assert_int_equal(count(h, "activity", "kind = 'task' and done is false"), 3);
    assert_int_equal(count(h, "activity", "kind = 'task' and contact_id.last_name = 'Meier'"), 3);
    r = house_get(h, who, "/notifications");
    assert_true(house_has(&r, "health fell to 65"));
    count_all(h); /* it fell once */
    assert_int_equal(count(h, "play_run", ""), 1);
    /* an outcome by hand */
    assert_ok(h->cx, list_run(h->cx, &play_run_type, &(struct list_query){ 0 }, &page));
    path = arena_printf(h->arena, "/play-runs/%s/end", id_of(h, page.rows[0]));
    r = house_post(h, who, path, "status=running");
    house_expect(h, &r, 422);
    r = house_post(h, who, path, "status=saved&outcome=They+pay+now");
    house_expect(h, &r, 303);
    assert_int_equal(count(h, "play_run", "status = 'saved' and ended_on = 2026-06-01"), 1);
    /* worse still: another begins, and ends as lost with the last subscription */
    assert_ok(h->cx, setting_save(h->cx, "health.start", "50"));
    count_all(h);
    stands(h, c, 30, "critical");
    assert_int_equal(count(h, "play_run", "status = 'running'"), 1);
    assert_ok(h->cx, list_run(h->cx, &subscription_type, &(struct list_query){ 0 }, &page));
    sub = page.rows[0];
    row_set_i64(sub, SUBSCRIPTION_ENDS, day_of("2026-06-01"));
    row_set_text(sub, SUBSCRIPTION_REASON, "price");
    assert_ok(h->cx, record_save(h->cx, sub));
    count_all(h);
    assert_null(health_of(h, c));
    assert_int_equal(count(h, "play_run", "status = 'lost'"), 1);
    assert_int_equal(count(h, "company", "health is not empty"), 0);
}

/* Many rules and companies, against the same said in plain SQL. */
static void the_rules_are_those_of_plain_sql(void **state)
{
    struct house *h = *state;
    u32 seed = 3;
    struct list_page page;

    at(h, "2026-06-01");
    for (int i = 0; i < 30; i++) {
        struct row *c = customer(h, arena_printf(h->arena, "Firm %d", i));
        for (int k = 0; k < 3; k++) {
            seed = seed * 1664525u + 1013904223u;
            MAKE("nps_answer", "company_id", id_of(h, c), "score",
                 arena_printf(h->arena, "%u", (seed >> 8) % 11), "answered_on", "2026-05-01");
        }
    }
    count_all(h);
    assert_ok(h->cx, list_run(h->cx, &health_type, &(struct list_query){ .limit = 100 }, &page));
    assert_int_equal(page.count, 30);
    for (size_t i = 0; i < page.count; i++) {
        struct sql q = sql_new(h->cx);
        sql_add(&q, "SELECT 65 - 15 - 10"
                    " + CASE WHEN EXISTS (SELECT 1 FROM nps_answer n WHERE n.company_id ="
                    " c.company_id AND n.score >= 9) THEN 10 ELSE 0 END"
                    " - CASE WHEN EXISTS (SELECT 1 FROM nps_answer n WHERE n.company_id ="
                    " c.company_id AND n.score <= 6) THEN 20 ELSE 0 END"
                    " FROM customer_health c WHERE c.id = ");
        sql_i64(&q, row_id(page.rows[i]));
        scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
        assert_true(stmt_next(&s));
        assert_int_equal(row_i64(page.rows[i], HEALTH_SCORE), col_i64(&s, 0));
    }
}

static double ask(struct house *h, const char *metric)
{
    const struct zone *zone = kit_zone(h->cx);
    struct question q = { .metric = metric,
                          .from_ms = zone_instant(zone, day_of("2026-05-01"), 0),
                          .to_ms = zone_instant(zone, day_of("2026-06-01"), 0) };
    struct val *answer;

    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    return val_as_double(val_get(answer, "value"), -1e18);
}

static void nps_and_lifetime_value_by_hand(void **state)
{
    static const char *const scores[] = { "10", "9", "9", "8", "7", "6", "0" };
    struct house *h = *state;
    struct row *c;

    at(h, "2026-05-15");
    c = customer(h, "Acker");
    for (size_t i = 0; i < countof(scores); i++)
        MAKE("nps_answer", "company_id", id_of(h, c), "score", scores[i]);
    at(h, "2026-06-01");
    assert_true(ask(h, "nps") > 100.0 / 7 - 1e-9 && ask(h, "nps") < 100.0 / 7 + 1e-9);
    /* who pays 100.00 a month for ever is of no finite value: nothing is said */
    assert_true(ask(h, "lifetime_value") < -1e17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(each_point_says_why, NULL),
        IN_BOTH_HOUSES(a_fall_begins_a_play, NULL),
        IN_BOTH_HOUSES(the_rules_are_those_of_plain_sql, NULL),
        IN_BOTH_HOUSES(nps_and_lifetime_value_by_hand, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
