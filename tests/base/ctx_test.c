/* Tests of base/ctx.h and of the table of statuses. */
#include "base/ctx.h"
#include "base/log.h"
#include "testing.h"

static void the_first_error_stays(void **state)
{
    struct clock clock = { .fixed_ms = 7 };
    struct ctx cx;

    ctx_init(&cx, *state, &clock);
    assert_int_equal(ctx_now(&cx), 7);
    assert_int_equal(cx.error, OK);
    assert_string_equal(cx.error_text, "");
    assert_int_equal(ctx_fail_code(&cx, E_CONFLICT, "deal.moved", "deal %d moved", 5), E_CONFLICT);
    assert_int_equal(ctx_fail(&cx, E_IO, "later"), E_IO); /* returned, not recorded */
    assert_int_equal(cx.error, E_CONFLICT);
    assert_string_equal(cx.error_code, "deal.moved");
    assert_string_equal(cx.error_text, "deal 5 moved");
    ctx_clear_error(&cx);
    assert_int_equal(ctx_fail(&cx, E_IO, "now"), E_IO);
    assert_string_equal(cx.error_text, "now");
    assert_string_equal(cx.error_code, "");
}

static void field_errors_keep_their_order(void **state)
{
    struct ctx cx;

    ctx_init(&cx, *state, NULL);
    assert_int_equal(ctx_fail_field(&cx, "name", "required", "give a %s", "name"), E_INVALID);
    assert_int_equal(ctx_fail_field(&cx, "email", "email.invalid", "no '@'"), E_INVALID);
    assert_int_equal(cx.error, E_INVALID);
    assert_string_equal(cx.error_text, "give a name");
    assert_string_equal(cx.field_errors->field, "name");
    assert_string_equal(cx.field_errors->next->code, "email.invalid");
    assert_null(cx.field_errors->next->next);
    ctx_clear_error(&cx);
    assert_null(cx.field_errors);
}

static void every_status_has_a_word_and_meanings(void **state)
{
    (void)state;
    for (int s = OK; s < STATUS_COUNT; s++) {
        assert_true(strlen(status_word((enum status)s)) > 1);
        assert_true(strlen(status_title((enum status)s)) > 1);
        assert_in_range(status_http((enum status)s), s == OK ? 200 : 400, s == OK ? 200 : 503);
        assert_in_range(status_exit((enum status)s), s == OK ? 0 : 1, s == OK ? 0 : 125);
        assert_in_range(status_log_level((enum status)s), LOG_DEBUG, LOG_ERROR);
        for (int other = OK; other < s; other++)
            assert_string_not_equal(status_word((enum status)s), status_word((enum status)other));
    }
    assert_int_equal(status_http(E_NOT_FOUND), 404);
    assert_string_equal(status_word(E_RATE), "rate_limited");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_first_error_stays),
        WITH_ARENA(field_errors_keep_their_order),
        cmocka_unit_test(every_status_has_a_word_and_meanings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
