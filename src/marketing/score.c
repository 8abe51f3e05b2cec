/* score.c -- point rules and the MQL line, and when a score is computed: after events of the
 * contact, after a change of its profile, after a change of the rules, and once a day, since what
 * is long ago stops to count. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "bridge/contact.h"
#include "journey/journey.h"
#include "kit/follow.h"
#include "marketing/score_int.h"
#include "store/queue.h"

enum {
    RULES_SETTLE_MS = 5 * MS_SECOND, /* rules are rarely changed one by one */
};

static const struct field fields[] = {
    [RULE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100 },
    [RULE_EVENT] = { "event", FIELD_CHOICE, "Points for", REQUIRED | LISTED,
                     .otherwise = "pageview",
                     .choices = CHOICES({ "pageview", "A page view", "blue" },
                                        { "action", "An action on the site", "teal" },
                                        { "form_submit", "A form", "green" },
                                        { "visit", "A visit (a day with page views)", "blue" },
                                        { "call", "A call", "violet" },
                                        { "meeting", "A meeting", "violet" },
                                        { "own", "An event of one's own", "teal" },
                                        { "mail_open", "A mail opened", "amber" },
                                        { "mail_click", "A click in a mail", "amber" },
                                        { "mail_reply", "An answer to a mail", "green" },
                                        { "chat_message", "A message in the chat", "teal" },
                                        { "profile", "The profile (a filter)", "amber" },
                                        { "fit", "The fit: grade A to F (a filter)", "gray" }) },
    [RULE_KIND] = { "kind_id", FIELD_REF, "Event of one's own", LISTED, .ref = "event_kind",
                    .help = "Which; Settings, Event kinds has them." },
    [RULE_PAGE] = { "page", FIELD_TEXT, "Page", LISTED, .max_len = 300,
                    .help = "Path of the page; * stands for anything: /pricing or /docs/*. Empty: "
                            "every page." },
    [RULE_ACTION] = { "action", FIELD_TEXT, "Action's name", 0, .max_len = 120,
                      .help = "For example Outbound Link: Click. Empty: every action." },
    [RULE_FILTER] = { "filter", FIELD_TEXT, "Filter over contacts", 0, .max_len = 500,
                      .help = "For rules over the profile and the fit, for example: "
                              "company_id.employees >= 50" },
    [RULE_POINTS] = { "points", FIELD_INT, "Points", REQUIRED | LISTED, .min = -1000, .max = 1000 },
    [RULE_MAX] = { "max_times", FIELD_INT, "Counts at most", LISTED, .min = 1, .max = 1000,
                   .otherwise = "10",
                   .help = "How many times this rule may count for one person." },
    [RULE_DAYS] = { "days", FIELD_INT, "Within days", LISTED, .min = 1, .max = 3650,
                    .otherwise = "365", .help = "Older events no longer count." },
    [RULE_HALF_LIFE] = { "half_life_days", FIELD_INT, "Half-life in days", 0, .min = 1, .max = 3650,
                         .help = "After so many days an event gives half of its points, after "
                                 "twice as many a quarter. Empty: all of them until they no longer "
                                 "count." },
    [RULE_PRODUCT] = { "product_id", FIELD_REF, "For the score of", LISTED, .ref = "scored_product",
                       .help = "A product with a score of its own. Empty: the lead score." },
    [RULE_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true" },
};
_Static_assert(countof(fields) == RULE_FIELDS, "enum and table differ");

static enum status rule_validate(struct ctx *cx, struct row *r)
{
    struct filter *f;

    if (text_is(row_text(r, RULE_EVENT), "own") && !row_has(r, RULE_KIND))
        return ctx_fail_field(cx, "kind_id", "required", "Say which event of one's own counts.");
    if (!text_is(row_text(r, RULE_EVENT), "profile") && !text_is(row_text(r, RULE_EVENT), "fit"))
        return OK;
    if (!row_has(r, RULE_FILTER))
        return ctx_fail_field(cx, "filter", "required",
                              "A rule over the profile needs a filter, for example: country = "
                              "'Germany'");
    if (filter_parse(cx, &contact_type, row_text(r, RULE_FILTER), &f) != OK) {
        const char *why = cx->error_text;
        ctx_clear_error(cx);
        return ctx_fail_field(cx, "filter", "filter.invalid", "%s", why);
    }
    return OK;
}

/* Scores whom new events are of; computing one twice comes to the same. */
static enum status score_new(struct ctx *cx, const struct follow_batch *b, void **made)
{
    (void)made;
    return score_people(cx, b->people, b->people_count, true);
}

/* ---- everybody at once ---- */

static enum status read_contacts(struct ctx *cx, i64 *after, i64 *ids, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "score.contacts", I64("after", *after), I64("limit", SCORE_PEOPLE_MAX));

    *count = 0;
    while (stmt_next(&q))
        ids[(*count)++] = *after = col_i64(&q, 0);
    return stmt_status(&q);
}

enum status score_all(struct ctx *cx, bool cross)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    u64 last = cx->journey ? journey_last_seq(cx->journey) : 0;
    i64 after = 0;
    size_t count;

    do {
        scoped(arena_close) struct arena *a = arena_new(1024 * 1024);
        struct ctx some = *cx;
        i64 *ids = NEW_N(a, i64, SCORE_PEOPLE_MAX);
        some.arena = a;
        enum status s = read_contacts(&some, &after, ids, &count);
        if (s == OK)
            s = score_people(&some, ids, count, cross);
        if (s != OK)
            return ctx_fail(cx, s, "%s", some.error_text ? some.error_text : "");
    } while (count == SCORE_PEOPLE_MAX);
    return follow_skip(cx, "score", last);
}

static enum status all_job(struct job_run *job) { return score_all(job->cx, true); }

static enum status add_all(struct ctx *cx)
{
    return queue_add(cx, "score.all", "all", "{}", ctx_now(cx) + RULES_SETTLE_MS, NULL);
}

static enum status on_rule(struct ctx *cx, const struct happening *h)
{
    (void)h;
    return add_all(cx);
}

/* ---- one contact, whose profile changed ---- */

static enum status contact_job(struct job_run *job)
{
    i64 id = val_get_i64(job->payload, "contact", 0);

    return score_people(job->cx, &id, 1, true);
}

/* Something that a person or a file said, not what follows from it. */
static bool profile_changed(const struct row *contact)
{
    const struct record_type *t = row_type(contact);
    bool changed = false;

    for (int i = 0; i < t->field_count && !changed; i++)
        changed = !(t->fields[i].flags & COMPUTED) && row_changed(contact, i);
    return changed;
}

/* Another journey is theirs, or no longer: all rules are asked anew. */
static enum status on_merged(struct ctx *cx, const struct happening *h)
{
    struct val *payload = val_map(cx->arena);

    val_put_i64(payload, "contact", row_id(h->row));
    return queue_add(cx, "score.contact", id_text(cx->arena, row_id(h->row)),
                     json_text(cx->arena, payload), ctx_now(cx), NULL);
}

static const struct merge_table merge_tables[] = {
    { "contact", "contact_score", "contact_id", "", "" },
    { "contact", "product_score", "contact_id", "id", "product_id" },
};

static enum status on_contact(struct ctx *cx, const struct happening *h)
{
    struct val *payload = val_map(cx->arena);
    i64 rule;
    enum status s;

    if (!profile_changed(h->row))
        return OK;
    s = db_get_i64(cx, &rule, "score.profile_rule");
    if (s != OK)
        return s == E_NOT_FOUND ? OK : s;
    if (cx->batch_id) /* many at once */
        return add_all(cx);
    val_put_i64(payload, "contact", row_id(h->row));
    return queue_add(cx, "score.contact", id_text(cx->arena, row_id(h->row)),
                     json_text(cx->arena, payload), ctx_now(cx), NULL);
}

/* The rules that a new workspace begins with, in the trade's usual proportions; the line is 100. */
static const struct {
    const char *name, *event, *page;
    i64 points, max;
    const char *filter;
} first_rules[] = {
    { "Form submitted", "form_submit", "", 50, 2 },
    { "Looked at pricing", "pageview", "/pricing*", 15, 3 },
    { "Asked for a demo", "pageview", "/demo*", 20, 1 },
    { "A day with a visit", "visit", "", 5, 6 },
    { "Read a page", "pageview", "", 1, 20 },
    { "Read a case study", "pageview", "/customers*", 8, 3 },
    { "Clicked in a mail", "mail_click", "", 3, 10 },
    { "Looked for a job", "pageview", "/careers*", -20, 1 },
    { "Decides", "fit", "", 40, 1,
      "job_title contains 'head' or job_title contains 'chief' or job_title contains 'director' or "
      "job_title contains 'founder' or job_title contains 'owner' or job_title contains 'manag'" },
    { "A company of 50 and more", "fit", "", 30, 1, "company_id.employees >= 50" },
    { "The company is known", "fit", "", 20, 1, "company_id is not empty" },
    { "Can be called", "fit", "", 10, 1, "phone is not empty" },
};

static enum status score_start(struct ctx *cx)
{
    i64 count;

    TRY(db_get_i64(cx, &count, "score.rule_count"));
    for (size_t i = 0; !count && i < countof(first_rules); i++) {
        struct row *r = row_new(cx, &score_rule_type);
        row_set_text(r, RULE_NAME, first_rules[i].name);
        row_set_text(r, RULE_EVENT, first_rules[i].event);
        row_set_text(r, RULE_PAGE, first_rules[i].page);
        row_set_text(r, RULE_FILTER, first_rules[i].filter ? first_rules[i].filter : "");
        row_set_i64(r, RULE_POINTS, first_rules[i].points);
        row_set_i64(r, RULE_MAX, first_rules[i].max);
        TRY(record_save(cx, r));
    }
    return OK;
}

const struct record_type score_rule_type = {
    .name = "score_rule",
    .label = "Score rule",
    .plural = "Score rules",
    .path = "score-rules",
    .icon = "star",
    .section = "marketing",
    .menu_order = MENU_SELDOM + 40,
    .sort = "-points",
    .title = RULE_NAME,
    .fields = fields,
    .field_count = RULE_FIELDS,
    .empty = "Rules give points for what people do and who they are. At the MQL line a lead goes "
             "to sales.",
    .validate = rule_validate,
    ACTIONS({ "try", "What would another value do?", "/scoring?rule=:id", true }),
};
static const struct job_type jobs[] = {
    { "score.contact", "Score one contact", contact_job },
    { "score.all", "Score everybody", all_job, .every_ms = MS_DAY },
};
static const struct subscription subscriptions[] = {
    { "contact.created", on_contact }, { "contact.updated", on_contact },
    { "contact.moved", on_contact },   { "contact.merged", on_merged },
    { "contact.unmerged", on_merged }, { "contact.restored", on_merged },
    { "score_rule.*", on_rule },
};
static const struct setting settings[] = {
    { "score.mql_line", FIELD_INT, "MQL line",
      "A lead whose score reaches this is marketing qualified.", "100", .group = "Scoring",
      .resource = "score_rule" },
    { "score.cap", FIELD_INT, "Highest lead score",
      "The lead score goes no higher than this. 0: as high as the points add up.", "0",
      .group = "Scoring", .resource = "score_rule" },
    { "score.hand_over", FIELD_BOOL, "Hand over at the line",
      "At the line the lead is handed to sales at once; otherwise a marketer does it by hand.",
      "true", .group = "Scoring", .resource = "score_rule" },
};
static const struct follower followers[] = {
    { "score", "Score new events", score_new, .from_start = true },
};
const struct feature feature_score = {
    .name = "score",
    FOLLOWERS(followers),
    MERGE_TABLES(merge_tables),
    TYPES(&score_rule_type),
    JOBS(jobs),
    SETTINGS(settings),
    SUBSCRIPTIONS(subscriptions),
    .start = score_start,
};
