/* flow_people.c -- the people in a flow: lists of them, the way of each, and what can be done with
 * them by page and API. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "marketing/flow_page.h"
#include "store/queue.h"

enum { PEOPLE_ROWS = 50, TROUBLE = 4 /* of states */ };

static const char *state_words(struct ctx *cx, i64 state, const char *outcome, i64 due)
{
    if (state == RUN_DONE)
        return text_is(outcome, "goal")       ? "Reached the goal"
               : text_is(outcome, "end")      ? "Went through"
               : text_is(outcome, "exit")     ? "Left at a step"
               : text_is(outcome, "gone")     ? "The contact is gone"
               : text_is(outcome, "archived") ? "The flow was archived"
                                              : "Taken out";
    if (state == RUN_HELD)
        return "Held: the flow is paused";
    if (state == RUN_FAILED)
        return "Failed";
    if (state == RUN_STUCK)
        return "Stuck";
    return due == 0 ? "Waits for something"
                    : arena_printf(cx->arena, "Goes on %s", show_time(cx, due));
}

static enum status put_run(struct ctx *cx, struct stmt *q, const struct flow_plan *draft,
                           const char *path, struct val *rows)
{
    struct val *one = val_add_map(rows);
    const struct flow_plan *p;
    const struct flow_step *s;
    i64 contact = col_i64(q, 1), state = col_i64(q, 3);
    const char *node = arena_text(cx->arena, col_text(q, 2)), *name = "";

    (void)draft;
    TRY(flow_version_plan(cx, col_i64(q, 8), &p));
    s = flow_plan_step(p, node);
    val_put_text(one, "id", id_text(cx->arena, col_i64(q, 0)));
    TRY(record_titles(cx, &contact_type, &contact, 1, &name));
    val_put_text(one, "text", text_empty(name) ? "Somebody who is not yours to see" : name);
    val_put_printf(one, "url", "/contacts/%s", id_text(cx->arena, contact));
    val_put_printf(one, "path_url", "%s/runs/%s", path, id_text(cx->arena, col_i64(q, 0)));
    val_put_text(one, "step",
                 s ? arena_printf(cx->arena, "%s  %s", s->number, flow_words(cx, s->kind, s->v))
                   : "");
    val_put_text(one, "since", show_time(cx, col_i64(q, 4)));
    val_put_text(one, "entered", show_time(cx, col_i64(q, 5)));
    val_put_text(one, "state", state_words(cx, state, col_text(q, 6), col_i64(q, 9)));
    val_put_text(one, "error", col_text(q, 7));
    val_put_bool(one, "bad", state == RUN_FAILED || state == RUN_STUCK);
    val_put_bool(one, "going", state < RUN_DONE);
    return OK;
}

static int state_code(const char *state)
{
    static const char *const words[] = { "", "all", "goal", "left", "trouble" };

    for (size_t i = 0; i < countof(words); i++)
        if (text_is(words[i], state))
            return (int)i;
    return 0;
}

static enum status put_people(struct req *rq, const struct row *flow, struct val *page)
{
    static const char *const queries[] = { "flow.people_in", "flow.people_all", "flow.people_goal",
                                           "flow.people_left", "flow.people_trouble" };
    static const char *const nobody[] = {
        "Nobody is in it now. People come in by its triggers, or you let them in here.",
        "Nobody has entered yet. People come in by its triggers, or you let them in here.",
        "Nobody has reached the goal yet.",
        "Nobody has left without reaching the goal.",
        "Nobody is in trouble: no step has failed, and nobody goes round and round.",
    };
    struct ctx *cx = rq->cx;
    const char *step = req_query(rq, "step"), *state = req_query(rq, "state");
    i64 before = INT64_MAX, last = 0;
    struct val *rows = val_put_list(page, "rows");
    int code = state_code(state);
    size_t count = 0;

    (void)id_parse(str_from(req_query(rq, "before")), &before);
    scoped(stmt_close) struct stmt q =
        !text_empty(step)
            ? db_query(cx, "flow.people_at", I64("flow", row_id(flow)), TEXT("node", step),
                       I64("before", before), I64("limit", PEOPLE_ROWS))
            : db_query(cx, queries[code], I64("flow", row_id(flow)), I64("before", before),
                       I64("limit", PEOPLE_ROWS));
    for (; stmt_next(&q); count++) {
        last = col_i64(&q, 0);
        TRY(put_run(cx, &q, NULL, row_path(cx, flow), rows));
    }
    TRY(stmt_status(&q));
    val_put_text(page, "more_url",
                 count == PEOPLE_ROWS
                     ? arena_printf(cx->arena, "%s/people?state=%s&step=%s&before=%s",
                                    row_path(cx, flow), state, step, id_text(cx->arena, last))
                     : "");
    val_put_text(page, "step", step);
    val_put_bool(page, "has_rows", count > 0);
    val_put_bool(page, "can_retry", code == TROUBLE && count > 0);
    val_put_text(page, "nobody", text_empty(step) ? nobody[code] : "Nobody is at this step now.");
    return OK;
}

/* GET /flows/:id/people?step=&state=&before= */
static enum status people_get(struct req *rq)
{
    static const struct {
        const char *state, *text;
    } filters[] = { { "", "In it" },
                    { "trouble", "In trouble" },
                    { "goal", "Reached the goal" },
                    { "left", "Left without" },
                    { "all", "Everybody" } };
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "filters");
    const char *step = req_query(rq, "step");
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(access_check(cx, "contact", VERB_READ));
    TRY(flow_put_head(rq, flow, "people", page));
    for (size_t i = 0; i < countof(filters); i++)
        flow_put_tab(
            list, filters[i].text,
            arena_printf(cx->arena, "%s/people?state=%s", row_path(cx, flow), filters[i].state),
            text_empty(step) && text_is(filters[i].state, req_query(rq, "state")));
    TRY(put_people(rq, flow, page));
    struct val *input = val_put_map(page, "contact_input");
    TRY(page_ref_choices(cx, "contact", "", input));
    val_put_bool(page, "is_live", text_is(row_text(flow, FLOW_STATUS), "live"));
    TRY(page_ref_choices(cx, "segment", "", val_put_map(page, "segment_input")));
    return reply(rq, "flow_page/people", page);
}

static enum status live_plan_of(struct ctx *cx, const struct row *flow, const struct flow_plan **p)
{
    const struct flow_plan **plans;
    size_t count;

    *p = NULL;
    TRY(flow_live_plans(cx, &plans, &count));
    for (size_t i = 0; i < count; i++)
        if (plans[i]->flow_id == row_id(flow))
            *p = plans[i];
    return *p ? OK
              : ctx_fail_code(cx, E_CONFLICT, "flow.not_live",
                              "This flow is not live: publish it, or let it go on, first.");
}

static enum status enter_one(struct req *rq, const struct row *flow, i64 contact_id,
                             const char *via, i64 *id, const char **why)
{
    struct ctx *cx = rq->cx;
    struct flow_entry e = { .contact_id = contact_id, .via = via, .by_hand = true };
    struct row *contact;

    TRY(live_plan_of(cx, flow, &e.plan));
    TRY(record_get(cx, &contact_type, contact_id, &contact)); /* one that the user may see */
    return flow_enter(cx, &e, id, why);
}

static enum status enrol_many(struct req *rq, const struct row *flow, const char *filter)
{
    struct ctx *cx = rq->cx;
    struct val *payload = val_map(cx->arena);
    const struct flow_plan *p;
    struct filter *f;

    TRY(live_plan_of(cx, flow, &p));
    if (filter_parse(cx, &contact_type, filter, &f) != OK)
        return E_INVALID;
    val_put_i64(payload, "flow", row_id(flow));
    val_put_text(payload, "filter", filter);
    val_put_printf(payload, "key", "hand:%lld", (long long)kit_new_id(cx));
    TRY(queue_add(cx, "flow.enrol", NULL, json_text(cx->arena, payload), ctx_now(cx), NULL));
    return reply_done(rq, arena_printf(cx->arena, "%s/people", row_path(cx, flow)),
                      "Everybody whom the filter passes is let in now.");
}

/* POST /flows/:id/people {contact} or {segment} or {filter}; next: where to go then */
static enum status people_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *why = "", *next = req_form(rq, "next"), *filter = req_form(rq, "filter"), *slug;
    i64 contact_id, id, segment;
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(access_check(cx, "contact", VERB_READ));
    if (!path_is_local(next))
        next = arena_printf(cx->arena, "%s/people", row_path(cx, flow));
    if (id_parse(str_from(req_form(rq, "segment")), &segment)) {
        struct row *r;
        TRY(record_get_named(cx, "segment", segment, &r));
        slug = row_text(r, type_field(row_type(r), "slug"));
        filter = arena_printf(cx->arena, "segments has '%s'", flow_quoted(cx->arena, slug));
    }
    if (!text_empty(filter))
        return enrol_many(rq, flow, filter);
    if (!id_parse(str_from(req_form(rq, "contact")), &contact_id))
        return ctx_fail_field(cx, "contact", "required",
                              "Choose a contact, a segment or a filter.");
    TRY(enter_one(rq, flow, contact_id, "hand", &id, &why));
    if (id == 0)
        return reply_done(rq, next, "Not let in: this person %s.", why);
    return reply_done(rq, next, "Entered %s.", row_text(flow, FLOW_NAME));
}

static enum status act_on_run(struct ctx *cx, i64 flow_id, i64 run_id, const char *what)
{
    struct flow_run r;

    TRY(flow_run_get(cx, run_id, &r));
    if (r.flow_id != flow_id)
        return ctx_fail(cx, E_NOT_FOUND, "There is no such person in this flow.");
    if (text_is(what, "leave"))
        return flow_leave(cx, run_id, "removed");
    if (r.state == RUN_DONE)
        return ctx_fail_code(cx, E_CONFLICT, "flow.left", "This person has left the flow.");
    if (text_is(what, "retry"))
        return r.state == RUN_FAILED || r.state == RUN_STUCK ? flow_retry(cx, &r) : OK;
    if (text_is(what, "skip"))
        return flow_signal(cx, run_id, r.visit, "skip");
    return ctx_fail_field(cx, "do", "choice.unknown", "Say retry, skip or leave.");
}

/* POST /flows/:id/runs {run, do: retry|skip|leave; next}, or {do: retry_all} */
static enum status runs_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *what = req_form(rq, "do"), *next = req_form(rq, "next");
    struct row *flow;
    i64 run, count;

    TRY(flow_req(rq, &flow));
    if (!path_is_local(next))
        next = arena_printf(cx->arena, "%s/people", row_path(cx, flow));
    if (text_is(what, "retry_all")) {
        TRY(db_run_count(cx, &count, "flow.retry_all", I64("flow", row_id(flow)),
                         I64("now", ctx_now(cx))));
        TRY(flow_wake(cx, ctx_now(cx)));
        return reply_done(rq, next, "%lld people try again.", (long long)count);
    }
    TRY(req_id(rq, "run", &run));
    TRY(act_on_run(cx, row_id(flow), run, what));
    return reply_done(rq, next, "%s",
                      text_is(what, "leave")  ? "Taken out of the flow."
                      : text_is(what, "skip") ? "The step is skipped."
                                              : "Tried again.");
}

/* GET /flows/:id/runs/:run: the way of one person. */
static enum status run_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *rows = val_put_list(page, "rows");
    const struct flow_plan *p;
    const char *name;
    struct flow_run r;
    struct row *flow;
    i64 id;

    TRY(flow_req(rq, &flow));
    TRY(req_id(rq, "run", &id));
    TRY(flow_run_get(cx, id, &r));
    if (r.flow_id != row_id(flow))
        return ctx_fail(cx, E_NOT_FOUND, "There is no such person in this flow.");
    TRY(flow_put_head(rq, flow, "people", page));
    TRY(flow_version_plan(cx, r.version_id, &p));
    TRY(record_titles(cx, &contact_type, &r.contact_id, 1, &name));
    val_put_text(page, "person", text_empty(name) ? "Somebody who is not yours to see" : name);
    val_put_printf(page, "person_url", "/contacts/%s", id_text(cx->arena, r.contact_id));
    val_put_i64(page, "in_version", p->number);
    val_put_text(page, "entered", show_time_full(cx, r.entered_at));
    scoped(stmt_close) struct stmt q = db_query(cx, "flow.way", I64("run", id), I64("limit", 500));
    while (stmt_next(&q)) {
        const struct flow_step *s = flow_plan_step(p, col_text(&q, 0));
        struct val *one = val_add_map(rows);
        const char *way = "";
        for (int i = 0; s && i < s->path_count; i++)
            if (text_is(s->paths[i].id, col_text(&q, 4)))
                way = s->paths[i].name;
        val_put_text(one, "number", s ? s->number : "");
        val_put_text(one, "words",
                     text_is(col_text(&q, 1), "goal") ? "Goal reached"
                     : s                              ? flow_words(cx, s->kind, s->v)
                                                      : col_text(&q, 1));
        val_put_text(one, "at", show_time_full(cx, col_i64(&q, 2)));
        val_put_text(one, "took", flow_span_words(cx, col_i64(&q, 3)));
        val_put_text(one, "way", way);
        val_put_text(one, "note", col_text(&q, 5));
    }
    TRY(stmt_status(&q));
    return reply(rq, "flow_page/run", page);
}

/* ---- the API ---- */
/* POST /api/v1/flows/:id/people {contact} or {email} */
static enum status api_enter(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *out = val_map(cx->arena);
    const char *email = req_form(rq, "email"), *why = "";
    struct row *flow, *contact;
    i64 contact_id, id;

    TRY(flow_req(rq, &flow));
    if (!id_parse(str_from(req_form(rq, "contact")), &contact_id)) {
        if (text_empty(email))
            return ctx_fail_field(cx, "contact", "required", "Give a contact's id or an email.");
        enum status s = record_find(cx, &contact_type, "email", email, &contact);
        if (s == E_NOT_FOUND)
            return ctx_fail_field(cx, "email", "not_found", "No contact has the address '%s'.",
                                  email);
        TRY(s);
        contact_id = row_id(contact);
    }
    TRY(enter_one(rq, flow, contact_id, "api", &id, &why));
    val_put_bool(out, "entered", id != 0);
    val_put_text(out, "run", id ? id_text(cx->arena, id) : "");
    val_put_text(out, "why", why);
    return reply_json(rq, id ? 201 : 200, out);
}

/* DELETE /api/v1/flows/:id/people/:contact */
static enum status api_leave(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *flow;
    i64 contact, run;
    enum status s;

    TRY(flow_req(rq, &flow));
    TRY(req_id(rq, "contact", &contact));
    s = db_get_i64(cx, &run, "flow.run_of", I64("flow", row_id(flow)), I64("contact", contact));
    if (s == E_NOT_FOUND)
        return ctx_fail(cx, s, "This contact is not in the flow.");
    TRY(s);
    TRY(flow_leave(cx, run, "removed"));
    return reply_empty(rq);
}

/* GET /api/v1/flows/:id/runs?state=&before= */
static enum status api_runs(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena), *out = val_map(rq->cx->arena);
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(access_check(rq->cx, "contact", VERB_READ));
    TRY(put_people(rq, flow, page));
    val_put(out, "runs", val_copy(rq->cx->arena, val_get(page, "rows")));
    return reply_json(rq, 200, out);
}

#define READS NEEDS("flow", VERB_READ)
#define CHANGES NEEDS("flow", VERB_UPDATE)
static const struct route routes[] = {
    { HTTP_GET, "/flows/:id/people", people_get, READS },
    { HTTP_POST, "/flows/:id/people", people_post, CHANGES },
    { HTTP_POST, "/flows/:id/runs", runs_post, CHANGES },
    { HTTP_GET, "/flows/:id/runs/:run", run_get, READS },
    { HTTP_GET, "/api/v1/flows/:id/runs", api_runs, READS, .flags = ROUTE_API,
      .summary = "People in a flow, newest first: state is all, goal, left or trouble" },
    { HTTP_POST, "/api/v1/flows/:id/people", api_enter, CHANGES, .flags = ROUTE_API,
      .summary = "Lets a contact into a live flow: {contact} or {email}" },
    { HTTP_DELETE, "/api/v1/flows/:id/people/:contact", api_leave, CHANGES, .flags = ROUTE_API,
      .summary = "Takes a contact out of a flow" },
};
const struct feature feature_flow_people = {
    .name = "flow_people",
    ROUTES(routes),
};
