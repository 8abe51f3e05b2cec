/* quote_int.h -- what the files about quotes share. */
#pragma once
#include "kit/web.h"
#include "sales/price.h"
#include "sales/quote.h"

enum {
    QUOTE_DECIMALS = 4,   /* of quantities and shares */
    QUOTE_SHARE = 10000,  /* 100.00 percent, as margin and discount given are kept */
    BUILD_LINES = 100,    /* that the builder's form has room for */
};

/* ---- quote_count.c ---- */
struct quote_lines {
    struct row **rows; /* in order */
    size_t count;
};
struct quote_sum {
    struct price_quote price;
    size_t *line_of; /* of each row its place in price.lines; SIZE_MAX: a heading */
    i64 list;        /* what all lines that count would cost without any discount */
    bool cost_known;
};
/* As the system: totals are of all lines, whoever asks. */
MUST_CHECK enum status quote_lines_read(struct ctx *cx, i64 quote_id, struct quote_lines *out);
/* E_INVALID, E_LIMIT as price.h says. */
MUST_CHECK enum status quote_count(struct ctx *cx, const struct row *quote,
                                   const struct quote_lines *lines, struct quote_sum *out);
void quote_put_totals(struct row *quote, const struct quote_sum *sum);
/* The line's own amount, after its discounts. */
MUST_CHECK enum status quote_line_count(struct ctx *cx, const struct row *line, i64 *minor);
struct money quote_money(const struct row *quote, i64 minor);

/* ---- quote.c ---- */
bool quote_status_is(const struct row *quote, const char *status);
bool quote_is_open(const struct row *quote);   /* sent, and nobody has decided */
bool quote_is_frozen(const struct row *quote); /* sent once: never changes again */
bool quote_is_past(struct ctx *cx, const struct row *quote); /* its last day is over */
MUST_CHECK enum status quote_event(struct ctx *cx, const struct row *quote, const char *kind,
                                   const char *text, const char *by);
/* All versions of its number, the first first. */
MUST_CHECK enum status quote_versions(struct ctx *cx, const struct row *quote,
                                      struct quote_lines *out);
MUST_CHECK enum status quotes_of_deal(struct ctx *cx, i64 deal_id, struct quote_lines *out);
/* Runs as the one who asks, but may do everything: parts of one act that was permitted as a whole.
 * `own` is the caller's, and lives as long as the guard. */
struct access_guard quote_enter_trusted(struct ctx *cx, struct access *own);
/* How its buyer is taxed, as things are now; of a draft. */
MUST_CHECK enum status quote_decide_tax(struct ctx *cx, struct row *quote);
/* Product, price of the quote's book, tax, months: what a new line takes from its product. */
MUST_CHECK enum status quote_line_from_product(struct ctx *cx, const struct row *quote,
                                               struct row *line);

/* ---- quote_paper.c: the document as one tree, for page, public page and PDF alike ----
 *   number, version (""), title, date, valid, currency
 *   from      name, address, website, vat_id
 *   to        company, contact, place, vat_id
 *   intro, terms; tax_note: how the buyer is taxed, "" where nothing need be said
 *   lines []  is {section|item}; text, detail, quantity, price, discount, tax, amount, period,
 *             optional, chosen, left_out, id, number
 *   has_discounts, has_taxes
 *   totals [] label, amount, strong
 *   signed    null, or name, at, address, hash */
MUST_CHECK enum status quote_paper(struct ctx *cx, const struct row *quote,
                                   const struct quote_lines *lines, const struct quote_sum *sum,
                                   struct val *paper);
/* The lines and the sum of it, too. */
MUST_CHECK enum status quote_paper_read(struct ctx *cx, const struct row *quote,
                                        struct val **paper);
/* SHA-256 of what the paper says, without signature, as hexadecimal. */
const char *quote_paper_hash(struct ctx *cx, const struct val *paper);
const char *quote_period_text(struct arena *a, i64 months); /* "a month", "a year", "" once */

/* ---- quote_pdf.c ---- */
MUST_CHECK enum status quote_pdf_make(struct ctx *cx, const struct val *paper, struct str *out);
/* Kept for good; the quote's hash of the file is set, the caller saves it. */
MUST_CHECK enum status quote_pdf_seal(struct ctx *cx, struct row *quote, const struct val *paper);
MUST_CHECK enum status quote_pdf_reply(struct req *rq, const struct row *quote);

/* ---- quote_ledger.c ---- */
/* "ledger" []: when, who, what, text, amount, change, url, tone; "has_ledger". */
MUST_CHECK enum status quote_put_ledger(struct ctx *cx, const struct quote_lines *quotes,
                                        struct val *page);

/* ---- quote_approval.c ---- */
/* What is asked of whom goes back: the quote changed. */
MUST_CHECK enum status approvals_void(struct ctx *cx, i64 quote_id);
MUST_CHECK enum status approvals_put(struct ctx *cx, const struct row *quote, struct val *page);
/* Names of the rules that sending would meet; empty list: none. */
MUST_CHECK enum status approvals_needed(struct ctx *cx, const struct row *quote, struct val *list);

/* ---- quote_page.c ---- */
/* What its page shows beyond the fields: record.h's `detail`. */
MUST_CHECK enum status quote_detail(struct ctx *cx, const struct row *q, struct val *page);
