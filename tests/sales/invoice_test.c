/* invoice_test.c -- invoices, payments and what is billed: tables worked by hand, and a random
 * year of invoices and payments against plain SQL over the tables alone. */
#include "base/id.h"
#include "base/testing.h"
#include "kit/filter.h"
#include "kit/question.h"
#include "sales/invoice.h"
#include "sales/order.h"
#include "sales/product.h"
#include "sales/subscription.h"
#include "support/house.h"
#include <math.h>
#include <stdio.h>

static i64 day_of(const char *iso)
{
    i64 day;

    assert_true(date_parse(str_from(iso), &day));
    return day;
}

static void at(struct house *h, i64 day) { h->clock->fixed_ms = day * MS_DAY + 10 * MS_HOUR; }

static i64 company(struct house *h, const char *name)
{
    struct row *r = row_new(h->cx, type_find(h->cx, "company"));

    row_set_text(r, 0, name);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static struct money money(i64 minor, const char *currency)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, currency, 4);
    return m;
}

static struct row *again(struct house *h, const struct row *r)
{
    struct row *now;

    assert_ok(h->cx, record_get(h->cx, row_type(r), row_id(r), &now));
    return now;
}

static struct row *invoice(struct house *h, i64 of, const char *from, const char *due, i64 net,
                           i64 tax)
{
    struct row *r = row_new(h->cx, &invoice_type);

    row_set_i64(r, INVOICE_COMPANY, of);
    row_set_i64(r, INVOICE_ISSUED, day_of(from));
    row_set_i64(r, INVOICE_DUE, day_of(due));
    if (net < 0)
        row_set_text(r, INVOICE_KIND, "credit_note");
    row_set_money(r, INVOICE_NET, money(net, "EUR"));
    row_set_money(r, INVOICE_TAX, money(tax, "EUR"));
    assert_ok(h->cx, record_save(h->cx, r));
    return again(h, r);
}

static void line(struct house *h, const struct row *of, const char *name, i64 quantity, i64 price,
                 const char *currency, i64 discount, i64 tax)
{
    struct row *r = row_new(h->cx, &invoice_line_type);

    row_set_i64(r, INVOICE_LINE_INVOICE, row_id(of));
    row_set_text(r, INVOICE_LINE_NAME, name);
    row_set_i64(r, INVOICE_LINE_QUANTITY, quantity);
    row_set_money(r, INVOICE_LINE_PRICE, money(price, currency));
    row_set_i64(r, INVOICE_LINE_DISCOUNT, discount);
    row_set_i64(r, INVOICE_LINE_TAX, tax);
    assert_ok(h->cx, record_save(h->cx, r));
}

static struct row *pay(struct house *h, const struct row *of, i64 company_id, const char *on,
                       i64 minor, const char *reference)
{
    struct row *r = row_new(h->cx, &payment_type);

    row_set_i64(r, PAYMENT_ON, day_of(on));
    row_set_money(r, PAYMENT_AMOUNT, money(minor, "EUR"));
    if (of)
        row_set_i64(r, PAYMENT_INVOICE, row_id(of));
    if (company_id)
        row_set_i64(r, PAYMENT_COMPANY, company_id);
    row_set_text(r, PAYMENT_REFERENCE, reference);
    assert_ok(h->cx, record_save(h->cx, r));
    return again(h, r);
}

static void stands(struct house *h, const struct row *r, const char *status, i64 balance)
{
    struct row *now = again(h, r);

    assert_string_equal(row_text(now, INVOICE_STATUS), status);
    assert_int_equal(row_money(now, INVOICE_BALANCE).minor, balance);
}

/* ---- by hand ---- */
/* 3 x 19.99 less 10 % = 53.97 (59.97 - 5.997, rounded 6.00); 1.5 x 80.00 = 120.00, both at 19 %;
 * 2 x 4.35 = 8.70 at 7 %. Tax: 173.97 x 0.19 = 33.0543, 8.70 x 0.07 = 0.609. */
static void lines_make_the_amount(void **state)
{
    struct house *h = *state;
    struct row *r;

    at(h, day_of("2026-03-02"));
    r = invoice(h, company(h, "Acker"), "2026-03-02", "2026-04-01", 100, 0);
    assert_string_equal(row_text(r, INVOICE_NUMBER), "R-2026-0001");
    line(h, r, "Sensors", 30000, 1999, "EUR", 100000, 190000);
    line(h, r, "Fitting", 15000, 8000, "EUR", 0, 190000);
    line(h, r, "Handbook", 20000, 435, "EUR", 0, 70000);
    r = again(h, r);
    assert_int_equal(row_money(r, INVOICE_NET).minor, 18267);
    assert_int_equal(row_money(r, INVOICE_TAX).minor, 3305 + 61);
    assert_int_equal(row_money(r, INVOICE_TOTAL).minor, 21633);
    stands(h, r, "open", 21633);
}

/* A currency without and one with three decimals; none is mixed. */
static void any_currency_to_its_minor_unit(void **state)
{
    static const struct {
        const char *currency;
        i64 quantity, price, tax, net, total;
    } cases[] = {
        { "JPY", 30000, 1999, 100000, 5997, 6597 },   /* 599.7 of tax */
        { "KWD", 25000, 12345, 50000, 30863, 32406 }, /* 30862.5; 1543.15 */
        { "CHF", 10000, 10005, 81000, 10005, 10815 }, /* 810.405 */
    };
    struct house *h = *state;
    i64 of = company(h, "Acker");

    assert_ok(h->cx,
              setting_save(h->cx, "currency.rates", "{\"JPY\": 0.006, \"KWD\": 3, \"CHF\": 1.05}"));
    for (size_t i = 0; i < countof(cases); i++) {
        struct row *r = row_new(h->cx, &invoice_type);
        struct row *wrong = row_new(h->cx, &invoice_line_type);
        row_set_i64(r, INVOICE_COMPANY, of);
        row_set_money(r, INVOICE_NET, money(0, cases[i].currency));
        assert_ok(h->cx, record_save(h->cx, r));
        line(h, r, "Thing", cases[i].quantity, cases[i].price, cases[i].currency, 0, cases[i].tax);
        r = again(h, r);
        assert_int_equal(row_money(r, INVOICE_NET).minor, cases[i].net);
        assert_int_equal(row_money(r, INVOICE_TOTAL).minor, cases[i].total);
        assert_string_equal(row_money(r, INVOICE_TOTAL).currency, cases[i].currency);
        row_set_i64(wrong, INVOICE_LINE_INVOICE, row_id(r));
        row_set_text(wrong, INVOICE_LINE_NAME, "Other");
        row_set_money(wrong, INVOICE_LINE_PRICE, money(100, "EUR"));
        assert_int_equal(record_save(h->cx, wrong), E_INVALID);
        ctx_clear_error(h->cx);
    }
}

static void run_due(struct house *h)
{
    struct job_run run = { .cx = h->cx };

    assert_ok(h->cx, kit_job(h->kit, "invoice.due")->run(&run));
}

static void refuse(struct house *h, struct row *r, const char *code)
{
    assert_int_equal(record_save(h->cx, r), E_INVALID);
    assert_string_equal(h->cx->error_code, code);
    ctx_clear_error(h->cx);
}

static void paid_in_parts_too_much_and_back(void **state)
{
    struct house *h = *state;
    struct person *who = house_user(h, "Sue", "Sales");
    i64 of = company(h, "Acker");
    struct row *one, *two, *p, *part = row_new(h->cx, &settlement_type);
    char path[200];

    at(h, day_of("2026-03-02"));
    one = invoice(h, of, "2026-03-02", "2026-04-01", 10000, 1900);
    two = invoice(h, of, "2026-03-05", "2026-04-04", 5000, 0);
    p = pay(h, one, 0, "2026-03-20", 4000, "");
    assert_int_equal(row_i64(p, PAYMENT_COMPANY), of);
    stands(h, one, "part_paid", 7900);
    at(h, day_of("2026-04-01"));
    run_due(h);
    stands(h, one, "part_paid", 7900); /* the last day */
    at(h, day_of("2026-04-02"));
    run_due(h);
    stands(h, one, "overdue", 7900);
    stands(h, two, "open", 5000);
    /* its number in the reference; 21.00 too much */
    p = pay(h, NULL, of, "2026-04-03", 10000,
            arena_printf(h->arena, "Invoice %s, thanks", row_text(one, INVOICE_NUMBER)));
    stands(h, one, "paid", 0);
    one = again(h, one);
    assert_int_equal(row_i64(one, INVOICE_PAID_ON), day_of("2026-04-03"));
    assert_int_equal(row_i64(one, INVOICE_DAYS), 32);
    assert_int_equal(row_money(p, PAYMENT_LEFT).minor, 2100);
    snprintf(path, sizeof path, "/payments/%s/use", id_text(h->arena, row_id(p)));
    struct web_response r = house_post(h, who, path, "");
    house_expect(h, &r, 303);
    stands(h, two, "part_paid", 2900);
    assert_int_equal(row_money(again(h, p), PAYMENT_LEFT).minor, 0);
    /* more than is left, and more than is open */
    row_set_i64(part, SETTLEMENT_INVOICE, row_id(two));
    row_set_i64(part, SETTLEMENT_PAYMENT, row_id(p));
    row_set_money(part, SETTLEMENT_AMOUNT, money(1, "EUR"));
    refuse(h, part, "settlement.left");
    p = pay(h, NULL, of, "2026-04-10", 9000, "in advance");
    part = row_new(h->cx, &settlement_type);
    row_set_i64(part, SETTLEMENT_INVOICE, row_id(two));
    row_set_i64(part, SETTLEMENT_PAYMENT, row_id(p));
    row_set_money(part, SETTLEMENT_AMOUNT, money(2901, "EUR"));
    refuse(h, part, "settlement.open");
    /* a payment that is used stays; taken off, the invoice is open again */
    row_set_money(part, SETTLEMENT_AMOUNT, money(2900, "EUR"));
    assert_ok(h->cx, record_save(h->cx, part));
    stands(h, two, "paid", 0);
    assert_int_equal(record_delete(h->cx, again(h, p)), E_CONFLICT);
    ctx_clear_error(h->cx);
    assert_ok(h->cx, record_delete(h->cx, again(h, part)));
    stands(h, two, "part_paid", 2900);
    assert_int_equal(row_money(again(h, p), PAYMENT_LEFT).minor, 9000);
}

static i64 newest(struct house *h, const char *path, const char *after)
{
    const char *at_id = strstr(path, after);
    i64 id;

    assert_non_null(at_id);
    assert_true(id_parse((struct str){ at_id + strlen(after), 13 }, &id));
    (void)h;
    return id;
}

static void credited_refunded_and_void(void **state)
{
    struct house *h = *state;
    struct person *who = house_user(h, "Sue", "Sales");
    struct row *one, *two, *credit, *p;
    struct web_response r;
    i64 of = company(h, "Acker");

    at(h, day_of("2026-03-02"));
    one = invoice(h, of, "2026-03-02", "2026-04-01", 0, 0);
    line(h, one, "Sensors", 20000, 5000, "EUR", 0, 190000);
    pay(h, one, 0, "2026-03-10", 9000, "");
    stands(h, one, "part_paid", 2900);
    r = house_post(h, who,
                   arena_printf(h->arena, "/invoices/%s/void", id_text(h->arena, row_id(one))), "");
    house_expect(h, &r, 409);
    r = house_post(
        h, who, arena_printf(h->arena, "/invoices/%s/credit", id_text(h->arena, row_id(one))), "");
    house_expect(h, &r, 303);
    assert_ok(h->cx,
              record_get(h->cx, &invoice_type,
                         newest(h, web_response_header(&r, "Location"), "/invoices/"), &credit));
    assert_string_equal(row_text(credit, INVOICE_NUMBER), "C-2026-0001");
    assert_int_equal(row_money(credit, INVOICE_TOTAL).minor, -11900);
    stands(h, one, "paid", 0);
    stands(h, credit, "part_paid", -9000);
    p = pay(h, credit, 0, "2026-03-12", -9000, ""); /* the money goes back */
    assert_int_equal(row_money(p, PAYMENT_LEFT).minor, 0);
    stands(h, credit, "paid", 0);
    two = invoice(h, of, "2026-03-02", "2026-04-01", 10000, 0);
    r = house_post(h, who,
                   arena_printf(h->arena, "/invoices/%s/void", id_text(h->arena, row_id(two))), "");
    house_expect(h, &r, 303);
    stands(h, two, "void", 0);
}

/* ---- from orders and subscriptions ---- */
static struct row *subscribe(struct house *h, i64 of, const char *from, i64 minor, i64 months)
{
    struct row *r = row_new(h->cx, &subscription_type);

    row_set_text(r, SUBSCRIPTION_NAME, "Plan");
    row_set_i64(r, SUBSCRIPTION_COMPANY, of);
    row_set_i64(r, SUBSCRIPTION_STARTED, day_of(from));
    row_set_money(r, SUBSCRIPTION_AMOUNT, money(minor, "EUR"));
    row_set_i64(r, SUBSCRIPTION_MONTHS, months);
    assert_ok(h->cx, record_save(h->cx, r));
    return r;
}

static void order(struct house *h, i64 of, const char *on, i64 minor, i64 tax)
{
    struct row *o = row_new(h->cx, &order_type), *l = row_new(h->cx, &order_line_type);

    row_set_i64(o, ORDER_COMPANY, of);
    row_set_i64(o, ORDER_ON, day_of(on));
    assert_ok(h->cx, record_save(h->cx, o));
    row_set_i64(l, ORDER_LINE_ORDER, row_id(o));
    row_set_text(l, ORDER_LINE_NAME, "Thing");
    row_set_money(l, ORDER_LINE_AMOUNT, money(minor, "EUR"));
    if (tax >= 0)
        row_set_i64(l, ORDER_LINE_TAX, tax);
    assert_ok(h->cx, record_save(h->cx, l));
}

static void bill(struct house *h, const char *from, const char *to, size_t invoices, size_t lines)
{
    struct billed b;

    assert_ok(h->cx, bill_period(h->cx, day_of(from), day_of(to), day_of(to), NULL, &b));
    if (b.invoices != invoices || b.lines != lines)
        fail_msg("%s: %zu invoices, %zu lines; by hand %zu, %zu", from, b.invoices, b.lines,
                 invoices, lines);
}

static i64 total_of(struct house *h, i64 of, const char *issued)
{
    struct list_page page;
    struct list_query lq = { .filter =
                                 arena_printf(h->arena, "company_id = '%s' and issued_on = %s",
                                              id_text(h->arena, of), issued) };

    assert_ok(h->cx, list_run(h->cx, &invoice_type, &lq, &page));
    assert_int_equal(page.count, 1);
    return row_money(page.rows[0], INVOICE_TOTAL).minor;
}

static void a_month_is_billed_once(void **state)
{
    struct house *h = *state;
    struct row *tax = row_new(h->cx, &tax_rate_type), *monthly, *p, *inv;
    struct list_page page;
    i64 a = company(h, "Acker"), b = company(h, "Bauer");

    row_set_text(tax, TAX_NAME, "Usual");
    row_set_i64(tax, TAX_PERCENT, 200000);
    row_set_i64(tax, TAX_DEFAULT, 1);
    assert_ok(h->cx, record_save(h->cx, tax));
    at(h, day_of("2026-01-31"));
    monthly = subscribe(h, a, "2026-01-31", 3000, 1); /* 31 Jan, 28 Feb, 31 Mar, 30 Apr */
    subscribe(h, b, "2026-02-10", 120000, 12);
    order(h, a, "2026-02-14", 9999, 70000);
    order(h, b, "2026-03-01", 500, -1); /* in March */
    p = row_new(h->cx, &subscription_phase_type);
    row_set_i64(p, PHASE_SUBSCRIPTION, row_id(monthly));
    row_set_i64(p, PHASE_FROM, day_of("2026-03-15"));
    row_set_money(p, PHASE_AMOUNT, money(4500, "EUR"));
    row_set_i64(p, PHASE_MONTHS, 1);
    assert_ok(h->cx, record_save(h->cx, p));
    bill(h, "2026-02-01", "2026-03-01", 2, 3);
    bill(h, "2026-02-01", "2026-03-01", 0, 0); /* again: nothing is left */
    /* 30.00 at 20 % and 99.99 at 7 %: 36.00 + 106.99 */
    assert_int_equal(total_of(h, a, "2026-03-01"), 3600 + 10699);
    assert_int_equal(total_of(h, b, "2026-03-01"), 144000);
    bill(h, "2026-03-01", "2026-04-01", 2, 2);
    assert_int_equal(total_of(h, a, "2026-04-01"), 5400); /* the new price, from its period on */
    monthly = again(h, monthly);
    row_set_i64(monthly, SUBSCRIPTION_ENDS, day_of("2026-04-30"));
    row_set_text(monthly, SUBSCRIPTION_REASON, "price");
    assert_ok(h->cx, record_save(h->cx, monthly));
    bill(h, "2026-04-01", "2026-05-01", 0, 0); /* its next period would begin on its last day */
    /* a void one is made again */
    assert_ok(h->cx, list_run(h->cx, &invoice_type,
                              &(struct list_query){ .filter = "issued_on = 2026-04-01 and total = "
                                                              "54" },
                              &page));
    assert_int_equal(page.count, 1);
    inv = page.rows[0];
    row_set_i64(inv, INVOICE_VOID, 1);
    assert_ok(h->cx, record_save(h->cx, inv));
    bill(h, "2026-03-01", "2026-04-01", 1, 1);
}

/* ---- against plain SQL ---- */
static double ask(struct house *h, const char *metric, const char *from, const char *to)
{
    const struct zone *zone = kit_zone(h->cx);
    struct question q = { .metric = metric,
                          .from_ms = zone_instant(zone, day_of(from), 0),
                          .to_ms = zone_instant(zone, day_of(to), 0) };
    struct val *answer;

    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    return val_is_null(val_get(answer, "value")) ? NAN
                                                 : val_as_double(val_get(answer, "value"), -1e18);
}

static double plain(struct house *h, const char *sql)
{
    struct sql q = sql_new(h->cx);
    double value;

    sql_add(&q, sql);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&s));
    value = col_null(&s, 0) ? NAN : (double)col_i64(&s, 0);
    return value;
}

static u32 next(u32 *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void a_year_of_invoices(struct house *h)
{
    i64 first = day_of("2025-12-01");
    u32 seed = 7;

    for (int i = 0; i < 80; i++) {
        struct row *r, *p;
        i64 day = first + next(&seed) % 355, part;
        u32 luck = next(&seed) % 100;
        at(h, day);
        r = row_new(h->cx, &invoice_type);
        row_set_i64(r, INVOICE_COMPANY, company(h, arena_printf(h->arena, "Firm %d", i % 9)));
        row_set_i64(r, INVOICE_ISSUED, day);
        row_set_money(r, INVOICE_NET, money(100 + next(&seed) % 900000, "EUR"));
        row_set_money(r, INVOICE_TAX, money(next(&seed) % 90000, "EUR"));
        assert_ok(h->cx, record_save(h->cx, r));
        if (luck < 10) {
            row_set_i64(r, INVOICE_VOID, 1);
            assert_ok(h->cx, record_save(h->cx, r));
        }
        part = row_money(again(h, r), INVOICE_BALANCE).minor;
        if (luck < 25 || part == 0)
            continue;
        if (luck < 40)
            part = part / 3 + 1;
        if (luck > 95)
            part += 500;
        p = row_new(h->cx, &payment_type);
        row_set_i64(p, PAYMENT_ON, day + next(&seed) % 60);
        row_set_money(p, PAYMENT_AMOUNT, money(part, "EUR"));
        row_set_i64(p, PAYMENT_INVOICE, row_id(r));
        assert_ok(h->cx, record_save(h->cx, p));
    }
    at(h, day_of("2026-11-30"));
    run_due(h);
}

/* Dates as numbers of days: 20514 is 1 March 2026, 20788 is 30 November 2026. */
#define OPEN_SQL                                                                          \
    "(i.net_minor + i.tax_minor - COALESCE((SELECT SUM(s.amount_minor) FROM settlement s" \
    " WHERE s.invoice_id = i.id AND s.deleted_at IS NULL), 0))"
static const struct {
    const char *metric, *sql;
} figures[] = {
    { "receivables", "SELECT CAST(SUM(" OPEN_SQL ") AS BIGINT) FROM invoice i WHERE i.voided = 0" },
    { "overdue_value", "SELECT CAST(SUM(" OPEN_SQL ") AS BIGINT) FROM invoice i WHERE i.voided = 0"
                       " AND i.due_on < 20787" },
    { "overdue_invoices", "SELECT COUNT(*) FROM invoice i WHERE i.voided = 0 AND i.due_on < 20787"
                          " AND " OPEN_SQL " > 0" },
    { "invoiced", "SELECT CAST(SUM(net_minor) AS BIGINT) FROM invoice WHERE voided = 0 AND"
                  " issued_on >= 20513 AND issued_on < 20788" },
    { "invoiced_90_days", "SELECT CAST(SUM(net_minor + tax_minor) AS BIGINT) FROM invoice WHERE"
                          " voided = 0 AND issued_on > 20787 - 90 AND issued_on <= 20787" },
    { "payments_received", "SELECT CAST(SUM(amount_minor) AS BIGINT) FROM payment WHERE"
                           " received_on >= 20513 AND received_on < 20788" },
    { "payments_on_account",
      "SELECT CAST(SUM(p.amount_minor - COALESCE((SELECT SUM(s.amount_minor) FROM settlement s"
      " WHERE s.payment_id = p.id), 0)) AS BIGINT) FROM payment p" },
};

static void the_numbers_are_those_of_plain_sql(void **state)
{
    struct house *h = *state;
    double open, sold;

    assert_int_equal(day_of("2026-03-01"), 20513);
    assert_int_equal(day_of("2026-11-30"), 20787);
    a_year_of_invoices(h);
    for (size_t i = 0; i < countof(figures); i++) {
        double got = ask(h, figures[i].metric, "2026-03-01", "2026-12-01");
        double want = plain(h, figures[i].sql);
        if (!(fabs(got - want) < 1e-6))
            fail_msg("%s: says %f, by SQL %f", figures[i].metric, got, want);
        assert_true(want != 0);
    }
    open = plain(h, figures[0].sql);
    sold = plain(h, figures[4].sql);
    assert_true(fabs(ask(h, "dso", "2026-03-01", "2026-12-01") - open / sold * 90) < 1e-9);
    assert_true(plain(h, "SELECT COUNT(*) FROM settlement WHERE closes_minor <> amount_minor") ==
                0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(lines_make_the_amount, NULL),
        IN_BOTH_HOUSES(any_currency_to_its_minor_unit, NULL),
        IN_BOTH_HOUSES(paid_in_parts_too_much_and_back, NULL),
        IN_BOTH_HOUSES(credited_refunded_and_void, NULL),
        IN_BOTH_HOUSES(a_month_is_billed_once, NULL),
        IN_BOTH_HOUSES(the_numbers_are_those_of_plain_sql, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
