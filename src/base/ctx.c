/* ctx.c -- the context of one piece of work, and the one place where its error is kept. */
#include "base/ctx.h"

void ctx_init(struct ctx *cx, struct arena *a, struct clock *clock)
{
    *cx = (struct ctx){ .arena = a, .clock = clock, .error_code = "", .error_text = "" };
}

i64 ctx_now(const struct ctx *cx) { return clock_ms(cx->clock); }

static PRINTF_LIKE(4, 0) void record(struct ctx *cx, enum status s, const char *code,
                                     const char *fmt, va_list args)
{
    assert(s != OK);
    if (cx->error != OK) /* the first is nearest to the cause */
        return;
    cx->error = s;
    cx->error_code = code;
    cx->error_text = arena_vprintf(cx->arena, fmt, args);
}

enum status ctx_fail(struct ctx *cx, enum status s, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    record(cx, s, "", fmt, args);
    va_end(args);
    return s;
}

enum status ctx_fail_code(struct ctx *cx, enum status s, const char *code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    record(cx, s, code, fmt, args);
    va_end(args);
    return s;
}

enum status ctx_fail_field(struct ctx *cx, const char *field, const char *code, const char *fmt,
                           ...)
{
    struct field_error *fe = NEW(cx->arena, struct field_error), **tail = &cx->field_errors;
    va_list args;

    va_start(args, fmt);
    fe->field = field;
    fe->code = code;
    fe->message = arena_vprintf(cx->arena, fmt, args);
    va_end(args);
    while (*tail != NULL) /* a form shows them in the order of its fields */
        tail = &(*tail)->next;
    *tail = fe;
    if (cx->error == OK) {
        cx->error = E_INVALID;
        cx->error_code = code;
        cx->error_text = fe->message;
    }
    return E_INVALID;
}

void ctx_clear_error(struct ctx *cx)
{
    cx->error = OK;
    cx->error_code = cx->error_text = "";
    cx->field_errors = NULL;
}
