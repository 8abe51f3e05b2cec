/* score_int.h -- what the two files of scoring share: score.c knows when to count, score_count.c
 * how. */
#pragma once
#include "kit/kit.h"
#include "marketing/score.h"

enum rule_field {
    RULE_NAME,
    RULE_EVENT,
    RULE_KIND,
    RULE_PAGE,
    RULE_ACTION,
    RULE_FILTER,
    RULE_POINTS,
    RULE_MAX,
    RULE_DAYS,
    RULE_ACTIVE,
    RULE_FIELDS
};
extern const struct record_type score_rule_type;
enum { SCORE_PEOPLE_MAX = 20000 }; /* counted in one walk */

/* Computes the scores of these contacts anew, at most SCORE_PEOPLE_MAX, each in the list once. One
 * walk over their journeys, then the records in parts of one transaction each, so that nobody waits
 * long for the writer. `cross`: who is over the MQL line by that becomes an MQL. As the system; not
 * inside a transaction of the writer. Those that are gone are passed over. */
MUST_CHECK enum status score_people(struct ctx *cx, const i64 *contacts, size_t count, bool cross);
