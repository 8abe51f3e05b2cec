/* form_build.c -- making a form: its fields, with what visitors will see beside them, what follows
 * a post, translations, and how it is put on a site. Every page is a plain form; scripts drag rows,
 * draw the preview while one types, and take steps back. */
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/consent.h"
#include "kit/pages.h"
#include "marketing/form_count.h"
#include "marketing/form_take.h"

enum { ROWS_MAX = 200, BLANK_ROWS = 3, LABEL_CUT = 1000, TEXT_CUT = 4000 };

static enum status form_row(struct req *rq, struct row **form)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get_named(rq->cx, "form", id, form);
}

static struct val *definition_of(struct ctx *cx, const struct row *form)
{
    struct val *v, *kept;

    if (json_read(cx->arena, str_from(row_text(form, FORM_INPUTS)), &v, NULL) != OK ||
        form_def_check(cx, v, &kept) != OK) {
        ctx_clear_error(cx); /* of before its rules: begun anew */
        kept = val_map(cx->arena);
    }
    return kept;
}

/* ---- what was posted: label.N, kind.N and their like ---- */

static const char *posted(struct req *rq, const char *what, int row)
{
    return req_form(rq, arena_printf(rq->cx->arena, "%s.%d", what, row));
}

static bool is_posted(struct req *rq, const char *what, int row)
{
    return val_get(rq->form, arena_printf(rq->cx->arena, "%s.%d", what, row)) != NULL;
}

static bool ticked(struct req *rq, const char *what, int row)
{
    return !text_empty(posted(rq, what, row));
}

/* The name under which an answer is posted: as given, or from the label; no two alike, and none
 * that the form itself uses. In arena. */
static const char *input_name(struct ctx *cx, const struct val *list, const char *given,
                              const char *kind, const char *label)
{
    static const char *const own[] = { "fw_id",    "website_url", "csrf", "fw_token",
                                       "fw_proof", "fw_page",     "lang", "fw" };
    const char *base = given, *name;
    bool taken = true;

    for (const char *p = base; *p; p++) /* first_name is a name as it stands */
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || *p == '-'))
            base = form_slug(cx, given);
    if (text_empty(base))
        base = text_is(kind, "email")   ? "email"
               : text_is(kind, "phone") ? "phone"
                                        : form_slug(cx, label);
    if (text_empty(base))
        base = "field";
    base = utf8_cut(cx->arena, base, 70);
    name = base;
    for (int n = 2; taken; n++) {
        taken = text_is(name, "consent") && !text_is(kind, "consent");
        for (size_t i = 0; i < countof(own); i++)
            taken |= text_is(name, own[i]);
        for (size_t i = 0; i < val_count(list); i++)
            taken |= text_is(name, val_get_text(val_at(list, i), "name"));
        if (taken)
            name = arena_printf(cx->arena, "%s-%d", base, n);
    }
    return name;
}

/* "Apples, Hops", or a line each; "apples = Apples" where the data should say another word. */
static void read_options(struct ctx *cx, const char *text, struct val *one)
{
    char sep = strchr(text, '\n') ? '\n' : ',';
    struct str rest = str_from(text), part;
    struct val *list = val_put_list(one, "options");

    while (str_split(&rest, sep, &part) && val_count(list) < ASK_OPTIONS_MAX) {
        const char *whole = utf8_cut(cx->arena, str_dup(cx->arena, str_trim(part)), 400),
                   *eq = strchr(whole, '=');
        struct val *o;
        if (text_empty(whole))
            continue;
        o = val_add_map(list);
        if (eq == NULL || eq == whole) {
            val_put_text(o, "value", utf8_cut(cx->arena, whole, 200));
            val_put_text(o, "label", whole);
            continue;
        }
        val_put(o, "value",
                val_str(cx->arena, str_trim((struct str){ whole, (size_t)(eq - whole) })));
        val_put(o, "label", val_str(cx->arena, str_trim(str_from(eq + 1))));
    }
}

static void read_ifs(struct req *rq, int row, struct val *one)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_list(cx->arena);

    for (int k = 0; k < ASK_IFS_MAX; k++) {
        const char *field = posted(rq, arena_printf(cx->arena, "iffield.%d", k), row);
        struct val *c;
        if (text_empty(field))
            continue;
        c = val_add_map(list);
        val_put_text(c, "field", field);
        val_put_text(c, "op", posted(rq, arena_printf(cx->arena, "ifop.%d", k), row));
        val_put_text(
            c, "value",
            utf8_cut(cx->arena, posted(rq, arena_printf(cx->arena, "ifvalue.%d", k), row), 200));
    }
    if (val_count(list) == 0)
        return;
    val_put(one, "if", list);
    val_put_bool(one, "if_any", text_is(posted(rq, "ifany", row), "any"));
}

static void put_text(struct req *rq, struct val *one, const char *key, const char *what, int row)
{
    const char *text = str_dup(rq->cx->arena, str_trim(str_from(posted(rq, what, row))));

    if (!text_empty(text))
        val_put_text(one, key, utf8_cut(rq->cx->arena, text, 400));
}

static void put_number(struct req *rq, struct val *one, const char *key, int row)
{
    i64 n;

    if (str_i64(str_trim(str_from(posted(rq, key, row))), &n))
        val_put_i64(one, key, n);
}

/* Where a field's answers go when its row does not say: to the contact's field of its name. */
static const char *maps_of(struct req *rq, int row, const char *name)
{
    const char *maps = posted(rq, "maps", row);

    if (is_posted(rq, "maps", row) && !text_is(maps, "auto"))
        return maps;
    return (text_is(name, "company") || ask_contact_field(name) >= 0) && !text_is(name, "notes") &&
                   !text_is(name, "tags")
               ? name
               : "";
}

static const struct val *old_field(const struct val *old, const char *name)
{
    const struct val *fields = val_get(old, "fields");

    for (size_t i = 0; i < val_count(fields); i++)
        if (text_is(val_get_text(val_at(fields, i), "name"), name))
            return val_at(fields, i);
    return NULL;
}

static void read_input(struct req *rq, int row, const struct val *old, struct val *list)
{
    struct ctx *cx = rq->cx;
    const char *label = str_dup(cx->arena, str_trim(str_from(posted(rq, "label", row)))),
               *kind = "text", *name;
    const struct val *t;
    struct val *one;

    if (text_empty(label)) /* drops the row */
        return;
    for (size_t i = 0; i < ASK_KINDS; i++)
        if (text_is(ask_kinds[i].word, posted(rq, "kind", row)))
            kind = ask_kinds[i].word;
    name = input_name(cx, list, posted(rq, "name", row), kind, label);
    one = val_add_map(list);
    val_put_text(one, "name", name);
    val_put_text(one, "kind", kind);
    val_put_text(one, "label", utf8_cut(cx->arena, label, LABEL_CUT));
    put_text(rq, one, "help", "help", row);
    put_text(rq, one, "placeholder", "placeholder", row);
    put_text(rq, one, "default", "default", row);
    val_put_text(one, "maps", maps_of(rq, row, name));
    if (text_is(kind, "consent"))
        val_put_text(one, "topic",
                     ticked(rq, "topic", row) ? posted(rq, "topic", row) : "newsletter");
    val_put_bool(one, "required", text_is(name, "email") || ticked(rq, "required", row));
    val_put_bool(one, "half", ticked(rq, "half", row));
    val_put_bool(one, "radio", ticked(rq, "radio", row));
    val_put_bool(one, "overwrite", ticked(rq, "overwrite", row));
    val_put_bool(one, "ask_once", ticked(rq, "ask_once", row));
    put_number(rq, one, "min", row);
    put_number(rq, one, "max", row);
    if (text_is(kind, "choice") || text_is(kind, "choices"))
        read_options(cx, utf8_cut(cx->arena, posted(rq, "choices", row), TEXT_CUT), one);
    read_ifs(rq, row, one);
    t = val_get(old_field(old, ticked(rq, "was", row) ? posted(rq, "was", row) : name), "t");
    if (t != NULL)
        val_put(one, "t", val_copy(cx->arena, t));
}

/* The rows in the order that their positions say; those without one stay where they stand. */
static size_t row_order(struct req *rq, int *rows)
{
    i64 at[ROWS_MAX];
    size_t count = 0;

    for (int row = 0; row < ROWS_MAX; row++) {
        size_t i = count;
        i64 place;
        if (!is_posted(rq, "label", row))
            continue;
        if (!str_i64(str_trim(str_from(posted(rq, "at", row))), &place))
            place = row + 1;
        for (; i > 0 && at[i - 1] > place; i--) {
            at[i] = at[i - 1];
            rows[i] = rows[i - 1];
        }
        at[i] = place;
        rows[i] = row;
        count++;
    }
    return count;
}

/* The definition as it would be with the posted rows. */
static struct val *read_rows(struct req *rq, const struct val *old)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_list(cx->arena), *def = val_map(cx->arena);
    int rows[ROWS_MAX];
    size_t count = row_order(rq, rows);
    i64 ask;

    for (size_t i = 0; i < count; i++)
        read_input(rq, rows[i], old, list);
    for (size_t i = 0; i < val_count(old); i++)
        val_put(def, val_key_at(old, i), val_copy(cx->arena, val_value_at(old, i)));
    val_put_i64(def, "version", 2);
    val_put(def, "fields", list);
    if (str_i64(str_trim(str_from(req_form(rq, "ask"))), &ask))
        val_put_i64(def, "ask", ask);
    return def;
}

/* ---- the builder's page ---- */

static void put_kinds(const char *chosen, struct val *list)
{
    for (size_t k = 0; k < ASK_KINDS; k++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", ask_kinds[k].word);
        val_put_text(one, "text", ask_kinds[k].label);
        val_put_bool(one, "selected", text_is(ask_kinds[k].word, chosen));
    }
}

static const char *options_text(struct ctx *cx, const struct val *list)
{
    struct buf b = buf_in(cx->arena, 200 * 1000);

    for (size_t i = 0; i < val_count(list); i++) {
        const char *value = val_get_text(val_at(list, i), "value"),
                   *label = val_get_text(val_at(list, i), "label");
        buf_printf(&b, "%s%s%s%s", i ? "\n" : "", value, text_is(value, label) ? "" : " = ",
                   text_is(value, label) ? "" : label);
    }
    return buf_end(&b);
}

static void put_topics(struct ctx *cx, const char *chosen, struct val *list)
{
    const struct choice *c = topic_choices(cx);
    bool known = text_empty(chosen);

    for (; c->value; c++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", c->value);
        val_put_text(one, "text", c->label);
        val_put_bool(one, "selected", text_is(c->value, chosen));
        known |= text_is(c->value, chosen);
    }
    if (!known) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", chosen);
        val_put_text(one, "text", chosen);
        val_put_bool(one, "selected", true);
    }
}

/* Conditions that are there, and room for one more. */
static void put_ifs(const struct val *fields, size_t at, const struct val *in, struct val *row)
{
    const struct val *ifs = val_get(in, "if");
    struct val *list = val_put_list(row, "ifs");
    size_t count = val_count(ifs) + 1 > ASK_IFS_MAX ? ASK_IFS_MAX : val_count(ifs) + 1;

    for (size_t k = 0; k < count; k++) {
        const struct val *c = val_at(ifs, k);
        struct val *one = val_add_map(list), *options = val_put_list(one, "fields"),
                   *ops = val_put_list(one, "ops");
        val_put_i64(one, "k", (i64)k);
        val_put_text(one, "value", val_get_text(c, "value"));
        for (size_t i = 0; i < at && i < val_count(fields); i++) {
            const struct val *f = val_at(fields, i);
            struct val *o;
            const char *kind = val_get_text(f, "kind");
            if (text_is(kind, "heading") || text_is(kind, "paragraph") || text_is(kind, "step"))
                continue;
            o = val_add_map(options);
            val_put_text(o, "value", val_get_text(f, "name"));
            val_put_text(o, "text", val_get_text(f, "label"));
            val_put_bool(o, "selected", text_is(val_get_text(f, "name"), val_get_text(c, "field")));
        }
        for (size_t i = 0; i < ASK_OPS; i++) {
            struct val *o = val_add_map(ops);
            val_put_text(o, "value", ask_ops[i].word);
            val_put_text(o, "text", ask_ops[i].label);
            val_put_bool(o, "selected", text_is(ask_ops[i].word, val_get_text(c, "op")));
        }
    }
    val_put_bool(row, "if_any", val_get_bool(in, "if_any"));
    val_put_bool(row, "has_ifs", val_count(ifs) > 0);
}

static const struct ask_kind_row *kind_row(const char *word)
{
    for (size_t k = 0; k < ASK_KINDS; k++)
        if (text_is(ask_kinds[k].word, word))
            return &ask_kinds[k];
    return &ask_kinds[ASK_TEXT];
}

static void put_row(struct ctx *cx, const struct val *fields, size_t n, struct val *row)
{
    static const char *const texts[] = { "name", "label", "help", "placeholder", "default" };
    static const char *const flags[] = { "required", "half", "radio", "overwrite", "ask_once" };
    const struct val *in = val_at(fields, n);
    const char *kind = in ? val_get_text(in, "kind") : "text";

    val_put_i64(row, "n", (i64)n);
    val_put_i64(row, "number", (i64)n + 1);
    val_put_bool(row, "is_new", in == NULL);
    for (size_t i = 0; i < countof(texts); i++)
        val_put_text(row, texts[i], val_print(cx->arena, val_get(in, texts[i])));
    for (size_t i = 0; i < countof(flags); i++)
        val_put_bool(row, flags[i], val_get_bool(in, flags[i]));
    val_put_text(row, "kind", kind);
    val_put_text(row, "kind_text", kind_row(kind)->label);
    val_put_text(row, "min", val_print(cx->arena, val_get(in, "min")));
    val_put_text(row, "max", val_print(cx->arena, val_get(in, "max")));
    val_put_text(row, "choices", options_text(cx, val_get(in, "options")));
    put_kinds(kind, val_put_list(row, "kinds"));
    ask_put_maps(cx, in ? val_get_text(in, "maps") : "auto", val_put_list(row, "maps"));
    put_topics(cx, val_get_text(in, "topic"), val_put_list(row, "topics"));
    put_ifs(fields, n, in, row);
}

static void put_rows(struct ctx *cx, const struct val *def, size_t blank, struct val *page)
{
    const struct val *fields = val_get(def, "fields");
    struct val *rows = val_put_list(page, "inputs");

    for (size_t i = 0; i < val_count(fields) + blank; i++)
        put_row(cx, fields, i, val_add_map(rows));
}

void form_put_tabs(struct ctx *cx, const struct row *form, const char *on, struct val *page)
{
    static const struct {
        const char *word, *text;
    } tabs[] = {
        { "", "Form" },
        { "build", "Fields" },
        { "after", "What follows" },
        { "texts", "Translations" },
        { "share", "Put it on a site" },
    };
    struct val *list = val_put_list(page, "tabs");

    for (size_t i = 0; i < countof(tabs); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", tabs[i].text);
        val_put_printf(one, "url", "%s%s%s", row_path(cx, form), tabs[i].word[0] ? "/" : "",
                       tabs[i].word);
        val_put_bool(one, "on", text_is(tabs[i].word, on));
    }
}

static void put_tabs(struct ctx *cx, const struct row *form, const char *on, struct val *page)
{
    struct val *crumbs = val_put_list(page, "crumbs"), *one = val_add_map(crumbs);

    val_put_text(one, "text", "Forms");
    val_put_text(one, "url", "/forms");
    one = val_add_map(crumbs);
    val_put_text(one, "text", row_text(form, FORM_NAME));
    val_put_text(one, "url", row_path(cx, form));
    form_put_tabs(cx, form, on, page);
    val_put_text(page, "url", row_path(cx, form));
    val_put_text(page, "form_name", row_text(form, FORM_NAME));
    val_put_printf(page, "public_url", "/f/%s", row_text(form, FORM_SLUG));
    val_put_bool(page, "published", text_is(row_text(form, FORM_STATUS), "published"));
}

/* The form as visitors see it, of a definition that need not be saved. */
static enum status put_preview(struct req *rq, const struct row *form, const struct val *def,
                               const char *language, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct row *copy = row_new(cx, &form_type);
    struct form_def d;

    for (int i = 0; i < FORM_FIELDS; i++)
        if (form_type.fields[i].kind == FIELD_TEXT || form_type.fields[i].kind == FIELD_LONG ||
            i == FORM_PURPOSE)
            row_set_text(copy, i, row_text(form, i));
    row_set_text(copy, FORM_INPUTS, json_text(cx->arena, def));
    TRY(form_def_read(cx, copy, &d));
    form_public_put(rq, copy, &d, NULL, val_map(cx->arena), form_language(cx, &d, language, NULL),
                    page);
    return OK;
}

static enum status show_builder(struct req *rq, const struct row *form, const struct val *def,
                                const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *blank = val_list(cx->arena);

    val_put_printf(page, "title", "Fields of %s", row_text(form, FORM_NAME));
    put_tabs(cx, form, "build", page);
    val_put_text(page, "error", error);
    put_rows(cx, def, BLANK_ROWS, page);
    put_row(cx, blank, 0, val_put_map(page, "blank"));
    put_kinds("", val_put_list(page, "palette"));
    val_put_i64(page, "ask", val_get_i64(def, "ask", 0));
    TRY(put_preview(rq, form, def, "", val_put_map(page, "preview")));
    return reply(rq, "form/build", page);
}

/* GET /forms/:id/build */
static enum status form_build(struct req *rq)
{
    struct row *form;

    TRY(form_row(rq, &form));
    return show_builder(rq, form, definition_of(rq->cx, form), "");
}

/* Saves a definition, or shows the page again with why not. */
static enum status save(struct req *rq, struct row *form, const struct val *def,
                        enum status (*again)(struct req *rq, const struct row *form,
                                             const struct val *def, const char *error),
                        const char *done)
{
    struct ctx *cx = rq->cx;
    struct val *kept;
    enum status s = form_def_check(cx, def, &kept);

    if (s == OK) {
        row_set_text(form, FORM_INPUTS, json_text(cx->arena, kept));
        s = record_save(cx, form);
    }
    if (s == E_INVALID && !rq->wants_json && again != NULL) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        ctx_clear_error(cx);
        reply_status(rq, 422);
        return again(rq, form, def, why);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, form), "%s", done);
}

/* POST /forms/:id/build */
static enum status form_build_post(struct req *rq)
{
    struct row *form;

    TRY(form_row(rq, &form));
    return save(rq, form, read_rows(rq, definition_of(rq->cx, form)), show_builder,
                "Fields saved.");
}

/* POST /forms/:id/definition -- the whole as JSON, for programs. */
static enum status form_definition(struct req *rq)
{
    struct row *form;

    TRY(form_row(rq, &form));
    return save(rq, form, rq->form, NULL, "Saved.");
}

/* POST /forms/:id/preview -- the rows as visitors would see them; nothing is kept. */
static enum status form_preview(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *def, *kept;
    struct row *form;
    const char *why = "";

    TRY(form_row(rq, &form));
    def = read_rows(rq, definition_of(cx, form));
    if (form_def_check(cx, def, &kept) == OK)
        def = kept;
    else
        why = cx->field_errors ? cx->field_errors->message : "";
    ctx_clear_error(cx);
    val_put_text(page, "error", why);
    TRY(put_preview(rq, form, def, req_query(rq, "lang"), page));
    return reply_fragment(rq, "form/preview", page);
}

/* POST /forms/:id/rows -- the builder's rows, drawn again from what was posted: a step back. */
static enum status form_rows(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct row *form;

    TRY(form_row(rq, &form));
    put_rows(cx, read_rows(rq, definition_of(cx, form)), 0, page);
    return reply_fragment(rq, "form/rows", page);
}

/* ---- what follows a post ---- */

static const struct {
    const char *what, *label, *key, *key_label, *help;
} follow_ups[] = {
    { "download", "Offer a file", "url", "Its address", "Shown on the page that thanks." },
    { "form", "Lead on to another form", "slug", "Its address, after /f/", "" },
    { "notify", "Tell the form's owner", "", "", "A notification, with a link to the answers." },
    { "tag", "Tag the contact", "tag", "Tag", "" },
    { "handoff", "Hand the lead to sales", "text", "Reason (optional)",
      "Straight to a salesperson, whatever the score." },
    { "segment", "Add to a static segment", "slug", "Its address word", "" },
};

static enum status show_after(struct req *rq, const struct row *form, const struct val *def,
                              const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "follow_ups");
    const struct val *after = val_get(def, "after");

    val_put_printf(page, "title", "What follows %s", row_text(form, FORM_NAME));
    put_tabs(cx, form, "after", page);
    val_put_text(page, "error", error);
    for (size_t i = 0; i < countof(follow_ups); i++) {
        struct val *one = val_add_map(list);
        const struct val *is = NULL;
        for (size_t k = 0; k < val_count(after) && is == NULL; k++)
            if (text_is(val_get_text(val_at(after, k), "do"), follow_ups[i].what))
                is = val_at(after, k);
        val_put_text(one, "what", follow_ups[i].what);
        val_put_text(one, "label", follow_ups[i].label);
        val_put_text(one, "key_label", follow_ups[i].key_label);
        val_put_text(one, "help", follow_ups[i].help);
        val_put_text(one, "value", val_get_text(is, follow_ups[i].key));
        val_put_bool(one, "is_download", text_is(follow_ups[i].what, "download"));
        val_put_text(one, "text", val_get_text(is, "text"));
        val_put_bool(one, "on", is != NULL);
    }
    return reply(rq, "form/after", page);
}

/* GET /forms/:id/after */
static enum status form_after(struct req *rq)
{
    struct row *form;

    TRY(form_row(rq, &form));
    return show_after(rq, form, definition_of(rq->cx, form), "");
}

static const char *trimmed(struct req *rq, const char *name)
{
    return utf8_cut(rq->cx->arena, str_dup(rq->cx->arena, str_trim(str_from(req_form(rq, name)))),
                    TEXT_CUT);
}

/* POST /forms/:id/after */
static enum status form_after_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *def, *list;
    struct row *form;

    TRY(form_row(rq, &form));
    def = definition_of(cx, form);
    list = val_put_list(def, "after");
    for (size_t i = 0; i < countof(follow_ups); i++) {
        const char *what = follow_ups[i].what,
                   *value = trimmed(rq, arena_printf(cx->arena, "value.%s", what));
        struct val *one;
        if (text_empty(req_form(rq, arena_printf(cx->arena, "on.%s", what))))
            continue;
        one = val_add_map(list);
        val_put_text(one, "do", what);
        if (follow_ups[i].key[0] != '\0' && !text_empty(value))
            val_put_text(one, follow_ups[i].key, value);
        if (text_is(what, "download"))
            val_put_text(one, "text", trimmed(rq, "text.download"));
    }
    return save(rq, form, def, show_after, "What follows is saved.");
}

/* ---- translations ---- */

static const char *const page_texts[] = { "title", "intro", "button", "thanks" };
static const int page_text_fields[] = { FORM_TITLE, FORM_INTRO, FORM_BUTTON, FORM_THANKS };

static void put_words(struct val *list, const char *name, const char *label, const char *own,
                      const char *text, bool is_long)
{
    struct val *one;

    if (text_empty(own))
        return;
    one = val_add_map(list);
    val_put_text(one, "name", name);
    val_put_text(one, "label", label);
    val_put_text(one, "own", own);
    val_put_text(one, "text", text);
    val_put_bool(one, "long", is_long);
}

static void put_ask_words(struct ctx *cx, const struct ask *a, const char *language,
                          struct val *list)
{
    const struct val *t = val_get(a->t, language);
    const char *n = a->name;

    put_words(list, arena_printf(cx->arena, "label.%s", n), a->label, a->label,
              val_get_text(t, "label"), a->kind == ASK_CONSENT || a->kind == ASK_PARAGRAPH);
    put_words(list, arena_printf(cx->arena, "help.%s", n), "Its help", a->help,
              val_get_text(t, "help"), false);
    put_words(list, arena_printf(cx->arena, "placeholder.%s", n), "Its example", a->placeholder,
              val_get_text(t, "placeholder"), false);
    for (size_t i = 0; i < a->option_count; i++)
        put_words(list, arena_printf(cx->arena, "option.%s.%zu", n, i), "A choice",
                  a->options[i].label, val_get_text(val_get(t, "options"), a->options[i].value),
                  false);
}

/* The field that the form's own consent text is, where no consent block is among the fields: its
 * wording is the form's alone, and is not translated. */
static bool is_own_consent(const struct val *def, const struct ask *a)
{
    return a->kind == ASK_CONSENT && old_field(def, a->name) == NULL;
}

static enum status show_texts(struct req *rq, const struct row *form, const struct val *def,
                              const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "words"),
               *languages = val_put_list(page, "languages");
    const char *language = text_empty(req_query(rq, "lang")) ? "" : req_query(rq, "lang");
    struct form_def d;

    TRY(form_def_read(cx, form, &d));
    val_put_printf(page, "title", "Translations of %s", row_text(form, FORM_NAME));
    put_tabs(cx, form, "texts", page);
    val_put_text(page, "error", error);
    val_put_text(page, "language", language);
    val_put_text(page, "own_language", d.language);
    for (size_t i = 0; i < d.language_count; i++) {
        struct val *one = val_add_map(languages);
        val_put_text(one, "text", d.languages[i]);
        val_put_bool(one, "own", text_is(d.languages[i], d.language));
        val_put_bool(one, "on", text_is(d.languages[i], language));
    }
    for (size_t i = 0; i < countof(page_texts) && !text_empty(language); i++)
        put_words(list, page_texts[i], form_type.fields[page_text_fields[i]].label,
                  row_text(form, page_text_fields[i]),
                  val_get_text(val_get(d.texts, language), page_texts[i]),
                  page_text_fields[i] != FORM_BUTTON && page_text_fields[i] != FORM_TITLE);
    for (size_t i = 0; i < d.count && !text_empty(language); i++)
        if (!is_own_consent(def, &d.asks[i]))
            put_ask_words(cx, &d.asks[i], language, list);
    return reply(rq, "form/texts", page);
}

/* GET /forms/:id/texts?lang=de */
static enum status form_texts(struct req *rq)
{
    struct row *form;

    TRY(form_row(rq, &form));
    return show_texts(rq, form, definition_of(rq->cx, form), "");
}

/* A map without one of its keys. */
static struct val *without(struct ctx *cx, const struct val *map, const char *key)
{
    struct val *out = val_map(cx->arena);

    for (size_t i = 0; i < val_count(map); i++)
        if (!text_is(val_key_at(map, i), key))
            val_put(out, val_key_at(map, i), val_copy(cx->arena, val_value_at(map, i)));
    return out;
}

static void put_word(struct req *rq, struct val *t, const char *key, const char *name)
{
    const char *text = trimmed(rq, name);

    if (!text_empty(text))
        val_put_text(t, key, text);
}

static void read_ask_words(struct req *rq, const struct val *field, struct val *t)
{
    struct arena *a = rq->cx->arena;
    const char *n = val_get_text(field, "name");
    const struct val *options = val_get(field, "options");
    struct val *words = val_map(a);

    put_word(rq, t, "label", arena_printf(a, "label.%s", n));
    put_word(rq, t, "help", arena_printf(a, "help.%s", n));
    put_word(rq, t, "placeholder", arena_printf(a, "placeholder.%s", n));
    for (size_t i = 0; i < val_count(options); i++)
        put_word(rq, words, val_get_text(val_at(options, i), "value"),
                 arena_printf(a, "option.%s.%zu", n, i));
    if (val_count(words) > 0)
        val_put(t, "options", words);
}

/* POST /forms/:id/texts?lang=de */
static enum status form_texts_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *language = req_query(rq, "lang");
    struct val *def, *all, *t, *fields = val_list(cx->arena);
    const struct val *old;
    struct row *form;

    TRY(form_row(rq, &form));
    def = definition_of(cx, form);
    if (text_empty(language)) /* only in which language it is written */
        val_put_text(def, "language",
                     text_empty(trimmed(rq, "own_language")) ? "en" : trimmed(rq, "own_language"));
    else {
        all = without(cx, val_get(def, "texts"), language);
        t = val_map(cx->arena);
        for (size_t i = 0; i < countof(page_texts); i++)
            put_word(rq, t, page_texts[i], page_texts[i]);
        if (val_count(t) > 0)
            val_put(all, language, t);
        val_put(def, "texts", all);
        old = val_get(def, "fields");
        for (size_t i = 0; i < val_count(old); i++) {
            struct val *one = val_copy(cx->arena, val_at(old, i)),
                       *of = without(cx, val_get(one, "t"), language);
            t = val_map(cx->arena);
            read_ask_words(rq, one, t);
            if (val_count(t) > 0)
                val_put(of, language, t);
            val_put(one, "t", of);
            val_add(fields, one);
        }
        val_put(def, "fields", fields);
    }
    return save(rq, form, def, show_texts, "Translation saved.");
}

/* ---- on a site ---- */

static void put_option(struct val *list, const char *value, const char *text, const char *chosen)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", text_is(value, chosen));
}

static enum status show_share(struct req *rq, const struct row *form, const struct val *def,
                              const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list, *asks = val_put_list(page, "asks");
    const struct val *p = val_get(def, "popup");
    const char *look = val_get_text(p, "look"), *guard = val_get_text(def, "guard"),
               *disposable = val_get_text(def, "disposable");
    struct form_def d;

    TRY(form_def_read(cx, form, &d));
    val_put_printf(page, "title", "%s on a site", row_text(form, FORM_NAME));
    put_tabs(cx, form, "share", page);
    val_put_text(page, "error", error);
    val_put_text(page, "site_url", web_public_url(rq));
    val_put_text(page, "slug", row_text(form, FORM_SLUG));
    for (size_t i = 0; i < d.count; i++) {
        struct val *one;
        if (!ask_is_input(&d.asks[i]))
            continue;
        one = val_add_map(asks);
        val_put_text(one, "name", d.asks[i].name);
        val_put_text(one, "label", d.asks[i].label);
        val_put_bool(one, "check", d.asks[i].kind == ASK_CONSENT || d.asks[i].kind == ASK_YESNO);
        val_put_bool(one, "required", d.asks[i].required);
        val_put_bool(one, "last", i + 1 == d.count);
    }
    list = val_put_list(page, "looks");
    put_option(list, "", "It does not pop up", look);
    put_option(list, "slide", "Slides in from a corner", look);
    put_option(list, "bar", "A bar along the edge", look);
    put_option(list, "modal", "A box over the page", look);
    val_put_i64(page, "after_s", val_get_i64(p, "after_s", 0));
    val_put_i64(page, "scroll", val_get_i64(p, "scroll", 0));
    val_put_bool(page, "exit", val_get_bool(p, "exit"));
    val_put_bool(page, "top", val_get_bool(p, "top"));
    val_put_text(page, "pages", val_get_text(p, "pages"));
    val_put_text(page, "not_pages", val_get_text(p, "not_pages"));
    val_put_text(page, "segment", val_get_text(p, "segment"));
    val_put_i64(page, "days", val_get_i64(p, "days", 30));
    list = val_put_list(page, "guards");
    put_option(list, "auto", "Proof of work when many posts come", guard);
    put_option(list, "always", "Always proof of work; posts without it wait for a look", guard);
    put_option(list, "off", "None but the hidden field and links in names", guard);
    list = val_put_list(page, "disposables");
    put_option(list, "take", "Taken like others", disposable);
    put_option(list, "hold", "Held for a look", disposable);
    put_option(list, "refuse", "Asked for another", disposable);
    return reply(rq, "form/share", page);
}

/* GET /forms/:id/share */
static enum status form_share(struct req *rq)
{
    struct row *form;

    TRY(form_row(rq, &form));
    return show_share(rq, form, definition_of(rq->cx, form), "");
}

static i64 posted_number(struct req *rq, const char *name)
{
    i64 n;

    return str_i64(str_trim(str_from(req_form(rq, name))), &n) ? n : 0;
}

/* POST /forms/:id/share -- how it pops up, and what guards it. */
static enum status form_share_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *look = req_form(rq, "look");
    struct val *def, *p = val_map(cx->arena);
    struct row *form;

    TRY(form_row(rq, &form));
    def = definition_of(cx, form);
    val_put_text(p, "look", look);
    val_put_i64(p, "after_s", posted_number(rq, "after_s"));
    val_put_i64(p, "scroll", posted_number(rq, "scroll"));
    val_put_bool(p, "exit", !text_empty(req_form(rq, "exit")));
    val_put_bool(p, "top", !text_empty(req_form(rq, "top")));
    val_put_text(p, "pages", trimmed(rq, "pages"));
    val_put_text(p, "not_pages", trimmed(rq, "not_pages"));
    val_put_text(p, "segment", trimmed(rq, "segment"));
    val_put_i64(p, "days", posted_number(rq, "days"));
    val_put(def, "popup", p);
    if (!text_empty(req_form(rq, "guard")))
        val_put_text(def, "guard", req_form(rq, "guard"));
    if (!text_empty(req_form(rq, "disposable")))
        val_put_text(def, "disposable", req_form(rq, "disposable"));
    return save(rq, form, def, show_share, "Saved.");
}

static const struct route routes[] = {
    { HTTP_GET, "/forms/:id/build", form_build, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/build", form_build_post, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/preview", form_preview, NEEDS("form", VERB_UPDATE), ROUTE_SLOW },
    { HTTP_POST, "/forms/:id/rows", form_rows, NEEDS("form", VERB_UPDATE), ROUTE_SLOW },
    { HTTP_POST, "/forms/:id/definition", form_definition, NEEDS("form", VERB_UPDATE),
      .summary = "Saves what a form asks, as JSON of its second version" },
    { HTTP_GET, "/forms/:id/after", form_after, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/after", form_after_post, NEEDS("form", VERB_UPDATE) },
    { HTTP_GET, "/forms/:id/texts", form_texts, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/texts", form_texts_post, NEEDS("form", VERB_UPDATE) },
    { HTTP_GET, "/forms/:id/share", form_share, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/share", form_share_post, NEEDS("form", VERB_UPDATE) },
};
const struct feature feature_form_build = { .name = "form_build", ROUTES(routes) };
