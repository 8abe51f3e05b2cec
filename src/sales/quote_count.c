/* quote_count.c -- a quote's records handed to the arithmetic (price.h), and its answer put into
 * the records. */
#include "base/money.h"
#include "sales/quote_int.h"
#include "sales/tax.h"
#include <string.h>

struct money quote_money(const struct row *quote, i64 minor)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, row_text(quote, QUOTE_CURRENCY),
           strnlen(row_text(quote, QUOTE_CURRENCY), 3));
    return m;
}

enum status quote_lines_read(struct ctx *cx, i64 quote_id, struct quote_lines *out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 *ids = NEW_N(cx->arena, i64, PRICE_LINES + 1);
    size_t count = 0, kept = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "quote.line_ids", I64("quote", quote_id), I64("limit", PRICE_LINES + 1));
        while (stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    out->rows = NEW_N(cx->arena, struct row *, count + 1);
    if (count > 0)
        TRY(rows_by_id(cx, &quote_line_type, ids, count, out->rows));
    for (size_t i = 0; i < count; i++)
        if (out->rows[i])
            out->rows[kept++] = out->rows[i];
    out->count = kept;
    return OK;
}

/* A percentage and an amount, in this order. */
static size_t put_discounts(struct ctx *cx, const struct row *r, int percent, int amount,
                            struct price_discount **out)
{
    size_t n = 0;

    *out = NEW_N(cx->arena, struct price_discount, 2);
    if (row_has(r, percent) && row_i64(r, percent) != 0)
        (*out)[n++] = (struct price_discount){ .value = row_i64(r, percent) };
    if (row_has(r, amount) && row_money(r, amount).minor != 0)
        (*out)[n++] = (struct price_discount){ true, row_money(r, amount).minor, 0 };
    return n;
}

/* An amount in minor units as price.h wants prices; far too large stays so: it is refused there. */
static i64 scaled(const struct row *r, int field)
{
    return row_has(r, field) ? money_muldiv(row_money(r, field).minor, PRICE_SCALE, 1) : 0;
}

static void put_line(struct ctx *cx, const struct row *r, struct price_line *l)
{
    *l = (struct price_line){
        .quantity = row_i64(r, LINE_QUANTITY),
        .unit = scaled(r, LINE_PRICE),
        .unit_cost = scaled(r, LINE_COST),
        .unit_list = scaled(r, LINE_LIST),
        .tax_rate = row_has(r, LINE_TAX_PERCENT) ? row_i64(r, LINE_TAX_PERCENT) : 0,
        .months = row_has(r, LINE_MONTHS) ? (int)row_i64(r, LINE_MONTHS) : 0,
        .left_out = row_bool(r, LINE_OPTIONAL) && !row_bool(r, LINE_CHOSEN),
    };
    l->discount_count =
        put_discounts(cx, r, LINE_DISCOUNT_PERCENT, LINE_DISCOUNT_AMOUNT, &l->discounts);
}

enum status quote_line_count(struct ctx *cx, const struct row *line, i64 *minor)
{
    struct price_line l;
    struct price_quote q = { .lines = &l, .line_count = 1 };

    put_line(cx, line, &l);
    l.left_out = false;
    TRY(price_count(cx, &q));
    *minor = l.sum;
    return OK;
}

enum status quote_count(struct ctx *cx, const struct row *quote, const struct quote_lines *lines,
                        struct quote_sum *out)
{
    struct price_quote *q = &out->price;
    size_t n = 0;

    *out = (struct quote_sum){ 0 };
    q->lines = NEW_N(cx->arena, struct price_line, lines->count + 1);
    out->line_of = NEW_N(cx->arena, size_t, lines->count + 1);
    for (size_t i = 0; i < lines->count; i++) {
        const struct row *r = lines->rows[i];
        out->line_of[i] = SIZE_MAX;
        if (text_is(row_text(r, LINE_KIND), "section"))
            continue;
        out->line_of[i] = n;
        put_line(cx, r, &q->lines[n++]);
        out->cost_known |= row_has(r, LINE_COST);
    }
    q->line_count = n;
    q->tax_included = row_bool(quote, QUOTE_TAX_INCLUDED);
    q->discount_count =
        put_discounts(cx, quote, QUOTE_DISCOUNT_PERCENT, QUOTE_DISCOUNT_AMOUNT, &q->discounts);
    if (tax_is_free(row_text(quote, QUOTE_TREATMENT)))
        for (size_t i = 0; i < n; i++)
            q->lines[i].tax_rate = 0;
    TRY(price_count(cx, q));
    for (size_t i = 0; i < n; i++)
        if (!q->lines[i].left_out)
            out->list += q->lines[i].list;
    return OK;
}

static void set(struct row *quote, int field, i64 minor)
{
    row_set_money(quote, field, quote_money(quote, minor));
}

void quote_put_totals(struct row *quote, const struct quote_sum *sum)
{
    const struct price_total *all = &sum->price.all;
    i64 monthly = 0, value = 0, after = all->sum - all->discount;

    for (size_t i = 0; i < sum->price.total_count; i++) {
        const struct price_total *t = &sum->price.totals[i];
        monthly += t->months ? money_muldiv(t->base, 1, t->months) : 0;
        value += t->months ? money_muldiv(t->base, 12, t->months) : t->base;
    }
    set(quote, QUOTE_SUBTOTAL, all->sum);
    set(quote, QUOTE_DISCOUNT, all->discount);
    set(quote, QUOTE_NET, all->base);
    set(quote, QUOTE_TAX, all->tax);
    set(quote, QUOTE_TOTAL, all->due);
    set(quote, QUOTE_MONTHLY, monthly);
    set(quote, QUOTE_VALUE, value);
    set(quote, QUOTE_COST, all->cost);
    if (sum->cost_known && all->base != 0)
        row_set_i64(quote, QUOTE_MARGIN, money_muldiv(price_margin(all), QUOTE_SHARE, PRICE_WHOLE));
    else
        row_clear(quote, QUOTE_MARGIN);
    row_set_i64(quote, QUOTE_GIVEN,
                sum->list > 0 ? money_muldiv(sum->list - after, QUOTE_SHARE, sum->list) : 0);
}
