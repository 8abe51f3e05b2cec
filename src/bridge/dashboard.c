/* dashboard.c -- dashboards and tiles as records: who sees them, what a tile may ask, their routes.
 */
#include "bridge/dashboard_int.h"
#include "bridge/dashboard_page.h"

static const struct field fields[] = {
    [DASHBOARD_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 120 },
    [DASHBOARD_DESCRIPTION] = { "description", FIELD_TEXT, "What it is for", 0, .max_len = 300 },
    [DASHBOARD_SHARED] = { "shared", FIELD_CHOICE, "Seen by", REQUIRED | LISTED,
                           .otherwise = "everyone",
                           .choices = CHOICES({ "everyone", "Everyone", "green" },
                                              { "team", "The team below", "blue" },
                                              { "me", "Its owner only", "gray" }) },
    [DASHBOARD_TEAM] = { "team_id", FIELD_REF, "Team", LISTED, .ref = "team",
                         .help = "Under whose name it is listed. Empty: of all teams." },
    [DASHBOARD_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                          .otherwise = "me" },
    [DASHBOARD_PERIOD] = { "period", FIELD_CHOICE, "Period", REQUIRED, .otherwise = "last_30_days",
                           .choices = CHOICES({ "today", "Today", NULL },
                                              { "last_7_days", "Last 7 days", NULL },
                                              { "last_30_days", "Last 30 days", NULL },
                                              { "last_90_days", "Last 90 days", NULL },
                                              { "this_month", "This month", NULL },
                                              { "last_month", "Last month", NULL },
                                              { "this_quarter", "This quarter", NULL },
                                              { "last_quarter", "Last quarter", NULL },
                                              { "this_year", "This year", NULL },
                                              { "last_12_months", "Last 12 months", NULL }),
                           .group = "When it opens" },
    [DASHBOARD_COMPARE] = { "compare", FIELD_CHOICE, "Compared with", REQUIRED,
                            .otherwise = "previous",
                            .choices = CHOICES({ "previous", "The period before", NULL },
                                               { "year", "The same period last year", NULL },
                                               { "none", "Nothing", NULL }) },
    [DASHBOARD_FILTERS] = { "filters", FIELD_TEXT, "Narrowed to", 0, .max_len = 600,
                            .help = "As in the dashboard's address: channel=email&country=DE. "
                                    "\"Keep these filters\" on the dashboard fills it in." },
    [DASHBOARD_READY] = { "ready", FIELD_TEXT, "Ready-made", INTERNAL, .max_len = 60 },
};
_Static_assert(countof(fields) == DASHBOARD_FIELDS, "enum and table differ");

/* What a dashboard is narrowed to must be something that can be asked. */
static enum status dashboard_validate(struct ctx *cx, struct row *r)
{
    struct ctx probe = *cx;
    struct board b;

    ctx_clear_error(&probe);
    if (text_is(row_text(r, DASHBOARD_SHARED), "team") && !row_has(r, DASHBOARD_TEAM))
        return ctx_fail_field(cx, "team_id", "required", "Say which team sees it.");
    if (board_read(&probe, r, NULL, &b) == OK)
        return OK;
    return ctx_fail_field(cx, "filters", "dashboard.filters", "%s", probe.error_text);
}

const struct record_type dashboard_type = {
    .name = "dashboard",
    .label = "Dashboard",
    .plural = "Dashboards",
    .path = "dashboards",
    .icon = "layout-dashboard",
    .section = "insight",
    .menu_order = 0,
    .sort = "name",
    .title = DASHBOARD_NAME,
    .fields = fields,
    .field_count = DASHBOARD_FIELDS,
    .flags = TYPE_OWN_PAGES,
    .seen_if = "shared = 'everyone' or (shared = 'team' and team_id = my_team)",
    .empty = "A dashboard is a page of numbers that a team looks at together: each tile is a "
             "question, and every number opens what is behind it.",
    .validate = dashboard_validate,
};

static const struct field tile_fields[] = {
    [TILE_DASHBOARD] = { "dashboard_id", FIELD_REF, "Dashboard", REQUIRED | LISTED | CREATE_ONLY,
                         .ref = "dashboard" },
    [TILE_TITLE] = { "title", FIELD_TEXT, "Title", LISTED, .max_len = 120,
                     .help = "Empty: what it shows." },
    [TILE_CHART] = { "chart", FIELD_CHOICE, "Shown as", REQUIRED | LISTED, .otherwise = "number",
                     .choices =
                         CHOICES({ "number", "Number", NULL }, { "line", "Line", NULL },
                                 { "bar", "Bars", NULL }, { "stacked", "Stacked bars", NULL },
                                 { "table", "Table", NULL }, { "funnel", "Funnel", NULL },
                                 { "sankey", "Paths", NULL }, { "heat", "Cohort heat map", NULL },
                                 { "map", "Map", NULL }, { "gauge", "Gauge", NULL }) },
    [TILE_QUESTION] = { "question", FIELD_JSON, "Question", REQUIRED,
                        .help = "As /api/v1/question takes it, with metrics as a list." },
    [TILE_POSITION] = { "position", FIELD_INT, "Place", LISTED, .min = 0, .max = 100000,
                        .otherwise = "1000" },
    [TILE_WIDTH] = { "width", FIELD_INT, "Columns of twelve", LISTED, .min = 2,
                     .max = BOARD_COLUMNS, .otherwise = "4" },
    [TILE_HEIGHT] = { "height", FIELD_INT, "Rows", LISTED, .min = 1, .max = BOARD_TILE_ROWS,
                      .otherwise = "2" },
};
_Static_assert(countof(tile_fields) == TILE_FIELDS, "enum and table differ");

const struct choice *chart_choices(void) { return tile_fields[TILE_CHART].choices; }

/* Who may change a dashboard may change its tiles, and nobody else. */
static enum status may_change(struct ctx *cx, struct row *tile)
{
    struct row *dashboard;

    TRY(record_get(cx, &dashboard_type, row_i64(tile, TILE_DASHBOARD), &dashboard));
    return record_check(cx, dashboard);
}

static enum status tile_validate(struct ctx *cx, struct row *r)
{
    struct ctx probe = *cx;
    struct tile t;
    i64 count;

    ctx_clear_error(&probe);
    TRY(may_change(cx, r));
    if (row_is_new(r)) {
        TRY(list_count(
            cx, &tile_type,
            arena_printf(cx->arena, "dashboard_id = '%s'", row_plain(cx, r, TILE_DASHBOARD)), "",
            BOARD_TILES_MAX, &count));
        if (count >= BOARD_TILES_MAX)
            return ctx_fail_code(cx, E_INVALID, "tile.too_many",
                                 "A dashboard has at most %d tiles: remove one, or begin another.",
                                 BOARD_TILES_MAX);
    }
    if (tile_read(&probe, r, &t) == OK)
        return OK;
    return ctx_fail_field(cx, "question", "tile.question", "%s", probe.error_text);
}

static const char *tile_name(struct ctx *cx, const struct row *r)
{
    struct ctx probe = *cx;
    struct tile t;

    if (row_has(r, TILE_TITLE))
        return row_text(r, TILE_TITLE);
    ctx_clear_error(&probe);
    return tile_read(&probe, r, &t) == OK ? tile_title(cx, &t) : "Tile";
}

const struct record_type tile_type = {
    .name = "dashboard_tile",
    .label = "Tile",
    .plural = "Tiles",
    .path = "dashboard-tiles",
    .icon = "layout-grid",
    .sort = "position",
    .title = TILE_TITLE,
    .title_of = tile_name,
    .fields = tile_fields,
    .field_count = TILE_FIELDS,
    .flags = TYPE_SYSTEM,
    .seen_if = "dashboard_id.name is not empty", /* who sees the dashboard */
    .empty = "What stands on dashboards.",
    .validate = tile_validate,
    .removed = may_change,
};

#define READS NEEDS("dashboard", VERB_READ)
#define CHANGES NEEDS("dashboard", VERB_UPDATE)
static const struct route routes[] = {
    { HTTP_GET, "/dashboards", dashboards_get, READS },
    { HTTP_GET, "/dashboards/add", dashboards_add_get, CHANGES },
    { HTTP_GET, "/dashboards/:id", dashboard_get, READS },
    { HTTP_GET, "/dashboards/:id/tiles", dashboard_tiles_get, READS },
    { HTTP_GET, "/dashboards/:id/wall", dashboard_wall_get, READS },
    { HTTP_GET, "/dashboards/:id/dashboard.pdf", dashboard_pdf_get, READS },
    { HTTP_GET, "/dashboards/:id/dashboard.png", dashboard_png_get, READS },
    { HTTP_GET, "/dashboards/:id/preview", tile_preview_get, CHANGES },
    { HTTP_POST, "/dashboards/:id/arrange", board_arrange_post, CHANGES },
    { HTTP_POST, "/dashboards/:id/copy", board_copy_post, NEEDS("dashboard", VERB_CREATE) },
    { HTTP_POST, "/dashboards/:id/first", board_first_post, READS },
    { HTTP_POST, "/dashboards/:id/keep", board_keep_post, CHANGES },
    { HTTP_GET, "/dashboards/:id/tiles/new", tile_new_get, CHANGES },
    { HTTP_POST, "/dashboards/:id/tiles", tile_create_post, CHANGES },
    { HTTP_GET, "/dashboards/:id/tiles/:tile/edit", tile_edit_get, CHANGES },
    { HTTP_GET, "/dashboards/:id/tiles/:tile/csv", tile_csv_get, NEEDS("dashboard", VERB_EXPORT) },
    { HTTP_POST, "/dashboards/:id/tiles/:tile", tile_update_post, CHANGES },
    { HTTP_POST, "/dashboards/:id/tiles/:tile/place", tile_place_post, CHANGES },
    { HTTP_POST, "/dashboards/:id/tiles/:tile/copy", tile_copy_post, CHANGES },
    { HTTP_POST, "/dashboards/:id/tiles/:tile/delete", tile_delete_post, CHANGES },
    { HTTP_POST, "/dashboards/:id/tiles/:tile/restore", tile_restore_post, CHANGES },
    { HTTP_GET, "/api/v1/dashboards/:id/answers", dashboard_api, READS, .flags = ROUTE_API,
      .summary = "A dashboard's tiles with their answers: period, compare and conditions as on "
                 "its page" },
};

static enum status dashboard_start(struct ctx *cx) { return board_make_ready(cx); }

const struct feature feature_dashboard = {
    .name = "dashboard",
    TYPES(&dashboard_type, &tile_type),
    ROUTES(routes),
    .start = dashboard_start,
};
