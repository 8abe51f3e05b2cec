/* Tests of base/log.h: one line each, values that cannot break out, the level. */
#include "base/log.h"
#include "testing.h"
#include <unistd.h>

/* Standard error goes through a pipe for the time of one call. */
struct capture {
    int saved, pipe[2];
};

static void capture_begin(struct capture *c)
{
    assert_int_equal(pipe(c->pipe), 0);
    c->saved = dup(STDERR_FILENO);
    dup2(c->pipe[1], STDERR_FILENO);
}

static const char *capture_end(struct capture *c, char *text, size_t size)
{
    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    close(c->pipe[1]);
    ssize_t n = read(c->pipe[0], text, size - 1);
    close(c->pipe[0]);
    text[n < 0 ? 0 : n] = '\0';
    return text;
}

/* What one line says behind its time. */
#define LOGGED(call)                    \
    capture_begin(&c);                  \
    call;                               \
    capture_end(&c, text, sizeof text); \
    line = strstr(text, " level=") != NULL ? strstr(text, " level=") + 1 : text

static void values_cannot_break_out_of_their_line(void **state)
{
    struct capture c;
    char text[8192];
    const char *line;

    (void)state;
    LOGGED(log_line(LOG_INFO, "http.request", "id=%s status=%d", "0abc", 200));
    assert_string_equal(line, "level=info event=http.request id=0abc status=200\n");
    LOGGED(log_line(LOG_WARN, "x", "path=%s", "/a\nlevel=error \"b\\\x01"));
    assert_string_equal(line, "level=warn event=x path=\"/a\\nlevel=error \\\"b\\\\\\x01\"\n");
    LOGGED(log_line(LOG_ERROR, "x", "subject=\"%s\" rest=%s", "a\"b", ""));
    assert_string_equal(line, "level=error event=x subject=\"a\\\"b\" rest=\"\"\n");
    LOGGED(log_line(LOG_INFO, "x", "k=%s", "a=b"));
    assert_string_equal(line, "level=info event=x k=\"a=b\"\n");
    LOGGED(log_line(LOG_INFO, "x", "k=%s", "Zoë"));
    assert_string_equal(line, "level=info event=x k=Zoë\n");
}

static void every_conversion_prints_as_printf_does(void **state)
{
    struct capture c;
    char text[8192];
    const char *line;

    (void)state;
    LOGGED(log_line(LOG_INFO, "x", "a=%05d b=%lld c=%zu d=%lu e=%x f=%.2f g=%c h=%%", -7,
                    (long long)INT64_MIN, SIZE_MAX, 1ul, 255u, 1.005, 'q'));
    assert_string_equal(line, "level=info event=x a=-0007 b=-9223372036854775808 "
                              "c=18446744073709551615 d=1 e=ff f=1.00 g=q h=%\n");
    LOGGED(log_line(LOG_INFO, "x", "a=%.*s b=%.2s c=%*d", 3, "abcdef", "xyz", 4, 5));
    assert_string_equal(line, "level=info event=x a=abc b=xy c=   5\n");
    const char *volatile none = NULL; /* out of the compiler's sight */
    LOGGED(log_line(LOG_INFO, "x", "%s", none));
    assert_string_equal(line, "level=info event=x (null)\n");
}

static void long_lines_are_cut_and_still_end(void **state)
{
    struct capture c;
    char text[8192], value[6000];
    const char *line;

    (void)state;
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    LOGGED(log_line(LOG_INFO, "x", "k=%s", value));
    assert_true(strlen(text) <= 4096);
    assert_int_equal(text[strlen(text) - 1], '\n');
    assert_ptr_equal(strchr(line, '\n'), text + strlen(text) - 1);
}

static void below_the_level_nothing_is_written(void **state)
{
    struct capture c;
    char text[8192];
    const char *line;

    (void)state;
    log_set_level(LOG_WARN);
    LOGGED(log_line(LOG_INFO, "x", "k=1"); log_line(LOG_WARN, "y", "k=2"));
    log_set_level(LOG_INFO);
    assert_string_equal(line, "level=warn event=y k=2\n");
    assert_int_equal(strncmp(text, "time=20", 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_cannot_break_out_of_their_line),
        cmocka_unit_test(every_conversion_prints_as_printf_does),
        cmocka_unit_test(long_lines_are_cut_and_still_end),
        cmocka_unit_test(below_the_level_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
