/* filter_call.c -- what a filter counts: events on a person's journey, records that point at a row;
 * and in which sets a row is. What the words mean, and SQL, text and sentence of it. Events are
 * settled in filter_event.c. */
#include "base/utf8.h"
#include "kit/filter_int.h"
#include "kit/kinds.h"
#include "kit/kit.h"
#include "kit/question_int.h"
#include "kit/record_past.h"
#include <strings.h>

enum { FEW_IDS = 500 }; /* of so few the rows are looked up */
const struct field filter_count_field = { "count", FIELD_INT, "Count" };
static const struct field time_fields[] = {
    [CALL_COUNT] = { "count", FIELD_INT, "Count" },
    [CALL_FIRST] = { "first", FIELD_TIME, "First" },
    [CALL_LAST] = { "last", FIELD_TIME, "Last" },
};

bool filter_is_call(const char *word)
{
    return strcasecmp(word, "count") == 0 || strcasecmp(word, "first") == 0 ||
           strcasecmp(word, "last") == 0;
}

/* ---- what may be counted ---- */
static bool may_read(struct ctx *cx, const char *resource)
{
    return access_scope(cx->access, resource, VERB_READ) != SCOPE_NONE;
}

static bool has_events(struct ctx *cx, const struct record_type *t)
{
    return (t->flags & TYPE_PERSON) != 0 && may_read(cx, "journey");
}

/* The field of `of` that points at records of t: this one, or the first there is. -1: none. */
static int pointer_of(const struct record_type *of, const struct record_type *t, const char *by)
{
    for (int i = 0; i < of->field_count; i++) {
        const struct field *f = &of->fields[i];
        if (f->kind == FIELD_REF && text_is(f->ref, t->name) && !(f->flags & INTERNAL) &&
            (by == NULL || text_is(f->name, by)))
            return i;
    }
    return -1;
}

size_t filter_callables(struct ctx *cx, const struct record_type *t, struct filter_callable *list,
                        size_t max)
{
    size_t count = 0, types;
    const struct record_type *const *all = type_all(cx, &types);
    const struct event_kind *kind;

    for (size_t i = 0; has_events(cx, t) && count < max; i++) {
        if ((kind = kit_event_kind_at(cx->kit, i)) == NULL)
            break;
        if (!(kind->flags & KIND_RETIRED))
            list[count++] = (struct filter_callable){ kind->name, kind->label, false };
    }
    for (size_t i = 0; i < types && count < max; i++)
        if (!(all[i]->flags & TYPE_SYSTEM) && may_read(cx, all[i]->name) &&
            pointer_of(all[i], t, NULL) >= 0)
            list[count++] = (struct filter_callable){ all[i]->name, all[i]->plural, true };
    return count;
}

static const char *known_names(struct ctx *cx, const struct record_type *t)
{
    enum { NAMES_MAX = 200, NAMES_BYTES = 400 };
    struct filter_callable list[NAMES_MAX];
    size_t count = filter_callables(cx, t, list, NAMES_MAX);
    struct buf b = buf_in(cx->arena, 2 * NAMES_BYTES);

    for (size_t i = 0; i < count && b.len < NAMES_BYTES; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", list[i].name);
    return count ? buf_end(&b) : "nothing";
}

enum status filter_call_make(struct ctx *cx, const struct record_type *t, const char *fn,
                             const char *what, const char *by, struct filter_path *out)
{
    struct filter_call *c = NEW(cx->arena, struct filter_call);
    const struct record_type *of = type_find(cx, what);

    c->fn = strcasecmp(fn, "count") == 0   ? CALL_COUNT
            : strcasecmp(fn, "first") == 0 ? CALL_FIRST
                                           : CALL_LAST;
    if (of && may_read(cx, of->name) && (c->by = pointer_of(of, t, by)) >= 0) {
        c->of = c->inner = of;
    } else if (by == NULL && has_events(cx, t) && kit_event_kind(cx->kit, what)) {
        c->kind = kit_event_kind(cx->kit, what);
        c->code = kit_event_code(cx->kit, what);
        c->inner = filter_event_type(cx, c->kind);
    } else {
        return ctx_fail_code(cx, E_INVALID, "filter.unknown_count",
                             "Of a %s one cannot count '%s%s%s'. There are: %s.",
                             text_in_sentence(cx->arena, t->label), utf8_cut(cx->arena, what, 60),
                             by ? "." : "", by ? utf8_cut(cx->arena, by, 60) : "",
                             known_names(cx, t));
    }
    out->call = c;
    out->last = (struct filter_column){
        .type = t,
        .field = -1,
        .f = c->fn == CALL_COUNT ? &filter_count_field : &time_fields[c->fn],
    };
    return OK;
}

const struct filter_set *filter_set_find(struct ctx *cx, const struct record_type *t,
                                         const char *name)
{
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < features[i]->filter_set_count; k++) {
            const struct filter_set *s = &features[i]->filter_sets[k];
            if (text_is(s->type, t->name) && text_is(s->name, name) && may_read(cx, s->of))
                return s;
        }
    return NULL;
}

/* ---- text and words ---- */
static const char *window_text(struct ctx *cx, const struct filter_value *v)
{
    if (v->how == HOW_PERIOD)
        return v->word;
    return arena_printf(cx->arena, "-%lld%c", (long long)-v->amount, v->unit);
}

void filter_call_text(struct ctx *cx, const struct filter_call *c, struct buf *b)
{
    static const char *const names[] = { "count", "first", "last" };

    buf_printf(b, "%s(%s", names[c->fn], c->of ? c->of->name : c->kind->name);
    if (c->of && c->by != pointer_of(c->of, type_find(cx, c->of->fields[c->by].ref), NULL))
        buf_printf(b, ".%s", c->of->fields[c->by].name);
    if (c->where) {
        buf_text(b, " where ");
        filter_node_text(cx, c->where, b);
    }
    if (c->windowed)
        buf_printf(b, ", %s", window_text(cx, &c->window));
    buf_char(b, ')');
}

static const char *window_words(struct ctx *cx, const struct filter_value *v)
{
    const char *unit = v->unit == 'h' ? "hour" : v->unit == 'd' ? "day" : "week";

    if (v->how == HOW_PERIOD)
        return arena_printf(cx->arena, "in %s",
                            text_lower_ascii(cx->arena, period_label(cx, v->word)));
    if (v->amount == -1)
        return arena_printf(cx->arena, "in the last %s", unit);
    return arena_printf(cx->arena, "in the last %lld %ss", (long long)-v->amount, unit);
}

const char *filter_call_words(struct ctx *cx, const struct filter_call *c)
{
    static const char *const of_events[] = { "Times", "First", "Last" };
    static const char *const of_records[] = { "Number of", "First of", "Last of" };
    struct buf b = buf_in(cx->arena, 64 * 1024);

    buf_printf(&b, "%s %s", c->of ? of_records[c->fn] : of_events[c->fn],
               c->of ? text_in_sentence(cx->arena, c->of->plural) : c->kind->label);
    if (c->where) {
        buf_text(&b, " (");
        filter_node_words(cx, c->where, &b);
        buf_char(&b, ')');
    }
    if (c->windowed)
        buf_printf(&b, " %s", window_words(cx, &c->window));
    return buf_end(&b);
}

/* ---- SQL: records that point here ---- */
static void name_sql(struct sql *q, const char *alias, const char *column)
{
    sql_name(q, alias);
    sql_add(q, ".");
    sql_name(q, column);
}

/* FROM ... WHERE ... of what is counted. */
static enum status counted_sql(struct ctx *cx, struct sql *q, const struct filter_call *c,
                               const char *alias, const char *inner)
{
    sql_add(q, " FROM ");
    source_sql(q, c->of);
    sql_addf(q, " AS %s WHERE ", inner);
    name_sql(q, inner, c->of->fields[c->by].name);
    sql_add(q, " = ");
    name_sql(q, alias, "id");
    sql_addf(q, " AND %s.deleted_at IS NULL", inner);
    if (!sees_all(cx, c->of)) {
        sql_add(q, " AND ");
        TRY(scope_sql(cx, c->of, inner, q));
    }
    if (c->windowed) {
        sql_addf(q, " AND %s.created_at >= ", inner);
        sql_i64(q, c->window.low);
    }
    if (c->windowed && c->window.how == HOW_PERIOD) {
        sql_addf(q, " AND %s.created_at < ", inner);
        sql_i64(q, c->window.high);
    }
    if (c->where) {
        sql_add(q, " AND ");
        TRY(filter_node_sql(cx, c->where, inner, q));
    }
    return OK;
}

static enum status number_sql(struct ctx *cx, struct sql *q, const struct filter_call *c,
                              const char *alias, const char *inner)
{
    static const char *const what[] = { "count(*)", "min(", "max(" };

    sql_addf(q, "(SELECT %s", what[c->fn]);
    if (c->fn != CALL_COUNT)
        sql_addf(q, "%s.created_at)", inner);
    TRY(counted_sql(cx, q, c, alias, inner));
    sql_add(q, ")");
    return OK;
}

/* Whether the comparison only asks if there is one; *any: there must be. */
static bool asks_for_one(const struct filter_node *n, enum filter_op op, bool *any)
{
    i64 v = n->value_count ? n->values[0].low : 0;

    if (n->path.call->fn != CALL_COUNT)
        *any = true;
    else
        *any = (op == OP_GT && v == 0) || (op == OP_GE && v == 1) || (op == OP_NE && v == 0);
    if (n->path.call->fn != CALL_COUNT)
        return op == OP_NOT_EMPTY;
    return *any || (op == OP_EQ && v == 0) || (op == OP_LT && v == 1) || (op == OP_LE && v == 0);
}

/* number, sign and value; of a time the half-open range that is meant. */
static enum status compare_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                               enum filter_op op, const struct filter_value *v, const char *alias,
                               const char *inner)
{
    static const char *const signs[] = { " = ", " <> ", " < ", " <= ", " > ", " >= " };
    const struct filter_call *c = n->path.call;

    if (c->fn == CALL_COUNT || (op != OP_EQ && op != OP_NE)) {
        bool low = c->fn == CALL_COUNT || op == OP_LT || op == OP_GE;
        TRY(number_sql(cx, q, c, alias, inner));
        sql_add(q, c->fn == CALL_COUNT ? signs[op] : op == OP_LT || op == OP_LE ? " < " : " >= ");
        sql_i64(q, low ? v->low : v->high);
        return OK;
    }
    TRY(number_sql(cx, q, c, alias, inner));
    sql_add(q, op == OP_EQ ? " >= " : " < ");
    sql_i64(q, v->low);
    sql_add(q, op == OP_EQ ? " AND " : " OR ");
    TRY(number_sql(cx, q, c, alias, inner));
    sql_add(q, op == OP_EQ ? " < " : " >= ");
    sql_i64(q, v->high);
    return OK;
}

static enum status records_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                               enum filter_op op, const char *alias)
{
    const char *inner = arena_printf(cx->arena, "%sc", alias);
    bool any;

    if (asks_for_one(n, op, &any)) {
        sql_add(q, any ? "EXISTS (SELECT 1" : "NOT EXISTS (SELECT 1");
        TRY(counted_sql(cx, q, n->path.call, alias, inner));
        sql_add(q, ")");
        return OK;
    }
    for (size_t i = 0; i < n->value_count; i++) {
        sql_add(q, i ? " OR ((" : "((");
        TRY(compare_sql(cx, q, n, op == OP_IN ? OP_EQ : op, &n->values[i], alias, inner));
        sql_add(q, ") IS TRUE)"); /* of none there is no first */
    }
    return OK;
}

/* ---- SQL: ids ---- */
void filter_ids_sql(struct sql *q, const char *alias, const char *column, const i64 *ids,
                    size_t count)
{
    struct buf b = buf_in(q->arena, count * 21 + 3);
    bool lite = q->engine == DB_SQLITE;

    buf_char(&b, lite ? '[' : '{');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(&b, ',');
        buf_i64(&b, ids[i]);
    }
    buf_char(&b, lite ? ']' : '}');
    name_sql(q, alias, column);
    /* As rows of their own: PostgreSQL would read an array anew for every row of a small table. */
    sql_add(q, lite ? " IN (SELECT value FROM json_each(" : " IN (SELECT unnest(CAST(");
    sql_text(q, buf_end(&b));
    sql_add(q, lite ? "))" : " AS BIGINT[])))");
}

static enum status events_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                              const char *alias)
{
    const struct filter_settled *s;

    TRY(filter_settle(cx, n->path.call->events, q->past ? past_at(q->past) : INT64_MAX));
    s = n->settled;
    if (s->count == 0) {
        sql_add(q, s->rest ? "1=1" : "1=0");
        return OK;
    }
    sql_add(q, s->rest ? "NOT (" : "(");
    if (q->engine == DB_SQLITE && s->count > FEW_IDS) { /* made by the store: db_sqlite.c */
        sql_add(q, "id_in(");
        sql_blob(q, s->ids, s->count * sizeof *s->ids);
        sql_add(q, ", ");
        name_sql(q, alias, "id");
        sql_add(q, ")");
    } else {
        filter_ids_sql(q, alias, "id", s->ids, s->count);
    }
    sql_add(q, ")");
    return OK;
}

enum status filter_call_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                            enum filter_op op, const char *alias)
{
    return n->path.call->of ? records_sql(cx, q, n, op, alias) : events_sql(cx, q, n, alias);
}

/* ---- sets ---- */
enum status filter_set_in_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                              enum filter_op op, const char *alias)
{
    const struct filter_set *s = n->path.set;
    const char *inner = arena_printf(cx->arena, "%sm", alias);

    sql_add(q, "EXISTS (SELECT 1 FROM ");
    sql_name(q, s->table);
    sql_addf(q, " AS %s WHERE ", inner);
    name_sql(q, inner, s->member_column);
    sql_add(q, " = ");
    name_sql(q, alias, "id");
    if (op == OP_HAS) {
        sql_add(q, " AND ");
        name_sql(q, inner, s->set_column);
        sql_add(q, " = ");
        sql_i64(q, n->values[0].low);
    }
    sql_add(q, ")");
    return OK;
}

/* ---- of one record ---- */
enum status filter_call_match(struct ctx *cx, const struct filter_node *n, enum filter_op op,
                              i64 id, bool *out)
{
    struct sql q;

    if (n->path.call && n->path.call->of == NULL)
        return filter_event_match(cx, n, id, out);
    q = sql_new(cx);
    sql_add(&q, "SELECT 1 FROM (SELECT CAST(");
    sql_i64(&q, id);
    sql_add(&q, " AS BIGINT) AS id) AS t WHERE ");
    if (n->path.call)
        TRY(filter_call_sql(cx, &q, n, op, "t"));
    else
        TRY(filter_set_in_sql(cx, &q, n, op, "t"));
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    *out = stmt_next(&s);
    return stmt_status(&s);
}
