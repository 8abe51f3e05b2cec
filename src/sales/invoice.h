/* invoice.h -- what customers owe and pay.
 *
 * Invoice     typed, imported, or made from orders and subscriptions (billing.c). With lines its
 *             amounts follow from them (price.h); without, net and tax are what was typed.
 * Credit note an invoice with negative amounts. Used for an invoice it lessens what is open there.
 * Payment     money that came in, or (negative) went back. What is not yet used for invoices is on
 *             account: an overpayment.
 * Settlement  a part of a payment or of a credit note, used for one invoice, in its currency.
 * Balance     total less what was settled; of a credit note what of it is still to be used, below
 *             0. A void invoice has none.
 * Status      follows from balance and day: open, part_paid, overdue (due before today), paid. */
#pragma once
#include "kit/kit.h"
#include "sales/price.h"

enum invoice_field {
    INVOICE_NUMBER, INVOICE_KIND, INVOICE_STATUS, INVOICE_COMPANY, INVOICE_CONTACT, INVOICE_OWNER,
    INVOICE_ISSUED, INVOICE_DUE, INVOICE_NET, INVOICE_TAX, INVOICE_TOTAL, INVOICE_PAID,
    INVOICE_BALANCE, INVOICE_PAID_ON, INVOICE_DAYS, INVOICE_TREATMENT, INVOICE_TAX_WHY,
    INVOICE_ORDER, INVOICE_DEAL, INVOICE_CREDITS, INVOICE_VOID, INVOICE_NOTE,
    INVOICE_FIELDS
};
enum invoice_line_field {
    INVOICE_LINE_INVOICE, INVOICE_LINE_POSITION, INVOICE_LINE_NAME, INVOICE_LINE_PRODUCT,
    INVOICE_LINE_QUANTITY, INVOICE_LINE_PRICE, INVOICE_LINE_DISCOUNT, INVOICE_LINE_TAX,
    INVOICE_LINE_AMOUNT, INVOICE_LINE_ORDER, INVOICE_LINE_SUBSCRIPTION, INVOICE_LINE_FROM,
    INVOICE_LINE_TO,
    INVOICE_LINE_FIELDS
};
enum payment_field {
    PAYMENT_ON, PAYMENT_AMOUNT, PAYMENT_METHOD, PAYMENT_REFERENCE, PAYMENT_INVOICE, PAYMENT_COMPANY,
    PAYMENT_CONTACT, PAYMENT_OWNER, PAYMENT_USED, PAYMENT_LEFT, PAYMENT_NOTE,
    PAYMENT_FIELDS
};
enum settlement_field {
    SETTLEMENT_INVOICE, SETTLEMENT_PAYMENT, SETTLEMENT_CREDIT, SETTLEMENT_AMOUNT, SETTLEMENT_ON,
    SETTLEMENT_CLOSES, SETTLEMENT_OWNER,
    SETTLEMENT_FIELDS
};
extern const struct record_type invoice_type, invoice_line_type, payment_type, settlement_type;

enum { INVOICE_SHARE = 4 }; /* decimals of quantities and percents, as price.h counts */

/* ---- invoice_count.c: arithmetic over the records; as the system ---- */
struct invoice_lines {
    struct row **rows; /* in order */
    size_t count;
};
MUST_CHECK enum status invoice_lines_read(struct ctx *cx, i64 invoice_id,
                                          struct invoice_lines *out);
/* Sets net and tax of the invoice from its lines, where it has any. E_INVALID as price.h says. */
MUST_CHECK enum status invoice_count(struct ctx *cx, struct row *invoice, struct price_quote *out);
/* One line's amount before tax, after its discount. */
MUST_CHECK enum status invoice_line_count(struct ctx *cx, const struct row *line, i64 *minor);
/* Paid, balance, status and the day on which it was paid. */
MUST_CHECK enum status invoice_settle(struct ctx *cx, struct row *invoice);
/* Saves it again, so that what follows from lines, settlements and the day is true. One in the
 * trash is left alone. */
MUST_CHECK enum status invoice_again(struct ctx *cx, i64 invoice_id);
/* The customer of a condition: "company_id = 'X'", or the contact without company. In arena. */
const char *customer_filter(struct ctx *cx, i64 company_id, i64 contact_id);

/* ---- payment.c ---- */
/* Uses so much of a payment (or, payment NULL, of a credit note) for an invoice. E_INVALID
 * "settlement.*": more than there is left or open, another currency. */
MUST_CHECK enum status settle_invoice(struct ctx *cx, const struct row *invoice,
                                      const struct row *payment, const struct row *credit,
                                      i64 minor);

/* ---- billing.c: from orders and subscriptions ---- */
struct billed {
    size_t invoices, lines;
};
/* Invoices what came due in the days [from, to): orders of which nothing was invoiced yet, and the
 * periods of subscriptions that begin in it; one invoice a customer and currency, each thing once.
 * preview: writes nothing, puts customers, lines and amounts into it (a map) instead. */
MUST_CHECK enum status bill_period(struct ctx *cx, i64 from_day, i64 to_day, i64 issued_on,
                                   struct val *preview, struct billed *out);
/* The invoice of one order. E_CONFLICT "order.invoiced": nothing of it is left. */
MUST_CHECK enum status bill_order(struct ctx *cx, const struct row *order, struct row **invoice);
