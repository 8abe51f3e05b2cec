/* question_walk.h -- of journey metrics: what is looked for in a walk and what each thread counts
 * meanwhile. question_journey.c makes the one before the walk and adds up the other after it,
 * question_walk.c is called for each person in between. */
#pragma once
#include "journey/journey.h"
#include "kit/kit.h"
#include "kit/question_int.h"

enum {
    KINDS_MAX = 1024,
    READY_MAX = 8,
    PAGES_OF_VISIT = 256 /* further ones count each time */
};

/* ---- cells by key ---- */
struct count {
    u32 key;
    bool used;
    u64 last; /* whom or what it counted last */
    i64 count, sum;
    u32 *each; /* what P75 is made of */
    u32 each_count, each_cap;
};
struct counts {
    struct count *items; /* open addressing */
    size_t used, cap;
    struct arena *arena;
};

/* ---- what is asked ---- */
/* A dimension, the code of its event_kind, and what OF_SOME was made ready. */
struct aspect {
    const struct dimension *of; /* NULL: none */
    u16 kind;
    const void *ready;
};

struct condition {
    struct test test;
    struct aspect aspect;
    u64 some; /* OF_SOME: the keys that fit */
};

struct lens {
    i64 from_ms, to_ms;
    const struct question *q; /* whose conditions */
    bool bots;
    struct condition *conditions;
    size_t count;
    bool of_events; /* some are on events */
    size_t *slots, slot_count;
};

struct slot {
    struct leaf *leaf;
    size_t lens;
    struct aspect by;        /* none: by time, or not split */
    struct aspect about;     /* only events that have one of these; none: all */
    u8 kinds[KINDS_MAX / 8]; /* those that are counted */
};

struct plan {
    struct slot *slots;
    struct lens *lenses;
    size_t count, lens_count;
    u8 visits[KINDS_MAX / 8];       /* kinds that visits are made of */
    u8 active[KINDS_MAX / 8];       /* and those of them with which one begins */
    struct aspect ready[READY_MAX]; /* those OF_SOME, each made ready once */
    size_t ready_count;
    const struct wanted *wanted; /* what is listed: rows of the only slot; NULL: nothing is */
    size_t bucket;               /* of those by time */
    u16 view;                    /* the kind of which visits tell how many they had */
};

/* A page of the visit at hand, as far as it was measured. */
struct read_page {
    u32 page;
    i64 most;
};

/* A visit, or an event outside of any. */
struct span {
    size_t first, end; /* of the person's events */
    i64 last_ms;       /* the visit's last sign of life */
    bool visit;
};

struct acc {
    const struct plan *plan;
    struct arena *arena;
    struct ctx cx;              /* for names: of this thread's arena */
    struct counts *by_slot;     /* cells */
    struct count *totals;       /* by slot */
    struct names *names;        /* by slot */
    size_t *buckets;            /* by slot: the last event's, most often the next one's too */
    struct verdicts **verdicts; /* by lens and condition */
    struct span *spans;         /* of the person and lens at hand */
    size_t span_count, span_cap;
    u64 serial; /* of the span at hand: no two are alike */
    struct read_page pages[PAGES_OF_VISIT];
    size_t page_count;
    struct picks picks;       /* what is listed */
    struct verdicts of_group; /* by key: whether it is of the group that is listed */
};

/* A walk's visitor: arg is a struct acc, of the thread at hand. */
void walk_person(void *arg, const struct journey_view *v);
/* The cell of a key; made, empty, where there is none. */
struct count *walk_count_at(struct counts *c, u32 key);
void walk_add_kind(u8 *set, u16 kind);
/* Whether it is asked of each event, not of a visit as a whole. */
bool walk_is_of_events(const struct aspect *a);
/* Whether a metric adds up what events carry, or counts visits. */
bool walk_measures(const struct metric *m), walk_counts_visits(const struct metric *m);
/* Whether all rows that count are listed; whether this key's are. */
bool walk_lists_all(const struct acc *acc);
bool walk_lists_group(struct acc *acc, size_t index, u32 key);
