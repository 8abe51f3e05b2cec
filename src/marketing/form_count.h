/* form_count.h -- how often a form was seen, begun and sent, by day and where the visitors came
 * from. Counted in memory and written each minute: pages that many look at are not rows.
 * Threads    form_count from any; the others as the ctx. */
#pragma once
#include "kit/web.h"

enum form_step { FORM_VIEWED, FORM_STARTED, FORM_SENT, FORM_REFUSED, FORM_COUNTS };
/* `source`: "google.com", "newsletter"; "" direct. Names beyond what fits are "(other)". */
void form_count(struct ctx *cx, i64 form_id, const char *source, enum form_step what);
/* Where somebody came from, by the page's address and what led to it. In arena. */
const char *form_source(struct ctx *cx, const char *page_url, const char *referrer);
/* "rate": views, starts, submits, refused (there was no room for them), rate, ..., days [], sources
 * [] of the last `days` days. */
MUST_CHECK enum status form_count_put(struct ctx *cx, i64 form_id, int days, struct val *page);
/* Writes what was counted since, in the transaction at hand. */
MUST_CHECK enum status form_count_write(struct ctx *cx);
