/* dashboard_form.c -- adding a tile and changing one: a form that says in words what the question
 * says as data, with the tile beside it as it would stand on the dashboard. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/dashboard_int.h"
#include "bridge/dashboard_page.h"
#include "kit/pages.h"
#include "kit/question_show.h"

enum { FORM_METRICS = 4 };

/* ---- what was typed, and the question it is ---- */
static const char *text_of(struct ctx *cx, const struct val *from, const char *name)
{
    const struct val *v = val_get(from, name);

    return val_print(cx->arena, val_kind_of(v) == VAL_LIST ? val_at(v, 0) : v);
}

/* metric1 ... metric4, without holes and repetitions. */
static size_t typed_metrics(struct ctx *cx, const struct val *typed,
                            const char *names[FORM_METRICS])
{
    size_t count = 0;

    for (int i = 1; i <= FORM_METRICS; i++) {
        const char *name = text_of(cx, typed, arena_printf(cx->arena, "metric%d", i));
        bool seen = name[0] == '\0';
        for (size_t k = 0; k < count; k++)
            seen |= text_is(names[k], name);
        if (!seen)
            names[count++] = name;
    }
    return count;
}

/* "channel=email&page=/pricing*", as it stands behind the ? of an address. */
static enum status read_pairs(struct ctx *cx, const char *text, struct val **out)
{
    const char *query = strchr(text, '?');

    return http_form_parse(cx, str_from(query ? query + 1 : text), out);
}

static enum status put_where(struct ctx *cx, const struct val *typed, struct val *question)
{
    struct val *pairs;

    TRY(read_pairs(cx, text_of(cx, typed, "where"), &pairs));
    for (size_t i = 0; i < val_count(pairs); i++) {
        const char *name = val_key_at(pairs, i);
        if (dimension_find(cx, name) == NULL)
            return ctx_fail_field(cx, "where", "tile.where",
                                  "Visits have no '%s': write for example channel=email or "
                                  "page=/pricing*.",
                                  name);
        val_put(question, name, (struct val *)val_value_at(pairs, i));
    }
    return OK;
}

/* A target is typed as the axis shows it: 25 for 25 %, 5000 for €5,000. */
static enum status put_target(struct ctx *cx, const struct val *typed, const struct metric *m,
                              struct val *question)
{
    const char *text = text_of(cx, typed, "target");
    double size = 1;
    struct val *number;

    if (text[0] == '\0')
        return OK;
    if (json_read(cx->arena, str_from(text), &number, NULL) != OK || val_as_double(number, 0) <= 0)
        return ctx_fail_field(cx, "target", "tile.target",
                              "'%s' is no target: type a number over 0.", text);
    if (m)
        show_axis_unit(cx, m, &size);
    val_put_double(question, "target", val_as_double(number, 0) * size);
    return OK;
}

static enum status metrics_question(struct ctx *cx, const struct val *typed, struct val *question)
{
    static const char *const kept[] = { "dimension", "series", "filter" };
    const char *names[FORM_METRICS], *limit = text_of(cx, typed, "limit");
    size_t count = typed_metrics(cx, typed, names);
    struct val *list = val_put_list(question, "metrics");
    i64 n;

    for (size_t i = 0; i < count; i++)
        val_add_text(list, names[i]);
    for (size_t i = 0; i < countof(kept); i++)
        if (text_of(cx, typed, kept[i])[0])
            val_put_text(question, kept[i], text_of(cx, typed, kept[i]));
    if (limit[0] && !str_i64(str_from(limit), &n))
        return ctx_fail_field(cx, "limit", "tile.limit", "'%s' is no whole number.", limit);
    if (limit[0])
        val_put_i64(question, "limit", n);
    TRY(put_target(cx, typed, count ? metric_find(cx, names[0]) : NULL, question));
    return put_where(cx, typed, question);
}

static enum status report_question(struct ctx *cx, const struct val *typed, struct val *question)
{
    struct val *ask;

    TRY(read_pairs(cx, text_of(cx, typed, "ask"), &ask));
    val_put_text(question, "report", text_of(cx, typed, "report"));
    val_put(question, "ask", ask);
    return OK;
}

/* Puts what was typed into a tile; nothing is checked but what cannot be written down. */
static enum status read_typed(struct ctx *cx, const struct val *typed, struct row *tile)
{
    static const int plain[] = { TILE_TITLE, TILE_CHART, TILE_WIDTH, TILE_HEIGHT };
    struct val *question = val_map(cx->arena);
    const char *period = text_of(cx, typed, "own_period");
    enum status s = OK, next;

    for (size_t i = 0; i < countof(plain); i++) {
        next = row_parse(cx, tile, plain[i], text_of(cx, typed, tile_type.fields[plain[i]].name));
        s = s == OK ? next : s;
    }
    next = text_of(cx, typed, "report")[0] ? report_question(cx, typed, question)
                                           : metrics_question(cx, typed, question);
    s = s == OK ? next : s;
    if (period[0])
        val_put_text(question, "period", period);
    row_set_text(tile, TILE_QUESTION, json_text(cx->arena, question));
    return s;
}

/* ---- a tile as what would be typed ---- */
static const char *pairs_text(struct ctx *cx, const struct val *map, bool only_dimensions)
{
    struct buf b = buf_in(cx->arena, 16 * 1024);

    for (size_t i = 0; i < val_count(map); i++) {
        const char *name = val_key_at(map, i);
        const struct val *v = val_value_at(map, i);
        if ((only_dimensions && dimension_find(cx, name) == NULL) || val_count(v) > 0)
            continue;
        buf_printf(&b, "%s%s=%s", b.len ? "&" : "", http_url_encode(cx->arena, name),
                   http_url_encode(cx->arena, val_print(cx->arena, v)));
    }
    return buf_end(&b);
}

static struct val *typed_of(struct ctx *cx, const struct row *tile)
{
    static const char *const kept[] = { "dimension", "series", "filter", "limit", "report" };
    struct val *typed = val_map(cx->arena), *q;
    const struct val *metrics;

    for (int i = TILE_TITLE; i <= TILE_HEIGHT; i++)
        if (i != TILE_QUESTION && i != TILE_POSITION)
            val_put_text(typed, tile_type.fields[i].name, row_plain(cx, tile, i));
    if (json_read(cx->arena, str_from(row_text(tile, TILE_QUESTION)), &q, NULL) != OK)
        return typed;
    for (size_t i = 0; i < countof(kept); i++)
        val_put_text(typed, kept[i], val_print(cx->arena, val_get(q, kept[i])));
    metrics = val_get(q, "metrics");
    for (size_t i = 0; i < FORM_METRICS && i < val_count(metrics); i++)
        val_put_text(typed, arena_printf(cx->arena, "metric%zu", i + 1),
                     val_as_text(val_at(metrics, i), ""));
    if (metrics == NULL)
        val_put_text(typed, "metric1", val_get_text(q, "metric"));
    if (val_get(q, "target")) {
        const struct metric *m = metric_find(cx, val_get_text(typed, "metric1"));
        double size = 1;
        if (m)
            show_axis_unit(cx, m, &size);
        val_put_text(
            typed, "target",
            val_print(cx->arena,
                      val_double(cx->arena, val_as_double(val_get(q, "target"), 0) / size)));
    }
    val_put_text(typed, "own_period", val_get_text(q, "period"));
    val_put_text(typed, "ask", pairs_text(cx, val_get(q, "ask"), false));
    val_put_text(typed, "where", pairs_text(cx, q, true));
    return typed;
}

/* ---- the form ---- */
static void put_option(struct val *list, const char *value, const char *text, const char *chosen)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", text_is(value, chosen));
}

static void put_select(struct val *form, const char *name, const struct choice *choices,
                       const char *chosen)
{
    struct val *list = val_put_list(form, name);

    for (; choices->value; choices++)
        put_option(list, choices->value, choices->label, chosen);
}

static void put_metrics(struct ctx *cx, const struct val *typed, struct val *form)
{
    struct val *all = val_put_list(form, "metrics");
    size_t count;
    const struct metric *const *list = metric_all(cx, &count);

    for (int i = 1; i <= FORM_METRICS; i++) {
        struct val *one = val_add_map(all), *options = val_put_list(one, "options");
        const char *name = arena_printf(cx->arena, "metric%d", i);
        const char *chosen = text_of(cx, typed, name);
        val_put_text(one, "field", name);
        val_put_text(one, "label", i == 1 ? "What is counted" : "And beside it");
        put_option(options, "", i == 1 ? "Choose" : "Nothing more", chosen);
        for (size_t k = 0; k < count; k++)
            if (question_allowed(cx, &(struct question){ .metric = list[k]->name }))
                put_option(options, list[k]->name, list[k]->label, chosen);
    }
}

/* By what the first metric can be split; before one is chosen, by what most can. */
static void put_splits(struct ctx *cx, const struct val *typed, struct val *form)
{
    const struct metric *m = metric_find(cx, text_of(cx, typed, "metric1"));
    const char *by = text_of(cx, typed, "dimension"), *series = text_of(cx, typed, "series");
    struct val *dimension = val_put_list(form, "dimension"), *split = val_put_list(form, "series");
    struct metric_cut cuts[METRIC_CUTS_MAX];
    size_t count = metric_cuts(cx, m ? m : metric_find(cx, "new_leads"), cuts);
    bool known = by[0] == '\0' || text_is(by, "time");

    put_option(dimension, "", "Nothing", by);
    put_option(dimension, "time", "Time", by);
    put_option(split, "", "Nothing", series);
    put_option(split, "channel", m ? metric_cut_words(cx, m, "channel") : "Channel", series);
    put_option(split, "campaign", m ? metric_cut_words(cx, m, "campaign") : "Campaign", series);
    for (size_t i = 0; i < count; i++) {
        char *text = arena_text(cx->arena, cuts[i].text);
        text[0] = text[0] >= 'a' && text[0] <= 'z' ? (char)(text[0] - 32) : text[0];
        put_option(dimension, cuts[i].name, text, by);
        known |= text_is(cuts[i].name, by);
    }
    if (!known)
        put_option(dimension, by, m ? metric_cut_words(cx, m, by) : by, by);
}

static const struct choice widths[] = {
    { "3", "A quarter", NULL }, { "4", "A third", NULL },  { "6", "Half", NULL },
    { "8", "Two thirds", NULL }, { "12", "Whole", NULL }, { NULL, NULL, NULL },
}, heights[] = {
    { "1", "Low", NULL },  { "2", "Medium", NULL }, { "3", "High", NULL },
    { "4", "Very high", NULL }, { NULL, NULL, NULL },
}, reports[] = {
    { "", "Numbers", NULL }, { "funnel", "Funnel", NULL }, { "paths", "Paths", NULL },
    { "retention", "Retention", NULL }, { "attribution", "Attribution", NULL },
    { NULL, NULL, NULL },
};

/* A width of a tile that the form does not offer stays as it is. */
static void put_size(struct ctx *cx, const struct val *typed, const char *name,
                     const struct choice *choices, const char *otherwise, struct val *form)
{
    const char *chosen = text_of(cx, typed, name);
    bool known = chosen[0] == '\0';

    for (size_t i = 0; choices[i].value; i++)
        known |= text_is(choices[i].value, chosen);
    put_select(form, name, choices, chosen[0] ? chosen : otherwise);
    if (!known)
        put_option((struct val *)val_get(form, name), chosen,
                   arena_printf(cx->arena, "%s of twelve", chosen), chosen);
}

static void put_form(struct ctx *cx, const struct val *typed, struct val *page)
{
    static const char *const texts[] = { "title", "filter", "limit", "target", "ask", "where" };
    struct val *form = val_put_map(page, "form");
    const char *chart = text_of(cx, typed, "chart");

    for (size_t i = 0; i < countof(texts); i++)
        val_put_text(form, texts[i], text_of(cx, typed, texts[i]));
    put_select(form, "chart", chart_choices(), chart[0] ? chart : "number");
    put_select(form, "report", reports, text_of(cx, typed, "report"));
    put_metrics(cx, typed, form);
    put_splits(cx, typed, form);
    put_size(cx, typed, "width", widths, "4", form);
    put_size(cx, typed, "height", heights, "2", form);
    put_select(form, "own_period", dashboard_type.fields[DASHBOARD_PERIOD].choices,
               text_of(cx, typed, "own_period"));
}

static const struct val *errors_of(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "errors");

    for (const struct field_error *e = cx->field_errors; e; e = e->next) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", e->message);
        val_put_text(one, "field", text_is(e->field, "question") ? "" : e->field);
    }
    if (val_count(list) == 0 && cx->error_text && cx->error_text[0]) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", cx->error_text);
        val_put_text(one, "field", "");
    }
    val_put_bool(page, "has_errors", val_count(list) > 0);
    ctx_clear_error(cx);
    return list;
}

/* The tile as it would stand there. What is wrong with it stands on it. */
static enum status put_preview(const struct board *b, struct row *tile, struct val *page)
{
    return board_answer(b, (struct row *const[]){ tile }, 1, val_put_list(page, "tiles"));
}

static enum status show_form(struct req *rq, const struct board *b, struct row *tile,
                             const struct val *typed, bool failed)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *crumbs = val_put_list(page, "crumbs"), *crumb;
    const char *path = row_path(cx, b->row);
    bool fresh = row_id(tile) == 0;

    errors_of(cx, page);
    if (failed)
        reply_status(rq, 422);
    val_put_text(page, "title", fresh ? "New tile" : "Edit tile");
    crumb = val_add_map(crumbs);
    val_put_text(crumb, "text", "Dashboards");
    val_put_text(crumb, "url", "/dashboards");
    crumb = val_add_map(crumbs);
    val_put_text(crumb, "text", row_text(b->row, DASHBOARD_NAME));
    val_put_text(crumb, "url", path);
    val_put_text(page, "path", path);
    val_put_text(
        page, "action",
        fresh ? arena_printf(cx->arena, "%s/tiles", path)
              : arena_printf(cx->arena, "%s/tiles/%s", path, id_text(cx->arena, row_id(tile))));
    val_put_text(page, "submit", fresh ? "Add the tile" : "Save");
    val_put_i64(page, "version", row_version(tile));
    put_form(cx, typed, page);
    val_put_bool(page, "has_preview",
                 text_of(cx, typed, "metric1")[0] || text_of(cx, typed, "report")[0]);
    if (val_get_bool(page, "has_preview"))
        TRY(put_preview(b, tile, page));
    return reply(rq, "dashboard/form", page);
}

/* ---- handlers ---- */
static struct row *new_tile(const struct board *b)
{
    struct row *tile = row_new(b->cx, &tile_type);

    row_set_i64(tile, TILE_DASHBOARD, row_id(b->row));
    return tile;
}

static enum status load_tile(struct req *rq, const struct board *b, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "tile", &id));
    TRY(record_get(rq->cx, &tile_type, id, out));
    if (row_i64(*out, TILE_DASHBOARD) != row_id(b->row))
        return ctx_fail(rq->cx, E_NOT_FOUND, "This dashboard has no such tile.");
    return OK;
}

enum status board_tile(struct req *rq, struct board *b, struct row **tile)
{
    TRY(board_load(rq, b));
    return load_tile(rq, b, tile);
}

/* GET /dashboards/:id/tiles/new?report=funnel&ask=steps%3D3 */
enum status tile_new_get(struct req *rq)
{
    struct board b;
    struct row *tile;

    TRY(board_load(rq, &b));
    TRY(record_check(rq->cx, (struct row *)b.row));
    tile = new_tile(&b);
    if (read_typed(rq->cx, rq->query, tile) != OK)
        ctx_clear_error(rq->cx); /* the form says so when it is sent */
    return show_form(rq, &b, tile, rq->query, false);
}

/* GET /dashboards/:id/tiles/:tile/edit */
enum status tile_edit_get(struct req *rq)
{
    struct board b;
    struct row *tile;

    TRY(board_tile(rq, &b, &tile));
    TRY(record_check(rq->cx, (struct row *)b.row));
    return show_form(rq, &b, tile, typed_of(rq->cx, tile), false);
}

/* GET /dashboards/:id/preview?chart=&metric1=...: the tile as it would stand there, and by what it
 * can be split. */
enum status tile_preview_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct board b;
    struct row *tile;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &dashboard_type, id, &tile));
    TRY(board_read(cx, tile, NULL, &b));
    tile = new_tile(&b);
    if (read_typed(cx, rq->query, tile) != OK)
        ctx_clear_error(cx);
    put_form(cx, rq->query, page);
    TRY(put_preview(&b, tile, page));
    return reply_fragment(rq, "dashboard/preview", page);
}

/* Tiles belong to their dashboard: who may change that may change them. */
static enum status save_tile(struct ctx *cx, const struct board *b, struct row *tile)
{
    TRY(record_check(cx, (struct row *)b->row));
    scoped(access_leave) struct access_guard g = access_enter_system(cx);
    return record_save(cx, tile);
}

static enum status save_typed(struct req *rq, const struct board *b, struct row *tile,
                              const char *said)
{
    enum status s = read_typed(rq->cx, rq->form, tile);

    if (s == OK)
        s = save_tile(rq->cx, b, tile);
    if ((s == E_INVALID || s == E_CONFLICT) && !rq->wants_json)
        return show_form(rq, b, tile, rq->form, true);
    TRY(s);
    return reply_done(rq,
                      arena_printf(rq->cx->arena, "%s#tile-%s", row_path(rq->cx, b->row),
                                   id_text(rq->cx->arena, row_id(tile))),
                      "%s", said);
}

/* POST /dashboards/:id/tiles */
enum status tile_create_post(struct req *rq)
{
    struct board b;
    struct row *tile, **others;
    size_t count;

    TRY(board_load(rq, &b));
    tile = new_tile(&b);
    TRY(board_tiles(&b, &others, &count));
    row_set_i64(tile, TILE_POSITION, count ? row_i64(others[count - 1], TILE_POSITION) + 10 : 10);
    return save_typed(rq, &b, tile, "The tile is added.");
}

/* POST /dashboards/:id/tiles/:tile */
enum status tile_update_post(struct req *rq)
{
    struct board b;
    struct row *tile;
    i64 version;

    TRY(board_tile(rq, &b, &tile));
    if (str_i64(str_from(req_form(rq, "version")), &version))
        row_expect_version(tile, version);
    return save_typed(rq, &b, tile, "Saved.");
}
