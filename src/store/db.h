/* db.h -- rows: SQLite (default) or PostgreSQL behind one interface. Features never know which.
 *
 *   store    one database: driver, named SQL. Shared by all threads after db_store_open.
 *   db       one connection; one thread at a time. A worker owns one for reading; the writer
 *            (writer.h) owns those that write.
 *   named    "deal.board" names a block of a .sql file: a line "-- name: deal.board", then one
 *            statement. "-- name: x.y @postgres" (or @sqlite) where the engines must differ; it
 *            wins over an unmarked block of the same name. Prepared on first use by each
 *            connection, all of them once at start (db_store_check).
 *   dynamic  only the generators of kit make SQL at run time, with struct sql.
 *
 * Dialect    64-bit ids, times as ms, booleans 0/1, money in minor units: BIGINT, INTEGER, TEXT,
 *            BLOB (BYTEA). Text is compared bytewise on both, LIKE tells case apart on both.
 *            Parameters are :named; the loader numbers them. A parameter's type is that of its
 *            argument (I64 bigint, TEXT text); one that only ever meets IS NULL needs a CAST.
 * Errors     E_CONFLICT unique key; E_INVALID other constraints, broken SQL; E_FORBIDDEN a write on
 *            a reading connection; E_RETRY serialisation, deadlock; E_LIMIT longer than the
 *            connection's time limit; E_FULL no space; E_BUSY; E_IO; E_CORRUPT. The text is in cx:
 *            who handles an error and goes on calls ctx_clear_error.
 * After an error inside a transaction or a snapshot every further statement fails with it, on both
 * engines, until the savepoint around it rolls back: put a step that may fail into a tx of its own.
 * Ownership  column text is borrowed until the next stmt_next or stmt_close of that statement.
 * Results    SQLite streams; PostgreSQL holds a query's whole result: page through long lists. */
#pragma once
#include "base/buf.h"
#include "base/ctx.h"

enum db_engine { DB_SQLITE, DB_POSTGRES };
enum db_mode { DB_READ, DB_WRITE };
enum {
    DB_READ_SECONDS = 5, /* longest step of a query on a reading connection */
    DB_STATEMENTS = 128, /* run-time SQL texts that a connection keeps prepared */
    DB_PARAMS = 100,     /* parameters of one named block */
    DB_SQL_BYTES = 1024 * 1024,
};

/* One embedded .sql file (made by the build) or a text in a test. */
struct sql_file {
    const char *path; /* "sales/deal.sql" */
    const char *text;
};
/* The store's own blocks: every store has them, whether the app's list does or not. */
extern const struct sql_file store_sql_files[];
extern const size_t store_sql_file_count;

struct db_store;
struct db;

/* url: "sqlite:/path/furrow.db" or "postgres://..." / "postgresql://..." (a libpq connection
 * string). OK: *out is owned, db_store_close. E_INVALID: a .sql file is malformed, or the
 * PostgreSQL database is not UTF-8 with collation C. E_IO: not reachable. The texts of `files` are
 * borrowed for its life. */
MUST_CHECK enum status db_store_open(struct ctx *cx, const char *url, const struct sql_file *files,
                                     size_t file_count, struct db_store **out);
void db_store_close(struct db_store *s); /* after all its connections; NULL is fine */
enum db_engine db_store_engine(const struct db_store *s);
/* Prepares every named block on a connection: a broken one is E_INVALID, with its name. */
MUST_CHECK enum status db_store_check(struct ctx *cx, struct db_store *s);
/* DB_READ connections refuse writes (query_only / READ ONLY): the second lock behind the route's
 * permission. */
MUST_CHECK enum status db_open(struct ctx *cx, struct db_store *s, enum db_mode mode,
                               struct db **out);
void db_close(struct db *db);  /* rolls back what is open; NULL is fine */
/* For a connection that has nothing to do just now: gives back the memory of pages that it keeps
 * for the next statement. They are in the system's cache still. Outside statements only. */
void db_rest(struct db *db);
void db_scope(struct db **db); /* for scoped(db_scope) */
enum db_engine db_engine(const struct db *db);
enum db_mode db_mode_of(const struct db *db);
struct db_store *db_store_of(const struct db *db);
/* Another time limit for a connection's steps: exports, checks. 0: none. E_IO: not reachable. */
MUST_CHECK enum status db_time_limit(struct ctx *cx, struct db *db, i64 limit_ms);
/* A new time-ordered id, unique in this store. The node number (0 until set) keeps nodes apart: set
 * it before anything asks for an id. Any thread. */
i64 db_new_id(struct ctx *cx);
void db_store_set_node(struct db_store *s, u32 node);

/* A reader's snapshot for one page: all queries between see the same state. Inside a running
 * transaction or snapshot it only counts. Keep it short: an old snapshot holds up checkpoints. */
MUST_CHECK enum status db_read_begin(struct ctx *cx);
void db_read_end(struct ctx *cx);

/* Writes all of the database, as this connection's snapshot sees it, to a new file. E_INVALID on
 * PostgreSQL, which has tools of its own for that. */
MUST_CHECK enum status db_copy(struct ctx *cx, const char *to);

/* ---- statements ---- */
enum arg_kind { ARG_END, ARG_NULL, ARG_I64, ARG_TEXT, ARG_BLOB, ARG_DOUBLE };
struct arg {
    const char *name;
    enum arg_kind kind;
    i64 i;
    double d;
    const void *p; /* text or blob: borrowed until the statement is closed */
    size_t len;
};
#define I64(n, v) ((struct arg){ .name = (n), .kind = ARG_I64, .i = (v) })
#define TEXT(n, v) ((struct arg){ .name = (n), .kind = ARG_TEXT, .p = (v) }) /* NULL: SQL NULL */
#define BLOB(n, ptr, bytes) \
    ((struct arg){ .name = (n), .kind = ARG_BLOB, .p = (ptr), .len = (bytes) })
#define DOUBLE(n, v) ((struct arg){ .name = (n), .kind = ARG_DOUBLE, .d = (v) })
#define NONE(n) ((struct arg){ .name = (n), .kind = ARG_NULL })
#define MAYBE(n, v) ((v) == 0 ? NONE(n) : I64(n, v)) /* a reference: 0 is NULL */
#define DB_ARGS(...) ((const struct arg[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })

struct db_cursor; /* a driver's open statement */
struct stmt {
    struct ctx *cx;
    struct db_cursor *cursor;
    enum status status;
    bool done;
};
/* Starts a query; never fails here: see stmt_status. An argument that the text lacks, or a
 * parameter without one: E_INVALID. */
#define db_query(cx, name, ...) db_query_((cx), (name), DB_ARGS(__VA_ARGS__))
struct stmt db_query_(struct ctx *cx, const char *name, const struct arg *args);
bool stmt_next(struct stmt *q); /* false at the end and on any error */
MUST_CHECK enum status stmt_status(const struct stmt *q);
void stmt_close(struct stmt *q); /* for scoped(stmt_close); twice is fine */
int col_count(const struct stmt *q);
const char *col_name(const struct stmt *q, int col);
i64 col_i64(const struct stmt *q, int col); /* NULL reads as 0 */
double col_double(const struct stmt *q, int col);
const char *col_text(const struct stmt *q, int col); /* NULL reads as "" */
bool col_null(const struct stmt *q, int col);
struct str col_blob(const struct stmt *q, int col);
/* The row as a map by column name (i64, decimal, text or null), in cx's arena: for pages. */
struct val *stmt_row(struct stmt *q);

/* Runs a statement to its end. db_run_count: *changed is how many rows it changed. */
#define db_run(cx, name, ...) db_run_((cx), (name), NULL, DB_ARGS(__VA_ARGS__))
#define db_run_count(cx, changed, name, ...) db_run_((cx), (name), (changed), DB_ARGS(__VA_ARGS__))
MUST_CHECK enum status db_run_(struct ctx *cx, const char *name, i64 *changed,
                               const struct arg *args);
/* First column of the first row. E_NOT_FOUND, without text, when there is no row. */
#define db_get_i64(cx, out, name, ...) db_get_i64_((cx), (out), (name), DB_ARGS(__VA_ARGS__))
#define db_get_text(cx, out, name, ...) db_get_text_((cx), (out), (name), DB_ARGS(__VA_ARGS__))
MUST_CHECK enum status db_get_i64_(struct ctx *cx, i64 *out, const char *name,
                                   const struct arg *args);
MUST_CHECK enum status db_get_text_(struct ctx *cx, const char **out, const char *name,
                                    const struct arg *args); /* *out in arena */
/* All rows as maps into `list`. The query carries its own LIMIT. */
#define db_list(cx, list, name, ...) db_list_((cx), (list), (name), DB_ARGS(__VA_ARGS__))
MUST_CHECK enum status db_list_(struct ctx *cx, struct val *list, const char *name,
                                const struct arg *args);

/* ---- SQL made at run time: kit's generators only ---- */
struct past;
struct sql {
    struct buf text;
    struct arg *args;
    size_t count, cap;
    struct arena *arena;
    enum db_engine engine;
    const struct past *past; /* kit's (record_past.h): what stands for tables in it; mostly NULL */
};
struct sql sql_new(struct ctx *cx);
void sql_add(struct sql *q, const char *text); /* trusted text: keywords, generated identifiers */
void sql_addf(struct sql *q, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sql_name(struct sql *q, const char *identifier); /* quoted */
void sql_i64(struct sql *q, i64 v);          /* appends the next placeholder and its value */
void sql_text(struct sql *q, const char *v); /* borrowed until the statement is closed */
void sql_blob(struct sql *q, const void *bytes, size_t len); /* borrowed likewise */
void sql_double(struct sql *q, double v);
void sql_null(struct sql *q);
struct stmt db_query_sql(struct ctx *cx, const struct sql *q); /* prepared and kept by its text */
MUST_CHECK enum status db_run_sql(struct ctx *cx, const struct sql *q, i64 *changed);

/* ---- transactions: on writing connections; for requests and jobs writer.h begins them ---- */
struct tx {
    struct ctx *cx;
    int depth;          /* 1: the transaction itself; more: a savepoint */
    enum status status; /* of the beginning */
    bool open;
    struct after_commit **after; /* where the calls begin that were added since: the store's own */
};
/* A savepoint inside the running transaction; where none runs (command line, tests), a transaction.
 * A failure to begin shows in the statements that follow and in tx_commit. */
struct tx tx_begin(struct ctx *cx);
/* E_RETRY and E_FULL are possible for the outermost. Fails with the error of a statement that
 * failed in between, and then has rolled back. */
MUST_CHECK enum status tx_commit(struct tx *tx);
void tx_end(struct tx *tx); /* for scoped(tx_end): rolls back if not committed */
/* Calls fn(arg) once the surrounding transaction is durable; dropped if it, or this savepoint,
 * rolls back. fn must be quick and may come on the writer's thread; arg lives as long as its owner
 * says (malloc it; fn frees; dropped: free_arg, or NULL). Without a transaction: at once. */
void db_after_commit(struct ctx *cx, void (*fn)(void *arg), void (*free_arg)(void *arg), void *arg);

/* ---- tests ---- */
/* The nth step from now (1: the next; 0: none) on any of the store's connections fails with E_IO
 * before the engine sees it. Steps are starts of statements, begins, commits. Any thread. */
void db_store_fail_at(struct db_store *s, u64 nth);
bool db_store_has_failed(const struct db_store *s); /* whether the nth step came */
