/* side.c -- see side_int.h. */
#include "base/log.h"
#include "journey/side_int.h"
#include <stdlib.h>

enum { BLOCK = 8192 }; /* entries of a directory that are looked at together */

struct block {
    u32 people[BLOCK], first[BLOCK + 1];
    u64 masks[BLOCK];
};
/* An entry under which rows of these strays may lie. */
struct suspect {
    struct side_row row; /* the owner's */
    u32 stray, count;    /* of moved->strays */
};
struct making {
    struct run *run;
    const struct moved *moved;
    struct reader *reader;
    struct side *side;
    u32 room;
    struct suspect *suspects;
    u32 suspect_count, suspect_room;
    struct fault *fault;
};

static void *need(void *p)
{
    if (p == NULL)
        log_fatal("journey.out_of_memory", "in=side");
    return p;
}

/* Bytes of the directory, on which the reader stands. */
static bool fetch(const struct making *m, size_t offset, size_t bytes, void *out)
{
    const struct run *r = m->run;

    if (r->id == 0) {
        memcpy(out, r->blobs[COL_DIR] + BLOB_HEAD_BYTES + offset, bytes);
        return true;
    }
    return reader_read(m->reader, out, BLOB_HEAD_BYTES + offset, bytes) == OK ||
           fault_set(m->fault, r, COL_DIR, E_IO, "cannot be read");
}

static void add(struct making *m, struct side_row row, u32 root)
{
    struct side *s = m->side;

    if (root == 0) {
        s->erased++;
        return;
    }
    if (s->count == m->room) {
        m->room = m->room == 0 ? 64 : m->room * 2;
        s = m->side = need(realloc(s, sizeof *s + m->room * sizeof s->rows[0]));
    }
    row.root = root;
    s->rows[s->count++] = row;
}

/* Entries [entry, entry + n). */
static bool look(struct making *m, struct block *b, u32 entry, u32 n)
{
    const struct run *r = m->run;
    const struct moved *moved = m->moved;
    bool whole = false;
    u32 stray, strays = 0;

    if (!fetch(m, dir_people_at(r) + entry * 4ull, n * 4ull, b->people))
        return false;
    for (u32 i = 0; i < n; i++) {
        stray = moved->stray_count > 0 ? moved_strays(moved, b->people[i], &strays) : 0;
        if (!moved_is(moved, b->people[i]) && strays == 0)
            continue;
        if (!whole && (!fetch(m, dir_first_at(r) + entry * 4ull, (n + 1) * 4ull, b->first) ||
                       !fetch(m, entry * 8ull, n * 8ull, b->masks)))
            return false;
        whole = true;
        if (b->first[i] >= b->first[i + 1] || b->first[i + 1] > r->events)
            return fault_set(m->fault, r, COL_DIR, E_CORRUPT, "rows out of order");
        struct side_row row = { 0, b->people[i], b->first[i], b->first[i + 1] - b->first[i],
                                b->masks[i] };
        if (moved_is(moved, b->people[i]))
            add(m, row, moved_root(moved, b->people[i]));
        if (strays > 0 && r->columns[COL_PERSON].form != FORM_NONE) {
            m->suspects = array_room(m->suspects, &m->suspect_room, m->suspect_count + 1,
                                     sizeof *m->suspects);
            m->suspects[m->suspect_count++] = (struct suspect){ row, stray, strays };
        }
    }
    return true;
}

/* Whose rows lie there is known by their numbers only: a stray may never have been sorted there, or
 * be sorted away again. */
static bool look_at(struct making *m, const struct suspect *s)
{
    scoped(slab_free) struct slab slab = { 0 };
    struct event *events = SLAB_N(&slab, struct event, s->row.len);

    for (u32 i = 0; i < s->row.len; i++)
        events[i].person = s->row.owner;
    if (!run_read(m->run, COL_PERSON, s->row.lo, s->row.len, m->reader, events, m->fault))
        return false;
    for (u32 k = s->stray; k < s->stray + s->count; k++) {
        u32 root = m->moved->strays[k].root, i = 0;
        while (i < s->row.len && moved_root(m->moved, events[i].person) != root)
            i++;
        if (i < s->row.len)
            add(m, s->row, root);
    }
    return true;
}

static int by_root(const void *a, const void *b)
{
    const struct side_row *x = a, *y = b;

    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static bool make(struct making *m)
{
    scoped(slab_free) struct slab slab = { 0 };
    struct block *b = SLAB_N(&slab, struct block, 1);
    const struct run *r = m->run;
    size_t len;
    bool fine = true;

    if (r->id != 0) {
        enum status s = reader_seek(m->reader, r->id << 8 | COL_DIR, &len);
        if (s == OK && len != BLOB_HEAD_BYTES + dir_first_at(r) + (r->entries + 1ull) * 4)
            s = E_CORRUPT;
        if (s != OK)
            return fault_set(m->fault, r, COL_DIR, s, "cannot be read");
    }
    for (u32 entry = 0, n; fine && entry < r->entries; entry += n) {
        n = r->entries - entry < BLOCK ? r->entries - entry : BLOCK;
        fine = look(m, b, entry, n);
    }
    for (u32 i = 0; fine && i < m->suspect_count; i++)
        fine = look_at(m, &m->suspects[i]);
    free(m->suspects);
    if (fine)
        qsort(m->side->rows, m->side->count, sizeof m->side->rows[0], by_root);
    return fine;
}

struct side *side_take(struct journey *j, struct run *r, const struct moved *moved,
                       struct reader *reader, struct fault *f)
{
    struct making m = { .run = r, .moved = moved, .reader = reader, .fault = f };

    pthread_mutex_lock(&j->side_lock);
    struct side *s = r->side;
    if (s != NULL && s->version == moved->version)
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    else
        s = NULL;
    pthread_mutex_unlock(&j->side_lock);
    if (s != NULL)
        return s;
    m.side = need(calloc(1, sizeof *m.side));
    atomic_init(&m.side->refs, 2); /* the run's and the caller's */
    m.side->version = moved->version;
    if (moved->count + moved->stray_count > 0 && !make(&m)) {
        free(m.side);
        return NULL;
    }
    pthread_mutex_lock(&j->side_lock);
    s = r->side;
    r->side = m.side;
    pthread_mutex_unlock(&j->side_lock);
    side_drop(s);
    return m.side;
}

void side_drop(struct side *s)
{
    if (s != NULL && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
        free(s);
}

u32 side_seek(const struct side *s, u32 root)
{
    return lower_bound_of(s->rows, sizeof s->rows[0], s->count, root);
}
