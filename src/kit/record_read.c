/* record_read.c -- reading records: by id, by value, many titles at once. What a user may not see
 * is not there. */
#include "base/id.h"
#include "kit/kinds.h"
#include "kit/merge.h"
#include "kit/sql_record.h"

static enum status not_found(struct ctx *cx, const struct record_type *t, i64 id)
{
    return ctx_fail(cx, E_NOT_FOUND, "There is no %s %s, or you may not see it.",
                    text_in_sentence(cx->arena, t->label), id_text(cx->arena, id));
}

static enum status get(struct ctx *cx, const struct record_type *t, i64 id, bool trash,
                       struct row **out)
{
    enum scope scope = access_scope(cx->access, t->name, VERB_READ);
    struct row *r;
    bool in;

    enum status s = scope == SCOPE_NONE ? E_NOT_FOUND : sql_load(cx, t, id, trash, &r);
    if (s == E_NOT_FOUND)
        return not_found(cx, t, id);
    TRY(s);
    TRY(row_in_scope(cx, r, scope, &in));
    if (!in)
        return not_found(cx, t, id);
    *out = r;
    return OK;
}

enum status record_get(struct ctx *cx, const struct record_type *t, i64 id, struct row **out)
{
    return get(cx, t, id, false, out);
}

enum status record_get_any(struct ctx *cx, const struct record_type *t, i64 id, struct row **out)
{
    return get(cx, t, id, true, out);
}

enum status record_get_named(struct ctx *cx, const char *type, i64 id, struct row **out)
{
    const struct record_type *t = type_find(cx, type);

    if (t == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "There is no kind of record called \"%s\".", type);
    return record_get(cx, t, id, out);
}

/* A value that belonged to a record which was merged: it is the kept one's. */
static enum status find_merged(struct ctx *cx, const struct record_type *t, const struct field *f,
                               const struct value *v, struct row **out)
{
    i64 lost, kept;

    TRY(db_get_i64(cx, &lost, "merge.value_find", TEXT("type", t->name), TEXT("field", f->name),
                   TEXT("value", field_fold(cx->arena, f, v->text))));
    TRY(merge_into(cx, lost, &kept));
    return sql_load(cx, t, kept, false, out);
}

enum status record_find(struct ctx *cx, const struct record_type *t, const char *field,
                        const char *value, struct row **out)
{
    int i = type_field(t, field);
    struct value v = { .text = value, .set = true };

    assert(i >= 0);
    const struct field *f = &t->fields[i];
    enum storage storage = field_storage(f);
    if (storage != STORED_TEXT && storage != STORED_FOLDED) {
        v = (struct value){ .text = "" };
        TRY(field_parse(cx, f, value, &v));
    } else if (f->kind == FIELD_TAGS || f->kind == FIELD_URL) { /* kept in one spelling */
        TRY(field_parse(cx, f, value, &v));
    }
    if (!v.set || (v.text && v.text[0] == '\0' && storage <= STORED_FOLDED))
        return E_NOT_FOUND;
    enum status s = sql_find(cx, t, f, &v, out);
    return s == E_NOT_FOUND && t->flags & TYPE_MERGE && f->flags & UNIQUE
               ? find_merged(cx, t, f, &v, out)
               : s;
}

/* The teams of owners that were asked for: a page's rows belong to few people. */
struct teams {
    struct {
        i64 user, team;
    } known[SQL_IDS];
    size_t count;
};

static enum status team_of(struct ctx *cx, struct teams *teams, i64 user, i64 *team)
{
    for (size_t i = 0; i < teams->count; i++) {
        if (teams->known[i].user == user) {
            *team = teams->known[i].team;
            return OK;
        }
    }
    TRY(user_team(cx, user, team));
    if (teams->count < countof(teams->known)) {
        teams->known[teams->count].user = user;
        teams->known[teams->count++].team = *team;
    }
    return OK;
}

/* row_in_scope with a memory. */
static enum status may_read(struct ctx *cx, const struct row *r, enum scope scope,
                            struct teams *teams, bool *may)
{
    int owner = type_owner_field(r->type);
    i64 team;

    if (r->type->seen_if || scope != SCOPE_TEAM || owner < 0 || !row_has(r, owner) ||
        cx->access->team_id == 0)
        return row_in_scope(cx, r, scope, may);
    TRY(team_of(cx, teams, row_i64(r, owner), &team));
    *may = team == cx->access->team_id || row_i64(r, owner) == cx->access->user_id;
    return OK;
}

static enum status load_in_order(struct ctx *cx, const struct record_type *t, const i64 *ids,
                                 size_t count, bool trash, struct row **rows)
{
    enum scope scope = access_scope(cx->access, t->name, VERB_READ);
    struct teams teams = { .count = 0 };

    for (size_t i = 0; i < count; i++)
        rows[i] = NULL;
    for (size_t from = 0; scope != SCOPE_NONE && from < count; from += SQL_IDS) {
        size_t part = count - from < SQL_IDS ? count - from : SQL_IDS, found;
        struct row *loaded[SQL_IDS];
        TRY(sql_load_many(cx, t, ids + from, part, trash, loaded, &found));
        for (size_t j = 0; j < found; j++) {
            bool may;
            TRY(may_read(cx, loaded[j], scope, &teams, &may));
            for (size_t i = 0; may && i < part; i++)
                if (loaded[j]->id == ids[from + i])
                    rows[from + i] = loaded[j];
        }
    }
    return OK;
}

enum status rows_by_id(struct ctx *cx, const struct record_type *t, const i64 *ids, size_t count,
                       struct row **rows)
{
    return load_in_order(cx, t, ids, count, false, rows);
}

enum status record_titles(struct ctx *cx, const struct record_type *t, const i64 *ids, size_t count,
                          const char **titles)
{
    /* Where a title is one text and everything may be read, that text is all that is asked for. */
    bool plain = t->title_of == NULL && field_storage(&t->fields[t->title]) == STORED_FOLDED &&
                 sees_all(cx, t);
    struct row **rows;

    for (size_t at = 0; plain && at < count; at += SQL_IDS)
        TRY(sql_load_titles(cx, t, ids + at, count - at < SQL_IDS ? count - at : SQL_IDS,
                            titles + at));
    if (plain)
        return OK;
    rows = NEW_N(cx->arena, struct row *, count);
    /* One that is in the trash still has its name. */
    TRY(load_in_order(cx, t, ids, count, true, rows));
    for (size_t i = 0; i < count; i++)
        titles[i] = rows[i] ? row_title(cx, rows[i]) : "";
    return OK;
}

/* ---- titles of everything that rows refer to ---- */

/* Some fields of a type; all of them where `fields` is NULL. */
struct some_fields {
    const int *fields;
    int count;
};

static bool among(const struct some_fields *of, int field)
{
    for (int i = 0; of->fields && i < of->count; i++)
        if (of->fields[i] == field)
            return true;
    return of->fields == NULL;
}

/* Whether field `f` of `r` refers to a record of type `ref` whose title is not known yet. */
static bool lacks_title(const struct row *r, int f, const struct some_fields *of, const char *ref)
{
    const struct field *field = &r->type->fields[f];
    const struct value *v = &r->values[f];

    return field->kind == FIELD_REF && v->set && v->text == NULL && among(of, f) &&
           strcmp(field->ref, ref) == 0;
}

/* Places of different ids among the references of `rows` to type `ref`. */
static size_t collect(struct row *const *rows, size_t count, const struct some_fields *of,
                      const char *ref, i64 *ids)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < rows[i]->type->field_count; f++) {
            bool known = !lacks_title(rows[i], f, of, ref);
            for (size_t j = 0; j < found && !known; j++)
                known = ids[j] == rows[i]->values[f].i;
            if (!known)
                ids[found++] = rows[i]->values[f].i;
        }
    return found;
}

static void hand_out(struct row *const *rows, size_t count, const struct some_fields *of,
                     const char *ref, const i64 *ids, const char *const *titles, size_t found)
{
    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < rows[i]->type->field_count; f++) {
            struct value *v = &rows[i]->values[f];
            if (!lacks_title(rows[i], f, of, ref))
                continue;
            for (size_t j = 0; j < found && v->text == NULL; j++)
                if (ids[j] == v->i)
                    v->text = titles[j];
        }
}

enum status rows_load_some_titles(struct ctx *cx, struct row *const *rows, size_t count,
                                  const int *fields, int field_count)
{
    const struct record_type *t = count > 0 ? rows[0]->type : NULL;
    struct some_fields of = { fields, field_count };

    for (int f = 0; t && f < t->field_count; f++) {
        const char *ref = t->fields[f].ref;
        if (t->fields[f].kind != FIELD_REF || !among(&of, f))
            continue;
        i64 *ids = NEW_N(cx->arena, i64, count * (size_t)t->field_count);
        size_t found = collect(rows, count, &of, ref, ids); /* of all fields to that type at once */
        if (found == 0)
            continue;
        const char **titles = NEW_N(cx->arena, const char *, found);
        const struct record_type *to = type_find(cx, ref);
        assert(to);
        TRY(record_titles(cx, to, ids, found, titles));
        hand_out(rows, count, &of, ref, ids, titles, found);
    }
    return OK;
}

enum status rows_load_titles(struct ctx *cx, struct row *const *rows, size_t count)
{
    return rows_load_some_titles(cx, rows, count, NULL, 0);
}
