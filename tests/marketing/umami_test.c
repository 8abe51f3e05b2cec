/* umami_test.c -- Umami's protocol as its trackers and libraries speak it: what is answered to each
 * report, what of it stands on the journey, and whose it is. */
#include "base/id.h"
#include "base/json.h"
#include "browse.h"

#define SITE "0191f3c0-5b7e-7d3a-9f10-2f6f3d9a1c55"
#define OTHER "0191f3c0-5b7e-7d3a-9f10-2f6f3d9a1c56"
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
#define SEND(type, more)                                                                          \
    "{\"type\":\"" type "\",\"payload\":{\"website\":\"" SITE "\",\"hostname\":\"shop.example\"," \
    "\"url\":\"/a\"" more "}}"

static void set_up(struct house *h)
{
    RECORD(h, "site", "name", "Shop", "domain", "shop.example", "tracker_id", SITE, "excluded",
           "203.0.113.9");
    RECORD(h, "site", "name", "Day", "domain", "day.example", "mode", "day");
}

static struct web_response send_to(struct house *h, const struct browser *b, const char *body)
{
    return browse(h, b, HTTP_POST, "/api/send", body);
}

static const struct {
    const char *note, *body;
    int status;
    const char *contains;
    bool kept;
} answers[] = {
    { "a page view", SEND("event", ""), 200, "\"sessionId\":", true },
    { "of a custom event", SEND("event", ",\"name\":\"signup\",\"data\":{\"a\":1}"), 200,
      "\"visitId\":", true },
    { "an identity", SEND("identify", ",\"id\":\"u-1\",\"data\":{\"plan\":\"team\"}"), 200,
      "\"cache\":", true },
    { "vitals", SEND("performance", ",\"lcp\":1234.5,\"cls\":0.02"), 200, "\"cache\":", true },
    { "nulls are as good as nothing", SEND("event", ",\"referrer\":null,\"data\":null"), 200,
      "\"cache\":", true },
    { "capitals in the id",
      "{\"type\":\"event\",\"payload\":{\"website\":\"0191F3C0-5B7E-7D3A-9F10-2F6F3D9A1C55\"}}",
      200, "\"cache\":", true },
    { "only the site, as a server says it",
      "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE "\",\"name\":\"order\"}}", 200,
      "\"cache\":", true },
    { "another id, but a host of ours",
      "{\"type\":\"event\",\"payload\":{\"website\":\"" OTHER
      "\",\"hostname\":\"www.day.example\",\"url\":\"/\"}}",
      200, "\"cache\":", true },
    { "no body", "", 400, "bad-request", false },
    { "a list", "[]", 400, "bad-request", false },
    { "no type", "{\"payload\":{\"website\":\"" SITE "\"}}", 400, "type must be", false },
    { "a type that nobody knows", SEND("replay", ""), 400, "type must be", false },
    { "no payload", "{\"type\":\"event\"}", 400, "payload must be", false },
    { "a payload that is a list", "{\"type\":\"event\",\"payload\":[]}", 400, "payload must be",
      false },
    { "no source", "{\"type\":\"event\",\"payload\":{\"url\":\"/\"}}", 400, "Exactly one", false },
    { "two sources", SEND("event", ",\"link\":\"" OTHER "\""), 400, "Exactly one", false },
    { "a link, which is none of our sites",
      "{\"type\":\"event\",\"payload\":{\"link\":\"" OTHER "\",\"url\":\"/\"}}", 400,
      "Website not found", false },
    { "a site that nobody knows",
      "{\"type\":\"event\",\"payload\":{\"website\":\"" OTHER
      "\",\"hostname\":\"x.example\",\"url\":\"/\"}}",
      400, "Website not found", false },
    { "a name of 50 characters", SEND("event", ",\"name\":\"" FIFTY "\""), 200, "cache", true },
    { "of 51", SEND("event", ",\"name\":\"" FIFTY "x\""), 400, "name must be", false },
    { "a tag of 51", SEND("event", ",\"tag\":\"" FIFTY "x\""), 400, "tag must be", false },
    { "a language of 40", SEND("event", ",\"language\":\"" TEN TEN TEN TEN "\""), 400,
      "language must be", false },
    { "a screen of 12", SEND("event", ",\"screen\":\"192000x10800\""), 400, "screen must be",
      false },
    { "a title that is a number", SEND("event", ",\"title\":5"), 400, "title must be", false },
    { "a url that is too long",
      "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE "\",\"url\":\"/" THOUSAND THOUSAND
      "\"}}",
      400, "url must be", false },
    { "data that is a text", SEND("event", ",\"data\":\"x\""), 400, "data must be", false },
    { "vitals that are a text", SEND("performance", ",\"lcp\":\"fast\""), 400, "lcp must be",
      false },
    { "vitals below zero", SEND("performance", ",\"cls\":-1"), 400, "cls must be", false },
    { "vitals beyond all reason", SEND("performance", ",\"cls\":101"), 400, "cls must be", false },
    { "an ip that is none", SEND("event", ",\"ip\":\"here\""), 400, "ip must be", false },
    { "a timestamp that is a word", SEND("event", ",\"timestamp\":\"now\""), 400,
      "timestamp must be", false },
    { "a timestamp of long ago", SEND("event", ",\"timestamp\":1000000000"), 400,
      "timestamp must be", false },
    { "one that no clock reaches", SEND("event", ",\"timestamp\":9223372036854775807"), 400,
      "timestamp must be", false },
    { "an address left out, told by a server", SEND("event", ",\"ip\":\"203.0.113.9\""), 403,
      "forbidden", false },
    { "a bot, told by a server", SEND("event", ",\"userAgent\":\"Googlebot/2.1 (a bot)\""), 200,
      "{\"beep\":\"boop\"}", false },
};

static void every_report_is_answered(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(answers); i++) {
        u64 before = journey_last_seq(h->journey);
        struct web_response r = send_to(h, NULL, answers[i].body);
        u64 kept = journey_last_seq(h->journey) - before;
        if (r.status != answers[i].status || !house_has(&r, answers[i].contains))
            fail_msg("%s: answered %d, not %d: %.*s", answers[i].note, r.status, answers[i].status,
                     (int)r.body.len, r.body.p);
        if (kept != answers[i].kept)
            fail_msg("%s: %llu events", answers[i].note, (unsigned long long)kept);
        assert_string_equal(web_response_header(&r, "Access-Control-Allow-Origin"), "*");
    }
}

static const struct {
    const char *note, *body, *kind, *page, *props;
} events[] = {
    { "a path", SEND("event", ""), "pageview", "/a", NULL },
    { "a whole address",
      "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE
      "\",\"url\":\"https://shop.example/b?x=1#/c\",\"title\":\"B\"}}",
      "pageview", "/b#/c", "{\"title\":\"B\"}" },
    { "no address",
      "{\"type\":\"event\",\"payload\":{\"website\":\"" SITE "\",\"name\":\"order\"}}", "action",
      "", "{\"name\":\"order\"}" },
    { "a custom event, its data flat, and a tag",
      SEND("event", ",\"name\":\"order\",\"tag\":\"b\",\"data\":{\"n\":2,\"of\":{\"kind\":\"x\","
                    "\"deep\":{\"er\":true}},\"list\":[1,\"a\"],\"blank\":\" \"}"),
      "action", "/a",
      "{\"name\":\"order\",\"n\":\"2\",\"of.kind\":\"x\",\"of.deep.er\":\"true\","
      "\"list\":\"[1,\\\"a\\\"]\",\"tag\":\"b\"}" },
    { "an identity", SEND("identify", ",\"data\":{\"plan\":\"team\"}"), "action", "/a",
      "{\"name\":\"identify\",\"plan\":\"team\"}" },
    { "vitals are numbers",
      SEND("performance", ",\"lcp\":1234.5,\"inp\":80,\"cls\":0.02,\"fcp\":900,\"ttfb\":45"),
      "performance", "/a", "{\"lcp\":1234.5,\"inp\":80,\"cls\":0.02,\"fcp\":900,\"ttfb\":45}" },
};

static void what_is_reported_stands_on_the_journey(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(events); i++) {
        struct web_response r = send_to(h, NULL, events[i].body);
        struct val *want = NULL, *got = NULL;
        house_expect(h, &r, 200);
        struct event e = last_event(h);
        const char *kind = kit_event_kind_by_code(h->kit, e.kind)->name,
                   *page = journey_name(h->journey, DICT_PAGE, e.page);
        if (strcmp(kind, events[i].kind) != 0 || strcmp(page, events[i].page) != 0)
            fail_msg("%s: %s of %s", events[i].note, kind, page);
        assert_string_equal(journey_name(h->journey, DICT_SITE, e.site), "shop.example");
        if (events[i].props)
            assert_int_equal(json_read(h->arena, str_from(events[i].props), &want, NULL), OK);
        if (e.props)
            assert_int_equal(json_read(h->arena, str_from(e.props), &got, NULL), OK);
        if (!val_equal(want, got))
            fail_msg("%s: props are %s", events[i].note, e.props ? e.props : "none");
    }
}

/* Two reports, and whether one person is behind both. */
static const struct {
    const char *note, *first, *second;
    struct browser first_browser, second_browser;
    bool same;
} pairs[] = {
    { "one browser", SEND("event", ""), SEND("event", ",\"name\":\"x\""), { 0 }, { 0 }, true },
    { "two browsers", SEND("event", ""), SEND("event", ""), { 0 }, { .agent = FIREFOX }, false },
    { "one distinct id",
      SEND("identify", ",\"id\":\"ada@example.com\""),
      SEND("event", ",\"id\":\"ada@example.com\""),
      { 0 },
      { .agent = FIREFOX },
      true },
    { "two distinct ids",
      SEND("event", ",\"id\":\"1\""),
      SEND("event", ",\"id\":\"2\""),
      { 0 },
      { 0 },
      false },
    { "an id of our tracker's shape is its cookie's",
      SEND("event", ",\"id\":\"visitor-4711\""),
      SEND("event", ""),
      { 0 },
      { .agent = FIREFOX, .cookie = "fw_id=visitor-4711" },
      true },
    { "a visitor that two servers tell of",
      SEND("event", ",\"ip\":\"192.0.2.7\",\"userAgent\":\"" FIREFOX "\""),
      SEND("event", ",\"ip\":\"192.0.2.7\",\"userAgent\":\"" FIREFOX "\""),
      { 0 },
      { .address = "192.0.2.8" },
      true },
    { "an id kept without asking counts for nothing",
      SEND("event", ",\"vid\":\"" OTHER "\""),
      SEND("event", ",\"vid\":\"" OTHER "\""),
      { 0 },
      { .agent = FIREFOX },
      false },
};

static void visitors_are_told_apart(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(pairs); i++) {
        struct web_response a = send_to(h, &pairs[i].first_browser, pairs[i].first);
        u32 first = last_event(h).person, second;
        struct web_response b = send_to(h, &pairs[i].second_browser, pairs[i].second);
        second = last_event(h).person;
        house_expect(h, &a, 200);
        house_expect(h, &b, 200);
        bool one = text_is(val_get_text(house_val(h, &a), "sessionId"),
                           val_get_text(house_val(h, &b), "sessionId"));
        if ((first == second) != pairs[i].same || one != pairs[i].same)
            fail_msg("%s: %s", pairs[i].note, first == second ? "one person" : "two");
    }
}

static void a_visit_has_an_id_of_its_own(void **state)
{
    struct house *h = *state;
    const char *visits[3], *sessions[3];
    static const i64 later_ms[] = { 0, 10 * MS_MINUTE, 31 * MS_MINUTE };

    set_up(h);
    for (size_t i = 0; i < countof(visits); i++) {
        h->clock->fixed_ms += later_ms[i];
        struct web_response r = send_to(h, NULL, SEND("event", ""));
        const struct val *v = house_val(h, &r);
        visits[i] = val_get_text(v, "visitId");
        sessions[i] = val_get_text(v, "sessionId");
        assert_true(uuid_is(visits[i]) && uuid_is(sessions[i]));
    }
    assert_string_equal(visits[0], visits[1]);
    assert_string_not_equal(visits[1], visits[2]);
    assert_string_equal(sessions[0], sessions[2]);
}

static void a_timestamp_of_this_day_is_when_it_was(void **state)
{
    struct house *h = *state;
    i64 hour_ago = HOUSE_NOW / MS_SECOND - 3600;
    struct web_response r;

    set_up(h);
    r = send_to(h, NULL,
                arena_printf(h->arena, SEND("event", ",\"timestamp\":%lld"), (long long)hour_ago));
    house_expect(h, &r, 200);
    assert_true(last_event(h).at_ms == hour_ago * MS_SECOND);
}

static void a_batch_keeps_what_is_good(void **state)
{
    struct house *h = *state;
    u64 before;
    struct web_response r;
    const struct val *v;

    set_up(h);
    before = journey_last_seq(h->journey);
    r = browse(
        h, NULL, HTTP_POST, "/api/batch",
        "[" SEND("event", "") ",{\"type\":\"event\"}," SEND("event", ",\"name\":\"x\"") ",7," SEND(
            "event", ",\"userAgent\":\"some crawler\"") "]");
    house_expect(h, &r, 200);
    v = house_val(h, &r);
    assert_int_equal(val_get_i64(v, "size", 0), 5);
    assert_int_equal(val_get_i64(v, "processed", 0), 3);
    assert_int_equal(val_get_i64(v, "errors", 0), 2);
    assert_int_equal(val_get_i64(val_at(val_get(v, "details"), 0), "index", -1), 1);
    assert_int_equal(val_get_i64(val_at(val_get(v, "details"), 1), "index", -1), 3);
    assert_false(text_empty(val_get_text(v, "cache")));
    assert_int_equal(journey_last_seq(h->journey) - before, 2);
}

static const struct {
    const char *note;
    size_t reports;
    int status;
} batches[] = { { "none", 0, 200 }, { "as many as may be", 500, 200 }, { "more", 501, 400 } };

static void batches_are_capped(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(batches); i++) {
        struct buf b = buf_in(h->arena, 1024 * 1024);
        u64 before = journey_last_seq(h->journey), want;
        buf_char(&b, '[');
        for (size_t n = 0; n < batches[i].reports; n++)
            buf_printf(&b, "%s%s", n ? "," : "", SEND("event", ""));
        buf_char(&b, ']');
        struct web_response r = browse(h, NULL, HTTP_POST, "/api/batch", buf_end(&b));
        house_expect(h, &r, batches[i].status);
        want = batches[i].status == 200 ? batches[i].reports : 0;
        assert_int_equal(journey_last_seq(h->journey) - before, want);
    }
}

static void each_site_has_a_tracker_id(void **state)
{
    struct house *h = *state;
    i64 id = RECORD(h, "site", "name", "New", "domain", "new.example");
    struct row *r;
    int field;

    assert_ok(h->cx, record_get_named(h->cx, "site", id, &r));
    field = type_field(row_type(r), "tracker_id");
    assert_true(uuid_is(row_text(r, field)));
    row_set_text(r, field, "no id");
    assert_int_equal(record_save(h->cx, r), E_INVALID);
    ctx_clear_error(h->cx);
    row_set_text(r, field, "0191F3C0-5B7E-7D3A-9F10-2F6F3D9A1C55"); /* brought along */
    assert_ok(h->cx, record_save(h->cx, r));
    assert_string_equal(row_text(r, field), SITE);
    r = row_new(h->cx, type_find(h->cx, "site"));
    row_set_text(r, type_field(row_type(r), "name"), "Twin");
    row_set_text(r, type_field(row_type(r), "domain"), "twin.example");
    row_set_text(r, field, SITE);
    assert_int_equal(record_save(h->cx, r), E_CONFLICT);
}

static void sites_of_before_get_their_tracker_id(void **state)
{
    struct house *h = *state;
    i64 id = RECORD(h, "site", "name", "Old", "domain", "old.example");
    size_t count;
    const struct feature *const *features = kit_features(h->kit, &count);
    struct row *r;

    test_db_script(h->t, "UPDATE site SET tracker_id = '', tracker_id_fold = ''");
    for (size_t i = 0; i < count; i++)
        if (text_is(features[i]->name, "site"))
            assert_ok(h->cx, features[i]->start(h->cx));
    assert_ok(h->cx, record_get_named(h->cx, "site", id, &r));
    assert_true(uuid_is(row_text(r, type_field(row_type(r), "tracker_id"))));
}

static void other_sites_pages_may_ask(void **state)
{
    struct house *h = *state;
    struct web_response r = browse(h, NULL, HTTP_OPTIONS, "/api/send", "");

    house_expect(h, &r, 204);
    assert_non_null(
        strstr(web_response_header(&r, "Access-Control-Allow-Headers"), "X-Umami-Cache"));
    assert_string_equal(web_response_header(&r, "Access-Control-Allow-Methods"), "POST, OPTIONS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(every_report_is_answered, NULL),
        IN_SQLITE_HOUSE(what_is_reported_stands_on_the_journey, NULL),
        IN_SQLITE_HOUSE(visitors_are_told_apart, NULL),
        IN_SQLITE_HOUSE(a_visit_has_an_id_of_its_own, NULL),
        IN_SQLITE_HOUSE(a_timestamp_of_this_day_is_when_it_was, NULL),
        IN_SQLITE_HOUSE(a_batch_keeps_what_is_good, NULL),
        IN_SQLITE_HOUSE(batches_are_capped, NULL),
        IN_BOTH_HOUSES(each_site_has_a_tracker_id, NULL),
        IN_BOTH_HOUSES(sites_of_before_get_their_tracker_id, NULL),
        IN_SQLITE_HOUSE(other_sites_pages_may_ask, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
