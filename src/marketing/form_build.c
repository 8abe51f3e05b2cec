/* form_build.c -- the builder: a form's fields, with what visitors will see beside them. The page
 * is a plain form; scripts drag rows, draw the preview while one types, and take steps back. */
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/consent.h"
#include "kit/pages.h"
#include "marketing/form_part.h"

enum { ROWS_MAX = 200, BLANK_ROWS = 3, LABEL_CUT = 1000, TEXT_CUT = 4000 };

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
    t = val_get(form_part_field(old, ticked(rq, "was", row) ? posted(rq, "was", row) : name), "t");
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
    form_part_tabs(cx, form, "build", page);
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

    TRY(form_part_row(rq, &form));
    return show_builder(rq, form, form_part_definition(rq->cx, form), "");
}

/* POST /forms/:id/build */
static enum status form_build_post(struct req *rq)
{
    struct row *form;

    TRY(form_part_row(rq, &form));
    return form_part_save(rq, form, read_rows(rq, form_part_definition(rq->cx, form)), show_builder,
                          "Fields saved.");
}

/* POST /forms/:id/definition -- the whole as JSON, for programs. */
static enum status form_definition(struct req *rq)
{
    struct row *form;

    TRY(form_part_row(rq, &form));
    return form_part_save(rq, form, rq->form, NULL, "Saved.");
}

/* POST /forms/:id/preview -- the rows as visitors would see them; nothing is kept. */
static enum status form_preview(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *def, *kept;
    struct row *form;
    const char *why = "";

    TRY(form_part_row(rq, &form));
    def = read_rows(rq, form_part_definition(cx, form));
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

    TRY(form_part_row(rq, &form));
    put_rows(cx, read_rows(rq, form_part_definition(cx, form)), 0, page);
    return reply_fragment(rq, "form/rows", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/forms/:id/build", form_build, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/build", form_build_post, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/preview", form_preview, NEEDS("form", VERB_UPDATE), ROUTE_SLOW },
    { HTTP_POST, "/forms/:id/rows", form_rows, NEEDS("form", VERB_UPDATE), ROUTE_SLOW },
    { HTTP_POST, "/forms/:id/definition", form_definition, NEEDS("form", VERB_UPDATE),
      .summary = "Saves what a form asks, as JSON of its second version" },
};
const struct feature feature_form_build = { .name = "form_build", ROUTES(routes) };
