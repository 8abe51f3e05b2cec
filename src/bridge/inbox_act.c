/* inbox_act.c -- what is done in the lead inbox: the three answers, taking one back, giving a lead
 * to a colleague, logging the call. Each leads on to the next lead that waits, so that ten are
 * answered without looking for them. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "bridge/inbox.h"
#include "kit/pages.h"

static enum status read_handoff(struct req *rq, struct row **r)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &handoff_type, id, r);
}

static bool in_inbox(const struct req *rq) { return !text_empty(req_form(rq, "inbox")); }

/* What was typed stands there again, with what is wrong with it. */
static enum status show_error(struct req *rq, enum status s, const char *verb)
{
    struct ctx *cx = rq->cx;
    const char *error;
    struct row *r;

    if (s != E_INVALID || rq->wants_json || !in_inbox(rq))
        return s;
    error = cx->field_errors ? cx->field_errors->message : cx->error_text;
    error = arena_text(cx->arena, error);
    ctx_clear_error(cx);
    TRY(read_handoff(rq, &r));
    reply_status(rq, 422);
    return inbox_show(rq, r, verb, error);
}

static const char *lead_name(struct ctx *cx, const struct row *r)
{
    struct row *contact;

    if (record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact) == OK)
        return row_title(cx, contact);
    ctx_clear_error(cx);
    return "the lead";
}

/* The flow that is to take a recycled lead in; it must be live, or marketing's feature says so. */
static enum status read_flow(struct req *rq, struct row *r)
{
    struct ctx *cx = rq->cx;
    i64 flow;

    if (text_empty(req_form(rq, "flow")))
        return OK;
    if (!id_parse(str_from(req_form(rq, "flow")), &flow))
        return ctx_fail_field(cx, "flow", "handoff.flow", "There is no such flow.");
    row_set_i64(r, HANDOFF_FLOW, flow);
    return OK;
}

/* POST /handoffs/:id/{accept,reject,recycle} {outcome, answer, flow, inbox, all} */
static enum status answer_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *verb = strrchr(rq->path, '/') + 1, *path, *undo;
    enum status s;
    struct row *r;

    TRY(read_handoff(rq, &r));
    if (in_inbox(rq))
        TRY(inbox_next(rq, r, &path));
    else
        path = text_is(verb, "accept")
                   ? arena_printf(cx->arena, "/contacts/%s",
                                  id_text(cx->arena, row_i64(r, HANDOFF_CONTACT)))
                   : "/leads";
    s = text_is(verb, "recycle") ? read_flow(rq, r) : OK;
    if (s == OK)
        s = handoff_decide(cx, r, verb, req_form(rq, "outcome"), req_form(rq, "answer"));
    if (s != OK)
        return show_error(rq, s, verb);
    undo = arena_printf(cx->arena, "%s/undo%s", row_path(cx, r),
                        text_is(inbox_path(rq), "/leads") ? "" : "?all=1");
    return in_inbox(rq) ? reply_done_undo(rq, path, undo, "Lead %s: %s.", handoff_said(verb),
                                          lead_name(cx, r))
                        : reply_done_undo(rq, path, undo, "Lead %s.", handoff_said(verb));
}

/* POST /handoffs/:id/undo */
static enum status undo_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;

    TRY(read_handoff(rq, &r));
    TRY(handoff_undo(cx, r));
    return reply_done(rq,
                      arena_printf(cx->arena, "/leads?id=%s%s", id_text(cx->arena, row_id(r)),
                                   text_is(inbox_path(rq), "/leads") ? "" : "&all=1"),
                      "%s waits for an answer again.", lead_name(cx, r));
}

/* POST /handoffs/:id/assign {owner_id, inbox, all} -- to a colleague who hears of it. */
static enum status assign_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *path;
    enum status s;
    struct row *r;

    TRY(read_handoff(rq, &r));
    if (!text_is(row_text(r, HANDOFF_STATUS), "pending"))
        return ctx_fail_code(cx, E_CONFLICT, "handoff.decided",
                             "This lead has been answered already: %s.",
                             row_show(cx, r, HANDOFF_STATUS));
    TRY(inbox_next(rq, r, &path));
    s = text_empty(req_form(rq, "owner_id"))
            ? ctx_fail_field(cx, "owner_id", "required", "Choose a colleague.")
            : row_parse(cx, r, HANDOFF_OWNER, req_form(rq, "owner_id"));
    if (s == OK) { /* whom a rule chose is told apart from whom a person chose */
        row_clear(r, HANDOFF_RULE);
        row_set_text(r, HANDOFF_BECAUSE, arena_printf(cx->arena, "Given by %s.", cx->access->name));
        s = record_save(cx, r);
    }
    if (s != OK)
        return show_error(rq, s, "assign");
    return reply_done(rq, in_inbox(rq) ? path : row_path(cx, r), "%s is %s's lead now.",
                      lead_name(cx, r), row_show(cx, r, HANDOFF_OWNER));
}

static enum status save_call(struct req *rq, const struct row *r, const struct record_type *t)
{
    struct ctx *cx = rq->cx;
    struct row *call = row_new(cx, t);
    const char *text = req_form(rq, "answer");

    row_set_text(call, type_field(t, "kind"), "call");
    row_set_i64(call, type_field(t, "contact_id"), row_i64(r, HANDOFF_CONTACT));
    if (row_has(r, HANDOFF_COMPANY))
        row_set_i64(call, type_field(t, "company_id"), row_i64(r, HANDOFF_COMPANY));
    TRY(row_parse(cx, call, type_field(t, "outcome"), req_form(rq, "outcome")));
    TRY(row_parse(cx, call, type_field(t, "body"), text));
    if (text_empty(text))
        row_set_text(call, type_field(t, "subject"), "First call");
    return record_save(cx, call);
}

/* POST /handoffs/:id/call {outcome, answer, inbox, all} -- the lead stays, unanswered yet. */
static enum status call_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = type_find(cx, "activity");
    enum status s;
    struct row *r;

    TRY(read_handoff(rq, &r));
    if (t == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "Calls cannot be logged here.");
    s = text_empty(req_form(rq, "outcome"))
            ? ctx_fail_field(cx, "outcome", "required", "Choose what came of the call.")
            : save_call(rq, r, t);
    if (s != OK)
        return show_error(rq, s, "call");
    return reply_done(rq,
                      arena_printf(cx->arena, "/leads?id=%s%s", id_text(cx->arena, row_id(r)),
                                   text_is(inbox_path(rq), "/leads") ? "" : "&all=1"),
                      "Call logged with %s.", lead_name(cx, r));
}

static const struct route routes[] = {
    { HTTP_POST, "/handoffs/:id/accept", answer_post, NEEDS("handoff", VERB_UPDATE) },
    { HTTP_POST, "/handoffs/:id/reject", answer_post, NEEDS("handoff", VERB_UPDATE) },
    { HTTP_POST, "/handoffs/:id/recycle", answer_post, NEEDS("handoff", VERB_UPDATE) },
    { HTTP_POST, "/handoffs/:id/undo", undo_post, NEEDS("handoff", VERB_UPDATE) },
    { HTTP_POST, "/handoffs/:id/assign", assign_post, NEEDS("handoff", VERB_UPDATE) },
    { HTTP_POST, "/handoffs/:id/call", call_post, NEEDS("activity", VERB_CREATE) },
};
const struct feature feature_inbox_act = { .name = "inbox_act", ROUTES(routes) };
