/* question_period.c -- the names of periods, for filters and questions alike. Days, weeks and
 * months are the workspace's. Those that count back ("last_30_days") end with today, so that what
 * has just happened is in them. */
#include "kit/filter_int.h"
#include "kit/kit.h"
#include "kit/question_int.h"

/* From the start of the unit that is `first` units from now, up to that of `last`. */
static const struct period {
    const char *name, *label;
    enum period_unit unit;
    int first, last;
} periods[] = {
    { "today", "Today", PERIOD_DAY, 0, 1 },
    { "yesterday", "Yesterday", PERIOD_DAY, -1, 0 },
    { "tomorrow", "Tomorrow", PERIOD_DAY, 1, 2 },
    { "last_7_days", "Last 7 days", PERIOD_DAY, -6, 1 },
    { "last_30_days", "Last 30 days", PERIOD_DAY, -29, 1 },
    { "last_90_days", "Last 90 days", PERIOD_DAY, -89, 1 },
    { "next_7_days", "Next 7 days", PERIOD_DAY, 0, 7 },
    { "next_30_days", "Next 30 days", PERIOD_DAY, 0, 30 },
    { "this_week", "This week", PERIOD_WEEK, 0, 1 },
    { "last_week", "Last week", PERIOD_WEEK, -1, 0 },
    { "next_week", "Next week", PERIOD_WEEK, 1, 2 },
    { "this_month", "This month", PERIOD_MONTH, 0, 1 },
    { "last_month", "Last month", PERIOD_MONTH, -1, 0 },
    { "next_month", "Next month", PERIOD_MONTH, 1, 2 },
    { "this_quarter", "This quarter", PERIOD_QUARTER, 0, 1 },
    { "last_quarter", "Last quarter", PERIOD_QUARTER, -1, 0 },
    { "next_quarter", "Next quarter", PERIOD_QUARTER, 1, 2 },
    { "this_year", "This year", PERIOD_YEAR, 0, 1 },
    { "last_year", "Last year", PERIOD_YEAR, -1, 0 },
    { "next_year", "Next year", PERIOD_YEAR, 1, 2 },
    { "last_12_months", "Last 12 months", PERIOD_MONTH, -11, 1 },
};

static const struct period *find(struct str name)
{
    for (size_t i = 0; i < countof(periods); i++)
        if (str_is(name, periods[i].name))
            return &periods[i];
    return NULL;
}

static void range(struct ctx *cx, const struct period *p, int shift, i64 *from_ms, i64 *to_ms)
{
    *from_ms = zone_start(kit_zone(cx), p->unit, ctx_now(cx), p->first + shift);
    *to_ms = zone_start(kit_zone(cx), p->unit, ctx_now(cx), p->last + shift);
}

bool filter_period(struct ctx *cx, struct str name, i64 *from_ms, i64 *to_ms)
{
    const struct period *p = find(name);

    if (p)
        range(cx, p, 0, from_ms, to_ms);
    return p != NULL;
}

const char *filter_period_name(size_t index, const char **label)
{
    if (index >= countof(periods))
        return NULL;
    *label = periods[index].label;
    return periods[index].name;
}

const char *period_label(struct ctx *cx, const char *name)
{
    const struct period *p = find(str_from(name));

    return p ? p->label : arena_text(cx->arena, name);
}

/* "2026-01-01..2026-01-31", both days included. */
static bool read_days(struct ctx *cx, struct str name, i64 *from_ms, i64 *to_ms)
{
    i64 first, last;
    const char *dots = memmem(name.p, name.len, "..", 2);

    if (dots == NULL)
        return false;
    size_t len = (size_t)(dots - name.p);
    if (!date_parse((struct str){ name.p, len }, &first) ||
        !date_parse((struct str){ dots + 2, name.len - len - 2 }, &last) || first > last)
        return false;
    *from_ms = zone_instant(kit_zone(cx), first, 0);
    *to_ms = zone_instant(kit_zone(cx), last + 1, 0);
    return true;
}

/* "2026-11-20T09:00:00Z..2026-11-20T10:00:00Z", the second not included. */
static bool read_instants(struct str name, i64 *from_ms, i64 *to_ms)
{
    const char *dots = memmem(name.p, name.len, "..", 2);

    if (dots == NULL)
        return false;
    size_t len = (size_t)(dots - name.p);
    return time_parse((struct str){ name.p, len }, from_ms) &&
           time_parse((struct str){ dots + 2, name.len - len - 2 }, to_ms) && *from_ms < *to_ms;
}

const char *period_text(struct ctx *cx, i64 from_ms, i64 to_ms)
{
    const struct zone *zone = kit_zone(cx);
    i64 first = zone_day(zone, from_ms), last = zone_day(zone, to_ms) - 1;

    if (zone_instant(zone, first, 0) == from_ms && zone_instant(zone, last + 1, 0) == to_ms)
        return arena_printf(cx->arena, "%s..%s", date_iso(cx->arena, first),
                            date_iso(cx->arena, last));
    return arena_printf(cx->arena, "%s..%s", time_iso(cx->arena, from_ms),
                        time_iso(cx->arena, to_ms));
}

enum status period_read(struct ctx *cx, const char *name, i64 *from_ms, i64 *to_ms)
{
    struct buf known = buf_in(cx->arena, 1000);

    if (filter_period(cx, str_from(name), from_ms, to_ms) ||
        read_days(cx, str_from(name), from_ms, to_ms) ||
        read_instants(str_from(name), from_ms, to_ms))
        return OK;
    for (size_t i = 0; i < countof(periods); i++)
        buf_printf(&known, "%s, ", periods[i].name);
    return ctx_fail_code(cx, E_INVALID, "question.period",
                         "'%s' is no period. Say one of %sor two days like 2026-01-01..2026-01-31.",
                         name, buf_end(&known));
}

static i64 a_year_before(const struct zone *zone, i64 ms)
{
    i64 day = zone_day(zone, ms);
    i64 into = ms - zone_instant(zone, day, 0);
    int year, month, dom;

    date_to_ymd(day, &year, &month, &dom);
    if (month == 2 && dom == 29)
        dom = 28;
    return zone_instant(zone, date_from_ymd(year - 1, month, dom), 0) + into;
}

void period_before(struct ctx *cx, const char *name, enum period_compare how, struct question *q)
{
    const struct zone *zone = kit_zone(cx);
    const struct period *p = find(str_from(name));
    i64 now = ctx_now(cx), days = zone_day(zone, q->to_ms) - zone_day(zone, q->from_ms);

    q->compare_from_ms = q->compare_to_ms = 0;
    if (how == COMPARE_YEAR) {
        q->compare_from_ms = a_year_before(zone, q->from_ms);
        q->compare_to_ms = a_year_before(zone, q->to_ms);
    } else if (how == COMPARE_PREVIOUS && p) {
        range(cx, p, p->first - p->last, &q->compare_from_ms, &q->compare_to_ms);
    } else if (how == COMPARE_PREVIOUS) {
        q->compare_to_ms = q->from_ms;
        q->compare_from_ms = zone_instant(zone, zone_day(zone, q->from_ms) - days, 0);
    }
    /* A period that is not over is held against as much of the one before, to the minute: what is
     * asked again at once is the same question. */
    now -= now % MS_MINUTE;
    if (how != COMPARE_NONE && now >= q->from_ms && now < q->to_ms &&
        q->compare_from_ms + (now - q->from_ms) < q->compare_to_ms)
        q->compare_to_ms = q->compare_from_ms + (now - q->from_ms) + 1;
}
