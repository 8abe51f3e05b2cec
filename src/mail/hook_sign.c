/* hook_sign.c -- the signatures of providers, by GnuTLS. */
#include "base/buf.h"
#include "mail/hook.h"
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <strings.h>

enum { KEY_BYTES = 4096 };

/* Base 64, with white space within. */
static bool from_base64(const char *text, unsigned char *out, size_t max, size_t *len)
{
    return sodium_base642bin(out, max, text, strlen(text), " \r\n\t", len, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0;
}

bool hook_sendgrid_signed(const char *public_key, const char *timestamp, struct str body,
                          const char *signature)
{
    unsigned char der[KEY_BYTES], sig[256];
    size_t der_len = strlen(public_key), sig_len;
    bool pem = strstr(public_key, "-----BEGIN") != NULL;
    gnutls_pubkey_t key;
    struct buf data = buf_new(body.len + 100);
    bool good = false;

    if (text_empty(timestamp) || strlen(timestamp) > 40 ||
        !from_base64(signature, sig, sizeof sig, &sig_len) ||
        (!pem && !from_base64(public_key, der, sizeof der, &der_len)) ||
        gnutls_pubkey_init(&key) != 0) {
        buf_free(&data);
        return false;
    }
    buf_text(&data, timestamp);
    buf_str(&data, body);
    gnutls_datum_t k = { pem ? (unsigned char *)public_key : der, (unsigned)der_len };
    gnutls_datum_t d = { (unsigned char *)data.p, (unsigned)data.len };
    gnutls_datum_t s = { sig, (unsigned)sig_len };
    if (gnutls_pubkey_import(key, &k, pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER) == 0 &&
        gnutls_pubkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_ECDSA)
        good = gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &d, &s) >= 0;
    gnutls_pubkey_deinit(key);
    buf_free(&data);
    return good;
}

bool hook_mailgun_signed(const char *key, const char *timestamp, const char *token,
                         const char *signature)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * sizeof mac + 1];
    crypto_auth_hmacsha256_state st;

    if (text_empty(key) || strlen(signature) != sizeof hex - 1)
        return false;
    crypto_auth_hmacsha256_init(&st, (const unsigned char *)key, strlen(key));
    crypto_auth_hmacsha256_update(&st, (const unsigned char *)timestamp, strlen(timestamp));
    crypto_auth_hmacsha256_update(&st, (const unsigned char *)token, strlen(token));
    crypto_auth_hmacsha256_final(&st, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    return sodium_memcmp(hex, signature, sizeof hex - 1) == 0;
}

/* ---- SNS ---- */

bool hook_sns_host(const char *url, bool certificate)
{
    static const char first[] = "https://sns.";
    const char *p = url + sizeof first - 1, *end;
    size_t region;

    if (strncmp(url, first, sizeof first - 1) != 0)
        return false;
    region = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-");
    end = p + region;
    if (region == 0 || region > 40 || strncmp(end, ".amazonaws.com", 14) != 0)
        return false;
    end += 14;
    if (strncmp(end, ".cn", 3) == 0)
        end += 3;
    if (*end != '/' || strlen(url) > 2000)
        return false;
    return !certificate ||
           (strcspn(end, "?#@\\") == strlen(end) && str_ends(str_from(end), ".pem"));
}

const char *hook_sns_text(struct arena *a, const struct val *message)
{
    static const char *const of_notification[] = { "Message",  "MessageId", "Subject", "Timestamp",
                                                   "TopicArn", "Type",      NULL };
    static const char *const of_subscription[] = { "Message",   "MessageId", "SubscribeURL",
                                                   "Timestamp", "Token",     "TopicArn",
                                                   "Type",      NULL };
    const char *const *names =
        text_is(val_get_text(message, "Type"), "Notification") ? of_notification : of_subscription;
    struct buf b = buf_in(a, 1024 * 1024);

    for (; *names; names++) {
        const struct val *v = val_get(message, *names);
        if (v == NULL || val_is_null(v))
            continue; /* Subject may be missing */
        buf_printf(&b, "%s\n%s\n", *names, val_as_text(v, ""));
    }
    return buf_end(&b);
}

bool hook_sns_signed(struct arena *a, const struct val *message, const char *pem)
{
    const char *version = val_get_text(message, "SignatureVersion"),
               *text = hook_sns_text(a, message);
    bool sha256 = text_is(version, "2"), good = false;
    unsigned char sig[1024];
    gnutls_x509_crt_t cert;
    gnutls_pubkey_t key;
    size_t len;

    if ((!sha256 && !text_is(version, "1")) ||
        !from_base64(val_get_text(message, "Signature"), sig, sizeof sig, &len) ||
        gnutls_x509_crt_init(&cert) != 0)
        return false;
    if (gnutls_pubkey_init(&key) != 0) {
        gnutls_x509_crt_deinit(cert);
        return false;
    }
    gnutls_datum_t p = { (unsigned char *)pem, (unsigned)strlen(pem) };
    gnutls_datum_t d = { (unsigned char *)text, (unsigned)strlen(text) };
    gnutls_datum_t s = { sig, (unsigned)len };
    if (gnutls_x509_crt_import(cert, &p, GNUTLS_X509_FMT_PEM) == 0 &&
        gnutls_pubkey_import_x509(key, cert, 0) == 0)
        good =
            gnutls_pubkey_verify_data2(key, sha256 ? GNUTLS_SIGN_RSA_SHA256 : GNUTLS_SIGN_RSA_SHA1,
                                       GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, &d, &s) >= 0;
    gnutls_pubkey_deinit(key);
    gnutls_x509_crt_deinit(cert);
    return good;
}
