/* filter_need.c -- what the answer of a filter hangs on, so that who keeps answers knows when to
 * ask again: which fields of which records, reached over which references; which events; which
 * sets; and when time alone may change it. */
#include "kit/filter_int.h"
#include "kit/kit.h"

enum { NEEDS_FIRST = 8, NEEDS_MAX = 400 };

struct finding {
    struct ctx *cx;
    struct filter_need *list;
    size_t count, cap;
    bool full;
};

/* ---- what it looks at ---- */
static bool same_steps(const struct filter_need *a, const struct filter_need *b)
{
    if (a->step_count != b->step_count)
        return false;
    for (int i = 0; i < a->step_count; i++)
        if (a->steps[i].of != b->steps[i].of || a->steps[i].field != b->steps[i].field ||
            a->steps[i].back != b->steps[i].back)
            return false;
    return true;
}

static void add_need(struct finding *f, const struct filter_need *n)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct filter_need *known = &f->list[i];
        if (known->what == n->what && known->type == n->type && known->field == n->field &&
            known->event == n->event && known->set_id == n->set_id && same_steps(known, n))
            return;
    }
    if (f->count == NEEDS_MAX) {
        f->full = true;
        return;
    }
    if (f->count == f->cap) { /* most filters need few, and live segments keep theirs */
        f->cap = f->cap ? f->cap * 2 : NEEDS_FIRST;
        struct filter_need *more = NEW_N(f->cx->arena, struct filter_need, f->cap);
        if (f->count)
            memcpy(more, f->list, f->count * sizeof *more);
        f->list = more;
    }
    f->list[f->count++] = *n;
}

static void add_field(struct finding *f, const struct filter_need *at, const struct record_type *t,
                      int field)
{
    struct filter_need n = *at;

    n.what = NEED_FIELD;
    n.type = t;
    n.field = field;
    add_need(f, &n);
}

static void add_column(struct finding *f, const struct filter_need *at,
                       const struct filter_column *c)
{
    if (c->field >= 0)
        add_field(f, at, c->type, c->field);
    else if (c->system == SYSTEM_UPDATED_AT || c->system == SYSTEM_UPDATED_BY)
        add_field(f, at, c->type, NEED_ANY_FIELD);
}

static bool step(struct finding *f, struct filter_need *at, const struct record_type *of, int field,
                 bool back)
{
    if (at->step_count == FILTER_STEPS) {
        f->full = true;
        return false;
    }
    at->steps[at->step_count++] = (struct filter_step){ of, field, back };
    return true;
}

static void find_node(struct finding *f, const struct filter_need *from,
                      const struct filter_node *n);

static void find_call(struct finding *f, struct filter_need *at, const struct filter_call *c)
{
    if (c->of == NULL) {
        at->what = NEED_EVENTS;
        at->type = NULL;
        at->field = 0;
        at->event = c->code;
        add_need(f, at);
        return;
    }
    if (!step(f, at, c->of, c->by, true))
        return;
    add_field(f, at, c->of, NEED_IS_THERE);
    add_field(f, at, c->of, c->by);
    if (c->where)
        find_node(f, at, c->where);
}

static void find_test(struct finding *f, const struct filter_need *from,
                      const struct filter_node *n)
{
    struct filter_need at = *from;

    for (int i = 0; i < n->path.hop_count; i++) {
        const struct filter_column *hop = &n->path.hops[i];
        add_column(f, &at, hop);
        if (hop->field < 0) { /* who made or changed it last: a user, who is not followed further */
            f->full = true;
            return;
        }
        if (!step(f, &at, hop->type, hop->field, false))
            return;
        add_field(f, &at, type_find(f->cx, hop->f->ref), NEED_IS_THERE);
    }
    if (n->path.call) {
        find_call(f, &at, n->path.call);
    } else if (n->path.set) {
        at.what = NEED_SET;
        for (size_t i = 0; i < n->value_count || i == 0; i++) {
            at.set_id = n->value_count ? n->values[i].low : 0;
            add_need(f, &at);
        }
    } else {
        add_column(f, &at, &n->path.last);
    }
}

static void find_node(struct finding *f, const struct filter_need *from,
                      const struct filter_node *n)
{
    if (n->kind == FILTER_TEST)
        find_test(f, from, n);
    for (size_t i = 0; i < n->count; i++)
        find_node(f, from, n->children[i]);
}

enum status filter_needs(struct ctx *cx, const struct filter *f, const struct filter_need **list,
                         size_t *count)
{
    struct finding found = { .cx = cx };
    const struct filter_need here = { .type = f->type };

    add_field(&found, &here, f->type, NEED_IS_THERE);
    if (f->root)
        find_node(&found, &here, f->root);
    *list = found.list;
    *count = found.count;
    if (found.full)
        return ctx_fail_code(cx, E_INVALID, "filter.cannot_follow",
                             "This filter reaches too far to be followed by itself: use fewer "
                             "references, and none through who made or changed a record.");
    return OK;
}

/* ---- from what changed back to the filter's rows ---- */
/* Text (a JSON list, an array) of ids that the need's steps from `to` on lead to. */
enum status filter_reach(struct ctx *cx, const struct filter_need *n, int steps, const i64 *ids,
                         size_t count, i64 **out, size_t *out_count)
{
    struct sql q = sql_new(cx);
    size_t cap = 64, found = 0;
    i64 *list = NEW_N(cx->arena, i64, cap);

    if (steps == 0) {
        *out = NEW_N(cx->arena, i64, count + 1);
        memcpy(*out, ids, count * sizeof *ids);
        *out_count = count;
        return OK;
    }
    for (int i = 0; i < steps; i++) { /* the outermost is the filter's own type */
        const struct filter_step *s = &n->steps[i];
        const char *alias = arena_printf(cx->arena, "r%d", i),
                   *field = s->of->fields[s->field].name;
        const char *gives = s->back ? field : "id", *looks = s->back ? "id" : field;
        sql_addf(&q, "SELECT %s.", alias);
        sql_name(&q, gives);
        sql_add(&q, " FROM ");
        sql_name(&q, s->of->name);
        sql_addf(&q, " AS %s WHERE ", alias);
        if (s->back)
            sql_addf(&q, "%s.\"%s\" IS NOT NULL AND ", alias, gives);
        if (i + 1 == steps)
            filter_ids_sql(&q, alias, looks, ids, count);
        else
            sql_addf(&q, "%s.\"%s\" IN (", alias, looks);
    }
    for (int i = 1; i < steps; i++)
        sql_add(&q, ")");
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s)) {
        if (found == cap) {
            i64 *more = NEW_N(cx->arena, i64, cap * 2);
            memcpy(more, list, cap * sizeof *more);
            list = more;
            cap *= 2;
        }
        list[found++] = col_i64(&s, 0);
    }
    *out = list;
    *out_count = found;
    return stmt_status(&s);
}

/* ---- time ---- */
static void next_day(struct ctx *cx, i64 ahead_ms, i64 *due)
{
    const struct zone *zone = kit_zone(cx);
    i64 at = zone_instant(zone, zone_day(zone, ctx_now(cx) + ahead_ms) + 1, 0) - ahead_ms;

    if (*due == TIME_NONE || at < *due)
        *due = at;
}

static void whole_value(struct ctx *cx, const struct field *f, const struct filter_value *v,
                        i64 *due)
{
    if (v->how == HOW_PERIOD)
        next_day(cx, 0, due);
    else if (f->kind == FIELD_DATE && (v->how == HOW_NOW || v->how == HOW_RELATIVE))
        next_day(cx, v->how == HOW_RELATIVE && v->unit == 'h' ? v->amount * MS_HOUR : 0, due);
}

static void whole_node(struct ctx *cx, const struct filter_node *n, i64 *due)
{
    for (size_t i = 0; i < n->count; i++)
        whole_node(cx, n->children[i], due);
    if (n->kind != FILTER_TEST)
        return;
    for (size_t i = 0; i < n->value_count; i++)
        whole_value(cx, n->path.last.f, &n->values[i], due);
    if (n->path.call && n->path.call->windowed)
        whole_value(cx, &filter_count_field, &n->path.call->window, due);
    if (n->path.call && n->path.call->where)
        whole_node(cx, n->path.call->where, due);
}

i64 filter_due_all(struct ctx *cx, const struct filter *f)
{
    i64 due = TIME_NONE;

    if (f->root)
        whole_node(cx, f->root, &due);
    return due;
}

/* ---- time, as SQL: the next moment at which a row's own answer may turn ---- */
struct due_sql {
    struct ctx *cx;
    struct sql *q;
    i64 now;
    int parts;
};

static const char never[] = "9223372036854775807";

static void begin_part(struct due_sql *d)
{
    sql_add(d->q, d->parts++ ? ", COALESCE(" : "COALESCE(");
}

static void end_part(struct due_sql *d) { sql_addf(d->q, ", %s)", never); }

static bool moves(const struct filter_value *v)
{
    return v->how == HOW_RELATIVE || v->how == HOW_NOW;
}

/* Of a column that is compared with low, which moves with the time. */
static void turn_sql(struct due_sql *d, const struct filter_column *c, const char *alias,
                     const struct filter_value *v)
{
    sql_add(d->q, "CASE WHEN ");
    filter_column_sql(d->q, c, alias);
    sql_add(d->q, " > ");
    sql_i64(d->q, v->low);
    sql_add(d->q, " THEN ");
    filter_column_sql(d->q, c, alias);
    sql_add(d->q, " - ");
    sql_i64(d->q, v->low - d->now);
    sql_add(d->q, " WHEN ");
    filter_column_sql(d->q, c, alias);
    sql_add(d->q, " = ");
    sql_i64(d->q, v->low);
    sql_add(d->q, " THEN ");
    sql_i64(d->q, d->now + 1);
    sql_add(d->q, " END");
}

/* "(SELECT " for each reference up to the test's end; returns the alias there. */
static const char *open_hops(struct due_sql *d, const struct filter_path *p, const char *alias)
{
    for (int i = 0; i < p->hop_count; i++) {
        alias = arena_printf(d->cx->arena, "%sd", alias);
        sql_add(d->q, "(SELECT ");
    }
    return alias;
}

static void close_hops(struct due_sql *d, const struct filter_path *p, const char *alias)
{
    for (int i = p->hop_count; i-- > 0;) {
        size_t outer = strlen(alias) - (size_t)(p->hop_count - i);
        const char *inner = arena_dup(d->cx->arena, alias, outer + 1);
        sql_add(d->q, " FROM ");
        sql_name(d->q, p->hops[i].f->ref);
        sql_addf(d->q, " AS %s WHERE %s.id = ", inner, inner);
        filter_column_sql(d->q, &p->hops[i], arena_dup(d->cx->arena, alias, outer));
        sql_add(d->q, ")");
    }
}

static bool has_turns(const struct filter_node *n);

static bool call_turns(const struct filter_call *c)
{
    return c->of &&
           ((c->windowed && c->window.how == HOW_RELATIVE) || (c->where && has_turns(c->where)));
}

static bool test_turns(const struct filter_node *n)
{
    const struct filter_call *c = n->path.call;

    if (c && c->of == NULL)
        return false; /* filter_dues tells */
    if (c && call_turns(c))
        return true;
    for (size_t i = 0; n->path.last.f->kind == FIELD_TIME && i < n->value_count; i++)
        if (moves(&n->values[i]))
            return true;
    return false;
}

static bool has_turns(const struct filter_node *n)
{
    for (size_t i = 0; i < n->count; i++)
        if (has_turns(n->children[i]))
            return true;
    return n->kind == FILTER_TEST && test_turns(n);
}

static void node_due(struct due_sql *d, const struct filter_node *n, const char *alias);

static void least_begin(struct due_sql *d)
{
    sql_add(d->q, d->q->engine == DB_SQLITE ? "min(" : "LEAST(");
}

/* The soonest among the records that are counted, whether they count now or not. */
static void call_due(struct due_sql *d, const struct filter_node *n, const char *alias)
{
    const struct filter_call *c = n->path.call;
    const char *inner = arena_printf(d->cx->arena, "%sq", alias);
    struct filter_column made = { .type = c->of, .field = -1, .system = SYSTEM_CREATED_AT };
    static const struct field created = { "created_at", FIELD_TIME, "Created" };
    struct due_sql part = *d;
    struct filter_value since = c->window;

    made.f = &created;
    since.low--; /* it falls out a moment after it was the window's first */
    part.parts = 0;
    sql_add(d->q, "(SELECT min(");
    least_begin(d);
    if (c->windowed && c->window.how == HOW_RELATIVE) {
        begin_part(&part);
        turn_sql(&part, &made, inner, &since);
        end_part(&part);
    }
    for (size_t i = 0; c->fn != CALL_COUNT && i < n->value_count; i++) {
        if (!moves(&n->values[i]))
            continue;
        begin_part(&part);
        turn_sql(&part, &made, inner, &n->values[i]);
        end_part(&part);
    }
    if (c->where)
        node_due(&part, c->where, inner);
    sql_addf(d->q, ", %s, %s)) FROM ", never, never);
    sql_name(d->q, c->of->name);
    sql_addf(d->q, " AS %s WHERE %s.\"%s\" = ", inner, inner, c->of->fields[c->by].name);
    sql_addf(d->q, "%s.id)", alias);
}

static void node_due(struct due_sql *d, const struct filter_node *n, const char *alias)
{
    const char *inner;

    for (size_t i = 0; i < n->count; i++)
        node_due(d, n->children[i], alias);
    if (n->kind != FILTER_TEST || !test_turns(n))
        return;
    if (n->path.call) {
        begin_part(d);
        inner = open_hops(d, &n->path, alias);
        call_due(d, n, inner);
        close_hops(d, &n->path, inner);
        end_part(d);
        return;
    }
    for (size_t i = 0; i < n->value_count; i++) {
        if (!moves(&n->values[i]))
            continue;
        begin_part(d);
        inner = open_hops(d, &n->path, alias);
        turn_sql(d, &n->path.last, inner, &n->values[i]);
        close_hops(d, &n->path, inner);
        end_part(d);
    }
}

bool filter_due_sql(struct ctx *cx, const struct filter *f, const char *alias, struct sql *q)
{
    struct due_sql d = { .cx = cx, .q = q, .now = f->now_ms };

    if (f->root == NULL || !has_turns(f->root)) {
        sql_add(q, never);
        return false;
    }
    least_begin(&d);
    node_due(&d, f->root, alias);
    sql_addf(q, ", %s, %s)", never, never); /* two and more, or SQLite's min is another function */
    return true;
}

/* ---- whole answers ---- */
enum status filter_verdicts_sql(struct ctx *cx, const struct filter *f, const i64 *ids,
                                size_t count, struct sql *q, bool *timed)
{
    struct sql due = sql_new(cx);

    *timed = filter_due_sql(cx, f, "t", &due);
    sql_add(q, "SELECT t.id, ");
    if (ids || *timed) {
        sql_add(q, "CASE WHEN ");
        TRY(filter_sql(cx, f, "t", q));
        sql_add(q, " THEN 1 ELSE 0 END, ");
        (void)filter_due_sql(cx, f, "t", q);
    } else {
        sql_addf(q, "1, %s", never);
    }
    sql_add(q, " FROM ");
    sql_name(q, f->type->name);
    /* Without statistics SQLite takes the index of any range, then jumps from row to row. */
    sql_add(q, ids || q->engine != DB_SQLITE ? " AS t" : " AS t NOT INDEXED");
    sql_add(q, " WHERE t.deleted_at IS NULL AND ");
    if (ids) {
        filter_ids_sql(q, "t", "id", ids, count);
        return OK;
    }
    sql_add(q, *timed ? "((" : "(");
    TRY(filter_sql(cx, f, "t", q));
    if (*timed) {
        sql_add(q, ") OR ");
        (void)filter_due_sql(cx, f, "t", q);
        sql_addf(q, " < %s", never);
    }
    sql_add(q, ")");
    return OK;
}

static bool is_personal(const struct filter_node *n)
{
    for (size_t i = 0; i < n->count; i++)
        if (is_personal(n->children[i]))
            return true;
    for (size_t i = 0; n->kind == FILTER_TEST && i < n->value_count; i++)
        if (n->values[i].how == HOW_ME || n->values[i].how == HOW_MY_TEAM)
            return true;
    return n->kind == FILTER_TEST && n->path.call && n->path.call->where &&
           is_personal(n->path.call->where);
}

bool filter_is_personal(const struct filter *f) { return f->root && is_personal(f->root); }
