/* record_past.c -- a type's table as it was. */
#include "kit/record_past.h"
#include "base/id.h"
#include "kit/kit.h"

struct past_type {
    const struct record_type *type;
    bool *fields; /* which are looked at */
    bool stamps;  /* updated_at and updated_by, too */
    bool all;     /* every column */
};

struct past {
    struct ctx *cx;
    struct arena *arena;
    i64 at_ms;
    struct past_type *types;
    size_t count, cap;
};

struct past *past_new(struct ctx *cx, i64 at_ms)
{
    struct past *p = NEW(cx->arena, struct past);
    size_t types;

    (void)type_all(cx, &types);
    *p = (struct past){ .cx = cx,
                        .arena = cx->arena,
                        .at_ms = at_ms,
                        .types = NEW_N(cx->arena, struct past_type, types + 1),
                        .cap = types + 1 };
    return p;
}

i64 past_at(const struct past *p) { return p->at_ms; }

/* ---- what is looked at ---- */
static struct past_type *look_up(const struct past *p, const struct record_type *t)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->types[i].type == t)
            return &p->types[i];
    return NULL;
}

static void need_node(struct past *p, const struct filter_node *n);

/* Who sees one hangs on this, too. */
static void need_seen_if(struct past *p, const struct record_type *t)
{
    struct filter *f;

    if (t->seen_if == NULL)
        return;
    if (filter_parse(p->cx, t, t->seen_if, &f) == OK)
        need_node(p, f->root);
    else
        ctx_clear_error(p->cx); /* making the query says why */
}

/* Of every type the fields that its scope looks at. */
static struct past_type *of_type(struct past *p, const struct record_type *t)
{
    struct past_type *known = look_up(p, t);
    int owner = type_owner_field(t);

    if (known)
        return known;
    assert(p->count < p->cap);
    known = &p->types[p->count++];
    *known = (struct past_type){ .type = t,
                                 .fields = NEW_N(p->arena, bool, (size_t)t->field_count + 1) };
    if (owner >= 0)
        known->fields[owner] = true;
    need_seen_if(p, t);
    return known;
}

void past_need_column(struct past *p, const struct filter_column *c)
{
    struct past_type *t = of_type(p, c->type);

    if (c->field >= 0)
        t->fields[c->field] = true;
    if (c->system == SYSTEM_UPDATED_AT || c->system == SYSTEM_UPDATED_BY)
        t->stamps = true;
}

/* What counts of the records that point here. */
static void need_call(struct past *p, const struct filter_call *c)
{
    if (c->of == NULL)
        return; /* events are no rows */
    of_type(p, c->of)->fields[c->by] = true;
    need_node(p, c->where);
}

void past_need_path(struct past *p, const struct filter_path *path)
{
    for (int i = 0; i < path->hop_count; i++)
        past_need_column(p, &path->hops[i]);
    past_need_column(p, &path->last);
    if (path->call)
        need_call(p, path->call);
}

static void need_node(struct past *p, const struct filter_node *n)
{
    if (n == NULL)
        return;
    if (n->kind == FILTER_TEST)
        past_need_path(p, &n->path);
    for (size_t i = 0; i < n->count; i++)
        need_node(p, n->children[i]);
}

void past_need_filter(struct past *p, const struct filter *f)
{
    (void)of_type(p, f->type);
    need_node(p, f->root);
}

void past_need_rows(struct past *p, const struct record_type *t) { of_type(p, t)->all = true; }

/* ---- SQL ---- */
/* The changes of row n since the instant, each in order of its version. Ids rise with time: the
 * index leads to the changes since then alone. */
static void changes_sql(struct sql *q, const struct record_type *t)
{
    sql_addf(q,
             " FROM change AS c WHERE c.type = '%s' AND c.record_id = n.id AND c.id >= ", t->name);
    sql_i64(q, id_at(q->past->at_ms, 0, 0));
    sql_add(q, " AND c.at >= ");
    sql_i64(q, q->past->at_ms);
}

/* What is asked of a row that was changed since: "CASE WHEN it was not THEN now ELSE (". `moves`: a
 * merge may have changed the field, which the stamps do not tell but a small index does. */
static void begin_column(struct sql *q, const struct record_type *t, const char *now, bool moves)
{
    sql_add(q, ", CASE WHEN n.updated_at < ");
    sql_i64(q, q->past->at_ms);
    if (moves) {
        sql_addf(q,
                 " AND NOT EXISTS (SELECT 1 FROM change AS m WHERE m.type = '%s' AND "
                 "m.record_id = n.id AND m.verb = 'move' AND m.at >= ",
                 t->name);
        sql_i64(q, q->past->at_ms);
        sql_add(q, ")");
    }
    sql_addf(q, " THEN %s ELSE (", now);
}

/* One part of what stood in the field before: the element `at` of its pair, or `member` of it. */
static void part_sql(struct sql *q, int at, const char *member, const char *type)
{
    if (q->engine == DB_SQLITE)
        sql_addf(q, "json_extract(x.pair, '$[%d]%s%s')", at, member ? "." : "",
                 member ? member : "");
    else if (member)
        sql_addf(q, "CAST(x.pair -> %d ->> '%s' AS %s)", at, member, type);
    else
        sql_addf(q, "CAST(x.pair ->> %d AS %s)", at, type);
}

static void bool_sql(struct sql *q)
{
    if (q->engine == DB_SQLITE)
        sql_add(q, "coalesce(json_extract(x.pair, '$[0]'), 0)");
    else
        sql_add(q, "CASE WHEN x.pair ->> 0 = 'true' THEN 1 ELSE 0 END");
}

enum part { PART_VALUE, PART_FOLD, PART_MINOR, PART_CURRENCY, PART_BASE };

static void old_sql(struct sql *q, const struct field *f, enum part part)
{
    static const char *const members[] = { NULL, NULL, "minor", "currency", "base" };
    enum storage s = field_storage(f);

    if (s == STORED_BOOL) {
        bool_sql(q);
    } else if (s == STORED_I64 || part == PART_MINOR || part == PART_BASE) {
        part_sql(q, 0, members[part], "BIGINT");
    } else {
        sql_add(q, "coalesce(");
        if (part == PART_FOLD) {
            part_sql(q, 2, NULL, "TEXT");
            sql_add(q, ", ");
        }
        part_sql(q, 0, members[part], "TEXT");
        sql_add(q, ", '')");
    }
}

/* The pair of the oldest change since that has the field. A name between quotes before a list
 * stands nowhere else in the log's JSON, where quotes within texts have a backslash. LIMIT keeps
 * the engines from asking for the pair wherever it is mentioned. */
static void field_sql(struct sql *q, const struct record_type *t, const struct field *f,
                      const char *suffix, enum part part)
{
    const char *now = arena_printf(q->arena, "n.\"%s%s\"", f->name, suffix);

    begin_column(q, t, now,
                 f->kind == FIELD_REF || f->flags & MOVED ||
                     (f->kind == FIELD_MONEY && t->rate_day));
    sql_addf(q, "SELECT CASE WHEN x.pair IS NULL THEN %s ELSE ", now);
    old_sql(q, f, part);
    if (q->engine == DB_SQLITE)
        sql_addf(q, " END FROM (SELECT (SELECT json_extract(c.fields, '$.%s')", f->name);
    else
        sql_addf(q, " END FROM (SELECT (SELECT CAST(c.fields AS JSONB) -> '%s'", f->name);
    changes_sql(q, t);
    sql_addf(q,
             " AND %s(c.fields, '\"%s\":[') > 0 ORDER BY c.version, c.id LIMIT 1) AS pair LIMIT 1) "
             "AS x) "
             "END AS ",
             q->engine == DB_SQLITE ? "instr" : "strpos", f->name);
    sql_name(q, arena_printf(q->arena, "%s%s", f->name, suffix));
}

static void field_columns_sql(struct sql *q, const struct record_type *t, const struct field *f,
                              bool all)
{
    switch (field_storage(f)) {
    case STORED_MONEY:
        if (all) {
            field_sql(q, t, f, "_minor", PART_MINOR);
            field_sql(q, t, f, "_currency", PART_CURRENCY);
        }
        field_sql(q, t, f, "_base_minor", PART_BASE);
        return;
    case STORED_FOLDED:
        field_sql(q, t, f, "", PART_VALUE);
        field_sql(q, t, f, "_fold", PART_FOLD);
        return;
    default:
        field_sql(q, t, f, "", PART_VALUE);
    }
}

/* Whether it was in the trash: what next became of it says the opposite. When it went there nobody
 * asks of a past day; 0 stands for some day. */
static void trash_sql(struct sql *q, const struct record_type *t)
{
    begin_column(q, t, "n.deleted_at", false);
    sql_add(q, "SELECT CASE WHEN x.verb IS NULL THEN n.deleted_at WHEN x.verb = 'restore' THEN 0 "
               "END FROM (SELECT (SELECT c.verb");
    changes_sql(q, t);
    sql_add(q, " AND c.verb IN ('delete', 'restore') ORDER BY c.version LIMIT 1) AS verb LIMIT 1) "
               "AS x) END AS deleted_at");
}

/* What its last change before the instant left: column `what` of it. */
static void stamp_sql(struct sql *q, const struct record_type *t, const char *what, const char *as)
{
    begin_column(q, t, arena_printf(q->arena, "n.%s", as), false);
    sql_addf(q,
             "SELECT c.%s FROM change AS c WHERE c.type = '%s' AND c.record_id = n.id AND c.at < ",
             what, t->name);
    sql_i64(q, q->past->at_ms);
    sql_addf(q, " ORDER BY c.version DESC LIMIT 1) END AS %s", as);
}

void source_sql(struct sql *q, const struct record_type *t)
{
    const struct past_type *p = q->past ? look_up(q->past, t) : NULL;

    if (q->past == NULL) {
        sql_name(q, t->name);
        return;
    }
    sql_add(q, "(SELECT n.id AS id, n.created_at AS created_at, n.created_by AS created_by");
    trash_sql(q, t);
    if (p && (p->stamps || p->all)) {
        stamp_sql(q, t, "at", "updated_at");
        stamp_sql(q, t, "user_id", "updated_by");
        stamp_sql(q, t, "version", "version");
    }
    for (int i = 0; p && i < t->field_count; i++)
        if (p->fields[i] || p->all)
            field_columns_sql(q, t, &t->fields[i], p->all);
    sql_add(q, " FROM ");
    sql_name(q, t->name);
    sql_add(q, " AS n WHERE n.created_at < ");
    sql_i64(q, q->past->at_ms);
    sql_add(q, ")");
}
