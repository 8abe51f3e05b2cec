/* flow_tree.c -- a flow's steps as a tree for pages, each with what is wrong with it and the
 * numbers of who came, is there and failed. */
#include "kit/show.h"
#include "marketing/flow_page.h"

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

i64 flow_all_inside(const struct flow_numbers *f)
{
    i64 sum = 0;

    for (size_t i = 0; i < f->count; i++)
        if (text_is(f->list[i].what, "here") || text_is(f->list[i].what, "held") ||
            text_is(f->list[i].what, "failed") || text_is(f->list[i].what, "stuck"))
            sum += f->list[i].n;
    return sum;
}

i64 flow_in_trouble(const struct flow_numbers *f)
{
    i64 sum = 0;

    for (size_t i = 0; i < f->count; i++)
        if (text_is(f->list[i].what, "failed") || text_is(f->list[i].what, "stuck"))
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

const char *flow_span_words(struct ctx *cx, i64 ms)
{
    if (ms < MS_SECOND)
        return "at once";
    if (ms >= 3 * (i64)MS_DAY / 2)
        return arena_printf(cx->arena, "%lld days", (long long)((ms + MS_DAY / 2) / MS_DAY));
    return show_seconds(cx->arena, ms / MS_SECOND);
}

/* ---- the tree ---- */
void flow_put_problems(const struct flow_drawing *d, const char *id, struct val *into)
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
    val_put_text(into, "came", d->count ? "would come" : "came");
    val_put_text(into, "here", here ? show_number(d->cx->arena, here) : "");
    val_put_text(into, "bad", bad ? show_number(d->cx->arena, bad) : "");
    if (d->numbers && !d->count)
        median = median_ms(d->numbers, id);
    val_put_text(into, "median", median >= MS_SECOND ? flow_span_words(d->cx, median) : "");
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
    flow_put_problems(d, id, into);
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

void flow_put_specs(struct flow_drawing *d, const struct val *definition, const char *key,
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
        flow_put_problems(d, id, one);
    }
}
