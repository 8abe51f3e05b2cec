/* billing.c -- invoices made from what was agreed: orders, and each period of a subscription as it
 * begins. What came due is gathered line by line, what was invoiced already is left out, the rest
 * becomes one invoice a customer and currency. A period that is invoiced twice is so by hand. */
#include "base/id.h"
#include "kit/pages.h"
#include "sales/invoice.h"
#include "sales/order.h"
#include "sales/product.h"
#include "sales/subscription.h"
#include "sales/tax.h"
#include <stdlib.h>

enum { ITEMS_MOST = 20000, PERIODS_MOST = 2000 };

struct item {
    i64 company, contact, owner, deal, order, subscription, product, tax, from, to;
    i64 minor;
    const char *currency, *name;
    const char *chosen; /* the tax treatment that was chosen for its order; "" none */
};
struct items {
    struct ctx *cx;
    struct item *list;
    size_t count, cap;
};

static enum status add_item(struct items *all, struct item it)
{
    struct arena *a = all->cx->arena;

    if (all->count == ITEMS_MOST)
        return ctx_fail_code(all->cx, E_LIMIT, "billing.too_many",
                             "More than %d lines came due. Take a shorter time.", ITEMS_MOST);
    if (all->count == all->cap) {
        size_t cap = all->cap ? 2 * all->cap : 64;
        struct item *more = NEW_N(a, struct item, cap);
        if (all->count)
            memcpy(more, all->list, all->count * sizeof *more);
        all->list = more;
        all->cap = cap;
    }
    it.currency = arena_text(a, it.currency);
    it.name = arena_text(a, it.name);
    it.chosen = arena_text(a, it.chosen);
    all->list[all->count++] = it;
    return OK;
}

/* ---- orders ---- */
static enum status take_orders(struct items *all, i64 from, i64 to, i64 order)
{
    scoped(stmt_close) struct stmt q = db_query(all->cx, "billing.order_lines", I64("from", from),
                                                I64("to", to), I64("order", order));

    while (stmt_next(&q))
        TRY(add_item(all, (struct item){ .order = col_i64(&q, 0),
                                         .company = col_i64(&q, 1),
                                         .contact = col_i64(&q, 2),
                                         .owner = col_i64(&q, 3),
                                         .deal = col_i64(&q, 4),
                                         .product = col_i64(&q, 5),
                                         .tax = col_null(&q, 6) ? -1 : col_i64(&q, 6),
                                         .minor = col_i64(&q, 7),
                                         .currency = col_text(&q, 8),
                                         .name = col_text(&q, 9),
                                         .chosen = col_text(&q, 10),
                                         .from = TIME_NONE }));
    return stmt_status(&q);
}

/* ---- subscriptions ---- */
struct phase {
    i64 from, minor, months;
    const char *currency;
};
struct billing_sub {
    struct item is;
    i64 started, ends;
    struct phase *phases;
    size_t count;
};

static const struct phase *phase_on(const struct billing_sub *s, i64 day)
{
    const struct phase *now = &s->phases[0];

    for (size_t i = 1; i < s->count && s->phases[i].from <= day; i++)
        now = &s->phases[i];
    return now;
}

/* "Team plan, 1 March to 31 May 2026" */
static const char *period_name(struct ctx *cx, const char *name, i64 from, i64 to)
{
    const struct zone *zone = kit_zone(cx);

    return arena_printf(cx->arena, "%s, %s to %s", name,
                        zone_format(cx->arena, zone, zone_instant(zone, from, 0), "d MMM yyyy"),
                        zone_format(cx->arena, zone, zone_instant(zone, to - 1, 0), "d MMM yyyy"));
}

/* Periods go by the months since the start, so that one begun on the 31st stays there. */
static enum status take_periods(struct items *all, const struct billing_sub *s, i64 from, i64 to)
{
    i64 day = s->started, months = 0, times;

    for (int i = 0; i < PERIODS_MOST && s->count > 0 && day < to; i++) {
        const struct phase *p = phase_on(s, day);
        i64 next = date_add_months(s->started, (int)(months += p->months));
        struct item it = s->is;
        if (s->ends != TIME_NONE && day >= s->ends)
            return OK;
        if (day >= from && p->minor != 0) {
            TRY(db_get_i64(all->cx, &times, "billing.invoiced_period",
                           I64("subscription", it.subscription), I64("from", day)));
            it.minor = p->minor;
            it.currency = p->currency;
            it.name = period_name(all->cx, it.name, day, next);
            it.from = day;
            it.to = next;
            if (times == 0)
                TRY(add_item(all, it));
        }
        day = next;
    }
    return OK;
}

struct sub_rows {
    struct billing_sub *list;
    size_t count, cap;
};

static struct billing_sub *sub_of(struct ctx *cx, struct sub_rows *all, struct stmt *q)
{
    i64 id = col_i64(q, 0);

    if (all->count && all->list[all->count - 1].is.subscription == id)
        return &all->list[all->count - 1];
    if (all->count == all->cap) {
        size_t cap = all->cap ? 2 * all->cap : 64;
        struct billing_sub *more = NEW_N(cx->arena, struct billing_sub, cap);
        if (all->count)
            memcpy(more, all->list, all->count * sizeof *more);
        all->list = more;
        all->cap = cap;
    }
    all->list[all->count] = (struct billing_sub){
        .is = { .subscription = id,
                .company = col_i64(q, 1),
                .contact = col_i64(q, 2),
                .owner = col_i64(q, 3),
                .deal = col_i64(q, 4),
                .name = arena_text(cx->arena, col_text(q, 5)),
                .product = col_i64(q, 12),
                .tax = col_null(q, 13) ? -1 : col_i64(q, 13),
                .chosen = col_null(q, 14) ? "" : arena_text(cx->arena, col_text(q, 14)),
                .from = TIME_NONE },
        .started = col_i64(q, 6),
        .ends = col_null(q, 7) ? TIME_NONE : col_i64(q, 7),
        .phases = NEW_N(cx->arena, struct phase, 8),
    };
    return &all->list[all->count++];
}

static enum status add_phase(struct ctx *cx, struct billing_sub *s, struct phase p)
{
    if (s->count > 0 && s->phases[s->count - 1].from == p.from) { /* the last of a day holds */
        s->phases[s->count - 1] = p;
        return OK;
    }
    if (s->count >= 8 && (s->count & (s->count - 1)) == 0) {
        struct phase *more = NEW_N(cx->arena, struct phase, 2 * s->count);
        memcpy(more, s->phases, s->count * sizeof *more);
        s->phases = more;
    }
    s->phases[s->count++] = p;
    return OK;
}

static enum status take_subscriptions(struct items *all, i64 from, i64 to)
{
    struct ctx *cx = all->cx;
    struct sub_rows subs = { 0 };

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "billing.subscriptions", I64("from", from), I64("to", to));
        while (stmt_next(&q)) {
            struct billing_sub *s = sub_of(cx, &subs, &q);
            TRY(add_phase(cx, s,
                          (struct phase){ col_i64(&q, 8), col_i64(&q, 9), col_i64(&q, 10),
                                          arena_text(cx->arena, col_text(&q, 11)) }));
        }
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < subs.count; i++)
        TRY(take_periods(all, &subs.list[i], from, to));
    return OK;
}

/* ---- tax ---- */
static enum status percent_of(struct ctx *cx, i64 rate_id, i64 *out)
{
    struct row *tax;

    TRY(record_get(cx, &tax_rate_type, rate_id, &tax));
    *out = row_i64(tax, TAX_PERCENT);
    return OK;
}

/* What was quoted, else the product's rate, else the default of our country; where that is not set,
 * of the customer's. */
static enum status find_tax(struct ctx *cx, struct item *it)
{
    const char *home = tax_home(cx), *country = home;
    struct row *product, *company;
    i64 id = 0;

    if (it->tax >= 0)
        return OK;
    it->tax = 0;
    if (it->product) {
        TRY(record_get_any(cx, &product_type, it->product, &product));
        id = row_i64(product, PRODUCT_TAX);
    }
    if (id == 0 && text_empty(home) && it->company) {
        TRY(record_get_named(cx, "company", it->company, &company));
        country = row_text(company, type_field(row_type(company), "country"));
    }
    if (id == 0)
        TRY(tax_default(cx, country, &id));
    return id ? percent_of(cx, id, &it->tax) : OK;
}

/* ---- invoices ---- */
static int by_customer(const void *pa, const void *pb)
{
    const struct item *a = pa, *b = pb;
    i64 left[] = { a->company, a->company ? 0 : a->contact },
        right[] = { b->company, b->company ? 0 : b->contact };
    int c;

    for (size_t i = 0; i < countof(left); i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    if ((c = strcmp(a->currency, b->currency)) != 0)
        return c;
    if ((c = strcmp(a->chosen, b->chosen)) != 0)
        return c;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    if (a->subscription != b->subscription)
        return a->subscription < b->subscription ? -1 : 1;
    return (a->from > b->from) - (a->from < b->from);
}

static bool same_invoice(const struct item *a, const struct item *b)
{
    return a->company == b->company && (a->company || a->contact == b->contact) &&
           text_is(a->currency, b->currency) && text_is(a->chosen, b->chosen);
}

static void set_ref(struct row *r, int field, i64 id)
{
    if (id)
        row_set_i64(r, field, id);
}

static struct money money_of(const struct item *it)
{
    struct money m = { .minor = it->minor };

    memcpy(m.currency, it->currency, strnlen(it->currency, 3));
    return m;
}

static enum status write_line(struct ctx *cx, const struct row *invoice, const struct item *it,
                              int position)
{
    struct row *l = row_new(cx, &invoice_line_type);

    row_set_i64(l, INVOICE_LINE_INVOICE, row_id(invoice));
    row_set_i64(l, INVOICE_LINE_POSITION, position);
    row_set_text(l, INVOICE_LINE_NAME, it->name);
    row_set_i64(l, INVOICE_LINE_QUANTITY, PRICE_SCALE);
    row_set_money(l, INVOICE_LINE_PRICE, money_of(it));
    row_set_i64(l, INVOICE_LINE_TAX, it->tax);
    set_ref(l, INVOICE_LINE_PRODUCT, it->product);
    set_ref(l, INVOICE_LINE_ORDER, it->order);
    set_ref(l, INVOICE_LINE_SUBSCRIPTION, it->subscription);
    if (it->from != TIME_NONE) {
        row_set_i64(l, INVOICE_LINE_FROM, it->from);
        row_set_i64(l, INVOICE_LINE_TO, it->to);
    }
    return record_save(cx, l);
}

/* The lines' sum is in the invoice before its lines are, so that it is told of with its amount. */
static enum status write_invoice(struct ctx *cx, const struct item *items, size_t count,
                                 i64 issued_on, struct row **out)
{
    struct price_quote q = { .lines = NEW_N(cx->arena, struct price_line, count),
                             .line_count = count };
    struct row *r = row_new(cx, &invoice_type);
    struct money m = money_of(&items[0]);
    bool one_deal = true, one_order = true;
    struct tax_decision tax;

    TRY(tax_of_buyer(cx, items[0].company, items[0].contact, items[0].chosen, &tax));
    for (size_t i = 0; i < count; i++) {
        q.lines[i] =
            (struct price_line){ .quantity = PRICE_SCALE,
                                 .unit = money_muldiv(items[i].minor, PRICE_SCALE, 1),
                                 .tax_rate = tax_is_free(tax.treatment) ? 0 : items[i].tax };
        one_deal = one_deal && items[i].deal == items[0].deal;
        one_order = one_order && items[i].order == items[0].order;
    }
    TRY(price_count(cx, &q));
    set_ref(r, INVOICE_COMPANY, items[0].company);
    set_ref(r, INVOICE_CONTACT, items[0].contact);
    set_ref(r, INVOICE_OWNER, items[0].owner);
    set_ref(r, INVOICE_DEAL, one_deal ? items[0].deal : 0);
    set_ref(r, INVOICE_ORDER, one_order ? items[0].order : 0);
    row_set_text(r, INVOICE_TREATMENT, tax.treatment);
    row_set_i64(r, INVOICE_ISSUED, issued_on);
    m.minor = q.all.base;
    row_set_money(r, INVOICE_NET, m);
    m.minor = q.all.tax;
    row_set_money(r, INVOICE_TAX, m);
    if (q.all.due < 0)
        row_set_text(r, INVOICE_KIND, "credit_note");
    TRY(record_save(cx, r));
    for (size_t i = 0; i < count; i++)
        TRY(write_line(cx, r, &items[i], 10 * (int)(i + 1)));
    if (out)
        return record_get(cx, &invoice_type, row_id(r), out);
    return OK;
}

static enum status show_invoice(struct ctx *cx, const struct item *items, size_t count,
                                struct val *list)
{
    const struct record_type *t = type_find(cx, items[0].company ? "company" : "contact");
    i64 id = items[0].company ? items[0].company : items[0].contact;
    struct val *v = val_add_map(list), *lines = val_put_list(v, "lines");
    struct money sum = money_of(&items[0]);
    const char *title = "";

    sum.minor = 0;
    if (id)
        TRY(record_titles(cx, t, &id, 1, &title));
    val_put_text(v, "text", title);
    val_put_printf(v, "url", "/%s/%s", t->path, id_text(cx->arena, id));
    for (size_t i = 0; i < count; i++) {
        struct val *l = val_add_map(lines);
        sum.minor += items[i].minor;
        val_put_text(l, "text", items[i].name);
        val_put_text(l, "amount", money_show(cx->arena, money_of(&items[i])));
    }
    val_put_text(v, "sum", money_show(cx->arena, sum));
    return OK;
}

static enum status make_invoices(struct items *all, i64 issued_on, struct val *preview,
                                 struct billed *out, struct row **last)
{
    struct ctx *cx = all->cx;
    struct val *list = preview ? val_put_list(preview, "invoices") : NULL;

    *out = (struct billed){ 0 };
    if (all->count)
        qsort(all->list, all->count, sizeof *all->list, by_customer);
    for (size_t i = 0, n; i < all->count; i += n) {
        for (n = 1; i + n < all->count && n < PRICE_LINES &&
                    same_invoice(&all->list[i], &all->list[i + n]);)
            n++;
        for (size_t k = i; k < i + n; k++)
            TRY(find_tax(cx, &all->list[k]));
        out->invoices++;
        out->lines += n;
        if (preview)
            TRY(show_invoice(cx, &all->list[i], n, list));
        else
            TRY(write_invoice(cx, &all->list[i], n, issued_on, last));
    }
    return OK;
}

enum status bill_period(struct ctx *cx, i64 from_day, i64 to_day, i64 issued_on,
                        struct val *preview, struct billed *out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct items all = { .cx = cx };

    (void)guard;
    TRY(take_orders(&all, from_day, to_day, 0));
    TRY(take_subscriptions(&all, from_day, to_day));
    return make_invoices(&all, issued_on, preview, out, NULL);
}

enum status bill_order(struct ctx *cx, const struct row *order, struct row **invoice)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct items all = { .cx = cx };
    struct billed billed;

    (void)guard;
    *invoice = NULL;
    TRY(take_orders(&all, INT64_MIN + 1, INT64_MAX, row_id(order)));
    if (all.count == 0)
        return ctx_fail_code(cx, E_CONFLICT, "order.invoiced",
                             "Nothing of %s is left to invoice: it was invoiced, or all of it is "
                             "subscriptions, which are invoiced by the period.",
                             row_title(cx, order));
    return make_invoices(&all, subscription_today(cx), NULL, &billed, invoice);
}

/* ---- the page ---- */
struct bill_asked {
    i64 from, to, issued;
    const char *month;
};

/* "2026-11"; "": the month that runs. */
static enum status read_month(struct req *rq, const char *text, struct bill_asked *out)
{
    struct ctx *cx = rq->cx;
    int year, month, day;

    if (text_empty(text)) {
        date_to_ymd(subscription_today(cx), &year, &month, &day);
        out->from = date_from_ymd(year, month, 1);
    } else if (strlen(text) != 7 ||
               !date_parse(str_from(arena_printf(cx->arena, "%s-01", text)), &out->from)) {
        return ctx_fail_code(cx, E_INVALID, "billing.month", "'%s' is no month: write 2026-11.",
                             text);
    }
    date_to_ymd(out->from, &year, &month, &day);
    out->to = date_add_months(out->from, 1);
    out->issued = subscription_today(cx);
    out->month = arena_printf(cx->arena, "%04d-%02d", year, month);
    return OK;
}

/* GET /invoices/bill?month=2026-11 */
static enum status bill_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct bill_asked a;
    struct billed billed;

    TRY(read_month(rq, req_query(rq, "month"), &a));
    TRY(bill_period(cx, a.from, a.to, a.issued, page, &billed));
    val_put_text(page, "title", "Invoice a month");
    val_put_text(page, "month", a.month);
    val_put_text(
        page, "month_text",
        zone_format(cx->arena, kit_zone(cx), zone_instant(kit_zone(cx), a.from, 0), "MMMM yyyy"));
    val_put_i64(page, "count", (i64)billed.invoices);
    val_put_i64(page, "line_count", (i64)billed.lines);
    val_put_bool(page, "one", billed.invoices == 1);
    val_put_bool(page, "one_line", billed.lines == 1);
    val_put_bool(page, "any", billed.invoices > 0);
    return reply(rq, "billing/page", page);
}

/* POST /invoices/bill {month} */
static enum status bill_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct bill_asked a;
    struct billed billed;

    TRY(read_month(rq, req_form(rq, "month"), &a));
    TRY(bill_period(cx, a.from, a.to, a.issued, NULL, &billed));
    if (billed.invoices == 0)
        return reply_done(rq, "/invoices", "Nothing was left to invoice for %s.", a.month);
    return reply_done(rq, "/invoices", "%zu invoice%s made, with %zu line%s.", billed.invoices,
                      billed.invoices == 1 ? "" : "s", billed.lines, billed.lines == 1 ? "" : "s");
}

static const struct route routes[] = {
    { HTTP_GET, "/invoices/bill", bill_get, NEEDS("invoice", VERB_CREATE) },
    { HTTP_POST, "/invoices/bill", bill_post, NEEDS("invoice", VERB_CREATE) },
};
const struct feature feature_billing = { .name = "billing", ROUTES(routes) };
