/* walk_int.h -- what the two ways of a walk share: walk.c copies events together, walk_fold.c
 * shows the columns themselves. */
#pragma once
#include "journey/side_int.h"
#include "journey/typed_int.h"
#include "journey/whole_int.h"
#include "journey/window_int.h"

/* A chunk of people has about so many events: what is copied together is large; where rows lie, the
 * longer a stretch of a column that is read at once the better, as long as states stay in the
 * processor's cache. */
enum {
    FEW_PEOPLE = 64, CHUNK_COPIED = 8192, CHUNK_LYING = 256 * 1024, STATES_BYTES = 256 * 1024,
    SHIFT_MIN = 4, SHIFT_MAX = 16, CHUNKS_MIN = 64 /* so that threads end together */
};

struct owned_slice { /* whose rows they are; lo: of the run, then of the window */
    u32 owner, index, lo, len;
};

/* What a run has of the chunk's people: entries of its directory, rows that moved to them. */
struct stretch {
    u32 entry, entry_end, side, side_end;
};

struct worker {
    struct walk *walk;
    void *acc;
    struct slab slab, event_slab;
    struct reader *reader;
    struct fault fault;
    bool failed;
    struct window *windows;    /* of the walk's runs, where they are not in memory whole */
    const struct view **views; /* of the one or the other */
    struct slab rows;       /* what they hold of a chunk */
    u32 read;               /* COL_BIT: columns that the windows hold */
    /* one chunk */
    struct stretch *stretches; /* by run */
    struct owned_slice *owned;
    struct slice *slices;
    u32 owned_room, slice_room;
    u32 *view_start; /* first slice of each view */
    struct event *events;
    u32 event_room;
    u32 *count, *start; /* events, by index in the chunk */
    u64 *masks;
    bool *wanted, *mixed_up; /* asked for; others' rows may lie among theirs */
    struct folding *folding; /* walk_fold.c's; NULL: the plan has no fold */
    pthread_t thread;
};

struct walk {
    struct journey *j;
    const struct journey_plan *plan;
    i64 from_ms, to_ms;
    u32 asked;   /* COL_BIT: what the plan reads */
    u32 columns; /* of these, what any run has: to be filled */
    u64 kinds;
    struct run **runs; /* by the time of their first event */
    u32 *overlap;      /* of each run: the first of those whose times overlap one another's */
    struct side **sides;
    struct whole **wholes; /* NULL: read chunk by chunk */
    u32 run_count;
    u32 people;
    struct moved *moved;
    unsigned shift; /* a chunk is 1 << shift numbers */
    u32 chunk_count;
    atomic_uint next;
    struct slab slab;
};

/* The fields of struct journey_row. */
#define ROW_FIELDS(X) X(kind) X(channel) X(country) X(site) X(page) X(source) X(campaign)

/* ---- walk.c ---- */
/* Where the chunk's people are in each run: k->stretches. */
bool walk_stretches(struct worker *k, u32 chunk);
/* Copies together the events of k->wanted, those of a chunk, and shows them. */
void walk_copied(struct worker *k, u32 chunk, struct slab *merging);
/* Brings columns of the rows that were added to the windows there, those that are not there yet. */
bool walk_read(struct worker *k, u32 columns);
/* Shows one person's events, which are in order, as far as they are in range, if the plan's kinds
 * and row are among them. */
void walk_show(struct worker *k, u32 person, const struct event *e, u32 n);

/* ---- walk_fold.c ---- */
void fold_open(struct worker *k); /* after slab, walk and views are there */
void fold_look(struct worker *k); /* once it is known which runs are in memory */
void fold_close(struct worker *k);
/* Shows k->wanted of a chunk, by the plan's fold. */
void fold_chunk(struct worker *k, u32 chunk, struct slab *merging);
/* Shows one person's events, which were copied together. */
void fold_events(struct worker *k, u32 person, const struct event *e, u32 n);
