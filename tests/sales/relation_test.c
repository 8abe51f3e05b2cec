/* relation_test.c -- key dates that come round and are told of once; reminders; tasks one after the
 * other; who reports to whom when contacts are merged. */
#include "base/id.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "sales/activity.h"
#include "sales/relation.h"
#include "store/queue.h"
#include "support/house.h"

static const struct {
    const char *note, *day;
    bool yearly;
    const char *today, *want;
} rounds[] = {
    { "once, ahead", "2027-01-10", false, "2026-11-23", "2027-01-10" },
    { "once, over", "2020-01-10", false, "2026-11-23", "2020-01-10" },
    { "later this year", "1980-12-01", true, "2026-11-23", "2026-12-01" },
    { "today", "1980-11-23", true, "2026-11-23", "2026-11-23" },
    { "next year", "1980-11-22", true, "2026-11-23", "2027-11-22" },
    { "first in the future", "2028-03-01", true, "2026-11-23", "2028-03-01" },
    { "a leap day, in another year", "1980-02-29", true, "2026-11-23", "2027-02-28" },
    { "a leap day, in its year", "1980-02-29", true, "2027-12-31", "2028-02-29" },
    { "the last day of the year", "1999-12-31", true, "2026-12-31", "2026-12-31" },
};

static i64 day_of(const char *text)
{
    i64 day;

    assert_true(date_parse(str_from(text), &day));
    return day;
}

static void days_come_round(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(rounds); i++)
        if (key_date_next(day_of(rounds[i].day), rounds[i].yearly, day_of(rounds[i].today)) !=
            day_of(rounds[i].want))
            fail_msg("%s", rounds[i].note);
}

static i64 count_of(struct house *h, const char *type, const char *filter)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, type_find(h->cx, type), filter, "", 0, &n));
    return n;
}

static void run(struct house *h, const char *name, const char *payload_key, i64 id, i64 due,
                i64 before)
{
    struct val *v = val_map(h->arena);
    struct job_run job = { .cx = h->cx, .payload = v };

    if (payload_key) {
        val_put_text(v, payload_key, id_text(h->arena, id));
        val_put_i64(v, "due", due);
        val_put_i64(v, "before", before);
    }
    assert_ok(h->cx, kit_job(h->kit, name)->run(&job));
}

static struct row *contact_of(struct house *h, const char *first)
{
    struct row *r = row_new(h->cx, &contact_type);

    row_set_text(r, CONTACT_FIRST, first);
    assert_ok(h->cx, record_save(h->cx, r));
    return r;
}

static struct row *again(struct house *h, const struct row *r)
{
    struct row *now;

    assert_ok(h->cx, record_get(h->cx, row_type(r), row_id(r), &now));
    return now;
}

static void a_key_date_is_told_of_once_each_time(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *r = row_new(h->cx, &key_date_type);

    row_set_text(r, KEY_DATE_KIND, "birthday");
    row_set_i64(r, KEY_DATE_CONTACT, row_id(contact_of(h, "Ada")));
    row_set_i64(r, KEY_DATE_ON, day_of("1980-12-01"));
    row_set_i64(r, KEY_DATE_BEFORE, 7);
    row_set_i64(r, KEY_DATE_OWNER, sam->user_id);
    assert_ok(h->cx, record_save(h->cx, r));
    static const struct {
        int days, tasks;
    } passes[] = { { 0, 0 },  { 1, 1 },   { 2, 1 },   { 8, 1 },
                   { 30, 1 }, { 365, 1 }, { 367, 2 }, { 368, 2 } };
    for (size_t i = 0; i < countof(passes); i++) {
        h->clock->fixed_ms = HOUSE_NOW + passes[i].days * (i64)MS_DAY;
        run(h, "key_date.remind", NULL, 0, 0, 0);
        run(h, "key_date.remind", NULL, 0, 0, 0);
        if (count_of(h, "activity", "subject starts 'Birthday: Ada'") != passes[i].tasks)
            fail_msg("%d days, next %s: %lld tasks", passes[i].days,
                     row_plain(h->cx, again(h, r), KEY_DATE_NEXT),
                     (long long)count_of(h, "activity", "subject starts 'Birthday: Ada'"));
    }
}

static i64 notices(struct house *h)
{
    struct sql q = sql_new(h->cx);
    i64 n = 0;

    sql_add(&q, "SELECT text FROM notification");
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    while (stmt_next(&s))
        n += strncmp(col_text(&s, 0), "Due ", 4) == 0;
    assert_ok(h->cx, stmt_status(&s));
    return n;
}

static void who_has_something_to_do_is_reminded(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *r = row_new(h->cx, &activity_type);
    i64 due = HOUSE_NOW + 2 * MS_HOUR;

    row_set_text(r, ACTIVITY_KIND, "task");
    row_set_text(r, ACTIVITY_SUBJECT, "Send plan");
    row_set_i64(r, ACTIVITY_OWNER, sam->user_id);
    row_set_i64(r, ACTIVITY_DUE, due);
    row_set_i64(r, ACTIVITY_REMIND, 30);
    assert_ok(h->cx, record_save(h->cx, r));
    run(h, "task.remind", "activity", row_id(r), due, 30);
    assert_int_equal(notices(h), 1);
    run(h, "task.remind", "activity", row_id(r), due - MS_HOUR, 30); /* it was moved since */
    assert_int_equal(notices(h), 1);
    row_set_i64(r, ACTIVITY_DONE, 1);
    assert_ok(h->cx, record_save(h->cx, r));
    run(h, "task.remind", "activity", row_id(r), due, 30);
    assert_int_equal(notices(h), 1);
}

static void done_leads_to_the_next(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    const char *ids[3];

    for (int i = 0; i < 3; i++) {
        struct row *r = row_new(h->cx, &activity_type);
        row_set_text(r, ACTIVITY_KIND, i == 1 ? "call" : "task");
        row_set_text(r, ACTIVITY_SUBJECT, arena_printf(h->arena, "Task %d", i));
        row_set_i64(r, ACTIVITY_OWNER, sam->user_id);
        row_set_i64(r, ACTIVITY_DUE, HOUSE_NOW - (3 - i) * MS_HOUR);
        assert_ok(h->cx, record_save(h->cx, r));
        ids[i] = id_text(h->arena, row_id(r));
    }
    struct web_response a = house_get(h, sam, "/tasks");
    house_expect(h, &a, 200);
    assert_true(house_has(&a, arena_printf(h->arena, "name=\"then\" value=\"%s\"", ids[1])));
    a = house_post(h, sam, arena_printf(h->arena, "/tasks/%s/done", ids[0]),
                   arena_printf(h->arena, "then=%s&show=due&kind=", ids[1]));
    house_expect(h, &a, 303);
    assert_non_null(strstr(web_response_header(&a, "Location"), ids[1]));
    a = house_post(h, sam, arena_printf(h->arena, "/tasks/%s/snooze", ids[1]),
                   arena_printf(h->arena, "until=tomorrow&then=%s", ids[2]));
    house_expect(h, &a, 303);
    assert_non_null(strstr(web_response_header(&a, "Location"), ids[2]));
    assert_int_equal(count_of(h, "activity", "done is false and due_at = 2026-11-24T08:00:00Z"), 1);
    a = house_post(h, sam, arena_printf(h->arena, "/tasks/%s/done", ids[2]),
                   "next_subject=Once+more&next_days=5");
    house_expect(h, &a, 303);
    assert_int_equal(
        count_of(h, "activity", "subject = 'Once more' and due_at = 2026-11-30T08:00:00Z"), 1);
}

/* Boss and report turn out to be one person: nobody hangs below themselves. */
static void a_chart_survives_merges(void **state)
{
    struct house *h = *state;
    struct person *admin = house_user(h, "Ada", "");
    struct row *firm = row_new(h->cx, &company_type), *people[3];

    row_set_text(firm, COMPANY_NAME, "Chart");
    assert_ok(h->cx, record_save(h->cx, firm));
    for (int i = 0; i < 3; i++) {
        people[i] = row_new(h->cx, &contact_type);
        row_set_text(people[i], CONTACT_FIRST, arena_printf(h->arena, "Person %d", i));
        row_set_i64(people[i], CONTACT_COMPANY, row_id(firm));
        if (i > 0)
            row_set_i64(people[i], CONTACT_REPORTS, row_id(people[i - 1]));
        assert_ok(h->cx, record_save(h->cx, people[i]));
    }
    struct web_response a = house_json(
        h, admin, HTTP_POST,
        arena_printf(h->arena, "/api/v1/contacts/%s/merge", id_text(h->arena, row_id(people[1]))),
        arena_printf(h->arena, "{\"with\": \"%s\"}", id_text(h->arena, row_id(people[0]))));
    house_expect(h, &a, 200);
    a = house_get(h, admin,
                  arena_printf(h->arena, "/companies/%s/chart", id_text(h->arena, row_id(firm))));
    house_expect(h, &a, 200);
    assert_true(house_has(&a, "Person 1"));
    assert_true(house_has(&a, "Person 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_come_round),
        IN_BOTH_HOUSES(a_key_date_is_told_of_once_each_time, NULL),
        IN_BOTH_HOUSES(who_has_something_to_do_is_reminded, NULL),
        IN_BOTH_HOUSES(done_leads_to_the_next, NULL),
        IN_BOTH_HOUSES(a_chart_survives_merges, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
