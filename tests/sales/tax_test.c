/* tax_test.c -- how buyers are taxed: each case of the rule, and what quotes, their paper and their
 * page, orders and invoices make of it. */
#include "base/id.h"
#include "kit/filter.h"
#include "sales/deal.h"
#include "sales/invoice.h"
#include "sales/order.h"
#include "sales/quote.h"
#include "sales/tax.h"
#include "support/house.h"
#include "support/pdf.h"

#define REVERSE \
    "Reverse charge: the VAT is owed by the recipient (Art. 196 of Directive 2006/112/EC)."

/* ---- the rule ---- */
static void each_case_of_the_rule(void **state)
{
    static const struct {
        struct tax_sides sides;
        const char *treatment, *why; /* a part of it */
    } cases[] = {
        { { "", "DE", "Germany", "DE136695976" }, "", "" },
        { { "DE", "DE", "Germany", "DE136695976" }, "domestic", "is ours" },
        { { "DE", "DE", "Germany", "" }, "domestic", "The buyer's country is ours, Germany." },
        { { "DE", "", "", "IT00743110157" }, "domestic", "country is not known" },
        { { "DE", "", "Bavaria", "" }, "domestic", "\"Bavaria\" is no country" },
        { { "DE", "IT", "Italy", "IT00743110157" },
          "reverse_charge",
          "and it has the VAT id IT00743110157" },
        { { "DE", "FR", "France", "IT00743110157" }, "reverse_charge", "is France" },
        { { "DE", "GR", "Greece", "EL123456783" }, "reverse_charge", "EL123456783" },
        { { "DE", "MC", "Monaco", "FR40303265045" }, "reverse_charge", "Monaco" },
        { { "DE", "IT", "Italy", "" },
          "eu_consumer",
          "has no VAT id: taxed at the rates of Germany" },
        { { "DE", "IT", "Italy", "DE136695976" }, "domestic", "is of Germany" },
        { { "DE", "IT", "Italy", "GB980780684" }, "eu_consumer", "of no member of the EU" },
        { { "DE", "IT", "Italy", "ABN51824753556" }, "eu_consumer", "of no member of the EU" },
        { { "DE", "CH", "Switzerland", "CHE116281710" }, "export", "outside of the EU" },
        { { "DE", "GB", "UK", "GB980780684" }, "export", "United Kingdom, is outside of the EU" },
        { { "DE", "GB", "UK", "XI980780684" }, "export", "outside of the EU" },
        { { "DE", "US", "USA", "" }, "export", "United States" },
        { { "CH", "CH", "Schweiz", "" }, "domestic", "is ours, Switzerland" },
        { { "CH", "DE", "Germany", "DE136695976" }, "export", "outside of Switzerland" },
        { { "GR", "GR", "Greece", "" }, "domestic", "Greece" },
        { { "GR", "DE", "Germany", "EL123456783" }, "domestic", "is of Greece" },
    };
    struct arena *a = arena_new(1 << 14);

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct tax_decision d = tax_decide(a, &cases[i].sides);
        if (!text_is(d.treatment, cases[i].treatment) || strstr(d.why, cases[i].why) == NULL)
            fail_msg("%s to %s, %s: %s, %s", cases[i].sides.seller, cases[i].sides.buyer,
                     cases[i].sides.vat_id, d.treatment, d.why);
    }
    arena_free(a);
}

/* ---- by the API ---- */
static const char *post(struct house *h, const struct person *who, const char *path,
                        const char *json)
{
    struct web_response r = house_json(h, who, HTTP_POST, path, json);

    house_expect(h, &r, 201);
    return val_get_text(house_val(h, &r), "id");
}

static const struct val *get(struct house *h, const struct person *who, const char *path,
                             const char *id)
{
    struct web_response r =
        house_json(h, who, HTTP_GET, arena_printf(h->arena, "/api/v1/%s/%s", path, id), NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

static const struct val *patch(struct house *h, const struct person *who, const char *path,
                               const char *id, const char *json)
{
    struct web_response r =
        house_json(h, who, HTTP_PATCH, arena_printf(h->arena, "/api/v1/%s/%s", path, id), json);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

static const char *amount(const struct val *v, const char *field)
{
    return val_get_text(val_get(v, field), "amount");
}

static void settle_in_germany(struct house *h)
{
    assert_ok(h->cx, setting_save(h->cx, "tax.country", "de"));
    assert_ok(h->cx, setting_save(h->cx, "tax.vat_id", "136 695 976"));
    assert_string_equal(setting_text(h->cx, "tax.country"), "Germany");
    assert_string_equal(setting_text(h->cx, "tax.vat_id"), "DE136695976");
}

static const char *new_company(struct house *h, const struct person *who, const char *country,
                               const char *vat_id)
{
    return post(h, who, "/api/v1/companies",
                arena_printf(h->arena, "{\"name\":\"Buyer\",\"country\":\"%s\",\"vat_id\":\"%s\"}",
                             country, vat_id));
}

/* One line of 100.00 with 19 percent. */
static const char *new_quote(struct house *h, const struct person *who, const char *company,
                             const char *rate)
{
    const char *quote = post(
        h, who, "/api/v1/quotes",
        arena_printf(h->arena, "{\"title\":\"Field\",\"currency\":\"EUR\",\"company_id\":\"%s\"}",
                     company));

    post(h, who, "/api/v1/quote-lines",
         arena_printf(h->arena,
                      "{\"quote_id\":\"%s\",\"name\":\"Sensor\",\"unit_price\":{\"amount\":"
                      "\"100.00\",\"currency\":\"EUR\"},\"tax_rate_id\":\"%s\"}",
                      quote, rate));
    return quote;
}

static const char *open_shop(struct house *h, const struct person *who)
{
    settle_in_germany(h);
    return post(
        h, who, "/api/v1/tax-rates",
        "{\"name\":\"VAT 19%\",\"percent\":19,\"is_default\":true,\"country\":\"Germany\"}");
}

static void ids_of_companies_are_checked(void **state)
{
    static const struct {
        const char *country, *typed, *kept; /* NULL: refused */
    } cases[] = { { "Germany", "de 136 695 976", "DE136695976" },
                  { "Deutschland", "136695976", "DE136695976" },
                  { "Italy", "IT00743110158", NULL },
                  { "", "DE13669597", NULL },
                  { "United States", "12-3456789", "123456789" },
                  { "France", "", "" } };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r = house_json(
            h, sam, HTTP_POST, "/api/v1/companies",
            arena_printf(h->arena, "{\"name\":\"A\",\"country\":\"%s\",\"vat_id\":\"%s\"}",
                         cases[i].country, cases[i].typed));
        house_expect(h, &r, cases[i].kept ? 201 : 422);
        if (cases[i].kept)
            assert_string_equal(val_get_text(house_val(h, &r), "vat_id"), cases[i].kept);
        else
            assert_true(house_has(&r, "company.vat_id"));
    }
    assert_int_equal(setting_save(h->cx, "tax.country", "Bavaria"), E_INVALID);
    ctx_clear_error(h->cx);
    assert_int_equal(setting_save(h->cx, "tax.vat_id", "DE1"), E_INVALID);
    ctx_clear_error(h->cx);
}

static void a_quote_says_how_its_buyer_is_taxed(void **state)
{
    static const struct {
        const char *country, *vat_id, *treatment, *tax, *total, *note; /* "": nothing is said */
    } cases[] = {
        { "Germany", "DE136695976", "domestic", "19.00", "119.00", "" },
        { "Italy", "IT00743110157", "reverse_charge", "0.00", "100.00", REVERSE },
        { "Bavaria", "", "domestic", "19.00", "119.00", "" }, /* no country */
        { "Italien", "", "eu_consumer", "19.00", "119.00",
          "Taxed at the rates of the seller's country, Germany." },
        { "Switzerland", "", "export", "0.00", "100.00",
          "Export to outside of the EU: no VAT is charged." },
    };
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales"), *sam = house_user(h, "Sam", "");
    const char *rate = open_shop(h, sam);

    for (size_t i = 0; i < countof(cases); i++) {
        const char *company = new_company(h, lee, cases[i].country, cases[i].vat_id),
                   *id = new_quote(h, lee, company, rate), *text;
        const struct val *v = get(h, lee, "quotes", id);
        struct web_response r;
        struct row *q;
        i64 number;
        assert_string_equal(val_get_text(v, "tax_treatment"), cases[i].treatment);
        assert_string_equal(amount(v, "tax"), cases[i].tax);
        assert_string_equal(amount(v, "total"), cases[i].total);
        r = house_get(h, lee, arena_printf(h->arena, "/quotes/%s", id));
        assert_true(house_has(&r, tax_label(cases[i].treatment)));
        r = house_get(h, lee, arena_printf(h->arena, "/quotes/%s/pdf", id));
        text = pdf_text(h->arena, r.body);
        assert_non_null(strstr(text, "VAT id DE136695976"));
        assert_non_null(strstr(text, cases[i].vat_id));
        if (strstr(text, cases[i].note) == NULL)
            fail_msg("the PDF lacks \"%s\": %s", cases[i].note, text);
        assert_int_equal(strstr(text, "Tax 0% on") != NULL, text_is(cases[i].tax, "0.00"));
        assert_int_equal(strstr(text, "Tax 19% on") != NULL, text_is(cases[i].tax, "19.00"));
        r = house_post(h, lee, arena_printf(h->arena, "/quotes/%s/send", id), "");
        house_expect(h, &r, 303);
        assert_true(id_parse(str_from(id), &number));
        assert_ok(h->cx, record_get(h->cx, &quote_type, number, &q));
        r = house_get(h, NULL, quote_public_path(h->cx, q));
        house_expect(h, &r, 200);
        assert_int_equal(house_has(&r, "paper-note"), cases[i].note[0] != '\0');
        assert_true(house_has(&r, "DE136695976"));
    }
}

static void a_person_may_choose_otherwise_and_it_is_logged(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *rate = open_shop(h, sam), *italian = new_company(h, sam, "Italy", ""),
               *id = new_quote(h, sam, italian, rate);
    const struct val *v = patch(h, sam, "quotes", id, "{\"tax_chosen\":\"eu_goods\"}");
    struct web_response r;

    assert_string_equal(val_get_text(v, "tax_treatment"), "eu_goods");
    assert_string_equal(amount(v, "total"), "100.00");
    assert_non_null(strstr(val_get_text(v, "tax_why"), "Chosen by hand, else: EU without VAT id."));
    r = house_json(h, sam, HTTP_GET, arena_printf(h->arena, "/api/v1/quotes/%s/history", id), NULL);
    assert_true(house_has(&r, "Goods within the EU"));
    v = patch(h, sam, "quotes", id, "{\"tax_chosen\":null}");
    assert_string_equal(val_get_text(v, "tax_treatment"), "eu_consumer");
    assert_string_equal(amount(v, "total"), "119.00");
    /* The line kept its rate; the buyer's id comes later, and counts with the next save. */
    patch(h, sam, "companies", italian, "{\"vat_id\":\"IT00743110157\"}");
    v = patch(h, sam, "quotes", id, "{\"title\":\"Field 2\"}");
    assert_string_equal(val_get_text(v, "tax_treatment"), "reverse_charge");
    /* The builder shows it, and a form without the select leaves the choice alone. */
    patch(h, sam, "quotes", id, "{\"tax_chosen\":\"domestic\"}");
    r = house_get(h, sam, arena_printf(h->arena, "/quotes/%s/build", id));
    assert_true(house_has(&r, "<option value=\"domestic\" selected>"));
    r = house_post(h, sam, arena_printf(h->arena, "/quotes/%s/build", id), "do=save&title=Field");
    house_expect(h, &r, 303);
    assert_string_equal(val_get_text(get(h, sam, "quotes", id), "tax_chosen"), "domestic");
}

static void nothing_is_decided_without_our_country(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *rate = post(h, sam, "/api/v1/tax-rates", "{\"name\":\"VAT\",\"percent\":19}"),
               *id = new_quote(h, sam, new_company(h, sam, "Italy", "IT00743110157"), rate);
    const struct val *v = get(h, sam, "quotes", id);

    assert_string_equal(val_get_text(v, "tax_treatment"), "");
    assert_string_equal(amount(v, "total"), "119.00");
}

/* ---- invoices ---- */
static void an_invoice_is_decided_once(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *rate = open_shop(h, sam), *italian = new_company(h, sam, "Italy", "IT00743110157"),
               *id;
    const struct val *v;
    struct web_response r;

    (void)rate;
    id = post(h, sam, "/api/v1/invoices",
              arena_printf(h->arena, "{\"company_id\":\"%s\"}", italian));
    post(h, sam, "/api/v1/invoice-lines",
         arena_printf(h->arena,
                      "{\"invoice_id\":\"%s\",\"name\":\"Sensor\",\"unit_price\":{\"amount\":"
                      "\"100.00\",\"currency\":\"EUR\"},\"tax_percent\":19}",
                      id));
    v = get(h, sam, "invoices", id);
    assert_string_equal(val_get_text(v, "tax_treatment"), "reverse_charge");
    assert_string_equal(amount(v, "total"), "100.00");
    patch(h, sam, "companies", italian, "{\"vat_id\":null}");
    v = patch(h, sam, "invoices", id, "{\"note\":\"a\"}"); /* what was issued stays */
    assert_string_equal(val_get_text(v, "tax_treatment"), "reverse_charge");
    v = patch(h, sam, "invoices", id, "{\"tax_treatment\":\"domestic\"}");
    assert_string_equal(amount(v, "total"), "119.00");
    assert_non_null(strstr(val_get_text(v, "tax_why"), "Chosen by hand"));
    r = house_post(h, sam, arena_printf(h->arena, "/invoices/%s/credit", id), "");
    house_expect(h, &r, 303);
    r = house_json(h, sam, HTTP_GET, "/api/v1/invoices?filter=kind%20%3D%20'credit_note'", NULL);
    assert_true(house_has(&r, "\"amount\":\"-119.00\""));
    assert_true(house_has(&r, "\"tax_treatment\":\"domestic\""));
}

/* Of another program, with a tax that was charged: what it says is not doubted. */
static void a_typed_tax_is_not_taken_away(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *company, *id;
    struct web_response r;

    (void)open_shop(h, sam);
    company = new_company(h, sam, "Switzerland", "");
    id = post(h, sam, "/api/v1/invoices",
              arena_printf(h->arena,
                           "{\"company_id\":\"%s\",\"net\":{\"amount\":\"100\",\"currency\":"
                           "\"EUR\"},\"tax\":{\"amount\":\"19\",\"currency\":\"EUR\"}}",
                           company));
    assert_string_equal(val_get_text(get(h, sam, "invoices", id), "tax_treatment"), "");
    r = house_json(h, sam, HTTP_PATCH, arena_printf(h->arena, "/api/v1/invoices/%s", id),
                   "{\"tax_treatment\":\"export\"}");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "invoice.tax_free"));
}

static void win(struct house *h, const struct person *who, const char *deal)
{
    struct list_page stages;

    assert_ok(h->cx,
              list_run(h->cx, type_find(h->cx, "stage"),
                       &(struct list_query){ .filter = "name = 'Won'", .limit = 1 }, &stages));
    assert_int_equal(stages.count, 1);
    patch(
        h, who, "deals", deal,
        arena_printf(h->arena, "{\"stage_id\":\"%s\"}", id_text(h->arena, row_id(stages.rows[0]))));
}

/* What was chosen on the quote goes on to order, invoice and subscription; what was not
 * is decided when the invoice is made. */
static void what_was_chosen_is_invoiced(void **state)
{
    static const struct {
        const char *vat_id, *chosen, *treatment, *tax;
    } cases[] = { { "IT00743110157", "", "reverse_charge", "0.00" },
                  { "IT00743110157", "domestic", "domestic", "38.00" },
                  { "", "", "eu_consumer", "38.00" },
                  { "", "export", "export", "0.00" } };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *rate = open_shop(h, sam);

    for (size_t i = 0; i < countof(cases); i++) {
        const char *company = new_company(h, sam, "Italy", cases[i].vat_id), *deal, *id;
        struct web_response r;
        const struct val *list, *one;
        struct row *q;
        i64 number;
        deal = post(h, sam, "/api/v1/deals",
                    arena_printf(h->arena, "{\"name\":\"Deal\",\"company_id\":\"%s\"}", company));
        id = new_quote(h, sam, company, rate);
        post(h, sam, "/api/v1/quote-lines",
             arena_printf(h->arena,
                          "{\"quote_id\":\"%s\",\"name\":\"Plan\",\"months\":1,\"unit_price\":"
                          "{\"amount\":\"100.00\",\"currency\":\"EUR\"},\"tax_rate_id\":\"%s\"}",
                          id, rate));
        patch(h, sam, "quotes", id,
              arena_printf(h->arena, "{\"deal_id\":\"%s\",\"tax_chosen\":\"%s\"}", deal,
                           cases[i].chosen));
        assert_true(id_parse(str_from(id), &number));
        assert_ok(h->cx, record_get(h->cx, &quote_type, number, &q));
        assert_ok(h->cx, quote_mark_sent(h->cx, q));
        assert_ok(h->cx, record_get(h->cx, &quote_type, number, &q));
        assert_ok(h->cx, quote_accept(h->cx, q, NULL, 0, "Ada", ""));
        win(h, sam, deal);
        r = house_post(h, sam, "/invoices/bill", "month=2026-11");
        house_expect(h, &r, 303);
        r = house_json(
            h, sam, HTTP_GET,
            arena_printf(h->arena, "/api/v1/invoices?filter=company_id%%20%%3D%%20'%s'", company),
            NULL);
        house_expect(h, &r, 200);
        list = val_get(house_val(h, &r), "data");
        assert_int_equal(val_count(list), 1);
        one = val_at(list, 0);
        assert_string_equal(val_get_text(one, "tax_treatment"), cases[i].treatment);
        assert_string_equal(amount(one, "net"), "200.00");
        assert_string_equal(amount(one, "tax"), cases[i].tax);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_of_the_rule),
        IN_BOTH_HOUSES(ids_of_companies_are_checked, NULL),
        IN_BOTH_HOUSES(a_quote_says_how_its_buyer_is_taxed, NULL),
        IN_BOTH_HOUSES(a_person_may_choose_otherwise_and_it_is_logged, NULL),
        IN_BOTH_HOUSES(nothing_is_decided_without_our_country, NULL),
        IN_BOTH_HOUSES(an_invoice_is_decided_once, NULL),
        IN_BOTH_HOUSES(a_typed_tax_is_not_taken_away, NULL),
        IN_BOTH_HOUSES(what_was_chosen_is_invoiced, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
