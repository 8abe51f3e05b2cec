/* merge_int.h -- what merge.c and merge_undo.c share. */
#pragma once
#include "kit/sql_merge.h"

enum { MERGE_PLACES = 200, MERGE_CHAIN = 32 }; /* places of ids; merges that follow one another */

/* The places beside the records where ids of this type stand and are moved. In arena. */
struct merge_place *merge_places(struct ctx *cx, const struct record_type *t, size_t *count);
/* What may not repeat in the reference `field` of `of`, or NULL. */
const struct merge_table *merge_once(struct ctx *cx, const struct record_type *of, int field);
/* Says of rows that were pointed elsewhere what their followers want to know: "TYPE.moved". */
MUST_CHECK enum status merge_point(struct ctx *cx, const struct record_type *t, int field,
                                   const i64 *ids, size_t count, i64 from, i64 to);
/* Every feature's `merged`. */
MUST_CHECK enum status merge_tell_features(struct ctx *cx, struct merge *m);
/* The event that tells of it on somebody's journey, and what it does with that of `other`. */
MUST_CHECK enum status merge_note(struct ctx *cx, const struct row *whose, const struct row *other,
                                  bool undo, bool link);
