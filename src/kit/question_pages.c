/* question_pages.c -- numbers over the API, the catalogue of all metrics, and the page of one. */
#include "kit/kit.h"
#include "kit/question_int.h"
#include "kit/question_show.h"

enum { API_QUESTIONS = 20 };

static const char *source_word(const struct metric *m)
{
    return m->source == METRIC_RECORDS   ? "records"
           : m->source == METRIC_JOURNEY ? "journey"
                                         : "divided";
}

/* ---- by what a metric can be split ---- */
static void add_cut(struct ctx *cx, const struct metric *m, const char *name, const char *text,
                    struct metric_cut *cuts, size_t *count)
{
    struct question q = { .metric = m->name, .dimension = name };

    for (size_t i = 0; i < *count; i++)
        if (text_is(cuts[i].name, name))
            return;
    if (*count < METRIC_CUTS_MAX && question_allowed(cx, &q))
        cuts[(*count)++] = (struct metric_cut){ name, text };
}

/* What both parts of a ratio know; of records also their choices and references. */
size_t metric_cuts(struct ctx *cx, const struct metric *m, struct metric_cut cuts[METRIC_CUTS_MAX])
{
    static const struct metric_cut common[] = { { "channel", "channel" },
                                                { "campaign", "campaign" },
                                                { "owner", "owner" } };
    const struct metric *part = m->source == METRIC_DIVIDED ? metric_find(cx, m->denominator) : m;
    const struct record_type *t = part && part->type ? type_find(cx, part->type) : NULL;
    size_t count = 0, feature_count;
    const struct feature *const *features = kit_features(cx->kit, &feature_count);

    for (size_t i = 0; i < countof(common); i++)
        add_cut(cx, m, common[i].name, common[i].text, cuts, &count);
    for (size_t i = 0; i < feature_count; i++)
        for (size_t j = 0; j < features[i]->dimension_count; j++)
            add_cut(cx, m, features[i]->dimensions[j].name,
                    text_lower_ascii(cx->arena, features[i]->dimensions[j].label), cuts, &count);
    for (int i = 0; t && i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        const struct record_type *to = f->kind == FIELD_REF ? type_find(cx, f->ref) : NULL;
        bool few = to && (f->flags & LISTED) && !(f->flags & OWNER) && /* is there already */
                   !(to->flags & TYPE_TIMELINE);                       /* as many as rows */
        if (few || f->kind == FIELD_CHOICE)
            add_cut(cx, m, f->name, text_lower_ascii(cx->arena, f->label), cuts, &count);
    }
    return count;
}

/* ---- API ---- */
static enum status ask_one(struct ctx *cx, const struct val *from, struct val **answer)
{
    struct question q;

    TRY(question_read(cx, from, &q));
    return question_ask(cx, &q, answer);
}

static enum status question_get(struct req *rq)
{
    struct val *answer;

    TRY(ask_one(rq->cx, rq->query, &answer));
    return reply_json(rq, 200, answer);
}

/* One question, or {"questions": [...]} -> {"answers": [...]}. */
static enum status question_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct val *list = val_get(rq->form, "questions");
    struct question qs[API_QUESTIONS];
    struct val *answers[API_QUESTIONS], *out = val_map(cx->arena);
    size_t count = val_count(list);

    if (val_kind_of(list) != VAL_LIST) {
        TRY(ask_one(cx, rq->form, &out));
        return reply_json(rq, 200, out);
    }
    if (count > API_QUESTIONS)
        return ctx_fail_code(cx, E_LIMIT, "question.too_many", "At most %d questions at once.",
                             API_QUESTIONS);
    for (size_t i = 0; i < count; i++)
        TRY(question_read(cx, val_at(list, i), &qs[i]));
    TRY(question_ask_many(cx, qs, count, answers));
    struct val *all = val_put_list(out, "answers");
    for (size_t i = 0; i < count; i++)
        val_add(all, answers[i]);
    return reply_json(rq, 200, out);
}

static enum status metrics_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *out = val_map(cx->arena), *list = val_put_list(out, "metrics");
    size_t count;
    const struct metric *const *all = metric_all(cx, &count);

    for (size_t i = 0; i < count; i++) {
        struct metric_cut cuts[METRIC_CUTS_MAX];
        if (!question_allowed(cx, &(struct question){ .metric = all[i]->name }))
            continue;
        struct val *one = val_add_map(list), *dimensions;
        val_put_text(one, "name", all[i]->name);
        val_put_text(one, "label", all[i]->label);
        val_put_text(one, "unit", metric_unit_word(all[i]));
        val_put_text(one, "definition", all[i]->definition);
        val_put_text(one, "team", all[i]->team ? all[i]->team : "");
        val_put_text(one, "source", source_word(all[i]));
        val_put_bool(one, "less_is_better", all[i]->less_is_better);
        dimensions = val_put_list(one, "dimensions");
        for (size_t n = metric_cuts(cx, all[i], cuts), j = 0; j < n; j++)
            val_add_text(dimensions, cuts[j].name);
        if (question_allowed(cx,
                             &(struct question){ .metric = all[i]->name, .dimension = "day" })) {
            val_add_text(dimensions, "hour");
            val_add_text(dimensions, "day");
            val_add_text(dimensions, "week");
            val_add_text(dimensions, "month");
        }
    }
    return reply_json(rq, 200, out);
}

/* ---- the catalogue ---- */
static struct val *put_cell(struct val *cells, const char *kind, const char *text)
{
    struct val *cell = val_add_map(cells);

    if (text[0] == '\0')
        kind = "empty";
    val_put_text(cell, "kind", kind);
    val_put_bool(val_put_map(cell, "is"), kind, true);
    val_put_text(cell, "text", text);
    return cell;
}

static void put_column(struct val *columns, const char *label, const char *kind)
{
    struct val *one = val_add_map(columns);

    val_put_text(one, "label", label);
    val_put_text(one, "kind", kind);
}

static void put_catalogue_row(struct ctx *cx, const struct val *answer, const char *period,
                              struct val *rows)
{
    const struct metric *m = metric_find(cx, val_get_text(answer, "metric"));
    struct val *row = val_add_map(rows), *cells = val_put_list(row, "cells");
    const struct val *change = show_change(cx, answer);
    const char *url = arena_printf(cx->arena, "/insight/metrics/%s?period=%s", m->name,
                                   http_url_encode(cx->arena, period));
    static const struct {
        const char *team, *text;
    } teams[] = { { "marketing", "Marketing" },
                  { "sales", "Sales" },
                  { "service", "Service" },
                  { "both", "Both teams" } };
    const char *team = "";

    for (size_t i = 0; i < countof(teams); i++)
        if (m->team && text_is(m->team, teams[i].team))
            team = teams[i].text;
    val_put_text(row, "url", url);
    struct val *title = put_cell(cells, "title", m->label);
    val_put_text(title, "url", url);
    val_put_text(title, "initials", "");
    put_cell(cells, m->unit == UNIT_MONEY ? "money" : "decimal", val_get_text(answer, "text"));
    put_cell(cells, "text", val_get_text(change, "text"));
    put_cell(cells, "text", team);
    put_cell(cells, "longtext", m->definition);
}

static enum status catalogue(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *columns = val_put_list(page, "columns");
    struct val *rows = val_put_list(page, "rows"), *answers[QUESTIONS_MAX];
    struct question qs[QUESTIONS_MAX], q = { 0 };
    const char *period;
    size_t all_count, count;
    const struct metric *const *all = metric_all(cx, &all_count);

    TRY(show_period_read(rq, &period, &q));
    val_put_text(page, "title", "Metrics");
    val_put_printf(page, "description",
                   "Every number that pages, reports and the API use, each with one definition for "
                   "both teams. %s, compared with the same time before.",
                   period_label(cx, period));
    val_put_list(page, "actions");
    put_column(columns, "Metric", "title");
    put_column(columns, "Value", "decimal");
    put_column(columns, "Change", "text");
    put_column(columns, "Team", "text");
    put_column(columns, "How it is counted", "longtext");
    for (size_t i = 0; i < all_count;) { /* in as many goes as are needed */
        for (count = 0; i < all_count && count < QUESTIONS_MAX; i++) {
            q.metric = all[i]->name;
            if (question_allowed(cx, &q))
                qs[count++] = q;
        }
        TRY(question_ask_many(cx, qs, count, answers));
        for (size_t j = 0; j < count; j++)
            put_catalogue_row(cx, answers[j], period, rows);
    }
    return reply(rq, "kit/table", page);
}

/* ---- one metric ---- */
static const char *metric_url(struct ctx *cx, const struct metric *m, const char *by,
                              const char *period)
{
    return arena_printf(cx->arena, "/insight/metrics/%s?by=%s&period=%s", m->name,
                        http_url_encode(cx->arena, by), http_url_encode(cx->arena, period));
}

static void put_cuts(struct ctx *cx, const struct metric *m, const struct metric_cut *cuts,
                     size_t count, const char *by, const char *period, struct val *page)
{
    struct val *list = val_put_list(page, "cuts");

    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        val_put_printf(one, "text", "By %s", cuts[i].text);
        val_put_text(one, "url", metric_url(cx, m, cuts[i].name, period));
        val_put_bool(one, "on", text_is(cuts[i].name, by));
    }
}

static void put_breakdown(struct ctx *cx, const struct metric *m, const struct val *answer,
                          const char *by, struct val *page)
{
    const struct val *groups = val_get(answer, "groups");
    struct val *table = val_put_map(page, "breakdown"), *rows;
    struct val *columns = val_put_list(table, "columns");
    const char *kind = m->unit == UNIT_MONEY   ? "money"
                       : m->unit == UNIT_RATIO ? "percent"
                                               : "integer";
    double most = show_most(groups);

    put_column(columns, "", "text");
    put_column(columns, m->label, kind);
    put_column(columns, "Before", kind);
    put_column(columns, "Change", "text");
    rows = val_put_list(table, "rows");
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i), *before = val_get(g, "before");
        const struct val *change = show_change(cx, g);
        struct val *row = val_add_map(rows), *cells;
        bool channel = text_is(by, "channel") || text_is(by, "first_channel");
        val_put_text(row, "text", val_get_text(g, "label"));
        val_put_text(row, "url", val_get_text(g, "rows_path"));
        val_put_text(row, "channel_value", channel ? val_get_text(g, "key") : "");
        val_put_i64(row, "percent", show_percent(val_get(g, "value"), most));
        cells = val_put_list(row, "cells");
        put_cell(cells, kind, val_get_text(g, "text"));
        put_cell(cells, kind,
                 val_is_null(before) ? "" : metric_show(cx, m, val_as_double(before, 0)));
        put_cell(cells, "text", val_get_text(change, "text"));
    }
}

static enum status put_metric(struct ctx *cx, const struct metric *m, struct question q,
                              const char *by, struct val *page)
{
    struct question whole = q, line = q, split = q;
    struct val *answers[3];
    struct val *change;

    line.dimension = show_period_unit(&q);
    split.dimension = by;
    bool drawn = question_allowed(cx, &line);
    if (!drawn)
        line = whole;
    if (by[0] == '\0')
        split = whole;
    struct question qs[] = { whole, line, split };
    TRY(question_ask_many(cx, qs, countof(qs), answers));
    show_value_put(cx, answers[0], page);
    change = show_change(cx, answers[0]);
    val_put(page, "change", change ? change : val_null(cx->arena));
    val_put_text(page, "rows_url", val_get_text(answers[0], "rows_path"));
    if (drawn)
        show_chart_put(cx, answers[1], page);
    else
        val_put_null(page, "chart");
    if (by[0])
        put_breakdown(cx, m, answers[2], by, page);
    else
        val_put_null(page, "breakdown");
    return OK;
}

/* GET /insight/metrics/:name?period=&by= */
static enum status metric_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    const struct metric *m = metric_find(cx, req_param(rq, "name"));
    struct question q = { .metric = req_param(rq, "name") };
    struct metric_cut cuts[METRIC_CUTS_MAX];
    const char *period, *by = req_query(rq, "by");

    if (m == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "There is no metric '%s'.", req_param(rq, "name"));
    if (!question_allowed(cx, &q))
        return ctx_fail(cx, E_FORBIDDEN, "You may not see what %s is counted from.", m->label);
    TRY(show_period_read(rq, &period, &q));
    size_t count = metric_cuts(cx, m, cuts);
    if (text_empty(by))
        by = count ? cuts[0].name : "";
    val_put_text(page, "title", m->label);
    val_put_text(page, "name", m->name);
    val_put_text(page, "definition", m->definition);
    if (m->source == METRIC_DIVIDED)
        val_put_printf(page, "formula", "%s / %s", m->numerator, m->denominator);
    show_period_put(cx, period,
                    arena_printf(cx->arena, "/insight/metrics/%s?by=%s", m->name,
                                 http_url_encode(cx->arena, by)),
                    page);
    put_cuts(cx, m, cuts, count, by, period, page);
    TRY(put_metric(cx, m, q, by, page));
    return reply(rq, "kit/metric", page);
}

/* GET /metrics-catalogue: an earlier address. */
static enum status catalogue_moved(struct req *rq)
{
    return reply_redirect(rq, "/insight/metrics");
}

static const struct route routes[] = {
    { HTTP_GET, "/api/v1/question", question_get, .flags = ROUTE_SIGNED_IN | ROUTE_API,
      .summary =
          "Ask for a number: metric, dimension, filter, period, comparison; journeys narrowed "
          "by any dimension (channel=email)" },
    { HTTP_POST, "/api/v1/question", question_post,
      .flags = ROUTE_SIGNED_IN | ROUTE_API | ROUTE_SLOW,
      .summary = "Ask for one number, or for several at once" },
    { HTTP_GET, "/api/v1/metrics", metrics_get, .flags = ROUTE_SIGNED_IN | ROUTE_API,
      .summary = "All metrics with their definitions and dimensions" },
    { HTTP_GET, "/metrics-catalogue", catalogue_moved, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/insight/metrics", catalogue, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/insight/metrics/:name", metric_page, .flags = ROUTE_SIGNED_IN },
};
static const struct menu_item menu[] = {
    { "insight", "Metrics", "/insight/metrics", "chart-bar", NULL, 1 },
};
const struct feature feature_question_pages = { .name = "question_pages",
                                                ROUTES(routes),
                                                MENU(menu) };
