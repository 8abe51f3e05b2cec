/* backup.c -- `furrow backup` and `furrow restore`: a data folder's copy, made while it is served.
 * The copy is a data folder itself. Records and events are two files; what joins them is the
 * outbox: the copy of the journey is as of an outbox row that the copy of the records knows, and
 * what comes after it still lies in the outbox there. A folder whose furrow.db has its name is
 * whole; until then the names end in .part. */
#include "app/commands.h"
#include "app/program.h"
#include "journey/journey.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_USAGE = 64, TRIES = 100, TRY_AGAIN_NS = 10 * 1000 * 1000 };
static const char RECORDS[] = "furrow.db", EVENTS[] = "journey.db";

struct pair { /* the two files of a folder, and those that are written first */
    const char *records, *events, *records_part, *events_part;
};

static struct pair pair_in(struct arena *a, const char *folder)
{
    struct pair p = { .records = arena_printf(a, "%s/%s", folder, RECORDS),
                      .events = arena_printf(a, "%s/%s", folder, EVENTS) };

    p.records_part = arena_printf(a, "%s.part", p.records);
    p.events_part = arena_printf(a, "%s.part", p.events);
    return p;
}

static bool is_there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static void remove_part(struct arena *a, const char *part)
{
    (void)unlink(part);
    (void)unlink(arena_printf(a, "%s-journal", part));
}

/* An empty folder, made when absent; what a backup that was killed left in it goes. */
static enum status make_target(struct ctx *cx, const char *folder, const struct pair *to)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return ctx_fail(cx, E_IO, "cannot make the folder '%s': %s", folder, strerror(errno));
    remove_part(cx->arena, to->records_part);
    remove_part(cx->arena, to->events_part);
    if (is_there(to->records))
        return ctx_fail(cx, E_CONFLICT, "'%s' has data already: name a new folder", folder);
    (void)unlink(to->events); /* without records it is of a backup that was killed */
    return OK;
}

static enum status sync_path(struct ctx *cx, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool fine = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return fine ? OK : ctx_fail(cx, E_IO, "cannot write '%s': %s", path, strerror(errno));
}

static enum status put_in_place(struct ctx *cx, const char *folder, const char *part,
                                const char *path)
{
    TRY(sync_path(cx, part));
    if (rename(part, path) != 0)
        return ctx_fail(cx, E_IO, "cannot write '%s': %s", path, strerror(errno));
    return sync_path(cx, folder);
}

/* Both as they are at one moment. Tries again while outbox rows are moved in between: then the
 * journey would know of changes that the records do not have yet. */
static enum status look_at_both(struct ctx *cx, const char *events, struct journey_copy **journey)
{
    for (int i = 0; i < TRIES; i++) {
        i64 given;
        u64 moved;
        TRY(db_read_begin(cx));
        TRY(db_get_i64(cx, &given, "app.outbox_given"));
        TRY(journey_copy_begin(cx, events, journey, &moved));
        if (moved <= (u64)given)
            return OK;
        journey_copy_end(*journey);
        *journey = NULL;
        db_read_end(cx);
        nanosleep(&(struct timespec){ 0, TRY_AGAIN_NS }, NULL);
    }
    return ctx_fail(cx, E_BUSY, "records and events did not come to rest; try again");
}

static enum status write_both(struct ctx *cx, const struct pair *from, const struct pair *to,
                              const char *folder)
{
    struct journey_copy *journey = NULL;
    enum status s;

    if (!is_there(from->events)) /* nothing was ever kept */
        TRY(db_read_begin(cx));
    else
        TRY(look_at_both(cx, from->events, &journey));
    s = db_copy(cx, to->records_part);
    db_read_end(cx);
    if (s == OK && journey != NULL)
        s = journey_copy_write(cx, journey, to->events_part);
    if (s == OK && journey != NULL)
        s = put_in_place(cx, folder, to->events_part, to->events);
    journey_copy_end(journey);
    return s == OK ? put_in_place(cx, folder, to->records_part, to->records) : s;
}

/* Copies the program's data to `folder`. */
static enum status copy_to(struct program *p, const char *folder)
{
    struct ctx *cx = &p->cx;
    struct pair to = pair_in(cx->arena, folder), from = { .events = p->config.events_path };

    if (p->config.events_url != NULL)
        return ctx_fail(cx, E_INVALID,
                        "the events are in another database: back it up with its own tools");
    TRY(make_target(cx, folder, &to));
    TRY(db_time_limit(cx, cx->db, 0));
    return write_both(cx, &from, &to, folder);
}

static int copy_failed(struct cli *cli, const char *why)
{
    cli_error("%s needs %s; see furrow help %s", cli->command->name, why, cli->command->name);
    return EXIT_USAGE;
}

int cmd_backup(struct cli *cli)
{
    struct program p;
    enum status s;

    if (cli->arg_count != 1)
        return copy_failed(cli, "one new folder");
    s = program_open(&p, cli, PROGRAM_ANY_SCHEMA, NULL);
    if (s == OK)
        s = copy_to(&p, cli->args[0]);
    if (s == OK)
        fprintf(cli->out,
                "Copied to '%s'. furrow check --data %s looks through it.\nThe key of the secrets, "
                "'%s', is not in it, so that who finds the copy cannot use them: keep a copy of "
                "that file elsewhere.\n",
                cli->args[0], cli->args[0], p.config.key_path);
    return program_end(&p, s);
}

/* A backup is copied as a data folder is, only that nobody has it open. */
static enum status restore(struct program *p, const struct cli *cli)
{
    struct ctx *cx = &p->cx;
    struct pair from = pair_in(p->arena, cli->args[0]), to;
    const struct sql_file *sql;
    size_t sql_count;

    TRY(config_read(cx, cli, &p->config));
    to = pair_in(p->arena, p->config.data);
    if (!is_there(from.records))
        return ctx_fail(cx, E_NOT_FOUND, "'%s' is no backup: there is no %s in it", cli->args[0],
                        RECORDS);
    TRY(make_target(cx, p->config.data, &to));
    sql = registry_sql(p->arena, &sql_count);
    TRY(db_store_open(cx, arena_printf(p->arena, "sqlite:%s", from.records), sql, sql_count,
                      &p->store));
    TRY(db_open(cx, p->store, DB_READ, &p->db));
    cx->db = p->db;
    TRY(db_time_limit(cx, cx->db, 0));
    return write_both(cx, &from, &to, p->config.data);
}

int cmd_restore(struct cli *cli)
{
    struct program p = { .lock_fd = -1 };
    int code;

    if (cli->arg_count != 1)
        return copy_failed(cli, "the folder of one backup");
    p.arena = arena_new(64 * 1024);
    ctx_init(&p.cx, p.arena, &p.clock);
    enum status s = restore(&p, cli);
    if (s == OK && !is_there(p.config.key_path))
        fprintf(cli->out,
                "Put the key of the secrets in its place before the first start: '%s'. Without it "
                "the passwords of mail servers and the signing keys must be given again.\n",
                p.config.key_path);
    code = program_end(&p, s);
    return code == 0 ? cmd_check(cli) : code;
}
