/* window.c -- see window_int.h. */
#include "base/log.h"
#include "journey/journey_int.h"
#include "journey/window_int.h"
#include <stdlib.h>

enum { GAP_ROWS = 256 }; /* rows between two wanted ones that are read with them */

void window_open(struct window *w, struct run *r, struct reader *reader)
{
    *w = (struct window){ .run = r, .reader = reader };
    memcpy(w->columns, r->columns, sizeof w->columns);
    w->view = (struct view){ .run = r, .columns = w->columns };
}

void window_close(struct window *w)
{
    for (int c = 0; c < COL_COUNT; c++)
        stream_close(w->streams[c]);
    free(w->ranges);
    free(w->blocks);
}

/* ---- bytes ---- */

static bool open_stream(struct window *w, enum column c, struct fault *f)
{
    enum status s = OK;

    if (w->streams[c] == NULL)
        s = stream_open(w->reader, w->run->id << 8 | c, &w->stream_bytes[c], &w->streams[c]);
    return s == OK || fault_set(f, w->run, c, s, "cannot be read");
}

/* Bytes of a column's payload. */
static bool fetch(struct window *w, enum column c, size_t offset, size_t bytes, void *out,
                  struct fault *f)
{
    struct run *r = w->run;

    offset += BLOB_HEAD_BYTES;
    if (r->id == 0) {
        memcpy(out, r->blobs[c] + offset, bytes);
        return true;
    }
    if (!open_stream(w, c, f))
        return false;
    if (offset > w->stream_bytes[c] || bytes > w->stream_bytes[c] - offset)
        return fault_set(f, r, c, E_CORRUPT, "length does not match its run");
    return stream_read(w->streams[c], out, offset, bytes) == OK ||
           fault_set(f, r, c, E_IO, "cannot be read");
}

/* ---- whose ---- */

static bool entries_fine(const struct view *v)
{
    for (u32 e = 0; e < v->entries; e++)
        if (v->first[e] >= v->first[e + 1] || (e > 0 && v->people[e] <= v->people[e - 1]))
            return false;
    return v->first[v->entries] <= v->run->events;
}

bool window_people(struct window *w, u32 from, u32 to, struct slab *slab, struct fault *f)
{
    const struct run *r = w->run;
    struct view *v = &w->view;
    u32 block = lower_bound(r->fence, r->fence_count, from + 1);
    u32 end = lower_bound(r->fence, r->fence_count, to) * FENCE_STEP;

    w->range_count = 0;
    v->rows = v->entries = v->props_count = 0;
    memset(v->data, 0, sizeof v->data);
    u32 entry = block == 0 ? 0 : (block - 1) * FENCE_STEP;
    end = end < r->entries ? end : r->entries;
    if (entry >= end)
        return true;
    u32 *people = SLAB_N(slab, u32, end - entry);
    if (!fetch(w, COL_DIR, dir_people_at(r) + entry * 4ull, (end - entry) * 4ull, people, f))
        return false;
    u32 skip = lower_bound(people, end - entry, from);
    v->people = people + skip;
    v->entries = lower_bound(people + skip, end - entry - skip, to);
    if (v->entries == 0)
        return true;
    entry += skip;
    u64 *masks = SLAB_N(slab, u64, v->entries);
    u32 *first = SLAB_N(slab, u32, v->entries + 1);
    v->masks = masks;
    v->first = first;
    if (!fetch(w, COL_DIR, entry * 8ull, v->entries * 8ull, masks, f) ||
        !fetch(w, COL_DIR, dir_first_at(r) + entry * 4ull, (v->entries + 1) * 4ull, first, f))
        return false;
    return entries_fine(v) || fault_set(f, r, COL_DIR, E_CORRUPT, "people or rows out of order");
}

/* ---- rows ---- */

u32 window_add(struct window *w, u32 lo, u32 len)
{
    struct range *r = w->range_count > 0 ? &w->ranges[w->range_count - 1] : NULL;

    if (r != NULL && lo >= r->lo + r->len && lo - (r->lo + r->len) <= GAP_ROWS) {
        w->view.rows += lo + len - (r->lo + r->len);
        r->len = lo + len - r->lo;
        return r->at + (lo - r->lo);
    }
    w->ranges = array_room(w->ranges, &w->range_room, w->range_count + 1, sizeof *w->ranges);
    w->ranges[w->range_count++] = (struct range){ lo, len, w->view.rows };
    w->view.rows += len;
    return w->view.rows - len;
}

static bool read_dense(struct window *w, enum column c, struct slab *slab, struct fault *f)
{
    u32 width = w->columns[c].width;
    char *data = slab_alloc(slab, w->view.rows, width);

    w->view.data[c] = data;
    for (u32 i = 0; i < w->range_count; i++) {
        const struct range *r = &w->ranges[i];
        if (!fetch(w, c, (size_t)r->lo * width, (size_t)r->len * width,
                   data + (size_t)r->at * width, f))
            return false;
    }
    return true;
}

/* Where the first of a sparse column's rows is that is not below `row`. */
static bool seek_sparse(struct window *w, enum column c, u32 row, u32 *at, struct fault *f)
{
    u32 count = w->run->columns[c].count, left = count, found;

    *at = 0;
    while (left > 0) {
        u32 half = left / 2;
        if (!fetch(w, c, count * 8ull + (*at + half) * 4ull, sizeof found, &found, f))
            return false;
        if (found < row) {
            *at += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    return true;
}

static bool read_sparse(struct window *w, enum column c, struct slab *slab, struct fault *f)
{
    u32 count = w->run->columns[c].count, n = 0, total = 0;
    u32 *at = SLAB_N(slab, u32, w->range_count), *end = SLAB_N(slab, u32, w->range_count);

    for (u32 i = 0; i < w->range_count; i++) {
        const struct range *r = &w->ranges[i];
        if (!seek_sparse(w, c, r->lo, &at[i], f) || !seek_sparse(w, c, r->lo + r->len, &end[i], f))
            return false;
        if (end[i] < at[i])
            return fault_set(f, w->run, c, E_CORRUPT, "rows out of order");
        total += end[i] - at[i];
    }
    u64 *values = slab_alloc(slab, total, 12); /* rows behind the values, as in the file */
    u32 *rows = (u32 *)(values + total);
    for (u32 i = 0; i < w->range_count; i++) {
        const struct range *r = &w->ranges[i];
        u32 len = end[i] - at[i];
        if (!fetch(w, c, at[i] * 8ull, len * 8ull, values + n, f) ||
            !fetch(w, c, count * 8ull + at[i] * 4ull, len * 4ull, rows + n, f))
            return false;
        for (u32 k = n; k < n + len; k++) {
            u32 row = rows[k] - r->lo; /* of the range */
            if (row >= r->len || (k > n && r->at + row <= rows[k - 1]))
                return fault_set(f, w->run, c, E_CORRUPT, "rows out of order");
            rows[k] = r->at + row;
        }
        n += len;
    }
    w->columns[c].count = total;
    w->view.data[c] = values;
    return true;
}

/* ---- props ---- */

static bool load_blocks(struct window *w, struct fault *f)
{
    u32 count;

    if (w->blocks != NULL)
        return true;
    if (!fetch(w, COL_PROPS, 0, sizeof count, &count, f))
        return false;
    if (count > w->run->events)
        return fault_set(f, w->run, COL_PROPS, E_CORRUPT, "more blocks than events");
    w->blocks = calloc(count + 1ull, sizeof *w->blocks);
    if (w->blocks == NULL)
        log_fatal("journey.out_of_memory", "blocks=%u", count);
    w->block_count = count;
    return fetch(w, COL_PROPS, sizeof count, count * sizeof *w->blocks, w->blocks, f);
}

/* The texts of one range's rows. */
struct taking {
    struct range range;
    const char **texts;
    u32 *rows;
    u32 count, room;
};

static bool take_text(void *arg, u32 row, const char *text, u32 bytes)
{
    struct taking *t = arg;

    (void)bytes;
    row -= t->range.lo;
    if (row >= t->range.len)
        return true; /* of another's */
    row += t->range.at;
    if (t->count == t->room || (t->count > 0 && row <= t->rows[t->count - 1]))
        return false;
    t->texts[t->count] = text;
    t->rows[t->count++] = row;
    return true;
}

static bool read_block(struct window *w, const struct props_block *b, struct taking *t,
                       struct slab *slab, struct fault *f)
{
    if (b->bytes > PROPS_BLOCK_MAX)
        return fault_set(f, w->run, COL_PROPS, E_CORRUPT, "a block outside of it");
    char *packed = slab_alloc(slab, b->bytes, 1);
    if (!fetch(w, COL_PROPS, b->offset, b->bytes, packed, f))
        return false;
    return props_block_each(b, packed, slab, take_text, t) ||
           fault_set(f, w->run, COL_PROPS, E_CORRUPT, "a block that does not unpack");
}

/* The first block that may hold something from `row` on. */
static u32 block_of(const struct window *w, u32 row)
{
    u32 at = lower_bound_of(w->blocks, sizeof *w->blocks, w->block_count, row + 1);

    return at == 0 ? 0 : at - 1;
}

static bool read_props(struct window *w, struct slab *slab, struct fault *f)
{
    struct taking t = { .texts = SLAB_N(slab, const char *, w->view.rows),
                        .rows = SLAB_N(slab, u32, w->view.rows),
                        .room = w->view.rows };

    if (!load_blocks(w, f))
        return false;
    for (u32 i = 0; i < w->range_count; i++) {
        t.range = w->ranges[i];
        u32 end = t.range.lo + t.range.len;
        for (u32 b = block_of(w, t.range.lo); b < w->block_count && w->blocks[b].first_row < end;
             b++)
            if (!read_block(w, &w->blocks[b], &t, slab, f))
                return false;
    }
    w->view.props = t.texts;
    w->view.props_rows = t.rows;
    w->view.props_count = t.count;
    return true;
}

bool window_read(struct window *w, enum column c, struct slab *slab, struct fault *f)
{
    w->view.data[c] = NULL;
    switch (w->run->columns[c].form) {
    case FORM_DENSE:
        return read_dense(w, c, slab, f);
    case FORM_SPARSE:
        return read_sparse(w, c, slab, f);
    case FORM_PROPS:
        return read_props(w, slab, f);
    default:
        return true;
    }
}
