/* traffic_test.c -- the page of the web sites, from outside: its numbers, the links of its rows,
 * tabs and chips, whole lists, and what it says when there is nothing. What the numbers mean is in
 * bridge/dimension_test.c. */
#include "bridge/visits.h"

#define DAYS "period=2026-11-20..2026-11-21"

static const struct val *page_of(struct house *h, const struct person *who, const char *target)
{
    struct web_response r = house_json(h, who, HTTP_GET, target, NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

static const char *tile(const struct val *page, const char *name)
{
    const struct val *tiles = val_get(page, "tiles");

    for (size_t i = 0; i < val_count(tiles); i++)
        if (text_is(val_get_text(val_at(tiles, i), "name"), name))
            return val_get_text(val_at(tiles, i), "value");
    return "none";
}

static const struct val *group(const struct val *page, const char *name)
{
    const struct val *groups = val_get(page, "groups");

    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_get_text(val_at(groups, i), "name"), name))
            return val_at(groups, i);
    fail_msg("no group %s", name);
    return NULL;
}

/* "Direct 2 67%, Email 2 67%" */
static const char *rows_of(struct house *h, const struct val *g)
{
    const struct val *rows = val_get(g, "rows");
    struct buf b = buf_in(h->arena, 2000);

    for (size_t i = 0; i < val_count(rows); i++)
        buf_printf(&b, "%s%s %s %s", i ? ", " : "", val_get_text(val_at(rows, i), "text"),
                   val_get_text(val_at(rows, i), "visitors"),
                   val_get_text(val_at(rows, i), "share"));
    return buf_end(&b);
}

static const char *const all_tabs[] = { "channel",  "source", "campaign",   "medium",    "term",
                                        "content",  "page",   "entry_page", "exit_page", "country",
                                        "language", "device", "browser",    "system",    "screen" };

static void the_page_shows_what_there_is(void **state)
{
    static const struct {
        const char *query, *group, *rows;
    } cases[] = {
        { "", "sources", "Direct 2 67%, Email 2 67%, Paid search 1 33%" },
        { "&tabs=source", "sources", "newsletter 2 67%, Direct or not known 2 67%, google 1 33%" },
        { "&tabs=campaign", "sources", "spring 2 67%, brand 1 33%" },
        { "&tabs=term", "sources", "crm software 1 33%" },
        { "&tabs=content,exit_page", "pages", "/blog 2 67%, /pricing 2 67%" },
        { "&tabs=page,entry_page", "pages", "/blog 2 67%, / 1 33%, /pricing 1 33%" },
        { "&tabs=nonsense,,language", "places", "German 2 67%, English 1 33%" },
        { "", "places", "Germany 2 67%, United Kingdom 1 33%" },
        { "&tabs=screen", "clients", "Large, 1,100 px and more 2 67%, Small, under 600 px 1 33%" },
        { "&page=/pricing&channel=email", "clients", "Desktop 1 100%" },
        { "&channel=email", "sources", "Email 2 100%" },
    };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");

    make_events(h);
    for (size_t i = 0; i < countof(cases); i++) {
        const char *target = arena_printf(h->arena, "/traffic?" DAYS "%s", cases[i].query);
        assert_string_equal(rows_of(h, group(page_of(h, mara, target), cases[i].group)),
                            cases[i].rows);
    }
    const struct val *page = page_of(h, mara, "/traffic?" DAYS);
    static const char *const tiles[][2] = { { "visitors", "3" },
                                            { "visits", "5" },
                                            { "pageviews", "6" },
                                            { "pages_per_visit", "1.2" },
                                            { "visit_bounce_rate", "60.0 %" },
                                            { "visit_duration", "3m 30s" } };
    for (size_t i = 0; i < countof(tiles); i++)
        assert_string_equal(tile(page, tiles[i][0]), tiles[i][1]);
}

/* Each row of each table narrows the page to the visitors that it counts, and its chip brings the
 * page back; what was asked besides stays. */
static void rows_lead_to_what_they_count(void **state)
{
    static const char *const narrowed[] = { "", "&channel=email", "&page=/blog", "&country=DE" };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    size_t followed = 0;

    make_events(h);
    for (size_t n = 0; n < countof(narrowed); n++) {
        for (size_t t = 0; t < countof(all_tabs); t++) {
            const char *target = arena_printf(h->arena, "/traffic?" DAYS "&compare=none&tabs=%s%s",
                                              all_tabs[t], narrowed[n]);
            const struct val *page = page_of(h, mara, target), *groups = val_get(page, "groups");
            for (size_t g = 0; g < val_count(groups); g++) {
                const struct val *rows = val_get(val_at(groups, g), "rows");
                for (size_t i = 0; i < val_count(rows); i++, followed++) {
                    const struct val *row = val_at(rows, i);
                    const struct val *there = page_of(h, mara, val_get_text(row, "url"));
                    if (!text_is(tile(there, "visitors"), val_get_text(row, "visitors")))
                        fail_msg("%s: '%s' counts %s, its page %s", target,
                                 val_get_text(row, "text"), val_get_text(row, "visitors"),
                                 tile(there, "visitors"));
                    const struct val *chips = val_get(there, "chips");
                    assert_true(val_count(chips) >= 1 && val_count(chips) <= 2);
                    for (size_t c = 0; c < val_count(chips); c++)
                        (void)page_of(h, mara, val_get_text(val_at(chips, c), "remove_url"));
                    assert_non_null(strstr(val_get_text(row, "url"), "compare=none"));
                }
            }
        }
    }
    assert_true(followed > 300);
}

static void addresses_keep_what_was_asked(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    const struct val *page, *tabs;

    make_events(h);
    page = page_of(h, mara,
                   "/traffic?" DAYS "&compare=year&metric=visits&tabs=campaign,exit_page"
                   "&channel=email&page=/p*");
    tabs = val_get(group(page, "places"), "tabs");
    assert_string_equal(val_get_text(val_at(tabs, 1), "url"),
                        "/traffic?period=2026-11-20..2026-11-21&compare=year&metric=visits"
                        "&tabs=campaign%2Cexit_page%2Clanguage&channel=email&page=%2Fp%2A#places");
    assert_string_equal(val_get_text(val_at(val_get(group(page, "sources"), "tabs"), 0), "url"),
                        "/traffic?period=2026-11-20..2026-11-21&compare=year&metric=visits"
                        "&tabs=exit_page&channel=email&page=%2Fp%2A#sources");
    assert_string_equal(val_get_text(page, "clear_url"),
                        "/traffic?period=2026-11-20..2026-11-21&compare=year&metric=visits"
                        "&tabs=campaign%2Cexit_page");
    const struct val *chips = val_get(page, "chips");
    assert_int_equal(val_count(chips), 2);
    assert_string_equal(val_get_text(val_at(chips, 0), "value_text"), "Email");
    assert_string_equal(val_get_text(val_at(chips, 1), "op_text"), "is like");
    assert_string_equal(val_get_text(val_get(page, "chart"), "text"), "Visits by day");
}

/* A point of the chart leads to its days; the first and the last week are cut to the period. */
static void the_chart_leads_into_its_parts(void **state)
{
    static const struct {
        const char *period;
        size_t index;
        const char *leads;
    } cases[] = {
        { "2026-11-20..2026-11-21", 1, "/traffic?period=2026-11-21..2026-11-21" },
        { "2026-08-05..2026-11-21", 0, "/traffic?period=2026-08-05..2026-08-09" },
        { "2026-08-05..2026-11-21", 1, "/traffic?period=2026-08-10..2026-08-16" },
        { "2026-08-05..2026-11-21", 15, "/traffic?period=2026-11-16..2026-11-21" },
        { "2026-11-20..2026-11-20", 3, "" },
    };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");

    make_events(h);
    for (size_t i = 0; i < countof(cases); i++) {
        const struct val *page =
            page_of(h, mara, arena_printf(h->arena, "/traffic?period=%s", cases[i].period));
        const struct val *rows = val_get(val_get(page, "chart"), "rows");
        assert_string_equal(val_get_text(val_at(rows, cases[i].index), "zoom_url"), cases[i].leads);
    }
}

/* Forms lead to addresses that say the same. */
static void forms_become_addresses(void **state)
{
    static const struct {
        const char *asked, *leads;
    } cases[] = {
        { "from=2026-11-20&to=2026-11-21&channel=email",
          "/traffic?period=2026-11-20..2026-11-21&channel=email" },
        { "add=page&is=&value=/blog*&metric=visits", "/traffic?metric=visits&page=%2Fblog%2A" },
        { "add=channel&is=not&value=Paid+search", "/traffic?channel=%21paid-search" },
        { "add=country&value=de&country=FR", "/traffic?country=DE" },
        { "add=browser&value=Chrome&period=today&compare=none",
          "/traffic?period=today&compare=none&browser=Chrome" },
    };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r =
            house_get(h, mara, arena_printf(h->arena, "/traffic?%s", cases[i].asked));
        house_expect(h, &r, 303);
        assert_string_equal(web_response_header(&r, "Location"), cases[i].leads);
    }
}

static void what_cannot_be_shown_says_why(void **state)
{
    static const struct {
        const char *target, *says;
    } cases[] = {
        { "/traffic?period=soon", "is no period" },
        { "/traffic?from=2026-11-21&to=2026-11-20", "is no period" },
        { "/traffic?compare=rivals", "is no comparison" },
        { "/traffic?metric=luck", "does not draw" },
        { "/traffic?channel=pigeon", "is no channel" },
        { "/traffic?add=channel&value=pigeon", "is no channel" },
        { "/traffic?add=moon&value=full", "cannot be narrowed by" },
        { "/traffic/list?by=moon", "There is no list by" },
        { "/traffic/list.csv", "There is no list by" },
    };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");

    make_events(h);
    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r = house_get(h, mara, cases[i].target);
        house_expect(h, &r, 422);
        if (!house_has(&r, cases[i].says))
            fail_msg("%s: %.*s", cases[i].target, (int)r.body.len, r.body.p);
        r = house_json(h, mara, HTTP_GET, cases[i].target, NULL);
        house_expect(h, &r, 422);
    }
    /* the page stays, with what could be read of what was asked */
    struct web_response r =
        house_get(h, mara, "/traffic?page=/blog&add=channel&value=pigeon&period=today");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "This cannot be answered") && house_has(&r, "is no channel"));
    assert_true(house_has(&r, "Remove Page /blog") && house_has(&r, "Today"));
}

/* All numbers of a row are that row's, although each is an answer of its own. */
static void lists_have_all_numbers_of_a_row(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    struct web_response r;

    make_events(h);
    r = house_get(h, mara, "/traffic/list.csv?" DAYS "&by=page");
    house_expect(h, &r, 200);
    assert_string_equal(str_dup(h->arena, r.body),
                        "Page,Visitors,Share,Visits,Page views,Bounce rate,Visit duration,"
                        "Time on page,Scroll depth\r\n"
                        "/blog,2,0.6667,3,3,1,210,60,1\r\n"
                        "/pricing,2,0.6667,2,2,0,210,40,0.9\r\n"
                        "/,1,0.3333,1,1,0,360,20,0.4\r\n");
    assert_non_null(strstr(web_response_header(&r, "Content-Disposition"), "traffic-page-2026"));
    r = house_get(h, mara, "/traffic/list.csv?" DAYS "&by=source&country=DE");
    assert_string_equal(str_dup(h->arena, r.body),
                        "Source,Visitors,Share,Visits,Page views,Bounce rate,Visit duration\r\n"
                        "newsletter,2,1.0000,2,3,0.5,180\r\n"
                        "Direct or not known,2,1.0000,2,2,1,315\r\n");
    for (size_t t = 0; t < countof(all_tabs); t++) {
        const char *target = arena_printf(h->arena, "/traffic/list?" DAYS "&by=%s", all_tabs[t]);
        r = house_get(h, mara, target);
        house_expect(h, &r, 200);
        assert_true(house_has(&r, "/traffic/list.csv?"));
    }
    r = house_get(h, mara, "/traffic/list?" DAYS "&by=page&page=/nowhere");
    assert_true(house_has(&r, "Nothing known"));
}

/* What became of visits stands beside them, where contacts keep it: by channel and by campaign. */
static void leads_stand_beside_visits(void **state)
{
    static const struct {
        const char *query, *leads; /* the tile; "none" where it cannot be told */
    } cases[] = {
        { "", "2" },
        { "&channel=email", "1" },
        { "&channel=email&campaign=spring", "1" },
        { "&channel=paid-search", "0" },
        { "&page=/pricing", "none" },
        { "&channel=email&country=DE", "none" },
        { "&metric=new_leads&page=/pricing", "none" }, /* draws visitors */
    };
    struct house *h = *state;
    struct person *anna = house_user(h, "Anna", "");
    const struct record_type *t = type_find(h->cx, "contact");
    struct web_response r;

    make_events(h);
    h->clock->fixed_ms = INT64_C(1795168800000); /* 2026-11-20T10:00:00Z */
    for (int i = 0; i < 2; i++) {
        struct row *row = row_new(h->cx, t);
        row_set_text(row, type_field(t, "first_name"), i ? "Ruben" : "Helena");
        row_set_text(row, type_field(t, "first_channel"), i ? "referral" : "email");
        row_set_text(row, type_field(t, "first_campaign"), i ? "" : "Spring");
        row_set_text(row, type_field(t, "lifecycle"), "lead");
        assert_ok(h->cx, record_save(h->cx, row));
    }
    for (size_t i = 0; i < countof(cases); i++) {
        const char *target = arena_printf(h->arena, "/traffic?" DAYS "%s", cases[i].query);
        assert_string_equal(tile(page_of(h, anna, target), "new_leads"), cases[i].leads);
    }
    const struct val *page = page_of(h, anna, "/traffic?" DAYS "&tabs=campaign");
    assert_true(val_get_bool(group(page, "sources"), "has_more"));
    assert_false(val_get_bool(group(page, "places"), "has_more"));
    const struct val *rows = val_get(group(page, "sources"), "rows");
    assert_string_equal(val_get_text(val_at(rows, 0), "more"), "1"); /* spring is Spring */
    assert_string_equal(val_get_text(val_at(rows, 1), "more"), "0");
    r = house_get(h, anna, "/traffic/list.csv?" DAYS "&by=channel");
    assert_string_equal(str_dup(h->arena, r.body),
                        "Channel,Visitors,Share,Visits,Page views,Bounce rate,Visit duration,"
                        "New leads,New customers,Revenue\r\n"
                        "Direct,2,0.6667,2,2,1,315,0,0,0\r\n"
                        "Email,2,0.6667,2,3,0.5,180,1,0,0\r\n"
                        "Paid search,1,0.3333,1,1,0,60,0,0,0\r\n");
}

static void sites_are_chosen_when_there_are_several(void **state)
{
    struct house *h = *state;
    struct person *anna = house_user(h, "Anna", "");
    struct web_response r;

    make_events(h);
    r = house_post(h, anna, "/sites", "name=A&domain=a.example&mode=day");
    house_expect(h, &r, 303);
    assert_false(val_get_bool(page_of(h, anna, "/traffic?" DAYS), "has_sites"));
    r = house_post(h, anna, "/sites", "name=B&domain=b.example&mode=day");
    house_expect(h, &r, 303);
    const struct val *page = page_of(h, anna, "/traffic?" DAYS "&channel=direct");
    assert_true(val_get_bool(page, "has_sites"));
    const struct val *options = val_get(val_get(page, "sites"), "options");
    assert_int_equal(val_count(options), 3);
    page = page_of(h, anna, val_get_text(val_at(options, 2), "url"));
    assert_string_equal(val_get_text(val_get(page, "sites"), "text"), "b.example");
    assert_string_equal(tile(page, "visits"), "2");
    assert_int_equal(val_count(val_get(page, "chips")), 2);
}

static void emptiness_says_what_to_do(void **state)
{
    struct house *h = *state;
    struct person *anna = house_user(h, "Anna", "");
    struct web_response r = house_get(h, anna, "/traffic");

    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Nobody has visited yet") && house_has(&r, "/sites/new"));
    r = house_get(h, anna, "/traffic/now");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Page views appear here"));
    make_events(h);
    r = house_get(h, anna, "/traffic?" DAYS "&page=/nowhere");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Nothing in this period fits the filters"));
    r = house_get(h, anna, "/traffic?period=2020-01-01..2020-01-31");
    assert_true(house_has(&r, "Nobody came in this period"));
}

static void who_is_here_now_is_counted(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    static const i64 ago_ms[] = { 10 * MS_MINUTE, 4 * MS_MINUTE, MS_MINUTE };
    struct web_response r;

    for (size_t i = 0; i < countof(ago_ms); i++) {
        struct event e = { .at_ms = HOUSE_NOW - ago_ms[i],
                           .kind = kit_event_code(h->kit, "pageview"),
                           .person = journey_person(h->journey, PERSON_VISITOR, 70 + i),
                           .page = journey_intern(h->journey, DICT_PAGE, STR("/here")) };
        assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
    }
    r = house_get(h, mara, "/traffic/now");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "2 people on your sites right now") && house_has(&r, "/here"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(the_page_shows_what_there_is, NULL),
        IN_SQLITE_HOUSE(rows_lead_to_what_they_count, NULL),
        IN_BOTH_HOUSES(addresses_keep_what_was_asked, NULL),
        IN_SQLITE_HOUSE(the_chart_leads_into_its_parts, NULL),
        IN_BOTH_HOUSES(forms_become_addresses, NULL),
        IN_BOTH_HOUSES(what_cannot_be_shown_says_why, NULL),
        IN_BOTH_HOUSES(lists_have_all_numbers_of_a_row, NULL),
        IN_BOTH_HOUSES(leads_stand_beside_visits, NULL),
        IN_BOTH_HOUSES(sites_are_chosen_when_there_are_several, NULL),
        IN_BOTH_HOUSES(emptiness_says_what_to_do, NULL),
        IN_BOTH_HOUSES(who_is_here_now_is_counted, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
