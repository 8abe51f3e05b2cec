/* record_check.h -- the questions of the one door, for record_*.c only. E_INVALID: field errors are
 * in cx. */
#pragma once
#include "kit/sql_record.h"

/* References that were found good in this piece of work: an import asks for the same few again and
 * again. */
struct checked_refs {
    struct {
        const char *type;
        i64 id;
    } items[64];
    size_t count, next;
};

bool field_failed(const struct ctx *cx, const char *name);
/* Limits, required fields, references, the type's validate, money in base currency. `seen` may be
 * NULL. */
MUST_CHECK enum status check_row(struct ctx *cx, struct row *r, struct checked_refs *seen);
/* Says that the record other_id has field i's value already: E_CONFLICT. */
MUST_CHECK enum status taken_by(struct ctx *cx, const struct row *r, int i, i64 other_id);
MUST_CHECK enum status check_unique(struct ctx *cx, struct row *r);
/* E_FORBIDDEN, E_UNAUTHORIZED: not this verb on this row. */
MUST_CHECK enum status check_scope(struct ctx *cx, const struct row *r, enum verb v);
