/* whole.c -- see whole_int.h. */
#include "base/log.h"
#include "journey/whole_int.h"
#include <stdlib.h>

static struct whole *whole_new(struct journey *j, const struct run *r)
{
    struct whole *h = calloc(1, sizeof *h);

    if (h == NULL)
        log_fatal("journey.out_of_memory", "in=whole");
    atomic_init(&h->refs, 1);
    h->budget = &j->wholes_bytes;
    pthread_mutex_init(&h->lock, NULL);
    memcpy(h->columns, r->columns, sizeof h->columns);
    h->view =
        (struct view){ .run = r, .columns = h->columns, .entries = r->entries, .rows = r->events };
    return h;
}

void whole_drop(struct whole *h)
{
    if (h == NULL || atomic_fetch_sub_explicit(&h->refs, 1, memory_order_acq_rel) != 1)
        return;
    slab_free(&h->slab);
    atomic_fetch_sub_explicit(h->budget, h->bytes, memory_order_relaxed);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

/* What a column takes in memory; one that is zero everywhere is never touched. */
static size_t bytes_of(const struct run *r, enum column c)
{
    static const u8 widths[COL_COUNT] = {
#define WIDTH(number, field, type) [number] = sizeof(type),
        PART_COLUMNS(WIDTH)
#undef WIDTH
            [COL_AT] = 8,
        [COL_SEQ] = 8,
        [COL_PERSON] = 8,
    };

    if (c == COL_DIR)
        return (size_t)r->entries * 24 + 4;
    return r->columns[c].form == FORM_NONE ? 0 : (size_t)r->events * widths[c];
}

/* The run's own, made when there is none; the caller holds it too. */
static struct whole *whole_of(struct journey *j, struct run *r)
{
    pthread_mutex_lock(&j->side_lock);
    if (r->whole == NULL)
        r->whole = whole_new(j, r);
    struct whole *h = r->whole;
    atomic_fetch_add_explicit(&h->refs, 1, memory_order_relaxed);
    j->wholes_used_ns = (i64)clock_mono_ns();
    pthread_mutex_unlock(&j->side_lock);
    return h;
}

/* Reserves memory of the budget for these columns. */
static bool has_room(struct journey *j, struct whole *h, const struct run *r, u32 columns)
{
    u64 bytes = 0;

    for (enum column c = 0; c < COL_COUNT; c++)
        if (columns & COL_BIT(c))
            bytes += bytes_of(r, c);
    if (atomic_fetch_add(&j->wholes_bytes, bytes) + bytes <= j->wholes_max) {
        h->bytes += bytes;
        return true;
    }
    atomic_fetch_sub(&j->wholes_bytes, bytes);
    return false;
}

/* From now on the view's column is the one that reports see. */
static void use_typed(struct whole *h, u32 columns)
{
#define USE(number, field, type)                                                                \
    if (columns & COL_BIT(number)) {                                                            \
        h->columns[number] = (struct column_info){ number, FORM_DENSE, sizeof(type), 0, 0, 0 }; \
        h->view.data[number] = h->typed.columns.field;                                          \
    }
    PART_COLUMNS(USE)
#undef USE
    if (columns & COL_BIT(COL_AT)) {
        h->columns[COL_AT].width = sizeof(u32);
        h->columns[COL_AT].form = FORM_DENSE;
        h->view.data[COL_AT] = h->typed.columns.at;
    }
}

/* A walk asks for these of everybody: beside one another they are a tenth of what it would read. */
static void put_times(struct whole *h, u32 entries)
{
    u32 *begin = SLAB_N(&h->slab, u32, entries), *end = SLAB_N(&h->slab, u32, entries);

    for (u32 e = 0; e < entries; e++) {
        begin[e] = h->typed.columns.at[h->view.first[e]];
        end[e] = h->typed.columns.at[h->view.first[e + 1] - 1];
    }
    h->typed.begin = begin;
    h->typed.end = end;
}

/* Whether typed_load makes another column of it: what lies in the file is not needed then. */
static bool is_expanded(const struct run *r, enum column c)
{
    static const u8 widths[COL_COUNT] = {
#define WIDTH(number, field, type) [number] = sizeof(type),
        PART_COLUMNS(WIDTH)
#undef WIDTH
            [COL_AT] = sizeof(u32),
    };
    const struct column_info *ci = &r->columns[c];

    if (widths[c] == 0 || r->columns[COL_AT].width > sizeof(u32))
        return false;
    return ci->form != FORM_DENSE || ci->width != widths[c] || (c != COL_AT && ci->base != 0);
}

static bool load(struct whole *h, struct run *r, u32 columns, u32 people_max, struct reader *reader,
                 struct fault *f)
{
    scoped(slab_free) struct slab file = { 0 };
    struct view v;

    if (h->zeros == NULL)
        h->zeros = slab_alloc(&h->slab, r->events, sizeof(u64));
    for (enum column c = COL_DIR; c < COL_COUNT; c++) {
        if (!(columns & COL_BIT(c)))
            continue;
        slab_reuse(&file); /* one column's after the other in the same memory */
        if (!view_load(&v, r, COL_BIT(c), people_max, reader, is_expanded(r, c) ? &file : &h->slab,
                       f))
            return false;
        if (c == COL_DIR) {
            h->view.masks = v.masks;
            h->view.people = v.people;
            h->view.first = v.first;
        } else {
            h->view.data[c] = v.data[c];
        }
        typed_load(&h->typed, &v, COL_BIT(c), h->zeros, &h->slab);
        if (h->typed.narrow)
            use_typed(h, COL_BIT(c));
    }
    if (h->typed.narrow && columns & COL_BIT(COL_AT)) /* with the directory: before or now */
        put_times(h, r->entries);
    h->loaded |= columns;
    return true;
}

struct whole *whole_take(struct journey *j, struct run *r, u32 columns, u32 people_max,
                         struct reader *reader, struct fault *f)
{
    *f = (struct fault){ .status = OK };
    if (r->id == 0)
        return NULL;
    struct whole *h = whole_of(j, r);
    pthread_mutex_lock(&h->lock);
    u32 missing = (columns | COL_BIT(COL_DIR)) & ~h->loaded;
    bool fine =
        missing == 0 || (has_room(j, h, r, missing) && load(h, r, missing, people_max, reader, f));
    pthread_mutex_unlock(&h->lock);
    if (fine)
        return h;
    if (f->status != OK) { /* what it took of the budget goes with it */
        pthread_mutex_lock(&j->side_lock);
        if (r->whole == h) {
            r->whole = NULL;
            whole_drop(h);
        }
        pthread_mutex_unlock(&j->side_lock);
    }
    whole_drop(h);
    return NULL;
}

void wholes_rest(struct journey *j)
{
    struct snapshot snap;

    if (atomic_load(&j->wholes_bytes) == 0)
        return;
    snapshot_take(j, &snap);
    pthread_mutex_lock(&j->side_lock);
    bool due = j->wholes_used_ns + WHOLES_REST_S * 1000000000ll <= (i64)clock_mono_ns();
    for (size_t i = 0; due && i < snap.state->count; i++) {
        whole_drop(snap.state->runs[i]->whole); /* walks that hold it go on */
        snap.state->runs[i]->whole = NULL;
    }
    pthread_mutex_unlock(&j->side_lock);
    snapshot_drop(j, &snap);
}
