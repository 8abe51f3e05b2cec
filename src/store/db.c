/* db.c -- the engine-independent half of the row store: named SQL, statement caches, reading rows.
 * Transactions are in tx.c; what only one engine knows is in db_sqlite.c and db_postgres.c. */
#include "store/db_int.h"
#include <stdlib.h>
#include <sys/random.h>

/* ---- the store ---- */
static const struct db_driver *driver_of(const char *url)
{
    struct str s = str_from(url);

    if (str_starts(s, "sqlite:"))
        return &db_driver_sqlite;
    if (str_starts(s, "postgres://") || str_starts(s, "postgresql://"))
        return &db_driver_postgres;
    return NULL;
}

enum status db_store_open(struct ctx *cx, const char *url, const struct sql_file *files,
                          size_t file_count, struct db_store **out)
{
    const struct db_driver *driver = driver_of(url);
    struct db *db;

    if (!driver)
        return ctx_fail(cx, E_INVALID,
                        "a database is named by sqlite:/path or postgres://..., not '%s'", url);
    struct arena *a = arena_new(64 * 1024);
    struct db_store *s = NEW(a, struct db_store);
    s->arena = a;
    s->driver = driver;
    s->url = arena_text(a, url);
    s->ids = id_source_new(0);
    if (getrandom(&s->self, sizeof s->self, 0) != sizeof s->self)
        s->self = clock_mono_ns();
    enum status st = sql_book_read(cx, a, driver->engine, files, file_count, &s->book);
    if (st == OK)
        st = db_open(cx, s, DB_WRITE,
                     &db); /* makes the file; finds out whether it is there at all */
    if (st != OK) {
        db_store_close(s);
        return st;
    }
    db_close(db);
    *out = s;
    return OK;
}

void db_store_close(struct db_store *s)
{
    if (!s)
        return;
    id_source_free(s->ids);
    arena_free(s->arena);
}

enum db_engine db_store_engine(const struct db_store *s) { return s->driver->engine; }
enum db_engine db_engine(const struct db *db) { return db->driver->engine; }

void db_rest(struct db *db)
{
    if (db->driver->engine == DB_SQLITE)
        db_sqlite_rest(db);
}

enum db_mode db_mode_of(const struct db *db) { return db->mode; }
struct db_store *db_store_of(const struct db *db) { return db->store; }
i64 db_new_id(struct ctx *cx) { return id_next(cx->db->store->ids, ctx_now(cx)); }

void db_store_set_node(struct db_store *s, u32 node)
{
    id_source_free(s->ids);
    s->ids = id_source_new(node);
}

void db_store_fail_at(struct db_store *s, u64 nth)
{
    atomic_store(&s->has_failed, false);
    atomic_store(&s->fail_in, nth);
}

bool db_store_has_failed(const struct db_store *s) { return atomic_load(&s->has_failed); }

/* Counts a step; says whether it is the one that a test wants to fail. */
static enum status fault(struct ctx *cx, struct db *db)
{
    struct db_store *s = db->store;

    if (atomic_load_explicit(&s->fail_in, memory_order_relaxed) == 0)
        return OK;
    if (atomic_fetch_sub(&s->fail_in, 1) != 1)
        return OK;
    atomic_store(&s->has_failed, true);
    return ctx_fail(cx, E_IO, "the database could not be used: a fault was asked for");
}

/* ---- connections ---- */
enum status db_open(struct ctx *cx, struct db_store *s, enum db_mode mode, struct db **out)
{
    struct db *db = calloc(1, sizeof(*db));

    assert(db);
    db->store = s;
    db->driver = s->driver;
    db->mode = mode;
    db->after_end = &db->after;
    db->named = calloc(s->book.count, sizeof(*db->named));
    assert(db->named);
    for (size_t i = 0; i < s->book.count; i++) {
        const struct sql_block *b = &s->book.blocks[i];
        db->named[i] = (struct prepared){
            .block = b, .text = b->text, .param_count = b->param_count, .kept = true
        };
    }
    enum status st = db->driver->connect(cx, db);
    if (st == OK && mode == DB_READ)
        st = db_time_limit(cx, db, DB_READ_SECONDS * MS_SECOND);
    if (st != OK) {
        db_close(db);
        return st;
    }
    *out = db;
    return OK;
}

static void forget(struct db *db, struct prepared *p)
{
    if (p->handle)
        db->driver->forget(db, p);
    p->handle = NULL;
}

static void forget_all(struct db *db)
{
    for (size_t i = 0; i < db->store->book.count; i++)
        forget(db, &db->named[i]);
    for (size_t i = 0; i < countof(db->dynamic); i++) {
        if (!db->dynamic[i])
            continue;
        forget(db, db->dynamic[i]);
        free((char *)db->dynamic[i]->text);
        free(db->dynamic[i]);
        db->dynamic[i] = NULL;
    }
}

static void cursor_close(struct db_cursor *c);

void db_close(struct db *db)
{
    if (!db)
        return;
    while (db->open)
        cursor_close(db->open);
    for (struct db_cursor *c; (c = db->free);) {
        db->free = c->next;
        free(c);
    }
    db_drop_after(db, 0);
    forget_all(db);
    db->driver->disconnect(db);
    free(db->named);
    free(db);
}

void db_scope(struct db **db)
{
    db_close(*db);
    *db = NULL;
}

enum status db_time_limit(struct ctx *cx, struct db *db, i64 limit_ms)
{
    db->limit_ms = limit_ms;
    return db->driver->time_limit(cx, db, limit_ms);
}

enum status db_revive(struct ctx *cx, struct db *db)
{
    if (db->driver->alive(db) || db->open || db->depth)
        return OK;
    forget_all(db);
    db->driver->disconnect(db);
    TRY(db->driver->connect(cx, db));
    return db->limit_ms ? db->driver->time_limit(cx, db, db->limit_ms) : OK;
}

enum status db_store_check(struct ctx *cx, struct db_store *s)
{
    scoped(db_scope) struct db *db = NULL;

    TRY(db_open(cx, s, DB_WRITE, &db));
    for (size_t i = 0; i < s->book.count; i++) {
        const struct sql_block *b = &s->book.blocks[i];
        if (b->script)
            continue;
        enum status st = db->driver->prepare(cx, db, &db->named[i], true);
        if (st != OK)
            return ctx_fail(cx, st, "%s:%d: '%s' cannot be prepared", b->path, b->line, b->name);
        forget(db, &db->named[i]);
    }
    return OK;
}

/* ---- prepared statements ---- */
static struct prepared *copy_text(const char *text, size_t param_count, u64 hash)
{
    struct prepared *p = calloc(1, sizeof(*p));

    assert(p);
    p->text = strdup(text);
    assert(p->text);
    p->param_count = param_count;
    p->hash = hash;
    return p;
}

/* The cache slot of a run-time text: a hit, or the place to put it; NULL when all are in use. */
static struct prepared **dynamic_slot(struct db *db, const char *text, u64 hash)
{
    struct prepared **oldest = NULL;

    for (size_t i = 0; i < countof(db->dynamic); i++) {
        struct prepared *p = db->dynamic[i];
        if (!p) /* they fill up from the front */
            return &db->dynamic[i];
        if (p->hash == hash && text_is(p->text, text))
            return &db->dynamic[i];
        if (!p->busy && (!oldest || p->used < (*oldest)->used))
            oldest = &db->dynamic[i];
    }
    return oldest;
}

static struct prepared *dynamic_find(struct db *db, const char *text, size_t param_count)
{
    u64 hash = str_hash(str_from(text));
    struct prepared **slot = dynamic_slot(db, text, hash), *p = slot ? *slot : NULL;

    if (p && p->hash == hash && text_is(p->text, text) && !p->busy) {
        p->used = ++db->tick;
        return p;
    }
    bool taken = !slot || (p && p->busy);
    if (p && !taken) {
        forget(db, p);
        free((char *)p->text);
        free(p);
    }
    p = copy_text(text, param_count, hash);
    p->used = ++db->tick;
    p->kept = !taken;
    if (!taken)
        *slot = p;
    return p;
}

static struct prepared *named_find(struct db *db, const char *name)
{
    const struct sql_block *b = sql_book_find(&db->store->book, name);

    if (!b || b->script)
        return NULL;
    struct prepared *p = &db->named[b - db->store->book.blocks];
    if (!p->busy)
        return p;
    p = copy_text(b->text, b->param_count, 0); /* the same block is being read further out */
    p->block = b;
    return p;
}

static void prepared_free(struct db *db, struct prepared *p)
{
    forget(db, p);
    free((char *)p->text);
    free(p);
}

/* ---- cursors ---- */
static struct db_cursor *cursor_open(struct db *db, struct prepared *p)
{
    struct db_cursor *c = db->free;

    if (c)
        db->free = c->next;
    else
        c = calloc(1, sizeof(*c));
    assert(c);
    *c = (struct db_cursor){ .db = db, .prepared = p, .next = db->open };
    if (db->open)
        db->open->prev = c;
    db->open = c;
    p->busy = true;
    return c;
}

static void cursor_close(struct db_cursor *c)
{
    struct db *db = c->db;

    db->driver->finish(c);
    c->prepared->busy = false;
    if (!c->prepared->kept)
        prepared_free(db, c->prepared);
    if (c->prev)
        c->prev->next = c->next;
    else
        db->open = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->next = db->free;
    db->free = c;
}

/* Remembers that the running transaction is spoilt: PostgreSQL would refuse what follows, so does
 * SQLite. */
static enum status spoil(struct db *db, enum status s)
{
    if (s != OK && db->depth > 0 && db->failed == OK)
        db->failed = s;
    return s;
}

/* Opens the cursor and starts the statement. What is not kept is freed with the cursor. */
static enum status start_once(struct ctx *cx, struct stmt *q, struct prepared *p,
                              const struct arg *const *values)
{
    struct db *db = cx->db;
    enum status st = db->depth == 0 ? db_revive(cx, db) : OK;

    if (st == OK && !p->handle)
        st = db->driver->prepare(cx, db, p, false);
    if (st != OK) {
        if (!p->kept)
            prepared_free(db, p);
        return st;
    }
    q->cursor = cursor_open(db, p);
    return db->driver->start(cx, q->cursor, values);
}

/* A server that restarted is noticed by the first statement that meets the dead connection; outside
 * a transaction a kept reading statement or a BEGIN can simply be sent again. */
static enum status start(struct ctx *cx, struct stmt *q, struct prepared *p,
                         const struct arg *const *values)
{
    struct db *db = cx->db;
    bool repeatable = p->kept && db->depth == 0 && cx->error == OK;
    enum status st = start_once(cx, q, p, values);

    if (st != E_IO || !repeatable || db->driver->alive(db))
        return st;
    if (db->mode == DB_WRITE && !(p->block && text_is(p->block->path, "store/store.sql")))
        return st; /* it may have been carried out */
    stmt_close(q);
    ctx_clear_error(cx);
    return start_once(cx, q, p, values);
}

static enum status refuse_spoilt(struct ctx *cx)
{
    if (cx->db->failed == OK)
        return OK;
    return ctx_fail(cx, cx->db->failed, "an earlier step of this transaction failed");
}

/* Lines the arguments up with the block's parameters. */
static enum status match_args(struct ctx *cx, const struct sql_block *b, const struct arg *args,
                              const struct arg **values)
{
    size_t given = 0;

    for (; args[given].kind != ARG_END; given++) {
        size_t at = given; /* mostly they come in the text's order */
        if (at >= b->param_count || !text_is(b->params[at], args[given].name))
            for (at = 0; at < b->param_count; at++)
                if (text_is(b->params[at], args[given].name))
                    break;
        if (at == b->param_count)
            return ctx_fail(cx, E_INVALID, "%s has no parameter '%s'", b->name, args[given].name);
        values[at] = &args[given];
    }
    for (size_t i = 0; i < b->param_count; i++)
        if (!values[i])
            return ctx_fail(cx, E_INVALID, "%s lacks its parameter '%s'", b->name, b->params[i]);
    return OK;
}

static enum status query_named(struct ctx *cx, struct stmt *q, const char *name,
                               const struct arg *args)
{
    const struct arg *values[DB_PARAMS] = { 0 };
    const struct sql_block *b = sql_book_find(&cx->db->store->book, name);

    TRY(refuse_spoilt(cx));
    if (!b || b->script)
        return ctx_fail(cx, E_INVALID, "there is no SQL named '%s'", name);
    TRY(match_args(cx, b, args, values));
    TRY(fault(cx, cx->db));
    return start(cx, q, named_find(cx->db, name), values);
}

struct stmt db_query_(struct ctx *cx, const char *name, const struct arg *args)
{
    struct stmt q = { .cx = cx };

    q.status = spoil(cx->db, query_named(cx, &q, name, args));
    return q;
}

static enum status query_text(struct ctx *cx, struct stmt *q, const struct sql *sql)
{
    struct buf text = sql->text;

    TRY(refuse_spoilt(cx));
    if (buf_status(&text) != OK)
        return ctx_fail(cx, E_LIMIT, "the question is too long: ask for less at once");
    TRY(fault(cx, cx->db));
    const struct arg **values = NEW_N(cx->arena, const struct arg *, sql->count);
    for (size_t i = 0; i < sql->count; i++)
        values[i] = &sql->args[i];
    return start(cx, q, dynamic_find(cx->db, buf_end(&text), sql->count), values);
}

struct stmt db_query_sql(struct ctx *cx, const struct sql *sql)
{
    struct stmt q = { .cx = cx };

    q.status = spoil(cx->db, query_text(cx, &q, sql));
    return q;
}

bool stmt_next(struct stmt *q)
{
    bool row = false;

    if (q->status != OK || q->done)
        return false;
    q->status = spoil(q->cursor->db, q->cursor->db->driver->step(q->cx, q->cursor, &row));
    q->done = !row;
    return q->status == OK && row;
}

enum status stmt_status(const struct stmt *q) { return q->status; }

void stmt_close(struct stmt *q)
{
    if (q->cursor)
        cursor_close(q->cursor);
    q->cursor = NULL;
}

/* ---- columns ---- */
int col_count(const struct stmt *q)
{
    return q->cursor ? q->cursor->db->driver->columns(q->cursor) : 0;
}

const char *col_name(const struct stmt *q, int col)
{
    return q->cursor->db->driver->name(q->cursor, col);
}

i64 col_i64(const struct stmt *q, int col)
{
    return q->cursor->db->driver->get_i64(q->cursor, col);
}

double col_double(const struct stmt *q, int col)
{
    return q->cursor->db->driver->get_double(q->cursor, col);
}

const char *col_text(const struct stmt *q, int col)
{
    return q->cursor->db->driver->get_text(q->cursor, col).p;
}

bool col_null(const struct stmt *q, int col)
{
    return q->cursor->db->driver->kind(q->cursor, col) == COL_NULL;
}

struct str col_blob(const struct stmt *q, int col)
{
    return q->cursor->db->driver->get_blob(q->cx, q->cursor, col);
}

static struct val *col_val(struct stmt *q, int col)
{
    struct arena *a = q->cx->arena;

    switch (q->cursor->db->driver->kind(q->cursor, col)) {
    case COL_I64:
        return val_i64(a, col_i64(q, col));
    case COL_DOUBLE:
        return val_double(a, col_double(q, col));
    case COL_TEXT:
        return val_text(a, col_text(q, col));
    case COL_BLOB: /* bytes have no place in a page */
    case COL_NULL:
        break;
    }
    return val_null(a);
}

struct val *stmt_row(struct stmt *q)
{
    struct db_cursor *c = q->cursor;
    struct val *row = val_map(q->cx->arena);
    int count = col_count(q);

    if (!c->keys) { /* once a query: maps borrow their keys */
        c->keys = NEW_N(q->cx->arena, const char *, (size_t)count);
        for (int i = 0; i < count; i++)
            c->keys[i] = arena_text(q->cx->arena, col_name(q, i));
    }
    for (int i = 0; i < count; i++)
        val_put(row, c->keys[i], col_val(q, i));
    return row;
}

/* ---- whole statements ---- */
static enum status finish(struct stmt *q, i64 *changed)
{
    while (stmt_next(q))
        ;
    if (changed && q->status == OK)
        *changed = q->cursor->changed;
    stmt_close(q);
    return q->status;
}

enum status db_run_(struct ctx *cx, const char *name, i64 *changed, const struct arg *args)
{
    struct stmt q = db_query_(cx, name, args);

    return finish(&q, changed);
}

enum status db_run_sql(struct ctx *cx, const struct sql *sql, i64 *changed)
{
    struct stmt q = db_query_sql(cx, sql);

    return finish(&q, changed);
}

enum status db_get_i64_(struct ctx *cx, i64 *out, const char *name, const struct arg *args)
{
    scoped(stmt_close) struct stmt q = db_query_(cx, name, args);

    if (stmt_next(&q)) {
        *out = col_i64(&q, 0);
        return OK;
    }
    return q.status == OK ? E_NOT_FOUND : q.status;
}

enum status db_get_text_(struct ctx *cx, const char **out, const char *name, const struct arg *args)
{
    scoped(stmt_close) struct stmt q = db_query_(cx, name, args);

    if (stmt_next(&q)) {
        *out = arena_text(cx->arena, col_text(&q, 0));
        return OK;
    }
    return q.status == OK ? E_NOT_FOUND : q.status;
}

enum status db_list_(struct ctx *cx, struct val *list, const char *name, const struct arg *args)
{
    scoped(stmt_close) struct stmt q = db_query_(cx, name, args);

    while (stmt_next(&q))
        val_add(list, stmt_row(&q));
    return stmt_status(&q);
}

enum status db_control(struct ctx *cx, struct db *db, const char *name)
{
    TRY(fault(cx, db));
    return db_undo(cx, db, name);
}

enum status db_undo(struct ctx *cx, struct db *db, const char *name)
{
    const struct arg *none[1] = { 0 };
    struct prepared *p = named_find(db, name);
    struct stmt q = { .cx = cx };
    struct db *before = cx->db;
    bool row;

    assert(p && p->param_count == 0);
    cx->db = db;
    enum status st = start(cx, &q, p, none);
    if (st == OK)
        st = db->driver->step(cx, q.cursor, &row);
    stmt_close(&q);
    cx->db = before;
    return st;
}

enum status db_script(struct ctx *cx, const char *text)
{
    TRY(refuse_spoilt(cx));
    TRY(fault(cx, cx->db));
    return spoil(cx->db, cx->db->driver->script(cx, cx->db, text));
}
