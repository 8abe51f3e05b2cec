/* cohort.c -- how long customers stay and what they pay: those who began to pay in the same month
 * or quarter, and how much of them is left so many months or quarters later. A customer's MRR is
 * added up from its movements (mrr.c), as of the end of each part. */
#include "base/id.h"
#include "base/limits.h"
#include "bridge/report.h"
#include "kit/filter.h"
#include "kit/show.h"
#include "sales/subscription.h"
#include <math.h>
#include <stdlib.h>

enum {
    COHORTS = LIMIT_RETENTION_COHORTS,
    PARTS = 2 * COHORTS,
    HEATS = 10,
    ROWS_MOST = 500 * 1000, /* movements */
};

static const struct report_word unit_words[] = { { "month", "Months" },
                                                 { "quarter", "Quarters" },
                                                 { NULL, NULL } };
enum { WHAT_CUSTOMERS, WHAT_NET, WHAT_GROSS };
static const struct report_word what_words[] = { { "customers", "Customers" },
                                                 { "net", "MRR with expansion (net)" },
                                                 { "gross", "MRR without expansion (gross)" },
                                                 { NULL, NULL } };

/* A movement, by customer and day. */
struct moved {
    i64 customer, at_ms, amount;
};
struct cohorts {
    size_t what;
    enum period_unit unit;
    i64 from_ms, to_ms;
    i64 starts[PARTS + 1]; /* of parts: those of the period, and those after it until now */
    size_t count, over;    /* cohorts; parts that are over */
    size_t parts;
    struct moved *list;
    size_t list_count, list_cap;
    struct arena *arena;
    i64 size[COHORTS];        /* customers of each */
    i64 first[COHORTS];       /* what they began to pay */
    i64 left[COHORTS][PARTS]; /* of that, by part */
};

/* ---- what there is ---- */
static enum status keep(struct ctx *cx, struct row *r, void *arg)
{
    struct cohorts *c = arg;
    i64 company = row_i64(r, MOVEMENT_COMPANY);

    if (c->list_count == ROWS_MOST)
        return ctx_fail_code(cx, E_LIMIT, "report.too_many",
                             "There are more movements than can be looked at: narrow it.");
    if (c->list_count == c->list_cap) {
        size_t cap = c->list_cap ? c->list_cap * 2 : 1024;
        struct moved *more = NEW_N(c->arena, struct moved, cap);
        if (c->list_count)
            memcpy(more, c->list, c->list_count * sizeof *more);
        c->list = more;
        c->list_cap = cap;
    }
    c->list[c->list_count++] =
        (struct moved){ company ? company : row_i64(r, MOVEMENT_CONTACT),
                        zone_instant(kit_zone(cx), row_i64(r, MOVEMENT_ON), 0),
                        row_base_minor(r, MOVEMENT_AMOUNT) };
    return OK;
}

static int by_customer(const void *pa, const void *pb)
{
    const struct moved *a = pa, *b = pb;

    if (a->customer != b->customer)
        return a->customer < b->customer ? -1 : 1;
    return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

/* What is left of a customer that pays `mrr` and began with `first`. */
static i64 left_of(const struct cohorts *c, i64 mrr, i64 first)
{
    if (c->what == WHAT_CUSTOMERS)
        return mrr > 0;
    return c->what == WHAT_GROSS && mrr > first ? first : mrr;
}

/* One customer's movements, in order. */
static void add_customer(struct cohorts *c, const struct moved *list, size_t count)
{
    size_t cohort = 0, at = 0;
    i64 mrr = 0;

    if (list[0].at_ms < c->starts[0] || list[0].at_ms >= c->to_ms)
        return;
    while (cohort + 1 < c->count && list[0].at_ms >= c->starts[cohort + 1])
        cohort++;
    c->size[cohort]++;
    c->first[cohort] += list[0].amount;
    for (size_t part = cohort; part < c->parts; part++) {
        while (at < count && list[at].at_ms < c->starts[part + 1])
            mrr += list[at++].amount;
        c->left[cohort][part - cohort] += left_of(c, mrr, list[0].amount);
    }
}

/* The parts of the period, in which cohorts begin, and those after it until now. */
static enum status read_parts(struct ctx *cx, struct cohorts *c)
{
    const struct zone *zone = kit_zone(cx);
    i64 at_ms = zone_start(zone, c->unit, c->from_ms, 0), now = ctx_now(cx);

    while (at_ms <= now) {
        if ((at_ms < c->to_ms && c->count == COHORTS) || c->parts == PARTS)
            return ctx_fail_code(cx, E_LIMIT, "cohorts.too_many",
                                 "The period begins more than %d %s ago, or has more than %d. "
                                 "Choose a shorter or a later one, or quarters.",
                                 PARTS, c->unit == PERIOD_MONTH ? "months" : "quarters", COHORTS);
        c->count += at_ms < c->to_ms;
        c->starts[c->parts++] = at_ms;
        at_ms = zone_start(zone, c->unit, at_ms, 1);
        c->over += at_ms <= now;
    }
    c->starts[c->parts] = at_ms;
    return OK;
}

static enum status read_cohorts(struct ctx *cx, const struct val *from, struct cohorts *c)
{
    struct question q = { 0 };
    size_t unit;

    c->arena = cx->arena;
    TRY(report_word(cx, from, "what", what_words, &c->what));
    TRY(report_word(cx, from, "unit", unit_words, &unit));
    c->unit = unit == 0 ? PERIOD_MONTH : PERIOD_QUARTER;
    TRY(question_read_period(cx, report_text(cx, from, "period", "last_12_months"), "none", &q));
    c->from_ms = q.from_ms;
    c->to_ms = q.to_ms;
    return read_parts(cx, c);
}

static enum status count_all(struct ctx *cx, const struct val *from, struct cohorts *c)
{
    const char *filter = filter_and(cx, "on_date <= today", report_text(cx, from, "filter", ""));

    TRY(list_each(cx, &mrr_movement_type, filter, keep, c));
    if (c->list_count)
        qsort(c->list, c->list_count, sizeof *c->list, by_customer);
    for (size_t i = 0, next; i < c->list_count; i = next) {
        for (next = i + 1; next < c->list_count && c->list[next].customer == c->list[i].customer;)
            next++;
        add_customer(c, &c->list[i], next - i);
    }
    return OK;
}

/* ---- the answer ---- */
static i64 whole_of(const struct cohorts *c, size_t cohort)
{
    return c->what == WHAT_CUSTOMERS ? c->size[cohort] : c->first[cohort];
}

static const char *amount(struct ctx *cx, const struct cohorts *c, i64 n)
{
    struct money m = { .minor = n };

    if (c->what == WHAT_CUSTOMERS)
        return show_number(cx->arena, n);
    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    return money_show(cx->arena, m);
}

/* Shades go from nothing to all that began; more than that is no darker. */
static void put_cell(struct ctx *cx, const struct cohorts *c, i64 part, i64 of, bool over,
                     struct val *row)
{
    double share = of ? (double)part / (double)of : 0;
    struct val *cell = report_cell(row, "heat", report_share(cx, part, of),
                                   of ? arena_printf(cx->arena, "%.4f", share) : "");

    val_put_printf(cell, "note", "%s of %s%s", amount(cx, c, part), amount(cx, c, of),
                   over ? "" : ", and it is not over yet");
    if (of)
        val_put_printf(cell, "heat", "%d", (int)ceil(HEATS * fmin(share, 1)));
    val_put_bool(cell, "open", !over);
}

static void put_head(struct ctx *cx, const struct cohorts *c, struct val *table)
{
    const char *one = c->unit == PERIOD_MONTH ? "month" : "quarter";

    report_column(table, "Began in", "text");
    report_column(table, "Customers", "integer");
    report_column(table, "MRR at first", "money");
    for (size_t k = 0; k < c->parts; k++)
        report_column(
            table, k ? arena_printf(cx->arena, "+%zu", k) : arena_printf(cx->arena, "Same %s", one),
            "heat");
}

static void put_facts(struct ctx *cx, i64 customers, i64 first, struct val *row)
{
    struct money m = { .minor = first };

    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    report_count_cell(cx, row, customers);
    report_cell(row, "money", money_show(cx->arena, m), money_plain(cx->arena, m));
}

/* The movements by which they began. */
static const char *beginners_url(struct ctx *cx, const struct val *from, i64 from_ms, i64 to_ms)
{
    const struct zone *zone = kit_zone(cx);
    const char *filter =
        filter_and(cx,
                   arena_printf(cx->arena, "kind = 'new' and on_date >= %s and on_date <= %s",
                                date_iso(cx->arena, zone_day(zone, from_ms)),
                                date_iso(cx->arena, zone_day(zone, to_ms - 1))),
                   report_text(cx, from, "filter", ""));

    return arena_printf(cx->arena, "/mrr-movements?filter=%s", http_url_encode(cx->arena, filter));
}

/* Of all cohorts for which this part is over. */
static void put_all(struct ctx *cx, const struct cohorts *c, struct val *table)
{
    struct val *row = report_row(table, "All", "");
    i64 customers = 0, first = 0;

    for (size_t i = 0; i < c->count; i++) {
        customers += c->size[i];
        first += c->first[i];
    }
    val_put_text(row, "tone", "total");
    put_facts(cx, customers, first, row);
    for (size_t k = 0; k < c->parts; k++) {
        i64 part = 0, of = 0;
        for (size_t i = 0; i < c->count && i + k < c->over; i++) {
            part += c->left[i][k];
            of += whole_of(c, i);
        }
        put_cell(cx, c, part, of, true, row);
    }
}

static const char *cohort_name(struct ctx *cx, const struct cohorts *c, size_t i)
{
    return zone_format(cx->arena, kit_zone(cx), c->starts[i],
                       c->unit == PERIOD_MONTH ? "MMM y" : "QQQ y");
}

static void put_table(struct ctx *cx, const struct cohorts *c, const struct val *from,
                      struct val *page)
{
    struct val *table = report_table(page, "table"), *row;
    i64 customers = 0;

    put_head(cx, c, table);
    put_all(cx, c, table);
    for (size_t i = 0; i < c->count; i++) {
        row = report_row(table, cohort_name(cx, c, i), "");
        val_put_text(row, "key", date_iso(cx->arena, zone_day(kit_zone(cx), c->starts[i])));
        put_facts(cx, c->size[i], c->first[i], row);
        if (c->size[i])
            report_cell_url(row, 0, beginners_url(cx, from, c->starts[i], c->starts[i + 1]));
        for (size_t k = 0; i + k < c->parts; k++)
            put_cell(cx, c, c->left[i][k], whole_of(c, i), i + k < c->over, row);
        customers += c->size[i];
    }
    if (customers == 0)
        report_empty(page, "Nobody began to pay in this period",
                     "Choose a longer period. Customers are here once they have a subscription.");
}

static enum status cohort_answer(struct ctx *cx, const struct val *from, struct val *page)
{
    struct cohorts *c = NEW(cx->arena, struct cohorts);
    const char *one;

    TRY(read_cohorts(cx, from, c));
    TRY(count_all(cx, from, c));
    put_table(cx, c, from, page);
    one = c->unit == PERIOD_MONTH ? "month" : "quarter";
    val_put_printf(page, "definition",
                   "Customers by the %s in which they first paid, taken in whole %ss. Each cell is "
                   "%s at the end of the same %s or so many %ss later. Cells with … are not over "
                   "yet; All counts only what is over.",
                   one, one,
                   c->what == WHAT_CUSTOMERS
                       ? "the share of them that still paid"
                       : (c->what == WHAT_NET
                              ? "what they paid a month then, of what they began with"
                              : "what they still paid of what each began with, without what was "
                                "added"),
                   one, one);
    return OK;
}

static void cohort_form(struct ctx *cx, const struct val *from, struct val *form)
{
    report_put_words(cx, from, "what", what_words, form);
    report_put_words(cx, from, "unit", unit_words, form);
}

static const char *const params[] = { "what", "unit", NULL };
static const struct report cohort_report = { .name = "cohorts",
                                             .title = "Customer cohorts",
                                             .template = "cohort/page",
                                             .period = "last_12_months",
                                             .params = params,
                                             .form = cohort_form,
                                             .answer = cohort_answer };
static const struct route routes[] = { REPORT_ROUTES(
    "cohorts", &cohort_report,
    "Customer cohorts: by the month or quarter (unit) in which they first paid, how many of them "
    "(what=customers), or how much of their MRR (net, gross), is left so much later; period, "
    "filter on MRR movements") };
static const struct menu_item menu[] = { { "insight", "Customer cohorts", "/insight/cohorts",
                                           "trending-up", "mrr_movement", 5 } };
const struct feature feature_cohort = { .name = "cohort", ROUTES(routes), MENU(menu) };
