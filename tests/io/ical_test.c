/* ical_test.c -- calendars: which instances there are, as another implementation counts them
 * (ical_oracle.py) or as worked by hand; that others understand what we write; limits. */
#include "base/testing.h"
#include "io/ical.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *oracle; /* ical_oracle.py */

struct test {
    struct ctx cx;
    struct arena *arena;
};

static void assert_ok(struct ctx *cx, enum status s)
{
    if (s != OK)
        fail_msg("%s: %s", status_word(s), cx->error_text);
}

static int set_up(void **state)
{
    static struct test t;

    t.arena = arena_new(1024 * 1024);
    ctx_init(&t.cx, t.arena, NULL);
    *state = &t;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct test *)*state)->arena);
    return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const char *wrap(struct arena *a, const char *zones, const char *events)
{
    return arena_printf(a,
                        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//test//EN\n%s%s"
                        "END:VCALENDAR\n",
                        zones, events);
}

/* One line of instances, as the oracle writes them. */
static const char *told(struct arena *a, const struct ical *c)
{
    struct buf b = buf_in(a, 16 * 1024 * 1024);

    for (size_t i = 0; i < c->instance_count; i++)
        buf_printf(&b, "%s%lld %lld %s", i ? ";" : "", (long long)c->instances[i].start_ms,
                   (long long)c->instances[i].end_ms, c->instances[i].event->uid);
    return buf_end(&b);
}

static struct zone *open_zone(struct test *t, const char *name)
{
    struct zone *z = zone_open(name);

    assert_non_null(z);
    arena_defer(t->arena, (void (*)(void *))zone_close, z);
    return z;
}

static i64 at(const char *iso)
{
    i64 ms;

    assert_true(time_parse(str_from(iso), &ms));
    return ms;
}

#define E(uid, more) "BEGIN:VEVENT\nUID:" uid "\nDTSTAMP:20260101T000000Z\n" more "END:VEVENT\n"
#define ROME "DTSTART;TZID=Europe/Rome:20260302T090000\nDTEND;TZID=Europe/Rome:20260302T100000\n"

/* ---- against another implementation ---- */
static const struct rule {
    const char *note, *zone, *from, *until, *events;
} rules[] = {
#define YEAR "2026-01-01T00:00:00Z", "2027-03-01T00:00:00Z"
    { "one", "UTC", YEAR, E("a", "DTSTART:20260302T090000Z\nDTEND:20260302T100000Z\n") },
    { "outside", "UTC", YEAR, E("a", "DTSTART:20250302T090000Z\nDTEND:20250302T100000Z\n") },
    { "daily across both changes of clocks", "UTC", YEAR, E("a", ROME "RRULE:FREQ=DAILY\n") },
    { "until in UTC", "UTC", YEAR, E("a", ROME "RRULE:FREQ=DAILY;UNTIL=20260310T080000Z\n") },
    { "until in UTC, a second less", "UTC", YEAR,
      E("a", ROME "RRULE:FREQ=DAILY;UNTIL=20260310T075959Z\n") },
    { "so many times", "UTC", YEAR, E("a", ROME "RRULE:FREQ=DAILY;COUNT=7;INTERVAL=3\n") },
    { "weekly on days", "UTC", YEAR, E("a", ROME "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR\n") },
    { "each other week, weeks from Sunday", "UTC", YEAR,
      E("a", ROME "RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU\n") },
    { "each other week, weeks from Monday", "UTC", YEAR,
      E("a", ROME "RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=MO,SU\n") },
    { "the 31st", "UTC", YEAR,
      E("a", "DTSTART:20260131T120000Z\nDTEND:20260131T123000Z\n"
             "RRULE:FREQ=MONTHLY\n") },
    { "the last Friday", "UTC", YEAR,
      E("a", "DTSTART;TZID=America/New_York:20260130T163000\nDURATION:PT1H\n"
             "RRULE:FREQ=MONTHLY;BYDAY=-1FR\n") },
    { "the second Tuesday and the last day", "UTC", YEAR,
      E("a", "DTSTART:20260113T120000Z\nDURATION:PT30M\n"
             "RRULE:FREQ=MONTHLY;BYDAY=2TU\n") E("b", "DTSTART:20260131T120000Z\nDURATION:PT30M\n"
                                                      "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1\n") },
    { "the last working day", "UTC", YEAR,
      E("a", "DTSTART:20260130T120000Z\nDURATION:PT30M\n"
             "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1\n") },
    { "yearly, leap day", "UTC", "2024-01-01T00:00:00Z", "2033-01-01T00:00:00Z",
      E("a", "DTSTART;VALUE=DATE:20240229\nDURATION:P1D\nRRULE:FREQ=YEARLY\n") },
    { "Thanksgiving", "UTC", "2024-01-01T00:00:00Z", "2033-01-01T00:00:00Z",
      E("a",
        "DTSTART;VALUE=DATE:20241128\nDURATION:P1D\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\n") },
    { "weeks by number", "UTC", YEAR,
      E("a", "DTSTART:20260105T090000Z\nDURATION:PT1H\n"
             "RRULE:FREQ=YEARLY;BYWEEKNO=2,20;BYDAY=MO;COUNT=4\n") },
    { "days of the year", "UTC", YEAR,
      E("a", "DTSTART:20260101T090000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYYEARDAY=1,100,-1\n") },
    { "several hours a day", "UTC", YEAR,
      E("a", "DTSTART:20260301T090000Z\nDURATION:PT15M\n"
             "RRULE:FREQ=DAILY;BYHOUR=9,13;BYMINUTE=0,30;COUNT=20\n") },
    { "without some", "UTC", YEAR,
      E("a", ROME "RRULE:FREQ=DAILY;COUNT=10\nEXDATE;TZID=Europe/Rome:20260303T090000,"
                  "20260305T090000\nEXDATE:20260307T080000Z\n") },
    { "with others", "UTC", YEAR,
      E("a", ROME "RDATE;TZID=Europe/Rome:20260410T150000,20260411T150000\n") },
    { "one moved, one cancelled", "UTC", YEAR,
      E("a", ROME "RRULE:FREQ=WEEKLY;COUNT=5\n") E(
          "a", "RECURRENCE-ID;TZID=Europe/Rome:20260309T090000\n"
               "DTSTART;TZID=Europe/Rome:20260310T140000\nDTEND;TZID=Europe/Rome:20260310T150000\n")
          E("a", "RECURRENCE-ID;TZID=Europe/Rome:20260316T090000\nSTATUS:CANCELLED\n"
                 "DTSTART;TZID=Europe/Rome:20260316T090000\n"
                 "DTEND;TZID=Europe/Rome:20260316T100000\n") },
    { "one moved out of the window", "UTC", "2026-03-09T00:00:00Z", "2026-03-14T00:00:00Z",
      E("a", ROME "RRULE:FREQ=WEEKLY;COUNT=5\n")
          E("a", "RECURRENCE-ID;TZID=Europe/Rome:20260309T090000\n"
                 "DTSTART;TZID=Europe/Rome:20260410T140000\n"
                 "DTEND;TZID=Europe/Rome:20260410T150000\n") },
    { "all day, somewhere", "America/Los_Angeles", YEAR,
      E("a", "DTSTART;VALUE=DATE:20260307\nDTEND;VALUE=DATE:20260309\n") },
    { "all day, each week, over a change of clocks", "Europe/Berlin", YEAR,
      E("a", "DTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330\n"
             "RRULE:FREQ=WEEKLY;COUNT=3\n") },
    { "all day without some", "Europe/Berlin", YEAR,
      E("a", "DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260303\nRRULE:FREQ=DAILY;COUNT=5\n"
             "EXDATE;VALUE=DATE:20260304\n") },
    { "floating is the window's zone", "Asia/Tokyo", YEAR,
      E("a", "DTSTART:20260302T090000\nDTEND:20260302T100000\nRRULE:FREQ=DAILY;COUNT=3\n") },
    { "over midnight into the window", "UTC", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z",
      E("a", "DTSTART:20260302T230000Z\nDTEND:20260303T010000Z\n") },
    { "by the hour", "UTC", YEAR,
      E("a", "DTSTART:20260302T230000Z\nDURATION:PT10M\nRRULE:FREQ=HOURLY;INTERVAL=5;COUNT=9\n") },
    { "since long ago", "UTC", "2026-03-01T00:00:00Z", "2026-04-05T00:00:00Z",
      E("a", "DTSTART;TZID=Europe/London:19960301T080000\nDURATION:PT45M\n"
             "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\n") },
    { "UTC stays UTC, wherever one looks from", "America/New_York", YEAR,
      E("a", "DTSTART:20260302T013000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;"
             "UNTIL=20261231T013000Z\nEXDATE:20260309T013000Z\n") },
    { "two zones", "UTC", YEAR,
      E("a", ROME "RRULE:FREQ=MONTHLY;COUNT=12\n")
          E("b", "DTSTART;TZID=Australia/Lord_Howe:20260302T090000\n"
                 "DTEND;TZID=Australia/Lord_Howe:20260302T100000\nRRULE:FREQ=MONTHLY;COUNT=12\n") },
};

static const char *ask(struct test *t, const char *file)
{
    FILE *answers = popen(arena_printf(t->arena, "/usr/bin/python3 %s %s", oracle, file), "r");
    struct buf b = buf_in(t->arena, 16 * 1024 * 1024);
    char piece[4096];
    size_t n;

    assert_non_null(answers);
    while ((n = fread(piece, 1, sizeof piece, answers)) > 0)
        buf_add(&b, piece, n);
    assert_int_equal(pclose(answers), 0);
    return buf_end(&b);
}

static void instances_are_those_of_another_implementation(void **state)
{
    struct test *t = *state;
    char file[] = "/tmp/ical_test_XXXXXX";
    FILE *asked = fdopen(mkstemp(file), "w");
    struct str answers, line;
    const char *ours[countof(rules)];
    size_t total = 0;

    assert_non_null(asked);
    for (size_t i = 0; i < countof(rules); i++) {
        const struct rule *r = &rules[i];
        struct ical_window w = { at(r->from), at(r->until), open_zone(t, r->zone) };
        const char *text = wrap(t->arena, "", r->events);
        struct ical *c;
        assert_ok(&t->cx, ical_read(&t->cx, str_from(text), &w, &c));
        assert_false(c->cut);
        assert_int_equal(c->skipped, 0);
        ours[i] = told(t->arena, c);
        total += c->instance_count;
        fprintf(asked, "#case %lld %lld %s\n%s", (long long)w.from_ms, (long long)w.until_ms,
                r->zone, text);
    }
    assert_true(total > 600);
    assert_int_equal(fclose(asked), 0);
    answers = str_from(ask(t, file));
    for (size_t i = 0; i < countof(rules); i++) {
        assert_true(str_split(&answers, '\n', &line));
        if (!text_is(ours[i], str_dup(t->arena, line)))
            fail_msg("%s:\nours   %s\ntheirs %.*s", rules[i].note, ours[i], (int)line.len, line.p);
    }
    unlink(file);
}

/* ---- by hand: what the other does not do ---- */
#define OWN_ZONE                                                                 \
    "BEGIN:VTIMEZONE\nTZID:Our hills\nBEGIN:STANDARD\nDTSTART:20200101T000000\n" \
    "TZOFFSETFROM:+0130\nTZOFFSETTO:+0130\nEND:STANDARD\nEND:VTIMEZONE\n"
static const struct hand {
    const char *note, *zones, *events, *want; /* starts */
    size_t skipped;
} hands[] = {
    { "a Windows zone", "",
      E("a", "DTSTART;TZID=W. Europe Standard Time:20260701T090000\nDURATION:PT1H\n"),
      "2026-07-01T07:00:00Z " },
    { "a zone behind paths", "",
      E("a", "DTSTART;TZID=/citadel.org/20070227_1/America/Argentina/Salta:20260701T090000\n"
             "DURATION:PT1H\n"),
      "2026-07-01T12:00:00Z " },
    { "a zone that the calendar explains", OWN_ZONE,
      E("a", "DTSTART;TZID=Our hills:20260701T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\n"),
      "2026-07-01T07:30:00Z 2026-07-02T07:30:00Z " },
    { "a zone that nobody knows is the window's", "",
      E("a", "DTSTART;TZID=Nowhere:20260701T090000\nDURATION:PT1H\n"), "2026-07-01T09:00:00Z " },
    { "the first counts although its rule says otherwise", "",
      E("a", "DTSTART:20260701T090000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2\n"),
      "2026-07-01T09:00:00Z 2026-07-06T09:00:00Z 2026-07-13T09:00:00Z " },
    { "a day is left out as a date", "",
      E("a", "DTSTART:20260701T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n"
             "EXDATE;VALUE=DATE:20260702\n"),
      "2026-07-01T09:00:00Z 2026-07-03T09:00:00Z " },
    { "rules that never end are not walked", "",
      E("a",
        "DTSTART:20260701T090000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\n")
          E("b", "DTSTART:20260701T100000Z\nRRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30\n"),
      "2026-07-01T09:00:00Z 2026-07-01T10:00:00Z ", 2 },
    { "an event without a start is none", "", E("a", "SUMMARY:When\n"), "" },
    { "times that cannot be", "", E("a", "DTSTART:20261301T990000Z\n"), "" },
    { "an end before the start", "", E("a", "DTSTART:20260701T090000Z\nDTEND:20260601T090000Z\n"),
      "2026-07-01T09:00:00Z " },
    { "a period", "",
      E("a", "DTSTART:20260701T090000Z\nDURATION:PT1H\n"
             "RDATE;VALUE=PERIOD:20260705T090000Z/PT3H\n"),
      "2026-07-01T09:00:00Z 2026-07-05T09:00:00Z " },
};

static void cases_worked_by_hand(void **state)
{
    struct test *t = *state;
    struct ical_window w = { at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"), NULL };

    for (size_t i = 0; i < countof(hands); i++) {
        const char *text = wrap(t->arena, hands[i].zones, hands[i].events);
        struct buf b = buf_in(t->arena, 10000);
        struct ical *c;
        assert_ok(&t->cx, ical_read(&t->cx, str_from(text), &w, &c));
        for (size_t k = 0; k < c->instance_count; k++)
            buf_printf(&b, "%s ", time_iso(t->arena, c->instances[k].start_ms));
        if (!text_is(buf_end(&b), hands[i].want) || c->skipped != hands[i].skipped)
            fail_msg("%s: %s, %zu skipped", hands[i].note, buf_end(&b), c->skipped);
    }
}

/* ---- what we write ---- */
static struct ical_person guests[] = {
    { .name = "Ada \"Duke\" O'Neil; Sons", .mail = "ada@example.com" },
    { .name = "", .mail = "bo@example.com", .answer = ICAL_DECLINED, .optional = true },
};

static struct ical_event meeting(const struct zone *z)
{
    return (struct ical_event){
        .uid = "01abc@furrow",
        .sequence = 3,
        .title = "Plan, discuss; decide \\ Grüße 🌱 and a title that is longer than a line of "
                 "seventy-five bytes may be",
        .text = "First line\nsecond, with a comma",
        .place = "Hall 3, Brno",
        .url = "https://meet.example.com/x?a=1&b=2",
        .start_ms = at("2026-10-24T08:30:00Z"),
        .end_ms = at("2026-10-24T09:15:00Z"),
        .zone = z,
        .stamp_ms = at("2026-09-01T00:00:00Z"),
        .organizer = { .name = "Miriam", .mail = "miriam@example.com" },
        .people = guests,
        .people_count = countof(guests),
        .remind_minutes = 15,
    };
}

static const struct written {
    const char *zone, *start, *end;
    enum ical_method method;
    const char *want_method;
} writtens[] = {
    { NULL, "2026-10-24T08:30:00Z", "2026-10-24T09:15:00Z", ICAL_REQUEST, "REQUEST" },
    { "Europe/Prague", "2026-10-24T08:30:00Z", "2026-10-24T09:15:00Z", ICAL_REQUEST, "REQUEST" },
    { "Europe/Prague", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", ICAL_REQUEST, "REQUEST" },
    { "America/St_Johns", "2026-03-08T05:00:00Z", "2026-03-08T06:00:00Z", ICAL_CANCEL, "CANCEL" },
    { "Asia/Kolkata", "2026-03-08T05:00:00Z", "2026-03-08T06:00:00Z", ICAL_REPLY, "REPLY" },
    { "Africa/Casablanca", "2027-02-10T05:00:00Z", "2027-02-10T06:00:00Z", ICAL_PUBLISH,
      "PUBLISH" },
    { "Europe/Dublin", "2027-02-10T05:00:00Z", "2027-02-10T06:00:00Z", ICAL_PUBLISH, "PUBLISH" },
    { "Australia/Sydney", "2026-12-24T22:00:00Z", "2026-12-24T23:00:00Z", ICAL_REQUEST, "REQUEST" },
};

static void what_we_write_is_understood(void **state)
{
    struct test *t = *state;
    char file[] = "/tmp/ical_test_XXXXXX";
    FILE *asked = fdopen(mkstemp(file), "w");
    struct str answers, line;

    assert_non_null(asked);
    for (size_t i = 0; i < countof(writtens); i++) {
        const struct written *v = &writtens[i];
        struct ical_event e = meeting(v->zone ? open_zone(t, v->zone) : NULL);
        struct buf b = buf_in(t->arena, 100000);
        e.start_ms = at(v->start);
        e.end_ms = at(v->end);
        ical_write(t->arena, &b,
                   &(struct ical_calendar){
                       .method = v->method, .name = "Miriam", .events = &e, .event_count = 1 });
        assert_ok(&t->cx, buf_status(&b));
        fprintf(asked, "#look\n%s", buf_end(&b));
        struct str rest = { b.p, b.len }, one;
        while (str_split(&rest, '\n', &one)) {
            assert_true(one.len <= 76 && one.len > 0 && one.p[one.len - 1] == '\r');
        }
    }
    assert_int_equal(fclose(asked), 0);
    answers = str_from(ask(t, file));
    for (size_t i = 0; i < countof(writtens); i++) {
        const struct written *v = &writtens[i];
        struct ical_event e = meeting(NULL);
        const char *want = arena_printf(
            t->arena,
            "%s/Miriam/%s/%s/%s/3/%s/First line|second, with a comma/%s/%s/CONFIRMED/"
            "mailto:miriam@example.com Miriam/mailto:ada@example.com Ada 'Duke' O'Neil; Sons "
            "REQ-PARTICIPANT NEEDS-ACTION %s/mailto:bo@example.com  OPT-PARTICIPANT DECLINED ",
            v->want_method, v->start, v->end, e.uid, e.title, e.place, e.url,
            v->method == ICAL_REQUEST ? "TRUE" : "");
        assert_true(str_split(&answers, '\n', &line));
        assert_string_equal(str_dup(t->arena, line), want);
    }
    unlink(file);
}

static void what_we_write_reads_back(void **state)
{
    struct test *t = *state;
    struct ical_window w = { at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"), NULL };

    for (size_t i = 0; i < countof(writtens); i++) {
        struct ical_event e = meeting(writtens[i].zone ? open_zone(t, writtens[i].zone) : NULL);
        struct buf b = buf_in(t->arena, 100000);
        struct ical *c;
        e.start_ms = at(writtens[i].start);
        e.end_ms = at(writtens[i].end);
        ical_write(t->arena, &b,
                   &(struct ical_calendar){
                       .method = writtens[i].method, .events = &e, .event_count = 1 });
        assert_ok(&t->cx, ical_read(&t->cx, (struct str){ b.p, b.len }, &w, &c));
        assert_int_equal(c->method, writtens[i].method);
        assert_int_equal(c->instance_count, 1);
        assert_int_equal(c->instances[0].start_ms, e.start_ms);
        assert_int_equal(c->instances[0].end_ms, e.end_ms);
        assert_string_equal(c->events[0].title, e.title);
        assert_string_equal(c->events[0].text, e.text);
        assert_string_equal(c->events[0].organizer.mail, "miriam@example.com");
        assert_int_equal(c->events[0].people_count, 2);
        assert_int_equal(c->events[0].people[1].answer, ICAL_DECLINED);
        assert_true(c->events[0].people[1].optional);
        assert_int_equal(c->events[0].sequence, 3);
    }
}

static void a_reply_as_outlook_writes_it(void **state)
{
    struct test *t = *state;
    struct ical_window w = { 0, 0, NULL };
    struct ical *c;

    assert_ok(&t->cx,
              ical_read(&t->cx,
                        STR("BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nPRODID:Microsoft Exchange Server "
                            "2010\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nATTENDEE;PARTSTAT=ACCEPTED;CN="
                            "\"Bo Berg\":MAILTO:Bo@Example.com\r\nCOMMENT;LANGUAGE=en-US:See "
                            "you\\, then\r\nUID:01abc@furrow\r\nSEQUENCE:2\r\nDTSTAMP:"
                            "20261001T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
                        &w, &c));
    assert_int_equal(c->method, ICAL_REPLY);
    assert_int_equal(c->event_count, 1);
    assert_string_equal(c->events[0].uid, "01abc@furrow");
    assert_string_equal(c->events[0].comment, "See you, then");
    assert_int_equal(c->events[0].people[0].answer, ICAL_ACCEPTED);
    assert_string_equal(c->events[0].people[0].mail, "bo@example.com");
    assert_int_equal(c->events[0].stamp_ms, at("2026-10-01T10:00:00Z"));
}

static void many_are_cut_and_said_so(void **state)
{
    struct test *t = *state;
    struct ical_window w = { at("2020-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"), NULL };
    struct buf b = buf_in(t->arena, 8 * 1024 * 1024);
    struct ical *c;

    for (int i = 0; i < 10; i++)
        buf_printf(&b, E("m%d", "DTSTART:20200101T000000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY\n"), i);
    u64 began = clock_mono_ns();
    assert_ok(&t->cx, ical_read(&t->cx, str_from(wrap(t->arena, "", buf_end(&b))), &w, &c));
    assert_true(c->cut);
    if (clock_mono_ns() - began < ICAL_MS * 1000000ull) /* else that cut it, at fewer */
        assert_int_equal(c->instance_count, ICAL_INSTANCES);
    assert_true(c->instance_count <= ICAL_INSTANCES);
}

static void what_is_no_calendar(void **state)
{
    static const char *const texts[] = { "", "hello", "<html><body>Sign in</body></html>",
                                         "BEGIN:VCARD\nEND:VCARD\n" };
    struct test *t = *state;
    struct ical_window w = { 0, 1, NULL };
    struct ical *c;

    for (size_t i = 0; i < countof(texts); i++) {
        assert_int_equal(ical_read(&t->cx, str_from(texts[i]), &w, &c), E_INVALID);
        ctx_clear_error(&t->cx);
    }
    char *big = arena_alloc(t->arena, ICAL_BYTES + 1, 1);
    assert_int_equal(ical_read(&t->cx, (struct str){ big, ICAL_BYTES + 1 }, &w, &c), E_TOO_LARGE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(instances_are_those_of_another_implementation),
        TEST(cases_worked_by_hand),
        TEST(what_we_write_is_understood),
        TEST(what_we_write_reads_back),
        TEST(a_reply_as_outlook_writes_it),
        TEST(many_are_cut_and_said_so),
        TEST(what_is_no_calendar),
    };

    oracle = argc > 1 ? argv[1] : "tests/io/ical_oracle.py";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
