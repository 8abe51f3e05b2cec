/* reports_test.c -- the reports over journeys, on small journeys made by hand: each attribution
 * model against shares worked out on paper, funnels in both orders and at the edges of the window,
 * cohorts across the change of the clocks, paths both ways, and who may see whom. */
#include "base/id.h"
#include "bridge/attribution.h"
#include "bridge/channel.h"
#include "journey/journey.h"
#include "support/house.h"
#include <stdlib.h>

/* ---- attribution: the models ---- */
enum { DAYS_MAX = 6, NEVER = -1 };

/* Touches and milestones in days; the conversion is on day 100. Shares of 1,000,000. */
static const struct {
    const char *note;
    int touches[DAYS_MAX], count;
    const char *direct; /* 'd' for a direct touch */
    int lead, opportunity, close;
    i64 want[ATTRIBUTION_MODELS][DAYS_MAX];
} shares[] = {
    { "one touch has it all",
      { 90 },
      1,
      "-",
      90,
      95,
      100,
      { { 1000000 },
        { 1000000 },
        { 1000000 },
        { 1000000 },
        { 1000000 },
        { 1000000 },
        { 1000000 },
        { 1000000 },
        { 1000000 } } },
    /* W: 30 + 30 and 30, the rest of 10 among the milestones alike; full path: 45 and 45 */
    { "two touches have half each",
      { 86, 93 },
      2,
      "-d",
      87,
      94,
      100,
      { { 1000000, 0 },
        { 0, 1000000 },
        { 1000000, 0 },
        { 500000, 500000 },
        { 333333, 666667 }, /* a half-life apart: 1 to 2 */
        { 500000, 500000 },
        { 500000, 500000 },
        { 666667, 333333 },
        { 500000, 500000 } } },
    { "four touches with a milestone each",
      { 10, 20, 30, 40 },
      4,
      "---d",
      20,
      35,
      100,
      { { 1000000, 0, 0, 0 },
        { 0, 0, 0, 1000000 },
        { 0, 0, 1000000, 0 },
        { 250000, 250000, 250000, 250000 },
        { 0 }, /* not worked out here */
        { 400000, 100000, 100000, 400000 },
        { 400000, 400000, 100000, 100000 },
        { 300000, 300000, 300000, 100000 },
        { 250000, 250000, 250000, 250000 } } },
    /* lead and deal on the second touch: W gives it 60, full path 45 */
    { "two milestones on one touch add up",
      { 10, 20, 30, 40 },
      4,
      "dddd",
      25,
      29,
      100,
      { { 1000000, 0, 0, 0 },
        { 0, 0, 0, 1000000 },
        { 0, 0, 0, 1000000 },
        { 250000, 250000, 250000, 250000 },
        { 0 },
        { 400000, 100000, 100000, 400000 },
        { 400000, 400000, 100000, 100000 },
        { 300000, 600000, 50000, 50000 },
        { 225000, 450000, 100000, 225000 } } },
    /* first touch made the lead: U gives it 80 */
    { "the first touch made the lead",
      { 10, 20, 30 },
      3,
      "---",
      15,
      NEVER,
      NEVER,
      { { 1000000, 0, 0 },
        { 0, 0, 1000000 },
        { 0, 0, 1000000 },
        { 333334, 333333, 333333 },
        { 0 },
        { 400000, 200000, 400000 },
        { 800000, 100000, 100000 },
        { 857143, 71429, 71428 },     /* 60 to 5 to 5, without a deal */
        { 818182, 90909, 90909 } } }, /* 45 to 5 to 5 */
    { "a lead from before the touches leaves its share",
      { 10, 20, 30 },
      3,
      "---",
      5,
      NEVER,
      NEVER,
      { { 1000000, 0, 0 },
        { 0, 0, 1000000 },
        { 0, 0, 1000000 },
        { 333334, 333333, 333333 },
        { 0 },
        { 400000, 200000, 400000 },
        { 666667, 166667, 166666 },
        { 750000, 125000, 125000 },
        { 692308, 153846, 153846 } } },
};

static void each_model_gives_the_shares_worked_out_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(shares); i++) {
        i64 day = MS_DAY;
        struct attribution_story story = {
            .at_ms = 100 * day,
            .lead_ms = shares[i].lead == NEVER ? TIME_NONE : shares[i].lead * day,
            .opportunity_ms =
                shares[i].opportunity == NEVER ? TIME_NONE : shares[i].opportunity * day,
            .close_ms = shares[i].close == NEVER ? TIME_NONE : shares[i].close * day,
            .half_life_ms = 7.0 * MS_DAY,
        };
        struct attribution_touch touches[DAYS_MAX];
        struct attribution_credit got[DAYS_MAX];
        for (int k = 0; k < shares[i].count; k++)
            touches[k] = (struct attribution_touch){ shares[i].touches[k] * day,
                                                     shares[i].direct[k] == 'd' };
        for (int m = 0; m < ATTRIBUTION_MODELS; m++) {
            i64 sum = 0;
            attribution_share(m, &story, touches, (size_t)shares[i].count, 1000000, got);
            for (int k = 0; k < shares[i].count; k++) {
                sum += got[k].credit;
                if (shares[i].want[m][0] + shares[i].want[m][shares[i].count - 1] > 0 &&
                    got[k].credit != shares[i].want[m][k])
                    fail_msg("%s, %s: touch %d has %lld, not %lld", shares[i].note,
                             attribution_models[m].name, k, (long long)got[k].credit,
                             (long long)shares[i].want[m][k]);
            }
            assert_int_equal(sum, 1000000);
        }
    }
}

static void credits_always_add_up(void **state)
{
    struct attribution_touch touches[50];
    struct attribution_credit got[50];
    u64 seed = 7;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        size_t count = 1 + (size_t)(round % 50);
        i64 at = 0, sum, value;
        for (size_t i = 0; i < count; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            at += (i64)(seed >> 40);
            touches[i] = (struct attribution_touch){ at, seed >> 63 };
        }
        value = (i64)(seed >> 14);
        struct attribution_story story = { .at_ms = at + 1,
                                           .lead_ms = at / 3,
                                           .opportunity_ms = round % 3 ? at / 2 : TIME_NONE,
                                           .close_ms = at + 1,
                                           .half_life_ms = 7.0 * MS_DAY };
        for (int m = 0; m < ATTRIBUTION_MODELS; m++) {
            attribution_share(m, &story, touches, count, value, got);
            sum = 0;
            for (size_t i = 0; i < count; i++) {
                assert_true(got[i].credit >= 0);
                sum += got[i].credit;
            }
            assert_true(sum == value);
        }
    }
}

/* ---- journeys ---- */
struct happened {
    const char *person, *at, *kind; /* at: "11-20T10:00" of 2026, UTC */
    u8 channel, device;
    const char *page, *name;
};

static u32 person_of(struct house *h, const char *name)
{
    return journey_person(h->journey, PERSON_VISITOR, str_hash(str_from(name)));
}

static void put_events(struct house *h, const struct happened *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct event e = { .channel = list[i].channel, .device = list[i].device };
        e.person = person_of(h, list[i].person);
        e.kind = kit_event_code(h->kit, list[i].kind);
        e.page = journey_intern(h->journey, DICT_PAGE, str_from(list[i].page ? list[i].page : ""));
        if (list[i].name)
            e.props = arena_printf(h->arena, "{\"title\":\"x\",\"name\":\"%s\"}", list[i].name);
        assert_true(
            time_parse(str_from(arena_printf(h->arena, "2026-%s:00Z", list[i].at)), &e.at_ms));
        assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
    }
}

static const struct val *ask(struct house *h, const struct person *who, const char *report,
                             const char *query)
{
    struct web_response r = house_json(
        h, who, HTTP_GET, arena_printf(h->arena, "/api/v1/journeys/%s?%s", report, query), NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

static void expect_code(struct house *h, const struct person *who, const char *report,
                        const char *query, const char *code)
{
    struct web_response r = house_json(
        h, who, HTTP_GET, arena_printf(h->arena, "/api/v1/journeys/%s?%s", report, query), NULL);

    if (r.status != 422 || !house_has(&r, code))
        fail_msg("%s?%s: %d %.*s", report, query, r.status, (int)r.body.len, r.body.p);
}

static const struct val *row_of(const struct val *answer, const char *text)
{
    const struct val *rows = val_get(val_get(answer, "table"), "rows");

    for (size_t i = 0; i < val_count(rows); i++)
        if (text_is(val_get_text(val_at(rows, i), "text"), text))
            return val_at(rows, i);
    return NULL;
}

static const char *cell_of(const struct val *row, size_t i)
{
    return val_get_text(val_at(val_get(row, "cells"), i), "plain");
}

/* ---- funnel ---- */
#define ABC "step1=pageview&step1_page=/a&step2=form_submit&step3=deal_won&period=this_year&"
static const struct happened funnel_events[] = {
    /* straight on */
    { "straight", "03-01T10:00", "pageview", CHANNEL_EMAIL, 1, "/a" },
    { "straight", "03-01T10:10", "form_submit" },
    { "straight", "03-05T10:10", "deal_won" },
    /* the form is more than ten days after the first view, within ten of the second */
    { "again", "03-01T10:00", "pageview", CHANNEL_REFERRAL, 1, "/a" },
    { "again", "03-08T10:00", "pageview", 0, 1, "/a" },
    { "again", "03-12T10:00", "form_submit" },
    { "again", "03-17T10:00", "deal_won" },
    /* just at the end of the window, and a minute after it */
    { "edge", "03-01T10:00", "pageview", CHANNEL_EMAIL, 1, "/a" },
    { "edge", "03-11T10:00", "form_submit" },
    { "edge", "03-11T10:01", "deal_won" },
    /* a later step in between */
    { "mixed", "03-01T10:00", "pageview", CHANNEL_EMAIL, 1, "/a" },
    { "mixed", "03-01T10:05", "deal_won" },
    { "mixed", "03-01T10:10", "form_submit" },
    { "mixed", "03-01T10:20", "deal_won" },
    /* other pages are no step of this funnel */
    { "other", "03-01T10:00", "pageview", CHANNEL_EMAIL, 1, "/a" },
    { "other", "03-01T10:01", "pageview", 0, 1, "/b" },
    { "other", "03-01T10:02", "form_submit", .name = "Ask \\\"us\\\"" },
    /* in the wrong order */
    { "wrong", "03-01T10:00", "form_submit" },
    { "wrong", "03-01T10:01", "pageview", CHANNEL_DIRECT, 1, "/a" },
    { "bot", "03-01T10:00", "pageview", CHANNEL_DIRECT, 0x81, "/a" },
    { "before", "01-01T10:00", "pageview", CHANNEL_DIRECT, 1, "/b" },
};
static const struct {
    const char *query;
    i64 people[3];
} funnels[] = {
    { ABC "window=90", { 6, 5, 4 } },
    { ABC "window=10", { 6, 5, 3 } },              /* edge: the deal comes a minute late */
    { ABC "window=8", { 6, 4, 2 } },               /* again: nine days after the second view */
    { ABC "window=90&order=strict", { 6, 4, 3 } }, /* mixed: the deal breaks the chain */
    { ABC "window=90&step2_name=Ask+%22us%22", { 6, 1, 0 } },
    { ABC "window=90&step1_channel=referral", { 1, 1, 1 } },
    { ABC "window=90&step1_campaign=unheard-of", { 0, 0, 0 } },
    { "step1=pageview&step1_page=/*&step2=form_submit&step4=deal_won&period=this_year",
      { 7, 5, 4 } },
    { "step1=visit&step2=visit&step3=any&period=this_year&window=90", { 7, 2, 2 } },
};

static void funnels_carry_the_latest_first_step_on(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");

    put_events(h, funnel_events, countof(funnel_events));
    for (size_t i = 0; i < countof(funnels); i++) {
        const struct val *steps = val_get(ask(h, mara, "funnel", funnels[i].query), "steps");
        assert_int_equal(val_count(steps), 3);
        for (size_t k = 0; k < 3; k++) {
            i64 got = val_get_i64(val_at(steps, k), "people", -1);
            if (got != funnels[i].people[k])
                fail_msg("%s: step %zu has %lld people, not %lld", funnels[i].query, k + 1,
                         (long long)got, (long long)funnels[i].people[k]);
        }
    }
    const struct val *answer = ask(h, mara, "funnel", ABC "window=90&by=channel");
    assert_string_equal(cell_of(row_of(answer, "Email"), 0), "4");
    assert_string_equal(cell_of(row_of(answer, "Email"), 2), "3");
    assert_string_equal(cell_of(row_of(answer, "Direct"), 1), "0");
    assert_string_equal(val_get_text(answer, "conversion"), "67%");
    /* 10 min, 4 days, 10 days, 10 min, 2 min */
    assert_int_equal(val_get_i64(val_at(val_get(answer, "steps"), 1), "median_ms", 0),
                     10 * MS_MINUTE);
    struct web_response r = house_json(h, mara, HTTP_POST, "/api/v1/journeys/funnel",
                                       "{\"period\":\"this_year\",\"window\":8,\"steps\":[{"
                                       "\"event\":\"pageview\",\"page\":\"/a\"},"
                                       "\"form_submit\"]}");
    house_expect(h, &r, 200);
    assert_int_equal(val_get_i64(val_at(val_get(house_val(h, &r), "steps"), 1), "people", -1), 4);
}

/* Chance journeys against the definition itself: from each first step on, the next step at its
 * earliest, as long as the window lasts. */
enum { STRANGERS = 300, EVENTS = 14, WINDOW_H = 48 };
static int farthest(const struct event *events, const u16 *kinds, int steps)
{
    int best = 0;

    for (int first = 0; first < EVENTS; first++) {
        int done = events[first].kind == kinds[0];
        for (int i = first + 1; done && i < EVENTS && done < steps; i++)
            if (events[i].kind == kinds[done] &&
                events[i].at_ms - events[first].at_ms <= WINDOW_H * (i64)MS_HOUR)
                done++;
        best = done > best ? done : best;
    }
    return best;
}

static void funnels_are_what_their_definition_says(void **state)
{
    static const char *const names[] = { "pageview", "form_submit", "pageview", "deal_won" };
    static struct event events[STRANGERS][EVENTS];
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    i64 want[countof(names)] = { 0 };
    u16 kinds[countof(names)];
    u64 seed = 11;

    for (size_t k = 0; k < countof(names); k++)
        kinds[k] = kit_event_code(h->kit, names[k]);
    for (int p = 0; p < STRANGERS; p++) {
        i64 at = HOUSE_NOW - 20 * (i64)MS_DAY;
        for (int i = 0; i < EVENTS; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            at += (i64)(seed >> 33) % (12 * MS_HOUR);
            events[p][i] =
                (struct event){ .at_ms = at, .kind = kinds[(seed >> 20) % countof(names)] };
            events[p][i].person = journey_person(h->journey, PERSON_VISITOR, (u64)p + 1);
        }
        assert_ok(h->cx, journey_append_wait(h->cx, h->journey, events[p], EVENTS));
        for (int k = 0; k < farthest(events[p], kinds, (int)countof(names)); k++)
            want[k]++;
    }
    const struct val *steps =
        val_get(ask(h, mara, "funnel",
                    "step1=pageview&step2=form_submit&step3=pageview&step4=deal_won&window=2&"
                    "period=last_30_days"),
                "steps");
    for (size_t k = 0; k < countof(names); k++)
        assert_int_equal(val_get_i64(val_at(steps, k), "people", -1), want[k]);
    assert_true(want[3] > 20 && want[3] < want[2]);
}

static void what_cannot_be_asked_is_refused(void **state)
{
    static const struct {
        const char *report, *query, *code;
    } cases[] = {
        { "funnel", "step1=pageview", "funnel.steps" },
        { "funnel", "step1=moonrise&step2=pageview", "report.event" },
        { "funnel", "window=0", "report.number" },
        { "funnel", "order=any+old", "report.word" },
        { "funnel", "by=mood", "report.dimension" },
        { "funnel", "period=soon", "" },
        { "funnel", "filter=nothing+is+real", "" },
        { "funnel", "step1=pageview&step1_where=amount+%3E+3&step2=deal_won", "report.where" },
        { "funnel", "step1=pageview&step1_channel=pigeon&step2=deal_won", "report.channel" },
        { "funnel", "reached=9", "report.number" },
        { "attribution", "conversion=fame", "report.word" },
        { "attribution", "half_life=0", "report.number" },
        { "retention", "unit=day&period=last_12_months", "" },
        { "funnel", "step1=pageview&step2=deal_won&fliter=x", "query.unknown" },
        { "funnel", "step1=pageview&step1_pgae=x&step2=deal_won", "query.unknown" },
        { "attribution", "step1=pageview", "query.unknown" },
        { "paths", "steps=6", "report.number" },
        { "paths", "direction=sideways", "report.word" },
    };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");

    for (size_t i = 0; i < countof(cases); i++)
        expect_code(h, mara, cases[i].report, cases[i].query, cases[i].code);
    struct web_response r = house_get(h, mara, "/insight/funnel?step1=moonrise&step2=pageview");
    house_expect(h, &r, 422); /* what was asked is still there */
    assert_true(house_has(&r, "This cannot be answered"));
    assert_true(house_has(&r, "value=\"moonrise\" selected"));
}

/* ---- people ---- */
static i64 make(struct house *h, const char *type, ...)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);
    const char *name;
    va_list args;

    va_start(args, type);
    while ((name = va_arg(args, const char *)) != NULL)
        assert_ok(h->cx, row_parse(h->cx, r, type_field(t, name), va_arg(args, const char *)));
    va_end(args);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static void touch(struct house *h, i64 contact, i64 at_ms, u8 channel, const char *campaign,
                  const char *tuple)
{
    struct event e = { .at_ms = at_ms, .channel = channel };

    e.person = journey_person(h->journey, PERSON_CONTACT, (u64)contact);
    e.kind = kit_event_code(h->kit, "pageview");
    e.campaign = journey_intern(h->journey, DICT_CAMPAIGN, str_from(campaign));
    e.touch = journey_intern(h->journey, DICT_TOUCH, str_from(tuple));
    e.page = journey_intern(h->journey, DICT_PAGE, STR("/a"));
    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
}

static void those_behind_a_number_have_names_where_i_may_see_them(void **state)
{
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    i64 known = make(h, "contact", "first_name", "Helena", "last_name", "Brandt", NULL);
    i64 other = make(h, "contact", "first_name", "Ruben", "country", "Spain", NULL);
    const char *query = "step1=pageview&step2=pageview&period=this_month&";
    const struct val *people;
    struct web_response r;

    put_events(h, (struct happened[]){ { "a", "11-20T10:00", "pageview", 1, 1, "/a" } }, 1);
    touch(h, known, HOUSE_NOW - 2 * MS_DAY, CHANNEL_EMAIL, "", "");
    touch(h, known, HOUSE_NOW - MS_DAY, CHANNEL_EMAIL, "", "");
    touch(h, other, HOUSE_NOW - MS_DAY, CHANNEL_DIRECT, "", "");
    people =
        val_get(ask(h, mara, "funnel", arena_printf(h->arena, "%sreached=1", query)), "people");
    assert_int_equal(val_get_i64(people, "contacts", -1), 2);
    assert_int_equal(val_get_i64(people, "visitors", -1), 1);
    assert_int_equal(val_count(val_get(people, "rows")), 3); /* contacts first */
    assert_true(
        str_starts(str_from(val_get_text(val_at(val_get(people, "rows"), 2), "text")), "Visitor "));
    r = house_get(h, mara, val_get_text(val_at(val_get(people, "rows"), 2), "url"));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "/a"));
    people = val_get(ask(h, mara, "funnel", arena_printf(h->arena, "%slost=1", query)), "people");
    assert_int_equal(val_get_i64(people, "contacts", -1), 1);
    people = val_get(
        ask(h, mara, "funnel", arena_printf(h->arena, "%sreached=1&by=channel&group=email", query)),
        "people");
    assert_int_equal(val_get_i64(people, "visitors", -1), 0);
    assert_string_equal(val_get_text(val_at(val_get(people, "rows"), 0), "text"), "Helena Brandt");
    assert_string_equal(val_get_text(val_at(val_get(people, "rows"), 0), "url"),
                        arena_printf(h->arena, "/contacts/%s", id_text(h->arena, known)));
    /* a filter of contacts leaves the others out, visitors too */
    const struct val *answer =
        ask(h, mara, "funnel", arena_printf(h->arena, "%sfilter=country+%%3D+'Spain'", query));
    assert_int_equal(val_get_i64(val_at(val_get(answer, "steps"), 0), "people", -1), 1);
    answer = ask(h, mara, "funnel", arena_printf(h->arena, "%sfilter=country+%%3D+'Peru'", query));
    assert_int_equal(val_get_i64(val_at(val_get(answer, "steps"), 0), "people", -1), 0);
    assert_string_equal(val_get_text(val_get(answer, "empty"), "title"),
                        "Nobody did the first step");
    r = house_get(h, mara, arena_printf(h->arena, "/insight/funnel.csv?%sreached=2", query));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Helena Brandt"));
    assert_false(house_has(&r, "Ruben"));
    /* somebody without contacts sees how many, not who */
    h->cx->access = access_system();
    struct row *role = row_new(h->cx, type_find(h->cx, "role"));
    const struct record_type *t = row_type(role);
    assert_ok(h->cx, row_parse(h->cx, role, type_field(t, "name"), "Numbers only"));
    assert_ok(h->cx,
              row_parse(h->cx, role, type_field(t, "rules"), "{\"journey\":{\"read\":\"all\"}}"));
    assert_ok(h->cx, record_save(h->cx, role));
    struct person *nora = house_user(h, "Nora", "Numbers only");
    people =
        val_get(ask(h, nora, "funnel", arena_printf(h->arena, "%sreached=1", query)), "people");
    assert_int_equal(val_get_i64(people, "contacts", -1), 2);
    assert_int_equal(val_count(val_get(people, "rows")), 3);
    assert_string_equal(val_get_text(val_at(val_get(people, "rows"), 0), "text"),
                        "A person who is not yours to see");
    assert_string_equal(val_get_text(val_at(val_get(people, "rows"), 0), "url"), "");
    r = house_get(h, nora, "/insight/funnel.csv");
    house_expect(h, &r, 403);
}

/* ---- attribution: from deals to channels ---- */
static i64 win(struct house *h, const struct person *who, const char *amount, i64 contact, i64 made,
               i64 won)
{
    i64 deal;
    struct web_response r;

    h->clock->fixed_ms = made;
    deal = contact ? make(h, "deal", "name", "Deal", "amount", amount, "contact_id",
                          id_text(h->arena, contact), NULL)
                   : make(h, "deal", "name", "Deal", "amount", amount, NULL);
    h->clock->fixed_ms = won;
    r = house_post(h, who, arena_printf(h->arena, "/deals/%s/won", id_text(h->arena, deal)), "");
    house_expect(h, &r, 303);
    h->clock->fixed_ms = HOUSE_NOW;
    return deal;
}

static void money_is_shared_among_the_touches_before_it(void **state)
{
    struct house *h = *state;
    struct person *ines = house_user(h, "Ines", "Sales");
    i64 now = HOUSE_NOW, day = MS_DAY;
    i64 helena, ruben;
    const struct val *answer;

    h->clock->fixed_ms = now - 30 * day;
    helena = make(h, "contact", "first_name", "Helena", NULL); /* a lead since then */
    ruben = make(h, "contact", "first_name", "Ruben", NULL);
    h->clock->fixed_ms = now;
    touch(h, helena, now - 200 * day, CHANNEL_REFERRAL, "old", "");
    touch(h, helena, now - 40 * day, CHANNEL_PAID_SEARCH, "frost", "{\"content\":\"a\"}");
    touch(h, helena, now - 20 * day, CHANNEL_EMAIL, "frost",
          "{\"source\":\"x\",\"content\":\"a\"}");
    touch(h, helena, now - 13 * day, CHANNEL_DIRECT, "", "");
    touch(h, helena, now - 1 * day, CHANNEL_DISPLAY, "late", ""); /* after the deal was won */
    touch(h, helena, now - 15 * day, CHANNEL_NONE, "", "");
    win(h, ines, "100.01 EUR", helena, now - 10 * day, now - 5 * day);
    win(h, ines, "50 EUR", ruben, now - 10 * day, now - 5 * day);
    win(h, ines, "7 EUR", 0, now - 10 * day, now - 5 * day);
    answer = ask(h, ines, "attribution", "period=last_30_days");
    assert_int_equal(val_get_i64(answer, "conversions", -1), 3);
    assert_int_equal(val_get_i64(answer, "touched", -1), 1);
    assert_true(str_starts(str_from(val_get_text(answer, "rows_path")), "/deals?filter=status"));
    static const struct {
        const char *row, *cells[ATTRIBUTION_MODELS];
    } want[] = {
        { "Paid search",
          { "100.01", "0.00", "0.00", "33.34", NULL, "40.01", "80.01", NULL, NULL } },
        { "Email", { "0.00", "0.00", "100.01", "33.34", NULL, "20.00", "10.00", NULL, NULL } },
        { "Direct", { "0.00", "100.01", "0.00", "33.33", NULL, "40.00", "10.00", NULL, NULL } },
        { "(no touch)",
          { "57.00", "57.00", "57.00", "57.00", "57.00", "57.00", "57.00", "57.00", "57.00" } },
        { "Total",
          { "157.01", "157.01", "157.01", "157.01", "157.01", "157.01", "157.01", "157.01",
            "157.01" } },
    };
    for (size_t i = 0; i < countof(want); i++) {
        assert_non_null(row_of(answer, want[i].row));
        for (size_t m = 0; m < ATTRIBUTION_MODELS; m++)
            if (want[i].cells[m] &&
                !text_is(cell_of(row_of(answer, want[i].row), m), want[i].cells[m]))
                fail_msg("%s, %s: %s, not %s", want[i].row, attribution_models[m].name,
                         cell_of(row_of(answer, want[i].row), m), want[i].cells[m]);
    }
    assert_null(row_of(answer, "Display"));
    assert_null(row_of(answer, "Referral"));
    answer = ask(h, ines, "attribution", "period=last_30_days&look_back=250");
    assert_string_equal(cell_of(row_of(answer, "Referral"), ATTRIBUTION_FIRST), "100.01");
    /* the same content of two tuples is one row; what has none is another */
    answer = ask(h, ines, "attribution", "period=last_30_days&by=content");
    assert_string_equal(cell_of(row_of(answer, "a"), ATTRIBUTION_LINEAR), "66.68");
    assert_string_equal(cell_of(row_of(answer, "Not known"), ATTRIBUTION_LINEAR), "33.33");
    answer = ask(h, ines, "attribution", "period=last_30_days&by=campaign&conversion=pipeline");
    assert_string_equal(cell_of(row_of(answer, "frost"), ATTRIBUTION_FIRST), "100.01");
    answer = ask(h, ines, "attribution", "period=last_90_days&conversion=leads");
    assert_string_equal(cell_of(row_of(answer, "Paid search"), ATTRIBUTION_U_SHAPED), "1.00");
    assert_string_equal(cell_of(row_of(answer, "Total"), ATTRIBUTION_FIRST), "2.00");
    answer = ask(h, ines, "attribution", "period=last_90_days&filter=first_name+%3D+'Ruben'");
    assert_string_equal(cell_of(row_of(answer, "Total"), ATTRIBUTION_FIRST), "50.00");
    assert_string_equal(cell_of(row_of(answer, "(no touch)"), ATTRIBUTION_FIRST), "50.00");
    struct web_response r =
        house_get(h, ines, "/insight/attribution.csv?period=last_30_days&by=channel");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Paid search,100.01,0.00,0.00,33.34,"));
}

/* ---- retention ---- */
static void weeks_are_those_of_the_workspace(void **state)
{
    /* The clocks go back on Sunday 25 October 2026 in Berlin: that week ends at 23:00 UTC. */
    static const struct happened events[] = {
        { "a", "10-18T22:30", "pageview", 1, 1, "/a" }, /* Monday, 00:30 */
        { "a", "10-18T22:40", "pageview", 0, 1, "/b" }, /* the same visit: no return */
        { "a", "10-25T22:30", "pageview", 0, 1, "/a" }, /* Sunday, 23:30: the same week */
        { "b", "10-18T21:30", "pageview", 1, 1, "/a" }, /* Sunday, 23:30: the week before */
        { "b", "10-25T23:30", "pageview", 1, 1, "/a" }, /* Monday, 00:30: two weeks on */
        { "c", "10-20T10:00", "pageview", 1, 1, "/a" },    { "c", "10-26T10:00", "form_submit" },
        { "d", "10-20T10:00", "pageview", 1, 0x81, "/a" },
    };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    const struct val *answer, *row;

    put_events(h, events, countof(events));
    answer = ask(h, mara, "retention", "period=2026-10-12..2026-11-01&start=visit&return=visit");
    assert_int_equal(val_get_i64(answer, "people_count", -1), 3);
    row = row_of(answer, "19 Oct 2026");
    assert_string_equal(cell_of(row, 0), "2");
    assert_string_equal(cell_of(row, 1), "0.5000");
    assert_string_equal(cell_of(row, 2), "0.0000");
    row = row_of(answer, "12 Oct 2026");
    assert_string_equal(cell_of(row, 0), "1");
    assert_string_equal(cell_of(row, 2), "0.0000");
    assert_string_equal(cell_of(row, 3), "1.0000");
    answer = ask(h, mara, "retention",
                 "period=2026-10-12..2026-11-01&start=pageview&start_page=/a&return=form_submit");
    assert_string_equal(cell_of(row_of(answer, "19 Oct 2026"), 2), "0.5000");
    answer = ask(h, mara, "retention", "period=2026-10-17..2026-10-26&unit=day");
    assert_string_equal(cell_of(row_of(answer, "Mon 19 Oct"), 0), "1");
    assert_string_equal(cell_of(row_of(answer, "Mon 19 Oct"), 7), "1.0000");
    assert_string_equal(cell_of(row_of(answer, "Sun 18 Oct"), 9), "1.0000");
    answer = ask(h, mara, "retention", "period=this_year&unit=month");
    assert_string_equal(cell_of(row_of(answer, "Oct 2026"), 0), "3");
}

/* ---- paths ---- */
static void paths_go_both_ways(void **state)
{
    static const struct happened events[] = {
        { "a", "11-10T10:00", "pageview", CHANNEL_EMAIL, 1, "/" },
        { "a", "11-10T10:01", "engagement", 0, 1, "/" },
        { "a", "11-10T10:02", "pageview", 0, 1, "/price" },
        { "a", "11-10T10:03", "pageview", 0, 1, "/price" },
        { "a", "11-10T10:04", "form_submit" },
        { "b", "11-10T10:00", "pageview", CHANNEL_REFERRAL, 1, "/" },
        { "b", "11-12T10:00", "pageview", CHANNEL_EMAIL, 1, "/price" },
        { "b", "11-12T10:05", "form_submit" },
        { "c", "11-10T10:00", "pageview", CHANNEL_DIRECT, 1, "/" },
    };
    struct house *h = *state;
    struct person *mara = house_user(h, "Mara", "Marketing");
    const struct val *answer;

    put_events(h, events, countof(events));
    answer = ask(h, mara, "paths", "period=this_month&event=form_submit");
    assert_int_equal(val_get_i64(answer, "people_count", -1), 2);
    assert_string_equal(cell_of(row_of(answer, "/ › /price"), 0), "1");
    assert_string_equal(cell_of(row_of(answer, "/price"), 0), "1"); /* b came back days later */
    answer = ask(h, mara, "paths", "period=this_month&event=form_submit&reach=journey");
    assert_string_equal(cell_of(row_of(answer, "/ › /price"), 0), "2");
    answer = ask(h, mara, "paths",
                 "period=this_month&event=form_submit&reach=journey&by=channel&steps=2");
    assert_string_equal(cell_of(row_of(answer, "Referral › Email"), 0), "1");
    answer = ask(h, mara, "paths",
                 "period=this_month&event=pageview&event_page=/&direction=forward&steps=1");
    assert_string_equal(cell_of(row_of(answer, "/price"), 0), "1");
    assert_string_equal(cell_of(row_of(answer, "(nothing more)"), 0), "2");
    const struct val *links = val_get(val_get(answer, "chart"), "rows");
    i64 sum = 0;
    for (size_t i = 0; i < val_count(links); i++)
        sum += val_get_i64(val_at(links, i), "number", 0);
    assert_int_equal(sum, 3);
    answer = ask(h, mara, "paths", "period=this_month&event=pageview&direction=forward&by=event");
    assert_string_equal(cell_of(row_of(answer, "Form submitted"), 0), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_model_gives_the_shares_worked_out_by_hand),
        cmocka_unit_test(credits_always_add_up),
        IN_BOTH_HOUSES(funnels_carry_the_latest_first_step_on, NULL),
        IN_SQLITE_HOUSE(funnels_are_what_their_definition_says, NULL),
        IN_BOTH_HOUSES(what_cannot_be_asked_is_refused, NULL),
        IN_BOTH_HOUSES(those_behind_a_number_have_names_where_i_may_see_them, NULL),
        IN_BOTH_HOUSES(money_is_shared_among_the_touches_before_it, NULL),
        IN_BOTH_HOUSES(weeks_are_those_of_the_workspace, NULL),
        IN_BOTH_HOUSES(paths_go_both_ways, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
