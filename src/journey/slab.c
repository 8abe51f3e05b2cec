/* slab.c -- memory mapped in pieces and unmapped together. */
#include "base/log.h"
#include "journey/slab_int.h"
#include <sys/mman.h>

enum { ALIGN = 16, SMALL_BYTES = 64 * 1024, HUGE_BYTES = 2 * 1024 * 1024 };

struct slab_block {
    struct slab_block *next;
    size_t bytes; /* with this head */
};

static struct slab_block *block_new(struct slab *s, size_t bytes)
{
    struct slab_block *b =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (b == MAP_FAILED)
        log_fatal("slab.out_of_memory", "bytes=%zu", bytes);
    if (bytes >= 2 * HUGE_BYTES) /* fewer page faults; a kernel without it just says no */
        (void)madvise(b, bytes, MADV_HUGEPAGE);
    b->bytes = bytes;
    b->next = s->blocks;
    s->blocks = b;
    s->bytes += bytes;
    return b;
}

void *slab_alloc(struct slab *s, size_t count, size_t bytes_each)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, bytes_each, &bytes) || bytes > SIZE_MAX / 2)
        log_fatal("slab.size_overflow", "count=%zu bytes_each=%zu", count, bytes_each);
    bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (bytes > (size_t)(s->end - s->p)) {
        /* Blocks grow with what is used, so that few system calls serve a big walk. */
        size_t room = s->bytes < SMALL_BYTES ? SMALL_BYTES : s->bytes;
        if (room > 4 * HUGE_BYTES)
            room = 4 * HUGE_BYTES;
        if (room < bytes + sizeof(struct slab_block))
            room = bytes + sizeof(struct slab_block);
        struct slab_block *b = block_new(s, (room + 4095) & ~(size_t)4095);
        s->p = (char *)(b + 1);
        s->end = (char *)b + b->bytes;
    }
    void *at = s->p;
    s->p += bytes;
    return at;
}

void slab_free(struct slab *s)
{
    while (s->blocks != NULL) {
        struct slab_block *b = s->blocks;
        s->blocks = b->next;
        munmap(b, b->bytes);
    }
    *s = (struct slab){ 0 };
}

void slab_reuse(struct slab *s)
{
    struct slab_block *b = s->blocks;
    size_t bytes = s->bytes;

    if (b == NULL)
        return;
    if (b->next != NULL) {
        slab_free(s);
        b = block_new(s, bytes);
    }
    s->p = (char *)(b + 1);
    s->end = (char *)b + b->bytes;
}
