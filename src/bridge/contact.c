/* contact.c -- a person that the company knows. One record for both teams: marketing writes its
 * early life, sales the later; where it came from is computed from its journey once and kept, so
 * that revenue can be told by first touch in plain SQL. */
#include "bridge/contact.h"
#include "base/id.h"
#include "base/json.h"
#include "base/zone_set.h"
#include "bridge/alike.h"
#include "bridge/company.h"
#include "bridge/engagement.h"
#include "bridge/qualify.h"
#include "bridge/segment.h"
#include "kit/show.h"
#include "kit/zones.h"

enum { BOSSES_MAX = 50 };

static const struct choice lifecycles[] = {
    { "subscriber", "Subscriber", "gray" },
    { "lead", "Lead", "blue" },
    { "mql", "MQL", "violet" },
    { "sal", "Accepted", "teal" },
    { "sales_qualified", "Sales qualified", "teal" },
    { "opportunity", "Opportunity", "amber" },
    { "customer", "Customer", "green" },
    { "evangelist", "Evangelist", "green" },
    { "former_customer", "Former customer", "gray" },
    { "disqualified", "Disqualified", "red" },
    { NULL, NULL, NULL },
};

/* Channels wear their own colours, the same in lists, timelines and charts. */
#define CHANNEL(value, label)   \
    {                           \
        value, label, "channel" \
    }

static const struct field fields[] = {
    [CONTACT_FIRST] = { "first_name", FIELD_TEXT, "First name", SEARCHED, .max_len = 100 },
    [CONTACT_LAST] = { "last_name", FIELD_TEXT, "Last name", SEARCHED | INDEXED, .max_len = 100 },
    [CONTACT_EMAIL] = { "email", FIELD_EMAIL, "Email", LISTED | SEARCHED | UNIQUE },
    [CONTACT_PHONE] = { "phone", FIELD_PHONE, "Phone", SEARCHED },
    [CONTACT_JOB] = { "job_title", FIELD_TEXT, "Job title", 0, .max_len = 120 },
    [CONTACT_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company" },
    [CONTACT_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER | TRACKED, .ref = "user" },
    [CONTACT_LIFECYCLE] = { "lifecycle", FIELD_CHOICE, "Lifecycle",
                            LISTED | TRACKED | INDEXED | REQUIRED, .choices = lifecycles,
                            .otherwise = "lead",
                            .help = "Moves forward by itself: an accepted hand-off, a deal, a won "
                                    "deal." },
    [CONTACT_STATUS] = { "lead_status", FIELD_CHOICE, "Lead status", TRACKED, .otherwise = "new",
                         .choices = CHOICES({ "new", "New", "blue" }, { "open", "Open", "blue" },
                                            { "attempting", "Attempting", "amber" },
                                            { "connected", "Connected", "green" },
                                            { "nurturing", "Nurturing", "violet" },
                                            { "disqualified", "Disqualified", "red" }) },
    [CONTACT_SCORE] = { "score", FIELD_INT, "Score", LISTED | COMPUTED | INDEXED,
                        .otherwise = "0" },
    [CONTACT_FIT] = { "fit", FIELD_CHOICE, "Fit", COMPUTED | INDEXED,
                      .help = "A to F: how well the profile fits, by the rules for the fit.",
                      .choices = CHOICES({ "A", "A", "green" }, { "B", "B", "green" },
                                         { "C", "C", "amber" }, { "D", "D", "gray" },
                                         { "F", "F", "red" }) },
    [CONTACT_CHANCE] = { "win_chance", FIELD_INT, "Chance to win, %", COMPUTED | INDEXED,
                         .help = "Learned from the leads that were won and lost." },
    [CONTACT_COUNTRY] = { "country", FIELD_TEXT, "Country", 0, .max_len = 60, .group = "Where" },
    [CONTACT_CITY] = { "city", FIELD_TEXT, "City", 0, .max_len = 80 },
    [CONTACT_LANGUAGE] = { "language", FIELD_TEXT, "Language", 0, .max_len = 35 },
    [CONTACT_TIMEZONE] = { "timezone", FIELD_TEXT, "Time zone", 0, .max_len = 60,
                           .help = "For example Europe/Berlin. Left empty, the country tells it "
                                   "where it has one time, else the workspace does." },
    [CONTACT_TAGS] = { "tags", FIELD_TAGS, "Tags", 0, .group = "More" },
    [CONTACT_NOTES] = { "notes", FIELD_LONG, "Notes", 0 },
    [CONTACT_CHANNEL] = { "first_channel", FIELD_CHOICE, "First channel",
                          COMPUTED | LISTED | INDEXED,
                          .help = "The channel of the first known touch.",
                          .choices = CHOICES(
                              CHANNEL("direct", "Direct"),
                              CHANNEL("organic-search", "Organic search"),
                              CHANNEL("paid-search", "Paid search"),
                              CHANNEL("organic-social", "Organic social"),
                              CHANNEL("paid-social", "Paid social"), CHANNEL("email", "Email"),
                              CHANNEL("referral", "Referral"), CHANNEL("ai", "AI assistants"),
                              CHANNEL("display", "Display"),
                              CHANNEL("organic-video", "Organic video"),
                              CHANNEL("paid-video", "Paid video"),
                              CHANNEL("organic-shopping", "Organic shopping"),
                              CHANNEL("paid-shopping", "Paid shopping"),
                              CHANNEL("paid-other", "Paid other"),
                              CHANNEL("cross-network", "Cross-network"),
                              CHANNEL("affiliates", "Affiliates"), CHANNEL("audio", "Audio"),
                              CHANNEL("sms", "SMS"), CHANNEL("push", "Mobile push"),
                              CHANNEL("unassigned", "Unassigned"), CHANNEL("import", "Import"),
                              CHANNEL("sales", "Sales")) },
    [CONTACT_SOURCE] = { "first_source", FIELD_TEXT, "First source", COMPUTED, .max_len = 200 },
    [CONTACT_MEDIUM] = { "first_medium", FIELD_TEXT, "First medium", COMPUTED, .max_len = 200 },
    [CONTACT_CAMPAIGN] = { "first_campaign", FIELD_TEXT, "First campaign", COMPUTED | INDEXED,
                           .max_len = 200 },
    [CONTACT_LANDING] = { "first_page", FIELD_TEXT, "First page", COMPUTED, .max_len = 500 },
    [CONTACT_FIRST_SEEN] = { "first_seen_at", FIELD_TIME, "First seen", COMPUTED },
    [CONTACT_LAST_SEEN] = { "last_seen_at", FIELD_TIME, "Last seen", COMPUTED | INDEXED },
    [CONTACT_LEAD_AT] = { "lead_at", FIELD_TIME, "Lead since", COMPUTED | INDEXED },
    [CONTACT_MQL_AT] = { "mql_at", FIELD_TIME, "MQL since", COMPUTED | INDEXED },
    [CONTACT_ACCEPTED_AT] = { "accepted_at", FIELD_TIME, "Accepted", COMPUTED | INDEXED },
    [CONTACT_OPPORTUNITY_AT] = { "opportunity_at", FIELD_TIME, "Opportunity since",
                                 COMPUTED | INDEXED },
    [CONTACT_CUSTOMER_AT] = { "customer_at", FIELD_TIME, "Customer since", COMPUTED | INDEXED },
    [CONTACT_FORMER_AT] = { "former_at", FIELD_TIME, "Former customer since", COMPUTED | INDEXED },
    [CONTACT_CONSENT] = { "consent", FIELD_TAGS, "Consent", COMPUTED,
                          .help = "Purposes this person agreed to; the wording is kept with each "
                                  "form submission." },
    [CONTACT_CONSENT_AT] = { "consent_at", FIELD_TIME, "Consent given", COMPUTED },
    [CONTACT_REPORTS] = { "reports_to_id", FIELD_REF, "Reports to", 0, .ref = "contact",
                          .group = "At their company" },
};
_Static_assert(countof(fields) == CONTACT_FIELDS, "enum and table differ");

/* When a contact first reached each stage; -1 where no stamp is kept. */
static const struct {
    const char *lifecycle;
    int stamp;
} stages[] = {
    { "subscriber", -1 },
    { "lead", CONTACT_LEAD_AT },
    { "mql", CONTACT_MQL_AT },
    { "sal", CONTACT_ACCEPTED_AT },
    { "sales_qualified", -1 },
    { "opportunity", CONTACT_OPPORTUNITY_AT },
    { "customer", CONTACT_CUSTOMER_AT },
    { "evangelist", -1 },
};

int lifecycle_rank(const char *lifecycle)
{
    for (size_t i = 0; i < countof(stages); i++)
        if (text_is(stages[i].lifecycle, lifecycle))
            return (int)i;
    return -1;
}

static const char *contact_title(struct ctx *cx, const struct row *r)
{
    const char *first = row_text(r, CONTACT_FIRST), *last = row_text(r, CONTACT_LAST);

    if (text_empty(first) && text_empty(last))
        return text_empty(row_text(r, CONTACT_EMAIL)) ? "(no name)" : row_text(r, CONTACT_EMAIL);
    if (text_empty(first) || text_empty(last))
        return text_empty(first) ? last : first;
    return arena_printf(cx->arena, "%s %s", first, last);
}

/* The company whose domain the address has, as far as the asking user may see it. */
static enum status join_company(struct ctx *cx, struct row *r)
{
    const char *domain = company_domain_of(cx, row_text(r, CONTACT_EMAIL));
    struct ctx probe = *cx; /* nothing found is no error */
    struct row *company;
    enum status s = E_NOT_FOUND;

    if (!text_empty(domain))
        s = record_find(&probe, &company_type, "domain", domain, &company);
    if (s == OK)
        s = record_get(&probe, &company_type, row_id(company), &company);
    if (s == OK)
        row_set_i64(r, CONTACT_COMPANY, row_id(company));
    return s == E_NOT_FOUND || s == E_FORBIDDEN ? OK : s;
}

/* What no journey tells: that a file or a colleague brought this contact. */
static enum status contact_defaults(struct ctx *cx, struct row *r)
{
    if (!row_has(r, CONTACT_COMPANY))
        TRY(join_company(cx, r));
    if (row_has(r, CONTACT_CHANNEL) || cx->access->user_id == 0)
        return OK;
    row_set_text(r, CONTACT_CHANNEL, cx->batch_id ? "import" : "sales");
    row_set_i64(r, CONTACT_FIRST_SEEN, ctx_now(cx));
    return OK;
}

/* Nobody stands above themselves, however long the way is. */
static enum status check_boss(struct ctx *cx, const struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 at = row_i64(r, CONTACT_REPORTS);
    struct row *boss;

    for (int i = 0; at != 0 && i < BOSSES_MAX; i++) {
        enum status s;
        if (at == row_id(r))
            return ctx_fail_field(cx, "reports_to_id", "contact.reports_round",
                                  "That goes round: they would report to themselves.");
        s = record_get(cx, &contact_type, at, &boss);
        if (s == E_NOT_FOUND) { /* the check of the reference says so */
            ctx_clear_error(cx);
            return OK;
        }
        TRY(s);
        at = row_i64(boss, CONTACT_REPORTS);
    }
    return OK;
}

/* A person without a name, a mail address and a phone number could never be told from another. */
static enum status contact_validate(struct ctx *cx, struct row *r)
{
    int rank = lifecycle_rank(row_text(r, CONTACT_LIFECYCLE));

    if (!row_has(r, CONTACT_FIRST) && !row_has(r, CONTACT_LAST) && !row_has(r, CONTACT_EMAIL) &&
        !row_has(r, CONTACT_PHONE))
        return ctx_fail_field(cx, "email", "contact.nameless",
                              "Give a name, an email address or a phone number.");
    if (row_has(r, CONTACT_TIMEZONE) && row_changed(r, CONTACT_TIMEZONE) &&
        !zone_known(row_text(r, CONTACT_TIMEZONE)))
        return ctx_fail_field(cx, "timezone", "contact.timezone",
                              "'%s' is no time zone. Write one like Europe/Berlin.",
                              row_text(r, CONTACT_TIMEZONE));
    if (row_has(r, CONTACT_REPORTS) && row_changed(r, CONTACT_REPORTS) && row_id(r) != 0)
        TRY(check_boss(cx, r));
    for (int i = 1; i <= rank; i++)
        if ((i == rank || i == 1) && stages[i].stamp >= 0 && !row_has(r, stages[i].stamp))
            row_set_i64(r, stages[i].stamp, ctx_now(cx));
    if (!text_is(row_text(r, CONTACT_LIFECYCLE), "former_customer"))
        row_clear(r, CONTACT_FORMER_AT); /* won back, or never one */
    else if (!row_has(r, CONTACT_FORMER_AT))
        row_set_i64(r, CONTACT_FORMER_AT, ctx_now(cx));
    return OK;
}

static enum status contact_saved(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);

    if (before && row_changed(r, CONTACT_LIFECYCLE)) {
        struct val *props = val_map(cx->arena);
        val_put_text(props, "from", row_show(cx, before, CONTACT_LIFECYCLE));
        val_put_text(props, "to", row_show(cx, r, CONTACT_LIFECYCLE));
        TRY(journey_note(cx, &(struct journey_note){ .kind = "lifecycle_change",
                                                     .contact_id = row_id(r),
                                                     .record_id = row_id(r),
                                                     .props = props }));
    } else if (!before) {
        TRY(journey_note(cx, &(struct journey_note){ .kind = "contact_created",
                                                     .contact_id = row_id(r),
                                                     .record_id = row_id(r) }));
    }
    return OK;
}

enum status contact_move(struct ctx *cx, i64 contact_id, const char *lifecycle, const char *status,
                         const char *why)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;

    TRY(record_get(cx, &contact_type, contact_id, &r));
    if (lifecycle)
        row_set_text(r, CONTACT_LIFECYCLE, lifecycle);
    if (status)
        row_set_text(r, CONTACT_STATUS, status);
    TRY(record_save(cx, r));
    if (why) {
        struct val *props = val_map(cx->arena);
        val_put_text(props, "text", why);
        TRY(journey_note(cx, &(struct journey_note){ .kind = "remark",
                                                     .contact_id = contact_id,
                                                     .record_id = contact_id,
                                                     .props = props }));
    }
    return OK;
}

enum status contact_advance(struct ctx *cx, i64 contact_id, const char *lifecycle, const char *why)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;

    TRY(record_get(cx, &contact_type, contact_id, &r));
    if (lifecycle_rank(row_text(r, CONTACT_LIFECYCLE)) >= lifecycle_rank(lifecycle))
        return OK;
    return contact_move(cx, contact_id, lifecycle, NULL, why);
}

enum status contact_by_email(struct ctx *cx, const char *email, struct row **out, bool *made)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    enum status s;

    *made = false;
    if (text_empty(email))
        return ctx_fail_field(cx, "email", "required", "Enter an email address.");
    s = record_find(cx, &contact_type, "email", email, out);
    if (s != E_NOT_FOUND)
        return s;
    *out = row_new(cx, &contact_type);
    *made = true;
    return row_parse(cx, *out, CONTACT_EMAIL, email);
}

const struct zone *contact_zone(struct ctx *cx, const struct row *contact)
{
    const struct zone *z = zone_named(cx, row_text(contact, CONTACT_TIMEZONE));

    return z ? z : zone_of_country(cx, row_text(contact, CONTACT_COUNTRY));
}

static const char *flow_state(struct ctx *cx, i64 state, const char *outcome, i64 entered)
{
    const char *what = state == 4   ? text_is(outcome, "goal") ? "reached the goal" : "was in it"
                       : state > 1  ? "in trouble"
                       : state == 1 ? "paused"
                                    : "in it";

    return arena_printf(cx->arena, "%s, entered %s", what, show_time(cx, entered));
}

/* The flows that somebody is or was in (marketing/flow.c keeps them). */
static enum status put_flows(struct ctx *cx, const struct row *r, struct val *page)
{
    bool changes = access_scope(cx->access, "flow", VERB_UPDATE) != SCOPE_NONE;
    struct val *flows = val_put_list(page, "flows"), *starts = val_put_list(page, "starts");

    val_put_bool(page, "sees_flows", access_scope(cx->access, "flow", VERB_READ) != SCOPE_NONE);
    scoped(stmt_close) struct stmt q = db_query(cx, "contact.flows", I64("contact", row_id(r)));
    while (stmt_next(&q)) {
        struct val *one = val_add_map(flows);
        const char *flow = id_text(cx->arena, col_i64(&q, 1)),
                   *run = id_text(cx->arena, col_i64(&q, 0));
        val_put_text(one, "text", col_text(&q, 2));
        val_put_printf(one, "url", "/flows/%s", flow);
        val_put_printf(one, "path_url", "/flows/%s/runs/%s", flow, run);
        val_put_printf(one, "action", "/flows/%s/runs", flow);
        val_put_text(one, "run", run);
        val_put_text(one, "state", flow_state(cx, col_i64(&q, 3), col_text(&q, 4), col_i64(&q, 5)));
        val_put_bool(one, "going", changes && col_i64(&q, 3) < 4);
    }
    TRY(stmt_status(&q));
    scoped(stmt_close) struct stmt live = db_query(cx, "contact.flows_live");
    while (changes && stmt_next(&live)) {
        struct val *one = val_add_map(starts);
        val_put_text(one, "text", col_text(&live, 1));
        val_put_printf(one, "action", "/flows/%s/people", id_text(cx->arena, col_i64(&live, 0)));
    }
    val_put_bool(page, "starts_any", val_count(starts) > 0);
    return stmt_status(&live);
}

/* The score with every reason that scoring left: the salesperson sees why this lead is hot. */
static enum status contact_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    i64 line = setting_i64(cx, "score.mql_line"), score = row_i64(r, CONTACT_SCORE);
    struct val *v = val_put_map(page, "score"), *list = val_put_list(v, "reasons"), *stored = NULL;
    const char *json;
    enum status s = db_get_text(cx, &json, "contact.score_reasons", I64("contact", row_id(r)));

    if (s != OK && s != E_NOT_FOUND)
        return s;
    TRY(segment_put_of(cx, row_id(r), page));
    TRY(put_flows(cx, r, page));
    TRY(qualify_put(cx, r, page));
    val_put_text(v, "label", "Score");
    val_put_text(v, "text", show_number(cx->arena, score));
    val_put_i64(v, "percent", score >= line || line <= 0 ? 100 : score * 100 / line);
    val_put_text(v, "tone", score >= line ? "green" : score * 2 >= line ? "amber" : "grey");
    val_put_printf(v, "band", score >= line ? "Over the line of %lld" : "The line is %lld",
                   (long long)line);
    val_put_printf(v, "url", "/contacts/%s/score", id_text(cx->arena, row_id(r)));
    if (row_has(r, CONTACT_FIT)) {
        val_put_text(v, "grade", row_text(r, CONTACT_FIT));
        val_put_text(v, "grade_text", "Fit of the profile, A to F");
    }
    val_put_text(v, "chance", "");
    if (row_has(r, CONTACT_CHANCE))
        val_put_printf(v, "chance", "%lld%%", (long long)row_i64(r, CONTACT_CHANCE));
    if (s == OK)
        TRY(json_read(cx->arena, str_from(json), &stored, NULL));
    for (size_t i = 0; i < val_count(stored); i++) {
        const struct val *from = val_at(stored, i);
        if (val_get_bool(from, "fit") || val_get_i64(from, "product", 0))
            continue; /* not of this sum; the page behind has all */
        struct val *one = val_add_map(list), *when = val_put_map(one, "when");
        i64 times = val_get_i64(from, "count", 1), at = val_get_i64(from, "at", 0);
        val_put_printf(one, "points", "%+lld", (long long)val_get_i64(from, "points", 0));
        if (times > 1)
            val_put_printf(one, "text", "%s, %lld times", val_get_text(from, "rule"),
                           (long long)times);
        else
            val_put_text(one, "text", val_get_text(from, "rule"));
        val_put_text(when, "text", show_time(cx, at));
        val_put_text(when, "iso", time_iso(cx->arena, at));
        val_put_text(when, "full", show_time_full(cx, at));
    }
    return engagement_of_contact(cx, row_id(r), page);
}

/* Somebody whose hand-off waits, or whom sales works with, is not handed over again. */
static bool may_be_handed_over(struct ctx *cx, const struct row *r)
{
    i64 waiting;

    if (lifecycle_rank(row_text(r, CONTACT_LIFECYCLE)) >= lifecycle_rank("sal"))
        return false;
    return db_get_i64(cx, &waiting, "handoff.waiting", I64("contact", row_id(r))) == E_NOT_FOUND;
}

/* What sales does moves the person along: both teams read the same stage. */
static enum status on_deal_created(struct ctx *cx, const struct happening *h)
{
    return h->contact_id ? contact_advance(cx, h->contact_id, "opportunity", NULL) : OK;
}
static enum status on_deal_won(struct ctx *cx, const struct happening *h)
{
    return h->contact_id ? contact_advance(cx, h->contact_id, "customer", NULL) : OK;
}

/* ---- merging ---- */
static void take_value(struct ctx *cx, struct row *keep, const struct row *lose, int field)
{
    switch (fields[field].kind) {
    case FIELD_TIME:
        row_set_i64(keep, field, row_i64(lose, field));
        break;
    default:
        row_set_text(keep, field, arena_text(cx->arena, row_text(lose, field)));
    }
}

/* The earlier of the two first touches, whole. */
static void earlier_touch(struct ctx *cx, struct row *keep, const struct row *lose)
{
    static const int touch[] = { CONTACT_CHANNEL,  CONTACT_SOURCE,  CONTACT_MEDIUM,
                                 CONTACT_CAMPAIGN, CONTACT_LANDING, CONTACT_FIRST_SEEN };

    if (!row_has(lose, CONTACT_CHANNEL) || !row_has(lose, CONTACT_FIRST_SEEN) ||
        (row_has(keep, CONTACT_FIRST_SEEN) &&
         row_i64(keep, CONTACT_FIRST_SEEN) <= row_i64(lose, CONTACT_FIRST_SEEN)))
        return;
    for (size_t i = 0; i < countof(touch); i++)
        take_value(cx, keep, lose, touch[i]);
}

/* One person has come as far as the further of the two, and did so when the first of them did. */
static enum status contact_merged(struct ctx *cx, struct row *keep, const struct row *lose,
                                  const bool *chose)
{
    int mine = lifecycle_rank(row_text(keep, CONTACT_LIFECYCLE)),
        theirs = lifecycle_rank(row_text(lose, CONTACT_LIFECYCLE)),
        customer = lifecycle_rank("customer");

    if (!chose[CONTACT_LIFECYCLE] && theirs > mine && (mine >= 0 || theirs >= customer))
        take_value(cx, keep, lose, CONTACT_LIFECYCLE);
    if (!chose[CONTACT_STATUS] && text_is(row_text(keep, CONTACT_STATUS), "new") &&
        row_has(lose, CONTACT_STATUS))
        take_value(cx, keep, lose, CONTACT_STATUS);
    earlier_touch(cx, keep, lose);
    for (int i = CONTACT_LEAD_AT; i <= CONTACT_CUSTOMER_AT; i++)
        if (row_has(lose, i) && (!row_has(keep, i) || row_i64(lose, i) < row_i64(keep, i)))
            take_value(cx, keep, lose, i);
    if (row_has(lose, CONTACT_LAST_SEEN) &&
        row_i64(lose, CONTACT_LAST_SEEN) > row_i64(keep, CONTACT_LAST_SEEN))
        take_value(cx, keep, lose, CONTACT_LAST_SEEN);
    return OK;
}

static bool may_be_enrolled(struct ctx *cx, const struct row *r)
{
    return row_has(r, CONTACT_EMAIL) && type_find(cx, "enrolment") &&
           access_scope(cx->access, "enrolment", VERB_CREATE) != SCOPE_NONE;
}

const struct record_type contact_type = {
    .name = "contact",
    .label = "Contact",
    .plural = "Contacts",
    .path = "contacts",
    .icon = "users",
    .section = "people",
    .menu_order = 1,
    .sort = "-created_at",
    .title = CONTACT_EMAIL,
    .title_of = contact_title,
    .board = "lifecycle",
    .fields = fields,
    .field_count = CONTACT_FIELDS,
    .flags = TYPE_TIMELINE | TYPE_COMMENTS | TYPE_PERSON | TYPE_MERGE,
    .empty = "People appear here when they leave a form on your site, are imported, or are added "
             "by hand. "
             "Both teams see the same person and the whole journey.",
    RELATED({ "deal", "contact_id", "Deals" }, { "email", "contact_id", "Mails" },
            { "activity", "contact_id", "Activities" }, { "invoice", "contact_id", "Invoices" },
            { "payment", "contact_id", "Payments" }, { "handoff", "contact_id", "Hand-offs" },
            { "submission", "contact_id", "Form submissions" },
            { "consent", "contact_id", "Consent" },
            { "product_score", "contact_id", "Product scores" },
            { "enrolment", "contact_id", "Sequences" },
            { "buying_role", "contact_id", "Roles when buying" },
            { "key_date", "contact_id", "Key dates" },
            { "contact", "reports_to_id", "Who reports to them" }),
    ACTIONS({ "handoff", "Hand over to sales", "/contacts/:id/handoff", true,
              .shown = may_be_handed_over },
            { "enrol", "Enrol in a sequence", "/contacts/:id/enrol", .shown = may_be_enrolled },
            { "consent", "Consent and its evidence", "/contacts/:id/consent", .shown = NULL }),
    .defaults = contact_defaults,
    .validate = contact_validate,
    .saved = contact_saved,
    .merged = contact_merged,
    .alike = contact_alike,
    .detail = contact_detail,
    .detail_template = "contact/detail",
    .offers = segment_offers,
    .take_up = segment_take_up,
};

static const struct event_kind kinds[] = {
    { "contact_created", "Contact created", "user-plus", 0, "contact" },
    { "lifecycle_change", "Lifecycle changed", "arrow-right", KIND_CHAPTER, "contact" },
    { "remark", "Remark", "info-circle", 0, "contact" },
};
static const struct subscription subscriptions[] = {
    { "deal.created", on_deal_created },
    { "deal.won", on_deal_won },
};
const struct feature feature_contact = {
    .name = "contact",
    TYPES(&contact_type),
    EVENT_KINDS(kinds),
    SUBSCRIPTIONS(subscriptions),
};
