/* Tests of base/money.h: one reading or none, showing, exact arithmetic. */
#include "base/money.h"
#include "testing.h"
#include <unicode/ucurr.h>
#include <unicode/ustring.h>

static void an_amount_has_one_reading_or_none(void **state)
{
    static const struct {
        const char *text, *currency;
        bool ok;
        i64 minor;
        const char *got_currency;
    } cases[] = {
        { "1234.5", "EUR", true, 123450, "EUR" },
        { "1,234.50", "EUR", true, 123450, "EUR" },
        { "1.234,50", "EUR", true, 123450, "EUR" },
        { "1 234,50", "EUR", true, 123450, "EUR" },
        { "1\xc2\xa0"
          "234,50",
          "EUR", true, 123450, "EUR" },
        { "1\xe2\x80\xaf"
          "234,50",
          "EUR", true, 123450, "EUR" },
        { "1'234.50", "CHF", true, 123450, "CHF" },
        { "1,234,567", "EUR", true, 123456700, "EUR" },
        { "1.234.567", "EUR", true, 123456700, "EUR" },
        { "12,34,567", "EUR", false, 0, "" },
        { "1,234.567,89", "EUR", false, 0, "" },
        { "-3", "EUR", true, -300, "EUR" },
        { "\xe2\x88\x92"
          "3",
          "EUR", true, -300, "EUR" },
        { "+3", "EUR", true, 300, "EUR" },
        { "--3", "EUR", false, 0, "" },
        { "€ 12", "EUR", true, 1200, "EUR" },
        { "€12", "", true, 1200, "EUR" },
        { "-€12", "EUR", true, -1200, "EUR" },
        { "€-12", "EUR", true, -1200, "EUR" },
        { "12 EUR", "", true, 1200, "EUR" },
        { "12 eur", "EUR", true, 1200, "EUR" },
        { "EUR 12", "EUR", true, 1200, "EUR" },
        { "12,50 €", "EUR", true, 1250, "EUR" },
        { "$12", "USD", true, 1200, "USD" },
        { "$12", "CAD", true, 1200, "CAD" },
        { "CA$12", "CAD", true, 1200, "CAD" },
        { "$12", "EUR", false, 0, "" },
        { "$12", "", false, 0, "" }, /* whose dollar? */
        { "12", "", false, 0, "" },
        { "€12 EUR", "EUR", false, 0, "" },
        { "12 XQX", "", false, 0, "" },
        { "1,234", "EUR", true, 123400, "EUR" },
        { "1.234", "EUR", false, 0, "" }, /* a thousand, or a slip */
        { "1.500", "EUR", false, 0, "" },
        { "0.500", "EUR", true, 50, "EUR" },
        { "1234.567", "EUR", false, 0, "" },
        { "1234.5600", "EUR", true, 123456, "EUR" },
        { "12,5", "EUR", true, 1250, "EUR" },
        { "0,5", "EUR", true, 50, "EUR" },
        { ".5", "EUR", true, 50, "EUR" },
        { "5.", "EUR", false, 0, "" },
        { ".", "EUR", false, 0, "" },
        { "1234", "JPY", true, 1234, "JPY" },
        { "1,234", "JPY", true, 1234, "JPY" },
        { "1234.00", "JPY", true, 1234, "JPY" },
        { "1234.5", "JPY", false, 0, "" },
        { "1.234", "KWD", true, 1234, "KWD" },
        { "1,234", "KWD", false, 0, "" },
        { "1,234.567", "KWD", true, 1234567, "KWD" },
        { "92233720368547758.07", "EUR", true, INT64_MAX, "EUR" },
        { "92233720368547758.08", "EUR", false, 0, "" },
        { "1000000000000000000000000", "EUR", false, 0, "" },
        { "", "EUR", false, 0, "" },
        { "   ", "EUR", false, 0, "" },
        { "abc", "EUR", false, 0, "" },
        { "12abc", "EUR", false, 0, "" },
        { "1 2", "EUR", false, 0, "" },
        { "12 34", "EUR", false, 0, "" },
        { " 12 ", "EUR", true, 1200, "EUR" },
        { "1e3", "EUR", false, 0, "" },
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct money m = { 0 };
        const char *why = NULL;
        enum status s = money_parse(str_from(cases[i].text), cases[i].currency, &m, &why);
        if ((s == OK) != cases[i].ok || m.minor != cases[i].minor ||
            strcmp(m.currency, cases[i].got_currency) != 0)
            fail_msg("\"%s\" in %s: got %s %lld %s (%s)", cases[i].text, cases[i].currency,
                     status_word(s), (long long)m.minor, m.currency, why == NULL ? "" : why);
        if (s != OK && (why == NULL || why[0] == '\0'))
            fail_msg("\"%s\": refused without a reason", cases[i].text);
    }
}

static void every_amount_reads_back_from_its_plain_form(void **state)
{
    static const i64 minors[] = {
        0, 1, -1, 99, 100, 123456, 1234567, -1000, INT64_MAX, -INT64_MAX
    };
    static const char *const currencies[] = { "EUR", "JPY", "KWD", "USD" };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(minors); i++) {
        for (size_t c = 0; c < countof(currencies); c++) {
            struct money m = { .minor = minors[i] }, back;
            const char *why;
            memcpy(m.currency, currencies[c], 4);
            const char *forms[] = { money_plain(a, m), money_show(a, m) };
            for (size_t f = 0; f < countof(forms); f++) {
                /* "1,234" dinars is the one text that is shown but not read: fils are always
                 * shown */
                if (money_parse(str_from(forms[f]), currencies[c], &back, &why) != OK ||
                    back.minor != m.minor)
                    fail_msg("%lld %s: \"%s\": %s", (long long)m.minor, m.currency, forms[f], why);
            }
        }
    }
}

static void amounts_are_shown_as_the_interface_writes_them(void **state)
{
    static const struct {
        struct money m;
        const char *plain, *show, *brief;
    } cases[] = {
        { { 123450, "EUR" }, "1234.50", "€1,234.50", "€1.2K" },
        { { 0, "EUR" }, "0.00", "€0.00", "€0.00" },
        { { 5, "EUR" }, "0.05", "€0.05", "€0.05" },
        { { -5, "EUR" }, "-0.05", "-€0.05", "-€0.05" },
        { { 9999, "EUR" }, "99.99", "€99.99", "€99.99" },
        { { 10050, "EUR" }, "100.50", "€100.50", "€101" },
        { { 99949, "EUR" }, "999.49", "€999.49", "€999" },
        { { 99950, "EUR" }, "999.50", "€999.50", "€1K" },
        { { 100000, "USD" }, "1000.00", "$1,000.00", "$1K" },
        { { 9994000, "EUR" }, "99940.00", "€99,940.00", "€99.9K" },
        { { 9996000, "EUR" }, "99960.00", "€99,960.00", "€100K" },
        { { 12345600, "EUR" }, "123456.00", "€123,456.00", "€123K" },
        { { 99996000, "EUR" }, "999960.00", "€999,960.00", "€1M" },
        { { 120000000, "EUR" }, "1200000.00", "€1,200,000.00", "€1.2M" },
        { { -120000000, "EUR" }, "-1200000.00", "-€1,200,000.00", "-€1.2M" },
        { { 1234567, "JPY" }, "1234567", "¥1,234,567", "¥1.2M" },
        { { 1234567, "KWD" },
          "1234.567",
          "KWD\xc2\xa0"
          "1,234.567",
          "KWD\xc2\xa0"
          "1.2K" },
        { { 123456, "CHF" },
          "1234.56",
          "CHF\xc2\xa0"
          "1,234.56",
          "CHF\xc2\xa0"
          "1.2K" },
        { { INT64_MAX, "EUR" }, "92233720368547758.07", "€92,233,720,368,547,758.07", "€92,234T" },
        { { INT64_MIN, "EUR" },
          "-92233720368547758.08",
          "-€92,233,720,368,547,758.08",
          "-€92,234T" },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        assert_string_equal(money_plain(a, cases[i].m), cases[i].plain);
        assert_string_equal(money_show(a, cases[i].m), cases[i].show);
        assert_string_equal(money_short(a, cases[i].m), cases[i].brief);
    }
}

static void currencies_are_those_in_use(void **state)
{
    (void)state;
    assert_true(currency_known("EUR"));
    assert_true(currency_known("USD"));
    assert_true(currency_known("JPY"));
    assert_true(currency_known("GBP")); /* given up elsewhere, in use at home */
    assert_true(currency_known("INR"));
    assert_true(currency_known("EGP"));
    assert_false(currency_known("DEM"));
    assert_false(currency_known("ZZZ"));
    assert_false(currency_known("eur"));
    assert_false(currency_known("EU"));
    assert_false(currency_known("EURO"));
    assert_false(currency_known(""));
    assert_int_equal(currency_digits("EUR"), 2);
    assert_int_equal(currency_digits("JPY"), 0);
    assert_int_equal(currency_digits("KWD"), 3);
    assert_int_equal(currency_digits("CLF"), 4);
    assert_int_equal(currency_digits(""), 2);
}

static void the_shortcut_for_common_currencies_is_icus(void **state)
{
    static const char *const codes[] = { "EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK",
                                         "DKK", "PLN", "CAD", "AUD", "INR", "BRL", "CNY" };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(codes); i++) {
        UErrorCode error = U_ZERO_ERROR;
        struct money m = { .minor = 5 };
        char symbol[32];
        UChar wide[4];
        int32_t len;
        memcpy(m.currency, codes[i], 4);
        u_charsToUChars(codes[i], wide, 4);
        assert_int_equal(currency_digits(codes[i]), ucurr_getDefaultFractionDigits(wide, &error));
        const UChar *name = ucurr_getName(wide, "en", UCURR_SYMBOL_NAME, NULL, &len, &error);
        u_strToUTF8(symbol, sizeof symbol, NULL, name, len, &error);
        assert_true(U_SUCCESS(error));
        assert_true(str_starts(str_from(money_show(a, m)), symbol));
    }
}

static void products_are_exact_and_round_half_away_from_zero(void **state)
{
    static const struct {
        i64 a, b, c, want;
    } cases[] = {
        { 100, 19, 100, 19 },
        { 1, 1, 2, 1 },
        { -1, 1, 2, -1 },
        { 1, -1, 2, -1 },
        { -1, -1, 2, 1 },
        { 1, 1, -2, -1 },
        { 1, 1, 3, 0 },
        { 2, 1, 3, 1 },
        { 7, 3, 5, 4 },
        { 0, 5, 7, 0 },
        { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX },
        { INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN },
        { INT64_MAX, 100, 3, INT64_MAX },
        { INT64_MIN, 100, 3, INT64_MIN },
        { INT64_MIN, INT64_MIN, 1, INT64_MAX },
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        if (money_muldiv(cases[i].a, cases[i].b, cases[i].c) != cases[i].want)
            fail_msg("case %zu: got %lld", i,
                     (long long)money_muldiv(cases[i].a, cases[i].b, cases[i].c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_amount_has_one_reading_or_none),
        WITH_ARENA(every_amount_reads_back_from_its_plain_form),
        WITH_ARENA(amounts_are_shown_as_the_interface_writes_them),
        cmocka_unit_test(currencies_are_those_in_use),
        WITH_ARENA(the_shortcut_for_common_currencies_is_icus),
        cmocka_unit_test(products_are_exact_and_round_half_away_from_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
