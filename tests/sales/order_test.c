/* order_test.c -- what follows when a deal is won: its order, subscriptions and their renewals;
 * and what follows when it was not won after all. */
#include "base/id.h"
#include "base/testing.h"
#include "kit/question.h"
#include "sales/deal.h"
#include "sales/order.h"
#include "sales/quote_int.h"
#include "sales/subscription.h"
#include "support/house.h"

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

/* A record from names and values, as a form would post them; ended by NULL. */
static i64 make(struct house *h, const char *type, ...)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);
    const char *name;
    va_list ap;

    va_start(ap, type);
    while ((name = va_arg(ap, const char *)) != NULL)
        assert_ok(h->cx, row_parse(h->cx, r, type_field(t, name), va_arg(ap, const char *)));
    va_end(ap);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static const char *id_of(struct house *h, i64 id) { return id_text(h->arena, id); }

static struct row *get(struct house *h, const struct record_type *t, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, t, id, &r));
    return r;
}

/* All of a type that pass the filter, the oldest first. */
static struct list_page listed(struct house *h, const struct record_type *t, const char *filter)
{
    struct list_query q = { .filter = filter, .sort = "created_at", .limit = 50 };
    struct list_page page;

    assert_ok(h->cx, list_run(h->cx, t, &q, &page));
    return page;
}

static void move(struct house *h, i64 deal_id, const char *stage)
{
    struct row *deal = get(h, &deal_type, deal_id);
    struct list_page stages = listed(h, type_find(h->cx, "stage"),
                                     arena_printf(h->arena, "name = '%s' and pipeline_id = '%s'",
                                                  stage, id_of(h, row_i64(deal, DEAL_PIPELINE))));

    assert_int_equal(stages.count, 1);
    row_set_i64(deal, DEAL_STAGE, row_id(stages.rows[0]));
    if (text_is(stage, "Lost") || text_is(stage, "Not renewed"))
        row_set_text(deal, DEAL_LOST_REASON, "price");
    assert_ok(h->cx, record_save(h->cx, deal));
}

/* Two lines once, a yearly and a monthly one, an option that was not chosen; 10 % off all. */
static i64 sold(struct house *h)
{
    i64 company = make(h, "company", "name", "Acker", NULL), deal, quote;
    struct row *r;

    at(h, "2026-11-23");
    deal = make(h, "deal", "name", "Sensors for Acker", "company_id", id_of(h, company), NULL);
    quote = make(h, "quote", "deal_id", id_of(h, deal), "currency", "EUR", "discount_percent", "10",
                 NULL);
    const char *of = id_of(h, quote);
    make(h, "quote_line", "quote_id", of, "name", "Sensor", "quantity", "4", "unit_price", "250",
         NULL);
    make(h, "quote_line", "quote_id", of, "name", "Set-up", "quantity", "1", "unit_price", "500",
         NULL);
    make(h, "quote_line", "quote_id", of, "name", "Plan", "quantity", "1", "unit_price", "1200",
         "months", "12", NULL);
    make(h, "quote_line", "quote_id", of, "name", "SIM cards", "quantity", "4", "unit_price", "5",
         "months", "1", NULL);
    make(h, "quote_line", "quote_id", of, "name", "Training", "quantity", "1", "unit_price", "900",
         "optional", "true", NULL);
    r = get(h, &quote_type, quote);
    assert_ok(h->cx, quote_mark_sent(h->cx, r));
    r = get(h, &quote_type, quote);
    assert_ok(h->cx, quote_accept(h->cx, r, NULL, 0, "Anna Acker", "192.0.2.1"));
    return deal;
}

static void a_won_deal_is_an_order_with_its_subscriptions(void **state)
{
    static const struct {
        const char *name;
        i64 months, minor;
    } want[] = { { "Sensor", 0, 90000 },
                 { "Set-up", 0, 45000 },
                 { "Plan", 12, 108000 },
                 { "SIM cards", 1, 1800 } };
    struct house *h = *state;
    i64 deal = sold(h);
    struct list_page orders, lines, subs, renewals;

    assert_int_equal(listed(h, &order_type, "").count, 0);
    move(h, deal, "Won");
    orders = listed(h, &order_type, "");
    assert_int_equal(orders.count, 1);
    assert_string_equal(row_text(orders.rows[0], ORDER_NUMBER), "O-2026-0001");
    assert_int_equal(row_money(orders.rows[0], ORDER_NET).minor, 244800);
    lines = listed(h, &order_line_type, "");
    assert_int_equal(lines.count, countof(want));
    for (size_t i = 0; i < countof(want); i++) {
        assert_string_equal(row_text(lines.rows[i], ORDER_LINE_NAME), want[i].name);
        assert_int_equal(row_i64(lines.rows[i], ORDER_LINE_MONTHS), want[i].months);
        assert_int_equal(row_money(lines.rows[i], ORDER_LINE_AMOUNT).minor, want[i].minor);
        assert_int_equal(row_has(lines.rows[i], ORDER_LINE_SUBSCRIPTION), want[i].months > 0);
    }
    subs = listed(h, &subscription_type, "");
    assert_int_equal(subs.count, 2);
    assert_int_equal(row_money(subs.rows[0], SUBSCRIPTION_MRR).minor, 9000);
    assert_int_equal(row_money(subs.rows[1], SUBSCRIPTION_MRR).minor, 1800);
    /* and what renews stands in next year's pipeline */
    renewals = listed(h, &deal_type,
                      "pipeline_id.is_renewal is true and close_date >= 2027-01-01 and "
                      "close_date <= 2027-12-31 and status = 'open'");
    assert_int_equal(renewals.count, 2);
    assert_string_equal(row_text(renewals.rows[0], DEAL_NAME), "Renewal 2027: Plan");
    assert_int_equal(row_money(renewals.rows[0], DEAL_AMOUNT).minor, 108000);
    assert_int_equal(row_money(renewals.rows[1], DEAL_AMOUNT).minor, 12 * 1800);
    move(h, deal, "Negotiation");
    move(h, deal, "Won"); /* a slip of the hand: once is enough */
    assert_int_equal(listed(h, &order_type, "status = 'cancelled'").count, 1);
    assert_int_equal(listed(h, &order_type, "status = 'open'").count, 1);
    assert_int_equal(listed(h, &subscription_type, "status = 'active'").count, 2);
    assert_int_equal(
        listed(h, &deal_type, "pipeline_id.is_renewal is true and status = 'open'").count, 2);
    assert_int_equal(listed(h, &deal_type, "pipeline_id.is_renewal is true").count, 2);
}

static void without_a_quote_the_amount_is_ordered(void **state)
{
    struct house *h = *state;
    i64 deal = make(h, "deal", "name", "Hand sale", "amount", "450", NULL);
    struct list_page lines;

    move(h, deal, "Won");
    lines = listed(h, &order_line_type, "");
    assert_int_equal(lines.count, 1);
    assert_int_equal(row_money(lines.rows[0], ORDER_LINE_AMOUNT).minor, 45000);
    assert_int_equal(listed(h, &subscription_type, "").count, 0);
    struct row *r = get(h, &deal_type, deal);
    row_set_text(r, DEAL_NEXT_STEP, "Say thanks");
    assert_ok(h->cx, record_save(h->cx, r));
    assert_int_equal(listed(h, &order_type, "status = 'open'").count, 1);
}

static struct row *subscription_named(struct house *h, const char *name)
{
    struct list_page page =
        listed(h, &subscription_type, arena_printf(h->arena, "name = '%s'", name));

    assert_int_equal(page.count, 1);
    return page.rows[0];
}

/* A renewal that is won goes on at its amount, one that is lost runs out; neither is ordered as
 * something new, and the next one follows. */
static void renewals_are_won_and_lost(void **state)
{
    struct house *h = *state;
    struct row *plan, *cards, *renewal;

    move(h, sold(h), "Won");
    at(h, "2027-11-01");
    plan = subscription_named(h, "Plan");
    cards = subscription_named(h, "SIM cards");
    renewal = get(h, &deal_type, row_i64(plan, SUBSCRIPTION_RENEWAL));
    row_set_money(renewal, DEAL_AMOUNT, (struct money){ 120000, "EUR" });
    assert_ok(h->cx, record_save(h->cx, renewal));
    move(h, row_id(renewal), "Renewed");
    move(h, row_i64(cards, SUBSCRIPTION_RENEWAL), "Not renewed");
    assert_int_equal(listed(h, &order_type, "").count, 1);
    plan = subscription_named(h, "Plan");
    assert_int_equal(row_i64(plan, SUBSCRIPTION_RENEWS), day_of("2028-11-23"));
    renewal = get(h, &deal_type, row_i64(plan, SUBSCRIPTION_RENEWAL));
    assert_string_equal(row_text(renewal, DEAL_NAME), "Renewal 2028: Plan");
    cards = subscription_named(h, "SIM cards");
    assert_string_equal(row_text(cards, SUBSCRIPTION_STATUS), "cancelled");
    assert_int_equal(row_i64(cards, SUBSCRIPTION_ENDS), day_of("2027-11-23"));
    assert_string_equal(row_text(cards, SUBSCRIPTION_REASON), "price");
    at(h, "2027-11-23");
    struct job_run run = { .cx = h->cx };
    assert_ok(h->cx, kit_job(h->kit, "subscription.day")->run(&run));
    plan = subscription_named(h, "Plan");
    assert_int_equal(row_money(plan, SUBSCRIPTION_MRR).minor, 10000);
    assert_int_equal(row_money(get(h, &deal_type, row_id(renewal)), DEAL_AMOUNT).minor, 120000);
}

/* Nobody said anything: it renews by itself on the day, and its deal is won with it. */
static void silence_renews(void **state)
{
    struct house *h = *state;
    struct job_run run = { .cx = h->cx };
    i64 renewal;

    move(h, sold(h), "Won");
    renewal = row_i64(subscription_named(h, "Plan"), SUBSCRIPTION_RENEWAL);
    at(h, "2027-11-24");
    assert_ok(h->cx, kit_job(h->kit, "subscription.day")->run(&run));
    assert_string_equal(row_text(get(h, &deal_type, renewal), DEAL_STATUS), "won");
    assert_int_equal(row_i64(subscription_named(h, "Plan"), SUBSCRIPTION_RENEWS),
                     day_of("2028-11-23"));
    assert_int_equal(listed(h, &order_type, "").count, 1);
    assert_int_equal(
        listed(h, &deal_type, "pipeline_id.is_renewal is true and status = 'open'").count, 2);
}

/* Cancelled by hand: the deal of the renewal is lost with it. */
static void a_cancelled_one_is_a_lost_renewal(void **state)
{
    struct house *h = *state;
    struct row *plan, *renewal;

    move(h, sold(h), "Won");
    plan = subscription_named(h, "Plan");
    row_set_i64(plan, SUBSCRIPTION_ENDS, day_of("2027-03-01"));
    row_set_text(plan, SUBSCRIPTION_REASON, "competitor");
    assert_ok(h->cx, record_save(h->cx, plan));
    renewal = get(h, &deal_type, row_i64(subscription_named(h, "Plan"), SUBSCRIPTION_RENEWAL));
    assert_string_equal(row_text(renewal, DEAL_STATUS), "lost");
    assert_string_equal(row_text(renewal, DEAL_LOST_REASON), "competitor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_won_deal_is_an_order_with_its_subscriptions, NULL),
        IN_BOTH_HOUSES(without_a_quote_the_amount_is_ordered, NULL),
        IN_BOTH_HOUSES(renewals_are_won_and_lost, NULL),
        IN_BOTH_HOUSES(silence_renews, NULL),
        IN_BOTH_HOUSES(a_cancelled_one_is_a_lost_renewal, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
