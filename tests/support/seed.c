/* seed.c -- makes a migrated database once, and copies of it. */
#include "support/seed.h"
#include "base/testing.h"
#include "support/pg.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char own_folder[64]; /* of this program, or "" */

/* The migrations as one word. */
static u64 key_of(struct arena *a, const struct migration *list, size_t count)
{
    struct buf all = buf_in(a, 4 * 1024 * 1024);

    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%d %s\n%s", list[i].number, list[i].name, list[i].text);
    if (buf_status(&all) != OK)
        fail_msg("the migrations are too long for a seed");
    return str_hash((struct str){ all.p, all.len });
}

static void fill(struct ctx *cx, const char *url, const struct migration *list, size_t count)
{
    struct db_store *store;

    assert_ok(cx, db_store_open(cx, url, NULL, 0, &store));
    assert_ok(cx, migrate_run(cx, store, list, count, false, NULL));
    db_store_close(store);
}

/* ---- SQLite: a file ---- */
static void remove_folder(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", own_folder);
    if (system(command) != 0)
        fprintf(stderr, "seed: %s was not removed\n", own_folder);
}

static const char *seed_folder(void)
{
    const char *given = getenv("FURROW_TEST_SEEDS");

    if (given != NULL && *given)
        return given;
    if (!own_folder[0]) {
        snprintf(own_folder, sizeof own_folder, "/tmp/furrow-seed-XXXXXX");
        if (mkdtemp(own_folder) == NULL)
            fail_msg("no folder for seeds");
        atexit(remove_folder);
    }
    return own_folder;
}

/* Whoever is second renames the same over the same. */
static const char *seed_file(struct ctx *cx, u64 key, const struct migration *list, size_t count)
{
    const char *file =
        arena_printf(cx->arena, "%s/%016llx.sqlite", seed_folder(), (unsigned long long)key);
    const char *making = arena_printf(cx->arena, "%s.%d", file, (int)getpid());

    if (access(file, R_OK) == 0)
        return file;
    fill(cx, arena_printf(cx->arena, "sqlite:%s", making), list, count);
    if (rename(making, file) != 0)
        fail_msg("%s cannot be made", file);
    return file;
}

/* ---- PostgreSQL: a database ---- */
struct making {
    struct ctx *cx;
    const struct migration *list;
    size_t count;
};

static void fill_database(const char *url, void *arg)
{
    struct making *m = arg;

    fill(m->cx, url, m->list, m->count);
}

/* ---- either ---- */
int test_db_migrated(void **state, enum db_engine engine, const struct migration *list,
                     size_t count)
{
    struct clock clock = { .fixed_ms = 1 };
    struct ctx cx;

    ctx_init(&cx, arena_new(64 * 1024), &clock);
    struct making m = { &cx, list, count };
    u64 key = key_of(cx.arena, list, count);
    struct test_sql sql = *(struct test_sql *)*state;

    sql.from = engine == DB_SQLITE ? seed_file(&cx, key, list, count)
                                   : test_pg_copy(key, fill_database, &m);
    *state = &sql;
    int failed = engine == DB_SQLITE ? test_db_sqlite(state) : test_db_postgres(state);
    arena_free(cx.arena);
    return failed;
}
