/* walk_int.h -- what the two ways of a walk share: walk.c copies events together, walk_parts.c
 * shows the columns themselves. */
#pragma once
#include "journey/side_int.h"
#include "journey/typed_int.h"
#include "journey/whole_int.h"
#include "journey/window_int.h"

/* A chunk of people has about so many events: what is copied together is large, rows where they lie
 * are small. */
enum {
    FEW_PEOPLE = 64, CHUNK_COPIED = 8192, CHUNK_LYING = 32768, SHIFT_MIN = 4, SHIFT_MAX = 16,
    CHUNKS_MIN = 64 /* so that threads end together */
};

struct owned_slice { /* whose rows they are; lo: of the run, then of the window */
    u32 owner, index, lo, len;
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
    struct typed *typed;    /* their columns for visit_parts; NULL */
    /* one chunk */
    struct owned_slice *owned;
    struct slice *slices;
    u32 owned_room, slice_room;
    u32 *view_start; /* first slice of each view */
    struct event *events;
    u32 event_room;
    /* By index in the chunk. count: events; where rows are shown as they lie, slices. */
    u32 *count, *start;
    u64 *masks;
    bool *wanted, *mixed_up; /* asked for; others' rows may lie among theirs */
    bool *has_row;           /* one like plan->row */
    u8 *hits;                /* by row of a run: is like it */
    u32 hit_room;
    /* one chunk, without copies (walk_parts.c) */
    struct journey_part *parts;
    u32 part_room;
    struct mixed *mixed;
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

/* walk.c: whether events in order hold one of each of the plan's kinds. */
bool walk_has_kinds(const struct journey_plan *p, const struct event *e, size_t n);
bool walk_has_row(const struct journey_row *row, const struct event *e, size_t n); /* NULL: true */
/* Shows one person's events, which are in order, as far as they are in range and as asked for. */
void walk_show(const struct journey_plan *p, i64 from_ms, i64 to_ms, void *acc, u32 person,
               const struct event *e, u32 n);
/* Brings columns of the wanted people's rows into the windows, those that are not there yet. */
bool walk_read(struct worker *k, u32 columns);
/* Gives each wanted person of a counted chunk a stretch of k->events and fills it; k->start is then
 * the end of each stretch. 0: nobody. */
u32 walk_fill(struct worker *k);
/* The events that were filled in for one of them, in order. */
struct event *walk_events(struct worker *k, u32 index, u32 person, struct slab *merging, u32 *n);

void parts_open(struct worker *k);
void parts_close(struct worker *k);
/* Shows one person's events, which are in order and copied together, if they are in range. */
void parts_show(struct worker *k, u32 person, u64 kinds, const struct event *e, u32 n);
/* Shows the wanted people of a counted chunk. */
void parts_visit(struct worker *k, u32 chunk, struct slab *merging);
