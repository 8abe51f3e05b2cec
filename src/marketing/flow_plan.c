/* flow_plan.c -- a definition becomes a plan: a list of steps that know what goes on behind them.
 * What is wrong with it is told step by step, for whoever makes it. */
#include "base/id.h"
#include "base/json.h"
#include "kit/filter.h"
#include "mail/content.h"
#include "marketing/flow_int.h"
#include <stdio.h>

enum { TO_BEHIND = -2, ID_BYTES = 20, PERCENT = 100, TEXT_MAX = 20000 };

struct reading {
    struct ctx *cx;
    struct arena *a;
    struct flow_plan *plan;
    struct val *problems; /* NULL: not asked for */
    int *parents, cap;
};

static void problem(struct reading *r, const char *step, const char *ask, const char *text)
{
    struct val *one;

    if (r->problems == NULL)
        return;
    one = val_add_map(r->problems);
    val_put_text(one, "step", step);
    val_put_text(one, "ask", ask);
    val_put_text(one, "text", text);
}
#define PROBLEM(r, step, ask, ...) \
    problem((r), (step), (ask), arena_printf((r)->cx->arena, __VA_ARGS__))

/* ---- answers ---- */
static const char *printed(struct reading *r, const struct flow_kind *kind, const struct val *v,
                           const char *name)
{
    const struct val *is = val_get(v, name);

    return is && val_kind_of(is) != VAL_TEXT ? val_print(r->cx->arena, is)
                                             : flow_answer(kind, v, name);
}

static bool is_time(const char *text)
{
    int hour, minute, end = 0;

    return sscanf(text, "%2d:%2d%n", &hour, &minute, &end) == 2 && text[end] == '\0' && hour >= 0 &&
           hour < 24 && minute >= 0 && minute < 60;
}

static bool are_days(const char *text)
{
    static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
    struct str rest = str_from(text), part;

    while (str_split(&rest, ',', &part)) {
        bool known = false;
        for (size_t i = 0; i < countof(names); i++)
            known |= str_is(str_trim(part), names[i]);
        if (!known)
            return false;
    }
    return true;
}

static const struct record_type *contacts(struct reading *r) { return type_find(r->cx, "contact"); }

static void check_filter(struct reading *r, const char *step, const struct flow_ask *ask,
                         const char *text)
{
    struct filter *f;

    if (filter_parse(r->cx, contacts(r), text, &f) == OK)
        return;
    PROBLEM(r, step, ask->name, "%s: %s", ask->label, r->cx->error_text);
    ctx_clear_error(r->cx);
}

static void check_ref(struct reading *r, const char *step, const struct flow_ask *ask,
                      const char *text)
{
    const struct record_type *t = type_find(r->cx, ask->ref);
    struct row *row;
    i64 id;

    if (t && id_parse(str_from(text), &id) && record_get(r->cx, t, id, &row) == OK)
        return;
    ctx_clear_error(r->cx);
    PROBLEM(r, step, ask->name, "%s: what was chosen is no longer there, or not yours to see.",
            ask->label);
}

static void check_field(struct reading *r, const char *step, const struct flow_ask *ask,
                        const char *text)
{
    int i = type_field(contacts(r), text);
    const struct field *f = i < 0 ? NULL : &contacts(r)->fields[i];

    if (f == NULL || f->flags & INTERNAL)
        PROBLEM(r, step, ask->name, "%s: contacts have no field '%s'.", ask->label, text);
    else if (ask->how == ASK_DATE_FIELD && f->kind != FIELD_DATE && f->kind != FIELD_TIME)
        PROBLEM(r, step, ask->name, "%s: %s is no date.", ask->label, f->label);
}

static void check_int(struct reading *r, const char *step, const struct flow_ask *ask,
                      const char *text)
{
    i64 n;

    if (!str_i64(str_from(text), &n))
        PROBLEM(r, step, ask->name, "%s: '%s' is no whole number.", ask->label, text);
    else if ((ask->min || ask->max) && (n < ask->min || n > ask->max))
        PROBLEM(r, step, ask->name, "%s: %lld is not between %lld and %lld.", ask->label,
                (long long)n, (long long)ask->min, (long long)ask->max);
}

static void check_choice(struct reading *r, const char *step, const struct flow_ask *ask,
                         const char *text)
{
    for (const struct choice *c = ask->choices; c->value; c++)
        if (text_is(c->value, text))
            return;
    PROBLEM(r, step, ask->name, "%s: '%s' is not one of the choices.", ask->label, text);
}

static void check_answer(struct reading *r, const char *step, const struct flow_ask *ask,
                         const char *text)
{
    switch (ask->how) {
    case ASK_INT:
        check_int(r, step, ask, text);
        break;
    case ASK_CHOICE:
        check_choice(r, step, ask, text);
        break;
    case ASK_FILTER:
        check_filter(r, step, ask, text);
        break;
    case ASK_REF:
        check_ref(r, step, ask, text);
        break;
    case ASK_FIELD:
    case ASK_DATE_FIELD:
        check_field(r, step, ask, text);
        break;
    case ASK_EVENT:
        if (kit_event_kind(r->cx->kit, text) == NULL)
            PROBLEM(r, step, ask->name, "%s: there is no event '%s'.", ask->label, text);
        break;
    case ASK_TIME:
        if (!is_time(text))
            PROBLEM(r, step, ask->name, "%s: '%s' is no time of day; write 09:30.", ask->label,
                    text);
        break;
    case ASK_DAYS:
        if (!are_days(text))
            PROBLEM(r, step, ask->name, "%s: '%s'; write mon, tue, wed, thu, fri, sat or sun.",
                    ask->label, text);
        break;
    case ASK_URL:
        if (!str_starts(str_from(text), "https://") && !str_starts(str_from(text), "http://"))
            PROBLEM(r, step, ask->name, "%s: '%s' is no web address.", ask->label, text);
        break;
    case ASK_SECRET:
        if (strlen(text) < LIMIT_FLOW_SECRET)
            PROBLEM(r, step, ask->name, "%s: at least %d characters.", ask->label,
                    LIMIT_FLOW_SECRET);
        break;
    default:
        break;
    }
}

static void check_answers(struct reading *r, const char *step, const struct flow_kind *kind,
                          const struct val *v)
{
    for (size_t i = 0; r->problems && i < kind->ask_count; i++) {
        const struct flow_ask *ask = &kind->asks[i];
        const char *text = printed(r, kind, v, ask->name);
        if (!flow_asked(ask, v))
            continue;
        if (strlen(text) > TEXT_MAX)
            PROBLEM(r, step, ask->name, "%s is too long.", ask->label);
        else if (!text_empty(text))
            check_answer(r, step, ask, text);
        else if (ask->flags & REQUIRED)
            PROBLEM(r, step, ask->name, "%s is not filled in.", ask->label);
    }
}

static void check_words(struct reading *r, const char *step, const struct flow_kind *kind,
                        const struct val *v)
{
    static const char *const texts[] = { "subject", "text" };

    for (size_t i = 0; i < countof(texts); i++) {
        const char *text = flow_answer(kind, v, texts[i]);
        if (!strstr(text, "{{") || content_fill_check(r->cx, text) == OK)
            continue;
        problem(r, step, texts[i], r->cx->error_text);
        ctx_clear_error(r->cx);
    }
}

/* What a table of answers cannot say. */
static void check_more(struct reading *r, const char *step, const struct flow_kind *kind,
                       const struct val *v)
{
    const struct record_type *t = contacts(r);
    int field = type_field(t, flow_answer(kind, v, "field"));

    check_words(r, step, kind, v);
    if (text_is(kind->name, "mail") && text_empty(flow_answer(kind, v, "content"))) {
        if (text_empty(flow_answer(kind, v, "subject")))
            problem(r, step, "subject", "Choose a mail, or write a subject and a text.");
        else if (text_empty(flow_answer(kind, v, "text")))
            problem(r, step, "text", "The mail has no text yet.");
    }
    if (text_is(kind->name, "set") && field >= 0) {
        struct row *probe = row_new(r->cx, t);
        if (t->fields[field].flags & (COMPUTED | CREATE_ONLY))
            PROBLEM(r, step, "field", "%s is worked out; it cannot be set.",
                    t->fields[field].label);
        else if (row_parse(r->cx, probe, field, flow_answer(kind, v, "value")) != OK) {
            PROBLEM(r, step, "value", "Value: %s",
                    r->cx->field_errors ? r->cx->field_errors->message : r->cx->error_text);
            ctx_clear_error(r->cx);
        }
    }
    if ((kind == &flow_goal_kind || text_is(kind->name, "wait_event")) &&
        text_is(flow_answer(kind, v, "on"), "filter") && text_empty(val_get_text(v, "filter")))
        problem(r, step, "filter", "They match: write a filter.");
}

/* ---- specs: triggers and goals ---- */
u32 flow_spec_hears(const struct val *spec)
{
    static const struct {
        const char *on;
        u32 hears;
    } all[] = {
        { "event", HEARS_EVENT },         { "form", HEARS_FORM },   { "segment_in", HEARS_SEGMENT },
        { "segment_out", HEARS_SEGMENT }, { "field", HEARS_FIELD }, { "score", HEARS_FIELD },
        { "deal", HEARS_DEAL },           { "mail", HEARS_MAIL },   { "filter", HEARS_FILTER },
        { "date", HEARS_DATE },
    };
    const char *on = val_get_text(spec, "on");

    for (size_t i = 0; i < countof(all); i++)
        if (text_is(all[i].on, on))
            return all[i].hears;
    return 0;
}

static enum status read_specs(struct reading *r, const char *what, const struct flow_kind *kind,
                              size_t max, struct flow_spec **out, size_t *count)
{
    const struct val *list = val_get(r->plan->definition, what);

    *count = val_count(list);
    if (*count > max)
        return ctx_fail(r->cx, E_LIMIT, "a flow has at most %zu %s", max, what);
    *out = NEW_N(r->a, struct flow_spec, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        const struct val *v = val_at(list, i);
        const char *id = val_get_text(v, "id");
        if (val_kind_of(v) != VAL_MAP || text_empty(id) || strlen(id) > ID_BYTES)
            return ctx_fail(r->cx, E_INVALID, "%s %zu has no id", what, i + 1);
        (*out)[i] = (struct flow_spec){ id, v };
        r->plan->hears |= flow_spec_hears(v);
        check_answers(r, id, kind, v);
        check_more(r, id, kind, v);
    }
    return OK;
}

/* ---- steps ---- */
static int count_steps(const struct val *list, int depth)
{
    int n = 0;

    if (depth > LIMIT_FLOW_DEPTH)
        return LIMIT_FLOW_STEPS + 1;
    for (size_t i = 0; i < val_count(list) && n <= LIMIT_FLOW_STEPS; i++) {
        const struct val *paths = val_get(val_at(list, i), "paths");
        n++;
        for (size_t p = 0; p < val_count(paths) && n <= LIMIT_FLOW_STEPS; p++)
            n += count_steps(val_get(val_at(paths, p), "steps"), depth + 1);
    }
    return n;
}

static enum status read_list(struct reading *r, const struct val *list, int parent,
                             const char *prefix, int *first);

/* How many paths a step of this kind must have. */
static enum status path_count_fits(struct reading *r, const struct flow_step *s, size_t count)
{
    enum flow_paths p = s->kind->paths;
    size_t least = p == PATHS_NONE ? 0 : 2, most = p == PATHS_NONE ? 0 : 2;

    if (p == PATHS_FREE)
        most = LIMIT_FLOW_PATHS;
    if (count >= least && count <= most)
        return OK;
    return ctx_fail(r->cx, E_INVALID, "step %s (%s) has %zu paths; it needs %s", s->id,
                    s->kind->label, count,
                    p == PATHS_NONE   ? "none"
                    : p == PATHS_FREE ? "from two to twelve"
                                      : "two");
}

static void check_paths(struct reading *r, const struct flow_step *s)
{
    bool split = text_is(s->kind->name, "split"),
         by_field = text_is(flow_answer(s->kind, s->v, "by"), "field");
    static const struct flow_ask filter = { "filter", "The path's filter", ASK_FILTER };
    i64 sum = 0;

    for (int i = 0; i < s->path_count; i++) {
        const struct flow_path *p = &s->paths[i];
        i64 share = val_get_i64(p->v, "share", 0);
        sum += share;
        if (split && (share < 0 || share > PERCENT))
            PROBLEM(r, s->id, "paths", "%s: a share is from 0 to 100 percent.", p->name);
        if (split || i == s->path_count - 1)
            continue; /* the last path is all others' */
        if (by_field && text_empty(val_get_text(p->v, "value")))
            PROBLEM(r, s->id, "paths", "%s: say for which value.", p->name);
        else if (!by_field && text_empty(val_get_text(p->v, "filter")))
            PROBLEM(r, s->id, "paths", "%s: say for whom, by a filter.", p->name);
        else if (!by_field)
            check_filter(r, s->id, &filter, val_get_text(p->v, "filter"));
    }
    if (split && sum != PERCENT)
        PROBLEM(r, s->id, "paths", "The shares are %lld percent together; they must be 100.",
                (long long)sum);
}

static enum status read_paths(struct reading *r, struct flow_step *s)
{
    const struct val *paths = val_get(s->v, "paths");
    size_t count = val_count(paths);

    TRY(path_count_fits(r, s, count));
    s->path_count = (int)count;
    s->paths = NEW_N(r->a, struct flow_path, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct val *v = val_at(paths, i);
        struct flow_path *p = &s->paths[i];
        p->v = v;
        p->id = val_get_text(v, "id");
        p->name = val_get_text(v, "name");
        if (text_empty(p->id) || strlen(p->id) > ID_BYTES)
            return ctx_fail(r->cx, E_INVALID, "path %zu of step %s has no id", i + 1, s->id);
        TRY(read_list(r, val_get(v, "steps"), s->index,
                      arena_printf(r->a, "%s%c.", s->number, (char)('a' + i)), &p->first));
    }
    if (r->problems && s->kind->paths == PATHS_FREE)
        check_paths(r, s);
    return OK;
}

static enum status read_step(struct reading *r, const struct val *v, int parent, const char *number,
                             int *index)
{
    struct flow_plan *p = r->plan;
    struct flow_step *s = &p->steps[p->step_count];

    if (p->step_count >= r->cap)
        return ctx_fail(r->cx, E_LIMIT, "a flow has at most %d steps", LIMIT_FLOW_STEPS);
    *s = (struct flow_step){ .id = val_get_text(v, "id"),
                             .kind = flow_kind(val_get_text(v, "kind")),
                             .v = v,
                             .index = p->step_count,
                             .next = TO_BEHIND,
                             .jump = PLAN_END,
                             .number = number };
    r->parents[p->step_count] = parent;
    *index = p->step_count++;
    if (val_kind_of(v) != VAL_MAP || text_empty(s->id) || strlen(s->id) > ID_BYTES)
        return ctx_fail(r->cx, E_INVALID, "step %s has no id", number);
    if (s->kind == NULL)
        return ctx_fail(r->cx, E_INVALID, "step %s (%s): there is no kind '%s'", number, s->id,
                        val_get_text(v, "kind"));
    if (flow_plan_step(p, s->id) != s)
        return ctx_fail(r->cx, E_INVALID, "two steps have the id '%s'", s->id);
    s->seed = str_hash(str_from(arena_printf(r->a, "%lld/%s", (long long)p->flow_id, s->id)));
    if (text_is(s->kind->name, "wait_event"))
        p->hears |= flow_spec_hears(v);
    check_answers(r, s->id, s->kind, v);
    if (r->problems)
        check_more(r, s->id, s->kind, v);
    return read_paths(r, s);
}

static enum status read_list(struct reading *r, const struct val *list, int parent,
                             const char *prefix, int *first)
{
    int last = TO_BEHIND;

    *first = TO_BEHIND;
    for (size_t i = 0; i < val_count(list); i++) {
        int index = 0;
        TRY(read_step(r, val_at(list, i), parent, arena_printf(r->a, "%s%zu", prefix, i + 1),
                      &index));
        if (last == TO_BEHIND)
            *first = index;
        else
            r->plan->steps[last].next = index;
        last = index;
    }
    return OK;
}

static int behind(const struct reading *r, int step)
{
    for (; step >= 0; step = r->parents[step])
        if (r->plan->steps[step].next != TO_BEHIND)
            return r->plan->steps[step].next;
    return PLAN_END;
}

static void resolve(struct reading *r)
{
    struct flow_plan *p = r->plan;

    if (p->first == TO_BEHIND)
        p->first = PLAN_END;
    for (int i = 0; i < p->step_count; i++)
        for (int k = 0; k < p->steps[i].path_count; k++)
            if (p->steps[i].paths[k].first == TO_BEHIND)
                p->steps[i].paths[k].first = behind(r, i);
    for (int i = p->step_count - 1; i >= 0; i--)
        p->steps[i].next = behind(r, i);
    for (int i = 0; i < p->step_count; i++) {
        struct flow_step *s = &p->steps[i];
        const struct flow_step *to;
        if (!text_is(s->kind->name, "goto"))
            continue;
        to = flow_plan_step(p, val_get_text(s->v, "to"));
        if (to == NULL && !text_empty(val_get_text(s->v, "to")))
            problem(r, s->id, "to", "Step: the step to go to is gone.");
        s->jump = to ? to->index : PLAN_END;
    }
}

const struct flow_step *flow_plan_step(const struct flow_plan *p, const char *id)
{
    for (int i = 0; i < p->step_count; i++)
        if (text_is(p->steps[i].id, id))
            return &p->steps[i];
    return NULL;
}

static void check_whole(struct reading *r)
{
    const struct flow_plan *p = r->plan;

    if (p->step_count == 0)
        problem(r, "", "", "The flow has no step yet: add one.");
    if (p->trigger_count == 0)
        problem(r, "", "", "Nothing starts the flow yet: add a trigger, be it by hand.");
}

enum status flow_plan_read(struct ctx *cx, struct arena *a, i64 flow_id, const char *json,
                           struct val *problems, struct flow_plan **out)
{
    struct flow_plan *p = NEW(a, struct flow_plan);
    struct reading r = { .cx = cx, .a = a, .plan = p, .problems = problems };
    struct json_error err;
    struct val *doc;

    *p = (struct flow_plan){ .arena = a, .flow_id = flow_id };
    if (json_read(a, str_from(text_empty(json) ? "{}" : json), &doc, &err) != OK)
        return ctx_fail(cx, E_INVALID, "the definition is no JSON (character %zu: %s)", err.offset,
                        err.message);
    if (val_kind_of(doc) != VAL_MAP)
        return ctx_fail(cx, E_INVALID, "the definition is no JSON object");
    p->definition = doc;
    p->entry = val_get(doc, "entry");
    r.cap = count_steps(val_get(doc, "steps"), 1);
    if (r.cap > LIMIT_FLOW_STEPS)
        return ctx_fail(cx, E_LIMIT, "a flow has at most %d steps, %d branches deep",
                        LIMIT_FLOW_STEPS, LIMIT_FLOW_DEPTH);
    p->steps = NEW_N(a, struct flow_step, (size_t)r.cap + 1);
    r.parents = NEW_N(a, int, (size_t)r.cap + 1);
    check_answers(&r, "entry", &flow_entry_kind, p->entry);
    TRY(read_specs(&r, "triggers", &flow_trigger_kind, LIMIT_FLOW_TRIGGERS, &p->triggers,
                   &p->trigger_count));
    TRY(read_specs(&r, "goals", &flow_goal_kind, LIMIT_FLOW_GOALS, &p->goals, &p->goal_count));
    for (size_t i = 0; i < p->goal_count; i++)
        p->filter_goals |= flow_spec_hears(p->goals[i].v) == HEARS_FILTER;
    TRY(read_list(&r, val_get(doc, "steps"), -1, "", &p->first));
    resolve(&r);
    check_whole(&r);
    *out = p;
    return OK;
}
