/* alike.h -- records that may be the same as one: what merging proposes. Candidates come from the
 * search index, by words that duplicates share; who is like enough says a table of reasons whose
 * points are added up, at most 100. As far as cx's user may see. */
#pragma once
#include "kit/kit.h"

MUST_CHECK enum status contact_alike(struct ctx *cx, const struct row *r, struct alike *out,
                                     size_t max, size_t *count);
MUST_CHECK enum status company_alike(struct ctx *cx, const struct row *r, struct alike *out,
                                     size_t max, size_t *count);
