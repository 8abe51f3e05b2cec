/* forecast_int.h -- what the files of forecasting share with forecast.c, where their routes and
 * jobs are. */
#pragma once
#include "sales/forecast.h"
#include "sales/forecast_history.h"

enum { PAST_RUNS = 2000 }; /* of what was said of past days: back-tests, snapshots */
enum status forecast_get(struct req *rq), forecast_model_get(struct req *rq),
    forecast_learn_post(struct req *rq), forecast_moved_get(struct req *rq);
enum status forecast_learn_job(struct job_run *job), forecast_week_job(struct job_run *job);

/* A person who sells, or has. */
struct seller {
    i64 id, team_id;
    const char *name, *team;
    bool sells; /* is active, and of a sales team */
};
struct sellers {
    struct seller *list; /* by team, then by name */
    size_t count;
};
MUST_CHECK enum status sellers_read(struct ctx *cx, struct sellers *out);
/* "€120,000" without minor units; "" for NAN. */
const char *forecast_money(struct ctx *cx, double minor);
