/* random.c -- chance that is the same on every machine: xoshiro256** seeded by splitmix64, and
 * integers only, since the last bit of a logarithm differs between libraries. */
#include "demo/demo_int.h"

static u64 splitmix(u64 *x)
{
    u64 z = (*x += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void rng_seed(struct rng *r, u64 seed)
{
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&seed);
}

static u64 rotate(u64 x, int k) { return x << k | x >> (64 - k); }

u64 rng_next(struct rng *r)
{
    u64 result = rotate(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;

    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rotate(r->s[3], 45);
    return result;
}

u32 rng_below(struct rng *r, u32 n) { return (u32)(((rng_next(r) >> 32) * (u64)n) >> 32); }

int rng_between(struct rng *r, int low, int high)
{
    return high <= low ? low : low + (int)rng_below(r, (u32)(high - low + 1));
}

bool rng_percent(struct rng *r, int percent) { return (int)rng_below(r, 100) < percent; }

bool rng_ppm(struct rng *r, i64 ppm) { return (i64)rng_below(r, 1000 * 1000) < ppm; }

size_t rng_weighted(struct rng *r, const u16 *weights, size_t count)
{
    u32 sum = 0, at;

    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    at = rng_below(r, sum);
    for (size_t i = 0; i < count; i++) {
        if (at < weights[i])
            return i;
        at -= weights[i];
    }
    return 0;
}

/* Quantiles of log-normal distributions with sigma 0.45, 0.8 and 1.15, in thousandths of the
 * median. */
enum { QUANTILES = 33 };
static const u16 quantiles[][QUANTILES] = {
    [SPREAD_NARROW] = { 377,  467,  524,  570,  610,  647,  681,  714,  746,  777,  808,
                        839,  870,  902,  934,  966,  1000, 1035, 1071, 1109, 1149, 1192,
                        1237, 1286, 1340, 1400, 1468, 1545, 1638, 1753, 1907, 2140, 2650 },
    [SPREAD_USUAL] = { 177,  259,  317,  369,  416,  461,  506,  550,  594,  639,  685,
                       732,  781,  832,  885,  941,  1000, 1063, 1130, 1202, 1280, 1366,
                       1460, 1565, 1683, 1819, 1978, 2168, 2405, 2713, 3150, 3867, 5657 },
    [SPREAD_WIDE] = { 83,   143,  192,  238,  283,  329,  375,  423,  473,  525,  581,
                      639,  701,  768,  839,  916,  1000, 1091, 1192, 1303, 1426, 1565,
                      1722, 1903, 2114, 2363, 2665, 3042, 3530, 4199, 5203, 6988, 12074 },
};

i64 rng_spread(struct rng *r, enum spread how, i64 median)
{
    u32 at = rng_below(r, (QUANTILES - 1) * 1000);
    const u16 *q = quantiles[how] + at / 1000;
    i64 permille = q[0] + ((i64)q[1] - q[0]) * (at % 1000) / 1000;

    return median * permille / 1000;
}
