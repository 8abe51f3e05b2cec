/* record_past.h -- rows as they were, for queries. A query over records reads the table of a type;
 * with a past it reads instead, under the same columns, what the change log says was there just
 * before an instant: values that a later change replaced, rows that went to the trash later, none
 * that were made later. Filters, scopes and sums are the same SQL over either.
 *
 * What it rests on: the one door writes the log row of every change, stamps the row with the same
 * time (updated_at), keeps the whole row when it goes to the trash, and never takes rows out of
 * their tables.
 *
 * Of a change's fields {name: [old, new, compared]} the oldest change since the instant tells the
 * value then; a row that was not touched since is read without looking at the log. A value comes
 * in the order of version, not of time: clocks of several nodes may differ.
 *
 * Ownership  in cx's arena.     Threads  as the ctx. */
#pragma once
#include "kit/filter_int.h"

struct past; /* an instant, and what of it queries look at */

/* As records were just before at_ms. */
struct past *past_new(struct ctx *cx, i64 at_ms);
i64 past_at(const struct past *p);
/* What a query will look at must be said before its SQL is made: the columns of a path, with what
 * the scopes on its way look at; all of a filter; all of a type's columns, for row_from_stmt. */
void past_need_path(struct past *p, const struct filter_path *path);
void past_need_filter(struct past *p, const struct filter *f);
void past_need_column(struct past *p, const struct filter_column *c);
void past_need_rows(struct past *p, const struct record_type *t);
/* What stands for the type's table after FROM: its name, or where q->past is set a subquery. Who
 * belongs to which team is always asked of the table itself: rights are today's. */
void source_sql(struct sql *q, const struct record_type *t);
