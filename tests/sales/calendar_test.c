/* calendar_test.c -- the calendar: entries beside each other, what others see of them, the feeds
 * out and in. */
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "io/http_client.h"
#include "io/ical.h"
#include "kit/filter.h"
#include "sales/activity.h"
#include "sales/calendar.h"
#include "support/house.h"
#include "support/peer.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define TUESDAY (HOUSE_NOW + MS_DAY - 10 * (i64)MS_HOUR) /* 24 November 2026, 0:00 UTC */

/* ---- beside each other ---- */
static const struct lay {
    const char *note;
    int times[6][2];  /* minutes; ended by 0,0 */
    const char *want; /* lane/lanes of each */
} lays[] = {
    { "alone", { { 60, 90 } }, "0/1 " },
    { "one after the other", { { 60, 90 }, { 90, 120 } }, "0/1 0/1 " },
    { "two at once", { { 60, 120 }, { 90, 150 } }, "0/2 1/2 " },
    { "a third finds room again", { { 60, 120 }, { 90, 180 }, { 120, 150 } }, "0/2 1/2 0/2 " },
    { "three at once, then one",
      { { 60, 120 }, { 60, 120 }, { 60, 120 }, { 120, 150 } },
      "0/3 1/3 2/3 0/1 " },
    { "short ones are drawn as long as can be read", { { 60, 61 }, { 75, 76 } }, "0/2 1/2 " },
    { "a long one over several",
      { { 60, 240 }, { 60, 90 }, { 90, 120 }, { 200, 230 } },
      "0/2 1/2 1/2 1/2 " },
};

static void entries_that_overlap_stand_beside_each_other(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(lays); i++) {
        struct entry e[6] = { 0 };
        struct buf b = buf_in(h->arena, 1000);
        size_t n = 0;
        for (; n < countof(e) && lays[i].times[n][1]; n++) {
            e[n].from_ms = lays[i].times[n][0] * (i64)MS_MINUTE;
            e[n].until_ms = lays[i].times[n][1] * (i64)MS_MINUTE;
        }
        entry_lay(e, n, 30 * MS_MINUTE);
        for (size_t k = 0; k < n; k++)
            buf_printf(&b, "%d/%d ", e[k].lane, e[k].lanes);
        if (!text_is(buf_end(&b), lays[i].want))
            fail_msg("%s: %s, not %s", lays[i].note, buf_end(&b), lays[i].want);
    }
}

/* ---- addresses ---- */
static void private_addresses_are_told(void **state)
{
    static const struct {
        const char *address;
        bool public;
    } cases[] = {
        { "8.8.8.8", true },        { "127.0.0.1", false },       { "10.1.2.3", false },
        { "172.16.0.1", false },    { "172.15.255.255", true },   { "172.32.0.1", true },
        { "192.168.1.1", false },   { "169.254.169.254", false }, { "100.64.0.1", false },
        { "0.0.0.0", false },       { "224.0.0.1", false },       { "255.255.255.255", false },
        { "192.0.2.1", false },     { "198.18.0.1", false },      { "::1", false },
        { "fe80::1", false },       { "fc00::1", false },         { "::ffff:127.0.0.1", false },
        { "::ffff:8.8.8.8", true }, { "64:ff9b::a00:1", false },  { "2002:7f00:1::", false },
        { "2001:db8::1", false },   { "2606:4700::1111", true },  { "ff02::1", false },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct sockaddr_in v4 = { .sin_family = AF_INET };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
        bool six = strchr(cases[i].address, ':') != NULL;
        assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, cases[i].address,
                                   six ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr),
                         1);
        if (http_address_is_public(six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4) !=
            cases[i].public)
            fail_msg("%s", cases[i].address);
    }
}

/* ---- the page ---- */
static i64 plan(struct house *h, const struct person *p, const char *kind, const char *subject,
                i64 at, int minutes)
{
    struct row *r = row_new(h->cx, &activity_type);

    row_set_text(r, ACTIVITY_KIND, kind);
    row_set_text(r, ACTIVITY_SUBJECT, subject);
    row_set_i64(r, ACTIVITY_OWNER, p->user_id);
    row_set_i64(r, ACTIVITY_DUE, at);
    row_set_i64(r, ACTIVITY_MINUTES, minutes);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static void the_page_shows_what_is_mine(void **state)
{
    static const char *const pages[] = { "day", "week", "month" };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *zoe = house_user(h, "Zoe", "Sales");
    struct web_response r;

    plan(h, sam, "meeting", "Walk the field", TUESDAY + 9 * MS_HOUR, 60);
    plan(h, sam, "task", "Send the plan", TUESDAY + 12 * MS_HOUR, 0);
    plan(h, zoe, "meeting", "Only hers", TUESDAY + 9 * MS_HOUR, 60);
    plan(h, sam, "meeting", "Next month", TUESDAY + 40 * (i64)MS_DAY, 60);
    for (size_t i = 0; i < countof(pages); i++) {
        r = house_get(h, sam, arena_printf(h->arena, "/calendar?view=%s&day=2026-11-24", pages[i]));
        house_expect(h, &r, 200);
        assert_true(house_has(&r, "Walk the field") && house_has(&r, "Send the plan"));
        assert_false(house_has(&r, "Only hers") || house_has(&r, "Next month"));
        assert_true(house_has(&r, "10:00")); /* in Berlin */
    }
    r = house_get(h, sam, "/calendar?view=team&day=2026-11-24");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Walk the field") && house_has(&r, "Only hers"));
    r = house_get(h, sam, "/calendar?view=week&day=2026-11-24");
    assert_true(house_has(&r, "due_at=2026-11-24T09:30")); /* a click makes a meeting */
    r = house_get(h, sam, "/activities/new?kind=meeting&minutes=30&due_at=2026-11-24T09:30");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "2026-11-24T09:30"));
}

static bool shows(struct house *h, const struct person *who, const char *query, const char *text)
{
    struct web_response r =
        house_get(h, who, arena_printf(h->arena, "/calendar?view=team&day=2026-11-24%s", query));

    house_expect(h, &r, 200);
    return house_has(&r, text);
}

#define COLUMN_OF(h, p) \
    arena_printf((h)->arena, "day=2026-11-24&amp;who=%s", id_text((h)->arena, (p)->user_id))

static void the_team_is_chosen_or_single_people(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *zoe = house_user(h, "Zoe", "Sales"),
                  *mia = house_user(h, "Mia", "Marketing");
    const char *who = arena_printf(h->arena, "&who=%s&who=%s", id_text(h->arena, mia->user_id),
                                   id_text(h->arena, zoe->user_id));

    plan(h, mia, "meeting", "Fair stand", TUESDAY + 9 * MS_HOUR, 60);
    plan(h, zoe, "meeting", "Only hers", TUESDAY + 9 * MS_HOUR, 60);
    plan(h, sam, "meeting", "Walk the field", TUESDAY + 9 * MS_HOUR, 60);
    assert_false(shows(h, sam, "", COLUMN_OF(h, mia)));
    assert_true(shows(h, sam, "&team=all", COLUMN_OF(h, mia)));
    assert_true(shows(h, sam, "&team=all", "Fair stand") &&
                shows(h, sam, "&team=all", "Only hers"));
    assert_true(shows(h, sam, who, "Fair stand") && shows(h, sam, who, "Only hers"));
    assert_false(shows(h, sam, who, "Walk the field"));
    assert_true(
        shows(h, sam, who, "day=2026-11-25&amp;team=all&amp;who=")); /* tomorrow, the same */
    assert_true(shows(h, sam, "&team=nonsense&who=nobody", "Walk the field"));
    assert_false(shows(h, sam, "&team=all", " of ")); /* nobody is left out */
    for (int i = 0; i < 13; i++)
        house_user(h, arena_printf(h->arena, "Person %02d", i), "Service");
    assert_true(shows(h, sam, "&team=all", "12 of 16 people: Mia to Person 10"));
    assert_true(shows(h, sam, "&team=all", "team=all&amp;from=12"));
    assert_true(shows(h, sam, "&team=all&from=12", "4 of 16 people: Person 11 to Zoe"));
    assert_false(shows(h, sam, "&team=all&from=12", "Fair stand"));
}

/* Who may not read colleagues of other teams has their own, whatever they ask for. */
static void other_teams_are_for_who_may_read_them(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *mia = house_user(h, "Mia", "Marketing");
    struct sql q = sql_new(h->cx);
    const char *who = arena_printf(h->arena, "&who=%s", id_text(h->arena, mia->user_id));

    plan(h, mia, "meeting", "Fair stand", TUESDAY + 9 * MS_HOUR, 60);
    sql_add(&q, "UPDATE role SET rules = replace(rules, '\"user\":{\"read\":\"all\"}', "
                "'\"user\":{\"read\":\"team\"}')");
    assert_ok(h->cx, db_run_sql(h->cx, &q, NULL));
    assert_false(shows(h, sam, "&team=all", "Fair stand") || shows(h, sam, who, "Fair stand"));
    assert_false(shows(h, sam, who, COLUMN_OF(h, mia)) ||
                 shows(h, sam, "&team=all", "id=\"cal-team\""));
    assert_true(shows(h, sam, who, COLUMN_OF(h, sam)));
}

/* ---- out ---- */
static void the_feed_is_read_by_who_has_its_address(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct ical_window w = { TUESDAY, TUESDAY + MS_DAY, NULL };
    struct web_response r;
    struct ical *c;
    const char *path, *tag, *old;

    plan(h, sam, "meeting", "Walk the field", TUESDAY + 9 * MS_HOUR, 60);
    r = house_post(h, sam, "/calendar/connect", "");
    house_expect(h, &r, 200);
    const char *text = str_dup(h->arena, r.body), *at = strstr(text, "/calendar/");
    while (at != NULL && strncmp(at + strcspn(at, "\"") - 4, ".ics", 4) != 0)
        at = strstr(at + 1, "/calendar/");
    assert_non_null(at);
    path = str_dup(h->arena, (struct str){ at, strcspn(at, "\"") });
    r = house_get(h, NULL, path);
    house_expect(h, &r, 200);
    assert_ok(h->cx, ical_read(h->cx, r.body, &w, &c));
    assert_int_equal(c->instance_count, 1);
    assert_string_equal(c->events[0].title, "Walk the field");
    assert_int_equal(c->events[0].start_ms, TUESDAY + 9 * MS_HOUR);
    tag = arena_text(h->arena, web_response_header(&r, "ETag"));
    r = house_ask(h, NULL, HTTP_GET, path, NULL,
                  (struct http_pair[]){ { "If-None-Match", tag }, { NULL, NULL } });
    house_expect(h, &r, 304);
    plan(h, sam, "meeting", "Another", TUESDAY + 11 * MS_HOUR, 60);
    r = house_ask(h, NULL, HTTP_GET, path, NULL,
                  (struct http_pair[]){ { "If-None-Match", tag }, { NULL, NULL } });
    house_expect(h, &r, 200);
    old = path;
    r = house_post(h, sam, "/calendar/connect", ""); /* a new address ends the old one */
    house_expect(h, &r, 200);
    r = house_get(h, NULL, old);
    house_expect(h, &r, 404);
    r = house_get(h, sam, "/calendar/connect");
    assert_false(house_has(&r, ".ics"));
}

/* ---- in ---- */
#define FEED                                                                          \
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"                                  \
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261124T100000Z\r\nDTEND:20261124T110000Z\r\n" \
    "SUMMARY:Doctor\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEND:VEVENT\r\n"                   \
    "BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261124T080000Z\r\nDTEND:20261124T090000Z\r\n" \
    "SUMMARY:Lunch menu\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

struct said {
    struct arena *a;
    int status;
    const char *type, *body;
};
static struct str answer(void *arg, struct str request)
{
    struct said *s = arg;

    (void)request;
    return str_from(arena_printf(s->a,
                                 "HTTP/1.1 %d Said\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                                 "Connection: close\r\n\r\n%s",
                                 s->status, s->type, strlen(s->body), s->body));
}

static i64 feed_of(struct house *h, const struct person *p, const char *url)
{
    struct web_response r =
        house_post(h, p, "/calendar-feeds",
                   arena_printf(h->arena, "name=Mine&busy=true&active=true&url=%s", url));
    i64 id;

    house_expect(h, &r, 303);
    assert_true(id_parse(str_from(strrchr(web_response_header(&r, "Location"), '/') + 1), &id));
    return id;
}

static struct row *read_feed(struct house *h, i64 id)
{
    struct val *payload = val_map(h->arena);
    struct row *r;

    val_put_text(payload, "feed", id_text(h->arena, id));
    assert_ok(h->cx, kit_job(h->kit, "calendar.read")
                         ->run(&(struct job_run){ .cx = h->cx, .payload = payload }));
    assert_ok(h->cx, record_get_named(h->cx, "calendar_feed", id, &r));
    return r;
}

static const char *field_of(const struct row *r, const char *name)
{
    return row_text(r, type_field(row_type(r), name));
}

static void other_calendars_are_read(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *zoe = house_user(h, "Zoe", "Sales");
    struct said said = { h->arena, 200, "text/calendar", FEED };
    struct peer *peer = peer_open(answer, &said);
    struct web_response r;
    struct row *feed;
    i64 id;

    id = feed_of(h, sam, arena_printf(h->arena, "http://127.0.0.1:%d/secret.ics", peer_port(peer)));
    feed = read_feed(h, id); /* this machine is none of the public internet */
    assert_non_null(strstr(field_of(feed, "error"), "public internet"));
    assert_ok(h->cx, setting_save(h->cx, "calendar.private_feeds", "true"));
    feed = read_feed(h, id);
    assert_string_equal(field_of(feed, "error"), "");
    assert_int_equal(row_i64(feed, type_field(row_type(feed), "instances")), 4);
    r = house_get(h, sam, "/calendar?view=day&day=2026-11-24");
    assert_true(house_has(&r, "Doctor") && house_has(&r, "Lunch menu"));
    r = house_get(h, zoe, "/calendar?view=team&day=2026-11-24");
    assert_true(house_has(&r, "Busy"));
    assert_false(house_has(&r, "Doctor") || house_has(&r, "Lunch menu"));
    r = house_get(h, zoe, arena_printf(h->arena, "/calendar-feeds/%s", id_text(h->arena, id)));
    house_expect(h, &r, 404);
    r = house_get(h, sam, arena_printf(h->arena, "/calendar-feeds/%s", id_text(h->arena, id)));
    assert_false(house_has(&r, "secret.ics"));
    said = (struct said){ h->arena, 500, "text/plain", "no" };
    feed = read_feed(h, id); /* what was read stays, and the owner sees why it is old */
    assert_non_null(strstr(field_of(feed, "error"), "500"));
    r = house_get(h, sam, "/calendar?view=day&day=2026-11-24");
    assert_true(house_has(&r, "Doctor"));
    said = (struct said){ h->arena, 200, "text/html", "<html>Sign in</html>" };
    feed = read_feed(h, id);
    assert_non_null(strstr(field_of(feed, "error"), "no calendar"));
    r = house_post(h, sam,
                   arena_printf(h->arena, "/calendar-feeds/%s/delete", id_text(h->arena, id)),
                   "confirmed=true");
    house_expect(h, &r, 303);
    r = house_get(h, sam, "/calendar?view=day&day=2026-11-24");
    assert_false(house_has(&r, "Doctor"));
    peer_close(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(entries_that_overlap_stand_beside_each_other, NULL),
        IN_SQLITE_HOUSE(private_addresses_are_told, NULL),
        IN_BOTH_HOUSES(the_page_shows_what_is_mine, NULL),
        IN_BOTH_HOUSES(the_team_is_chosen_or_single_people, NULL),
        IN_BOTH_HOUSES(other_teams_are_for_who_may_read_them, NULL),
        IN_BOTH_HOUSES(the_feed_is_read_by_who_has_its_address, NULL),
        IN_BOTH_HOUSES(other_calendars_are_read, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
