/* Tests of base/locale.h. */
#include "base/locale.h"
#include "testing.h"

static void places_and_languages_have_names(void **state)
{
    static const struct {
        const char *code, *country, *language;
    } cases[] = {
        { "DE", "Germany", "German" },
        { "gb", "United Kingdom", "gb" },
        { "en", "en", "English" },
        { "", "", "" },
        { "\xc3\xa4", "\xc3\xa4", "\xc3\xa4" },
        { "much too long to be one", "much too long to be one", "much too long to be one" },
    };
    struct arena *a = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        if (i != 2)
            assert_string_equal(country_name(a, cases[i].code), cases[i].country);
        assert_string_equal(language_name(a, cases[i].code), cases[i].language);
    }
    assert_string_equal(language_name_own(a, "de"), "Deutsch");
    assert_string_equal(language_name_own(a, "fr"), "français");
    assert_string_equal(language_name_own(a, ""), "");
}

static void a_country_by_its_name(void **state)
{
    static const struct {
        const char *text, *code;
    } cases[] = { { "Germany", "DE" }, { "deutschland", "DE" },
                  { "de", "DE" },      { "\xc3\x96sterreich", "AT" },
                  { "Italien", "IT" }, { "Allemagne", "DE" },
                  { "UK", "GB" },      { "United States", "US" },
                  { "Bavaria", "" },   { "", "" },
                  { "Ger many", "" } };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        assert_string_equal(country_named(cases[i].text), cases[i].code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(places_and_languages_have_names),
        cmocka_unit_test(a_country_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
