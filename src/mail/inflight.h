/* inflight.h -- what is under way to a mail server at this moment, in a small file that is mapped
 * into memory: a store costs nothing, and a killed program leaves it as it was. The database says
 * which mails this node has taken on; this file says how far each of them had come. After the
 * machine itself went down it is not to be believed: whatever was taken on is unsure then.
 * Threads    a slot belongs to one worker. */
#pragma once
#include "base/ctx.h"

enum inflight_phase {
    INFLIGHT_FREE,
    INFLIGHT_TAKEN,  /* nothing of it has gone to the server */
    INFLIGHT_ENDING, /* its last bytes are on the way, no answer yet */
    INFLIGHT_SENT,   /* the server took it */
    INFLIGHT_REFUSED /* the server did not */
};
enum { INFLIGHT_WORKERS = 64, INFLIGHT_EACH = 64 };

struct inflight;
/* Opens or makes the file; what a former run left can be asked for until inflight_begin. path NULL:
 * memory only. OK: *out is owned, inflight_close. */
MUST_CHECK enum status inflight_open(struct ctx *cx, const char *path, struct inflight **out);
void inflight_close(struct inflight *f);
/* Whether the file tells the truth about the former run. */
bool inflight_is_known(const struct inflight *f);
/* How far the former run came with a mail; INFLIGHT_FREE: it had not begun. */
enum inflight_phase inflight_left(const struct inflight *f, i64 message_id);
void inflight_begin(struct inflight *f); /* forgets the former run */
/* Forgets what a worker had from a place on: what came of it stands in the database. */
void inflight_clear(struct inflight *f, unsigned worker, size_t from);
void inflight_set(struct inflight *f, unsigned worker, unsigned place, i64 message_id,
                  enum inflight_phase phase);
