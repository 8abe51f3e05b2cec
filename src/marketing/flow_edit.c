/* flow_edit.c -- changing a draft: steps are added, moved, copied, deleted and filled in, each by
 * one post, so that the editor works the same with and without a script. A definition is never
 * changed in place: each operation makes a new one of the old. */
#include "base/id.h"
#include "base/json.h"
#include "kit/filter.h"
#include "marketing/flow_page.h"

/* ---- one pass over a tree of steps ---- */
/* What a pass does: leaves a step out, puts one at a place, puts another in a step's stead.
 * A place is "start", "after:STEP" or "path:STEP:PATH". */
struct pass {
    struct arena *a;
    const char *without, *at, *instead_of;
    const struct val *put;
    bool put_done, found;
};

static struct val *copy_list(struct pass *p, const struct val *list, const char *place);

static struct val *copy_map_without(struct arena *a, const struct val *map, const char *key)
{
    struct val *out = val_map(a);

    for (size_t i = 0; i < val_count(map); i++)
        if (!text_is(val_key_at(map, i), key))
            val_put(out, val_key_at(map, i), val_copy(a, val_value_at(map, i)));
    return out;
}

static struct val *copy_step(struct pass *p, const struct val *step)
{
    const struct val *paths = val_get(step, "paths");
    struct val *out = copy_map_without(p->a, step, "paths"), *list;

    if (paths == NULL)
        return out;
    list = val_put_list(out, "paths");
    for (size_t i = 0; i < val_count(paths); i++) {
        const struct val *path = val_at(paths, i);
        struct val *one = val_add(list, copy_map_without(p->a, path, "steps"));
        val_put(one, "steps",
                copy_list(p, val_get(path, "steps"),
                          arena_printf(p->a, "path:%s:%s", val_get_text(step, "id"),
                                       val_get_text(path, "id"))));
    }
    return out;
}

static void put_here(struct pass *p, const char *place, struct val *list)
{
    if (p->at == NULL || p->put_done || !text_is(p->at, place))
        return;
    val_add(list, val_copy(p->a, p->put));
    p->put_done = true;
}

static struct val *copy_list(struct pass *p, const struct val *list, const char *place)
{
    struct val *out = val_list(p->a);

    put_here(p, place, out);
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *step = val_at(list, i);
        const char *id = val_get_text(step, "id");
        if (p->without && text_is(p->without, id)) {
            p->found = true;
            continue;
        }
        if (p->instead_of && text_is(p->instead_of, id)) {
            p->found = true;
            val_add(out, val_copy(p->a, p->put));
        } else {
            val_add(out, copy_step(p, step));
        }
        put_here(p, arena_printf(p->a, "after:%s", id), out);
    }
    return out;
}

/* The definition with other steps. */
static struct val *with_steps(struct arena *a, const struct val *definition, struct val *steps)
{
    struct val *out = copy_map_without(a, definition, "steps");

    val_put(out, "steps", steps);
    return out;
}

static struct val *pass_over(struct pass *p, const struct val *definition)
{
    return with_steps(p->a, definition, copy_list(p, val_get(definition, "steps"), "start"));
}

static const struct val *find_step(const struct val *list, const char *id)
{
    const struct val *found = NULL;

    for (size_t i = 0; i < val_count(list) && found == NULL; i++) {
        const struct val *step = val_at(list, i), *paths = val_get(step, "paths");
        if (text_is(val_get_text(step, "id"), id))
            return step;
        for (size_t k = 0; k < val_count(paths) && found == NULL; k++)
            found = find_step(val_get(val_at(paths, k), "steps"), id);
    }
    return found;
}

const struct val *flow_find_step(const struct val *definition, const char *id)
{
    return find_step(val_get(definition, "steps"), id);
}

/* ---- ids: never used twice in a flow, since runs and counts of older versions know them ---- */
static void highest_id(const struct val *list, i64 *most)
{
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *v = val_at(list, i), *paths = val_get(v, "paths");
        const char *id = val_get_text(v, "id");
        i64 n;
        if (id[0] && str_i64(str_from(id + 1), &n) && n > *most)
            *most = n;
        highest_id(paths, most);
        for (size_t k = 0; k < val_count(paths); k++)
            highest_id(val_get(val_at(paths, k), "steps"), most);
    }
}

static i64 next_id(struct val *definition)
{
    i64 most = val_get_i64(definition, "last", 0);

    highest_id(val_get(definition, "steps"), &most);
    highest_id(val_get(definition, "triggers"), &most);
    highest_id(val_get(definition, "goals"), &most);
    val_put_i64(definition, "last", most + 1);
    return most + 1;
}

static void new_ids(struct val *definition, struct arena *a, struct val *step)
{
    const struct val *paths = val_get(step, "paths");

    val_put_printf(step, "id", "s%lld", (long long)next_id(definition));
    for (size_t i = 0; i < val_count(paths); i++) {
        struct val *path = (struct val *)val_at(paths, i); /* a copy of ours */
        const struct val *steps = val_get(path, "steps");
        val_put_printf(path, "id", "p%lld", (long long)next_id(definition));
        for (size_t k = 0; k < val_count(steps); k++)
            new_ids(definition, a, (struct val *)val_at(steps, k));
    }
}

/* ---- a new step ---- */
static void add_path(struct val *definition, struct val *paths, const char *name, i64 share)
{
    struct val *path = val_add_map(paths);

    val_put_printf(path, "id", "p%lld", (long long)next_id(definition));
    val_put_text(path, "name", name);
    if (share >= 0)
        val_put_i64(path, "share", share);
    val_put_list(path, "steps");
}

static void first_paths(struct val *definition, const struct flow_kind *kind, struct val *step)
{
    static const char *const names[][2] = { [PATHS_YES_NO] = { "Yes", "No" },
                                            [PATHS_EVENT] = { "It happens", "Time runs out" },
                                            [PATHS_FREE] = { "Path 1", "Everybody else" } };
    bool split = text_is(kind->name, "split");
    struct val *paths;

    if (kind->paths == PATHS_NONE)
        return;
    paths = val_put_list(step, "paths");
    add_path(definition, paths, split ? "A" : names[kind->paths][0], split ? 50 : -1);
    add_path(definition, paths, split ? "B" : names[kind->paths][1], split ? 50 : -1);
}

static struct val *new_step(struct arena *a, struct val *definition, const struct flow_kind *kind)
{
    struct val *step = val_map(a);

    val_put_printf(step, "id", "s%lld", (long long)next_id(definition));
    val_put_text(step, "kind", kind->name);
    for (size_t i = 0; i < kind->ask_count; i++)
        if (kind->asks[i].otherwise)
            val_put_text(step, kind->asks[i].name, kind->asks[i].otherwise);
    first_paths(definition, kind, step);
    return step;
}

/* ---- answers from a form: a_NAME ---- */
static const char *posted(struct req *rq, const char *prefix, const char *name)
{
    return str_dup(
        rq->cx->arena,
        str_trim(str_from(req_form(rq, arena_printf(rq->cx->arena, "%s%s", prefix, name)))));
}

/* A condition that was put together from selects joins the filter. */
static enum status read_filter(struct req *rq, const struct flow_ask *ask, struct val *into)
{
    struct ctx *cx = rq->cx;
    const char *text = posted(rq, "a_", ask->name), *more;
    const char *field = req_form(rq, "add_field"), *op = req_form(rq, "add_op");
    bool given = !text_empty(req_form(rq, "add_value")) || strstr(op, "empty") || strstr(op, "is ");

    if (!text_empty(field) && !text_empty(op) && given) {
        TRY(filter_from_form(cx, type_find(cx, "contact"), field, op, req_form(rq, "add_value"),
                             &more));
        text = filter_and(cx, text, more);
    }
    val_put_text(into, ask->name, text);
    return OK;
}

/* As typed; it is sealed when the flow is saved. Nothing typed: the one that is there. */
static void read_secret(struct req *rq, const struct flow_ask *ask, const struct val *before,
                        struct val *into)
{
    const char *typed = posted(rq, "a_", ask->name);

    val_put_text(into, ask->name, text_empty(typed) ? val_get_text(before, ask->name) : typed);
}

static enum status read_answer(struct req *rq, const struct flow_ask *ask, const struct val *before,
                               struct val *into)
{
    const char *text = posted(rq, "a_", ask->name);
    i64 n;

    if (ask->how == ASK_FILTER)
        return read_filter(rq, ask, into);
    if (ask->how == ASK_SECRET)
        read_secret(rq, ask, before, into);
    else if (ask->how == ASK_BOOL)
        val_put_bool(into, ask->name, !text_empty(text));
    else if (ask->how == ASK_INT && str_i64(str_from(text), &n))
        val_put_i64(into, ask->name, n);
    else if (!text_empty(text) || ask->otherwise)
        val_put_text(into, ask->name, text);
    return OK;
}

static enum status read_answers(struct req *rq, const struct flow_kind *kind,
                                const struct val *before, struct val *into)
{
    for (size_t i = 0; i < kind->ask_count; i++)
        TRY(read_answer(rq, &kind->asks[i], before, into));
    return OK;
}

/* Names, values and shares of the paths, one more, one less. */
static void read_paths(struct req *rq, struct val *definition, const struct flow_kind *kind,
                       const struct val *step, struct val *into)
{
    struct arena *a = rq->cx->arena;
    const struct val *paths = val_get(step, "paths");
    struct val *out = val_put_list(into, "paths");
    const char *drop = req_form(rq, "drop_path");
    bool split = text_is(kind->name, "split");
    i64 n;

    for (size_t i = 0; i < val_count(paths); i++) {
        const struct val *path = val_at(paths, i);
        const char *id = val_get_text(path, "id");
        struct val *one;
        if (text_is(drop, id) && val_count(paths) > 2)
            continue;
        if (!text_empty(req_form(rq, "add_path")) && i + 1 == val_count(paths) &&
            val_count(paths) < LIMIT_FLOW_PATHS)
            add_path(definition, out,
                     split ? arena_printf(a, "%c", (char)('A' + i))
                           : arena_printf(a, "Path %zu", i + 1),
                     split ? 0 : -1);
        one = val_add(out, val_copy(a, path));
        if (kind->paths != PATHS_FREE)
            continue;
        val_put_text(one, "name", posted(rq, "p_name_", id));
        if (split && str_i64(str_from(posted(rq, "p_share_", id)), &n))
            val_put_i64(one, "share", n);
        if (!split) {
            val_put_text(one, "filter", posted(rq, "p_filter_", id));
            val_put_text(one, "value", posted(rq, "p_value_", id));
        }
    }
}

/* ---- keeping ---- */
enum status flow_definition(struct ctx *cx, const struct row *flow, struct val **out)
{
    const char *json = row_text(flow, FLOW_DEFINITION);

    if (json_read(cx->arena, str_from(text_empty(json) ? "{}" : json), out, NULL) != OK)
        return ctx_fail(cx, E_CORRUPT, "the flow's definition is no JSON");
    return OK;
}

static enum status keep(struct req *rq, struct row *flow, const struct val *definition)
{
    struct ctx *cx = rq->cx;
    const char *json = json_text(cx->arena, definition);

    if (!text_is(json, row_text(flow, FLOW_DEFINITION)))
        row_set_text(flow, FLOW_BEFORE, arena_text(cx->arena, row_text(flow, FLOW_DEFINITION)));
    row_set_text(flow, FLOW_DEFINITION, json);
    return record_save(cx, flow);
}

static enum status go_back(struct req *rq, const struct row *flow, const char *step)
{
    return reply_redirect(rq, text_empty(step) ? row_path(rq->cx, flow)
                                               : arena_printf(rq->cx->arena, "%s?step=%s",
                                                              row_path(rq->cx, flow), step));
}

enum status flow_req(struct req *rq, struct row **flow)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &flow_type, id, flow);
}

static enum status no_place(struct req *rq)
{
    return ctx_fail_code(rq->cx, E_INVALID, "flow.place",
                         "There is no such place in the flow any more: load the page again.");
}

/* POST /flows/:id/add {at, kind} */
enum status flow_add_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct flow_kind *kind = flow_kind(req_form(rq, "kind"));
    struct pass p = { .a = cx->arena, .at = req_form(rq, "at") };
    struct val *definition, *step, *out;
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(flow_definition(cx, flow, &definition));
    if (kind == NULL)
        return ctx_fail_code(cx, E_INVALID, "flow.kind", "There is no step of kind '%s'.",
                             req_form(rq, "kind"));
    step = new_step(cx->arena, definition, kind);
    p.put = step;
    out = pass_over(&p, definition);
    if (!p.put_done)
        return no_place(rq);
    TRY(keep(rq, flow, out));
    return go_back(rq, flow, val_get_text(step, "id"));
}

static const char *list_of(const char *place, struct arena *a) { return arena_text(a, place); }

/* POST /flows/:id/move {step, at}: to a place that is not inside it. With copy=1 a copy goes
 * there. */
enum status flow_move_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    bool copy = !text_empty(req_form(rq, "copy"));
    struct pass out = { .a = cx->arena, .without = req_form(rq, "step") };
    struct pass in = { .a = cx->arena, .at = list_of(req_form(rq, "at"), cx->arena) };
    const struct val *step;
    struct val *definition, *moved;
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(flow_definition(cx, flow, &definition));
    step = flow_find_step(definition, req_form(rq, "step"));
    if (step == NULL)
        return no_place(rq);
    moved = val_copy(cx->arena, step);
    if (copy)
        new_ids(definition, cx->arena, moved);
    else
        definition = pass_over(&out, definition);
    in.put = moved;
    definition = pass_over(&in, definition);
    if (!in.put_done)
        return ctx_fail_code(cx, E_INVALID, "flow.place",
                             "A step cannot go into itself: choose another place.");
    TRY(keep(rq, flow, definition));
    return go_back(rq, flow, val_get_text(moved, "id"));
}

/* POST /flows/:id/remove {step} or {part} */
enum status flow_remove_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct pass p = { .a = cx->arena, .without = req_form(rq, "step") };
    struct val *definition;
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(flow_definition(cx, flow, &definition));
    definition = pass_over(&p, definition);
    if (!p.found)
        return no_place(rq);
    TRY(keep(rq, flow, definition));
    return go_back(rq, flow, "");
}

/* POST /flows/:id/steps/:step {a_...}: what the step is asked. */
enum status flow_step_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct pass p = { .a = cx->arena, .instead_of = req_param(rq, "step") };
    const struct flow_kind *kind;
    const struct val *step;
    struct val *definition, *into = val_map(cx->arena);
    struct row *flow;

    TRY(flow_req(rq, &flow));
    TRY(flow_definition(cx, flow, &definition));
    step = flow_find_step(definition, p.instead_of);
    kind = step ? flow_kind(val_get_text(step, "kind")) : NULL;
    if (kind == NULL)
        return no_place(rq);
    val_put_text(into, "id", val_get_text(step, "id"));
    val_put_text(into, "kind", kind->name);
    TRY(read_answers(rq, kind, step, into));
    if (kind->paths != PATHS_NONE)
        read_paths(rq, definition, kind, step, into);
    p.put = into;
    TRY(keep(rq, flow, pass_over(&p, definition)));
    return go_back(rq, flow, p.instead_of);
}

/* ---- triggers, goals, entry ---- */
static bool spec_list(const char *word, const char **key, const struct flow_kind **kind)
{
    bool trigger = text_is(word, "trigger");

    *key = trigger ? "triggers" : "goals";
    *kind = trigger ? &flow_trigger_kind : &flow_goal_kind;
    return trigger || text_is(word, "goal");
}

/* POST /flows/:id/parts/:part: part is "entry", "trigger" or "goal" for a new one, or an id; with
 * remove=1 it goes. */
enum status flow_part_post(struct req *rq)
{
    static const char *const words[] = { "trigger", "goal" };
    struct ctx *cx = rq->cx;
    const char *part = req_param(rq, "part"), *key, *open = part;
    const struct flow_kind *kind;
    struct val *definition, *answers = val_map(cx->arena);
    struct row *flow;
    bool done = false;

    TRY(flow_req(rq, &flow));
    TRY(flow_definition(cx, flow, &definition));
    if (text_is(part, "entry")) {
        TRY(read_answers(rq, &flow_entry_kind, val_get(definition, "entry"), answers));
        val_put(definition, "entry", answers);
        done = true;
    }
    for (size_t w = 0; w < countof(words) && !done; w++) {
        (void)spec_list(words[w], &key, &kind);
        const struct val *list = val_get(definition, key);
        struct val *out = val_list(cx->arena);
        for (size_t i = 0; i < val_count(list); i++) {
            const struct val *v = val_at(list, i);
            if (!text_is(val_get_text(v, "id"), part)) {
                val_add(out, val_copy(cx->arena, v));
                continue;
            }
            done = true;
            if (!text_empty(req_form(rq, "remove"))) {
                open = "";
                continue;
            }
            val_put_text(answers, "id", part);
            TRY(read_answers(rq, kind, v, answers));
            val_add(out, answers);
        }
        if (text_is(part, words[w])) {
            val_put_printf(answers, "id", "%c%lld", part[0], (long long)next_id(definition));
            open = val_get_text(answers, "id");
            for (size_t i = 0; i < kind->ask_count; i++)
                if (kind->asks[i].otherwise)
                    val_put_text(answers, kind->asks[i].name, kind->asks[i].otherwise);
            val_add(out, answers);
            done = true;
        }
        val_put(definition, key, out);
    }
    if (!done)
        return no_place(rq);
    TRY(keep(rq, flow, definition));
    return go_back(rq, flow, open);
}

/* POST /flows/:id/undo: the definition before the last change, and by another undo back again. */
enum status flow_undo_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *before;
    struct row *flow;

    TRY(flow_req(rq, &flow));
    if (!row_has(flow, FLOW_BEFORE) ||
        json_read(cx->arena, str_from(row_text(flow, FLOW_BEFORE)), &before, NULL) != OK)
        return reply_done(rq, row_path(cx, flow), "There is nothing to undo.");
    TRY(keep(rq, flow, before));
    return reply_done(rq, row_path(cx, flow), "Undone.");
}

/* POST /flows/:id/definition {definition}: the whole, as a script's undo has it. */
enum status flow_definition_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *whole;
    struct row *flow;

    TRY(flow_req(rq, &flow));
    if (json_read(cx->arena, str_from(req_form(rq, "definition")), &whole, NULL) != OK)
        return ctx_fail_field(cx, "definition", "json.invalid", "The definition is no JSON.");
    TRY(keep(rq, flow, whole));
    return go_back(rq, flow, req_form(rq, "step"));
}
