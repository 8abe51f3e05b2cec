/* brand.h -- the brand kit: how the company looks and what it says of itself, the same in mails,
 * forms and pages. A workspace has one or several; one of them is the default. */
#pragma once
#include "kit/kit.h"

enum brand_field {
    BRAND_NAME, BRAND_DEFAULT, BRAND_LOGO, BRAND_LOGO_WIDTH, BRAND_WEBSITE, BRAND_ADDRESS,
    BRAND_LEGAL, BRAND_PRIVACY, BRAND_ACCENT, BRAND_GROUND, BRAND_INK, BRAND_FONT, BRAND_HEADINGS,
    BRAND_CORNERS, BRAND_LINKEDIN, BRAND_MASTODON, BRAND_BLUESKY, BRAND_X, BRAND_FACEBOOK,
    BRAND_INSTAGRAM, BRAND_YOUTUBE, BRAND_ABOUT, BRAND_VOICE,
    BRAND_FIELDS
};
extern const struct record_type brand_type;

/* Colours as "#rrggbb". The pairs fit: *_ink is readable on the colour it is named after. */
struct brand_colors {
    const char *ground, *card, *ink, *muted, *line; /* the page, what lies on it, text on both */
    const char *accent, *accent_ink;                /* buttons */
    const char *link;                               /* the accent as text on the card */
    const char *soft;                               /* a quiet tint of the accent, for boxes */
};
enum { BRAND_NETWORKS = 7 };
struct brand {
    i64 id; /* 0: there is none yet, this is the workspace's name in our colours */
    const char *name, *logo_url, *website, *address, *legal_url, *privacy_url, *about;
    int logo_width, radius;
    const char *font, *heading_font; /* CSS stacks of fonts that are everywhere */
    struct brand_colors light, dark;
    struct {
        const char *network, *label, *url; /* url "" where there is none */
    } social[BRAND_NETWORKS];
};

/* The brand of this id, or the default one for 0. As the system: everybody's mails wear it. In
 * arena. E_NOT_FOUND: no such brand. */
MUST_CHECK enum status brand_read(struct ctx *cx, i64 id, struct brand *out);
/* "#2F6B3C" or "2f6b3c" -> "#2f6b3c" in arena; NULL: no colour. */
const char *color_parse(struct arena *a, const char *text);
/* How well one can be read on the other: 1 to 21 (WCAG). */
double color_contrast(const char *a, const char *b);
/* `color` moved towards black or white until it can be read on `ground`. In arena. */
const char *color_readable(struct arena *a, const char *color, const char *ground, double contrast);
