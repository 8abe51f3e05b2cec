/* The HTTP client against a server that says what a case wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "io/http_client.h"
#include "support/peer.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct talk {
    pthread_mutex_t lock;
    struct str answer;
    char request[4096];
};

static struct str say(void *arg, struct str request)
{
    struct talk *t = arg;

    pthread_mutex_lock(&t->lock);
    snprintf(t->request, sizeof t->request, "%.*s", (int)request.len, request.p);
    struct str answer = t->answer;
    pthread_mutex_unlock(&t->lock);
    return answer;
}

static bool keep(void *arg, int status, const char *bytes, size_t len)
{
    (void)status;
    buf_add(arg, bytes, len);
    return true;
}

static bool refuse(void *arg, int status, const char *bytes, size_t len)
{
    (void)arg;
    (void)status;
    (void)bytes;
    (void)len;
    return false;
}

static void answers_are_judged(void **state)
{
    static const struct {
        const char *note;
        struct str answer;
        u64 max_bytes;
        http_piece *piece;
        enum status want;
        int status;
        const char *body, *says;
    } cases[] = {
        { "a body", STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), 0, keep, OK, 200,
          "hello" },
        { "chunks",
          STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
              "chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
          0, keep, OK, 200, "hello" },
        { "an error is the caller's to judge",
          STR("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno"), 0, keep, OK, 404, "no" },
        { "no body", STR("HTTP/1.1 204 Empty\r\n\r\n"), 0, keep, OK, 204, "" },
        { "a redirect is not followed",
          STR("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
          0, keep, OK, 302, "" },
        { "as long as allowed", STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), 5, keep,
          OK, 200, "hello" },
        { "too long", STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), 4, keep,
          E_TOO_LARGE, 200, "", "over 4 bytes" },
        { "cut", STR("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"), 0, keep, E_IO, 200,
          "hello" },
        { "cut in chunks",
          STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), 0, keep, E_IO,
          200, "hello" },
        { "not understood", STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), 0, refuse,
          E_IO, 200, "", "not understood" },
        { "no HTTP", STR("SSH-2.0-x\r\n"), 0, keep, E_IO, 0, "" },
        { "nothing", STR(""), 0, keep, E_IO, 0, "" },
        { "silence", { NULL, 0 }, 0, keep, E_IO, 0, "", "silent for 300 ms" },
    };
    scoped(arena_close) struct arena *a = arena_new(1 << 14);
    struct talk talk = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct peer *peer = peer_open(say, &talk);
    struct http_client *c = http_client_new();
    struct ctx cx;

    (void)state;
    ctx_init(&cx, a, NULL);
    for (size_t i = 0; i < countof(cases); i++) {
        struct buf body = buf_in(a, 1 << 16);
        struct http_call call = { .url = arena_printf(a, "http://127.0.0.1:%d/x", peer_port(peer)),
                                  .silent_ms = 300,
                                  .max_bytes = cases[i].max_bytes,
                                  .piece = cases[i].piece,
                                  .arg = &body };
        int status = -1;
        pthread_mutex_lock(&talk.lock);
        talk.answer = cases[i].answer;
        pthread_mutex_unlock(&talk.lock);
        ctx_clear_error(&cx);
        enum status s = http_client_call(&cx, c, &call, &status);
        if (s != cases[i].want || status != cases[i].status ||
            !text_is(buf_end(&body), cases[i].body) ||
            (cases[i].says != NULL && strstr(cx.error_text, cases[i].says) == NULL))
            fail_msg("%s: %d %d '%s' '%s'", cases[i].note, s, status, buf_end(&body),
                     cx.error_text);
    }
    http_client_free(c);
    peer_close(peer);
}

static void what_is_asked_for_is_sent(void **state)
{
    static const char *const headers[] = { "X-One: 1", "Authorization: Bearer x", NULL };
    scoped(arena_close) struct arena *a = arena_new(1 << 14);
    struct talk talk = { .lock = PTHREAD_MUTEX_INITIALIZER,
                         .answer = STR("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") };
    struct peer *peer = peer_open(say, &talk);
    struct http_client *c = http_client_new();
    struct http_call call = { .url = arena_printf(a, "http://127.0.0.1:%d/p?q=1", peer_port(peer)),
                              .headers = headers,
                              .body = "a body",
                              .body_bytes = 6 };
    struct ctx cx;
    int status;

    (void)state;
    ctx_init(&cx, a, NULL);
    assert_int_equal(http_client_call(&cx, c, &call, &status), OK);
    pthread_mutex_lock(&talk.lock);
    assert_true(strncmp(talk.request, "POST /p?q=1 HTTP/1.1\r\n", 22) == 0);
    assert_non_null(strstr(talk.request, "\r\nX-One: 1\r\n"));
    assert_non_null(strstr(talk.request, "\r\nAuthorization: Bearer x\r\n"));
    assert_non_null(strstr(talk.request, "\r\nContent-Length: 6\r\n"));
    assert_non_null(strstr(talk.request, "\r\n\r\na body"));
    assert_null(strstr(talk.request, "Expect:"));
    pthread_mutex_unlock(&talk.lock);
    call.body = NULL;
    assert_int_equal(http_client_call(&cx, c, &call, &status), OK);
    pthread_mutex_lock(&talk.lock);
    assert_true(strncmp(talk.request, "GET /p?q=1 HTTP/1.1\r\n", 21) == 0);
    pthread_mutex_unlock(&talk.lock);
    http_client_free(c);
    peer_close(peer);
}

static void only_web_addresses_are_asked(void **state)
{
    static const struct {
        const char *url;
        enum status want;
    } cases[] = {
        { "file:///etc/passwd", E_INVALID },  { "ftp://127.0.0.1/", E_INVALID },
        { "gopher://127.0.0.1/", E_INVALID }, { "", E_INVALID },
        { "http://127.0.0.1:1/", E_IO },      { "http://name.invalid/", E_IO },
    };
    scoped(arena_close) struct arena *a = arena_new(1 << 14);
    struct http_client *c = http_client_new();
    struct ctx cx;
    int status;

    (void)state;
    ctx_init(&cx, a, NULL);
    for (size_t i = 0; i < countof(cases); i++) {
        struct http_call call = { .url = cases[i].url };
        ctx_clear_error(&cx);
        enum status s = http_client_call(&cx, c, &call, &status);
        if (s != cases[i].want || cx.error_text[0] == '\0')
            fail_msg("'%s': %d, '%s'", cases[i].url, s, cx.error_text);
    }
    http_client_free(c);
}

static void addresses_are_escaped(void **state)
{
    struct buf out = buf_new(100);

    (void)state;
    http_escape(&out, "a-b_c.~9 /?&=+%\xc3\xa4");
    assert_string_equal(buf_end(&out), "a-b_c.~9%20%2F%3F%26%3D%2B%25%C3%A4");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(what_is_asked_for_is_sent),
        cmocka_unit_test(only_web_addresses_are_asked),
        cmocka_unit_test(addresses_are_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
