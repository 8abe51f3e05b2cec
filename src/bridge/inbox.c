/* inbox.c -- the lead inbox: one screen to work through. Left what waits, most urgent first; right
 * who it is, why now, what they read and wrote, and the answers. What the answers do stands in
 * inbox_act.c. */
#include "bridge/inbox.h"
#include "base/id.h"
#include "bridge/assignment.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "kit/hours.h"
#include "kit/pages.h"
#include "kit/show.h"

enum { WAITING_MAX = 100, ANSWERED_SHOWN = 8, DAYS_AHEAD = 14, COLLEAGUES_MAX = 50 };

static bool shows_all(const struct req *rq)
{
    return !text_empty(req_query(rq, "all")) || !text_empty(req_form(rq, "all"));
}

const char *inbox_path(const struct req *rq) { return shows_all(rq) ? "/leads?all=1" : "/leads"; }

static const char *lead_url(const struct req *rq, i64 id)
{
    return arena_printf(rq->cx->arena, "/leads?id=%s%s", id_text(rq->cx->arena, id),
                        shows_all(rq) ? "&all=1" : "");
}

static enum status list_waiting(struct req *rq, struct list_page *page)
{
    struct list_query query = { .filter = shows_all(rq) ? "status = 'pending'"
                                                        : "status = 'pending' and owner_id = me",
                                .sort = "due_at",
                                .limit = WAITING_MAX };

    return list_run(rq->cx, &handoff_type, &query, page);
}

static size_t place_of(const struct list_page *page, const struct row *r)
{
    size_t i = 0;

    while (r && i < page->count && row_id(page->rows[i]) != row_id(r))
        i++;
    return r ? i : page->count;
}

enum status inbox_next(struct req *rq, const struct row *r, const char **path)
{
    struct list_page page;

    TRY(list_waiting(rq, &page));
    size_t at = place_of(&page, r), next = at + 1 < page.count ? at + 1 : 0;
    if (at == page.count) /* it was in another list: the most urgent one of this */
        next = 0;
    *path = page.count == 0 || row_id(page.rows[next]) == row_id(r)
                ? inbox_path(rq)
                : lead_url(rq, row_id(page.rows[next]));
    return OK;
}

/* ---- the clock ---- */
/* "2 h 10 min", "3 d 4 h" of eight hours are told in hours: working time has no days of its own. */
static const char *span(struct ctx *cx, i64 ms)
{
    i64 minutes = (ms < 0 ? -ms : ms) / MS_MINUTE;

    if (minutes < 60)
        return arena_printf(cx->arena, "%lld min", (long long)minutes);
    return arena_printf(cx->arena, "%lld h %lld min", (long long)(minutes / 60),
                        (long long)(minutes % 60));
}

/* What is left of the promise, and how long the lead has waited: both in working time, so that the
 * clock stands still at night and on holidays. The browser lets it run on. */
static void put_clock(struct ctx *cx, const struct row *r, struct val *into)
{
    i64 now = ctx_now(cx), due = row_i64(r, HANDOFF_DUE), left = hours_ms_between(cx, now, due);
    struct val *v = val_put_map(into, "clock");

    val_put_printf(v, "left", "%lld", (long long)left);
    val_put_printf(v, "waited", "%lld", (long long)hours_ms_between(cx, row_created_at(r), now));
    val_put_printf(v, "waited_text", "%s", span(cx, hours_ms_between(cx, row_created_at(r), now)));
    val_put_text(v, "text",
                 due < now ? arena_printf(cx->arena, "late by %s", span(cx, left))
                           : arena_printf(cx->arena, "%s left", span(cx, left)));
    val_put_text(v, "tone", due < now ? "late" : left < MS_HOUR ? "soon" : "calm");
    val_put_text(v, "iso", time_iso(cx->arena, due));
    val_put_text(v, "full", show_time_full(cx, due));
}

/* Working time ahead, and when it goes on if it rests just now. */
static void put_hours(struct ctx *cx, struct val *page)
{
    i64 now = ctx_now(cx), on = hours_go_on(cx, now);

    val_put_text(page, "hours", hours_ahead(cx, now, DAYS_AHEAD));
    val_put_text(page, "rests",
                 on == now ? ""
                 : on == TIME_NONE
                     ? "No working hours are set for the days to come."
                     : arena_printf(cx->arena, "Outside of working hours: the clocks go on %s.",
                                    show_time_full(cx, on)));
}

/* ---- the list ---- */
static enum status lead_of(struct ctx *cx, const struct row *r, struct row **contact)
{
    enum status s = record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), contact);

    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx); /* in the trash, or not to be seen */
    *contact = NULL;
    return OK;
}

static enum status put_waiting(struct req *rq, struct list_page *page, i64 picked, struct val *list)
{
    struct ctx *cx = rq->cx;

    for (size_t i = 0; i < page->count; i++) {
        struct row *contact, *r = page->rows[i];
        struct val *one;
        TRY(lead_of(cx, r, &contact));
        if (contact == NULL)
            continue;
        one = val_add_map(list);
        val_put_text(one, "url", lead_url(rq, row_id(r)));
        val_put_text(one, "text", row_title(cx, contact));
        val_put_text(one, "reason", row_text(r, HANDOFF_REASON));
        val_put_text(one, "score", show_number(cx->arena, row_i64(contact, CONTACT_SCORE)));
        val_put_bool(one, "on", row_id(r) == picked);
        put_clock(cx, r, one);
    }
    return OK;
}

/* What I answered today, to go on with, or to take back. */
static enum status put_answered(struct req *rq, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_put_list(page, "answered");
    struct list_query query = { .filter =
                                    "status != 'pending' and owner_id = me and decided_at >= today",
                                .sort = "-decided_at",
                                .limit = ANSWERED_SHOWN };
    struct list_page done;

    if (cx->access->user_id)
        TRY(list_run(cx, &handoff_type, &query, &done));
    for (size_t i = 0; cx->access->user_id && i < done.count; i++) {
        struct row *contact;
        struct val *one;
        TRY(lead_of(cx, done.rows[i], &contact));
        if (contact == NULL)
            continue;
        one = val_add_map(list);
        val_put_text(one, "text", row_title(cx, contact));
        val_put_text(one, "url", row_path(cx, contact));
        val_put(one, "status", row_cell(cx, done.rows[i], HANDOFF_STATUS));
        val_put_printf(one, "undo", "%s/undo", row_path(cx, done.rows[i]));
    }
    val_put_bool(page, "has_answered", val_count(list) > 0);
    return OK;
}

/* ---- the one that is picked ---- */
static void put_choices(const struct field *f, const char *chosen, struct val *list)
{
    for (const struct choice *c = f->choices; c && c->value; c++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", c->value);
        val_put_text(one, "text", c->label);
        val_put_bool(one, "selected", text_is(c->value, chosen));
    }
}

/* Facts that a salesperson wants before the first sentence of the call. */
static void put_facts(struct ctx *cx, const struct row *contact, struct val *picked)
{
    static const int shown[] = { CONTACT_EMAIL,   CONTACT_PHONE,    CONTACT_JOB,    CONTACT_COMPANY,
                                 CONTACT_CHANNEL, CONTACT_CAMPAIGN, CONTACT_LANDING };
    struct val *facts = val_put_list(picked, "facts");

    for (size_t i = 0; i < countof(shown); i++) {
        struct val *cell;
        if (!row_has(contact, shown[i]))
            continue;
        cell = row_cell(cx, contact, shown[i]);
        val_put_text(cell, "label", contact_type.fields[shown[i]].label);
        val_add(facts, cell);
    }
}

/* What the lead wrote last into a form, in the form's words (marketing/form.c keeps them). What
 * sales is handed belongs to the hand-off, whoever may read submissions else. */
static enum status put_wrote(struct ctx *cx, const struct row *contact, struct val *picked)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct record_type *t = type_find(cx, "submission");
    struct val *wrote = val_put_map(picked, "wrote");
    struct list_query query = { .filter = arena_printf(cx->arena,
                                                       "contact_id = '%s' and status = 'accepted'",
                                                       id_text(cx->arena, row_id(contact))),
                                .sort = "-created_at",
                                .limit = 1 };
    struct list_page page = { 0 };

    (void)guard;
    if (t)
        TRY(list_run(cx, t, &query, &page));
    val_put_bool(wrote, "any", page.count > 0);
    if (page.count == 0)
        return OK;
    val_put_text(wrote, "form", row_show(cx, page.rows[0], type_field(t, "form_id")));
    val_put_text(wrote, "when", show_time(cx, row_created_at(page.rows[0])));
    return t->detail ? t->detail(cx, page.rows[0], wrote) : OK;
}

/* Who may take it instead. */
static enum status put_colleagues(struct ctx *cx, const struct row *r, struct val *picked)
{
    struct val *list = val_put_list(picked, "colleagues");
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));
    scoped(stmt_close) struct stmt q = db_query(cx, "assignment.candidates", I64("today", today));

    (void)guard;
    while (val_count(list) < COLLEAGUES_MAX && stmt_next(&q)) {
        i64 id = col_i64(&q, 0);
        const char *name = arena_text(cx->arena, col_text(&q, 1));
        bool may;
        TRY(assignment_may_take(cx, id, &may));
        if (!may || id == row_i64(r, HANDOFF_OWNER))
            continue;
        struct val *one = val_add_map(list);
        val_put_text(one, "value", id_text(cx->arena, id));
        val_put_text(one, "text", name);
    }
    val_put_bool(picked, "has_colleagues", val_count(list) > 0);
    return stmt_status(&q);
}

/* Flows that may take a recycled lead in (marketing/flow.c keeps them). */
static enum status put_flows(struct ctx *cx, struct val *picked)
{
    struct val *list = val_put_list(picked, "nurture");
    scoped(stmt_close) struct stmt q = db_query(cx, "contact.flows_live");

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", id_text(cx->arena, col_i64(&q, 0)));
        val_put_text(one, "text", col_text(&q, 1));
    }
    val_put_bool(picked, "has_nurture", val_count(list) > 0);
    return stmt_status(&q);
}

/* The next thing to do, in one sentence with its link. */
static void put_todo(struct ctx *cx, const struct row *contact, struct val *picked)
{
    const char *phone = row_text(contact, CONTACT_PHONE), *mail = row_text(contact, CONTACT_EMAIL);
    struct buf tel = buf_in(cx->arena, 100);

    for (const char *p = phone; *p; p++)
        if ((*p >= '0' && *p <= '9') || (*p == '+' && p == phone))
            buf_char(&tel, *p);
    val_put_text(picked, "todo",
                 !text_empty(phone)  ? arena_printf(cx->arena, "Call %s", phone)
                 : !text_empty(mail) ? arena_printf(cx->arena, "Write to %s", mail)
                                     : "Find a way to reach them");
    val_put_text(picked, "todo_url",
                 !text_empty(phone)  ? arena_printf(cx->arena, "tel:%s", buf_end(&tel))
                 : !text_empty(mail) ? arena_printf(cx->arena, "mailto:%s", mail)
                                     : row_path(cx, contact));
}

/* Which panels there are, and which stands open with its error. */
static void put_panels(const char *verb, const char *error, struct val *picked)
{
    static const char *const verbs[] = { "reject", "recycle", "assign", "call" };
    struct val *open = val_put_map(picked, "open");

    for (size_t i = 0; i < countof(verbs); i++)
        val_put_bool(open, verbs[i], verb && text_is(verb, verbs[i]));
    val_put_text(picked, "error", error ? error : "");
}

static enum status put_actions(struct req *rq, const struct row *r, struct val *picked)
{
    struct ctx *cx = rq->cx;
    const struct record_type *activity = type_find(cx, "activity");
    int outcome = activity ? type_field(activity, "outcome") : -1;
    bool waits = text_is(row_text(r, HANDOFF_STATUS), "pending"),
         may = page_may(cx, r, VERB_UPDATE),
         logs = outcome >= 0 && access_scope(cx->access, "activity", VERB_CREATE) != SCOPE_NONE;

    val_put_bool(picked, "waits", waits && may);
    val_put_bool(picked, "answered", !waits);
    val_put_bool(picked, "logs", waits && may && logs);
    put_choices(&handoff_type.fields[HANDOFF_OUTCOME], req_form(rq, "outcome"),
                val_put_list(picked, "outcomes"));
    if (logs)
        put_choices(&activity->fields[outcome], "", val_put_list(picked, "call_outcomes"));
    val_put_text(picked, "typed", req_form(rq, "answer"));
    TRY(put_colleagues(cx, r, picked));
    return put_flows(cx, picked);
}

static enum status put_picked(struct req *rq, const struct row *r, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *picked = val_put_map(page, "picked");
    struct row *contact, *from;

    TRY(record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact));
    val_put_text(picked, "text", row_title(cx, contact));
    val_put_text(picked, "url", row_path(cx, contact));
    val_put_text(picked, "action", row_path(cx, r));
    val_put_text(picked, "reason", row_text(r, HANDOFF_REASON));
    val_put_text(picked, "note", row_text(r, HANDOFF_NOTE));
    val_put_text(picked, "because", row_text(r, HANDOFF_BECAUSE));
    val_put_text(picked, "from", "the score");
    if (row_has(r, HANDOFF_FROM) &&
        record_get_named(cx, "user", row_i64(r, HANDOFF_FROM), &from) == OK)
        val_put_text(picked, "from", row_title(cx, from));
    ctx_clear_error(cx);
    val_put_text(picked, "handed_over", show_time(cx, row_created_at(r)));
    val_put_text(picked, "status", row_show(cx, r, HANDOFF_STATUS));
    put_clock(cx, r, picked);
    put_todo(cx, contact, picked);
    put_facts(cx, contact, picked);
    TRY(put_actions(rq, r, picked));
    TRY(put_wrote(cx, contact, picked));
    TRY(contact_type.detail(cx, contact, picked));
    val_put_text((struct val *)val_get(picked, "qualify"), "next", lead_url(rq, row_id(r)));
    return page_timeline(rq, contact, picked);
}

/* ---- the page ---- */
static void put_place(struct req *rq, const struct list_page *waiting, const struct row *picked,
                      struct val *page)
{
    size_t at = place_of(waiting, picked);
    bool there = at < waiting->count;

    val_put_text(page, "place", "");
    if (there)
        val_put_printf(page, "place", "%zu of %zu", at + 1, waiting->count);
    val_put_text(page, "next_url",
                 there && at + 1 < waiting->count ? lead_url(rq, row_id(waiting->rows[at + 1]))
                                                  : "");
    val_put_text(page, "back_to",
                 there && at > 0 ? lead_url(rq, row_id(waiting->rows[at - 1])) : "");
}

enum status inbox_show(struct req *rq, struct row *picked, const char *verb, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct list_page waiting;
    bool chosen = picked != NULL;

    TRY(list_waiting(rq, &waiting));
    if (!picked && waiting.count)
        picked = waiting.rows[0];
    val_put_text(page, "title", "Leads");
    val_put_printf(page, "count", "%zu waiting", waiting.count);
    val_put_bool(page, "all", shows_all(rq));
    val_put_bool(page, "chosen", chosen);
    val_put_text(page, "back_url", inbox_path(rq));
    val_put_text(page, "live", "handoff");
    put_hours(cx, page);
    put_place(rq, &waiting, picked, page);
    TRY(put_waiting(rq, &waiting, picked ? row_id(picked) : 0, val_put_list(page, "waiting")));
    val_put_bool(page, "has_waiting", waiting.count > 0);
    TRY(put_answered(rq, page));
    if (picked) {
        TRY(put_picked(rq, picked, page));
        put_panels(verb, error, (struct val *)val_get(page, "picked"));
    } else {
        val_put_null(page, "picked");
    }
    return reply(rq, "inbox/page", page);
}

/* GET /leads?id=...&all=1 -- mine, or everybody's whom I may see. */
static enum status inbox(struct req *rq)
{
    struct row *picked = NULL;
    i64 id;

    if (!text_empty(req_query(rq, "id"))) {
        TRY(req_id(rq, "id", &id));
        TRY(record_get(rq->cx, &handoff_type, id, &picked));
    }
    return inbox_show(rq, picked, NULL, NULL);
}

static const struct route routes[] = {
    { HTTP_GET, "/leads", inbox, NEEDS("handoff", VERB_READ) },
};
static const struct menu_item menu[] = {
    { "sales", "Leads", "/leads", "inbox", "handoff", 0 },
};
const struct feature feature_inbox = { .name = "inbox", ROUTES(routes), MENU(menu) };
