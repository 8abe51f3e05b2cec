/* survival_test.c -- what is learned from deals that got through the stages: curves against a judge
 * of their own, known hazards found again, and intervals that hold as often as they say. */
#include "base/clock.h"
#include "base/json.h"
#include "base/testing.h"
#include "sales/forecast_learn.h"
#include "sales/survival.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *oracle; /* survival_oracle.py */

/* Chance of the test's own: that of the model must not judge itself. */
struct dice {
    u64 at;
};
static double roll(struct dice *d)
{
    d->at = d->at * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(d->at >> 33) + 0.5) / 2147483648.0;
}
static int roll_to(struct dice *d, int n) { return (int)(roll(d) * n); }
static double roll_normal(struct dice *d)
{
    return sqrt(-2 * log(roll(d))) * cos(6.283185307179586 * roll(d));
}

/* ---- curves ---- */
enum { SAMPLES = 60, SAMPLE_MAX = 80 };
static size_t sample(struct dice *d, struct survival_stay *out)
{
    size_t n = 1 + (size_t)roll_to(d, SAMPLE_MAX - 1);
    int spread = 3 + roll_to(d, 40);
    bool late = roll(d) < 0.5;

    for (size_t i = 0; i < n; i++) {
        int from = late && roll(d) < 0.4 ? roll_to(d, spread) : 0;
        int how = roll_to(d, 3);
        out[i] = (struct survival_stay){ .from = from,
                                         .until = from + 1 + roll_to(d, spread),
                                         .to = how == 0   ? SURVIVAL_STAYS
                                               : how == 1 ? SURVIVAL_WON
                                                          : SURVIVAL_LOST };
    }
    return n;
}

static int how_of(int to) { return to == SURVIVAL_STAYS ? 0 : to == SURVIVAL_LOST ? 2 : 1; }

static void curves_are_those_of_another_program(void **state)
{
    struct arena *a = *state;
    struct survival_stay stays[SAMPLES][SAMPLE_MAX];
    size_t counts[SAMPLES];
    struct dice d = { 7 };
    char path[] = "/tmp/survival-XXXXXX", line[65536];
    int fd = mkstemp(path);
    FILE *in = fdopen(fd, "w");

    for (int s = 0; s < SAMPLES; s++) {
        counts[s] = sample(&d, stays[s]);
        for (size_t i = 0; i < counts[s]; i++)
            fprintf(in, "%s[%.0f,%.0f,%d]", i ? "," : "[", stays[s][i].from, stays[s][i].until,
                    how_of(stays[s][i].to));
        fputs("]\n", in);
    }
    fclose(in);
    FILE *out = popen(arena_printf(a, "python3 '%s' < %s", oracle, path), "r");
    for (int s = 0; s < SAMPLES; s++) {
        struct survival_step *steps;
        struct val *said;
        size_t n = survival_curve(a, stays[s], counts[s], 0, &steps);
        assert_non_null(fgets(line, sizeof line, out));
        assert_int_equal(json_read(a, str_from(line), &said, NULL), OK);
        assert_int_equal(n, val_count(said));
        for (size_t i = 0; i < n; i++) {
            const struct val *v = val_at(said, i);
            double got[] = { steps[i].age, steps[i].at_risk, steps[i].on, steps[i].lost };
            for (size_t k = 0; k < 4; k++)
                if (fabs(got[k] - val_as_double(val_at(v, k), -1)) > 1e-9)
                    fail_msg("sample %d, step %zu, number %zu: %.12f", s, i, k, got[k]);
        }
    }
    assert_int_equal(pclose(out), 0);
    unlink(path);
}

/* ---- known hazards ---- */
/* Two stages; the first has another hazard before and after age 10. */
static const struct {
    double on[2], lost[2];
} truth[] = { { { 0.02, 0.10 }, { 0.03, 0.01 } }, { { 0.05, 0.05 }, { 0.02, 0.02 } } };

static double truth_stay(struct dice *d, int stage, bool *on)
{
    double wait = -log(roll(d)), first = truth[stage].on[0] + truth[stage].lost[0];
    int part = wait > first * 10;
    double rate = truth[stage].on[part] + truth[stage].lost[part];
    double age = part ? 10 + (wait - first * 10) / rate : wait / rate;

    *on = roll(d) * rate < truth[stage].on[part];
    return age;
}

static size_t truth_sample(struct dice *d, struct survival_stay *out, size_t deals)
{
    size_t n = 0;

    for (size_t i = 0; i < deals; i++)
        for (int stage = 0; stage < 2; stage++) {
            double seen = 5 + roll(d) * 60; /* until when we have looked */
            bool on;
            double age = truth_stay(d, stage, &on);
            out[n] = (struct survival_stay){ .stage = stage, .kind = 0, .owner = (int)(i % 3) };
            out[n].until = age < seen ? age : seen;
            out[n].to = age >= seen ? SURVIVAL_STAYS
                        : !on       ? SURVIVAL_LOST
                        : stage     ? SURVIVAL_WON
                                    : 1;
            if (out[n++].to != 1)
                break;
        }
    return n;
}

static void known_hazards_are_found_again(void **state)
{
    struct arena *a = *state;
    struct survival_stay *stays = NEW_N(a, struct survival_stay, 40000);
    struct dice d = { 11 };
    size_t n = truth_sample(&d, stays, 20000);
    struct survival_model *m = survival_fit(a, stays, n, 2, 1, 3);
    static const struct {
        int stage;
        double age;
        int part;
    } at[] = { { 0, 1, 0 }, { 0, 5, 0 }, { 0, 14, 1 }, { 0, 25, 1 }, { 1, 3, 0 }, { 1, 20, 0 } };

    for (size_t i = 0; i < countof(at); i++)
        for (int c = 0; c < SURVIVAL_CAUSES; c++) {
            double want =
                c ? truth[at[i].stage].lost[at[i].part] : truth[at[i].stage].on[at[i].part];
            double got = survival_hazard(m, at[i].stage, (enum survival_cause)c, at[i].age, 0, 0);
            if (fabs(got - want) > 0.15 * want + 0.002)
                fail_msg("stage %d, age %.0f, cause %d: %.4f, want %.4f", at[i].stage, at[i].age, c,
                         got, want);
        }
    /* By hand: from the second 0.05 / 0.07; from the first, 0.4 of those that leave before 10 go
     * on, which are 1 - exp(-0.5), and 10 in 11 of the others. */
    double chances[2], second = 5.0 / 7;
    double first = (0.4 * (1 - exp(-0.5)) + 10.0 / 11 * exp(-0.5)) * second;
    survival_chances(a, m, chances);
    assert_true(fabs(chances[1] - second) < 0.02);
    assert_true(fabs(chances[0] - first) < 0.02);
}

/* ---- one stage of which everything is known ---- */
static void runs_come_to_what_arithmetic_says(void **state)
{
    struct arena *a = *state;
    enum { STAYS = 40000, RUNS = 4000, DEALS = 10 };
    struct survival_stay *stays = NEW_N(a, struct survival_stay, STAYS);
    struct survival_deal deals[DEALS];
    struct survival_amounts none = { 0 };
    double begins[] = { 0, 5 }, ends[] = { 5, 20 };
    struct dice d = { 5 };

    for (int i = 0; i < STAYS; i++)
        stays[i] = (struct survival_stay){ .until = -log(roll(&d)) / 0.1,
                                           .to = roll(&d) < 0.6 ? SURVIVAL_WON : SURVIVAL_LOST };
    for (int i = 0; i < DEALS; i++)
        deals[i] = (struct survival_deal){ .age = i, .amount = 100 };
    struct survival_world w = { .model = survival_fit(a, stays, STAYS, 1, 1, 1),
                                .deals = deals,
                                .deal_count = DEALS,
                                .changes = &none,
                                .span = 1,
                                .begins = begins,
                                .ends = ends,
                                .periods = 2,
                                .owners = 1,
                                .runs = RUNS,
                                .seed = 3 };
    float *once = survival_run(a, &w), *again = survival_run(a, &w);
    assert_memory_equal(once, again, sizeof(float) * 2 * RUNS);
    for (int p = 0; p < 2; p++) {
        double mean = 0, want = 0.6 * (exp(-0.1 * begins[p]) - exp(-0.1 * ends[p])) * 100 * DEALS;
        for (int i = 0; i < RUNS; i++)
            mean += (double)once[p * RUNS + i] / RUNS;
        if (fabs(mean - want) > 0.03 * want)
            fail_msg("period %d: %.1f, want %.1f", p, mean, want);
    }
    w.seed = 4;
    assert_memory_not_equal(once, survival_run(a, &w), sizeof(float) * 2 * RUNS);
}

static void nothing_to_learn_from_is_no_accident(void **state)
{
    struct arena *a = *state;
    struct survival_model *m = survival_fit(a, NULL, 0, 2, 6, 1);
    double chances[2];

    survival_chances(a, m, chances);
    assert_true(chances[0] == 0 && chances[1] == 0);
    assert_true(isfinite(survival_hazard(m, 1, CAUSE_ON, 3, 5, 0)));
    assert_true(survival_arrivals(NULL, 0).shape >= 0);
}

/* ---- arrivals ---- */
static const struct {
    const char *note;
    double before, after;
} streams[] = { { "steady", 8, 8 }, { "doubles", 6, 12 }, { "dries up", 10, 2 } };

static void arrivals_follow_the_rate(void **state)
{
    (void)state;
    for (size_t s = 0; s < countof(streams); s++) {
        double counts[80], mean;
        struct dice d = { 21 + s };
        for (int i = 0; i < 80; i++) {
            double rate = i < 40 ? streams[s].before : streams[s].after, at = 0;
            for (counts[i] = 0; (at -= log(roll(&d))) < rate;)
                counts[i]++;
        }
        struct survival_rate r = survival_arrivals(counts, 80);
        mean = r.shape / r.spans;
        if (fabs(mean - streams[s].after) > 0.25 * streams[s].after)
            fail_msg("%s: %.2f, want %.2f", streams[s].note, mean, streams[s].after);
        assert_true(streams[s].before != streams[s].after ? r.keeps < 1 : r.keeps >= 0.98);
    }
}

/* ---- quantiles ---- */
static void quantiles_lie_between_values(void **state)
{
    float v[] = { 5, 1, 3, 2, 4 };

    (void)state;
    assert_true(survival_quantile(v, 5, 0.5) == 3);
    assert_true(fabs(survival_quantile(v, 5, 0.1) - 1.4) < 1e-6);
    assert_true(survival_quantile(v, 5, 0) == 1 && survival_quantile(v, 5, 1) == 5);
    assert_true(survival_quantile(v, 1, 0.9) == 1 && survival_quantile(v, 0, 0.9) == 0);
}

/* ---- intervals ---- */
/* A made-up company: how deals come, stay, are won is drawn anew for each. Stays are Weibull and
 * deals have a quality of their own, neither of which the model knows of. */
enum { STAGES = 4, WORLDS = 240, WEEKS = 100, WORLD_RUNS = 600 };
static const i64 HOUR = 3600 * 1000;

static double world_hours(void *arg, i64 from_ms, i64 to_ms)
{
    (void)arg;
    return (double)(to_ms - from_ms) / (double)HOUR;
}

struct world {
    struct arena *a;
    struct dice dice;
    double a_week, scale[STAGES], shape, goes_on[STAGES], spread, size;
    i64 end_ms;
};

static void world_deal(struct world *w, struct deal_past *out, i64 at, i64 id)
{
    double quality = roll_normal(&w->dice) * 0.4;
    struct deal_state s = {
        .at_ms = at, .close_day = TIME_NONE, .category = "", .owner = 1 + roll_to(&w->dice, 3)
    };

    *out = (struct deal_past){ .id = id, .customer = id };
    out->states = NEW_N(w->a, struct deal_state, STAGES + 2);
    s.amount_minor = (i64)(w->size * exp(w->spread * roll_normal(&w->dice)));
    out->states[out->count++] = s;
    while (s.was == DEAL_WAS_OPEN) {
        double stay = w->scale[s.stage] * pow(-log(roll(&w->dice)), 1 / w->shape);
        double odds = log(w->goes_on[s.stage] / (1 - w->goes_on[s.stage])) + quality;
        s.at_ms += (i64)(stay * (double)HOUR) + 1;
        if (roll(&w->dice) > 1 / (1 + exp(-odds)))
            s.was = DEAL_WAS_LOST;
        else if (++s.stage == STAGES)
            s.was = DEAL_WAS_WON;
        else if (roll(&w->dice) < 0.3)
            s.amount_minor = (i64)((double)s.amount_minor * (0.8 + 0.4 * roll(&w->dice)));
        if (s.was != DEAL_WAS_OPEN) {
            s.stage = -1;
            s.closed_at_ms = s.at_ms;
        }
        out->states[out->count++] = s;
    }
}

static struct forecast_history *world_new(struct world *w)
{
    struct forecast_history *h = NEW(w->a, struct forecast_history);
    double at = 0, a_week = w->a_week;
    int week = 0;

    *h = (struct forecast_history){ .hours = world_hours, .stage_count = STAGES, .owner_count = 4 };
    h->owners = NEW_N(w->a, i64, 4);
    h->deals = NEW_N(w->a, struct deal_past, 10000);
    while (at < WEEKS && h->count < 10000) {
        for (; week < at; week++) /* the rate drifts */
            a_week *= exp(roll_normal(&w->dice) * 0.04);
        at -= log(roll(&w->dice)) / a_week;
        world_deal(w, &h->deals[h->count], (i64)(at * 168 * (double)HOUR) + 1, (i64)h->count + 1);
        h->count++;
    }
    return h;
}

/* Of many worlds, each asked for a month in which it was not learned from. */
static void intervals_hold_as_often_as_they_say(void **state)
{
    int inside = 0, below = 0, above = 0, refused = 0;

    (void)state;
    for (int i = 0; i < WORLDS; i++) {
        scoped(arena_close) struct arena *a = arena_new(1024 * 1024);
        struct world w = { .a = a, .dice = { 1000 + (u64)i * 77 } };
        w.a_week = 4 + roll(&w.dice) * 12;
        w.shape = 0.8 + roll(&w.dice) * 0.8;
        w.spread = 0.4 + roll(&w.dice) * 0.8;
        w.size = 1e6;
        for (int s = 0; s < STAGES; s++) {
            w.scale[s] = 80 + roll(&w.dice) * 400;
            w.goes_on[s] = 0.55 + roll(&w.dice) * 0.35;
        }
        struct forecast_history *h = world_new(&w);
        i64 at = 90 * 168 * HOUR; /* in ten weeks' distance from the end */
        struct forecast_period p = { .from_ms = at, .to_ms = at + 730 * HOUR };
        struct forecast_model *m = forecast_learn(a, h, at);
        if (m->refused) {
            refused++;
            continue;
        }
        struct forecast_runs runs = forecast_try(a, h, m, &p, 1, WORLD_RUNS, (u64)i);
        struct forecast_range r = forecast_sum(a, h, &runs, 0, &p, at, NULL, 0, NULL);
        double actual = forecast_won(h, p.from_ms, p.to_ms, INT64_MAX, NULL);
        below += actual < r.low;
        above += actual > r.high;
        inside += actual >= r.low && actual <= r.high;
    }
    print_message("%d worlds: %d inside, %d below, %d above, %d refused\n", WORLDS, inside, below,
                  above, refused);
    int served = WORLDS - refused;
    assert_true(refused < WORLDS / 10);
    assert_true(inside * 100 >= 70 * served && inside * 100 <= 90 * served);
    assert_true(below * 100 <= 20 * served && above * 100 <= 20 * served);
}

/* What came later changes nothing of what was said before. */
static void the_past_knows_nothing_of_what_came_later(void **state)
{
    struct arena *a = *state;
    struct world w = { .a = a, .dice = { 5 }, .a_week = 9, .shape = 1, .spread = 0.6, .size = 1e6 };
    i64 at = 80 * 168 * HOUR;
    struct forecast_period p = { .from_ms = at, .to_ms = at + 730 * HOUR };
    struct forecast_range said[2];

    for (int s = 0; s < STAGES; s++) {
        w.scale[s] = 200;
        w.goes_on[s] = 0.75;
    }
    struct forecast_history *h = world_new(&w);
    for (int i = 0; i < 2; i++) {
        struct forecast_model *m = forecast_learn(a, h, at);
        assert_null(m->refused);
        struct forecast_runs runs = forecast_try(a, h, m, &p, 1, 500, 1);
        said[i] = forecast_sum(a, h, &runs, 0, &p, at, NULL, 0, NULL);
        for (size_t d = 0; d < h->count; d++) { /* all that comes later never happens */
            size_t n = 0;
            while (n < h->deals[d].count && h->deals[d].states[n].at_ms < at)
                n++;
            if (n == 0) {
                h->count = d;
                break;
            }
            h->deals[d].count = n;
        }
    }
    assert_memory_equal(&said[0], &said[1], sizeof said[0]);
}

static void too_little_is_refused(void **state)
{
    struct arena *a = *state;
    struct world w = { .a = a, .dice = { 5 }, .a_week = 1, .shape = 1, .spread = 0.6, .size = 1e6 };

    for (int s = 0; s < STAGES; s++) {
        w.scale[s] = 200;
        w.goes_on[s] = 0.7;
    }
    struct forecast_history *h = world_new(&w);
    struct forecast_model *m = forecast_learn(a, h, 90 * 168 * HOUR);
    assert_non_null(m->refused);
    assert_non_null(strstr(m->refused, "Too few"));
    h->count = 0;
    assert_non_null(forecast_learn(a, h, 90 * 168 * HOUR)->refused);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(curves_are_those_of_another_program),
        WITH_ARENA(known_hazards_are_found_again),
        WITH_ARENA(runs_come_to_what_arithmetic_says),
        WITH_ARENA(nothing_to_learn_from_is_no_accident),
        WITH_ARENA(arrivals_follow_the_rate),
        WITH_ARENA(quantiles_lie_between_values),
        WITH_ARENA(the_past_knows_nothing_of_what_came_later),
        WITH_ARENA(too_little_is_refused),
        WITH_ARENA(intervals_hold_as_often_as_they_say),
    };

    oracle = argc > 1 ? argv[1] : "tests/sales/survival_oracle.py";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
