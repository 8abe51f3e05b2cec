/* Tests of base/arena.h: zeroed memory, growth, order of deferred calls, reset. */
#include "testing.h"
#include <string.h>

static void memory_is_zeroed_and_aligned(void **state)
{
    struct arena *a = *state;

    for (size_t round = 0; round < 2; round++) {
        for (size_t bytes = 0; bytes < 20000; bytes = bytes * 3 + 1) {
            unsigned char *p = arena_alloc(a, 1, bytes);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % (bytes < 16 ? 8 : 16), 0);
            for (size_t i = 0; i < bytes; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xee, bytes); /* what the next round must not see */
        }
        arena_reset(a);
    }
}

static void pieces_do_not_overlap(void **state)
{
    struct arena *a = *state;
    char *piece[500];

    for (size_t i = 0; i < countof(piece); i++)
        memset(piece[i] = arena_alloc(a, i + 1, 7), (int)i, (i + 1) * 7);
    for (size_t i = 0; i < countof(piece); i++)
        for (size_t k = 0; k < (i + 1) * 7; k++)
            assert_int_equal((unsigned char)piece[i][k], i & 255);
}

static void texts_are_copied_with_a_nul(void **state)
{
    struct arena *a = *state;
    char *big = arena_alloc(a, 100001, 1);

    assert_string_equal(arena_dup(a, "abcdef", 3), "abc");
    assert_string_equal(arena_dup(a, NULL, 0), "");
    assert_string_equal(arena_text(a, "abc"), "abc");
    assert_string_equal(arena_printf(a, "%d-%s", 12, "x"), "12-x");
    memset(big, 'x', 100000);
    assert_string_equal(arena_printf(a, "%s", big), big);
}

struct trace {
    struct arena *a;
    char order[8];
    size_t len;
};

static void note_first(void *arg)
{
    ((struct trace *)arg)->order[((struct trace *)arg)->len++] = '1';
}

static void note_second(void *arg)
{
    struct trace *t = arg;

    t->order[t->len++] = '2';
    arena_defer(t->a, note_first, t); /* one that comes while they run is run as well */
}

static void deferred_calls_run_last_first(void **state)
{
    struct arena *a = *state;
    struct trace t = { .a = a };

    arena_defer(a, note_first, &t);
    arena_defer(a, note_second, &t);
    arena_reset(a);
    assert_string_equal(t.order, "211");
    arena_reset(a);
    assert_string_equal(t.order, "211");
    struct arena *other = arena_new(1);
    arena_defer(other, note_first, &t);
    arena_close(&other);
    assert_null(other);
    assert_string_equal(t.order, "2111");
}

static void bytes_are_counted_since_the_reset(void **state)
{
    struct arena *a = *state;

    arena_alloc(a, 10, 10);
    arena_alloc(a, 1000, 1000);
    assert_int_equal(arena_bytes(a), 1000100);
    arena_reset(a);
    assert_int_equal(arena_bytes(a), 0);
}

static void a_reset_after_big_pieces_keeps_the_first_block(void **state)
{
    struct arena *a = *state;

    for (int round = 0; round < 50; round++) {
        arena_alloc(a, 1, 1000000); /* a block of its own while the list has one only */
        for (int i = 0; i < 300; i++)
            arena_alloc(a, 1, (size_t)i * 10);
        arena_alloc(a, 1, 5000);
        arena_reset(a);
    }
    assert_int_equal(arena_bytes(a), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(memory_is_zeroed_and_aligned),
        WITH_ARENA(pieces_do_not_overlap),
        WITH_ARENA(texts_are_copied_with_a_nul),
        WITH_ARENA(deferred_calls_run_last_first),
        WITH_ARENA(bytes_are_counted_since_the_reset),
        WITH_ARENA(a_reset_after_big_pieces_keeps_the_first_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
