/* smtp.c -- one connection to a mail server: sockets, TLS, the dialogue. */
#include "io/smtp.h"
#include "base/buf.h"
#include "base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECT_MS = 20 * 1000,
    REPLY_MS = 60 * 1000,
    END_MS = 5 * 60 * 1000,
    QUIT_MS = 500,
    IN_BYTES = 16 * 1024,
    OUT_BYTES = 64 * 1024 * 1024,
    NS_PER_MS = 1000 * 1000
};

struct smtp {
    int fd;
    gnutls_session_t tls;
    gnutls_certificate_credentials_t trust;
    bool pipelining, eight_bit, utf8, size, starttls, plain, login;
    i64 size_limit;
    bool broken;
    const struct smtp_mail *ahead; /* whose envelope was sent already */
    unsigned reply_ms, end_ms;
    struct buf out;
    size_t sent; /* of what was last to be sent */
    char in[IN_BYTES];
    size_t in_len;
    char why[400]; /* of the last failure of the connection */
};

static i64 now_ms(void) { return (i64)(clock_mono_ns() / NS_PER_MS); }

static void broke(struct smtp *s, const char *why)
{
    if (!s->broken)
        snprintf(s->why, sizeof s->why, "%s", why);
    s->broken = true;
}

/* ---- bytes ---- */
static bool wait_for(struct smtp *s, short events, i64 until)
{
    for (;;) {
        struct pollfd p = { .fd = s->fd, .events = events };
        i64 left = until - now_ms();
        int n = poll(&p, 1, left > 0 ? (int)left : 0);
        if (n > 0)
            return true;
        if (n < 0 && errno == EINTR)
            continue;
        broke(s, n == 0 ? "no answer in time" : strerror(errno));
        return false;
    }
}

static ssize_t send_some(struct smtp *s, const char *p, size_t len)
{
    if (s->tls == NULL)
        return send(s->fd, p, len, MSG_NOSIGNAL);
    ssize_t n = gnutls_record_send(s->tls, p, len);
    if (n < 0 && (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)) {
        errno = EAGAIN;
        return -1;
    }
    if (n < 0)
        errno = EPIPE;
    return n < 0 ? -1 : n;
}

static bool send_all(struct smtp *s, const char *p, size_t len, i64 until)
{
    s->sent = 0;
    while (len > 0 && !s->broken) {
        ssize_t n = send_some(s, p, len);
        if (n > 0) {
            s->sent += (size_t)n;
            p += n;
            len -= (size_t)n;
        } else if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            broke(s, strerror(errno));
        } else {
            (void)wait_for(s, POLLOUT, until);
        }
    }
    return !s->broken;
}

static bool flush(struct smtp *s, i64 until)
{
    bool fine = buf_status(&s->out) == OK && send_all(s, s->out.p, s->out.len, until);

    if (buf_status(&s->out) != OK)
        broke(s, "the mail is too long");
    buf_clear(&s->out);
    return fine;
}

/* More of what the server says; false: none comes any more. */
static bool receive(struct smtp *s, i64 until)
{
    while (!s->broken) {
        char *to = s->in + s->in_len;
        size_t room = sizeof s->in - s->in_len;
        ssize_t n;
        if (room == 0) {
            broke(s, "the server's answer is too long");
            break;
        }
        if (s->tls == NULL) {
            n = recv(s->fd, to, room, 0);
        } else {
            n = gnutls_record_recv(s->tls, to, room);
            if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
                n = -1;
                errno = EAGAIN;
            } else if (n < 0) {
                n = 0;
            }
        }
        if (n > 0) {
            s->in_len += (size_t)n;
            return true;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
            if (!wait_for(s, POLLIN, until))
                break;
            continue;
        }
        broke(s, n == 0 ? "the server closed the connection" : strerror(errno));
    }
    return false;
}

/* The next reply. False: the connection is broken. */
static bool read_reply(struct smtp *s, unsigned ms, struct smtp_reply *out)
{
    i64 until = now_ms() + ms;

    *out = (struct smtp_reply){ 0 };
    for (;;) {
        struct str in = { s->in, s->in_len };
        int got = s->in_len > 0 ? smtp_reply_take(&in, out) : 0;
        if (got < 0) {
            broke(s, "the server's answer is not SMTP");
            *out = (struct smtp_reply){ 0 };
            return false;
        }
        if (got > 0) {
            s->in_len = in.len;
            memmove(s->in, in.p, in.len);
            if (out->code == 421)
                broke(s, out->text);
            return true;
        }
        *out = (struct smtp_reply){ 0 };
        if (!receive(s, until))
            return false;
    }
}

static bool command(struct smtp *s, struct smtp_reply *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static bool command(struct smtp *s, struct smtp_reply *out, const char *fmt, ...)
{
    char line[2048];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line - 2, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof line - 2) {
        broke(s, "a command is too long");
        return false;
    }
    memcpy(line + n, "\r\n", 2);
    bool fine = send_all(s, line, (size_t)n + 2, now_ms() + s->reply_ms);
    sodium_memzero(line, sizeof line);
    return fine && read_reply(s, s->reply_ms, out);
}

/* ---- connecting ---- */
static int try_address(const struct addrinfo *a, i64 until)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    int error = 0, on = 1;
    socklen_t len = sizeof error;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
        return fd;
    if (errno == EINPROGRESS) {
        struct pollfd p = { .fd = fd, .events = POLLOUT };
        i64 left = until - now_ms();
        if (poll(&p, 1, left > 0 ? (int)left : 0) > 0 &&
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
            return fd;
        errno = error != 0 ? error : ETIMEDOUT;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static enum status reach(struct ctx *cx, const struct smtp_options *o, struct smtp *s)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
    i64 until = now_ms() + (o->connect_ms != 0 ? o->connect_ms : CONNECT_MS);
    char port[12];
    int e;

    snprintf(port, sizeof port, "%d", o->port);
    e = getaddrinfo(o->host, port, &hints, &list);
    if (e != 0)
        return ctx_fail(cx, E_IO, "the mail server '%s' has no address: %s", o->host,
                        gai_strerror(e));
    s->fd = -1;
    for (const struct addrinfo *a = list; a != NULL && s->fd < 0; a = a->ai_next)
        s->fd = try_address(a, until);
    e = errno;
    freeaddrinfo(list);
    if (s->fd < 0)
        return ctx_fail(cx, E_IO, "the mail server '%s', port %d, cannot be reached: %s", o->host,
                        o->port, strerror(e));
    return OK;
}

static bool is_numeric(const char *host)
{
    return host[strspn(host, "0123456789.")] == '\0' || strchr(host, ':') != NULL;
}

static enum status start_tls(struct ctx *cx, const struct smtp_options *o, struct smtp *s)
{
    i64 until = now_ms() + (o->connect_ms != 0 ? o->connect_ms : CONNECT_MS);
    int e = gnutls_certificate_allocate_credentials(&s->trust);

    if (e == 0)
        (void)gnutls_certificate_set_x509_system_trust(s->trust);
    if (e == 0 && !text_empty(o->trust)) {
        gnutls_datum_t pem = { (unsigned char *)o->trust, (unsigned)strlen(o->trust) };
        if (gnutls_certificate_set_x509_trust_mem(s->trust, &pem, GNUTLS_X509_FMT_PEM) <= 0)
            return ctx_fail(cx, E_INVALID, "the certificate to trust is none: paste it as PEM");
    }
    if (e == 0)
        e = gnutls_init(&s->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
    if (e == 0)
        e = gnutls_set_default_priority(s->tls);
    if (e == 0)
        e = gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE, s->trust);
    if (e != 0)
        return ctx_fail(cx, E_IO, "TLS does not start: %s", gnutls_strerror(e));
    if (!is_numeric(o->host))
        (void)gnutls_server_name_set(s->tls, GNUTLS_NAME_DNS, o->host, strlen(o->host));
    gnutls_session_set_verify_cert(s->tls, o->host, 0);
    gnutls_transport_set_int(s->tls, s->fd);
    while ((e = gnutls_handshake(s->tls)) != 0) {
        if (e != GNUTLS_E_AGAIN && e != GNUTLS_E_INTERRUPTED) {
            if (e != GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
                return ctx_fail(cx, E_IO, "TLS with '%s' fails: %s", o->host, gnutls_strerror(e));
            gnutls_datum_t why = { 0 };
            (void)gnutls_certificate_verification_status_print(
                gnutls_session_get_verify_cert_status(s->tls), GNUTLS_CRT_X509, &why, 0);
            enum status st = ctx_fail(cx, E_IO, "the certificate of '%s' is not to be trusted: %s",
                                      o->host, why.data != NULL ? (char *)why.data : "");
            gnutls_free(why.data);
            return st;
        }
        if (!wait_for(s, gnutls_record_get_direction(s->tls) ? POLLOUT : POLLIN, until))
            return ctx_fail(cx, E_IO, "TLS with '%s' fails: %s", o->host, s->why);
    }
    s->in_len = 0; /* what came before it was said by nobody knows whom */
    return OK;
}

static enum status said(struct ctx *cx, const struct smtp_options *o, struct smtp *s,
                        const struct smtp_reply *r, const char *to)
{
    if (s->broken && r->code == 0)
        return ctx_fail(cx, E_IO, "the connection to '%s' broke %s: %s", o->host, to, s->why);
    return ctx_fail(cx, E_IO, "the mail server '%s' answered %d %s %s", o->host, r->code, r->text,
                    to);
}

/* What the answer to EHLO offers. Its lines were joined with spaces: keywords are words of it. */
static void read_offers(struct smtp *s, const char *raw, size_t len)
{
    struct str rest = { raw, len }, line;

    s->pipelining = s->eight_bit = s->utf8 = s->size = s->starttls = s->plain = s->login = false;
    s->size_limit = 0;
    while (str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.len <= 4)
            continue;
        struct str words = { line.p + 4, line.len - 4 }, word;
        bool first = str_split(&words, ' ', &word);
        if (!first)
            continue;
        s->pipelining |= str_equal_fold(word, STR("PIPELINING"));
        s->eight_bit |= str_equal_fold(word, STR("8BITMIME"));
        s->utf8 |= str_equal_fold(word, STR("SMTPUTF8"));
        s->starttls |= str_equal_fold(word, STR("STARTTLS"));
        if (str_equal_fold(word, STR("SIZE"))) {
            s->size = true;
            if (str_split(&words, ' ', &word) && !str_i64(word, &s->size_limit))
                s->size_limit = 0;
        } else if (str_equal_fold(word, STR("AUTH"))) {
            while (str_split(&words, ' ', &word)) {
                s->plain |= str_equal_fold(word, STR("PLAIN"));
                s->login |= str_equal_fold(word, STR("LOGIN"));
            }
        }
    }
}

static enum status hello(struct ctx *cx, const struct smtp_options *o, struct smtp *s,
                         struct smtp_reply *r)
{
    char name[256] = "localhost", line[300];
    i64 until = now_ms() + s->reply_ms;

    if (!text_empty(o->hello))
        snprintf(name, sizeof name, "%s", o->hello);
    else if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
        snprintf(name, sizeof name, "localhost");
    int n = snprintf(line, sizeof line, "EHLO %s\r\n", name);
    if (!send_all(s, line, (size_t)n, until))
        return said(cx, o, s, r, "when greeted");
    for (;;) { /* the lines themselves are wanted */
        struct str in = { s->in, s->in_len };
        int got = s->in_len > 0 ? smtp_reply_take(&in, r) : 0;
        if (got > 0) {
            read_offers(s, s->in, s->in_len - in.len);
            s->in_len = in.len;
            memmove(s->in, in.p, in.len);
            break;
        }
        if (got < 0)
            broke(s, "the answer is not SMTP");
        if (got < 0 || !receive(s, until)) {
            *r = (struct smtp_reply){ 0 };
            return said(cx, o, s, r, "when greeted");
        }
    }
    if (r->code == 250)
        return OK;
    return said(cx, o, s, r, "when greeted");
}

/* ---- who we are ---- */
static bool put_base64(char *out, size_t size, const void *bytes, size_t len)
{
    if (sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL) > size)
        return false;
    sodium_bin2base64(out, size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
    return true;
}

static bool is_this_machine(int fd)
{
    struct sockaddr_storage a = { 0 };
    socklen_t len = sizeof a;

    if (getpeername(fd, (struct sockaddr *)&a, &len) != 0)
        return false;
    if (a.ss_family == AF_INET)
        return ntohl(((struct sockaddr_in *)&a)->sin_addr.s_addr) >> 24 == 127;
    return a.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&a)->sin6_addr);
}

static enum status sign_in(struct ctx *cx, const struct smtp_options *o, struct smtp *s,
                           struct smtp_reply *r)
{
    char both[1024], text[1500];
    size_t user = strlen(o->user), password = o->password != NULL ? strlen(o->password) : 0;
    bool fine = true;

    if (s->tls == NULL && !is_this_machine(s->fd))
        return ctx_fail(cx, E_INVALID,
                        "the password is not sent over an open line: choose STARTTLS or TLS");
    if (!s->plain && !s->login)
        return ctx_fail(cx, E_IO, "the mail server '%s' offers no sign-in that is known here",
                        o->host);
    if (user + password + 2 > sizeof both)
        return ctx_fail(cx, E_INVALID, "user name and password are too long");
    if (s->plain) {
        both[0] = '\0';
        memcpy(both + 1, o->user, user + 1);
        memcpy(both + 2 + user, o->password != NULL ? o->password : "", password);
        fine = put_base64(text, sizeof text, both, user + password + 2) &&
               command(s, r, "AUTH PLAIN %s", text);
    } else {
        fine = command(s, r, "AUTH LOGIN");
        if (fine && r->code == 334)
            fine = put_base64(text, sizeof text, o->user, user) && command(s, r, "%s", text);
        if (fine && r->code == 334)
            fine =
                put_base64(text, sizeof text, o->password, password) && command(s, r, "%s", text);
    }
    sodium_memzero(both, sizeof both);
    sodium_memzero(text, sizeof text);
    if (!fine || s->broken)
        return said(cx, o, s, r, "at sign-in");
    if (r->code == 235)
        return OK;
    return ctx_fail(cx, r->code >= 500 ? E_FORBIDDEN : E_IO,
                    "the mail server '%s' refuses the user name or password: %d %s", o->host,
                    r->code, r->text);
}

static enum status begin(struct ctx *cx, const struct smtp_options *o, struct smtp *s,
                         struct smtp_reply *r)
{
    TRY(reach(cx, o, s));
    if (o->security == SMTP_TLS)
        TRY(start_tls(cx, o, s));
    if (!read_reply(s, s->reply_ms, r) || r->code != 220)
        return said(cx, o, s, r, "at the beginning");
    TRY(hello(cx, o, s, r));
    if (o->security == SMTP_STARTTLS) {
        if (!s->starttls)
            return ctx_fail(cx, E_IO,
                            "the mail server '%s' offers no STARTTLS; without encryption nothing "
                            "is sent to it unless its sender says so",
                            o->host);
        if (!command(s, r, "STARTTLS") || r->code != 220)
            return said(cx, o, s, r, "to STARTTLS");
        TRY(start_tls(cx, o, s));
        TRY(hello(cx, o, s, r));
    }
    return text_empty(o->user) ? OK : sign_in(cx, o, s, r);
}

enum status smtp_open(struct ctx *cx, const struct smtp_options *o, struct smtp **out,
                      struct smtp_reply *reply)
{
    struct smtp *s = calloc(1, sizeof *s);
    enum status status;

    assert(s != NULL);
    *reply = (struct smtp_reply){ 0 };
    *out = NULL;
    s->fd = -1;
    s->reply_ms = o->reply_ms != 0 ? o->reply_ms : REPLY_MS;
    s->end_ms = o->end_ms != 0 ? o->end_ms : END_MS;
    s->out = buf_new(OUT_BYTES);
    status = begin(cx, o, s, reply);
    if (status != OK) {
        s->broken = true;
        smtp_close(s);
        return status;
    }
    *out = s;
    return OK;
}

void smtp_close(struct smtp *s)
{
    struct smtp_reply r;

    if (s == NULL)
        return;
    if (!s->broken && s->ahead == NULL) {
        s->reply_ms = QUIT_MS;
        (void)command(s, &r, "QUIT");
    }
    if (s->tls != NULL) {
        if (!s->broken)
            (void)gnutls_bye(s->tls, GNUTLS_SHUT_WR);
        gnutls_deinit(s->tls);
    }
    if (s->trust != NULL)
        gnutls_certificate_free_credentials(s->trust);
    if (s->fd >= 0)
        close(s->fd);
    buf_free(&s->out);
    free(s);
}

bool smtp_is_broken(const struct smtp *s) { return s->broken; }

/* ---- one mail ---- */
/* MAIL and RCPT (and DATA, where the server pipelines). */
static void put_envelope(struct smtp *s, const struct smtp_mail *m)
{
    buf_printf(&s->out, "MAIL FROM:<%s>", m->from);
    if (s->size)
        buf_printf(&s->out, " SIZE=%zu", m->head.len + m->body.len);
    if (m->utf8)
        buf_text(&s->out, " SMTPUTF8");
    buf_printf(&s->out, "\r\nRCPT TO:<%s>\r\nDATA\r\n", m->to);
}

/* The mail's lines with dots doubled, where a line begins with one. */
static void put_dotted(struct buf *out, struct str text, bool *line_begins)
{
    const char *p = text.p, *end = text.p + text.len;

    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = stop != NULL ? (size_t)(stop - p) + 1 : (size_t)(end - p);
        if (*p == '.' && *line_begins)
            buf_char(out, '.');
        const char *dot = p; /* long runs without a line that begins with a dot go at once */
        while (stop != NULL && stop + 1 < end && stop[1] != '.') {
            const char *more = memchr(stop + 1, '\n', (size_t)(end - stop - 1));
            if (more == NULL)
                break;
            stop = more;
        }
        if (stop != NULL)
            n = (size_t)(stop - dot) + 1;
        buf_add(out, dot, n);
        p = dot + n;
        *line_begins = stop != NULL;
    }
}

static bool sent_before(struct smtp *s, struct smtp_result *out)
{
    /* Nothing of this mail's text was sent: it was not taken. */
    out->outcome = SMTP_CLOSED;
    if (out->reply.code == 0)
        snprintf(out->reply.text, sizeof out->reply.text, "%s", s->why);
    return false;
}

static bool judge(struct smtp *s, enum smtp_stage stage, const struct smtp_reply *r,
                  struct smtp_result *out)
{
    out->stage = stage;
    out->reply = *r;
    if (r->code == 421 || (s->broken && r->code == 0))
        return sent_before(s, out);
    out->outcome = r->code >= 500 ? SMTP_REFUSED : SMTP_LATER;
    return false;
}

/* Reads the answers to the envelope; true: the server waits for the text. */
static bool envelope_taken(struct smtp *s, struct smtp_result *out)
{
    struct smtp_reply mail, rcpt, data;

    if (!read_reply(s, s->reply_ms, &mail))
        return judge(s, SMTP_AT_MAIL, &mail, out);
    if (!read_reply(s, s->reply_ms, &rcpt))
        return mail.code >= 400 ? judge(s, SMTP_AT_MAIL, &mail, out)
                                : judge(s, SMTP_AT_RCPT, &rcpt, out);
    if (!read_reply(s, s->reply_ms, &data))
        data = (struct smtp_reply){ 0 };
    bool fine = mail.code / 100 == 2 && rcpt.code / 100 == 2;
    if (fine && data.code == 354)
        return true;
    if (data.code == 354) { /* it waits for a text although there is nobody to get it */
        struct smtp_reply end;
        if (send_all(s, ".\r\n", 3, now_ms() + s->reply_ms))
            (void)read_reply(s, s->reply_ms, &end);
    }
    if (mail.code / 100 != 2)
        return judge(s, SMTP_AT_MAIL, &mail, out);
    if (rcpt.code / 100 != 2)
        return judge(s, SMTP_AT_RCPT, &rcpt, out);
    return judge(s, SMTP_AT_DATA, &data, out);
}

/* One command after the other, for servers that do not pipeline. */
static bool envelope_step_by_step(struct smtp *s, const struct smtp_mail *m,
                                  struct smtp_result *out)
{
    struct smtp_reply r, reset;
    char size[32] = "";

    if (s->size)
        snprintf(size, sizeof size, " SIZE=%zu", m->head.len + m->body.len);
    if (!command(s, &r, "MAIL FROM:<%s>%s%s", m->from, size, m->utf8 ? " SMTPUTF8" : "") ||
        r.code / 100 != 2)
        return judge(s, SMTP_AT_MAIL, &r, out);
    if (!command(s, &r, "RCPT TO:<%s>", m->to) || r.code / 100 != 2) {
        judge(s, SMTP_AT_RCPT, &r, out);
    } else if (command(s, &r, "DATA") && r.code == 354) {
        return true;
    } else {
        judge(s, SMTP_AT_DATA, &r, out);
    }
    if (!s->broken)
        (void)command(s, &reset, "RSET");
    return false;
}

static bool can_go(struct smtp *s, const struct smtp_mail *m, struct smtp_result *out)
{
    out->outcome = SMTP_REFUSED;
    out->stage = SMTP_AT_MAIL;
    if (m->utf8 && !s->utf8) {
        out->reply = (struct smtp_reply){ .code = 550,
                                          .enhanced = "5.6.7",
                                          .text = "the mail server takes no addresses with "
                                                  "letters beyond ASCII" };
        return false;
    }
    if (s->size_limit > 0 && (i64)(m->head.len + m->body.len) > s->size_limit) {
        out->reply = (struct smtp_reply){ .code = 552,
                                          .enhanced = "5.3.4",
                                          .text = "the mail is larger than the mail server "
                                                  "takes" };
        return false;
    }
    return true;
}

void smtp_send(struct smtp *s, const struct smtp_mail *m, const struct smtp_mail *next,
               struct smtp_result *out)
{
    struct smtp_result ignored;
    bool begins = true, was_ahead = s->ahead != NULL;

    *out = (struct smtp_result){ 0 };
    if (s->broken) {
        (void)sent_before(s, out);
        return;
    }
    if (!was_ahead && !can_go(s, m, out))
        return;
    if (was_ahead) {
        assert(s->ahead == m);
        s->ahead = NULL;
    } else if (s->pipelining) {
        put_envelope(s, m);
        if (!flush(s, now_ms() + s->reply_ms)) {
            (void)sent_before(s, out);
            return;
        }
    }
    if (!(was_ahead || s->pipelining ? envelope_taken(s, out) : envelope_step_by_step(s, m, out)))
        return;
    put_dotted(&s->out, m->head, &begins);
    put_dotted(&s->out, m->body, &begins);
    if (!begins)
        buf_text(&s->out, "\r\n");
    if (m->ending != NULL)
        m->ending(m->arg);
    buf_text(&s->out, ".\r\n");
    size_t whole = s->out.len;
    if (next != NULL && s->pipelining && can_go(s, next, &ignored)) {
        put_envelope(s, next);
        s->ahead = next;
    }
    out->stage = SMTP_AT_END;
    if (!flush(s, now_ms() + s->end_ms) || !read_reply(s, s->end_ms, &out->reply)) {
        /* Without the mail's last bytes nobody has taken it. */
        out->outcome = s->sent < whole ? SMTP_CLOSED : SMTP_UNSURE;
        snprintf(out->reply.text, sizeof out->reply.text, "%s", s->why);
        return;
    }
    int code = out->reply.code;
    out->outcome = code / 100 == 2 ? SMTP_TAKEN
                   : code == 421   ? SMTP_CLOSED
                   : code >= 500   ? SMTP_REFUSED
                                   : SMTP_LATER;
}
