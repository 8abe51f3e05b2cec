/* health.c -- the health of customers: its rules, the record of each customer with its page, and
 * when it is counted: after what happens to a company or its people, after their events, after a
 * change of the rules, and once an hour, since what is long ago stops to count. */
#include "sales/health.h"
#include "base/id.h"
#include "base/json.h"
#include "bridge/company.h"
#include "kit/filter.h"
#include "kit/follow.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "store/queue.h"

enum { SETTLE_MS = 3 * MS_SECOND, PART = 50 };

static const struct choice areas[] = {
    { "usage", "Visits and use", "blue" },
    { "support", "Tickets", "amber" },
    { "satisfaction", "Ratings", "violet" },
    { "payments", "Payments", "green" },
    { "contract", "Contract", "teal" },
    { "relationship", "Relationship", "orange" },
    { NULL, NULL, NULL },
};
static const struct choice bands[] = {
    { "healthy", "Healthy", "green" },
    { "at_risk", "At risk", "amber" },
    { "critical", "Critical", "red" },
    { NULL, NULL, NULL },
};

static const struct field rule_fields[] = {
    [HEALTH_RULE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100,
                           .help = "Stands as the reason: \"Nobody was here in 90 days\"." },
    [HEALTH_RULE_AREA] = { "area", FIELD_CHOICE, "About", REQUIRED | LISTED | INDEXED,
                           .choices = areas },
    [HEALTH_RULE_FILTER] = { "filter", FIELD_TEXT, "When", REQUIRED | LISTED, .max_len = 500,
                             .help = "A filter over companies, for example: count(ticket where "
                                     "active is true) >= 3" },
    [HEALTH_RULE_POINTS] = { "points", FIELD_INT, "Points", REQUIRED | LISTED | TRACKED,
                             .min = -100, .max = 100, .help = "Below 0 they are taken off." },
    [HEALTH_RULE_WEIGHT] = { "weight", FIELD_INT, "Weight", LISTED | TRACKED, .min = 0, .max = 10,
                             .otherwise = "1", .help = "How many times the points count." },
    [HEALTH_RULE_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true" },
};
_Static_assert(countof(rule_fields) == HEALTH_RULE_FIELDS, "enum and table differ");

static const struct field fields[] = {
    [HEALTH_COMPANY] = { "company_id", FIELD_REF, "Company", COMPUTED, .ref = "company" },
    [HEALTH_BAND] = { "band", FIELD_CHOICE, "Health", LISTED | COMPUTED | INDEXED | TRACKED,
                      .choices = bands },
    [HEALTH_SCORE] = { "score", FIELD_INT, "Of 100", LISTED | COMPUTED | INDEXED },
    [HEALTH_CHANGE] = { "change", FIELD_INT, "In 30 days", LISTED | COMPUTED },
    [HEALTH_ARR] = { "arr", FIELD_MONEY, "ARR", LISTED | COMPUTED | SUMMED | INDEXED },
    [HEALTH_RENEWS] = { "renews_on", FIELD_DATE, "Renews or ends", LISTED | COMPUTED | INDEXED },
    [HEALTH_WHY] = { "why", FIELD_TEXT, "Why", LISTED | COMPUTED, .max_len = 500 },
    [HEALTH_SINCE] = { "band_since", FIELD_DATE, "So since", COMPUTED },
    [HEALTH_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER | COMPUTED, .ref = "user" },
};
_Static_assert(countof(fields) == HEALTH_FIELDS, "enum and table differ");

/* ---- rules ---- */
static enum status rule_validate(struct ctx *cx, struct row *r)
{
    struct filter *f;
    const char *why;

    if (filter_parse(cx, &company_type, row_text(r, HEALTH_RULE_FILTER), &f) == OK) {
        if (!filter_is_personal(f))
            return OK;
        return ctx_fail_field(cx, "filter", "health.personal",
                              "A customer's health is the same for everybody: leave out me and "
                              "my_team.");
    }
    why = arena_text(cx->arena, cx->error_text ? cx->error_text : "");
    ctx_clear_error(cx);
    return ctx_fail_field(cx, "filter", "filter.invalid", "%s", why);
}

/* ---- counting ---- */
struct part {
    const i64 *ids;
    size_t count;
};

static enum status count_part(struct ctx *cx, void *arg)
{
    const struct part *p = arg;

    return health_count(cx, p->ids, p->count);
}

static enum status read_companies(struct ctx *cx, i64 after, i64 *ids, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "health.companies", I64("after", after), I64("limit", PART));

    for (*count = 0; *count < PART && stmt_next(&q); (*count)++)
        ids[*count] = col_i64(&q, 0);
    return stmt_status(&q);
}

/* A part to a transaction, so that nobody waits long. */
static enum status all_job(struct job_run *job)
{
    i64 ids[PART], after = 0;
    struct part p = { ids, PART };

    while (p.count == PART) {
        scoped(arena_close) struct arena *a = arena_new(256 * 1024);
        struct ctx cx = *job->cx;
        enum status s;
        cx.arena = a;
        s = read_companies(&cx, after, ids, &p.count);
        if (s == OK && p.count > 0)
            s = kit_write(&cx, count_part, &p);
        if (s != OK)
            return ctx_fail(job->cx, s, "%s", cx.error_text ? cx.error_text : "");
        after = p.count ? ids[p.count - 1] : after;
    }
    return OK;
}

static enum status company_job(struct job_run *job)
{
    i64 id = val_get_i64(job->payload, "company", 0);
    struct part p = { &id, 1 };
    struct row *company;
    enum status s = record_get(job->cx, &company_type, id, &company);

    if (s == E_NOT_FOUND) { /* gone meanwhile */
        ctx_clear_error(job->cx);
        return OK;
    }
    TRY(s);
    return kit_write(job->cx, count_part, &p);
}

static enum status count_all_soon(struct ctx *cx)
{
    return queue_add(cx, "health.all", "all", "{}", ctx_now(cx) + SETTLE_MS, NULL);
}

static enum status count_soon(struct ctx *cx, i64 company)
{
    struct val *payload = val_map(cx->arena);

    val_put_i64(payload, "company", company);
    return queue_add(cx, "health.company", id_text(cx->arena, company),
                     json_text(cx->arena, payload), ctx_now(cx) + SETTLE_MS, NULL);
}

/* ---- what happens ---- */
static enum status company_of(struct ctx *cx, const struct row *r, i64 *out)
{
    const struct record_type *t = row_type(r);
    int company = type_field(t, "company_id"), contact = type_field(t, "contact_id");
    enum status s;

    *out = text_is(t->name, "company") ? row_id(r) : 0;
    if (company >= 0 && row_has(r, company))
        *out = row_i64(r, company);
    if (*out || contact < 0 || !row_has(r, contact))
        return OK;
    s = db_get_i64(cx, out, "health.company_of", I64("contact", row_i64(r, contact)));
    return s == E_NOT_FOUND ? OK : s;
}

/* Whatever happens to a customer, or to what belongs to it: it may hang on it. New customers come
 * with their first subscription or order. */
static enum status on_anything(struct ctx *cx, const struct happening *h)
{
    const char *type = h->row ? row_type(h->row)->name : "";
    i64 company, known;

    if (!h->row || text_is(type, "customer_health"))
        return OK;
    TRY(company_of(cx, h->row, &company));
    if (!company)
        return OK;
    TRY(db_get_i64(cx, &known, "health.known", I64("company", company)));
    if (known == 0 && !text_is(type, "subscription") && !text_is(type, "sales_order"))
        return OK;
    return cx->batch_id ? count_all_soon(cx) : count_soon(cx, company);
}

static enum status on_rule(struct ctx *cx, const struct happening *h)
{
    (void)h;
    return count_all_soon(cx);
}

/* Visits and use of those who work for customers. */
static enum status on_events(struct ctx *cx, const struct follow_batch *b, void *made)
{
    i64 company, known;

    (void)made;
    for (size_t i = 0; i < b->people_count; i++) {
        enum status s = db_get_i64(cx, &company, "health.company_of", I64("contact", b->people[i]));
        if (s == E_NOT_FOUND)
            continue;
        TRY(s);
        TRY(db_get_i64(cx, &known, "health.known", I64("company", company)));
        if (known)
            TRY(count_soon(cx, company));
    }
    return OK;
}

/* ---- the page ---- */
static void put_reason(struct ctx *cx, const struct health_rule *r, bool holds, struct val *list)
{
    struct val *v = val_add_map(list);
    const char *area = "";
    struct filter *f;

    for (const struct choice *c = areas; c->value; c++)
        if (text_is(c->value, r->area))
            area = c->label;
    val_put_text(v, "text", r->name);
    val_put_text(v, "area", area);
    val_put_printf(v, "points", r->points < 0 ? "\u2212%lld" : "+%lld",
                   r->points < 0 ? -(long long)r->points : (long long)r->points);
    val_put_text(v, "tone", r->points < 0 ? "red" : "green");
    val_put_bool(v, "holds", holds);
    val_put_printf(v, "url", "/health-rules/%s", id_text(cx->arena, r->id));
    if (filter_parse(cx, &company_type, r->filter, &f) == OK) {
        val_put_text(v, "detail", filter_words(cx, f));
    } else {
        ctx_clear_error(cx);
        val_put_text(v, "detail", "");
    }
}

/* Each point of now, and what could have given some and did not. */
static enum status health_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct val *held = val_put_list(page, "held"), *others = val_put_list(page, "others");
    i64 id = row_i64(r, HEALTH_COMPANY);
    struct health_rules rules;
    bool *holds;

    (void)guard;
    TRY(health_rules_read(cx, &rules));
    holds = NEW_N(cx->arena, bool, rules.count + 1);
    TRY(health_ask(cx, &rules, &id, 1, holds));
    for (size_t i = 0; i < rules.count; i++)
        put_reason(cx, &rules.list[i], holds[i], holds[i] ? held : others);
    val_put_i64(page, "start", rules.start);
    val_put_i64(page, "score", health_sum(&rules, holds));
    val_put_bool(page, "has_others", val_count(others) > 0);
    val_put_printf(page, "company_url", "/companies/%s", id_text(cx->arena, id));
    return OK;
}

static const char *health_title(struct ctx *cx, const struct row *r)
{
    return row_has(r, HEALTH_COMPANY) ? row_show(cx, r, HEALTH_COMPANY) : "Health";
}

/* ---- what a workspace begins with ---- */
static const struct {
    const char *name, *area, *filter;
    i64 points;
} first_rules[] = {
    { "Somebody was here in the last 30 days", "usage",
      "count(contact.company_id where last_seen_at > -30d) > 0", 10 },
    { "Nobody was here in 90 days", "usage",
      "count(contact.company_id where last_seen_at > -90d) = 0", -15 },
    { "Three people and more use it", "usage",
      "count(contact.company_id where last_seen_at > -90d) >= 3", 5 },
    { "Several open tickets", "support", "count(ticket.company_id where active is true) >= 3",
      -10 },
    { "An urgent ticket is open", "support",
      "count(ticket.company_id where active is true and priority = 'urgent') > 0", -10 },
    { "A promise of ours was broken in 60 days", "support",
      "count(ticket.company_id where resolution_breached is true and solved_at > -60d) > 0", -5 },
    { "Rated badly in 90 days", "satisfaction",
      "count(ticket.company_id where csat <= 2 and csat_at > -90d) > 0", -15 },
    { "Rated well in 90 days", "satisfaction",
      "count(ticket.company_id where csat >= 4 and csat_at > -90d) > 0", 5 },
    { "A promoter (NPS)", "satisfaction",
      "count(nps_answer.company_id where kind = 'promoter' and answered_on > -180d) > 0", 10 },
    { "A detractor (NPS)", "satisfaction",
      "count(nps_answer.company_id where kind = 'detractor' and answered_on > -180d) > 0", -20 },
    { "An invoice is overdue", "payments", "count(invoice.company_id where status = 'overdue') > 0",
      -10 },
    { "An invoice is overdue for 30 days", "payments",
      "count(invoice.company_id where status = 'overdue' and due_on < -30d) > 0", -15 },
    { "Pays on time", "payments",
      "count(invoice.company_id where status = 'paid' and paid_on > -180d) > 0 and "
      "count(invoice.company_id where status = 'overdue') = 0",
      5 },
    { "Pays more than before", "contract",
      "count(mrr_movement.company_id where kind = 'expansion' and on_date > -180d and on_date <= "
      "today) > 0",
      10 },
    { "Pays less than before", "contract",
      "count(mrr_movement.company_id where kind = 'contraction' and on_date > -180d and on_date <= "
      "today) > 0",
      -15 },
    { "Has cancelled", "contract", "count(subscription.company_id where status = 'cancelled') > 0",
      -40 },
    { "Spoken to in 60 days", "relationship", "count(activity.company_id where done_at > -60d) > 0",
      5 },
    { "Nobody spoke to them in 180 days", "relationship",
      "count(activity.company_id where done_at > -180d) = 0", -10 },
};

static enum status health_start(struct ctx *cx)
{
    i64 count;

    TRY(db_get_i64(cx, &count, "health.rule_count"));
    for (size_t i = 0; count == 0 && i < countof(first_rules); i++) {
        struct row *r = row_new(cx, &health_rule_type);
        row_set_text(r, HEALTH_RULE_NAME, first_rules[i].name);
        row_set_text(r, HEALTH_RULE_AREA, first_rules[i].area);
        row_set_text(r, HEALTH_RULE_FILTER, first_rules[i].filter);
        row_set_i64(r, HEALTH_RULE_POINTS, first_rules[i].points);
        TRY(record_save(cx, r));
    }
    return OK;
}

const struct record_type health_rule_type = {
    .name = "health_rule",
    .label = "Health rule",
    .plural = "Health rules",
    .path = "health-rules",
    .icon = "activity",
    .section = "settings",
    .menu_order = 26,
    .sort = "area",
    .title = HEALTH_RULE_NAME,
    .fields = rule_fields,
    .field_count = HEALTH_RULE_FIELDS,
    .empty = "Rules give customers points for what they do and how they fare, and take some off. "
             "Their sum is the customer's health.",
    .validate = rule_validate,
};

const struct record_type health_type = {
    .name = "customer_health",
    .label = "Customer health",
    .plural = "Customer health",
    .path = "customer-health",
    .icon = "activity",
    .section = "service",
    .menu_order = 20,
    .sort = "score",
    .title = HEALTH_COMPANY,
    .title_of = health_title,
    .fields = fields,
    .field_count = HEALTH_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE | TYPE_SYSTEM,
    .empty = "How your customers do: a score for each company that pays, with every reason, "
             "counted anew as things happen.",
    .detail = health_detail,
    .detail_template = "health/detail",
};

static const struct job_type jobs[] = {
    { "health.all", "Count how customers do", all_job, .every_ms = MS_HOUR, .at_start = true },
    { "health.company", "Count how a customer does", company_job },
};
static const struct subscription subscriptions[] = { { "*", on_anything },
                                                     { "health_rule.*", on_rule } };
static const struct follower followers[] = {
    { "health", "Count how customers do", .write = on_events },
};
static const struct merge_table merge_tables[] = {
    { "company", "customer_health", "company_id", "id", "" },
};
static const struct setting settings[] = {
    { "health.customers", FIELD_TEXT, "Who is a customer", "A filter over companies.",
      "count(subscription.company_id where status in ('active', 'cancelled')) > 0",
      .group = "Customer health" },
    { "health.start", FIELD_INT, "Health begins with", "Before any rule gives or takes points.",
      "65", .group = "Customer health" },
    { "health.healthy_from", FIELD_INT, "Healthy from", "This score on.", "70",
      .group = "Customer health" },
    { "health.at_risk_from", FIELD_INT, "At risk from", "This score on; below it is critical.",
      "40", .group = "Customer health" },
};

/* ---- numbers ---- */
#define OF_BANDS(word, text, says, condition)                                                      \
    {                                                                                              \
        .name = (word), .label = (text), .unit = UNIT_COUNT, .team = "both", .definition = (says), \
        .source = METRIC_RECORDS, .type = "customer_health", .filter = condition,                  \
        .aggregate = AGG_COUNT, .time = AT_NOW, .owner_path = "owner_id"                           \
    }
static const struct metric metrics[] = {
    OF_BANDS("customers_healthy", "Healthy customers",
             "Customers whose health is at or over the line of the settings.", "band = 'healthy'"),
    OF_BANDS("customers_at_risk", "Customers at risk",
             "Customers whose health is at risk or critical.", "band != 'healthy'"),
    OF_BANDS("customers_critical", "Critical customers", "Customers whose health is critical.",
             "band = 'critical'"),
    { .name = "arr_at_risk",
      .label = "ARR at risk",
      .unit = UNIT_MONEY,
      .team = "both",
      .less_is_better = true,
      .definition = "What customers whose health is at risk or critical pay a year, in base "
                    "currency.",
      .source = METRIC_RECORDS,
      .type = "customer_health",
      .filter = "band != 'healthy'",
      .aggregate = AGG_SUM,
      .field = "arr",
      .time = AT_NOW,
      .owner_path = "owner_id" },
    { .name = "average_health",
      .label = "Average health",
      .unit = UNIT_NUMBER,
      .team = "both",
      .definition = "Mean health of all customers, of 100.",
      .source = METRIC_RECORDS,
      .type = "customer_health",
      .aggregate = AGG_AVG,
      .field = "score",
      .time = AT_NOW,
      .owner_path = "owner_id" },
};
static const struct menu_item menu[] = {
    { "service", "Customers at risk",
      "/customer-health?filter=band%20!%3D%20%27healthy%27&sort=-arr", "alert-triangle",
      "customer_health", 21, NULL },
};
const struct feature feature_health = {
    .name = "health",
    TYPES(&health_rule_type, &health_type),
    JOBS(jobs),
    SETTINGS(settings),
    SUBSCRIPTIONS(subscriptions),
    FOLLOWERS(followers),
    MERGE_TABLES(merge_tables),
    METRICS(metrics),
    MENU(menu),
    .start = health_start,
};
