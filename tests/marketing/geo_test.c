/* geo_test.c -- countries of addresses, of the file that stands beside the program. With `--bench`
 * as second word: how long a look-up takes. */
#include "marketing/geo.h"
#include "support/house.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *file;
static bool bench;

static const struct {
    const char *address, *country;
} cases[] = {
    { "8.8.8.8", "US" },
    { "193.99.144.80", "DE" },
    { "195.176.255.10", "CH" },
    { "::ffff:193.99.144.80", "DE" },
    { "2001:4860:4860::8888", "US" },
    { "2a02:2e0:3fe:1001:302::", "DE" },
    { "10.0.0.1", "" },
    { "127.0.0.1", "" },
    { "192.0.2.1", "" },
    { "::1", "" },
    { "fe80::1", "" },
    { "", "" },
    { "no address", "" },
    { "8.8.8.8.8", "" },
};

static void an_address_has_a_country(void **state)
{
    struct house *h = *state;

    if (file == NULL || access(file, R_OK) != 0) {
        print_message("skipped: no reference data\n");
        assert_null(getenv("CI"));
        skip();
    }
    geo_start(h->kit, file, "");
    for (size_t i = 0; i < countof(cases); i++) {
        u16 code = geo_country(h->kit, cases[i].address);
        char text[3] = { (char)(code >> 8), (char)(code & 0xff), 0 };
        if (!text_is(text, cases[i].country))
            fail_msg("%s: '%s', not '%s'", cases[i].address, text, cases[i].country);
    }
    for (int i = 0, n = 1000 * 1000; bench && i < 3; i++) {
        u64 seed = 7, began = clock_mono_ns();
        u32 known = 0;
        for (int k = 0; k < n; k++) {
            char address[20];
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            snprintf(address, sizeof address, "%u.%u.%u.%u", (u32)(seed >> 56),
                     (u32)(seed >> 48 & 255), (u32)(seed >> 40 & 255), (u32)(seed >> 32 & 255));
            known += geo_country(h->kit, address) != 0;
        }
        print_message("%.0f ns a look-up of a random address, text and all; %.1f %% known\n",
                      (double)(clock_mono_ns() - began) / n, known * 100.0 / n);
    }
}

/* Whatever is wrong with the file, visits are taken, and from no country. */
static void without_a_file_countries_are_not_known(void **state)
{
    struct house *h = *state;
    char path[] = "/tmp/furrow-geo-XXXXXX";
    int fd = mkstemp(path);

    assert_int_equal(geo_country(h->kit, "8.8.8.8"), 0);
    geo_start(h->kit, "/nowhere/geo.mmdb", "");
    assert_int_equal(geo_country(h->kit, "8.8.8.8"), 0);
    assert_true(fd >= 0 && write(fd, "no database", 11) == 11);
    close(fd);
    geo_start(h->kit, path, "");
    assert_int_equal(geo_country(h->kit, "8.8.8.8"), 0);
    unlink(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(an_address_has_a_country, NULL),
        IN_SQLITE_HOUSE(without_a_file_countries_are_not_known, NULL),
    };
    file = argc > 1 ? argv[1] : NULL;
    bench = argc > 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
