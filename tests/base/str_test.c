/* Tests of base/str.h. */
#include "base/str.h"
#include "testing.h"

static void whole_slices_are_numbers_or_nothing(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        i64 n;
    } cases[] = {
        { "0", true, 0 },
        { "007", true, 7 },
        { "-12", true, -12 },
        { "9223372036854775807", true, INT64_MAX },
        { "-9223372036854775808", true, INT64_MIN },
        { "9223372036854775808", false, 0 },
        { "-9223372036854775809", false, 0 },
        { "99999999999999999999", false, 0 },
        { "", false, 0 },
        { "-", false, 0 },
        { "+1", false, 0 },
        { " 1", false, 0 },
        { "1x", false, 0 },
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        i64 n = 0;
        bool ok = str_i64(str_from(cases[i].text), &n);
        if (ok != cases[i].ok || n != cases[i].n)
            fail_msg("\"%s\": got %d, %lld", cases[i].text, ok, (long long)n);
    }
}

static void splitting_gives_the_parts_between(void **state)
{
    static const struct {
        const char *text, *joined;
    } cases[] = {
        { "a,b,c", "a|b|c|" }, { "a,,b", "a||b|" }, { "a,", "a|" }, { ",a", "|a|" }, { "", "" },
        { ",", "|" },          { "abc", "abc|" },
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct str rest = str_from(cases[i].text), part;
        char joined[32];
        size_t len = 0;
        while (str_split(&rest, ',', &part)) {
            memcpy(joined + len, part.p, part.len);
            len += part.len;
            joined[len++] = '|';
        }
        joined[len] = '\0';
        assert_string_equal(joined, cases[i].joined);
    }
}

static void comparing_ignores_ascii_case_only(void **state)
{
    (void)state;
    assert_true(str_equal(STR("ab"), STR("ab")));
    assert_false(str_equal(STR("ab"), STR("aB")));
    assert_false(str_equal(STR("ab"), STR("abc")));
    assert_true(str_equal((struct str){ NULL, 0 }, STR("")));
    assert_true(str_equal_fold(STR("Content-Type"), STR("content-tYPE")));
    assert_false(str_equal_fold(STR("@"), STR("`"))); /* differ by the case bit, are no letters */
    assert_false(str_equal_fold(STR("Ä"), STR("ä")));
    assert_true(str_starts(STR("abc"), "ab"));
    assert_false(str_starts(STR("a"), "ab"));
    assert_true(str_ends(STR("abc"), "bc"));
    assert_false(str_ends(STR("c"), "bc"));
    assert_true(str_contains_fold(STR("text/HTML; x"), "html"));
    assert_false(str_contains_fold(STR("text/htm"), "html"));
    assert_true(str_contains_fold(STR(""), ""));
    assert_true(str_is(STR("abc"), "abc"));
    assert_false(str_is(STR("abc"), "ab"));
    assert_true(text_is("a", "a"));
    assert_true(text_empty(""));
    assert_true(text_empty(NULL));
    assert_false(text_empty(" "));
}

static void trimming_takes_ascii_space_at_both_ends(void **state)
{
    struct arena *a = *state;

    assert_string_equal(str_dup(a, str_trim(STR(" \t\r\n a b \v\f"))), "a b");
    assert_string_equal(str_dup(a, str_trim(STR("   "))), "");
    assert_string_equal(str_dup(a, str_trim(STR(""))), "");
    assert_string_equal(text_lower_ascii(a, "AbC-Ä1"), "abc-Ä1");
}

static void a_label_keeps_its_capitals_in_a_sentence(void **state)
{
    static const char *const cases[][2] = {
        { "Deal", "deal" },
        { "Commission Plan", "commission plan" },
        { "SLA policy", "SLA policy" },
        { "NPS answers", "NPS answers" },
        { "The MRR of Mine", "the MRR of mine" },
        { "A", "a" },
        { "", "" },
        { "Ärger", "Ärger" },
    };
    struct arena *a = *state;

    for (size_t i = 0; i < countof(cases); i++)
        assert_string_equal(text_in_sentence(a, cases[i][0]), cases[i][1]);
}

static void a_star_stands_for_anything(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } cases[] = {
        { "", "", true },        { "", "a", false },      { "*", "", true },
        { "*", "a/b", true },    { "/a", "/a", true },    { "/a", "/ab", false },
        { "/a*", "/a", true },   { "/a*", "/ab", true },  { "/a*", "/b", false },
        { "*b", "ab", true },    { "*b", "ba", false },   { "a*c*e", "abcde", true },
        { "*ab*", "aab", true }, { "a*b", "a*c", false }, { "**", "x", true },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        if (text_like(cases[i].pattern, cases[i].text) != cases[i].fits)
            fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].text);
}

/* Hashes are stored (event dictionaries), so they must never change between versions. */
static void the_hash_is_xxh3_for_ever(void **state)
{
    (void)state;
    assert_true(str_hash(STR("")) == UINT64_C(0x2d06800538d394c2));
    assert_true(str_hash((struct str){ NULL, 0 }) == str_hash(STR("")));
    assert_true(str_hash(STR("a")) == UINT64_C(0xe6c632b61e964e1f));
    assert_true(str_hash(STR("ab")) != str_hash(STR("ba")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_slices_are_numbers_or_nothing),
        cmocka_unit_test(splitting_gives_the_parts_between),
        cmocka_unit_test(comparing_ignores_ascii_case_only),
        WITH_ARENA(trimming_takes_ascii_space_at_both_ends),
        WITH_ARENA(a_label_keeps_its_capitals_in_a_sentence),
        cmocka_unit_test(a_star_stands_for_anything),
        cmocka_unit_test(the_hash_is_xxh3_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
