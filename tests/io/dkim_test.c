/* dkim_test.c -- RFC 8463's vectors (appendix A), and mails of every shape that mime.h writes, held
 * against an independent verifier (python3-dkim). */
#include "io/dkim.h"
#include "io/mail_testing.h"
#include "io/mime.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char message[] = "From: Joe SixPack <joe@football.example.com>\r\n"
                              "To: Suzie Q <suzie@shopping.example.net>\r\n"
                              "Subject: Is dinner ready?\r\n"
                              "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                              "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                              "\r\n"
                              "Hi.\r\n"
                              "\r\n"
                              "We lost the game.  Are you hungry yet?\r\n"
                              "\r\n"
                              "Joe.\r\n";

/* The key that RFC 8463 publishes for everybody to check with. */
static const char rsa_key[] = "-----BEGIN RSA PRIVATE KEY-----\n"
                              "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"
                              "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"
                              "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"
                              "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"
                              "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"
                              "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"
                              "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"
                              "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"
                              "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"
                              "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"
                              "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"
                              "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"
                              "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"
                              "-----END RSA PRIVATE KEY-----\n";

static const struct {
    enum dkim_algorithm algorithm;
    const char *word, *selector, *key, *signature;
} vectors[] = {
    { DKIM_ED25519, "ed25519", "brisbane", "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
      "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==" },
    { DKIM_RSA, "rsa", "test", rsa_key,
      "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9"
      "mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=" },
};

static void the_published_vectors_come_out(void **state)
{
    struct test *t = *state;

    assert_string_equal(dkim_body_hash(t->arena, str_from(message)),
                        "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    for (size_t i = 0; i < countof(vectors); i++) {
        const char *signature,
            *header = arena_printf(
                t->arena,
                "DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed;\r\n d=football.example.com; "
                "i=@football.example.com;\r\n q=dns/txt; s=%s; t=1528637909; h=from : to :\r\n "
                "subject : date : message-id : from : subject : date;\r\n "
                "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=",
                vectors[i].word, vectors[i].selector);
        struct dkim_key *key;
        assert_int_equal(dkim_key_open(&t->cx, vectors[i].algorithm, vectors[i].key, &key), OK);
        assert_int_equal(dkim_sign_header(&t->cx, key, str_from(message),
                                          "from : to : subject : date : message-id : from : "
                                          "subject : date",
                                          header, &signature),
                         OK);
        assert_string_equal(signature, vectors[i].signature);
        dkim_key_free(key);
    }
}

/* Exit 0: every signature of the message passes, and there are two. */
static const char verifier[] =
    "import sys, dkim\n"
    "m = open(sys.argv[1], 'rb').read()\n"
    "keys = dict(line.rstrip().split(' ', 1) for line in open(sys.argv[2]))\n"
    "def dns(name, timeout=5): return keys.get(name.decode().rstrip('.'), '').encode()\n"
    "d = dkim.DKIM(m)\n"
    "n = sum(1 for k, v in d.headers if k.lower() == b'dkim-signature')\n"
    "ok = [dkim.DKIM(m).verify(idx=i, dnsfunc=dns) for i in range(n)]\n"
    "sys.exit(0 if n == 2 and all(ok) else 1)\n";

static void put_file(const char *path, const void *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static const struct {
    const char *name, *subject, *text, *html, *file;
} mails[] = {
    { "Ada", "Hello", "Hello.\n", NULL, NULL },
    { "Ünal Öz",
      "Grüße aus Köln – 10 % für Sie, nur diese Woche und nur so lange der Vorrat reicht",
      "Grüße\n.\n..two dots\n\n\n", "<p>Grüße &amp; Küsse</p>\n", NULL },
    { "O\"Neil \\ Co", "日本語の件名はとても長いので折り返さなければなりませんが文字は壊れません",
      "日本語", "<p>日本語</p>", "Größe.pdf" },
    { "", "  spaces   inside \t and\r\nBcc: evil@example.com", "a  b \t c   \n \n", "<b>x</b>",
      "plain.txt" },
    { "Long", "Long line", NULL,
      "<p>"
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</p>",
      NULL },
};

static void an_independent_verifier_passes_both(void **state)
{
    struct test *t = *state;
    char folder[] = "/tmp/furrow-dkim-XXXXXX";
    const char *private, *public_rsa, *public_ed;
    struct dkim_key *rsa, *ed;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(dkim_key_new(&t->cx, DKIM_RSA, &private, &public_rsa), OK);
    assert_int_equal(dkim_key_open(&t->cx, DKIM_RSA, private, &rsa), OK);
    assert_int_equal(dkim_key_new(&t->cx, DKIM_ED25519, &private, &public_ed), OK);
    assert_int_equal(dkim_key_open(&t->cx, DKIM_ED25519, private, &ed), OK);
    const char *keys =
        arena_printf(t->arena, "f._domainkey.example.com %s\nf-ed._domainkey.example.com %s\n",
                     dkim_record(t->arena, DKIM_RSA, public_rsa),
                     dkim_record(t->arena, DKIM_ED25519, public_ed));
    const char *mail = arena_printf(t->arena, "%s/mail", folder);
    const char *names = arena_printf(t->arena, "%s/keys", folder);
    const char *script = arena_printf(t->arena, "%s/verify.py", folder);
    put_file(names, keys, strlen(keys));
    put_file(script, verifier, strlen(verifier));
    for (size_t i = 0; i < countof(mails); i++) {
        struct buf text = buf_in(t->arena, 1 << 20), all = buf_in(t->arena, 1 << 20);
        struct mime_file file = { mails[i].file, "application/pdf", STR("%PDF bytes\0\1\2") };
        struct mime_header headers[] = {
            { "List-Unsubscribe",
              "<https://example.com/u/abcdefghijklmnopqrstuvwxyz0123456789abcdef"
              "ghijklmnopqrstuvwxyz>" },
            { "List-Unsubscribe-Post", "List-Unsubscribe=One-Click" },
        };
        mime_write(&text, &(struct mime_mail){ .from_name = mails[i].name,
                                               .from = "news@example.com",
                                               .to = "anna@example.net",
                                               .subject = mails[i].subject,
                                               .message_id = "<1@example.com>",
                                               .date_ms = INT64_C(1795428000000),
                                               .text = mails[i].text,
                                               .html = mails[i].html,
                                               .files = &file,
                                               .file_count = mails[i].file != NULL,
                                               .headers = headers,
                                               .header_count = countof(headers),
                                               .seed = i });
        assert_int_equal(buf_status(&text), OK);
        assert_null(memmem(text.p, text.len, "\r\nBcc:", 6));
        const struct dkim_signer by[] = { { rsa, "example.com", "f" },
                                          { ed, "example.com", "f-ed" } };
        assert_int_equal(
            dkim_sign(&t->cx, by, 2, (struct str){ text.p, text.len }, 1795428000, &all), OK);
        buf_add(&all, text.p, text.len);
        put_file(mail, all.p, all.len);
        if (system(arena_printf(t->arena, "/usr/bin/python3 %s %s %s", script, mail, names)) != 0)
            fail_msg("mail %zu does not verify: %s", i, mail);
        /* Another Subject must break it. */
        struct buf forged = buf_in(t->arena, 1 << 20);
        buf_text(&forged, "Subject: forged\r\n");
        buf_add(&forged, all.p, all.len);
        put_file(mail, forged.p, forged.len);
        assert_int_not_equal(
            system(arena_printf(t->arena, "/usr/bin/python3 %s %s %s", script, mail, names)), 0);
    }
    dkim_key_free(rsa);
    dkim_key_free(ed);
    unlink(mail);
    unlink(names);
    unlink(script);
    rmdir(folder);
}

static void a_key_that_is_none_is_refused(void **state)
{
    struct test *t = *state;
    struct dkim_key *key;

    assert_int_equal(dkim_key_open(&t->cx, DKIM_RSA, "no key", &key), E_INVALID);
    ctx_clear_error(&t->cx);
    assert_int_equal(dkim_key_open(&t->cx, DKIM_ED25519, "c2hvcnQ=", &key), E_INVALID);
    ctx_clear_error(&t->cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CTX(the_published_vectors_come_out),
        WITH_CTX(an_independent_verifier_passes_both),
        WITH_CTX(a_key_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
