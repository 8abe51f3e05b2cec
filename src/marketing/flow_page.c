/* flow_page.c -- the pages of flows: the list, the editor with what runs through it, publishing. */
#include "marketing/flow_page.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"

enum { PERCENT = 100 };

static struct val *put_action(struct val *list, const char *text, const char *url, bool post)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "text", text);
    val_put_text(one, "url", url);
    val_put_bool(one, "post", post);
    val_put_bool(one, "primary", false);
    val_put_bool(one, "danger", false);
    val_put_text(one, "confirm", "");
    val_put_text(one, "icon", "");
    return one;
}

/* ---- the head of a flow's pages ---- */
void flow_put_tab(struct val *list, const char *text, const char *url, bool on)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "text", text);
    val_put_text(one, "url", url);
    val_put_bool(one, "on", on);
}

static void put_actions(struct req *rq, const struct row *flow, struct val *page)
{
    struct ctx *cx = rq->cx;
    const char *path = row_path(cx, flow), *status = row_text(flow, FLOW_STATUS);
    bool live = text_is(status, "live"), paused = text_is(status, "paused");
    struct val *list = val_put_list(page, "actions");

    if (!page_may(cx, flow, VERB_UPDATE))
        return;
    if (live)
        put_action(list, "Pause", arena_printf(cx->arena, "%s/pause", path), true);
    if (paused)
        put_action(list, "Go on", arena_printf(cx->arena, "%s/resume", path), true);
    struct val *publish =
        put_action(list, row_i64(flow, FLOW_VERSION) ? "Publish changes" : "Publish",
                   arena_printf(cx->arena, "%s/publish", path), false);
    val_put_bool(publish, "primary", !live && !paused);
}

static const char *status_tone(const char *status)
{
    return text_is(status, "live") ? "green" : text_is(status, "paused") ? "amber" : "grey";
}

enum status flow_put_head(struct req *rq, const struct row *flow, const char *tab, struct val *page)
{
    struct ctx *cx = rq->cx;
    const char *path = row_path(cx, flow);
    struct val *tabs = val_put_list(page, "tabs"), *crumbs = val_put_list(page, "crumbs"),
               *back = val_add_map(crumbs);

    val_put_text(back, "text", "Flows");
    val_put_text(back, "url", "/flows");
    val_put_text(page, "title", row_text(flow, FLOW_NAME));
    val_put_text(page, "about", row_text(flow, FLOW_ABOUT));
    val_put_text(page, "path", path);
    val_put_text(page, "status", row_show(cx, flow, FLOW_STATUS));
    val_put_text(page, "tone", status_tone(row_text(flow, FLOW_STATUS)));
    val_put_text(page, "version",
                 row_i64(flow, FLOW_VERSION) ? row_plain(cx, flow, FLOW_VERSION) : "");
    val_put_bool(page, "edits", page_may(cx, flow, VERB_UPDATE));
    flow_put_tab(tabs, "Steps", path, text_is(tab, "steps"));
    flow_put_tab(tabs, "People", arena_printf(cx->arena, "%s/people", path),
                 text_is(tab, "people"));
    flow_put_tab(tabs, "Dry run", arena_printf(cx->arena, "%s/try", path), text_is(tab, "try"));
    flow_put_tab(tabs, "Versions", arena_printf(cx->arena, "%s/versions", path),
                 text_is(tab, "versions"));
    put_actions(rq, flow, page);
    return OK;
}

static void put_figure(struct ctx *cx, struct val *list, const char *label, i64 n, const char *note,
                       const char *url)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "label", label);
    val_put_text(one, "text", show_number(cx->arena, n));
    val_put_text(one, "note", note);
    val_put_text(one, "url", url);
}

static const char *rate_words(struct ctx *cx, i64 part, i64 whole)
{
    return whole > 0 ? arena_printf(cx->arena, "%lld.%lld%%", (long long)(part * PERCENT / whole),
                                    (long long)(part * PERCENT * 10 / whole % 10))
                     : "";
}

static void put_figures(struct ctx *cx, const struct flow_numbers *n, const char *path,
                        struct val *page)
{
    struct val *list = val_put_list(page, "figures");
    i64 in = flow_number(n, "", "in"), goals = flow_number(n, "", "goal"), bad = flow_in_trouble(n);

    put_figure(cx, list, "Entered", in, "", arena_printf(cx->arena, "%s/people?state=all", path));
    put_figure(cx, list, "In it now", flow_all_inside(n), "",
               arena_printf(cx->arena, "%s/people", path));
    put_figure(cx, list, "Reached the goal", goals, rate_words(cx, goals, in),
               arena_printf(cx->arena, "%s/people?state=goal", path));
    put_figure(cx, list, "Left without", flow_number(n, "", "out") - goals, "",
               arena_printf(cx->arena, "%s/people?state=left", path));
    put_figure(cx, list, "In trouble", bad, "",
               arena_printf(cx->arena, "%s/people?state=trouble", path));
}

/* What keeps it from being published, and what is published differs. */
static enum status put_state(struct ctx *cx, const struct row *flow, const struct val *problems,
                             struct val *page)
{
    const char *published = "";
    i64 version;
    enum status s = db_get_i64(cx, &version, "flow.version_of", I64("flow", row_id(flow)),
                               I64("number", row_i64(flow, FLOW_VERSION)));

    if (s == OK)
        s = db_get_text(cx, &published, "flow.version_text", I64("id", version));
    if (s != OK && s != E_NOT_FOUND)
        return s;
    val_put_bool(page, "changed", s == OK && !text_is(published, row_text(flow, FLOW_DEFINITION)));
    val_put_i64(page, "problem_count", (i64)val_count(problems));
    val_put_bool(page, "has_problems", val_count(problems) > 0);
    val_put_bool(page, "one_problem", val_count(problems) == 1);
    return OK;
}

static enum status editor(struct req *rq, struct row *flow, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *problems = val_list(cx->arena), *whole = val_list(cx->arena);
    const char *id = req_query(rq, "step");
    struct flow_numbers *numbers;
    struct flow_plan *p;

    TRY(flow_plan_read(cx, cx->arena, row_id(flow), row_text(flow, FLOW_DEFINITION), problems, &p));
    TRY(flow_numbers_read(cx, row_id(flow), &numbers));
    struct flow_drawing d = { .cx = cx,
                              .path = row_path(cx, flow),
                              .plan = p,
                              .numbers = numbers,
                              .problems = problems,
                              .selected = id,
                              .edits = page_may(cx, flow, VERB_UPDATE) };
    TRY(flow_put_head(rq, flow, "steps", page));
    put_figures(cx, numbers, d.path, page);
    flow_put_specs(&d, p->definition, "triggers", &flow_trigger_kind, page);
    flow_put_specs(&d, p->definition, "goals", &flow_goal_kind, page);
    TRY(flow_answers_words(cx, &flow_entry_kind, p->entry ? p->entry : val_map(cx->arena),
                           val_put_list(page, "entry")));
    val_put_bool(page, "entry_on", text_is(id, "entry"));
    flow_put_problems(&d, "entry", val_put_map(page, "entry_state"));
    flow_draw(&d, val_get(p->definition, "steps"), "start", val_put_map(page, "tree"));
    for (size_t i = 0; i < val_count(problems); i++)
        if (text_empty(val_get_text(val_at(problems, i), "step")))
            val_put_text(val_add_map(whole), "text", val_get_text(val_at(problems, i), "text"));
    val_put(page, "whole_problems", whole);
    TRY(put_state(cx, flow, problems, page));
    val_put_text(page, "definition", row_text(flow, FLOW_DEFINITION));
    val_put_text(page, "selected", id);
    return flow_put_panel(rq, d.path, p, problems, id, page);
}

/* GET /flows/:id?step=ID or at=PLACE */
static enum status flow_get(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(editor(rq, flow, page));
    return reply(rq, "flow_page/editor", page);
}

/* ---- the list ---- */
static void put_flow(struct ctx *cx, const struct row *r, struct val *rows)
{
    struct val *one = val_add_map(rows);
    struct flow_numbers *n;
    i64 in = 0, goals = 0;

    val_put_text(one, "text", row_text(r, FLOW_NAME));
    val_put_text(one, "about", row_text(r, FLOW_ABOUT));
    val_put_text(one, "url", row_path(cx, r));
    val_put_text(one, "status", row_show(cx, r, FLOW_STATUS));
    val_put_text(one, "tone", status_tone(row_text(r, FLOW_STATUS)));
    val_put_text(one, "owner", row_show(cx, r, FLOW_OWNER));
    if (flow_numbers_read(cx, row_id(r), &n) != OK) {
        ctx_clear_error(cx);
        return;
    }
    in = flow_number(n, "", "in");
    goals = flow_number(n, "", "goal");
    val_put_text(one, "entered", show_number(cx->arena, in));
    val_put_text(one, "inside", show_number(cx->arena, flow_all_inside(n)));
    val_put_text(one, "goals", show_number(cx->arena, goals));
    val_put_text(one, "rate", rate_words(cx, goals, in));
    i64 bad = flow_in_trouble(n);
    val_put_text(one, "bad", bad ? show_number(cx->arena, bad) : "");
}

/* GET /flows?status= */
static enum status flows_get(struct req *rq)
{
    static const struct {
        const char *status, *text;
    } tabs[] = { { "", "All" },
                 { "live", "Live" },
                 { "draft", "Drafts" },
                 { "paused", "Paused" },
                 { "archived", "Archived" } };
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *rows = val_put_list(page, "rows"),
               *list = val_put_list(page, "tabs");
    const char *status = req_query(rq, "status");
    struct list_query query = { .limit = LIMIT_LIST_ROWS, .sort = "-published_at" };
    struct list_page found;

    for (size_t i = 0; i < countof(tabs); i++)
        flow_put_tab(list, tabs[i].text,
                     text_empty(tabs[i].status)
                         ? "/flows"
                         : arena_printf(cx->arena, "/flows?status=%s", tabs[i].status),
                     text_is(tabs[i].status, status));
    query.filter = text_empty(status)
                       ? "status != 'archived'"
                       : arena_printf(cx->arena, "status = '%s'", flow_quoted(cx->arena, status));
    TRY(list_run(cx, &flow_type, &query, &found));
    for (size_t i = 0; i < found.count; i++)
        put_flow(cx, found.rows[i], rows);
    val_put_text(page, "title", "Flows");
    val_put_bool(page, "can_create", access_scope(cx->access, "flow", VERB_CREATE) != SCOPE_NONE);
    val_put_null(page, "empty");
    if (found.count == 0)
        put_empty(page, "No flows here", flow_type.empty, "Make one", "/flows/ready");
    return reply(rq, "flow_page/list", page);
}

/* ---- publishing ---- */
/* GET /flows/:id/publish: what would be published, and what becomes of who is in it. */
static enum status publish_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *problems = val_list(cx->arena), *list;
    struct flow_numbers *numbers;
    struct flow_plan *p;
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(flow_plan_read(cx, cx->arena, row_id(flow), row_text(flow, FLOW_DEFINITION), problems, &p));
    TRY(flow_numbers_read(cx, row_id(flow), &numbers));
    TRY(flow_put_head(rq, flow, "", page));
    list = val_put_list(page, "problems");
    for (size_t i = 0; i < val_count(problems); i++) {
        const struct val *one = val_at(problems, i);
        const char *step = val_get_text(one, "step");
        const struct flow_step *s = flow_plan_step(p, step);
        struct val *out = val_add_map(list);
        val_put_printf(out, "text", "%s%s%s", s ? "Step " : "", s ? s->number : "", s ? ": " : "");
        val_put_printf(out, "text", "%s%s", val_get_text(out, "text"), val_get_text(one, "text"));
        val_put_printf(out, "url", "%s?step=%s", row_path(cx, flow), step);
    }
    val_put_bool(page, "has_problems", val_count(problems) > 0);
    val_put_text(page, "inside", show_number(cx->arena, flow_all_inside(numbers)));
    val_put_bool(page, "has_inside",
                 flow_all_inside(numbers) > 0 && row_i64(flow, FLOW_VERSION) > 0);
    val_put_i64(page, "next", row_i64(flow, FLOW_VERSION) + 1);
    TRY(flow_put_diff(cx, flow, page));
    return reply(rq, "flow_page/publish", page);
}

/* POST /flows/:id/publish {people: keep | move} */
static enum status publish_post(struct req *rq)
{
    struct row *flow;
    i64 number;

    TRY(flow_req(rq, &flow));
    TRY(flow_publish(rq->cx, row_id(flow), text_is(req_form(rq, "people"), "move"), &number));
    return reply_done(rq, row_path(rq->cx, flow), "Version %lld is live.", (long long)number);
}

static enum status change_status(struct req *rq, const char *status, const char *said)
{
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(flow_set_status(rq->cx, flow, status));
    return reply_done(rq, row_path(rq->cx, flow), "%s", said);
}

static enum status pause_post(struct req *rq)
{
    return change_status(rq, "paused",
                         "Paused: nobody enters, and who is in it stays where they are.");
}
static enum status resume_post(struct req *rq) { return change_status(rq, "live", "Live again."); }
static enum status archive_post(struct req *rq)
{
    return change_status(rq, "archived", "Archived: everybody has left it.");
}

#define READS NEEDS("flow", VERB_READ)
#define CHANGES NEEDS("flow", VERB_UPDATE)
static const struct route routes[] = {
    { HTTP_GET, "/flows", flows_get, READS },
    { HTTP_GET, "/flows/ready", flow_ready_get, NEEDS("flow", VERB_CREATE) },
    { HTTP_POST, "/flows/ready", flow_ready_post, NEEDS("flow", VERB_CREATE) },
    { HTTP_GET, "/flows/:id", flow_get, READS },
    { HTTP_POST, "/flows/:id/add", flow_add_post, CHANGES },
    { HTTP_POST, "/flows/:id/shift", flow_move_post, CHANGES },
    { HTTP_POST, "/flows/:id/remove", flow_remove_post, CHANGES },
    { HTTP_POST, "/flows/:id/steps/:step", flow_step_post, CHANGES },
    { HTTP_POST, "/flows/:id/parts/:part", flow_part_post, CHANGES },
    { HTTP_POST, "/flows/:id/undo", flow_undo_post, CHANGES },
    { HTTP_POST, "/flows/:id/definition", flow_definition_post, CHANGES },
    { HTTP_GET, "/flows/:id/publish", publish_get, CHANGES },
    { HTTP_POST, "/flows/:id/publish", publish_post, CHANGES },
    { HTTP_POST, "/flows/:id/pause", pause_post, CHANGES },
    { HTTP_POST, "/flows/:id/resume", resume_post, CHANGES },
    { HTTP_POST, "/flows/:id/archive", archive_post, CHANGES },
    { HTTP_GET, "/flows/:id/try", flow_try_get, READS },
    { HTTP_GET, "/flows/:id/versions", flow_versions_get, READS },
};
const struct feature feature_flow_page = {
    .name = "flow_page",
    ROUTES(routes),
};
