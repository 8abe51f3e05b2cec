/* question_record.c -- record metrics as SQL: one type, its scope and filters, a period, a
 * dimension.
 *
 * By group   the engine adds up: GROUP BY the dimension's column, which may lie behind references
 * (outer joins, since a row
 *            without one still counts).
 * By time    the rows' dates and values come over and are put into days, weeks or months here: no
 * time zones in SQL, and it
 *            is as fast (100,000 rows: some 40 ms). Medians and distinct counts likewise, in order
 *            of value.
 * The date of a metric that has one lies in [from, to); a date without time does when its midnight
 * does.
 * As of a past day the same SQL reads the tables as they were (record_past.h). A state is asked
 * once for each bucket, as of its end. */
#include "base/id.h"
#include "kit/kinds.h"
#include "kit/kit.h"
#include "kit/list_int.h"
#include "kit/question_int.h"
#include "kit/record_past.h"
#include <stdlib.h>

enum { WIDE_ROWS = 30 * 1000, STATES_MAX = 200, PERCENT = 100 };

/* ---- columns ---- */
static enum status column_by_name(struct ctx *cx, const struct record_type *t, const char *path,
                                  struct filter_path *out)
{
    struct filter_token names[FILTER_HOPS + 1];
    struct str rest = str_from(path), part;
    size_t count = 0;

    while (count < countof(names) && str_split(&rest, '.', &part))
        names[count++] =
            (struct filter_token){ .kind = TOKEN_WORD, .text = str_dup(cx->arena, part) };
    if (count == 0 || rest.len > 0)
        return ctx_fail_code(cx, E_INVALID, "question.dimension", "'%s' is no field.", path);
    return filter_type_path(cx, t, names, count, out);
}

enum status dimension_path(struct ctx *cx, const struct metric *m, const char *dimension,
                           struct filter_path *out)
{
    const struct {
        const char *name, *path;
    } known[] = { { "channel", m->channel_path },
                  { "campaign", m->campaign_path },
                  { "owner", m->owner_path } };
    const struct record_type *t = type_find(cx, m->type);
    const char *path = dimension;
    struct ctx probe = *cx;

    for (size_t i = 0; i < countof(known); i++)
        if (text_is(known[i].name, dimension) && known[i].path)
            path = known[i].path;
    ctx_clear_error(&probe);
    *out = (struct filter_path){ 0 };
    if (column_by_name(&probe, t, path, out) == OK) {
        switch (out->last.f->kind) {
        case FIELD_TAGS:
        case FIELD_JSON:
        case FIELD_SECRET:
        case FIELD_LONG:
        case FIELD_DATE:
        case FIELD_TIME:
        case FIELD_MONEY:
        case FIELD_DECIMAL:
            break;
        default:
            return OK;
        }
    }
    return ctx_fail_code(cx, E_INVALID, "question.dimension", "%s cannot be split by '%s'.",
                         m->label, dimension);
}

/* ---- the period ---- */
static enum status date_column(struct ctx *cx, const struct metric *m, struct filter_column *out)
{
    struct filter_path path = { 0 };

    TRY(column_by_name(cx, type_find(cx, m->type), m->date, &path));
    *out = path.last;
    assert(path.hop_count == 0 && filter_kind_is_time(out->f));
    return OK;
}

/* First day whose midnight is not before ms. */
static i64 day_from(const struct zone *zone, i64 ms)
{
    i64 day = zone_day(zone, ms);

    return zone_instant(zone, day, 0) < ms ? day + 1 : day;
}

const char *period_filter(struct ctx *cx, const struct metric *m, i64 from_ms, i64 to_ms)
{
    const struct zone *zone = kit_zone(cx);
    i64 last = day_from(zone, to_ms) - 1, first;
    struct filter_column date;

    if (m->date == NULL || date_column(cx, m, &date) != OK)
        return "";
    if (from_ms == TIME_NONE)
        return date.f->kind == FIELD_DATE
                   ? arena_printf(cx->arena, "%s <= %s", m->date, date_iso(cx->arena, last))
                   : arena_printf(cx->arena, "%s < %s", m->date, time_iso(cx->arena, to_ms));
    first = day_from(zone, from_ms);
    bool whole =
        zone_instant(zone, first, 0) == from_ms && zone_instant(zone, last + 1, 0) == to_ms;
    if (whole || date.f->kind == FIELD_DATE)
        return arena_printf(cx->arena, "%s >= %s and %s <= %s", m->date, date_iso(cx->arena, first),
                            m->date, date_iso(cx->arena, last));
    return arena_printf(cx->arena, "%s >= %s and %s < %s", m->date, time_iso(cx->arena, from_ms),
                        m->date, time_iso(cx->arena, to_ms));
}

/* ---- SQL ---- */
struct asking {
    struct ctx *cx;
    struct leaf *leaf;
    const struct record_type *type;
    struct filter *filter;
    struct filter_column date, field, since; /* f NULL: none */
    struct filter_path group, weight;        /* last.f NULL: none */
    const char *group_alias;
    struct past *past; /* NULL: as things are */
};

static enum status read_filter(struct asking *a)
{
    const struct metric *m = a->leaf->metric;
    struct filter *own, *more;

    TRY(filter_parse(a->cx, a->type, m->filter ? m->filter : "", &own));
    TRY(filter_parse(a->cx, a->type, a->leaf->filter, &more));
    a->filter = filter_new(a->cx, a->type, filter_node_and(a->cx->arena, own->root, more->root));
    return OK;
}

/* What is looked at must be known to the past before SQL is made. */
static void need_all(struct asking *a)
{
    const struct filter_column *columns[] = { &a->date, &a->field, &a->since };

    a->past = past_new(a->cx, a->leaf->as_of_ms);
    past_need_filter(a->past, a->filter);
    for (size_t i = 0; i < countof(columns); i++)
        if (columns[i]->f)
            past_need_column(a->past, columns[i]);
    if (a->group.last.f)
        past_need_path(a->past, &a->group);
    if (a->weight.last.f)
        past_need_path(a->past, &a->weight);
}

static enum status prepare(struct asking *a)
{
    const struct metric *m = a->leaf->metric;
    const char *dimension = a->leaf->q->dimension;
    struct filter_path path = { 0 };

    TRY(access_check(a->cx, m->type, VERB_READ));
    TRY(read_filter(a));
    if (m->date)
        TRY(date_column(a->cx, m, &a->date));
    if (m->field) {
        TRY(column_by_name(a->cx, a->type, m->field, &path));
        a->field = path.last;
    }
    if (m->since) {
        path = (struct filter_path){ 0 };
        TRY(column_by_name(a->cx, a->type, m->since, &path));
        a->since = path.last;
    }
    if (m->weight)
        TRY(column_by_name(a->cx, a->type, m->weight, &a->weight));
    if (a->leaf->buckets == NULL && !a->leaf->by_time && !text_empty(dimension))
        TRY(dimension_path(a->cx, m, dimension, &a->group));
    if (a->leaf->as_of_ms)
        need_all(a);
    return OK;
}

static struct sql new_sql(const struct asking *a)
{
    struct sql q = sql_new(a->cx);

    q.past = a->past;
    return q;
}

/* FROM and the outer joins to the dimension's record. */
static enum status from_sql(struct asking *a, struct sql *q)
{
    const char *outer = "t";

    sql_add(q, " FROM ");
    source_sql(q, a->type);
    sql_add(q, " AS t");
    for (int i = 0; a->group.last.f && i < a->group.hop_count; i++) {
        const struct record_type *to = type_find(a->cx, a->group.hops[i].f->ref);
        const char *alias = arena_printf(a->cx->arena, "d%d", i + 1);
        sql_add(q, " LEFT JOIN ");
        source_sql(q, to);
        sql_addf(q, " AS %s ON %s.id = ", alias, alias);
        filter_column_sql(q, &a->group.hops[i], outer);
        sql_addf(q, " AND %s.deleted_at IS NULL AND ", alias);
        TRY(scope_sql(a->cx, to, alias, q));
        outer = alias;
    }
    a->group_alias = outer;
    return OK;
}

/* " AND date >= from AND date < to"; `sign` "+": SQLite is not to go by the date's index. */
static void period_sql(struct asking *a, const char *sign, struct sql *q)
{
    const struct zone *zone = kit_zone(a->cx);
    bool days = a->date.f->kind == FIELD_DATE;
    i64 ends[] = { a->leaf->from_ms, a->leaf->to_ms };

    for (int i = ends[0] == TIME_NONE; i < 2; i++) {
        sql_add(q, " AND ");
        sql_add(q, sign);
        filter_column_sql(q, &a->date, "t");
        sql_add(q, i == 0 ? " >= " : " < ");
        sql_i64(q, days ? day_from(zone, ends[i]) : ends[i]);
    }
}

/* Whether so many rows lie in the period that reading the table in its own order is cheaper than
 * row by row in the order of the date. Looks at the date's index alone. */
static enum status is_wide(struct asking *a, bool *wide)
{
    struct sql q = new_sql(a);

    *wide = false;
    if (a->past || q.engine != DB_SQLITE || !list_is_indexed(a->type, &a->date) ||
        (a->group.last.f == NULL && a->field.f == NULL && a->filter->root == NULL))
        return OK;
    sql_add(&q, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql_name(&q, a->type->name);
    sql_add(&q, " AS t WHERE 1=1");
    period_sql(a, "", &q);
    sql_addf(&q, " LIMIT %d)", WIDE_ROWS);
    scoped(stmt_close) struct stmt s = db_query_sql(a->cx, &q);
    *wide = stmt_next(&s) && col_i64(&s, 0) == WIDE_ROWS;
    return stmt_status(&s);
}

static enum status where_sql(struct asking *a, struct sql *q)
{
    bool wide = false, by_date = a->date.f && !a->past && list_is_indexed(a->type, &a->date);

    if (a->date.f)
        TRY(is_wide(a, &wide));
    TRY(list_where_sql(a->cx, a->type, a->filter, "", false, !by_date || wide, q));
    if (a->date.f)
        period_sql(a, wide ? "+" : "", q);
    return OK;
}

/* By what rows are grouped. A text that is empty and one of no record at all are both not known.
 * The + keeps SQLite from going along the group's index, which would read the rows in no order. */
static void group_by_sql(struct asking *a, const char *alias, struct sql *q)
{
    bool outer = a->group.hop_count > 0 && list_by_text(&a->group.last);

    sql_add(q, outer ? "coalesce(" : q->engine == DB_SQLITE ? "+" : "");
    filter_column_sql(q, &a->group.last, alias);
    sql_add(q, outer ? ", '')" : "");
}

/* What the group is known by: a text as it is written, or a number. */
static void group_sql(struct asking *a, const char *alias, struct sql *q)
{
    const struct filter_column *c = &a->group.last;

    if (c->f == NULL) {
        sql_add(q, "NULL");
    } else if (!c->system && field_storage(c->f) == STORED_FOLDED) {
        sql_add(q, "min(");
        sql_name(q, alias);
        sql_add(q, ".");
        sql_name(q, c->f->name);
        sql_add(q, ")");
    } else {
        group_by_sql(a, alias, q);
    }
}

/* The percent by which the field is weighted: of the row itself, or of a record that it points to;
 * 0 where there is none. */
static enum status weight_sql(struct asking *a, struct sql *q)
{
    const struct filter_path *path = &a->weight;
    const struct record_type *to = path->last.type;

    assert(path->hop_count <= 1);
    sql_add(q, "coalesce(");
    if (path->hop_count == 0) {
        filter_column_sql(q, &path->last, "t");
    } else {
        sql_add(q, "(SELECT ");
        filter_column_sql(q, &path->last, "w");
        sql_add(q, " FROM ");
        source_sql(q, to);
        sql_add(q, " AS w WHERE w.id = ");
        filter_column_sql(q, &path->hops[0], "t");
        sql_add(q, " AND w.deleted_at IS NULL AND ");
        TRY(scope_sql(a->cx, to, "w", q));
        sql_add(q, ")");
    }
    sql_add(q, ", 0)");
    return OK;
}

/* What is counted, summed, averaged of a row. */
static enum status field_sql(struct asking *a, struct sql *q)
{
    if (a->field.f == NULL) {
        sql_add(q, "1");
        return OK;
    }
    if (a->since.f == NULL && a->weight.last.f == NULL) {
        filter_column_sql(q, &a->field, "t");
        return OK;
    }
    sql_add(q, "(");
    filter_column_sql(q, &a->field, "t");
    if (a->since.f) {
        sql_add(q, " - ");
        filter_column_sql(q, &a->since, "t");
    }
    if (a->weight.last.f) {
        sql_add(q, " * ");
        TRY(weight_sql(a, q));
    }
    sql_add(q, ")");
    return OK;
}

/* What is not set is neither summed nor counted. */
static void field_set_sql(struct asking *a, struct sql *q)
{
    const struct filter_column *columns[] = { &a->field, &a->since };

    for (size_t i = 0; i < countof(columns); i++) {
        if (columns[i]->f == NULL)
            continue;
        sql_add(q, " AND ");
        filter_set_sql(q, columns[i], "t");
    }
}

static const char *group_alias(const struct asking *a)
{
    return a->group.hop_count ? arena_printf(a->cx->arena, "d%d", a->group.hop_count) : "t";
}

static const char *group_key(struct asking *a, struct stmt *s)
{
    const struct field *f = a->group.last.f;
    struct value v = { .text = "", .set = true };

    if (f == NULL || col_null(s, 0))
        return NULL;
    if (field_storage(f) == STORED_TEXT || field_storage(f) == STORED_FOLDED) {
        const char *text = col_text(s, 0);
        return text[0] ? arena_text(a->cx->arena, text) : NULL;
    }
    v.i = col_i64(s, 0);
    return kind_of(f)->plain(a->cx, f, &v);
}

/* ---- added up by the engine ---- */
static enum status add_cell(struct asking *a, struct cell **cell)
{
    struct leaf *l = a->leaf;

    if (l->count == GROUPS_MAX)
        return ctx_fail_code(a->cx, E_LIMIT, "question.too_many",
                             "%s by '%s' has more than %d groups. Narrow it with a filter.",
                             l->metric->label, l->q->dimension, GROUPS_MAX);
    if ((l->count & (l->count - 1)) == 0) { /* at each power of two */
        struct cell *more = NEW_N(a->cx->arena, struct cell, l->count ? l->count * 2 : 1);
        if (l->count)
            memcpy(more, l->cells, l->count * sizeof *more);
        l->cells = more;
    }
    *cell = &l->cells[l->count++];
    return OK;
}

static enum status ask_sums(struct asking *a)
{
    struct sql q = new_sql(a);
    struct leaf *l = a->leaf;
    struct cell *cell;

    sql_add(&q, "SELECT ");
    group_sql(a, group_alias(a), &q);
    sql_add(&q, ", count(");
    TRY(field_sql(a, &q));
    if (l->metric->aggregate == AGG_COUNT) {
        sql_add(&q, "), 0");
    } else {
        sql_add(&q, "), CAST(coalesce(sum(");
        TRY(field_sql(a, &q));
        sql_add(&q, "), 0) AS BIGINT)");
    }
    TRY(from_sql(a, &q));
    TRY(where_sql(a, &q));
    if (a->group.last.f) {
        sql_add(&q, " GROUP BY ");
        group_by_sql(a, a->group_alias, &q);
    }
    scoped(stmt_close) struct stmt s = db_query_sql(a->cx, &q);
    while (stmt_next(&s)) {
        i64 count = col_i64(&s, 1), sum = col_i64(&s, 2);
        l->total.count += count;
        l->total.sum += sum;
        if (a->group.last.f == NULL)
            continue;
        TRY(add_cell(a, &cell));
        *cell = (struct cell){ .key = group_key(a, &s), .count = count, .sum = sum };
    }
    return stmt_status(&s);
}

/* ---- row by row ---- */
struct values { /* of one cell, ascending */
    i64 *items;
    size_t count, cap;
};

static void keep_value(struct arena *a, struct values *v, i64 x)
{
    if (v->count == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 16;
        i64 *more = NEW_N(a, i64, cap);
        if (v->count)
            memcpy(more, v->items, v->count * sizeof *more);
        v->items = more;
        v->cap = cap;
    }
    v->items[v->count++] = x;
}

static void set_median(struct cell *c, const struct values *v)
{
    size_t middle = v->count / 2;

    c->count = (i64)v->count;
    c->defined = v->count > 0;
    if (c->defined)
        c->value = v->count % 2 ? (double)v->items[middle]
                                : ((double)v->items[middle - 1] + (double)v->items[middle]) / 2;
}

struct run { /* of equal values */
    i64 number;
    int rows;
};
struct fold {
    struct values total, *by_bucket;
    i64 run;               /* the number of the one that goes on */
    struct run all, *each; /* the last run, and that of each bucket */
    const char *last_text;
    i64 last_value;
};

/* Whether the row's value is another than that of the row before. */
static bool is_new_value(struct asking *a, struct fold *f, struct stmt *s)
{
    bool text = a->field.f && list_by_text(&a->field), fresh;

    if (text) {
        fresh = f->run == 0 || strcmp(f->last_text, col_text(s, 1)) != 0;
        if (fresh)
            f->last_text = arena_text(a->cx->arena, col_text(s, 1));
    } else {
        fresh = f->run == 0 || f->last_value != col_i64(s, 1);
        f->last_value = col_i64(s, 1);
    }
    f->run += fresh;
    return fresh;
}

/* Whether with this row the run has as many as count as one value. */
static bool run_counts(const struct asking *a, const struct fold *f, struct run *r)
{
    int least = a->leaf->metric->at_least > 1 ? a->leaf->metric->at_least : 1;

    if (r->number != f->run)
        *r = (struct run){ .number = f->run };
    return ++r->rows == least;
}

static void fold_row(struct asking *a, struct fold *f, struct stmt *s, struct cell *bucket,
                     size_t index)
{
    enum metric_aggregate how = a->leaf->metric->aggregate;
    i64 value = a->field.f && list_by_text(&a->field) ? 0 : col_i64(s, 1);

    if (how == AGG_COUNT_DISTINCT) {
        (void)is_new_value(a, f, s);
        a->leaf->total.count += run_counts(a, f, &f->all);
        if (bucket)
            bucket->count += run_counts(a, f, &f->each[index]);
        return;
    }
    if (how == AGG_MEDIAN) {
        keep_value(a->cx->arena, &f->total, value);
        if (bucket)
            keep_value(a->cx->arena, &f->by_bucket[index], value);
        return;
    }
    a->leaf->total.count++;
    a->leaf->total.sum += value;
    if (bucket) {
        bucket->count++;
        bucket->sum += value;
    }
}

static i64 row_instant_at(struct asking *a, i64 at)
{
    return a->date.f->kind == FIELD_DATE ? zone_instant(kit_zone(a->cx), at, 0) : at;
}

static i64 row_instant(struct asking *a, struct stmt *s)
{
    return row_instant_at(a, col_i64(s, 0));
}

static enum status ask_rows(struct asking *a)
{
    struct leaf *l = a->leaf;
    bool ordered = l->metric->aggregate == AGG_MEDIAN || l->metric->aggregate == AGG_COUNT_DISTINCT;
    size_t buckets = l->buckets ? l->buckets->count : 0;
    struct fold f = { .by_bucket = NEW_N(a->cx->arena, struct values, buckets + 1),
                      .each = NEW_N(a->cx->arena, struct run, buckets + 1) };
    struct sql q = new_sql(a);

    sql_add(&q, "SELECT ");
    if (a->date.f)
        filter_column_sql(&q, &a->date, "t");
    else
        sql_add(&q, "0");
    sql_add(&q, ", ");
    TRY(field_sql(a, &q));
    TRY(from_sql(a, &q));
    TRY(where_sql(a, &q));
    field_set_sql(a, &q);
    sql_add(&q, ordered ? " ORDER BY 2" : "");
    l->cells = buckets ? bucket_cells(a->cx, l->buckets) : NULL;
    l->count = buckets;
    scoped(stmt_close) struct stmt s = db_query_sql(a->cx, &q);
    while (stmt_next(&s)) {
        size_t i = buckets ? bucket_of(l->buckets, row_instant(a, &s)) : 0;
        fold_row(a, &f, &s, buckets ? &l->cells[i] : NULL, i);
    }
    if (l->metric->aggregate == AGG_MEDIAN) {
        set_median(&l->total, &f.total);
        for (size_t i = 0; i < buckets; i++)
            set_median(&l->cells[i], &f.by_bucket[i]);
    }
    return stmt_status(&s);
}

/* Medians and distinct counts of each group: its rows, then its own fold. The groups come first,
 * so that the rows of each can be asked for in order of value. */
static enum status ask_groups_by_row(struct asking *a)
{
    struct leaf *l = a->leaf;
    struct values values = { 0 };
    struct sql q = new_sql(a);
    struct fold f = { 0 };
    struct cell *cell = NULL;
    const char *last = NULL;

    sql_add(&q, "SELECT ");
    group_by_sql(a, group_alias(a), &q);
    sql_add(&q, ", ");
    TRY(field_sql(a, &q));
    TRY(from_sql(a, &q));
    TRY(where_sql(a, &q));
    field_set_sql(a, &q);
    sql_add(&q, " ORDER BY ");
    group_by_sql(a, a->group_alias, &q);
    sql_add(&q, ", 2");
    scoped(stmt_close) struct stmt s = db_query_sql(a->cx, &q);
    while (stmt_next(&s)) {
        const char *key = group_key(a, &s);
        if (cell == NULL || (key == NULL) != (last == NULL) || (key && !text_is(key, last))) {
            if (cell && l->metric->aggregate == AGG_MEDIAN)
                set_median(cell, &values);
            TRY(add_cell(a, &cell));
            *cell = (struct cell){ .key = key };
            values.count = 0;
            f.run = 0;
            f.all = (struct run){ 0 };
            last = key;
        }
        if (l->metric->aggregate == AGG_MEDIAN) {
            keep_value(a->cx->arena, &values, col_i64(&s, 1));
        } else {
            (void)is_new_value(a, &f, &s);
            cell->count += run_counts(a, &f, &f.all);
        }
    }
    if (cell && l->metric->aggregate == AGG_MEDIAN)
        set_median(cell, &values);
    return stmt_status(&s);
}

/* ---- the number ---- */
static double unit_of(const struct asking *a)
{
    const struct metric *m = a->leaf->metric;
    const struct field *f = a->field.f;
    double unit = a->weight.last.f ? PERCENT : 1;

    if (a->since.f) /* between instants: ms */
        return m->unit == UNIT_DAYS ? MS_DAY : m->unit == UNIT_HOURS ? MS_HOUR : MS_SECOND;
    for (int i = f && f->kind == FIELD_DECIMAL ? (f->scale ? f->scale : 2) : 0; i > 0; i--)
        unit *= 10;
    return unit;
}

static void settle(const struct asking *a, struct cell *c)
{
    switch (a->leaf->metric->aggregate) {
    case AGG_COUNT:
    case AGG_COUNT_DISTINCT:
        c->value = (double)c->count;
        c->defined = true;
        break;
    case AGG_SUM:
        c->value = (double)c->sum / a->leaf->unit;
        c->defined = true;
        break;
    case AGG_AVG:
        c->defined = c->count > 0;
        c->value = c->defined ? (double)c->sum / (double)c->count / a->leaf->unit : 0;
        break;
    case AGG_MEDIAN:
        c->value /= a->leaf->unit;
        break;
    }
}

static enum status find_labels(struct asking *a)
{
    const struct field *f = a->group.last.f;
    const struct record_type *to = f->kind == FIELD_REF ? type_find(a->cx, f->ref) : NULL;
    struct leaf *l = a->leaf;
    const char **titles = NEW_N(a->cx->arena, const char *, l->count + 1);
    i64 *ids = NEW_N(a->cx->arena, i64, l->count + 1);
    size_t known = 0;

    for (size_t i = 0; i < l->count; i++) {
        struct value v = { .text = "" };
        if (l->cells[i].key == NULL)
            continue;
        if (to) {
            if (id_parse(str_from(l->cells[i].key), &ids[known]))
                known++;
        } else if (field_parse(a->cx, f, l->cells[i].key, &v) == OK) {
            l->cells[i].label = value_show(a->cx, f, &v);
        } else {
            ctx_clear_error(a->cx); /* a value of a choice that is no more */
            l->cells[i].label = l->cells[i].key;
        }
    }
    if (to == NULL || known == 0)
        return OK;
    TRY(record_titles(a->cx, to, ids, known, titles));
    for (size_t i = 0, at = 0; i < l->count; i++)
        if (l->cells[i].key)
            l->cells[i].label = text_empty(titles[at]) ? (at++, "(not visible)") : titles[at++];
    return OK;
}

/* At one instant, or for the rows of the period. */
static enum status ask_once(struct ctx *cx, struct leaf *leaf)
{
    struct asking a = { .cx = cx, .leaf = leaf, .type = type_find(cx, leaf->metric->type) };
    bool by_row =
        leaf->metric->aggregate == AGG_MEDIAN || leaf->metric->aggregate == AGG_COUNT_DISTINCT;

    TRY(prepare(&a));
    if (by_row || leaf->buckets) {
        struct filter_path group = a.group;
        a.group = (struct filter_path){ 0 }; /* the whole needs no joins */
        TRY(ask_rows(&a));
        a.group = group;
        if (by_row && group.last.f)
            TRY(ask_groups_by_row(&a));
    } else {
        TRY(ask_sums(&a));
    }
    leaf->unit = unit_of(&a);
    settle(&a, &leaf->total);
    for (size_t i = 0; i < leaf->count; i++)
        settle(&a, &leaf->cells[i]);
    return a.group.last.f ? find_labels(&a) : OK;
}

/* As of its own instant; words that count from now count from then. */
static enum status ask_then(struct ctx *cx, struct leaf *leaf)
{
    if (leaf->as_of_ms >= ctx_now(cx))
        leaf->as_of_ms = 0;
    scoped(then_leave) struct then then = then_enter(cx, leaf->as_of_ms);
    return ask_once(cx, leaf);
}

static enum status ask_state(struct ctx *cx, struct leaf *leaf, i64 from_ms, i64 to_ms)
{
    leaf->from_ms = from_ms;
    leaf->to_ms = to_ms;
    if (metric_is_total(leaf->metric))
        total_range(cx, leaf->metric, leaf->as_of_ms, &leaf->from_ms, &leaf->to_ms);
    leaf->as_of_ms = state_instant(cx, leaf->metric, from_ms, to_ms, leaf->as_of_ms);
    return ask_then(cx, leaf);
}

/* A state at each bucket's own instant; of those that have not begun nothing is known. */
static enum status ask_states(struct ctx *cx, struct leaf *leaf)
{
    const struct buckets *b = leaf->buckets;
    i64 now = leaf->as_of_ms ? leaf->as_of_ms : ctx_now(cx);

    if (b->count > STATES_MAX)
        return ctx_fail_code(cx, E_LIMIT, "question.too_many",
                             "%s is a state, read anew for each part of the period: at most %d. "
                             "Ask by week or month, or for less.",
                             leaf->metric->label, STATES_MAX);
    leaf->cells = bucket_cells(cx, b);
    leaf->count = b->count;
    for (size_t i = 0; i < b->count && b->starts[i] <= now; i++) {
        struct leaf one = *leaf;
        one.buckets = NULL;
        one.total = (struct cell){ 0 };
        one.cells = NULL;
        one.count = 0;
        one.by_time = true;
        TRY(ask_state(cx, &one, b->starts[i], i + 1 < b->count ? b->starts[i + 1] : leaf->to_ms));
        one.total.key = leaf->cells[i].key;
        one.total.label = leaf->cells[i].label;
        leaf->cells[i] = one.total;
    }
    return OK;
}

enum status leaf_ask_records(struct ctx *cx, struct leaf *leaf)
{
    struct leaf whole = *leaf;

    if (!metric_is_state(leaf->metric))
        return ask_then(cx, leaf);
    if (leaf->buckets == NULL)
        return ask_state(cx, leaf, leaf->from_ms, leaf->to_ms);
    whole.buckets = NULL;
    whole.by_time = true;
    TRY(ask_state(cx, &whole, leaf->from_ms, leaf->to_ms));
    leaf->total = whole.total;
    leaf->unit = whole.unit;
    return ask_states(cx, leaf);
}

/* ---- the rows themselves ---- */
enum status leaf_list_records(struct ctx *cx, struct leaf *leaf, const struct wanted *w,
                              struct question_list *out)
{
    const struct metric *m = leaf->metric;
    bool measured = m->aggregate != AGG_COUNT && m->aggregate != AGG_COUNT_DISTINCT;
    struct asking a = { .cx = cx, .leaf = leaf, .type = type_find(cx, m->type) };
    struct question_row *rows = NEW_N(cx->arena, struct question_row, w->limit + 1);

    TRY(leaf_ask_records(cx, leaf)); /* the number, and as of when it is */
    *out = (struct question_list){ .rows = rows,
                                   .total = leaf->total.count,
                                   .amount = leaf->total.sum,
                                   .weight = leaf->total.count,
                                   .value = leaf->total.value,
                                   .defined = leaf->total.defined,
                                   .unit = leaf->unit,
                                   .as_of_ms = leaf->as_of_ms,
                                   .next = "" };
    scoped(then_leave) struct then then = then_enter(cx, leaf->as_of_ms);
    TRY(prepare(&a));
    struct sql q = new_sql(&a);
    sql_add(&q, "SELECT t.id, ");
    if (a.date.f)
        filter_column_sql(&q, &a.date, "t");
    else
        sql_add(&q, "0");
    sql_add(&q, ", ");
    if (measured)
        TRY(field_sql(&a, &q));
    else
        sql_add(&q, "1");
    TRY(from_sql(&a, &q));
    TRY(where_sql(&a, &q));
    if (a.field.f)
        field_set_sql(&a, &q);
    if (w->before.record) {
        sql_add(&q, " AND t.id < ");
        sql_i64(&q, w->before.record);
    }
    sql_addf(&q, " ORDER BY t.id DESC LIMIT %zu", w->limit + 1);
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s)) {
        i64 at = a.date.f ? row_instant_at(&a, col_i64(&s, 1)) : 0;
        rows[out->count++] = (struct question_row){ .record = col_i64(&s, 0),
                                                    .at_ms = at,
                                                    .last_ms = at,
                                                    .amount = col_i64(&s, 2),
                                                    .weight = 1 };
    }
    TRY(stmt_status(&s));
    if (out->count > w->limit)
        out->next = id_text(cx->arena, rows[--out->count - 1].record);
    return OK;
}
