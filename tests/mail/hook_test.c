/* hook_test.c -- providers' webhooks: what is signed as the provider signs counts, once; all else
 * does nothing. Keys are made here, so that each signature is checked by another's hand. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/session.h"
#include "mail/hook.h"
#include "support/house.h"
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <time.h>

static const char *base64(struct arena *a, const void *bytes, size_t len)
{
    size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
    char *out = arena_alloc(a, size, 1);

    return sodium_bin2base64(out, size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}

static const char *sign(struct arena *a, gnutls_privkey_t key, gnutls_sign_algorithm_t algo,
                        const char *text)
{
    gnutls_datum_t data = { (unsigned char *)text, (unsigned)strlen(text) }, sig;

    assert_int_equal(gnutls_privkey_sign_data2(key, algo, 0, &data, &sig), 0);
    const char *out = base64(a, sig.data, sig.size);
    gnutls_free(sig.data);
    return out;
}

static gnutls_privkey_t new_key(gnutls_pk_algorithm_t algo, unsigned bits)
{
    gnutls_privkey_t key;

    assert_int_equal(gnutls_privkey_init(&key), 0);
    assert_int_equal(gnutls_privkey_generate(key, algo, bits, 0), 0);
    return key;
}

static const char *public_of(struct arena *a, gnutls_privkey_t key)
{
    gnutls_pubkey_t pub;
    gnutls_datum_t der;

    assert_int_equal(gnutls_pubkey_init(&pub), 0);
    assert_int_equal(gnutls_pubkey_import_privkey(pub, key, 0, 0), 0);
    assert_int_equal(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &der), 0);
    const char *out = base64(a, der.data, der.size);
    gnutls_free(der.data);
    gnutls_pubkey_deinit(pub);
    return out;
}

/* The webhook's address. */
static const char *make_hook(struct house *h, const char *provider, const char *key,
                             const char *public_key)
{
    struct row *r = row_new(h->cx, &hook_type);

    row_set_text(r, HOOK_NAME, provider);
    row_set_text(r, HOOK_PROVIDER, provider);
    row_set_text(r, HOOK_USER, "hook");
    if (key[0])
        assert_int_equal(row_set_secret(h->cx, r, HOOK_KEY, key), OK);
    row_set_text(r, HOOK_PUBLIC_KEY, public_key);
    assert_int_equal(record_save(h->cx, r), OK);
    return arena_printf(h->arena, "/hook/mail/%s/%s", provider, row_text(r, HOOK_TOKEN));
}

static int post(struct house *h, const char *path, const char *body, const char *name,
                const char *value, const char *name2, const char *value2)
{
    struct http_pair headers[4] = { { "Content-Type", "application/json" } };
    int n = 1;

    if (name)
        headers[n++] = (struct http_pair){ name, value };
    if (name2)
        headers[n++] = (struct http_pair){ name2, value2 };
    struct web_response r = house_ask(h, NULL, HTTP_POST, path, body, headers);
    return r.status;
}

static const char *suppressed(struct house *h, const char *address)
{
    const char *reason;

    assert_int_equal(suppression_find(h->cx, address, &reason), OK);
    return reason ? reason : "";
}

static i64 reports(struct house *h)
{
    struct sql q = sql_new(h->cx);

    sql_add(&q, "SELECT count(*) FROM mail_report");
    scoped(stmt_close) struct stmt st = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&st));
    return col_i64(&st, 0);
}

static void sendgrid_signs_by_an_elliptic_curve(void **state)
{
    struct house *h = *state;
    gnutls_privkey_t key =
                         new_key(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)),
                     other =
                         new_key(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
    const char *path = make_hook(h, "sendgrid", "", public_of(h->arena, key));
    const char *body =
        "[{\"email\":\"Gone@b.example\",\"timestamp\":1795420000,\"event\":\"bounce\",\"type\":"
        "\"bounce\",\"status\":\"5.1.1\",\"reason\":\"550 no such "
        "user\",\"sg_event_id\":\"e1\",\"smtp-id\":\"<x@y>\"},"
        "{\"email\":\"busy@b.example\",\"timestamp\":1795420000,\"event\":\"bounce\",\"type\":"
        "\"blocked\",\"status\":\"5.7.1\",\"reason\":\"blocked\",\"sg_event_id\":\"e2\"},"
        "{\"email\":\"angry@b.example\",\"timestamp\":1795420000,\"event\":\"spamreport\",\"sg_"
        "event_id\":\"e3\"},"
        "{\"email\":\"off@b.example\",\"timestamp\":1795420000,\"event\":\"unsubscribe\",\"sg_"
        "event_id\":\"e4\"},"
        "{\"email\":\"fine@b.example\",\"timestamp\":1795420000,\"event\":\"delivered\",\"sg_event_"
        "id\":\"e5\"}]";
    const char *text = arena_printf(h->arena, "1795428000%s", body);
    const char *S = "X-Twilio-Email-Event-Webhook-Signature",
               *T = "X-Twilio-Email-Event-Webhook-Timestamp";
    const char *good = sign(h->arena, key, GNUTLS_SIGN_ECDSA_SHA256, text);

    assert_int_equal(post(h, path, body, NULL, NULL, NULL, NULL), 403);
    assert_int_equal(post(h, path, body, S, sign(h->arena, other, GNUTLS_SIGN_ECDSA_SHA256, text),
                          T, "1795428000"),
                     403);
    assert_int_equal(post(h, path, body, S, good, T, "1795428001"), 403);
    assert_int_equal(post(h, path, body, S, "garbage", T, "1795428000"), 403);
    assert_int_equal(reports(h), 0);
    assert_int_equal(post(h, path, body, S, good, T, "1795428000"), 204);
    assert_string_equal(suppressed(h, "gone@b.example"), "hard_bounce");
    assert_string_equal(suppressed(h, "busy@b.example"), "");
    assert_string_equal(suppressed(h, "angry@b.example"), "complaint");
    assert_string_equal(suppressed(h, "off@b.example"), "unsubscribed");
    assert_string_equal(suppressed(h, "fine@b.example"), "");
    assert_int_equal(post(h, path, body, S, good, T, "1795428000"), 204);
    assert_int_equal(reports(h), 3);
    gnutls_privkey_deinit(key);
    gnutls_privkey_deinit(other);
}

static const char *mailgun(struct house *h, const char *key, const char *at, const char *event)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * sizeof mac + 1];
    crypto_auth_hmacsha256_state st;
    const char *text = arena_printf(h->arena, "%stoken", at);

    crypto_auth_hmacsha256_init(&st, (const unsigned char *)key, strlen(key));
    crypto_auth_hmacsha256_update(&st, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&st, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    return arena_printf(h->arena,
                        "{\"signature\":{\"timestamp\":\"%s\",\"token\":\"token\",\"signature\":\"%"
                        "s\"},\"event-data\":%s}",
                        at, hex, event);
}

static void mailgun_signs_by_a_shared_key(void **state)
{
    struct house *h = *state;
    const char *path = make_hook(h, "mailgun", "signing-key", "");
    const char *event =
        "{\"event\":\"failed\",\"severity\":\"permanent\",\"id\":\"m1\",\"timestamp\":1795420000.5,"
        "\"recipient\":\"gone@b.example\",\"message\":{\"headers\":{\"message-id\":\"x@y\"}},"
        "\"delivery-status\":{\"code\":550,\"message\":\"5.1.1 no such user\"}}";

    assert_int_equal(
        post(h, path, mailgun(h, "another", "1795428000", event), NULL, NULL, NULL, NULL), 403);
    assert_int_equal(
        post(h, path, mailgun(h, "signing-key", "1795128000", event), NULL, NULL, NULL, NULL), 403);
    assert_int_equal(post(h, path, "{}", NULL, NULL, NULL, NULL), 403);
    assert_string_equal(suppressed(h, "gone@b.example"), "");
    assert_int_equal(
        post(h, path, mailgun(h, "signing-key", "1795428000", event), NULL, NULL, NULL, NULL), 204);
    assert_string_equal(suppressed(h, "gone@b.example"), "hard_bounce");
}

static void postmark_shows_a_password(void **state)
{
    struct house *h = *state;
    const char *path = make_hook(h, "postmark", "tops3cret", "");
    const char *body = "{\"RecordType\":\"Bounce\",\"ID\":42,\"Type\":\"HardBounce\",\"TypeCode\":"
                       "1,\"MessageID\":\"x\",\"Email\":\"gone@b.example\",\"Details\":\"smtp;550 "
                       "5.1.1 unknown\",\"BouncedAt\":\"2026-11-23T09:00:00Z\"}";
    const char *basic = arena_printf(h->arena, "Basic %s", base64(h->arena, "hook:tops3cret", 14)),
               *wrong = arena_printf(h->arena, "Basic %s", base64(h->arena, "hook:wrong", 10));

    assert_int_equal(post(h, path, body, NULL, NULL, NULL, NULL), 401);
    assert_int_equal(post(h, path, body, "Authorization", wrong, NULL, NULL), 401);
    assert_int_equal(reports(h), 0);
    assert_int_equal(post(h, path, body, "Authorization", basic, NULL, NULL), 204);
    assert_int_equal(post(h, path, body, "X-Furrow-Key", "tops3cret", NULL, NULL), 204);
    assert_int_equal(reports(h), 1);
    assert_string_equal(suppressed(h, "gone@b.example"), "hard_bounce");
}

static void brevo_knows_the_address_only(void **state)
{
    struct house *h = *state;
    const char *path = make_hook(h, "brevo", "", "");
    const char *body = "{\"event\":\"hard_bounce\",\"email\":\"gone@b.example\",\"id\":1,\"message-"
                       "id\":\"<x@y>\",\"ts_event\":1795420000,\"reason\":\"550 no\"}";

    assert_int_equal(post(h, "/hook/mail/brevo/guessed", body, NULL, NULL, NULL, NULL), 404);
    assert_int_equal(post(h, path, "no json", NULL, NULL, NULL, NULL), 400);
    assert_int_equal(post(h, path, body, NULL, NULL, NULL, NULL), 204);
    assert_int_equal(post(h, path, body, NULL, NULL, NULL, NULL), 204);
    assert_int_equal(reports(h), 1);
    assert_string_equal(suppressed(h, "gone@b.example"), "hard_bounce");
}

/* A certificate of this key, signed by itself. */
static const char *certificate(struct arena *a, gnutls_privkey_t key)
{
    gnutls_x509_crt_t crt;
    gnutls_pubkey_t pub;
    gnutls_datum_t pem;
    time_t now = time(NULL);

    assert_int_equal(gnutls_x509_crt_init(&crt), 0);
    assert_int_equal(gnutls_pubkey_init(&pub), 0);
    assert_int_equal(gnutls_pubkey_import_privkey(pub, key, 0, 0), 0);
    assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(crt, "\x01", 1), 0);
    gnutls_x509_crt_set_activation_time(crt, now - 100);
    gnutls_x509_crt_set_expiration_time(crt, now + 1000000);
    assert_int_equal(gnutls_x509_crt_set_dn(crt, "CN=sns.amazonaws.com", NULL), 0);
    assert_int_equal(gnutls_x509_crt_set_pubkey(crt, pub), 0);
    assert_int_equal(gnutls_x509_crt_privkey_sign(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), 0);
    const char *out = arena_dup(a, (const char *)pem.data, pem.size);
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(crt);
    gnutls_pubkey_deinit(pub);
    return out;
}

#define CERTIFICATE "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem"

static const char *sns(struct house *h, gnutls_privkey_t key, const char *version, const char *url,
                       const char *type, const char *message, bool spoil)
{
    struct val *m = val_map(h->arena);

    val_put_text(m, "Type", type);
    val_put_text(m, "MessageId", "22b80b92");
    val_put_text(m, "TopicArn", "arn:aws:sns:eu-west-1:123456789012:bounces");
    val_put_text(m, "Message", message);
    val_put_text(m, "Timestamp", "2026-11-23T09:59:00.000Z");
    val_put_text(m, "SignatureVersion", version);
    val_put_text(m, "SigningCertURL", url);
    if (text_is(type, "SubscriptionConfirmation")) {
        val_put_text(m, "Token", "tok");
        val_put_text(m, "SubscribeURL",
                     "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=tok");
    }
    val_put_text(m, "Signature",
                 sign(h->arena, key,
                      text_is(version, "2") ? GNUTLS_SIGN_RSA_SHA256 : GNUTLS_SIGN_RSA_SHA1,
                      hook_sns_text(h->arena, m)));
    if (spoil)
        val_put_text(m, "Timestamp", "2026-11-23T09:59:01.000Z");
    return json_text(h->arena, m);
}

static int post_sns(struct house *h, const char *path, const char *body)
{
    struct http_pair headers[] = { { "Content-Type", "text/plain; charset=UTF-8" },
                                   { NULL, NULL } };

    return house_ask(h, NULL, HTTP_POST, path, body, headers).status;
}

static void amazon_signs_by_a_certificate_of_its_own(void **state)
{
    struct house *h = *state;
    gnutls_privkey_t key = new_key(GNUTLS_PK_RSA, 2048), other = new_key(GNUTLS_PK_RSA, 2048);
    const char *path = make_hook(h, "ses", "", "");
    const char *bounce =
        "{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\"feedbackId\":"
        "\"f1\",\"timestamp\":\"2026-11-23T09:58:00.000Z\",\"bouncedRecipients\":[{"
        "\"emailAddress\":\"gone@b.example\",\"action\":\"failed\",\"status\":\"5.1.1\","
        "\"diagnosticCode\":\"smtp; 550 5.1.1 user unknown\"}]},"
        "\"mail\":{\"messageId\":\"0100\",\"headers\":[{\"name\":\"Message-ID\",\"value\":\"<x@y>"
        "\"}]}}";

    hook_keep_certificate(h->cx, CERTIFICATE, certificate(h->arena, key));
    assert_int_equal(
        post_sns(h, path, sns(h, other, "1", CERTIFICATE, "Notification", bounce, false)), 403);
    assert_int_equal(post_sns(h, path, sns(h, key, "2", CERTIFICATE, "Notification", bounce, true)),
                     403);
    assert_int_equal(
        post_sns(h, path,
                 sns(h, key, "1", "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
                     "Notification", bounce, false)),
        403);
    assert_int_equal(post_sns(h, path,
                              sns(h, key, "1", "http://sns.eu-west-1.amazonaws.com/a.pem",
                                  "Notification", bounce, false)),
                     403);
    assert_int_equal(reports(h), 0);
    assert_int_equal(
        post_sns(h, path, sns(h, key, "1", CERTIFICATE, "Notification", bounce, false)), 204);
    assert_string_equal(suppressed(h, "gone@b.example"), "hard_bounce");
    assert_int_equal(
        post_sns(h, path, sns(h, key, "2", CERTIFICATE, "Notification", bounce, false)), 204);
    assert_int_equal(reports(h), 1);
    /* the question whether we want to hear is answered by a job */
    assert_int_equal(post_sns(h, path,
                              sns(h, key, "2", CERTIFICATE, "SubscriptionConfirmation",
                                  "You have chosen to subscribe", false)),
                     204);
    struct sql q = sql_new(h->cx);
    sql_add(&q, "SELECT count(*) FROM job WHERE name = 'mail.sns_confirm'");
    scoped(stmt_close) struct stmt st = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&st));
    assert_int_equal(col_i64(&st, 0), 1);
    gnutls_privkey_deinit(key);
    gnutls_privkey_deinit(other);
}

static const struct {
    const char *url;
    bool certificate, good;
} hosts[] = {
    { "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem", true, true },
    { "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem", true, true },
    { "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription", false, true },
    { "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription", true, false },
    { "https://sns.us-east-1.amazonaws.com@evil.example/a.pem", true, false },
    { "https://sns.evil.example/a.pem", true, false },
    { "https://evil.example/sns.us-east-1.amazonaws.com/a.pem", true, false },
    { "https://sns..amazonaws.com/a.pem", true, false },
    { "https://sns.us-east-1.amazonaws.com:8443/a.pem", true, false },
    { "https://sns.us-east-1.amazonaws.com/a.pem?x", true, false },
    { "http://sns.us-east-1.amazonaws.com/a.pem", true, false },
};

static void only_amazons_hosts_are_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(hosts); i++)
        if (hook_sns_host(hosts[i].url, hosts[i].certificate) != hosts[i].good)
            fail_msg("%s", hosts[i].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_amazons_hosts_are_asked),
        IN_BOTH_HOUSES(sendgrid_signs_by_an_elliptic_curve, NULL),
        IN_SQLITE_HOUSE(mailgun_signs_by_a_shared_key, NULL),
        IN_SQLITE_HOUSE(postmark_shows_a_password, NULL),
        IN_SQLITE_HOUSE(brevo_knows_the_address_only, NULL),
        IN_BOTH_HOUSES(amazon_signs_by_a_certificate_of_its_own, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
