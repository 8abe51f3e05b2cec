/* arena.h -- memory that is freed together: one arena a request, a job run, a test.
 * Results are zeroed and never NULL: running out logs and aborts. What a stranger can make grow is
 * capped where it enters. An arena belongs to one thread. With ASan a reset poisons the memory. */
#pragma once
#include "base/base.h"
#include <stdarg.h>

struct arena;
struct arena *arena_new(size_t block_bytes); /* owned: arena_free */
void arena_free(struct arena *a);            /* deferred calls, last first; then the memory */
void arena_reset(struct arena *a);           /* the same, but keeps one block to reuse */
void *arena_alloc(struct arena *a, size_t count, size_t bytes_each); /* aborts on overflow */
char *arena_dup(struct arena *a, const char *bytes, size_t len);     /* copies, adds the NUL */
char *arena_text(struct arena *a, const char *text);                 /* copy of a NUL-ended text */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list args);
void arena_defer(struct arena *a, void (*fn)(void *), void *arg); /* fds, handles, temp files */
size_t arena_bytes(const struct arena *a); /* handed out since the last reset */
void arena_close(struct arena **a);        /* for scoped(arena_close) */
#define NEW(a, T) ((T *)arena_alloc((a), 1, sizeof(T)))
#define NEW_N(a, T, n) ((T *)arena_alloc((a), (n), sizeof(T)))
