/* file.c -- SQLite as a container: log, atomic flush, recovery and hot backup are its work, and
 * cost a report 0 to 15 ms against files of our own at 50 million events. */
#include "base/log.h"
#include "journey/file_int.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READERS_KEPT = 2, PATH_BYTES = 4096, PAGE_BYTES = 16384 };

/* Pages of 16 KiB: a commit of a few events writes a page or two, and 64 KiB pages cost a third of
 * the commits per second (3,700 against 2,500 a second here) while whole columns read no faster.
 * secure_delete FAST: the log's bytes are not written a second time just to blank them. */
static const char SETTINGS[] =
    "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = FAST; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -2048;"
    "PRAGMA temp_store = MEMORY";
/* Readers map the file while they read: a point read is 0.6 us instead of 7. The mapping goes when
 * they are given back, since mapped pages count as memory of an idle server. */
static const char READER_SETTINGS[] = "PRAGMA query_only = ON; PRAGMA cache_size = -512";
static const char MAP[] = "PRAGMA mmap_size = 2147418112";
static const char UNMAP[] = "PRAGMA mmap_size = 0";

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS col (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS name (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS seen"
    " (id INTEGER PRIMARY KEY, newest_ms INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS blank (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS stray (person INTEGER, owner INTEGER, PRIMARY KEY (person, owner))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS alias"
    " (visitor INTEGER PRIMARY KEY, person INTEGER NOT NULL, at_ms INTEGER NOT NULL);";

static const char *const statements[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_LOG_PUT] = "INSERT INTO log (id, data) VALUES (?1, ?2)",
    [SQL_LOG_CUT] = "DELETE FROM log WHERE id <= ?1",
    [SQL_LOG_ALL] = "SELECT id, data FROM log ORDER BY id",
    [SQL_RUN_PUT] = "INSERT INTO run (id, data) VALUES (?1, ?2)",
    [SQL_RUN_ALL] = "SELECT id, data FROM run ORDER BY id",
    [SQL_RUN_CUT] = "DELETE FROM run WHERE id = ?1",
    [SQL_COL_PUT] = "INSERT OR REPLACE INTO col (id, data) VALUES (?1, ?2)",
    [SQL_COL_CUT] = "DELETE FROM col WHERE id BETWEEN ?1 << 8 AND ?1 << 8 | 255",
    /* From run to run, not from column to column: each of those is a page to be read. */
    [SQL_COL_PURGE] = ("WITH RECURSIVE had(run) AS (SELECT min(id) >> 8 FROM col UNION ALL"
                       " SELECT (SELECT min(id) >> 8 FROM col WHERE id >= (had.run + 1) << 8)"
                       " FROM had WHERE had.run IS NOT NULL)"
                       " DELETE FROM col WHERE id IN (SELECT c.id FROM had JOIN col c"
                       " ON c.id >= had.run << 8 AND c.id < (had.run + 1) << 8"
                       " WHERE had.run NOT IN (SELECT id FROM run))"),
    [SQL_NAME_PUT] = "INSERT INTO name (data) VALUES (?1)",
    [SQL_NAME_ALL] = "SELECT id, data FROM name ORDER BY id",
    [SQL_PERSON_PUT] = "INSERT OR REPLACE INTO person (id, data) VALUES (?1, ?2)",
    [SQL_PERSON_ROW] = ("SELECT max(id), (SELECT min(id) FROM person WHERE id > ?1) FROM person"
                        " WHERE id <= ?1 HAVING count(*) > 0"),
    [SQL_PERSON_LAST] = "SELECT id, data FROM person ORDER BY id DESC LIMIT 1",
    [SQL_PERSON_ALL] = "SELECT id, data FROM person ORDER BY id",
    [SQL_ALIAS_PUT] = "INSERT OR REPLACE INTO alias (visitor, person, at_ms) VALUES (?1, ?2, ?3)",
    [SQL_ALIAS_CUT] = "DELETE FROM alias WHERE visitor = ?1",
    [SQL_BLANK_PUT] = "INSERT INTO blank (data) VALUES (zeroblob(?1))",
    [SQL_BLANK_CUT] = "DELETE FROM blank",
    [SQL_FREE_PAGES] = "PRAGMA freelist_count",
    [SQL_STRAY_PUT] = "INSERT OR IGNORE INTO stray (person, owner) VALUES (?1, ?2)",
    [SQL_STRAY_ALL] = "SELECT person, owner FROM stray",
    [SQL_ALIAS_ALL] = "SELECT visitor, person, at_ms FROM alias",
    [SQL_SEEN_PUT] = "INSERT INTO seen (newest_ms, data) VALUES (?1, ?2)",
    [SQL_SEEN_CUT] = ("DELETE FROM seen WHERE id <= (SELECT max(id) FROM (SELECT id,"
                      " sum(length(data)) OVER (ORDER BY id DESC) AS bytes FROM seen)"
                      " WHERE bytes > ?1)"),
    [SQL_SEEN_ALL] = "SELECT id, data FROM seen ORDER BY id DESC",
    [SQL_META_PUT] = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
    [SQL_META_GET] = "SELECT value FROM meta WHERE key = ?1",
    [SQL_CHECK] = "PRAGMA quick_check(1)",
};

struct reader {
    sqlite3 *db;
    sqlite3_blob *blob; /* NULL: stands on nothing */
    struct reader *next;
};

struct file {
    char path[PATH_BYTES];
    bool temporary;
    int lock_fd;
    sqlite3 *db;
    sqlite3_stmt *stmt[SQL_COUNT];
    pthread_mutex_t lock; /* guards what follows */
    struct reader *idle;
    unsigned idle_count;
};

static enum status status_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return OK;
    case SQLITE_FULL:
        return E_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return E_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return E_CORRUPT;
    case SQLITE_NOMEM:
        log_fatal("journey.out_of_memory", "in=sqlite");
    default:
        return E_IO;
    }
}

static enum status failed(sqlite3 *db, const char *what)
{
    int rc = sqlite3_extended_errcode(db);

    log_line(LOG_ERROR, "journey.sqlite", "error=\"%s\" code=%d in=\"%s\"", sqlite3_errmsg(db), rc,
             what);
    enum status s = status_of(rc);
    return s == OK ? E_IO : s;
}

/* The lock has a file of its own: closing any descriptor of the database itself would drop SQLite's
 * locks. */
static enum status lock(struct ctx *cx, struct file *f)
{
    char path[PATH_BYTES + 8];

    snprintf(path, sizeof path, "%s-lock", f->path);
    f->lock_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (f->lock_fd < 0)
        return ctx_fail(cx, E_IO, "cannot open '%s': %s", path, strerror(errno));
    if (flock(f->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return ctx_fail(cx, E_BUSY, "'%s' is in use by another furrow; stop that one first",
                        f->path);
    return OK;
}

static enum status prepare(struct ctx *cx, struct file *f, u64 max_bytes)
{
    char limit[64];

    if (sqlite3_open_v2(f->path, &f->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK ||
        sqlite3_exec(f->db, SETTINGS, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(f->db, SCHEMA, NULL, NULL, NULL) != SQLITE_OK) {
        enum status s = failed(f->db, f->path);
        return ctx_fail(cx, s, "cannot open '%s': %s", f->path, sqlite3_errmsg(f->db));
    }
    if (max_bytes > 0) {
        snprintf(limit, sizeof limit, "PRAGMA max_page_count = %llu",
                 (unsigned long long)(max_bytes / 16384 + 1));
        sqlite3_exec(f->db, limit, NULL, NULL, NULL);
    }
    for (int i = 0; i < SQL_COUNT; i++)
        if (sqlite3_prepare_v3(f->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &f->stmt[i],
                               NULL) != SQLITE_OK) {
            enum status s = failed(f->db, statements[i]);
            return ctx_fail(cx, s, "'%s' is not a journey: %s", f->path, sqlite3_errmsg(f->db));
        }
    return OK;
}

enum status file_open(struct ctx *cx, const char *path, u64 max_bytes, struct file **out)
{
    struct file *f = calloc(1, sizeof *f);

    if (f == NULL)
        log_fatal("journey.out_of_memory", "bytes=%zu", sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    f->lock_fd = -1;
    f->temporary = path == NULL;
    if (path == NULL) {
        const char *folder = getenv("TMPDIR");
        snprintf(f->path, sizeof f->path, "%s/furrow-journey-XXXXXX",
                 folder == NULL ? "/tmp" : folder);
        int fd = mkstemp(f->path);
        if (fd >= 0)
            close(fd);
    } else {
        snprintf(f->path, sizeof f->path, "%s", path);
    }
    enum status s = lock(cx, f);
    if (s == OK)
        s = prepare(cx, f, max_bytes);
    if (s != OK) {
        file_close(f);
        return s;
    }
    *out = f;
    return OK;
}

static void reader_close(struct reader *r)
{
    sqlite3_blob_close(r->blob);
    sqlite3_close(r->db);
    free(r);
}

static void remove_temporary(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    char name[PATH_BYTES + 8];

    for (size_t i = 0; i < countof(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

void file_rest(struct file *f) { sqlite3_db_release_memory(f->db); }

void file_close(struct file *f)
{
    if (f == NULL)
        return;
    while (f->idle != NULL) {
        struct reader *r = f->idle;
        f->idle = r->next;
        reader_close(r);
    }
    for (int i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(f->stmt[i]);
    sqlite3_close(f->db);
    if (f->temporary)
        remove_temporary(f->path);
    if (f->lock_fd >= 0)
        close(f->lock_fd);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

const char *file_path(const struct file *f) { return f->path; }

u64 file_bytes(const struct file *f)
{
    char wal[PATH_BYTES + 8];
    struct stat st;
    u64 bytes = 0;

    snprintf(wal, sizeof wal, "%s-wal", f->path);
    if (stat(f->path, &st) == 0)
        bytes += (u64)st.st_size;
    if (stat(wal, &st) == 0)
        bytes += (u64)st.st_size;
    return bytes;
}

void file_blank(struct file *f, bool on)
{
    const char *sql = on ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = FAST";

    if (sqlite3_exec(f->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        (void)failed(f->db, sql);
}

/* Pages that were freed while nothing was overwritten: zeros take them, and are deleted again. */
enum status file_overwrite_free(struct file *f, size_t bytes, bool *all)
{
    enum status s;
    i64 pages = 0;

    sqlite3_stmt *count = file_stmt(f, SQL_FREE_PAGES);
    if (file_row(f, count, &s))
        pages = sqlite3_column_int64(count, 0);
    sqlite3_reset(count);
    TRY(s);
    *all = pages <= (i64)(bytes / PAGE_BYTES);
    if (pages == 0)
        return OK;
    pages = *all ? pages : (i64)(bytes / PAGE_BYTES);
    TRY(file_run(f, file_stmt(f, SQL_BEGIN)));
    sqlite3_stmt *put = file_stmt(f, SQL_BLANK_PUT);
    sqlite3_bind_int64(put, 1, pages * (PAGE_BYTES - 4)); /* each begins with a number */
    s = file_run(f, put);
    if (s == OK && *all) /* in one piece until then, so that the next part takes other pages */
        s = file_run(f, file_stmt(f, SQL_BLANK_CUT));
    if (s == OK)
        s = file_run(f, file_stmt(f, SQL_COMMIT));
    if (s != OK && file_run(f, file_stmt(f, SQL_ROLLBACK)) != OK)
        log_line(LOG_WARN, "journey.rollback", "after=%s", status_word(s));
    return s;
}

bool file_empty_log(struct file *f)
{
    return sqlite3_wal_checkpoint_v2(f->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) ==
           SQLITE_OK;
}

sqlite3_stmt *file_stmt(struct file *f, enum sql s)
{
    sqlite3_reset(f->stmt[s]);
    sqlite3_clear_bindings(f->stmt[s]);
    return f->stmt[s];
}

enum status file_run(struct file *f, sqlite3_stmt *s)
{
    int rc;

    do
        rc = sqlite3_step(s);
    while (rc == SQLITE_ROW);
    enum status st = rc == SQLITE_DONE ? OK : failed(f->db, sqlite3_sql(s));
    sqlite3_reset(s);
    sqlite3_clear_bindings(s); /* blobs were bound as borrowed */
    return st;
}

bool file_row(struct file *f, sqlite3_stmt *s, enum status *status)
{
    int rc = sqlite3_step(s);

    *status = OK;
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        *status = failed(f->db, sqlite3_sql(s));
    sqlite3_reset(s);
    return false;
}

static struct reader *reader_new(void)
{
    struct reader *r = calloc(1, sizeof *r);

    if (r == NULL)
        log_fatal("journey.out_of_memory", "bytes=%zu", sizeof *r);
    return r;
}

enum status reader_take(struct file *f, struct reader **out)
{
    pthread_mutex_lock(&f->lock);
    struct reader *r = f->idle;
    if (r != NULL) {
        f->idle = r->next;
        f->idle_count--;
    }
    pthread_mutex_unlock(&f->lock);
    if (r == NULL) {
        r = reader_new();
        if (sqlite3_open_v2(f->path, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
                SQLITE_OK ||
            sqlite3_exec(r->db, READER_SETTINGS, NULL, NULL, NULL) != SQLITE_OK) {
            enum status s = failed(r->db, "open reader");
            reader_close(r);
            return s;
        }
        sqlite3_busy_timeout(r->db, 10000); /* only while a checkpoint restarts the log */
    }
    sqlite3_exec(r->db, MAP, NULL, NULL, NULL);
    *out = r;
    return OK;
}

void reader_give(struct file *f, struct reader *r)
{
    if (r == NULL)
        return;
    sqlite3_blob_close(r->blob); /* ends its read transaction, so that the log can be restarted */
    r->blob = NULL;
    sqlite3_exec(r->db, UNMAP, NULL, NULL, NULL);
    pthread_mutex_lock(&f->lock);
    bool keep = f->idle_count < READERS_KEPT;
    if (keep) {
        r->next = f->idle;
        f->idle = r;
        f->idle_count++;
    }
    pthread_mutex_unlock(&f->lock);
    if (!keep)
        reader_close(r);
}

enum status reader_seek(struct reader *r, i64 col_id, size_t *bytes)
{
    int rc = r->blob == NULL ? sqlite3_blob_open(r->db, "main", "col", "data", col_id, 0, &r->blob)
                             : sqlite3_blob_reopen(r->blob, col_id);

    if (rc != SQLITE_OK) {
        sqlite3_blob_close(r->blob);
        r->blob = NULL;
        enum status s = failed(r->db, "seek column");
        return s == E_IO ? E_CORRUPT : s; /* SQLITE_ERROR: no such row */
    }
    *bytes = (size_t)sqlite3_blob_bytes(r->blob);
    return OK;
}

enum status reader_read(struct reader *r, void *out, size_t offset, size_t bytes)
{
    if (bytes == 0)
        return OK;
    assert(offset <= INT32_MAX && bytes <= INT32_MAX);
    return sqlite3_blob_read(r->blob, out, (int)bytes, (int)offset) == SQLITE_OK
               ? OK
               : failed(r->db, "read column");
}

/* A stream is SQLite's blob by another name: it keeps the list of its pages, so that a read in its
 * middle needs no way there. */
enum status stream_open(struct reader *r, i64 col_id, size_t *bytes, struct stream **out)
{
    sqlite3_blob *blob;

    if (sqlite3_blob_open(r->db, "main", "col", "data", col_id, 0, &blob) != SQLITE_OK) {
        enum status s = failed(r->db, "open column");
        return s == E_IO ? E_CORRUPT : s; /* SQLITE_ERROR: no such row */
    }
    *bytes = (size_t)sqlite3_blob_bytes(blob);
    *out = (struct stream *)blob;
    return OK;
}

enum status stream_read(struct stream *s, void *out, size_t offset, size_t bytes)
{
    if (bytes == 0)
        return OK;
    assert(offset <= INT32_MAX && bytes <= INT32_MAX);
    return sqlite3_blob_read((sqlite3_blob *)s, out, (int)bytes, (int)offset) == SQLITE_OK ? OK
                                                                                           : E_IO;
}

void stream_close(struct stream *s) { sqlite3_blob_close((sqlite3_blob *)s); }

enum status reader_query(struct reader *r, enum sql s, sqlite3_stmt **out)
{
    return sqlite3_prepare_v2(r->db, statements[s], -1, out, NULL) == SQLITE_OK
               ? OK
               : failed(r->db, statements[s]);
}

/* ---- a file that another process may have open ---- */

/* Not read-only: a log that a killed process left is read through an index that is made anew. */
enum status snapshot_open(struct ctx *cx, const char *path, struct reader **out)
{
    struct reader *r = reader_new();

    if (sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(r->db, 10000) != SQLITE_OK ||
        sqlite3_exec(r->db, "PRAGMA query_only = ON; BEGIN; SELECT count(*) FROM run", NULL, NULL,
                     NULL) != SQLITE_OK) {
        enum status s = failed(r->db, path);
        (void)ctx_fail(cx, s, "'%s' cannot be read: %s", path, sqlite3_errmsg(r->db));
        reader_close(r);
        return s;
    }
    *out = r;
    return OK;
}

void snapshot_close(struct reader *r)
{
    if (r != NULL)
        reader_close(r);
}

enum status snapshot_copy(struct ctx *cx, struct reader *r, const char *to)
{
    sqlite3 *out = NULL;
    sqlite3_backup *b = NULL;
    enum status s = OK;

    if (sqlite3_open_v2(to, &out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK)
        b = sqlite3_backup_init(out, "main", r->db, "main");
    if (b == NULL || sqlite3_backup_step(b, -1) != SQLITE_DONE)
        s = failed(out, to);
    if (b != NULL && sqlite3_backup_finish(b) != SQLITE_OK && s == OK)
        s = failed(out, to);
    if (s != OK)
        s = ctx_fail(cx, s, "cannot write '%s': %s", to, sqlite3_errmsg(out));
    sqlite3_close(out);
    return s;
}
