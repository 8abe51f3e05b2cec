/* curve.c -- shares, their intervals, and the curve through them. */
#include "sales/curve.h"
#include <math.h>

enum { POINTS_MOST = 64 };

static void interval(struct curve_point *p)
{
    const double z = 1.959963984540054;
    double n = (double)p->count, share = (double)p->won / n, z2 = z * z / n;
    double middle = (share + z2 / 2) / (1 + z2);
    double half = z * sqrt(share * (1 - share) / n + z2 / (4 * n)) / (1 + z2);

    p->share = share;
    p->low = p->won == 0 ? 0 : middle - half;
    p->high = p->won == p->count ? 1 : middle + half;
}

void curve_count(struct curve_point *points, size_t count)
{
    struct {
        double won, n;
        size_t points;
    } blocks[POINTS_MOST];
    size_t used = 0, at = 0;

    assert(count <= POINTS_MOST);
    for (size_t i = 0; i < count; i++) {
        struct curve_point *p = &points[i];
        p->share = p->low = p->high = p->fitted = NAN;
        if (p->count > 0)
            interval(p);
        blocks[used].won = (double)p->won;
        blocks[used].n = (double)p->count;
        blocks[used++].points = 1;
        /* Two that would fall become one; an empty one joins whatever is before it. */
        while (used > 1 && blocks[used - 2].won * blocks[used - 1].n >=
                               blocks[used - 1].won * blocks[used - 2].n) {
            blocks[used - 2].won += blocks[used - 1].won;
            blocks[used - 2].n += blocks[used - 1].n;
            blocks[used - 2].points += blocks[used - 1].points;
            used--;
        }
    }
    for (size_t b = 0; b < used; b++)
        for (size_t i = 0; i < blocks[b].points; i++, at++)
            points[at].fitted = blocks[b].n > 0 ? blocks[b].won / blocks[b].n : NAN;
}
