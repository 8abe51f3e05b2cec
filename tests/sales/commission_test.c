/* commission_test.c -- what people earn: cases worked by hand, and thousands of random ones that
 * Python's decimal arithmetic (commission_oracle.py) counts as well. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/testing.h"
#include "sales/commission.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RANDOM_CASES = 3000, MOST = 8 };
static const char *oracle; /* commission_oracle.py */

#define FIVE_EIGHT_TEN                                        \
    {                                                         \
        { 0, 50000 }, { 1000000, 80000 }, { 1200000, 100000 } \
    }
static const struct {
    const char *note;
    struct commission_terms terms;
    struct commission_credit credits[MOST];
    size_t count;
    i64 earns[MOST];
} cases[] = {
    { "5 % of 1,234.56 is 61.728, rounded",
      { 10000000, { { 0, 50000 } }, 1, false, 0 },
      { { 123456, -1, 0 } },
      1,
      { 6173 } },
    { "below the quota the first rate",
      { 10000000, FIVE_EIGHT_TEN, 3, false, 0 },
      { { 4000000, -1, 0 }, { 2000000, -1, 0 } },
      2,
      { 200000, 100000 } },
    { "one that crosses both boundaries: 10,000 at 5, 20,000 at 8, 5,000 at 10 %",
      { 10000000, FIVE_EIGHT_TEN, 3, false, 0 },
      { { 9000000, -1, 0 }, { 3500000, -1, 0 } },
      2,
      { 450000, 50000 + 160000 + 50000 } },
    { "exactly at the quota it is not beyond",
      { 10000000, FIVE_EIGHT_TEN, 3, false, 0 },
      { { 10000000, -1, 0 }, { 100, -1, 0 } },
      2,
      { 500000, 8 } },
    { "the rate reached holds for everything",
      { 10000000, FIVE_EIGHT_TEN, 3, true, 0 },
      { { 9000000, -1, 0 }, { 3000000, -1, 0 } },
      2,
      { 900000, 300000 } },
    { "a cap",
      { 10000000, FIVE_EIGHT_TEN, 3, false, 600000 },
      { { 10000000, -1, 0 }, { 5000000, -1, 0 }, { 100, -1, 0 } },
      3,
      { 500000, 100000, 0 } },
    { "what goes back is taken at the rates at which it came",
      { 10000000, FIVE_EIGHT_TEN, 3, false, 0 },
      { { 11000000, -1, 0 }, { -2000000, -1, 0 } },
      2,
      { 580000, -130000 } },
    { "below nothing the first rate",
      { 10000000, FIVE_EIGHT_TEN, 3, false, 0 },
      { { -100000, -1, 0 } },
      1,
      { -5000 } },
    { "a rate of its own, that fills the quota alike",
      { 10000000, FIVE_EIGHT_TEN, 3, false, 0 },
      { { 10000000, 10000, 0 }, { 1000000, -1, 0 } },
      2,
      { 100000, 80000 } },
    { "without a quota nothing is beyond it",
      { 0, FIVE_EIGHT_TEN, 3, false, 0 },
      { { 90000000, -1, 0 } },
      1,
      { 4500000 } },
    { "cents add up: thrice 0.5 of a cent are 1, 0 and 1",
      { 10000000, { { 0, 50000 } }, 1, false, 0 },
      { { 10, -1, 0 }, { 10, -1, 0 }, { 10, -1, 0 } },
      3,
      { 1, 0, 1 } },
    { "a boundary at half a cent: 10.05 of 10.045",
      { 1339, { { 0, 0 }, { 750000, 1000000 } }, 2, false, 0 },
      { { 1004, -1, 0 }, { 1, -1, 0 } },
      2,
      { 0, 1 } },
    { "huge amounts",
      { INT64_C(1000000000000000), FIVE_EIGHT_TEN, 3, false, 0 },
      { { INT64_C(2000000000000000), -1, 0 } },
      1,
      { INT64_C(50000000000000) + INT64_C(16000000000000) + INT64_C(80000000000000) } },
};

static void earns_what_was_worked_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct commission_credit got[MOST];
        i64 sum = 0, all;
        memcpy(got, cases[i].credits, sizeof got);
        all = commission_count(&cases[i].terms, got, cases[i].count);
        for (size_t k = 0; k < cases[i].count; k++) {
            if (got[k].earns != cases[i].earns[k])
                fail_msg("%s: credit %zu earns %lld, by hand %lld", cases[i].note, k,
                         (long long)got[k].earns, (long long)cases[i].earns[k]);
            sum += got[k].earns;
        }
        assert_int_equal(sum, all);
    }
}

static void shares_add_up(void **state)
{
    (void)state;
    for (i64 minor = -1001; minor < 1001; minor += 7) {
        static const i64 parts[] = { 333333, 333333, 333334 };
        i64 before = 0, sum = 0;
        for (size_t i = 0; i < countof(parts); before += parts[i++])
            sum += commission_share(minor, before, parts[i]);
        assert_int_equal(sum, minor);
    }
    assert_int_equal(commission_share(10001, 0, 500000), 5001);
    assert_int_equal(commission_share(10001, 500000, 500000), 5000);
}

/* ---- at random ---- */
static u32 seed = 11;
static i64 below(i64 n)
{
    seed = seed * 1664525u + 1013904223u;
    u64 high = seed >> 4;
    seed = seed * 1664525u + 1013904223u;
    return (i64)((high << 28 | seed >> 4) % (u64)n);
}

static size_t random_case(struct commission_terms *t, struct commission_credit *credits)
{
    i64 scale = below(3) == 0 ? 300 : below(2) ? 1000000 : INT64_C(100000000000);
    size_t count = 1 + (size_t)below(MOST);
    i64 from = 0;

    *t = (struct commission_terms){ .quota = below(5) == 0 ? 0 : 1 + below(scale),
                                    .tier_count = 1 + (size_t)below(4) };
    t->whole = below(4) == 0;
    t->cap = below(4) == 0 ? 1 + below(scale) : 0;
    for (size_t i = 0; i < t->tier_count; i++) {
        t->tiers[i] = (struct commission_tier){ from, below(200000) };
        from += 1 + below(700000);
    }
    for (size_t i = 0; i < count; i++) {
        i64 minor = below(scale) * (below(6) == 0 ? -1 : 1);
        credits[i] = (struct commission_credit){ minor, below(5) == 0 ? below(100000) : -1, 0 };
    }
    return count;
}

static void write_case(FILE *out, const struct commission_terms *t,
                       const struct commission_credit *credits, size_t count)
{
    fprintf(out, "{\"quota\": %lld, \"whole\": %d, \"cap\": %lld, \"tiers\": [",
            (long long)t->quota, t->whole, (long long)t->cap);
    for (size_t i = 0; i < t->tier_count; i++)
        fprintf(out, "%s[%lld, %lld]", i ? ", " : "", (long long)t->tiers[i].from,
                (long long)t->tiers[i].rate);
    fputs("], \"credits\": [", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s[%lld, %lld]", i ? ", " : "", (long long)credits[i].minor,
                (long long)credits[i].own_rate);
    fputs("]}\n", out);
}

static void earns_what_decimal_says(void **state)
{
    char in[] = "/tmp/commission_XXXXXX", ours[RANDOM_CASES][256], *line = NULL;
    int fd = mkstemp(in);
    FILE *out = fdopen(fd, "w"), *answers;
    char command[1000];
    size_t cap = 0;

    (void)state;
    assert_non_null(out);
    for (size_t i = 0; i < RANDOM_CASES; i++) {
        struct commission_terms t;
        struct commission_credit credits[MOST];
        size_t count = random_case(&t, credits), at = 1;
        write_case(out, &t, credits, count);
        commission_count(&t, credits, count);
        ours[i][0] = '[';
        for (size_t k = 0; k < count; k++)
            at += (size_t)snprintf(ours[i] + at, sizeof ours[i] - at, "%s%lld", k ? ", " : "",
                                   (long long)credits[k].earns);
        snprintf(ours[i] + at, sizeof ours[i] - at, "]");
    }
    fclose(out);
    snprintf(command, sizeof command, "/usr/bin/python3 %s < %s", oracle, in);
    answers = popen(command, "r");
    assert_non_null(answers);
    for (size_t i = 0; i < RANDOM_CASES; i++) {
        ssize_t len = getline(&line, &cap, answers);
        assert_true(len > 0);
        line[len - 1] = '\0';
        assert_string_equal(ours[i], line);
    }
    free(line);
    assert_int_equal(pclose(answers), 0);
    unlink(in);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(earns_what_was_worked_by_hand),
        cmocka_unit_test(shares_add_up),
        cmocka_unit_test(earns_what_decimal_says),
    };

    oracle = argc > 1 ? argv[1] : "tests/sales/commission_oracle.py";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
