/* flow_time.c -- until when a wait waits: a while, a date of the person, a time of day in the
 * workspace's zone or the person's. */
#include "bridge/contact.h"
#include "kit/hours.h"
#include "marketing/flow_run_int.h"
#include <stdio.h>

enum { DAY_MINUTES = 24 * 60, DAYS_AHEAD = 14 };

#define ANSWER(name) flow_answer(s->kind, s->v, name)

static i64 span_ms(const struct flow_step *s)
{
    const char *unit = ANSWER("unit");
    i64 n = flow_answer_i64(s->kind, s->v, "amount");

    return n * (text_is(unit, "minutes") ? (i64)MS_MINUTE
                : text_is(unit, "hours") ? (i64)MS_HOUR
                : text_is(unit, "weeks") ? 7 * (i64)MS_DAY
                                         : (i64)MS_DAY);
}

static int minute_of(const char *time, int otherwise)
{
    int hour, minute;

    return sscanf(time, "%2d:%2d", &hour, &minute) == 2 ? hour * 60 + minute : otherwise;
}

static const struct zone *zone_for(struct flow_doing *d, const struct flow_step *s)
{
    const struct zone *z = NULL;

    if (text_is(ANSWER("zone"), "person"))
        z = contact_zone(d->cx, d->contact);
    return z ? z : kit_zone(d->cx);
}

/* The day of a date or an instant of the person. */
static bool date_of(struct flow_doing *d, const char *name, i64 *day)
{
    const struct record_type *t = row_type(d->contact);
    int field = type_field(t, name);

    if (field < 0 || !row_has(d->contact, field))
        return false;
    *day = row_i64(d->contact, field);
    if (t->fields[field].kind == FIELD_TIME)
        *day = zone_day(kit_zone(d->cx), *day);
    return true;
}

static bool is_day(const char *days, int weekday)
{
    static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

    return text_empty(days) || strstr(days, names[weekday]) != NULL;
}

/* The first instant from `now` on that lies on one of the days between the two times. */
static i64 next_time(struct flow_doing *d, const struct flow_step *s, i64 now)
{
    const struct zone *z = zone_for(d, s);
    int begin = minute_of(ANSWER("begin"), 0), end = minute_of(ANSWER("end"), DAY_MINUTES);
    i64 today = zone_day(z, now);

    for (int i = 0; i < DAYS_AHEAD; i++) {
        i64 from = zone_instant(z, today + i, begin), to = zone_instant(z, today + i, end);
        if (end <= begin)
            to = zone_instant(z, today + i, DAY_MINUTES);
        if (is_day(ANSWER("days"), date_weekday(today + i)) && now < to)
            return now < from ? from : now;
    }
    return now;
}

enum status flow_wait_until(struct flow_doing *d, const struct flow_step *s, i64 *until,
                            const char **note)
{
    struct ctx *cx = d->cx;
    i64 now = ctx_now(cx), day;

    *note = "";
    if (text_is(s->kind->name, "wait_time")) {

        *until = text_is(ANSWER("when"), "own") ? next_time(d, s, now) : hours_add(cx, now, 0);
        if (*until < now)
            *until = now;
    } else if (text_is(s->kind->name, "wait_date")) {
        *until = now;
        if (date_of(d, ANSWER("field"), &day))
            *until = zone_instant(zone_for(d, s), day + flow_answer_i64(s->kind, s->v, "days"),
                                  minute_of(ANSWER("time"), 9 * 60));
        else
            *note = "has no such date";
        if (*until < now) {
            *until = now;
            *note = "the date is past";
        }
    } else {
        *until = now + span_ms(s);
    }
    return OK;
}
