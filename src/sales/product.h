/* product.h -- what is sold and for how much: products and what bundles are made of, tax rates,
 * and price books with prices by volume. */
#pragma once
#include "kit/kit.h"

enum product_field {
    PRODUCT_NAME, PRODUCT_SKU, PRODUCT_DETAIL, PRODUCT_CATEGORY, PRODUCT_KIND, PRODUCT_MONTHS,
    PRODUCT_PRICE, PRODUCT_COST, PRODUCT_UNIT, PRODUCT_TAX, PRODUCT_ACTIVE,
    PRODUCT_FIELDS
};
enum product_part_field { PART_BUNDLE, PART_PRODUCT, PART_QUANTITY, PART_FIELDS };
enum tax_rate_field { TAX_NAME, TAX_PERCENT, TAX_COUNTRY, TAX_DEFAULT, TAX_FIELDS };
enum price_book_field {
    BOOK_NAME, BOOK_CURRENCY, BOOK_DEFAULT, BOOK_FROM, BOOK_UNTIL, BOOK_TAX_INCLUDED, BOOK_FIELDS
};
enum price_book_entry_field { ENTRY_BOOK, ENTRY_PRODUCT, ENTRY_FROM, ENTRY_PRICE, ENTRY_FIELDS };
extern const struct record_type product_type, product_part_type, tax_rate_type, price_book_type,
    price_book_entry_type;

/* The price of one at this quantity (of PRICE_SCALE): the book's tier, else the product's own where
 * the currency is the same; of a bundle without a price the sum of its parts. book_id 0: none.
 * E_NOT_FOUND without text: it has no price in this currency. */
MUST_CHECK enum status product_price(struct ctx *cx, const struct row *product, i64 book_id,
                                     const char *currency, i64 quantity, struct money *out);
/* What one costs us, likewise; E_NOT_FOUND without text: nobody said. */
MUST_CHECK enum status product_cost(struct ctx *cx, const struct row *product, const char *currency,
                                    struct money *out);
/* "2 x Sensor 3" a line for each part of a bundle; "" of what is none. In arena. */
MUST_CHECK enum status product_parts_text(struct ctx *cx, const struct row *product,
                                          const char **out);
/* The tax rate for what names none: the country's default, else the default; 0: there is none. */
MUST_CHECK enum status tax_default(struct ctx *cx, const char *country, i64 *id);
/* The price book that new quotes begin with: the default among those that hold today; 0: none. */
MUST_CHECK enum status price_book_default(struct ctx *cx, i64 *id);
/* A number of that many decimals as people write it: "19", "8.875". In arena. */
const char *show_trimmed(struct arena *a, i64 scaled, int scale);
