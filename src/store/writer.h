/* writer.h -- the write side of a store: runs work in transactions and tells when it is on disk.
 * SQLite: one thread; what queued up during the last commit goes into the next, each piece in its
 * own savepoint; one commit (one fsync) acknowledges all. A second thread copies the log into the
 * database file, so that commits need not. PostgreSQL: `threads` connections, one transaction a
 * piece (SERIALIZABLE: as if one after the other, like SQLite), E_RETRY is run again up to 5 times.
 * Work may run more than once, so it keeps its results in memory that it resets at its start.
 * Threads    submit from any thread; `work` and `done` run on the writer's thread. Do not wait for
 *            the writer from `work` or `done`. */
#pragma once
#include "store/db.h"

enum {
    WRITER_BATCH_ITEMS = 1000, /* in one commit */
    WRITER_BATCH_MS = 50,      /* of work in one commit: nobody waits much longer for it */
    WRITER_RETRIES = 5,
};

struct writer;
struct writer_item {
    /* Runs inside the transaction with db set. OK keeps its changes, anything else rolls them back;
     * so does OK after a statement failed outside a savepoint of its own. */
    enum status (*work)(void *arg, struct db *db);
    /* Called once, after the commit (or its failure: E_FULL, E_IO): `s` is work's status, or the
     * commit's. Not NULL. The item may be freed or submitted again in it. */
    void (*done)(void *arg, enum status s);
    void *arg;
    /* PostgreSQL: READ COMMITTED will do. For takers of the queue, whose locks are explicit. */
    bool relaxed;
    struct writer_item *next; /* these two: the writer's own until `done` */
    enum status status;
};
/* OK: *out is owned, writer_close. threads: PostgreSQL's connections, at least 1. */
MUST_CHECK enum status writer_open(struct ctx *cx, struct db_store *s, unsigned threads,
                                   struct writer **out);
/* Finishes what is queued, then stops. NULL is fine. */
void writer_close(struct writer *w);
/* Queues; the item lives until `done`. E_BUSY when LIMIT_WORKER_QUEUE items wait (done is not
 * called). */
MUST_CHECK enum status writer_submit(struct writer *w, struct writer_item *item);
/* Runs work and waits until it is durable. Not from a writer thread. cx->db is the writing
 * connection for the call; cx's arena grows by what a repeated run allocates. E_BUSY as above. */
MUST_CHECK enum status writer_run(struct writer *w, struct ctx *cx,
                                  enum status (*work)(struct ctx *cx, void *arg), void *arg);
/* The same with `relaxed` set. */
MUST_CHECK enum status writer_run_relaxed(struct writer *w, struct ctx *cx,
                                          enum status (*work)(struct ctx *cx, void *arg),
                                          void *arg);
/* So far, for /metrics. Any thread. */
u64 writer_commits(const struct writer *w);
u64 writer_retries(const struct writer *w);
