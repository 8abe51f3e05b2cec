/* logit.c -- a logistic regression by Newton's method: a hundred features and tens of thousands of
 * rows are some hundred milliseconds, and there is no step size to choose. */
#include "marketing/logit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 50, HALVINGS = 30 };
static const double SMALL = 1e-9;

double logit_chance(double logit)
{
    if (logit >= 0)
        return 1 / (1 + exp(-logit));
    double e = exp(logit);
    return e / (1 + e);
}

static double dot(const double *w, const double *x, int width)
{
    double sum = 0;

    for (int i = 0; i < width; i++)
        sum += w[i] * x[i];
    return sum;
}

double logit_of(const struct logit *m, const double *x)
{
    return m->bias + dot(m->weights, x, m->width);
}

/* log(1 + exp(z)) without overflow. */
static double softplus(double z) { return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z)); }

/* A problem whose parameters are the weights and, last, the bias. */
struct problem {
    const double *x, *targets; /* targets: 0 to 1 */
    size_t count;
    int width; /* of a row; parameters: width + 1 */
    double lambda;
};

static double value_at(const struct problem *p, const double *at, const double *x)
{
    return at[p->width] + dot(at, x, p->width);
}

static double loss(const struct problem *p, const double *at)
{
    double sum = 0;

    for (int i = 0; i < p->width; i++)
        sum += p->lambda / 2 * at[i] * at[i];
    for (size_t r = 0; r < p->count; r++) {
        double z = value_at(p, at, p->x + r * (size_t)p->width);
        sum += softplus(z) - p->targets[r] * z;
    }
    return sum;
}

/* Gradient and the lower half of the matrix of second derivatives. */
static void derive(const struct problem *p, const double *at, double *gradient, double *hessian)
{
    int n = p->width + 1;

    memset(gradient, 0, (size_t)n * sizeof *gradient);
    memset(hessian, 0, (size_t)n * (size_t)n * sizeof *hessian);
    for (size_t r = 0; r < p->count; r++) {
        const double *x = p->x + r * (size_t)p->width;
        double chance = logit_chance(value_at(p, at, x)), off = chance - p->targets[r];
        double weight = chance * (1 - chance);
        for (int i = 0; i < n; i++) {
            double xi = i < p->width ? x[i] : 1;
            if (xi == 0) /* most are: a person has one channel of twenty */
                continue;
            gradient[i] += off * xi;
            double *row = hessian + (size_t)i * (size_t)n;
            for (int k = 0; k < i; k++)
                row[k] += weight * xi * x[k];
            row[i] += weight * xi * xi;
        }
    }
    for (int i = 0; i < p->width; i++) {
        gradient[i] += p->lambda * at[i];
        hessian[(size_t)i * (size_t)n + (size_t)i] += p->lambda;
    }
}

/* Solves the symmetric system of n by Cholesky's method, in place; b becomes the solution. False:
 * it is not positive definite. */
static bool solve(double *h, double *b, int n)
{
    for (int i = 0; i < n; i++) {
        double *row = h + (size_t)i * (size_t)n;
        for (int k = 0; k <= i; k++) {
            const double *other = h + (size_t)k * (size_t)n;
            double sum = row[k] - dot(row, other, k);
            if (k < i)
                row[k] = sum / other[k];
            else if (sum <= 0)
                return false;
            else
                row[i] = sqrt(sum);
        }
        b[i] = (b[i] - dot(row, b, i)) / row[i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            b[i] -= h[(size_t)k * (size_t)n + (size_t)i] * b[k];
        b[i] /= h[(size_t)i * (size_t)n + (size_t)i];
    }
    return true;
}

/* Goes along the step, half as far each time it is too far. False: no way down. */
static bool descend(const struct problem *p, double *at, const double *step, double *next,
                    double *now)
{
    double part = 1;

    for (int i = 0; i < HALVINGS; i++, part /= 2) {
        for (int k = 0; k <= p->width; k++)
            next[k] = at[k] - part * step[k];
        double then = loss(p, next);
        if (then < *now) {
            memcpy(at, next, (size_t)(p->width + 1) * sizeof *at);
            *now = then;
            return true;
        }
    }
    return false;
}

/* scratch: (width + 1) * (width + 4) doubles. */
static bool minimise(const struct problem *p, double *at, double *scratch)
{
    int n = p->width + 1;
    double *gradient = scratch, *next = gradient + n, *step = next + n, *hessian = step + n;
    double now = loss(p, at);

    for (int i = 0; i < STEPS_MAX; i++) {
        double steepest = 0;
        derive(p, at, gradient, hessian);
        for (int k = 0; k < n; k++) {
            steepest = fmax(steepest, fabs(gradient[k]));
            hessian[(size_t)k * (size_t)n + (size_t)k] += SMALL;
        }
        if (steepest < 1e-7 * (1 + (double)p->count / 1000))
            return true;
        memcpy(step, gradient, (size_t)n * sizeof *step);
        if (!solve(hessian, step, n))
            return false;
        if (!descend(p, at, step, next, &now)) /* as low as doubles can tell */
            return steepest < 1e-3 * (double)(p->count + 1);
    }
    return false;
}

bool logit_fit(struct arena *a, const double *x, const bool *y, size_t count, int width,
               double lambda, struct logit *out)
{
    size_t n = (size_t)width + 1, won = 0;
    double *targets = NEW_N(a, double, count + 1), *at = NEW_N(a, double, n);
    struct problem p = { x, targets, count, width, lambda };
    bool fine;

    for (size_t i = 0; i < count; i++) {
        targets[i] = y[i] ? 1 : 0;
        won += y[i];
    }
    *out = (struct logit){ .width = width, .weights = at };
    if (won == 0 || won == count)
        return false;
    at[width] = log((double)won / (double)(count - won));
    fine = minimise(&p, at, NEW_N(a, double, n *(n + 3)));
    out->bias = at[width];
    return fine;
}

bool platt_fit(const double *logits, const bool *y, size_t count, struct platt *out)
{
    enum { PARAMETERS = 2 };
    double at[PARAMETERS] = { 1, 0 }, scratch[PARAMETERS * (PARAMETERS + 3)];
    double *targets = malloc((count + 1) * sizeof *targets);
    size_t won = 0;

    assert(targets != NULL);
    for (size_t i = 0; i < count; i++)
        won += y[i];
    for (size_t i = 0; i < count; i++)
        targets[i] = y[i] ? ((double)won + 1) / ((double)won + 2) : 1 / ((double)(count - won) + 2);
    *out = (struct platt){ 1, 0 };
    bool fine = won > 0 && won < count &&
                minimise(&(struct problem){ logits, targets, count, 1, 0 }, at, scratch);
    free(targets);
    if (fine)
        *out = (struct platt){ .slope = at[0], .shift = at[1] };
    return fine;
}

double platt_chance(const struct platt *p, double logit)
{
    return logit_chance(p->slope * logit + p->shift);
}

/* ---- how good it is ---- */

struct scored {
    double score;
    bool won;
};

static int by_score(const void *pa, const void *pb)
{
    const struct scored *a = pa, *b = pb;

    return (a->score > b->score) - (a->score < b->score);
}

static struct scored *in_order(struct arena *a, const double *scores, const bool *y, size_t count)
{
    struct scored *all = NEW_N(a, struct scored, count + 1);

    for (size_t i = 0; i < count; i++)
        all[i] = (struct scored){ scores[i], y[i] };
    qsort(all, count, sizeof *all, by_score);
    return all;
}

double auc_of(struct arena *a, const double *scores, const bool *y, size_t count)
{
    struct scored *all = in_order(a, scores, y, count);
    double ranks = 0, won = 0;

    for (size_t i = 0; i < count;) { /* those of one score share their mean rank */
        size_t end = i;
        double here = 0;
        for (; end < count && all[end].score == all[i].score; end++)
            here += all[end].won;
        ranks += here * ((double)(i + end + 1) / 2);
        won += here;
        i = end;
    }
    double lost = (double)count - won;
    return won == 0 || lost == 0 ? NAN : (ranks - won * (won + 1) / 2) / (won * lost);
}

double brier_of(const double *chances, const bool *y, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (chances[i] - y[i]) * (chances[i] - y[i]);
    return count ? sum / (double)count : NAN;
}

int bands_of(struct arena *a, const double *chances, const bool *y, size_t count, size_t least,
             struct band out[BANDS_MAX])
{
    struct scored *all = in_order(a, chances, y, count);
    size_t bands = least > 0 && count / least < BANDS_MAX ? count / least : BANDS_MAX;

    if (bands == 0)
        bands = count > 0;
    for (size_t b = 0; b < bands; b++) {
        size_t from = count * b / bands, to = count * (b + 1) / bands;
        struct band band = { .count = to - from, .from = all[from].score, .to = all[to - 1].score };
        for (size_t i = from; i < to; i++) {
            band.predicted += all[i].score / (double)band.count;
            band.actual += (double)all[i].won / (double)band.count;
        }
        out[b] = band;
    }
    return (int)bands;
}

double ece_of(const struct band *bands, int count)
{
    double sum = 0, rows = 0;

    for (int i = 0; i < count; i++) {
        sum += (double)bands[i].count * fabs(bands[i].predicted - bands[i].actual);
        rows += (double)bands[i].count;
    }
    return rows > 0 ? sum / rows : NAN;
}
