/* arena.c -- chunked arena: a list of malloc'd blocks, a pointer that only moves forward, and a
 * list of calls to make at the end. Exists so that no code above this floor ever calls free. */
#include "base/arena_int.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGN = 16, /* what malloc promises too */
    BLOCK_BYTES_MIN = 1024,
    BLOCK_BYTES_MAX = 1024 * 1024, /* ordinary blocks stop doubling here */
    PRINTF_BYTES = 256,            /* a longer text is formatted twice */
};

struct arena_block {
    struct arena_block *next;
    size_t bytes; /* after this header */
};
_Static_assert(sizeof(struct arena_block) % ALIGN == 0, "data after the header must be aligned");

struct arena_defer {
    void (*fn)(void *);
    void *arg;
    struct arena_defer *next;
};

static struct arena_block *block_new(size_t bytes)
{
    struct arena_block *block;
    size_t total;

    if (__builtin_add_overflow(bytes, sizeof *block, &total) || (block = malloc(total)) == NULL)
        log_fatal("arena.out_of_memory", "bytes=%zu", bytes);
    block->next = NULL;
    block->bytes = bytes;
    ARENA_POISON(block + 1, bytes);
    return block;
}

static void block_free(struct arena_block *block)
{
    ARENA_UNPOISON(block + 1, block->bytes);
    free(block);
}

static void use_block(struct arena *a, struct arena_block *block)
{
    a->p = (char *)(block + 1);
    a->end = a->p + block->bytes;
}

struct arena *arena_new(size_t block_bytes)
{
    struct arena *a = calloc(1, sizeof *a);

    if (a == NULL)
        log_fatal("arena.out_of_memory", "bytes=%zu", sizeof *a);
    if (block_bytes < BLOCK_BYTES_MIN)
        block_bytes = BLOCK_BYTES_MIN;
    a->block_bytes = a->next_bytes = (block_bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    a->blocks = block_new(a->block_bytes);
    use_block(a, a->blocks);
    return a;
}

/* A deferred call may defer again: the list is emptied from its head until it stays empty. */
static void run_defers(struct arena *a)
{
    while (a->defers != NULL) {
        struct arena_defer *d = a->defers;
        a->defers = d->next;
        d->fn(d->arg);
    }
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    run_defers(a);
    while (a->blocks != NULL) {
        struct arena_block *block = a->blocks;
        a->blocks = block->next;
        block_free(block);
    }
    free(a);
}

void arena_reset(struct arena *a)
{
    run_defers(a);
    while (a->blocks->next != NULL) { /* the first block is the one kept: it has the asked size */
        struct arena_block *block = a->blocks;
        a->blocks = block->next;
        block_free(block);
    }
    ARENA_POISON(a->blocks + 1, a->blocks->bytes);
    use_block(a, a->blocks);
    a->next_bytes = a->block_bytes;
    a->handed_bytes = 0;
}

void arena_close(struct arena **a)
{
    arena_free(*a);
    *a = NULL;
}

/* The slow path of arena_raw: the newest block has no room for `bytes`. */
void *arena_grow(struct arena *a, size_t bytes, size_t align)
{
    struct arena_block *block;

    /* A big piece gets a block of its own behind the newest, whose rest stays in use. Blocks start
     * aligned to 16, so `align` needs no room of its own. */
    if (bytes > a->block_bytes / 4) {
        block = block_new(bytes);
        block->next = a->blocks->next;
        a->blocks->next = block;
        /* The list's last block must stay the first one made: swap when the list had only that. */
        if (block->next == NULL) {
            block->next = a->blocks;
            a->blocks->next = NULL;
            a->blocks = block;
        }
        a->handed_bytes += bytes;
        ARENA_UNPOISON(block + 1, bytes);
        return block + 1;
    }
    if (a->next_bytes < BLOCK_BYTES_MAX)
        a->next_bytes *= 2;
    block = block_new(a->next_bytes);
    block->next = a->blocks;
    a->blocks = block;
    use_block(a, block);
    return arena_raw(a, bytes, align);
}

void *arena_alloc(struct arena *a, size_t count, size_t bytes_each)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, bytes_each, &bytes))
        log_fatal("arena.size_overflow", "count=%zu bytes_each=%zu", count, bytes_each);
    void *p = arena_raw(a, bytes == 0 ? 1 : bytes, bytes < ALIGN ? 8 : ALIGN);
    return memset(p, 0, bytes);
}

char *arena_dup(struct arena *a, const char *bytes, size_t len)
{
    if (len == SIZE_MAX)
        log_fatal("arena.size_overflow", "count=%zu", len);
    char *p = arena_raw(a, len + 1, 1);
    if (len > 0)
        memcpy(p, bytes, len);
    p[len] = '\0';
    return p;
}

char *arena_text(struct arena *a, const char *text) { return arena_dup(a, text, strlen(text)); }

char *arena_vprintf(struct arena *a, const char *fmt, va_list args)
{
    char small[PRINTF_BYTES];
    va_list again;

    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, fmt, args);
    if (len < 0)
        log_fatal("arena.bad_format", "format=%s", fmt);
    char *p = arena_raw(a, (size_t)len + 1, 1);
    if ((size_t)len < sizeof small)
        memcpy(p, small, (size_t)len + 1);
    else
        vsnprintf(p, (size_t)len + 1, fmt, again);
    va_end(again);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    char *p = arena_vprintf(a, fmt, args);
    va_end(args);
    return p;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
    struct arena_defer *d = NEW(a, struct arena_defer);

    d->fn = fn;
    d->arg = arg;
    d->next = a->defers;
    a->defers = d;
}

size_t arena_bytes(const struct arena *a) { return a->handed_bytes; }
