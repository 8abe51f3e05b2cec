/* paper_look.c -- see paper_look.h. */
#include "sales/paper_look.h"
#include "base/clock.h"
#include "mail/picture.h"

static enum status put_logo(struct ctx *cx, const struct brand *brand, struct paper_look *look)
{
    struct picture_facts facts;
    struct str bytes;
    bool png, jpeg;

    TRY(picture_get(cx, brand->logo_url, &bytes, &facts));
    if (bytes.len == 0)
        return OK;
    png = text_is(facts.type, "image/png");
    jpeg = text_is(facts.type, "image/jpeg") && facts.colors < 4; /* not inks: their sign varies */
    if (png || jpeg)
        look->logo = (struct paper_logo){ bytes, jpeg, facts.width, facts.height };
    return OK;
}

enum status paper_look_read(struct ctx *cx, const struct brand *brand, const char *kind,
                            struct paper_look *out)
{
    *out = (struct paper_look){
        .kind = kind,
        .until = "Valid until",
        .signs = true,
        .accent = color_readable(cx->arena, brand->light.accent, "#ffffff", 4.5),
        .ink = "#201e1a",
        .muted = "#5c574d",
        .line = "#d8d3c8",
        .logo_width = brand->logo_width * 0.75, /* of CSS pixels */
        .made = zone_format(cx->arena, NULL, ctx_now(cx), "yyyy-MM-dd'T'HH:mm:ss'Z'"),
    };
    return put_logo(cx, brand, out);
}
