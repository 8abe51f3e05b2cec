/* rate.c -- rate limits in memory: token buckets in a table of fixed size, so that a flood of keys
 * costs nothing but the memory of older keys. A set of four neighbours holds what hashes there; the
 * one that was used longest ago makes room. */
#include "base/str.h"
#include "kit/web_int.h"
#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>

enum { SETS = 2048, WAYS = 4, LOCKS = 16, TOKEN = 1000, KEY_BYTES = 320 };

struct bucket {
    u64 key;    /* 0: free */
    i64 at_ms;  /* when `tokens` was right */
    i64 tokens; /* thousandths */
};

struct rate {
    u8 seed[crypto_shorthash_KEYBYTES]; /* nobody outside can aim at a set */
    pthread_mutex_t locks[LOCKS];
    struct bucket buckets[SETS][WAYS];
};

struct rate *rate_new(void)
{
    struct rate *r = calloc(1, sizeof *r);

    assert(r != NULL);
    randombytes_buf(r->seed, sizeof r->seed);
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&r->locks[i], NULL);
    return r;
}

void rate_free(struct rate *r)
{
    if (r == NULL)
        return;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&r->locks[i]);
    free(r);
}

/* One household or server has a whole /64 of IPv6 addresses: they count as one. */
static size_t key_bytes(const char *key, u8 address[16])
{
    if (strchr(key, ':') == NULL || inet_pton(AF_INET6, key, address) != 1)
        return 0;
    return memcmp(address, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0 ? 16 : 8;
}

static u64 hash_of(const struct rate *r, const char *what, const char *key)
{
    u8 bytes[KEY_BYTES], address[16];
    size_t prefix = key_bytes(key, address), at = strnlen(what, KEY_BYTES / 4), len;
    u64 hash;

    memcpy(bytes, what, at);
    bytes[at++] = 0;
    len = prefix > 0 ? prefix : strnlen(key, KEY_BYTES - at);
    memcpy(bytes + at, prefix > 0 ? (const void *)address : key, len);
    crypto_shorthash((unsigned char *)&hash, bytes, at + len, r->seed);
    return hash != 0 ? hash : 1;
}

bool rate_over(struct rate *r, const char *what, const char *key, int per_minute, i64 now_ms)
{
    u64 hash = hash_of(r, what, key);
    size_t set = hash % SETS;
    i64 full = (i64)per_minute * TOKEN;
    struct bucket *b = NULL, *oldest = &r->buckets[set][0];
    bool over;

    pthread_mutex_lock(&r->locks[set % LOCKS]);
    for (int i = 0; i < WAYS; i++) {
        struct bucket *at = &r->buckets[set][i];
        if (at->key == hash)
            b = at;
        if (at->at_ms < oldest->at_ms)
            oldest = at;
    }
    if (b == NULL) {
        b = oldest;
        *b = (struct bucket){ .key = hash, .at_ms = now_ms, .tokens = full };
    }
    if (now_ms > b->at_ms) { /* per_minute tokens a minute come back */
        i64 gained =
            (now_ms - b->at_ms) < MS_MINUTE ? (now_ms - b->at_ms) * full / MS_MINUTE : full;
        b->tokens = b->tokens + gained < full ? b->tokens + gained : full;
        b->at_ms = now_ms;
    }
    over = b->tokens < TOKEN;
    if (!over)
        b->tokens -= TOKEN;
    pthread_mutex_unlock(&r->locks[set % LOCKS]);
    return over;
}
