/* migrate_test.c -- numbered migrations and the schema diff, on both engines. */
#include "store/migrate.h"
#include "support/store.h"

static const char start_text[] = "-- why: the first\n"
                                 "CREATE TABLE migration (number BIGINT PRIMARY KEY, name TEXT NOT "
                                 "NULL, checksum TEXT NOT NULL,\n"
                                 "    applied_at BIGINT NOT NULL);\n";
static const char part_text[] =
    "CREATE TABLE part (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL DEFAULT 'BLOB; -- "
    "DOUBLE', size DOUBLE,\n"
    "    picture BLOB);\n"
    "INSERT INTO part (id, name) VALUES (1, 'a;b'), (2, 'c');\n"
    "-- @sqlite\n"
    "INSERT INTO part (id, name) VALUES (3, 'sqlite');\n"
    "-- @postgres\n"
    "INSERT INTO part (id, name) VALUES (3, 'postgres'), (4, 'postgres');\n"
    "-- @both\n"
    "UPDATE part SET size = 1.5 WHERE id = 1;\n"
    "-- expect 2: rows without a size\n"
    "SELECT count(*) FROM part WHERE size IS NULL AND id < 4\n"
    ";\n"
    "-- expect 0: rows of nobody\n"
    "SELECT count(*) FROM part WHERE id = 99;\n";

static const struct migration list[] = {
    { 1, "start", start_text },
    { 2, "part", part_text },
    { 4, "more", "ALTER TABLE part ADD COLUMN note TEXT NOT NULL DEFAULT '';" },
};
static const struct sql_file files[] = {
    { "test/migrate.sql", "-- name: part.count\nSELECT count(*) FROM part\n"
                          "-- name: part.size\nSELECT size FROM part WHERE id = 1\n" }
};
static const struct test_sql sql = { files, countof(files) };

static enum status run(struct test_db *t, const struct migration *m, size_t count)
{
    return migrate_run(&t->cx, t->store, m, count, false, NULL);
}

static void pending_ones_are_applied_in_order_once(void **state)
{
    struct test_db *t = *state;
    struct buf report = buf_in(t->arena, 10000);
    i64 n;

    assert_int_equal(migrate_check(&t->cx, t->store, list, 3), E_SCHEMA);
    assert_non_null(strstr(t->cx.error_text, "furrow migrate"));
    ctx_clear_error(&t->cx);
    assert_ok(&t->cx, migrate_run(&t->cx, t->store, list, 2, false, &report));
    assert_string_equal(buf_end(&report), "0001_start applied\n0002_part applied\n");
    assert_ok(&t->cx, migrate_check(&t->cx, t->store, list, 2));
    assert_status(&t->cx, migrate_check(&t->cx, t->store, list, 3), E_SCHEMA);
    buf_clear(&report);
    assert_ok(&t->cx, migrate_run(&t->cx, t->store, list, 3, false, &report));
    assert_string_equal(buf_end(&report), "0004_more applied\n");
    assert_ok(&t->cx, run(t, list, 3));
    assert_ok(&t->cx, migrate_check(&t->cx, t->store, list, 3));
    assert_ok(&t->cx, db_get_i64(&t->cx, &n, "part.count"));
    assert_int_equal(n, t->engine == DB_SQLITE ? 3 : 4);
}

static void a_newer_database_is_refused(void **state)
{
    struct test_db *t = *state;

    assert_ok(&t->cx, run(t, list, 3));
    assert_int_equal(migrate_check(&t->cx, t->store, list, 2), E_SCHEMA);
    assert_non_null(strstr(t->cx.error_text, "newer"));
    assert_non_null(strstr(t->cx.error_text, "0004_more"));
    ctx_clear_error(&t->cx);
    assert_status(&t->cx, run(t, list, 2), E_SCHEMA);
}

static void an_edited_or_skipped_one_is_refused(void **state)
{
    struct test_db *t = *state;
    struct migration edited[] = { list[0], { 2, "part", "SELECT 2" }, list[2] };
    struct migration slipped_in[] = { list[0], list[1], { 3, "late", "SELECT 3" }, list[2] };

    assert_ok(&t->cx, run(t, list, 3));
    assert_int_equal(migrate_check(&t->cx, t->store, edited, 3), E_SCHEMA);
    assert_non_null(strstr(t->cx.error_text, "0002_part was edited"));
    ctx_clear_error(&t->cx);
    assert_int_equal(run(t, slipped_in, 4), E_SCHEMA);
    assert_non_null(strstr(t->cx.error_text, "0003_late"));
    ctx_clear_error(&t->cx);
}

static const struct {
    const char *note, *text, *says;
    enum status status;
} failing[] = {
    { "a wrong expectation",
      "INSERT INTO part (id, name) VALUES (50, 'x');\n-- expect 7: all of them\n"
      "SELECT count(*) FROM part",
      "0004_bad expected 7 and found", E_SCHEMA },
    { "an expectation without an answer",
      "DELETE FROM part;\n-- expect 1: any\nSELECT id FROM part", "no answer", E_SCHEMA },
    { "a broken statement", "DELETE FROM part; CREATE TABEL x (y);", "", E_INVALID },
    { "a broken expectation", "DELETE FROM part;\n-- expect 0: x\nSELECT nothing FROM part", "",
      E_INVALID },
};

static void a_failing_one_is_undone_whole(void **state)
{
    struct test_db *t = *state;
    i64 before, after;

    assert_ok(&t->cx, run(t, list, 2));
    assert_ok(&t->cx, db_get_i64(&t->cx, &before, "part.count"));
    for (size_t i = 0; i < countof(failing); i++) {
        struct migration bad[] = { list[0], list[1], { 4, "bad", failing[i].text } };
        enum status s = run(t, bad, 3);
        if (s != failing[i].status || !strstr(t->cx.error_text, failing[i].says))
            fail_msg("%s: %s: %s", failing[i].note, status_word(s), t->cx.error_text);
        ctx_clear_error(&t->cx);
        assert_ok(&t->cx, db_get_i64(&t->cx, &after, "part.count"));
        assert_int_equal(before, after);
        assert_ok(&t->cx, migrate_check(&t->cx, t->store, list, 2));
    }
}

static void a_dry_run_prints_and_changes_nothing(void **state)
{
    struct test_db *t = *state;
    struct buf report = buf_in(t->arena, 10000);

    assert_ok(&t->cx, run(t, list, 1));
    assert_ok(&t->cx, migrate_run(&t->cx, t->store, list, 3, true, &report));
    const char *text = buf_end(&report);
    assert_non_null(strstr(text, "-- 0002_part\nCREATE TABLE part"));
    assert_non_null(strstr(text, t->engine == DB_SQLITE ? "(3, 'sqlite')" : "(3, 'postgres')"));
    assert_null(strstr(text, t->engine == DB_SQLITE ? "(3, 'postgres')" : "(3, 'sqlite')"));
    assert_non_null(strstr(text, "'BLOB; -- DOUBLE'"));
    assert_non_null(
        strstr(text, t->engine == DB_SQLITE ? "id INTEGER NOT NULL PRIMARY KEY" : "picture BYTEA"));
    assert_null(strstr(text, "start"));
    assert_ok(&t->cx, migrate_check(&t->cx, t->store, list, 1));
}

static void a_rebuilt_table_keeps_its_references(void **state)
{
    static const char owner[] =
        "CREATE TABLE owner (id BIGINT PRIMARY KEY, part_id BIGINT REFERENCES part (id));\n"
        "INSERT INTO owner (id, part_id) VALUES (1, 1);";
    static const char rebuild[] =
        "-- @sqlite\n"
        "CREATE TABLE part_new (id BIGINT PRIMARY KEY, name TEXT NOT NULL);\n"
        "INSERT INTO part_new (id, name) SELECT id, name FROM part;\n"
        "DROP TABLE part;\nALTER TABLE part_new RENAME TO part;\n"
        "-- @postgres\nALTER TABLE part DROP COLUMN size, DROP COLUMN picture;\n";
    static const char breaks[] = "DELETE FROM part WHERE id = 1;";
    struct test_db *t = *state;
    struct migration m[] = {
        list[0], list[1], { 3, "owner", owner }, { 4, "rebuild", rebuild }, { 5, "breaks", breaks }
    };

    assert_ok(&t->cx, run(t, m, 4));
    assert_status(&t->cx, run(t, m, 5), t->engine == DB_SQLITE ? E_SCHEMA : E_INVALID);
    assert_ok(&t->cx, migrate_check(&t->cx, t->store, m, 4));
}

/* ---- the declared schema ---- */
static const struct schema_column deal_columns[] = {
    { "id", "BIGINT", true, NULL },      { "name", "TEXT", true, NULL },
    { "amount", "BIGINT", false, NULL }, { "open", "INTEGER", true, "1" },
    { "kind", "TEXT", true, "'new'" },   { "low", "BIGINT", true, "-1" },
    { "share", "DOUBLE", false, NULL },  { "data", "BLOB", false, NULL },
    { "order", "TEXT", false, NULL },
};
static const struct schema_index deal_indexes[] = {
    { "deal_by_amount", "amount DESC, id", false, NULL },
    { "deal_name", "name", true, "open = 1 AND name IS NOT NULL" },
    { "deal_kind", "kind", false, "kind IN ('new', 'old') AND amount != 0" },
    { "deal_order", "\"order\"", false, NULL },
};
static struct schema_table deal = { "deal", deal_columns, countof(deal_columns), deal_indexes,
                                    countof(deal_indexes) };

static const char *diff_of(struct test_db *t, const struct schema_table *table)
{
    struct buf out = buf_in(t->arena, 100000);

    assert_ok(&t->cx, schema_diff(&t->cx, table, 1, &out));
    return buf_end(&out);
}

static void a_declared_table_is_made_and_then_equal(void **state)
{
    struct test_db *t = *state;

    assert_non_null(
        strstr(diff_of(t, &deal),
               "CREATE TABLE deal (\n    id BIGINT PRIMARY KEY,\n    name TEXT NOT NULL"));
    assert_ok(&t->cx, schema_apply(&t->cx, &deal, 1));
    assert_string_equal(diff_of(t, &deal), "");
    assert_ok(&t->cx, schema_apply(&t->cx, &deal, 1));
    test_db_script(t, "INSERT INTO deal (id) VALUES (1)"); /* each required column has a default */
}

static void the_draft_is_a_migration_for_both_engines(void **state)
{
    struct test_db *t = *state;
    const char *draft = arena_printf(t->arena, "%s", diff_of(t, &deal));
    struct migration m[] = { list[0], { 2, "deal", draft } };

    assert_ok(&t->cx, run(t, m, 2));
    assert_string_equal(diff_of(t, &deal), "");
    assert_non_null(strstr(draft, "share DOUBLE"));
    assert_non_null(strstr(draft, "data BLOB"));
}

static void what_is_missing_is_added_and_what_changed_is_rebuilt(void **state)
{
    struct test_db *t = *state;
    struct schema_table small = { "deal", deal_columns, 3, deal_indexes, 1 };
    struct schema_index changed[] = { { "deal_by_amount", "amount, id", false, NULL } };
    struct schema_table other = { "deal", deal_columns, countof(deal_columns), changed, 1 };

    assert_ok(&t->cx, schema_apply(&t->cx, &small, 1));
    test_db_script(t, "INSERT INTO deal (id, name) VALUES (1, 'one')");
    const char *added = diff_of(t, &deal);
    assert_non_null(strstr(added, "ALTER TABLE deal ADD COLUMN kind TEXT NOT NULL DEFAULT 'new';"));
    assert_non_null(strstr(added, "CREATE UNIQUE INDEX deal_name ON deal (name) WHERE"));
    assert_ok(&t->cx, schema_apply(&t->cx, &deal, 1));
    assert_string_equal(diff_of(t, &deal), "");
    const char *rebuilt = diff_of(t, &other);
    assert_non_null(strstr(rebuilt, "DROP INDEX deal_by_amount;\n"));
    assert_non_null(strstr(rebuilt, "DROP INDEX deal_kind;\n"));
    assert_non_null(strstr(rebuilt, "CREATE INDEX deal_by_amount ON deal (amount, id);\n"));
    assert_ok(&t->cx, schema_apply(&t->cx, &other, 1));
    assert_string_equal(diff_of(t, &other), "");
    test_db_script(t, "CREATE INDEX x_custom ON deal (low)"); /* made on demand: not ours to drop */
    assert_string_equal(diff_of(t, &other), "");
}

static const struct {
    const char *note, *ddl, *says;
    enum status apply;
} unlike[] = {
    { "another column", "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT, extra TEXT)",
      "-- column t.extra is not declared", OK },
    { "another type", "CREATE TABLE t (id BIGINT PRIMARY KEY, a INTEGER)",
      "-- column t.a is INTEGER, declared TEXT", E_SCHEMA },
    { "required", "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT NOT NULL)",
      "-- column t.a is NOT NULL", E_SCHEMA },
    { "a default", "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT DEFAULT 'x')",
      "-- column t.a has default", E_SCHEMA },
    { "no key", "CREATE TABLE t (id BIGINT, a TEXT)", "-- column t.id is not the primary key",
      E_SCHEMA },
};

static void differences_that_no_draft_can_mend_are_named(void **state)
{
    static const struct schema_column columns[] = { { "id", "BIGINT", true, NULL },
                                                    { "a", "TEXT", false, NULL } };
    static const struct schema_table table = { "t", columns, 2, NULL, 0 };
    struct test_db *t = *state;

    for (size_t i = 0; i < countof(unlike); i++) {
        test_db_script(t, "DROP TABLE IF EXISTS t");
        test_db_script(t, schema_dialect(t->arena, t->engine, unlike[i].ddl));
        const char *got = diff_of(t, &table);
        if (!strstr(got, unlike[i].says))
            fail_msg("%s: %s", unlike[i].note, got);
        enum status s = schema_apply(&t->cx, &table, 1);
        if (s != unlike[i].apply)
            fail_msg("%s: applied: %s", unlike[i].note, status_word(s));
        ctx_clear_error(&t->cx);
    }
}

/* ---- the program's own first migration ---- */
extern const struct migration test_migrations[];
extern const size_t test_migration_count;

static void the_first_migration_makes_the_declared_tables(void **state)
{
    struct test_db *t = *state;
    struct buf out = buf_in(t->arena, 100000);

    assert_ok(&t->cx, run(t, test_migrations, test_migration_count));
    assert_ok(&t->cx, schema_diff(&t->cx, store_tables, store_table_count, &out));
    assert_string_equal(buf_end(&out), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(pending_ones_are_applied_in_order_once, &sql),
        ON_BOTH(a_newer_database_is_refused, &sql),
        ON_BOTH(an_edited_or_skipped_one_is_refused, &sql),
        ON_BOTH(a_failing_one_is_undone_whole, &sql),
        ON_BOTH(a_dry_run_prints_and_changes_nothing, &sql),
        ON_BOTH(a_rebuilt_table_keeps_its_references, &sql),
        ON_BOTH(a_declared_table_is_made_and_then_equal, &sql),
        ON_BOTH(the_draft_is_a_migration_for_both_engines, &sql),
        ON_BOTH(what_is_missing_is_added_and_what_changed_is_rebuilt, &sql),
        ON_BOTH(differences_that_no_draft_can_mend_are_named, &sql),
        ON_BOTH(the_first_migration_makes_the_declared_tables, &sql),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
