/* arrival.c -- see arrival.h. */
#include "mail/arrival.h"
#include "base/id.h"

enum status mail_arrived(struct ctx *cx, const struct row *mailbox, struct str bytes,
                         const char *key, i64 at_ms)
{
    struct val *props = val_map(cx->arena);
    i64 id = kit_new_id(cx), added;

    TRY(db_run_count(
        cx, &added, "arrival.add", I64("id", id), I64("mailbox", row_id(mailbox)), TEXT("key", key),
        I64("at", at_ms == TIME_NONE ? ctx_now(cx) : at_ms),
        BLOB("bytes", bytes.p, bytes.len < ARRIVAL_BYTES ? bytes.len : ARRIVAL_BYTES)));
    if (added == 0)
        return OK;
    val_put_text(props, "arrival", id_text(cx->arena, id));
    return happen(cx, &(struct happening){ .name = "mail.arrived", .props = props });
}

enum status arrival_get(struct ctx *cx, i64 id, struct arrival *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "arrival.get", I64("id", id));
    struct str bytes;

    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return E_NOT_FOUND;
    }
    bytes = col_blob(&q, 3);
    *out = (struct arrival){
        .id = id,
        .mailbox_id = col_i64(&q, 0),
        .key = arena_text(cx->arena, col_text(&q, 1)),
        .at_ms = col_i64(&q, 2),
        .bytes = { arena_dup(cx->arena, bytes.p, bytes.len), bytes.len },
    };
    return OK;
}
