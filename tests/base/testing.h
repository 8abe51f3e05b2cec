/* testing.h -- what the tests of floor 0 share: cmocka's headers in the order it wants, and an
 * arena that lives for one test. */
#pragma once
/* cmocka wants these four before its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static inline int arena_setup(void **state)
{
    *state = arena_new(4096);
    return 0;
}

static inline int arena_teardown(void **state)
{
    arena_free(*state);
    return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_setup, arena_teardown)
