/* record_check.c -- what must hold before a row is written: defaults, limits, required fields,
 * references, the type's own rules, uniqueness. All that is wrong is said at once, each beside its
 * field. */
#include "kit/record_check.h"
#include "base/money.h"
#include "kit/exchange.h"
#include "kit/kinds.h"
#include "kit/kit.h"
#include "kit/merge.h"

bool field_failed(const struct ctx *cx, const char *name)
{
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (strcmp(e->field, name) == 0)
            return true;
    return false;
}

static bool is_changed(const struct row *r, int field)
{
    if (!r->in_table)
        return true;
    return r->stored &&
           !field_equal(&r->type->fields[field], &r->values[field], &r->stored->values[field]);
}

/* ---- defaults ---- */
static enum status default_value(struct ctx *cx, struct row *r, int i)
{
    const struct field *f = &r->type->fields[i];
    struct value v = { .text = "" };

    if (r->values[i].set || f->otherwise == NULL)
        return OK;
    if (f->kind == FIELD_REF && text_is(f->otherwise, "me")) {
        if (cx->access && cx->access->user_id)
            row_set_i64(r, i, cx->access->user_id);
        return OK;
    }
    if (f->kind == FIELD_DATE && text_is(f->otherwise, "today")) {
        row_set_i64(r, i, zone_day(kit_zone(cx), ctx_now(cx)));
        return OK;
    }
    if (f->kind == FIELD_TIME && text_is(f->otherwise, "now")) {
        row_set_i64(r, i, ctx_now(cx));
        return OK;
    }
    TRY(field_parse(cx, f, f->otherwise, &v));
    r->values[i] = v;
    return OK;
}

enum status row_defaults(struct ctx *cx, struct row *r)
{
    const struct record_type *t = r->type;

    for (int i = 0; i < t->field_count; i++) {
        if (!field_failed(cx, t->fields[i].name))
            TRY(default_value(cx, r, i));
        if (t->fields[i].kind == FIELD_BOOL)
            r->values[i].set = true;
    }
    return t->defaults ? t->defaults(cx, r) : OK;
}

/* ---- one field ---- */
static bool was_there(struct checked_refs *seen, const struct field *f, i64 id)
{
    for (size_t i = 0; seen && i < seen->count; i++)
        if (seen->items[i].id == id && strcmp(seen->items[i].type, f->ref) == 0)
            return true;
    return false;
}

static void remember(struct checked_refs *seen, const struct field *f, i64 id)
{
    if (seen == NULL)
        return;
    size_t at = seen->count < countof(seen->items) ? seen->count++ : seen->next++;
    seen->next %= countof(seen->items); /* full: the oldest gives way */
    seen->items[at].type = f->ref;
    seen->items[at].id = id;
}

/* What is referred to is there, out of the trash, and visible to who refers. */
static enum status check_ref(struct ctx *cx, const struct field *f, struct value *v,
                             struct checked_refs *seen)
{
    const struct record_type *t = type_find(cx, f->ref);
    i64 id = v->i;
    struct row *r;

    assert(t);
    if (was_there(seen, f, id))
        return OK;
    /* Whom a record belongs to may be said without the right to read the list of users. */
    bool as_system = text_is(f->ref, "user") && cx->access && cx->access->user_id;
    struct access_guard guard = { .cx = cx, .before = cx->access };
    if (as_system)
        guard = access_enter_system(cx);
    struct ctx probe = *cx; /* its error would stand in the way of ours */
    enum status s = record_get_any(&probe, t, id, &r);
    access_leave(&guard);
    if (s == E_NOT_FOUND)
        return ctx_fail_field(cx, f->name, "ref.missing",
                              "%s: there is no such %s, or you may not see it; choose another",
                              f->label, text_in_sentence(cx->arena, t->label));
    if (s != OK) {
        cx->error = probe.error;
        cx->error_code = probe.error_code;
        cx->error_text = probe.error_text;
        return s;
    }
    if (row_is_deleted(r) && t->flags & TYPE_MERGE && merge_into(&probe, id, &id) == OK) {
        v->i = id; /* who was merged away is the other one by now */
        v->text = NULL;
        return check_ref(cx, f, v, seen);
    }
    if (row_is_deleted(r))
        return ctx_fail_field(cx, f->name, "ref.in_trash",
                              "%s: \"%s\" is in the trash; restore it or choose another", f->label,
                              row_title(cx, r));
    remember(seen, f, id);
    return OK;
}

static enum status check_field(struct ctx *cx, struct row *r, int i, struct checked_refs *seen)
{
    const struct field *f = &r->type->fields[i];
    struct value *v = &r->values[i];

    if (v->set && kind_of(f)->check)
        TRY(kind_of(f)->check(cx, f, v));
    if (!v->set && (f->flags & REQUIRED))
        return ctx_fail_field(cx, f->name, "required", "%s is missing: fill it in", f->label);
    if (v->set && f->kind == FIELD_REF)
        return check_ref(cx, f, v, seen);
    return OK;
}

/* Another day's rate counts from now on. */
static bool rate_day_changed(const struct row *r)
{
    int i = r->type->rate_day ? type_field(r->type, r->type->rate_day) : -1;

    return i >= 0 && is_changed(r, i);
}

static enum status no_rate(struct ctx *cx, const struct field *f, const char *currency, i64 day)
{
    return ctx_fail_field(
        cx, f->name, "money.rate",
        "%s: there is no exchange rate for %s on %s; an administrator can set one, or use %s",
        f->label, currency, exchange_on(cx, day), base_currency(cx));
}

/* The amount in base currency, frozen now. */
static enum status freeze_money(struct ctx *cx, struct row *r, int i)
{
    const struct field *f = &r->type->fields[i];
    struct value *v = &r->values[i];

    if (!v->set) {
        v->base_minor = 0;
        return OK;
    }
    i64 day = exchange_day(cx, r);
    enum status s = money_to_base_on(cx, row_money(r, i), day, &v->base_minor);
    return s == E_INVALID ? no_rate(cx, f, v->text, day) : s;
}

static enum status check_fields(struct ctx *cx, struct row *r, struct checked_refs *seen)
{
    for (int i = 0; i < r->type->field_count; i++) {
        enum status s = OK;
        if (is_changed(r, i) && !field_failed(cx, r->type->fields[i].name))
            s = check_field(cx, r, i, seen);
        if (s != OK && s != E_INVALID)
            return s;
    }
    return cx->field_errors ? E_INVALID : OK;
}

static enum status freeze_changed(struct ctx *cx, struct row *r)
{
    bool anew = rate_day_changed(r);

    for (int i = 0; i < r->type->field_count; i++) {
        if (r->type->fields[i].kind != FIELD_MONEY)
            continue;
        if (!anew && !is_changed(r, i)) { /* there and back: as it was */
            if (r->stored)
                r->values[i].base_minor = r->stored->values[i].base_minor;
            continue;
        }
        enum status s = freeze_money(cx, r, i);
        if (s != OK && s != E_INVALID)
            return s;
    }
    return cx->field_errors ? E_INVALID : OK;
}

/* For the type's own check, as far as there are rates: that one is missing is said after it. */
static enum status freeze_known(struct ctx *cx, struct row *r)
{
    for (int i = 0; i < r->type->field_count; i++) {
        struct value *v = &r->values[i];
        if (!is_changed(r, i) || r->type->fields[i].kind != FIELD_MONEY || !v->set)
            continue;
        enum status s = money_to_base_on(cx, row_money(r, i), exchange_day(cx, r), &v->base_minor);
        if (s != OK && s != E_INVALID)
            return s;
    }
    return OK;
}

/* Amounts are frozen before a type's own check, which may compare them, and after it, which may
 * have set some. */
enum status check_row(struct ctx *cx, struct row *r, struct checked_refs *seen)
{
    TRY(check_fields(cx, r, seen));
    if (r->type->validate) {
        TRY(freeze_known(cx, r));
        TRY(r->type->validate(cx, r));
        if (cx->field_errors)
            return E_INVALID;
    }
    return freeze_changed(cx, r);
}

/* ---- uniqueness ---- */
enum status taken_by(struct ctx *cx, const struct row *r, int i, i64 other_id)
{
    const struct field *f = &r->type->fields[i];
    const char *title = "", *what = text_in_sentence(cx->arena, r->type->label);

    TRY(record_titles(cx, r->type, &other_id, 1, &title));
    const char *who = title[0] ? arena_printf(cx->arena, " (%s)", title) : "";
    const char *typed = value_show(cx, f, &r->values[i]);
    (void)ctx_fail_code(cx, E_CONFLICT, "taken", "Another %s%s has the %s \"%s\" already.", what,
                        who, text_in_sentence(cx->arena, f->label), typed);
    (void)ctx_fail_field(cx, f->name, "taken",
                         "%s: another %s%s has \"%s\" already; open that one or use another value",
                         f->label, what, who, typed);
    return E_CONFLICT;
}

enum status check_unique(struct ctx *cx, struct row *r)
{
    enum status answer = OK;

    for (int i = 0; i < r->type->field_count; i++) {
        const struct field *f = &r->type->fields[i];
        const char *text, *which;
        i64 other;
        if (!(f->flags & UNIQUE) || !r->values[i].set || !(is_changed(r, i) || r->deleted_at))
            continue;
        text = field_fold(cx->arena, f, r->values[i].text);
        if (text[0] == '\0')
            continue;
        TRY(sql_taken(cx, r->type, f, &text, 1, r->id, &other, &which));
        if (other)
            answer = taken_by(cx, r, i, other);
        if (answer != OK && answer != E_CONFLICT)
            return answer;
    }
    return answer;
}

/* ---- permission ---- */
static enum status outside(struct ctx *cx, const struct row *r, enum verb v, enum scope scope)
{
    const char *whose = scope == SCOPE_OWN ? "your own" : "your team's";

    return ctx_fail(cx, E_FORBIDDEN, "You may %s only %s %s: this one belongs to somebody else.",
                    verb_word(v), whose, text_in_sentence(cx->arena, r->type->plural));
}

enum status check_scope(struct ctx *cx, const struct row *r, enum verb v)
{
    bool in;

    TRY(access_check(cx, r->type->name, v));
    enum scope scope = access_scope(cx->access, r->type->name, v);
    TRY(row_in_scope(cx, r, scope, &in));
    return in ? OK : outside(cx, r, v, scope);
}
