/* score.c -- point rules and the MQL line, and when a score is computed: after events of the
 * contact, after a change of its profile, after a change of the rules, and once a day, since what
 * is long ago stops to count. New events are followed by a cursor. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "bridge/contact.h"
#include "journey/journey.h"
#include "kit/filter.h"
#include "marketing/score_int.h"
#include "store/queue.h"
#include "store/writer.h"
#include <stdatomic.h>
#include <stdlib.h>

enum {
    FOLLOW_EVENTS = 5000,            /* read at once */
    FOLLOW_ROUNDS = 20,              /* of them in one job; then others have their turn */
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
                                        { "profile", "The profile (a filter)", "amber" }) },
    [RULE_KIND] = { "kind_id", FIELD_REF, "Event of one's own", LISTED, .ref = "event_kind",
                    .help = "Which; Settings, Event kinds has them." },
    [RULE_PAGE] = { "page", FIELD_TEXT, "Page", LISTED, .max_len = 300,
                    .help = "Path of the page; * stands for anything: /pricing or /docs/*. Empty: "
                            "every page." },
    [RULE_ACTION] = { "action", FIELD_TEXT, "Action's name", 0, .max_len = 120,
                      .help = "For example Outbound Link: Click. Empty: every action." },
    [RULE_FILTER] = { "filter", FIELD_TEXT, "Filter over contacts", 0, .max_len = 500,
                      .help = "For profile rules, for example: company_id.employees >= 50" },
    [RULE_POINTS] = { "points", FIELD_INT, "Points", REQUIRED | LISTED, .min = -1000, .max = 1000 },
    [RULE_MAX] = { "max_times", FIELD_INT, "Counts at most", LISTED, .min = 1, .max = 1000,
                   .otherwise = "10",
                   .help = "How many times this rule may count for one person." },
    [RULE_DAYS] = { "days", FIELD_INT, "Within days", LISTED, .min = 1, .max = 3650,
                    .otherwise = "365", .help = "Older events no longer count." },
    [RULE_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true" },
};
_Static_assert(countof(fields) == RULE_FIELDS, "enum and table differ");

static enum status rule_validate(struct ctx *cx, struct row *r)
{
    struct filter *f;

    if (text_is(row_text(r, RULE_EVENT), "own") && !row_has(r, RULE_KIND))
        return ctx_fail_field(cx, "kind_id", "required", "Say which event of one's own counts.");
    if (!text_is(row_text(r, RULE_EVENT), "profile"))
        return OK;
    if (!row_has(r, RULE_FILTER))
        return ctx_fail_field(cx, "filter", "required",
                              "A profile rule needs a filter, for example: country = 'Germany'");
    if (filter_parse(cx, &contact_type, row_text(r, RULE_FILTER), &f) != OK) {
        const char *why = cx->error_text;
        ctx_clear_error(cx);
        return ctx_fail_field(cx, "filter", "filter.invalid", "%s", why);
    }
    return OK;
}

/* ---- following the journey ---- */

struct score_state {
    atomic_bool woken; /* a job that follows is queued */
};

static struct score_state *state_of(struct kit *k) { return kit_state(k, "score"); }

static int by_id(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;

    return x < y ? -1 : x > y;
}

/* The contacts among events, each once. */
static size_t contacts_of(struct journey *j, const struct event *events, size_t count, i64 *ids)
{
    size_t n = 0, distinct = 0;

    for (size_t i = 0; i < count; i++) {
        enum person_kind kind;
        u64 key;
        if (journey_person_key(j, journey_root(j, events[i].person), &kind, &key) &&
            kind == PERSON_CONTACT)
            ids[n++] = (i64)key;
    }
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ids[i] != ids[i - 1])
            ids[distinct++] = ids[i];
    return distinct;
}

static enum status put_cursor(struct ctx *cx, void *arg)
{
    return db_run(cx, "score.cursor_put", I64("seq", (i64) * (u64 *)arg));
}

/* Scores whom the next events are of. *more: there may be others behind them. The cursor moves once
 * the scores are durable: after a crash some are computed twice, which comes to the same. */
static enum status follow_some(struct ctx *cx, bool *more)
{
    i64 after = 0, *ids = NEW_N(cx->arena, i64, FOLLOW_EVENTS);
    enum status s = db_get_i64(cx, &after, "score.cursor");
    struct event *events;
    size_t count;
    u64 last;

    if (s != OK && s != E_NOT_FOUND)
        return s;
    TRY(journey_since(cx, cx->journey, (u64)after, FOLLOW_EVENTS, &events, &count));
    *more = false;
    if (count == 0)
        return OK;
    last = events[count - 1].seq;
    *more = last < journey_last_seq(cx->journey);
    count = contacts_of(cx->journey, events, count, ids);
    TRY(score_people(cx, ids, count, true));
    return kit_write(cx, put_cursor, &last);
}

static enum status add_follow(struct ctx *cx, void *arg)
{
    (void)arg;
    return queue_add(cx, "score.follow", "follow", "{}", ctx_now(cx), NULL);
}

static enum status follow_job(struct job_run *job)
{
    bool more = job->cx->journey != NULL;

    atomic_store(&state_of(job->cx->kit)->woken, false);
    for (int round = 0; more && round < FOLLOW_ROUNDS; round++) {
        scoped(arena_close) struct arena *a = arena_new(1024 * 1024);
        struct ctx part = *job->cx;
        part.arena = a;
        enum status s = follow_some(&part, &more);
        if (s != OK)
            return ctx_fail(job->cx, s, "%s", part.error_text ? part.error_text : "");
    }
    return more ? kit_write(job->cx, add_follow, NULL) : OK;
}

/* Events of known people wake the follower; those of strangers, the most, cost nothing. On the
 * journey's thread. */
struct wake {
    struct writer_item item;
    struct kit *kit;
    struct clock clock;
};
static enum status wake_work(void *arg, struct db *db)
{
    struct wake *w = arg;
    struct ctx cx;
    scoped(arena_close) struct arena *a = arena_new(4096);

    ctx_init(&cx, a, &w->clock);
    cx.db = db;
    cx.kit = w->kit;
    cx.access = access_system();
    return add_follow(&cx, NULL);
}
static void wake_done(void *arg, enum status s)
{
    struct wake *w = arg;

    if (s != OK) /* the next event wakes again, and the recurring job follows in any case */
        atomic_store(&state_of(w->kit)->woken, false);
    free(w);
}
static void on_events(void *arg, const struct event *events, size_t count)
{
    struct kit *k = arg;
    struct journey *j = kit_journey(k);
    bool known = false;
    struct wake *w;

    for (size_t i = 0; i < count && !known; i++) {
        enum person_kind kind;
        u64 key;
        known = journey_person_key(j, journey_root(j, events[i].person), &kind, &key) &&
                kind == PERSON_CONTACT;
    }
    if (!known || kit_writer(k) == NULL || atomic_exchange(&state_of(k)->woken, true))
        return;
    w = calloc(1, sizeof *w);
    assert(w != NULL);
    w->kit = k;
    w->item = (struct writer_item){ .work = wake_work, .done = wake_done, .arg = w };
    if (writer_submit(kit_writer(k), &w->item) != OK)
        wake_done(w, E_BUSY);
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
    return kit_write(cx, put_cursor, &last);
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
} first_rules[] = {
    { "Form submitted", "form_submit", "", 50, 2 },
    { "Looked at pricing", "pageview", "/pricing*", 15, 3 },
    { "Asked for a demo", "pageview", "/demo*", 20, 1 },
    { "A day with a visit", "visit", "", 5, 6 },
    { "Read a page", "pageview", "", 1, 20 },
    { "Read a case study", "pageview", "/customers*", 8, 3 },
};

static enum status score_start(struct ctx *cx)
{
    struct score_state *state = calloc(1, sizeof *state);
    i64 count;

    assert(state != NULL);
    kit_set_state(cx->kit, "score", state, free);
    if (cx->journey)
        journey_listen(cx->journey, on_events, cx->kit);
    TRY(db_get_i64(cx, &count, "score.rule_count"));
    for (size_t i = 0; !count && i < countof(first_rules); i++) {
        struct row *r = row_new(cx, &score_rule_type);
        row_set_text(r, RULE_NAME, first_rules[i].name);
        row_set_text(r, RULE_EVENT, first_rules[i].event);
        row_set_text(r, RULE_PAGE, first_rules[i].page);
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
    .menu_order = 40,
    .sort = "-points",
    .title = RULE_NAME,
    .fields = fields,
    .field_count = RULE_FIELDS,
    .empty = "Rules give points for what people do and who they are. At the MQL line a lead goes "
             "to sales.",
    .validate = rule_validate,
};
static const struct job_type jobs[] = {
    { "score.follow", "Score new events", follow_job, .every_ms = 10 * MS_MINUTE },
    { "score.contact", "Score one contact", contact_job },
    { "score.all", "Score everybody", all_job, .every_ms = MS_DAY },
};
static const struct subscription subscriptions[] = {
    { "contact.created", on_contact },
    { "contact.updated", on_contact },
    { "score_rule.*", on_rule },
};
static const struct setting settings[] = {
    { "score.mql_line", FIELD_INT, "MQL line",
      "A lead whose score reaches this is marketing qualified.", "100", .group = "Scoring",
      .resource = "score_rule" },
    { "score.hand_over", FIELD_BOOL, "Hand over at the line",
      "At the line the lead is handed to sales at once; otherwise a marketer does it by hand.",
      "true", .group = "Scoring", .resource = "score_rule" },
};
const struct feature feature_score = {
    .name = "score",
    TYPES(&score_rule_type),
    JOBS(jobs),
    SETTINGS(settings),
    SUBSCRIPTIONS(subscriptions),
    .start = score_start,
};
