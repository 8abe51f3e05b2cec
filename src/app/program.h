/* program.h -- the parts of Furrow put together for one command: opened in one order, closed in
 * reverse.
 * Threads    one thread opens and closes. */
#pragma once
#include "app/config.h"
#include "app/registry.h"
#include "base/clock.h"
#include "store/db.h"
#include "store/writer.h"

enum {
    PROGRAM_LOCK = 1,         /* the data folder is this process's alone */
    PROGRAM_JOURNEY = 2,      /* opens the events; needs the lock */
    PROGRAM_TEMPLATES = 4,
    PROGRAM_ANY_SCHEMA = 8,   /* also with migrations pending; no kit then */
    PROGRAM_FILL_EMPTY = 16,  /* an empty database is migrated without being told to */
    PROGRAM_NO_START = 64,    /* the features' start is not run: nothing is written */
    PROGRAM_DEV = 32,         /* what the records declare is added to the schema at once */
};

struct program {
    struct config config;
    struct arena *arena;
    struct clock clock;
    struct ctx cx;            /* as the system; cx.db reads */
    int lock_fd;
    struct db_store *store;
    struct db *db;
    struct writer *writer;
    struct journey *journey;
    struct templates *templates;
    struct kit *kit;
};

/* Opens the parts and runs the features' start. On error ctx of *p has the text; program_close is
 * due in either case. `src` is where templates are read from, or NULL: the embedded ones. */
MUST_CHECK enum status program_open(struct program *p, const struct cli *cli, u32 flags,
                                    const char *src);
void program_close(struct program *p);
/* Closes and prints the error, if there was one. Returns the exit code. */
int program_end(struct program *p, enum status s);
