/* flow_panel.c -- the editor's panel: the form of one step, trigger, goal or the rules of entry,
 * and the menu of steps to add. */
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "marketing/flow_page.h"

enum { CHOICES_MAX = 300 };

static void put_option(struct val *list, const char *value, const char *text, bool selected)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", selected);
}

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

/* Where what was chosen is: a mail is worked on from the step that sends it. */
static const char *ref_path(struct ctx *cx, const struct flow_ask *ask, const char *value)
{
    const struct record_type *t = ask->how == ASK_REF ? type_find(cx, ask->ref) : NULL;

    return t && !text_empty(value) ? arena_printf(cx->arena, "/%s/%s", t->path, value) : "";
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
    val_put_text(out, "open_url", ref_path(cx, ask, value));
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

enum status flow_put_panel(struct req *rq, const char *path, const struct flow_plan *p,
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
