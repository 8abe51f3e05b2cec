/* list_plan.c -- the queries behind a page of a list.
 *
 * PostgreSQL knows how many rows a condition lets through and chooses its way. SQLite, without
 * statistics, takes any index that serves an equality, and then sorts what may be half of the
 * table. So for SQLite the way is chosen here, by looking:
 *
 *   served  an index that the type declares for it (INDEXES) has the filter's columns first and the
 *           order's next: go along it.
 *   driver  a condition that an index serves lets fewer than PROBE_ROWS through: read those and
 *           sort them.
 *   walk    otherwise go along the order's index and keep what passes, WALK_ROWS rows at most.
 *   again   the walk came to its end before the page was full: both once more, with more patience.
 *   scan    then the filter is narrow and no index serves it: the table, and sort what is left. */
#include "kit/list_int.h"
#include "kit/search.h"

enum { PROBE_ROWS = 300, PROBES_MAX = 4, WALK_ROWS = 4000, PATIENCE = 30 };

/* ---- what always holds ---- */
static void trash_sql(struct sql *q, bool trash)
{
    sql_add(q, trash ? "t.deleted_at IS NOT NULL" : "t.deleted_at IS NULL");
}

enum status list_where_sql(struct ctx *cx, const struct record_type *t, const struct filter *f,
                           const char *search, bool trash, bool by_itself, struct sql *q)
{
    const char *and = by_itself || q->engine != DB_SQLITE ? " AND " : " AND +";

    sql_add(q, " WHERE ");
    trash_sql(q, trash);
    if (!sees_all(cx, t)) {
        sql_add(q, and);
        TRY(scope_sql(cx, t, "t", q));
    }
    if (search[0]) {
        sql_add(q, " AND ");
        TRY(search_sql(cx, t, search, "t", q));
    }
    if (f->root) {
        sql_add(q, and);
        TRY(filter_sql(cx, f, "t", q));
    }
    return OK;
}

/* ---- one part ---- */
static void value_sql(const struct list_run *l, struct sql *q)
{
    if (list_by_text(&l->sort))
        sql_text(q, l->place.text);
    else
        sql_i64(q, l->place.number);
}

static void beyond_sql(const struct list_run *l, const char *before, struct sql *q)
{
    sql_add(q, before);
    sql_add(q, l->reads_down ? "t.id < " : "t.id > ");
    sql_i64(q, l->place.id);
}

/* " AND ..." that holds for the rows of a part. */
static void part_sql(const struct list_run *l, enum list_part part, struct sql *q)
{
    bool by_id = l->sort.system == SYSTEM_ID;

    switch (part) {
    case PART_SET:
        if (list_can_be_unset(&l->sort)) {
            sql_add(q, " AND ");
            filter_set_sql(q, &l->sort, "t");
        }
        return;
    case PART_TIES:
        sql_add(q, " AND ");
        filter_column_sql(q, &l->sort, "t");
        sql_add(q, " = ");
        value_sql(l, q);
        beyond_sql(l, " AND ", q);
        return;
    case PART_AFTER:
        if (by_id) {
            beyond_sql(l, " AND ", q);
            return;
        }
        sql_add(q, " AND ");
        filter_column_sql(q, &l->sort, "t");
        sql_add(q, l->reads_down ? " < " : " > ");
        value_sql(l, q);
        if (list_can_be_unset(&l->sort)) {
            sql_add(q, " AND ");
            filter_set_sql(q, &l->sort, "t");
        }
        return;
    default:
        sql_add(q, " AND ");
        filter_column_sql(q, &l->sort, "t");
        sql_add(q, list_by_text(&l->sort) ? " = ''" : " IS NULL");
        if (part == PART_UNSET_AFTER)
            beyond_sql(l, " AND ", q);
    }
}

/* `plus`: SQLite must not take the order from an index. */
static void order_sql(const struct list_run *l, enum list_part part, bool plus, struct sql *q)
{
    bool same = part == PART_TIES || part == PART_UNSET || part == PART_UNSET_AFTER;
    const char *down = l->reads_down ? " DESC" : "";

    sql_add(q, " ORDER BY ");
    if (!same && l->sort.system != SYSTEM_ID) {
        sql_add(q, plus ? "+" : "");
        filter_column_sql(q, &l->sort, "t");
        sql_add(q, down);
        sql_add(q, ", ");
    }
    sql_add(q, plus ? "+t.id" : "t.id");
    sql_add(q, down);
}

static enum status collect(struct list_run *l, const struct sql *q)
{
    scoped(stmt_close) struct stmt s = db_query_sql(l->cx, q);

    while (l->count < l->want && stmt_next(&s))
        l->ids[l->count++] = col_i64(&s, 0);
    return stmt_status(&s);
}

/* `plus`: SQLite is to take no index for the order. */
static enum status read_plain(struct list_run *l, enum list_part part, bool plus)
{
    struct sql q = sql_new(l->cx);

    sql_add(&q, "SELECT t.id FROM ");
    sql_name(&q, l->type->name);
    sql_add(&q, " AS t");
    TRY(list_where_sql(l->cx, l->type, l->filter, l->search, l->trash, true, &q));
    sql_add(&q, plus ? " AND +(1=1" : "");
    part_sql(l, part, &q);
    sql_add(&q, plus ? ")" : "");
    order_sql(l, part, plus, &q);
    sql_add(&q, " LIMIT ");
    sql_i64(&q, (i64)(l->want - l->count));
    return collect(l, &q);
}

/* ---- the way SQLite is to take ---- */
/* The conditions that must all hold; node NULL stands for the scope. `index` NULL: none that the
 * type declares serves the order behind some of them; those are `leads`. */
struct terms {
    struct filter_node **nodes;
    size_t count;
    const struct type_index *index;
    bool *leads;
};

static enum status term_sql(struct list_run *l, const struct filter_node *n, struct sql *q)
{
    return n ? filter_node_sql(l->cx, n, "t", q) : scope_sql(l->cx, l->type, "t", q);
}

static struct terms terms_of(struct list_run *l)
{
    struct filter_node **parts = NULL;
    size_t count = filter_conjuncts(l->cx->arena, l->filter, &parts);
    struct terms out = { .nodes = NEW_N(l->cx->arena, struct filter_node *, count + 1),
                         .leads = NEW_N(l->cx->arena, bool, count + 1) };

    if (!sees_all(l->cx, l->type))
        out.nodes[out.count++] = NULL;
    for (size_t i = 0; i < count; i++)
        out.nodes[out.count++] = parts[i];
    return out;
}

bool list_is_indexed(const struct record_type *t, const struct filter_column *c)
{
    const char *sort = t->sort ? t->sort + (t->sort[0] == '-') : "";

    if (c->system)
        return c->system == SYSTEM_ID || c->system == SYSTEM_CREATED_AT ||
               text_is(sort, c->f->name);
    return (c->f->flags & (INDEXED | UNIQUE)) != 0 || c->f->kind == FIELD_REF ||
           text_is(sort, c->f->name);
}

static bool can_drive(const struct record_type *t, const struct filter_node *n)
{
    if (n == NULL)
        return true; /* owners are references: indexed */
    if (n->kind != FILTER_TEST || n->path.hop_count > 0 || !list_is_indexed(t, &n->path.last))
        return false;
    if (n->op == OP_EMPTY) /* a unique field's index leaves out what is empty */
        return n->path.last.system || !(n->path.last.f->flags & UNIQUE);
    if (list_by_text(&n->path.last))
        return n->op == OP_EQ || n->op == OP_IN || n->op == OP_STARTS;
    return n->op == OP_EQ || n->op == OP_IN || (n->op >= OP_LT && n->op <= OP_GE);
}

/* The index of a UNIQUE field leaves out the trash: a query must say so to be served by it. */
static bool needs_trash(const struct filter_node *n)
{
    return n && !n->path.last.system && (n->path.last.f->flags & UNIQUE);
}

/* ---- indexes that a type declares ---- */
/* The condition lets one value of the column through. */
static bool fixes(struct ctx *cx, const struct filter_node *n, struct str column)
{
    const struct filter_column *c = n ? &n->path.last : NULL;

    if (n == NULL || !filter_is_plain(n) || c->system ||
        !str_is(column, field_compare_column(cx->arena, c->f)))
        return false;
    if (n->op == OP_EQ)
        return !filter_kind_is_time(c->f) && n->values[0].how != HOW_MY_TEAM;
    return n->op == OP_TRUE || n->op == OP_FALSE || n->op == OP_EMPTY;
}

/* How many of an index's first columns are fixed; 0 unless the order is what comes next. */
static size_t leading(const struct list_run *l, const struct terms *terms, struct str columns,
                      bool *leads)
{
    struct arena *a = l->cx->arena;
    struct str column;
    size_t count = 0;

    memset(leads, 0, terms->count * sizeof *leads);
    while (str_split(&columns, ',', &column)) {
        size_t i = 0;
        column = str_trim(column);
        while (i < terms->count && (leads[i] || !fixes(l->cx, terms->nodes[i], column)))
            i++;
        if (i == terms->count)
            return !l->sort.system && str_is(column, field_compare_column(a, l->sort.f)) ? count
                                                                                         : 0;
        leads[i] = true;
        count++;
    }
    return 0;
}

static void find_index(const struct list_run *l, struct terms *terms)
{
    bool *leads = NEW_N(l->cx->arena, bool, terms->count);
    size_t best = 0;

    for (const struct type_index *x = l->type->indexes; x && x->name; x++) {
        size_t count = x->where == NULL || text_is(x->where, "deleted_at IS NULL")
                           ? leading(l, terms, str_from(x->columns), leads)
                           : 0;
        if (count <= best)
            continue;
        best = count;
        terms->index = x;
        memcpy(terms->leads, leads, terms->count * sizeof *leads);
    }
}

/* How many rows a condition lets through, up to `most`: some microseconds along its index. */
static enum status probe(struct list_run *l, const struct filter_node *n, i64 most, i64 *rows)
{
    struct sql q = sql_new(l->cx);

    sql_add(&q, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql_name(&q, l->type->name);
    sql_add(&q, " AS t WHERE ");
    if (needs_trash(n))
        sql_add(&q, "t.deleted_at IS NULL AND ");
    TRY(term_sql(l, n, &q));
    sql_addf(&q, " LIMIT %d)", (int)most);
    scoped(stmt_close) struct stmt s = db_query_sql(l->cx, &q);
    *rows = stmt_next(&s) ? col_i64(&s, 0) : 0;
    return stmt_status(&s);
}

static enum status find_driver(struct list_run *l, const struct terms *terms, i64 most,
                               size_t *driver)
{
    i64 least = most, rows;
    int probes = 0;

    *driver = terms->count;
    for (size_t i = 0; i < terms->count && probes < PROBES_MAX && least > 1; i++) {
        if (!can_drive(l->type, terms->nodes[i]))
            continue;
        probes++;
        TRY(probe(l, terms->nodes[i], least, &rows));
        if (rows < least) {
            least = rows;
            *driver = i;
        }
    }
    return OK;
}

/* A leading + keeps SQLite from looking for an index. */
static enum status read_driven(struct list_run *l, enum list_part part, const struct terms *terms,
                               size_t driver)
{
    struct sql q = sql_new(l->cx);

    sql_add(&q, "SELECT t.id FROM ");
    sql_name(&q, l->type->name);
    sql_add(&q, " AS t WHERE ");
    TRY(term_sql(l, terms->nodes[driver], &q));
    for (size_t i = 0; i < terms->count; i++) {
        if (i == driver)
            continue;
        sql_add(&q, " AND +");
        TRY(term_sql(l, terms->nodes[i], &q));
    }
    sql_add(&q, " AND ");
    trash_sql(&q, l->trash);
    sql_add(&q, " AND +(1=1");
    part_sql(l, part, &q);
    sql_add(&q, ")");
    order_sql(l, part, true, &q);
    sql_add(&q, " LIMIT ");
    sql_i64(&q, (i64)(l->want - l->count));
    return collect(l, &q);
}

/* A condition on the sort field itself bounds the walk; the others are asked of each row. */
static bool bounds_walk(const struct list_run *l, const struct filter_node *n)
{
    return n && n->kind == FILTER_TEST && n->path.hop_count == 0 &&
           n->path.last.field == l->sort.field && n->path.last.system == l->sort.system;
}

/* It stands in the WHERE: the index is read from it on, or it ends the walk. */
static bool is_on_the_way(const struct list_run *l, const struct terms *terms, size_t i)
{
    return terms->leads[i] || bounds_walk(l, terms->nodes[i]);
}

static bool is_served(const struct list_run *l, const struct terms *terms)
{
    size_t i = 0;

    while (i < terms->count && is_on_the_way(l, terms, i))
        i++;
    return terms->index && i == terms->count;
}

static enum status walk_sql(struct list_run *l, enum list_part part, const struct terms *terms,
                            int most, struct sql *q)
{
    bool any = false;

    sql_add(q, "SELECT t.id, ");
    for (size_t i = 0; i < terms->count; i++) {
        if (is_on_the_way(l, terms, i))
            continue;
        sql_add(q, any ? " AND " : "(");
        TRY(term_sql(l, terms->nodes[i], q));
        any = true;
    }
    sql_add(q, any ? ") FROM " : "1 FROM ");
    sql_name(q, l->type->name);
    sql_add(q, " AS t");
    if (terms->index) {
        sql_add(q, " INDEXED BY ");
        sql_name(q, terms->index->name);
    }
    sql_add(q, terms->index ? " WHERE " : " WHERE +");
    trash_sql(q, l->trash);
    part_sql(l, part, q);
    for (size_t i = 0; i < terms->count; i++) {
        if (!is_on_the_way(l, terms, i))
            continue;
        sql_add(q, " AND ");
        TRY(term_sql(l, terms->nodes[i], q));
    }
    order_sql(l, part, false, q);
    sql_addf(q, " LIMIT %d", most);
    return OK;
}

/* *done: the page is full, or the part has no more. Otherwise l is as it was. */
static enum status read_walking(struct list_run *l, enum list_part part, const struct terms *terms,
                                int most, bool *done)
{
    struct sql q = sql_new(l->cx);
    size_t before = l->count;
    int rows = 0;

    TRY(walk_sql(l, part, terms, most, &q));
    scoped(stmt_close) struct stmt s = db_query_sql(l->cx, &q);
    while (l->count < l->want && stmt_next(&s)) {
        rows++;
        if (col_i64(&s, 1))
            l->ids[l->count++] = col_i64(&s, 0);
    }
    TRY(stmt_status(&s));
    *done = l->count == l->want || rows < most;
    if (!*done)
        l->count = before;
    return OK;
}

enum status list_read_part(struct list_run *l, enum list_part part)
{
    struct terms terms;
    size_t driver;
    bool done = false;

    if (db_engine(l->cx->db) != DB_SQLITE || l->search[0] || l->trash)
        return read_plain(l, part, false);
    terms = terms_of(l);
    if (terms.count == 0)
        return read_plain(l, part, false);
    find_index(l, &terms);
    if (is_served(l, &terms))
        return read_walking(l, part, &terms, (int)(l->want - l->count), &done);
    for (int patience = 1; patience <= PATIENCE && !done; patience += PATIENCE - 1) {
        TRY(find_driver(l, &terms, PROBE_ROWS * patience, &driver));
        if (driver < terms.count)
            return read_driven(l, part, &terms, driver);
        if (terms.index || list_is_indexed(l->type, &l->sort))
            TRY(read_walking(l, part, &terms, WALK_ROWS * patience, &done));
    }
    return done ? OK : read_plain(l, part, true);
}
