/* money.c -- an amount in minor units with its currency, and the same in the workspace's base
 * currency, frozen when the amount changes: sums and comparisons of mixed currencies stay what they
 * were. */
#include "base/money.h"
#include "kit/kinds.h"

static struct money money_of(const struct value *v)
{
    struct money m = { .minor = v->i };

    memcpy(m.currency, v->text, strnlen(v->text, 3));
    return m;
}

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    const char *why, *why_here, *here = v->text && v->text[0] ? v->text : base_currency(cx);
    struct money m;

    /* A currency that is written wins; without one it is the row's own, else the workspace's. */
    if (money_parse(str_from(text), "", &m, &why) != OK &&
        money_parse(str_from(text), here, &m, &why_here) != OK)
        return kind_bad(cx, f, "money.invalid", "%s: \"%s\" cannot be read: %s", f->label, text,
                        why_here);
    *v = (struct value){ .i = m.minor, .text = arena_text(cx->arena, m.currency), .set = true };
    return OK;
}

static enum status parse_val(struct ctx *cx, const struct field *f, const struct val *in,
                             struct value *v)
{
    const struct val *amount = in;
    const char *currency = "";

    if (val_kind_of(in) == VAL_MAP) {
        amount = val_get(in, "amount");
        currency = val_get_text(in, "currency");
        if (val_is_null(amount)) {
            *v = (struct value){ .text = "" };
            return OK;
        }
    }
    const char *digits = val_print(cx->arena, amount);
    if (digits[0] == '\0' || val_kind_of(amount) == VAL_BOOL)
        return kind_bad(cx, f, "money.invalid",
                        "%s must be {\"amount\": \"12.50\", \"currency\": \"EUR\"}", f->label);
    return parse(cx, f, arena_printf(cx->arena, "%s %s", digits, currency), v);
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    if (!currency_known(v->text))
        return kind_bad(cx, f, "money.currency",
                        "%s: \"%s\" is no currency; use a code like EUR or USD", f->label, v->text);
    return kind_check_range(cx, f, v);
}

static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return arena_printf(cx->arena, "%s %s", money_plain(cx->arena, money_of(v)), v->text);
}

static struct val *json(struct ctx *cx, const struct field *f, const struct value *v)
{
    struct val *map = val_map(cx->arena);

    (void)f;
    val_put_text(map, "amount", money_plain(cx->arena, money_of(v)));
    val_put_text(map, "currency", v->text);
    return map;
}

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return money_show(cx->arena, money_of(v));
}

const struct kind kind_money = {
    .word = "money",
    .storage = STORED_MONEY,
    .parse = parse,
    .parse_val = parse_val,
    .check = check,
    .plain = plain,
    .json = json,
    .show = show,
};
