/* hours_test.c -- working hours: added, counted, and read from a setting that people write. Times
 * are local ones of the zone given. */
#include "kit/hours.h"
#include "support/house.h"

static i64 local(struct ctx *cx, const char *text)
{
    i64 ms;

    assert_true(zone_parse_local(kit_zone(cx), str_from(text), &ms));
    return ms;
}

static const struct hours_case {
    const char *note, *zone, *hours, *from;
    i64 minutes;
    const char *to;
} cases[] = {
#define OFFICE                                                                                  \
    "{\"mon\":[\"09:00-17:00\"],\"tue\":[\"09:00-17:00\"],\"fri\":[\"09:00-12:00\",\"14:00-17:" \
    "00\"],\"holidays\":[\"2026-12-25\"]}"
    { "no hours: every minute counts", "Europe/Berlin", "{}", "2026-11-28T23:30", 60,
      "2026-11-29T00:30" },
    { "no span in them: the same", "Europe/Berlin", "{\"mon\":[]}", "2026-11-28T23:30", 60,
      "2026-11-29T00:30" },
    { "nothing added while open", "Europe/Berlin", OFFICE, "2026-11-23T10:00", 0,
      "2026-11-23T10:00" },
    { "nothing added while closed: when it opens", "Europe/Berlin", OFFICE, "2026-11-24T18:00", 0,
      "2026-11-27T09:00" },
    { "days that are not named are free", "Europe/Berlin", OFFICE, "2026-11-24T16:00", 120,
      "2026-11-27T10:00" },
    { "a break", "Europe/Berlin", OFFICE, "2026-11-27T11:30", 60, "2026-11-27T14:30" },
    { "a whole week", "Europe/Berlin", OFFICE, "2026-11-23T09:00", 22 * 60, "2026-11-27T17:00" },
    { "a holiday", "Europe/Berlin", OFFICE, "2026-12-25T09:00", 60, "2026-12-28T10:00" },
    { "the night when clocks go back is an hour longer", "Europe/Berlin",
      "{\"sun\":[\"00:00-24:00\"]}", "2026-10-25T00:00", 25 * 60, "2026-10-26T00:00" },
    { "the night when they go ahead is an hour shorter", "Europe/Berlin",
      "{\"sun\":[\"00:00-24:00\"]}", "2026-03-29T00:00", 23 * 60, "2026-03-30T00:00" },
    { "another zone", "America/New_York", OFFICE, "2026-11-23T16:00", 120, "2026-11-24T10:00" },
};

static void hours_are_added_and_counted(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        const struct hours_case *c = &cases[i];
        i64 from, to;
        assert_ok(h->cx, setting_save(h->cx, "workspace.zone", c->zone));
        assert_ok(h->cx, setting_save(h->cx, "workspace.hours", c->hours));
        from = local(h->cx, c->from);
        to = hours_add(h->cx, from, c->minutes);
        const char *got = zone_format(h->cx->arena, kit_zone(h->cx), to, "yyyy-MM-dd'T'HH:mm");
        if (strcmp(got, c->to) != 0)
            fail_msg("%s: %s, not %s", c->note, got, c->to);
        i64 between = hours_between(h->cx, from, to);
        if (between != c->minutes)
            fail_msg("%s: %lld minutes between, not %lld", c->note, (long long)between,
                     (long long)c->minutes);
        assert_int_equal(hours_between(h->cx, to, from), -between);
    }
}

static void hours_so_rare_that_a_promise_would_never_fall_due(void **state)
{
    struct house *h = *state;
    i64 from = h->cx->clock->fixed_ms;

    assert_ok(h->cx, setting_save(h->cx, "workspace.hours", "{\"mon\":[\"09:00-09:01\"]}"));
    assert_int_equal(hours_add(h->cx, from, 10 * 1000), from + 10 * 1000 * (i64)MS_MINUTE);
}

static const struct {
    const char *note, *json, *says; /* says: "" good */
} texts[] = {
    { "nothing", "", "" },
    { "a day", "{\"mon\":[\"09:00-17:00\"]}", "" },
    { "up to midnight", "{\"mon\":[\"00:00-24:00\"]}", "" },
    { "no JSON", "mon 9-5", "not a JSON object" },
    { "a list", "[\"09:00-17:00\"]", "no object" },
    { "no span", "{\"mon\":[\"all day\"]}", "'all day' on mon" },
    { "backwards", "{\"tue\":[\"17:00-09:00\"]}", "'17:00-09:00' on tue" },
    { "past midnight", "{\"tue\":[\"17:00-25:00\"]}", "'17:00-25:00' on tue" },
    { "a minute that is none", "{\"tue\":[\"09:60-10:00\"]}", "'09:60-10:00' on tue" },
    { "not a list", "{\"wed\":\"09:00-17:00\"}", "wed" },
    { "a day that is none", "{\"monday\":[\"09:00-17:00\"]}", "monday" },
    { "a holiday that is none", "{\"mon\":[\"09:00-17:00\"],\"holidays\":[\"Christmas\"]}",
      "Christmas" },
};

static void what_cannot_be_read_is_named(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(texts); i++) {
        enum status s = hours_check(h->cx, texts[i].json);
        if ((s == OK) != (texts[i].says[0] == '\0'))
            fail_msg("%s: %s", texts[i].note, s == OK ? "taken" : "refused");
        if (s != OK && !strstr(h->cx->field_errors->message, texts[i].says))
            fail_msg("%s: says \"%s\"", texts[i].note, h->cx->field_errors->message);
        ctx_clear_error(h->cx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(hours_are_added_and_counted, NULL),
        IN_SQLITE_HOUSE(hours_so_rare_that_a_promise_would_never_fall_due, NULL),
        IN_SQLITE_HOUSE(what_cannot_be_read_is_named, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
