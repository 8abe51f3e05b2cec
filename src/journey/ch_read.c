/* ch_read.c -- the ClickHouse backend reads: each person's rows from the server, in order, and
 * those of the log's tail among them. A walk asks for ranges of people, `threads` at a time, and
 * holds one person's events a thread; what it does not want (periods, kinds, columns, people) the
 * server leaves out. */
#include "base/log.h"
#include "journey/ch_int.h"
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_BYTES = 64 * 1024,
    RANGE_EVENTS = 300 * 1000,      /* that an answer has, about */
    COUNTED_FROM = 3 * 1000 * 1000, /* events: from here on those in the period are counted first */
    PEOPLE_LISTED = 4000,           /* in a statement */
    TAIL_LISTED = 20 * 1000,        /* more people of the tail: the server filters nobody */
};

/* A moment of the store: tail and table are of it. */
struct moment {
    struct ch *ch;
    struct lookup l;
    u64 flushed_seq;                         /* later ones are in the tail */
    struct moved *placed;                    /* under whom rows lie; whose they are say l.moved */
    u32 pending[CH_LIST_MAX], pending_count; /* people of whom that is not the same */
};

static u64 flushed_seq(const struct snapshot *s)
{
    for (size_t i = 0; i < s->state->count; i++)
        if (s->state->runs[i]->id == 0)
            return s->state->runs[i]->first_seq - 1;
    return s->open_count > 0 ? s->open->events[0].seq - 1 : s->last_seq;
}

/* Lists who is pending; false: they are too many. */
static bool find_pending(struct moment *t)
{
    struct ch_step at = { 0 };
    u32 person;

    while (t->placed->version != t->l.moved->version &&
           (person = ch_differs(t->ch, t->placed, t->l.moved, &at)) != 0) {
        if (t->pending_count == CH_LIST_MAX)
            return false;
        t->pending[t->pending_count++] = person;
    }
    return true;
}

static void moment_close(struct moment *t)
{
    if (t->l.snap.state != NULL)
        snapshot_drop(t->l.j, &t->l.snap);
    moved_drop(t->l.moved);
    moved_drop(t->placed);
    pthread_rwlock_unlock(&t->ch->rows);
}

/* Keeps all rows where they are, once it is sure where that is. Owned: moment_close. */
static enum status moment_open(struct ctx *cx, struct journey *j, struct moment *t)
{
    struct ch *ch = j->far;

    for (;;) {
        *t = (struct moment){ .ch = ch, .l = { .j = j, .moved = ch_moved(ch) } };
        pthread_rwlock_rdlock(&ch->rows);
        pthread_mutex_lock(&ch->lock);
        bool sure = ch->sure;
        t->placed = ch->placed;
        atomic_fetch_add_explicit(&t->placed->refs, 1, memory_order_relaxed);
        pthread_mutex_unlock(&ch->lock);
        if (sure && t->placed->version <= t->l.moved->version && find_pending(t)) {
            snapshot_take(j, &t->l.snap);
            t->flushed_seq = flushed_seq(&t->l.snap);
            return OK;
        }
        moment_close(t);
        ch_begin(ch);
        struct moved *m = ch_moved(ch);
        enum status s = ch_place(cx, ch, m);
        ch_end(ch);
        moved_drop(m);
        TRY(s);
    }
}

/* Whose a row is; 0: it does not count, being erased or left over from a move. */
static u32 row_root(const struct moment *t, const struct ch_row *row)
{
    return moved_root(t->placed, row->e.person) == row->owner
               ? moved_root(t->l.moved, row->e.person)
               : 0;
}

/* ---- rows as a list ---- */

struct list {
    struct ctx *cx;
    const struct moment *t;
    struct event *events;
    u32 count, room;
    u32 root; /* only whose rows are this one's; 0: everybody's */
};

static bool list_row(void *arg, const struct ch_row *row)
{
    struct list *l = arg;
    u32 root = row_root(l->t, row);

    if (root == 0 || (l->root != 0 && root != l->root))
        return true;
    if (l->count == l->room) {
        u32 room = l->room == 0 ? 64 : l->room * 2;
        struct event *more = NEW_N(l->cx->arena, struct event, room);
        if (l->count > 0)
            memcpy(more, l->events, l->count * sizeof *more);
        l->events = more;
        l->room = room;
    }
    struct event *e = &l->events[l->count++];
    *e = row->e;
    if (row->text.len > 0)
        e->props = arena_dup(l->cx->arena, row->text.p, row->text.len);
    return true;
}

static bool is_listed(const struct journey_plan *p, u32 person)
{
    u32 at = p->people == NULL ? 0 : lower_bound(p->people, (u32)p->people_count, person);

    return p->people == NULL || (at < p->people_count && p->people[at] == person);
}

/* Adds "owner IN (...) AND person IN (...)" for the pending whose rows are somebody's whom the plan
 * lists. False: there are none. */
static bool add_pending(const struct moment *t, struct arena *a, const struct journey_plan *p,
                        struct buf *sql)
{
    u32 *owners = NEW_N(a, u32, t->pending_count), *people = NEW_N(a, u32, t->pending_count), n = 0;

    for (u32 i = 0; i < t->pending_count; i++)
        if (is_listed(p, moved_root(t->l.moved, t->pending[i]))) {
            owners[n] = moved_root(t->placed, t->pending[i]);
            people[n++] = t->pending[i];
        }
    if (n == 0)
        return false;
    buf_text(sql, "owner IN ");
    ch_list(sql, owners, n);
    buf_text(sql, " AND person IN ");
    ch_list(sql, people, n);
    return true;
}

/* ---- the walk ---- */

struct tail {
    struct event *events; /* by owner, time, arrival; in range, of people asked for */
    u32 *owners;
    u32 count;
    struct slab slab;
};
struct reading {
    struct walk walk; /* what walk.c and walk_fold.c look at */
    struct moment t;
    struct tail tail;
    u32 range_people, range_count; /* numbers, or places of the plan's list */
    atomic_uint next;
    struct ctx *cx;
};
struct hand { /* one thread of a walk */
    struct reading *r;
    struct worker k;
    struct http_client *client;
    struct arena *texts, *own;
    struct ctx cx;
    enum status status;
    struct slab merging;
    struct event *events; /* of one owner */
    u32 owner, count, room;
    u32 tail_at, tail_end; /* of the range, not shown yet */
};

/* ---- the tail, and what lies elsewhere ---- */

static void add_period(const struct reading *r, struct buf *sql)
{
    if (r->walk.from_ms != INT64_MIN)
        buf_printf(sql, " AND at_ms >= %lld", (long long)r->walk.from_ms);
    if (r->walk.to_ms != INT64_MAX)
        buf_printf(sql, " AND at_ms < %lld", (long long)r->walk.to_ms);
}

/* What lies under another owner than whose it is. */
static enum status gather_pending(struct ctx *cx, struct reading *r, struct list *l)
{
    struct buf where = buf_in(cx->arena, CH_BUF_MAX);

    if (!add_pending(&r->t, cx->arena, r->walk.plan, &where))
        return OK;
    buf_printf(&where, " AND seq <= %llu", (unsigned long long)r->t.flushed_seq);
    add_period(r, &where);
    struct http_client *c = ch_client(r->t.ch);
    enum status s =
        ch_scan(cx, r->t.ch, c, r->walk.columns, r->walk.plan->props, &where, list_row, l);
    ch_give(r->t.ch, c);
    return s;
}

/* Of the few who are asked for, by small reads. */
static enum status tail_of_few(struct ctx *cx, struct reading *r, struct event **events, u32 *n)
{
    const struct journey_plan *p = r->walk.plan;

    *events = NULL;
    *n = 0;
    for (size_t i = 0; i < p->people_count; i++) {
        struct event *found;
        u32 more;
        if (moved_root(r->t.l.moved, p->people[i]) != p->people[i])
            continue;
        TRY(lookup_person(cx, &r->t.l, p->people[i], r->walk.from_ms, r->walk.to_ms, p->props,
                          &found, &more));
        struct event *all = SLAB_N(&r->tail.slab, struct event, *n + more);
        if (*n > 0)
            memcpy(all, *events, *n * sizeof *all);
        if (more > 0)
            memcpy(all + *n, found, more * sizeof *all);
        *events = all;
        *n += more;
    }
    return OK;
}

static enum status tail_of_all(struct ctx *cx, struct reading *r, struct event **events, u32 *n)
{
    struct snapshot *snap = &r->t.l.snap;
    struct run *open = snapshot_open_run(snap);
    struct run **runs = SLAB_N(&r->tail.slab, struct run *, snap->state->count + 1);
    size_t count = 0;
    struct fault fault = { 0 };

    for (size_t i = 0; i < snap->state->count; i++)
        runs[count++] = snap->state->runs[i];
    if (open != NULL)
        runs[count++] = open;
    *events = runs_gather(runs, count, UINT32_MAX, NULL, &r->tail.slab, n, &fault);
    run_drop(open);
    return *events == NULL ? fault_fail(cx, &fault) : OK;
}

static enum status gather_tail(struct ctx *cx, struct reading *r)
{
    struct tail *t = &r->tail;
    struct list l = { .cx = cx, .t = &r->t };
    struct event *events;
    u32 n, kept = 0;

    bool few = r->walk.plan->people != NULL && r->walk.plan->people_count <= FEW_PEOPLE;
    TRY(few ? tail_of_few(cx, r, &events, &n) : tail_of_all(cx, r, &events, &n));
    TRY(gather_pending(cx, r, &l));
    struct event *all = SLAB_N(&t->slab, struct event, n + l.count);
    u32 *owners = SLAB_N(&t->slab, u32, n + l.count), *order = SLAB_N(&t->slab, u32, n + l.count);
    for (u32 i = 0; i < n + l.count; i++) {
        const struct event *e = i < n ? &events[i] : &l.events[i - n];
        u32 owner = moved_root(r->t.l.moved, e->person);
        if (owner == 0 || e->at_ms < r->walk.from_ms || e->at_ms >= r->walk.to_ms ||
            !is_listed(r->walk.plan, owner))
            continue;
        all[kept] = *e;
        all[kept].id = 0;
        if (!r->walk.plan->props)
            all[kept].props = NULL;
        owners[kept++] = owner;
    }
    run_sort(all, owners, kept, order);
    t->events = SLAB_N(&t->slab, struct event, kept);
    t->owners = SLAB_N(&t->slab, u32, kept);
    for (t->count = 0; t->count < kept; t->count++) {
        t->events[t->count] = all[order[t->count]];
        t->owners[t->count] = owners[order[t->count]];
    }
    return OK;
}

/* ---- one person ---- */

static struct event *room_for(struct hand *h, u32 more)
{
    h->events = array_room(h->events, &h->room, h->count + more, sizeof *h->events);
    return h->events + h->count;
}

static void show(struct hand *h)
{
    if (h->count == 0)
        return;
    events_order(h->events, h->count, &h->merging);
    slab_reuse(&h->merging);
    walk_show(&h->k, h->owner, h->events, h->count);
    h->count = 0;
    arena_reset(h->texts);
}

/* Adds what the tail has of the present owner. */
static void add_tail(struct hand *h)
{
    const struct tail *t = &h->r->tail;
    u32 end = h->tail_at;

    while (end < h->tail_end && t->owners[end] == h->owner)
        end++;
    if (end == h->tail_at)
        return;
    memcpy(room_for(h, end - h->tail_at), t->events + h->tail_at,
           (end - h->tail_at) * sizeof *h->events);
    h->count += end - h->tail_at;
    h->tail_at = end;
}

/* Shows the present owner, and those before `owner` of whom only the tail knows. */
static void go_to(struct hand *h, u32 owner)
{
    if (h->owner != 0) {
        add_tail(h);
        show(h);
    }
    while (h->tail_at < h->tail_end && h->r->tail.owners[h->tail_at] < owner) {
        h->owner = h->r->tail.owners[h->tail_at];
        add_tail(h);
        show(h);
    }
    h->owner = owner;
}

static bool walk_row(void *arg, const struct ch_row *row)
{
    struct hand *h = arg;

    if (row_root(&h->r->t, row) != row->owner) /* the pending are among the tail */
        return true;
    if (row->owner != h->owner)
        go_to(h, row->owner);
    struct event *e = room_for(h, 1);
    *e = row->e;
    if (row->text.len > 0)
        e->props = arena_dup(h->texts, row->text.p, row->text.len);
    h->count++;
    return true;
}

/* ---- what is asked for ---- */

/* Only owners with a row like this. Each shard asks its own table: a journey lies on one. */
static void add_having(const struct reading *r, struct buf *sql, const char *range,
                       const char *condition)
{
    buf_printf(sql, "%s IN (SELECT owner FROM %s.event WHERE %s", "owner", r->t.ch->database,
               range);
    add_period(r, sql);
    buf_printf(sql, "%s)", condition);
}

static const char *row_condition(struct arena *a, const struct journey_row *row)
{
    struct buf b = buf_in(a, CH_BUF_MAX);

#define EQUALS(field)    \
    if (row->field != 0) \
        buf_printf(&b, " AND " #field " = %u", (unsigned)row->field);
    EQUALS(kind)
    EQUALS(channel)
    EQUALS(country)
    EQUALS(site)
    EQUALS(page)
    EQUALS(source)
    EQUALS(campaign)
#undef EQUALS
    return buf_end(&b);
}

/* Leaves out people without the kinds and rows asked for, as far as the table alone can tell: those
 * whom the tail knows are asked for in any case. */
static void add_conditions(const struct hand *h, struct buf *sql, const char *range)
{
    const struct reading *r = h->r;
    const struct journey_plan *p = r->walk.plan;
    struct arena *a = h->own;
    u32 *owners, n = 0;

    if ((p->kind_count == 0 && p->row == NULL) || h->tail_end - h->tail_at > TAIL_LISTED)
        return;
    owners = NEW_N(a, u32, h->tail_end - h->tail_at + 1);
    for (u32 i = h->tail_at; i < h->tail_end; i++)
        if (n == 0 || owners[n - 1] != r->tail.owners[i])
            owners[n++] = r->tail.owners[i];
    buf_text(sql, " AND (");
    for (size_t k = 0; k < p->kind_count; k++) {
        if (k > 0)
            buf_text(sql, " AND ");
        add_having(r, sql, range, arena_printf(a, " AND kind = %u", p->kinds[k]));
    }
    if (p->row != NULL) {
        if (p->kind_count > 0)
            buf_text(sql, " AND ");
        add_having(r, sql, range, row_condition(a, p->row));
    }
    if (n > 0) {
        buf_text(sql, " OR owner IN ");
        ch_list(sql, owners, n);
    }
    buf_char(sql, ')');
}

static enum status read_range(struct hand *h, u32 range)
{
    struct reading *r = h->r;
    const struct journey_plan *p = r->walk.plan;
    u32 first = range * r->range_people, last = first + r->range_people, from = first, to = last;
    scoped(buf_free) struct buf where = buf_new(CH_BUF_MAX);

    if (p->people != NULL) { /* places of the list */
        last = last < p->people_count ? last : (u32)p->people_count;
        from = p->people[first];
        to = p->people[last - 1] + 1;
    }
    h->owner = 0;
    h->count = 0;
    h->tail_at = lower_bound(r->tail.owners, r->tail.count, from);
    h->tail_end = lower_bound(r->tail.owners, r->tail.count, to);
    const char *numbers = arena_printf(h->own, "owner >= %u AND owner < %u", from, to);
    buf_text(&where, numbers);
    if (p->people != NULL) {
        buf_text(&where, " AND owner IN ");
        ch_list(&where, p->people + first, last - first);
    }
    buf_printf(&where, " AND seq <= %llu", (unsigned long long)r->t.flushed_seq);
    add_period(r, &where);
    add_conditions(h, &where, numbers);
    TRY(ch_scan(&h->cx, r->t.ch, h->client, r->walk.columns, p->props, &where, walk_row, h));
    go_to(h, UINT32_MAX);
    return OK;
}

/* ---- threads ---- */

static void *hand_main(void *arg)
{
    struct hand *h = arg;
    u32 range;

    while (h->status == OK && (range = atomic_fetch_add(&h->r->next, 1)) < h->r->range_count) {
        arena_reset(h->own);
        ctx_clear_error(&h->cx);
        h->status = read_range(h, range);
    }
    if (h->status != OK) /* the others need not go on */
        atomic_store(&h->r->next, h->r->range_count);
    return NULL;
}

static void hand_open(struct hand *h, struct reading *r, void *acc)
{
    *h = (struct hand){ .r = r, .k = { .walk = &r->walk, .acc = acc } };
    h->texts = arena_new(ARENA_BYTES);
    h->own = arena_new(ARENA_BYTES);
    ctx_init(&h->cx, h->own, r->cx->clock);
    h->client = ch_client(r->t.ch);
    if (r->walk.plan->fold != NULL)
        fold_open(&h->k);
}

static void hand_close(struct hand *h)
{
    if (h->k.folding != NULL)
        fold_close(&h->k);
    slab_free(&h->k.slab);
    ch_give(h->r->t.ch, h->client);
    slab_free(&h->merging);
    free(h->events);
    arena_free(h->texts);
    arena_free(h->own);
}

/* Events in the period, of everybody. */
static enum status count_events(struct ctx *cx, struct reading *r, u64 *count)
{
    struct buf sql = buf_in(cx->arena, CH_BUF_MAX);
    const char *line;
    i64 n;

    pthread_mutex_lock(&r->t.ch->lock);
    *count = r->t.ch->count;
    pthread_mutex_unlock(&r->t.ch->lock);
    if (*count < COUNTED_FROM || (r->walk.from_ms == INT64_MIN && r->walk.to_ms == INT64_MAX))
        return OK;
    buf_printf(&sql, "SELECT count() FROM %s WHERE 1", r->t.ch->all);
    add_period(r, &sql);
    TRY(ch_line(cx, r->t.ch, 0, buf_end(&sql), &line));
    if (!str_i64(str_from(line), &n))
        return ctx_fail(cx, E_IO, "ClickHouse counts '%s'", line);
    *count = (u64)n;
    return OK;
}

/* So many people at a time that an answer has about RANGE_EVENTS, and each thread some. */
static enum status choose_ranges(struct ctx *cx, struct reading *r, unsigned threads)
{
    const struct journey_plan *p = r->walk.plan;
    u64 events, numbers = r->walk.people + 1ull, ranges;

    if (p->people != NULL) {
        r->range_people = PEOPLE_LISTED;
        r->range_count = ((u32)p->people_count + PEOPLE_LISTED - 1) / PEOPLE_LISTED;
        return OK;
    }
    TRY(count_events(cx, r, &events));
    ranges = events / RANGE_EVENTS + 1;
    if (ranges < threads && events > RANGE_EVENTS / 8)
        ranges = threads;
    ranges = ranges < numbers ? ranges : numbers;
    r->range_people = (u32)((numbers + ranges - 1) / ranges);
    r->range_count = (u32)((numbers + r->range_people - 1) / r->range_people);
    return OK;
}

static enum status read_all(struct ctx *cx, struct reading *r, void **accs, unsigned threads)
{
    struct hand hands[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    enum status s = OK;

    TRY(gather_tail(cx, r));
    TRY(choose_ranges(cx, r, threads));
    for (unsigned i = 0; i < threads; i++)
        hand_open(&hands[i], r, accs[i]);
    for (unsigned i = 1; i < threads; i++)
        if (pthread_create(&ids[i], NULL, hand_main, &hands[i]) != 0)
            log_fatal("journey.no_thread", "for=walk");
    hand_main(&hands[0]);
    for (unsigned i = 1; i < threads; i++)
        pthread_join(ids[i], NULL);
    for (unsigned i = 0; i < threads; i++) {
        if (s == OK && hands[i].status != OK)
            s = ctx_fail(cx, hands[i].status, "%s", hands[i].cx.error_text);
        hand_close(&hands[i]);
    }
    return s;
}

enum status ch_walk(struct ctx *cx, struct journey *j, const struct journey_plan *p, void **accs,
                    unsigned threads)
{
    bool all = p->from_ms == 0 && p->to_ms == 0;
    struct reading r = { .walk = { .j = j,
                                   .plan = p,
                                   .from_ms = all ? INT64_MIN : p->from_ms,
                                   .to_ms = all ? INT64_MAX : p->to_ms },
                         .cx = cx };

    assert(threads > 0);
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    r.walk.asked = p->columns == 0 ? COLS_NUMBERS : p->columns & COLS_NUMBERS;
    r.walk.columns = r.walk.asked | COL_BIT(COL_KIND);
    TRY(moment_open(cx, j, &r.t));
    r.walk.people = people_count(&j->people);
    enum status s = read_all(cx, &r, accs, threads);
    slab_free(&r.tail.slab);
    moment_close(&r.t);
    return s;
}

/* ---- one person ---- */

static int newest_first(const void *a, const void *b)
{
    const struct event *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms > y->at_ms ? -1 : 1;
    return x->seq > y->seq ? -1 : x->seq < y->seq;
}

/* Where the `limit` newest rows of a person before a moment begin: *from, or all of them. Rows that
 * do not count are among them, so it asks for some more. */
static enum status find_begin(struct ctx *cx, struct moment *t, const char *before, size_t limit,
                              i64 *from_ms)
{
    const char *line;
    i64 at;

    TRY(ch_line(cx, t->ch, 0,
                arena_printf(cx->arena,
                             "SELECT min(at_ms) FROM (SELECT at_ms, seq FROM (SELECT at_ms, seq,"
                             " alive FROM %s WHERE %s ORDER BY at_ms DESC, seq DESC, ver DESC"
                             " LIMIT 1 BY at_ms, seq) WHERE alive = 1 ORDER BY at_ms DESC, seq DESC"
                             " LIMIT %zu)",
                             t->ch->all, before, limit),
                &line));
    if (!str_i64(str_from(line), &at))
        return ctx_fail(cx, E_IO, "ClickHouse answers '%s' for a time", line);
    *from_ms = at;
    return OK;
}

/* Adds the newest rows of one place: `where` tells it and what is left out. */
static enum status newest_at(struct ctx *cx, struct moment *t, struct buf *where, i64 before_ms,
                             u64 before_seq, size_t limit, struct list *l)
{
    struct http_client *c = ch_client(t->ch);
    i64 from_ms = 0;

    buf_printf(where, " AND seq <= %llu", (unsigned long long)t->flushed_seq);
    if (before_ms != 0 || before_seq != 0)
        buf_printf(where, " AND (at_ms < %lld OR (at_ms = %lld AND seq < %llu))",
                   (long long)before_ms, (long long)before_ms, (unsigned long long)before_seq);
    enum status s = find_begin(cx, t, buf_end(where), limit, &from_ms);
    buf_printf(where, " AND at_ms >= %lld", (long long)from_ms);
    if (s == OK)
        s = ch_scan(cx, t->ch, c, COLS_NUMBERS, true, where, list_row, l);
    ch_give(t->ch, c);
    return s;
}

static enum status newest(struct ctx *cx, struct moment *t, u32 root, i64 before_ms, u64 before_seq,
                          size_t limit, struct list *l)
{
    struct buf own = buf_in(cx->arena, CH_BUF_MAX), pending = buf_in(cx->arena, CH_BUF_MAX);

    l->root = root;
    buf_printf(&own, "owner = %u", root);
    if (t->pending_count > 0) { /* what lies here and is somebody else's does not count */
        buf_text(&own, " AND person NOT IN ");
        ch_list(&own, t->pending, t->pending_count);
    }
    TRY(newest_at(cx, t, &own, before_ms, before_seq, limit, l));
    struct journey_plan only = { .people = &root, .people_count = 1 };
    if (!add_pending(t, cx->arena, &only, &pending))
        return OK;
    return newest_at(cx, t, &pending, before_ms, before_seq, limit, l);
}

enum status ch_timeline(struct ctx *cx, struct journey *j, u32 person, i64 before_ms,
                        u64 before_seq, size_t limit, struct event **out, size_t *count)
{
    struct moment t;
    size_t tail = 0;

    *out = NULL;
    *count = 0;
    TRY(moment_open(cx, j, &t));
    struct list l = { .cx = cx, .t = &t };
    u32 root = moved_root(t.l.moved, person);
    enum status s = root == 0 ? OK : newest(cx, &t, root, before_ms, before_seq, limit, &l);
    if (s == OK && root != 0)
        s = lookup_newest(cx, &t.l, person, before_ms, before_seq, limit, out, &tail);
    if (s == OK && l.count + tail > 0) {
        struct event *all = NEW_N(cx->arena, struct event, l.count + tail);
        if (l.count > 0)
            memcpy(all, l.events, l.count * sizeof *all);
        if (tail > 0)
            memcpy(all + l.count, *out, tail * sizeof *all);
        qsort(all, l.count + tail, sizeof *all, newest_first);
        *out = all;
        *count = l.count + tail < limit ? l.count + tail : limit;
    }
    moment_close(&t);
    return s;
}

/* ---- in order of arrival ---- */

struct arrived {
    struct moment *t;
    const struct arrivals *a;
    struct arena *arena;
};

static bool place_row(void *arg, const struct ch_row *row)
{
    struct arrived *w = arg;

    if (row_root(w->t, row) == 0)
        return true;
    struct event *e = &w->a->out[row->e.seq - w->a->first];
    *e = row->e;
    if (row->text.len > 0)
        e->props = arena_dup(w->arena, row->text.p, row->text.len);
    return true;
}

static enum status arrivals_there(struct ctx *cx, void *arg, const struct arrivals *a)
{
    struct moment *t = arg;
    struct arrived w = { .t = t, .a = a, .arena = cx->arena };
    u64 last = a->last < t->flushed_seq ? a->last : t->flushed_seq;
    struct buf where = buf_in(cx->arena, CH_BUF_MAX);

    if (last < a->first)
        return OK;
    buf_printf(&where, "seq >= %llu AND seq <= %llu", (unsigned long long)a->first,
               (unsigned long long)last);
    struct http_client *c = ch_client(t->ch);
    enum status s = ch_scan(cx, t->ch, c, COLS_NUMBERS, true, &where, place_row, &w);
    ch_give(t->ch, c);
    return s;
}

enum status ch_since(struct ctx *cx, struct journey *j, u64 after_seq, size_t limit,
                     struct event **out, size_t *count)
{
    struct moment t;

    TRY(moment_open(cx, j, &t));
    enum status s = lookup_since(cx, &t.l, after_seq, limit, arrivals_there, &t, out, count);
    moment_close(&t);
    return s;
}

/* ---- verification ---- */

struct check {
    struct ctx *cx;
    const struct moment *t;
    u64 count;
};

static bool check_row(void *arg, const struct ch_row *row)
{
    struct check *v = arg;
    if (row->e.kind == 0)
        return ctx_fail(v->cx, E_CORRUPT, "ClickHouse has an event without a kind: number %llu",
                        (unsigned long long)row->e.seq),
               false;
    v->count += row_root(v->t, row) != 0;
    return true;
}

enum status ch_verify(struct ctx *cx, struct journey *j)
{
    struct moment t;

    TRY(moment_open(cx, j, &t));
    struct check v = { .cx = cx, .t = &t };
    u64 people = people_count(&j->people);
    struct http_client *c = ch_client(t.ch);
    pthread_mutex_lock(&t.ch->lock);
    u64 count = t.ch->count;
    bool known = t.ch->erased == people_erased(&j->people); /* else some are counted still */
    pthread_mutex_unlock(&t.ch->lock);
    enum status s = OK;
    u64 ranges = count / RANGE_EVENTS + 1, each = people / ranges + 1;
    for (u64 from = 0; s == OK && from <= people; from += each) {
        struct buf where = buf_in(cx->arena, CH_BUF_MAX);
        buf_printf(&where, "owner >= %llu AND owner < %llu AND seq <= %llu",
                   (unsigned long long)from, (unsigned long long)(from + each),
                   (unsigned long long)t.flushed_seq);
        s = ch_scan(cx, t.ch, c, COL_BIT(COL_KIND), false, &where, check_row, &v);
    }
    if (s == OK && known && v.count != count)
        s = ctx_fail(cx, E_CORRUPT, "ClickHouse has %llu events of %llu that were sent",
                     (unsigned long long)v.count, (unsigned long long)count);
    ch_give(t.ch, c);
    moment_close(&t);
    return s;
}
