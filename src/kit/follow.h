/* follow.h -- what reacts to events: scoring, segments, flows. A follower is a row of a feature; it
 * gets every event of a known contact once, in order of arrival, in batches, and keeps how far it
 * has come in a durable cursor of its own. An append of such events wakes it; those of strangers,
 * the most, cost nothing.
 *
 * To add one: a row in `struct feature`:
 *     static const struct follower followers[] = {
 *         { "flow", "Move people on", .write = flow_events },
 *     };
 *     ... FOLLOWERS(followers)
 *
 * Exactly   `write` runs in the transaction that moves the cursor: what it writes to the database
 * once       happens once for each event, wherever the program stops. `read` runs before it, on a
 *            reading connection and outside of transactions: for what takes long, or writes in
 *            parts of its own (kit_write). It may see a batch twice after a crash.
 * Beginning  a new follower begins behind the newest event, unless from_start.
 * Past       a visitor who becomes a contact brings along events that the followers have passed:
 *            the event with which that happened has EVENT_JOINED.
 * Threads    a follower runs on one thread at a time; several run beside each other. */
#pragma once
#include "kit/kit.h"

struct event; /* journey/journey.h */

struct follow_batch {
    const struct event *events; /* with props; those of strangers among them */
    const i64 *contacts;        /* of each: whose it is now, 0 of a stranger or of a machine */
    size_t count;
    const i64 *people; /* the contacts, each once, ascending */
    size_t people_count;
};

struct follower {
    const char *name;  /* of the cursor: short, never changed. Unique */
    const char *label; /* for people: "Score new events" */
    /* At least one of the two. An error: the batch comes again. `made`: what read leaves for write,
     * in cx's arena. Neither is called for a batch without known contacts. On PostgreSQL write may
     * run more than once, and only the last counts. */
    enum status (*read)(struct ctx *cx, const struct follow_batch *b, void **made);
    enum status (*write)(struct ctx *cx, const struct follow_batch *b, void *made);
    size_t batch;    /* events at once; 0: FOLLOW_EVENTS */
    bool from_start; /* a new one sees all that ever happened */
};
enum { FOLLOW_EVENTS = 5000 };

/* Lets every follower take what is new, until nothing is: tests, commands. Not in a transaction. */
MUST_CHECK enum status follow_all(struct ctx *cx);
/* The same for one. E_NOT_FOUND: there is none of this name. */
MUST_CHECK enum status follow_one_named(struct ctx *cx, const char *name);
/* Events up to this one (journey_last_seq, asked before looking) are passed over: for those who
 * fill a workspace, or have looked at everybody anyhow. Never goes back. */
MUST_CHECK enum status follow_skip(struct ctx *cx, const char *follower, u64 seq);
/* The same for all of them and all events that there are. */
MUST_CHECK enum status follow_skip_all(struct ctx *cx);
/* How many events it lies behind; 0 without a journey. */
MUST_CHECK enum status follow_behind(struct ctx *cx, const char *follower, i64 *events);
