/* dashboard_int.h -- what the files of dashboards share. A tile's way: read (dashboard_tile.c),
 * narrowed by the dashboard's conditions and asked (dashboard_ask.c), drawn as a tree
 * (dashboard_chart.c). */
#pragma once
#include "bridge/dashboard.h"
#include "bridge/report.h"

enum { TILE_METRICS_MAX = 6, TILE_SERIES_MAX = 6, TILE_QUESTIONS_MAX = 8 };

enum chart_kind {
    CHART_NUMBER,
    CHART_LINE,
    CHART_BAR,
    CHART_STACKED,
    CHART_TABLE,
    CHART_FUNNEL,
    CHART_SANKEY,
    CHART_HEAT,
    CHART_MAP,
    CHART_GAUGE,
    CHART_KINDS
};

struct tile {
    const struct row *row;
    enum chart_kind chart;
    const struct val *asked; /* the question */
    /* of metrics */
    const struct metric *metrics[TILE_METRICS_MAX];
    size_t count;
    bool by_time;
    const char *dimension, *series; /* "" none */
    double target;                  /* 0: none of its own */
    struct question qs[TILE_QUESTIONS_MAX];
    struct val *answers[TILE_QUESTIONS_MAX];
    const char *series_keys[TILE_SERIES_MAX], *series_labels[TILE_SERIES_MAX];
    size_t question_count, series_count;
    /* or a report */
    const struct report *report;
    const struct val *report_asked; /* flat, as its page is asked */
    struct val *page;
    const char *error; /* "": none */
    struct val *notes; /* texts: what it is not narrowed by */
    const char *remark; /* what else must be said of it; "" nothing */
};

/* ---- dashboard_tile.c ---- */
const struct choice *chart_choices(void); /* by enum chart_kind, ended by a NULL value */
/* Reads a tile's chart and question. E_INVALID: a question that this chart cannot show, or that
 * nobody could answer; the text says what to do. */
MUST_CHECK enum status tile_read(struct ctx *cx, const struct row *row, struct tile *t);
/* Its own title, else what it shows. */
const char *tile_title(struct ctx *cx, const struct tile *t);
/* "deal,traffic": the types whose changes change it, and "traffic" for journeys. Once it is
 * answered. */
const char *tile_topics(struct ctx *cx, const struct tile *t);

/* ---- dashboard_ask.c ---- */
/* Asks all of them; what one cannot answer is its `error`. */
MUST_CHECK enum status tiles_ask(const struct board *b, struct tile *tiles, size_t count);

/* ---- dashboard_chart.c ---- */
void tile_put(const struct board *b, struct tile *t, struct val *into);

/* ---- dashboard_page.c ---- */
/* This dashboard's page with all that is asked, one parameter changed; value "": without it. */
const char *board_url(const struct board *b, const char *tail, const char *name, const char *value);
MUST_CHECK enum status board_load(struct req *rq, struct board *b);
/* The dashboard that stands first for the user; 0: none. */
MUST_CHECK enum status board_first(struct ctx *cx, i64 *id);

/* ---- dashboard_form.c ---- */
/* The dashboard and the tile that a route names. E_NOT_FOUND: it has no such tile. */
MUST_CHECK enum status board_tile(struct req *rq, struct board *b, struct row **tile);
