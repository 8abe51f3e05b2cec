/* segment.c -- a segment: the record, its rules, and what is seen of it in other places. */
#include "base/utf8.h"
#include "bridge/segment_int.h"

enum { SLUG_BYTES = 60, SLUGS_TRIED = 100 };

static const struct field fields[] = {
    [SEGMENT_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 120 },
    [SEGMENT_SLUG] = { "slug", FIELD_TEXT, "Short name", UNIQUE | CREATE_ONLY, .max_len = 80,
                       .help = "What filters call it: segments has 'vip'. Left empty: made from "
                               "the name." },
    [SEGMENT_KIND] = { "kind", FIELD_CHOICE, "Kind", REQUIRED | LISTED | CREATE_ONLY,
                       .otherwise = "live",
                       .choices = CHOICES({ "live", "Live", "green" },
                                          { "static", "Static list", "gray" }),
                       .help = "A live segment follows its filter by itself; a static list holds "
                               "whom you put there." },
    [SEGMENT_FILTER] = { "filter", FIELD_LONG, "Who is in it", 0, .max_len = 8000,
                         .help = "Of a live one, a filter over contacts, for example: country = "
                                 "'Germany' and count(pageview, -30d) >= 3" },
    [SEGMENT_ABOUT] = { "about", FIELD_LONG, "What it is for", 0 },
    [SEGMENT_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                        .otherwise = "me" },
    [SEGMENT_SIZE] = { "size", FIELD_INT, "Contacts", LISTED | COMPUTED, .otherwise = "0" },
    [SEGMENT_FILLED_AT] = { "filled_at", FIELD_TIME, "Members found", COMPUTED,
                            .help = "When everybody was last held against the filter." },
};
_Static_assert(countof(fields) == SEGMENT_FIELDS, "enum and table differ");

/* ---- the short name ---- */
static enum status slug_is_taken(struct ctx *cx, const char *slug, bool *taken)
{
    struct row *other;
    enum status s = record_find(cx, &segment_type, "slug", slug, &other);

    *taken = s == OK;
    return s == E_NOT_FOUND ? OK : s;
}

static enum status make_slug(struct ctx *cx, struct row *r)
{
    const char *given = row_text(r, row_has(r, SEGMENT_SLUG) ? SEGMENT_SLUG : SEGMENT_NAME);
    const char *base = utf8_slug(cx->arena, given, SLUG_BYTES), *slug = base;
    bool taken = !text_empty(base) && !row_has(r, SEGMENT_SLUG);

    for (int n = 2; taken && n < SLUGS_TRIED; n++) {
        TRY(slug_is_taken(cx, slug, &taken));
        if (taken)
            slug = arena_printf(cx->arena, "%s-%d", base, n);
    }
    if (text_empty(slug))
        return ctx_fail_field(cx, "slug", "segment.slug",
                              "The short name needs a letter or a digit: choose a word for it.");
    row_set_text(r, SEGMENT_SLUG, slug);
    return OK;
}

static enum status segment_validate(struct ctx *cx, struct row *r)
{
    if (row_is_new(r))
        TRY(make_slug(cx, r));
    return OK;
}

const struct record_type segment_type = {
    .name = "segment",
    .label = "Segment",
    .plural = "Segments",
    .path = "segments",
    .icon = "users-group",
    .section = "marketing",
    .menu_order = 15,
    .sort = "name",
    .title = SEGMENT_NAME,
    .fields = fields,
    .field_count = SEGMENT_FIELDS,
    .empty = "A segment is a named set of contacts: those whom a filter describes, always up to "
             "date, or those whom you put on a list. Mails, flows and reports ask who is in it.",
    .validate = segment_validate,
};
static const struct filter_set sets[] = {
    { "contact", "segments", "Segments", "segment", "slug", "segment_member", "segment_id",
      "contact_id" },
};
const struct feature feature_segment = { .name = "segment",
                                         TYPES(&segment_type),
                                         FILTER_SETS(sets) };
