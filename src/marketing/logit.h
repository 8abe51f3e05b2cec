/* logit.h -- regularised logistic regression, and how good a probability is: what the learned score
 * is made of. Pure arithmetic over rows of doubles; no state.
 *
 * Model      P(y = 1 | x) = 1 / (1 + exp(-(bias + w . x))). fit minimises the negative
 *            log-likelihood plus lambda / 2 * |w|^2 by Newton's method (IRLS; Bishop, Pattern
 *            Recognition and Machine Learning, 4.3.3). The bias is not penalised.
 * Calibrated logits are put right by two numbers fitted on rows that the weights have not seen
 *            (Platt, Probabilistic Outputs for Support Vector Machines, 1999, with the targets of
 *            its section 2.2, so that few rows do not make certainty).
 * Judged     AUC: the chance that a won one is above a lost one, ties count half (Mann-Whitney).
 *            Brier: the mean squared error. ECE: the mean over bands of |predicted - actual|,
 *            weighted by rows (Guo et al., On Calibration of Modern Neural Networks, 2017).
 * Ownership  results are in the caller's arena or memory. Threads: no state. */
#pragma once
#include "base/arena.h"
#include "base/base.h"

struct logit {
    int width;
    double bias;
    double *weights; /* width of them */
};
/* x: count rows of width doubles, one after the other; y: whether it was won. They should be of
 * like size (standardised). False: both kinds must occur, or it does not converge (then what was
 * reached stands in *out). */
bool logit_fit(struct arena *a, const double *x, const bool *y, size_t count, int width,
               double lambda, struct logit *out);
double logit_of(const struct logit *m, const double *x); /* bias + w . x */
double logit_chance(double logit);                       /* 0 to 1, never overflows */

struct platt {
    double slope, shift; /* chance = 1 / (1 + exp(-(slope * logit + shift))) */
};
/* False: both kinds must occur. */
bool platt_fit(const double *logits, const bool *y, size_t count, struct platt *out);
double platt_chance(const struct platt *p, double logit);

/* NAN where one kind does not occur. The order of scores is all that counts. */
double auc_of(struct arena *a, const double *scores, const bool *y, size_t count);
double brier_of(const double *chances, const bool *y, size_t count);

/* Rows in bands of equal number, from the lowest chance up. */
struct band {
    size_t count;
    double from, to;          /* the least and the greatest chance in it */
    double predicted, actual; /* means */
};
enum { BANDS_MAX = 10 };
/* At most BANDS_MAX, fewer where there would be under `least` rows in one; how many. */
int bands_of(struct arena *a, const double *chances, const bool *y, size_t count, size_t least,
             struct band out[BANDS_MAX]);
double ece_of(const struct band *bands, int count);
