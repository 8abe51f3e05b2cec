/* brand_look.c -- a brand's colours, letters and logo: style sheets and heads of public pages. */
#include "bridge/brand_look.h"
#include "base/id.h"
#include "bridge/brand.h"

enum { CSS_BYTES = 8 * 1024, DRESS_BYTES = 64 * 1024, KEPT_SECONDS = 7 * 24 * 3600 };

/* One that is gone since leaves the default. */
static enum status read_brand(struct ctx *cx, i64 id, struct brand *out)
{
    enum status s = brand_read(cx, id, out);

    if (s != E_NOT_FOUND || id == 0)
        return s;
    ctx_clear_error(cx);
    return brand_read(cx, 0, out);
}

/* The variables of fields.css in one of the brand's two sets. */
static void put_colors(struct buf *b, const struct brand_colors *c)
{
    buf_printf(b, "--ground:%s;--ink:%s;--soft:%s;--line:%s;--edge:%s;", c->card, c->ink, c->muted,
               c->line, c->muted);
}

static void put_accent(struct buf *b, const struct brand_colors *c, bool page_chooses)
{
    buf_printf(b,
               page_chooses
                   ? "--brand:var(--furrow-brand,%s);--brand-ink:var(--furrow-brand-ink,%s);"
                   : "--brand:%s;--brand-ink:%s;",
               c->accent, c->accent_ink);
}

static void put_page_css(struct buf *b, const struct brand *br)
{
    buf_printf(b, ":root{--brand-font:%s;--heading-font:%s;--radius:%dpx;--page:%s;", br->font,
               br->heading_font, br->radius, br->light.ground);
    put_accent(b, &br->light, false);
    put_colors(b, &br->light);
    buf_printf(b, "}\n@media (prefers-color-scheme:dark){:root{--page:%s;", br->dark.ground);
    put_accent(b, &br->dark, false);
    put_colors(b, &br->dark);
    buf_text(b, "}}\n");
}

enum status brand_put_page(struct req *rq, i64 brand_id, struct val *page)
{
    struct buf css = buf_in(rq->cx->arena, CSS_BYTES);
    struct val *v = val_put_map(page, "brand");
    struct brand brand;
    u32 hash = 2166136261u;

    TRY(read_brand(rq->cx, brand_id, &brand));
    put_page_css(&css, &brand);
    for (const char *p = buf_end(&css); *p; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    val_put_text(v, "text", brand.name);
    val_put_text(v, "url", brand.website);
    val_put_text(v, "logo_url", brand.logo_url);
    val_put_i64(v, "logo_width", brand.logo_width);
    val_put_text(v, "legal_url", brand.legal_url);
    val_put_text(v, "privacy_url", brand.privacy_url);
    val_put_text(v, "css_url",
                 brand.id == 0 ? ""
                               : arena_printf(rq->cx->arena, "/brand-look/%s?v=%08x",
                                              id_text(rq->cx->arena, brand.id), hash));
    val_put_bool(page, "embedded", false);
    reply_images_from(rq, brand.logo_url);
    return OK;
}

enum status brand_dress(struct req *rq, i64 brand_id, const char *asset, const char *selector,
                        const char **css)
{
    struct buf b = buf_in(rq->cx->arena, DRESS_BYTES);
    struct brand br;

    TRY(read_brand(rq->cx, brand_id, &br));
    buf_str(&b, web_asset_text(rq, asset));
    if (br.id != 0) {
        buf_printf(&b,
                   "\n%s{--brand-font:var(--furrow-font,%s);--heading-font:var(--furrow-font,%s);--"
                   "radius:%dpx;",
                   selector, br.font, br.heading_font, br.radius);
        put_accent(&b, &br.light, true);
        put_colors(&b, &br.light);
        buf_printf(&b, "}%s[data-theme=dark]{", selector);
        put_accent(&b, &br.dark, true);
        put_colors(&b, &br.dark);
        buf_printf(&b, "}@media (prefers-color-scheme:dark){%s[data-theme=auto]{", selector);
        put_accent(&b, &br.dark, true);
        put_colors(&b, &br.dark);
        buf_text(&b, "}}");
    }
    *css = buf_end(&b);
    return buf_status(&b);
}

/* GET /brand-look/:id -- the style sheet of pages in this brand. */
static enum status look_get(struct req *rq)
{
    struct buf css = buf_in(rq->cx->arena, CSS_BYTES);
    struct brand brand;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(brand_read(rq->cx, id, &brand));
    put_page_css(&css, &brand);
    reply_header(rq, "Cache-Control",
                 arena_printf(rq->cx->arena, "public, max-age=%d", KEPT_SECONDS));
    return reply_text(rq, 200, "text/css; charset=utf-8", str_from(buf_end(&css)));
}

static const struct route routes[] = {
    { HTTP_GET, "/brand-look/:id", look_get, .flags = ROUTE_PUBLIC },
};
const struct feature feature_brand_look = { .name = "brand_look", ROUTES(routes) };
