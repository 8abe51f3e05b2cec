/* paper.h -- a business document on A4 as PDF, for print: head with the sender's name or logo, to
 * whom, a table whose head is repeated on each page, totals, terms, signature, page numbers. Drawn
 * with cairo and Pango; letters are text with their fonts embedded. It asks nothing and counts
 * nothing: every text is in the tree.
 *
 * The tree   number, version, title, date, valid; from {name, address, website,
 *            vat_id}; to {company, contact, place, vat_id}; intro, tax_note, terms;
 *            has_discounts, has_taxes; lines [] is {section | item},
 *            text, detail, number, quantity, price, discount, tax, amount, period, optional,
 *            chosen, left_out; totals [] label, amount, strong; signed {name, at, address, hash}
 *            or null.
 * Threads    any: each call has surfaces and a font map of its own thread. */
#pragma once
#include "base/ctx.h"
#include "base/str.h"

struct paper_logo {
    struct str bytes; /* empty: the name is written */
    bool jpeg;        /* gray or of colours, of this size: it is put into the file as it is */
    int width, height;
};
struct paper_look {
    const char *accent, *ink, *muted, *line; /* "#rrggbb" */
    struct paper_logo logo;                  /* a PNG, or a JPEG */
    double logo_width;                       /* points; it is never higher than 60 */
    const char *kind;                        /* "Quote" */
    const char *until;                       /* what the day `valid` is: "Valid until" */
    bool signs;                              /* it is signed, or has a place for that */
    const char *made;                        /* ISO 8601: the file says when it was made */
};
/* *out is in cx's arena. The same tree and look give the same text. E_LIMIT: more than
 * LIMIT_PRINT_BYTES. E_IO: it cannot be drawn. */
MUST_CHECK enum status paper_pdf(struct ctx *cx, const struct val *paper,
                                 const struct paper_look *look, struct str *out);
