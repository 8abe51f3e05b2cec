/* payment.c -- payments, and what they are used for. A payment that names an invoice, or has its
 * number in the reference, is used for it at once as far as that is open; the rest is on account
 * until somebody uses it. */
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/invoice.h"
#include "sales/subscription.h"

enum { OPEN_MOST = 200 }; /* invoices that one payment is spread over */

static const struct field fields[] = {
    [PAYMENT_ON] = { "received_on", FIELD_DATE, "Date", REQUIRED | LISTED | INDEXED | TRACKED,
                     .otherwise = "today" },
    [PAYMENT_AMOUNT] = { "amount", FIELD_MONEY, "Amount", REQUIRED | LISTED | SUMMED | TRACKED,
                         .min = -LIMIT_AMOUNT_MINOR, .max = LIMIT_AMOUNT_MINOR,
                         .help = "Below 0: money that went back to the customer." },
    [PAYMENT_METHOD] = { "method", FIELD_CHOICE, "How", LISTED, .otherwise = "transfer",
                         .choices = CHOICES(
                             { "transfer", "Bank transfer", "blue" },
                             { "direct_debit", "Direct debit", "teal" },
                             { "card", "Card", "violet" }, { "cash", "Cash", "green" },
                             { "cheque", "Cheque", "amber" }, { "other", "Other", "gray" }) },
    [PAYMENT_REFERENCE] = { "reference", FIELD_TEXT, "Reference", LISTED | SEARCHED, .max_len = 200,
                            .help = "What stands on the bank statement." },
    [PAYMENT_INVOICE] = { "invoice_id", FIELD_REF, "For invoice", CREATE_ONLY | LISTED,
                          .ref = "invoice",
                          .help = "It is used for this one, as far as that is open. More stays on "
                                  "account." },
    [PAYMENT_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company",
                          .help = "Left empty, the invoice's." },
    [PAYMENT_CONTACT] = { "contact_id", FIELD_REF, "Contact", 0, .ref = "contact" },
    [PAYMENT_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user" },
    [PAYMENT_USED] = { "used", FIELD_MONEY, "Used for invoices", COMPUTED },
    [PAYMENT_LEFT] = { "left_over", FIELD_MONEY, "On account", LISTED | COMPUTED | SUMMED | INDEXED,
                       .help = "Not used for any invoice yet: an overpayment, or an advance." },
    [PAYMENT_NOTE] = { "note", FIELD_LONG, "Note", 0, .group = "More" },
};
_Static_assert(countof(fields) == PAYMENT_FIELDS, "enum and table differ");

static const struct field settlement_fields[] = {
    [SETTLEMENT_INVOICE] = { "invoice_id", FIELD_REF, "Invoice", REQUIRED | LISTED | CREATE_ONLY,
                             .ref = "invoice" },
    [SETTLEMENT_PAYMENT] = { "payment_id", FIELD_REF, "Payment", LISTED | CREATE_ONLY,
                             .ref = "payment" },
    [SETTLEMENT_CREDIT] = { "credit_id", FIELD_REF, "Credit note", LISTED | CREATE_ONLY,
                            .ref = "invoice" },
    [SETTLEMENT_AMOUNT] = { "amount", FIELD_MONEY, "Amount", REQUIRED | LISTED | TRACKED | SUMMED,
                            .min = -LIMIT_AMOUNT_MINOR, .max = LIMIT_AMOUNT_MINOR,
                            .help = "In the invoice's currency." },
    [SETTLEMENT_ON] = { "on_date", FIELD_DATE, "On", LISTED | COMPUTED | INDEXED },
    [SETTLEMENT_CLOSES] = { "closes", FIELD_MONEY, "In base currency", COMPUTED,
                            .help = "At the rate of the invoice, so that one which is paid leaves "
                                    "nothing open." },
    [SETTLEMENT_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER | COMPUTED, .ref = "user" },
};
_Static_assert(countof(settlement_fields) == SETTLEMENT_FIELDS, "enum and table differ");

/* ---- settlements ---- */
static i64 own_before(const struct row *r)
{
    return row_before(r) ? row_money(row_before(r), SETTLEMENT_AMOUNT).minor : 0;
}

/* Minor units that are there: of the payment what is on account, of a credit note its balance. */
static enum status source_left(struct ctx *cx, struct row *r, struct money *left, i64 *on)
{
    struct row *from;

    if (row_has(r, SETTLEMENT_PAYMENT) == row_has(r, SETTLEMENT_CREDIT))
        return ctx_fail_field(cx, "payment_id", "settlement.source",
                              "Say what settles it: a payment, or a credit note.");
    if (row_has(r, SETTLEMENT_PAYMENT)) {
        TRY(record_get(cx, &payment_type, row_i64(r, SETTLEMENT_PAYMENT), &from));
        *left = row_money(from, PAYMENT_LEFT);
        *on = row_i64(from, PAYMENT_ON);
        return OK;
    }
    TRY(record_get(cx, &invoice_type, row_i64(r, SETTLEMENT_CREDIT), &from));
    if (!text_is(row_text(from, INVOICE_KIND), "credit_note"))
        return ctx_fail_field(cx, "credit_id", "settlement.no_credit", "%s is no credit note.",
                              row_title(cx, from));
    *left = row_money(from, INVOICE_BALANCE);
    left->minor = -left->minor;
    *on = row_has(r, SETTLEMENT_ON) ? row_i64(r, SETTLEMENT_ON) : subscription_today(cx);
    return OK;
}

/* No more than there is, no more than is open, and not the other way round. */
static bool fits(i64 amount, i64 room)
{
    return amount == 0 || (amount > 0 ? amount <= room : amount >= room);
}

/* What of the invoice's amount in base currency this closes: the parts add up to the whole. */
static struct money closes(struct ctx *cx, const struct row *invoice, const struct row *r)
{
    i64 total = row_money(invoice, INVOICE_TOTAL).minor;
    i64 base = row_base_minor(invoice, INVOICE_TOTAL);
    i64 paid = row_money(invoice, INVOICE_PAID).minor - own_before(r);
    i64 after = paid + row_money(r, SETTLEMENT_AMOUNT).minor;
    struct money m = { 0 };

    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    if (total != 0)
        m.minor = money_muldiv(base, after, total) - money_muldiv(base, paid, total);
    return m;
}

static enum status settlement_validate(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct money amount = row_money(r, SETTLEMENT_AMOUNT), left, open;
    struct row *invoice;
    i64 on = TIME_NONE;

    (void)guard;
    TRY(record_get(cx, &invoice_type, row_i64(r, SETTLEMENT_INVOICE), &invoice));
    TRY(source_left(cx, r, &left, &on));
    open = row_money(invoice, INVOICE_BALANCE);
    if (!text_is(amount.currency, open.currency) || !text_is(left.currency, open.currency))
        return ctx_fail_field(cx, "amount", "settlement.currency",
                              "%s is in %s: what settles it must be, too.", row_title(cx, invoice),
                              open.currency);
    open.minor += own_before(r);
    left.minor += own_before(r);
    if (!fits(amount.minor, left.minor))
        return ctx_fail_field(cx, "amount", "settlement.left", "There is only %s left to use.",
                              money_show(cx->arena, left));
    if (!fits(amount.minor, open.minor))
        return ctx_fail_field(cx, "amount", "settlement.open",
                              "Of %s only %s is open. The rest stays on account.",
                              row_title(cx, invoice), money_show(cx->arena, open));
    row_set_i64(r, SETTLEMENT_ON, on);
    row_set_money(r, SETTLEMENT_CLOSES, closes(cx, invoice, r));
    if (row_has(invoice, INVOICE_OWNER))
        row_set_i64(r, SETTLEMENT_OWNER, row_i64(invoice, INVOICE_OWNER));
    return OK;
}

static enum status payment_again(struct ctx *cx, i64 id)
{
    struct row *p;

    TRY(record_get_any(cx, &payment_type, id, &p));
    return row_is_deleted(p) ? OK : record_save(cx, p);
}

static enum status settlement_saved(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);

    (void)guard;
    if (row_has(r, SETTLEMENT_PAYMENT))
        TRY(payment_again(cx, row_i64(r, SETTLEMENT_PAYMENT)));
    if (row_has(r, SETTLEMENT_CREDIT))
        TRY(invoice_again(cx, row_i64(r, SETTLEMENT_CREDIT)));
    return invoice_again(cx, row_i64(r, SETTLEMENT_INVOICE));
}

enum status settle_invoice(struct ctx *cx, const struct row *invoice, const struct row *payment,
                           const struct row *credit, i64 minor)
{
    struct money m = row_money(invoice, INVOICE_TOTAL);
    struct row *r = row_new(cx, &settlement_type);

    m.minor = minor;
    row_set_i64(r, SETTLEMENT_INVOICE, row_id(invoice));
    if (payment)
        row_set_i64(r, SETTLEMENT_PAYMENT, row_id(payment));
    else
        row_set_i64(r, SETTLEMENT_CREDIT, row_id(credit));
    row_set_money(r, SETTLEMENT_AMOUNT, m);
    return record_save(cx, r);
}

/* ---- payments ---- */
/* The invoice whose number stands in the reference as a word of its own. */
static enum status named_invoice(struct ctx *cx, struct row *r)
{
    struct str rest = str_from(row_text(r, PAYMENT_REFERENCE)), word;
    struct row *found;

    while (str_split(&rest, ' ', &word)) {
        while (word.len > 0 && strchr(".,;:()", word.p[word.len - 1]))
            word.len--;
        if (word.len >= 4 && word.len <= 60) {
            enum status s =
                record_find(cx, &invoice_type, "number", str_dup(cx->arena, word), &found);
            if (s == OK) {
                row_set_i64(r, PAYMENT_INVOICE, row_id(found));
                return OK;
            }
            if (s != E_NOT_FOUND)
                return s;
            ctx_clear_error(cx);
        }
    }
    return OK;
}

/* Who paid, where the payment does not say it: whose invoice it is for. */
static enum status payment_defaults(struct ctx *cx, struct row *r)
{
    static const struct {
        int from, to;
    } refs[] = { { INVOICE_COMPANY, PAYMENT_COMPANY },
                 { INVOICE_CONTACT, PAYMENT_CONTACT },
                 { INVOICE_OWNER, PAYMENT_OWNER } };
    struct row *invoice;
    enum status s;

    if (!row_has(r, PAYMENT_INVOICE) && row_has(r, PAYMENT_REFERENCE))
        TRY(named_invoice(cx, r));
    if (!row_has(r, PAYMENT_INVOICE))
        return OK;
    s = record_get(cx, &invoice_type, row_i64(r, PAYMENT_INVOICE), &invoice);
    if (s == E_NOT_FOUND) { /* the check of the reference says so */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    for (size_t i = 0; i < countof(refs); i++)
        if (!row_has(r, refs[i].to) && row_has(invoice, refs[i].from))
            row_set_i64(r, refs[i].to, row_i64(invoice, refs[i].from));
    if (!row_has(r, PAYMENT_AMOUNT))
        row_set_money(r, PAYMENT_AMOUNT, row_money(invoice, INVOICE_BALANCE));
    return OK;
}

static enum status payment_validate(struct ctx *cx, struct row *r)
{
    struct money m = row_money(r, PAYMENT_AMOUNT);
    i64 used = 0;

    if (!row_has(r, PAYMENT_COMPANY) && !row_has(r, PAYMENT_CONTACT))
        return ctx_fail_field(cx, "company_id", "required",
                              "Say who paid: a company, a contact, or an invoice.");
    if (!row_is_new(r))
        TRY(db_get_i64(cx, &used, "payment.used", I64("payment", row_id(r))));
    if (!fits(used, m.minor) ||
        (used != 0 && !text_is(m.currency, row_money(row_before(r), PAYMENT_AMOUNT).currency)))
        return ctx_fail_field(cx, "amount", "payment.used",
                              "More of it is used for invoices already. Take it off them first.");
    m.minor -= used;
    row_set_money(r, PAYMENT_LEFT, m);
    m.minor = used;
    row_set_money(r, PAYMENT_USED, m);
    return OK;
}

static enum status tell(struct ctx *cx, struct row *r)
{
    struct val *props = val_map(cx->arena);
    i64 value = row_base_minor(r, PAYMENT_AMOUNT);

    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    val_put_text(props, "name", row_text(r, PAYMENT_REFERENCE));
    val_put_text(props, "amount", row_show(cx, r, PAYMENT_AMOUNT));
    TRY(journey_note(cx, &(struct journey_note){ .kind = "payment",
                                                 .contact_id = row_i64(r, PAYMENT_CONTACT),
                                                 .record_id = row_id(r),
                                                 .value_minor = value,
                                                 .props = props }));
    return happen(cx,
                  &(struct happening){ .name = value < 0 ? "payment.refunded" : "payment.received",
                                       .row = r,
                                       .contact_id = row_i64(r, PAYMENT_CONTACT),
                                       .value_minor = value });
}

/* As much of it as is left and as is open there, from 0 on. */
static i64 what_fits(i64 left, i64 open)
{
    if ((left > 0) != (open > 0))
        return 0;
    return left > 0 ? (left < open ? left : open) : (left > open ? left : open);
}

static enum status use_for(struct ctx *cx, const struct row *payment, const struct row *invoice,
                           i64 *left)
{
    struct money open = row_money(invoice, INVOICE_BALANCE);
    i64 part = what_fits(*left, open.minor);

    if (part == 0 || !text_is(open.currency, row_money(payment, PAYMENT_AMOUNT).currency))
        return OK;
    *left -= part;
    return settle_invoice(cx, invoice, payment, NULL, part);
}

/* They are of the payment's day. */
static enum status settlements_again(struct ctx *cx, i64 payment)
{
    i64 ids[OPEN_MOST];
    size_t count = 0;
    struct row *r;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "payment.settlements", I64("payment", payment));
        while (count < OPEN_MOST && stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        TRY(record_get(cx, &settlement_type, ids[i], &r));
        TRY(record_save(cx, r));
    }
    return OK;
}

static enum status payment_saved(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *invoice;
    i64 left = row_money(r, PAYMENT_LEFT).minor;

    (void)guard;
    if (!row_before(r)) {
        TRY(tell(cx, r));
        if (!row_has(r, PAYMENT_INVOICE))
            return OK;
        TRY(record_get(cx, &invoice_type, row_i64(r, PAYMENT_INVOICE), &invoice));
        if (!text_is(row_money(invoice, INVOICE_TOTAL).currency,
                     row_money(r, PAYMENT_AMOUNT).currency))
            return ctx_fail_field(
                cx, "amount", "settlement.currency", "%s is in %s: what settles it must be, too.",
                row_title(cx, invoice), row_money(invoice, INVOICE_TOTAL).currency);
        return use_for(cx, r, invoice, &left);
    }
    return row_changed(r, PAYMENT_ON) ? settlements_again(cx, row_id(r)) : OK;
}

static enum status payment_removed(struct ctx *cx, struct row *r)
{
    i64 used;

    TRY(db_get_i64(cx, &used, "payment.uses", I64("payment", row_id(r))));
    if (used != 0)
        return ctx_fail_code(cx, E_CONFLICT, "payment.used",
                             "It is used for invoices. Take it off them first.");
    return OK;
}

static bool has_rest(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return row_money(r, PAYMENT_LEFT).minor > 0;
}

/* POST /payments/:id/use -- for the oldest open invoices of the customer, in order of due date. */
static enum status use_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct list_query lq = { .sort = "due_on", .limit = OPEN_MOST };
    struct list_page open;
    struct row *r;
    i64 id, left, had;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &payment_type, id, &r));
    had = left = row_money(r, PAYMENT_LEFT).minor;
    lq.filter =
        arena_printf(cx->arena,
                     "%s and kind = 'invoice' and status in ('open','part_paid',"
                     "'overdue')",
                     customer_filter(cx, row_i64(r, PAYMENT_COMPANY), row_i64(r, PAYMENT_CONTACT)));
    TRY(list_run(cx, &invoice_type, &lq, &open));
    for (size_t i = 0; i < open.count && left > 0; i++)
        TRY(use_for(cx, r, open.rows[i], &left));
    if (left == had)
        return ctx_fail_code(cx, E_CONFLICT, "payment.nothing_open",
                             "This customer has no open invoice in %s.",
                             row_money(r, PAYMENT_AMOUNT).currency);
    return reply_done(rq, row_path(cx, r), "Used for the oldest open invoices.");
}

static const char *payment_title(struct ctx *cx, const struct row *r)
{
    return row_has(r, PAYMENT_AMOUNT)
               ? arena_printf(cx->arena, "%s on %s", row_show(cx, r, PAYMENT_AMOUNT),
                              show_date_lasting(cx, row_i64(r, PAYMENT_ON)))
               : "Payment";
}

static const char *settlement_title(struct ctx *cx, const struct row *r)
{
    return row_has(r, SETTLEMENT_AMOUNT) ? row_show(cx, r, SETTLEMENT_AMOUNT) : "Settlement";
}

const struct record_type payment_type = {
    .name = "payment",
    .label = "Payment",
    .plural = "Payments",
    .path = "payments",
    .icon = "cash",
    .section = "sales",
    .menu_order = MENU_SELDOM + 34,
    .sort = "-received_on",
    .title = PAYMENT_REFERENCE,
    .title_of = payment_title,
    .fields = fields,
    .field_count = PAYMENT_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "What came in. Record a payment from its invoice, or import the bank's list: a "
             "reference with an invoice's number finds it.",
    RELATED({ "settlement", "payment_id", "Invoices settled" }),
    ACTIONS({ "use", "Use for the oldest invoices", NULL, true, has_rest }),
    .defaults = payment_defaults,
    .validate = payment_validate,
    .saved = payment_saved,
    .removed = payment_removed,
};

const struct record_type settlement_type = {
    .name = "settlement",
    .label = "Settlement",
    .plural = "Settlements",
    .path = "settlements",
    .icon = "check",
    .sort = "-on_date",
    .title = SETTLEMENT_AMOUNT,
    .title_of = settlement_title,
    .fields = settlement_fields,
    .field_count = SETTLEMENT_FIELDS,
    .empty = "Which payments and credit notes settled which invoices.",
    .validate = settlement_validate,
    .saved = settlement_saved,
    .removed = settlement_saved,
};

static const struct route routes[] = {
    { HTTP_POST, "/payments/:id/use", use_post, NEEDS("payment", VERB_UPDATE) },
};
static const struct event_kind kinds[] = {
    { "payment", "Payment", "cash", KIND_SALES | KIND_MONEY | KIND_OURS, "payment" },
};
const struct feature feature_payment = {
    .name = "payment",
    TYPES(&payment_type, &settlement_type),
    ROUTES(routes),
    EVENT_KINDS(kinds),
};
