/* statement_test.c -- commission statements of deals and payments: worked by hand, approved and
 * then unchanged, taken back, seen by whom they concern. */
#include "base/id.h"
#include "base/testing.h"
#include "kit/filter.h"
#include "sales/commission_plan.h"
#include "sales/deal.h"
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

static const char *user(struct house *h, const struct person *p)
{
    return id_text(h->arena, p->user_id);
}

static struct row *won(struct house *h, const char *name, const char *of, const char *amount)
{
    struct row *d = MAKE("deal", "name", name, "owner_id", of, "amount", amount);
    struct web_response r = house_post(h, house_user(h, "Admin", ""),
                                       arena_printf(h->arena, "/deals/%s/won", id_of(h, d)), "");

    house_expect(h, &r, 303);
    return d;
}

/* 5 % up to the quota of 10,000, 8 % beyond it. */
static struct row *plan(struct house *h, const char *basis, const char *who)
{
    struct row *p = MAKE("commission_plan", "name", "Plan", "basis", basis, "unit", "month",
                         "from_date", "2026-01-01");

    MAKE("commission_tier", "plan_id", id_of(h, p), "from_percent", "0", "rate_percent", "5");
    MAKE("commission_tier", "plan_id", id_of(h, p), "from_percent", "100", "rate_percent", "8");
    MAKE("commission_member", "plan_id", id_of(h, p), "user_id", who);
    MAKE("target", "metric", "revenue", "amount", "10000", "period", "month", "from_date",
         "2026-01-01", "person_id", who);
    return p;
}

static struct row *count(struct house *h, const struct row *of, const struct person *who,
                         const char *day)
{
    struct row *s;

    assert_ok(h->cx, statement_count(h->cx, of, who->user_id, day_of(day), &s));
    assert_ok(h->cx, record_get(h->cx, &statement_type, row_id(s), &s));
    return s;
}

static void comes_to(const struct row *s, i64 quota, i64 credited, i64 earned, i64 back)
{
    assert_int_equal(row_money(s, STATEMENT_QUOTA).minor, quota);
    assert_int_equal(row_money(s, STATEMENT_CREDITED).minor, credited);
    assert_int_equal(row_money(s, STATEMENT_EARNED).minor, earned);
    assert_int_equal(row_money(s, STATEMENT_CLAWED).minor, back);
    assert_int_equal(row_money(s, STATEMENT_TOTAL).minor, earned + back);
}

static i64 entries(struct house *h, const struct row *s)
{
    i64 n;

    assert_ok(h->cx,
              list_count(h->cx, &commission_entry_type,
                         arena_printf(h->arena, "statement_id = '%s'", id_of(h, s)), "", 0, &n));
    return n;
}

static void of_what_is_won(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue", "Sales"), *tom = house_user(h, "Tom", "Sales");
    struct row *p, *d, *s;

    at(h, "2026-03-05");
    p = plan(h, "won", user(h, sue));
    won(h, "One", user(h, sue), "9000 EUR");
    at(h, "2026-03-10");
    d = won(h, "Two", user(h, sue), "3000 EUR");
    won(h, "Theirs", user(h, tom), "7000 EUR");
    s = count(h, p, sue, "2026-03-10");
    /* 9,000 at 5 %; 1,000 at 5 % and 2,000 at 8 % */
    comes_to(s, 1000000, 1200000, 45000 + 5000 + 16000, 0);
    assert_int_equal(row_i64(s, STATEMENT_ATTAINMENT), 12000);
    assert_int_equal(entries(h, s), 2);
    /* a third of it is Tom's */
    MAKE("commission_split", "deal_id", id_of(h, d), "user_id", user(h, sue), "percent", "66.6667");
    MAKE("commission_split", "deal_id", id_of(h, d), "user_id", user(h, tom), "percent", "33.3333");
    s = count(h, p, sue, "2026-03-10");
    comes_to(s, 1000000, 1100000, 45000 + 5000 + 8000, 0);
    /* what others have of a deal is not more than all of it */
    struct row *more = row_new(h->cx, &commission_split_type);
    row_set_i64(more, CSPLIT_DEAL, row_id(d));
    row_set_i64(more, CSPLIT_USER, tom->user_id);
    row_set_i64(more, CSPLIT_PERCENT, 1);
    assert_int_equal(record_save(h->cx, more), E_INVALID);
    ctx_clear_error(h->cx);
}

static void lose(struct house *h, const struct row *deal)
{
    struct row *d, *stage = NULL;
    struct list_page page;

    assert_ok(h->cx, record_get(h->cx, &deal_type, row_id(deal), &d));
    assert_ok(h->cx, list_run(h->cx, type_find(h->cx, "stage"),
                              &(struct list_query){ .filter = "kind = 'lost'" }, &page));
    for (size_t i = 0; i < page.count && !stage; i++)
        if (row_i64(page.rows[i], type_field(row_type(page.rows[i]), "pipeline_id")) ==
            row_i64(d, DEAL_PIPELINE))
            stage = page.rows[i];
    assert_non_null(stage);
    row_set_i64(d, DEAL_STAGE, row_id(stage));
    row_set_text(d, DEAL_LOST_REASON, "price");
    assert_ok(h->cx, record_save(h->cx, d));
}

static void approved_it_stays_and_is_taken_back_later(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue", "Sales"), *tom = house_user(h, "Tom", "Sales"),
                  *boss = house_user(h, "Boss", "Sales");
    struct row *p, *d, *s, *u;
    struct web_response r;
    const char *path;

    assert_ok(h->cx, record_get_named(h->cx, "user", sue->user_id, &u));
    row_set_i64(u, type_field(row_type(u), "manager_id"), boss->user_id);
    assert_ok(h->cx, record_save(h->cx, u));
    at(h, "2026-03-05");
    p = plan(h, "won", user(h, sue));
    d = won(h, "One", user(h, sue), "4000 EUR");
    s = count(h, p, sue, "2026-03-05");
    comes_to(s, 1000000, 400000, 20000, 0);
    path = arena_printf(h->arena, "/commission-statements/%s", id_of(h, s));
    r = house_get(h, tom, path); /* it is not Tom's to see */
    house_expect(h, &r, 404);
    r = house_get(h, sue, path);
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "One"));
    r = house_post(h, sue, arena_printf(h->arena, "%s/approve", path), "");
    house_expect(h, &r, 403); /* nor hers to approve */
    r = house_post(h, boss, arena_printf(h->arena, "%s/approve", path), "");
    house_expect(h, &r, 303);
    r = house_get(h, sue, arena_printf(h->arena, "%s/pdf", path));
    house_expect(h, &r, 200);
    assert_string_equal(r.type, "application/pdf");
    at(h, "2026-04-02");
    lose(h, d);
    s = count(h, p, sue, "2026-03-05");
    comes_to(s, 1000000, 400000, 20000, 0);
    won(h, "Two", user(h, sue), "1000 EUR");
    s = count(h, p, sue, "2026-04-02");
    comes_to(s, 1000000, 100000, 5000, -20000);
    assert_int_equal(entries(h, s), 2);
    s = count(h, p, sue, "2026-04-02"); /* once */
    comes_to(s, 1000000, 100000, 5000, -20000);
    path = arena_printf(h->arena, "/commission-statements/%s", id_of(h, s));
    r = house_post(h, boss, arena_printf(h->arena, "%s/approve", path), "");
    house_expect(h, &r, 303);
    at(h, "2026-05-02");
    s = count(h, p, sue, "2026-05-02"); /* and never again */
    comes_to(s, 1000000, 0, 0, 0);
}

static void of_what_is_paid(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue", "Sales");
    struct row *p, *d, *c, *i, *credit, *s;

    at(h, "2026-03-05");
    p = plan(h, "paid", user(h, sue));
    c = MAKE("company", "name", "Acker");
    d = won(h, "One", user(h, sue), "1000 EUR");
    i = MAKE("invoice", "company_id", id_of(h, c), "net", "1000 EUR", "tax", "190 EUR", "deal_id",
             id_of(h, d));
    comes_to(count(h, p, sue, "2026-03-05"), 1000000, 0, 0, 0);
    MAKE("payment", "invoice_id", id_of(h, i), "amount", "595 EUR", "received_on", "2026-03-20");
    comes_to(count(h, p, sue, "2026-03-05"), 1000000, 50000, 2500, 0);
    MAKE("payment", "invoice_id", id_of(h, i), "amount", "595 EUR", "received_on", "2026-04-02");
    comes_to(count(h, p, sue, "2026-03-05"), 1000000, 50000, 2500, 0);
    comes_to(count(h, p, sue, "2026-04-05"), 1000000, 50000, 2500, 0);
    /* money that goes back takes its commission back */
    credit = MAKE("invoice", "kind", "credit_note", "company_id", id_of(h, c), "net", "-100 EUR",
                  "tax", "-19 EUR", "deal_id", id_of(h, d));
    MAKE("payment", "invoice_id", id_of(h, credit), "amount", "-119 EUR", "received_on",
         "2026-05-02");
    s = count(h, p, sue, "2026-05-05");
    comes_to(s, 1000000, -10000, -500, 0);
}

static void a_product_has_its_own_rate(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue", "Sales");
    struct row *p, *d, *product, *order;
    struct list_page page;

    at(h, "2026-03-05");
    p = plan(h, "won", user(h, sue));
    product = MAKE("product", "name", "Gateway");
    MAKE("commission_tier", "plan_id", id_of(h, p), "from_percent", "0", "rate_percent", "2",
         "product_id", id_of(h, product));
    d = won(h, "One", user(h, sue), "12000 EUR");
    assert_ok(h->cx, list_run(h->cx, type_find(h->cx, "sales_order"),
                              &(struct list_query){
                                  .filter = arena_printf(h->arena, "deal_id = '%s'", id_of(h, d)) },
                              &page));
    assert_int_equal(page.count, 1);
    order = page.rows[0];
    MAKE("order_line", "order_id", id_of(h, order), "name", "Gateway", "product_id",
         id_of(h, product), "amount", "9000 EUR");
    /* 9,000 at 2 %, which fills the quota; 1,000 at 5 %, 2,000 at 8 % */
    comes_to(count(h, p, sue, "2026-03-05"), 1000000, 1200000, 18000 + 5000 + 16000, 0);
}

static void nobody_reports_in_a_circle(void **state)
{
    struct house *h = *state;
    struct person *a = house_user(h, "A", "Sales"), *b = house_user(h, "B", "Sales");
    struct row *u;
    int manager;

    assert_ok(h->cx, record_get_named(h->cx, "user", a->user_id, &u));
    manager = type_field(row_type(u), "manager_id");
    row_set_i64(u, manager, b->user_id);
    assert_ok(h->cx, record_save(h->cx, u));
    assert_ok(h->cx, record_get_named(h->cx, "user", b->user_id, &u));
    row_set_i64(u, manager, a->user_id);
    assert_int_equal(record_save(h->cx, u), E_INVALID);
    ctx_clear_error(h->cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(of_what_is_won, NULL),
        IN_BOTH_HOUSES(approved_it_stays_and_is_taken_back_later, NULL),
        IN_BOTH_HOUSES(of_what_is_paid, NULL),
        IN_BOTH_HOUSES(a_product_has_its_own_rate, NULL),
        IN_BOTH_HOUSES(nobody_reports_in_a_circle, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
