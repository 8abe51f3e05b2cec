/* db_int.h -- what db.c and the two drivers share: named blocks, prepared statements, cursors, and
 * the driver's table of functions. To add an engine: write db_NAME.c, add it to db.h's enum and to
 * driver_of in db.c; the tests of tests/store then run against it unchanged. */
#pragma once
#include "base/id.h"
#include "base/limits.h"
#include "store/db.h"
#include <stdatomic.h>

/* ---- named SQL (sql_file.c) ---- */
struct sql_block {
    const char *name, *path;
    int line;
    enum { BLOCK_BOTH, BLOCK_SQLITE, BLOCK_POSTGRES } only;
    bool script;         /* several statements, run as they stand */
    const char *text;    /* parameters numbered for the engine; no comments, no final semicolon */
    const char **params; /* by number - 1 */
    size_t param_count;
};
struct sql_book {
    struct sql_block *blocks; /* in arena; those of the other engine are left out */
    size_t count;
    u32 *slots; /* hash table of block number + 1 by name */
    size_t slot_count;
};
/* Reads the files for one engine. E_INVALID names file and line. */
MUST_CHECK enum status sql_book_read(struct ctx *cx, struct arena *a, enum db_engine engine,
                                     const struct sql_file *files, size_t count,
                                     struct sql_book *out);
/* Length of what begins at p and must not be looked into (string, quoted name, comment, cast); 0
 * where nothing such begins. */
size_t sql_opaque(const char *p, bool *comment);
const struct sql_block *sql_book_find(const struct sql_book *book, const char *name);

/* ---- statements ---- */
struct prepared {
    const struct sql_block *block; /* NULL: made at run time */
    const char *text;              /* NUL-ended; owned when block is NULL */
    size_t param_count;
    u64 hash, used; /* run-time ones: of the text; when last */
    bool busy;      /* a cursor is open on it */
    bool kept;      /* in a cache; else it goes with its cursor */
    void *handle;   /* the driver's; NULL: not prepared yet */
};
struct db_cursor {
    struct db *db;
    struct prepared *prepared;
    void *handle;                  /* the driver's result */
    i64 row;                       /* PostgreSQL: the current one */
    i64 changed;                   /* rows changed, once done */
    const char **keys;             /* column names in cx's arena, for stmt_row */
    struct db_cursor *next, *prev; /* open ones of the connection, or the free list */
};
enum col_kind { COL_NULL, COL_I64, COL_DOUBLE, COL_TEXT, COL_BLOB };

struct db_driver {
    enum db_engine engine;
    /* Connects and sets the connection up. */
    enum status (*connect)(struct ctx *cx, struct db *db);
    void (*disconnect)(struct db *db); /* also after a failed connect */
    bool (*alive)(const struct db *db);
    bool (*in_transaction)(const struct db *db);
    enum status (*time_limit)(struct ctx *cx, struct db *db, i64 limit_ms);
    /* Several statements without parameters or results. */
    enum status (*script)(struct ctx *cx, struct db *db, const char *text);
    /* Makes p->handle. check: also finds out whether the engine takes the text. */
    enum status (*prepare)(struct ctx *cx, struct db *db, struct prepared *p, bool check);
    void (*forget)(struct db *db, struct prepared *p);
    /* values[i] belongs to parameter i + 1. */
    enum status (*start)(struct ctx *cx, struct db_cursor *c, const struct arg *const *values);
    enum status (*step)(struct ctx *cx, struct db_cursor *c, bool *row);
    void (*finish)(struct db_cursor *c);
    int (*columns)(const struct db_cursor *c);
    const char *(*name)(const struct db_cursor *c, int col);
    enum col_kind (*kind)(const struct db_cursor *c, int col);
    i64 (*get_i64)(const struct db_cursor *c, int col);
    double (*get_double)(const struct db_cursor *c, int col);
    struct str (*get_text)(const struct db_cursor *c, int col); /* NUL-ended */
    struct str (*get_blob)(struct ctx *cx, const struct db_cursor *c, int col);
    /* notify.c; NULL: this engine has one process only. */
    enum status (*listen)(struct ctx *cx, struct db *db);
    int (*socket)(const struct db *db);
    /* Hands out what has come without waiting. False: the connection is lost. */
    bool (*notices)(struct db *db, void (*fn)(void *arg, const char *text), void *arg);
};
extern const struct db_driver db_driver_sqlite, db_driver_postgres;

/* ---- connections ---- */
struct after_commit {
    void (*fn)(void *arg);
    void (*free_arg)(void *arg);
    void *arg;
    int depth; /* of the transaction level that asked */
    struct after_commit *next;
};
struct db {
    struct db_store *store;
    const struct db_driver *driver;
    enum db_mode mode;
    void *handle;           /* sqlite3 *, PGconn * */
    i64 limit_ms;           /* of a step; 0: none */
    u64 deadline_ns;        /* SQLite: of the running step */
    u64 serial;             /* PostgreSQL: names of statements */
    struct prepared *named; /* by block number */
    struct prepared *dynamic[DB_STATEMENTS];
    u64 tick;
    struct db_cursor *open, *free;
    int depth;          /* open transaction levels; a snapshot is one */
    int snapshots;      /* nested db_read_begin */
    enum status failed; /* of a statement in the running transaction; OK: none */
    struct after_commit *after, **after_end;
    void (*on_commit)(void *arg, int pages); /* SQLite: see db_sqlite_on_commit */
    void *on_commit_arg;
};
struct db_store {
    const struct db_driver *driver;
    struct arena *arena;
    const char *url;
    struct sql_book book;
    struct id_source *ids;
    u64 self; /* tells this store from those of other processes */
    atomic_uint_fast64_t fail_in; /* steps to go; 0: no fault asked for */
    atomic_bool has_failed;
};

/* Runs a block of store.sql that has no parameters and no rows (BEGIN, SAVEPOINT), also in a failed
 * transaction. db_undo is not subject to db_store_fail_at: what takes back does not fail there. */
MUST_CHECK enum status db_control(struct ctx *cx, struct db *db, const char *name);
MUST_CHECK enum status db_undo(struct ctx *cx, struct db *db, const char *name);
/* Drops the after-commit calls of this transaction level and those within. */
void db_drop_after(struct db *db, int depth);
/* The outer transaction for the writer. */
MUST_CHECK enum status db_outer_begin(struct ctx *cx, struct db *db, bool relaxed);
/* Commits; on failure rolls back. after-commit calls are made or dropped. */
MUST_CHECK enum status db_outer_commit(struct ctx *cx, struct db *db);
void db_outer_rollback(struct ctx *cx, struct db *db);
/* A lost PostgreSQL connection is made again; no-op while it lives. Outside transactions only. */
MUST_CHECK enum status db_revive(struct ctx *cx, struct db *db);
/* Runs several statements without parameters: migrations. */
MUST_CHECK enum status db_script(struct ctx *cx, const char *text);
/* SQLite: called after each commit with the pages in the log; replaces SQLite's own checkpoints. */
void db_sqlite_on_commit(struct db *db, void (*fn)(void *arg, int pages), void *arg);
/* SQLite: copies what it can of the log into the database without waiting for anybody. */
void db_sqlite_checkpoint(struct db *db);
void db_sqlite_rest(struct db *db); /* db_rest of SQLite */
