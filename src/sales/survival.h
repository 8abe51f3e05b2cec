/* survival.h -- how deals get through the stages, learned from those before them: how long they
 * stay, whether they go on or are lost, and from that how a period may end. Pure arithmetic; chance
 * comes from a seed, so that the same question has the same answer.
 *
 * Model      A deal is in one stage at a time and leaves it by one of two causes: it goes on (to a
 *            stage further on or back, or it is won) or it is lost. Each cause has a hazard by
 *            stage and age in the stage, constant within bins of age (piecewise exponential:
 *            M. Friedman, Annals of Statistics 10, 1982, and T. Holford, Biometrics 36, 1980, who
 *            has the likelihood: events over time at risk), and only the age in the present stage
 *            counts (a semi-Markov process). Bins hold about as many exits each.
 * Thin data  Every hazard is a gamma posterior: of a bin around that of its stage, with the weight
 *            of PRIOR_EVENTS. Kinds of deals and owners have factors, observed over expected,
 *            pulled towards 1 by as much as the data say that kinds differ (empirical Bayes of
 *            relative risks: D. Clayton and J. Kaldor, Biometrics 43, 1987). A stage that nobody
 *            left has the hazard of all stages.
 * Curve      The share that has gone on or was lost by an age, without a model: Aalen-Johansen
 *            (O. Aalen and S. Johansen, Scandinavian Journal of Statistics 5, 1978), which with
 *            one cause is one minus Kaplan-Meier (JASA 53, 1958). Beginnings that were not seen
 *            count from when they were (delayed entry).
 * Arrivals   Deals that are not there yet come as a Poisson process whose rate drifts: a gamma
 *            posterior that forgets at a rate that the data choose (A. Harvey and C. Fernandes,
 *            Journal of Business and Economic Statistics 7, 1989).
 * Interval   Each of many runs draws hazards, factors and rate from their posteriors and then what
 *            becomes of every deal, so that the spread has both what chance does and what is not
 *            known for lack of data.
 *
 * Units      times in one unit of the caller's, such as working hours; amounts likewise.
 * Ownership  results are in the given arena, which also holds the inputs of a model.
 * Threads    no state. */
#pragma once
#include "base/arena.h"
#include "base/base.h"

enum {
    SURVIVAL_STAGES_MAX = 100, /* open stages, of all pipelines */
    SURVIVAL_KINDS_MAX = 16,
    SURVIVAL_BINS_MAX = 8,
    SURVIVAL_STAYS = -1, /* `to` of a stay that has not ended */
    SURVIVAL_WON = -2,
    SURVIVAL_LOST = -3,
};

/* A deal's stay in one stage. */
struct survival_stay {
    int stage, to;   /* to: another stage, or one of the above */
    int kind, owner; /* from 0 */
    double from;     /* age when it was seen first: 0, or more where it had begun before */
    double until;    /* age when it ended, or was seen last; more than `from` */
};

/* Two causes: what is counted of a stage, a bin, a kind, an owner. */
enum survival_cause { CAUSE_ON, CAUSE_LOST, SURVIVAL_CAUSES };
struct survival_stage {
    int bins;
    double edges[SURVIVAL_BINS_MAX]; /* where a bin begins; the first at 0, the last has no end */
    double at_risk[SURVIVAL_BINS_MAX];
    double events[SURVIVAL_CAUSES][SURVIVAL_BINS_MAX];
    double hazard[SURVIVAL_CAUSES][SURVIVAL_BINS_MAX]; /* means of the posteriors, all kinds */
    double prior_rate[SURVIVAL_CAUSES]; /* of the stage: what bins are pulled towards */
    /* By kind: seen, and what the hazards of all say that there should be. */
    double seen[SURVIVAL_CAUSES][SURVIVAL_KINDS_MAX], due[SURVIVAL_CAUSES][SURVIVAL_KINDS_MAX];
    double *to; /* how often each stage (or, at [stages], won) was next */
    double to_sum;
};
struct survival_model {
    int stages, kinds, owners;
    struct survival_stage *stage;
    double *owner_seen[SURVIVAL_CAUSES], *owner_due[SURVIVAL_CAUSES];
    double kind_weight[SURVIVAL_CAUSES], owner_weight[SURVIVAL_CAUSES]; /* of "no difference" */
    size_t stays, exits;
};
struct survival_model *survival_fit(struct arena *a, const struct survival_stay *stays,
                                    size_t count, int stages, int kinds, int owners);
/* Mean hazard of a deal in this stage at this age. */
double survival_hazard(const struct survival_model *m, int stage, enum survival_cause cause,
                       double age, int kind, int owner);
/* The chance that a deal that enters the stage now is ever won, for a typical kind and owner;
 * chances[stages] of them. */
void survival_chances(struct arena *a, const struct survival_model *m, double *chances);

/* A step of the Aalen-Johansen curve of one stage: by `age` this share has gone on, was lost. */
struct survival_step {
    double age, at_risk, on, lost;
};
/* Steps at the ages of exits; *out is in the arena. How many. */
size_t survival_curve(struct arena *a, const struct survival_stay *stays, size_t count, int stage,
                      struct survival_step **out);

/* Rate of what comes, from counts of equal spans of time, the oldest first. */
struct survival_rate {
    double shape, spans; /* gamma posterior of the rate a span: mean shape / spans */
    double keeps;        /* of what was known, a span later: 1 forgets nothing */
    double excess;       /* variance over that of the model, at least 1: they come in clusters */
};
struct survival_rate survival_arrivals(const double *counts, size_t count);

/* ---- runs ---- */
struct survival_deal {
    int stage, kind, owner;
    double age, amount;
};
struct survival_amounts { /* what was won over the amount then, in each stage */
    const double *ratios;
    size_t count;
};
struct survival_world {
    const struct survival_model *model;
    const struct survival_deal *deals; /* open now */
    size_t deal_count;
    const struct survival_deal *pool; /* like which new ones are */
    size_t pool_count;
    struct survival_rate rate;
    double span;                             /* of the rate, in units of time */
    const struct survival_amounts *changes;  /* by stage; count 0: as it is */
    const double *begins, *ends;             /* of the periods, from now; before now: 0 */
    int periods, owners, runs;
    u64 seed;
};
/* What is won: out[(period * owners + owner) * runs + run]. In the arena. */
float *survival_run(struct arena *a, const struct survival_world *w);
/* The value that a share of the values is not above (Hyndman and Fan's type 7). Sorts them. */
double survival_quantile(float *values, size_t count, double share);
