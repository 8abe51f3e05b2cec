/* http_client.c -- see http_client.h. */
#include "io/http_client.h"
#include "base/buf.h"
#include "base/log.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

enum { CONNECT_MS = 5000 };

struct http_client {
    CURL *curl;
    char error[CURL_ERROR_SIZE];
    /* the call under way */
    const struct http_call *call;
    int status;
    u64 got;
    bool too_large, stopped;
    curl_off_t moved; /* bytes both ways, when last looked at */
    u64 moved_ns;
};

static void start_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        log_fatal("http_client.start", "what=libcurl");
}

struct http_client *http_client_new(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct http_client *c = calloc(1, sizeof *c);

    pthread_once(&once, start_curl);
    if (c == NULL || (c->curl = curl_easy_init()) == NULL)
        log_fatal("http_client.out_of_memory", "bytes=%zu", sizeof *c);
    return c;
}

void http_client_free(struct http_client *c)
{
    if (c == NULL)
        return;
    curl_easy_cleanup(c->curl);
    free(c);
}

static size_t take_piece(char *bytes, size_t size, size_t count, void *arg)
{
    struct http_client *c = arg;
    const struct http_call *call = c->call;
    size_t len = size * count;

    if (c->status == 0) {
        long status = 0;
        curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
        c->status = (int)status;
    }
    c->got += len;
    c->too_large = call->max_bytes != 0 && c->got > call->max_bytes;
    if (!c->too_large && call->piece != NULL)
        c->stopped = !call->piece(call->arg, c->status, bytes, len);
    return c->too_large || c->stopped ? 0 : len; /* 0: libcurl gives up */
}

/* Called about once a second: ends a call that has been silent for too long. libcurl's own measure
 * counts whole seconds of an average. */
static int look_at_progress(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                            curl_off_t up)
{
    struct http_client *c = arg;
    u64 now = clock_mono_ns();

    (void)down_all;
    (void)up_all;
    if (c->moved != down + up || c->moved_ns == 0) {
        c->moved = down + up;
        c->moved_ns = now;
    }
    return c->call->silent_ms != 0 && now - c->moved_ns > c->call->silent_ms * 1000000ull;
}

static void set_options(struct http_client *c, const struct http_call *call,
                        struct curl_slist *headers)
{
    CURL *curl = c->curl;

    curl_easy_reset(curl); /* keeps its connections */
    curl_easy_setopt(curl, CURLOPT_URL, call->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, c->error);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(call->connect_ms == 0 ? CONNECT_MS : call->connect_ms));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call->total_ms);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, c);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_piece);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 128L * 1024);
    if (call->body == NULL)
        return;
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_bytes);
}

static enum status judge(struct ctx *cx, const struct http_client *c, CURLcode code)
{
    const char *why = c->error[0] != '\0' ? c->error : curl_easy_strerror(code);
    curl_off_t asked_us = 0; /* 0: the address itself was refused */

    if (code == CURLE_OK)
        return OK;
    curl_easy_getinfo(c->curl, CURLINFO_PRETRANSFER_TIME_T, &asked_us);
    if (c->too_large)
        return ctx_fail(cx, E_TOO_LARGE, "the answer is over %llu bytes",
                        (unsigned long long)c->call->max_bytes);
    if (code == CURLE_URL_MALFORMAT || (code == CURLE_UNSUPPORTED_PROTOCOL && asked_us == 0))
        return ctx_fail(cx, E_INVALID, "not an address: %s", why);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return ctx_fail(cx, E_IO, "the server was silent for %u ms", c->call->silent_ms);
    return ctx_fail(cx, E_IO, "%s", c->stopped ? "the answer was not understood" : why);
}

enum status http_client_call(struct ctx *cx, struct http_client *c, const struct http_call *call,
                             int *status)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:"); /* no round trip before it */
    long code = 0;

    for (size_t i = 0; call->headers != NULL && call->headers[i] != NULL; i++)
        headers = curl_slist_append(headers, call->headers[i]);
    c->call = call;
    c->status = 0;
    c->got = c->moved_ns = 0;
    c->too_large = c->stopped = false;
    c->error[0] = '\0';
    set_options(c, call, headers);
    enum status s = judge(cx, c, curl_easy_perform(c->curl));
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &code);
    *status = (int)code;
    curl_slist_free_all(headers);
    return s;
}

void http_escape(struct buf *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (const u8 *p = (const u8 *)text; *p != '\0'; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || *p == '-' || *p == '.' || *p == '_' || *p == '~';
        if (plain) {
            buf_char(out, (char)*p);
        } else {
            buf_char(out, '%');
            buf_char(out, hex[*p >> 4]);
            buf_char(out, hex[*p & 15]);
        }
    }
}
