/* pages_detail.c -- a record's page: facts on the left, the journey in the middle with a composer
 * on top, what belongs to it on the right. */
#include "base/id.h"
#include "base/limits.h"
#include "kit/exchange.h"
#include "kit/file.h"
#include "kit/live.h"
#include "kit/pages_int.h"
#include "kit/watch.h"

enum { RELATED_SHOWN = 6, RELATED_COUNTED = 1000, HIGHLIGHTS = 4, HISTORY_SHOWN = 200 };

/* ---- facts ---- */

const char *page_worth(struct ctx *cx, const struct row *r, int field)
{
    bool money = row_type(r)->fields[field].kind == FIELD_MONEY && row_has(r, field);
    struct money m = { 0 }, base = { 0 };
    struct exchange x;
    i64 now;

    if (money) {
        m = row_money(r, field);
        base.minor = row_base_minor(r, field);
    }
    if (!money || text_is(m.currency, base_currency(cx)))
        return "";
    memcpy(base.currency, base_currency(cx), sizeof base.currency - 1);
    const char *text = money_show(cx->arena, base);
    if (row_type(r)->rate_day == NULL ||
        exchange_find(cx, m.currency, exchange_day(cx, r), &x) != OK ||
        exchange_apply(cx, &x, m, &now) != OK || now != base.minor)
        return text;
    return arena_printf(cx->arena, "%s: %s", text, exchange_say(cx, m.currency, &x));
}

/* Whether the group that begins here, if it is asked later, holds more than it began with. */
static bool group_says(const struct row *r, int first)
{
    const struct record_type *t = row_type(r);

    for (int i = first; i < t->field_count && (i == first || !t->fields[i].group); i++) {
        const struct field *f = &t->fields[i];
        if (f->flags & COMPUTED)
            continue;
        if (!(f->flags & LATER))
            return true;
        if (row_has(r, i) &&
            !(f->kind == FIELD_CHOICE && f->otherwise && text_is(row_text(r, i), f->otherwise)))
            return true;
    }
    return false;
}

static void put_facts(struct ctx *cx, const struct row *r, struct val *page)
{
    const struct record_type *t = row_type(r);
    struct val *groups = val_put_list(page, "facts"), *items = NULL;
    bool editable = may_row(cx, r, VERB_UPDATE), says = true;
    const char *heading = "";

    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        struct val *fact;
        if (f->group) {
            heading = f->group;
            says = group_says(r, i);
            items = NULL;
        }
        if (!says && f->flags & LATER)
            continue;
        if (!field_shown(f) || f->kind == FIELD_JSON || (f->flags & COMPUTED && !row_has(r, i)))
            continue;
        if (!items) {
            struct val *group = val_add_map(groups);
            val_put_text(group, "text", heading);
            items = val_put_list(group, "items");
        }
        fact = row_cell(cx, r, i);
        val_put_text(fact, "field", f->name);
        val_put_text(fact, "label", f->label);
        val_put_text(fact, "worth", page_worth(cx, r, i));
        val_put_bool(fact, "editable", editable && field_typed(f, false));
        val_add(items, fact);
    }
}

static void put_highlights(struct ctx *cx, const struct row *r, struct val *page)
{
    static const enum field_kind wanted[] = { FIELD_CHOICE, FIELD_MONEY, FIELD_REF, FIELD_DATE,
                                              FIELD_INT };
    const struct record_type *t = row_type(r);
    struct val *list = val_put_list(page, "highlights");

    for (size_t w = 0; w < countof(wanted); w++)
        for (int i = 0; i < t->field_count && val_count(list) < HIGHLIGHTS; i++) {
            const struct field *f = &t->fields[i];
            struct val *v;
            if (f->kind != wanted[w] || !(f->flags & LISTED) || !row_has(r, i) || !field_shown(f))
                continue;
            v = row_cell(cx, r, i);
            val_put_text(v, "label", f->label);
            val_add(list, v);
        }
}

static void put_mark(struct ctx *cx, const struct row *r, struct val *page)
{
    const char *section = row_type(r)->section;
    struct val *mark;

    if (!section || !(text_is(section, "people") || text_is(row_type(r)->name, "user"))) {
        val_put_null(page, "mark");
        return;
    }
    mark = val_put_map(page, "mark");
    val_put_text(mark, "initials", show_initials(cx->arena, row_title(cx, r)));
    val_put_i64(mark, "hue", show_hue(row_title(cx, r)));
}

/* ---- actions ---- */

static const char *action_url(struct ctx *cx, const struct row *r, const struct action *a)
{
    const char *mark = a->href ? strstr(a->href, ":id") : NULL;

    if (!a->href)
        return arena_printf(cx->arena, "%s/%s", row_path(cx, r), a->verb);
    if (!mark)
        return a->href;
    return arena_printf(cx->arena, "%.*s%s%s", (int)(mark - a->href), a->href,
                        id_text(cx->arena, row_id(r)), mark + strlen(":id"));
}

static void put_actions(struct ctx *cx, const struct row *r, struct val *page)
{
    const struct record_type *t = row_type(r);
    struct val *list = val_put_list(page, "actions"), *aside = val_list(cx->arena);
    bool editable = may_row(cx, r, VERB_UPDATE);

    for (const struct action *a = t->actions; a && a->verb; a++) {
        bool first = a->primary && !val_count(aside);
        struct val *v;
        if (!editable || (a->shown && !a->shown(cx, r)))
            continue;
        v = put_action(first ? aside : list, a->label, action_url(cx, r, a), a->href == NULL);
        val_put_text(v, "confirm", a->confirm ? a->confirm : "");
        val_put_bool(v, "primary", first);
    }
    if (t->flags & TYPE_MERGE && editable)
        put_action(list, "Merge with…", arena_printf(cx->arena, "%s/merge", row_path(cx, r)),
                   false);
    if (may_row(cx, r, VERB_DELETE)) {
        struct val *v = put_action(list, "Move to the trash",
                                   arena_printf(cx->arena, "%s/delete", row_path(cx, r)), true);
        val_put_bool(v, "danger", true);
        val_put_text(v, "icon", "trash");
        val_put_printf(v, "confirm", "Move %s to the trash? It can be restored.", row_title(cx, r));
    }
    if (val_count(aside))
        val_put(page, "primary", (struct val *)val_at(aside, 0));
    else
        val_put_null(page, "primary");
    val_put_bool(page, "has_actions", val_count(list) > 0);
}

/* ---- what belongs to it ---- */

/* One or two facts of a related row: listed ones that say how it stands. */
static void related_fields(const struct record_type *t, const char **out)
{
    size_t n = 0;

    for (int i = 0; i < t->field_count && n < 2; i++) {
        const struct field *f = &t->fields[i];
        if (i != t->title && f->flags & LISTED &&
            (f->kind == FIELD_CHOICE || f->kind == FIELD_MONEY || f->kind == FIELD_TIME))
            out[n++] = f->name;
    }
    out[n] = NULL;
}

static enum status put_rows(struct ctx *cx, const struct list_counted *of, struct val *v)
{
    const struct record_type *t = of->type;
    i64 shown = of->count > RELATED_COUNTED ? RELATED_COUNTED : of->count;
    const char *fields[3];

    related_fields(t, fields);
    TRY(page_table(cx, t, of->filter, t->sort, RELATED_SHOWN, fields, v));
    val_put_printf(v, "count", of->count > shown ? "over %s" : "%s", show_number(cx->arena, shown));
    val_put_printf(v, "url", "/%s?filter=%s", t->path, http_url_encode(cx->arena, of->filter));
    return OK;
}

/* A list that holds something shows its first rows; the others stand together as what may be
 * added. */
static enum status put_related(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *list = val_put_list(page, "related"), *bare = val_put_list(page, "bare");
    const char *id = id_text(cx->arena, row_id(r));
    const struct related *all = row_type(r)->related, **shown;
    struct list_counted *of;
    size_t most = 0, n = 0;

    while (all && all[most].type)
        most++;
    shown = NEW_N(cx->arena, const struct related *, most + 1);
    of = NEW_N(cx->arena, struct list_counted, most + 1);
    for (const struct related *rel = all; rel < all + most; rel++) {
        const struct record_type *t = type_find(cx, rel->type);
        if (!may(cx, t, VERB_READ))
            continue;
        of[n] =
            (struct list_counted){ .type = t,
                                   .filter = arena_printf(cx->arena, "%s = '%s'", rel->field, id) };
        shown[n++] = rel;
    }
    TRY(list_count_each(cx, of, n, RELATED_COUNTED));
    for (size_t i = 0; i < n; i++) {
        struct val *v = val_add_map(of[i].count ? list : bare);
        val_put_text(v, "text", shown[i]->label);
        val_put_text(
            v, "add_url",
            may(cx, of[i].type, VERB_CREATE)
                ? arena_printf(cx->arena, "/%s/new?%s=%s", of[i].type->path, shown[i]->field, id)
                : "");
        if (of[i].count)
            TRY(put_rows(cx, &of[i], v));
    }
    val_put_bool(page, "has_bare", val_count(bare) > 0);
    return OK;
}

/* The page follows its record and what belongs to it: "contact,deal,activity". */
static const char *live_topics(struct ctx *cx, const struct record_type *t)
{
    struct buf b = buf_in(cx->arena, LIVE_TOPIC_BYTES);

    buf_text(&b, t->name);
    for (const struct related *rel = t->related; rel && rel->type; rel++)
        buf_printf(&b, ",%s", rel->type);
    return buf_end(&b);
}

/* ---- the page ---- */

enum status page_detail(struct req *rq, const struct row *r, struct val *page)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = row_type(r);
    struct row *one = (struct row *)r; /* what it refers to is asked for once, all together */

    TRY(rows_load_titles(cx, &one, 1));
    val_put_text(page, "title", row_title(cx, r));
    put_type(cx, t, page);
    put_record(cx, r, page);
    val_put_text(page, "subtitle", "");
    put_mark(cx, r, page);
    put_highlights(cx, r, page);
    put_actions(cx, r, page);
    TRY(put_merges(cx, r, page));
    TRY(put_follow(cx, r, page));
    val_put_bool(page, "can_edit", may_row(cx, r, VERB_UPDATE));
    put_facts(cx, r, page);
    TRY(put_composer(rq, r, page));
    TRY(put_related(cx, r, page));
    TRY(put_files(cx, r, page));
    val_put_printf(page, "history_url", "%s/history", row_path(cx, r));
    val_put_text(page, "live", live_topics(cx, t));
    val_put_null(page, "journey");
    val_put_bool(page, "has_journey", (t->flags & (TYPE_TIMELINE | TYPE_COMMENTS)) != 0);
    if (t->flags & TYPE_TIMELINE)
        TRY(page_timeline(rq, r, page));
    else if (t->flags & TYPE_COMMENTS)
        TRY(put_comments(cx, r, page));
    return t->detail ? t->detail(cx, r, page) : OK;
}

enum status detail_reply(struct req *rq, const struct row *r)
{
    const char *template = row_type(r)->detail_template;
    struct val *page = val_map(rq->cx->arena);

    TRY(page_detail(rq, r, page));
    ctx_clear_error(rq->cx);
    return reply(rq, template ? template : "kit/detail", page);
}

/* One that is in the trash has no page, but a way back. */
static enum status detail_in_trash(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct val *actions = val_list(cx->arena);
    struct row *r;
    i64 id;

    if (req_id(rq, "id", &id) != OK)
        return E_NOT_FOUND;
    if (t->flags & TYPE_MERGE) {
        ctx_clear_error(cx);
        enum status s = lead_to_kept(rq, id, false);
        if (s != E_NOT_FOUND)
            return s;
    }
    if (rq->wants_json)
        return ctx_fail(cx, E_NOT_FOUND, "There is no such %s, or you may not see it.",
                        text_in_sentence(cx->arena, t->label));
    ctx_clear_error(cx);
    TRY(record_get_any(cx, t, id, &r));
    if (may_row(cx, r, VERB_DELETE))
        val_put_bool(put_action(actions, "Restore",
                                arena_printf(cx->arena, "%s/restore", row_path(cx, r)), true),
                     "primary", true);
    put_action(actions, t->plural, arena_printf(cx->arena, "/%s", t->path), false);
    return reply_problem(
        rq, 404, "record.in_trash", arena_printf(cx->arena, "%s is in the trash", row_title(cx, r)),
        "It was deleted, with its whole history kept. It can be restored.", actions);
}

/* GET /{path}/:id */
enum status detail_get(struct req *rq)
{
    struct row *r;
    enum status s = req_row(rq, &r);

    if (s == E_NOT_FOUND)
        return detail_in_trash(rq);
    TRY(s);
    return detail_reply(rq, r);
}

/* ---- history ---- */

static struct val *put_change(struct ctx *cx, const struct val *change, const char *label,
                              const char *old, const char *new, struct val *changes)
{
    const char *name = val_get_text(val_get(change, "user"), "name");
    struct val *one = val_add_map(changes), *who = val_put_map(one, "who");

    put_when(cx, one, "when", val_get_i64(change, "at", 0));
    val_put_text(who, "text", name[0] ? name : "Furrow");
    val_put_text(who, "initials", show_initials(cx->arena, name));
    val_put_i64(who, "hue", show_hue(name));
    val_put_text(one, "label", label);
    val_put_text(one, "old", old);
    val_put_text(one, "new", new);
    val_put_text(one, "batch", val_is_null(val_get(change, "batch")) ? "" : "together with others");
    return one;
}

/* Making, deleting and restoring are one line each; a change has a line for each field. */
static void put_changes(struct ctx *cx, const struct row *r, const struct val *change,
                        struct val *changes)
{
    static const struct {
        const char *kind, *label;
        bool gone;
    } wholes[] = { { "create", "Created", false },
                   { "delete", "Moved to the trash", true },
                   { "restore", "Restored", false } };
    const struct val *fields = val_get(change, "fields");
    const char *title = row_title(cx, r);

    for (size_t i = 0; i < countof(wholes); i++)
        if (text_is(val_get_text(change, "kind"), wholes[i].kind)) {
            put_change(cx, change, wholes[i].label, wholes[i].gone ? title : "",
                       wholes[i].gone ? "" : title, changes);
            return;
        }
    for (size_t f = 0; f < val_count(fields); f++) {
        const struct val *field = val_at(fields, f);
        put_change(cx, change, val_get_text(field, "label"), val_get_text(field, "old"),
                   val_get_text(field, "new"), changes);
    }
}

/* GET /{path}/:id/history */
enum status history_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *changes, *log = val_list(cx->arena);
    struct row *r;

    TRY(req_row(rq, &r));
    TRY(record_history(cx, r, HISTORY_SHOWN, log));
    val_put_printf(page, "title", "History of %s", row_title(cx, r));
    changes = val_put_list(page, "changes");
    for (size_t i = 0; i < val_count(log); i++)
        put_changes(cx, r, val_at(log, i), changes);
    val_put_null(page, "pager");
    val_put_null(page, "empty");
    if (!val_count(changes))
        put_empty(page, "Nothing has changed",
                  "Every change of this record will stand here: what, from what to what, when "
                  "and by whom.",
                  NULL, NULL);
    return reply(rq, "kit/history", page);
}
