/* list_int.h -- one run of a list, shared by list.c and list_plan.c. */
#pragma once
#include "kit/filter_int.h"

/* Where a page begins: the last row of the one before. */
struct list_place {
    bool back;  /* towards the first page */
    bool unset; /* the sort field is not set there */
    i64 id, number;
    const char *text;
};

/* A stretch of the order that one query can read. */
enum list_part {
    PART_SET,         /* the sort field is set */
    PART_TIES,        /* it has the place's value; ids beyond the place's */
    PART_AFTER,       /* it has a value beyond the place's */
    PART_UNSET,       /* it is not set */
    PART_UNSET_AFTER, /* not set, ids beyond the place's */
};

struct list_run {
    struct ctx *cx;
    const struct record_type *type;
    const struct filter *filter;
    const char *search;
    bool trash;
    struct filter_column sort;
    bool descending; /* as asked */
    bool reads_down; /* as read: the other way round when going back */
    i64 asked;       /* hash of what a cursor belongs to */
    bool placed;
    struct list_place place;
    i64 *ids; /* found so far, in reading order */
    size_t count, want;
};

/* Whether the sort column can be unset at all. */
bool list_can_be_unset(const struct filter_column *c);
bool list_by_text(const struct filter_column *c);
/* Whether an index serves comparing this column. */
bool list_is_indexed(const struct record_type *t, const struct filter_column *c);
/* WHERE and all that always holds: trash, scope, search, filter. by_itself false: SQLite must not
 * take an index for scope or filter, since a condition that follows is the one to go by. */
MUST_CHECK enum status list_where_sql(struct ctx *cx, const struct record_type *t,
                                      const struct filter *f, const char *search, bool trash,
                                      bool by_itself, struct sql *q);
/* Appends the ids of one part to l->ids, up to l->want in all. */
MUST_CHECK enum status list_read_part(struct list_run *l, enum list_part part);
