/* event_kind.c -- kinds of events of the workspace's own: what happens in its shop, its product or
 * another tool, and stands on the same journeys. They come through /api/v1/events and furrow import
 * events. */
#include "base/limits.h"
#include "base/log.h"
#include "kit/filter.h"
#include "kit/kit.h"
#include <stdio.h>
#include <stdlib.h>

enum { KIND_NAME, KIND_LABEL, KIND_ICON, KIND_PLACE, KIND_HEADS, KIND_PAID, KIND_FIELDS };
enum { NAME_BYTES = 40, LABEL_BYTES = 80 };

static const struct field fields[] = {
    [KIND_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | UNIQUE | CREATE_ONLY,
                    .max_len = NAME_BYTES,
                    .help = "What programs call it, for example plan_upgraded: lower case letters, "
                            "digits and _. It stays as it is." },
    [KIND_LABEL] = { "label", FIELD_TEXT, "Label", REQUIRED | LISTED | SEARCHED,
                     .max_len = LABEL_BYTES, .help = "What people read: Plan upgraded." },
    [KIND_ICON] = { "icon", FIELD_CHOICE, "Icon", REQUIRED, .otherwise = "point",
                    .choices = CHOICES({ "point", "Point", NULL }, { "activity", "Activity", NULL },
                                       { "bolt", "Bolt", NULL }, { "calendar", "Calendar", NULL },
                                       { "cash", "Cash", NULL }, { "file", "File", NULL },
                                       { "flag", "Flag", NULL }, { "mail", "Mail", NULL },
                                       { "phone", "Phone", NULL }, { "users", "People", NULL }) },
    [KIND_PLACE] = { "place", FIELD_CHOICE, "Whose doing it is", REQUIRED | LISTED,
                     .otherwise = "customer",
                     .help = "A touch of marketing is credited in attribution when its channel is "
                             "known. What happens on the web site is part of a visit.",
                     .choices = CHOICES({ "customer", "The customer's, elsewhere", "gray" },
                                        { "site", "The visitor's, on the web site", "blue" },
                                        { "marketing", "Marketing's: a touch", "violet" },
                                        { "sales", "That of sales or service", "green" }) },
    [KIND_HEADS] = { "chapter", FIELD_BOOL, "Heads a chapter of the timeline", 0 },
    [KIND_PAID] = { "money", FIELD_BOOL, "Is about money", 0,
                    .help = "Stands out on the timeline with its amount." },
};
_Static_assert(countof(fields) == KIND_FIELDS, "enum and table differ");

static u32 flags_of(const char *place, bool chapter, bool money, bool retired)
{
    return (text_is(place, "site") ? KIND_VISIT : 0) |
           (text_is(place, "marketing") ? KIND_TOUCH : 0) |
           (text_is(place, "sales") ? KIND_SALES : 0) | (chapter ? KIND_CHAPTER : 0) |
           (money ? KIND_MONEY : 0) | (retired ? KIND_RETIRED : 0);
}

static bool is_word(const char *s)
{
    return *s >= 'a' && *s <= 'z' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static size_t own_count(struct ctx *cx)
{
    size_t all = 0;

    while (kit_event_kind_at(cx->kit, all))
        all++;
    return all;
}

static enum status kind_validate(struct ctx *cx, struct row *r)
{
    const char *name = row_text(r, KIND_NAME);
    size_t count, declared = 0;
    const struct feature *const *features = kit_features(cx->kit, &count);

    if (!is_word(name) || text_is(name, "any") || text_is(name, "visit"))
        return ctx_fail_field(cx, "name", "event_kind.name",
                              "'%s' is no name; write it like plan_upgraded: lower case letters, "
                              "digits and _, a letter first.",
                              name);
    for (size_t i = 0; i < count; i++) {
        declared += features[i]->event_kind_count;
        for (size_t j = 0; j < features[i]->event_kind_count; j++)
            if (text_is(features[i]->event_kinds[j].name, name))
                return ctx_fail_field(cx, "name", "event_kind.taken",
                                      "Furrow itself has events called '%s' (%s). Choose another "
                                      "name.",
                                      name, features[i]->event_kinds[j].label);
    }
    if (kit_event_kind(cx->kit, name) == NULL && own_count(cx) - declared >= LIMIT_OWN_EVENT_KINDS)
        return ctx_fail_field(cx, "name", "event_kind.too_many",
                              "There are %d kinds of events of your own; there can be no more.",
                              LIMIT_OWN_EVENT_KINDS);
    return OK;
}

/* ---- into memory, once the record is durable ---- */

struct shown {
    struct kit *kit;
    struct event_kind kind;
    char name[NAME_BYTES + 1], label[LABEL_BYTES + 1], icon[NAME_BYTES];
};

static void show_now(void *arg)
{
    struct shown *s = arg;

    if (!kit_own_event_kind(s->kit, &s->kind))
        log_line(LOG_WARN, "event_kind.left_out", "name=%s", s->name);
    free(s);
}

static void show(struct ctx *cx, const struct row *r, bool retired)
{
    struct shown *s = malloc(sizeof *s);

    if (s == NULL)
        log_fatal("event_kind.out_of_memory", "bytes=%zu", sizeof *s);
    *s = (struct shown){ .kit = cx->kit };
    s->kind = (struct event_kind){ s->name, s->label, s->icon,
                                   flags_of(row_text(r, KIND_PLACE), row_bool(r, KIND_HEADS),
                                            row_bool(r, KIND_PAID), retired),
                                   NULL };
    snprintf(s->name, sizeof s->name, "%s", row_text(r, KIND_NAME));
    snprintf(s->label, sizeof s->label, "%s", row_text(r, KIND_LABEL));
    snprintf(s->icon, sizeof s->icon, "%s", row_text(r, KIND_ICON));
    db_after_commit(cx, show_now, free, s);
}

static enum status kind_saved(struct ctx *cx, struct row *r)
{
    show(cx, r, false);
    return OK;
}

static enum status kind_removed(struct ctx *cx, struct row *r)
{
    show(cx, r, true);
    return OK;
}

static enum status on_restored(struct ctx *cx, const struct happening *h)
{
    return kind_saved(cx, h->row);
}

static const struct record_type event_kind_type = {
    .name = "event_kind",
    .label = "Event kind",
    .plural = "Event kinds",
    .path = "event-kinds",
    .icon = "activity",
    .section = "settings",
    .menu_order = 6,
    .sort = "label",
    .title = KIND_LABEL,
    .fields = fields,
    .field_count = KIND_FIELDS,
    .empty =
        "What happens in your shop, your product or another tool can stand on the same "
        "journeys: name it here, then send it to /api/v1/events. Funnels, paths, retention and "
        "timelines know it from then on.",
    .validate = kind_validate,
    .saved = kind_saved,
    .removed = kind_removed,
};

/* In the trash or not: what happened is told. */
static enum status event_kind_start(struct ctx *cx)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "event_kind.all");

    while (stmt_next(&q)) {
        struct event_kind kind = { col_text(&q, 0), col_text(&q, 1), col_text(&q, 2),
                                   flags_of(col_text(&q, 3), col_i64(&q, 4) != 0,
                                            col_i64(&q, 5) != 0, col_i64(&q, 6) != 0),
                                   NULL };
        if (!kit_own_event_kind(cx->kit, &kind))
            log_line(LOG_WARN, "event_kind.left_out", "name=%s", kind.name);
    }
    return stmt_status(&q);
}

static const struct subscription subscriptions[] = { { "event_kind.restored", on_restored } };
const struct feature feature_event_kind = { .name = "event_kind",
                                            TYPES(&event_kind_type),
                                            SUBSCRIPTIONS(subscriptions),
                                            .start = event_kind_start,
                                            .changed_elsewhere = event_kind_start };
