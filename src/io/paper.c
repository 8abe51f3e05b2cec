/* paper.c -- see paper.h. Units are points, y goes down. What flows is drawn line by line, so that
 * a text of any length goes on on the next page; the whole is laid out twice, first to know how
 * many pages there are. */
#include "io/paper.h"
#include "base/buf.h"
#include "base/limits.h"
#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>

static const double page_w = 595.28, page_h = 841.89, left = 50, right = 545.28, top = 50,
                    bottom = 776;
enum { COLUMNS = 7 };
enum { COL_NUMBER, COL_TEXT, COL_QUANTITY, COL_PRICE, COL_DISCOUNT, COL_TAX, COL_AMOUNT };

struct sheet {
    struct ctx *cx;
    cairo_t *cr;
    PangoLayout *layout;
    const struct paper_look *look;
    const struct val *paper;
    double y;
    int page, pages; /* pages: 0 while they are counted */
    bool in_table;
    double x[COLUMNS], w[COLUMNS];
};
struct type {
    double size;
    bool bold;
    const char *color;
    PangoAlignment align;
};

/* ---- ink ---- */
static void use_color(const struct sheet *s, const char *color)
{
    u32 c = 0;

    for (size_t i = 1; color[0] == '#' && i < 7 && color[i]; i++)
        c = c * 16 + (u32)(color[i] <= '9' ? color[i] - '0' : (color[i] | 32) - 'a' + 10);
    cairo_set_source_rgb(s->cr, (c >> 16 & 255) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0);
}

static void rule(const struct sheet *s, double x1, double x2, double y, const char *color,
                 double width)
{
    use_color(s, color);
    cairo_set_line_width(s->cr, width);
    cairo_move_to(s->cr, x1, y);
    cairo_line_to(s->cr, x2, y);
    cairo_stroke(s->cr);
}

static void set_text(const struct sheet *s, struct type t, double w, const char *text)
{
    PangoFontDescription *font = pango_font_description_from_string("Inter, DejaVu Sans, Sans");
    PangoAttrList *attrs = pango_attr_list_new();

    pango_font_description_set_weight(font, t.bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, t.size * PANGO_SCALE);
    pango_layout_set_font_description(s->layout, font);
    pango_font_description_free(font);
    /* Figures of one width; and letters stay what was written: no ligature, no other sign. */
    pango_attr_list_insert(attrs, pango_attr_font_features_new("tnum=1, calt=0, liga=0"));
    pango_layout_set_attributes(s->layout, attrs);
    pango_attr_list_unref(attrs);
    pango_layout_set_wrap(s->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_spacing(s->layout, (int)(t.size * 0.22 * PANGO_SCALE));
    pango_layout_set_width(s->layout, (int)(w * PANGO_SCALE));
    pango_layout_set_alignment(s->layout, t.align);
    pango_layout_set_text(s->layout, text, -1);
}

static double height_of(const struct sheet *s, struct type t, double w, const char *text)
{
    int height;

    if (text_empty(text))
        return 0;
    set_text(s, t, w, text);
    pango_layout_get_size(s->layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

static double width_of(const struct sheet *s, struct type t, const char *text)
{
    int width;

    set_text(s, t, page_w, text);
    pango_layout_set_width(s->layout, -1);
    pango_layout_get_size(s->layout, &width, NULL);
    return (double)width / PANGO_SCALE;
}

/* At this place, whatever its height; answers with it. */
static double put(const struct sheet *s, struct type t, double x, double y, double w,
                  const char *text)
{
    int height;

    if (text_empty(text))
        return 0;
    set_text(s, t, w, text);
    pango_layout_get_size(s->layout, NULL, &height);
    use_color(s, t.color);
    cairo_move_to(s->cr, x, y);
    pango_cairo_show_layout(s->cr, s->layout);
    return (double)height / PANGO_SCALE;
}

/* ---- pages ---- */
static void put_foot(const struct sheet *s)
{
    const struct val *from = val_get(s->paper, "from");
    struct type t = { 7.5, false, s->look->muted, PANGO_ALIGN_LEFT };
    const char *site = val_get_text(from, "website");

    rule(s, left, right, 792, s->look->line, 0.5);
    put(s, t, left, 798, 330,
        arena_printf(s->cx->arena, "%s%s%s", val_get_text(from, "name"),
                     text_empty(site) ? "" : " · ", site));
    t.align = PANGO_ALIGN_RIGHT;
    put(s, t, right - 160, 798, 160,
        arena_printf(s->cx->arena, "%s   %d / %d", val_get_text(s->paper, "number"), s->page,
                     s->pages));
}

static void put_table_head(struct sheet *s)
{
    static const char *const heads[COLUMNS] = { "",         "",    "Quantity", "Price",
                                                "Discount", "Tax", "Amount" };

    for (int i = 0; i < COLUMNS; i++)
        if (s->w[i] > 0)
            put(s, (struct type){ 7.5, true, s->look->muted, PANGO_ALIGN_RIGHT }, s->x[i], s->y,
                s->w[i], heads[i]);
    s->y += 13;
    rule(s, left, right, s->y, s->look->ink, 0.8);
    s->y += 6;
}

static void next_page(struct sheet *s)
{
    put_foot(s);
    cairo_show_page(s->cr);
    s->page++;
    s->y = top;
    if (s->in_table)
        put_table_head(s);
}

/* What is that high stands on one page, as far as a page goes. */
static void need(struct sheet *s, double height)
{
    double most = bottom - top - 40;

    if (s->y + fmin(height, most) > bottom)
        next_page(s);
}

/* Goes on where the page ends. */
static void flow(struct sheet *s, struct type t, double x, double w, const char *text)
{
    PangoLayout *whole;
    int count;

    if (text_empty(text))
        return;
    set_text(s, t, w, text);
    whole = pango_layout_copy(s->layout); /* the foot of a page uses the other */
    count = pango_layout_get_line_count(whole);
    for (int i = 0; i < count; i++) {
        PangoLayoutLine *line = pango_layout_get_line_readonly(whole, i);
        PangoRectangle box;
        pango_layout_line_get_extents(line, NULL, &box);
        double height = (double)box.height / PANGO_SCALE;
        bool rtl = pango_layout_line_get_resolved_direction(line) == PANGO_DIRECTION_RTL;
        need(s, height);
        use_color(s, t.color);
        cairo_move_to(s->cr,
                      t.align == PANGO_ALIGN_RIGHT || rtl ? x + w - (double)box.width / PANGO_SCALE
                                                          : x,
                      s->y - (double)box.y / PANGO_SCALE);
        pango_cairo_show_layout_line(s->cr, line);
        s->y += height + t.size * 0.22;
    }
    g_object_unref(whole);
}

/* ---- the head ---- */
struct png {
    struct str bytes;
    size_t at;
};

static cairo_status_t read_png(void *arg, unsigned char *out, unsigned int count)
{
    struct png *p = arg;

    if (p->bytes.len - p->at < count)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(out, p->bytes.p + p->at, count);
    p->at += count;
    return CAIRO_STATUS_SUCCESS;
}

/* A JPEG is not decoded: the surface only says how large it is, its pixels are never looked at. */
static cairo_surface_t *jpeg_surface(const struct paper_logo *logo)
{
    cairo_surface_t *image =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, logo->width, logo->height);

    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS)
        (void)!cairo_surface_set_mime_data(image, CAIRO_MIME_TYPE_JPEG,
                                           (const unsigned char *)logo->bytes.p, logo->bytes.len,
                                           NULL, NULL);
    return image;
}

/* Its height; 0: there is none, or it is none. */
static double put_logo(const struct sheet *s)
{
    struct png png = { .bytes = s->look->logo.bytes };
    cairo_surface_t *image;
    double scale = 0, height = 0;

    if (png.bytes.len == 0)
        return 0;
    image = s->look->logo.jpeg ? jpeg_surface(&s->look->logo)
                               : cairo_image_surface_create_from_png_stream(read_png, &png);
    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS) {
        int w = cairo_image_surface_get_width(image), h = cairo_image_surface_get_height(image);
        scale = fmin(fmin(s->look->logo_width, 200) / fmax(w, 1), 60 / fmax(h, 1));
        height = h * scale;
        cairo_save(s->cr);
        cairo_translate(s->cr, left, s->y);
        cairo_scale(s->cr, scale, scale);
        cairo_set_source_surface(s->cr, image, 0, 0);
        cairo_paint(s->cr);
        cairo_restore(s->cr);
    }
    cairo_surface_destroy(image);
    return height;
}

/* A word and what stands below it. */
static double put_fact(const struct sheet *s, double x, double y, double w, const char *label,
                       const char *text)
{
    double h;

    if (text_empty(text))
        return 0;
    h = put(s, (struct type){ 7.5, false, s->look->muted, PANGO_ALIGN_LEFT }, x, y, w, label) + 2;
    return h +
           put(s, (struct type){ 9.5, false, s->look->ink, PANGO_ALIGN_LEFT }, x, y + h, w, text);
}

static void put_head(struct sheet *s)
{
    const struct val *from = val_get(s->paper, "from"), *to = val_get(s->paper, "to");
    const char *version = val_get_text(s->paper, "version"), *company = val_get_text(to, "company"),
               *person = val_get_text(to, "contact"), *place = val_get_text(to, "place"),
               *own = val_get_text(from, "vat_id"), *theirs = val_get_text(to, "vat_id");
    double logo = put_logo(s), name = 0, address;

    if (logo == 0)
        name = put(s, (struct type){ 15, true, s->look->accent, PANGO_ALIGN_LEFT }, left, s->y, 260,
                   val_get_text(from, "name"));
    address =
        put(s, (struct type){ 8, false, s->look->muted, PANGO_ALIGN_RIGHT }, right - 220, s->y, 220,
            arena_printf(s->cx->arena, "%s%s%s%s%s", logo > 0 ? val_get_text(from, "name") : "",
                         logo > 0 ? "\n" : "", val_get_text(from, "address"),
                         text_empty(own) ? "" : "\nVAT id ", own));
    s->y += fmax(fmax(logo, name), address) + 30;
    s->y +=
        put(s, (struct type){ 20, true, s->look->ink, PANGO_ALIGN_LEFT }, left, s->y, right - left,
            arena_printf(s->cx->arena, "%s %s", s->look->kind, val_get_text(s->paper, "number")));
    s->y += put(s, (struct type){ 11, false, s->look->ink, PANGO_ALIGN_LEFT }, left, s->y + 2,
                right - left, val_get_text(s->paper, "title"));
    s->y += 18;
    double a = put_fact(s, left, s->y, 230, "For",
                        arena_printf(s->cx->arena, "%s%s%s%s%s%s%s", company,
                                     text_empty(company) || text_empty(person) ? "" : "\n", person,
                                     text_empty(place) ? "" : "\n", place,
                                     text_empty(theirs) ? "" : "\nVAT id ", theirs));
    double b = put_fact(s, left + 250, s->y, 115, "Date", val_get_text(s->paper, "date"));
    double c = put_fact(s, left + 375, s->y, 120, s->look->until, val_get_text(s->paper, "valid"));
    if (!text_empty(version))
        b += 8 + put_fact(s, left + 250, s->y + b + 8, 115, "Replaces earlier ones", version);
    s->y += fmax(a, fmax(b, c)) + 22;
}

/* ---- the table ---- */
static double widest(const struct sheet *s, const char *key, double least)
{
    const struct val *list = val_get(s->paper, "lines");
    double most = least;

    for (size_t i = 0; i < val_count(list); i++) {
        const char *text = val_get_text(val_at(list, i), key);
        if (!text_empty(text))
            most = fmax(most, width_of(s, (struct type){ .size = 8.5 }, text));
    }
    return fmin(most, 110);
}

/* Columns as wide as what stands in them; the text gets the rest. */
static void plan_columns(struct sheet *s)
{
    static const double gap = 10;
    double x = right;

    s->w[COL_NUMBER] = 16;
    s->w[COL_QUANTITY] = widest(s, "quantity", 38);
    s->w[COL_PRICE] = widest(s, "price", 44);
    s->w[COL_DISCOUNT] = val_get_bool(s->paper, "has_discounts") ? widest(s, "discount", 38) : 0;
    s->w[COL_TAX] = val_get_bool(s->paper, "has_taxes") ? widest(s, "tax", 22) : 0;
    s->w[COL_AMOUNT] = fmax(widest(s, "amount", 50), widest(s, "period", 30));
    for (int i = COL_AMOUNT; i >= COL_QUANTITY; i--) {
        if (s->w[i] > 0)
            x -= s->w[i];
        s->x[i] = x;
        if (s->w[i] > 0)
            x -= gap;
    }
    s->x[COL_NUMBER] = left;
    s->x[COL_TEXT] = left + s->w[COL_NUMBER] + 6;
    s->w[COL_TEXT] = x - s->x[COL_TEXT];
}

static const char *line_note(const struct val *line)
{
    if (!val_get_bool(line, "optional"))
        return "";
    return val_get_bool(line, "left_out") ? "Optional, not included" : "Optional, included";
}

static void put_item(struct sheet *s, const struct val *line)
{
    static const char *const keys[COLUMNS] = { NULL,       NULL,  "quantity", "price",
                                               "discount", "tax", "amount" };
    bool out = val_get_bool(line, "left_out");
    struct type number = { 8.5, false, out ? s->look->muted : s->look->ink, PANGO_ALIGN_RIGHT },
                name = { 9.5, true, out ? s->look->muted : s->look->ink, PANGO_ALIGN_LEFT },
                detail = { 8.5, false, s->look->muted, PANGO_ALIGN_LEFT };
    double x = s->x[COL_TEXT], w = s->w[COL_TEXT], cells = 0, y = 0,
           text = height_of(s, name, w, val_get_text(line, "text")) +
                  height_of(s, detail, w, val_get_text(line, "detail"));
    int page;

    need(s, fmin(text, 90) + 14);
    y = s->y;
    page = s->page;
    put(s, (struct type){ 8.5, false, s->look->muted, PANGO_ALIGN_LEFT }, left, y + 1,
        s->w[COL_NUMBER] + 4,
        arena_printf(s->cx->arena, "%d", (int)val_get_i64(line, "number", 0)));
    for (int i = COL_QUANTITY; i < COLUMNS; i++)
        if (s->w[i] > 0)
            cells =
                fmax(cells, put(s, number, s->x[i], y + 1, s->w[i], val_get_text(line, keys[i])));
    cells += put(s, (struct type){ 7.5, false, s->look->muted, PANGO_ALIGN_RIGHT },
                 s->x[COL_AMOUNT] - 40, y + 1 + cells, s->w[COL_AMOUNT] + 40,
                 val_get_text(line, "period"));
    flow(s, name, x, w, val_get_text(line, "text"));
    flow(s, detail, x, w, val_get_text(line, "detail"));
    flow(s, detail, x, w, line_note(line));
    if (s->page == page)
        s->y = fmax(s->y, y + 1 + cells);
    s->y += 4;
    rule(s, left, right, s->y, s->look->line, 0.4);
    s->y += 6;
}

static void put_table(struct sheet *s)
{
    const struct val *list = val_get(s->paper, "lines");

    if (val_count(list) == 0)
        return;
    plan_columns(s);
    need(s, 70);
    put_table_head(s);
    s->in_table = true;
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *line = val_at(list, i);
        if (!val_get_bool(val_get(line, "is"), "section")) {
            put_item(s, line);
            continue;
        }
        need(s, 60); /* a heading is not left behind */
        s->y += 6;
        flow(s, (struct type){ 10.5, true, s->look->accent, PANGO_ALIGN_LEFT }, left, right - left,
             val_get_text(line, "text"));
        flow(s, (struct type){ 8.5, false, s->look->muted, PANGO_ALIGN_LEFT }, left, right - left,
             val_get_text(line, "detail"));
        s->y += 6;
    }
    s->in_table = false;
}

static void put_totals(struct sheet *s)
{
    const struct val *list = val_get(s->paper, "totals");
    double x = left + 190;

    need(s, 18.0 * (double)val_count(list) + 16);
    s->y += 8;
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *one = val_at(list, i);
        bool strong = val_get_bool(one, "strong");
        struct type t = { strong ? 11 : 9, strong, strong ? s->look->ink : s->look->muted,
                          PANGO_ALIGN_LEFT };
        double h;
        if (strong) {
            rule(s, x, right, s->y, s->look->ink, 0.8);
            s->y += 5;
        }
        h = put(s, t, x, s->y, 170, val_get_text(one, "label"));
        t.align = PANGO_ALIGN_RIGHT;
        t.color = s->look->ink;
        h = fmax(h, put(s, t, right - 150, s->y, 150, val_get_text(one, "amount")));
        s->y += h + 5;
    }
}

/* ---- the end ---- */
static const double signature_h = 88, kept_h = 300; /* the least it needs; what is kept in one */

static void put_tax_note(struct sheet *s)
{
    const char *note = val_get_text(s->paper, "tax_note");

    if (text_empty(note))
        return;
    s->y += 8;
    flow(s, (struct type){ 8.5, false, s->look->ink, PANGO_ALIGN_LEFT }, left, right - left, note);
}

static void put_terms(struct sheet *s)
{
    const char *terms = val_get_text(s->paper, "terms");
    struct type head = { 10, true, s->look->ink, PANGO_ALIGN_LEFT },
                body = { 8.5, false, s->look->ink, PANGO_ALIGN_LEFT };

    if (text_empty(terms))
        return;
    /* A signature does not stand alone on its page: short terms go with it. */
    double whole =
        35 + 1.25 * height_of(s, body, right - left, terms) + (s->look->signs ? signature_h : 0);
    need(s, whole < kept_h ? whole : 60);
    s->y += 16;
    flow(s, head, left, right - left, "Terms");
    s->y += 3;
    flow(s, body, left, right - left, terms);
}

static void put_signature(struct sheet *s)
{
    const struct val *v = val_get(s->paper, "signed");
    struct type small = { 8, false, s->look->muted, PANGO_ALIGN_LEFT },
                name = { 14, true, s->look->ink, PANGO_ALIGN_LEFT };

    if (!s->look->signs)
        return;
    need(s, signature_h);
    s->y += 26;
    if (val_is_null(v)) { /* on paper it can be signed by hand */
        s->y += 34;
        rule(s, left, left + 200, s->y, s->look->muted, 0.5);
        rule(s, left + 240, right, s->y, s->look->muted, 0.5);
        put(s, small, left, s->y + 4, 200, "Place, date");
        s->y += 4 + put(s, small, left + 240, s->y + 4, 240, "Name, signature");
        return;
    }
    rule(s, left, right, s->y, s->look->accent, 1.2);
    s->y += 8;
    s->y += put(s, small, left, s->y, right - left, "Accepted and signed by") + 2;
    s->y += put(s, name, left, s->y, right - left, val_get_text(v, "name")) + 3;
    s->y += put(s, small, left, s->y, right - left,
                arena_printf(s->cx->arena, "%s, from the address %s", val_get_text(v, "at"),
                             val_get_text(v, "address"))) +
            2;
    s->y +=
        put(s, small, left, s->y, right - left,
            arena_printf(s->cx->arena, "SHA-256 of what was signed: %s", val_get_text(v, "hash")));
}

static void put_all(struct sheet *s)
{
    s->y = top;
    s->page = 1;
    s->in_table = false;
    put_head(s);
    flow(s, (struct type){ 9.5, false, s->look->ink, PANGO_ALIGN_LEFT }, left, right - left,
         val_get_text(s->paper, "intro"));
    if (!text_empty(val_get_text(s->paper, "intro")))
        s->y += 14;
    put_table(s);
    put_totals(s);
    put_tax_note(s);
    put_terms(s);
    put_signature(s);
    put_foot(s);
    cairo_show_page(s->cr);
}

/* ---- surfaces ---- */
static cairo_status_t write_out(void *arg, const unsigned char *bytes, unsigned int count)
{
    struct buf *out = arg;

    buf_add(out, bytes, count);
    return buf_status(out) == OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* Letters stand where the font wants them, not on the dots of a screen. */
static void for_print(PangoLayout *layout)
{
    cairo_font_options_t *o = cairo_font_options_create();
    PangoContext *context = pango_layout_get_context(layout);

    cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, o);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_layout_context_changed(layout);
    cairo_font_options_destroy(o);
}

static cairo_status_t draw(struct sheet *s, struct buf *out)
{
    cairo_surface_t *surface =
        out ? cairo_pdf_surface_create_for_stream(write_out, out, page_w, page_h)
            : cairo_pdf_surface_create(NULL, page_w, page_h);
    cairo_status_t status;

    cairo_pdf_surface_set_metadata(
        surface, CAIRO_PDF_METADATA_TITLE,
        arena_printf(s->cx->arena, "%s %s", s->look->kind, val_get_text(s->paper, "number")));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR,
                                   val_get_text(val_get(s->paper, "from"), "name"));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Furrow");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, s->look->made);
    s->cr = cairo_create(surface);
    s->layout = pango_cairo_create_layout(s->cr);
    for_print(s->layout);
    put_all(s);
    g_object_unref(s->layout);
    cairo_destroy(s->cr);
    cairo_surface_finish(surface);
    status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status;
}

enum status paper_pdf(struct ctx *cx, const struct val *paper, const struct paper_look *look,
                      struct str *out)
{
    struct sheet s = { .cx = cx, .look = look, .paper = paper };
    struct buf bytes = buf_in(cx->arena, LIMIT_PRINT_BYTES);
    cairo_status_t status = draw(&s, NULL);

    s.pages = s.page;
    if (status == CAIRO_STATUS_SUCCESS)
        status = draw(&s, &bytes);
    TRY(buf_status(&bytes));
    if (status != CAIRO_STATUS_SUCCESS)
        return ctx_fail(cx, E_IO, "cannot draw the document: %s", cairo_status_to_string(status));
    *out = (struct str){ bytes.p, bytes.len };
    return OK;
}
