/* sql_record.c -- rows in and out of their table. All names come from type declarations, all values
 * are bound. */
#include "kit/sql_record.h"
#include "kit/filter_int.h"
#include "kit/kinds.h"

static const char *const system_columns[] = { "id",         "version",    "created_at",
                                              "created_by", "updated_at", "updated_by",
                                              "deleted_at" };
static const char *const money_columns[] = { "_minor", "_currency", "_base_minor" };

static void add_name(struct buf *b, const char *alias, const char *name, const char *suffix)
{
    if (alias) {
        buf_char(b, '"');
        buf_text(b, alias);
        buf_text(b, "\".");
    }
    buf_char(b, '"');
    buf_text(b, name);
    buf_text(b, suffix);
    buf_char(b, '"');
}

static void add_column(struct sql *q, const char *alias, const char *name)
{
    add_name(&q->text, alias, name, "");
}

/* ---- reading ---- */
static void add_columns(struct buf *b, const struct record_type *t, const char *alias)
{
    for (size_t i = 0; i < countof(system_columns); i++) {
        buf_text(b, i ? ", " : "");
        add_name(b, alias, system_columns[i], "");
    }
    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        bool money = field_storage(f) == STORED_MONEY;
        for (size_t m = 0; m < (money ? countof(money_columns) : 1); m++) {
            buf_text(b, ", ");
            add_name(b, alias, f->name, money ? money_columns[m] : "");
        }
    }
}

void row_columns_sql(struct sql *q, const struct record_type *t, const char *alias)
{
    add_columns(&q->text, t, alias);
}

int row_column_count(const struct record_type *t)
{
    int count = (int)countof(system_columns);

    for (int i = 0; i < t->field_count; i++)
        count += field_storage(&t->fields[i]) == STORED_MONEY ? (int)countof(money_columns) : 1;
    return count;
}

struct row *row_from_stmt(struct ctx *cx, const struct record_type *t, struct stmt *q, int first)
{
    struct row *r = row_new(cx, t);
    int at = first + (int)countof(system_columns);

    r->is_new = false;
    r->in_table = true;
    r->id = col_i64(q, first);
    r->version = col_i64(q, first + 1);
    r->created_at = col_i64(q, first + 2);
    r->created_by = col_i64(q, first + 3);
    r->updated_at = col_i64(q, first + 4);
    r->updated_by = col_i64(q, first + 5);
    r->deleted_at = col_i64(q, first + 6);
    for (int i = 0; i < t->field_count; i++) {
        struct value *v = &r->values[i];
        switch (field_storage(&t->fields[i])) {
        case STORED_TEXT:
        case STORED_FOLDED: {
            const char *text = col_text(q, at++);
            v->set = text[0] != '\0';
            v->text = v->set ? arena_text(cx->arena, text) : "";
            break;
        }
        case STORED_I64:
            v->set = !col_null(q, at);
            v->i = col_i64(q, at++);
            break;
        case STORED_BOOL:
            v->set = true;
            v->i = col_i64(q, at++) != 0;
            break;
        case STORED_MONEY:
            v->set = !col_null(q, at);
            v->i = col_i64(q, at);
            v->text = arena_text(cx->arena, col_text(q, at + 1));
            v->base_minor = col_i64(q, at + 2);
            at += (int)countof(money_columns);
            break;
        }
    }
    return r;
}

const char *sql_select(struct arena *a, const struct record_type *t)
{
    struct buf b = buf_in(a, DB_SQL_BYTES);

    buf_text(&b, "SELECT ");
    add_columns(&b, t, "t");
    buf_text(&b, " FROM ");
    add_name(&b, NULL, t->name, "");
    buf_text(&b, " AS t WHERE ");
    return buf_end(&b);
}

static struct sql select_rows(struct ctx *cx, const struct record_type *t)
{
    struct sql q = sql_new(cx);

    sql_add(&q, type_select(cx, t));
    return q;
}

static enum status first_row(struct ctx *cx, const struct record_type *t, const struct sql *sql,
                             struct row **out)
{
    scoped(stmt_close) struct stmt q = db_query_sql(cx, sql);

    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return E_NOT_FOUND;
    }
    *out = row_from_stmt(cx, t, &q, 0);
    return OK;
}

enum status sql_load(struct ctx *cx, const struct record_type *t, i64 id, bool trash,
                     struct row **out)
{
    struct sql q = select_rows(cx, t);

    sql_add(&q, "t.id = ");
    sql_i64(&q, id);
    if (!trash)
        sql_add(&q, " AND t.deleted_at IS NULL");
    return first_row(cx, t, &q, out);
}

/* One parameter, however many ids: a list of them would be planned anew for each length, and by
 * PostgreSQL, once it no longer looks at the values, as if nothing were known of the table. */
static void add_ids(struct sql *q, const i64 *ids, size_t count)
{
    if (count > 1) {
        filter_ids_sql(q, "t", "id", ids, count);
        return;
    }
    sql_add(q, "t.id = ");
    sql_i64(q, ids[0]);
}

enum status sql_load_many(struct ctx *cx, const struct record_type *t, const i64 *ids, size_t count,
                          bool trash, struct row **rows, size_t *found)
{
    struct sql q = select_rows(cx, t);

    assert(count > 0 && count <= SQL_IDS);
    add_ids(&q, ids, count);
    if (!trash)
        sql_add(&q, " AND t.deleted_at IS NULL");
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    for (*found = 0; stmt_next(&s); (*found)++)
        rows[*found] = row_from_stmt(cx, t, &s, 0);
    return stmt_status(&s);
}

enum status sql_load_titles(struct ctx *cx, const struct record_type *t, const i64 *ids,
                            size_t count, const char **titles)
{
    struct sql q = sql_new(cx);

    assert(count > 0 && count <= SQL_IDS);
    for (size_t i = 0; i < count; i++)
        titles[i] = "";
    sql_add(&q, "SELECT t.id, ");
    add_column(&q, "t", t->fields[t->title].name);
    sql_add(&q, " FROM ");
    sql_name(&q, t->name);
    sql_add(&q, " AS t WHERE ");
    add_ids(&q, ids, count);
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s)) {
        i64 id = col_i64(&s, 0);
        const char *title = col_text(&s, 1);
        title = text_empty(title) ? row_nameless(cx, t, id) : arena_text(cx->arena, title);
        for (size_t i = 0; i < count; i++)
            if (ids[i] == id)
                titles[i] = title;
    }
    return stmt_status(&s);
}

static void add_compared(struct sql *q, const struct field *f, const struct value *v)
{
    switch (field_storage(f)) {
    case STORED_TEXT:
    case STORED_FOLDED:
        sql_text(q, field_fold(q->arena, f, v->text));
        break;
    case STORED_MONEY:
        sql_i64(q, v->base_minor);
        break;
    default:
        sql_i64(q, v->i);
    }
}

enum status sql_find(struct ctx *cx, const struct record_type *t, const struct field *f,
                     const struct value *v, struct row **out)
{
    struct sql q = select_rows(cx, t);

    add_column(&q, "t", field_compare_column(cx->arena, f));
    sql_add(&q, " = ");
    add_compared(&q, f, v);
    if (f->flags & UNIQUE) { /* the index of a unique field leaves out empty texts: say so */
        sql_add(&q, " AND ");
        add_column(&q, "t", field_compare_column(cx->arena, f));
        sql_add(&q, " <> ''");
    }
    sql_add(&q, " AND t.deleted_at IS NULL ORDER BY t.id LIMIT 1");
    return first_row(cx, t, &q, out);
}

enum status sql_taken(struct ctx *cx, const struct record_type *t, const struct field *f,
                      const char *const *texts, size_t count, i64 except_id, i64 *id,
                      const char **which)
{
    const char *column = field_compare_column(cx->arena, f);
    struct sql q = sql_new(cx);

    *id = 0;
    sql_add(&q, "SELECT id, ");
    sql_name(&q, column);
    sql_add(&q, " FROM ");
    sql_name(&q, t->name);
    sql_add(&q, " WHERE ");
    sql_name(&q, column);
    sql_add(&q, " IN (");
    for (size_t i = 0; i < count; i++) {
        sql_add(&q, i ? ", " : "");
        sql_text(&q, texts[i]);
    }
    sql_add(&q, ") AND deleted_at IS NULL AND id <> ");
    sql_i64(&q, except_id);
    /* Says to SQLite that its partial index, which leaves out empty texts, will do. */
    sql_add(&q, " AND ");
    sql_name(&q, column);
    sql_add(&q, " <> '' LIMIT 1");
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    if (stmt_next(&s)) {
        *id = col_i64(&s, 0);
        *which = arena_text(cx->arena, col_text(&s, 1));
    }
    return stmt_status(&s);
}

/* ---- writing ---- */
static void add_maybe(struct sql *q, bool set, i64 v)
{
    if (set)
        sql_i64(q, v);
    else
        sql_null(q);
}

/* One column and its value, of a field that may have up to three. */
struct column {
    const char *suffix; /* "" or "_fold" */
    enum { VALUE_TEXT, VALUE_I64, VALUE_NULL } kind;
    const char *text;
    i64 i;
};

static size_t field_columns(struct arena *a, const struct field *f, const struct value *v,
                            struct column out[3])
{
    switch (field_storage(f)) {
    case STORED_TEXT:
        out[0] = (struct column){ "", VALUE_TEXT, v->text, 0 };
        return 1;
    case STORED_FOLDED:
        out[0] = (struct column){ "", VALUE_TEXT, v->text, 0 };
        out[1] = (struct column){ "_fold", VALUE_TEXT, v->set ? field_fold(a, f, v->text) : "", 0 };
        return 2;
    case STORED_I64:
        out[0] = (struct column){ "", v->set ? VALUE_I64 : VALUE_NULL, NULL, v->i };
        return 1;
    case STORED_BOOL:
        out[0] = (struct column){ "", VALUE_I64, NULL, v->set && v->i };
        return 1;
    case STORED_MONEY:
        out[0] = (struct column){ "_minor", v->set ? VALUE_I64 : VALUE_NULL, NULL, v->i };
        out[1] = (struct column){ "_currency", VALUE_TEXT, v->set ? v->text : "", 0 };
        out[2] =
            (struct column){ "_base_minor", v->set ? VALUE_I64 : VALUE_NULL, NULL, v->base_minor };
        return 3;
    }
    return 0;
}

static void add_column_value(struct sql *q, const struct column *c)
{
    if (c->kind == VALUE_TEXT)
        sql_text(q, c->text);
    else
        add_maybe(q, c->kind == VALUE_I64, c->i);
}

static void add_row_values(struct sql *q, const struct row *r)
{
    const struct record_type *t = r->type;

    sql_add(q, "(");
    sql_i64(q, r->id);
    sql_add(q, ", ");
    sql_i64(q, r->version);
    sql_add(q, ", ");
    sql_i64(q, r->created_at);
    sql_add(q, ", ");
    add_maybe(q, r->created_by != 0, r->created_by);
    sql_add(q, ", ");
    sql_i64(q, r->updated_at);
    sql_add(q, ", ");
    add_maybe(q, r->updated_by != 0, r->updated_by);
    for (int i = 0; i < t->field_count; i++) {
        struct column columns[3];
        size_t count = field_columns(q->arena, &t->fields[i], &r->values[i], columns);
        for (size_t c = 0; c < count; c++) {
            sql_add(q, ", ");
            add_column_value(q, &columns[c]);
        }
    }
    sql_add(q, ")");
}

enum status sql_insert(struct ctx *cx, struct row *const *rows, size_t count)
{
    const struct record_type *t = rows[0]->type;
    struct sql q = sql_new(cx);

    sql_add(&q, "INSERT INTO ");
    sql_name(&q, t->name);
    sql_add(&q, " (id, version, created_at, created_by, updated_at, updated_by");
    for (int i = 0; i < t->field_count; i++) {
        struct column columns[3];
        size_t parts = field_columns(cx->arena, &t->fields[i], &rows[0]->values[i], columns);
        for (size_t c = 0; c < parts; c++) {
            sql_add(&q, ", ");
            sql_name(&q, arena_printf(cx->arena, "%s%s", t->fields[i].name, columns[c].suffix));
        }
    }
    sql_add(&q, ") VALUES ");
    for (size_t i = 0; i < count; i++) {
        sql_add(&q, i ? ", " : "");
        add_row_values(&q, rows[i]);
    }
    return db_run_sql(cx, &q, NULL);
}

static void add_where_version(struct sql *q, const struct row *r)
{
    sql_add(q, " WHERE id = ");
    sql_i64(q, r->id);
    sql_add(q, " AND version = ");
    sql_i64(q, r->version);
}

static struct sql update_row(struct ctx *cx, const struct row *r)
{
    struct sql q = sql_new(cx);

    sql_add(&q, "UPDATE ");
    sql_name(&q, r->type->name);
    sql_add(&q, " SET version = version + 1, updated_at = ");
    sql_i64(&q, r->updated_at);
    sql_add(&q, ", updated_by = ");
    add_maybe(&q, r->updated_by != 0, r->updated_by);
    return q;
}

/* "name" = value for each column that changed; how many there were. */
static size_t add_changed(struct sql *q, const struct row *r, const char *before_first)
{
    const struct record_type *t = r->type;
    size_t added = 0;

    for (int i = 0; i < t->field_count; i++) {
        struct column columns[3];
        if (field_same(&t->fields[i], &r->values[i], &r->stored->values[i]))
            continue;
        size_t count = field_columns(q->arena, &t->fields[i], &r->values[i], columns);
        for (size_t c = 0; c < count; c++) {
            sql_add(q, added++ ? ", " : before_first);
            sql_name(q, arena_printf(q->arena, "%s%s", t->fields[i].name, columns[c].suffix));
            sql_add(q, " = ");
            add_column_value(q, &columns[c]);
        }
    }
    return added;
}

enum status sql_update(struct ctx *cx, const struct row *r, i64 *changed)
{
    struct sql q = update_row(cx, r);

    if (r->stored)
        add_changed(&q, r, ", ");
    add_where_version(&q, r);
    return db_run_sql(cx, &q, changed);
}

enum status sql_put_quietly(struct ctx *cx, const struct row *r)
{
    struct sql q = sql_new(cx);

    sql_add(&q, "UPDATE ");
    sql_name(&q, r->type->name);
    sql_add(&q, " SET ");
    if (r->stored == NULL || add_changed(&q, r, "") == 0)
        return OK;
    sql_add(&q, " WHERE id = ");
    sql_i64(&q, r->id);
    return db_run_sql(cx, &q, NULL);
}

enum status sql_trash(struct ctx *cx, const struct row *r, i64 deleted_at, i64 *changed)
{
    struct sql q = update_row(cx, r);

    sql_add(&q, ", deleted_at = ");
    add_maybe(&q, deleted_at != 0, deleted_at);
    add_where_version(&q, r);
    return db_run_sql(cx, &q, changed);
}

/* ---- who owns ---- */
enum status user_team(struct ctx *cx, i64 user_id, i64 *team_id)
{
    const struct record_type *users = type_find(cx, "user");
    struct sql q = sql_new(cx);

    *team_id = 0;
    if (user_id == 0 || users == NULL || type_field(users, "team_id") < 0)
        return OK;
    sql_add(&q, "SELECT team_id FROM ");
    sql_name(&q, users->name);
    sql_add(&q, " WHERE id = ");
    sql_i64(&q, user_id);
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    if (stmt_next(&s))
        *team_id = col_i64(&s, 0);
    return stmt_status(&s);
}
