/* sql_merge.h -- the SQL of merging, made from declarations: for merge*.c only. */
#pragma once
#include "kit/merge.h"
#include "kit/sql_record.h"

/* One column that holds ids of records of one type, in a table beside the records or, of a type's
 * own table, with what may not repeat there. */
struct merge_place {
    const struct merge_table *table;
    const char *type; /* of the records */
};

/* Ids and versions of rows of t (also in the trash) whose field points at `id`, above `after`, at
 * most SQL_IDS. `once`, with `keep`: without those that the kept record has already. */
MUST_CHECK enum status sql_merge_pointing(struct ctx *cx, const struct record_type *t, int field,
                                          i64 id, const struct merge_table *once, i64 keep,
                                          i64 after, i64 *ids, size_t *count);
/* Points these rows elsewhere, and touches nothing else of them. */
MUST_CHECK enum status sql_merge_point(struct ctx *cx, const struct record_type *t, int field,
                                       const i64 *ids, size_t count, i64 to);
/* Moves rows of one place from `lose` to `keep`, with a journal of which. */
MUST_CHECK enum status sql_merge_rows(struct ctx *cx, const struct merge_place *p, i64 merge_id,
                                      i64 lose, i64 keep);
/* Back to `lose` go the rows that merge_id moved and that are `at` now, ... */
MUST_CHECK enum status sql_merge_rows_back(struct ctx *cx, const struct merge_place *p,
                                           i64 merge_id, i64 lose, i64 at);
/* ... those that a later merge took on from there, which forgets them; ... */
MUST_CHECK enum status sql_merge_rows_from(struct ctx *cx, const struct merge_place *p,
                                           i64 merge_id, i64 lose, i64 later_id, i64 at);
/* ... and those that were taken out. The journal of the place is empty then. */
MUST_CHECK enum status sql_merge_rows_end(struct ctx *cx, const struct merge_place *p,
                                          i64 merge_id, i64 lose);
