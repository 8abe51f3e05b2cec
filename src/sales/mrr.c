/* mrr.c -- monthly recurring revenue (MRR) as movements: what a customer's day changed, and what it
 * is called. A customer's subscriptions are added up day by day, so that a plan which replaces
 * another on the same day is an expansion or a contraction by the difference, not both.
 *
 * new           the customer paid nothing, and never had
 * reactivation  the customer paid nothing, but once had
 * expansion     more than the day before         contraction  less, but not nothing
 * churn         nothing any more
 *
 * These are the words and rules of the field (ChartMogul, Baremetrics, ProfitWell). */
#include "kit/question.h"
#include "sales/subscription.h"
#include <stdlib.h>

enum { ROWS_MOST = 5000 }; /* of one customer: phases, and movements */

static const struct field fields[] = {
    [MOVEMENT_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company" },
    [MOVEMENT_CONTACT] = { "contact_id", FIELD_REF, "Contact", 0, .ref = "contact" },
    [MOVEMENT_SUBSCRIPTION] = { "subscription_id", FIELD_REF, "Subscription", LISTED,
                                .ref = "subscription" },
    [MOVEMENT_ON] = { "on_date", FIELD_DATE, "On", LISTED | INDEXED },
    [MOVEMENT_KIND] = { "kind", FIELD_CHOICE, "Kind", LISTED | INDEXED,
                        .choices = CHOICES(
                            { "new", "New", "green" }, { "expansion", "Expansion", "teal" },
                            { "contraction", "Contraction", "amber" }, { "churn", "Churn", "red" },
                            { "reactivation", "Reactivation", "blue" }) },
    [MOVEMENT_AMOUNT] = { "amount", FIELD_MONEY, "MRR", LISTED | SUMMED },
    [MOVEMENT_LOGOS] = { "logos", FIELD_INT, "Customers", 0,
                         .help = "1 where a customer came or came back, -1 where one left." },
    [MOVEMENT_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user" },
};
_Static_assert(countof(fields) == MOVEMENT_FIELDS, "enum and table differ");

const struct record_type mrr_movement_type = {
    .name = "mrr_movement",
    .label = "MRR movement",
    .plural = "MRR movements",
    .path = "mrr-movements",
    .icon = "trending-up",
    .section = "sales",
    .menu_order = MENU_SELDOM + 32,
    .sort = "-on_date",
    .title = MOVEMENT_KIND,
    .fields = fields,
    .field_count = MOVEMENT_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE,
    .empty = "What came, grew, shrank and left of the monthly recurring revenue, worked out of the "
             "subscriptions by customer and day.",
};

/* ---- one customer's days ---- */
struct customer {
    i64 company_id, contact_id;
};
struct change { /* of what one subscription comes to, from a day on */
    i64 day, subscription, delta, owner, contact;
};
struct changes {
    struct change *list;
    size_t count;
};
struct phase {
    i64 subscription, from, mrr, started, ends, owner, contact;
};

static i64 col_day(struct stmt *q, int i) { return col_null(q, i) ? TIME_NONE : col_i64(q, i); }

static enum status read_phases(struct ctx *cx, struct customer who, struct phase **out,
                               size_t *count)
{
    struct phase *list = NEW_N(cx->arena, struct phase, ROWS_MOST);
    size_t n = 0;
    scoped(stmt_close) struct stmt q =
        who.company_id ? db_query(cx, "mrr.phases_of_company", I64("company", who.company_id))
                       : db_query(cx, "mrr.phases_of_contact", I64("contact", who.contact_id));

    while (n < ROWS_MOST && stmt_next(&q))
        list[n++] = (struct phase){ col_i64(&q, 0), col_i64(&q, 1), col_i64(&q, 2), col_day(&q, 3),
                                    col_day(&q, 4), col_i64(&q, 5), col_i64(&q, 6) };
    TRY(stmt_status(&q));
    if (n == ROWS_MOST)
        return ctx_fail(cx, E_LIMIT,
                        "This customer has more changes of price than can be counted.");
    *out = list;
    *count = n;
    return OK;
}

static void add_change(struct changes *all, const struct phase *p, i64 day, i64 delta)
{
    if (delta != 0)
        all->list[all->count++] =
            (struct change){ day, p->subscription, delta, p->owner, p->contact };
}

/* From when on the phase holds: none before its subscription begins. */
static i64 phase_begins(const struct phase *p)
{
    return p->from > p->started ? p->from : p->started;
}

/* Phases come by subscription and day. Of several that begin on one day the last holds. */
static struct changes changes_of(struct ctx *cx, const struct phase *phases, size_t count)
{
    struct changes all = { .list = NEW_N(cx->arena, struct change, 2 * count + 1) };
    i64 now = 0;

    for (size_t i = 0; i < count; i++) {
        const struct phase *p = &phases[i], *next = i + 1 < count ? p + 1 : NULL;
        bool last = next == NULL || next->subscription != p->subscription;
        i64 day = phase_begins(p);
        bool holds = (p->ends == TIME_NONE || day < p->ends) && (last || phase_begins(next) > day);
        if (holds) {
            add_change(&all, p, day, p->mrr - now);
            now = p->mrr;
        }
        if (!last)
            continue;
        if (p->ends != TIME_NONE)
            add_change(&all, p, p->ends, -now);
        now = 0;
    }
    return all;
}

static int by_day(const void *pa, const void *pb)
{
    const struct change *a = pa, *b = pb;

    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->subscription > b->subscription) - (a->subscription < b->subscription);
}

/* ---- movements ---- */
struct movement {
    i64 day, subscription, delta, owner, contact, logos;
    const char *kind;
};

static const char *kind_of_day(i64 before, i64 after, bool had)
{
    if (before == 0)
        return had ? "reactivation" : "new";
    return after == 0 ? "churn" : after > before ? "expansion" : "contraction";
}

/* One a day. It is called after the subscription that moved most. */
static size_t movements_of(const struct changes *all, struct movement *out)
{
    size_t n = 0;
    i64 before = 0, after;
    bool had = false;

    for (size_t i = 0, next; i < all->count; i = next) {
        const struct change *most = &all->list[i];
        after = before;
        for (next = i; next < all->count && all->list[next].day == most->day; next++) {
            after += all->list[next].delta;
            if (llabs(all->list[next].delta) > llabs(most->delta))
                most = &all->list[next];
        }
        if (after != before)
            out[n++] = (struct movement){ .day = most->day,
                                          .subscription = most->subscription,
                                          .delta = after - before,
                                          .owner = most->owner,
                                          .contact = most->contact,
                                          .logos = (before == 0) - (after == 0),
                                          .kind = kind_of_day(before, after, had) };
        had |= after > 0;
        before = after;
    }
    return n;
}

static void set_row(struct ctx *cx, struct row *r, const struct movement *m, struct customer who)
{
    struct money amount = { .minor = m->delta };

    memcpy(amount.currency, base_currency(cx), sizeof amount.currency);
    if (who.company_id)
        row_set_i64(r, MOVEMENT_COMPANY, who.company_id);
    if (m->contact)
        row_set_i64(r, MOVEMENT_CONTACT, m->contact);
    else
        row_clear(r, MOVEMENT_CONTACT);
    if (m->owner)
        row_set_i64(r, MOVEMENT_OWNER, m->owner);
    else
        row_clear(r, MOVEMENT_OWNER);
    row_set_i64(r, MOVEMENT_SUBSCRIPTION, m->subscription);
    row_set_i64(r, MOVEMENT_ON, m->day);
    row_set_text(r, MOVEMENT_KIND, m->kind);
    row_set_i64(r, MOVEMENT_LOGOS, m->logos);
    row_set_money(r, MOVEMENT_AMOUNT, amount);
}

static enum status read_ids(struct ctx *cx, struct customer who, i64 *ids, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        who.company_id ? db_query(cx, "mrr.movements_of_company", I64("company", who.company_id))
                       : db_query(cx, "mrr.movements_of_contact", I64("contact", who.contact_id));

    for (*count = 0; *count < ROWS_MOST && stmt_next(&q); (*count)++)
        ids[*count] = col_i64(&q, 0);
    return stmt_status(&q);
}

/* The rows that there are become those that there should be, in order; a save of one that is right
 * already writes nothing. */
static enum status write_movements(struct ctx *cx, struct customer who, const struct movement *list,
                                   size_t count)
{
    i64 *ids = NEW_N(cx->arena, i64, ROWS_MOST);
    struct row *r;
    size_t old;

    TRY(read_ids(cx, who, ids, &old));
    for (size_t i = 0; i < count || i < old; i++) {
        if (i < old)
            TRY(record_get(cx, &mrr_movement_type, ids[i], &r));
        else
            r = row_new(cx, &mrr_movement_type);
        if (i >= count) {
            TRY(record_delete(cx, r));
            continue;
        }
        set_row(cx, r, &list[i], who);
        TRY(record_save(cx, r));
    }
    return OK;
}

enum status mrr_count(struct ctx *cx, i64 company_id, i64 contact_id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct customer who = { company_id, contact_id };
    struct phase *phases = NULL;
    size_t count = 0;

    (void)guard;
    if (!company_id && !contact_id)
        return OK;
    TRY(read_phases(cx, who, &phases, &count));
    struct changes all = changes_of(cx, phases, count);
    qsort(all.list, all.count, sizeof *all.list, by_day);
    struct movement *movements = NEW_N(cx->arena, struct movement, all.count + 1);
    return write_movements(cx, who, movements, movements_of(&all, movements));
}

/* ---- numbers ---- */
/* What has been entered for days to come has not happened. */
#define HAPPENED "on_date <= today"
#define MOVED(word, text, says, condition)                                                         \
    {                                                                                              \
        .name = (word), .label = (text), .unit = UNIT_MONEY, .team = "both", .definition = (says), \
        .source = METRIC_RECORDS, .type = "mrr_movement", .filter = condition HAPPENED,            \
        .aggregate = AGG_SUM, .field = "amount", .date = "on_date", .owner_path = "owner_id"       \
    }

static const struct metric metrics[] = {
    { .name = "mrr",
      .label = "MRR",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Monthly recurring revenue at the end of the period: of every subscription "
                    "that runs, the amount divided by its months, in base currency.",
      .source = METRIC_RECORDS,
      .type = "mrr_movement",
      .aggregate = AGG_SUM,
      .field = "amount",
      .time = TO_END,
      .date = "on_date",
      .owner_path = "owner_id" },
    { .name = "mrr_at_start",
      .label = "MRR at the start",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Monthly recurring revenue as the period began.",
      .source = METRIC_RECORDS,
      .type = "mrr_movement",
      .aggregate = AGG_SUM,
      .field = "amount",
      .time = TO_START,
      .date = "on_date",
      .owner_path = "owner_id" },
    MOVED("net_new_mrr", "Net new MRR",
          "What came, grew and came back of the MRR in the period, less what shrank and left.", ""),
    MOVED("new_mrr", "New MRR", "MRR of customers who began to pay in the period.",
          "kind = 'new' and "),
    MOVED("expansion_mrr", "Expansion MRR", "What customers came to pay more in the period.",
          "kind = 'expansion' and "),
    MOVED("contraction_mrr", "Contraction MRR",
          "What customers came to pay less in the period, without leaving. Below zero.",
          "kind = 'contraction' and "),
    MOVED("churned_mrr", "Churned MRR", "MRR of customers who left in the period. Below zero.",
          "kind = 'churn' and "),
    MOVED("reactivation_mrr", "Reactivation MRR",
          "MRR of customers who came back in the period after they had left.",
          "kind = 'reactivation' and "),
    { .name = "leaving_mrr",
      .label = "MRR that will leave",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "What customers have cancelled or reduced for days to come. Below zero.",
      .source = METRIC_RECORDS,
      .type = "mrr_movement",
      .filter = "on_date > today and (kind = 'churn' or kind = 'contraction')",
      .aggregate = AGG_SUM,
      .field = "amount",
      .time = AT_NOW,
      .owner_path = "owner_id" },
    { .name = "arr",
      .label = "ARR",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Annual recurring revenue: MRR times twelve.",
      .source = METRIC_FORMULA,
      .formula = "mrr * 12" },
    { .name = "nrr",
      .label = "Net revenue retention",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "NRR: MRR at the start of the period, plus expansion, less contraction and "
                    "churn, divided by MRR at the start.",
      .source = METRIC_FORMULA,
      .formula = "(mrr_at_start + expansion_mrr + contraction_mrr + churned_mrr) / mrr_at_start" },
    { .name = "grr",
      .label = "Gross revenue retention",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "GRR: MRR at the start of the period, less contraction and churn, divided by "
                    "MRR at the start. It is never above 100 %.",
      .source = METRIC_FORMULA,
      .formula = "(mrr_at_start + contraction_mrr + churned_mrr) / mrr_at_start" },
    { .name = "subscribers",
      .label = "Subscribers",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Customers with a subscription that runs, at the end of the period.",
      .source = METRIC_RECORDS,
      .type = "mrr_movement",
      .aggregate = AGG_SUM,
      .field = "logos",
      .time = TO_END,
      .date = "on_date",
      .owner_path = "owner_id" },
    { .name = "subscribers_at_start",
      .label = "Subscribers at the start",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Customers with a subscription that ran as the period began.",
      .source = METRIC_RECORDS,
      .type = "mrr_movement",
      .aggregate = AGG_SUM,
      .field = "logos",
      .time = TO_START,
      .date = "on_date",
      .owner_path = "owner_id" },
    { .name = "subscribers_lost",
      .label = "Subscribers lost",
      .unit = UNIT_COUNT,
      .team = "both",
      .less_is_better = true,
      .definition = "Customers whose last subscription ended in the period.",
      .source = METRIC_RECORDS,
      .type = "mrr_movement",
      .filter = "kind = 'churn' and " HAPPENED,
      .aggregate = AGG_COUNT,
      .date = "on_date",
      .owner_path = "owner_id" },
    { .name = "subscriber_churn",
      .label = "Subscriber churn",
      .unit = UNIT_RATIO,
      .team = "both",
      .less_is_better = true,
      .definition = "Logo churn of subscriptions: subscribers lost in the period divided by "
                    "subscribers at its start.",
      .source = METRIC_DIVIDED,
      .numerator = "subscribers_lost",
      .denominator = "subscribers_at_start" },
    { .name = "mrr_churn",
      .label = "MRR churn",
      .unit = UNIT_RATIO,
      .team = "both",
      .less_is_better = true,
      .definition = "Churned MRR of the period divided by MRR at its start.",
      .source = METRIC_FORMULA,
      .formula = "abs(churned_mrr) / mrr_at_start" },
    { .name = "mrr_per_subscriber",
      .label = "MRR per subscriber",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "MRR divided by subscribers (ARPA).",
      .source = METRIC_DIVIDED,
      .numerator = "mrr",
      .denominator = "subscribers" },
    { .name = "subscribers_lost_year",
      .label = "Subscribers lost in a year",
      .unit = UNIT_COUNT,
      .team = "both",
      .less_is_better = true,
      .definition = "Customers whose last subscription ended in the 365 days until then.",
      .source = METRIC_RECORDS,
      .type = "mrr_movement",
      .filter = "kind = 'churn' and on_date > -365d and on_date <= today",
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      .owner_path = "owner_id" },
    { .name = "subscribers_year_ago",
      .label = "Subscribers a year ago",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Customers with a subscription that ran 365 days before.",
      .source = METRIC_RECORDS,
      .type = "mrr_movement",
      .filter = "on_date <= -365d",
      .aggregate = AGG_SUM,
      .field = "logos",
      .time = AT_NOW,
      .owner_path = "owner_id" },
    { .name = "sold_value",
      .label = "Accepted quotes",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Totals before tax of all accepted quotes of which the cost is known.",
      .source = METRIC_RECORDS,
      .type = "quote",
      .filter = "status = 'accepted' and margin is not empty",
      .aggregate = AGG_SUM,
      .field = "net",
      .time = AT_NOW,
      .owner_path = "owner_id" },
    { .name = "sold_cost",
      .label = "Cost of accepted quotes",
      .unit = UNIT_MONEY,
      .team = "both",
      .less_is_better = true,
      .definition = "What the products of those accepted quotes cost us.",
      .source = METRIC_RECORDS,
      .type = "quote",
      .filter = "status = 'accepted' and margin is not empty",
      .aggregate = AGG_SUM,
      .field = "cost",
      .time = AT_NOW,
      .owner_path = "owner_id" },
    { .name = "gross_margin",
      .label = "Gross margin",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "What is left of accepted quotes after their cost, as a share of them.",
      .source = METRIC_FORMULA,
      .formula = "1 - sold_cost / sold_value" },
    { .name = "lifetime_value",
      .label = "Customer lifetime value",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "LTV: what a subscriber pays a year, times the gross margin, divided by the "
                    "share of subscribers that a year loses.",
      .source = METRIC_FORMULA,
      .formula = "mrr / subscribers * 12 * gross_margin / (subscribers_lost_year / "
                 "subscribers_year_ago)" },
    { .name = "quick_ratio",
      .label = "Quick ratio",
      .unit = UNIT_NUMBER,
      .team = "both",
      .definition = "New, expansion and reactivation MRR divided by contraction and churned MRR. "
                    "Four is thought healthy.",
      .source = METRIC_FORMULA,
      .formula = "(new_mrr + expansion_mrr + reactivation_mrr) / abs(contraction_mrr + "
                 "churned_mrr)" },
};

const struct feature feature_mrr = { .name = "mrr", TYPES(&mrr_movement_type), METRICS(metrics) };
