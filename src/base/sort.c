/* sort.c -- see sort.h. */
#include "base/sort.h"
#include "base/arena.h"
#include <string.h>

enum { BYTES = 8, VALUES = 256 };

static i64 id_at(const char *rows, size_t i, size_t bytes)
{
    i64 id;

    memcpy(&id, rows + i * bytes, sizeof id);
    return id;
}

static bool is_sorted(const char *rows, size_t count, size_t bytes)
{
    for (size_t i = 1; i < count; i++)
        if (id_at(rows, i - 1, bytes) > id_at(rows, i, bytes))
            return false;
    return true;
}

/* Negative numbers come first. */
static unsigned digit(i64 id, int byte)
{
    return (unsigned)(((u64)id ^ (UINT64_C(1) << 63)) >> (8 * byte)) & (VALUES - 1);
}

static void count_digits(const char *rows, size_t count, size_t bytes, size_t counts[BYTES][VALUES])
{
    memset(counts, 0, sizeof(size_t) * BYTES * VALUES);
    for (size_t i = 0; i < count; i++) {
        i64 id = id_at(rows, i, bytes);
        for (int b = 0; b < BYTES; b++)
            counts[b][digit(id, b)]++;
    }
}

void sort_by_id(struct arena *a, void *rows, size_t count, size_t bytes)
{
    char *from = rows, *to;
    size_t counts[BYTES][VALUES];

    if (is_sorted(rows, count, bytes))
        return;
    to = arena_alloc(a, count * bytes, sizeof(i64));
    count_digits(rows, count, bytes, counts);
    for (int b = 0; b < BYTES; b++) {
        size_t *at = counts[b], before = 0;
        if (at[digit(id_at(from, 0, bytes), b)] == count)
            continue;
        for (int v = 0; v < VALUES; v++) {
            size_t here = at[v];
            at[v] = before;
            before += here;
        }
        for (size_t i = 0; i < count; i++) {
            size_t place = at[digit(id_at(from, i, bytes), b)]++;
            memcpy(to + place * bytes, from + i * bytes, bytes);
        }
        char *other = from;
        from = to;
        to = other;
    }
    if (from != (char *)rows)
        memcpy(rows, from, count * bytes);
}
