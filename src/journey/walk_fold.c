/* walk_fold.c -- the walk for reports that look at a few columns of very many people: rows are
 * shown where they lie, run after run, as memory likes to be read. Runs are of a month, so a
 * person's rows in them follow one another in time; for the people where they do not (a tail that
 * is not merged yet, visitors that became one contact) the events are copied together as in walk.c
 * and shown as one part.
 *
 *   whom   by the directories: all kinds are there, a row is as asked, nothing lies elsewhere
 *   rows   of those, into the windows of runs that are not in memory
 *   exact  what the directories could not tell: of runs that are partly out of range, and windows
 *   order  whose rows of overlapping runs follow one another
 *   fold   and done; then those who must be copied together */
#include "base/log.h"
#include "journey/walk_int.h"
#include <stdlib.h>
#include <string.h>

enum { SOME_PARTS = 128, SMALL_STATE = 16 };
_Static_assert(1 << SHIFT_MIN >= sizeof(u64), "eight flags of a chunk are looked at together");
enum { ROW_NO, ROW_PERHAPS, ROW_YES };

/* The chunk's people in a run. */
struct entries {
    const u32 *people, *first; /* first: rows; of them only the distances count in windows */
    const u32 *rows;           /* where those of each begin */
    const u32 *begin, *end; /* times of each one's first and last row; NULL where they are wide */
    const u64 *masks;
    u32 count;
};
struct folding {
    const struct journey_fold *fold;
    struct typed *typed; /* of each run */
    bool cut;            /* any of them is partly out of range */
    bool windows;        /* any of them is not in memory whole */
    /* By index in the chunk. */
    void *states;
    bool *lying, *shown;     /* wanted, with rows that are shown where they lie; has had a part */
    bool *mixed;             /* wanted or not, to be copied together */
    u8 *rows;                /* has one like plan->row */
    i64 *last_ms;            /* the time of their last row so far */
    struct entries *entries; /* of each run */
    u8 *hits;                /* by row of a run: is like plan->row */
    u32 hit_room;
    /* events copied together, as columns again */
    struct slab slab;
    u32 room;
    u32 *at;
#define ROOM(number, field, type) type *field;
    PART_COLUMNS(ROOM)
#undef ROOM
};

void fold_open(struct worker *k)
{
    const struct walk *w = k->walk;
    size_t people = 1ull << w->shift;
    struct folding *f = SLAB_N(&k->slab, struct folding, 1);

    k->folding = f;
    f->fold = w->plan->fold;
    f->typed = SLAB_N(&k->slab, struct typed, w->run_count);
    f->states = slab_alloc(&k->slab, people, f->fold->state_bytes);
    f->mixed = SLAB_N(&k->slab, bool, people);
    f->shown = SLAB_N(&k->slab, bool, people);
    f->rows = SLAB_N(&k->slab, u8, people);
    f->lying = SLAB_N(&k->slab, bool, people);
    f->last_ms = SLAB_N(&k->slab, i64, people);
    f->entries = SLAB_N(&k->slab, struct entries, w->run_count);
}

void fold_look(struct worker *k)
{
    const struct walk *w = k->walk;
    struct folding *f = k->folding;

    for (u32 i = 0; i < w->run_count; i++) {
        struct whole *h = w->wholes[i];
        if (h != NULL) {
            pthread_mutex_lock(&h->lock); /* another walk may add columns */
            f->typed[i] = h->typed;
            pthread_mutex_unlock(&h->lock);
        }
        f->typed[i].cut = w->runs[i]->min_ms < w->from_ms || w->runs[i]->max_ms >= w->to_ms;
        f->cut |= f->typed[i].cut;
        f->windows |= h == NULL;
    }
}

void fold_close(struct worker *k)
{
    slab_free(&k->folding->slab);
    free(k->folding->hits);
}

/* ---- events copied together, as columns again ---- */

static void make_room(struct folding *f, u32 n)
{
    if (n <= f->room)
        return;
    slab_free(&f->slab);
    f->room = n + n / 2;
    f->at = SLAB_N(&f->slab, u32, f->room);
#define ROOM(number, field, type) f->field = SLAB_N(&f->slab, type, f->room);
    PART_COLUMNS(ROOM)
#undef ROOM
}

/* Shows as many of them as one part can hold: times are 32 bits wide. */
static u32 show_events(struct worker *k, void *state, const struct event *e, u32 n)
{
    struct folding *f = k->folding;
    struct journey_columns c = { .base_ms = e->at_ms, .at = f->at };
    struct journey_part p = { .state = state };
    u32 wanted = k->walk->asked | COLS_ALWAYS;

    for (; p.count < n && e[p.count].at_ms - e->at_ms <= UINT32_MAX; p.count++) {
        const struct event *from = &e[p.count];
        f->at[p.count] = (u32)(from->at_ms - e->at_ms);
        p.end = f->at[p.count];
        p.kinds |= journey_kind_bit(from->kind);
#define COPY(number, field, type) f->field[p.count] = from->field;
        PART_COLUMNS(COPY)
#undef COPY
    }
#define POINT(number, field, type) \
    if (wanted & COL_BIT(number))  \
        c.field = f->field;
    PART_COLUMNS(POINT)
#undef POINT
    f->fold->parts(k->acc, &(struct journey_parts){ &c, &p, 1 });
    return p.count;
}

void fold_events(struct worker *k, u32 person, const struct event *e, u32 n)
{
    struct folding *f = k->folding;
    void *state = f->states; /* nobody needs the chunk's any more */

    assert(f->fold->state_bytes % sizeof(u64) == 0);
    make_room(f, n);
    memset(state, 0, f->fold->state_bytes);
    for (u32 done = 0; done < n;)
        done += show_events(k, state, e + done, n - done);
    if (f->fold->done != NULL)
        f->fold->done(k->acc, state, person);
}

/* ---- rows that are as asked ---- */

/* The compiler makes vectors of these loops, of 32 bytes where the processor has them. */
#define MATCH(field)                                                    \
    if (row->field != 0) {                                              \
        const typeof(row->field) x = row->field, *from = c->field + lo; \
        for (u32 i = 0; i < n; i++)                                     \
            out[i] &= from[i] == x;                                     \
    }
static void match_plain(const struct journey_columns *c, const struct journey_row *row, u32 lo,
                        u32 n, u8 *restrict out)
{
    ROW_FIELDS(MATCH)
}
#if defined(__x86_64__)
__attribute__((target("avx2"))) static void match_avx2(const struct journey_columns *c,
                                                       const struct journey_row *row, u32 lo, u32 n,
                                                       u8 *restrict out)
{
    ROW_FIELDS(MATCH)
}
#endif
#undef MATCH

/* Tells of rows [lo, lo + n) which are as asked: 1; there are 8 zeros more behind them. */
static const u8 *match_rows(struct folding *f, const struct journey_row *row, u32 v, u32 lo, u32 n)
{
    const struct journey_columns *c = &f->typed[v].columns;

    f->hits = array_room(f->hits, &f->hit_room, n + sizeof(u64), 1);
    memset(f->hits, 1, n);
    memset(f->hits + n, 0, sizeof(u64));
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        match_avx2(c, row, lo, n, f->hits);
        return f->hits;
    }
#endif
    match_plain(c, row, lo, n, f->hits);
    return f->hits;
}

static inline i64 time_of(const struct journey_columns *of, u32 row)
{
    return of->base_ms + of->at[row];
}

static bool in_range(const struct walk *w, const struct typed *t, u32 row)
{
    i64 at_ms = t->cut ? time_of(&t->columns, row) : w->from_ms;

    return at_ms >= w->from_ms && at_ms < w->to_ms;
}

/* Who has such a row in a run that is in memory. */
static void match_run(struct worker *k, u32 v, u32 from)
{
    struct folding *f = k->folding;
    const struct stretch *s = &k->stretches[v];
    const u32 *first = k->views[v]->first, *people = k->views[v]->people;
    u32 lo = first[s->entry], n = first[s->entry_end] - lo, e = s->entry;
    const u8 *hits = match_rows(f, k->walk->plan->row, v, lo, n);

    for (u32 i = 0; i < n; i += sizeof(u64)) {
        u64 word;
        memcpy(&word, hits + i, sizeof word);
        for (; word != 0; word &= word - 1) {
            u32 row = lo + i + (u32)__builtin_ctzll(word) / 8;
            while (first[e + 1] <= row)
                e++;
            if (in_range(k->walk, &f->typed[v], row))
                f->rows[people[e] - from] = ROW_YES;
        }
    }
}

/* ---- whom ---- */

/* Whose events do not all lie under them, or not in order: they are copied together. Who belongs to
 * somebody else is shown there. */
static void find_mixed(struct worker *k, u32 from)
{
    const struct walk *w = k->walk;
    const struct moved *m = w->moved;
    struct folding *f = k->folding;
    u32 end = from + (1u << w->shift);

    memset(f->mixed, w->kinds >> 63,
           1ull << w->shift); /* of kinds that share a bit: looks at them */
    for (u32 i = lower_bound(m->people, m->count, from); i < m->count && m->people[i] < end; i++)
        k->wanted[m->people[i] - from] = false;
    for (u32 i = lower_bound_of(m->strays, sizeof *m->strays, m->stray_count, from);
         i < m->stray_count && m->strays[i].owner < end; i++)
        f->mixed[m->strays[i].owner - from] = true;
    for (u32 v = 0; v < w->run_count; v++) {
        const struct stretch *s = &k->stretches[v];
        for (u32 i = s->side; i < s->side_end; i++)
            f->mixed[w->sides[v]->rows[i].root - from] = true;
        bool wide = w->runs[v]->columns[COL_AT].width > sizeof(u32);
        for (u32 e = s->entry; wide && e < s->entry_end; e++)
            f->mixed[k->views[v]->people[e] - from] = true;
    }
}

static bool keep_wanted(struct worker *k, bool exact)
{
    const struct walk *w = k->walk;
    const struct folding *f = k->folding;
    u8 least = w->plan->row == NULL ? ROW_NO : exact ? ROW_YES : ROW_PERHAPS;
    bool any = false;

    for (u32 i = 0; i < 1u << w->shift; i++) {
        k->wanted[i] =
            k->wanted[i] &&
            (f->mixed[i] || ((k->masks[i] & w->kinds) == w->kinds && f->rows[i] >= least));
        any |= k->wanted[i];
    }
    return any;
}

static bool choose(struct worker *k, u32 from)
{
    const struct walk *w = k->walk;
    struct folding *f = k->folding;

    if (w->kinds == 0 && w->plan->row == NULL)
        return true;
    memset(k->masks, 0, sizeof(u64) << w->shift);
    memset(f->rows, ROW_NO, 1ull << w->shift);
    for (u32 v = 0; v < w->run_count; v++) {
        const struct stretch *s = &k->stretches[v];
        const struct view *view = k->views[v];
        for (u32 e = s->entry; w->kinds != 0 && e < s->entry_end; e++)
            k->masks[view->people[e] - from] |= view->masks[e];
        if (w->plan->row == NULL || s->entry == s->entry_end)
            continue;
        if (w->wholes[v] != NULL && f->typed[v].narrow)
            match_run(k, v, from);
        for (u32 e = s->entry; w->wholes[v] == NULL && e < s->entry_end; e++)
            if (f->rows[view->people[e] - from] == ROW_NO)
                f->rows[view->people[e] - from] = ROW_PERHAPS;
    }
    return keep_wanted(k, false);
}

/* ---- rows ---- */

/* Wants the rows of a window; tells where they will be. */
static const u32 *want_rows(struct worker *k, u32 v, u32 from)
{
    const struct view *view = k->views[v];
    u32 *rows = SLAB_N(&k->rows, u32, view->entries);

    for (u32 e = 0; e < view->entries; e++)
        rows[e] =
            k->wanted[view->people[e] - from]
                ? window_add(&k->windows[v], view->first[e], view->first[e + 1] - view->first[e])
                : 0;
    return rows;
}

/* The rows of a window are there. */
static void look_at_rows(struct worker *k, u32 v, u32 from)
{
    struct typed *t = &k->folding->typed[v];
    struct entries *of = &k->folding->entries[v];
    u32 *begin = SLAB_N(&k->rows, u32, of->count), *end = SLAB_N(&k->rows, u32, of->count);

    typed_load(t, &k->windows[v].view, k->walk->asked | COLS_ALWAYS, NULL, &k->rows);
    for (u32 e = 0; t->narrow && e < of->count; e++)
        if (k->wanted[of->people[e] - from]) {
            begin[e] = t->columns.at[of->rows[e]];
            end[e] = t->columns.at[of->rows[e] + (of->first[e + 1] - of->first[e]) - 1];
        }
    of->begin = begin;
    of->end = end;
}

static bool bring_rows(struct worker *k, u32 from)
{
    const struct walk *w = k->walk;
    struct folding *f = k->folding;

    for (u32 v = 0; v < w->run_count; v++) {
        const struct stretch *s = &k->stretches[v];
        const struct view *view = k->views[v];
        const u32 *first = view->first + s->entry;
        f->entries[v] = (struct entries){ .people = view->people + s->entry,
                                          .first = first,
                                          .masks = view->masks + s->entry,
                                          .count = s->entry_end - s->entry };
        f->entries[v].rows = w->wholes[v] != NULL ? first : want_rows(k, v, from);
        if (w->wholes[v] != NULL && f->typed[v].narrow) {
            f->entries[v].begin = f->typed[v].begin + s->entry;
            f->entries[v].end = f->typed[v].end + s->entry;
        }
    }
    /* Arrivals and numbers only of those who are copied together. */
    if (!walk_read(k, w->columns & ~(COL_BIT(COL_SEQ) | COL_BIT(COL_PERSON))))
        return false;
    for (u32 v = 0; v < w->run_count; v++)
        if (w->wholes[v] == NULL && f->entries[v].count > 0)
            look_at_rows(k, v, from);
    return true;
}

/* Leaves what lies in range; false: nothing. */
static bool trim(const struct walk *w, const struct journey_columns *of, struct journey_part *p)
{
    while (p->count > 0 && time_of(of, p->first + p->count - 1) >= w->to_ms)
        p->count--;
    while (p->count > 0 && time_of(of, p->first) < w->from_ms) {
        p->first++;
        p->count--;
    }
    if (p->count == 0)
        return false;
    p->begin = of->at[p->first];
    p->end = of->at[p->first + p->count - 1];
    return true;
}

static u64 kinds_of(const struct walk *w, const struct journey_columns *of, u32 row, u32 len)
{
    struct journey_part p = { .first = row, .count = len };
    u64 kinds = 0;

    if (trim(w, of, &p))
        for (u32 i = 0; i < p.count; i++)
            kinds |= journey_kind_bit(of->kind[p.first + i]);
    return kinds;
}

/* ---- exact ---- */

static void match_entry(struct worker *k, u32 v, u32 index, u32 row, u32 len)
{
    struct folding *f = k->folding;
    const u8 *hits = match_rows(f, k->walk->plan->row, v, row, len);

    for (u32 i = 0; i < len && f->rows[index] != ROW_YES; i++)
        if (hits[i] && in_range(k->walk, &f->typed[v], row + i))
            f->rows[index] = ROW_YES;
}

static void choose_exactly(struct worker *k, u32 from)
{
    const struct walk *w = k->walk;
    const struct folding *f = k->folding;
    bool kinds = w->kinds != 0 && f->cut, match = w->plan->row != NULL && f->windows;

    if (!kinds && !match)
        return;
    if (kinds)
        memset(k->masks, 0, sizeof(u64) << w->shift);
    for (u32 v = 0; v < w->run_count; v++) {
        const struct typed *t = &f->typed[v];
        const struct entries of = f->entries[v];
        for (u32 e = 0; e < of.count; e++) {
            u32 i = of.people[e] - from, row = of.rows[e], len = of.first[e + 1] - of.first[e];
            if (!k->wanted[i] || f->mixed[i])
                continue;
            if (kinds)
                k->masks[i] |= t->cut ? kinds_of(w, &t->columns, row, len) : of.masks[e];
            if (match && w->wholes[v] == NULL)
                match_entry(k, v, i, row, len);
        }
    }
    keep_wanted(k, true);
}

/* ---- order ---- */

/* Runs overlap a little where events came late, and as long as they are not merged. */
static void find_disorder(struct worker *k, u32 from)
{
    const struct walk *w = k->walk;
    struct folding *f = k->folding;

    memset(f->last_ms, 0x80, sizeof *f->last_ms << w->shift); /* before all times */
    for (u32 v = 0; v < w->run_count; v++) {
        if (w->overlap[v] == v && w->overlap[v + 1] == v + 1)
            continue; /* it stands alone */
        const struct entries of = f->entries[v];
        i64 base_ms = f->typed[v].columns.base_ms;
        for (u32 e = 0; e < of.count; e++) {
            u32 i = of.people[e] - from;
            if (!f->lying[i])
                continue;
            f->lying[i] = base_ms + of.begin[e] > f->last_ms[i];
            f->mixed[i] = !f->lying[i];
            f->last_ms[i] = base_ms + of.end[e];
        }
    }
}

/* ---- fold ---- */

struct some {
    struct journey_part list[SOME_PARTS];
    u32 index[SOME_PARTS];
    u32 count;
};

/* The next parts of a run; returns where to go on. */
static u32 take_parts(const struct folding *f, const struct entries *of, u32 from, u32 e,
                      struct some *b)
{
    const u32 *people = of->people, *first = of->first, count = of->count;
    const bool *lying = f->lying;
    char *states = f->states;
    size_t bytes = f->fold->state_bytes;
    u32 n = 0;

    for (; e < count && n < SOME_PARTS; e++) {
        u32 i = people[e] - from;
        if (!lying[i])
            continue;
        b->index[n] = i;
        b->list[n].first = of->rows[e];
        b->list[n].count = first[e + 1] - first[e];
        b->list[n].begin = of->begin[e];
        b->list[n].end = of->end[e];
        b->list[n].kinds = of->masks[e];
        b->list[n++].state = states + i * bytes;
    }
    b->count = n;
    return e;
}

static void trim_parts(const struct walk *w, const struct journey_columns *of, struct some *b)
{
    u32 kept = 0;

    for (u32 i = 0; i < b->count; i++)
        if (trim(w, of, &b->list[i])) {
            b->list[kept] = b->list[i];
            b->index[kept++] = b->index[i];
        }
    b->count = kept;
}

/* Zeros of those who have had no part yet; small states are zeroed all together. */
static void begin_states(struct folding *f, const struct some *b)
{
    bool small = f->fold->state_bytes <= SMALL_STATE;
    bool *shown = f->shown;

    for (u32 i = 0; i < b->count; i++) {
        if (!small && !shown[b->index[i]])
            memset(b->list[i].state, 0, f->fold->state_bytes);
        shown[b->index[i]] = true;
    }
}

static void fold_run(struct worker *k, u32 v, u32 from)
{
    struct folding *f = k->folding;
    const struct typed *t = &f->typed[v];
    const struct entries of = f->entries[v];
    struct some b;

    for (u32 e = 0; e < of.count;) {
        e = take_parts(f, &of, from, e, &b);
        if (t->cut)
            trim_parts(k->walk, &t->columns, &b);
        begin_states(f, &b);
        if (b.count > 0)
            f->fold->parts(k->acc, &(struct journey_parts){ &t->columns, b.list, b.count });
    }
}

/* Eight flags, each 0 or 1. */
static u64 eight(const bool *flags)
{
    u64 word;

    memcpy(&word, flags, sizeof word);
    return word;
}

static void fold_rows(struct worker *k, u32 from)
{
    struct folding *f = k->folding;
    u32 people = 1u << k->walk->shift;

    memset(f->shown, 0, people);
    if (f->fold->state_bytes <= SMALL_STATE)
        memset(f->states, 0, people * f->fold->state_bytes);
    for (u32 v = 0; v < k->walk->run_count; v++)
        fold_run(k, v, from);
    for (u32 i = 0; f->fold->done != NULL && i < people; i += sizeof(u64))
        for (u64 word = eight(f->shown + i); word != 0; word &= word - 1) {
            u32 at = i + (u32)__builtin_ctzll(word) / 8;
            f->fold->done(k->acc, (char *)f->states + at * f->fold->state_bytes, from + at);
        }
}

/* Those wanted who are copied together, or the others. False: nobody. */
static bool choose_lying(const struct worker *k, bool mixed, bool *out)
{
    u64 others = mixed ? 0 : 0x0101010101010101, any = 0;

    for (u32 i = 0; i < 1u << k->walk->shift; i += sizeof(u64)) {
        u64 word = eight(k->wanted + i) & (eight(k->folding->mixed + i) ^ others);
        memcpy(out + i, &word, sizeof word);
        any |= word;
    }
    return any != 0;
}

void fold_chunk(struct worker *k, u32 chunk, struct slab *merging)
{
    struct folding *f = k->folding;
    u32 from = chunk << k->walk->shift;

    if (!walk_stretches(k, chunk))
        return;
    find_mixed(k, from);
    if (!choose(k, from) || !bring_rows(k, from))
        return;
    choose_exactly(k, from);
    if (choose_lying(k, false, f->lying)) {
        find_disorder(k, from);
        fold_rows(k, from);
    }
    if (choose_lying(k, true, f->lying)) {
        memcpy(k->wanted, f->lying, 1ull << k->walk->shift);
        walk_copied(k, chunk, merging);
    }
}
