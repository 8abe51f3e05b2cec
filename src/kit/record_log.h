/* record_log.h -- the change log, written by the one door only: a row for each save, with {field:
 * [old, new]} as raw values, so that any past state can be replayed; where the old text is compared
 * in another form, that form is the third. Secrets (INTERNAL and
 * FIELD_SECRET fields) are named, never kept: {field:
 * true}. */
#pragma once
#include "kit/record_int.h"

/* Logs what changed from `before` (NULL: everything set) to r; verb: create update delete restore.
 * A deletion keeps the whole row, `before`: what the table holds, whatever was typed into r. */
MUST_CHECK enum status change_write(struct ctx *cx, const struct row *r, const struct row *before,
                                    const char *verb);
/* Logs the making of many rows of one type in one statement. */
MUST_CHECK enum status change_write_new(struct ctx *cx, struct row *const *rows, size_t count);
/* Logs as "move" what a merge changes of records without touching their stamps: of many rows that
 * point from one id to another now, in one statement; of one row all that changed. */
MUST_CHECK enum status change_write_points(struct ctx *cx, struct row *const *rows, size_t count,
                                           int field, i64 from, i64 to);
MUST_CHECK enum status change_write_move(struct ctx *cx, const struct row *r,
                                         const struct row *before);
/* A value as the log has it. False: not set. */
bool change_value(const struct field *f, const struct val *in, struct value *v);
/* What one row of the log changed, {field: [old, new]} as it was read, in words: adds name, label,
 * old, new for each field that a history shows. */
void change_fields(struct ctx *cx, const struct record_type *t, const struct val *changed,
                   struct val *list);
