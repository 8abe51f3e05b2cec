/* brand.c -- the brand kit as a record, and its colours made complete: from an accent, a ground and
 * an ink come all that a mail needs, light and dark, each readable where it stands. */
#include "bridge/brand.h"
#include "base/id.h"
#include <math.h>
#include <stdlib.h>

#define FONT_CHOICES                                                                       \
    CHOICES({ "sans", "Sans (Helvetica, Arial)" }, { "modern", "Modern (Segoe, Roboto)" }, \
            { "humanist", "Humanist (Verdana)" }, { "serif", "Serif (Georgia)" },          \
            { "book", "Book (Palatino)" }, { "mono", "Typewriter (Courier)" })

static const struct field fields[] = {
    [BRAND_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100,
                     .help = "As customers know you." },
    [BRAND_DEFAULT] = { "is_default", FIELD_BOOL, "The default brand", LISTED,
                        .help = "What does not choose a brand wears this one." },
    [BRAND_LOGO] = { "logo_url", FIELD_URL, "Logo", 0, .max_len = 500,
                     .help = "Address of a PNG or JPEG, twice as large as it is shown. Mail "
                             "programs show no SVG. Without one the name is set in type." },
    [BRAND_LOGO_WIDTH] = { "logo_width", FIELD_INT, "Shown so wide, pixels", 0, .min = 16,
                           .max = 400, .otherwise = "140" },
    [BRAND_WEBSITE] = { "website", FIELD_URL, "Web site", LISTED, .max_len = 500 },
    [BRAND_ADDRESS] = { "address", FIELD_LONG, "Postal address", 0, .max_len = 500,
                        .help = "Stands at the foot of every mail: the law asks for it. Nothing "
                                "is published without." },
    [BRAND_LEGAL] = { "legal_url", FIELD_URL, "Imprint", 0, .max_len = 500 },
    [BRAND_PRIVACY] = { "privacy_url", FIELD_URL, "Privacy notice", 0, .max_len = 500 },
    [BRAND_ACCENT] = { "accent", FIELD_TEXT, "Accent", LISTED, .max_len = 9, .otherwise = "#2f6b3c",
                       .group = "Look",
                       .help = "Colour of buttons, links and boxes, like #2f6b3c. Shades, and the "
                               "colours in dark mode, are made from it." },
    [BRAND_GROUND] = { "ground", FIELD_TEXT, "Ground", 0, .max_len = 9, .otherwise = "#f5f3ed",
                       .help = "Colour behind the mail." },
    [BRAND_INK] = { "ink", FIELD_TEXT, "Text", 0, .max_len = 9, .otherwise = "#24221d" },
    [BRAND_FONT] = { "font", FIELD_CHOICE, "Font", 0, .otherwise = "sans", .choices = FONT_CHOICES,
                     .help = "Families that every mail program has." },
    [BRAND_HEADINGS] = { "heading_font", FIELD_CHOICE, "Font of headings", 0, .otherwise = "sans",
                         .choices = FONT_CHOICES },
    [BRAND_CORNERS] = { "corners", FIELD_CHOICE, "Corners", 0, .otherwise = "round",
                        .choices = CHOICES({ "square", "Square" }, { "round", "Round" },
                                           { "pill", "Very round" }) },
    [BRAND_LINKEDIN] = { "linkedin_url", FIELD_URL, "LinkedIn", 0, .max_len = 300,
                         .group = "Elsewhere" },
    [BRAND_MASTODON] = { "mastodon_url", FIELD_URL, "Mastodon", 0, .max_len = 300 },
    [BRAND_BLUESKY] = { "bluesky_url", FIELD_URL, "Bluesky", 0, .max_len = 300 },
    [BRAND_X] = { "x_url", FIELD_URL, "X", 0, .max_len = 300 },
    [BRAND_FACEBOOK] = { "facebook_url", FIELD_URL, "Facebook", 0, .max_len = 300 },
    [BRAND_INSTAGRAM] = { "instagram_url", FIELD_URL, "Instagram", 0, .max_len = 300 },
    [BRAND_YOUTUBE] = { "youtube_url", FIELD_URL, "YouTube", 0, .max_len = 300 },
    [BRAND_ABOUT] = { "about", FIELD_LONG, "About us", 0, .max_len = 1000, .group = "Words",
                      .help = "Two sentences that say who you are, the same everywhere." },
    [BRAND_VOICE] = { "voice", FIELD_LONG, "How we write", 0, .max_len = 4000,
                      .help = "For colleagues: tone, words we use, words we avoid." },
};
_Static_assert(countof(fields) == BRAND_FIELDS, "enum and table differ");

/* ---- colours ---- */
struct rgb {
    double r, g, b; /* 0 to 255 */
};

const char *color_parse(struct arena *a, const char *text)
{
    const char *p = text[0] == '#' ? text + 1 : text;
    bool shorts = strlen(p) == 3;

    if (!shorts && strlen(p) != 6)
        return NULL;
    for (const char *c = p; *c; c++)
        if (!((*c >= '0' && *c <= '9') || ((*c | 32) >= 'a' && (*c | 32) <= 'f')))
            return NULL;
    if (shorts)
        p = arena_printf(a, "%c%c%c%c%c%c", p[0], p[0], p[1], p[1], p[2], p[2]);
    return text_lower_ascii(a, arena_printf(a, "#%s", p));
}

static struct rgb rgb_of(const char *color)
{
    unsigned long n = strtoul(color + 1, NULL, 16);

    return (struct rgb){ (double)(n >> 16 & 255), (double)(n >> 8 & 255), (double)(n & 255) };
}

static const char *rgb_text(struct arena *a, struct rgb c)
{
    return arena_printf(a, "#%02x%02x%02x", (unsigned)lround(c.r), (unsigned)lround(c.g),
                        (unsigned)lround(c.b));
}

static double linear(double c)
{
    c /= 255;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(const char *color)
{
    struct rgb c = rgb_of(color);

    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

double color_contrast(const char *a, const char *b)
{
    double x = luminance(a), y = luminance(b);

    return (x > y ? x + 0.05 : y + 0.05) / (x > y ? y + 0.05 : x + 0.05);
}

/* `share` of b in a. */
static const char *mix(struct arena *a, const char *x, const char *y, double share)
{
    struct rgb p = rgb_of(x), q = rgb_of(y);

    return rgb_text(a, (struct rgb){ p.r + (q.r - p.r) * share, p.g + (q.g - p.g) * share,
                                     p.b + (q.b - p.b) * share });
}

const char *color_readable(struct arena *a, const char *color, const char *ground, double contrast)
{
    const char *towards = luminance(ground) > 0.18 ? "#000000" : "#ffffff", *out = color;

    for (int step = 1; step <= 20 && color_contrast(out, ground) < contrast; step++)
        out = mix(a, color, towards, step / 20.0);
    return out;
}

/* White or black, whichever reads better. */
static const char *ink_on(const char *ground)
{
    return color_contrast("#ffffff", ground) >= color_contrast("#1b1a17", ground) ? "#ffffff"
                                                                                  : "#1b1a17";
}

static void make_light(struct arena *a, struct brand *b, const char *accent, const char *ground,
                       const char *ink)
{
    struct brand_colors *c = &b->light;

    c->ground = ground;
    c->card = "#ffffff";
    c->ink = color_readable(a, ink, c->card, 7);
    c->muted = color_readable(a, mix(a, c->ink, c->card, 0.38), ground, 4.6);
    c->line = mix(a, c->ink, c->card, 0.86);
    c->accent = accent;
    c->accent_ink = ink_on(accent);
    c->soft = mix(a, "#ffffff", accent, 0.08);
    c->link = color_readable(a, accent, c->soft, 4.6);
}

static void make_dark(struct arena *a, struct brand *b, const char *accent)
{
    struct brand_colors *c = &b->dark;

    c->ground = "#161513";
    c->card = "#201f1c";
    c->ink = "#eceae4";
    c->muted = "#b3aea3";
    c->line = "#454239";
    c->soft = mix(a, c->card, accent, 0.22);
    c->accent =
        color_contrast(accent, c->card) < 3 ? color_readable(a, accent, c->card, 3) : accent;
    c->accent_ink = ink_on(c->accent);
    c->link = color_readable(a, accent, c->soft, 5);
}

/* ---- reading ---- */
static const char *font_stack(const char *word)
{
    static const char *const stacks[][2] = {
        { "sans", "Helvetica,Arial,sans-serif" },
        { "modern", "'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif" },
        { "humanist", "Verdana,Geneva,sans-serif" },
        { "serif", "Georgia,'Times New Roman',serif" },
        { "book", "'Palatino Linotype',Palatino,'Book Antiqua',Georgia,serif" },
        { "mono", "'Courier New',Courier,monospace" },
    };

    for (size_t i = 0; i < countof(stacks); i++)
        if (text_is(stacks[i][0], word))
            return stacks[i][1];
    return stacks[0][1];
}

static const char *color_or(struct arena *a, const char *text, const char *otherwise)
{
    const char *c = color_parse(a, text);

    return c ? c : otherwise;
}

static void fill(struct ctx *cx, const struct row *r, struct brand *b)
{
    static const struct {
        int field;
        const char *network;
    } networks[BRAND_NETWORKS] = {
        { BRAND_LINKEDIN, "linkedin" }, { BRAND_MASTODON, "mastodon" },
        { BRAND_BLUESKY, "bluesky" },   { BRAND_X, "x" },
        { BRAND_FACEBOOK, "facebook" }, { BRAND_INSTAGRAM, "instagram" },
        { BRAND_YOUTUBE, "youtube" },
    };
    const char *corners = row_text(r, BRAND_CORNERS);
    const char *accent = color_or(cx->arena, row_text(r, BRAND_ACCENT), "#2f6b3c");

    b->id = row_id(r);
    b->name = row_text(r, BRAND_NAME);
    b->logo_url = row_text(r, BRAND_LOGO);
    b->logo_width = row_has(r, BRAND_LOGO_WIDTH) ? (int)row_i64(r, BRAND_LOGO_WIDTH) : 140;
    b->website = row_text(r, BRAND_WEBSITE);
    b->address = row_text(r, BRAND_ADDRESS);
    b->legal_url = row_text(r, BRAND_LEGAL);
    b->privacy_url = row_text(r, BRAND_PRIVACY);
    b->about = row_text(r, BRAND_ABOUT);
    b->radius = text_is(corners, "square") ? 0 : text_is(corners, "pill") ? 20 : 8;
    b->font = font_stack(row_text(r, BRAND_FONT));
    b->heading_font = font_stack(row_text(r, BRAND_HEADINGS));
    for (size_t i = 0; i < BRAND_NETWORKS; i++) {
        b->social[i].network = networks[i].network;
        b->social[i].label = fields[networks[i].field].label;
        b->social[i].url = row_text(r, networks[i].field);
    }
    make_light(cx->arena, b, accent, color_or(cx->arena, row_text(r, BRAND_GROUND), "#f5f3ed"),
               color_or(cx->arena, row_text(r, BRAND_INK), "#24221d"));
    make_dark(cx->arena, b, accent);
}

enum status brand_read(struct ctx *cx, i64 id, struct brand *out)
{
    scoped(access_leave) struct access_guard g = access_enter_system(cx);
    struct row *r;
    enum status s = id ? OK : db_get_i64(cx, &id, "brand.default");

    memset(out, 0, sizeof *out);
    if (s == E_NOT_FOUND) { /* nobody has made one yet */
        r = row_new(cx, &brand_type);
        TRY(row_defaults(cx, r));
        row_set_text(r, BRAND_NAME, setting_text(cx, "workspace.name"));
        s = OK;
    } else if (s == OK) {
        s = record_get(cx, &brand_type, id, &r);
    }
    if (s == OK)
        fill(cx, r, out);
    return s;
}

/* ---- the record ---- */
static enum status brand_validate(struct ctx *cx, struct row *r)
{
    static const int colors[] = { BRAND_ACCENT, BRAND_GROUND, BRAND_INK };
    enum status s = OK;

    for (size_t i = 0; i < countof(colors); i++) {
        const char *c = color_parse(cx->arena, row_text(r, colors[i]));
        if (c)
            row_set_text(r, colors[i], c);
        else
            s = ctx_fail_field(cx, fields[colors[i]].name, "brand.color",
                               "'%s' is no colour. Write one like #2f6b3c.",
                               row_text(r, colors[i]));
    }
    return s;
}

/* There is one default: the last that was said to be. */
static enum status brand_saved(struct ctx *cx, struct row *r)
{
    i64 others[20];
    size_t count = 0;

    if (!row_bool(r, BRAND_DEFAULT))
        return OK;
    scoped(access_leave) struct access_guard g = access_enter_system(cx);
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "brand.other_defaults", I64("id", row_id(r)));
        while (stmt_next(&q))
            others[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        struct row *other;
        TRY(record_get(cx, &brand_type, others[i], &other));
        row_clear(other, BRAND_DEFAULT);
        TRY(record_save(cx, other));
    }
    return OK;
}

/* How it looks is seen on a mail: the library's newsletter, in this brand. */
static enum status brand_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    val_put_printf(page, "preview_url", "/mail-contents/library/newsletter/preview?brand=%s",
                   id_text(cx->arena, row_id(r)));
    return OK;
}

const struct record_type brand_type = {
    .name = "brand",
    .label = "Brand",
    .plural = "Brands",
    .path = "brands",
    .icon = "palette",
    .section = "marketing",
    .menu_order = MENU_SELDOM + 80,
    .sort = "name",
    .title = BRAND_NAME,
    .fields = fields,
    .field_count = BRAND_FIELDS,
    .empty = "The brand kit is how you look and sound: logo, colours, fonts, postal address. Mails "
             "and forms wear it by themselves.",
    .validate = brand_validate,
    .saved = brand_saved,
    .detail = brand_detail,
    .detail_template = "brand/detail",
};

const struct feature feature_brand = { .name = "brand", TYPES(&brand_type) };
