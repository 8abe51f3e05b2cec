/* walk.c -- the one walker: brings each person's events together, from all runs and the tail, and
 * shows them to a report.
 *
 *   check  threads take runs: their columns are brought into memory and kept for the next walk
 *          (whole.c) or, where they do not fit, checked; rows of people who belong to somebody else
 *          are known by run (side.c)
 *   visit  threads take chunks of numbers. Either they count rows and kinds of each person by the
 *          directories alone, drop those whom the plan does not want, bring the others' rows into
 *          memory where they are not (window.c), then fill events column by column and visit person
 *          by person; or they fold the rows where they lie (walk_fold.c)
 *
 * A walk itself holds the rows of one chunk a thread, some 10 MB, however many events there are. */
#include "base/log.h"
#include "journey/walk_int.h"
#include <stdlib.h>

/* ---- order ---- */

struct order_key {
    i64 at_ms;
    u64 seq;
    u32 index;
};

static bool key_before(const struct order_key *a, const struct order_key *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

/* Merges neighbours of the ascending stretches end[0..stretches) until one is left. */
static struct order_key *merge(struct order_key *from, struct order_key *to, u32 *end,
                               u32 stretches)
{
    while (stretches > 1) {
        u32 out = 0, lo = 0;
        for (u32 s = 0; s < stretches; s += 2) {
            u32 a = lo, mid = end[s], b = mid, hi = s + 1 < stretches ? end[s + 1] : mid, o = lo;
            while (a < mid && b < hi)
                to[o++] = key_before(&from[b], &from[a]) ? from[b++] : from[a++];
            while (a < mid)
                to[o++] = from[a++];
            while (b < hi)
                to[o++] = from[b++];
            lo = end[out++] = hi;
        }
        struct order_key *swap = from;
        from = to;
        to = swap;
        stretches = out;
    }
    return from;
}

/* Each slice is in order already, so this merges what is ascending. */
void events_order(struct event *e, u32 n, struct slab *slab)
{
    u32 i = 1;

    while (i < n && (e[i - 1].at_ms < e[i].at_ms ||
                     (e[i - 1].at_ms == e[i].at_ms && e[i - 1].seq < e[i].seq)))
        i++;
    if (i >= n)
        return;
    struct order_key *keys = SLAB_N(slab, struct order_key, n);
    struct order_key *spare = SLAB_N(slab, struct order_key, n);
    u32 *end = SLAB_N(slab, u32, n), stretches = 0;
    for (i = 0; i < n; i++) {
        keys[i] = (struct order_key){ e[i].at_ms, e[i].seq, i };
        if (i > 0 && key_before(&keys[i], &keys[i - 1]))
            end[stretches++] = i;
    }
    end[stretches++] = n;
    keys = merge(keys, spare, end, stretches);
    struct event *copy = SLAB_N(slab, struct event, n);
    memcpy(copy, e, n * sizeof *e);
    for (i = 0; i < n; i++)
        e[i] = copy[keys[i].index];
}

/* ---- check ---- */

static void check_runs(struct worker *k)
{
    struct walk *w = k->walk;
    u32 columns = w->columns | (w->plan->props ? COL_BIT(COL_PROPS) : 0), i;

    while ((i = atomic_fetch_add(&w->next, 1)) < w->run_count && !k->failed) {
        k->fault.status = OK;
        if (!w->plan->props)
            w->wholes[i] = whole_take(w->j, w->runs[i], w->asked | COLS_ALWAYS, w->people,
                                      k->reader, &k->fault);
        k->failed = k->fault.status != OK ||
                    (w->wholes[i] == NULL &&
                     !view_check(w->runs[i], columns, w->people, k->reader, &k->fault));
        if (!k->failed) {
            w->sides[i] = side_take(w->j, w->runs[i], w->moved, k->reader, &k->fault);
            k->failed = w->sides[i] == NULL;
        }
    }
}

/* ---- visit ---- */

static void add_entry(struct worker *k, u32 owner, u32 index, u32 lo, u32 len, u64 mask, u32 *n)
{
    k->owned[(*n)++] = (struct owned_slice){ owner, index, lo, len };
    k->count[index] += len;
    k->masks[index] |= mask;
    if (k->walk->moved->stray_count > 0) {
        u32 strays;
        moved_strays(k->walk->moved, owner, &strays);
        k->mixed_up[index] |= strays > 0;
    }
}

/* The first entry not below x, from `at` on. Chunks come in ascending order: it is near. */
static u32 seek_from(const u32 *people, u32 entries, u32 at, u32 x)
{
    u32 step = 1;

    for (; at + step < entries && people[at + step] < x; step *= 2)
        at += step;
    return at + lower_bound(people + at, step < entries - at ? step : entries - at, x);
}

static bool find_stretch(struct worker *k, u32 run, u32 from, u32 to, struct stretch *s)
{
    struct walk *w = k->walk;
    const struct view *v = k->views[run];
    const struct side *side = w->sides[run];

    s->side = side_seek(side, from);
    for (s->side_end = s->side; s->side_end < side->count && side->rows[s->side_end].root < to;)
        s->side_end++;
    if (w->wholes[run] != NULL) { /* it stands where the last chunk's people began */
        s->entry = seek_from(v->people, v->entries, s->entry, from);
        s->entry_end = seek_from(v->people, v->entries, s->entry, to);
        return true;
    }
    if (!window_people(&k->windows[run], from, to, &k->rows, &k->fault))
        return false;
    s->entry = 0;
    s->entry_end = v->entries;
    return true;
}

bool walk_stretches(struct worker *k, u32 chunk)
{
    u32 from = chunk << k->walk->shift, to = from + (1u << k->walk->shift);

    slab_reuse(&k->rows);
    k->read = 0;
    for (u32 run = 0; run < k->walk->run_count && !k->failed; run++)
        k->failed = !find_stretch(k, run, from, to, &k->stretches[run]);
    return !k->failed;
}

/* Counts what every person of the chunk has, and where it lies. */
static bool count_chunk(struct worker *k, u32 chunk)
{
    struct walk *w = k->walk;
    u32 from = chunk << w->shift, n = 0;

    memset(k->count, 0, sizeof(u32) << w->shift);
    memset(k->masks, 0, sizeof(u64) << w->shift);
    memset(k->mixed_up, 0, sizeof(bool) << w->shift);
    if (!walk_stretches(k, chunk))
        return false;
    for (u32 run = 0; run < w->run_count; run++) {
        const struct stretch *s = &k->stretches[run];
        const struct view *v = k->views[run];
        const u32 *people = v->people, *first = v->first;
        k->owned = array_room(k->owned, &k->owned_room,
                              n + (s->entry_end - s->entry) + (s->side_end - s->side) + 1,
                              sizeof *k->owned);
        k->view_start[run] = n;
        for (u32 e = s->entry; e < s->entry_end; e++)
            if (k->wanted[people[e] - from] && !moved_is(w->moved, people[e]))
                add_entry(k, people[e], people[e] - from, first[e], first[e + 1] - first[e],
                          v->masks[e], &n);
        for (u32 i = s->side; i < s->side_end; i++) {
            const struct side_row *r = &w->sides[run]->rows[i];
            if (k->wanted[r->root - from])
                add_entry(k, r->owner, r->root - from, r->lo, r->len, r->mask, &n);
        }
    }
    k->view_start[w->run_count] = n;
    return true;
}

/* Whom the plan's list of people names in this chunk; false: nobody. */
static bool choose_people(struct worker *k, u32 chunk)
{
    const struct journey_plan *p = k->walk->plan;
    u32 from = chunk << k->walk->shift, to = from + (1u << k->walk->shift);
    bool any = p->people == NULL;

    memset(k->wanted, any, 1ull << k->walk->shift);
    if (any)
        return true;
    for (size_t i = lower_bound(p->people, (u32)p->people_count, from);
         i < p->people_count && p->people[i] < to; i++)
        any = k->wanted[p->people[i] - from] = true;
    return any;
}

/* Keeps those who have all kinds that are asked for; false: nobody. */
static bool choose_kinds(struct worker *k)
{
    u64 kinds = k->walk->kinds;
    bool any = false;

    for (u32 i = 0; i < 1u << k->walk->shift; i++) {
        k->wanted[i] = k->wanted[i] && k->count[i] > 0 && (k->masks[i] & kinds) == kinds;
        any |= k->wanted[i];
    }
    return any;
}

/* Tells the windows which rows are wanted; slices name rows of the window from here on. */
static void choose_rows(struct worker *k)
{
    struct walk *w = k->walk;

    for (u32 v = 0; v < w->run_count; v++)
        for (u32 i = k->view_start[v]; w->wholes[v] == NULL && i < k->view_start[v + 1]; i++)
            if (k->wanted[k->owned[i].index])
                k->owned[i].lo = window_add(&k->windows[v], k->owned[i].lo, k->owned[i].len);
}

bool walk_read(struct worker *k, u32 columns)
{
    struct walk *w = k->walk;

    for (u32 v = 0; v < w->run_count && !k->failed; v++)
        for (enum column c = COL_AT; c < COL_COUNT && !k->failed; c++)
            if ((columns & ~k->read & COL_BIT(c)) && w->wholes[v] == NULL &&
                k->windows[v].view.rows > 0)
                k->failed = !window_read(&k->windows[v], c, &k->rows, &k->fault);
    k->read |= columns;
    return !k->failed;
}

/* Gives each wanted person a stretch of events[]; turns owned slices into slices with a place. */
static u32 place_chunk(struct worker *k)
{
    struct walk *w = k->walk;
    u32 total = 0, out = 0;

    for (u32 i = 0; i < 1u << w->shift; i++) {
        k->start[i] = total;
        total += k->wanted[i] ? k->count[i] : 0;
    }
    u32 all = k->view_start[w->run_count];
    k->slices = array_room(k->slices, &k->slice_room, all, sizeof *k->slices);
    if (total > k->event_room) {
        slab_free(&k->event_slab);
        k->event_room = total + total / 2;
        k->events = SLAB_N(&k->event_slab, struct event, k->event_room);
    }
    for (u32 v = 0, i = 0; v < w->run_count; v++) {
        u32 end = k->view_start[v + 1];
        k->view_start[v] = out;
        for (; i < end; i++) {
            const struct owned_slice *o = &k->owned[i];
            if (!k->wanted[o->index])
                continue;
            u32 dest = k->start[o->index];
            for (u32 row = 0; row < o->len; row++)
                k->events[dest + row].person = o->owner;
            k->slices[out++] = (struct slice){ o->lo, o->len, dest };
            k->start[o->index] += o->len;
        }
    }
    k->view_start[w->run_count] = out;
    return total;
}

static void fill_chunk(struct worker *k)
{
    struct walk *w = k->walk;

    for (u32 i = 0; i < w->run_count; i++) {
        const struct slice *s = k->slices + k->view_start[i];
        u32 n = k->view_start[i + 1] - k->view_start[i];
        if (n == 0)
            continue;
        for (enum column c = COL_AT; c <= COL_SEQ; c++)
            if (w->columns & COL_BIT(c))
                view_fill(k->views[i], c, s, n, k->events);
        view_fill_person(k->views[i], s, n, k->events);
        if (w->plan->props)
            view_fill_props(k->views[i], s, n, k->events);
    }
}

static bool has_kinds(const struct journey_plan *p, const struct event *e, size_t n)
{
    for (size_t k = 0; k < p->kind_count; k++) {
        size_t i = 0;
        while (i < n && e[i].kind != p->kinds[k])
            i++;
        if (i == n)
            return false;
    }
    return true;
}

static bool has_row(const struct journey_row *row, const struct event *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool is = true;
#define IS(field) is &= row->field == 0 || row->field == e[i].field;
        ROW_FIELDS(IS)
#undef IS
        if (is)
            return true;
    }
    return false;
}

/* Gives each wanted person of a counted chunk a stretch of k->events and fills it; k->start is then
 * the end of each stretch. 0: nobody. */
static u32 fill_events(struct worker *k)
{
    u32 columns = k->walk->columns | (k->walk->plan->props ? COL_BIT(COL_PROPS) : 0);

    if (!walk_read(k, columns))
        return 0;
    u32 total = place_chunk(k);

    if (total > 0)
        fill_chunk(k);
    return total;
}

/* The events that were filled in for one of them, in order. */
static struct event *events_of(struct worker *k, u32 index, u32 person, struct slab *merging,
                               u32 *n)
{
    struct event *e = k->events + k->start[index] - k->count[index]; /* start is at the end now */
    u32 kept = 0;

    *n = k->count[index];
    if (k->mixed_up[index]) {
        for (u32 i = 0; i < *n; i++)
            if (moved_root(k->walk->moved, e[i].person) == person)
                e[kept++] = e[i];
        *n = kept;
    }
    events_order(e, *n, merging);
    slab_reuse(merging);
    return e;
}

void walk_show(struct worker *k, u32 person, const struct event *e, u32 n)
{
    const struct walk *w = k->walk;
    const struct journey_plan *p = w->plan;

    while (n > 0 && e[n - 1].at_ms >= w->to_ms)
        n--;
    for (; n > 0 && e->at_ms < w->from_ms; n--)
        e++;
    if (n == 0 || !has_kinds(p, e, n) || (p->row != NULL && !has_row(p->row, e, n)))
        return;
    if (p->fold != NULL)
        fold_events(k, person, e, n);
    else
        p->visit(k->acc, &(struct journey_view){ person, e, n });
}

void walk_copied(struct worker *k, u32 chunk, struct slab *merging)
{
    struct walk *w = k->walk;

    k->failed = !count_chunk(k, chunk);
    if (k->failed || !choose_kinds(k))
        return;
    choose_rows(k);
    if (fill_events(k) == 0)
        return;
    for (u32 i = 0; i < 1u << w->shift; i++) {
        if (!k->wanted[i])
            continue;
        u32 n, person = (chunk << w->shift) + i;
        struct event *e = events_of(k, i, person, merging, &n);
        walk_show(k, person, e, n);
    }
}

static void visit_chunks(struct worker *k)
{
    struct walk *w = k->walk;
    scoped(slab_free) struct slab merging = { 0 };
    u32 chunk;

    while (!k->failed && (chunk = atomic_fetch_add(&w->next, 1)) < w->chunk_count) {
        if (!choose_people(k, chunk))
            continue;
        if (k->folding != NULL)
            fold_chunk(k, chunk, &merging);
        else
            walk_copied(k, chunk, &merging);
    }
}

/* ---- the walk ---- */

struct phase {
    struct worker *worker;
    void (*fn)(struct worker *k);
};

static void *phase_main(void *arg)
{
    struct phase *p = arg;

    p->fn(p->worker);
    return NULL;
}

/* Runs fn on all workers, the first one here. */
static void on_all(struct walk *w, struct worker *workers, unsigned n, void (*fn)(struct worker *k))
{
    struct phase phases[THREADS_MAX];

    atomic_store(&w->next, 0);
    for (unsigned i = 0; i < n; i++)
        phases[i] = (struct phase){ &workers[i], fn };
    for (unsigned i = 1; i < n; i++)
        if (pthread_create(&workers[i].thread, NULL, phase_main, &phases[i]) != 0)
            log_fatal("journey.no_thread", "for=walk");
    fn(&workers[0]);
    for (unsigned i = 1; i < n; i++)
        pthread_join(workers[i].thread, NULL);
}

static int earlier_run(const void *a, const void *b)
{
    const struct run *x = *(struct run *const *)a, *y = *(struct run *const *)b;

    return x->min_ms < y->min_ms ? -1 : x->min_ms > y->min_ms;
}

static void find_overlaps(struct walk *w)
{
    i64 last = INT64_MIN;

    w->overlap = SLAB_N(&w->slab, u32, w->run_count + 1);
    for (u32 i = 0; i < w->run_count; i++) {
        w->overlap[i] = i > 0 && w->runs[i]->min_ms <= last ? w->overlap[i - 1] : i;
        last = w->runs[i]->max_ms > last ? w->runs[i]->max_ms : last;
    }
    w->overlap[w->run_count] = w->run_count;
}

/* The runs that may hold something in range; the open chunk becomes one of them. */
static void choose_runs(struct walk *w, const struct snapshot *snap, struct run *open)
{
    u64 events = 0;

    w->runs = SLAB_N(&w->slab, struct run *, snap->state->count + 1);
    for (size_t i = 0; i <= snap->state->count; i++) {
        struct run *r = i < snap->state->count ? snap->state->runs[i] : open;
        if (r == NULL || r->min_ms >= w->to_ms || r->max_ms < w->from_ms)
            continue;
        w->runs[w->run_count++] = r;
        events += r->events;
        for (int c = COL_AT; c <= COL_SEQ;
             c++) /* a field that is zero everywhere needs no filling */
            w->columns |= r->columns[c].form == FORM_NONE ? 0 : COL_BIT(c);
        w->columns |= r->columns[COL_PERSON].form == FORM_NONE ? 0 : COL_BIT(COL_PERSON);
    }
    w->sides = SLAB_N(&w->slab, struct side *, w->run_count);
    w->wholes = SLAB_N(&w->slab, struct whole *, w->run_count);
    qsort(w->runs, w->run_count, sizeof *w->runs, earlier_run);
    find_overlaps(w);
    u64 target = w->plan->fold != NULL ? CHUNK_LYING : CHUNK_COPIED;
    size_t state = w->plan->fold != NULL ? w->plan->fold->state_bytes : 0;
    w->shift = SHIFT_MIN;
    while (w->shift < SHIFT_MAX && events << w->shift < target * w->people &&
           w->people >> w->shift > CHUNKS_MIN && state << w->shift < STATES_BYTES)
        w->shift++;
    w->chunk_count = (w->people >> w->shift) + 1;
}

static enum status worker_open(struct worker *k, struct walk *w, void *acc)
{
    *k = (struct worker){ .walk = w, .acc = acc };
    k->count = SLAB_N(&k->slab, u32, 1u << w->shift);
    k->start = SLAB_N(&k->slab, u32, (1u << w->shift) + 1);
    k->masks = SLAB_N(&k->slab, u64, 1u << w->shift);
    k->wanted = SLAB_N(&k->slab, bool, 1u << w->shift);
    k->mixed_up = SLAB_N(&k->slab, bool, 1u << w->shift);
    k->view_start = SLAB_N(&k->slab, u32, w->run_count + 1);
    k->windows = SLAB_N(&k->slab, struct window, w->run_count);
    k->views = SLAB_N(&k->slab, const struct view *, w->run_count);
    k->stretches = SLAB_N(&k->slab, struct stretch, w->run_count);
    if (w->plan->fold != NULL)
        fold_open(k);
    TRY(reader_take(w->j->file, &k->reader));
    for (u32 i = 0; i < w->run_count; i++)
        window_open(&k->windows[i], w->runs[i], k->reader);
    return OK;
}

/* Where the runs are is known: in memory whole, or to be read chunk by chunk. */
static void worker_look(struct worker *k)
{
    for (u32 i = 0; i < k->walk->run_count; i++) {
        struct whole *h = k->walk->wholes[i];
        k->views[i] = h != NULL ? &h->view : &k->windows[i].view;
    }
    if (k->folding != NULL)
        fold_look(k);
}

static void worker_close(struct worker *k)
{
    for (u32 i = 0; k->reader != NULL && i < k->walk->run_count; i++)
        window_close(&k->windows[i]);
    reader_give(k->walk->j->file, k->reader);
    if (k->folding != NULL)
        fold_close(k);
    slab_free(&k->slab);
    slab_free(&k->rows);
    slab_free(&k->event_slab);
    free(k->owned);
    free(k->slices);
}

static enum status walk_runs(struct ctx *cx, struct walk *w, void **accs, unsigned threads)
{
    struct worker workers[THREADS_MAX];
    enum status s = OK;

    for (unsigned i = 0; i < threads; i++) {
        enum status opened = worker_open(&workers[i], w, accs[i]);
        s = s == OK ? opened : s;
    }
    if (s != OK)
        ctx_fail(cx, s, "cannot read '%s'", file_path(w->j->file));
    else
        on_all(w, workers, threads, check_runs);
    for (unsigned i = 0; i < threads && s == OK; i++)
        s = workers[i].failed ? fault_fail(cx, &workers[i].fault) : OK;
    for (unsigned i = 0; i < threads && s == OK; i++)
        worker_look(&workers[i]);
    if (s == OK)
        on_all(w, workers, threads, visit_chunks);
    for (unsigned i = 0; i < threads; i++) {
        if (s == OK && workers[i].failed)
            s = fault_fail(cx, &workers[i].fault);
        worker_close(&workers[i]);
    }
    return s;
}

static enum status walk_all(struct ctx *cx, struct walk *w, void **accs, unsigned threads)
{
    struct snapshot snap;

    snapshot_take(w->j, &snap);
    struct run *open = snapshot_open_run(&snap);
    w->moved = people_moved(&w->j->people);
    w->people = people_count(&w->j->people);
    choose_runs(w, &snap, open);
    w->columns &= w->asked | COLS_ALWAYS;
    enum status s = w->run_count == 0 ? OK : walk_runs(cx, w, accs, threads);
    for (u32 i = 0; i < w->run_count; i++) {
        side_drop(w->sides[i]);
        whole_drop(w->wholes[i]);
    }
    moved_drop(w->moved);
    run_drop(open);
    snapshot_drop(w->j, &snap);
    return s;
}

/* A few people are looked up one by one: nothing is scanned for them. */
static enum status walk_few(struct ctx *cx, struct walk *w, void *acc)
{
    scoped(arena_close) struct arena *a = arena_new(16 * 1024);
    struct worker k = { .walk = w, .acc = acc };
    struct ctx own = *cx;
    struct lookup l;
    enum status s = OK;

    TRY(lookup_open(cx, w->j, &l));
    if (w->plan->fold != NULL)
        fold_open(&k);
    own.arena = a;
    for (size_t i = 0; i < w->plan->people_count && s == OK; i++) {
        struct event *e;
        u32 n, person = w->plan->people[i];
        if (moved_root(l.moved, person) != person)
            continue;
        s = lookup_person(&own, &l, person, w->from_ms, w->to_ms, w->plan->props, &e, &n);
        if (s == OK)
            walk_show(&k, person, e, n);
        else
            ctx_fail(cx, s, "%s", own.error_text);
        arena_reset(a);
    }
    if (w->plan->fold != NULL)
        fold_close(&k);
    slab_free(&k.slab);
    lookup_close(&l);
    return s;
}

enum status runs_walk(struct ctx *cx, struct journey *j, const struct journey_plan *p, void **accs,
                      unsigned threads)
{
    bool all = p->from_ms == 0 && p->to_ms == 0;
    struct walk w = { .j = j,
                      .plan = p,
                      .from_ms = all ? INT64_MIN : p->from_ms,
                      .to_ms = all ? INT64_MAX : p->to_ms };

    assert(threads > 0);
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    w.asked = p->columns == 0 ? COLS_NUMBERS : p->columns & COLS_NUMBERS;
    for (size_t i = 0; i < p->kind_count; i++)
        w.kinds |= journey_kind_bit(p->kinds[i]);
    if (p->people != NULL && p->people_count <= FEW_PEOPLE)
        return walk_few(cx, &w, accs[0]);
    enum status s = walk_all(cx, &w, accs, threads);
    slab_free(&w.slab);
    return s;
}
