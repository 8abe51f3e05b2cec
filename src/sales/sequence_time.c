/* sequence_time.c -- when a step is due: so many working days and hours later, at an hour at which
 * the other one works, by their clock where it is known. */
#include "bridge/contact.h"
#include "kit/hours.h"
#include "sales/sequence.h"

enum { DAYS_AHEAD = 400 }; /* a workspace that never works does not hang the job */

static const struct zone *zone_of(struct ctx *cx, const struct row *sequence,
                                  const struct row *contact)
{
    const struct zone *z = NULL;

    if (text_is(row_text(sequence, SEQUENCE_ZONE), "contact"))
        z = contact_zone(cx, contact);
    return z ? z : kit_zone(cx);
}

/* The first open moment at or after `minute` of a day; TIME_NONE: that day has none left. */
static i64 open_on(struct ctx *cx, const struct hours *h, const struct zone *z, i64 day, i64 from)
{
    struct hours_span spans[HOURS_SPANS];
    size_t n = hours_of_day(cx, h, z, day, spans);

    for (size_t i = 0; i < n; i++)
        if (from < spans[i].until_ms)
            return from > spans[i].from_ms ? from : spans[i].from_ms;
    return TIME_NONE;
}

static bool works_on(struct ctx *cx, const struct hours *h, const struct zone *z, i64 day)
{
    struct hours_span spans[HOURS_SPANS];

    return hours_of_day(cx, h, z, day, spans) > 0;
}

i64 sequence_open(struct ctx *cx, const struct row *sequence, const struct row *contact,
                  i64 from_ms)
{
    const struct zone *z = zone_of(cx, sequence, contact);
    const struct hours *h = hours_of_workspace(cx);
    i64 today = zone_day(z, from_ms);

    if (!row_bool(sequence, SEQUENCE_HOURS))
        return from_ms;
    for (int i = 0; i < DAYS_AHEAD; i++) {
        i64 at = open_on(cx, h, z, today + i, from_ms);
        if (at != TIME_NONE)
            return at;
    }
    return from_ms;
}

i64 sequence_due(struct ctx *cx, const struct row *sequence, const struct row *contact, i64 from_ms,
                 i64 days, i64 hours)
{
    const struct zone *z = zone_of(cx, sequence, contact);
    const struct hours *h = hours_of_workspace(cx);
    i64 at = from_ms + hours * MS_HOUR, day = zone_day(z, at);
    int minute = zone_minute(z, at);
    bool every_day = !row_bool(sequence, SEQUENCE_HOURS);

    for (int i = 0; days > 0 && i < DAYS_AHEAD; i++) {
        day++;
        if (every_day || works_on(cx, h, z, day))
            days--;
    }
    if (day != zone_day(z, at))
        at = zone_instant(z, day, minute);
    return sequence_open(cx, sequence, contact, at);
}
