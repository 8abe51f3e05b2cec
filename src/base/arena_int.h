/* arena_int.h -- the arena's inside, for this folder only: the value tree and the JSON reader make
 * so many small nodes that the call to arena_alloc would be a third of their time. */
#pragma once
#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define ARENA_UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
enum { ARENA_ALIGN_MIN = 8, ARENA_GAP_BYTES = 8 }; /* the gap catches a write past the end */
#else
#define ARENA_POISON(p, n) ((void)(p), (void)(n))
#define ARENA_UNPOISON(p, n) ((void)(p), (void)(n))
enum { ARENA_ALIGN_MIN = 1, ARENA_GAP_BYTES = 0 };
#endif

struct arena {
    char *p, *end;              /* the free part of the newest ordinary block */
    struct arena_block *blocks; /* newest first; the first block is the last of the list */
    struct arena_defer *defers; /* newest first; the nodes are in the arena itself */
    size_t block_bytes;         /* of the first block */
    size_t next_bytes;          /* of the next ordinary block: grows with the arena */
    size_t handed_bytes;
};

void *arena_grow(struct arena *a, size_t bytes, size_t align);

/* Bytes that are not zeroed: the caller writes all of them. `align` is a power of two, at most
 * 16. */
static inline void *arena_raw(struct arena *a, size_t bytes, size_t align)
{
    if (align < ARENA_ALIGN_MIN)
        align = ARENA_ALIGN_MIN;
    char *at = (char *)(((uintptr_t)a->p + align - 1) & ~(uintptr_t)(align - 1));
    /* A huge `bytes` must not wrap a sum, so what is left is compared instead. */
    if (at > a->end || bytes > (size_t)(a->end - at))
        return arena_grow(a, bytes, align);
    a->p = at + bytes + ARENA_GAP_BYTES; /* may pass `end` by the gap: nothing fits then */
    a->handed_bytes += bytes;
    ARENA_UNPOISON(at, bytes);
    return at;
}
