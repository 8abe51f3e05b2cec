/* merge_undo.c -- a merge is undone: what its batch of the change log says of records, and its
 * journal of other rows, goes back. What was changed again since stays as it is. */
#include "base/json.h"
#include "kit/kinds.h"
#include "kit/kit_int.h"
#include "kit/merge_int.h"
#include "kit/record_check.h"
#include "kit/record_door.h"
#include "kit/record_log.h"

enum { CHANGES = 200, PART_BYTES = 256 * 1024, STACK = 64 };

struct undo {
    const struct merge_done *m;
    const struct record_type *type;
};

/* ---- references ---- */
/* Something became of a record since a merge moved it. It goes back if only merges pointed it
 * elsewhere, which took the kept record along: each undo takes the merge that it undoes off the
 * stack. */
static enum status only_merges(struct ctx *cx, const struct undo *u, const char *type, i64 record,
                               i64 from, const char *field, i64 *now, bool *yes)
{
    i64 stack[STACK], batches[STACK * 4];
    const struct val *pairs[STACK * 4];
    size_t count = 0, depth = 0;

    *now = 0;
    {
        scoped(stmt_close) struct stmt q = db_query(cx, "merge.moves", TEXT("type", type),
                                                    I64("record", record), I64("from", from));
        while (count < STACK * 4 && stmt_next(&q)) {
            struct val *map;
            if (json_read(cx->arena, str_from(col_text(&q, 2)), &map, NULL) == OK &&
                val_kind_of(val_get(map, field)) == VAL_LIST) {
                batches[count] = col_i64(&q, 1);
                pairs[count++] = val_get(map, field);
            }
        }
        TRY(stmt_status(&q));
    }
    *yes = count > 0 && batches[0] == u->m->batch_id;
    for (size_t i = 0; *yes && i < count; i++) {
        if (i > 0 && val_as_i64(val_at(pairs[i], 0), 0) != *now) {
            *yes = false;
            break;
        }
        scoped(stmt_close) struct stmt q = db_query(cx, "merge.of_batch", I64("batch", batches[i]));
        bool known = stmt_next(&q);
        i64 merge = known ? col_i64(&q, 0) : 0;
        if (known && !col_i64(&q, 1) && depth < STACK)
            stack[depth++] = merge;
        else if (known && col_i64(&q, 1) && depth > 1 && stack[depth - 1] == merge)
            depth--;
        else
            *yes = false;
        TRY(stmt_status(&q));
        *now = val_as_i64(val_at(pairs[i], 1), 0);
    }
    return OK;
}

/* One record's field that the merge moved. */
static enum status point_back(struct ctx *cx, const struct undo *u, const struct record_type *t,
                              i64 record, int field, i64 change_id, bool later)
{
    i64 to = u->m->keep_id;
    bool may = true;
    struct row *r;
    enum status s = sql_load(cx, t, record, true, &r);

    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    if (later)
        TRY(only_merges(cx, u, t->name, record, change_id, t->fields[field].name, &to, &may));
    if (!may || !r->values[field].set || r->values[field].i != to)
        return OK; /* pointed elsewhere since */
    return merge_point(cx, t, field, &record, 1, to, u->m->lose_id);
}

/* A field of some record that `merge_put` or the saving of the kept record changed: back, unless it
 * is another by now. */
static bool put_old(struct row *r, int field, const struct val *pair)
{
    const struct field *f = &r->type->fields[field];
    struct value was = { .text = "" }, became = { .text = "" };

    (void)change_value(f, val_at(pair, 0), &was);
    (void)change_value(f, val_at(pair, 1), &became);
    if (!field_equal(f, &r->values[field], &became))
        return false;
    row_clear(r, field); /* keeps how it was */
    r->values[field] = was;
    return true;
}

static enum status undo_move(struct ctx *cx, const struct undo *u, const char *type, i64 record,
                             const struct val *fields, i64 change_id, bool later)
{
    const struct record_type *t = type_find(cx, type);
    struct row *r = NULL;

    for (size_t i = 0; t && i < val_count(fields); i++) {
        int field = type_field(t, val_key_at(fields, i));
        const struct val *pair = val_value_at(fields, i);
        if (field < 0 || val_kind_of(pair) != VAL_LIST)
            continue;
        if (t->fields[field].kind == FIELD_REF) {
            TRY(point_back(cx, u, t, record, field, change_id, later));
            continue;
        }
        enum status s = r ? OK : sql_load(cx, t, record, true, &r);
        if (s == E_NOT_FOUND)
            return OK;
        TRY(s);
        (void)put_old(r, field, pair);
    }
    return r ? merge_put(cx, r) : OK;
}

/* Runs of references of one field in one type go back in one statement where nothing happened to
 * them since; what is left goes one by one. */
struct run {
    const struct record_type *type;
    int field;
    i64 ids[SQL_IDS];
    size_t count;
};

static enum status run_end(struct ctx *cx, const struct undo *u, struct run *r)
{
    struct row *rows[SQL_IDS];
    size_t found, kept = 0;
    i64 back[SQL_IDS];

    if (r->count == 0)
        return OK;
    TRY(sql_load_many(cx, r->type, r->ids, r->count, true, rows, &found));
    for (size_t i = 0; i < found; i++)
        if (rows[i]->values[r->field].set && rows[i]->values[r->field].i == u->m->keep_id)
            back[kept++] = rows[i]->id;
    r->count = 0;
    return merge_point(cx, r->type, r->field, back, kept, u->m->keep_id, u->m->lose_id);
}

/* The only field of a change, when it is a reference. */
static int only_ref(const struct record_type *t, const struct val *fields)
{
    int field = t && val_count(fields) == 1 ? type_field(t, val_key_at(fields, 0)) : -1;

    return field >= 0 && t->fields[field].kind == FIELD_REF ? field : -1;
}

struct moved {
    i64 id, record;
    const char *type;
    struct val *fields;
    bool later;
};

static enum status undo_part(struct ctx *cx, const struct undo *u, i64 *after, size_t *count)
{
    struct moved *list = NEW_N(cx->arena, struct moved, CHANGES);
    struct run run = { 0 };

    *count = 0;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "merge.changes", I64("batch", u->m->batch_id), I64("after", *after),
                     TEXT("verb", "move"), I64("limit", CHANGES));
        while (*count < CHANGES && stmt_next(&q)) {
            struct moved *one = &list[(*count)++];
            *one = (struct moved){ .id = col_i64(&q, 0),
                                   .type = arena_text(cx->arena, col_text(&q, 1)),
                                   .record = col_i64(&q, 2),
                                   .later = col_i64(&q, 5) != 0 };
            if (json_read(cx->arena, str_from(col_text(&q, 4)), &one->fields, NULL) != OK)
                return ctx_fail(cx, E_CORRUPT, "the change log of a merge cannot be read");
            *after = one->id;
        }
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < *count; i++) {
        struct moved *one = &list[i];
        const struct record_type *t = type_find(cx, one->type);
        int field = one->later ? -1 : only_ref(t, one->fields);
        if (field < 0 || t != run.type || field != run.field || run.count == SQL_IDS) {
            TRY(run_end(cx, u, &run));
            run.type = t;
            run.field = field;
        }
        if (field >= 0)
            run.ids[run.count++] = one->record;
        else
            TRY(undo_move(cx, u, one->type, one->record, one->fields, one->id, one->later));
    }
    return run_end(cx, u, &run);
}

static enum status undo_moves(struct ctx *cx, const struct undo *u)
{
    struct arena *some = arena_new(PART_BYTES);
    struct ctx own = *cx;
    size_t count = CHANGES;
    i64 after = 0;
    enum status s = OK;

    own.arena = some;
    while (s == OK && count == CHANGES) {
        arena_reset(some);
        s = undo_part(&own, u, &after, &count);
    }
    if (s != OK)
        s = ctx_fail(cx, s, "%s", own.error_text ? own.error_text : "");
    arena_free(some);
    return s;
}

/* ---- rows beside the records ---- */
static enum status undo_rows(struct ctx *cx, const struct undo *u)
{
    const struct merge_done *m = u->m;
    struct merge_done later[MERGE_CHAIN];
    size_t count, chain = 0;
    struct merge_place *places = merge_places(cx, u->type, &count);
    enum status s = merge_of_lost(cx, m->keep_id, &later[0]);

    while (s == OK && ++chain < MERGE_CHAIN)
        s = merge_of_lost(cx, later[chain - 1].keep_id, &later[chain]);
    if (s != OK && s != E_NOT_FOUND)
        return s;
    for (size_t i = 0; i < count; i++) {
        TRY(sql_merge_rows_back(cx, &places[i], m->id, m->lose_id, m->keep_id));
        for (size_t l = 0; l < chain; l++)
            TRY(sql_merge_rows_from(cx, &places[i], m->id, m->lose_id, later[l].id,
                                    later[l].keep_id));
        TRY(sql_merge_rows_end(cx, &places[i], m->id, m->lose_id));
    }
    return OK;
}

/* ---- the kept record ---- */
/* What saving it changed, as the log has it. NULL: nothing. */
static enum status kept_fields(struct ctx *cx, const struct merge_done *m, struct val **fields)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "merge.changes", I64("batch", m->batch_id), I64("after", 0),
                 TEXT("verb", "update"), I64("limit", CHANGES));

    *fields = NULL;
    while (stmt_next(&q))
        if (col_i64(&q, 2) == m->keep_id &&
            json_read(cx->arena, str_from(col_text(&q, 4)), fields, NULL) != OK)
            return ctx_fail(cx, E_CORRUPT, "the change log of a merge cannot be read");
    return stmt_status(&q);
}

static enum status restore_kept(struct ctx *cx, const struct merge_done *m, struct row *keep)
{
    struct val *fields;

    TRY(kept_fields(cx, m, &fields));
    for (size_t i = 0; i < val_count(fields); i++) {
        int field = type_field(keep->type, val_key_at(fields, i));
        if (field >= 0 && val_kind_of(val_value_at(fields, i)) == VAL_LIST)
            (void)put_old(keep, field, val_value_at(fields, i));
    }
    return OK;
}

enum status merge_undo_fields(struct ctx *cx, const struct merge_done *m, struct val *list)
{
    const struct record_type *t = type_find(cx, m->type);
    struct val *fields;
    struct row *keep;

    TRY(record_get_any(cx, t, m->keep_id, &keep));
    TRY(kept_fields(cx, m, &fields));
    for (size_t i = 0; i < val_count(fields); i++) {
        int field = type_field(t, val_key_at(fields, i));
        struct value was = { .text = "" };
        if (field < 0 || val_kind_of(val_value_at(fields, i)) != VAL_LIST)
            continue;
        struct val *one = val_add_map(list);
        val_put_text(one, "label", t->fields[field].label);
        val_put_text(one, "now", row_show(cx, keep, field));
        (void)change_value(&t->fields[field], val_at(val_value_at(fields, i), 0), &was);
        bool goes = put_old(keep, field, val_value_at(fields, i));
        val_put_text(one, "then", was.set ? value_show(cx, &t->fields[field], &was) : "");
        val_put_bool(one, "stays", !goes);
    }
    return OK;
}

/* ---- undoing ---- */
static enum status undo_in_tx(struct ctx *cx, const struct undo *u, struct row *keep,
                              struct row *lose)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    struct merge told = { u->m->id, u->type, keep, lose, true };
    i64 changed;

    TRY(tx.status);
    TRY(db_run_count(cx, &changed, "merge.undone", I64("id", u->m->id), I64("at", ctx_now(cx)),
                     MAYBE("user", cx->access ? cx->access->user_id : 0),
                     I64("batch", cx->batch_id)));
    if (changed == 0)
        return ctx_fail_code(cx, E_CONFLICT, "merge.undone", "This merge is undone already.");
    TRY(undo_moves(cx, u));
    TRY(restore_kept(cx, u->m, keep));
    TRY(merge_tell_features(cx, &told)); /* while it is known which rows were taken out */
    TRY(undo_rows(cx, u));
    TRY(door_put(cx, keep, false, "unmerged"));
    TRY(door_restore(cx, lose));
    if (lose->stored) /* a feature has set something */
        TRY(door_put(cx, lose, false, "unmerged"));
    TRY(db_run(cx, "merge.values_forget", I64("merge", u->m->id)));
    TRY(merge_note(cx, keep, lose, true, true));
    TRY(merge_note(cx, lose, keep, true, false));
    return tx_commit(&tx);
}

enum status record_unmerge(struct ctx *cx, i64 merge_id)
{
    i64 batch = cx->batch_id;
    struct row *keep, *lose;
    struct merge_done m;
    enum status s;

    TRY(merge_get(cx, merge_id, &m));
    if (m.undone_at)
        return ctx_fail_code(cx, E_CONFLICT, "merge.undone", "This merge is undone already.");
    struct undo u = { &m, type_find(cx, m.type) };
    if (u.type == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "There is no such kind of record any more.");
    TRY(record_get_any(cx, u.type, m.keep_id, &keep));
    TRY(record_get_any(cx, u.type, m.lose_id, &lose));
    TRY(check_scope(cx, keep, VERB_UPDATE));
    TRY(check_scope(cx, lose, VERB_DELETE));
    cx->batch_id = kit_new_id(cx);
    s = undo_in_tx(cx, &u, keep, lose);
    cx->batch_id = batch;
    return s;
}
