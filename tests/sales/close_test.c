/* close_test.c -- closing: what a won deal hands over to service, and how that is taken back; when
 * a lost one is tried again; the plan of both sides. */
#include "base/id.h"
#include "base/testing.h"
#include "bridge/conversation.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/action_plan.h"
#include "sales/activity.h"
#include "sales/deal.h"
#include "sales/quote_int.h"
#include "service/ticket.h"
#include "service/ticket_step.h"
#include "support/house.h"

/* A record from names and values, as a form would post them; ended by NULL. */
static i64 make(struct house *h, const char *type, ...)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);
    const char *name;
    va_list ap;

    va_start(ap, type);
    while ((name = va_arg(ap, const char *)) != NULL)
        assert_ok(h->cx, row_parse(h->cx, r, type_field(t, name), va_arg(ap, const char *)));
    va_end(ap);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static const char *id_of(struct house *h, i64 id) { return id_text(h->arena, id); }

static struct row *get(struct house *h, const struct record_type *t, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, t, id, &r));
    return r;
}

static struct list_page listed(struct house *h, const struct record_type *t, const char *filter,
                               const char *sort)
{
    struct list_query q = { .filter = filter, .sort = sort, .limit = 50 };
    struct list_page page;

    assert_ok(h->cx, list_run(h->cx, t, &q, &page));
    return page;
}

static void move(struct house *h, i64 deal_id, const char *stage)
{
    struct row *deal = get(h, &deal_type, deal_id);
    struct list_page stages = listed(h, type_find(h->cx, "stage"),
                                     arena_printf(h->arena, "name = '%s' and pipeline_id = '%s'",
                                                  stage, id_of(h, row_i64(deal, DEAL_PIPELINE))),
                                     "position");

    assert_int_equal(stages.count, 1);
    row_set_i64(deal, DEAL_STAGE, row_id(stages.rows[0]));
    if (text_is(stage, "Lost"))
        row_set_text(deal, DEAL_LOST_REASON, "price");
    assert_ok(h->cx, record_save(h->cx, deal));
}

static void set(struct house *h, const char *name, const char *value)
{
    assert_ok(h->cx, setting_save(h->cx, name, value));
}

/* ---- hand-over ---- */
/* A deal with a contact, a note, a quote about which something was promised, and its signature. */
static i64 sold(struct house *h)
{
    i64 company = make(h, "company", "name", "Acker", NULL);
    i64 anna =
        make(h, "contact", "first_name", "Anna", "last_name", "Acker", "email",
             "anna@acker.example", "job_title", "Owner", "company_id", id_of(h, company), NULL);
    i64 deal = make(h, "deal", "name", "Sensors for Acker", "contact_id", id_of(h, anna), NULL);
    i64 quote = make(h, "quote", "deal_id", id_of(h, deal), "currency", "EUR", NULL);
    struct row *r;

    make(h, "quote_line", "quote_id", id_of(h, quote), "name", "Sensor", "quantity", "4",
         "unit_price", "250", NULL);
    make(h, "quote_line", "quote_id", id_of(h, quote), "name", "Plan", "quantity", "1",
         "unit_price", "1200", "months", "12", NULL);
    make(h, "activity", "kind", "note", "body", "The gate is locked before eight.", "deal_id",
         id_of(h, deal), NULL);
    assert_ok(h->cx, quote_mark_sent(h->cx, get(h, &quote_type, quote)));
    r = row_new(h->cx, &quote_comment_type);
    row_set_i64(r, COMMENT_QUOTE, quote);
    row_set_text(r, COMMENT_NAME, "Tom");
    row_set_text(r, COMMENT_TEXT, "We install in the second week of March.");
    assert_ok(h->cx, record_save(h->cx, r));
    assert_ok(h->cx,
              quote_accept(h->cx, get(h, &quote_type, quote), NULL, 0, "Anna Acker", "192.0.2.1"));
    return deal;
}

static struct list_page tickets(struct house *h)
{
    return listed(h, &ticket_type, "", "created_at");
}

static double counted(struct house *h, const char *metric)
{
    struct question q = { .metric = metric, .to_ms = HOUSE_NOW + MS_DAY };
    struct val *answer;

    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    return val_as_double(val_get(answer, "value"), -1);
}

static void a_won_deal_is_handed_over(void **state)
{
    static const struct {
        const char *part, *text;
    } want[] = { { "bought", "4 × Sensor" },
                 { "bought", "Plan, a year" },
                 { "promised", "We install in the second week of March. (Tom)" },
                 { "step", "Say hello" },
                 { "step", "Look again" } };
    static const char *const told[] = { "Sensors for Acker was won: €2,200.00.",
                                        "Order O-2026-0001", "- 4 × Sensor",
                                        "- Anna Acker, Owner, anna@acker.example",
                                        "- The gate is locked before eight." };
    struct house *h = *state;
    struct person *tom = house_user(h, "Tom", "Sales");
    struct list_page all, steps, said;
    struct web_response r;
    i64 deal;

    set(h, "service.handover_steps", "Say hello\n\n Look again ");
    make(h, "sla_policy", "name", "All", "first_normal", "60", "solve_normal", "600", NULL);
    deal = sold(h);
    assert_int_equal(tickets(h).count, 0);
    r = house_post(h, tom, arena_printf(h->arena, "/deals/%s/won", id_of(h, deal)), "");
    house_expect(h, &r, 303);
    all = tickets(h);
    assert_int_equal(all.count, 1);
    assert_string_equal(row_text(all.rows[0], TICKET_SUBJECT), "Welcome: Sensors for Acker");
    assert_string_equal(row_show(h->cx, all.rows[0], TICKET_QUEUE), "Onboarding");
    assert_int_equal(row_i64(all.rows[0], TICKET_DEAL), deal);
    assert_true(row_has(all.rows[0], TICKET_COMPANY));
    assert_false(row_has(all.rows[0], TICKET_POLICY)); /* it takes weeks by its nature */
    steps = listed(h, &ticket_step_type, "", "position");
    assert_int_equal(steps.count, countof(want));
    for (size_t i = 0; i < countof(want); i++) {
        assert_string_equal(row_text(steps.rows[i], STEP_PART), want[i].part);
        assert_string_equal(row_text(steps.rows[i], STEP_TEXT), want[i].text);
    }
    said = listed(h, &conversation_message_type, "", "created_at");
    assert_int_equal(said.count, 1);
    assert_string_equal(row_text(said.rows[0], MESSAGE_AUTHOR), "note");
    for (size_t i = 0; i < countof(told); i++)
        if (strstr(row_text(said.rows[0], MESSAGE_TEXT), told[i]) == NULL)
            fail_msg("\"%s\" is not in: %s", told[i], row_text(said.rows[0], MESSAGE_TEXT));
    /* it is work, but nothing that a customer asked for */
    assert_true(counted(h, "tickets_created") == 0 && counted(h, "ticket_backlog") == 1);
    make(h, "ticket", "subject", "It leaks", NULL);
    assert_true(counted(h, "tickets_created") == 1 && counted(h, "ticket_backlog") == 2);
    /* it stands at the deal, and the desk has its checklist */
    r = house_get(h, tom, arena_printf(h->arena, "/deals/%s", id_of(h, deal)));
    assert_true(house_has(&r, "Welcome: Sensors for Acker"));
    r = house_get(h, tom, arena_printf(h->arena, "/tickets/%s", id_of(h, row_id(all.rows[0]))));
    assert_true(house_has(&r, "0 of 5 done"));
    r = house_post(
        h, tom, arena_printf(h->arena, "/ticket-steps/%s/toggle", id_of(h, row_id(steps.rows[2]))),
        "");
    house_expect(h, &r, 303);
    assert_int_equal(row_i64(get(h, &ticket_step_type, row_id(steps.rows[2])), STEP_DONE_BY),
                     tom->user_id);
    r = house_get(h, tom, arena_printf(h->arena, "/tickets/%s", id_of(h, row_id(all.rows[0]))));
    assert_true(house_has(&r, "1 of 5 done"));
}

static void unless_the_workspace_does_not_want_it(void **state)
{
    struct house *h = *state;

    set(h, "deal.handover", "false");
    move(h, sold(h), "Won");
    assert_int_equal(tickets(h).count, 0);
}

static void what_nobody_touched_is_taken_back(void **state)
{
    struct house *h = *state;
    i64 deal = sold(h);

    move(h, deal, "Won");
    assert_int_equal(tickets(h).count, 1);
    move(h, deal, "Proposal");
    assert_int_equal(tickets(h).count, 0);
    move(h, deal, "Won");
    assert_int_equal(tickets(h).count, 1);
}

static void what_was_worked_on_is_closed_and_goes_on(void **state)
{
    struct house *h = *state;
    i64 deal = sold(h), ticket;
    struct row *step;

    move(h, deal, "Won");
    ticket = row_id(tickets(h).rows[0]);
    step = listed(h, &ticket_step_type, "", "position").rows[0];
    row_set_i64(step, STEP_DONE, 1);
    assert_ok(h->cx, record_save(h->cx, step));
    move(h, deal, "Proposal");
    assert_string_equal(row_text(get(h, &ticket_type, ticket), TICKET_STATUS), "closed");
    move(h, deal, "Won");
    assert_int_equal(tickets(h).count, 1);
    assert_string_equal(row_text(get(h, &ticket_type, ticket), TICKET_STATUS), "open");
    assert_int_equal(listed(h, &conversation_message_type, "", "created_at").count, 3);
}

static void a_renewal_is_not_handed_over(void **state)
{
    struct house *h = *state;
    struct list_page renewals;

    move(h, sold(h), "Won");
    renewals = listed(h, &deal_type, "pipeline_id.is_renewal is true", "created_at");
    assert_int_equal(renewals.count, 1);
    move(h, row_id(renewals.rows[0]), "Renewed");
    assert_int_equal(tickets(h).count, 1);
}

static void a_queue_of_their_own_takes_them(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", "Service");

    make(h, "ticket_queue", "name", "New customers", "takes_handovers", "true", "assign", "user",
         "user_id", id_of(h, ida->user_id), NULL);
    move(h, sold(h), "Won");
    assert_string_equal(row_show(h->cx, tickets(h).rows[0], TICKET_QUEUE), "New customers");
    assert_int_equal(row_i64(tickets(h).rows[0], TICKET_ASSIGNEE), ida->user_id);
}

/* ---- the second try ---- */
static i64 day_of(const char *iso)
{
    i64 day;

    assert_true(date_parse(str_from(iso), &day));
    return day;
}

/* The house's clock stands on 23 November 2026. */
static const struct {
    const char *note, *body, *on; /* "" none */
} losses[] = {
    { "as the settings say", "lost_reason=timing&retry=usual&retry_on=", "2027-02-23" },
    { "nothing said is as usual", "lost_reason=competitor&competitor=Furrowless", "2027-09-23" },
    { "a reason that has none", "lost_reason=no_fit&retry=usual&retry_on=", "" },
    { "on a day of one's own", "lost_reason=no_fit&retry=usual&retry_on=2027-01-15", "2027-01-15" },
    { "never", "lost_reason=timing&retry=never&retry_on=2027-01-15", "" },
};

static struct list_page tasks(struct house *h)
{
    return listed(h, &activity_type, "kind = 'task'", "created_at");
}

static void a_lost_deal_is_tried_again(void **state)
{
    struct house *h = *state;
    struct person *tom = house_user(h, "Tom", "Sales");
    struct list_page all;
    struct web_response r;

    for (size_t i = 0; i < countof(losses); i++) {
        i64 deal =
            make(h, "deal", "name", losses[i].note, "owner_id", id_of(h, tom->user_id), NULL);
        size_t before = tasks(h).count;
        r = house_post(h, tom, arena_printf(h->arena, "/deals/%s/lost", id_of(h, deal)),
                       losses[i].body);
        house_expect(h, &r, 303);
        struct row *d = get(h, &deal_type, deal);
        all = tasks(h);
        if (losses[i].on[0] == '\0') {
            assert_false(row_has(d, DEAL_RETRY_ON));
            assert_int_equal(all.count, before);
            continue;
        }
        assert_int_equal(row_i64(d, DEAL_RETRY_ON), day_of(losses[i].on));
        assert_int_equal(all.count, before + 1);
        d = all.rows[before];
        assert_int_equal(row_i64(d, ACTIVITY_DEAL), deal);
        assert_int_equal(row_i64(d, ACTIVITY_OWNER), tom->user_id);
        assert_int_equal(zone_day(kit_zone(h->cx), row_i64(d, ACTIVITY_DUE)), day_of(losses[i].on));
    }
    r = house_post(
        h, tom,
        arena_printf(h->arena, "/deals/%s/lost", id_of(h, make(h, "deal", "name", "Late", NULL))),
        "lost_reason=timing&retry=usual&retry_on=2026-11-22");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "That day is over"));
}

static void the_task_follows_the_deal(void **state)
{
    struct house *h = *state;
    i64 deal = make(h, "deal", "name", "Probes", NULL);
    struct row *d;

    move(h, deal, "Lost");
    assert_int_equal(tasks(h).count, 1);
    d = get(h, &deal_type, deal);
    row_set_i64(d, DEAL_RETRY_ON, day_of("2028-01-03"));
    assert_ok(h->cx, record_save(h->cx, d));
    assert_int_equal(tasks(h).count, 1);
    assert_int_equal(zone_day(kit_zone(h->cx), row_i64(tasks(h).rows[0], ACTIVITY_DUE)),
                     day_of("2028-01-03"));
    d = get(h, &deal_type, deal); /* somebody else needs no reminder */
    row_clear(d, DEAL_RETRY_ON);
    assert_ok(h->cx, record_save(h->cx, d));
    assert_int_equal(tasks(h).count, 0);
    move(h, deal, "Proposal");
    move(h, deal, "Lost");
    assert_int_equal(tasks(h).count, 1);
    move(h, deal, "Won"); /* after all */
    assert_int_equal(tasks(h).count, 0);
    assert_false(row_has(get(h, &deal_type, deal), DEAL_RETRY_ON));
}

static void the_second_try_is_a_deal_of_its_own(void **state)
{
    struct house *h = *state;
    struct person *tom = house_user(h, "Tom", "Sales");
    i64 lost = make(h, "deal", "name", "Probes", "amount", "500 EUR", NULL);
    const char *path = arena_printf(h->arena, "/deals/%s/again", id_of(h, lost));
    struct web_response r = house_post(h, tom, path, "");
    struct list_page deals;

    house_expect(h, &r, 409);
    move(h, lost, "Lost");
    r = house_post(h, tom, path, "");
    house_expect(h, &r, 303);
    deals = listed(h, &deal_type, "status = 'open'", "created_at");
    assert_int_equal(deals.count, 1);
    assert_int_equal(row_i64(deals.rows[0], DEAL_AFTER), lost);
    assert_int_equal(row_money(deals.rows[0], DEAL_AMOUNT).minor, 50000);
    assert_string_equal(row_text(get(h, &deal_type, lost), DEAL_STATUS), "lost");
    assert_true(row_bool(tasks(h).rows[0], ACTIVITY_DONE));
}

/* ---- the plan of both sides ---- */
static struct list_page steps_of(struct house *h, const char *filter)
{
    return listed(h, &plan_step_type, filter, "position");
}

/* Between the quotes that stand behind `before`. */
static const char *piece(struct house *h, const struct web_response *r, const char *before)
{
    const char *all = arena_dup(h->arena, r->body.p, r->body.len), *at = strstr(all, before);

    if (at == NULL)
        fail_msg("there is no %s", before);
    at += strlen(before);
    return arena_dup(h->arena, at, strcspn(at, "\""));
}

static void the_usual_steps_are_read(void **state)
{
    static const struct {
        const char *side, *text, *due; /* "" none */
    } want[] = { { "theirs", "Name who signs", "2026-12-07" },
                 { "ours", "Send it", "2026-11-23" },
                 { "ours", "Dig four holes", "" },
                 { "ours", "hers 3 odd", "" } };
    struct house *h = *state;
    struct person *tom = house_user(h, "Tom", "Sales");
    i64 deal = make(h, "deal", "name", "Probes", NULL);
    struct list_page steps;
    struct web_response r;

    set(h, "deal.plan_steps",
        "theirs 14 Name who signs\n\nours 0 Send it\nDig four holes\nhers 3 odd");
    r = house_post(h, tom, arena_printf(h->arena, "/deals/%s/plan/usual", id_of(h, deal)), "");
    house_expect(h, &r, 303);
    steps = steps_of(h, "");
    assert_int_equal(steps.count, countof(want));
    for (size_t i = 0; i < countof(want); i++) {
        assert_string_equal(row_text(steps.rows[i], PLAN_SIDE), want[i].side);
        assert_string_equal(row_text(steps.rows[i], PLAN_TEXT), want[i].text);
        assert_int_equal(row_has(steps.rows[i], PLAN_DUE), want[i].due[0] != '\0');
        if (want[i].due[0] != '\0')
            assert_int_equal(row_i64(steps.rows[i], PLAN_DUE), day_of(want[i].due));
    }
}

static void both_sides_follow_one_plan(void **state)
{
    static const struct http_pair browser[] = { { "User-Agent", "Mozilla/5.0 (X11; Linux x86_64)" },
                                                { NULL, NULL } };
    struct house *h = *state;
    struct person *tom = house_user(h, "Tom", "Sales");
    i64 anna = make(h, "contact", "first_name", "Anna", "email", "anna@acker.example", NULL);
    i64 deal = make(h, "deal", "name", "Probes", "contact_id", id_of(h, anna), "owner_id",
                    id_of(h, tom->user_id), NULL);
    const char *url = arena_printf(h->arena, "/deals/%s/plan", id_of(h, deal)), *page, *theirs,
               *ours;
    struct web_response r;

    r = house_post(h, tom, url, "text=Sign&side=theirs&due=2026-12-01&person=Anna");
    house_expect(h, &r, 303);
    r = house_post(h, tom, url, "text=Dig+holes&side=ours&due=2026-11-20");
    house_expect(h, &r, 303);
    r = house_post(h, tom, url, "text=Dig&side=nobody");
    house_expect(h, &r, 422);
    theirs = id_of(h, row_id(steps_of(h, "side = 'theirs'").rows[0]));
    ours = id_of(h, row_id(steps_of(h, "side = 'ours'").rows[0]));
    r = house_get(h, tom, arena_printf(h->arena, "/deals/%s", id_of(h, deal)));
    assert_true(house_has(&r, "0 of 2 done"));
    assert_true(house_has(&r, "is-late")); /* ours was due on Friday */
    assert_false(house_has(&r, "/plan/a"));
    assert_int_equal(
        listed(h, &deal_type, "count(plan_step where done is false) = 2", "created_at").count, 1);
    /* shared, it is read and ticked off without signing in */
    r = house_post(h, tom, arena_printf(h->arena, "%s/share", url), "on=true");
    house_expect(h, &r, 303);
    r = house_get(h, tom, arena_printf(h->arena, "/deals/%s", id_of(h, deal)));
    page = strstr(piece(h, &r, "id=\"plan-link\" type=\"text\" readonly value=\""), "/plan/");
    assert_non_null(page);
    r = house_ask(h, NULL, HTTP_GET, page, NULL, browser);
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Dig holes"));
    r = house_ask(h, NULL, HTTP_GET, page, NULL, browser); /* the same visit */
    assert_int_equal(row_i64(get(h, &deal_type, deal), DEAL_PLAN_OPENS), 1);
    for (int twice = 0; twice < 2; twice++) {
        r = house_post(h, NULL, page, arena_printf(h->arena, "step=%s&done=true", theirs));
        house_expect(h, &r, 303);
    }
    assert_string_equal(row_text(steps_of(h, "side = 'theirs'").rows[0], PLAN_DONE_BY), "Anna");
    r = house_post(h, NULL, page, arena_printf(h->arena, "step=%s&done=true", ours));
    house_expect(h, &r, 404); /* not theirs to do */
    assert_false(row_bool(steps_of(h, "side = 'ours'").rows[0], PLAN_DONE));
    r = house_get(h, tom, "/notifications");
    assert_true(house_has(&r, "Done by the customer: Sign (Probes)"));
    /* and no longer */
    r = house_post(h, tom, arena_printf(h->arena, "%s/share", url), "on=false");
    house_expect(h, &r, 303);
    r = house_ask(h, NULL, HTTP_GET, page, NULL, browser);
    house_expect(h, &r, 404);
    /* what is ours and open is handed over */
    move(h, deal, "Won");
    assert_int_equal(
        listed(h, &ticket_step_type, "part = 'promised' and text contains 'Dig holes'", "position")
            .count,
        1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_won_deal_is_handed_over, NULL),
        IN_BOTH_HOUSES(unless_the_workspace_does_not_want_it, NULL),
        IN_BOTH_HOUSES(what_nobody_touched_is_taken_back, NULL),
        IN_BOTH_HOUSES(what_was_worked_on_is_closed_and_goes_on, NULL),
        IN_BOTH_HOUSES(a_renewal_is_not_handed_over, NULL),
        IN_BOTH_HOUSES(a_queue_of_their_own_takes_them, NULL),
        IN_BOTH_HOUSES(a_lost_deal_is_tried_again, NULL),
        IN_BOTH_HOUSES(the_task_follows_the_deal, NULL),
        IN_BOTH_HOUSES(the_second_try_is_a_deal_of_its_own, NULL),
        IN_BOTH_HOUSES(the_usual_steps_are_read, NULL),
        IN_BOTH_HOUSES(both_sides_follow_one_plan, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
