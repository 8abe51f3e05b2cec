/* state.c -- what readers see: the list of runs and the open chunk, replaced as a whole. */
#include "base/log.h"
#include "journey/journey_int.h"
#include <stdlib.h>

static struct state *state_new(size_t count)
{
    struct state *s = calloc(1, sizeof *s + count * sizeof s->runs[0]);

    if (s == NULL)
        log_fatal("journey.out_of_memory", "runs=%zu", count);
    atomic_init(&s->refs, 1);
    s->count = count;
    return s;
}

static void state_drop(struct state *s)
{
    if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < s->count; i++)
        run_drop(s->runs[i]);
    free(s);
}

static struct chunk *chunk_new(void)
{
    struct chunk *c = calloc(1, sizeof *c);

    if (c == NULL)
        log_fatal("journey.out_of_memory", "bytes=%zu", sizeof *c);
    atomic_init(&c->refs, 1);
    c->events = SLAB_N(&c->slab, struct event, CHUNK_EVENTS); /* touched only as it fills */
    c->earlier = SLAB_N(&c->slab, u32, CHUNK_EVENTS);
    c->buckets = SLAB_N(&c->slab, atomic_uint, CHUNK_BUCKETS);
    c->texts = arena_new(4096);
    return c;
}

static void chunk_drop(struct chunk *c)
{
    if (atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    arena_free(c->texts);
    slab_free(&c->slab);
    free(c);
}

void snapshot_take(struct journey *j, struct snapshot *s)
{
    pthread_mutex_lock(&j->state_lock);
    *s = (struct snapshot){ j->state, j->open, j->open->count, j->last_seq };
    atomic_fetch_add_explicit(&s->state->refs, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->open->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&j->state_lock);
}

void snapshot_drop(struct journey *j, struct snapshot *s)
{
    (void)j;
    state_drop(s->state);
    chunk_drop(s->open);
}

static struct run *run_of(const struct event *events, u32 count)
{
    scoped(slab_free) struct slab slab = { 0 };
    u32 *order = SLAB_N(&slab, u32, count);

    run_sort(events, NULL, count, order);
    return run_build(events, NULL, order, count);
}

struct run *snapshot_open_run(const struct snapshot *s)
{
    return s->open_count == 0 ? NULL : run_of(s->open->events, s->open_count);
}

u32 snapshot_open_next(const struct snapshot *s, u32 person, u32 at)
{
    const struct chunk *c = s->open;

    at = at == 0 ? atomic_load_explicit(&c->buckets[person % CHUNK_BUCKETS], memory_order_acquire)
                 : c->earlier[at - 1];
    /* Events that came after the snapshot lie at the front of the chain. */
    while (at != 0 && (at > s->open_count || c->events[at - 1].person != person))
        at = c->earlier[at - 1];
    return at;
}

/* Makes `next` what readers see from now on. */
static void publish(struct journey *j, struct state *next, struct chunk *open)
{
    struct state *before = j->state;
    struct chunk *old = open == NULL ? NULL : j->open;

    pthread_mutex_lock(&j->state_lock);
    j->state = next;
    if (open != NULL)
        j->open = open;
    pthread_mutex_unlock(&j->state_lock);
    state_drop(before);
    if (old != NULL)
        chunk_drop(old);
}

void state_seal(struct journey *j, i64 log_id)
{
    struct state *now = j->state;

    if (j->open->count == 0)
        return;
    struct state *next = state_new(now->count + 1);
    for (size_t i = 0; i < now->count; i++)
        next->runs[i] = run_keep(now->runs[i]);
    struct run *r = run_of(j->open->events, j->open->count);
    r->log_id = log_id;
    next->runs[now->count] = r;
    publish(j, next, chunk_new());
}

void state_add(struct journey *j, const struct event *events, u32 count, i64 log_id)
{
    struct chunk *c = j->open;

    assert(c->count + count <= CHUNK_EVENTS);
    for (u32 i = 0; i < count; i++) {
        struct event *e = &c->events[c->count + i];
        *e = events[i];
        if (e->props != NULL)
            e->props = arena_text(c->texts, e->props);
        atomic_uint *bucket = &c->buckets[e->person % CHUNK_BUCKETS];
        c->earlier[c->count + i] = atomic_load_explicit(bucket, memory_order_relaxed);
        atomic_store_explicit(bucket, c->count + i + 1, memory_order_release);
    }
    pthread_mutex_lock(&j->state_lock);
    c->count += count;
    if (count > 0)
        j->last_seq = events[count - 1].seq;
    pthread_mutex_unlock(&j->state_lock);
    j->tail_events += count;
    if (c->count >= SEAL_EVENTS)
        state_seal(j, log_id);
}

void state_replace(struct journey *j, size_t flushed, struct run **made, size_t made_count)
{
    struct state *now = j->state, *next = state_new(now->count - flushed + made_count);
    size_t at = 0, i = 0;

    for (; i < now->count && now->runs[i]->id != 0; i++)
        next->runs[at++] = run_keep(now->runs[i]);
    for (size_t m = 0; m < made_count; m++)
        next->runs[at++] = made[m];
    for (i += flushed; i < now->count; i++)
        next->runs[at++] = run_keep(now->runs[i]);
    assert(at == next->count);
    publish(j, next, NULL);
}

void state_swap(struct journey *j, struct run *const *gone, size_t gone_count, struct run *made)
{
    struct state *now = j->state, *next = state_new(now->count - gone_count + (made != NULL));
    size_t at = 0;

    if (made != NULL)
        next->runs[at++] = made;
    for (size_t i = 0; i < now->count; i++) {
        bool stays = true;
        for (size_t g = 0; g < gone_count && stays; g++)
            stays = now->runs[i] != gone[g];
        if (stays)
            next->runs[at++] = run_keep(now->runs[i]);
    }
    assert(at == next->count);
    publish(j, next, NULL);
}

void state_open(struct journey *j, struct run **runs, size_t count)
{
    j->state = state_new(count);
    for (size_t i = 0; i < count; i++)
        j->state->runs[i] = runs[i];
    j->open = chunk_new();
}

void state_close(struct journey *j)
{
    if (j->state != NULL)
        state_drop(j->state);
    if (j->open != NULL)
        chunk_drop(j->open);
}
