/* price.c -- see price.h. */
#include "sales/price.h"
#include "base/money.h"
#include <stdlib.h>
#include <string.h>

/* All lines together stay far from the ends of an i64; what does not fit at all money_muldiv leaves
 * at an end, which is past this. */
static const i64 most = INT64_C(90000000000000000);

static enum status check_amount(struct ctx *cx, i64 v, size_t line)
{
    if (v >= -most / PRICE_LINES && v <= most / PRICE_LINES)
        return OK;
    return ctx_fail_code(cx, E_INVALID, "price.range",
                         "Line %zu comes to more than can be counted.", line + 1);
}

/* ---- discounts ---- */
static const char *where(struct ctx *cx, size_t line)
{
    return line == SIZE_MAX ? "the total" : arena_printf(cx->arena, "line %zu", line + 1);
}

/* Lessens *sum by each of them. line: SIZE_MAX of the total. */
static enum status take_off(struct ctx *cx, struct price_discount *list, size_t count, i64 *sum,
                            size_t line)
{
    if (count > PRICE_DISCOUNTS)
        return ctx_fail_code(cx, E_LIMIT, "price.discounts", "At most %d discounts on %s.",
                             PRICE_DISCOUNTS, where(cx, line));
    for (size_t i = 0; i < count; i++) {
        struct price_discount *d = &list[i];
        bool fits = d->is_amount ? (*sum >= 0 ? d->value >= 0 && d->value <= *sum
                                              : d->value <= 0 && d->value >= *sum)
                                 : d->value >= 0 && d->value <= PRICE_WHOLE;
        if (!fits)
            return ctx_fail_code(cx, E_INVALID, "price.discount",
                                 "A discount on %s takes off more than there is, or less than "
                                 "nothing.",
                                 where(cx, line));
        d->gives = d->is_amount ? d->value : money_muldiv(*sum, d->value, PRICE_WHOLE);
        *sum -= d->gives;
    }
    return OK;
}

/* ---- spreading ---- */
struct part {
    i64 weight, gets;
    __int128 rest; /* of the division, never negative */
    size_t at;
};

static int more_rest(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    if (x->rest != y->rest)
        return x->rest > y->rest ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static int by_place(const void *a, const void *b)
{
    return ((const struct part *)a)->at < ((const struct part *)b)->at ? -1 : 1;
}

/* Whole parts of `amount` by weight, whose sum is `amount`: each gets its share rounded down, the
 * units that are left go to those who lost most. The weights do not add up to 0. */
static void spread(struct part *parts, size_t count, i64 amount)
{
    __int128 sum = 0;
    i64 left = amount;

    for (size_t i = 0; i < count; i++)
        sum += parts[i].weight;
    for (size_t i = 0; i < count; i++) {
        __int128 product = (__int128)amount * parts[i].weight, down = product / sum;
        if (product % sum != 0 && (product < 0) != (sum < 0))
            down--;
        parts[i].gets = (i64)down;
        parts[i].rest = (product - down * sum) * (sum < 0 ? -1 : 1);
        parts[i].at = i;
        left -= parts[i].gets;
    }
    qsort(parts, count, sizeof *parts, more_rest);
    for (size_t i = 0; i < count && left > 0; i++, left--)
        parts[i].gets++;
    qsort(parts, count, sizeof *parts, by_place);
}

/* ---- lines ---- */
static bool counts(const struct price_line *l) { return !l->left_out; }

static enum status count_line(struct ctx *cx, struct price_line *l, size_t at)
{
    const i64 scale = (i64)PRICE_SCALE * PRICE_SCALE;

    if (l->tax_rate < 0 || l->tax_rate > PRICE_WHOLE || l->months < 0 || l->months > PRICE_MONTHS)
        return ctx_fail_code(cx, E_INVALID, "price.range",
                             "Line %zu: a tax is 0 to 100 percent, a period up to %d months.",
                             at + 1, PRICE_MONTHS);
    l->sum = l->list = money_muldiv(l->quantity, l->unit, scale);
    if (l->quantity > 0 && l->unit_list > l->unit)
        l->list = money_muldiv(l->quantity, l->unit_list, scale);
    l->cost = money_muldiv(l->quantity, l->unit_cost, scale);
    TRY(check_amount(cx, l->sum, at));
    TRY(check_amount(cx, l->list, at));
    TRY(check_amount(cx, l->cost, at));
    l->share = l->base = l->tax = 0;
    return take_off(cx, l->discounts, l->discount_count, &l->sum, at);
}

static enum status spread_discount(struct ctx *cx, struct price_quote *q, i64 amount)
{
    struct part *parts = NEW_N(cx->arena, struct part, q->line_count + 1);
    size_t n = 0;

    if (amount == 0)
        return OK;
    for (size_t i = 0; i < q->line_count; i++)
        if (counts(&q->lines[i]))
            parts[n++].weight = q->lines[i].sum;
    spread(parts, n, amount);
    for (size_t i = n = 0; i < q->line_count; i++)
        if (counts(&q->lines[i]))
            q->lines[i].share = parts[n++].gets;
    return OK;
}

/* ---- taxes ---- */
static i64 tax_of(const struct price_quote *q, i64 sum, i64 rate)
{
    return q->tax_included ? sum - money_muldiv(sum, PRICE_WHOLE, PRICE_WHOLE + rate)
                           : money_muldiv(sum, rate, PRICE_WHOLE);
}

static void set_tax(const struct price_quote *q, struct price_line *l, i64 tax)
{
    l->tax = tax;
    l->base = l->sum - l->share - (q->tax_included ? tax : 0);
}

static bool is_of(const struct price_line *l, const struct price_tax *t)
{
    return counts(l) && l->tax_rate == t->rate && l->months == t->months;
}

/* The tax of a rate, and each line's part of it. */
static void tax_rate(struct ctx *cx, struct price_quote *q, struct price_tax *t)
{
    struct part *parts = NEW_N(cx->arena, struct part, q->line_count + 1);
    size_t n = 0;
    i64 sum = 0, tax;

    for (size_t i = 0; i < q->line_count; i++)
        if (is_of(&q->lines[i], t)) {
            parts[n].weight = q->lines[i].sum - q->lines[i].share;
            sum += parts[n++].weight;
        }
    tax = tax_of(q, sum, t->rate);
    if (sum != 0 && !q->tax_by_line)
        spread(parts, n, tax);
    for (size_t i = n = 0; i < q->line_count; i++) {
        struct price_line *l = &q->lines[i];
        if (!is_of(l, t))
            continue;
        set_tax(q, l, q->tax_by_line ? tax_of(q, parts[n].weight, t->rate) : parts[n].gets);
        t->base += l->base;
        t->tax += l->tax;
        n++;
    }
}

static int by_rate(const void *a, const void *b)
{
    const struct price_tax *x = a, *y = b;

    if (x->months != y->months)
        return x->months < y->months ? -1 : 1;
    return x->rate < y->rate ? -1 : x->rate > y->rate;
}

static void find_taxes(struct ctx *cx, struct price_quote *q)
{
    q->taxes = NEW_N(cx->arena, struct price_tax, q->line_count + 1);
    q->tax_count = 0;
    for (size_t i = 0; i < q->line_count; i++) {
        const struct price_line *l = &q->lines[i];
        size_t at = 0;
        while (at < q->tax_count && !is_of(l, &q->taxes[at]))
            at++;
        if (at == q->tax_count && counts(l))
            q->taxes[q->tax_count++] = (struct price_tax){ l->tax_rate, l->months, 0, 0 };
    }
    qsort(q->taxes, q->tax_count, sizeof *q->taxes, by_rate);
}

/* ---- totals ---- */
static void add_line(struct price_total *t, const struct price_line *l)
{
    t->sum += l->sum;
    t->discount += l->share;
    t->base += l->base;
    t->tax += l->tax;
    t->due += l->base + l->tax;
    t->cost += l->cost;
}

static void find_totals(struct ctx *cx, struct price_quote *q)
{
    q->totals = NEW_N(cx->arena, struct price_total, q->tax_count + 1);
    q->total_count = 0;
    q->all = (struct price_total){ 0 };
    for (size_t k = 0; k < q->tax_count; k++) { /* they are in the order of periods */
        struct price_total *t = &q->totals[q->total_count];
        if (k > 0 && q->taxes[k].months == q->taxes[k - 1].months)
            continue;
        *t = (struct price_total){ .months = q->taxes[k].months };
        for (size_t i = 0; i < q->line_count; i++)
            if (counts(&q->lines[i]) && q->lines[i].months == t->months) {
                add_line(t, &q->lines[i]);
                add_line(&q->all, &q->lines[i]);
            }
        q->total_count++;
    }
}

enum status price_count(struct ctx *cx, struct price_quote *q)
{
    i64 sum = 0, before;

    if (q->line_count > PRICE_LINES)
        return ctx_fail_code(cx, E_LIMIT, "price.lines", "A quote has at most %d lines.",
                             PRICE_LINES);
    for (size_t i = 0; i < q->line_count; i++) {
        TRY(count_line(cx, &q->lines[i], i));
        if (counts(&q->lines[i]))
            sum += q->lines[i].sum;
    }
    before = sum;
    TRY(take_off(cx, q->discounts, q->discount_count, &sum, SIZE_MAX));
    TRY(spread_discount(cx, q, before - sum));
    find_taxes(cx, q);
    for (size_t i = 0; i < q->tax_count; i++)
        tax_rate(cx, q, &q->taxes[i]);
    for (size_t i = 0; i < q->line_count; i++) /* amounts of their own */
        if (!counts(&q->lines[i]))
            set_tax(q, &q->lines[i], tax_of(q, q->lines[i].sum, q->lines[i].tax_rate));
    find_totals(cx, q);
    return OK;
}

i64 price_margin(const struct price_total *t)
{
    return t->base == 0 ? 0 : money_muldiv(t->base - t->cost, PRICE_WHOLE, t->base);
}
