/* seen.c -- a set of 64-bit ids in two generations: 8 bytes a slot, at most three quarters full. */
#include "base/log.h"
#include "journey/seen_int.h"
#include <stdlib.h>

enum { FIRST_SLOTS = 256 };

/* Callers' ids may be counters: spread them. */
static u32 slot_of(const struct seen_set *s, u64 id)
{
    u32 at = (u32)(id * 0x9e3779b97f4a7c15u >> 32) & (s->slot_count - 1);

    while (s->slots[at] != 0 && s->slots[at] != id)
        at = (at + 1) & (s->slot_count - 1);
    return at;
}

static bool holds(const struct seen_set *s, u64 id)
{
    return s->slot_count > 0 && s->slots[slot_of(s, id)] == id;
}

static void grow(struct seen_set *s)
{
    struct seen_set old = *s;

    s->slot_count = old.slot_count == 0 ? FIRST_SLOTS : old.slot_count * 2;
    s->slots = calloc(s->slot_count, sizeof *s->slots);
    if (s->slots == NULL)
        log_fatal("journey.out_of_memory", "slots=%u", s->slot_count);
    for (u32 i = 0; i < old.slot_count; i++)
        if (old.slots[i] != 0)
            s->slots[slot_of(s, old.slots[i])] = old.slots[i];
    free(old.slots);
}

void seen_close(struct seen *s)
{
    free(s->now.slots);
    free(s->before.slots);
    *s = (struct seen){ 0 };
}

static void add(struct seen_set *s, u64 id)
{
    if ((s->count + 1) * 4ull > s->slot_count * 3ull)
        grow(s);
    s->slots[slot_of(s, id)] = id;
    s->count++;
}

bool seen_add(struct seen *s, u64 id)
{
    if (holds(&s->now, id) || holds(&s->before, id))
        return false;
    if (s->now.count >= SEEN_IDS) {
        free(s->before.slots);
        s->before = s->now;
        s->now = (struct seen_set){ 0 };
    }
    add(&s->now, id);
    return true;
}

bool seen_add_older(struct seen *s, u64 id)
{
    if (s->before.count >= SEEN_IDS)
        return false;
    if (!holds(&s->now, id) && !holds(&s->before, id))
        add(&s->before, id);
    return true;
}

/* Takes an id out and moves those up that were pushed past its place. */
static void take_out(struct seen_set *s, u64 id)
{
    u32 mask = s->slot_count - 1, hole = slot_of(s, id);

    s->slots[hole] = 0;
    s->count--;
    for (u32 at = (hole + 1) & mask; s->slots[at] != 0; at = (at + 1) & mask) {
        u64 moved = s->slots[at];
        s->slots[at] = 0;
        s->slots[slot_of(s, moved)] = moved;
    }
}

void seen_forget(struct seen *s, u64 id)
{
    if (holds(&s->now, id))
        take_out(&s->now, id);
    else if (holds(&s->before, id))
        take_out(&s->before, id);
}
