/* int.c -- a whole number. */
#include "kit/kinds.h"
#include "kit/show.h"

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    struct str s = str_from(text);

    if (s.len > 1 && s.p[0] == '+') {
        s.p++;
        s.len--;
    }
    *v = (struct value){ .text = "", .set = true };
    if (!str_i64(s, &v->i))
        return kind_bad(cx, f, "int.invalid",
                        "%s: \"%s\" is not a whole number; write digits only, like 1200", f->label,
                        text);
    return OK;
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    return kind_check_range(cx, f, v);
}

static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return arena_printf(cx->arena, "%lld", (long long)v->i);
}

static struct val *json(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return val_i64(cx->arena, v->i);
}

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return show_number(cx->arena, v->i);
}

const struct kind kind_int = {
    .word = "int",
    .storage = STORED_I64,
    .parse = parse,
    .check = check,
    .plain = plain,
    .json = json,
    .show = show,
    .cell_word = "integer",
};
