/* timeline.c -- reading a few people or the newest arrivals without walking: small reads by the
 * fence of each run's directory, and the open chunk's chains. */
#include "journey/journey_int.h"
#include <stdlib.h>

enum { FEW_ROWS = 64 };

enum status lookup_open(struct ctx *cx, struct journey *j, struct lookup *l)
{
    *l = (struct lookup){ .j = j };
    snapshot_take(j, &l->snap); /* before the reader: it must see all runs of the list */
    l->moved = people_moved(&j->people);
    enum status s = reader_take(j->file, &l->reader);
    if (s == OK)
        return OK;
    moved_drop(l->moved);
    snapshot_drop(j, &l->snap);
    return ctx_fail(cx, s, "cannot read '%s'", file_path(j->file));
}

void lookup_close(struct lookup *l)
{
    reader_give(l->j->file, l->reader);
    moved_drop(l->moved);
    snapshot_drop(l->j, &l->snap);
}

/* A list of events that grows in the arena. */
struct found {
    struct arena *arena;
    struct event *events;
    u32 count, room;
};

static struct event *found_room(struct found *f, u32 more)
{
    if (f->count + more > f->room) {
        u32 room = f->room * 2 > f->count + more ? f->room * 2 : f->count + more;
        struct event *events = NEW_N(f->arena, struct event, room);
        if (f->count > 0)
            memcpy(events, f->events, f->count * sizeof *events);
        f->events = events;
        f->room = room;
    }
    return f->events + f->count;
}

/* What of a person is wanted: [from, to) and, for a timeline, the newest `limit` before (to,
 * to_seq). */
struct want {
    u32 root; /* whose */
    i64 from_ms, to_ms;
    u64 to_seq;   /* events at to_ms itself with a smaller arrival count too; 0: none */
    size_t limit; /* 0: all */
    bool props;
};

static bool wanted(const struct want *w, const struct event *e)
{
    return e->at_ms >= w->from_ms &&
           (e->at_ms < w->to_ms || (e->at_ms == w->to_ms && e->seq < w->to_seq));
}

/* Leaves those that are the wanted person's; how many. */
static u32 keep_own(const struct lookup *l, const struct want *w, struct event *e, u32 n)
{
    u32 kept = 0;

    for (u32 i = 0; i < n; i++)
        if (moved_root(l->moved, e[i].person) == w->root)
            e[kept++] = e[i];
    return kept;
}

/* Adds the wanted rows that lie under one owner in one run. They lie in time order, so they are one
 * stretch. */
static enum status find_in_run(struct ctx *cx, struct lookup *l, struct run *r, u32 owner,
                               const struct want *w, struct found *f)
{
    u32 lo, hi, first = 0, last, strays;
    u64 mask;

    moved_strays(l->moved, owner, &strays);
    if (!run_find(r, owner, l->reader, &lo, &hi, &mask, &l->fault))
        return l->fault.status == OK ? OK : fault_fail(cx, &l->fault);
    struct event *e = found_room(f, hi - lo);
    memset(e, 0, (hi - lo) * sizeof *e); /* where newer ones may have been cut off */
    if (!run_read(r, COL_AT, lo, hi - lo, l->reader, e, &l->fault) ||
        !run_read(r, COL_SEQ, lo, hi - lo, l->reader, e, &l->fault))
        return fault_fail(cx, &l->fault);
    while (first < hi - lo && e[first].at_ms < w->from_ms)
        first++;
    for (last = first; last < hi - lo && wanted(w, &e[last]);)
        last++;
    if (strays == 0 && w->limit > 0 && last - first > w->limit)
        first = last - (u32)w->limit;
    u32 n = last - first;
    if (n == 0)
        return OK;
    if (first > 0)
        memmove(e, e + first, n * sizeof *e);
    for (u32 i = 0; i < n; i++)
        e[i].person = owner;
    for (enum column c = COL_KIND; c <= COL_RECORD; c++)
        if (!run_read(r, c, lo + first, n, l->reader, e, &l->fault))
            return fault_fail(cx, &l->fault);
    if (!run_read(r, COL_PERSON, lo + first, n, l->reader, e, &l->fault))
        return fault_fail(cx, &l->fault);
    if (w->props && !run_read_props(r, lo + first, n, l->reader, f->arena, e, &l->fault))
        return fault_fail(cx, &l->fault);
    f->count += strays > 0 ? keep_own(l, w, e, n) : n;
    return OK;
}

static void find_in_open(const struct lookup *l, u32 person, const struct want *w, struct found *f)
{
    for (u32 at = 0; (at = snapshot_open_next(&l->snap, person, at)) != 0;) {
        const struct event *e = &l->snap.open->events[at - 1];
        if (!wanted(w, e))
            continue;
        struct event *to = found_room(f, 1);
        *to = *e;
        to->id = 0;
        to->props = w->props && e->props != NULL ? arena_text(f->arena, e->props) : NULL;
        f->count++;
    }
}

/* Under whom a person's events may lie: who belongs to it, and then, in runs, to whom somebody of
 * them belonged once. */
struct owners {
    u32 *list;
    size_t members, count;
};

static void owners_of(struct ctx *cx, const struct lookup *l, u32 root, struct owners *o)
{
    const struct moved *m = l->moved; /* alone, so that all is of one moment */
    size_t most = 1 + m->stray_count;

    for (u32 i = 0; i < m->count; i++)
        most += m->roots[i] == root;
    o->list = NEW_N(cx->arena, u32, most);
    o->list[0] = root;
    o->count = 1;
    for (u32 i = 0; i < m->count; i++)
        if (m->roots[i] == root)
            o->list[o->count++] = m->people[i];
    o->members = o->count;
    for (u32 i = 0; i < m->stray_count; i++)
        if (m->strays[i].root == root)
            o->list[o->count++] = m->strays[i].owner;
}

enum status lookup_person(struct ctx *cx, struct lookup *l, u32 person, i64 from_ms, i64 to_ms,
                          bool props, struct event **out, u32 *count)
{
    struct want w = { .root = person, .from_ms = from_ms, .to_ms = to_ms, .props = props };
    struct found f = { .arena = cx->arena };
    scoped(slab_free) struct slab slab = { 0 };
    struct owners o;

    owners_of(cx, l, person, &o);
    for (size_t m = 0; m < o.count; m++) {
        for (size_t i = 0; i < l->snap.state->count; i++) {
            struct run *r = l->snap.state->runs[i];
            if (r->min_ms < to_ms && r->max_ms >= from_ms)
                TRY(find_in_run(cx, l, r, o.list[m], &w, &f));
        }
        if (m < o.members)
            find_in_open(l, o.list[m], &w, &f);
    }
    events_order(f.events, f.count, &slab);
    *out = f.events;
    *count = f.count;
    return OK;
}

/* ---- timeline ---- */

static int newest_run_first(const void *a, const void *b)
{
    const struct run *x = *(struct run *const *)a, *y = *(struct run *const *)b;

    return x->max_ms > y->max_ms ? -1 : x->max_ms < y->max_ms;
}

static int newest_first(const void *a, const void *b)
{
    const struct event *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms > y->at_ms ? -1 : 1;
    return x->seq > y->seq ? -1 : x->seq < y->seq;
}

/* Keeps the newest `limit`; the time before which nothing more is of interest. */
static i64 keep_newest(struct found *f, size_t limit)
{
    if (f->count < limit)
        return INT64_MIN;
    qsort(f->events, f->count, sizeof *f->events, newest_first);
    f->count = (u32)limit;
    return f->events[limit - 1].at_ms;
}

static enum status newest(struct ctx *cx, struct lookup *l, const struct want *w, struct found *f)
{
    struct owners o;
    size_t n = l->snap.state->count;
    struct run **runs = NEW_N(cx->arena, struct run *, n);

    owners_of(cx, l, w->root, &o);
    for (size_t m = 0; m < o.members; m++)
        find_in_open(l, o.list[m], w, f);
    i64 enough = keep_newest(f, w->limit);
    if (n > 0)
        memcpy(runs, l->snap.state->runs, n * sizeof(struct run *));
    qsort(runs, n, sizeof *runs, newest_run_first);
    for (size_t i = 0; i < n && runs[i]->max_ms >= enough; i++) {
        u32 before = f->count;
        if (runs[i]->min_ms > w->to_ms)
            continue;
        for (size_t m = 0; m < o.count; m++)
            TRY(find_in_run(cx, l, runs[i], o.list[m], w, f));
        if (f->count > before)
            enough = keep_newest(f, w->limit);
    }
    if (f->count > 0)
        qsort(f->events, f->count, sizeof *f->events, newest_first);
    return OK;
}

enum status lookup_newest(struct ctx *cx, struct lookup *l, u32 person, i64 before_ms,
                          u64 before_seq, size_t limit, struct event **out, size_t *count)
{
    bool all = before_ms == 0 && before_seq == 0;
    struct want w = { .root = moved_root(l->moved, person),
                      .from_ms = INT64_MIN,
                      .to_ms = all ? INT64_MAX : before_ms,
                      .to_seq = before_seq,
                      .limit = limit,
                      .props = true };
    struct found f = { .arena = cx->arena };
    enum status s = w.root == 0 ? OK : newest(cx, l, &w, &f);

    *out = f.events;
    *count = f.count;
    return s;
}

/* ---- in order of arrival ---- */

/* A few rows are read as such; more of them by their whole columns. */
static bool read_rows(struct lookup *l, struct run *r, struct view *v, const struct slice *rows,
                      u32 n, const struct arrivals *a, struct arena *arena, struct slab *slab)
{
    if (n > FEW_ROWS) {
        if (!view_load(v, r, COLS_ALL | COL_BIT(COL_DIR), UINT32_MAX, l->reader, slab, &l->fault))
            return false;
        for (enum column c = COL_AT; c <= COL_SEQ; c++)
            view_fill(v, c, rows, n, a->out);
        view_fill_person(v, rows, n, a->out);
        if (v->props_count > 0)
            view_fill_props(v, rows, n, a->out);
        return true;
    }
    for (u32 i = 0; i < n; i++) {
        struct event *e = &a->out[rows[i].dest];
        for (enum column c = COL_AT; c <= COL_SEQ; c++)
            if (!run_read(r, c, rows[i].lo, 1, l->reader, e, &l->fault))
                return false;
        if (!run_read(r, COL_PERSON, rows[i].lo, 1, l->reader, e, &l->fault))
            return false;
        if (!run_read_props(r, rows[i].lo, 1, l->reader, arena, e, &l->fault))
            return false;
    }
    return true;
}

/* Fills in the wanted rows of one run. */
static enum status arrivals_in_run(struct ctx *cx, struct lookup *l, struct run *r,
                                   const struct arrivals *a)
{
    scoped(slab_free) struct slab slab = { 0 };
    u32 n = 0, most = (u32)(a->last - a->first + 1);
    struct view v;

    if (!view_load(&v, r, COL_BIT(COL_DIR) | COL_BIT(COL_SEQ), UINT32_MAX, l->reader, &slab,
                   &l->fault))
        return fault_fail(cx, &l->fault);
    struct slice *rows = SLAB_N(&slab, struct slice, most);
    for (u32 row = 0; row < r->events && n < most; row++) {
        u64 seq = view_seq(&v, row);
        if (seq >= a->first && seq <= a->last)
            rows[n++] = (struct slice){ row, 1, (u32)(seq - a->first) };
    }
    for (u32 i = 0; i < n; i++)
        a->out[rows[i].dest].person = view_person(&v, rows[i].lo);
    if (!read_rows(l, r, &v, rows, n, a, cx->arena, &slab))
        return fault_fail(cx, &l->fault);
    for (u32 i = 0; i < n; i++) {
        struct event *e = &a->out[rows[i].dest];
        if (moved_root(l->moved, e->person) == 0)
            e->person = 0;
        if (n > FEW_ROWS && e->props != NULL) /* they lie in the slab */
            e->props = arena_text(cx->arena, e->props);
    }
    return OK;
}

static enum status arrivals_in_runs(struct ctx *cx, struct lookup *l, const struct arrivals *a)
{
    for (size_t i = 0; i < l->snap.state->count; i++) {
        struct run *r = l->snap.state->runs[i];
        if (r->last_seq >= a->first && r->first_seq <= a->last)
            TRY(arrivals_in_run(cx, l, r, a));
    }
    return OK;
}

static void arrivals_in_open(const struct ctx *cx, const struct lookup *l, const struct arrivals *a)
{
    for (u32 i = l->snap.open_count; i-- > 0;) {
        const struct event *e = &l->snap.open->events[i];
        if (e->seq < a->first)
            break;
        if (e->seq > a->last || moved_root(l->moved, e->person) == 0)
            continue;
        struct event *to = &a->out[e->seq - a->first];
        *to = *e;
        to->id = 0;
        to->props = e->props == NULL ? NULL : arena_text(cx->arena, e->props);
    }
}

enum status lookup_since(struct ctx *cx, struct lookup *l, u64 after_seq, size_t limit,
                         arrivals_fn *more, void *arg, struct event **out, size_t *count)
{
    enum status s = OK;
    size_t n = 0;

    while (s == OK && n == 0 && after_seq < l->snap.last_seq) { /* all of a stretch may be erased */
        u64 left = l->snap.last_seq - after_seq;
        size_t room = left < limit ? (size_t)left : limit;
        struct arrivals a = { after_seq + 1, after_seq + room,
                              NEW_N(cx->arena, struct event, room) };
        arrivals_in_open(cx, l, &a);
        s = arrivals_in_runs(cx, l, &a);
        if (s == OK && more != NULL)
            s = more(cx, arg, &a);
        for (size_t i = 0; i < room; i++) /* numbers without an event: what was erased */
            if (a.out[i].person != 0)
                a.out[n++] = a.out[i];
        *out = a.out;
        *count = n;
        after_seq += room;
    }
    return s;
}
