/* assignment.h -- whose lead it is: rules say which leads go to whom, and how they take turns.
 *
 * Rule     a filter over the contact (territory, product, size), in order; the first that fits and
 *          has somebody free decides. Its members take turns:
 *            round_robin  who has waited longest for a lead of this rule
 *            weighted     as many as their weights say, of the rule's leads of the last 30 days (or
 *                         since the newest member came, so that nobody is flooded)
 *            capacity     who has the smallest share of what they can take in hand
 * Free     may answer leads, is not absent today, and has fewer leads in hand than their capacity.
 * In hand  hand-offs that wait, and accepted ones whose contact is no further than that.
 * Without  a rule that decides: who of the sales teams has waited longest. */
#pragma once
#include "kit/kit.h"

enum assignment_rule_field {
    ASSIGN_NAME, ASSIGN_POSITION, ASSIGN_ACTIVE, ASSIGN_FILTER, ASSIGN_METHOD, ASSIGN_NOTE,
    ASSIGN_FIELDS
};
enum assignment_member_field {
    MEMBER_RULE, MEMBER_USER, MEMBER_WEIGHT, MEMBER_CAPACITY, MEMBER_FIELDS
};
enum absence_field {
    ABSENCE_USER, ABSENCE_FROM, ABSENCE_UNTIL, ABSENCE_NOTE, ABSENCE_FIELDS
};
extern const struct record_type assignment_rule_type, assignment_member_type, absence_type;

struct assignment {
    i64 owner_id; /* 0: nobody can take leads */
    i64 rule_id;  /* 0: no rule decided */
    const char *because; /* for people: why them, and why not others. In arena */
};
/* As the system, inside the transaction in which the lead is handed over. */
MUST_CHECK enum status assignment_choose(struct ctx *cx, const struct row *contact,
                                         struct assignment *out);
/* Whether a user may answer leads: active, and with the right to change hand-offs. */
MUST_CHECK enum status assignment_may_take(struct ctx *cx, i64 user_id, bool *may);
