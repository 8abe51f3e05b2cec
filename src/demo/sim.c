/* sim.c -- the clockwork of the story: steps in a heap by time, the clock set to each, and helpers
 * that ask when people work. */
#include "demo/demo_int.h"
#include <stdlib.h>

enum { WORK_BEGINS = 9 * 60, WORK_ENDS = 17 * 60, WORK_MINUTES = WORK_ENDS - WORK_BEGINS };

void *list_room(void *at, size_t count, size_t *cap, size_t each)
{
    if (count < *cap)
        return at;
    *cap = *cap ? *cap * 2 : 16;
    at = realloc(at, *cap * each);
    if (!at)
        abort();
    return at;
}

/* ---- the heap ---- */
static bool earlier(const struct step *a, const struct step *b)
{
    return a->at != b->at ? a->at < b->at : (i32)(a->order - b->order) < 0;
}

struct step *sim_at(struct sim *s, i64 at, enum step_kind kind, u32 who)
{
    struct step *step = LIST_ADD(&s->heap), *heap = s->heap.at;
    size_t i = s->heap.count - 1;
    struct step mine = { .at = at, .order = s->order++, .who = who, .kind = (u8)kind };

    *step = mine;
    while (i && earlier(&mine, &heap[(i - 1) / 2])) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = mine;
    return &heap[i];
}

bool sim_next(struct sim *s, struct step *out)
{
    struct step *heap = s->heap.at, last;
    size_t i = 0, child;

    if (!s->heap.count || heap[0].at > s->end_ms)
        return false;
    *out = heap[0];
    last = heap[--s->heap.count];
    while ((child = 2 * i + 1) < s->heap.count) {
        if (child + 1 < s->heap.count && earlier(&heap[child + 1], &heap[child]))
            child++;
        if (!earlier(&heap[child], &last))
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return true;
}

/* ---- who and when ---- */
void sim_as(struct sim *s, int colleague)
{
    s->cx.access = colleague < 0 ? access_system() : s->access[colleague];
}

i64 sim_now(const struct sim *s) { return s->clock.fixed_ms; }

int sim_permille(const struct sim *s)
{
    i64 part = (sim_now(s) - s->begin_ms) * 1000 / (s->end_ms - s->begin_ms + 1);

    return part < 0 ? 0 : part > 1000 ? 1000 : (int)part;
}

/* The company's hours are those of a new workspace: Monday to Friday, nine to five. */
i64 sim_work_after(struct sim *s, i64 from_ms, i64 minutes)
{
    i64 day = zone_day(s->zone, from_ms);
    i64 minute = zone_minute(s->zone, from_ms);

    minute = minute < WORK_BEGINS ? 0 : minute > WORK_ENDS ? WORK_MINUTES : minute - WORK_BEGINS;
    if (date_weekday(day) > 4)
        minute = WORK_MINUTES;
    for (minute += minutes; minute >= WORK_MINUTES || date_weekday(day) > 4;) {
        if (date_weekday(day) <= 4)
            minute -= WORK_MINUTES;
        day++;
    }
    return zone_instant(s->zone, day, WORK_BEGINS + (int)minute) + rng_below(&s->rng, MS_MINUTE);
}

i64 sim_work_before(struct sim *s, i64 from_ms, i64 minutes)
{
    i64 day = zone_day(s->zone, from_ms);
    i64 minute = zone_minute(s->zone, from_ms);

    minute = minute < WORK_BEGINS ? 0 : minute > WORK_ENDS ? WORK_MINUTES : minute - WORK_BEGINS;
    if (date_weekday(day) > 4)
        minute = 0;
    for (minute -= minutes; minute < 0 || date_weekday(day) > 4;) {
        day--;
        if (date_weekday(day) <= 4)
            minute += WORK_MINUTES;
    }
    return zone_instant(s->zone, day, WORK_BEGINS + (int)minute);
}

/* ---- names in use ---- */
bool set_add(struct sim *s, const char *text)
{
    u64 hash = str_hash(str_from(text));

    hash += !hash;
    if (s->taken_count * 2 >= s->taken_cap) {
        size_t cap = s->taken_cap ? s->taken_cap * 2 : 4096;
        u64 *grown = arena_alloc(s->keep, cap, sizeof *grown);
        for (size_t i = 0; i < s->taken_cap; i++) {
            size_t at = s->taken[i] & (cap - 1);
            while (s->taken[i] && grown[at])
                at = (at + 1) & (cap - 1);
            if (s->taken[i])
                grown[at] = s->taken[i];
        }
        s->taken = grown;
        s->taken_cap = cap;
    }
    for (size_t at = hash & (s->taken_cap - 1);; at = (at + 1) & (s->taken_cap - 1)) {
        if (s->taken[at] == hash)
            return false;
        if (!s->taken[at]) {
            s->taken[at] = hash;
            s->taken_count++;
            return true;
        }
    }
}
