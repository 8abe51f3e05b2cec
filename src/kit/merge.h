/* merge.h -- two records of one type that turn out to be the same thing become one, and can become
 * two again at any time.
 *
 * Merging keeps one record and takes the other, with all that hangs on it, into it: chosen values
 * of fields, every reference of every record type (found by the declarations), the rows of tables
 * beside the records (struct merge_table in kit.h), and of people the journey. The other record
 * lies in the trash from then on; what still asks for it is led to the kept one, also by a value
 * that was unique to it (its mail address). All in one transaction and as one batch of the change
 * log.
 *
 * Undoing reads that batch and the journal of the other tables, and puts each row and event back
 * where it was. What became of the kept record since stays with it: a field that was edited later
 * keeps the edit, a row that was pointed elsewhere later stays there, new rows stay. Nothing
 * between the two being there, the state is the same as before, byte for byte: rows that were moved
 * keep their version and stamps, since nobody edited them. Of the two records alone these go on,
 * because the past is read by them.
 *
 * Of a chain (a into b, b into c) merges may be undone in any order. */
#pragma once
#include "kit/kit.h"

enum merge_choice {
    MERGE_USUAL,  /* the kept one's, or the other's where it has none; tags and long texts: both */
    MERGE_MINE,   /* the kept record's */
    MERGE_THEIRS, /* the other's, also when that is empty */
    MERGE_BOTH,   /* tags united, long texts one behind the other */
};

/* For struct feature's `merged`. Borrowed for the call. */
struct merge {
    i64 id;
    const struct record_type *type;
    struct row *keep; /* saved after the call: a feature may set fields of it */
    struct row *lose; /* as it was; of an undo as it is again, and likewise */
    bool undo;
};
/* In `merged`: writes a change of MOVED fields of some record. */
MUST_CHECK enum status merge_put(struct ctx *cx, struct row *r);

/* Sets in `keep` what it would be after merging; nothing is written. choices: one for each field,
 * or NULL. */
MUST_CHECK enum status merge_fields(struct ctx *cx, struct row *keep, const struct row *lose,
                                    const enum merge_choice *choices);
/* Merges. Both are as they were read; keep is as it became afterwards. Needs the rights to change
 * one and delete the other, not those to what hangs on them. E_INVALID: they are the same, or of a
 * type without TYPE_MERGE; E_CONFLICT: changed since they were read. *merge_id may be NULL. */
MUST_CHECK enum status record_merge(struct ctx *cx, struct row *keep, struct row *lose,
                                    const enum merge_choice *choices, i64 *merge_id);
/* Undoes one. E_CONFLICT: it is undone already, or a unique value of the other is taken by now;
 * E_NOT_FOUND. */
MUST_CHECK enum status record_unmerge(struct ctx *cx, i64 merge_id);

struct merge_done {
    i64 id, keep_id, lose_id, at, user_id, batch_id, undone_at, undo_batch;
    const char *type;
};
MUST_CHECK enum status merge_get(struct ctx *cx, i64 merge_id, struct merge_done *out);
/* The merge that took this record away. E_NOT_FOUND, without text: none, or it is undone. */
MUST_CHECK enum status merge_of_lost(struct ctx *cx, i64 lose_id, struct merge_done *out);
/* The record into which this one was merged, the last of a chain. E_NOT_FOUND likewise. */
MUST_CHECK enum status merge_into(struct ctx *cx, i64 lose_id, i64 *keep_id);
/* Those that a record has taken in and not given back, newest first; at most `max`. */
MUST_CHECK enum status merges_of(struct ctx *cx, i64 keep_id, struct merge_done *out, size_t max,
                                 size_t *count);
/* What undoing would do with the kept record's fields: {label, now, then, stays} for each that the
 * merge set; stays: it was edited since and keeps that. */
MUST_CHECK enum status merge_undo_fields(struct ctx *cx, const struct merge_done *m,
                                         struct val *list);
/* How much would be moved: {text, count} of each record type that refers to it and that cx may
 * read, in words for people. */
MUST_CHECK enum status merge_counts(struct ctx *cx, const struct row *r, struct val *list);
