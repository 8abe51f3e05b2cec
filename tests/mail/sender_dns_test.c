/* sender_dns_test.c -- what the DNS page says of a sender, asked of a name server of the test:
 * right, missing, wrong, twice, no answer; cut answers are asked for again over TCP. */
#include "base/id.h"
#include "io/dns.h"
#include "mail/sender.h"
#include "support/house.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a name server of a few names ---- */
struct name {
    const char *name;
    enum dns_type type;
    const char *text; /* TXT, or an MX host of one label */
    bool cut;         /* over UDP */
};
struct names {
    const struct name *all;
    size_t count;
    int udp, tcp, port;
    atomic_bool ending;
    pthread_t thread;
};

static bool is_asked(const unsigned char *q, const char *name)
{
    size_t at = 0;

    for (const char *p = name; *p != '\0';) {
        size_t len = strcspn(p, ".");
        if (q[at] != len || strncmp((const char *)q + at + 1, p, len) != 0)
            return false;
        at += len + 1;
        p += len + (p[len] == '.');
    }
    return q[at] == 0;
}

static size_t answer(struct names *n, unsigned char *m, size_t len, bool udp)
{
    size_t end = 12, at;
    int type, found = 0, code = 3;

    while (end < len && m[end] != 0)
        end += m[end] + 1;
    type = m[end + 1] << 8 | m[end + 2];
    at = end + 5;
    m[2] = 0x81;
    m[3] = 0x80;
    memset(m + 6, 0, 6);
    for (size_t i = 0; i < n->count; i++) {
        const struct name *one = &n->all[i];
        if (!is_asked(m + 12, one->name))
            continue;
        code = 0;
        if (one->type != (enum dns_type)type)
            continue;
        if (one->cut && udp) {
            m[2] |= 2;
            return at;
        }
        size_t text = strlen(one->text), data = 0, size_at;
        memcpy(m + at, "\xc0\x0c\0\0\0\1\0\0\0\x3c", 10);
        m[at + 3] = (unsigned char)type;
        size_at = at + 10;
        at += 12;
        if (type == DNS_MX) {
            m[at] = 0;
            m[at + 1] = 10;
            m[at + 2] = (unsigned char)text;
            memcpy(m + at + 3, one->text, text);
            m[at + 3 + text] = 0;
            data = text + 4;
        } else {
            for (size_t p = 0; p < text; p += 200) {
                size_t part = text - p < 200 ? text - p : 200;
                m[at + data] = (unsigned char)part;
                memcpy(m + at + data + 1, one->text + p, part);
                data += part + 1;
            }
        }
        m[size_at] = (unsigned char)(data >> 8);
        m[size_at + 1] = (unsigned char)data;
        at += data;
        found++;
    }
    m[3] = (unsigned char)(0x80 | code);
    m[7] = (unsigned char)found;
    return at;
}

static void *names_main(void *arg)
{
    struct names *n = arg;
    unsigned char m[4096];

    while (!atomic_load(&n->ending)) {
        struct pollfd f[2] = { { n->udp, POLLIN, 0 }, { n->tcp, POLLIN, 0 } };
        struct sockaddr_storage from;
        socklen_t from_len = sizeof from;
        if (poll(f, 2, 50) <= 0)
            continue;
        if (f[0].revents != 0) {
            ssize_t len = recvfrom(n->udp, m, 512, 0, (struct sockaddr *)&from, &from_len);
            if (len > 12)
                (void)!sendto(n->udp, m, answer(n, m, (size_t)len, true), 0,
                              (struct sockaddr *)&from, from_len);
        }
        if (f[1].revents != 0) {
            int fd = accept(n->tcp, NULL, NULL);
            unsigned char head[2];
            if (recv(fd, head, 2, MSG_WAITALL) == 2 &&
                recv(fd, m, (size_t)head[0] << 8 | head[1], MSG_WAITALL) > 12) {
                size_t len = answer(n, m, (size_t)head[0] << 8 | head[1], false);
                head[0] = (unsigned char)(len >> 8);
                head[1] = (unsigned char)len;
                (void)!send(fd, head, 2, MSG_NOSIGNAL);
                (void)!send(fd, m, len, MSG_NOSIGNAL);
            }
            close(fd);
        }
    }
    return NULL;
}

static void names_open(struct names *n, const struct name *all, size_t count)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;

    *n = (struct names){ .all = all, .count = count };
    n->tcp = socket(AF_INET, SOCK_STREAM, 0);
    n->udp = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(n->tcp, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(getsockname(n->tcp, (struct sockaddr *)&a, &len), 0);
    assert_int_equal(bind(n->udp, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(n->tcp, 8), 0);
    n->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&n->thread, NULL, names_main, n), 0);
}

static void names_close(struct names *n)
{
    atomic_store(&n->ending, true);
    pthread_join(n->thread, NULL);
    close(n->udp);
    close(n->tcp);
}

/* ---- the page ---- */
static enum status set_resolver(struct ctx *cx, void *arg)
{
    return setting_save(cx, "mail.resolver", arg);
}

static const struct val *check_of(const struct val *page, const char *what)
{
    const struct val *list = val_get(page, "checks");

    for (size_t i = 0; i < val_count(list); i++)
        if (text_is(val_get_text(val_at(list, i), "what"), what))
            return val_at(list, i);
    fail_msg("no line '%s'", what);
    return NULL;
}

static void the_page_says_what_is_wrong(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r = house_json(h, ada, HTTP_POST, "/api/v1/senders",
                                       "{\"name\":\"N\",\"from_address\":\"n@good.example\","
                                       "\"host\":\"relay.example\",\"security\":\"tls\"}");
    struct row *row;
    struct names names;
    i64 id;

    house_expect(h, &r, 201);
    const char *name = val_get_text(house_val(h, &r), "id");
    assert_true(id_parse(str_from(name), &id));
    r = house_post(h, ada, arena_printf(h->arena, "/senders/%s/keys", name), "");
    house_expect(h, &r, 303);
    assert_int_equal(record_get(h->cx, &sender_type, id, &row), OK);
    const struct {
        struct name all[8];
        const char *spf, *rsa, *ed, *dmarc, *mx;
    } cases[] = {
        { { { "good.example", DNS_TXT, "v=spf1 a:relay.example -all", false },
            { "furrow._domainkey.good.example", DNS_TXT,
              arena_printf(h->arena, "v=DKIM1; k=rsa; p=%s", row_text(row, SENDER_RSA_PUBLIC)),
              true },
            { "furrow-ed._domainkey.good.example", DNS_TXT,
              arena_printf(h->arena, "p=%s; v=DKIM1", row_text(row, SENDER_ED_PUBLIC)), false },
            { "_dmarc.good.example", DNS_TXT, "v=DMARC1; p=reject", false },
            { "good.example", DNS_MX, "mx", false } },
          "green",
          "green",
          "green",
          "green",
          "green" },
        { { { "good.example", DNS_TXT, "v=spf1 include:_spf.provider.example ~all", false },
            { "good.example", DNS_TXT, "some-verification=1", false },
            { "furrow._domainkey.good.example", DNS_TXT, "v=DKIM1; k=rsa; p=AAAA", false },
            { "_dmarc.good.example", DNS_TXT, "v=DMARC1; p=none", false } },
          "amber",
          "red",
          "red",
          "amber",
          "amber" },
        { { { "good.example", DNS_TXT, "v=spf1 +all", false } },
          "red",
          "red",
          "red",
          "red",
          "amber" },
        { { { "good.example", DNS_TXT, "v=spf1 -all", false },
            { "good.example", DNS_TXT, "v=spf1 a -all", false } },
          "red",
          "red",
          "red",
          "red",
          "amber" },
    };
    for (size_t i = 0; i < countof(cases); i++) {
        size_t count = 0;
        while (count < 8 && cases[i].all[count].name != NULL)
            count++;
        names_open(&names, cases[i].all, count);
        assert_int_equal(
            kit_write(h->cx, set_resolver, arena_printf(h->arena, "127.0.0.1:%d", names.port)), OK);
        r = house_json(h, ada, HTTP_GET, arena_printf(h->arena, "/senders/%s/dns?check=1", name),
                       NULL);
        house_expect(h, &r, 200);
        const struct val *page = house_val(h, &r);
        const char *lines[] = { "SPF", "DKIM (RSA)", "DKIM (Ed25519)", "DMARC", "MX" };
        const char *tones[] = { cases[i].spf, cases[i].rsa, cases[i].ed, cases[i].dmarc,
                                cases[i].mx };
        for (size_t k = 0; k < countof(lines); k++)
            if (!text_is(val_get_text(check_of(page, lines[k]), "tone"), tones[k]))
                fail_msg("case %zu: %s is %s (%s)", i, lines[k],
                         val_get_text(check_of(page, lines[k]), "tone"),
                         val_get_text(check_of(page, lines[k]), "state"));
        names_close(&names);
    }
    /* Nobody answers: that is said, and nothing is called missing. */
    r = house_json(h, ada, HTTP_GET, arena_printf(h->arena, "/senders/%s/dns?check=1", name), NULL);
    assert_string_equal(val_get_text(check_of(house_val(h, &r), "MX"), "state"), "no answer");
}

int main(void)
{
    const struct CMUnitTest tests[] = { IN_SQLITE_HOUSE(the_page_says_what_is_wrong, NULL) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
