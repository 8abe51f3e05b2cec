/* weblog_test.c -- access logs line by line: what is read, what is a page, and what is no line. */
#include "marketing/weblog.h"
#include "testing.h"

#define FIREFOX "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
#define T "[10/Oct/2019:13:55:36 -0700]"
#define AT_MS INT64_C(1570740936000)
#define COMBINED(request, status) \
    "192.0.2.1 - - " T " \"" request "\" " status " 2326 \"-\" \"" FIREFOX "\""

static const struct {
    const char *note, *line;
    bool good;
    enum weblog_sort sort;
    const char *uri, *referrer, *host;
} cases[] = {
    { "combined", COMBINED("GET /a?x=1 HTTP/1.1", "200"), true, WEBLOG_PAGE, "/a?x=1", "", "" },
    { "with a referrer",
      "2001:db8::1 - ada " T " \"GET / HTTP/2.0\" 200 5 \"https://a.example/x\" \"" FIREFOX "\"",
      true, WEBLOG_PAGE, "/", "https://a.example/x", "" },
    { "a user whose name has spaces",
      "192.0.2.1 - ada l " T " \"GET / HTTP/1.1\" 200 5 \"-\" \"" FIREFOX "\"", true, WEBLOG_PAGE,
      "/", "", "" },
    { "the virtual host in front",
      "shop.example:443 192.0.2.1 - - " T " \"GET / HTTP/1.1\" 200 5 \"-\" \"" FIREFOX "\"", true,
      WEBLOG_PAGE, "/", "", "shop.example" },
    { "more behind it", COMBINED("GET / HTTP/1.1", "200") " \"-\" 0.004", true, WEBLOG_PAGE, "/",
      "", "" },
    { "quotes and bytes", COMBINED("GET /\\\"q\\\"\\xc3\\xa4\\x09 HTTP/1.1", "200"), true,
      WEBLOG_PAGE, "/\"q\"\xc3\xa4 ", "", "" },
    { "an old protocol", COMBINED("GET /a", "200"), true, WEBLOG_PAGE, "/a", "", "" },
    { "not changed", COMBINED("GET /a HTTP/1.1", "304"), true, WEBLOG_PAGE, "/a", "", "" },
    { "moved", COMBINED("GET /a HTTP/1.1", "301"), true, WEBLOG_OTHER, "/a", "", "" },
    { "not there", COMBINED("GET /a HTTP/1.1", "404"), true, WEBLOG_OTHER, "/a", "", "" },
    { "posted", COMBINED("POST /a HTTP/1.1", "200"), true, WEBLOG_OTHER, "/a", "", "" },
    { "an asset", COMBINED("GET /a/b.min.CSS?v=1.2 HTTP/1.1", "200"), true, WEBLOG_OTHER,
      "/a/b.min.CSS?v=1.2", "", "" },
    { "a page with a point", COMBINED("GET /v1.2/a HTTP/1.1", "200"), true, WEBLOG_PAGE, "/v1.2/a",
      "", "" },
    { "a page of a program", COMBINED("GET /a.php HTTP/1.1", "200"), true, WEBLOG_PAGE, "/a.php",
      "", "" },
    { "a handshake", COMBINED("\\x16\\x03\\x01", "400"), true, WEBLOG_OTHER, "  ", "", "" },
    { "no request", COMBINED("-", "408"), true, WEBLOG_OTHER, "", "", "" },
    { "a bot", "192.0.2.1 - - " T " \"GET / HTTP/1.1\" 200 5 \"-\" \"Googlebot/2.1 (a bot)\"", true,
      WEBLOG_BOT, "/", "", "" },
    { "the common format knows no agent", "192.0.2.1 - - " T " \"GET / HTTP/1.1\" 200 5", true,
      WEBLOG_BOT, "/", "", "" },
    { "Caddy",
      "{\"level\":\"info\",\"ts\":1570740936.0,\"logger\":\"http.log.access\",\"request\":{"
      "\"remote_ip\":\"127.0.0.1\",\"client_ip\":\"192.0.2.1\",\"method\":\"GET\","
      "\"host\":\"shop.example\",\"uri\":\"/a\",\"headers\":{\"User-Agent\":[\"" FIREFOX
      "\"],\"Referer\":[\"https://a.example/\"]}},\"status\":200}",
      true, WEBLOG_PAGE, "/a", "https://a.example/", "shop.example" },
    { "Caddy, its time in words",
      "{\"ts\":\"2019-10-10T20:55:36Z\",\"request\":{\"remote_ip\":\"192.0.2.1\",\"method\":"
      "\"GET\",\"uri\":\"/\",\"headers\":{\"User-Agent\":[\"" FIREFOX "\"]}},\"status\":200}",
      true, WEBLOG_PAGE, "/", "", "" },
    { "nothing", "", false, 0, "", "", "" },
    { "a word", "hello", false, 0, "", "", "" },
    { "no address", "me - - " T " \"GET / HTTP/1.1\" 200 5", false, 0, "", "", "" },
    { "no time", "192.0.2.1 - - \"GET / HTTP/1.1\" 200 5", false, 0, "", "", "" },
    { "a day that never was", "192.0.2.1 - - [31/Feb/2019:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5",
      false, 0, "", "", "" },
    { "an hour that never was",
      "192.0.2.1 - - [10/Oct/2019:24:55:36 +0000] \"GET / HTTP/1.1\" 200 5", false, 0, "", "", "" },
    { "a quote that never closes", "192.0.2.1 - - " T " \"GET / HTTP/1.1", false, 0, "", "", "" },
    { "no status", "192.0.2.1 - - " T " \"GET / HTTP/1.1\" - 5", false, 0, "", "", "" },
    { "bytes that are no text", COMBINED("GET /\\xff HTTP/1.1", "200"), false, 0, "", "", "" },
    { "half an object", "{\"ts\":1", false, 0, "", "", "" },
    { "an object of something else", "{\"ts\":1,\"msg\":\"x\"}", false, 0, "", "", "" },
};

static void each_line_is_read_or_refused(void **state)
{
    struct arena *a = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        struct weblog_line l;
        bool good = weblog_read(a, str_from(cases[i].line), &l);
        if (good != cases[i].good)
            fail_msg("%s: %s", cases[i].note, good ? "read" : "refused");
        if (!good)
            continue;
        if (weblog_sort_of(&l) != cases[i].sort || strcmp(l.uri, cases[i].uri) != 0 ||
            strcmp(l.referrer, cases[i].referrer) != 0 || strcmp(l.host, cases[i].host) != 0)
            fail_msg("%s: sort %d, uri '%s', from '%s', host '%s'", cases[i].note,
                     weblog_sort_of(&l), l.uri, l.referrer, l.host);
        if (l.at_ms != AT_MS)
            fail_msg("%s: at %lld", cases[i].note, (long long)l.at_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { WITH_ARENA(each_line_is_read_or_refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
