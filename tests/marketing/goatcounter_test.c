/* goatcounter_test.c -- GoatCounter's protocol: a pixel whatever comes, what of it is counted, and
 * for which site. */
#include "base/json.h"
#include "browse.h"

#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define THOUSAND                                                                              \
    FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY \
        FIFTY FIFTY FIFTY FIFTY FIFTY
#define ON_SHOP                            \
    {                                      \
        .referer = "https://shop.example/" \
    }

static void set_up(struct house *h)
{
    RECORD(h, "site", "name", "Shop", "domain", "shop.example", "tracker_id",
           "0191f3c0-5b7e-7d3a-9f10-2f6f3d9a1c55", "excluded", "203.0.113.9");
}

static const struct {
    const char *note;
    struct browser browser;
    const char *query;
    int status;
    const char *dropped; /* NULL: counted */
} answers[] = {
    { "a page", ON_SHOP, "p=/a&t=A&r=https://a.example/&s=1920,1080,1&b=0&q=&rnd=x1", 200, NULL },
    { "a pixel without script", { 0 }, "p=/a&site=shop.example", 200, NULL },
    { "its site by tracker id",
      { 0 },
      "p=/a&site=0191F3C0-5B7E-7D3A-9F10-2F6F3D9A1C55",
      200,
      NULL },
    { "site goes before Referer", ON_SHOP, "p=/a&site=other.example", 400, "unknown site" },
    { "nobody's page", { .referer = "https://other.example/" }, "p=/a", 400, "unknown site" },
    { "neither site nor Referer", { 0 }, "p=/a", 400, "unknown site" },
    { "no Referer that is one", { .referer = "shop.example" }, "p=/a", 400, "unknown site" },
    { "no path", ON_SHOP, "t=A", 400, "no path (p)" },
    { "nothing", ON_SHOP, "", 400, "no path (p)" },
    { "the first of two paths", ON_SHOP, "p=/a&p=/b", 200, NULL },
    { "bytes that are no text", ON_SHOP, "p=/%ff", 400, "bad query" },
    { "a path that is too long", ON_SHOP, "p=/" THOUSAND THOUSAND, 400, "bad url" },
    { "an event", ON_SHOP, "p=signup&e=true", 200, NULL },
    { "with a name of 121", ON_SHOP, "p=" FIFTY FIFTY TEN TEN "x&e=1", 400,
      "an event's name (p) is too long" },
    { "no person, says count.js", ON_SHOP, "p=/a&b=150", 200, "bot" },
    { "what nobody says", ON_SHOP, "p=/a&b=7", 400, "wrong bot number (b)" },
    { "nor this", ON_SHOP, "p=/a&b=x", 400, "wrong bot number (b)" },
    { "a crawler",
      { .referer = "https://shop.example/", .agent = "Googlebot/2.1 (a bot)" },
      "p=/a",
      200,
      "bot" },
    { "an address left out",
      { .referer = "https://shop.example/", .address = "203.0.113.9" },
      "p=/a",
      202,
      "excluded" },
};

static void whatever_comes_a_pixel_goes(void **state)
{
    static const enum http_method methods[] = { HTTP_GET, HTTP_POST };
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(answers) * countof(methods); i++) {
        size_t n = i / countof(methods);
        u64 before = journey_last_seq(h->journey);
        struct web_response r = browse(h, &answers[n].browser, methods[i % countof(methods)],
                                       arena_printf(h->arena, "/count?%s", answers[n].query), "");
        const char *dropped = web_response_header(&r, "X-Furrow-Dropped");
        if (r.status != answers[n].status ||
            strcmp(dropped ? dropped : "", answers[n].dropped ? answers[n].dropped : "") != 0)
            fail_msg("%s: %d, %s", answers[n].note, r.status, dropped ? dropped : "counted");
        assert_int_equal(journey_last_seq(h->journey) - before, answers[n].dropped == NULL);
        assert_string_equal(r.type, "image/gif");
        assert_int_equal(r.body.len, 43);
        assert_memory_equal(r.body.p, "GIF89a", 6);
        assert_string_equal(web_response_header(&r, "Cache-Control"), "no-store");
        assert_null(web_response_header(&r, "Cross-Origin-Resource-Policy"));
    }
}

static const struct {
    const char *note, *query, *kind, *page, *source, *props;
} events[] = {
    { "a page", "p=/a&t=All", "pageview", "/a", "", "{\"title\":\"All\"}" },
    { "a path without its slash", "p=a/b", "pageview", "/a/b", "", NULL },
    { "a query in the path", "p=/b%3Futm_source=news", "pageview", "/b", "news", NULL },
    { "a query beside it", "p=/c&q=%3Fref%3Dpartner", "pageview", "/c", "partner", NULL },
    { "the path's goes first", "p=/d%3Fref=x&q=%3Fref%3Dy", "pageview", "/d", "x", NULL },
    { "where they came from", "p=/e&r=https%3A%2F%2Fsome.example%2Fx", "pageview", "/e",
      "some.example", NULL },
    { "an event has a name and no page", "p=sign%20up&e=true&t=Sign", "action", "", "",
      "{\"title\":\"Sign\",\"name\":\"sign up\"}" },
    { "and no event", "p=/f&e=false", "pageview", "/f", "", NULL },
};

static void what_is_counted_stands_on_the_journey(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(events); i++) {
        struct browser b = { .referer = "https://www.shop.example/",
                             .address = arena_printf(h->arena, "192.0.2.%zu", i) };
        struct web_response r =
            browse(h, &b, HTTP_GET, arena_printf(h->arena, "/count?%s", events[i].query), "");
        struct val *want = NULL, *got = NULL;
        house_expect(h, &r, 200);
        struct event e = last_event(h);
        const char *kind = kit_event_kind_by_code(h->kit, e.kind)->name,
                   *page = journey_name(h->journey, DICT_PAGE, e.page),
                   *source = journey_name(h->journey, DICT_SOURCE, e.source);
        if (strcmp(kind, events[i].kind) != 0 || strcmp(page, events[i].page) != 0 ||
            strcmp(source, events[i].source) != 0)
            fail_msg("%s: %s of '%s' from '%s'", events[i].note, kind, page, source);
        if (events[i].props)
            assert_int_equal(json_read(h->arena, str_from(events[i].props), &want, NULL), OK);
        if (e.props)
            assert_int_equal(json_read(h->arena, str_from(e.props), &got, NULL), OK);
        if (!val_equal(want, got))
            fail_msg("%s: props are %s", events[i].note, e.props ? e.props : "none");
    }
}

static void what_nobody_looks_at_is_not_counted(void **state)
{
    struct house *h = *state;
    const struct http_pair headers[] = { { "User-Agent", CHROME },
                                         { "Referer", "https://shop.example/" },
                                         { "Sec-Purpose", "prefetch;prerender" },
                                         { NULL, NULL } };
    struct web_request in = { .method = HTTP_GET, .target = "/count?p=/a", .headers = headers };
    struct web_response out;
    u64 before;

    set_up(h);
    before = journey_last_seq(h->journey);
    web_perform(h->web, h->arena, &in, &out);
    house_expect(h, &out, 200);
    out = browse(h, &(struct browser)ON_SHOP, HTTP_HEAD, "/count?p=/a", "");
    house_expect(h, &out, 200);
    assert_int_equal(journey_last_seq(h->journey), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(whatever_comes_a_pixel_goes, NULL),
        IN_SQLITE_HOUSE(what_is_counted_stands_on_the_journey, NULL),
        IN_SQLITE_HOUSE(what_nobody_looks_at_is_not_counted, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
