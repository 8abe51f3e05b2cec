/* dashboard_chart.c -- answers of a tile as the tree that page, API, CSV and print share. Every
 * number carries the address of what is behind it, where something shows it. */
#include "base/id.h"
#include "bridge/dashboard_int.h"
#include "kit/question_show.h"
#include <math.h>

enum { LABELLED_BARS = 16 };

/* ---- series and rows ---- */
struct drawn {
    struct ctx *cx;
    struct tile *t;
    struct val *chart, *columns, *rows;
    double size; /* of a unit at the axis */
};

static void put_series(struct drawn *d, const char *text, const char *color)
{
    struct val *one = val_add_map(d->columns);

    val_put_text(one, "text", text);
    val_put_text(one, "color", color);
}

static struct val *put_row(struct drawn *d, const char *text, const char *url, const char *channel)
{
    struct val *row = val_add_map(d->rows);

    val_put_text(row, "text", text);
    val_put_text(row, "url", url);
    val_put_text(row, "channel", channel);
    val_put_text(row, "key", "");
    val_put_text(row, "note", "");
    val_put_list(row, "values");
    return row;
}

static void put_value(struct drawn *d, struct val *row, const struct metric *m,
                      const struct val *value, const char *url)
{
    struct val *one = val_add_map((struct val *)val_get(row, "values"));
    double number = val_as_double(value, 0);

    val_put_text(one, "text", val_is_null(value) ? "" : metric_show(d->cx, m, number));
    if (val_is_null(value))
        val_put_text(one, "number", ""); /* a gap */
    else
        val_put_double(one, "number", number / d->size);
    val_put_text(one, "url", url);
}

static struct drawn chart_begin(struct ctx *cx, struct tile *t, const char *kind, struct val *into)
{
    struct drawn d = { .cx = cx, .t = t, .chart = val_put_map(into, "chart"), .size = 1 };

    val_put_text(d.chart, "kind", kind);
    val_put_text(d.chart, "text", val_get_text(into, "title"));
    val_put_text(d.chart, "unit", t->count ? show_axis_unit(cx, t->metrics[0], &d.size) : "");
    val_put_bool(d.chart, "labels", false);
    val_put_bool(d.chart, "legend", false);
    d.columns = val_put_list(d.chart, "columns");
    d.rows = val_put_list(d.chart, "rows");
    return d;
}

static bool by_channel(const char *dimension)
{
    return text_is(dimension, "channel") || text_is(dimension, "first_channel");
}

static const char *color_of(struct ctx *cx, const struct tile *t, size_t i)
{
    if (by_channel(t->series))
        return t->series_keys[i];
    return arena_printf(cx->arena, "series-%zu", i % TILE_SERIES_MAX + 1);
}

/* The group of another answer that is the same time or thing. */
static const struct val *same_group(const struct val *answer, const struct val *group, size_t at)
{
    const struct val *groups = val_get(answer, "groups"), *key = val_get(group, "key");

    if (val_equal(val_get(val_at(groups, at), "key"), key))
        return val_at(groups, at);
    for (size_t i = 0; i < val_count(groups); i++)
        if (val_equal(val_get(val_at(groups, i), "key"), key))
            return val_at(groups, i);
    return NULL;
}

/* ---- over time, and by groups ---- */
static void put_columns(struct drawn *d, bool before)
{
    struct tile *t = d->t;

    for (size_t i = 0; i < t->question_count; i++)
        put_series(d,
                   t->series[0]                  ? t->series_labels[i]
                   : t->count == 1 && t->by_time ? "This period"
                                                 : t->metrics[i]->label,
                   color_of(d->cx, t, i));
    if (before)
        put_series(d, "Before", "compare");
}

static void put_groups(struct drawn *d, bool before)
{
    struct tile *t = d->t;
    const struct val *groups = val_get(t->answers[0], "groups");
    bool channels = by_channel(t->dimension);

    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        const char *key = val_as_text(val_get(g, "key"), "");
        bool future = t->by_time && show_is_future(d->cx, g);
        if (!t->by_time && val_is_null(val_get(g, "value")))
            continue; /* people do not add up to "other", and a share of nothing is none */
        struct val *row =
            put_row(d, val_get_text(g, "label"), val_get_text(g, "rows_path"), channels ? key : "");
        val_put_text(row, "key", key);
        for (size_t k = 0; k < t->question_count; k++) {
            const struct val *same = k ? same_group(t->answers[k], g, i) : g;
            put_value(d, row, t->metrics[t->series[0] ? 0 : k],
                      future ? NULL : val_get(same, "value"), val_get_text(same, "rows_path"));
        }
        if (before)
            put_value(d, row, t->metrics[0], val_get(g, "before"),
                      val_get_text(g, "before_rows_path"));
    }
}

static void put_chart(struct ctx *cx, struct tile *t, struct val *into)
{
    bool time = t->by_time, line = t->chart == CHART_LINE;
    const char *kind = t->chart == CHART_STACKED ? "stack"
                       : line                    ? "line"
                       : t->chart == CHART_MAP   ? "map"
                       : time                    ? "bar"
                                                 : "bars";
    struct drawn d = chart_begin(cx, t, kind, into);
    bool before = time && t->question_count == 1 && t->chart != CHART_STACKED &&
                  val_get_bool(t->answers[0], "compared");

    put_columns(&d, before);
    put_groups(&d, before);
    if (val_count(d.rows) == 0)
        val_put_text(into, "empty", "Nothing in this period.");
    val_put_bool(d.chart, "labels", !time && val_count(d.rows) <= LABELLED_BARS);
    val_put_bool(d.chart, "legend", !line && val_count(d.columns) > 1);
}

/* ---- metrics one after the other ---- */
static void put_funnel(struct ctx *cx, struct tile *t, struct val *into)
{
    struct drawn d = chart_begin(cx, t, "funnel", into);
    double before = 0;

    put_series(&d, "How many", "series-1");
    for (size_t i = 0; i < t->question_count; i++) {
        const struct val *a = t->answers[i];
        double value = val_as_double(val_get(a, "value"), 0);
        const char *rows = val_get_text(a, "rows_path");
        struct val *row = put_row(&d, t->metrics[i]->label, rows, "");
        put_value(&d, row, t->metrics[i], val_get(a, "value"), rows);
        val_put_text(row, "note",
                     i == 0 || before <= 0
                         ? ""
                         : arena_printf(cx->arena, "%.*f%% of the step before",
                                        value / before < 0.1 ? 1 : 0, value / before * 100));
        before = value;
    }
}

/* ---- one number ---- */
static void put_number(struct ctx *cx, struct tile *t, struct val *into)
{
    struct val *list = val_list(cx->arena), *number;

    show_tile(cx, t->answers[0], list);
    number = val_put(into, "number", (struct val *)val_at(list, 0));
    val_put(into, "value", (struct val *)val_get(t->answers[0], "value"));
    val_put_bool(number, "has_points", val_get_text(number, "points")[0] != '\0');
}

/* How much of a target is reached: the tile's own, else what the metric's targets say. */
static void put_target(struct ctx *cx, struct tile *t, struct val *into)
{
    const struct val *answer = t->answers[0];
    double value = val_as_double(val_get(answer, "value"), 0);
    double target = t->target > 0 ? t->target : val_as_double(val_get(answer, "target"), 0);
    double part = target > 0 ? value / target * 100 : 0;
    struct val *v;

    if (target <= 0) {
        val_put_null(into, "target");
        return;
    }
    v = val_put_map(into, "target");
    val_put_i64(v, "percent", (i64)fmin(fmax(floor(part), 0), 100));
    val_put_printf(v, "share", "%.0f%%", floor(fmax(part, 0)));
    val_put_text(v, "text", metric_show(cx, t->metrics[0], target));
    val_put_text(v, "url", t->target > 0 ? "" : val_get_text(answer, "target_rows_path"));
    val_put_double(v, "value", target);
    val_put_bool(v, "reached", t->metrics[0]->less_is_better ? value <= target : value >= target);
}

/* ---- tables ---- */
static const char *cell_kind(const struct metric *m)
{
    return m->unit == UNIT_MONEY ? "money" : m->unit == UNIT_RATIO ? "percent" : "integer";
}

static const char *dimension_label(struct ctx *cx, const struct tile *t)
{
    return t->by_time ? "When" : metric_cut_words(cx, t->metrics[0], t->dimension);
}

static void put_table(struct ctx *cx, struct tile *t, struct val *into)
{
    struct val *table = report_table(into, "table");
    const struct val *groups = val_get(t->answers[0], "groups");
    double most = show_most(groups);

    report_column(table, dimension_label(cx, t), "text");
    for (size_t i = 0; i < t->count; i++)
        report_column(table, t->metrics[i]->label, cell_kind(t->metrics[i]));
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        struct val *row =
            report_row(table, val_get_text(g, "label"),
                       by_channel(t->dimension) ? val_as_text(val_get(g, "key"), "") : "");
        val_put_i64(row, "percent", show_percent(val_get(g, "value"), most));
        for (size_t k = 0; k < t->count; k++) {
            const struct val *same = k ? same_group(t->answers[k], g, i) : g;
            const struct val *value = val_get(same, "value");
            bool none = val_is_null(value);
            struct val *cell =
                report_cell(row, cell_kind(t->metrics[k]),
                            none ? "–" : metric_show(cx, t->metrics[k], val_as_double(value, 0)),
                            none ? "" : val_print(cx->arena, value));
            val_put_text(cell, "url", val_get_text(same, "rows_path"));
        }
    }
    if (val_count(groups) == 0)
        val_put_text(into, "empty", "Nothing in this period.");
}

/* ---- reports ---- */
/* The address of the report's own page, asked the same. */
static const char *report_path(struct ctx *cx, const struct tile *t)
{
    return report_url(cx, t->report, t->report_asked, "", "");
}

static void put_report_funnel(struct ctx *cx, struct tile *t, struct val *into)
{
    struct drawn d = chart_begin(cx, t, "funnel", into);
    const struct val *steps = val_get(t->page, "steps");

    put_series(&d, "People", "series-1");
    for (size_t i = 0; i < val_count(steps); i++) {
        const struct val *s = val_at(steps, i);
        const char *url = val_get_text(s, "url"), *share = val_get_text(s, "of_before");
        struct val *row = put_row(&d, val_get_text(s, "text"), url, "");
        struct val *one = val_add_map((struct val *)val_get(row, "values"));
        val_put_text(one, "text", val_get_text(s, "people_text"));
        val_put_i64(one, "number", val_get_i64(s, "people", 0));
        val_put_text(one, "url", url);
        val_put_text(row, "note",
                     share[0] ? arena_printf(cx->arena, "%s of the step before", share) : "");
    }
}

static void put_report(struct ctx *cx, struct tile *t, struct val *into)
{
    const struct val *empty = val_get(t->page, "empty");
    static const char *const kept[] = { "table", "summary", "total", "people_text", "conversion" };

    val_put_text(into, "url", report_path(cx, t));
    val_put_text(into, "definition", val_get_text(t->page, "definition"));
    if (!val_is_null(empty)) {
        val_put_text(into, "empty", val_get_text(empty, "text"));
        return;
    }
    for (size_t i = 0; i < countof(kept); i++)
        if (val_get(t->page, kept[i]))
            val_put(into, kept[i], (struct val *)val_get(t->page, kept[i]));
    if (t->chart == CHART_SANKEY)
        val_put(into, "ways", (struct val *)val_get(t->page, "chart"));
    if (t->chart == CHART_FUNNEL)
        put_report_funnel(cx, t, into);
}

/* ---- a tile ---- */
/* "Not narrowed by owner and country: this cannot tell." */
static const char *notes_text(struct ctx *cx, const struct tile *t)
{
    struct buf b = buf_in(cx->arena, 2000);
    size_t count = val_count(t->notes);

    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%s%s",
                   i == 0          ? "Not narrowed by "
                   : i + 1 < count ? ", "
                                   : " or ",
                   val_as_text(val_at(t->notes, i), ""));
    buf_printf(&b, "%s%s%s", count ? "." : "", count && t->remark[0] ? " " : "", t->remark);
    return buf_end(&b);
}

static const char *definition_of(struct ctx *cx, const struct tile *t)
{
    struct buf b = buf_in(cx->arena, 8000);

    for (size_t i = 0; i < t->count; i++)
        buf_printf(&b, "%s%s: %s", i ? " " : "", t->metrics[i]->label, t->metrics[i]->definition);
    return buf_end(&b);
}

static void put_answer(struct ctx *cx, struct tile *t, struct val *into)
{
    if (t->report) {
        put_report(cx, t, into);
        return;
    }
    val_put_text(into, "definition", definition_of(cx, t));
    val_put_text(into, "url", arena_printf(cx->arena, "/insight/metrics/%s", t->metrics[0]->name));
    switch (t->chart) {
    case CHART_NUMBER:
    case CHART_GAUGE:
        put_number(cx, t, into);
        put_target(cx, t, into);
        if (t->chart == CHART_GAUGE && val_is_null(val_get(into, "target")))
            val_put_text(into, "empty",
                         "Nothing is aimed at: give this tile a target, or the metric one.");
        break;
    case CHART_TABLE:
        put_table(cx, t, into);
        break;
    case CHART_FUNNEL:
        put_funnel(cx, t, into);
        break;
    default:
        put_chart(cx, t, into);
    }
}

static bool unanswered(const struct tile *t)
{
    for (size_t i = 0; i < t->question_count; i++)
        if (t->answers[i] == NULL)
            return true;
    return false;
}

void tile_put(const struct board *b, struct tile *t, struct val *into)
{
    struct ctx *cx = b->cx;
    const char *id = row_id(t->row) ? id_text(cx->arena, row_id(t->row)) : "";
    const char *board = b->row ? id_text(cx->arena, row_id(b->row)) : "";
    const char *chart = row_text(t->row, TILE_CHART);

    val_put_text(into, "id", id);
    val_put_text(into, "title", tile_title(cx, t));
    val_put_text(into, "text", tile_title(cx, t));
    val_put_text(into, "kind", chart);
    val_put_bool(val_put_map(into, "is"), chart, true);
    val_put_i64(into, "width", row_has(t->row, TILE_WIDTH) ? row_i64(t->row, TILE_WIDTH) : 4);
    val_put_i64(into, "height", row_has(t->row, TILE_HEIGHT) ? row_i64(t->row, TILE_HEIGHT) : 2);
    val_put_i64(into, "version", row_version(t->row));
    val_put_printf(into, "path", "/dashboards/%s/tiles/%s", board, id);
    val_put_text(into, "live", tile_topics(cx, t));
    val_put_text(into, "src", ""); /* the page says where it follows what, and what may be done */
    val_put_text(into, "csv_url", "");
    val_put_bool(into, "can_change", false);
    val_put_text(into, "definition", "");
    val_put_text(into, "url", "");
    val_put_text(into, "empty", "");
    val_put_text(into, "note", notes_text(cx, t));
    val_put_text(into, "own_period", val_get_text(t->asked, "period"));
    val_put_null(into, "number");
    val_put_null(into, "target");
    val_put_null(into, "chart");
    val_put_null(into, "table");
    val_put_null(into, "ways");
    if (t->error[0] == '\0' && unanswered(t))
        t->error = "This cannot be answered.";
    if (t->error[0] == '\0')
        put_answer(cx, t, into);
    val_put_text(into, "error", t->error);
}
