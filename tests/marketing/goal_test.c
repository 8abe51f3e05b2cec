/* goal_test.c -- goals, notes on days, rules of what is not counted, web vitals and shared links,
 * from outside: by the page Traffic, reports and the question API, against events made by hand. */
#include "base/id.h"
#include "bridge/visits.h"
#include "browse.h"

#define DAYS "period=2026-11-20..2026-11-21"

static const struct val *json_of(struct house *h, const struct person *who, const char *target)
{
    struct web_response r = house_json(h, who, HTTP_GET, target, NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

static const char *ask(struct house *h, const struct person *who, const char *query)
{
    const struct val *a =
        json_of(h, who, arena_printf(h->arena, "/api/v1/question?%s&" DAYS, query));

    return val_print(h->arena, val_get(a, "value"));
}

static const struct val *list_item(const struct val *list, const char *key, const char *value)
{
    for (size_t i = 0; i < val_count(list); i++)
        if (text_is(val_get_text(val_at(list, i), key), value))
            return val_at(list, i);
    return NULL;
}

/* What reaches each goal: people, times, and visits that have it. */
static const struct {
    const char *fields[8], *people, *times, *visits, *views;
} goals[] = {
    { { "kind", "page", "page", "/pricing" }, "2", "2", "2", "3" },
    { { "kind", "page", "page", "/*" }, "3", "6", "5", "6" },
    { { "kind", "page", "page", "/nowhere" }, "0", "0", "0", "0" },
    { { "kind", "event", "event_name", "Signup" }, "1", "1", "1", "1" },
    { { "kind", "event", "event_name", "*" }, "2", "2", "2", "2" },
    { { "kind", "event", "event_name", "Signup", "page", "/blog" }, "0", "0", "0", "0" },
    { { "kind", "event", "event_name", "*", "page", "/blog" }, "1", "1", "1", "1" },
    { { "kind", "scroll", "depth", "90" }, "1", "2", "2", "3" },
    { { "kind", "scroll", "depth", "90", "page", "/pricing" }, "1", "1", "1", "2" },
    { { "kind", "time", "seconds", "60" }, "1", "1", "1", "1" },
    { { "kind", "time", "seconds", "61" }, "0", "0", "0", "0" },
};

static i64 make_goal(struct house *h, const char *const fields[8], size_t number)
{
    const char *pairs[12] = { "name", arena_printf(h->arena, "Goal %zu", number) };

    for (size_t i = 0; i < 8 && fields[i]; i++)
        pairs[i + 2] = fields[i];
    return make_record(h, "goal", pairs);
}

static void a_goal_is_reached_by_what_it_says(void **state)
{
    struct house *h = *state;
    struct person *anna = house_token(h, house_user(h, "Anna", ""), "read");

    make_events(h);
    for (size_t i = 0; i < countof(goals); i++) {
        const char *id = id_text(h->arena, make_goal(h, goals[i].fields, i));
        const struct {
            const char *query, *want;
        } asks[] = {
            { "metric=converted_visitors&dimension=goal", goals[i].people },
            { "metric=conversions&dimension=goal", goals[i].times },
            { "metric=visits&goal=%s", goals[i].visits },
            { "metric=pageviews&goal=%s", goals[i].views },
        };
        for (size_t k = 0; k < countof(asks); k++) {
            const char *got;
            if (strchr(asks[k].query, '%')) {
                got = ask(h, anna,
                          arena_printf(h->arena, "metric=%s&goal=%s",
                                       k == 2 ? "visits" : "pageviews", id));
            } else {
                const struct val *a = json_of(
                    h, anna, arena_printf(h->arena, "/api/v1/question?%s&" DAYS, asks[k].query));
                const struct val *g = list_item(val_get(a, "groups"), "key", id);
                got = g ? val_print(h->arena, val_get(g, "value")) : "0";
            }
            if (!text_is(got, asks[k].want))
                fail_msg("goal %zu, %s: %s, not %s", i, asks[k].query, got, asks[k].want);
        }
        struct web_response r = house_json(
            h, anna, HTTP_GET,
            arena_printf(h->arena, "/api/v1/journeys/funnel?step1=pageview&step2=goal:%s&" DAYS,
                         id),
            NULL);
        house_expect(h, &r, 200);
    }
    assert_string_equal(ask(h, anna, "metric=visits&goal=*"), "5");
    assert_string_equal(ask(h, anna, "metric=visits&goal=!*"), "0");
}

static void a_goal_is_a_step_of_a_funnel(void **state)
{
    static const char *const signup[8] = { "kind", "event", "event_name", "Signup" };
    static const char *const read[8] = { "kind", "scroll", "depth", "90", "page", "/pricing" };
    struct house *h = *state;
    struct person *anna = house_token(h, house_user(h, "Anna", ""), "read");

    make_events(h);
    const char *a = id_text(h->arena, make_goal(h, read, 1)),
               *b = id_text(h->arena, make_goal(h, signup, 2));
    const struct val *page = json_of(
        h, anna,
        arena_printf(h->arena, "/api/v1/journeys/funnel?step1=pageview&step2=goal:%s&" DAYS, a));
    assert_int_equal(val_get_i64(val_at(val_get(page, "steps"), 1), "people", -1), 1);
    assert_string_equal(val_get_text(val_at(val_get(page, "steps"), 1), "text"), "Goal 1");
    page = json_of(
        h, anna,
        arena_printf(h->arena, "/api/v1/journeys/funnel?step1=goal:%s&step2=goal:%s&" DAYS, b, a));
    assert_int_equal(val_get_i64(val_at(val_get(page, "steps"), 0), "people", -1), 1);
    assert_int_equal(val_get_i64(val_at(val_get(page, "steps"), 1), "people", -1), 0);
    struct web_response r = house_json(
        h, anna, HTTP_GET, "/api/v1/journeys/funnel?step1=pageview&step2=goal:nobody", NULL);
    house_expect(h, &r, 422);
}

/* The page narrowed to a goal says of each row what part of its visitors reached it. */
static void traffic_shows_goals_and_their_rates(void **state)
{
    static const char *const priced[8] = { "kind", "page", "page", "/pricing", "worth", "20 EUR" };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");

    make_events(h);
    const struct val *page = json_of(h, mara, "/traffic?" DAYS);
    assert_int_equal(
        val_count(val_get(list_item(val_get(page, "groups"), "name", "goals"), "rows")), 0);
    make_goal(h, priced, 1);
    page = json_of(h, mara, "/traffic?" DAYS);
    const struct val *row =
        val_at(val_get(list_item(val_get(page, "groups"), "name", "goals"), "rows"), 0);
    assert_string_equal(val_get_text(row, "text"), "Goal 1");
    assert_string_equal(val_get_text(row, "visitors"), "2");
    assert_string_equal(val_get_text(row, "share"), "67%");
    assert_string_equal(val_get_text(row, "more"), "2");
    assert_string_equal(
        val_get_text(list_item(val_get(page, "tiles"), "name", "conversion_rate"), "value"),
        "66.7 %");
    page = json_of(h, mara, val_get_text(row, "url"));
    assert_string_equal(val_get_text(val_at(val_get(page, "chips"), 0), "value_text"), "Goal 1");
    assert_string_equal(
        val_get_text(list_item(val_get(page, "tiles"), "name", "conversion_rate"), "value"), "67%");
    const struct val *sources =
        val_get(list_item(val_get(page, "groups"), "name", "sources"), "rows");
    assert_string_equal(val_get_text(list_item(sources, "text", "Email"), "share"), "50%");
    assert_string_equal(val_get_text(list_item(sources, "text", "Paid search"), "share"), "100%");
    /* two conversions at 20 each, since the page views say nothing of their worth */
    struct web_response r = house_get(h, mara, "/traffic/list.csv?by=goal&" DAYS);
    house_expect(h, &r, 200);
    assert_string_equal(str_dup(h->arena, r.body),
                        "Goal,People,Rate,Conversions,Visits,Visit duration,Worth\r\n"
                        "Goal 1,2,0.6667,2,2,210,4000\r\n");
}

static void a_note_stands_on_its_day(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    i64 a;

    make_events(h);
    a = RECORD(h, "site", "name", "A", "domain", "a.example");
    RECORD(h, "site", "name", "B", "domain", "b.example");
    RECORD(h, "annotation", "day", "2026-11-20", "text", "Everywhere");
    RECORD(h, "annotation", "day", "2026-11-21", "text", "On A", "site_id", id_text(h->arena, a));
    RECORD(h, "annotation", "day", "2026-11-22", "text", "After");
    RECORD(h, "campaign", "name", "Spring", "start_date", "2026-11-21");
    const struct val *rows = val_get(val_get(json_of(h, mara, "/traffic?" DAYS), "chart"), "rows");
    assert_string_equal(val_get_text(val_at(rows, 0), "chart_note"), "Everywhere");
    assert_string_equal(val_get_text(val_at(rows, 1), "chart_note"),
                        "On A; Campaign starts: Spring");
    rows = val_get(val_get(json_of(h, mara, "/traffic?site=b.example&" DAYS), "chart"), "rows");
    assert_string_equal(val_get_text(val_at(rows, 1), "chart_note"), "Campaign starts: Spring");
}

static void vitals_are_rated_by_their_lines(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");

    make_events(h);
    const struct val *page = json_of(h, mara, "/traffic/vitals?" DAYS);
    const struct val *lcp = list_item(val_get(page, "cards"), "name", "lcp");
    assert_string_equal(val_get_text(lcp, "value"), "3.00 s");
    assert_string_equal(val_get_text(lcp, "rating"), "fair");
    assert_string_equal(val_get_text(lcp, "good"), "50");
    assert_string_equal(val_get_text(lcp, "poor"), "25");
    assert_string_equal(val_get_text(list_item(val_get(page, "cards"), "name", "cls"), "rating"),
                        "fair");
    assert_string_equal(val_get_text(list_item(val_get(page, "cards"), "name", "inp"), "rating"),
                        "");
    const struct val *row = list_item(val_get(page, "rows"), "text", "/pricing");
    assert_string_equal(val_get_text(row, "count"), "3");
    assert_string_equal(val_get_text(val_at(val_get(row, "cells"), 0), "rating"), "poor");
    page = json_of(h, mara, val_get_text(row, "url"));
    assert_string_equal(val_get_text(list_item(val_get(page, "cards"), "name", "lcp"), "value"),
                        "5.00 s");
    page = json_of(h, mara, "/traffic/vitals?by=device&" DAYS);
    assert_non_null(list_item(val_get(page, "rows"), "text", "Mobile"));
}

static const struct {
    const char *kind, *value;
    bool of_a; /* of site A only */
    struct browser browser;
    const char *url, *fate;
} rules[] = {
    { "address",
      "203.0.113.0/24",
      false,
      { .address = "203.0.113.77" },
      "https://a.example/",
      "excluded" },
    { "address",
      "203.0.113.0/24",
      false,
      { .address = "203.0.114.77" },
      "https://a.example/",
      NULL },
    { "address",
      "2001:db8::/32",
      true,
      { .address = "2001:db8::5" },
      "https://a.example/",
      "excluded" },
    { "address", "2001:db8::/32", true, { .address = "2001:db8::5" }, "https://b.example/", NULL },
    { "agent",
      "ourgateway",
      false,
      { .agent = CHROME " OurGateway/2" },
      "https://b.example/",
      "excluded program" },
    { "page", "/admin/*", false, { 0 }, "https://b.example/admin/users?x=1", "excluded page" },
    { "page", "/admin/*", false, { 0 }, "https://b.example/administration", NULL },
};

static void rules_leave_out_and_say_how_much(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    struct job_run run = { .cx = h->cx };
    i64 a = RECORD(h, "site", "name", "A", "domain", "a.example");
    size_t dropped = 0;

    RECORD(h, "site", "name", "B", "domain", "b.example");
    for (size_t i = 0; i < countof(rules); i++) {
        i64 id = RECORD(h, "exclusion", "kind", rules[i].kind, "value", rules[i].value, "site_id",
                        rules[i].of_a ? id_text(h->arena, a) : "");
        struct row *r;
        struct web_response answer =
            report(h, &rules[i].browser,
                   arena_printf(h->arena, "{\"n\":\"pageview\",\"u\":\"%s\"}", rules[i].url));
        const char *word = web_response_header(&answer, "X-Furrow-Dropped");
        if (!text_is(word ? word : "", rules[i].fate ? rules[i].fate : ""))
            fail_msg("rule %zu: %s", i, word ? word : "kept");
        dropped += word != NULL;
        assert_ok(h->cx, record_get_named(h->cx, "exclusion", id, &r));
        assert_ok(h->cx, record_delete(h->cx, r));
    }
    assert_ok(h->cx, kit_job(h->kit, "collect.dropped")->run(&run));
    assert_ok(h->cx, kit_job(h->kit, "collect.dropped")->run(&run)); /* written once */
    const struct val *left = val_get(json_of(h, mara, "/traffic?period=today"), "left_out");
    assert_string_equal(val_get_text(left, "total"), arena_printf(h->arena, "%zu", dropped));
    assert_string_equal(
        val_get_text(list_item(val_get(left, "reasons"), "reason", "excluded"), "count"), "2");
    left = val_get(json_of(h, mara, "/traffic?period=today&site=a.example"), "left_out");
    assert_string_equal(val_get_text(left, "total"), "2");
    /* one click leaves out who looks, once */
    struct web_response r = house_post(h, mara, "/traffic/leave-me-out", "");
    house_expect(h, &r, 303);
    r = house_post(h, mara, "/traffic/leave-me-out", "");
    house_expect(h, &r, 303);
    const struct val *list = json_of(h, house_token(h, mara, "read"), "/api/v1/exclusions");
    assert_int_equal(val_count(val_get(list, "data")), 1);
    /* who made a rule may remove it */
    r = house_post(h, mara,
                   arena_printf(h->arena, "/exclusions/%s/delete",
                                val_get_text(val_at(val_get(list, "data"), 0), "id")),
                   "confirmed=true");
    house_expect(h, &r, 303);
}

/* ---- shared links ---- */
static const char *token_of(struct house *h, const struct person *who, i64 id)
{
    const char *path = arena_printf(h->arena, "/shares/%s", id_text(h->arena, id));

    return val_get_text(json_of(h, who, path), "token");
}

static struct web_response shared(struct house *h, const char *token, const char *rest)
{
    return browse(h, &(struct browser){ .cookie = "none=1" }, HTTP_GET,
                  arena_printf(h->arena, "/share/%s%s", token, rest), "");
}

static void a_link_shows_numbers_of_one_site_and_nothing_else(void **state)
{
    static const char *const kept_out[] = { "lead",      "Lead",    "b.example", ">/blog<",
                                            "Revenue",   "Secret",  "/goals",    "/exclusions",
                                            "Read last", "Sign out" };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    i64 a, id;

    make_events(h);
    a = RECORD(h, "site", "name", "A", "domain", "a.example");
    RECORD(h, "site", "name", "B", "domain", "b.example");
    RECORD(h, "annotation", "day", "2026-11-20", "text", "Secret plan");
    RECORD(h, "goal", "name", "Prices", "kind", "page", "page", "/pricing", "worth", "20 EUR");
    id = RECORD(h, "traffic_share", "name", "Agency", "site_id", id_text(h->arena, a));
    const char *token = token_of(h, mara, id);
    assert_true(strlen(token) >= 32);
    static const char *const pages[] = { "?" DAYS,
                                         "?site=b.example&" DAYS,
                                         "?channel=email&" DAYS,
                                         "/list?by=page&" DAYS,
                                         "/list?by=goal&" DAYS,
                                         "/list?by=channel&site=b.example&" DAYS,
                                         "/vitals?" DAYS };
    for (size_t i = 0; i < countof(pages); i++) {
        struct web_response r = shared(h, token, pages[i]);
        house_expect(h, &r, 200);
        for (size_t k = 0; k < countof(kept_out); k++)
            if (house_has(&r, kept_out[k]))
                fail_msg("%s shows '%s'", pages[i], kept_out[k]);
        assert_true(house_has(&r, "a.example"));
        assert_string_equal(web_response_header(&r, "X-Robots-Tag"), "noindex, nofollow");
        assert_string_equal(web_response_header(&r, "Cache-Control"), "public, max-age=60");
        assert_null(web_response_header(&r, "Set-Cookie"));
    }
    struct web_response r = shared(h, token, "?" DAYS);
    assert_true(house_has(&r, "/pricing") && house_has(&r, "Prices"));
    /* every link of the page stays under it */
    for (const char *p = strstr(str_dup(h->arena, r.body), "href=\"/"); p;
         p = strstr(p + 6, "href=\"/"))
        if (strncmp(p + 6, "/share/", 7) != 0 && strncmp(p + 6, "/assets/", 8) != 0 &&
            strncmp(p + 6, "/favicon", 8) != 0)
            fail_msg("leads away: %.60s", p);
    /* in another case it is another secret */
    char *other = arena_text(h->arena, token);
    for (char *p = other; *p; p++)
        *p = *p >= 'a' && *p <= 'z'   ? (char)(*p - 32)
             : *p >= 'A' && *p <= 'Z' ? (char)(*p + 32)
                                      : *p;
    r = shared(h, other, "");
    house_expect(h, &r, 404);
    /* taken back, and given again */
    r = house_post(h, mara, arena_printf(h->arena, "/shares/%s/end", id_text(h->arena, id)), "");
    house_expect(h, &r, 303);
    r = shared(h, token, "");
    house_expect(h, &r, 404);
    r = shared(h, token, "/list?by=page");
    house_expect(h, &r, 404);
    r = house_post(h, mara, arena_printf(h->arena, "/shares/%s/edit/until", id_text(h->arena, id)),
                   "until=2099-01-01");
    assert_true(r.status < 400);
    r = shared(h, token, "");
    house_expect(h, &r, 200);
    /* removed */
    struct row *row;
    assert_ok(h->cx, record_get_named(h->cx, "traffic_share", id, &row));
    assert_ok(h->cx, record_delete(h->cx, row));
    r = shared(h, token, "");
    house_expect(h, &r, 404);
}

static void a_link_may_ask_for_a_password_and_end(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    i64 a, id, over;

    make_events(h);
    a = RECORD(h, "site", "name", "A", "domain", "a.example");
    id = RECORD(h, "traffic_share", "name", "Agency", "site_id", id_text(h->arena, a));
    over = RECORD(h, "traffic_share", "name", "Old", "site_id", id_text(h->arena, a), "until",
                  "2020-01-01");
    struct web_response r = shared(h, token_of(h, mara, over), "");
    house_expect(h, &r, 404);
    const char *token = token_of(h, mara, id);
    r = house_post(h, mara, arena_printf(h->arena, "/shares/%s/password", id_text(h->arena, id)),
                   "password=far+too+secret");
    house_expect(h, &r, 303);
    static const char *const pages[] = { "?" DAYS, "/list?by=page&" DAYS, "/vitals?" DAYS };
    for (size_t i = 0; i < countof(pages); i++) {
        r = shared(h, token, pages[i]);
        house_expect(h, &r, 200);
        assert_true(house_has(&r, "Password") && !house_has(&r, "Visitors"));
        assert_string_equal(web_response_header(&r, "Cache-Control"), "private, no-store");
    }
    const char *target = arena_printf(h->arena, "/share/%s", token);
    const struct browser form = { .type = "application/x-www-form-urlencoded" };
    r = browse(h, &form, HTTP_POST, target, "password=wrong");
    house_expect(h, &r, 422);
    assert_null(web_response_header(&r, "Set-Cookie"));
    r = browse(h, &form, HTTP_POST, target, "password=far+too+secret");
    house_expect(h, &r, 303);
    char *cookie = arena_text(h->arena, web_response_header(&r, "Set-Cookie"));
    *strchr(cookie, ';') = '\0';
    r = browse(h, &(struct browser){ .cookie = cookie }, HTTP_GET,
               arena_printf(h->arena, "%s?" DAYS, target), "");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Visitors"));
    /* a new password ends what the old one opened */
    r = house_post(h, mara, arena_printf(h->arena, "/shares/%s/password", id_text(h->arena, id)),
                   "password=another+secret");
    house_expect(h, &r, 303);
    r = browse(h, &(struct browser){ .cookie = cookie }, HTTP_GET, target, "");
    assert_true(house_has(&r, "Password") && !house_has(&r, "Visitors"));
    /* who tries many is held off */
    int last = 0;
    for (int i = 0; i < 12; i++) {
        r = browse(h, &form, HTTP_POST, target, "password=wrong");
        last = r.status;
    }
    assert_int_equal(last, status_http(E_BUSY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_goal_is_reached_by_what_it_says, NULL),
        IN_SQLITE_HOUSE(a_goal_is_a_step_of_a_funnel, NULL),
        IN_BOTH_HOUSES(traffic_shows_goals_and_their_rates, NULL),
        IN_BOTH_HOUSES(a_note_stands_on_its_day, NULL),
        IN_SQLITE_HOUSE(vitals_are_rated_by_their_lines, NULL),
        IN_BOTH_HOUSES(rules_leave_out_and_say_how_much, NULL),
        IN_BOTH_HOUSES(a_link_shows_numbers_of_one_site_and_nothing_else, NULL),
        IN_BOTH_HOUSES(a_link_may_ask_for_a_password_and_end, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
