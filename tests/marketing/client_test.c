/* client_test.c -- user agents and what they say. */
#include "base/buf.h"
#include "base/json.h"
#include "marketing/client.h"
#include "testing.h"
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *note, *agent, *browser, *system;
    enum device device;
    bool bot;
} cases[] = {
    { "Chrome on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/130.0.0.0 Safari/537.36",
      "Chrome", "Windows", DEVICE_DESKTOP, false },
    { "Edge says Chrome too",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/130.0.0.0 Safari/537.36 Edg/130.0",
      "Edge", "Windows", DEVICE_DESKTOP, false },
    { "Safari on an iPhone",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
      "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
      "Safari", "iOS", DEVICE_MOBILE, false },
    { "Chrome on an iPhone",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
      "Gecko) CriOS/125.0 Mobile/15E148 Safari/604.1",
      "Chrome", "iOS", DEVICE_MOBILE, false },
    { "an Android tablet",
      "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/120.0.0.0 Safari/537.36",
      "Chrome", "Android", DEVICE_TABLET, false },
    { "a telephone of Cubot",
      "Mozilla/5.0 (Linux; Android 14; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/119.0.0.0 Mobile Safari/537.36",
      "Chrome", "Android", DEVICE_MOBILE, false },
    { "a browser in an app",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
      "Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/450.0.0.38.108;FBDV/iPhone14,5;FBLC/de_DE;FBOP/5]",
      "", "iOS", DEVICE_MOBILE, false },
    { "Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
      "Firefox", "Linux", DEVICE_DESKTOP, false },
    { "Googlebot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", NULL,
      NULL, DEVICE_DESKTOP, true },
    { "headless Chrome",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
      "HeadlessChrome/120.0.0.0 Safari/537.36",
      NULL, NULL, DEVICE_DESKTOP, true },
    { "curl", "curl/8.5.0", NULL, NULL, DEVICE_DESKTOP, true },
    { "a library", "python-requests/2.31", NULL, NULL, DEVICE_DESKTOP, true },
    { "nothing", "", NULL, NULL, DEVICE_UNKNOWN, true },
};

static void an_agent_is_read_by_its_most_telling_mark(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct client c = client_of(cases[i].agent);
        if (c.bot != cases[i].bot || (!c.bot && c.device != cases[i].device))
            fail_msg("%s: bot %d, device %d", cases[i].note, c.bot, c.device);
        if (cases[i].browser &&
            (!text_is(c.browser, cases[i].browser) || !text_is(c.system, cases[i].system)))
            fail_msg("%s: got %s on %s", cases[i].note, c.browser, c.system);
    }
    assert_true(client_of(NULL).bot);
}

/* Agents that were seen of each program that the public list names. */
static const char *list_path;
static void programs_of_the_public_list_are_told(void **state)
{
    struct arena *a = arena_new(1 << 20);
    struct buf text = buf_in(a, 8 << 20);
    size_t all = 0, missed = 0;
    struct val *list;
    char part[4096];
    FILE *f = list_path ? fopen(list_path, "r") : NULL;

    (void)state;
    if (f == NULL) {
        print_message("skipped: no reference data\n");
        assert_null(getenv("CI"));
        arena_free(a);
        skip();
    }
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_add(&text, part, n);
    fclose(f);
    assert_int_equal(json_read(a, (struct str){ text.p, text.len }, &list, NULL), OK);
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *seen = val_get(val_at(list, i), "instances");
        for (size_t k = 0; k < val_count(seen); k++, all++)
            missed += !client_of(val_as_text(val_at(seen, k), "")).bot;
    }
    print_message("%zu of %zu agents are told\n", all - missed, all);
    assert_true(all > 2000);
    assert_true(missed * 1000 < all * 2); /* marks that stand behind what is looked at */
    arena_free(a);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(an_agent_is_read_by_its_most_telling_mark),
                                        cmocka_unit_test(programs_of_the_public_list_are_told) };
    list_path = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
