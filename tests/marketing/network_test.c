/* network_test.c -- addresses and networks as people write them. */
#include "marketing/network.h"
#include "testing.h"

static const struct {
    const char *network, *address;
    bool has;
} cases[] = {
    { "203.0.113.9", "203.0.113.9", true },
    { "203.0.113.9", "203.0.113.90", false },
    { " 203.0.113.0/24 ", "203.0.113.255", true },
    { "203.0.113.77/24", "203.0.113.1", true }, /* bits beyond the prefix do not matter */
    { "203.0.113.0/25", "203.0.113.128", false },
    { "203.0.113.0/25", "203.0.113.127", true },
    { "203.0.113.0/24", "::ffff:203.0.113.5", true }, /* the same address, written longer */
    { "0.0.0.0/0", "198.51.100.1", true },
    { "0.0.0.0/0", "2001:db8::1", false },
    { "::/0", "2001:db8::1", true },
    { "2001:db8::1", "2001:0DB8:0:0::1", true },
    { "2001:db8::/32", "2001:db8:ffff::7", true },
    { "2001:db8::/33", "2001:db8:8000::1", false },
    { "2001:db8:0:12::/64", "2001:db8:0:12:aaaa:bbbb:cccc:dddd", true },
    { "2001:db8:0:12::/64", "2001:db8:0:13::1", false },
};
static const char *const none[] = {
    "",       "x",           "203.0.113", "203.0.113.9/",   "203.0.113.9/33",  "203.0.113.9/-1",
    "::/129", "10.0.0.0/8x", "/8",        "2001:db8::g/32", "203.0.113.9/8/8", "fe80::1%eth0",
};

static void a_network_has_what_begins_like_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct network n, a;
        assert_true(network_read(str_from(cases[i].network), &n));
        assert_true(network_read(str_from(cases[i].address), &a));
        if (network_has(&n, &a) != cases[i].has)
            fail_msg("%s in %s", cases[i].address, cases[i].network);
    }
    for (size_t i = 0; i < countof(none); i++) {
        struct network n;
        if (network_read(str_from(none[i]), &n))
            fail_msg("'%s' was taken for a network", none[i]);
    }
}

static void a_text_has_one_a_line_and_notes(void **state)
{
    struct arena *a = arena_new(4096);
    struct str bad;
    size_t count;

    (void)state;
    networks_read(a, "203.0.113.9 # Anna at home\n\n  10.0.0.0/8\r\n# all\n2001:db8::/32", &count,
                  &bad);
    assert_int_equal(count, 3);
    assert_int_equal(bad.len, 0);
    networks_read(a, "203.0.113.9\nnowhere # x\n10.0.0.0/99", &count, &bad);
    assert_int_equal(count, 1);
    assert_true(str_is(bad, "nowhere"));
    networks_read(a, "", &count, &bad);
    assert_int_equal(count, 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_network_has_what_begins_like_it),
                                        cmocka_unit_test(a_text_has_one_a_line_and_notes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
