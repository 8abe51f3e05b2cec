/* vat_test.c -- VAT ids: one that is right of each country, in the ways people write them, and what
 * is none. */
#include "base/str.h"
#include "base/testing.h"
#include "base/vat.h"

static int open_arena(void **state)
{
    *state = arena_new(4096);
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static void one_of_each_country(void **state)
{
    static const struct {
        const char *id, *country;
        bool last_is_checked; /* another digit at the end is found out */
    } cases[] = { { "ATU13585627", "AT", true },     { "BE0428759497", "BE", true },
                  { "BG175074752", "BG", false },    { "CHE116281710", "CH", true },
                  { "CY10259033P", "CY", false },    { "CZ25123891", "CZ", false },
                  { "DE136695976", "DE", true },     { "DK13585628", "DK", true },
                  { "EE100931558", "EE", true },     { "EL123456783", "GR", true },
                  { "ESB58378431", "ES", false },    { "FI20774740", "FI", true },
                  { "FR40303265045", "FR", true },   { "FRK7399859412", "FR", false },
                  { "GB980780684", "GB", false },    { "GBGD001", "GB", false },
                  { "HR33392005961", "HR", true },   { "HU12892312", "HU", true },
                  { "IE6433435F", "IE", false },     { "IE6433435OA", "IE", false },
                  { "IE8D79739I", "IE", false },     { "IT00743110157", "IT", true },
                  { "LT119511515", "LT", false },    { "LT100001919017", "LT", false },
                  { "LU15027442", "LU", true },      { "LV40003521600", "LV", false },
                  { "MT11679112", "MT", true },      { "NL004495445B01", "NL", false },
                  { "NO995525828", "NO", true },     { "PL8567346215", "PL", true },
                  { "PT501964843", "PT", true },     { "RO18547290", "RO", true },
                  { "SE123456789701", "SE", false }, { "SI50223054", "SI", true },
                  { "SK2022749619", "SK", false },   { "XI980780684", "XI", false } };
    struct arena *a = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        const char *why = "", *id = vat_read(a, cases[i].id, "", &why);
        char *wrong = arena_text(a, cases[i].id), *last = wrong + strlen(wrong) - 1;
        if (id == NULL)
            fail_msg("%s", why);
        assert_string_equal(id, cases[i].id);
        assert_string_equal(vat_country(id), cases[i].country);
        *last = *last == '9' ? '0' : (char)(*last + 1);
        if (cases[i].last_is_checked && vat_read(a, wrong, "", &why) != NULL)
            fail_msg("%s is taken", wrong);
        assert_null(vat_read(a, arena_printf(a, "%s123456789", cases[i].id), "", &why));
    }
}

static void as_people_write_them(void **state)
{
    static const struct {
        const char *text, *country, *id; /* NULL: it is none */
    } cases[] = { { " de 136.695.976 ", "", "DE136695976" },
                  { "136 695 976", "DE", "DE136695976" },
                  { "DE136695976", "FR", "DE136695976" },
                  { "123456783", "GR", "EL123456783" },
                  { "CHE-116.281.710 MWST", "", "CHE116281710MWST" },
                  { "no 995 525 828 mva", "NO", "NO995525828MVA" },
                  { "GR123456783", "", "GR123456783" }, /* not of these: as it is */
                  { "GR123456783", "GR", NULL },
                  { "12-3456789", "US", "123456789" },
                  { "ABN 51 824 753 556", "AU", "ABN51824753556" },
                  { "DE136695967", "", NULL }, /* two the wrong way round */
                  { "DE13669597", "", NULL },
                  { "DE136695976X", "", NULL },
                  { "136695976", "FR", NULL },
                  { "FR0303265045", "", NULL },
                  { "SE123456789700", "", NULL },
                  { "RO1", "", NULL },
                  { "RO19", "", "RO19" },
                  { "DE", "", NULL },
                  { "", "", NULL },
                  { "kein Unternehmer", "DE", NULL },
                  { "n/a!", "", NULL },
                  { "Müller", "", NULL },
                  { "0123456789012345678901234567890", "", NULL } };
    struct arena *a = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        const char *why = "", *id = vat_read(a, cases[i].text, cases[i].country, &why);
        if (!text_is(id ? id : "none", cases[i].id ? cases[i].id : "none"))
            fail_msg("\"%s\" in %s: %s", cases[i].text, cases[i].country, id ? id : why);
        assert_int_equal(id == NULL, why[0] != '\0');
    }
}

static void members_of_the_union(void **state)
{
    static const char *const in[] = { "AT", "DE", "GR", "MC", "SK" }, *const out[] = {
        "", "CH", "EL", "GB", "NO", "XI", "US", "T B", "A"
    };

    (void)state;
    for (size_t i = 0; i < countof(in); i++)
        assert_true(vat_in_union(in[i]));
    for (size_t i = 0; i < countof(out); i++)
        assert_false(vat_in_union(out[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_of_each_country, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(as_people_write_them, open_arena, close_arena),
        cmocka_unit_test(members_of_the_union),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
