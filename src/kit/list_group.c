/* list_group.c -- a type's rows by the values of a field, and all of them one by one. */
#include "base/id.h"
#include "kit/kinds.h"
#include "kit/list_int.h"

enum { EACH_ROWS = 500 };

static bool can_group(const struct field *f)
{
    return f->kind != FIELD_TAGS && f->kind != FIELD_JSON && f->kind != FIELD_LONG &&
           f->kind != FIELD_SECRET;
}

static bool can_sum(const struct field *f)
{
    return f->kind == FIELD_INT || f->kind == FIELD_DECIMAL || f->kind == FIELD_MONEY;
}

/* The group's key as the API has it: the value's own text, "" when unset. Texts group by their
 * folded form and are called as the first of them is written. */
static const char *key_of(struct ctx *cx, const struct field *f, struct stmt *s)
{
    struct value v = { .text = "", .set = true };

    if (col_null(s, 0))
        return "";
    if (field_storage(f) == STORED_TEXT || field_storage(f) == STORED_FOLDED)
        return arena_text(cx->arena, col_text(s, 0));
    v.i = col_i64(s, 0);
    if (field_storage(f) == STORED_MONEY)
        v.text = base_currency(cx);
    return kind_of(f)->plain(cx, f, &v);
}

enum status list_group(struct ctx *cx, const struct record_type *t, const char *filter,
                       int by_field, int sum_field, struct val *list)
{
    const struct field *by = &t->fields[by_field];
    struct filter_column key = { .type = t, .f = by, .field = by_field };
    struct filter_column sum = { .type = t, .field = sum_field };
    struct sql q = sql_new(cx);
    struct filter *f;

    assert(by_field >= 0 && by_field < t->field_count && sum_field < t->field_count);
    TRY(access_check(cx, t->name, VERB_READ));
    TRY(filter_parse(cx, t, filter ? filter : "", &f));
    sum.f = sum_field >= 0 ? &t->fields[sum_field] : NULL;
    if (!can_group(by) || (by->flags & INTERNAL) ||
        (sum.f && (!can_sum(sum.f) || (sum.f->flags & INTERNAL))))
        return ctx_fail_code(cx, E_INVALID, "list.group",
                             "%s cannot be counted by '%s' with a sum of '%s'.", t->plural,
                             by->name, sum.f ? sum.f->name : "");
    sql_add(&q, field_storage(by) == STORED_FOLDED ? "SELECT min(t." : "SELECT (t.");
    sql_name(&q,
             field_storage(by) == STORED_FOLDED ? by->name : field_compare_column(cx->arena, by));
    sql_add(&q, "), count(*), ");
    if (sum.f) {
        sql_add(&q, "CAST(coalesce(sum(");
        filter_column_sql(&q, &sum, "t");
        sql_add(&q, "), 0) AS BIGINT)");
    } else {
        sql_add(&q, "0");
    }
    sql_add(&q, " FROM ");
    sql_name(&q, t->name);
    sql_add(&q, " AS t");
    TRY(list_where_sql(cx, t, f, "", false, true, &q));
    sql_add(&q, " GROUP BY ");
    filter_column_sql(&q, &key, "t");
    sql_add(&q, " ORDER BY ");
    filter_column_sql(&q, &key, "t");
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s)) {
        struct val *one = val_add_map(list);
        val_put_text(one, "key", key_of(cx, by, &s));
        val_put_i64(one, "count", col_i64(&s, 1));
        val_put_i64(one, "sum", col_i64(&s, 2));
    }
    return stmt_status(&s);
}

/* ---- every row ---- */
typedef enum status each_fn(struct ctx *cx, struct row *r, void *arg);

static enum status each_batch(struct ctx *cx, const struct record_type *t, const struct filter *f,
                              i64 *last_id, each_fn *fn, void *arg, int *seen)
{
    struct sql q = sql_new(cx);
    struct row **rows = NEW_N(cx->arena, struct row *, EACH_ROWS);

    *seen = 0;
    sql_add(&q, "SELECT ");
    row_columns_sql(&q, t, "t");
    sql_add(&q, " FROM ");
    sql_name(&q, t->name);
    sql_add(&q, " AS t");
    TRY(list_where_sql(cx, t, f, "", false, true, &q));
    sql_add(&q, " AND t.id > ");
    sql_i64(&q, *last_id);
    sql_addf(&q, " ORDER BY t.id LIMIT %d", EACH_ROWS);
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (*seen < EACH_ROWS && stmt_next(&s))
        rows[(*seen)++] = row_from_stmt(cx, t, &s, 0);
    TRY(stmt_status(&s));
    stmt_close(&s); /* fn may write */
    if (*seen)
        *last_id = rows[*seen - 1]->id;
    for (int i = 0; i < *seen; i++)
        TRY(fn(cx, rows[i], arg));
    return OK;
}

/* What was recorded in the batch's memory, into the caller's. */
static void keep_error(struct ctx *cx, struct arena *into)
{
    cx->error_code = arena_text(into, cx->error_code ? cx->error_code : "");
    cx->error_text = arena_text(into, cx->error_text ? cx->error_text : "");
    for (struct field_error **at = &cx->field_errors; *at; at = &(*at)->next) {
        struct field_error *copy = NEW(into, struct field_error);
        *copy = (struct field_error){ arena_text(into, (*at)->field), arena_text(into, (*at)->code),
                                      arena_text(into, (*at)->message), (*at)->next };
        *at = copy;
    }
}

enum status list_each(struct ctx *cx, const struct record_type *t, const char *filter, each_fn *fn,
                      void *arg)
{
    scoped(arena_close) struct arena *batch = arena_new(256 * 1024);
    struct arena *outer = cx->arena;
    enum status s = OK;
    struct filter *f;
    i64 last_id = 0;
    int seen = EACH_ROWS;

    TRY(access_check(cx, t->name, VERB_READ));
    TRY(filter_parse(cx, t, filter ? filter : "", &f));
    while (s == OK && seen == EACH_ROWS) {
        arena_reset(batch);
        cx->arena = batch;
        s = each_batch(cx, t, f, &last_id, fn, arg, &seen);
        if (s != OK)
            keep_error(cx, outer);
        cx->arena = outer;
    }
    return s;
}
