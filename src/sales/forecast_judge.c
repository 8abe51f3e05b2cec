/* forecast_judge.c -- how good forecasts are: past periods forecast again with what was known then,
 * beside ways that learn nothing. */
#include "base/clock.h"
#include "sales/forecast_learn.h"
#include <math.h>

/* What was known of simple ways: what the period had so far, and what came after as much of other
 * periods: of the same one a year ago, or on average of all before. */
static void simple_ways(const struct forecast_history *h, const struct forecast_period *periods,
                        int which, struct forecast_trial *t)
{
    const struct forecast_period *p = &periods[which];
    double sum = 0, so_far = forecast_won(h, p->from_ms, p->to_ms, t->at_ms, NULL);
    i64 gone = t->at_ms - p->from_ms;

    for (int i = 0; i < which; i++)
        sum += forecast_won(h, periods[i].from_ms + gone, periods[i].to_ms, t->at_ms, NULL);
    t->mean = which > 0 ? so_far + sum / which : NAN;
    t->last_year = which >= 12 ? so_far + forecast_won(h, periods[which - 12].from_ms + gone,
                                                       periods[which - 12].to_ms, t->at_ms, NULL)
                               : NAN;
    t->weighted = forecast_weighted(h, p, t->at_ms);
}

size_t forecast_backtest(struct arena *a, const struct forecast_history *h,
                         const struct forecast_period *periods, int count, int runs, u64 seed,
                         struct forecast_trial **out)
{
    struct forecast_trial *list = NEW_N(a, struct forecast_trial, (size_t)count * 2 + 1);

    *out = list;
    for (int i = 0; i < count * 2; i++) {
        scoped(arena_close) struct arena *work = arena_new(4 * 1024 * 1024);
        const struct forecast_period *p = &periods[i / 2];
        struct forecast_trial *t = &list[i];
        *t = (struct forecast_trial){ .period = p, .middle = i % 2 != 0 };
        t->at_ms = t->middle ? p->from_ms + (p->to_ms - p->from_ms) / 2 : p->from_ms;
        t->actual = forecast_won(h, p->from_ms, p->to_ms, INT64_MAX, NULL);
        simple_ways(h, periods, i / 2, t);
        struct forecast_model *m = forecast_learn(work, h, t->at_ms);
        if (m->refused)
            continue;
        struct forecast_runs r = forecast_try(work, h, m, p, 1, runs, seed);
        t->range = forecast_sum(work, h, &r, 0, p, t->at_ms, NULL, 0, NULL);
        t->served = true;
    }
    return (size_t)count * 2;
}

/* R. Koenker and G. Bassett, Econometrica 46, 1978. */
static double pinball(double actual, double said, double share)
{
    return actual >= said ? share * (actual - said) : (1 - share) * (said - actual);
}

void forecast_scores(const struct forecast_trial *trials, size_t count,
                     struct forecast_score out[FORECAST_WAYS])
{
    double sum_actual = 0;

    for (int w = 0; w < FORECAST_WAYS; w++)
        out[w] = (struct forecast_score){ 0 };
    for (size_t i = 0; i < count; i++) {
        const struct forecast_trial *t = &trials[i];
        const double said[] = { t->range.median, t->weighted, t->last_year, t->mean };
        if (!t->served)
            continue;
        out[WAY_LEARNED].trials++;
        out[WAY_LEARNED].inside += t->actual >= t->range.low && t->actual <= t->range.high;
        if (isnan(t->last_year) || isnan(t->mean) || t->actual <= 0)
            continue;
        sum_actual += t->actual;
        for (int w = 0; w < FORECAST_WAYS; w++) {
            out[w].compared++;
            out[w].wape += fabs(said[w] - t->actual);
            out[w].mape += fabs(said[w] - t->actual) / t->actual;
            out[w].pinball += (pinball(t->actual, w ? said[w] : t->range.low, 0.1) +
                               pinball(t->actual, said[w], 0.5) +
                               pinball(t->actual, w ? said[w] : t->range.high, 0.9)) /
                              3;
        }
    }
    for (int w = 0; w < FORECAST_WAYS; w++) {
        if (out[w].compared == 0)
            continue;
        out[w].wape /= sum_actual;
        out[w].mape /= out[w].compared;
        out[w].pinball /= out[w].compared;
    }
}
