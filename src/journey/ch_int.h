/* ch_int.h -- the backend that keeps flushed events in ClickHouse, over its HTTP interface.
 *
 * Table `event`, one on each shard: a row an event, under its owner, who is the contact that its
 * person belongs to. Owner is the shard key (owner % shards) and the first sort key, so that a
 * journey lies on one shard in order. Rows are never changed. `ver` counts up: of rows with the
 * same (owner, at_ms, seq) the one with the highest ver counts, and only if it is `alive`; so a
 * batch may be sent twice, and a link is the moved events once more under their new owner and dead
 * rows under the old. `event_all` (with ?cluster=) is the Distributed table over all shards, and
 * what is read.
 *
 * Placement  `placed` is who belonged to whom when the rows were last put in their places. Rows of
 *            those whose owner is another since are moved by the next flush; until then a reader
 *            fetches them from where they lie, or moves them where they are many. After a crash or
 *            a failed move the people concerned are `unsure`: their rows are looked for under
 *            everybody to whom they ever belonged (people.c's strays) and moved before anything
 *            is read.
 * Locks      busy: one thread at a time sends, moves or erases. rows: read by who reads, written
 *            while rows move. A reader takes both, one after the other, never busy within rows. */
#pragma once
#include "base/buf.h"
#include "io/http_client.h"
#include "journey/walk_int.h"

enum {
    CH_SHARDS_MAX = 64, CH_CLIENTS_KEPT = 16, CH_SILENT_MS = 60 * 1000, CH_LIST_MAX = 1000,
    CH_SEND_BYTES = 8 * 1024 * 1024, CH_ERROR_BYTES = 600, CH_BUF_MAX = 1 << 30
};

struct ch {
    struct journey *j;
    struct arena *arena;
    const char *database, *cluster; /* cluster "": one shard */
    const char *headers[3];
    const char *shards[CH_SHARDS_MAX]; /* host:port */
    u32 shard_count;
    const char *all; /* the table to be read: of all shards */
    pthread_mutex_t lock; /* busy, idle clients, placed, count */
    pthread_cond_t not_busy;
    bool busy;
    struct http_client *idle[CH_CLIENTS_KEPT];
    u32 idle_count;
    pthread_rwlock_t rows;
    struct moved *placed; /* of the others than the unsure */
    bool sure;            /* nobody is unsure */
    atomic_uint people;   /* rows of higher numbers were never sent */
    u64 count;            /* of events flushed and not erased */
    u32 erased;           /* people whose events are not in count any more */
    /* under busy */
    u32 *unsure, unsure_count, unsure_room;
    u64 ver;
    u32 *fresh, fresh_count;  /* people of the events of the flush under way, one an event */
    u64 count_next;
    /* the committer's: people whose rows are to be deleted */
    u32 *gone, gone_count, gone_room, gone_next;
    int gone_stage;
    u64 gone_asked_ns;
    const char *gone_since[CH_SHARDS_MAX];
};

/* ---- asking (ch.c) ---- */
struct http_client *ch_client(struct ch *ch); /* owned: ch_give */
void ch_give(struct ch *ch, struct http_client *c);
/* Runs a statement on one shard; its answer's bytes go to `piece`, NULL: are not wanted. */
MUST_CHECK enum status ch_ask(struct ctx *cx, struct ch *ch, struct http_client *c, u32 shard,
                              const struct buf *sql, http_piece *piece, void *arg);
/* A short statement and the first line of its answer, in arena. */
MUST_CHECK enum status ch_line(struct ctx *cx, struct ch *ch, u32 shard, const char *sql,
                               const char **line);
/* Adds "(1,2,3)". */
void ch_list(struct buf *out, const u32 *list, size_t n);

/* ---- rows (ch_rows.c) ---- */
struct ch_row {
    u32 owner;
    u64 ver;
    bool alive;
    struct event e; /* props NULL: see text */
    struct str text; /* props, borrowed for the call */
};
/* Adds the list of columns that rows have: the fixed ones, `columns` (COL_BIT) and props. */
void ch_columns(struct buf *sql, u32 columns, bool props);
/* Adds a row as RowBinary, with all columns. */
void ch_encode(struct buf *out, const struct ch_row *r);
/* False: enough. */
typedef bool ch_sink(void *arg, const struct ch_row *r);
/* An answer in pieces, as RowBinary: shows each row that counts. Rows are of numbers up to `people`
 * and in order; anything else is an error, told in cx. */
struct ch_rows;
struct ch_rows *ch_rows_open(struct ctx *cx, u32 people, u32 columns, bool props, ch_sink *sink,
                             void *arg); /* owned: ch_rows_close */
bool ch_rows_piece(void *rows, int status, const char *bytes, size_t len); /* an http_piece */
MUST_CHECK enum status ch_rows_end(struct ch_rows *r); /* E_IO: it ends within a row */
void ch_rows_close(struct ch_rows *r);
/* Runs "SELECT columns FROM all WHERE `where` ORDER BY owner, at_ms, seq" and shows each row that
 * counts. A sink that stops has said why in cx. */
MUST_CHECK enum status ch_scan(struct ctx *cx, struct ch *ch, struct http_client *c, u32 columns,
                               bool props, const struct buf *where, ch_sink *sink, void *arg);

/* ---- writing (ch_write.c) ---- */
void ch_begin(struct ch *ch); /* takes busy */
void ch_end(struct ch *ch);
/* Who belongs to whom by what is durable. Owned: moved_drop. */
struct moved *ch_moved(struct ch *ch);
/* The next of those whose rows lie under another owner than `m` says, ascending; 0: nobody.
 * *at: {0} to begin. */
struct ch_step {
    u32 placed, moved;
};
u32 ch_differs(struct ch *ch, const struct moved *placed, const struct moved *m,
               struct ch_step *at);
/* With busy: puts all rows where `m` says. */
MUST_CHECK enum status ch_place(struct ctx *cx, struct ch *ch, struct moved *m);
void ch_unsure(struct ch *ch, u32 person);
void ch_prepare(struct journey *j, struct flush *f);
enum status ch_put(struct journey *j, struct flush *f);
void ch_placed(struct journey *j, struct flush *f, enum status s);
enum status ch_erased(struct journey *j, bool wait);

/* ---- reading (ch_read.c) ---- */
enum status ch_walk(struct ctx *cx, struct journey *j, const struct journey_plan *p, void **accs,
                    unsigned threads);
enum status ch_timeline(struct ctx *cx, struct journey *j, u32 person, i64 before_ms,
                        u64 before_seq, size_t limit, struct event **out, size_t *count);
enum status ch_since(struct ctx *cx, struct journey *j, u64 after_seq, size_t limit,
                     struct event **out, size_t *count);
enum status ch_verify(struct ctx *cx, struct journey *j);
