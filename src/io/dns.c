/* dns.c -- RFC 1035's questions and answers, as much as a look-up needs. */
#include "io/dns.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 53, HEAD = 12, NAME_BYTES = 255, LABEL_BYTES = 63, JUMPS = 32, TXT_BYTES = 8192 };

/* ---- the message ---- */
size_t dns_question(unsigned char *out, size_t size, u16 id, const char *name, enum dns_type type)
{
    size_t n = HEAD, len = strlen(name);
    struct str rest = { name, len }, label;

    if (len > 0 && name[len - 1] == '.')
        rest.len--;
    if (rest.len == 0 || rest.len > NAME_BYTES - 2 || size < HEAD + rest.len + 6)
        return 0;
    memset(out, 0, HEAD);
    out[0] = (unsigned char)(id >> 8);
    out[1] = (unsigned char)id;
    out[2] = 1; /* recursion desired */
    out[5] = 1; /* one question */
    while (str_split(&rest, '.', &label)) {
        if (label.len == 0 || label.len > LABEL_BYTES)
            return 0;
        out[n++] = (unsigned char)label.len;
        memcpy(out + n, label.p, label.len);
        n += label.len;
    }
    out[n++] = 0;
    out[n++] = (unsigned char)(type >> 8);
    out[n++] = (unsigned char)type;
    out[n++] = 0;
    out[n++] = 1; /* IN */
    return n;
}

struct reader {
    const unsigned char *p;
    size_t len, at;
    bool failed;
};

static unsigned take(struct reader *r, int bytes)
{
    unsigned v = 0;

    if (r->failed || r->len - r->at < (size_t)bytes) {
        r->failed = true;
        return 0;
    }
    while (bytes-- > 0)
        v = v << 8 | r->p[r->at++];
    return v;
}

/* A name with its jumps; `to` NULL passes over it. */
static void take_name(struct reader *r, char *to, size_t size)
{
    size_t at = r->at, n = 0;
    int jumps = 0;
    bool jumped = false;

    for (;;) {
        if (at >= r->len || jumps > JUMPS) {
            r->failed = true;
            return;
        }
        unsigned len = r->p[at++];
        if (len >= 0xC0) {
            if (at >= r->len) {
                r->failed = true;
                return;
            }
            size_t target = (size_t)(len & 0x3F) << 8 | r->p[at++];
            if (!jumped)
                r->at = at;
            jumped = true;
            jumps++;
            at = target;
            continue;
        }
        if (len > LABEL_BYTES || at + len > r->len) {
            r->failed = true;
            return;
        }
        if (len == 0)
            break;
        for (unsigned i = 0; i < len && to != NULL && n + 2 < size; i++) {
            unsigned char c = r->p[at + i];
            to[n++] = c > ' ' && c < 127 ? (char)c : '?';
        }
        if (to != NULL && n + 2 < size)
            to[n++] = '.';
        at += len;
    }
    if (!jumped)
        r->at = at;
    if (to != NULL)
        to[n > 0 ? n - 1 : 0] = '\0';
}

static const char *take_txt(struct arena *a, struct reader *r, size_t end)
{
    char *out = arena_alloc(a, TXT_BYTES + 1, 1);
    size_t n = 0;

    while (r->at < end && !r->failed) {
        unsigned len = take(r, 1);
        if (r->at + len > end) {
            r->failed = true;
            break;
        }
        for (unsigned i = 0; i < len && n < TXT_BYTES; i++) {
            unsigned char c = r->p[r->at + i];
            out[n++] = c >= ' ' && c < 127 ? (char)c : '?';
        }
        r->at += len;
    }
    return out;
}

static void take_answer(struct arena *a, struct reader *r, enum dns_type type,
                        struct dns_answers *out)
{
    char name[NAME_BYTES + 1], address[INET6_ADDRSTRLEN];
    struct dns_answer one = { 0 };
    unsigned is, len;

    take_name(r, NULL, 0);
    is = take(r, 2);
    (void)take(r, 2);
    (void)take(r, 4);
    len = take(r, 2);
    size_t end = r->at + len;
    if (r->failed || end > r->len) {
        r->failed = true;
        return;
    }
    if (is == (unsigned)type && out->count < DNS_ANSWERS) {
        if (type == DNS_TXT) {
            one.text = take_txt(a, r, end);
        } else if (type == DNS_MX || type == DNS_CNAME) {
            one.preference = type == DNS_MX ? (int)take(r, 2) : 0;
            take_name(r, name, sizeof name);
            one.text = arena_text(a, name);
        } else if ((type == DNS_A && len == 4) || (type == DNS_AAAA && len == 16)) {
            inet_ntop(type == DNS_A ? AF_INET : AF_INET6, r->p + r->at, address, sizeof address);
            one.text = arena_text(a, address);
        } else {
            r->failed = true;
        }
        if (!r->failed)
            out->all[out->count++] = one;
    }
    r->at = end;
}

int dns_read(struct arena *a, struct str message, u16 id, enum dns_type type,
             struct dns_answers *out)
{
    struct reader r = { (const unsigned char *)message.p, message.len, 0, false };
    unsigned flags, questions, answers;

    out->count = 0;
    if (take(&r, 2) != id)
        return -1;
    flags = take(&r, 2);
    questions = take(&r, 2);
    answers = take(&r, 2);
    (void)take(&r, 4);
    if (r.failed || (flags & 0x8000) == 0 || questions != 1)
        return -1;
    if (flags & 0x0200)
        return 1;
    if ((flags & 15) != 0)
        return (int)(flags & 15) + 1;
    take_name(&r, NULL, 0);
    (void)take(&r, 4);
    for (unsigned i = 0; i < answers && !r.failed; i++)
        take_answer(a, &r, type, out);
    return r.failed ? -1 : 0;
}

/* ---- the server ---- */
static enum status parse_server(struct ctx *cx, const char *text, struct sockaddr_storage *to,
                                socklen_t *len)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
    const char *colon = strrchr(text, ':');
    i64 port = PORT;

    memset(to, 0, sizeof *to);
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(PORT);
        *len = sizeof *v6;
        return OK;
    }
    if (colon != NULL && !str_i64(str_from(colon + 1), &port))
        port = 0;
    const char *host = colon != NULL ? arena_dup(cx->arena, text, (size_t)(colon - text)) : text;
    if (port < 1 || port > 65535 || inet_pton(AF_INET, host, &v4->sin_addr) != 1)
        return ctx_fail(cx, E_INVALID, "'%s' is no name server's address", text);
    v4->sin_family = AF_INET;
    v4->sin_port = htons((u16)port);
    *len = sizeof *v4;
    return OK;
}

static const char *usual_server(struct arena *a)
{
    FILE *f = fopen("/etc/resolv.conf", "re");
    char line[512], address[128];
    const char *found = "127.0.0.1";

    if (f == NULL)
        return found;
    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, " nameserver %127s", address) == 1) {
            found = arena_text(a, address);
            break;
        }
    fclose(f);
    return found;
}

static bool ready(int fd, short events, i64 until)
{
    struct pollfd p = { .fd = fd, .events = events };
    i64 left = until - (i64)(clock_mono_ns() / 1000000);

    return poll(&p, 1, left > 0 ? (int)left : 0) > 0;
}

static bool move_all(int fd, unsigned char *p, size_t len, bool sends, i64 until)
{
    while (len > 0) {
        if (!ready(fd, sends ? POLLOUT : POLLIN, until))
            return false;
        ssize_t n = sends ? send(fd, p, len, MSG_NOSIGNAL) : recv(fd, p, len, 0);
        if (n <= 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR)))
            return false;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return true;
}

struct asking {
    const struct sockaddr_storage *to;
    socklen_t to_len;
    unsigned char *message; /* DNS_MESSAGE_BYTES */
    size_t question;        /* bytes of it */
    enum dns_type type;
    u16 id;
};

/* -1: no answer. */
static int ask_udp(struct arena *a, struct asking *q, i64 until, struct dns_answers *out)
{
    int fd = socket(q->to->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), code = -1;
    unsigned char answer[DNS_MESSAGE_BYTES];

    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)q->to, q->to_len) == 0 &&
        send(fd, q->message, q->question, MSG_NOSIGNAL) == (ssize_t)q->question)
        while (code < 0 && ready(fd, POLLIN, until)) {
            ssize_t n = recv(fd, answer, sizeof answer, 0);
            if (n < 0)
                break;
            code = dns_read(a, (struct str){ (char *)answer, (size_t)n }, q->id, q->type, out);
        }
    close(fd);
    return code;
}

static int ask_tcp(struct arena *a, struct asking *q, i64 until, struct dns_answers *out)
{
    int fd = socket(q->to->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), code = -1;
    unsigned char head[2] = { (unsigned char)(q->question >> 8), (unsigned char)q->question };
    unsigned char answer[DNS_MESSAGE_BYTES];

    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)q->to, q->to_len) == 0 || errno == EINPROGRESS)
        if (move_all(fd, head, 2, true, until) &&
            move_all(fd, q->message, q->question, true, until) &&
            move_all(fd, head, 2, false, until)) {
            size_t len = (size_t)head[0] << 8 | head[1];
            if (len <= sizeof answer && move_all(fd, answer, len, false, until))
                code = dns_read(a, (struct str){ (char *)answer, len }, q->id, q->type, out);
        }
    close(fd);
    return code;
}

enum status dns_ask(struct ctx *cx, const char *server, const char *name, enum dns_type type,
                    int timeout_ms, struct dns_answers *out)
{
    unsigned char message[HEAD + NAME_BYTES + 6];
    struct sockaddr_storage to;
    struct asking q = { .to = &to, .message = message, .type = type };
    i64 now = (i64)(clock_mono_ns() / 1000000);
    int code;

    if (text_empty(server))
        server = usual_server(cx->arena);
    TRY(parse_server(cx, server, &to, &q.to_len));
    q.id = (u16)randombytes_uniform(65536);
    q.question = dns_question(message, sizeof message, q.id, name, type);
    if (q.question == 0)
        return ctx_fail(cx, E_INVALID, "'%s' is no name that can be looked up", name);
    code = ask_udp(cx->arena, &q, now + timeout_ms / 3, out);
    if (code < 0)
        code = ask_udp(cx->arena, &q, now + timeout_ms, out);
    if (code == 1)
        code = ask_tcp(cx->arena, &q, now + 2 * (i64)timeout_ms, out);
    if (code == 0 && out->count > 0)
        return OK;
    if (code == 0 || code == 4) /* 3: no such name */
        return E_NOT_FOUND;
    if (code < 0)
        return ctx_fail(cx, E_IO, "the name server %s does not answer", server);
    return ctx_fail(cx, E_IO, "the name server %s answers with error %d", server, code - 1);
}
