/* view.c -- reading runs: whole columns for a walk, a few rows for a timeline, everything for
 * verify. What is read may be damaged: nothing here trusts a count or an offset that it has not
 * checked. */
#include "journey/run_int.h"
#include <string.h>
#include <zstd.h>

static bool corrupt(struct fault *f, const struct run *r, enum column c, const char *what)
{
    return fault_set(f, r, c, E_CORRUPT, what);
}

static bool has_blob(const struct run *r, enum column c)
{
    return r->columns[c].form >= FORM_DENSE;
}

static size_t payload_bytes(const struct run *r, enum column c)
{
    const struct column_info *ci = &r->columns[c];

    switch (ci->form) {
    case FORM_DENSE:
        return (size_t)r->events * ci->width;
    case FORM_SPARSE:
        return (size_t)ci->count * 12;
    case FORM_DIR:
        return (size_t)r->entries * 16 + 4;
    default:
        return 0;
    }
}

/* ---- whole columns ---- */

/* The blob of a column, checked; NULL: f says why. */
static const char *load_blob(struct run *r, enum column c, struct reader *reader, struct slab *slab,
                             size_t *len, struct fault *f)
{
    if (r->id == 0) {
        *len = r->blob_bytes[c];
        return r->blobs[c];
    }
    enum status s = reader_seek(reader, r->id << 8 | c, len);
    if (s != OK) {
        fault_set(f, r, c, s, "cannot be read");
        return NULL;
    }
    char *blob = slab_alloc(slab, *len, 1);
    s = reader_read(reader, blob, 0, *len);
    if (s != OK) {
        fault_set(f, r, c, s, "cannot be read");
        return NULL;
    }
    bool known = atomic_load_explicit(&r->checked, memory_order_relaxed) & COL_BIT(c);
    const char *what = blob_fault(blob, *len, BLOB_COLUMN, (u8)c, !known);
    if (what == NULL && c != COL_PROPS && *len != BLOB_HEAD_BYTES + payload_bytes(r, c))
        what = "length does not match its run";
    if (what != NULL) {
        corrupt(f, r, c, what);
        return NULL;
    }
    return blob;
}

static const char *directory_fault(const struct view *v, u32 people_max)
{
    const struct run *r = v->run;

    if (v->first[0] != 0 || v->first[r->entries] != r->events)
        return "rows do not add up";
    for (u32 e = 0; e < r->entries; e++) {
        if (v->first[e] >= v->first[e + 1])
            return "rows out of order";
        if (v->people[e] == 0 || (e > 0 && v->people[e] <= v->people[e - 1]))
            return "people out of order";
    }
    return v->people[r->entries - 1] <= people_max ? NULL : "a person nobody knows";
}

static bool load_directory(struct view *v, struct run *r, const char *payload, u32 people_max,
                           struct fault *f)
{
    v->masks = (const u64 *)payload;
    v->people = (const u32 *)(v->masks + r->entries);
    v->first = v->people + r->entries;
    const char *what = r->id == 0 ? NULL : directory_fault(v, people_max);
    return what == NULL || corrupt(f, r, COL_DIR, what);
}

static const u32 *sparse_rows(const struct column_info *columns, enum column c, const void *data)
{
    return (const u32 *)((const u64 *)data + columns[c].count);
}

static bool rows_fine(const struct run *r, const u32 *rows, u32 count)
{
    for (u32 i = 0; i < count; i++)
        if (rows[i] >= r->events || (i > 0 && rows[i] <= rows[i - 1]))
            return false;
    return true;
}

/* ---- props ---- */

/* Reads the texts of one unpacked block; each goes to `take`. False: it is not what was written. */
static bool props_each(const char *raw, size_t len,
                       bool (*take)(void *arg, u32 row, const char *text, u32 bytes), void *arg)
{
    u32 head[2];

    while (len > 0) {
        if (len < sizeof head)
            return false;
        memcpy(head, raw, sizeof head);
        raw += sizeof head;
        len -= sizeof head;
        if (head[1] == 0 || head[1] > len || raw[head[1] - 1] != '\0' ||
            !take(arg, head[0], raw, head[1]))
            return false;
        raw += head[1];
        len -= head[1];
    }
    return true;
}

bool props_block_each(const struct props_block *b, const char *packed, struct slab *slab,
                      bool (*take)(void *arg, u32 row, const char *text, u32 bytes), void *arg)
{
    if (b->raw_bytes > PROPS_BLOCK_MAX)
        return false;
    char *raw = slab_alloc(slab, b->raw_bytes, 1);
    return ZSTD_decompress(raw, b->raw_bytes, packed, b->bytes) == b->raw_bytes &&
           props_each(raw, b->raw_bytes, take, arg);
}

struct props_list {
    const struct run *run;
    const char **texts;
    u32 *rows;
    u32 count;
};

static bool props_list_take(void *arg, u32 row, const char *text, u32 bytes)
{
    struct props_list *l = arg;

    (void)bytes;
    if (l->count >= l->run->columns[COL_PROPS].count || row >= l->run->events ||
        (l->count > 0 && row <= l->rows[l->count - 1]))
        return false;
    l->texts[l->count] = text;
    l->rows[l->count++] = row;
    return true;
}

/* The list of blocks that starts a props payload; NULL: damaged. It may stand unaligned. */
static const char *props_blocks(const char *payload, size_t len, u32 *count)
{
    if (len < sizeof *count)
        return NULL;
    memcpy(count, payload, sizeof *count);
    if (*count > (len - sizeof *count) / sizeof(struct props_block))
        return NULL;
    return payload + sizeof *count;
}

static bool load_props(struct view *v, struct run *r, const char *payload, size_t len,
                       struct slab *slab, struct fault *f)
{
    struct props_list list = { .run = r };
    struct props_block b;
    u32 blocks, count = r->columns[COL_PROPS].count;
    const char *at = props_blocks(payload, len, &blocks);

    list.texts = SLAB_N(slab, const char *, count);
    list.rows = SLAB_N(slab, u32, count);
    if (at == NULL)
        return corrupt(f, r, COL_PROPS, "shorter than its blocks");
    for (u32 i = 0; i < blocks; i++) {
        memcpy(&b, at + i * sizeof b, sizeof b);
        if (b.offset > len || b.bytes > len - b.offset)
            return corrupt(f, r, COL_PROPS, "a block outside of it");
        if (!props_block_each(&b, payload + b.offset, slab, props_list_take, &list))
            return corrupt(f, r, COL_PROPS, "a block that does not unpack");
    }
    v->props = list.texts;
    v->props_rows = list.rows;
    v->props_count = list.count;
    return list.count == count || corrupt(f, r, COL_PROPS, "texts are missing");
}

bool view_load(struct view *v, struct run *r, u32 columns, u32 people_max, struct reader *reader,
               struct slab *slab, struct fault *f)
{
    *v = (struct view){ .run = r, .columns = r->columns, .entries = r->entries, .rows = r->events };
    for (enum column c = 0; c < COL_COUNT; c++) {
        size_t len;
        if (!has_blob(r, c) || !(columns & COL_BIT(c)))
            continue;
        const char *blob = load_blob(r, c, reader, slab, &len, f);
        if (blob == NULL)
            return false;
        v->data[c] = blob + BLOB_HEAD_BYTES;
        if (c == COL_DIR && !load_directory(v, r, v->data[c], people_max, f))
            return false;
        if (c == COL_PROPS && !load_props(v, r, v->data[c], len - BLOB_HEAD_BYTES, slab, f))
            return false;
        if (r->columns[c].form == FORM_SPARSE &&
            !rows_fine(r, sparse_rows(r->columns, c, v->data[c]), r->columns[c].count))
            return corrupt(f, r, c, "rows out of order");
        atomic_fetch_or_explicit(&r->checked, COL_BIT(c), memory_order_relaxed);
    }
    return true;
}

bool view_check(struct run *r, u32 columns, u32 people_max, struct reader *reader, struct fault *f)
{
    scoped(slab_free) struct slab slab = { 0 };
    u32 known = atomic_load_explicit(&r->checked, memory_order_relaxed);
    struct view v;

    columns = (columns | COL_BIT(COL_DIR)) & ~known;
    if (r->id == 0 || columns == 0)
        return true;
    for (enum column c = 0; c < COL_COUNT; c++) /* whose blobs there are none of */
        if (!has_blob(r, c))
            columns &= ~COL_BIT(c);
    return columns == 0 || view_load(&v, r, columns, people_max, reader, &slab, f);
}

/* ---- filling events ---- */

/* First place in rows[] with a row >= `row`; `near` is where the last one was found. */
static u32 rows_seek(const u32 *rows, u32 count, u32 near, u32 row)
{
    u32 lo = 0, n = count;

    if (near < count && rows[near] <= row) {
        for (u32 i = near; i < near + 8; i++) /* slices mostly follow one another */
            if (i == count || rows[i] >= row)
                return i;
        lo = near;
        n = count - near;
    }
    while (n > 0) {
        u32 half = n / 2;
        if (rows[lo + half] < row) {
            lo += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return lo;
}

#define FILL_DENSE(field, type, delta_type)                          \
    for (size_t k = 0; k < count; k++) {                             \
        const delta_type *from = (const delta_type *)data + s[k].lo; \
        struct event *to = out + s[k].dest;                          \
        for (u32 i = 0; i < s[k].len; i++)                           \
            to[i].field = (type)((u64)ci->base + from[i]);           \
    }

#define FILL(column_number, field, type, label)                                      \
    static void fill_##field(const struct column_info *ci, const void *data,         \
                             const struct slice *s, size_t count, struct event *out) \
    {                                                                                \
        if (ci->form == FORM_SPARSE) {                                               \
            const u64 *values = data;                                                \
            const u32 *rows = (const u32 *)(values + ci->count);                     \
            u32 at = 0;                                                              \
            for (size_t k = 0; k < count; k++) {                                     \
                struct event *to = out + s[k].dest;                                  \
                for (u32 i = 0; i < s[k].len; i++)                                   \
                    to[i].field = 0;                                                 \
                at = rows_seek(rows, ci->count, at, s[k].lo);                        \
                for (; at < ci->count && rows[at] - s[k].lo < s[k].len; at++)        \
                    to[rows[at] - s[k].lo].field = (type)values[at];                 \
            }                                                                        \
            return;                                                                  \
        }                                                                            \
        switch (data == NULL ? 0 : ci->width) {                                      \
        case 1:                                                                      \
            FILL_DENSE(field, type, u8) break;                                       \
        case 2:                                                                      \
            FILL_DENSE(field, type, u16) break;                                      \
        case 4:                                                                      \
            FILL_DENSE(field, type, u32) break;                                      \
        case 8:                                                                      \
            FILL_DENSE(field, type, u64) break;                                      \
        default: {                                                                   \
            type all = ci->form == FORM_CONST ? (type)ci->base : 0;                  \
            for (size_t k = 0; k < count; k++)                                       \
                for (u32 i = 0; i < s[k].len; i++)                                   \
                    out[s[k].dest + i].field = all;                                  \
        }                                                                            \
        }                                                                            \
    }
NUMBER_COLUMNS(FILL)

typedef void fill_fn(const struct column_info *ci, const void *data, const struct slice *s,
                     size_t count, struct event *out);
static fill_fn *const fillers[COL_COUNT] = {
#define X(column, field, type, label) [column] = fill_##field,
    NUMBER_COLUMNS(X)
#undef X
};

void view_fill(const struct view *v, enum column c, const struct slice *s, size_t count,
               struct event *out)
{
    fillers[c](&v->columns[c], v->data[c], s, count, out);
}

void view_fill_props(const struct view *v, const struct slice *s, size_t count, struct event *out)
{
    u32 at = 0;

    for (size_t k = 0; k < count; k++) {
        for (u32 i = 0; i < s[k].len; i++)
            out[s[k].dest + i].props = NULL;
        at = rows_seek(v->props_rows, v->props_count, at, s[k].lo);
        for (; at < v->props_count && v->props_rows[at] - s[k].lo < s[k].len; at++)
            out[s[k].dest + v->props_rows[at] - s[k].lo].props = v->props[at];
    }
}

static u64 number_at(const struct column_info *ci, const void *data, u32 row)
{
    u64 base = (u64)ci->base;

    switch (data == NULL ? 0 : ci->width) {
    case 1:
        return base + ((const u8 *)data)[row];
    case 2:
        return base + ((const u16 *)data)[row];
    case 4:
        return base + ((const u32 *)data)[row];
    case 8:
        return base + ((const u64 *)data)[row];
    default:
        return base;
    }
}

void view_fill_person(const struct view *v, const struct slice *s, size_t count, struct event *out)
{
    const struct column_info *ci = &v->columns[COL_PERSON];
    const void *data = v->data[COL_PERSON];

    if (ci->form == FORM_SPARSE && data != NULL) {
        const u32 *rows = sparse_rows(v->columns, COL_PERSON, data);
        u32 at = 0;
        for (size_t k = 0; k < count; k++) {
            at = rows_seek(rows, ci->count, at, s[k].lo);
            for (; at < ci->count && rows[at] - s[k].lo < s[k].len; at++)
                out[s[k].dest + rows[at] - s[k].lo].person = (u32)((const u64 *)data)[at];
        }
        return;
    }
    for (size_t k = 0; k < count && ci->form != FORM_NONE && ci->form != FORM_SPARSE; k++)
        for (u32 i = 0; i < s[k].len; i++) {
            u64 person = number_at(ci, data, s[k].lo + i);
            if (person != 0)
                out[s[k].dest + i].person = (u32)person;
        }
}

u64 view_seq(const struct view *v, u32 row)
{
    return number_at(&v->columns[COL_SEQ], v->data[COL_SEQ], row);
}

u32 view_person(const struct view *v, u32 row)
{
    return v->people[rows_seek(v->first, v->entries, UINT32_MAX, row + 1) - 1];
}

/* ---- a few rows ---- */

/* Bytes of a column's payload, from memory or file. */
static bool fetch(struct run *r, enum column c, size_t offset, size_t bytes, struct reader *reader,
                  void *out, struct fault *f)
{
    size_t len;

    offset += BLOB_HEAD_BYTES;
    if (r->id == 0) {
        memcpy(out, r->blobs[c] + offset, bytes);
        return true;
    }
    enum status s = reader_seek(reader, r->id << 8 | c, &len);
    if (s == OK && (offset > len || bytes > len - offset))
        return corrupt(f, r, c, "length does not match its run");
    if (s == OK)
        s = reader_read(reader, out, offset, bytes);
    return s == OK || fault_set(f, r, c, s, "cannot be read");
}

bool run_find(struct run *r, u32 person, struct reader *reader, u32 *lo, u32 *hi, u64 *mask,
              struct fault *f)
{
    u32 people[FENCE_STEP], first[2];

    f->status = OK;
    u32 block = lower_bound(r->fence, r->fence_count, person + 1);
    if (block == 0)
        return false;
    u32 entry = (block - 1) * FENCE_STEP, n = r->entries - entry;
    if (n > FENCE_STEP)
        n = FENCE_STEP;
    size_t people_at = dir_people_at(r), first_at = dir_first_at(r);
    if (!fetch(r, COL_DIR, people_at + entry * 4ull, n * 4ull, reader, people, f))
        return false;
    u32 at = lower_bound(people, n, person);
    if (at == n || people[at] != person)
        return false;
    entry += at;
    if (!fetch(r, COL_DIR, first_at + entry * 4ull, sizeof first, reader, first, f) ||
        !fetch(r, COL_DIR, entry * 8ull, sizeof *mask, reader, mask, f))
        return false;
    if (first[0] >= first[1] || first[1] > r->events)
        return corrupt(f, r, COL_DIR, "rows out of order");
    *lo = first[0];
    *hi = first[1];
    return true;
}

/* A rare column is small: its rows are searched in the file, a step of the search being one small
 * read. */
static bool read_sparse(struct run *r, enum column c, u32 lo, u32 n, struct reader *reader,
                        struct event *out, struct fault *f)
{
    u32 count = r->columns[c].count, a = 0, left = count, row;
    i64 value;

    while (left > 0) {
        u32 half = left / 2;
        if (!fetch(r, c, count * 8ull + (a + half) * 4ull, sizeof row, reader, &row, f))
            return false;
        if (row < lo) {
            a += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    for (; a < count; a++) {
        if (!fetch(r, c, count * 8ull + a * 4ull, sizeof row, reader, &row, f))
            return false;
        if (row < lo || row - lo >= n)
            break;
        if (!fetch(r, c, a * 8ull, sizeof value, reader, &value, f))
            return false;
        if (c == COL_VALUE)
            out[row - lo].value = value;
        else if (c == COL_RECORD)
            out[row - lo].record = value;
        else
            out[row - lo].person = (u32)value;
    }
    return true;
}

static void fill_some(const struct run *r, enum column c, const void *data, struct slice s,
                      struct event *out)
{
    struct view v = { .run = r, .columns = r->columns };

    v.data[c] = data;
    if (c == COL_PERSON)
        view_fill_person(&v, &s, 1, out);
    else
        view_fill(&v, c, &s, 1, out);
}

bool run_read(struct run *r, enum column c, u32 lo, u32 n, struct reader *reader, struct event *out,
              struct fault *f)
{
    enum { STEP = 1024 };
    u64 deltas[STEP];
    const struct column_info *ci = &r->columns[c];

    if (!has_blob(r, c)) {
        fill_some(r, c, NULL, (struct slice){ 0, n, 0 }, out);
        return true;
    }
    if (ci->form == FORM_SPARSE)
        return read_sparse(r, c, lo, n, reader, out, f);
    for (u32 done = 0; done < n; done += STEP) {
        u32 len = n - done < STEP ? n - done : STEP;
        if (!fetch(r, c, (size_t)(lo + done) * ci->width, (size_t)len * ci->width, reader, deltas,
                   f))
            return false;
        fill_some(r, c, deltas, (struct slice){ 0, len, done }, out);
    }
    return true;
}

struct props_rows {
    struct arena *arena;
    struct event *out;
    u32 lo, n;
};

static bool props_rows_take(void *arg, u32 row, const char *text, u32 bytes)
{
    struct props_rows *p = arg;

    if (row >= p->lo && row - p->lo < p->n)
        p->out[row - p->lo].props = arena_dup(p->arena, text, bytes - 1);
    return true;
}

/* Unpacks one block and takes the texts of the wanted rows. */
static bool read_props_block(struct run *r, const struct props_block *b, struct reader *reader,
                             struct slab *slab, struct props_rows *want, struct fault *f)
{
    if (b->bytes > PROPS_BLOCK_MAX)
        return corrupt(f, r, COL_PROPS, "a block outside of it");
    char *packed = slab_alloc(slab, b->bytes, 1);
    if (!fetch(r, COL_PROPS, b->offset, b->bytes, reader, packed, f))
        return false;
    return props_block_each(b, packed, slab, props_rows_take, want) ||
           corrupt(f, r, COL_PROPS, "a block that does not unpack");
}

bool run_read_props(struct run *r, u32 lo, u32 n, struct reader *reader, struct arena *a,
                    struct event *out, struct fault *f)
{
    scoped(slab_free) struct slab slab = { 0 };
    struct props_rows want = { a, out, lo, n };
    u32 count, first = 0;

    if (!has_blob(r, COL_PROPS))
        return true;
    if (!fetch(r, COL_PROPS, 0, sizeof count, reader, &count, f))
        return false;
    if (count > r->events)
        return corrupt(f, r, COL_PROPS, "shorter than its blocks");
    struct props_block *blocks = SLAB_N(&slab, struct props_block, count);
    if (!fetch(r, COL_PROPS, sizeof count, count * sizeof *blocks, reader, blocks, f))
        return false;
    for (u32 left = count; left > 0;) { /* the first block that begins behind our first row */
        u32 half = left / 2;
        if (blocks[first + half].first_row <= lo) {
            first += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    for (u32 i = first == 0 ? 0 : first - 1; i < count && blocks[i].first_row < lo + n; i++)
        if (!read_props_block(r, &blocks[i], reader, &slab, &want, f))
            return false;
    return true;
}

/* ---- verify ---- */

static const char *entry_fault(const struct view *v, u32 entry, const struct event *e, u32 n)
{
    u64 mask = 0;

    for (u32 i = 0; i < n; i++) {
        mask |= journey_kind_bit(e[i].kind);
        if (i > 0 && (e[i].at_ms < e[i - 1].at_ms ||
                      (e[i].at_ms == e[i - 1].at_ms && e[i].seq <= e[i - 1].seq)))
            return "events out of order";
        if (e[i].at_ms < v->run->min_ms || e[i].at_ms > v->run->max_ms)
            return "times outside of its run";
        if (e[i].seq < v->run->first_seq || e[i].seq > v->run->last_seq)
            return "arrivals outside of its run";
    }
    return mask == v->masks[entry] ? NULL : "kinds do not match the directory";
}

bool run_verify(struct run *r, u32 people_max, struct reader *reader, struct fault *f)
{
    scoped(slab_free) struct slab slab = { 0 };
    struct view v;

    atomic_store(&r->checked, 0);
    if (!view_load(&v, r, COLS_ALL | COL_BIT(COL_DIR), people_max, reader, &slab, f))
        return false;
    struct event *events = SLAB_N(&slab, struct event, r->events);
    struct slice all = { 0, r->events, 0 };
    for (enum column c = COL_AT; c <= COL_SEQ; c++)
        view_fill(&v, c, &all, 1, events);
    view_fill_person(&v, &all, 1, events);
    for (u32 i = 0; i < r->events; i++)
        if (events[i].person > people_max)
            return corrupt(f, r, COL_PERSON, "a person nobody knows");
    for (u32 e = 0; e < r->entries; e++) {
        const char *what = entry_fault(&v, e, events + v.first[e], v.first[e + 1] - v.first[e]);
        if (what != NULL)
            return corrupt(f, r, COL_DIR, what);
        if (e % FENCE_STEP == 0 && r->fence[e / FENCE_STEP] != v.people[e])
            return corrupt(f, r, COL_DIR, "fence does not match");
    }
    return true;
}

/* ---- all of some runs ---- */

struct event *runs_gather(struct run *const *runs, size_t count, u32 people_max,
                          struct reader *reader, struct slab *slab, u32 *n, struct fault *f)
{
    struct view v;
    u32 at = 0;

    *n = 0;
    for (size_t i = 0; i < count; i++)
        *n += runs[i]->events;
    struct event *events = SLAB_N(slab, struct event, *n);
    for (size_t i = 0; i < count; i++) {
        struct run *r = runs[i];
        struct slice all = { 0, r->events, at };
        if (!view_load(&v, r, COLS_ALL | COL_BIT(COL_DIR), people_max, reader, slab, f))
            return NULL;
        for (enum column c = COL_AT; c <= COL_SEQ; c++)
            view_fill(&v, c, &all, 1, events);
        if (v.props_count > 0)
            view_fill_props(&v, &all, 1, events);
        for (u32 e = 0; e < r->entries; e++)
            for (u32 row = v.first[e]; row < v.first[e + 1]; row++)
                events[at + row].person = v.people[e];
        view_fill_person(&v, &all, 1, events);
        at += r->events;
    }
    return events;
}
