/* print_test.c -- trees of tiles on paper: every kind of chart is drawn, whatever its tree lacks;
 * pages break between tiles; a picture has a limit. What it looks like is for eyes. */
#include "base/json.h"
#include "kit/print.h"
#include "testing.h"

static struct arena *arena;
static struct ctx cx;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(64 * 1024);
    ctx_init(&cx, arena, NULL);
    return 0;
}
static int close_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

#define TEXT_OF(literal)            \
    {                               \
        literal, sizeof literal - 1 \
    }
static const struct print_look look = {
    TEXT_OF("series-1 #2f6b3c\nink #201e1a\nline #e8e4db\nemail #c48400\nsurface #ffffff\n"),
    TEXT_OF("100 50\nDE 10,10 20,10 20,20;30,30 31,30 31,31\nSG 70,30\n"),
};

static size_t count_of(struct str text, const char *what)
{
    size_t n = 0, len = strlen(what);

    for (const char *p = text.p; (p = memmem(p, (size_t)(text.p + text.len - p), what, len)); p++)
        n++;
    return n;
}

static struct val *page_of(const char *tiles)
{
    struct val *page;
    const char *json = arena_printf(
        arena,
        "{\"title\":\"Sales\",\"description\":\"What was won\",\"period\":{\"text\":\"November\","
        "\"against\":\"compared\"},\"conditions\":[{\"label\":\"Channel\",\"op_text\":\"is\","
        "\"value_text\":\"Email\"}],\"made\":\"Monday\",\"tiles\":[%s]}",
        tiles);

    assert_int_equal(json_read(arena, str_from(json), &page, NULL), OK);
    return page;
}

static void every_kind_of_tile_is_drawn(void **state)
{
#define ROWS(kind)                                                                                \
    "{\"kind\":\"" kind "\",\"chart\":{\"kind\":\"" kind                                          \
    "\",\"unit\":\"%\",\"columns\":[{\"text\":\"A\",\"color\":\"series-1\"},{\"text\":\"B\","     \
    "\"color\":\"compare\"}],\"rows\":[{\"text\":\"One\",\"channel\":\"\",\"key\":\"DE\","        \
    "\"note\":"                                                                                   \
    "\"half\",\"values\":[{\"text\":\"5\",\"number\":5},{\"text\":\"\",\"number\":\"\"}]},"       \
    "{\"text\":\"Two\",\"values\":[{\"text\":\"-2\",\"number\":-2},{\"text\":\"3\",\"number\":3." \
    "5}]}]}}"
    static const char *const tiles[] = {
        "{}",
        "{\"kind\":\"number\",\"title\":\"A title that is far too long for where it has to stand\","
        "\"number\":{\"value\":\"12\",\"unit\":\"days\",\"change\":{\"text\":\"2% more\",\"sign\":"
        "\"up\",\"good\":true},\"points\":\"0,1 50,20 100,3\"},\"target\":{\"share\":\"40%\","
        "\"text\":\"30 days\"}}",
        "{\"kind\":\"number\",\"number\":{\"value\":\"–\",\"unit\":\"\",\"change\":null,\"points\":"
        "\"\"},\"target\":null,\"note\":\"Not narrowed by owner.\"}",
        "{\"kind\":\"gauge\",\"number\":{\"value\":\"12\",\"unit\":\"\"},\"target\":{\"percent\":"
        "40,"
        "\"share\":\"40%\",\"text\":\"30\",\"reached\":false}}",
        "{\"kind\":\"gauge\",\"number\":{\"value\":\"12\"},\"target\":null}",
        ROWS("line"),
        ROWS("bar"),
        ROWS("stack"),
        ROWS("bars"),
        ROWS("funnel"),
        ROWS("map"),
        "{\"kind\":\"line\",\"chart\":{\"kind\":\"line\",\"unit\":\"\",\"columns\":[],\"rows\":[]}"
        "}",
        "{\"kind\":\"bar\",\"chart\":{\"kind\":\"bar\",\"unit\":\"\",\"columns\":[{\"text\":\"A\","
        "\"color\":\"nowhere\"}],\"rows\":[{\"text\":\"0\",\"values\":[{\"text\":\"0\",\"number\":"
        "0}]}]}}",
        "{\"kind\":\"table\",\"table\":{\"columns\":[{\"label\":\"Owner\",\"kind\":\"text\"},"
        "{\"label\":\"Won\",\"kind\":\"money\"}],\"rows\":[{\"text\":\"Ines\",\"channel_value\":"
        "\"email\",\"cells\":[{\"text\":\"€12K\",\"heat\":\"7\"}]},{\"text\":\"Tom\",\"cells\":[]}]"
        "}}",
        "{\"kind\":\"sankey\",\"ways\":{\"rows\":[{\"from\":\"/\",\"to\":\"/"
        "pricing\",\"from_at\":0,"
        "\"to_at\":1,\"from_channel\":\"\",\"to_channel\":\"email\",\"number\":5},{\"from\":\"/\","
        "\"to\":\"(left)\",\"from_at\":0,\"to_at\":1,\"number\":2}]}}",
        "{\"kind\":\"sankey\",\"ways\":{\"rows\":[]}}",
        "{\"kind\":\"bar\",\"error\":\"You may not see what this is counted from.\"}",
    };

    (void)state;
    for (size_t i = 0; i < countof(tiles); i++) {
        for (int k = 0; k < 4; k++) {
            struct print_look none = { { NULL, 0 }, { NULL, 0 } };
            struct str out;
            enum print_format format = k & 1 ? PRINT_PNG : PRINT_PDF;
            enum status s =
                print_board(&cx, page_of(tiles[i]), k & 2 ? &none : &look, format, &out);
            const char *begins = k & 1 ? "\x89PNG" : "%PDF-1.";
            if (s != OK || strncmp(out.p, begins, strlen(begins)) != 0)
                fail_msg("tile %zu: %s", i, cx.error_text);
        }
    }
}

static void pages_break_between_tiles(void **state)
{
    static const struct {
        const char *note, *tiles;
        size_t pages;
    } cases[] = {
        { "nothing is a page too", "", 1 },
        { "side by side", "{\"width\":6,\"height\":4},{\"width\":6,\"height\":4}", 1 },
        { "five rows fit", "{\"width\":12,\"height\":2},{\"width\":12,\"height\":3}", 1 },
        { "what would lie across goes on", "{\"width\":12,\"height\":4},{\"width\":4,\"height\":2}",
          2 },
        { "what is too wide is as wide as the page",
          "{\"width\":99,\"height\":9},{\"width\":-3,\"height\":0}", 1 },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct str out;
        size_t pages;
        assert_int_equal(print_board(&cx, page_of(cases[i].tiles), &look, PRINT_PDF, &out), OK);
        pages = count_of(out, "/Type /Page") - count_of(out, "/Type /Pages");
        if (pages != cases[i].pages)
            fail_msg("%s: %zu pages", cases[i].note, pages);
    }
}

static void letters_are_text_with_their_font(void **state)
{
    struct str out;

    (void)state;
    assert_int_equal(print_board(&cx, page_of("{\"title\":\"Won\"}"), &look, PRINT_PDF, &out), OK);
    assert_true(count_of(out, "/FontFile") > 0);
    assert_true(count_of(out, "/ToUnicode") > 0);
}

static void a_picture_has_a_limit(void **state)
{
    struct buf tiles = buf_in(arena, 10000);
    struct str out;

    (void)state;
    for (int i = 0; i < 16; i++)
        buf_printf(&tiles, "%s{\"width\":12,\"height\":4}", i ? "," : "");
    assert_int_equal(print_board(&cx, page_of(buf_end(&tiles)), &look, PRINT_PNG, &out), E_LIMIT);
    assert_non_null(strstr(cx.error_text, "PDF"));
    ctx_clear_error(&cx);
    assert_int_equal(print_board(&cx, page_of(buf_end(&tiles)), &look, PRINT_PDF, &out), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_of_tile_is_drawn, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(pages_break_between_tiles, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(letters_are_text_with_their_font, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_picture_has_a_limit, open_arena, close_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
