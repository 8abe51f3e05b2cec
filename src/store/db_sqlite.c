/* db_sqlite.c -- the SQLite driver: one file in WAL mode, a commit is an fsync, rows stream. */
#include "store/db_int.h"
#include <sqlite3.h>
#include <stdlib.h>

enum {
    WRITE_WAIT_MS = 5000, /* for another process's write (furrow import beside the server) */
    PROGRESS_STEPS =
        10000, /* virtual machine steps between looks at the clock: about a millisecond */
};

static enum status status_of(int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return E_CONFLICT;
    case SQLITE_BUSY_SNAPSHOT:
        return E_RETRY;
    }
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        return E_INVALID;
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return E_FORBIDDEN;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return E_BUSY;
    case SQLITE_INTERRUPT:
    case SQLITE_TOOBIG:
        return E_LIMIT;
    case SQLITE_FULL:
        return E_FULL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return E_CORRUPT;
    }
    return E_IO;
}

/* Records what SQLite said (an extended code); `name` is the block it said it about. */
static enum status fail(struct ctx *cx, sqlite3 *h, int code, const char *name)
{
    enum status s = status_of(code);

    switch (s) {
    case OK:
        return OK;
    case E_CONFLICT:
        return ctx_fail(cx, s, "this is there already (%s): choose another value",
                        sqlite3_errmsg(h));
    case E_FULL:
        return ctx_fail(cx, s, "the disk is full: nothing was saved. What is there can be read");
    case E_BUSY:
        return ctx_fail(cx, s, "the database is busy: try again in a moment");
    case E_FORBIDDEN:
        return ctx_fail(cx, s, "this page may only read (%s)", name);
    case E_LIMIT:
        return ctx_fail(cx, s, "the question took too long: narrow it down");
    default:
        return ctx_fail(cx, s, "database error in '%s': %s", name, sqlite3_errmsg(h));
    }
}

static const char *label(const struct prepared *p) { return p->block ? p->block->name : "a list"; }

static int look_at_clock(void *arg)
{
    const struct db *db = arg;

    return db->deadline_ns && clock_mono_ns() > db->deadline_ns;
}

static enum status sqlite_script(struct ctx *cx, struct db *db, const char *text)
{
    return fail(cx, db->handle, sqlite3_exec(db->handle, text, NULL, NULL, NULL), "a script");
}

/* The file is made by the first connection that may write, with its journal mode, which is kept. */
static enum status use_wal(struct ctx *cx, struct db *db)
{
    const struct sql_block *b = sql_book_find(&db->store->book, "store.journal_mode");
    sqlite3_stmt *s;
    int code = sqlite3_prepare_v2(db->handle, b->text, -1, &s, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(s);
    bool wal = code == SQLITE_ROW && text_is((const char *)sqlite3_column_text(s, 0), "wal");
    sqlite3_finalize(s);
    if (code == SQLITE_ROW && !wal)
        return ctx_fail(cx, E_IO,
                        "this file system cannot hold the database (%s): it needs shared "
                        "memory files; use a local disk",
                        db->store->url);
    return code == SQLITE_ROW ? OK : fail(cx, db->handle, code, b->name);
}

/* id_in(blob of ascending 64-bit numbers, id): a set of a million ids costs nothing to make, where
 * IN would sort it into a table for every statement. A statement that goes through its table in the
 * order of ids finds each a step or two from the one before. */
static i64 listed_at(const char *list, size_t i)
{
    i64 id;

    memcpy(&id, list + i * sizeof id, sizeof id);
    return id;
}

/* The first place in [low, high) at which id or a greater one stands, else high. */
static size_t place_in(const char *list, size_t low, size_t high, i64 id)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (listed_at(list, middle) < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void id_in(sqlite3_context *to, int count, sqlite3_value **args)
{
    const char *list = sqlite3_value_blob(args[0]);
    size_t end = (size_t)sqlite3_value_bytes(args[0]) / sizeof(i64), low, step = 1;
    size_t *last = sqlite3_get_auxdata(to, 0), none = 0;
    i64 id = sqlite3_value_int64(args[1]);

    (void)count;
    if (last == NULL && (last = sqlite3_malloc(sizeof *last)) != NULL) {
        *last = 0;
        sqlite3_set_auxdata(to, 0, last, sqlite3_free);
        last = sqlite3_get_auxdata(to, 0);
    }
    if (last == NULL)
        last = &none;
    low = *last < end && listed_at(list, *last) <= id ? *last : 0;
    while (low + step < end && listed_at(list, low + step) < id)
        step *= 2;
    *last = place_in(list, low, low + step + 1 < end ? low + step + 1 : end, id);
    sqlite3_result_int(to, *last < end && listed_at(list, *last) == id);
}

static enum status sqlite_connect(struct ctx *cx, struct db *db)
{
    const char *path = db->store->url + strlen("sqlite:");
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    sqlite3 *h = NULL;

    if (db->mode == DB_WRITE)
        flags |= SQLITE_OPEN_CREATE;
    /* Before the first of all: no pages are reserved for each connection, 90 KB that most of ours
     * hardly touch and never give back. Later ones are refused, and that is fine. */
    (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
    int code = sqlite3_open_v2(path, &h, flags, NULL);
    db->handle = h;
    if (code != SQLITE_OK)
        return ctx_fail(cx, E_IO, "the database '%s' cannot be opened: %s", path,
                        h ? sqlite3_errmsg(h) : "out of memory");
    sqlite3_extended_result_codes(h, 1);
    sqlite3_busy_timeout(h, WRITE_WAIT_MS);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL); /* "x" is a name, as in PostgreSQL */
    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_progress_handler(h, PROGRESS_STEPS, look_at_clock, db);
    sqlite3_create_function_v2(h, "id_in", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                               NULL, id_in, NULL, NULL, NULL);
    if (db->mode == DB_WRITE)
        TRY(use_wal(cx, db));
    const char *block = db->mode == DB_WRITE ? "store.connect_write" : "store.connect_read";
    return sqlite_script(cx, db, sql_book_find(&db->store->book, block)->text);
}

static void sqlite_disconnect(struct db *db)
{
    sqlite3_close_v2(db->handle);
    db->handle = NULL;
}

static bool sqlite_alive(const struct db *db)
{
    (void)db;
    return true;
}

static bool sqlite_in_transaction(const struct db *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

static enum status sqlite_time_limit(struct ctx *cx, struct db *db, i64 limit_ms)
{
    (void)cx;
    db->limit_ms = limit_ms; /* look_at_clock does the rest */
    return OK;
}

static enum status sqlite_prepare(struct ctx *cx, struct db *db, struct prepared *p, bool check)
{
    (void)check;
    const char *tail;
    sqlite3_stmt *s;
    unsigned flags = p->kept ? SQLITE_PREPARE_PERSISTENT : 0;
    int code = sqlite3_prepare_v3(db->handle, p->text, -1, flags, &s, &tail);

    if (code != SQLITE_OK)
        return fail(cx, db->handle, code, label(p));
    if (!s || str_trim(str_from(tail)).len) {
        sqlite3_finalize(s);
        return ctx_fail(cx, E_INVALID, "'%s' is not one statement", label(p));
    }
    p->handle = s;
    return OK;
}

static void sqlite_forget(struct db *db, struct prepared *p)
{
    (void)db;
    sqlite3_finalize(p->handle);
}

static int bind(sqlite3_stmt *s, int at, const struct arg *v)
{
    switch (v->kind) {
    case ARG_I64:
        return sqlite3_bind_int64(s, at, v->i);
    case ARG_TEXT: /* a NULL pointer binds NULL */
        return sqlite3_bind_text(s, at, v->p, -1, SQLITE_STATIC);
    case ARG_BLOB:
        if (v->len == 0)
            return sqlite3_bind_zeroblob(s, at, 0);
        return sqlite3_bind_blob64(s, at, v->p, v->len, SQLITE_STATIC);
    case ARG_DOUBLE:
        return sqlite3_bind_double(s, at, v->d);
    case ARG_NULL:
    case ARG_END:
        break;
    }
    return sqlite3_bind_null(s, at);
}

static enum status sqlite_start(struct ctx *cx, struct db_cursor *c,
                                const struct arg *const *values)
{
    c->handle = c->prepared->handle;
    for (size_t i = 0; i < c->prepared->param_count; i++) {
        int code = bind(c->handle, (int)i + 1, values[i]);
        if (code != SQLITE_OK)
            return fail(cx, c->db->handle, code, label(c->prepared));
    }
    return OK;
}

static enum status sqlite_step(struct ctx *cx, struct db_cursor *c, bool *row)
{
    struct db *db = c->db;
    i64 before = sqlite3_total_changes64(db->handle);

    db->deadline_ns = db->limit_ms ? clock_mono_ns() + (u64)db->limit_ms * 1000000 : 0;
    int code = sqlite3_step(c->handle);
    db->deadline_ns = 0;
    *row = code == SQLITE_ROW;
    if (sqlite3_total_changes64(db->handle) !=
        before) /* changes of the statement, not of triggers */
        c->changed = sqlite3_changes64(db->handle);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return OK;
    return fail(cx, db->handle, code, label(c->prepared));
}

static void sqlite_finish(struct db_cursor *c)
{
    if (!c->handle)
        return;
    sqlite3_reset(c->handle);
    sqlite3_clear_bindings(c->handle);
    c->handle = NULL;
}

static int sqlite_columns(const struct db_cursor *c) { return sqlite3_column_count(c->handle); }

static const char *sqlite_name(const struct db_cursor *c, int col)
{
    return sqlite3_column_name(c->handle, col);
}

static enum col_kind sqlite_kind(const struct db_cursor *c, int col)
{
    switch (sqlite3_column_type(c->handle, col)) {
    case SQLITE_INTEGER:
        return COL_I64;
    case SQLITE_FLOAT:
        return COL_DOUBLE;
    case SQLITE_TEXT:
        return COL_TEXT;
    case SQLITE_BLOB:
        return COL_BLOB;
    }
    return COL_NULL;
}

static i64 sqlite_get_i64(const struct db_cursor *c, int col)
{
    return sqlite3_column_int64(c->handle, col);
}

static double sqlite_get_double(const struct db_cursor *c, int col)
{
    return sqlite3_column_double(c->handle, col);
}

static struct str sqlite_get_text(const struct db_cursor *c, int col)
{
    const char *p = (const char *)sqlite3_column_text(c->handle, col);

    return p ? (struct str){ p, (size_t)sqlite3_column_bytes(c->handle, col) } : STR("");
}

static struct str sqlite_get_blob(struct ctx *cx, const struct db_cursor *c, int col)
{
    (void)cx;
    const char *p = sqlite3_column_blob(c->handle, col);

    return p ? (struct str){ p, (size_t)sqlite3_column_bytes(c->handle, col) } : STR("");
}

/* ---- the log ---- */
static int wal_hook(void *arg, sqlite3 *h, const char *name, int pages)
{
    struct db *db = arg;

    (void)h;
    (void)name;
    db->on_commit(db->on_commit_arg, pages);
    return SQLITE_OK;
}

void db_sqlite_on_commit(struct db *db, void (*fn)(void *arg, int pages), void *arg)
{
    db->on_commit = fn;
    db->on_commit_arg = arg;
    sqlite3_wal_hook(db->handle, wal_hook, db);
}

void db_sqlite_checkpoint(struct db *db)
{
    /* PASSIVE waits for nobody. What it cannot copy now, because a reader still needs it, a later
     * one will; an I/O error shows in the next commit. */
    sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

void db_sqlite_rest(struct db *db) { sqlite3_db_release_memory(db->handle); }

const struct db_driver db_driver_sqlite = {
    .engine = DB_SQLITE,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .alive = sqlite_alive,
    .in_transaction = sqlite_in_transaction,
    .time_limit = sqlite_time_limit,
    .script = sqlite_script,
    .prepare = sqlite_prepare,
    .forget = sqlite_forget,
    .start = sqlite_start,
    .step = sqlite_step,
    .finish = sqlite_finish,
    .columns = sqlite_columns,
    .name = sqlite_name,
    .kind = sqlite_kind,
    .get_i64 = sqlite_get_i64,
    .get_double = sqlite_get_double,
    .get_text = sqlite_get_text,
    .get_blob = sqlite_get_blob,
};

enum status db_copy(struct ctx *cx, const char *to)
{
    struct db *db = cx->db;
    sqlite3 *out = NULL;
    sqlite3_backup *b = NULL;
    int code;

    if (db_engine(db) != DB_SQLITE)
        return ctx_fail(cx, E_INVALID, "the records are in PostgreSQL: copy them with pg_dump");
    code = sqlite3_open_v2(to, &out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK) {
        b = sqlite3_backup_init(out, "main", db->handle, "main");
        code = b ? sqlite3_backup_step(b, -1) : sqlite3_extended_errcode(out);
    }
    if (b)
        sqlite3_backup_finish(b);
    enum status s = code == SQLITE_DONE ? OK : status_of(code) == OK ? E_IO : status_of(code);
    if (s != OK)
        s = ctx_fail(cx, s, "cannot write '%s': %s", to, sqlite3_errmsg(out));
    sqlite3_close(out);
    return s;
}
