/* zones.h -- time zones by name, each opened once for the life of the program. */
#pragma once
#include "kit/kit.h"

/* "America/New_York"; NULL: there is no such zone, or it is "". Any thread. */
const struct zone *zone_named(struct ctx *cx, const char *iana_name);
/* The same, and the workspace's where there is none such. */
const struct zone *zone_or_own(struct ctx *cx, const char *iana_name);
/* Where people of a country live, by its code or name, if its clocks all show the same
 * (zone_set.h); else NULL. Any thread. */
const struct zone *zone_of_country(struct ctx *cx, const char *country);
