/* zone_set.h -- where people live, in time: zones by name, each opened once, and the zone of a
 * country where its clocks all show the same.
 * Ownership  zones live as long as the set.
 * Threads    one at a time. */
#pragma once
#include "base/clock.h"

struct zone_set;
struct zone_set *zone_set_new(void); /* owned: zone_set_free */
void zone_set_free(struct zone_set *s);
void zone_set_close(void *s); /* for arena_defer */
/* "Europe/Berlin"; NULL: no such zone, or "". */
const struct zone *zone_set_find(struct zone_set *s, const char *iana_name);
/* Of a country by its code or its name in English or in its own languages ("DE", "Germany",
 * "Deutschland"; case does not matter). NULL: not known, or its parts keep different times (United
 * States, Spain with the Canaries). */
const struct zone *zone_set_of_country(struct zone_set *s, const char *country);
bool zone_known(const char *iana_name); /* without opening it; any thread */
