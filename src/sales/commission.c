/* commission.c -- see commission.h. Sums are of whole numbers in 128 bits, rounded once. */
#include "sales/commission.h"
#include <assert.h>

typedef __int128 i128;

static i64 rounded(i128 sum, i64 by)
{
    i128 half = by / 2, whole = sum < 0 ? -((-sum + half) / by) : (sum + half) / by;

    return (i64)whole;
}

i64 commission_share(i64 minor, i64 before, i64 part)
{
    return rounded((i128)minor * (before + part), COMMISSION_WHOLE) -
           rounded((i128)minor * before, COMMISSION_WHOLE);
}

/* Where a tier begins; with no quota the others are never reached. */
static i64 begins(const struct commission_terms *t, size_t i)
{
    if (t->tiers[i].from == 0)
        return 0;
    return t->quota > 0 ? rounded((i128)t->quota * t->tiers[i].from, COMMISSION_WHOLE) : INT64_MAX;
}

static size_t tier_at(const struct commission_terms *t, i64 credited)
{
    size_t at = 0;

    while (at + 1 < t->tier_count && credited >= begins(t, at + 1))
        at++;
    return at;
}

/* What lies between two sums earns, times COMMISSION_WHOLE. Below 0 as the first tier. */
static i128 between(const struct commission_terms *t, i64 from, i64 to)
{
    i128 sum = 0;

    if (to < from)
        return -between(t, to, from);
    for (size_t i = 0; i < t->tier_count; i++) {
        i64 low = i == 0 ? INT64_MIN : begins(t, i);
        i64 high = i + 1 < t->tier_count ? begins(t, i + 1) : INT64_MAX;
        low = low > from ? low : from;
        high = high < to ? high : to;
        if (high > low)
            sum += (i128)(high - low) * t->tiers[i].rate;
    }
    return sum;
}

i64 commission_count(const struct commission_terms *t, struct commission_credit *credits,
                     size_t count)
{
    i64 credited = 0, earned = 0, all = 0;
    i128 sum = 0;

    assert(t->tier_count <= COMMISSION_TIERS);
    for (size_t i = 0; i < count; i++)
        all += credits[i].minor;
    i64 rate = t->tier_count ? t->tiers[tier_at(t, all)].rate : 0;
    for (size_t i = 0; i < count; i++) {
        struct commission_credit *c = &credits[i];
        if (c->own_rate >= 0)
            sum += (i128)c->minor * c->own_rate;
        else if (t->whole)
            sum += (i128)c->minor * rate;
        else
            sum += between(t, credited, credited + c->minor);
        credited += c->minor;
        i64 now = rounded(sum, COMMISSION_WHOLE);
        if (t->cap > 0 && now > t->cap)
            now = t->cap;
        c->earns = now - earned;
        earned = now;
    }
    return earned;
}
