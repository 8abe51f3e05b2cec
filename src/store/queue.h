/* queue.h -- the durable job queue: a table. A job is a name, a payload (JSON), when to run, and
 * how often it was tried. It is added in the transaction that needs it, taken under a lease,
 * retried with back-off, and kept visibly when it failed for good. Handlers must be idempotent: a
 * crash after the work and before queue_done runs them again.
 * All of it runs through cx->db in a transaction; on PostgreSQL takers do best with
 * writer_run_relaxed. */
#pragma once
#include "store/db.h"

struct job {
    i64 id;
    const char *name;
    const char *payload; /* JSON */
    int attempts;        /* this one included */
    i64 run_at_ms;
};
enum job_state { JOB_WAITING, JOB_RUNNING, JOB_FAILED, JOB_DONE, JOB_STATES };

/* Adds a job inside the running transaction. `key` (may be NULL): while a job of this name and key
 * waits, another is not added; a running one does not count, since it may have read too early.
 * `*id` (id may be NULL) is the new or the waiting job's. E_LIMIT: payload over
 * LIMIT_JOB_PAYLOAD_BYTES. */
MUST_CHECK enum status queue_add(struct ctx *cx, const char *name, const char *key,
                                 const char *payload, i64 run_at_ms, i64 *id);
/* The same for what is to run at that time at the latest: one of this name and key that waits
 * longer is brought forward. The key is not NULL. */
MUST_CHECK enum status queue_add_by(struct ctx *cx, const char *name, const char *key,
                                    const char *payload, i64 run_at_ms);
/* Takes the next due job for lease_ms: one that waits, or one whose lease ran out. E_NOT_FOUND
 * without text: none is due; *next_ms (may be NULL) is when the next one will be, or TIME_NONE. Two
 * takers never get the same. Runs in a writing transaction; job texts are in cx's arena. */
MUST_CHECK enum status queue_take(struct ctx *cx, i64 lease_ms, struct job *out, i64 *next_ms);
/* A longer lease for long work, from now. E_NOT_FOUND without text: it is no longer ours. */
MUST_CHECK enum status queue_extend(struct ctx *cx, const struct job *j, i64 lease_ms);
/* All that run are due again at once: for a start of the only program that takes from this queue,
 * when whoever ran them is gone. */
MUST_CHECK enum status queue_orphaned(struct ctx *cx);
MUST_CHECK enum status queue_done(struct ctx *cx, i64 id); /* also when it is gone already */
/* Back-off 10 s * 4^(attempts-1), at most 6 h; after LIMIT_JOB_ATTEMPTS it is failed and stays
 * until run again or deleted. With a key, and another of that key waiting by now, it is done: the
 * other will do its work. */
MUST_CHECK enum status queue_failed(struct ctx *cx, const struct job *j, const char *error);
/* For a job whose transaction was beaten by others' (E_RETRY): nothing is wrong with it, so it is
 * due again within half a second, at a moment of its own, and the attempt does not count. With a
 * key: as queue_failed. */
MUST_CHECK enum status queue_beaten(struct ctx *cx, const struct job *j, const char *error);
/* A failed one, now, with its attempts counted anew. E_NOT_FOUND; E_CONFLICT: one of its key waits
 * already. */
MUST_CHECK enum status queue_retry(struct ctx *cx, i64 id);
MUST_CHECK enum status queue_delete(struct ctx *cx, i64 id); /* E_NOT_FOUND; E_CONFLICT: it runs */
/* Deletes at most `limit` jobs that were done before that instant. */
MUST_CHECK enum status queue_purge(struct ctx *cx, i64 before_ms, int limit, i64 *deleted);
/* Newest first, as maps {id,name,state,attempts,run_at,error,created_at} into list; at most
 * `limit`. state: waiting|running|failed|done, or NULL for all. E_INVALID: another word. */
MUST_CHECK enum status queue_list(struct ctx *cx, const char *state, int limit, struct val *list);
MUST_CHECK enum status queue_count(struct ctx *cx, enum job_state state, i64 *count);
const char *job_state_word(enum job_state s); /* static: "waiting" */
