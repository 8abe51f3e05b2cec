/* paper_test.c -- printed documents as somebody else's program reads them: the brand's logo, and
 * invoices with what they come to, worked by hand. */
#include "bridge/brand.h"
#include "mail/picture.h"
#include "support/house.h"
#include "support/pdf.h"
#include <sodium.h>

#define PNG                                                                                \
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAICAYAAADwdn+XAAAAJ0lEQVR4AeyQMQ0AAAjDmhnCAI7wf4OIHTxr" \
    "0rdHVdPrKEwSgP8HBwAA///puHr0AAAABklEQVQDANdZHWGrVcKjAAAAAElFTkSuQmCC"
#define JPEG                                                                               \
    "/9j/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8" \
    "ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk" \
    "pKSkpKSkpKSkpKSkpKT/wAARCAAIABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEA" \
    "AAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAAP/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oA" \
    "DAMBAAIRAxEAPwCIBNAAB//Z"

enum { INKS_AT = 149 }; /* how many values a pixel of JPEG has */

static const char *post(struct house *h, const struct person *who, const char *path,
                        const char *json)
{
    struct web_response r = house_json(h, who, HTTP_POST, path, json);

    house_expect(h, &r, 201);
    return val_get_text(house_val(h, &r), "id");
}

/* ---- the logo ---- */
static struct str bytes_of(struct house *h, const char *base64)
{
    size_t most = strlen(base64), len;
    unsigned char *bytes = arena_alloc(h->arena, most, 1);

    assert_int_equal(sodium_base642bin(bytes, most, base64, most, NULL, &len, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    return (struct str){ (const char *)bytes, len };
}

/* Uploads it; the address under which it is kept. */
static const char *upload(struct house *h, const struct person *who, struct str bytes)
{
    const struct http_pair headers[] = { { "Content-Type", "multipart/form-data; boundary=B" },
                                         { "Accept", "application/json" },
                                         { "Cookie", who->cookie },
                                         { "X-CSRF-Token", who->csrf },
                                         { NULL, NULL } };
    struct buf b = buf_in(h->arena, 4096);
    struct web_request in = { .method = HTTP_POST, .target = "/pictures", .headers = headers };
    struct web_response r;

    buf_text(&b, "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n");
    buf_add(&b, bytes.p, bytes.len);
    buf_text(&b, "\r\n--B--\r\n");
    in.body = (struct str){ b.p, b.len };
    web_perform(h->web, h->arena, &in, &r);
    house_expect(h, &r, 200);
    return val_get_text(house_val(h, &r), "url");
}

/* A JPEG goes into the file as it is, a PNG decoded; of anything else the name is written. */
static void the_brand_s_picture_stands_at_the_head(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    struct str jpeg = bytes_of(h, JPEG), png = bytes_of(h, PNG), inks = jpeg, cut = png;
    char *copy = arena_dup(h->arena, jpeg.p, jpeg.len);
    const struct {
        const char *what, *logo, *picture; /* "": the name is written */
    } cases[] = {
        { "none", "", "" },
        { "a JPEG", upload(h, sam, jpeg), " image 24 8 rgb 3 8 jpeg " },
        { "a PNG", upload(h, sam, png), " image 16 8 rgb 3 8 image " },
        { "a JPEG of inks", (copy[INKS_AT] = 4, inks.p = copy, upload(h, sam, inks)), "" },
        { "half a PNG", (cut.len = cut.len / 2, upload(h, sam, cut)), "" },
        { "somebody else's", "https://example.com/logo.png", "" },
        { "one that is gone", "https://example.com/pic/0000000000001.png", "" },
    };
    const char *brand = post(h, sam, "/api/v1/brands", "{\"name\":\"Alderfield\"}"),
               *quote = post(h, sam, "/api/v1/quotes", "{\"title\":\"Field\"}");

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r =
            house_json(h, sam, HTTP_PATCH, arena_printf(h->arena, "/api/v1/brands/%s", brand),
                       arena_printf(h->arena, "{\"logo_url\":\"%s\"}", cases[i].logo));
        const char *text, *pictures;
        house_expect(h, &r, 200);
        r = house_get(h, sam, arena_printf(h->arena, "/quotes/%s/pdf", quote));
        house_expect(h, &r, 200);
        text = pdf_text(h->arena, r.body);
        pictures = pdf_pictures(h->arena, r.body);
        if (strstr(pictures, cases[i].picture) == NULL ||
            (text_empty(cases[i].picture) && strstr(pictures, " image ") != NULL))
            fail_msg("%s: %s", cases[i].what, pictures);
        assert_non_null(strstr(text, "Alderfield"));
    }
}

/* ---- invoices ---- */
static const char *invoice_text(struct house *h, const struct person *who, const char *id)
{
    struct web_response r = house_get(h, who, arena_printf(h->arena, "/invoices/%s/pdf", id));

    house_expect(h, &r, 200);
    assert_string_equal(r.type, "application/pdf");
    return pdf_text(h->arena, r.body);
}

static void expect_all(const char *text, const char *const *parts)
{
    for (; *parts; parts++)
        if (strstr(text, *parts) == NULL) {
            print_message("%s\n", text);
            fail_msg("the PDF lacks \"%s\"", *parts);
        }
}
#define EXPECT(text, ...) expect_all((text), (const char *const[]){ __VA_ARGS__, NULL })

static void add_line(struct house *h, const struct person *who, const char *invoice,
                     const char *more)
{
    post(h, who, "/api/v1/invoice-lines",
         arena_printf(h->arena, "{\"invoice_id\":\"%s\",%s}", invoice, more));
}

/* 3 x 33.33 less 10 % = 89.99 at 19 %, 2 x 9.99 = 19.98 at 7 %: taxes 17.10 and 1.40. */
static void an_invoice_is_printed_with_what_is_due(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", ""), *token = house_token(h, sam, "read");
    const char *company = post(h, sam, "/api/v1/companies",
                               "{\"name\":\"Buyer & Söhne\",\"city\":\"Stade\",\"country\":"
                               "\"Germany\",\"vat_id\":\"DE136695976\"}"),
               *id = post(h, sam, "/api/v1/invoices",
                          arena_printf(h->arena,
                                       "{\"company_id\":\"%s\",\"number\":\"R-77\",\"issued_on\":"
                                       "\"2026-11-02\",\"due_on\":\"2026-12-02\"}",
                                       company));
    struct web_response r;

    assert_ok(h->cx, setting_save(h->cx, "invoice.terms", "IBAN DE02 1203 0000 0000 2020 51"));
    add_line(h, sam, id,
             "\"name\":\"Sensor\",\"quantity\":3,\"unit_price\":{\"amount\":\"33.33\",\"currency\":"
             "\"EUR\"},\"discount_percent\":10,\"tax_percent\":19");
    add_line(h, sam, id,
             "\"name\":\"Handbook\",\"quantity\":2,\"unit_price\":{\"amount\":\"9.99\","
             "\"currency\":\"EUR\"},\"tax_percent\":7");
    EXPECT(invoice_text(h, sam, id), "Invoice R-77", "Buyer & Söhne", "Stade, Germany",
           "VAT id DE136695976", "2 November 2026", "Due", "2 December 2026", "€33.33", "10%",
           "€89.99", "€19.98", "€109.97", "Tax 7% on €19.98", "€1.40", "Tax 19% on €89.99",
           "€17.10", "€128.47", "Please pay €128.47 by 2 December 2026, and name the number R-77.",
           "IBAN DE02 1203 0000 0000 2020 51", "1 / 1");
    post(
        h, sam, "/api/v1/payments",
        arena_printf(h->arena,
                     "{\"invoice_id\":\"%s\",\"received_on\":\"2026-11-20\",\"amount\":{\"amount\":"
                     "\"28.47\",\"currency\":\"EUR\"}}",
                     id));
    EXPECT(invoice_text(h, token, id), "€128.47", "Paid", "-€28.47", "To be paid", "€100.00",
           "Please pay €100.00 by");
    assert_null(strstr(invoice_text(h, sam, id), "signature"));
    r = house_post(h, sam, arena_printf(h->arena, "/invoices/%s/pay", id), "");
    house_expect(h, &r, 303);
    EXPECT(invoice_text(h, sam, id), "Paid on 23 November 2026.", "€0.00");
    r = house_get(h, sam, arena_printf(h->arena, "/invoices/%s", id));
    assert_true(house_has(&r, arena_printf(h->arena, "/invoices/%s/pdf", id)));
    r = house_get(h, NULL, arena_printf(h->arena, "/invoices/%s/pdf", id));
    assert_int_equal(r.status, 303);
}

static void other_invoices(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    const char *company, *id, *credit;
    struct web_response r;

    assert_ok(h->cx, setting_save(h->cx, "tax.country", "Germany"));
    assert_ok(h->cx, setting_save(h->cx, "tax.vat_id", "DE123456788"));
    company = post(h, sam, "/api/v1/companies",
                   "{\"name\":\"Rossi\",\"country\":\"Italy\",\"vat_id\":\"IT00743110157\"}");
    id = post(h, sam, "/api/v1/invoices",
              arena_printf(h->arena, "{\"company_id\":\"%s\",\"number\":\"R-78\"}", company));
    add_line(h, sam, id,
             "\"name\":\"Sensor\",\"unit_price\":{\"amount\":\"100\",\"currency\":\"EUR\"},"
             "\"tax_percent\":19");
    EXPECT(invoice_text(h, sam, id), "VAT id DE123456788", "VAT id IT00743110157",
           "Tax 0% on €100.00", "€0.00", "Art. 196 of Directive 2006/112/EC");
    r = house_post(h, sam, arena_printf(h->arena, "/invoices/%s/credit", id), "");
    house_expect(h, &r, 303);
    r = house_json(h, sam, HTTP_GET, "/api/v1/invoices?filter=kind%20%3D%20'credit_note'", NULL);
    credit = val_get_text(val_at(val_get(house_val(h, &r), "data"), 0), "id");
    EXPECT(invoice_text(h, sam, credit), "Credit note C-2026-0001", "For invoice R-78 of",
           "-€100.00", "Art. 196 of Directive 2006/112/EC");
    /* Typed without lines, and made void. */
    id = post(h, sam, "/api/v1/invoices",
              arena_printf(h->arena,
                           "{\"company_id\":\"%s\",\"number\":\"A/1\",\"net\":{\"amount\":"
                           "\"1000\",\"currency\":\"EUR\"},\"tax\":{\"amount\":\"100\","
                           "\"currency\":\"EUR\"}}",
                           company));
    EXPECT(invoice_text(h, sam, id), "Invoice A/1", "€1,000.00", "€100.00", "€1,100.00");
    r = house_post(h, sam, arena_printf(h->arena, "/invoices/%s/void", id), "");
    house_expect(h, &r, 303);
    EXPECT(invoice_text(h, sam, id), "This document is void");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(the_brand_s_picture_stands_at_the_head, NULL),
        IN_BOTH_HOUSES(an_invoice_is_printed_with_what_is_due, NULL),
        IN_BOTH_HOUSES(other_invoices, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
