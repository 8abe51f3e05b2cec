/* Tests of the body parsers in io/http.h: forms, multipart bodies, percent-encoding. */
#include "../base/testing.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/val.h"
#include "io/http.h"
#include <stdio.h>

static struct ctx new_ctx(struct arena *a)
{
    static struct clock clock;
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    return cx;
}

static void forms_become_maps(void **state)
{
    static const struct {
        const char *note;
        struct str text;
        const char *json; /* NULL: E_INVALID */
    } cases[] = {
        { "nothing", STR(""), "{}" },
        { "one", STR("a=b"), "{\"a\":\"b\"}" },
        { "several keep their order", STR("b=1&a=2&c=3"), "{\"b\":\"1\",\"a\":\"2\",\"c\":\"3\"}" },
        { "plus and percent", STR("a+b=c%20d%2B+%c3%A5"), "{\"a b\":\"c d+ \xc3\xa5\"}" },
        { "empty value", STR("a=&b=1"), "{\"a\":\"\",\"b\":\"1\"}" },
        { "no equals sign", STR("a&b=1"), "{\"a\":\"\",\"b\":\"1\"}" },
        { "empty pairs", STR("&&a=1&"), "{\"a\":\"1\"}" },
        { "equals in value", STR("a=b=c="), "{\"a\":\"b=c=\"}" },
        { "empty name", STR("=x"), "{\"\":\"x\"}" },
        { "repeated", STR("a=1&b=x&a=2&a=3"), "{\"a\":[\"1\",\"2\",\"3\"],\"b\":\"x\"}" },
        { "semicolon is text", STR("a=1;b=2"), "{\"a\":\"1;b=2\"}" },
        { "line ends stay", STR("a=x%0D%0Ay"), "{\"a\":\"x\\r\\ny\"}" },
        { "raw UTF-8", STR("a=\xc3\xa5"), "{\"a\":\"\xc3\xa5\"}" },
        { "bad escape", STR("a=%g0"), NULL },
        { "cut escape", STR("a=%4"), NULL },
        { "cut escape in a name", STR("%=1"), NULL },
        { "NUL", STR("a=b%00c"), NULL },
        { "raw NUL", STR("a=b\0c"), NULL },
        { "bad UTF-8", STR("a=%ff"), NULL },
        { "overlong", STR("a=%c0%80"), NULL },
        { "half a character", STR("a=%c3&b=%a5"), NULL },
    };
    struct arena *a = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        struct ctx cx = new_ctx(a);
        struct val *map = NULL;
        enum status s = http_form_parse(&cx, cases[i].text, &map);
        if (cases[i].json == NULL ? s != E_INVALID || cx.error_text[0] == '\0' : s != OK)
            fail_msg("%s: status %s", cases[i].note, status_word(s));
        if (s == OK && strcmp(json_text(a, map), cases[i].json) != 0)
            fail_msg("%s: got %s", cases[i].note, json_text(a, map));
    }
}

static void forms_are_capped(void **state)
{
    struct buf b = buf_in(*state, 1 << 20);

    for (int i = 0; i < LIMIT_FORM_FIELDS; i++)
        buf_text(&b, i % 2 == 0 ? "a=1&" : "b=2&");
    for (int extra = 0; extra < 2; extra++) {
        struct ctx cx = new_ctx(*state);
        struct val *map = NULL;
        assert_int_equal(http_form_parse(&cx, (struct str){ b.p, b.len }, &map),
                         extra == 0 ? OK : E_LIMIT);
        buf_text(&b, "c=3");
    }
}

#define B "--B\r\n"
#define END "--B--\r\n"
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n"
#define FILE_(name, file) \
    "Content-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n"

static void multipart_bodies_are_taken_apart(void **state)
{
    static const char type[] = "multipart/form-data; boundary=B";
    static const struct {
        const char *note, *type;
        struct str body;
        const char *json;  /* fields; NULL: E_INVALID */
        const char *files; /* field|filename|type|length of each */
    } cases[] = {
        { "one field", type, STR(B FIELD("a") "\r\nx\r\n" END), "{\"a\":\"x\"}", "" },
        { "line ends in a value", type, STR(B FIELD("a") "\r\nx\r\ny\r\n\r\n" END),
          "{\"a\":\"x\\r\\ny\\r\\n\"}", "" },
        { "empty value", type, STR(B FIELD("a") "\r\n\r\n" END), "{\"a\":\"\"}", "" },
        { "empty value, one line end", type, STR(B FIELD("a") "\r\n" END), "{\"a\":\"\"}", "" },
        { "repeated", type, STR(B FIELD("a") "\r\n1\r\n" B FIELD("a") "\r\n2\r\n" END),
          "{\"a\":[\"1\",\"2\"]}", "" },
        { "no part", type, STR(END), "{}", "" },
        { "file", type, STR(B FILE_("f", "a.csv") "Content-Type: text/csv\r\n\r\n1,\0,2\r\n" END),
          "{}", "f|a.csv|text/csv|5;" },
        { "file without type", type, STR(B FILE_("f", "a") "\r\nx\r\n" END), "{}", "f|a||1;" },
        { "empty file", type, STR(B FILE_("f", "a") "\r\n\r\n" END), "{}", "f|a||0;" },
        { "no file chosen", type, STR(B FILE_("f", "") "\r\n\r\n" END), "{}", "" },
        { "quotes in a file name", type, STR(B FILE_("f", "a\\\"b\\\\c\\d") "\r\nx\r\n" END), "{}",
          "f|a\"b\\c\\d||1;" },
        { "field and file", type, STR(B FIELD("a") "\r\nx\r\n" B FILE_("f", "n") "\r\ny\r\n" END),
          "{\"a\":\"x\"}", "f|n||1;" },
        { "boundary's like in a body", type, STR(B FIELD("a") "\r\n--B\r\n-B\r\n" END), NULL,
          NULL },
        { "nearly the boundary", type, STR(B FIELD("a") "\r\n\r\n--C--B\r\n" END),
          "{\"a\":\"\\r\\n--C--B\"}", "" },
        { "preamble", type, STR("hello\r\n" B FIELD("a") "\r\nx\r\n" END), "{\"a\":\"x\"}", "" },
        { "epilogue", type, STR(B FIELD("a") "\r\nx\r\n" END "bye"), "{\"a\":\"x\"}", "" },
        { "blanks after the boundary", type, STR("--B \t\r\n" FIELD("a") "\r\nx\r\n" END),
          "{\"a\":\"x\"}", "" },
        { "other header first", type, STR(B "X-Y: z\r\n" FIELD("a") "\r\nx\r\n" END),
          "{\"a\":\"x\"}", "" },
        { "case and order do not matter", "Multipart/Form-Data; charset=utf-8; Boundary=\"B\"",
          STR(B "content-disposition: Form-Data; Name=a\r\n\r\nx\r\n" END), "{\"a\":\"x\"}", "" },
        { "quoted boundary", "multipart/form-data; boundary=\"B 'x'\"",
          STR("--B 'x'\r\n" FIELD("a") "\r\nx\r\n--B 'x'--\r\n"), "{\"a\":\"x\"}", "" },
        { "UTF-8 name", type, STR(B FIELD("\xc3\xa5") "\r\n\xc3\xa4\r\n" END),
          "{\"\xc3\xa5\":\"\xc3\xa4\"}", "" },
        { "no boundary named", "multipart/form-data", STR(B FIELD("a") "\r\nx\r\n" END), NULL,
          NULL },
        { "empty boundary", "multipart/form-data; boundary=\"\"", STR(END), NULL, NULL },
        { "boundary too long",
          "multipart/form-data; boundary=12345678901234567890123456789012345678901"
          "234567890123456789012345678901",
          STR(END), NULL, NULL },
        { "another boundary", type, STR("--C\r\n" FIELD("a") "\r\nx\r\n--C--\r\n"), NULL, NULL },
        { "nothing", type, STR(""), NULL, NULL },
        { "a short something", type, STR("--"), NULL, NULL },
        { "cut in a value", type, STR(B FIELD("a") "\r\nx"), NULL, NULL },
        { "cut in a header", type, STR(B "Content-Disp"), NULL, NULL },
        { "no end mark", type, STR(B FIELD("a") "\r\nx\r\n--B"), NULL, NULL },
        { "no name", type, STR(B "Content-Disposition: form-data\r\n\r\nx\r\n" END), NULL, NULL },
        { "no header", type, STR(B "\r\nx\r\n" END), NULL, NULL },
        { "not form-data", type,
          STR(B "Content-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n" END), NULL, NULL },
        { "open quote", type, STR(B "Content-Disposition: form-data; name=\"a\r\n\r\nx\r\n" END),
          NULL, NULL },
        { "bad UTF-8 in a value", type, STR(B FIELD("a") "\r\n\xff\r\n" END), NULL, NULL },
        { "NUL in a value", type, STR(B FIELD("a") "\r\na\0b\r\n" END), NULL, NULL },
        { "bad UTF-8 in a name", type, STR(B FIELD("\xff") "\r\nx\r\n" END), NULL, NULL },
        { "NUL in a header", type, STR(B FIELD("a\0b") "\r\nx\r\n" END), NULL, NULL },
    };
    struct arena *a = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        struct ctx cx = new_ctx(a);
        struct val *map = NULL;
        struct http_file *files = NULL;
        struct buf b = buf_in(a, 10000);
        size_t count = 0;
        enum status s =
            http_multipart_parse(&cx, cases[i].type, cases[i].body, &map, &files, &count);
        if (cases[i].json == NULL ? s != E_INVALID || cx.error_text[0] == '\0' : s != OK)
            fail_msg("%s: status %s, %s", cases[i].note, status_word(s), cx.error_text);
        if (s != OK)
            continue;
        if (strcmp(json_text(a, map), cases[i].json) != 0)
            fail_msg("%s: got %s", cases[i].note, json_text(a, map));
        for (size_t f = 0; f < count; f++)
            buf_printf(&b, "%s|%s|%s|%zu;", files[f].field, files[f].filename, files[f].type,
                       files[f].bytes.len);
        if (strcmp(buf_end(&b), cases[i].files) != 0)
            fail_msg("%s: files %s", cases[i].note, b.p);
    }
}

static void other_types_are_not_multipart(void **state)
{
    struct ctx cx = new_ctx(*state);
    struct val *map = NULL;
    struct http_file *files = NULL;
    size_t count = 0;

    assert_int_equal(
        http_multipart_parse(&cx, "text/plain; boundary=B", STR(END), &map, &files, &count),
        E_UNSUPPORTED);
}

static void multipart_bodies_are_capped(void **state)
{
    struct buf b = buf_in(*state, 1 << 20);

    for (int i = 0; i < LIMIT_FORM_FIELDS; i++)
        buf_text(&b, i % 2 == 0 ? B FIELD("a") "\r\nx\r\n" : B FILE_("f", "n") "\r\nx\r\n");
    for (int extra = 0; extra < 2; extra++) {
        struct ctx cx = new_ctx(*state);
        struct val *map = NULL;
        struct http_file *files = NULL;
        size_t count = 0;
        struct buf whole = buf_in(*state, 1 << 20);
        buf_add(&whole, b.p, b.len);
        buf_text(&whole, END);
        assert_int_equal(http_multipart_parse(&cx, "multipart/form-data; boundary=B",
                                              (struct str){ whole.p, whole.len }, &map, &files,
                                              &count),
                         extra == 0 ? OK : E_LIMIT);
        buf_text(&b, B FILE_("f", "n") "\r\nx\r\n");
    }
}

static void encoding_leaves_only_unreserved(void **state)
{
    static const struct {
        const char *plain, *encoded;
    } cases[] = {
        { "", "" },
        { "AZaz09-._~", "AZaz09-._~" },
        { "a b+c/d?e&f=g%", "a%20b%2Bc%2Fd%3Fe%26f%3Dg%25" },
        { "\xc3\xa5\n", "%C3%A5%0A" },
    };

    for (size_t i = 0; i < countof(cases); i++)
        assert_string_equal(http_url_encode(*state, cases[i].plain), cases[i].encoded);
}

static void statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(http_status_text(404), "Not Found");
    assert_string_equal(http_status_text(999), "Unknown Status");
    for (int s = 0; s < STATUS_COUNT; s++)
        assert_string_not_equal(http_status_text(status_http((enum status)s)), "Unknown Status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(forms_become_maps),
        WITH_ARENA(forms_are_capped),
        WITH_ARENA(multipart_bodies_are_taken_apart),
        WITH_ARENA(other_types_are_not_multipart),
        WITH_ARENA(multipart_bodies_are_capped),
        WITH_ARENA(encoding_leaves_only_unreserved),
        cmocka_unit_test(statuses_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
