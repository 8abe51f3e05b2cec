/* program.h -- the opened program over a data folder, for benchmarks that fill one through the one
 * door. The folder has been made by `furrow user add`; nothing else may run on it. Whatever fails
 * ends the process with its cause. */
#pragma once
#include "journey/journey.h"
#include "kit/kit.h"
#include "store/writer.h"

struct program {
    struct ctx cx; /* as the system; arena: what lives as long as the program */
    struct clock clock;
    struct db_store *store;
    struct db *db; /* reads */
    struct writer *writer;
    struct journey *journey;
    struct kit *kit;
    u64 random;
};

/* db_url "": SQLite in the folder. Ends with program_close. */
void program_open(struct program *p, const char *folder, const char *db_url);
void program_close(struct program *p);
void program_need(struct program *p, enum status s);
/* Runs fn in a transaction, its memory in an arena of its own. */
void program_write(struct program *p, enum status (*fn)(struct ctx *cx, void *arg), void *arg);
/* What waits for the journey goes there. */
void program_drain(struct program *p);
u32 program_draw(struct program *p, u32 below);
