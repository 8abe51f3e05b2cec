/* run_int.h -- a run: events of one month sorted by (person, time, arrival), one array per column.
 *
 * Directory  whose rows are in the run: person, first row, mask of kinds. Reports skip people by it
 *            before touching their events. Rows lie under the person they belonged to when the run
 *            was made; COL_PERSON says under whom they came where that is somebody else.
 * Column     value = base + unsigned delta of 0, 1, 2, 4 or 8 bytes, as narrow as the run allows; 0
 *            bytes: all rows are base. Rare 8-byte values are sparse: only the rows that have one.
 *            A column that is missing reads as zero.
 * Fence      every 64th person of the directory, kept in memory: finds a person's rows with one
 * small read. Two homes  a run lives in memory (the log's tail, its blobs in a slab) or in the file
 * (blobs read when wanted). */
#pragma once
#include "journey/blob_int.h"
#include "journey/file_int.h"
#include "journey/journey.h"
#include "journey/slab_int.h"
#include <stdatomic.h>

/* Numbers are in files and in journey.h (READ_*): never reuse one. */
enum column {
    COL_DIR = 0, COL_AT = 1, COL_KIND = 2, COL_CHANNEL = 3, COL_DEVICE = 4, COL_COUNTRY = 5,
    COL_FLAGS = 6, COL_SITE = 7, COL_PAGE = 8, COL_SOURCE = 9, COL_CAMPAIGN = 10, COL_CLIENT = 11,
    COL_TOUCH = 12, COL_VALUE = 13, COL_RECORD = 14, COL_SEQ = 15, COL_PROPS = 16, COL_PERSON = 17,
    COL_COUNT
};
/* The columns that are numbers: number, field of struct event, type, name for people. */
#define NUMBER_COLUMNS(X)                                                                          \
    X(COL_AT, at_ms, i64, "time") X(COL_KIND, kind, u16, "kind")                                   \
    X(COL_CHANNEL, channel, u8, "channel") X(COL_DEVICE, device, u8, "device")                     \
    X(COL_COUNTRY, country, u16, "country") X(COL_FLAGS, flags, u16, "flags")                      \
    X(COL_SITE, site, u32, "site") X(COL_PAGE, page, u32, "page")                                  \
    X(COL_SOURCE, source, u32, "source") X(COL_CAMPAIGN, campaign, u32, "campaign")                \
    X(COL_CLIENT, client, u32, "client") X(COL_TOUCH, touch, u32, "touch")                         \
    X(COL_VALUE, value, i64, "value") X(COL_RECORD, record, i64, "record")                         \
    X(COL_SEQ, seq, u64, "arrival")
#define COL_BIT(c) (1u << (c))
enum {
    COLS_NUMBERS = COL_BIT(COL_PROPS) - 2, /* from COL_AT on */
    COLS_ALWAYS = COL_BIT(COL_AT) | COL_BIT(COL_KIND) | COL_BIT(COL_SEQ) | COL_BIT(COL_PERSON),
    COLS_ALL = COLS_NUMBERS | COL_BIT(COL_PROPS) | COL_BIT(COL_PERSON)
};

enum form {
    FORM_NONE = 0, FORM_CONST = 1, FORM_DENSE = 2, FORM_SPARSE = 3, FORM_DIR = 4, FORM_PROPS = 5
};
struct column_info { /* 16 bytes, as they lie in the run's blob */
    u8 column, form, width, reserved;
    u32 count; /* sparse, props: rows that have one; directory: entries */
    i64 base;
};
_Static_assert(sizeof(struct column_info) == 16, "the layout is what files hold");

enum { FENCE_STEP = 64 };
struct side;
struct whole;
struct run {
    atomic_uint refs;
    i64 id;        /* 0: in memory */
    i64 log_id;    /* in memory: the last row of the log that is in it */
    u32 month;     /* year * 12 + month - 1; MONTH_MIXED in memory */
    u32 level;     /* 0: as flushed */
    u32 events, entries;
    i64 min_ms, max_ms;
    u64 first_seq, last_seq; /* of the whole flush it came from: runs of one flush share them */
    struct column_info columns[COL_COUNT];
    u32 *fence, fence_count;
    u64 bytes;            /* of all its blobs */
    atomic_uint checked;  /* COL_BIT: its checksum was looked at since the store was opened */
    struct side *side;    /* side_int.h, whole_int.h: under the journey's side_lock */
    struct whole *whole;
    char *blobs[COL_COUNT]; /* in memory: head and payload; NULL: no such blob */
    size_t blob_bytes[COL_COUNT];
    struct slab slab;     /* where they lie */
};
enum { MONTH_MIXED = 0 };

const char *column_name(enum column c); /* static */
u32 month_of(i64 ms);

/* ---- making ---- */
/* Order by (owner, time, arrival): `out[i]` is the index of the i-th event. out: room for n.
 * owners: whose each event is; NULL: whom it came under. */
void run_sort(const struct event *events, const u32 *owners, u32 n, u32 *out);
/* Builds a run in memory of the events that `order` names, which is sorted. Owned: run_drop. */
struct run *run_build(const struct event *events, const u32 *owners, const u32 *order, u32 n);
/* The run's own blob for the file: in arena `a`. */
void *run_head(const struct run *r, struct arena *a, size_t *bytes);
/* Reads that blob. Owned: run_drop. NULL: *fault says what is wrong. */
struct run *run_open(i64 id, const void *blob, size_t len, const char **fault);
struct run *run_keep(struct run *r); /* one more owner */
void run_drop(struct run *r);        /* NULL is fine */
void side_drop(struct side *s);      /* side.c, whole.c; NULL is fine */
void whole_drop(struct whole *h);
/* Its blobs are in the file now: gives back the memory. Nobody else may hold the run yet. */
void run_settle(struct run *r, i64 id);

/* ---- reading ---- */
/* What is wrong, where: threads have no ctx of their own. */
struct fault {
    enum status status;
    i64 run;
    enum column column;
    const char *what; /* static */
};
static inline bool fault_set(struct fault *f, const struct run *r, enum column c, enum status s,
                             const char *what)
{
    *f = (struct fault){ .status = s, .run = r->id, .column = c, .what = what };
    return false;
}
/* A run, or some rows of it (window_int.h), with some columns in memory. */
struct view {
    const struct run *run;
    const struct column_info *columns;
    u32 entries, rows;
    const u64 *masks;  /* directory: entries */
    const u32 *people; /* ascending */
    const u32 *first;  /* entries + 1 */
    const void *data[COL_COUNT];
    const char **props; /* text of each row that has one */
    const u32 *props_rows;
    u32 props_count;
};
/* ---- props, as they are packed ---- */
enum { PROPS_BLOCK_MAX = 8 * 1024 * 1024 };
struct props_block { /* as they lie in the payload, behind their count */
    u32 first_row, offset, raw_bytes, bytes;
};
/* Unpacks one block and gives its texts, which are in the slab, to `take`. False: it is not what
 * was written, or `take` said so. */
bool props_block_each(const struct props_block *b, const char *packed, struct slab *slab,
                      bool (*take)(void *arg, u32 row, const char *text, u32 bytes), void *arg);

/* Checks the sums of those blobs of `columns` that nobody has looked at since the open. */
bool view_check(struct run *r, u32 columns, u32 people_max, struct reader *reader, struct fault *f);
/* The parts of a directory: where they begin in its payload. */
static inline size_t dir_people_at(const struct run *r) { return (size_t)r->entries * 8; }
static inline size_t dir_first_at(const struct run *r) { return (size_t)r->entries * 12; }
/* Brings `columns` (COL_BIT, of the directory too) of a run into the slab, checking each blob's sum
 * the first time. people_max: the largest person number there is. reader: not needed for a run in
 * memory. */
bool view_load(struct view *v, struct run *r, u32 columns, u32 people_max, struct reader *reader,
               struct slab *slab, struct fault *f);
/* `len` rows from `lo` go to out[dest...]. */
struct slice {
    u32 lo, len, dest;
};
/* Fills one field of the events of many slices. */
void view_fill(const struct view *v, enum column c, const struct slice *s, size_t count,
               struct event *out);
/* Whom events came under, where that is not whose the rows are; the others keep what they have. */
void view_fill_person(const struct view *v, const struct slice *s, size_t count,
                      struct event *out);
u64 view_seq(const struct view *v, u32 row);     /* column COL_SEQ must be loaded */
u32 view_person(const struct view *v, u32 row);  /* whose row it is */
void view_fill_props(const struct view *v, const struct slice *s, size_t count, struct event *out);
/* All events of some runs, run after run; those of one person and time in each in order of arrival.
 * In slab, texts too. NULL: f says why. */
struct event *runs_gather(struct run *const *runs, size_t count, u32 people_max,
                          struct reader *reader, struct slab *slab, u32 *n, struct fault *f);

/* The rows of one person, found by the fence and read as such. False with f->status OK: not in this
 * run. */
bool run_find(struct run *r, u32 person, struct reader *reader, u32 *lo, u32 *hi, u64 *mask,
              struct fault *f);
/* Fills one column of events [0..n) from rows lo.. of a run, reading no more than those. */
bool run_read(struct run *r, enum column c, u32 lo, u32 n, struct reader *reader, struct event *out,
              struct fault *f);
/* The same for props, whose texts go to the arena. */
bool run_read_props(struct run *r, u32 lo, u32 n, struct reader *reader, struct arena *a,
                    struct event *out, struct fault *f);
/* Checks every blob of a run in the file as journey_verify does: sums, order, counts, masks. */
bool run_verify(struct run *r, u32 people_max, struct reader *reader, struct fault *f);
