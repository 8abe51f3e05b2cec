/* quote.c -- quotes and their lines as records: what they hold, what must hold, and how a change of
 * a line becomes a change of the totals. What happens to a quote is in quote_life.c. */
#include "sales/quote.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/deal.h"
#include "sales/number.h"
#include "sales/product.h"
#include "sales/quote_int.h"
#include "sales/tax.h"

enum { VERSIONS_MOST = 100, OF_DEAL_MOST = 200 };

#define AMOUNT FIELD_MONEY
#define ANY_AMOUNT .min = -LIMIT_AMOUNT_MINOR, .max = LIMIT_AMOUNT_MINOR
static const struct field fields[] = {
    [QUOTE_NUMBER] = { "number", FIELD_TEXT, "Number", COMPUTED | SEARCHED | INDEXED,
                       .max_len = 40 },
    [QUOTE_REVISION] = { "revision", FIELD_INT, "Version", COMPUTED, .otherwise = "1" },
    [QUOTE_TITLE] = { "title", FIELD_TEXT, "Title", LISTED | SEARCHED, .max_len = 200,
                      .help = "What it is about. Empty: the deal's name." },
    [QUOTE_STATUS] = { "status", FIELD_CHOICE, "Status", COMPUTED | LISTED | INDEXED | TRACKED,
                       .otherwise = "draft",
                       .choices = CHOICES(
                           { "draft", "Draft", "gray" },
                           { "needs_approval", "Needs approval", "amber" },
                           { "approved", "Approved", "teal" }, { "sent", "Sent", "blue" },
                           { "viewed", "Viewed", "violet" }, { "accepted", "Accepted", "green" },
                           { "declined", "Declined", "red" }, { "expired", "Expired", "orange" },
                           { "superseded", "Replaced", "gray" }) },
    [QUOTE_DEAL] = { "deal_id", FIELD_REF, "Deal", 0, .ref = "deal" },
    [QUOTE_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company" },
    [QUOTE_CONTACT] = { "contact_id", FIELD_REF, "Contact", 0, .ref = "contact",
                        .help = "Who gets it, and whose journey it stands on." },
    [QUOTE_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                      .otherwise = "me" },
    [QUOTE_CURRENCY] = { "currency", FIELD_TEXT, "Currency", 0, .max_len = 3, .group = "Prices",
                         .help = "Empty: that of the price book, or of the deal." },
    [QUOTE_BOOK] = { "price_book_id", FIELD_REF, "Price book", 0, .ref = "price_book" },
    [QUOTE_TAX_INCLUDED] = { "tax_included", FIELD_BOOL, "Prices include tax", 0 },
    [QUOTE_TAX_CHOSEN] = { "tax_chosen", FIELD_CHOICE, "Tax treatment", TRACKED,
                           .choices = tax_treatments,
                           .help = "Empty: decided from the buyer's country and VAT id." },
    [QUOTE_TREATMENT] = { "tax_treatment", FIELD_CHOICE, "Taxed as", COMPUTED | TRACKED | INDEXED,
                          .choices = tax_treatments },
    [QUOTE_TAX_WHY] = { "tax_why", FIELD_TEXT, "Why it is taxed so", COMPUTED, .max_len = 400 },
    [QUOTE_VALID] = { "valid_until", FIELD_DATE, "Valid until", LISTED | INDEXED },
    [QUOTE_INTRO] = { "intro", FIELD_LONG, "Introduction", 0, .group = "Texts", .max_len = 8000 },
    [QUOTE_TERMS] = { "terms", FIELD_LONG, "Terms", 0, .max_len = 20000 },
    [QUOTE_DISCOUNT_PERCENT] = { "discount_percent", FIELD_DECIMAL, "Discount on all, percent", 0,
                                 .scale = QUOTE_DECIMALS, .min = 0, .max = PRICE_WHOLE,
                                 .group = "Discount on the total" },
    [QUOTE_DISCOUNT_AMOUNT] = { "discount_amount", AMOUNT, "Discount on all, amount", 0,
                                ANY_AMOUNT },
    [QUOTE_SUBTOTAL] = { "subtotal", AMOUNT, "Sum of the lines", COMPUTED, .group = "Comes to" },
    [QUOTE_DISCOUNT] = { "discount", AMOUNT, "Discount on the total", COMPUTED },
    [QUOTE_NET] = { "net", AMOUNT, "Total before tax", COMPUTED | INDEXED },
    [QUOTE_TAX] = { "tax", AMOUNT, "Tax", COMPUTED },
    [QUOTE_TOTAL] = { "total", AMOUNT, "Total", COMPUTED | LISTED | SUMMED | INDEXED },
    [QUOTE_MONTHLY] = { "monthly", AMOUNT, "Recurring, a month", COMPUTED,
                        .help = "What comes again and again, before tax, as if it were billed "
                                "monthly." },
    [QUOTE_VALUE] = { "value", AMOUNT, "Value of the first year", COMPUTED | INDEXED,
                      .help = "Before tax: what comes once, and twelve months of what comes again. "
                              "It is written to the deal as its amount." },
    [QUOTE_COST] = { "cost", AMOUNT, "Our cost", COMPUTED },
    [QUOTE_MARGIN] = { "margin", FIELD_DECIMAL, "Margin, percent", COMPUTED },
    [QUOTE_GIVEN] = { "discount_given", FIELD_DECIMAL, "Discount given, percent",
                      COMPUTED | TRACKED,
                      .help = "All discounts together and prices below the list, of what the lines "
                              "would cost by the list." },
    [QUOTE_SENT_AT] = { "sent_at", FIELD_TIME, "Sent", COMPUTED | INDEXED,
                        .group = "With the "
                                 "customer" },
    [QUOTE_OPENED_AT] = { "opened_at", FIELD_TIME, "First opened", COMPUTED },
    [QUOTE_SEEN_AT] = { "seen_at", FIELD_TIME, "Last opened", COMPUTED },
    [QUOTE_OPENS] = { "opens", FIELD_INT, "Times opened", COMPUTED },
    [QUOTE_DECIDED_AT] = { "decided_at", FIELD_TIME, "Decided", COMPUTED | INDEXED },
    [QUOTE_SIGNED_BY] = { "signed_by", FIELD_TEXT, "Decided by", COMPUTED, .max_len = 200 },
    [QUOTE_SIGNED_FROM] = { "signed_from", FIELD_TEXT, "From the address", COMPUTED,
                            .max_len = 64 },
    [QUOTE_DECLINED] = { "declined_because", FIELD_LONG, "Declined because", COMPUTED },
    [QUOTE_HASH] = { "document_hash", FIELD_TEXT, "SHA-256 of the document", COMPUTED,
                     .max_len = 64 },
    [QUOTE_FILE_HASH] = { "file_hash", FIELD_TEXT, "SHA-256 of the signed PDF", COMPUTED,
                          .max_len = 64 },
    [QUOTE_REPLACES] = { "replaces_id", FIELD_REF, "Replaces", COMPUTED, .ref = "quote" },
    [QUOTE_BUILDING] = { "building", FIELD_BOOL, "Being changed as a whole", INTERNAL },
};
_Static_assert(countof(fields) == QUOTE_FIELDS, "enum and table differ");

static const struct field line_fields[] = {
    [LINE_QUOTE] = { "quote_id", FIELD_REF, "Quote", REQUIRED | LISTED | CREATE_ONLY,
                     .ref = "quote" },
    [LINE_POSITION] = { "position", FIELD_INT, "Position", INDEXED, .min = 0, .max = 1000000,
                        .help = "Lines stand in this order. Empty: at the end." },
    [LINE_KIND] = { "kind", FIELD_CHOICE, "Kind", REQUIRED, .otherwise = "item",
                    .choices =
                        CHOICES({ "item", "Item", "gray" }, { "section", "Heading", "gray" }) },
    [LINE_PRODUCT] = { "product_id", FIELD_REF, "Product", LISTED, .ref = "product" },
    [LINE_NAME] = { "name", FIELD_TEXT, "Text", LISTED, .max_len = 300,
                    .help = "Empty: the product's name." },
    [LINE_DETAIL] = { "detail", FIELD_LONG, "Details", 0, .max_len = 8000 },
    [LINE_QUANTITY] = { "quantity", FIELD_DECIMAL, "Quantity", LISTED, .scale = QUOTE_DECIMALS,
                        .min = INT64_C(-10000000000000), .max = INT64_C(10000000000000) },
    [LINE_UNIT] = { "unit", FIELD_TEXT, "Unit", 0, .max_len = 30 },
    [LINE_PRICE] = { "unit_price", AMOUNT, "Price of one", LISTED, ANY_AMOUNT },
    [LINE_COST] = { "unit_cost", AMOUNT, "Cost of one", 0, ANY_AMOUNT },
    [LINE_DISCOUNT_PERCENT] = { "discount_percent", FIELD_DECIMAL, "Discount, percent", 0,
                                .scale = QUOTE_DECIMALS, .min = 0, .max = PRICE_WHOLE },
    [LINE_DISCOUNT_AMOUNT] = { "discount_amount", AMOUNT, "Discount, amount", 0, ANY_AMOUNT },
    [LINE_TAX] = { "tax_rate_id", FIELD_REF, "Tax", 0, .ref = "tax_rate" },
    [LINE_TAX_PERCENT] = { "tax_percent", FIELD_DECIMAL, "Tax, percent", COMPUTED,
                           .scale = QUOTE_DECIMALS },
    [LINE_MONTHS] = { "months", FIELD_INT, "Every so many months", 0, .min = 0, .max = PRICE_MONTHS,
                      .help = "0 or empty: once." },
    [LINE_OPTIONAL] = { "optional", FIELD_BOOL, "Optional", 0,
                        .help = "The customer may tick it; until then it counts nowhere." },
    [LINE_CHOSEN] = { "chosen", FIELD_BOOL, "Chosen", 0 },
    [LINE_AMOUNT] = { "amount", AMOUNT, "Amount", COMPUTED | LISTED },
    [LINE_LIST] = { "list_price", AMOUNT, "List price of one", COMPUTED,
                    .help =
                        "What the price book says, or the product. A lower price is a discount, "
                        "too." },
};
_Static_assert(countof(line_fields) == LINE_FIELDS, "enum and table differ");

/* ---- how it stands ---- */
bool quote_status_is(const struct row *q, const char *status)
{
    return text_is(row_text(q, QUOTE_STATUS), status);
}

bool quote_is_open(const struct row *q)
{
    return quote_status_is(q, "sent") || quote_status_is(q, "viewed");
}

static bool is_pending(const struct row *q)
{
    return quote_status_is(q, "needs_approval") || quote_status_is(q, "approved");
}

bool quote_is_frozen(const struct row *q)
{
    return row_has(q, QUOTE_STATUS) && !quote_status_is(q, "draft") && !is_pending(q);
}

bool quote_is_past(struct ctx *cx, const struct row *q)
{
    return row_has(q, QUOTE_VALID) && row_i64(q, QUOTE_VALID) < zone_day(kit_zone(cx), ctx_now(cx));
}

struct access_guard quote_enter_trusted(struct ctx *cx, struct access *own)
{
    struct access_guard guard = { .cx = cx, .before = cx->access };

    *own = *cx->access;
    own->system = true;
    cx->access = own;
    return guard;
}

static enum status rows_of(struct ctx *cx, const i64 *ids, size_t count, struct quote_lines *out)
{
    size_t kept = 0;

    out->rows = NEW_N(cx->arena, struct row *, count + 1);
    out->count = 0;
    if (count == 0)
        return OK;
    TRY(rows_by_id(cx, &quote_type, ids, count, out->rows));
    for (size_t i = 0; i < count; i++)
        if (out->rows[i])
            out->rows[kept++] = out->rows[i];
    out->count = kept;
    return OK;
}

enum status quote_versions(struct ctx *cx, const struct row *quote, struct quote_lines *out)
{
    i64 ids[VERSIONS_MOST];
    size_t n = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "quote.version_ids",
                     TEXT("number", utf8_fold(cx->arena, row_text(quote, QUOTE_NUMBER))),
                     I64("limit", VERSIONS_MOST));
        while (stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    return rows_of(cx, ids, n, out);
}

enum status quotes_of_deal(struct ctx *cx, i64 deal_id, struct quote_lines *out)
{
    i64 ids[OF_DEAL_MOST];
    size_t n = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "quote.of_deal", I64("deal", deal_id), I64("limit", OF_DEAL_MOST));
        while (stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    return rows_of(cx, ids, n, out);
}

/* ---- a quote ---- */
/* The deal's people, name and currency, unless others were said. */
static enum status take_from_deal(struct ctx *cx, struct row *r)
{
    static const int taken[][2] = { { QUOTE_CONTACT, DEAL_CONTACT },
                                    { QUOTE_COMPANY, DEAL_COMPANY } };
    struct row *deal;
    enum status s;

    if (!row_has(r, QUOTE_DEAL))
        return OK;
    s = record_get(cx, &deal_type, row_i64(r, QUOTE_DEAL), &deal);
    if (s == E_NOT_FOUND) { /* the check of the reference says so */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    for (size_t i = 0; i < countof(taken); i++)
        if (!row_has(r, taken[i][0]) && row_has(deal, taken[i][1]))
            row_set_i64(r, taken[i][0], row_i64(deal, taken[i][1]));
    if (!row_has(r, QUOTE_TITLE))
        row_set_text(r, QUOTE_TITLE, row_text(deal, DEAL_NAME));
    if (!row_has(r, QUOTE_CURRENCY) && !row_has(r, QUOTE_BOOK) && row_has(deal, DEAL_AMOUNT))
        row_set_text(r, QUOTE_CURRENCY, row_money(deal, DEAL_AMOUNT).currency);
    return OK;
}

/* The default book, where its currency is the quote's; from a book its currency and custom. */
static enum status take_from_book(struct ctx *cx, struct row *r)
{
    bool chosen = row_has(r, QUOTE_BOOK);
    struct row *book;
    enum status s;
    i64 id = row_i64(r, QUOTE_BOOK);

    if (!chosen)
        TRY(price_book_default(cx, &id));
    if (id == 0)
        return OK;
    s = record_get(cx, &price_book_type, id, &book);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (!row_has(r, QUOTE_CURRENCY))
        row_set_text(r, QUOTE_CURRENCY, row_text(book, BOOK_CURRENCY));
    if (chosen || !text_is(row_text(r, QUOTE_CURRENCY), row_text(book, BOOK_CURRENCY)))
        return OK;
    row_set_i64(r, QUOTE_BOOK, id);
    if (row_bool(book, BOOK_TAX_INCLUDED))
        row_set_i64(r, QUOTE_TAX_INCLUDED, 1);
    return OK;
}

static enum status quote_defaults(struct ctx *cx, struct row *r)
{
    i64 days = setting_i64(cx, "quote.valid_days");

    if (row_has(r, QUOTE_REPLACES)) /* a copy is as it was, with what it lacks */
        return OK;
    TRY(take_from_deal(cx, r));
    TRY(take_from_book(cx, r));
    if (!row_has(r, QUOTE_CURRENCY))
        row_set_text(r, QUOTE_CURRENCY, base_currency(cx));
    if (!row_has(r, QUOTE_VALID))
        row_set_i64(r, QUOTE_VALID, zone_day(kit_zone(cx), ctx_now(cx)) + days);
    if (!row_has(r, QUOTE_TERMS))
        row_set_text(r, QUOTE_TERMS, setting_text(cx, "quote.terms"));
    return OK;
}

static enum status check_currency(struct ctx *cx, struct row *r, const struct quote_lines *lines)
{
    char *code = arena_text(cx->arena, row_text(r, QUOTE_CURRENCY));
    struct row *book;

    for (char *p = code; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    if (!currency_known(code))
        return ctx_fail_field(cx, "currency", "money.currency",
                              "\"%s\" is no currency; use a code like EUR or USD", code);
    row_set_text(r, QUOTE_CURRENCY, code);
    if (row_before(r) && lines->count > 0 && row_changed(r, QUOTE_CURRENCY))
        return ctx_fail_field(cx, "currency", "quote.currency",
                              "The lines have prices in %s already. Make another quote for another "
                              "currency.",
                              row_text(row_before(r), QUOTE_CURRENCY));
    if (row_has(r, QUOTE_DISCOUNT_AMOUNT) &&
        !text_is(row_money(r, QUOTE_DISCOUNT_AMOUNT).currency, code))
        return ctx_fail_field(cx, "discount_amount", "quote.currency",
                              "This quote is in %s: give the discount in it, too.", code);
    if (!row_has(r, QUOTE_BOOK) || !row_changed(r, QUOTE_BOOK))
        return OK;
    TRY(record_get(cx, &price_book_type, row_i64(r, QUOTE_BOOK), &book));
    if (!text_is(row_text(book, BOOK_CURRENCY), code))
        return ctx_fail_field(cx, "price_book_id", "quote.currency",
                              "The prices of %s are in %s, this quote is in %s.",
                              row_text(book, BOOK_NAME), row_text(book, BOOK_CURRENCY), code);
    return OK;
}

/* Whether anything was changed that the offer says. Whose it is and to whom it belongs may change
 * when colleagues leave and customers are merged. */
static bool is_retyped(const struct row *r)
{
    for (int i = 0; i < QUOTE_FIELDS; i++)
        if (!(fields[i].flags & (COMPUTED | INTERNAL)) && fields[i].kind != FIELD_REF &&
            row_changed(r, i))
            return true;
    return row_changed(r, QUOTE_BOOK);
}

static enum status recount(struct ctx *cx, struct row *r, const struct quote_lines *lines)
{
    struct quote_sum sum;
    enum status s = quote_count(cx, r, lines, &sum);

    if (s == E_INVALID || s == E_LIMIT) { /* beside the field that one can mend it in */
        const char *code = cx->error_code, *why = cx->error_text;
        ctx_clear_error(cx);
        return ctx_fail_field(
            cx, row_has(r, QUOTE_DISCOUNT_AMOUNT) ? "discount_amount" : "discount_percent", code,
            "%s", why);
    }
    TRY(s);
    quote_put_totals(r, &sum);
    return OK;
}

enum status quote_decide_tax(struct ctx *cx, struct row *r)
{
    struct tax_decision tax;

    TRY(tax_of_buyer(cx, row_i64(r, QUOTE_COMPANY), row_i64(r, QUOTE_CONTACT),
                     row_text(r, QUOTE_TAX_CHOSEN), &tax));
    row_set_text(r, QUOTE_TREATMENT, tax.treatment);
    row_set_text(r, QUOTE_TAX_WHY, tax.why);
    return OK;
}

static enum status quote_validate(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);
    struct quote_lines lines = { 0 };

    if (before && quote_is_frozen(before)) {
        if (is_retyped(r))
            return ctx_fail_code(cx, E_CONFLICT, "quote.frozen",
                                 "This version was sent and stays as it is. Make a new version to "
                                 "change something.");
        if (!row_bool(r, QUOTE_BUILDING)) /* its totals are what was sent, or signed */
            return OK;
    }
    if (row_id(r) != 0 && before)
        TRY(quote_lines_read(cx, row_id(r), &lines));
    TRY(check_currency(cx, r, &lines));
    if (row_bool(r, QUOTE_BUILDING)) /* counted at the end of it */
        return OK;
    if (!before || !quote_is_frozen(before))
        TRY(quote_decide_tax(cx, r));
    TRY(recount(cx, r, &lines));
    if (before && is_pending(before) &&
        text_is(row_text(before, QUOTE_STATUS), row_text(r, QUOTE_STATUS)) &&
        (is_retyped(r) || row_changed(r, QUOTE_TOTAL) || row_changed(r, QUOTE_GIVEN) ||
         row_changed(r, QUOTE_COST)))
        row_set_text(r, QUOTE_STATUS, "draft");
    return OK;
}

static enum status draw_number(struct ctx *cx, struct row *r)
{
    const char *number;

    TRY(document_number(cx, "quote", setting_text(cx, "quote.prefix"), &number));
    row_set_text(r, QUOTE_NUMBER, number);
    return record_save(cx, r);
}

static enum status quote_saved(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);

    if (!before && !row_has(r, QUOTE_NUMBER))
        return draw_number(cx, r);
    if (before && is_pending(before) && quote_status_is(r, "draft"))
        return approvals_void(cx, row_id(r));
    return OK;
}

static enum status quote_removed(struct ctx *cx, struct row *r)
{
    if (quote_is_frozen(r))
        return ctx_fail_code(cx, E_CONFLICT, "quote.frozen",
                             "The customer has this quote. What was sent stays.");
    return OK;
}

static const char *quote_title(struct ctx *cx, const struct row *r)
{
    i64 version = row_i64(r, QUOTE_REVISION);

    if (!row_has(r, QUOTE_NUMBER))
        return row_text(r, QUOTE_TITLE);
    return version > 1
               ? arena_printf(cx->arena, "%s v%lld", row_text(r, QUOTE_NUMBER), (long long)version)
               : row_text(r, QUOTE_NUMBER);
}

/* ---- a line ---- */
static enum status quote_of(struct ctx *cx, const struct row *line, struct row **quote)
{
    enum status s = record_get(cx, &quote_type, row_i64(line, LINE_QUOTE), quote);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return ctx_fail_field(cx, "quote_id", "ref.missing",
                              "There is no such quote, or you may not see it. Choose another.");
    }
    return s;
}

enum status quote_line_from_product(struct ctx *cx, const struct row *quote, struct row *r)
{
    const char *currency = row_text(quote, QUOTE_CURRENCY), *parts;
    struct row *product;
    struct money m;
    enum status s;

    TRY(record_get(cx, &product_type, row_i64(r, LINE_PRODUCT), &product));
    if (!row_has(r, LINE_NAME))
        row_set_text(r, LINE_NAME, row_text(product, PRODUCT_NAME));
    if (!row_has(r, LINE_DETAIL)) {
        const char *detail = row_text(product, PRODUCT_DETAIL);
        TRY(product_parts_text(cx, product, &parts));
        row_set_text(r, LINE_DETAIL,
                     arena_printf(cx->arena, "%s%s%s", detail,
                                  text_empty(detail) || text_empty(parts) ? "" : "\n", parts));
    }
    if (!row_has(r, LINE_UNIT))
        row_set_text(r, LINE_UNIT, row_text(product, PRODUCT_UNIT));
    if (!row_has(r, LINE_MONTHS) && row_has(product, PRODUCT_MONTHS))
        row_set_i64(r, LINE_MONTHS, row_i64(product, PRODUCT_MONTHS));
    if (!row_has(r, LINE_TAX) && row_has(product, PRODUCT_TAX))
        row_set_i64(r, LINE_TAX, row_i64(product, PRODUCT_TAX));
    if (!row_has(r, LINE_PRICE)) {
        s = product_price(cx, product, row_i64(quote, QUOTE_BOOK), currency,
                          row_i64(r, LINE_QUANTITY), &m);
        if (s == OK)
            row_set_money(r, LINE_PRICE, m);
        else if (s != E_NOT_FOUND)
            return s;
    }
    ctx_clear_error(cx);
    if (row_has(r, LINE_COST))
        return OK;
    s = product_cost(cx, product, currency, &m);
    if (s == OK)
        row_set_money(r, LINE_COST, m);
    else if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s == E_NOT_FOUND ? OK : s;
}

static enum status line_defaults(struct ctx *cx, struct row *r)
{
    struct row *quote;
    i64 id;

    if (!row_has(r, LINE_QUOTE))
        return OK;
    if (quote_of(cx, r, &quote) != OK) { /* said by the check of the reference */
        ctx_clear_error(cx);
        return OK;
    }
    if (!row_has(r, LINE_POSITION)) {
        TRY(db_get_i64(cx, &id, "quote.next_position", I64("quote", row_id(quote))));
        row_set_i64(r, LINE_POSITION, id);
    }
    if (text_is(row_text(r, LINE_KIND), "section"))
        return OK;
    if (!row_has(r, LINE_QUANTITY))
        row_set_i64(r, LINE_QUANTITY, PRICE_SCALE);
    if (row_has(r, LINE_PRODUCT) && !quote_is_frozen(quote) &&
        quote_line_from_product(cx, quote, r) == E_NOT_FOUND)
        ctx_clear_error(cx);                                  /* said likewise */
    if (row_has(r, LINE_TAX) || row_has(r, LINE_TAX_PERCENT)) /* 0 percent: none is meant */
        return OK;
    TRY(tax_default(cx, tax_home(cx), &id));
    if (id)
        row_set_i64(r, LINE_TAX, id);
    return OK;
}

static enum status line_currency(struct ctx *cx, const struct row *quote, const struct row *r)
{
    static const int amounts[] = { LINE_PRICE, LINE_COST, LINE_DISCOUNT_AMOUNT };

    for (size_t i = 0; i < countof(amounts); i++)
        if (row_has(r, amounts[i]) &&
            !text_is(row_money(r, amounts[i]).currency, row_text(quote, QUOTE_CURRENCY)))
            (void)!ctx_fail_field(cx, line_fields[amounts[i]].name, "quote.currency",
                                  "This quote is in %s: give the amount in it, too.",
                                  row_text(quote, QUOTE_CURRENCY));
    return cx->field_errors ? E_INVALID : OK;
}

/* The percentage of its rate, as it is now: another rate later changes nothing here. */
static enum status line_tax(struct ctx *cx, struct row *r)
{
    struct row *tax;

    if (!row_has(r, LINE_TAX)) {
        row_set_i64(r, LINE_TAX_PERCENT, 0);
        return OK;
    }
    if (row_before(r) && !row_changed(r, LINE_TAX) && row_has(r, LINE_TAX_PERCENT))
        return OK;
    if (!row_before(r) && row_has(r, LINE_TAX_PERCENT))
        return OK; /* a copy for a new version */
    TRY(record_get(cx, &tax_rate_type, row_i64(r, LINE_TAX), &tax));
    row_set_i64(r, LINE_TAX_PERCENT, row_i64(tax, TAX_PERCENT));
    return OK;
}

/* What is conceded is measured by the list, whatever price is typed. A copy for a new version keeps
 * the list of its time. */
static enum status line_list(struct ctx *cx, const struct row *quote, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *product;
    struct money m;
    enum status s;

    if (!row_before(r) && row_has(r, LINE_LIST))
        return OK;
    row_clear(r, LINE_LIST);
    if (!row_has(r, LINE_PRODUCT))
        return OK;
    s = record_get(cx, &product_type, row_i64(r, LINE_PRODUCT), &product);
    if (s == OK)
        s = product_price(cx, product, row_i64(quote, QUOTE_BOOK), row_text(quote, QUOTE_CURRENCY),
                          row_i64(r, LINE_QUANTITY), &m);
    if (s == OK)
        row_set_money(r, LINE_LIST, m);
    else if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s == E_NOT_FOUND ? OK : s;
}

static enum status line_item(struct ctx *cx, const struct row *quote, struct row *r)
{
    enum status s;
    i64 minor;

    if (!row_has(r, LINE_PRICE))
        return ctx_fail_field(cx, "unit_price", "required",
                              row_has(r, LINE_PRODUCT)
                                  ? "This product has no price in the quote's currency. Type one."
                                  : "Type a price, or 0.");
    TRY(line_currency(cx, quote, r));
    TRY(line_tax(cx, r));
    TRY(line_list(cx, quote, r));
    s = quote_line_count(cx, r, &minor);
    if (s == E_INVALID) {
        const char *code = cx->error_code;
        bool discount = text_is(code, "price.discount");
        ctx_clear_error(cx);
        return ctx_fail_field(cx,
                              !discount                          ? "quantity"
                              : row_has(r, LINE_DISCOUNT_AMOUNT) ? "discount_amount"
                                                                 : "discount_percent",
                              code, "%s",
                              discount ? "This takes off more than there is, or less than nothing."
                                       : "Quantity and price come to more than can be counted.");
    }
    TRY(s);
    row_set_money(r, LINE_AMOUNT, quote_money(quote, minor));
    return OK;
}

static enum status line_validate(struct ctx *cx, struct row *r)
{
    static const int of_items[] = { LINE_PRODUCT,         LINE_QUANTITY, LINE_UNIT,
                                    LINE_PRICE,           LINE_COST,     LINE_DISCOUNT_PERCENT,
                                    LINE_DISCOUNT_AMOUNT, LINE_TAX,      LINE_TAX_PERCENT,
                                    LINE_MONTHS,          LINE_AMOUNT,   LINE_LIST };
    struct row *quote;

    TRY(quote_of(cx, r, &quote));
    if (quote_is_frozen(quote) && !row_bool(quote, QUOTE_BUILDING))
        return ctx_fail_code(cx, E_CONFLICT, "quote.frozen",
                             "This version was sent and stays as it is. Make a new version to "
                             "change something.");
    if (!row_has(r, LINE_NAME))
        return ctx_fail_field(cx, "name", "required", "Write what it is.");
    if (row_has(r, LINE_MONTHS) && row_i64(r, LINE_MONTHS) == 0)
        row_clear(r, LINE_MONTHS);
    if (!text_is(row_text(r, LINE_KIND), "section"))
        return line_item(cx, quote, r);
    for (size_t i = 0; i < countof(of_items); i++)
        row_clear(r, of_items[i]);
    row_set_i64(r, LINE_OPTIONAL, 0);
    row_set_i64(r, LINE_CHOSEN, 0);
    return OK;
}

/* The quote's totals follow; who may change its lines may change it. */
static enum status line_saved(struct ctx *cx, struct row *r)
{
    struct row *quote;

    TRY(record_get(cx, &quote_type, row_i64(r, LINE_QUOTE), &quote));
    if (row_bool(quote, QUOTE_BUILDING))
        return OK;
    if (is_pending(quote))
        row_set_text(quote, QUOTE_STATUS, "draft");
    return record_save(cx, quote);
}

static enum status line_removed(struct ctx *cx, struct row *r)
{
    struct row *quote;
    enum status s = record_get(cx, &quote_type, row_i64(r, LINE_QUOTE), &quote);

    if (s == E_NOT_FOUND) { /* its quote went first */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (quote_is_frozen(quote))
        return ctx_fail_code(cx, E_CONFLICT, "quote.frozen",
                             "This version was sent and stays as it is.");
    return line_saved(cx, r);
}

static bool is_draft(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !quote_is_frozen(r);
}

static bool is_empty(struct ctx *cx, const struct row *r)
{
    return is_draft(cx, r) && row_money(r, QUOTE_SUBTOTAL).minor == 0;
}

static bool is_filled(struct ctx *cx, const struct row *r)
{
    return is_draft(cx, r) && !is_empty(cx, r);
}

static bool can_be_sent(struct ctx *cx, const struct row *r)
{
    return is_filled(cx, r) && !quote_status_is(r, "needs_approval");
}

static bool can_be_revised(struct ctx *cx, const struct row *r)
{
    return !is_draft(cx, r) && !quote_status_is(r, "accepted") && !quote_status_is(r, "superseded");
}

const struct record_type quote_type = {
    .name = "quote",
    .label = "Quote",
    .plural = "Quotes",
    .path = "quotes",
    .icon = "file-text",
    .section = "sales",
    .menu_order = 5,
    .sort = "-created_at",
    .rate_day = "sent_at",
    .title = QUOTE_NUMBER,
    .title_of = quote_title,
    .fields = fields,
    .field_count = QUOTE_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "An offer in writing: put together from products, approved where a rule asks for it, "
             "opened, discussed and signed by the customer on a page of their own.",
    ACTIONS({ "build", "Edit lines", "/quotes/:id/build", true, is_empty },
            { "send", "Send", "/quotes/:id/send", true, can_be_sent },
            { "build", "Edit lines", "/quotes/:id/build", false, is_filled },
            { "revise", "New version", NULL, true, can_be_revised }),
    .defaults = quote_defaults,
    .validate = quote_validate,
    .saved = quote_saved,
    .removed = quote_removed,
    .detail = quote_detail,
    .detail_template = "quote/detail",
};
const struct record_type quote_line_type = {
    .name = "quote_line",
    .label = "Quote line",
    .plural = "Quote lines",
    .path = "quote-lines",
    .icon = "list",
    .sort = "created_at",
    .title = LINE_NAME,
    .fields = line_fields,
    .field_count = LINE_FIELDS,
    .empty = "The lines of all quotes. A quote's own page has its builder.",
    .defaults = line_defaults,
    .validate = line_validate,
    .saved = line_saved,
    .removed = line_removed,
};

static const struct setting settings[] = {
    { "quote.prefix", FIELD_TEXT, "Quote numbers begin with", "Q: Q-2026-0001.", "Q",
      .group = "Quotes" },
    { "quote.valid_days", FIELD_INT, "A new quote is valid for so many days", NULL, "30",
      .group = "Quotes" },
    { "quote.terms", FIELD_LONG, "Terms of new quotes", "Payment, delivery, what else holds.", "",
      .group = "Quotes" },
};

#define OF_QUOTES \
    .source = METRIC_RECORDS, .type = "quote", .team = "sales", .owner_path = "owner_id"
static const struct metric metrics[] = {
    { .name = "quotes_sent",
      .label = "Quotes sent",
      .unit = UNIT_COUNT,
      .definition = "Versions of quotes that were sent in the period.",
      OF_QUOTES,
      .aggregate = AGG_COUNT,
      .filter = "sent_at is not empty",
      .date = "sent_at" },
    { .name = "quoted_value",
      .label = "Quoted value",
      .unit = UNIT_MONEY,
      .definition = "Sum of the first year's value of the quotes sent in the period, in base "
                    "currency; replaced versions do not count.",
      OF_QUOTES,
      .aggregate = AGG_SUM,
      .field = "value",
      .filter = "sent_at is not empty and status != 'superseded'",
      .date = "sent_at" },
    { .name = "quotes_accepted",
      .label = "Quotes accepted",
      .unit = UNIT_COUNT,
      .definition = "Quotes that a customer signed in the period.",
      OF_QUOTES,
      .aggregate = AGG_COUNT,
      .filter = "status = 'accepted'",
      .date = "decided_at" },
    { .name = "quotes_declined",
      .label = "Quotes declined",
      .unit = UNIT_COUNT,
      .less_is_better = true,
      .definition = "Quotes that a customer declined in the period.",
      OF_QUOTES,
      .aggregate = AGG_COUNT,
      .filter = "status = 'declined'",
      .date = "decided_at" },
    { .name = "quote_acceptance",
      .label = "Acceptance of quotes",
      .unit = UNIT_RATIO,
      .team = "sales",
      .definition = "Of the quotes that were decided in the period, the share that was accepted.",
      .source = METRIC_FORMULA,
      .formula = "quotes_accepted / (quotes_accepted + quotes_declined)" },
};

const struct feature feature_quote = {
    .name = "quote",
    TYPES(&quote_type, &quote_line_type),
    METRICS(metrics),
    SETTINGS(settings),
};
