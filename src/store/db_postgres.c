/* db_postgres.c -- the PostgreSQL driver (libpq). Parameters and results travel as text. A
 * statement is prepared with the types of its first arguments; parameters that have only been NULL
 * so far get the type that the server accepts. */
#include "base/clock.h"
#include "store/db_int.h"
#include <libpq-fe.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

/* Type numbers of the server's catalog; they never change (server/catalog/pg_type_d.h). */
enum {
    PG_ANY = 0,
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_NUMERIC = 1700,
};
enum {
    NAME_BYTES = 24,
    LEARN_STEPS = 40,
    STACK_PARAMS = 64,
    AWAKE_NS = 300 * 1000, /* for an answer, before the thread sleeps */
};

/* What the server knows under a name. */
struct pg_prepared {
    char name[NAME_BYTES];
    bool there;
    Oid *types; /* by parameter; PG_ANY: the server's guess */
};

static const struct {
    const char *state; /* a prefix of SQLSTATE; the first that fits */
    enum status status;
} states[] = {
    { "23505", E_CONFLICT }, { "23", E_INVALID },      { "40001", E_RETRY },
    { "40P01", E_RETRY },    { "25006", E_FORBIDDEN }, { "42501", E_FORBIDDEN },
    { "53100", E_FULL },     { "53", E_BUSY },         { "55P03", E_BUSY },
    { "57014", E_LIMIT },    { "54", E_LIMIT },        { "22", E_INVALID },
    { "42", E_INVALID },     { "0A", E_INVALID },      { "XX001", E_CORRUPT },
    { "XX002", E_CORRUPT },
};

static enum status status_of(const char *state)
{
    for (size_t i = 0; state && i < countof(states); i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].status;
    return E_IO;
}

static const char *label(const struct prepared *p) { return p->block ? p->block->name : "a list"; }

/* The first line of what the server said. */
static const char *first_line(struct ctx *cx, const PGresult *r, const struct db *db)
{
    const char *text = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    struct str rest = str_from(text ? text : PQerrorMessage(db->handle)), line = { "", 0 };

    (void)!str_split(&rest, '\n', &line);
    return str_dup(cx->arena, line);
}

static const char *field(const PGresult *r, int code)
{
    const char *text = r ? PQresultErrorField(r, code) : NULL;

    return text ? text : "";
}

/* Records a failure, frees the result. OK results are left alone. */
static enum status check(struct ctx *cx, struct db *db, PGresult *r, const char *name)
{
    ExecStatusType got = PQresultStatus(r);

    if (got == PGRES_TUPLES_OK || got == PGRES_COMMAND_OK || got == PGRES_EMPTY_QUERY)
        return OK;
    enum status s = status_of(r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL);
    switch (s) {
    case E_CONFLICT:
        s = ctx_fail(cx, s, "this is there already (%s): choose another value",
                     field(r, PG_DIAG_CONSTRAINT_NAME));
        break;
    case E_FULL:
        s = ctx_fail(cx, s, "the disk is full: nothing was saved. What is there can be read");
        break;
    case E_BUSY:
        s = ctx_fail(cx, s, "the database is busy: try again in a moment");
        break;
    case E_RETRY:
        s = ctx_fail(cx, s, "somebody else saved the same at this moment: try again");
        break;
    case E_FORBIDDEN:
        s = ctx_fail(cx, s, "this page may only read (%s)", name);
        break;
    case E_LIMIT:
        s = ctx_fail(cx, s, "the question took too long: narrow it down");
        break;
    default:
        s = ctx_fail(cx, s, "database error in '%s': %s", name, first_line(cx, r, db));
    }
    PQclear(r);
    return s;
}

static bool pg_alive(const struct db *db) { return PQstatus(db->handle) == CONNECTION_OK; }

static bool pg_in_transaction(const struct db *db)
{
    PGTransactionStatusType t = PQtransactionStatus(db->handle);

    return t == PQTRANS_INTRANS || t == PQTRANS_INERROR || t == PQTRANS_ACTIVE;
}

static enum status pg_script(struct ctx *cx, struct db *db, const char *text)
{
    PGresult *r = PQexec(db->handle, text);

    TRY(check(cx, db, r, "a script"));
    PQclear(r);
    return OK;
}

static void ignore_notice(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
}

static const char *block_text(const struct db *db, const char *name)
{
    return sql_book_find(&db->store->book, name)->text;
}

/* Texts are compared bytewise on both engines: a database with another collation would sort
 * otherwise. */
static enum status check_collation(struct ctx *cx, struct db *db)
{
    PGresult *r = PQexec(db->handle, block_text(db, "store.collation"));

    TRY(check(cx, db, r, "store.collation"));
    const char *got = PQntuples(r) == 1 ? arena_text(cx->arena, PQgetvalue(r, 0, 0)) : "";
    PQclear(r);
    if (text_is(got, "UTF8 C") || text_is(got, "UTF8 POSIX"))
        return OK;
    return ctx_fail(cx, E_INVALID,
                    "the database must have encoding UTF8 and collation C, not '%s': make it "
                    "with createdb -T template0 -E UTF8 --locale=C",
                    got);
}

static enum status pg_connect(struct ctx *cx, struct db *db)
{
    db->handle = PQconnectdb(db->store->url);
    if (!pg_alive(db))
        return ctx_fail(cx, E_IO, "the database cannot be reached: %s", first_line(cx, NULL, db));
    PQsetNoticeReceiver(db->handle, ignore_notice, NULL);
    if (db->mode == DB_READ)
        return pg_script(cx, db, block_text(db, "store.connect_read"));
    TRY(pg_script(cx, db, block_text(db, "store.connect_write")));
    return check_collation(cx, db);
}

static void pg_disconnect(struct db *db)
{
    PQfinish(db->handle);
    db->handle = NULL;
}

static enum status pg_time_limit(struct ctx *cx, struct db *db, i64 limit_ms)
{
    const char *value = arena_printf(cx->arena, "%lld", (long long)limit_ms);
    PGresult *r = PQexecParams(db->handle, block_text(db, "store.statement_timeout"), 1, NULL,
                               &value, NULL, NULL, 0);

    TRY(check(cx, db, r, "store.statement_timeout"));
    PQclear(r);
    return OK;
}

/* ---- preparing ---- */
static void deallocate(struct db *db, struct pg_prepared *pg)
{
    char text[NAME_BYTES + 16];

    if (!pg->there || !pg_alive(db) || PQtransactionStatus(db->handle) == PQTRANS_INERROR)
        return; /* names are never used twice: it goes with the connection */
    snprintf(text, sizeof(text), "DEALLOCATE %s", pg->name);
    PQclear(PQexec(db->handle, text));
    pg->there = false;
}

/* Prepares under a new name. NULL: done; otherwise the failed result, to be freed. */
static PGresult *try_prepare(struct db *db, const struct prepared *p, struct pg_prepared *pg)
{
    deallocate(db, pg);
    snprintf(pg->name, sizeof(pg->name), "s%llu", (unsigned long long)++db->serial);
    PGresult *r = PQprepare(db->handle, pg->name, p->text, (int)p->param_count, pg->types);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        return r;
    PQclear(r);
    pg->there = true;
    return NULL;
}

/* The parameter that the server cannot type: "... parameter $3"; 0 when it names none. */
static size_t doubtful_param(const PGresult *r, const struct prepared *p)
{
    const char *state = field(r, PG_DIAG_SQLSTATE),
               *at = strchr(field(r, PG_DIAG_MESSAGE_PRIMARY), '$');
    size_t n;

    if (!text_is(state, "42P18") && !text_is(state, "42P08") && !text_is(state, "42725"))
        return 0;
    n = at ? (size_t)strtoul(at + 1, NULL, 10) : 0;
    return n <= p->param_count ? n : 0;
}

/* Tries types for what the server leaves open, depth first: bigint, then text. NULL: prepared. */
static PGresult *learn(struct db *db, const struct prepared *p, struct pg_prepared *pg, int *steps)
{
    static const Oid guesses[] = { PG_INT8, PG_TEXT };
    PGresult *r = try_prepare(db, p, pg), *again = NULL;

    if (!r || --*steps <= 0)
        return r;
    if (PQtransactionStatus(db->handle) == PQTRANS_INERROR)
        PQclear(PQexec(db->handle, block_text(db, "store.rollback_to")));
    size_t at = doubtful_param(r, p);
    for (size_t i = 0;
         at == 0 && text_is(field(r, PG_DIAG_SQLSTATE), "42725") && i < p->param_count; i++)
        if (pg->types[i] == PG_ANY)
            at = i + 1; /* "operator is not unique: unknown - unknown" names none */
    if (at == 0 || pg->types[at - 1] != PG_ANY)
        return r;
    for (size_t i = 0; i < countof(guesses); i++) {
        pg->types[at - 1] = guesses[i];
        again = learn(db, p, pg, steps);
        if (!again)
            break;
        PQclear(again);
    }
    if (again) {
        pg->types[at - 1] = PG_ANY;
        return r;
    }
    PQclear(r);
    return NULL;
}

/* Learns without spoiling a running transaction. */
static PGresult *learn_safely(struct db *db, const struct prepared *p, struct pg_prepared *pg)
{
    int steps = LEARN_STEPS;
    bool inside = PQtransactionStatus(db->handle) == PQTRANS_INTRANS;

    if (inside)
        PQclear(PQexec(db->handle, block_text(db, "store.savepoint")));
    PGresult *r = learn(db, p, pg, &steps);
    if (inside)
        PQclear(PQexec(db->handle, block_text(db, "store.release")));
    return r;
}

static enum status pg_prepare(struct ctx *cx, struct db *db, struct prepared *p, bool must_check)
{
    struct pg_prepared *pg = calloc(1, sizeof(*pg));

    assert(pg);
    pg->types = calloc(p->param_count + 1, sizeof(*pg->types));
    assert(pg->types);
    p->handle = pg;
    if (!must_check)
        return OK; /* the types come with the first arguments */
    PGresult *r = learn_safely(db, p, pg);
    return r ? check(cx, db, r, label(p)) : OK;
}

static void pg_forget(struct db *db, struct prepared *p)
{
    struct pg_prepared *pg = p->handle;

    deallocate(db, pg);
    free(pg->types);
    free(pg);
}

static Oid type_of(const struct arg *v)
{
    switch (v->kind) {
    case ARG_I64:
        return PG_INT8;
    case ARG_TEXT:
        return v->p ? PG_TEXT : PG_ANY;
    case ARG_BLOB:
        return PG_BYTEA;
    case ARG_DOUBLE:
        return PG_FLOAT8;
    case ARG_NULL:
    case ARG_END:
        break;
    }
    return PG_ANY;
}

/* Prepares for these arguments, unless what is there fits them. */
static enum status prepare_for(struct ctx *cx, struct db_cursor *c, const struct arg *const *values)
{
    struct prepared *p = c->prepared;
    struct pg_prepared *pg = p->handle;
    bool fits = pg->there, open = false;

    for (size_t i = 0; i < p->param_count; i++) {
        Oid type = type_of(values[i]);
        if (type != PG_ANY && pg->types[i] != type) {
            pg->types[i] = type;
            fits = false;
        }
        open |= pg->types[i] == PG_ANY;
    }
    if (fits)
        return OK;
    PGresult *r = open ? learn_safely(c->db, p, pg) : try_prepare(c->db, p, pg);
    return r ? check(cx, c->db, r, label(p)) : OK;
}

/* ---- running ---- */
struct values {
    const char *texts[STACK_PARAMS];
    int lengths[STACK_PARAMS], formats[STACK_PARAMS];
    char numbers[STACK_PARAMS][32];
};

static const char *value_text(const struct arg *v, char number[32], int *length, int *format)
{
    *format = 0;
    *length = 0;
    switch (v->kind) {
    case ARG_I64:
        snprintf(number, 32, "%lld", (long long)v->i);
        return number;
    case ARG_TEXT:
        return v->p;
    case ARG_BLOB:
        *format = 1;
        *length = (int)v->len;
        return v->p ? v->p : "";
    case ARG_DOUBLE:
        snprintf(number, 32, "%.17g", v->d);
        return number;
    case ARG_NULL:
    case ARG_END:
        break;
    }
    return NULL;
}

/* A small query is answered sooner than a thread gets to sleep and wakes again, above all on a
 * virtual machine. So it is awaited awake for a while, behind whoever wants the processor; then
 * libpq sleeps. NULL as of PQexecPrepared. */
static PGresult *answer_of(PGconn *conn)
{
    struct pollfd fd = { .fd = PQsocket(conn), .events = POLLIN };
    i64 end_ns = (i64)clock_mono_ns() + AWAKE_NS;
    PGresult *r = NULL, *next;

    while (poll(&fd, 1, 0) == 0 && (i64)clock_mono_ns() < end_ns)
        sched_yield();
    while ((next = PQgetResult(conn)) != NULL) {
        PQclear(r);
        r = next;
    }
    return r;
}

static enum status pg_start(struct ctx *cx, struct db_cursor *c, const struct arg *const *values)
{
    size_t count = c->prepared->param_count;
    struct values stack, *v = &stack;
    const char **texts = v->texts;
    int *lengths = v->lengths, *formats = v->formats;
    char(*numbers)[32] = v->numbers;

    if (count > STACK_PARAMS) {
        texts = NEW_N(cx->arena, const char *, count);
        lengths = NEW_N(cx->arena, int, count);
        formats = NEW_N(cx->arena, int, count);
        numbers = arena_alloc(cx->arena, count, sizeof(*numbers));
    }
    for (size_t i = 0; i < count; i++)
        texts[i] = value_text(values[i], numbers[i], &lengths[i], &formats[i]);
    TRY(prepare_for(cx, c, values));
    struct pg_prepared *pg = c->prepared->handle;
    PGconn *conn = c->db->handle;
    PGresult *r = PQsendQueryPrepared(conn, pg->name, (int)count, texts, lengths, formats, 0)
                      ? answer_of(conn)
                      : NULL;
    TRY(check(cx, c->db, r, label(c->prepared)));
    c->handle = r;
    if (strncmp(PQcmdStatus(r), "SELECT", 6) != 0)
        c->changed = strtoll(PQcmdTuples(r), NULL, 10);
    return OK;
}

static enum status pg_step(struct ctx *cx, struct db_cursor *c, bool *row)
{
    (void)cx;
    *row = c->row < PQntuples(c->handle);
    c->row += *row;
    return OK;
}

static void pg_finish(struct db_cursor *c)
{
    PQclear(c->handle);
    c->handle = NULL;
}

/* ---- columns: c->row counts rows begun, so the current one is the one before ---- */
static int pg_columns(const struct db_cursor *c) { return PQnfields(c->handle); }
static const char *pg_name(const struct db_cursor *c, int col) { return PQfname(c->handle, col); }

static const char *raw(const struct db_cursor *c, int col)
{
    return PQgetvalue(c->handle, (int)c->row - 1, col);
}

static enum col_kind pg_kind(const struct db_cursor *c, int col)
{
    if (PQgetisnull(c->handle, (int)c->row - 1, col))
        return COL_NULL;
    switch (PQftype(c->handle, col)) {
    case PG_BOOL:
    case PG_INT8:
    case PG_INT2:
    case PG_INT4:
    case PG_OID:
        return COL_I64;
    case PG_NUMERIC: /* sums of bigint are whole, averages are not */
        return strchr(raw(c, col), '.') ? COL_DOUBLE : COL_I64;
    case PG_FLOAT4:
    case PG_FLOAT8:
        return COL_DOUBLE;
    case PG_BYTEA:
        return COL_BLOB;
    }
    return COL_TEXT;
}

static bool is_bool(const struct db_cursor *c, int col)
{
    return PQftype(c->handle, col) == PG_BOOL;
}

static i64 pg_get_i64(const struct db_cursor *c, int col)
{
    return is_bool(c, col) ? *raw(c, col) == 't' : strtoll(raw(c, col), NULL, 10);
}

static double pg_get_double(const struct db_cursor *c, int col)
{
    return is_bool(c, col) ? *raw(c, col) == 't' : strtod(raw(c, col), NULL);
}

static struct str pg_get_text(const struct db_cursor *c, int col)
{
    if (is_bool(c, col) && *raw(c, col))
        return *raw(c, col) == 't' ? STR("1") : STR("0");
    return (struct str){ raw(c, col), (size_t)PQgetlength(c->handle, (int)c->row - 1, col) };
}

static int hex_digit(char d) { return d <= '9' ? d - '0' : (d | 32) - 'a' + 10; }

static struct str pg_get_blob(struct ctx *cx, const struct db_cursor *c, int col)
{
    struct str s = pg_get_text(c, col);

    if (PQftype(c->handle, col) != PG_BYTEA || s.len < 2)
        return s;
    size_t len = (s.len - 2) / 2; /* after "\\x" */
    char *out = arena_alloc(cx->arena, len + 1, 1);
    for (size_t i = 0; i < len; i++)
        out[i] = (char)(hex_digit(s.p[2 + 2 * i]) << 4 | hex_digit(s.p[3 + 2 * i]));
    return (struct str){ out, len };
}

/* ---- other nodes ---- */
static enum status pg_listen(struct ctx *cx, struct db *db)
{
    return pg_script(cx, db, block_text(db, "store.listen"));
}

static int pg_socket(const struct db *db) { return PQsocket(db->handle); }

static bool pg_notices(struct db *db, void (*fn)(void *arg, const char *text), void *arg)
{
    bool alive = PQconsumeInput(db->handle) == 1 && pg_alive(db);
    PGnotify *n;

    while ((n = PQnotifies(db->handle)) != NULL) {
        fn(arg, n->extra);
        PQfreemem(n);
    }
    return alive;
}

const struct db_driver db_driver_postgres = {
    .engine = DB_POSTGRES,
    .connect = pg_connect,
    .disconnect = pg_disconnect,
    .alive = pg_alive,
    .in_transaction = pg_in_transaction,
    .time_limit = pg_time_limit,
    .script = pg_script,
    .prepare = pg_prepare,
    .forget = pg_forget,
    .start = pg_start,
    .step = pg_step,
    .finish = pg_finish,
    .columns = pg_columns,
    .name = pg_name,
    .kind = pg_kind,
    .get_i64 = pg_get_i64,
    .get_double = pg_get_double,
    .get_text = pg_get_text,
    .get_blob = pg_get_blob,
    .listen = pg_listen,
    .socket = pg_socket,
    .notices = pg_notices,
};
