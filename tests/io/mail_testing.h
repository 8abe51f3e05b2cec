/* mail_testing.h -- what the tests of mail on floor 1 share: an arena and a ctx for one test. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ctx.h"
#include <stdlib.h>

struct test {
    struct arena *arena;
    struct ctx cx;
};

static inline int ctx_setup(void **state)
{
    struct test *t = calloc(1, sizeof *t);

    t->arena = arena_new(64 * 1024);
    ctx_init(&t->cx, t->arena, NULL);
    *state = t;
    return 0;
}

static inline int ctx_teardown(void **state)
{
    struct test *t = *state;

    arena_free(t->arena);
    free(t);
    return 0;
}

#define WITH_CTX(test) cmocka_unit_test_setup_teardown(test, ctx_setup, ctx_teardown)
