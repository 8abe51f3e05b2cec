/* journey_int.h -- the inside of the event store.
 *
 *   append -> queue of groups -> committer: one log row, one fsync a group -> open chunk -> sealed
 * run in memory
 *          -> flush: runs of a month in the file, in one transaction with the removal of their log
 *          rows
 *
 * A reader takes a snapshot: the list of runs (file and memory) plus the filled part of the open
 * chunk. Lists are never changed, only replaced, so it sees each event once, whatever is flushed
 * meanwhile, and several threads see the same.
 *
 * Locks      queue: groups and the flush under way. state: what a snapshot takes. One each in
 *            dictionaries, people, file. None is held while another is taken. */
#pragma once
#include "base/limits.h"
#include "journey/batch_int.h"
#include "journey/run_int.h"
#include "journey/seen_int.h"

enum {
    SEAL_EVENTS = 16 * 1024,    /* the open chunk becomes a run: a walk sorts less than this */
    CHUNK_EVENTS = SEAL_EVENTS + LIMIT_EVENT_BATCH,
    CHUNK_BUCKETS = 16 * 1024,
    QUEUE_GROUPS = 8,           /* waiting; more is E_BUSY */
    QUEUE_RESERVE = 2,          /* for callers who wait themselves */
    GROUP_PROPS_BYTES = 16 * 1024 * 1024,
    FLUSH_EVENTS = 200 * 1000,
    LISTENERS = 8,
    MERGE_RUNS = 8,        /* of a month: then they are merged */
    MERGE_RUNS_MAX = 64,   /* at once */
    MERGE_EVENTS_MAX = 2 * 1000 * 1000, /* of a merged run: what is sorted in memory */
    THREADS_MAX = 16,
    WHOLES_REST_S = 5, /* without a walk, memory is given back */
    WHOLES_PART = 4,       /* of the machine's memory, at most */
};

/* ---- state (state.c) ---- */

/* The youngest events, in order of arrival. Only grows; readers look at what was there when they
 * came. */
struct chunk {
    atomic_uint refs;
    u32 count;
    struct event *events; /* CHUNK_EVENTS */
    u32 *earlier;         /* index + 1 of the event before it in its bucket, or 0 */
    atomic_uint *buckets; /* CHUNK_BUCKETS: index + 1 of the newest event of these people */
    struct slab slab;
    struct arena *texts; /* their props */
};
struct state {
    atomic_uint refs;
    size_t count;
    struct run *runs[]; /* in order of arrival: those in the file first */
};
struct snapshot {
    struct state *state;
    struct chunk *open;
    u32 open_count;
    u64 last_seq;
};
void snapshot_take(struct journey *j, struct snapshot *s); /* owned: snapshot_drop */
void snapshot_drop(struct journey *j, struct snapshot *s);
/* The open part as a run of its own; NULL when it is empty. Owned: run_drop. */
struct run *snapshot_open_run(const struct snapshot *s);
/* Events of one person in the open part, newest first: give 0 to begin, then what came back; 0 at
 * the end. */
u32 snapshot_open_next(const struct snapshot *s, u32 person, u32 at);
/* Committer: adds events that are durable now, whose log row is log_id; seals the chunk when it is
 * full. */
void state_add(struct journey *j, const struct event *events, u32 count, i64 log_id);
void state_seal(struct journey *j, i64 log_id);
/* Committer: puts `made` in place of the first `flushed` runs that are in memory. */
void state_replace(struct journey *j, size_t flushed, struct run **made, size_t made_count);
/* Committer: puts `made`, which it takes, in place of runs in the file; NULL: nothing. */
void state_swap(struct journey *j, struct run *const *gone, size_t gone_count, struct run *made);
void state_open(struct journey *j, struct run **runs, size_t count); /* takes the runs */
void state_close(struct journey *j);

/* ---- queue and committer (log.c) ---- */

/* Seconds since 1970 fit 32 bits until 2106. */
static const i64 AT_MS_MAX = (i64)UINT32_MAX * MS_SECOND;

struct waiter {
    journey_done *done;
    void *arg;
    enum status status;
    bool flush; /* waits for a flush too */
};
struct link_request {
    struct journey_link link; /* contact 0: undo; LINK_ERASED */
    u32 waiter;
    u32 before; /* what it replaced, to go back when the commit fails */
    i64 before_ms;
    bool made;
};
struct group { /* what goes into one commit */
    struct event *events;
    u32 count, room;
    struct arena *texts;
    size_t text_bytes;
    struct waiter *waiters;
    u32 waiter_count, waiter_room;
    struct link_request *links;
    u32 link_count, link_room;
    u64 outbox_seq;
    bool flush, merge;
    struct group *next;
};
struct listener {
    journey_listener *fn;
    void *arg;
};
/* A flush under way: prepared by any thread, committed by the committer. */
struct flush {
    struct people *people;
    struct run **tail; /* runs in memory, kept */
    size_t tail_count;
    i64 log_id;
    struct run **made;
    size_t made_count;
    enum status status; /* of preparing */
    bool ready;
};

/* Makes a group durable; events whose id is known and links that may not be made are left out. */
enum status commit_group(struct journey *j, struct group *g); /* commit.c */
enum status log_start(struct ctx *cx, struct journey *j);
void log_stop(struct journey *j);
/* Applies a log row read back at open. NULL: fine. */
const char *log_replay(struct journey *j, const struct batch *b, i64 log_id);
const char *log_restore(struct journey *j, const struct batch *b); /* only its names and people */

/* ---- flush (flush.c) ---- */
struct flush *flush_begin(struct journey *j);        /* committer; NULL: nothing to do */
void flush_prepare(struct journey *j, struct flush *f); /* any thread: sorts and packs */
enum status flush_commit(struct journey *j, struct flush *f); /* committer; takes f */
/* What the file's own backend does of it. */
void runs_prepare(struct journey *j, struct flush *f);
enum status runs_put(struct journey *j, struct flush *f);
void runs_placed(struct journey *j, struct flush *f, enum status s);
void flush_free(struct flush *f);
enum status put_meta(struct journey *j, const char *key, u64 value); /* committer */
enum status read_meta(struct ctx *cx, struct journey *j, const char *key, u64 *value); /* at open */

/* ---- merging (merge.c) ---- */

/* Runs of a month that become one: chosen and written by the committer, prepared by any thread. */
struct merge {
    struct run **from; /* kept */
    size_t count;
    struct file *file;
    struct people *people;
    struct run *made;
    i64 id;     /* of the new run; 0: none of it is written yet */
    int column; /* the next to be written */
    enum status status; /* of preparing and of writing */
    struct fault fault;
    bool ready;
};
/* Committer: the month whose runs belong together most, if at least `least` do; NULL: none. */
struct merge *merge_begin(struct journey *j, size_t least);
/* Committer: learns of all runs how many of their entries have moved. */
enum status merge_look(struct journey *j);
void merge_prepare(struct merge *m); /* any thread: reads, sorts, packs */
/* Committer: writes a part. True: all is done or failed (*s), and m is freed. */
bool merge_step(struct journey *j, struct merge *m, enum status *s);
void merge_free(struct merge *m); /* NULL is fine */
/* Committer: nothing is left to be sorted again for those who were erased: overwrites a part of
 * what the file's free pages hold. When all is done, the erasing is over. */
enum status merge_erased(struct journey *j);
void merge_tidy(struct journey *j); /* committer: forgets replaced runs that nobody reads */

/* ---- one person (timeline.c) ---- */

/* What looking up people shares. */
struct lookup {
    struct journey *j;
    struct snapshot snap;
    struct reader *reader;
    struct moved *moved;
    struct fault fault;
};
/* Arrivals of a stretch of numbers. */
struct arrivals {
    u64 first, last;   /* both included */
    struct event *out; /* of `first` on; person 0: not found */
};
/* The newest events of a person, as journey_timeline; out of the lookup's snapshot. */
enum status lookup_newest(struct ctx *cx, struct lookup *l, u32 person, i64 before_ms,
                          u64 before_seq, size_t limit, struct event **out, size_t *count);
/* Events in order of arrival, as journey_since; `more` fills in what lies outside the snapshot.
 * NULL: nothing does. */
typedef enum status arrivals_fn(struct ctx *cx, void *arg, const struct arrivals *a);
enum status lookup_since(struct ctx *cx, struct lookup *l, u64 after_seq, size_t limit,
                         arrivals_fn *more, void *arg, struct event **out, size_t *count);
/* Owned: lookup_close. */
enum status lookup_open(struct ctx *cx, struct journey *j, struct lookup *l);
void lookup_close(struct lookup *l);
/* Events of one person within [from, to), in time order; aliases followed. In arena. */
enum status lookup_person(struct ctx *cx, struct lookup *l, u32 person, i64 from_ms, i64 to_ms,
                          bool props, struct event **out, u32 *count);
/* Sorts by (time, arrival). spare: room for n. */
void events_order(struct event *e, u32 n, struct slab *slab);

/* ---- where flushed events lie (backend.c) ---- */

/* The log, names, people, links and known ids are in the file always; what becomes of events that
 * leave the log is a backend's. To add one: write NAME.c and list it in backend.c; the tests of
 * tests/journey then run against it unchanged. */
struct backend {
    const char *scheme; /* of journey_options.events_url; NULL: the file itself */
    u64 number;         /* in the file's meta "backend": it knows where its events are */
    /* The file was read back: finds what lies elsewhere. */
    enum status (*open)(struct ctx *cx, struct journey *j, const char *url);
    void (*close)(struct journey *j); /* after a failed open too */
    /* A flush. prepare, on any thread: sorts and packs, or sends; f->status. put, the committer's
     * and within its transaction: may fail, which undoes all. placed: whether that happened. A
     * flush that was prepared is always placed, even if only with a failure. */
    void (*prepare)(struct journey *j, struct flush *f);
    enum status (*put)(struct journey *j, struct flush *f);
    void (*placed)(struct journey *j, struct flush *f, enum status s);
    /* Committer: puts in order what was flushed, as merge.c says of its functions of these names.
     * erased, wait: not beside other work, so it may take its time. */
    enum status (*look)(struct journey *j);
    struct merge *(*merge_begin)(struct journey *j, size_t least);
    enum status (*erased)(struct journey *j, bool wait);
    /* As the functions of journey.h, of all events. stats, verify: of those that were flushed. */
    enum status (*walk)(struct ctx *cx, struct journey *j, const struct journey_plan *p,
                        void **accs, unsigned threads);
    enum status (*timeline)(struct ctx *cx, struct journey *j, u32 person, i64 before_ms,
                            u64 before_seq, size_t limit, struct event **out, size_t *count);
    enum status (*since)(struct ctx *cx, struct journey *j, u64 after_seq, size_t limit,
                         struct event **out, size_t *count);
    void (*stats)(struct journey *j, struct journey_stats *out);
    enum status (*verify)(struct ctx *cx, struct journey *j);
};
extern const struct backend backend_file, backend_clickhouse;
const struct backend *backend_of(const char *url); /* NULL: no such */
/* Walks the runs of the snapshot (walk.c); the file's walk. */
enum status runs_walk(struct ctx *cx, struct journey *j, const struct journey_plan *p, void **accs,
                      unsigned threads);

struct journey {
    const struct backend *backend;
    void *far; /* the backend's own */
    struct file *file;
    struct clock *clock, own_clock;
    u32 flush_events;
    bool background;
    struct dict dicts[DICT_COUNT]; /* [0] is not used */
    struct people people;

    pthread_mutex_t queue_lock;
    pthread_cond_t queue_filled, queue_room, flush_wanted, merge_wanted;
    struct group *first, *last, *spare;
    unsigned queued, spares;
    bool committer_waits, closing, started;
    struct flush *flush; /* under way in the background */
    struct merge *merge; /* likewise */
    bool merge_due;      /* the committer's: runs have come since it looked for some to merge */
    pthread_t committer, flusher, merger;

    pthread_mutex_t state_lock;
    struct state *state;
    struct chunk *open;
    u64 last_seq, outbox_seq, commits;

    pthread_mutex_t link_lock; /* held from making links to their being durable */
    pthread_mutex_t side_lock; /* what runs keep for walks: sides, wholes */
    i64 wholes_used_ns;
    u64 wholes_max;
    atomic_uint_fast64_t wholes_bytes;

    pthread_mutex_t listen_lock; /* held while listeners are called */
    struct listener listeners[LISTENERS];
    unsigned listener_count;

    /* the committer's own */
    struct seen seen;
    struct buf blob;
    struct arena *scratch;
    i64 log_id;      /* newest row of the log */
    i64 cut_log_id;  /* rows up to here were flushed */
    i64 linked_log_id; /* the tables of people and links are as after this row */
    u64 run_seq;     /* newest arrival that runs in the file had, erased since or not */
    i64 run_id;      /* newest run */
    u64 next_seq;
    u32 tail_events, flush_at;
    u64 *new_ids;    /* since the last flush */
    u32 new_id_count, new_id_room;
    i64 newest_id_ms;
    struct run **dead; /* replaced, perhaps still read */
    u32 dead_count, dead_room;
    u32 *new_erased; /* people, since the last flush */
    u32 new_erased_count, new_erased_room;
    bool erasing;    /* there may be rows of erased people still */
    bool blanked;    /* and the file's free pages hold nothing any more */
    u32 *new_links;  /* visitors whose link changed since the last flush */
    u32 new_link_count, new_link_room;
};

/* An array that grows by doubling; aborts when memory is out. */
void *array_room(void *p, u32 *room, u32 need, size_t bytes_each);
/* Records what a thread found wrong, in words. */
enum status fault_fail(struct ctx *cx, const struct fault *f);
