/* subscription.c -- what the demo company's customers pay again and again: most who bought took the
 * platform with it. Terms renew, grow, shrink and end; some customers come back. Renewals that are
 * still to come stand in the pipeline; those of the past are not told as deals, so that the story's
 * revenue stays what it was. */
#include "sales/subscription.h"
#include "bridge/contact.h"
#include "demo/demo_int.h"
#include "kit/filter.h"
#include "sales/deal.h"
#include "sales/renewal.h"

enum {
    TAKES_PERCENT = 62,
    MONTHLY_PERCENT = 35,
    LEAVES_PERCENT = 15, /* in a year */
    SHRINKS_PERCENT = 8,
    GROWS_PERCENT = 24,
    QUITS_PERCENT = 18, /* before the year is over */
    RETURNS_PERCENT = 18,
    LEAST_MINOR = 24000 /* a year */
};

static i64 instant(struct sim *s, i64 day) { return zone_instant(s->zone, day, 9 * 60 + 40); }

/* A day that is past may be told; what comes after the story's end may not. */
static bool go_to(struct sim *s, i64 day)
{
    if (instant(s, day) >= s->end_ms)
        return false;
    s->clock.fixed_ms = instant(s, day);
    return true;
}

static i64 rounded(i64 minor) { return minor / 100 * 100; }

/* Of who has left the contact is not named: whoever begins to pay becomes a customer, and the story
 * has told already that they are none any more. */
static enum status begin(struct sim *s, const struct deal *d, const struct row *deal, i64 day,
                         i64 year_minor, bool left, struct row **out)
{
    static const char *const plans[] = { "Platform and care plan", "Platform",
                                         "Platform with irrigation advice", "Frost service" };
    struct money amount = row_money(deal, DEAL_AMOUNT);
    struct row *r = row_new(&s->cx, &subscription_type);
    bool monthly = rng_percent(&s->side_rng, MONTHLY_PERCENT);

    sim_as(s, d->rep);
    amount.minor = rounded(monthly ? year_minor / 12 : year_minor);
    row_set_text(r, SUBSCRIPTION_NAME, plans[rng_below(&s->side_rng, countof(plans))]);
    if (row_has(deal, DEAL_COMPANY))
        row_set_i64(r, SUBSCRIPTION_COMPANY, row_i64(deal, DEAL_COMPANY));
    if (row_has(deal, DEAL_CONTACT) && !left)
        row_set_i64(r, SUBSCRIPTION_CONTACT, row_i64(deal, DEAL_CONTACT));
    if (row_has(deal, DEAL_OWNER))
        row_set_i64(r, SUBSCRIPTION_OWNER, row_i64(deal, DEAL_OWNER));
    row_set_i64(r, SUBSCRIPTION_DEAL, row_id(deal));
    row_set_money(r, SUBSCRIPTION_AMOUNT, amount);
    row_set_i64(r, SUBSCRIPTION_MONTHS, monthly ? 1 : 12);
    row_set_i64(r, SUBSCRIPTION_STARTED, day);
    *out = r;
    return record_save(&s->cx, r);
}

static enum status cost(struct sim *s, struct row *r, int percent)
{
    struct money m = row_money(r, SUBSCRIPTION_AMOUNT);

    m.minor = rounded(m.minor * percent / 100);
    row_set_money(r, SUBSCRIPTION_AMOUNT, m);
    return record_save(&s->cx, r);
}

static enum status leave(struct sim *s, struct row *r, i64 day)
{
    static const char *const why[] = { "price",           "competitor",      "not_used",
                                       "out_of_business", "missing_feature", "price" };

    row_set_i64(r, SUBSCRIPTION_ENDS, day);
    row_set_text(r, SUBSCRIPTION_REASON, why[rng_below(&s->side_rng, countof(why))]);
    return record_save(&s->cx, r);
}

/* A year of it: *day is when the next begins; false in *goes_on: it ended, or the story did. On
 * `left`, or TIME_NONE, the customer left as the story has it. */
static enum status year(struct sim *s, struct row *r, i64 left, i64 *day, bool *goes_on)
{
    i64 next = row_i64(r, SUBSCRIPTION_RENEWS), middle = *day + rng_between(&s->side_rng, 40, 320);
    u32 luck = rng_below(&s->side_rng, 100);

    if (left != TIME_NONE && left <= next) {
        *goes_on = false;
        return go_to(s, left) ? leave(s, r, left) : OK;
    }
    *goes_on = go_to(s, middle);
    if (!*goes_on)
        return OK;
    if (luck < LEAVES_PERCENT) { /* said some weeks before */
        *goes_on = false;
        *day = next;
        return leave(s, r, next);
    }
    if (luck < LEAVES_PERCENT + SHRINKS_PERCENT)
        TRY(cost(s, r, rng_between(&s->side_rng, 55, 90)));
    else if (luck < LEAVES_PERCENT + SHRINKS_PERCENT + GROWS_PERCENT)
        TRY(cost(s, r, rng_between(&s->side_rng, 106, 140)));
    else if (luck >= 100 - QUITS_PERCENT) {
        *goes_on = false;
        *day = middle;
        return leave(s, r, middle);
    }
    *day = next;
    *goes_on = go_to(s, next);
    return *goes_on ? subscription_renew(&s->cx, r, (struct money){ 0 }) : OK;
}

/* The day on which the deal's contact became a former customer; TIME_NONE: they did not. */
static enum status left_on(struct sim *s, const struct row *deal, i64 *day)
{
    struct row *contact;

    *day = TIME_NONE;
    if (!row_has(deal, DEAL_CONTACT))
        return OK;
    TRY(record_get(&s->cx, &contact_type, row_i64(deal, DEAL_CONTACT), &contact));
    if (row_has(contact, CONTACT_FORMER_AT))
        *day = zone_day(s->zone, row_i64(contact, CONTACT_FORMER_AT));
    return OK;
}

static enum status tell(struct sim *s, const struct deal *d)
{
    struct row *deal, *r;
    bool goes_on = true;
    i64 day, amount, left;

    TRY(record_get(&s->cx, &deal_type, d->id, &deal));
    if (!row_has(deal, DEAL_CLOSED_AT) || !row_has(deal, DEAL_AMOUNT) ||
        !(row_has(deal, DEAL_COMPANY) || row_has(deal, DEAL_CONTACT)))
        return OK;
    day = zone_day(s->zone, row_i64(deal, DEAL_CLOSED_AT));
    amount = row_money(deal, DEAL_AMOUNT).minor * rng_between(&s->side_rng, 16, 30) / 100;
    if (amount < LEAST_MINOR)
        amount = LEAST_MINOR;
    TRY(left_on(s, deal, &left));
    if (left != TIME_NONE && (left <= day || !row_has(deal, DEAL_COMPANY)))
        return OK;
    if (!go_to(s, day))
        return OK;
    TRY(begin(s, d, deal, day, amount, left != TIME_NONE, &r));
    while (goes_on)
        TRY(year(s, r, left, &day, &goes_on));
    day += rng_between(&s->side_rng, 50, 200);
    if (left == TIME_NONE && row_has(r, SUBSCRIPTION_ENDS) &&
        rng_percent(&s->side_rng, RETURNS_PERCENT) && go_to(s, day))
        return begin(s, d, deal, day, amount, false, &r);
    return OK;
}

/* Of all that run, the next renewal, there since the term began or changed: the pipeline with the
 * first of them. As the owner: it is theirs to win. */
struct first {
    i64 id, at;
};
static enum status find_first(struct ctx *cx, struct row *r, void *arg)
{
    struct first *f = arg;

    (void)cx;
    if (f->id && row_updated_at(r) >= f->at)
        return OK;
    *f = (struct first){ row_id(r), row_updated_at(r) };
    return OK;
}

static enum status follow(struct ctx *cx, struct row *r, void *arg)
{
    struct sim *s = arg;
    struct row *now;

    TRY(record_get(cx, &subscription_type, row_id(r), &now));
    if (row_has(now, SUBSCRIPTION_RENEWAL))
        return OK;
    s->clock.fixed_ms = row_updated_at(now);
    return renewal_follow(cx, now, true);
}

static enum status follow_all(struct sim *s)
{
    struct first first = { 0 };
    struct row *r;

    TRY(list_each(&s->cx, &subscription_type, "status = 'active'", find_first, &first));
    if (first.id) {
        TRY(record_get(&s->cx, &subscription_type, first.id, &r));
        TRY(follow(&s->cx, r, s));
    }
    return list_each(&s->cx, &subscription_type, "status = 'active'", follow, s);
}

/* What ended since it was last saved says so. */
static enum status settle(struct ctx *cx, struct row *r, void *arg)
{
    struct row *now;

    (void)arg;
    TRY(record_get(cx, &subscription_type, row_id(r), &now));
    return record_save(cx, now);
}

enum status subscriptions_make(struct sim *s)
{
    TRY(setting_save(&s->cx, "renewal.deals", "false"));
    for (size_t i = 0; i < s->deals.count; i++)
        if (s->deals.at[i].stage == STAGE_WON_AT && rng_percent(&s->side_rng, TAKES_PERCENT))
            TRY(tell(s, &s->deals.at[i]));
    s->clock.fixed_ms = s->end_ms - 3 * MS_HOUR;
    sim_as(s, -1);
    TRY(setting_save(&s->cx, "renewal.deals", "true"));
    TRY(list_each(&s->cx, &subscription_type, "status = 'cancelled'", settle, s));
    TRY(follow_all(s));
    s->clock.fixed_ms = s->end_ms - 3 * MS_HOUR;
    return OK;
}
