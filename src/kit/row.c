/* row.c -- a record in memory: its values, what was changed, and how each value is read, written
 * and shown. */
#include "base/id.h"
#include "kit/kinds.h"
#include "kit/seal.h"
#include "kit/show.h"

static struct value *value_at(const struct row *r, int field)
{
    assert(field >= 0 && field < r->type->field_count);
    return &r->values[field];
}

static const struct field *field_at(const struct row *r, int field)
{
    assert(field >= 0 && field < r->type->field_count);
    return &r->type->fields[field];
}

static bool is_text(const struct field *f)
{
    enum storage s = field_storage(f);

    return s == STORED_TEXT || s == STORED_FOLDED;
}

struct row *row_new(struct ctx *cx, const struct record_type *t)
{
    struct row *r = NEW(cx->arena, struct row);

    *r = (struct row){ .type = t, .arena = cx->arena, .is_new = true };
    r->values = NEW_N(cx->arena, struct value, (size_t)t->field_count);
    for (int i = 0; i < t->field_count; i++)
        r->values[i].text = t->fields[i].kind == FIELD_REF ? NULL : "";
    return r;
}

const struct record_type *row_type(const struct row *r) { return r->type; }
i64 row_id(const struct row *r) { return r->id; }
i64 row_version(const struct row *r) { return r->version; }
void row_expect_version(struct row *r, i64 version) { r->version = version; }
i64 row_created_at(const struct row *r) { return r->created_at; }
i64 row_updated_at(const struct row *r) { return r->updated_at; }
bool row_is_new(const struct row *r) { return r->is_new; }
bool row_is_deleted(const struct row *r) { return r->deleted_at != 0; }

void row_set_id(struct row *r, i64 id)
{
    assert(r->is_new && !r->in_table && id > 0);
    r->id = id;
}

const struct row *row_before(const struct row *r)
{
    if (r->is_new)
        return NULL;
    return r->before ? r->before : r->stored ? r->stored : r;
}

bool row_changed(const struct row *r, int field)
{
    const struct row *before = row_before(r);

    if (before == NULL)
        return row_has(r, field);
    return before != r &&
           !field_equal(field_at(r, field), value_at(r, field), value_at(before, field));
}

/* The value, about to be changed: how the row is in the table is kept first. */
static struct value *touch(struct row *r, int field)
{
    struct value *v = value_at(r, field);

    if (r->in_table && r->stored == NULL) {
        size_t bytes = sizeof(struct value) * (size_t)r->type->field_count;
        struct row *copy = NEW(r->arena, struct row);
        *copy = *r;
        copy->before = NULL;
        copy->values = NEW_N(r->arena, struct value, (size_t)r->type->field_count);
        memcpy(copy->values, r->values, bytes);
        r->stored = copy;
    }
    return v;
}

/* ---- values, by code ---- */
bool row_has(const struct row *r, int field) { return value_at(r, field)->set; }

i64 row_i64(const struct row *r, int field)
{
    const struct field *f = field_at(r, field);
    const struct value *v = value_at(r, field);

    assert(!is_text(f));
    if (v->set)
        return v->i;
    return f->kind == FIELD_DATE || f->kind == FIELD_TIME ? TIME_NONE : 0;
}

const char *row_text(const struct row *r, int field)
{
    assert(is_text(field_at(r, field)));
    return value_at(r, field)->text;
}

bool row_bool(const struct row *r, int field)
{
    assert(field_at(r, field)->kind == FIELD_BOOL);
    return value_at(r, field)->i != 0;
}

struct money row_money(const struct row *r, int field)
{
    const struct value *v = value_at(r, field);
    struct money m = { 0 };

    assert(field_at(r, field)->kind == FIELD_MONEY);
    if (v->set) {
        m.minor = v->i;
        memcpy(m.currency, v->text, strnlen(v->text, 3));
    }
    return m;
}

i64 row_base_minor(const struct row *r, int field)
{
    assert(field_at(r, field)->kind == FIELD_MONEY);
    return value_at(r, field)->base_minor;
}

void row_set_i64(struct row *r, int field, i64 n)
{
    const struct field *f = field_at(r, field);
    struct value *v = touch(r, field);
    bool none = (f->kind == FIELD_REF && n == 0) ||
                ((f->kind == FIELD_DATE || f->kind == FIELD_TIME) && n == TIME_NONE);

    assert(!is_text(f) && f->kind != FIELD_MONEY);
    if (f->kind == FIELD_BOOL)
        n = n != 0;
    if (v->set && v->i == n)
        return;
    *v =
        (struct value){ .i = none ? 0 : n, .set = !none, .text = f->kind == FIELD_REF ? NULL : "" };
}

void row_set_text(struct row *r, int field, const char *text)
{
    struct value *v = touch(r, field);

    assert(is_text(field_at(r, field)));
    *v = (struct value){ .text = text[0] ? arena_text(r->arena, text) : "", .set = text[0] != 0 };
}

void row_set_money(struct row *r, int field, struct money m)
{
    struct value *v = touch(r, field);

    assert(field_at(r, field)->kind == FIELD_MONEY);
    if (v->set && v->i == m.minor && strncmp(v->text, m.currency, 3) == 0)
        return; /* its base amount stays frozen */
    *v = (struct value){ .i = m.minor,
                         .text = arena_dup(r->arena, m.currency, strnlen(m.currency, 3)),
                         .set = m.currency[0] != '\0' };
}

void row_set_base(struct row *r, int field, i64 base_minor)
{
    touch(r, field)->base_minor = base_minor;
}

void row_clear(struct row *r, int field)
{
    const struct field *f = field_at(r, field);

    *touch(r, field) =
        (struct value){ .text = f->kind == FIELD_REF ? NULL : "", .set = f->kind == FIELD_BOOL };
}

enum status row_secret(struct ctx *cx, const struct row *r, int field, const char **plain)
{
    assert(field_at(r, field)->kind == FIELD_SECRET);
    return seal_open(cx, value_at(r, field)->text, plain);
}

enum status row_set_secret(struct ctx *cx, struct row *r, int field, const char *plain)
{
    const char *sealed = "";

    assert(field_at(r, field)->kind == FIELD_SECRET);
    if (plain[0] != '\0')
        TRY(seal_text(cx, plain, &sealed));
    row_set_text(r, field, sealed);
    return OK;
}

/* ---- values, from strangers ---- */
/* Puts what was read in place, unless the field is not theirs to change. Writing the same again is
 * fine: a whole record that was read may be sent back. */
static enum status put(struct ctx *cx, struct row *r, int field, const struct value *v)
{
    const struct field *f = field_at(r, field);
    bool same = field_equal(f, v, value_at(r, field));

    if (same)
        return OK;
    if (f->flags & COMPUTED)
        return ctx_fail_field(cx, f->name, "computed",
                              "%s is worked out by the program; leave it out", f->label);
    if ((f->flags & CREATE_ONLY) && r->in_table)
        return ctx_fail_field(cx, f->name, "create_only",
                              "%s is fixed once the %s is there; make a new one instead", f->label,
                              r->type->label);
    *touch(r, field) = *v;
    if (f->kind == FIELD_REF)
        value_at(r, field)->text = NULL;
    return OK;
}

static enum status refuse_internal(struct ctx *cx, const struct row *r, const struct field *f)
{
    return ctx_fail_field(cx, f->name, "unknown_field", "a %s has no field \"%s\"", r->type->label,
                          f->name);
}

enum status row_parse(struct ctx *cx, struct row *r, int field, const char *text)
{
    const struct field *f = field_at(r, field);
    struct value v = *value_at(r, field);

    if (f->flags & INTERNAL)
        return refuse_internal(cx, r, f);
    TRY(field_parse(cx, f, text, &v));
    return put(cx, r, field, &v);
}

enum status row_parse_val(struct ctx *cx, struct row *r, int field, const struct val *in)
{
    const struct field *f = field_at(r, field);
    const struct kind *k = kind_of(f);
    struct value v = *value_at(r, field);

    if (f->flags & INTERNAL)
        return refuse_internal(cx, r, f);
    if (val_is_null(in)) {
        v = (struct value){ .text = "", .set = f->kind == FIELD_BOOL };
    } else if (k->parse_val) {
        TRY(k->parse_val(cx, f, in, &v));
        if (v.set && k->check)
            TRY(k->check(cx, f, &v));
    } else {
        bool number = is_text(f) == false && f->kind != FIELD_DATE && f->kind != FIELD_TIME;
        enum val_kind kind = val_kind_of(in);
        if (kind != VAL_TEXT && !(number && (kind == VAL_I64 || kind == VAL_DECIMAL)))
            return ctx_fail_field(cx, f->name, "type", "%s must be a %s", f->label,
                                  number ? "number" : "text");
        TRY(field_parse(cx, f, val_print(cx->arena, in), &v));
    }
    return put(cx, r, field, &v);
}

/* ---- values, shown ---- */
static bool is_hidden(const struct row *r, int field)
{
    return (field_at(r, field)->flags & INTERNAL) != 0;
}

const char *row_plain(struct ctx *cx, const struct row *r, int field)
{
    const struct field *f = field_at(r, field);
    const struct value *v = value_at(r, field);

    if (is_hidden(r, field) || !v->set)
        return "";
    return kind_of(f)->plain(cx, f, v);
}

const char *row_show(struct ctx *cx, const struct row *r, int field)
{
    const struct field *f = field_at(r, field);
    const struct value *v = value_at(r, field);

    if (is_hidden(r, field) || !v->set)
        return "";
    return value_show(cx, f, v);
}

const char *value_show(struct ctx *cx, const struct field *f, const struct value *v)
{
    const struct kind *k = kind_of(f);

    if (!v->set)
        return "";
    return k->show ? k->show(cx, f, v) : k->plain(cx, f, v);
}

struct val *row_val(struct ctx *cx, const struct row *r, int field)
{
    const struct field *f = field_at(r, field);
    const struct value *v = value_at(r, field);
    const struct kind *k = kind_of(f);

    if (is_hidden(r, field))
        return val_null(cx->arena);
    if (!v->set) /* an empty set of tags is a set; anything else is not known */
        return f->kind == FIELD_TAGS ? val_list(cx->arena) : val_null(cx->arena);
    return k->json ? k->json(cx, f, v) : val_text(cx->arena, k->plain(cx, f, v));
}

struct val *row_cell(struct ctx *cx, const struct row *r, int field)
{
    const struct field *f = field_at(r, field);
    const struct value *v = value_at(r, field);
    const struct kind *k = kind_of(f);
    struct val *cell = val_map(cx->arena);
    const char *word = "empty";

    val_put_text(cell, "text", row_show(cx, r, field));
    if (v->set && !is_hidden(r, field))
        word = k->cell ? k->cell(cx, f, v, cell) : k->cell_word ? k->cell_word : k->word;
    val_put(cell, "kind", val_text_static(cx->arena, word));
    val_put_bool(val_put_map(cell, "is"), word, true);
    return cell;
}

const char *row_nameless(struct ctx *cx, const struct record_type *t, i64 id)
{
    return id ? arena_printf(cx->arena, "%s %s", t->label, id_text(cx->arena, id))
              : arena_printf(cx->arena, "New %s", text_in_sentence(cx->arena, t->label));
}

const char *row_title(struct ctx *cx, const struct row *r)
{
    const char *title =
        r->type->title_of ? r->type->title_of(cx, r) : row_show(cx, r, r->type->title);

    return text_empty(title) ? row_nameless(cx, r->type, r->id) : title;
}

char *row_path(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "/%s/%s", r->type->path, id_text(cx->arena, r->id));
}

/* ---- system columns ---- */
enum system_field system_field(const char *name)
{
    static const struct {
        const char *name;
        enum system_field field;
    } names[] = {
        { "id", SYSTEM_ID },
        { "created_at", SYSTEM_CREATED_AT },
        { "created_by", SYSTEM_CREATED_BY },
        { "updated_at", SYSTEM_UPDATED_AT },
        { "updated_by", SYSTEM_UPDATED_BY },
    };

    for (size_t i = 0; i < countof(names); i++)
        if (text_is(name, names[i].name))
            return names[i].field;
    return SYSTEM_NONE;
}

i64 row_system(const struct row *r, enum system_field which)
{
    switch (which) {
    case SYSTEM_ID:
        return r->id;
    case SYSTEM_CREATED_AT:
        return r->created_at;
    case SYSTEM_CREATED_BY:
        return r->created_by;
    case SYSTEM_UPDATED_AT:
        return r->updated_at;
    case SYSTEM_UPDATED_BY:
        return r->updated_by;
    default:
        return 0;
    }
}

/* ---- types ---- */
int type_field(const struct record_type *t, const char *name)
{
    for (int i = 0; i < t->field_count; i++)
        if (text_is(t->fields[i].name, name))
            return i;
    return -1;
}

int type_owner_field(const struct record_type *t)
{
    for (int i = 0; i < t->field_count; i++)
        if (t->fields[i].flags & OWNER)
            return i;
    return -1;
}
