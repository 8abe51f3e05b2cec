/* pages_form_test.c -- forms, one fact in place, cards on a board: what is typed is kept, what
 * others changed is said. */
#include "base/json.h"
#include "kit/pages_world.h"

#define JSON                         \
    {                                \
        "Accept", "application/json" \
    }
static const struct http_pair htmx[] = { { "HX-Request", "true" }, { NULL, NULL } };

static void a_form_keeps_what_was_typed(void **state)
{
    static const struct ask cases[] = {
        { "new",
          ADMIN,
          HTTP_GET,
          "/deals/new?name=From+link&company_id={acme}",
          NULL,
          200,
          { "<h1>New deal</h1>", "value=\"From link\"", "value=\"{acme}\" selected",
            "Create and add another", "value=\"{new}\" selected", "value=\"{admin}\" selected" },
          { "name=\"status\"" } },
        { "with a value that does not fit",
          ADMIN,
          HTTP_GET,
          "/deals/new?amount=lots",
          NULL,
          200,
          { "New deal" },
          { "error-summary" } },
        { "no right", READER, HTTP_GET, "/deals/new", NULL, 403 },
        { "a stranger", STRANGER, HTTP_GET, "/deals/new", NULL, 303 },
        { "all that is wrong",
          ADMIN,
          HTTP_POST,
          "/deals",
          "name=&amount=lots&amount_currency=USD&close_date=31.2.2026&next_step=%3Ci%3Ecall",
          422,
          { "error-summary", "href=\"#f-name\"", "value=\"lots\"", "value=\"31.2.2026\"",
            "&lt;i&gt;call", "value=\"USD\" selected" } },
        { "the date as text then",
          ADMIN,
          HTTP_POST,
          "/deals",
          "name=x&close_date=soon",
          422,
          { "name=\"close_date\" type=\"text\"", "value=\"soon\"" } },
        { "nothing was made", ADMIN, HTTP_GET, "/deals", NULL, 200, { "2 deals" } },
        { "taken",
          ADMIN,
          HTTP_POST,
          "/contacts",
          "first_name=Twin&email=BEN@acme.example",
          422,
          { "error-summary", "Ben Blum", "value=\"Twin\"" } },
        { "a reference into the trash",
          ADMIN,
          HTTP_POST,
          "/deals",
          "name=x&company_id={gone}",
          422,
          { "trash" } },
        { "as JSON the error is a problem",
          ADMIN,
          HTTP_POST,
          "/deals",
          "{\"name\":\"\"}",
          422,
          { "\"field\":\"name\"" },
          { "<form" },
          { "Accept", "application/json" } },
        { "as JSON it is made",
          ADMIN,
          HTTP_POST,
          "/companies",
          "{\"name\":\"Json Ltd\",\"employees\":7,\"tags\":[\"x\",\"y\"],\"annual_revenue\":{"
          "\"amount\":\"5\",\"currency\":\"USD\"}}",
          200,
          { "\"path\":\"/companies/" },
          { NULL },
          { "Accept", "application/json" } },
        { "and there",
          ADMIN,
          HTTP_GET,
          "/api/v1/companies?q=json",
          NULL,
          200,
          { "\"employees\":7", "[\"x\",\"y\"]", "\"currency\":\"USD\"" } },
        { "made", ADMIN, HTTP_POST, "/deals",
          "name=Made&amount=1%2C200.50&amount_currency=USD&owner_id={seller}&tags=b,a", 303 },
        { "there",
          OWN,
          HTTP_GET,
          "/api/v1/deals?q=made",
          NULL,
          200,
          { "\"amount\":{\"amount\":\"1200.50\",\"currency\":\"USD\"}", "[\"a\",\"b\"]",
            "{seller}" } },
        { "no CSRF, no write",
          ADMIN,
          HTTP_POST,
          "/deals",
          "name=x",
          403,
          { NULL },
          { NULL },
          { "X-CSRF-Token", "wrong" } },
        { "no right to make", READER, HTTP_POST, "/deals", "name=x", 403 },
        { "a stranger makes none", STRANGER, HTTP_POST, "/deals", "name=x", 401 },
    };
    struct house *h = *state;
    struct world *w = world_open(h);
    struct web_response r;

    world_run(w, cases, countof(cases));
    r = house_post(h, w->admin, "/companies", "name=Next&save=next");
    assert_string_equal(web_response_header(&r, "Location"), "/companies/new");
    assert_non_null(strstr(house_cookie(h, &r, "furrow_flash"), "Next"));
}

static void an_edit_changes_only_what_was_touched(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "the form",
          ADMIN,
          HTTP_GET,
          "/deals/{deal}/edit",
          NULL,
          200,
          { "<h1>Edit Acme renewal</h1>", "value=\"12400.00\"", "name=\"version\" value=\"1\"" },
          { "Create and add" } },
        { "somebody else's", OWN, HTTP_GET, "/deals/{deal}/edit", NULL, 404 },
        { "no right", READER, HTTP_GET, "/deals/{deal}/edit", NULL, 403 },
        { "a stranger", STRANGER, HTTP_GET, "/deals/{deal}/edit", NULL, 303 },
        { "wrong",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}",
          "version=1&name=&next_step=Call",
          422,
          { "Edit Acme renewal", "value=\"Call\"", "error-summary" } },
        { "saved", ADMIN, HTTP_POST, "/deals/{deal}", "version=1&name=Acme+renewal&next_step=Call",
          303 },
        { "kept",
          ADMIN,
          HTTP_GET,
          "/api/v1/deals/{deal}",
          NULL,
          200,
          { "\"next_step\":\"Call\"", "12400.00", "{acme}", "\"version\":2" } },
        { "typed over an older one",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}",
          "version=1&name=Mine&next_step=Visit",
          409,
          { "Somebody else changed this deal", "Next step was changed from nothing to Call by Ada",
            "value=\"Visit\"", "name=\"version\" value=\"2\"", "href=\"#f-next_step\"" } },
        { "as JSON",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}",
          "{\"version\":1,\"name\":\"Mine\"}",
          409,
          { "\"code\":\"stale\"" },
          { NULL },
          { "Accept", "application/json" } },
        { "nothing was saved",
          ADMIN,
          HTTP_GET,
          "/api/v1/deals/{deal}",
          NULL,
          200,
          { "\"version\":2", "Acme renewal" } },
        { "saved over it", ADMIN, HTTP_POST, "/deals/{deal}", "version=2&name=Mine", 303 },
        { "in the trash", ADMIN, HTTP_GET, "/companies/{gone}/edit", NULL, 404 },
    };
    i64 task;
    struct row *r;

    world_run(w, cases, countof(cases));
    task = world_record(w, "activity", w->admin, "kind", "task", "subject", "Ring", "due_at",
                        "2026-12-01T09:30:45.500Z", NULL);
    world_name(w, "task", task);
    static const struct ask untouched[] = {
        { "a time keeps its seconds", ADMIN, HTTP_POST, "/activities/{task}",
          "subject=Ring+twice&due_at=2026-12-01T10:30", 303 },
    };
    assert_ok(h->cx, record_get_named(h->cx, "activity", task, &r));
    const char *shown =
        zone_format(h->arena, kit_zone(h->cx), row_i64(r, type_field(row_type(r), "due_at")),
                    "yyyy-MM-dd'T'HH:mm");
    struct ask same = untouched[0];
    same.body = arena_printf(h->arena, "subject=Ring+twice&due_at=%s", shown);
    world_run(w, &same, 1);
    assert_ok(h->cx, record_get_named(h->cx, "activity", task, &r));
    assert_string_equal(time_iso(h->arena, row_i64(r, type_field(row_type(r), "due_at"))),
                        "2026-12-01T09:30:45.500Z");
}

static void one_fact_is_edited_in_place(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "the control",
          ADMIN,
          HTTP_GET,
          "/deals/{deal}/edit/amount",
          NULL,
          200,
          { "id=\"fact-amount\"", "value=\"12400.00\"", "name=\"version\" value=\"1\"" },
          { "<html" } },
        { "back",
          ADMIN,
          HTTP_GET,
          "/deals/{deal}/fact/amount",
          NULL,
          200,
          { "€12,400.00", "/deals/{deal}/edit/amount" } },
        { "not by a reader",
          READER,
          HTTP_GET,
          "/deals/{deal}/fact/amount",
          NULL,
          200,
          { "€12,400.00" },
          { "/edit/amount" } },
        { "a computed one",
          ADMIN,
          HTTP_GET,
          "/deals/{deal}/edit/status",
          NULL,
          403,
          { "worked out" } },
        { "no such", ADMIN, HTTP_GET, "/deals/{deal}/edit/nme", NULL, 404 },
        { "a secret", ADMIN, HTTP_GET, "/users/{admin}/fact/password_hash", NULL, 404 },
        { "a stranger", STRANGER, HTTP_GET, "/deals/{deal}/edit/amount", NULL, 303 },
        { "somebody else's", OWN, HTTP_GET, "/deals/{deal}/edit/amount", NULL, 404 },
        { "without a script a page", ADMIN, HTTP_POST, "/deals/{deal}/edit/next_step",
          "next_step=Call&version=1", 303 },
        { "without a script an error is a page",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/edit/amount",
          "amount=lots&version=2",
          422,
          { "Edit Acme renewal", "value=\"lots\"" } },
        { "a stranger's", STRANGER, HTTP_POST, "/deals/{deal}/edit/amount", "amount=1", 401 },
    };
    static const struct ask parts[] = {
        { "wrong",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/edit/amount",
          "amount=lots&version=2",
          422,
          { "fact-editing", "value=\"lots\"", "field-error" },
          { "<html" } },
        { "stale",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/edit/amount",
          "amount=5&version=1",
          422,
          { "Somebody changed this deal", "value=\"5\"", "name=\"version\" value=\"2\"" } },
        { "what another rule says",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/edit/stage_id",
          "stage_id={lost}&version=2",
          422,
          { "why the deal was lost" } },
        { "saved",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/edit/amount",
          "amount=5&amount_currency=EUR&version=2",
          200,
          { "€5.00", "fact-edit" },
          { "fact-editing" } },
    };

    world_run(w, cases, countof(cases));
    for (size_t i = 0; i < countof(parts); i++) {
        struct web_response r = house_ask(h, w->admin, HTTP_POST, world_text(w, parts[i].target),
                                          world_text(w, parts[i].body), htmx);
        world_check(w, &parts[i], &r);
    }
}

static void cards_move_over_the_board(void **state)
{
    static const struct ask cases[] = {
        { "the board",
          ADMIN,
          HTTP_GET,
          "/deals/board",
          NULL,
          200,
          { "2 open deals · €12.9K", "data-column=\"{new}\"", "Acme renewal", "column-end",
            "value=\"{proposal}\"", "/deals/{deal}" } },
        { "only mine",
          OWN,
          HTTP_GET,
          "/deals/board",
          NULL,
          200,
          { "1 open deal ·" },
          { "Acme renewal" } },
        { "a stranger", STRANGER, HTTP_GET, "/deals/board", NULL, 303 },
        { "filtered",
          ADMIN,
          HTTP_GET,
          "/deals/board?filter=amount+%3C+1000",
          NULL,
          200,
          { "1 open deal ·" },
          { "Acme renewal" } },
        { "moved",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/move",
          "field=stage_id&value={proposal}&version=1",
          200,
          { "\"version\":2" },
          { NULL },
          JSON },
        { "without a script", ADMIN, HTTP_POST, "/deals/{deal}/move", "value={new}&version=2",
          303 },
        { "stale",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/move",
          "value={proposal}&version=2",
          409,
          { "\"code\":\"stale\"" },
          { NULL },
          JSON },
        { "to no column",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/move",
          "value={deal}&version=3",
          422,
          { "ref.missing" },
          { NULL },
          JSON },
        { "of another field",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/move",
          "field=owner_id&value={seller}",
          422,
          { "board.field" },
          { NULL },
          JSON },
        { "to lost asks why",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/move",
          "value={lost}&version=3",
          428,
          { "\"url\":\"/deals/{deal}/lost\"" },
          { NULL },
          JSON },
        { "without a script too", ADMIN, HTTP_POST, "/deals/{deal}/move", "value={lost}&version=3",
          303 },
        { "and has not moved",
          ADMIN,
          HTTP_GET,
          "/api/v1/deals/{deal}",
          NULL,
          200,
          { "{new}", "\"version\":3" } },
        { "not somebody else's", OWN, HTTP_POST, "/deals/{deal}/move", "value={won}", 404 },
        { "not by a reader", READER, HTTP_POST, "/deals/{deal}/move", "value={won}", 403 },
        { "not by a stranger", STRANGER, HTTP_POST, "/deals/{deal}/move", "value={won}", 401 },
        { "won",
          ADMIN,
          HTTP_POST,
          "/deals/{deal}/move",
          "value={won}&version=3",
          200,
          { NULL },
          { NULL },
          JSON },
        { "is no longer open",
          ADMIN,
          HTTP_GET,
          "/deals/board",
          NULL,
          200,
          { "1 open deal · €500", "Acme renewal" } },
        { "no board", ADMIN, HTTP_GET, "/companies/board", NULL, 404 },
    };

    world_run(world_open(*state), cases, countof(cases));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_form_keeps_what_was_typed, NULL),
        IN_BOTH_HOUSES(an_edit_changes_only_what_was_touched, NULL),
        IN_BOTH_HOUSES(one_fact_is_edited_in_place, NULL),
        IN_BOTH_HOUSES(cards_move_over_the_board, NULL),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
