/* flow.c -- automation: the record of a flow, its versions, and what of them is kept in memory. */
#include "base/id.h"
#include "base/json.h"
#include "kit/follow.h"
#include "kit/question.h"
#include "kit/seal.h"
#include "mail/content.h"
#include "mail/mail.h"
#include "marketing/flow_run_int.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static const struct field fields[] = {
    [FLOW_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100 },
    [FLOW_ABOUT] = { "about", FIELD_LONG, "What it is for", SEARCHED, .max_len = 1000 },
    [FLOW_STATUS] = { "status", FIELD_CHOICE, "Status", COMPUTED | LISTED | TRACKED | INDEXED,
                      .otherwise = "draft",
                      .choices = CHOICES({ "draft", "Draft", "gray" }, { "live", "Live", "green" },
                                         { "paused", "Paused", "amber" },
                                         { "archived", "Archived", "gray" }) },
    [FLOW_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                     .otherwise = "me" },
    [FLOW_VERSION] = { "published_version", FIELD_INT, "Version", COMPUTED | LISTED },
    [FLOW_PUBLISHED_AT] = { "published_at", FIELD_TIME, "Published", COMPUTED | LISTED },
    [FLOW_DEFINITION] = { "definition", FIELD_JSON, "Definition", 0,
                          .otherwise = "{\"entry\":{},\"triggers\":[],\"goals\":[],\"steps\":[]}",
                          .help = "Entry, triggers, goals and steps, as docs/automation.md has "
                                  "them. Pages edit it for you." },
    [FLOW_BEFORE] = { "definition_before", FIELD_JSON, "Definition before", INTERNAL },
};
_Static_assert(countof(fields) == FLOW_FIELDS, "enum and table differ");

/* ---- what is kept in memory ---- */
/* Plans of versions never change and are kept for good; which flows are live is read again when one
 * changed. A transaction may look that began before the change was committed: what it reads is
 * right for itself and not kept. Changes are numbered in the table "consumer" for that. */
struct kept {
    i64 version_id;
    struct flow_plan *plan;
    struct kept *next;
};
struct flow_memory {
    pthread_mutex_t lock;
    struct arena *arena; /* of all plans; under lock */
    struct kept *kept;
    atomic_bool stale; /* false only while `live` and `hears` are what was committed last */
    i64 changed;       /* number of the last change that was committed; under lock */
    int changing;      /* transactions that change flows and have not ended; under lock */
    atomic_bool taking;
    const struct flow_plan **live;
    size_t live_count, live_cap;
    atomic_uint hears;
};

static void free_state(void *arg)
{
    struct flow_memory *st = arg;

    arena_free(st->arena);
    free(st->live);
    pthread_mutex_destroy(&st->lock);
    free(st);
}

static struct flow_memory *state_of(struct ctx *cx) { return kit_state(cx->kit, "flow"); }

bool flow_begin_taking(struct ctx *cx) { return !atomic_exchange(&state_of(cx)->taking, true); }
void flow_end_taking(struct ctx *cx) { atomic_store(&state_of(cx)->taking, false); }

static enum status read_version(struct ctx *cx, i64 id, i64 *flow, i64 *number, i64 *published,
                                const char **json)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "flow.version", I64("id", id));

    if (!stmt_next(&q))
        return q.status == OK ? ctx_fail(cx, E_NOT_FOUND, "There is no such version.") : q.status;
    *flow = col_i64(&q, 0);
    *number = col_i64(&q, 1);
    *json = arena_text(cx->arena, col_text(&q, 2));
    *published = col_i64(&q, 3);
    return OK;
}

static const struct flow_plan *find_kept(const struct flow_memory *st, i64 version_id)
{
    for (const struct kept *k = st->kept; k; k = k->next)
        if (k->version_id == version_id)
            return k->plan;
    return NULL;
}

static enum status keep_version(struct ctx *cx, struct flow_memory *st, i64 version_id,
                                const struct flow_plan **out)
{
    i64 flow = 0, number = 0, published = 0;
    const char *json = "";
    struct kept *k;

    *out = find_kept(st, version_id);
    if (*out)
        return OK;
    TRY(read_version(cx, version_id, &flow, &number, &published, &json));
    k = NEW(st->arena, struct kept);
    TRY(flow_plan_read(cx, st->arena, flow, json, NULL, &k->plan));
    k->plan->version_id = version_id;
    k->plan->number = number;
    k->plan->published_at = published;
    k->version_id = version_id;
    k->next = st->kept;
    st->kept = k;
    *out = k->plan;
    return OK;
}

enum status flow_version_plan(struct ctx *cx, i64 version_id, const struct flow_plan **out)
{
    struct flow_memory *st = state_of(cx);
    enum status s;

    pthread_mutex_lock(&st->lock);
    s = keep_version(cx, st, version_id, out);
    pthread_mutex_unlock(&st->lock);
    return s;
}

static enum status read_ids(struct ctx *cx, const char *query, i64 *ids, size_t max, size_t *count)
{
    scoped(stmt_close) struct stmt q = db_query(cx, query);

    for (*count = 0; *count < max && stmt_next(&q);)
        ids[(*count)++] = col_i64(&q, 0);
    return stmt_status(&q);
}

enum { LIVE_MAX = 2000 };

/* Reads which flows are live, and what anybody in any version waits for. Under the lock. */
static enum status refresh(struct ctx *cx, struct flow_memory *st)
{
    i64 *ids = NEW_N(cx->arena, i64, LIVE_MAX);
    const struct flow_plan *p;
    size_t count;
    u32 hears = 0;

    TRY(read_ids(cx, "flow.live", ids, LIVE_MAX, &count));
    if (st->live == NULL)
        st->live = calloc(LIVE_MAX, sizeof *st->live);
    assert(st->live != NULL);
    st->live_count = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(keep_version(cx, st, ids[i], &p));
        st->live[st->live_count++] = p;
        hears |= p->hears;
    }
    TRY(read_ids(cx, "flow.inhabited", ids, LIVE_MAX, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(keep_version(cx, st, ids[i], &p));
        hears |= p->hears;
    }
    atomic_store(&st->hears, hears);
    return OK;
}

static enum status change_number(struct ctx *cx, i64 *number)
{
    enum status s = db_get_i64(cx, number, "flow.change");

    if (s == E_NOT_FOUND)
        *number = 0;
    return s == E_NOT_FOUND ? OK : s;
}

/* Under the lock, so that nobody asks what is being read. */
static enum status look_again(struct ctx *cx, struct flow_memory *st)
{
    i64 number;

    if (!atomic_load(&st->stale))
        return OK;
    TRY(change_number(cx, &number));
    TRY(refresh(cx, st));
    if (st->changing == 0 && number >= st->changed)
        atomic_store(&st->stale, false);
    return OK;
}

enum status flow_live_plans(struct ctx *cx, const struct flow_plan ***plans, size_t *count)
{
    struct flow_memory *st = state_of(cx);
    enum status s;

    pthread_mutex_lock(&st->lock);
    s = look_again(cx, st);
    *count = st->live_count;
    *plans = NEW_N(cx->arena, const struct flow_plan *, st->live_count + 1);
    memcpy(*plans, st->live, st->live_count * sizeof **plans);
    pthread_mutex_unlock(&st->lock);
    return s;
}

u32 flow_hears(struct ctx *cx)
{
    struct flow_memory *st = state_of(cx);
    u32 hears;

    if (!atomic_load(&st->stale))
        return atomic_load(&st->hears);
    pthread_mutex_lock(&st->lock);
    hears = look_again(cx, st) == OK ? atomic_load(&st->hears)
                                     : ~0u; /* the caller's next question fails with it */
    pthread_mutex_unlock(&st->lock);
    return hears;
}

/* ---- a change of flows, and what becomes of it ---- */
struct change {
    struct flow_memory *st;
    i64 number;
};

static void end_change(struct change *c, i64 number)
{
    pthread_mutex_lock(&c->st->lock);
    c->st->changing--;
    if (number > c->st->changed)
        c->st->changed = number;
    atomic_store(&c->st->stale, true);
    pthread_mutex_unlock(&c->st->lock);
    free(c);
}
static void change_kept(void *arg) { end_change(arg, ((struct change *)arg)->number); }
static void change_undone(void *arg) { end_change(arg, 0); }

enum status flow_changed(struct ctx *cx)
{
    struct change *c = calloc(1, sizeof *c);
    enum status s;

    assert(c != NULL);
    c->st = state_of(cx);
    s = db_run(cx, "flow.change_next");
    if (s == OK)
        s = change_number(cx, &c->number);
    pthread_mutex_lock(&c->st->lock);
    c->st->changing++;
    atomic_store(&c->st->stale, true);
    pthread_mutex_unlock(&c->st->lock);
    db_after_commit(cx, change_kept, change_undone, c);
    return s;
}

enum status flow_status_of(struct ctx *cx, i64 flow_id, const char **status)
{
    enum status s = db_get_text(cx, status, "flow.status", I64("id", flow_id));

    if (s == E_NOT_FOUND)
        *status = "";
    return s == E_NOT_FOUND ? OK : s;
}

enum status flow_name_of(struct ctx *cx, i64 flow_id, const char **name)
{
    enum status s = db_get_text(cx, name, "flow.name", I64("id", flow_id));

    if (s == E_NOT_FOUND)
        *name = "";
    return s == E_NOT_FOUND ? OK : s;
}

const char *flow_quoted(struct arena *a, const char *text)
{
    struct buf b = buf_in(a, strlen(text) * 2 + 1);

    for (; *text; text++) {
        if (*text == '\'')
            buf_char(&b, '\'');
        buf_char(&b, *text);
    }
    return buf_end(&b);
}

/* ---- mails ---- */
enum status flow_fill(struct flow_doing *d, const char *text, const char **out)
{
    struct content_for who = { .contact = d->contact, .contact_id = d->run->contact_id };

    *out = text;
    return strstr(text, "{{") ? content_fill(d->cx, text, &who, out) : OK;
}

enum status flow_do_mail(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct ctx *cx = d->cx;
    const struct record_type *t = row_type(d->contact);
    i64 content = 0, sender = 0, topic = 0;
    const char *to = row_text(d->contact, type_field(t, "email"));
    struct mail m = { .lane = MAIL_LANE_PERSON,
                      .contact_id = d->run->contact_id,
                      .to = to,
                      .source = "flow",
                      .source_id = d->plan->flow_id };

    if (text_empty(to)) {
        w->note = "has no mail address";
        return OK;
    }
    if (d->dry)
        return OK;
    (void)id_parse(str_from(flow_answer(s->kind, s->v, "content")), &content);
    (void)id_parse(str_from(flow_answer(s->kind, s->v, "sender")), &sender);
    (void)id_parse(str_from(flow_answer(s->kind, s->v, "topic")), &topic);
    m.content_id = content;
    m.sender_id = sender;
    m.topic_id = topic;
    if (content == 0) {
        TRY(flow_fill(d, flow_answer(s->kind, s->v, "subject"), &m.subject));
        TRY(flow_fill(d, flow_answer(s->kind, s->v, "text"), &m.text));
    }
    m.key = arena_printf(cx->arena, "flow:%lld:%s:%lld", (long long)d->run->id, s->id,
                         (long long)d->run->visit);
    return mail_send(cx, &m, NULL);
}

/* ---- publishing ---- */
static const char *first_problem(struct ctx *cx, const struct flow_plan *p,
                                 const struct val *problems)
{
    const struct val *first = val_at(problems, 0);
    const struct flow_step *s = p ? flow_plan_step(p, val_get_text(first, "step")) : NULL;

    return s ? arena_printf(cx->arena, "Step %s (%s): %s", s->number, s->kind->label,
                            val_get_text(first, "text"))
             : val_get_text(first, "text");
}

static enum status check_definition(struct ctx *cx, const struct row *flow)
{
    struct val *problems = val_list(cx->arena);
    struct flow_plan *p = NULL;
    enum status s =
        flow_plan_read(cx, cx->arena, row_id(flow), row_text(flow, FLOW_DEFINITION), problems, &p);

    TRY(s);
    if (val_count(problems) > 0)
        return ctx_fail_code(cx, E_INVALID, "flow.invalid", "%s%s", first_problem(cx, p, problems),
                             val_count(problems) > 1 ? arena_printf(cx->arena, " (And %zu more.)",
                                                                    val_count(problems) - 1)
                                                     : "");
    return OK;
}

static enum status move_people(struct ctx *cx, i64 flow_id, i64 version_id,
                               const struct flow_plan *p)
{
    for (int i = 0; i < p->step_count; i++)
        TRY(db_run(cx, "flow.move_version", I64("flow", flow_id), I64("version", version_id),
                   TEXT("node", p->steps[i].id)));
    return OK;
}

static enum status set_status(struct ctx *cx, struct row *flow, const char *status)
{
    const char *was = arena_text(cx->arena, row_text(flow, FLOW_STATUS));

    row_set_text(flow, FLOW_STATUS, status);
    TRY(record_save(cx, flow));
    TRY(flow_changed(cx));
    if (text_is(was, "paused") && text_is(status, "live")) {
        TRY(db_run(cx, "flow.unhold", I64("flow", row_id(flow))));
        return flow_wake(cx, ctx_now(cx));
    }
    return text_is(status, "archived")
               ? db_run(cx, "flow.wake_all", I64("flow", row_id(flow)), I64("now", ctx_now(cx)))
               : OK;
}

enum status flow_set_status(struct ctx *cx, struct row *flow, const char *status)
{
    const char *is = row_text(flow, FLOW_STATUS);
    bool fits = text_is(status, "paused")     ? text_is(is, "live")
                : text_is(status, "live")     ? text_is(is, "paused")
                : text_is(status, "archived") ? !text_is(is, "archived")
                                              : false;

    if (!fits)
        return ctx_fail_code(cx, E_CONFLICT, "flow.status", "A flow that is %s cannot become %s.",
                             is, status);
    TRY(set_status(cx, flow, status));
    return flow_wake(cx, ctx_now(cx));
}

enum status flow_publish(struct ctx *cx, i64 flow_id, bool move, i64 *number)
{
    i64 version_id = kit_new_id(cx);
    const struct flow_plan *p;
    struct row *flow;

    TRY(record_get(cx, &flow_type, flow_id, &flow));
    TRY(check_definition(cx, flow));
    *number = row_i64(flow, FLOW_VERSION) + 1;
    row_set_i64(flow, FLOW_VERSION, *number);
    row_set_i64(flow, FLOW_PUBLISHED_AT, ctx_now(cx));
    TRY(db_run(cx, "flow.version_add", I64("id", version_id), I64("flow", flow_id),
               I64("number", *number), TEXT("definition", row_text(flow, FLOW_DEFINITION)),
               I64("at", ctx_now(cx)), MAYBE("user", cx->access->user_id)));
    TRY(set_status(cx, flow, "live"));
    TRY(flow_version_plan(cx, version_id, &p));
    return move ? move_people(cx, flow_id, version_id, p) : OK;
}

/* Secrets that came as they are, by the API or an editor of JSON, are sealed; those that are too
 * short stay to be complained of. */
static enum status seal_secrets(struct ctx *cx, const struct flow_plan *p, bool *sealed)
{
    *sealed = false;
    for (int i = 0; i < p->step_count; i++)
        for (size_t k = 0; k < p->steps[i].kind->ask_count; k++) {
            const struct flow_ask *ask = &p->steps[i].kind->asks[k];
            const char *text = val_get_text(p->steps[i].v, ask->name);
            if (ask->how != ASK_SECRET || strlen(text) < LIMIT_FLOW_SECRET || seal_is_sealed(text))
                continue;
            TRY(seal_text(cx, text, &text));
            val_put_text((struct val *)p->steps[i].v, ask->name, text); /* read for this alone */
            *sealed = true;
        }
    return OK;
}

/* A definition is kept as far as it is JSON with steps: what it still lacks is told at publishing.
 */
static enum status flow_validate(struct ctx *cx, struct row *r)
{
    struct ctx probe = *cx;
    struct flow_plan *p;
    bool sealed;

    ctx_clear_error(&probe);
    if (!row_is_new(r) && !row_changed(r, FLOW_DEFINITION))
        return OK;
    if (flow_plan_read(&probe, cx->arena, row_id(r), row_text(r, FLOW_DEFINITION), NULL, &p) != OK)
        return ctx_fail_field(cx, "definition", "flow.definition", "%s", probe.error_text);
    TRY(seal_secrets(cx, p, &sealed));
    if (sealed)
        row_set_text(r, FLOW_DEFINITION, json_text(cx->arena, p->definition));
    return OK;
}

static enum status flow_removed(struct ctx *cx, struct row *r)
{
    TRY(flow_changed(cx));
    return db_run(cx, "flow.wake_all", I64("flow", row_id(r)), I64("now", ctx_now(cx)));
}

const struct record_type flow_type = {
    .name = "flow",
    .label = "Flow",
    .plural = "Flows",
    .path = "flows",
    .icon = "bolt",
    .section = "marketing",
    .menu_order = 30,
    .sort = "-created_at",
    .title = FLOW_NAME,
    .fields = fields,
    .field_count = FLOW_FIELDS,
    .flags = TYPE_OWN_PAGES,
    .empty = "A flow does by itself what follows when something happens: it sends mails, waits, "
             "asks, hands over.",
    .validate = flow_validate,
    .removed = flow_removed,
};

static enum status flow_start(struct ctx *cx)
{
    struct flow_memory *st = calloc(1, sizeof *st);

    assert(st != NULL);
    pthread_mutex_init(&st->lock, NULL);
    st->arena = arena_new(64 * 1024);
    st->stale = true;
    kit_set_state(cx->kit, "flow", st, free_state);
    return OK;
}

static enum status changed_elsewhere(struct ctx *cx)
{
    struct flow_memory *st = state_of(cx);
    i64 number;

    TRY(change_number(cx, &number));
    pthread_mutex_lock(&st->lock);
    if (number > st->changed)
        st->changed = number;
    atomic_store(&st->stale, true);
    pthread_mutex_unlock(&st->lock);
    return OK;
}

static const struct event_kind kinds[] = {
    { "flow_entered", "Entered a flow", "bolt", KIND_OURS, "flow" },
    { "flow_goal", "Reached a flow's goal", "target", KIND_OURS, "flow" },
    { "flow_left", "Left a flow", "logout", KIND_OURS, "flow" },
    { "points", "Points by a flow", "star", KIND_OURS, "flow" },
};
static const struct job_type jobs[] = {
    { "flow.take", "Move people through flows", flow_take_job, .every_ms = 10 * MS_MINUTE,
      .at_start = true }, /* one that was killed at work holds its lease for a minute */
    { "flow.hook", "Call a flow's webhook", flow_hook_job },
    { "flow.enrol", "Let many people into a flow", flow_enrol_job },
    { "flow.dates", "Let people in whose date has come", flow_date_job, .every_ms = MS_HOUR },
};
static const struct subscription subscriptions[] = {
    { "contact.created", flow_on_contact },
    { "contact.updated", flow_on_contact },
    { "contact.deleted", flow_on_contact_gone },
    { "deal.created", flow_on_deal },
    { "deal.updated", flow_on_deal },
    { "form.submitted", flow_on_form },
    { "segment.entered", flow_on_segment },
    { "segment.left", flow_on_segment },
    { "handoff.recycled", flow_on_handoff },
    { "handoff.undone", flow_on_handoff_undone },
    { "mail.opened", flow_on_mail },
    { "mail.clicked", flow_on_mail },
    { "mail.replied", flow_on_mail },
    { "mail.bounced", flow_on_mail },
    { "mail.unsubscribed", flow_on_mail },
};
static const struct metric metrics[] = {
    { .name = "flow_entries",
      .label = "People who entered flows",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .unit = UNIT_COUNT,
      .definition = "Times that somebody entered a flow in the period.",
      .event_kind = "flow_entered",
      .counts = COUNT_EVENTS },
    { .name = "flow_goals",
      .label = "Flow goals reached",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .unit = UNIT_COUNT,
      .definition = "Times that somebody in a flow reached its goal in the period.",
      .event_kind = "flow_goal",
      .counts = COUNT_EVENTS },
    { .name = "flow_goal_rate",
      .label = "Flow goal rate",
      .team = "marketing",
      .unit = UNIT_RATIO,
      .definition = "Goals reached divided by entries of flows, both in the period.",
      .source = METRIC_DIVIDED,
      .numerator = "flow_goals",
      .denominator = "flow_entries" },
};
static const struct setting settings[] = {
    { "flow.hook_seconds", FIELD_INT, "Seconds for a webhook",
      "A flow's webhook that takes longer counts as failed and is tried again.", "10",
      .group = "Automation" },
};
/* Of two runs of one flow the kept person's goes on; the other one is set aside. */
static const struct merge_table merge_tables[] = {
    { "contact", "flow_run", "contact_id", "id", "flow_id", "t.state < 4", MERGE_ASIDE },
};
static const struct follower followers[] = {
    { "flow", "Let people into flows, and on in them", .write = flow_on_events },
};
const struct feature feature_flow = {
    .name = "flow",
    TYPES(&flow_type),
    EVENT_KINDS(kinds),
    JOBS(jobs),
    SUBSCRIPTIONS(subscriptions),
    METRICS(metrics),
    FOLLOWERS(followers),
    MERGE_TABLES(merge_tables),
    SETTINGS(settings),
    .start = flow_start,
    .changed_elsewhere = changed_elsewhere,
};
