/* schema.c -- compares the declared tables with the engine's catalog and drafts the statements
 * between them. The engines print definitions in their own ways, so both sides are brought to a
 * bare row of words first. */
#include "base/limits.h"
#include "store/db_int.h"
#include "store/migrate.h"
#include <ctype.h>
#include <stdio.h>

/* ---- the dialect ---- */
static bool is_word_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

static bool word_is(struct str w, const char *word) { return str_equal_fold(w, str_from(word)); }

/* The word at or after p, past white space; empty when something else comes. */
static struct str peek_word(const char *p)
{
    struct str w = { p, 0 };

    while (isspace((unsigned char)*w.p))
        w.p++;
    while (is_word_char(w.p[w.len]))
        w.len++;
    return w;
}

/* What a word becomes, given the text after it. */
static const char *engine_word(enum db_engine engine, struct str w, const char *after)
{
    struct str next = peek_word(after);

    if (engine == DB_POSTGRES && word_is(w, "BLOB"))
        return "BYTEA";
    if (engine == DB_POSTGRES && word_is(w, "DOUBLE") && !word_is(next, "PRECISION"))
        return "DOUBLE PRECISION";
    if (engine == DB_SQLITE && word_is(w, "BIGINT")) {
        if (word_is(next, "NOT"))
            next = peek_word(peek_word(next.p + next.len).p + strlen("NULL"));
        if (word_is(next, "PRIMARY"))
            return "INTEGER"; /* only so spelt it is the row id itself */
    }
    return NULL;
}

const char *schema_dialect(struct arena *a, enum db_engine engine, const char *text)
{
    struct buf out = buf_in(a, SIZE_MAX / 4);
    bool comment;

    for (const char *p = text; *p;) {
        size_t len = sql_opaque(p, &comment);
        if (len == 0 && is_word_char(*p)) {
            struct str w = peek_word(p);
            const char *other = engine_word(engine, w, p + w.len);
            buf_text(&out, other ? other : str_dup(a, w));
            p += w.len;
            continue;
        }
        if (len == 0)
            len = 1;
        buf_add(&out, p, len);
        p += len;
    }
    return buf_end(&out);
}

/* ---- definitions as bare words ---- */
static const char *const type_words[] = { "text",    "bigint", "integer",   "numeric", "character",
                                          "varying", "double", "precision", "bytea",   "boolean" };

static bool is_type_word(struct str w)
{
    for (size_t i = 0; i < countof(type_words); i++)
        if (word_is(w, type_words[i]))
            return true;
    return false;
}

/* Appends one word or sign to the bare form. */
static void add_bare(struct buf *out, struct str w)
{
    if (out->len)
        buf_char(out, ' ');
    for (size_t i = 0; i < w.len; i++)
        buf_char(out, (char)tolower((unsigned char)w.p[i]));
}

/* A literal: numbers lose their quotes (PostgreSQL writes '-1'::integer). */
static size_t add_literal(struct buf *out, const char *p)
{
    bool comment;
    size_t len = sql_opaque(p, &comment);
    struct str inside = { p + 1, len < 2 ? 0 : len - 2 };
    i64 number;

    if (out->len)
        buf_char(out, ' ');
    if (str_i64(inside, &number))
        buf_i64(out, number);
    else
        buf_add(out, p, len);
    return len;
}

/* Lower case words and signs with single spaces; without parentheses, quoted names, casts, ASC;
 * "!=" is "<>" and PostgreSQL's "= ANY (ARRAY[...])" is "in". */
static const char *bare(struct arena *a, const char *text)
{
    struct buf out = buf_in(a, DB_SQL_BYTES);
    const char *p = text;

    while (*p) {
        struct str w = { p, 0 };
        if (p[0] == ':' && p[1] == ':') {
            for (p += 2; is_type_word(peek_word(p)); p = w.p + w.len)
                w = peek_word(p);
            continue;
        }
        if (is_word_char(*p)) {
            w = peek_word(p);
            p += w.len;
            if (!word_is(w, "ASC"))
                add_bare(&out, w);
        } else if (strncmp(p, "= ANY (ARRAY[", 13) == 0) {
            add_bare(&out, STR("in"));
            p += 13;
        } else if (*p == '\'') {
            p += add_literal(&out, p);
        } else if (p[0] == '-' && isdigit((unsigned char)p[1])) {
            w = peek_word(p + 1);
            add_bare(&out, (struct str){ p, w.len + 1 });
            p += w.len + 1;
        } else if ((p[0] == '!' && p[1] == '=') || (p[0] == '<' && p[1] == '>')) {
            add_bare(&out, STR("<>"));
            p += 2;
        } else {
            if (!isspace((unsigned char)*p) && !strchr("()\"[]", *p))
                add_bare(&out, (struct str){ p, 1 });
            p++;
        }
    }
    return buf_end(&out);
}

/* CREATE [UNIQUE] INDEX name ON table [USING btree] (...) -> "unique" and all from the parenthesis,
 * bare. */
static const char *bare_index(struct arena *a, const char *definition)
{
    const char *open = strchr(definition, '(');
    struct str head = { definition, open ? (size_t)(open - definition) : strlen(definition) };

    return arena_printf(a, "%s%s", str_contains_fold(head, "UNIQUE INDEX") ? "unique " : "",
                        bare(a, open ? open : ""));
}

/* ---- drafting ---- */
static const char *const reserved[] = {
    "all",       "and",   "any",      "array",       "as",      "asc",       "between",
    "both",      "case",  "cast",     "check",       "collate", "column",    "constraint",
    "create",    "cross", "default",  "delete",      "desc",    "distinct",  "do",
    "drop",      "else",  "end",      "except",      "exists",  "false",     "for",
    "foreign",   "from",  "full",     "grant",       "group",   "having",    "in",
    "index",     "inner", "insert",   "into",        "is",      "join",      "leading",
    "left",      "like",  "limit",    "not",         "null",    "offset",    "on",
    "only",      "or",    "order",    "outer",       "placing", "primary",   "references",
    "returning", "right", "select",   "set",         "some",    "symmetric", "table",
    "then",      "to",    "trailing", "transaction", "true",    "union",     "unique",
    "update",    "user",  "using",    "values",      "when",    "where",     "window",
    "with",
};

static const char *name(struct arena *a, const char *identifier)
{
    for (size_t i = 0; i < countof(reserved); i++)
        if (text_is(reserved[i], identifier))
            return arena_printf(a, "\"%s\"", identifier);
    return identifier;
}

static bool is_key(const struct schema_column *c) { return text_is(c->name, "id"); }

/* What stands after DEFAULT; "" for none. A required column always has one, so that it can be added
 * later. */
static const char *default_of(const struct schema_column *c)
{
    if (c->otherwise)
        return c->otherwise;
    if (!c->required || is_key(c))
        return "";
    return text_is(c->type, "TEXT") || text_is(c->type, "BLOB") ? "''" : "0";
}

static void draft_column(struct arena *a, struct buf *out, const struct schema_column *c)
{
    const char *otherwise = default_of(c);

    buf_printf(out, "%s %s", name(a, c->name), c->type);
    if (is_key(c)) {
        buf_text(out, " PRIMARY KEY");
        return;
    }
    if (c->required)
        buf_text(out, " NOT NULL");
    if (*otherwise)
        buf_printf(out, " DEFAULT %s", otherwise);
}

static const char *index_body(struct arena *a, const struct schema_index *x)
{
    return arena_printf(a, "(%s)%s%s", x->columns, x->where ? " WHERE " : "",
                        x->where ? x->where : "");
}

static void draft_index(struct arena *a, struct buf *out, const struct schema_table *t,
                        const struct schema_index *x)
{
    buf_printf(out, "CREATE %sINDEX %s ON %s %s;\n", x->unique ? "UNIQUE " : "", name(a, x->name),
               name(a, t->name), index_body(a, x));
}

static void draft_table(struct arena *a, struct buf *out, const struct schema_table *t)
{
    buf_printf(out, "CREATE TABLE %s (\n", name(a, t->name));
    for (size_t i = 0; i < t->column_count; i++) {
        buf_text(out, "    ");
        draft_column(a, out, &t->columns[i]);
        buf_text(out, i + 1 < t->column_count ? ",\n" : "\n");
    }
    buf_text(out, ");\n");
    for (size_t i = 0; i < t->index_count; i++)
        draft_index(a, out, t, &t->indexes[i]);
}

/* ---- comparing ---- */
struct real_column {
    const char *name, *type, *otherwise;
    bool required, key, declared;
    struct real_column *next;
};

static const char *neutral_type(struct arena *a, const char *type)
{
    if (text_is(type, "BYTEA"))
        return "BLOB";
    return text_is(type, "DOUBLE PRECISION") ? "DOUBLE" : arena_text(a, type);
}

static enum status read_columns(struct ctx *cx, const char *table, struct real_column **out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "schema.columns", TEXT("table", table));

    *out = NULL;
    for (struct real_column **end = out; stmt_next(&q); end = &(*end)->next) {
        struct real_column *c = *end = NEW(cx->arena, struct real_column);
        c->name = arena_text(cx->arena, col_text(&q, 0));
        c->type = neutral_type(cx->arena, col_text(&q, 1));
        c->required = col_i64(&q, 2) != 0;
        c->otherwise = bare(cx->arena, col_text(&q, 3));
        c->key = col_i64(&q, 4) != 0;
    }
    return stmt_status(&q);
}

/* How a real column differs from its declaration; NULL when it does not. */
static const char *difference(struct arena *a, const struct schema_column *want,
                              const struct real_column *is)
{
    if (is_key(want))
        return is->key ? NULL : "is not the primary key";
    if (!text_is(want->type, is->type))
        return arena_printf(a, "is %s, declared %s", is->type, want->type);
    if (want->required != is->required)
        return want->required ? "may be NULL, declared NOT NULL" : "is NOT NULL, declared without";
    if (!text_is(bare(a, default_of(want)), is->otherwise))
        return arena_printf(a, "has default '%s', declared %s", is->otherwise,
                            *default_of(want) ? default_of(want) : "without");
    return NULL;
}

struct comparing {
    struct ctx *cx;
    struct buf *out;
    int unmendable;
};

static void diff_column(struct comparing *d, const struct schema_table *t,
                        const struct schema_column *want, struct real_column *real)
{
    struct arena *a = d->cx->arena;

    while (real && !text_is(real->name, want->name))
        real = real->next;
    if (!real) {
        buf_printf(d->out, "ALTER TABLE %s ADD COLUMN ", name(a, t->name));
        draft_column(a, d->out, want);
        buf_text(d->out, ";\n");
        return;
    }
    real->declared = true;
    const char *how = difference(a, want, real);
    if (!how)
        return;
    d->unmendable++;
    buf_printf(d->out, "-- column %s.%s %s: write the change by hand\n", t->name, want->name, how);
}

struct real_index {
    const char *name, *bare;
    struct real_index *next;
};

static enum status read_indexes(struct ctx *cx, const char *table, struct real_index **out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "schema.indexes", TEXT("table", table));

    *out = NULL;
    for (struct real_index **end = out; stmt_next(&q); end = &(*end)->next) {
        struct real_index *x = *end = NEW(cx->arena, struct real_index);
        x->name = arena_text(cx->arena, col_text(&q, 0));
        x->bare = bare_index(cx->arena, col_text(&q, 1));
    }
    return stmt_status(&q);
}

static const struct schema_index *declared_index(const struct schema_table *t, const char *name_)
{
    for (size_t i = 0; i < t->index_count; i++)
        if (text_is(t->indexes[i].name, name_))
            return &t->indexes[i];
    return NULL;
}

static const char *bare_declared(struct arena *a, const struct schema_index *x)
{
    return arena_printf(a, "%s%s", x->unique ? "unique " : "", bare(a, index_body(a, x)));
}

static enum status diff_indexes(struct comparing *d, const struct schema_table *t)
{
    struct arena *a = d->cx->arena;
    struct real_index *all, *x;

    TRY(read_indexes(d->cx, t->name, &all));
    for (x = all; x; x = x->next) {
        const struct schema_index *want = declared_index(t, x->name);
        if (want ? !text_is(bare_declared(a, want), x->bare)
                 : !str_starts(str_from(x->name), "x_")) {
            buf_printf(d->out, "DROP INDEX %s;\n", name(a, x->name));
            x->name = "";
        }
    }
    for (size_t i = 0; i < t->index_count; i++) {
        for (x = all; x && !text_is(x->name, t->indexes[i].name);)
            x = x->next;
        if (!x)
            draft_index(a, d->out, t, &t->indexes[i]);
    }
    return OK;
}

static enum status diff_table(struct comparing *d, const struct schema_table *t)
{
    struct real_column *real;

    TRY(read_columns(d->cx, t->name, &real));
    if (!real) {
        draft_table(d->cx->arena, d->out, t);
        return OK;
    }
    for (size_t i = 0; i < t->column_count; i++)
        diff_column(d, t, &t->columns[i], real);
    for (; real; real = real->next)
        if (!real->declared)
            buf_printf(d->out, "-- column %s.%s is not declared: drop it in a later release\n",
                       t->name, real->name);
    return diff_indexes(d, t);
}

static enum status diff(struct comparing *d, const struct schema_table *tables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(diff_table(d, &tables[i]));
    return buf_status(d->out);
}

enum status schema_diff(struct ctx *cx, const struct schema_table *tables, size_t count,
                        struct buf *out)
{
    struct comparing d = { cx, out, 0 };

    return diff(&d, tables, count);
}

enum status schema_apply(struct ctx *cx, const struct schema_table *tables, size_t count)
{
    struct buf out = buf_in(cx->arena, DB_SQL_BYTES);
    struct comparing d = { cx, &out, 0 };
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(diff(&d, tables, count));
    if (d.unmendable)
        return ctx_fail(cx, E_SCHEMA, "the tables cannot be brought to their declaration: %s",
                        buf_end(&out));
    if (out.len)
        TRY(db_script(cx, schema_dialect(cx->arena, db_engine(cx->db), buf_end(&out))));
    return tx_commit(&tx);
}

/* ---- the store's own tables ---- */
static const struct schema_column job_columns[] = {
    { "id", "BIGINT", true, NULL },           { "name", "TEXT", true, NULL },
    { "key", "TEXT", false, NULL },           { "payload", "TEXT", true, NULL },
    { "state", "INTEGER", true, NULL },       { "attempts", "INTEGER", true, NULL },
    { "run_at", "BIGINT", true, NULL },       { "due_at", "BIGINT", true, NULL },
    { "error", "TEXT", true, NULL },          { "created_at", "BIGINT", true, NULL },
    { "finished_at", "BIGINT", false, NULL },
};
static const struct schema_index job_indexes[] = {
    { "job_waiting_key", "name, key", true, "state = 0 AND key IS NOT NULL" },
    { "job_due", "due_at, id", false, "state < 2" },
    { "job_by_state", "state, id", false, NULL },
};
const struct schema_table store_tables[] = {
    { "job", job_columns, countof(job_columns), job_indexes, countof(job_indexes) },
};
const size_t store_table_count = countof(store_tables);
