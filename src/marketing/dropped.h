/* dropped.h -- what was not counted, and why: by day, site and reason. Counted in memory on the
 * network loop, written once a minute.
 * Threads    dropped_count from any; the others as the ctx. */
#pragma once
#include "marketing/collect.h"

struct dropped; /* the counts of a running program */
struct dropped *dropped_new(void);  /* owned: dropped_free */
void dropped_free(struct dropped *d);
void dropped_count(struct dropped *d, i64 day, u32 site, enum hit_fate fate); /* site: DICT_SITE */
/* Writes what was counted since, in the transaction at hand; what is rolled back counts again. */
MUST_CHECK enum status dropped_write(struct ctx *cx, struct dropped *d);
/* "left_out": {total, reasons [] text, count, number} of the days, of one site ("": of all). */
MUST_CHECK enum status dropped_put(struct ctx *cx, i64 from_day, i64 to_day, const char *site,
                                   struct val *page);
