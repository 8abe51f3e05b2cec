/* flow_page.c -- the pages of flows: the list, the editor with what runs through it, the people in
 * it, and what can be done with them. */
#include "marketing/flow_page.h"
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "store/queue.h"

enum { PEOPLE_ROWS = 50, CHOICES_MAX = 300, PERCENT = 100 };

static void put_option(struct val *list, const char *value, const char *text, bool selected)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", selected);
}

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

/* ---- numbers ---- */
struct number {
    const char *node, *what;
    i64 n;
};
struct flow_numbers {
    struct number *list;
    size_t count, cap;
    struct arena *a;
};

static void add_number(struct flow_numbers *f, const char *node, const char *what, i64 n)
{
    if (f->count == f->cap) {
        struct number *more = NEW_N(f->a, struct number, f->cap ? f->cap * 2 : 64);
        if (f->count)
            memcpy(more, f->list, f->count * sizeof *more);
        f->list = more;
        f->cap = f->cap ? f->cap * 2 : 64;
    }
    f->list[f->count++] = (struct number){ arena_text(f->a, node), arena_text(f->a, what), n };
}

i64 flow_number(const struct flow_numbers *f, const char *node, const char *what)
{
    for (size_t i = 0; f && i < f->count; i++)
        if (text_is(f->list[i].node, node) && text_is(f->list[i].what, what))
            return f->list[i].n;
    return 0;
}

/* "here", "failed" and "stuck" are counted as they stand; the rest is kept by the taker. */
enum status flow_numbers_read(struct ctx *cx, i64 flow_id, struct flow_numbers **out)
{
    static const char *const states[] = { "here", "held", "failed", "stuck" };
    struct flow_numbers *f = NEW(cx->arena, struct flow_numbers);

    f->a = cx->arena;
    scoped(stmt_close) struct stmt q = db_query(cx, "flow.numbers", I64("flow", flow_id));
    while (stmt_next(&q))
        add_number(f, col_text(&q, 0), col_text(&q, 1), col_i64(&q, 2));
    TRY(stmt_status(&q));
    scoped(stmt_close) struct stmt here = db_query(cx, "flow.here", I64("flow", flow_id));
    while (stmt_next(&here))
        add_number(f, col_text(&here, 0), states[col_i64(&here, 1) & 3], col_i64(&here, 2));
    *out = f;
    return stmt_status(&here);
}

static i64 inside(const struct flow_numbers *f, const char *node)
{
    return flow_number(f, node, "here") + flow_number(f, node, "held") +
           flow_number(f, node, "failed") + flow_number(f, node, "stuck");
}

static i64 all_inside(const struct flow_numbers *f)
{
    i64 sum = 0;

    for (size_t i = 0; i < f->count; i++)
        if (text_is(f->list[i].what, "here") || text_is(f->list[i].what, "held") ||
            text_is(f->list[i].what, "failed") || text_is(f->list[i].what, "stuck"))
            sum += f->list[i].n;
    return sum;
}

/* The middle of the times at a step, of its slots; -1: nobody has left it. */
static i64 median_ms(const struct flow_numbers *f, const char *node)
{
    enum { SLOTS = 400 };
    i64 slots[SLOTS] = { 0 }, sum = 0, seen = 0, slot;

    for (size_t i = 0; i < f->count; i++)
        if (text_is(f->list[i].node, node) && f->list[i].what[0] == 't' &&
            str_i64(str_from(f->list[i].what + 1), &slot) && slot >= 0 && slot < SLOTS) {
            slots[slot] += f->list[i].n;
            sum += f->list[i].n;
        }
    for (slot = 0; slot < SLOTS && sum > 0; slot++) {
        seen += slots[slot];
        if (seen * 2 >= sum)
            return flow_time_of_slot((int)slot);
    }
    return -1;
}

static const char *span_words(struct ctx *cx, i64 ms)
{
    if (ms < MS_SECOND)
        return "at once";
    if (ms >= 3 * (i64)MS_DAY / 2)
        return arena_printf(cx->arena, "%lld days", (long long)((ms + MS_DAY / 2) / MS_DAY));
    return show_seconds(cx->arena, ms / MS_SECOND);
}

/* ---- the tree ---- */
static void put_problems(const struct flow_drawing *d, const char *id, struct val *into)
{
    struct val *list = val_put_list(into, "problems");

    for (size_t i = 0; i < val_count(d->problems); i++) {
        const struct val *one = val_at(d->problems, i);
        if (text_is(val_get_text(one, "step"), id))
            val_put_text(val_add_map(list), "text", val_get_text(one, "text"));
    }
    val_put_bool(into, "has_problems", val_count(list) > 0);
}

static void put_count(const struct flow_drawing *d, struct val *into, const char *key,
                      const char *node, const char *what)
{
    i64 n = d->count     ? d->count(d->arg, node, what)
            : d->numbers ? flow_number(d->numbers, node, what)
                         : 0;

    val_put_text(into, key, n ? show_number(d->cx->arena, n) : "");
}

static void put_step_numbers(const struct flow_drawing *d, const char *id, struct val *into)
{
    i64 here = d->numbers && !d->count ? inside(d->numbers, id) : 0, median = -1,
        bad = d->numbers && !d->count
                  ? flow_number(d->numbers, id, "failed") + flow_number(d->numbers, id, "stuck")
                  : 0;

    put_count(d, into, "in", id, "in");
    val_put_text(into, "here", here ? show_number(d->cx->arena, here) : "");
    val_put_text(into, "bad", bad ? show_number(d->cx->arena, bad) : "");
    if (d->numbers && !d->count)
        median = median_ms(d->numbers, id);
    val_put_text(into, "median", median >= MS_SECOND ? span_words(d->cx, median) : "");
    val_put_printf(into, "people_url", "%s/people?step=%s", d->path, id);
}

static void put_place(const struct flow_drawing *d, const char *place, struct val *into)
{
    val_put_text(into, "place", place);
    val_put_printf(into, "add_url", "%s?at=%s", d->path, place);
    val_put_bool(into, "edits", d->edits);
}

static const char *path_words(const struct flow_drawing *d, const struct val *step,
                              const struct val *path)
{
    const struct val *share = val_get(path, "share");
    const char *name = val_get_text(path, "name");

    (void)step;
    if (share)
        return arena_printf(d->cx->arena, "%s · %lld%%", name, (long long)val_as_i64(share, 0));
    return text_empty(name) ? "Path" : name;
}

static void draw_step(struct flow_drawing *d, const struct val *step, struct val *into)
{
    struct ctx *cx = d->cx;
    const struct flow_kind *kind = flow_kind(val_get_text(step, "kind"));
    const char *id = val_get_text(step, "id");
    const struct flow_step *planned = d->plan ? flow_plan_step(d->plan, id) : NULL, *to;
    const struct val *paths = val_get(step, "paths");
    struct val *list = val_put_list(into, "paths");

    val_put_text(into, "id", id);
    val_put_text(into, "number", planned ? planned->number : "");
    val_put_text(into, "kind", kind ? kind->name : "");
    val_put_text(into, "group", kind ? kind->group : "");
    val_put_text(into, "label", kind ? kind->label : val_get_text(step, "kind"));
    val_put_text(into, "icon", kind ? kind->icon : "bolt");
    val_put_text(into, "words", kind ? flow_words(cx, kind, step) : "");
    if (kind && text_is(kind->name, "goto") && planned && planned->jump >= 0) {
        to = &d->plan->steps[planned->jump];
        val_put_printf(into, "words", "Step %s: %s", to->number, flow_words(cx, to->kind, to->v));
    }
    val_put_printf(into, "url", "%s?step=%s", d->path, id);
    val_put_bool(into, "on", d->selected && text_is(d->selected, id));
    val_put_bool(into, "has_paths", val_count(paths) > 0);
    put_problems(d, id, into);
    put_step_numbers(d, id, into);
    put_place(d, arena_printf(cx->arena, "after:%s", id), into);
    for (size_t i = 0; i < val_count(paths); i++) {
        const struct val *path = val_at(paths, i);
        const char *path_id = val_get_text(path, "id");
        struct val *one = val_add_map(list);
        val_put_text(one, "text", path_words(d, step, path));
        put_count(d, one, "in", id, arena_printf(cx->arena, "way:%s", path_id));
        flow_draw(d, val_get(path, "steps"), arena_printf(cx->arena, "path:%s:%s", id, path_id),
                  val_put_map(one, "list"));
    }
}

void flow_draw(struct flow_drawing *d, const struct val *steps, const char *place, struct val *into)
{
    struct val *items = val_put_list(into, "items");

    put_place(d, place, into);
    val_put_bool(into, "is_empty", val_count(steps) == 0);
    for (size_t i = 0; i < val_count(steps); i++)
        draw_step(d, val_at(steps, i), val_add_map(items));
}

static void put_specs(struct flow_drawing *d, const struct val *definition, const char *key,
                      const struct flow_kind *kind, struct val *page)
{
    const struct val *list = val_get(definition, key);
    struct val *out = val_put_list(page, key);

    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *v = val_at(list, i);
        const char *id = val_get_text(v, "id");
        struct val *one = val_add_map(out);
        val_put_text(one, "id", id);
        val_put_text(one, "words", flow_words(d->cx, kind, v));
        val_put_printf(one, "url", "%s?step=%s", d->path, id);
        val_put_bool(one, "on", d->selected && text_is(d->selected, id));
        val_put_text(one, "filter",
                     text_empty(val_get_text(v, "filter")) ||
                             text_is(val_get_text(v, "on"), "filter")
                         ? ""
                         : flow_filter_words(d->cx, val_get_text(v, "filter")));
        put_count(d, one, "goal", id, "goal");
        put_problems(d, id, one);
    }
}

/* ---- the panel: one step, trigger, goal or the rules of entry ---- */
static void put_choices(struct val *list, const struct choice *c, const char *value, bool empty)
{
    if (empty)
        put_option(list, "", "", text_empty(value));
    for (; c && c->value; c++)
        put_option(list, c->value, c->label, text_is(c->value, value));
}

static void put_fields(struct ctx *cx, enum flow_how how, const char *value, struct val *list)
{
    const struct record_type *t = &contact_type;

    (void)cx;
    put_option(list, "", "", text_empty(value));
    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        bool date = f->kind == FIELD_DATE || f->kind == FIELD_TIME;
        if (f->flags & INTERNAL || (how == ASK_DATE_FIELD && !date))
            continue;
        put_option(list, f->name, f->label, text_is(f->name, value));
    }
}

static void put_events(struct ctx *cx, const char *value, struct val *list)
{
    const struct event_kind *k;

    put_option(list, "", "", text_empty(value));
    for (size_t i = 0; i < CHOICES_MAX && (k = kit_event_kind_at(cx->kit, i)) != NULL; i++)
        if (!(k->flags & KIND_RETIRED) && strncmp(k->name, "flow_", 5) != 0)
            put_option(list, k->name, k->label, text_is(k->name, value));
}

static void put_steps(const struct flow_plan *p, struct ctx *cx, const char *value,
                      struct val *list)
{
    put_option(list, "", "", text_empty(value));
    for (int i = 0; p && i < p->step_count; i++)
        put_option(list, p->steps[i].id,
                   arena_printf(cx->arena, "%s  %s", p->steps[i].number,
                                flow_words(cx, p->steps[i].kind, p->steps[i].v)),
                   text_is(p->steps[i].id, value));
}

static void put_is(struct val *input, const char *control, const char *kind)
{
    val_put_bool(val_put_map(input, "is"), control, true);
    val_put_text(input, "kind", kind);
}

static void put_line(struct val *input, const char *type)
{
    put_is(input, "line", "text");
    val_put_text(input, "input_type", type);
    val_put_text(input, "inputmode", "text");
    val_put_text(input, "autocomplete", "off");
}

static enum status put_control(struct ctx *cx, const struct flow_plan *p,
                               const struct flow_ask *ask, const char *value, struct val *input)
{
    switch (ask->how) {
    case ASK_LONG:
        put_is(input, "area", "long");
        val_put_i64(input, "rows", 5);
        break;
    case ASK_CHOICE:
        put_is(input, "choice", "choice");
        put_choices(val_put_list(input, "choices"), ask->choices, value, false);
        break;
    case ASK_BOOL:
        put_is(input, "bool", "bool");
        val_put_bool(input, "on", text_is(value, "true"));
        break;
    case ASK_REF:
        put_is(input, "ref", "ref");
        return page_ref_choices(cx, ask->ref, value, input);
    case ASK_FIELD:
    case ASK_DATE_FIELD:
        put_is(input, "choice", "choice");
        put_fields(cx, ask->how, value, val_put_list(input, "choices"));
        break;
    case ASK_EVENT:
        put_is(input, "choice", "choice");
        put_events(cx, value, val_put_list(input, "choices"));
        break;
    case ASK_STEP:
        put_is(input, "choice", "choice");
        put_steps(p, cx, value, val_put_list(input, "choices"));
        break;
    case ASK_SECRET:
        put_line(input, "password");
        val_put_text(input, "value", "");
        if (!text_empty(value))
            val_put_text(input, "help", "Set. Leave it empty to keep it.");
        break;
    default:
        put_line(input, ask->how == ASK_TIME ? "time" : "text");
    }
    return OK;
}

static const char *plain(struct ctx *cx, const struct flow_kind *kind, const struct val *v,
                         const char *name)
{
    const struct val *is = val_get(v, name);

    return is && val_kind_of(is) != VAL_TEXT ? val_print(cx->arena, is)
                                             : flow_answer(kind, v, name);
}

static void put_chips(struct ctx *cx, const char *text, struct val *ask)
{
    struct filter *f;
    struct val *list = val_put_list(ask, "chips");
    const struct val *chips;

    if (text_empty(text))
        return;
    if (filter_parse(cx, &contact_type, text, &f) != OK) {
        ctx_clear_error(cx);
        return;
    }
    chips = filter_chips(cx, f);
    for (size_t i = 0; i < val_count(chips); i++)
        val_put_text(val_add_map(list), "text", val_get_text(val_at(chips, i), "words"));
}

static enum status put_ask(struct req *rq, const struct flow_plan *p, const struct flow_kind *kind,
                           const struct flow_ask *ask, const struct val *answers,
                           const struct val *problems, const char *id, struct val *out)
{
    struct ctx *cx = rq->cx;
    const char *value = plain(cx, kind, answers, ask->name), *error = "";

    for (size_t i = 0; i < val_count(problems); i++)
        if (text_is(val_get_text(val_at(problems, i), "step"), id) &&
            text_is(val_get_text(val_at(problems, i), "ask"), ask->name))
            error = val_get_text(val_at(problems, i), "text");
    val_put_printf(out, "field", "a_%s", ask->name);
    val_put_text(out, "label", ask->label);
    val_put_text(out, "value", value);
    val_put_bool(out, "optional", true); /* a draft may be saved with holes */
    val_put_text(out, "help", ask->help ? ask->help : "");
    val_put_text(out, "error", error);
    val_put_bool(out, "is_filter", ask->how == ASK_FILTER);
    val_put_text(out, "only", ask->only ? arena_printf(cx->arena, "a_%s", ask->only) : "");
    val_put_text(out, "only_is", ask->only ? ask->only_is : "");
    val_put_bool(out, "off", !flow_asked(ask, answers));
    if (ask->how != ASK_FILTER)
        return put_control(cx, p, ask, value, out);
    put_chips(cx, value, out);
    return page_filter_value(cx, &contact_type, req_query(rq, "add_field"),
                             val_put_map(out, "add"));
}

static void put_path_rows(struct ctx *cx, const struct flow_kind *kind, const struct val *step,
                          struct val *panel)
{
    const struct val *paths = val_get(step, "paths");
    bool split = text_is(kind->name, "split"),
         by_field = text_is(flow_answer(kind, step, "by"), "field");
    struct val *list = val_put_list(panel, "path_rows");

    (void)cx;
    val_put_bool(panel, "has_path_rows", kind->paths == PATHS_FREE);
    for (size_t i = 0; kind->paths == PATHS_FREE && i < val_count(paths); i++) {
        const struct val *path = val_at(paths, i);
        struct val *one = val_add_map(list);
        bool last = i + 1 == val_count(paths);
        val_put_text(one, "id", val_get_text(path, "id"));
        val_put_text(one, "name", val_get_text(path, "name"));
        val_put_i64(one, "share", val_get_i64(path, "share", 0));
        val_put_text(one, "filter", val_get_text(path, "filter"));
        val_put_text(one, "value", val_get_text(path, "value"));
        val_put_bool(one, "with_share", split);
        val_put_bool(one, "with_filter", !split && !by_field && !last);
        val_put_bool(one, "with_value", !split && by_field && !last);
        val_put_bool(one, "can_drop", val_count(paths) > 2 && !(last && !split));
    }
}

/* Where a step can be moved or copied to. */
static void put_places(struct ctx *cx, const struct flow_plan *p, struct val *panel)
{
    struct val *list = val_put_list(panel, "places");

    put_option(list, "start", "At the start", false);
    for (int i = 0; i < p->step_count; i++) {
        const struct flow_step *s = &p->steps[i];
        put_option(
            list, arena_printf(cx->arena, "after:%s", s->id),
            arena_printf(cx->arena, "Behind %s  %s", s->number, flow_words(cx, s->kind, s->v)),
            false);
        for (int k = 0; k < s->path_count; k++)
            put_option(list, arena_printf(cx->arena, "path:%s:%s", s->id, s->paths[k].id),
                       arena_printf(cx->arena, "First in %s  %s", s->number, s->paths[k].name),
                       false);
    }
}

static enum status put_form(struct req *rq, const struct flow_plan *p, const struct flow_kind *kind,
                            const struct val *answers, const struct val *problems, const char *id,
                            const char *action, struct val *panel)
{
    struct val *asks = val_put_list(panel, "asks");

    val_put_bool(panel, "is_form", true);
    val_put_text(panel, "title", kind->label);
    val_put_text(panel, "about", kind->about);
    val_put_text(panel, "icon", kind->icon);
    val_put_text(panel, "action", action);
    val_put_text(panel, "id", id);
    val_put_bool(panel, "is_step", kind->group[0] != '\0');
    val_put_bool(panel, "can_remove", kind == &flow_trigger_kind || kind == &flow_goal_kind);
    for (size_t i = 0; i < kind->ask_count; i++)
        TRY(put_ask(rq, p, kind, &kind->asks[i], answers, problems, id, val_add_map(asks)));
    put_path_rows(rq->cx, kind, answers, panel);
    put_places(rq->cx, p, panel);
    return OK;
}

static void put_add_menu(const char *path, const char *at, struct val *panel)
{
    struct val *groups = val_put_list(panel, "groups"), *items = NULL;
    const char *group = "";
    const struct flow_kind *k;

    val_put_bool(panel, "is_add", true);
    val_put_printf(panel, "action", "%s/add", path);
    val_put_text(panel, "at", at);
    for (size_t i = 0; (k = flow_kind_at(i)) != NULL; i++) {
        if (!text_is(group, k->group)) {
            struct val *g = val_add_map(groups);
            val_put_text(g, "text", k->group);
            items = val_put_list(g, "kinds");
            group = k->group;
        }
        struct val *one = val_add_map(items);
        val_put_text(one, "value", k->name);
        val_put_text(one, "text", k->label);
        val_put_text(one, "icon", k->icon);
        val_put_text(one, "about", k->about);
    }
}

static const struct val *find_spec(const struct val *definition, const char *key, const char *id)
{
    const struct val *list = val_get(definition, key);

    for (size_t i = 0; i < val_count(list); i++)
        if (text_is(val_get_text(val_at(list, i), "id"), id))
            return val_at(list, i);
    return NULL;
}

static enum status put_panel(struct req *rq, const char *path, const struct flow_plan *p,
                             const struct val *problems, const char *id, struct val *page)
{
    struct val *panel = val_put_map(page, "panel");
    const struct val *definition = p->definition, *v;
    const char *at = req_query(rq, "at");

    val_put_bool(panel, "is_form", false);
    val_put_bool(panel, "is_add", false);
    if (!text_empty(at)) {
        put_add_menu(path, at, panel);
        return OK;
    }
    if (text_is(id, "entry"))
        return put_form(rq, p, &flow_entry_kind, val_get(definition, "entry"), problems, "entry",
                        arena_printf(rq->cx->arena, "%s/parts/entry", path), panel);
    v = find_spec(definition, "triggers", id);
    if (v)
        return put_form(rq, p, &flow_trigger_kind, v, problems, id,
                        arena_printf(rq->cx->arena, "%s/parts/%s", path, id), panel);
    v = find_spec(definition, "goals", id);
    if (v)
        return put_form(rq, p, &flow_goal_kind, v, problems, id,
                        arena_printf(rq->cx->arena, "%s/parts/%s", path, id), panel);
    v = text_empty(id) ? NULL : flow_find_step(definition, id);
    if (v && flow_kind(val_get_text(v, "kind")))
        return put_form(rq, p, flow_kind(val_get_text(v, "kind")), v, problems, id,
                        arena_printf(rq->cx->arena, "%s/steps/%s", path, id), panel);
    return OK;
}

/* ---- the head of a flow's pages ---- */
static void put_tab(struct val *list, const char *text, const char *url, bool on)
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
    put_tab(tabs, "Steps", path, text_is(tab, "steps"));
    put_tab(tabs, "People", arena_printf(cx->arena, "%s/people", path), text_is(tab, "people"));
    put_tab(tabs, "Dry run", arena_printf(cx->arena, "%s/try", path), text_is(tab, "try"));
    put_tab(tabs, "Versions", arena_printf(cx->arena, "%s/versions", path),
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
    i64 in = flow_number(n, "", "in"), goals = flow_number(n, "", "goal"), bad = 0;

    for (size_t i = 0; i < n->count; i++)
        if (text_is(n->list[i].what, "failed") || text_is(n->list[i].what, "stuck"))
            bad += n->list[i].n;
    put_figure(cx, list, "Entered", in, "", arena_printf(cx->arena, "%s/people?state=all", path));
    put_figure(cx, list, "In it now", all_inside(n), "",
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
    put_specs(&d, p->definition, "triggers", &flow_trigger_kind, page);
    put_specs(&d, p->definition, "goals", &flow_goal_kind, page);
    TRY(flow_answers_words(cx, &flow_entry_kind, p->entry ? p->entry : val_map(cx->arena),
                           val_put_list(page, "entry")));
    val_put_bool(page, "entry_on", text_is(id, "entry"));
    put_problems(&d, "entry", val_put_map(page, "entry_state"));
    flow_draw(&d, val_get(p->definition, "steps"), "start", val_put_map(page, "tree"));
    for (size_t i = 0; i < val_count(problems); i++)
        if (text_empty(val_get_text(val_at(problems, i), "step")))
            val_put_text(val_add_map(whole), "text", val_get_text(val_at(problems, i), "text"));
    val_put(page, "whole_problems", whole);
    TRY(put_state(cx, flow, problems, page));
    val_put_text(page, "definition", row_text(flow, FLOW_DEFINITION));
    val_put_text(page, "selected", id);
    return put_panel(rq, d.path, p, problems, id, page);
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
    val_put_text(one, "inside", show_number(cx->arena, all_inside(n)));
    val_put_text(one, "goals", show_number(cx->arena, goals));
    val_put_text(one, "rate", rate_words(cx, goals, in));
    i64 bad = 0;
    for (size_t i = 0; i < n->count; i++)
        if (text_is(n->list[i].what, "failed") || text_is(n->list[i].what, "stuck"))
            bad += n->list[i].n;
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
        put_tab(list, tabs[i].text,
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
    val_put_text(page, "inside", show_number(cx->arena, all_inside(numbers)));
    val_put_bool(page, "has_inside", all_inside(numbers) > 0 && row_i64(flow, FLOW_VERSION) > 0);
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

/* ---- people ---- */
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
    val_put_bool(page, "is_trouble", code == 4);
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
        put_tab(list, filters[i].text,
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
        val_put_text(one, "took", span_words(cx, col_i64(&q, 3)));
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
    { HTTP_GET, "/flows/:id/people", people_get, READS },
    { HTTP_POST, "/flows/:id/people", people_post, CHANGES },
    { HTTP_POST, "/flows/:id/runs", runs_post, CHANGES },
    { HTTP_GET, "/flows/:id/runs/:run", run_get, READS },
    { HTTP_GET, "/flows/:id/try", flow_try_get, READS },
    { HTTP_GET, "/flows/:id/versions", flow_versions_get, READS },
    { HTTP_GET, "/api/v1/flows/:id/runs", api_runs, READS, .flags = ROUTE_API,
      .summary = "People in a flow, newest first: state is all, goal, left or trouble" },
    { HTTP_POST, "/api/v1/flows/:id/people", api_enter, CHANGES, .flags = ROUTE_API,
      .summary = "Lets a contact into a live flow: {contact} or {email}" },
    { HTTP_DELETE, "/api/v1/flows/:id/people/:contact", api_leave, CHANGES, .flags = ROUTE_API,
      .summary = "Takes a contact out of a flow" },
};
const struct feature feature_flow_page = {
    .name = "flow_page",
    ROUTES(routes),
};
