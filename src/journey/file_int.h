/* file_int.h -- the SQLite file under the journey: one connection that writes, a few that read
 * blobs.
 *
 * log    id, blob                 what was appended since the last flush, one row a commit
 * run    id, blob                 what a run is
 * col    run << 8 | column, blob  its columns
 * name, person, seen, alias, stray, meta
 *                                 the rest of what is known, moved here from the log by each flush
 *
 * Threads    the statements belong to the thread that commits; a reader to the thread that took it.
 *            */
#pragma once
#include "base/ctx.h"
#include <sqlite3.h>

/* 2: rows lie under whom they belonged to when they were sorted. 1: under whom they came. */
enum { JOURNEY_FORMAT = 2 };
enum sql {
    SQL_BEGIN, SQL_COMMIT, SQL_ROLLBACK,
    SQL_LOG_PUT, SQL_LOG_CUT, SQL_LOG_ALL,
    SQL_RUN_PUT, SQL_RUN_ALL, SQL_RUN_CUT, SQL_COL_PUT, SQL_COL_CUT, SQL_COL_PURGE,
    SQL_NAME_PUT, SQL_NAME_ALL, SQL_PERSON_PUT, SQL_PERSON_ALL, SQL_PERSON_LAST, SQL_PERSON_ROW,
    SQL_ALIAS_PUT, SQL_ALIAS_CUT, SQL_ALIAS_ALL, SQL_STRAY_PUT, SQL_STRAY_ALL,
    SQL_SEEN_PUT, SQL_SEEN_CUT, SQL_SEEN_ALL,
    SQL_META_PUT, SQL_META_GET,
    SQL_BLANK_PUT, SQL_BLANK_CUT, SQL_FREE_PAGES,
    SQL_CHECK,
    SQL_COUNT
};

struct file;
/* Opens or makes the file and its lock. path NULL: a temporary one. E_BUSY: another process has it.
 * */
MUST_CHECK enum status file_open(struct ctx *cx, const char *path, u64 max_bytes,
                                 struct file **out);
void file_close(struct file *f); /* after all readers; NULL is fine */
/* Gives back the memory of the pages that were read last; the writing thread's. */
void file_rest(struct file *f);
const char *file_path(const struct file *f);
u64 file_bytes(const struct file *f); /* database and log on disk */
/* While it is on, what is deleted is overwritten. The writing thread's, like the next two. */
void file_blank(struct file *f, bool on);
/* Overwrites what free pages hold, up to `bytes` of them; *all: there were no more. */
MUST_CHECK enum status file_overwrite_free(struct file *f, size_t bytes, bool *all);
/* SQLite's log, which has copies, goes into the database and is emptied. False: somebody reads. */
bool file_empty_log(struct file *f);

/* ---- the writing thread ---- */
sqlite3_stmt *file_stmt(struct file *f, enum sql s); /* reset, nothing bound; borrowed */
/* Runs a statement to its end and resets it; E_FULL, E_IO, E_CORRUPT, logged. */
MUST_CHECK enum status file_run(struct file *f, sqlite3_stmt *s);
/* One more row: true. Otherwise *status tells an end (OK) from a failure. */
bool file_row(struct file *f, sqlite3_stmt *s, enum status *status);

/* ---- readers: any thread ---- */
struct reader;
/* A connection that sees everything committed before. Owned: reader_give. */
MUST_CHECK enum status reader_take(struct file *f, struct reader **out);
void reader_give(struct file *f, struct reader *r); /* NULL is fine */
/* Stands the reader on one column's blob; *bytes is its length. E_CORRUPT: there is none. */
MUST_CHECK enum status reader_seek(struct reader *r, i64 col_id, size_t *bytes);
MUST_CHECK enum status reader_read(struct reader *r, void *out, size_t offset, size_t bytes);
/* One column's blob kept open beside that, for many small reads. Owned: stream_close, before the
 * reader is given back. Errors as above. */
struct stream;
MUST_CHECK enum status stream_open(struct reader *r, i64 col_id, size_t *bytes,
                                   struct stream **out);
MUST_CHECK enum status stream_read(struct stream *s, void *out, size_t offset, size_t bytes);
void stream_close(struct stream *s); /* NULL is fine */
/* The reader's own statement for journey_verify. Owned: sqlite3_finalize. */
MUST_CHECK enum status reader_query(struct reader *r, enum sql s, sqlite3_stmt **out);

/* ---- a file that another process may have open ---- */
/* All that is on disk at this moment: the reader sees no later state. Owned: snapshot_close. */
MUST_CHECK enum status snapshot_open(struct ctx *cx, const char *path, struct reader **out);
MUST_CHECK enum status snapshot_copy(struct ctx *cx, struct reader *r, const char *to);
void snapshot_close(struct reader *r); /* NULL is fine */
