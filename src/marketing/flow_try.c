/* flow_try.c -- the dry run: who would go where, right now, without any effect. It is the engine's
 * own steps over a reading connection, on people in memory: conditions are asked of them as they
 * are, waits are passed, chance falls as it would. And versions, with what differs in words. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/segment.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "marketing/flow_page.h"

enum { PATHS_SHOWN = 50, DRY_STEPS = 100, MANY = 500 };

struct tally {
    const char *node, *what;
    i64 n;
    struct tally *next;
};
struct trial {
    struct ctx *cx;
    const struct flow_plan *plan;
    bool happens; /* what waits wait for happens */
    struct tally *tallies;
    struct val *people; /* the first few, with their ways */
    i64 count, entered, kept_out, through, left, failed, goals;
};

static void tally(struct trial *t, const char *node, const char *what)
{
    struct tally *one;

    for (one = t->tallies; one; one = one->next)
        if (text_is(one->node, node) && text_is(one->what, what)) {
            one->n++;
            return;
        }
    one = NEW(t->cx->arena, struct tally);
    *one = (struct tally){ arena_text(t->cx->arena, node), arena_text(t->cx->arena, what), 1,
                           t->tallies };
    t->tallies = one;
}

static i64 trial_number(void *arg, const char *node, const char *what)
{
    const struct trial *t = arg;

    for (const struct tally *one = t->tallies; one; one = one->next)
        if (text_is(one->node, node) && text_is(one->what, what))
            return one->n;
    return 0;
}

/* ---- one person ---- */
struct walking {
    struct trial *t;
    struct flow_doing d;
    struct flow_run run;
    struct val *steps; /* the way that is shown, or NULL */
};

static void show_step(struct walking *w, const struct flow_step *s, const struct flow_ways *ways)
{
    struct ctx *cx = w->t->cx;
    struct val *one;

    if (w->steps == NULL)
        return;
    one = val_add_map(w->steps);
    val_put_text(one, "number", s->number);
    val_put_text(one, "words", flow_words(cx, s->kind, s->v));
    val_put_text(one, "way", ways->move == MOVE_PATH ? s->paths[ways->path].name : "");
    val_put_text(one, "note", ways->note ? arena_text(cx->arena, ways->note) : "");
    val_put_text(one, "icon", s->kind->icon);
}

/* Waits are passed: of one that waits for something, the path is chosen by who tries. */
static enum status dry_step(struct walking *w, const struct flow_step *s, struct flow_ways *ways)
{
    struct ctx *cx = w->t->cx;
    i64 until;

    w->run.signal = "";
    if (text_is(s->kind->name, "wait_event")) {
        w->run.signal = "";
        TRY(flow_do_step(&w->d, s, ways));
        if (ways->move == MOVE_WAIT)
            *ways = (struct flow_ways){ .move = MOVE_PATH,
                                        .path = w->t->happens ? 0 : 1,
                                        .note = w->t->happens ? "taken to happen"
                                                              : "taken not to happen" };
        return OK;
    }
    TRY(flow_do_step(&w->d, s, ways));
    if (ways->move == MOVE_WAIT) {
        until = ways->until;
        *ways = (struct flow_ways){ .move = MOVE_NEXT,
                                    .note = arena_printf(cx->arena, "until %s",
                                                         show_time_full(cx, until)) };
    }
    return OK;
}

static enum status goal_now(struct walking *w, bool *reached)
{
    const struct flow_plan *p = w->t->plan;

    *reached = false;
    for (size_t i = 0; i < p->goal_count && !*reached; i++)
        if (flow_spec_hears(p->goals[i].v) == HEARS_FILTER)
            TRY(flow_matches(&w->d, val_get_text(p->goals[i].v, "filter"), reached));
    return OK;
}

static const char *dry_error(struct ctx *cx)
{
    const char *text = arena_text(cx->arena, cx->error_text ? cx->error_text : "");

    if (cx->field_errors)
        text = cx->field_errors->message;
    ctx_clear_error(cx);
    return text;
}

static enum status walk_steps(struct walking *w, const char **end)
{
    struct trial *t = w->t;
    int at = t->plan->first;

    for (int n = 0; at >= 0 && n < DRY_STEPS; n++) {
        const struct flow_step *s = &t->plan->steps[at];
        struct flow_ways ways = { .note = "" };
        bool goal;
        TRY(goal_now(w, &goal));
        if (goal) {
            t->goals++;
            *end = "reaches the goal";
            return OK;
        }
        tally(t, s->id, "in");
        if (dry_step(w, s, &ways) != OK) {
            t->failed++;
            *end = arena_printf(t->cx->arena, "would fail at step %s: %s", s->number,
                                dry_error(w->d.cx));
            return OK;
        }
        show_step(w, s, &ways);
        if (ways.move == MOVE_PATH)
            tally(t, s->id, arena_printf(t->cx->arena, "way:%s", s->paths[ways.path].id));
        if (ways.move == MOVE_END) {
            t->left++;
            *end = "leaves at a step";
            return OK;
        }
        at = ways.move == MOVE_PATH   ? s->paths[ways.path].first
             : ways.move == MOVE_JUMP ? s->jump
                                      : s->next;
    }
    t->through++;
    *end = at < 0 ? "goes through" : "goes round and round";
    return OK;
}

static enum status may_enter(struct walking *w, const char **why)
{
    const char *filter = flow_answer(&flow_entry_kind, w->t->plan->entry, "filter");
    bool in = true;
    i64 segment;

    *why = "";
    TRY(flow_matches(&w->d, filter, &in));
    if (!in)
        *why = "does not match who may enter";
    if (in && id_parse(str_from(val_get_text(w->t->plan->entry, "suppress")), &segment)) {
        TRY(segment_has(w->t->cx, segment, w->run.contact_id, &in));
        *why = in ? "is in the segment that is kept out" : "";
    }
    return OK;
}

static enum status try_person(struct ctx *cx, struct row *r, void *arg)
{
    struct trial *t = arg;
    struct ctx *outer = t->cx;
    struct walking w = { .t = t, .run = { .contact_id = row_id(r), .signal = "" } };
    const char *why, *end = "";

    if (t->count >= LIMIT_FLOW_DRY_PEOPLE)
        return E_LIMIT; /* enough: see run_dry */
    t->count++;
    w.d =
        (struct flow_doing){ .cx = cx, .plan = t->plan, .run = &w.run, .contact = r, .dry = true };
    TRY(may_enter(&w, &why));
    struct val *shown = t->count <= PATHS_SHOWN ? val_add_map(t->people) : NULL;
    if (shown) {
        val_put_text(shown, "text", row_title(outer, r));
        val_put_text(shown, "url", row_path(outer, r));
        w.steps = val_put_list(shown, "steps");
    }
    if (!text_empty(why)) {
        t->kept_out++;
        end = arena_printf(outer->arena, "does not enter: %s", why);
    } else {
        t->entered++;
        TRY(walk_steps(&w, &end));
    }
    if (shown)
        val_put_text(shown, "end", end);
    return OK;
}

/* ---- the page ---- */
static enum status run_dry(struct req *rq, struct trial *t, const char *filter, bool *cut)
{
    struct ctx *cx = rq->cx;
    enum status s = list_each(cx, &contact_type, filter, try_person, t);

    *cut = s == E_LIMIT;
    if (*cut)
        ctx_clear_error(cx);
    return *cut ? OK : s;
}

static enum status asked_people(struct req *rq, const char **filter)
{
    struct ctx *cx = rq->cx;
    const char *typed = req_query(rq, "filter"), *contact = req_query(rq, "contact"), *more;
    i64 id;

    *filter = typed;
    if (!text_empty(req_query(rq, "add_op")) && !text_empty(req_query(rq, "add_field")) &&
        (!text_empty(req_query(rq, "add_value")) || strstr(req_query(rq, "add_op"), "is"))) {
        TRY(filter_from_form(cx, &contact_type, req_query(rq, "add_field"), req_query(rq, "add_op"),
                             req_query(rq, "add_value"), &more));
        *filter = filter_and(cx, typed, more);
    }
    if (id_parse(str_from(contact), &id))
        *filter = arena_printf(cx->arena, "id = '%s'", contact);
    else if (id_parse(str_from(req_query(rq, "segment")), &id)) {
        struct row *r;
        TRY(record_get(cx, &segment_type, id, &r));
        *filter = filter_and(cx, *filter,
                             arena_printf(cx->arena, "segments has '%s'",
                                          flow_quoted(cx->arena, row_text(r, SEGMENT_SLUG))));
    }
    return OK;
}

static void put_sums(const struct trial *t, struct val *page)
{
    const struct {
        const char *label;
        i64 n;
    } all[] = { { "People looked at", t->count }, { "Would enter", t->entered },
                { "Kept out", t->kept_out },      { "Go through", t->through },
                { "Reach the goal", t->goals },   { "Leave at a step", t->left },
                { "Would fail", t->failed } };
    struct val *list = val_put_list(page, "sums");

    for (size_t i = 0; i < countof(all); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "label", all[i].label);
        val_put_text(one, "text", show_number(t->cx->arena, all[i].n));
    }
}

/* GET /flows/:id/try?run=1&filter=&segment=&contact=&happens= -- on a reading connection, which
 * could not write if a step tried to. */
enum status flow_try_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct ctx kept = *cx; /* what is found outlives the memory of list_each */
    struct trial t = { .cx = &kept, .happens = !text_empty(req_query(rq, "happens")) };
    const char *filter = "", *error = "";
    struct flow_plan *p;
    struct row *flow;
    bool cut = false, run = !text_empty(req_query(rq, "run"));
    enum status s;

    TRY(flow_req(rq, &flow));
    TRY(access_check(cx, "contact", VERB_READ));
    TRY(flow_put_head(rq, flow, "try", page));
    TRY(flow_plan_read(cx, cx->arena, row_id(flow), row_text(flow, FLOW_DEFINITION), NULL, &p));
    t.plan = p;
    t.people = val_put_list(page, "people");
    s = asked_people(rq, &filter);
    if (s == OK && run)
        s = run_dry(rq, &t, filter, &cut);
    if (s == E_INVALID) {
        error = dry_error(cx);
        run = false;
    } else
        TRY(s);
    val_put_text(page, "error", error);
    val_put_text(page, "filter", filter);
    val_put_text(page, "filter_words", text_empty(filter) ? "" : flow_filter_words(cx, filter));
    val_put_bool(page, "happens", t.happens);
    val_put_bool(page, "ran", run);
    val_put_bool(page, "cut", cut);
    val_put_bool(page, "few", t.count > PATHS_SHOWN);
    put_sums(&t, page);
    TRY(page_ref_choices(cx, "segment", req_query(rq, "segment"),
                         val_put_map(page, "segment_input")));
    TRY(page_ref_choices(cx, "contact", req_query(rq, "contact"),
                         val_put_map(page, "contact_input")));
    TRY(page_filter_value(cx, &contact_type, req_query(rq, "add_field"), val_put_map(page, "add")));
    struct flow_drawing d = {
        .cx = cx, .path = row_path(cx, flow), .plan = p, .count = trial_number, .arg = &t
    };
    flow_draw(&d, val_get(p->definition, "steps"), "start", val_put_map(page, "tree"));
    return reply(rq, "flow_page/try", page);
}

/* ---- versions ---- */
static void change(struct val *list, const char *text)
{
    val_put_text(val_add_map(list), "text", text);
}

/* The path names and answers of a step, for comparing. */
static const char *step_text(struct ctx *cx, const struct flow_step *s)
{
    struct val *answers = val_list(cx->arena);
    struct buf b = buf_in(cx->arena, 8000);

    if (flow_answers_words(cx, s->kind, s->v, answers) != OK)
        ctx_clear_error(cx);
    for (size_t i = 0; i < val_count(answers); i++)
        buf_printf(&b, "%s%s: %s", i ? "; " : "", val_get_text(val_at(answers, i), "label"),
                   val_get_text(val_at(answers, i), "text"));
    for (int i = 0; i < s->path_count; i++)
        buf_printf(&b, "; %s %lld %s%s", s->paths[i].name,
                   (long long)val_get_i64(s->paths[i].v, "share", 0),
                   val_get_text(s->paths[i].v, "filter"), val_get_text(s->paths[i].v, "value"));
    return buf_end(&b);
}

static const char *behind_of(const struct flow_plan *p, const struct flow_step *s)
{
    return s->next >= 0 ? p->steps[s->next].id : "";
}

static void diff_steps(struct ctx *cx, const struct flow_plan *old, const struct flow_plan *now,
                       struct val *list)
{
    for (int i = 0; i < now->step_count; i++) {
        const struct flow_step *s = &now->steps[i], *was = flow_plan_step(old, s->id);
        const char *words = flow_words(cx, s->kind, s->v);
        if (was == NULL)
            change(list, arena_printf(cx->arena, "Added step %s: %s (%s)", s->number, words,
                                      s->kind->label));
        else if (!text_is(step_text(cx, was), step_text(cx, s)))
            change(list, arena_printf(cx->arena, "Changed step %s (%s): %s, was %s", s->number,
                                      s->kind->label, step_text(cx, s), step_text(cx, was)));
        else if (!text_is(behind_of(old, was), behind_of(now, s)) &&
                 !text_is(was->number, s->number))
            change(list, arena_printf(cx->arena, "Moved: %s, was step %s, is step %s", words,
                                      was->number, s->number));
    }
    for (int i = 0; i < old->step_count; i++)
        if (flow_plan_step(now, old->steps[i].id) == NULL)
            change(list, arena_printf(cx->arena, "Took out step %s: %s", old->steps[i].number,
                                      flow_words(cx, old->steps[i].kind, old->steps[i].v)));
}

static const struct flow_spec *spec_of(const struct flow_spec *list, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(list[i].id, id))
            return &list[i];
    return NULL;
}

static void diff_specs(struct ctx *cx, const char *what, const struct flow_kind *kind,
                       const struct flow_spec *old, size_t old_count, const struct flow_spec *now,
                       size_t now_count, struct val *list)
{
    for (size_t i = 0; i < now_count; i++) {
        const struct flow_spec *was = spec_of(old, old_count, now[i].id);
        if (was == NULL)
            change(list,
                   arena_printf(cx->arena, "Added %s: %s", what, flow_words(cx, kind, now[i].v)));
        else if (!val_equal(was->v, now[i].v))
            change(list,
                   arena_printf(cx->arena, "Changed %s: %s, was %s", what,
                                flow_words(cx, kind, now[i].v), flow_words(cx, kind, was->v)));
    }
    for (size_t i = 0; i < old_count; i++)
        if (spec_of(now, now_count, old[i].id) == NULL)
            change(list, arena_printf(cx->arena, "Took out %s: %s", what,
                                      flow_words(cx, kind, old[i].v)));
}

static void diff(struct ctx *cx, const struct flow_plan *old, const struct flow_plan *now,
                 struct val *list)
{
    struct val *a = val_list(cx->arena), *b = val_list(cx->arena), *none = val_map(cx->arena);

    diff_specs(cx, "trigger", &flow_trigger_kind, old->triggers, old->trigger_count, now->triggers,
               now->trigger_count, list);
    diff_specs(cx, "goal", &flow_goal_kind, old->goals, old->goal_count, now->goals,
               now->goal_count, list);
    if (flow_answers_words(cx, &flow_entry_kind, old->entry ? old->entry : none, a) == OK &&
        flow_answers_words(cx, &flow_entry_kind, now->entry ? now->entry : none, b) == OK &&
        !val_equal(a, b))
        change(list, "Changed who enters");
    diff_steps(cx, old, now, list);
}

enum status flow_put_diff(struct ctx *cx, const struct row *flow, struct val *page)
{
    struct val *list = val_put_list(page, "changes");
    const struct flow_plan *old;
    struct flow_plan *now;
    i64 version;
    enum status s = db_get_i64(cx, &version, "flow.version_of", I64("flow", row_id(flow)),
                               I64("number", row_i64(flow, FLOW_VERSION)));

    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    TRY(flow_version_plan(cx, version, &old));
    TRY(flow_plan_read(cx, cx->arena, row_id(flow), row_text(flow, FLOW_DEFINITION), NULL, &now));
    diff(cx, old, now, list);
    return OK;
}

/* GET /flows/:id/versions */
enum status flow_versions_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *rows = val_put_list(page, "rows");
    struct flow_plan *plans[100] = { NULL };
    const struct record_type *users = type_find(cx, "user");
    struct row *flow;
    size_t count = 0;

    TRY(flow_req(rq, &flow));
    TRY(flow_put_head(rq, flow, "versions", page));
    scoped(stmt_close) struct stmt q = db_query(cx, "flow.versions", I64("flow", row_id(flow)));
    for (; count < countof(plans) && stmt_next(&q); count++) {
        struct val *one = val_add_map(rows);
        i64 by = col_i64(&q, 3);
        const char *name = "";
        val_put_i64(one, "number", col_i64(&q, 1));
        val_put_text(one, "at", show_time_full(cx, col_i64(&q, 2)));
        if (by && users)
            TRY(record_titles(cx, users, &by, 1, &name));
        val_put_text(one, "by", name);
        val_put_text(one, "inside", show_number(cx->arena, col_i64(&q, 5)));
        TRY(flow_plan_read(cx, cx->arena, row_id(flow), col_text(&q, 4), NULL, &plans[count]));
        val_put_list(one, "changes");
        val_put_bool(one, "is_first", false);
        if (count > 0)
            diff(cx, plans[count], plans[count - 1],
                 (struct val *)val_get(val_at(rows, count - 1), "changes"));
    }
    TRY(stmt_status(&q));
    if (count > 0)
        val_put_bool((struct val *)val_at(rows, count - 1), "is_first", true);
    TRY(flow_put_diff(cx, flow, page));
    val_put_bool(page, "has_changes", val_count(val_get(page, "changes")) > 0);
    return reply(rq, "flow_page/versions", page);
}
