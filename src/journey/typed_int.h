/* typed_int.h -- columns of a view with one width for all runs, as reports see them. */
#pragma once
#include "journey/run_int.h"

/* number, field of event and columns, type */
#define PART_COLUMNS(X)            \
    X(COL_KIND, kind, u16)         \
    X(COL_COUNTRY, country, u16)   \
    X(COL_FLAGS, flags, u16)       \
    X(COL_CHANNEL, channel, u8)    \
    X(COL_DEVICE, device, u8)      \
    X(COL_SITE, site, u32)         \
    X(COL_PAGE, page, u32)         \
    X(COL_SOURCE, source, u32)     \
    X(COL_CAMPAIGN, campaign, u32) \
    X(COL_CLIENT, client, u32)     \
    X(COL_TOUCH, touch, u32) X(COL_VALUE, value, i64) X(COL_RECORD, record, i64)

struct typed {
    struct journey_columns columns; /* first: who has them finds the rest */
    const u32 *begin, *end; /* by entry: columns.at of its first and last row; NULL in a window */
    bool narrow; /* its times fit 32 bits: rows can be shown as they lie; otherwise no columns */
    bool cut;    /* the walk's: some rows are out of range */
};
/* Brings the `columns` (COL_BIT) that the view has into one width: they lie in the slab, or are the
 * view's own. zeros: zeroed memory for its rows of 8 bytes, for columns that are zero everywhere;
 * NULL: they lie in the slab too. */
void typed_load(struct typed *t, const struct view *v, u32 columns, const void *zeros,
                struct slab *slab);
