/* money.c -- what the demo company invoices and is paid: each month of the last half year its
 * orders and subscriptions are invoiced in one step, and most customers pay on time. Some pay late,
 * some in part, some too much, and of the newest invoices many are open. */
#include "demo/demo_int.h"
#include "kit/filter.h"
#include "sales/commission_plan.h"
#include "sales/invoice.h"
#include "sales/subscription.h"

enum { MONTHS_BACK = 6, LATE_PERCENT = 22, NEVER_PERCENT = 7, PART_PERCENT = 3, MORE_PERCENT = 1 };

struct paying {
    struct sim *s;
    struct rng rng;
    i64 last_day; /* of the story */
};

/* How many days after the invoice's date the customer pays; -1: not yet. */
static i64 days_to_pay(struct rng *r)
{
    u32 luck = rng_below(r, 100);

    if (luck < NEVER_PERCENT)
        return -1;
    if (luck < NEVER_PERCENT + LATE_PERCENT)
        return 31 + rng_spread(r, SPREAD_USUAL, 12);
    return rng_between(r, 4, 30);
}

static enum status pay(struct ctx *cx, struct row *invoice, void *arg)
{
    struct paying *p = arg;
    i64 days = days_to_pay(&p->rng), day = row_i64(invoice, INVOICE_ISSUED) + days;
    u32 luck = rng_below(&p->rng, 100);
    struct money m = row_money(invoice, INVOICE_BALANCE);
    struct row *r = row_new(cx, &payment_type);

    if (days < 0 || day > p->last_day || m.minor <= 0)
        return OK;
    if (luck < PART_PERCENT)
        m.minor = m.minor / 2;
    else if (luck < PART_PERCENT + MORE_PERCENT)
        m.minor += 5000;
    p->s->clock.fixed_ms = zone_instant(p->s->zone, day, 9 * 60);
    row_set_i64(r, PAYMENT_ON, day);
    row_set_money(r, PAYMENT_AMOUNT, m);
    row_set_text(r, PAYMENT_METHOD, luck % 4 == 0 ? "direct_debit" : "transfer");
    row_set_text(r, PAYMENT_REFERENCE, row_text(invoice, INVOICE_NUMBER));
    row_set_i64(r, PAYMENT_INVOICE, row_id(invoice));
    return record_save(cx, r);
}

/* ---- how likely they recommend it ---- */
enum { ANSWERS_PERCENT = 45, DAYS_BACK = 130 };

static const char *nps_comment(i64 score)
{
    return score >= 9   ? "The frost warning alone has paid for it."
           : score >= 7 ? "Good, once the sensors are in the ground."
           : score >= 4 ? "The app is slow when we are out in the rows."
                        : "Two gateways failed, and nobody called back.";
}

/* Of those who pay, some answer; the mood is what the product's is: good, with a few who suffer. */
static enum status ask(struct ctx *cx, struct row *subscription, void *arg)
{
    static const u16 weights[] = { 1, 0, 1, 1, 1, 3, 5, 10, 22, 28, 22 };
    struct paying *p = arg;
    const struct record_type *t = type_find(cx, "nps_answer");
    bool answers = rng_percent(&p->rng, ANSWERS_PERCENT);
    i64 score = (i64)rng_weighted(&p->rng, weights, countof(weights));
    i64 day = p->last_day - rng_between(&p->rng, 1, DAYS_BACK);
    struct row *r = row_new(cx, t);

    if (!answers || !row_has(subscription, SUBSCRIPTION_CONTACT))
        return OK;
    p->s->clock.fixed_ms = zone_instant(p->s->zone, day, 15 * 60);
    put_i64(r, "contact_id", row_i64(subscription, SUBSCRIPTION_CONTACT));
    if (row_has(subscription, SUBSCRIPTION_COMPANY))
        put_i64(r, "company_id", row_i64(subscription, SUBSCRIPTION_COMPANY));
    put_i64(r, "score", score);
    put_i64(r, "answered_on", day);
    put_text(r, "comment", day % 3 == 0 ? nps_comment(score) : "");
    return record_save(cx, r);
}

/* ---- commissions ---- */
enum { MANAGER = 4, SELLERS_TO = 8, STATEMENTS_BACK = 3 };

static enum status rate(struct sim *s, const struct row *plan, const char *from,
                        const char *percent)
{
    struct row *r = row_new(&s->cx, &commission_tier_type);

    row_set_i64(r, CTIER_PLAN, row_id(plan));
    TRY(row_parse(&s->cx, r, CTIER_FROM, from));
    TRY(row_parse(&s->cx, r, CTIER_RATE, percent));
    return record_save(&s->cx, r);
}

static enum status join(struct sim *s, const struct row *plan, int who)
{
    struct row *user, *r = row_new(&s->cx, &commission_member_type);

    row_set_i64(r, CMEMBER_PLAN, row_id(plan));
    row_set_i64(r, CMEMBER_USER, s->user_ids[who]);
    TRY(record_save(&s->cx, r));
    if (who == MANAGER)
        return OK;
    TRY(record_get_named(&s->cx, "user", s->user_ids[who], &user));
    put_i64(user, "manager_id", s->user_ids[MANAGER]);
    return record_save(&s->cx, user);
}

static enum status approve(struct sim *s, struct row *statement)
{
    TRY(record_get(&s->cx, &statement_type, row_id(statement), &statement));
    row_set_text(statement, STATEMENT_STATUS, "approved");
    row_set_i64(statement, STATEMENT_APPROVED_BY, s->user_ids[MANAGER]);
    row_set_i64(statement, STATEMENT_APPROVED_AT, sim_now(s));
    return record_save(&s->cx, statement);
}

/* The sales team's plan, and the statements of the last months; the oldest are approved. */
static enum status commissions(struct sim *s, i64 today)
{
    struct row *plan = row_new(&s->cx, &commission_plan_type), *statement;
    int year, month, day;

    date_to_ymd(today, &year, &month, &day);
    row_set_text(plan, CPLAN_NAME, "Sales team");
    row_set_text(plan, CPLAN_BASIS, "won");
    row_set_text(plan, CPLAN_UNIT, "month");
    row_set_i64(plan, CPLAN_FROM, date_from_ymd(year - 1, 1, 1));
    row_set_text(plan, CPLAN_NOTE,
                 "4 % of what is won, 6 % beyond the quota, 8 % beyond 120 % of it.");
    TRY(record_save(&s->cx, plan));
    TRY(rate(s, plan, "0", "4"));
    TRY(rate(s, plan, "100", "6"));
    TRY(rate(s, plan, "120", "8"));
    for (int who = MANAGER; who <= SELLERS_TO; who++)
        TRY(join(s, plan, who));
    for (int back = STATEMENTS_BACK; back >= 0; back--) {
        i64 of = date_add_months(date_from_ymd(year, month, 1), -back);
        s->clock.fixed_ms =
            back ? zone_instant(s->zone, date_add_months(of, 1) + 1, 8 * 60) : s->end_ms;
        for (int who = MANAGER; who <= SELLERS_TO && s->clock.fixed_ms <= s->end_ms; who++) {
            TRY(statement_count(&s->cx, plan, s->user_ids[who], of, &statement));
            if (back > 1)
                TRY(approve(s, statement));
        }
    }
    return OK;
}

/* A month is invoiced on the first day of the next one. */
enum status money_story(struct ctx *cx, void *arg)
{
    struct sim *s = arg;
    struct paying p = { .s = s, .last_day = zone_day(s->zone, s->end_ms) - 1 };
    struct billed billed;
    int year, month, day;

    (void)cx;
    rng_seed(&p.rng, s->o.seed + 57);
    date_to_ymd(zone_day(s->zone, s->end_ms), &year, &month, &day);
    sim_as(s, -1);
    for (int back = MONTHS_BACK; back > 0; back--) {
        i64 to = date_add_months(date_from_ymd(year, month, 1), 1 - back);
        s->clock.fixed_ms = zone_instant(s->zone, to, 8 * 60);
        if (s->clock.fixed_ms >= s->end_ms)
            break;
        TRY(bill_period(&s->cx, date_add_months(to, -1), to, to, NULL, &billed));
    }
    TRY(list_each(&s->cx, &invoice_type, "kind = 'invoice'", pay, &p));
    TRY(list_each(&s->cx, &subscription_type, "status = 'active'", ask, &p));
    s->clock.fixed_ms = s->end_ms;
    TRY(commissions(s, p.last_day));
    s->clock.fixed_ms = s->end_ms + 2 * MS_SECOND;
    return OK;
}
