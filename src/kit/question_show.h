/* question_show.h -- answers as the templates of kit/html/home.html want them: periods to choose
 * from, tiles, sparks, changes, bars. All of it is in cx's arena. */
#pragma once
#include "kit/question.h"

/* The period that a page is asked for: "period" of its query, else last_30_days. Fills in from, to
 * and comparison of *q; *name is in arena or static. E_INVALID: no such period. */
MUST_CHECK enum status show_period_read(struct req *rq, const char **name, struct question *q);
/* "period" of the page: {text, against, options: [{text, url, on}]}; options lead to path, which
 * may have a query. */
void show_period_put(struct ctx *cx, const char *name, const char *path, struct val *page);
/* The unit of time by which a period is drawn: "hour", "day", "week" or "month". */
const char *show_period_unit(const struct question *q);
/* {text, sign, good} of an answer, or NULL when there is nothing to compare with. */
struct val *show_change(struct ctx *cx, const struct val *answer);
/* kit/tile of an answer that was asked by time (its groups are the spark) or as a whole. */
void show_tile(struct ctx *cx, const struct val *answer, struct val *list);
/* Puts value and unit: "12.3" and "days". */
void show_value_put(struct ctx *cx, const struct val *answer, struct val *into);
/* 0 to 100 of the greatest value of the groups. */
i64 show_percent(const struct val *value, double most);
double show_most(const struct val *groups);
/* Whether a group by time has not begun yet. */
bool show_is_future(struct ctx *cx, const struct val *group);
/* By what a metric can be split, as the user may ask it: "stage_id", "stage". Of a ratio what both
 * parts know; of records also their choices and references. */
enum { METRIC_CUTS_MAX = 32 };
struct metric_cut {
    const char *name, *text;
};
/* A dimension of a metric in words: "Stage", "Company › Industry"; "First channel" where "channel"
 * is that of a record's person. */
const char *metric_cut_words(struct ctx *cx, const struct metric *m, const char *dimension);
size_t metric_cuts(struct ctx *cx, const struct metric *m, struct metric_cut cuts[METRIC_CUTS_MAX]);
/* What stands at the axis of a chart ("%", "€", "min"; "" for plain numbers), and how much of the
 * metric's own unit one of it is: 0.01, 100, 60. */
const char *show_axis_unit(struct ctx *cx, const struct metric *m, double *size);
/* "chart" of the page (kit/chart): the line of an answer that was asked by time, and that before
 * where it was compared. Bars where points would stand alone. */
void show_chart_put(struct ctx *cx, const struct val *answer, struct val *page);
