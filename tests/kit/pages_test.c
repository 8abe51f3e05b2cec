/* pages_test.c -- the pages that every record type gets: as an administrator, as a seller who sees
 * only what is theirs, as a reader, as a stranger. */
#include "base/json.h"
#include "kit/pages_world.h"

static void every_type_has_pages_that_open(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const char *const tails[] = { "", ".csv", "/filter", "/trash", "/new" };
    size_t types;
    const struct record_type *const *all = type_all(h->cx, &types);

    for (size_t i = 0; i < types; i++) {
        const struct record_type *t = all[i];
        for (size_t p = 0; p < countof(tails); p++) {
            bool none = (text_is(tails[p], "/new") && t->flags & TYPE_NO_CREATE) ||
                        (text_is(tails[p], "/trash") && t->flags & TYPE_NO_DELETE);
            const char *target = arena_printf(h->arena, "/%s%s", t->path, tails[p]);
            struct web_response r = house_get(h, w->admin, target);
            if (r.status != (none ? 404 : 200))
                fail_msg("%s answered %d:\n%.*s", target, r.status, (int)r.body.len, r.body.p);
            r = house_json(h, w->admin, HTTP_GET, target, NULL);
            if (r.status != (none ? 404 : 200))
                fail_msg("%s as JSON answered %d:\n%.*s", target, r.status, (int)r.body.len,
                         r.body.p);
            r = house_ask(h, w->admin, HTTP_HEAD, target, NULL, NULL);
            if (r.status != (none ? 404 : 200) || r.body.len)
                fail_msg("HEAD %s answered %d", target, r.status);
        }
    }
}

static void a_record_has_facts_actions_and_related(void **state)
{
    static const struct ask cases[] = {
        { "a deal",
          ADMIN,
          HTTP_GET,
          "/deals/{deal}",
          NULL,
          200,
          { "<h1>Acme renewal</h1>", "Acme &lt;Corp&gt;", "€12,400.00",
            "action=\"/deals/{deal}/won\"", "/deals/{deal}/lost", "/deals/{deal}/delete" } },
        { "for a reader",
          READER,
          HTTP_GET,
          "/deals/{deal}",
          NULL,
          200,
          { "€12,400.00" },
          { "/won\"", "/edit", "/delete\"", "Save note" } },
        { "somebody else's", OWN, HTTP_GET, "/deals/{deal}", NULL, 404 },
        { "one's own", OWN, HTTP_GET, "/deals/{mine}", NULL, 200, { "Sal's first", "Won" } },
        { "a stranger", STRANGER, HTTP_GET, "/deals/{deal}", NULL, 303 },
        { "a company with its people",
          ADMIN,
          HTTP_GET,
          "/companies/{acme}",
          NULL,
          200,
          { "Ben Blum", "/contacts/new?company_id={acme}", "Acme renewal",
            "/deals?filter=company_id%20%3D%20%27{acme}%27" } },
        { "as far as one may see",
          OWN,
          HTTP_GET,
          "/companies/{acme}",
          NULL,
          200,
          { "Ben Blum" },
          { "Acme renewal", "/contacts/new" } },
        { "what is not there is what may be added",
          ADMIN,
          HTTP_GET,
          "/companies/{acme}",
          NULL,
          200,
          { "Nothing yet", "<span class=\"sr\">Add to </span>" } },
        { "a person has a mark",
          ADMIN,
          HTTP_GET,
          "/contacts/{ben}",
          NULL,
          200,
          { "avatar-big", ">BB<", "mailto:ben@acme.example" } },
        { "the tree of it",
          ADMIN,
          HTTP_GET,
          "/deals/{deal}",
          NULL,
          200,
          { "\"facts\":[", "\"highlights\":[", "\"related\":[", "\"can_edit\":true" },
          { "<html", "\"shell\"" },
          { "Accept", "application/json" } },
        { "in the trash",
          ADMIN,
          HTTP_GET,
          "/companies/{gone}",
          NULL,
          404,
          { "Gone Ltd is in the trash", "action=\"/companies/{gone}/restore\"" } },
        { "in the trash, for one who may not",
          READER,
          HTTP_GET,
          "/companies/{gone}",
          NULL,
          404,
          { "is in the trash" },
          { "/restore" } },
        { "nowhere", ADMIN, HTTP_GET, "/companies/0000000000001", NULL, 404, { "no company" } },
    };

    world_run(world_open(*state), cases, countof(cases));
}

static void the_composer_writes_activities(void **state)
{
    static const struct ask cases[] = {
        { "a note first",
          ADMIN,
          HTTP_GET,
          "/contacts/{ben}",
          NULL,
          200,
          { "Save note", "name=\"body\"", "compose=call" } },
        { "a call",
          ADMIN,
          HTTP_GET,
          "/contacts/{ben}?compose=call",
          NULL,
          200,
          { "Log call", "name=\"outcome\"", "compose?kind=call" } },
        { "nothing typed",
          ADMIN,
          HTTP_POST,
          "/contacts/{ben}/compose?kind=note",
          "body=",
          422,
          { "Ben Blum", "Write a subject or a text" } },
        { "what was typed is kept",
          ADMIN,
          HTTP_POST,
          "/contacts/{ben}/compose?kind=task",
          "subject=Send+papers&due_at=whenever",
          422,
          { "Send papers", "value=\"whenever\"", "Add task", "field-error" } },
        { "a note", ADMIN, HTTP_POST, "/contacts/{ben}/compose?kind=note", "body=Likes+tea", 303 },
        { "is told", ADMIN, HTTP_GET, "/contacts/{ben}", NULL, 200, { "Likes tea" } },
        { "is an activity of him and his company",
          ADMIN,
          HTTP_GET,
          "/api/v1/activities?filter=contact_id+%3D+%27{ben}%27",
          NULL,
          200,
          { "Likes tea", "\"kind\":\"note\"", "\"company_id\":\"{acme}\"", "\"done\":true" } },
        { "a reader writes nothing", READER, HTTP_POST, "/contacts/{ben}/compose?kind=note",
          "body=x", 403 },
        { "a stranger neither", STRANGER, HTTP_POST, "/contacts/{ben}/compose?kind=note", "body=x",
          401 },
        { "not on what one may not see", OWN, HTTP_POST, "/deals/{deal}/compose?kind=note",
          "body=x", 404 },
    };

    world_run(world_open(*state), cases, countof(cases));
}

static void comments_are_for_colleagues(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    const char *page;
    struct web_response r;

    world_name(w, "form", world_record(w, "form", w->admin, "name", "Contact us", NULL));
    static const struct ask cases[] = {
        { "the box",
          ADMIN,
          HTTP_GET,
          "/forms/{form}",
          NULL,
          200,
          { "Add comment", "Nobody has written here yet", "/forms/{form}/comments" } },
        { "empty",
          ADMIN,
          HTTP_POST,
          "/forms/{form}/comments",
          "text=+",
          422,
          { "Write a comment first", "Contact us" } },
        { "a comment", ADMIN, HTTP_POST, "/forms/{form}/comments", "text=Too+%3Cb%3Elong", 303 },
        { "is shown",
          READER,
          HTTP_GET,
          "/forms/{form}",
          NULL,
          200,
          { "Too &lt;b&gt;long", "Ada Admin" },
          { "Remove this comment" } },
        { "a stranger", STRANGER, HTTP_POST, "/forms/{form}/comments", "text=x", 401 },
        { "not on what one may not see", OWN, HTTP_POST, "/forms/{form}/comments", "text=x", 403 },
        { "on one's deal by a colleague", ADMIN, HTTP_POST, "/deals/{mine}/comments",
          "text=Good+one", 303 },
        { "is told to its owner", OWN, HTTP_GET, "/notifications", NULL, 200, { "Ada Admin on" } },
    };
    world_run(w, cases, countof(cases));
    r = house_get(h, w->admin, world_text(w, "/forms/{form}"));
    page = memmem(r.body.p, r.body.len, "/comments/", 10);
    assert_non_null(page);
    page = arena_printf(h->arena, "%s/comments/%.13s/delete", world_text(w, "/forms/{form}"),
                        page + 10);
    r = house_post(h, w->reader, page, "");
    house_expect(h, &r, 403);
    r = house_post(h, w->admin, page, "");
    house_expect(h, &r, 303);
    r = house_get(h, w->admin, world_text(w, "/forms/{form}"));
    assert_false(house_has(&r, "Too &lt;b&gt;long"));
}

static void history_tells_every_change(void **state)
{
    static const struct ask cases[] = {
        { "saved", ADMIN, HTTP_POST, "/deals/{deal}", "name=Acme+2&amount=10&amount_currency=EUR",
          303 },
        { "told",
          ADMIN,
          HTTP_GET,
          "/deals/{deal}/history",
          NULL,
          200,
          { "History of Acme 2", "Created", "<del>Acme renewal</del>", "€12,400.00", "€10.00",
            "Ada Admin" } },
        { "with those who may", OWN, HTTP_GET, "/deals/{deal}/history", NULL, 404 },
        { "a stranger", STRANGER, HTTP_GET, "/deals/{deal}/history", NULL, 303 },
    };

    world_run(world_open(*state), cases, countof(cases));
}

static void deleting_asks_and_can_be_undone(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "a question",
          ADMIN,
          HTTP_GET,
          "/deals/{deal}/delete",
          NULL,
          200,
          { "Move Acme renewal to the trash?", "name=\"confirmed\"" } },
        { "asked of a post too",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/delete",
          "",
          200,
          { "Move Acme renewal to the trash?" } },
        { "and nothing done", ADMIN, HTTP_GET, "/deals/{deal}", NULL, 200 },
        { "no right", READER, HTTP_POST, "/deals/{deal}/delete", "confirmed=true", 403 },
        { "somebody else's", OWN, HTTP_POST, "/deals/{deal}/delete", "confirmed=true", 404 },
        { "a stranger", STRANGER, HTTP_POST, "/deals/{deal}/delete", "confirmed=true", 401 },
        { "deleted", ADMIN, HTTP_POST, "/deals/{deal}/delete", "confirmed=true", 303 },
        { "in the trash",
          ADMIN,
          HTTP_GET,
          "/deals/trash",
          NULL,
          200,
          { "Acme renewal", "Ada Admin", "/deals/{deal}/restore" },
          { "Sal" } },
        { "to look at",
          READER,
          HTTP_GET,
          "/deals/trash",
          NULL,
          200,
          { "Acme renewal" },
          { "/restore" } },
        { "not in another's", OWN, HTTP_GET, "/deals/trash", NULL, 200, { "The trash is empty" } },
        { "restored by nobody else", OWN, HTTP_POST, "/deals/{deal}/restore", "", 404 },
        { "restored", ADMIN, HTTP_POST, "/deals/{deal}/restore", "", 303 },
        { "there", ADMIN, HTTP_GET, "/deals/{deal}", NULL, 200, { "Acme renewal" } },
        { "no trash for readers", READER, HTTP_GET, "/deals/trash", NULL, 200 },
    };
    struct web_response r;

    world_run(w, cases, countof(cases));
    r = house_post(h, w->admin, world_text(w, "/deals/{deal}/delete"), "confirmed=true");
    assert_string_equal(web_response_header(&r, "Location"), "/deals");
    struct http_pair flash[] = { { "Cookie",
                                   arena_printf(h->arena, "%s; furrow_flash=%s", w->admin->cookie,
                                                house_cookie(h, &r, "furrow_flash")) },
                                 { NULL, NULL } };
    r = house_ask(h, w->admin, HTTP_GET, "/deals", NULL, flash);
    assert_true(house_has(&r, world_text(w, "action=\"/deals/{deal}/restore\"")));
    assert_true(house_has(&r, "Undo"));
}

static void search_finds_records_pages_and_what_to_make(void **state)
{
    static const struct ask cases[] = {
        { "a person",
          ADMIN,
          HTTP_GET,
          "/search?q=blum",
          NULL,
          200,
          { "/contacts/{ben}", "Contacts" } },
        { "a part, for the palette",
          ADMIN,
          HTTP_GET,
          "/search?q=blum",
          NULL,
          200,
          { "id=\"results\"" },
          { "<html" },
          { "HX-Request", "true" } },
        { "not what one may not see",
          OWN,
          HTTP_GET,
          "/search?q=acme",
          NULL,
          200,
          { "/companies/{acme}" },
          { "renewal" } },
        { "a page", ADMIN, HTTP_GET, "/search?q=contac", NULL, 200, { "href=\"/contacts\"" } },
        { "a new one", ADMIN, HTTP_GET, "/search?q=new+deal", NULL, 200, { "/deals/new" } },
        { "not for those who may not",
          READER,
          HTTP_GET,
          "/search?q=new+deal",
          NULL,
          200,
          { NULL },
          { "/deals/new" } },
        { "nothing", ADMIN, HTTP_GET, "/search?q=zzzz", NULL, 200, { "Nothing matches" } },
        { "what I worked on",
          ADMIN,
          HTTP_GET,
          "/search",
          NULL,
          200,
          { "Lately", "/contacts/{ben}" },
          { "Gone Ltd" } },
        { "a stranger", STRANGER, HTTP_GET, "/search", NULL, 303 },
        { "a reference",
          ADMIN,
          HTTP_GET,
          "/search/ref?type=company&q=ac",
          NULL,
          200,
          { "\"id\":\"{acme}\"" } },
        { "to what one may not read", OWN, HTTP_GET, "/search/ref?type=user&q=a", NULL, 403 },
        { "to nothing", ADMIN, HTTP_GET, "/search/ref?type=unicorn&q=a", NULL, 422 },
    };

    world_run(world_open(*state), cases, countof(cases));
}

static void notifications_are_read_once(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask before[] = {
        { "none", ADMIN, HTTP_GET, "/notifications", NULL, 200, { "Nothing new" } },
        { "a stranger", STRANGER, HTTP_GET, "/notifications", NULL, 303 },
    };
    static const struct ask after[] = {
        { "one",
          ADMIN,
          HTTP_GET,
          "/notifications",
          NULL,
          200,
          { "Ben wrote", "is-unread", "href=\"/contacts/{ben}\"" } },
        { "not another's", OWN, HTTP_GET, "/notifications", NULL, 200, { "Nothing new" } },
        { "read", ADMIN, HTTP_POST, "/notifications/read", "", 303 },
        { "read now",
          ADMIN,
          HTTP_GET,
          "/notifications",
          NULL,
          200,
          { "Ben wrote" },
          { "is-unread" } },
    };

    world_run(w, before, countof(before));
    assert_ok(h->cx, notify(h->cx, w->admin->user_id, "mail", "Ben wrote",
                            world_text(w, "/contacts/{ben}")));
    world_run(w, after, countof(after));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(every_type_has_pages_that_open, NULL),
        IN_BOTH_HOUSES(a_record_has_facts_actions_and_related, NULL),
        IN_BOTH_HOUSES(the_composer_writes_activities, NULL),
        IN_BOTH_HOUSES(comments_are_for_colleagues, NULL),
        IN_BOTH_HOUSES(history_tells_every_change, NULL),
        IN_BOTH_HOUSES(deleting_asks_and_can_be_undone, NULL),
        IN_BOTH_HOUSES(search_finds_records_pages_and_what_to_make, NULL),
        IN_SQLITE_HOUSE(notifications_are_read_once, NULL),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
