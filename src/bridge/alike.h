/* alike.h -- records that may be the same as one: what merging proposes. Candidates come from the
 * search index, by words that duplicates share; who is like enough says a table of reasons whose
 * points are added up, at most 100. As far as cx's user may see. */
#pragma once
#include "kit/kit.h"

/* Whether two contacts, or two companies, are like enough to be proposed: *out is the other, with
 * points and reasons. */
bool alike_judge(struct ctx *cx, const struct row *one, const struct row *other,
                 struct alike *out);
/* "www.shop.acme.co.uk" without what stands in front of the name that was bought. In arena. */
const char *company_bought(struct arena *a, const char *domain);
MUST_CHECK enum status contact_alike(struct ctx *cx, const struct row *r, struct alike *out,
                                     size_t max, size_t *count);
MUST_CHECK enum status company_alike(struct ctx *cx, const struct row *r, struct alike *out,
                                     size_t max, size_t *count);
