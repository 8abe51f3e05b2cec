/* survival_run.c -- tries out how it may go on: draws what is not known, then what becomes of each
 * deal, many times over. Chance is xoshiro256** seeded by splitmix64 (D. Blackman and S. Vigna, ACM
 * Transactions on Mathematical Software 47, 2021); gamma draws are those of G. Marsaglia and W.
 * Tsang (same journal, 26, 2000). */
#include "sales/survival_int.h"
#include <math.h>
#include <stdlib.h>

enum {
    RUNS_A_DRAW = 20, /* runs that share drawn hazards */
    MOVES_MAX = 200,  /* of a deal in one run: those that go round for ever end */
    NEW_DEALS_MAX = 100000,
};

struct chance {
    u64 s[4];
    double spare; /* of the normal distribution */
    bool has_spare;
};

static void chance_seed(struct chance *c, u64 seed)
{
    *c = (struct chance){ 0 };
    for (int i = 0; i < 4; i++) {
        u64 z = (seed += UINT64_C(0x9e3779b97f4a7c15));
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        c->s[i] = z ^ (z >> 31);
    }
}

static u64 chance_next(struct chance *c)
{
    u64 *s = c->s, mixed = s[1] * 5, t = s[1] << 17;

    mixed = (mixed << 7 | mixed >> 57) * 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return mixed;
}

/* Above 0, below 1. */
static double chance_share(struct chance *c)
{
    return ((double)(chance_next(c) >> 11) + 0.5) * 0x1p-53;
}

static size_t chance_below(struct chance *c, size_t n)
{
    return (size_t)(chance_share(c) * (double)n);
}

/* Polar method. */
static double chance_normal(struct chance *c)
{
    double x, y, square;

    if (c->has_spare) {
        c->has_spare = false;
        return c->spare;
    }
    do {
        x = 2 * chance_share(c) - 1;
        y = 2 * chance_share(c) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double scale = sqrt(-2 * log(square) / square);
    c->spare = y * scale;
    c->has_spare = true;
    return x * scale;
}

/* Gamma of this shape and rate 1. */
static double chance_gamma(struct chance *c, double shape)
{
    if (shape < 1)
        return chance_gamma(c, shape + 1) * pow(chance_share(c), 1 / shape);
    for (double d = shape - 1.0 / 3, k = 1 / sqrt(9 * d);;) {
        double x = chance_normal(c), v = 1 + k * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(chance_share(c)) < x * x / 2 + d - d * v + d * log(v))
            return d * v;
    }
}

/* ---- what is not known ---- */
struct drawn {
    double (*hazard)[SURVIVAL_CAUSES][SURVIVAL_BINS_MAX]; /* by stage */
    double (*kind)[SURVIVAL_CAUSES][SURVIVAL_KINDS_MAX];
    double *owner[SURVIVAL_CAUSES];
};

static void draw(struct chance *c, const struct survival_model *m, struct drawn *d)
{
    for (int s = 0; s < m->stages; s++) {
        const struct survival_stage *st = &m->stage[s];
        for (int k = 0; k < SURVIVAL_CAUSES; k++) {
            for (int b = 0; b < st->bins; b++)
                d->hazard[s][k][b] = chance_gamma(c, st->events[k][b] + PRIOR_EVENTS) /
                                     (st->at_risk[b] + PRIOR_EVENTS / st->prior_rate[k]);
            for (int i = 0; i < m->kinds; i++)
                d->kind[s][k][i] = chance_gamma(c, st->seen[k][i] + m->kind_weight[k]) /
                                   (st->due[k][i] + m->kind_weight[k]);
        }
    }
    for (int k = 0; k < SURVIVAL_CAUSES; k++)
        for (int i = 0; i < m->owners; i++)
            d->owner[k][i] = chance_gamma(c, m->owner_seen[k][i] + m->owner_weight[k]) /
                             (m->owner_due[k][i] + m->owner_weight[k]);
}

/* ---- one deal ---- */
/* Time until it leaves its stage, and how. */
static double stay(struct chance *c, const struct survival_model *m, const struct drawn *d,
                   const struct survival_deal *deal, enum survival_cause *how)
{
    const struct survival_stage *st = &m->stage[deal->stage];
    double wait = -log(chance_share(c)), age = deal->age;
    double factor[SURVIVAL_CAUSES];

    for (int k = 0; k < SURVIVAL_CAUSES; k++)
        factor[k] = d->kind[deal->stage][k][deal->kind] * d->owner[k][deal->owner];
    for (int b = survival_bin(st, age);; b++) {
        double on = d->hazard[deal->stage][CAUSE_ON][b] * factor[CAUSE_ON];
        double rate = on + d->hazard[deal->stage][CAUSE_LOST][b] * factor[CAUSE_LOST];
        double end = survival_bin_end(st, b);
        if (rate * (end - age) >= wait) {
            *how = chance_share(c) * rate < on ? CAUSE_ON : CAUSE_LOST;
            return age + wait / rate - deal->age;
        }
        wait -= rate * (end - age);
        age = end;
    }
}

static int next_stage(struct chance *c, const struct survival_model *m, int stage)
{
    const struct survival_stage *st = &m->stage[stage];
    double at = chance_share(c) * st->to_sum;

    for (int t = 0; t <= m->stages; t++)
        if ((at -= st->to[t]) < 0)
            return t == m->stages ? SURVIVAL_WON : t;
    return SURVIVAL_LOST; /* nobody ever went on from here */
}

static double won_amount(struct chance *c, const struct survival_world *w,
                         const struct survival_deal *deal)
{
    const struct survival_amounts *change = &w->changes[deal->stage];

    return change->count ? deal->amount * change->ratios[chance_below(c, change->count)]
                         : deal->amount;
}

/* From `at` on: when it is won; INFINITY: not before the end. */
static double won_at(struct chance *c, const struct survival_world *w, const struct drawn *d,
                     struct survival_deal deal, double at, double end)
{
    for (int moves = 0; moves < MOVES_MAX; moves++) {
        enum survival_cause how;
        at += stay(c, w->model, d, &deal, &how);
        if (at >= end || how == CAUSE_LOST)
            return INFINITY;
        deal.stage = next_stage(c, w->model, deal.stage);
        if (deal.stage == SURVIVAL_WON)
            return at;
        if (deal.stage == SURVIVAL_LOST)
            return INFINITY;
        deal.age = 0;
    }
    return INFINITY;
}

/* ---- runs ---- */
struct running {
    const struct survival_world *w;
    struct chance chance;
    struct drawn drawn;
    double end;
    float *out;
};

static void run_deal(struct running *r, const struct survival_deal *deal, double at, int run)
{
    const struct survival_world *w = r->w;
    double won = won_at(&r->chance, w, &r->drawn, *deal, at, r->end);

    if (isinf(won))
        return;
    float amount = (float)won_amount(&r->chance, w, deal);
    for (int p = 0; p < w->periods; p++)
        if (won >= w->begins[p] && won < w->ends[p])
            r->out[((size_t)p * (size_t)w->owners + (size_t)deal->owner) * (size_t)w->runs +
                   (size_t)run] += amount;
}

/* Those that are not there yet. The rate is drawn; that it goes on drifting until halfway, and that
 * deals come in clusters, widens it: the gamma keeps its mean and knows less. */
static void run_new(struct running *r, int run)
{
    const struct survival_world *w = r->w;
    double spans = r->end / w->span, shape = w->rate.shape * pow(w->rate.keeps, spans / 2);
    double mean = w->rate.shape / w->rate.spans * spans;

    if (w->pool_count == 0 || mean <= 0)
        return;
    /* Variance of a Poisson with gamma rate: mean + mean^2 / shape; of clusters excess times it. */
    double variance = (mean + mean * mean / shape) * w->rate.excess;
    shape = mean * mean / (variance - mean);
    double rate = chance_gamma(&r->chance, shape) / shape * mean / r->end, at = 0;
    for (int i = 0; i < NEW_DEALS_MAX; i++) {
        at += -log(chance_share(&r->chance)) / rate;
        if (at >= r->end)
            return;
        run_deal(r, &w->pool[chance_below(&r->chance, w->pool_count)], at, run);
    }
}

float *survival_run(struct arena *a, const struct survival_world *w)
{
    size_t stages = (size_t)w->model->stages + 1;
    struct running r = { .w = w };

    chance_seed(&r.chance, w->seed);
    r.drawn.hazard = arena_alloc(a, stages, sizeof *r.drawn.hazard);
    r.drawn.kind = arena_alloc(a, stages, sizeof *r.drawn.kind);
    for (int k = 0; k < SURVIVAL_CAUSES; k++)
        r.drawn.owner[k] = NEW_N(a, double, (size_t)w->model->owners + 1);
    for (int p = 0; p < w->periods; p++)
        r.end = fmax(r.end, w->ends[p]);
    r.out = NEW_N(a, float, (size_t)w->periods *(size_t)w->owners *(size_t)w->runs + 1);
    for (int run = 0; run < w->runs; run++) {
        if (run % RUNS_A_DRAW == 0)
            draw(&r.chance, w->model, &r.drawn);
        for (size_t i = 0; i < w->deal_count; i++)
            run_deal(&r, &w->deals[i], 0, run);
        run_new(&r, run);
    }
    return r.out;
}

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

double survival_quantile(float *values, size_t count, double share)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, by_float);
    double at = share * (double)(count - 1);
    size_t low = (size_t)at;
    double high = low + 1 < count ? (double)values[low + 1] : (double)values[low];
    return (double)values[low] + (at - (double)low) * (high - (double)values[low]);
}
