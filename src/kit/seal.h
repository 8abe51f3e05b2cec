/* seal.h -- secrets that the program must be able to use again (the password of a relay, a signing
 * key), sealed at rest: libsodium's secretbox with a key that lies outside the database, so that a
 * copy of the database alone opens none. Passwords of people are hashed instead: session.h.
 * Where a record keeps one, its field is FIELD_SECRET: typed, never shown again.
 *
 * The key is a file of the data folder ("secret.key", 0600), or the one that --key names; several
 * nodes over one database need the same one. A sealed text names its key, so that one which was
 * sealed with another is told apart from one that was spoilt.
 *
 * Threads    any. */
#pragma once
#include "base/ctx.h"

enum { SEAL_KEY_BYTES = 32 };

/* Reads the key file; makes it when it is not there. E_IO: neither works. E_INVALID: what is there
 * is no key, or others may read it. */
MUST_CHECK enum status seal_key_file(struct ctx *cx, const char *path, unsigned char *key);
/* A text that only this key opens; in arena. E_INVALID: the program was opened without a key. */
MUST_CHECK enum status seal_text(struct ctx *cx, const char *plain, const char **sealed);
/* What was sealed; in arena, wiped with it. "" is "". E_INVALID: another key's, or spoilt. */
MUST_CHECK enum status seal_open(struct ctx *cx, const char *sealed, const char **plain);
/* Whether a text looks like one that was sealed, with whatever key. */
bool seal_is_sealed(const char *text);
/* Proof that we made something: 16 hexadecimal characters from the key, for signed addresses and
 * ids. `purpose` keeps uses apart. Empty without a key. In arena. */
const char *seal_proof(struct ctx *cx, const char *purpose, const char *text);
enum { SEAL_MAC_BYTES = 16 };
/* The same as bytes, for signed addresses that nobody may guess. False: the program has no key. */
bool seal_mac(struct ctx *cx, const char *purpose, struct str bytes,
              unsigned char out[SEAL_MAC_BYTES]);
