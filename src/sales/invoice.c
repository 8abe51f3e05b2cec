/* invoice.c -- invoices and credit notes: the records, what must hold, their numbers. */
#include "sales/invoice.h"
#include "base/limits.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/number.h"
#include "sales/subscription.h"
#include "sales/tax.h"

static const struct field fields[] = {
    [INVOICE_NUMBER] = { "number", FIELD_TEXT, "Number", LISTED | SEARCHED | UNIQUE, .max_len = 60,
                         .help = "Left empty, the next number of ours." },
    [INVOICE_KIND] = { "kind", FIELD_CHOICE, "Kind", REQUIRED | CREATE_ONLY, .otherwise = "invoice",
                       .choices = CHOICES({ "invoice", "Invoice", "blue" },
                                          { "credit_note", "Credit note", "violet" }) },
    [INVOICE_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED | COMPUTED | INDEXED | TRACKED,
                         .otherwise = "open",
                         .choices = CHOICES(
                             { "open", "Open", "blue" }, { "part_paid", "Part paid", "teal" },
                             { "overdue", "Overdue", "red" }, { "paid", "Paid", "green" },
                             { "void", "Void", "gray" }) },
    [INVOICE_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company" },
    [INVOICE_CONTACT] = { "contact_id", FIELD_REF, "Contact", 0, .ref = "contact" },
    [INVOICE_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
    [INVOICE_ISSUED] = { "issued_on", FIELD_DATE, "Date", REQUIRED | LISTED | INDEXED,
                         .otherwise = "today" },
    [INVOICE_DUE] = { "due_on", FIELD_DATE, "Due", LISTED | INDEXED | TRACKED,
                      .help = "The last day to pay on time. Left empty, the days to pay that the "
                              "settings say." },
    [INVOICE_NET] = { "net", FIELD_MONEY, "Before tax", 0, .min = -LIMIT_AMOUNT_MINOR,
                      .max = LIMIT_AMOUNT_MINOR, .group = "Amount",
                      .help = "Of an invoice with lines this follows from them." },
    [INVOICE_TAX] = { "tax", FIELD_MONEY, "Tax", 0, .min = -LIMIT_AMOUNT_MINOR,
                      .max = LIMIT_AMOUNT_MINOR },
    [INVOICE_TOTAL] = { "total", FIELD_MONEY, "Total", LISTED | COMPUTED | SUMMED },
    [INVOICE_PAID] = { "paid", FIELD_MONEY, "Paid", COMPUTED },
    [INVOICE_BALANCE] = { "balance", FIELD_MONEY, "Still open",
                          LISTED | COMPUTED | SUMMED | INDEXED },
    [INVOICE_PAID_ON] = { "paid_on", FIELD_DATE, "Paid on", COMPUTED | INDEXED },
    [INVOICE_DAYS] = { "days_to_pay", FIELD_INT, "Days until paid", COMPUTED },
    [INVOICE_TREATMENT] = { "tax_treatment", FIELD_CHOICE, "Taxed as", TRACKED,
                            .choices = tax_treatments, .group = "Tax",
                            .help = "Empty: decided from the buyer's country and VAT id when the "
                                    "invoice is made." },
    [INVOICE_TAX_WHY] = { "tax_why", FIELD_TEXT, "Why it is taxed so", COMPUTED, .max_len = 400 },
    [INVOICE_ORDER] = { "order_id", FIELD_REF, "Order", 0, .ref = "sales_order",
                        .group = "Belongs to" },
    [INVOICE_DEAL] = { "deal_id", FIELD_REF, "Deal", 0, .ref = "deal" },
    [INVOICE_CREDITS] = { "credits_id", FIELD_REF, "Credits", 0, .ref = "invoice",
                          .help = "Of a credit note: the invoice that it takes back." },
    [INVOICE_VOID] = { "voided", FIELD_BOOL, "Void", COMPUTED | TRACKED, .otherwise = "false" },
    [INVOICE_NOTE] = { "note", FIELD_LONG, "Note", 0, .group = "More" },
};
_Static_assert(countof(fields) == INVOICE_FIELDS, "enum and table differ");

static const struct field line_fields[] = {
    [INVOICE_LINE_INVOICE] = { "invoice_id", FIELD_REF, "Invoice", REQUIRED | LISTED | CREATE_ONLY,
                               .ref = "invoice" },
    [INVOICE_LINE_POSITION] = { "position", FIELD_INT, "Position", INDEXED, .min = 0,
                                .max = 1000000 },
    [INVOICE_LINE_NAME] = { "name", FIELD_TEXT, "Text", REQUIRED | LISTED, .max_len = 300 },
    [INVOICE_LINE_PRODUCT] = { "product_id", FIELD_REF, "Product", LISTED, .ref = "product" },
    [INVOICE_LINE_QUANTITY] = { "quantity", FIELD_DECIMAL, "Quantity", REQUIRED | LISTED,
                                .scale = INVOICE_SHARE, .otherwise = "1",
                                .min = INT64_C(-10000000000), .max = INT64_C(10000000000) },
    [INVOICE_LINE_PRICE] = { "unit_price", FIELD_MONEY, "Price of one", REQUIRED | LISTED,
                             .min = -LIMIT_AMOUNT_MINOR, .max = LIMIT_AMOUNT_MINOR },
    [INVOICE_LINE_DISCOUNT] = { "discount_percent", FIELD_DECIMAL, "Discount, percent", 0,
                                .scale = INVOICE_SHARE, .min = 0, .max = PRICE_WHOLE },
    [INVOICE_LINE_TAX] = { "tax_percent", FIELD_DECIMAL, "Tax, percent", LISTED,
                           .scale = INVOICE_SHARE, .min = 0, .max = PRICE_WHOLE },
    [INVOICE_LINE_AMOUNT] = { "amount", FIELD_MONEY, "Before tax", LISTED | COMPUTED | SUMMED },
    [INVOICE_LINE_ORDER] = { "order_id", FIELD_REF, "Order", CREATE_ONLY, .ref = "sales_order",
                             .group = "Belongs to" },
    [INVOICE_LINE_SUBSCRIPTION] = { "subscription_id", FIELD_REF, "Subscription", CREATE_ONLY,
                                    .ref = "subscription" },
    [INVOICE_LINE_FROM] = { "service_from", FIELD_DATE, "For the time from", 0 },
    [INVOICE_LINE_TO] = { "service_to", FIELD_DATE, "Until before", 0 },
};
_Static_assert(countof(line_fields) == INVOICE_LINE_FIELDS, "enum and table differ");

/* ---- what must hold ---- */
static bool is_credit(const struct row *r)
{
    return text_is(row_text(r, INVOICE_KIND), "credit_note");
}

static enum status invoice_defaults(struct ctx *cx, struct row *r)
{
    if (!row_has(r, INVOICE_DUE) && row_has(r, INVOICE_ISSUED))
        row_set_i64(r, INVOICE_DUE,
                    row_i64(r, INVOICE_ISSUED) +
                        (is_credit(r) ? 0 : setting_i64(cx, "invoice.days_to_pay")));
    return OK;
}

/* One currency for all amounts: that of the net, or of the tax where only that was typed. */
static enum status check_amounts(struct ctx *cx, struct row *r)
{
    struct money net = row_money(r, INVOICE_NET), tax = row_money(r, INVOICE_TAX);
    struct price_quote counted;

    if (!row_has(r, INVOICE_NET)) {
        net = (struct money){ 0 };
        memcpy(net.currency, row_has(r, INVOICE_TAX) ? tax.currency : base_currency(cx), 4);
        row_set_money(r, INVOICE_NET, net);
    }
    if (!row_has(r, INVOICE_TAX)) {
        tax = net;
        tax.minor = 0;
        row_set_money(r, INVOICE_TAX, tax);
    }
    if (!row_is_new(r))
        TRY(invoice_count(cx, r, &counted));
    net = row_money(r, INVOICE_NET);
    tax = row_money(r, INVOICE_TAX);
    if (!text_is(net.currency, tax.currency))
        return ctx_fail_field(cx, "tax", "invoice.currency",
                              "The tax is in %s, the amount before tax in %s. An invoice has one "
                              "currency.",
                              tax.currency, net.currency);
    net.minor += tax.minor;
    if (is_credit(r) ? net.minor > 0 : net.minor < 0)
        return ctx_fail_field(cx, "net", "invoice.sign",
                              is_credit(r) ? "A credit note takes back: its amounts are below 0."
                                           : "What is paid back is a credit note: choose that "
                                             "kind, or write the amounts above 0.");
    row_set_money(r, INVOICE_TOTAL, net);
    return OK;
}

/* Decided once, when it is made, and not for one that was typed with a tax that it would not have
 * (an invoice of another program, say); from then on it is what is chosen. */
static enum status check_treatment(struct ctx *cx, struct row *r)
{
    const char *chosen = row_text(r, INVOICE_TREATMENT);
    bool taxed = row_has(r, INVOICE_TAX) && row_money(r, INVOICE_TAX).minor != 0;
    struct tax_decision tax;

    if (!row_is_new(r) && !row_changed(r, INVOICE_TREATMENT))
        return OK;
    TRY(tax_of_buyer(cx, row_i64(r, INVOICE_COMPANY), row_i64(r, INVOICE_CONTACT), chosen, &tax));
    if (text_empty(chosen) && (!row_is_new(r) || (taxed && tax_is_free(tax.treatment))))
        tax = (struct tax_decision){ "", "" };
    row_set_text(r, INVOICE_TREATMENT, tax.treatment);
    row_set_text(r, INVOICE_TAX_WHY, tax.why);
    return OK;
}

/* After its lines, if it has any, are counted. */
static enum status check_free(struct ctx *cx, const struct row *r)
{
    const char *treatment = row_text(r, INVOICE_TREATMENT);

    if (!tax_is_free(treatment) || row_money(r, INVOICE_TAX).minor == 0)
        return OK;
    return ctx_fail_field(cx, "tax", "invoice.tax_free",
                          "\"%s\" has no tax: leave it empty, or choose how it is taxed instead.",
                          tax_label(treatment));
}

static enum status invoice_validate(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);

    if (!row_has(r, INVOICE_COMPANY) && !row_has(r, INVOICE_CONTACT))
        return ctx_fail_field(cx, "company_id", "required",
                              "Say who is to pay: a company, or a contact.");
    if (row_has(r, INVOICE_DUE) && row_i64(r, INVOICE_DUE) < row_i64(r, INVOICE_ISSUED))
        return ctx_fail_field(cx, "due_on", "invoice.due_early",
                              "It cannot be due before its date.");
    TRY(check_treatment(cx, r));
    TRY(check_amounts(cx, r));
    TRY(check_free(cx, r));
    TRY(invoice_settle(cx, r));
    if (before && row_has(r, INVOICE_PAID) && row_money(r, INVOICE_PAID).minor != 0 &&
        !text_is(row_money(before, INVOICE_TOTAL).currency, row_money(r, INVOICE_TOTAL).currency))
        return ctx_fail_field(cx, "net", "invoice.currency",
                              "A part of it is paid: its currency stays %s.",
                              row_money(before, INVOICE_TOTAL).currency);
    return OK;
}

/* ---- what follows ---- */
static enum status invoice_note(struct ctx *cx, const struct row *r, const char *kind, int amount)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    val_put_text(props, "name", row_text(r, INVOICE_NUMBER));
    val_put_text(props, "amount", row_show(cx, r, amount));
    return journey_note(cx, &(struct journey_note){ .kind = kind,
                                                    .contact_id = row_i64(r, INVOICE_CONTACT),
                                                    .record_id = row_id(r),
                                                    .value_minor = row_base_minor(r, amount),
                                                    .props = props });
}

static enum status tell(struct ctx *cx, struct row *r, const char *happening, const char *kind)
{
    TRY(invoice_note(cx, r, kind, INVOICE_TOTAL));
    return happen(cx, &(struct happening){ .name = happening,
                                           .row = r,
                                           .contact_id = row_i64(r, INVOICE_CONTACT),
                                           .value_minor = row_base_minor(r, INVOICE_TOTAL) });
}

/* The number is drawn after the row is in, so that none is missing. */
static enum status invoice_saved(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *status = row_text(r, INVOICE_STATUS), *number;
    bool made = row_before(r) == NULL;

    (void)guard;
    if (!row_has(r, INVOICE_NUMBER)) {
        bool credit = is_credit(r);
        TRY(document_number(cx, credit ? "credit_note" : "invoice",
                            setting_text(cx, credit ? "invoice.credit_prefix" : "invoice.prefix"),
                            &number));
        row_set_text(r, INVOICE_NUMBER, number);
        TRY(record_save(cx, r));
    }
    if (made)
        TRY(tell(cx, r, is_credit(r) ? "invoice.credited" : "invoice.issued",
                 is_credit(r) ? "credit_note" : "invoice_issued"));
    if (is_credit(r) || (!made && !row_changed(r, INVOICE_STATUS)))
        return OK;
    if (text_is(status, "paid"))
        return tell(cx, r, "invoice.paid", "invoice_paid");
    return text_is(status, "overdue") ? tell(cx, r, "invoice.overdue", "invoice_overdue") : OK;
}

static enum status invoice_removed(struct ctx *cx, struct row *r)
{
    if (row_money(r, INVOICE_PAID).minor != 0)
        return ctx_fail_code(cx, E_CONFLICT, "invoice.has_payments",
                             "A part of %s is paid. Take the payments off it first.",
                             row_title(cx, r));
    return OK;
}

/* ---- lines ---- */
static enum status line_validate(struct ctx *cx, struct row *r)
{
    struct money amount = row_money(r, INVOICE_LINE_PRICE), other;
    struct invoice_lines lines;

    TRY(invoice_lines_read(cx, row_i64(r, INVOICE_LINE_INVOICE), &lines));
    for (size_t i = 0; i < lines.count; i++) {
        other = row_money(lines.rows[i], INVOICE_LINE_PRICE);
        if (row_id(lines.rows[i]) != row_id(r) && !text_is(other.currency, amount.currency))
            return ctx_fail_field(cx, "unit_price", "invoice.currency",
                                  "The other lines are in %s. An invoice has one currency.",
                                  other.currency);
    }
    if (!row_has(r, INVOICE_LINE_POSITION))
        row_set_i64(r, INVOICE_LINE_POSITION, 10 * (i64)(lines.count + 1));
    TRY(invoice_line_count(cx, r, &amount.minor));
    row_set_money(r, INVOICE_LINE_AMOUNT, amount);
    return OK;
}

static enum status line_saved(struct ctx *cx, struct row *r)
{
    return invoice_again(cx, row_i64(r, INVOICE_LINE_INVOICE));
}

/* ---- what is done ---- */
static enum status read_invoice(struct req *rq, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &invoice_type, id, out);
}

static bool can_be_void(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !row_bool(r, INVOICE_VOID) && row_money(r, INVOICE_PAID).minor == 0;
}

static bool can_be_credited(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !row_bool(r, INVOICE_VOID) && !is_credit(r) && row_money(r, INVOICE_TOTAL).minor > 0;
}

static bool can_be_paid(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !is_credit(r) && row_money(r, INVOICE_BALANCE).minor > 0;
}

/* POST /invoices/:id/void */
static enum status void_post(struct req *rq)
{
    struct row *r;

    TRY(read_invoice(rq, &r));
    if (!can_be_void(rq->cx, r))
        return ctx_fail_code(rq->cx, E_CONFLICT, "invoice.has_payments",
                             "%s cannot be made void: it is already, or a part of it is paid. Take "
                             "the payments off it, or make a credit note.",
                             row_title(rq->cx, r));
    row_set_i64(r, INVOICE_VOID, 1);
    TRY(record_save(rq->cx, r));
    return reply_done(rq, row_path(rq->cx, r), "%s is void.", row_title(rq->cx, r));
}

static struct money turned(struct money m)
{
    m.minor = -m.minor;
    return m;
}

static enum status copy_lines(struct ctx *cx, const struct row *from, const struct row *to)
{
    static const int same[] = { INVOICE_LINE_POSITION, INVOICE_LINE_PRODUCT, INVOICE_LINE_DISCOUNT,
                                INVOICE_LINE_TAX,      INVOICE_LINE_FROM,    INVOICE_LINE_TO };
    struct invoice_lines lines;

    TRY(invoice_lines_read(cx, row_id(from), &lines));
    for (size_t i = 0; i < lines.count; i++) {
        struct row *l = row_new(cx, &invoice_line_type);
        row_set_i64(l, INVOICE_LINE_INVOICE, row_id(to));
        row_set_text(l, INVOICE_LINE_NAME, row_text(lines.rows[i], INVOICE_LINE_NAME));
        row_set_i64(l, INVOICE_LINE_QUANTITY, -row_i64(lines.rows[i], INVOICE_LINE_QUANTITY));
        row_set_money(l, INVOICE_LINE_PRICE, row_money(lines.rows[i], INVOICE_LINE_PRICE));
        for (size_t f = 0; f < countof(same); f++)
            if (row_has(lines.rows[i], same[f]))
                row_set_i64(l, same[f], row_i64(lines.rows[i], same[f]));
        TRY(record_save(cx, l));
    }
    return OK;
}

/* POST /invoices/:id/credit -- takes the whole invoice back; what of it is open is settled. */
static enum status credit_post(struct req *rq)
{
    static const int refs[] = { INVOICE_COMPANY, INVOICE_CONTACT, INVOICE_OWNER, INVOICE_ORDER,
                                INVOICE_DEAL };
    struct ctx *cx = rq->cx;
    struct row *r, *credit = row_new(cx, &invoice_type);
    i64 open;

    TRY(read_invoice(rq, &r));
    if (!can_be_credited(cx, r))
        return ctx_fail_code(cx, E_CONFLICT, "invoice.not_creditable",
                             "%s is void, a credit note itself, or comes to nothing.",
                             row_title(cx, r));
    row_set_text(credit, INVOICE_KIND, "credit_note");
    for (size_t i = 0; i < countof(refs); i++)
        if (row_has(r, refs[i]))
            row_set_i64(credit, refs[i], row_i64(r, refs[i]));
    row_set_text(credit, INVOICE_TREATMENT, row_text(r, INVOICE_TREATMENT));
    row_set_i64(credit, INVOICE_CREDITS, row_id(r));
    row_set_i64(credit, INVOICE_ISSUED, subscription_today(cx));
    row_set_money(credit, INVOICE_NET, turned(row_money(r, INVOICE_NET)));
    row_set_money(credit, INVOICE_TAX, turned(row_money(r, INVOICE_TAX)));
    TRY(record_save(cx, credit));
    TRY(copy_lines(cx, r, credit));
    TRY(record_get(cx, &invoice_type, row_id(credit), &credit));
    TRY(read_invoice(rq, &r));
    open = row_money(r, INVOICE_BALANCE).minor;
    if (open > -row_money(credit, INVOICE_BALANCE).minor)
        open = -row_money(credit, INVOICE_BALANCE).minor;
    if (open > 0)
        TRY(settle_invoice(cx, r, NULL, credit, open));
    return reply_done(rq, row_path(cx, credit), "Credit note %s takes %s back.",
                      row_title(cx, credit), row_title(cx, r));
}

/* POST /invoices/:id/pay -- the whole balance came in today, in one click. */
static enum status pay_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r, *p = row_new(cx, &payment_type);

    TRY(read_invoice(rq, &r));
    if (!can_be_paid(cx, r))
        return ctx_fail_code(cx, E_CONFLICT, "invoice.not_open", "Nothing of %s is open.",
                             row_title(cx, r));
    row_set_i64(p, PAYMENT_ON, subscription_today(cx));
    row_set_money(p, PAYMENT_AMOUNT, row_money(r, INVOICE_BALANCE));
    row_set_text(p, PAYMENT_METHOD, "transfer");
    row_set_i64(p, PAYMENT_INVOICE, row_id(r));
    TRY(record_save(cx, p));
    return reply_done(rq, row_path(cx, r), "%s is paid.", row_title(cx, r));
}

/* ---- the day ---- */
static enum status come_due(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 ids[200], today = subscription_today(cx);
    size_t *count = arg;

    (void)guard;
    *count = 0;
    {
        scoped(stmt_close) struct stmt q = db_query(cx, "invoice.fall_due", I64("day", today));
        while (*count < countof(ids) && stmt_next(&q))
            ids[(*count)++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < *count; i++)
        TRY(invoice_again(cx, ids[i]));
    return OK;
}

/* Those whose last day is over become overdue. */
static enum status due_job(struct job_run *job)
{
    size_t count;

    do
        TRY(kit_write(job->cx, come_due, &count));
    while (count > 0);
    return OK;
}

const struct record_type invoice_type = {
    .name = "invoice",
    .label = "Invoice",
    .plural = "Invoices",
    .path = "invoices",
    .icon = "receipt",
    .section = "sales",
    .menu_order = 33,
    .sort = "-issued_on",
    .rate_day = "issued_on",
    .title = INVOICE_NUMBER,
    .fields = fields,
    .field_count = INVOICE_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "What customers are to pay. Make invoices from orders and subscriptions for a month "
             "in one step, type them, or import them from where they are written.",
    RELATED({ "invoice_line", "invoice_id", "Lines" },
            { "settlement", "invoice_id", "Payments and credits" },
            { "settlement", "credit_id", "Invoices settled" }),
    ACTIONS({ "pay", "Paid today", NULL, true, can_be_paid,
              "Did the whole open amount come in today?" },
            { "pdf", "PDF", "/invoices/:id/pdf", .shown = NULL },
            { "payment", "Record a payment", "/payments/new?invoice_id=:id", false, can_be_paid },
            { "credit", "Credit note", NULL, false, can_be_credited,
              "Make a credit note over the whole invoice?" },
            { "void", "Make void", NULL, false, can_be_void,
              "A void invoice counts nowhere, and keeps its number. Make it void?" }),
    .defaults = invoice_defaults,
    .validate = invoice_validate,
    .saved = invoice_saved,
    .removed = invoice_removed,
};

const struct record_type invoice_line_type = {
    .name = "invoice_line",
    .label = "Invoice line",
    .plural = "Invoice lines",
    .path = "invoice-lines",
    .icon = "list",
    .sort = "position",
    .title = INVOICE_LINE_NAME,
    .fields = line_fields,
    .field_count = INVOICE_LINE_FIELDS,
    .empty = "What is invoiced, line by line.",
    .validate = line_validate,
    .saved = line_saved,
    .removed = line_saved,
};

static const struct route routes[] = {
    { HTTP_POST, "/invoices/:id/void", void_post, NEEDS("invoice", VERB_UPDATE) },
    { HTTP_POST, "/invoices/:id/credit", credit_post, NEEDS("invoice", VERB_CREATE) },
    { HTTP_POST, "/invoices/:id/pay", pay_post, NEEDS("payment", VERB_CREATE) },
};
static const struct event_kind kinds[] = {
    { "invoice_issued", "Invoice", "receipt", KIND_SALES | KIND_MONEY | KIND_OURS, "invoice" },
    { "credit_note", "Credit note", "receipt", KIND_SALES | KIND_MONEY | KIND_OURS, "invoice" },
    { "invoice_paid", "Invoice paid", "check", KIND_SALES | KIND_MONEY | KIND_OURS, "invoice" },
    { "invoice_overdue", "Invoice overdue", "alert-triangle", KIND_SALES | KIND_MONEY | KIND_OURS,
      "invoice" },
};
static const struct job_type jobs[] = {
    { "invoice.due", "Invoices fall due", due_job, .every_ms = MS_HOUR, .at_start = true },
};
static const struct setting settings[] = {
    { "invoice.prefix", FIELD_TEXT, "Invoice numbers begin with", "R: R-2026-0001.", "R",
      .group = "Invoices" },
    { "invoice.credit_prefix", FIELD_TEXT, "Numbers of credit notes begin with", "C: C-2026-0001.",
      "C", .group = "Invoices" },
    { "invoice.days_to_pay", FIELD_INT, "Days to pay",
      "An invoice is due so many days after its date, unless it says otherwise.", "30",
      .group = "Invoices" },
};
const struct feature feature_invoice = {
    .name = "invoice",
    TYPES(&invoice_type, &invoice_line_type),
    ROUTES(routes),
    EVENT_KINDS(kinds),
    JOBS(jobs),
    SETTINGS(settings),
};
