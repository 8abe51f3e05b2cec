/* commission.h -- what people earn on what they sell: pure arithmetic, no records, any thread.
 *
 * Credit      an amount that counts for somebody, in the order in which it came; below 0 it is
 *             taken back. All credits together over the quota are the attainment.
 * Tier        from so much of the quota on, this rate. A boundary is quota x share, rounded to the
 *             minor unit, half away from zero.
 * Each part   of what is credited earns the rate of the tier in which it lies: with a quota of
 *             100 and rates of 5 % and, from all of it on, 8 %, a credit from 90 to 120 earns
 *             10 x 5 % + 20 x 8 %. Below 0 the first rate holds.
 * Whole       instead, the rate that was reached at last holds for everything.
 * Own rate    a credit with a rate of its own earns that; it counts for the attainment alike.
 * Rounding    half away from zero, of the sum so far: what credits earn adds up to what all of them
 *             earn, to the minor unit.
 * Cap         the sum goes no higher; the credit that meets it earns what is left.
 * No quota    only the tiers from 0 on hold.
 *
 * Units       money: minor units. Shares and rates: parts of COMMISSION_WHOLE. */
#pragma once
#include "base/base.h"

enum { COMMISSION_WHOLE = 1000000, COMMISSION_TIERS = 20 };

struct commission_tier {
    i64 from; /* share of the quota; ascending, the first is 0 */
    i64 rate;
};
struct commission_terms {
    i64 quota; /* 0: none */
    struct commission_tier tiers[COMMISSION_TIERS];
    size_t tier_count;
    bool whole;
    i64 cap; /* 0: none */
};
struct commission_credit {
    i64 minor;
    i64 own_rate; /* below 0: the tiers' */
    i64 earns;    /* out */
};
/* Sets what each credit earns; the sum of it is the result. Amounts to 10^15, rates to 100 %. */
i64 commission_count(const struct commission_terms *terms, struct commission_credit *credits,
                     size_t count);
/* A person's part of an amount, of parts that come one after the other: with all parts together
 * COMMISSION_WHOLE they add up to the amount. `before`: the parts of those who come first. */
i64 commission_share(i64 minor, i64 before, i64 part);
