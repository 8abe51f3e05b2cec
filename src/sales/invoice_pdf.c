/* invoice_pdf.c -- an invoice or credit note as a PDF: the paper of quotes (io/paper.h), with taxes
 * by rate, what was paid, and what is to be paid until when. Made when it is asked for. */
#include "bridge/company.h"
#include "bridge/contact.h"
#include "kit/file.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/invoice.h"
#include "sales/paper_look.h"
#include "sales/product.h"
#include "sales/tax.h"

struct printing {
    struct ctx *cx;
    struct row *invoice;
    struct invoice_lines lines;
    struct price_quote sum; /* of the lines */
    struct val *paper;
    bool credit;
};

static const char *money_text(const struct printing *p, i64 minor)
{
    struct money m = row_money(p->invoice, INVOICE_TOTAL);

    m.minor = minor;
    return money_show(p->cx->arena, m);
}

static const char *day_text(struct ctx *cx, const struct row *r, int field)
{
    return row_has(r, field) ? zone_format(cx->arena, NULL, row_i64(r, field) * MS_DAY, "d MMMM y")
                             : "";
}

static const char *share_text(struct ctx *cx, i64 share)
{
    return arena_printf(cx->arena, "%s%%", show_trimmed(cx->arena, share, INVOICE_SHARE));
}

/* ---- from whom to whom ---- */
static enum status buyer_part(struct printing *p, int field, const struct record_type *t,
                              struct row **out)
{
    *out = NULL;
    if (!row_has(p->invoice, field))
        return OK;
    return record_get_any(p->cx, t, row_i64(p->invoice, field), out);
}

static enum status put_people(struct printing *p, const struct brand *brand)
{
    struct ctx *cx = p->cx;
    struct val *from = val_put_map(p->paper, "from"), *to = val_put_map(p->paper, "to");
    struct row *company, *contact;
    const char *city, *country;

    TRY(buyer_part(p, INVOICE_COMPANY, &company_type, &company));
    TRY(buyer_part(p, INVOICE_CONTACT, &contact_type, &contact));
    val_put_text(from, "name", brand->name);
    val_put_text(from, "address", brand->address);
    val_put_text(from, "website", brand->website);
    val_put_text(from, "vat_id", setting_text(cx, "tax.vat_id"));
    city = company ? row_text(company, COMPANY_CITY) : "";
    country = company ? row_text(company, COMPANY_COUNTRY) : "";
    val_put_text(to, "company", company ? row_text(company, COMPANY_NAME) : "");
    val_put_text(to, "contact", contact ? row_title(cx, contact) : "");
    val_put_printf(to, "place", "%s%s%s", city, text_empty(city) || text_empty(country) ? "" : ", ",
                   country);
    val_put_text(to, "vat_id", company ? row_text(company, COMPANY_VAT) : "");
    return OK;
}

/* ---- lines ---- */
static void put_lines(struct printing *p)
{
    struct ctx *cx = p->cx;
    struct val *list = val_put_list(p->paper, "lines");
    bool discounts = false, taxes = false;

    for (size_t i = 0; i < p->lines.count; i++) {
        const struct row *r = p->lines.rows[i];
        const struct price_line *l = &p->sum.lines[i];
        struct val *one = val_add_map(list);
        val_put_bool(val_put_map(one, "is"), "item", true);
        val_put_i64(one, "number", (i64)i + 1);
        val_put_text(one, "text", row_text(r, INVOICE_LINE_NAME));
        val_put_text(one, "detail", "");
        val_put_text(one, "quantity", show_trimmed(cx->arena, l->quantity, INVOICE_SHARE));
        val_put_text(one, "price", row_show(cx, r, INVOICE_LINE_PRICE));
        val_put_text(one, "discount",
                     l->discount_count ? share_text(cx, l->discounts[0].value) : "");
        val_put_text(one, "tax", share_text(cx, l->tax_rate));
        val_put_text(one, "amount", money_text(p, l->sum));
        val_put_text(one, "period", "");
        val_put_bool(one, "optional", false);
        val_put_bool(one, "left_out", false);
        discounts |= l->discount_count > 0;
        taxes |= l->tax_rate != 0;
    }
    val_put_bool(p->paper, "has_discounts", discounts);
    val_put_bool(p->paper, "has_taxes", taxes);
}

/* ---- totals ---- */
static void put_total(struct val *list, const char *label, const char *amount, bool strong)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "label", label);
    val_put_text(one, "amount", amount);
    val_put_bool(one, "strong", strong);
}

static void put_taxes(struct printing *p, struct val *list)
{
    struct ctx *cx = p->cx;

    for (size_t i = 0; i < p->sum.tax_count; i++)
        put_total(list,
                  arena_printf(cx->arena, "Tax %s on %s", share_text(cx, p->sum.taxes[i].rate),
                               money_text(p, p->sum.taxes[i].base)),
                  money_text(p, p->sum.taxes[i].tax), false);
    if (p->lines.count == 0) /* typed, not counted: its rates are not known */
        put_total(list, "Tax", row_show(cx, p->invoice, INVOICE_TAX), false);
}

static void put_totals(struct printing *p)
{
    struct ctx *cx = p->cx;
    const struct row *r = p->invoice;
    struct val *list = val_put_list(p->paper, "totals");
    i64 paid = row_money(r, INVOICE_PAID).minor;

    put_total(list, "Total before tax", row_show(cx, r, INVOICE_NET), false);
    put_taxes(p, list);
    put_total(list, "Total", row_show(cx, r, INVOICE_TOTAL), true);
    if (paid != 0)
        put_total(list, p->credit ? "Used" : "Paid", money_text(p, -paid), false);
    if (!row_bool(r, INVOICE_VOID))
        put_total(list, p->credit ? "Still in your favour" : "To be paid",
                  row_show(cx, r, INVOICE_BALANCE), paid != 0);
}

/* What is to be done, and what the settings want to be said on every one. */
static void put_terms(struct printing *p)
{
    struct ctx *cx = p->cx;
    const struct row *r = p->invoice;
    const char *terms = setting_text(cx, "invoice.terms"), *what = "";

    if (row_bool(r, INVOICE_VOID))
        what = "This document is void: nothing is to be paid.";
    else if (p->credit)
        what = "";
    else if (row_money(r, INVOICE_BALANCE).minor == 0 && row_has(r, INVOICE_PAID_ON))
        what = arena_printf(cx->arena, "Paid on %s. Thank you.", day_text(cx, r, INVOICE_PAID_ON));
    else if (row_money(r, INVOICE_BALANCE).minor > 0)
        what = arena_printf(cx->arena, "Please pay %s by %s, and name the number %s.",
                            row_show(cx, r, INVOICE_BALANCE), day_text(cx, r, INVOICE_DUE),
                            row_text(r, INVOICE_NUMBER));
    val_put_printf(p->paper, "terms", "%s%s%s", what,
                   text_empty(what) || text_empty(terms) ? "" : "\n", terms);
}

static enum status put_title(struct printing *p)
{
    struct row *of;

    val_put_text(p->paper, "title", "");
    if (!row_has(p->invoice, INVOICE_CREDITS))
        return OK;
    TRY(record_get_any(p->cx, &invoice_type, row_i64(p->invoice, INVOICE_CREDITS), &of));
    val_put_printf(p->paper, "title", "For invoice %s of %s", row_text(of, INVOICE_NUMBER),
                   day_text(p->cx, of, INVOICE_ISSUED));
    return OK;
}

static enum status make_paper(struct printing *p, const struct brand *brand)
{
    struct ctx *cx = p->cx;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct row *r = p->invoice;

    TRY(invoice_lines_read(cx, row_id(r), &p->lines));
    TRY(invoice_count(cx, p->invoice, &p->sum));
    val_put_text(p->paper, "number", row_text(r, INVOICE_NUMBER));
    val_put_text(p->paper, "version", "");
    val_put_text(p->paper, "date", day_text(cx, r, INVOICE_ISSUED));
    val_put_text(p->paper, "valid", p->credit ? "" : day_text(cx, r, INVOICE_DUE));
    val_put_text(p->paper, "intro", "");
    val_put_text(p->paper, "tax_note", tax_sentence(cx, row_text(r, INVOICE_TREATMENT), ""));
    val_put_null(p->paper, "signed");
    TRY(put_title(p));
    TRY(put_people(p, brand));
    put_lines(p);
    put_totals(p);
    put_terms(p);
    return OK;
}

/* GET /invoices/:id/pdf */
static enum status pdf_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct printing p = { .cx = cx, .paper = val_map(cx->arena) };
    struct paper_look look;
    struct brand brand;
    struct str pdf;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &invoice_type, id, &p.invoice));
    p.credit = text_is(row_text(p.invoice, INVOICE_KIND), "credit_note");
    TRY(brand_read(cx, 0, &brand));
    TRY(paper_look_read(cx, &brand, p.credit ? "Credit note" : "Invoice", &look));
    look.until = "Due";
    look.signs = false;
    TRY(make_paper(&p, &brand));
    TRY(paper_pdf(cx, p.paper, &look, &pdf));
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "inline; filename=\"%s.pdf\"",
                              file_clean_name(cx->arena, row_text(p.invoice, INVOICE_NUMBER))));
    reply_header(rq, "Cache-Control", "no-store, private");
    return reply_text(rq, 200, "application/pdf", pdf);
}

static const struct route routes[] = {
    { HTTP_GET, "/invoices/:id/pdf", pdf_get, NEEDS("invoice", VERB_READ),
      .summary = "The invoice or credit note as a PDF" },
};
static const struct setting settings[] = {
    { "invoice.terms", FIELD_LONG, "Stands at the end of invoices",
      "Bank account, terms of payment, what the law wants to be said.", "", .group = "Invoices" },
};
const struct feature feature_invoice_pdf = { .name = "invoice_pdf",
                                             ROUTES(routes),
                                             SETTINGS(settings) };
