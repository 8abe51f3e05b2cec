/* dkim.c -- canonical form, hashes, signatures. */
#include "io/dkim.h"
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    HASH_BYTES = 32,
    B64_HASH = 48,
    SIGNATURE_BYTES = 512,
    NAMES_BYTES = 1024,
    MAX_HEADERS = 200
};
enum { B64 = sodium_base64_VARIANT_ORIGINAL };

struct dkim_key {
    enum dkim_algorithm algorithm;
    gnutls_privkey_t rsa;
    unsigned char ed[crypto_sign_SECRETKEYBYTES];
};

static const char *base64(struct arena *a, const void *bytes, size_t len)
{
    size_t chars = sodium_base64_ENCODED_LEN(len, B64);
    char *out = arena_alloc(a, chars, 1);

    return sodium_bin2base64(out, chars, bytes, len, B64);
}

/* ---- keys ---- */
static enum status rsa_failed(struct ctx *cx, int error)
{
    return ctx_fail(cx, E_INVALID, "the RSA key cannot be used: %s", gnutls_strerror(error));
}

static enum status new_rsa(struct ctx *cx, const char **private_text, const char **public_text)
{
    gnutls_datum_t pem = { 0 }, der = { 0 };
    gnutls_x509_privkey_t key = NULL;
    gnutls_privkey_t abstract = NULL;
    gnutls_pubkey_t public = NULL;
    int e = gnutls_x509_privkey_init(&key);

    if (e == 0)
        e = gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, DKIM_RSA_BITS, 0);
    if (e == 0)
        e = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                              &pem);
    if (e == 0)
        e = gnutls_privkey_init(&abstract);
    if (e == 0)
        e = gnutls_privkey_import_x509(abstract, key, 0);
    if (e == 0)
        e = gnutls_pubkey_init(&public);
    if (e == 0)
        e = gnutls_pubkey_import_privkey(public, abstract, 0, 0);
    if (e == 0)
        e = gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der);
    if (e == 0) {
        *private_text = arena_dup(cx->arena, (char *)pem.data, pem.size);
        *public_text = base64(cx->arena, der.data, der.size);
    }
    if (pem.data != NULL)
        gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    gnutls_free(der.data);
    if (public != NULL)
        gnutls_pubkey_deinit(public);
    if (abstract != NULL)
        gnutls_privkey_deinit(abstract);
    if (key != NULL)
        gnutls_x509_privkey_deinit(key);
    return e == 0 ? OK : rsa_failed(cx, e);
}

enum status dkim_key_new(struct ctx *cx, enum dkim_algorithm algorithm, const char **private_text,
                         const char **public_text)
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];

    if (algorithm == DKIM_RSA)
        return new_rsa(cx, private_text, public_text);
    crypto_sign_keypair(public, secret);
    *private_text = base64(cx->arena, secret, crypto_sign_SEEDBYTES); /* the seed comes first */
    *public_text = base64(cx->arena, public, sizeof public);
    sodium_memzero(secret, sizeof secret);
    return OK;
}

static enum status open_rsa(struct ctx *cx, const char *text, struct dkim_key *k)
{
    gnutls_datum_t pem = { (unsigned char *)text, (unsigned)strlen(text) };
    int e = gnutls_privkey_init(&k->rsa);

    if (e == 0)
        e = gnutls_privkey_import_x509_raw(k->rsa, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (e == 0 && gnutls_privkey_get_pk_algorithm(k->rsa, NULL) != GNUTLS_PK_RSA)
        e = GNUTLS_E_UNKNOWN_PK_ALGORITHM;
    return e == 0 ? OK : rsa_failed(cx, e);
}

static enum status open_ed(struct ctx *cx, const char *text, struct dkim_key *k)
{
    unsigned char seed[crypto_sign_SEEDBYTES], public[crypto_sign_PUBLICKEYBYTES];
    size_t len;

    if (sodium_base642bin(seed, sizeof seed, text, strlen(text), "\r\n ", &len, NULL, B64) != 0 ||
        len != sizeof seed)
        return ctx_fail(cx, E_INVALID,
                        "the Ed25519 key cannot be used: 32 bytes in base64 are "
                        "expected");
    crypto_sign_seed_keypair(public, k->ed, seed);
    sodium_memzero(seed, sizeof seed);
    return OK;
}

enum status dkim_key_open(struct ctx *cx, enum dkim_algorithm algorithm, const char *private_text,
                          struct dkim_key **out)
{
    struct dkim_key *k = calloc(1, sizeof *k);
    enum status s;

    assert(k != NULL);
    k->algorithm = algorithm;
    s = algorithm == DKIM_RSA ? open_rsa(cx, private_text, k) : open_ed(cx, private_text, k);
    if (s != OK) {
        dkim_key_free(k);
        return s;
    }
    *out = k;
    return OK;
}

void dkim_key_free(struct dkim_key *k)
{
    if (k == NULL)
        return;
    if (k->rsa != NULL)
        gnutls_privkey_deinit(k->rsa);
    sodium_memzero(k->ed, sizeof k->ed);
    free(k);
}

const char *dkim_record(struct arena *a, enum dkim_algorithm algorithm, const char *public_text)
{
    return arena_printf(a, "v=DKIM1; k=%s; p=%s", algorithm == DKIM_RSA ? "rsa" : "ed25519",
                        public_text);
}

/* ---- the relaxed form ---- */
/* Where the body begins; the headers end before it. NULL: there is no empty line. */
static const char *body_of(struct str m)
{
    const char *p = memmem(m.p, m.len, "\r\n\r\n", 4);

    return p != NULL ? p + 4 : NULL;
}

/* One line of a body, without its end: runs of blanks are one, none at the end. */
static size_t relax_line(char *out, const char *p, size_t len)
{
    size_t n = 0;

    while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
        len--;
    for (size_t i = 0; i < len; i++) {
        if (p[i] != ' ' && p[i] != '\t')
            out[n++] = p[i];
        else if (i == 0 || (p[i - 1] != ' ' && p[i - 1] != '\t'))
            out[n++] = ' ';
    }
    return n;
}

static void hash_body(struct arena *a, struct str body, unsigned char *hash)
{
    char *relaxed = arena_alloc(a, body.len + 3, 1);
    const char *p = body.p, *end = body.p + body.len;
    size_t n = 0;

    while (p < end) {
        const char *stop = memmem(p, (size_t)(end - p), "\r\n", 2);
        size_t len = stop != NULL ? (size_t)(stop - p) : (size_t)(end - p);
        n += relax_line(relaxed + n, p, len);
        relaxed[n++] = '\r';
        relaxed[n++] = '\n';
        p += len + (stop != NULL ? 2 : 0);
    }
    while (n >= 4 && memcmp(relaxed + n - 4, "\r\n\r\n", 4) == 0)
        n -= 2;
    if (n == 2) /* nothing but line ends */
        n = 0;
    gnutls_hash_fast(GNUTLS_DIG_SHA256, relaxed, n, hash);
}

const char *dkim_body_hash(struct arena *a, struct str message)
{
    const char *body = body_of(message);
    unsigned char hash[HASH_BYTES];

    if (body == NULL)
        body = message.p + message.len;
    hash_body(a, (struct str){ body, (size_t)(message.p + message.len - body) }, hash);
    return base64(a, hash, sizeof hash);
}

/* A header in relaxed form, without its line end. */
static void put_relaxed(struct buf *out, struct str h)
{
    const char *colon = memchr(h.p, ':', h.len), *end = h.p + h.len, *p;
    size_t name = colon != NULL ? (size_t)(colon - h.p) : h.len;
    bool blank = false;

    while (name > 0 && (h.p[name - 1] == ' ' || h.p[name - 1] == '\t'))
        name--;
    for (size_t i = 0; i < name; i++)
        buf_char(out, h.p[i] >= 'A' && h.p[i] <= 'Z' ? (char)(h.p[i] + 32) : h.p[i]);
    buf_char(out, ':');
    size_t value = out->len;
    for (p = colon != NULL ? colon + 1 : end; p < end; p++) {
        if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
            blank = true;
            continue;
        }
        if (blank && out->len > value)
            buf_char(out, ' ');
        blank = false;
        buf_char(out, *p);
    }
}

struct headers {
    struct str all[MAX_HEADERS]; /* each with its folds, without the last line end */
    size_t count;
};

static void split_headers(struct str m, struct headers *h)
{
    const char *p = m.p, *end = m.p + m.len;

    h->count = 0;
    while (p < end && h->count < MAX_HEADERS) {
        const char *stop = p;
        do {
            stop = memmem(stop, (size_t)(end - stop), "\r\n", 2);
            stop = stop != NULL ? stop + 2 : end;
        } while (stop < end && (*stop == ' ' || *stop == '\t'));
        size_t len = (size_t)(stop - p);
        while (len > 0 && (p[len - 1] == '\r' || p[len - 1] == '\n'))
            len--;
        if (len == 0)
            break;
        h->all[h->count++] = (struct str){ p, len };
        p = stop;
    }
}

static bool is_named(struct str header, const char *name, size_t len)
{
    return header.len > len && header.p[len] == ':' && strncasecmp(header.p, name, len) == 0;
}

/* The headers that `names` lists, each from the bottom up (RFC 6376, 5.4.2); one that is listed
 * more often than it is there counts as empty. */
static void put_signed(struct buf *out, const struct headers *h, const char *names)
{
    bool used[MAX_HEADERS] = { false };

    for (const char *p = names; *p != '\0';) {
        p += strspn(p, ": \t\r\n");
        size_t len = strcspn(p, ": \t\r\n");
        for (size_t i = h->count; len > 0 && i-- > 0;) {
            if (used[i] || !is_named(h->all[i], p, len))
                continue;
            used[i] = true;
            put_relaxed(out, h->all[i]);
            buf_text(out, "\r\n");
            break;
        }
        p += len;
    }
}

/* ---- signing ---- */
static enum status sign(struct ctx *cx, const struct dkim_key *k, struct str data,
                        const char **signature)
{
    unsigned char hash[HASH_BYTES], ed[crypto_sign_BYTES];
    gnutls_datum_t in = { hash, sizeof hash }, out = { 0 };
    int e;

    gnutls_hash_fast(GNUTLS_DIG_SHA256, data.p, data.len, hash);
    if (k->algorithm == DKIM_ED25519) {
        crypto_sign_detached(ed, NULL, hash, sizeof hash, k->ed);
        *signature = base64(cx->arena, ed, sizeof ed);
        return OK;
    }
    e = gnutls_privkey_sign_hash2(k->rsa, GNUTLS_SIGN_RSA_SHA256, 0, &in, &out);
    if (e != 0)
        return rsa_failed(cx, e);
    *signature = base64(cx->arena, out.data, out.size);
    gnutls_free(out.data);
    return OK;
}

enum status dkim_sign_header(struct ctx *cx, const struct dkim_key *key, struct str message,
                             const char *names, const char *header, const char **signature)
{
    const char *body = body_of(message);
    struct buf data = buf_in(cx->arena, 1024 * 1024);
    struct headers *h = NEW(cx->arena, struct headers);

    if (body == NULL)
        return ctx_fail(cx, E_INVALID, "the message has no end of its headers");
    split_headers((struct str){ message.p, (size_t)(body - message.p) }, h);
    put_signed(&data, h, names);
    put_relaxed(&data, str_from(header));
    TRY(buf_status(&data));
    return sign(cx, key, (struct str){ data.p, data.len }, signature);
}

/* Signed when present, and what of them nobody may add. */
static const struct {
    const char *name;
    bool closed;
} signed_headers[] = {
    { "from", true },
    { "to", true },
    { "subject", true },
    { "date", true },
    { "message-id", true },
    { "reply-to", true },
    { "in-reply-to", false },
    { "references", false },
    { "list-id", true },
    { "list-unsubscribe", true },
    { "list-unsubscribe-post", true },
    { "feedback-id", false },
    { "mime-version", true },
    { "content-type", true },
    { "content-transfer-encoding", true },
};

static const char *names_to_sign(struct ctx *cx, const struct headers *h)
{
    struct buf b = buf_in(cx->arena, NAMES_BYTES);
    size_t column = 4;

    for (size_t i = 0; i < countof(signed_headers); i++) {
        const char *name = signed_headers[i].name;
        size_t len = strlen(name), times = signed_headers[i].closed ? 1 : 0;
        for (size_t k = 0; k < h->count; k++)
            times += is_named(h->all[k], name, len);
        for (; times > 0; times--) {
            if (b.len > 0)
                buf_char(&b, ':');
            if (column + len + 1 > 75) {
                buf_text(&b, "\r\n\t");
                column = 1;
            }
            buf_text(&b, name);
            column += len + 1;
        }
    }
    return buf_end(&b);
}

static void put_wrapped(struct buf *out, const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (i > 0 && i % 72 == 0)
            buf_text(out, "\r\n\t");
        buf_char(out, text[i]);
    }
}

enum status dkim_sign(struct ctx *cx, const struct dkim_signer *signers, size_t count,
                      struct str message, i64 at_s, struct buf *out)
{
    const char *body = body_of(message), *names, *hash;
    struct headers *h = NEW(cx->arena, struct headers);

    if (body == NULL)
        return ctx_fail(cx, E_INVALID, "the message has no end of its headers");
    split_headers((struct str){ message.p, (size_t)(body - message.p) }, h);
    names = names_to_sign(cx, h);
    hash = dkim_body_hash(cx->arena, message);
    struct buf fixed = buf_in(cx->arena, 1024 * 1024); /* the same for all */
    put_signed(&fixed, h, names);
    for (size_t i = 0; i < count; i++) {
        const struct dkim_signer *by = &signers[i];
        struct buf data = buf_in(cx->arena, 1024 * 1024);
        const char *signature,
            *header = arena_printf(cx->arena,
                                   "DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed; "
                                   "d=%s;\r\n\ts=%s; t=%lld;\r\n\th=%s;"
                                   "\r\n\tbh=%s;\r\n\tb=",
                                   by->key->algorithm == DKIM_RSA ? "rsa" : "ed25519", by->domain,
                                   by->selector, (long long)at_s, names, hash);
        buf_add(&data, fixed.p, fixed.len);
        put_relaxed(&data, str_from(header));
        TRY(buf_status(&data));
        TRY(sign(cx, by->key, (struct str){ data.p, data.len }, &signature));
        buf_text(out, header);
        put_wrapped(out, signature);
        buf_text(out, "\r\n");
    }
    return OK;
}
