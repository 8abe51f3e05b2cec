/* migrate.c -- brings a database from one release's schema to the next, or says why it will not. */
#include "store/migrate.h"
#include "store/db_int.h"
#include <stdio.h>

/* ---- reading a migration ---- */
struct expectation {
    i64 want;
    const char *note, *query;
};
enum { EXPECTATIONS = 20 };
struct script {
    const char *statements; /* in the engine's dialect */
    struct expectation expect[EXPECTATIONS];
    size_t expect_count;
};

static const char *full_name(struct arena *a, const struct migration *m)
{
    return arena_printf(a, "%04d_%s", m->number, m->name);
}

static const char *checksum(struct arena *a, const char *text)
{
    return arena_printf(a, "%016llx", (unsigned long long)str_hash(str_from(text)));
}

static const char *query_of(struct arena *a, enum db_engine engine, struct buf *b)
{
    struct str q = str_trim((struct str){ b->p, b->len });

    if (q.len && q.p[q.len - 1] == ';')
        q.len--;
    const char *text = schema_dialect(a, engine, str_dup(a, q));
    buf_clear(b);
    return text;
}

/* "-- expect 0: rows without a stage" */
static bool read_expect(struct arena *a, struct str line, struct expectation *e)
{
    struct str rest = line, number;

    if (!str_starts(line, "-- expect "))
        return false;
    rest.p += strlen("-- expect ");
    rest.len -= strlen("-- expect ");
    if (!str_split(&rest, ':', &number) || !str_i64(str_trim(number), &e->want))
        return false;
    e->note = str_dup(a, str_trim(rest));
    return true;
}

static enum status read_script(struct ctx *cx, enum db_engine engine, const struct migration *m,
                               struct script *out)
{
    const char *other = engine == DB_SQLITE ? "-- @postgres" : "-- @sqlite";
    const char *own = engine == DB_SQLITE ? "-- @sqlite" : "-- @postgres";
    struct buf text = buf_in(cx->arena, DB_SQL_BYTES);
    struct str rest = str_from(m->text), line;
    struct expectation e, *open = NULL;
    bool skip = false;

    *out = (struct script){ .statements = "" };
    while (str_split(&rest, '\n', &line)) {
        struct str word = str_trim(line);
        if (str_is(word, other) || str_is(word, own) || str_is(word, "-- @both")) {
            skip = str_is(word, other);
        } else if (!skip && read_expect(cx->arena, word, &e)) {
            const char *before = query_of(cx->arena, engine, &text);
            if (open)
                open->query = before;
            else
                out->statements = before;
            if (out->expect_count == EXPECTATIONS)
                return ctx_fail(cx, E_LIMIT, "%s has too many expectations",
                                full_name(cx->arena, m));
            open = &out->expect[out->expect_count++];
            *open = e;
        } else if (!skip) {
            buf_str(&text, line);
            buf_char(&text, '\n');
        }
    }
    if (open)
        open->query = query_of(cx->arena, engine, &text);
    else
        out->statements = query_of(cx->arena, engine, &text);
    return buf_status(&text);
}

/* ---- what was applied ---- */
/* The next row of the table beside the list. */
static enum status compare(struct ctx *cx, const struct migration *m, i64 number, const char *name,
                           const char *sum)
{
    if (!m || m->number > number)
        return ctx_fail(cx, E_SCHEMA,
                        "the database is newer than this program: it has migration "
                        "%04d_%s; run the newer program",
                        (int)number, name);
    if (!text_is(sum, checksum(cx->arena, m->text)))
        return ctx_fail(cx, E_SCHEMA,
                        "migration %s was edited after it was applied: put its text back "
                        "and write a new one",
                        full_name(cx->arena, m));
    return OK;
}

/* Reads what was applied: *done is how many of the list. */
static enum status applied(struct ctx *cx, const struct migration *list, size_t count, size_t *done)
{
    i64 tables;

    *done = 0;
    TRY(db_get_i64(cx, &tables, "schema.table_exists", TEXT("table", "migration")));
    if (tables == 0)
        return OK;
    scoped(stmt_close) struct stmt q = db_query(cx, "migrate.list");
    while (stmt_next(&q)) {
        const struct migration *m = *done < count ? &list[*done] : NULL;
        if (m && m->number < col_i64(&q, 0))
            return ctx_fail(cx, E_SCHEMA,
                            "migration %s was never applied, but later ones were: the "
                            "database belongs to another program",
                            full_name(cx->arena, m));
        TRY(compare(cx, m, col_i64(&q, 0), col_text(&q, 1), col_text(&q, 2)));
        ++*done;
    }
    return stmt_status(&q);
}

enum status migrate_check(struct ctx *cx, struct db_store *s, const struct migration *list,
                          size_t count)
{
    scoped(db_scope) struct db *db = NULL;
    struct db *before = cx->db;
    size_t done;

    TRY(db_open(cx, s, DB_READ, &db));
    cx->db = db;
    enum status st = applied(cx, list, count, &done);
    cx->db = before;
    TRY(st);
    if (done < count)
        return ctx_fail(cx, E_SCHEMA,
                        "the database is older than this program (%zu migrations are "
                        "pending): run furrow migrate",
                        count - done);
    return OK;
}

/* ---- applying ---- */
static enum status check_expectation(struct ctx *cx, const struct migration *m,
                                     const struct expectation *e)
{
    struct sql sql = sql_new(cx);

    sql_add(&sql, e->query);
    scoped(stmt_close) struct stmt q = db_query_sql(cx, &sql);
    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return ctx_fail(cx, E_SCHEMA, "migration %s: an expectation has no answer (%s)",
                        full_name(cx->arena, m), e->note);
    }
    if (col_i64(&q, 0) != e->want)
        return ctx_fail(
            cx, E_SCHEMA, "migration %s expected %lld and found %lld (%s): it was undone",
            full_name(cx->arena, m), (long long)e->want, (long long)col_i64(&q, 0), e->note);
    return OK;
}

static enum status check_references(struct ctx *cx, const struct migration *m)
{
    i64 broken;

    TRY(db_get_i64(cx, &broken, "migrate.broken_references"));
    if (broken)
        return ctx_fail(cx, E_SCHEMA,
                        "migration %s leaves %lld rows that refer to nothing: it was undone",
                        full_name(cx->arena, m), (long long)broken);
    return OK;
}

/* Applies the first pending migration, if there is one still: another node may have been faster. */
static enum status apply_next(struct ctx *cx, const struct migration *list, size_t count,
                              bool *more, struct buf *report)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    struct script script;
    size_t done;
    i64 locked;

    TRY(tx.status);
    TRY(db_get_i64(cx, &locked, "migrate.lock"));
    TRY(applied(cx, list, count, &done));
    *more = done < count;
    if (!*more)
        return tx_commit(&tx);
    const struct migration *m = &list[done];
    TRY(read_script(cx, db_engine(cx->db), m, &script));
    TRY(db_script(cx, script.statements));
    for (size_t i = 0; i < script.expect_count; i++)
        TRY(check_expectation(cx, m, &script.expect[i]));
    TRY(check_references(cx, m));
    TRY(db_run(cx, "migrate.add", I64("number", m->number), TEXT("name", m->name),
               TEXT("checksum", checksum(cx->arena, m->text)), I64("now", ctx_now(cx))));
    TRY(tx_commit(&tx));
    if (report)
        buf_printf(report, "%s applied\n", full_name(cx->arena, m));
    return OK;
}

static enum status print_pending(struct ctx *cx, const struct migration *list, size_t count,
                                 struct buf *report)
{
    struct script script;
    size_t done;

    TRY(applied(cx, list, count, &done));
    for (; done < count; done++) {
        TRY(read_script(cx, db_engine(cx->db), &list[done], &script));
        if (report)
            buf_printf(report, "-- %s\n%s\n", full_name(cx->arena, &list[done]), script.statements);
    }
    return OK;
}

static enum status run_on(struct ctx *cx, const struct migration *list, size_t count, bool dry_run,
                          struct buf *report)
{
    bool more = true;

    for (size_t i = 1; i < count; i++)
        assert(list[i - 1].number < list[i].number);
    if (dry_run)
        return print_pending(cx, list, count, report);
    TRY(db_script(cx, sql_book_find(&db_store_of(cx->db)->book, "migrate.prepare")->text));
    for (int tries = 0; more;) {
        enum status s = apply_next(cx, list, count, &more, report);
        if (s == E_RETRY && ++tries <= 5) {
            ctx_clear_error(cx); /* it waited for another node, whose work it could not see yet */
            continue;
        }
        TRY(s);
    }
    return OK;
}

enum status migrate_run(struct ctx *cx, struct db_store *s, const struct migration *list,
                        size_t count, bool dry_run, struct buf *report)
{
    scoped(db_scope) struct db *db = NULL;
    struct db *before = cx->db;

    TRY(db_open(cx, s, dry_run ? DB_READ : DB_WRITE, &db));
    cx->db = db;
    enum status st = run_on(cx, list, count, dry_run, report);
    cx->db = before;
    return st;
}
