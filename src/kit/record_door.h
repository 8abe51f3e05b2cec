/* record_door.h -- parts of the one door that one row and many rows go through, for record_save.c
 * and record_many.c. */
#pragma once
#include "kit/record_int.h"

/* One save deeper; the caller takes it off cx->depth again. E_LIMIT: hooks run in a circle. */
MUST_CHECK enum status door_enter(struct ctx *cx, const struct record_type *t);
/* Says what a unique index said: somebody saved the same value between our question and our write.
 */
enum status door_conflict(struct ctx *cx, enum status s);
/* Id, version, who and when, of a row about to be written. */
void row_stamp(struct ctx *cx, struct row *r);
/* The type's `saved` and the subscribers of "TYPE.word". */
MUST_CHECK enum status row_follow(struct ctx *cx, struct row *r, const char *word);
/* After the commit, to the pages that look: one record, or "some of this type". */
void announce_row(struct ctx *cx, const struct row *r);
void announce_many(struct ctx *cx, const struct record_type *t);
/* What a merge writes of the two records: like record_save, without the type's hooks, and the
 * subscribers hear `word` instead. checked: limits, references and the type's rules are asked. One
 * in the trash is written and nothing follows. */
MUST_CHECK enum status door_put(struct ctx *cx, struct row *r, bool checked, const char *word);
/* record_restore of one that was merged away. */
MUST_CHECK enum status door_restore(struct ctx *cx, struct row *r);
/* Words of all SEARCHED fields. In arena. */
const char *row_search_words(struct ctx *cx, const struct row *r);
