/* receivable.c -- what customers still owe: the page of open items by age and customer, and the
 * numbers of invoices and payments. */
#include "base/id.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/invoice.h"
#include "sales/subscription.h"
#include <stdlib.h>

enum { AGES = 5, CUSTOMERS_SHOWN = 200 };
static const struct {
    const char *text;
    i64 to; /* days over due, at most */
} ages[AGES] = { { "Not due", 0 },
                 { "1 to 30 days", 30 },
                 { "31 to 60", 60 },
                 { "61 to 90", 90 },
                 { "Over 90 days", INT64_MAX } };

struct customer {
    i64 company, contact, minor[AGES], all, late, oldest;
};
struct customers {
    struct customer *list;
    size_t count, cap;
    struct arena *arena;
    i64 today, minor[AGES], all;
};

static struct customer *customer_of(struct customers *all, i64 company, i64 contact)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].company == company && (company || all->list[i].contact == contact))
            return &all->list[i];
    if (all->count == all->cap) {
        size_t cap = all->cap ? 2 * all->cap : 64;
        struct customer *more = NEW_N(all->arena, struct customer, cap);
        if (all->count)
            memcpy(more, all->list, all->count * sizeof *more);
        all->list = more;
        all->cap = cap;
    }
    all->list[all->count] = (struct customer){ .company = company, .contact = contact };
    return &all->list[all->count++];
}

static enum status add_invoice(struct ctx *cx, struct row *r, void *arg)
{
    struct customers *all = arg;
    i64 minor = row_base_minor(r, INVOICE_BALANCE);
    i64 late = row_has(r, INVOICE_DUE) ? all->today - row_i64(r, INVOICE_DUE) : 0;
    struct customer *c = customer_of(all, row_i64(r, INVOICE_COMPANY), row_i64(r, INVOICE_CONTACT));
    int age = 0;

    (void)cx;
    if (minor < 0) /* a credit note that is not used yet lessens what is not due */
        late = 0;
    while (late > ages[age].to)
        age++;
    c->minor[age] += minor;
    c->all += minor;
    c->late += age > 0 ? minor : 0;
    c->oldest = late > c->oldest ? late : c->oldest;
    all->minor[age] += minor;
    all->all += minor;
    return OK;
}

static int by_late(const void *pa, const void *pb)
{
    const struct customer *a = pa, *b = pb;

    if (a->late != b->late)
        return a->late > b->late ? -1 : 1;
    if (a->all != b->all)
        return a->all > b->all ? -1 : 1;
    return (a->company > b->company) - (a->company < b->company);
}

static const char *amount(struct ctx *cx, i64 minor)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    return minor ? money_show(cx->arena, m) : "";
}

static enum status put_customer(struct ctx *cx, const struct customer *c, struct val *list)
{
    const struct record_type *t = type_find(cx, c->company ? "company" : "contact");
    i64 id = c->company ? c->company : c->contact;
    struct val *v = val_add_map(list), *cells = val_put_list(v, "cells");
    const char *title = "", *open;

    TRY(record_titles(cx, t, &id, 1, &title));
    open =
        arena_printf(cx->arena, "%s and balance != 0", customer_filter(cx, c->company, c->contact));
    val_put_text(v, "text", title);
    val_put_printf(v, "url", "/%s/%s", t->path, id_text(cx->arena, id));
    for (int i = 0; i < AGES; i++)
        val_put_text(val_add_map(cells), "text", amount(cx, c->minor[i]));
    val_put_text(v, "all", amount(cx, c->all));
    val_put_printf(v, "open_url", "/invoices?sort=due_on&filter=%s",
                   http_url_encode(cx->arena, open));
    val_put_text(v, "oldest",
                 c->oldest > 0 ? arena_printf(cx->arena, "%lld days", (long long)c->oldest) : "");
    return OK;
}

static enum status put_customers(struct ctx *cx, struct val *page)
{
    struct customers all = { .arena = cx->arena, .today = subscription_today(cx) };
    struct val *list = val_put_list(page, "customers"), *heads = val_put_list(page, "ages");

    TRY(list_each(cx, &invoice_type, "balance != 0", add_invoice, &all));
    if (all.count)
        qsort(all.list, all.count, sizeof *all.list, by_late);
    for (int i = 0; i < AGES; i++) {
        struct val *v = val_add_map(heads);
        val_put_text(v, "text", ages[i].text);
        val_put_text(v, "sum", amount(cx, all.minor[i]));
    }
    for (size_t i = 0; i < all.count && i < CUSTOMERS_SHOWN; i++)
        TRY(put_customer(cx, &all.list[i], list));
    val_put_bool(page, "any", all.count > 0);
    val_put_text(page, "all", amount(cx, all.all));
    val_put_text(
        page, "more",
        all.count > CUSTOMERS_SHOWN
            ? arena_printf(cx->arena, "%zu more customers owe less.", all.count - CUSTOMERS_SHOWN)
            : "");
    return OK;
}

/* The numbers on top, each leading to its own page. */
static enum status put_numbers(struct ctx *cx, struct val *page)
{
    static const char *const shown[] = { "receivables", "overdue_value", "dso",
                                         "average_days_to_pay", "payments_received" };
    struct question qs[countof(shown)];
    struct val *answers[countof(shown)], *list = val_put_list(page, "numbers");
    i64 from, to;

    TRY(period_read(cx, "last_90_days", &from, &to));
    for (size_t i = 0; i < countof(shown); i++)
        qs[i] = (struct question){ .metric = shown[i], .filter = "", .from_ms = from, .to_ms = to };
    TRY(question_ask_many(cx, qs, countof(shown), answers));
    for (size_t i = 0; i < countof(shown); i++) {
        struct val *v = val_add_map(list);
        val_put_text(v, "label", val_get_text(answers[i], "label"));
        val_put_text(v, "text",
                     val_is_null(val_get(answers[i], "value")) ? "\u2013"
                                                               : val_get_text(answers[i], "text"));
        val_put_printf(v, "url", "/insight/metrics/%s?period=last_90_days", shown[i]);
        val_put_text(v, "definition", val_get_text(answers[i], "definition"));
    }
    return OK;
}

/* GET /receivables */
static enum status receivables_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);

    val_put_text(page, "title", "Receivables");
    TRY(put_numbers(cx, page));
    TRY(put_customers(cx, page));
    val_put_bool(page, "may_bill", access_scope(cx->access, "invoice", VERB_CREATE) != SCOPE_NONE);
    return reply(rq, "receivable/page", page);
}

/* ---- numbers ---- */
#define NOT_VOID "status != 'void'"
#define OF_INVOICE                                                                            \
    .channel_path = "contact_id.first_channel", .campaign_path = "contact_id.first_campaign", \
    .owner_path = "owner_id"
static const struct metric metrics[] = {
    { .name = "invoiced",
      .label = "Invoiced",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Invoices of the period before tax, less credit notes, in base currency. Void "
                    "ones do not count.",
      .source = METRIC_RECORDS,
      .type = "invoice",
      .filter = NOT_VOID,
      .aggregate = AGG_SUM,
      .field = "net",
      .date = "issued_on",
      OF_INVOICE },
    { .name = "invoices",
      .label = "Invoices",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Invoices of the period that are not void, without credit notes.",
      .source = METRIC_RECORDS,
      .type = "invoice",
      .filter = NOT_VOID " and kind = 'invoice'",
      .aggregate = AGG_COUNT,
      .date = "issued_on",
      OF_INVOICE },
    { .name = "receivables",
      .label = "Receivables",
      .unit = UNIT_MONEY,
      .team = "sales",
      .less_is_better = true,
      .definition = "What of all invoices is still open, with tax, less credit notes that are not "
                    "used yet, in base currency.",
      .source = METRIC_RECORDS,
      .type = "invoice",
      .filter = NOT_VOID,
      .aggregate = AGG_SUM,
      .field = "balance",
      .time = AT_NOW,
      OF_INVOICE },
    { .name = "open_invoices",
      .label = "Open invoices",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Invoices of which something is to be paid still.",
      .source = METRIC_RECORDS,
      .type = "invoice",
      .filter = "kind = 'invoice' and status in ('open', 'part_paid', 'overdue')",
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      OF_INVOICE },
    { .name = "overdue_invoices",
      .label = "Overdue invoices",
      .unit = UNIT_COUNT,
      .team = "sales",
      .less_is_better = true,
      .definition = "Invoices that are not paid although their due date is past.",
      .source = METRIC_RECORDS,
      .type = "invoice",
      .filter = "status = 'overdue'",
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      OF_INVOICE },
    { .name = "overdue_value",
      .label = "Overdue",
      .unit = UNIT_MONEY,
      .team = "sales",
      .less_is_better = true,
      .definition = "What of overdue invoices is still open, with tax, in base currency.",
      .source = METRIC_RECORDS,
      .type = "invoice",
      .filter = "status = 'overdue'",
      .aggregate = AGG_SUM,
      .field = "balance",
      .time = AT_NOW,
      OF_INVOICE },
    { .name = "invoiced_90_days",
      .label = "Invoiced in 90 days",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Invoices of the 90 days until then with tax, less credit notes, in base "
                    "currency.",
      .source = METRIC_RECORDS,
      .type = "invoice",
      .filter = NOT_VOID " and issued_on > -90d and issued_on <= today",
      .aggregate = AGG_SUM,
      .field = "total",
      .time = AT_NOW,
      OF_INVOICE },
    { .name = "dso",
      .label = "Days sales outstanding",
      .unit = UNIT_DAYS,
      .team = "sales",
      .less_is_better = true,
      .definition = "DSO: receivables divided by what was invoiced in the 90 days until then, "
                    "times 90.",
      .source = METRIC_FORMULA,
      .formula = "receivables / invoiced_90_days * 90" },
    { .name = "average_days_to_pay",
      .label = "Days until paid",
      .unit = UNIT_DAYS,
      .team = "sales",
      .less_is_better = true,
      .definition = "Mean number of days from the date of an invoice until it was paid, of those "
                    "paid in the period.",
      .source = METRIC_RECORDS,
      .type = "invoice",
      .filter = "kind = 'invoice' and status = 'paid'",
      .aggregate = AGG_AVG,
      .field = "days_to_pay",
      .date = "paid_on",
      OF_INVOICE },
    { .name = "payments_received",
      .label = "Payments received",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Payments of the period, less what was paid back, in base currency.",
      .source = METRIC_RECORDS,
      .type = "payment",
      .aggregate = AGG_SUM,
      .field = "amount",
      .date = "received_on",
      OF_INVOICE },
    { .name = "payments_on_account",
      .label = "On account",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Payments that are not used for any invoice yet: overpaid, or in advance.",
      .source = METRIC_RECORDS,
      .type = "payment",
      .aggregate = AGG_SUM,
      .field = "left_over",
      .time = AT_NOW,
      OF_INVOICE },
};
static const struct route routes[] = {
    { HTTP_GET, "/receivables", receivables_get, NEEDS("invoice", VERB_READ) },
};
static const struct menu_item menu[] = {
    { "sales", "Receivables", "/receivables", "cash", "invoice", 35, NULL },
};
const struct feature feature_receivable = {
    .name = "receivable",
    ROUTES(routes),
    METRICS(metrics),
    MENU(menu),
};
