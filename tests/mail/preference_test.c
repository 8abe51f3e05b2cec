/* preference_test.c -- leaving: the page, the mail program's button, the headers, double opt-in,
 * and that nothing happens by looking. */
#include "base/id.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "mail/cap.h"
#include "mail/mail.h"
#include "mail/preference.h"
#include "mail/token.h"
#include "support/house.h"
#include <stdlib.h>

#define BASE "https://crm.example"
static const struct house_options options = { .public_url = BASE };

static i64 record(struct house *h, const char *type, const char *json)
{
    struct person *admin = house_user(h, "Admin", "");
    struct web_response r =
        house_json(h, admin, HTTP_POST, arena_printf(h->arena, "/api/v1/%s", type), json);
    i64 id;

    house_expect(h, &r, 201);
    assert_true(id_parse(str_from(val_get_text(house_val(h, &r), "id")), &id));
    return id;
}

static i64 topic(struct house *h, const char *slug)
{
    i64 id;

    assert_ok(h->cx, topic_by_slug(h->cx, slug, &id));
    return id;
}

static void give(struct house *h, i64 contact, const char *slug)
{
    struct consent_evidence e = { .contact_id = contact, .topic = slug, .source = "form" };

    assert_ok(h->cx, consent_give(h->cx, &e, NULL));
}

static const char *tags(struct house *h, i64 contact)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, contact, &r));
    return row_text(r, CONTACT_CONSENT);
}

static const char *reason(struct house *h, const char *address)
{
    const char *out;

    assert_ok(h->cx, suppression_find(h->cx, address, &out));
    return out ? out : "free";
}

/* Somebody who agreed to two topics, and the address in a mail about the newsletter. */
static i64 reader(struct house *h, const char *email, const char **path)
{
    i64 id = record(h, "contacts", arena_printf(h->arena, "{\"email\":\"%s\"}", email));

    give(h, id, "newsletter");
    give(h, id, "offers");
    *path = preference_url(h->cx, &(struct preference_of){ id, topic(h, "newsletter"), 0 });
    assert_int_equal(strncmp(*path, BASE, strlen(BASE)), 0);
    *path += strlen(BASE);
    return id;
}

static const struct {
    const char *note, *type, *body;
} one_clicks[] = {
    { "as RFC 8058 has it", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click" },
    { "in parts", "multipart/form-data; boundary=x",
      "--x\r\nContent-Disposition: form-data; "
      "name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n" },
    { "with a type of its own", "text/plain", "List-Unsubscribe=One-Click" },
};

static void the_mail_programs_button_unsubscribes_at_once(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(one_clicks); i++) {
        const char *path, *email = arena_printf(h->arena, "p%zu@x.example", i);
        i64 id = reader(h, email, &path);
        struct web_request in = {
            .method = HTTP_POST,
            .target = path,
            .headers = (struct http_pair[]){ { "Content-Type", one_clicks[i].type },
                                             { "Origin", "https://mail.example" },
                                             { NULL, NULL } },
            .body = str_from(one_clicks[i].body),
        };
        struct web_response r;
        for (int twice = 0; twice < 2; twice++) {
            web_perform(h->web, h->arena, &in, &r);
            house_expect(h, &r, 200);
            assert_null(web_response_header(&r, "Location"));
            assert_null(web_response_header(&r, "Set-Cookie"));
            if (strcmp(tags(h, id), "|offers|") != 0)
                fail_msg("%s: %s", one_clicks[i].note, tags(h, id));
        }
        assert_string_equal(reason(h, email), "free"); /* of this topic only */
    }
}

static void looking_changes_nothing(void **state)
{
    struct house *h = *state;
    const char *path;
    i64 id = reader(h, "a@x.example", &path);
    struct web_response r = house_get(h, NULL, path);

    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Unsubscribe from Newsletter"));
    assert_true(house_has(&r, "Offers by email"));
    assert_false(house_has(&r, "a@x.example"));
    r = house_ask(h, NULL, HTTP_HEAD, path, NULL, NULL);
    house_expect(h, &r, 200);
    r = house_get(h, NULL, arena_printf(h->arena, "%s?List-Unsubscribe=One-Click", path));
    house_expect(h, &r, 200);
    r = house_post(h, NULL, path, "");
    house_expect(h, &r, 200);
    assert_string_equal(tags(h, id), "|newsletter|offers|");
}

static void people_choose_on_the_page(void **state)
{
    struct house *h = *state;
    const char *path;
    i64 id = reader(h, "a@x.example", &path);
    struct web_response r = house_post(h, NULL, path, "do=leave");

    house_expect(h, &r, 200);
    assert_true(house_has(&r, "you are unsubscribed"));
    assert_string_equal(tags(h, id), "|offers|");
    r = house_post(h, NULL, path,
                   arena_printf(h->arena, "do=save&topic=%s&topic=%s",
                                id_text(h->arena, topic(h, "newsletter")),
                                id_text(h->arena, topic(h, "profiling"))));
    house_expect(h, &r, 200);
    assert_string_equal(tags(h, id), "|newsletter|profiling|");
    r = house_post(h, NULL, path, "do=all");
    house_expect(h, &r, 200);
    assert_string_equal(tags(h, id), "");
    assert_string_equal(reason(h, "a@x.example"), "unsubscribed");
    assert_true(house_has(&r, "unsubscribed from everything"));
    r = house_post(
        h, NULL, path,
        arena_printf(h->arena, "do=save&topic=%s", id_text(h->arena, topic(h, "offers"))));
    house_expect(h, &r, 200);
    assert_string_equal(tags(h, id), "|offers|");
    assert_string_equal(reason(h, "a@x.example"), "free");
}

static void a_spoilt_token_does_nothing(void **state)
{
    struct house *h = *state;
    const char *path;
    i64 id = reader(h, "a@x.example", &path);
    size_t start = strlen("/u/"), len = strlen(path) - start;

    srand(11);
    for (int i = 0; i < 300; i++) {
        char *spoilt = arena_text(h->arena, path), *at = spoilt + start + (size_t)rand() % len;
        char was = *at;
        *at = "ABCabc019-_"[rand() % 11];
        if (*at == was)
            continue;
        if (i % 10 == 0)
            spoilt[start + (size_t)rand() % len] = '\0';
        h->clock->fixed_ms += 2 * MS_SECOND;
        struct web_response r = house_post(h, NULL, spoilt, "List-Unsubscribe=One-Click");
        if (r.status != 404)
            fail_msg("%s: %d", spoilt, r.status);
    }
    assert_string_equal(tags(h, id), "|newsletter|offers|");
    /* too many of them from one address wait */
    struct web_response r = { 0 };
    for (int i = 0; i < 70; i++)
        r = house_post(h, NULL, "/u/guessed", "List-Unsubscribe=One-Click");
    assert_int_equal(r.status, 429);
    r = house_post(h, NULL, path, "List-Unsubscribe=One-Click"); /* but the right one works */
    house_expect(h, &r, 200);
    assert_string_equal(tags(h, id), "|offers|");
}

static void a_contact_that_is_gone_still_gets_nothing(void **state)
{
    struct house *h = *state;
    const char *path;
    i64 id = reader(h, "gone@x.example", &path), mail_id;
    struct row *r;
    struct web_response out;

    record(h, "senders",
           "{\"name\":\"S\",\"from_address\":\"n@example.com\",\"security\":\"tls\","
           "\"host\":\"smtp.example.com\"}");
    assert_ok(h->cx, mail_send(h->cx,
                               &(struct mail){ .to = "gone@x.example",
                                               .contact_id = id,
                                               .subject = "s",
                                               .text = "t",
                                               .source = "api" },
                               &mail_id));
    path = preference_url(h->cx, &(struct preference_of){ id, topic(h, "newsletter"), mail_id });
    assert_ok(h->cx, record_get(h->cx, &contact_type, id, &r));
    assert_ok(h->cx, record_delete(h->cx, r));
    out = house_post(h, NULL, path + strlen(BASE), "List-Unsubscribe=One-Click");
    house_expect(h, &out, 200);
    assert_string_equal(reason(h, "gone@x.example"), "unsubscribed");
}

static void the_headers_say_how_to_leave(void **state)
{
    struct house *h = *state;
    struct preference_header out[PREFERENCE_HEADERS];
    struct preference_of of = { 5, topic(h, "newsletter"), 9 };
    size_t count;

    assert_ok(h->cx, preference_headers(h->cx, &of, "news.example.com", out, &count));
    assert_int_equal(count, 3);
    assert_string_equal(out[0].name, "List-Unsubscribe");
    assert_string_equal(out[0].value, arena_printf(h->arena, "<%s>", preference_url(h->cx, &of)));
    assert_string_equal(out[1].name, "List-Unsubscribe-Post");
    assert_string_equal(out[1].value, "List-Unsubscribe=One-Click");
    assert_string_equal(out[2].value, "\"Newsletter\" <newsletter.news.example.com>");
    of.topic_id = 0;
    assert_ok(h->cx, preference_headers(h->cx, &of, "news.example.com", out, &count));
    assert_int_equal(count, 0);
}

static void a_button_confirms_and_a_look_does_not(void **state)
{
    struct house *h = *state;
    i64 id = record(h, "contacts", "{\"email\":\"new@x.example\"}"), consent, mails;
    struct consent_evidence e = {
        .contact_id = id, .topic = "careful", .source = "form", .wording = "Send me careful things"
    };
    struct web_response r;
    const char *path, *text;

    record(h, "topics", "{\"name\":\"Careful\",\"basis\":\"consent\",\"double_opt_in\":true}");
    assert_ok(h->cx, consent_give(h->cx, &e, &consent)); /* no sender yet: kept, and waits */
    record(h, "senders",
           "{\"name\":\"S\",\"from_address\":\"n@example.com\",\"security\":\"tls\","
           "\"host\":\"smtp.example.com\"}");
    assert_ok(h->cx, consent_give(h->cx, &e, &consent));
    i64 counts[MAIL_STATES];
    assert_ok(h->cx, mail_counts(h->cx, "confirmation", consent, -1, counts));
    mails = counts[MAIL_WAITING];
    assert_int_equal(mails, 1);
    path =
        arena_printf(h->arena, "/u/confirm/%s", token_write(h->cx, TOKEN_CONFIRM, &consent, 1, ""));
    text = arena_printf(h->arena, "%s", "Send me careful things");
    for (int i = 0; i < 2; i++) {
        r = house_get(h, NULL, path);
        house_expect(h, &r, 200);
        assert_true(house_has(&r, text));
    }
    assert_string_equal(tags(h, id), "");
    r = house_post(h, NULL, path, "");
    house_expect(h, &r, 200);
    assert_string_equal(tags(h, id), "|careful|");
    r = house_post(h, NULL, path, "");
    house_expect(h, &r, 200);
    /* taken back: the old link brings nothing back */
    e.topic = "careful";
    assert_ok(h->cx, consent_withdraw(h->cx, &e));
    r = house_post(h, NULL, path, "");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "unsubscribed since"));
    assert_string_equal(tags(h, id), "");
    h->clock->fixed_ms += 31LL * MS_DAY;
    r = house_get(h, NULL, path);
    house_expect(h, &r, 410);
}

static void a_cap_keeps_back_what_is_too_much(void **state)
{
    struct house *h = *state;
    i64 id = record(h, "contacts", "{\"email\":\"often@x.example\"}"), mail_id;
    const char *why;
    bool may;

    record(h, "senders",
           "{\"name\":\"S\",\"from_address\":\"n@example.com\",\"security\":\"tls\","
           "\"host\":\"smtp.example.com\"}");
    for (int i = 0; i < 3; i++) {
        struct mail m = { .to = "often@x.example",
                          .contact_id = id,
                          .subject = "s",
                          .text = "t",
                          .source = "api",
                          .topic_id = i == 2 ? 0 : topic(h, "newsletter") };
        assert_ok(h->cx, mail_send(h->cx, &m, &mail_id));
        test_db_script(h->t, arena_printf(h->arena,
                                          "UPDATE mail_message SET state = 2, sent_at = %lld "
                                          "WHERE id = %lld",
                                          (long long)h->clock->fixed_ms, (long long)mail_id));
    }
    assert_ok(h->cx, cap_allows(h->cx, id, topic(h, "newsletter"), &may, &why));
    assert_true(may); /* no cap is set */
    assert_ok(h->cx, setting_save(h->cx, "mail.cap_mails", "2"));
    assert_ok(h->cx, cap_allows(h->cx, id, topic(h, "newsletter"), &may, &why));
    assert_false(may);
    assert_string_equal(why, "had 2 mails in 7 days");
    assert_ok(h->cx, cap_allows(h->cx, id, 0, &may, &why));
    assert_true(may);
    h->clock->fixed_ms += 8LL * MS_DAY;
    assert_ok(h->cx, cap_allows(h->cx, id, topic(h, "newsletter"), &may, &why));
    assert_true(may);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(the_mail_programs_button_unsubscribes_at_once, &options),
        IN_SQLITE_HOUSE(looking_changes_nothing, &options),
        IN_BOTH_HOUSES(people_choose_on_the_page, &options),
        IN_SQLITE_HOUSE(a_spoilt_token_does_nothing, &options),
        IN_BOTH_HOUSES(a_contact_that_is_gone_still_gets_nothing, &options),
        IN_SQLITE_HOUSE(the_headers_say_how_to_leave, &options),
        IN_BOTH_HOUSES(a_button_confirms_and_a_look_does_not, &options),
        IN_BOTH_HOUSES(a_cap_keeps_back_what_is_too_much, &options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
