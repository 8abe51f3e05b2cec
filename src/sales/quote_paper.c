/* quote_paper.c -- a quote as a document: one tree, whose texts are what the page, the customer's
 * page and the PDF say, so that they cannot differ. quote_int.h tells its shape. */
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/brand.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "kit/show.h"
#include "sales/product.h"
#include "sales/quote_int.h"
#include "sales/tax.h"
#include <sodium.h>

enum { LABEL_BYTES = 300 };

const char *quote_period_text(struct arena *a, i64 months)
{
    if (months == 0)
        return "";
    if (months == 1)
        return "a month";
    if (months == 12)
        return "a year";
    if (months % 12 == 0)
        return arena_printf(a, "every %d years", (int)(months / 12));
    return arena_printf(a, "every %d months", (int)months);
}

static const char *money_text(struct ctx *cx, const struct row *quote, i64 minor)
{
    return money_show(cx->arena, quote_money(quote, minor));
}

static const char *day_text(struct ctx *cx, i64 day)
{
    return zone_format(cx->arena, NULL, day * MS_DAY, "d MMMM y");
}

/* ---- who to whom ---- */
static enum status or_nobody(struct ctx *cx, enum status s, struct row **r)
{
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *r = NULL;
    return OK;
}

static enum status put_people(struct ctx *cx, const struct row *quote, struct val *paper)
{
    struct val *from = val_put_map(paper, "from"), *to = val_put_map(paper, "to");
    struct row *company = NULL, *contact = NULL;
    struct brand brand;

    TRY(brand_read(cx, 0, &brand));
    val_put_text(from, "name", brand.name);
    val_put_text(from, "address", brand.address);
    val_put_text(from, "website", brand.website);
    val_put_text(from, "vat_id", setting_text(cx, "tax.vat_id"));
    if (row_has(quote, QUOTE_COMPANY))
        TRY(or_nobody(cx, record_get(cx, &company_type, row_i64(quote, QUOTE_COMPANY), &company),
                      &company));
    if (row_has(quote, QUOTE_CONTACT))
        TRY(or_nobody(cx, record_get(cx, &contact_type, row_i64(quote, QUOTE_CONTACT), &contact),
                      &contact));
    val_put_text(to, "vat_id", company ? row_text(company, COMPANY_VAT) : "");
    val_put_text(to, "company", company ? row_text(company, COMPANY_NAME) : "");
    val_put_text(to, "contact", contact ? row_title(cx, contact) : "");
    const char *city = company ? row_text(company, COMPANY_CITY) : "",
               *country = company ? row_text(company, COMPANY_COUNTRY) : "";
    val_put_printf(to, "place", "%s%s%s", city, text_empty(city) || text_empty(country) ? "" : ", ",
                   country);
    return OK;
}

/* ---- lines ---- */
static const char *discount_text(struct ctx *cx, const struct row *r, int percent, int amount)
{
    const char *share = "", *money = "";

    if (row_has(r, percent) && row_i64(r, percent) != 0)
        share = arena_printf(cx->arena, "%s%%",
                             show_trimmed(cx->arena, row_i64(r, percent), QUOTE_DECIMALS));
    if (row_has(r, amount) && row_money(r, amount).minor != 0)
        money = money_show(cx->arena, row_money(r, amount));
    return arena_printf(cx->arena, "%s%s%s", share,
                        text_empty(share) || text_empty(money) ? "" : " and ", money);
}

static void put_item(struct ctx *cx, const struct row *quote, const struct row *r,
                     const struct price_line *l, int number, struct val *one)
{
    const char *quantity = show_trimmed(cx->arena, l->quantity, QUOTE_DECIMALS),
               *unit = row_text(r, LINE_UNIT);

    val_put_i64(one, "number", number);
    val_put_printf(one, "quantity", "%s%s%s", quantity, text_empty(unit) ? "" : " ", unit);
    val_put_text(one, "price", row_show(cx, r, LINE_PRICE));
    val_put_text(one, "discount",
                 discount_text(cx, r, LINE_DISCOUNT_PERCENT, LINE_DISCOUNT_AMOUNT));
    val_put_printf(one, "tax", "%s%%", show_trimmed(cx->arena, l->tax_rate, QUOTE_DECIMALS));
    val_put_text(one, "amount", money_text(cx, quote, l->sum));
    val_put_text(one, "period", quote_period_text(cx->arena, l->months));
    val_put_bool(one, "optional", row_bool(r, LINE_OPTIONAL));
    val_put_bool(one, "chosen", row_bool(r, LINE_OPTIONAL) && !l->left_out);
    val_put_bool(one, "left_out", l->left_out);
}

static void put_lines(struct ctx *cx, const struct row *quote, const struct quote_lines *lines,
                      const struct quote_sum *sum, struct val *paper)
{
    struct val *list = val_put_list(paper, "lines");
    bool discounts = false, optional = false, taxes = false;
    int number = 0;

    for (size_t i = 0; i < lines->count; i++) {
        const struct row *r = lines->rows[i];
        const struct price_line *line;
        bool item = sum->line_of[i] != SIZE_MAX;
        struct val *one = val_add_map(list);
        val_put_bool(val_put_map(one, "is"), item ? "item" : "section", true);
        val_put_text(one, "id", id_text(cx->arena, row_id(r)));
        val_put_text(one, "text", row_text(r, LINE_NAME));
        val_put_text(one, "detail", row_text(r, LINE_DETAIL));
        if (!item)
            continue;
        line = &sum->price.lines[sum->line_of[i]];
        put_item(cx, quote, r, line, ++number, one);
        discounts |= !text_empty(val_get_text(one, "discount"));
        optional |= row_bool(r, LINE_OPTIONAL);
        taxes |= line->tax_rate != 0;
    }
    val_put_bool(paper, "has_discounts", discounts);
    val_put_bool(paper, "has_optional", optional);
    val_put_bool(paper, "has_taxes", taxes);
    val_put_bool(paper, "any", val_count(list) > 0);
}

/* ---- totals ---- */
static void put_total(struct val *list, const char *label, const char *amount, bool strong)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "label", label);
    val_put_text(one, "amount", amount);
    val_put_bool(one, "strong", strong);
}

static void put_discounts(struct ctx *cx, const struct row *quote, const struct quote_sum *sum,
                          struct val *list)
{
    const struct price_quote *q = &sum->price;

    if (q->discount_count == 0)
        return;
    put_total(list, "Sum", money_text(cx, quote, q->all.sum), false);
    for (size_t i = 0; i < q->discount_count; i++) {
        const struct price_discount *d = &q->discounts[i];
        put_total(list,
                  d->is_amount ? "Discount"
                               : arena_printf(cx->arena, "Discount %s%%",
                                              show_trimmed(cx->arena, d->value, QUOTE_DECIMALS)),
                  money_text(cx, quote, -d->gives), false);
    }
}

/* One for each rate, whatever the periods. */
static void put_taxes(struct ctx *cx, const struct row *quote, const struct quote_sum *sum,
                      struct val *list)
{
    const struct price_quote *q = &sum->price;

    for (size_t i = 0; i < q->tax_count; i++) {
        i64 base = 0, tax = 0, rate = q->taxes[i].rate;
        bool seen = false;
        for (size_t k = 0; k < q->tax_count; k++) {
            seen |= k < i && q->taxes[k].rate == rate;
            base += q->taxes[k].rate == rate ? q->taxes[k].base : 0;
            tax += q->taxes[k].rate == rate ? q->taxes[k].tax : 0;
        }
        if (!seen)
            put_total(list,
                      arena_printf(cx->arena, "%s %s%% on %s",
                                   q->tax_included ? "Includes tax" : "Tax",
                                   show_trimmed(cx->arena, rate, QUOTE_DECIMALS),
                                   money_text(cx, quote, base)),
                      money_text(cx, quote, tax), false);
    }
}

static void put_periods(struct ctx *cx, const struct row *quote, const struct quote_sum *sum,
                        struct val *list)
{
    const struct price_quote *q = &sum->price;

    if (q->total_count < 2 && (q->total_count == 0 || q->totals[0].months == 0))
        return;
    for (size_t i = 0; i < q->total_count; i++) {
        const char *period = quote_period_text(cx->arena, q->totals[i].months);
        put_total(list,
                  text_empty(period) ? "of which once"
                                     : arena_printf(cx->arena, "of which %s", period),
                  money_text(cx, quote, q->totals[i].due), false);
    }
}

static void put_totals(struct ctx *cx, const struct row *quote, const struct quote_sum *sum,
                       struct val *paper)
{
    struct val *list = val_put_list(paper, "totals");
    const struct price_total *all = &sum->price.all;
    const char *due = money_text(cx, quote, all->due);
    bool taxes = tax_is_free(row_text(quote, QUOTE_TREATMENT)); /* then it is said that none is */

    for (size_t i = 0; i < sum->price.tax_count; i++)
        taxes |= sum->price.taxes[i].rate != 0;
    put_discounts(cx, quote, sum, list);
    if (!sum->price.tax_included && taxes) {
        put_total(list, "Total before tax", money_text(cx, quote, all->base), false);
        put_taxes(cx, quote, sum, list);
    }
    put_total(list, "Total", due, true);
    if (sum->price.tax_included && taxes) {
        put_taxes(cx, quote, sum, list);
        put_total(list, "Total before tax", money_text(cx, quote, all->base), false);
    }
    put_periods(cx, quote, sum, list);
    val_put_text(paper, "total", due);
}

/* ---- the whole ---- */
static void put_signature(struct ctx *cx, const struct row *quote, struct val *paper)
{
    struct val *v;

    if (!quote_status_is(quote, "accepted")) {
        val_put_null(paper, "signed");
        return;
    }
    v = val_put_map(paper, "signed");
    val_put_text(v, "name", row_text(quote, QUOTE_SIGNED_BY));
    val_put_text(v, "at", show_time_full(cx, row_i64(quote, QUOTE_DECIDED_AT)));
    val_put_text(v, "address", row_text(quote, QUOTE_SIGNED_FROM));
    val_put_text(v, "hash", row_text(quote, QUOTE_HASH));
}

enum status quote_paper(struct ctx *cx, const struct row *quote, const struct quote_lines *lines,
                        const struct quote_sum *sum, struct val *paper)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 version = row_i64(quote, QUOTE_REVISION),
        at = row_has(quote, QUOTE_SENT_AT) ? row_i64(quote, QUOTE_SENT_AT) : ctx_now(cx);

    val_put_text(paper, "number", row_text(quote, QUOTE_NUMBER));
    val_put_text(paper, "version",
                 version > 1 ? arena_printf(cx->arena, "Version %lld", (long long)version) : "");
    val_put_text(paper, "title", row_text(quote, QUOTE_TITLE));
    val_put_text(paper, "date", day_text(cx, zone_day(kit_zone(cx), at)));
    val_put_text(paper, "valid",
                 row_has(quote, QUOTE_VALID) ? day_text(cx, row_i64(quote, QUOTE_VALID)) : "");
    val_put_text(paper, "currency", row_text(quote, QUOTE_CURRENCY));
    TRY(put_people(cx, quote, paper));
    val_put_text(paper, "intro", row_text(quote, QUOTE_INTRO));
    val_put_text(paper, "terms", row_text(quote, QUOTE_TERMS));
    val_put_text(paper, "tax_note", tax_sentence(cx, row_text(quote, QUOTE_TREATMENT), ""));
    put_lines(cx, quote, lines, sum, paper);
    put_totals(cx, quote, sum, paper);
    put_signature(cx, quote, paper);
    return OK;
}

enum status quote_paper_read(struct ctx *cx, const struct row *quote, struct val **paper)
{
    struct quote_lines lines;
    struct quote_sum sum;

    *paper = val_map(cx->arena);
    TRY(quote_lines_read(cx, row_id(quote), &lines));
    TRY(quote_count(cx, quote, &lines, &sum));
    return quote_paper(cx, quote, &lines, &sum, *paper);
}

const char *quote_paper_hash(struct ctx *cx, const struct val *paper)
{
    struct val *what = val_map(cx->arena);
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *hex = arena_alloc(cx->arena, sizeof hash * 2 + 1, 1);
    const char *text;

    for (size_t i = 0; i < val_count(paper); i++)
        if (!text_is(val_key_at(paper, i), "signed"))
            val_put(what, val_key_at(paper, i), val_copy(cx->arena, val_value_at(paper, i)));
    text = json_text(cx->arena, what);
    crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    return sodium_bin2hex(hex, sizeof hash * 2 + 1, hash, sizeof hash);
}
