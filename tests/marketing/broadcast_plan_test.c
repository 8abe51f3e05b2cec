/* Tests of marketing/broadcast_plan.h: cases worked out by hand. */
#include "marketing/broadcast_plan.h"
#include "testing.h"
#include <math.h>
#include <stdlib.h>

/* ---- states ---- */

static void each_verb_is_for_some_states(void **state)
{
    /* A row a verb: what becomes of draft, scheduled, sending, paused, finished, cancelled; - is
     * no. */
    static const struct {
        enum broadcast_verb verb;
        const char *word, *becomes[BROADCAST_STATES];
    } cases[] = {
        { VERB_SCHEDULE, "schedule", { "scheduled", "-", "-", "-", "-", "-" } },
        { VERB_UNSCHEDULE, "unschedule", { "-", "draft", "-", "-", "-", "-" } },
        { VERB_START, "start", { "-", "sending", "-", "-", "-", "-" } },
        { VERB_PAUSE, "pause", { "-", "-", "paused", "-", "-", "-" } },
        { VERB_RESUME, "resume", { "-", "-", "-", "sending", "-", "-" } },
        { VERB_CANCEL, "cancel", { "-", "cancelled", "cancelled", "cancelled", "-", "-" } },
        { VERB_FINISH, "finish", { "-", "-", "finished", "-", "-", "-" } },
        { VERB_WINNER, "winner", { "-", "-", "sending", "paused", "-", "-" } },
        { VERB_RESEND, "resend", { "-", "-", "-", "-", "finished", "-" } },
    };

    (void)state;
    assert_int_equal(countof(cases), BROADCAST_VERBS);
    for (size_t i = 0; i < countof(cases); i++) {
        assert_string_equal(broadcast_verb_word(cases[i].verb), cases[i].word);
        for (int s = 0; s < BROADCAST_STATES; s++) {
            enum broadcast_state to = BROADCAST_DRAFT;
            bool may = broadcast_may((enum broadcast_state)s, cases[i].verb, &to);
            const char *got = may ? broadcast_state_word(to) : "-";
            if (strcmp(got, cases[i].becomes[s]) != 0)
                fail_msg("%s in %s: %s", cases[i].word,
                         broadcast_state_word((enum broadcast_state)s), got);
        }
    }
    for (int s = 0; s < BROADCAST_STATES; s++)
        assert_int_equal(broadcast_state_by(broadcast_state_word((enum broadcast_state)s)), s);
}

/* ---- when ---- */

static i64 at(const char *iso)
{
    i64 ms;

    if (!time_parse(str_from(iso), &ms))
        fail_msg("no instant: %s", iso);
    return ms;
}

static void everybody_gets_it_at_their_own_time(void **state)
{
    static const struct {
        const char *note, *ours, *theirs, *send_at, *due;
    } cases[] = {
        { "at home", "Europe/Berlin", "Europe/Berlin", "2026-11-23T08:00:00Z",
          "2026-11-23T08:00:00Z" },
        { "west of us, later", "Europe/Berlin", "America/New_York", "2026-11-23T08:00:00Z",
          "2026-11-23T14:00:00Z" },
        { "east of us, earlier", "Europe/Berlin", "Asia/Tokyo", "2026-11-23T08:00:00Z",
          "2026-11-23T00:00:00Z" },
        { "half an hour", "Europe/Berlin", "Asia/Kolkata", "2026-11-23T08:00:00Z",
          "2026-11-23T03:30:00Z" },
        { "three quarters", "Europe/Berlin", "Asia/Kathmandu", "2026-11-23T08:00:00Z",
          "2026-11-23T03:15:00Z" },
        { "the first on earth", "Europe/Berlin", "Pacific/Kiritimati", "2026-11-23T08:00:00Z",
          "2026-11-22T19:00:00Z" },
        { "among the last", "Europe/Berlin", "Pacific/Pago_Pago", "2026-11-23T08:00:00Z",
          "2026-11-23T20:00:00Z" },
        { "it is the next day here already", "UTC", "America/Los_Angeles", "2026-11-23T01:00:00Z",
          "2026-11-23T09:00:00Z" },
        { "they change their clocks before us", "Europe/Berlin", "America/New_York",
          "2026-03-16T08:00:00Z", "2026-03-16T13:00:00Z" },
        { "the South has summer", "Europe/Berlin", "Australia/Sydney", "2026-01-15T08:00:00Z",
          "2026-01-14T22:00:00Z" },
        { "an hour that they skip is the one after", "UTC", "Europe/Berlin", "2026-03-29T02:30:00Z",
          "2026-03-29T01:30:00Z" },
        { "an hour that they have twice is the first", "UTC", "Europe/Berlin",
          "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z" },
        { "an hour that we have twice, the second time", "Europe/Berlin", "UTC",
          "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z" },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct zone *ours = zone_open(cases[i].ours), *theirs = zone_open(cases[i].theirs);
        i64 due = plan_local(at(cases[i].send_at), ours, theirs);
        if (due != at(cases[i].due))
            fail_msg("%s: %lld minutes off", cases[i].note,
                     (long long)(due - at(cases[i].due)) / MS_MINUTE);
        assert_true(due >= plan_first_local(at(cases[i].send_at), ours));
        assert_true(due <= plan_last_local(at(cases[i].send_at), ours));
        zone_close(ours);
        zone_close(theirs);
    }
    i64 send_at = at("2026-11-23T08:00:00Z");
    assert_int_equal(plan_last_local(send_at, NULL) - plan_first_local(send_at, NULL),
                     26 * (i64)MS_HOUR);
}

static void no_more_go_in_an_hour_than_may(void **state)
{
    static const i64 rates[] = { 1, 7, 59, 60, 61, 1000, 33333, 100000 };

    (void)state;
    for (size_t r = 0; r < countof(rates); r++) {
        i64 free_at = 0, sent = 0, first_minute = 0, burst = rates[r] < 120 ? 2 : rates[r] / 60;
        i64 now = INT64_C(1795428000000);
        for (i64 ms = 0; ms < 10 * (i64)MS_HOUR; ms += 7700) {
            i64 may = plan_allowance(rates[r], now + ms, 1000000, &free_at);
            sent += may;
            first_minute += ms < MS_MINUTE ? may : 0;
        }
        if (sent > 10 * rates[r] + burst + 1 || sent < 10 * rates[r] * 99 / 100 - 1)
            fail_msg("%lld an hour: %lld in ten", (long long)rates[r], (long long)sent);
        assert_true(first_minute <= 2 * burst + 1);
    }
    i64 free_at = 0;
    assert_int_equal(plan_allowance(0, 5, 77, &free_at), 77);
    assert_int_equal(plan_allowance(60, INT64_C(1795428000000), 0, &free_at), 0);
}

static void how_long_it_takes(void **state)
{
    static const struct {
        i64 count, per_hour, fastest, ms;
    } cases[] = {
        { 1000, 500, 0, 2 * (i64)MS_HOUR },
        { 1000, 0, 0, 0 },
        { 1000, 0, 4000, 15 * (i64)MS_MINUTE },
        { 1000, 5000, 4000, 15 * (i64)MS_MINUTE },
        { 0, 10, 10, 0 },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        assert_int_equal(plan_duration_ms(cases[i].count, cases[i].per_hour, cases[i].fastest),
                         cases[i].ms);
}

/* ---- A/B ---- */

static void tests_are_as_big_as_was_said(void **state)
{
    static const struct {
        i64 recipients;
        int share, variants;
        i64 size, each[VARIANTS_MAX];
    } cases[] = {
        { 1000, 20, 2, 200, { 100, 100 } },
        { 1000, 50, 3, 500, { 167, 167, 166 } },
        { 1000, 100, 2, 1000, { 500, 500 } },
        { 1001, 100, 4, 1001, { 251, 250, 250, 250 } },
        { 10, 10, 2, 2, { 1, 1 } },
        { 10, 10, 4, 4, { 1, 1, 1, 1 } },
        { 3, 10, 4, 3, { 1, 1, 1, 0 } },
        { 1, 50, 2, 1, { 1, 0 } },
        { 0, 50, 2, 0, { 0, 0 } },
        { 999999, 10, 2, 100000, { 50000, 50000 } },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        i64 size = plan_test_size(cases[i].recipients, cases[i].share, cases[i].variants);
        i64 each[VARIANTS_MAX] = { 0 }, rest = 0;
        assert_int_equal(size, cases[i].size);
        for (i64 p = 0; p < cases[i].recipients; p++) {
            int v = plan_variant(p, size, cases[i].variants);
            if (v == VARIANT_REST)
                rest++;
            else
                each[v]++;
        }
        assert_int_equal(rest, cases[i].recipients - size);
        for (int v = 0; v < cases[i].variants; v++)
            assert_int_equal(each[v], cases[i].each[v]);
    }
}

static void lots_are_fair_and_lasting(void **state)
{
    i64 low = 0, n = 20000;

    (void)state;
    for (i64 c = 1; c <= n; c++) {
        assert_true(plan_lot(1, c) >= 0);
        assert_int_equal(plan_lot(1, c), plan_lot(1, c));
        low += plan_lot(1, c) < INT64_MAX / 2;
    }
    assert_true(llabs(low - n / 2) < 300);
    assert_true(plan_lot(1, 7) != plan_lot(2, 7));
}

static void the_winner_is_said_with_its_chance(void **state)
{
    static const struct {
        const char *note;
        int variants;
        struct plan_count counts[VARIANTS_MAX];
        int leader;
        bool enough, significant;
        double p; /* of R's prop.test(correct = FALSE), times the comparisons */
    } cases[] = {
        { "clearly", 2, { { 1000, 200 }, { 1000, 260 } }, 1, true, true, 0.001432 },
        { "not clearly", 2, { { 1000, 200 }, { 1000, 210 } }, 1, true, false, 0.579653 },
        { "equal", 2, { { 500, 100 }, { 500, 100 } }, 0, true, false, 1 },
        { "too few", 2, { { 20, 2 }, { 20, 4 } }, 1, false, false, 1 },
        { "nobody", 2, { { 0, 0 }, { 0, 0 } }, 0, false, false, 1 },
        { "one got none", 2, { { 0, 0 }, { 10, 5 } }, 1, false, false, 1 },
        { "all did", 2, { { 100, 100 }, { 100, 100 } }, 0, false, false, 1 },
        { "of three, the best against the next",
          3,
          { { 1000, 200 }, { 1000, 260 }, { 1000, 250 } },
          1,
          true,
          false,
          1 },
        { "of three, clearly",
          3,
          { { 1000, 150 }, { 1000, 260 }, { 1000, 200 } },
          1,
          true,
          true,
          0.002865 },
        { "uneven groups", 2, { { 2000, 500 }, { 100, 40 } }, 1, true, true, 0.000810 },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct plan_verdict v = plan_judge(cases[i].counts, cases[i].variants);
        if (v.leader != cases[i].leader || v.enough != cases[i].enough ||
            v.significant != cases[i].significant || fabs(v.p - cases[i].p) > 0.000002)
            fail_msg("%s: leader %d, enough %d, significant %d, p %.6f", cases[i].note, v.leader,
                     v.enough, v.significant, v.p);
    }
}

static void an_interval_holds_the_share(void **state)
{
    double low, high;

    (void)state;
    plan_interval(&(struct plan_count){ 100, 20 }, &low, &high);
    assert_true(fabs(low - 0.1333) < 0.001 && fabs(high - 0.2888) < 0.001);
    plan_interval(&(struct plan_count){ 0, 0 }, &low, &high);
    assert_true(low == 0 && high == 1);
    plan_interval(&(struct plan_count){ 10, 0 }, &low, &high);
    assert_true(low == 0 && high > 0.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verb_is_for_some_states),
        cmocka_unit_test(everybody_gets_it_at_their_own_time),
        cmocka_unit_test(no_more_go_in_an_hour_than_may),
        cmocka_unit_test(how_long_it_takes),
        cmocka_unit_test(tests_are_as_big_as_was_said),
        cmocka_unit_test(lots_are_fair_and_lasting),
        cmocka_unit_test(the_winner_is_said_with_its_chance),
        cmocka_unit_test(an_interval_holds_the_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
