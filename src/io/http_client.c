/* http_client.c -- see http_client.h. */
#include "io/http_client.h"
#include "base/buf.h"
#include "base/log.h"
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 5000 };

struct http_client {
    CURL *curl;
    char error[CURL_ERROR_SIZE];
    /* the call under way */
    const struct http_call *call;
    int status;
    u64 got;
    bool too_large, stopped, refused;
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

/* ---- whom not to connect to ---- */
static bool v4_is_public(u32 a)
{
    static const struct {
        u32 net;
        int bits;
    } closed[] = {
        { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 },
        { 0xa9fe0000, 16 }, { 0xac100000, 12 }, { 0xc0000000, 24 }, { 0xc0000200, 24 },
        { 0xc0586300, 24 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 }, { 0xc6336400, 24 },
        { 0xcb007100, 24 }, { 0xe0000000, 4 },  { 0xf0000000, 4 },
    };

    for (size_t i = 0; i < countof(closed); i++)
        if (((a ^ closed[i].net) & (0xffffffffu << (32 - closed[i].bits))) == 0)
            return false;
    return true;
}

static u32 word_at(const u8 *p)
{
    return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

/* Of version 6 only 2000::/3 is everybody's; what carries an address of version 4 is as that. */
static bool v6_is_public(const u8 *p)
{
    static const u8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    static const u8 nat64[12] = { 0, 0x64, 0xff, 0x9b };

    if (memcmp(p, mapped, sizeof mapped) == 0 || memcmp(p, nat64, sizeof nat64) == 0)
        return v4_is_public(word_at(p + 12));
    if (p[0] == 0x20 && p[1] == 0x02) /* 6to4 */
        return v4_is_public(word_at(p + 2));
    if (word_at(p) == 0x20010db8 || word_at(p) == 0x20010000) /* documentation, Teredo */
        return false;
    return (p[0] & 0xe0) == 0x20;
}

bool http_address_is_public(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return v4_is_public(ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr));
    if (a->sa_family == AF_INET6)
        return v6_is_public(((const struct sockaddr_in6 *)a)->sin6_addr.s6_addr);
    return false;
}

/* Asked with the address that is really connected to. */
static curl_socket_t open_public(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct http_client *c = arg;

    (void)purpose;
    if (!http_address_is_public(&to->addr)) {
        c->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
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
    if (call->public_only) {
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_public);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, c);
        curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L); /* none that was opened otherwise */
    }
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
    if (c->refused)
        return ctx_fail(cx, E_INVALID, "this address is none of the public internet");
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
    c->too_large = c->stopped = c->refused = false;
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
