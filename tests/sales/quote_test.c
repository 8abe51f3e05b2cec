/* quote_test.c -- quotes from the first line to the signature: stored totals against price.h, the
 * PDF against both (by another reader), versions, approvals, the customer's page. */
#include "base/id.h"
#include "base/json.h"
#include "base/money.h"
#include "bridge/brand.h"
#include "bridge/contact.h"
#include "kit/kit.h"
#include "mail/token.h"
#include "sales/approval.h"
#include "sales/deal.h"
#include "sales/price.h"
#include "sales/product.h"
#include "sales/quote.h"
#include "support/house.h"
#include "support/pdf.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUOTES = 24, LINES_MOST = 45, TEXT_BYTES = 256 * 1024 };
#define BROWSER \
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0"

static const struct http_pair as_browser[] = { { "User-Agent", BROWSER }, { NULL, NULL } };

static u64 next(u64 *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static i64 below(u64 *seed, i64 n) { return (i64)(next(seed) % (u64)n); }

static struct row *get(struct house *h, const struct record_type *t, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, t, id, &r));
    return r;
}

/* ---- by the API ---- */
static const char *post(struct house *h, const struct person *who, const char *path,
                        const char *json)
{
    struct web_response r = house_json(h, who, HTTP_POST, path, json);

    house_expect(h, &r, 201);
    return val_get_text(house_val(h, &r), "id");
}

static const char *path_of(struct house *h, const char *id, const char *more)
{
    return arena_printf(h->arena, "/quotes/%s%s", id, more);
}

static const struct val *quote_val(struct house *h, const struct person *who, const char *id)
{
    struct web_response r =
        house_json(h, who, HTTP_GET, arena_printf(h->arena, "/api/v1/quotes/%s", id), NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

static const char *digits_of(struct house *h, const char *currency, i64 minor)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, currency, 4);
    return money_plain(h->arena, m);
}

static const char *shown(struct house *h, const char *currency, i64 minor)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, currency, 4);
    return money_show(h->arena, m);
}

/* A quote made at random, by the API, and the same handed to the arithmetic. */
struct sample {
    const char *id, *currency;
    struct price_line lines[LINES_MOST];
    struct price_discount discounts[LINES_MOST][2], total[2];
    struct price_quote q;
};
static const char *const currencies[] = { "EUR", "JPY", "KWD" };
static const char *const texts[] = {
    "Soil sensor",
    "Датчик влажности почвы",
    "Αισθητήρας εδάφους",
    "A very long name of something that needs more than the one line which the column has for it",
    "Müller & Söhne <Sonderposten> \\\"5%\\\"",
};

static void sample_line(struct house *h, const struct person *who, struct sample *s, size_t n,
                        const char *const *taxes, u64 *seed)
{
    static const i64 rates[] = { 0, 70000, 190000, 88750 };
    struct price_line *l = &s->lines[n];
    i64 minor = below(seed, 5) == 0 ? 0 : below(seed, 2000000), rate = below(seed, 4),
        sign = below(seed, 8) == 0 ? -1 : 1, share = below(seed, 3) == 0 ? below(seed, 400000) : 0;
    bool optional = below(seed, 6) == 0, chosen = optional && below(seed, 2) == 0;
    const char *off = "";

    *l = (struct price_line){ .quantity = (1 + below(seed, 200000)) * sign,
                              .unit = minor * PRICE_SCALE,
                              .unit_cost = minor / 2 * PRICE_SCALE,
                              .tax_rate = rates[rate],
                              .months = below(seed, 3) == 0 ? (below(seed, 2) ? 1 : 12) : 0,
                              .left_out = optional && !chosen,
                              .discounts = s->discounts[n] };
    if (share) {
        s->discounts[n][l->discount_count++] = (struct price_discount){ .value = share };
        off = arena_printf(h->arena, ",\"discount_percent\":%d.%04d", (int)(share / 10000),
                           (int)(share % 10000));
    }
    post(h, who, "/api/v1/quote-lines",
         arena_printf(
             h->arena,
             "{\"quote_id\":\"%s\",\"name\":\"%s\",\"detail\":\"%s\",\"quantity\":%s%d.%04d,"
             "\"unit_price\":{\"amount\":\"%s\",\"currency\":\"%s\"},"
             "\"unit_cost\":{\"amount\":\"%s\",\"currency\":\"%s\"},\"tax_rate_id\":%s%s%s,"
             "\"months\":%d,\"optional\":%s,\"chosen\":%s%s}",
             s->id, texts[below(seed, countof(texts))],
             below(seed, 4) == 0 ? "Made of steel.\\nReady on the day of delivery." : "",
             sign < 0 ? "-" : "", (int)(llabs(l->quantity) / 10000),
             (int)(llabs(l->quantity) % 10000), digits_of(h, s->currency, minor), s->currency,
             digits_of(h, s->currency, minor / 2), s->currency, rate ? "\"" : "",
             rate ? taxes[rate] : "null", rate ? "\"" : "", l->months, optional ? "true" : "false",
             chosen ? "true" : "false", off));
}

static void make_sample(struct house *h, const struct person *who, const char *const *taxes,
                        size_t count, u64 *seed, struct sample *s)
{
    i64 share = below(seed, 2) ? below(seed, 200000) : 0;
    bool included = below(seed, 3) == 0;

    memset(s, 0, sizeof *s);
    s->currency = currencies[below(seed, 3)];
    s->id = post(h, who, "/api/v1/quotes",
                 arena_printf(h->arena,
                              "{\"title\":\"Sample\",\"currency\":\"%s\",\"tax_included\":%s,"
                              "\"discount_percent\":%d.%04d,\"terms\":\"%s\"}",
                              s->currency, included ? "true" : "false", (int)(share / 10000),
                              (int)(share % 10000),
                              count > 20 ? "Payment within 14 days.\\nВсё остаётся нашим." : ""));
    for (size_t i = 0; i < count; i++)
        sample_line(h, who, s, i, taxes, seed);
    s->q = (struct price_quote){
        .lines = s->lines, .line_count = count, .tax_included = included, .discounts = s->total
    };
    if (share)
        s->total[s->q.discount_count++] = (struct price_discount){ .value = share };
}

static void open_shop(struct house *h, const struct person *who, const char *taxes[4])
{
    assert_ok(h->cx, setting_save(h->cx, "currency.rates",
                                  "{\"JPY\":\"0.0061\",\"KWD\":\"3.01\",\"USD\":\"0.92\"}"));
    taxes[0] = "";
    taxes[1] = post(h, who, "/api/v1/tax-rates", "{\"name\":\"VAT 7%\",\"percent\":7}");
    taxes[2] = post(h, who, "/api/v1/tax-rates", "{\"name\":\"VAT 19%\",\"percent\":19}");
    taxes[3] = post(h, who, "/api/v1/tax-rates", "{\"name\":\"Sales tax\",\"percent\":8.875}");
}

static void expect_money(struct house *h, const struct sample *s, const struct val *v,
                         const char *field, i64 minor)
{
    const struct val *m = val_get(v, field);
    const char *want = digits_of(h, s->currency, minor), *got = val_get_text(m, "amount");

    if (!text_is(got, want) || !text_is(val_get_text(m, "currency"), s->currency))
        fail_msg("%s of %s: %s %s, want %s %s", field, s->id, got, val_get_text(m, "currency"),
                 want, s->currency);
}

/* ---- the PDF, by another reader ---- */
static int times(const char *text, const char *what)
{
    int n = 0;

    for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
        n++;
    return n;
}

static void expect_in(struct house *h, const char *text, const char *what, const char *where)
{
    if (!strstr(text, plain_blanks(h->arena, what))) {
        print_message("%s\n", text);
        fail_msg("%s lacks \"%s\"", where, what);
    }
}

static void check_pdf(struct house *h, const struct person *who, const struct sample *s)
{
    struct web_response r = house_get(h, who, path_of(h, s->id, "/pdf"));
    const struct price_total *all = &s->q.all;
    const char *text;
    int pages, lines = 0;

    house_expect(h, &r, 200);
    assert_string_equal(r.type, "application/pdf");
    text = pdf_text(h->arena, r.body);
    expect_in(h, text, shown(h, s->currency, all->due), s->id);
    if (all->tax != 0)
        expect_in(h, text, shown(h, s->currency, all->base), s->id);
    for (size_t i = 0; i < s->q.line_count; i++) {
        expect_in(h, text, shown(h, s->currency, s->q.lines[i].sum), s->id);
        lines++;
    }
    for (size_t i = 0; i < s->q.discount_count; i++)
        expect_in(h, text, shown(h, s->currency, -s->q.discounts[i].gives), s->id);
    for (size_t i = 0; s->q.total_count > 1 && i < s->q.total_count; i++)
        expect_in(h, text, shown(h, s->currency, s->q.totals[i].due), s->id);
    pages = times(text, "\f");
    expect_in(h, text, arena_printf(h->arena, "%d / %d", pages, pages), s->id);
    expect_in(h, text, "1 / ", s->id);
    if (lines > 30) {
        assert_true(pages > 1);
        assert_true(times(text, "Quantity") > 1); /* the head of the table, again */
    }
}

static void stored_totals_and_print_are_what_the_arithmetic_says(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", ""), *lee = house_user(h, "Lee", "Sales");
    struct sample *s = NEW(h->arena, struct sample);
    const char *taxes[4];
    u64 seed = 20261123;

    open_shop(h, sam, taxes);
    for (int i = 0; i < QUOTES; i++) {
        const struct val *v;
        make_sample(h, lee, taxes, i % 8 == 7 ? LINES_MOST : (size_t)(1 + below(&seed, 7)), &seed,
                    s);
        if (price_count(h->cx, &s->q) !=
            OK) /* a discount on a credit note: refused on both sides */
            fail_msg("the sample cannot be counted: %s", h->cx->error_text);
        v = quote_val(h, lee, s->id);
        expect_money(h, s, v, "subtotal", s->q.all.sum);
        expect_money(h, s, v, "discount", s->q.all.discount);
        expect_money(h, s, v, "net", s->q.all.base);
        expect_money(h, s, v, "tax", s->q.all.tax);
        expect_money(h, s, v, "total", s->q.all.due);
        check_pdf(h, lee, s);
    }
}

static void other_letters_are_printed(void **state)
{
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales");
    const char *id = post(h, lee, "/api/v1/quotes", "{\"title\":\"Поле\",\"currency\":\"EUR\"}");
    struct web_response r;
    const char *text;

    for (size_t i = 0; i < countof(texts); i++)
        post(h, lee, "/api/v1/quote-lines",
             arena_printf(h->arena,
                          "{\"quote_id\":\"%s\",\"name\":\"%s\",\"unit_price\":{\"amount\":\"1\","
                          "\"currency\":\"EUR\"}}",
                          id, texts[i]));
    r = house_get(h, lee, path_of(h, id, "/pdf"));
    text = pdf_text(h->arena, r.body);
    expect_in(h, text, "Датчик влажности почвы", "the PDF");
    expect_in(h, text, "Αισθητήρας εδάφους", "the PDF");
    expect_in(h, text, "Müller & Söhne <Sonderposten> \"5%\"", "the PDF");
    expect_in(h, text, "Поле", "the PDF");
}

/* ---- prices ---- */
static void the_book_has_its_prices_by_volume(void **state)
{
    static const struct {
        const char *quantity, *price;
    } cases[] = { { "1", "100.00" },
                  { "9.9999", "100.00" },
                  { "10", "90.00" },
                  { "1000", "75.00" },
                  { "-20", "90.00" } };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *product = post(h, sam, "/api/v1/products",
                               "{\"name\":\"Sensor\",\"kind\":\"one_time\",\"price\":{\"amount\":"
                               "\"120\",\"currency\":\"EUR\"}}"),
               *book = post(h, sam, "/api/v1/price-books",
                            "{\"name\":\"Partners\",\"currency\":\"eur\"}"),
               *quote =
                   post(h, sam, "/api/v1/quotes",
                        arena_printf(h->arena, "{\"title\":\"T\",\"price_book_id\":\"%s\"}", book));
    static const char *const tiers[][2] = { { "0", "100" }, { "10", "90" }, { "100", "75" } };

    for (size_t i = 0; i < countof(tiers); i++)
        post(h, sam, "/api/v1/prices",
             arena_printf(h->arena,
                          "{\"book_id\":\"%s\",\"product_id\":\"%s\",\"from_quantity\":%s,"
                          "\"unit_price\":{\"amount\":\"%s\",\"currency\":\"EUR\"}}",
                          book, product, tiers[i][0], tiers[i][1]));
    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r = house_json(
            h, sam, HTTP_POST, "/api/v1/quote-lines",
            arena_printf(h->arena, "{\"quote_id\":\"%s\",\"product_id\":\"%s\",\"quantity\":%s}",
                         quote, product, cases[i].quantity));
        house_expect(h, &r, 201);
        assert_string_equal(val_get_text(val_get(house_val(h, &r), "unit_price"), "amount"),
                            cases[i].price);
        assert_string_equal(val_get_text(house_val(h, &r), "name"), "Sensor");
    }
}

static void a_bundle_costs_what_its_parts_do(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *part =
                   post(h, sam, "/api/v1/products",
                        "{\"name\":\"Sensor\",\"kind\":\"one_time\",\"price\":{\"amount\":\"20\","
                        "\"currency\":\"EUR\"},\"cost\":{\"amount\":\"8\",\"currency\":\"EUR\"}}"),
               *bundle = post(h, sam, "/api/v1/products",
                              "{\"name\":\"Starter set\",\"kind\":\"one_time\"}"),
               *quote = post(h, sam, "/api/v1/quotes", "{\"title\":\"T\",\"currency\":\"EUR\"}");
    struct web_response r;
    const struct val *v;

    post(h, sam, "/api/v1/product-parts",
         arena_printf(h->arena, "{\"bundle_id\":\"%s\",\"product_id\":\"%s\",\"quantity\":2.5}",
                      bundle, part));
    r = house_json(
        h, sam, HTTP_POST, "/api/v1/product-parts",
        arena_printf(h->arena, "{\"bundle_id\":\"%s\",\"product_id\":\"%s\"}", part, bundle));
    house_expect(h, &r, 422); /* in a circle */
    r = house_json(
        h, sam, HTTP_POST, "/api/v1/quote-lines",
        arena_printf(h->arena, "{\"quote_id\":\"%s\",\"product_id\":\"%s\"}", quote, bundle));
    house_expect(h, &r, 201);
    v = house_val(h, &r);
    assert_string_equal(val_get_text(val_get(v, "unit_price"), "amount"), "50.00");
    assert_string_equal(val_get_text(val_get(v, "unit_cost"), "amount"), "20.00");
    expect_in(h, val_get_text(v, "detail"), "2.5 × Sensor", "the line");
}

/* ---- the way to the customer ---- */
struct offer {
    const char *id, *extra; /* the quote; its optional line */
    i64 deal, contact;
    const char *link;
};

static i64 number_of(const char *id)
{
    i64 n = 0;

    assert_true(id_parse(str_from(id), &n));
    return n;
}

static const char *link_of(struct house *h, const char *quote)
{
    i64 id = number_of(quote);

    return arena_printf(h->arena, "/q/%s", token_write(h->cx, TOKEN_QUOTE, &id, 1, ""));
}

/* A deal without an amount, and a quote on it: 2 x 100.00 less `percent`, and an option of 50. */
static struct offer make_offer(struct house *h, const struct person *who, int percent)
{
    struct row *contact = row_new(h->cx, &contact_type), *deal = row_new(h->cx, &deal_type);
    struct offer o;

    row_set_text(contact, CONTACT_FIRST, "Jo");
    assert_ok(h->cx, record_save(h->cx, contact));
    row_set_text(deal, DEAL_NAME, "Field 7");
    row_set_i64(deal, DEAL_CONTACT, row_id(contact));
    assert_ok(h->cx, record_save(h->cx, deal));
    o.deal = row_id(deal);
    o.contact = row_id(contact);
    o.id = post(h, who, "/api/v1/quotes",
                arena_printf(h->arena, "{\"deal_id\":\"%s\"}", id_text(h->arena, o.deal)));
    post(h, who, "/api/v1/quote-lines",
         arena_printf(h->arena,
                      "{\"quote_id\":\"%s\",\"name\":\"Sensor\",\"quantity\":2,\"unit_price\":"
                      "{\"amount\":\"100\",\"currency\":\"EUR\"},\"discount_percent\":%d}",
                      o.id, percent));
    o.extra = post(h, who, "/api/v1/quote-lines",
                   arena_printf(h->arena,
                                "{\"quote_id\":\"%s\",\"name\":\"Care\",\"unit_price\":{\"amount\":"
                                "\"50\",\"currency\":\"EUR\"},\"optional\":true,\"months\":12}",
                                o.id));
    o.link = link_of(h, o.id);
    return o;
}

static const char *status_of(struct house *h, const char *id)
{
    return row_text(get(h, &quote_type, number_of(id)), QUOTE_STATUS);
}

static void expect_status(struct house *h, const char *id, const char *want)
{
    assert_string_equal(status_of(h, id), want);
}

static struct web_response visit(struct house *h, const char *link)
{
    return house_ask(h, NULL, HTTP_GET, link, NULL, as_browser);
}

static struct web_response say(struct house *h, const struct offer *o, const char *what,
                               const char *body)
{
    return house_ask(h, NULL, HTTP_POST, arena_printf(h->arena, "%s/%s", o->link, what), body,
                     as_browser);
}

static void send_quote(struct house *h, const struct person *who, const char *id)
{
    struct web_response r = house_post(h, who, path_of(h, id, "/send"), "");

    house_expect(h, &r, 303);
}

static i64 notes_of(struct house *h, const struct person *who, const char *words)
{
    struct web_response r = house_get(h, who, "/notifications");

    return times(arena_dup(h->arena, r.body.p, r.body.len), words);
}

static void a_draft_is_nobodys_but_ours(void **state)
{
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 0);
    struct web_response r = visit(h, o.link);

    house_expect(h, &r, 404);
    assert_false(house_has(&r, "Sensor"));
}

static void the_customer_reads_asks_ticks_and_signs(void **state)
{
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 0);
    struct row *q;
    struct web_response r;
    const char *body;

    send_quote(h, lee, o.id);
    expect_status(h, o.id, "sent");
    assert_int_equal(row_money(get(h, &deal_type, o.deal), DEAL_AMOUNT).minor, 20000);
    r = house_ask(h, lee, HTTP_GET, o.link, NULL, as_browser); /* a colleague looks */
    house_expect(h, &r, 200);
    r = house_ask(h, NULL, HTTP_GET, o.link, NULL,
                  (struct http_pair[]){ { "User-Agent", "curl/8" }, { NULL, NULL } });
    house_expect(h, &r, 200);
    expect_status(h, o.id, "sent");
    r = visit(h, o.link);
    assert_true(house_has(&r, "€200.00"));
    r = visit(h, o.link);
    expect_status(h, o.id, "viewed");
    q = get(h, &quote_type, number_of(o.id));
    assert_int_equal(row_i64(q, QUOTE_OPENS), 1);
    assert_int_equal(notes_of(h, lee, "was opened"), 1);

    r = say(h, &o, "comment", "name=Jo&text=Is+the+cable+in%3F");
    house_expect(h, &r, 303);
    r = say(h, &o, "comment", "name=Jo&text=Is+the+cable+in%3F"); /* twice */
    house_expect(h, &r, 303);
    assert_int_equal(notes_of(h, lee, "Is the cable in?"), 1);
    r = house_post(h, lee, path_of(h, o.id, "/reply"), "text=It+is.");
    house_expect(h, &r, 303);
    r = visit(h, o.link);
    assert_true(house_has(&r, "Is the cable in?") && house_has(&r, "It is."));

    r = visit(h, arena_printf(h->arena, "%s?count=1&chosen=%s", o.link, o.extra));
    assert_true(house_has(&r, "€250.00"));
    body = arena_printf(h->arena, "name=Jo+Field&agree=true&due=20000&chosen=%s", o.extra);
    r = say(h, &o, "accept", body); /* another total than was shown */
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "the total is €250.00"));
    r = say(h, &o, "accept",
            arena_printf(h->arena, "name=&agree=true&due=25000&chosen=%s", o.extra));
    house_expect(h, &r, 422);
    r = say(h, &o, "accept", arena_printf(h->arena, "name=Jo&due=25000&chosen=%s", o.extra));
    house_expect(h, &r, 422);
    expect_status(h, o.id, "viewed");
    body = arena_printf(h->arena, "name=Jo+Field&agree=true&due=25000&chosen=%s", o.extra);
    r = say(h, &o, "accept", body);
    house_expect(h, &r, 303);
    r = say(h, &o, "accept", body);
    house_expect(h, &r, 303);
    r = say(h, &o, "decline", "name=Jo");
    house_expect(h, &r, 303);
    expect_status(h, o.id, "accepted");
    q = get(h, &quote_type, number_of(o.id));
    assert_int_equal(row_money(q, QUOTE_TOTAL).minor, 25000);
    assert_string_equal(row_text(q, QUOTE_SIGNED_BY), "Jo Field");
    assert_int_equal(strlen(row_text(q, QUOTE_HASH)), 64);
    assert_int_equal(row_money(get(h, &deal_type, o.deal), DEAL_AMOUNT).minor, 25000);
    assert_int_equal(notes_of(h, lee, "Jo Field accepted"), 1);
    r = house_get(h, lee, arena_printf(h->arena, "/deals/%s", id_text(h->arena, o.deal)));
    assert_true(house_has(&r, "Accepted") && house_has(&r, "Is the cable in?"));
    assert_true(house_has(&r, "Quote accepted"));
}

static void what_was_signed_is_served_unchanged(void **state)
{
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 0);
    struct row *brand = row_new(h->cx, &brand_type);
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[sizeof hash * 2 + 1];
    struct web_response first, second;
    struct row *q;
    const char *text;

    send_quote(h, lee, o.id);
    first = say(h, &o, "accept", "name=Jo+Field&agree=true&due=20000");
    house_expect(h, &first, 303);
    first = visit(h, arena_printf(h->arena, "%s/pdf", o.link));
    row_set_text(brand, BRAND_NAME, "Another name");
    row_set_i64(brand, BRAND_DEFAULT, 1);
    assert_ok(h->cx, record_save(h->cx, brand));
    h->clock->fixed_ms += MS_DAY;
    second = house_get(h, lee, path_of(h, o.id, "/pdf"));
    assert_int_equal(first.body.len, second.body.len);
    assert_memory_equal(first.body.p, second.body.p, first.body.len);
    crypto_hash_sha256(hash, (const unsigned char *)first.body.p, first.body.len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    q = get(h, &quote_type, number_of(o.id));
    assert_string_equal(row_text(q, QUOTE_FILE_HASH), hex);
    text = pdf_text(h->arena, first.body);
    expect_in(h, text, "Accepted and signed by", "the PDF");
    expect_in(h, text, "Jo Field", "the PDF");
    expect_in(h, text, row_text(q, QUOTE_HASH), "the PDF");
    expect_in(h, text, "€200.00", "the PDF");
}

static void declined_with_a_reason(void **state)
{
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 0);
    struct web_response r;

    send_quote(h, lee, o.id);
    r = say(h, &o, "decline", "name=&text=x");
    house_expect(h, &r, 422);
    r = say(h, &o, "decline", "name=Jo&text=Too+dear");
    house_expect(h, &r, 303);
    expect_status(h, o.id, "declined");
    assert_int_equal(notes_of(h, lee, "Too dear"), 1);
    r = say(h, &o, "accept", "name=Jo&agree=true&due=20000");
    house_expect(h, &r, 303);
    expect_status(h, o.id, "declined");
}

static void after_its_last_day_it_is_over(void **state)
{
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 0);
    const struct job_type *job = kit_job(h->kit, "quote.expire");
    struct job_run run = { .cx = h->cx };
    struct web_response r;

    send_quote(h, lee, o.id);
    assert_ok(h->cx, job->run(&run));
    expect_status(h, o.id, "sent");
    h->clock->fixed_ms += INT64_C(31) * MS_DAY;               /* 30 days by default */
    r = say(h, &o, "accept", "name=Jo&agree=true&due=20000"); /* even before the job ran */
    house_expect(h, &r, 303);
    expect_status(h, o.id, "sent");
    assert_ok(h->cx, job->run(&run));
    expect_status(h, o.id, "expired");
    r = visit(h, o.link);
    assert_true(house_has(&r, "was valid until"));
    assert_false(house_has(&r, "Accept and sign"));
}

static void a_new_version_takes_the_place_of_the_old(void **state)
{
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 0);
    struct web_response r;
    const char *second, *line;
    struct row *q;

    send_quote(h, lee, o.id);
    r = house_post(h, lee, path_of(h, o.id, "/revise"), "");
    house_expect(h, &r, 303);
    second = web_response_header(&r, "Location") + strlen("/quotes/");
    second = arena_dup(h->arena, second, strcspn(second, "/"));
    q = get(h, &quote_type, number_of(second));
    assert_int_equal(row_i64(q, QUOTE_REVISION), 2);
    assert_string_equal(row_text(q, QUOTE_NUMBER),
                        row_text(get(h, &quote_type, number_of(o.id)), QUOTE_NUMBER));
    assert_int_equal(row_money(q, QUOTE_TOTAL).minor, 20000);
    expect_status(h, o.id, "sent"); /* until the new one is out */
    line = post(h, lee, "/api/v1/quote-lines",
                arena_printf(h->arena,
                             "{\"quote_id\":\"%s\",\"name\":\"Rebate\",\"unit_price\":{\"amount\":"
                             "\"-30\",\"currency\":\"EUR\"}}",
                             second));
    assert_int_equal(strlen(line), ID_CHARS);
    r = house_get(h, lee, path_of(h, second, "/compare"));
    assert_true(house_has(&r, "Rebate") && house_has(&r, "Added") && house_has(&r, "€170.00"));
    send_quote(h, lee, second);
    expect_status(h, o.id, "superseded");
    r = visit(h, o.link);
    assert_true(house_has(&r, link_of(h, second)));
    assert_false(house_has(&r, "Accept and sign"));
    r = house_get(h, lee, path_of(h, second, ""));
    assert_true(house_has(&r, "Conceded") && house_has(&r, "-€30.00 against"));
}

/* ---- approval ---- */
static i64 pending_of(struct house *h, const struct person *approver)
{
    struct web_response r = house_json(h, approver, HTTP_GET,
                                       "/api/v1/approvals?filter=status%20%3D%20'pending'", NULL);
    const struct val *v = house_val(h, &r), *list = val_get(v, "items");

    house_expect(h, &r, 200);
    if (list == NULL)
        for (size_t i = 0; i < val_count(v); i++)
            if (val_kind_of(val_value_at(v, i)) == VAL_LIST)
                list = val_value_at(v, i);
    assert_int_equal(val_count(list), 1);
    return number_of(val_get_text(val_at(list, 0), "id"));
}

static struct web_response decide(struct house *h, const struct person *who, i64 id,
                                  const char *body)
{
    return house_post(h, who, arena_printf(h->arena, "/approvals/%s/decide", id_text(h->arena, id)),
                      body);
}

static void rule(struct house *h, const struct person *admin, const char *name, const char *filter,
                 const struct person *approver, int position, const char *more)
{
    post(
        h, admin, "/api/v1/approval-rules",
        arena_printf(h->arena,
                     "{\"name\":\"%s\",\"filter\":\"%s\",\"approver_id\":\"%s\",\"position\":%d%s}",
                     name, filter, id_text(h->arena, approver->user_id), position, more));
}

static void much_discount_is_approved_first_and_again_after_a_change(void **state)
{
    struct house *h = *state;
    struct person *boss = house_user(h, "Boss", ""), *mid = house_user(h, "Mid", "Sales"),
                  *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 20), small = make_offer(h, lee, 5);
    struct web_response r;

    rule(h, boss, "Discount", "discount_given > 10", mid, 10, "");
    rule(h, boss, "Much", "discount_given >= 20", boss, 20, "");
    send_quote(h, lee, small.id);
    expect_status(h, small.id, "sent");
    send_quote(h, lee, o.id);
    expect_status(h, o.id, "needs_approval");
    assert_int_equal(notes_of(h, mid, "waits for your approval"), 1);
    assert_int_equal(notes_of(h, boss, "waits for your approval"), 0); /* after the other */
    r = visit(h, o.link);
    house_expect(h, &r, 404);
    r = decide(h, lee, pending_of(h, boss), "verdict=approve");
    house_expect(h, &r, 403);
    r = decide(h, mid, pending_of(h, boss), "verdict=approve&comment=Fine");
    house_expect(h, &r, 303);
    expect_status(h, o.id, "needs_approval");
    assert_int_equal(notes_of(h, boss, "waits for your approval"), 1);
    r = decide(h, boss, pending_of(h, boss), "verdict=reject&comment=Too+much");
    house_expect(h, &r, 303);
    expect_status(h, o.id, "draft");
    assert_int_equal(notes_of(h, lee, "Too much"), 1);

    send_quote(h, lee, o.id);
    r = decide(h, mid, pending_of(h, boss), "verdict=approve");
    r = decide(h, boss, pending_of(h, boss), "verdict=approve");
    house_expect(h, &r, 303);
    expect_status(h, o.id, "approved");
    r = house_json(h, lee, HTTP_PATCH, arena_printf(h->arena, "/api/v1/quote-lines/%s", o.extra),
                   "{\"name\":\"Care and more\"}"); /* not even the total changes */
    house_expect(h, &r, 200);
    expect_status(h, o.id, "draft");
    send_quote(h, lee, o.id);
    expect_status(h, o.id, "needs_approval");
    r = decide(h, mid, pending_of(h, boss), "verdict=approve");
    r = decide(h, boss, pending_of(h, boss), "verdict=approve");
    expect_status(h, o.id, "approved");
    send_quote(h, lee, o.id);
    expect_status(h, o.id, "sent");
}

static i64 given(struct house *h, const char *quote)
{
    return row_i64(get(h, &quote_type, number_of(quote)), QUOTE_GIVEN) / 100; /* of 1/100 percent */
}

static void a_price_below_the_list_is_a_discount(void **state)
{
    static const struct {
        const char *price; /* NULL: the list's */
        int discount, given;
    } cases[] = { { NULL, 0, 0 },  { NULL, 15, 15 },  { "80", 0, 20 }, { "80", 10, 28 },
                  { "120", 0, 0 }, { "120", 10, 10 }, { "100", 0, 0 }, { "0", 0, 100 } };
    struct house *h = *state;
    struct person *boss = house_user(h, "Boss", ""), *lee = house_user(h, "Lee", "Sales");
    const char *product = post(h, boss, "/api/v1/products",
                               "{\"name\":\"Sensor\",\"kind\":\"one_time\",\"price\":{\"amount\":"
                               "\"100\",\"currency\":\"EUR\"}}"),
               *quotes[countof(cases)], *second;
    struct web_response r;

    for (size_t i = 0; i < countof(cases); i++) {
        const char *price = cases[i].price
                                ? arena_printf(h->arena,
                                               ",\"unit_price\":{\"amount\":\"%s\",\"currency\":"
                                               "\"EUR\"}",
                                               cases[i].price)
                                : "";
        quotes[i] = post(h, lee, "/api/v1/quotes", "{\"title\":\"T\"}");
        post(h, lee, "/api/v1/quote-lines",
             arena_printf(h->arena,
                          "{\"quote_id\":\"%s\",\"product_id\":\"%s\",\"quantity\":3,"
                          "\"discount_percent\":%d%s}",
                          quotes[i], product, cases[i].discount, price));
        assert_int_equal(given(h, quotes[i]), cases[i].given);
    }
    rule(h, boss, "Discount", "discount_given > 10", boss, 10, "");
    send_quote(h, lee, quotes[2]);
    expect_status(h, quotes[2], "needs_approval");

    /* Another list later: a version is measured by that of its first, a new line by today's. */
    send_quote(h, lee, quotes[0]);
    r = house_json(h, boss, HTTP_PATCH, arena_printf(h->arena, "/api/v1/products/%s", product),
                   "{\"price\":{\"amount\":\"200\",\"currency\":\"EUR\"}}");
    house_expect(h, &r, 200);
    r = house_post(h, lee, path_of(h, quotes[0], "/revise"), "");
    second = web_response_header(&r, "Location") + strlen("/quotes/");
    second = arena_dup(h->arena, second, strcspn(second, "/"));
    assert_int_equal(given(h, second), 0);
    post(h, lee, "/api/v1/quote-lines",
         arena_printf(h->arena,
                      "{\"quote_id\":\"%s\",\"product_id\":\"%s\",\"quantity\":1,\"unit_price\":"
                      "{\"amount\":\"100\",\"currency\":\"EUR\"}}",
                      second, product));
    assert_int_equal(given(h, second), 20); /* 400 of 500 */
}

static void who_is_away_has_a_delegate(void **state)
{
    struct house *h = *state;
    struct person *boss = house_user(h, "Boss", ""), *del = house_user(h, "Del", "Sales"),
                  *mid = house_user(h, "Mid", "Sales"), *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 20);
    struct web_response r;

    rule(h, boss, "Discount", "discount_given > 10", mid, 10,
         arena_printf(h->arena,
                      ",\"delegate_id\":\"%s\",\"away_from\":\"2026-11-20\",\"away_until\":"
                      "\"2026-11-30\"",
                      id_text(h->arena, del->user_id)));
    send_quote(h, lee, o.id);
    assert_int_equal(notes_of(h, mid, "waits for your approval"), 0);
    assert_int_equal(notes_of(h, del, "waits for your approval"), 1);
    r = decide(h, del, pending_of(h, boss), "verdict=approve");
    house_expect(h, &r, 303);
    expect_status(h, o.id, "approved");
}

static void absent(struct house *h, const struct person *admin, const struct person *who,
                   const char *from, const char *until)
{
    post(h, admin, "/api/v1/absences",
         arena_printf(h->arena, "{\"user_id\":\"%s\",\"from_date\":\"%s\",\"until_date\":\"%s\"}",
                      id_text(h->arena, who->user_id), from, until));
}

static void page_says(struct house *h, const struct person *who, const char *path, const char *text)
{
    struct web_response r = house_get(h, who, path);

    house_expect(h, &r, 200);
    if (!house_has(&r, text))
        fail_msg("%s lacks '%s'", path, text);
}

static const char *delegate_to(struct house *h, const struct person *who)
{
    return arena_printf(h->arena, ",\"delegate_id\":\"%s\"", id_text(h->arena, who->user_id));
}

/* The quotes that stand in somebody's queue at Home for a decision. */
static size_t in_queue(struct house *h, const struct person *who, const char *link)
{
    struct web_response r = house_json(h, who, HTTP_GET, "/", NULL);
    const struct val *groups = val_get(val_get(house_val(h, &r), "queue"), "groups"), *items = NULL;

    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_get_text(val_at(groups, i), "text"), "Waiting for your approval"))
            items = val_get(val_at(groups, i), "items");
    for (size_t i = 0; i < val_count(items); i++)
        assert_string_equal(val_get_text(val_at(items, i), "url"), link);
    return val_count(items);
}

static void who_decides_has_it_in_their_queue(void **state)
{
    struct house *h = *state;
    struct person *boss = house_user(h, "Boss", ""), *del = house_user(h, "Del", "Sales"),
                  *mid = house_user(h, "Mid", "Sales"), *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 20);
    const char *page = arena_printf(h->arena, "/quotes/%s", o.id);
    struct web_response r;

    rule(h, boss, "Discount", "discount_given > 10", mid, 10, delegate_to(h, del));
    rule(h, boss, "Much", "discount_given > 15", boss, 20, "");
    send_quote(h, lee, o.id);
    assert_int_equal(in_queue(h, mid, page), 1);
    assert_int_equal(in_queue(h, del, page) + in_queue(h, lee, page) + in_queue(h, boss, page), 0);
    absent(h, boss, mid, "2026-11-20", "2026-12-04");
    assert_int_equal(in_queue(h, del, page), 1); /* stands in */
    r = decide(h, del, pending_of(h, boss), "verdict=approve");
    house_expect(h, &r, 303);
    assert_int_equal(in_queue(h, del, page) + in_queue(h, mid, page), 0);
    assert_int_equal(in_queue(h, boss, page), 1); /* now it is their turn */
    r = decide(h, boss, pending_of(h, boss), "verdict=reject&comment=Too+much");
    house_expect(h, &r, 303);
    assert_int_equal(in_queue(h, boss, page), 0);
    send_quote(h, lee, o.id);
    assert_int_equal(in_queue(h, del, page), 1);
    r = house_json(h, lee, HTTP_PATCH, arena_printf(h->arena, "/api/v1/quote-lines/%s", o.extra),
                   "{\"name\":\"Care and more\"}"); /* taken back */
    house_expect(h, &r, 200);
    assert_int_equal(in_queue(h, del, page), 0);
}

/* The list of absences counts as the rule's own days do, and the quote says so. */
static void who_is_absent_has_the_rule_s_delegate(void **state)
{
    struct house *h = *state;
    struct person *boss = house_user(h, "Boss", ""), *del = house_user(h, "Del", "Sales"),
                  *mid = house_user(h, "Mid", "Sales"), *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 20), later = make_offer(h, lee, 20);
    const char *page = arena_printf(h->arena, "/quotes/%s", o.id);
    struct web_response r;

    rule(h, boss, "Discount", "discount_given > 10", mid, 10, delegate_to(h, del));
    absent(h, boss, mid, "2026-11-01", "2026-11-22"); /* over */
    send_quote(h, lee, later.id);
    assert_int_equal(notes_of(h, mid, "waits for your approval"), 1);
    r = decide(h, del, pending_of(h, boss), "verdict=approve");
    house_expect(h, &r, 403);
    absent(h, boss, mid, "2026-11-20", "2026-12-04"); /* away after being asked */
    page_says(h, lee, arena_printf(h->arena, "/quotes/%s", later.id), "Mid is away until");
    r = decide(h, del, pending_of(h, boss), "verdict=approve");
    house_expect(h, &r, 303);

    page_says(h, lee, arena_printf(h->arena, "%s/send", page), "it is for Del, the delegate,");
    send_quote(h, lee, o.id);
    assert_int_equal(notes_of(h, mid, "waits for your approval"), 1);
    assert_int_equal(notes_of(h, del, "it is for Del, the delegate, to decide"), 1);
    page_says(h, lee, page, "Mid is away until 4 Dec 2026: it is for Del, the delegate,");
    r = decide(h, del, pending_of(h, boss), "verdict=approve");
    house_expect(h, &r, 303);
    expect_status(h, o.id, "approved");
    page_says(h, lee, page, "Mid is away until 4 Dec 2026"); /* also afterwards */
}

static void nobody_stands_in_and_it_is_said(void **state)
{
    struct house *h = *state;
    struct person *boss = house_user(h, "Boss", ""), *del = house_user(h, "Del", "Sales"),
                  *mid = house_user(h, "Mid", "Sales"), *ann = house_user(h, "Ann", "Sales"),
                  *lee = house_user(h, "Lee", "Sales");
    struct offer o = make_offer(h, lee, 20), own = make_offer(h, mid, 20);
    const char *page = arena_printf(h->arena, "/quotes/%s", o.id);
    struct web_response r;

    rule(h, boss, "Discount", "discount_given > 10", mid, 10, "");
    rule(h, boss, "Much", "discount_given > 15", ann, 20, delegate_to(h, del));
    absent(h, boss, mid, "2026-11-20", "2026-12-04");
    absent(h, boss, del, "2026-11-20", "2026-11-25");
    send_quote(h, lee, o.id);
    assert_int_equal(notes_of(h, mid, "the rule names no delegate"), 1);
    page_says(h, lee, page, "the rule names no delegate: it waits for Mid");
    absent(h, boss, ann, "2026-11-23", "2026-11-24"); /* before it is her turn */
    r = decide(h, boss, pending_of(h, boss), "verdict=approve");
    house_expect(h, &r, 303);
    assert_int_equal(notes_of(h, ann, "and so is Del, the delegate"), 1);
    page_says(h, lee, page, "who is back first");
    r = decide(h, del, pending_of(h, boss), "verdict=approve"); /* and so it is */
    house_expect(h, &r, 303);
    expect_status(h, o.id, "approved");
    send_quote(h, mid, own.id); /* who sends is here: only Ann is asked */
    expect_status(h, own.id, "needs_approval");
    assert_int_equal(notes_of(h, mid, "waits for your approval"), 1);
}

/* ---- numbers ---- */
static void numbers_have_no_gaps(void **state)
{
    struct house *h = *state;
    struct person *lee = house_user(h, "Lee", "Sales");
    struct web_response r;
    const char *id;

    id = post(h, lee, "/api/v1/quotes", "{\"title\":\"A\"}");
    assert_string_equal(row_text(get(h, &quote_type, number_of(id)), QUOTE_NUMBER), "Q-2026-0001");
    r = house_json(h, lee, HTTP_POST, "/api/v1/quotes", "{\"title\":\"B\",\"currency\":\"XXQ\"}");
    house_expect(h, &r, 422);
    r = house_post(h, lee, "/quotes", "title=B&currency=XXQ"); /* the form, again */
    house_expect(h, &r, 422);
    {
        scoped(tx_end) struct tx tx = tx_begin(h->cx);
        struct row *q = row_new(h->cx, &quote_type);
        assert_ok(h->cx, record_save(h->cx, q));
        assert_string_equal(row_text(q, QUOTE_NUMBER), "Q-2026-0002");
    } /* rolled back */
    id = post(h, lee, "/api/v1/quotes", "{\"title\":\"C\"}");
    assert_string_equal(row_text(get(h, &quote_type, number_of(id)), QUOTE_NUMBER), "Q-2026-0002");
    h->clock->fixed_ms += INT64_C(40) * MS_DAY;
    lee = house_user(h, "Kim", "Sales");
    id = post(h, lee, "/api/v1/quotes", "{\"title\":\"D\"}");
    assert_string_equal(row_text(get(h, &quote_type, number_of(id)), QUOTE_NUMBER), "Q-2027-0001");
}

/* Another rate later changes nothing of a quote that is out. */
static void a_rate_that_changes_leaves_quotes_as_they_are(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *taxes[4];
    struct sample *s = NEW(h->arena, struct sample);
    struct web_response r;
    const struct val *v;

    open_shop(h, sam, taxes);
    s->currency = "EUR";
    s->id = post(h, sam, "/api/v1/quotes", "{\"title\":\"T\",\"currency\":\"EUR\"}");
    post(h, sam, "/api/v1/quote-lines",
         arena_printf(h->arena,
                      "{\"quote_id\":\"%s\",\"name\":\"A\",\"unit_price\":{\"amount\":\"100\","
                      "\"currency\":\"EUR\"},\"tax_rate_id\":\"%s\"}",
                      s->id, taxes[2]));
    r = house_json(h, sam, HTTP_PATCH, arena_printf(h->arena, "/api/v1/tax-rates/%s", taxes[2]),
                   "{\"percent\":25}");
    house_expect(h, &r, 200);
    send_quote(h, sam, s->id);
    v = quote_val(h, sam, s->id);
    expect_money(h, s, v, "tax", 1900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(stored_totals_and_print_are_what_the_arithmetic_says, NULL),
        IN_SQLITE_HOUSE(other_letters_are_printed, NULL),
        IN_BOTH_HOUSES(the_book_has_its_prices_by_volume, NULL),
        IN_BOTH_HOUSES(a_bundle_costs_what_its_parts_do, NULL),
        IN_BOTH_HOUSES(a_draft_is_nobodys_but_ours, NULL),
        IN_BOTH_HOUSES(the_customer_reads_asks_ticks_and_signs, NULL),
        IN_BOTH_HOUSES(what_was_signed_is_served_unchanged, NULL),
        IN_BOTH_HOUSES(declined_with_a_reason, NULL),
        IN_BOTH_HOUSES(after_its_last_day_it_is_over, NULL),
        IN_BOTH_HOUSES(a_new_version_takes_the_place_of_the_old, NULL),
        IN_BOTH_HOUSES(much_discount_is_approved_first_and_again_after_a_change, NULL),
        IN_BOTH_HOUSES(a_price_below_the_list_is_a_discount, NULL),
        IN_BOTH_HOUSES(who_is_away_has_a_delegate, NULL),
        IN_BOTH_HOUSES(who_is_absent_has_the_rule_s_delegate, NULL),
        IN_BOTH_HOUSES(who_decides_has_it_in_their_queue, NULL),
        IN_BOTH_HOUSES(nobody_stands_in_and_it_is_said, NULL),
        IN_BOTH_HOUSES(numbers_have_no_gaps, NULL),
        IN_BOTH_HOUSES(a_rate_that_changes_leaves_quotes_as_they_are, NULL),
    };
    return cmocka_run_group_tests_name("sales/quote", tests, NULL, NULL);
}
