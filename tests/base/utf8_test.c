/* Tests of base/utf8.h: validity, folding, search words, files of unknown encoding. */
#include "base/utf8.h"
#include "testing.h"

static void only_well_formed_text_without_nul_is_valid(void **state)
{
    static const struct {
        const char *note;
        struct str s;
        size_t valid_bytes;
    } cases[] = {
        { "empty", STR(""), 0 },
        { "ascii", STR("abc"), 3 },
        { "two, three, four bytes", STR("ä€😀"), 9 },
        { "last code point", STR("\xf4\x8f\xbf\xbf"), 4 },
        { "above the last", STR("a\xf4\x90\x80\x80"), 1 },
        { "surrogate", STR("a\xed\xa0\x80"), 1 },
        { "below the surrogates", STR("\xed\x9f\xbf"), 3 },
        { "overlong slash, 2", STR("\xc0\xaf"), 0 },
        { "overlong, 3", STR("\xe0\x9f\xbf"), 0 },
        { "overlong, 4", STR("\xf0\x8f\xbf\xbf"), 0 },
        { "lone continuation", STR("ab\x80"), 2 },
        { "cut short", STR("ab\xe2\x82"), 2 },
        { "byte never used", STR("\xff"), 0 },
        { "NUL", STR("ab\0c"), 2 },
        { "NUL after a long run", STR("0123456789abcdef0\0"), 17 },
        { "bad after a long run", STR("0123456789abcdefä0123456789abcdef\xff"), 34 },
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        size_t n = utf8_valid_bytes(cases[i].s);
        if (n != cases[i].valid_bytes || utf8_valid(cases[i].s) != (n == cases[i].s.len))
            fail_msg("%s: got %zu", cases[i].note, n);
    }
}

static void every_code_point_survives_put_and_next(void **state)
{
    (void)state;
    for (u32 c = 1; c <= 0x10ffff; c++) {
        char text[5] = "";
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        struct str s = { text, utf8_put(text, c) };
        if (!utf8_valid(s) || utf8_length(text) != 1 || utf8_next(&s) != c || s.len != 0)
            fail_msg("U+%04X", c);
    }
}

static void a_cut_keeps_code_points_whole(void **state)
{
    struct arena *a = *state;

    assert_string_equal(utf8_cut(a, "aä€", 99), "aä€");
    assert_string_equal(utf8_cut(a, "aä€", 6), "aä€");
    assert_string_equal(utf8_cut(a, "aä€", 5), "aä");
    assert_string_equal(utf8_cut(a, "aä€", 3), "aä");
    assert_string_equal(utf8_cut(a, "aä€", 2), "a");
    assert_string_equal(utf8_cut(a, "€", 2), "");
    assert_string_equal(utf8_cut(a, "€", 0), "");
}

static void folding_makes_what_people_call_the_same_equal(void **state)
{
    static const struct {
        const char *text, *folded;
    } cases[] = {
        { "", "" },
        { "Acme Corp", "acme corp" },
        { "  Acme \t Corp\n", "acme corp" },
        { "Ångström  AG", "angstrom ag" },
        { "A\xcc\x8angstro\xcc\x88m", "angstrom" }, /* the same in separate marks */
        { "Straße", "strasse" },
        { "STRASSE", "strasse" },
        { "İstanbul", "istanbul" },
        { "ΣΊΣΥΦΟΣ", "σισυφοσ" },
        { "Σίσυφος", "σισυφοσ" },
        { "ﬁnance", "finance" },
        { "Ｆｕｌｌ", "full" },
        { "①", "1" },
        { "a\xc2\xa0\xe2\x80\x83z", "a z" }, /* typeset spaces */
        { "한국", "한국" },                  /* composed again by NFC */
        { "株式会社", "株式会社" },
        { "Łódź", "łodz" },         /* a stroke is no mark in Unicode */
        { "\xce\x90", "\xce\xb9" }, /* folding gives marks of its own */
        { "\xc2\xa0", "" },
        { "Zażółć 😀", "zazołc 😀" },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        const char *got = utf8_fold(a, cases[i].text);
        if (strcmp(got, cases[i].folded) != 0)
            fail_msg("\"%s\": got \"%s\", want \"%s\"", cases[i].text, got, cases[i].folded);
    }
}

static void a_fold_of_a_fold_changes_nothing(void **state)
{
    struct arena *a = *state;

    for (u32 c = 1; c < 0x20000; c++) {
        char text[16] = "a";
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        size_t len = 1 + utf8_put(text + 1, c);
        text[len] = '\0';
        const char *once = utf8_fold(a, text), *twice = utf8_fold(a, once);
        if (strcmp(once, twice) != 0 || !utf8_valid(str_from(once)))
            fail_msg("U+%04X: \"%s\", then \"%s\"", c, once, twice);
        if (c % 1024 == 0)
            arena_reset(a);
    }
}

static void the_ascii_way_gives_what_icu_gives(void **state)
{
    struct arena *a = *state;

    for (u32 c = 1; c < 128; c++) {
        char plain[] = { 'x', (char)c, 'Y', (char)c, (char)c, '\0' };
        const char *fast = utf8_fold(a, plain);
        const char *slow = utf8_fold(a, arena_printf(a, "%sß", plain)); /* ß forces ICU */
        bool space = c == ' ' || (c >= 9 && c <= 13);
        assert_string_equal(arena_printf(a, "%s%sss", fast, space ? " " : ""), slow);
    }
}

static void search_words_are_runs_of_letters_and_digits(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        { "o'neil@Example.co.uk", "o neil example co uk" },
        { "--", "" },
        { "", "" },
        { "  a  ", "a" },
        { "C++ & C#", "c c" },
        { "Müller-Lüdenscheid GmbH", "muller ludenscheid gmbh" },
        { "+49 (30) 901820", "49 30 901820" },
        { "東京タワー", "東京タワー" },
        { "हिन्दी", "हिनदी" }, /* the vowel sign stays in its word */
        { "naïve—dash", "naive dash" },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        const char *got = utf8_search_words(a, cases[i].text);
        if (strcmp(got, cases[i].words) != 0)
            fail_msg("\"%s\": got \"%s\", want \"%s\"", cases[i].text, got, cases[i].words);
    }
}

static void files_of_any_common_encoding_become_utf8(void **state)
{
    static const struct {
        const char *note;
        struct str bytes;
        const char *text; /* NULL: refused */
    } cases[] = {
        { "utf-8", STR("Zoë"), "Zoë" },
        { "utf-8 with a mark", STR("\xef\xbb\xbfZoë"), "Zoë" },
        { "only the mark", STR("\xef\xbb\xbf"), "" },
        { "empty", STR(""), "" },
        { "windows-1252", STR("Zo\xeb \x80 \x93x\x94"), "Zoë € “x”" },
        { "windows-1252, unused byte", STR("\x81"), "\xc2\x81" },
        { "utf-16 little", STR("\xff\xfeZ\0o\0\xeb\0"), "Zoë" },
        { "utf-16 big", STR("\xfe\xff\0Z\0o\0\xeb"), "Zoë" },
        { "utf-16 pair", STR("\xff\xfe\x3d\xd8\x00\xde"), "😀" },
        { "utf-16 half a pair", STR("\xff\xfe\x3d\xd8z\0"), "\xef\xbf\xbdz" },
        { "utf-16 odd byte", STR("\xff\xfez\0x"), "z\xef\xbf\xbd" },
        { "utf-16 with NUL", STR("\xff\xfez\0\0\0"), NULL },
        { "NUL", STR("a\0b"), NULL },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct str out = STR("untouched");
        enum status s = utf8_from_bytes(a, cases[i].bytes, &out);
        if (s != (cases[i].text == NULL ? E_INVALID : OK))
            fail_msg("%s: status %d", cases[i].note, s);
        if (!str_is(out, cases[i].text == NULL ? "untouched" : cases[i].text))
            fail_msg("%s: got \"%.*s\"", cases[i].note, (int)out.len, out.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_well_formed_text_without_nul_is_valid),
        cmocka_unit_test(every_code_point_survives_put_and_next),
        WITH_ARENA(a_cut_keeps_code_points_whole),
        WITH_ARENA(folding_makes_what_people_call_the_same_equal),
        WITH_ARENA(a_fold_of_a_fold_changes_nothing),
        WITH_ARENA(the_ascii_way_gives_what_icu_gives),
        WITH_ARENA(search_words_are_runs_of_letters_and_digits),
        WITH_ARENA(files_of_any_common_encoding_become_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
