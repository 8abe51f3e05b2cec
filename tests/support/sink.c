/* sink.c -- see sink.h. */
#include "support/sink.h"
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 22, SLOTS = 1 << 18, THREADS_MAX = 4096 };

struct got {
    char *address;
    size_t times;
};
struct sink {
    struct sink_options o;
    int listener, port;
    pthread_t acceptor, threads[THREADS_MAX];
    size_t thread_count;
    atomic_bool ending;
    pthread_mutex_t lock;
    struct got *slots;
    size_t taken, different, most, connections;
    char *last;
    size_t last_len;
    gnutls_certificate_credentials_t cred;
};
struct line {
    struct sink *s;
    int fd;
    gnutls_session_t tls;
    char *in;
    size_t len, at;
    bool over;
};

static void need(bool fine, const char *what)
{
    if (!fine) {
        perror(what);
        abort();
    }
}

static ssize_t get(struct line *l, char *p, size_t n)
{
    while (!atomic_load(&l->s->ending)) {
        struct pollfd f = { .fd = l->fd, .events = POLLIN };
        if ((l->tls == NULL || gnutls_record_check_pending(l->tls) == 0) && poll(&f, 1, 50) <= 0)
            continue;
        ssize_t got = l->tls != NULL ? gnutls_record_recv(l->tls, p, n) : recv(l->fd, p, n, 0);
        if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
            continue;
        return got;
    }
    return 0;
}

static void put(struct line *l, const char *text)
{
    size_t len = strlen(text);

    while (len > 0 && !l->over) {
        ssize_t n = l->tls != NULL ? gnutls_record_send(l->tls, text, len)
                                   : send(l->fd, text, len, MSG_NOSIGNAL);
        if (n <= 0) {
            l->over = true;
            break;
        }
        text += n;
        len -= (size_t)n;
    }
}

/* A line without its end, valid until the next; NULL: the connection is over. */
static char *next_line(struct line *l)
{
    for (;;) {
        char *end = memchr(l->in + l->at, '\n', l->len - l->at);
        if (end != NULL) {
            char *line = l->in + l->at;
            l->at = (size_t)(end + 1 - l->in);
            if (end > line && end[-1] == '\r')
                end--;
            *end = '\0';
            return line;
        }
        memmove(l->in, l->in + l->at, l->len - l->at);
        l->len -= l->at;
        l->at = 0;
        ssize_t n = l->len < BUFFER ? get(l, l->in + l->len, BUFFER - l->len) : 0;
        if (n <= 0)
            return NULL;
        l->len += (size_t)n;
    }
}

static bool says(struct line *l, enum sink_at at, const char *text, const char *yes)
{
    const char *word = l->s->o.says != NULL ? l->s->o.says(l->s->o.arg, at, text) : NULL;

    if (word == NULL) {
        put(l, yes);
        return true;
    }
    l->over |= text_is(word, "!");
    if (!l->over) {
        put(l, word);
        put(l, "\r\n");
    }
    l->over |= strncmp(word, "421", 3) == 0;
    return false;
}

static void count(struct sink *s, const char *address, const char *message, size_t len)
{
    pthread_mutex_lock(&s->lock);
    size_t at = str_hash(str_from(address)) % SLOTS;
    while (s->slots[at].address != NULL && !text_is(s->slots[at].address, address))
        at = (at + 1) % SLOTS;
    if (s->slots[at].address == NULL) {
        s->slots[at].address = strdup(address);
        s->different++;
    }
    if (++s->slots[at].times > s->most)
        s->most = s->slots[at].times;
    s->taken++;
    free(s->last);
    s->last = malloc(len + 1);
    need(s->last != NULL, "malloc");
    memcpy(s->last, message, len);
    s->last_len = len;
    pthread_mutex_unlock(&s->lock);
}

static void address_of(char *to, size_t size, const char *line)
{
    const char *begin = strchr(line, '<'), *end = begin != NULL ? strchr(begin, '>') : NULL;

    snprintf(to, size, "%.*s", end != NULL ? (int)(end - begin - 1) : 0,
             begin != NULL ? begin + 1 : "");
}

static bool start_tls(struct line *l)
{
    int e;

    need(gnutls_init(&l->tls, GNUTLS_SERVER) == 0, "gnutls_init");
    gnutls_set_default_priority(l->tls);
    gnutls_credentials_set(l->tls, GNUTLS_CRD_CERTIFICATE, l->s->cred);
    gnutls_transport_set_int(l->tls, l->fd);
    do
        e = gnutls_handshake(l->tls);
    while (e == GNUTLS_E_AGAIN || e == GNUTLS_E_INTERRUPTED);
    l->len = l->at = 0;
    return e == 0;
}

static void take_message(struct line *l, const char *address)
{
    static __thread char *message;
    size_t len = 0;
    char *line;

    message = malloc(BUFFER);
    need(message != NULL, "malloc");
    while ((line = next_line(l)) != NULL && !text_is(line, ".")) {
        size_t n = strlen(line);
        if (line[0] == '.')
            line++, n--;
        if (len + n + 2 < BUFFER) {
            memcpy(message + len, line, n);
            memcpy(message + len + n, "\r\n", 2);
            len += n + 2;
        }
    }
    if (l->s->o.slow_ms > 0)
        nanosleep(&(struct timespec){ l->s->o.slow_ms / 1000, l->s->o.slow_ms % 1000 * 1000000L },
                  NULL);
    if (line == NULL) {
        l->over = true;
    } else {
        const char *word =
            l->s->o.says != NULL ? l->s->o.says(l->s->o.arg, SINK_END, address) : NULL;
        /* "!!": taken, but nobody hears of it. */
        if (word == NULL || text_is(word, "!!"))
            count(l->s, address, message, len);
        l->over |= word != NULL && word[0] == '!';
        if (!l->over) {
            put(l, word != NULL ? word : "250 2.0.0 taken");
            put(l, "\r\n");
            l->over |= word != NULL && strncmp(word, "421", 3) == 0;
        }
    }
    free(message);
}

static void hello(struct line *l)
{
    const char *p = l->s->o.offers;

    put(l, "250-sink.example\r\n");
    if (!l->s->o.no_pipelining)
        put(l, "250-PIPELINING\r\n");
    if (l->s->cred != NULL && l->tls == NULL)
        put(l, "250-STARTTLS\r\n");
    for (char one[200]; p != NULL && *p != '\0';) {
        size_t n = strcspn(p, "\n");
        snprintf(one, sizeof one, "250-%.*s\r\n", (int)n, p);
        put(l, one);
        p += n + (p[n] != '\0');
    }
    put(l, "250 ENHANCEDSTATUSCODES\r\n");
}

static void talk(struct line *l)
{
    char address[400] = "", *line;
    bool mail = false, rcpt = false;

    if (l->s->o.tls_at_once && !start_tls(l))
        return;
    if (!says(l, SINK_GREETING, "", "220 sink.example ESMTP\r\n"))
        return;
    while (!l->over && (line = next_line(l)) != NULL) {
        if (strncasecmp(line, "EHLO", 4) == 0) {
            const char *word =
                l->s->o.says != NULL ? l->s->o.says(l->s->o.arg, SINK_EHLO, line) : NULL;
            if (word == NULL)
                hello(l);
            else {
                put(l, word);
                put(l, "\r\n");
            }
        } else if (strncasecmp(line, "STARTTLS", 8) == 0) {
            put(l, "220 2.0.0 go\r\n");
            l->over = !start_tls(l);
        } else if (strncasecmp(line, "AUTH PLAIN", 10) == 0) {
            (void)says(l, SINK_AUTH, line, "235 2.7.0 welcome\r\n");
        } else if (strncasecmp(line, "AUTH LOGIN", 10) == 0) {
            put(l, "334 VXNlcm5hbWU6\r\n");
            (void)next_line(l);
            put(l, "334 UGFzc3dvcmQ6\r\n");
            line = next_line(l);
            (void)says(l, SINK_AUTH, line != NULL ? line : "", "235 2.7.0 welcome\r\n");
        } else if (strncasecmp(line, "MAIL", 4) == 0) {
            rcpt = false;
            mail = says(l, SINK_MAIL, line, "250 2.1.0 ok\r\n");
        } else if (strncasecmp(line, "RCPT", 4) == 0) {
            address_of(address, sizeof address, line);
            if (!mail)
                put(l, "503 5.5.1 MAIL first\r\n");
            rcpt = mail && says(l, SINK_RCPT, address, "250 2.1.5 ok\r\n");
        } else if (strncasecmp(line, "DATA", 4) == 0) {
            if (!rcpt)
                put(l, "554 5.5.1 no valid recipients\r\n");
            else if (says(l, SINK_DATA, address, "354 go on\r\n"))
                take_message(l, address);
            mail = rcpt = false;
        } else if (strncasecmp(line, "QUIT", 4) == 0) {
            put(l, "221 2.0.0 bye\r\n");
            break;
        } else {
            put(l, strncasecmp(line, "RSET", 4) == 0 ? "250 2.0.0 ok\r\n" : "500 5.5.2 what\r\n");
        }
    }
}

static void *line_main(void *arg)
{
    struct line *l = arg;

    l->in = malloc(BUFFER + 1);
    need(l->in != NULL, "malloc");
    talk(l);
    if (l->tls != NULL)
        gnutls_deinit(l->tls);
    close(l->fd);
    free(l->in);
    free(l);
    return NULL;
}

static void *accept_main(void *arg)
{
    struct sink *s = arg;

    while (!atomic_load(&s->ending)) {
        struct pollfd f = { .fd = s->listener, .events = POLLIN };
        if (poll(&f, 1, 50) <= 0)
            continue;
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0)
            continue;
        need(s->thread_count < THREADS_MAX, "threads of the sink");
        struct line *l = calloc(1, sizeof *l);
        need(l != NULL, "calloc");
        l->s = s;
        l->fd = fd;
        pthread_mutex_lock(&s->lock);
        s->connections++;
        pthread_mutex_unlock(&s->lock);
        need(pthread_create(&s->threads[s->thread_count++], NULL, line_main, l) == 0, "thread");
    }
    return NULL;
}

struct sink *sink_open(const struct sink_options *o)
{
    struct sink *s = calloc(1, sizeof *s);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;

    need(s != NULL, "calloc");
    if (o != NULL)
        s->o = *o;
    s->slots = calloc(SLOTS, sizeof *s->slots);
    need(s->slots != NULL, "calloc");
    if (s->o.certificate != NULL) {
        need(gnutls_certificate_allocate_credentials(&s->cred) == 0, "gnutls");
        need(gnutls_certificate_set_x509_key_file(s->cred, s->o.certificate, s->o.key,
                                                  GNUTLS_X509_FMT_PEM) == 0,
             "the certificate");
    }
    pthread_mutex_init(&s->lock, NULL);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(s->listener >= 0 && bind(s->listener, (struct sockaddr *)&a, sizeof a) == 0 &&
             listen(s->listener, 128) == 0 &&
             getsockname(s->listener, (struct sockaddr *)&a, &len) == 0,
         "the sink's socket");
    s->port = ntohs(a.sin_port);
    need(pthread_create(&s->acceptor, NULL, accept_main, s) == 0, "thread");
    return s;
}

int sink_port(const struct sink *s) { return s->port; }

void sink_close(struct sink *s)
{
    if (s == NULL)
        return;
    atomic_store(&s->ending, true);
    pthread_join(s->acceptor, NULL);
    for (size_t i = 0; i < s->thread_count; i++)
        pthread_join(s->threads[i], NULL);
    close(s->listener);
    for (size_t i = 0; i < SLOTS; i++)
        free(s->slots[i].address);
    free(s->slots);
    free(s->last);
    if (s->cred != NULL)
        gnutls_certificate_free_credentials(s->cred);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static size_t under_lock(struct sink *s, const size_t *what)
{
    pthread_mutex_lock(&s->lock);
    size_t v = *what;
    pthread_mutex_unlock(&s->lock);
    return v;
}

size_t sink_taken(struct sink *s) { return under_lock(s, &s->taken); }
size_t sink_most_by(struct sink *s) { return under_lock(s, &s->most); }
size_t sink_different(struct sink *s) { return under_lock(s, &s->different); }
size_t sink_connections(struct sink *s) { return under_lock(s, &s->connections); }

size_t sink_taken_by(struct sink *s, const char *address)
{
    size_t n = 0, at = str_hash(str_from(address)) % SLOTS;

    pthread_mutex_lock(&s->lock);
    for (; s->slots[at].address != NULL; at = (at + 1) % SLOTS)
        if (text_is(s->slots[at].address, address))
            n = s->slots[at].times;
    pthread_mutex_unlock(&s->lock);
    return n;
}

struct str sink_last(struct sink *s, struct arena *a)
{
    struct str out = { "", 0 };

    pthread_mutex_lock(&s->lock);
    if (s->last != NULL)
        out = (struct str){ arena_dup(a, s->last, s->last_len), s->last_len };
    pthread_mutex_unlock(&s->lock);
    return out;
}
