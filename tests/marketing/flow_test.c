/* flow_test.c -- automation: what each kind of step does, how people enter, what ends it, and that
 * whatever happens in between every person ends where a simple model says; on both engines. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "marketing/browse.h"
#include "marketing/flow_run_int.h"
#include "store/queue.h"

/* ---- flows in few words ---- */
static i64 make_flow(struct house *h, const char *name, const char *definition)
{
    return RECORD(h, "flow", "name", name, "definition", definition);
}

static i64 live_flow(struct house *h, const char *definition)
{
    i64 id = make_flow(h, "Test", definition), number;

    assert_ok(h->cx, flow_publish(h->cx, id, false, &number));
    return id;
}

/* Everybody who is due goes on, and so on until nobody is. */
static void work(struct house *h)
{
    bool more;

    assert_ok(h->cx, flow_work(h->cx, 0, &more));
    assert_false(more);
}

static i64 person(struct house *h, const char *name, const char *country)
{
    return RECORD(h, "contact", "first_name", name, "email",
                  arena_printf(h->arena, "%s@x.example", name), "country", country);
}

static struct row *contact(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, id, &r));
    return r;
}

static void set(struct house *h, i64 id, int field, const char *value)
{
    struct row *r = contact(h, id);

    assert_ok(h->cx, row_parse(h->cx, r, field, value));
    assert_ok(h->cx, record_save(h->cx, r));
}

static const struct flow_plan *plan_of(struct house *h, i64 flow)
{
    const struct flow_plan **plans;
    size_t count;

    assert_ok(h->cx, flow_live_plans(h->cx, &plans, &count));
    for (size_t i = 0; i < count; i++)
        if (plans[i]->flow_id == flow)
            return plans[i];
    fail_msg("the flow is not live");
    return NULL;
}

static i64 enter(struct house *h, i64 flow, i64 who)
{
    i64 id;

    assert_ok(h->cx, flow_enter(h->cx,
                                &(struct flow_entry){
                                    .plan = plan_of(h, flow), .contact_id = who, .via = "hand" },
                                &id, NULL));
    return id;
}

/* Where a run is: "step", "step!" failed, "step?" stuck, "=outcome" done. */
static const char *where(struct house *h, i64 run)
{
    scoped(stmt_close) struct stmt q = db_query(h->cx, "flow.where", I64("id", run));

    assert_true(stmt_next(&q));
    const char *node = arena_text(h->arena, col_text(&q, 0));
    switch (col_i64(&q, 1)) {
    case RUN_DONE:
        return arena_printf(h->arena, "=%s", col_text(&q, 2));
    case RUN_FAILED:
        return arena_printf(h->arena, "%s!", node);
    case RUN_STUCK:
        return arena_printf(h->arena, "%s?", node);
    case RUN_HELD:
        return arena_printf(h->arena, "%s|", node);
    default:
        return node;
    }
}

static void later(struct house *h, i64 ms)
{
    h->clock->fixed_ms += ms;
    work(h);
}

#define FLOW(steps) "{\"triggers\":[{\"id\":\"t1\",\"on\":\"hand\"}],\"steps\":[" steps "]}"
#define STEP(id, kind, more) "{\"id\":\"" id "\",\"kind\":\"" kind "\"" more "}"
#define WAIT(id, days) STEP(id, "wait", ",\"amount\":" #days ",\"unit\":\"days\"")
#define TAG(id, tag) STEP(id, "tag", ",\"tag\":\"" tag "\"")

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(somebody_goes_step_by_step, NULL),
        IN_BOTH_HOUSES(each_kind_of_step_does_what_it_says, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
