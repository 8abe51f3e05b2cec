/* seal.c -- seals and opens secrets, and keeps the key's file. */
#include "kit/seal.h"
#include "kit/kit_int.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "1." and eight hexadecimal digits that name the key, then "." and nonce and box. */
enum {
    PROOF_BYTES = 8,
    NAME_BYTES = 4,
    NAME_CHARS = 2 * NAME_BYTES,
    HEAD_CHARS = 2 + NAME_CHARS + 1
};
enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

_Static_assert(SEAL_KEY_BYTES == crypto_secretbox_KEYBYTES, "libsodium's key");

/* ---- the file ---- */
static enum status read_key(struct ctx *cx, const char *path, int fd, unsigned char *key)
{
    char hex[2 * SEAL_KEY_BYTES + 2] = "";
    struct stat st;
    ssize_t n = read(fd, hex, sizeof hex - 1);
    size_t len = n > 0 ? strcspn(hex, "\r\n") : 0, bytes = 0;

    if (fstat(fd, &st) != 0 || (st.st_mode & 077) != 0)
        return ctx_fail(cx, E_INVALID,
                        "'%s' may be read by others: run chmod 600 on it, since it opens every "
                        "secret in the database",
                        path);
    if (sodium_hex2bin(key, SEAL_KEY_BYTES, hex, len, NULL, &bytes, NULL) != 0 ||
        bytes != SEAL_KEY_BYTES || len != 2 * SEAL_KEY_BYTES)
        return ctx_fail(cx, E_INVALID, "'%s' holds no key: 64 hexadecimal digits are expected",
                        path);
    sodium_memzero(hex, sizeof hex);
    return OK;
}

/* Written aside and linked into place: of two programs that start at once one makes it. */
static enum status make_key(struct ctx *cx, const char *path)
{
    const char *part = arena_printf(cx->arena, "%s.%ld.part", path, (long)getpid());
    char hex[2 * SEAL_KEY_BYTES + 2];
    unsigned char key[SEAL_KEY_BYTES];
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool fine;

    randombytes_buf(key, sizeof key);
    sodium_bin2hex(hex, sizeof hex, key, sizeof key);
    hex[2 * SEAL_KEY_BYTES] = '\n';
    fine = fd >= 0 && write(fd, hex, sizeof hex - 1) == sizeof hex - 1 && fsync(fd) == 0;
    fine = fine && (link(part, path) == 0 || errno == EEXIST);
    int error = errno;
    if (fd >= 0)
        close(fd);
    (void)unlink(part);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(key, sizeof key);
    return fine ? OK : ctx_fail(cx, E_IO, "cannot write '%s': %s", path, strerror(error));
}

enum status seal_key_file(struct ctx *cx, const char *path, unsigned char *key)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum status s;

    if (fd < 0 && errno == ENOENT) {
        TRY(make_key(cx, path));
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0)
        return ctx_fail(cx, E_IO, "cannot read '%s': %s", path, strerror(errno));
    s = read_key(cx, path, fd, key);
    close(fd);
    return s;
}

/* ---- sealing ---- */
static enum status key_of(struct ctx *cx, const unsigned char **key, char *name)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];

    if (cx->kit == NULL || !cx->kit->has_seal_key)
        return ctx_fail(cx, E_INVALID, "the program was opened without the key of its secrets");
    *key = cx->kit->seal_key;
    crypto_generichash(hash, sizeof hash, *key, SEAL_KEY_BYTES, NULL, 0);
    sodium_bin2hex(name, NAME_CHARS + 1, hash, NAME_BYTES);
    return OK;
}

enum status seal_text(struct ctx *cx, const char *plain, const char **sealed)
{
    size_t len = strlen(plain), bytes = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    size_t chars = sodium_base64_ENCODED_LEN(bytes + len, VARIANT);
    unsigned char *box = arena_alloc(cx->arena, bytes + len, 1);
    char *out = arena_alloc(cx->arena, HEAD_CHARS + chars + 1, 1), name[NAME_CHARS + 1];
    const unsigned char *key = NULL;

    TRY(key_of(cx, &key, name));
    randombytes_buf(box, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain, len, box,
                          key);
    memcpy(out, "1.", 2);
    memcpy(out + 2, name, NAME_CHARS);
    out[HEAD_CHARS - 1] = '.';
    sodium_bin2base64(out + HEAD_CHARS, chars, box, bytes + len, VARIANT);
    *sealed = out;
    return OK;
}

static void wipe(void *text) { sodium_memzero(text, strlen(text)); }

bool seal_is_sealed(const char *text)
{
    return strlen(text) > HEAD_CHARS && memcmp(text, "1.", 2) == 0 && text[HEAD_CHARS - 1] == '.';
}

enum status seal_open(struct ctx *cx, const char *sealed, const char **plain)
{
    size_t chars = strlen(sealed), len = 0;
    unsigned char *box = arena_alloc(cx->arena, chars + 1, 1);
    char *out = arena_alloc(cx->arena, chars + 1, 1), name[NAME_CHARS + 1];
    const unsigned char *key = NULL;
    size_t extra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;

    *plain = "";
    if (chars == 0)
        return OK;
    TRY(key_of(cx, &key, name));
    if (!seal_is_sealed(sealed))
        return ctx_fail(cx, E_INVALID, "this is no sealed secret; type it again");
    if (memcmp(sealed + 2, name, NAME_CHARS) != 0)
        return ctx_fail_code(cx, E_INVALID, "secret.other_key",
                             "this secret was sealed with another key: put that key file in its "
                             "place, or type the secret again");
    if (sodium_base642bin(box, chars, sealed + HEAD_CHARS, chars - HEAD_CHARS, NULL, &len, NULL,
                          VARIANT) != 0 ||
        len < extra ||
        crypto_secretbox_open_easy((unsigned char *)out, box + crypto_secretbox_NONCEBYTES,
                                   len - crypto_secretbox_NONCEBYTES, box, key) != 0)
        return ctx_fail_code(cx, E_INVALID, "secret.spoilt",
                             "this secret was changed in the database; type it again");
    out[len - extra] = '\0';
    arena_defer(cx->arena, wipe, out);
    *plain = out;
    return OK;
}

bool seal_mac(struct ctx *cx, const char *purpose, struct str bytes,
              unsigned char out[SEAL_MAC_BYTES])
{
    char name[NAME_CHARS + 1];
    unsigned char between = 0;
    crypto_generichash_state st;
    const unsigned char *key = NULL;

    if (key_of(cx, &key, name) != OK) {
        ctx_clear_error(cx);
        return false;
    }
    crypto_generichash_init(&st, key, SEAL_KEY_BYTES, SEAL_MAC_BYTES);
    crypto_generichash_update(&st, (const unsigned char *)purpose, strlen(purpose));
    crypto_generichash_update(&st, &between, 1);
    crypto_generichash_update(&st, (const unsigned char *)bytes.p, bytes.len);
    crypto_generichash_final(&st, out, SEAL_MAC_BYTES);
    return true;
}

const char *seal_proof(struct ctx *cx, const char *purpose, const char *text)
{
    unsigned char mac[SEAL_MAC_BYTES];
    char *out = arena_alloc(cx->arena, 2 * PROOF_BYTES + 1, 1);

    if (!seal_mac(cx, purpose, str_from(text), mac))
        return "";
    sodium_bin2hex(out, 2 * PROOF_BYTES + 1, mac, PROOF_BYTES);
    return out;
}
