/* filter_type.c -- what the words of a test mean: fields of the type that the user may see,
 * operators that the kind of field knows, values as the field would keep them. Relative times and
 * "me" are settled here, once. */
#include "base/id.h"
#include "base/money.h"
#include "base/utf8.h"
#include "kit/filter_int.h"
#include "kit/kinds.h"
#include "kit/kit.h"
#include <stdlib.h>

enum { RELATIVE_MAX = 100 * 1000 };

/* ---- paths ---- */
static const struct field *system_as_field(struct ctx *cx, const struct record_type *t,
                                           enum system_field which)
{
    static const struct field fields[] = {
        [SYSTEM_ID] = { "id", FIELD_REF, "Record" },
        [SYSTEM_CREATED_AT] = { "created_at", FIELD_TIME, "Created" },
        [SYSTEM_CREATED_BY] = { "created_by", FIELD_REF, "Created by", .ref = "user" },
        [SYSTEM_UPDATED_AT] = { "updated_at", FIELD_TIME, "Updated" },
        [SYSTEM_UPDATED_BY] = { "updated_by", FIELD_REF, "Updated by", .ref = "user" },
    };

    if (which != SYSTEM_ID)
        return &fields[which];
    struct field *own = NEW(cx->arena, struct field);
    *own = fields[SYSTEM_ID];
    own->ref = t->name;
    return own;
}

static bool may_read(struct ctx *cx, const char *type)
{
    const struct record_type *t = type_find(cx, type);

    return t && access_scope(cx->access, t->name, VERB_READ) != SCOPE_NONE;
}

/* The names that would have done, as far as they fit. */
static const char *known_fields(struct ctx *cx, const struct record_type *t)
{
    struct buf b = buf_in(cx->arena, 2000);
    int left = 0;

    for (int i = 0; i < t->field_count; i++) {
        if (t->fields[i].flags & INTERNAL)
            continue;
        if (b.len > 300) {
            left++;
            continue;
        }
        buf_printf(&b, "%s%s", b.len ? ", " : "", t->fields[i].name);
    }
    if (left)
        buf_printf(&b, " and %d more", left);
    return buf_end(&b);
}

static enum status find_column(struct ctx *cx, const struct record_type *t, const char *name,
                               struct filter_column *out)
{
    *out = (struct filter_column){ .type = t, .field = type_field(t, name) };
    out->system = out->field < 0 ? system_field(name) : SYSTEM_NONE;
    if (out->system)
        out->f = system_as_field(cx, t, out->system);
    else if (out->field >= 0 && !(t->fields[out->field].flags & INTERNAL))
        out->f = &t->fields[out->field];
    if (out->f)
        return OK;
    return ctx_fail_code(cx, E_INVALID, "filter.unknown_field",
                         "A %s has no field '%s'. It has %s; and id, created_at, created_by, "
                         "updated_at, updated_by.",
                         text_in_sentence(cx->arena, t->label), utf8_cut(cx->arena, name, 60),
                         known_fields(cx, t));
}

enum status filter_type_hops(struct ctx *cx, const struct record_type *t,
                             const struct filter_token *names, size_t count,
                             struct filter_path *out, const struct record_type **end)
{
    assert(count <= FILTER_HOPS);
    *out = (struct filter_path){ .hop_count = (int)count };
    for (size_t i = 0; i < count; i++) {
        struct filter_column *hop = &out->hops[i];
        TRY(find_column(cx, t, names[i].text, hop));
        if (hop->f->kind != FIELD_REF || hop->system == SYSTEM_ID || filter_is_event_type(t))
            return ctx_fail_code(
                cx, E_INVALID, "filter.not_a_reference",
                "'%s' is no reference to another record, so nothing can follow its dot.",
                names[i].text);
        if (!may_read(cx, hop->f->ref))
            return ctx_fail_code(cx, E_INVALID, "filter.unknown_field",
                                 "'%s' leads to records that you may not see.", names[i].text);
        t = type_find(cx, hop->f->ref);
    }
    *end = t;
    return OK;
}

enum status filter_type_path(struct ctx *cx, const struct record_type *t,
                             const struct filter_token *names, size_t count,
                             struct filter_path *out)
{
    const char *last = names[count - 1].text;

    TRY(filter_type_hops(cx, t, names, count - 1, out, &t));
    out->set = filter_set_find(cx, t, last);
    if (out->set == NULL)
        return find_column(cx, t, last, &out->last);
    struct field *made = NEW(cx->arena, struct field);
    *made = (struct field){ out->set->name, FIELD_TAGS, out->set->label, 0 };
    out->last = (struct filter_column){ .type = t, .f = made, .field = -1 };
    return OK;
}

const char *filter_path_text(struct arena *a, const struct filter_path *p)
{
    struct buf b = buf_in(a, (FILTER_HOPS + 1) * 64);

    for (int i = 0; i < p->hop_count; i++)
        buf_printf(&b, "%s.", p->hops[i].f->name);
    if (p->call)
        buf_printf(&b, "%s(%s)", p->last.f->name,
                   p->call->of ? p->call->of->name : p->call->kind->name);
    else
        buf_text(&b, p->last.f->name);
    return buf_end(&b);
}

/* ---- operators ---- */
bool filter_kind_is_time(const struct field *f)
{
    return f->kind == FIELD_DATE || f->kind == FIELD_TIME;
}

const char *filter_op_text(enum filter_op op)
{
    static const char *const texts[OP_COUNT] = {
        "=",        "!=",          "<",        "<=",           ">",        ">=",
        "contains", "starts",      "has",      "in",           "is empty", "is not empty",
        "is true",  "is not true", "is false", "is not false",
    };

    assert(op < OP_COUNT);
    return texts[op];
}

bool filter_op_fits(const struct filter_column *c, enum filter_op op)
{
    enum {
        EQUAL = 1 << OP_EQ | 1 << OP_NE | 1 << OP_IN,
        ORDER = 1 << OP_LT | 1 << OP_LE | 1 << OP_GT | 1 << OP_GE,
        PART = 1 << OP_CONTAINS | 1 << OP_STARTS,
        EMPTY = 1 << OP_EMPTY | 1 << OP_NOT_EMPTY,
        TRUTH = 1 << OP_EQ | 1 << OP_NE | 1 << OP_TRUE | 1 << OP_NOT_TRUE | 1 << OP_FALSE |
                1 << OP_NOT_FALSE,
    };
    static const int by_kind[FIELD_KIND_COUNT] = {
        [FIELD_TEXT] = EQUAL | ORDER | PART | EMPTY,
        [FIELD_EMAIL] = EQUAL | ORDER | PART | EMPTY,
        [FIELD_URL] = EQUAL | ORDER | PART | EMPTY,
        [FIELD_PHONE] = EQUAL | PART | EMPTY,
        [FIELD_LONG] = EMPTY,
        [FIELD_JSON] = EMPTY,
        [FIELD_SECRET] = EMPTY,
        [FIELD_INT] = EQUAL | ORDER | EMPTY,
        [FIELD_DECIMAL] = EQUAL | ORDER | EMPTY,
        [FIELD_MONEY] = EQUAL | ORDER | EMPTY,
        [FIELD_DATE] = EQUAL | ORDER | EMPTY,
        [FIELD_TIME] = EQUAL | ORDER | EMPTY,
        [FIELD_BOOL] = TRUTH,
        [FIELD_CHOICE] = EQUAL | EMPTY,
        [FIELD_TAGS] = 1 << OP_HAS | EMPTY,
        [FIELD_REF] = EQUAL | EMPTY,
    };

    if (c->f == &filter_count_field && (op == OP_EMPTY || op == OP_NOT_EMPTY))
        return false; /* a count is always there */
    return (by_kind[c->f->kind] & 1 << op) != 0;
}

static enum status check_op(struct ctx *cx, const struct filter_node *n)
{
    struct buf b = buf_in(cx->arena, 400);

    if (filter_op_fits(&n->path.last, n->op))
        return OK;
    for (int op = 0; op < OP_COUNT; op++)
        if (filter_op_fits(&n->path.last, (enum filter_op)op))
            buf_printf(&b, "%s%s", b.len ? ", " : "", filter_op_text((enum filter_op)op));
    return ctx_fail_code(cx, E_INVALID, "filter.operator",
                         "'%s' cannot be asked with '%s'. It knows: %s.",
                         filter_path_text(cx->arena, &n->path), filter_op_text(n->op), buf_end(&b));
}

/* ---- values ---- */
struct reading {
    struct ctx *cx;
    const struct filter_path *path;
    const struct field *f;
    bool typed;
};

static enum status bad_value(const struct reading *r, const struct filter_token *t,
                             const char *what)
{
    return ctx_fail_code(r->cx, E_INVALID, "filter.value", "'%s' cannot be compared with '%s': %s.",
                         filter_path_text(r->cx->arena, r->path),
                         utf8_cut(r->cx->arena, t->text, 60), what);
}

/* As the field's kind reads it; its complaint becomes the filter's. */
static enum status read_by_kind(const struct reading *r, const struct filter_token *t,
                                struct value *out)
{
    struct ctx probe = *r->cx;

    ctx_clear_error(&probe);
    *out = (struct value){ .text = "" };
    if (field_parse(&probe, r->f, t->text, out) == OK && out->set)
        return OK;
    return ctx_fail_code(r->cx, E_INVALID, "filter.value", "%s.",
                         probe.field_errors
                             ? probe.field_errors->message
                             : arena_printf(r->cx->arena, "%s needs a value", r->f->label));
}

static enum status read_text(const struct reading *r, const struct filter_token *t,
                             enum filter_op op, struct filter_value *v)
{
    struct arena *a = r->cx->arena;

    if (t->kind == TOKEN_WORD && !r->typed)
        return bad_value(r, t, "a text stands in quotes");
    v->plain = (struct value){ .text = kind_one_line(a, t->text), .set = true };
    if (r->f->kind == FIELD_TAGS && strchr(t->text, '|'))
        return bad_value(r, t, "a tag holds no |");
    v->compare = op == OP_HAS ? field_fold(a, r->f, arena_printf(a, "|%s|", v->plain.text))
                              : field_fold(a, r->f, v->plain.text);
    if (v->compare[0] == '\0' || text_is(v->compare, "||"))
        return bad_value(r, t,
                         "nothing is left to look for; to find what has none write 'is empty'");
    return OK;
}

static enum status read_choice(const struct reading *r, const struct filter_token *t,
                               struct filter_value *v)
{
    if (t->kind == TOKEN_WORD && !r->typed)
        return bad_value(r, t, "a text stands in quotes");
    TRY(read_by_kind(r, t, &v->plain));
    v->compare = v->plain.text;
    return OK;
}

static enum status read_money(const struct reading *r, const struct filter_token *t,
                              struct filter_value *v)
{
    const char *why;
    struct money m;

    v->plain = (struct value){ .text = "", .set = true };
    if (money_parse(str_from(t->text), "", &m, &why) == OK) {
        v->plain.i = m.minor;
        v->plain.text = arena_text(r->cx->arena, m.currency);
        if (money_to_base(r->cx, m, &v->low) != OK)
            return bad_value(r, t,
                             "no exchange rate is known for its currency; set one in the settings");
        return OK;
    }
    if (money_parse(str_from(t->text), base_currency(r->cx), &m, &why) != OK)
        return bad_value(r, t, why);
    v->plain.i = v->low = m.minor;
    return OK;
}

static enum status read_ref(const struct reading *r, const struct filter_token *t,
                            struct filter_value *v)
{
    const struct access *who = r->cx->access;
    bool word = t->kind == TOKEN_WORD || r->typed, user = text_is(r->f->ref, "user");

    if (word && text_is(t->text, "me") && user) {
        v->how = HOW_ME;
        v->low = who ? who->user_id : 0;
        return OK;
    }
    if (word && text_is(t->text, "my_team") && (user || text_is(r->f->ref, "team"))) {
        v->how = HOW_MY_TEAM;
        v->low = who ? who->team_id : 0;
        return OK;
    }
    v->plain.set = true;
    if ((t->kind == TOKEN_WORD && !r->typed) || !id_parse(str_from(t->text), &v->plain.i))
        return bad_value(r, t,
                         user ? "it needs the id of a record in quotes, or me, or my_team"
                              : "it needs the id of a record in quotes");
    v->low = v->plain.i;
    return OK;
}

/* ---- dates and times ---- */
static bool relative_parse(const char *text, i64 *amount, char *unit)
{
    size_t len = strlen(text);
    struct str digits = { text + 1, len > 2 ? len - 2 : 0 };

    if (len < 3 || (text[0] != '-' && text[0] != '+') || !strchr("hdw", text[len - 1]) ||
        !str_i64(digits, amount) || *amount < 0 || *amount > RELATIVE_MAX)
        return false;
    *unit = text[len - 1];
    if (text[0] == '-')
        *amount = -*amount;
    return true;
}

static void set_day(const struct reading *r, i64 day, struct filter_value *v)
{
    const struct zone *zone = kit_zone(r->cx);
    bool date = r->f->kind == FIELD_DATE;

    v->low = date ? day : zone_instant(zone, day, 0);
    v->high = date ? day + 1 : zone_instant(zone, day + 1, 0);
}

static void set_instant(const struct reading *r, i64 ms, struct filter_value *v)
{
    if (r->f->kind == FIELD_DATE) {
        set_day(r, zone_day(kit_zone(r->cx), ms), v);
        return;
    }
    v->low = ms;
    v->high = ms + 1;
}

/* now, a period, -30d. */
static bool read_moving(const struct reading *r, const struct filter_token *t,
                        struct filter_value *v)
{
    const struct zone *zone = kit_zone(r->cx);
    i64 now = ctx_now(r->cx), unit_ms;

    if (text_is(t->text, "now")) {
        v->how = HOW_NOW;
        set_instant(r, now, v);
        return true;
    }
    if (filter_period(r->cx, str_from(t->text), &v->low, &v->high)) {
        v->how = HOW_PERIOD;
        v->word = t->text;
        if (r->f->kind == FIELD_DATE) {
            v->low = zone_day(zone, v->low);
            v->high = zone_day(zone, v->high);
        }
        return true;
    }
    if (!relative_parse(t->text, &v->amount, &v->unit))
        return false;
    v->how = HOW_RELATIVE;
    unit_ms = v->unit == 'h' ? MS_HOUR : v->unit == 'd' ? MS_DAY : 7 * MS_DAY;
    if (r->f->kind == FIELD_DATE && v->unit != 'h')
        set_day(r, zone_day(zone, now) + v->amount * (v->unit == 'w' ? 7 : 1), v);
    else
        set_instant(r, now + v->amount * unit_ms, v);
    return true;
}

static enum status read_time(const struct reading *r, const struct filter_token *t,
                             struct filter_value *v)
{
    struct str s = str_from(t->text);
    i64 at;

    if ((t->kind != TOKEN_TEXT || r->typed) && read_moving(r, t, v))
        return OK;
    v->plain = (struct value){ .text = "", .set = true };
    if (t->kind != TOKEN_WORD && date_parse(s, &at)) {
        v->how = HOW_DATE;
        v->plain.i = at;
        set_day(r, at, v);
        return OK;
    }
    if (t->kind != TOKEN_WORD &&
        (time_parse(s, &at) || zone_parse_local(kit_zone(r->cx), s, &at))) {
        v->how = r->f->kind == FIELD_DATE ? HOW_DATE : HOW_INSTANT;
        v->plain.i = r->f->kind == FIELD_DATE ? zone_day(kit_zone(r->cx), at) : at;
        set_instant(r, at, v);
        return OK;
    }
    return bad_value(r, t,
                     "it needs a date like 2026-11-23, a time like 2026-11-23T10:00:00Z, now, a "
                     "period such as today, this_week or last_month, or a distance such as -30d");
}

/* One of the sets that there are, by its key. */
static enum status read_set(const struct reading *r, const struct filter_token *t,
                            struct filter_value *v)
{
    const struct filter_set *set = r->path->set;
    const struct record_type *of = type_find(r->cx, set->of);
    struct ctx probe = *r->cx;
    struct row *found;
    enum status s;

    if (t->kind == TOKEN_WORD && !r->typed)
        return bad_value(r, t, "a text stands in quotes");
    ctx_clear_error(&probe);
    s = of && t->text[0] ? record_find(&probe, of, set->key, t->text, &found) : E_NOT_FOUND;
    if (s == E_NOT_FOUND)
        return ctx_fail_code(r->cx, E_INVALID, "filter.value", "There is no %s '%s'.",
                             of ? text_in_sentence(r->cx->arena, of->label) : set->of,
                             utf8_cut(r->cx->arena, t->text, 60));
    if (s != OK)
        return ctx_fail(r->cx, s, "%s", probe.error_text);
    v->low = row_id(found);
    v->plain =
        (struct value){ .text = arena_text(r->cx->arena, row_text(found, type_field(of, set->key))),
                        .set = true };
    v->compare = v->plain.text;
    return OK;
}

static enum status read_value(const struct reading *r, const struct filter_token *t,
                              enum filter_op op, struct filter_value *v)
{
    *v = (struct filter_value){ .how = HOW_PLAIN, .plain.text = "" };
    if (r->path->set)
        return read_set(r, t, v);
    switch (r->f->kind) {
    case FIELD_CHOICE:
        return read_choice(r, t, v);
    case FIELD_MONEY:
        return read_money(r, t, v);
    case FIELD_REF:
        return read_ref(r, t, v);
    case FIELD_DATE:
    case FIELD_TIME:
        return read_time(r, t, v);
    case FIELD_INT:
    case FIELD_DECIMAL:
    case FIELD_BOOL:
        if (t->kind == TOKEN_WORD && r->f->kind != FIELD_BOOL)
            return bad_value(r, t, "it needs a number");
        TRY(read_by_kind(r, t, &v->plain));
        v->low = v->plain.i;
        return OK;
    default:
        return read_text(r, t, op, v);
    }
}

enum status filter_type_window(struct ctx *cx, const struct filter_token *t,
                               struct filter_value *out)
{
    static const struct field time = { "window", FIELD_TIME, "Window" };
    struct reading r = { .cx = cx, .f = &time };

    *out = (struct filter_value){ .how = HOW_PLAIN, .plain.text = "" };
    if (read_moving(&r, t, out) && out->how != HOW_NOW && out->low <= ctx_now(cx) &&
        !(out->how == HOW_RELATIVE && out->amount >= 0))
        return OK;
    return ctx_fail_code(cx, E_INVALID, "filter.window",
                         "'%s' is no window that reaches back: write a distance such as -30d or "
                         "-12h, or a period such as this_month.",
                         utf8_cut(cx->arena, t->text, 60));
}

enum status filter_type_test(struct ctx *cx, struct filter_node *n,
                             const struct filter_token *values, size_t count, bool typed)
{
    struct reading r = { .cx = cx, .path = &n->path, .f = n->path.last.f, .typed = typed };

    TRY(check_op(cx, n));
    n->values = NEW_N(cx->arena, struct filter_value, count ? count : 1);
    n->value_count = count;
    for (size_t i = 0; i < count; i++)
        TRY(read_value(&r, &values[i], n->op, &n->values[i]));
    if (r.f->kind == FIELD_BOOL && (n->op == OP_EQ || n->op == OP_NE)) {
        n->op = (n->op == OP_EQ) == (n->values[0].low != 0) ? OP_TRUE : OP_FALSE;
        n->value_count = 0;
    }
    return OK;
}
