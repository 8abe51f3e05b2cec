/* content_html.c -- blocks as HTML for mail programs: tables, style on every element, VML where
 * Outlook needs it, and colours that survive dark mode. The markup is in blocks.mail; here is what
 * goes where. */
#include "base/utf8.h"
#include "mail/content_int.h"

/* Where a block stands: how wide, with which colours. */
struct ground {
    int width;              /* pixels inside the sides */
    int side;               /* padding left and right */
    const char *pad, *padc; /* classes that make the sides smaller on a phone */
    bool accent;            /* on the accent colour */
    bool edge;              /* a block may reach the card's edges */
};

static const char *number(struct maker *m, int n) { return arena_printf(m->cx->arena, "%d", n); }

static const char *text_color(const struct maker *m, const struct ground *g)
{
    return g->accent ? m->brand->light.accent_ink : m->brand->light.ink;
}

static const char *link_color(const struct maker *m, const struct ground *g)
{
    return g->accent ? m->brand->light.accent_ink : m->brand->light.link;
}

static const char *align_word(enum align a)
{
    return a == ALIGN_CENTER ? "center" : a == ALIGN_RIGHT ? "right" : "left";
}

/* The holes that nearly every snippet has. */
#define USUAL(m, g, al)                                                        \
    { "pad", (g)->pad, NULL, 0 }, { "side", number((m), (g)->side), NULL, 0 }, \
        { "align", align_word(al), NULL, 0 },                                  \
        { "ink_class", (g)->accent ? " on" : " ink", NULL, 0 },                \
        { "text_color", text_color((m), (g)), NULL, 0 },                       \
        { "link_class", (g)->accent ? "on" : "lnk", NULL, 0 },                 \
    {                                                                          \
        "link_color", link_color((m), (g)), NULL, 0                            \
    }

static enum status put_blocks(struct maker *m, const struct blocks *blocks, const struct ground *g);

/* ---- text ---- */
static enum status open_tag(struct maker *m, const struct markup *t, const struct ground *g)
{
    int link;

    if (t->tag == TAG_A) {
        TRY(make_link(m, markup_attr(t, "href"), true, &link));
        return link < 0
                   ? OK
                   : make_snippet(m, "a",
                                  HOLES({ "href", NULL, NULL, link + 1 }, USUAL(m, g, ALIGN_LEFT)));
    }
    if (t->tag == TAG_P || t->tag == TAG_H1 || t->tag == TAG_H2 || t->tag == TAG_H3 ||
        t->tag == TAG_UL || t->tag == TAG_OL || t->tag == TAG_LI)
        return make_snippet(m, tag_name(t->tag), HOLES(USUAL(m, g, ALIGN_LEFT)));
    make_text(m, "<");
    make_text(m, tag_name(t->tag));
    make_text(m, ">");
    return OK;
}

static void close_tag(struct maker *m, enum tag tag)
{
    make_text(m, "</");
    make_text(m, tag_name(tag));
    make_text(m, ">");
}

static enum status put_text(struct maker *m, const struct block *b, const struct ground *g)
{
    bool small = text_is(b->size, "small"), large = text_is(b->size, "large");
    struct markup t = markup_begin(m->cx->arena, b->html);
    int no_link = 0; /* <a> without an address has no end either */

    TRY(make_snippet(m, "text_open",
                     HOLES({ "size",
                             small   ? "13"
                             : large ? "18"
                                     : "16",
                             NULL, 0 },
                           { "lines",
                             small   ? "20"
                             : large ? "28"
                                     : "25",
                             NULL, 0 },
                           USUAL(m, g, b->align))));
    while (markup_next(&t)) {
        if (t.kind == MARKUP_TEXT) {
            TRY(make_merge(m, t.text, PLACE_TEXT));
        } else if (t.kind == MARKUP_OPEN) {
            no_link = t.tag == TAG_A ? markup_attr(&t, "href")[0] == '\0' : no_link;
            TRY(open_tag(m, &t, g));
        } else if (!(t.tag == TAG_A && no_link)) {
            close_tag(m, t.tag);
        }
    }
    return make_snippet(m, "text_close", NO_HOLES);
}

static enum status put_html(struct maker *m, const struct block *b, const struct ground *g)
{
    struct markup t = markup_begin(m->cx->arena, b->html);
    int link;

    TRY(make_snippet(m, "html_open", HOLES(USUAL(m, g, ALIGN_LEFT))));
    while (markup_next(&t)) {
        if (t.kind == MARKUP_TEXT) {
            TRY(make_merge(m, t.text, PLACE_TEXT));
            continue;
        }
        if (t.kind == MARKUP_CLOSE) {
            close_tag(m, t.tag);
            continue;
        }
        make_text(m, "<");
        make_text(m, tag_name(t.tag));
        for (int i = 0; i < t.attr_count; i++) {
            const char *name = t.attrs[i].name;
            make_text(m, " ");
            make_text(m, name);
            make_text(m, "=\"");
            if (text_is(name, "href") || text_is(name, "src")) {
                TRY(make_link(m, t.attrs[i].value, text_is(name, "href"), &link));
                if (link >= 0)
                    make_href(m, link, PLACE_TEXT);
            } else {
                TRY(make_merge(m, t.attrs[i].value, PLACE_TEXT));
            }
            make_text(m, "\"");
        }
        make_text(m, ">");
    }
    return make_snippet(m, "cell_close", NO_HOLES);
}

/* ---- pictures, buttons ---- */
static enum status put_picture(struct maker *m, const struct block *b, const struct ground *g,
                               int below)
{
    bool wide = b->wide && g->edge;
    int room = wide ? g->width + 2 * g->side : g->width, link, src;
    int width = b->width && b->width < room ? b->width : room;

    if (b->src[0] == '\0')
        return OK;
    TRY(make_link(m, b->src, false, &src));
    TRY(make_link(m, b->href, true, &link));
    TRY(make_snippet(m, "image_open",
                     HOLES({ "pad", wide ? "" : g->pad, NULL, 0 },
                           { "side", number(m, wide ? 0 : g->side), NULL, 0 },
                           { "below", number(m, below), NULL, 0 }, USUAL(m, g, b->align))));
    if (link >= 0)
        TRY(make_snippet(m, "image_link", HOLES({ "href", NULL, NULL, link + 1 })));
    TRY(make_snippet(m, "image",
                     HOLES({ "src", NULL, NULL, src + 1 }, { "width", number(m, width), NULL, 0 },
                           { "alt", NULL, b->alt, 0 },
                           { "corner", wide ? "0" : number(m, m->brand->radius / 2), NULL, 0 })));
    if (link >= 0)
        TRY(make_snippet(m, "image_link_close", NO_HOLES));
    return make_snippet(m, "cell_close", NO_HOLES);
}

static enum status put_button(struct maker *m, const struct block *b, const char *text,
                              const struct ground *g)
{
    const struct brand_colors *c = &m->brand->light;
    bool outline = text_is(b->style, "outline");
    int link, width = b->wide ? g->width : (int)utf8_length(text) * 9 + 60;
    int corner = m->brand->radius > 8 ? 23 : m->brand->radius;
    const char *fill = g->accent ? c->card : outline ? c->card : c->accent;
    const char *ink = g->accent || outline ? c->link : c->accent_ink;

    if (text[0] == '\0')
        return OK;
    TRY(make_link(m, b->href, true, &link));
    if (link < 0) /* a draft's; it is not published like that */
        return OK;
    if (text_is(b->style, "link"))
        return make_snippet(m, "button_link",
                            HOLES({ "href", NULL, NULL, link + 1 }, { "text", NULL, text, 0 },
                                  USUAL(m, g, b->align)));
    return make_snippet(m, "button",
                        HOLES({ "href", NULL, NULL, link + 1 }, { "text", NULL, text, 0 },
                              { "width", number(m, width < g->width ? width : g->width), NULL, 0 },
                              { "arc", number(m, corner * 100 / 46), NULL, 0 },
                              { "border",
                                g->accent ? fill
                                : outline ? ink
                                          : fill,
                                NULL, 0 },
                              { "fill", fill, NULL, 0 }, { "ink_on", ink, NULL, 0 },
                              { "class",
                                g->accent ? "inv"
                                : outline ? "inv outl"
                                          : "acc",
                                NULL, 0 },
                              { "text_class", g->accent || outline ? "invt" : "on", NULL, 0 },
                              { "full", b->wide ? "full" : "", NULL, 0 },
                              { "wide", b->wide ? "width:100%;" : "", NULL, 0 },
                              { "corner", number(m, corner), NULL, 0 }, USUAL(m, g, b->align)));
}

static enum status put_product(struct maker *m, const struct block *b, const struct ground *g)
{
    struct block picture = *b, button = *b;

    picture.wide = false;
    if (b->alt[0] == '\0')
        picture.alt = b->name;
    TRY(put_picture(m, &picture, g, 12));
    TRY(make_snippet(m, "product_open", HOLES(USUAL(m, g, ALIGN_LEFT))));
    if (b->name[0])
        TRY(make_snippet(m, "product_name", HOLES({ "name", NULL, b->name, 0 })));
    if (b->price[0])
        TRY(make_snippet(m, "product_price",
                         HOLES({ "price", NULL, b->price, 0 }, USUAL(m, g, ALIGN_LEFT))));
    if (b->text[0])
        TRY(make_snippet(m, "product_text", HOLES({ "text", NULL, b->text, 0 })));
    TRY(make_snippet(m, "cell_close", NO_HOLES));
    button.style = "outline";
    button.align = ALIGN_LEFT;
    return put_button(m, &button, b->button, g);
}

/* ---- blocks in blocks ---- */
enum { GUTTER = 12 };

static enum status put_columns(struct maker *m, const struct block *b, const struct ground *g)
{
    int all = g->width + 2 * GUTTER - 2; /* a box's own line takes two */
    int each = all / (int)b->part_count;
    struct ground inner = {
        .width = each - 2 * GUTTER, .side = GUTTER, .pad = "", .padc = "", .accent = g->accent
    };

    TRY(make_snippet(m, "columns_open",
                     HOLES({ "padc", g->padc, NULL, 0 },
                           { "side", number(m, g->side - GUTTER), NULL, 0 },
                           { "width", number(m, all), NULL, 0 })));
    for (size_t i = 0; i < b->part_count; i++) {
        TRY(make_snippet(m, "column_open", HOLES({ "width", number(m, each), NULL, 0 })));
        TRY(b->parts[i].count ? put_blocks(m, &b->parts[i], &inner)
                              : make_snippet(m, "column_empty", NO_HOLES));
        TRY(make_snippet(m, "column_close", NO_HOLES));
    }
    return make_snippet(m, "columns_close", NO_HOLES);
}

static enum status put_box(struct maker *m, const struct block *b, const struct ground *g)
{
    const struct brand_colors *c = &m->brand->light;
    bool wide = b->wide && g->edge, line = text_is(b->style, "line");
    const char *fill = text_is(b->style, "accent") ? c->accent : c->soft;
    int inside = wide ? g->side : g->side < 20 ? 18 : 28;
    int outer = wide ? g->width + 2 * g->side : g->width;
    struct ground inner = { .width = outer - 2 * inside,
                            .side = inside,
                            .pad = wide ? "pad" : "box",
                            .padc = wide ? "padc" : "boxc",
                            .accent = text_is(b->style, "accent") };

    TRY(make_snippet(
        m, "box_open",
        HOLES(
            { "pad", wide ? "" : g->pad, NULL, 0 },
            { "side", number(m, wide ? 0 : g->side), NULL, 0 },
            { "above", wide ? "0" : "4", NULL, 0 }, { "below", wide ? "30" : "24", NULL, 0 },
            { "class",
              line           ? "lin"
              : inner.accent ? "acc"
                             : "sft",
              NULL, 0 },
            { "bgcolor", line ? "" : arena_printf(m->cx->arena, "bgcolor=\"%s\" ", fill), NULL, 0 },
            { "style",
              line ? arena_printf(m->cx->arena, "border:1px solid %s;", c->line)
                   : arena_printf(m->cx->arena, "background-color:%s;", fill),
              NULL, 0 },
            { "corner", wide ? "0" : number(m, m->brand->radius), NULL, 0 },
            { "inner", wide ? "38" : "24", NULL, 0 })));
    TRY(put_blocks(m, &b->parts[0], &inner));
    return make_snippet(m, "box_close", HOLES({ "inner", wide ? "18" : "8", NULL, 0 }));
}

static enum status put_if(struct maker *m, const struct block *b, const struct ground *g)
{
    int jump = make_if(m, b->filter);

    TRY(put_blocks(m, &b->parts[0], g));
    if (b->parts[1].count) {
        jump = make_else(m, jump);
        TRY(put_blocks(m, &b->parts[1], g));
    }
    make_end(m, jump);
    return OK;
}

static const char *network_label(const struct brand *b, const char *network)
{
    for (size_t i = 0; i < BRAND_NETWORKS; i++)
        if (text_is(b->social[i].network, network))
            return b->social[i].label;
    return network[0] ? network : "Link";
}

static enum status put_social_link(struct maker *m, const struct ground *g, const char *label,
                                   const char *url, int *shown)
{
    int link;

    if (url[0] == '\0')
        return OK;
    TRY(make_link(m, url, true, &link));
    if ((*shown)++)
        TRY(make_snippet(m, "social_gap", HOLES(USUAL(m, g, ALIGN_LEFT))));
    return make_snippet(m, "social_link",
                        HOLES({ "href", NULL, NULL, link + 1 }, { "label", NULL, label, 0 },
                              USUAL(m, g, ALIGN_LEFT)));
}

static enum status put_social(struct maker *m, const struct block *b, const struct ground *g)
{
    int shown = 0;

    TRY(make_snippet(m, "social_open", HOLES(USUAL(m, g, b->align))));
    for (size_t i = 0; i < b->social_count; i++)
        TRY(put_social_link(m, g, network_label(m->brand, b->social[i].network), b->social[i].url,
                            &shown));
    for (size_t i = 0; i < BRAND_NETWORKS && b->social_count == 0; i++)
        TRY(put_social_link(m, g, m->brand->social[i].label, m->brand->social[i].url, &shown));
    return make_snippet(m, "cell_close", NO_HOLES);
}

static enum status put_block(struct maker *m, const struct block *b, const struct ground *g)
{
    m->where = b->where;
    switch (b->kind) {
    case BLOCK_TEXT:
        return put_text(m, b, g);
    case BLOCK_IMAGE:
        return put_picture(m, b, g, 22);
    case BLOCK_BUTTON:
        return put_button(m, b, b->text, g);
    case BLOCK_COLUMNS:
        return put_columns(m, b, g);
    case BLOCK_BOX:
        return put_box(m, b, g);
    case BLOCK_DIVIDER:
        return make_snippet(m, "divider", HOLES(USUAL(m, g, ALIGN_LEFT)));
    case BLOCK_SPACER:
        return make_snippet(m, "spacer", HOLES({ "height", number(m, b->height), NULL, 0 }));
    case BLOCK_SOCIAL:
        return put_social(m, b, g);
    case BLOCK_PRODUCT:
        return put_product(m, b, g);
    case BLOCK_IF:
        return put_if(m, b, g);
    case BLOCK_HTML:
        return put_html(m, b, g);
    case BLOCK_KINDS:
        break;
    }
    return OK;
}

static enum status put_blocks(struct maker *m, const struct blocks *blocks, const struct ground *g)
{
    for (size_t i = 0; i < blocks->count; i++)
        TRY(put_block(m, &blocks->list[i], g));
    return OK;
}

/* ---- head and foot ---- */
static enum status put_header(struct maker *m, const struct content_doc *doc,
                              const struct ground *g)
{
    const struct brand *b = m->brand;
    const char *side = number(m, g->side);
    bool first_wide = doc->blocks.count && doc->blocks.list[0].wide;
    int link;

    if (text_is(doc->frame, "plain"))
        return OK;
    if (text_is(doc->header, "band"))
        return make_snippet(m, "header_band",
                            HOLES({ "side", side, NULL, 0 }, { "name", NULL, b->name, 0 }));
    if (text_is(doc->header, "none"))
        return first_wide ? OK : make_snippet(m, "header_none", HOLES({ "height", "36", NULL, 0 }));
    if (b->logo_url[0]) {
        TRY(make_link(m, b->logo_url, false, &link));
        return make_snippet(m, "header_logo",
                            HOLES({ "side", side, NULL, 0 }, { "logo", NULL, NULL, link + 1 },
                                  { "width", number(m, b->logo_width), NULL, 0 },
                                  { "name", NULL, b->name, 0 }));
    }
    TRY(make_link(m, b->website, true, &link));
    return make_snippet(m, link < 0 ? "header_name_alone" : "header_name",
                        HOLES({ "side", side, NULL, 0 }, { "site", NULL, NULL, link + 1 },
                              { "name", NULL, b->name, 0 }));
}

static enum status put_foot_link(struct maker *m, const char *path, const char *url,
                                 const char *label)
{
    int jump = path ? make_if_value(m, path) : -1, link;

    TRY(make_link(m, path ? arena_printf(m->cx->arena, "{{%s}}", path) : url, false, &link));
    if (link >= 0)
        TRY(make_snippet(m, "footer_link",
                         HOLES({ "href", NULL, NULL, link + 1 }, { "label", label, NULL, 0 })));
    if (path)
        make_end(m, jump);
    return OK;
}

static enum status put_address(struct maker *m, const struct brand *b)
{
    struct str rest = str_from(b->address), line;
    struct buf one = buf_in(m->cx->arena, 4000);

    buf_text(&one, b->name);
    while (str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.len)
            buf_printf(&one, " · %.*s", (int)line.len, line.p);
    }
    return make_snippet(m, "footer_address", HOLES({ "text", NULL, buf_end(&one), 0 }));
}

/* The foot is no block: it cannot be left out. Unsubscribing stands there when the sender of the
 * mail gives the address for it, which they do for all that needs consent. */
static enum status put_footer(struct maker *m, const struct content_doc *doc,
                              const struct ground *g)
{
    bool plain = text_is(doc->frame, "plain");
    int jump;

    m->where = "The foot";
    TRY(make_snippet(m, "footer_open",
                     HOLES({ "class", "", NULL, 0 }, { "style", "", NULL, 0 },
                           { "align", plain ? "left" : "center", NULL, 0 },
                           { "side", number(m, g->side), NULL, 0 })));
    jump = make_if_value(m, "unsubscribe_url");
    TRY(make_snippet(m, "footer_why", HOLES({ "name", NULL, m->brand->name, 0 })));
    make_end(m, jump);
    TRY(put_address(m, m->brand));
    TRY(make_snippet(m, "footer_links_open", NO_HOLES));
    TRY(put_foot_link(m, "unsubscribe_url", NULL, "Unsubscribe"));
    TRY(put_foot_link(m, "preferences_url", NULL, "Preferences"));
    TRY(put_foot_link(m, "archive_url", NULL, "View in browser"));
    TRY(put_foot_link(m, NULL, m->brand->legal_url, "Imprint"));
    TRY(put_foot_link(m, NULL, m->brand->privacy_url, "Privacy"));
    TRY(make_snippet(m, "footer_links_close", NO_HOLES));
    return make_snippet(m, "cell_close", NO_HOLES);
}

enum status content_make_html(struct maker *m, const struct content_doc *doc, const char *subject,
                              const char *preview)
{
    bool plain = text_is(doc->frame, "plain");
    struct ground g = { .side = plain ? 24 : 40, .pad = "pad", .padc = "padc", .edge = !plain };
    int jump, link;

    g.width = CONTENT_WIDTH - 2 * g.side;
    m->where = "Subject";
    TRY(make_snippet(
        m, "open",
        HOLES({ "subject", NULL, subject, 0 }, { "body_class", plain ? "card" : "bg", NULL, 0 },
              { "body_color", plain ? m->brand->light.card : m->brand->light.ground, NULL, 0 })));
    m->where = "Preview text";
    if (preview[0])
        TRY(make_snippet(m, "preview", HOLES({ "preview", NULL, preview, 0 })));
    TRY(make_snippet(m, plain ? "plain_open" : "card_open", NO_HOLES));
    TRY(put_header(m, doc, &g));
    TRY(put_blocks(m, &doc->blocks, &g));
    if (!plain)
        TRY(make_snippet(m, "card_close", NO_HOLES));
    TRY(put_footer(m, doc, &g));
    TRY(make_snippet(m, "frame_close", NO_HOLES));
    jump = make_if_value(m, "pixel_url");
    TRY(make_link(m, "{{pixel_url}}", false, &link));
    TRY(make_snippet(m, "pixel", HOLES({ "pixel", NULL, NULL, link + 1 })));
    make_end(m, jump);
    jump = make_if_value(m, "trap_url");
    TRY(make_link(m, "{{trap_url}}", false, &link));
    TRY(make_snippet(m, "trap", HOLES({ "trap", NULL, NULL, link + 1 })));
    make_end(m, jump);
    return make_snippet(m, "close", NO_HOLES);
}
