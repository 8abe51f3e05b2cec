/* clock.c -- time: the clock, ISO 8601 both ways, the calendar. Zones are in zone.c. */
#include "base/clock.h"
#include <time.h>

enum { DAYS_400_YEARS = 146097, DAYS_TO_1970 = 719468 }; /* from 0000-03-01 */

i64 clock_ms(const struct clock *c)
{
    i64 fixed = c != NULL ? c->fixed_ms : 0;
    struct timespec now;

    if (fixed != 0)
        return fixed;
    clock_gettime(CLOCK_REALTIME, &now);
    return (i64)now.tv_sec * MS_SECOND + now.tv_nsec / 1000000;
}

u64 clock_mono_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
}

static i64 div_floor(i64 a, i64 b) { return a / b - (a % b < 0); }

/* The civil calendar by years that begin on the first of March, so that the leap day comes last. */
i64 date_from_ymd(int year, int month, int day)
{
    i64 y = (i64)year - (month <= 2);
    i64 era = div_floor(y, 400), year_of_era = y - era * 400;
    i64 day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    i64 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * DAYS_400_YEARS + day_of_era - DAYS_TO_1970;
}

void date_to_ymd(i64 day, int *year, int *month, int *dom)
{
    i64 shifted = day + DAYS_TO_1970;
    i64 era = div_floor(shifted, DAYS_400_YEARS), doe = shifted - era * DAYS_400_YEARS;
    i64 year_of_era = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    i64 doy = doe - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    i64 month_from_march = (5 * doy + 2) / 153;

    *dom = (int)(doy - (153 * month_from_march + 2) / 5 + 1);
    *month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

int date_weekday(i64 day)
{
    i64 n = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(n < 0 ? n + 7 : n);
}

char *date_iso(struct arena *a, i64 day)
{
    int year, month, dom;

    date_to_ymd(day, &year, &month, &dom);
    return arena_printf(a, "%04d-%02d-%02d", year, month, dom);
}

char *time_iso(struct arena *a, i64 ms)
{
    i64 day = div_floor(ms, MS_DAY);
    int year, month, dom, rest = (int)(ms - day * MS_DAY);

    date_to_ymd(day, &year, &month, &dom);
    int hour = rest / MS_HOUR, minute = rest / MS_MINUTE % 60, second = rest / MS_SECOND % 60;
    if (rest % MS_SECOND == 0)
        return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, dom, hour, minute,
                            second);
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, dom, hour, minute,
                        second, rest % MS_SECOND);
}

/* Takes exactly `digits` digits off; false when there are fewer. */
static bool take_number(struct str *s, size_t digits, int *out)
{
    int n = 0;

    if (s->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        n = n * 10 + (s->p[i] - '0');
    }
    s->p += digits;
    s->len -= digits;
    *out = n;
    return true;
}

static bool take_char(struct str *s, char c)
{
    if (s->len == 0 || s->p[0] != c)
        return false;
    s->p++;
    s->len--;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct str *s, i64 *day)
{
    int year, month, dom;

    if (!take_number(s, 4, &year) || !take_char(s, '-') || !take_number(s, 2, &month) ||
        !take_char(s, '-') || !take_number(s, 2, &dom))
        return false;
    if (year < 1 || month < 1 || month > 12 || dom < 1 || dom > days_in_month(year, month))
        return false;
    *day = date_from_ymd(year, month, dom);
    return true;
}

/* "10:00", "10:00:59", "10:00:59.123456": milliseconds of the day, what is finer is cut. A leap
 * second (:60) is the first of the next minute, as in UTC without leap seconds. */
static bool take_time(struct str *s, i64 *ms)
{
    int hour, minute, second = 0, fraction = 0;

    if (!take_number(s, 2, &hour) || !take_char(s, ':') || !take_number(s, 2, &minute))
        return false;
    if (take_char(s, ':')) {
        if (!take_number(s, 2, &second))
            return false;
        if (take_char(s, '.') || take_char(s, ',')) {
            int digit, scale = 100;
            if (!take_number(s, 1, &digit))
                return false;
            do {
                fraction += digit * scale;
                scale /= 10;
            } while (take_number(s, 1, &digit));
        }
    }
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *ms = (i64)hour * MS_HOUR + minute * MS_MINUTE + second * MS_SECOND + fraction;
    return true;
}

/* "Z", "+02:00", "-0330", "+02". */
static bool take_offset(struct str *s, i64 *ms)
{
    int hour, minute = 0;
    bool negative;

    *ms = 0;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    negative = take_char(s, '-');
    if (!negative && !take_char(s, '+'))
        return false;
    if (!take_number(s, 2, &hour))
        return false;
    if (take_char(s, ':')) {
        if (!take_number(s, 2, &minute))
            return false;
    } else if (s->len > 0 && !take_number(s, 2, &minute)) {
        return false;
    }
    if (hour > 23 || minute > 59)
        return false;
    *ms = (i64)hour * MS_HOUR + minute * MS_MINUTE;
    if (negative)
        *ms = -*ms;
    return true;
}

bool date_parse(struct str s, i64 *day)
{
    i64 d;

    if (!take_date(&s, &d) || s.len != 0)
        return false;
    *day = d;
    return true;
}

bool time_parse(struct str s, i64 *ms)
{
    i64 day, time, offset;

    if (!take_date(&s, &day))
        return false;
    if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
        return false;
    if (!take_time(&s, &time) || !take_offset(&s, &offset) || s.len != 0)
        return false;
    *ms = day * MS_DAY + time - offset;
    return true;
}

bool zone_parse_local(const struct zone *z, struct str s, i64 *ms)
{
    i64 day, time;

    if (!take_date(&s, &day))
        return false;
    if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
        return false;
    if (!take_time(&s, &time) || s.len != 0)
        return false;
    /* Whole minutes go through the zone; what is finer is the same on every clock. */
    *ms = zone_instant(z, day, (int)(time / MS_MINUTE)) + time % MS_MINUTE;
    return true;
}
