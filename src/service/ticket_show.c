/* ticket_show.c -- the ticket that is worked on, as the desk shows it: its promises, its thread,
 * what may be chosen for it, who it is from and who else has it open. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "kit/file.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "kit/watch.h"
#include "mail/mail.h"
#include "mail/snippet.h"
#include "service/ticket_page_int.h"

enum {
    MESSAGES_MAX = 300,
    CHOICES_MAX = 200,
    OTHERS_MAX = 6,
    HERE_MS = 45 * MS_SECOND,
};

/* ---- promises ---- */

/* "2 h 10 min", "3 d 4 h" */
const char *desk_span(struct ctx *cx, i64 ms)
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
                     due < now ? arena_printf(cx->arena, "late by %s", desk_span(cx, now - due))
                               : arena_printf(cx->arena, "%s left", desk_span(cx, due - now)));
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

/* ---- the thread ---- */

static void put_sent_files(struct ctx *cx, const struct row *t, const struct val *m,
                           struct val *one)
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
        val_put_text(one, "day_text", its != day ? show_date_full(cx, its) : "");
        val_put_bool(one, "may_split", theirs && i > 0 && page_may(cx, t, VERB_UPDATE));
        val_put_text(one, "raw_url",
                     val_get_i64(m, "raw", 0) ? arena_printf(cx->arena, "%s/source/%s",
                                                             row_path(cx, t), val_get_text(m, "id"))
                                              : "");
        put_sent_files(cx, t, m, one);
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

enum status desk_put_records(struct ctx *cx, const char *type, const char *filter, i64 chosen,
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

void desk_put_choices(const struct field *f, const char *chosen, struct val *list)
{
    for (const struct choice *c = f->choices; c->value; c++)
        put_option(list, c->value, c->label, text_is(c->value, chosen));
}

/* Whom a canned answer is for. */
static enum status answer_for(struct ctx *cx, const struct row *t, struct snippet_for *out)
{
    struct row *contact;

    TRY(ticket_contact(cx, t, &contact));
    *out = (struct snippet_for){ .contact = contact, .ticket_id = row_id(t) };
    return OK;
}

/* A macro that was chosen: its text stands in the answer, its settings come with it. */
static enum status put_macro(struct req *rq, const struct row *t, const struct row *talk,
                             struct val *picked)
{
    struct ctx *cx = rq->cx;
    const char *status = ticket_is_active(t) ? "pending" : row_text(t, TICKET_STATUS);
    struct snippet_for whom;
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
        TRY(answer_for(cx, t, &whom));
        val_put_text(
            picked, "typed",
            snippet_shown(cx,
                          macro_words(cx, row_text(macro, MACRO_TEXT), conversation_with(cx, talk)),
                          &whom));
        if (row_has(macro, MACRO_STATUS))
            status = row_text(macro, MACRO_STATUS);
    }
    desk_put_choices(&ticket_type.fields[TICKET_STATUS], status, val_put_list(picked, "then"));
    TRY(desk_put_records(cx, "macro", "", 0, val_put_list(picked, "macros")));
    val_put_bool(picked, "has_macros", val_count(val_get(picked, "macros")) > 0);
    return OK;
}

static enum status put_snippets(struct ctx *cx, const struct row *t, struct val *picked)
{
    struct snippet_for whom;
    struct val *list = val_put_list(picked, "snippets");
    struct list_page page = { 0 };

    if (access_scope(cx->access, "snippet", VERB_READ) != SCOPE_NONE)
        TRY(list_run(cx, &snippet_type,
                     &(struct list_query){ .sort = "name", .limit = CHOICES_MAX }, &page));
    TRY(answer_for(cx, t, &whom));
    for (size_t i = 0; i < page.count; i++)
        put_option(list, snippet_shown(cx, row_text(page.rows[i], SNIPPET_TEXT), &whom),
                   row_text(page.rows[i], SNIPPET_NAME), false);
    val_put_bool(picked, "has_snippets", page.count > 0);
    return OK;
}

/* GET /tickets/:id/snippet?name= -- {"text": "..."}: what ;name becomes in an answer. */
enum status desk_snippet_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *answer = val_map(cx->arena);
    struct snippet_for whom;
    const char *text;
    struct row *t;

    TRY(page_record(rq, &ticket_type, &t));
    TRY(answer_for(cx, t, &whom));
    TRY(snippet_text(cx, req_query(rq, "name"), &whom, &text));
    val_put_text(answer, "text", text);
    return reply_json(rq, 200, answer);
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
    TRY(rows_load_some_titles(cx, page.rows, page.count, &shown, 1));
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
    struct row *contact;

    TRY(ticket_contact(cx, t, &contact));
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

/* ---- whom the answer goes to ---- */
static enum status put_to(struct req *rq, const struct row *t, struct val *picked)
{
    const char *to = "", *typed = rq->form && val_get(rq->form, "cc") ? req_form(rq, "cc") : NULL;

    if (!text_is(row_text(t, TICKET_CHANNEL), "chat")) /* they read it where they wrote */
        TRY(ticket_answered_at(rq->cx, t, &to));
    val_put_text(picked, "to", to);
    val_put_text(picked, "cc", typed ? typed : row_text(t, TICKET_CC));
    return OK;
}

/* ---- the page ---- */

static void put_facts(struct ctx *cx, const struct row *t, struct val *picked)
{
    static const int shown[] = { TICKET_CHANNEL,     TICKET_COMPANY, TICKET_TAGS,
                                 TICKET_POLICY,      TICKET_CSAT,    TICKET_CSAT_COMMENT,
                                 TICKET_MERGED_INTO, TICKET_FOLLOWS, TICKET_REOPENED,
                                 TICKET_DEAL };
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

/* Who follows a ticket is back in the view from which they saw it. */
static void stay_on_desk(struct req *rq, const struct row *t, struct val *picked)
{
    struct ctx *cx = rq->cx;
    struct val *follow = (struct val *)val_get(picked, "follow");
    const char *next = arena_printf(cx->arena, "%s?view=%s", row_path(cx, t), desk_view(rq));

    if (val_get(follow, "url"))
        val_put_printf(follow, "url", "%s?next=%s", val_get_text(follow, "url"),
                       http_url_encode(cx->arena, next));
}

enum status desk_put_ticket(struct req *rq, struct row *t, const char *error, struct val *page)
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
    desk_put_choices(&ticket_type.fields[TICKET_STATUS], row_text(t, TICKET_STATUS),
                     val_put_list(picked, "statuses"));
    desk_put_choices(&ticket_type.fields[TICKET_PRIORITY], row_text(t, TICKET_PRIORITY),
                     val_put_list(picked, "priorities"));
    TRY(desk_put_records(cx, "ticket_queue", "", row_i64(t, TICKET_QUEUE),
                         val_put_list(picked, "queues")));
    TRY(desk_put_records(cx, "user", "active = true", row_i64(t, TICKET_ASSIGNEE),
                         val_put_list(picked, "colleagues")));
    put_clocks(cx, t, picked);
    put_facts(cx, t, picked);
    TRY(put_macro(rq, t, talk, picked));
    TRY(put_snippets(cx, t, picked));
    TRY(put_contact(cx, t, picked));
    TRY(ticket_put_steps(cx, t, picked));
    TRY(put_here(cx, t, picked));
    TRY(put_to(rq, t, picked));
    TRY(put_follow(cx, t, picked));
    stay_on_desk(rq, t, picked);
    TRY(put_files(cx, t, picked));
    TRY(put_thread(cx, t, talk, picked));
    return desk_put_articles(rq, t, picked);
}
