/* notify.h -- what the processes that share a PostgreSQL database tell each other, so that none has
 * to ask all the time. It only wakes: what is said may be lost with a connection, and the rows are
 * the truth. Over SQLite there is nobody else, and nothing is said.
 * Threads    notify_say on the thread of the transaction; what is heard comes on a thread of its
 *            own. */
#pragma once
#include "store/db.h"

enum { NOTIFY_BYTES = 4000 }; /* of one text; PostgreSQL takes 8,000 with what it adds */

/* Others hear `text` once the running transaction is durable. Longer than NOTIFY_BYTES: nothing is
 * said. A failure is the transaction's. */
void notify_say(struct ctx *cx, const char *text);

struct notify;
/* Calls fn for what others say from now on, never for what this store said itself. It must be
 * quick. A lost connection is made again, a second apart. OK: *out is owned, notify_close; NULL
 * over SQLite. `store` and its clock live longer. */
typedef void notify_fn(void *arg, const char *text);
MUST_CHECK enum status notify_open(struct ctx *cx, struct db_store *store, notify_fn *fn, void *arg,
                                   struct notify **out);
void notify_close(struct notify *n); /* NULL is fine */
