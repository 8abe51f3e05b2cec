/* Tests of base/buf.h: growth, the ceiling that fails quietly, numbers. */
#include "base/buf.h"
#include "testing.h"

static void it_grows_in_both_kinds_of_memory(void **state)
{
    struct buf bufs[] = { buf_new(1 << 20), buf_in(*state, 1 << 20) };

    for (size_t k = 0; k < countof(bufs); k++) {
        for (int i = 0; i < 10000; i++)
            buf_printf(&bufs[k], "%04d", i);
        assert_int_equal(buf_status(&bufs[k]), OK);
        assert_int_equal(bufs[k].len, 40000);
        assert_memory_equal(buf_end(&bufs[k]) + 4 * 9876, "98769877", 8);
        assert_int_equal(strlen(buf_end(&bufs[k])), 40000);
        buf_free(&bufs[k]);
    }
}

static void past_the_ceiling_nothing_more_is_added(void **state)
{
    struct buf b = buf_in(*state, 5);

    buf_text(&b, "abc");
    buf_text(&b, "defg"); /* does not fit: nothing of it */
    buf_text(&b, "d");    /* would fit, but a hole would be worse than an end */
    buf_char(&b, 'd');
    buf_i64(&b, 1);
    buf_printf(&b, "%s", "x");
    assert_null(buf_reserve(&b, 0));
    assert_string_equal(buf_end(&b), "abc");
    assert_int_equal(buf_status(&b), E_LIMIT);
    buf_clear(&b);
    assert_int_equal(buf_status(&b), OK);
    buf_text(&b, "12345");
    assert_int_equal(buf_status(&b), OK);
    assert_string_equal(buf_end(&b), "12345"); /* the NUL does not count */
    assert_null(buf_reserve(&b, SIZE_MAX));
}

static void an_empty_one_is_an_empty_text(void **state)
{
    struct buf b = buf_new(10);

    (void)state;
    assert_string_equal(buf_end(&b), "");
    buf_add(&b, NULL, 0);
    buf_text(&b, "");
    assert_int_equal(b.len, 0);
    buf_free(&b);
    buf_free(&b);
}

static void reserved_room_is_filled_by_the_caller(void **state)
{
    struct buf b = buf_in(*state, 1000);

    for (int i = 0; i < 10; i++) {
        char *at = buf_reserve(&b, 100);
        memset(at, 'a' + i, 100);
        b.len += 100;
    }
    assert_int_equal(b.p[0], 'a');
    assert_int_equal(b.p[999], 'j');
    assert_int_equal(buf_status(&b), OK);
}

static void whole_numbers_are_printed_exactly(void **state)
{
    static const struct {
        i64 n;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { -1, "-1" },
        { 10, "10" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" },
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct buf b = buf_in(*state, 100);
        buf_i64(&b, cases[i].n);
        assert_string_equal(buf_end(&b), cases[i].text);
    }
}

static void a_long_printf_is_whole(void **state)
{
    char text[3000];
    struct buf b = buf_in(*state, 2999);

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    buf_printf(&b, "%s", text);
    assert_string_equal(buf_end(&b), text);
    buf_printf(&b, "%s", text);
    assert_int_equal(buf_status(&b), E_LIMIT);
    assert_string_equal(buf_end(&b), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(it_grows_in_both_kinds_of_memory),
        WITH_ARENA(past_the_ceiling_nothing_more_is_added),
        WITH_ARENA(an_empty_one_is_an_empty_text),
        WITH_ARENA(reserved_room_is_filled_by_the_caller),
        WITH_ARENA(whole_numbers_are_printed_exactly),
        WITH_ARENA(a_long_printf_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
