/* curve_test.c -- shares, their intervals against published and hand-worked ones, and the curve
 * that never falls. */
#include "base/testing.h"
#include "sales/curve.h"
#include <math.h>

static void near(const char *what, double got, double want)
{
    if (isnan(want) ? !isnan(got) : fabs(got - want) > 0.00006)
        fail_msg("%s: %f, want %f", what, got, want);
}

static void intervals_are_wilsons(void **state)
{
    static const struct {
        i64 won, count;
        double low, high;
    } cases[] = {
        { 81, 263, 0.2553, 0.3662 }, /* Newcombe 1998, Statistics in Medicine 17:857, table I */
        { 15, 148, 0.0624, 0.1605 }, { 0, 20, 0, 0.1611 }, { 1, 29, 0.0061, 0.1718 },
        { 20, 20, 0.8389, 1 },       { 0, 0, NAN, NAN },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct curve_point p = { .won = cases[i].won, .count = cases[i].count };
        curve_count(&p, 1);
        near("low", p.low, cases[i].low);
        near("high", p.high, cases[i].high);
    }
}

static void the_curve_never_falls(void **state)
{
    static const struct {
        const char *note;
        i64 won[4], count[4];
        double want[4];
    } cases[] = {
        { "as it is", { 1, 2, 3, 4 }, { 10, 10, 10, 10 }, { .1, .2, .3, .4 } },
        { "a fall is levelled by weight", { 1, 6, 2, 8 }, { 10, 10, 30, 10 }, { .1, .2, .2, .8 } },
        { "all the way down is flat", { 8, 6, 4, 2 }, { 10, 10, 10, 10 }, { .5, .5, .5, .5 } },
        { "an empty one goes on", { 1, 0, 5, 6 }, { 10, 0, 10, 10 }, { .1, .1, .5, .6 } },
        { "nothing at all", { 0 }, { 0 }, { NAN, NAN, NAN, NAN } },
        { "an empty one first joins the next",
          { 0, 5, 6, 7 },
          { 0, 10, 10, 10 },
          { NAN, .5, .6, .7 } },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct curve_point p[4] = { 0 };
        for (size_t k = 0; k < 4; k++) {
            p[k].won = cases[i].won[k];
            p[k].count = cases[i].count[k];
        }
        curve_count(p, 4);
        for (size_t k = 0; k < 4; k++)
            if (!(i == 5 && k == 0))
                near(cases[i].note, p[k].fitted, cases[i].want[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_wilsons),
        cmocka_unit_test(the_curve_never_falls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
