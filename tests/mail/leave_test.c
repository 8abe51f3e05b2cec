/* leave_test.c -- a newsletter from the hand-over to the reader's answer: what arrives has the
 * headers and addresses by which people leave and by which opens and clicks are told; leaving is
 * obeyed by the next mail. With a mail server of the test's own, on both engines. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "mail/content.h"
#include "mail/content_int.h"
#include "mail/delivery.h"
#include "mail/mail.h"
#include "support/house.h"
#include "support/sink.h"
#include <stdlib.h>
#include <time.h>

#define BASE "https://crm.example"
static const struct house_options options = { .public_url = BASE };

static i64 record(struct house *h, const char *type, const char *json)
{
    struct web_response r = house_json(h, house_user(h, "Ada", ""), HTTP_POST,
                                       arena_printf(h->arena, "/api/v1/%s", type), json);
    i64 id;

    house_expect(h, &r, 201);
    assert_true(id_parse(str_from(val_get_text(house_val(h, &r), "id")), &id));
    return id;
}

static i64 letter(struct house *h)
{
    struct row *r = row_new(h->cx, &mail_content_type);
    struct val *draft = val_map(h->cx->arena), *blocks;

    record(h, "brands", "{\"name\":\"Alder\",\"address\":\"Mill Lane 1\",\"is_default\":true}");
    row_set_text(r, CONTENT_NAME, "Letter");
    assert_ok(h->cx, record_save(h->cx, r));
    assert_ok(h->cx,
              json_read(h->cx->arena,
                        str_from("{\"version\":1,\"blocks\":[{\"type\":\"text\",\"html\":\"<p>Read "
                                 "<a href='https://shop.example/pricing'>the prices</a></p>\"}]}"),
                        &blocks, NULL));
    val_put_text(draft, "subject", "Prices");
    val_put(draft, "blocks", blocks);
    assert_ok(h->cx, content_set_draft(h->cx, r, draft));
    assert_ok(h->cx, record_save(h->cx, r));
    assert_ok(h->cx, content_publish(h->cx, r));
    return row_id(r);
}

struct one {
    i64 contact, topic, content, number;
    i64 *id;
};
static enum status hand_over(struct ctx *cx, void *arg)
{
    struct one *o = arg;

    return mail_send(cx,
                     &(struct mail){ .lane = MAIL_LANE_BULK,
                                     .to = "reader@x.example",
                                     .contact_id = o->contact,
                                     .content_id = o->content,
                                     .topic_id = o->topic,
                                     .source = "test",
                                     .source_id = o->number },
                     o->id);
}

/* Hands one over and waits for what becomes of it. */
static struct mail_message sent(struct house *h, struct delivery *d, struct one o)
{
    struct mail_message m;
    i64 id;

    o.id = &id;
    assert_ok(h->cx, kit_write(h->cx, hand_over, &o));
    for (int i = 0; i < 2000; i++) {
        assert_ok(h->cx, mail_get(h->cx, id, &m));
        if (m.state != MAIL_WAITING && m.state != MAIL_SENDING)
            return m;
        h->clock->fixed_ms += 20;
        delivery_wake(d);
        nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    }
    fail_msg("the mail does not go");
    return m;
}

/* The value of a header line, unfolded; "" for none. */
static const char *header(struct house *h, struct str mail, const char *name)
{
    const char *text = str_dup(h->arena, mail),
               *at = strstr(text, arena_printf(h->arena, "\n%s: ", name));
    struct buf b = buf_in(h->arena, 4000);

    for (at = at ? at + strlen(name) + 3 : ""; *at; at++) {
        if (at[0] == '\r' || at[0] == '\n') {
            if (at[0] == '\n' && at[1] != ' ' && at[1] != '\t')
                break;
            continue;
        }
        buf_char(&b, *at);
    }
    return buf_end(&b);
}

/* The body without quoted-printable's line ends and codes. */
static const char *plain_body(struct house *h, struct str mail)
{
    struct buf b = buf_in(h->arena, 200000);

    for (size_t i = 0; i < mail.len; i++) {
        char hex[3] = { i + 2 < mail.len ? mail.p[i + 1] : 'x',
                        i + 2 < mail.len ? mail.p[i + 2] : 'x', '\0' };
        bool line = hex[0] == '\r';
        if (mail.p[i] == '=' && (line || strspn(hex, "0123456789ABCDEF") == 2)) {
            if (!line)
                buf_char(&b, (char)strtol(hex, NULL, 16));
            i += 2;
            continue;
        }
        buf_char(&b, mail.p[i]);
    }
    return buf_end(&b);
}

static void a_letter_can_be_left_and_that_is_obeyed(void **state)
{
    struct house *h = *state;
    struct sink_options so = { 0 };
    struct sink *sink = sink_open(&so);
    struct delivery_options o = { .kit = h->kit,
                                  .store = h->t->store,
                                  .writer = h->writer,
                                  .journey = h->journey,
                                  .clock = h->clock,
                                  .public_url = BASE };
    struct delivery *d;
    struct one one = { .number = 1 };
    struct web_response r;

    record(h, "senders",
           arena_printf(h->arena,
                        "{\"name\":\"S\",\"from_address\":\"news@example.com\",\"host\":"
                        "\"127.0.0.1\",\"port\":%d,\"security\":\"none\"}",
                        sink_port(sink)));
    one.contact = record(h, "contacts", "{\"email\":\"reader@x.example\"}");
    one.content = letter(h);
    assert_ok(h->cx, topic_by_slug(h->cx, "newsletter", &one.topic));
    assert_ok(h->cx, delivery_start(h->cx, &o, &d));

    struct mail_message m = sent(h, d, one);
    assert_int_equal(m.state, MAIL_SKIPPED);
    assert_non_null(strstr(m.reason, "never agreed to Newsletter"));

    struct consent_evidence e = { .contact_id = one.contact, .topic_id = one.topic };
    assert_ok(h->cx, consent_give(h->cx, &e, NULL));
    m = sent(h, d, one);
    assert_int_equal(m.state, MAIL_SENT);
    struct str got = sink_last(sink, h->arena);
    const char *leave = header(h, got, "List-Unsubscribe"), *body = plain_body(h, got);
    assert_string_equal(header(h, got, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_string_equal(header(h, got, "List-Id"), "\"Newsletter\" <newsletter.example.com>");
    assert_int_equal(strncmp(leave, "<" BASE "/u/", strlen("<" BASE "/u/")), 0);
    assert_non_null(strstr(body, BASE "/m/c/"));
    assert_non_null(strstr(body, "https%3A%2F%2Fshop.example%2Fpricing"));
    assert_non_null(strstr(body, BASE "/m/o/"));
    assert_non_null(strstr(body, BASE "/m/t/"));
    leave = arena_dup(h->arena, leave + 1 + strlen(BASE), strlen(leave) - 2 - strlen(BASE));
    assert_non_null(strstr(body, leave)); /* and in the text itself */

    r = house_post(h, NULL, leave, "List-Unsubscribe=One-Click");
    house_expect(h, &r, 200);
    m = sent(h, d, one);
    assert_int_equal(m.state, MAIL_SKIPPED);
    assert_non_null(strstr(m.reason, "took back Newsletter"));

    e.confirmed = true;
    assert_ok(h->cx, consent_give(h->cx, &e, NULL));
    assert_ok(h->cx, setting_save(h->cx, "mail.cap_mails", "1"));
    m = sent(h, d, one);
    assert_int_equal(m.state, MAIL_SKIPPED);
    assert_non_null(strstr(m.reason, "too often"));
    one.topic = 0; /* a receipt */
    m = sent(h, d, one);
    assert_int_equal(m.state, MAIL_SENT);
    got = sink_last(sink, h->arena);
    assert_string_equal(header(h, got, "List-Unsubscribe"), "");
    assert_null(strstr(plain_body(h, got), "/m/c/"));
    assert_true(delivery_stop(d, 10000));
    sink_close(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_letter_can_be_left_and_that_is_obeyed, &options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
