/* forecast_learn.h -- from what became of deals to how a period may end. The history of deals is
 * taken as of an instant, so that what is said of a past day knows nothing that came later:
 * back-tests ask in the same way as today does.
 *
 * Kinds of deals: how large they are (thirds of the amounts with which deals began) and whether
 * the customer had bought before. What survival.h makes of them is tried out many times.
 *
 * Units      *_minor: minor units of the base currency. Times in the model: working hours.
 * Ownership  in the given arena.     Threads  no state. */
#pragma once
#include "base/arena.h"
#include "base/base.h"
#include "sales/survival.h"

enum deal_was { DEAL_WAS_OPEN, DEAL_WAS_WON, DEAL_WAS_LOST, DEAL_WAS_GONE };
/* What was said of a deal from an instant on until the next state. */
struct deal_state {
    i64 at_ms;
    enum deal_was was;
    int stage; /* of forecast_history.stages; -1: none that is open */
    int owner; /* of forecast_history.owners */
    i64 amount_minor;
    i64 close_day; /* TIME_NONE: not said */
    i64 closed_at_ms; /* of won and lost */
    const char *category;
};
struct deal_past {
    i64 id, customer; /* the company, or else the contact; 0: not known */
    bool imported;    /* it had begun before it was written down: no arrival */
    bool again;       /* of a customer who had bought before */
    struct deal_state *states; /* in order of time; the first made it */
    size_t count;
};
struct stage_then {
    i64 id;
    const char *name;
    i64 pipeline_id;
    int probability; /* percent */
    int position;
};
struct forecast_history {
    struct deal_past *deals; /* by when they were made */
    size_t count;
    struct stage_then stages[SURVIVAL_STAGES_MAX]; /* open ones */
    int stage_count;
    i64 *owners; /* user ids; the first is 0: nobody */
    int owner_count;
    /* Working hours between two instants. */
    double (*hours)(void *arg, i64 from_ms, i64 to_ms);
    void *hours_arg;
};
/* Says of each deal whether its customer had bought before. */
void history_again(struct arena *a, struct forecast_history *h);
/* The last state before at_ms; NULL: the deal was not there, or was in the trash. */
const struct deal_state *deal_then(const struct deal_past *d, i64 at_ms);

struct forecast_period {
    i64 from_ms, to_ms, from_day, to_day; /* half open */
};
enum { FORECAST_RUNS = 10000, FORECAST_WON_LEAST = 30, FORECAST_LOST_LEAST = 30,
    FORECAST_WEEKS_LEAST = 13 };

struct forecast_model {
    i64 at_ms;
    const char *refused; /* why it does not serve; NULL: it does */
    struct survival_model *survival;
    const struct survival_stay *stays;
    size_t stay_count;
    struct survival_amounts changes[SURVIVAL_STAGES_MAX];
    struct survival_deal *open;
    size_t open_count;
    struct survival_deal *pool;
    size_t pool_count;
    struct survival_rate rate;
    double week_hours;
    double bands[2]; /* amounts that part small, middle and large deals */
    size_t won, lost;
    int weeks;
};
/* Learns from what was known just before at_ms. */
struct forecast_model *forecast_learn(struct arena *a, const struct forecast_history *h,
                                      i64 at_ms);

/* Of one period and some owners together. */
struct forecast_range {
    double closed; /* was won in the period before at_ms */
    double low, median, high; /* 10, 50 and 90 of 100 runs come to no more, closed included */
};
/* Runs: [period][owner][run], without what was closed. */
struct forecast_runs {
    float *out;
    int periods, owners, runs;
};
struct forecast_runs forecast_try(struct arena *a, const struct forecast_history *h,
                                  const struct forecast_model *m,
                                  const struct forecast_period *periods, int count, int runs,
                                  u64 seed);
/* Of the owners for whom who[owner] is true; who NULL: of all. *met: share of runs that reach the
 * quota; may be NULL. */
struct forecast_range forecast_sum(struct arena *a, const struct forecast_history *h,
                                   const struct forecast_runs *runs, int period,
                                   const struct forecast_period *p, i64 at_ms, const bool *who,
                                   double quota, double *met);
/* What was won in [from, to) as is known just before at_ms, by those; who NULL: by all. */
double forecast_won(const struct forecast_history *h, i64 from_ms, i64 to_ms, i64 at_ms,
                    const bool *who);
/* Open deals expected in the period, each times its stage's chance, and what was closed in it. */
double forecast_weighted(const struct forecast_history *h, const struct forecast_period *p,
                         i64 at_ms);

/* ---- judged by the past ---- */
struct forecast_trial {
    i64 at_ms;
    const struct forecast_period *period;
    bool middle; /* asked in the middle of the period instead of at its beginning */
    bool served;
    struct forecast_range range;
    double actual, weighted, last_year, mean; /* simple forecasts; last_year NAN: there was none */
};
enum forecast_way { WAY_LEARNED, WAY_WEIGHTED, WAY_LAST_YEAR, WAY_MEAN, FORECAST_WAYS };
struct forecast_score {
    int trials, inside;            /* of the 80 percent interval; WAY_LEARNED only */
    double wape, mape, pinball; /* of the trials that every way has: shares; pinball minor */
    int compared;                  /* how many these are */
};
/* Two trials a period, all served ones first told apart by `served`. How many: 2 * count. */
size_t forecast_backtest(struct arena *a, const struct forecast_history *h,
                         const struct forecast_period *periods, int count, int runs, u64 seed,
                         struct forecast_trial **out);
void forecast_scores(const struct forecast_trial *trials, size_t count,
                     struct forecast_score out[FORECAST_WAYS]);
