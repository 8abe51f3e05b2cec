/* copy.c -- a copy of a store while somebody else, perhaps another process, has it open. */
#include "journey/journey_int.h"
#include <stdlib.h>

/* Each commit of outbox rows tells the last one's number; since the last flush only in the log. */
static enum status last_outbox(struct ctx *cx, struct reader *r, const char *path, u64 *seq)
{
    scoped(arena_close) struct arena *a = arena_new(64 * 1024);
    sqlite3_stmt *q;
    struct batch b;
    const char *what = NULL;
    int rc;

    *seq = 0;
    TRY(reader_query(r, SQL_META_GET, &q));
    sqlite3_bind_text(q, 1, "outbox_seq", -1, SQLITE_STATIC);
    if (sqlite3_step(q) == SQLITE_ROW)
        *seq = (u64)sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    TRY(reader_query(r, SQL_LOG_ALL, &q));
    while (what == NULL && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        what = batch_read(sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1), a, &b);
        if (what == NULL && b.outbox_seq > *seq)
            *seq = b.outbox_seq;
        arena_reset(a);
    }
    sqlite3_finalize(q);
    if (what == NULL && rc == SQLITE_DONE)
        return OK;
    return ctx_fail(cx, E_CORRUPT, "'%s': the log cannot be read: %s", path,
                    what == NULL ? "damaged" : what);
}

enum status journey_copy_begin(struct ctx *cx, const char *path, struct journey_copy **out,
                               u64 *outbox_seq)
{
    struct reader *r;

    TRY(snapshot_open(cx, path, &r));
    enum status s = last_outbox(cx, r, path, outbox_seq);
    if (s != OK) {
        snapshot_close(r);
        return s;
    }
    *out = (struct journey_copy *)r;
    return OK;
}

enum status journey_copy_write(struct ctx *cx, struct journey_copy *c, const char *to)
{
    return snapshot_copy(cx, (struct reader *)c, to);
}

void journey_copy_end(struct journey_copy *c) { snapshot_close((struct reader *)c); }
