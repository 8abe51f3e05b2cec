/* event_kind.c -- the kinds of events: those of the features' tables, sorted once, and the
 * workspace's own, which come while the program runs. Readers of the latter take no lock: a kind is
 * never changed in place and never freed before the kit is, and a new one is counted last. */
#include "base/limits.h"
#include "base/log.h"
#include "journey/journey.h"
#include "kit/kit_int.h"
#include <stdlib.h>

struct own_kinds {
    pthread_mutex_t lock; /* of writers, and of `arena` */
    struct arena *arena;
    _Atomic(const struct event_kind *) kinds[LIMIT_OWN_EVENT_KINDS];
    u16 codes[LIMIT_OWN_EVENT_KINDS]; /* set once, before the kind is counted */
    _Atomic(size_t) count;
};

static int kinds_by_name(const void *a, const void *b)
{
    return strcmp((*(const struct event_kind *const *)a)->name,
                  (*(const struct event_kind *const *)b)->name);
}

/* The journey numbers the kinds and remembers; without one any number will do. */
static u16 new_code(struct kit *k, const char *name, size_t at)
{
    return k->journey ? (u16)journey_intern(k->journey, DICT_KIND, str_from(name)) : (u16)(at + 1);
}

void event_kinds_open(struct kit *k)
{
    qsort(k->event_kinds, k->event_kind_count, sizeof *k->event_kinds, kinds_by_name);
    k->event_codes = NEW_N(k->arena, u16, k->event_kind_count);
    for (size_t i = 0; i < k->event_kind_count; i++)
        k->event_codes[i] = new_code(k, k->event_kinds[i]->name, i);
    k->own_kinds = NEW(k->arena, struct own_kinds);
    pthread_mutex_init(&k->own_kinds->lock, NULL);
    k->own_kinds->arena = arena_new(4096);
}

void event_kinds_close(struct kit *k)
{
    if (k->own_kinds == NULL)
        return;
    pthread_mutex_destroy(&k->own_kinds->lock);
    arena_free(k->own_kinds->arena);
}

/* ---- look-ups ---- */

static const struct event_kind *const *find_declared(const struct kit *k, const char *name)
{
    const struct event_kind key = { .name = name }, *at = &key;

    if (k->event_kind_count == 0)
        return NULL;
    return bsearch(&at, k->event_kinds, k->event_kind_count, sizeof at, kinds_by_name);
}

/* Its place among one's own, or their count. */
static size_t find_own(struct own_kinds *own, const char *name, size_t count)
{
    size_t i = 0;

    while (i < count && strcmp(atomic_load(&own->kinds[i])->name, name) != 0)
        i++;
    return i;
}

const struct event_kind *kit_event_kind(struct kit *k, const char *name)
{
    const struct event_kind *const *found = find_declared(k, name);
    size_t count = atomic_load(&k->own_kinds->count), i;

    if (found)
        return *found;
    i = find_own(k->own_kinds, name, count);
    return i < count ? atomic_load(&k->own_kinds->kinds[i]) : NULL;
}

const struct event_kind *kit_event_kind_by_code(struct kit *k, u16 code)
{
    size_t count = atomic_load(&k->own_kinds->count);

    for (size_t i = 0; i < k->event_kind_count; i++)
        if (k->event_codes[i] == code)
            return k->event_kinds[i];
    for (size_t i = 0; i < count; i++)
        if (k->own_kinds->codes[i] == code)
            return atomic_load(&k->own_kinds->kinds[i]);
    return NULL;
}

u16 kit_event_code(struct kit *k, const char *name)
{
    const struct event_kind *const *found = find_declared(k, name);
    size_t count = atomic_load(&k->own_kinds->count), i;

    if (found)
        return k->event_codes[found - (const struct event_kind *const *)k->event_kinds];
    i = find_own(k->own_kinds, name, count);
    if (i == count)
        log_fatal("kit.unknown_event_kind", "kind=%s", name);
    return k->own_kinds->codes[i];
}

const struct event_kind *kit_event_kind_at(struct kit *k, size_t at)
{
    if (at < k->event_kind_count)
        return k->event_kinds[at];
    at -= k->event_kind_count;
    return at < atomic_load(&k->own_kinds->count) ? atomic_load(&k->own_kinds->kinds[at]) : NULL;
}

/* ---- one's own ---- */

static bool put_own(struct kit *k, struct own_kinds *own, const struct event_kind *kind)
{
    size_t count = atomic_load(&own->count), at = find_own(own, kind->name, count);

    if (at == LIMIT_OWN_EVENT_KINDS)
        return false;
    struct event_kind *copy = NEW(own->arena, struct event_kind);
    *copy = (struct event_kind){ .name = arena_text(own->arena, kind->name),
                                 .label = arena_text(own->arena, kind->label),
                                 .icon = arena_text(own->arena, kind->icon),
                                 .flags = kind->flags };
    if (at == count)
        own->codes[at] = new_code(k, copy->name, k->event_kind_count + at);
    atomic_store(&own->kinds[at], copy);
    if (at == count)
        atomic_store(&own->count, count + 1);
    return true;
}

bool kit_own_event_kind(struct kit *k, const struct event_kind *kind)
{
    if (find_declared(k, kind->name))
        return false;
    pthread_mutex_lock(&k->own_kinds->lock);
    bool put = put_own(k, k->own_kinds, kind);
    pthread_mutex_unlock(&k->own_kinds->lock);
    return put;
}
