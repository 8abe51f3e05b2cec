/* numbers_test.c -- some months of a small company, and what every number of the catalogue says of
 * them, worked out by hand; what they aim at, and who is told when they leave their bounds. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "kit/question.h"
#include "sales/deal.h"
#include "support/house.h"
#include <math.h>

/* ---- the story ---- */
static void at(struct house *h, const char *iso)
{
    i64 ms;

    assert_true(time_parse(str_from(iso), &ms));
    h->clock->fixed_ms = ms;
}

static void set(struct house *h, struct row *r, const char *field, const char *text)
{
    assert_ok(h->cx, row_parse(h->cx, r, type_field(row_type(r), field), text));
}

/* A record from pairs of field and text. Its id. */
static i64 make(struct house *h, const char *type, ...)
{
    struct row *r = row_new(h->cx, type_find(h->cx, type));
    const char *field;
    va_list args;

    va_start(args, type);
    while ((field = va_arg(args, const char *)) != NULL)
        set(h, r, field, va_arg(args, const char *));
    va_end(args);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static void change(struct house *h, const char *type, i64 id, const char *field, const char *text)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, type_find(h->cx, type), id, &r));
    set(h, r, field, text);
    assert_ok(h->cx, record_save(h->cx, r));
}

static const char *id_of(struct house *h, i64 id) { return id_text(h->arena, id); }

/* The stage of this name, as text. */
static const char *stage(struct house *h, const char *name)
{
    struct row *r;

    assert_ok(h->cx, record_find(h->cx, type_find(h->cx, "stage"), "name", name, &r));
    return id_of(h, row_id(r));
}

static void close_deal(struct house *h, i64 id, const char *stage_name)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &deal_type, id, &r));
    set(h, r, "stage_id", stage(h, stage_name));
    if (text_is(stage_name, "Lost"))
        set(h, r, "lost_reason", "price");
    assert_ok(h->cx, record_save(h->cx, r));
}

static i64 lead(struct house *h, const char *name)
{
    return make(h, "contact", "first_name", name, "lifecycle", "lead", NULL);
}

static void move(struct house *h, i64 contact, const char *lifecycle)
{
    assert_ok(h->cx, contact_move(h->cx, contact, lifecycle, NULL, NULL));
}

struct cast {
    const struct person *miriam;
    i64 d1, d2, d3, d6, c1, c2, c6, campaign;
};

static void september_and_october(struct house *h, struct cast *c)
{
    struct row *r;
    i64 x, c4, c5;

    at(h, "2027-09-01T10:00:00Z");
    c5 = lead(h, "Came by a campaign");
    assert_ok(h->cx, record_get(h->cx, &contact_type, c5, &r));
    row_set_text(r, CONTACT_CAMPAIGN, "spring");
    assert_ok(h->cx, record_save(h->cx, r));
    c->campaign =
        make(h, "campaign", "name", "Spring", "code", "spring", "budget", "5000 EUR", NULL);
    x = make(h, "company", "name", "X", NULL);
    at(h, "2027-10-01T10:00:00Z");
    c->c1 = lead(h, "One");
    at(h, "2027-10-02T10:00:00Z");
    c->c2 = lead(h, "Two");
    at(h, "2027-10-04T10:00:00Z");
    move(h, c->c1, "mql");
    at(h, "2027-10-05T10:00:00Z");
    c->d1 = make(h, "deal", "name", "One", "amount", "10000", "company_id", id_of(h, x), NULL);
    c->d2 = make(h, "deal", "name", "Two", "amount", "30000", NULL);
    at(h, "2027-10-06T10:00:00Z");
    move(h, c->c1, "sal");
    at(h, "2027-10-10T10:00:00Z");
    change(h, "campaign", c->campaign, "spent", "1000 EUR");
    move(h, c->c1, "opportunity");
    c->d3 = make(h, "deal", "name", "Three", "amount", "20000", "company_id", id_of(h, x),
                 "contact_id", id_of(h, c5), "close_date", "2027-11-05", NULL);
    at(h, "2027-10-15T10:00:00Z");
    close_deal(h, c->d1, "Won");
    at(h, "2027-10-20T10:00:00Z");
    move(h, c->c1, "customer");
    c->d6 = make(h, "deal", "name", "Six", "amount", "6000", "close_date", "2027-11-12",
                 "company_id", id_of(h, make(h, "company", "name", "Y", NULL)), "stage_id",
                 stage(h, "Qualified"), NULL);
    at(h, "2027-10-25T10:00:00Z");
    c4 = lead(h, "Four");
    move(h, c4, "customer");
    close_deal(h, c->d2, "Lost");
}

static void november(struct house *h, struct cast *c)
{
    struct handoff_order o = { .reason = "Hot" };
    struct row *r;
    i64 handoff;

    at(h, "2027-11-01T10:00:00Z");
    make(h, "deal", "name", "Four", "amount", "50000", "close_date", "2027-11-30", "stage_id",
         stage(h, "Proposal"), NULL);
    at(h, "2027-11-02T10:00:00Z");
    move(h, c->c2, "mql");
    make(h, "deal", "name", "Five", "amount", "8000", "close_date", "2027-12-15", NULL);
    at(h, "2027-11-03T10:00:00Z");
    close_deal(h, c->d3, "Won");
    at(h, "2027-11-05T10:00:00Z");
    lead(h, "Three");
    change(h, "campaign", c->campaign, "spent", "3000 EUR");
    at(h, "2027-11-06T10:00:00Z");
    c->c6 = lead(h, "Six");
    at(h, "2027-11-09T10:00:00Z"); /* a working day */
    o.contact_id = c->c6;
    assert_ok(h->cx, handoff_make(h->cx, &o, &handoff));
    at(h, "2027-11-09T12:00:00Z");
    make(h, "activity", "kind", "call", "subject", "Call", "contact_id", id_of(h, c->c6), "done",
         "true", NULL);
    at(h, "2027-11-09T12:30:00Z");
    assert_ok(h->cx, record_get(h->cx, &handoff_type, handoff, &r));
    assert_ok(h->cx, handoff_decide(h->cx, r, "accept", "", ""));
    at(h, "2027-11-10T10:00:00Z");
    close_deal(h, c->d6, "Won");
    move(h, c->c1, "former_customer");
    make(h, "target", "metric", "revenue", "amount", "20000", "period", "month", "from_date",
         "2027-11-01", NULL);
    at(h, "2027-11-23T10:00:00Z");
}

static void tell_story(struct house *h, struct cast *c)
{
    c->miriam = house_user(h, "Miriam", "Sales");
    september_and_october(h, c);
    november(h, c);
}

/* ---- asking ---- */
static const struct val *asked(struct house *h, const char *query)
{
    struct web_response r = house_json(h, house_user(h, "Henrik", ""), HTTP_GET,
                                       arena_printf(h->arena, "/api/v1/question?%s", query), NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

#define OCTOBER "2027-10-01..2027-10-31"
#define NOVEMBER "2027-11-01..2027-11-30"
static const struct {
    const char *metric, *period, *as_of;
    double value; /* NAN: not defined */
} known[] = {
    /* deals */
    { "revenue", NOVEMBER, "", 2600000 },
    { "revenue", NOVEMBER, "2027-11-05", 2000000 },
    { "deals_won", NOVEMBER, "2027-11-02", 0 },
    { "average_deal_size", NOVEMBER, "", 1300000 },
    { "median_deal_size", "2027-10-01..2027-11-30", "", 1000000 },
    { "sales_cycle", NOVEMBER, "", 22.5 },
    { "sales_cycle_median", "2027-10-01..2027-11-30", "", 21 },
    { "win_rate", OCTOBER, "", 0.5 },
    { "closed_value", OCTOBER, "", 4000000 },
    { "win_rate_value", OCTOBER, "", 0.25 },
    { "win_rate_cohort", OCTOBER, "", 0.75 },
    { "win_rate_cohort", OCTOBER, "2027-10-31", 0.25 },
    { "pipeline_value", NOVEMBER, "", 5800000 },
    { "pipeline_value", NOVEMBER, "2027-10-31", 2600000 },
    { "pipeline_value", NOVEMBER, "2027-10-20", 5600000 },
    { "pipeline_value", "2027-10-01..2027-10-20", "", 5600000 },
    { "weighted_pipeline", NOVEMBER, "", 2580000 },
    { "weighted_pipeline", NOVEMBER, "2027-10-31", 320000 },
    { "pipeline_due", NOVEMBER, "", 5000000 },
    { "pipeline_coverage", NOVEMBER, "", 2.5 },
    { "revenue_target", NOVEMBER, "", 2000000 },
    { "quota_attainment", NOVEMBER, "", 1.3 },
    { "quota_attainment", OCTOBER, "", NAN },
    { "sales_velocity", NOVEMBER, "", 2 * 1300000 * 1.0 / 22.5 },
    { "sales_velocity", "2027-09-01..2027-09-30", "", NAN },
    { "forecast_at_start", NOVEMBER, "", 320000 },
    { "forecast_accuracy", NOVEMBER, "", 1 - (26000 - 3200) / 26000.0 },
    { "buying_companies", NOVEMBER, "", 2 },
    { "revenue_per_company", NOVEMBER, "", 1300000 },
    { "customer_companies", NOVEMBER, "", 2 },
    { "repeat_customers", NOVEMBER, "", 1 },
    { "repeat_rate", NOVEMBER, "", 0.5 },
    { "repeat_rate", NOVEMBER, "2027-10-31", 0 },
    { "customer_value", NOVEMBER, "", 1800000 },
    /* people */
    { "new_leads", OCTOBER, "", 3 },
    { "lead_to_mql", OCTOBER, "", 1 / 3.0 },
    { "lead_to_mql_cohort", OCTOBER, "", 2 / 3.0 },
    { "lead_to_mql_cohort", OCTOBER, "2027-10-31", 1 / 3.0 },
    { "mql_to_accepted_cohort", NOVEMBER, "", 0.5 },
    { "accepted_to_opportunity_cohort", OCTOBER, "", 1 },
    { "opportunity_to_customer", OCTOBER, "", 1 },
    { "opportunity_to_customer_cohort", OCTOBER, "", 1 },
    { "opportunity_to_customer_cohort", OCTOBER, "2027-10-31", 0.5 },
    { "customers", NOVEMBER, "", 2 },
    { "customers_at_start", NOVEMBER, "", 2 },
    { "customers_lost", NOVEMBER, "", 1 },
    { "logo_churn", NOVEMBER, "", 0.5 },
    { "retention_rate", NOVEMBER, "", 0.5 },
    { "logo_churn", "2027-09-01..2027-09-30", "", NAN },
    { "lead_to_mql_time", NOVEMBER, "", 17 },
    { "lead_to_customer_time", OCTOBER, "", 9.5 },
    /* money spent */
    { "campaign_budget", NOVEMBER, "", 500000 },
    { "marketing_spend", OCTOBER, "", 100000 },
    { "marketing_spend", NOVEMBER, "", 200000 },
    { "budget_used", NOVEMBER, "", 0.6 },
    { "cost_per_lead", NOVEMBER, "", 100000 },
    { "cost_per_mql", NOVEMBER, "", 100000 },
    { "acquisition_cost", OCTOBER, "", 50000 },
    { "campaign_revenue", NOVEMBER, "", 2000000 },
    { "return_on_spend", NOVEMBER, "", 10 },
    { "return_on_spend", "2027-09-01..2027-09-30", "", NAN },
    /* between the teams */
    { "mql_acceptance", NOVEMBER, "", 1 },
    { "follow_up_in_time", NOVEMBER, "", 1 },
    { "speed_to_lead", NOVEMBER, "", 2 },
    { "speed_to_lead_mean", NOVEMBER, "", 2 },
    { "speed_to_lead", OCTOBER, "", NAN },
};

static void every_number_is_the_one_worked_out_by_hand(void **state)
{
    struct house *h = *state;
    struct cast c = { 0 };

    tell_story(h, &c);
    for (size_t i = 0; i < countof(known); i++) {
        const struct val *answer = asked(
            h, arena_printf(h->arena, "metric=%s&period=%s%s%s", known[i].metric, known[i].period,
                            known[i].as_of[0] ? "&as_of=" : "", known[i].as_of));
        const struct val *value = val_get(answer, "value");
        if (isnan(known[i].value)
                ? !val_is_null(value)
                : val_is_null(value) || fabs(val_as_double(value, -1) - known[i].value) > 1e-6)
            fail_msg("%s in %s as of '%s': says %s, by hand %f", known[i].metric, known[i].period,
                     known[i].as_of, val_print(h->arena, value), known[i].value);
    }
}

/* ---- as it is described ---- */
static void check_described(const struct val *schemas, const char *schema, const struct val *got)
{
    const struct val *properties = val_get(val_get(schemas, schema), "properties");

    for (size_t i = 0; i < val_count(got); i++)
        if (val_is_null(val_get(properties, val_key_at(got, i))))
            fail_msg("%s says nothing of '%s'", schema, val_key_at(got, i));
}

/* A name that is described is no unknown one, whatever is wrong with its value. */
static void names_are_read(struct house *h, const char *name)
{
    struct ctx cx = *h->cx;
    struct val *from = val_map(h->arena);
    struct question q;

    val_put_text(from, "metric", "revenue");
    val_put_text(from, name, text_is(name, "metric") ? "revenue" : "x");
    ctx_clear_error(&cx);
    if (question_read(&cx, from, &q) != OK && text_is(cx.error_code, "query.unknown"))
        fail_msg("'%s' is described, but not read", name);
}

static void what_is_answered_is_described(void **state)
{
    static const char *const queries[] = {
        "metric=win_rate&dimension=owner&limit=1&period=" OCTOBER,
        "metric=revenue&dimension=week&as_of=2027-11-05",
    };
    struct house *h = *state;
    struct cast c = { 0 };
    struct web_response r;
    const struct val *doc, *schemas, *asks;

    tell_story(h, &c);
    r = house_get(h, NULL, "/openapi.json");
    house_expect(h, &r, 200);
    doc = house_val(h, &r);
    schemas = val_get(val_get(doc, "components"), "schemas");
    asks =
        val_get(val_get(val_get(val_get(doc, "paths"), "/api/v1/question"), "get"), "parameters");
    assert_true(val_count(asks) > 12);
    for (size_t i = 0; i < val_count(asks); i++)
        names_are_read(h, val_get_text(val_at(asks, i), "name"));
    for (size_t i = 0; i < countof(queries); i++) {
        const struct val *answer = asked(h, queries[i]);
        check_described(schemas, "Answer", answer);
        for (size_t g = 0; g < val_count(val_get(answer, "groups")); g++)
            check_described(schemas, "AnswerGroup", val_at(val_get(answer, "groups"), g));
    }
}

/* ---- targets ---- */
static const struct {
    const char *query;
    double target, attainment; /* NAN: none */
} aims[] = {
    { "metric=revenue&period=2027-09-01..2027-09-30", NAN, NAN },
    { "metric=revenue&period=2027-11-01..2027-11-30", 2000000, 1.3 },
    { "metric=revenue&period=2027-11-01..2027-11-15", 1000000, 2.6 },
    { "metric=revenue&period=2027-10-01..2027-12-31", 2000000 + 3000000, 3600000 / 5000000.0 },
    { "metric=revenue&period=2027-11-01..2027-11-30&channel=email", 400000, 0 },
    { "metric=revenue&period=2027-11-01..2027-11-30&channel=direct", NAN, NAN },
    { "metric=revenue&period=2027-11-01..2027-11-30&filter=amount+%3E+1", NAN, NAN },
    { "metric=win_rate&period=2027-11-01..2027-11-02", 0.4, NAN },
    { "metric=win_rate&period=2027-11-01..2027-11-30", 0.4, 2.5 },
    { "metric=win_rate&period=2027-11-16..2027-12-15", 0.45, NAN },
    { "metric=pipeline_value&period=2027-11-01..2027-11-30", 10000000, 0.58 },
    { "metric=new_leads&period=2027-11-01..2027-11-30", NAN, NAN }, /* ended in October */
};

static void check_aim(struct house *h, const struct val *v, const char *what, double target,
                      double attainment)
{
    const struct val *t = val_get(v, "target"), *a = val_get(v, "attainment");

    if (isnan(target) ? !val_is_null(t) : fabs(val_as_double(t, -1) - target) > 1e-6)
        fail_msg("%s: aims at %s, not %f", what, val_print(h->arena, t), target);
    if (isnan(attainment) ? !val_is_null(a) : fabs(val_as_double(a, -1) - attainment) > 1e-6)
        fail_msg("%s: reaches %s, not %f", what, val_print(h->arena, a), attainment);
}

static void targets_count_for_as_much_time_as_is_asked(void **state)
{
    struct house *h = *state;
    struct cast c = { 0 };
    const char *miriam;

    tell_story(h, &c);
    miriam = id_of(h, c.miriam->user_id);
    make(h, "target", "metric", "revenue", "amount", "30000", "period", "month", "from_date",
         "2027-12-01", NULL);
    make(h, "target", "metric", "revenue", "amount", "4000", "period", "month", "from_date",
         "2027-11-01", "channel", "email", NULL);
    make(h, "target", "metric", "revenue", "amount", "91000", "period", "quarter", "from_date",
         "2027-07-01", "person_id", miriam, NULL);
    make(h, "target", "metric", "win_rate", "amount", "40", "period", "month", "from_date",
         "2027-01-01", NULL);
    make(h, "target", "metric", "win_rate", "amount", "50", "period", "month", "from_date",
         "2027-12-01", NULL);
    make(h, "target", "metric", "pipeline_value", "amount", "100000", "from_date", "2027-01-01",
         NULL);
    make(h, "target", "metric", "new_leads", "amount", "10", "from_date", "2027-01-01",
         "until_date", "2027-10-31", NULL);
    for (size_t i = 0; i < countof(aims); i++)
        check_aim(h, asked(h, aims[i].query), aims[i].query, aims[i].target, aims[i].attainment);
    /* of each month, and of each person */
    const struct val *groups =
        val_get(asked(h, "metric=revenue&dimension=month&period=2027-10-01..2027-12-31"), "groups");
    check_aim(h, val_at(groups, 0), "October", NAN, NAN);
    check_aim(h, val_at(groups, 1), "November", 2000000, 1.3);
    check_aim(h, val_at(groups, 2), "December", 3000000, 0);
    groups = val_get(asked(h, "metric=quota_attainment&dimension=owner"
                              "&period=2027-07-01..2027-09-30"),
                     "groups");
    assert_int_equal(val_count(groups), 1); /* nobody sold, but one had a quota */
    assert_string_equal(val_get_text(val_at(groups, 0), "key"), miriam);
    assert_true(val_as_double(val_get(val_at(groups, 0), "value"), -1) == 0);
}

static void a_target_that_makes_no_sense_is_refused(void **state)
{
    static const struct {
        const char *body, *code;
    } cases[] = {
        { "{\"metric\":\"nothing\",\"amount\":\"1\",\"from_date\":\"2027-01-01\"}",
          "choice.unknown" },
        { "{\"metric\":\"revenue_target\",\"amount\":\"1\",\"from_date\":\"2027-01-01\"}",
          "target.of_target" },
        { "{\"metric\":\"revenue\",\"amount\":\"1\",\"from_date\":\"2027-01-01\",\"channel\":"
          "\"email\",\"campaign\":\"spring\"}",
          "target.several" },
        { "{\"metric\":\"visits\",\"amount\":\"1\",\"from_date\":\"2027-01-01\",\"person_id\":"
          "\"%s\"}",
          "target.dimension" },
        { "{\"metric\":\"revenue\",\"amount\":\"1\",\"from_date\":\"2027-01-02\",\"until_date\":"
          "\"2027-01-01\"}",
          "target.ends_before_start" },
        { "{\"amount\":\"1\",\"from_date\":\"2027-01-01\"}", "required" },
    };
    struct house *h = *state;
    const struct person *henrik = house_user(h, "Henrik", "");

    for (size_t i = 0; i < countof(cases); i++) {
        const char *mark = strstr(cases[i].body, "%s"), *body = cases[i].body;
        if (mark)
            body = arena_printf(h->arena, "%.*s%s%s", (int)(mark - body), body,
                                id_of(h, henrik->user_id), mark + 2);
        struct web_response r = house_json(h, henrik, HTTP_POST, "/api/v1/targets", body);
        house_expect(h, &r, 422);
        if (!house_has(&r, cases[i].code))
            fail_msg("%s: not refused as %s", body, cases[i].code);
    }
}

/* ---- alerts ---- */
static void look(struct house *h)
{
    struct job_run job = { .cx = h->cx };

    assert_ok(h->cx, kit_job(h->kit, "alert.check")->run(&job));
}

static i64 told(struct house *h, i64 user_id)
{
    struct sql q = sql_new(h->cx);

    sql_add(&q, "SELECT count(*) FROM notification WHERE icon = 'bell' AND user_id = ");
    sql_i64(&q, user_id);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&s));
    return col_i64(&s, 0);
}

static void an_alert_speaks_once_a_period(void **state)
{
    static const struct {
        const char *metric, *condition, *amount, *period, *channel;
        i64 now, next_month; /* how often it has spoken on 23 November, and on 1 December */
    } cases[] = {
        { "new_leads", "above", "1", "month", "", 1, 1 },
        { "new_leads", "above", "2", "month", "", 0, 0 },
        { "new_leads", "below", "4", "month", "", 1, 2 }, /* October had three, November two */
        { "new_leads", "falls", "30", "month", "", 0, 1 },
        { "new_leads", "rises", "30", "month", "", 1, 1 }, /* October after September's one */
        { "pipeline_value", "below", "60000", "month", "", 1, 2 }, /* a state: as it is */
        { "revenue", "behind", "140", "month", "", 0, 1 },         /* October had no target */
        { "revenue", "behind", "120", "month", "", 0, 0 },
        { "new_leads", "below", "4", "month", "email", 1, 2 },
        { "win_rate", "below", "60", "month", "", 1, 1 }, /* a half, then all */
    };
    struct house *h = *state;
    const struct person *people[countof(cases)];
    i64 alerts[countof(cases)];
    struct cast c = { 0 };

    tell_story(h, &c);
    for (size_t i = 0; i < countof(cases); i++) {
        people[i] = house_user(h, arena_printf(h->arena, "P%zu", i), "Sales");
        alerts[i] = make(h, "alert", "metric", cases[i].metric, "condition", cases[i].condition,
                         "amount", cases[i].amount, "period", cases[i].period, "channel",
                         cases[i].channel, "owner_id", id_of(h, people[i]->user_id), NULL);
    }
    for (int twice = 0; twice < 2; twice++) {
        look(h);
        for (size_t i = 0; i < countof(cases); i++)
            if (told(h, people[i]->user_id) != cases[i].now)
                fail_msg("%s %s %s: told %d times, not %d", cases[i].metric, cases[i].condition,
                         cases[i].amount, (int)told(h, people[i]->user_id), (int)cases[i].now);
    }
    at(h, "2027-12-01T10:00:00Z");
    look(h);
    look(h);
    for (size_t i = 0; i < countof(cases); i++)
        if (told(h, people[i]->user_id) != cases[i].next_month)
            fail_msg("%s %s %s: told %d times by December, not %d", cases[i].metric,
                     cases[i].condition, cases[i].amount, (int)told(h, people[i]->user_id),
                     (int)cases[i].next_month);
    /* what looks for another thing may speak again */
    change(h, "alert", alerts[2], "amount", "5");
    look(h);
    assert_int_equal(told(h, people[2]->user_id), 3);
    change(h, "alert", alerts[2], "active", "false");
    at(h, "2028-01-01T10:00:00Z");
    look(h);
    assert_int_equal(told(h, people[2]->user_id), 3);
}

/* Who may not see a number is not told of it, nor stops the others. */
static void nobody_hears_of_what_they_may_not_see(void **state)
{
    struct house *h = *state;
    const struct person *blind, *anna = house_user(h, "Anna", "Sales");
    struct row *role, *user;
    struct cast c = { 0 };

    tell_story(h, &c);
    blind = house_user(h, "Blind", "Sales");
    make(h, "alert", "metric", "revenue", "condition", "above", "amount", "1", "period", "month",
         "owner_id", id_of(h, blind->user_id), NULL);
    make(h, "alert", "metric", "revenue", "condition", "above", "amount", "1", "period", "month",
         "owner_id", id_of(h, anna->user_id), NULL);
    role = row_new(h->cx, type_find(h->cx, "role"));
    set(h, role, "name", "Blind");
    set(h, role, "rules", "{\"contact\":{\"read\":\"all\"}}");
    assert_ok(h->cx, record_save(h->cx, role));
    assert_ok(h->cx, record_get(h->cx, type_find(h->cx, "user"), blind->user_id, &user));
    set(h, user, "role_id", id_of(h, row_id(role)));
    assert_ok(h->cx, record_save(h->cx, user));
    look(h);
    assert_int_equal(told(h, blind->user_id), 0);
    assert_int_equal(told(h, anna->user_id), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(every_number_is_the_one_worked_out_by_hand, NULL),
        IN_BOTH_HOUSES(targets_count_for_as_much_time_as_is_asked, NULL),
        IN_SQLITE_HOUSE(what_is_answered_is_described, NULL),
        IN_SQLITE_HOUSE(a_target_that_makes_no_sense_is_refused, NULL),
        IN_BOTH_HOUSES(an_alert_speaks_once_a_period, NULL),
        IN_SQLITE_HOUSE(nobody_hears_of_what_they_may_not_see, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
