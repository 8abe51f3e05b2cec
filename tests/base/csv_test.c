/* Tests of base/csv.h: RFC 4180, delimiters, line numbers, errors with their line, formula
 * guard. */
#include "base/csv.h"
#include "base/limits.h"
#include "testing.h"

/* Collects rows as "line:cell|cell/" so that a case is one text. */
static enum status collect(void *arg, const struct csv_row *r)
{
    struct buf *out = arg;

    buf_printf(out, "%zu:", r->line);
    for (size_t i = 0; i < r->count; i++) {
        if (i > 0)
            buf_char(out, '|');
        buf_str(out, r->cells[i]);
    }
    buf_char(out, '/');
    return OK;
}

static void texts_become_rows(void **state)
{
    static const struct {
        const char *note;
        struct str text;
        const char *rows;
    } cases[] = {
        { "nothing", STR(""), "" },
        { "one row without an end", STR("a,b"), "1:a|b/" },
        { "both ends", STR("a,b\nc,d\r\n"), "1:a|b/2:c|d/" },
        { "old mac ends", STR("a\rb"), "1:a/2:b/" },
        { "quotes", STR("\"a,\"\"b\"\"\",c\n"), "1:a,\"b\"|c/" },
        { "line end in quotes", STR("\"a\nb\",c\nd,e\n"), "1:a\nb|c/3:d|e/" },
        { "first cell is all line ends", STR("x\n\"\n\n\",c\nd"), "1:x/2:\n\n|c/5:d/" },
        { "empty cells", STR(",\n,,"), "1:|/2:||/" },
        { "quoted empty", STR("\"\"\n\"\",\"\""), "1:/2:|/" },
        { "empty lines are no rows", STR("\n\na\n\r\n\nb\n"), "3:a/6:b/" },
        { "spaces are kept", STR(" a , b \n"), "1: a | b /" },
        { "semicolons", STR("a;b;c,d\ne;f"), "1:a|b|c,d/2:e|f/" },
        { "tabs", STR("a\tb\n\tc"), "1:a|b/2:|c/" },
        { "a delimiter in quotes is not counted", STR("\"a;b;c;d\",e\n"), "1:a;b;c;d|e/" },
        { "a bare quote is a character", STR("5\" pipe,x\n"), "1:5\" pipe|x/" },
        { "utf-8", STR("Zoë,€\n"), "1:Zoë|€/" },
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct buf out = buf_in(*state, 1000);
        size_t line = 0;
        enum status s = csv_read(cases[i].text, collect, &out, &line);
        if (s != OK || strcmp(buf_end(&out), cases[i].rows) != 0)
            fail_msg("%s: got %s \"%s\"", cases[i].note, status_word(s), buf_end(&out));
    }
}

static void errors_say_the_line(void **state)
{
    static const struct {
        const char *note;
        struct str text;
        size_t line;
        const char *rows; /* what came before */
    } cases[] = {
        { "a quote never closes", STR("a\nb,\"c\nd\n"), 2, "1:a/" },
        { "on the first line", STR("\"a"), 1, "" },
        { "NUL", STR("a\nb\n\nc\0d\n"), 4, "" },
        { "NUL at the start", STR("\0"), 1, "" },
        { "NUL after a line end", STR("a\n\0"), 2, "" },
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct buf out = buf_in(*state, 1000);
        size_t line = 0;
        enum status s = csv_read(cases[i].text, collect, &out, &line);
        if (s != E_INVALID || line != cases[i].line || strcmp(buf_end(&out), cases[i].rows) != 0)
            fail_msg("%s: got %s, line %zu, \"%s\"", cases[i].note, status_word(s), line,
                     buf_end(&out));
    }
}

static enum status count_cells(void *arg, const struct csv_row *r)
{
    *(size_t *)arg = r->count;
    return OK;
}

static void a_row_has_at_most_the_named_limit_of_cells(void **state)
{
    struct buf text = buf_in(*state, 100000);
    size_t count = 0, line = 0;

    for (int i = 1; i < LIMIT_FIELDS; i++)
        buf_char(&text, ',');
    assert_int_equal(csv_read((struct str){ text.p, text.len }, count_cells, &count, &line), OK);
    assert_int_equal(count, LIMIT_FIELDS);
    count = 0;
    buf_char(&text, ',');
    assert_int_equal(csv_read((struct str){ text.p, text.len }, count_cells, &count, &line),
                     E_INVALID);
    assert_int_equal(line, 1);
    assert_int_equal(count, 0);
}

static enum status stop_at_second(void *arg, const struct csv_row *r)
{
    ++*(int *)arg;
    return r->line == 2 ? E_BUSY : OK;
}

static void the_row_functions_status_ends_the_reading(void **state)
{
    int calls = 0;
    size_t line = 0;

    (void)state;
    assert_int_equal(csv_read(STR("a\nb\nc\n\"open"), stop_at_second, &calls, &line), E_BUSY);
    assert_int_equal(calls, 2);
    assert_int_equal(line, 2);
}

static void cells_are_quoted_where_they_must_and_formulas_guarded(void **state)
{
    static const struct {
        const char *cell, *written;
    } cases[] = {
        { "plain", "plain" },
        { "", "\"\"" },
        { "a,b", "\"a,b\"" },
        { "a\"b\"", "\"a\"\"b\"\"\"" },
        { "a\nb", "\"a\nb\"" },
        { " a", "\" a\"" },
        { "=1+1", "'=1+1" },
        { "=A1,\"x\"", "\"'=A1,\"\"x\"\"\"" },
        { "@SUM(A1)", "'@SUM(A1)" },
        { "\tx", "\"'\tx\"" },
        { "\rx", "\"'\rx\"" },
        { "-", "'-" },
        { "-a", "'-a" },
        { "-1+2", "'-1+2" },
        { "+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0" },
        { "-12.50", "-12.50" },
        { "-1e-07", "-1e-07" },
        { "+49 30 901820", "+49 30 901820" },
        { "-1,234.50", "\"-1,234.50\"" },
        { "=1", "'=1" },
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct buf b = buf_in(*state, 1000);
        csv_cell(&b, cases[i].cell);
        if (strcmp(buf_end(&b), cases[i].written) != 0)
            fail_msg("\"%s\": got %s", cases[i].cell, buf_end(&b));
    }
}

static void lines_written_read_back_the_same(void **state)
{
    static const char *const lines[][3] = {
        { "", "", "" },          { "a", "", "b" },
        { "x\r\ny", "\"", "," }, { " lead", "trail ", "in side" },
        { "1;2", "\t", "Zoë" },  { "\n", "'", "\"\"" },
    };
    struct buf b = buf_in(*state, 1000), want = buf_in(*state, 1000), got = buf_in(*state, 1000);
    size_t line, at = 1;

    buf_text(&b, "\xef\xbb\xbf"); /* a spreadsheet wants the mark; it is no cell */
    for (size_t i = 0; i < countof(lines); i++) {
        buf_printf(&want, "%zu:", at);
        for (size_t k = 0; k < 3; k++) {
            csv_cell(&b, lines[i][k]);
            /* a tab is guarded like a formula */
            buf_printf(&want, "%s%s%s", k > 0 ? "|" : "", lines[i][k][0] == '\t' ? "'" : "",
                       lines[i][k]);
            for (const char *p = lines[i][k]; *p != '\0'; p++)
                at += *p == '\n';
        }
        buf_char(&want, '/');
        csv_end_line(&b);
        at++;
    }
    assert_int_equal(csv_read((struct str){ b.p + 3, b.len - 3 }, collect, &got, &line), OK);
    assert_string_equal(buf_end(&got), buf_end(&want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(texts_become_rows),
        WITH_ARENA(errors_say_the_line),
        WITH_ARENA(a_row_has_at_most_the_named_limit_of_cells),
        cmocka_unit_test(the_row_functions_status_ends_the_reading),
        WITH_ARENA(cells_are_quoted_where_they_must_and_formulas_guarded),
        WITH_ARENA(lines_written_read_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
