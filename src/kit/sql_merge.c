/* sql_merge.c -- rows from one record to another and back. Names come from declarations, values are
 * bound. The journal (record_merge_row) names a row by what tells it apart beside the record's id,
 * so its name stays the same wherever it is moved. */
#include "kit/sql_merge.h"
#include "base/json.h"
#include "kit/filter_int.h"
#include "kit/kit_int.h"

/* ---- references of records ---- */
/* AND NOT EXISTS (the kept record's row with the same values). */
static void not_twice(struct sql *q, const struct merge_table *m, i64 keep, bool negate)
{
    struct str rest = str_from(m->unique), name;

    sql_add(q, negate ? " AND NOT EXISTS (SELECT 1 FROM " : " AND EXISTS (SELECT 1 FROM ");
    sql_name(q, m->table);
    sql_add(q, " AS k WHERE k.");
    sql_name(q, m->column);
    sql_add(q, " = ");
    sql_i64(q, keep);
    while (str_split(&rest, ',', &name)) {
        const char *n = str_dup(q->arena, str_trim(name));
        if (n[0] != '\0')
            sql_addf(q, " AND k.\"%s\" = t.\"%s\"", n, n);
    }
    if (m->unique_if) {
        sql_addf(q, " AND %s AND ", m->unique_if);
        for (const char *p = m->unique_if; *p; p++) /* the same of the other row */
            sql_addf(q, "%c", p[0] == 't' && p[1] == '.' ? 'k' : *p);
    }
    sql_add(q, ")");
}

enum status sql_merge_pointing(struct ctx *cx, const struct record_type *t, int field, i64 id,
                               const struct merge_table *once, i64 keep, i64 after, i64 *ids,
                               size_t *count)
{
    struct sql q = sql_new(cx);

    sql_add(&q, "SELECT t.id FROM ");
    sql_name(&q, t->name);
    sql_add(&q, " AS t WHERE t.");
    sql_name(&q, t->fields[field].name);
    sql_add(&q, " = ");
    sql_i64(&q, id);
    sql_add(&q, " AND t.id > ");
    sql_i64(&q, after);
    if (once && once->unique)
        not_twice(&q, once, keep, true);
    sql_addf(&q, " ORDER BY t.id LIMIT %d", SQL_IDS);
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    for (*count = 0; stmt_next(&s);)
        ids[(*count)++] = col_i64(&s, 0);
    return stmt_status(&s);
}

enum status sql_merge_point(struct ctx *cx, const struct record_type *t, int field, const i64 *ids,
                            size_t count, i64 to)
{
    struct sql q = sql_new(cx);

    sql_add(&q, "UPDATE ");
    sql_name(&q, t->name);
    sql_add(&q, " AS t SET ");
    sql_name(&q, t->fields[field].name);
    sql_add(&q, " = ");
    sql_i64(&q, to);
    sql_add(&q, " WHERE ");
    filter_ids_sql(&q, "t", "id", ids, count);
    return db_run_sql(cx, &q, NULL);
}

/* ---- tables beside the records ---- */
/* FROM table AS t WHERE t.column = id, of this type's records. */
static void rows_of(struct sql *q, const struct merge_place *p, i64 id)
{
    sql_add(q, " WHERE t.");
    sql_name(q, p->table->column);
    sql_add(q, " = ");
    sql_i64(q, id);
    if (p->table->type == NULL) {
        sql_add(q, " AND t.type = ");
        sql_text(q, p->type);
    }
}

/* What tells a row apart, as text: "17" or "17|3". */
static void key_sql(struct sql *q, const struct merge_table *m)
{
    struct str rest = str_from(m->key), name;
    bool first = true;

    while (str_split(&rest, ',', &name)) {
        sql_addf(q, "%sCAST(t.\"%s\" AS TEXT)", first ? "" : " || '|' || ",
                 str_dup(q->arena, str_trim(name)));
        first = false;
    }
    if (first)
        sql_add(q, "''");
}

/* SELECT row_key FROM the journal of this place. */
static void journal_sql(struct sql *q, const struct merge_place *p, i64 merge_id, bool aside)
{
    sql_add(q, "SELECT row_key FROM record_merge_row WHERE merge_id = ");
    sql_i64(q, merge_id);
    sql_add(q, " AND at_table = ");
    sql_text(q, p->table->table);
    sql_add(q, " AND at_column = ");
    sql_text(q, p->table->column);
    sql_addf(q, " AND aside %s ''", aside ? "<>" : "=");
}

static enum status journal_moved(struct ctx *cx, const struct merge_place *p, i64 merge_id,
                                 i64 lose, i64 keep)
{
    struct sql q = sql_new(cx);

    sql_add(&q, "INSERT INTO record_merge_row (merge_id, at_table, at_column, row_key, aside) "
                "SELECT CAST(");
    sql_i64(&q, merge_id);
    sql_add(&q, " AS BIGINT), CAST(");
    sql_text(&q, p->table->table);
    sql_add(&q, " AS TEXT), CAST(");
    sql_text(&q, p->table->column);
    sql_add(&q, " AS TEXT), ");
    key_sql(&q, p->table);
    sql_add(&q, ", '' FROM ");
    sql_name(&q, p->table->table);
    sql_add(&q, " AS t");
    rows_of(&q, p, lose);
    if (p->table->unique)
        not_twice(&q, p->table, keep, true);
    return db_run_sql(cx, &q, NULL);
}

/* UPDATE table SET column = to, where it is `at` and the journal has the row. */
static enum status point_rows(struct ctx *cx, const struct merge_place *p, i64 merge_id, i64 at,
                              i64 to, i64 also_in)
{
    struct sql q = sql_new(cx);

    sql_add(&q, "UPDATE ");
    sql_name(&q, p->table->table);
    sql_add(&q, " AS t SET ");
    sql_name(&q, p->table->column);
    sql_add(&q, " = ");
    sql_i64(&q, to);
    rows_of(&q, p, at);
    sql_add(&q, " AND ");
    key_sql(&q, p->table);
    sql_add(&q, " IN (");
    journal_sql(&q, p, merge_id, false);
    sql_add(&q, ")");
    if (also_in) {
        sql_add(&q, " AND ");
        key_sql(&q, p->table);
        sql_add(&q, " IN (");
        journal_sql(&q, p, also_in, false);
        sql_add(&q, ")");
    }
    return db_run_sql(cx, &q, NULL);
}

/* Rows that would be there twice, whole, in the journal; then they are gone. */
static enum status take_out(struct ctx *cx, const struct merge_place *p, i64 merge_id, i64 lose,
                            i64 keep)
{
    struct sql q = sql_new(cx), gone = sql_new(cx);
    struct val *rows = val_list(cx->arena);

    sql_add(&q, "SELECT t.*, ");
    key_sql(&q, p->table);
    sql_add(&q, " AS merge_key FROM ");
    sql_name(&q, p->table->table);
    sql_add(&q, " AS t");
    rows_of(&q, p, lose);
    not_twice(&q, p->table, keep, false);
    {
        scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
        while (stmt_next(&s))
            val_add(rows, stmt_row(&s));
        TRY(stmt_status(&s));
    }
    for (size_t i = 0; i < val_count(rows); i++)
        TRY(db_run(cx, "merge.aside", I64("merge", merge_id), TEXT("table", p->table->table),
                   TEXT("column", p->table->column),
                   TEXT("key", val_get_text(val_at(rows, i), "merge_key")),
                   TEXT("row", json_text(cx->arena, val_at(rows, i)))));
    if (val_count(rows) == 0)
        return OK;
    sql_add(&gone, "DELETE FROM ");
    sql_name(&gone, p->table->table);
    sql_add(&gone, " AS t");
    rows_of(&gone, p, lose);
    sql_add(&gone, " AND ");
    key_sql(&gone, p->table);
    sql_add(&gone, " IN (");
    journal_sql(&gone, p, merge_id, true);
    sql_add(&gone, ")");
    return db_run_sql(cx, &gone, NULL);
}

enum status sql_merge_rows(struct ctx *cx, const struct merge_place *p, i64 merge_id, i64 lose,
                           i64 keep)
{
    if (p->table->unique && p->table->collision == MERGE_ASIDE)
        TRY(take_out(cx, p, merge_id, lose, keep));
    TRY(journal_moved(cx, p, merge_id, lose, keep));
    return point_rows(cx, p, merge_id, lose, keep, 0);
}

enum status sql_merge_rows_back(struct ctx *cx, const struct merge_place *p, i64 merge_id, i64 lose,
                                i64 at)
{
    return point_rows(cx, p, merge_id, at, lose, 0);
}

/* A row as it was, at `owner`. */
static enum status put_row(struct ctx *cx, const struct merge_place *p, const struct val *row,
                           i64 owner)
{
    struct sql q = sql_new(cx);
    size_t n = 0;

    sql_add(&q, "INSERT INTO ");
    sql_name(&q, p->table->table);
    for (int values = 0; values < 2; values++) {
        sql_add(&q, values ? ") VALUES (" : " (");
        n = 0;
        for (size_t i = 0; i < val_count(row); i++) {
            const char *name = val_key_at(row, i);
            const struct val *v = val_value_at(row, i);
            if (text_is(name, "merge_key"))
                continue;
            sql_add(&q, n++ ? ", " : "");
            if (!values)
                sql_name(&q, name);
            else if (text_is(name, p->table->column))
                sql_i64(&q, owner);
            else if (val_is_null(v))
                sql_null(&q);
            else if (val_kind_of(v) == VAL_I64)
                sql_i64(&q, val_as_i64(v, 0));
            else
                sql_text(&q, val_as_text(v, ""));
        }
    }
    sql_add(&q, ")");
    return db_run_sql(cx, &q, NULL);
}

/* Rows that merge_id took out go to `owner`; of: those only that the merge `of` had moved. */
static enum status put_back(struct ctx *cx, const struct merge_place *p, i64 merge_id, i64 of,
                            i64 owner)
{
    struct val *rows = val_list(cx->arena), *row;

    TRY(db_list(cx, rows, "merge.asides", I64("merge", merge_id), TEXT("table", p->table->table),
                TEXT("column", p->table->column), I64("of", of)));
    for (size_t i = 0; i < val_count(rows); i++) {
        if (json_read(cx->arena, str_from(val_get_text(val_at(rows, i), "aside")), &row, NULL) !=
            OK)
            return ctx_fail(cx, E_CORRUPT, "the journal of a merge cannot be read");
        TRY(put_row(cx, p, row, owner));
    }
    return OK;
}

enum status sql_merge_rows_from(struct ctx *cx, const struct merge_place *p, i64 merge_id, i64 lose,
                                i64 later_id, i64 at)
{
    TRY(point_rows(cx, p, merge_id, at, lose, later_id));
    TRY(put_back(cx, p, later_id, merge_id, lose));
    return db_run(cx, "merge.forget_shared", I64("merge", later_id), I64("of", merge_id),
                  TEXT("table", p->table->table), TEXT("column", p->table->column));
}

enum status sql_merge_rows_end(struct ctx *cx, const struct merge_place *p, i64 merge_id, i64 lose)
{
    TRY(put_back(cx, p, merge_id, 0, lose));
    return db_run(cx, "merge.forget", I64("merge", merge_id), TEXT("table", p->table->table),
                  TEXT("column", p->table->column));
}
