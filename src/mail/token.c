/* token.c -- the numbers as bytes, highest first, behind them the proof; all in base64url. */
#include "mail/token.h"
#include "kit/seal.h"
#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { NUMBER_BYTES = 8, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
enum { TOKEN_BYTES = TOKEN_NUMBERS * NUMBER_BYTES + SEAL_MAC_BYTES };

static void put_number(unsigned char *out, i64 n)
{
    for (int i = 0; i < NUMBER_BYTES; i++)
        out[i] = (unsigned char)((u64)n >> (8 * (NUMBER_BYTES - 1 - i)));
}

static i64 get_number(const unsigned char *in)
{
    u64 n = 0;

    for (int i = 0; i < NUMBER_BYTES; i++)
        n = n << 8 | in[i];
    return (i64)n;
}

/* What is signed: kind, numbers, and what is covered. */
static bool proof_of(struct ctx *cx, enum token_kind kind, const unsigned char *numbers, size_t len,
                     const char *covers, unsigned char mac[SEAL_MAC_BYTES])
{
    size_t more = strlen(covers);
    char *bytes = arena_alloc(cx->arena, len + more + 1, 1);

    bytes[0] = (char)kind;
    memcpy(bytes + 1, numbers, len);
    memcpy(bytes + 1 + len, covers, more);
    return seal_mac(cx, "token", (struct str){ bytes, 1 + len + more }, mac);
}

const char *token_write(struct ctx *cx, enum token_kind kind, const i64 *numbers, size_t count,
                        const char *covers)
{
    unsigned char bytes[TOKEN_BYTES];
    size_t len = count * NUMBER_BYTES;
    size_t chars = sodium_base64_ENCODED_LEN(len + SEAL_MAC_BYTES, VARIANT);
    char *out = arena_alloc(cx->arena, chars, 1);

    assert(count <= TOKEN_NUMBERS);
    for (size_t i = 0; i < count; i++)
        put_number(bytes + i * NUMBER_BYTES, numbers[i]);
    if (!proof_of(cx, kind, bytes, len, covers, bytes + len))
        return "";
    return sodium_bin2base64(out, chars, bytes, len + SEAL_MAC_BYTES, VARIANT);
}

bool token_read(struct ctx *cx, enum token_kind kind, const char *text, const char *covers,
                i64 *numbers, size_t count)
{
    unsigned char bytes[TOKEN_BYTES], mac[SEAL_MAC_BYTES];
    size_t chars = strlen(text), len = 0, of_numbers = count * NUMBER_BYTES;

    assert(count <= TOKEN_NUMBERS);
    if (chars == 0 || chars > TOKEN_CHARS ||
        sodium_base642bin(bytes, sizeof bytes, text, chars, NULL, &len, NULL, VARIANT) != 0 ||
        len != of_numbers + SEAL_MAC_BYTES || !proof_of(cx, kind, bytes, of_numbers, covers, mac) ||
        sodium_memcmp(mac, bytes + of_numbers, sizeof mac) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        numbers[i] = get_number(bytes + i * NUMBER_BYTES);
    return true;
}
