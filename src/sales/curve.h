/* curve.h -- shares of what was won, with what chance leaves open. Pure arithmetic, any thread.
 *
 * Interval   Wilson's score interval of 95 percent (Wilson 1927, JASA 22:209): it holds for few and
 *            for extreme shares, too.
 * Fitted     the closest shares, weighted by their counts, that never fall from one point to the
 *            next (isotonic regression by pool-adjacent-violators; Ayer et al. 1955). Where the
 *            shares do fall the fit is flat: there is no sign that going on wins more. */
#pragma once
#include "base/base.h"

struct curve_point {
    i64 won, count;
    double share, low, high, fitted; /* out; NAN where count is 0, but for fitted, which goes on */
};
void curve_count(struct curve_point *points, size_t count);
