/* http_fuzz.c -- says any bytes to a real server on one connection. What reaches its handler must
 * be what a strict reader, here, finds in the same bytes: the same requests, in order, none more.
 * So leniency below us that a proxy before us does not share would show.
 * The server runs in its own threads; coverage is that of our code in them. */
#include "base/utf8.h"
#include "fuzz.h"
#include "io/http.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEEN_MAX = 64, TARGET_BYTES = 4096, BODY_BYTES = 65536 };

/* One request, as the handler saw it. */
struct seen {
    char path[TARGET_BYTES];
    size_t body_bytes, field_bytes;
    bool chunked;
};
static struct seen seen[SEEN_MAX];
static _Atomic(unsigned) seen_count;

static void handle(void *arg, struct http_exchange *ex)
{
    unsigned n = atomic_load(&seen_count);
    const char *x = http_header(ex, "x"), *encoding = http_header(ex, "transfer-encoding");

    (void)arg;
    must(n < SEEN_MAX, "more requests than fit");
    must(ex->path[0] == '/' && utf8_valid(str_from(ex->path)), "a path that is none");
    must(strpbrk(ex->path, "\r\n\t") == NULL && strstr(ex->path, "/../") == NULL,
         "a path that climbs");
    must(strpbrk(ex->query, " \r\n#") == NULL, "a query that is none");
    must(ex->body.len <= BODY_BYTES, "a body over its limit");
    snprintf(seen[n].path, sizeof seen[n].path, "%s", ex->path);
    seen[n].body_bytes = ex->body.len;
    seen[n].field_bytes = x == NULL ? 0 : strlen(x);
    seen[n].chunked = encoding != NULL;
    atomic_store(&seen_count, n + 1);
    http_answer(ex, &(struct http_answer){ .status = 204 });
}

static size_t body_limit(void *arg, const struct http_exchange *head)
{
    (void)arg;
    (void)head;
    return BODY_BYTES;
}

static int server_port(void)
{
    static struct http_server *s;
    static struct clock clock;
    struct http_options o = {
        .listen = "127.0.0.1:0", .loops = 1, .handle = handle, .body_limit = body_limit
    };
    struct ctx cx;

    if (s == NULL) {
        struct arena *a = arena_new(4096);
        ctx_init(&cx, a, &clock);
        must(http_start(&cx, &o, &s) == OK, "the server does not start");
        arena_free(a);
    }
    return http_port(s);
}

static void say(const uint8_t *data, size_t size)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)server_port()) };
    struct linger reset = { 1, 0 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer[65536];

    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0,
         "the server does not accept");
    for (size_t at = 0; at < size;) {
        ssize_t n = send(fd, data + at, size - at, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    shutdown(fd, SHUT_WR);
    while (recv(fd, answer, sizeof answer, 0) > 0)
        ;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset); /* no port kept waiting */
    close(fd);
}

/* ---- the strict reader ---- */

static bool take_line(struct str *rest, struct str *line)
{
    for (size_t i = 0; i < rest->len; i++) {
        char c = rest->p[i];
        if (c == '\r' && i + 1 < rest->len && rest->p[i + 1] == '\n') {
            *line = (struct str){ rest->p, i };
            *rest = (struct str){ rest->p + i + 2, rest->len - i - 2 };
            return true;
        }
        if (((unsigned char)c < ' ' && c != '\t') || c == 127)
            return false;
    }
    return false;
}

/* The next request of the stream: its raw target and how long its body is. */
static bool strict_next(struct str *rest, struct str *target, i64 *length, bool *chunked,
                        struct str *x)
{
    struct str line, name, method;
    unsigned hosts = 0, lengths = 0;

    while (str_starts(*rest, "\r\n")) /* empty lines before a request stand for nothing */
        *rest = (struct str){ rest->p + 2, rest->len - 2 };
    if (!take_line(rest, &line))
        return false;
    *length = 0;
    *chunked = false;
    *x = STR("");
    bool one_one = str_ends(line, " HTTP/1.1");
    if (line.len < 9 || !str_split(&line, ' ', &method) || !str_split(&line, ' ', target) ||
        memchr(line.p, ' ', line.len) != NULL || !str_starts(line, "HTTP/1."))
        return false;
    for (;;) {
        if (!take_line(rest, &line))
            return false;
        if (line.len == 0)
            break;
        if (memchr(line.p, ':', line.len) == NULL || !str_split(&line, ':', &name) || name.len == 0)
            return false;
        for (size_t i = 0; i < name.len; i++)
            if (name.p[i] <= ' ' || (unsigned char)name.p[i] > 126)
                return false;
        line = str_trim(line);
        if (str_equal_fold(name, STR("x")) && x->p[0] == '\0')
            *x = line;
        hosts += str_equal_fold(name, STR("host"));
        *chunked = *chunked || str_equal_fold(name, STR("transfer-encoding"));
        if (str_equal_fold(name, STR("content-length"))) {
            lengths++;
            if (!str_i64(line, length) || *length < 0)
                return false;
        }
    }
    return hosts <= 1 && (hosts == 1 || !one_one) && lengths <= 1 && !(lengths == 1 && *chunked);
}

static bool same_target(struct str target, const char *path)
{
    size_t raw = 0, at = 0;

    if (str_starts(target, "http://"))
        return true; /* the authority is compared with Host elsewhere */
    for (; raw < target.len && target.p[raw] != '?'; raw++, at++) {
        if (target.p[raw] == '%')
            raw += 2;
        else if (path[at] != target.p[raw])
            return false;
    }
    return path[at] == '\0';
}

/* libmicrohttpd puts zeros in place of CR LF, of a bare LF and of colons, so that these and a NUL
 * look alike to us: what src/io/README.md says cannot always be refused. Such input must only do no
 * harm. */
static bool ambiguous(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] == '\0' || (data[i] == '\n' && (i == 0 || data[i - 1] != '\r')))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = { (const char *)data, size }, target, x;
    i64 length;
    bool chunked;

    if (size > TARGET_BYTES)
        return 0;
    atomic_store(&seen_count, 0);
    say(data, size);
    if (ambiguous(data, size))
        return 0;
    for (unsigned i = 0; i < atomic_load(&seen_count); i++) {
        must(strict_next(&rest, &target, &length, &chunked, &x),
             "a request that is none was handled");
        must(same_target(target, seen[i].path), "another path was handled");
        must(chunked == seen[i].chunked, "another framing was handled");
        must(chunked || seen[i].body_bytes == (size_t)length, "another body was handled");
        must(x.len == seen[i].field_bytes, "another header value was handled");
        must(!chunked || i + 1 == atomic_load(&seen_count),
             "something was read behind a chunked body");
        if ((size_t)length > rest.len)
            break;
        rest = (struct str){ rest.p + length, rest.len - (size_t)length };
    }
    return 0;
}
