/* traffic_vitals.c -- how fast the sites' pages were for those who read them: web vitals, at the
 * line of three quarters, with the shares that were good, fair and poor, and by page and device. */
#include "bridge/measure.h"
#include "bridge/report.h"
#include "kit/question_show.h"
#include "kit/show.h"
#include "marketing/traffic_int.h"

enum { ROWS = 100, VITALS_ASKED = 3 };

static const char *const ratings[] = {
    [VITAL_GOOD] = "good", [VITAL_FAIR] = "fair", [VITAL_POOR] = "poor"
};
static const char *const rating_texts[] = {
    [VITAL_GOOD] = "Good", [VITAL_FAIR] = "Needs improvement", [VITAL_POOR] = "Poor"
};
static const struct {
    const char *dimension, *text;
} cuts[] = { { "page", "Pages" },
             { "device", "Devices" },
             { "browser", "Browsers" },
             { "country", "Countries" },
             { "site", "Sites" } };

static enum vital_rating rate(enum vital v, const struct val *value)
{
    return vital_rating(v, val_as_double(value, 0) * (v == VITAL_CLS ? 1000 : 1));
}

static const char *line_text(struct ctx *cx, enum vital v, int line)
{
    const struct metric *m = metric_find(cx, vital_kinds[v].name);

    return metric_show(cx, m, v == VITAL_CLS ? line / 1000.0 : line);
}

/* One vital as a card: answers are of its three metrics. */
static void put_card(struct page *p, enum vital v, struct val *const *answers, struct val *list)
{
    struct val *one = val_add_map(list), *change = show_change(p->cx, answers[0]);
    const struct val *value = val_get(answers[0], "value");
    bool known = !val_is_null(value);
    enum vital_rating r = rate(v, value);
    double good = val_as_double(val_get(answers[1], "value"), 0),
           poor = val_as_double(val_get(answers[2], "value"), 0);

    val_put_text(one, "name", vital_kinds[v].name);
    val_put_text(one, "short", vital_kinds[v].short_name);
    val_put_text(one, "text", vital_kinds[v].label);
    val_put_text(one, "about", vital_kinds[v].about);
    val_put_text(one, "url", traffic_url(p, p->path, "metric", vital_kinds[v].name));
    val_put_bool(one, "on", text_is(p->metric, vital_kinds[v].name));
    val_put_bool(one, "known", known);
    val_put_text(one, "value", known ? val_get_text(answers[0], "text") : "–");
    val_put_text(one, "rating", known ? ratings[r] : "");
    val_put_text(one, "rating_text", known ? rating_texts[r] : "Not measured");
    val_put_printf(one, "good", "%.0f", good * 100);
    val_put_printf(one, "poor", "%.0f", poor * 100);
    val_put_printf(one, "fair", "%.0f", (1 - good - poor) * 100);
    val_put_printf(one, "fair_from", "%.0f", good * 100);
    val_put_printf(one, "poor_from", "%.0f", (1 - poor) * 100);
    val_put_printf(one, "lines", "Good up to %s, poor above %s",
                   line_text(p->cx, v, vital_kinds[v].good),
                   line_text(p->cx, v, vital_kinds[v].poor));
    if (change) /* the card is a link itself */
        val_put_text(change, "url", "");
    val_put(one, "change", change ? change : val_null(p->cx->arena));
}

static struct question ask(const struct page *p, const char *metric, const char *dimension)
{
    struct question q = p->q;

    q.metric = metric;
    q.dimension = dimension;
    return q;
}

static const char *cut_of(const struct page *p)
{
    for (size_t i = 0; i < countof(cuts); i++)
        if (text_is(cuts[i].dimension, p->by))
            return cuts[i].dimension;
    return cuts[0].dimension;
}

static const struct val *cell_of(const struct val *answer, const char *key)
{
    const struct val *groups = val_get(answer, "groups");

    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_get_text(val_at(groups, i), "key"), key))
            return val_at(groups, i);
    return NULL;
}

/* Rows by how many page views were measured, so that one slow reader is not the first of all. */
static void put_table(struct page *p, const char *cut, const struct val *counted,
                      struct val *const *by, struct val *page)
{
    const struct val *groups = val_get(counted, "groups");
    struct val *rows = val_put_list(page, "rows"), *tabs = val_put_list(page, "tabs");

    for (size_t i = 0; i < countof(cuts); i++) {
        struct val *tab;
        if (p->site && text_is(cuts[i].dimension, "site"))
            continue;
        tab = val_add_map(tabs);
        val_put_text(tab, "text", cuts[i].text);
        val_put_text(tab, "url", traffic_url(p, p->path, "by", cuts[i].dimension));
        val_put_bool(tab, "on", text_is(cuts[i].dimension, cut));
    }
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        const char *key = val_get_text(g, "key");
        struct val *row, *cells;
        if (val_is_null(val_get(g, "key")) || text_is(key, "(other)"))
            continue;
        row = val_add_map(rows);
        cells = val_put_list(row, "cells");
        val_put_text(row, "text", val_get_text(g, "label"));
        val_put_text(row, "url", traffic_url(p, p->path, cut, key));
        val_put_text(row, "count", val_get_text(g, "text"));
        for (int v = 0; v < VITALS; v++) {
            struct val *cell = val_add_map(cells);
            const struct val *said = cell_of(by[v], key), *value = val_get(said, "value");
            bool known = !val_is_null(value);
            val_put_text(cell, "text", known ? val_get_text(said, "text") : "–");
            val_put_text(cell, "rating", known ? ratings[rate((enum vital)v, value)] : "");
            val_put_text(cell, "rating_text",
                         known ? rating_texts[rate((enum vital)v, value)] : "");
        }
    }
    val_put_bool(page, "has_rows", val_count(rows) > 0);
}

static enum status put_vitals(struct page *p, struct val *page)
{
    static const char *const endings[VITALS_ASKED] = { "", "_good", "_poor" };
    struct question qs[VITALS * (VITALS_ASKED + 1) + 2];
    struct val *answers[countof(qs)], *cards = val_put_list(page, "cards");
    const char *cut = cut_of(p);
    size_t n = 0, chart, counted, by;
    bool any = false;

    for (int v = 0; v < VITALS; v++)
        for (int k = 0; k < VITALS_ASKED; k++)
            qs[n++] =
                ask(p, arena_printf(p->cx->arena, "%s%s", vital_kinds[v].name, endings[k]), "");
    chart = n;
    qs[n++] = ask(p, p->metric, show_period_unit(&p->q));
    counted = n;
    qs[n] = ask(p, "measured_views", cut);
    qs[n++].limit = ROWS;
    by = n;
    for (int v = 0; v < VITALS; v++) {
        qs[n] = ask(p, vital_kinds[v].name, cut);
        qs[n].order = "measured_views";
        qs[n++].limit = ROWS;
    }
    for (size_t i = chart; i < n; i++)
        if (i != chart)
            qs[i].compare_from_ms = qs[i].compare_to_ms = 0;
    TRY(question_ask_many(p->cx, qs, n, answers));
    for (int v = 0; v < VITALS; v++) {
        put_card(p, (enum vital)v, &answers[v * VITALS_ASKED], cards);
        any |= !val_is_null(val_get(answers[v * VITALS_ASKED], "value"));
    }
    val_put_bool(page, "has_vitals", any);
    show_chart_put(p->cx, answers[chart], page);
    val_put_text(page, "definition", val_get_text(answers[chart], "definition"));
    put_table(p, cut, answers[counted], &answers[by], page);
    return OK;
}

/* What Traffic draws is not drawn here: the link that leads from there may say it. */
static void read_vital(struct page *p)
{
    for (int v = 0; v < VITALS; v++)
        if (text_is(vital_kinds[v].name, p->metric))
            return;
    p->metric = vital_kinds[VITAL_LCP].name;
}

enum status traffic_put_vitals(struct page *p, enum status s, struct val *page)
{
    struct val *crumb = val_add_map(val_put_list(page, "crumbs"));

    read_vital(p);
    val_put_text(page, "title", "Web vitals");
    val_put_text(crumb, "text", "Traffic");
    val_put_text(crumb, "url", traffic_url(p, p->base, "metric", "visitors"));
    TRY(traffic_put_asked(p, page));
    return s == OK ? put_vitals(p, page) : OK;
}

enum status traffic_vitals(struct req *rq)
{
    struct page p = { .base = "/traffic", .path = "/traffic/vitals" };
    struct val *page = val_map(rq->cx->arena);
    enum status s = traffic_read(rq, &p);

    TRY(traffic_said(rq, s, page));
    if (s == OK && traffic_is_form(rq))
        return reply_redirect(rq, traffic_url(&p, p.path, "", ""));
    TRY(traffic_put_vitals(&p, s, page));
    return reply(rq, "traffic/vitals", page);
}
