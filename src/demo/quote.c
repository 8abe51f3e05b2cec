/* quote.c -- what the demo company sells, and quotes on its latest deals in every state: signed
 * where the deal was won, declined where it was lost, and for open deals all that can be. A quote
 * that is accepted comes to what its deal does, so that the story's numbers stay. */
#include "sales/quote.h"
#include "base/money.h"
#include "demo/demo_int.h"
#include "sales/approval.h"
#include "sales/deal.h"
#include "sales/product.h"
#include <stdlib.h>

#define START_UNIT "package"
enum { QUOTES = 40, WON_MOST = 18, LOST_MOST = 11, SHELF = 8 };
enum end {
    DRAFT,
    NEEDS_APPROVAL,
    APPROVED,
    SENT,
    VIEWED,
    ASKED,
    SECOND,
    SECOND_VIEWED,
    EXPIRED,
    ACCEPTED,
    ACCEPTED_SECOND,
    DECLINED
};

static const struct {
    const char *sku, *name, *detail, *unit, *category, *kind;
    i64 price, cost, gbp; /* minor units */
    int months;
} shelf[SHELF] = {
    { "AF-S3", "Soil sensor S3",
      "Moisture, temperature and salinity at three depths. Battery for "
      "five years.",
      "pcs.", "Probes", "one_time", 12900, 6100, 11200, 0 },
    { "AF-W1", "Leaf wetness probe", "Tells disease pressure before it can be seen.", "pcs.",
      "Probes", "one_time", 8900, 4200, 7700, 0 },
    { "AF-G2", "Gateway G2", "Reaches probes within four kilometres, runs on a solar panel.",
      "pcs.", "Network", "one_time", 49000, 26500, 42500, 0 },
    { "AF-FA", "Frost alarm", "Calls, writes and rings before the frost arrives.", "pcs.",
      "Network", "one_time", 24000, 9000, 20800, 0 },
    { "AF-PL", "Alderfield platform", "All fields, all probes, forecasts and irrigation advice.",
      "", "Platform", "recurring", 96000, 21000, 83000, 12 },
    { "AF-SV", "Care plan",
      "Batteries, exchange of probes within two days, a visit before the "
      "season.",
      "", "Service", "recurring", 4900, 1900, 4300, 1 },
    { "AF-IN", "Installation on site", "Probes set and calibrated, network measured.", "day",
      "Service", "one_time", 89000, 52000, 77000, 0 },
    { "AF-ST", "Starter set for ten hectares", "", "", "Sets", "one_time", 0, 0, 0, 0 },
};

struct plan {
    i64 deal, at;
    u32 contact;
    u8 rep;
    enum end end;
    struct money amount;
};

static struct money amount(i64 minor, const char *currency)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, currency, 4);
    return m;
}

/* ---- what is sold ---- */
static enum status make_tax(struct sim *s, const char *name, i64 percent, const char *country,
                            bool is_default)
{
    struct row *r = row_new(&s->cx, &tax_rate_type);

    row_set_text(r, TAX_NAME, name);
    row_set_i64(r, TAX_PERCENT, percent * 10000);
    row_set_text(r, TAX_COUNTRY, country);
    row_set_i64(r, TAX_DEFAULT, is_default);
    return record_save(&s->cx, r);
}

static enum status make_book(struct sim *s, const char *name, const char *currency, bool first,
                             i64 *id)
{
    struct row *r = row_new(&s->cx, &price_book_type);

    row_set_text(r, BOOK_NAME, name);
    row_set_text(r, BOOK_CURRENCY, currency);
    row_set_i64(r, BOOK_DEFAULT, first);
    TRY(record_save(&s->cx, r));
    *id = row_id(r);
    return OK;
}

static enum status make_price(struct sim *s, i64 book, i64 product, i64 from, i64 minor,
                              const char *currency)
{
    struct row *r = row_new(&s->cx, &price_book_entry_type);

    row_set_i64(r, ENTRY_BOOK, book);
    row_set_i64(r, ENTRY_PRODUCT, product);
    row_set_i64(r, ENTRY_FROM, from * 10000);
    row_set_money(r, ENTRY_PRICE, amount(minor, currency));
    return record_save(&s->cx, r);
}

static enum status make_product(struct sim *s, size_t n, i64 *id)
{
    struct row *r = row_new(&s->cx, &product_type);

    row_set_text(r, PRODUCT_SKU, shelf[n].sku);
    row_set_text(r, PRODUCT_NAME, shelf[n].name);
    row_set_text(r, PRODUCT_DETAIL, shelf[n].detail);
    row_set_text(r, PRODUCT_UNIT, shelf[n].unit);
    row_set_text(r, PRODUCT_CATEGORY, shelf[n].category);
    row_set_text(r, PRODUCT_KIND, shelf[n].kind);
    if (shelf[n].months)
        row_set_i64(r, PRODUCT_MONTHS, shelf[n].months);
    if (shelf[n].price) {
        row_set_money(r, PRODUCT_PRICE, amount(shelf[n].price, "EUR"));
        row_set_money(r, PRODUCT_COST, amount(shelf[n].cost, "EUR"));
    }
    TRY(record_save(&s->cx, r));
    *id = row_id(r);
    return OK;
}

static enum status fill_shelf(struct sim *s, i64 ids[SHELF])
{
    static const u8 parts[][2] = { { 0, 12 }, { 2, 1 }, { 6, 1 } };
    i64 europe, britain;

    TRY(setting_save(&s->cx, "tax.country", "Germany"));
    TRY(setting_save(&s->cx, "tax.vat_id", "DE123456788"));
    TRY(make_tax(s, "VAT 19%", 19, "", true));
    TRY(make_tax(s, "VAT 7%", 7, "", false));
    TRY(make_tax(s, "VAT 20%, United Kingdom", 20, "United Kingdom", false));
    TRY(make_book(s, "Europe", "EUR", true, &europe));
    TRY(make_book(s, "United Kingdom", "GBP", false, &britain));
    for (size_t i = 0; i < SHELF; i++) {
        TRY(make_product(s, i, &ids[i]));
        if (!shelf[i].gbp)
            continue;
        TRY(make_price(s, europe, ids[i], 0, shelf[i].price, "EUR"));
        TRY(make_price(s, britain, ids[i], 0, shelf[i].gbp, "GBP"));
        if (i < 2) { /* probes are cheaper by the dozen */
            TRY(make_price(s, europe, ids[i], 25, shelf[i].price * 92 / 100, "EUR"));
            TRY(make_price(s, europe, ids[i], 100, shelf[i].price * 84 / 100, "EUR"));
        }
    }
    for (size_t i = 0; i < countof(parts); i++) {
        struct row *r = row_new(&s->cx, &product_part_type);
        row_set_i64(r, PART_BUNDLE, ids[SHELF - 1]);
        row_set_i64(r, PART_PRODUCT, ids[parts[i][0]]);
        row_set_i64(r, PART_QUANTITY, parts[i][1] * 10000);
        TRY(record_save(&s->cx, r));
    }
    return setting_save(&s->cx, "quote.terms",
                        "Payment within 14 days of delivery, without deduction. Delivery within "
                        "three weeks of your order.\nWhat is billed by the year or the month runs "
                        "for twelve months and then on, with one month's notice.");
}

static enum status make_rule(struct sim *s, const char *name, const char *filter, int position,
                             i64 approver, i64 delegate)
{
    struct row *r = row_new(&s->cx, &approval_rule_type);

    row_set_text(r, RULE_NAME, name);
    row_set_text(r, RULE_FILTER, filter);
    row_set_i64(r, RULE_APPROVER, approver);
    row_set_i64(r, RULE_POSITION, position);
    row_set_i64(r, RULE_DELEGATE, delegate);
    return record_save(&s->cx, r);
}

/* ---- a quote ---- */
static enum status add_line(struct sim *s, const struct row *q, const i64 *ids, size_t n,
                            i64 quantity, i64 minor, bool optional)
{
    const char *currency = row_text(q, QUOTE_CURRENCY);
    struct row *r = row_new(&s->cx, &quote_line_type);

    row_set_i64(r, LINE_QUOTE, row_id(q));
    row_set_i64(r, LINE_PRODUCT, ids[n]);
    row_set_i64(r, LINE_QUANTITY, quantity * 10000);
    row_set_money(r, LINE_PRICE, amount(minor, currency));
    row_set_money(r, LINE_COST, amount(minor * shelf[n].cost / shelf[n].price, currency));
    row_set_i64(r, LINE_OPTIONAL, optional);
    return record_save(&s->cx, r);
}

static enum status add_heading(struct sim *s, const struct row *q, const char *text)
{
    struct row *r = row_new(&s->cx, &quote_line_type);

    row_set_i64(r, LINE_QUOTE, row_id(q));
    row_set_text(r, LINE_KIND, "section");
    row_set_text(r, LINE_NAME, text);
    return record_save(&s->cx, r);
}

/* What no product has a price for: the start, for a sum, of which `off` is given. */
static enum status add_start(struct sim *s, const struct row *q, i64 minor, i64 off)
{
    const char *currency = row_text(q, QUOTE_CURRENCY);
    struct row *r = row_new(&s->cx, &quote_line_type);

    row_set_i64(r, LINE_QUOTE, row_id(q));
    row_set_text(r, LINE_NAME, "Training and start of operation");
    row_set_text(r, LINE_UNIT, START_UNIT);
    row_set_money(r, LINE_PRICE, amount(minor, currency));
    row_set_money(r, LINE_COST, amount(minor * 6 / 10, currency));
    if (off > 0)
        row_set_money(r, LINE_DISCOUNT_AMOUNT, amount(off, currency));
    return record_save(&s->cx, r);
}

/* Lines by the list whose first year's value is the deal's amount, and `more` percent, which are
 * given at once or are there to be given. */
static enum status make_quote(struct sim *s, const struct plan *p, const i64 *ids, int more,
                              bool given, struct row **out)
{
    bool pounds = text_is(p->amount.currency, "GBP");
    i64 probe = pounds ? shelf[0].gbp : shelf[0].price,
        platform = pounds ? shelf[4].gbp : shelf[4].price,
        day = pounds ? shelf[6].gbp : shelf[6].price, all = p->amount.minor,
        probes = all * 45 / 100 / probe + 1, rest = all - probes * probe, platforms, days,
        off = all * more / 100;
    struct row *q = row_new(&s->cx, &quote_type);

    platforms = rest < platform ? 0 : all * 18 / 100 / platform + 1;
    rest -= platforms * platform;
    days = rest * 8 / 10 / day;
    rest -= days * day;

    row_set_i64(q, QUOTE_DEAL, p->deal);
    row_set_text(q, QUOTE_CURRENCY, p->amount.currency);
    row_set_text(q, QUOTE_INTRO,
                 "Thank you for the talk. This is what we would set up on your fields, with "
                 "everything that is needed to begin.");
    TRY(record_save(&s->cx, q));
    TRY(add_heading(s, q, "Equipment"));
    TRY(add_line(s, q, ids, 0, probes, probe, false));
    TRY(add_heading(s, q, "Platform and service"));
    if (platforms)
        TRY(add_line(s, q, ids, 4, platforms, platform, false));
    if (days)
        TRY(add_line(s, q, ids, 6, days, day, false));
    TRY(add_start(s, q, rest + off, given ? off : 0));
    TRY(add_line(s, q, ids, 5, 1, pounds ? shelf[5].gbp : shelf[5].price, true));
    return record_get(&s->cx, &quote_type, row_id(q), out);
}

static void at(struct sim *s, i64 ms) { s->clock.fixed_ms = ms < s->end_ms ? ms : s->end_ms; }

static enum status reread(struct sim *s, struct row **q)
{
    return record_get(&s->cx, &quote_type, row_id(*q), q);
}

static enum status send_it(struct sim *s, const struct plan *p, i64 ms, struct row **q)
{
    at(s, ms);
    sim_as(s, p->rep);
    TRY(reread(s, q));
    return quote_mark_sent(&s->cx, *q);
}

static enum status open_it(struct sim *s, i64 ms, struct row **q)
{
    at(s, ms);
    sim_as(s, -1);
    TRY(reread(s, q));
    return quote_opened(&s->cx, *q);
}

static const char *buyer(struct sim *s, const struct plan *p)
{
    struct told t = told_of(s, p->contact, p->rep);

    return arena_printf(s->work, "%s %s", t.first, t.last);
}

static enum status ask(struct sim *s, const struct plan *p, i64 ms, const struct row *q, size_t n)
{
    static const char *const questions[] = {
        "Is the installation included if we dig the holes ourselves?",
        "We would sign this week if you can do something about the price.",
        "Can the platform be paid by the month instead?",
        "Does the care plan cover hail?",
    };
    struct row *r = row_new(&s->cx, &quote_comment_type);

    at(s, ms);
    sim_as(s, -1);
    row_set_i64(r, COMMENT_QUOTE, row_id(q));
    row_set_text(r, COMMENT_KIND, "customer");
    row_set_text(r, COMMENT_NAME, buyer(s, p));
    row_set_text(r, COMMENT_TEXT, questions[n % countof(questions)]);
    return record_save(&s->cx, r);
}

/* The deal's amount is what was agreed on in the end: the first version asks for more. */
static enum status second_version(struct sim *s, const struct plan *p, i64 ms, struct row **q)
{
    struct row *copy, *line;
    i64 id;

    at(s, ms);
    sim_as(s, p->rep);
    TRY(reread(s, q));
    TRY(quote_new_version(&s->cx, *q, &copy));
    TRY(db_get_i64(&s->cx, &id, "demo.quote_line", I64("quote", row_id(copy)),
                   TEXT("unit", START_UNIT)));
    TRY(record_get(&s->cx, &quote_line_type, id, &line));
    row_set_money(line, LINE_DISCOUNT_AMOUNT,
                  amount(row_money(*q, QUOTE_VALUE).minor - p->amount.minor, p->amount.currency));
    TRY(record_save(&s->cx, line));
    *q = copy;
    return send_it(s, p, ms + 20 * MS_MINUTE, q);
}

static enum status need_approval(struct sim *s, const struct plan *p, struct row *q, bool given)
{
    size_t asked;
    i64 id;
    struct row *a;

    sim_as(s, p->rep);
    row_set_i64(q, QUOTE_DISCOUNT_PERCENT, 180000);
    TRY(record_save(&s->cx, q));
    TRY(quote_ask_approval(&s->cx, q, &asked));
    if (!given || asked == 0)
        return OK;
    at(s, sim_now(s) + 3 * MS_HOUR);
    sim_as(s, 4);
    TRY(db_get_i64(&s->cx, &id, "demo.quote_approval", I64("quote", row_id(q))));
    TRY(record_get(&s->cx, &approval_type, id, &a));
    return approval_decide(&s->cx, a, true, "Fine for a first order. The next one at list price.");
}

static enum status tell(struct sim *s, const struct plan *p, const i64 *ids, size_t n)
{
    static const u8 later[] = { 6, 12, 9, 16 }, at_once[] = { 0, 4, 0, 11, 7, 0, 14 };
    bool twice = p->end == SECOND || p->end == SECOND_VIEWED || p->end == ACCEPTED_SECOND;
    bool asks = p->end == NEEDS_APPROVAL || p->end == APPROVED; /* these give enough */
    struct row *q;

    at(s, p->at);
    sim_as(s, p->rep);
    TRY(make_quote(s, p, ids,
                   asks    ? 0
                   : twice ? later[n % countof(later)]
                           : at_once[n % countof(at_once)],
                   !twice, &q));
    if (p->end == DRAFT)
        return OK;
    if (p->end == NEEDS_APPROVAL || p->end == APPROVED)
        return need_approval(s, p, q, p->end == APPROVED);
    TRY(send_it(s, p, p->at + 40 * MS_MINUTE, &q));
    if (p->end == SENT)
        return OK;
    TRY(open_it(s, p->at + 5 * MS_HOUR, &q));
    if (p->end == ASKED || twice)
        TRY(ask(s, p, p->at + 6 * MS_HOUR, q, twice ? 1 : n));
    if (twice)
        TRY(second_version(s, p, p->at + 26 * MS_HOUR, &q));
    if (p->end == SECOND_VIEWED || p->end == ACCEPTED_SECOND)
        TRY(open_it(s, p->at + 30 * MS_HOUR, &q));
    if (p->end == ACCEPTED || p->end == ACCEPTED_SECOND) {
        at(s, p->at + 48 * MS_HOUR);
        TRY(reread(s, &q));
        return quote_accept(&s->cx, q, NULL, 0, buyer(s, p), "192.0.2.44");
    }
    if (p->end != DECLINED)
        return OK;
    at(s, p->at + 52 * MS_HOUR);
    TRY(reread(s, &q));
    return quote_decline(&s->cx, q, buyer(s, p), "Another offer suits us better.");
}

/* ---- which deals ---- */
static int by_time(const void *a, const void *b)
{
    const struct plan *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->deal < y->deal ? -1 : x->deal > y->deal;
}

/* False: nothing is told of this one. */
static bool plan_one(struct sim *s, const struct row *r, const int counts[3], struct plan *p)
{
    static const u8 open_ends[] = { NEEDS_APPROVAL, DRAFT,    SENT,   VIEWED,        ASKED, SECOND,
                                    EXPIRED,        APPROVED, VIEWED, SECOND_VIEWED, SENT,  DRAFT };
    const char *status = row_text(r, DEAL_STATUS);
    i64 closed = row_has(r, DEAL_CLOSED_AT) ? row_i64(r, DEAL_CLOSED_AT) : 0;

    if (text_is(status, "won") && counts[0] < WON_MOST) {
        p->end = counts[0] % 3 == 1 ? ACCEPTED_SECOND : ACCEPTED;
        p->at = closed - 52 * MS_HOUR;
    } else if (text_is(status, "lost") && counts[1] < LOST_MOST) {
        p->end = DECLINED;
        p->at = closed - 55 * MS_HOUR;
    } else if (text_is(status, "open")) {
        p->end = open_ends[counts[2] % countof(open_ends)];
        p->at = s->end_ms - (2 + counts[2] * 3 % 11) * MS_DAY - counts[2] * 17 * MS_MINUTE;
        if (p->end == EXPIRED)
            p->at -= INT64_C(34) * MS_DAY;
        if (p->end == NEEDS_APPROVAL && counts[2] == 0)
            p->at = s->end_ms - 3 * MS_HOUR;
        if (p->at < row_created_at(r) + 3 * MS_HOUR) { /* a young deal */
            p->at = row_created_at(r) + 3 * MS_HOUR;
            p->end = p->end == EXPIRED ? SENT : p->end;
        }
        return p->at < s->end_ms;
    } else {
        return false;
    }
    return p->at > row_created_at(r);
}

static enum status plan_all(struct sim *s, struct plan *plans, size_t *count)
{
    int counts[3] = { 0 };

    *count = 0;
    for (size_t i = s->deals.count; i-- > 0 && *count < QUOTES;) {
        const struct deal *d = &s->deals.at[i];
        struct plan *p = &plans[*count];
        const char *status;
        struct row *r;
        TRY(record_get(&s->cx, &deal_type, d->id, &r));
        if (!row_has(r, DEAL_AMOUNT) || row_money(r, DEAL_AMOUNT).minor < 100000 ||
            !plan_one(s, r, counts, p))
            continue;
        status = row_text(r, DEAL_STATUS);
        counts[text_is(status, "won") ? 0 : text_is(status, "lost") ? 1 : 2]++;
        p->deal = d->id;
        p->contact = d->contact;
        p->rep = d->rep;
        p->amount = row_money(r, DEAL_AMOUNT);
        (*count)++;
    }
    qsort(plans, *count, sizeof *plans, by_time); /* numbers in order */
    return OK;
}

enum status quotes_make(struct sim *s)
{
    struct plan plans[QUOTES];
    i64 ids[SHELF];
    size_t count;

    sim_as(s, -1);
    at(s, s->begin_ms + MS_DAY);
    TRY(fill_shelf(s, ids));
    TRY(make_rule(s, "More than 15% off", "discount_given > 15", 10, s->user_ids[4],
                  s->user_ids[11]));
    TRY(make_rule(s, "Thin margin", "margin < 20", 10, s->user_ids[4], s->user_ids[11]));
    TRY(plan_all(s, plans, &count));
    for (size_t i = 0; i < count; i++)
        TRY(tell(s, &plans[i], ids, i));
    s->clock.fixed_ms = s->end_ms;
    sim_as(s, -1);
    return kit_job(s->cx.kit, "quote.expire")->run(&(struct job_run){ .cx = &s->cx });
}
