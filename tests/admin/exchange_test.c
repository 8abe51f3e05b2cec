/* exchange_test.c -- rates of exchange: what files say, which rate counts for an amount on which
 * day, and that what is open follows while what is closed stays. */
#include "admin/rates_read.h"
#include "base/id.h"
#include "base/json.h"
#include "base/testing.h"
#include "kit/exchange.h"
#include "kit/question.h"
#include "support/house.h"

/* ---- reading ---- */
static void files_are_read_or_refused_by_line(void **state)
{
    static const struct {
        const char *text, *from;
        int count;        /* -1: refused */
        const char *says; /* the last line as "day one_of currency rate source", or the error */
    } cases[] = {
        { "Date, USD, JPY, \n27 November 2026, 1.0578, 159.11, \n", "", 2,
          "2026-11-27 EUR JPY 15911000000 ECB" },
        { "Date,USD,CYP,\n2026-11-27,1.0578,N/A,\n2026-11-26,1.05,N/A,\n", "", 2,
          "2026-11-26 EUR USD 105000000 ECB" },
        { "Date,USD\n2026-11-27,1.0578\n2026-11-26,1.05\n", "2026-11-27", 1,
          "2026-11-27 EUR USD 105780000 ECB" },
        { "day;currency;rate;one_of;source\r\n2026-11-27;usd;1.25;gbp;bank\r\n", "", 1,
          "2026-11-27 GBP USD 125000000 bank" },
        { "rate,day,code\n0.00000001,2026-11-27,JPY\n", "", 1, "2026-11-27 EUR JPY 1 " },
        { "day,currency,rate\n2026-02-30,USD,1\n", "", -1, "Line 2: \"2026-02-30\" is no day" },
        { "day,currency,rate\n\n2026-02-03,XQX,1\n", "", -1, "\"XQX\" is no currency" },
        { "day,currency,rate\n2026-02-03,USD,0\n", "", -1, "\"0\" is no rate" },
        { "day,currency,rate\n2026-02-03,USD,-1\n", "", -1, "\"-1\" is no rate" },
        { "day,currency,rate\n2026-02-03,USD,1.123456789\n", "", -1, "is no rate" },
        { "day,currency,rate\n2026-02-03,EUR,1\n", "", -1, "is no other currency" },
        { "day,currency\n2026-02-03,USD\n", "", -1, "must name the columns" },
        { "", "", -1, "empty" },
        { "day,currency,rate\n\"2026", "", -1, "cannot be read" },
    };
    struct arena *a = arena_new(64 * 1024);

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct rate_file f;
        struct ctx cx;
        i64 from = TIME_NONE;
        ctx_init(&cx, a, NULL);
        if (cases[i].from[0])
            assert_true(date_parse(str_from(cases[i].from), &from));
        enum status s = rates_read(&cx, str_from(cases[i].text), "EUR", from, &f);
        if (cases[i].count < 0) {
            if (s != E_INVALID || !strstr(cx.field_errors->message, cases[i].says))
                fail_msg("%s: %s", cases[i].text,
                         cx.field_errors ? cx.field_errors->message : "was read");
            continue;
        }
        assert_int_equal(s, OK);
        assert_int_equal(f.count, cases[i].count);
        const struct rate_line *l = &f.lines[f.count - 1];
        assert_string_equal(arena_printf(a, "%s %s %s %lld %s", date_iso(a, l->day), l->one_of,
                                         l->currency, (long long)l->rate, l->source),
                            cases[i].says);
    }
    arena_free(a);
}

/* ---- which counts ---- */
static i64 day_of(const char *iso)
{
    i64 day;

    assert_true(date_parse(str_from(iso), &day));
    return day;
}

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

static void rate(struct house *h, const char *day, const char *one_of, const char *currency,
                 const char *rate)
{
    make(h, "exchange_rate", "day", day, "one_of", one_of, "currency", currency, "rate", rate,
         NULL);
}

static void the_rate_of_the_day_counts(void **state)
{
    static const struct {
        const char *amount, *day;
        i64 want; /* -1: none */
    } cases[] = {
        { "100 EUR", "1990-01-01", 10000 },
        { "110 USD", "2026-11-02", 10000 }, /* the day's own: 1.10 */
        { "110 USD", "2026-11-03", 8800 },  /* 1.25 */
        { "110 USD", "2026-11-05", 8800 },  /* holds until the next */
        { "110 USD", "2026-11-01", -1 },    /* before the first */
        { "110 USD", "2026-11-23", 8800 },  /* still: 20 days */
        { "110 USD", "2027-11-23", 8800 },  /* a day to come is today */
        { "1000 JPY", "2026-11-04", 625 },  /* without minor units: 160 */
        { "1.000 KWD", "2026-11-04", 300 }, /* three of them; the other way round: 3 EUR */
        { "100 CHF", "2026-11-04", 10563 }, /* across: 0.90 a pound of 1.17362... euro */
        { "0.01 USD", "2026-11-03", 1 },    /* 0.8 of a cent rounds */
        { "-12.50 USD", "2026-11-03", -1000 },
        { "100 SEK", "2026-11-04", -1 },   /* nobody said */
        { "100 PLN", "2026-11-04", 2300 }, /* of the setting, without days */
        { "100 NOK", "2026-11-20", -1 },   /* too old by then: 41 days */
        { "100 NOK", "2026-11-19", 1000 },
    };
    struct house *h = *state;

    assert_ok(h->cx, setting_save(h->cx, "currency.rates", "{\"PLN\": \"0.23\"}"));
    rate(h, "2026-11-02", "EUR", "USD", "1.10");
    rate(h, "2026-11-03", "EUR", "USD", "1.25");
    rate(h, "2026-11-03", "EUR", "JPY", "160");
    rate(h, "2026-11-04", "KWD", "EUR", "3");
    rate(h, "2026-11-04", "GBP", "CHF", "1.125");
    rate(h, "2026-11-04", "GBP", "EUR", "1.18833");
    rate(h, "2026-10-10", "EUR", "NOK", "10");
    for (size_t i = 0; i < countof(cases); i++) {
        const char *why;
        struct money m;
        i64 got = 0, want = cases[i].want;
        bool none = cases[i].want == -1;
        assert_int_equal(money_parse(str_from(cases[i].amount), "", &m, &why), OK);
        enum status s = money_to_base_on(h->cx, m, day_of(cases[i].day), &got);
        if (none ? s != E_INVALID : s != OK || got != want)
            fail_msg("%s on %s: %s %lld, want %lld", cases[i].amount, cases[i].day, status_word(s),
                     (long long)got, (long long)want);
    }
}

/* ---- what follows ---- */
static i64 base_of(struct house *h, const char *type, i64 id, const char *field)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, t, id, &r));
    return row_base_minor(r, type_field(t, field));
}

static void set(struct house *h, const char *type, i64 id, const char *field, const char *value)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, t, id, &r));
    assert_ok(h->cx, row_parse(h->cx, r, type_field(t, field), value));
    assert_ok(h->cx, record_save(h->cx, r));
}

static i64 stage(struct house *h, const char *kind)
{
    struct list_query q = { .limit = 1 };
    struct list_page page;

    q.filter = arena_printf(h->arena, "kind = '%s' and pipeline_id.name = 'Sales'", kind);
    assert_ok(h->cx, list_run(h->cx, type_find(h->cx, "stage"), &q, &page));
    assert_int_equal(page.count, 1);
    return row_id(page.rows[0]);
}

static void open_deals_follow_and_closed_ones_stay(void **state)
{
    struct house *h = *state;
    i64 open, won, changed, left, began = HOUSE_NOW;
    struct row *r;

    rate(h, "2026-11-23", "EUR", "USD", "1.25");
    open = make(h, "deal", "name", "Open", "amount", "1000 USD", NULL);
    won = make(h, "deal", "name", "Won", "amount", "1000 USD", NULL);
    assert_int_equal(base_of(h, "deal", open, "amount"), 80000);

    h->clock->fixed_ms = began + MS_DAY; /* won at that day's rate, though typed before */
    rate(h, "2026-11-24", "EUR", "USD", "1.00");
    set(h, "deal", won, "stage_id", id_text(h->arena, stage(h, "won")));
    assert_int_equal(base_of(h, "deal", won, "amount"), 100000);
    assert_int_equal(base_of(h, "deal", open, "amount"), 80000);
    assert_ok(h->cx, exchange_follow(h->cx, false, &changed, &left));
    assert_int_equal(base_of(h, "deal", open, "amount"), 100000);
    assert_int_equal(left, 0);

    h->clock->fixed_ms = began + 3 * MS_DAY;
    rate(h, "2026-11-25", "EUR", "USD", "2.00");
    assert_ok(h->cx, record_get(h->cx, type_find(h->cx, "deal"), open, &r));
    i64 stamp = row_updated_at(r), version = row_version(r);
    assert_ok(h->cx, exchange_follow(h->cx, false, &changed, &left));
    assert_int_equal(changed, 1);
    assert_int_equal(base_of(h, "deal", open, "amount"), 50000);
    assert_int_equal(base_of(h, "deal", won, "amount"), 100000);
    assert_ok(h->cx, record_get(h->cx, type_find(h->cx, "deal"), open, &r));
    assert_int_equal(row_updated_at(r), stamp); /* nobody touched it */
    assert_int_equal(row_version(r), version);
    assert_ok(h->cx, exchange_follow(h->cx, false, &changed, &left));
    assert_int_equal(changed, 0);

    /* As of a day before, it was worth what it was worth then. */
    assert_ok(h->cx, row_as_of(h->cx, r, began + 2 * MS_DAY));
    assert_int_equal(row_base_minor(r, type_field(type_find(h->cx, "deal"), "amount")), 100000);

    /* A rate of the past that was wrong: the closed one stays until it is asked for. */
    struct list_query q = { .filter = "day = '2026-11-24'", .limit = 1 };
    struct list_page page;
    assert_ok(h->cx, list_run(h->cx, type_find(h->cx, "exchange_rate"), &q, &page));
    set(h, "exchange_rate", row_id(page.rows[0]), "rate", "1.60");
    assert_ok(h->cx, exchange_follow(h->cx, false, &changed, &left));
    assert_int_equal(base_of(h, "deal", won, "amount"), 100000);
    assert_ok(h->cx, exchange_follow(h->cx, true, &changed, &left));
    assert_int_equal(base_of(h, "deal", won, "amount"), 62500);
    assert_int_equal(base_of(h, "deal", open, "amount"), 50000);
}

static void sums_are_of_what_is_kept_also_of_past_days(void **state)
{
    struct house *h = *state;
    i64 changed, left;
    struct val *answer;

    rate(h, "2026-11-23", "EUR", "USD", "1.25");
    make(h, "deal", "name", "One", "amount", "1000 USD", NULL);
    make(h, "deal", "name", "Two", "amount", "100 EUR", NULL);
    h->clock->fixed_ms = HOUSE_NOW + 2 * MS_DAY;
    rate(h, "2026-11-25", "EUR", "USD", "2.00");
    assert_ok(h->cx, exchange_follow(h->cx, false, &changed, &left));
    struct question q = { .metric = "pipeline_value", .to_ms = HOUSE_NOW + 3 * MS_DAY };
    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    const char *now = json_text(h->arena, answer);
    q.as_of_ms = HOUSE_NOW + MS_DAY;
    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    const char *then = json_text(h->arena, answer);
    if (!strstr(now, "600") || !strstr(then, "900"))
        fail_msg("now %s\nthen %s", now, then);
}

static void nothing_is_one_to_one(void **state)
{
    struct house *h = *state;
    const struct record_type *t = type_find(h->cx, "deal");
    struct row *r = row_new(h->cx, t);

    assert_ok(h->cx, row_parse(h->cx, r, type_field(t, "name"), "Far away"));
    assert_ok(h->cx, row_parse(h->cx, r, type_field(t, "amount"), "1000 SEK"));
    assert_int_equal(record_save(h->cx, r), E_INVALID);
    assert_string_equal(h->cx->field_errors->code, "money.rate");
    assert_non_null(strstr(h->cx->field_errors->message, "SEK on 23 Nov 2026"));
}

static void a_file_is_loaded_once(void **state)
{
    static const char *const body =
        "--B\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\n2026-01-01\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"hist.csv\"\r\n\r\n"
        "Date,USD,JPY,\n2026-11-20,1.0578,159.11,\n2026-11-19,1.0561,N/A,\n1999-01-04,1.17,133,\n"
        "\r\n--B--\r\n";
    const struct http_pair type[] = { { "Content-Type", "multipart/form-data; boundary=B" },
                                      { NULL, NULL } };
    struct house *h = *state;
    struct person *admin = house_user(h, "Henrik", "");
    i64 count;

    for (int i = 0; i < 2; i++) {
        struct web_response r =
            house_ask(h, admin, HTTP_POST, "/settings/currencies/load", body, type);
        assert_int_equal(r.status, 303);
        assert_ok(h->cx, list_count(h->cx, type_find(h->cx, "exchange_rate"), "source = 'ECB'", "",
                                    0, &count));
        assert_int_equal(count, 3);
    }
    struct web_response page = house_get(h, admin, "/settings/currencies");
    if (!strstr(page.body.p, "1 USD = 0.945358 EUR, of 20 Nov 2026 (ECB)"))
        fail_msg("%s", strstr(page.body.p, "Today") ? strstr(page.body.p, "Today") : "no list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_or_refused_by_line),
        IN_BOTH_HOUSES(the_rate_of_the_day_counts, NULL),
        IN_BOTH_HOUSES(open_deals_follow_and_closed_ones_stay, NULL),
        IN_BOTH_HOUSES(sums_are_of_what_is_kept_also_of_past_days, NULL),
        IN_BOTH_HOUSES(nothing_is_one_to_one, NULL),
        IN_BOTH_HOUSES(a_file_is_loaded_once, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
