/* sql_record.h -- the SQL of rows, made from their type: for record_*.c only. Permission and
 * validation have been asked before. */
#pragma once
#include "kit/record_int.h"

/* "SELECT all columns FROM type AS t WHERE ", as kit keeps it for each type (type_select). In
 * arena. */
const char *sql_select(struct arena *a, const struct record_type *t);
const char *type_select(struct ctx *cx, const struct record_type *t);
/* The row with this id, also from the trash when `trash`. E_NOT_FOUND without text. */
MUST_CHECK enum status sql_load(struct ctx *cx, const struct record_type *t, i64 id, bool trash,
                                struct row **out);
/* Rows of these ids in any order, whoever may read them; at most SQL_IDS. */
enum { SQL_IDS = 200 };
MUST_CHECK enum status sql_load_many(struct ctx *cx, const struct record_type *t, const i64 *ids,
                                     size_t count, bool trash, struct row **rows, size_t *found);
/* Texts of their title field, also of those in the trash; "" for ids that are none. At most
 * SQL_IDS. */
MUST_CHECK enum status sql_load_titles(struct ctx *cx, const struct record_type *t, const i64 *ids,
                                       size_t count, const char **titles);
/* First row out of the trash whose compare column has this value. E_NOT_FOUND without text. */
MUST_CHECK enum status sql_find(struct ctx *cx, const struct record_type *t, const struct field *f,
                                const struct value *v, struct row **out);
/* Ids of rows out of the trash that have one of these texts in the field's compare column. */
MUST_CHECK enum status sql_taken(struct ctx *cx, const struct record_type *t, const struct field *f,
                                 const char *const *texts, size_t count, i64 except_id, i64 *id,
                                 const char **which);
/* Inserts rows of one type in one statement. */
MUST_CHECK enum status sql_insert(struct ctx *cx, struct row *const *rows, size_t count);
/* Writes changed columns where id and version are the row's; *changed is 0 when somebody was
 * faster. */
MUST_CHECK enum status sql_update(struct ctx *cx, const struct row *r, i64 *changed);
/* Writes changed columns without the stamps. */
MUST_CHECK enum status sql_put_quietly(struct ctx *cx, const struct row *r);
/* Sets or clears (0) deleted_at, likewise. */
MUST_CHECK enum status sql_trash(struct ctx *cx, const struct row *r, i64 deleted_at, i64 *changed);
