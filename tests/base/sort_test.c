/* sort_test.c -- sorting by a number, held against the C library's. */
#include "base/arena.h"
#include "base/sort.h"
#include "testing.h"
#include <stdlib.h>

struct pair {
    i64 id, was;
};

static u64 random_state;

static u64 draw(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 20 ^ random_state << 30;
}

/* Equal ids by where they stood. */
static int by_id(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->was < y->was ? -1 : x->was > y->was;
}

static i64 of_kind(int kind, size_t i)
{
    switch (kind) {
    case 0:
        return (i64)draw(); /* anything, negative too */
    case 1:
        return (i64)(draw() % 7); /* many equal */
    case 2:
        return (i64)i; /* sorted already */
    case 3:
        return -(i64)i; /* the wrong way round */
    case 4:
        return (INT64_C(1) << 61) + (i64)(draw() % 3000); /* high bytes shared */
    default:
        return draw() % 2 ? INT64_MIN : INT64_MAX;
    }
}

static void sorts_as_the_library_does(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++)
        for (size_t count = 0; count < 3000; count = count * 3 + 1) {
            scoped(arena_close) struct arena *a = arena_new(64 * 1024);
            struct pair *list = NEW_N(a, struct pair, count + 1);
            struct pair *want = NEW_N(a, struct pair, count + 1);
            i64 *ids = NEW_N(a, i64, count + 1);
            random_state = (u64)kind * 1000 + count;
            for (size_t i = 0; i < count; i++) {
                ids[i] = of_kind(kind, i);
                want[i] = list[i] = (struct pair){ ids[i], (i64)i };
            }
            qsort(want, count, sizeof *want, by_id);
            sort_by_id(a, list, count, sizeof *list);
            sort_by_id(a, ids, count, sizeof *ids);
            for (size_t i = 0; i < count; i++) {
                assert_int_equal(list[i].id, want[i].id);
                assert_int_equal(list[i].was, want[i].was);
                assert_int_equal(ids[i], want[i].id);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sorts_as_the_library_does) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
