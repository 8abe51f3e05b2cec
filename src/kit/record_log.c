/* record_log.c -- writes the change log and reads it as a record's history. */
#include "kit/record_log.h"
#include "base/id.h"
#include "base/json.h"
#include "kit/kinds.h"
#include "kit/kit.h"
#include <stdio.h>

/* ---- writing ---- */
static struct val *raw(struct arena *a, const struct field *f, const struct value *v)
{
    if (!v->set)
        return val_null(a);
    switch (field_storage(f)) {
    case STORED_TEXT:
    case STORED_FOLDED:
        return val_text_static(a, v->text);
    case STORED_I64:
        return val_i64(a, v->i);
    case STORED_BOOL:
        return val_bool(a, v->i != 0);
    case STORED_MONEY: {
        struct val *m = val_map(a);
        val_put_i64(m, "minor", v->i);
        val_put(m, "currency", val_text_static(a, v->text));
        val_put_i64(m, "base", v->base_minor);
        return m;
    }
    }
    return val_null(a);
}

/* What the compare column held, where that is not the text itself: {name: [old, new, compared]}. No
 * database can make it again, and the past is read with it (record_past.h). */
static void add_compared(struct arena *a, const struct field *f, const struct value *before,
                         struct val *pair)
{
    const char *fold;

    if (field_storage(f) != STORED_FOLDED || !before->set)
        return;
    fold = field_fold(a, f, before->text);
    if (!text_is(fold, before->text))
        val_add_text(pair, fold);
}

static const char *fields_json(struct arena *a, const struct row *from, const struct row *to)
{
    const struct record_type *t = (to ? to : from)->type;
    static const struct value none = { .text = "" };
    struct val *map = val_map(a);

    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        const struct value *before = from ? &from->values[i] : &none;
        const struct value *after = to ? &to->values[i] : &none;
        if (field_same(f, before, after))
            continue;
        if (f->flags & INTERNAL || f->kind == FIELD_SECRET) {
            val_put_bool(map, f->name, true);
            continue;
        }
        struct val *pair = val_put_list(map, f->name);
        val_add(pair, raw(a, f, before));
        val_add(pair, raw(a, f, after));
        add_compared(a, f, before, pair);
    }
    return json_text(a, map);
}

enum status change_write(struct ctx *cx, const struct row *r, const struct row *before,
                         const char *verb)
{
    bool gone = text_is(verb, "delete");
    const char *fields =
        text_is(verb, "restore") ? "{}" : fields_json(cx->arena, before, gone ? NULL : r);

    return db_run(cx, "change.add", I64("id", kit_new_id(cx)), I64("at", r->updated_at),
                  MAYBE("user", r->updated_by), MAYBE("request", cx->request_id),
                  MAYBE("batch", cx->batch_id), TEXT("type", r->type->name), I64("record", r->id),
                  TEXT("verb", verb), I64("version", r->version), TEXT("fields", fields));
}

static void add_maybe(struct sql *q, i64 v)
{
    sql_add(q, ", ");
    if (v)
        sql_i64(q, v);
    else
        sql_null(q);
}

enum status change_write_new(struct ctx *cx, struct row *const *rows, size_t count)
{
    struct sql q = sql_new(cx);

    sql_add(&q,
            "INSERT INTO change (id, type, record_id, version, at, user_id, request_id, batch_id, "
            "verb, fields) VALUES ");
    for (size_t i = 0; i < count; i++) {
        const struct row *r = rows[i];
        sql_add(&q, i ? ", (" : "(");
        sql_i64(&q, kit_new_id(cx));
        sql_add(&q, ", ");
        sql_text(&q, r->type->name);
        sql_add(&q, ", ");
        sql_i64(&q, r->id);
        sql_add(&q, ", ");
        sql_i64(&q, r->version);
        sql_add(&q, ", ");
        sql_i64(&q, r->updated_at);
        add_maybe(&q, r->updated_by);
        add_maybe(&q, cx->request_id);
        add_maybe(&q, cx->batch_id);
        sql_add(&q, ", 'create', ");
        sql_text(&q, fields_json(cx->arena, NULL, r));
        sql_add(&q, ")");
    }
    return db_run_sql(cx, &q, NULL);
}

enum status change_write_points(struct ctx *cx, struct row *const *rows, size_t count, int field,
                                i64 from, i64 to)
{
    struct sql q = sql_new(cx);
    struct val *map = val_map(cx->arena),
               *pair = val_put_list(map, rows[0]->type->fields[field].name);

    val_add_i64(pair, from);
    val_add_i64(pair, to);
    const char *fields = json_text(cx->arena, map);
    sql_add(&q,
            "INSERT INTO change (id, type, record_id, version, at, user_id, request_id, batch_id, "
            "verb, fields) VALUES ");
    for (size_t i = 0; i < count; i++) {
        sql_add(&q, i ? ", (" : "(");
        sql_i64(&q, kit_new_id(cx));
        sql_add(&q, ", ");
        sql_text(&q, rows[i]->type->name);
        sql_add(&q, ", ");
        sql_i64(&q, rows[i]->id);
        sql_add(&q, ", ");
        sql_i64(&q, rows[i]->version);
        sql_add(&q, ", ");
        sql_i64(&q, ctx_now(cx));
        add_maybe(&q, cx->access ? cx->access->user_id : 0);
        add_maybe(&q, cx->request_id);
        add_maybe(&q, cx->batch_id);
        sql_add(&q, ", 'move', ");
        sql_text(&q, fields);
        sql_add(&q, ")");
    }
    return db_run_sql(cx, &q, NULL);
}

enum status change_write_move(struct ctx *cx, const struct row *r, const struct row *before)
{
    i64 user = cx->access ? cx->access->user_id : 0;

    return db_run(cx, "change.add", I64("id", kit_new_id(cx)), I64("at", ctx_now(cx)),
                  MAYBE("user", user), MAYBE("request", cx->request_id),
                  MAYBE("batch", cx->batch_id), TEXT("type", r->type->name), I64("record", r->id),
                  TEXT("verb", "move"), I64("version", r->version),
                  TEXT("fields", fields_json(cx->arena, before, r)));
}

/* ---- reading ---- */
bool change_value(const struct field *f, const struct val *in, struct value *v)
{
    *v = (struct value){ .text = f->kind == FIELD_REF ? NULL : "" };
    if (val_is_null(in))
        return false;
    v->set = true;
    switch (field_storage(f)) {
    case STORED_TEXT:
    case STORED_FOLDED:
        v->text = val_as_text(in, "");
        break;
    case STORED_I64:
        v->i = val_as_i64(in, 0);
        break;
    case STORED_BOOL:
        v->i = val_as_bool(in, false);
        break;
    case STORED_MONEY:
        v->i = val_get_i64(in, "minor", 0);
        v->base_minor = val_get_i64(in, "base", 0);
        v->text = val_get_text(in, "currency");
        break;
    }
    return true;
}

/* A past value in words. A choice or a currency that is no more is shown as it was stored. */
static const char *show_raw(struct ctx *cx, const struct field *f, const struct val *in)
{
    struct value v;

    return change_value(f, in, &v) ? value_show(cx, f, &v) : "";
}

/* An amount that is counted by another rate stays the same amount: then both say what it was
 * worth. */
static void put_both(struct ctx *cx, const struct field *f, const struct val *pair,
                     struct val *entry)
{
    const char *says[2];

    for (size_t i = 0; i < 2; i++)
        says[i] = show_raw(cx, f, val_at(pair, i));
    if (f->kind == FIELD_MONEY && text_is(says[0], says[1]))
        for (size_t i = 0; i < 2; i++) {
            struct money m = { .minor = val_get_i64(val_at(pair, i), "base", 0) };
            snprintf(m.currency, sizeof m.currency, "%.3s", base_currency(cx));
            says[i] = arena_printf(cx->arena, "%s (%s)", says[i], money_show(cx->arena, m));
        }
    val_put_text(entry, "old", says[0]);
    val_put_text(entry, "new", says[1]);
}

void change_fields(struct ctx *cx, const struct record_type *t, const struct val *changed,
                   struct val *list)
{
    for (size_t i = 0; i < val_count(changed); i++) {
        int field = type_field(t, val_key_at(changed, i));
        const struct val *pair = val_value_at(changed, i);
        if (field < 0 || (t->fields[field].flags & INTERNAL))
            continue;
        if (t->fields[field].kind == FIELD_SECRET) { /* that it was changed, not what to */
            struct val *entry = val_add_map(list);
            val_put_text(entry, "name", t->fields[field].name);
            val_put_text(entry, "label", t->fields[field].label);
            val_put_text(entry, "old", "");
            val_put_text(entry, "new", "changed");
            continue;
        }
        if (val_kind_of(pair) != VAL_LIST)
            continue;
        const struct field *f = &t->fields[field];
        struct val *entry = val_add_map(list);
        val_put_text(entry, "name", f->name);
        val_put_text(entry, "label", f->label);
        put_both(cx, f, pair, entry);
    }
}

/* Names of those who did it: one query for all. */
static enum status name_users(struct ctx *cx, struct val *list, const i64 *users, size_t count)
{
    const struct record_type *t = type_find(cx, "user");
    const char **names = NEW_N(cx->arena, const char *, count);

    if (t != NULL && count > 0) {
        /* Who did it is part of the history, also for those who may not list the users. */
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        TRY(record_titles(cx, t, users, count, names));
    }
    for (size_t i = 0; i < count; i++) {
        struct val *user =
            val_put_map((struct val *)val_at(list, val_count(list) - count + i), "user");
        val_put(user, "id",
                users[i] ? val_text(cx->arena, id_text(cx->arena, users[i])) : val_null(cx->arena));
        val_put_text(user, "name",
                     users[i] == 0 ? access_system()->name
                     : names[i]    ? names[i]
                                   : "");
    }
    return OK;
}

static struct val *id_or_null(struct ctx *cx, i64 id)
{
    return id ? val_text(cx->arena, id_text(cx->arena, id)) : val_null(cx->arena);
}

enum status record_history(struct ctx *cx, const struct row *r, int limit, struct val *list)
{
    i64 *users = NEW_N(cx->arena, i64, (size_t)limit);
    size_t count = 0;
    scoped(stmt_close) struct stmt q = db_query(cx, "change.history", TEXT("type", r->type->name),
                                                I64("record", r->id), I64("limit", limit));

    while (stmt_next(&q)) {
        struct val *entry = val_add_map(list), *changed = NULL;
        val_put_i64(entry, "at", col_i64(&q, 0));
        users[count++] = col_i64(&q, 1);
        val_put_text(entry, "kind", col_text(&q, 2));
        val_put(entry, "batch", id_or_null(cx, col_i64(&q, 3)));
        val_put(entry, "request", id_or_null(cx, col_i64(&q, 4)));
        val_put_i64(entry, "version", col_i64(&q, 5));
        if (json_read(cx->arena, str_from(col_text(&q, 6)), &changed, NULL) != OK)
            return ctx_fail(cx, E_CORRUPT, "the change log of this record cannot be read");
        change_fields(cx, r->type, changed, val_put_list(entry, "fields"));
    }
    TRY(stmt_status(&q));
    return name_users(cx, list, users, count);
}

/* What the fields of one change held before it. */
static void put_old(struct row *r, const struct val *changed)
{
    for (size_t i = 0; i < val_count(changed); i++) {
        int field = type_field(r->type, val_key_at(changed, i));
        const struct val *pair = val_value_at(changed, i);
        if (field >= 0 && val_kind_of(pair) == VAL_LIST)
            (void)change_value(&r->type->fields[field], val_at(pair, 0), &r->values[field]);
    }
}

enum status row_as_of(struct ctx *cx, struct row *r, i64 at_ms)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "change.since", TEXT("type", r->type->name), I64("record", r->id),
                 I64("from", id_at(at_ms, 0, 0)), I64("at", at_ms));
    struct val *changed;

    while (stmt_next(&q)) {
        if (json_read(cx->arena, str_from(col_text(&q, 0)), &changed, NULL) != OK)
            return ctx_fail(cx, E_CORRUPT, "the change log of this record cannot be read");
        put_old(r, changed);
    }
    return stmt_status(&q);
}
