/* duplicate.h -- pairs of contacts, or of companies, that may be the same: found as records change,
 * kept until somebody has decided.
 *
 * Keys       A record has a few keys by which it may meet another: the mailbox its mail goes to,
 *            its phone, what stands before the @, the beginnings of its names within a company.
 *            Only who shares a key is compared (alike.h), so that a change costs the same however
 *            many records there are. A key that more than DUPLICATE_BLOCK share says nothing.
 * Pair       (type, one, other), one being the older. open: to be decided; merged; different: not
 *            the same, and never asked again; gone: no longer alike, or in the trash.
 * When       a record that changed is noted in its transaction (duplicate_look); a job compares. */
#pragma once
#include "kit/kit.h"

enum { DUPLICATE_BLOCK = 50, DUPLICATE_KEYS = 10, DUPLICATE_CERTAIN = 90 };

/* The keys of a record, at most DUPLICATE_KEYS; in arena. */
size_t duplicate_keys(struct ctx *cx, const struct row *r, const char *keys[DUPLICATE_KEYS]);
/* Compares all that changed, in writing transactions of its own. */
MUST_CHECK enum status duplicate_find(struct ctx *cx);
/* They are not the same; or (open) to be decided again. E_NOT_FOUND: there is no such pair. */
MUST_CHECK enum status duplicate_decide(struct ctx *cx, const char *type, i64 one, i64 other,
                                        bool different);
