/* product.c -- what is sold and for how much. A bundle is a product with parts; a price book has
 * prices in its currency, by quantity where there are several of one product. */
#include "sales/product.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "sales/price.h"
#include <string.h>

enum { DECIMALS = 4, PARTS_MOST = 50, PARTS_BYTES = 8000 };

static const struct field product_fields[] = {
    [PRODUCT_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 200 },
    [PRODUCT_SKU] = { "sku", FIELD_TEXT, "Code", LISTED | SEARCHED | UNIQUE, .max_len = 60,
                      .help = "Article number or SKU, as on invoices." },
    [PRODUCT_DETAIL] = { "detail", FIELD_LONG, "Description", 0,
                         .help = "Stands below the name on quotes." },
    [PRODUCT_CATEGORY] = { "category", FIELD_TEXT, "Category", LISTED | INDEXED, .max_len = 80 },
    [PRODUCT_KIND] = { "kind", FIELD_CHOICE, "Billed", REQUIRED | LISTED, .otherwise = "one_time",
                       .choices = CHOICES({ "one_time", "Once", "gray" },
                                          { "recurring", "Again and again", "blue" }) },
    [PRODUCT_MONTHS] = { "months", FIELD_INT, "Every so many months", LISTED, .min = 1,
                         .max = PRICE_MONTHS,
                         .help = "Of what is billed again and again: 1 monthly, 12 yearly." },
    [PRODUCT_PRICE] = { "price", FIELD_MONEY, "Price of one", LISTED, .min = -LIMIT_AMOUNT_MINOR,
                        .max = LIMIT_AMOUNT_MINOR, .group = "Money",
                        .help = "Where no price book says otherwise. A bundle without one costs "
                                "what its parts do." },
    [PRODUCT_COST] = { "cost", FIELD_MONEY, "Cost of one", 0, .min = -LIMIT_AMOUNT_MINOR,
                       .max = LIMIT_AMOUNT_MINOR,
                       .help = "What it costs us: margins come from it." },
    [PRODUCT_UNIT] = { "unit", FIELD_TEXT, "Unit", 0, .max_len = 30,
                       .help = "\"hour\", \"piece\": stands behind the quantity." },
    [PRODUCT_TAX] = { "tax_rate_id", FIELD_REF, "Tax", 0, .ref = "tax_rate",
                      .help = "Empty: the default rate." },
    [PRODUCT_ACTIVE] = { "active", FIELD_BOOL, "Can be offered", LISTED, .otherwise = "true" },
};
_Static_assert(countof(product_fields) == PRODUCT_FIELDS, "enum and table differ");

static const struct field part_fields[] = {
    [PART_BUNDLE] = { "bundle_id", FIELD_REF, "Bundle", REQUIRED | LISTED | CREATE_ONLY,
                      .ref = "product" },
    [PART_PRODUCT] = { "product_id", FIELD_REF, "Product", REQUIRED | LISTED, .ref = "product" },
    [PART_QUANTITY] = { "quantity", FIELD_DECIMAL, "Quantity", REQUIRED | LISTED, .scale = DECIMALS,
                        .min = 1, .max = INT64_C(10000000000), .otherwise = "1" },
};
_Static_assert(countof(part_fields) == PART_FIELDS, "enum and table differ");

static const struct field tax_fields[] = {
    [TAX_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | UNIQUE, .max_len = 80 },
    [TAX_PERCENT] = { "percent", FIELD_DECIMAL, "Percent", REQUIRED | LISTED, .scale = DECIMALS,
                      .min = 0, .max = PRICE_WHOLE, .otherwise = "0" },
    [TAX_COUNTRY] = { "country", FIELD_TEXT, "Country", LISTED, .max_len = 80,
                      .help = "Empty: wherever no other rate is the country's own." },
    [TAX_DEFAULT] = { "is_default", FIELD_BOOL, "Used when nothing else is said", LISTED },
};
_Static_assert(countof(tax_fields) == TAX_FIELDS, "enum and table differ");

static const struct field book_fields[] = {
    [BOOK_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | UNIQUE, .max_len = 100 },
    [BOOK_CURRENCY] = { "currency", FIELD_TEXT, "Currency", REQUIRED | LISTED, .max_len = 3,
                        .help = "A code like EUR. All its prices are in it." },
    [BOOK_DEFAULT] = { "is_default", FIELD_BOOL, "Used for new quotes", LISTED },
    [BOOK_FROM] = { "valid_from", FIELD_DATE, "Holds from", LISTED },
    [BOOK_UNTIL] = { "valid_until", FIELD_DATE, "Holds until", LISTED },
    [BOOK_TAX_INCLUDED] = { "tax_included", FIELD_BOOL, "Prices include tax", 0 },
};
_Static_assert(countof(book_fields) == BOOK_FIELDS, "enum and table differ");

static const struct field entry_fields[] = {
    [ENTRY_BOOK] = { "book_id", FIELD_REF, "Price book", REQUIRED | LISTED, .ref = "price_book" },
    [ENTRY_PRODUCT] = { "product_id", FIELD_REF, "Product", REQUIRED | LISTED, .ref = "product" },
    [ENTRY_FROM] = { "from_quantity", FIELD_DECIMAL, "From a quantity of", REQUIRED | LISTED,
                     .scale = DECIMALS, .min = 0, .max = INT64_C(10000000000), .otherwise = "0" },
    [ENTRY_PRICE] = { "unit_price", FIELD_MONEY, "Price of one", REQUIRED | LISTED,
                      .min = -LIMIT_AMOUNT_MINOR, .max = LIMIT_AMOUNT_MINOR },
};
_Static_assert(countof(entry_fields) == ENTRY_FIELDS, "enum and table differ");

const char *show_trimmed(struct arena *a, i64 scaled, int scale)
{
    u64 n = scaled < 0 ? 0 - (u64)scaled : (u64)scaled, unit = 1;
    const char *sign = scaled < 0 ? "-" : "";

    for (int i = 0; i < scale; i++)
        unit *= 10;
    u64 whole = n / unit, rest = n % unit;
    while (scale > 0 && rest % 10 == 0) {
        rest /= 10;
        scale--;
    }
    if (scale == 0)
        return arena_printf(a, "%s%llu", sign, (unsigned long long)whole);
    return arena_printf(a, "%s%llu.%0*llu", sign, (unsigned long long)whole, scale,
                        (unsigned long long)rest);
}

/* ---- what must hold ---- */
static enum status product_validate(struct ctx *cx, struct row *r)
{
    (void)cx;
    if (!text_is(row_text(r, PRODUCT_KIND), "recurring"))
        row_clear(r, PRODUCT_MONTHS);
    else if (!row_has(r, PRODUCT_MONTHS))
        row_set_i64(r, PRODUCT_MONTHS, 1);
    return OK;
}

/* One level: a bundle in a bundle would hide what is sold. */
static enum status part_validate(struct ctx *cx, struct row *r)
{
    i64 product = row_i64(r, PART_PRODUCT), bundle = row_i64(r, PART_BUNDLE), count;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "product.parts", I64("bundle", product), I64("limit", 1));

    if (product == bundle)
        return ctx_fail_field(cx, "product_id", "product.part",
                              "A bundle cannot be a part of itself. Choose another product.");
    if (stmt_next(&q))
        return ctx_fail_field(cx, "product_id", "product.part",
                              "This product is a bundle itself. Add its parts instead.");
    TRY(stmt_status(&q));
    TRY(db_get_i64(cx, &count, "product.is_part", I64("product", bundle)));
    if (count > 0)
        return ctx_fail_field(cx, "bundle_id", "product.part",
                              "This product is a part of a bundle, so it cannot be one itself.");
    return OK;
}

static enum status check_currency(struct ctx *cx, struct row *r, int field, const char *name)
{
    char *code = arena_text(cx->arena, row_text(r, field));

    for (char *p = code; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    if (!currency_known(code))
        return ctx_fail_field(cx, name, "money.currency",
                              "\"%s\" is no currency; use a code like EUR or USD",
                              row_text(r, field));
    row_set_text(r, field, code);
    return OK;
}

static enum status book_validate(struct ctx *cx, struct row *r)
{
    TRY(check_currency(cx, r, BOOK_CURRENCY, "currency"));
    if (row_has(r, BOOK_FROM) && row_has(r, BOOK_UNTIL) &&
        row_i64(r, BOOK_UNTIL) < row_i64(r, BOOK_FROM))
        return ctx_fail_field(cx, "valid_until", "price_book.dates",
                              "It would end before it begins. Choose a later day.");
    return OK;
}

static enum status entry_validate(struct ctx *cx, struct row *r)
{
    struct money price = row_money(r, ENTRY_PRICE);
    struct row *book;
    i64 count;

    TRY(record_get(cx, &price_book_type, row_i64(r, ENTRY_BOOK), &book));
    if (!text_is(price.currency, row_text(book, BOOK_CURRENCY)))
        return ctx_fail_field(cx, "unit_price", "price_book.currency",
                              "The prices of %s are in %s. Give this one in it, too.",
                              row_text(book, BOOK_NAME), row_text(book, BOOK_CURRENCY));
    TRY(db_get_i64(cx, &count, "product.same_tier", I64("book", row_id(book)),
                   I64("product", row_i64(r, ENTRY_PRODUCT)),
                   I64("quantity", row_i64(r, ENTRY_FROM)), I64("self", row_id(r))));
    if (count > 0)
        return ctx_fail_field(cx, "from_quantity", "price_book.tier",
                              "The book has a price of this product from that quantity already. "
                              "Change that one, or begin at another quantity.");
    return OK;
}

/* One is the default: choosing another takes it from the one before. */
static enum status only_default(struct ctx *cx, struct row *r, int field, struct stmt *others)
{
    while (stmt_next(others)) {
        struct row *other;
        TRY(record_get(cx, row_type(r), col_i64(others, 0), &other));
        row_set_i64(other, field, 0);
        TRY(record_save(cx, other));
    }
    return stmt_status(others);
}

static enum status tax_saved(struct ctx *cx, struct row *r)
{
    scoped(stmt_close) struct stmt q = { 0 };

    if (!row_bool(r, TAX_DEFAULT))
        return OK;
    q = db_query(cx, "product.other_default_tax",
                 TEXT("country", utf8_fold(cx->arena, row_text(r, TAX_COUNTRY))),
                 I64("keep", row_id(r)));
    return only_default(cx, r, TAX_DEFAULT, &q);
}

static enum status book_saved(struct ctx *cx, struct row *r)
{
    scoped(stmt_close) struct stmt q = { 0 };

    if (!row_bool(r, BOOK_DEFAULT))
        return OK;
    q = db_query(cx, "product.other_default_book", I64("keep", row_id(r)));
    return only_default(cx, r, BOOK_DEFAULT, &q);
}

static const char *part_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s × %s",
                        show_trimmed(cx->arena, row_i64(r, PART_QUANTITY), DECIMALS),
                        row_show(cx, r, PART_PRODUCT));
}

static const char *entry_title(struct ctx *cx, const struct row *r)
{
    i64 from = row_i64(r, ENTRY_FROM);

    return from == 0 ? row_show(cx, r, ENTRY_PRODUCT)
                     : arena_printf(cx->arena, "%s, from %s", row_show(cx, r, ENTRY_PRODUCT),
                                    show_trimmed(cx->arena, from, DECIMALS));
}

/* ---- asking ---- */
static enum status tier_price(struct ctx *cx, const struct row *product, i64 book_id,
                              const char *currency, i64 quantity, struct money *out)
{
    struct row *entry;
    i64 id;

    TRY(db_get_i64(cx, &id, "product.tier", I64("book", book_id), I64("product", row_id(product)),
                   I64("quantity", quantity < 0 ? -quantity : quantity)));
    TRY(record_get(cx, &price_book_entry_type, id, &entry));
    *out = row_money(entry, ENTRY_PRICE);
    return text_is(out->currency, currency) ? OK : E_NOT_FOUND;
}

/* The rows of a bundle's parts with their products; *count 0 of what is no bundle. */
static enum status parts_of(struct ctx *cx, const struct row *bundle, struct row **parts,
                            struct row **products, size_t *count)
{
    i64 ids[PARTS_MOST], of[PARTS_MOST];
    size_t n = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "product.parts", I64("bundle", row_id(bundle)), I64("limit", PARTS_MOST));
        while (stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    *count = 0;
    if (n == 0)
        return OK;
    TRY(rows_by_id(cx, &product_part_type, ids, n, parts));
    for (size_t i = 0; i < n; i++)
        if (parts[i]) {
            of[*count] = row_i64(parts[i], PART_PRODUCT);
            parts[(*count)++] = parts[i];
        }
    return *count ? rows_by_id(cx, &product_type, of, *count, products) : OK;
}

/* price: else the cost. */
static enum status one_amount(struct ctx *cx, const struct row *product, bool price, i64 book_id,
                              const char *currency, i64 quantity, struct money *out)
{
    int field = price ? PRODUCT_PRICE : PRODUCT_COST;
    enum status s = E_NOT_FOUND;

    if (price && book_id)
        s = tier_price(cx, product, book_id, currency, quantity, out);
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *out = row_money(product, field);
    return row_has(product, field) && text_is(out->currency, currency) ? OK : E_NOT_FOUND;
}

static enum status amount_of(struct ctx *cx, const struct row *product, bool price, i64 book_id,
                             const char *currency, i64 quantity, struct money *out)
{
    struct row *parts[PARTS_MOST], *products[PARTS_MOST];
    enum status s = one_amount(cx, product, price, book_id, currency, quantity, out);
    struct money one;
    size_t count;
    i64 sum = 0;

    if (s != E_NOT_FOUND || row_has(product, price ? PRODUCT_PRICE : PRODUCT_COST))
        return s;
    TRY(parts_of(cx, product, parts, products, &count));
    for (size_t i = 0; i < count; i++) {
        i64 each = row_i64(parts[i], PART_QUANTITY);
        if (products[i] == NULL)
            return E_NOT_FOUND;
        TRY(one_amount(cx, products[i], price, book_id, currency,
                       money_muldiv(each, quantity, PRICE_SCALE), &one));
        sum += money_muldiv(one.minor, each, PRICE_SCALE);
        *out = one;
    }
    out->minor = sum;
    return count ? OK : E_NOT_FOUND;
}

enum status product_price(struct ctx *cx, const struct row *product, i64 book_id,
                          const char *currency, i64 quantity, struct money *out)
{
    return amount_of(cx, product, true, book_id, currency, quantity, out);
}

enum status product_cost(struct ctx *cx, const struct row *product, const char *currency,
                         struct money *out)
{
    return amount_of(cx, product, false, 0, currency, PRICE_SCALE, out);
}

enum status product_parts_text(struct ctx *cx, const struct row *product, const char **out)
{
    struct row *parts[PARTS_MOST], *products[PARTS_MOST];
    struct buf b = buf_in(cx->arena, PARTS_BYTES);
    size_t count;

    TRY(parts_of(cx, product, parts, products, &count));
    for (size_t i = 0; i < count; i++)
        if (products[i])
            buf_printf(&b, "%s%s × %s", b.len ? "\n" : "",
                       show_trimmed(cx->arena, row_i64(parts[i], PART_QUANTITY), DECIMALS),
                       row_text(products[i], PRODUCT_NAME));
    *out = buf_end(&b);
    return OK;
}

static enum status or_none(struct ctx *cx, enum status s, i64 *id)
{
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *id = 0;
    return OK;
}

enum status tax_default(struct ctx *cx, const char *country, i64 *id)
{
    return or_none(
        cx,
        db_get_i64(cx, id, "product.default_tax", TEXT("country", utf8_fold(cx->arena, country))),
        id);
}

enum status price_book_default(struct ctx *cx, i64 *id)
{
    return or_none(cx,
                   db_get_i64(cx, id, "product.default_book",
                              I64("today", zone_day(kit_zone(cx), ctx_now(cx)))),
                   id);
}

/* ---- the types ---- */
const struct record_type product_type = {
    .name = "product",
    .label = "Product",
    .plural = "Products",
    .path = "products",
    .icon = "tag",
    .section = "sales",
    .menu_order = MENU_SELDOM + 6,
    .sort = "name",
    .title = PRODUCT_NAME,
    .fields = product_fields,
    .field_count = PRODUCT_FIELDS,
    .empty = "What you sell, with its price, cost and tax: quotes are put together from it.",
    RELATED({ "product_part", "bundle_id", "Parts of the bundle" },
            { "price_book_entry", "product_id", "Prices in books" }),
    .validate = product_validate,
};
const struct record_type product_part_type = {
    .name = "product_part",
    .label = "Bundle part",
    .plural = "Bundle parts",
    .path = "product-parts",
    .icon = "stack-2",
    .sort = "created_at",
    .title = PART_PRODUCT,
    .title_of = part_title,
    .fields = part_fields,
    .field_count = PART_FIELDS,
    .empty = "What a bundle is made of. A product with parts is a bundle.",
    .validate = part_validate,
};
const struct record_type tax_rate_type = {
    .name = "tax_rate",
    .label = "Tax rate",
    .plural = "Tax rates",
    .path = "tax-rates",
    .icon = "percentage",
    .section = "settings",
    .menu_order = 24,
    .sort = "name",
    .title = TAX_NAME,
    .fields = tax_fields,
    .field_count = TAX_FIELDS,
    .empty = "The rates of sales tax or VAT that lines of quotes can have.",
    .saved = tax_saved,
};
const struct record_type price_book_type = {
    .name = "price_book",
    .label = "Price book",
    .plural = "Price books",
    .path = "price-books",
    .icon = "receipt",
    .section = "settings",
    .menu_order = 23,
    .sort = "name",
    .title = BOOK_NAME,
    .fields = book_fields,
    .field_count = BOOK_FIELDS,
    .empty = "Prices for a currency, a region or a kind of customer, by volume where you like.",
    RELATED({ "price_book_entry", "book_id", "Prices" }),
    .validate = book_validate,
    .saved = book_saved,
};
const struct record_type price_book_entry_type = {
    .name = "price_book_entry",
    .label = "Price",
    .plural = "Prices",
    .path = "prices",
    .icon = "coin",
    .sort = "created_at",
    .title = ENTRY_PRODUCT,
    .title_of = entry_title,
    .fields = entry_fields,
    .field_count = ENTRY_FIELDS,
    .empty = "What a product costs in a price book, from a quantity on.",
    .validate = entry_validate,
};

const struct feature feature_product = {
    .name = "product",
    TYPES(&tax_rate_type, &product_type, &product_part_type, &price_book_type,
          &price_book_entry_type),
};
