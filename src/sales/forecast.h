/* forecast.h -- what a period may bring: the records of it, and what their files share.
 *   forecast_model     what was learned, by the day's job, with the ranges that it gives
 *   forecast_override  what a person or their manager says instead, one a judge
 *   forecast_snapshot  all of it as it stood at a week's start
 * forecast.c has the records and the metrics, forecast_keep.c learns and keeps, forecast_page.c and
 * forecast_model.c show, forecast_week.c keeps snapshots, forecast_moved.c says what moved. */
#pragma once
#include "base/clock.h"
#include "kit/kit.h"
#include "kit/web.h"
#include "sales/forecast_learn.h"

enum { FMODEL_MADE_AT, FMODEL_STATUS, FMODEL_REASON, FMODEL_DEALS, FMODEL_WON, FMODEL_LOST,
    FMODEL_TRIALS, FMODEL_INSIDE, FMODEL_WAPE, FMODEL_WAPE_WEIGHTED, FMODEL_BODY, FMODEL_FIELDS };
enum { OVERRIDE_PERIOD, OVERRIDE_FROM, OVERRIDE_PERSON, OVERRIDE_TEAM, OVERRIDE_AMOUNT,
    OVERRIDE_NOTE, OVERRIDE_LEVEL, OVERRIDE_OWNER, OVERRIDE_FIELDS };
enum { SNAP_TAKEN_AT, SNAP_WEEK, SNAP_PERIOD, SNAP_FROM, SNAP_PERSON, SNAP_TEAM, SNAP_QUOTA,
    SNAP_CLOSED, SNAP_COMMIT, SNAP_BEST, SNAP_PIPELINE, SNAP_WEIGHTED, SNAP_LOW, SNAP_MEDIAN,
    SNAP_HIGH, SNAP_OVERRIDE, SNAP_FIELDS };
extern const struct record_type forecast_model_type, forecast_override_type,
    forecast_snapshot_type;

/* A period as pages and records name it: unit "month" or "quarter", and its first day. */
struct forecast_when {
    enum period_unit unit;
    const char *word, *name; /* "month", "November 2026" */
    struct forecast_period p;
};
/* unit "" or unknown: a month; day TIME_NONE: the one that runs. */
struct forecast_when forecast_when(struct ctx *cx, const char *unit, i64 day);
struct forecast_when forecast_when_next(struct ctx *cx, const struct forecast_when *w, int steps);

/* Whose forecast. All 0: the whole company's. */
struct forecast_who {
    i64 person_id, team_id;
};
/* What the learned forecast says of a period and somebody. false: nothing. */
struct forecast_said {
    double low, median, high, meets_quota; /* meets_quota NAN: there is no quota */
};
struct forecast_served; /* a model that serves, in arena */
/* OK with *out NULL: none serves. */
MUST_CHECK enum status forecast_served(struct ctx *cx, const struct forecast_served **out);
bool forecast_says(const struct forecast_served *m, const struct forecast_when *w,
                   struct forecast_who who, struct forecast_said *out);
i64 forecast_served_at(const struct forecast_served *m);

/* Learns now, judges by the past, keeps the result. Refusing is a result too. As the system,
 * outside transactions. backtest: judge too, which takes as long as some dozen times learning. */
MUST_CHECK enum status forecast_learn_now(struct ctx *cx, bool backtest, i64 *id);
/* Learns as of an instant and says what it would have said of these periods; nothing is kept. For
 * snapshots. *out NULL: it would have refused. */
struct team_of {
    i64 user_id, team_id;
};
MUST_CHECK enum status forecast_said_then(struct ctx *cx, const struct forecast_history *h,
                                          i64 at_ms, const struct forecast_served **out);

/* ---- numbers of a period, for everybody: what page and snapshots show ---- */
enum forecast_number { NUM_QUOTA, NUM_CLOSED, NUM_COMMIT, NUM_BEST, NUM_PIPELINE, NUM_WEIGHTED,
    FORECAST_NUMBERS };
struct forecast_line {
    struct forecast_who who;
    const char *name;
    double numbers[FORECAST_NUMBERS]; /* in minor units; NAN: there is none */
    const char *paths[FORECAST_NUMBERS]; /* to what was counted; "" */
    bool has_own, has_judged;
    double own, judged; /* what the person said; what a manager said, or of a team its head */
    const char *own_note, *judged_note, *judged_by, *own_path, *judged_path;
    double below; /* of a team or the whole: what its members come to, as was said of each */
    i64 judged_by_id;
    bool said;
    struct forecast_said learned;
};
struct forecast_lines {
    struct forecast_line *list; /* the whole first, then each team followed by its members */
    size_t count;
};
/* As cx's user sees it. as_of_ms 0: now. */
MUST_CHECK enum status forecast_lines(struct ctx *cx, const struct forecast_when *w, i64 as_of_ms,
                                      const struct forecast_served *m, struct forecast_lines *out);
/* Takes the snapshots of this week for the periods that run and that come next, once. */
MUST_CHECK enum status forecast_take(struct ctx *cx, i64 at_ms, const struct forecast_served *m);

/* ---- what moved between two instants ---- */
enum forecast_measure { MEASURE_COMMIT, MEASURE_BEST, MEASURE_ALL }; /* each with what is closed */
enum move_kind { MOVE_NEW, MOVE_PULLED_IN, MOVE_REOPENED, MOVE_HANDED_IN, MOVE_UP, MOVE_CATEGORY_IN,
    MOVE_WON, MOVE_CATEGORY, MOVE_CATEGORY_OUT, MOVE_DOWN, MOVE_HANDED_OUT, MOVE_SLIPPED,
    MOVE_EARLIER, MOVE_LOST, MOVE_REMOVED, MOVE_KINDS };
struct forecast_move {
    enum move_kind kind;
    i64 deal_id, before_minor, after_minor; /* what it gave to the forecast of the period */
    i64 close_before, close_after;          /* TIME_NONE: not said */
    const char *name, *category_before, *category_after;
};
struct forecast_moves {
    struct forecast_move *list; /* by kind, the largest first */
    size_t count;
};
/* Of the deals that cx's user may see. What they give before and after adds up to the difference of
 * the metrics as of both instants, to the minor unit. to_ms 0: now. */
MUST_CHECK enum status forecast_moves(struct ctx *cx, const struct forecast_when *w,
                                      struct forecast_who who, enum forecast_measure measure,
                                      i64 from_ms, i64 to_ms, struct forecast_moves *out);
/* The same as the metrics have it: closed, and open deals of these categories. as_of_ms 0: now. */
MUST_CHECK enum status forecast_total(struct ctx *cx, const struct forecast_when *w,
                                      struct forecast_who who, enum forecast_measure measure,
                                      i64 as_of_ms, i64 *minor);
