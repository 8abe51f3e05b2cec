/* answers.h -- small answers that are kept in memory, for pages that ask the same numbers again and
 * again: of questions (question.h) and of reports. Never a stale one: an answer is kept under what
 * it was made from, and is found only while that is still so.
 *
 *   records    the last change that the reader's snapshot sees. On SQLite the last row of the
 *              change log, which the one door writes; on PostgreSQL, whose transactions do not
 *              commit in order, the snapshot itself, so that any write makes the answer anew.
 *   journeys   journey_version: the last durable event, and who belongs to whom.
 *   rights     the scope on every type; where one is less than all, the user too.
 *   time       until a quarter of an hour is full: no hour, day or period ends in between.
 *
 * Only readers keep and find answers, inside one snapshot: a writer sees what may be rolled back.
 * Bounded by LIMIT_ANSWERS and LIMIT_ANSWER_BYTES; the one that was not asked for longest goes.
 * Threads    any; one lock. */
#pragma once
#include "kit/kit.h"

/* What answers are made from at this moment, taken before asking and within the snapshot. In arena.
 * NULL: for this ctx nothing is kept, and nothing found. */
struct answers_from;
const struct answers_from *answers_from(struct ctx *cx);
/* A copy in cx's arena; NULL: there is none. `asked`: all that the answer depends on beside
 * that. */
struct val *answers_find(struct ctx *cx, const struct answers_from *from, const char *asked);
/* After asking: whether it is still so. Only then may an answer be kept. */
bool answers_hold(struct ctx *cx, const struct answers_from *from);
/* Keeps a copy, unless it is big. until_ms: the answer is good before this instant at most; 0: no
 * such bound. */
void answers_keep(struct ctx *cx, const struct answers_from *from, const char *asked, i64 until_ms,
                  const struct val *answer);
/* How many are kept, and how often one was found or not. */
struct answers_count {
    u64 kept, found, missed;
};
struct answers_count answers_counted(struct kit *k);

/* With the kit. Owned: answers_close. */
struct answers *answers_open(void);
void answers_close(struct answers *a); /* NULL is fine */
