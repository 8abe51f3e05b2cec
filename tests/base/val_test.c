/* Tests of base/val.h: order, replacement, big maps, conversions, truth, equality, copies. */
#include "base/val.h"
#include "testing.h"
#include <math.h>

static void a_map_keeps_the_order_and_each_key_once(void **state)
{
    struct arena *a = *state;
    static const int sizes[] = { 0, 1, 8, 16, 17, 33, 200, 5000 };

    for (size_t s = 0; s < countof(sizes); s++) {
        struct val *map = val_map(a);
        for (int round = 0; round < 2; round++) /* the second round replaces */
            for (int i = 0; i < sizes[s]; i++)
                val_put_i64(map, arena_printf(a, "field_%d_id", i), i + round);
        assert_int_equal(val_count(map), sizes[s]);
        for (int i = 0; i < sizes[s]; i++) {
            const char *key = arena_printf(a, "field_%d_id", i);
            assert_string_equal(val_key_at(map, (size_t)i), key);
            assert_int_equal(val_as_i64(val_value_at(map, (size_t)i), -1), i + 1);
            assert_int_equal(val_get_i64(map, key, -1), i + 1);
        }
        assert_null(val_get(map, "field_x_id"));
        assert_null(val_get(map, ""));
        assert_null(val_get_str(map, (struct str){ NULL, 0 }));
    }
}

static void look_ups_chain_through_what_is_not_there(void **state)
{
    struct val *list = val_list(*state);

    val_add_i64(list, 1);
    assert_null(val_get(val_get(NULL, "a"), "b"));
    assert_null(val_get(list, "a"));
    assert_null(val_at(list, 1));
    assert_null(val_at(NULL, 0));
    assert_true(val_is_null(val_at(list, 7)));
    assert_int_equal(val_count(NULL), 0);
    assert_null(val_value_at(NULL, 0));
    assert_string_equal(val_get_text(NULL, "x"), "");
    assert_int_equal(val_get_i64(NULL, "x", 7), 7);
    assert_false(val_get_bool(NULL, "x"));
}

static void conversions_do_not_guess(void **state)
{
    struct arena *a = *state;

    assert_string_equal(val_as_text(val_i64(a, 1), "no"), "no");
    assert_string_equal(val_as_text(val_html(a, "<b>"), "no"), "<b>");
    assert_int_equal(val_as_i64(val_text(a, "1"), -7), -7);
    assert_int_equal(val_as_i64(val_decimal(a, "1.5"), -7), -7);
    assert_true(val_as_double(val_decimal(a, "1.5"), 0) == 1.5);
    assert_true(val_as_double(val_i64(a, 3), 0) == 3.0);
    assert_true(val_as_double(val_text(a, "3"), 9) == 9.0);
    assert_true(val_as_bool(val_bool(a, true), false));
    assert_true(val_as_bool(val_i64(a, 0), true));
}

static void doubles_print_shortest_and_read_back(void **state)
{
    static const struct {
        double d;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { 3, "3" },
        { 0.1, "0.1" },
        { -0.5, "-0.5" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 1.0 / 3, "0.3333333333333333" },
        { 1e22, "1e+22" },
        { 5e-324, "5e-324" },
        { 1.7976931348623157e308, "1.7976931348623157e+308" },
        { 2.2250738585072014e-308, "2.2250738585072014e-308" },
    };
    struct arena *a = *state;
    for (size_t i = 0; i < countof(cases); i++) {
        const struct val *v = val_double(a, cases[i].d);
        assert_string_equal(val_print(a, v), cases[i].text);
        assert_true(val_as_double(v, NAN) == cases[i].d);
    }
    assert_true(val_is_null(val_double(a, NAN)));
    assert_true(val_is_null(val_double(a, INFINITY)));
}

static void truth_is_mustaches(void **state)
{
    struct arena *a = *state;
    struct val *list = val_list(a);

    assert_false(val_truthy(NULL));
    assert_false(val_truthy(val_null(a)));
    assert_false(val_truthy(val_bool(a, false)));
    assert_false(val_truthy(val_text(a, "")));
    assert_false(val_truthy(list));
    val_add_i64(list, 0);
    assert_true(val_truthy(list));
    assert_true(val_truthy(val_i64(a, 0)));
    assert_true(val_truthy(val_text(a, "0")));
    assert_true(val_truthy(val_map(a)));
}

static void scalars_print_and_trees_do_not(void **state)
{
    struct arena *a = *state;

    assert_string_equal(val_print(a, val_bool(a, true)), "true");
    assert_string_equal(val_print(a, val_i64(a, INT64_MIN)), "-9223372036854775808");
    assert_string_equal(val_print(a, val_text_static(a, "x")), "x");
    assert_string_equal(val_print(a, val_null(a)), "");
    assert_string_equal(val_print(a, NULL), "");
    assert_string_equal(val_print(a, val_map(a)), "");
}

static struct val *company(struct arena *a, bool reversed)
{
    struct val *map = val_map(a), *tags;

    if (reversed)
        val_put_double(map, "rate", 0.25);
    val_put_printf(map, "name", "%s %d", "Acme", 1);
    tags = val_put_list(map, "tags");
    val_add_text(tags, "a");
    val_put_bool(val_add_map(tags), "x", true);
    val_add_i64(val_add_list(tags), 3);
    val_put_null(map, "parent");
    val_put_html(map, "note", "<p>");
    val_put_text(val_put_map(map, "site"), "url", "https://example.test");
    if (!reversed)
        val_put_double(map, "rate", 0.25);
    return map;
}

static void equality_is_deep_and_ignores_the_order_of_maps(void **state)
{
    struct arena *a = *state;
    struct val *one = company(a, false), *two = company(a, true);

    assert_true(val_equal(one, two));
    assert_true(val_equal(NULL, val_null(a)));
    assert_false(val_equal(val_text(a, "1"), val_i64(a, 1)));
    assert_false(val_equal(val_text(a, "<p>"), val_html(a, "<p>")));
    val_put_i64(two, "extra", 1);
    assert_false(val_equal(one, two));
    val_put_i64(one, "other", 1);
    assert_false(val_equal(one, two));
}

static void a_copy_outlives_its_original(void **state)
{
    struct arena *a = *state, *b = arena_new(1024);
    struct val *big = val_map(b);

    for (int i = 0; i < 40; i++)
        val_put_i64(big, arena_printf(b, "k%d", i), i);
    struct val *copy = val_copy(a, company(b, false)), *big_copy = val_copy(a, big);
    arena_free(b);
    assert_true(val_equal(copy, company(a, false)));
    assert_int_equal(val_get_i64(big_copy, "k39", -1), 39);
    val_put_i64(big_copy, "k40", 40);
    assert_int_equal(val_get_i64(big_copy, "k40", -1), 40);
    assert_true(val_is_null(val_copy(a, NULL)));
}

static void a_null_pointer_is_put_as_null(void **state)
{
    struct val *map = val_map(*state), *list = val_list(*state);

    assert_true(val_is_null(val_put(map, "x", NULL)));
    assert_true(val_is_null(val_add(list, NULL)));
    assert_int_equal(val_count(map), 1);
    assert_int_equal(val_count(list), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_map_keeps_the_order_and_each_key_once),
        WITH_ARENA(look_ups_chain_through_what_is_not_there),
        WITH_ARENA(conversions_do_not_guess),
        WITH_ARENA(doubles_print_shortest_and_read_back),
        WITH_ARENA(truth_is_mustaches),
        WITH_ARENA(scalars_print_and_trees_do_not),
        WITH_ARENA(equality_is_deep_and_ignores_the_order_of_maps),
        WITH_ARENA(a_copy_outlives_its_original),
        WITH_ARENA(a_null_pointer_is_put_as_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
