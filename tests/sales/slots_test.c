/* slots_test.c -- when somebody can be booked: days on which clocks change, as Python's zoneinfo
 * counts them (slots_oracle.py); what is busy, buffers, notice, limits, by hand. */
#include "sales/slots.h"
#include "support/house.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef SLOTS_ORACLE
#define SLOTS_ORACLE "tests/sales/slots_oracle.py"
#endif

/* ---- against zoneinfo ---- */
static const struct clock_day {
    const char *zone, *day, *spans;
    int minutes, step;
} days[] = {
    { "UTC", "2026-11-24", "09:00-17:00", 30, 30 },
    /* Europe: 29 March and 25 October 2026 */
    { "Europe/Berlin", "2026-03-28", "00:00-24:00", 60, 60 },
    { "Europe/Berlin", "2026-03-29", "00:00-24:00", 60, 60 },
    { "Europe/Berlin", "2026-03-29", "01:00-04:00", 30, 30 },
    { "Europe/Berlin", "2026-03-29", "09:00-12:30,13:30-18:00", 45, 15 },
    { "Europe/Berlin", "2026-10-25", "00:00-24:00", 60, 60 },
    { "Europe/Berlin", "2026-10-25", "01:00-04:00", 30, 30 },
    { "Europe/London", "2026-10-25", "00:30-02:30", 20, 20 },
    { "Europe/Lisbon", "2026-03-29", "00:00-03:00", 30, 15 },
    /* America: 8 March and 1 November 2026; St. John's is half an hour off */
    { "America/New_York", "2026-03-08", "00:00-24:00", 30, 30 },
    { "America/New_York", "2026-03-08", "02:00-03:00", 30, 30 },
    { "America/New_York", "2026-03-08", "01:30-03:30", 30, 30 },
    { "America/New_York", "2026-11-01", "00:00-03:00", 15, 30 },
    { "America/St_Johns", "2026-11-01", "00:00-24:00", 60, 60 },
    { "America/Sao_Paulo", "2018-11-04", "00:00-06:00", 60, 60 }, /* midnight was skipped */
    { "America/Havana", "2026-03-08", "00:00-04:00", 60, 60 },
    /* half an hour of change */
    { "Australia/Lord_Howe", "2026-04-05", "00:00-06:00", 30, 30 },
    { "Australia/Lord_Howe", "2026-10-04", "00:00-06:00", 30, 30 },
    { "Australia/Sydney", "2026-04-05", "01:00-05:00", 60, 30 },
    { "Asia/Kolkata", "2026-04-05", "09:15-17:45", 50, 25 },
    { "Asia/Kathmandu", "2026-04-05", "10:00-17:00", 60, 60 },
    { "Pacific/Apia", "2011-12-29", "00:00-24:00", 60, 60 }, /* the day before one without */
    { "Africa/Casablanca", "2026-02-15", "00:00-24:00", 60, 60 },
    { "Asia/Tehran", "2022-09-21", "20:00-24:00", 30, 30 },
};

static const char *hours_json(struct arena *a, const char *spans)
{
    static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
    struct buf b = buf_in(a, 4000);

    for (size_t d = 0; d < countof(names); d++) {
        struct str rest = str_from(spans), one;
        bool first = true;
        buf_printf(&b, "%s\"%s\":[", d ? "," : "{", names[d]);
        while (str_split(&rest, ',', &one)) {
            buf_printf(&b, "%s\"%.*s\"", first ? "" : ",", (int)one.len, one.p);
            first = false;
        }
        buf_text(&b, "]");
    }
    buf_text(&b, "}");
    return buf_end(&b);
}

static void days_of_changing_clocks_are_those_of_zoneinfo(void **state)
{
    struct house *h = *state;
    char file[] = "/tmp/slots_test_XXXXXX";
    FILE *asked = fdopen(mkstemp(file), "w"), *answers;
    const char *ours[countof(days)];
    char *line = NULL;
    size_t cap = 0;

    assert_non_null(asked);
    for (size_t i = 0; i < countof(days); i++) {
        struct slot_rule r = { .minutes = days[i].minutes,
                               .step_minutes = days[i].step,
                               .earliest_ms = INT64_MIN,
                               .until_ms = INT64_MAX };
        struct buf b = buf_in(h->arena, 10000);
        struct zone *z = zone_open(days[i].zone);
        struct hours *hours;
        i64 day, slots[SLOTS_OF_DAY];
        assert_non_null(z);
        assert_true(date_parse(str_from(days[i].day), &day));
        assert_ok(h->cx, hours_read(h->cx, "hours", hours_json(h->arena, days[i].spans), &hours));
        r.zone = z;
        r.hours = hours;
        size_t n = slots_of_day(h->cx, &r, day, slots);
        assert_true(n > 0 || i == 10); /* an hour that was skipped has none */
        for (size_t k = 0; k < n; k++)
            buf_printf(&b, "%s%lld", k ? " " : "", (long long)slots[k]);
        ours[i] = buf_end(&b);
        fprintf(asked, "%s %s %s %d %d\n", days[i].zone, days[i].day, days[i].spans,
                days[i].minutes, days[i].step);
        zone_close(z);
    }
    assert_int_equal(fclose(asked), 0);
    answers = popen(arena_printf(h->arena, "/usr/bin/python3 %s < %s", SLOTS_ORACLE, file), "r");
    assert_non_null(answers);
    for (size_t i = 0; i < countof(days); i++) {
        ssize_t len = getline(&line, &cap, answers);
        assert_true(len > 0);
        line[len - 1] = '\0';
        if (!text_is(ours[i], line))
            fail_msg("%s %s %s:\nours   %s\ntheirs %s", days[i].zone, days[i].day, days[i].spans,
                     ours[i], line);
    }
    free(line);
    assert_int_equal(pclose(answers), 0);
    unlink(file);
}

/* ---- by hand, on Tuesday 24 November 2026 in UTC, open from 9 to 12 ---- */
#define AT(h, m) (HOUSE_NOW + MS_DAY + ((h)-10) * MS_HOUR + (m)*MS_MINUTE)
static const struct hand {
    const char *note;
    int minutes, step, before, after, most;
    i64 earliest, until;
    struct slot_busy busy[3];
    i64 booked[2];
    const char *hours, *off, *want;
} hands[] = {
    { "nothing to do", 60, 60, .want = "09:00 10:00 11:00 " },
    { "steps of half an hour", 60, 30, .want = "09:00 09:30 10:00 10:30 11:00 " },
    { "longer than what is left", 45, 60, .want = "09:00 10:00 11:00 " },
    { "touching is free", 60, 60, .busy = { { AT(10, 0), AT(11, 0) } }, .want = "09:00 11:00 " },
    { "a minute is not", 60, 60, .busy = { { AT(10, 59), AT(11, 1) } }, .want = "09:00 " },
    { "over it all", 60, 60, .busy = { { AT(0, 0), AT(24, 0) } }, .want = "" },
    { "a point in time", 60, 60, .busy = { { AT(9, 30), AT(9, 30) } }, .want = "10:00 11:00 " },
    { "air before", 30, 30, 15, .busy = { { AT(10, 0), AT(10, 30) } },
      .want = "09:00 09:30 11:00 11:30 " },
    { "air after", 30, 30, .after = 15, .busy = { { AT(10, 0), AT(10, 30) } },
      .want = "09:00 10:30 11:00 11:30 " },
    { "air on both sides", 30, 30, 30, 30, .busy = { { AT(10, 0), AT(10, 30) } },
      .want = "09:00 11:00 11:30 " },
    { "notice", 30, 30, .earliest = AT(10, 10), .want = "10:30 11:00 11:30 " },
    { "no further ahead", 30, 30, .until = AT(10, 0), .want = "09:00 09:30 " },
    { "the day is full", 30, 30, .most = 2, .booked = { AT(9, 0), AT(15, 0) }, .want = "" },
    { "it is not yet", 60, 60, .most = 3, .booked = { AT(13, 0), AT(15, 0) },
      .want = "09:00 10:00 11:00 " },
    { "a holiday of the hours", 60, 60,
      .hours = "{\"tue\":[\"09:00-12:00\"],\"holidays\":[\"2026-11-24\"]}", .want = "" },
    { "a holiday of the company", 60, 60, .off = "{\"holidays\":[\"2026-11-24\"]}", .want = "" },
    { "spans that overlap give no time twice", 60, 60,
      .hours = "{\"tue\":[\"09:00-11:00\",\"10:00-12:00\"]}", .want = "09:00 10:00 11:00 " },
};

static void slots_worked_by_hand(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(hands); i++) {
        const struct hand *c = &hands[i];
        struct slot_rule r = { .minutes = c->minutes,
                               .step_minutes = c->step,
                               .before_minutes = c->before,
                               .after_minutes = c->after,
                               .most_a_day = c->most,
                               .earliest_ms = c->earliest,
                               .until_ms = c->until ? c->until : INT64_MAX,
                               .busy = c->busy,
                               .booked = c->booked };
        struct buf b = buf_in(h->arena, 1000);
        struct hours *hours, *off;
        i64 slots[SLOTS_OF_DAY];
        while (r.busy_count < countof(c->busy) && c->busy[r.busy_count].until_ms)
            r.busy_count++;
        while (r.booked_count < countof(c->booked) && c->booked[r.booked_count])
            r.booked_count++;
        assert_ok(h->cx, hours_read(h->cx, "hours",
                                    c->hours ? c->hours : "{\"tue\":[\"09:00-12:00\"]}", &hours));
        assert_ok(h->cx, hours_read(h->cx, "hours", c->off ? c->off : "", &off));
        r.hours = hours;
        r.off = off;
        size_t n = slots_of_day(h->cx, &r, AT(9, 0) / MS_DAY, slots);
        for (size_t k = 0; k < n; k++) {
            buf_printf(&b, "%s ", zone_format(h->arena, NULL, slots[k], "HH:mm"));
            assert_true(slot_is(h->cx, &r, slots[k]));
            assert_false(slot_is(h->cx, &r, slots[k] + MS_MINUTE));
        }
        if (!text_is(buf_end(&b), c->want))
            fail_msg("%s: %s, not %s", c->note, buf_end(&b), c->want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(days_of_changing_clocks_are_those_of_zoneinfo, NULL),
        IN_SQLITE_HOUSE(slots_worked_by_hand, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
