/* slab_int.h -- big, short-lived memory straight from the system: columns of a walk, buffers of a
 * flush. Unlike malloc it is given back whole, so that a walk over a year leaves no trace in an
 * idle server. Results are zeroed; running out aborts. One thread at a time. */
#pragma once
#include "base/base.h"

struct slab_block;
struct slab {
    struct slab_block *blocks;
    char *p, *end;
    size_t bytes; /* taken from the system */
};
/* Aligned to 16. Owned: slab_free. */
void *slab_alloc(struct slab *s, size_t count, size_t bytes_each);
void slab_free(struct slab *s);  /* all of it; {0} again */
/* As much as it had, in one piece, to be handed out again: not zeroed. */
void slab_reuse(struct slab *s);
#define SLAB_N(s, T, n) ((T *)slab_alloc((s), (n), sizeof(T)))

/* First of n things, which begin with an ascending number and lie `bytes_each` apart, whose number
 * is not below x. */
static inline u32 lower_bound_of(const void *things, size_t bytes_each, u32 n, u32 x)
{
    const char *at = things;
    u32 lo = 0;

    while (n > 0) {
        u32 half = n / 2;
        if (*(const u32 *)(at + (lo + half) * bytes_each) < x) {
            lo += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return lo;
}
static inline u32 lower_bound(const u32 *a, u32 n, u32 x)
{
    return lower_bound_of(a, sizeof *a, n, x);
}
