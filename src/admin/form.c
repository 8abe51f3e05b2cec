/* form.c -- the tree of kit/form, built by hand. */
#include "admin/form.h"
#include "kit/show.h"

/* A list or map that is in the tree under construction, to be filled further: trees are read
 * through const, but this one is ours. */
static struct val *inside(struct val *map, const char *key)
{
    return (struct val *)(uintptr_t)val_get(map, key);
}

/* Pages of settings lead back to their overview. */
static void put_crumbs(struct val *page)
{
    struct val *crumb = val_add_map(val_put_list(page, "crumbs"));

    val_put_text(crumb, "text", "Settings");
    val_put_text(crumb, "url", "/settings");
}

struct val *form_new(struct ctx *cx, const char *title, const char *action, const char *submit,
                     const char *cancel_url)
{
    struct val *page = val_map(cx->arena), *form;

    val_put_text(page, "title", title);
    put_crumbs(page);
    form = val_put_map(page, "form");
    val_put_text(form, "action", action);
    val_put_text(form, "submit", submit);
    val_put_text(form, "cancel_url", cancel_url);
    val_put_text(form, "leave", "Cancel");
    val_put_list(form, "groups");
    return page;
}

struct val *form_group(struct val *page, const char *text)
{
    struct val *group = val_add_map(inside(inside(page, "form"), "groups"));

    if (text != NULL)
        val_put_text(group, "text", text);
    return val_put_list(group, "fields");
}

static struct val *field(struct val *fields, const char *name, const char *label, const char *is,
                         const char *value)
{
    struct val *f = val_add_map(fields);

    val_put_text(f, "field", name);
    val_put_text(f, "label", label);
    val_put_text(f, "kind", "text");
    val_put_bool(val_put_map(f, "is"), is, true);
    val_put_text(f, "value", value);
    val_put_bool(f, "optional", false);
    return f;
}

struct val *form_line(struct val *fields, const char *name, const char *label, const char *type,
                      const char *value)
{
    struct val *f = field(fields, name, label, "line", value);

    val_put_text(f, "input_type", type);
    val_put_text(f, "inputmode", text_is(type, "email") || text_is(type, "tel") ? type : "text");
    val_put_text(f, "autocomplete", "off");
    return f;
}

struct val *form_area(struct val *fields, const char *name, const char *label, int rows,
                      const char *value)
{
    struct val *f = field(fields, name, label, "area", value);

    val_put_i64(f, "rows", rows);
    return f;
}

struct val *form_bool(struct val *fields, const char *name, const char *label, bool on)
{
    struct val *f = field(fields, name, label, "bool", "");

    val_put_bool(f, "on", on);
    return f;
}

struct val *form_choice(struct val *fields, const char *name, const char *label,
                        const struct choice *choices, const char *value)
{
    struct val *f = field(fields, name, label, "choice", value), *list = val_put_list(f, "choices");

    for (; choices->value != NULL; choices++) {
        struct val *c = val_add_map(list);
        val_put_text(c, "value", choices->value);
        val_put_text(c, "text", choices->label);
        val_put_bool(c, "selected", text_is(choices->value, value));
    }
    return f;
}

struct val *form_fixed(struct val *fields, const char *name, const char *label, const char *value)
{
    return field(fields, name, label, "readonly", value);
}

struct val *form_hidden(struct val *fields, const char *name, const char *value)
{
    return field(fields, name, "", "hidden", value);
}

static const char *label_of(struct val *page, const char *name, const char *message)
{
    const struct val *groups = val_get(val_get(page, "form"), "groups");

    for (size_t g = 0; g < val_count(groups); g++) {
        const struct val *list = val_get(val_at(groups, g), "fields");
        for (size_t i = 0; i < val_count(list); i++) {
            struct val *f = (struct val *)(uintptr_t)val_at(list, i);
            if (!text_is(val_get_text(f, "field"), name))
                continue;
            if (val_get(f, "error") == NULL)
                val_put_text(f, "error", message);
            return val_get_text(f, "label");
        }
    }
    return "";
}

void form_errors(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "errors"), *e;

    val_put_bool(page, "has_errors", cx->error != OK);
    for (const struct field_error *fe = cx->field_errors; fe != NULL; fe = fe->next) {
        const char *label = label_of(page, fe->field, fe->message);
        e = val_add_map(list);
        if (label[0] != '\0') {
            val_put_text(e, "field", fe->field);
            val_put_printf(e, "text", "%s: %s", label, fe->message);
        } else {
            val_put_text(e, "text", fe->message);
        }
    }
    if (cx->error != OK && cx->field_errors == NULL) {
        e = val_add_map(list);
        val_put_text(e, "text", cx->error_text);
    }
    ctx_clear_error(cx);
}

/* ---- tables ---- */
void table_column(struct val *columns, const char *label, const char *kind)
{
    struct val *c = val_add_map(columns);

    val_put_text(c, "label", label);
    val_put_text(c, "kind", kind);
}

void table_action(struct val *actions, const char *text, const char *url)
{
    struct val *a = val_add_map(actions);

    val_put_text(a, "text", text);
    val_put_text(a, "url", url);
    val_put_bool(a, "post", true);
    val_put_bool(a, "primary", false);
    val_put_bool(a, "danger", false);
}

void table_cell(struct val *cells, const char *kind, const char *text)
{
    struct val *cell = val_add_map(cells);

    val_put_text(cell, "kind", kind);
    val_put_bool(val_put_map(cell, "is"), kind, true);
    val_put_text(cell, "text", text);
}

void table_date(struct ctx *cx, struct val *cells, i64 ms)
{
    struct val *cell = val_add_map(cells);

    val_put_text(cell, "kind", "date");
    val_put_bool(val_put_map(cell, "is"), "date", true);
    val_put_text(cell, "text", show_time(cx, ms));
    val_put_text(cell, "iso", time_iso(cx->arena, ms));
    val_put_text(cell, "full", show_time_full(cx, ms));
}

struct val *table_new(struct ctx *cx, const char *title, const char *description)
{
    struct val *page = val_map(cx->arena);

    val_put_text(page, "title", title);
    val_put_text(page, "description", description);
    put_crumbs(page);
    val_put_list(page, "actions");
    val_put_list(page, "columns");
    val_put_list(page, "rows");
    return page;
}

struct val *table_columns(struct val *page) { return inside(page, "columns"); }
struct val *table_rows(struct val *page) { return inside(page, "rows"); }
