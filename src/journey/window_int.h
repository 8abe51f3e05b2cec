/* window_int.h -- some rows of a run, read where they lie: a walk goes through the people in
 * chunks, and of each run brings only the rows of a chunk into memory, so that they are still in
 * the processor's cache when the report looks at them. A window belongs to one thread; it keeps
 * the columns of its run open from chunk to chunk. Its run's blobs must have been checked
 * (view_check); what is read is still not trusted where it says where to read.
 *
 *   window_people   whose entries a range of numbers has: view.people, masks, first, entries
 *   window_add      rows that are wanted, window_read: their columns: view.data, rows
 * Rows of the view are those of the window: what window_add returned, and on. */
#pragma once
#include "journey/run_int.h"

struct range {
    u32 lo, len, at; /* rows of the run from lo are rows of the window from at */
};
struct window {
    struct view view;
    struct run *run;
    struct reader *reader;
    struct column_info columns[COL_COUNT]; /* the run's; of sparse ones the count in the window */
    struct stream *streams[COL_COUNT];
    size_t stream_bytes[COL_COUNT];
    struct range *ranges;
    u32 range_count, range_room;
    struct props_block *blocks; /* of all props of the run; NULL: not read yet */
    u32 block_count;
};
void window_open(struct window *w, struct run *r, struct reader *reader);
void window_close(struct window *w); /* before its reader is given back */
/* The entries of people in [from, to), and no rows. In slab. */
bool window_people(struct window *w, u32 from, u32 to, struct slab *slab, struct fault *f);
/* Rows [lo, lo + len) of the run are wanted too; the place of the first in the window. In any
 * order. */
u32 window_add(struct window *w, u32 lo, u32 len);
/* A column of the wanted rows; COL_PROPS as well. In slab. */
bool window_read(struct window *w, enum column c, struct slab *slab, struct fault *f);
