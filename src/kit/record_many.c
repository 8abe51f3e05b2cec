/* record_many.c -- many new records of one type through the one door: the same checks, hooks and
 * log, but a statement for many rows where one row takes one. For imports and the demo company. */
#include "kit/kit_int.h"
#include "kit/record_check.h"
#include "kit/record_door.h"
#include "kit/record_log.h"
#include "kit/search.h"

enum { CHUNK_ROWS = 100 }; /* one statement; its text is always the same, so it is prepared once */

static enum status check_one(struct ctx *cx, struct row *r, struct checked_refs *seen)
{
    int owner = type_owner_field(r->type);
    enum scope scope = access_scope(cx->access, r->type->name, VERB_CREATE);

    TRY(row_defaults(cx, r));
    if (owner >= 0 && !row_has(r, owner) && scope < SCOPE_ALL && cx->access->user_id)
        row_set_i64(r, owner, cx->access->user_id);
    row_stamp(cx, r);
    TRY(check_row(cx, r, seen));
    return scope == SCOPE_ALL ? OK : check_scope(cx, r, VERB_CREATE);
}

/* ---- uniqueness of a chunk: within itself, then against the table ---- */
struct folded {
    u64 hash;
    const char *text;
    struct row *row;
};

static enum status check_chunk_field(struct ctx *cx, struct row **rows, size_t count, int i)
{
    const struct field *f = &rows[0]->type->fields[i];
    struct folded seen[CHUNK_ROWS];
    const char *texts[CHUNK_ROWS], *which;
    size_t found = 0;
    i64 other;

    for (size_t r = 0; r < count; r++) {
        if (!rows[r]->values[i].set)
            continue;
        const char *text = field_fold(cx->arena, f, rows[r]->values[i].text);
        u64 hash = str_hash(str_from(text));
        if (text[0] == '\0')
            continue;
        for (size_t j = 0; j < found; j++)
            if (seen[j].hash == hash && text_is(seen[j].text, text))
                return taken_by(cx, rows[r], i, seen[j].row->id);
        texts[found] = text;
        seen[found++] = (struct folded){ hash, text, rows[r] };
    }
    if (found == 0)
        return OK;
    TRY(sql_taken(cx, rows[0]->type, f, texts, found, 0, &other, &which));
    for (size_t j = 0; other && j < found; j++)
        if (text_is(seen[j].text, which))
            return taken_by(cx, seen[j].row, i, other);
    return OK;
}

static enum status check_chunk(struct ctx *cx, struct row **rows, size_t count)
{
    const struct record_type *t = rows[0]->type;

    for (int i = 0; i < t->field_count; i++)
        if (t->fields[i].flags & UNIQUE)
            TRY(check_chunk_field(cx, rows, count, i));
    return OK;
}

/* ---- writing ---- */
static enum status index_chunk(struct ctx *cx, struct row **rows, size_t count)
{
    const char *words[CHUNK_ROWS];
    i64 ids[CHUNK_ROWS];
    bool searched = false;

    for (int i = 0; i < rows[0]->type->field_count; i++)
        searched |= (rows[0]->type->fields[i].flags & SEARCHED) != 0;
    if (!searched)
        return OK;
    for (size_t i = 0; i < count; i++) {
        words[i] = row_search_words(cx, rows[i]);
        ids[i] = rows[i]->id;
    }
    return search_put_many(cx, rows[0]->type, ids, words, count);
}

static enum status save_chunk(struct ctx *cx, struct row **rows, size_t count,
                              struct checked_refs *seen)
{
    for (size_t i = 0; i < count; i++) {
        assert(rows[i]->is_new && !rows[i]->in_table && rows[i]->type == rows[0]->type);
        TRY(check_one(cx, rows[i], seen));
    }
    TRY(check_chunk(cx, rows, count));
    TRY(door_conflict(cx, sql_insert(cx, rows, count)));
    for (size_t i = 0; i < count; i++)
        rows[i]->in_table = true;
    TRY(change_write_new(cx, rows, count));
    TRY(index_chunk(cx, rows, count));
    for (size_t i = 0; i < count; i++) {
        TRY(row_follow(cx, rows[i], "created"));
        rows[i]->is_new = false;
    }
    return OK;
}

static enum status save_all(struct ctx *cx, struct row **rows, size_t count)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    struct checked_refs seen = { 0 };

    TRY(tx.status);
    for (size_t from = 0; from < count; from += CHUNK_ROWS) {
        size_t part = count - from < CHUNK_ROWS ? count - from : CHUNK_ROWS;
        TRY(save_chunk(cx, rows + from, part, &seen));
    }
    announce_many(cx, rows[0]->type);
    return tx_commit(&tx);
}

enum status record_save_many(struct ctx *cx, struct row **rows, size_t count)
{
    i64 batch = cx->batch_id;
    enum status s;

    if (count == 0)
        return OK;
    TRY(access_check(cx, rows[0]->type->name, VERB_CREATE));
    TRY(door_enter(cx, rows[0]->type));
    if (batch == 0)
        cx->batch_id = kit_new_id(cx);
    s = save_all(cx, rows, count);
    cx->batch_id = batch;
    cx->depth--;
    for (size_t i = 0; s != OK && i < count; i++) { /* nothing of it was kept */
        rows[i]->in_table = false;
        rows[i]->is_new = true;
        rows[i]->version = 0;
    }
    return s;
}
