/* print.c -- pages: where tiles stand, their frames, titles, and the surfaces. */
#include "kit/print.h"
#include "base/buf.h"
#include "base/limits.h"
#include "kit/print_int.h"
#include <cairo-pdf.h>
#include <math.h>

enum { COLUMNS = 12, ROWS_A_PAGE = 5, TILES_MAX = 200, PNG_ROWS_MAX = 60, PNG_SCALE = 2 };
/* A4 landscape, in points. */
static const double page_width = 841.89, page_height = 595.28, margin = 34, gap = 7;
static const double head_height = 52, foot_height = 14;

/* ---- the pen ---- */
/* "#2f6b3c" behind the name; grey where the palette does not know it. */
static u32 color_of(const struct print_look *look, const char *name)
{
    struct str rest = look->palette, line, word;
    u32 color = 0;

    if (text_is(name, "compare"))
        name = "ink-3";
    while (str_split(&rest, '\n', &line)) {
        if (!str_split(&line, ' ', &word) || !str_is(word, name) || line.len < 7)
            continue;
        for (size_t i = 1; i < 7; i++) {
            char c = line.p[i];
            color = color * 16 + (u32)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
        }
        return color;
    }
    return 0x6f6a60;
}

void pen_color(const struct pen *p, const char *name, double alpha)
{
    u32 c = color_of(p->look, name);

    cairo_set_source_rgba(p->cr, (c >> 16 & 255) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0,
                          alpha);
}

static void set_font(const struct pen *p, double size, bool bold)
{
    PangoFontDescription *font = pango_font_description_from_string("Inter, DejaVu Sans, Sans");

    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(p->layout, font);
    pango_font_description_free(font);
}

static void set_text(const struct pen *p, struct box b, struct lettering l, const char *text,
                     bool lines)
{
    static const PangoAlignment aligns[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_RIGHT,
                                             PANGO_ALIGN_CENTER };

    set_font(p, l.size, l.bold);
    pango_layout_set_text(p->layout, text, -1);
    pango_layout_set_width(p->layout, (int)(fmax(b.w, 1) * PANGO_SCALE));
    pango_layout_set_height(p->layout, lines ? (int)(b.h * PANGO_SCALE) : -1);
    pango_layout_set_single_paragraph_mode(p->layout, !lines);
    pango_layout_set_ellipsize(p->layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_alignment(p->layout, aligns[l.align]);
}

void pen_text(const struct pen *p, struct box b, struct lettering l, const char *text)
{
    int width, height;

    if (text[0] == '\0' || b.w < 4)
        return;
    set_text(p, b, l, text, false);
    pango_layout_get_size(p->layout, &width, &height);
    pen_color(p, l.color, 1);
    cairo_move_to(p->cr, b.x, b.y + (b.h - (double)height / PANGO_SCALE) / 2);
    pango_cairo_show_layout(p->cr, p->layout);
}

void pen_prose(const struct pen *p, struct box b, struct lettering l, const char *text)
{
    set_text(p, b, l, text, true);
    pen_color(p, l.color, 1);
    cairo_move_to(p->cr, b.x, b.y);
    pango_cairo_show_layout(p->cr, p->layout);
}

double pen_width(const struct pen *p, double size, const char *text)
{
    int width, height;

    set_font(p, size, false);
    pango_layout_set_width(p->layout, -1);
    pango_layout_set_text(p->layout, text, -1);
    pango_layout_get_size(p->layout, &width, &height);
    return (double)width / PANGO_SCALE;
}

void pen_fill(const struct pen *p, struct box b, const char *color, double alpha)
{
    pen_color(p, color, alpha);
    cairo_rectangle(p->cr, b.x, b.y, b.w, b.h);
    cairo_fill(p->cr);
}

void pen_line(const struct pen *p, double x1, double y1, double x2, double y2, const char *color,
              double width)
{
    pen_color(p, color, 1);
    cairo_set_line_width(p->cr, width);
    cairo_move_to(p->cr, x1, y1);
    cairo_line_to(p->cr, x2, y2);
    cairo_stroke(p->cr);
}

/* ---- where tiles stand: as on the page, but none lies across two pages ---- */
struct place {
    int row, column, width, height;
};
struct grid {
    u16 taken[TILES_MAX * 4 + ROWS_A_PAGE]; /* a bit a column, by row */
};

static int clamp(i64 n, int least, int most)
{
    return n < least ? least : n > most ? most : (int)n;
}

static bool fits(const struct grid *g, const struct place *at, bool pages)
{
    u16 mask = (u16)(((1 << at->width) - 1) << at->column);

    if (at->column + at->width > COLUMNS ||
        (pages && at->row % ROWS_A_PAGE + at->height > ROWS_A_PAGE))
        return false;
    for (int r = 0; r < at->height; r++)
        if (g->taken[at->row + r] & mask)
            return false;
    return true;
}

static int place_tiles(const struct val *tiles, size_t count, bool pages, struct place *places)
{
    struct grid grid = { .taken = { 0 } };
    struct place at = { 0 };
    int rows = 0;

    for (size_t i = 0; i < count; i++) {
        const struct val *t = val_at(tiles, i);
        at.width = clamp(val_get_i64(t, "width", 4), 1, COLUMNS);
        at.height = clamp(val_get_i64(t, "height", 2), 1, 4);
        while (!fits(&grid, &at, pages)) {
            if (++at.column + at.width > COLUMNS) {
                at.column = 0;
                at.row++;
            }
        }
        for (int r = 0; r < at.height; r++)
            grid.taken[at.row + r] |= (u16)(((1 << at.width) - 1) << at.column);
        places[i] = at;
        rows = at.row + at.height > rows ? at.row + at.height : rows;
    }
    return rows;
}

/* ---- a tile ---- */
static void draw_body(const struct pen *p, const struct val *t, struct box b)
{
    const struct val *chart = val_get(t, "chart"), *table = val_get(t, "table");
    const char *kind = val_get_text(t, "kind");

    if (text_is(kind, "gauge"))
        print_gauge(p, t, b);
    else if (!val_is_null(val_get(t, "number")))
        print_number(p, t, b);
    else if (!val_is_null(val_get(t, "ways")))
        print_ways(p, val_get(t, "ways"), b);
    else if (!val_is_null(chart) &&
             !(text_is(val_get_text(chart, "kind"), "map") && print_map(p, chart, b)))
        print_chart(p, chart, b);
    else if (val_is_null(chart) && !val_is_null(table))
        print_table(p, table, b);
}

static void draw_tile(const struct pen *p, const struct val *t, struct box b)
{
    const struct lettering quiet = { 7, false, "ink-3", TEXT_LEFT };
    const char *note = val_get_text(t, "note"), *none = val_get_text(t, "error");
    struct box inner = { b.x + 8, b.y + 6, b.w - 16, b.h - 12 };

    pen_color(p, "line", 1);
    cairo_set_line_width(p->cr, 0.6);
    cairo_rectangle(p->cr, b.x, b.y, b.w, b.h);
    cairo_stroke(p->cr);
    pen_text(p, (struct box){ inner.x, inner.y, inner.w, 11 },
             (struct lettering){ 8, true, "ink-2", TEXT_LEFT }, val_get_text(t, "title"));
    inner.y += 14;
    inner.h -= 14;
    if (note[0]) {
        pen_text(p, (struct box){ inner.x, inner.y + inner.h - 9, inner.w, 9 }, quiet, note);
        inner.h -= 11;
    }
    if (none[0] == '\0')
        none = val_get_text(t, "empty");
    if (none[0]) {
        pen_prose(p, inner, (struct lettering){ 8, false, "ink-3", TEXT_LEFT }, none);
        return;
    }
    cairo_save(p->cr);
    cairo_rectangle(p->cr, inner.x, inner.y, inner.w, inner.h);
    cairo_clip(p->cr);
    draw_body(p, t, inner);
    cairo_restore(p->cr);
}

/* ---- a page ---- */
/* "1 Nov 2026 – 30 Nov 2026, compared with the same time before. Channel is Email." */
static const char *asked_text(struct ctx *cx, const struct val *page)
{
    const struct val *period = val_get(page, "period"), *list = val_get(page, "conditions");
    const char *against = val_get_text(period, "against");
    struct buf b = buf_in(cx->arena, 4000);

    buf_printf(&b, "%s%s%s", val_get_text(period, "text"), against[0] ? ", " : "", against);
    for (size_t i = 0; i < val_count(list); i++)
        buf_printf(&b, "%s%s %s %s", i ? ", " : ". ", val_get_text(val_at(list, i), "label"),
                   val_get_text(val_at(list, i), "op_text"),
                   val_get_text(val_at(list, i), "value_text"));
    return buf_end(&b);
}

static void draw_head(const struct pen *p, const struct val *page, int number, int count,
                      double height)
{
    const char *made = arena_printf(p->cx->arena, "As of %s", val_get_text(page, "made"));
    struct box b = { margin, margin - 6, page_width - 2 * margin, 22 };
    const struct lettering soft = { 8.5, false, "ink-2", TEXT_LEFT };

    pen_text(p, b, (struct lettering){ 16, true, "ink", TEXT_LEFT }, val_get_text(page, "title"));
    b.y += 22;
    b.h = 12;
    pen_text(p, b, soft, asked_text(p->cx, page));
    b.y += 12;
    pen_text(p, b, (struct lettering){ 8.5, false, "ink-3", TEXT_LEFT },
             number == 1 ? val_get_text(page, "description") : "");
    b.y = height - margin;
    pen_text(p, b, (struct lettering){ 7.5, false, "ink-3", TEXT_LEFT }, made);
    if (count > 1)
        pen_text(p, b, (struct lettering){ 7.5, false, "ink-3", TEXT_RIGHT },
                 arena_printf(p->cx->arena, "%d of %d", number, count));
}

static double row_height(void)
{
    return (page_height - 2 * margin - head_height - foot_height + gap) / ROWS_A_PAGE;
}

/* The tiles of rows [from, to), from the head down. */
static void draw_rows(const struct pen *p, const struct val *tiles, const struct place *places,
                      size_t count, int from, int to)
{
    double column = (page_width - 2 * margin + gap) / COLUMNS, row = row_height();

    for (size_t i = 0; i < count; i++) {
        const struct place *at = &places[i];
        if (at->row < from || at->row >= to)
            continue;
        draw_tile(p, val_at(tiles, i),
                  (struct box){ margin + at->column * column,
                                margin + head_height + (at->row - from) * row,
                                at->width * column - gap, at->height * row - gap });
    }
}

/* ---- surfaces ---- */
static cairo_status_t write_out(void *arg, const unsigned char *bytes, unsigned int count)
{
    struct buf *out = arg;

    buf_add(out, bytes, count);
    return buf_status(out) == OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void pen_open(struct pen *p, cairo_surface_t *surface)
{
    p->cr = cairo_create(surface);
    p->layout = pango_cairo_create_layout(p->cr);
}

static void pen_close(struct pen *p)
{
    g_object_unref(p->layout);
    cairo_destroy(p->cr);
}

static cairo_status_t draw_pdf(struct pen *p, const struct val *page, const struct place *places,
                               size_t count, int rows, struct buf *out)
{
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_out, out, page_width, page_height);
    int pages = rows > 0 ? (rows + ROWS_A_PAGE - 1) / ROWS_A_PAGE : 1;
    cairo_status_t s;

    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, val_get_text(page, "title"));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Furrow");
    pen_open(p, surface);
    for (int i = 0; i < pages; i++) {
        draw_head(p, page, i + 1, pages, page_height);
        draw_rows(p, val_get(page, "tiles"), places, count, i * ROWS_A_PAGE, (i + 1) * ROWS_A_PAGE);
        cairo_show_page(p->cr);
    }
    pen_close(p);
    cairo_surface_finish(surface);
    s = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return s;
}

static cairo_status_t draw_png(struct pen *p, const struct val *page, const struct place *places,
                               size_t count, int rows, struct buf *out)
{
    double height = 2 * margin + head_height + foot_height + rows * row_height();
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)(page_width * PNG_SCALE), (int)(height * PNG_SCALE));
    cairo_status_t s;

    pen_open(p, surface);
    cairo_scale(p->cr, PNG_SCALE, PNG_SCALE);
    pen_fill(p, (struct box){ 0, 0, page_width, height }, "surface", 1);
    pango_cairo_update_layout(p->cr, p->layout);
    draw_head(p, page, 1, 1, height);
    draw_rows(p, val_get(page, "tiles"), places, count, 0, rows);
    pen_close(p);
    s = cairo_surface_write_to_png_stream(surface, write_out, out);
    cairo_surface_destroy(surface);
    return s;
}

enum status print_board(struct ctx *cx, const struct val *page, const struct print_look *look,
                        enum print_format format, struct str *out)
{
    struct pen pen = { .cx = cx, .look = look };
    const struct val *tiles = val_get(page, "tiles");
    size_t count = val_count(tiles) < TILES_MAX ? val_count(tiles) : TILES_MAX;
    struct place *places = NEW_N(cx->arena, struct place, count + 1);
    struct buf bytes = buf_in(cx->arena, LIMIT_PRINT_BYTES);
    int rows = place_tiles(tiles, count, format == PRINT_PDF, places);
    cairo_status_t s;

    if (format == PRINT_PNG && rows > PNG_ROWS_MAX)
        return ctx_fail_code(cx, E_LIMIT, "print.too_tall",
                             "This is too tall for one picture: take the PDF, which has pages.");
    s = format == PRINT_PDF ? draw_pdf(&pen, page, places, count, rows, &bytes)
                            : draw_png(&pen, page, places, count, rows, &bytes);
    TRY(buf_status(&bytes));
    if (s != CAIRO_STATUS_SUCCESS)
        return ctx_fail(cx, E_IO, "cannot print: %s", cairo_status_to_string(s));
    *out = (struct str){ bytes.p, bytes.len };
    return OK;
}
