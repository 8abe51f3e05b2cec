/* program.c -- see program.h. */
#include "program.h"
#include "app/registry.h"
#include "base/log.h"
#include <sodium.h>

void program_need(struct program *p, enum status s)
{
    if (s != OK)
        log_fatal("bench.fill", "code=%s cause=\"%s\"", status_word(s), p->cx.error_text);
}

static enum status start(struct ctx *cx, void *arg)
{
    (void)arg;
    return kit_start(cx);
}

void program_open(struct program *p, const char *folder, const char *db_url)
{
    struct arena *a = arena_new(256 * 1024);
    struct ctx *cx = &p->cx;
    struct journey_options jo = { .path = arena_printf(a, "%s/journey.db", folder),
                                  .clock = &p->clock };
    size_t sql_count;
    const struct sql_file *sql = registry_sql(a, &sql_count);

    if (sodium_init() < 0)
        log_fatal("bench.fill", "cause=\"libsodium does not start\"");
    p->random = 2026;
    ctx_init(cx, a, &p->clock);
    cx->access = access_system();
    if (text_empty(db_url))
        db_url = arena_printf(a, "sqlite:%s/furrow.db", folder);
    program_need(p, db_store_open(cx, db_url, sql, sql_count, &p->store));
    program_need(p, migrate_check(cx, p->store, all_migrations, all_migration_count));
    program_need(p, writer_open(cx, p->store, 1, &p->writer));
    program_need(p, journey_open(cx, &jo, &p->journey));
    cx->journey = p->journey;
    struct kit_options ko = { .features = features,
                              .feature_count = feature_count,
                              .store = p->store,
                              .writer = p->writer,
                              .journey = p->journey,
                              .clock = &p->clock };
    program_need(p, kit_open(cx, &ko, &p->kit));
    cx->kit = p->kit;
    program_need(p, writer_run(p->writer, cx, start, NULL));
    program_need(p, db_open(cx, p->store, DB_READ, &p->db));
}

void program_write(struct program *p, enum status (*fn)(struct ctx *cx, void *arg), void *arg)
{
    scoped(arena_close) struct arena *a = arena_new(8 * 1024 * 1024);
    struct arena *kept = p->cx.arena;

    p->cx.arena = a;
    p->cx.db = NULL;
    program_need(p, writer_run(p->writer, &p->cx, fn, arg));
    p->cx.arena = kept;
}

void program_drain(struct program *p)
{
    p->cx.db = p->db;
    program_need(p, outbox_drain(&p->cx));
    p->cx.db = NULL;
}

u32 program_draw(struct program *p, u32 below)
{
    p->random = p->random * 6364136223846793005u + 1442695040888963407u;
    return (u32)((p->random >> 33) % below);
}

void program_close(struct program *p)
{
    db_close(p->db);
    writer_close(p->writer);
    kit_close(p->kit);
    journey_close(p->journey);
    db_store_close(p->store);
    arena_free(p->cx.arena);
}
