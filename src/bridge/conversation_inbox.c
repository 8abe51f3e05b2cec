/* conversation_inbox.c -- the team's inbox: on the left who waits for an answer, on the right the
 * conversation, who it is with, and the answer that is being written. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/conversation.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"

enum { ROWS_MAX = 100, MESSAGES_MAX = 500, COLLEAGUES_MAX = 200, SNIPPETS_MAX = 100 };

static const struct {
    const char *word, *text, *filter;
} views[] = {
    { "open", "Open", "state = 'open'" },
    { "mine", "Mine", "state != 'closed' and assignee_id = me" },
    { "waiting", "Waiting", "state = 'waiting'" },
    { "closed", "Closed", "state = 'closed'" },
};

static size_t view_of(struct req *rq)
{
    for (size_t i = 0; i < countof(views); i++)
        if (text_is(views[i].word, req_query(rq, "view")))
            return i;
    return 0;
}

static void put_rows(struct req *rq, const struct list_page *list, i64 picked, const char *view,
                     struct val *out)
{
    struct ctx *cx = rq->cx;

    for (size_t i = 0; i < list->count; i++) {
        const struct row *r = list->rows[i];
        struct val *one = val_add_map(out);
        i64 unread = row_i64(r, CONVERSATION_UNREAD);
        val_put_printf(one, "url", "/inbox?view=%s&id=%s", view, id_text(cx->arena, row_id(r)));
        val_put_text(one, "text", conversation_with(cx, r));
        val_put_text(one, "last", row_text(r, CONVERSATION_LAST_TEXT));
        val_put_text(one, "time", show_time(cx, row_i64(r, CONVERSATION_LAST_AT)));
        val_put_text(one, "channel", row_show(cx, r, CONVERSATION_CHANNEL));
        val_put_text(one, "unread", unread > 0 ? show_number(cx->arena, unread) : "");
        val_put_text(one, "whose", row_show(cx, r, CONVERSATION_ASSIGNEE));
        val_put_bool(one, "on", row_id(r) == picked);
    }
}

static enum status put_colleagues(struct ctx *cx, const struct row *r, struct val *list)
{
    const struct record_type *user = type_find(cx, "user");
    struct list_page page;

    TRY(list_run(
        cx, user,
        &(struct list_query){ .filter = "active = true", .sort = "name", .limit = COLLEAGUES_MAX },
        &page));
    for (size_t i = 0; i < page.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", id_text(cx->arena, row_id(page.rows[i])));
        val_put_text(one, "text", row_title(cx, page.rows[i]));
        val_put_bool(one, "selected", row_id(page.rows[i]) == row_i64(r, CONVERSATION_ASSIGNEE));
    }
    return OK;
}

static enum status put_snippets(struct ctx *cx, const struct row *contact, struct val *list)
{
    struct list_page page;

    if (access_scope(cx->access, "snippet", VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, &snippet_type, &(struct list_query){ .sort = "name", .limit = SNIPPETS_MAX },
                 &page));
    for (size_t i = 0; i < page.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "name", row_text(page.rows[i], SNIPPET_NAME));
        val_put_text(one, "text", snippet_said(cx, row_text(page.rows[i], SNIPPET_TEXT), contact));
    }
    return OK;
}

/* Messages with what the thread needs to know of each: whose side, a new day, whether seen. */
static enum status put_thread(struct ctx *cx, const struct row *r, struct val *picked)
{
    struct val *raw = val_list(cx->arena), *list = val_put_list(picked, "messages");
    i64 seen = row_i64(r, CONVERSATION_SEEN_AT), day = TIME_NONE;

    TRY(conversation_messages(cx, row_id(r), 0, true, MESSAGES_MAX, raw));
    for (size_t i = 0; i < val_count(raw); i++) {
        const struct val *m = val_at(raw, i);
        struct val *one = val_copy(cx->arena, m);
        const char *author = val_get_text(m, "author");
        i64 at = val_get_i64(m, "at", 0), its = zone_day(kit_zone(cx), at);
        bool team = text_is(author, "team");
        val_put_bool(val_put_map(one, "is"), author, true);
        val_put_text(one, "by",
                     team || text_is(author, "note") ? val_get_text(m, "user")
                                                     : conversation_with(cx, r));
        val_put_text(one, "day", its != day ? date_iso(cx->arena, its) : "");
        val_put_text(one, "day_text", its != day ? show_date_full(cx, its) : "");
        val_put_bool(one, "seen", team && seen != TIME_NONE && seen >= at);
        day = its;
        val_add(list, one);
    }
    return OK;
}

/* What it is for service: its ticket, or that it may become one. */
static enum status put_ticket(struct ctx *cx, const struct row *r, struct val *picked)
{
    const struct record_type *ticket = type_find(cx, "ticket");
    struct list_page found = { 0 };
    const char *filter =
        arena_printf(cx->arena, "conversation_id = '%s'", id_text(cx->arena, row_id(r)));

    if (ticket != NULL && access_scope(cx->access, "ticket", VERB_READ) != SCOPE_NONE)
        TRY(list_run(cx, ticket, &(struct list_query){ .filter = filter, .limit = 1 }, &found));
    val_put_text(picked, "ticket",
                 found.count ? row_text(found.rows[0], type_field(ticket, "code")) : "");
    val_put_text(picked, "ticket_url", found.count ? row_path(cx, found.rows[0]) : "");
    val_put_bool(picked, "may_ticket",
                 ticket != NULL && found.count == 0 &&
                     access_scope(cx->access, "ticket", VERB_CREATE) != SCOPE_NONE);
    return OK;
}

static enum status put_picked(struct req *rq, const struct row *r, const char *error,
                              struct val *page)
{
    static const int shown[] = { CONTACT_EMAIL,   CONTACT_PHONE,   CONTACT_JOB,
                                 CONTACT_COMPANY, CONTACT_OWNER,   CONTACT_LIFECYCLE,
                                 CONTACT_SCORE,   CONTACT_CHANNEL, CONTACT_LANDING };
    struct ctx *cx = rq->cx;
    struct val *picked = val_put_map(page, "picked"), *facts = val_put_list(picked, "facts");
    struct row *contact = NULL;
    enum status s = E_NOT_FOUND;

    if (row_has(r, CONVERSATION_CONTACT))
        s = record_get(cx, &contact_type, row_i64(r, CONVERSATION_CONTACT), &contact);
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    else
        TRY(s);
    val_put_text(picked, "text", conversation_with(cx, r));
    val_put_text(picked, "url", contact ? row_path(cx, contact) : "");
    val_put_printf(picked, "action", "/inbox/%s", id_text(cx->arena, row_id(r)));
    val_put_text(picked, "record_url", row_path(cx, r));
    val_put_text(picked, "id", id_text(cx->arena, row_id(r)));
    val_put_text(picked, "subject", row_text(r, CONVERSATION_SUBJECT));
    val_put_text(picked, "from_page", row_text(r, CONVERSATION_PAGE));
    val_put_text(picked, "email", row_text(r, CONVERSATION_EMAIL));
    val_put_text(picked, "state", row_show(cx, r, CONVERSATION_STATE));
    val_put_text(picked, "channel", row_show(cx, r, CONVERSATION_CHANNEL));
    val_put_bool(picked, "closed", text_is(row_text(r, CONVERSATION_STATE), "closed"));
    val_put_bool(picked, "may_change", page_may(cx, r, VERB_UPDATE));
    val_put_bool(picked, "unread",
                 row_i64(r, CONVERSATION_UNREAD) > 0 && page_may(cx, r, VERB_UPDATE));
    val_put_text(picked, "error", error);
    val_put_text(picked, "typed", rq->form ? req_form(rq, "text") : "");
    for (size_t i = 0; contact && i < countof(shown); i++) {
        struct val *cell;
        if (!row_has(contact, shown[i]))
            continue;
        cell = row_cell(cx, contact, shown[i]);
        val_put_text(cell, "label", contact_type.fields[shown[i]].label);
        val_add(facts, cell);
    }
    TRY(put_ticket(cx, r, picked));
    TRY(put_colleagues(cx, r, val_put_list(picked, "colleagues")));
    TRY(put_snippets(cx, contact, val_put_list(picked, "snippets")));
    val_put_bool(picked, "has_snippets", val_count(val_get(picked, "snippets")) > 0);
    return put_thread(cx, r, picked);
}

static enum status show_inbox(struct req *rq, struct row *picked, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *tabs = val_put_list(page, "views");
    size_t view = view_of(rq);
    struct list_page list;
    bool staffed;

    TRY(list_run(
        cx, &conversation_type,
        &(struct list_query){ .filter = views[view].filter, .sort = "-last_at", .limit = ROWS_MAX },
        &list));
    for (size_t i = 0; i < countof(views); i++) {
        struct val *one = val_add_map(tabs);
        i64 count = 0;
        if (i < 2)
            TRY(list_count(cx, &conversation_type, views[i].filter, "", 1000, &count));
        val_put_text(one, "text", views[i].text);
        val_put_printf(one, "url", "/inbox?view=%s", views[i].word);
        val_put_bool(one, "on", i == view);
        val_put_text(one, "count", count > 0 ? show_number(cx->arena, count) : "");
    }
    val_put_bool(page, "chosen", picked != NULL);
    if (picked == NULL && list.count > 0)
        picked = list.rows[0];
    val_put_text(page, "title", "Inbox");
    val_put_text(page, "live", "conversation,conversation_message");
    val_put_printf(page, "back_url", "/inbox?view=%s", views[view].word);
    val_put_text(page, "view", views[view].word);
    put_rows(rq, &list, picked ? row_id(picked) : 0, views[view].word,
             val_put_list(page, "waiting"));
    val_put_bool(page, "has_waiting", list.count > 0);
    TRY(conversation_is_staffed(cx, &staffed));
    val_put_bool(page, "staffed", staffed);
    if (picked)
        TRY(put_picked(rq, picked, error, page));
    else
        val_put_null(page, "picked");
    return reply(rq, "conversation/inbox", page);
}

/* GET /inbox?view=&id= */
static enum status inbox(struct req *rq)
{
    struct row *picked = NULL;

    if (!text_empty(req_query(rq, "id")))
        TRY(page_record(rq, &conversation_type, &picked));
    return show_inbox(rq, picked, "");
}

static enum status back(struct req *rq, const struct row *r, const char *done)
{
    struct ctx *cx = rq->cx;
    const char *path = arena_printf(cx->arena, "/inbox?view=%s&id=%s", views[view_of(rq)].word,
                                    id_text(cx->arena, row_id(r)));

    return text_empty(done) ? reply_redirect(rq, path) : reply_done(rq, path, "%s", done);
}

/* POST /inbox/:id/say -- text, as=note for colleagues alone; a snippet's text where nothing was
 * typed. */
static enum status inbox_say(struct req *rq)
{
    struct ctx *cx = rq->cx;
    bool note = text_is(req_form(rq, "as"), "note");
    const char *text = req_form(rq, "text");
    struct row *r;
    enum status s;

    TRY(page_record(rq, &conversation_type, &r));
    if (text_empty(str_dup(cx->arena, str_trim(str_from(text)))))
        text = req_form(rq, "snippet");
    s = conversation_say(cx, r, note ? AUTHOR_NOTE : AUTHOR_TEAM, text, NULL);
    if (s == E_INVALID && !rq->wants_json) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        ctx_clear_error(cx);
        reply_status(rq, 422);
        return show_inbox(rq, r, why);
    }
    TRY(s);
    return rq->wants_json ? reply_empty(rq) : back(rq, r, "");
}

/* POST /inbox/:id/read */
static enum status inbox_read(struct req *rq)
{
    struct row *r;

    TRY(page_record(rq, &conversation_type, &r));
    if (row_i64(r, CONVERSATION_UNREAD) > 0) {
        row_set_i64(r, CONVERSATION_UNREAD, 0);
        TRY(record_save(rq->cx, r));
    }
    return rq->wants_json ? reply_empty(rq) : back(rq, r, "");
}

/* POST /inbox/:id/assign -- user: an id, "" nobody's */
static enum status inbox_assign(struct req *rq)
{
    struct row *r;
    i64 user = 0;

    TRY(page_record(rq, &conversation_type, &r));
    if (!text_empty(req_form(rq, "user")) && !id_parse(str_from(req_form(rq, "user")), &user))
        return ctx_fail_field(rq->cx, "user_id", "conversation.user", "There is no such user.");
    TRY(conversation_assign(rq->cx, r, user));
    return back(rq, r, user ? "Assigned." : "It is nobody's now.");
}

/* POST /inbox/:id/move -- state: open or closed */
static enum status inbox_move(struct req *rq)
{
    const char *state = req_form(rq, "state");
    struct row *r;

    TRY(page_record(rq, &conversation_type, &r));
    if (!text_is(state, "open") && !text_is(state, "closed"))
        return ctx_fail_field(rq->cx, "state", "choice.unknown",
                              "A conversation is to be open or closed.");
    TRY(conversation_move(rq->cx, r, state));
    return back(rq, r, text_is(state, "closed") ? "Closed." : "Open again.");
}

static const struct route routes[] = {
    { HTTP_GET, "/inbox", inbox, NEEDS("conversation", VERB_READ) },
    { HTTP_POST, "/inbox/:id/say", inbox_say, NEEDS("conversation", VERB_UPDATE) },
    { HTTP_POST, "/inbox/:id/read", inbox_read, NEEDS("conversation", VERB_UPDATE) },
    { HTTP_POST, "/inbox/:id/assign", inbox_assign, NEEDS("conversation", VERB_UPDATE) },
    { HTTP_POST, "/inbox/:id/move", inbox_move, NEEDS("conversation", VERB_UPDATE) },
};
static const struct menu_item menu[] = {
    { "service", "Inbox", "/inbox", "message", "conversation", 0 },
};
const struct feature feature_conversation_inbox = { .name = "conversation_inbox",
                                                    ROUTES(routes),
                                                    MENU(menu) };
