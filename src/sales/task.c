/* task.c -- tasks to be worked through, one after the other: calls, mails and to-dos. What was
 * done is said in one form - outcome, note, what comes next - and the next one opens by itself.
 * All of it works by keyboard and without scripts. And reminders before something is due. */
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/hours.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/activity.h"
#include "sales/meeting.h"
#include "store/queue.h"

enum { QUEUE_MAX = 100, NEXT_DAYS_MOST = 365 };

static const struct {
    const char *value, *text;
} shows[] = {
    { "due", "Due today" },
    { "overdue", "Overdue" },
    { "all", "All" },
};
static const struct {
    const char *value, *text, *filter;
} kinds[] = {
    { "", "Everything", "kind in ('call', 'mail', 'task')" },
    { "call", "Calls", "kind = 'call'" },
    { "mail", "Mails", "kind = 'mail'" },
    { "task", "To-dos", "kind = 'task'" },
};

/* ---- which ---- */
static size_t picked_show(const char *value)
{
    for (size_t i = 0; i < countof(shows); i++)
        if (text_is(shows[i].value, value))
            return i;
    return 0;
}

static size_t picked_kind(const char *value)
{
    for (size_t i = 0; i < countof(kinds); i++)
        if (text_is(kinds[i].value, value))
            return i;
    return 0;
}

static const char *said(struct req *rq, const char *name)
{
    return rq->method == HTTP_POST ? req_form(rq, name) : req_query(rq, name);
}

static const char *queue_url(struct req *rq, const char *show, const char *kind, i64 id)
{
    struct ctx *cx = rq->cx;

    return arena_printf(cx->arena, "/tasks?show=%s&kind=%s%s%s", show, kind, id ? "&id=" : "",
                        id ? id_text(cx->arena, id) : "");
}

static enum status queue_read(struct req *rq, struct list_page *out)
{
    struct ctx *cx = rq->cx;
    size_t show = picked_show(said(rq, "show")), kind = picked_kind(said(rq, "kind"));
    const struct zone *z = kit_zone(cx);
    i64 until = show == 0 ? zone_instant(z, zone_day(z, ctx_now(cx)) + 1, 0) : ctx_now(cx);
    const char *filter =
        arena_printf(cx->arena, "owner_id = me and done is false and %s", kinds[kind].filter);

    if (show < 2)
        filter = arena_printf(cx->arena, "%s and due_at < %s", filter, time_iso(cx->arena, until));
    return list_run(cx, &activity_type,
                    &(struct list_query){ .filter = filter, .sort = "due_at", .limit = QUEUE_MAX },
                    out);
}

/* ---- the page ---- */
static void put_due(struct ctx *cx, struct val *into, const struct row *r)
{
    i64 due = row_i64(r, ACTIVITY_DUE), left = due - ctx_now(cx);
    bool has = row_has(r, ACTIVITY_DUE);

    val_put_text(into, "tone",
                 !has             ? "calm"
                 : left < 0       ? "late"
                 : left < MS_HOUR ? "soon"
                                  : "calm");
    val_put_text(into, "when", has ? show_time(cx, due) : "no date");
    val_put_text(into, "full", has ? show_time_full(cx, due) : "");
}

static const char *icon_of(const struct row *r)
{
    return text_is(row_text(r, ACTIVITY_KIND), "call")   ? "phone"
           : text_is(row_text(r, ACTIVITY_KIND), "mail") ? "mail"
                                                         : "checklist";
}

static void put_segments(struct req *rq, struct val *page)
{
    const char *show = shows[picked_show(said(rq, "show"))].value,
               *kind = kinds[picked_kind(said(rq, "kind"))].value;
    struct val *list = val_put_list(page, "shows"), *one;

    for (size_t i = 0; i < countof(shows); i++) {
        one = val_add_map(list);
        val_put_text(one, "text", shows[i].text);
        val_put_text(one, "url", queue_url(rq, shows[i].value, kind, 0));
        val_put_bool(one, "on", text_is(shows[i].value, show));
    }
    list = val_put_list(page, "kinds");
    for (size_t i = 0; i < countof(kinds); i++) {
        one = val_add_map(list);
        val_put_text(one, "text", kinds[i].text);
        val_put_text(one, "url", queue_url(rq, show, kinds[i].value, 0));
        val_put_bool(one, "on", text_is(kinds[i].value, kind));
    }
    val_put_text(page, "show", show);
    val_put_text(page, "kind", kind);
}

static enum status put_rows(struct req *rq, const struct list_page *q, i64 picked, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_put_list(page, "tasks");

    TRY(rows_load_titles(cx, q->rows, q->count));
    for (size_t i = 0; i < q->count; i++) {
        struct val *one = val_add_map(list);
        const struct row *r = q->rows[i];
        val_put_text(one, "text", row_title(cx, r));
        val_put_text(
            one, "who",
            row_show(cx, r, row_has(r, ACTIVITY_CONTACT) ? ACTIVITY_CONTACT : ACTIVITY_COMPANY));
        val_put_text(one, "icon", icon_of(r));
        val_put_text(
            one, "url",
            queue_url(rq, val_get_text(page, "show"), val_get_text(page, "kind"), row_id(r)));
        val_put_bool(one, "on", row_id(r) == picked);
        put_due(cx, one, r);
    }
    return OK;
}

/* A mail of a sequence is read and sent on its own page; others are written to the contact. */
static enum status put_mail(struct req *rq, const struct row *r, struct val *picked)
{
    struct ctx *cx = rq->cx;
    const char *back =
        http_url_encode(cx->arena, queue_url(rq, shows[picked_show(said(rq, "show"))].value,
                                             kinds[picked_kind(said(rq, "kind"))].value, 0));

    val_put_text(picked, "mail_url", "");
    val_put_bool(picked, "of_sequence", false);
    if (!text_is(row_text(r, ACTIVITY_KIND), "mail"))
        return OK;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "task.sequence_step", I64("activity", row_id(r)));
    if (stmt_next(&q)) {
        const char *enrolment = id_text(cx->arena, col_i64(&q, 0)),
                   *step = id_text(cx->arena, col_i64(&q, 1));
        val_put_printf(picked, "mail_url", "/enrolments/%s/steps/%s?next=%s", enrolment, step,
                       back);
        val_put_bool(picked, "of_sequence", true);
    } else if (row_has(r, ACTIVITY_CONTACT)) {
        val_put_printf(picked, "mail_url", "/contacts/%s/mail",
                       id_text(cx->arena, row_i64(r, ACTIVITY_CONTACT)));
    }
    return stmt_status(&q);
}

/* A task about nobody in particular is about the company. */
static enum status put_company(struct ctx *cx, const struct row *r, struct val *picked)
{
    struct row *company;
    enum status s = record_get_named(cx, "company", row_i64(r, ACTIVITY_COMPANY), &company);

    if (s == E_NOT_FOUND || s == E_FORBIDDEN) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    val_put_text(picked, "contact", row_title(cx, company));
    val_put_text(picked, "contact_url", row_path(cx, company));
    return OK;
}

static enum status put_contact(struct req *rq, const struct row *r, struct val *picked)
{
    static const int shown[] = { CONTACT_PHONE, CONTACT_EMAIL, CONTACT_JOB, CONTACT_COMPANY };
    struct ctx *cx = rq->cx;
    struct val *facts = val_put_list(picked, "facts");
    struct row *contact;
    enum status s = record_get(cx, &contact_type, row_i64(r, ACTIVITY_CONTACT), &contact);

    val_put_text(picked, "contact", "");
    val_put_null(picked, "journey");
    if (s == E_NOT_FOUND || s == E_FORBIDDEN) {
        ctx_clear_error(cx);
        return row_has(r, ACTIVITY_COMPANY) ? put_company(cx, r, picked) : OK;
    }
    TRY(s);
    val_put_text(picked, "contact", row_title(cx, contact));
    val_put_text(picked, "contact_url", row_path(cx, contact));
    for (size_t i = 0; i < countof(shown); i++) {
        struct val *cell;
        if (!row_has(contact, shown[i]))
            continue;
        cell = row_cell(cx, contact, shown[i]);
        val_put_text(cell, "label", contact_type.fields[shown[i]].label);
        val_add(facts, cell);
    }
    return page_timeline(rq, contact, picked);
}

static void put_outcomes(const struct row *r, struct req *rq, struct val *picked)
{
    static const char *const of_calls[] = { "reached", "left_message", "no_answer",
                                            "wrong_number" };
    struct val *list = val_put_list(picked, "outcomes");
    const struct choice *all = activity_type.fields[ACTIVITY_OUTCOME].choices;

    val_put_bool(picked, "is_call", text_is(row_text(r, ACTIVITY_KIND), "call"));
    for (size_t i = 0; i < countof(of_calls); i++)
        for (const struct choice *c = all; c->value; c++)
            if (text_is(c->value, of_calls[i])) {
                struct val *one = val_add_map(list);
                val_put_text(one, "value", c->value);
                val_put_text(one, "text", c->label);
                val_put_printf(one, "key", "%zu", i + 1);
                val_put_bool(one, "on",
                             rq->method == HTTP_POST && text_is(req_form(rq, "outcome"), c->value));
            }
}

static enum status put_picked(struct req *rq, const struct row *r, i64 next, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *picked = val_put_map(page, "picked");

    val_put_text(picked, "text", row_title(cx, r));
    val_put_text(picked, "url", row_path(cx, r));
    val_put_text(picked, "body", row_text(r, ACTIVITY_BODY));
    val_put_text(picked, "icon", icon_of(r));
    val_put_text(picked, "kind", row_show(cx, r, ACTIVITY_KIND));
    val_put_bool(picked, "waits", !row_bool(r, ACTIVITY_DONE));
    val_put_bool(picked, "may_change", page_may(cx, r, VERB_UPDATE));
    val_put_text(picked, "id", id_text(cx->arena, row_id(r)));
    val_put_text(picked, "then", next ? id_text(cx->arena, next) : "");
    val_put_text(picked, "next_url",
                 next ? queue_url(rq, val_get_text(page, "show"), val_get_text(page, "kind"), next)
                      : "");
    val_put_text(picked, "deal", row_show(cx, r, ACTIVITY_DEAL));
    val_put_text(picked, "note", rq->method == HTTP_POST ? req_form(rq, "note") : "");
    val_put_text(picked, "error", cx->field_errors ? cx->field_errors->message : "");
    val_put_text(picked, "kind_value", val_get_text(page, "kind"));
    put_due(cx, picked, r);
    put_outcomes(r, rq, picked);
    TRY(put_mail(rq, r, picked));
    return put_contact(rq, r, picked);
}

static enum status show_queue(struct req *rq, i64 id)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct list_page q;
    struct row *picked = NULL;
    size_t at = 0;
    i64 next = 0;

    TRY(queue_read(rq, &q));
    put_segments(rq, page);
    while (id && at < q.count && row_id(q.rows[at]) != id)
        at++;
    if (id)
        TRY(record_get(cx, &activity_type, id, &picked));
    else if (q.count)
        picked = q.rows[0];
    if (at + 1 < q.count)
        next = row_id(q.rows[at + 1]);
    else if (q.count && row_id(q.rows[0]) != (picked ? row_id(picked) : 0))
        next = row_id(q.rows[0]); /* round again: some were skipped */
    val_put_text(page, "title", "Tasks");
    val_put_printf(page, "count", "%zu", q.count);
    val_put_bool(page, "has_tasks", q.count > 0);
    val_put_bool(page, "chosen", id != 0);
    val_put_text(page, "back_url",
                 queue_url(rq, val_get_text(page, "show"), val_get_text(page, "kind"), 0));
    val_put_text(page, "ahead_url", queue_url(rq, "all", "", 0));
    TRY(put_rows(rq, &q, picked ? row_id(picked) : 0, page));
    if (picked)
        TRY(put_picked(rq, picked, next, page));
    else
        val_put_null(page, "picked");
    return reply(rq, "task/page", page);
}

/* GET /tasks?show=&kind=&id= -- mine that are to be done. */
static enum status queue_get(struct req *rq)
{
    i64 id = 0;

    if (!text_empty(req_query(rq, "id")))
        TRY(req_id(rq, "id", &id));
    return show_queue(rq, id);
}

/* ---- what is done ---- */
static enum status read_task(struct req *rq, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &activity_type, id, out));
    return meeting_is(*out) ? ctx_fail_code(rq->cx, E_CONFLICT, "task.meeting",
                                            "A meeting is no task: open it in the calendar.")
                            : OK;
}

/* The next of the queue, as it was when the page was made; the first, if that one is gone. */
static const char *then_url(struct req *rq)
{
    const char *show = shows[picked_show(req_form(rq, "show"))].value,
               *kind = kinds[picked_kind(req_form(rq, "kind"))].value;
    struct row *r;
    i64 id = 0;

    if (id_parse(str_from(req_form(rq, "then")), &id) &&
        (record_get(rq->cx, &activity_type, id, &r) != OK || row_bool(r, ACTIVITY_DONE)))
        id = 0;
    ctx_clear_error(rq->cx);
    return queue_url(rq, show, kind, id);
}

/* Nine in the morning, so many working days on. */
static i64 morning_in(struct ctx *cx, i64 days)
{
    const struct zone *z = kit_zone(cx);
    const struct hours *h = hours_of_workspace(cx);
    struct hours_span spans[HOURS_SPANS];
    i64 day = zone_day(z, ctx_now(cx));

    for (int i = 0; i < NEXT_DAYS_MOST && days > 0; i++)
        if (hours_of_day(cx, h, z, ++day, spans) > 0)
            days--;
    return zone_instant(z, day, 9 * 60);
}

static enum status make_next(struct req *rq, const struct row *done)
{
    struct ctx *cx = rq->cx;
    const char *subject = str_dup(cx->arena, str_trim(str_from(req_form(rq, "next_subject"))));
    static const int same[] = { ACTIVITY_CONTACT, ACTIVITY_COMPANY, ACTIVITY_DEAL, ACTIVITY_OWNER };
    struct row *r;
    i64 days;

    if (text_empty(subject))
        return OK;
    if (!str_i64(str_from(req_form(rq, "next_days")), &days) || days < 0 || days > NEXT_DAYS_MOST)
        days = 1;
    r = row_new(cx, &activity_type);
    row_set_text(r, ACTIVITY_KIND, text_is(req_form(rq, "next_kind"), "call") ? "call" : "task");
    row_set_text(r, ACTIVITY_SUBJECT, utf8_cut(cx->arena, subject, 200));
    for (size_t i = 0; i < countof(same); i++)
        if (row_has(done, same[i]))
            row_set_i64(r, same[i], row_i64(done, same[i]));
    row_set_i64(r, ACTIVITY_DUE, morning_in(cx, days));
    return record_save(cx, r);
}

/* POST /tasks/:id/done {outcome, note, next_subject, next_kind, next_days, then, show, kind} */
static enum status done_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *outcome = req_form(rq, "outcome"),
               *note = str_dup(cx->arena, str_trim(str_from(req_form(rq, "note"))));
    struct row *r;

    TRY(read_task(rq, &r));
    if (row_bool(r, ACTIVITY_DONE))
        return ctx_fail_code(cx, E_CONFLICT, "task.done", "It was done already.");
    if (text_is(row_text(r, ACTIVITY_KIND), "call") && text_empty(outcome)) {
        (void)ctx_fail_field(cx, "outcome", "required", "Say what came of the call.");
        if (rq->wants_json)
            return E_INVALID;
        reply_status(rq, 422);
        return show_queue(rq, row_id(r));
    }
    if (!text_empty(outcome))
        TRY(row_parse(cx, r, ACTIVITY_OUTCOME, outcome));
    if (!text_empty(note))
        row_set_text(r, ACTIVITY_BODY,
                     row_has(r, ACTIVITY_BODY)
                         ? arena_printf(cx->arena, "%s\n\n%s", row_text(r, ACTIVITY_BODY), note)
                         : note);
    row_set_i64(r, ACTIVITY_DONE, 1);
    TRY(record_save(cx, r));
    TRY(make_next(rq, r));
    return reply_done(rq, then_url(rq), "Done: %s.", row_title(cx, r));
}

/* POST /tasks/:id/snooze {until: hour tomorrow week, then, show, kind} */
static enum status snooze_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *until = req_form(rq, "until");
    struct row *r;

    TRY(read_task(rq, &r));
    row_set_i64(r, ACTIVITY_DUE,
                text_is(until, "hour")   ? ctx_now(cx) + MS_HOUR
                : text_is(until, "week") ? morning_in(cx, 5)
                                         : morning_in(cx, 1));
    TRY(record_save(cx, r));
    return reply_done(rq, then_url(rq), "Due %s: %s.", show_time(cx, row_i64(r, ACTIVITY_DUE)),
                      row_title(cx, r));
}

/* ---- reminders ---- */
enum status task_saved(struct ctx *cx, struct row *r)
{
    i64 at = row_i64(r, ACTIVITY_DUE) - row_i64(r, ACTIVITY_REMIND) * MS_MINUTE;
    bool asked =
        row_before(r) == NULL || row_changed(r, ACTIVITY_DUE) || row_changed(r, ACTIVITY_REMIND);
    struct val *v = val_map(cx->arena);

    if (!asked || !row_has(r, ACTIVITY_REMIND) || !row_has(r, ACTIVITY_DUE) ||
        !row_has(r, ACTIVITY_OWNER) || row_bool(r, ACTIVITY_DONE) ||
        row_i64(r, ACTIVITY_DUE) <= ctx_now(cx))
        return OK;
    val_put_text(v, "activity", id_text(cx->arena, row_id(r)));
    val_put_i64(v, "due", row_i64(r, ACTIVITY_DUE));
    val_put_i64(v, "before", row_i64(r, ACTIVITY_REMIND));
    return queue_add(
        cx, "task.remind",
        arena_printf(cx->arena, "%s/%lld", id_text(cx->arena, row_id(r)), (long long)at),
        json_text(cx->arena, v), at > ctx_now(cx) ? at : ctx_now(cx), NULL);
}

/* One that was moved has a reminder of its own. */
static enum status remind_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct row *r;
    enum status s;
    i64 id;

    if (!id_parse(str_from(val_get_text(job->payload, "activity")), &id))
        return OK;
    s = record_get(cx, &activity_type, id, &r);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (row_bool(r, ACTIVITY_DONE) || row_has(r, ACTIVITY_CANCELLED) ||
        !row_has(r, ACTIVITY_OWNER) ||
        row_i64(r, ACTIVITY_DUE) != val_get_i64(job->payload, "due", 0) ||
        row_i64(r, ACTIVITY_REMIND) != val_get_i64(job->payload, "before", 0))
        return OK;
    return notify(cx, row_i64(r, ACTIVITY_OWNER), "alarm",
                  arena_printf(cx->arena, "Due %s: %s", show_time(cx, row_i64(r, ACTIVITY_DUE)),
                               row_title(cx, r)),
                  row_path(cx, r));
}

static const struct route routes[] = {
    { HTTP_GET, "/tasks", queue_get, NEEDS("activity", VERB_READ) },
    { HTTP_POST, "/tasks/:id/done", done_post, NEEDS("activity", VERB_UPDATE) },
    { HTTP_POST, "/tasks/:id/snooze", snooze_post, NEEDS("activity", VERB_UPDATE) },
};
static const struct job_type jobs[] = {
    { "task.remind", "Remind of something that is due", remind_job, .writes = true },
};
static const struct menu_item menu[] = {
    { "sales", "Tasks", "/tasks", "checklist", "activity", 2 },
};
const struct feature feature_task = {
    .name = "task",
    ROUTES(routes),
    JOBS(jobs),
    MENU(menu),
};
