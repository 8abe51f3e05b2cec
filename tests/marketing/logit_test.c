/* logit_test.c -- the regression against worked examples that others have published, and against
 * what must hold of any: at the optimum nothing pulls. */
#include "base/testing.h"
#include "marketing/logit.h"
#include <math.h>

static struct arena *arena;

static void near(double got, double want, double by, const char *what)
{
    if (!(fabs(got - want) <= by))
        fail_msg("%s: got %.6f, want %.6f", what, got, want);
}

/* Hours of study and whether the exam was passed: the example of the article "Logistic regression"
 * of Wikipedia, whose coefficients are -4.1 and 1.5 (-4.0777 and 1.5046 in its longer version). */
static const double hours[] = { 0.50, 0.75, 1.00, 1.25, 1.50, 1.75, 1.75, 2.00, 2.25, 2.50,
                                2.75, 3.00, 3.25, 3.50, 4.00, 4.25, 4.50, 4.75, 5.00, 5.50 };
static const bool passed[] = { 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1 };

static void a_published_example_comes_out(void **state)
{
    struct logit m;

    (void)state;
    assert_true(logit_fit(arena, hours, passed, countof(hours), 1, 0, &m));
    near(m.bias, -4.0777, 1e-4, "bias");
    near(m.weights[0], 1.5046, 1e-4, "weight");
    near(logit_chance(logit_of(&m, (double[]){ 2 })), 0.25570, 1e-4, "two hours");
    near(logit_chance(logit_of(&m, (double[]){ 4 })), 0.87444, 1e-4, "four hours");
}

static u64 seed;
static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / (double)(1ull << 53);
}

enum { ROWS = 4000, WIDTH = 12 };
static double x[ROWS * WIDTH];
static bool y[ROWS];

static void make_rows(void)
{
    for (int r = 0; r < ROWS; r++) {
        double z = -1;
        for (int i = 0; i < WIDTH; i++) {
            x[r * WIDTH + i] = i % 3 ? uniform() * 2 - 1 : uniform() < 0.2;
            z += x[r * WIDTH + i] * (i % 4 - 1.5);
        }
        y[r] = uniform() < logit_chance(z);
    }
}

static void nothing_pulls_at_the_optimum(void **state)
{
    static const double lambdas[] = { 0, 0.1, 1, 100 };

    (void)state;
    seed = 7;
    make_rows();
    for (size_t l = 0; l < countof(lambdas); l++) {
        struct logit m;
        assert_true(logit_fit(arena, x, y, ROWS, WIDTH, lambdas[l], &m));
        for (int i = 0; i <= WIDTH; i++) {
            double pull = i < WIDTH ? lambdas[l] * m.weights[i] : 0;
            for (int r = 0; r < ROWS; r++)
                pull += (logit_chance(logit_of(&m, x + r * WIDTH)) - y[r]) *
                        (i < WIDTH ? x[r * WIDTH + i] : 1);
            near(pull, 0, 1e-4, "pull");
        }
        near(m.weights[3], lambdas[l] < 1 ? 1.5 : 0, lambdas[l] < 1 ? 0.3 : 2, "what was put in");
    }
}

static void what_cannot_be_told_apart_is_said(void **state)
{
    static const bool all[] = { 1, 1, 1 };
    static const double apart[] = { -2, -1, 1, 2 };
    static const bool sides[] = { 0, 0, 1, 1 };
    struct logit m;
    struct platt p;

    (void)state;
    assert_false(logit_fit(arena, hours, all, countof(all), 1, 1, &m));
    assert_false(platt_fit(hours, all, countof(all), &p));
    assert_true(logit_fit(arena, apart, sides, 4, 1, 1, &m)); /* the penalty keeps it finite */
    assert_true(m.weights[0] > 0 && m.weights[0] < 10);
}

static void logits_that_are_too_sure_are_put_right(void **state)
{
    static double logits[ROWS];
    struct platt p;

    (void)state;
    seed = 3;
    for (int r = 0; r < ROWS; r++) {
        double z = uniform() * 4 - 2;
        y[r] = uniform() < logit_chance(z);
        logits[r] = 3 * z + 1;
    }
    assert_true(platt_fit(logits, y, ROWS, &p));
    near(p.slope, 1.0 / 3, 0.04, "slope");
    near(p.shift, -1.0 / 3, 0.1, "shift");
}

static void areas_are_what_pairs_say(void **state)
{
    static const struct {
        const char *note;
        double scores[6];
        bool won[6];
        size_t count;
        double auc; /* below 0: there is none */
    } cases[] = {
        { "all in order", { 1, 2, 3, 4 }, { 0, 0, 1, 1 }, 4, 1 },
        { "all the wrong way", { 1, 2, 3, 4 }, { 1, 1, 0, 0 }, 4, 0 },
        { "one pair of four is wrong", { 1, 2, 3, 4 }, { 0, 1, 0, 1 }, 4, 0.75 },
        { "all alike", { 5, 5, 5, 5 }, { 0, 1, 0, 1 }, 4, 0.5 },
        { "ties count half", { 1, 2, 2, 3 }, { 0, 0, 1, 1 }, 4, 0.875 },
        { "nobody won", { 1, 2 }, { 0, 0 }, 2, -1 },
        { "nothing", { 0 }, { 0 }, 0, -1 },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        double got = auc_of(arena, cases[i].scores, cases[i].won, cases[i].count);
        if (cases[i].auc < 0 ? !isnan(got) : !(fabs(got - cases[i].auc) < 1e-12))
            fail_msg("%s: got %f, want %f", cases[i].note, got, cases[i].auc);
    }
}

static void bands_say_what_was_promised_and_kept(void **state)
{
    static const double chances[] = { 0.1, 0.1, 0.3, 0.3, 0.8, 0.8 };
    static const bool won[] = { 0, 0, 0, 1, 1, 1 };
    struct band bands[BANDS_MAX];

    (void)state;
    assert_int_equal(bands_of(arena, chances, won, 6, 2, bands), 3);
    assert_int_equal(bands[1].count, 2);
    near(bands[1].predicted, 0.3, 1e-12, "predicted");
    near(bands[1].actual, 0.5, 1e-12, "actual");
    near(ece_of(bands, 3), (0.1 + 0.2 + 0.2) / 3, 1e-12, "error of calibration");
    near(brier_of(chances, won, 6), (0.01 + 0.01 + 0.09 + 0.49 + 0.04 + 0.04) / 6, 1e-12, "Brier");
    assert_int_equal(bands_of(arena, chances, won, 0, 2, bands), 0);
    assert_int_equal(bands_of(arena, chances, won, 1, 50, bands), 1);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_example_comes_out),
        cmocka_unit_test(nothing_pulls_at_the_optimum),
        cmocka_unit_test(what_cannot_be_told_apart_is_said),
        cmocka_unit_test(logits_that_are_too_sure_are_put_right),
        cmocka_unit_test(areas_are_what_pairs_say),
        cmocka_unit_test(bands_say_what_was_promised_and_kept),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
