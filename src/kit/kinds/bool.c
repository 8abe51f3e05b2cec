/* bool.c -- yes or no. It is never "not set": what nobody has ticked is no. */
#include "kit/kinds.h"

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    static const char *const yes[] = { "true", "yes", "1", "on", "y" };
    static const char *const no[] = { "false", "no", "0", "off", "n" };

    *v = (struct value){ .text = "", .set = true };
    for (size_t i = 0; i < countof(yes); i++) {
        if (str_equal_fold(str_from(text), str_from(yes[i]))) {
            v->i = 1;
            return OK;
        }
        if (str_equal_fold(str_from(text), str_from(no[i])))
            return OK;
    }
    return kind_bad(cx, f, "bool.invalid", "%s: \"%s\" is neither yes nor no; write true or false",
                    f->label, text);
}

static enum status parse_val(struct ctx *cx, const struct field *f, const struct val *in,
                             struct value *v)
{
    if (val_kind_of(in) != VAL_BOOL)
        return parse(cx, f, val_print(cx->arena, in), v);
    *v = (struct value){ .i = val_as_bool(in, false), .text = "", .set = true };
    return OK;
}

static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)cx;
    (void)f;
    return v->i ? "true" : "false";
}

static struct val *json(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return val_bool(cx->arena, v->i != 0);
}

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)cx;
    (void)f;
    return v->i ? "Yes" : "No";
}

static const char *cell(struct ctx *cx, const struct field *f, const struct value *v,
                        struct val *into)
{
    (void)cx;
    (void)f;
    val_put_bool(into, "on", v->i != 0);
    return "bool";
}

const struct kind kind_bool = {
    .word = "bool",
    .storage = STORED_BOOL,
    .parse = parse,
    .parse_val = parse_val,
    .plain = plain,
    .json = json,
    .show = show,
    .cell = cell,
};
