/* score_product.c -- scores for single products: who is warm for which of what we sell. A product
 * that is scored is a record; rules name it; what they give a contact is a record too, so that
 * lists, segments and flows ask for it like for anything else:
 * count(product_score where product_id = '...' and points >= 50) > 0. */
#include "bridge/contact.h"
#include "marketing/score_int.h"

enum { SCORED_NAME, SCORED_LINE, SCORED_FIELDS };
static const struct field scored_fields[] = {
    [SCORED_NAME] = { "name", FIELD_TEXT, "Product", REQUIRED | LISTED | SEARCHED | UNIQUE,
                      .max_len = 100 },
    [SCORED_LINE] = { "line", FIELD_INT, "Warm from", LISTED, .min = 1, .max = 100000,
                      .otherwise = "50",
                      .help = "Points from which on somebody is warm for this product." },
};
_Static_assert(countof(scored_fields) == SCORED_FIELDS, "enum and table differ");

enum { PRODUCT_CONTACT, PRODUCT_PRODUCT, PRODUCT_POINTS, PRODUCT_WARM, PRODUCT_FIELDS };
static const struct field product_fields[] = {
    [PRODUCT_CONTACT] = { "contact_id", FIELD_REF, "Contact", REQUIRED | LISTED, .ref = "contact" },
    [PRODUCT_PRODUCT] = { "product_id", FIELD_REF, "Product", REQUIRED | LISTED,
                          .ref = "scored_product" },
    [PRODUCT_POINTS] = { "points", FIELD_INT, "Score", LISTED | INDEXED },
    [PRODUCT_WARM] = { "warm", FIELD_BOOL, "Warm", LISTED },
};
_Static_assert(countof(product_fields) == PRODUCT_FIELDS, "enum and table differ");

const struct record_type scored_product_type = {
    .name = "scored_product",
    .label = "Scored product",
    .plural = "Scored products",
    .path = "scored-products",
    .icon = "star",
    .sort = "name",
    .title = SCORED_NAME,
    .fields = scored_fields,
    .field_count = SCORED_FIELDS,
    RELATED({ "score_rule", "product_id", "Rules" },
            { "product_score", "product_id", "Who is warm" }),
    .empty = "A product with rules of its own: who reads about it, and how warm that makes them.",
};
static const char *product_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s: %lld", row_show(cx, r, PRODUCT_PRODUCT),
                        (long long)row_i64(r, PRODUCT_POINTS));
}
const struct record_type product_score_type = {
    .name = "product_score",
    .label = "Product score",
    .plural = "Product scores",
    .path = "product-scores",
    .icon = "star",
    .sort = "-points",
    .title = PRODUCT_PRODUCT,
    .title_of = product_title,
    .fields = product_fields,
    .field_count = PRODUCT_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE | TYPE_SYSTEM,
    .empty = "Rules that name a product give points for it; here is who has some.",
};

static enum status is_warm(struct ctx *cx, i64 product, i64 points, bool *warm)
{
    struct row *r;
    enum status s = record_get(cx, &scored_product_type, product, &r);

    *warm = s == OK && points >= row_i64(r, SCORED_LINE);
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s == E_NOT_FOUND ? OK : s;
}

enum status product_score_put(struct ctx *cx, i64 contact, i64 product, i64 points)
{
    struct row *r;
    bool warm;
    i64 id;
    enum status s =
        db_get_i64(cx, &id, "score.product_row", I64("contact", contact), I64("product", product));

    if (s == E_NOT_FOUND && points == 0)
        return OK;
    if (s == OK) {
        TRY(record_get(cx, &product_score_type, id, &r));
    } else if (s == E_NOT_FOUND) {
        r = row_new(cx, &product_score_type);
        row_set_i64(r, PRODUCT_CONTACT, contact);
        row_set_i64(r, PRODUCT_PRODUCT, product);
    } else {
        return s;
    }
    TRY(is_warm(cx, product, points, &warm));
    row_set_i64(r, PRODUCT_POINTS, points);
    row_set_i64(r, PRODUCT_WARM, warm);
    return record_save(cx, r);
}

const struct feature feature_score_product = {
    .name = "score_product",
    TYPES(&scored_product_type, &product_score_type),
};
