/* Tests of the server in io/http.h: raw bytes in, status out, and whether the connection lives on.
 * The table is the framing contract: a proxy before us may read none of these in another way. */
#include "app.h"
#include "base/limits.h"

/* ---- framing ---- */

#define H "Host: x\r\n"
/* OPEN: another request on the connection is answered. CLOSES: nothing follows the answer.
 * GARBLED: closes, but libmicrohttpd 0.9.75 writes its own 400's head twice before that. */
enum { OPEN, CLOSES, GARBLED };
static const struct request {
    const char *note;
    struct str bytes;
    int status;
    int after;
    const char *contains; /* in the body, or NULL */
} requests[] = {
    /* what is fine */
    { "plain", STR("GET /a?b=c HTTP/1.1\r\n" H "\r\n"), 200, OPEN, "path=/a query=b=c body=0:" },
    { "1.0 closes", STR("GET / HTTP/1.0\r\n\r\n"), 200, CLOSES, "path=/" },
    { "1.0 keep-alive", STR("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 200, OPEN, NULL },
    { "asked to close", STR("GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n"), 200, CLOSES,
      NULL },
    { "answer closes", STR("GET /close HTTP/1.1\r\n" H "\r\n"), 204, CLOSES, NULL },
    { "empty line first", STR("\r\nGET / HTTP/1.1\r\n" H "\r\n"), 200, OPEN, NULL },
    { "body", STR("POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"), 200, OPEN,
      "body=3:abc" },
    { "empty body", STR("POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n"), 200, OPEN,
      "body=0:" },
    { "no body", STR("POST / HTTP/1.1\r\n" H "\r\n"), 200, OPEN, "body=0:" },
    { "put", STR("PUT / HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nx"), 200, OPEN, "method=3" },
    { "delete", STR("DELETE / HTTP/1.1\r\n" H "\r\n"), 200, OPEN, "method=5" },
    { "options", STR("OPTIONS / HTTP/1.1\r\n" H "\r\n"), 200, OPEN, "method=6" },
    { "patch", STR("PATCH / HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nx"), 200, OPEN, "method=4" },
    { "blanks around a value", STR("GET / HTTP/1.1\r\n" H "X-Test: \t v w \t\r\n\r\n"), 200, OPEN,
      "x=v w from=" },
    { "no blank", STR("GET / HTTP/1.1\r\nHost:x\r\nX-Test:v\r\n\r\n"), 200, OPEN, "x=v" },
    { "empty value", STR("GET / HTTP/1.1\r\n" H "X-Test:\r\nA: \r\n\r\n"), 200, OPEN, "x= from" },
    { "high bytes in a value", STR("GET / HTTP/1.1\r\n" H "X-Test: \xc3\xa5\r\n\r\n"), 200, OPEN,
      "x=\xc3\xa5" },
    { "first of two", STR("GET / HTTP/1.1\r\n" H "x-test: a\r\nX-TEST: b\r\n\r\n"), 200, OPEN,
      "x=a" },
    { "cookies", STR("GET / HTTP/1.1\r\n" H "Cookie: a=b; sid=1=2;c\r\n\r\n"), 200, OPEN,
      "sid=1=2 " },
    { "second cookie header", STR("GET / HTTP/1.1\r\n" H "Cookie: a=b\r\nCookie: sid=z\r\n\r\n"),
      200, OPEN, "sid=z " },
    { "no such cookie", STR("GET / HTTP/1.1\r\n" H "Cookie: asid=1; side=2\r\n\r\n"), 200, OPEN,
      "sid=none" },
    { "percent and UTF-8", STR("GET /%C3%A5+%2b%20b HTTP/1.1\r\n" H "\r\n"), 200, OPEN,
      "path=/\xc3\xa5++ b query" },
    { "raw UTF-8", STR("GET /\xc3\xa5 HTTP/1.1\r\n" H "\r\n"), 200, OPEN, "path=/\xc3\xa5" },
    { "query stays raw", STR("GET /?a=%41&b=&c&&d=x+y?z HTTP/1.1\r\n" H "\r\n"), 200, OPEN,
      "query=a=%41&b=&c&&d=x+y?z body" },
    { "empty query", STR("GET /a? HTTP/1.1\r\n" H "\r\n"), 200, OPEN, "path=/a query= " },
    { "absolute form", STR("GET http://x/a?b HTTP/1.1\r\n" H "\r\n"), 200, OPEN,
      "path=/a query=b" },
    { "absolute form, no path", STR("GET http://x?b HTTP/1.1\r\n" H "\r\n"), 200, OPEN,
      "path=/ query=b" },
    { "dots in names", STR("GET /a.b/..c/d../... HTTP/1.1\r\n" H "\r\n"), 200, OPEN,
      "path=/a.b/..c/d../... " },
    { "chunked",
      STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
          "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n"),
      200, CLOSES, "body=5:abcde" },
    { "chunked, empty", STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"),
      200, CLOSES, "body=0:" },
    { "204 has no body", STR("GET /204 HTTP/1.1\r\n" H "\r\n"), 204, OPEN, NULL },
    { "Host with port", STR("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), 200, OPEN, NULL },

    /* smuggling */
    { "two Content-Length",
      STR("POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 0\r\n\r\n"
          "abcde"),
      400, CLOSES, "one Content-Length" },
    { "two equal Content-Length",
      STR("POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
          "Content-Length: 1\r\n\r\na"),
      400, CLOSES, NULL },
    { "list in Content-Length", STR("POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\na"), 400,
      GARBLED, NULL },
    { "Content-Length and chunked",
      STR("POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n"
          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      400, CLOSES, NULL },
    { "chunked and Content-Length",
      STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
          "Content-Length: 5\r\n\r\n0\r\n\r\n"),
      400, CLOSES, NULL },
    { "two Transfer-Encoding",
      STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
          "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
      400, CLOSES, NULL },
    { "unknown Transfer-Encoding",
      STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n"
          "0\r\n\r\n"),
      501, CLOSES, NULL },
    { "xchunked", STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), 501,
      CLOSES, NULL },
    { "chunked in 1.0", STR("POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      400, CLOSES, NULL },
    { "chunked behind a vertical tab",
      STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: \vchunked\r\n\r\n"
          "0\r\n\r\n"),
      400, CLOSES, NULL },
    { "signed length", STR("POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\na"), 400, GARBLED,
      NULL },
    { "negative length", STR("POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\na"), 400, GARBLED,
      NULL },
    { "hex length", STR("POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\na"), 400, GARBLED,
      NULL },
    { "empty length", STR("POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n"), 400, GARBLED, NULL },
    { "huge length", STR("POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999999\r\n\r\n"),
      413, GARBLED, NULL },
    { "64-bit length", STR("POST / HTTP/1.1\r\n" H "Content-Length: 9223372036854775808\r\n\r\n"),
      413, GARBLED, NULL },
    { "space before colon", STR("GET / HTTP/1.1\r\n" H "X-Test : a\r\n\r\n"), 400, CLOSES, NULL },
    { "space before colon of length", STR("POST / HTTP/1.1\r\n" H "Content-Length : 1\r\n\r\na"),
      400, CLOSES, NULL },
    { "tab before colon", STR("GET / HTTP/1.1\r\n" H "X-Test\t: a\r\n\r\n"), 400, CLOSES, NULL },
    { "folded", STR("GET / HTTP/1.1\r\n" H "X-Test: a\r\n b\r\n\r\n"), 400, CLOSES, NULL },
    { "folded by tab, more after", STR("GET / HTTP/1.1\r\n" H "X: a\r\n\tb\r\nY: c\r\n\r\n"), 400,
      CLOSES, NULL },
    { "first line folded", STR("GET / HTTP/1.1\r\n X: a\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "NUL in value", STR("GET / HTTP/1.1\r\n" H "X-Test: a\0b\r\n\r\n"), 400, CLOSES, NULL },
    { "NUL ends value", STR("GET / HTTP/1.1\r\n" H "X-Test: a\0\r\n\r\n"), 400, CLOSES, NULL },
    { "NULs like a line end", STR("GET / HTTP/1.1\r\n" H "X-Test: a\0\0Y\0 b\r\n\r\n"), 400, CLOSES,
      NULL },
    { "NULs like the head's end", STR("GET / HTTP/1.1\r\n" H "X-Test: a\0\0\0\0\r\n\r\n"), 400,
      CLOSES, NULL },
    { "NUL in name", STR("GET / HTTP/1.1\r\n" H "X\0Y: a\r\n\r\n"), 400, CLOSES, NULL },
    { "NUL in target", STR("GET /a\0b HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "NUL in method", STR("G\0ET / HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "NUL for a space", STR("GET /\0HTTP/1.1 HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "bare CR in value", STR("GET / HTTP/1.1\r\n" H "X-Test: a\rY: b\r\n\r\n"), 400, CLOSES,
      NULL },
    { "CR CR LF", STR("GET / HTTP/1.1\r\n" H "X-Test: a\r\r\n\r\n"), 400, CLOSES, NULL },
    { "bare CR in target", STR("GET /a\rb HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "bare CR before the end", STR("GET / HTTP/1.1\r\n" H "\r\r\n\r\n"), 400, CLOSES, NULL },
    { "bare LF in header", STR("GET / HTTP/1.1\r\n" H "A: b\nC: d\r\n\r\n"), 400, CLOSES, NULL },
    { "bare LF after request line", STR("GET / HTTP/1.1\n" H "\r\n"), 400, CLOSES, NULL },
    { "bare LF at the end", STR("GET / HTTP/1.1\r\n" H "\n"), 400, CLOSES, NULL },
    { "bare LF at the end, NUL follows", STR("POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n\n\0"),
      400, CLOSES, NULL },
    { "all bare LF", STR("GET / HTTP/1.1\nHost: x\n\n"), 400, CLOSES, NULL },
    { "control byte in value", STR("GET / HTTP/1.1\r\n" H "X-Test: a\x01\r\n\r\n"), 400, CLOSES,
      NULL },
    { "DEL in value", STR("GET / HTTP/1.1\r\n" H "X-Test: a\x7f\r\n\r\n"), 400, CLOSES, NULL },
    { "no colon", STR("GET / HTTP/1.1\r\n" H "nonsense\r\n\r\n"), 400, CLOSES, NULL },
    { "empty name", STR("GET / HTTP/1.1\r\n" H ": a\r\n\r\n"), 400, CLOSES, NULL },
    { "lone colon", STR("GET / HTTP/1.1\r\n" H ":\r\n\r\n"), 400, CLOSES, NULL },
    { "quote in name", STR("GET / HTTP/1.1\r\n" H "a\"b: c\r\n\r\n"), 400, CLOSES, NULL },
    { "high byte in name", STR("GET / HTTP/1.1\r\n" H "\xc3\xa5: c\r\n\r\n"), 400, CLOSES, NULL },
    { "body with GET", STR("GET / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"), 400, CLOSES,
      NULL },
    { "bad chunk size", STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"),
      400, CLOSES, NULL },
    { "chunk too long",
      STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
          "3\r\nabcd\r\n0\r\n\r\n"),
      400, CLOSES, NULL },
    { "chunk size overflows",
      STR("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
          "10000000000000003\r\nabc\r\n0\r\n\r\n"),
      413, CLOSES, NULL },

    /* host */
    { "no Host", STR("GET / HTTP/1.1\r\n\r\n"), 400, CLOSES, "Host" },
    { "no Host, other headers", STR("GET / HTTP/1.1\r\nA: b\r\n\r\n"), 400, CLOSES, NULL },
    { "two Host", STR("GET / HTTP/1.1\r\n" H "Host: y\r\n\r\n"), 400, CLOSES, NULL },
    { "two equal Host", STR("GET / HTTP/1.1\r\n" H H "\r\n"), 400, CLOSES, NULL },
    { "Host with a path", STR("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"), 400, CLOSES, NULL },
    { "Host with a user", STR("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400, CLOSES, NULL },
    { "Host with a space", STR("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400, CLOSES, NULL },
    { "absolute form, other host", STR("GET http://y/ HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },

    /* target */
    { "up and out", STR("GET /../etc/passwd HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "up at the end", STR("GET /a/.. HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "dot segment", STR("GET /a/./b HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "escaped dots", STR("GET /a/%2e%2E/b HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "escaped slash and dots", STR("GET /a%2f..%2fb HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "escaped NUL", STR("GET /a%00b HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "escaped line end", STR("GET /a%0d%0ab HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "half an escape", STR("GET /a%4 HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "no hex", STR("GET /a%zz HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "lone escape", STR("GET /% HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "overlong UTF-8", STR("GET /%c0%af HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "surrogate", STR("GET /%ed%a0%80 HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "Latin-1", STR("GET /\xe5 HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "fragment", STR("GET /a#b HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "control byte in query", STR("GET /?a=\x01 HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "no slash", STR("GET a HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "asterisk", STR("OPTIONS * HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "authority form", STR("CONNECT x:80 HTTP/1.1\r\n" H "\r\n"), 501, CLOSES, NULL },
    { "space in target", STR("GET /a b HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "two spaces", STR("GET  / HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "two spaces before version", STR("GET /  HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "space after version", STR("GET / HTTP/1.1 \r\n" H "\r\n"), 400, CLOSES, NULL },
    { "tab for a space", STR("GET\t/ HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },

    /* method and version */
    { "unknown method", STR("BREW / HTTP/1.1\r\n" H "\r\n"), 501, CLOSES, NULL },
    { "lower case method", STR("get / HTTP/1.1\r\n" H "\r\n"), 501, CLOSES, NULL },
    { "TRACE", STR("TRACE / HTTP/1.1\r\n" H "\r\n"), 501, CLOSES, NULL },
    { "bad method", STR("G(T / HTTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "no version", STR("GET /\r\n\r\n"), 400, CLOSES, NULL },
    { "version 2", STR("GET / HTTP/2.0\r\n" H "\r\n"), 505, CLOSES, NULL },
    { "HTTP/2 preface", STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505, CLOSES, NULL },
    { "version 0.9", STR("GET / HTTP/0.9\r\n" H "\r\n"), 505, CLOSES, NULL },
    { "not HTTP", STR("GET / FTP/1.1\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "long version", STR("GET / HTTP/1.10\r\n" H "\r\n"), 400, CLOSES, NULL },
    { "unmet expectation",
      STR("POST / HTTP/1.1\r\n" H "Expect: money\r\nContent-Length: 1\r\n\r\na"), 417, CLOSES,
      NULL },

    /* size */
    { "announced too large", STR("POST / HTTP/1.1\r\n" H "Content-Length: 1001\r\n\r\n"), 413,
      CLOSES, "larger" },
    { "announced 1 GB", STR("POST /upload HTTP/1.1\r\n" H "Content-Length: 1073741824\r\n\r\nabc"),
      413, CLOSES, NULL },
};

static void check_request(struct app *app, const struct request *c)
{
    struct reader r = reader_on(wire_open(app->port));

    wire_say(r.fd, c->bytes.p, c->bytes.len);
    struct reply a = reader_next(&r, false);
    if (a.status != c->status)
        fail_msg("%s: got %d, want %d (%s)", c->note, a.status, c->status, a.body);
    if (c->contains != NULL && strstr(a.body, c->contains) == NULL)
        fail_msg("%s: \"%s\" lacks \"%s\"", c->note, a.body, c->contains);
    while (c->after == GARBLED && reader_more(&r) > 0)
        ;
    if (c->after == GARBLED)
        r.at = r.len;
    if (c->after != OPEN && !reader_closed(&r))
        fail_msg("%s: not closed", c->note);
    if (c->after == OPEN) {
        wire_text(r.fd, "GET /204 HTTP/1.1\r\nHost: x\r\n\r\n");
        if (reader_next(&r, false).status != 204)
            fail_msg("%s: closed", c->note);
    }
    reader_free(&r);
}

static void requests_are_answered_or_refused(void **state)
{
    struct app *app = app_start((struct http_options){ 0 });

    (void)state;
    for (size_t i = 0; i < countof(requests); i++)
        check_request(app, &requests[i]);
    app_stop(app);
}

/* The same bytes one by one: what is seen must not depend on how they come. */
static void segmentation_changes_nothing(void **state)
{
    struct app *app = app_start((struct http_options){ 0 });

    (void)state;
    for (size_t i = 0; i < countof(requests); i++) {
        const struct request *c = &requests[i];
        struct reader r = reader_on(wire_open(app->port));
        int on = 1;
        setsockopt(r.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        for (size_t b = 0; b < c->bytes.len && wire_say(r.fd, c->bytes.p + b, 1); b++)
            if (b % 8 == 0)
                usleep(20);
        struct reply a = reader_next(&r, false);
        if (a.status != c->status)
            fail_msg("%s: got %d, want %d", c->note, a.status, c->status);
        reader_free(&r);
    }
    app_stop(app);
}

/* ---- sizes ---- */

static struct str filled(char *to, const char *head, const char *fill, size_t until,
                         const char *tail)
{
    size_t len = (size_t)sprintf(to, "%s", head);

    while (len + strlen(fill) + strlen(tail) <= until)
        len += (size_t)sprintf(to + len, "%s", fill);
    len += (size_t)sprintf(to + len, "%s", tail);
    return (struct str){ to, len };
}

static void heads_are_capped(void **state)
{
    static char bytes[64 * 1024];
    struct {
        const char *note, *head, *fill, *tail;
        size_t until;
        int status, or_status; /* beyond its own memory libmicrohttpd answers by itself, with 414 */
    } cases[] = {
        { "longest value", "GET / HTTP/1.1\r\n" H "X: ", "a", "\r\n\r\n", LIMIT_HEADER_BYTES, 200,
          200 },
        { "value too long", "GET / HTTP/1.1\r\n" H "X: ", "a", "\r\n\r\n", LIMIT_HEADER_BYTES + 1,
          431, 431 },
        { "value far too long", "GET / HTTP/1.1\r\n" H "X: ", "a", "\r\n\r\n", 60000, 431, 431 },
        { "endless name", "GET / HTTP/1.1\r\n" H, "a", "", 60000, 431, 431 },
        { "longest target", "GET /", "a", " HTTP/1.1\r\n" H "\r\n", LIMIT_HEADER_BYTES, 200, 200 },
        { "target too long", "GET /", "a", " HTTP/1.1\r\n" H "\r\n", 60000, 414, 431 },
        { "longest query", "GET /?", "&a=b", " HTTP/1.1\r\n" H "\r\n", LIMIT_HEADER_BYTES, 200,
          200 },
        { "most fields", "GET / HTTP/1.1\r\n" H, "a: b\r\n", "\r\n", 25 + 6 * 99 + 2, 200, 200 },
        { "too many fields", "GET / HTTP/1.1\r\n" H, "a: b\r\n", "\r\n", 25 + 6 * 100 + 2, 431,
          431 },
        { "far too many fields", "GET / HTTP/1.1\r\n" H, "a:\r\n", "\r\n", 16000, 431, 431 },
        { "most and longest", "GET / HTTP/1.1\r\n" H,
          "a: "
          "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
          "901"
          "2345678901234567890123456789012345678901234567890123456789012345678901\r\n",
          "\r\n", LIMIT_HEADER_BYTES, 200, 200 },
    };
    struct app *app = app_start((struct http_options){ 0 });

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct reader r = reader_on(wire_open(app->port));
        struct str s = filled(bytes, cases[i].head, cases[i].fill, cases[i].until, cases[i].tail);
        wire_say(r.fd, s.p, s.len);
        struct reply a = reader_next(&r, false);
        if (a.status != cases[i].status && a.status != cases[i].or_status)
            fail_msg("%s (%zu bytes): got %d, want %d", cases[i].note, s.len, a.status,
                     cases[i].status);
        reader_free(&r);
    }
    app_stop(app);
}

static void bodies_are_whole_up_to_their_limit(void **state)
{
    static char body[4 * 1024 * 1024];
    static const size_t sizes[] = { 1, 999, 1000, 4096, 4097, 60000, 1000000, sizeof body };
    struct app *app = app_start((struct http_options){ 0 });
    char text[200];

    (void)state;
    memset(body, 'b', sizeof body);
    struct reader r = reader_on(wire_open(app->port));
    for (size_t i = 0; i < countof(sizes); i++) {
        snprintf(text, sizeof text,
                 "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", sizes[i]);
        wire_text(r.fd, text);
        wire_say(r.fd, body, sizes[i]);
        struct reply a = reader_next(&r, false);
        snprintf(text, sizeof text, "body=%zu:b", sizes[i]);
        if (a.status != 200 || strstr(a.body, text) == NULL)
            fail_msg("%zu bytes: %d %s", sizes[i], a.status, a.body);
    }
    reader_free(&r);
    app_stop(app);
}

/* Who sends on regardless must still get to read the refusal: no reset. */
static void refused_senders_read_why(void **state)
{
    static char body[8 * 1024 * 1024];
    static const char *const heads[] = {
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800000\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 8388608\r\n\r\n",
    };
    static const int status[] = { 413, 413, 400 };
    struct app *app = app_start((struct http_options){ 0 });

    (void)state;
    for (size_t i = 0; i < countof(heads); i++) {
        struct reader r = reader_on(wire_open(app->port));
        assert_true(wire_text(r.fd, heads[i]));
        assert_true(wire_say(r.fd, body, sizeof body));
        struct reply a = reader_next(&r, false);
        assert_int_equal(a.status, status[i]);
        assert_non_null(strstr(a.body, "\"status\":"));
        assert_true(reader_closed(&r));
        reader_free(&r);
    }
    app_stop(app);
}

/* ---- answers ---- */

static void expectations_are_met_or_refused_at_once(void **state)
{
    struct app *app = app_start((struct http_options){ 0 });
    struct reader r = reader_on(wire_open(app->port));

    (void)state;
    wire_text(r.fd, "POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assert_int_equal(reader_next(&r, false).status, 100);
    wire_text(r.fd, "abc");
    struct reply a = reader_next(&r, false);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.body, "body=3:abc"));
    wire_text(r.fd, "POST / HTTP/1.1\r\n" H "Expect: 100-Continue\r\nContent-Length: 1001\r\n\r\n");
    assert_int_equal(reader_next(&r, false).status, 413);
    assert_true(reader_closed(&r));
    reader_free(&r);
    app_stop(app);
}

static void head_and_304_send_lengths_but_no_body(void **state)
{
    static const struct {
        const char *request;
        int status;
        const char *length;
    } cases[] = {
        { "HEAD /big HTTP/1.1\r\n" H "\r\n", 200, "3145728" },
        { "HEAD /204 HTTP/1.1\r\n" H "\r\n", 204, NULL },
        { "GET /304 HTTP/1.1\r\n" H "\r\n", 304, "3" },
        { "GET /204 HTTP/1.1\r\n" H "\r\n", 204, NULL },
    };
    struct app *app = app_start((struct http_options){ 0 });
    struct reader r = reader_on(wire_open(app->port));
    char field[200];

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        wire_text(r.fd, cases[i].request);
        struct reply a = reader_next(&r, true);
        assert_int_equal(a.status, cases[i].status);
        const char *length = head_field(&a, "Content-Length", field);
        if (cases[i].length == NULL)
            assert_null(length);
        else
            assert_string_equal(length, cases[i].length);
    }
    reader_free(&r);
    app_stop(app);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct app *app = app_start((struct http_options){ 0 });
    struct reader r = reader_on(wire_open(app->port));
    char want[50];

    (void)state;
    for (int i = 0; i < 40; i++) {
        char one[200];
        snprintf(one, sizeof one, "POST /%s%d HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
                 i % 3 == 1 ? "held" : "a", i);
        wire_text(r.fd, one);
    }
    for (int i = 0; i < 40; i++) {
        struct reply a = reader_next(&r, false);
        snprintf(want, sizeof want, "path=/%s%d ", i % 3 == 1 ? "held" : "a", i);
        if (a.status != 200 || strstr(a.body, want) == NULL)
            fail_msg("answer %d: %d %s", i, a.status, a.body);
    }
    reader_free(&r);
    app_stop(app);
}

static void bad_answer_headers_are_not_sent(void **state)
{
    struct app *app = app_start((struct http_options){ 0 });
    struct reader r = reader_on(wire_open(app->port));

    (void)state;
    wire_text(r.fd, "GET /evil HTTP/1.1\r\n" H "\r\n");
    struct reply a = reader_next(&r, false);
    assert_int_equal(a.status, 500);
    assert_null(strstr(a.head, "Set-Cookie"));
    reader_free(&r);
    app_stop(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_answered_or_refused),
        cmocka_unit_test(segmentation_changes_nothing),
        cmocka_unit_test(heads_are_capped),
        cmocka_unit_test(bodies_are_whole_up_to_their_limit),
        cmocka_unit_test(refused_senders_read_why),
        cmocka_unit_test(expectations_are_met_or_refused_at_once),
        cmocka_unit_test(head_and_304_send_lengths_but_no_body),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(bad_answer_headers_are_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
