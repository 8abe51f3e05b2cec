/* journey_run_fuzz.c -- a run from a damaged file: its own blob and one column with any bytes
 * behind right heads and sums. Opening refuses, or every way of reading stays within what was
 * loaded. The file under it is a real one. */
#include "fuzz.h"
#include "journey/journey_int.h"
#include "journey/window_int.h"
#include <unistd.h>

enum { EVENTS = 300, RUN_ID = 1 };

/* A file with one good run, made once; each input replaces blobs of it in memory of the file. */
struct bed {
    struct file *file;
    struct arena *arena;
    struct ctx cx;
    struct clock clock;
    char *head;
    size_t head_bytes;
    char *columns[COL_COUNT];
    size_t column_bytes[COL_COUNT];
};

static void put(struct bed *bed, i64 id, const void *blob, size_t len)
{
    sqlite3_stmt *s = file_stmt(bed->file, SQL_COL_PUT);

    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_blob64(s, 2, blob, len, SQLITE_STATIC);
    must(file_run(bed->file, s) == OK, "a column is stored");
}

static struct bed b;

/* The file is a temporary one: it goes with the process. */
static void close_bed(void)
{
    file_close(b.file);
    arena_free(b.arena);
}

static struct bed *make_bed(void)
{
    struct event events[EVENTS] = { 0 };
    u32 order[EVENTS], owners[EVENTS];

    if (b.file != NULL)
        return &b;
    b.arena = arena_new(1 << 16);
    atexit(close_bed);
    ctx_init(&b.cx, b.arena, &b.clock);
    setenv("TMPDIR", "/dev/shm", 0); /* an fsync an input would make it slow */
    must(file_open(&b.cx, NULL, 0, &b.file) == OK, "a temporary file opens");
    for (u32 i = 0; i < EVENTS; i++)
        events[i] = (struct event){ .at_ms = 1763890000000 + i * 997,
                                    .person = 1 + i % 70,
                                    .kind = (u16)(1 + i % 5),
                                    .page = i * 31,
                                    .seq = i + 1,
                                    .value = i % 50 ? 0 : i,
                                    .props = i % 9 ? NULL : "{\"a\":1}" };
    for (u32 i = 0; i < EVENTS; i++)
        owners[i] = events[i].person % 9 ? events[i].person : 1 + events[i].person / 2;
    run_sort(events, owners, EVENTS, order);
    struct run *r = run_build(events, owners, order, EVENTS);
    b.head = run_head(r, b.arena, &b.head_bytes);
    for (int c = 0; c < COL_COUNT; c++)
        if (r->blobs[c] != NULL) {
            b.columns[c] = arena_dup(b.arena, r->blobs[c], r->blob_bytes[c]);
            b.column_bytes[c] = r->blob_bytes[c];
            put(&b, RUN_ID << 8 | c, b.columns[c], b.column_bytes[c]);
        }
    run_drop(r);
    return &b;
}

/* Changes bytes of a blob's payload as the input says: pairs of place and value; then the sum is
 * right again. */
static void spoil(char *blob, size_t len, u8 type, u8 item, const uint8_t *data, size_t size)
{
    struct blob_head head;

    memcpy(&head, blob, sizeof head);
    for (; size >= 3 && len > BLOB_HEAD_BYTES; data += 3, size -= 3)
        blob[BLOB_HEAD_BYTES + (data[0] | (size_t)data[1] << 8) % (len - BLOB_HEAD_BYTES)] =
            (char)data[2];
    head.type = type;
    head.item = item;
    blob_seal(blob, len, head);
}

/* As a walk does: a few people after the others, and of those not all. */
static void read_by_windows(struct run *r, struct reader *reader, struct slab *slab,
                            struct event *events)
{
    struct fault f = { 0 };
    struct window w;

    window_open(&w, r, reader);
    for (u32 from = 0; from < 80 && window_people(&w, from, from + 20, slab, &f); from += 20) {
        const struct view *v = &w.view;
        bool fine = true;
        for (u32 e = 0; e < v->entries; e += 1 + e % 3)
            (void)window_add(&w, v->first[e], v->first[e + 1] - v->first[e]);
        for (enum column c = COL_AT; c < COL_COUNT && fine && v->rows > 0; c++)
            fine = window_read(&w, c, slab, &f);
        if (!fine || v->rows == 0 || v->rows > r->events)
            continue;
        struct slice all = { 0, v->rows, 0 };
        for (enum column c = COL_AT; c <= COL_SEQ; c++)
            view_fill(v, c, &all, 1, events);
        view_fill_person(v, &all, 1, events);
        if (v->props_count > 0)
            view_fill_props(v, &all, 1, events);
    }
    window_close(&w);
}

static void read_all_ways(struct run *r, struct reader *reader, struct arena *a)
{
    scoped(slab_free) struct slab slab = { 0 };
    struct fault f = { 0 };
    struct event *events = NEW_N(a, struct event, r->events);
    struct view v;

    if (view_load(&v, r, COLS_ALL | COL_BIT(COL_DIR), 1000, reader, &slab, &f)) {
        struct slice all = { 0, r->events, 0 };
        for (enum column c = COL_AT; c <= COL_SEQ; c++)
            view_fill(&v, c, &all, 1, events);
        view_fill_person(&v, &all, 1, events);
        if (v.props_count > 0)
            view_fill_props(&v, &all, 1, events);
        must(view_person(&v, r->events - 1) > 0, "each row is somebody's");
    } else {
        must(f.what != NULL && f.status != OK, "a fault says what it is");
    }
    for (u32 person = 1; person < 72; person += 7) {
        u32 lo, hi;
        u64 mask;
        if (!run_find(r, person, reader, &lo, &hi, &mask, &f))
            continue;
        for (enum column c = COL_AT; c <= COL_SEQ; c++)
            if (!run_read(r, c, lo, hi - lo, reader, events, &f))
                break;
        (void)run_read(r, COL_PERSON, lo, hi - lo, reader, events, &f);
        (void)run_read_props(r, lo, hi - lo, reader, a, events, &f);
    }
    read_by_windows(r, reader, &slab, events);
    (void)run_verify(r, 1000, reader, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bed *bed = make_bed();
    const char *what;

    if (size < 2)
        return 0;
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    size_t head_edits = data[0] % 4 * 3ul, chosen = data[1] % COL_COUNT;
    data += 2;
    size -= 2;
    if (head_edits > size)
        head_edits = size;
    char *head = arena_dup(a, bed->head, bed->head_bytes);
    spoil(head, bed->head_bytes, BLOB_RUN, 0, data, head_edits);
    struct run *r = run_open(RUN_ID, head, bed->head_bytes, &what);
    must((r == NULL) == (what != NULL), "a refused run says why");
    if (r == NULL)
        return 0;
    if (bed->columns[chosen] != NULL) {
        char *blob = arena_dup(a, bed->columns[chosen], bed->column_bytes[chosen]);
        spoil(blob, bed->column_bytes[chosen], BLOB_COLUMN, (u8)chosen, data + head_edits,
              size - head_edits);
        put(bed, RUN_ID << 8 | (i64)chosen, blob, bed->column_bytes[chosen]);
    }
    struct reader *reader;
    must(reader_take(bed->file, &reader) == OK, "a reader opens");
    if (r->events < 100000) /* more is claimed by heads only: the blobs are of 300 */
        read_all_ways(r, reader, a);
    reader_give(bed->file, reader);
    run_drop(r);
    if (bed->columns[chosen] != NULL)
        put(bed, RUN_ID << 8 | (i64)chosen, bed->columns[chosen], bed->column_bytes[chosen]);
    return 0;
}
