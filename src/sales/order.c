/* order.c -- orders and their lines, and how a won deal becomes one. */
#include "sales/order.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/deal.h"
#include "sales/handover.h"
#include "sales/invoice.h"
#include "sales/number.h"
#include "sales/quote_int.h"
#include "sales/renewal.h"
#include "sales/subscription.h"
#include "sales/tax.h"

enum { SUBSCRIPTIONS_MOST = 500 };

static const struct field fields[] = {
    [ORDER_NUMBER] = { "number", FIELD_TEXT, "Number", COMPUTED | LISTED | SEARCHED | INDEXED,
                       .max_len = 40 },
    [ORDER_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED | TRACKED | INDEXED,
                       .otherwise = "open",
                       .choices = CHOICES({ "open", "To be delivered", "blue" },
                                          { "fulfilled", "Delivered", "green" },
                                          { "cancelled", "Cancelled", "gray" }) },
    [ORDER_DEAL] = { "deal_id", FIELD_REF, "Deal", CREATE_ONLY, .ref = "deal" },
    [ORDER_QUOTE] = { "quote_id", FIELD_REF, "Quote", CREATE_ONLY, .ref = "quote" },
    [ORDER_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company" },
    [ORDER_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [ORDER_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                      .otherwise = "me" },
    [ORDER_ON] = { "ordered_on", FIELD_DATE, "Ordered on", LISTED | REQUIRED | INDEXED,
                   .otherwise = "today" },
    [ORDER_NET] = { "net", FIELD_MONEY, "Total before tax", LISTED | SUMMED | INDEXED,
                    .help = "What comes once, and one period of what comes again.",
                    .group = "Comes to" },
    [ORDER_TAX] = { "tax", FIELD_MONEY, "Tax" },
    [ORDER_TOTAL] = { "total", FIELD_MONEY, "Total" },
    [ORDER_MONTHLY] = { "monthly", FIELD_MONEY, "Recurring, a month" },
    [ORDER_TAX_CHOSEN] = { "tax_chosen", FIELD_CHOICE, "Tax treatment", TRACKED,
                           .choices = tax_treatments,
                           .help = "Of its invoices. Empty: decided from the buyer's country and "
                                   "VAT id when they are made." },
    [ORDER_NOTE] = { "note", FIELD_LONG, "Note", 0, .group = "More" },
};
_Static_assert(countof(fields) == ORDER_FIELDS, "enum and table differ");

static const struct field line_fields[] = {
    [ORDER_LINE_ORDER] = { "order_id", FIELD_REF, "Order", REQUIRED | LISTED | CREATE_ONLY,
                           .ref = "sales_order" },
    [ORDER_LINE_POSITION] = { "position", FIELD_INT, "Position", INDEXED, .min = 0,
                              .max = 1000000 },
    [ORDER_LINE_NAME] = { "name", FIELD_TEXT, "Text", REQUIRED | LISTED, .max_len = 300 },
    [ORDER_LINE_PRODUCT] = { "product_id", FIELD_REF, "Product", LISTED, .ref = "product" },
    [ORDER_LINE_QUANTITY] = { "quantity", FIELD_DECIMAL, "Quantity", LISTED,
                              .scale = QUOTE_DECIMALS },
    [ORDER_LINE_MONTHS] = { "months", FIELD_INT, "Every so many months", LISTED, .min = 0,
                            .max = PRICE_MONTHS, .help = "0 or empty: once." },
    [ORDER_LINE_AMOUNT] = { "amount", FIELD_MONEY, "Amount before tax", LISTED | SUMMED,
                            .help = "After all discounts, its part of that on the total too." },
    [ORDER_LINE_TAX] = { "tax_percent", FIELD_DECIMAL, "Tax, percent", 0, .scale = QUOTE_DECIMALS,
                         .min = 0, .max = PRICE_WHOLE,
                         .help = "As quoted. Left empty, the product's, or the default." },
    [ORDER_LINE_SUBSCRIPTION] = { "subscription_id", FIELD_REF, "Subscription", COMPUTED,
                                  .ref = "subscription" },
};
_Static_assert(countof(line_fields) == ORDER_LINE_FIELDS, "enum and table differ");

/* ---- making one ---- */
struct making {
    const struct row *deal, *quote; /* quote NULL: there is none */
    struct row *order;
    int position;
};

static void copy_ref(const struct row *from, int field, struct row *to, int into)
{
    if (row_has(from, field))
        row_set_i64(to, into, row_i64(from, field));
}

static enum status begin_order(struct ctx *cx, struct making *m)
{
    const char *number;
    struct row *o = row_new(cx, &order_type);

    TRY(document_number(cx, "order", setting_text(cx, "order.prefix"), &number));
    row_set_text(o, ORDER_NUMBER, number);
    row_set_i64(o, ORDER_DEAL, row_id(m->deal));
    copy_ref(m->deal, DEAL_COMPANY, o, ORDER_COMPANY);
    copy_ref(m->deal, DEAL_CONTACT, o, ORDER_CONTACT);
    copy_ref(m->deal, DEAL_OWNER, o, ORDER_OWNER);
    if (m->quote) {
        row_set_i64(o, ORDER_QUOTE, row_id(m->quote));
        row_set_money(o, ORDER_NET, row_money(m->quote, QUOTE_NET));
        row_set_money(o, ORDER_TAX, row_money(m->quote, QUOTE_TAX));
        row_set_money(o, ORDER_TOTAL, row_money(m->quote, QUOTE_TOTAL));
        row_set_money(o, ORDER_MONTHLY, row_money(m->quote, QUOTE_MONTHLY));
        row_set_text(o, ORDER_TAX_CHOSEN, row_text(m->quote, QUOTE_TAX_CHOSEN));
    } else if (row_has(m->deal, DEAL_AMOUNT)) {
        row_set_money(o, ORDER_NET, row_money(m->deal, DEAL_AMOUNT));
    }
    m->order = o;
    return record_save(cx, o);
}

/* What a line comes to again and again, as a subscription from today on. */
static enum status subscribe(struct ctx *cx, const struct making *m, struct row *line)
{
    struct row *s = row_new(cx, &subscription_type);

    row_set_text(s, SUBSCRIPTION_NAME, row_text(line, ORDER_LINE_NAME));
    copy_ref(m->order, ORDER_COMPANY, s, SUBSCRIPTION_COMPANY);
    copy_ref(m->order, ORDER_CONTACT, s, SUBSCRIPTION_CONTACT);
    copy_ref(m->order, ORDER_OWNER, s, SUBSCRIPTION_OWNER);
    row_set_i64(s, SUBSCRIPTION_DEAL, row_id(m->deal));
    row_set_money(s, SUBSCRIPTION_AMOUNT, row_money(line, ORDER_LINE_AMOUNT));
    row_set_i64(s, SUBSCRIPTION_MONTHS, row_i64(line, ORDER_LINE_MONTHS));
    row_set_i64(s, SUBSCRIPTION_STARTED, row_i64(m->order, ORDER_ON));
    if (row_i64(line, ORDER_LINE_MONTHS) > 12)
        row_set_i64(s, SUBSCRIPTION_TERM, row_i64(line, ORDER_LINE_MONTHS));
    TRY(record_save(cx, s));
    row_set_i64(line, ORDER_LINE_SUBSCRIPTION, row_id(s));
    return OK;
}

static enum status add_line(struct ctx *cx, struct making *m, struct row *line)
{
    bool recurs = row_i64(line, ORDER_LINE_MONTHS) > 0;
    bool somebody = row_has(m->order, ORDER_COMPANY) || row_has(m->order, ORDER_CONTACT);

    row_set_i64(line, ORDER_LINE_ORDER, row_id(m->order));
    row_set_i64(line, ORDER_LINE_POSITION, m->position += 10);
    if (recurs && somebody && row_money(line, ORDER_LINE_AMOUNT).minor >= 0)
        TRY(subscribe(cx, m, line));
    return record_save(cx, line);
}

static enum status lines_of_quote(struct ctx *cx, struct making *m)
{
    struct quote_lines lines;
    struct quote_sum sum;

    TRY(quote_lines_read(cx, row_id(m->quote), &lines));
    TRY(quote_count(cx, m->quote, &lines, &sum));
    for (size_t i = 0; i < lines.count; i++) {
        const struct price_line *price =
            sum.line_of[i] == SIZE_MAX ? NULL : &sum.price.lines[sum.line_of[i]];
        struct row *line = row_new(cx, &order_line_type);
        if (price == NULL || price->left_out)
            continue;
        row_set_text(line, ORDER_LINE_NAME, row_text(lines.rows[i], LINE_NAME));
        copy_ref(lines.rows[i], LINE_PRODUCT, line, ORDER_LINE_PRODUCT);
        row_set_i64(line, ORDER_LINE_QUANTITY, price->quantity);
        row_set_i64(line, ORDER_LINE_MONTHS, price->months);
        if (row_has(lines.rows[i], LINE_TAX_PERCENT)) /* whether it counts, the invoice decides */
            row_set_i64(line, ORDER_LINE_TAX, row_i64(lines.rows[i], LINE_TAX_PERCENT));
        row_set_money(line, ORDER_LINE_AMOUNT, quote_money(m->quote, price->base));
        TRY(add_line(cx, m, line));
    }
    return OK;
}

static enum status line_of_deal(struct ctx *cx, struct making *m)
{
    struct row *line = row_new(cx, &order_line_type);

    row_set_text(line, ORDER_LINE_NAME, row_text(m->deal, DEAL_NAME));
    row_set_i64(line, ORDER_LINE_QUANTITY, PRICE_SCALE);
    if (row_has(m->deal, DEAL_AMOUNT))
        row_set_money(line, ORDER_LINE_AMOUNT, row_money(m->deal, DEAL_AMOUNT));
    return add_line(cx, m, line);
}

static enum status accepted_quote(struct ctx *cx, i64 deal_id, const struct row **out)
{
    struct row *quote;
    i64 id;
    enum status s = db_get_i64(cx, &id, "order.quote", I64("deal", deal_id));

    *out = NULL;
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    TRY(record_get(cx, &quote_type, id, &quote));
    *out = quote;
    return OK;
}

static enum status order_of(struct ctx *cx, i64 deal_id, struct row **out)
{
    i64 id;

    TRY(db_get_i64(cx, &id, "order.of_deal", I64("deal", deal_id)));
    return record_get(cx, &order_type, id, out);
}

/* A deal that is won a second time has its order already; a renewal goes on with what there is. */
static enum status on_won(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct making m = { .deal = h->row };
    bool renewed;
    enum status s = order_of(cx, row_id(h->row), &m.order);

    (void)guard;
    if (s != E_NOT_FOUND)
        return s;
    TRY(renewal_won(cx, h->row, &renewed));
    TRY(accepted_quote(cx, row_id(m.deal), &m.quote));
    if (renewed && m.quote == NULL)
        return OK;
    TRY(begin_order(cx, &m));
    TRY(m.quote && !renewed ? lines_of_quote(cx, &m) : line_of_deal(cx, &m));
    return renewed ? OK : handover_tell(cx, h->row, m.order);
}

static enum status end_at_once(struct ctx *cx, i64 id)
{
    struct row *s;

    TRY(record_get_any(cx, &subscription_type, id, &s));
    if (row_is_deleted(s))
        return OK;
    row_set_i64(s, SUBSCRIPTION_ENDS, row_i64(s, SUBSCRIPTION_STARTED));
    row_set_text(s, SUBSCRIPTION_REASON, "other");
    return record_save(cx, s);
}

/* What was won by mistake never was: neither is what followed. */
static enum status on_deal_updated(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct row *before = row_before(h->row);
    i64 ids[SUBSCRIPTIONS_MOST];
    struct row *order;
    size_t count = 0;
    enum status s;

    (void)guard;
    if (!before || !text_is(row_text(before, DEAL_STATUS), "won") ||
        text_is(row_text(h->row, DEAL_STATUS), "won"))
        return OK;
    s = order_of(cx, row_id(h->row), &order);
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    row_set_text(order, ORDER_STATUS, "cancelled");
    TRY(record_save(cx, order));
    scoped(stmt_close) struct stmt q =
        db_query(cx, "order.subscriptions", I64("order", row_id(order)));
    while (count < SUBSCRIPTIONS_MOST && stmt_next(&q))
        ids[count++] = col_i64(&q, 0);
    TRY(stmt_status(&q));
    for (size_t i = 0; i < count; i++)
        TRY(end_at_once(cx, ids[i]));
    return handover_take_back(cx, h->row);
}

/* ---- records ---- */
static enum status order_saved(struct ctx *cx, struct row *r)
{
    const char *number;

    if (row_before(r) || row_has(r, ORDER_NUMBER))
        return OK;
    TRY(document_number(cx, "order", setting_text(cx, "order.prefix"), &number));
    row_set_text(r, ORDER_NUMBER, number);
    return record_save(cx, r);
}

/* POST /orders/:id/invoice */
static enum status invoice_post(struct req *rq)
{
    struct row *r, *invoice;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &order_type, id, &r));
    TRY(bill_order(rq->cx, r, &invoice));
    return reply_done(rq, row_path(rq->cx, invoice), "Invoice %s is made.",
                      row_title(rq->cx, invoice));
}

/* POST /orders/:id/fulfil */
static enum status fulfil_post(struct req *rq)
{
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &order_type, id, &r));
    if (!text_is(row_text(r, ORDER_STATUS), "open"))
        return ctx_fail_code(rq->cx, E_CONFLICT, "order.not_open", "This order is %s already.",
                             text_is(row_text(r, ORDER_STATUS), "fulfilled") ? "delivered"
                                                                             : "cancelled");
    row_set_text(r, ORDER_STATUS, "fulfilled");
    TRY(record_save(rq->cx, r));
    return reply_done(rq, row_path(rq->cx, r), "Delivered: %s.", row_title(rq->cx, r));
}

static bool is_open(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, ORDER_STATUS), "open");
}

static bool is_not_cancelled(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !text_is(row_text(r, ORDER_STATUS), "cancelled");
}

const struct record_type order_type = {
    .name = "sales_order", /* "order" is a word of SQL */
    .label = "Order",
    .plural = "Orders",
    .path = "orders",
    .icon = "package",
    .section = "sales",
    .menu_order = 30,
    .sort = "-ordered_on",
    .rate_day = "ordered_on",
    .title = ORDER_NUMBER,
    .fields = fields,
    .field_count = ORDER_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "What customers bought. Winning a deal makes its order, from the quote that was "
             "accepted.",
    RELATED({ "order_line", "order_id", "Lines" }, { "invoice", "order_id", "Invoices" }),
    ACTIONS({ "fulfil", "Mark as delivered", NULL, true, is_open },
            { "invoice", "Make the invoice", NULL, false, is_not_cancelled }),
    .saved = order_saved,
};
const struct record_type order_line_type = {
    .name = "order_line",
    .label = "Order line",
    .plural = "Order lines",
    .path = "order-lines",
    .icon = "list",
    .sort = "position",
    .title = ORDER_LINE_NAME,
    .fields = line_fields,
    .field_count = ORDER_LINE_FIELDS,
    .empty = "What was ordered, line by line.",
};

static const struct route routes[] = {
    { HTTP_POST, "/orders/:id/invoice", invoice_post, NEEDS("invoice", VERB_CREATE) },
    { HTTP_POST, "/orders/:id/fulfil", fulfil_post, NEEDS("sales_order", VERB_UPDATE) },
};
static const struct setting settings[] = {
    { "order.prefix", FIELD_TEXT, "Order numbers begin with", "O: O-2026-0001.", "O",
      .group = "Sales" },
};
static const struct metric metrics[] = {
    { .name = "orders",
      .label = "Orders",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Orders of the period that were not cancelled.",
      .source = METRIC_RECORDS,
      .type = "sales_order",
      .filter = "status != 'cancelled'",
      .aggregate = AGG_COUNT,
      .date = "ordered_on",
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign",
      .owner_path = "owner_id" },
    { .name = "order_value",
      .label = "Order value",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Totals before tax of the period's orders that were not cancelled, in base "
                    "currency.",
      .source = METRIC_RECORDS,
      .type = "sales_order",
      .filter = "status != 'cancelled'",
      .aggregate = AGG_SUM,
      .field = "net",
      .date = "ordered_on",
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign",
      .owner_path = "owner_id" },
    { .name = "product_revenue",
      .label = "Product revenue",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Amounts before tax of the order lines made in the period, of orders that were "
                    "not cancelled, in base currency. Of what comes again, one period.",
      .source = METRIC_RECORDS,
      .type = "order_line",
      .filter = "order_id.status != 'cancelled'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .date = "created_at",
      .owner_path = "order_id.owner_id" },
    { .name = "product_revenue_target",
      .label = "Product revenue target",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "The quota of products: what the targets set for product revenue come to in "
                    "the period.",
      .source = METRIC_TARGET,
      .target_of = "product_revenue" },
};
static const struct subscription subscriptions[] = { { "deal.won", on_won },
                                                     { "deal.updated", on_deal_updated } };
const struct feature feature_order = {
    .name = "order",
    TYPES(&order_type, &order_line_type),
    ROUTES(routes),
    METRICS(metrics),
    SETTINGS(settings),
    SUBSCRIPTIONS(subscriptions),
};
