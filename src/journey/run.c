/* run.c -- runs made, described and released: sorting events, packing them into columns, the run's
 * own blob. Reading them is view.c. */
#include "base/buf.h"
#include "base/log.h"
#include "journey/run_int.h"
#include <stdlib.h>
#include <zstd.h>

enum { PROPS_RAW_BYTES = 32 * 1024, PROPS_LEVEL = 1, PROPS_CEILING = 1 << 30 };

static const char *const column_names[COL_COUNT] = {
    [COL_DIR] = "directory",
#define X(column, field, type, label) [column] = label,
    NUMBER_COLUMNS(X)
#undef X
        [COL_PROPS] = "props",
    [COL_PERSON] = "person",
};

const char *column_name(enum column c) { return c < COL_COUNT ? column_names[c] : "unknown"; }

u32 month_of(i64 ms)
{
    int year, month, dom;

    date_to_ymd((ms >= 0 ? ms : ms - (MS_DAY - 1)) / MS_DAY, &year, &month, &dom);
    return (u32)(year * 12 + month - 1);
}

/* ---- order ---- */

struct sort_key {
    u64 at;
    u32 person, index;
};
enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* One stable pass by one digit of time or person. */
static void sort_pass(const struct sort_key *in, struct sort_key *out, u32 n, bool by_person,
                      unsigned shift)
{
    u32 start[DIGITS] = { 0 }, at = 0;

    for (u32 i = 0; i < n; i++)
        start[(by_person ? in[i].person : in[i].at) >> shift & (DIGITS - 1)]++;
    for (u32 d = 0; d < DIGITS; d++) {
        u32 count = start[d];
        start[d] = at;
        at += count;
    }
    for (u32 i = 0; i < n; i++)
        out[start[(by_person ? in[i].person : in[i].at) >> shift & (DIGITS - 1)]++] = in[i];
}

/* Events of one owner at one time, which the passes leave as they were gathered, in order of
 * arrival. */
static void order_ties(const struct event *e, const struct sort_key *keys, u32 *order, u32 n)
{
    for (u32 i = 1; i < n; i++)
        for (u32 k = i; k > 0 && keys[k].person == keys[k - 1].person &&
                        keys[k].at == keys[k - 1].at && e[order[k - 1]].seq > e[order[k]].seq;
             k--) {
            u32 swap = order[k];
            order[k] = order[k - 1];
            order[k - 1] = swap;
        }
}

void run_sort(const struct event *events, const u32 *owners, u32 n, u32 *out)
{
    scoped(slab_free) struct slab slab = { 0 };
    struct sort_key *keys = SLAB_N(&slab, struct sort_key, n);
    struct sort_key *spare = SLAB_N(&slab, struct sort_key, n), *swap;
    u64 differ[2] = { 0, 0 }; /* bits in which times, persons are not all the same */

    for (u32 i = 0; i < n; i++) {
        keys[i] =
            (struct sort_key){ (u64)events[i].at_ms, owners ? owners[i] : events[i].person, i };
        differ[0] |= keys[i].at ^ keys[0].at;
        differ[1] |= keys[i].person ^ keys[0].person;
    }
    for (int by_person = 0; by_person < 2; by_person++)
        for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS)
            if (differ[by_person] >> shift & (DIGITS - 1)) {
                sort_pass(keys, spare, n, by_person, shift);
                swap = keys;
                keys = spare;
                spare = swap;
            }
    for (u32 i = 0; i < n; i++)
        out[i] = keys[i].index;
    order_ties(events, keys, out, n);
}

/* ---- building ---- */

struct build {
    const struct event *events;
    const u32 *owners, *order;
    u32 n;
    struct run *run;
    i64 min[COL_COUNT], max[COL_COUNT];
    u32 nonzero[COL_COUNT];
    struct buf props;
};

static u32 owner_of(const struct build *b, u32 i)
{
    return b->owners ? b->owners[b->order[i]] : b->events[b->order[i]].person;
}

/* What COL_PERSON says of the i-th event. */
static u32 came_under(const struct build *b, u32 i)
{
    u32 person = b->events[b->order[i]].person;
    return person == owner_of(b, i) ? 0 : person;
}

static void measure(struct build *b)
{
    const struct event *e = &b->events[b->order[0]];
    u32 owner = 0;

#define X(column, field, type, label) b->min[column] = b->max[column] = (i64)e->field;
    NUMBER_COLUMNS(X)
#undef X
    for (u32 i = 0; i < b->n; i++) {
        e = &b->events[b->order[i]];
        b->run->entries += i == 0 || owner_of(b, i) != owner;
        owner = owner_of(b, i);
        u32 person = came_under(b, i);
        b->nonzero[COL_PERSON] += person != 0;
        b->max[COL_PERSON] = person > b->max[COL_PERSON] ? person : b->max[COL_PERSON];
#define X(column, field, type, label)   \
    if ((i64)e->field < b->min[column]) \
        b->min[column] = (i64)e->field; \
    if ((i64)e->field > b->max[column]) \
        b->max[column] = (i64)e->field; \
    b->nonzero[column] += e->field != 0;
        NUMBER_COLUMNS(X)
#undef X
        b->nonzero[COL_PROPS] += e->props != NULL;
    }
}

static u8 width_of(u64 delta)
{
    return delta == 0            ? 0
           : delta <= UINT8_MAX  ? 1
           : delta <= UINT16_MAX ? 2
           : delta <= UINT32_MAX ? 4
                                 : 8;
}

static void choose_form(struct build *b, u8 c, size_t bytes[COL_COUNT])
{
    struct column_info *ci = &b->run->columns[c];
    bool may_be_rare = c == COL_VALUE || c == COL_RECORD || c == COL_PERSON;

    *ci = (struct column_info){ .column = c, .base = b->min[c] };
    ci->width = width_of((u64)b->max[c] - (u64)b->min[c]);
    ci->form = ci->width > 0 ? FORM_DENSE : ci->base != 0 ? FORM_CONST : FORM_NONE;
    bytes[c] = (size_t)b->n * ci->width;
    if (ci->form == FORM_DENSE && may_be_rare && b->nonzero[c] * 12ull < bytes[c]) {
        ci->form = FORM_SPARSE;
        ci->width = 8;
        ci->count = b->nonzero[c];
        ci->base = 0;
        bytes[c] = (size_t)ci->count * 12;
    }
}

/* Chooses the form of each column and says how many bytes its payload takes. */
static void choose(struct build *b, size_t bytes[COL_COUNT])
{
    struct run *r = b->run;

    for (u8 c = COL_AT; c <= COL_SEQ; c++)
        choose_form(b, c, bytes);
    choose_form(b, COL_PERSON, bytes);
    r->columns[COL_DIR] = (struct column_info){ COL_DIR, FORM_DIR, 0, 0, r->entries, 0 };
    bytes[COL_DIR] = (size_t)r->entries * 16 + 4;
    bytes[COL_PROPS] = b->props.len;
    if (b->nonzero[COL_PROPS] > 0)
        r->columns[COL_PROPS] =
            (struct column_info){ COL_PROPS, FORM_PROPS, 0, 0, b->nonzero[COL_PROPS], 0 };
}

static inline void put_delta(void *data, u8 width, u32 i, u64 delta)
{
    switch (width) {
    case 1:
        ((u8 *)data)[i] = (u8)delta;
        break;
    case 2:
        ((u16 *)data)[i] = (u16)delta;
        break;
    case 4:
        ((u32 *)data)[i] = (u32)delta;
        break;
    case 8:
        ((u64 *)data)[i] = delta;
        break;
    default:
        break;
    }
}

static inline void put_number(const struct build *b, enum column c, void *data, u32 *at, u32 i,
                              u64 value)
{
    const struct column_info *ci = &b->run->columns[c];

    if (ci->form == FORM_DENSE) {
        put_delta(data, ci->width, i, value - (u64)b->min[c]);
    } else if (ci->form == FORM_SPARSE && value != 0) {
        ((u64 *)data)[*at] = value;
        ((u32 *)((u64 *)data + ci->count))[(*at)++] = i;
    }
}

static void *payload(const struct run *r, enum column c)
{
    return r->blobs[c] == NULL ? NULL : r->blobs[c] + BLOB_HEAD_BYTES;
}

static void pack_numbers(struct build *b)
{
    struct run *r = b->run;
    void *data[COL_COUNT];
    u32 at[COL_COUNT] = { 0 };

    for (int c = 0; c < COL_COUNT; c++)
        data[c] = payload(r, c);
    for (u32 i = 0; i < b->n; i++) {
        const struct event *e = &b->events[b->order[i]];
#define X(column, field, type, label) \
    put_number(b, column, data[column], &at[column], i, (u64)e->field);
        NUMBER_COLUMNS(X)
#undef X
        put_number(b, COL_PERSON, data[COL_PERSON], &at[COL_PERSON], i, came_under(b, i));
    }
}

static void pack_directory(struct build *b)
{
    struct run *r = b->run;
    u64 *masks = payload(r, COL_DIR);
    u32 *people = (u32 *)(masks + r->entries), *first = people + r->entries, e = 0;

    r->fence_count = (r->entries + FENCE_STEP - 1) / FENCE_STEP;
    r->fence = malloc(r->fence_count * sizeof *r->fence);
    if (r->fence == NULL)
        log_fatal("journey.out_of_memory", "entries=%u", r->entries);
    for (u32 i = 0; i < b->n; i++) {
        const struct event *ev = &b->events[b->order[i]];
        u32 owner = owner_of(b, i);
        if (e == 0 || people[e - 1] != owner) {
            if (e % FENCE_STEP == 0)
                r->fence[e / FENCE_STEP] = owner;
            people[e] = owner;
            first[e++] = i;
        }
        masks[e - 1] |= journey_kind_bit(ev->kind);
    }
    first[e] = b->n;
}

/* Payload: count, then { first row, offset, raw bytes, packed bytes } of each block, then the
 * blocks. A block is { row, bytes with the NUL, text } again and again. */
static void props_pack_block(struct buf *blocks, struct buf *packed, struct buf *raw, u32 first_row,
                             ZSTD_CCtx *z)
{
    struct props_block head = { first_row, (u32)packed->len, (u32)raw->len, 0 };
    size_t room = ZSTD_compressBound(raw->len);
    char *to = buf_reserve(packed, room);

    if (to == NULL)
        log_fatal("journey.props_too_large", "bytes=%zu", packed->len);
    head.bytes = (u32)ZSTD_compressCCtx(z, to, room, raw->p, raw->len, PROPS_LEVEL);
    packed->len += head.bytes;
    buf_add(blocks, &head, sizeof head);
    buf_clear(raw);
}

static void pack_props(struct build *b)
{
    scoped(buf_free) struct buf blocks = buf_new(PROPS_CEILING), packed = buf_new(PROPS_CEILING);
    scoped(buf_free) struct buf raw = buf_new(PROPS_CEILING);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    u32 first_row = 0;

    for (u32 i = 0; i < b->n; i++) {
        const char *text = b->events[b->order[i]].props;
        if (text == NULL)
            continue;
        if (raw.len == 0)
            first_row = i;
        u32 head[2] = { i, (u32)strlen(text) + 1 };
        buf_add(&raw, head, sizeof head);
        buf_add(&raw, text, head[1]);
        if (raw.len >= PROPS_RAW_BYTES)
            props_pack_block(&blocks, &packed, &raw, first_row, z);
    }
    if (raw.len > 0)
        props_pack_block(&blocks, &packed, &raw, first_row, z);
    ZSTD_freeCCtx(z);
    u32 count = (u32)(blocks.len / sizeof(struct props_block));
    for (u32 i = 0; i < count; i++)
        ((struct props_block *)blocks.p)[i].offset += (u32)(sizeof count + blocks.len);
    b->props = buf_new(PROPS_CEILING);
    buf_add(&b->props, &count, sizeof count);
    buf_add(&b->props, blocks.p, blocks.len);
    buf_add(&b->props, packed.p, packed.len);
    if (buf_status(&b->props) != OK)
        log_fatal("journey.props_too_large", "bytes=%zu", packed.len);
}

/* All blobs in one piece of memory, of just the size. */
static void place(struct run *r, const size_t bytes[COL_COUNT])
{
    size_t total = 0;

    for (int c = 0; c < COL_COUNT; c++)
        if (bytes[c] > 0)
            total += (BLOB_HEAD_BYTES + bytes[c] + 15) & ~(size_t)15;
    char *at = slab_alloc(&r->slab, total, 1);
    for (int c = 0; c < COL_COUNT; c++) {
        if (bytes[c] == 0)
            continue;
        r->blobs[c] = at;
        r->blob_bytes[c] = BLOB_HEAD_BYTES + bytes[c];
        r->bytes += r->blob_bytes[c];
        at += (r->blob_bytes[c] + 15) & ~(size_t)15;
    }
}

static struct run *run_new(void)
{
    struct run *r = calloc(1, sizeof *r);

    if (r == NULL)
        log_fatal("journey.out_of_memory", "bytes=%zu", sizeof *r);
    atomic_init(&r->refs, 1);
    return r;
}

static void seal(struct run *r)
{
    for (u8 c = 0; c < COL_COUNT; c++)
        if (r->blobs[c] != NULL)
            blob_seal(r->blobs[c], r->blob_bytes[c],
                      (struct blob_head){ .type = BLOB_COLUMN,
                                          .item = c,
                                          .count = r->events,
                                          .min_s = (u32)(r->min_ms / MS_SECOND),
                                          .max_s = (u32)(r->max_ms / MS_SECOND) });
}

struct run *run_build(const struct event *events, const u32 *owners, const u32 *order, u32 n)
{
    struct build b = {
        .events = events, .owners = owners, .order = order, .n = n, .run = run_new()
    };
    struct run *r = b.run;
    size_t bytes[COL_COUNT] = { 0 };

    assert(n > 0);
    measure(&b);
    if (b.nonzero[COL_PROPS] > 0)
        pack_props(&b);
    r->events = n;
    r->min_ms = b.min[COL_AT];
    r->max_ms = b.max[COL_AT];
    r->first_seq = (u64)b.min[COL_SEQ];
    r->last_seq = (u64)b.max[COL_SEQ];
    choose(&b, bytes);
    place(r, bytes);
    pack_directory(&b);
    pack_numbers(&b);
    if (r->blobs[COL_PROPS] != NULL)
        memcpy(payload(r, COL_PROPS), b.props.p, b.props.len);
    buf_free(&b.props);
    seal(r);
    return r;
}

/* ---- the run's own blob ---- */

struct run_fixed { /* payload; then column_info[columns], then the fence */
    u32 month, level, events, entries;
    i64 min_ms, max_ms;
    u64 first_seq, last_seq, bytes;
    u32 columns, fence_count;
};
_Static_assert(sizeof(struct run_fixed) == 64, "the layout is what files hold");

void *run_head(const struct run *r, struct arena *a, size_t *bytes)
{
    struct run_fixed fixed = { r->month,  r->level,  r->events,     r->entries,
                               r->min_ms, r->max_ms, r->first_seq,  r->last_seq,
                               r->bytes,  0,         r->fence_count };
    size_t fence_bytes = r->fence_count * sizeof *r->fence;
    char *blob =
        arena_alloc(a, BLOB_HEAD_BYTES + sizeof fixed + sizeof r->columns + fence_bytes, 1);
    char *at = blob + BLOB_HEAD_BYTES + sizeof fixed;

    for (int c = 0; c < COL_COUNT; c++)
        if (r->columns[c].form != FORM_NONE) {
            memcpy(at, &r->columns[c], sizeof r->columns[c]);
            at += sizeof r->columns[c];
            fixed.columns++;
        }
    memcpy(blob + BLOB_HEAD_BYTES, &fixed, sizeof fixed);
    memcpy(at, r->fence, fence_bytes);
    *bytes = (size_t)(at - blob) + fence_bytes;
    blob_seal(blob, *bytes,
              (struct blob_head){ .type = BLOB_RUN,
                                  .count = r->events,
                                  .min_s = (u32)(r->min_ms / MS_SECOND),
                                  .max_s = (u32)(r->max_ms / MS_SECOND) });
    return blob;
}

static bool may_be_sparse(const struct column_info *ci)
{
    return (ci->column == COL_VALUE || ci->column == COL_RECORD || ci->column == COL_PERSON) &&
           ci->width == 8 && ci->base == 0;
}

static const char *read_columns(struct run *r, struct cursor *c, u32 count)
{
    struct column_info ci;

    for (u32 i = 0; i < count; i++) {
        const void *p = cursor_bytes(c, sizeof ci);
        if (p == NULL)
            return "shorter than its list of columns";
        memcpy(&ci, p, sizeof ci);
        bool width_fine = ci.width <= 8 && (ci.width & (ci.width - 1)) == 0;
        if (ci.column >= COL_COUNT) /* made by a later version: not for us */
            continue;
        bool dir = ci.column == COL_DIR, props = ci.column == COL_PROPS;
        if (ci.form > FORM_PROPS || !width_fine || dir != (ci.form == FORM_DIR) ||
            props != (ci.form == FORM_PROPS) || ci.count > r->events ||
            (ci.form == FORM_DENSE && ci.width == 0) ||
            (ci.form == FORM_SPARSE && !may_be_sparse(&ci)))
            return "a column of a form that cannot be";
        r->columns[ci.column] = ci;
    }
    if (r->events > 1 && r->columns[COL_SEQ].form != FORM_DENSE) /* no two arrive at once */
        return "without its arrivals";
    return r->columns[COL_DIR].count == r->entries ? NULL : "directory and run disagree";
}

static const char *read_head(struct run *r, const void *blob, size_t len)
{
    const char *what = blob_fault(blob, len, BLOB_RUN, 0, true);
    struct run_fixed x;

    if (what != NULL)
        return what;
    struct cursor c = { (const u8 *)blob + BLOB_HEAD_BYTES, (const u8 *)blob + len, false };
    const void *p = cursor_bytes(&c, sizeof x);
    if (p == NULL)
        return "shorter than a run";
    memcpy(&x, p, sizeof x);
    if (x.events == 0 || x.entries == 0 || x.entries > x.events || x.min_ms > x.max_ms ||
        x.first_seq > x.last_seq || x.fence_count != (x.entries + FENCE_STEP - 1) / FENCE_STEP)
        return "counts that cannot be";
    r->month = x.month;
    r->level = x.level;
    r->events = x.events;
    r->entries = x.entries;
    r->min_ms = x.min_ms;
    r->max_ms = x.max_ms;
    r->first_seq = x.first_seq;
    r->last_seq = x.last_seq;
    r->bytes = x.bytes;
    r->fence_count = x.fence_count;
    what = read_columns(r, &c, x.columns);
    if (what != NULL)
        return what;
    p = cursor_bytes(&c, x.fence_count * sizeof *r->fence);
    if (p == NULL)
        return "shorter than its fence";
    r->fence = malloc(x.fence_count * sizeof *r->fence);
    if (r->fence == NULL)
        log_fatal("journey.out_of_memory", "entries=%u", x.entries);
    memcpy(r->fence, p, x.fence_count * sizeof *r->fence);
    return NULL;
}

struct run *run_open(i64 id, const void *blob, size_t len, const char **fault)
{
    struct run *r = run_new();

    r->id = id;
    *fault = read_head(r, blob, len);
    if (*fault == NULL)
        return r;
    run_drop(r);
    return NULL;
}

struct run *run_keep(struct run *r)
{
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void run_drop(struct run *r)
{
    if (r == NULL || atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) != 1)
        return;
    slab_free(&r->slab);
    side_drop(r->side);
    whole_drop(r->whole);
    free(r->fence);
    free(r);
}

void run_settle(struct run *r, i64 id)
{
    r->id = id;
    r->log_id = 0;
    for (int c = 0; c < COL_COUNT; c++) {
        r->blobs[c] = NULL;
        r->blob_bytes[c] = 0;
    }
    slab_free(&r->slab);
}
