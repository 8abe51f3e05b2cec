/* store.c -- opens and removes the databases of test cases. */
#include "support/store.h"
#include "store/db_int.h"
#include "support/pg.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char bytes[16 * 1024];
    size_t n;

    if (in == NULL || out == NULL)
        fail_msg("%s cannot be copied to %s", from, to);
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
        if (fwrite(bytes, 1, n, out) != n)
            fail_msg("%s cannot be written", to);
    if (ferror(in) || fclose(out) != 0)
        fail_msg("%s cannot be copied to %s", from, to);
    fclose(in);
}

static int set_up(void **state, enum db_engine engine)
{
    const struct test_sql *sql = *state;
    struct test_db *t = calloc(1, sizeof(*t));
    struct db *db;

    t->engine = engine;
    t->arena = arena_new(16 * 1024);
    ctx_init(&t->cx, t->arena, &t->clock);
    if (engine == DB_SQLITE) {
        snprintf(t->dir, sizeof(t->dir), "/tmp/furrow-test-XXXXXX");
        if (!mkdtemp(t->dir))
            return -1;
        t->url = arena_printf(t->arena, "sqlite:%s/db.sqlite", t->dir);
        if (sql && sql->from)
            copy_file(sql->from, arena_printf(t->arena, "%s/db.sqlite", t->dir));
    } else {
        t->url = sql && sql->from ? sql->from : test_pg_url();
    }
    assert_ok(&t->cx, db_store_open(&t->cx, t->url, sql ? sql->files : NULL, sql ? sql->count : 0,
                                    &t->store));
    assert_ok(&t->cx, db_open(&t->cx, t->store, DB_WRITE, &db));
    t->cx.db = db;
    *state = t;
    return 0;
}

int test_db_sqlite(void **state) { return set_up(state, DB_SQLITE); }
int test_db_postgres(void **state) { return set_up(state, DB_POSTGRES); }

int test_db_close(void **state)
{
    static const char *const files[] = { "db.sqlite", "db.sqlite-wal", "db.sqlite-shm" };
    struct test_db *t = *state;

    db_close(t->cx.db);
    db_store_close(t->store);
    if (t->engine == DB_SQLITE) {
        for (size_t i = 0; i < countof(files); i++)
            unlink(arena_printf(t->arena, "%s/%s", t->dir, files[i]));
        rmdir(t->dir);
    }
    arena_free(t->arena);
    free(t);
    return 0;
}

void assert_status_(struct ctx *cx, enum status got, enum status want, const char *what,
                    const char *file, int line)
{
    if (got != want) {
        print_error("%s: %s, not %s: %s\n", what, status_word(got), status_word(want),
                    cx->error_text);
        _fail(file, line);
    }
    ctx_clear_error(cx);
}

void test_db_script(struct test_db *t, const char *text)
{
    assert_ok(&t->cx, db_script(&t->cx, text));
}

void test_ctx_open(struct test_db *t, struct ctx *cx, enum db_mode mode)
{
    struct db *db;

    ctx_init(cx, arena_new(16 * 1024), &t->clock);
    assert_ok(cx, db_open(cx, t->store, mode, &db));
    cx->db = db;
}

void test_ctx_close(struct ctx *cx)
{
    db_close(cx->db);
    arena_free(cx->arena);
}
