/* decimal.c -- a fixed-point number: an i64 scaled by 10^scale. No floating point on the way. */
#include "kit/kinds.h"
#include "kit/show.h"

static int scale_of(const struct field *f) { return f->scale ? f->scale : 2; }

/* The texts that have one reading: "1234.5", "1234,5", "1,234.5", "-3". A lone comma before three
 * digits could be either and is refused. NULL, or why not. */
static const char *read_digits(const char *text, int scale, i64 *out)
{
    const char *p = text, *point = strchr(text, '.'), *comma = strchr(text, ',');
    bool negative = *p == '-';
    int after = -1, digits = 0, group = 0;
    i64 n = 0;

    if (*p == '-' || *p == '+')
        p++;
    if (point == NULL && comma != NULL) {
        if (strlen(comma + 1) == 3 || strchr(comma + 1, ','))
            return "the comma has two readings; write a point before the decimals";
        point = comma;
    }
    for (; *p; p++) {
        if (p == point) {
            after = 0;
        } else if (*p == ',' && after < 0 && digits > 0 && (group == 0 || group == 4)) {
            group = 1;
            continue;
        } else if (*p < '0' || *p > '9') {
            return "write a number like 12.50";
        } else {
            digits++;
            if (after >= 0)
                after++;
            if (after > scale && *p != '0')
                return "it has too many decimals";
            if (after <= scale &&
                (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n)))
                return "it is too large";
        }
        if (group > 0 && after <= 0 && p != point)
            group++;
        if (p == point && group != 0 && group != 4)
            return "write a number like 1234.50";
    }
    if (digits == 0)
        return "write a number like 12.50";
    for (int i = after < 0 ? 0 : after; i < scale; i++)
        if (__builtin_mul_overflow(n, 10, &n))
            return "it is too large";
    *out = negative ? -n : n;
    return NULL;
}

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    *v = (struct value){ .text = "", .set = true };
    const char *why = read_digits(text, scale_of(f), &v->i);
    if (why)
        return kind_bad(cx, f, "decimal.invalid",
                        "%s: \"%s\" cannot be read: %s (at most %d decimals)", f->label, text, why,
                        scale_of(f));
    return OK;
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    return kind_check_range(cx, f, v);
}

static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    int scale = scale_of(f);
    u64 n = v->i < 0 ? 0 - (u64)v->i : (u64)v->i, unit = 1;

    for (int i = 0; i < scale; i++)
        unit *= 10;
    return arena_printf(cx->arena, "%s%llu.%0*llu", v->i < 0 ? "-" : "",
                        (unsigned long long)(n / unit), scale, (unsigned long long)(n % unit));
}

static struct val *json(struct ctx *cx, const struct field *f, const struct value *v)
{
    return val_decimal(cx->arena, plain(cx, f, v));
}

/* Many decimals are room for the few numbers that have them: "1.5" and not "1.5000". */
static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    int scale = scale_of(f);
    i64 n = v->i;

    for (bool fine = scale > 3; fine && scale > 0 && n % 10 == 0; scale--)
        n /= 10;
    return show_decimal(cx->arena, n, scale);
}

const struct kind kind_decimal = {
    .word = "decimal",
    .storage = STORED_I64,
    .parse = parse,
    .check = check,
    .plain = plain,
    .json = json,
    .show = show,
};
