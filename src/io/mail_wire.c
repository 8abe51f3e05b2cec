/* mail_wire.c -- see mail_wire.h. libcurl's own IMAP would mark every mail as read that it fetches,
 * and fetch one at a time: it brings us as far as the signed-in connection only. */
#include "io/mail_wire.h"
#include "base/buf.h"
#include "base/log.h"
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CONNECT_MS = 10 * 1000, SILENT_MS = 30 * 1000, READ_BYTES = 64 * 1024 };

struct mail_wire {
    CURL *curl;
    curl_socket_t fd;
    unsigned timeout_ms;
    char error[CURL_ERROR_SIZE];
    size_t at, have;
    char in[READ_BYTES];
};

static void start_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        log_fatal("mail_wire.start", "what=libcurl");
}

enum mail_tls mail_tls_by_word(const char *word)
{
    return text_is(word, "starttls") ? MAIL_STARTTLS
           : text_is(word, "plain")  ? MAIL_PLAIN
                                     : MAIL_TLS;
}

/* What went wrong, in words that say what to change. */
static enum status refused(struct ctx *cx, const struct mail_wire *w,
                           const struct mail_server *server, CURLcode code)
{
    const char *why = w->error[0] != '\0' ? w->error : curl_easy_strerror(code);

    switch (code) {
    case CURLE_LOGIN_DENIED:
        return ctx_fail_code(cx, E_FORBIDDEN, "mail.sign_in",
                             "%s does not accept this name and password. Check both; many "
                             "providers want an app password.",
                             server->host);
    case CURLE_COULDNT_RESOLVE_HOST:
        return ctx_fail_code(cx, E_IO, "mail.host", "There is no server called '%s'.",
                             server->host);
    case CURLE_COULDNT_CONNECT:
        return ctx_fail_code(cx, E_IO, "mail.connect",
                             "Nobody answers at %s, port %d. Check server and port.", server->host,
                             server->port);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return ctx_fail_code(cx, E_IO, "mail.certificate", "The certificate of %s is not valid: %s",
                             server->host, why);
    case CURLE_USE_SSL_FAILED:
        return ctx_fail_code(cx, E_IO, "mail.starttls",
                             "%s does not offer STARTTLS on port %d. Try TLS.", server->host,
                             server->port);
    case CURLE_OPERATION_TIMEDOUT:
        return ctx_fail_code(cx, E_IO, "mail.silent",
                             "%s, port %d, did not answer in time. Check port and encryption.",
                             server->host, server->port);
    case CURLE_URL_MALFORMAT:
        return ctx_fail_code(cx, E_INVALID, "mail.host", "'%s' is not the name of a server.",
                             server->host);
    default:
        return ctx_fail_code(cx, E_IO, "mail.connect", "%s, port %d: %s", server->host,
                             server->port, why);
    }
}

static bool host_is_plain(const char *host)
{
    size_t len = strlen(host);

    return len > 0 && len < 254 &&
           strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") ==
               len;
}

/* libcurl over GnuTLS takes authorities from files only: one that is in memory. -1: none. */
static int trust_file(const struct mail_server *s)
{
    size_t len = s->trust ? strlen(s->trust) : 0;
    int fd = len ? memfd_create("trust", MFD_CLOEXEC) : -1;

    if (fd >= 0 && write(fd, s->trust, len) != (ssize_t)len) {
        close(fd);
        return -1;
    }
    return fd;
}

enum status mail_wire_open(struct ctx *cx, const char *scheme, const struct mail_server *server,
                           struct mail_wire **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct mail_wire *w;
    struct mail_server s = *server;
    bool pop = text_is(scheme, "pop3");
    CURLcode code;

    *out = NULL;
    if (!host_is_plain(s.host))
        return ctx_fail_code(cx, E_INVALID, "mail.host", "'%s' is not the name of a server.",
                             s.host);
    if (s.port == 0)
        s.port = s.tls == MAIL_TLS ? pop ? 995 : 993 : pop ? 110 : 143;
    pthread_once(&once, start_curl);
    w = calloc(1, sizeof *w);
    if (w == NULL || (w->curl = curl_easy_init()) == NULL)
        log_fatal("mail_wire.out_of_memory", "bytes=%zu", sizeof *w);
    w->timeout_ms = s.timeout_ms ? s.timeout_ms : SILENT_MS;
    curl_easy_setopt(w->curl, CURLOPT_URL,
                     arena_printf(cx->arena, "%s%s://%s:%d/", scheme, s.tls == MAIL_TLS ? "s" : "",
                                  s.host, s.port));
    curl_easy_setopt(w->curl, CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s");
    curl_easy_setopt(w->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(w->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(w->curl, CURLOPT_ERRORBUFFER, w->error);
    curl_easy_setopt(w->curl, CURLOPT_USERNAME, s.user);
    curl_easy_setopt(w->curl, CURLOPT_PASSWORD, s.password);
    curl_easy_setopt(w->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(w->curl, CURLOPT_TIMEOUT_MS, (long)w->timeout_ms); /* of signing in */
    curl_easy_setopt(w->curl, CURLOPT_CONNECT_ONLY, 1L);
    if (s.tls == MAIL_STARTTLS)
        curl_easy_setopt(w->curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    int trust = trust_file(&s);
    if (trust >= 0)
        curl_easy_setopt(w->curl, CURLOPT_CAINFO,
                         arena_printf(cx->arena, "/proc/self/fd/%d", trust));
    code = curl_easy_perform(w->curl);
    if (trust >= 0)
        close(trust);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(w->curl, CURLINFO_ACTIVESOCKET, &w->fd);
    if (code == CURLE_OK && w->fd == CURL_SOCKET_BAD)
        code = CURLE_COULDNT_CONNECT;
    if (code != CURLE_OK) {
        enum status st = refused(cx, w, &s, code);
        mail_wire_close(w);
        return st;
    }
    *out = w;
    return OK;
}

void mail_wire_close(struct mail_wire *w)
{
    if (w == NULL)
        return;
    curl_easy_cleanup(w->curl);
    free(w);
}

/* Waits until the socket can go on. */
static enum status wait_for(struct ctx *cx, const struct mail_wire *w, short events)
{
    struct pollfd p = { .fd = w->fd, .events = events };
    int n;

    do {
        n = poll(&p, 1, (int)w->timeout_ms);
    } while (n < 0 && errno == EINTR);
    return n > 0 ? OK
                 : ctx_fail_code(cx, E_IO, "mail.silent",
                                 "The mail server has been silent for %u seconds.",
                                 w->timeout_ms / 1000);
}

enum status mail_wire_send(struct ctx *cx, struct mail_wire *w, struct str bytes)
{
    while (bytes.len > 0) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(w->curl, bytes.p, bytes.len, &sent);
        if (code == CURLE_AGAIN)
            TRY(wait_for(cx, w, POLLOUT));
        else if (code != CURLE_OK)
            return ctx_fail_code(cx, E_IO, "mail.broken", "The mail server hung up.");
        bytes.p += sent;
        bytes.len -= sent;
    }
    return OK;
}

static enum status fill(struct ctx *cx, struct mail_wire *w)
{
    while (w->at == w->have) {
        size_t got = 0;
        CURLcode code = curl_easy_recv(w->curl, w->in, sizeof w->in, &got);
        if (code == CURLE_AGAIN) {
            TRY(wait_for(cx, w, POLLIN));
            continue;
        }
        if (code != CURLE_OK || got == 0)
            return ctx_fail_code(cx, E_IO, "mail.broken", "The mail server hung up.");
        w->at = 0;
        w->have = got;
    }
    return OK;
}

enum status mail_wire_line(struct ctx *cx, struct mail_wire *w, size_t max, struct str *out)
{
    struct buf b = buf_in(cx->arena, max);

    for (;;) {
        TRY(fill(cx, w));
        const char *from = w->in + w->at, *end = memchr(from, '\n', w->have - w->at);
        size_t len = end ? (size_t)(end - from) : w->have - w->at;
        buf_add(&b, from, len);
        w->at += len + (end != NULL);
        if (buf_status(&b) != OK)
            return ctx_fail_code(cx, E_TOO_LARGE, "mail.line",
                                 "A line of the mail server is too long.");
        if (end)
            break;
    }
    while (b.len > 0 && b.p[b.len - 1] == '\r')
        b.len--;
    *out = (struct str){ b.len ? b.p : "", b.len };
    return OK;
}

enum status mail_wire_bytes(struct ctx *cx, struct mail_wire *w, size_t count, char *into)
{
    while (count > 0) {
        TRY(fill(cx, w));
        size_t len = w->have - w->at < count ? w->have - w->at : count;
        memcpy(into, w->in + w->at, len);
        w->at += len;
        into += len;
        count -= len;
    }
    return OK;
}
