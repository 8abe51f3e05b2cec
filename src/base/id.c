/* id.c -- record ids. Made by us, not by the database, so that a row's id is known before it is
 * written, both engines behave alike, and rows sort by the time of their making. */
#include "base/id.h"
#include "base/log.h"
#include <stdatomic.h>
#include <stdlib.h>

enum { COUNTER_BITS = 12, NODE_BITS = 9, TIME_BITS = 42 };
#define EPOCH_MS INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */

struct id_source {
    _Atomic u64 last; /* (ms since the epoch << COUNTER_BITS) + counter of the newest id */
    u32 node;
};

struct id_source *id_source_new(u32 node)
{
    struct id_source *s = calloc(1, sizeof *s);

    if (s == NULL)
        log_fatal("id.out_of_memory", "bytes=%zu", sizeof *s);
    assert(node < 1u << NODE_BITS);
    s->node = node;
    return s;
}

void id_source_free(struct id_source *s) { free(s); }

static u64 since_epoch(i64 ms)
{
    const u64 last_ms = (UINT64_C(1) << TIME_BITS) - 1;

    if (ms <= EPOCH_MS)
        return 0;
    return (u64)(ms - EPOCH_MS) > last_ms ? last_ms : (u64)(ms - EPOCH_MS);
}

static i64 pack(u64 time, u32 node, u64 counter)
{
    return (i64)(time << (NODE_BITS + COUNTER_BITS) | (u64)node << COUNTER_BITS | counter);
}

i64 id_next(struct id_source *s, i64 now_ms)
{
    u64 now = since_epoch(now_ms) << COUNTER_BITS;
    u64 last = atomic_load_explicit(&s->last, memory_order_relaxed), next;

    /* A clock that goes back, or a full counter, runs ahead of the clock instead of repeating. */
    do {
        next = now > last ? now : last + 1;
    } while (!atomic_compare_exchange_weak_explicit(&s->last, &last, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    assert(next >> COUNTER_BITS < UINT64_C(1) << TIME_BITS);
    return pack(next >> COUNTER_BITS, s->node, next & ((1u << COUNTER_BITS) - 1));
}

i64 id_at(i64 ms, u32 node, u32 counter)
{
    assert(node < 1u << NODE_BITS && counter < 1u << COUNTER_BITS);
    return pack(since_epoch(ms), node, counter);
}

i64 id_time_ms(i64 id) { return (id >> (NODE_BITS + COUNTER_BITS)) + EPOCH_MS; }

void id_write(char out[ID_CHARS + 1], i64 id)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    u64 rest = (u64)id;

    for (int i = ID_CHARS - 1; i >= 0; i--) {
        out[i] = alphabet[rest & 31];
        rest >>= 5;
    }
    out[ID_CHARS] = '\0';
}

char *id_text(struct arena *a, i64 id)
{
    char text[ID_CHARS + 1];

    id_write(text, id);
    return arena_dup(a, text, ID_CHARS);
}

/* The value of each Crockford letter plus one; 0 is no letter. I and L read as 1, O as 0. */
static const u8 letters[128] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,
    ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14,
    ['e'] = 15, ['f'] = 16, ['g'] = 17, ['h'] = 18, ['j'] = 19, ['k'] = 20, ['m'] = 21,
    ['n'] = 22, ['p'] = 23, ['q'] = 24, ['r'] = 25, ['s'] = 26, ['t'] = 27, ['v'] = 28,
    ['w'] = 29, ['x'] = 30, ['y'] = 31, ['z'] = 32, ['i'] = 2,  ['l'] = 2,  ['o'] = 1,
};

bool id_parse(struct str s, i64 *id)
{
    u64 n = 0;

    if (s.len != ID_CHARS)
        return false;
    for (size_t i = 0; i < ID_CHARS; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + ('a' - 'A'));
        if (c > 127 || letters[c] == 0)
            return false;
        if (i == 0 && letters[c] > 8) /* 13 characters carry 65 bits, an id 63 */
            return false;
        n = n << 5 | (u64)(letters[c] - 1);
    }
    if (n == 0) /* no record has it: 0 means none */
        return false;
    *id = (i64)n;
    return true;
}

char *uuid_text(struct arena *a, const unsigned char bytes[16])
{
    const unsigned char *b = bytes;

    return arena_printf(a, "%02x%02x%02x%02x-%02x%02x-4%01x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                        b[0], b[1], b[2], b[3], b[4], b[5], b[6] & 15, b[7], (b[8] & 63) | 128,
                        b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

bool uuid_is(const char *text)
{
    size_t i = 0;

    for (; text[i] != '\0' && i <= UUID_CHARS; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = text[i];
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return i == UUID_CHARS;
}
