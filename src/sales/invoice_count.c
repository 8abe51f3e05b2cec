/* invoice_count.c -- what an invoice comes to, what of it is settled, and what that makes it. */
#include "base/id.h"
#include "sales/invoice.h"
#include "sales/subscription.h"
#include "sales/tax.h"

enum status invoice_lines_read(struct ctx *cx, i64 invoice_id, struct invoice_lines *out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 *ids = NEW_N(cx->arena, i64, PRICE_LINES + 1);
    size_t count = 0, kept = 0;

    (void)guard;
    {
        scoped(stmt_close) struct stmt q = db_query(
            cx, "invoice.line_ids", I64("invoice", invoice_id), I64("limit", PRICE_LINES + 1));
        while (stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    out->rows = NEW_N(cx->arena, struct row *, count + 1);
    if (count > 0)
        TRY(rows_by_id(cx, &invoice_line_type, ids, count, out->rows));
    for (size_t i = 0; i < count; i++)
        if (out->rows[i])
            out->rows[kept++] = out->rows[i];
    out->count = kept;
    return OK;
}

static void put_line(struct ctx *cx, const struct row *r, struct price_line *l)
{
    *l = (struct price_line){
        .quantity = row_i64(r, INVOICE_LINE_QUANTITY),
        .unit = money_muldiv(row_money(r, INVOICE_LINE_PRICE).minor, PRICE_SCALE, 1),
        .tax_rate = row_i64(r, INVOICE_LINE_TAX),
    };
    if (row_i64(r, INVOICE_LINE_DISCOUNT) == 0)
        return;
    l->discounts = NEW(cx->arena, struct price_discount);
    l->discounts->value = row_i64(r, INVOICE_LINE_DISCOUNT);
    l->discount_count = 1;
}

enum status invoice_line_count(struct ctx *cx, const struct row *line, i64 *minor)
{
    struct price_line l;
    struct price_quote q = { .lines = &l, .line_count = 1 };

    put_line(cx, line, &l);
    TRY(price_count(cx, &q));
    *minor = l.sum;
    return OK;
}

enum status invoice_count(struct ctx *cx, struct row *invoice, struct price_quote *out)
{
    struct invoice_lines lines;
    struct money m = { 0 };

    *out = (struct price_quote){ 0 };
    TRY(invoice_lines_read(cx, row_id(invoice), &lines));
    if (lines.count == 0)
        return OK;
    out->lines = NEW_N(cx->arena, struct price_line, lines.count);
    out->line_count = lines.count;
    for (size_t i = 0; i < lines.count; i++) {
        put_line(cx, lines.rows[i], &out->lines[i]);
        if (tax_is_free(row_text(invoice, INVOICE_TREATMENT)))
            out->lines[i].tax_rate = 0;
    }
    TRY(price_count(cx, out));
    memcpy(m.currency, row_money(lines.rows[0], INVOICE_LINE_PRICE).currency, sizeof m.currency);
    m.minor = out->all.base;
    row_set_money(invoice, INVOICE_NET, m);
    m.minor = out->all.tax;
    row_set_money(invoice, INVOICE_TAX, m);
    return OK;
}

/* ---- settled ---- */
struct settled {
    i64 minor, count, last_on;
};

static enum status read_settled(struct ctx *cx, const char *query, i64 invoice, struct settled *out)
{
    scoped(stmt_close) struct stmt q = db_query_(cx, query, DB_ARGS(I64("invoice", invoice)));

    *out = (struct settled){ .last_on = TIME_NONE };
    if (stmt_next(&q))
        *out = (struct settled){ col_i64(&q, 0), col_i64(&q, 1),
                                 col_null(&q, 2) ? TIME_NONE : col_i64(&q, 2) };
    return stmt_status(&q);
}

static const char *status_of(const struct row *r, i64 balance, i64 paid, i64 today)
{
    if (row_bool(r, INVOICE_VOID))
        return "void";
    if (balance == 0)
        return "paid";
    if (balance > 0 && row_has(r, INVOICE_DUE) && row_i64(r, INVOICE_DUE) < today)
        return "overdue";
    return paid != 0 ? "part_paid" : "open";
}

enum status invoice_settle(struct ctx *cx, struct row *r)
{
    struct settled in = { .last_on = TIME_NONE }, used = { .last_on = TIME_NONE };
    struct money total = row_money(r, INVOICE_TOTAL), paid = total, balance = total;
    const char *status;
    i64 last;

    if (!row_is_new(r)) {
        TRY(read_settled(cx, "invoice.settled", row_id(r), &in));
        TRY(read_settled(cx, "invoice.used", row_id(r), &used));
    }
    paid.minor = in.minor - used.minor;
    balance.minor = row_bool(r, INVOICE_VOID) ? 0 : total.minor - paid.minor;
    row_set_money(r, INVOICE_PAID, paid);
    row_set_money(r, INVOICE_BALANCE, balance);
    status = status_of(r, balance.minor, paid.minor, subscription_today(cx));
    row_set_text(r, INVOICE_STATUS, status);
    last = in.last_on > used.last_on ? in.last_on : used.last_on;
    if (!text_is(status, "paid") || (last == TIME_NONE && total.minor != 0)) {
        row_clear(r, INVOICE_PAID_ON);
        row_clear(r, INVOICE_DAYS);
        return OK;
    }
    if (last == TIME_NONE) /* nothing was to be paid */
        last = row_i64(r, INVOICE_ISSUED);
    row_set_i64(r, INVOICE_PAID_ON, last);
    row_set_i64(r, INVOICE_DAYS, last - row_i64(r, INVOICE_ISSUED));
    return OK;
}

enum status invoice_again(struct ctx *cx, i64 invoice_id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;

    (void)guard;
    TRY(record_get_any(cx, &invoice_type, invoice_id, &r));
    return row_is_deleted(r) ? OK : record_save(cx, r);
}

const char *customer_filter(struct ctx *cx, i64 company_id, i64 contact_id)
{
    return company_id ? arena_printf(cx->arena, "company_id = '%s'", id_text(cx->arena, company_id))
                      : arena_printf(cx->arena, "company_id is empty and contact_id = '%s'",
                                     id_text(cx->arena, contact_id));
}
