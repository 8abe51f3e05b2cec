/* pages_list_test.c -- lists of records: filters, order, views, export, and what is done to ticked
 * rows. */
#include "base/json.h"
#include "base/limits.h"
#include "kit/pages_world.h"

static void a_list_shows_filters_orders_and_counts(void **state)
{
    static const struct ask cases[] = {
        { "all",
          ADMIN,
          HTTP_GET,
          "/deals",
          NULL,
          200,
          { "<h1>Deals</h1>", "2 deals", "Acme renewal", "/deals/{deal}", "€12,400.00",
            "Ada Admin" },
          { "chip-x" } },
        { "only mine",
          OWN,
          HTTP_GET,
          "/deals",
          NULL,
          200,
          { "1 deal<", "first" },
          { "Acme renewal", "/deals/new\"x" } },
        { "a stranger", STRANGER, HTTP_GET, "/deals", NULL, 303 },
        { "no right", OWN, HTTP_GET, "/users", NULL, 403 },
        { "what is typed is escaped",
          ADMIN,
          HTTP_GET,
          "/companies?q=%3Cb%3E",
          NULL,
          200,
          { "value=\"&lt;b&gt;\"" },
          { "<b>" } },
        { "names are escaped",
          ADMIN,
          HTTP_GET,
          "/companies",
          NULL,
          200,
          { "Acme &lt;Corp&gt;" },
          { "Acme <Corp>", "Gone Ltd" } },
        { "found by a word",
          ADMIN,
          HTTP_GET,
          "/deals?q=renew",
          NULL,
          200,
          { "Acme renewal" },
          { "Sal's first" } },
        { "filtered",
          ADMIN,
          HTTP_GET,
          "/deals?filter=amount+%3E+1000",
          NULL,
          200,
          { "1 deal<", "chip-value", "Acme renewal", "Remove this", "href=\"/deals\">Clear" },
          { "Sal's first" } },
        { "and sorted",
          ADMIN,
          HTTP_GET,
          "/deals?filter=amount+%3E+1&sort=amount",
          NULL,
          200,
          { "aria-sort=\"ascending\"", "sort=-amount",
            "/deals.csv?filter=amount%20%3E%201.00&amp;sort=amount" } },
        { "numbers come large first", ADMIN, HTTP_GET, "/deals", NULL, 200, { "sort=-amount" } },
        { "nothing matches",
          ADMIN,
          HTTP_GET,
          "/deals?filter=amount+%3E+99999999",
          NULL,
          200,
          { "Nothing matches", "Clear the filter" },
          { "<table" } },
        { "nothing yet", ADMIN, HTTP_GET, "/tickets-that-are-none", NULL, 404 },
        { "empty, with what to do",
          ADMIN,
          HTTP_GET,
          "/campaigns",
          NULL,
          200,
          { "No campaigns yet", "/campaigns/new", "New campaign" } },
        { "empty, for one who may not",
          READER,
          HTTP_GET,
          "/campaigns",
          NULL,
          200,
          { "No campaigns yet" },
          { "/campaigns/new" } },
        { "columns as chosen",
          ADMIN,
          HTTP_GET,
          "/deals?col=next_step&col=tags",
          NULL,
          200,
          { "scope=\"col\" aria-sort=\"none\">", "Next step", "cols=next_step%2Ctags" },
          { "c-money" } },
        { "columns by address",
          ADMIN,
          HTTP_GET,
          "/deals?cols=tags,nonsense,name",
          NULL,
          200,
          { "c-tags" },
          { "c-money" } },
        { "a filter that is none",
          ADMIN,
          HTTP_GET,
          "/deals?filter=amonut+%3E+1",
          NULL,
          422,
          { "This list cannot be shown", "amonut", "Show all" },
          { "Acme renewal" } },
        { "a cursor that is none",
          ADMIN,
          HTTP_GET,
          "/deals?cursor=zz",
          NULL,
          422,
          { "cannot be shown" } },
        { "an order that is none", ADMIN, HTTP_GET, "/deals?sort=zz", NULL, 422, { "sorted by" } },
        { "a reader gets no buttons",
          READER,
          HTTP_GET,
          "/deals",
          NULL,
          200,
          { "Acme renewal" },
          { "/deals/new", "name=\"action\"", "Export", "/deals/trash" } },
        { "a seller exports theirs", OWN, HTTP_GET, "/deals", NULL, 200, { "Export" } },
    };

    world_run(world_open(*state), cases, countof(cases));
}

static void a_list_pages_forth_and_back(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    struct web_response r;
    const struct val *v;
    const char *older;

    for (int i = 0; i < 60; i++)
        (void)world_record(w, "deal", w->admin, "name", arena_printf(h->arena, "Deal %02d", i),
                           NULL);
    r = house_json(h, w->admin, HTTP_GET, "/deals?sort=name", NULL);
    v = house_val(h, &r);
    assert_string_equal(val_get_text(v, "count"), "62 deals");
    assert_int_equal(val_count(val_get(v, "rows")), 50);
    assert_string_equal(val_get_text(val_get(v, "pager"), "newer_url"), "");
    older = val_get_text(val_get(v, "pager"), "older_url");
    r = house_json(h, w->admin, HTTP_GET, older, NULL);
    v = house_val(h, &r);
    assert_int_equal(val_count(val_get(v, "rows")), 12);
    assert_string_equal(val_get_text(val_get(v, "pager"), "older_url"), "");
    r = house_json(h, w->admin, HTTP_GET, val_get_text(val_get(v, "pager"), "newer_url"), NULL);
    assert_int_equal(val_count(val_get(house_val(h, &r), "rows")), 50);
    r = house_get(h, w->admin,
                  arena_printf(h->arena, "%s&filter=name%%20is%%20not%%20empty", older));
    house_expect(h, &r, 422); /* the cursor belongs to another list */
    assert_true(house_has(&r, "Begin again"));
}

static void a_condition_is_added_by_form(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct {
        const char *query, *location;
    } cases[] = {
        { "add_field=amount&add_op=%3E&add_value=1000", "/deals?filter=amount%20%3E%201000.00" },
        { "add_field=name&add_op=contains&add_value=it%27s",
          "/deals?filter=name%20contains%20%27it%27%27s%27" },
        { "filter=amount+%3E+1&add_field=tags&add_op=empty&add_value=&q=x",
          "/deals?filter=amount%20%3E%201%20and%20tags%20is%20empty&q=x" },
        { "add_field=owner_id&add_op=%3D&add_value=me", "/deals?filter=owner_id%20%3D%20me" },
    };
    static const struct ask wrong[] = {
        { "no amount",
          ADMIN,
          HTTP_GET,
          "/deals?add_field=amount&add_op=%3E&add_value=lots",
          NULL,
          422,
          { "data-menu=\"filter\" open", "value=\"lots\"", "field-error", "Acme renewal" } },
        { "no value",
          ADMIN,
          HTTP_GET,
          "/deals?add_field=amount&add_op=%3E&add_value=",
          NULL,
          422,
          { "Give a value" } },
        { "no field",
          ADMIN,
          HTTP_GET,
          "/deals?add_field=nme&add_op=%3D&add_value=1",
          NULL,
          422,
          { "nme" } },
        { "the rest of the form, of a date",
          ADMIN,
          HTTP_GET,
          "/deals/filter?add_field=close_date",
          NULL,
          200,
          { "name=\"add_op\"", "name=\"add_value\"", "last_month" },
          { "<html" } },
        { "of a choice",
          ADMIN,
          HTTP_GET,
          "/deals/filter?add_field=status",
          NULL,
          200,
          { "value=\"won\"", "<select" } },
        { "of a reference",
          ADMIN,
          HTTP_GET,
          "/deals/filter?add_field=owner_id",
          NULL,
          200,
          { "data-combo=\"/search/ref?type=user\"", "value=\"me\"", "Sal Seller" } },
        { "of a yes or no",
          ADMIN,
          HTTP_GET,
          "/pipelines/filter?add_field=is_default",
          NULL,
          200,
          { "is yes" },
          { "add_value" } },
        { "of a neighbour's field",
          ADMIN,
          HTTP_GET,
          "/deals/filter?add_field=company_id.industry",
          NULL,
          200,
          { "Software" } },
    };

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r =
            house_get(h, w->admin, arena_printf(h->arena, "/deals?%s", cases[i].query));
        house_expect(h, &r, 303);
        assert_string_equal(web_response_header(&r, "Location"), cases[i].location);
        r = house_get(h, w->admin, cases[i].location);
        house_expect(h, &r, 200);
    }
    world_run(w, wrong, countof(wrong));
}

static void views_are_saved_shared_and_removed(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    const char *filter = "/deals?filter=amount%20%3E%201000.00";
    struct web_response r = house_get(h, w->admin, filter);
    const struct val *v;

    assert_true(house_has(&r, "Save view"));
    r = house_post(h, w->admin, "/deals/views", "name=Large&filter=amount+%3E+1000");
    house_expect(h, &r, 303);
    assert_string_equal(web_response_header(&r, "Location"), filter);
    r = house_post(h, w->own, "/deals/views",
                   "name=Everybody%27s&filter=status+%3D+%27open%27&shared=true");
    house_expect(h, &r, 303);
    r = house_post(h, w->admin, "/deals/views", "name=+&filter=");
    house_expect(h, &r, 422);
    r = house_post(h, w->admin, "/deals/views", "name=x&filter=amonut+%3E+1");
    house_expect(h, &r, 422);

    r = house_json(h, w->admin, HTTP_GET, filter, NULL);
    v = house_val(h, &r);
    assert_int_equal(val_count(val_get(v, "views")), 3); /* all, the shared one, mine */
    assert_false(val_get_bool(v, "view_save"));
    const char *mine = val_get_text(v, "view_remove_url");
    assert_true(mine[0] == '/');
    r = house_json(h, w->own, HTTP_GET, "/deals", NULL);
    v = house_val(h, &r);
    assert_int_equal(val_count(val_get(v, "views")), 2);
    assert_true(val_get_bool(val_at(val_get(v, "views"), 0), "on"));
    r = house_post(h, w->own, mine, "");
    house_expect(h, &r, 404); /* not theirs */
    r = house_post(h, w->admin, mine, "");
    house_expect(h, &r, 303);
    r = house_json(h, w->admin, HTTP_GET, "/deals", NULL);
    assert_int_equal(val_count(val_get(house_val(h, &r), "views")), 2);
}

/* A view as its reader's own first page of a list; renamed, and saved over. */
static void a_view_opens_the_list(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    const char *shown = "/deals?filter=status%20%3D%20%27open%27", *url;
    struct web_response r;

    r = house_post(h, w->own, "/deals/views", "name=Open&filter=status+%3D+%27open%27&shared=true");
    house_expect(h, &r, 303);
    r = house_json(h, w->own, HTTP_GET, shown, NULL);
    url = val_get_text(val_get(house_val(h, &r), "view_on"), "rename_url");
    assert_true(url[0] == '/');
    world_name(w, "view", 0);
    assert_true(id_parse(str_from(strrchr(url, '/') + 1), &w->ids[w->count - 1].id));

    static const struct ask cases[] = {
        { "nobody's default yet", OWN, HTTP_GET, "/deals", NULL, 200, { "href=\"/deals\"" } },
        { "is offered",
          ADMIN,
          HTTP_GET,
          "/deals?filter=status+%3D+%27open%27",
          NULL,
          200,
          { "Make it my default" },
          { "Rename view" } },
        { "a stranger", STRANGER, HTTP_POST, "/deals/views/{view}/first", "", 401 },
        { "one that is not there", ADMIN, HTTP_POST, "/deals/views/{deal}/first", "", 404 },
        { "nor of another list", ADMIN, HTTP_POST, "/contacts/views/{view}/first", "", 404 },
        { "a shared one becomes mine", ADMIN, HTTP_POST, "/deals/views/{view}/first", "", 303 },
        { "twice", ADMIN, HTTP_POST, "/deals/views/{view}/first", "", 303 },
        { "the list opens with it", ADMIN, HTTP_GET, "/deals", NULL, 303 },
        { "not for others", OWN, HTTP_GET, "/deals", NULL, 200 },
        { "all are there still",
          ADMIN,
          HTTP_GET,
          "/deals?filter=status+%3D+%27open%27",
          NULL,
          200,
          { "href=\"/deals?view=all\"", "Not my default" } },
        { "by that address",
          ADMIN,
          HTTP_GET,
          "/deals?view=all",
          NULL,
          200,
          { "2 deals", "aria-current=\"true\">All deals" } },
        { "and by taking away the last condition",
          ADMIN,
          HTTP_GET,
          "/deals?filter=amount+%3E+1",
          NULL,
          200,
          { "href=\"/deals?view=all\">Clear" } },
        { "no longer", ADMIN, HTTP_POST, "/deals/views/{view}/first", "off=true", 303 },
        { "opens with all", ADMIN, HTTP_GET, "/deals", NULL, 200, { "2 deals" } },
        { "is renamed by whose it is alone", ADMIN, HTTP_POST, "/deals/views/{view}", "name=x",
          404 },
        { "nor by a stranger", STRANGER, HTTP_POST, "/deals/views/{view}", "name=x", 401 },
        { "needs a name", OWN, HTTP_POST, "/deals/views/{view}", "name=+", 422 },
        { "renamed", OWN, HTTP_POST, "/deals/views/{view}", "name=Still+open", 303 },
        { "seen", ADMIN, HTTP_GET, "/deals", NULL, 200, { "Still open" } },
        { "another's is not saved over", ADMIN, HTTP_POST, "/deals/views",
          "over={view}&filter=amount+%3E+1", 404 },
        { "one's own may be",
          OWN,
          HTTP_GET,
          "/deals?filter=amount+%3E+1",
          NULL,
          200,
          { "Instead of what Still open", "value=\"{view}\"" } },
        { "is", OWN, HTTP_POST, "/deals/views", "over={view}&filter=amount+%3E+1", 303 },
        { "and keeps its name",
          OWN,
          HTTP_GET,
          "/deals?filter=amount+%3E+1",
          NULL,
          200,
          { "Rename view", "value=\"Still open\"" } },
        { "first once more", ADMIN, HTTP_POST, "/deals/views/{view}/first", "", 303 },
        { "removed", OWN, HTTP_POST, "/deals/views/{view}/delete", "", 303 },
        { "nothing is left of it", ADMIN, HTTP_GET, "/deals", NULL, 200, { "2 deals" } },
    };
    world_run(w, cases, countof(cases));
}

static i64 count_of(struct house *h, const char *verb)
{
    i64 n = 0;
    struct sql q = sql_new(h->cx);

    sql_add(&q, "SELECT count(*) FROM change WHERE verb = ");
    sql_text(&q, verb);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    if (stmt_next(&s))
        n = col_i64(&s, 0);
    assert_ok(h->cx, stmt_status(&s));
    return n;
}

static void a_list_is_exported_and_that_is_logged(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "all of it",
          ADMIN,
          HTTP_GET,
          "/deals.csv",
          NULL,
          200,
          { "\xEF\xBB\xBFid,Name,Company,company_id,", "{deal},Acme renewal,Acme <Corp>,{acme},",
            "12400.00 EUR", "Sal's first" } },
        { "as filtered",
          ADMIN,
          HTTP_GET,
          "/deals.csv?filter=amount+%3E+1000",
          NULL,
          200,
          { "Acme renewal" },
          { "Sal's" } },
        { "as searched",
          ADMIN,
          HTTP_GET,
          "/deals.csv?q=first",
          NULL,
          200,
          { "Sal's" },
          { "Acme renewal" } },
        { "only mine", OWN, HTTP_GET, "/deals.csv", NULL, 200, { "Sal's" }, { "Acme renewal" } },
        { "no secrets",
          ADMIN,
          HTTP_GET,
          "/users.csv",
          NULL,
          200,
          { "Ada Admin" },
          { "argon", "password" } },
        { "without the right", READER, HTTP_GET, "/deals.csv", NULL, 403 },
        { "a stranger", STRANGER, HTTP_GET, "/deals.csv", NULL, 303 },
        { "a filter that is none", ADMIN, HTTP_GET, "/deals.csv?filter=zz", NULL, 422 },
    };
    struct web_response r;

    (void)world_record(w, "deal", w->admin, "name", "=1+1", NULL);
    world_run(w, cases, countof(cases));
    assert_int_equal(count_of(h, "export"), 5);
    r = house_get(h, w->admin, "/deals.csv?sort=-name");
    assert_string_equal(r.type, "text/csv; charset=utf-8");
    assert_string_equal(web_response_header(&r, "Content-Disposition"),
                        "attachment; filename=\"deals-2026-11-23.csv\"");
    assert_true(house_has(&r, "'=1+1"));
}

static void exports_are_whole_however_long(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    struct web_response r;
    int lines = 0;

    for (int i = 0; i < 450; i++)
        (void)world_record(w, "company", NULL, "name", arena_printf(h->arena, "Firm %03d", i),
                           NULL);
    r = house_get(h, w->admin, "/companies.csv?sort=name");
    for (size_t i = 0; i < r.body.len; i++)
        lines += r.body.p[i] == '\n';
    assert_int_equal(lines, 452);
    assert_true(house_has(&r, "Firm 449"));
}

/* The page says at once that there are many; how many exactly comes right behind it. */
static void a_long_list_is_counted_whole_behind_the_page(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "many",
          ADMIN,
          HTTP_GET,
          "/companies",
          NULL,
          200,
          { "more than 500 companies", "/companies/count" } },
        { "all", ADMIN, HTTP_GET, "/companies/count", NULL, 200, { "1,052 companies" } },
        { "with a filter",
          ADMIN,
          HTTP_GET,
          "/companies/count?filter=name+%21%3D+%27Firm%27",
          NULL,
          200,
          { "1 company" } },
        { "few need no second look",
          ADMIN,
          HTTP_GET,
          "/companies?filter=name+%21%3D+%27Firm%27",
          NULL,
          200,
          { "1 company" },
          { "/count" } },
        { "a filter that is none", ADMIN, HTTP_GET, "/companies/count?filter=zz", NULL, 422 },
        { "a stranger", STRANGER, HTTP_GET, "/companies/count", NULL, 303 },
        { "only mine", OWN, HTTP_GET, "/deals/count", NULL, 200, { "1 deal" } },
    };
    const struct record_type *t = type_find(h->cx, "company");

    for (int part = 0; part < 3; part++) {
        struct row *rows[350];
        for (size_t i = 0; i < countof(rows); i++) {
            rows[i] = row_new(h->cx, t);
            row_set_text(rows[i], type_field(t, "name"), "Firm");
        }
        assert_ok(h->cx, record_save_many(h->cx, rows, countof(rows)));
    }
    (void)world_record(w, "company", NULL, "name", "Firm", NULL);
    world_run(w, cases, countof(cases));
}

static void ticked_rows_are_changed_together(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "a stranger", STRANGER, HTTP_POST, "/contacts/bulk", "id={ben}&action=delete", 401 },
        { "nothing ticked", ADMIN, HTTP_POST, "/contacts/bulk", "action=delete", 422, { "Tick" } },
        { "nothing to do", ADMIN, HTTP_POST, "/contacts/bulk", "id={ben}&action=", 422 },
        { "no such field", ADMIN, HTTP_POST, "/contacts/bulk", "id={ben}&action=nme%3Dx", 422 },
        { "a computed field", ADMIN, HTTP_POST, "/deals/bulk", "id={deal}&action=status%3Dwon",
          422 },
        { "no such id", ADMIN, HTTP_POST, "/contacts/bulk", "id=x&action=delete", 422 },
        { "no such value",
          ADMIN,
          HTTP_POST,
          "/contacts/bulk",
          "id={ben}&action=lifecycle%3Dx",
          422,
          { "Nothing was changed", "Ben Blum", "Back to the list" } },
        { "one of two is not mine",
          OWN,
          HTTP_POST,
          "/deals/bulk",
          "id={mine}&id={deal}&action=delete",
          422,
          { "Nothing was changed", "1 of 2" },
          { "Acme renewal" } },
        { "and so both are there", ADMIN, HTTP_GET, "/deals", NULL, 200, { "2 deals" } },
        { "no right", READER, HTTP_POST, "/deals/bulk", "id={deal}&action=delete", 403 },
        { "changed", ADMIN, HTTP_POST, "/contacts/bulk",
          "id={ben}&id={ben}&action=lifecycle%3Dcustomer", 303 },
        { "seen", ADMIN, HTTP_GET, "/contacts", NULL, 200, { "Customer" } },
        { "mine", ADMIN, HTTP_POST, "/contacts/bulk", "id={ben}&action=owner%3Ame", 303 },
        { "deleted", ADMIN, HTTP_POST, "/deals/bulk", "id={mine}&id={deal}&action=delete", 303 },
        { "gone", ADMIN, HTTP_GET, "/deals", NULL, 200, { "No deals yet" } },
    };
    struct http_pair from[] = { { "Referer", "http://furrow.test/deals?sort=name" },
                                { NULL, NULL } };
    struct web_response r;
    const struct val *v;
    const char *undo;

    world_run(w, cases, countof(cases));
    r = house_ask(h, w->admin, HTTP_POST, "/contacts/bulk",
                  world_text(w, "id={ben}&action=lifecycle%3Dlead"), from);
    assert_string_equal(web_response_header(&r, "Location"), "/contacts"); /* not their list */
    assert_int_equal(count_of(h, "delete"), 3);
    (void)world_record(w, "deal", w->admin, "name", "Third", NULL);
    r = house_json(h, w->admin, HTTP_GET, "/deals", NULL);
    v = val_at(val_get(house_val(h, &r), "rows"), 0);
    r = house_json(h, w->admin, HTTP_POST, "/deals/bulk",
                   arena_printf(h->arena, "id=%s&action=delete", val_get_text(v, "id")));
    house_expect(h, &r, 200);
    undo = val_get_text(house_val(h, &r), "undo");
    r = house_post(h, w->reader, undo, "");
    house_expect(h, &r, 403);
    r = house_post(h, w->own, undo, "");
    house_expect(h, &r, 404); /* not their doing */
    r = house_post(h, w->admin, undo, "");
    house_expect(h, &r, 303);
    r = house_get(h, w->admin, "/deals");
    assert_true(house_has(&r, "Third"));
}

/* One field of ticked rows: by its own control, emptied, or refused where it is typed. */
static void any_field_of_ticked_rows_is_set(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const char *const set = "id={ben}&id={eve}&sure=true&action=set%3A";
    static const struct {
        const char *rest; /* of the form */
        int status;
        const char *field, *value; /* of the first afterwards */
    } cases[] = {
        { "job_title&set_value=Buyer", 303, "job_title", "\"Buyer\"" },
        { "job_title&set_value=", 422, "job_title", "\"Buyer\"" },
        { "job_title&set_empty=true", 303, "job_title", "null" },
        { "owner_id&set_value={seller}", 303, "owner_id", "\"{seller}\"" },
        { "owner_id&set_value=me", 303, "owner_id", "\"{admin}\"" },
        { "owner_id&set_value={ben}", 422, "owner_id", "\"{admin}\"" },
        { "company_id&set_empty=true", 303, "company_id", "null" },
        { "lifecycle&set_value=customer", 303, "lifecycle", "\"customer\"" },
        { "lifecycle&set_value=nonsense", 422, "lifecycle", "\"customer\"" },
        { "tags&set_how=replace&set_value=b%2C+a", 303, "tags", "[\"a\",\"b\"]" },
        { "tags&set_how=add&set_value=c%2CB", 303, "tags", "[\"a\",\"b\",\"c\"]" },
        { "tags&set_how=remove&set_value=A%2Cz", 303, "tags", "[\"b\",\"c\"]" },
        { "tags&set_empty=true", 303, "tags", "[]" },
        { "notes&set_value=Line+one%0ALine+two", 303, "notes", "\"Line one\\nLine two\"" },
        { "email&set_value=both@one.example", 422, "email", "\"ben@acme.example\"" },
        { "score&set_value=9", 422, "score", "0" },
        { "nonsense&set_value=9", 422, "score", "0" },
    };

    world_name(w, "eve", world_record(w, "contact", w->admin, "last_name", "Evans", NULL));
    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r =
            house_post(h, w->admin, "/contacts/bulk",
                       world_text(w, arena_printf(h->arena, "%s%s", set, cases[i].rest)));
        const char *is =
            world_text(w, arena_printf(h->arena, "\"%s\":%s", cases[i].field, cases[i].value));
        if (r.status != cases[i].status)
            world_fail(&r.body, "%s answered %d", cases[i].rest, r.status);
        r = house_json(h, w->admin, HTTP_GET, world_text(w, "/api/v1/contacts/{ben}"), NULL);
        if (!house_has(&r, is))
            world_fail(&r.body, "%s: no %s", cases[i].rest, is);
    }
}

static void what_is_set_is_asked_and_refused_row_by_row(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "the bar offers what may be typed",
          ADMIN,
          HTTP_GET,
          "/deals",
          NULL,
          200,
          { "value=\"set:close_date\"", "value=\"set:stage_id\"", "id=\"bulk-value\"" },
          { "set:status\"", "set:amount_base", "All that match" } },
        { "not to who only reads", READER, HTTP_GET, "/deals", NULL, 200, { "Acme" }, { "set:" } },
        { "the control of a date",
          ADMIN,
          HTTP_GET,
          "/deals/bulk/value?action=set:close_date",
          NULL,
          200,
          { "name=\"set_value\"", "type=\"date\"", "set_empty" },
          { "<html" } },
        { "of a reference that is required",
          ADMIN,
          HTTP_GET,
          "/deals/bulk/value?action=set:stage_id",
          NULL,
          200,
          { "data-combo=\"/search/ref?type=stage\"", "Proposal" },
          { "set_empty", " required" } },
        { "of an amount",
          ADMIN,
          HTTP_GET,
          "/deals/bulk/value?action=set:amount",
          NULL,
          200,
          { "set_value_currency" } },
        { "of a yes or no",
          ADMIN,
          HTTP_GET,
          "/pipelines/bulk/value?action=set:is_default",
          NULL,
          200,
          { "value=\"true\">Yes", "value=\"false\">No" },
          { "checkbox" } },
        { "none of what is computed",
          ADMIN,
          HTTP_GET,
          "/deals/bulk/value?action=set:status",
          NULL,
          200,
          { "" },
          { "set_value" } },
        { "nor of what needs none",
          ADMIN,
          HTTP_GET,
          "/deals/bulk/value?action=delete",
          NULL,
          200,
          { "" },
          { "set_value" } },
        { "nor for who only reads",
          READER,
          HTTP_GET,
          "/deals/bulk/value?action=set:name",
          NULL,
          200,
          { "" },
          { "set_value" } },
        { "a stranger", STRANGER, HTTP_GET, "/deals/bulk/value?action=set:name", NULL, 303 },
        { "without scripts the value is asked on a page",
          ADMIN,
          HTTP_POST,
          "/deals/bulk",
          "id={deal}&id={mine}&action=set:close_date",
          200,
          { "Change 2 deals", "Expected close", "name=\"set_value\"", "value=\"{mine}\"",
            "value=\"set:close_date\"", "name=\"sure\"" } },
        { "no day",
          ADMIN,
          HTTP_POST,
          "/deals/bulk",
          "id={deal}&action=set:close_date&set_value=soonish&sure=true",
          422,
          { "field-error", "soonish", "Change 1 deal" } },
        { "a day of both", ADMIN, HTTP_POST, "/deals/bulk",
          "id={deal}&id={mine}&action=set:close_date&set_value=2026-12-24", 303 },
        { "seen", ADMIN, HTTP_GET, "/deals/{mine}", NULL, 200, { "2026-12-24" } },
        { "an amount in its currency", ADMIN, HTTP_POST, "/deals/bulk",
          "id={mine}&action=set:amount&set_value=1,250.50&set_value_currency=USD", 303 },
        { "seen", ADMIN, HTTP_GET, "/deals", NULL, 200, { "1,250.50" } },
        { "required",
          ADMIN,
          HTTP_POST,
          "/deals/bulk",
          "id={mine}&action=set:name&set_empty=true",
          422,
          { "cannot be left empty" } },
        { "not by who only reads", READER, HTTP_POST, "/deals/bulk",
          "id={mine}&action=set:name&set_value=x", 403 },
        { "lost without a reason, as on its own page",
          ADMIN,
          HTTP_POST,
          "/deals/bulk",
          "id={deal}&action=set:stage_id&set_value={lost}",
          422,
          { "Nothing was changed", "Acme renewal: ", "1 of 1" },
          { "the other" } },
        { "one of two is not mine",
          OWN,
          HTTP_POST,
          "/contacts/bulk",
          "id={ben}&id={eve}&action=set:job_title&set_value=Buyer",
          422,
          { "Nothing was changed", "1 of 2", "Ben Blum: You may not change this.",
            "Change the other 1", "name=\"skip\"", "value=\"Buyer\"" } },
        { "and so none is",
          ADMIN,
          HTTP_GET,
          "/contacts/{eve}",
          NULL,
          200,
          { "Evans" },
          { "Buyer" } },
        { "the other all the same", OWN, HTTP_POST, "/contacts/bulk",
          "id={ben}&id={eve}&action=set:job_title&set_value=Buyer&sure=true&skip=true", 303 },
        { "is", ADMIN, HTTP_GET, "/contacts/{eve}", NULL, 200, { "Buyer" } },
        { "and that one not",
          ADMIN,
          HTTP_GET,
          "/contacts/{ben}",
          NULL,
          200,
          { "Blum" },
          { "Buyer" } },
        { "none of them: nothing to go on with",
          OWN,
          HTTP_POST,
          "/contacts/bulk",
          "id={ben}&action=set:job_title&set_value=Buyer&skip=true",
          422,
          { "Nothing was changed" },
          { "the other" } },
    };

    world_name(w, "eve",
               world_record(w, "contact", w->admin, "last_name", "Evans", "owner_id",
                            id_text(h->arena, w->own->user_id), NULL));
    world_run(w, cases, countof(cases));
}

static void all_that_match_are_changed_together(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "a long list offers all of it",
          ADMIN,
          HTTP_GET,
          "/companies?q=Firm",
          NULL,
          200,
          { "All that match", "name=\"q\" value=\"Firm\"", "350 companies" } },
        { "asked first, with how many",
          ADMIN,
          HTTP_POST,
          "/companies/bulk",
          "all=true&filter=name+%3D+%27Firm%27&action=set:industry&set_value=Software&id={acme}",
          200,
          { "Change 350 companies", "name=\"all\"", "name=\"sure\"" },
          { "{acme}" } },
        { "of an action without a value too",
          ADMIN,
          HTTP_POST,
          "/companies/bulk",
          "all=true&filter=name+%3D+%27Firm%27&action=delete",
          200,
          { "Move 350 companies to the trash" } },
        { "not yet done",
          ADMIN,
          HTTP_GET,
          "/companies/count?filter=name+%3D+%27Firm%27",
          NULL,
          200,
          { "350 companies" } },
        { "done", ADMIN, HTTP_POST, "/companies/bulk",
          "all=true&filter=name+%3D+%27Firm%27&action=set:city&set_value=Bonn&sure=true", 303 },
        { "of all pages, and no others",
          ADMIN,
          HTTP_GET,
          "/companies/count?filter=city+%3D+%27Bonn%27",
          NULL,
          200,
          { "350 companies" } },
        { "as searched", ADMIN, HTTP_POST, "/companies/bulk",
          "all=true&q=acme&action=set:city&set_value=Berlin&sure=true", 303 },
        { "one",
          ADMIN,
          HTTP_GET,
          "/companies/count?filter=city+%3D+%27Berlin%27",
          NULL,
          200,
          { "1 company" } },
        { "nothing matches",
          ADMIN,
          HTTP_POST,
          "/companies/bulk",
          "all=true&filter=city+%3D+%27Rome%27&action=delete&sure=true",
          422,
          { "Nothing matches" } },
        { "a filter that is none", ADMIN, HTTP_POST, "/companies/bulk",
          "all=true&filter=zz&action=delete&sure=true", 422 },
        { "mine alone", OWN, HTTP_POST, "/deals/bulk",
          "all=true&filter=&action=set:close_date&set_value=2026-12-24&sure=true", 303 },
        { "were changed",
          ADMIN,
          HTTP_GET,
          "/deals/count?filter=close_date+%3D+2026-12-24",
          NULL,
          200,
          { "1 deal" } },
        { "not by who only reads", READER, HTTP_POST, "/companies/bulk",
          "all=true&filter=&action=set:city&set_value=Rome&sure=true", 403 },
        { "nor by a stranger", STRANGER, HTTP_POST, "/companies/bulk",
          "all=true&filter=&action=delete&sure=true", 401 },
    };
    const struct record_type *t = type_find(h->cx, "company");
    struct row *rows[350];
    struct web_response r;

    for (size_t i = 0; i < countof(rows); i++) {
        rows[i] = row_new(h->cx, t);
        row_set_text(rows[i], type_field(t, "name"), "Firm");
    }
    assert_ok(h->cx, record_save_many(h->cx, rows, countof(rows)));
    world_run(w, cases, countof(cases));
    r = house_json(h, w->admin, HTTP_POST, "/companies/bulk",
                   "all=true&filter=name+%3D+%27Firm%27&action=delete");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "350 companies moved to the trash."));
    r = house_post(h, w->admin, val_get_text(house_val(h, &r), "undo"), "");
    house_expect(h, &r, 303);
    r = house_get(h, w->admin, "/companies/count?filter=name+%3D+%27Firm%27");
    assert_true(house_has(&r, "350 companies"));
}

static void more_than_can_be_changed_at_once_is_said(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    const struct record_type *t = type_find(h->cx, "company");
    struct web_response r;

    for (int made = 0; made <= LIMIT_BULK_ROWS;) {
        struct row *rows[350];
        for (size_t i = 0; i < countof(rows); i++, made++) {
            rows[i] = row_new(h->cx, t);
            row_set_text(rows[i], type_field(t, "name"), "Firm");
        }
        assert_ok(h->cx, record_save_many(h->cx, rows, countof(rows)));
    }
    r = house_post(h, w->admin, "/companies/bulk", "all=true&filter=&action=delete&sure=true");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "5,251 companies match, and at most 5,000"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_list_shows_filters_orders_and_counts, NULL),
        IN_BOTH_HOUSES(a_list_pages_forth_and_back, NULL),
        IN_SQLITE_HOUSE(a_condition_is_added_by_form, NULL),
        IN_BOTH_HOUSES(views_are_saved_shared_and_removed, NULL),
        IN_BOTH_HOUSES(a_view_opens_the_list, NULL),
        IN_BOTH_HOUSES(a_list_is_exported_and_that_is_logged, NULL),
        IN_SQLITE_HOUSE(exports_are_whole_however_long, NULL),
        IN_BOTH_HOUSES(a_long_list_is_counted_whole_behind_the_page, NULL),
        IN_BOTH_HOUSES(ticked_rows_are_changed_together, NULL),
        IN_BOTH_HOUSES(any_field_of_ticked_rows_is_set, NULL),
        IN_BOTH_HOUSES(what_is_set_is_asked_and_refused_row_by_row, NULL),
        IN_BOTH_HOUSES(all_that_match_are_changed_together, NULL),
        IN_SQLITE_HOUSE(more_than_can_be_changed_at_once_is_said, NULL),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
