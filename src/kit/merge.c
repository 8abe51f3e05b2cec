/* merge.c -- two records become one. */
#include "kit/merge.h"
#include "base/id.h"
#include "base/limits.h"
#include "kit/kinds.h"
#include "kit/kit_int.h"
#include "kit/merge_int.h"
#include "kit/record_check.h"
#include "kit/record_door.h"
#include "kit/record_log.h"
#include "kit/show.h"

enum { PART_BYTES = 256 * 1024, COUNTED = 10000 };

/* ---- where ids stand ---- */
static const struct merge_table *table_at(struct ctx *cx, size_t *feature, size_t *row)
{
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);

    for (; *feature < count; (*feature)++, *row = 0)
        if (*row < features[*feature]->merge_table_count)
            return &features[*feature]->merge_tables[(*row)++];
    return NULL;
}

struct merge_place *merge_places(struct ctx *cx, const struct record_type *t, size_t *count)
{
    struct merge_place *list = NEW_N(cx->arena, struct merge_place, MERGE_PLACES);
    const struct merge_table *m;
    size_t feature = 0, row = 0;

    *count = 0;
    while ((m = table_at(cx, &feature, &row)) != NULL && *count < MERGE_PLACES)
        if (!m->stays && (m->type == NULL || text_is(m->type, t->name)) &&
            type_find(cx, m->table) == NULL)
            list[(*count)++] = (struct merge_place){ m, t->name };
    return list;
}

const struct merge_table *merge_once(struct ctx *cx, const struct record_type *of, int field)
{
    const struct merge_table *m;
    size_t feature = 0, row = 0;

    while ((m = table_at(cx, &feature, &row)) != NULL)
        if (text_is(m->table, of->name) && text_is(m->column, of->fields[field].name))
            return m;
    return NULL;
}

/* ---- fields ---- */
static bool is_long(const struct field *f) { return f->kind == FIELD_LONG; }

/* Both texts, as far as the field has room. */
static enum status take_both(struct ctx *cx, struct row *keep, const struct row *lose, int i)
{
    const struct field *f = &keep->type->fields[i];
    const char *mine = row_plain(cx, keep, i), *theirs = row_plain(cx, lose, i);
    size_t most = f->max_len ? (size_t)f->max_len : LIMIT_LONG_TEXT_BYTES;

    if (f->kind == FIELD_TAGS)
        return row_parse(cx, keep, i, arena_printf(cx->arena, "%s, %s", mine, theirs));
    if (text_is(mine, theirs) || strlen(mine) + strlen(theirs) + 2 > most)
        return OK;
    row_set_text(keep, i, arena_printf(cx->arena, "%s\n\n%s", mine, theirs));
    return OK;
}

static void take_theirs(struct row *keep, const struct row *lose, int i)
{
    row_clear(keep, i); /* keeps how it was */
    keep->values[i] = lose->values[i];
}

static enum status choose(struct ctx *cx, struct row *keep, const struct row *lose, int i,
                          enum merge_choice how)
{
    const struct field *f = &keep->type->fields[i];
    bool both = f->kind == FIELD_TAGS || is_long(f);

    if (f->flags & INTERNAL)
        return OK;
    if (how == MERGE_THEIRS && !(f->flags & COMPUTED)) {
        take_theirs(keep, lose, i);
        return OK;
    }
    if (how == MERGE_MINE || !row_has(lose, i) || f->kind == FIELD_BOOL)
        return OK;
    if (!row_has(keep, i))
        take_theirs(keep, lose, i);
    else if (both && !(f->flags & COMPUTED))
        return take_both(cx, keep, lose, i);
    return OK;
}

enum status merge_fields(struct ctx *cx, struct row *keep, const struct row *lose,
                         const enum merge_choice *choices)
{
    const struct record_type *t = keep->type;
    bool *chose = NEW_N(cx->arena, bool, (size_t)t->field_count);

    for (int i = 0; i < t->field_count; i++) {
        chose[i] = choices && choices[i] != MERGE_USUAL;
        TRY(choose(cx, keep, lose, i, choices ? choices[i] : MERGE_USUAL));
    }
    return t->merged ? t->merged(cx, keep, lose, chose) : OK;
}

/* ---- references ---- */
static enum status tell_moved(struct ctx *cx, struct row *r, int field, i64 to)
{
    struct row *before = NEW(cx->arena, struct row);

    *before = *r;
    before->values = NEW_N(cx->arena, struct value, (size_t)r->type->field_count);
    memcpy(before->values, r->values, sizeof(struct value) * (size_t)r->type->field_count);
    r->before = before;
    r->values[field].i = to;
    r->values[field].text = NULL;
    TRY(happen_to_row(cx, r, "moved"));
    announce_row(cx, r);
    return OK;
}

enum status merge_point(struct ctx *cx, const struct record_type *t, int field, const i64 *ids,
                        size_t count, i64 from, i64 to)
{
    struct row *rows[SQL_IDS];
    size_t found;

    if (count == 0)
        return OK;
    TRY(sql_load_many(cx, t, ids, count, true, rows, &found));
    TRY(change_write_points(cx, rows, found, field, from, to));
    TRY(sql_merge_point(cx, t, field, ids, count, to));
    for (size_t i = 0; i < found; i++)
        if (!rows[i]->deleted_at)
            TRY(tell_moved(cx, rows[i], field, to));
    return OK;
}

/* All records that point at `lose` by one field, a part at a time. */
static enum status move_refs(struct ctx *cx, const struct record_type *t, int field, i64 lose,
                             i64 keep)
{
    const struct merge_table *once = merge_once(cx, t, field);
    i64 ids[SQL_IDS], after = 0;
    size_t count = SQL_IDS;

    if (once && once->stays)
        return OK;
    while (count == SQL_IDS) {
        TRY(sql_merge_pointing(cx, t, field, lose, once, keep, after, ids, &count));
        TRY(merge_point(cx, t, field, ids, count, lose, keep));
        after = count ? ids[count - 1] : after;
    }
    return OK;
}

/* What is made in one part of the work is given back with it: companies have many thousands. */
static enum status in_parts(struct ctx *cx, const struct record_type *t, int field, i64 lose,
                            i64 keep)
{
    struct arena *some = arena_new(PART_BYTES);
    struct ctx own = *cx;
    enum status s;

    own.arena = some;
    s = move_refs(&own, t, field, lose, keep);
    if (s != OK)
        s = ctx_fail(cx, s, "%s", own.error_text ? own.error_text : "");
    arena_free(some);
    return s;
}

static enum status move_all_refs(struct ctx *cx, const struct record_type *to, i64 lose, i64 keep)
{
    size_t count;
    const struct record_type *const *types = type_all(cx, &count);

    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < types[i]->field_count; f++)
            if (types[i]->fields[f].kind == FIELD_REF && text_is(types[i]->fields[f].ref, to->name))
                TRY(in_parts(cx, types[i], f, lose, keep));
    return OK;
}

/* ---- for features ---- */
enum status merge_tell_features(struct ctx *cx, struct merge *m)
{
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);

    for (size_t i = 0; i < count; i++)
        if (features[i]->merged)
            TRY(features[i]->merged(cx, m));
    return OK;
}

enum status merge_put(struct ctx *cx, struct row *r)
{
    if (r->stored == NULL)
        return OK;
    TRY(sql_put_quietly(cx, r));
    TRY(change_write_move(cx, r, r->stored));
    r->stored = NULL;
    announce_row(cx, r);
    return OK;
}

/* ---- merging ---- */
static enum status check_pair(struct ctx *cx, const struct row *keep, const struct row *lose)
{
    const struct record_type *t = keep->type;
    const char *what = text_in_sentence(cx->arena, t->label);

    if (!(t->flags & TYPE_MERGE) || lose->type != t)
        return ctx_fail_code(cx, E_INVALID, "merge.type", "Records of these kinds are not merged.");
    if (keep->id == lose->id)
        return ctx_fail_code(cx, E_INVALID, "merge.same",
                             "A %s cannot be merged into itself: choose another one.", what);
    if (keep->deleted_at || lose->deleted_at)
        return ctx_fail_code(cx, E_CONFLICT, "in_trash",
                             "One of the two is in the trash: restore it first.");
    TRY(check_scope(cx, keep, VERB_UPDATE));
    return check_scope(cx, lose, VERB_DELETE);
}

enum status merge_note(struct ctx *cx, const struct row *whose, const struct row *other, bool undo,
                       bool link)
{
    struct val *props = val_map(cx->arena);

    if (!(whose->type->flags & TYPE_PERSON))
        return OK;
    val_put_text(props, "name", row_title(cx, other));
    val_put_text(props, "by", cx->access && cx->access->user_id ? cx->access->name : "");
    return journey_note(cx, &(struct journey_note){ .kind = undo ? "unmerged" : "merged",
                                                    .contact_id = whose->id,
                                                    .joins = link && !undo ? other->id : 0,
                                                    .parts = link && undo ? other->id : 0,
                                                    .props = props });
}

/* By what was the other's alone it is asked for still: mails come to the old address. */
static enum status keep_values(struct ctx *cx, i64 merge_id, const struct row *keep,
                               const struct row *lose)
{
    const struct record_type *t = keep->type;

    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        const char *theirs;
        if (!(f->flags & UNIQUE) || !lose->values[i].set)
            continue;
        theirs = field_fold(cx->arena, f, lose->values[i].text);
        if (keep->values[i].set && text_is(theirs, field_fold(cx->arena, f, keep->values[i].text)))
            continue;
        TRY(db_run(cx, "merge.value_add", I64("id", kit_new_id(cx)), I64("merge", merge_id),
                   TEXT("type", t->name), TEXT("field", f->name), TEXT("value", theirs),
                   I64("lose", lose->id)));
    }
    return OK;
}

static enum status move_rows(struct ctx *cx, const struct record_type *t, i64 merge_id, i64 lose,
                             i64 keep)
{
    size_t count;
    struct merge_place *places = merge_places(cx, t, &count);

    for (size_t i = 0; i < count; i++)
        TRY(sql_merge_rows(cx, &places[i], merge_id, lose, keep));
    return OK;
}

static enum status merge_in_tx(struct ctx *cx, struct row *keep, struct row *lose,
                               const enum merge_choice *choices, i64 merge_id)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    const struct record_type *t = keep->type;
    struct merge m = { merge_id, t, keep, lose, false };

    TRY(tx.status);
    TRY(db_run(cx, "merge.add", I64("id", merge_id), TEXT("type", t->name), I64("keep", keep->id),
               I64("lose", lose->id), I64("at", ctx_now(cx)),
               MAYBE("user", cx->access ? cx->access->user_id : 0), I64("batch", cx->batch_id)));
    TRY(move_all_refs(cx, t, lose->id, keep->id));
    TRY(move_rows(cx, t, merge_id, lose->id, keep->id));
    TRY(merge_fields(cx, keep, lose, choices));
    TRY(merge_tell_features(cx, &m));
    TRY(record_delete(cx, lose));
    TRY(door_put(cx, keep, true, "merged"));
    TRY(keep_values(cx, merge_id, keep, lose));
    TRY(merge_note(cx, keep, lose, false, true));
    return tx_commit(&tx);
}

enum status record_merge(struct ctx *cx, struct row *keep, struct row *lose,
                         const enum merge_choice *choices, i64 *merge_id)
{
    i64 batch = cx->batch_id, id = kit_new_id(cx);
    enum status s;

    TRY(check_pair(cx, keep, lose));
    cx->batch_id = kit_new_id(cx); /* of its own, also within other work: an undo reads it */
    s = merge_in_tx(cx, keep, lose, choices, id);
    cx->batch_id = batch;
    if (s == OK && merge_id)
        *merge_id = id;
    return s;
}

/* ---- asking ---- */
static void read_merge(struct ctx *cx, struct stmt *q, struct merge_done *out)
{
    *out = (struct merge_done){ .id = col_i64(q, 0),
                                .keep_id = col_i64(q, 1),
                                .lose_id = col_i64(q, 2),
                                .at = col_i64(q, 3),
                                .user_id = col_i64(q, 4),
                                .batch_id = col_i64(q, 5),
                                .undone_at = col_i64(q, 6),
                                .undo_batch = col_i64(q, 7),
                                .type = arena_text(cx->arena, col_text(q, 8)) };
}

static enum status first_merge(struct ctx *cx, struct stmt *q, struct merge_done *out)
{
    if (!stmt_next(q)) {
        TRY(stmt_status(q));
        return E_NOT_FOUND;
    }
    read_merge(cx, q, out);
    return OK;
}

enum status merge_get(struct ctx *cx, i64 merge_id, struct merge_done *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "merge.one", I64("id", merge_id));
    enum status s = first_merge(cx, &q, out);

    return s == E_NOT_FOUND ? ctx_fail(cx, s, "There is no such merge.") : s;
}

enum status merge_of_lost(struct ctx *cx, i64 lose_id, struct merge_done *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "merge.of_lost", I64("lose", lose_id));

    return first_merge(cx, &q, out);
}

enum status merge_into(struct ctx *cx, i64 lose_id, i64 *keep_id)
{
    struct merge_done m;
    enum status s = merge_of_lost(cx, lose_id, &m);

    TRY(s);
    for (int i = 0; s == OK && i < MERGE_CHAIN; i++) {
        *keep_id = m.keep_id;
        s = merge_of_lost(cx, m.keep_id, &m);
    }
    return s == E_NOT_FOUND ? OK : s;
}

enum status merges_of(struct ctx *cx, i64 keep_id, struct merge_done *out, size_t max,
                      size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "merge.of_keep", I64("keep", keep_id), I64("limit", (i64)max));

    for (*count = 0; *count < max && stmt_next(&q);)
        read_merge(cx, &q, &out[(*count)++]);
    return stmt_status(&q);
}

enum status merge_counts(struct ctx *cx, const struct row *r, struct val *list)
{
    const char *id = id_text(cx->arena, r->id);
    size_t count;
    const struct record_type *const *types = type_all(cx, &count);

    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < types[i]->field_count; f++) {
            const struct field *field = &types[i]->fields[f];
            i64 n;
            if (field->kind != FIELD_REF || !text_is(field->ref, r->type->name) ||
                access_scope(cx->access, types[i]->name, VERB_READ) == SCOPE_NONE)
                continue;
            TRY(list_count(cx, types[i], arena_printf(cx->arena, "%s = '%s'", field->name, id), "",
                           COUNTED, &n));
            if (n == 0)
                continue;
            struct val *one = val_add_map(list);
            val_put_text(one, "text", n == 1 ? types[i]->label : types[i]->plural);
            val_put_text(one, "count", show_number(cx->arena, n > COUNTED ? COUNTED : n));
        }
    return OK;
}
