/* segment.c -- a segment: the record, its rules, and what is seen of it in other places. */
#include "base/utf8.h"
#include "bridge/contact.h"
#include "bridge/segment_int.h"
#include "kit/follow.h"
#include "kit/merge.h"

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
    if (row_is_new(r) && !row_has(r, SEGMENT_FILTER))
        return OK; /* nobody is in it until one says who */
    if (segment_is_live(r) && (row_is_new(r) || row_changed(r, SEGMENT_FILTER)))
        return segment_check_filter(cx, r);
    return OK;
}

static enum status segment_saved(struct ctx *cx, struct row *r)
{
    if (!segment_is_live(r) || !row_has(r, SEGMENT_FILTER) ||
        !(row_is_new(r) || row_changed(r, SEGMENT_FILTER)))
        return OK;
    segments_changed(cx);
    return segment_fill_later(cx, row_id(r), true);
}

static enum status segment_removed(struct ctx *cx, struct row *r)
{
    const char *named;

    TRY(segment_named_by(cx, r, &named));
    if (named[0])
        return ctx_fail_code(cx, E_CONFLICT, "segment.named",
                             "Other segments name this one: %s. Change their filters first.",
                             named);
    segments_changed(cx);
    if (!segment_is_live(r))
        return OK; /* who was on the list is again when it comes back */
    TRY(db_run(cx, "segment.due_forget", I64("segment", row_id(r))));
    TRY(db_run(cx, "segment.forget", I64("segment", row_id(r))));
    return db_run(cx, "segment.emptied", I64("segment", row_id(r)));
}

static enum status on_restored(struct ctx *cx, const struct happening *h)
{
    segments_changed(cx);
    return segment_is_live(h->row) ? segment_fill_later(cx, row_id(h->row), true) : OK;
}

/* Exchange rates and the time zone are in no record: what they mean to filters is found by looking
 * at everybody. */
static enum status on_setting(struct ctx *cx, const struct happening *h)
{
    const char *name = val_get_text(h->props, "name");

    if (!text_is(name, "currency.rates") && !text_is(name, "workspace.zone"))
        return OK;
    return segment_refill(cx);
}

static enum status segment_start(struct ctx *cx)
{
    i64 next;
    enum status s;

    TRY(segments_open(cx));
    s = db_get_i64(cx, &next, "segment.due_next");
    if (s != OK)
        return s == E_NOT_FOUND ? OK : s;
    return segment_due_at(cx, next);
}

static enum status changed_elsewhere(struct ctx *cx)
{
    segments_forget(cx);
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
    .detail = segment_detail,
    .detail_template = "segment/detail",
    .saved = segment_saved,
    .removed = segment_removed,
};
static const struct filter_set sets[] = {
    { "contact", "segments", "Segments", "segment", "slug", "segment_member", "segment_id",
      "contact_id", "/segments/new?kind=live&filter=" },
};
static const struct job_type jobs[] = {
    { "segment.follow", "Follow changes in live segments", segment_touch_job },
    { "segment.due", "Look who comes or goes because time goes on", segment_due_job,
      .every_ms = 10 * MS_MINUTE },
    { "segment.fill", "Find the members of a segment", segment_fill_job },
};
static const struct follower followers[] = {
    { "segment", "Follow events in live segments", .write = segment_on_events },
};
static const struct merge_table merge_tables[] = {
    { "contact", "segment_member", "contact_id", "segment_id", "segment_id",
      .collision = MERGE_ASIDE },
    { "contact", "segment_due", "contact_id", "segment_id", "segment_id",
      .collision = MERGE_ASIDE },
    { "contact", "segment_past", "contact_id", "id" },
    { NULL, "segment_touch", "record_id", .stays = "what is to be looked at, for seconds" },
};

static enum status segment_merged(struct ctx *cx, struct merge *m)
{
    return m->type == &contact_type
               ? db_run(cx, "segment.merged", I64("merge", m->id), I64("by", m->undo ? 1 : -1))
               : OK;
}

static const struct subscription subscriptions[] = {
    { "*", segment_on_any },
    { "segment.restored", on_restored },
    { "setting.saved", on_setting },
};
const struct feature feature_segment = {
    .name = "segment",
    TYPES(&segment_type),
    .routes = segment_routes,
    .route_count = SEGMENT_ROUTES,
    JOBS(jobs),
    FOLLOWERS(followers),
    SUBSCRIPTIONS(subscriptions),
    FILTER_SETS(sets),
    MERGE_TABLES(merge_tables),
    .merged = segment_merged,
    .start = segment_start,
    .changed_elsewhere = changed_elsewhere,
};
