/* events_test.c -- events from outside: what each may say, whose it may be, what stands on the
 * journey afterwards, and that the same again changes nothing. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/channel.h"
#include "browse.h"

#define VISITOR "\"visitor_id\":\"visitor-0001\""
#define VIEW "\"kind\":\"pageview\"," VISITOR
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY

static struct web_response post(struct house *h, const struct person *who, const char *body)
{
    return house_json(h, who, HTTP_POST, "/api/v1/events", body);
}

/* One event each; the code of the field that is refused, or NULL. */
static const struct {
    const char *note, *event, *code;
} cases[] = {
    { "a page view", "{" VIEW "}", NULL },
    { "of years back", "{" VIEW ",\"at\":\"2009-03-01T10:00:00+02:00\"}", NULL },
    { "of a day", "{" VIEW ",\"at\":\"2009-03-01\"}", NULL },
    { "in milliseconds", "{" VIEW ",\"at\":1235901600000}", NULL },
    { "all there is",
      "{\"id\":\"e-1\",\"kind\":\"action\"," VISITOR
      ",\"name\":\"Signup\",\"url\":\"https://shop.example/a?utm_source=n#x\","
      "\"referrer\":\"https://a.example/\",\"title\":\"A\",\"site\":\"shop.example\","
      "\"channel\":\"email\",\"source\":\"S\",\"medium\":\"M\",\"campaign\":\"C\",\"term\":\"T\","
      "\"content\":\"K\",\"user_agent\":\"" FIREFOX
      "\",\"value\":{\"amount\":\"12.50\",\"currency\":\"EUR\"},\"props\":{\"a\":{\"b\":1}}}",
      NULL },
    { "nulls are as good as nothing", "{" VIEW ",\"at\":null,\"url\":null,\"props\":null}", NULL },
    { "a number", "5", "event.not_object" },
    { "a field that nobody knows", "{" VIEW ",\"plan\":\"team\"}", "unknown_field" },
    { "no kind", "{" VISITOR "}", "required" },
    { "a kind that nobody knows", "{\"kind\":\"luck\"," VISITOR "}", "event.kind" },
    { "an action without a name", "{\"kind\":\"action\"," VISITOR "}", "required" },
    { "a time that is none", "{" VIEW ",\"at\":\"yesterday\"}", "event.at" },
    { "a time to come", "{" VIEW ",\"at\":\"2099-01-01T00:00:00Z\"}", "event.at_range" },
    { "a time before computers", "{" VIEW ",\"at\":\"1969-01-01T00:00:00Z\"}", "event.at_range" },
    { "nobody's", "{\"kind\":\"pageview\"}", "event.person" },
    { "two people's", "{" VIEW ",\"email\":\"a@b.example\"}", "event.person" },
    { "a contact's that is not there", "{\"kind\":\"pageview\",\"contact_id\":\"0000000000001\"}",
      "event.no_contact" },
    { "an id that is none", "{\"kind\":\"pageview\",\"contact_id\":\"x\"}", "event.contact" },
    { "a stranger's address", "{\"kind\":\"pageview\",\"email\":\"no@body.example\"}",
      "event.no_contact" },
    { "a visitor's that is a word", "{\"kind\":\"pageview\",\"visitor_id\":\"me\"}",
      "event.visitor" },
    { "a url that is none", "{" VIEW ",\"url\":\"shop\"}", "event.url" },
    { "a channel that is none", "{" VIEW ",\"channel\":\"pigeon\"}", "event.channel" },
    { "a list as a text", "{" VIEW ",\"title\":[1]}", "event.text" },
    { "a name too long", "{" VIEW ",\"name\":\"" HUNDRED TEN TEN "x\"}", "event.too_long" },
    { "value without currency", "{" VIEW ",\"value\":{\"amount\":\"5\"}}", "event.value" },
    { "value in no currency", "{" VIEW ",\"value\":{\"amount\":5,\"currency\":\"XXQ\"}}",
      "event.value" },
    { "props that are a text", "{" VIEW ",\"props\":\"x\"}", "event.props" },
    { "a record of a kind without one", "{" VIEW ",\"record_id\":\"0000000000001\"}",
      "event.record" },
    { "a record that is not there",
      "{\"kind\":\"form_submit\"," VISITOR ",\"record_id\":\"0000000000001\"}", "event.no_record" },
};

static void each_event_is_taken_or_refused(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");

    for (size_t i = 0; i < countof(cases); i++) {
        u64 before = journey_last_seq(h->journey);
        struct web_response r =
            post(h, mia, arena_printf(h->arena, "{\"events\":[%s]}", cases[i].event));
        const struct val *v = house_val(h, &r), *error = val_at(val_get(v, "errors"), 0);
        if (r.status != (cases[i].code ? 422 : 200) ||
            strcmp(val_get_text(error, "code"), cases[i].code ? cases[i].code : "") != 0)
            fail_msg("%s: %d %.*s", cases[i].note, r.status, (int)r.body.len, r.body.p);
        assert_int_equal(journey_last_seq(h->journey) - before, cases[i].code == NULL);
    }
}

static const struct {
    const char *note, *body;
    int status;
    const char *contains;
} bodies[] = {
    { "a list by itself", "[{" VIEW "}]", 200, "\"accepted\":1" },
    { "nothing", "{\"events\":[]}", 200, "\"received\":0" },
    { "no list", "{\"events\":5}", 422, "required" },
    { "no events", "{}", 422, "required" },
    { "half a body", "{\"events\":[", 400, "json.malformed" },
    { "good and bad", "{\"events\":[{" VIEW "},{},{" VIEW "}]}", 200, "\"index\":1" },
};

static void a_batch_says_what_became_of_it(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");

    for (size_t i = 0; i < countof(bodies); i++) {
        struct web_response r = post(h, mia, bodies[i].body);
        if (r.status != bodies[i].status || !house_has(&r, bodies[i].contains))
            fail_msg("%s: %d %.*s", bodies[i].note, r.status, (int)r.body.len, r.body.p);
    }
}

static void the_same_again_changes_nothing(void **state)
{
    static const char body[] =
        "{\"events\":[{\"id\":\"x\"," VIEW "},{\"id\":\"x\"," VIEW "},{\"id\":\"y\"," VIEW "}]}";
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    struct journey_stats stats;

    for (int round = 0; round < 2; round++) {
        struct web_response r = post(h, mia, body);
        house_expect(h, &r, 200);
    }
    journey_stats(h->journey, &stats);
    assert_int_equal(stats.events, 2);
}

static void what_it_says_stands_on_the_journey(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    struct web_response r =
        post(h, mia,
             "{\"events\":[{\"kind\":\"action\"," VISITOR
             ",\"at\":\"2019-03-01T10:00:00Z\",\"name\":\"Order\","
             "\"url\":\"https://www.shop.example/a?utm_source=News&utm_medium=email#x\","
             "\"user_agent\":\"" FIREFOX "\",\"value\":{\"amount\":\"12.50\",\"currency\":\"EUR\"},"
             "\"props\":{\"plan\":\"team\",\"name\":\"no\"}}]}");
    struct event e;
    struct val *props;

    house_expect(h, &r, 200);
    e = last_event(h);
    assert_true(e.at_ms == 1551434400000);
    assert_int_equal(e.value, 1250);
    assert_true(e.flags & EVENT_IMPORTED);
    assert_int_equal(e.device, 1);
    assert_string_equal(channel_value(e.channel), "email");
    assert_string_equal(journey_name(h->journey, DICT_PAGE, e.page), "/a");
    assert_string_equal(journey_name(h->journey, DICT_SITE, e.site), "shop.example");
    assert_string_equal(journey_name(h->journey, DICT_SOURCE, e.source), "news");
    assert_string_equal(journey_name(h->journey, DICT_CLIENT, e.client), "Firefox|Linux||");
    assert_int_equal(json_read(h->arena, str_from(e.props), &props, NULL), OK);
    assert_string_equal(val_get_text(props, "name"), "Order");
    assert_string_equal(val_get_text(props, "plan"), "team");
}

static void a_visitor_is_the_trackers(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    struct web_response r;
    u32 person;

    RECORD(h, "site", "name", "Shop", "domain", "shop.example");
    person = seen(h, NULL,
                  "{\"n\":\"pageview\",\"u\":\"https://shop.example/\",\"fid\":\"visitor-0001\"}")
                 .person;
    r = post(h, mia, "{\"events\":[{" VIEW "}]}");
    house_expect(h, &r, 200);
    assert_int_equal(last_event(h).person, person);
}

/* An older touch is the first one; a later one, or an event that tells none, is not. */
static const struct {
    const char *note, *event, *channel;
} touches[] = {
    { "nothing told", "\"kind\":\"pageview\",\"at\":\"2020-01-01T00:00:00Z\"", "" },
    { "the first", "\"kind\":\"pageview\",\"at\":\"2021-01-01T00:00:00Z\",\"channel\":\"email\"",
      "email" },
    { "a later one",
      "\"kind\":\"pageview\",\"at\":\"2022-01-01T00:00:00Z\",\"channel\":\"referral\"", "email" },
    { "an older one",
      "\"kind\":\"pageview\",\"at\":\"2019-01-01T00:00:00Z\",\"channel\":\"paid-search\"",
      "paid-search" },
};

static void a_contact_gets_the_oldest_touch(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    i64 id = RECORD(h, "contact", "email", "ada@shop.example", "first_name", "Ada");

    for (size_t i = 0; i < countof(touches); i++) {
        struct web_response r =
            post(h, mia,
                 arena_printf(h->arena, "{\"events\":[{%s,\"email\":\"Ada@Shop.example\"}]}",
                              touches[i].event));
        struct row *contact;
        house_expect(h, &r, 200);
        assert_ok(h->cx, record_get_named(h->cx, "contact", id, &contact));
        const char *channel = row_text(contact, type_field(row_type(contact), "first_channel"));
        if (strcmp(channel, touches[i].channel) != 0)
            fail_msg("%s: '%s'", touches[i].note, channel);
    }
    assert_int_equal(last_event(h).person,
                     journey_person_find(h->journey, PERSON_CONTACT, (u64)id));
}

/* ---- kinds of one's own ---- */

extern const struct feature feature_event_kind;

static const struct {
    const char *note, *kind, *code;
    int status;
} own_kinds[] = {
    { "a sales one", "{\"name\":\"plan_upgraded\",\"label\":\"Plan upgraded\",\"place\":\"sales\"}",
      NULL, 201 },
    { "one of Furrow's", "{\"name\":\"pageview\",\"label\":\"Mine\"}", "event_kind.taken", 422 },
    { "a word of the reports", "{\"name\":\"any\",\"label\":\"Any\"}", "event_kind.name", 422 },
    { "not a word", "{\"name\":\"Plan upgraded\",\"label\":\"P\"}", "event_kind.name", 422 },
    { "twice", "{\"name\":\"plan_upgraded\",\"label\":\"Again\"}", "taken", 409 },
    { "without a label", "{\"name\":\"plan_lost\"}", "required", 422 },
};

static const struct val *own_kind(struct house *h, const struct person *admin, int status,
                                  const char *json)
{
    struct web_response r = house_json(h, admin, HTTP_POST, "/api/v1/event-kinds", json);

    house_expect(h, &r, status);
    return house_val(h, &r);
}

static void kinds_of_ones_own_are_taken_or_refused(void **state)
{
    struct house *h = *state;
    struct person *admin = house_user(h, "Ada", "");

    for (size_t i = 0; i < countof(own_kinds); i++) {
        const struct val *v = own_kind(h, admin, own_kinds[i].status, own_kinds[i].kind);
        const char *code = val_get_text(val_at(val_get(v, "errors"), 0), "code");
        if (own_kinds[i].code && strcmp(code, own_kinds[i].code) != 0)
            fail_msg("%s: '%s'", own_kinds[i].note, code);
    }
}

/* Known from the moment it is made, in events, timelines and funnels; told, but no longer offered,
 * once it is gone; and still there after the next start. */
static void a_kind_of_ones_own_is_one(void **state)
{
    static const char upgrade[] =
        "{\"events\":[{\"kind\":\"plan_upgraded\",\"email\":\"ada@shop.example\"}]}";
    struct house *h = *state;
    struct person *admin = house_user(h, "Ada", "");
    i64 contact = RECORD(h, "contact", "email", "ada@shop.example", "first_name", "Ada");
    const char *page = arena_printf(h->arena, "/contacts/%s", id_text(h->arena, contact));
    const char *funnel = "/insight/funnel?period=last_30_days&step1=plan_upgraded&step2=deal_won";
    struct web_response r = post(h, admin, upgrade);

    assert_true(house_has(&r, "event.kind"));
    const struct val *kind = own_kind(h, admin, 201,
                                      "{\"name\":\"plan_upgraded\",\"label\":\"Plan "
                                      "upgraded\",\"place\":\"sales\"}");
    r = post(h, admin, upgrade);
    assert_true(house_has(&r, "\"accepted\":1"));
    r = house_get(h, admin, page);
    assert_true(house_has(&r, "Plan upgraded"));
    r = house_get(h, admin, arena_printf(h->arena, "%s?show=talk", page));
    assert_true(house_has(&r, "Plan upgraded"));
    r = house_get(h, admin, funnel);
    assert_true(house_has(&r, "Plan upgraded"));
    assert_false(house_has(&r, "nothing that happens"));

    const char *path = arena_printf(h->arena, "/api/v1/event-kinds/%s", val_get_text(kind, "id"));
    r = house_json(h, admin, HTTP_PATCH, path, "{\"label\":\"Moved up\"}");
    house_expect(h, &r, 200);
    r = house_get(h, admin, page);
    assert_true(house_has(&r, "Moved up"));
    r = house_json(h, admin, HTTP_DELETE, path, NULL);
    assert_true(r.status == 200 || r.status == 204);
    r = post(h, admin, upgrade);
    assert_true(house_has(&r, "event.kind"));
    r = house_get(h, admin, page);
    assert_true(house_has(&r, "Moved up"));
    r = house_get(h, admin, "/insight/funnel");
    assert_false(house_has(&r, "Moved up"));
    assert_ok(h->cx, feature_event_kind.start(h->cx)); /* as another start reads them */
    r = house_get(h, admin, page);
    assert_true(house_has(&r, "Moved up"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(each_event_is_taken_or_refused, NULL),
        IN_SQLITE_HOUSE(a_batch_says_what_became_of_it, NULL),
        IN_BOTH_HOUSES(the_same_again_changes_nothing, NULL),
        IN_SQLITE_HOUSE(what_it_says_stands_on_the_journey, NULL),
        IN_SQLITE_HOUSE(a_visitor_is_the_trackers, NULL),
        IN_BOTH_HOUSES(a_contact_gets_the_oldest_touch, NULL),
        IN_SQLITE_HOUSE(kinds_of_ones_own_are_taken_or_refused, NULL),
        IN_BOTH_HOUSES(a_kind_of_ones_own_is_one, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
