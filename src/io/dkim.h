/* dkim.h -- signs mails: RFC 6376 with rsa-sha256 and RFC 8463's ed25519-sha256, both relaxed. The
 * body is hashed once however many keys sign. Headers that mailbox providers look at are signed
 * once more than they occur, so that nobody can add another (From, Subject, List-Unsubscribe and
 * their like).
 * Ownership  a key is owned: dkim_key_free. Texts are in cx's arena.
 * Threads    a key may sign on one thread at a time. */
#pragma once
#include "base/buf.h"
#include "base/ctx.h"

enum dkim_algorithm { DKIM_RSA, DKIM_ED25519 };
enum { DKIM_RSA_BITS = 2048 };

/* A new pair: the private key as a text to seal (PEM; base64 of the seed for Ed25519), the public
 * one as it stands behind p= in the DNS. Takes up to a second for RSA. */
MUST_CHECK enum status dkim_key_new(struct ctx *cx, enum dkim_algorithm algorithm,
                                    const char **private_text, const char **public_text);
struct dkim_key;
/* E_INVALID: no such key. */
MUST_CHECK enum status dkim_key_open(struct ctx *cx, enum dkim_algorithm algorithm,
                                     const char *private_text, struct dkim_key **out);
void dkim_key_free(struct dkim_key *k); /* NULL is fine */

struct dkim_signer {
    const struct dkim_key *key;
    const char *domain, *selector;
};
enum { DKIM_SIGNERS = 4 };
/* Appends a DKIM-Signature header with its CRLF for each signer; they belong before the message,
 * which has CRLF line ends. at_s: seconds since 1970. E_INVALID: no header ends. */
MUST_CHECK enum status dkim_sign(struct ctx *cx, const struct dkim_signer *signers, size_t count,
                                 struct str message, i64 at_s, struct buf *out);
/* What stands in the DNS at SELECTOR._domainkey.DOMAIN for a key. In arena. */
const char *dkim_record(struct arena *a, enum dkim_algorithm algorithm, const char *public_text);

/* For tests with given vectors: signs the headers that `names` lists ("from:to:subject") and
 * `header`, a DKIM-Signature whose b= is empty, without its CRLF. The base64 of the signature, in
 * arena. */
MUST_CHECK enum status dkim_sign_header(struct ctx *cx, const struct dkim_key *key,
                                        struct str message, const char *names, const char *header,
                                        const char **signature);
/* Base64 of the relaxed body's SHA-256. In arena. */
const char *dkim_body_hash(struct arena *a, struct str message);
