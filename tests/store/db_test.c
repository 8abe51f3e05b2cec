/* db_test.c -- what every engine must do alike: values, errors, savepoints, snapshots, named and
 * run-time SQL. */
#include "support/store.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const struct sql_file files[] = {
    { "test/db.sql",
      "-- Blocks for db_test.c.\n"
      "-- name: item.add\n"
      "INSERT INTO item (id, name, amount, share, data) -- :comment is no parameter\n"
      "VALUES (:id, :name, :amount, :share, :data);\n"
      "-- name: item.read\n"
      "SELECT id, name, amount, share, data, amount IS NULL AS bare FROM item WHERE id = :id;\n"
      "-- name: item.names\n"
      "SELECT name FROM item WHERE (:from IS NULL OR id >= :from) ORDER BY name;\n"
      "-- name: item.count\n"
      "SELECT count(*) FROM item\n"
      "-- name: item.sum\n"
      "SELECT sum(amount) AS total, avg(amount) AS mean FROM item\n"
      "-- name: item.like\n"
      "SELECT count(*) FROM item WHERE name LIKE :pattern\n"
      "-- name: item.rename\n"
      "UPDATE item SET name = :name WHERE id >= :from AND id <= :to\n"
      "-- name: item.rename_one\n"
      "UPDATE item SET name = :name WHERE id = :id RETURNING id, name\n"
      "-- name: item.owned\n"
      "INSERT INTO part (id, item_id) VALUES (:id, :item)\n"
      "-- name: text.odd\n"
      "SELECT 'it''s :not' AS a, CAST(:x AS BIGINT) /* :nor */ AS \"b:c\", :x + 1 AS d\n"
      "-- name: text.odd @postgres\n"
      "SELECT 'it''s :not'::text AS a, :x::bigint /* :nor */ AS \"b:c\", :x + 1 AS d\n"
      "-- name: text.minus\n"
      "SELECT :a - :b\n"
      "-- name: text.slow\n"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)\n"
      "SELECT count(*) FROM n\n" }
};
static const struct test_sql sql = { files, countof(files) };

static const char TABLES[] =
    "CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT, amount BIGINT, share DOUBLE PRECISION, "
    "data BYTEA);"
    "CREATE UNIQUE INDEX item_name ON item (name);"
    "CREATE TABLE part (id BIGINT PRIMARY KEY, item_id BIGINT NOT NULL REFERENCES item (id));";

static struct ctx *with_tables(void **state)
{
    struct test_db *t = *state;

    test_db_script(t, TABLES);
    return &t->cx;
}

static enum status add(struct ctx *cx, i64 id, const char *name)
{
    return db_run(cx, "item.add", I64("id", id), TEXT("name", name), I64("amount", id * 100),
                  NONE("share"), NONE("data"));
}

static i64 count(struct ctx *cx)
{
    i64 n = -1;

    assert_ok(cx, db_get_i64(cx, &n, "item.count"));
    return n;
}

/* ---- values ---- */
static const struct {
    const char *note;
    i64 id, amount;
    const char *name;
    double share;
    const char *data;
    size_t data_len;
} values[] = {
    { "plain", 1, 12, "bolt", 0.5, "abc", 3 },
    { "empty", 2, 0, "", 0, "", 0 },
    { "largest", INT64_MAX, INT64_MAX, "x", 1.7976931348623157e308, "\xff", 1 },
    { "smallest", -INT64_MAX - 1, -INT64_MAX - 1, "y", -4.9e-324, "\0", 1 },
    { "letters", 5, -1, "Zoë Ångström 漢字 🌱 '\"\\;--", 0.1, "\0\1\\x41'\n", 8 },
    { "lines", 6, 9007199254740993, "a\r\n\tb", 1e-7, "\\x00", 4 },
};

static void values_come_back_as_they_went(void **state)
{
    struct ctx *cx = with_tables(state);

    for (size_t i = 0; i < countof(values); i++) {
        assert_ok(cx, db_run(cx, "item.add", I64("id", values[i].id), TEXT("name", values[i].name),
                             I64("amount", values[i].amount), DOUBLE("share", values[i].share),
                             BLOB("data", values[i].data, values[i].data_len)));
        scoped(stmt_close) struct stmt q = db_query(cx, "item.read", I64("id", values[i].id));
        if (!stmt_next(&q))
            fail_msg("%s: no row", values[i].note);
        struct str data = col_blob(&q, 4);
        if (col_i64(&q, 0) != values[i].id || col_i64(&q, 2) != values[i].amount ||
            !text_is(col_text(&q, 1), values[i].name) || col_double(&q, 3) != values[i].share ||
            data.len != values[i].data_len || memcmp(data.p, values[i].data, data.len) != 0 ||
            col_i64(&q, 5) != 0 || col_null(&q, 4))
            fail_msg("%s: came back changed", values[i].note);
        assert_false(stmt_next(&q));
        assert_ok(cx, stmt_status(&q));
    }
}

static void null_reads_as_nothing(void **state)
{
    struct ctx *cx = with_tables(state);

    assert_ok(cx, db_run(cx, "item.add", I64("id", 1), TEXT("name", NULL), MAYBE("amount", (i64)0),
                         NONE("share"), NONE("data")));
    scoped(stmt_close) struct stmt q = db_query(cx, "item.read", I64("id", 1));
    assert_true(stmt_next(&q));
    for (int i = 1; i < 5; i++)
        assert_true(col_null(&q, i));
    assert_string_equal(col_text(&q, 1), "");
    assert_int_equal(col_i64(&q, 2), 0);
    assert_int_equal(col_blob(&q, 4).len, 0);
    assert_int_equal(col_i64(&q, 5), 1); /* a comparison is 0 or 1 on both */
    assert_int_equal(col_count(&q), 6);
    assert_string_equal(col_name(&q, 5), "bare");
}

static void a_row_is_a_map_by_column(void **state)
{
    struct ctx *cx = with_tables(state);
    struct val *list = val_list(cx->arena);

    assert_ok(cx, add(cx, 1, "one"));
    assert_ok(cx, add(cx, 2, "two"));
    assert_ok(cx, db_list(cx, list, "item.read", I64("id", 2)));
    assert_ok(cx, db_list(cx, list, "item.sum"));
    assert_int_equal(val_count(list), 2);
    assert_string_equal(val_get_text(val_at(list, 0), "name"), "two");
    assert_int_equal(val_get_i64(val_at(list, 0), "amount", -1), 200);
    assert_true(val_is_null(val_get(val_at(list, 0), "share")));
    assert_int_equal(val_get_i64(val_at(list, 1), "total", -1), 300);
    assert_true(val_as_double(val_get(val_at(list, 1), "mean"), 0) == 150.0);
}

static void a_missing_row_is_not_found_without_text(void **state)
{
    struct ctx *cx = with_tables(state);
    const char *text = NULL;
    i64 n;

    assert_int_equal(db_get_i64(cx, &n, "item.read", I64("id", 9)), E_NOT_FOUND);
    assert_int_equal(db_get_text(cx, &text, "item.read", I64("id", 9)), E_NOT_FOUND);
    assert_string_equal(cx->error_text, "");
    assert_ok(cx, add(cx, 9, "nine"));
    assert_ok(cx, db_get_text(cx, &text, "item.names", NONE("from")));
    assert_string_equal(text, "nine");
}

static void changed_rows_are_counted(void **state)
{
    struct ctx *cx = with_tables(state);
    i64 n = -1;

    for (i64 i = 1; i <= 3; i++)
        assert_ok(cx, add(cx, i, NULL));
    assert_ok(
        cx, db_run_count(cx, &n, "item.rename", TEXT("name", NULL), I64("from", 2), I64("to", 9)));
    assert_int_equal(n, 2);
    assert_ok(cx,
              db_run_count(cx, &n, "item.rename", TEXT("name", "x"), I64("from", 7), I64("to", 9)));
    assert_int_equal(n, 0);
    assert_ok(cx, db_run_count(cx, &n, "item.rename_one", TEXT("name", "r"), I64("id", 3)));
    assert_int_equal(n, 1);
    assert_ok(cx, db_run_count(cx, &n, "item.count"));
    assert_int_equal(n, 0);
}

static void texts_compare_bytewise(void **state)
{
    static const char *const sorted[] = { "A", "Z", "a", "b", "z", "\303\204" };
    struct ctx *cx = with_tables(state);
    size_t i = 0;
    i64 n;

    for (size_t j = 0; j < countof(sorted); j++)
        assert_ok(cx, add(cx, (i64)(j * 7 % 6) + 1, sorted[j]));
    scoped(stmt_close) struct stmt q = db_query(cx, "item.names", NONE("from"));
    for (; stmt_next(&q); i++)
        assert_string_equal(col_text(&q, 0), sorted[i]);
    assert_int_equal(i, countof(sorted));
    assert_ok(cx, db_get_i64(cx, &n, "item.like", TEXT("pattern", "a%")));
    assert_int_equal(n, 1);
}

/* ---- texts with names ---- */
static void colons_in_strings_casts_and_comments_are_left_alone(void **state)
{
    struct ctx *cx = &((struct test_db *)*state)->cx;
    scoped(stmt_close) struct stmt q = db_query(cx, "text.odd", I64("x", 41));

    assert_true(stmt_next(&q));
    assert_string_equal(col_text(&q, 0), "it's :not");
    assert_string_equal(col_name(&q, 1), "b:c");
    assert_int_equal(col_i64(&q, 1), 41);
    assert_int_equal(col_i64(&q, 2), 42);
}

static void a_parameter_may_first_be_null_and_then_a_number(void **state)
{
    struct ctx *cx = with_tables(state);
    scoped(tx_end) struct tx tx = tx_begin(cx);
    const char *text;
    i64 n;

    assert_ok(cx, add(cx, 1, "a"));
    assert_ok(cx, add(cx, 2, "b"));
    assert_ok(cx, db_get_text(cx, &text, "item.names", NONE("from")));
    assert_string_equal(text, "a");
    assert_ok(cx, db_get_text(cx, &text, "item.names", I64("from", 2)));
    assert_string_equal(text, "b");
    assert_ok(cx, db_get_text(cx, &text, "item.names", NONE("from")));
    assert_string_equal(text, "a");
    assert_ok(cx, db_get_i64(cx, &n, "text.minus", I64("a", INT64_MAX), I64("b", 1)));
    assert_true(n == INT64_MAX - 1);
    assert_ok(cx, tx_commit(&tx));
}

static void arguments_must_fit(void **state)
{
    struct ctx *cx = with_tables(state);
    i64 n;

    assert_status(cx, db_get_i64(cx, &n, "text.minus", I64("a", 1)), E_INVALID);
    assert_status(cx, db_get_i64(cx, &n, "text.minus", I64("a", 1), I64("b", 1), I64("c", 1)),
                  E_INVALID);
    assert_status(cx, db_get_i64(cx, &n, "text.none"), E_INVALID);
    assert_int_equal(db_run(cx, "text.none"), E_INVALID);
    assert_non_null(strstr(cx->error_text, "text.none"));
}

static void a_statement_may_be_read_while_it_is_read(void **state)
{
    struct ctx *cx = with_tables(state);
    int rows = 0;

    for (i64 i = 1; i <= 3; i++)
        assert_ok(cx, add(cx, i, i == 1 ? "a" : i == 2 ? "b" : "c"));
    scoped(stmt_close) struct stmt outer = db_query(cx, "item.names", NONE("from"));
    while (stmt_next(&outer)) {
        scoped(stmt_close) struct stmt inner = db_query(cx, "item.names", I64("from", 2));
        while (stmt_next(&inner))
            rows++;
        assert_ok(cx, stmt_status(&inner));
    }
    assert_int_equal(rows, 6);
}

static void a_broken_block_stops_the_start(void **state)
{
    static const struct sql_file broken[] = {
        { "x/broken.sql",
          "-- name: fine.one\nSELECT 1\n-- name: broken.one\n\nSELECT nothing FROM nowhere\n" }
    };
    struct test_db *t = *state;
    struct db_store *s;

    test_db_script(
        t,
        "CREATE TABLE job (id BIGINT PRIMARY KEY, name TEXT, key TEXT, payload TEXT, state INTEGER,"
        " attempts INTEGER, run_at BIGINT, due_at BIGINT, error TEXT, created_at BIGINT, "
        "finished_at BIGINT);"
        "CREATE TABLE migration (number BIGINT PRIMARY KEY, name TEXT, checksum TEXT, applied_at "
        "BIGINT);");
    test_db_script(t, TABLES);
    assert_ok(&t->cx, db_store_check(&t->cx, t->store)); /* all of ours and all of the store's */
    assert_ok(&t->cx, db_store_open(&t->cx, t->url, broken, 1, &s));
    assert_int_equal(db_store_check(&t->cx, s), E_INVALID);
    assert_non_null(strstr(t->cx.error_text, "broken.one"));
    db_store_close(s);
}

static const struct {
    const char *note, *text, *says;
} malformed[] = {
    { "text before a name", "SELECT 1\n-- name: a.b\nSELECT 1", "x.sql:1" },
    { "no dot", "-- name: ab\nSELECT 1", "'ab'" },
    { "upper case", "-- name: A.b\nSELECT 1", "'A.b'" },
    { "twice", "-- name: a.b\nSELECT 1\n-- name: a.b\nSELECT 2", "x.sql:3" },
    { "nothing in it", "-- name: a.b\n-- only words\n-- name: a.c\nSELECT 1", "'a.b'" },
    { "an open quote", "-- name: a.b\nSELECT 'x\n-- name: a.c\nSELECT 'y'", "'a.b'" },
    { "unknown mark", "-- name: a.b @mysql\nSELECT 1", "'a.b'" },
    { "name of a block of the store", "-- name: queue.add\nSELECT 1", "queue.add" },
};

static void a_malformed_file_is_refused_with_its_line(void **state)
{
    struct test_db *t = *state;

    for (size_t i = 0; i < countof(malformed); i++) {
        struct sql_file f = { "x.sql", malformed[i].text };
        struct db_store *s;
        if (db_store_open(&t->cx, t->url, &f, 1, &s) != E_INVALID)
            fail_msg("%s: was taken", malformed[i].note);
        if (!strstr(t->cx.error_text, malformed[i].says))
            fail_msg("%s: says '%s'", malformed[i].note, t->cx.error_text);
        ctx_clear_error(&t->cx);
    }
}

/* ---- errors ---- */
static void a_taken_key_is_a_conflict(void **state)
{
    struct ctx *cx = with_tables(state);

    assert_ok(cx, add(cx, 1, "one"));
    assert_int_equal(add(cx, 1, "two"), E_CONFLICT);
    assert_non_null(strstr(cx->error_text, "item"));
    ctx_clear_error(cx);
    assert_status(cx, add(cx, 2, "one"), E_CONFLICT);
    assert_status(cx, db_run(cx, "item.owned", I64("id", 1), I64("item", 77)), E_INVALID);
    assert_int_equal(count(cx), 1);
}

static void reading_connections_refuse_writes(void **state)
{
    struct ctx *cx = with_tables(state), reader;

    test_ctx_open(*state, &reader, DB_READ);
    assert_status(&reader, add(&reader, 1, "one"), E_FORBIDDEN);
    assert_ok(&reader, db_read_begin(&reader));
    assert_status(&reader, add(&reader, 1, "one"), E_FORBIDDEN);
    db_read_end(&reader);
    struct tx tx = tx_begin(&reader);
    assert_status(&reader, tx_commit(&tx), E_FORBIDDEN);
    tx_end(&tx);
    assert_int_equal(count(&reader), 0);
    assert_int_equal(count(cx), 0);
    test_ctx_close(&reader);
}

static void a_long_question_is_cut_short(void **state)
{
    struct ctx *cx = &((struct test_db *)*state)->cx, reader;
    i64 n, started = (i64)clock_mono_ns();

    (void)cx;
    test_ctx_open(*state, &reader, DB_READ);
    assert_ok(&reader, db_time_limit(&reader, reader.db, 50));
    assert_status(&reader, db_get_i64(&reader, &n, "text.slow", I64("most", 50000000)), E_LIMIT);
    assert_true((i64)clock_mono_ns() - started < 2000000000);
    assert_ok(&reader, db_get_i64(&reader, &n, "text.slow", I64("most", 10)));
    assert_int_equal(n, 10);
    test_ctx_close(&reader);
}

/* ---- transactions ---- */
static void a_savepoint_takes_back_only_its_own(void **state)
{
    struct ctx *cx = with_tables(state);
    struct tx outer = tx_begin(cx);

    assert_ok(cx, add(cx, 1, "one"));
    struct tx inner = tx_begin(cx);
    assert_ok(cx, add(cx, 2, "two"));
    struct tx third = tx_begin(cx);
    assert_ok(cx, add(cx, 3, "three"));
    assert_ok(cx, tx_commit(&third));
    tx_end(&inner);
    assert_int_equal(count(cx), 1);
    inner = tx_begin(cx);
    assert_ok(cx, add(cx, 4, "four"));
    assert_ok(cx, tx_commit(&inner));
    assert_ok(cx, tx_commit(&outer));
    assert_int_equal(count(cx), 2);
    outer = tx_begin(cx);
    assert_ok(cx, add(cx, 5, "five"));
    tx_end(&outer);
    tx_end(&outer);
    assert_int_equal(count(cx), 2);
}

static void a_failed_statement_spoils_its_transaction(void **state)
{
    struct ctx *cx = with_tables(state);
    struct tx tx = tx_begin(cx);
    i64 n;

    assert_ok(cx, add(cx, 1, "one"));
    assert_status(cx, add(cx, 1, "again"), E_CONFLICT);
    assert_status(cx, db_get_i64(cx, &n, "item.count"), E_CONFLICT);
    assert_status(cx, tx_commit(&tx), E_CONFLICT);
    tx_end(&tx);
    assert_int_equal(count(cx), 0);
}

static void what_could_not_begin_saves_nothing(void **state)
{
    struct ctx *cx = with_tables(state);

    db_store_fail_at(db_store_of(cx->db), 1);
    struct tx tx = tx_begin(cx);
    assert_int_equal(tx.status, E_IO);
    ctx_clear_error(cx);
    assert_status(cx, add(cx, 1, "one"), E_IO);
    struct tx inner = tx_begin(cx);
    assert_int_equal(inner.status, E_IO);
    tx_end(&inner);
    assert_status(cx, tx_commit(&tx), E_IO);
    tx_end(&tx);
    assert_int_equal(count(cx), 0);
    assert_ok(cx, add(cx, 2, "two")); /* what comes after is not touched by it */
    assert_int_equal(count(cx), 1);
}

static void a_failure_inside_a_savepoint_can_be_survived(void **state)
{
    struct ctx *cx = with_tables(state);
    struct tx tx = tx_begin(cx);

    assert_ok(cx, add(cx, 1, "one"));
    struct tx step = tx_begin(cx);
    assert_status(cx, add(cx, 1, "again"), E_CONFLICT);
    tx_end(&step);
    assert_ok(cx, add(cx, 2, "two"));
    assert_ok(cx, tx_commit(&tx));
    assert_int_equal(count(cx), 2);
}

static int called, dropped;
static void on_call(void *arg) { called += *(int *)arg; }
static void on_drop(void *arg) { dropped += *(int *)arg; }

static void after_commit_calls_come_after_the_commit_only(void **state)
{
    static int one = 1, ten = 10, hundred = 100;
    struct ctx *cx = with_tables(state);

    called = dropped = 0;
    struct tx outer = tx_begin(cx);
    db_after_commit(cx, on_call, on_drop, &one);
    struct tx kept = tx_begin(cx);
    db_after_commit(cx, on_call, on_drop, &hundred);
    assert_ok(cx, tx_commit(&kept));
    struct tx lost = tx_begin(cx);
    struct tx deeper = tx_begin(cx);
    db_after_commit(cx, on_call, on_drop, &ten);
    assert_ok(cx, tx_commit(&deeper));
    tx_end(&lost);
    assert_int_equal(dropped, 10);
    assert_int_equal(called, 0);
    assert_ok(cx, tx_commit(&outer));
    assert_int_equal(called, 101);
    outer = tx_begin(cx);
    db_after_commit(cx, on_call, on_drop, &one);
    tx_end(&outer);
    assert_int_equal(dropped, 11);
    assert_int_equal(called, 101);
    db_after_commit(cx, on_call, on_drop, &one); /* no transaction: at once */
    assert_int_equal(called, 102);
}

static void a_snapshot_stays_as_it_was(void **state)
{
    struct ctx *cx = with_tables(state), reader;

    assert_ok(cx, add(cx, 1, "one"));
    test_ctx_open(*state, &reader, DB_READ);
    assert_ok(&reader, db_read_begin(&reader));
    assert_int_equal(count(&reader), 1);
    assert_ok(cx, add(cx, 2, "two"));
    assert_ok(&reader, db_read_begin(&reader)); /* a part of the page asks for one too */
    assert_int_equal(count(&reader), 1);
    db_read_end(&reader);
    assert_int_equal(count(&reader), 1);
    db_read_end(&reader);
    assert_int_equal(count(&reader), 2);
    test_ctx_close(&reader);
}

/* ---- run-time SQL ---- */
static void run_time_sql_carries_its_values(void **state)
{
    struct ctx *cx = with_tables(state);
    i64 changed;

    for (i64 i = 1; i <= 300; i++) { /* more texts than a connection keeps */
        struct sql q = sql_new(cx);
        sql_addf(&q, "INSERT INTO %s (", "item");
        sql_name(&q, "id");
        sql_add(&q, ", name, share, data) VALUES (");
        sql_i64(&q, i);
        sql_add(&q, ", ");
        sql_text(&q, arena_printf(cx->arena, "n'%d", (int)i));
        sql_add(&q, ", ");
        sql_double(&q, (double)i / 4);
        sql_add(&q, i % 2 ? ", " : ",");
        i % 3 ? sql_null(&q) : sql_blob(&q, "\0b", 2);
        sql_addf(&q, ") /* %d */", (int)(i % 150));
        assert_ok(cx, db_run_sql(cx, &q, &changed));
        assert_int_equal(changed, 1);
    }
    assert_int_equal(count(cx), 300);
    struct sql q = sql_new(cx);
    sql_add(&q, "SELECT name, share FROM item WHERE data = ");
    sql_blob(&q, "\0b", 2);
    sql_add(&q, " AND id > ");
    sql_i64(&q, 290);
    sql_add(&q, " ORDER BY id");
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    assert_true(stmt_next(&s));
    assert_string_equal(col_text(&s, 0), "n'291");
    assert_true(col_double(&s, 1) == 72.75);
}

static void ids_rise_and_carry_the_node(void **state)
{
    struct test_db *t = *state;
    i64 last = 0;

    db_store_set_node(t->store, 7);
    for (int i = 0; i < 5000; i++) {
        i64 id = db_new_id(&t->cx);
        assert_true(id > last);
        last = id;
    }
}

/* ---- PostgreSQL only ---- */
static void another_collation_is_refused(void **state)
{
    struct test_db *t = *state;
    struct db_store *s;

    test_db_script(t, "DROP DATABASE IF EXISTS furrow_sorted_otherwise");
    test_db_script(t, "CREATE DATABASE furrow_sorted_otherwise TEMPLATE template0 ENCODING "
                      "'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    const char *slash = strrchr(t->url, '/'), *options = strchr(t->url, '?');
    for (const char *p = t->url; p < options; p++)
        if (*p == '/')
            slash = p;
    const char *url = arena_printf(t->arena, "%.*s/furrow_sorted_otherwise%s",
                                   (int)(slash - t->url), t->url, options);
    assert_int_equal(db_store_open(&t->cx, url, NULL, 0, &s), E_INVALID);
    assert_non_null(strstr(t->cx.error_text, "collation"));
    ctx_clear_error(&t->cx);
    test_db_script(t, "DROP DATABASE furrow_sorted_otherwise");
}

static void nothing_there_is_an_error_with_the_reason(void **state)
{
    struct test_db *t = *state;
    struct db_store *s;

    assert_status(&t->cx, db_store_open(&t->cx, "sqlite:/nowhere/at/all.db", NULL, 0, &s), E_IO);
    assert_status(&t->cx,
                  db_store_open(&t->cx, "postgresql://nobody@/x?host=/nowhere", NULL, 0, &s), E_IO);
    assert_status(&t->cx, db_store_open(&t->cx, "mysql://x", NULL, 0, &s), E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(values_come_back_as_they_went, &sql),
        ON_BOTH(null_reads_as_nothing, &sql),
        ON_BOTH(a_row_is_a_map_by_column, &sql),
        ON_BOTH(a_missing_row_is_not_found_without_text, &sql),
        ON_BOTH(changed_rows_are_counted, &sql),
        ON_BOTH(texts_compare_bytewise, &sql),
        ON_BOTH(colons_in_strings_casts_and_comments_are_left_alone, &sql),
        ON_BOTH(a_parameter_may_first_be_null_and_then_a_number, &sql),
        ON_BOTH(arguments_must_fit, &sql),
        ON_BOTH(a_statement_may_be_read_while_it_is_read, &sql),
        ON_BOTH(a_broken_block_stops_the_start, &sql),
        ON_BOTH(a_malformed_file_is_refused_with_its_line, NULL),
        ON_BOTH(a_taken_key_is_a_conflict, &sql),
        ON_BOTH(reading_connections_refuse_writes, &sql),
        ON_BOTH(a_long_question_is_cut_short, &sql),
        ON_BOTH(a_savepoint_takes_back_only_its_own, &sql),
        ON_BOTH(a_failed_statement_spoils_its_transaction, &sql),
        ON_BOTH(what_could_not_begin_saves_nothing, &sql),
        ON_BOTH(a_failure_inside_a_savepoint_can_be_survived, &sql),
        ON_BOTH(after_commit_calls_come_after_the_commit_only, &sql),
        ON_BOTH(a_snapshot_stays_as_it_was, &sql),
        ON_BOTH(run_time_sql_carries_its_values, &sql),
        ON_BOTH(ids_rise_and_carry_the_node, NULL),
        ON_POSTGRES(another_collation_is_refused, NULL),
        ON_SQLITE(nothing_there_is_an_error_with_the_reason, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
