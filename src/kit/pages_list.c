/* pages_list.c -- the list of a record type: filter, order, columns, views, paging. All of its
 * state stands in the address, so a list can be bookmarked, sent to a colleague, and works without
 * JavaScript. */
#include "base/id.h"
#include "base/limits.h"
#include "kit/pages_int.h"

enum {
    COUNT_CAP = 500, /* counted before the page; the rest comes behind it */
    CHIPS_MAX = 20,
    VIEW_NAME_BYTES = 100,
};

/* The address of a list: what stands in it now, and how it looks with one part replaced. */
struct place {
    struct ctx *cx;
    const struct record_type *type;
    const char *path, *filter, *sort, *q, *cols;
    const char *all; /* the list without any of it, where a view stands at `path`; else NULL */
};

static const char *place_url(const struct place *p, const char *filter, const char *sort,
                             const char *cursor)
{
    bool usual = p->type->sort && text_is(sort, p->type->sort);
    struct {
        const char *name, *value;
    } parts[] = { { "filter", filter },
                  { "sort", usual ? "" : sort },
                  { "q", p->q },
                  { "cols", p->cols },
                  { "cursor", cursor } };
    struct buf b = buf_in(p->cx->arena, LIMIT_HEADER_BYTES);
    char mark = '?';

    buf_text(&b, p->path);
    for (size_t i = 0; i < countof(parts); i++) {
        if (text_empty(parts[i].value))
            continue;
        buf_char(&b, mark);
        buf_printf(&b, "%s=%s", parts[i].name, http_url_encode(p->cx->arena, parts[i].value));
        mark = '&';
    }
    return mark == '?' && p->all ? p->all : buf_end(&b);
}

static const char *whole_list(const struct place *p) { return p->all ? p->all : p->path; }

/* ---- columns: `cols=a,b`, or `col=a&col=b` from the chooser; else the LISTED fields ---- */

/* The title always comes first and is not among them. */
struct columns {
    int fields[LIMIT_FIELDS];
    int count;
};

static bool column_asked(const char *cols, const char *name)
{
    struct str rest = str_from(cols), one;

    while (str_split(&rest, ',', &one))
        if (str_is(one, name))
            return true;
    return false;
}

/* In the order in which they were asked for, and only what there is. */
static void read_columns(const struct record_type *t, const char *cols, struct columns *out)
{
    struct str rest = str_from(cols), one;

    out->count = 0;
    if (!text_empty(cols)) {
        while (str_split(&rest, ',', &one) && out->count < LIMIT_FIELDS)
            for (int i = 0; i < t->field_count; i++)
                if (str_is(one, t->fields[i].name) && field_shown(&t->fields[i]) &&
                    (i != t->title || t->title_of))
                    out->fields[out->count++] = i;
        return;
    }
    for (int i = 0; i < t->field_count; i++)
        if (field_shown(&t->fields[i]) && t->fields[i].flags & LISTED &&
            (i != t->title || t->title_of))
            out->fields[out->count++] = i;
}

static const char *asked_columns(struct req *rq)
{
    const struct val *col = val_get(rq->query, "col");
    struct buf b = buf_in(rq->cx->arena, 8 * 1024);

    if (!col)
        return req_query(rq, "cols");
    if (val_kind_of(col) != VAL_LIST)
        return val_as_text(col, "");
    for (size_t i = 0; i < val_count(col); i++)
        if (!column_asked(buf_end(&b), val_as_text(val_at(col, i), "")))
            buf_printf(&b, "%s%s", b.len ? "," : "", val_as_text(val_at(col, i), ""));
    return buf_end(&b);
}

/* Which word of kit/value the cells of a field are: for the width and the side of a column. */
static const char *column_kind(const struct field *f)
{
    switch (f->kind) {
    case FIELD_INT:
        return "integer";
    case FIELD_TIME:
        return "date";
    case FIELD_LONG:
    case FIELD_JSON:
    case FIELD_SECRET:
        return "longtext";
    case FIELD_REF:
        return text_is(f->ref, "user") ? "person" : "ref";
    default:
        return kind_word(f->kind);
    }
}

/* Largest and latest first is what one wants of numbers and times, A to Z of texts. */
static const char *next_sort(struct place *p, const struct field *f, bool up, bool down)
{
    bool big_first = f->kind == FIELD_INT || f->kind == FIELD_DECIMAL || f->kind == FIELD_MONEY ||
                     f->kind == FIELD_TIME || f->kind == FIELD_DATE;
    bool descending = up || (!down && big_first);

    return descending ? arena_printf(p->cx->arena, "-%s", f->name) : f->name;
}

static void put_column(struct place *p, const struct field *f, const char *kind,
                       struct val *columns)
{
    struct val *c = val_add_map(columns);
    bool up = text_is(p->sort, f->name), down = p->sort[0] == '-' && text_is(p->sort + 1, f->name);

    val_put_text(c, "field", f->name);
    val_put_text(c, "label", f->label);
    val_put_text(c, "kind", kind);
    val_put_text(c, "sort_url",
                 list_sortable(p->cx, p->type, f->name)
                     ? place_url(p, p->filter, next_sort(p, f, up, down), "")
                     : "");
    val_put_text(c, "aria_sort", up ? "ascending" : down ? "descending" : "none");
}

static void put_chooser(const struct record_type *t, const struct columns *cols, struct val *page)
{
    struct val *chooser = val_put_list(page, "chooser");

    for (int i = 0; i < t->field_count; i++) {
        bool on = false;
        struct val *one;
        if (!field_shown(&t->fields[i]) || (i == t->title && !t->title_of))
            continue;
        for (int c = 0; c < cols->count; c++)
            on |= cols->fields[c] == i;
        one = val_add_map(chooser);
        val_put_text(one, "field", t->fields[i].name);
        val_put_text(one, "label", t->fields[i].label);
        val_put_bool(one, "on", on);
    }
}

static void put_columns(struct place *p, const struct columns *cols, struct val *page)
{
    const struct record_type *t = p->type;
    struct val *list = val_put_list(page, "columns");

    if (t->title_of) {
        struct val *c = val_add_map(list);
        val_put_text(c, "field", "");
        val_put_text(c, "label", t->label);
        val_put_text(c, "kind", "title");
        val_put_text(c, "sort_url", "");
        val_put_text(c, "aria_sort", "none");
    } else {
        put_column(p, &t->fields[t->title], "title", list);
    }
    for (int i = 0; i < cols->count; i++)
        put_column(p, &t->fields[cols->fields[i]], column_kind(&t->fields[cols->fields[i]]), list);
    put_chooser(t, cols, page);
}

/* ---- rows ---- */

static struct val *title_cell(struct ctx *cx, const struct row *r)
{
    struct val *cell = val_map(cx->arena);
    const char *title = row_title(cx, r);
    const struct record_type *t = row_type(r);
    bool marked = text_is(t->section ? t->section : "", "people") || text_is(t->name, "user");

    val_put_text(cell, "kind", "title");
    val_put_bool(val_put_map(cell, "is"), "title", true);
    val_put_text(cell, "text", title);
    val_put_text(cell, "url", row_path(cx, r));
    val_put_text(cell, "initials", marked ? show_initials(cx->arena, title) : "");
    val_put_i64(cell, "hue", show_hue(title));
    return cell;
}

/* What the columns refer to, in words; a title made of several fields may want more of them. */
static enum status load_shown(struct ctx *cx, const struct list_page *lp, const int *fields,
                              int count)
{
    if (lp->count > 0 && row_type(lp->rows[0])->title_of)
        return rows_load_titles(cx, lp->rows, lp->count);
    return rows_load_some_titles(cx, lp->rows, lp->count, fields, count);
}

static enum status put_rows(struct ctx *cx, const struct list_page *lp, const struct columns *cols,
                            struct val *page)
{
    struct val *rows = val_put_list(page, "rows");

    TRY(load_shown(cx, lp, cols->fields, cols->count));
    for (size_t i = 0; i < lp->count; i++) {
        struct val *row = val_add_map(rows), *cells;
        val_put_text(row, "id", id_text(cx->arena, row_id(lp->rows[i])));
        val_put_text(row, "url", row_path(cx, lp->rows[i]));
        cells = val_put_list(row, "cells");
        val_add(cells, title_cell(cx, lp->rows[i]));
        for (int c = 0; c < cols->count; c++) {
            struct val *cell = row_cell(cx, lp->rows[i], cols->fields[c]);
            if (!row_has(lp->rows[i], cols->fields[c])) /* stands where a value would */
                val_put_text(cell, "kind",
                             column_kind(&row_type(lp->rows[i])->fields[cols->fields[c]]));
            val_add(cells, cell);
        }
    }
    return OK;
}

/* ---- filter ---- */

static void put_keep(struct place *p, struct val *filter)
{
    struct {
        const char *name, *value;
    } parts[] = { { "filter", p->filter },
                  { "sort", p->type->sort && text_is(p->sort, p->type->sort) ? "" : p->sort },
                  { "cols", p->cols } };
    struct val *keep = val_put_list(filter, "keep");

    for (size_t i = 0; i < countof(parts); i++)
        if (!text_empty(parts[i].value)) {
            struct val *one = val_add_map(keep);
            val_put_text(one, "field", parts[i].name);
            val_put_text(one, "value", parts[i].value);
        }
}

static void put_chips(struct place *p, const struct filter *f, struct val *filter)
{
    struct val *chips = val_put_list(filter, "chips"), *given = filter_chips(p->cx, f);

    for (size_t i = 0; i < val_count(given) && i < CHIPS_MAX; i++) {
        const struct val *from = val_at(given, i);
        struct val *chip = val_add_map(chips);
        val_put_text(chip, "label", val_get_text(from, "label"));
        val_put_text(chip, "op_text", val_get_text(from, "op_text"));
        val_put_text(chip, "value_text", val_get_text(from, "value_text"));
        val_put_text(chip, "remove_url", place_url(p, val_get_text(from, "without"), p->sort, ""));
    }
    val_put_text(filter, "clear_url", val_count(given) ? place_url(p, "", p->sort, "") : "");
}

/* The condition that is being added: what was typed, and what is wrong with it. */
struct adding {
    const char *field, *op, *value, *error;
};

static const struct val *picked_field(const struct val *fields, const char *name)
{
    for (size_t i = 0; i < val_count(fields); i++)
        if (text_is(val_get_text(val_at(fields, i), "name"), name))
            return val_at(fields, i);
    return val_at(fields, 0);
}

static const char *value_help(const char *kind)
{
    if (text_is(kind, "date") || text_is(kind, "time"))
        return "A day like 2026-11-23, or today, this_week, last_month, -30d.";
    return "";
}

/* The control for the value, by the field's kind. A yes or no needs none. */
static enum status put_value_input(struct ctx *cx, const struct val *picked,
                                   const struct adding *adding, struct val *filter)
{
    const char *kind = val_get_text(picked, "kind"), *ref = val_get_text(picked, "ref");
    const struct val *choices = val_get(picked, "choices");
    bool number = text_is(kind, "int") || text_is(kind, "decimal") || text_is(kind, "money");
    struct val *input, *list;

    if (text_is(kind, "bool")) {
        val_put_null(filter, "input");
        return OK;
    }
    input = val_put_map(filter, "input");
    val_put_text(input, "field", "add_value");
    val_put_bool(val_put_map(input, "is"),
                 ref[0]               ? "ref"
                 : val_count(choices) ? "choice"
                                      : "line",
                 true);
    val_put_text(input, "input_type", "text");
    val_put_text(input, "inputmode", number ? "decimal" : "text");
    val_put_text(input, "autocomplete", "off");
    val_put_text(input, "value", adding->value);
    val_put_text(input, "max", "");
    val_put_text(input, "help", value_help(kind));
    val_put_text(input, "error", adding->error);
    val_put_bool(input, "optional", true);
    if (ref[0])
        return put_ref_choices(cx, ref, adding->value, true, input);
    list = val_put_list(input, "choices");
    for (size_t i = 0; i < val_count(choices); i++) {
        const char *value = val_get_text(val_at(choices, i), "value");
        put_option(list, value, val_get_text(val_at(choices, i), "label"),
                   text_is(value, adding->value));
    }
    return OK;
}

static enum status put_filter_value(struct ctx *cx, const struct record_type *t,
                                    const struct adding *adding, struct val *filter)
{
    struct val *fields = filter_fields(cx, t), *ops = val_put_list(filter, "operators");
    struct val *out = val_put_list(filter, "fields"), *whole = val_map(cx->arena);
    const struct val *picked = picked_field(fields, adding->field), *words;

    TRY(filter_field(cx, t, val_get_text(picked, "name"), whole));
    words = val_get(whole, "ops");
    for (size_t i = 0; i < val_count(fields); i++)
        put_option(out, val_get_text(val_at(fields, i), "name"),
                   val_get_text(val_at(fields, i), "label"), val_at(fields, i) == picked);
    for (size_t i = 0; i < val_count(words); i++) {
        const char *op = val_get_text(val_at(words, i), "value");
        put_option(ops, op, val_get_text(val_at(words, i), "label"), text_is(op, adding->op));
    }
    val_put_bool(filter, "open", adding->error[0] != '\0');
    return put_value_input(cx, whole, adding, filter);
}

enum status page_filter_value(struct ctx *cx, const struct record_type *t, const char *field,
                              struct val *into)
{
    struct adding adding = { field, "", "", "" };

    return put_filter_value(cx, t, &adding, into);
}

/* GET /{path}/filter?add_field=NAME -- operators and the control for that field's value. */
enum status list_filter_value(struct req *rq)
{
    struct val *tree = val_map(rq->cx->arena);
    struct adding adding = { req_query(rq, "add_field"), "", "", "" };

    TRY(put_filter_value(rq->cx, req_type(rq), &adding, tree));
    return reply_fragment(rq, "kit/filter_value", tree);
}

/* ---- views ---- */

/* The view that is on: what can be done with it. */
static void put_view_on(struct place *p, struct stmt *q, struct val *page)
{
    struct ctx *cx = p->cx;
    const char *url =
        arena_printf(cx->arena, "%s/views/%s", p->path, id_text(cx->arena, col_i64(q, 0)));
    bool mine = col_i64(q, 3) == cx->access->user_id;
    struct val *on = val_put_map(page, "view_on");

    val_put_text(on, "name", col_text(q, 1));
    val_put_text(on, "rename_url", mine ? url : "");
    val_put_printf(on, "first_url", "%s/first", url);
    val_put_bool(on, "first", col_i64(q, 4) != 0);
    if (mine || cx->access->admin)
        val_put_printf(page, "view_remove_url", "%s/delete", url);
}

/* One view of the list; *on: it is what is shown. */
static void put_view(struct place *p, struct stmt *q, bool on, struct val *page)
{
    struct ctx *cx = p->cx;
    struct val *one = val_add_map((struct val *)val_get(page, "views"));

    val_put_text(one, "text", col_text(q, 1));
    val_put_printf(one, "url", "%s%s", p->path, col_text(q, 2));
    val_put_bool(one, "on", on);
    if (on)
        put_view_on(p, q, page);
    if (col_i64(q, 3) == cx->access->user_id)
        put_option((struct val *)val_get(page, "view_overs"), id_text(cx->arena, col_i64(q, 0)),
                   col_text(q, 1), false);
    if (col_i64(q, 4) != 0)
        p->all = arena_printf(cx->arena, "%s?view=all", p->path);
}

static enum status put_views(struct place *p, struct val *page)
{
    struct ctx *cx = p->cx;
    const struct record_type *t = p->type;
    const char *here = place_url(p, p->filter, p->sort, "") + strlen(p->path);
    struct val *views = val_put_list(page, "views"), *overs = val_put_list(page, "view_overs");
    struct val *all = NULL;
    bool any_on = false;

    val_put_text(page, "view_remove_url", "");
    val_put_null(page, "view_on");
    scoped(stmt_close) struct stmt q =
        db_query(cx, "view.list", TEXT("type", t->name), I64("user", cx->access->user_id));
    while (stmt_next(&q)) {
        bool on = !any_on && text_is(col_text(&q, 2), here);
        if (!all) {
            all = val_add_map(views);
            val_put_printf(all, "text", "All %s", text_in_sentence(cx->arena, t->plural));
        }
        put_view(p, &q, on, page);
        any_on |= on;
    }
    if (all) {
        val_put_text(all, "url", whole_list(p));
        val_put_bool(all, "on", here[0] == '\0');
    }
    val_put_bool(page, "has_views", all != NULL);
    val_put_bool(page, "has_view_overs", val_count(overs) > 0);
    val_put_bool(page, "view_save", here[0] != '\0' && !any_on);
    return stmt_status(&q);
}

static enum status read_view_name(struct req *rq, const char **name)
{
    *name = str_dup(rq->cx->arena, str_trim(str_from(req_form(rq, "name"))));
    if (text_empty(*name) || strlen(*name) > VIEW_NAME_BYTES)
        return ctx_fail_field(rq->cx, "name", "required",
                              "Give the view a name of at most %d characters.", VIEW_NAME_BYTES);
    return OK;
}

static enum status no_view(struct ctx *cx)
{
    return ctx_fail(cx, E_NOT_FOUND, "There is no such view of yours.");
}

/* What one of one's own views shows becomes this; its name stays. */
static enum status view_replace(struct req *rq, const char *query)
{
    struct ctx *cx = rq->cx;
    i64 id, changed;

    TRY(req_id(rq, "over", &id));
    TRY(db_run_count(cx, &changed, "view.replace", I64("id", id), TEXT("type", req_type(rq)->name),
                     I64("user", cx->access->user_id), TEXT("query", query)));
    return changed ? OK : no_view(cx);
}

/* POST /{path}/views {name, filter, sort, cols, q, shared}; over: instead of that view of one's
 * own. */
enum status view_save(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct place p = { .cx = cx,
                       .type = t,
                       .path = arena_printf(cx->arena, "/%s", t->path),
                       .filter = req_form(rq, "filter"),
                       .sort = req_form(rq, "sort"),
                       .q = req_form(rq, "q"),
                       .cols = req_form(rq, "cols") };
    const char *name, *url;
    struct filter *f;

    TRY(filter_parse(cx, t, p.filter, &f));
    p.filter = filter_text(cx, f);
    url = place_url(&p, p.filter, p.sort, "");
    if (!text_empty(req_form(rq, "over"))) {
        TRY(view_replace(rq, url + strlen(p.path)));
        return reply_done(rq, url, "The view shows this from now on.");
    }
    TRY(read_view_name(rq, &name));
    TRY(db_run(cx, "view.add", I64("id", kit_new_id(cx)), I64("user", cx->access->user_id),
               TEXT("type", t->name), TEXT("name", name), TEXT("query", url + strlen(p.path)),
               I64("shared", !text_empty(req_form(rq, "shared"))), I64("at", ctx_now(cx))));
    return reply_done(rq, url, "View saved: %s.", name);
}

/* POST /{path}/views/:view/delete -- one's own; an administrator any. */
enum status view_delete(struct req *rq)
{
    struct ctx *cx = rq->cx;
    i64 id, changed;

    TRY(req_id(rq, "view", &id));
    TRY(db_run_count(cx, &changed, "view.forget", I64("id", id), TEXT("type", req_type(rq)->name),
                     I64("user", cx->access->user_id), I64("any", cx->access->admin)));
    if (!changed)
        return no_view(cx);
    TRY(db_run(cx, "view.forget_firsts", I64("view", id)));
    return reply_done(rq, arena_printf(cx->arena, "/%s", req_type(rq)->path), "View removed.");
}

/* What that view shows, if one may see it. */
static enum status req_view(struct req *rq, i64 *id, const char **query)
{
    struct ctx *cx = rq->cx;
    enum status s;

    TRY(req_id(rq, "view", id));
    s = db_get_text(cx, query, "view.seen", I64("id", *id), TEXT("type", req_type(rq)->name),
                    I64("user", cx->access->user_id));
    return s == E_NOT_FOUND ? no_view(cx) : s;
}

/* POST /{path}/views/:view {name} -- one's own. */
enum status view_rename(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *name, *query;
    i64 id, changed;

    TRY(req_view(rq, &id, &query));
    TRY(read_view_name(rq, &name));
    TRY(db_run_count(cx, &changed, "view.rename", I64("id", id), TEXT("type", req_type(rq)->name),
                     I64("user", cx->access->user_id), TEXT("name", name)));
    if (!changed)
        return no_view(cx);
    return reply_done(rq, arena_printf(cx->arena, "/%s%s", req_type(rq)->path, query),
                      "The view is called %s.", name);
}

/* POST /{path}/views/:view/first {off} -- the list opens with it for whoever says so; off: no
 * longer. */
enum status view_first(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    const char *query, *url;
    i64 id;

    TRY(req_view(rq, &id, &query));
    url = arena_printf(cx->arena, "/%s%s", t->path, query);
    if (!text_empty(req_form(rq, "off"))) {
        TRY(db_run(cx, "view.clear_first", I64("user", cx->access->user_id),
                   TEXT("type", t->name)));
        return reply_done(rq, url, "%s open with all of them again.", t->plural);
    }
    TRY(db_run(cx, "view.put_first", I64("id", kit_new_id(cx)), I64("user", cx->access->user_id),
               TEXT("type", t->name), I64("view", id)));
    return reply_done(rq, url, "%s open with this view from now on.", t->plural);
}

/* ---- the page ---- */

static void put_pager(struct place *p, const struct list_page *lp, struct val *page)
{
    struct val *pager;

    if (text_empty(lp->next) && text_empty(lp->prev)) {
        val_put_null(page, "pager");
        return;
    }
    pager = val_put_map(page, "pager");
    val_put_printf(pager, "text", "%zu on this page", lp->count);
    val_put_text(pager, "newer_url",
                 text_empty(lp->prev) ? "" : place_url(p, p->filter, p->sort, lp->prev));
    val_put_text(pager, "older_url",
                 text_empty(lp->next) ? "" : place_url(p, p->filter, p->sort, lp->next));
}

/* "2,431 deals", or at first only "more than 500 deals" and where the rest of the counting is
 * done: the page does not wait for it. cap 0: all are counted. */
static enum status put_count(struct place *p, const char *filter, i64 cap, struct val *page)
{
    struct arena *a = p->cx->arena;
    i64 count;

    TRY(list_count(p->cx, p->type, filter, p->q, cap, &count));
    const char *what = text_in_sentence(a, count == 1 ? p->type->label : p->type->plural);
    bool capped = cap != 0 && count > cap;
    val_put_printf(page, "count", "%s%s %s", capped ? "more than " : "",
                   show_number(a, capped ? cap : count), what);
    val_put_text(page, "count_url",
                 capped ? arena_printf(a, "%s/count%s", p->path,
                                       place_url(p, filter, p->sort, "") + strlen(p->path))
                        : "");
    return OK;
}

static void put_list_empty(struct place *p, struct val *page)
{
    struct ctx *cx = p->cx;
    const struct record_type *t = p->type;
    const char *none = arena_printf(cx->arena, "No %s yet", text_in_sentence(cx->arena, t->plural));

    if (!text_empty(p->filter) || !text_empty(p->q))
        put_empty(page, "Nothing matches",
                  "No record has all of this. Take away a condition, or clear them all.",
                  "Clear the filter", whole_list(p));
    else if (may(cx, t, VERB_CREATE))
        put_empty(page, none, t->empty ? t->empty : "",
                  arena_printf(cx->arena, "New %s", text_in_sentence(cx->arena, t->label)),
                  arena_printf(cx->arena, "/%s/new", t->path));
    else
        put_empty(page, none, t->empty ? t->empty : "", NULL, NULL);
}

static struct place read_place(struct req *rq, const struct record_type *t, const char *path)
{
    const char *sort = req_query(rq, "sort");

    return (struct place){ .cx = rq->cx,
                           .type = t,
                           .path = path,
                           .filter = req_query(rq, "filter"),
                           .sort = text_empty(sort) && t->sort ? t->sort : sort,
                           .q = req_query(rq, "q"),
                           .cols = asked_columns(rq) };
}

/* Where what this filter lets through is made a set that others may name; "" where none is. */
static const char *set_url(const struct place *p)
{
    size_t count;
    const struct feature *const *features = kit_features(p->cx->kit, &count);

    for (size_t i = 0; i < count && !text_empty(p->filter); i++)
        for (size_t k = 0; k < features[i]->filter_set_count; k++) {
            const struct filter_set *s = &features[i]->filter_sets[k];
            const struct record_type *of = type_find(p->cx, s->of);
            if (text_is(s->type, p->type->name) && s->made_at && of && may(p->cx, of, VERB_CREATE))
                return arena_printf(p->cx->arena, "%s%s", s->made_at,
                                    http_url_encode(p->cx->arena, p->filter));
        }
    return "";
}

/* What stands around the rows. */
static void put_head(struct place *p, struct val *page)
{
    struct ctx *cx = p->cx;
    const struct record_type *t = p->type;
    bool trash = may(cx, t, VERB_DELETE);

    put_type(cx, t, page);
    val_put_text(page, "title", t->plural);
    val_put_bool(page, "can_create", may(cx, t, VERB_CREATE));
    val_put_text(val_put_map(page, "search"), "value", p->q);
    put_layouts(cx, t, "list", page);
    put_bulk(cx, t, page);
    val_put_text(page, "csv_url",
                 access_scope(cx->access, t->name, VERB_EXPORT) == SCOPE_NONE
                     ? ""
                     : arena_printf(cx->arena, "/%s.csv%s", t->path,
                                    place_url(p, p->filter, p->sort, "") + strlen(p->path)));
    val_put_text(page, "set_url", set_url(p));
    val_put_text(page, "trash_url", trash ? arena_printf(cx->arena, "/%s/trash", t->path) : "");
    val_put_text(page, "live", t->name);
}

static enum status put_list(struct req *rq, const struct record_type *t, const char *base,
                            const char *path, const struct adding *adding, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct place p = read_place(rq, t, path);
    struct list_query query = { .sort = p.sort, .cursor = req_query(rq, "cursor"), .search = p.q };
    struct val *filter = val_put_map(page, "filter");
    struct filter *own;
    struct list_page lp;
    struct columns cols;

    TRY(filter_parse(cx, t, p.filter, &own));
    p.filter = filter_text(cx, own);
    query.filter = filter_and(cx, base, p.filter);
    TRY(list_run(cx, t, &query, &lp));
    TRY(put_count(&p, query.filter, COUNT_CAP, page));
    read_columns(t, p.cols, &cols);
    TRY(put_views(&p, page));
    put_keep(&p, filter);
    put_chips(&p, own, filter);
    TRY(put_filter_value(cx, t, adding, filter));
    val_put_text(page, "bulk_filter", query.filter);
    put_columns(&p, &cols, page);
    TRY(put_rows(cx, &lp, &cols, page));
    put_pager(&p, &lp, page);
    put_head(&p, page);
    if (lp.count)
        val_put_null(page, "empty");
    else
        put_list_empty(&p, page);
    return OK;
}

enum status page_list(struct req *rq, const struct record_type *t, const char *base,
                      const char *path, struct val *page)
{
    struct adding nothing = { "", "", "", "" };

    return put_list(rq, t, base, path, &nothing, page);
}

/* A list that cannot be asked for as the address says: what is wrong stands where the rows would,
 * with a way on. No rows, since the unfiltered ones are not what was meant. */
static enum status list_refused(struct req *rq, const char *path)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *rest = val_map(cx->arena);
    const struct val *asked = rq->query;
    const char *why = arena_text(cx->arena, cx->error_text);
    bool moved = text_is(cx->error_code, "list.cursor_stale");

    if (moved)
        for (size_t i = 0; i < val_count(asked); i++)
            if (!text_is(val_key_at(asked, i), "cursor"))
                val_put(rest, val_key_at(asked, i), (struct val *)val_value_at(asked, i));
    ctx_clear_error(cx);
    rq->query = rest;
    TRY(page_list(rq, req_type(rq), "", path, page));
    rq->query = asked;
    val_put_list(page, "rows");
    val_put_null(page, "pager");
    val_put_text(page, "count", "");
    val_put_text(page, "count_url", "");
    struct place p = read_place(rq, req_type(rq), path);
    put_empty(page, moved ? "This list has changed" : "This list cannot be shown", why,
              moved ? "Begin again" : "Show all",
              moved ? place_url(&p, p.filter, p.sort, "")
                    : arena_printf(cx->arena, "%s?view=all", path));
    reply_status(rq, 422);
    return reply(rq, "kit/list", page);
}

/* Takes add_field, add_op and add_value into the filter, and sends on to the address with it. */
static enum status add_condition(struct req *rq, const char *path)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct place p = read_place(rq, t, path);
    struct adding adding = { req_query(rq, "add_field"), req_query(rq, "add_op"),
                             req_query(rq, "add_value"), "" };
    struct val *page = val_map(cx->arena);
    const char *more;
    enum status s = filter_from_form(cx, t, adding.field, adding.op, adding.value, &more);

    if (s == OK)
        return reply_redirect(rq, place_url(&p, filter_and(cx, p.filter, more), p.sort, ""));
    if (s != E_INVALID || rq->wants_json)
        return s;
    adding.error = arena_text(cx->arena, cx->error_text);
    ctx_clear_error(cx);
    TRY(put_list(rq, t, "", path, &adding, page));
    reply_status(rq, 422);
    return reply(rq, "kit/list", page);
}

/* A list that is opened by its bare address opens with the view that its reader chose. */
static enum status first_view(struct req *rq, const char **query)
{
    struct ctx *cx = rq->cx;
    enum status s;

    *query = "";
    if (val_count(rq->query) > 0 || rq->wants_json)
        return OK;
    s = db_get_text(cx, query, "view.first", I64("user", cx->access->user_id),
                    TEXT("type", req_type(rq)->name));
    return s == E_NOT_FOUND ? OK : s;
}

/* GET /{path} */
enum status list_get(struct req *rq)
{
    const struct record_type *t = req_type(rq);
    struct ctx *cx = rq->cx;
    const char *path = arena_printf(cx->arena, "/%s", t->path);
    struct val *page = val_map(cx->arena);
    const char *first;
    enum status s;

    TRY(first_view(rq, &first));
    if (!text_empty(first))
        return reply_redirect(rq, arena_printf(cx->arena, "%s%s", path, first));
    if (!text_empty(req_query(rq, "add_field")))
        s = add_condition(rq, path);
    else if ((s = page_list(rq, t, "", path, page)) == OK)
        return reply(rq, "kit/list", page);
    if (s == E_INVALID && !rq->wants_json)
        return list_refused(rq, path);
    return s;
}

/* GET /{path}/count?filter=&q= -- {count}: how many exactly, for the list's head. */
enum status list_count_get(struct req *rq)
{
    const struct record_type *t = req_type(rq);
    struct place p = read_place(rq, t, arena_printf(rq->cx->arena, "/%s", t->path));
    struct val *page = val_map(rq->cx->arena);

    TRY(put_count(&p, p.filter, 0, page));
    return reply_fragment(rq, "kit/count", page);
}

enum status page_table(struct ctx *cx, const struct record_type *t, const char *filter,
                       const char *sort, int limit, const char *const *fields, struct val *into)
{
    struct list_query query = { .filter = filter, .sort = sort, .limit = limit };
    struct val *rows = val_put_list(into, "rows");
    struct list_page lp;
    int shown[LIMIT_FIELDS], count = 0;

    TRY(list_run(cx, t, &query, &lp));
    for (const char *const *f = fields; f && *f; f++)
        if (type_field(t, *f) >= 0)
            shown[count++] = type_field(t, *f);
    TRY(load_shown(cx, &lp, shown, count));
    for (size_t i = 0; i < lp.count; i++) {
        struct val *row = val_add_map(rows), *values;
        val_put_text(row, "text", row_title(cx, lp.rows[i]));
        val_put_text(row, "url", row_path(cx, lp.rows[i]));
        val_put_text(row, "id", id_text(cx->arena, row_id(lp.rows[i])));
        values = val_put_list(row, "values");
        for (int f = 0; f < count; f++)
            if (row_has(lp.rows[i], shown[f]))
                val_add(values, row_cell(cx, lp.rows[i], shown[f]));
    }
    return OK;
}
