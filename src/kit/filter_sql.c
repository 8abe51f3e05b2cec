/* filter_sql.c -- a filter as SQL. Each test through references becomes an EXISTS for every hop,
 * which asks that the related record is there, out of the trash, and within what the user may see.
 * Nothing here is ever NULL, so that NOT means what it says. */
#include "base/utf8.h"
#include "kit/filter_int.h"
#include "kit/kit.h"
#include "kit/record_past.h"

static void add_column(struct sql *q, const char *alias, const char *name)
{
    sql_name(q, alias);
    sql_add(q, ".");
    sql_name(q, name);
}

void filter_column_sql(struct sql *q, const struct filter_column *c, const char *alias)
{
    add_column(q, alias, c->system ? c->f->name : field_compare_column(q->arena, c->f));
}

static bool is_text(const struct filter_column *c)
{
    enum storage s = field_storage(c->f);

    return s == STORED_TEXT || s == STORED_FOLDED;
}

void filter_set_sql(struct sql *q, const struct filter_column *c, const char *alias)
{
    if (c->f->kind == FIELD_BOOL || c->system == SYSTEM_ID || c->system == SYSTEM_CREATED_AT ||
        c->system == SYSTEM_UPDATED_AT) {
        sql_add(q, "1=1");
        return;
    }
    filter_column_sql(q, c, alias);
    sql_add(q, is_text(c) ? " <> ''" : " IS NOT NULL");
}

void filter_unset_sql(struct sql *q, const struct filter_column *c, const char *alias)
{
    if (c->f->kind == FIELD_BOOL || c->system == SYSTEM_ID || c->system == SYSTEM_CREATED_AT ||
        c->system == SYSTEM_UPDATED_AT) {
        sql_add(q, "1=0");
        return;
    }
    filter_column_sql(q, c, alias);
    sql_add(q, is_text(c) ? " = ''" : " IS NULL");
}

bool filter_is_plain(const struct filter_node *n)
{
    return n->kind == FILTER_TEST && n->path.hop_count == 0 && !n->path.call && !n->path.set;
}

/* ---- texts ---- */
/* The first text in order after all that begin with `prefix`; NULL when there is none. */
static const char *after_prefix(struct arena *a, const char *prefix)
{
    struct str rest = str_from(prefix);
    u32 *points = NEW_N(a, u32, rest.len + 1);
    size_t count = 0, len = 0;
    char *out = arena_alloc(a, rest.len + 5, 1);

    while (rest.len > 0)
        points[count++] = utf8_next(&rest);
    while (count > 0 && points[count - 1] == 0x10ffff)
        count--;
    if (count == 0)
        return NULL;
    points[count - 1] += points[count - 1] == 0xd7ff ? 0x801 : 1; /* surrogates are no characters */
    for (size_t i = 0; i < count; i++)
        len += utf8_put(out + len, points[i]);
    return out;
}

/* The index of a UNIQUE field leaves out empty texts: a query must say so to be served by it. */
static void add_not_empty(struct sql *q, const struct filter_column *c, const char *alias)
{
    if (c->system == SYSTEM_NONE && (c->f->flags & UNIQUE)) {
        sql_add(q, " AND ");
        filter_set_sql(q, c, alias);
    }
}

static void text_sql(struct sql *q, const struct filter_node *n, const char *alias)
{
    static const char *const signs[] = { " = ", " <> ", " < ", " <= ", " > ", " >= " };
    const struct filter_column *c = &n->path.last;
    const char *value = n->values[0].compare, *after;

    switch (n->op) {
    case OP_CONTAINS:
    case OP_HAS:
        sql_add(q, q->engine == DB_SQLITE ? "instr(" : "strpos(");
        filter_column_sql(q, c, alias);
        sql_add(q, ", ");
        sql_text(q, value);
        sql_add(q, ") > 0");
        return;
    case OP_STARTS:
        filter_column_sql(q, c, alias);
        sql_add(q, " >= ");
        sql_text(q, value);
        after = after_prefix(q->arena, value);
        if (after) {
            sql_add(q, " AND ");
            filter_column_sql(q, c, alias);
            sql_add(q, " < ");
            sql_text(q, after);
        }
        add_not_empty(q, c, alias);
        return;
    case OP_IN:
        filter_column_sql(q, c, alias);
        for (size_t i = 0; i < n->value_count; i++) {
            sql_add(q, i ? ", " : " IN (");
            sql_text(q, n->values[i].compare);
        }
        sql_add(q, ")");
        add_not_empty(q, c, alias);
        return;
    default:
        filter_column_sql(q, c, alias);
        sql_add(q, signs[n->op]);
        sql_text(q, value);
        if (n->op == OP_NE || n->op == OP_LT || n->op == OP_LE) { /* nothing is not less */
            sql_add(q, " AND ");
            filter_set_sql(q, c, alias);
        } else {
            add_not_empty(q, c, alias);
        }
    }
}

/* ---- numbers, ids, dates ---- */
/* [low, high) as it compares: "<= November" is "before the end of November". */
static void range_sql(struct sql *q, const struct filter_column *c, enum filter_op op,
                      const struct filter_value *v, const char *alias)
{
    bool low = op == OP_LT || op == OP_GE;

    if (op == OP_EQ || op == OP_NE) {
        filter_column_sql(q, c, alias);
        sql_add(q, op == OP_EQ ? " >= " : " < ");
        sql_i64(q, v->low);
        sql_add(q, op == OP_EQ ? " AND " : " OR ");
        filter_column_sql(q, c, alias);
        sql_add(q, op == OP_EQ ? " < " : " >= ");
        sql_i64(q, v->high);
        return;
    }
    filter_column_sql(q, c, alias);
    sql_add(q, op == OP_LT || op == OP_LE ? " < " : " >= ");
    sql_i64(q, low ? v->low : v->high);
}

/* Users belong to teams here. */
static bool has_teams(struct ctx *cx)
{
    const struct record_type *users = type_find(cx, "user");

    return users && type_field(users, "team_id") >= 0;
}

/* The users of a team. */
static void team_sql(struct sql *q, i64 team_id)
{
    sql_add(q, "SELECT su.id FROM \"user\" AS su WHERE su.team_id = ");
    sql_i64(q, team_id);
}

static bool means_team(const struct filter_node *n, const struct filter_value *v)
{
    return v->how == HOW_MY_TEAM && text_is(n->path.last.f->ref, "user");
}

static void number_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                       const struct filter_value *v, const char *alias)
{
    static const char *const signs[] = { " = ", " <> ", " < ", " <= ", " > ", " >= " };
    enum filter_op op = n->op == OP_IN ? OP_EQ : n->op;

    if (filter_kind_is_time(n->path.last.f)) {
        range_sql(q, &n->path.last, op, v, alias);
    } else if (means_team(n, v) && (v->low == 0 || !has_teams(cx))) {
        sql_add(q, op == OP_EQ ? "1=0" : "1=1");
    } else if (means_team(n, v)) {
        filter_column_sql(q, &n->path.last, alias);
        sql_add(q, op == OP_EQ ? " IN (" : " NOT IN (");
        team_sql(q, v->low);
        sql_add(q, ")");
    } else {
        filter_column_sql(q, &n->path.last, alias);
        sql_add(q, signs[op]);
        sql_i64(q, v->low);
    }
}

static void numbers_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                        const char *alias)
{
    const struct filter_column *c = &n->path.last;
    bool simple = n->op == OP_IN && !filter_kind_is_time(c->f);

    for (size_t i = 0; i < n->value_count && simple; i++)
        simple = !means_team(n, &n->values[i]);
    sql_add(q, "(");
    if (simple) {
        filter_column_sql(q, c, alias);
        for (size_t i = 0; i < n->value_count; i++) {
            sql_add(q, i ? ", " : " IN (");
            sql_i64(q, n->values[i].low);
        }
        sql_add(q, ")");
    } else {
        for (size_t i = 0; i < n->value_count; i++) {
            sql_add(q, i ? " OR " : "");
            number_sql(cx, q, n, &n->values[i], alias);
        }
    }
    sql_add(q, ") AND ");
    filter_set_sql(q, c, alias);
}

/* ---- one test ---- */
static void column_test_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                            enum filter_op op, const char *alias)
{
    const struct filter_column *c = &n->path.last;

    if (op == OP_NOT_EMPTY) {
        filter_set_sql(q, c, alias);
    } else if (op == OP_TRUE || op == OP_FALSE) {
        filter_column_sql(q, c, alias);
        sql_add(q, op == OP_TRUE ? " = 1" : " = 0");
    } else if (is_text(c)) {
        text_sql(q, n, alias);
    } else {
        numbers_sql(cx, q, n, alias);
    }
}

/* From the hop-th reference on. */
static enum status hop_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                           enum filter_op op, int hop, const char *alias)
{
    const struct record_type *to;
    const char *inner;

    if (hop == n->path.hop_count && n->path.call)
        return filter_call_sql(cx, q, n, op, alias);
    if (hop == n->path.hop_count && n->path.set)
        return filter_set_in_sql(cx, q, n, op, alias);
    if (hop == n->path.hop_count) {
        column_test_sql(cx, q, n, op, alias);
        return OK;
    }
    to = type_find(cx, n->path.hops[hop].f->ref);
    inner = arena_printf(cx->arena, "h%d", hop + 1);
    sql_add(q, "EXISTS (SELECT 1 FROM ");
    source_sql(q, to);
    sql_addf(q, " AS %s WHERE %s.id = ", inner, inner);
    filter_column_sql(q, &n->path.hops[hop], alias);
    sql_addf(q, " AND %s.deleted_at IS NULL AND ", inner);
    TRY(scope_sql(cx, to, inner, q));
    sql_add(q, " AND ");
    TRY(hop_sql(cx, q, n, op, hop + 1, inner));
    sql_add(q, ")");
    return OK;
}

enum status filter_node_sql(struct ctx *cx, const struct filter_node *n, const char *alias,
                            struct sql *q)
{
    enum filter_op op;

    if (n->op == OP_EMPTY && filter_is_plain(n)) { /* so that an index serves it */
        filter_unset_sql(q, &n->path.last, alias);
        return OK;
    }
    if (n->kind == FILTER_TEST) {
        sql_add(q, filter_is_negative(n->op, &op) ? "NOT (" : "(");
        TRY(hop_sql(cx, q, n, op, 0, alias));
        sql_add(q, ")");
        return OK;
    }
    sql_add(q, n->kind == FILTER_NOT ? "NOT (" : "(");
    for (size_t i = 0; i < n->count; i++) {
        sql_add(q, i == 0 ? "" : n->kind == FILTER_AND ? " AND " : " OR ");
        TRY(filter_node_sql(cx, n->children[i], alias, q));
    }
    sql_add(q, ")");
    return OK;
}

enum status filter_sql(struct ctx *cx, const struct filter *f, const char *alias, struct sql *q)
{
    if (f->root)
        return filter_node_sql(cx, f->root, alias, q);
    sql_add(q, "1=1");
    return OK;
}

/* ---- scope ---- */
static enum status role_sql(struct ctx *cx, const struct record_type *t, const char *alias,
                            struct sql *q)
{
    const struct access *who = cx->access;
    enum scope scope = access_scope(who, t->name, VERB_READ);
    int owner_field = type_owner_field(t);
    const char *owner = owner_field < 0 ? "created_by" : t->fields[owner_field].name;

    if (scope == SCOPE_ALL || scope == SCOPE_NONE || who->user_id == 0) {
        sql_add(q, scope == SCOPE_ALL ? "1=1" : "1=0");
        return OK;
    }
    sql_add(q, "(");
    add_column(q, alias, owner);
    sql_add(q, " IS NOT NULL AND (");
    add_column(q, alias, owner);
    sql_add(q, " = ");
    sql_i64(q, who->user_id);
    if (scope == SCOPE_TEAM && owner_field >= 0 && who->team_id != 0 && has_teams(cx)) {
        sql_add(q, " OR ");
        add_column(q, alias, owner);
        sql_add(q, " IN (");
        team_sql(q, who->team_id);
        sql_add(q, ")");
    }
    sql_add(q, "))");
    return OK;
}

enum status scope_sql(struct ctx *cx, const struct record_type *t, const char *alias, struct sql *q)
{
    int owner_field = type_owner_field(t);
    struct filter *f;

    if (seen_by_role(cx->access, t))
        return role_sql(cx, t, alias, q);
    TRY(filter_parse(cx, t, t->seen_if, &f));
    sql_add(q, "(");
    TRY(role_sql(cx, t, alias, q));
    sql_add(q, " AND (COALESCE(");
    add_column(q, alias, owner_field < 0 ? "created_by" : t->fields[owner_field].name);
    sql_add(q, ", 0) = ");
    sql_i64(q, cx->access->user_id);
    sql_add(q, " OR ");
    TRY(filter_sql(cx, f, alias, q));
    sql_add(q, "))");
    return OK;
}
