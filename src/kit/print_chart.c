/* print_chart.c -- numbers, lines, bars, funnels, gauges and tables with the pen. */
#include "base/buf.h"
#include "kit/print_int.h"
#include <math.h>

static const struct lettering small = { 7, false, "ink-2", TEXT_LEFT };
static const struct lettering right = { 7, false, "ink-2", TEXT_RIGHT };
static const struct lettering center = { 7, false, "ink-2", TEXT_CENTER };

/* ---- one number ---- */
/* "0,18 10,12 ..." in a box 100 wide and 24 high. */
static void draw_spark(const struct pen *p, const char *points, struct box b)
{
    struct str rest = str_from(points), pair, x;
    bool first = true;

    pen_color(p, "ink-3", 1);
    cairo_set_line_width(p->cr, 0.9);
    while (str_split(&rest, ' ', &pair)) {
        if (!str_split(&pair, ',', &x))
            continue;
        double px = b.x + strtod(x.p, NULL) / 100 * b.w, py = b.y + strtod(pair.p, NULL) / 24 * b.h;
        (first ? cairo_move_to : cairo_line_to)(p->cr, px, py);
        first = false;
    }
    cairo_stroke(p->cr);
}

static const char *value_text(const struct pen *p, const struct val *number)
{
    const char *unit = val_get_text(number, "unit");

    return unit[0] ? arena_printf(p->cx->arena, "%s %s", val_get_text(number, "value"), unit)
                   : val_get_text(number, "value");
}

static const char *target_text(const struct pen *p, const struct val *target)
{
    return val_is_null(target)
               ? ""
               : arena_printf(p->cx->arena, "%s of target %s", val_get_text(target, "share"),
                              val_get_text(target, "text"));
}

void print_number(const struct pen *p, const struct val *tile, struct box b)
{
    const struct val *number = val_get(tile, "number"), *change = val_get(number, "change");
    const char *sign = val_get_text(change, "sign");
    struct box foot = { b.x, b.y + b.h - 12, b.w * 0.6, 12 };

    pen_text(p, (struct box){ b.x, b.y, b.w, 24 }, (struct lettering){ 18, true, "ink", TEXT_LEFT },
             value_text(p, number));
    pen_text(p, (struct box){ b.x, b.y + 24, b.w, 10 }, small,
             target_text(p, val_get(tile, "target")));
    if (!val_is_null(change))
        pen_text(p, foot,
                 (struct lettering){ 7, false, val_get_bool(change, "good") ? "good" : "bad",
                                     TEXT_LEFT },
                 arena_printf(p->cx->arena, "%s%s",
                              text_is(sign, "up")     ? "▲ "
                              : text_is(sign, "down") ? "▼ "
                                                      : "",
                              val_get_text(change, "text")));
    draw_spark(p, val_get_text(number, "points"),
               (struct box){ b.x + b.w * 0.64, b.y + b.h - 17, b.w * 0.36, 16 });
}

void print_gauge(const struct pen *p, const struct val *tile, struct box b)
{
    const struct val *target = val_get(tile, "target");
    double part = (double)val_get_i64(target, "percent", 0) / 100;
    double radius = fmin(b.w / 2 - 8, b.h - 26), x = b.x + b.w / 2, y = b.y + radius + 4;

    cairo_set_line_width(p->cr, radius * 0.22);
    pen_color(p, "line", 1);
    cairo_arc(p->cr, x, y, radius * 0.88, M_PI, 2 * M_PI);
    cairo_stroke(p->cr);
    pen_color(p, val_get_bool(target, "reached") ? "series-1" : "series-2", 1);
    cairo_arc(p->cr, x, y, radius * 0.88, M_PI, M_PI * (1 + part));
    cairo_stroke(p->cr);
    pen_text(p, (struct box){ b.x, y - 20, b.w, 20 },
             (struct lettering){ 15, true, "ink", TEXT_CENTER },
             value_text(p, val_get(tile, "number")));
    pen_text(p, (struct box){ b.x, y + 2, b.w, 10 }, center, target_text(p, target));
}

/* ---- axes ---- */
struct plot {
    const struct val *columns, *rows;
    size_t series, count;
    bool stacked;
    double most, least, step;
    struct box b; /* inside the axes */
};

static double number_at(const struct plot *g, size_t row, size_t series, bool *known)
{
    const struct val *v =
        val_get(val_at(val_get(val_at(g->rows, row), "values"), series), "number");
    enum val_kind kind = val_kind_of(v);

    *known = kind == VAL_I64 || kind == VAL_DECIMAL;
    return val_as_double(v, 0);
}

static const char *color_at(const struct plot *g, size_t row, size_t series)
{
    const char *channel = val_get_text(val_at(g->rows, row), "channel");

    return channel[0] && g->series == 1 ? channel
                                        : val_get_text(val_at(g->columns, series), "color");
}

/* 1, 2, 5, 10, 20 ... : at most four steps to the greatest. */
static double nice_step(double span)
{
    static const double parts[] = { 1, 2, 5 };
    double ten = pow(10, floor(log10(span)) - 1);

    for (;; ten *= 10)
        for (size_t i = 0; i < countof(parts); i++)
            if (span / (parts[i] * ten) <= 4.5)
                return parts[i] * ten;
}

static void measure(struct plot *g, const struct val *chart)
{
    g->columns = val_get(chart, "columns");
    g->rows = val_get(chart, "rows");
    g->series = val_count(g->columns);
    g->count = val_count(g->rows);
    g->stacked = text_is(val_get_text(chart, "kind"), "stack");
    for (size_t i = 0; i < g->count; i++) {
        double sum = 0;
        bool known;
        for (size_t k = 0; k < g->series; k++) {
            double n = number_at(g, i, k, &known);
            sum = g->stacked ? sum + n : n;
            g->most = fmax(g->most, sum);
            g->least = fmin(g->least, sum);
        }
    }
    if (g->most - g->least <= 0)
        g->most = g->least + 1;
    g->step = nice_step(g->most - g->least);
    g->most = ceil(g->most / g->step - 1e-9) * g->step;
}

/* "€120K", "40%", "1.5M" */
static const char *tick_text(const struct pen *p, const char *unit, double n)
{
    bool behind =
        text_is(unit, "%") || text_is(unit, "min") || text_is(unit, "s") || text_is(unit, "ms");
    double size = fabs(n);
    const char *number = size >= 1e6   ? arena_printf(p->cx->arena, "%gM", n / 1e6)
                         : size >= 1e3 ? arena_printf(p->cx->arena, "%gK", n / 1e3)
                                       : arena_printf(p->cx->arena, "%g", n);

    return behind
               ? arena_printf(p->cx->arena, "%s%s%s", number, text_is(unit, "%") ? "" : " ", unit)
               : arena_printf(p->cx->arena, "%s%s", unit, number);
}

static double y_of(const struct plot *g, double n)
{
    return g->b.y + g->b.h * (1 - (n - g->least) / (g->most - g->least));
}

static double x_of(const struct plot *g, size_t i, bool line)
{
    if (line)
        return g->b.x + (g->count > 1 ? g->b.w * (double)i / (double)(g->count - 1) : g->b.w / 2);
    return g->b.x + g->b.w * ((double)i + 0.5) / (double)g->count;
}

static void draw_axes(const struct pen *p, struct plot *g, const char *unit, bool line)
{
    double room = 0, widest = 1;
    size_t every = 1;

    for (double n = 0; n <= g->most + g->step / 2; n += g->step)
        room = fmax(room, pen_width(p, 7, tick_text(p, unit, n)));
    g->b.x += room + 5;
    g->b.w -= room + 5;
    for (double n = g->least; n <= g->most + g->step / 2; n += g->step) {
        pen_line(p, g->b.x, y_of(g, n), g->b.x + g->b.w, y_of(g, n), "line", 0.5);
        pen_text(p, (struct box){ g->b.x - room - 5, y_of(g, n) - 5, room + 1, 10 }, right,
                 tick_text(p, unit, n));
    }
    for (size_t i = 0; i < g->count; i++)
        widest = fmax(widest, pen_width(p, 7, val_get_text(val_at(g->rows, i), "text")));
    while (every < g->count && g->b.w / (double)g->count * (double)every < widest + 8)
        every++;
    for (size_t i = 0; i < g->count; i += every) {
        const char *text = val_get_text(val_at(g->rows, i), "text");
        double half = pen_width(p, 7, text) / 2 + 1;
        double x = fmin(x_of(g, i, line), g->b.x + g->b.w + 8 - half); /* the last stays inside */
        pen_text(p, (struct box){ x - 40, g->b.y + g->b.h + 2, 80, 10 }, center, text);
    }
}

/* ---- lines, bars ---- */
static void draw_legend(const struct pen *p, const struct plot *g, struct box b)
{
    double x = b.x;

    for (size_t k = 0; k < g->series; k++) {
        const struct val *c = val_at(g->columns, k);
        double width = pen_width(p, 7, val_get_text(c, "text")) + 2;
        pen_fill(p, (struct box){ x, b.y + 2.5, 5, 5 }, val_get_text(c, "color"), 1);
        pen_text(p, (struct box){ x + 8, b.y, width, 10 }, small, val_get_text(c, "text"));
        x += width + 18;
    }
}

static void draw_lines(const struct pen *p, const struct plot *g)
{
    static const double dashes[] = { 2.5, 2 };

    for (size_t k = g->series; k-- > 0;) {
        const char *color = val_get_text(val_at(g->columns, k), "color");
        bool before = text_is(color, "compare"), pen_down = false, known;
        pen_color(p, color, 1);
        cairo_set_line_width(p->cr, before ? 0.7 : 1.4);
        cairo_set_dash(p->cr, dashes, before ? 2 : 0, 0);
        cairo_set_line_join(p->cr, CAIRO_LINE_JOIN_ROUND);
        for (size_t i = 0; i < g->count; i++) {
            double n = number_at(g, i, k, &known);
            if (known)
                (pen_down ? cairo_line_to : cairo_move_to)(p->cr, x_of(g, i, true), y_of(g, n));
            pen_down = known;
        }
        cairo_stroke(p->cr);
        cairo_set_dash(p->cr, NULL, 0, 0);
    }
}

static void draw_bars(const struct pen *p, const struct plot *g)
{
    double room = g->b.w / (double)g->count * 0.7;
    double width = fmin(18, g->stacked ? room : room / (double)g->series);
    bool known;

    for (size_t i = 0; i < g->count; i++) {
        double x = x_of(g, i, false), sum = 0;
        for (size_t k = 0; k < g->series; k++) {
            double n = number_at(g, i, k, &known), from = g->stacked ? sum : 0;
            double left =
                g->stacked ? x - width / 2 : x + width * ((double)k - (double)g->series / 2);
            sum += n;
            pen_fill(p,
                     (struct box){ left, y_of(g, from + n), width - 0.4,
                                   y_of(g, from) - y_of(g, from + n) },
                     color_at(g, i, k), 1);
        }
    }
}

/* Lying bars with their names, numbers and what is said of them. */
static void draw_lying(const struct pen *p, struct plot *g)
{
    double names = 20, words = 20, row, bar;

    for (size_t i = 0; i < g->count; i++) {
        const struct val *r = val_at(g->rows, i), *v = val_at(val_get(r, "values"), 0);
        names = fmax(names, pen_width(p, 7, val_get_text(r, "text")));
        words = fmax(words, pen_width(p, 7, val_get_text(v, "text")));
    }
    names = fmin(names + 4, g->b.w * 0.35);
    row = fmin(g->b.h / (double)g->count, 34);
    bar = row * 0.72 / (double)g->series;
    for (size_t i = 0; i < g->count; i++) {
        const struct val *r = val_at(g->rows, i);
        double y = g->b.y + row * (double)i, room = g->b.w - names - words - 8;
        bool note = val_get_text(r, "note")[0] != '\0', known;
        pen_text(p, (struct box){ g->b.x, y, names - 4, row }, right, val_get_text(r, "text"));
        for (size_t k = 0; k < g->series; k++) {
            const struct val *v = val_at(val_get(r, "values"), k);
            double w = fmax(number_at(g, i, k, &known) / g->most * room, 0.5);
            struct box b = { g->b.x + names, y + row * 0.14 + bar * (double)k, w, bar - 0.5 };
            pen_fill(p, b, color_at(g, i, k), 1);
            b.x += w + 3;
            b.w = words + 4;
            pen_text(p, b, small, val_get_text(v, "text"));
            b.x += pen_width(p, 7, val_get_text(v, "text")) + 6;
            b.w = g->b.x + g->b.w - b.x;
            if (note)
                pen_text(p, b, (struct lettering){ 6.5, false, "ink-3", TEXT_LEFT },
                         val_get_text(r, "note"));
        }
    }
}

void print_chart(const struct pen *p, const struct val *chart, struct box b)
{
    const char *kind = val_get_text(chart, "kind");
    bool line = text_is(kind, "line"), up = line || text_is(kind, "bar") || text_is(kind, "stack");
    struct plot g = { .b = b };

    measure(&g, chart);
    if (g.count == 0)
        return;
    if (g.series > 1) {
        draw_legend(p, &g, b);
        g.b.y += 13;
        g.b.h -= 13;
    }
    if (!up) {
        draw_lying(p, &g);
        return;
    }
    g.b.y += 4;
    g.b.h -= 17;
    g.b.w -= 8;
    draw_axes(p, &g, val_get_text(chart, "unit"), line);
    if (line)
        draw_lines(p, &g);
    else
        draw_bars(p, &g);
}

/* ---- tables ---- */
static bool is_text_column(const struct val *c) { return text_is(val_get_text(c, "kind"), "text"); }

/* As wide as what stands in them, and no wider than there is room. */
static void column_widths(const struct pen *p, const struct val *table, size_t count, double room,
                          double *widths)
{
    const struct val *columns = val_get(table, "columns"), *rows = val_get(table, "rows");
    double sum = 0;

    for (size_t k = 0; k < count; k++) {
        widths[k] = pen_width(p, 7, val_get_text(val_at(columns, k), "label")) + 8;
        for (size_t i = 0; i < val_count(rows) && i < 40; i++) {
            const struct val *r = val_at(rows, i);
            const char *text = k ? val_get_text(val_at(val_get(r, "cells"), k - 1), "text")
                                 : val_get_text(r, "text");
            widths[k] = fmax(widths[k], pen_width(p, 7.5, text) + 8);
        }
        sum += widths[k];
    }
    for (size_t k = 0; k < count; k++)
        widths[k] *= sum > room ? room / sum : 1;
    /* the names take what is left; of many columns each its part */
    for (size_t k = 0; k < count && sum < room; k++)
        widths[k] += count > 7 ? (room - sum) / (double)count : k == 0 ? room - sum : 0;
}

void print_table(const struct pen *p, const struct val *table, struct box b)
{
    const struct val *columns = val_get(table, "columns"), *rows = val_get(table, "rows");
    size_t count = val_count(columns), shown;
    double *widths = NEW_N(p->cx->arena, double, count + 1), row = 12, y = b.y, x = b.x;

    column_widths(p, table, count, b.w, widths);
    for (size_t k = 0; k < count; x += widths[k++])
        pen_text(p, (struct box){ x + 1, y, widths[k] - 6, row },
                 k && !is_text_column(val_at(columns, k)) ? right : small,
                 val_get_text(val_at(columns, k), "label"));
    y += row;
    pen_line(p, b.x, y, b.x + b.w, y, "line-strong", 0.6);
    shown = (size_t)fmax((b.h - row) / row, 0);
    if (shown < val_count(rows) && shown > 0)
        shown--; /* a line for what is left out */
    for (size_t i = 0; i < val_count(rows) && i < shown; i++, y += row) {
        const struct val *r = val_at(rows, i), *cells = val_get(r, "cells");
        const char *channel = val_get_text(r, "channel_value");
        double mark = channel[0] ? 9 : 0;
        if (channel[0])
            pen_fill(p, (struct box){ b.x + 1, y + 3.5, 5, 5 }, channel, 1);
        pen_text(p, (struct box){ b.x + 1 + mark, y, widths[0] - 6 - mark, row },
                 (struct lettering){ 7.5, false, "ink", TEXT_LEFT }, val_get_text(r, "text"));
        x = b.x + widths[0];
        for (size_t k = 1; k < count; x += widths[k++]) {
            const struct val *c = val_at(cells, k - 1);
            const char *heat = val_get_text(c, "heat");
            if (heat[0])
                pen_fill(p, (struct box){ x, y, widths[k], row }, "accent",
                         0.01 + 0.04 * strtod(heat, NULL));
            pen_text(
                p, (struct box){ x + 1, y, widths[k] - 6, row },
                (struct lettering){ 7.5, false, "ink",
                                    is_text_column(val_at(columns, k)) ? TEXT_LEFT : TEXT_RIGHT },
                val_get_text(c, "text"));
        }
        pen_line(p, b.x, y + row, b.x + b.w, y + row, "line", 0.4);
    }
    if (shown < val_count(rows))
        pen_text(p, (struct box){ b.x + 1, y, b.w, row },
                 (struct lettering){ 7, false, "ink-3", TEXT_LEFT },
                 arena_printf(p->cx->arena, "and %zu more", val_count(rows) - shown));
}
