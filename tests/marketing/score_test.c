/* score_test.c -- what a rule gives for what somebody did, where each point is said to come from,
 * when a score is computed again, and what crossing the MQL line does; on both engines. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "marketing/browse.h"
#include "store/queue.h"

/* ---- what a rule gives ---- */

struct did {
    const char *kind, *page, *name; /* kind NULL: the list ends */
    int days_ago, times;
};
#define DID(...) ((const struct did[]){ __VA_ARGS__, { NULL } })

static const struct {
    const char *note, *event, *page, *action, *filter, *points, *max, *days;
    const struct did *did;
    int score;
} cases[] = {
    { "nothing done", "pageview", "", "", "", "10", "5", "30", DID({ NULL }), 0 },
    { "a page, any page", "pageview", "", "", "", "10", "5", "30",
      DID({ "pageview", "/a", NULL, 1, 1 }), 10 },
    { "each counts", "pageview", "", "", "", "10", "5", "30", DID({ "pageview", "/a", NULL, 1, 3 }),
      30 },
    { "at most so often", "pageview", "", "", "", "10", "5", "30",
      DID({ "pageview", "/a", NULL, 1, 9 }), 50 },
    { "the page itself", "pageview", "/pricing", "", "", "10", "5", "30",
      DID({ "pageview", "/pricing", NULL, 1, 1 }, { "pageview", "/pricing/teams", NULL, 1, 1 }),
      10 },
    { "a slash at the end does not matter", "pageview", "/pricing", "", "", "10", "5", "30",
      DID({ "pageview", "/pricing/", NULL, 1, 1 }), 10 },
    { "what begins so", "pageview", "/docs/*", "", "", "10", "5", "30",
      DID({ "pageview", "/docs/a", NULL, 1, 1 }, { "pageview", "/blog/docs/", NULL, 1, 1 }), 10 },
    { "what ends so", "pageview", "*/prices", "", "", "10", "5", "30",
      DID({ "pageview", "/de/prices", NULL, 1, 1 }, { "pageview", "/prices/old", NULL, 1, 1 }),
      10 },
    { "a star in the middle", "pageview", "/*/demo*", "", "", "10", "5", "30",
      DID({ "pageview", "/en/demo-video", NULL, 1, 1 }, { "pageview", "/demo", NULL, 1, 1 }), 10 },
    { "too long ago", "pageview", "", "", "", "10", "5", "30",
      DID({ "pageview", "/a", NULL, 31, 1 }, { "pageview", "/a", NULL, 29, 1 }), 10 },
    { "another kind", "form_submit", "", "", "", "50", "2", "365",
      DID({ "pageview", "/a", NULL, 1, 4 }), 0 },
    { "a form", "form_submit", "", "", "", "50", "2", "365",
      DID({ "form_submit", "/f", "Demo", 1, 3 }), 100 },
    { "an action by its name", "action", "", "File Download", "", "8", "5", "30",
      DID({ "action", "/a", "File Download", 1, 2 }, { "action", "/a", "404", 1, 2 }), 16 },
    { "a day with a visit counts once", "visit", "", "", "", "5", "6", "30",
      DID({ "pageview", "/a", NULL, 1, 4 }, { "pageview", "/a", NULL, 2, 4 }), 10 },
    { "points can be taken, but none is below nothing", "pageview", "/jobs", "", "", "-20", "5",
      "30", DID({ "pageview", "/jobs", NULL, 1, 2 }), 0 },
    { "the profile", "profile", "", "", "country = 'DE'", "25", "1", "365", DID({ NULL }), 25 },
    { "another profile", "profile", "", "", "country = 'FR'", "25", "1", "365", DID({ NULL }), 0 },
};

static i64 put_rule(struct house *h, size_t i)
{
    return RECORD(h, "score_rule", "name", "The rule", "event", cases[i].event, "page",
                  cases[i].page, "action", cases[i].action, "filter", cases[i].filter, "points",
                  cases[i].points, "max_times", cases[i].max, "days", cases[i].days);
}

static void did(struct house *h, i64 contact, const struct did *d)
{
    for (; d->kind; d++)
        for (int n = 0; n < d->times; n++) {
            struct event e = {
                .at_ms = h->clock->fixed_ms - d->days_ago * (i64)MS_DAY + n * (i64)MS_MINUTE,
                .kind = kit_event_code(h->kit, d->kind),
                .person = journey_person(h->journey, PERSON_CONTACT, (u64)contact),
                .page = journey_intern(h->journey, DICT_PAGE, str_from(d->page)),
                .props = d->name ? arena_printf(h->arena, "{\"name\":\"%s\"}", d->name) : NULL,
            };
            assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
        }
}

static struct row *contact(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, id, &r));
    return r;
}

static void run_job(struct house *h, const char *name, i64 contact_id)
{
    struct val *payload = val_map(h->arena);
    struct job_run run = { .cx = h->cx, .payload = payload };

    val_put_i64(payload, "contact", contact_id);
    assert_ok(h->cx, kit_job(h->kit, name)->run(&run));
}

/* The rules that a workspace begins with would count too. */
static void no_rules(struct house *h)
{
    struct list_page page;
    struct list_query all = { .limit = 100 };

    assert_ok(h->cx, list_run(h->cx, type_find(h->cx, "score_rule"), &all, &page));
    for (size_t i = 0; i < page.count; i++)
        assert_ok(h->cx, record_delete(h->cx, page.rows[i]));
}

static void a_rule_gives_points_for_what_it_says(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        i64 who;
        no_rules(h);
        put_rule(h, i);
        who = RECORD(h, "contact", "email", arena_printf(h->arena, "p%zu@x.example", i), "country",
                     "DE");
        did(h, who, cases[i].did);
        run_job(h, "score.contact", who);
        if (row_i64(contact(h, who), CONTACT_SCORE) != cases[i].score)
            fail_msg("%s: got %lld, want %d", cases[i].note,
                     (long long)row_i64(contact(h, who), CONTACT_SCORE), cases[i].score);
    }
}

/* Also those that were, once their kind is in the trash. */
static void events_of_ones_own_count(void **state)
{
    static const struct did twice[] = { { "plan_upgraded", "/", NULL, 1, 2 }, { NULL } };
    struct house *h = *state;
    i64 kind = RECORD(h, "event_kind", "name", "plan_upgraded", "label", "Plan upgraded");
    i64 who = RECORD(h, "contact", "email", "a@x.example");
    struct row *r;

    no_rules(h);
    RECORD(h, "score_rule", "name", "Upgrades", "event", "own", "kind_id", id_text(h->arena, kind),
           "points", "30", "max_times", "5");
    did(h, who, twice);
    run_job(h, "score.contact", who);
    assert_int_equal(row_i64(contact(h, who), CONTACT_SCORE), 60);
    assert_ok(h->cx, record_get_named(h->cx, "event_kind", kind, &r));
    assert_ok(h->cx, record_delete(h->cx, r));
    run_job(h, "score.contact", who);
    assert_int_equal(row_i64(contact(h, who), CONTACT_SCORE), 60);
    r = row_new(h->cx, type_find(h->cx, "score_rule"));
    row_set_text(r, type_field(row_type(r), "name"), "Of what?");
    row_set_text(r, type_field(row_type(r), "event"), "own");
    row_set_i64(r, type_field(row_type(r), "points"), 1);
    assert_status(h->cx, record_save(h->cx, r), E_INVALID);
}

/* ---- when it is computed ---- */

static void a_changed_rule_means_a_new_sum_for_everybody(void **state)
{
    struct house *h = *state;
    i64 who = RECORD(h, "contact", "email", "a@x.example"), rule;
    struct row *r;

    no_rules(h);
    rule = put_rule(h, 1);
    did(h, who, cases[1].did);
    settle(h);
    assert_int_equal(row_i64(contact(h, who), CONTACT_SCORE), 10);
    assert_ok(h->cx, record_get_named(h->cx, "score_rule", rule, &r));
    assert_ok(h->cx, row_parse(h->cx, r, type_field(row_type(r), "points"), "7"));
    assert_ok(h->cx, record_save(h->cx, r));
    run_job(h, "score.all", 0);
    assert_int_equal(row_i64(contact(h, who), CONTACT_SCORE), 7);
    h->clock->fixed_ms += 40 * (i64)MS_DAY; /* the rule looks back 30 */
    run_job(h, "score.all", 0);
    assert_int_equal(row_i64(contact(h, who), CONTACT_SCORE), 0);
}

static size_t jobs_waiting(struct house *h, const char *name)
{
    struct val *list = val_list(h->arena);
    size_t count = 0;

    assert_ok(h->cx, queue_list(h->cx, "waiting", 100, list));
    for (size_t i = 0; i < val_count(list); i++)
        count += text_is(val_get_text(val_at(list, i), "name"), name);
    return count;
}

static void a_change_of_the_profile_asks_for_a_new_sum_where_rules_look_at_it(void **state)
{
    struct house *h = *state;
    i64 who;
    struct row *r;

    no_rules(h);
    who = RECORD(h, "contact", "email", "a@x.example");
    assert_int_equal(jobs_waiting(h, "score.contact"), 0);
    put_rule(h, 15);
    r = contact(h, who);
    assert_ok(h->cx, row_parse(h->cx, r, CONTACT_COUNTRY, "DE"));
    assert_ok(h->cx, record_save(h->cx, r));
    assert_int_equal(jobs_waiting(h, "score.contact"), 1);
    run_job(h, "score.contact", who);
    assert_int_equal(row_i64(contact(h, who), CONTACT_SCORE), 25);
    assert_int_equal(jobs_waiting(h, "score.contact"), 1); /* a score does not ask for another */
}

/* ---- the line ---- */

static i64 handoffs(struct house *h, i64 who)
{
    i64 count;

    assert_ok(h->cx, list_count(h->cx, &handoff_type,
                                arena_printf(h->arena, "contact_id = '%s'", id_text(h->arena, who)),
                                NULL, 0, &count));
    return count;
}

static struct row *waiting(struct house *h)
{
    struct list_page page;
    struct list_query q = { .filter = "status = 'pending'" };

    assert_ok(h->cx, list_run(h->cx, &handoff_type, &q, &page));
    assert_int_equal(page.count, 1);
    return page.rows[0];
}

static void over_the_line_is_handed_over_once(void **state)
{
    struct house *h = *state;
    i64 who = RECORD(h, "contact", "email", "a@x.example", "lifecycle", "lead");

    house_user(h, "Sam Sales", "Sales");
    no_rules(h);
    put_rule(h, 11);
    did(h, who, DID({ "form_submit", "/f", "Demo", 2, 1 }));
    settle(h);
    assert_string_equal(row_text(contact(h, who), CONTACT_LIFECYCLE), "lead");
    did(h, who, DID({ "form_submit", "/f", "Demo", 1, 1 }));
    settle(h);
    assert_string_equal(row_text(contact(h, who), CONTACT_LIFECYCLE), "mql");
    run_job(h, "score.all", 0);
    assert_int_equal(handoffs(h, who), 1);
}

/* Sales sent it back knowing all this: only what comes afterwards is a reason to ask again. */
static void a_lead_that_was_sent_back_comes_again_for_something_new_only(void **state)
{
    struct house *h = *state;
    i64 who = RECORD(h, "contact", "email", "a@x.example", "lifecycle", "lead");

    house_user(h, "Sam Sales", "Sales");
    no_rules(h);
    put_rule(h, 11);
    RECORD(h, "score_rule", "name", "Reads", "event", "pageview", "page", "/pricing", "points",
           "1");
    RECORD(h, "score_rule", "name", "Looks for a job", "event", "pageview", "page", "/jobs",
           "points", "-1");
    did(h, who, cases[11].did);
    settle(h);
    assert_int_equal(handoffs(h, who), 1);
    h->clock->fixed_ms += MS_MINUTE;
    assert_ok(h->cx, handoff_decide(h->cx, waiting(h), "recycle", "too_early", ""));
    settle(h);
    run_job(h, "score.all", 0);
    assert_string_equal(row_text(contact(h, who), CONTACT_LIFECYCLE), "lead");
    assert_int_equal(handoffs(h, who), 1);
    h->clock->fixed_ms += 2 * (i64)MS_DAY;
    did(h, who, DID({ "pageview", "/pricing", NULL, 0, 1 }));
    settle(h);
    assert_int_equal(handoffs(h, who), 1); /* it rests */
    h->clock->fixed_ms += 30 * (i64)MS_DAY;
    run_job(h, "score.contact", who);
    did(h, who, DID({ "pageview", "/jobs", NULL, 0, 1 }));
    run_job(h, "score.contact", who);
    assert_int_equal(handoffs(h, who), 1);
    did(h, who, DID({ "pageview", "/pricing", NULL, 0, 1 }));
    settle(h);
    assert_string_equal(row_text(contact(h, who), CONTACT_LIFECYCLE), "mql");
    assert_int_equal(handoffs(h, who), 2);
}

static void where_a_marketer_decides_it_waits_as_an_mql(void **state)
{
    struct house *h = *state;
    i64 who = RECORD(h, "contact", "email", "a@x.example", "lifecycle", "lead");

    house_user(h, "Sam Sales", "Sales");
    assert_ok(h->cx, setting_save(h->cx, "score.hand_over", "false"));
    no_rules(h);
    put_rule(h, 11);
    did(h, who, cases[11].did);
    settle(h);
    assert_string_equal(row_text(contact(h, who), CONTACT_LIFECYCLE), "mql");
    assert_int_equal(handoffs(h, who), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_rule_gives_points_for_what_it_says, NULL),
        IN_BOTH_HOUSES(events_of_ones_own_count, NULL),
        IN_BOTH_HOUSES(a_changed_rule_means_a_new_sum_for_everybody, NULL),
        IN_BOTH_HOUSES(a_change_of_the_profile_asks_for_a_new_sum_where_rules_look_at_it, NULL),
        IN_BOTH_HOUSES(over_the_line_is_handed_over_once, NULL),
        IN_BOTH_HOUSES(a_lead_that_was_sent_back_comes_again_for_something_new_only, NULL),
        IN_BOTH_HOUSES(where_a_marketer_decides_it_waits_as_an_mql, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
