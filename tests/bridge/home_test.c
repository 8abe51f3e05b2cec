/* home_test.c -- Home: what waits for whom, and the same numbers as everywhere else. */
#include "base/id.h"
#include "bridge/handoff.h"
#include "journey/journey.h"
#include "support/house.h"

static i64 make(struct house *h, const char *type, ...)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);
    const char *name;
    va_list args;

    va_start(args, type);
    while ((name = va_arg(args, const char *)) != NULL) {
        const char *text = va_arg(args, const char *);
        if (t->fields[type_field(t, name)].flags & COMPUTED)
            row_set_text(r, type_field(t, name), text);
        else
            assert_ok(h->cx, row_parse(h->cx, r, type_field(t, name), text));
    }
    va_end(args);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static i64 hand_over(struct house *h, i64 contact, i64 owner)
{
    struct handoff_order order = { .contact_id = contact, .owner_id = owner, .reason = "Asked" };
    i64 id;

    assert_ok(h->cx, handoff_make(h->cx, &order, &id));
    return id;
}

static const struct val *home(struct house *h, const struct person *who)
{
    struct web_response r = house_json(h, who, HTTP_GET, "/", NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

/* The items of the queue's group whose text begins so; NULL: there is none. */
static const struct val *items(const struct val *page, const char *text)
{
    const struct val *groups = val_get(val_get(page, "queue"), "groups");

    for (size_t i = 0; i < val_count(groups); i++)
        if (str_starts(str_from(val_get_text(val_at(groups, i), "text")), text))
            return val_get(val_at(groups, i), "items");
    return NULL;
}

static void the_queue_is_ones_own(void **state)
{
    struct house *h = *state;
    struct person *ines = house_user(h, "Ines", "Sales"), *tom = house_user(h, "Tom", "Sales");
    struct person *mara = house_user(h, "Mara", "Marketing");
    i64 lead = make(h, "contact", "first_name", "Helena", "last_name", "Brandt", NULL);
    i64 hot = make(h, "contact", "first_name", "Ruben", "lifecycle", "mql", NULL);
    const char *me = id_text(h->arena, ines->user_id);
    const struct val *page, *list;

    i64 handoff = hand_over(h, lead, ines->user_id);
    make(h, "activity", "kind", "task", "subject", "Call back", "owner_id", me, "due_at",
         "2026-11-24T09:00", "contact_id", id_text(h->arena, lead), NULL);
    make(h, "activity", "kind", "task", "subject", "Next year", "owner_id", me, "due_at",
         "2027-01-24T09:00", NULL);
    make(h, "activity", "kind", "call", "subject", "Happened", "owner_id", me, NULL);
    page = home(h, ines);
    list = items(page, "Leads waiting");
    assert_int_equal(val_count(list), 1);
    assert_string_equal(val_get_text(val_at(list, 0), "text"), "Helena Brandt");
    assert_string_equal(val_get_text(val_at(val_get(val_at(list, 0), "actions"), 0), "url"),
                        arena_printf(h->arena, "/handoffs/%s/accept", id_text(h->arena, handoff)));
    list = items(page, "Tasks");
    assert_int_equal(val_count(list), 1);
    assert_string_equal(val_get_text(val_at(list, 0), "text"), "Call back");
    assert_string_equal(val_get_text(val_at(list, 0), "detail"), "Helena Brandt");
    assert_string_equal(val_get_text(val_get(page, "queue"), "count"), "2");
    assert_null(items(page, "Qualified"));
    assert_true(val_get_bool(page, "has_changed")); /* she was told of the lead */
    page = home(h, tom);
    assert_int_equal(val_count(val_get(val_get(page, "queue"), "groups")), 0);
    assert_true(val_get_text(val_get(page, "queue"), "none")[0] != '\0');
    list = items(home(h, mara), "Qualified");
    assert_int_equal(val_count(list), 1); /* Helena is with sales already */
    assert_string_equal(val_get_text(val_at(list, 0), "text"), "Ruben");
    hand_over(h, hot, tom->user_id);
    assert_null(items(home(h, mara), "Qualified"));
}

static const struct val *step(const struct val *page, const char *text)
{
    const struct val *halves = val_get(val_get(page, "funnel"), "halves");

    for (size_t i = 0; i < val_count(halves); i++) {
        const struct val *steps = val_get(val_at(halves, i), "steps");
        for (size_t j = 0; j < val_count(steps); j++)
            if (text_is(val_get_text(val_at(steps, j), "text"), text))
                return val_at(steps, j);
    }
    return NULL;
}

static void visit(struct house *h, u64 visitor, u8 channel, i64 at_ms)
{
    struct event e = { .at_ms = at_ms, .channel = channel };

    e.person = journey_person(h->journey, PERSON_VISITOR, visitor);
    e.kind = kit_event_code(h->kit, "pageview");
    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
}

static void both_teams_see_the_same_numbers(void **state)
{
    struct house *h = *state;
    struct person *ines = house_user(h, "Ines", "Sales");
    struct person *token = house_token(h, ines, "read");
    i64 lead = make(h, "contact", "first_name", "Helena", "first_channel", "email", NULL);
    i64 deal = make(h, "deal", "name", "Probes", "amount", "12000 EUR", "contact_id",
                    id_text(h->arena, lead), "owner_id", id_text(h->arena, ines->user_id), NULL);
    const struct val *page, *rows, *answer;
    struct web_response r;

    for (u64 i = 1; i <= 3; i++)
        visit(h, i, i == 1 ? 13 : 1, HOUSE_NOW - (i64)i * MS_HOUR);
    visit(h, 1, 13, HOUSE_NOW - 40 * (i64)MS_DAY);
    r = house_post(h, ines, arena_printf(h->arena, "/deals/%s/won", id_text(h->arena, deal)), "");
    house_expect(h, &r, 303);
    page = home(h, ines);
    assert_string_equal(val_get_text(step(page, "Visits"), "value"), "3");
    assert_string_equal(val_get_text(step(page, "Visitors"), "rate"), "100% of visits");
    assert_string_equal(val_get_text(step(page, "New leads"), "value"), "1");
    assert_string_equal(val_get_text(step(page, "Won"), "value"), "1");
    assert_string_equal(val_get_text(step(page, "Revenue"), "value"), "€12K");
    assert_int_equal(val_count(val_get(page, "tiles")), 9);
    rows = val_get(val_get(page, "channels"), "rows");
    assert_string_equal(val_get_text(val_get(val_at(rows, 0), "channel"), "value"), "email");
    assert_string_equal(val_get_text(val_at(rows, 0), "visitors"), "1");
    assert_string_equal(val_get_text(val_at(rows, 0), "leads"), "1");
    assert_string_equal(val_get_text(val_at(rows, 0), "revenue"), "€12K");
    assert_int_equal(val_get_i64(val_at(rows, 0), "percent", 0), 100);
    r = house_json(h, token, HTTP_GET, "/api/v1/question?metric=revenue&dimension=channel", NULL);
    answer = house_val(h, &r);
    assert_int_equal(val_get_i64(answer, "value", 0), 1200000);
    assert_string_equal(val_get_text(val_at(val_get(answer, "groups"), 0), "key"), "email");
    r = house_json(h, ines, HTTP_GET, val_get_text(answer, "rows_path"), NULL);
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Probes"));
    r = house_json(h, token, HTTP_POST, "/api/v1/question",
                   "{\"questions\":[{\"metric\":\"visits\",\"dimension\":\"week\"},"
                   "{\"metric\":\"visitor_to_lead\"}]}");
    answer = val_get(house_val(h, &r), "answers");
    assert_int_equal(val_get_i64(val_at(answer, 0), "value", 0), 3);
    assert_int_equal(val_get_i64(val_at(answer, 0), "before", 0), 1);
    assert_true(val_as_double(val_get(val_at(answer, 1), "value"), 0) > 0.33);
}

static void who_may_not_see_deals_sees_no_revenue(void **state)
{
    struct house *h = *state;
    struct row *role;
    struct person *who;
    const struct val *page;
    struct web_response r;

    make(h, "role", "name", "Visitor", "rules", "{\"contact\": {\"read\": \"own\"}}", NULL);
    assert_ok(h->cx, record_find(h->cx, type_find(h->cx, "role"), "name", "Visitor", &role));
    who = house_user(h, "Vera", "Visitor");
    page = home(h, who);
    assert_true(val_is_null(val_get(page, "channels")));
    assert_null(step(page, "Revenue"));
    assert_null(step(page, "Visits"));
    assert_non_null(step(page, "New leads"));
    r = house_get(h, who, "/insight/metrics/revenue");
    house_expect(h, &r, 403);
    r = house_get(h, who, "/insight/metrics/new_leads");
    house_expect(h, &r, 200);
    r = house_get(h, who, "/insight/metrics");
    house_expect(h, &r, 200);
    assert_false(house_has(&r, "Revenue"));
}

static void every_metric_has_its_page(void **state)
{
    struct house *h = *state;
    struct person *anna = house_user(h, "Anna", "");
    struct web_response r = house_json(h, anna, HTTP_GET, "/api/v1/metrics", NULL);
    const struct val *all = val_get(house_val(h, &r), "metrics");

    assert_true(val_count(all) > 30);
    for (size_t i = 0; i < val_count(all); i++) {
        const char *name = val_get_text(val_at(all, i), "name");
        const struct val *dims = val_get(val_at(all, i), "dimensions");
        for (size_t j = 0; j <= val_count(dims); j++) {
            const char *by = j < val_count(dims) ? val_as_text(val_at(dims, j), "") : "";
            r = house_get(
                h, anna,
                arena_printf(h->arena, "/insight/metrics/%s?by=%s&period=last_7_days", name, by));
            if (r.status != 200)
                fail_msg("%s by %s: %d", name, by, r.status);
        }
    }
}

/* ---- a new workspace ---- */

static void an_empty_workspace_says_where_to_begin(void **state)
{
    static const struct {
        const char *note;
        bool steps, site_done;
    } cases[] = {
        { "nothing at all", true, false },
        { "a site", true, true },
        { "and a contact", false, true },
    };
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", ""), *rita = house_user(h, "Rita", "Read only");
    struct web_response r;

    r = house_get(h, ada, "/traffic");
    assert_true(house_has(&r, "Nobody has visited yet") && house_has(&r, "Add a web site"));
    r = house_get(h, rita, "/traffic");
    assert_true(house_has(&r, "Nobody has visited yet") && !house_has(&r, "Add a web site"));
    r = house_get(h, ada, "/deals/board");
    assert_true(house_has(&r, "A deal is money that may be won."));
    for (size_t i = 0; i < countof(cases); i++) {
        if (i == 1)
            make(h, "site", "name", "Shop", "domain", "shop.example", NULL);
        if (i == 2)
            make(h, "contact", "email", "a@x.example", NULL);
        const struct val *page = home(h, ada), *steps = val_get(page, "steps");
        if (val_get_bool(page, "has_steps") != cases[i].steps)
            fail_msg("%s", cases[i].note);
        if (cases[i].steps && val_get_bool(val_at(steps, 0), "done") != cases[i].site_done)
            fail_msg("%s: the site's step", cases[i].note);
        assert_false(val_get_bool(home(h, rita), "has_steps")); /* may make nothing */
    }
    make(h, "deal", "name", "First", NULL);
    r = house_get(h, ada, "/deals/board");
    assert_false(house_has(&r, "A deal is money that may be won."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(the_queue_is_ones_own, NULL),
        IN_BOTH_HOUSES(both_teams_see_the_same_numbers, NULL),
        IN_BOTH_HOUSES(who_may_not_see_deals_sees_no_revenue, NULL),
        IN_SQLITE_HOUSE(every_metric_has_its_page, NULL),
        IN_BOTH_HOUSES(an_empty_workspace_says_where_to_begin, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
