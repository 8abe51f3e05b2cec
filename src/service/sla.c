/* sla.c -- see sla.h: policies and escalations as records, the arithmetic, and the one job. */
#include "service/sla.h"
#include "base/id.h"
#include "kit/filter.h"
#include "kit/hours.h"
#include "kit/notice.h"
#include "service/ticket_int.h"
#include "store/queue.h"

enum { POLICIES_MAX = 50, ESCALATIONS_MAX = 50, TICKETS_A_RUN = 100, MINUTES_MAX = 366 * 24 * 60 };

#define MINUTES(n, l, g)                                             \
    {                                                                \
        n, FIELD_INT, l, 0, .min = 0, .max = MINUTES_MAX, .group = g \
    }
static const struct field fields[] = {
    [SLA_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 80 },
    [SLA_ORDER] = { "position", FIELD_INT, "Order", LISTED | INDEXED, .otherwise = "10", .min = 0,
                    .max = 10000,
                    .help = "The first that a ticket passes counts: the lowest goes first." },
    [SLA_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true" },
    [SLA_FILTER] = { "filter", FIELD_TEXT, "For tickets", LISTED, .max_len = 900,
                     .help =
                         "A filter: company_id.industry = 'Wine' or priority = 'urgent'. Empty: "
                         "for all." },
    [SLA_HOURS] = { "hours", FIELD_CHOICE, "Counts", REQUIRED | LISTED, .otherwise = "working",
                    .choices = CHOICES({ "working", "Working hours", "blue" },
                                       { "always", "Day and night", "violet" }) },
    [SLA_PAUSE_PENDING] = { "pause_pending", FIELD_BOOL, "Pending stops the clock of the solution",
                            0, .otherwise = "true" },
    [SLA_PAUSE_HOLD] = { "pause_on_hold", FIELD_BOOL, "On hold stops it too", 0,
                         .otherwise = "true" },
    [SLA_FIRST_URGENT] = MINUTES("first_urgent", "Urgent", "First answer within so many minutes"),
    [SLA_FIRST_HIGH] = MINUTES("first_high", "High", NULL),
    [SLA_FIRST_NORMAL] = MINUTES("first_normal", "Normal", NULL),
    [SLA_FIRST_LOW] = MINUTES("first_low", "Low", NULL),
    [SLA_SOLVE_URGENT] = MINUTES("solve_urgent", "Urgent", "Solved within so many minutes"),
    [SLA_SOLVE_HIGH] = MINUTES("solve_high", "High", NULL),
    [SLA_SOLVE_NORMAL] = MINUTES("solve_normal", "Normal", NULL),
    [SLA_SOLVE_LOW] = MINUTES("solve_low", "Low", NULL),
};
_Static_assert(countof(fields) == SLA_FIELDS, "enum and table differ");

static const struct field escalation_fields[] = {
    [ESCALATION_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 80 },
    [ESCALATION_POLICY] = { "policy_id", FIELD_REF, "Promise", LISTED, .ref = "sla_policy",
                            .help = "Empty: of whatever promise." },
    [ESCALATION_ABOUT] = { "about", FIELD_CHOICE, "When", REQUIRED | LISTED,
                           .otherwise = "first_response",
                           .choices =
                               CHOICES({ "first_response", "The first answer is due", "blue" },
                                       { "resolution", "The solution is due", "violet" }) },
    [ESCALATION_MINUTES] = { "minutes", FIELD_INT, "Minutes after", LISTED, .otherwise = "0",
                             .min = -MINUTES_MAX, .max = MINUTES_MAX,
                             .help = "Below 0: before it is due." },
    [ESCALATION_DO] = { "does", FIELD_CHOICE, "What is done", REQUIRED | LISTED,
                        .otherwise = "notify",
                        .choices = CHOICES({ "notify", "A colleague is told", "blue" },
                                           { "reassign", "It becomes a colleague's", "amber" },
                                           { "raise", "Its priority is raised", "red" }) },
    [ESCALATION_USER] = { "user_id", FIELD_REF, "Colleague", LISTED, .ref = "user",
                          .help = "Empty: whose the ticket is." },
};
_Static_assert(countof(escalation_fields) == ESCALATION_FIELDS, "enum and table differ");

/* ---- time ---- */
static bool works_always(const struct row *policy)
{
    return text_is(row_text(policy, SLA_HOURS), "always");
}

static i64 add_minutes(struct ctx *cx, const struct row *policy, i64 from, i64 minutes)
{
    return works_always(policy) ? from + minutes * MS_MINUTE : hours_add(cx, from, minutes);
}

static i64 minutes_between(struct ctx *cx, const struct row *policy, i64 from, i64 to)
{
    return policy && works_always(policy) ? (to - from) / MS_MINUTE : hours_between(cx, from, to);
}

/* Hundredths of an hour. */
static i64 as_hours(i64 minutes) { return minutes < 0 ? 0 : (minutes * 100 + 30) / 60; }

static i64 minutes_of(const struct row *policy, const char *priority, int urgent)
{
    static const char *const order[] = { "urgent", "high", "normal", "low" };

    for (int i = 0; i < (int)countof(order); i++)
        if (text_is(priority, order[i]))
            return row_i64(policy, urgent + i);
    return 0;
}

/* ---- which promise ---- */
static enum status promises_hold(struct ctx *cx, const struct row *t, bool *out)
{
    struct row *queue;
    enum status s;

    *out = true;
    if (!row_has(t, TICKET_QUEUE))
        return OK;
    s = record_get(cx, &ticket_queue_type, row_i64(t, TICKET_QUEUE), &queue);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    *out = row_bool(queue, QUEUE_PROMISES);
    return OK;
}

static enum status choose(struct ctx *cx, struct row *t, struct row **policy)
{
    struct list_page page;
    bool holds;

    *policy = NULL;
    TRY(promises_hold(cx, t, &holds));
    if (!holds)
        return row_clear(t, TICKET_POLICY), OK;
    TRY(list_run(cx, &sla_policy_type,
                 &(struct list_query){
                     .filter = "active is true", .sort = "position", .limit = POLICIES_MAX },
                 &page));
    for (size_t i = 0; i < page.count; i++) {
        struct filter *f;
        bool passes;
        enum status s = filter_parse(cx, &ticket_type, row_text(page.rows[i], SLA_FILTER), &f);
        if (s == E_INVALID) { /* a field of it is gone: it promises nothing until it is mended */
            ctx_clear_error(cx);
            continue;
        }
        TRY(s);
        TRY(filter_match(cx, f, t, &passes));
        if (!passes)
            continue;
        *policy = page.rows[i];
        row_set_i64(t, TICKET_POLICY, row_id(page.rows[i]));
        return OK;
    }
    row_clear(t, TICKET_POLICY);
    return OK;
}

static enum status policy_of(struct ctx *cx, struct row *t, struct row **policy)
{
    enum status s;

    *policy = NULL;
    if (ticket_is_active(t))
        return choose(cx, t, policy);
    if (!row_has(t, TICKET_POLICY))
        return OK;
    s = record_get(cx, &sla_policy_type, row_i64(t, TICKET_POLICY), policy);
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    return OK;
}

/* ---- the clock ---- */
static bool is_paused(const struct row *t, const struct row *policy)
{
    const char *status = row_text(t, TICKET_STATUS);

    if (status_is_over(status))
        return true;
    return policy && ((text_is(status, "pending") && row_bool(policy, SLA_PAUSE_PENDING)) ||
                      (text_is(status, "on_hold") && row_bool(policy, SLA_PAUSE_HOLD)));
}

static void settle_pause(struct ctx *cx, struct row *t, const struct row *policy)
{
    bool paused = is_paused(t, policy),
         solved_now = !ticket_is_active(t) && !row_has(t, TICKET_RESOLVE_HOURS);

    if (solved_now && row_has(t, TICKET_PAUSED_SINCE)) { /* what it was paused until now counts */
        row_set_i64(t, TICKET_PAUSED_MINUTES,
                    row_i64(t, TICKET_PAUSED_MINUTES) +
                        minutes_between(cx, policy, row_i64(t, TICKET_PAUSED_SINCE), ctx_now(cx)));
        row_set_i64(t, TICKET_PAUSED_SINCE, ctx_now(cx));
    } else if (paused && !row_has(t, TICKET_PAUSED_SINCE)) {
        row_set_i64(t, TICKET_PAUSED_SINCE, ctx_now(cx));
    } else if (!paused && row_has(t, TICKET_PAUSED_SINCE)) {
        row_set_i64(t, TICKET_PAUSED_MINUTES,
                    row_i64(t, TICKET_PAUSED_MINUTES) +
                        minutes_between(cx, policy, row_i64(t, TICKET_PAUSED_SINCE), ctx_now(cx)));
        row_clear(t, TICKET_PAUSED_SINCE);
    }
}

static void settle_first(struct ctx *cx, struct row *t, const struct row *policy, i64 opened)
{
    i64 minutes = policy ? minutes_of(policy, row_text(t, TICKET_PRIORITY), SLA_FIRST_URGENT) : 0;
    bool answered = row_has(t, TICKET_FIRST_AT);
    i64 at = answered ? row_i64(t, TICKET_FIRST_AT) : ctx_now(cx);

    if (answered && row_has(t, TICKET_FIRST_HOURS))
        return;                              /* over and done */
    if (!answered && !ticket_is_active(t)) { /* solved without a word */
        if (!row_has(t, TICKET_FIRST_DUE) || !row_bool(t, TICKET_FIRST_BREACHED))
            row_clear(t, TICKET_FIRST_DUE);
        return;
    }
    if (minutes > 0)
        row_set_i64(t, TICKET_FIRST_DUE, add_minutes(cx, policy, opened, minutes));
    else
        row_clear(t, TICKET_FIRST_DUE);
    row_set_i64(t, TICKET_FIRST_BREACHED,
                row_has(t, TICKET_FIRST_DUE) && at > row_i64(t, TICKET_FIRST_DUE));
    if (answered)
        row_set_i64(t, TICKET_FIRST_HOURS, as_hours(minutes_between(cx, policy, opened, at)));
}

static void settle_solution(struct ctx *cx, struct row *t, const struct row *policy, i64 opened)
{
    i64 minutes = policy ? minutes_of(policy, row_text(t, TICKET_PRIORITY), SLA_SOLVE_URGENT) : 0;
    bool over = !ticket_is_active(t);
    i64 at = over ? row_i64(t, TICKET_SOLVED_AT) : ctx_now(cx), due, paused_at;

    if (over && row_has(t, TICKET_RESOLVE_HOURS))
        return;
    /* What stopped the clock before this moment: until then it ran. */
    paused_at = !over && row_has(t, TICKET_PAUSED_SINCE) ? row_i64(t, TICKET_PAUSED_SINCE) : at;
    if (minutes > 0) {
        due = add_minutes(cx, policy, opened, minutes + row_i64(t, TICKET_PAUSED_MINUTES));
        row_set_i64(t, TICKET_RESOLVE_DUE, due);
        row_set_i64(t, TICKET_RESOLVE_BREACHED, paused_at > due);
        if (!over && row_has(t, TICKET_PAUSED_SINCE) && paused_at <= due)
            row_clear(t, TICKET_RESOLVE_DUE);
    } else {
        row_clear(t, TICKET_RESOLVE_DUE);
        row_set_i64(t, TICKET_RESOLVE_BREACHED, 0);
    }
    if (over) {
        i64 took = minutes_between(cx, policy, opened, at) - row_i64(t, TICKET_PAUSED_MINUTES);
        row_set_i64(t, TICKET_RESOLVE_HOURS, as_hours(took));
    }
}

static void sooner(i64 *at, i64 other)
{
    if (other != TIME_NONE && (*at == TIME_NONE || other < *at))
        *at = other;
}

static i64 first_due(const struct row *t)
{
    return ticket_is_active(t) && !row_has(t, TICKET_FIRST_AT) ? row_i64(t, TICKET_FIRST_DUE)
                                                               : TIME_NONE;
}

static i64 solution_due(const struct row *t)
{
    return ticket_is_active(t) && !row_has(t, TICKET_PAUSED_SINCE) ? row_i64(t, TICKET_RESOLVE_DUE)
                                                                   : TIME_NONE;
}

/* ---- escalations ---- */
static bool was_done(const struct row *t, const char *id)
{
    return strstr(row_text(t, TICKET_ESCALATED), id) != NULL;
}

/* Those of its promise that are not done yet. */
static enum status escalations_of(struct ctx *cx, const struct row *t, struct list_page *page)
{
    const char *filter = arena_printf(cx->arena, "policy_id is empty or policy_id = '%s'",
                                      id_text(cx->arena, row_i64(t, TICKET_POLICY)));

    *page = (struct list_page){ 0 };
    if (!row_has(t, TICKET_POLICY))
        return OK;
    return list_run(cx, &sla_escalation_type,
                    &(struct list_query){ .filter = filter, .limit = ESCALATIONS_MAX }, page);
}

static i64 escalation_at(struct ctx *cx, const struct row *t, const struct row *e)
{
    i64 due = text_is(row_text(e, ESCALATION_ABOUT), "resolution") ? solution_due(t) : first_due(t);

    if (due == TIME_NONE || was_done(t, id_text(cx->arena, row_id(e))))
        return TIME_NONE;
    return due + row_i64(e, ESCALATION_MINUTES) * MS_MINUTE;
}

static enum status escalate(struct ctx *cx, struct row *t, const struct row *e)
{
    const char *does = row_text(e, ESCALATION_DO), *priority = row_text(t, TICKET_PRIORITY);
    i64 who =
        row_has(e, ESCALATION_USER) ? row_i64(e, ESCALATION_USER) : row_i64(t, TICKET_ASSIGNEE);

    row_set_text(t, TICKET_ESCALATED,
                 arena_printf(cx->arena, "%s %s", row_text(t, TICKET_ESCALATED),
                              id_text(cx->arena, row_id(e))));
    if (text_is(does, "raise"))
        row_set_text(t, TICKET_PRIORITY,
                     text_is(priority, "low")      ? "normal"
                     : text_is(priority, "normal") ? "high"
                                                   : "urgent");
    else if (text_is(does, "reassign") && who)
        row_set_i64(t, TICKET_ASSIGNEE, who);
    if (who == 0)
        return OK;
    return notify_as(
        cx, NOTICE_ALERT, who, "alert-triangle",
        arena_printf(cx->arena, "%s: %s", row_text(e, ESCALATION_NAME), row_title(cx, t)),
        row_path(cx, t));
}

/* ---- settling ---- */
static enum status settle_next(struct ctx *cx, struct row *t)
{
    i64 now = ctx_now(cx), next = TIME_NONE, due = TIME_NONE, days;
    struct list_page page;

    sooner(&due, first_due(t));
    sooner(&due, solution_due(t));
    if (due != TIME_NONE)
        row_set_i64(t, TICKET_DUE_AT, due);
    else
        row_clear(t, TICKET_DUE_AT);
    if (first_due(t) != TIME_NONE && !row_bool(t, TICKET_FIRST_BREACHED))
        sooner(&next, first_due(t) + 1);
    if (solution_due(t) != TIME_NONE && !row_bool(t, TICKET_RESOLVE_BREACHED))
        sooner(&next, solution_due(t) + 1);
    if (due != TIME_NONE) {
        TRY(escalations_of(cx, t, &page));
        for (size_t i = 0; i < page.count; i++)
            sooner(&next, escalation_at(cx, t, page.rows[i]));
    }
    days = setting_i64(cx, "service.close_days");
    if (text_is(row_text(t, TICKET_STATUS), "solved") && days > 0)
        sooner(&next, row_i64(t, TICKET_SOLVED_AT) + days * MS_DAY);
    if (next == TIME_NONE)
        row_clear(t, TICKET_NEXT_AT);
    else
        row_set_i64(t, TICKET_NEXT_AT, next > now ? next : now + 1);
    return OK;
}

enum status sla_settle(struct ctx *cx, struct row *t)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 opened = row_is_new(t) ? ctx_now(cx) : row_created_at(t);
    struct row *policy;

    TRY(policy_of(cx, t, &policy));
    settle_pause(cx, t, policy);
    settle_first(cx, t, policy, opened);
    settle_solution(cx, t, policy, opened);
    return settle_next(cx, t);
}

static enum status tell_breach(struct ctx *cx, struct row *t, const char *what)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "what", what);
    if (row_has(t, TICKET_ASSIGNEE))
        TRY(notify_as(cx, NOTICE_ALERT, row_i64(t, TICKET_ASSIGNEE), "alert-triangle",
                      arena_printf(cx->arena, "Late: %s of %s", what, row_title(cx, t)),
                      row_path(cx, t)));
    return happen(cx, &(struct happening){ .name = "ticket.breached",
                                           .row = t,
                                           .contact_id = row_i64(t, TICKET_CONTACT),
                                           .props = props });
}

enum status sla_wake(struct ctx *cx, const struct row *t)
{
    if (row_bool(t, TICKET_FIRST_BREACHED) && row_changed(t, TICKET_FIRST_BREACHED))
        TRY(tell_breach(cx, (struct row *)t, "the first answer"));
    if (row_bool(t, TICKET_RESOLVE_BREACHED) && row_changed(t, TICKET_RESOLVE_BREACHED))
        TRY(tell_breach(cx, (struct row *)t, "the solution"));
    if (!row_has(t, TICKET_NEXT_AT) || !row_changed(t, TICKET_NEXT_AT))
        return OK;
    return queue_add_by(cx, "ticket.promises", "all", "{}", row_i64(t, TICKET_NEXT_AT));
}

/* ---- the job ---- */
static enum status look_at(struct ctx *cx, i64 id)
{
    i64 now = ctx_now(cx), days = setting_i64(cx, "service.close_days");
    struct list_page page;
    struct row *t;
    enum status s = record_get(cx, &ticket_type, id, &t);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return db_run(cx, "ticket.looked", I64("id", id));
    }
    TRY(s);
    TRY(escalations_of(cx, t, &page));
    for (size_t i = 0; i < page.count; i++) {
        i64 at = escalation_at(cx, t, page.rows[i]);
        if (at != TIME_NONE && at <= now)
            TRY(escalate(cx, t, page.rows[i]));
    }
    if (text_is(row_text(t, TICKET_STATUS), "solved") && days > 0 &&
        row_i64(t, TICKET_SOLVED_AT) + days * MS_DAY <= now)
        row_set_text(t, TICKET_STATUS, "closed");
    s = record_save(cx, t);
    if (s != E_INVALID) /* what it points at may be gone: it is not looked at again by itself */
        return s;
    ctx_clear_error(cx);
    return db_run(cx, "ticket.looked", I64("id", id));
}

static enum status promises_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    i64 ids[TICKETS_A_RUN], next;
    size_t count = 0;
    enum status s;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "ticket.to_look_at", I64("now", ctx_now(cx)), I64("limit", TICKETS_A_RUN));
        while (stmt_next(&q) && count < countof(ids))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++)
        TRY(look_at(cx, ids[i]));
    s = db_get_i64(cx, &next, "ticket.next_look");
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    return queue_add_by(cx, "ticket.promises", "all", "{}", next);
}

/* ---- records ---- */
static enum status policy_validate(struct ctx *cx, struct row *r)
{
    struct filter *f;

    if (filter_parse(cx, &ticket_type, row_text(r, SLA_FILTER), &f) == OK)
        return OK;
    const char *why = arena_text(cx->arena, cx->error_text);
    ctx_clear_error(cx);
    return ctx_fail_field(cx, "filter", "sla.filter", "%s", why);
}

/* Open tickets get what is promised now. */
static enum status promises_changed(struct ctx *cx, struct row *r)
{
    (void)r;
    TRY(db_run(cx, "ticket.look_at_all", I64("now", ctx_now(cx))));
    return queue_add_by(cx, "ticket.promises", "all", "{}", ctx_now(cx));
}

static enum status escalation_validate(struct ctx *cx, struct row *r)
{
    if (text_is(row_text(r, ESCALATION_DO), "reassign") && !row_has(r, ESCALATION_USER))
        return ctx_fail_field(cx, "user_id", "required", "Say whose the ticket becomes.");
    return OK;
}

const struct record_type sla_policy_type = {
    .name = "sla_policy",
    .label = "SLA policy",
    .plural = "SLA policies",
    .path = "sla-policies",
    .icon = "clock",
    .section = "service",
    .menu_order = MENU_SELDOM + 11,
    .sort = "position",
    .title = SLA_NAME,
    .fields = fields,
    .field_count = SLA_FIELDS,
    .empty = "What you promise: by when a ticket is answered, and by when it is solved.",
    RELATED({ "sla_escalation", "policy_id", "Escalations" }),
    .validate = policy_validate,
    .saved = promises_changed,
    .removed = promises_changed,
};
const struct record_type sla_escalation_type = {
    .name = "sla_escalation",
    .label = "Escalation",
    .plural = "Escalations",
    .path = "sla-escalations",
    .icon = "trending-up",
    .section = "service",
    .menu_order = MENU_SELDOM + 12,
    .sort = "name",
    .title = ESCALATION_NAME,
    .fields = escalation_fields,
    .field_count = ESCALATION_FIELDS,
    .empty = "What happens before a promise is broken, and after.",
    .validate = escalation_validate,
    .saved = promises_changed,
    .removed = promises_changed,
};

static const struct job_type jobs[] = {
    { "ticket.promises", "Look at tickets that are due", promises_job, .writes = true },
};
static const struct setting settings[] = {
    { "service.close_days", FIELD_INT, "Days from solved to closed",
      "After that, a new mail of the customer begins a new ticket. 0: never by itself.", "7",
      .group = "Service" },
};
const struct feature feature_sla = {
    .name = "sla",
    TYPES(&sla_policy_type, &sla_escalation_type),
    JOBS(jobs),
    SETTINGS(settings),
};
