/* dashboard.h -- pages of tiles that a team keeps for itself. A tile is a question and a kind of
 * chart: it is answered by the question engine or by a report, and by nothing else.
 *
 * A tile's question is data, as the API takes it:
 *   { "metrics": ["visits", "new_leads"], "dimension": "time", "channel": "email", "limit": 8 }
 *   { "report": "funnel", "ask": { "steps": "3", "step1": "pageview", ... } }
 * with metrics (or one metric), dimension ("time": the period's own unit), series (a dimension that
 * splits one metric into several lines or parts of bars), filter, limit, period, compare, target,
 * and conditions by the names of their dimensions. Period and comparison are the dashboard's where
 * the tile has none of its own.
 *
 * Ownership  everything is in cx's arena.
 * Threads    as the ctx. */
#pragma once
#include "kit/question.h"

enum dashboard_field {
    DASHBOARD_NAME, DASHBOARD_DESCRIPTION, DASHBOARD_SHARED, DASHBOARD_TEAM, DASHBOARD_OWNER,
    DASHBOARD_PERIOD, DASHBOARD_COMPARE, DASHBOARD_FILTERS, DASHBOARD_READY, DASHBOARD_FIELDS
};
enum tile_field {
    TILE_DASHBOARD, TILE_TITLE, TILE_CHART, TILE_QUESTION, TILE_POSITION, TILE_WIDTH, TILE_HEIGHT,
    TILE_FIELDS
};
enum { BOARD_COLUMNS = 12, BOARD_TILES_MAX = 40, BOARD_TILE_ROWS = 4 };
extern const struct record_type dashboard_type, tile_type;

/* A dashboard with what it is asked for: period, comparison and conditions that hold for every tile
 * they make sense for. */
struct board {
    struct ctx *cx;
    const struct row *row;       /* NULL: tiles that stand on no dashboard yet */
    const char *period, *compare;
    struct question q;           /* period, comparison, conditions on journeys */
    const char *owner, *team;    /* ids; "" anybody's */
    const char *owner_name, *team_name;
    bool kept; /* the conditions are those that it opens with */
};
/* What `from` (a query string) asks for, and for the rest what the dashboard says: period, compare,
 * owner, team, and conditions by the names of dimensions. from NULL: the dashboard alone.
 * E_INVALID: no such period or condition; *b is what could be read, even so. */
MUST_CHECK enum status board_read(struct ctx *cx, const struct row *row, const struct val *from,
                                  struct board *b);
/* The tiles of a dashboard that may be seen, in their order. */
MUST_CHECK enum status board_tiles(const struct board *b, struct row ***tiles, size_t *count);
/* Answers the tiles into `list`, one tree each (the comment of dashboard/tile in dashboard.html
 * says its shape). Journey metrics of all of them are one walk; tiles with a series are a second;
 * reports walk for themselves. What one tile cannot answer stands on it as "error". */
MUST_CHECK enum status board_answer(const struct board *b, struct row *const *tiles, size_t count,
                                    struct val *list);
/* The whole tree: id, title, description, period {text, against}, conditions [] text, made (when),
 * tiles. What page, API and print have in common. */
MUST_CHECK enum status board_put(const struct board *b, struct row *const *tiles, size_t count,
                                 struct val *page);

/* Puts "first" into a page: text and url of the dashboard that stands first for the user, or null.
 */
MUST_CHECK enum status board_put_first(struct ctx *cx, struct val *page);

/* Makes the ready-made dashboards that this workspace never had. Idempotent. As the system. */
MUST_CHECK enum status board_make_ready(struct ctx *cx);
