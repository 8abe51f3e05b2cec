/* flow_test.c -- automation: what each kind of step does, how people enter, what ends it, and that
 * whatever happens in between every person ends where a simple model says; on both engines. */
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "kit/follow.h"
#include "marketing/flow_house.h"
#include <stdio.h>
#include <stdlib.h>

static void somebody_goes_step_by_step(void **state)
{
    struct house *h = *state;
    i64 flow = live_flow(h, FLOW(TAG("a", "begun") "," WAIT("b", 3) "," TAG("c", "done"))),
        who = person(h, "anna", "DE"), run = enter(h, flow, who);

    assert_string_equal(where(h, run), "a");
    work(h);
    assert_string_equal(where(h, run), "b");
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "begun");
    later(h, 2 * (i64)MS_DAY);
    assert_string_equal(where(h, run), "b");
    later(h, MS_DAY);
    assert_string_equal(where(h, run), "=end");
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "begun, done");
    assert_int_equal(enter(h, flow, who), 0); /* once, ever */
}

/* ---- each kind of step ---- */
static const struct {
    const char *note, *steps;
    const char *field, *value; /* what the contact has afterwards; NULL: nothing is looked at */
    const char *where;         /* at once */
    i64 after_ms;              /* and after so long ... */
    const char *where_then;
} kinds[] = {
    { "a field is set", STEP("a", "set", ",\"field\":\"city\",\"value\":\"Bremen\""), "city",
      "Bremen", "=end" },
    { "a field is cleared", STEP("a", "set", ",\"field\":\"country\",\"value\":\"\""), "country",
      "", "=end" },
    { "a tag is added", TAG("a", "hot"), "tags", "hot", "=end" },
    { "a tag is taken away",
      TAG("a", "hot") "," TAG("b", "new") "," STEP("c", "tag",
                                                   ",\"do\":\"remove\",\"tag\":\"hot\""),
      "tags", "new", "=end" },
    { "yes or no: yes",
      STEP("a", "if",
           ",\"filter\":\"country = 'DE'\",\"paths\":[{\"id\":\"y\",\"steps\":[" TAG(
               "b", "yes") "]},{\"id\":\"n\",\"steps\":[" TAG("c", "no") "]}]"),
      "tags", "yes", "=end" },
    { "yes or no: no, and behind it all go on",
      STEP("a", "if",
           ",\"filter\":\"country = 'FR'\",\"paths\":[{\"id\":\"y\",\"steps\":[" TAG(
               "b", "yes") "]},{\"id\":\"n\",\"steps\":[]}]") "," TAG("d", "behind"),
      "tags", "behind", "=end" },
    { "a branch by filters: the first that fits",
      STEP("a", "branch",
           ",\"by\":\"filter\",\"paths\":[{\"id\":\"p\",\"name\":\"FR\",\"filter\":\"country = "
           "'FR'\",\"steps\":[]},{\"id\":\"q\",\"name\":\"DE\",\"filter\":\"country = 'DE'\","
           "\"steps\":[" TAG("b", "german") "]},{\"id\":\"r\",\"steps\":[" TAG("c", "other") "]}]"),
      "tags", "german", "=end" },
    { "a branch by a field: none of them",
      STEP("a", "branch",
           ",\"by\":\"field\",\"field\":\"country\",\"paths\":[{\"id\":\"p\",\"name\":\"FR\","
           "\"value\":\"FR\",\"steps\":[]},{\"id\":\"r\",\"steps\":[" TAG("c", "other") "]}]"),
      "tags", "other", "=end" },
    { "a split with one share of all",
      STEP("a", "split",
           ",\"paths\":[{\"id\":\"p\",\"name\":\"A\",\"share\":0,\"steps\":[]},{\"id\":\"q\","
           "\"name\":\"B\",\"share\":100,\"steps\":[" TAG("b", "b") "]}]"),
      "tags", "b", "=end" },
    { "an exit", STEP("a", "exit", "") "," TAG("b", "never"), "tags", "", "=exit" },
    { "a step to go to", STEP("a", "goto", ",\"to\":\"c\"") "," TAG("b", "no") "," TAG("c", "yes"),
      "tags", "yes", "=end" },
    { "a loop without a wait is stopped", TAG("a", "x") "," STEP("b", "goto", ",\"to\":\"a\""),
      "tags", "x", "a?" },
    { "a wait", STEP("a", "wait", ",\"amount\":2,\"unit\":\"hours\""), NULL, NULL, "a",
      2 * (i64)MS_HOUR, "=end" },
    { "a wait that is not over", STEP("a", "wait", ",\"amount\":2,\"unit\":\"hours\""), NULL, NULL,
      "a", 2 * (i64)MS_HOUR - 1, "a" },
    { "a wait until a date that nobody has", STEP("a", "wait_date", ",\"field\":\"customer_at\""),
      NULL, NULL, "=end" },
    { "a wait until days after a date, at a time of the workspace",
      STEP("a", "wait_date", ",\"field\":\"lead_at\",\"days\":1,\"time\":\"08:00\""), NULL, NULL,
      "a", 22 * (i64)MS_HOUR, "=end" },
    { "a wait until a time of day that is now",
      STEP("a", "wait_time",
           ",\"when\":\"own\",\"days\":\"mon\",\"begin\":\"09:00\",\"end\":\"17:00\""),
      NULL, NULL, "=end" },
    { "a wait until another day",
      STEP("a", "wait_time",
           ",\"when\":\"own\",\"days\":\"tue\",\"begin\":\"09:00\",\"end\":\"17:00\""),
      NULL, NULL, "a", 23 * (i64)MS_HOUR, "=end" },
    { "a wait for what does not happen",
      STEP("a", "wait_event",
           ",\"on\":\"form\",\"amount\":1,\"unit\":\"days\",\"paths\":[{\"id\":\"y\",\"steps\":"
           "[" STEP("b", "exit", "") "]},{\"id\":\"n\",\"steps\":[]}]"),
      NULL, NULL, "a", MS_DAY, "=end" },
    { "a wait for a filter that fits already",
      STEP("a", "wait_event",
           ",\"on\":\"filter\",\"filter\":\"country = 'DE'\",\"amount\":1,\"unit\":\"days\","
           "\"paths\":[{\"id\":\"y\",\"steps\":[" STEP("b", "exit",
                                                       "") "]},{\"id\":\"n\",\"steps\":[]}]"),
      NULL, NULL, "=exit" },
    { "a task", STEP("a", "task", ",\"subject\":\"Call them\""), NULL, NULL, "=end" },
    { "a deal", STEP("a", "deal", ",\"name\":\"Big\",\"amount\":\"500 EUR\""), "lifecycle",
      "opportunity", "=end" },
    { "a notification without an owner", STEP("a", "notify", ",\"text\":\"Look\""), NULL, NULL,
      "=end" },
    { "points", STEP("a", "score", ",\"points\":30"), NULL, NULL, "=end" },
    { "a hand-off that nobody can take stays visible",
      STEP("a", "handoff", ",\"reason\":\"Ready\""), NULL, NULL, "a!" },
    { "a mail without a sender stays visible",
      STEP("a", "mail", ",\"subject\":\"Hello\",\"text\":\"There\""), NULL, NULL, "a!" },
};

static void each_kind_of_step_does_what_it_says(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(kinds); i++) {
        i64 flow = live_flow(h, arena_printf(h->arena,
                                             "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],"
                                             "\"steps\":[%s]}",
                                             kinds[i].steps)),
            who = person(h, arena_printf(h->arena, "p%zu", i), "DE"), run;
        const char *at;
        set(h, who, CONTACT_LIFECYCLE, "lead");
        run = enter(h, flow, who);
        work(h);
        at = where(h, run);
        if (!text_is(at, kinds[i].where))
            fail_msg("%s: at %s, want %s", kinds[i].note, at, kinds[i].where);
        if (kinds[i].field) {
            const char *is =
                row_plain(h->cx, contact(h, who), type_field(&contact_type, kinds[i].field));
            if (!text_is(is, kinds[i].value))
                fail_msg("%s: %s is '%s', want '%s'", kinds[i].note, kinds[i].field, is,
                         kinds[i].value);
        }
        if (kinds[i].where_then) {
            later(h, kinds[i].after_ms);
            at = where(h, run);
            if (!text_is(at, kinds[i].where_then))
                fail_msg("%s: then at %s, want %s", kinds[i].note, at, kinds[i].where_then);
            h->clock->fixed_ms = HOUSE_NOW;
        }
    }
}

/* ---- what lets people in, and what ends it ---- */
static void a_reply_stops_a_sequence(void **state)
{
    struct house *h = *state;
    i64 flow = live_flow(
            h, "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"goals\":[{\"id\":\"g\","
               "\"on\":\"mail\",\"what\":\"replied\",\"from\":\"flow\"}],\"steps\":[" WAIT(
                   "a", 3) "," TAG("b", "second") "]}"),
        other = live_flow(h, FLOW(WAIT("a", 3))), who = person(h, "anna", "DE"),
        run = enter(h, flow, who), stays = enter(h, other, who);

    work(h);
    h->clock->fixed_ms += MS_HOUR;
    mail_happens(h, "mail.replied", who, other); /* to a mail of another flow */
    work(h);
    assert_string_equal(where(h, run), "a");
    mail_happens(h, "mail.replied", who, flow);
    work(h);
    assert_string_equal(where(h, run), "=goal");
    assert_string_equal(where(h, stays), "a");
    later(h, 4 * (i64)MS_DAY);
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "");
}

static i64 nurtured_by(struct house *h, i64 flow, i64 who, struct row **handoff)
{
    struct handoff_order o = { .contact_id = who, .reason = "Hot" };
    enum status s;
    i64 id, run;

    assert_ok(h->cx, handoff_make(h->cx, &o, &id));
    assert_ok(h->cx, record_get(h->cx, &handoff_type, id, handoff));
    row_set_i64(*handoff, HANDOFF_FLOW, flow);
    assert_ok(h->cx, handoff_decide(h->cx, *handoff, "recycle", "too_early", ""));
    s = db_get_i64(h->cx, &run, "flow.run_by_handoff", I64("flow", flow), I64("contact", who));
    assert_true(s == OK || s == E_NOT_FOUND);
    return s == OK ? run : 0;
}

static void a_recycled_lead_goes_into_the_flow_that_sales_chose(void **state)
{
    struct house *h = *state;
    i64 flow = live_flow(h, FLOW(WAIT("a", 3))), who = person(h, "anna", "DE");
    struct row *handoff, *paused;

    house_user(h, "Sam Sales", "Sales");
    i64 run = nurtured_by(h, flow, who, &handoff);
    assert_true(run != 0);
    work(h);
    assert_string_equal(where(h, run), "a");
    assert_ok(h->cx, handoff_undo(h->cx, handoff)); /* and comes out when that is taken back */
    assert_string_equal(where(h, run), "=removed");
    assert_false(row_has(handoff, HANDOFF_FLOW));
    assert_ok(h->cx, record_get(h->cx, &flow_type, flow, &paused));
    assert_ok(h->cx, flow_set_status(h->cx, paused, "paused"));
    row_set_i64(handoff, HANDOFF_FLOW, flow);
    assert_status(h->cx, handoff_decide(h->cx, handoff, "recycle", "too_early", ""), E_CONFLICT);
}

static const struct {
    const char *note, *trigger;
    int field; /* what is changed, from `before` to `after` */
    const char *before, *after;
    bool enters;
} triggers[] = {
    { "a field changes", "\"on\":\"field\",\"field\":\"city\"", CONTACT_CITY, "Ulm", "Bonn", true },
    { "another field", "\"on\":\"field\",\"field\":\"city\"", CONTACT_JOB, "a", "b", false },
    { "to the value", "\"on\":\"field\",\"field\":\"lead_status\",\"to\":\"nurturing\"",
      CONTACT_STATUS, "new", "nurturing", true },
    { "to another value", "\"on\":\"field\",\"field\":\"lead_status\",\"to\":\"nurturing\"",
      CONTACT_STATUS, "new", "open", false },
    { "and a filter that fits", "\"on\":\"field\",\"field\":\"city\",\"filter\":\"country = 'DE'\"",
      CONTACT_CITY, "Ulm", "Bonn", true },
    { "and one that does not", "\"on\":\"field\",\"field\":\"city\",\"filter\":\"country = 'FR'\"",
      CONTACT_CITY, "Ulm", "Bonn", false },
};

static void triggers_let_people_in(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(triggers); i++) {
        i64 who = person(h, arena_printf(h->arena, "t%zu", i), "DE"), flow;
        set(h, who, triggers[i].field, triggers[i].before);
        flow = live_flow(
            h, arena_printf(h->arena,
                            "{\"triggers\":[{\"id\":\"t\",%s}],\"steps\":[" WAIT("a", 3) "]}",
                            triggers[i].trigger));
        set(h, who, triggers[i].field, triggers[i].after);
        if ((run_of(h, flow, who) != 0) != triggers[i].enters)
            fail_msg("%s: %s", triggers[i].note, triggers[i].enters ? "stays out" : "enters");
    }
}

static void a_score_that_crosses_the_line_lets_in_once(void **state)
{
    struct house *h = *state;
    i64 who = person(h, "anna", "DE"),
        flow = live_flow(h, "{\"entry\":{\"again\":\"always\"},\"triggers\":[{\"id\":\"t\",\"on\":"
                            "\"score\",\"line\":50}],\"steps\":[" TAG("a", "hot") "]}");
    struct row *r = contact(h, who);

    row_set_i64(r, CONTACT_SCORE, 49);
    assert_ok(h->cx, record_save(h->cx, r));
    assert_int_equal(run_of(h, flow, who), 0);
    row_set_i64(r, CONTACT_SCORE, 50);
    assert_ok(h->cx, record_save(h->cx, r));
    assert_true(run_of(h, flow, who) != 0);
    work(h);
    r = contact(h, who);
    row_set_i64(r, CONTACT_SCORE, 60);
    assert_ok(h->cx, record_save(h->cx, r));
    assert_int_equal(run_of(h, flow, who), 0);
}

static void an_event_lets_in_and_moves_on(void **state)
{
    struct house *h = *state;
    i64 who = person(h, "anna", "DE"), old = person(h, "bert", "DE"), run,
        flow = live_flow(
            h, "{\"triggers\":[{\"id\":\"t\",\"on\":\"event\",\"event\":\"pageview\","
               "\"page\":\"/pricing*\"}],\"steps\":[" STEP(
                   "a", "wait_event",
                   ",\"on\":\"event\",\"event\":\"pageview\",\"page\":\"/demo\","
                   "\"amount\":5,\"unit\":\"days\",\"paths\":[{\"id\":\"y\",\"steps\":[" TAG(
                       "b", "demo") "]},{\"id\":\"n\",\"steps\":[]}]") "]}");
    const struct {
        i64 who;
        const char *page;
        i64 at_ms;
    } events[] = {
        { who, "/about", 0 },
        { old, "/pricing", -2 * (i64)MS_DAY },
        { who, "/pricing/teams", 0 },
    };

    for (size_t i = 0; i < countof(events); i++) {
        struct event e = { .at_ms = h->clock->fixed_ms + events[i].at_ms,
                           .kind = kit_event_code(h->kit, "pageview"),
                           .person = journey_person(h->journey, PERSON_CONTACT, (u64)events[i].who),
                           .page =
                               journey_intern(h->journey, DICT_PAGE, str_from(events[i].page)) };
        assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
    }
    assert_ok(h->cx, follow_all(h->cx));
    run = run_of(h, flow, who);
    assert_true(run != 0);
    assert_int_equal(run_of(h, flow, old), 0); /* it was before there was the flow */
    work(h);
    h->clock->fixed_ms += MS_HOUR;
    struct event e = { .at_ms = h->clock->fixed_ms,
                       .kind = kit_event_code(h->kit, "pageview"),
                       .person = journey_person(h->journey, PERSON_CONTACT, (u64)who),
                       .page = journey_intern(h->journey, DICT_PAGE, str_from("/demo")) };
    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
    assert_ok(h->cx, follow_all(h->cx));
    work(h);
    assert_string_equal(where(h, run), "=end");
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "demo");
}

static void a_date_lets_in_each_day_once_and_catches_up(void **state)
{
    struct house *h = *state;
    i64 who = person(h, "anna", "DE"), other = person(h, "bert", "DE"), flow;
    struct job_run job = { .cx = h->cx };
    struct row *r = contact(h, who);

    row_set_i64(r, CONTACT_CUSTOMER_AT,
                HOUSE_NOW - 363 * (i64)MS_DAY); /* in two days it is a year */
    assert_ok(h->cx, record_save(h->cx, r));
    r = contact(h, other);
    row_set_i64(r, CONTACT_CUSTOMER_AT, HOUSE_NOW - 300 * (i64)MS_DAY);
    assert_ok(h->cx, record_save(h->cx, r));
    flow = live_flow(h, "{\"triggers\":[{\"id\":\"t\",\"on\":\"date\",\"date\":\"customer_at\","
                        "\"yearly\":true}],\"steps\":[" WAIT("a", 30) "]}");
    assert_ok(h->cx, flow_date_job(&job));
    assert_int_equal(run_of(h, flow, who), 0);
    h->clock->fixed_ms += 5 * (i64)MS_DAY; /* nobody served meanwhile */
    assert_ok(h->cx, flow_date_job(&job));
    assert_ok(h->cx, flow_date_job(&job));
    assert_true(run_of(h, flow, who) != 0);
    assert_int_equal(run_of(h, flow, other), 0);
}

static void rules_of_entry_say_who_comes_again(void **state)
{
    static const struct {
        const char *note, *rules;
        bool at_once, after_ten_days, third;
    } rules[] = {
        { "once, ever", "\"again\":\"never\"", false, false, false },
        { "always", "\"again\":\"always\"", true, true, true },
        { "after days", "\"again\":\"after\",\"days\":7", false, true, false },
        { "at most twice", "\"again\":\"always\",\"times\":2", true, false, false },
        { "whom the filter passes", "\"again\":\"always\",\"filter\":\"country = 'DE'\"", true,
          true, true },
        { "not whom it does not", "\"filter\":\"country = 'FR'\"", false, false, false },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(rules); i++) {
        i64 who = person(h, arena_printf(h->arena, "r%zu", i), "DE");
        i64 flow = live_flow(h, arena_printf(h->arena,
                                             "{\"entry\":{%s},\"triggers\":[{\"id\":\"t\","
                                             "\"on\":\"hand\"}],\"steps\":[" TAG("a", "x") "]}",
                                             rules[i].rules));
        bool first = enter(h, flow, who) != 0, again;
        assert_int_equal(enter(h, flow, who), 0); /* one at a time, whatever the rules */
        work(h);
        if (first == text_is(rules[i].note, "not whom it does not"))
            fail_msg("%s: first", rules[i].note);
        again = enter(h, flow, who) != 0;
        work(h);
        if (again != rules[i].at_once)
            fail_msg("%s: at once", rules[i].note);
        h->clock->fixed_ms += 10 * (i64)MS_DAY;
        again = enter(h, flow, who) != 0;
        work(h);
        if (again != rules[i].after_ten_days)
            fail_msg("%s: after ten days", rules[i].note);
        again = enter(h, flow, who) != 0;
        work(h);
        if (again != rules[i].third)
            fail_msg("%s: and again", rules[i].note);
        h->clock->fixed_ms = HOUSE_NOW;
    }
}

static void a_paused_flow_holds_people_and_a_new_version_takes_them_along(void **state)
{
    struct house *h = *state;
    i64 flow = live_flow(h, FLOW(WAIT("a", 1) "," TAG("b", "old"))), who = person(h, "anna", "DE"),
        stays = person(h, "bert", "DE"), run = enter(h, flow, who), number;
    struct row *r;

    work(h);
    assert_ok(h->cx, record_get(h->cx, &flow_type, flow, &r));
    assert_ok(h->cx, flow_set_status(h->cx, r, "paused"));
    later(h, 2 * (i64)MS_DAY);
    assert_string_equal(where(h, run), "a|");
    assert_ok(h->cx, flow_set_status(h->cx, r, "live"));
    work(h);
    assert_string_equal(where(h, run), "=end");
    run = enter(h, flow, stays);
    work(h);
    assert_ok(h->cx, record_get(h->cx, &flow_type, flow, &r));
    row_set_text(r, FLOW_DEFINITION, FLOW(WAIT("a", 1) "," TAG("c", "new")));
    assert_ok(h->cx, record_save(h->cx, r));
    assert_ok(h->cx, flow_publish(h->cx, flow, true, &number));
    assert_int_equal(number, 2);
    later(h, 2 * (i64)MS_DAY);
    assert_string_equal(row_plain(h->cx, contact(h, stays), CONTACT_TAGS), "new");
    assert_string_equal(where(h, run), "=end");
}

static void who_failed_is_shown_and_can_try_again(void **state)
{
    struct house *h = *state;
    i64 flow = live_flow(h, FLOW(TAG("a", "x") "," STEP(
                                "b", "handoff", ",\"reason\":\"Ready\"") "," TAG("c", "y"))),
        who = person(h, "anna", "DE"), run = enter(h, flow, who);
    struct flow_run r;

    work(h);
    assert_string_equal(where(h, run), "b!");
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "x");
    assert_ok(h->cx, flow_run_get(h->cx, run, &r));
    assert_ok(h->cx, flow_retry(h->cx, &r));
    work(h);
    assert_string_equal(where(h, run), "b!"); /* still nobody sells */
    (void)house_user(h, "Sara", "Sales");
    assert_ok(h->cx, flow_run_get(h->cx, run, &r));
    assert_ok(h->cx, flow_signal(h->cx, run, r.visit, "skip"));
    work(h);
    assert_string_equal(where(h, run), "=end");
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "x, y");
}

/* What is wrong with a definition is said with the step it is wrong in. */
static void a_bad_definition_names_its_step(void **state)
{
    static const struct {
        const char *definition, *says;
    } bad[] = {
        { "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"steps\":[]}", "no step yet" },
        { "{\"steps\":[" TAG("a", "x") "]}", "Nothing starts" },
        { FLOW(TAG("a", "x") "," STEP("b", "tag", "")), "Step 2 (Add or remove a tag): Tag" },
        { FLOW(STEP("a", "wait", ",\"amount\":\"soon\"")), "'soon' is no whole number" },
        { FLOW(STEP("a", "wait", ",\"amount\":0")), "between 1 and 10000" },
        { FLOW(STEP("a", "set", ",\"field\":\"colour\",\"value\":\"red\"")), "no field 'colour'" },
        { FLOW(STEP("a", "set", ",\"field\":\"score\",\"value\":\"1\"")), "worked out" },
        { FLOW(STEP("a", "goto", ",\"to\":\"z\"")), "is gone" },
        { FLOW(STEP("a", "mail", "")), "Choose a mail" },
        { FLOW(
              STEP("a", "if", ",\"filter\":\"age > 3\",\"paths\":[{\"id\":\"y\"},{\"id\":\"n\"}]")),
          "age" },
        { FLOW(STEP("a", "split",
                    ",\"paths\":[{\"id\":\"y\",\"share\":50},{\"id\":\"n\",\"share\":40}]")),
          "90 percent together" },
        { FLOW(STEP("a", "webhook", ",\"url\":\"ftp://x\",\"secret\":\"0123456789abcdef\"")),
          "no web address" },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(bad); i++) {
        i64 flow = make_flow(h, "Bad", bad[i].definition), number;
        enum status s = flow_publish(h->cx, flow, false, &number);
        assert_int_equal(s, E_INVALID);
        if (!strstr(h->cx->error_text, bad[i].says))
            fail_msg("'%s' does not say '%s'", h->cx->error_text, bad[i].says);
        ctx_clear_error(h->cx);
    }
}

/* ---- random flows, people, events and a moving clock against a model ---- */
/* The model knows nothing of rows, plans, batches or signals: it walks the definition itself,
 * person by person, in plain recursion over time. */
enum { MODEL_PEOPLE = 40, MODEL_STEPS = 60, MODEL_ROUNDS = 14 };
struct model_step {
    char kind; /* t tag, w wait, i if, s split, e wait_event, x exit, g goto */
    int id, next, yes, no, amount, share, to, tag;
};
struct model {
    struct model_step steps[MODEL_STEPS];
    int count;
};
struct model_person {
    i64 contact, run, due;
    int at; /* step index; -1 end */
    bool waits, done, german, goal;
    const char *outcome;
    int tags[MODEL_STEPS * 20], tag_count, today;
    i64 day;
};
static u64 dice_state;
static int dice(int n)
{
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((dice_state >> 33) % (u64)n);
}

/* Makes a random list of steps as JSON and in the model; what is behind it is `behind` (-2: to be
 * resolved by the caller). Returns the first step's index, or behind. */
static int random_list(struct model *m, struct buf *b, int depth, int behind)
{
    int n = 1 + dice(3), first = -2, last = -1;

    for (int i = 0; i < n && m->count < MODEL_STEPS - 8; i++) {
        int me = m->count++, kind = dice(depth > 2 ? 3 : 6);
        struct model_step *s = &m->steps[me];
        *s = (struct model_step){ .id = me, .next = behind };
        if (last >= 0)
            m->steps[last].next = me;
        if (first == -2)
            first = me;
        last = me;
        buf_printf(b, "%s{\"id\":\"n%d\",", i ? "," : "", me);
        if (kind <= 1) {
            s->kind = 't';
            buf_printf(b, "\"kind\":\"score\",\"points\":1,\"reason\":\"r%d\"}", me);
        } else if (kind == 2) {
            s->kind = 'w';
            s->amount = 1 + dice(40);
            buf_printf(b, "\"kind\":\"wait\",\"amount\":%d,\"unit\":\"hours\"}", s->amount);
        } else {
            s->kind = kind == 3 ? 'i' : kind == 4 ? 's' : 'e';
            s->share = dice(101);
            s->amount = 1 + dice(60);
            buf_printf(b, "\"kind\":\"%s\",",
                       kind == 3   ? "if"
                       : kind == 4 ? "split"
                                   : "wait_event");
            if (kind == 3)
                buf_text(b, "\"filter\":\"country = 'DE'\",");
            if (kind == 5)
                buf_printf(b,
                           "\"on\":\"field\",\"field\":\"city\",\"amount\":%d,\"unit\":\"hours\",",
                           s->amount);
            buf_printf(b, "\"paths\":[{\"id\":\"y%d\",\"name\":\"y\",\"share\":%d,\"steps\":[", me,
                       s->share);
            m->steps[me].yes = dice(4) ? random_list(m, b, depth + 1, -3) : -3;
            buf_printf(b, "]},{\"id\":\"z%d\",\"name\":\"n\",\"share\":%d,\"steps\":[", me,
                       100 - s->share);
            m->steps[me].no = dice(4) ? random_list(m, b, depth + 1, -3) : -3;
            buf_text(b, "]}]}");
        }
    }
    return first == -2 ? behind : first;
}

/* -3: whatever stands behind the branch around it. */
static void resolve_model(struct model *m, int first, int behind)
{
    for (int i = first; i >= 0 && i != behind;) {
        struct model_step *s = &m->steps[i];
        int next = s->next;
        if (next == -3)
            next = s->next = behind;
        if (s->kind == 'i' || s->kind == 's' || s->kind == 'e') {
            if (s->yes == -3)
                s->yes = next;
            else
                resolve_model(m, s->yes, next);
            if (s->no == -3)
                s->no = next;
            else
                resolve_model(m, s->no, next);
        }
        i = next;
    }
}

static bool model_chance(i64 flow, const struct model_step *s, i64 contact)
{
    char text[64];

    snprintf(text, sizeof text, "%lld/n%d", (long long)flow, s->id);
    return (i64)(flow_chance(str_hash(str_from(text)), contact) % 10000) < s->share * 100;
}

/* Goes on from now as far as it goes. */
static void model_go(const struct model *m, struct model_person *p, i64 flow, i64 now,
                     bool happened)
{
    while (!p->done) {
        const struct model_step *s;
        if (p->at < 0) {
            p->done = true;
            p->outcome = "end";
            return;
        }
        s = &m->steps[p->at];
        if ((s->kind == 'w' || s->kind == 'e') && !p->waits) {
            p->waits = true;
            p->due = now + s->amount * (i64)MS_HOUR;
            return;
        }
        if (s->kind == 't')
            p->tags[p->tag_count++] = s->id;
        p->at = s->kind == 'i'   ? (p->german ? s->yes : s->no)
                : s->kind == 's' ? (model_chance(flow, s, p->contact) ? s->yes : s->no)
                : s->kind == 'e' ? (happened ? s->yes : s->no)
                                 : s->next;
        p->waits = happened = false;
    }
}

static void model_until(const struct model *m, struct model_person *p, i64 flow, i64 now)
{
    if (!p->done && p->waits && p->due <= now)
        model_go(m, p, flow, now, false);
}

/* What the flow has done to each person so far: one event a step, in order. */
static int points_given(struct house *h, i64 contact, int *ids)
{
    u32 person = journey_person_find(h->journey, PERSON_CONTACT, (u64)contact);
    struct event *e;
    size_t count;
    int n = 0;

    if (person == 0)
        return 0;
    assert_ok(h->cx, journey_timeline(h->cx, h->journey, person, 0, 0, 500, &e, &count));
    for (size_t i = count; i-- > 0;)
        if (e[i].kind == kit_event_code(h->kit, "points")) {
            const char *r = strstr(e[i].props, "\"r");
            ids[n++] = r ? atoi(r + 2) : -1;
        }
    return n;
}

static void compare(struct house *h, const struct model *m, const struct model_person *p, u64 seed)
{
    char want[32];
    int ids[500], n;

    if (p->done)
        snprintf(want, sizeof want, "=%s", p->outcome);
    else
        snprintf(want, sizeof want, "n%d", m->steps[p->at].id);
    if (!text_is(where(h, p->run), want))
        fail_msg("seed %llu: somebody is at %s, the model says %s", (unsigned long long)seed,
                 where(h, p->run), want);
    n = points_given(h, p->contact, ids);
    if (n != p->tag_count)
        fail_msg("seed %llu: %d actions, the model says %d", (unsigned long long)seed, n,
                 p->tag_count);
    for (int i = 0; i < n; i++)
        assert_int_equal(ids[i], p->tags[i]);
}

/* The taker stops at a random statement, as if the power went: what it had begun is gone, what it
 * had committed stays, and the next one goes on from there. */
static void stop_somewhere(struct house *h)
{
    struct ctx probe = *h->cx;
    bool more;

    db_store_fail_at(h->t->store, (u64)(1 + dice(60)));
    ctx_clear_error(&probe);
    (void)!flow_work(&probe, 0, &more);
    db_store_fail_at(h->t->store, 0);
}

static void everybody_ends_where_the_model_says(void **state)
{
    struct house *h = *state;

    for (u64 seed = 1; seed <= (u64)(getenv("FURROW_PROVE") ? 100 : 4); seed++) {
        struct model m = { .count = 0 };
        struct buf b = buf_in(h->arena, 64 * 1024);
        struct model_person people[MODEL_PEOPLE] = { { 0 } };
        i64 flow;
        int first;
        dice_state = seed * 77 + h->engine;
        h->clock->fixed_ms = HOUSE_NOW;
        buf_text(&b, "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"steps\":[");
        first = random_list(&m, &b, 0, -1);
        buf_text(&b, "]}");
        resolve_model(&m, first, -1);
        flow = live_flow(h, buf_end(&b));
        for (int i = 0; i < MODEL_PEOPLE; i++) {
            struct model_person *p = &people[i];
            p->german = dice(2);
            p->contact = person(h, arena_printf(h->arena, "m%llu-%d", (unsigned long long)seed, i),
                                p->german ? "DE" : "FR");
            p->run = enter(h, flow, p->contact);
            p->at = first;
        }
        work(h);
        for (int i = 0; i < MODEL_PEOPLE; i++)
            model_go(&m, &people[i], flow, h->clock->fixed_ms, false);
        for (int round = 0; round < MODEL_ROUNDS; round++) {
            h->clock->fixed_ms += dice(30) * (i64)MS_HOUR + 1;
            if (dice(3) == 0)
                stop_somewhere(h);
            work(h);
            for (int i = 0; i < MODEL_PEOPLE; i++)
                model_until(&m, &people[i], flow, h->clock->fixed_ms);
            for (int k = 0; k < 6;
                 k++) { /* something happens to some, perhaps what they wait for */
                struct model_person *p = &people[dice(MODEL_PEOPLE)];
                h->clock->fixed_ms++;
                set(h, p->contact, CONTACT_CITY,
                    arena_printf(h->arena, "City %d", (int)(h->clock->fixed_ms % 1000000)));
                work(h);
                if (!p->done && p->waits && m.steps[p->at].kind == 'e')
                    model_go(&m, p, flow, h->clock->fixed_ms, true);
            }
        }
        for (int i = 0; i < 40; i++) /* a few hundred at once */
            assert_ok(h->cx, outbox_drain(h->cx));
        for (int i = 0; i < MODEL_PEOPLE; i++)
            compare(h, &m, &people[i], seed);
    }
}

/* ---- very many in one flow, with a restart in the middle ---- */
static void many_contacts(struct house *h, struct model_person *people, int count)
{
    enum { AT_ONCE = 500 };
    struct row *rows[AT_ONCE];

    for (int from = 0; from < count; from += AT_ONCE) {
        int n = count - from < AT_ONCE ? count - from : AT_ONCE;
        struct arena *a = arena_new(1024 * 1024);
        struct ctx part = *h->cx;
        part.arena = a;
        for (int i = 0; i < n; i++) {
            people[from + i].german = dice(2);
            rows[i] = row_new(&part, &contact_type);
            row_set_text(rows[i], CONTACT_EMAIL, arena_printf(a, "c%d@x.example", from + i));
            row_set_text(rows[i], CONTACT_COUNTRY, people[from + i].german ? "DE" : "FR");
        }
        assert_ok(&part, record_save_many(&part, rows, (size_t)n));
        for (int i = 0; i < n; i++)
            people[from + i].contact = row_id(rows[i]);
        arena_free(a);
    }
}

struct many {
    struct house *h;
    const struct flow_plan *plan;
    struct model_person *people;
    int from, count;
};

static enum status enter_part(struct ctx *cx, void *arg)
{
    struct many *m = arg;

    struct flow_entry e = { .plan = m->plan, .via = "hand" };
    i64 *ids = NEW_N(cx->arena, i64, (size_t)m->count),
        *runs = NEW_N(cx->arena, i64, (size_t)m->count);

    for (int i = 0; i < m->count; i++)
        ids[i] = m->people[m->from + i].contact;
    TRY(flow_enter_many(cx, &e, ids, (size_t)m->count, runs, NULL));
    for (int i = 0; i < m->count; i++)
        m->people[m->from + i].run = runs[i];
    return OK;
}

static void enter_all(struct many *m, int count)
{
    enum { AT_ONCE = 200 }; /* as flow.enrol does */

    for (m->from = 0; m->from < count; m->from += AT_ONCE) {
        struct arena *a = arena_new(1024 * 1024);
        struct ctx part = *m->h->cx;
        part.arena = a;
        m->count = count - m->from < AT_ONCE ? count - m->from : AT_ONCE;
        assert_ok(&part, kit_write(&part, enter_part, m));
        arena_free(a);
    }
}

static i64 steps_logged(struct house *h)
{
    i64 n;

    assert_ok(h->cx, db_get_i64(h->cx, &n, "flow.steps_logged"));
    return n;
}

static void very_many_end_where_the_model_says(void **state)
{
    struct house *h = *state;
    const char *many = getenv("FURROW_MANY"); /* so many people, in numbers */
    bool prove = getenv("FURROW_PROVE") || many;
    int count = many ? atoi(many) : prove ? 100000 : 300;
    struct model_person *people = calloc((size_t)count, sizeof *people);
    struct model m = { .count = 0 };
    struct buf b = buf_in(h->arena, 64 * 1024);
    struct many all = { .h = h, .people = people };
    u64 began, spent = 0;
    i64 flow;
    int first = -1;

    assert_non_null(people);
    for (u64 seed = 4711; m.count < 10 || m.count > 25; seed++) { /* a flow of some size */
        dice_state = seed;
        m.count = 0;
        b = buf_in(h->arena, 64 * 1024);
        buf_text(&b, "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"steps\":[");
        first = random_list(&m, &b, 0, -1);
    }
    buf_text(&b, "]}");
    resolve_model(&m, first, -1);
    flow = live_flow(h, buf_end(&b));
    all.plan = plan_of(h, flow);
    many_contacts(h, people, count);
    began = clock_mono_ns();
    enter_all(&all, count);
    double entering = (double)(clock_mono_ns() - began) / 1e9;
    for (int i = 0; i < count; i++)
        people[i].at = first;
    for (int round = 0; round < MODEL_ROUNDS; round++) {
        if (round == 3 || round == 7) /* the power goes in the middle of the work */
            stop_somewhere(h);
        began = clock_mono_ns();
        work(h);
        spent += clock_mono_ns() - began;
        for (int i = 0; i < count; i++) {
            if (round == 0)
                model_go(&m, &people[i], flow, h->clock->fixed_ms, false);
            else
                model_until(&m, &people[i], flow, h->clock->fixed_ms);
        }
        h->clock->fixed_ms += 11 * (i64)MS_HOUR;
    }
    i64 steps = steps_logged(h);
    if (prove)
        printf("%d people entered at %.0f a second; %lld steps at %.0f a second, %.0f people a "
               "second through the whole flow\n",
               count, count / entering, (long long)steps, (double)steps * 1e9 / (double)spent,
               count * 1e9 / (double)spent);
    for (i64 i = 0; i < steps * 2 / 500 + 1000 && i < 5000; i++)
        assert_ok(h->cx, outbox_drain(h->cx));
    for (int i = 0; i < count; i++) {
        struct arena *a = arena_new(64 * 1024), *kept = h->cx->arena;
        h->cx->arena = a;
        compare(h, &m, &people[i], 4711);
        h->cx->arena = kept;
        arena_free(a);
    }
    free(people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(somebody_goes_step_by_step, NULL),
        IN_BOTH_HOUSES(each_kind_of_step_does_what_it_says, NULL),
        IN_BOTH_HOUSES(a_reply_stops_a_sequence, NULL),
        IN_BOTH_HOUSES(a_recycled_lead_goes_into_the_flow_that_sales_chose, NULL),
        IN_BOTH_HOUSES(triggers_let_people_in, NULL),
        IN_BOTH_HOUSES(a_score_that_crosses_the_line_lets_in_once, NULL),
        IN_BOTH_HOUSES(an_event_lets_in_and_moves_on, NULL),
        IN_BOTH_HOUSES(a_date_lets_in_each_day_once_and_catches_up, NULL),
        IN_BOTH_HOUSES(rules_of_entry_say_who_comes_again, NULL),
        IN_BOTH_HOUSES(a_paused_flow_holds_people_and_a_new_version_takes_them_along, NULL),
        IN_BOTH_HOUSES(who_failed_is_shown_and_can_try_again, NULL),
        IN_BOTH_HOUSES(a_bad_definition_names_its_step, NULL),
        IN_BOTH_HOUSES(everybody_ends_where_the_model_says, NULL),
        IN_BOTH_HOUSES(very_many_end_where_the_model_says, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
