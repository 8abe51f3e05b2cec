/* pages_form.c -- create, edit, and one field in place. Whatever goes wrong, the page comes back
 * with what was typed and an error beside each field that has one. */
#include "base/id.h"
#include "base/limits.h"
#include "kit/pages_int.h"

enum { REF_CHOICES = 100, CHANGES_READ = 50 };

/* ---- one input ---- */

static const struct control {
    const char *is, *input_type, *inputmode;
} controls[FIELD_KIND_COUNT] = {
    [FIELD_TEXT] = { "line", "text", "text" },
    [FIELD_LONG] = { "area", "", "" },
    [FIELD_INT] = { "line", "text", "numeric" },
    [FIELD_DECIMAL] = { "line", "text", "decimal" },
    [FIELD_MONEY] = { "money", "", "" },
    [FIELD_DATE] = { "line", "date", "text" },
    [FIELD_TIME] = { "line", "datetime-local", "text" },
    [FIELD_BOOL] = { "bool", "", "" },
    [FIELD_CHOICE] = { "choice", "", "" },
    [FIELD_TAGS] = { "tags", "", "" },
    [FIELD_EMAIL] = { "line", "email", "email" },
    [FIELD_PHONE] = { "line", "tel", "tel" },
    [FIELD_URL] = { "line", "text", "url" }, /* without a scheme it is still an address to us */
    [FIELD_REF] = { "ref", "", "" },
    [FIELD_JSON] = { "area", "", "" },
    [FIELD_SECRET] = { "line", "password", "text" },
};

const char *input_value(struct ctx *cx, const struct row *r, int field)
{
    const struct field *f = &row_type(r)->fields[field];

    if (!row_has(r, field))
        return "";
    if (f->kind == FIELD_TIME) /* a datetime-local control speaks the workspace's time */
        return zone_format(cx->arena, kit_zone(cx), row_i64(r, field), "yyyy-MM-dd'T'HH:mm");
    if (f->kind == FIELD_MONEY)
        return money_plain(cx->arena, row_money(r, field));
    return row_plain(cx, r, field);
}

enum status put_ref_choices(struct ctx *cx, const char *ref, const char *value, bool for_filter,
                            struct val *input)
{
    const struct record_type *t = type_find(cx, ref);
    struct val *list = val_put_list(input, "choices");
    struct list_query query = { .sort = t->sort, .limit = REF_CHOICES };
    bool seen = text_empty(value);
    struct list_page page;
    i64 id;

    val_put_printf(input, "search_url", "/search/ref?type=%s", t->name);
    put_option(list, "", "", text_empty(value));
    if (for_filter && text_is(ref, "user"))
        put_option(list, "me", "Me", text_is(value, "me"));
    if (may(cx, t, VERB_READ)) {
        TRY(list_run(cx, t, &query, &page));
        for (size_t i = 0; i < page.count; i++) {
            const char *one = id_text(cx->arena, row_id(page.rows[i]));
            seen |= text_is(one, value);
            put_option(list, one, row_title(cx, page.rows[i]), text_is(one, value));
        }
    }
    if (!seen && id_parse(str_from(value), &id)) {
        const char *title = "";
        TRY(record_titles(cx, t, &id, 1, &title));
        put_option(list, value, title[0] ? title : "(not visible to you)", true);
    }
    return OK;
}

enum status page_ref_choices(struct ctx *cx, const char *ref, const char *value, struct val *input)
{
    return put_ref_choices(cx, ref, value, false, input);
}

static void put_currencies(struct ctx *cx, const char *selected, struct val *input)
{
    static const char *const usual[] = { "EUR", "USD", "GBP", "CHF", "SEK", "NOK",
                                         "DKK", "PLN", "CZK", "JPY", "CAD", "AUD" };
    struct val *list = val_put_list(input, "currencies");
    const char *base = base_currency(cx);
    bool seen = false, seen_base = false;

    if (text_empty(selected))
        selected = base;
    for (size_t i = 0; i < countof(usual); i++) {
        seen |= text_is(usual[i], selected);
        seen_base |= text_is(usual[i], base);
        put_option(list, usual[i], usual[i], text_is(usual[i], selected));
    }
    if (!seen)
        put_option(list, selected, selected, true);
    if (!seen_base && !text_is(base, selected))
        put_option(list, base, base, false);
}

static const char *error_of(struct ctx *cx, const char *field)
{
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, field))
            return e->message;
    return "";
}

/* A form field as text; NULL when the form lacks it. A box that was shown and not ticked is
 * false. */
static const char *typed_text(struct ctx *cx, const struct val *typed, const struct field *f)
{
    const struct val *v = val_get(typed, f->name);

    if (val_kind_of(v) == VAL_LIST)
        v = val_at(v, 0);
    if (f->kind == FIELD_BOOL && !v && val_get(typed, arena_printf(cx->arena, "%s_shown", f->name)))
        return "false";
    return v ? val_print(cx->arena, v) : NULL;
}

static const char *typed_currency(struct ctx *cx, const struct val *typed, const struct field *f)
{
    return val_get_text(typed, arena_printf(cx->arena, "%s_currency", f->name));
}

static void put_choices(struct ctx *cx, const struct field *f, const char *value, struct val *input)
{
    struct val *list = val_put_list(input, "choices");

    if (!(f->flags & REQUIRED) || text_empty(value))
        put_option(list, "", "", text_empty(value));
    for (const struct choice *c = field_choices(cx, f); c->value; c++)
        put_option(list, c->value, c->label, text_is(c->value, value));
}

static void put_control(const struct field *f, const char *error, struct val *input)
{
    const struct control *c = &controls[f->kind];
    bool reads_text = f->kind == FIELD_TEXT || f->kind == FIELD_LONG;
    int most = f->max_len              ? f->max_len
               : f->kind == FIELD_LONG ? LIMIT_LONG_TEXT_BYTES
                                       : LIMIT_TEXT_BYTES;

    val_put_text(input, "field", f->name);
    val_put_text(input, "label", f->label);
    val_put_text(input, "kind", kind_word(f->kind));
    val_put_bool(val_put_map(input, "is"), c->is, true);
    val_put_bool(input, "optional", !(f->flags & REQUIRED) && f->kind != FIELD_BOOL);
    val_put_text(input, "help", f->help ? f->help : "");
    val_put_text(input, "error", error);
    /* A date control drops what is no date: after an error one sees what was typed. */
    val_put_text(input, "input_type",
                 error[0] && (f->kind == FIELD_DATE || f->kind == FIELD_TIME) ? "text"
                                                                              : c->input_type);
    val_put_text(input, "inputmode", c->inputmode);
    val_put_text(input, "autocomplete", "off");
    if (reads_text)
        val_put_printf(input, "max", "%d", most);
    else
        val_put_text(input, "max", "");
    val_put_i64(input, "rows", f->kind == FIELD_LONG ? 4 : 6);
}

enum status put_input(struct ctx *cx, const struct row *r, int field, const struct val *typed,
                      struct val *input)
{
    const struct field *f = &row_type(r)->fields[field];
    const char *given = typed ? typed_text(cx, typed, f) : NULL;
    const char *value = f->kind == FIELD_SECRET ? "" : given ? given : input_value(cx, r, field);
    bool kept = f->kind == FIELD_SECRET && !row_is_new(r) && row_has(r, field);

    put_control(f, error_of(cx, f->name), input);
    if (kept)
        val_put_text(input, "help",
                     "One is kept. Leave this empty to keep it, type another to "
                     "replace it, or - to remove it.");
    val_put_text(input, "value", value);
    if (f->kind == FIELD_BOOL)
        val_put_bool(input, "on", given ? text_is(given, "true") : row_bool(r, field));
    if (f->kind == FIELD_CHOICE)
        put_choices(cx, f, value, input);
    if (f->kind == FIELD_MONEY)
        put_currencies(cx, given ? typed_currency(cx, typed, f) : row_money(r, field).currency,
                       input);
    return f->kind == FIELD_REF ? put_ref_choices(cx, f->ref, value, false, input) : OK;
}

/* ---- the whole form ---- */

static enum status put_groups(struct req *rq, const struct record_type *t, const struct row *r,
                              struct val *form)
{
    struct val *groups = val_put_list(form, "groups"), *fields = NULL;
    const char *heading = "";

    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        if (f->group) {
            heading = f->group;
            fields = NULL;
        }
        if (!field_typed(f, row_is_new(r)) || (f->flags & LATER && row_is_new(r)))
            continue;
        if (!fields) { /* no heading without a field below it */
            struct val *group = val_add_map(groups);
            val_put_text(group, "text", heading);
            fields = val_put_list(group, "fields");
        }
        TRY(put_input(rq->cx, r, i, rq->form, val_add_map(fields)));
    }
    return OK;
}

enum status page_form(struct req *rq, const struct record_type *t, const struct row *r,
                      struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *form = val_put_map(page, "form");
    const char *lower = text_in_sentence(cx->arena, t->label);

    put_type(cx, t, page);
    if (row_is_new(r)) {
        val_put_printf(page, "title", "New %s", lower);
        val_put_null(page, "record");
        val_put_printf(form, "action", "/%s", t->path);
        val_put_printf(form, "submit", "Create %s", lower);
        val_put_text(form, "next", "Create and add another");
        val_put_printf(form, "cancel_url", "/%s", t->path);
    } else {
        const struct row *stored = row_before(r); /* its name, not the one being typed */
        val_put_printf(page, "title", "Edit %s", row_title(cx, stored ? stored : r));
        put_record(cx, r, page);
        val_put_text(form, "action", row_path(cx, r));
        val_put_text(form, "submit", "Save changes");
        val_put_text(form, "next", "");
        val_put_text(form, "cancel_url", row_path(cx, r));
    }
    val_put_text(form, "leave", "Cancel");
    val_put_text(form, "note", "");
    TRY(put_groups(rq, t, r, form));
    put_errors(cx, page);
    return OK;
}

enum status page_form_part(struct req *rq, const struct row *r, const struct form_part *part,
                           struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *form, *shown;

    TRY(page_form(rq, row_type(r), r, page));
    const struct val *groups = val_get(val_copy(cx->arena, val_get(page, "form")), "groups");
    val_put_text(page, "title", part->title);
    form = val_put_map(page, "form");
    val_put_printf(form, "action", "%s/%s", row_path(cx, r), part->verb);
    val_put_text(form, "submit", part->submit);
    val_put_text(form, "next", "");
    val_put_text(form, "cancel_url", row_path(cx, r));
    val_put_text(form, "leave", part->leave ? part->leave : "Cancel");
    val_put_text(form, "note", part->note);
    shown = val_put_list(form, "groups");
    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_get_text(val_at(groups, i), "text"), part->group))
            val_add(shown, val_copy(cx->arena, val_at(groups, i)));
    return OK;
}

/* What stands in the control as it was put there has not been typed: a time loses no seconds, an
 * amount keeps its rate. */
static bool is_untouched(struct req *rq, const struct row *r, int field, const char *text)
{
    const struct field *f = &row_type(r)->fields[field];

    if (row_is_new(r) || !text_is(text, input_value(rq->cx, r, field)))
        return false;
    return f->kind != FIELD_MONEY || !row_has(r, field) ||
           text_is(typed_currency(rq->cx, rq->form, f), row_money(r, field).currency);
}

enum status read_input(struct req *rq, struct row *r, int field)
{
    struct ctx *cx = rq->cx;
    const struct field *f = &row_type(r)->fields[field];
    const struct val *given = val_get(rq->form, f->name);
    const char *text;

    if (val_kind_of(given) == VAL_MAP || (val_kind_of(given) == VAL_LIST && f->kind == FIELD_TAGS))
        return row_parse_val(cx, r, field, given); /* {"amount":...}, ["a","b"] */
    text = typed_text(cx, rq->form, f);
    if (!text || is_untouched(rq, r, field, text))
        return OK;
    if (f->kind == FIELD_SECRET && text_empty(text))
        return OK; /* never shown, so that an empty input says nothing */
    if (f->kind == FIELD_MONEY && !text_empty(text)) {
        const char *currency = typed_currency(cx, rq->form, f);
        if (!text_empty(currency))
            text = arena_printf(cx->arena, "%s %s", text, currency);
    }
    return row_parse(cx, r, field, text);
}

enum status page_read_form(struct req *rq, struct row *r)
{
    const struct record_type *t = row_type(r);
    enum status worst = OK;

    for (int i = 0; i < t->field_count; i++) {
        enum status s = field_typed(&t->fields[i], row_is_new(r)) ? read_input(rq, r, i) : OK;
        if (s != OK && s != E_INVALID)
            return s;
        worst = s == OK ? worst : s;
    }
    if (worst == E_INVALID) /* what is missing is said in the same breath */
        (void)!record_check(rq->cx, r);
    return worst;
}

/* ---- saving ---- */

/* The form again, with what was typed and what is wrong. */
static enum status form_again(struct req *rq, const struct row *r)
{
    struct val *page = val_map(rq->cx->arena);
    bool stale = rq->cx->error == E_CONFLICT && !rq->cx->field_errors;

    TRY(page_form(rq, row_type(r), r, page));
    reply_status(rq, stale ? 409 : 422);
    return reply(rq, "kit/form", page);
}

static bool can_be_mended(const struct req *rq, enum status s)
{
    return (s == E_INVALID || s == E_CONFLICT) && !rq->wants_json;
}

/* GET /{path}/new?field=value -- values in the address fill the form. */
enum status form_new_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct row *r = row_new(cx, t);
    struct val *page = val_map(cx->arena);

    for (int i = 0; i < t->field_count; i++) {
        const char *given = req_query(rq, t->fields[i].name);
        if (field_typed(&t->fields[i], true) && !text_empty(given) &&
            row_parse(cx, r, i, given) != OK)
            ctx_clear_error(cx); /* a value that does not fit opens the form without it */
    }
    if (row_defaults(cx, r) != OK)
        ctx_clear_error(cx); /* said when it is saved, if it still matters */
    TRY(page_form(rq, t, r, page));
    return reply(rq, "kit/form", page);
}

/* POST /{path} */
enum status form_create_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct row *r = row_new(cx, t);
    enum status s = page_read_form(rq, r);

    if (s == OK)
        s = record_save(cx, r);
    if (can_be_mended(rq, s))
        return form_again(rq, r);
    TRY(s);
    if (text_is(req_form(rq, "save"), "next"))
        return reply_done(rq, arena_printf(cx->arena, "/%s/new", t->path), "%s created: %s.",
                          t->label, row_title(cx, r));
    return reply_done(rq, row_path(cx, r), "%s created.", t->label);
}

/* GET /{path}/:id/edit */
enum status form_edit_get(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);
    struct row *r;

    TRY(req_row(rq, &r));
    TRY(page_form(rq, req_type(rq), r, page));
    return reply(rq, "kit/form", page);
}

/* What others did to one field since a form was opened. */
struct meanwhile {
    const char *old, *new, *who;
    i64 at;
};

/* By field: from what to what in all, and who did it last. */
static enum status read_meanwhile(struct ctx *cx, const struct row *r, i64 version,
                                  struct meanwhile *all)
{
    struct val *log = val_list(cx->arena);

    TRY(record_history(cx, r, CHANGES_READ, log)); /* newest first */
    for (size_t i = 0; i < val_count(log); i++) {
        const struct val *change = val_at(log, i), *fields = val_get(change, "fields");
        if (val_get_i64(change, "version", 0) <= version)
            break;
        for (size_t f = 0; f < val_count(fields); f++) {
            const struct val *field = val_at(fields, f);
            struct meanwhile *m = &all[type_field(row_type(r), val_get_text(field, "name"))];
            m->old = val_get_text(field, "old");
            if (m->new)
                continue;
            m->new = val_get_text(field, "new");
            m->who = val_get_text(val_get(change, "user"), "name");
            m->at = val_get_i64(change, "at", 0);
        }
    }
    return OK;
}

/* One error for each field that others changed to something else than what stands in the form. */
static enum status say_meanwhile(struct req *rq, const struct row *r, i64 version)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = row_type(r);
    struct meanwhile *all = NEW_N(cx->arena, struct meanwhile, (size_t)t->field_count);

    TRY(read_meanwhile(cx, r, version, all));
    for (int i = 0; i < t->field_count; i++) {
        const struct meanwhile *m = &all[i];
        const char *typed = typed_text(cx, rq->form, &t->fields[i]);
        if (!m->new || !field_typed(&t->fields[i], false) ||
            (typed && text_is(typed, input_value(cx, r, i))))
            continue;
        (void)!ctx_fail_field(cx, t->fields[i].name, "stale",
                              "%s was changed from %s to %s by %s, %s.", t->fields[i].label,
                              m->old[0] ? m->old : "nothing", m->new[0] ? m->new : "nothing",
                              m->who[0] ? m->who : "Furrow", show_time(cx, m->at));
    }
    return OK;
}

/* What was typed was typed over an older version: nothing is saved yet. The page keeps what was
 * typed, says what the others changed, and saves over that when asked again. */
static enum status form_stale(struct req *rq, const struct row *r, i64 version)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);

    if (rq->wants_json)
        return ctx_fail_code(cx, E_CONFLICT, "stale",
                             "This %s is at version %lld by now. Load it again, then repeat the "
                             "change.",
                             text_in_sentence(cx->arena, row_type(r)->label),
                             (long long)row_version(r));
    (void)!ctx_fail_field(cx, "", "stale",
                          "Somebody else changed this %s while you typed. What you typed is kept "
                          "below: compare, then save again.",
                          text_in_sentence(cx->arena, row_type(r)->label));
    TRY(say_meanwhile(rq, r, version));
    TRY(page_form(rq, row_type(r), r, page));
    reply_status(rq, 409);
    return reply(rq, "kit/form", page);
}

/* Whether the form was made from another version than the one that is there. */
static bool is_stale(struct req *rq, const struct row *r, i64 *version)
{
    return str_i64(str_from(req_form(rq, "version")), version) && *version != row_version(r);
}

/* POST /{path}/:id */
enum status form_update_post(struct req *rq)
{
    struct row *r;
    enum status s;
    i64 version;

    TRY(req_row(rq, &r));
    if (is_stale(rq, r, &version))
        return form_stale(rq, r, version);
    s = page_read_form(rq, r);
    if (s == OK)
        s = record_save(rq->cx, r);
    if (can_be_mended(rq, s))
        return form_again(rq, r);
    TRY(s);
    return reply_done(rq, row_path(rq->cx, r), "Saved.");
}

/* ---- one field in place ---- */

static enum status req_field(struct req *rq, struct row **r, int *field)
{
    TRY(req_row(rq, r));
    *field = type_field(req_type(rq), req_param(rq, "field"));
    if (*field >= 0 && field_shown(&req_type(rq)->fields[*field]))
        return OK;
    return ctx_fail(rq->cx, E_NOT_FOUND, "A %s has no field '%s'.",
                    text_in_sentence(rq->cx->arena, req_type(rq)->label), req_param(rq, "field"));
}

static enum status req_typed_field(struct req *rq, struct row **r, int *field)
{
    const struct field *f;

    TRY(req_field(rq, r, field));
    f = &req_type(rq)->fields[*field];
    if (field_typed(f, false))
        return OK;
    return ctx_fail(rq->cx, E_FORBIDDEN,
                    f->flags & COMPUTED ? "%s is worked out by the program."
                                        : "%s is fixed once it is set.",
                    f->label);
}

static enum status show_field_edit(struct req *rq, const struct row *r, int field)
{
    struct val *page = val_map(rq->cx->arena);

    put_record(rq->cx, r, page);
    TRY(put_input(rq->cx, r, field, rq->form, val_put_map(page, "input")));
    ctx_clear_error(rq->cx);
    return reply_fragment(rq, "kit/field_edit", page);
}

static enum status show_fact(struct req *rq, const struct row *r, int field)
{
    struct val *cell = row_cell(rq->cx, r, field);
    const struct field *f = &row_type(r)->fields[field];

    put_record(rq->cx, r, cell);
    val_put_text(cell, "field", f->name);
    val_put_text(cell, "label", f->label);
    val_put_text(cell, "worth", page_worth(rq->cx, r, field));
    val_put_bool(cell, "editable", field_typed(f, false) && may_row(rq->cx, r, VERB_UPDATE));
    return reply_fragment(rq, "kit/fact", cell);
}

/* GET /{path}/:id/edit/:field */
enum status field_edit_get(struct req *rq)
{
    struct row *r;
    int field;

    TRY(req_typed_field(rq, &r, &field));
    return show_field_edit(rq, r, field);
}

/* GET /{path}/:id/fact/:field */
enum status fact_get(struct req *rq)
{
    struct row *r;
    int field;

    TRY(req_field(rq, &r, &field));
    return show_fact(rq, r, field);
}

/* POST /{path}/:id/edit/:field {FIELD, version} */
enum status field_edit_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    i64 version;
    int field;
    enum status s;

    TRY(req_typed_field(rq, &r, &field));
    if (is_stale(rq, r, &version))
        s = ctx_fail_field(cx, req_param(rq, "field"), "stale",
                           "Somebody changed this %s meanwhile. Save again to go on.",
                           text_in_sentence(cx->arena, row_type(r)->label));
    else
        s = read_input(rq, r, field);
    if (s == OK)
        s = record_save(cx, r);
    if (can_be_mended(rq, s)) {
        if (!rq->is_htmx)
            return form_again(rq, r);
        if (text_empty(error_of(cx, req_param(rq, "field")))) /* of the whole, or another field */
            (void)!ctx_fail_field(cx, req_param(rq, "field"), "refused", "%s", cx->error_text);
        reply_status(rq, 422);
        return show_field_edit(rq, r, field);
    }
    TRY(s);
    if (!rq->is_htmx)
        return reply_done(rq, row_path(cx, r), "Saved.");
    return show_fact(rq, r, field);
}
