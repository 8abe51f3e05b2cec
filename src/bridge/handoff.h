/* handoff.h -- the hand-off of a lead from marketing to sales: who gave it, why, who has it, until
 * when, and what became of it. */
#pragma once
#include "kit/kit.h"

enum handoff_field {
    HANDOFF_CONTACT, HANDOFF_COMPANY, HANDOFF_STATUS, HANDOFF_FROM, HANDOFF_OWNER, HANDOFF_REASON,
    HANDOFF_NOTE,
    HANDOFF_SCORE, HANDOFF_DUE, HANDOFF_DECIDED_AT, HANDOFF_OUTCOME, HANDOFF_ANSWER,
    HANDOFF_FIRST_TOUCH_AT,
    HANDOFF_MINUTES, HANDOFF_ON_TIME, HANDOFF_RULE, HANDOFF_BECAUSE, HANDOFF_FLOW,
    HANDOFF_ANSWER_HOURS, HANDOFF_TOUCH_HOURS, HANDOFF_BEFORE, HANDOFF_FIELDS
};
extern const struct record_type handoff_type;

/* Hands a contact over: makes the record, assigns it by rule (assignment.h) unless `owner_id` is
 * given, sets the due time in working hours, tells the salesperson, moves the contact to MQL.
 * E_CONFLICT: one is waiting already. from_user 0: the score did it. */
struct handoff_order {
    i64 contact_id, from_user, owner_id;
    const char *reason, *note;
};
MUST_CHECK enum status handoff_make(struct ctx *cx, const struct handoff_order *o, i64 *id);

/* Until when a lead that sales answered is left alone (setting "handoff.rest_days"): what was known
 * by then is no reason to hand it over again. TIME_NONE: it never was. */
MUST_CHECK enum status handoff_rests_until(struct ctx *cx, i64 contact_id, i64 *until);

/* Answers one that waits, in the name of who asks: verb "accept", "reject" or "recycle"; the last
 * two need a reason (a value of outcome), `text` may be "". Of one that is recycled HANDOFF_FLOW
 * may be set before: the live flow that takes the lead in. Moves the contact, tells who gave it.
 * E_CONFLICT: it was answered already, or the flow is not live. E_INVALID: no reason. E_NOT_FOUND:
 * no such verb. */
MUST_CHECK enum status handoff_decide(struct ctx *cx, struct row *r, const char *verb,
                                      const char *reason, const char *text);
/* What was said of a lead: "accepted", "rejected", "sent back to nurture". NULL: no such verb. */
const char *handoff_said(const char *verb);
/* Takes an answer back: it waits again, and the contact is what it was, unless somebody moved it on
 * since. E_CONFLICT: it waits, was answered longer ago than a day, or the contact has been handed
 * over again. */
MUST_CHECK enum status handoff_undo(struct ctx *cx, struct row *r);
