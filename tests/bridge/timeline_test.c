/* timeline_test.c -- the story on a record's page: what belongs to one visit, what stands where,
 * that pages neither lose nor repeat anything, and who sees whose. */
#include "base/id.h"
#include "bridge/channel.h"
#include "bridge/contact.h"
#include "journey/journey.h"
#include "support/house.h"
#include <stdlib.h>

#define T0 (HOUSE_NOW - 10 * (i64)MS_DAY)

static i64 contact(struct house *h, const char *name, i64 company)
{
    struct row *r = row_new(h->cx, &contact_type);

    row_set_text(r, CONTACT_FIRST, name);
    row_set_i64(r, CONTACT_COMPANY, company);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static i64 company(struct house *h, const char *name)
{
    const struct record_type *t = type_find(h->cx, "company");
    struct row *r = row_new(h->cx, t);

    row_set_text(r, type_field(t, "name"), name);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

/* One event of a contact, as the journey has it. */
struct told {
    const char *kind;
    i64 at_ms;
    const char *page, *props;
    enum channel channel;
    const char *source; /* a touch of its own, "" none */
};

static void tell(struct house *h, i64 contact_id, const struct told *list, size_t count)
{
    struct journey *j = h->journey;
    struct event *e = NEW_N(h->arena, struct event, count);

    for (size_t i = 0; i < count; i++)
        e[i] = (struct event){
            .at_ms = list[i].at_ms,
            .person = journey_person(j, PERSON_CONTACT, (u64)contact_id),
            .kind = kit_event_code(h->kit, list[i].kind),
            .channel = (u8)list[i].channel,
            .site = journey_intern(j, DICT_SITE, STR("shop.example")),
            .page = list[i].page ? journey_intern(j, DICT_PAGE, str_from(list[i].page)) : 0,
            .source = list[i].source ? journey_intern(j, DICT_SOURCE, str_from(list[i].source)) : 0,
            .touch = list[i].source ? journey_intern(j, DICT_TOUCH, str_from(list[i].source)) : 0,
            .props = list[i].props,
        };
    assert_ok(h->cx, journey_append_wait(h->cx, j, e, count));
}

static const char *path_of(struct house *h, const char *type, i64 id)
{
    return arena_printf(h->arena, "/%s/%s", type, id_text(h->arena, id));
}

/* The story of a page as one text: a line an item, "TEXT | DETAIL | WHO > page > page". */
static const char *story(struct house *h, const struct person *who, const char *path,
                         const char **older)
{
    struct web_response r = house_json(h, who, HTTP_GET, path, NULL);
    const struct val *journey, *days;
    struct buf b = buf_in(h->arena, 4 << 20);

    house_expect(h, &r, 200);
    journey = val_get(house_val(h, &r), "journey");
    days = val_get(journey, "days");
    for (size_t d = 0; d < val_count(days); d++) {
        const struct val *items = val_get(val_at(days, d), "items");
        for (size_t i = 0; i < val_count(items); i++) {
            const struct val *item = val_at(items, i), *pages = val_get(item, "pages");
            buf_text(&b, val_get_text(item, "text"));
            if (val_get_text(item, "detail")[0])
                buf_printf(&b, " | %s", val_get_text(item, "detail"));
            if (val_get_text(item, "who")[0])
                buf_printf(&b, " | %s", val_get_text(item, "who"));
            for (size_t p = 0; p < val_count(pages); p++)
                buf_printf(&b, " > %s", val_get_text(val_at(pages, p), "text"));
            buf_char(&b, '\n');
        }
    }
    if (older)
        *older = val_get_text(journey, "older_url");
    return buf_end(&b);
}

static void expect_story(struct house *h, const struct person *who, const char *path,
                         const char *note, const char *want)
{
    const char *got = story(h, who, path, NULL);

    if (strcmp(got, want) != 0)
        fail_msg("%s:\n%sbut should be\n%s", note, got, want);
}

/* ---- visits ---- */

#define MIN(n) (T0 + (n) * (i64)MS_MINUTE)
static const struct {
    const char *note;
    struct told events[8];
    const char *story;
} visits[] = {
    { "one page",
      { { "pageview", MIN(0), "/", NULL, CHANNEL_DIRECT, NULL } },
      "Visited 1 page > /\n" },
    { "pages, in the order of reading, with their titles",
      { { "pageview", MIN(0), "/", NULL, CHANNEL_ORGANIC_SEARCH, "google" },
        { "pageview", MIN(1), "/a", "{\"title\":\"Prices\"}", 0, NULL },
        { "pageview", MIN(9), "/b", NULL, 0, NULL } },
      "Visited 3 pages, 9 min | from google > / > Prices > /b\n" },
    { "half an hour apart is another visit",
      { { "pageview", MIN(0), "/", NULL, CHANNEL_DIRECT, NULL },
        { "pageview", MIN(29), "/a", NULL, 0, NULL },
        { "pageview", MIN(59), "/b", NULL, CHANNEL_DIRECT, NULL } },
      "Visited 1 page > /b\nVisited 2 pages, 29 min > / > /a\n" },
    { "another link is another visit",
      { { "pageview", MIN(0), "/", NULL, CHANNEL_EMAIL, "news" },
        { "pageview", MIN(5), "/a", NULL, CHANNEL_ORGANIC_SEARCH, "google" } },
      "Visited 1 page | from google > /a\nVisited 1 page | from news > /\n" },
    { "the same link again is not",
      { { "pageview", MIN(0), "/", NULL, CHANNEL_EMAIL, "news" },
        { "pageview", MIN(5), "/a", NULL, CHANNEL_EMAIL, "news" } },
      "Visited 2 pages, 5 min | from news > / > /a\n" },
    { "what is sent in between splits nothing",
      { { "pageview", MIN(0), "/", NULL, CHANNEL_DIRECT, NULL },
        { "form_submit", MIN(2), NULL, "{\"name\":\"Demo\"}", 0, NULL },
        { "pageview", MIN(3), "/thanks", NULL, 0, NULL } },
      "Form submitted: Demo\nVisited 2 pages, 3 min > / > /thanks\n" },
    { "actions by their names, and reading on is no page",
      { { "pageview", MIN(0), "/", NULL, CHANNEL_DIRECT, NULL },
        { "performance", MIN(1), "/", "{\"lcp\":900}", 0, NULL },
        { "engagement", MIN(2), "/", "{\"e\":5000}", 0, NULL },
        { "action", MIN(3), "/", "{\"name\":\"Outbound Link: Click\"}", 0, NULL } },
      "Visited 1 page, 3 min > / > Outbound Link: Click\n" },
    { "an action alone",
      { { "action", MIN(0), "/", "{\"name\":\"Signup\"}", 0, NULL } },
      "On the site > Signup\n" },
    { "recognised twice at once is said once",
      { { "identified", MIN(0), NULL, NULL, 0, NULL },
        { "identified", MIN(0), NULL, NULL, 0, NULL } },
      "Recognised\n" },
};

static void visits_are_told_whole(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");

    for (size_t i = 0; i < countof(visits); i++) {
        i64 id = contact(h, "Ann", 0);
        size_t n = 0;
        while (n < countof(visits[i].events) && visits[i].events[n].kind)
            n++;
        assert_ok(h->cx, outbox_drain(h->cx));
        tell(h, id, visits[i].events, n);
        expect_story(h, mia, path_of(h, "contacts", id), visits[i].note,
                     arena_printf(h->arena, "Contact created\n%s", visits[i].story));
    }
}

/* ---- what a save did is there at once, and once ---- */

static void a_change_shows_before_and_after_it_reaches_the_journey(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales");
    i64 id = contact(h, "Ann", 0);
    const char *path = path_of(h, "contacts", id), *want =
                                                       "Call: First try | No answer | Sam Sales\n"
                                                       "Contact created\n";
    struct web_response r;

    h->clock->fixed_ms += MS_HOUR;
    r = house_post(h, sam, "/activities",
                   arena_printf(h->arena,
                                "kind=call&subject=First+try&outcome=no_answer&contact_id=%s",
                                id_text(h->arena, id)));
    house_expect(h, &r, 303);
    expect_story(h, sam, path, "in the outbox", want);
    assert_ok(h->cx, outbox_drain(h->cx));
    expect_story(h, sam, path, "on the journey", want);
}

/* ---- comments ---- */

static void comment(struct house *h, const struct person *who, const char *path, const char *text)
{
    struct web_response r = house_post(h, who, arena_printf(h->arena, "%s/comments", path),
                                       arena_printf(h->arena, "text=%s", text));

    house_expect(h, &r, 303);
}

static void comments_stand_among_the_rest_and_can_be_taken_back(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *mia = house_user(h, "Mia", "Marketing");
    i64 id = contact(h, "Ann", 0);
    const char *path = path_of(h, "contacts", id);
    struct told call = { "call", HOUSE_NOW + MS_HOUR, NULL, "{\"subject\":\"Hi\"}", 0, NULL };
    struct web_response r;

    assert_ok(h->cx, outbox_drain(h->cx));
    comment(h, sam, path, "First");
    h->clock->fixed_ms += 2 * MS_HOUR;
    comment(h, mia, path, "Second");
    tell(h, id, &call, 1);
    expect_story(h, sam, path, "comments",
                 "Comment | Mia\nCall: Hi\nContact created\nComment | Sam\n");
    expect_story(h, sam, arena_printf(h->arena, "%s?show=talk", path), "calls only", "Call: Hi\n");
    r = house_get(h, sam, path);
    assert_true(house_has(&r, "First"));
    const char *at = memmem(r.body.p, r.body.len, "/comments/", 10);
    assert_non_null(at);
    const char *own = arena_printf(h->arena, "%s%.*s/delete", path, 23, at);
    r = house_post(h, mia, own, "");
    assert_true(r.status == 403 || r.status == 404);
    r = house_post(h, sam, own, "");
    house_expect(h, &r, 303);
    expect_story(h, sam, path, "taken back", "Comment | Mia\nCall: Hi\nContact created\n");
}

/* ---- pages ---- */

/* All pages of a story; *pages is how many there were. */
static const char *whole_story(struct house *h, const struct person *who, const char *path,
                               int *pages)
{
    struct buf b = buf_in(h->arena, 8 << 20);
    const char *older = path;

    for (*pages = 0; older[0] && *pages < 100; ++*pages)
        buf_text(&b, story(h, who, older, &older));
    return buf_end(&b);
}

static size_t lines(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Many calls in few milliseconds: every page ends within one of them. */
static void pages_lose_and_repeat_nothing(void **state)
{
    enum { CALLS = 1700 };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 id = contact(h, "Ann", 0);
    const char *path = path_of(h, "contacts", id), *text;
    struct told *calls = NEW_N(h->arena, struct told, CALLS);
    char *seen = arena_alloc(h->arena, CALLS, 1);
    int pages;

    assert_ok(h->cx, outbox_drain(h->cx));
    for (int i = 0; i < CALLS; i++)
        calls[i] = (struct told){ "call", T0 + i / 600,
                                  NULL,   arena_printf(h->arena, "{\"subject\":\"no. %d.\"}", i),
                                  0,      NULL };
    tell(h, id, calls, CALLS / 2);
    assert_ok(h->cx, journey_flush(h->cx, h->journey));
    tell(h, id, calls + CALLS / 2, CALLS - CALLS / 2);
    h->clock->fixed_ms = T0; /* comments in the same milliseconds */
    comment(h, sam, path, "same");
    h->clock->fixed_ms = T0 + 1;
    comment(h, sam, path, "same");
    h->clock->fixed_ms = HOUSE_NOW;
    text = whole_story(h, sam, path, &pages);
    assert_int_equal(lines(text), CALLS + 3);
    assert_true(pages >= 4);
    for (const char *at = text; (at = strstr(at, "no. ")) != NULL; at += 4)
        seen[atoi(at + 4)]++;
    for (int i = 0; i < CALLS; i++)
        if (seen[i] != 1)
            fail_msg("call %d is told %d times", i, seen[i]);
}

/* A long history of reading with a few moments of money in it: they are found. */
static void few_among_many_are_found(void **state)
{
    enum { VIEWS = 3000 };
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    i64 id = contact(h, "Ann", 0);
    struct told *views = NEW_N(h->arena, struct told, VIEWS);
    int pages;

    for (int i = 0; i < VIEWS; i++)
        views[i] = i % 1000 == 3
                       ? (struct told){ "deal_won", T0 + i, NULL, "{\"name\":\"D\"}", 0, NULL }
                       : (struct told){ "pageview", T0 + i, "/", NULL, 0, NULL };
    tell(h, id, views, VIEWS);
    assert_string_equal(
        whole_story(h, mia, arena_printf(h->arena, "%s?show=money", path_of(h, "contacts", id)),
                    &pages),
        "Deal won: D\nDeal won: D\nDeal won: D\n");
}

/* A visit is not cut in two by a page's end. */
static void a_visit_stays_on_one_page(void **state)
{
    enum { VISITS = 120, PAGES = 10 };
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    i64 id = contact(h, "Ann", 0);
    struct told *views = NEW_N(h->arena, struct told, VISITS * PAGES);
    const char *text;
    int pages;

    assert_ok(h->cx, outbox_drain(h->cx));
    for (int i = 0; i < VISITS * PAGES; i++)
        views[i] =
            (struct told){ "pageview", T0 + i / PAGES * (i64)MS_HOUR + i % PAGES * (i64)MS_MINUTE,
                           "/",        NULL,
                           0,          NULL };
    for (int i = 0; i < VISITS; i++) /* 7 more, so that pages do not end between visits by luck */
        views[i * PAGES].page = "/first";
    tell(h, id, views, VISITS * PAGES - 3);
    text = whole_story(h, mia, path_of(h, "contacts", id), &pages);
    assert_int_equal(lines(text), VISITS + 1);
    assert_true(pages >= 3);
}

static const char *const befores[] = { "x",   "-1.2", "1.x",          "99999999999999999999.1",
                                       "0.0", ".",    "1795428000000" };
static void a_place_that_is_none_is_the_newest(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    i64 id = contact(h, "Ann", 0);

    for (size_t i = 0; i < countof(befores); i++)
        expect_story(h, mia,
                     arena_printf(h->arena, "%s?before=%s", path_of(h, "contacts", id), befores[i]),
                     befores[i], "Contact created\n");
}

/* ---- companies ---- */

static void a_company_tells_of_all_its_people(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    i64 firm = company(h, "Acme"), ann = contact(h, "Ann", firm), bob = contact(h, "Bob", firm);
    const struct told anns[] = { { "pageview", MIN(0), "/", NULL, CHANNEL_DIRECT, NULL },
                                 { "pageview", MIN(2), "/a", NULL, 0, NULL } },
                      bobs[] = { { "pageview", MIN(1), "/b", NULL, CHANNEL_EMAIL, "news" },
                                 { "pageview", MIN(3), "/c", NULL, 0, NULL },
                                 { "form_submit", MIN(4), NULL, "{\"name\":\"Demo\"}", 0, NULL } };

    contact(h, "Stranger", 0);
    assert_ok(h->cx, outbox_drain(h->cx));
    tell(h, ann, anns, countof(anns));
    tell(h, bob, bobs, countof(bobs));
    expect_story(h, mia, path_of(h, "companies", firm), "both",
                 "Contact created | Bob\nContact created | Ann\n"
                 "Form submitted: Demo | Bob\n"
                 "Visited 2 pages, 2 min | Bob, from news > /b > /c\n"
                 "Visited 2 pages, 2 min | Ann > / > /a\n");
}

static void who_may_not_see_a_person_does_not_see_their_journey(void **state)
{
    struct house *h = *state;
    struct person *me = house_user(h, "Me", "Sales");
    i64 firm = company(h, "Acme"), ann = contact(h, "Ann", firm), bob = contact(h, "Bob", firm);
    const struct record_type *deals = type_find(h->cx, "deal");
    struct row *role = row_new(h->cx, type_find(h->cx, "role")), *user, *r;

    row_set_text(role, type_field(row_type(role), "name"), "Own contacts");
    row_set_text(role, type_field(row_type(role), "rules"),
                 "{\"contact\":{\"read\":\"own\"},\"company\":{\"read\":\"all\"},"
                 "\"deal\":{\"read\":\"all\"}}");
    assert_ok(h->cx, record_save(h->cx, role));
    assert_ok(h->cx, record_get_named(h->cx, "user", me->user_id, &user));
    row_set_i64(user, type_field(row_type(user), "role_id"), row_id(role));
    assert_ok(h->cx, record_save(h->cx, user));
    assert_ok(h->cx, record_get(h->cx, &contact_type, ann, &r));
    row_set_i64(r, CONTACT_OWNER, me->user_id);
    assert_ok(h->cx, record_save(h->cx, r));
    expect_story(h, me, path_of(h, "companies", firm), "the company", "Contact created | Ann\n");
    r = row_new(h->cx, deals);
    row_set_text(r, type_field(deals, "name"), "Bob's");
    row_set_i64(r, type_field(deals, "contact_id"), bob);
    assert_ok(h->cx, record_save(h->cx, r));
    expect_story(h, me, path_of(h, "deals", row_id(r)), "somebody else's deal", "");
}

static void a_deal_tells_its_contacts_story(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 ann = contact(h, "Ann", 0);
    struct web_response r;

    h->clock->fixed_ms += MS_HOUR;
    r = house_post(h, sam, "/deals",
                   arena_printf(h->arena, "name=Big&contact_id=%s", id_text(h->arena, ann)));
    house_expect(h, &r, 303);
    expect_story(h, sam, web_response_header(&r, "Location"), "a deal",
                 "Lifecycle changed | Lead → Opportunity\nDeal created: Big | New | Sam\n"
                 "Contact created\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(visits_are_told_whole, NULL),
        IN_BOTH_HOUSES(a_change_shows_before_and_after_it_reaches_the_journey, NULL),
        IN_BOTH_HOUSES(comments_stand_among_the_rest_and_can_be_taken_back, NULL),
        IN_BOTH_HOUSES(pages_lose_and_repeat_nothing, NULL),
        IN_SQLITE_HOUSE(few_among_many_are_found, NULL),
        IN_SQLITE_HOUSE(a_visit_stays_on_one_page, NULL),
        IN_SQLITE_HOUSE(a_place_that_is_none_is_the_newest, NULL),
        IN_BOTH_HOUSES(a_company_tells_of_all_its_people, NULL),
        IN_BOTH_HOUSES(who_may_not_see_a_person_does_not_see_their_journey, NULL),
        IN_SQLITE_HOUSE(a_deal_tells_its_contacts_story, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
