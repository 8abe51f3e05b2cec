/* store.h -- a fresh database for each test case, on SQLite (a temporary folder) and on PostgreSQL
 * alike:
 *
 *     static const struct sql_file files[] = { { "t.sql", "-- name: t.one\nSELECT 1" } };
 *     static const struct test_sql sql = { files, countof(files) };
 *     static void one_is_one(void **state) { struct test_db *t = *state; ... t->cx.db ... }
 *     const struct CMUnitTest tests[] = { ON_BOTH(one_is_one, &sql) };
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "store/writer.h"

struct test_sql {
    const struct sql_file *files;
    size_t count;
    const char *from; /* what to begin with: SQLite's file, copied, or the URL of a database of ours
                       * (support/seed.h); NULL: an empty one */
};
struct test_db {
    enum db_engine engine;
    struct arena *arena;
    struct clock clock;
    struct ctx cx; /* cx.db: a writing connection */
    char dir[64];  /* SQLite: the folder of db.sqlite */
    const char *url;
    struct db_store *store;
};

int test_db_sqlite(
    void **state); /* set-ups: *state is a struct test_sql, then the struct test_db */
int test_db_postgres(void **state);
int test_db_close(void **state);
#define ON_SQLITE(test, sql)                                                  \
    {                                                                         \
#test " (sqlite)", test, test_db_sqlite, test_db_close, (void *)(sql) \
    }
#define ON_POSTGRES(test, sql)                                                    \
    {                                                                             \
#test " (postgres)", test, test_db_postgres, test_db_close, (void *)(sql) \
    }
#define ON_BOTH(test, sql) ON_SQLITE(test, sql), ON_POSTGRES(test, sql)

/* Fails the test with cx's text unless the status is the wanted one; then forgets the error. */
#define assert_status(cx, got, want) assert_status_((cx), (got), (want), #got, __FILE__, __LINE__)
#define assert_ok(cx, got) assert_status((cx), (got), OK)
void assert_status_(struct ctx *cx, enum status got, enum status want, const char *what,
                    const char *file, int line);
/* Runs statements that no block names: CREATE TABLE and the like. */
void test_db_script(struct test_db *t, const char *text);
/* A context of its own, for another thread or connection; close with test_ctx_close. */
void test_ctx_open(struct test_db *t, struct ctx *cx, enum db_mode mode);
void test_ctx_close(struct ctx *cx);
