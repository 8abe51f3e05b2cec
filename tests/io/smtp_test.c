/* smtp_test.c -- the mail client against a server that says what a case wants: with and without
 * pipelining, over TLS, refused at each step, closed at each step; and replies byte by byte. */
#include "io/mail_testing.h"
#include "io/mime.h"
#include "io/smtp.h"
#include "support/sink.h"
#include <stdio.h>
#include <unistd.h>

/* ---- replies ---- */
static const struct {
    const char *in;
    int taken, code;
    const char *enhanced, *text;
} replies[] = {
    { "250 ok\r\n", 1, 250, "", "ok" },
    { "250\r\n", 1, 250, "", "" },
    { "250 2.1.5 fine\r\n", 1, 250, "2.1.5", "fine" },
    { "550-5.1.1 no such\r\n550 5.1.1 user\r\n", 1, 550, "5.1.1", "no such user" },
    { "550 4.1.1 not its class\r\n", 1, 550, "", "4.1.1 not its class" },
    { "250 2.1.5.6 no status\r\n", 1, 250, "", "2.1.5.6 no status" },
    { "550 5.1.1\r\n", 1, 550, "5.1.1", "" },
    { "421 4.7.0 go\tslower\n", 1, 421, "4.7.0", "go slower" },
    { "550 caf\xe9\r\n", 1, 550, "", "caf?" },
    { "250-a\r\n", 0, 0, NULL, NULL },
    { "25", 0, 0, NULL, NULL },
    { "250 ok", 0, 0, NULL, NULL },
    { "abc\r\n", -1, 0, NULL, NULL },
    { "\r\n", -1, 0, NULL, NULL },
    { "650 x\r\n", -1, 0, NULL, NULL },
    { "250-a\r\n550 b\r\n", -1, 0, NULL, NULL },
    { "250+a\r\n", -1, 0, NULL, NULL },
};

static void replies_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(replies); i++) {
        struct str in = str_from(replies[i].in);
        struct smtp_reply r;
        assert_int_equal(smtp_reply_take(&in, &r), replies[i].taken);
        if (replies[i].taken != 1)
            continue;
        assert_int_equal(in.len, 0);
        assert_int_equal(r.code, replies[i].code);
        assert_string_equal(r.enhanced, replies[i].enhanced);
        assert_string_equal(r.text, replies[i].text);
    }
}

/* ---- one mail, and what comes of it ---- */
struct case_of {
    const char *name;
    enum sink_at at;
    const char *says;
    enum smtp_outcome outcome;
    enum smtp_stage stage;
    const char *enhanced;
    size_t taken; /* of the first mail */
};
static const struct case_of cases[] = {
    { "taken", SINK_END, NULL, SMTP_TAKEN, SMTP_AT_END, "2.0.0", 1 },
    { "mail later", SINK_MAIL, "451 4.3.0 x", SMTP_LATER, SMTP_AT_MAIL, "4.3.0", 0 },
    { "mail refused", SINK_MAIL, "550 5.1.8 x", SMTP_REFUSED, SMTP_AT_MAIL, "5.1.8", 0 },
    { "nobody", SINK_RCPT, "550 5.1.1 x", SMTP_REFUSED, SMTP_AT_RCPT, "5.1.1", 0 },
    { "grey", SINK_RCPT, "450 4.2.0 x", SMTP_LATER, SMTP_AT_RCPT, "4.2.0", 0 },
    { "data refused", SINK_DATA, "554 5.7.1 x", SMTP_REFUSED, SMTP_AT_DATA, "5.7.1", 0 },
    { "data later", SINK_DATA, "451 x", SMTP_LATER, SMTP_AT_DATA, "", 0 },
    { "text refused", SINK_END, "554 5.6.0 x", SMTP_REFUSED, SMTP_AT_END, "5.6.0", 0 },
    { "text later", SINK_END, "452 4.2.2 x", SMTP_LATER, SMTP_AT_END, "4.2.2", 0 },
    { "closes at mail", SINK_MAIL, "421 4.7.0 x", SMTP_CLOSED, SMTP_AT_MAIL, "4.7.0", 0 },
    { "closes at rcpt", SINK_RCPT, "421 x", SMTP_CLOSED, SMTP_AT_RCPT, "", 0 },
    { "closes at end", SINK_END, "421 x", SMTP_CLOSED, SMTP_AT_END, "", 0 },
    { "gone at mail", SINK_MAIL, "!", SMTP_CLOSED, SMTP_AT_MAIL, "", 0 },
    { "gone at data", SINK_DATA, "!", SMTP_CLOSED, SMTP_AT_DATA, "", 0 },
    { "gone at end", SINK_END, "!", SMTP_UNSURE, SMTP_AT_END, "", 0 },
    { "taken, but not said", SINK_END, "!!", SMTP_UNSURE, SMTP_AT_END, "", 1 },
    { "nonsense at end", SINK_END, "hello", SMTP_UNSURE, SMTP_AT_END, "", 0 },
};

static const char *case_says(void *arg, enum sink_at at, const char *text)
{
    const struct case_of *c = arg;

    if (at != c->at || strstr(text, "second") != NULL)
        return NULL;
    return c->says;
}

static struct smtp_mail mail_to(const char *to)
{
    return (struct smtp_mail){ .from = to,
                               .to = to,
                               .head = STR("X-First: 1\r\n"),
                               .body = STR("Subject: x\r\n\r\n.\r\n..\r\nline\r\n.dot") };
}

static void each_step_is_judged(void **state)
{
    struct test *t = *state;

    for (size_t i = 0; i < 2 * countof(cases); i++) {
        const struct case_of *c = &cases[i / 2];
        struct sink_options so = { .says = case_says, .arg = (void *)c, .no_pipelining = i % 2 };
        struct sink *sink = sink_open(&so);
        struct smtp_options o = { .host = "127.0.0.1",
                                  .port = sink_port(sink),
                                  .security = SMTP_OPEN,
                                  .reply_ms = 3000,
                                  .end_ms = 3000 };
        struct smtp_mail first = mail_to("first@example.net"),
                         second = mail_to("second@example.net");
        struct smtp_reply r;
        struct smtp_result out;
        struct smtp *s;
        assert_int_equal(smtp_open(&t->cx, &o, &s, &r), OK);
        smtp_send(s, &first, &second, &out);
        if (out.outcome != c->outcome || out.stage != c->stage ||
            !text_is(out.reply.enhanced, c->enhanced))
            fail_msg("%s: outcome %d at %d, '%s' %s", c->name, out.outcome, out.stage,
                     out.reply.enhanced, out.reply.text);
        if (sink_taken_by(sink, "first@example.net") != c->taken)
            fail_msg("%s: taken", c->name);
        assert_int_equal(smtp_is_broken(s), c->outcome == SMTP_CLOSED || c->outcome == SMTP_UNSURE);
        smtp_send(s, &second, NULL, &out);
        if (smtp_is_broken(s)) {
            if (out.outcome != SMTP_CLOSED || sink_taken_by(sink, "second@example.net") != 0)
                fail_msg("%s: second %d", c->name, out.outcome);
            assert_int_equal(sink_taken_by(sink, "second@example.net"), 0);
        } else {
            assert_int_equal(out.outcome, SMTP_TAKEN);
            struct str last = sink_last(sink, t->arena);
            assert_true(last.len == first.head.len + first.body.len + 2);
            assert_memory_equal(
                last.p, "X-First: 1\r\nSubject: x\r\n\r\n.\r\n..\r\nline\r\n.dot\r\n", last.len);
        }
        smtp_close(s);
        sink_close(sink);
    }
}

/* ---- who may not begin ---- */
static const char *begin_says(void *arg, enum sink_at at, const char *text)
{
    (void)text;
    return at == SINK_AUTH && text_is(arg, "auth")       ? "535 5.7.8 wrong"
           : at == SINK_GREETING && text_is(arg, "busy") ? "421 4.3.2 busy"
           : at == SINK_EHLO && text_is(arg, "ehlo")     ? "502 5.5.1 what"
                                                         : NULL;
}

static void what_cannot_begin_says_why(void **state)
{
    static const struct {
        const char *word, *offers, *user;
        enum smtp_security security;
        enum status status;
        const char *text;
    } table[] = {
        { "", NULL, "", SMTP_OPEN, OK, "" },
        { "", "AUTH PLAIN LOGIN", "u", SMTP_OPEN, OK, "" },
        { "", "AUTH LOGIN", "u", SMTP_OPEN, OK, "" },
        { "auth", "AUTH PLAIN", "u", SMTP_OPEN, E_FORBIDDEN, "refuses the user name" },
        { "auth", "AUTH LOGIN", "u", SMTP_OPEN, E_FORBIDDEN, "refuses the user name" },
        { "", NULL, "u", SMTP_OPEN, E_IO, "offers no sign-in" },
        { "", NULL, "", SMTP_STARTTLS, E_IO, "offers no STARTTLS" },
        { "busy", NULL, "", SMTP_OPEN, E_IO, "421 busy" },
        { "ehlo", NULL, "", SMTP_OPEN, E_IO, "502 what" },
    };
    struct test *t = *state;

    for (size_t i = 0; i < countof(table); i++) {
        struct sink_options so = { .says = begin_says,
                                   .arg = (void *)table[i].word,
                                   .offers = table[i].offers };
        struct sink *sink = sink_open(&so);
        struct smtp_options o = { .host = "127.0.0.1",
                                  .port = sink_port(sink),
                                  .user = table[i].user,
                                  .password = "p",
                                  .security = table[i].security };
        struct smtp_reply r;
        struct smtp *s;
        ctx_clear_error(&t->cx);
        assert_int_equal(smtp_open(&t->cx, &o, &s, &r), table[i].status);
        if (table[i].status != OK && strstr(t->cx.error_text, table[i].text) == NULL)
            fail_msg("case %zu: %s", i, t->cx.error_text);
        smtp_close(s);
        sink_close(sink);
    }
    struct smtp_options nobody = { .host = "127.0.0.1", .port = 1, .connect_ms = 500 };
    struct smtp_reply r;
    struct smtp *s;
    ctx_clear_error(&t->cx);
    assert_int_equal(smtp_open(&t->cx, &nobody, &s, &r), E_IO);
}

static void a_silent_server_is_left(void **state)
{
    struct test *t = *state;
    struct sink_options so = { .slow_ms = 1500 };
    struct sink *sink = sink_open(&so);
    struct smtp_options o = {
        .host = "127.0.0.1", .port = sink_port(sink), .security = SMTP_OPEN, .end_ms = 200
    };
    struct smtp_mail m = mail_to("first@example.net");
    struct smtp_reply r;
    struct smtp_result out;
    struct smtp *s;

    assert_int_equal(smtp_open(&t->cx, &o, &s, &r), OK);
    smtp_send(s, &m, NULL, &out);
    assert_int_equal(out.outcome, SMTP_UNSURE);
    smtp_close(s);
    sink_close(sink);
}

/* ---- TLS ---- */
static void a_certificate_must_be_trusted(void **state)
{
    struct test *t = *state;
    char folder[] = "/tmp/furrow-smtp-XXXXXX", pem[8192];

    assert_non_null(mkdtemp(folder));
    const char *key = arena_printf(t->arena, "%s/key", folder);
    const char *crt = arena_printf(t->arena, "%s/crt", folder);
    assert_int_equal(
        system(arena_printf(t->arena,
                            "openssl req -x509 -newkey rsa:2048 -nodes -keyout %s -out %s -days 2 "
                            "-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null",
                            key, crt)),
        0);
    FILE *f = fopen(crt, "rb");
    assert_non_null(f);
    pem[fread(pem, 1, sizeof pem - 1, f)] = '\0';
    fclose(f);
    for (int i = 0; i < 8; i++) {
        bool at_once = i & 1, trusted = i & 2, named = i & 4;
        struct sink_options so = {
            .certificate = crt, .key = key, .tls_at_once = at_once, .offers = "AUTH PLAIN"
        };
        struct sink *sink = sink_open(&so);
        struct smtp_options o = { .host = named ? "localhost" : "127.0.0.1",
                                  .port = sink_port(sink),
                                  .security = at_once ? SMTP_TLS : SMTP_STARTTLS,
                                  .trust = trusted ? pem : NULL,
                                  .user = "u",
                                  .password = "p" };
        struct smtp_mail m = mail_to("first@example.net");
        struct smtp_reply r;
        struct smtp_result out;
        struct smtp *s;
        ctx_clear_error(&t->cx);
        enum status st = smtp_open(&t->cx, &o, &s, &r);
        if (trusted && named) {
            if (st != OK)
                fail_msg("%s", t->cx.error_text);
            smtp_send(s, &m, NULL, &out);
            assert_int_equal(out.outcome, SMTP_TAKEN);
        } else {
            assert_int_equal(st, E_IO);
            assert_non_null(strstr(t->cx.error_text, "not to be trusted"));
            assert_int_equal(sink_taken(sink), 0);
        }
        smtp_close(s);
        sink_close(sink);
    }
    unlink(key);
    unlink(crt);
    rmdir(folder);
}

/* ---- what is written ---- */
static void headers_and_bodies_are_encoded(void **state)
{
    struct test *t = *state;
    struct buf b = buf_in(t->arena, 1 << 20);
    bool utf8;

    mime_put_quoted(&b, STR("a=b\n ü \nx\t\n."));
    assert_string_equal(buf_end(&b), "a=3Db\r\n =C3=BC=20\r\nx=09\r\n.");
    buf_clear(&b);
    mime_put_text_header(&b, "Subject", "Grüße");
    assert_string_equal(buf_end(&b), "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n");
    buf_clear(&b);
    mime_put_text_header(&b, "Subject", "Nur noch heute für Sie");
    assert_string_equal(buf_end(&b), "Subject: =?UTF-8?Q?Nur_noch_heute_f=C3=BCr_Sie?=\r\n");
    buf_clear(&b);
    mime_put_address(&b, "To", "O\"Neil", "a@example.com");
    assert_string_equal(buf_end(&b), "To: \"O\\\"Neil\" <a@example.com>\r\n");
    buf_clear(&b);
    mime_put_address(&b, "To", "evil\r\nBcc: x@y", "a@example.com\r\nBcc: z@y");
    assert_null(strstr(buf_end(&b), "\nBcc"));
    buf_clear(&b);
    mime_put_date(&b, INT64_C(1795428000000));
    assert_string_equal(buf_end(&b), "Mon, 23 Nov 2026 10:00:00 +0000");
    buf_clear(&b);
    for (int i = 0; i < 60; i++)
        mime_put_quoted(&b, STR("0123456789 ä"));
    for (const char *p = buf_end(&b), *e; (e = strstr(p, "\r\n")) != NULL; p = e + 2)
        assert_true(e - p <= 76);
    assert_string_equal(mime_address_ascii(t->arena, "a@bücher.example", &utf8),
                        "a@xn--bcher-kva.example");
    assert_false(utf8);
    assert_string_equal(mime_address_ascii(t->arena, "jürgen@example.com", &utf8),
                        "jürgen@example.com");
    assert_true(utf8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CTX(replies_are_read),
        WITH_CTX(each_step_is_judged),
        WITH_CTX(what_cannot_begin_says_why),
        WITH_CTX(a_silent_server_is_left),
        WITH_CTX(a_certificate_must_be_trusted),
        WITH_CTX(headers_and_bodies_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
