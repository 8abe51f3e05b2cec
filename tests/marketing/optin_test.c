/* optin_test.c -- double opt-in from the outside: a form is sent, a mail goes over SMTP, its link
 * is opened and the button pressed; only then is there a consent, and a flow greets. And what is
 * left of a post whose every step may fail. */
#include "base/id.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "browse.h"
#include "kit/filter.h"
#include "mail/delivery.h"
#include "marketing/flow.h"
#include "marketing/form.h"
#include "support/sink.h"
#include <time.h>

#define BASE "https://crm.example"
#define FIELDS                                                                             \
    "{\"version\":2,\"after\":[{\"do\":\"tag\",\"tag\":\"asked\"}],\"fields\":[{\"name\":" \
    "\"email\","                                                                           \
    "\"kind\":\"email\",\"label\":\"Mail\",\"required\":true},{\"name\":\"ok\",\"kind\":"  \
    "\"consent\","                                                                         \
    "\"topic\":\"letter\",\"label\":\"Send me the letter.\"}]}"
#define GREETS                                                                                  \
    "{\"triggers\":[{\"id\":\"t\",\"on\":\"field\",\"field\":\"consent\"}],\"steps\":[{\"id\":" \
    "\"a\","                                                                                    \
    "\"kind\":\"tag\",\"tag\":\"greeted\"}]}"

static void make_form(struct house *h, bool twice)
{
    struct row *r = row_new(h->cx, &topic_type);

    row_set_text(r, TOPIC_NAME, "Letter");
    row_set_text(r, TOPIC_SLUG, "letter");
    row_set_text(r, TOPIC_BASIS, "consent");
    row_set_i64(r, TOPIC_DOUBLE, twice);
    assert_ok(h->cx, record_save(h->cx, r));
    r = row_new(h->cx, &form_type);
    row_set_text(r, FORM_NAME, "Letter");
    row_set_text(r, FORM_SLUG, "letter");
    row_set_text(r, FORM_STATUS, "published");
    row_set_text(r, FORM_INPUTS, FIELDS);
    assert_ok(h->cx, record_save(h->cx, r));
}

static struct web_response post(struct house *h, const char *path, const char *body)
{
    static const struct http_pair browser[] = { { "User-Agent", CHROME }, { NULL, NULL } };

    h->clock->fixed_ms += MS_MINUTE;
    return house_ask(h, NULL, HTTP_POST, path, body, browser);
}

static struct row *ina(struct house *h)
{
    struct row *r;

    assert_ok(h->cx, record_find(h->cx, &contact_type, "email", "ina@x.example", &r));
    return r;
}

/* The link of the mail that the sink took last. */
static const char *link_in(struct house *h, struct sink *sink)
{
    struct str mail;
    const char *at;

    for (int i = 0; i < 2000 && sink_taken(sink) == 0; i++)
        nanosleep(&(struct timespec){ 0, 5 * 1000 * 1000 }, NULL);
    assert_int_equal(sink_taken_by(sink, "ina@x.example"), 1);
    mail = sink_last(sink, h->arena);
    at = strstr(arena_dup(h->arena, mail.p, mail.len), BASE "/u/confirm/");
    assert_non_null(at);
    at += strlen(BASE);
    return arena_dup(h->arena, at, strcspn(at, " \r\n\"<"));
}

static void a_form_a_mail_a_click_and_then_a_consent(void **state)
{
    struct house *h = *state;
    struct sink *sink = sink_open(&(struct sink_options){ 0 });
    struct delivery_options o = { .kit = h->kit,
                                  .store = h->t->store,
                                  .writer = h->writer,
                                  .journey = h->journey,
                                  .clock = h->clock };
    struct person *ada = house_user(h, "Ada", "");
    struct delivery *delivery;
    struct web_response r;
    const char *link;
    bool more;
    i64 flow, version;

    make_form(h, true);
    flow = RECORD(h, "flow", "name", "Greets", "definition", GREETS);
    r = house_json(h, ada, HTTP_POST, "/api/v1/senders",
                   arena_printf(h->arena,
                                "{\"name\":\"S\",\"from_address\":\"news@example.com\",\"host\":"
                                "\"127.0.0.1\",\"port\":%d,\"security\":\"none\"}",
                                sink_port(sink)));
    house_expect(h, &r, 201);
    assert_ok(h->cx, flow_publish(h->cx, flow, false, &version));
    r = post(h, "/f/letter", "email=ina%40x.example&ok=yes");
    house_expect(h, &r, 303);
    r = house_get(h, NULL, web_response_header(&r, "Location"));
    assert_true(house_has(&r, "Thank you"));
    assert_string_equal(row_text(ina(h), CONTACT_CONSENT), "");
    assert_ok(h->cx, delivery_start(h->cx, &o, &delivery));
    link = link_in(h, sink);
    r = house_get(h, NULL, link); /* a scanner's look confirms nothing */
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Send me the letter."));
    assert_string_equal(row_text(ina(h), CONTACT_CONSENT), "");
    assert_string_equal(row_text(ina(h), CONTACT_TAGS), "|asked|");
    r = post(h, link, "");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Thank you"));
    assert_string_equal(row_text(ina(h), CONTACT_CONSENT), "|letter|");
    assert_ok(h->cx, flow_work(h->cx, 0, &more));
    assert_string_equal(row_text(ina(h), CONTACT_TAGS), "|asked|greeted|");
    assert_true(delivery_stop(delivery, 10000));
    sink_close(sink);
}

/* ---- what fails half-way ---- */

static i64 count_of(struct house *h, const char *type)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, type_find(h->cx, type), "", "", 0, &n));
    return n;
}

/* Whichever step fails: everything is there, or nothing; the answer says which. */
static void a_post_is_whole_or_not_at_all(void **state)
{
    static const char *const types[] = { "contact", "submission", "consent" };
    struct house *h = *state;
    bool failed = true;
    int faults = 0;

    make_form(h, false);
    for (u64 n = 1; failed && n < 400; n++) {
        struct web_response r;
        h->clock->fixed_ms += MS_MINUTE;
        db_store_fail_at(h->t->store, n);
        r = post(h, "/f/letter", "email=ina%40x.example&ok=yes");
        failed = db_store_has_failed(h->t->store);
        db_store_fail_at(h->t->store, 0);
        if (failed && r.status < 500 && r.status != 303)
            fail_msg("step %d: %d", (int)n, r.status);
        for (size_t i = 0; i < countof(types); i++)
            if (count_of(h, types[i]) != (r.status == 303))
                fail_msg("step %d, answered %d: %d of %s", (int)n, r.status,
                         (int)count_of(h, types[i]), types[i]);
        faults += failed;
        if (r.status == 303)
            break;
    }
    assert_true(faults > 20);
    assert_string_equal(row_text(ina(h), CONTACT_CONSENT), "|letter|");
    assert_string_equal(row_text(ina(h), CONTACT_TAGS), "|asked|");
}

int main(void)
{
    static const struct house_options options = { .public_url = BASE };
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_form_a_mail_a_click_and_then_a_consent, &options),
        IN_BOTH_HOUSES(a_post_is_whole_or_not_at_all, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
