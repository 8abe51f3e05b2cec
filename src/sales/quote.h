/* quote.h -- an offer in writing: its lines, its versions, and what became of it.
 *
 * Life       draft -> (needs_approval -> approved) -> sent -> viewed -> accepted, declined or
 *            expired; superseded when a newer version of its number is sent. What was sent never
 *            changes: a new version is a copy. A change before that takes an approval back.
 * Money      price.h counts, everything else stores and shows. Totals are of what is chosen. */
#pragma once
#include "kit/kit.h"

enum quote_field {
    QUOTE_NUMBER, QUOTE_REVISION, QUOTE_TITLE, QUOTE_STATUS, QUOTE_DEAL, QUOTE_COMPANY,
    QUOTE_CONTACT, QUOTE_OWNER, QUOTE_CURRENCY, QUOTE_BOOK, QUOTE_TAX_INCLUDED, QUOTE_TAX_CHOSEN,
    QUOTE_TREATMENT, QUOTE_TAX_WHY, QUOTE_VALID,
    QUOTE_INTRO, QUOTE_TERMS, QUOTE_DISCOUNT_PERCENT, QUOTE_DISCOUNT_AMOUNT,
    QUOTE_SUBTOTAL, QUOTE_DISCOUNT, QUOTE_NET, QUOTE_TAX, QUOTE_TOTAL, QUOTE_MONTHLY, QUOTE_VALUE,
    QUOTE_COST, QUOTE_MARGIN, QUOTE_GIVEN,
    QUOTE_SENT_AT, QUOTE_OPENED_AT, QUOTE_SEEN_AT, QUOTE_OPENS, QUOTE_DECIDED_AT, QUOTE_SIGNED_BY,
    QUOTE_SIGNED_FROM, QUOTE_DECLINED, QUOTE_HASH, QUOTE_FILE_HASH, QUOTE_REPLACES, QUOTE_BUILDING,
    QUOTE_FIELDS
};
enum quote_line_field {
    LINE_QUOTE, LINE_POSITION, LINE_KIND, LINE_PRODUCT, LINE_NAME, LINE_DETAIL, LINE_QUANTITY,
    LINE_UNIT, LINE_PRICE, LINE_COST, LINE_DISCOUNT_PERCENT, LINE_DISCOUNT_AMOUNT, LINE_TAX,
    LINE_TAX_PERCENT, LINE_MONTHS, LINE_OPTIONAL, LINE_CHOSEN, LINE_AMOUNT, LINE_LIST,
    LINE_FIELDS
};
enum quote_comment_field {
    COMMENT_QUOTE, COMMENT_KIND, COMMENT_NAME, COMMENT_TEXT, COMMENT_FIELDS
};
extern const struct record_type quote_type, quote_line_type, quote_comment_type;

/* A copy of it as a draft: the next version of its number. E_CONFLICT: it was accepted, or there is
 * a draft of a newer version already. */
MUST_CHECK enum status quote_new_version(struct ctx *cx, const struct row *quote, struct row **out);
/* A draft goes to the customer, with or without approval: its versions before are superseded, the
 * deal gets its amount where it has none. */
MUST_CHECK enum status quote_mark_sent(struct ctx *cx, struct row *quote);
/* Where the customer reads it: "/q/TOKEN"; "" without a key. In arena. */
const char *quote_public_path(struct ctx *cx, const struct row *quote);
/* The customer opened it. Counts, notes it on the journey, tells the owner the first time. */
MUST_CHECK enum status quote_opened(struct ctx *cx, struct row *quote);
/* The customer signs it with these optional lines (ids; ascending or not): lines, totals, hash, the
 * sealed PDF, the deal's amount. E_CONFLICT "quote.closed": it is no longer open. */
MUST_CHECK enum status quote_accept(struct ctx *cx, struct row *quote, const i64 *chosen,
                                    size_t count, const char *name, const char *address);
MUST_CHECK enum status quote_decline(struct ctx *cx, struct row *quote, const char *name,
                                     const char *reason);
/* Files a rule asks for: whether sending needs somebody, and then asks them. *asked: how many. */
MUST_CHECK enum status quote_ask_approval(struct ctx *cx, struct row *quote, size_t *asked);
/* An approver's word on one of theirs. */
MUST_CHECK enum status approval_decide(struct ctx *cx, struct row *approval, bool approve,
                                       const char *comment);
