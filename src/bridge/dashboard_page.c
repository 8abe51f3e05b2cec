/* dashboard_page.c -- the pages of dashboards: the list by team, one with its tiles and filters,
 * and what of it follows live. */
#include "bridge/dashboard_page.h"
#include "base/csv.h"
#include "base/id.h"
#include "base/limits.h"
#include "bridge/dashboard_int.h"
#include "kit/pages.h"
#include "kit/print.h"
#include "kit/show.h"

/* ---- addresses ---- */
struct address {
    const struct board *b;
    struct buf text;
    char mark;
};

static void put_param(struct address *a, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    buf_printf(&a->text, "%c%s=%s", a->mark, name, http_url_encode(a->b->cx->arena, value));
    a->mark = '&';
}

/* The conditions stand in an address when they are not those that the dashboard opens with. */
static void put_conditions(struct address *a, const char *name, const char *value)
{
    const struct board *b = a->b;
    bool mine = text_is(name, "owner") || text_is(name, "team") || dimension_find(b->cx, name);
    bool said = false;

    if (b->kept && !mine && !text_is(name, "all"))
        return;
    put_param(a, "all", "true");
    if (text_is(name, "all"))
        return;
    for (size_t i = 0; i < b->q.where_count; i++) {
        bool this = text_is(b->q.where[i].dimension, name);
        said |= this;
        put_param(a, b->q.where[i].dimension, this ? value : b->q.where[i].value);
    }
    put_param(a, "owner", text_is(name, "owner") ? value : b->owner);
    put_param(a, "team", text_is(name, "team") ? value : b->team);
    if (mine && !said && !text_is(name, "owner") && !text_is(name, "team"))
        put_param(a, name, value);
}

static const char *kept_text(const struct board *b, int field)
{
    return b->row ? row_text(b->row, field) : "";
}

const char *board_url(const struct board *b, const char *tail, const char *name, const char *value)
{
    struct address a = { .b = b, .text = buf_in(b->cx->arena, LIMIT_HEADER_BYTES), .mark = '?' };
    const char *period = text_is(name, "period") ? value : b->period;
    const char *compare = text_is(name, "compare") ? value : b->compare;

    buf_printf(&a.text, "/dashboards/%s%s", b->row ? id_text(b->cx->arena, row_id(b->row)) : "",
               tail);
    if (!text_is(period, kept_text(b, DASHBOARD_PERIOD)))
        put_param(&a, "period", period);
    if (!text_is(compare, kept_text(b, DASHBOARD_COMPARE)))
        put_param(&a, "compare", compare);
    put_conditions(&a, name, value);
    return buf_end(&a.text);
}

/* ---- the filters ---- */
static void put_options(const struct board *b, const char *name, const struct choice *choices,
                        const char *chosen, const char *otherwise, struct val *page,
                        const char *list)
{
    struct val *into = val_put_map(page, list), *options = val_put_list(into, "options");

    val_put_text(into, "text", otherwise);
    for (; choices->value; choices++) {
        struct val *one = val_add_map(options);
        bool on = text_is(choices->value, chosen);
        val_put_text(one, "text", choices->label);
        val_put_text(one, "url", board_url(b, "", name, choices->value));
        val_put_bool(one, "on", on);
        if (on)
            val_put_text(into, "text", choices->label);
    }
}

static void put_hidden(struct val *list, const char *name, const char *value)
{
    struct val *one;

    if (value[0] == '\0')
        return;
    one = val_add_map(list);
    val_put_text(one, "name", name);
    val_put_text(one, "value", value);
}

/* What a form must not lose: everything that is asked beside what it asks for itself. */
enum form_of { FORM_RANGE, FORM_CONDITION, FORM_WHO };
static void put_keep(const struct board *b, enum form_of form, struct val *page, const char *name)
{
    struct val *list = val_put_list(page, name);

    if (form != FORM_RANGE)
        put_hidden(list, "period", b->period);
    put_hidden(list, "compare", b->compare);
    if (b->kept && form == FORM_RANGE)
        return;
    put_hidden(list, "all", "true");
    for (size_t i = 0; i < b->q.where_count; i++)
        put_hidden(list, b->q.where[i].dimension, b->q.where[i].value);
    if (form == FORM_WHO)
        return;
    put_hidden(list, "owner", b->owner);
    put_hidden(list, "team", b->team);
}

static void put_dimensions(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "dimensions");
    size_t count;
    const struct feature *const *f = kit_features(cx->kit, &count);

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < f[i]->dimension_count; k++) {
            struct val *one = val_add_map(list);
            val_put_text(one, "value", f[i]->dimensions[k].name);
            val_put_text(one, "text", f[i]->dimensions[k].label);
        }
    }
}

/* Who may be chosen: everybody of a type that the asker may read. */
static enum status put_people(const struct board *b, const char *type, const char *name,
                              const char *chosen, struct val *page)
{
    struct ctx *cx = b->cx;
    const struct record_type *t = type_find(cx, type);
    struct list_query lq = { .sort = "name", .limit = 100 };
    struct val *list = val_put_list(page, name);
    struct list_page found;

    if (t == NULL || access_scope(cx->access, type, VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, t, &lq, &found));
    for (size_t i = 0; i < found.count; i++) {
        struct val *one = val_add_map(list);
        const char *id = id_text(cx->arena, row_id(found.rows[i]));
        val_put_text(one, "value", id);
        val_put_text(one, "text", row_title(cx, found.rows[i]));
        val_put_bool(one, "selected", text_is(id, chosen));
    }
    return OK;
}

static void put_range(const struct board *b, struct val *page)
{
    const struct zone *zone = kit_zone(b->cx);
    struct val *range = val_put_map(page, "range");

    val_put_text(range, "from", date_iso(b->cx->arena, zone_day(zone, b->q.from_ms)));
    val_put_text(range, "to", date_iso(b->cx->arena, zone_day(zone, b->q.to_ms - 1)));
}

static void put_removes(const struct board *b, struct val *page)
{
    struct val *list = (struct val *)val_get(page, "conditions");

    for (size_t i = 0; i < val_count(list); i++) {
        struct val *one = (struct val *)val_at(list, i);
        val_put_text(one, "remove_url", board_url(b, "", val_get_text(one, "name"), ""));
    }
    val_put_bool(page, "is_narrowed", val_count(list) > 0);
    val_put_text(page, "clear_url", val_count(list) > 1 ? board_url(b, "", "all", "true") : "");
}

static enum status put_filters(const struct board *b, struct val *page)
{
    const struct field *f = dashboard_type.fields;
    const char *range = val_get_text(val_get(page, "period"), "text");

    put_options(b, "period", f[DASHBOARD_PERIOD].choices, b->period, range, page, "periods");
    put_options(b, "compare", f[DASHBOARD_COMPARE].choices, b->compare, b->compare, page,
                "compares");
    put_range(b, page);
    put_removes(b, page);
    put_keep(b, FORM_RANGE, page, "keep_range");
    put_keep(b, FORM_CONDITION, page, "keep");
    put_keep(b, FORM_WHO, page, "keep_who");
    put_dimensions(b->cx, page);
    TRY(put_people(b, "user", "owners", b->owner, page));
    TRY(put_people(b, "team", "teams", b->team, page));
    val_put_bool(page, "has_owners", val_count(val_get(page, "owners")) > 0);
    val_put_bool(page, "has_teams", val_count(val_get(page, "teams")) > 0);
    val_put_bool(page, "can_keep",
                 !b->kept || !text_is(b->period, kept_text(b, DASHBOARD_PERIOD)) ||
                     !text_is(b->compare, kept_text(b, DASHBOARD_COMPARE)));
    return OK;
}

/* ---- one dashboard ---- */
/* The condition of the filter form: add (a dimension), is ("" or "not"), value. */
static const struct val *with_added(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *name = req_query(rq, "add"), *value = req_query(rq, "value");
    const struct dimension *d = dimension_find(cx, name);
    struct val *with;
    char *lower;

    if (d == NULL || value[0] == '\0')
        return rq->query;
    lower = text_lower_ascii(cx->arena, value);
    for (char *p = lower; *p; p++)
        *p = *p == ' ' ? '-' : *p;
    if (d->known && !d->known(value)) { /* "Paid search" is paid-search, "de" is DE */
        char *upper = arena_text(cx->arena, value);
        for (char *p = upper; *p; p++)
            *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
        value = d->known(lower) ? lower : d->known(upper) ? upper : value;
    }
    with = val_copy(cx->arena, rq->query);
    val_put_text(with, name,
                 text_is(req_query(rq, "is"), "not") ? arena_printf(cx->arena, "!%s", value)
                                                     : value);
    return with;
}

enum status board_load(struct req *rq, struct board *b)
{
    struct row *row;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &dashboard_type, id, &row));
    return board_read(rq->cx, row, with_added(rq), b);
}

/* What the page is asked for cannot be asked: it says so, and shows the rest. */
static enum status said_on_page(struct req *rq, enum status s, struct val *page)
{
    val_put_text(page, "error", "");
    if ((s != E_INVALID && s != E_NOT_FOUND) || rq->wants_json)
        return s;
    val_put_text(page, "error", rq->cx->error_text);
    ctx_clear_error(rq->cx);
    reply_status(rq, 422);
    return OK;
}

static bool may_change(struct ctx *cx, struct row *row)
{
    struct ctx probe = *cx;

    ctx_clear_error(&probe);
    return access_scope(cx->access, "dashboard", VERB_UPDATE) != SCOPE_NONE &&
           record_check(&probe, row) == OK;
}

/* Where each tile is asked for again by itself, and whether it may be changed. */
static void put_tile_urls(const struct board *b, bool change, struct val *page)
{
    const struct val *tiles = val_get(page, "tiles");
    struct ctx *cx = b->cx;
    bool csv = access_scope(cx->access, "dashboard", VERB_EXPORT) != SCOPE_NONE;

    for (size_t i = 0; i < val_count(tiles); i++) {
        struct val *t = (struct val *)val_at(tiles, i);
        val_put_text(t, "src", board_url(b, "/tiles", "", ""));
        val_put_bool(t, "can_change", change);
        val_put_text(
            t, "csv_url",
            csv ? board_url(b, arena_printf(cx->arena, "/tiles/%s/csv", val_get_text(t, "id")), "",
                            "")
                : "");
    }
    val_put_text(page, "me", cx->access->user_id ? id_text(cx->arena, cx->access->user_id) : "");
    val_put_bool(page, "has_tiles", val_count(tiles) > 0);
    val_put_bool(page, "can_change", change);
    val_put_bool(page, "wall", false);
}

/* What any tile follows, for the page's stream. */
static const char *page_topics(struct ctx *cx, const struct val *tiles)
{
    struct buf b = buf_in(cx->arena, 2000);

    buf_text(&b, "dashboard_tile");
    for (size_t i = 0; i < val_count(tiles); i++) {
        struct str rest = str_from(val_get_text(val_at(tiles, i), "live")), one;
        while (str_split(&rest, ',', &one)) {
            struct str known = { b.p, b.len }, word;
            bool seen = false;
            while (str_split(&known, ',', &word))
                seen |= str_is(word, str_dup(cx->arena, one));
            if (!seen && b.len + one.len < 150)
                buf_printf(&b, ",%.*s", (int)one.len, one.p);
        }
    }
    return buf_end(&b);
}

enum status board_first(struct ctx *cx, i64 *id)
{
    enum status s = db_get_i64(cx, id, "dashboard.first", I64("user", cx->access->user_id));

    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *id = 0;
    return OK;
}

enum status board_put_first(struct ctx *cx, struct val *page)
{
    struct val *first;
    const char *title = "";
    i64 id;

    val_put_null(page, "first");
    TRY(board_first(cx, &id));
    if (id == 0 || access_scope(cx->access, "dashboard", VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(record_titles(cx, &dashboard_type, &id, 1, &title));
    if (title[0] == '\0') /* no longer for this user */
        return OK;
    first = val_put_map(page, "first");
    val_put_text(first, "text", title);
    val_put_printf(first, "url", "/dashboards/%s", id_text(cx->arena, id));
    return OK;
}

static enum status put_head(const struct board *b, struct val *page)
{
    struct ctx *cx = b->cx;
    i64 first;
    struct val *crumb = val_add_map(val_put_list(page, "crumbs"));
    const char *path = row_path(cx, b->row);

    val_put_text(crumb, "text", "Dashboards");
    val_put_text(crumb, "url", "/dashboards");
    val_put_text(page, "path", path);
    val_put_text(page, "add_url", board_url(b, "/tiles/new", "", ""));
    val_put_text(page, "wall_url", board_url(b, "/wall", "", ""));
    val_put_text(page, "pdf_url", board_url(b, "/dashboard.pdf", "", ""));
    val_put_text(page, "png_url", board_url(b, "/dashboard.png", "", ""));
    val_put_bool(page, "can_copy",
                 access_scope(cx->access, "dashboard", VERB_CREATE) != SCOPE_NONE);
    val_put_bool(page, "can_delete",
                 access_scope(cx->access, "dashboard", VERB_DELETE) != SCOPE_NONE);
    TRY(board_first(cx, &first));
    val_put_bool(page, "is_first", first == row_id(b->row));
    val_put_bool(page, "can_first", cx->access->user_id != 0);
    val_put_text(page, "keep_url", board_url(b, "/keep", "", ""));
    return OK;
}

static void put_empty_board(const struct board *b, bool change, struct val *page)
{
    val_put_null(page, "empty");
    if (val_count(val_get(page, "tiles")) == 0)
        put_empty(page, "No tiles yet",
                  "A tile is a question, shown as a number, a line, bars, a table and so on.",
                  change ? "Add a tile" : NULL, board_url(b, "/tiles/new", "", ""));
}

static enum status put_page(struct req *rq, struct board *b, enum status s, struct val *page)
{
    struct row **tiles, *row = (struct row *)b->row;
    size_t count;
    bool change;

    TRY(said_on_page(rq, s, page));
    change = may_change(rq->cx, row);
    TRY(board_tiles(b, &tiles, &count));
    TRY(board_put(b, tiles, count, page));
    put_tile_urls(b, change, page);
    TRY(put_head(b, page));
    put_empty_board(b, change, page);
    TRY(put_filters(b, page));
    val_put_text(page, "live", page_topics(rq->cx, val_get(page, "tiles")));
    return OK;
}

/* GET /dashboards/:id?period=&compare=&channel=&owner= */
enum status dashboard_get(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);
    struct board b = { 0 };
    enum status s = board_load(rq, &b);

    if (b.row == NULL)
        return s;
    if (s == OK && req_query(rq, "add")[0] && !rq->wants_json)
        return reply_redirect(rq, board_url(&b, "", "", ""));
    TRY(put_page(rq, &b, s, page));
    return reply(rq, "dashboard/page", page);
}

/* The rows whose ids are asked for as `part`; all when there is none. */
static size_t only_parts(struct req *rq, struct row **tiles, size_t count)
{
    const struct val *parts = val_get(rq->query, "part");
    bool list = val_kind_of(parts) == VAL_LIST;
    size_t kept = 0, asked = list ? val_count(parts) : 1;

    if (val_is_null(parts))
        return count;
    for (size_t i = 0; i < count; i++) {
        const char *id = id_text(rq->cx->arena, row_id(tiles[i]));
        bool wanted = false;
        for (size_t k = 0; k < asked; k++)
            wanted |= text_is(val_as_text(list ? val_at(parts, k) : parts, ""), id);
        if (wanted)
            tiles[kept++] = tiles[i];
    }
    return kept;
}

/* GET /dashboards/:id/tiles?part=: tiles by themselves, asked anew. */
enum status dashboard_tiles_get(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);
    struct row **tiles;
    struct board b;
    size_t count;

    TRY(board_load(rq, &b));
    TRY(board_tiles(&b, &tiles, &count));
    count = only_parts(rq, tiles, count);
    TRY(board_put(&b, tiles, count, page));
    put_tile_urls(&b, may_change(rq->cx, (struct row *)b.row), page);
    return reply_fragment(rq, "dashboard/tiles", page);
}

/* GET /dashboards/:id/wall: the tiles alone, large, for a screen that everybody passes by. */
enum status dashboard_wall_get(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);
    struct row **tiles;
    struct board b;
    size_t count;

    TRY(board_load(rq, &b));
    TRY(board_tiles(&b, &tiles, &count));
    TRY(board_put(&b, tiles, count, page));
    put_tile_urls(&b, false, page);
    val_put_text(page, "back_url", board_url(&b, "", "", ""));
    val_put_bool(page, "wall", true);
    val_put_printf(page, "live_url", "/live?topics=%s",
                   page_topics(rq->cx, val_get(page, "tiles")));
    return reply_fragment(rq, "dashboard/wall", page);
}

/* ---- on paper ---- */
static enum status print(struct req *rq, enum print_format format, const char *type,
                         const char *ending)
{
    struct ctx *cx = rq->cx;
    struct print_look look = { web_asset_text(rq, "palette"), web_asset_text(rq, "world") };
    struct val *page = val_map(cx->arena);
    struct row **tiles;
    struct board b;
    struct str out;
    size_t count;

    TRY(board_load(rq, &b));
    TRY(board_tiles(&b, &tiles, &count));
    TRY(board_put(&b, tiles, count, page));
    TRY(print_board(cx, page, &look, format, &out));
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "inline; filename=\"dashboard-%s.%s\"",
                              date_iso(cx->arena, zone_day(kit_zone(cx), ctx_now(cx))), ending));
    return reply_text(rq, 200, type, out);
}

/* GET /dashboards/:id/dashboard.pdf */
enum status dashboard_pdf_get(struct req *rq)
{
    return print(rq, PRINT_PDF, "application/pdf", "pdf");
}

/* GET /dashboards/:id/dashboard.png */
enum status dashboard_png_get(struct req *rq) { return print(rq, PRINT_PNG, "image/png", "png"); }

/* ---- one tile as CSV ---- */
static void write_chart(const struct val *chart, struct buf *out)
{
    const struct val *columns = val_get(chart, "columns"), *rows = val_get(chart, "rows");

    csv_cell(out, val_get_text(chart, "text"));
    for (size_t i = 0; i < val_count(columns); i++)
        csv_cell(out, val_get_text(val_at(columns, i), "text"));
    csv_end_line(out);
    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *values = val_get(val_at(rows, i), "values");
        csv_cell(out, val_get_text(val_at(rows, i), "text"));
        for (size_t k = 0; k < val_count(values); k++)
            csv_cell(out, val_print(out->arena, val_get(val_at(values, k), "number")));
        csv_end_line(out);
    }
}

static void write_number(const struct val *tile, struct buf *out)
{
    const struct val *number = val_get(tile, "number");

    csv_cell(out, val_get_text(number, "text"));
    csv_end_line(out);
    csv_cell(out, val_print(out->arena, val_get(tile, "value")));
    csv_end_line(out);
}

/* GET /dashboards/:id/tiles/:tile/csv */
enum status tile_csv_get(struct req *rq)
{
    struct val *list = val_list(rq->cx->arena);
    struct buf out = buf_in(rq->cx->arena, LIMIT_UPLOAD_BYTES);
    const struct val *t;
    struct board b;
    struct row *tile;

    TRY(board_tile(rq, &b, &tile));
    TRY(board_answer(&b, &tile, 1, list));
    t = val_at(list, 0);
    if (val_get_text(t, "error")[0])
        return ctx_fail(rq->cx, E_INVALID, "%s", val_get_text(t, "error"));
    if (!val_is_null(val_get(t, "table")))
        report_write_csv(val_get(t, "table"), &out);
    else if (!val_is_null(val_get(t, "chart")))
        write_chart(val_get(t, "chart"), &out);
    else if (!val_is_null(val_get(t, "number")))
        write_number(t, &out);
    TRY(buf_status(&out));
    reply_header(rq, "Content-Disposition", "attachment; filename=\"tile.csv\"");
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ out.p, out.len });
}

/* GET /api/v1/dashboards/:id/answers */
enum status dashboard_api(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);
    struct row **tiles;
    struct board b;
    size_t count;

    TRY(board_load(rq, &b));
    TRY(board_tiles(&b, &tiles, &count));
    TRY(board_put(&b, tiles, count, page));
    return reply_json(rq, 200, page);
}

/* ---- the list ---- */
static struct val *group_for(struct val *groups, const char *text)
{
    struct val *group;

    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_get_text(val_at(groups, i), "text"), text))
            return (struct val *)val_get(val_at(groups, i), "items");
    group = val_add_map(groups);
    val_put_text(group, "text", text);
    return val_put_list(group, "items");
}

/* tail: what stands behind the dashboard's address. */
static void put_item(struct ctx *cx, struct row *r, const char *tail, struct val *list)
{
    struct val *one = val_add_map(list);
    const char *owner = row_show(cx, r, DASHBOARD_OWNER);
    bool private = text_is(row_text(r, DASHBOARD_SHARED), "me");

    val_put_text(one, "text", row_text(r, DASHBOARD_NAME));
    val_put_printf(one, "url", "%s%s", row_path(cx, r), tail);
    val_put_text(one, "detail", row_text(r, DASHBOARD_DESCRIPTION));
    val_put_text(one, "note",
                 private    ? "Only you"
                 : owner[0] ? arena_printf(cx->arena, "by %s", owner)
                            : "");
}

/* One's own team's come first, then those of all teams. */
static enum status put_groups(struct req *rq, const char *tail, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct list_query lq = { .sort = "name", .limit = LIMIT_LIST_ROWS };
    struct val *groups = val_put_list(page, "groups");
    struct list_page found;
    i64 first;

    TRY(list_run(cx, &dashboard_type, &lq, &found));
    TRY(rows_load_titles(cx, found.rows, found.count));
    TRY(board_first(cx, &first));
    for (size_t i = 0; i < found.count; i++)
        if (row_id(found.rows[i]) == first)
            put_item(cx, found.rows[i], tail, group_for(groups, "First for you"));
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < found.count; i++) {
            struct row *r = found.rows[i];
            i64 team = row_i64(r, DASHBOARD_TEAM);
            int when = team && team == cx->access->team_id ? 0 : team == 0 ? 1 : 2;
            if (when == round && row_id(r) != first)
                put_item(cx, r, tail,
                         group_for(groups, team ? row_show(cx, r, DASHBOARD_TEAM) : "All teams"));
        }
    }
    val_put_bool(page, "has_groups", found.count > 0);
    return OK;
}

/* GET /dashboards */
enum status dashboards_get(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);
    bool create = access_scope(rq->cx->access, "dashboard", VERB_CREATE) != SCOPE_NONE;

    val_put_text(page, "title", "Dashboards");
    val_put_bool(page, "can_create", create);
    TRY(put_groups(rq, "", page));
    val_put_null(page, "empty");
    if (!val_get_bool(page, "has_groups"))
        put_empty(page, "No dashboards", dashboard_type.empty, create ? "New dashboard" : NULL,
                  "/dashboards/new");
    return reply(rq, "dashboard/list", page);
}

/* GET /dashboards/add?report=&ask=: on which dashboard a report is to stand. */
enum status dashboards_add_get(struct req *rq)
{
    static const struct {
        const char *report, *chart;
    } charts[] = { { "funnel", "funnel" },
                   { "paths", "sankey" },
                   { "retention", "heat" },
                   { "attribution", "table" } };
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *crumb;
    const char *report = req_query(rq, "report"), *chart = "";

    for (size_t i = 0; i < countof(charts); i++)
        if (text_is(charts[i].report, report))
            chart = charts[i].chart;
    crumb = val_add_map(val_put_list(page, "crumbs"));
    val_put_text(crumb, "text", "Dashboards");
    val_put_text(crumb, "url", "/dashboards");
    val_put_text(page, "title", "On which dashboard?");
    val_put_bool(page, "can_create", false);
    TRY(put_groups(rq,
                   arena_printf(cx->arena, "/tiles/new?report=%s&ask=%s&chart=%s&width=12&height=3",
                                http_url_encode(cx->arena, report),
                                http_url_encode(cx->arena, req_query(rq, "ask")), chart),
                   page));
    val_put_null(page, "empty");
    if (!val_get_bool(page, "has_groups"))
        put_empty(page, "No dashboards", dashboard_type.empty, "New dashboard", "/dashboards/new");
    return reply(rq, "dashboard/list", page);
}
