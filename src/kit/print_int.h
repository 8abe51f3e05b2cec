/* print_int.h -- what drawing pages and drawing charts share: a pen that knows the palette. Units
 * are points, y goes down. */
#pragma once
#include "base/val.h"
#include "kit/print.h"
#include <pango/pangocairo.h>

struct pen {
    struct ctx *cx;
    cairo_t *cr;
    PangoLayout *layout;
    const struct print_look *look;
};
struct box {
    double x, y, w, h;
};
enum { TEXT_LEFT, TEXT_RIGHT, TEXT_CENTER };
struct lettering {
    double size;
    bool bold;
    const char *color; /* a name of the palette */
    int align;
};

/* ---- print.c ---- */
void pen_color(const struct pen *p, const char *name, double alpha);
/* One line, cut with an ellipsis where the box ends; centred in its height. */
void pen_text(const struct pen *p, struct box b, struct lettering l, const char *text);
/* As many lines as the box has room for, from its top. */
void pen_prose(const struct pen *p, struct box b, struct lettering l, const char *text);
double pen_width(const struct pen *p, double size, const char *text);
void pen_fill(const struct pen *p, struct box b, const char *color, double alpha);
void pen_line(const struct pen *p, double x1, double y1, double x2, double y2, const char *color,
              double width);

/* ---- print_chart.c: what stands in a tile's box ---- */
void print_number(const struct pen *p, const struct val *tile, struct box b);
void print_gauge(const struct pen *p, const struct val *tile, struct box b);
void print_chart(const struct pen *p, const struct val *chart, struct box b);
void print_table(const struct pen *p, const struct val *table, struct box b);

/* ---- print_shape.c ---- */
void print_ways(const struct pen *p, const struct val *ways, struct box b);
/* false: there are no shapes to draw it with. */
bool print_map(const struct pen *p, const struct val *chart, struct box b);
