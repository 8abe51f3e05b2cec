/* track_test.c -- Plausible's protocol as trackers speak it: every field, its spellings, limits and
 * wrong kinds; what of it stands on the journey. */
#include "base/json.h"
#include "bridge/measure.h"
#include "browse.h"

#define U "\"u\":\"https://shop.example/a\""
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

static void set_up(struct house *h)
{
    RECORD(h, "site", "name", "Shop", "domain", "shop.example");
    RECORD(h, "site", "name", "Blog", "domain", "blog.example");
}

/* A body, the answer, and its code or why it is dropped. */
static const struct {
    const char *note, *body;
    int status;
    const char *word;
} answers[] = {
    { "no body", "", 422, "json" },
    { "no object", "[1]", 422, "json" },
    { "half an object", "{\"n\":\"pageview\"", 422, "json" },
    { "bad UTF-8", "{\"n\":\"\xff\"," U "}", 422, "json" },
    { "no name", "{" U "}", 422, "event.name" },
    { "an empty name", "{\"n\":\"\"," U "}", 422, "event.name" },
    { "a name that is a list", "{\"n\":[\"a\"]," U "}", 422, "event.name" },
    { "a name of 120 characters", "{\"n\":\"" HUNDRED TEN TEN "\"," U "}", 202, NULL },
    { "a name of 121", "{\"n\":\"" HUNDRED TEN TEN "x\"," U "}", 422, "event.name" },
    { "a name of a number", "{\"n\":404," U "}", 202, NULL },
    { "a name of no whole number", "{\"n\":4.5," U "}", 422, "event.name" },
    { "a name that is true", "{\"n\":true," U "}", 422, "event.name" },
    { "no url", "{\"n\":\"pageview\"}", 422, "event.url" },
    { "a url of 2,000 bytes",
      "{\"n\":\"pageview\",\"u\":\"https://shop.example/" THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED
          HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "\"}",
      202, NULL },
    { "a longer one", "{\"n\":\"pageview\",\"u\":\"https://shop.example/" THOUSAND THOUSAND "\"}",
      422, "event.url" },
    { "a data url", "{\"n\":\"pageview\",\"u\":\"data:text/html,x\",\"d\":\"shop.example\"}", 422,
      "event.url" },
    { "a url that is none", "{\"n\":\"pageview\",\"u\":\"shop.example/a\"}", 202, "bad url" },
    { "a url without a host", "{\"n\":\"pageview\",\"u\":\"https:///a\"}", 202, "bad url" },
    { "a site that nobody knows", "{\"n\":\"pageview\",\"u\":\"https://other.example/\"}", 202,
      "unknown site" },
    { "a domain that nobody knows", "{\"n\":\"pageview\"," U ",\"d\":\"other.example\"}", 202,
      "unknown site" },
    { "long spellings",
      "{\"name\":\"pageview\",\"url\":\"https://shop.example/\","
      "\"domain\":\"shop.example\",\"referrer\":\"https://a.example/\"}",
      202, NULL },
    { "www of the address", "{\"n\":\"pageview\",\"u\":\"https://www.shop.example/\"}", 202, NULL },
    { "www of the domain", "{\"n\":\"pageview\"," U ",\"d\":\"www.shop.example\"}", 202, NULL },
    { "capitals and a port", "{\"n\":\"pageview\",\"u\":\"HTTPS://Shop.Example:8443/A\"}", 202,
      NULL },
    { "a domain of its own beside another address",
      "{\"n\":\"pageview\",\"u\":\"https://localhost/a\",\"d\":\"shop.example\"}", 202, NULL },
    { "engagement without a measure", "{\"n\":\"engagement\"," U "}", 422, "required" },
    { "engagement with time", "{\"n\":\"engagement\"," U ",\"e\":4000}", 202, NULL },
    { "engagement with depth", "{\"n\":\"engagement\"," U ",\"sd\":40}", 202, NULL },
    { "fields that nobody knows", "{\"n\":\"pageview\"," U ",\"zz\":{\"a\":[1,2]},\"v\":29}", 202,
      NULL },
    { "fields of the wrong kind",
      "{\"n\":\"pageview\"," U ",\"p\":5,\"i\":\"x\",\"w\":{},\"r\":[]}", 202, NULL },
};

static void every_report_is_answered(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(answers); i++) {
        struct web_response r = report(h, NULL, answers[i].body);
        const char *dropped = web_response_header(&r, "X-Furrow-Dropped"), *word = answers[i].word;
        if (r.status != answers[i].status)
            fail_msg("%s: answered %d, not %d: %.*s", answers[i].note, r.status, answers[i].status,
                     (int)r.body.len, r.body.p);
        if (r.status == 202 && (dropped == NULL) != (word == NULL))
            fail_msg("%s: %s", answers[i].note, dropped ? dropped : "kept");
        if (r.status == 202 ? word && strcmp(dropped, word) != 0 : !house_has(&r, word))
            fail_msg("%s: lacks %s: %.*s", answers[i].note, word, (int)r.body.len, r.body.p);
    }
}

/* What stands on the journey of a report: its kind, page, and props as JSON. */
static const struct {
    const char *note, *body, *kind, *page, *props;
} events[] = {
    { "a page view", "{\"n\":\"pageview\"," U "}", "pageview", "/a", NULL },
    { "the root", "{\"n\":\"pageview\",\"u\":\"https://shop.example\"}", "pageview", "/", NULL },
    { "query and fragment are no part of a page",
      "{\"n\":\"pageview\",\"u\":\"https://shop.example/b?x=1#part\"}", "pageview", "/b", NULL },
    { "but the fragment is in hash mode",
      "{\"n\":\"pageview\",\"u\":\"https://shop.example/b?x=1#/part\",\"h\":1}", "pageview",
      "/b#/part", NULL },
    { "hash mode in words",
      "{\"n\":\"pageview\",\"u\":\"https://shop.example/b#x\",\"hashMode\":true}", "pageview",
      "/b#x", NULL },
    { "an action", "{\"n\":\"Signup\"," U "}", "action", "/a", "{\"name\":\"Signup\"}" },
    { "props", "{\"n\":\"Signup\"," U ",\"p\":{\"plan\":\"team\",\"seats\":5,\"paid\":true}}",
      "action", "/a", "{\"name\":\"Signup\",\"plan\":\"team\",\"seats\":\"5\",\"paid\":\"true\"}" },
    { "props as JSON in a text",
      "{\"n\":\"Signup\"," U ",\"props\":\"{\\\"plan\\\":\\\"team\\\"}\"}", "action", "/a",
      "{\"name\":\"Signup\",\"plan\":\"team\"}" },
    { "props under their old name", "{\"n\":\"Signup\"," U ",\"m\":\"{\\\"a\\\":1}\"}", "action",
      "/a", "{\"name\":\"Signup\",\"a\":\"1\"}" },
    { "props that are no JSON", "{\"n\":\"Signup\"," U ",\"p\":\"{a:\"}", "action", "/a",
      "{\"name\":\"Signup\"}" },
    { "nested, blank and nameless props are left out",
      "{\"n\":\"Signup\"," U ",\"p\":{\"a\":{\"b\":1},\"c\":[1],\"d\":\"  \",\"e\":null,\"\":\"x\","
      "\"f\":\"y\"}}",
      "action", "/a", "{\"name\":\"Signup\",\"f\":\"y\"}" },
    { "a site cannot rename an action", "{\"n\":\"Signup\"," U ",\"p\":{\"name\":\"Other\"}}",
      "action", "/a", "{\"name\":\"Signup\"}" },
    { "engagement", "{\"n\":\"engagement\"," U ",\"sd\":140,\"e\":5000}", "engagement", "/a",
      "{\"sd\":100,\"e\":5000}" },
    { "a title", "{\"n\":\"pageview\"," U ",\"t\":\"Prices\"}", "pageview", "/a",
      "{\"title\":\"Prices\"}" },
    { "revenue", "{\"n\":\"Order\"," U ",\"$\":{\"amount\":\"12.50\",\"currency\":\"EUR\"}}",
      "action", "/a", "{\"name\":\"Order\",\"revenue\":\"12.50\",\"currency\":\"EUR\"}" },
    { "revenue as JSON in a text",
      "{\"n\":\"Order\"," U ",\"revenue\":\"{\\\"amount\\\":3,\\\"currency\\\":\\\"EUR\\\"}\"}",
      "action", "/a", "{\"name\":\"Order\",\"revenue\":\"3\",\"currency\":\"EUR\"}" },
    { "nobody reads longer than a day", "{\"n\":\"engagement\"," U ",\"e\":9223372036854775807}",
      "engagement", "/a", "{\"e\":86400000}" },
    { "revenue in no currency", "{\"n\":\"Order\"," U ",\"$\":{\"amount\":3,\"currency\":\"XXQ\"}}",
      "action", "/a", "{\"name\":\"Order\"}" },
    { "scroll depth belongs to engagement", "{\"n\":\"pageview\"," U ",\"sd\":40,\"e\":5000}",
      "pageview", "/a", NULL },
    { "how fast a page was",
      "{\"n\":\"performance\"," U ",\"vitals\":{\"lcp\":1234,\"cls\":0.02,\"x\":{\"y\":1}}}",
      "performance", "/a", "{\"lcp\":\"1234\",\"cls\":\"0.02\"}" },
    { "an event of that name without vitals is an event", "{\"n\":\"performance\"," U "}", "action",
      "/a", "{\"name\":\"performance\"}" },
    { "a prop of 300 and one of 301 bytes of name, of 2,000 and 2,001 bytes",
      "{\"n\":\"a\"," U ",\"p\":{\"" HUNDRED HUNDRED HUNDRED "\":\"1\",\"" HUNDRED HUNDRED HUNDRED
      "x\":\"2\",\"b\":\"" THOUSAND THOUSAND "\",\"c\":\"" THOUSAND THOUSAND "x\"}}",
      "action", "/a",
      "{\"name\":\"a\",\"" HUNDRED HUNDRED HUNDRED "\":\"1\",\"b\":\"" THOUSAND THOUSAND "\"}" },
    { "a click keeps its number",
      "{\"n\":\"pageview\",\"u\":\"https://shop.example/?gclid=Abc-1\"}", "pageview", "/",
      "{\"gclid\":\"Abc-1\"}" },
};

static void what_is_reported_stands_on_the_journey(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(events); i++) {
        struct event e = seen(h, NULL, events[i].body);
        struct val *want = NULL, *got = NULL;
        const char *kind = kit_event_kind_by_code(h->kit, e.kind)->name,
                   *page = journey_name(h->journey, DICT_PAGE, e.page);
        if (strcmp(kind, events[i].kind) != 0 || strcmp(page, events[i].page) != 0)
            fail_msg("%s: %s of %s", events[i].note, kind, page);
        if (events[i].props)
            assert_int_equal(json_read(h->arena, str_from(events[i].props), &want, NULL), OK);
        if (e.props)
            assert_int_equal(json_read(h->arena, str_from(e.props), &got, NULL), OK);
        if (!val_equal(want, got))
            fail_msg("%s: props are %s", events[i].note, e.props ? e.props : "none");
    }
}

static void revenue_in_base_currency_is_the_events_value(void **state)
{
    struct house *h = *state;
    struct event e;

    set_up(h);
    e = seen(h, NULL, "{\"n\":\"Order\"," U ",\"$\":{\"amount\":12.5,\"currency\":\"EUR\"}}");
    assert_int_equal(e.value, 1250);
    e = seen(h, NULL, "{\"n\":\"Order\"," U ",\"$\":{\"amount\":12.5,\"currency\":\"USD\"}}");
    assert_int_equal(e.value, 0); /* told in its props: no rate is known */
    assert_ok(h->cx, setting_save(h->cx, "currency.rates", "{\"USD\":\"0.92\",\"JPY\":\"0.006\"}"));
    assert_ok(h->cx, kit_job(h->kit, "collect.salt")->run(&(struct job_run){ .cx = h->cx }));
    e = seen(h, NULL, "{\"n\":\"Order\"," U ",\"$\":{\"amount\":12.5,\"currency\":\"USD\"}}");
    assert_int_equal(e.value, 1150);
    e = seen(h, NULL, "{\"n\":\"Order\"," U ",\"$\":{\"amount\":500,\"currency\":\"JPY\"}}");
    assert_int_equal(e.value, 300);
}

/* What a walk reads without the properties. */
static void what_is_measured_is_packed_into_the_value(void **state)
{
    static const struct {
        const char *body;
        i64 engaged_ms, depth, lcp, cls;
    } cases[] = {
        { "{\"n\":\"engagement\"," U ",\"sd\":0,\"e\":0}", 0, 0, 0, 0 },
        { "{\"n\":\"engagement\"," U ",\"sd\":140,\"e\":5000}", 5000, 100, 0, 0 },
        { "{\"n\":\"engagement\"," U ",\"e\":5000}", 5000, -1, 0, 0 },
        { "{\"n\":\"engagement\"," U ",\"sd\":40}", -1, 40, 0, 0 },
        { "{\"n\":\"performance\"," U ",\"vitals\":{\"lcp\":1234,\"cls\":0.0204}}", 0, 0, 1230,
          20 },
        { "{\"n\":\"performance\"," U ",\"vitals\":{\"lcp\":0,\"cls\":99}}", 0, 0, 0, 4094 },
        { "{\"n\":\"performance\"," U ",\"vitals\":{\"lcp\":60000}}", 0, 0, 40940, -1 },
        { "{\"n\":\"performance\"," U ",\"vitals\":{\"lcp\":60001,\"cls\":-1}}", 0, 0, -1, -1 },
        { "{\"n\":\"performance\"," U ",\"vitals\":{\"lcp\":\"fast\"}}", 0, 0, -1, -1 },
        { "{\"n\":\"performance\"," U ",\"vitals\":[1]}", 0, 0, -1, -1 },
    };
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(cases); i++) {
        struct event e = seen(h, NULL, cases[i].body);
        bool reading = strstr(cases[i].body, "engagement") != NULL;
        if (reading ? reading_engaged_ms(&e) != cases[i].engaged_ms ||
                          reading_depth(&e) != cases[i].depth
                    : vital_of(&e, VITAL_LCP) != cases[i].lcp ||
                          vital_of(&e, VITAL_CLS) != cases[i].cls || vital_of(&e, VITAL_INP) != -1)
            fail_msg("%s: %lld", cases[i].body, (long long)e.value);
    }
    struct event e = seen(h, NULL, "{\"n\":\"Signup\"," U "}");
    assert_string_equal(journey_name(h->journey, DICT_ACTION, (u32)e.record), "Signup");
}

static void interactive_is_a_flag(void **state)
{
    struct house *h = *state;

    set_up(h);
    assert_int_equal(seen(h, NULL, "{\"n\":\"a\"," U "}").flags & EVENT_INTERACTIVE,
                     EVENT_INTERACTIVE);
    assert_int_equal(seen(h, NULL, "{\"n\":\"a\"," U ",\"i\":false}").flags & EVENT_INTERACTIVE, 0);
}

static void the_type_of_the_body_does_not_matter(void **state)
{
    static const char *const types[] = { "text/plain", "text/plain;charset=UTF-8",
                                         "application/json", "application/x-www-form-urlencoded",
                                         "application/octet-stream" };
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(types); i++)
        (void)seen(h, &(struct browser){ .type = types[i] }, "{\"n\":\"pageview\"," U "}");
}

/* What stands in front of the server says, and who is then behind a report. */
static const struct {
    const char *note;
    struct browser browser;
    const char *dropped; /* NULL: kept */
    bool same;           /* the visitor 192.0.2.7 with this agent */
} senders[] = {
    { "the visitor", { .address = "192.0.2.7" }, NULL, true },
    { "a server for its visitor", { .forwarded = "192.0.2.7" }, NULL, true },
    { "through its proxy", { .forwarded = "192.0.2.7, 198.51.100.1" }, NULL, true },
    { "out of an office", { .address = "192.0.2.7", .forwarded = "10.1.2.3" }, NULL, true },
    { "of no address", { .address = "192.0.2.7", .forwarded = "unknown, , [::1" }, NULL, true },
    { "for another", { .address = "192.0.2.7", .forwarded = "2001:db8::9" }, NULL, false },
    { "from our own people", { .forwarded = "203.0.113.9" }, "excluded", false },
    { "by our own people",
      { .address = "203.0.113.9", .forwarded = "192.0.2.7" },
      "excluded",
      false },
    { "a data centre", { .ip_type = "dc_ip" }, "data centre", false },
    { "a threat", { .ip_type = "threat_ip" }, "data centre", false },
    { "a tunnel has people in it",
      { .address = "192.0.2.7", .ip_type = "anonymous_vpn_ip" },
      NULL,
      true },
};

static void servers_report_for_their_visitors(void **state)
{
    static const char body[] = "{\"n\":\"pageview\",\"u\":\"https://own.example/a\"}";
    struct house *h = *state;
    u32 visitor;

    RECORD(h, "site", "name", "Own", "domain", "own.example", "excluded", "203.0.113.9");
    visitor = seen(h, &senders[0].browser, body).person;
    for (size_t i = 0; i < countof(senders); i++) {
        struct web_response r = report(h, &senders[i].browser, body);
        const char *dropped = web_response_header(&r, "X-Furrow-Dropped");
        house_expect(h, &r, 202);
        if (strcmp(dropped ? dropped : "", senders[i].dropped ? senders[i].dropped : "") != 0)
            fail_msg("%s: %s", senders[i].note, dropped ? dropped : "kept");
        assert_true((web_response_header(&r, "X-Plausible-Dropped") != NULL) == (dropped != NULL));
        if (dropped == NULL && (last_event(h).person == visitor) != senders[i].same)
            fail_msg("%s: another visitor", senders[i].note);
    }
}

static void one_report_may_be_of_several_sites(void **state)
{
    struct house *h = *state;
    struct web_response r = report(h, NULL, "{\"n\":\"pageview\"," U "}");
    u64 before;
    struct event *e;
    size_t count;

    set_up(h);
    before = journey_last_seq(h->journey);
    r = report(h, NULL,
               "{\"n\":\"pageview\"," U ",\"d\":\"shop.example, nobodys.example,blog.example\"}");
    house_expect(h, &r, 202);
    assert_ok(h->cx, journey_since(h->cx, h->journey, before, 10, &e, &count));
    assert_int_equal(count, 2);
    assert_string_equal(journey_name(h->journey, DICT_SITE, e[0].site), "shop.example");
    assert_string_equal(journey_name(h->journey, DICT_SITE, e[1].site), "blog.example");
}

/* More than an event holds: what fits is kept, and the rest is not. */
static void props_are_capped(void **state)
{
    struct house *h = *state;
    struct buf b = buf_in(h->arena, 200000);
    struct val *props;
    struct event e;

    set_up(h);
    buf_text(&b, "{\"n\":\"Big\"," U ",\"p\":{");
    for (int i = 0; i < 40; i++)
        buf_printf(&b, "%s\"k%d\":\"v\"", i ? "," : "", i);
    buf_text(&b, "}}");
    e = seen(h, NULL, buf_end(&b));
    assert_int_equal(json_read(h->arena, str_from(e.props), &props, NULL), OK);
    assert_int_equal(val_count(props), 31); /* 30 and the name */

    buf_clear(&b);
    buf_text(&b, "{\"n\":\"Big\"," U ",\"p\":{\"short\":\"1\",\"" HUNDRED HUNDRED HUNDRED "x\":1,");
    for (int i = 0; i < 25; i++)
        buf_printf(&b, "\"k%d\":\"" THOUSAND HUNDRED "\",", i);
    buf_text(&b, "\"long\":\"" THOUSAND THOUSAND "x\"}}");
    e = seen(h, NULL, buf_end(&b));
    assert_true(strlen(e.props) <= 16 * 1024);
    assert_int_equal(json_read(h->arena, str_from(e.props), &props, NULL), OK);
    assert_string_equal(val_get_text(props, "short"), "1");
    assert_true(val_count(props) > 8);
    assert_null(val_get(props, "long"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(every_report_is_answered, NULL),
        IN_SQLITE_HOUSE(what_is_reported_stands_on_the_journey, NULL),
        IN_SQLITE_HOUSE(revenue_in_base_currency_is_the_events_value, NULL),
        IN_SQLITE_HOUSE(what_is_measured_is_packed_into_the_value, NULL),
        IN_SQLITE_HOUSE(interactive_is_a_flag, NULL),
        IN_SQLITE_HOUSE(the_type_of_the_body_does_not_matter, NULL),
        IN_BOTH_HOUSES(one_report_may_be_of_several_sites, NULL),
        IN_SQLITE_HOUSE(servers_report_for_their_visitors, NULL),
        IN_SQLITE_HOUSE(props_are_capped, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
