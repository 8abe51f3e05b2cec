/* discount.h -- how often quotes were accepted, by the discount that they gave. */
#pragma once
#include "kit/kit.h"

/* "Decided quotes of this size with 10 to 15 % were accepted in 42 % (24 of 57, 30 to 55 % ...)";
 * "" where fewer than a handful were decided. As the asking user, who may see some quotes only. In
 * arena. */
MUST_CHECK enum status discount_hint(struct ctx *cx, const struct row *quote, const char **text);
