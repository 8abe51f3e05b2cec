/* dashboard_tile.c -- reading a tile: what its question asks, and whether its chart can show the
 * answer. What cannot be drawn honestly is refused when the tile is saved, with what would do. */
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/dashboard_int.h"
#include "kit/question_show.h"

enum { SHOWN_BYTES = 60 };

/* ---- what is known of a chart ---- */
static const struct {
    const char *report; /* the report it draws; NULL: none */
    size_t least, most; /* metrics */
    enum { NEVER, MAYBE, ALWAYS } split;
    bool one_unit, sums; /* its metrics share an axis; its parts are added up */
} charts[CHART_KINDS] = {
    [CHART_NUMBER] = { NULL, 1, 1, NEVER },
    [CHART_LINE] = { NULL, 1, TILE_METRICS_MAX, ALWAYS, .one_unit = true },
    [CHART_BAR] = { NULL, 1, TILE_METRICS_MAX, ALWAYS, .one_unit = true },
    [CHART_STACKED] = { NULL, 1, TILE_METRICS_MAX, ALWAYS, .one_unit = true, .sums = true },
    [CHART_TABLE] = { "attribution", 1, TILE_METRICS_MAX, ALWAYS },
    [CHART_FUNNEL] = { "funnel", 2, TILE_METRICS_MAX, NEVER, .one_unit = true, .sums = true },
    [CHART_SANKEY] = { "paths" },
    [CHART_HEAT] = { "retention" },
    [CHART_MAP] = { NULL, 1, 1, ALWAYS },
    [CHART_GAUGE] = { NULL, 1, 1, NEVER },
};

static enum status bad(struct ctx *cx, const char *fmt, ...) PRINTF_LIKE(2, 3);
static enum status bad(struct ctx *cx, const char *fmt, ...)
{
    va_list args;
    const char *text;

    va_start(args, fmt);
    text = arena_vprintf(cx->arena, fmt, args);
    va_end(args);
    return ctx_fail_code(cx, E_INVALID, "tile.question", "%s", text);
}

static const char *chart_label(enum chart_kind c) { return chart_choices()[c].label; }

static enum status read_chart(struct ctx *cx, const char *word, enum chart_kind *out)
{
    const struct choice *all = chart_choices();

    for (int i = 0; all[i].value; i++) {
        if (text_is(all[i].value, word)) {
            *out = (enum chart_kind)i;
            return OK;
        }
    }
    return bad(cx, "A tile cannot be shown as '%s'.", utf8_cut(cx->arena, word, SHOWN_BYTES));
}

/* ---- of metrics ---- */
/* Which names a tile's question has beside those of one question. */
static bool is_own(const char *name)
{
    static const char *const names[] = { "metrics", "series", "target" };

    for (size_t i = 0; i < countof(names); i++)
        if (text_is(names[i], name))
            return true;
    return false;
}

static enum status read_metrics(struct ctx *cx, struct tile *t)
{
    const struct val *list = val_get(t->asked, "metrics");
    size_t count = val_kind_of(list) == VAL_LIST ? val_count(list) : 1;

    if (count < charts[t->chart].least || count > charts[t->chart].most)
        return charts[t->chart].least == charts[t->chart].most
                   ? bad(cx, "%s shows one metric.", chart_label(t->chart))
                   : bad(cx, "%s shows %zu to %zu metrics.", chart_label(t->chart),
                         charts[t->chart].least, charts[t->chart].most);
    for (size_t i = 0; i < count; i++) {
        const struct val *v =
            val_kind_of(list) == VAL_LIST ? val_at(list, i) : val_get(t->asked, "metric");
        const char *name = val_as_text(v, "");
        const struct metric *m = metric_find(cx, name);
        if (m == NULL)
            return name[0]
                       ? bad(cx, "There is no metric '%s'.", utf8_cut(cx->arena, name, SHOWN_BYTES))
                       : bad(cx, "Choose what is counted.");
        for (size_t k = 0; k < t->count; k++)
            if (t->metrics[k] == m)
                return bad(cx, "%s is there twice.", m->label);
        t->metrics[t->count++] = m;
    }
    for (size_t i = 1; i < t->count && charts[t->chart].one_unit; i++)
        if (t->metrics[i]->unit != t->metrics[0]->unit)
            return bad(cx,
                       "%s and %s have different units: one axis cannot show both. Make it a "
                       "table, or two tiles.",
                       t->metrics[0]->label, t->metrics[i]->label);
    return OK;
}

/* The question of one metric, as the API takes it: the tile's without what only tiles have. */
static struct val *question_val(struct ctx *cx, const struct tile *t, const struct metric *m)
{
    struct val *map = val_map(cx->arena);

    for (size_t i = 0; i < val_count(t->asked); i++) {
        const char *name = val_key_at(t->asked, i);
        if (!is_own(name))
            val_put(map, name, val_copy(cx->arena, val_value_at(t->asked, i)));
    }
    val_put_text(map, "metric", m->name);
    val_put_text(map, "dimension", t->by_time ? "" : t->dimension);
    return map;
}

/* Whether there is such a number at all, whoever asks. */
static bool can_be_asked(struct ctx *cx, const struct question *q)
{
    scoped(access_leave) struct access_guard g = access_enter_system(cx);

    return question_allowed(cx, q);
}

static enum status check_split(struct ctx *cx, const struct tile *t, const struct metric *m,
                               const struct question *q)
{
    struct question probe = *q;

    if (!can_be_asked(cx, &(struct question){ .metric = m->name }))
        return bad(cx, "%s cannot be asked.", m->label);
    probe.dimension = t->by_time ? "day" : t->dimension;
    if (t->dimension[0] && !can_be_asked(cx, &probe))
        return t->by_time ? bad(cx, "%s is not known over time.", m->label)
                          : bad(cx, "%s cannot be split by %s.", m->label,
                                utf8_cut(cx->arena, t->dimension, SHOWN_BYTES));
    probe.dimension = t->series;
    if (t->series[0] && !can_be_asked(cx, &probe))
        return bad(cx, "%s cannot be split by %s.", m->label,
                   utf8_cut(cx->arena, t->series, SHOWN_BYTES));
    return OK;
}

/* Only what metrics keep of journeys can be asked for one value of it at a time. */
static enum status check_series(struct ctx *cx, const struct tile *t)
{
    const struct metric *m = t->metrics[0];

    if (t->series[0] == '\0')
        return OK;
    if (t->chart != CHART_LINE && t->chart != CHART_STACKED)
        return bad(cx, "Only lines and stacked bars can be split into several.");
    if (t->count > 1)
        return bad(cx, "Split one metric, or show several: not both.");
    if (m->source == METRIC_DIVIDED) {
        const struct metric *a = metric_find(cx, m->numerator),
                            *b = metric_find(cx, m->denominator);
        if (a && b && metric_keeps(a, t->series) && metric_keeps(b, t->series))
            return OK;
    } else if (metric_keeps(m, t->series)) {
        return OK;
    }
    return bad(cx, "%s over time cannot be split by %s: split it by channel or campaign.", m->label,
               utf8_cut(cx->arena, t->series, SHOWN_BYTES));
}

static enum status check_sums(struct ctx *cx, const struct tile *t)
{
    for (size_t i = 0; i < t->count && charts[t->chart].sums; i++) {
        const struct metric *m = t->metrics[i];
        bool adds = m->source == METRIC_JOURNEY
                        ? m->counts <= SUM_OF_EVENTS
                        : m->source == METRIC_RECORDS && m->aggregate != AGG_AVG &&
                              m->aggregate != AGG_MEDIAN;
        if (!adds)
            return bad(cx, "%s is a share or a mean, which do not add up: choose %s.", m->label,
                       t->chart == CHART_STACKED ? "lines or bars" : "metrics that are counted");
    }
    if (t->chart == CHART_STACKED && t->count < 2 && t->series[0] == '\0')
        return bad(cx, "Stacked bars need parts: several metrics, or one that is split.");
    return OK;
}

static enum status read_dimension(struct ctx *cx, struct tile *t)
{
    t->dimension = val_get_text(t->asked, "dimension");
    t->series = val_get_text(t->asked, "series");
    if (t->dimension[0] == '\0' && (t->chart == CHART_LINE || t->chart == CHART_STACKED))
        t->dimension = "time";
    if (t->dimension[0] == '\0' && t->chart == CHART_MAP)
        t->dimension = "country";
    t->by_time = text_is(t->dimension, "time");
    if (charts[t->chart].split == NEVER && t->dimension[0])
        return bad(cx, "%s is not split: choose bars or a table for that.", chart_label(t->chart));
    if (charts[t->chart].split == ALWAYS && t->dimension[0] == '\0')
        return bad(cx, "Say by what it is split.");
    if (t->chart == CHART_LINE && !t->by_time)
        return bad(cx, "A line goes over time. Choose bars to compare groups.");
    if (t->series[0] && !t->by_time)
        return bad(cx, "Several lines, or parts of bars, go over time.");
    if (t->chart == CHART_MAP && !text_is(t->dimension, "country"))
        return bad(cx, "A map is of countries: split it by country.");
    return OK;
}

static enum status read_target(struct ctx *cx, struct tile *t)
{
    const struct val *v = val_get(t->asked, "target");

    t->target = val_as_double(v, 0);
    if (!val_is_null(v) && (t->target <= 0 || t->target > 1e15))
        return bad(cx, "A target is a number over 0.");
    return OK;
}

static enum status read_questions(struct ctx *cx, struct tile *t)
{
    TRY(read_metrics(cx, t));
    TRY(read_dimension(cx, t));
    TRY(read_target(cx, t));
    for (size_t i = 0; i < t->count; i++) {
        struct question *q = &t->qs[i];
        TRY(question_read(cx, question_val(cx, t, t->metrics[i]), q));
        TRY(check_split(cx, t, t->metrics[i], q));
        if (q->filter[0]) {
            const struct record_type *type =
                t->metrics[i]->type ? type_find(cx, t->metrics[i]->type) : NULL;
            struct filter *f;
            if (type == NULL)
                return bad(cx, "%s has no records that a filter could be held against.",
                           t->metrics[i]->label);
            TRY(filter_parse(cx, type, q->filter, &f));
        }
        if (t->count > 1 && t->metrics[0]->source != METRIC_DIVIDED && !t->by_time)
            q->order = t->metrics[0]->name;
    }
    t->question_count = t->count;
    TRY(check_series(cx, t));
    return check_sums(cx, t);
}

/* ---- of a report ---- */
static const struct report *find_report(struct ctx *cx, const char *name)
{
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < features[i]->route_count; k++) {
            const struct route *r = &features[i]->routes[k];
            if (r->handler == report_page && text_is(((const struct report *)r->data)->name, name))
                return r->data;
        }
    }
    return NULL;
}

static enum status read_report(struct ctx *cx, const char *name, struct tile *t)
{
    const char *drawn = charts[t->chart].report;

    t->report = find_report(cx, name);
    if (t->report == NULL)
        return bad(cx,
                   "There is no report '%s'. There are funnel, retention, paths and "
                   "attribution.",
                   utf8_cut(cx->arena, name, SHOWN_BYTES));
    if (drawn == NULL || (!text_is(drawn, name) && t->chart != CHART_TABLE))
        return bad(cx, "%s does not show the report %s.", chart_label(t->chart), t->report->title);
    if (t->chart == CHART_TABLE && text_is(name, "retention"))
        return bad(cx, "Retention is shown as a cohort heat map.");
    for (size_t i = 0; i < val_count(t->asked); i++) {
        const char *key = val_key_at(t->asked, i);
        if (!text_is(key, "report") && !text_is(key, "ask") && !text_is(key, "period"))
            return bad(cx, "A report's question has report, ask and period, not '%s'.",
                       utf8_cut(cx->arena, key, SHOWN_BYTES));
    }
    t->report_asked = val_get(t->asked, "ask");
    if (!val_is_null(t->report_asked) && val_kind_of(t->report_asked) != VAL_MAP)
        return bad(cx, "'ask' is a map of the report's parameters.");
    return report_check(cx, t->report, t->report_asked);
}

/* ---- both ---- */
enum status tile_read(struct ctx *cx, const struct row *row, struct tile *t)
{
    const char *json = row_text(row, TILE_QUESTION);
    struct val *asked;
    i64 from_ms, to_ms;

    *t = (struct tile){ .row = row, .dimension = "", .series = "", .error = "", .remark = "" };
    t->notes = val_list(cx->arena);
    TRY(read_chart(cx, row_text(row, TILE_CHART), &t->chart));
    if (json_read(cx->arena, str_from(json), &asked, NULL) != OK || val_kind_of(asked) != VAL_MAP)
        return bad(cx, "The question is no JSON object.");
    t->asked = asked;
    if (val_get_text(asked, "period")[0])
        TRY(period_read(cx, val_get_text(asked, "period"), &from_ms, &to_ms));
    if (val_get(asked, "report"))
        return read_report(cx, val_get_text(asked, "report"), t);
    if (charts[t->chart].most == 0)
        return bad(cx, "%s shows the report %s.", chart_label(t->chart), charts[t->chart].report);
    return read_questions(cx, t);
}

const char *tile_title(struct ctx *cx, const struct tile *t)
{
    struct buf b = buf_in(cx->arena, 4000);

    if (t->row && row_has(t->row, TILE_TITLE))
        return row_text(t->row, TILE_TITLE);
    if (t->report)
        return t->report->title;
    for (size_t i = 0; i < t->count; i++) {
        char *label = arena_text(cx->arena, t->metrics[i]->label);
        if (i > 0 && label[0] && label[1] >= 'a' && label[1] <= 'z') /* MQLs stay MQLs */
            label[0] = (char)(label[0] | 32);
        buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 < t->count ? ", " : " and ", label);
    }
    if (t->series[0] || (t->dimension[0] && !t->by_time)) {
        const char *by = t->series[0] ? t->series : t->dimension;
        buf_printf(&b, " by %s",
                   text_in_sentence(cx->arena, metric_cut_words(cx, t->metrics[0], by)));
    }
    return buf_end(&b);
}

static void add_topic(struct buf *b, const char *topic)
{
    struct str rest = { b->p, b->len }, one;

    while (str_split(&rest, ',', &one))
        if (str_is(one, topic))
            return;
    buf_printf(b, "%s%s", b->len ? "," : "", topic);
}

/* What is worked out of other numbers follows these: its answer says which. */
static void add_metric_topics(struct ctx *cx, const struct metric *m, const struct val *answer,
                              struct buf *b)
{
    const struct val *parts = val_get(answer, "parts");

    if (m && m->source == METRIC_JOURNEY)
        add_topic(b, "traffic");
    else if (m && m->source == METRIC_RECORDS)
        add_topic(b, m->type);
    for (size_t i = 0; i < val_count(parts); i++)
        add_metric_topics(cx, metric_find(cx, val_get_text(val_at(parts, i), "metric")),
                          val_at(parts, i), b);
}

const char *tile_topics(struct ctx *cx, const struct tile *t)
{
    struct buf b = buf_in(cx->arena, 1000);

    for (size_t i = 0; i < t->count; i++)
        add_metric_topics(cx, t->metrics[i], t->answers[i], &b);
    if (t->report)
        add_topic(&b, "traffic");
    if (t->report && text_is(t->report->name, "attribution")) {
        add_topic(&b, "contact");
        add_topic(&b, "deal");
    }
    return buf_end(&b);
}
