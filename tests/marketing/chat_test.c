/* chat_test.c -- a conversation from a visitor's first word to the contact's timeline: whose turn
 * it is, who is told, what the key opens, and what strangers may ask for. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/conversation.h"
#include "browse.h"

#define ID_A "0123456789abcdef0123456789abcdef"

struct talk {
    const char *id, *key;
};

static struct web_response chat(struct house *h, const char *what, const char *body)
{
    static const struct http_pair headers[] = { { "User-Agent", CHROME },
                                                { "Accept", "application/json" },
                                                { NULL, NULL } };

    h->clock->fixed_ms += 20 * MS_SECOND;
    return house_ask(h, NULL, HTTP_POST, arena_printf(h->arena, "/chat/%s", what), body, headers);
}

static struct talk start(struct house *h, const char *body)
{
    struct web_response r = chat(h, "start", body);
    const struct val *v = house_val(h, &r);

    house_expect(h, &r, 200);
    return (struct talk){ val_get_text(v, "id"), val_get_text(v, "key") };
}

static struct row *conversation(struct house *h, struct talk t)
{
    struct row *r;
    i64 id;

    assert_true(id_parse(str_from(t.id), &id));
    assert_ok(h->cx, record_get(h->cx, &conversation_type, id, &r));
    return r;
}

static struct web_response with_key(struct house *h, const char *what, struct talk t,
                                    const char *more)
{
    return chat(h, what, arena_printf(h->arena, "id=%s&key=%s&%s", t.id, t.key, more));
}

static size_t events_of(struct house *h, i64 contact, const char *kind)
{
    struct event *e;
    size_t count, n = 0;

    assert_ok(h->cx, outbox_drain(h->cx));
    assert_ok(h->cx, journey_timeline(h->cx, h->journey,
                                      journey_person_find(h->journey, PERSON_CONTACT, (u64)contact),
                                      0, 0, 500, &e, &count));
    for (size_t i = 0; i < count; i++)
        n += e[i].kind == kit_event_code(h->kit, kind);
    return n;
}

static void whose_turn_it_is(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue Service", "");
    struct talk t = start(h, "text=Do+you+ship%3F");
    struct row *r = conversation(h, t);
    struct web_response a;

    assert_string_equal(row_text(r, CONVERSATION_STATE), "open");
    assert_int_equal(row_i64(r, CONVERSATION_UNREAD), 1);
    a = house_post(h, sue, arena_printf(h->arena, "/inbox/%s/say", t.id), "text=We+do.");
    house_expect(h, &a, 303);
    r = conversation(h, t);
    assert_string_equal(row_text(r, CONVERSATION_STATE), "waiting");
    assert_int_equal(row_i64(r, CONVERSATION_UNREAD), 0);
    assert_int_equal(row_i64(r, CONVERSATION_ASSIGNEE), sue->user_id);
    a = house_post(h, sue, arena_printf(h->arena, "/inbox/%s/say", t.id), "text=Psst&as=note");
    assert_string_equal(row_text(conversation(h, t), CONVERSATION_LAST_TEXT), "We do.");
    a = house_post(h, sue, arena_printf(h->arena, "/inbox/%s/move", t.id), "state=closed");
    assert_string_equal(row_text(conversation(h, t), CONVERSATION_STATE), "closed");
    a = with_key(h, "say", t, "text=One+more+thing");
    house_expect(h, &a, 200);
    r = conversation(h, t);
    assert_string_equal(row_text(r, CONVERSATION_STATE), "open");
    assert_int_equal(row_i64(r, CONVERSATION_UNREAD), 1);
    assert_false(house_has(&a, "Psst")); /* a note is for colleagues alone */
    assert_true(house_has(&a, "We do."));
    assert_true(house_has(&a, "\"name\":\"Sue\"")); /* by the first name */
    assert_false(house_has(&a, "Sue Service"));
}

static void the_key_opens_one_conversation(void **state)
{
    struct house *h = *state;
    struct talk a = start(h, "text=Mine"), b = start(h, "text=Yours"), mixed = { a.id, b.key };
    static const char *const ways[] = { "say", "seen", "mail" };
    struct web_response r;

    for (size_t i = 0; i < countof(ways); i++) {
        r = with_key(h, ways[i], mixed, "text=x&email=a%40b.example");
        house_expect(h, &r, 404);
    }
    r = house_get(h, NULL, arena_printf(h->arena, "/chat/messages?id=%s&key=%s", a.id, b.key));
    house_expect(h, &r, 404);
    r = house_get(h, NULL, arena_printf(h->arena, "/chat/messages?id=%s&key=%s", a.id, a.key));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Mine"));
}

static void an_address_makes_it_a_contacts_story(void **state)
{
    struct house *h = *state;
    struct talk t;
    struct web_response r;
    struct row *contact;

    RECORD(h, "site", "name", "Shop", "domain", "shop.example");
    (void)seen(h, NULL,
               "{\"n\":\"pageview\",\"u\":\"https://shop.example/?utm_source=news"
               "&utm_medium=email\",\"fid\":\"" ID_A "\"}");
    t = start(h, "text=Hello&fw_id=" ID_A);
    assert_false(row_has(conversation(h, t), CONVERSATION_CONTACT));
    r = with_key(h, "mail", t, "email=nonsense");
    house_expect(h, &r, 422);
    r = with_key(h, "mail", t, "email=ina%40x.example&name=Ina+Berg");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "\"known\":true"));
    settle(h);
    assert_ok(h->cx, record_find(h->cx, &contact_type, "email", "ina@x.example", &contact));
    assert_string_equal(row_text(contact, CONTACT_LAST), "Berg");
    assert_string_equal(row_text(contact, CONTACT_CHANNEL), "email"); /* the visit before */
    assert_int_equal(row_i64(conversation(h, t), CONVERSATION_CONTACT), row_id(contact));
    assert_int_equal(events_of(h, row_id(contact), "conversation_started"), 1);
    assert_int_equal(events_of(h, row_id(contact), "chat_message"), 1);
    r = with_key(h, "say", t, "text=And+more");
    house_expect(h, &r, 200);
    assert_int_equal(events_of(h, row_id(contact), "chat_message"), 2);
    t = start(h, "text=Back+again&fw_id=" ID_A); /* known by the visitor's id */
    assert_int_equal(row_i64(conversation(h, t), CONVERSATION_CONTACT), row_id(contact));
    r = house_get(h, NULL, arena_printf(h->arena, "/chat/messages?id=%s&key=%s", t.id, t.key));
    assert_false(house_has(&r, "Ina")); /* what we know is not told to who holds the cookie */
    assert_false(house_has(&r, "ina@x.example"));
}

static void one_notification_until_somebody_looks(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue", "");
    struct talk t = start(h, "text=One");
    struct web_response r;

    r = with_key(h, "say", t, "text=Two");
    r = with_key(h, "say", t, "text=Three");
    house_expect(h, &r, 200);
    r = house_json(h, sue, HTTP_GET, "/notifications", NULL);
    assert_true(house_has(&r, "writes: One"));
    assert_false(house_has(&r, "writes: Two"));
    r = house_post(h, sue, arena_printf(h->arena, "/inbox/%s/read", t.id), "");
    r = with_key(h, "say", t, "text=Four");
    r = house_json(h, sue, HTTP_GET, "/notifications", NULL);
    assert_true(house_has(&r, "writes: Four"));
}

static void nobody_is_there_after_hours(void **state)
{
    struct house *h = *state;
    struct person *sue;
    struct web_response r = house_get(h, NULL, "/chat/config");

    assert_true(house_has(&r, "\"there\":false")); /* Monday, ten o'clock: but who is in? */
    assert_true(house_has(&r, "Leave us a message"));
    sue = house_user(h, "Sue", "");
    r = house_get(h, sue, "/");
    r = house_get(h, NULL, "/chat/config");
    assert_true(house_has(&r, "\"there\":true"));
    h->clock->fixed_ms += 12 * MS_HOUR;
    r = house_get(h, sue, "/");
    r = house_get(h, NULL, "/chat/config");
    assert_true(house_has(&r, "\"there\":false"));
}

static void a_flood_of_words_waits(void **state)
{
    struct house *h = *state;
    struct talk t = start(h, "text=One");
    int taken = 0;

    for (int i = 0; i < 60; i++) {
        struct web_response r =
            house_ask(h, NULL, HTTP_POST, "/chat/say",
                      arena_printf(h->arena, "id=%s&key=%s&text=spam", t.id, t.key), NULL);
        taken += r.status == 200;
        if (r.status != 200)
            house_expect(h, &r, 429);
    }
    assert_int_equal(taken, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(whose_turn_it_is, NULL),
        IN_SQLITE_HOUSE(the_key_opens_one_conversation, NULL),
        IN_BOTH_HOUSES(an_address_makes_it_a_contacts_story, NULL),
        IN_SQLITE_HOUSE(one_notification_until_somebody_looks, NULL),
        IN_SQLITE_HOUSE(nobody_is_there_after_hours, NULL),
        IN_SQLITE_HOUSE(a_flood_of_words_waits, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
