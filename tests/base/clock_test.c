/* Tests of base/clock.h: ISO 8601, the calendar, and zones where their clocks change. */
#include "base/clock.h"
#include "testing.h"
#include <pthread.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

static i64 at(const char *iso)
{
    i64 ms = 0;

    if (!time_parse(str_from(iso), &ms))
        fail_msg("bad instant in the test: \"%s\"", iso);
    return ms;
}

static i64 day_of(const char *iso)
{
    i64 day = 0;

    if (!date_parse(str_from(iso), &day))
        fail_msg("bad date in the test: \"%s\"", iso);
    return day;
}

static void instants_read_with_their_offset(void **state)
{
    static const struct {
        const char *text;
        const char *iso; /* NULL: refused */
    } cases[] = {
        { "2026-11-23T09:07:34.120Z", "2026-11-23T09:07:34.120Z" },
        { "2026-11-23T09:07:34Z", "2026-11-23T09:07:34Z" },
        { "2026-11-23T09:07Z", "2026-11-23T09:07:00Z" },
        { "2026-11-23 09:07:34z", "2026-11-23T09:07:34Z" },
        { "2026-11-23t09:07:34,5Z", "2026-11-23T09:07:34.500Z" },
        { "2026-11-23T09:07:34.123456789Z", "2026-11-23T09:07:34.123Z" },
        { "2026-11-23T00:30:00+02:00", "2026-11-22T22:30:00Z" },
        { "2026-11-23T00:30:00-0330", "2026-11-23T04:00:00Z" },
        { "2026-11-23T00:30:00+05", "2026-11-22T19:30:00Z" },
        { "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
        { "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z" },
        { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
        { "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" },
        { "2026-11-23T09:07:34", NULL },
        { "2026-11-23", NULL },
        { "2026-11-23T24:00:00Z", NULL },
        { "2026-11-23T09:60:00Z", NULL },
        { "2026-11-23T09:07:61Z", NULL },
        { "2026-11-23T09:07:34.Z", NULL },
        { "2026-11-23T09:07:34ZZ", NULL },
        { "2026-11-23T09:07:34+2:00", NULL },
        { "2026-11-23T09:07:34+02:", NULL },
        { "2026-11-23T9:07:34Z", NULL },
        { "2026-02-29T00:00:00Z", NULL },
        { "2026-11-23X09:07:34Z", NULL },
        { "", NULL },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        i64 ms = 0;
        bool ok = time_parse(str_from(cases[i].text), &ms);
        if (ok != (cases[i].iso != NULL) || (ok && strcmp(time_iso(a, ms), cases[i].iso) != 0))
            fail_msg("\"%s\": got %d %s", cases[i].text, ok, time_iso(a, ms));
    }
}

static void dates_are_the_gregorian_calendars(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        i64 day;
        int weekday;
    } cases[] = {
        { "1970-01-01", true, 0, 3 },     { "1969-12-31", true, -1, 2 },
        { "2000-02-29", true, 11016, 1 }, { "2026-11-23", true, 20780, 0 },
        { "2024-02-29", true, 19782, 3 }, { "0001-01-01", true, -719162, 0 },
        { "1900-02-29", false, 0, 0 },    { "2023-02-29", false, 0, 0 },
        { "2026-13-01", false, 0, 0 },    { "2026-00-01", false, 0, 0 },
        { "2026-04-31", false, 0, 0 },    { "2026-04-00", false, 0, 0 },
        { "0000-01-01", false, 0, 0 },    { "2026-1-1", false, 0, 0 },
        { "2026-11-23 ", false, 0, 0 },   { "26-11-23", false, 0, 0 },
        { "-026-11-23", false, 0, 0 },    { "", false, 0, 0 },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        i64 day = 0;
        bool ok = date_parse(str_from(cases[i].text), &day);
        if (ok != cases[i].ok || day != cases[i].day)
            fail_msg("\"%s\": got %d %lld", cases[i].text, ok, (long long)day);
        if (ok) {
            assert_string_equal(date_iso(a, day), cases[i].text);
            assert_int_equal(date_weekday(day), cases[i].weekday);
        }
    }
}

static void every_day_of_800_years_survives_both_ways(void **state)
{
    int last_year = 0, last_month = 0, last_dom = 0;

    (void)state;
    for (i64 day = date_from_ymd(1600, 1, 1); day < date_from_ymd(2400, 1, 1); day++) {
        int year, month, dom;
        date_to_ymd(day, &year, &month, &dom);
        assert_true(date_from_ymd(year, month, dom) == day);
        assert_true(year > last_year || month > last_month || dom == last_dom + 1);
        last_year = year;
        last_month = month;
        last_dom = dom;
    }
}

static void a_fixed_clock_stands_still(void **state)
{
    struct clock fixed = { .fixed_ms = 42 }, real = { 0 };

    (void)state;
    assert_true(clock_ms(&fixed) == 42);
    assert_true(clock_ms(&real) > at("2024-01-01T00:00:00Z"));
    assert_true(clock_ms(NULL) >= clock_ms(&real) - 1000);
    u64 before = clock_mono_ns();
    assert_true(clock_mono_ns() >= before);
}

/* Local time -> instant, around each change of clocks. */
static void local_times_map_to_instants(void **state)
{
    static const struct {
        const char *zone, *local, *utc;
    } cases[] = {
        { "Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00Z" },
        { "Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z" }, /* skipped: 03:00 */
        { "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00Z" }, /* skipped: 03:30 */
        { "Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z" },
        { "Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59:00Z" },
        { "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z" }, /* twice: the first */
        { "Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z" },
        { "America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z" },
        { "America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z" },
        { "America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z" },
        { "America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z" },
        { "America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z" },
        { "Asia/Kolkata", "2026-03-29T00:00", "2026-03-28T18:30:00Z" },
        { "Asia/Kolkata", "2026-10-25T02:30:15.5", "2026-10-24T21:00:15.500Z" },
        { "Australia/Lord_Howe", "2026-04-05T01:29", "2026-04-04T14:29:00Z" },
        { "Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z" }, /* twice */
        { "Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30:00Z" },
        { "Australia/Lord_Howe", "2026-10-04T01:59", "2026-10-03T15:29:00Z" },
        { "Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z" }, /* skipped */
        { "Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30:00Z" },
        { "America/Sao_Paulo", "2017-10-15T00:00", "2017-10-15T03:00:00Z" }, /* midnight skipped */
        { "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00:00Z" }, /* a whole day skipped */
        { "UTC", "2026-03-29T02:30", "2026-03-29T02:30:00Z" },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct zone *z = zone_open(cases[i].zone);
        i64 ms = 0;
        assert_non_null(z);
        if (!zone_parse_local(z, str_from(cases[i].local), &ms) ||
            strcmp(time_iso(a, ms), cases[i].utc) != 0)
            fail_msg("%s %s: got %s", cases[i].zone, cases[i].local, time_iso(a, ms));
        zone_close(z);
    }
}

static void periods_begin_where_the_zone_says(void **state)
{
    static const struct {
        const char *zone;
        enum period_unit unit;
        const char *of;
        int steps;
        const char *start;
    } cases[] = {
        { "Europe/Berlin", PERIOD_DAY, "2026-03-29T12:00:00Z", 0, "2026-03-28T23:00:00Z" },
        { "Europe/Berlin", PERIOD_DAY, "2026-03-29T12:00:00Z", 1, "2026-03-29T22:00:00Z" },
        { "Europe/Berlin", PERIOD_DAY, "2026-10-25T22:59:59Z", 0, "2026-10-24T22:00:00Z" },
        { "Europe/Berlin", PERIOD_DAY, "2026-10-25T22:59:59Z", 1, "2026-10-25T23:00:00Z" },
        { "Europe/Berlin", PERIOD_HOUR, "2026-03-29T00:59:00Z", 0, "2026-03-29T00:00:00Z" },
        { "Europe/Berlin", PERIOD_HOUR, "2026-03-29T00:59:00Z", 1, "2026-03-29T01:00:00Z" },
        { "Europe/Berlin", PERIOD_HOUR, "2026-10-25T00:30:00Z", 1, "2026-10-25T01:00:00Z" },
        { "Europe/Berlin", PERIOD_HOUR, "2026-10-25T00:30:00Z", 2, "2026-10-25T02:00:00Z" },
        { "Europe/Berlin", PERIOD_WEEK, "2026-03-29T12:00:00Z", 0, "2026-03-22T23:00:00Z" },
        { "Europe/Berlin", PERIOD_WEEK, "2026-03-29T12:00:00Z", 1, "2026-03-29T22:00:00Z" },
        { "Europe/Berlin", PERIOD_MONTH, "2026-03-31T22:00:00Z", 0, "2026-03-31T22:00:00Z" },
        { "Europe/Berlin", PERIOD_MONTH, "2026-03-31T21:59:59Z", 0, "2026-02-28T23:00:00Z" },
        { "Europe/Berlin", PERIOD_MONTH, "2026-03-31T21:59:59Z", -3, "2025-11-30T23:00:00Z" },
        { "Europe/Berlin", PERIOD_MONTH, "2026-03-31T21:59:59Z", 10, "2026-12-31T23:00:00Z" },
        { "Europe/Berlin", PERIOD_QUARTER, "2026-05-31T12:00:00Z", 0, "2026-03-31T22:00:00Z" },
        { "Europe/Berlin", PERIOD_QUARTER, "2026-05-31T12:00:00Z", -1, "2025-12-31T23:00:00Z" },
        { "Europe/Berlin", PERIOD_YEAR, "2026-12-31T23:00:00Z", 0, "2026-12-31T23:00:00Z" },
        { "Europe/Berlin", PERIOD_YEAR, "2026-12-31T22:59:59Z", -1, "2024-12-31T23:00:00Z" },
        { "America/New_York", PERIOD_DAY, "2026-11-02T04:59:00Z", 0, "2026-11-01T04:00:00Z" },
        { "America/New_York", PERIOD_DAY, "2026-11-02T05:00:00Z", 0, "2026-11-02T05:00:00Z" },
        { "Asia/Kolkata", PERIOD_HOUR, "2026-03-29T00:15:00Z", 0, "2026-03-28T23:30:00Z" },
        { "Asia/Kolkata", PERIOD_DAY, "2026-03-29T18:30:00Z", 0, "2026-03-29T18:30:00Z" },
        { "Asia/Kolkata", PERIOD_WEEK, "2026-03-29T18:29:59Z", 0, "2026-03-22T18:30:00Z" },
        { "Australia/Lord_Howe", PERIOD_HOUR, "2026-10-03T15:29:00Z", 0, "2026-10-03T14:30:00Z" },
        { "Australia/Lord_Howe", PERIOD_HOUR, "2026-10-03T15:29:00Z", 1, "2026-10-03T15:30:00Z" },
        { "Australia/Lord_Howe", PERIOD_HOUR, "2026-10-03T15:29:00Z", 2, "2026-10-03T16:00:00Z" },
        { "Australia/Lord_Howe", PERIOD_HOUR, "2026-10-03T16:10:00Z", -2, "2026-10-03T14:30:00Z" },
        { "Australia/Lord_Howe", PERIOD_HOUR, "2026-04-04T15:10:00Z", 0, "2026-04-04T15:00:00Z" },
        { "Australia/Lord_Howe", PERIOD_DAY, "2026-10-04T12:00:00Z", 0, "2026-10-03T13:30:00Z" },
        { "America/Sao_Paulo", PERIOD_DAY, "2017-10-15T12:00:00Z", 0, "2017-10-15T03:00:00Z" },
        { "UTC", PERIOD_QUARTER, "1969-12-31T23:00:00Z", 0, "1969-10-01T00:00:00Z" },
        { "UTC", PERIOD_MONTH, "0001-03-01T00:00:00Z", -2, "0001-01-01T00:00:00Z" },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct zone *z = zone_open(cases[i].zone);
        i64 got = zone_start(z, cases[i].unit, at(cases[i].of), cases[i].steps);
        if (strcmp(time_iso(a, got), cases[i].start) != 0)
            fail_msg("case %zu, %s unit %d of %s %+d: got %s", i, cases[i].zone, cases[i].unit,
                     cases[i].of, cases[i].steps, time_iso(a, got));
        zone_close(z);
    }
}

static const char *const zones[] = { "Europe/Berlin",     "America/New_York",
                                     "Asia/Kolkata",      "Australia/Lord_Howe",
                                     "America/Sao_Paulo", "Pacific/Apia",
                                     "Africa/Casablanca", "UTC" };

/* A walk by steps must give what asking each instant gives: no bucket is lost or doubled. */
static void buckets_follow_one_another_without_gaps(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(zones); k++) {
        struct zone *z = zone_open(zones[k]);
        for (int unit = PERIOD_HOUR; unit <= PERIOD_YEAR; unit++) {
            i64 start = zone_start(z, (enum period_unit)unit, at("2009-12-30T12:00:00Z"), 0);
            while (start < at("2027-01-01T00:00:00Z")) {
                i64 next = zone_start(z, (enum period_unit)unit, start, 1);
                /* The day that Apia skipped is a bucket of no length. */
                if (next == start && strcmp(zones[k], "Pacific/Apia") == 0)
                    next = zone_start(z, (enum period_unit)unit, start, 2);
                if (next <= start || zone_start(z, (enum period_unit)unit, next - 1, 0) != start ||
                    zone_start(z, (enum period_unit)unit, next, 0) != next)
                    fail_msg("%s unit %d at %lld", zones[k], unit, (long long)start);
                start = next;
            }
        }
        zone_close(z);
    }
}

static void offsets_are_icus(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(zones); k++) {
        struct zone *z = zone_open(zones[k]);
        UErrorCode code = U_ZERO_ERROR;
        UChar name[64];
        u_charsToUChars(zones[k], name, (int32_t)strlen(zones[k]) + 1);
        UCalendar *cal = ucal_open(name, -1, "en_US", UCAL_GREGORIAN, &code);
        for (i64 ms = at("1905-01-01T00:00:00Z"); ms < at("2099-12-01T00:00:00Z");
             ms += (i64)13 * MS_HOUR) {
            ucal_setMillis(cal, (UDate)ms, &code);
            i64 offset = ucal_get(cal, UCAL_ZONE_OFFSET, &code);
            offset += ucal_get(cal, UCAL_DST_OFFSET, &code);
            i64 local = zone_day(z, ms) * MS_DAY + (i64)zone_minute(z, ms) * MS_MINUTE;
            if (local != (ms + offset) / MS_MINUTE * MS_MINUTE && ms > 0)
                fail_msg("%s at %lld", zones[k], (long long)ms);
            assert_true(U_SUCCESS(code));
        }
        ucal_close(cal);
        zone_close(z);
    }
}

static void unknown_zones_are_refused(void **state)
{
    static const char *const names[] = { "",    "Mars/Olympus", "GMT+3", "Europe/Berlin ",
                                         "x/y", "GMT+25:00" };
    (void)state;
    for (size_t i = 0; i < countof(names); i++)
        if (zone_open(names[i]) != NULL)
            fail_msg("\"%s\" was opened", names[i]);
    char long_name[200];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_null(zone_open(long_name));
    zone_close(NULL);
}

static void patterns_are_icus_with_and_without_icu(void **state)
{
    static const struct {
        const char *pattern, *text;
    } cases[] = {
        { "yyyy-MM-dd HH:mm:ss.SSS", "2026-07-05 15:04:09.007" },
        { "d MMM y, h:mm a", "5 Jul 2026, 3:04 PM" },
        { "EEEE, d MMMM yyyy", "Sunday, 5 July 2026" },
        { "EEE d/M/yy", "Sun 5/7/26" },
        { "h 'o''clock' a", "3 o'clock PM" },
        { "''yy", "'26" },
        { "", "" },
        { "'Q'Q yyyy", "Q3 2026" }, /* Q is left to ICU */
        { "HH:mm zzzz", "15:04 Central European Summer Time" },
        { "d. MMM – HH:mm", "5. Jul – 15:04" },
        { "D", "186" },
    };
    struct arena *a = *state;
    struct zone *z = zone_open("Europe/Berlin");
    for (size_t i = 0; i < countof(cases); i++)
        assert_string_equal(zone_format(a, z, at("2026-07-05T13:04:09.007Z"), cases[i].pattern),
                            cases[i].text);
    assert_string_equal(zone_format(a, z, at("2026-01-05T23:30:00Z"), "d MMM, h a"),
                        "6 Jan, 12 AM");
    assert_string_equal(zone_format(a, NULL, at("2026-01-05T12:30:00Z"), "d MMM, h a"),
                        "5 Jan, 12 PM");
    assert_string_equal(zone_format(a, NULL, at("2026-01-05T12:30:00Z"), "HH:mm z"), "12:30 UTC");
    zone_close(z);
}

static void a_null_zone_is_utc(void **state)
{
    (void)state;
    assert_true(zone_day(NULL, -1) == -1);
    assert_int_equal(zone_minute(NULL, -1), 1439);
    assert_true(zone_instant(NULL, 1, 5) == (i64)MS_DAY + 5 * MS_MINUTE);
    assert_true(zone_start(NULL, PERIOD_DAY, 5, 0) == 0);
}

static void local_texts_are_strict(void **state)
{
    static const char *const bad[] = { "2026-11-23T10:00Z", "2026-11-23", "2026-11-23T25:00",
                                       "2026-11-23T10",     "T10:00",     "" };
    i64 ms;
    (void)state;
    for (size_t i = 0; i < countof(bad); i++)
        assert_false(zone_parse_local(NULL, str_from(bad[i]), &ms));
    assert_true(zone_parse_local(NULL, STR("2026-11-23T10:00"), &ms));
    assert_true(ms == day_of("2026-11-23") * MS_DAY + 10 * MS_HOUR);
}

static void *use_zone(void *arg)
{
    struct arena *a = arena_new(4096);

    for (i64 ms = 0; ms < (i64)MS_DAY * 365 * 60; ms += (i64)MS_DAY * 3 + 12345) {
        i64 start = zone_start(arg, PERIOD_MONTH, ms, 0);
        assert(start <= ms && zone_start(arg, PERIOD_MONTH, ms, 1) > ms);
        zone_format(a, arg, ms, ms % 16 == 0 ? "Q zzz" : "d MMM");
        arena_reset(a);
    }
    arena_free(a);
    return NULL;
}

static void threads_may_share_a_zone(void **state)
{
    struct zone *z = zone_open("Europe/Berlin");
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < countof(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_zone, z), 0);
    for (size_t i = 0; i < countof(threads); i++)
        pthread_join(threads[i], NULL);
    zone_close(z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(instants_read_with_their_offset),
        WITH_ARENA(dates_are_the_gregorian_calendars),
        cmocka_unit_test(every_day_of_800_years_survives_both_ways),
        cmocka_unit_test(a_fixed_clock_stands_still),
        WITH_ARENA(local_times_map_to_instants),
        WITH_ARENA(periods_begin_where_the_zone_says),
        cmocka_unit_test(buckets_follow_one_another_without_gaps),
        cmocka_unit_test(offsets_are_icus),
        cmocka_unit_test(unknown_zones_are_refused),
        WITH_ARENA(patterns_are_icus_with_and_without_icu),
        cmocka_unit_test(a_null_zone_is_utc),
        cmocka_unit_test(local_texts_are_strict),
        cmocka_unit_test(threads_may_share_a_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
