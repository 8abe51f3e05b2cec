/* filter_form.c -- filters for those who click: what a form offers, and the condition that comes
 * out of it. */
#include "base/limits.h"
#include "kit/filter_int.h"
#include "kit/kinds.h"
#include "kit/kit.h"

/* What stands in a form for each operator; NULL: not offered there. */
static const char *const form_ops[OP_COUNT] = {
    [OP_EQ] = "=",
    [OP_NE] = "!=",
    [OP_LT] = "<",
    [OP_LE] = "<=",
    [OP_GT] = ">",
    [OP_GE] = ">=",
    [OP_CONTAINS] = "contains",
    [OP_STARTS] = "starts",
    [OP_HAS] = "has",
    [OP_EMPTY] = "empty",
    [OP_NOT_EMPTY] = "not_empty",
    [OP_TRUE] = "true",
    [OP_FALSE] = "false",
};

static bool is_offered(const struct filter_column *c, enum filter_op op)
{
    bool text = kind_of(c->f)->storage == STORED_FOLDED;

    if (form_ops[op] == NULL || !filter_op_fits(c, op))
        return false;
    if (c->f->kind == FIELD_BOOL)
        return op == OP_TRUE || op == OP_FALSE;
    return !(text && op >= OP_LT && op <= OP_GE);
}

static void put_ops(const struct filter_column *c, struct val *into)
{
    static const char *const truths[] = { [OP_TRUE] = "is yes", [OP_FALSE] = "is no" };
    struct val *list = val_put_list(into, "ops");

    for (int op = 0; op < OP_COUNT; op++) {
        if (!is_offered(c, (enum filter_op)op))
            continue;
        struct val *one = val_add_map(list);
        val_put_text(one, "value", form_ops[op]);
        val_put_text(one, "label",
                     op == OP_TRUE || op == OP_FALSE ? truths[op]
                                                     : filter_op_words(c->f, (enum filter_op)op));
    }
}

static void put_choices(struct ctx *cx, const struct field *f, struct val *into)
{
    struct val *list = val_put_list(into, "choices");

    for (const struct choice *c = field_choices(cx, f); c && c->value; c++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", c->value);
        val_put_text(one, "label", c->label);
    }
}

/* "count(pageview, -30d)": read as the condition that it begins. */
static enum status read_call(struct ctx *cx, const struct record_type *t, const char *name,
                             struct filter_path *out)
{
    const char *rest = strncmp(name, "count", 5) == 0 ? ">= 0" : "is empty";
    struct filter *f;

    TRY(filter_parse(cx, t, arena_printf(cx->arena, "%s %s", name, rest), &f));
    if (f->root == NULL || f->root->kind != FILTER_TEST || f->root->path.call == NULL)
        return ctx_fail_code(cx, E_INVALID, "filter.unknown_field", "'%s' is no field.", name);
    *out = f->root->path;
    return OK;
}

/* ref: the reference that leads to the field's record, or NULL. */
static void put_field(struct ctx *cx, const struct record_type *root, const struct field *ref,
                      const char *field, struct val *list)
{
    struct filter_token tokens[2] = { { .kind = TOKEN_WORD, .text = ref ? ref->name : field },
                                      { .kind = TOKEN_WORD, .text = field } };
    struct filter_path path;
    struct ctx probe = *cx;

    if (filter_type_path(&probe, root, tokens, ref ? 2 : 1, &path) != OK)
        return;
    struct val *one = val_add_map(list);
    val_put_text(one, "name", ref ? arena_printf(cx->arena, "%s.%s", ref->name, field) : field);
    val_put_text(one, "label", filter_path_words(cx, &path));
    val_put_text(one, "group", ref ? ref->label : "");
}

/* What somebody would filter by: nothing that is only looked at. */
static bool is_useful(const struct field *f)
{
    return !(f->flags & INTERNAL) && f->kind != FIELD_JSON && f->kind != FIELD_LONG &&
           f->kind != FIELD_SECRET;
}

/* The fields of a related record; of a user only the team is worth asking. */
static void put_hop(struct ctx *cx, const struct record_type *root, const struct field *ref,
                    struct val *list)
{
    const struct record_type *to = type_find(cx, ref->ref);

    for (int i = 0; i < to->field_count; i++)
        if (is_useful(&to->fields[i]) &&
            (!text_is(to->name, "user") || text_is(to->fields[i].name, "team_id")))
            put_field(cx, root, ref, to->fields[i].name, list);
}

/* One thing that can be counted, or the first or last of it. */
static void put_call(struct ctx *cx, const struct record_type *t, const char *name, bool records,
                     struct val *list)
{
    struct filter_path path;
    struct ctx probe = *cx;

    ctx_clear_error(&probe);
    if (read_call(&probe, t, name, &path) != OK)
        return;
    struct val *one = val_add_map(list);
    val_put_text(one, "name", name);
    val_put_text(one, "label", filter_path_words(cx, &path));
    val_put_text(one, "group", records ? "Records" : "Journey");
}

static void put_calls(struct ctx *cx, const struct record_type *t, struct val *list)
{
    enum { CALLS_MAX = 200 };
    struct filter_callable what[CALLS_MAX];
    size_t count = filter_callables(cx, t, what, CALLS_MAX);

    for (size_t i = 0; i < count; i++) {
        const char *name = what[i].name;
        put_call(cx, t, arena_printf(cx->arena, "count(%s)", name), what[i].records, list);
        if (what[i].records)
            continue;
        put_call(cx, t, arena_printf(cx->arena, "count(%s, -30d)", name), false, list);
        put_call(cx, t, arena_printf(cx->arena, "last(%s)", name), false, list);
    }
}

static void put_sets(struct ctx *cx, const struct record_type *t, struct val *list)
{
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < features[i]->filter_set_count; k++)
            if (text_is(features[i]->filter_sets[k].type, t->name))
                put_field(cx, t, NULL, features[i]->filter_sets[k].name, list);
}

struct val *filter_fields(struct ctx *cx, const struct record_type *t)
{
    static const char *const system[] = { "created_at", "updated_at", "created_by" };
    struct val *list = val_list(cx->arena);

    for (int i = 0; i < t->field_count; i++)
        if (is_useful(&t->fields[i]))
            put_field(cx, t, NULL, t->fields[i].name, list);
    for (size_t i = 0; i < countof(system); i++)
        put_field(cx, t, NULL, system[i], list);
    for (int i = 0; i < t->field_count; i++)
        if (t->fields[i].kind == FIELD_REF && is_useful(&t->fields[i]))
            put_hop(cx, t, &t->fields[i], list);
    put_sets(cx, t, list);
    put_calls(cx, t, list);
    return list;
}

/* ---- what comes out of a form ---- */
static enum status read_path(struct ctx *cx, const struct record_type *t, const char *field,
                             struct filter_path *out)
{
    struct filter_token names[FILTER_HOPS + 1];
    struct str rest = str_from(field), part;
    size_t count = 0;

    if (strchr(field, '('))
        return read_call(cx, t, field, out);
    while (str_split(&rest, '.', &part)) {
        if (count == countof(names))
            return ctx_fail_code(cx, E_INVALID, "filter.unknown_field", "'%s' is no field.", field);
        names[count++] =
            (struct filter_token){ .kind = TOKEN_WORD, .text = str_dup(cx->arena, part) };
    }
    if (count == 0)
        return ctx_fail_code(cx, E_INVALID, "filter.unknown_field", "Choose a field.");
    return filter_type_path(cx, t, names, count, out);
}

/* The sets that there are, by name. */
static enum status put_members(struct ctx *cx, const struct filter_set *set, struct val *into)
{
    const struct record_type *of = type_find(cx, set->of);
    struct list_query all = { .limit = LIMIT_LIST_ROWS };
    struct val *list = val_put_list(into, "choices");
    struct list_page page;

    TRY(list_run(cx, of, &all, &page));
    for (size_t i = 0; i < page.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", row_text(page.rows[i], type_field(of, set->key)));
        val_put_text(one, "label", row_title(cx, page.rows[i]));
    }
    return OK;
}

enum status filter_field(struct ctx *cx, const struct record_type *t, const char *name,
                         struct val *into)
{
    struct filter_path path;

    TRY(read_path(cx, t, name, &path));
    val_put_text(into, "kind", kind_word(path.last.f->kind));
    val_put_text(into, "ref", path.last.f->kind == FIELD_REF ? path.last.f->ref : "");
    put_ops(&path.last, into);
    if (path.set)
        return put_members(cx, path.set, into);
    put_choices(cx, path.last.f, into);
    return OK;
}

static enum status read_form(struct ctx *cx, const struct record_type *t, const char *field,
                             const char *op, const char *value, struct filter_node *n)
{
    struct filter_token token = { .kind = TOKEN_TEXT, .text = value };
    size_t i = 0;

    n->kind = FILTER_TEST;
    TRY(read_path(cx, t, field, &n->path));
    while (i < OP_COUNT && !(form_ops[i] && text_is(form_ops[i], op)))
        i++;
    if (i == OP_COUNT)
        return ctx_fail_code(cx, E_INVALID, "filter.operator", "'%s' is no operator.", op);
    n->op = (enum filter_op)i;
    if (n->op >= OP_EMPTY)
        return filter_type_test(cx, n, NULL, 0, true);
    token.text = str_dup(cx->arena, str_trim(str_from(value)));
    if (token.text[0] == '\0')
        return ctx_fail_code(cx, E_INVALID, "filter.value", "Give a value to compare with.");
    return filter_type_test(cx, n, &token, 1, true);
}

enum status filter_from_form(struct ctx *cx, const struct record_type *t, const char *field,
                             const char *op, const char *value, const char **text)
{
    struct filter_node *n = NEW(cx->arena, struct filter_node);
    struct ctx probe = *cx;
    enum status s;

    ctx_clear_error(&probe);
    s = read_form(&probe, t, field, op, value, n);
    if (s == E_INVALID)
        return ctx_fail_field(cx, "value", probe.error_code, "%s", probe.error_text);
    if (s != OK)
        return ctx_fail_code(cx, s, probe.error_code, "%s", probe.error_text);
    *text = filter_text(cx, filter_new(cx, t, n));
    return OK;
}
