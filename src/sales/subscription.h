/* subscription.h -- what a customer pays for again and again, and what becomes of it.
 *
 * Subscription  an amount each so many months, from a day on, with a term after which it renews.
 *               Its amount and status are those of today.
 * Phase         what it costs from a day on: the first begins with the subscription, each change of
 *               the amount makes another; past and future ones may be entered.
 * Movement      a change of a customer's monthly recurring revenue (MRR) on one day: new,
 *               expansion, contraction, churn, reactivation. Movements are worked out of the
 *               phases, never typed: entering, changing or removing anything works out all of that
 *               customer anew (mrr.c).
 * Customer      the company; the contact where there is no company.
 * MRR           amount / months, rounded half away from zero; in base currency at the rate of the
 *               first day of the phase, so that rates move nothing. */
#pragma once
#include "kit/kit.h"

enum subscription_field {
    SUBSCRIPTION_NAME, SUBSCRIPTION_COMPANY, SUBSCRIPTION_CONTACT, SUBSCRIPTION_AMOUNT,
    SUBSCRIPTION_MONTHS, SUBSCRIPTION_STARTED, SUBSCRIPTION_TERM, SUBSCRIPTION_RENEWS,
    SUBSCRIPTION_AUTO_RENEW, SUBSCRIPTION_ENDS, SUBSCRIPTION_REASON, SUBSCRIPTION_NOTE,
    SUBSCRIPTION_OWNER, SUBSCRIPTION_STATUS, SUBSCRIPTION_MRR, SUBSCRIPTION_DEAL,
    SUBSCRIPTION_RENEWAL, SUBSCRIPTION_PRICED,
    SUBSCRIPTION_FIELDS
};
enum phase_field {
    PHASE_SUBSCRIPTION, PHASE_FROM, PHASE_AMOUNT, PHASE_MONTHS, PHASE_NOTE, PHASE_MRR,
    PHASE_FIELDS
};
enum movement_field {
    MOVEMENT_COMPANY, MOVEMENT_CONTACT, MOVEMENT_SUBSCRIPTION, MOVEMENT_ON, MOVEMENT_KIND,
    MOVEMENT_AMOUNT, MOVEMENT_LOGOS, MOVEMENT_OWNER,
    MOVEMENT_FIELDS
};
extern const struct record_type subscription_type, subscription_phase_type, mrr_movement_type;

/* The day in the workspace's zone. */
i64 subscription_today(struct ctx *cx);
/* A day so many months later; the last of the month where that day is none (31 January + 1 is 28
 * or 29 February). */
i64 date_add_months(i64 day, int months);
/* The subscription goes on for another term from its renewal day on, at this amount (a 0 currency:
 * as before). Saves the row. */
MUST_CHECK enum status subscription_renew(struct ctx *cx, struct row *subscription,
                                          struct money amount);
/* Works out the movements of a customer anew; company_id 0: of a contact without company. As the
 * system, inside the running transaction. */
MUST_CHECK enum status mrr_count(struct ctx *cx, i64 company_id, i64 contact_id);
