/* track_test.c -- links and pictures of mails: where they lead, who is a person, what counts. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "journey/journey.h"
#include "mail/mail.h"
#include "mail/token.h"
#include "mail/track.h"
#include "support/house.h"
#include <stdlib.h>

#define BASE "https://crm.example"
#define CHROME                                                                          \
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " \
    "Chrome/126.0 Safari/537.36"
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

/* A mail that the relay took a minute ago. */
static struct track sent(struct house *h, const char *to, i64 *contact_id)
{
    static int serial;
    struct track t = { .cx = h->cx };
    struct mail m = {
        .to = to, .subject = "Harvest", .text = "x", .source = "broadcast", .source_id = 7
    };

    serial++;
    m.sender_id =
        record(h, "senders",
               arena_printf(h->arena,
                            "{\"name\":\"S%d\",\"from_address\":\"n@example.com\",\"security\":"
                            "\"tls\",\"host\":\"smtp.example.com\"}",
                            serial));
    m.contact_id = *contact_id =
        record(h, "contacts", arena_printf(h->arena, "{\"email\":\"%s\"}", to));
    assert_ok(h->cx, mail_send(h->cx, &m, &t.message_id));
    test_db_script(h->t, arena_printf(h->arena,
                                      "UPDATE mail_message SET state = 2, sent_at = %lld "
                                      "WHERE id = %lld",
                                      (long long)h->clock->fixed_ms, (long long)t.message_id));
    h->clock->fixed_ms += MS_MINUTE;
    return t;
}

static struct web_response ask(struct house *h, enum http_method m, const char *url,
                               const char *agent)
{
    struct http_pair headers[] = { { "User-Agent", agent }, { NULL, NULL } };

    assert_int_equal(strncmp(url, BASE, strlen(BASE)), 0);
    return house_ask(h, NULL, m, url + strlen(BASE), NULL, agent ? headers : NULL);
}

static void judge(struct house *h)
{
    struct job_run run = { .cx = h->cx };

    h->clock->fixed_ms += 5 * MS_SECOND;
    assert_ok(h->cx, kit_job(h->kit, "mail.judge")->run(&run));
    assert_ok(h->cx, outbox_drain(h->cx));
}

/* "open:1 click:1r machine click:too_soon" in order. */
static const char *story(struct house *h, i64 contact_id)
{
    struct event *events;
    size_t count;
    struct buf b = buf_in(h->arena, 2000);
    u32 person = journey_person_find(h->journey, PERSON_CONTACT, (u64)contact_id);

    assert_ok(h->cx, journey_timeline(h->cx, h->journey, person, 0, 0, 100, &events, &count));
    for (size_t i = count; i-- > 0;) {
        struct val *props = NULL;
        const char *kind = kit_event_kind_by_code(h->kit, events[i].kind)->name;
        if (strncmp(kind, "mail_", 5) != 0)
            continue;
        if (events[i].props)
            assert_ok(h->cx, json_read(h->arena, str_from(events[i].props), &props, NULL));
        buf_printf(&b, "%s%s%s%s%s", b.len ? " " : "", kind + 5,
                   events[i].flags & EVENT_REPEAT ? "+" : "",
                   events[i].device & 0x80               ? "!"
                   : events[i].flags & EVENT_INTERACTIVE ? ""
                                                         : "?",
                   val_get_text(props, "machine"));
    }
    return buf_end(&b);
}

static struct val *number(struct house *h, const char *metric, const char *more)
{
    struct person *admin = house_user(h, "Admin", "");
    struct web_response r = house_json(
        h, admin, HTTP_GET,
        arena_printf(h->arena, "/api/v1/question?metric=%s&period=this_year%s", metric, more),
        NULL);

    house_expect(h, &r, 200);
    return (struct val *)house_val(h, &r);
}

/* ---- where links lead ---- */
static void a_link_leads_where_it_was_signed_to(void **state)
{
    struct house *h = *state;
    i64 contact;
    struct track t = sent(h, "a@x.example", &contact);
    const char *url = track_link(&t, "https://shop.example/p?a=1&b=%20#top");
    struct web_response r = ask(h, HTTP_GET, url, CHROME);

    house_expect(h, &r, 303);
    assert_string_equal(web_response_header(&r, "Location"),
                        "https://shop.example/p?a=1&b=%20#top");
    r = ask(h, HTTP_HEAD, url, CHROME);
    house_expect(h, &r, 303);
    assert_string_equal(track_link(&t, "mailto:a@x.example"), "mailto:a@x.example");
    assert_string_equal(track_link(&t, "#top"), "#top");
    assert_string_equal(track_link(&t, BASE "/u/abc"), BASE "/u/abc");
    assert_string_equal(track_link(&t, "javascript:alert(1)"), "javascript:alert(1)");
}

/* What is done to a link, and that it leads nowhere then. */
static void no_address_leads_where_it_was_not_signed_to(void **state)
{
    struct house *h = *state;
    i64 contact;
    struct track t = sent(h, "a@x.example", &contact);
    const char *url = track_link(&t, "https://shop.example/p"), *other;
    struct web_response r;
    char *at;

    other = track_link(&t, "https://shop.example/q");
    const char *targets[] = { "https%3A%2F%2Fevil.example%2F",
                              "https%3A%2F%2Fshop.example%2Fp%2F",
                              "https%3A%2F%2Fshop.example%2Fq",
                              "%2F%2Fevil.example",
                              "",
                              "javascript%3Aalert(1)" };
    for (size_t i = 0; i < countof(targets); i++) {
        size_t end = (size_t)(strstr(url, "?u=") - url);
        r = ask(h, HTTP_GET, arena_printf(h->arena, "%.*s?u=%s", (int)end, url, targets[i]),
                CHROME);
        if (r.status != 404 || web_response_header(&r, "Location"))
            fail_msg("target %s: %d", targets[i], r.status);
        h->clock->fixed_ms += MS_SECOND * 2;
    }
    /* one link's token with another's target */
    size_t end = (size_t)(strstr(url, "?u=") - url);
    r = ask(h, HTTP_GET, arena_printf(h->arena, "%.*s%s", (int)end, url, strstr(other, "?u=")),
            CHROME);
    assert_int_equal(r.status, 404);
    /* a picture's token is none of a link */
    r = ask(h, HTTP_GET,
            arena_printf(h->arena, BASE "/m/c/%s",
                         arena_dup(h->arena, track_pixel(&t) + strlen(BASE "/m/o/"),
                                   strlen(track_pixel(&t)) - strlen(BASE "/m/o/") - 4)),
            CHROME);
    assert_int_equal(r.status, 404);
    /* spoilt at random */
    srand(7);
    for (int i = 0; i < 300; i++) {
        char *spoilt = arena_text(h->arena, url);
        at = strstr(spoilt, "/m/c/") + 5 + rand() % 40;
        char was = *at;
        *at = "ABCabc019-_"[rand() % 11];
        if (*at == was)
            continue;
        h->clock->fixed_ms += 2 * MS_SECOND; /* no flood */
        r = ask(h, HTTP_GET, spoilt, CHROME);
        if (r.status != 404 || web_response_header(&r, "Location"))
            fail_msg("%s leads somewhere: %d", spoilt, r.status);
    }
    judge(h);
    assert_string_equal(story(h, contact), "");
}

static const struct {
    const char *note, *url, *out;
    enum track_utm utm;
} utms[] = {
    { "no rule", "https://shop.example/", "https://shop.example/", UTM_NONE },
    { "all links", "https://else.example/a",
      "https://else.example/a?utm_source=news&utm_medium=email"
      "&utm_campaign=Spring%20sale",
      UTM_ALL },
    { "own ones only: another's", "https://else.example/a", "https://else.example/a", UTM_OWN },
    { "own ones only: ours", "https://www.shop.example/a?x=1#y",
      "https://www.shop.example/"
      "a?x=1&utm_source=news&utm_medium=email&utm_campaign=Spring%20sale#y",
      UTM_OWN },
    { "an alias", "https://deals.example/",
      "https://deals.example/?utm_source=news&utm_medium=email"
      "&utm_campaign=Spring%20sale",
      UTM_OWN },
    { "what stands there stays", "https://shop.example/?utm_campaign=mine",
      "https://shop.example/?utm_campaign=mine", UTM_ALL },
    { "a fragment that looks like a query", "https://shop.example/#a?b",
      "https://shop.example/?utm_source=news&utm_medium=email&utm_campaign=Spring%20sale#a?b",
      UTM_ALL },
};

static void links_get_utm_parameters_by_rule(void **state)
{
    struct house *h = *state;
    i64 contact;
    struct track t = sent(h, "a@x.example", &contact);

    record(h, "sites",
           "{\"name\":\"Shop\",\"domain\":\"shop.example\",\"mode\":\"consent\","
           "\"aliases\":[\"deals.example\"]}");
    t.utm_source = "news";
    t.utm_medium = "email";
    t.utm_campaign = "Spring sale";
    for (size_t i = 0; i < countof(utms); i++) {
        t.utm = utms[i].utm;
        t.sites = NULL;
        struct web_response r = ask(h, HTTP_GET, track_link(&t, utms[i].url), CHROME);
        const char *to = web_response_header(&r, "Location");
        struct str at = str_from(to);
        const char *own = strstr(to, "fw_m=");
        if (own) { /* our own sites are told which click it was */
            const char *after = strchr(own, '#');
            to = arena_printf(h->arena, "%.*s%s", (int)(own - 1 - at.p), at.p, after ? after : "");
        }
        if (strcmp(to, utms[i].out) != 0)
            fail_msg("%s: %s", utms[i].note, to);
    }
}

/* ---- people and machines ---- */
/* Hits of one mail: letters o (picture), a b c (links), t (trap), H (head of link a); a number is
 * how many seconds pass before the next; ~ 200 ms; . judged here. */
static const struct {
    const char *note, *agent, *hits, *story;
} hits[] = {
    { "a person opens", CHROME, "o", "open" },
    { "twice", CHROME, "o9o", "open open+" },
    { "opens and clicks", CHROME, "o9a", "open click" },
    { "clicks without pictures: an open too", CHROME, "a", "click open" },
    { "clicks the same link again", CHROME, "o9a9a", "open click click+" },
    { "clicks two links, as people do", CHROME, "o9a8b", "open click click+" },
    { "opens again after it was judged", CHROME, "o9.o", "open open+" },
    { "no agent", NULL, "a", "click!program" },
    { "a program", "python-requests/2.31", "o", "open!program" },
    { "a scanner that says so", "Barracuda Sentinel (EE)", "a", "click!program" },
    { "Apple's mail privacy", "Mozilla/5.0", "o", "open!apple_privacy" },
    { "Gmail's proxy opens when the person does",
      "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
      "o", "open" },
    { "only the head", CHROME, "H", "click!head" },
    { "all links at once", CHROME, "abc",
      "click!many_links,with_machine click!many_links,with_machine click!many_links,with_machine" },
    { "two links in a wink", CHROME, "a~b",
      "click!many_links,with_machine click!many_links,with_machine" },
    { "its picture is the machine's too", CHROME, "oab",
      "open!with_machine click!many_links,with_machine click!many_links,with_machine" },
    { "the trap", CHROME, "t1a", "click!with_trap" },
    { "the trap an hour ago, from the same network", CHROME, "t9.a", "click!with_trap" },
};

static void play(struct house *h, struct track *t, const char **links, const char *what,
                 const char *agent)
{
    for (const char *p = what; *p; p++) {
        if (*p >= '0' && *p <= '9')
            h->clock->fixed_ms += (*p - '0') * MS_SECOND;
        else if (*p == '~')
            h->clock->fixed_ms += 200;
        else if (*p == '.')
            judge(h);
        else if (*p == 'o')
            (void)ask(h, HTTP_GET, track_pixel(t), agent);
        else if (*p == 't')
            (void)ask(h, HTTP_GET, track_trap(t), agent);
        else
            (void)ask(h, *p == 'H' ? HTTP_HEAD : HTTP_GET, links[*p == 'H' ? 0 : *p - 'a'], agent);
    }
}

static void people_and_machines_are_told_apart(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(hits); i++) {
        i64 contact;
        struct track t = sent(h, arena_printf(h->arena, "p%zu@x.example", i), &contact);
        const char *links[3] = { track_link(&t, "https://else.example/a"),
                                 track_link(&t, "https://else.example/b"),
                                 track_link(&t, "https://else.example/c") };
        play(h, &t, links, hits[i].hits, hits[i].agent);
        judge(h);
        judge(h); /* once only */
        if (strcmp(story(h, contact), hits[i].story) != 0)
            fail_msg("%s: %s", hits[i].note, story(h, contact));
    }
}

static void what_comes_within_a_second_of_delivery_is_a_machines(void **state)
{
    struct house *h = *state;
    i64 contact;
    struct track t = sent(h, "a@x.example", &contact);
    struct track_counts c;

    h->clock->fixed_ms -= MS_MINUTE - 900;
    for (int i = 0; i < 10; i++)
        (void)ask(h, HTTP_GET, track_link(&t, arena_printf(h->arena, "https://e.example/%d", i)),
                  CHROME);
    (void)ask(h, HTTP_GET, track_pixel(&t), CHROME);
    judge(h);
    assert_null(strstr(story(h, contact), "click "));
    assert_null(strstr(story(h, contact), "open "));
    assert_non_null(strstr(story(h, contact), "too_soon"));
    assert_ok(h->cx, track_counts(h->cx, "broadcast", 7, -1, &c));
    assert_int_equal(c.opened, 0);
    assert_int_equal(c.clicked, 0);
    assert_int_equal(c.machine_only, 1);
    assert_int_equal(val_get_i64(number(h, "mail_clicks", ""), "value", -1), 0);
    assert_int_equal(val_get_i64(number(h, "mail_opens", ""), "value", -1), 0);
    assert_int_equal(val_get_i64(number(h, "mail_opens_all", ""), "value", -1), 1);
}

static void each_mail_counts_once(void **state)
{
    struct house *h = *state;
    struct val *list = val_list(h->arena);
    struct track_counts c;
    i64 one, two;
    struct track t = sent(h, "a@x.example", &one), u = sent(h, "b@x.example", &two);
    const char *link = track_link(&t, "https://e.example/1"),
               *same = track_link(&u, "https://e.example/1");

    play(h, &t, &link, "o9o9a9a", CHROME);
    play(h, &u, &same, "a", CHROME);
    judge(h);
    assert_int_equal(val_get_i64(number(h, "mail_opens", ""), "value", -1), 2);
    assert_int_equal(val_get_i64(number(h, "mail_clicks", ""), "value", -1), 2);
    assert_ok(h->cx, track_counts(h->cx, "broadcast", 7, -1, &c));
    assert_int_equal(c.opened, 2);
    assert_int_equal(c.clicked, 2);
    assert_ok(h->cx, track_links(h->cx, "broadcast", 7, -1, list));
    assert_int_equal(val_count(list), 1);
    assert_int_equal(val_get_i64(val_at(list, 0), "clicks", 0), 3);
    assert_int_equal(val_get_i64(val_at(list, 0), "people", 0), 2);
    struct val *by = number(h, "mail_opens", "&dimension=mailing");
    assert_int_equal(val_count(val_get(by, "groups")), 1);
    assert_int_equal(val_get_i64(val_at(val_get(by, "groups"), 0), "value", 0), 2);
    by = number(h, "mail_opens", "&dimension=sender");
    assert_int_equal(val_count(val_get(by, "groups")), 2);
}

/* ---- whose visit it is ---- */
static void a_click_tells_whose_visit_it_is(void **state)
{
    static const char id[] = "0123456789abcdef0123456789abcdef";
    struct house *h = *state;
    i64 contact;
    struct track t = sent(h, "a@x.example", &contact);
    struct http_pair browser[] = { { "User-Agent", CHROME }, { NULL, NULL } };
    const char *url, *token;
    struct web_response r;

    record(h, "sites", "{\"name\":\"Shop\",\"domain\":\"shop.example\",\"mode\":\"consent\"}");
    t.utm = UTM_OWN;
    t.utm_source = "newsletter";
    t.utm_medium = "email";
    t.utm_campaign = "spring";
    r = ask(h, HTTP_GET, track_link(&t, "https://shop.example/pricing"), CHROME);
    url = web_response_header(&r, "Location");
    token = strstr(url, "fw_m=") + 5;
    assert_int_equal(strstr(url, "&fw_m=") != NULL, 1);
    r = house_ask(h, NULL, HTTP_POST, "/api/event",
                  arena_printf(h->arena,
                               "{\"n\":\"pageview\",\"d\":\"shop.example\",\"fid\":\"%s\",\"u\":"
                               "\"%.*s\"}",
                               id, (int)(strstr(url, "&fw_m=") - url), url),
                  browser);
    house_expect(h, &r, 202);
    r = house_ask(h, NULL, HTTP_POST, "/m/v",
                  arena_printf(h->arena, "{\"m\":\"%s\",\"fid\":\"%s\"}", token, id), browser);
    house_expect(h, &r, 204);
    judge(h);
    struct val *v = number(h, "visits", "&channel=email&campaign=spring");
    assert_int_equal(val_get_i64(v, "value", 0), 1);
    struct event *events;
    size_t count, views = 0;
    assert_ok(h->cx, journey_timeline(h->cx, h->journey,
                                      journey_person_find(h->journey, PERSON_CONTACT, (u64)contact),
                                      0, 0, 100, &events, &count));
    for (size_t i = 0; i < count; i++)
        views += strcmp(kit_event_kind_by_code(h->kit, events[i].kind)->name, "pageview") == 0;
    assert_int_equal(views, 1);
    /* somebody who gets the address passed on is nobody's */
    r = house_ask(h, NULL, HTTP_POST, "/m/v",
                  arena_printf(h->arena, "{\"m\":\"%s\",\"fid\":\"otherotherotherother\"}", token),
                  browser);
    house_expect(h, &r, 204);
    r = house_ask(h, NULL, HTTP_POST, "/m/v", "{\"m\":\"no token\"}", browser);
    house_expect(h, &r, 204);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(a_link_leads_where_it_was_signed_to, &options),
        IN_SQLITE_HOUSE(no_address_leads_where_it_was_not_signed_to, &options),
        IN_SQLITE_HOUSE(links_get_utm_parameters_by_rule, &options),
        IN_BOTH_HOUSES(people_and_machines_are_told_apart, &options),
        IN_SQLITE_HOUSE(what_comes_within_a_second_of_delivery_is_a_machines, &options),
        IN_BOTH_HOUSES(each_mail_counts_once, &options),
        IN_BOTH_HOUSES(a_click_tells_whose_visit_it_is, &options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
