/* Tests of base/zone_set.h. */
#include "base/zone_set.h"
#include "testing.h"

static void a_country_has_a_zone_where_its_clocks_agree(void **state)
{
    static const struct {
        const char *country, *zone;
    } cases[] = {
        { "Germany", "Europe/Berlin" },
        { "germany", "Europe/Berlin" },
        { "DE", "Europe/Berlin" },
        { "Deutschland", "Europe/Berlin" },
        { "Italia", "Europe/Rome" },
        { "United Kingdom", "Europe/London" },
        { "UK", "Europe/London" },
        { "Japan", "Asia/Tokyo" },
        { "India", "Asia/Kolkata" },
        { "Nepal", "Asia/Kathmandu" },
        { "United States", NULL },
        { "Spain", NULL },
        { "Australia", NULL },
        { "Portugal", NULL },
        { "Nowhere", NULL },
        { "", NULL },
    };
    i64 noon = date_from_ymd(2026, 7, 1) * MS_DAY + 12 * (i64)MS_HOUR;
    struct zone_set *s = zone_set_new();

    (void)state;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < countof(cases); i++) {
            const struct zone *z = zone_set_of_country(s, cases[i].country);
            if ((z != NULL) != (cases[i].zone != NULL))
                fail_msg("%s: %s", cases[i].country, z ? "a zone" : "none");
            if (z)
                assert_int_equal(zone_minute(z, noon),
                                 zone_minute(zone_set_find(s, cases[i].zone), noon));
        }
    zone_set_free(s);
}

static void zones_are_opened_once(void **state)
{
    struct zone_set *s = zone_set_new();

    (void)state;
    assert_ptr_equal(zone_set_find(s, "Asia/Tokyo"), zone_set_find(s, "Asia/Tokyo"));
    assert_null(zone_set_find(s, "Middle/Earth"));
    assert_null(zone_set_find(s, ""));
    assert_true(zone_known("Pacific/Kiritimati"));
    assert_false(zone_known("GMT+3"));
    assert_false(zone_known("Middle/Earth"));
    assert_false(zone_known(""));
    zone_set_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_country_has_a_zone_where_its_clocks_agree),
        cmocka_unit_test(zones_are_opened_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
