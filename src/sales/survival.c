/* survival.c -- learns hazards from stays: bins of age, posteriors, factors of kinds and owners. */
#include "sales/survival_int.h"
#include <math.h>
#include <stdlib.h>

enum { BIN_EXITS = 20 }; /* of a bin, about: fewer say too little */

static bool exits(const struct survival_stay *s) { return s->to != SURVIVAL_STAYS; }
static enum survival_cause cause_of(const struct survival_stay *s)
{
    return s->to == SURVIVAL_LOST ? CAUSE_LOST : CAUSE_ON;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* ---- bins ---- */
static void choose_bins(struct survival_stage *st, double *ages, size_t count)
{
    size_t bins = count / BIN_EXITS;

    if (bins > SURVIVAL_BINS_MAX)
        bins = SURVIVAL_BINS_MAX;
    qsort(ages, count, sizeof *ages, by_value);
    st->bins = 1;
    for (size_t b = 1; b < bins; b++) {
        double edge = ages[count * b / bins];
        if (edge > st->edges[st->bins - 1])
            st->edges[st->bins++] = edge;
    }
}

int survival_bin(const struct survival_stage *st, double age)
{
    int b = st->bins - 1;

    while (b > 0 && age < st->edges[b])
        b--;
    return b;
}

double survival_bin_end(const struct survival_stage *st, int bin)
{
    return bin + 1 < st->bins ? st->edges[bin + 1] : INFINITY;
}

/* An exit at an edge belongs to the bin that ends there. */
static int bin_of_exit(const struct survival_stage *st, double age)
{
    int b = survival_bin(st, age);

    return b > 0 && age <= st->edges[b] ? b - 1 : b;
}

static void count_stay(const struct survival_model *m, const struct survival_stay *s)
{
    struct survival_stage *st = &m->stage[s->stage];

    for (int b = survival_bin(st, s->from); b < st->bins; b++) {
        double end = fmin(survival_bin_end(st, b), s->until);
        double begin = fmax(st->edges[b], s->from);
        if (begin >= s->until)
            break;
        st->at_risk[b] += end - begin;
    }
    if (!exits(s))
        return;
    st->events[cause_of(s)][bin_of_exit(st, s->until)]++;
    if (s->to == SURVIVAL_LOST)
        return;
    st->to[s->to == SURVIVAL_WON ? m->stages : s->to]++;
    st->to_sum++;
}

/* ---- posteriors ---- */
/* Where nobody left a stage by a cause, half of one did; where nobody was, all stages tell. */
static void smooth(struct survival_model *m)
{
    double all[SURVIVAL_CAUSES] = { 0 }, time = 0;

    for (int i = 0; i < m->stages; i++)
        for (int b = 0; b < m->stage[i].bins; b++) {
            time += m->stage[i].at_risk[b];
            for (int c = 0; c < SURVIVAL_CAUSES; c++)
                all[c] += m->stage[i].events[c][b];
        }
    for (int i = 0; i < m->stages; i++) {
        struct survival_stage *st = &m->stage[i];
        for (int c = 0; c < SURVIVAL_CAUSES; c++) {
            double seen = 0, at_risk = 0, of_all = time > 0 ? (all[c] + 0.5) / time : 1;
            for (int b = 0; b < st->bins; b++) {
                seen += st->events[c][b];
                at_risk += st->at_risk[b];
            }
            st->prior_rate[c] = (seen + 0.5) / (at_risk + 0.5 / of_all);
            for (int b = 0; b < st->bins; b++)
                st->hazard[c][b] = (st->events[c][b] + PRIOR_EVENTS) /
                                   (st->at_risk[b] + PRIOR_EVENTS / st->prior_rate[c]);
        }
    }
}

/* What the hazards of all say a stay comes to. */
static double due_of(const struct survival_stage *st, const struct survival_stay *s, int cause)
{
    double sum = 0;

    for (int b = survival_bin(st, s->from); b < st->bins && st->edges[b] < s->until; b++)
        sum += st->hazard[cause][b] *
               (fmin(survival_bin_end(st, b), s->until) - fmax(st->edges[b], s->from));
    return sum;
}

/* The weight of "no difference" under which what was seen is likeliest: counts are negative
 * binomial when factors are gamma with mean 1 and this shape. */
static double weigh(const double *seen, const double *due, size_t count)
{
    static const double tried[] = { 3, 5, 8, 12, 20, 35, 60, 100, 200, 500, 2000 };
    double best = -INFINITY, chosen = tried[countof(tried) - 1];

    for (size_t t = countof(tried); t-- > 0;) {
        double c = tried[t], sum = 0;
        for (size_t i = 0; i < count; i++)
            if (due[i] > 0)
                sum += lgamma(seen[i] + c) - lgamma(c) + c * log(c / (c + due[i])) +
                       seen[i] * log(due[i] / (c + due[i]));
        if (sum > best + 1e-9) {
            best = sum;
            chosen = c;
        }
    }
    return chosen;
}

static void count_factors(struct arena *a, struct survival_model *m,
                          const struct survival_stay *stays, size_t count)
{
    size_t cells = (size_t)m->stages * (size_t)m->kinds;
    double *seen = NEW_N(a, double, cells + 1), *due = NEW_N(a, double, cells + 1);

    for (size_t i = 0; i < count; i++) {
        struct survival_stage *st = &m->stage[stays[i].stage];
        for (int c = 0; c < SURVIVAL_CAUSES; c++)
            st->due[c][stays[i].kind] += due_of(st, &stays[i], c);
        if (exits(&stays[i]))
            st->seen[cause_of(&stays[i])][stays[i].kind]++;
    }
    for (int c = 0; c < SURVIVAL_CAUSES; c++) {
        size_t n = 0;
        for (int s = 0; s < m->stages; s++)
            for (int k = 0; k < m->kinds; k++) {
                seen[n] = m->stage[s].seen[c][k];
                due[n++] = m->stage[s].due[c][k];
            }
        m->kind_weight[c] = weigh(seen, due, n);
    }
    for (size_t i = 0; i < count; i++) {
        const struct survival_stay *s = &stays[i];
        for (int c = 0; c < SURVIVAL_CAUSES; c++)
            m->owner_due[c][s->owner] +=
                due_of(&m->stage[s->stage], s, c) * survival_kind_factor(m, s->stage, c, s->kind);
        if (exits(s))
            m->owner_seen[cause_of(s)][s->owner]++;
    }
    for (int c = 0; c < SURVIVAL_CAUSES; c++)
        m->owner_weight[c] = weigh(m->owner_seen[c], m->owner_due[c], (size_t)m->owners);
}

double survival_kind_factor(const struct survival_model *m, int stage, int cause, int kind)
{
    const struct survival_stage *st = &m->stage[stage];

    return (st->seen[cause][kind] + m->kind_weight[cause]) /
           (st->due[cause][kind] + m->kind_weight[cause]);
}

double survival_owner_factor(const struct survival_model *m, int cause, int owner)
{
    return (m->owner_seen[cause][owner] + m->owner_weight[cause]) /
           (m->owner_due[cause][owner] + m->owner_weight[cause]);
}

struct survival_model *survival_fit(struct arena *a, const struct survival_stay *stays,
                                    size_t count, int stages, int kinds, int owners)
{
    struct survival_model *m = NEW(a, struct survival_model);
    double *ages = NEW_N(a, double, count + 1);

    assert(stages <= SURVIVAL_STAGES_MAX && kinds <= SURVIVAL_KINDS_MAX);
    *m = (struct survival_model){ .stages = stages, .kinds = kinds, .owners = owners };
    m->stage = NEW_N(a, struct survival_stage, (size_t)stages + 1);
    m->stays = count;
    for (int c = 0; c < SURVIVAL_CAUSES; c++) {
        m->owner_seen[c] = NEW_N(a, double, (size_t)owners + 1);
        m->owner_due[c] = NEW_N(a, double, (size_t)owners + 1);
    }
    for (int s = 0; s < stages; s++) {
        size_t n = 0;
        m->stage[s].to = NEW_N(a, double, (size_t)stages + 1);
        for (size_t i = 0; i < count; i++)
            if (stays[i].stage == s && exits(&stays[i]))
                ages[n++] = stays[i].until;
        choose_bins(&m->stage[s], ages, n);
        m->exits += n;
    }
    for (size_t i = 0; i < count; i++)
        count_stay(m, &stays[i]);
    smooth(m);
    count_factors(a, m, stays, count);
    return m;
}

double survival_hazard(const struct survival_model *m, int stage, enum survival_cause cause,
                       double age, int kind, int owner)
{
    const struct survival_stage *st = &m->stage[stage];

    return st->hazard[cause][survival_bin(st, age)] * survival_kind_factor(m, stage, cause, kind) *
           survival_owner_factor(m, cause, owner);
}

/* The chance to leave by going on instead of being lost, from age 0. */
static double goes_on(const struct survival_stage *st)
{
    double stays = 1, on = 0;

    for (int b = 0; b < st->bins; b++) {
        double rate = st->hazard[CAUSE_ON][b] + st->hazard[CAUSE_LOST][b];
        double end = survival_bin_end(st, b);
        double left = isinf(end) ? 0 : exp(-rate * (end - st->edges[b]));
        on += stays * (1 - left) * st->hazard[CAUSE_ON][b] / rate;
        stays *= left;
    }
    return on;
}

/* Deals also go back, so the equations are solved by going round until nothing changes. */
void survival_chances(struct arena *a, const struct survival_model *m, double *chances)
{
    double *on = NEW_N(a, double, (size_t)m->stages + 1);

    for (int s = 0; s < m->stages; s++) {
        on[s] = goes_on(&m->stage[s]);
        chances[s] = 0;
    }
    for (int round = 0; round < 1000; round++) {
        double moved = 0;
        for (int s = m->stages - 1; s >= 0; s--) {
            const struct survival_stage *st = &m->stage[s];
            double chance = st->to_sum > 0 ? st->to[m->stages] : 0;
            for (int t = 0; t < m->stages; t++)
                chance += st->to[t] * chances[t];
            chance = st->to_sum > 0 ? on[s] * chance / st->to_sum : 0;
            moved = fmax(moved, fabs(chance - chances[s]));
            chances[s] = chance;
        }
        if (moved < 1e-12)
            return;
    }
}

/* ---- the curve ---- */
struct moment {
    double age;
    int what; /* 0: one more at risk from here on; 1: exit on; 2: lost; 3: seen last */
};
static int by_age(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    if (x->age != y->age)
        return x->age < y->age ? -1 : 1;
    /* Who enters at an age is at risk only after it; who leaves is at risk still. */
    return (x->what == 0) - (y->what == 0);
}

size_t survival_curve(struct arena *a, const struct survival_stay *stays, size_t count, int stage,
                      struct survival_step **out)
{
    struct moment *list = NEW_N(a, struct moment, count * 2 + 1);
    size_t n = 0, steps = 0;
    double at_risk = 0, stay = 1, on = 0, lost = 0;

    for (size_t i = 0; i < count; i++) {
        const struct survival_stay *s = &stays[i];
        if (s->stage != stage)
            continue;
        list[n++] = (struct moment){ s->from, 0 };
        list[n++] = (struct moment){ s->until, !exits(s) ? 3 : cause_of(s) == CAUSE_ON ? 1 : 2 };
    }
    qsort(list, n, sizeof *list, by_age);
    *out = NEW_N(a, struct survival_step, n + 1);
    for (size_t i = 0; i < n;) {
        double age = list[i].age, by[4] = { 0 };
        for (; i < n && list[i].age == age; i++)
            by[list[i].what]++;
        if (by[1] + by[2] > 0 && at_risk > 0) {
            on += stay * by[1] / at_risk;
            lost += stay * by[2] / at_risk;
            stay *= 1 - (by[1] + by[2]) / at_risk;
            (*out)[steps++] = (struct survival_step){ age, at_risk, on, lost };
        }
        at_risk += by[0] - by[1] - by[2] - by[3];
    }
    return steps;
}

/* ---- arrivals ---- */
/* The filter of a Poisson count whose rate forgets: before each count both numbers of the gamma
 * shrink by `keeps`. Returns the log-likelihood of each count given those before it. */
static double filter(const double *counts, size_t count, double keeps, struct survival_rate *r,
                     double *excess)
{
    double mean = 0, sum = 0, squares = 0, n = 0;

    for (size_t i = 0; i < count; i++)
        mean += counts[i] / (double)count;
    *r = (struct survival_rate){ .shape = mean > 0 ? 1 : 0.5, .keeps = keeps };
    r->spans = r->shape / (mean > 0 ? mean : 0.5); /* one's worth of the mean to begin with */
    for (size_t i = 0; i < count; i++) {
        r->shape *= keeps;
        r->spans *= keeps;
        double rate = r->shape / r->spans, variance = rate * (1 + 1 / r->spans);
        sum += lgamma(counts[i] + r->shape) - lgamma(r->shape) - lgamma(counts[i] + 1) +
               r->shape * log(r->spans / (1 + r->spans)) - counts[i] * log(1 + r->spans);
        if (i >= count / 4) { /* until then the rate was found out */
            squares += (counts[i] - rate) * (counts[i] - rate) / variance;
            n++;
        }
        r->shape += counts[i];
        r->spans++;
    }
    *excess = n > 0 ? squares / n : 1;
    return sum;
}

struct survival_rate survival_arrivals(const double *counts, size_t count)
{
    static const double tried[] = { 1, 0.995, 0.99, 0.98, 0.96, 0.93, 0.9, 0.85, 0.8 };
    struct survival_rate best = { 0 }, r;
    double most = -INFINITY, excess;

    for (size_t t = 0; t < countof(tried); t++) {
        double likely = filter(counts, count, tried[t], &r, &excess);
        if (likely > most + 1e-9) {
            most = likely;
            best = r;
            best.excess = fmax(1, excess);
        }
    }
    return best;
}
