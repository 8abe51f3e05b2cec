/* ticket_do.c -- what is done at the desk: answers, settings, merging and splitting, and tickets
 * that are made by hand or through the API. */
#include "base/id.h"
#include "kit/live.h"
#include "kit/pages.h"
#include "kit/watch.h"
#include "service/ticket_page_int.h"

static enum status back(struct req *rq, const struct row *t, const char *done)
{
    const char *path =
        arena_printf(rq->cx->arena, "%s?view=%s", row_path(rq->cx, t), desk_view(rq));

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
    return desk_show(rq, t, why);
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

/* A note tells who is mentioned in it, and who follows the ticket. */
static enum status tell_of_note(struct req *rq, const struct row *t, const char *text,
                                const char **done)
{
    const char *unseen;

    TRY(watch_wrote(rq->cx, t, text, &unseen));
    if (!text_empty(unseen))
        *done = arena_printf(rq->cx->arena, "Kept. %s may not see this and was not told.", unseen);
    return OK;
}

/* *done: what is to be said of it beside that it stands there, "" mostly. */
static enum status say(struct req *rq, struct row *t, const char **done)
{
    bool note = text_is(req_form(rq, "as"), "note");
    const char *text = req_form(rq, "text");

    if (text_empty(str_dup(rq->cx->arena, str_trim(str_from(text)))))
        text = req_form(rq, "snippet");
    if (!note)
        TRY(check_collision(rq, t));
    if (!note && val_get(rq->form, "cc") != NULL) {
        row_set_text(t, TICKET_CC, req_form(rq, "cc"));
        TRY(record_save(rq->cx, t));
    }
    TRY(ticket_say(rq->cx, t, note ? AUTHOR_NOTE : AUTHOR_TEAM, text, req_form(rq, "status")));
    if (note)
        return tell_of_note(rq, t, text, done);
    TRY(desk_note_articles(rq, t, text));
    return apply_macro_of(rq, row_id(t));
}

/* POST /tickets/:id/say {text, as=note, cc, status, macro, seen, snippet, article} */
static enum status ticket_say_post(struct req *rq)
{
    const char *done = "";
    struct row *t;
    enum status s;

    TRY(page_record(rq, &ticket_type, &t));
    TRY(db_run(rq->cx, "desk.gone", I64("ticket", row_id(t)),
               I64("user", rq->cx->access->user_id)));
    {
        scoped(tx_end) struct tx tx = tx_begin(rq->cx);
        s = say(rq, t, &done);
        if (s == OK)
            s = tx_commit(&tx);
    }
    return s == OK ? back(rq, t, done) : refused(rq, t, s);
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

    TRY(page_record(rq, &ticket_type, &t));
    s = set_fields(rq, t);
    return s == OK ? back(rq, t, "Saved.") : refused(rq, t, s);
}

/* POST /tickets/:id/take -- it is mine. */
static enum status ticket_take_post(struct req *rq)
{
    struct row *t;

    TRY(page_record(rq, &ticket_type, &t));
    row_set_i64(t, TICKET_ASSIGNEE, rq->cx->access->user_id);
    TRY(record_save(rq->cx, t));
    return back(rq, t, "It is yours.");
}

/* POST /tickets/:id/solve */
static enum status ticket_solve_post(struct req *rq)
{
    struct row *t;

    TRY(page_record(rq, &ticket_type, &t));
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

    TRY(page_record(rq, &ticket_type, &t));
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

    TRY(page_record(rq, &ticket_type, &t));
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

    TRY(page_record(rq, &ticket_type, &t));
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
    desk_put_choices(&ticket_type.fields[TICKET_PRIORITY],
                     rq->form ? req_form(rq, "priority") : "normal",
                     val_put_list(page, "priorities"));
    if (rq->form)
        (void)id_parse(str_from(req_form(rq, "queue")), &queue);
    TRY(desk_put_records(cx, "ticket_queue", "", queue, val_put_list(page, "queues")));
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
                            .tags = req_form(rq, "tags"),
                            .cc = req_form(rq, "cc") };

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

/* POST /api/v1/tickets {subject, text, email, name, priority, tags, queue, cc} */
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

    TRY(page_record(rq, &conversation_type, &talk));
    TRY(ticket_of_talk(rq->cx, talk, &t));
    return back(rq, t,
                arena_printf(rq->cx->arena, "This conversation is %s.", row_text(t, TICKET_CODE)));
}

static const struct route routes[] = {
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
      "Open a ticket: subject, text, email, and if known name, priority, tags, queue, cc" },
};
const struct feature feature_ticket_do = { .name = "ticket_do", ROUTES(routes) };
