/* whole_int.h -- columns of runs kept in memory between walks, each with one width: who looks at a
 * report asks for the next one soon. Bounded; given back when nobody has walked for a while.
 *
 * A whole grows by columns and is never changed otherwise: shared by the walks that hold it. */
#pragma once
#include "journey/journey_int.h"
#include "journey/typed_int.h"

struct whole {
    atomic_uint refs;
    pthread_mutex_t lock; /* held while columns are added */
    u32 loaded;           /* COL_BIT */
    struct view view;     /* all rows */
    struct typed typed;
    struct column_info columns[COL_COUNT];
    struct slab slab;
    u64 bytes; /* of the budget */
    atomic_uint_fast64_t *budget;
    const void *zeros; /* as long as the longest column, untouched; NULL: not needed yet */
};
/* The run with its directory and at least these columns, no props. Owned: whole_drop. NULL: no room
 * for them, or f->status says what is wrong. Any thread. */
struct whole *whole_take(struct journey *j, struct run *r, u32 columns, u32 people_max,
                         struct reader *reader, struct fault *f);
/* Gives back the memory of all of them when nobody has asked for one in a while. Any thread. */
void wholes_rest(struct journey *j);
