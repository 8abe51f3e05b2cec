/* segment_member.c -- who is in a segment: members, their history, and the size, which are always
 * written together. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/segment_int.h"

bool segment_is_live(const struct row *segment)
{
    return text_is(row_text(segment, SEGMENT_KIND), "live");
}

/* ---- asking ---- */
enum status segment_has(struct ctx *cx, i64 segment_id, i64 contact_id, bool *out)
{
    i64 one;
    enum status s =
        db_get_i64(cx, &one, "segment.has", I64("segment", segment_id), I64("contact", contact_id));

    *out = s == OK;
    return s == E_NOT_FOUND ? OK : s;
}

enum status segment_each(struct ctx *cx, i64 segment_id, i64 after_contact_id, i64 *ids, size_t max,
                         size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "segment.each", I64("segment", segment_id), I64("after", after_contact_id),
                 I64("limit", (i64)max));

    *count = 0;
    while (*count < max && stmt_next(&q))
        ids[(*count)++] = col_i64(&q, 0);
    return stmt_status(&q);
}

enum status segment_size(struct ctx *cx, i64 segment_id, i64 *count)
{
    enum status s = db_get_i64(cx, count, "segment.size", I64("segment", segment_id));

    if (s == E_NOT_FOUND)
        *count = 0;
    return s == E_NOT_FOUND ? OK : s;
}

enum status segment_of(struct ctx *cx, i64 contact_id, struct val *list)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "segment.of", I64("contact", contact_id));

    while (stmt_next(&q)) {
        struct val *m = val_add_map(list);
        const char *id = id_text(cx->arena, col_i64(&q, 0));
        val_put_text(m, "id", id);
        val_put_text(m, "name", arena_text(cx->arena, col_text(&q, 1)));
        val_put_text(m, "path", arena_printf(cx->arena, "/segments/%s", id));
        val_put_bool(m, "live", text_is(col_text(&q, 2), "live"));
        val_put_i64(m, "since", col_i64(&q, 3));
    }
    return stmt_status(&q);
}

enum status segment_past(struct ctx *cx, i64 segment_id, i64 before, int limit, struct val *list)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "segment.past", I64("segment", segment_id),
                 I64("before", before ? before : INT64_MAX), I64("limit", limit));

    while (stmt_next(&q)) {
        struct val *m = val_add_map(list);
        val_put_i64(m, "id", col_i64(&q, 0));
        val_put_i64(m, "contact_id", col_i64(&q, 1));
        val_put_i64(m, "at", col_i64(&q, 2));
        val_put_bool(m, "entered", col_i64(&q, 3) != 0);
        val_put_i64(m, "why", col_i64(&q, 4));
    }
    return stmt_status(&q);
}

/* ---- moving ---- */
static enum status write_past(struct ctx *cx, i64 segment, const i64 *ids, size_t count, bool in,
                              enum segment_why why)
{
    for (size_t i = 0; i < count; i++)
        TRY(db_run(cx, "segment.log", I64("id", kit_new_id(cx)), I64("segment", segment),
                   I64("contact", ids[i]), I64("at", ctx_now(cx)), I64("entered", in),
                   I64("why", why)));
    return OK;
}

static enum status write_members(struct ctx *cx, i64 segment, const i64 *ids, size_t count, bool in)
{
    const char *text = ids_text(cx, ids, count);

    if (!in)
        return db_run(cx, "segment.drop", I64("segment", segment), TEXT("ids", text));
    return db_run(cx, "segment.put", I64("segment", segment), TEXT("ids", text),
                  I64("at", ctx_now(cx)));
}

enum status segment_move(struct ctx *cx, struct row *segment, const i64 *ids, size_t count, bool in,
                         enum segment_why why)
{
    i64 id = row_id(segment), by = in ? (i64)count : -(i64)count;
    bool quiet = why == WHY_FILTER || why == WHY_FIRST;

    if (count == 0)
        return OK;
    TRY(write_members(cx, id, ids, count, in));
    if (why != WHY_FIRST)
        TRY(write_past(cx, id, ids, count, in, why));
    TRY(db_run(cx, "segment.resize", I64("segment", id), I64("by", by)));
    TRY(db_run(cx, "segment.day", I64("segment", id),
               I64("day", zone_day(kit_zone(cx), ctx_now(cx))),
               I64("entered", in && why != WHY_FIRST ? by : 0), I64("gone", in ? 0 : -by)));
    for (size_t i = 0; i < count && !quiet; i++)
        TRY(happen(cx, &(struct happening){ .name = in ? "segment.entered" : "segment.left",
                                            .row = segment,
                                            .contact_id = ids[i] }));
    return OK;
}

/* ---- the trash ---- */
enum status segment_trash(struct ctx *cx, i64 contact_id, bool back)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct ids lists = { 0 };
    struct row *segment;

    {
        scoped(stmt_close) struct stmt q =
            db_query_(cx, back ? "segment.lists_before" : "segment.lists_of",
                      DB_ARGS(I64("contact", contact_id)));
        while (stmt_next(&q))
            ids_add(cx->arena, &lists, &(i64){ col_i64(&q, 0) }, 1);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < lists.count; i++) {
        TRY(record_get_any(cx, &segment_type, lists.at[i], &segment));
        TRY(segment_move(cx, segment, &contact_id, 1, back, WHY_TRASH));
        TRY(segment_touch_members(cx, lists.at[i], contact_id));
    }
    return OK;
}

/* ---- by hand ---- */
static enum status static_one(struct ctx *cx, i64 segment_id, struct row **out)
{
    TRY(record_get(cx, &segment_type, segment_id, out));
    TRY(access_check(cx, segment_type.name, VERB_UPDATE));
    if (segment_is_live(*out))
        return ctx_fail_code(cx, E_INVALID, "segment.live",
                             "\"%s\" is a live segment: its filter says who is in it.",
                             row_text(*out, SEGMENT_NAME));
    return OK;
}

enum status segment_add(struct ctx *cx, i64 segment_id, i64 contact_id)
{
    struct row *segment, *contact;
    bool has;

    TRY(static_one(cx, segment_id, &segment));
    TRY(record_get(cx, &contact_type, contact_id, &contact));
    TRY(segment_has(cx, segment_id, contact_id, &has));
    if (has)
        return OK;
    TRY(segment_move(cx, segment, &contact_id, 1, true, WHY_HAND));
    return segment_touch_members(cx, segment_id, contact_id);
}

enum status segment_remove(struct ctx *cx, i64 segment_id, i64 contact_id)
{
    struct row *segment;
    bool has;

    TRY(static_one(cx, segment_id, &segment));
    TRY(segment_has(cx, segment_id, contact_id, &has));
    if (!has)
        return OK;
    TRY(segment_move(cx, segment, &contact_id, 1, false, WHY_HAND));
    return segment_touch_members(cx, segment_id, contact_id);
}
