/* program.c -- opens and closes the parts of the program. */
#include "app/program.h"
#include "base/log.h"
#include "journey/journey.h"
#include "kit/seal.h"
#include "marketing/geo.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PROGRAM_ARENA_BYTES = 256 * 1024,
    POSTGRES_WRITERS = 4,
    LOG_LEFT_MAX = 10000, /* events that a start reads again from the journey's log: some 5 ms */
};

/* ---- the data folder ---- */
static enum status make_folder(struct ctx *cx, const char *path)
{
    char *copy = arena_text(cx->arena, path);

    for (char *p = copy + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        (void)mkdir(copy, 0700); /* what is wrong shows at the last one */
        *p = '/';
    }
    if (mkdir(copy, 0700) != 0 && errno != EEXIST)
        return ctx_fail(cx, E_IO, "cannot make the folder '%s': %s", path, strerror(errno));
    return OK;
}

static enum status lock_folder(struct program *p)
{
    const char *path = arena_printf(p->arena, "%s/lock", p->config.data);

    p->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (p->lock_fd < 0)
        return ctx_fail(&p->cx, E_IO, "cannot open '%s': %s", path, strerror(errno));
    if (flock(p->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return ctx_fail(
            &p->cx, E_BUSY,
            "another furrow is running on '%s'; stop it first, or choose another --data",
            p->config.data);
    return OK;
}

/* ---- the schema ---- */
static enum status is_empty(struct program *p, bool *empty)
{
    struct buf report = buf_in(p->arena, 16 * 1024 * 1024);

    /* Nothing applied: a dry run would begin with the first migration. */
    *empty = false;
    TRY(migrate_run(&p->cx, p->store, all_migrations, all_migration_count, true, &report));
    *empty = all_migration_count > 0 &&
             str_starts((struct str){ buf_end(&report), report.len },
                        arena_printf(p->arena, "-- %04d_", all_migrations[0].number));
    return OK;
}

static enum status check_schema(struct program *p, u32 flags)
{
    struct ctx *cx = &p->cx;
    enum status s = migrate_check(cx, p->store, all_migrations, all_migration_count);
    bool empty;

    if (s != E_SCHEMA || (flags & PROGRAM_FILL_EMPTY) == 0)
        return s;
    const char *text = cx->error_text;
    ctx_clear_error(cx);
    TRY(is_empty(p, &empty));
    if (!empty && (flags & PROGRAM_DEV) == 0)
        return ctx_fail(cx, E_SCHEMA, "%s", text);
    TRY(migrate_run(cx, p->store, all_migrations, all_migration_count, false, NULL));
    log_line(LOG_INFO, "schema.migrated", "migrations=%zu", all_migration_count);
    return OK;
}

static enum status apply_declared(struct ctx *cx, void *arg)
{
    const struct schema_table *tables;
    size_t count;

    (void)arg;
    TRY(kit_schema(cx, &tables, &count));
    return schema_apply(cx, tables, count);
}

/* ---- opening ---- */
static enum status open_kit(struct program *p, u32 flags, const char *src)
{
    struct ctx *cx = &p->cx;
    unsigned char key[SEAL_KEY_BYTES];
    struct kit_options o = { .features = features,
                             .feature_count = feature_count,
                             .store = p->store,
                             .writer = p->writer,
                             .clock = &p->clock,
                             .seal_key = key,
                             .public_url = p->config.public_url,
                             .node = p->config.node };

    TRY(seal_key_file(cx, p->config.key_path, key));
    if ((flags & PROGRAM_JOURNEY) != 0) {
        struct journey_options jo = { .path = p->config.events_path,
                                      .events_url = p->config.events_url,
                                      .clock = &p->clock };
        TRY(journey_open(cx, &jo, &p->journey));
        o.journey = cx->journey = p->journey;
    }
    if ((flags & PROGRAM_TEMPLATES) != 0) {
        TRY(templates_open(cx, template_files, template_file_count, src, &p->templates));
        o.templates = p->templates;
    }
    TRY(kit_open(cx, &o, &p->kit));
    sodium_memzero(key, sizeof key);
    cx->kit = p->kit;
    if ((flags & PROGRAM_JOURNEY) != 0)
        geo_start(p->kit, p->config.geo_path, p->config.data);
    if ((flags & PROGRAM_DEV) != 0)
        TRY(writer_run(p->writer, cx, apply_declared, NULL));
    return OK;
}

static enum status start_kit(struct ctx *cx, void *arg)
{
    (void)arg;
    return kit_start(cx);
}

enum status program_open(struct program *p, const struct cli *cli, u32 flags, const char *src)
{
    struct ctx *cx = &p->cx;
    const struct sql_file *sql;
    size_t sql_count;

    *p = (struct program){ .lock_fd = -1, .arena = arena_new(PROGRAM_ARENA_BYTES) };
    ctx_init(cx, p->arena, &p->clock);
    cx->access = access_system();
    if (sodium_init() < 0)
        return ctx_fail(cx, E_IO, "libsodium did not start");
    TRY(config_read(cx, cli, &p->config));
    TRY(make_folder(cx, p->config.data));
    if ((flags & PROGRAM_LOCK) != 0)
        TRY(lock_folder(p));
    sql = registry_sql(p->arena, &sql_count);
    TRY(db_store_open(cx, p->config.db_url, sql, sql_count, &p->store));
    db_store_set_node(p->store, p->config.node);
    if ((flags & PROGRAM_ANY_SCHEMA) != 0)
        return db_open(cx, p->store, DB_READ, &p->db) == OK ? (cx->db = p->db, OK) : cx->error;
    TRY(check_schema(p, flags));
    TRY(writer_open(cx, p->store, POSTGRES_WRITERS, &p->writer));
    TRY(open_kit(p, flags, src));
    if ((flags & PROGRAM_NO_START) == 0)
        TRY(writer_run(p->writer, cx, start_kit, NULL));
    TRY(db_open(cx, p->store, DB_READ, &p->db));
    cx->db = p->db;
    return OK;
}

/* What is sorted now is not read again by the next start. */
static void tidy_journey(struct program *p)
{
    struct journey_stats st;

    if (p->journey == NULL)
        return;
    journey_stats(p->journey, &st);
    if (st.log_events > LOG_LEFT_MAX && journey_flush(&p->cx, p->journey) != OK)
        log_line(LOG_WARN, "journey.flush", "cause=%s", p->cx.error_text);
}

void program_close(struct program *p)
{
    db_close(p->db);
    writer_close(p->writer);
    tidy_journey(p);
    if (p->kit != NULL)
        kit_close(p->kit);
    templates_close(p->templates);
    journey_close(p->journey);
    db_store_close(p->store);
    if (p->lock_fd >= 0)
        close(p->lock_fd);
    if (p->arena != NULL)
        arena_free(p->arena);
    *p = (struct program){ .lock_fd = -1 };
}

int program_end(struct program *p, enum status s)
{
    if (s != OK)
        cli_error("%s", p->cx.error_text != NULL && p->cx.error_text[0] != '\0' ? p->cx.error_text
                                                                                : status_title(s));
    program_close(p);
    return status_exit(s);
}
