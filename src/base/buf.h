/* buf.h -- a growing run of bytes with a ceiling. Past the ceiling it stays quiet and remembers;
 * check buf_status once at the end. Owned: buf_free, or make it with buf_in and the arena owns
 * it. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

struct buf {
    char *p;
    size_t len, cap, ceiling;
    struct arena *arena; /* NULL: malloc, and buf_free gives it back */
    bool failed;
};

struct buf buf_new(size_t ceiling);                 /* owned: buf_free */
struct buf buf_in(struct arena *a, size_t ceiling); /* in arena */
void buf_free(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory, forgets a failure */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_text(struct buf *b, const char *text);
void buf_str(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_i64(struct buf *b, i64 n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *buf_reserve(struct buf *b, size_t len); /* room for len more, or NULL past the ceiling */
const char *buf_end(struct buf *b);           /* adds a NUL that does not count; borrowed */
MUST_CHECK enum status buf_status(const struct buf *b); /* E_LIMIT if it met its ceiling */
