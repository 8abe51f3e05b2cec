/* contact.h -- the person that marketing and sales both work on: its stages of life, and finding or
 * making it. */
#pragma once
#include "kit/kit.h"

enum contact_field {
    CONTACT_FIRST, CONTACT_LAST, CONTACT_EMAIL, CONTACT_PHONE, CONTACT_JOB, CONTACT_COMPANY,
    CONTACT_OWNER, CONTACT_LIFECYCLE, CONTACT_STATUS, CONTACT_SCORE, CONTACT_FIT, CONTACT_CHANCE,
    CONTACT_COUNTRY, CONTACT_CITY,
    CONTACT_LANGUAGE, CONTACT_TIMEZONE, CONTACT_TAGS, CONTACT_NOTES,
    CONTACT_CHANNEL, CONTACT_SOURCE, CONTACT_MEDIUM, CONTACT_CAMPAIGN, CONTACT_LANDING,
    CONTACT_FIRST_SEEN, CONTACT_LAST_SEEN,
    CONTACT_LEAD_AT, CONTACT_MQL_AT, CONTACT_ACCEPTED_AT, CONTACT_OPPORTUNITY_AT,
    CONTACT_CUSTOMER_AT, CONTACT_FORMER_AT,
    CONTACT_CONSENT, CONTACT_CONSENT_AT,
    CONTACT_REPORTS,
    CONTACT_FIELDS
};
extern const struct record_type contact_type;

/* Moves a contact forward to a stage of life ("mql"), stamping when it got there first; one that is
 * further stays. Needs a writing connection; runs as the system. `why` goes on the journey ("Score
 * reached 100"), may be NULL. */
MUST_CHECK enum status contact_advance(struct ctx *cx, i64 contact_id, const char *lifecycle,
                                       const char *why);
/* Sets it even backwards: recycle, disqualify. lifecycle, status: NULL leaves it as it is. */
MUST_CHECK enum status contact_move(struct ctx *cx, i64 contact_id, const char *lifecycle,
                                    const char *status, const char *why);
/* The contact with this mail address, or a new one (as the system). *made says which. E_INVALID: no
 * mail address. */
MUST_CHECK enum status contact_by_email(struct ctx *cx, const char *email, struct row **out,
                                        bool *made);
/* Whose clock a contact lives by: their time zone, else their country's where it has one. NULL: not
 * known. */
const struct zone *contact_zone(struct ctx *cx, const struct row *contact);
/* 0 subscriber .. 7 evangelist; -1 former customer and disqualified. */
int lifecycle_rank(const char *lifecycle);
