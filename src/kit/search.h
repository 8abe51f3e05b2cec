/* search.h -- global search over every record type's SEARCHED fields: FTS5 with prefix indexes, or
 * tsvector. Words are made in C (utf8_search_words), so both engines find the same. record_save
 * keeps the index; customers and deals before all else, newest first, not ranked. */
#pragma once
#include "kit/record.h"

/* Replaces the index row of a record; "" removes it. */
MUST_CHECK enum status search_put(struct ctx *cx, const struct record_type *t, i64 id,
                                  const char *words);
/* Records whose words all start with the words asked, that cx's access may read: maps {type, label,
 * icon, id, title, subtitle, path}. */
MUST_CHECK enum status search_run(struct ctx *cx, const char *asked, int limit, struct val *list);
/* Boolean SQL for one type's list: alias.id is among the matches. */
MUST_CHECK enum status search_sql(struct ctx *cx, const struct record_type *t, const char *asked,
                                  const char *alias, struct sql *q);

/* For filling an empty workspace, alone: from now on saves leave SQLite's index as it is, which
 * otherwise writes a piece of itself to disk for each record; catching up makes it anew from the
 * words that were kept, in one go. Writing transaction. */
void search_pause(struct ctx *cx);
MUST_CHECK enum status search_catch_up(struct ctx *cx);

/* ---- for the one door ---- */
struct value;
/* Search words of one set value. In arena. */
const char *search_words_of(struct ctx *cx, const struct field *f, const struct value *v);
/* Adds many new records of one type; those with "" are left out. */
MUST_CHECK enum status search_put_many(struct ctx *cx, const struct record_type *t, const i64 *ids,
                                       const char *const *words, size_t count);
