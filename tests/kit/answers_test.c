/* answers_test.c -- answers that are kept are never stale: whatever changes in between, a reader is
 * told what somebody is told who never keeps any. */
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "journey/journey.h"
#include "kit/answers.h"
#include "kit/question.h"
#include "support/house.h"

static const char *const asked[] = {
    "metric=revenue&period=this_month",
    "metric=deals_created&dimension=owner&period=this_month",
    "metric=pipeline_value&dimension=stage_id",
    "metric=win_rate&period=this_year&dimension=month",
    "metric=visits&dimension=channel&period=last_30_days",
    "metric=visitors&dimension=week&period=last_90_days",
    "metric=visitor_to_lead&dimension=campaign",
    "metric=new_leads&dimension=channel&limit=1",
    "metric=pageviews&page=/a&compare=none",
};

/* What a writing connection says keeps nothing. */
static const char *truth(struct house *h, const char *query)
{
    struct val *from, *answer;
    struct question q;

    assert_ok(h->cx, http_form_parse(h->cx, str_from(query), &from));
    assert_ok(h->cx, question_read(h->cx, from, &q));
    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    return json_text(h->arena, answer);
}

static void same_as_anew(struct house *h, const struct person *who, const char *after)
{
    for (size_t i = 0; i < countof(asked); i++) {
        struct web_response r = house_json(
            h, who, HTTP_GET, arena_printf(h->arena, "/api/v1/question?%s", asked[i]), NULL);
        house_expect(h, &r, 200);
        const char *want = truth(h, asked[i]);
        if (!val_equal(house_val(h, &r),
                       house_val(h, &(struct web_response){ .body = str_from(want) })))
            fail_msg("after %s, %s:\nkept %.*s\nanew %s", after, asked[i], (int)r.body.len,
                     r.body.p, want);
    }
}

static i64 made(struct house *h, const char *type, const char *const *fields)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);

    for (; fields[0]; fields += 2)
        assert_ok(h->cx, row_parse(h->cx, r, type_field(t, fields[0]), fields[1]));
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static void set_field(struct house *h, const char *type, i64 id, const char *field,
                      const char *value)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, t, id, &r));
    if (t->fields[type_field(t, field)].flags & COMPUTED)
        row_set_text(r, type_field(t, field), value);
    else
        assert_ok(h->cx, row_parse(h->cx, r, type_field(t, field), value));
    assert_ok(h->cx, record_save(h->cx, r));
}

static u32 visit(struct house *h, u64 visitor, const char *page, u8 channel)
{
    struct event e = { .kind = kit_event_code(h->kit, "pageview"),
                       .at_ms = ctx_now(h->cx) - MS_HOUR,
                       .channel = channel };

    e.person = journey_person(h->journey, PERSON_VISITOR, visitor);
    e.page = journey_intern(h->journey, DICT_PAGE, str_from(page));
    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
    return e.person;
}

static void whatever_changes_the_answer_is_of_now(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    i64 deal = made(h, "deal", (const char *const[]){ "name", "One", "amount", "100 EUR", NULL });
    i64 contact =
        made(h, "contact", (const char *const[]){ "first_name", "Rut", "lifecycle", "lead", NULL });
    u32 person, visitor = visit(h, 1, "/a", 3);
    struct answers_count before, after;

    log_set_level(LOG_ERROR);
    same_as_anew(h, ada, "the beginning");
    before = answers_counted(h->kit);
    same_as_anew(h, ada, "nothing");
    after = answers_counted(h->kit);
    /* All of them were kept; over PostgreSQL any write makes them anew, also of other databases of
     * its server. */
    assert_int_equal(after.found + after.missed - before.found - before.missed, countof(asked));
    if (h->engine == DB_SQLITE)
        assert_int_equal(after.missed, before.missed);
    visit(h, 2, "/a", 4);
    same_as_anew(h, ada, "a visit");
    person = journey_person(h->journey, PERSON_CONTACT, (u64)contact);
    assert_ok(h->cx, journey_alias(h->cx, h->journey, visitor, person, ctx_now(h->cx)));
    visit(h, 1, "/b", 0);
    same_as_anew(h, ada, "a visitor turned out to be somebody");
    assert_ok(h->cx, journey_unalias(h->cx, h->journey, visitor));
    same_as_anew(h, ada, "and was not");
    assert_ok(h->cx, journey_erase(h->cx, h->journey, visitor));
    same_as_anew(h, ada, "somebody was erased");
    assert_ok(h->cx, journey_flush(h->cx, h->journey));
    assert_ok(h->cx, journey_merge(h->cx, h->journey));
    same_as_anew(h, ada, "the journey was put in order");
    set_field(h, "deal", deal, "amount", "250 EUR");
    same_as_anew(h, ada, "an amount");
    struct web_response r =
        house_post(h, ada, arena_printf(h->arena, "/deals/%s/won", id_text(h->arena, deal)), "");
    house_expect(h, &r, 303);
    same_as_anew(h, ada, "a deal was won");
    set_field(h, "contact", contact, "first_channel", "email");
    same_as_anew(h, ada, "where a contact came from");
    made(h, "target",
         (const char *const[]){ "metric", "revenue", "amount", "1000", "period", "month",
                                "from_date", "2026-01-01", NULL });
    same_as_anew(h, ada, "a target");
    struct row *row;
    assert_ok(h->cx, record_get(h->cx, type_find(h->cx, "deal"), deal, &row));
    assert_ok(h->cx, record_delete(h->cx, row));
    same_as_anew(h, ada, "a deal went to the trash");
    set_field(h, "user", ada->user_id, "name", "Ada B");
    same_as_anew(h, ada, "a name");
    assert_ok(h->cx, setting_save(h->cx, "workspace.zone", "America/New_York"));
    same_as_anew(h, ada, "the zone");
    for (int i = 0; i < 6; i++) { /* past the hour, into the next day and month */
        h->clock->fixed_ms += i < 3 ? 20 * (i64)MS_MINUTE : 9 * (i64)MS_DAY;
        same_as_anew(h, ada, "some time");
    }
    log_set_level(LOG_INFO);
}

static u64 next(u64 *seed) { return *seed = *seed * 6364136223846793005u + 1442695040888963407u; }

static void changes_in_any_order(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    i64 deals[8];
    u64 seed = 3;

    log_set_level(LOG_ERROR);
    for (size_t i = 0; i < countof(deals); i++)
        deals[i] = made(h, "deal", (const char *const[]){ "name", "D", "amount", "10 EUR", NULL });
    for (int i = 0; i < 60; i++) {
        u64 n = next(&seed) >> 33;
        const char *what = "nothing";
        if (n % 4 == 0) {
            visit(h, n % 5, n & 64 ? "/a" : "/b", (u8)(n % 6));
            what = "a visit";
        } else if (n % 4 == 1) {
            set_field(h, "deal", deals[(n >> 4) % countof(deals)], "amount",
                      arena_printf(h->arena, "%llu EUR", (unsigned long long)(n % 1000)));
            what = "an amount";
        } else if (n % 4 == 2) {
            h->clock->fixed_ms += (i64)(n % 500) * MS_MINUTE / 100;
            what = "time";
        }
        same_as_anew(h, ada, what);
    }
    log_set_level(LOG_INFO);
}

/* What one user is told is not told another who may see less. */
static void rights_are_part_of_it(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", ""), *sal;
    struct row *role = row_new(h->cx, type_find(h->cx, "role"));
    const char *target = "/api/v1/question?metric=deals_created&period=this_month";
    struct web_response r;

    made(h, "deal", (const char *const[]){ "name", "One", "amount", "100 EUR", NULL });
    assert_ok(h->cx, row_parse(h->cx, role, type_field(row_type(role), "name"), "Own deals"));
    assert_ok(h->cx, row_parse(h->cx, role, type_field(row_type(role), "rules"),
                               "{\"deal\":{\"read\":\"own\"},\"journey\":{\"read\":\"all\"}}"));
    assert_ok(h->cx, record_save(h->cx, role));
    sal = house_user(h, "Sal", "Own deals");
    for (int i = 0; i < 2; i++) {
        r = house_json(h, ada, HTTP_GET, target, NULL);
        assert_int_equal(val_get_i64(house_val(h, &r), "value", -1), 1);
        r = house_json(h, sal, HTTP_GET, target, NULL);
        assert_int_equal(val_get_i64(house_val(h, &r), "value", -1), 0);
    }
    set_field(h, "role", row_id(role), "rules", "{\"deal\":{\"read\":\"all\"}}");
    r = house_json(h, sal, HTTP_GET, target, NULL);
    assert_int_equal(val_get_i64(house_val(h, &r), "value", -1), 1);
    set_field(h, "role", row_id(role), "rules", "{\"contact\":{\"read\":\"all\"}}");
    r = house_json(h, sal, HTTP_GET, target, NULL);
    assert_int_equal(r.status, 403);
}

static const char *table_of(struct house *h, const struct person *who, const char *query)
{
    struct web_response r = house_json(h, who, HTTP_GET, query, NULL);

    house_expect(h, &r, 200);
    return json_text(h->arena, val_get(house_val(h, &r), "table"));
}

/* Reports are kept alike; those with a filter are not. */
static void reports_are_of_now_too(void **state)
{
    static const char *const reports[] = { "/api/v1/journeys/funnel?step1=pageview&step2=pageview",
                                           "/api/v1/journeys/retention",
                                           "/api/v1/journeys/paths?event=pageview",
                                           "/api/v1/journeys/attribution?conversion=leads" };
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");

    for (int i = 0; i < 3; i++) {
        for (size_t k = 0; k < countof(reports); k++) {
            const char *all = "filter=created_at+%3E+2000-01-01"; /* asked anew: visitors too */
            const char *first = table_of(h, ada, reports[k]);
            struct answers_count before = answers_counted(h->kit);
            assert_string_equal(table_of(h, ada, reports[k]), first);
            assert_int_equal(answers_counted(h->kit).found, before.found + 1);
            table_of(h, ada,
                     arena_printf(h->arena, "%s%c%s", reports[k],
                                  strchr(reports[k], '?') ? '&' : '?', all));
            assert_int_equal(answers_counted(h->kit).found, before.found + 1);
        }
        const char *funnel = table_of(h, ada, reports[0]);
        visit(h, 100 + (u64)i, "/a", 3);
        assert_string_not_equal(table_of(h, ada, reports[0]), funnel);
    }
}

/* As many as there may be: the oldest make room. */
static void it_does_not_grow(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");

    log_set_level(LOG_ERROR);
    for (int i = 1; i < 700; i++) {
        struct web_response r = house_json(
            h, ada, HTTP_GET,
            arena_printf(h->arena, "/api/v1/question?metric=new_leads&limit=%d", i), NULL);
        house_expect(h, &r, 200);
    }
    assert_int_equal(answers_counted(h->kit).kept, 512);
    log_set_level(LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(whatever_changes_the_answer_is_of_now, NULL),
        IN_BOTH_HOUSES(changes_in_any_order, NULL),
        IN_BOTH_HOUSES(rights_are_part_of_it, NULL),
        IN_SQLITE_HOUSE(reports_are_of_now_too, NULL),
        IN_SQLITE_HOUSE(it_does_not_grow, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
