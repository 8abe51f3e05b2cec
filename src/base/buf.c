/* buf.c -- the growing byte run behind every writer: JSON, CSV, pages, mail. Once the ceiling is
 * met nothing more is added, so what is there is a clean prefix and the writer needs no checks. */
#include "base/buf.h"
#include "base/arena_int.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BYTES = 256 };

struct buf buf_new(size_t ceiling) { return (struct buf){ .ceiling = ceiling }; }

struct buf buf_in(struct arena *a, size_t ceiling)
{
    return (struct buf){ .ceiling = ceiling, .arena = a };
}

void buf_free(struct buf *b)
{
    if (b->arena == NULL)
        free(b->p);
    b->p = NULL;
    b->len = b->cap = 0;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

/* Makes room for `need` bytes in all, of which one may be a NUL beyond the ceiling. */
static void grow(struct buf *b, size_t need)
{
    size_t cap = b->cap < FIRST_BYTES ? FIRST_BYTES : b->cap;

    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (b->arena != NULL) {
        char *p = arena_raw(b->arena, cap, 1);
        if (b->len > 0)
            memcpy(p, b->p, b->len);
        b->p = p;
    } else {
        char *p = realloc(b->p, cap);
        if (p == NULL)
            log_fatal("buf.out_of_memory", "bytes=%zu", cap);
        b->p = p;
    }
    b->cap = cap;
}

char *buf_reserve(struct buf *b, size_t len)
{
    if (b->failed || b->len > b->ceiling || len > b->ceiling - b->len) {
        b->failed = true;
        return NULL;
    }
    if (b->cap - b->len <= len)
        grow(b, b->len + len + 1);
    return b->p + b->len;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
    char *at = buf_reserve(b, len);

    if (at == NULL || len == 0)
        return;
    memcpy(at, bytes, len);
    b->len += len;
}

void buf_text(struct buf *b, const char *text) { buf_add(b, text, strlen(text)); }

void buf_str(struct buf *b, struct str s) { buf_add(b, s.p, s.len); }

void buf_char(struct buf *b, char c)
{
    char *at = buf_reserve(b, 1);

    if (at == NULL)
        return;
    *at = c;
    b->len++;
}

void buf_i64(struct buf *b, i64 n)
{
    char digits[20];
    size_t at = sizeof digits;
    u64 rest = n < 0 ? 0 - (u64)n : (u64)n;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0)
        digits[--at] = '-';
    buf_add(b, digits + at, sizeof digits - at);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (len < 0)
        log_fatal("buf.bad_format", "format=%s", fmt);
    if ((size_t)len < sizeof small) {
        buf_add(b, small, (size_t)len);
    } else {
        char *at = buf_reserve(b, (size_t)len); /* grow leaves one byte more, for the NUL */
        if (at != NULL) {
            vsnprintf(at, (size_t)len + 1, fmt, again);
            b->len += (size_t)len;
        }
    }
    va_end(again);
}

const char *buf_end(struct buf *b)
{
    if (b->cap - b->len < 1)
        grow(b, b->len + 1);
    b->p[b->len] = '\0';
    return b->p;
}

enum status buf_status(const struct buf *b) { return b->failed ? E_LIMIT : OK; }
