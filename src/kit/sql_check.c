/* sql_check.c -- the SQL of `furrow check`, made from the record types. */
#include "kit/sql_check.h"
#include "kit/kit.h"

static enum status count_rows(struct ctx *cx, const struct sql *q, i64 *count)
{
    scoped(stmt_close) struct stmt s = db_query_sql(cx, q);

    *count = stmt_next(&s) ? col_i64(&s, 0) : 0;
    return stmt_status(&s);
}

/* A reference may lead into the trash, but never nowhere. */
static enum status check_reference(struct ctx *cx, const struct record_type *t,
                                   const struct field *f, struct buf *report, i64 *faults)
{
    struct sql q = sql_new(cx);
    i64 count;

    sql_add(&q, "SELECT count(*) FROM ");
    sql_name(&q, t->name);
    sql_add(&q, " r WHERE r.");
    sql_name(&q, f->name);
    sql_add(&q, " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ");
    sql_name(&q, f->ref);
    sql_add(&q, " x WHERE x.id = r.");
    sql_name(&q, f->name);
    sql_add(&q, ")");
    TRY(count_rows(cx, &q, &count));
    if (count > 0)
        buf_printf(report, "%s.%s: %lld records refer to a %s that does not exist\n", t->name,
                   f->name, (long long)count, f->ref);
    *faults += count;
    return OK;
}

enum status check_references(struct ctx *cx, struct buf *report, i64 *faults)
{
    size_t count;
    const struct record_type *const *types = type_all(cx, &count);

    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < types[i]->field_count; k++)
            if (types[i]->fields[k].kind == FIELD_REF)
                TRY(check_reference(cx, types[i], &types[i]->fields[k], report, faults));
    return OK;
}

/* Every version of a record has its row in the change log. */
static enum status check_version(struct ctx *cx, const struct record_type *t, struct buf *report,
                                 i64 *faults)
{
    struct sql q = sql_new(cx);
    i64 count;

    sql_add(&q, "SELECT count(*) FROM ");
    sql_name(&q, t->name);
    sql_add(&q, " r LEFT JOIN (SELECT record_id, count(*) AS n, max(version) AS top FROM change "
                "WHERE type = ");
    sql_text(&q, t->name);
    sql_add(&q, " GROUP BY record_id) c ON c.record_id = r.id "
                "WHERE c.n IS NULL OR c.top <> r.version OR c.n <> r.version");
    TRY(count_rows(cx, &q, &count));
    if (count > 0)
        buf_printf(report, "%s: %lld records whose version is not what the change log says\n",
                   t->name, (long long)count);
    *faults += count;
    return OK;
}

enum status check_versions(struct ctx *cx, struct buf *report, i64 *faults)
{
    size_t count;
    const struct record_type *const *types = type_all(cx, &count);

    for (size_t i = 0; i < count; i++)
        TRY(check_version(cx, types[i], report, faults));
    return OK;
}

enum status check_engine(struct ctx *cx, struct buf *report, i64 *faults)
{
    struct sql q = sql_new(cx);

    if (db_engine(cx->db) != DB_SQLITE)
        return OK;
    sql_add(&q, "PRAGMA integrity_check(20)");
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s)) {
        if (text_is(col_text(&s, 0), "ok"))
            continue;
        buf_printf(report, "sqlite: %s\n", col_text(&s, 0));
        ++*faults;
    }
    return stmt_status(&s);
}
