/* clock.h -- time. An instant is i64 milliseconds since 1970 UTC; a date is i32 days since
 * 1970-01-01. Tests set the clock: everything asks a struct clock, nothing else calls time(). */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum { MS_SECOND = 1000, MS_MINUTE = 60 * 1000, MS_HOUR = 3600 * 1000, MS_DAY = 86400 * 1000 };
#define TIME_NONE INT64_MIN /* an instant or a date that is not set */

struct clock {
    _Atomic i64 fixed_ms; /* 0: the system's clock. Atomic: tests move it under running threads */
};
i64 clock_ms(const struct clock *c); /* now, ms UTC; a NULL clock is the system's */
u64 clock_mono_ns(void);             /* for durations */

/* RFC 3339 / ISO 8601. Dates "2026-11-23"; instants "2026-11-23T09:07:34.120Z", offsets read
 * too. */
char *time_iso(struct arena *a, i64 ms); /* UTC with Z, milliseconds when not zero */
char *date_iso(struct arena *a, i64 day);
bool time_parse(struct str s, i64 *ms); /* instant with zone or Z */
bool date_parse(struct str s, i64 *day);
i64 date_from_ymd(int year, int month, int day);
void date_to_ymd(i64 day, int *year, int *month, int *dom);
int date_weekday(i64 day); /* 0 Monday .. 6 Sunday */

/* A time zone (ICU's data): where days, weeks and months begin. Read-only once open: any number
 * of threads may share it. A NULL zone is UTC. Its rules are known from 1900 to 2100; outside,
 * the nearest offset holds. A local time that a change of clocks skips is read as if the clocks
 * had not moved (02:30 is 03:30); one that comes twice is the first. */
struct zone;
struct zone *zone_open(const char *iana_name); /* owned: zone_close; NULL when unknown */
void zone_close(struct zone *z);
enum period_unit {
    PERIOD_HOUR,
    PERIOD_DAY,
    PERIOD_WEEK,
    PERIOD_MONTH,
    PERIOD_QUARTER,
    PERIOD_YEAR
};
/* First instant of the unit that holds `ms` (weeks begin on Monday), moved by `steps` units. */
i64 zone_start(const struct zone *z, enum period_unit unit, i64 ms, int steps);
i64 zone_day(const struct zone *z, i64 ms); /* the local date of an instant */
i64 zone_instant(const struct zone *z, i64 day, int minute_of_day); /* local time -> instant */
int zone_minute(const struct zone *z, i64 ms); /* local minute of the day, 0 to 1439 */
/* Clocks that change between two instants (the later not included), oldest first: at which instant,
 * and local minus UTC before and after. Returns how many of at most `max`. */
struct zone_change {
    i64 at_ms, before_ms, after_ms;
};
size_t zone_changes(const struct zone *z, i64 from_ms, i64 until_ms, struct zone_change *out,
                    size_t max);
i64 zone_offset_ms(const struct zone *z, i64 ms);       /* local minus UTC at an instant */
char *zone_name(struct arena *a, const struct zone *z); /* as it was opened; NULL: "UTC" */
/* "W. Europe Standard Time", as Windows calls it, is "Europe/Berlin". NULL: no such. In arena. */
char *zone_of_windows(struct arena *a, const char *windows_name);
/* Parses a local "2026-11-23T10:00" (a form's datetime-local) in this zone. */
bool zone_parse_local(const struct zone *z, struct str s, i64 *ms);
char *zone_format(struct arena *a, const struct zone *z, i64 ms,
                  const char *pattern); /* ICU pattern */
