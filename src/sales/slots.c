/* slots.c -- see slots.h. */
#include "sales/slots.h"

static bool is_busy(const struct slot_rule *r, i64 at)
{
    i64 from = at - r->before_minutes * (i64)MS_MINUTE,
        until = at + (r->minutes + r->after_minutes) * (i64)MS_MINUTE;

    for (size_t i = 0; i < r->busy_count; i++)
        if (r->busy[i].from_ms < until && r->busy[i].until_ms > from)
            return true;
    return false;
}

static bool day_is_full(const struct slot_rule *r, i64 day)
{
    int n = 0;

    for (size_t i = 0; i < r->booked_count; i++)
        n += zone_day(r->zone, r->booked[i]) == day;
    return r->most_a_day > 0 && n >= r->most_a_day;
}

size_t slots_of_day(struct ctx *cx, const struct slot_rule *r, i64 day, i64 out[SLOTS_OF_DAY])
{
    i64 length = r->minutes * (i64)MS_MINUTE;
    i64 step = (r->step_minutes >= 5 ? r->step_minutes : 5) * (i64)MS_MINUTE;
    struct hours_span spans[HOURS_SPANS];
    size_t count, n = 0;

    if (day_is_full(r, day) || (r->off != NULL && hours_is_holiday(cx, r->off, day)))
        return 0;
    count = hours_of_day(cx, r->hours, r->zone, day, spans);
    for (size_t i = 0; i < count; i++)
        for (i64 at = spans[i].from_ms; at + length <= spans[i].until_ms && n < SLOTS_OF_DAY;
             at += step)
            if (at >= r->earliest_ms && at < r->until_ms && !is_busy(r, at) &&
                (n == 0 || at > out[n - 1]))
                out[n++] = at;
    return n;
}

bool slot_is(struct ctx *cx, const struct slot_rule *r, i64 at_ms)
{
    i64 slots[SLOTS_OF_DAY];
    size_t n = slots_of_day(cx, r, zone_day(r->zone, at_ms), slots);

    for (size_t i = 0; i < n; i++)
        if (slots[i] == at_ms)
            return true;
    return false;
}
