/* question_time.c -- hours, days, weeks and months of a period, in the workspace's zone: the
 * boundaries are made here, so that neither SQL nor the walk knows time zones. */
#include "kit/kit.h"
#include "kit/question_int.h"

bool dimension_is_time(const char *dimension, enum period_unit *unit)
{
    static const struct {
        const char *name;
        enum period_unit unit;
    } names[] = { { "hour", PERIOD_HOUR },
                  { "day", PERIOD_DAY },
                  { "week", PERIOD_WEEK },
                  { "month", PERIOD_MONTH } };

    for (size_t i = 0; i < countof(names); i++) {
        if (text_is(dimension, names[i].name)) {
            *unit = names[i].unit;
            return true;
        }
    }
    return false;
}

enum status buckets_make(struct ctx *cx, enum period_unit unit, i64 from_ms, i64 to_ms,
                         struct buckets *out)
{
    const struct zone *zone = kit_zone(cx);
    i64 at = from_ms;

    *out = (struct buckets){ .unit = unit, .starts = NEW_N(cx->arena, i64, BUCKETS_MAX) };
    while (at < to_ms) {
        if (out->count == BUCKETS_MAX)
            return ctx_fail_code(
                cx, E_LIMIT, "question.too_many",
                "The period has more than %d parts. Ask by week or month, or for less.",
                BUCKETS_MAX);
        out->starts[out->count++] = at;
        at = zone_start(zone, unit, at, 1);
    }
    return OK;
}

size_t bucket_of(const struct buckets *b, i64 ms)
{
    size_t low = 0, high = b->count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (b->starts[middle] <= ms)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static const char *bucket_label(struct ctx *cx, enum period_unit unit, i64 day)
{
    const char *pattern = unit == PERIOD_MONTH ? "MMM y" : "d MMM";

    return zone_format(cx->arena, NULL, day * MS_DAY, pattern);
}

struct cell *bucket_cells(struct ctx *cx, const struct buckets *b)
{
    const struct zone *zone = kit_zone(cx);
    struct cell *cells = NEW_N(cx->arena, struct cell, b->count ? b->count : 1);

    for (size_t i = 0; i < b->count; i++) {
        /* The first may begin within its week or month: it is called like the whole of it. */
        i64 day = zone_day(zone, zone_start(zone, b->unit, b->starts[i], 0));
        if (b->unit == PERIOD_HOUR) {
            cells[i].key = zone_format(cx->arena, zone, b->starts[i], "yyyy-MM-dd'T'HH:mm");
            cells[i].label = zone_format(cx->arena, zone, b->starts[i], "HH:mm");
            continue;
        }
        cells[i].key = date_iso(cx->arena, day);
        cells[i].label = bucket_label(cx, b->unit, day);
    }
    return cells;
}

bool bucket_begins(struct ctx *cx, const char *key, i64 *at_ms)
{
    const struct zone *zone = kit_zone(cx);
    i64 day;

    if (zone_parse_local(zone, str_from(key), at_ms))
        return true;
    if (!date_parse(str_from(key), &day))
        return false;
    *at_ms = zone_instant(zone, day, 0);
    return true;
}

bool bucket_range(struct ctx *cx, const struct question *q, const char *key, i64 *from_ms,
                  i64 *to_ms)
{
    const struct zone *zone = kit_zone(cx);
    enum period_unit unit;
    i64 at;

    if (!dimension_is_time(q->dimension, &unit) || !bucket_begins(cx, key, &at))
        return false;
    *from_ms = zone_start(zone, unit, at, 0);
    *to_ms = zone_start(zone, unit, *from_ms, 1);
    if (*from_ms < q->from_ms)
        *from_ms = q->from_ms;
    if (*to_ms > q->to_ms)
        *to_ms = q->to_ms;
    return *from_ms < *to_ms;
}
