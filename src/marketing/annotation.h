/* annotation.h -- notes beside the numbers of a day. */
#pragma once
#include "kit/kit.h"

extern const struct record_type annotation_type;
/* Adds {day, date, text, is_campaign, url} to `list`, by day: those of all sites and those of
 * `site` (a domain; "": of every site), and the campaigns that start then, for who may see all. */
MUST_CHECK enum status annotations_put(struct ctx *cx, i64 from_day, i64 to_day, const char *site,
                                       struct val *list);
