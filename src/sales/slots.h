/* slots.h -- when somebody can be booked: their working hours, less what they have to do already
 * with some air around it, in steps. Arithmetic only; who has what to do is booking.c's.
 *
 * A slot begins in steps from the beginning of an open part of the day, told in time that passes:
 * a day on which clocks change has all its hours, and none twice.
 * Threads    any. */
#pragma once
#include "kit/hours.h"

struct slot_busy {
    i64 from_ms, until_ms;
};
struct slot_rule {
    const struct zone *zone;         /* the host's */
    const struct hours *hours, *off; /* off: whose holidays count too; may be NULL */
    int minutes, step_minutes, before_minutes, after_minutes;
    int most_a_day;               /* 0: any */
    i64 earliest_ms, until_ms;    /* begins not before, and before */
    const struct slot_busy *busy; /* in any order */
    size_t busy_count;
    const i64 *booked; /* beginnings that count for most_a_day */
    size_t booked_count;
};
enum { SLOTS_OF_DAY = 24 * 12 };
/* The beginnings of slots on a local day of the host, in order; how many. */
size_t slots_of_day(struct ctx *cx, const struct slot_rule *r, i64 day, i64 out[SLOTS_OF_DAY]);
/* Whether one begins exactly then. */
bool slot_is(struct ctx *cx, const struct slot_rule *r, i64 at_ms);
