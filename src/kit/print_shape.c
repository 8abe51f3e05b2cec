/* print_shape.c -- ways between places as ribbons, and a map of countries. */
#include "base/buf.h"
#include "kit/print_int.h"
#include <math.h>

enum { NODES_MAX = 200, PLACES_MAX = 12 };

/* ---- ways ---- */
struct node {
    const char *text, *channel;
    i64 at;
    double in, out, y, h, from, to; /* from, to: where the next ribbon begins and ends */
};
struct net {
    struct node nodes[NODES_MAX];
    size_t count;
    i64 last;
    double scale;
};

static struct node *node_at(struct net *n, i64 at, const char *text, const char *channel)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->nodes[i].at == at && text_is(n->nodes[i].text, text))
            return &n->nodes[i];
    if (n->count == NODES_MAX)
        return NULL;
    n->nodes[n->count] = (struct node){ .text = text, .channel = channel, .at = at };
    n->last = at > n->last ? at : n->last;
    return &n->nodes[n->count++];
}

static struct node *end_of(struct net *n, const struct val *row, bool from)
{
    return node_at(n, val_get_i64(row, from ? "from_at" : "to_at", 0),
                   val_get_text(row, from ? "from" : "to"),
                   val_get_text(row, from ? "from_channel" : "to_channel"));
}

/* Each place is a column, its nodes one under the other as they came, all to one scale. */
static void stand(struct net *n, struct box b)
{
    static const double gap = 5;

    n->scale = 1e9;
    for (i64 at = 0; at <= n->last; at++) {
        double sum = 0, gaps = 0;
        for (size_t i = 0; i < n->count; i++) {
            sum += n->nodes[i].at == at ? fmax(n->nodes[i].in, n->nodes[i].out) : 0;
            gaps += n->nodes[i].at == at ? gap : 0;
        }
        if (sum > 0)
            n->scale = fmin(n->scale, fmax(b.h - gaps, b.h * 0.3) / sum);
    }
    for (i64 at = 0; at <= n->last; at++) {
        double y = b.y;
        for (size_t i = 0; i < n->count; i++) {
            struct node *one = &n->nodes[i];
            if (one->at != at)
                continue;
            one->h = fmax(one->in, one->out) * n->scale;
            one->y = one->from = one->to = y;
            y += one->h + gap;
        }
    }
}

static void ribbon(const struct pen *p, double x1, double y1, double x2, double y2, double h)
{
    double middle = (x1 + x2) / 2;

    cairo_move_to(p->cr, x1, y1);
    cairo_curve_to(p->cr, middle, y1, middle, y2, x2, y2);
    cairo_line_to(p->cr, x2, y2 + h);
    cairo_curve_to(p->cr, middle, y2 + h, middle, y1 + h, x1, y1 + h);
    cairo_close_path(p->cr);
    cairo_fill(p->cr);
}

void print_ways(const struct pen *p, const struct val *ways, struct box b)
{
    const struct val *rows = val_get(ways, "rows");
    struct net *n = NEW(p->cx->arena, struct net);
    static const double thick = 6;

    for (size_t i = 0; i < val_count(rows); i++) {
        struct node *from = end_of(n, val_at(rows, i), true),
                    *to = end_of(n, val_at(rows, i), false);
        double many = val_as_double(val_get(val_at(rows, i), "number"), 0);
        if (from && to) {
            from->out += many;
            to->in += many;
        }
    }
    if (n->count == 0 || n->last < 1)
        return;
    stand(n, b);
    double step = (b.w - thick) / (double)n->last;
    for (size_t i = 0; i < val_count(rows); i++) {
        struct node *from = end_of(n, val_at(rows, i), true),
                    *to = end_of(n, val_at(rows, i), false);
        double h = val_as_double(val_get(val_at(rows, i), "number"), 0) * n->scale;
        if (!from || !to)
            continue;
        pen_color(p, "line-strong", 0.6);
        ribbon(p, b.x + (double)from->at * step + thick, from->from, b.x + (double)to->at * step,
               to->to, h);
        from->from += h;
        to->to += h;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct node *one = &n->nodes[i];
        double x = b.x + (double)one->at * step;
        bool last = one->at == n->last;
        pen_fill(p, (struct box){ x, one->y, thick, fmax(one->h, 0.6) },
                 one->channel[0]       ? one->channel
                 : one->text[0] == '(' ? "line-strong"
                                       : "series-1",
                 1);
        if (one->h >= 5)
            pen_text(p,
                     (struct box){ last ? x - step * 0.6 - 3 : x + thick + 3, one->y, step * 0.6,
                                   one->h },
                     (struct lettering){ 7, false, "ink", last ? TEXT_RIGHT : TEXT_LEFT },
                     one->text);
    }
}

/* ---- a map ---- */
static const struct val *row_of(const struct val *rows, struct str code)
{
    for (size_t i = 0; i < val_count(rows); i++)
        if (str_is(code, val_get_text(val_at(rows, i), "key")))
            return val_at(rows, i);
    return NULL;
}

static double first_number(const struct val *row)
{
    return val_as_double(val_get(val_at(val_get(row, "values"), 0), "number"), 0);
}

/* "512,203 513,204;..." as a path; a single point is a dot. */
static void draw_country(const struct pen *p, struct str shape, double x, double y, double scale)
{
    struct str ring, pair, left;

    while (str_split(&shape, ';', &ring)) {
        bool first = true, dot = memchr(ring.p, ' ', ring.len) == NULL;
        while (str_split(&ring, ' ', &pair)) {
            if (!str_split(&pair, ',', &left))
                continue;
            double px = x + strtod(left.p, NULL) * scale, py = y + strtod(pair.p, NULL) * scale;
            if (dot)
                cairo_arc(p->cr, px, py, 1.2, 0, 2 * M_PI);
            else
                (first ? cairo_move_to : cairo_line_to)(p->cr, px, py);
            first = false;
        }
        cairo_close_path(p->cr);
    }
    cairo_fill_preserve(p->cr);
    pen_color(p, "surface", 1);
    cairo_set_line_width(p->cr, 0.3);
    cairo_stroke(p->cr);
}

/* "Germany 4,346 · United States 1,782": the greatest come first. */
static const char *greatest(const struct pen *p, const struct val *rows)
{
    struct buf b = buf_in(p->cx->arena, 2000);

    for (size_t i = 0; i < val_count(rows) && i < 8; i++)
        buf_printf(&b, "%s%s %s", i ? " · " : "", val_get_text(val_at(rows, i), "text"),
                   val_get_text(val_at(val_get(val_at(rows, i), "values"), 0), "text"));
    return buf_end(&b);
}

bool print_map(const struct pen *p, const struct val *chart, struct box b)
{
    const struct val *rows = val_get(chart, "rows");
    struct str rest = p->look->world, line, code;
    double width, height, scale, most = 0;

    if (!str_split(&rest, '\n', &line) || !str_split(&line, ' ', &code))
        return false;
    width = strtod(code.p, NULL);
    height = strtod(line.p, NULL);
    if (width <= 0 || height <= 0)
        return false;
    pen_text(p, (struct box){ b.x, b.y + b.h - 11, b.w, 11 },
             (struct lettering){ 7, false, "ink-2", TEXT_LEFT }, greatest(p, rows));
    b.h -= 13;
    scale = fmin(b.w / width, b.h / height);
    b.x += (b.w - width * scale) / 2;
    b.y += (b.h - height * scale) / 2;
    for (size_t i = 0; i < val_count(rows); i++)
        most = fmax(most, first_number(val_at(rows, i)));
    while (str_split(&rest, '\n', &line)) {
        const struct val *row;
        if (!str_split(&line, ' ', &code))
            continue;
        row = row_of(rows, code);
        /* by the square root, so that small ones are seen beside one large */
        if (row && most > 0)
            pen_color(p, "series-1", 0.15 + 0.85 * sqrt(fmax(first_number(row), 0) / most));
        else
            pen_color(p, "line", 1);
        draw_country(p, line, b.x, b.y, scale);
    }
    return true;
}
