/* discount.c -- what discounts win: the quotes that were decided, by how much they gave. A quote
 * that a newer version replaced is not counted, its last version is. Each number is a list's
 * filter, so that it opens the very rows behind it. What it cannot say is why: salespeople give
 * more where a deal is in doubt, and the page says so. */
#include "sales/discount.h"
#include "base/id.h"
#include "bridge/report.h"
#include "io/http.h"
#include "kit/filter.h"
#include "sales/curve.h"
#include "sales/product.h"
#include "sales/quote_int.h"
#include <math.h>

enum { GROUPS_MOST = 12, HINT_LEAST = 20, HINT_FEW = 5 };

#define DECIDED "status in ('accepted', 'declined', 'expired')"
static const struct band {
    const char *text, *filter;
    int from, below; /* percent */
} bands[] = {
    { "No discount", "discount_given <= 0", -1, 0 },
    { "Up to 5 %", "discount_given > 0 and discount_given < 5", 0, 5 },
    { "5 to 10 %", "discount_given >= 5 and discount_given < 10", 5, 10 },
    { "10 to 15 %", "discount_given >= 10 and discount_given < 15", 10, 15 },
    { "15 to 20 %", "discount_given >= 15 and discount_given < 20", 15, 20 },
    { "20 % and more", "discount_given >= 20", 20, 1000 },
};
enum { BANDS = countof(bands) };

static const char *both(struct ctx *cx, const char *a, const char *b)
{
    return filter_and(cx, a, b);
}

static enum status count_bands(struct ctx *cx, const char *filter, struct curve_point *points)
{
    for (size_t i = 0; i < BANDS; i++) {
        const char *in = both(cx, both(cx, DECIDED, bands[i].filter), filter);
        TRY(list_count(cx, &quote_type, in, "", 0, &points[i].count));
        TRY(list_count(cx, &quote_type, both(cx, in, "status = 'accepted'"), "", 0,
                       &points[i].won));
    }
    curve_count(points, BANDS);
    return OK;
}

/* ---- in the builder ---- */
static const char *range_text(struct ctx *cx, const struct curve_point *p)
{
    return arena_printf(cx->arena, "%.0f %% (%lld of %lld; 95 %% interval %.0f to %.0f %%)",
                        p->share * 100, (long long)p->won, (long long)p->count, p->low * 100,
                        p->high * 100);
}

static enum status count_one(struct ctx *cx, const struct band *b, const char *filter,
                             struct curve_point *p)
{
    const char *in = both(cx, both(cx, DECIDED, b->filter), filter);

    *p = (struct curve_point){ 0 };
    TRY(list_count(cx, &quote_type, in, "", 0, &p->count));
    TRY(list_count(cx, &quote_type, both(cx, in, "status = 'accepted'"), "", 0, &p->won));
    curve_count(p, 1);
    return OK;
}

enum status discount_hint(struct ctx *cx, const struct row *quote, const char **text)
{
    double given = (double)row_i64(quote, QUOTE_GIVEN) * 100 / QUOTE_SHARE;
    const struct band *b = &bands[0];
    struct curve_point p;
    i64 base = 0;

    *text = "";
    for (size_t i = 1; i < BANDS; i++)
        if (given > 0 && given >= bands[i].from && given < bands[i].below)
            b = &bands[i];
    enum status s = money_to_base(cx, row_money(quote, QUOTE_VALUE), &base);
    if (s != OK && s != E_INVALID)
        return s;
    for (int i = currency_digits(base_currency(cx)); i > 0; i--)
        base /= 10;
    bool sized = s == OK && base > 0;
    if (sized)
        TRY(count_one(cx, b,
                      arena_printf(cx->arena, "value >= %lld and value <= %lld",
                                   (long long)(base / 2), (long long)(base * 2)),
                      &p));
    if (!sized || p.count < HINT_LEAST) {
        sized = false;
        TRY(count_one(cx, b, "", &p));
    }
    if (p.count < HINT_FEW)
        return OK;
    *text = arena_printf(cx->arena, "Quotes%s with %s%s were accepted in %s.",
                         sized ? " of half to twice this value" : "",
                         b == bands ? "no discount" : text_lower_ascii(cx->arena, b->text), "",
                         range_text(cx, &p));
    return OK;
}

/* ---- the report ---- */
enum { BY_ALL, BY_OWNER, BY_SIZE, BY_PRODUCT, BY_INDUSTRY };
static const struct report_word by_words[] = {
    { "all", "All together" }, { "owner", "Salesperson" }, { "size", "Value" },
    { "product", "Product" },  { "industry", "Industry" }, { NULL, NULL }
};

struct group {
    const char *text, *filter;
};

static enum status groups_by_size(struct ctx *cx, struct group *g, size_t *count)
{
    static const struct group sizes[] = {
        { "Under 5,000", "value < 5000" },
        { "5,000 to 20,000", "value >= 5000 and value < 20000" },
        { "20,000 to 100,000", "value >= 20000 and value < 100000" },
        { "100,000 and more", "value >= 100000" },
    };

    (void)cx;
    memcpy(g, sizes, sizeof sizes);
    *count = countof(sizes);
    return OK;
}

static enum status groups_by_record(struct ctx *cx, const char *type, const char *filter,
                                    const char *test, struct group *g, size_t *count)
{
    const struct record_type *t = type_find(cx, type);
    struct list_query q = { .filter = filter, .limit = GROUPS_MOST };
    struct list_page page;

    TRY(list_run(cx, t, &q, &page));
    for (size_t i = 0; i < page.count; i++)
        g[(*count)++] = (struct group){ row_title(cx, page.rows[i]),
                                        arena_printf(cx->arena, test,
                                                     id_text(cx->arena, row_id(page.rows[i]))) };
    return OK;
}

static enum status groups_by_industry(struct ctx *cx, struct group *g, size_t *count)
{
    const struct record_type *t = type_find(cx, "company");
    int field = type_field(t, "industry");
    struct val *list = val_list(cx->arena);

    TRY(list_group(cx, t, "count(quote where " DECIDED ") > 0", field, -1, list));
    for (size_t i = 0; i < val_count(list) && *count < GROUPS_MOST; i++) {
        const char *key = val_get_text(val_at(list, i), "key");
        struct buf quoted = buf_in(cx->arena, 1000);
        if (key[0] == '\0')
            continue;
        for (const char *p = key; *p; p++)
            buf_printf(&quoted, "%s%c", *p == '\'' ? "'" : "", *p);
        g[(*count)++] = (struct group){ key, arena_printf(cx->arena, "company_id.industry = '%s'",
                                                          buf_end(&quoted)) };
    }
    return OK;
}

static enum status read_groups(struct ctx *cx, size_t by, struct group *g, size_t *count)
{
    *count = 0;
    switch (by) {
    case BY_OWNER:
        return groups_by_record(cx, "user", "count(quote.owner_id where " DECIDED ") > 0",
                                "owner_id = '%s'", g, count);
    case BY_SIZE:
        return groups_by_size(cx, g, count);
    case BY_PRODUCT:
        return groups_by_record(cx, "product", "", "count(quote_line where product_id = '%s') > 0",
                                g, count);
    case BY_INDUSTRY:
        return groups_by_industry(cx, g, count);
    default:
        g[(*count)++] = (struct group){ "", "" };
        return OK;
    }
}

static void share_cell(struct ctx *cx, struct val *row, double share)
{
    report_cell(row, "percent", isnan(share) ? "" : arena_printf(cx->arena, "%.0f %%", share * 100),
                isnan(share) ? "" : arena_printf(cx->arena, "%.4f", share));
}

static void put_band(struct ctx *cx, struct val *table, const struct group *g, size_t band,
                     const struct curve_point *p, const char *filter)
{
    const char *text = g->text[0] ? arena_printf(cx->arena, "%s, %s", g->text, bands[band].text)
                                  : bands[band].text;
    struct val *row = report_row(table, text, "");
    const char *in = both(cx, both(cx, DECIDED, bands[band].filter), filter);

    report_count_cell(cx, row, p->count);
    report_cell_url(row, 0,
                    arena_printf(cx->arena, "/quotes?filter=%s", http_url_encode(cx->arena, in)));
    report_count_cell(cx, row, p->won);
    report_cell_url(row, 1,
                    arena_printf(cx->arena, "/quotes?filter=%s",
                                 http_url_encode(cx->arena, both(cx, in, "status = 'accepted'"))));
    share_cell(cx, row, p->share);
    report_cell(row, "text",
                isnan(p->low)
                    ? ""
                    : arena_printf(cx->arena, "%.0f to %.0f %%", p->low * 100, p->high * 100),
                isnan(p->low) ? "" : arena_printf(cx->arena, "%.4f-%.4f", p->low, p->high));
    share_cell(cx, row, p->count ? p->fitted : NAN);
}

static enum status discount_answer(struct ctx *cx, const struct val *from, struct val *page)
{
    struct group groups[GROUPS_MOST];
    struct val *table = report_table(page, "table");
    struct question q = { 0 };
    size_t by, count;
    i64 all = 0;

    TRY(report_word(cx, from, "by", by_words, &by));
    TRY(question_read_period(cx, report_text(cx, from, "period", "last_12_months"), "none", &q));
    const char *when =
        both(cx,
             arena_printf(cx->arena, "sent_at >= %s and sent_at < %s",
                          time_iso(cx->arena, q.from_ms), time_iso(cx->arena, q.to_ms)),
             report_text(cx, from, "filter", ""));
    report_column(table, "Discount given", "text");
    report_column(table, "Decided", "integer");
    report_column(table, "Accepted", "integer");
    report_column(table, "Share", "percent");
    report_column(table, "95 % interval", "text");
    report_column(table, "Fitted", "percent");
    TRY(read_groups(cx, by, groups, &count));
    for (size_t i = 0; i < count; i++) {
        struct curve_point points[BANDS] = { 0 };
        const char *filter = groups[i].filter[0] ? both(cx, when, groups[i].filter) : when;
        i64 some = 0;
        TRY(count_bands(cx, filter, points));
        for (size_t k = 0; k < BANDS; k++)
            some += points[k].count;
        for (size_t k = 0; k < BANDS && some > 0; k++)
            put_band(cx, table, &groups[i], k, &points[k], filter);
        all += some;
    }
    if (all == 0)
        report_empty(page, "No quote of this period was decided",
                     "Choose a longer period. Quotes are here once they were accepted, declined or "
                     "expired.");
    val_put_text(
        page, "definition",
        "Quotes sent in the period that were accepted, declined or expired, their last versions "
        "only, by the discount they gave in all. The interval is Wilson's: with few quotes it is "
        "wide. Fitted is the closest curve that never falls; where it is flat, there is no sign "
        "that more discount wins more. This shows what went together, not what caused it: more is "
        "given where a deal is in doubt, and to those who buy much.");
    return OK;
}

static void discount_form(struct ctx *cx, const struct val *from, struct val *form)
{
    report_put_words(cx, from, "by", by_words, form);
}

static const char *const params[] = { "by", NULL };
static const struct report discount_report = { .name = "discounts",
                                               .title = "What discounts win",
                                               .template = "discount/page",
                                               .period = "last_12_months",
                                               .params = params,
                                               .form = discount_form,
                                               .answer = discount_answer };
static const struct route routes[] = { REPORT_ROUTES(
    "discounts", &discount_report,
    "Share of decided quotes that were accepted, by the discount they gave, with intervals and a "
    "monotone fit; by: all, owner, size, product, industry; period, filter on quotes") };
static const struct menu_item menu[] = { { "insight", "What discounts win", "/insight/discounts",
                                           "percentage", "quote", 6 } };
const struct feature feature_discount = { .name = "discount", ROUTES(routes), MENU(menu) };
