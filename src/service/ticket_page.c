/* ticket_page.c -- the desk: on the left the tickets of a view, on the right the one that is worked
 * on, with its thread, its promises, whose it is, and who it is from. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/live.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/mail.h"
#include "service/sla.h"
#include "service/ticket_int.h"
#include <stdlib.h>

enum {
    ROWS_MAX = 50,
    MESSAGES_MAX = 300,
    CHOICES_MAX = 200,
    OTHERS_MAX = 6,
    COUNTED_MOST = 999,
    HERE_MS = 45 * MS_SECOND,
    SOON_MS = 4 * MS_HOUR, /* as the view's filter says */
};

static const struct {
    const char *word, *text, *filter, *sort;
} views[] = {
    { "mine", "Mine", "active is true and assignee_id = me", "due_at" },
    { "unassigned", "Unassigned", "active is true and assignee_id is empty", "due_at" },
    { "soon", "Breaching soon", "active is true and due_at <= +4h", "due_at" },
    { "open", "All open", "active is true", "due_at" },
    { "solved", "Solved", "status = 'solved'", "-solved_at" },
};
enum { COUNTED_VIEWS = 4, VIEW_OPEN = 3 };

static size_t view_of(struct req *rq)
{
    for (size_t i = 0; i < countof(views); i++)
        if (text_is(views[i].word, req_query(rq, "view")))
            return i;
    return VIEW_OPEN;
}

/* ---- promises ---- */

/* "2 h 10 min", "3 d 4 h" */
static const char *span(struct ctx *cx, i64 ms)
{
    i64 minutes = (ms < 0 ? -ms : ms) / MS_MINUTE;

    if (minutes < 60)
        return arena_printf(cx->arena, "%lld min", (long long)minutes);
    if (minutes < 48 * 60)
        return arena_printf(cx->arena, "%lld h %lld min", (long long)(minutes / 60),
                            (long long)(minutes % 60));
    return arena_printf(cx->arena, "%lld d %lld h", (long long)(minutes / 60 / 24),
                        (long long)(minutes / 60 % 24));
}

static void put_clock(struct ctx *cx, struct val *list, const char *label, i64 due, i64 done,
                      bool late, bool paused)
{
    i64 now = ctx_now(cx);
    struct val *one;

    if (due == TIME_NONE && !paused && done == TIME_NONE)
        return;
    one = val_add_map(list);
    val_put_text(one, "label", label);
    val_put_text(one, "due", "");
    val_put_text(one, "full", due != TIME_NONE ? show_time_full(cx, due) : "");
    if (done != TIME_NONE) {
        val_put_text(one, "text", late ? "given late" : "given in time");
        if (due == TIME_NONE)
            val_put_text(one, "text", "given");
        val_put_text(one, "tone", late ? "late" : "done");
        val_put_text(one, "full", show_time_full(cx, done));
    } else if (due == TIME_NONE) {
        val_put_text(one, "text", "paused");
        val_put_text(one, "tone", "calm");
    } else {
        val_put_printf(one, "due", "%lld", (long long)due);
        val_put_text(one, "text",
                     due < now ? arena_printf(cx->arena, "late by %s", span(cx, now - due))
                               : arena_printf(cx->arena, "%s left", span(cx, due - now)));
        val_put_text(one, "tone", due < now ? "late" : due - now < MS_HOUR ? "soon" : "calm");
    }
}

static void put_clocks(struct ctx *cx, const struct row *t, struct val *picked)
{
    struct val *list = val_put_list(picked, "clocks");
    bool paused =
        row_has(t, TICKET_PAUSED_SINCE) && row_has(t, TICKET_POLICY) && ticket_is_active(t);

    if (ticket_is_active(t) || row_has(t, TICKET_FIRST_AT))
        put_clock(cx, list, "First answer", row_i64(t, TICKET_FIRST_DUE),
                  row_i64(t, TICKET_FIRST_AT), row_bool(t, TICKET_FIRST_BREACHED), false);
    put_clock(cx, list, "Solution", row_i64(t, TICKET_RESOLVE_DUE), row_i64(t, TICKET_SOLVED_AT),
              row_bool(t, TICKET_RESOLVE_BREACHED), paused);
    val_put_bool(picked, "has_clocks", val_count(list) > 0);
}

/* ---- the list ---- */

static void put_row(struct req *rq, const struct row *t, i64 picked, const char *view,
                    struct val *out)
{
    struct ctx *cx = rq->cx;
    struct val *one = val_add_map(out);
    i64 due = row_i64(t, TICKET_DUE_AT), now = ctx_now(cx);
    const char *who = row_show(cx, t, TICKET_CONTACT);

    val_put_printf(one, "url", "%s?view=%s", row_path(cx, t), view);
    val_put_text(one, "code", row_text(t, TICKET_CODE));
    val_put_text(one, "text", row_text(t, TICKET_SUBJECT));
    val_put_text(one, "who", text_empty(who) ? row_text(t, TICKET_EMAIL) : who);
    val_put(one, "status", row_cell(cx, t, TICKET_STATUS));
    val_put_text(one, "priority",
                 text_is(row_text(t, TICKET_PRIORITY), "urgent") ||
                         text_is(row_text(t, TICKET_PRIORITY), "high")
                     ? row_show(cx, t, TICKET_PRIORITY)
                     : "");
    val_put_text(one, "whose", row_show(cx, t, TICKET_ASSIGNEE));
    val_put_text(one, "due",
                 due == TIME_NONE ? ""
                 : due < now      ? arena_printf(cx->arena, "late %s", span(cx, now - due))
                                  : span(cx, due - now));
    val_put_text(one, "tone",
                 due == TIME_NONE      ? "calm"
                 : due < now           ? "late"
                 : due - now < MS_HOUR ? "soon"
                                       : "calm");
    val_put_bool(one, "on", row_id(t) == picked);
}

/* How many stand in a view, up to COUNTED_MOST and one. Who sees all is counted along one index: a
 * list's own count reads every row that it passes. */
static enum status count_view(struct ctx *cx, size_t view, i64 *count)
{
    static const char *const quick[COUNTED_VIEWS] = { "desk.count_mine", "desk.count_unassigned",
                                                      "desk.count_soon", "desk.count_open" };

    if (access_scope(cx->access, "ticket", VERB_READ) != SCOPE_ALL)
        return list_count(cx, &ticket_type, views[view].filter, "", COUNTED_MOST, count);
    if (view == VIEW_OPEN || text_is(views[view].word, "unassigned"))
        return db_get_i64(cx, count, quick[view], I64("limit", COUNTED_MOST + 1));
    if (text_is(views[view].word, "mine"))
        return db_get_i64(cx, count, quick[view], I64("me", cx->access->user_id),
                          I64("limit", COUNTED_MOST + 1));
    return db_get_i64(cx, count, quick[view], I64("until", ctx_now(cx) + SOON_MS),
                      I64("limit", COUNTED_MOST + 1));
}

static enum status put_list(struct req *rq, size_t view, i64 picked, struct val *page,
                            struct row **first)
{
    struct ctx *cx = rq->cx;
    struct val *tabs = val_put_list(page, "views"), *out = val_put_list(page, "waiting");
    struct list_page list;

    TRY(list_run(cx, &ticket_type,
                 &(struct list_query){
                     .filter = views[view].filter, .sort = views[view].sort, .limit = ROWS_MAX },
                 &list));
    TRY(rows_load_titles(cx, list.rows, list.count));
    for (size_t i = 0; i < countof(views); i++) {
        struct val *one = val_add_map(tabs);
        i64 count = 0;
        if (i < COUNTED_VIEWS)
            TRY(count_view(cx, i, &count));
        val_put_text(one, "text", views[i].text);
        val_put_printf(one, "url", "/desk?view=%s", views[i].word);
        val_put_bool(one, "on", i == view);
        val_put_text(one, "count",
                     count > COUNTED_MOST ? "over 999"
                     : count > 0          ? show_number(cx->arena, count)
                                          : "");
    }
    for (size_t i = 0; i < list.count; i++)
        put_row(rq, list.rows[i], picked, views[view].word, out);
    if (picked == 0 && list.count > 0)
        val_put_bool((struct val *)val_at(out, 0), "on", true);
    *first = list.count > 0 ? list.rows[0] : NULL;
    val_put_bool(page, "has_waiting", list.count > 0);
    return OK;
}

/* ---- the thread ---- */

static void put_files(struct ctx *cx, const struct row *t, const struct val *m, struct val *one)
{
    struct val *files = val_put_list(one, "files"), *list = NULL;

    if (!text_empty(val_get_text(m, "files")) &&
        json_read(cx->arena, str_from(val_get_text(m, "files")), &list, NULL) == OK)
        for (size_t i = 0; i < val_count(list); i++) {
            struct val *f = val_add_map(files);
            i64 size = val_get_i64(val_at(list, i), "size", 0);
            val_put_text(f, "name", val_get_text(val_at(list, i), "name"));
            val_put_printf(f, "size", "%lld KB", (long long)((size + 1023) / 1024));
            val_put_text(f, "url",
                         text_empty(val_get_text(val_at(list, i), "id"))
                             ? ""
                             : arena_printf(cx->arena, "%s/files/%s", row_path(cx, t),
                                            val_get_text(val_at(list, i), "id")));
        }
    val_put_bool(one, "has_files", val_count(files) > 0);
}

/* Whether the mail that an answer went out as has arrived, in words; "" while all is well. */
static enum status put_delivery(struct ctx *cx, i64 sent, struct val *one)
{
    struct mail_message mail;
    enum status s;

    val_put_text(one, "trouble", "");
    val_put_text(one, "sent", "");
    if (sent == 0)
        return OK;
    s = mail_get(cx, sent, &mail);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    if (mail.state == MAIL_BOUNCED || mail.state == MAIL_FAILED || mail.state == MAIL_SKIPPED)
        val_put_printf(one, "trouble", "Not delivered: %s",
                       text_empty(mail.reply) ? mail.reason : mail.reply);
    else if (mail.state != MAIL_SENT)
        val_put_printf(one, "sent", "mail %s", mail_state_word(mail.state));
    else
        val_put_text(one, "sent", "sent");
    return OK;
}

static enum status put_thread(struct ctx *cx, const struct row *t, const struct row *talk,
                              struct val *picked)
{
    struct val *raw = val_list(cx->arena), *list = val_put_list(picked, "messages");
    i64 day = TIME_NONE;
    const char *seen = "";

    TRY(conversation_messages(cx, row_id(talk), 0, true, MESSAGES_MAX, raw));
    for (size_t i = 0; i < val_count(raw); i++) {
        const struct val *m = val_at(raw, i);
        struct val *one = val_copy(cx->arena, m);
        const char *author = val_get_text(m, "author");
        i64 its = zone_day(kit_zone(cx), val_get_i64(m, "at", 0));
        bool theirs = text_is(author, "visitor");
        val_put_bool(val_put_map(one, "is"), author, true);
        val_put_text(one, "by",
                     !theirs                               ? val_get_text(m, "user")
                     : text_empty(val_get_text(m, "from")) ? conversation_with(cx, talk)
                                                           : val_get_text(m, "from"));
        val_put_text(one, "day", its != day ? date_iso(cx->arena, its) : "");
        val_put_bool(one, "may_split", theirs && i > 0);
        val_put_text(one, "raw_url",
                     val_get_i64(m, "raw", 0) ? arena_printf(cx->arena, "%s/source/%s",
                                                             row_path(cx, t), val_get_text(m, "id"))
                                              : "");
        put_files(cx, t, m, one);
        TRY(put_delivery(cx, val_get_i64(m, "sent", 0), one));
        if (text_is(author, "team"))
            seen = val_get_text(m, "id");
        day = its;
        val_add(list, one);
    }
    val_put_text(picked, "seen", seen);
    return OK;
}

/* ---- choices ---- */

static void put_option(struct val *list, const char *value, const char *text, bool selected)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", selected);
}

static enum status put_records(struct ctx *cx, const char *type, const char *filter, i64 chosen,
                               struct val *list)
{
    const struct record_type *of = type_find(cx, type);
    struct list_page page;

    if (access_scope(cx->access, type, VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, of,
                 &(struct list_query){ .filter = filter, .sort = "name", .limit = CHOICES_MAX },
                 &page));
    for (size_t i = 0; i < page.count; i++)
        put_option(list, id_text(cx->arena, row_id(page.rows[i])), row_title(cx, page.rows[i]),
                   row_id(page.rows[i]) == chosen);
    return OK;
}

static void put_choices(const struct field *f, const char *chosen, struct val *list)
{
    for (const struct choice *c = f->choices; c->value; c++)
        put_option(list, c->value, c->label, text_is(c->value, chosen));
}

static const char *filled(struct ctx *cx, const char *text, const struct row *t, const char *name)
{
    static const char *const names[] = { "{{name}}", "{{ticket}}", "{{me}}" };
    const char *values[] = { name, row_text(t, TICKET_CODE), cx->access->name };
    struct buf b = buf_in(cx->arena, MESSAGE_BYTES_MOST * 4);

    while (*text) {
        size_t i = 0;
        while (i < countof(names) && strncmp(text, names[i], strlen(names[i])) != 0)
            i++;
        if (i < countof(names)) {
            buf_text(&b, values[i] ? values[i] : "");
            text += strlen(names[i]);
        } else {
            buf_char(&b, *text++);
        }
    }
    return buf_end(&b);
}

/* A macro that was chosen: its text stands in the answer, its settings come with it. */
static enum status put_macro(struct req *rq, const struct row *t, const struct row *talk,
                             struct val *picked)
{
    struct ctx *cx = rq->cx;
    const char *status = ticket_is_active(t) ? "pending" : row_text(t, TICKET_STATUS);
    struct row *macro;
    i64 id;

    val_put_text(picked, "macro", "");
    val_put_text(picked, "typed", rq->form ? req_form(rq, "text") : "");
    if (rq->form && !text_empty(req_form(rq, "status")))
        status = req_form(rq, "status");
    if (!rq->form && id_parse(str_from(req_query(rq, "macro")), &id)) {
        TRY(record_get(cx, &macro_type, id, &macro));
        val_put_text(picked, "macro", id_text(cx->arena, id));
        val_put_text(picked, "macro_name", row_text(macro, MACRO_NAME));
        val_put_text(picked, "typed",
                     filled(cx, row_text(macro, MACRO_TEXT), t, conversation_with(cx, talk)));
        if (row_has(macro, MACRO_STATUS))
            status = row_text(macro, MACRO_STATUS);
    }
    put_choices(&ticket_type.fields[TICKET_STATUS], status, val_put_list(picked, "then"));
    TRY(put_records(cx, "macro", "", 0, val_put_list(picked, "macros")));
    val_put_bool(picked, "has_macros", val_count(val_get(picked, "macros")) > 0);
    return OK;
}

static enum status put_snippets(struct ctx *cx, struct val *picked)
{
    struct val *list = val_put_list(picked, "snippets");
    struct list_page page = { 0 };

    if (access_scope(cx->access, "snippet", VERB_READ) != SCOPE_NONE)
        TRY(list_run(cx, &snippet_type,
                     &(struct list_query){ .sort = "name", .limit = CHOICES_MAX }, &page));
    for (size_t i = 0; i < page.count; i++)
        put_option(list, row_text(page.rows[i], SNIPPET_TEXT), row_text(page.rows[i], SNIPPET_NAME),
                   false);
    val_put_bool(picked, "has_snippets", page.count > 0);
    return OK;
}

/* ---- who it is from ---- */

static enum status put_some(struct ctx *cx, const char *type, const char *filter, const char *field,
                            struct val *list)
{
    const struct record_type *of = type_find(cx, type);
    int shown = of ? type_field(of, field) : -1;
    struct list_page page;

    if (of == NULL || access_scope(cx->access, type, VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, of, &(struct list_query){ .filter = filter, .limit = OTHERS_MAX }, &page));
    TRY(rows_load_titles(cx, page.rows, page.count));
    for (size_t i = 0; i < page.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", row_title(cx, page.rows[i]));
        val_put_text(one, "url", row_path(cx, page.rows[i]));
        val_put_text(one, "more", shown >= 0 ? row_show(cx, page.rows[i], shown) : "");
    }
    return OK;
}

static enum status put_contact(struct ctx *cx, const struct row *t, struct val *picked)
{
    static const int shown[] = { CONTACT_EMAIL, CONTACT_PHONE,     CONTACT_JOB,  CONTACT_COMPANY,
                                 CONTACT_OWNER, CONTACT_LIFECYCLE, CONTACT_SCORE };
    struct val *facts = val_put_list(picked, "facts"), *others = val_put_list(picked, "others"),
               *deals = val_put_list(picked, "deals");
    struct row *contact = NULL;
    enum status s = E_NOT_FOUND;

    if (row_has(t, TICKET_CONTACT))
        s = record_get(cx, &contact_type, row_i64(t, TICKET_CONTACT), &contact);
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    else
        TRY(s);
    val_put_text(picked, "contact_url", contact ? row_path(cx, contact) : "");
    val_put_text(picked, "contact", contact ? row_title(cx, contact) : "");
    for (size_t i = 0; contact && i < countof(shown); i++) {
        struct val *cell;
        if (!row_has(contact, shown[i]))
            continue;
        cell = row_cell(cx, contact, shown[i]);
        val_put_text(cell, "label", contact_type.fields[shown[i]].label);
        val_add(facts, cell);
    }
    if (contact) {
        const char *id = id_text(cx->arena, row_id(contact));
        TRY(put_some(cx, "ticket",
                     arena_printf(cx->arena, "contact_id = '%s' and id != '%s'", id,
                                  id_text(cx->arena, row_id(t))),
                     "status", others));
        TRY(put_some(cx, "deal", arena_printf(cx->arena, "contact_id = '%s'", id), "stage_id",
                     deals));
    }
    val_put_bool(picked, "has_others", val_count(others) > 0);
    val_put_bool(picked, "has_deals", val_count(deals) > 0);
    return OK;
}

/* ---- who else is here ---- */

static enum status put_here(struct ctx *cx, const struct row *t, struct val *picked)
{
    struct val *list = val_put_list(picked, "here");
    scoped(stmt_close) struct stmt q =
        db_query(cx, "desk.here", I64("ticket", row_id(t)), I64("me", cx->access->user_id),
                 I64("since", ctx_now(cx) - HERE_MS), I64("limit", OTHERS_MAX));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_text(one, "name", col_text(&q, 0));
        val_put_bool(one, "writes", text_is(col_text(&q, 1), "writing"));
    }
    val_put_bool(picked, "somebody", val_count(list) > 0);
    return stmt_status(&q);
}

/* ---- the page ---- */

static void put_facts(struct ctx *cx, const struct row *t, struct val *picked)
{
    static const int shown[] = { TICKET_CHANNEL,     TICKET_COMPANY, TICKET_TAGS,
                                 TICKET_POLICY,      TICKET_CSAT,    TICKET_CSAT_COMMENT,
                                 TICKET_MERGED_INTO, TICKET_FOLLOWS, TICKET_REOPENED };
    struct val *list = val_put_list(picked, "about");

    for (size_t i = 0; i < countof(shown); i++) {
        struct val *cell;
        if (!row_has(t, shown[i]) || (shown[i] == TICKET_REOPENED && row_i64(t, shown[i]) == 0))
            continue;
        cell = row_cell(cx, t, shown[i]);
        val_put_text(cell, "label", ticket_type.fields[shown[i]].label);
        val_add(list, cell);
    }
}

static enum status put_picked(struct req *rq, struct row *t, const char *error, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *picked = val_put_map(page, "picked");
    struct row *talk;

    TRY(rows_load_titles(cx, &t, 1));
    {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        TRY(record_get(cx, &conversation_type, row_i64(t, TICKET_CONVERSATION), &talk));
    }
    val_put_text(picked, "code", row_text(t, TICKET_CODE));
    val_put_text(picked, "subject", row_text(t, TICKET_SUBJECT));
    val_put(picked, "status", row_cell(cx, t, TICKET_STATUS));
    val_put_text(picked, "action", row_path(cx, t));
    val_put_text(picked, "id", id_text(cx->arena, row_id(t)));
    val_put_text(picked, "talk_id", id_text(cx->arena, row_id(talk)));
    val_put_text(picked, "error", error);
    val_put_bool(picked, "active", ticket_is_active(t));
    val_put_bool(picked, "mine", row_i64(t, TICKET_ASSIGNEE) == cx->access->user_id);
    val_put_bool(picked, "may_change", page_may(cx, t, VERB_UPDATE));
    val_put_text(picked, "version", arena_printf(cx->arena, "%lld", (long long)row_version(t)));
    put_choices(&ticket_type.fields[TICKET_STATUS], row_text(t, TICKET_STATUS),
                val_put_list(picked, "statuses"));
    put_choices(&ticket_type.fields[TICKET_PRIORITY], row_text(t, TICKET_PRIORITY),
                val_put_list(picked, "priorities"));
    TRY(put_records(cx, "ticket_queue", "", row_i64(t, TICKET_QUEUE),
                    val_put_list(picked, "queues")));
    TRY(put_records(cx, "user", "active = true", row_i64(t, TICKET_ASSIGNEE),
                    val_put_list(picked, "colleagues")));
    put_clocks(cx, t, picked);
    put_facts(cx, t, picked);
    TRY(put_macro(rq, t, talk, picked));
    TRY(put_snippets(cx, picked));
    TRY(put_contact(cx, t, picked));
    TRY(put_here(cx, t, picked));
    return put_thread(cx, t, talk, picked);
}

static enum status show_desk(struct req *rq, struct row *picked, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    size_t view = view_of(rq);
    struct row *first;

    TRY(put_list(rq, view, picked ? row_id(picked) : 0, page, &first));
    val_put_bool(page, "chosen", picked != NULL);
    if (picked == NULL)
        picked = first;
    val_put_text(page, "title",
                 picked && val_get_bool(page, "chosen") ? row_title(cx, picked) : "Desk");
    val_put_text(page, "live", "ticket,conversation_message,ticket_here");
    val_put_text(page, "view", views[view].word);
    val_put_printf(page, "back_url", "/desk?view=%s", views[view].word);
    val_put_bool(page, "may_create", access_scope(cx->access, "ticket", VERB_CREATE) != SCOPE_NONE);
    if (picked)
        TRY(put_picked(rq, picked, error, page));
    else
        val_put_null(page, "picked");
    return reply(rq, "ticket/desk", page);
}

static enum status picked_row(struct req *rq, struct row **t)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &ticket_type, id, t);
}

/* GET /desk?view= */
static enum status desk_get(struct req *rq) { return show_desk(rq, NULL, ""); }

/* GET /tickets/:id?view=&macro= */
static enum status ticket_get(struct req *rq)
{
    struct row *t;

    TRY(picked_row(rq, &t));
    return show_desk(rq, t, "");
}

/* ---- what is done ---- */

static enum status back(struct req *rq, const struct row *t, const char *done)
{
    const char *path =
        arena_printf(rq->cx->arena, "%s?view=%s", row_path(rq->cx, t), views[view_of(rq)].word);

    return text_empty(done) ? reply_redirect(rq, path) : reply_done(rq, path, "%s", done);
}

/* A form that cannot be taken as it is: the page with what was typed and why not. */
static enum status refused(struct req *rq, struct row *t, enum status s)
{
    struct ctx *cx = rq->cx;
    const char *why;

    if ((s != E_INVALID && s != E_CONFLICT) || rq->wants_json)
        return s;
    why = cx->field_errors ? cx->field_errors->message : cx->error_text;
    why = arena_text(cx->arena, why);
    ctx_clear_error(cx);
    reply_status(rq, 422);
    return show_desk(rq, t, why);
}

/* Somebody of ours answered after this page was made: theirs is read before another is sent. */
static enum status check_collision(struct req *rq, const struct row *t)
{
    struct ctx *cx = rq->cx;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "ticket.last_of_team", I64("conversation", row_i64(t, TICKET_CONVERSATION)));
    i64 seen = 0;

    if (!stmt_next(&q))
        return stmt_status(&q);
    if (val_get(rq->form, "seen") == NULL || col_i64(&q, 1) == cx->access->user_id)
        return OK;
    if (!text_empty(req_form(rq, "seen")))
        (void)id_parse(str_from(req_form(rq, "seen")), &seen);
    if (seen >= col_i64(&q, 0))
        return OK;
    return ctx_fail_code(cx, E_CONFLICT, "ticket.answered",
                         "%s has answered in the meantime. Read it above; what you wrote is still "
                         "here, and Send sends it.",
                         col_text(&q, 2));
}

static enum status apply_macro_of(struct req *rq, i64 ticket_id)
{
    struct ctx *cx = rq->cx;
    struct row *t, *macro;
    const char *status;
    i64 id;

    if (!id_parse(str_from(req_form(rq, "macro")), &id))
        return OK;
    TRY(record_get(cx, &macro_type, id, &macro));
    TRY(record_get(cx, &ticket_type, ticket_id, &t));
    status = arena_text(cx->arena, row_text(t, TICKET_STATUS));
    ticket_apply_macro(cx, t, macro);
    row_set_text(t, TICKET_STATUS, status); /* as it was chosen beside the answer */
    return record_save(cx, t);
}

static enum status say(struct req *rq, struct row *t)
{
    bool note = text_is(req_form(rq, "as"), "note");
    const char *text = req_form(rq, "text");

    if (text_empty(str_dup(rq->cx->arena, str_trim(str_from(text)))))
        text = req_form(rq, "snippet");
    if (!note)
        TRY(check_collision(rq, t));
    TRY(ticket_say(rq->cx, t, note ? AUTHOR_NOTE : AUTHOR_TEAM, text, req_form(rq, "status")));
    return note ? OK : apply_macro_of(rq, row_id(t));
}

/* POST /tickets/:id/say {text, as=note, status, macro, seen, snippet} */
static enum status ticket_say_post(struct req *rq)
{
    struct row *t;
    enum status s;

    TRY(picked_row(rq, &t));
    TRY(db_run(rq->cx, "desk.gone", I64("ticket", row_id(t)),
               I64("user", rq->cx->access->user_id)));
    {
        scoped(tx_end) struct tx tx = tx_begin(rq->cx);
        s = say(rq, t);
        if (s == OK)
            s = tx_commit(&tx);
    }
    return s == OK ? back(rq, t, "") : refused(rq, t, s);
}

static enum status set_ref(struct ctx *cx, struct row *t, int field, const char *text)
{
    if (!text_empty(text))
        return row_parse(cx, t, field, text);
    row_clear(t, field);
    return OK;
}

static enum status set_fields(struct req *rq, struct row *t)
{
    static const struct {
        const char *name;
        int field;
        bool ref;
    } list[] = { { "status", TICKET_STATUS, false },
                 { "priority", TICKET_PRIORITY, false },
                 { "queue", TICKET_QUEUE, true },
                 { "assignee", TICKET_ASSIGNEE, true } };

    for (size_t i = 0; i < countof(list); i++) {
        if (val_get(rq->form, list[i].name) == NULL)
            continue;
        if (list[i].ref)
            TRY(set_ref(rq->cx, t, list[i].field, req_form(rq, list[i].name)));
        else
            TRY(row_parse(rq->cx, t, list[i].field, req_form(rq, list[i].name)));
    }
    if (row_changed(t, TICKET_QUEUE) && !row_changed(t, TICKET_ASSIGNEE))
        TRY(ticket_assign_by_queue(rq->cx, t));
    return record_save(rq->cx, t);
}

/* POST /tickets/:id/set {status, priority, queue, assignee} */
static enum status ticket_set_post(struct req *rq)
{
    struct row *t;
    enum status s;

    TRY(picked_row(rq, &t));
    s = set_fields(rq, t);
    return s == OK ? back(rq, t, "Saved.") : refused(rq, t, s);
}

/* POST /tickets/:id/take -- it is mine. */
static enum status ticket_take_post(struct req *rq)
{
    struct row *t;

    TRY(picked_row(rq, &t));
    row_set_i64(t, TICKET_ASSIGNEE, rq->cx->access->user_id);
    TRY(record_save(rq->cx, t));
    return back(rq, t, "It is yours.");
}

/* POST /tickets/:id/solve */
static enum status ticket_solve_post(struct req *rq)
{
    struct row *t;

    TRY(picked_row(rq, &t));
    row_set_text(t, TICKET_STATUS, "solved");
    if (!row_has(t, TICKET_ASSIGNEE))
        row_set_i64(t, TICKET_ASSIGNEE, rq->cx->access->user_id);
    TRY(record_save(rq->cx, t));
    return back(rq, t, "Solved.");
}

static enum status merge_into(struct req *rq, struct row *t, struct row **into)
{
    struct ctx *cx = rq->cx;
    const char *code = str_dup(cx->arena, str_trim(str_from(req_form(rq, "into"))));
    enum status s;

    if (!text_empty(code) && code[strspn(code, "0123456789")] == '\0')
        code = arena_printf(cx->arena, "T-%s", code);
    s = ticket_by_code(cx, code, into);
    if (s == E_NOT_FOUND)
        return ctx_fail_field(cx, "into", "ticket.unknown",
                              "There is no ticket %s. Type its number, like T-1001.", code);
    TRY(s);
    TRY(record_get(cx, &ticket_type, row_id(*into), into)); /* as who asks */
    return ticket_merge(cx, t, *into);
}

/* POST /tickets/:id/merge {into: "T-1001"} */
static enum status ticket_merge_post(struct req *rq)
{
    struct row *t, *into;
    enum status s;

    TRY(picked_row(rq, &t));
    s = merge_into(rq, t, &into);
    return s == OK ? back(rq, into,
                          arena_printf(rq->cx->arena, "%s was merged into this ticket.",
                                       row_text(t, TICKET_CODE)))
                   : refused(rq, t, s);
}

/* POST /tickets/:id/split {message} */
static enum status ticket_split_post(struct req *rq)
{
    struct row *t, *out;
    enum status s;
    i64 id;

    TRY(picked_row(rq, &t));
    TRY(req_id(rq, "message", &id));
    s = ticket_split(rq->cx, t, id, &out);
    return s == OK ? back(rq, out,
                          arena_printf(rq->cx->arena, "%s is a ticket of its own.",
                                       row_text(out, TICKET_CODE)))
                   : refused(rq, t, s);
}

/* POST /tickets/:id/here {doing: looking, writing, gone} -- told by the page while it is open. */
static enum status ticket_here_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *doing = req_form(rq, "doing");
    struct row *t;
    i64 changed;

    TRY(picked_row(rq, &t));
    if (text_is(doing, "gone"))
        TRY(db_run_count(cx, &changed, "desk.gone", I64("ticket", row_id(t)),
                         I64("user", cx->access->user_id)));
    else
        TRY(db_run_count(cx, &changed, "desk.is_here", I64("ticket", row_id(t)),
                         I64("user", cx->access->user_id),
                         TEXT("doing", text_is(doing, "writing") ? "writing" : "looking"),
                         I64("now", ctx_now(cx))));
    live_tell(cx, "ticket_here", 0,
              arena_printf(cx->arena, "{\"type\":\"ticket_here\",\"id\":\"%s\",\"user\":\"%s\"}",
                           id_text(cx->arena, row_id(t)), id_text(cx->arena, cx->access->user_id)));
    return reply_empty(rq);
}

/* ---- new ones ---- */

static enum status show_new(struct req *rq, const char *error)
{
    struct ctx *cx = rq->cx;
    static const char *const typed[] = { "subject", "text", "email", "name" };
    struct val *page = val_map(cx->arena);
    i64 queue = 0;

    val_put_text(page, "title", "New ticket");
    val_put_text(page, "error", error);
    for (size_t i = 0; i < countof(typed); i++)
        val_put_text(page, typed[i], rq->form ? req_form(rq, typed[i]) : req_query(rq, typed[i]));
    put_choices(&ticket_type.fields[TICKET_PRIORITY],
                rq->form ? req_form(rq, "priority") : "normal", val_put_list(page, "priorities"));
    if (rq->form)
        (void)id_parse(str_from(req_form(rq, "queue")), &queue);
    TRY(put_records(cx, "ticket_queue", "", queue, val_put_list(page, "queues")));
    return reply(rq, "ticket/new", page);
}

/* GET /desk/new?email= */
static enum status ticket_new_get(struct req *rq) { return show_new(rq, ""); }

static enum status make_from(struct req *rq, const char *channel, struct row **t)
{
    struct said said = { .text = req_form(rq, "text"), .from = req_form(rq, "email") };
    struct ticket_new n = { .said = &said,
                            .subject = req_form(rq, "subject"),
                            .channel = channel,
                            .email = req_form(rq, "email"),
                            .name = req_form(rq, "name"),
                            .priority = req_form(rq, "priority"),
                            .tags = req_form(rq, "tags") };

    (void)id_parse(str_from(req_form(rq, "queue")), &n.queue_id);
    if (text_empty(n.email))
        return ctx_fail_field(rq->cx, "email", "required",
                              "Say who it is from: their mail address.");
    return ticket_make(rq->cx, &n, t, NULL);
}

/* POST /desk/new {subject, text, email, name, priority, queue} -- somebody called. */
static enum status ticket_new_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *why;
    struct row *t;
    enum status s;

    {
        scoped(tx_end) struct tx tx = tx_begin(cx);
        s = make_from(rq, "phone", &t);
        if (s == OK)
            s = tx_commit(&tx);
    }
    if (s != E_INVALID || rq->wants_json)
        return s == OK ? back(rq, t, "It is a ticket.") : s;
    why = arena_text(cx->arena, cx->field_errors ? cx->field_errors->message : cx->error_text);
    ctx_clear_error(cx);
    reply_status(rq, 422);
    return show_new(rq, why);
}

/* POST /api/v1/tickets {subject, text, email, name, priority, tags, queue} */
static enum status ticket_api_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *v = val_map(cx->arena);
    struct row *t;

    TRY(make_from(rq, "api", &t));
    val_put_text(v, "id", id_text(cx->arena, row_id(t)));
    val_put_text(v, "code", row_text(t, TICKET_CODE));
    val_put_text(v, "status", row_text(t, TICKET_STATUS));
    val_put_text(v, "url", arena_printf(cx->arena, "%s%s", web_public_url(rq), row_path(cx, t)));
    reply_header(rq, "Location",
                 arena_printf(cx->arena, "/api/v1/tickets/%s", id_text(cx->arena, row_id(t))));
    return reply_json(rq, 201, v);
}

/* POST /inbox/:id/ticket -- a conversation becomes a ticket too. */
static enum status talk_ticket_post(struct req *rq)
{
    struct row *talk, *t;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &conversation_type, id, &talk));
    TRY(ticket_of_talk(rq->cx, talk, &t));
    return back(rq, t,
                arena_printf(rq->cx->arena, "This conversation is %s.", row_text(t, TICKET_CODE)));
}

static const struct route routes[] = {
    { HTTP_GET, "/desk", desk_get, NEEDS("ticket", VERB_READ) },
    { HTTP_GET, "/tickets/:id", ticket_get, NEEDS("ticket", VERB_READ) },
    { HTTP_GET, "/desk/new", ticket_new_get, NEEDS("ticket", VERB_CREATE) },
    { HTTP_POST, "/desk/new", ticket_new_post, NEEDS("ticket", VERB_CREATE) },
    { HTTP_POST, "/tickets/:id/say", ticket_say_post, NEEDS("ticket", VERB_UPDATE) },
    { HTTP_POST, "/tickets/:id/set", ticket_set_post, NEEDS("ticket", VERB_UPDATE) },
    { HTTP_POST, "/tickets/:id/take", ticket_take_post, NEEDS("ticket", VERB_UPDATE) },
    { HTTP_POST, "/tickets/:id/solve", ticket_solve_post, NEEDS("ticket", VERB_UPDATE) },
    { HTTP_POST, "/tickets/:id/merge", ticket_merge_post, NEEDS("ticket", VERB_UPDATE) },
    { HTTP_POST, "/tickets/:id/split", ticket_split_post, NEEDS("ticket", VERB_UPDATE) },
    { HTTP_POST, "/tickets/:id/here", ticket_here_post, NEEDS("ticket", VERB_READ) },
    { HTTP_POST, "/inbox/:id/ticket", talk_ticket_post, NEEDS("ticket", VERB_CREATE) },
    { HTTP_POST, "/api/v1/tickets", ticket_api_post, NEEDS("ticket", VERB_CREATE), ROUTE_API,
      "Open a ticket: subject, text, email, and if known name, priority, tags, queue" },
};
static const struct menu_item menu[] = {
    { "service", "Desk", "/desk", "lifebuoy", "ticket", 1 },
};
const struct feature feature_ticket_page = { .name = "ticket_page", ROUTES(routes), MENU(menu) };
