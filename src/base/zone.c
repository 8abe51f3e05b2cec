/* zone.c -- time zones. ICU knows the rules, but its calendars are slow and belong to one thread.
 * So a zone is opened once into a table of (instant, offset), and all questions are arithmetic. */
#include "base/clock.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

enum { ZONE_NAME_UNITS = 64, FORMAT_UNITS = 256 };
#define FROM_MS (-INT64_C(2208988800000)) /* 1900-01-01 */
#define UNTIL_MS INT64_C(4102444800000)   /* 2100-01-01 */
#define OFFSET_MS_MAX INT64_C(100800000)  /* no zone was ever 28 hours away */

struct offset {
    i64 from_ms; /* UTC; the first one's is INT64_MIN */
    i64 ms;      /* local minus UTC */
};

struct zone {
    UChar name[ZONE_NAME_UNITS];
    size_t count;
    struct offset *offsets; /* by from_ms */
};

static const struct offset utc_offset = { INT64_MIN, 0 };
static const struct zone utc = { .count = 1, .offsets = (struct offset *)&utc_offset };

static const struct zone *known(const struct zone *z) { return z == NULL ? &utc : z; }

static i64 div_floor(i64 a, i64 b) { return a / b - (a % b < 0); }

static bool add_offset(struct zone *z, size_t *cap, i64 from_ms, i64 ms)
{
    if (z->count > 0 && z->offsets[z->count - 1].ms == ms)
        return true; /* daylight saving that began as the standard offset moved: no jump */
    if (z->count == *cap) {
        *cap = *cap == 0 ? 32 : *cap * 2;
        z->offsets = realloc(z->offsets, *cap * sizeof *z->offsets);
        if (z->offsets == NULL)
            log_fatal("zone.out_of_memory", "count=%zu", *cap);
    }
    z->offsets[z->count++] = (struct offset){ from_ms, ms };
    return true;
}

/* The calendar's offset at the instant it is set to. */
static i64 current_offset(UCalendar *cal, UErrorCode *code)
{
    i64 zone_ms = ucal_get(cal, UCAL_ZONE_OFFSET, code);
    return zone_ms + ucal_get(cal, UCAL_DST_OFFSET, code);
}

static bool load(struct zone *z, UCalendar *cal)
{
    UErrorCode code = U_ZERO_ERROR;
    size_t cap = 0;
    UDate next;

    ucal_setMillis(cal, (UDate)FROM_MS, &code);
    add_offset(z, &cap, INT64_MIN, current_offset(cal, &code));
    while (U_SUCCESS(code) &&
           ucal_getTimeZoneTransitionDate(cal, UCAL_TZ_TRANSITION_NEXT, &next, &code) &&
           next < (UDate)UNTIL_MS) {
        ucal_setMillis(cal, next, &code);
        add_offset(z, &cap, (i64)next, current_offset(cal, &code));
    }
    return U_SUCCESS(code);
}

struct zone *zone_open(const char *iana_name)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar canonical[ZONE_NAME_UNITS * 2];
    UBool is_system = 0;
    struct zone *z;

    if (strlen(iana_name) >= ZONE_NAME_UNITS)
        return NULL;
    if ((z = calloc(1, sizeof *z)) == NULL)
        log_fatal("zone.out_of_memory", "bytes=%zu", sizeof *z);
    u_charsToUChars(iana_name, z->name, (int32_t)strlen(iana_name) + 1);
    ucal_getCanonicalTimeZoneID(z->name, -1, canonical, (int32_t)countof(canonical), &is_system,
                                &code);
    UCalendar *cal = NULL;
    if (U_SUCCESS(code) && is_system) /* not "GMT+3", which ICU would make up */
        cal = ucal_open(z->name, -1, "en_US", UCAL_GREGORIAN, &code);
    if (cal == NULL || U_FAILURE(code) || !load(z, cal)) {
        zone_close(z);
        z = NULL;
    }
    if (cal != NULL)
        ucal_close(cal);
    return z;
}

void zone_close(struct zone *z)
{
    if (z == NULL)
        return;
    free(z->offsets);
    free(z);
}

/* The index of the offset that holds at `ms`. */
static size_t find(const struct zone *z, i64 ms)
{
    size_t low = 0, high = z->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->offsets[middle].from_ms <= ms)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static i64 local_ms(const struct zone *z, i64 ms) { return ms + z->offsets[find(z, ms)].ms; }

i64 zone_day(const struct zone *z, i64 ms) { return div_floor(local_ms(known(z), ms), MS_DAY); }

int zone_minute(const struct zone *z, i64 ms)
{
    i64 local = local_ms(known(z), ms);
    return (int)((local - div_floor(local, MS_DAY) * MS_DAY) / MS_MINUTE);
}

i64 zone_instant(const struct zone *z, i64 day, int minute_of_day)
{
    i64 local = day * MS_DAY + (i64)minute_of_day * MS_MINUTE;

    z = known(z);
    for (size_t i = find(z, local - OFFSET_MS_MAX);; i++) {
        const struct offset *o = &z->offsets[i];
        i64 ms = local - o->ms;
        if (i + 1 < z->count && ms >= o[1].from_ms)
            continue; /* later than this offset holds */
        if (i > 0 && ms < o->from_ms)
            return local - o[-1].ms; /* in the gap between the two */
        return ms;
    }
}

i64 zone_offset_ms(const struct zone *z, i64 ms)
{
    z = known(z);
    return z->offsets[find(z, ms)].ms;
}

size_t zone_changes(const struct zone *z, i64 from_ms, i64 until_ms, struct zone_change *out,
                    size_t max)
{
    size_t n = 0;

    z = known(z);
    for (size_t i = find(z, from_ms); i < z->count && n < max; i++) {
        if (z->offsets[i].from_ms >= until_ms)
            break;
        if (i > 0 && z->offsets[i].from_ms >= from_ms)
            out[n++] = (struct zone_change){ z->offsets[i].from_ms, z->offsets[i - 1].ms,
                                             z->offsets[i].ms };
    }
    return n;
}

char *zone_name(struct arena *a, const struct zone *z)
{
    char name[ZONE_NAME_UNITS];

    if (known(z) == &utc)
        return arena_text(a, "UTC");
    u_UCharsToChars(z->name, name, ZONE_NAME_UNITS);
    return arena_text(a, name);
}

char *zone_of_windows(struct arena *a, const char *windows_name)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar wide[ZONE_NAME_UNITS * 2], iana[ZONE_NAME_UNITS];
    char name[ZONE_NAME_UNITS];
    int32_t len = 0;

    u_strFromUTF8(wide, (int32_t)countof(wide), &len, windows_name, -1, &code);
    if (U_FAILURE(code))
        return NULL;
    len = ucal_getTimeZoneIDForWindowsID(wide, len, NULL, iana, ZONE_NAME_UNITS, &code);
    if (U_FAILURE(code) || len <= 0 || len >= ZONE_NAME_UNITS)
        return NULL;
    u_UCharsToChars(iana, name, len + 1);
    return arena_text(a, name);
}

/* First instant of the local hour. An hour that a half-hour change of clocks cuts begins anew. */
static i64 hour_start(const struct zone *z, i64 ms)
{
    const struct offset *o = &z->offsets[find(z, ms)];
    i64 start = div_floor(ms + o->ms, MS_HOUR) * MS_HOUR - o->ms;

    return start < o->from_ms ? o->from_ms : start;
}

static i64 month_start(i64 day, int months_each, int steps)
{
    int year, month, dom;

    date_to_ymd(day, &year, &month, &dom);
    i64 index = ((i64)year * 12 + month - 1) / months_each + steps;
    i64 first = index * months_each;
    i64 in_year = div_floor(first, 12);
    return date_from_ymd((int)in_year, (int)(first - in_year * 12) + 1, 1);
}

i64 zone_start(const struct zone *z, enum period_unit unit, i64 ms, int steps)
{
    i64 day;

    z = known(z);
    if (unit == PERIOD_HOUR) {
        /* One by one: where clocks move by half an hour, not all hours are as long. */
        ms = hour_start(z, ms);
        for (; steps > 0; steps--)
            ms = hour_start(z, ms + MS_HOUR);
        for (; steps < 0; steps++)
            ms = hour_start(z, ms - 1);
        return ms;
    }
    day = zone_day(z, ms);
    switch (unit) {
    case PERIOD_HOUR: /* above */
    case PERIOD_DAY:
        day += steps;
        break;
    case PERIOD_WEEK:
        day += (i64)steps * 7 - date_weekday(day);
        break;
    case PERIOD_MONTH:
        day = month_start(day, 1, steps);
        break;
    case PERIOD_QUARTER:
        day = month_start(day, 3, steps);
        break;
    case PERIOD_YEAR:
        day = month_start(day, 12, steps);
        break;
    }
    return zone_instant(z, day, 0);
}

/* What the letters of a pattern stand for, taken apart once. */
struct parts {
    int year, month, dom, weekday, hour, minute, second, ms;
};

/* Writes what `count` times `letter` means in English; false when only ICU knows it. */
static bool format_field(char out[16], char letter, int count, const struct parts *p)
{
    static const char *const months[] = { "January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December" };
    static const char *const days[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday" };
    int hour_12 = p->hour % 12 == 0 ? 12 : p->hour % 12;
    int number;

    switch (letter) {
    case 'y':
        number = count == 2 ? p->year % 100 : p->year;
        break;
    case 'M':
        number = p->month;
        break;
    case 'd':
        number = p->dom;
        break;
    case 'H':
        number = p->hour;
        break;
    case 'h':
        number = hour_12;
        break;
    case 'm':
        number = p->minute;
        break;
    case 's':
        number = p->second;
        break;
    case 'S':
        number = p->ms;
        break;
    case 'E':
        snprintf(out, 16, "%.*s", count <= 3 ? 3 : 9, days[p->weekday]);
        return count <= 4;
    case 'a':
        snprintf(out, 16, "%s", p->hour < 12 ? "AM" : "PM");
        return count <= 3;
    default:
        return false;
    }
    if (letter == 'M' && count >= 3) {
        snprintf(out, 16, "%.*s", count == 3 ? 3 : 9, months[p->month - 1]);
        return count <= 4;
    }
    snprintf(out, 16, "%0*d", count, number);
    return (letter == 'S' && count == 3) || (letter == 'y' && count <= 4) ||
           (letter != 'S' && letter != 'y' && count <= 2);
}

/* The common letters, without ICU. NULL when the pattern has others. In arena. */
static char *format_fast(struct arena *a, const struct parts *p, const char *pattern)
{
    char text[FORMAT_UNITS];
    size_t len = 0;
    bool literal = false;

    while (*pattern != '\0') {
        char field[16] = { *pattern, '\0' };
        int count = 1;

        if (*pattern == '\'') {
            if (pattern[1] == '\'') {
                pattern++;
            } else {
                literal = !literal;
                field[0] = '\0';
            }
        } else if (!literal && ((*pattern | 32) >= 'a' && (*pattern | 32) <= 'z')) {
            while (pattern[count] == *pattern)
                count++;
            if (count > 9 || !format_field(field, *pattern, count, p))
                return NULL;
        }
        size_t n = strlen(field);
        if (len + n >= sizeof text)
            return NULL;
        memcpy(text + len, field, n);
        len += n;
        pattern += count;
    }
    return arena_dup(a, text, len);
}

static char *format_icu(struct arena *a, const struct zone *z, i64 ms, const char *pattern)
{
    static const UChar utc_name[] = u"Etc/UTC";
    UErrorCode code = U_ZERO_ERROR;
    UChar wide[FORMAT_UNITS], out[FORMAT_UNITS];
    char text[FORMAT_UNITS * 3];
    int32_t len = 0;

    u_strFromUTF8(wide, FORMAT_UNITS, &len, pattern, -1, &code);
    UDateFormat *format = udat_open(UDAT_PATTERN, UDAT_PATTERN, "en_US",
                                    z == &utc ? utc_name : z->name, -1, wide, len, &code);
    if (U_SUCCESS(code))
        len = udat_format(format, (UDate)ms, out, FORMAT_UNITS, NULL, &code);
    if (U_SUCCESS(code))
        u_strToUTF8(text, sizeof text, &len, out, len, &code);
    if (format != NULL)
        udat_close(format);
    return U_SUCCESS(code) ? arena_dup(a, text, (size_t)len) : arena_text(a, "");
}

char *zone_format(struct arena *a, const struct zone *z, i64 ms, const char *pattern)
{
    struct parts p;

    z = known(z);
    i64 local = local_ms(z, ms), day = div_floor(local, MS_DAY);
    int rest = (int)(local - day * MS_DAY);
    date_to_ymd(day, &p.year, &p.month, &p.dom);
    p.weekday = date_weekday(day);
    p.hour = rest / MS_HOUR;
    p.minute = rest / MS_MINUTE % 60;
    p.second = rest / MS_SECOND % 60;
    p.ms = rest % MS_SECOND;
    char *text = format_fast(a, &p, pattern);
    return text != NULL ? text : format_icu(a, z, ms, pattern);
}
